"""Charts: a Result in, a plotly Figure out; no SQL and no arithmetic on the figures."""
