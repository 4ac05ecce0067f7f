"""What tests measured, printed at the end of the report whether they pass or not."""

LINES: list[str] = []


def say(line: str) -> None:
    """Print `line` below the results of this run."""
    LINES.append(line)
