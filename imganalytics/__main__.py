"""``python -m imganalytics`` is the command line."""

from imganalytics.cli import main

main()
