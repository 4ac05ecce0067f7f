"""What a study answers with: the figures, where they are from, what to keep in mind, and how to ask again."""

import re
from dataclasses import dataclass, field
from typing import Any

import pandas as pd


@dataclass(frozen=True)
class Question:
    """A study and its arguments: enough to run it again."""

    study: str
    arguments: dict[str, Any]

    def ask(self) -> "Result":
        """Run the study again with the same arguments."""
        from importlib import import_module

        return getattr(import_module(f"imganalytics.studies.{self.study}"), self.study)(**self.arguments)


@dataclass(frozen=True)
class Source:
    """Where figures were read."""

    source_id: str
    title: str
    publisher: str
    publication_year: int | None
    read_at: str
    rights: str
    confidence: str

    @property
    def citation(self) -> str:
        """One line for a source line or a footnote."""
        year = f", {self.publication_year}" if self.publication_year else ""
        return f"{self.publisher}{year}: {self.title}"


@dataclass(frozen=True)
class RowsOf:
    """What a row of a frame stands for, so that ``explain`` can follow it to the printed figures.

    Attributes:
        table: the public table that a row stands for a row of.
        columns: columns of that table by which the frame tells its rows apart.
        fixed: values of other columns of that table, the same for the whole frame.
        compared: the two values of a column that the frame's `difference` (with difference_low and difference_high) is
            between, first minus second.
    """

    table: str
    columns: tuple[str, ...]
    fixed: dict[str, Any] = field(default_factory=dict)
    compared: dict[str, tuple[Any, Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class RowsBy:
    """A frame whose rows stand for rows of several tables: `column` tells which of `each`."""

    column: str
    each: dict[Any, RowsOf]


@dataclass(frozen=True)
class Result:
    """The answer of a study.

    Attributes:
        frame: one row for each figure, in the order to be shown; rates are fractions 0-1.
        question: the study and its arguments.
        title: the question in words.
        subtitle: base, years and n.
        summary: the answer in one sentence, for a screen reader and a caption.
        sources: every source of the frame.
        caveats: what a reader has to know beside the figures, one sentence each.
        sql: the query behind the frame, with $name for each of `parameters`.
        rows_of: what a row of the frame stands for; None when no row of a public table is behind it.
    """

    frame: pd.DataFrame
    question: Question
    title: str = ""
    subtitle: str = ""
    summary: str = ""
    sources: tuple[Source, ...] = ()
    caveats: tuple[str, ...] = ()
    sql: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)
    rows_of: RowsOf | RowsBy | None = None

    @property
    def source_line(self) -> str:
        """The sources in one line, as charts and exports print it."""
        if not self.sources:
            return "Source: none, since no figure is shown"
        word = "Source" if len(self.sources) == 1 else "Sources"
        return f"{word}: " + "; ".join(source.citation for source in self.sources)

    def to_sql(self) -> str:
        """The query behind the frame with its values filled in, ready for ``imganalytics sql``."""
        return re.sub(r"\$(\w+)", lambda found: _literal(self.parameters[found[1]]), self.sql)


def _literal(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_literal, value)) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return "NULL" if value is None else str(value)
