"""Errors that are shown to a person: the message alone, never a traceback."""


class UserError(Exception):
    """Something the user can mend. The message says what, where and what is allowed."""

    def _render_traceback_(self) -> list[str]:
        """IPython calls this in place of its own traceback."""
        return [str(self)]


class DataError(UserError):
    """Facts in ``datasets/`` that cannot be taken.

    ``problems`` holds one line for each, in the form
    ``file, row 3, column 'x': 'q' is not ...; allowed: ...``.
    """

    SHOWN = 20

    def __init__(self, problems: list[str]):
        self.problems = list(problems)
        lines = self.problems[: self.SHOWN]
        hidden = len(self.problems) - len(lines)
        if hidden:
            lines.append(f"... and {hidden:,} more")
        super().__init__("\n".join(lines))
