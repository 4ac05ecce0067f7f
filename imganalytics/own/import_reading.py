"""Files into tables of cells: CSV of any common separator and encoding, Excel, JSON. Nothing in them is carried out."""

import hashlib
import os
import stat
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from imganalytics.errors import UserError
from imganalytics.own.import_values import Cell

MAX_BYTES = 50_000_000
MAX_ROWS = 100_000
MAX_COLUMNS = 500
EVERY = 1_000  # rows between two words on progress

Progress = Callable[[str, int, int], None]  # what is done, how many rows of it, of how many (0: not known)


def quiet(words: str, done: int, total: int) -> None:
    """Progress that nobody watches."""


@dataclass
class Cells:
    """A table as it was in the file: `rows` pair the line (or record) with its cells, None where there is nothing."""

    heads: list[str]
    rows: list[tuple[int, Sequence[Cell | None]]]
    unit: str = "line"  # what the numbers of the rows count
    notes: list[str] = field(default_factory=list)
    problems: list[tuple[int, str]] = field(default_factory=list)


def content_of(path: Path) -> bytes:
    """The bytes of a file.

    Raises:
        UserError: there is none, it is no ordinary file, too large, empty or cannot be read.
    """
    try:
        about = os.stat(path)
        if not stat.S_ISREG(about.st_mode):
            raise UserError(f"{path}: is {'a folder' if stat.S_ISDIR(about.st_mode) else 'no ordinary file'}; name a file")
        check_size(str(path), about.st_size)
        return path.read_bytes()
    except FileNotFoundError:
        why = "is a link to a file that is not there" if path.is_symlink() else "there is no such file"
        raise UserError(f"{path}: {why}") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UserError(f"{path}: cannot be read ({reason}); if it is open in another program, close it there") from None


def check_size(name: str, size: int) -> None:
    """Refuse a file before it is read.

    Raises:
        UserError: it is empty or too large.
    """
    if not size:
        raise UserError(f"{name}: is empty")
    if size > MAX_BYTES:
        raise UserError(f"{name}: has {size / 1e6:,.0f} MB; allowed: {MAX_BYTES / 1e6:.0f} MB. "
                        "Keep only the columns and rows you need")


def digest(content: bytes) -> str:
    """SHA-256 of a file's content."""
    return hashlib.sha256(content).hexdigest()


def cells_of(name: str, content: bytes, head_score: Callable[[Sequence[str]], int], progress: Progress = quiet) -> Cells:
    """The table in a file, told by its content and not by its name.

    Args:
        name: what the file is called in messages.
        head_score: how many of some cells are known heads of columns: tells the separator and the line of the heads.

    Raises:
        UserError: it is nothing that can be read; the message says what it is, or the line that cannot be.
    """
    check_size(name, len(content))
    if content[:4] == b"PK\x03\x04":
        from imganalytics.own.import_excel import cells

        return cells(name, content, head_score, progress)
    if content[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise UserError(f"{name}: is an old Excel file (.xls) or one with a password; "
                        "save it as .xlsx without a password, or as CSV")
    if content[:5] == b"%PDF-":
        raise UserError(f"{name}: is a PDF; CSV, Excel (.xlsx) and JSON can be read")
    if content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        from imganalytics.own.import_json import cells as cells_of_json

        return cells_of_json(name, content)
    from imganalytics.own.import_text import cells as cells_of_text

    return cells_of_text(name, content, head_score, progress)


def head_row(rows: Sequence[tuple[int, Sequence[Cell | None]]], head_score: Callable[[Sequence[str]], int]) -> int:
    """Which of the first rows holds the heads: titles may stand above them."""
    found = _scores(rows, head_score)
    return found.index(max(found)) if found else 0


def best_score(rows: Sequence[tuple[int, Sequence[Cell | None]]], head_score: Callable[[Sequence[str]], int]) -> int:
    """How many known heads the best of the first rows holds."""
    return max(_scores(rows, head_score), default=0)


def _scores(rows: Sequence[tuple[int, Sequence[Cell | None]]], head_score: Callable[[Sequence[str]], int]) -> list[int]:
    return [head_score([str(cell) for cell in cells if cell is not None]) for _, cells in rows[:15]]


def is_note(cells: Sequence[Cell | None]) -> bool:
    """Whether a row explains the columns, as the second of our template does: it begins with '# '."""
    first = next((cell for cell in cells if cell is not None), None)
    return isinstance(first, str) and first.startswith("# ")


def check_shape(name: str, rows: int, columns: int) -> None:
    """Refuse tables beyond what anyone has.

    Raises:
        UserError: too many rows or columns.
    """
    if rows > MAX_ROWS:
        raise UserError(f"{name}: has more than {MAX_ROWS:,} rows; divide it")
    if columns > MAX_COLUMNS:
        raise UserError(f"{name}: has more than {MAX_COLUMNS} columns; keep those you need")
