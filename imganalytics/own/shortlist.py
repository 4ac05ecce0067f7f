"""The user's shortlist of programs: a CSV file in the user's own folder, written whole at each change."""

import csv
import io
import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path

from imganalytics import paths
from imganalytics.errors import UserError

LONGEST_NOTE = 2000  # letters


@dataclass(frozen=True)
class Entry:
    """A program on the list: its key, its name when it was added, the user's note, and when that was."""

    program_key: str
    institution: str
    city: str
    state: str
    specialty: str
    note: str = ""
    added_at: str = ""


COLUMNS = [field.name for field in fields(Entry)]


def shortlist_file() -> Path:
    """Where the list is kept."""
    return paths.own() / "shortlist.csv"


def entries() -> list[Entry]:
    """The programs on the list, in the user's order; none when there is no list yet.

    Raises:
        UserError: the file was changed by hand so that it can no longer be read; it is left as it is.
    """
    path = shortlist_file()
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: cannot be read ({getattr(error, 'strerror', None) or 'not UTF-8'}); nothing was changed") from None
    rows = list(csv.reader(io.StringIO(text)))
    if not rows or rows[0] != COLUMNS:
        raise UserError(f"{path}, row 1: the columns are {', '.join(rows[0]) if rows else 'missing'}; allowed: "
                        f"{', '.join(COLUMNS)}. Nothing was changed; mend the file, or move it away to begin a new list")
    found = []
    for number, row in enumerate(rows[1:], start=2):
        if len(row) != len(COLUMNS) or not row[0]:
            raise UserError(f"{path}, row {number}: {len(row)} cells, the first {row[0] if row else ''!r}; allowed: "
                            f"{len(COLUMNS)} cells, the first a program key. Nothing was changed")
        found.append(Entry(*row))
    return found


def add(new: Iterable[Entry]) -> list[Entry]:
    """Put programs at the end of the list; those that are on it stay where they are. Returns the list."""
    kept = entries()
    now = datetime.now(UTC).isoformat(timespec="seconds")
    listed = {entry.program_key: entry for entry in kept}
    for entry in new:
        listed.setdefault(entry.program_key, replace(entry, added_at=now))
    return _write(list(listed.values()))


def remove(program_key: str) -> list[Entry]:
    """Take a program off the list. Returns the list.

    Raises:
        UserError: it is not on it.
    """
    kept = entries()
    at = _place(kept, program_key)
    return _write(kept[:at] + kept[at + 1:])


def annotate(program_key: str, note: str) -> list[Entry]:
    """Keep a note beside a program. Returns the list.

    Raises:
        UserError: it is not on the list, or the note is longer than LONGEST_NOTE letters.
    """
    if len(note) > LONGEST_NOTE:
        raise UserError(f"the note has {len(note):,} letters; allowed: {LONGEST_NOTE:,}")
    kept = entries()
    at = _place(kept, program_key)
    return _write([*kept[:at], replace(kept[at], note=note), *kept[at + 1:]])


def move(program_key: str, steps: int) -> list[Entry]:
    """Move a program up (negative steps) or down; it stops at the ends. Returns the list.

    Raises:
        UserError: it is not on the list.
    """
    kept = entries()
    at = _place(kept, program_key)
    entry = kept.pop(at)
    kept.insert(max(0, min(len(kept), at + steps)), entry)
    return _write(kept)


def _place(kept: list[Entry], program_key: str) -> int:
    for at, entry in enumerate(kept):
        if entry.program_key == program_key:
            return at
    raise UserError(f"{program_key} is not on the shortlist")


def _write(kept: list[Entry]) -> list[Entry]:
    path = shortlist_file()
    beside = path.with_name(f"{path.name}.{os.getpid()}.part")
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([asdict(entry)[name] for name in COLUMNS] for entry in kept)
    try:
        beside.write_text(out.getvalue(), encoding="utf-8", newline="")
        os.replace(beside, path)
    except OSError as error:
        raise UserError(f"{path}: cannot be written ({error.strerror}); the list is as it was") from None
    finally:
        with suppress(OSError):  # it was renamed, or never made
            beside.unlink()
    return kept
