"""An empty table to fill in: every column that can be taken, as CSV and as Excel with a note on each."""

import csv
import io
import os
from contextlib import suppress
from pathlib import Path

from imganalytics.errors import UserError
from imganalytics.own.import_formats import FILTERS, column, template_fields

TEXT_FORMAT = "@"  # Excel then keeps leading zeros and makes no dates
NEEDED = ("program_code", "acgme_program_id", "institution", "city", "state", "specialty", "own_program", "as_of")


def csv_template() -> bytes:
    """The heads alone; with a byte order mark, so that Excel reads what is typed below them as UTF-8."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow(template_fields())
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def excel_template() -> bytes:
    """The heads, a note on each below them (that line is skipped when the file is read), and columns kept as text."""
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    book = Workbook()
    sheet = book.active
    sheet.title = "programs"
    fields = template_fields()
    sheet.append(list(fields))
    sheet.append([f"# {_note(field)}" if at == 0 else _note(field) for at, field in enumerate(fields)])
    for at, field in enumerate(fields, start=1):
        shade = "DDEBF7" if field in NEEDED else "E2F0D9" if field in FILTERS else "F2F2F2"
        head, note = sheet.cell(1, at), sheet.cell(2, at)
        head.font, head.fill = Font(bold=True), PatternFill("solid", fgColor=shade)
        note.font, note.alignment = Font(italic=True, color="595959", size=9), Alignment(wrap_text=True, vertical="top")
        width = sheet.column_dimensions[get_column_letter(at)]
        width.width, width.number_format = max(16, len(field) + 3), TEXT_FORMAT
        for row in range(3, 203):
            sheet.cell(row, at).number_format = TEXT_FORMAT
    sheet.row_dimensions[2].height = 62
    sheet.freeze_panes = "A3"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _note(field: str) -> str:
    known = column(field)
    return f"{known.label}: {known.note}" if known.note else known.label


def write_template(name: Path) -> list[Path]:
    """Write NAME.csv and NAME.xlsx; files that are there already are left as they are.

    Raises:
        UserError: one of them is there, or the folder cannot be written to.
    """
    stem = name.with_suffix("") if name.suffix.lower() in (".csv", ".xlsx") else name
    contents = {stem.with_name(f"{stem.name}.csv"): csv_template(), stem.with_name(f"{stem.name}.xlsx"): excel_template()}
    for path in contents:
        if path.exists():
            raise UserError(f"{path}: exists already; choose another name")
    for path, content in contents.items():
        beside = path.with_name(f"{path.name}.{os.getpid()}.part")
        try:
            beside.write_bytes(content)
            os.replace(beside, path)
        except OSError as error:
            raise UserError(f"{path}: cannot be written ({error.strerror})") from None
        finally:
            with suppress(OSError):
                beside.unlink()
    return list(contents)
