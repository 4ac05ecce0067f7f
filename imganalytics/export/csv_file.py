"""A Result as CSV: the figures shown, each with its base, source and place in the source."""

import csv
import io
import os
from contextlib import suppress
from pathlib import Path

import pandas as pd

from imganalytics.errors import UserError
from imganalytics.result import Result

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\n")
BOM = "\ufeff"  # without it Excel reads UTF-8 as something else


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


def csv_text(result: Result) -> str:
    """The frame as CSV text with source columns; blank where there is no number.

    Text that a spreadsheet would run as a formula gets an apostrophe in front. Numbers are written in full.
    """
    frame = figures_of(result)
    out = io.StringIO()
    out.write(BOM)
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(frame.columns)
    writer.writerows([_cell(value) for value in row] for row in frame.astype(object).itertuples(index=False))
    return out.getvalue()


def _numbers_of_places(frame: pd.DataFrame) -> list[str]:
    return ["place"] if "place" in frame and pd.api.types.is_integer_dtype(frame["place"]) else []


def _cell(value: object) -> object:
    if value is None or value is pd.NA or (isinstance(value, float) and value != value):
        return ""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str):
        text = value.replace("\r\n", "\n").replace("\r", "\n")  # a lone \r is not quoted, and would begin a new row
        return "'" + text if text.startswith(FORMULA_STARTS) else text
    return value


def write_csv(result: Result, path: Path, *, overwrite: bool = False) -> Path:
    """Write :func:`csv_text` to `path`, whole or not at all.

    Raises:
        UserError: the file is there already (unless `overwrite`), or cannot be written.
    """
    if path.exists() and not overwrite:
        raise UserError(f"{path}: exists already; choose another name or say --overwrite")
    beside = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        beside.write_text(csv_text(result), encoding="utf-8", newline="")
        os.replace(beside, path)
    except OSError as error:
        raise UserError(f"{path}: cannot be written ({error.strerror})") from None
    finally:
        with suppress(OSError):  # it was renamed, or never made
            beside.unlink()
    return path
