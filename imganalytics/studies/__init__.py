"""Studies: one module for each question, SQL in, Result out."""
