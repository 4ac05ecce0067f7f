"""A Result as CSV: the figures shown, each with its base, source and place in the source; and such a file read again."""

import csv
import io
from pathlib import Path

import pandas as pd

from imganalytics.export.columns import columns_of, units_line
from imganalytics.export.exported import Exported
from imganalytics.export.saving import save
from imganalytics.result import Result

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\n")
BOM = "\ufeff"  # without it Excel reads UTF-8 as something else
ABOUT, UNITS, RECEIPT = "about_this_file", "units_of_columns", "receipt"  # columns filled in the first row only
SEPARATORS = (",", ";", "\t")  # what spreadsheets write when they save the file again

Table = tuple[list[str], list[list[str]]]  # heads, and rows of as many cells


def figures_of(result: Result) -> pd.DataFrame:
    """The frame with base, year and source columns beside its figures, as a file of them needs."""
    frame = result.frame.drop(columns=["type_order", *_numbers_of_places(result.frame)], errors="ignore")
    arguments = result.question.arguments
    frame = frame.assign(**{name: arguments[name] for name in ("base", "match_year")
                            if name in arguments and name not in frame})
    known = {source.source_id: source for source in result.sources}
    for name, of, value in (("source", "source_id", "citation"), ("source_read_at", "source_id", "read_at"),
                            ("source_confidence", "source_id", "confidence"),
                            ("matched_source", "matched_source_id", "citation")):
        if of in frame:
            frame[name] = [getattr(known[key], value) if key in known else "" for key in frame[of]]
    if "source_id" not in frame:
        frame = frame.assign(sources="; ".join(source.citation for source in result.sources))
    return frame


def csv_text(shown: Result | Exported) -> str:
    """The frame as CSV text with source columns; blank where there is no number.

    Text that a spreadsheet would run as a formula gets an apostrophe in front. Numbers are written in full. A CSV has
    no place beside its rows: what the file shows, the units and the receipt are in the last columns of the first row.
    """
    exported = shown if isinstance(shown, Exported) else Exported(shown)
    frame = figures_of(exported.result)
    more = {ABOUT: about(exported), UNITS: units_line(columns_of(exported.result, frame)),
            RECEIPT: exported.receipt.to_json()}
    rows = [[cell(value) for value in row] for row in frame.astype(object).itertuples(index=False)]
    first = rows[:1] or [[""] * len(frame.columns)]
    out = io.StringIO()
    out.write(BOM)
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*map(cell, frame.columns), *more])
    writer.writerow([*first[0], *map(cell, more.values())])
    writer.writerows([*row, *([""] * len(more))] for row in rows[1:])
    return out.getvalue()


def csv_bytes(exported: Exported) -> bytes:
    """:func:`csv_text` as it stands in a file: UTF-8."""
    return csv_text(exported).encode("utf-8", errors="replace")


def about(exported: Exported) -> str:
    """The words around the figures as one text: title, subtitle, note, answer, caveats, notice."""
    words = (exported.title, exported.subtitle, exported.note, exported.result.summary, *exported.result.caveats,
             exported.source_line)
    return " | ".join(word for word in words if word)


def cell(value: object) -> object:
    """A value as a cell: '' for a blank, whole numbers without a point, text that no spreadsheet runs."""
    if value is None or value is pd.NA or (isinstance(value, float) and value != value):
        return ""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str):
        text = value.replace("\r\n", "\n").replace("\r", "\n")  # a lone \r is not quoted, and would begin a new row
        return "'" + text if text.startswith(FORMULA_STARTS) else text
    return value


def write_csv(shown: Result | Exported, path: Path, *, overwrite: bool = False) -> Path:
    """Write :func:`csv_text` to `path`, whole or not at all.

    Raises:
        UserError: the file is there already (unless `overwrite`), or cannot be written.
    """
    return save(path, csv_text(shown).encode("utf-8", errors="replace"), overwrite)


# Read again ------------------------------------------------------------------------------------------------


def receipt_in_csv(content: bytes) -> str | None:
    """The receipt's JSON in a CSV of ours, also after a spreadsheet sorted it or saved it with other separators."""
    heads, rows = _table(content)
    if RECEIPT not in heads:
        return None
    at = heads.index(RECEIPT)
    return next((row[at] for row in rows if row[at]), None)


def figures_in_csv(content: bytes) -> Table:
    """The figures of a CSV of ours as text, without what only its first row holds."""
    heads, rows = _table(content)
    kept = [at for at, head in enumerate(heads) if head not in (ABOUT, UNITS, RECEIPT)]
    cells = [[row[at] for at in kept] for row in rows]
    return [heads[at] for at in kept], [row for row in cells if any(row)]


def _table(content: bytes) -> Table:
    """Heads and cells, whatever separator and encoding the file was last saved with; none in what is no table."""
    text = _text(content)
    for separator in SEPARATORS:
        try:
            rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
        except csv.Error:
            continue
        if rows and RECEIPT in rows[0]:
            wide = len(rows[0])
            return rows[0], [(row + [""] * wide)[:wide] for row in rows[1:]]
    return [], []


def _text(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _numbers_of_places(frame: pd.DataFrame) -> list[str]:
    return ["place"] if "place" in frame and pd.api.types.is_integer_dtype(frame["place"]) else []
