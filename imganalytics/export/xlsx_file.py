"""A Result as an Excel file: the figures, what their columns mean and how they were asked for, and the sources."""

import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from imganalytics.errors import UserError
from imganalytics.export.columns import columns_of
from imganalytics.export.csv_file import FORMULA_STARTS, Table, cell, figures_of
from imganalytics.export.exported import NOT_AFFILIATED, Exported
from imganalytics.result import Result

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"  # media type
FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # what the format cannot hold
LONGEST = 32_767  # letters of a cell, by Excel's own limit
PROPERTY = "imganalytics_receipt_"  # then a number: Excel cuts a property at 255 letters, so the receipt has several
PIECE = 250
RECEIPT = "Receipt"  # the same on the sheet About, for programs that drop properties
MOST_ROWS = 1_048_576  # of a sheet, by Excel's own limit
SOURCES = ("source_id", "title", "publisher", "publication_year", "read_at", "rights", "confidence")


def xlsx_bytes(shown: Result | Exported) -> bytes:
    """The sheets Figures, Columns (meanings and units), About (question, base, caveats) and Sources, and the receipt.

    Numbers are numbers, rates fractions. Text is stored as text, so that none of it is run as a formula.
    """
    from openpyxl import Workbook
    from openpyxl.packaging.custom import StringProperty

    exported = shown if isinstance(shown, Exported) else Exported(shown)
    book = Workbook(write_only=True)
    frame = figures_of(exported.result)
    receipt = exported.receipt.to_json()
    _fill(book.create_sheet("Figures"), frame.columns, frame.astype(object).itertuples(index=False))
    _fill(book.create_sheet("Columns"), ("Column", "Words", "Unit"),
          ((column.name, column.meaning, column.unit) for column in columns_of(exported.result, frame)))
    _fill(book.create_sheet("About"), ("What", "Words"),
          [*_about(exported), *((RECEIPT, each) for each in _pieces(receipt, 30_000))])
    _fill(book.create_sheet("Sources"), SOURCES,
          ([getattr(source, name) for name in SOURCES] for source in exported.result.sources))
    for number, piece in enumerate(_pieces(receipt, PIECE), 1):
        book.custom_doc_props.append(StringProperty(name=f"{PROPERTY}{number}", value=piece))
    book.properties.title = FORBIDDEN.sub("", exported.title)
    book.properties.creator = "imganalytics"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _about(exported: Exported) -> list[tuple[str, str]]:
    result = exported.result
    note = [("Note", exported.note)] if exported.note else []
    query = [("Query", result.to_sql())] if result.sql else []
    return [("Question", exported.title), ("What is shown", exported.subtitle), *note,
            ("In one sentence", result.summary),
            *(("Keep in mind", caveat) for caveat in result.caveats), ("Please note", NOT_AFFILIATED),
            ("Asked with", f"{result.question.study}: {result.question.arguments}"), *query]


def _pieces(text: str, long: int) -> list[str]:
    return [text[at:at + long] for at in range(0, len(text), long)]


def _fill(sheet: Any, head: Sequence[str], rows: Iterable[Iterable[Any]]) -> None:
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    wide = {"Words": 90, "title": 60, "read_at": 60}
    sheet.freeze_panes = "A2"
    for at, name in enumerate(head, 1):
        sheet.column_dimensions[get_column_letter(at)].width = wide.get(str(name), max(12, min(40, len(str(name)) + 4)))
    bold, wrapped = Font(bold=True), Alignment(wrap_text=True, vertical="top")
    sheet.append([_made(sheet, name, bold=bold) for name in head])
    for row in rows:
        sheet.append([_made(sheet, value, wrapped=wrapped if name == "Words" else None)
                      for name, value in zip(head, row, strict=True)])


def _made(sheet: Any, value: Any, bold: Any = None, wrapped: Any = None) -> Any:
    from openpyxl.cell import WriteOnlyCell

    plain = _value(value)
    if not bold and not wrapped and not (isinstance(plain, str) and plain.startswith((*FORMULA_STARTS, "#"))):
        return plain
    made = WriteOnlyCell(sheet, plain)
    if not isinstance(plain, str):
        return made
    made.data_type = "s"  # text that begins with '=' would be a formula else, '#N/A' an error
    if plain.startswith(FORMULA_STARTS):
        made.quotePrefix = True  # so that it stays text when someone edits the cell
    if bold:
        made.font = bold
    if wrapped:
        made.alignment = wrapped
    return made


def _value(value: Any) -> Any:
    """A value that a cell can hold; blanks are None."""
    if value is None or value.__class__.__name__ in ("NAType", "NaTType") or value != value:
        return None
    value = value.item() if hasattr(value, "item") else value
    if isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if abs(value) != float("inf") else str(value)
    return FORBIDDEN.sub("", str(value))[:LONGEST]


# Read again ------------------------------------------------------------------------------------------------


def receipt_in_xlsx(content: bytes) -> str | None:
    """The receipt's JSON in an Excel file of ours: from its properties, else from its sheet About.

    Raises:
        UserError: the file is damaged.
    """
    with _opened(content) as book:
        found = {prop.name: str(prop.value) for prop in book.custom_doc_props if str(prop.name).startswith(PROPERTY)}
        pieces = [found[name] for number in range(1, len(found) + 1) if (name := f"{PROPERTY}{number}") in found]
        if not pieces and "About" in book.sheetnames:
            pieces = [str(row[1]) for row in _rows(book["About"]) if len(row) > 1 and row[0] == RECEIPT]
    return "".join(pieces) or None


def figures_in_xlsx(content: bytes) -> Table:
    """The sheet Figures as text, cell by cell as a CSV of ours has it; nothing where there is no such sheet.

    Raises:
        UserError: the file is damaged.
    """
    with _opened(content) as book:
        if "Figures" not in book.sheetnames:
            return [], []
        rows = [[str(cell(value)) for value in row] for row in _rows(book["Figures"])]
    if not rows:
        return [], []
    return rows[0], [(row + [""] * len(rows[0]))[:len(rows[0])] for row in rows[1:] if any(row)]


def _rows(sheet: Any) -> Iterator[tuple[Any, ...]]:
    return sheet.iter_rows(values_only=True, max_row=min(sheet.max_row or MOST_ROWS, MOST_ROWS))


@contextmanager
def _opened(content: bytes) -> Iterator[Any]:
    from defusedxml.common import DefusedXmlException
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(io.BytesIO(content), read_only=True)
        try:
            yield book
        finally:
            book.close()
    except (zipfile.BadZipFile, InvalidFileException, DefusedXmlException, KeyError, ValueError, TypeError,
            AttributeError, SyntaxError, EOFError, OSError, zlib.error) as error:  # broken XML is a SyntaxError
        raise UserError(f"the Excel file is damaged ({type(error).__name__}); did this workbook write it?") from None
