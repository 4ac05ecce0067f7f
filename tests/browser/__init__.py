"""Tests that open JupyterLab in a real Chromium."""
