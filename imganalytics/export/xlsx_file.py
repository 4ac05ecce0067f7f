"""A Result as an Excel file: the figures, what their columns mean and how they were asked for, and the sources."""

import io
import re
from collections.abc import Iterable, Sequence
from typing import Any

from imganalytics.export.csv_file import figures_of
from imganalytics.result import Result

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"  # media type
FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # what the format cannot hold
LONGEST = 32_767  # letters of a cell, by Excel's own limit


def xlsx_bytes(result: Result) -> bytes:
    """The sheets Figures, About (question, base, caveats) and Sources; numbers as numbers, rates as fractions.

    Text is stored as text, so that none of it is run as a formula.
    """
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    frame = figures_of(result)
    _fill(book.create_sheet("Figures"), frame.columns, frame.astype(object).itertuples(index=False))
    about = [("Question", result.title), ("What is shown", result.subtitle), ("In one sentence", result.summary),
             *(("Keep in mind", caveat) for caveat in result.caveats),
             ("Asked with", f"{result.question.study}: {result.question.arguments}")]
    _fill(book.create_sheet("About"), ("What", "Words"), about)
    names = ("source_id", "title", "publisher", "publication_year", "read_at", "rights", "confidence")
    _fill(book.create_sheet("Sources"), names, ([getattr(source, name) for name in names] for source in result.sources))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _fill(sheet: Any, head: Sequence[str], rows: Iterable[Iterable[Any]]) -> None:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    def cell(value: Any, bold: bool = False) -> Any:
        made = WriteOnlyCell(sheet, _value(value))
        if isinstance(made.value, str):
            made.data_type = "s"  # text that begins with '=' would be a formula else
        if bold:
            made.font = Font(bold=True)
        return made

    sheet.freeze_panes = "A2"
    for at, name in enumerate(head):
        sheet.column_dimensions[chr(65 + at) if at < 26 else f"{chr(64 + at // 26)}{chr(65 + at % 26)}"].width = (
            90 if name == "Words" else max(12, min(40, len(str(name)) + 4)))
    sheet.append([cell(name, bold=True) for name in head])
    for row in rows:
        sheet.append([cell(value) for value in row])


def _value(value: Any) -> Any:
    """A value that a cell can hold; blanks are None."""
    if value is None or value != value or value.__class__.__name__ in ("NAType", "NaTType"):
        return None
    value = value.item() if hasattr(value, "item") else value
    if isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if abs(value) != float("inf") else str(value)
    return FORBIDDEN.sub("", str(value))[:LONGEST]
