"""Explorers: controls that ask a study and draw its answer in place."""
