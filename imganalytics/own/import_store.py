"""Where imports are kept: a folder for each in the user's own folder, written beside and renamed into place.

Each holds `facts.csv`, `programs.csv` (the user's own programs) and `import.json`, which says where they come from and
holds the digests of the two: what was edited by hand since can no longer be cited, and is not read.
"""

import csv
import hashlib
import io
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from imganalytics import paths
from imganalytics.errors import UserError

FACTS = ("program_key", "field", "value", "number", "as_of", "row", "head")
PROGRAMS = ("program_key", "institution", "city", "state", "specialty", "row")
RECORD = "import.json"


@dataclass(frozen=True)
class Import:
    """One file that was taken in: what it was, when, and how much of it."""

    import_id: str
    file: str
    sha256: str
    imported_at: str
    format: str
    rows_read: int
    rows_taken: int
    programs: int
    facts: int
    own_programs: int

    @property
    def told(self) -> str:
        """What was taken, in words."""
        own = f" ({self.own_programs:,} of your own list)" if self.own_programs else ""
        return (f"{counted(self.facts, 'fact')} on {counted(self.programs, 'program')}{own}, from {self.rows_taken:,} of "
                f"{counted(self.rows_read, 'row')}")


def counted(number: int, what: str) -> str:
    """A number of things, as in '1 row' and '2,000 rows'."""
    return f"{number:,} {what}{'s' * (number != 1)}"


def folder() -> Path:
    """The folder of the imports; it need not be there yet."""
    return paths.own() / "imports"


def token() -> tuple[Any, ...]:
    """What tells two states of the folder apart: names, times and sizes of all files of all imports."""
    root = folder()
    found: list[tuple[str, int, int]] = []
    with suppress(OSError), os.scandir(root) as entries:
        for entry in entries:
            if not entry.name.startswith("."):
                found += _stamps(entry)
    return str(root), tuple(sorted(found))


def _stamps(entry: "os.DirEntry[str]") -> list[tuple[str, int, int]]:
    try:
        with os.scandir(entry.path) as files:
            stats = [(f"{entry.name}/{file.name}", file.stat()) for file in files]
        return [(entry.name, 0, 0)] + [(name, stat.st_mtime_ns, stat.st_size) for name, stat in stats]
    except OSError:  # a file among the folders, or one that is removed just now
        return []


@dataclass(frozen=True)
class Stored:
    """An import with what it holds; `facts` and `programs` are rows of texts in the order of FACTS and PROGRAMS."""

    about: Import
    crosswalk: Mapping[str, Sequence[str]]
    facts: list[list[str]]
    programs: list[list[str]]


def stored() -> tuple[list[Stored], list[str]]:
    """All imports that can be read, oldest first, and a line for each that cannot."""
    return _stored(token())


@lru_cache(maxsize=2)
def _stored(state: tuple[Any, ...]) -> tuple[list[Stored], list[str]]:
    root = Path(state[0])
    good, broken = [], []
    for name in sorted({name.split("/")[0] for name, _, _ in state[1]}):
        try:
            good.append(_load(root / name))
        except UserError as error:
            if (root / name).exists():  # otherwise it was removed while we read
                broken.append(str(error))
    return sorted(good, key=lambda each: (each.about.imported_at, each.about.import_id)), broken


def _load(place: Path) -> Stored:
    try:
        record = json.loads((place / RECORD).read_text("utf-8"))
        about = Import(**{field.name: record[field.name] for field in fields(Import)})
        crosswalk = {str(number): [str(key) for key in keys] for number, keys in record["crosswalk"].items()}
        digests = dict(record["digests"])
        if about.import_id != place.name or not all(isinstance(getattr(about, field.name), field.type)
                                                    for field in fields(Import)):
            raise ValueError("not as it was written")
    except OSError as error:
        raise UserError(f"{place / RECORD}: cannot be read ({error.strerror}){_REMEDY}") from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise UserError(f"{place / RECORD}: is not what an import wrote{_REMEDY}") from None
    facts, programs = _rows(place / "facts.csv", FACTS, digests), _rows(place / "programs.csv", PROGRAMS, digests)
    return Stored(about, crosswalk, facts, programs)


_REMEDY = "; nothing of this import is used: remove it and import its file again"


def _rows(path: Path, columns: Sequence[str], digests: Mapping[str, str]) -> list[list[str]]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror}){_REMEDY}") from None
    if hashlib.sha256(content).hexdigest() != digests.get(path.name):
        raise UserError(f"{path}: was changed after the import{_REMEDY}")
    head, *rows = csv.reader(io.StringIO(content.decode("utf-8"), newline=""))
    if tuple(head) != tuple(columns):
        raise UserError(f"{path}: is of another version of this workbook{_REMEDY}")
    return rows


def write(about: Mapping[str, Any], facts: Sequence[Sequence[Any]], programs: Sequence[Sequence[Any]],
          crosswalk: Mapping[str, Sequence[str]]) -> Import:
    """Keep an import; an earlier one of the same content goes when the new one is in place.

    Args:
        about: the fields of :class:`Import` but `import_id` and `imported_at`, which are made here.
        facts, programs: rows in the order of FACTS and PROGRAMS.
        crosswalk: keys of training programs by ACGME number.

    Raises:
        UserError: the folder cannot be written to.
    """
    now = datetime.now(UTC)
    name = f"{now:%Y%m%dT%H%M%S%f}-{about['sha256'][:8]}"
    done = Import(import_id=name, imported_at=now.isoformat(timespec="milliseconds"), **about)
    earlier = [each.about for each in stored()[0] if each.about.sha256 == done.sha256]
    contents = {"facts.csv": _csv(FACTS, facts), "programs.csv": _csv(PROGRAMS, programs)}
    record = {**asdict(done), "crosswalk": crosswalk,
              "digests": {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}}
    contents[RECORD] = json.dumps(record, ensure_ascii=False, indent=1).encode()
    beside = folder() / f".new-{name}-{os.getpid()}"
    try:
        beside.mkdir(parents=True)
        for file, content in contents.items():
            (beside / file).write_bytes(content)
        os.replace(beside, folder() / name)
    except OSError as error:
        raise UserError(f"{folder()}: the import cannot be kept ({error.strerror or error})") from None
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    for each in earlier:
        remove(each.import_id)
    return done


def _csv(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerow(columns)
    writer.writerows(rows)
    return out.getvalue().encode()


def remove(import_id: str) -> None:
    """Take an import out, also one that cannot be read.

    Raises:
        UserError: there is no such import, or it cannot be removed.
    """
    root = folder()
    known = sorted({name.split("/")[0] for name, _, _ in token()[1]})
    if import_id not in known:
        raise UserError(f"no import {import_id!r}; 'imganalytics import list' names them: "
                        f"{', '.join(known) or 'there is none'}")
    gone = root / f".gone-{import_id}-{os.getpid()}"
    try:
        os.replace(root / import_id, gone)
    except OSError as error:
        raise UserError(f"{root / import_id}: cannot be removed ({error.strerror or error})") from None
    shutil.rmtree(gone, ignore_errors=True)
