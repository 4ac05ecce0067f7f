"""Exports: a Result as a file that carries its sources, its base and its caveats."""
