"""CSV and its kin: UTF-8, UTF-16 or Windows-1252; comma, semicolon, tab or bar."""

import codecs
import csv
import io
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from imganalytics.errors import UserError
from imganalytics.own.import_reading import EVERY, Cells, Progress, check_shape, head_row, is_note

SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar (|)"}
LOST = "\ufffd"  # stands for bytes that are no letter


def cells(name: str, content: bytes, head_score: Callable[[Sequence[str]], int], progress: Progress) -> Cells:
    """The table of a text file.

    Raises:
        UserError: it is not text, has one column only, or quotes that do not end.
    """
    text, note, damaged = decoded(name, content)
    separator = _separator(name, text, head_score)
    total = text.count("\n") + 1
    rows: list[tuple[int, list[str | None]]] = []
    for line, row in _records(name, text, separator):
        if row and any(row):
            rows.append((line, [cell.replace("\xa0", " ").strip() or None for cell in row]))
            if len(rows) % EVERY == 0:
                progress("reading", min(line, total), total)
                check_shape(name, len(rows) - 1, 0)
    check_shape(name, len(rows) - 1, max(map(len, (cells for _, cells in rows[:50])), default=0))
    at = head_row(rows, head_score)
    heads = [cell or "" for cell in rows[at][1]]
    table = Cells(heads, [], notes=[note] if note else [])
    for line, row in rows[at + 1:]:
        if not is_note(row):
            _place(table, line, row, damaged)
    return table


def _place(table: Cells, line: int, row: list[str | None], damaged: bool) -> None:
    spare, width = row[len(table.heads):], len(table.heads)
    if len(row) < width or any(spare):
        why = f"has {len(row)} cells, the heads are {width}: a separator inside a text without quotes?"
        table.problems.append((line, why))
    elif damaged and any(cell and LOST in cell for cell in row):
        table.problems.append((line, "holds bytes that are no letters in its encoding: save the file as UTF-8"))
    else:
        table.rows.append((line, row[:width]))


def decoded(name: str, content: bytes) -> tuple[str, str, bool]:
    """The text, a note on its encoding unless it is UTF-8, and whether some of its bytes could not be read.

    Raises:
        UserError: it is not text.
    """
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text, note, damaged = content.decode("utf-16", errors="replace"), "read as UTF-16", True
    else:
        try:
            text, note, damaged = content.decode("utf-8-sig"), "", False
        except UnicodeDecodeError:
            text, note, damaged = _not_utf8(content)
    if "\0" in text:
        raise UserError(f"{name}: is not text; CSV (UTF-8), Excel (.xlsx) and JSON can be read")
    return text, note, damaged


def _not_utf8(content: bytes) -> tuple[str, str, bool]:
    mended = content.decode("utf-8-sig", errors="replace")
    good = sum(ord(letter) > 127 for letter in mended) - mended.count(LOST)
    if good > mended.count(LOST):
        return mended, "read as UTF-8, though some bytes are not", True
    return content.decode("cp1252", errors="replace"), "not UTF-8: read as Windows-1252 (look at letters with accents)", True


def _separator(name: str, text: str, head_score: Callable[[Sequence[str]], int]) -> str:
    """The separator that gives most known heads, then the most even columns."""
    best, rank = "", (0, 0, 0)
    for separator in SEPARATORS:
        try:
            rows = [row for _, row in islice(_records(name, text[:200_000], separator, strict=False), 30) if any(row)]
        except UserError:
            continue
        widths = [len(row) for row in rows]
        if not widths or max(widths) < 2:
            continue
        usual = max(set(widths), key=widths.count)
        found = max(head_score(row) for row in rows[:15])
        rank, best = max((rank, best), ((found, widths.count(usual) if usual > 1 else 0, usual), separator))
    if not best or (rank[0] == 0 and rank[1] < 2):
        raise UserError(f"{name}: has one column only; columns are separated by {', '.join(SEPARATORS.values())}")
    return best


def _records(name: str, text: str, separator: str, strict: bool = True) -> Iterator[tuple[int, list[str]]]:
    """The records with the line at which each begins."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=strict)
    line = 1
    try:
        for row in reader:
            yield line, row
            line = reader.line_num + 1
    except csv.Error as error:
        raise UserError(f"{name}, line {line}: cannot be read as CSV ({error}); quotes around a text must end before "
                        "the separator, and quotes within it are doubled") from None
