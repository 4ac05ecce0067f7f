"""Excel files (.xlsx): one sheet of cells. Formulas are seen as formulas; what they last came to is not used."""

import io
import warnings
import zipfile
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from imganalytics.errors import UserError
from imganalytics.own.import_reading import EVERY, MAX_COLUMNS, Cells, Progress, best_score, check_shape, head_row, is_note
from imganalytics.own.import_values import Cell, Formula

MAX_UNPACKED = 200_000_000
MAX_RATIO = 100
MAX_PARTS = 2_000
SHEET_ROWS = 1_048_576  # of Excel


def cells(name: str, content: bytes, head_score: Callable[[Sequence[str]], int], progress: Progress) -> Cells:
    """The table of the sheet with most known heads.

    Raises:
        UserError: it unpacks to too much, is damaged, or is no Excel file.
    """
    _check_archive(name, content)
    import openpyxl

    with warnings.catch_warnings():  # on styles and validations, which are not used
        warnings.simplefilter("ignore")
        try:
            book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
            try:
                return _table(name, book, head_score, progress)
            finally:
                book.close()
        except UserError:
            raise
        except Exception as error:  # openpyxl and what it stands on raise of every kind on a damaged or hostile file
            reason = f"{type(error).__name__}: {' '.join(str(error).split())[:120]}"
            raise UserError(f"{name}: cannot be read as an Excel file ({reason}); save it anew as .xlsx, or as CSV") from None


def _check_archive(name: str, content: bytes) -> None:
    """Look into the directory of the archive before anything is unpacked."""
    try:
        parts = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise UserError(f"{name}: is damaged ({error}); save it anew as .xlsx, or as CSV") from None
    unpacked, packed = sum(part.file_size for part in parts), max(1, sum(part.compress_size for part in parts))
    if unpacked > MAX_UNPACKED or unpacked / packed > MAX_RATIO or len(parts) > MAX_PARTS:
        raise UserError(f"{name}: unpacks to {unpacked / 1e6:,.0f} MB, {unpacked / packed:,.0f} times its size; allowed: "
                        f"{MAX_UNPACKED / 1e6:.0f} MB and {MAX_RATIO} times. Save the sheet as CSV")
    if not any(part.filename == "xl/workbook.xml" for part in parts):
        raise UserError(f"{name}: is an archive, but not an Excel file (.xlsx); CSV, Excel and JSON can be read")


def _table(name: str, book: Any, head_score: Callable[[Sequence[str]], int], progress: Progress) -> Cells:
    sheets = [(sheet, list(_rows(sheet, 50))) for sheet in book.worksheets]
    filled = [(sheet, first) for sheet, first in sheets if first]
    if not filled:
        raise UserError(f"{name}: has no filled sheet")
    sheet = max(filled, key=lambda each: best_score(each[1], head_score))[0]
    total = min(sheet.max_row or 0, SHEET_ROWS)
    rows = []
    for row in _rows(sheet, SHEET_ROWS):
        rows.append(row)
        if len(rows) % EVERY == 0:
            progress("reading", len(rows), max(total, len(rows)))
            check_shape(name, len(rows) - 1, 0)
    width = max(len(cells) for _, cells in rows)
    check_shape(name, len(rows) - 1, width)
    at = head_row(rows, head_score)
    heads = ["" if cell is None else str(cell) for cell in rows[at][1]]
    heads += [""] * (width - len(heads))
    notes = [f"only the sheet {sheet.title!r} was read"] if len(filled) > 1 else []
    below = [(line, [*cells, *[None] * (width - len(cells))]) for line, cells in rows[at + 1:] if not is_note(cells)]
    return Cells(heads, below, notes=notes)


def _rows(sheet: Any, most: int) -> Iterator[tuple[int, list[Cell | None]]]:
    """The filled rows among the first `most`, with their numbers."""
    sheet.reset_dimensions()  # what the file says of its own size may be wrong
    for line, row in enumerate(sheet.iter_rows(values_only=True), start=1):
        if line > most:
            return
        width = next((at for at in range(len(row), 0, -1) if row[at - 1] not in (None, "")), 0)
        if width > MAX_COLUMNS:
            check_shape(sheet.title, 0, width)
        if width:
            yield line, [_cell(value) for value in row[:width]]


def _cell(value: Any) -> Cell | None:
    if value is None or isinstance(value, date):  # a datetime is a date
        return value
    if isinstance(value, str):
        text = value.replace("\xa0", " ").strip()
        return Formula(text) if text.startswith("=") else text or None
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, (time, timedelta)):
        return datetime(1900, 1, 1)
    return Formula(getattr(value, "text", None) or "=")  # formulas over several cells
