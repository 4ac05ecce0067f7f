"""What differs between two folders of facts: numbers added, moved or gone, texts reworded; for CHANGELOG.md."""

import io
import os
import re
import subprocess
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import duckdb

from imganalytics.errors import DataError, UserError
from imganalytics.warehouse import reading
from imganalytics.warehouse.schema import Field, Table, read_package

KINDS = ("added", "moved", "gone", "reworded")
NUMERIC = ("integer", "number")
NOTHING = "Nothing changed: both folders hold the same figures and texts.\n"


class Change(NamedTuple):
    """One cell that differs; or, with a blank `field`, a whole row without numbers, its texts in `old` or `new`.

    `kind` is added, moved or gone for a number and for a row, reworded for a text of a row that stayed. `key` holds
    the columns that name the row, with their values. `row` counts as a spreadsheet does, in the older file only for
    what is gone with its whole row.
    """

    table: str
    row: int
    key: tuple[tuple[str, str | None], ...]
    field: str
    old: str | None
    new: str | None
    kind: str
    source_id: str


@dataclass(frozen=True)
class TableChanges:
    """All changes of one table; `notes` name a table, column or key that is not the same on both sides."""

    name: str
    changes: list[Change]
    notes: list[str]
    several_numbers: bool


Cells = dict[str, str | None]

# Reading and comparing -----------------------------------------------------------------------------------


@contextmanager
def earlier(name: str, beside: Path) -> Iterator[Path]:
    """The folder `name`; or, when there is none, the folder `beside` as it was at the git revision `name`.

    Raises:
        UserError: it is neither a folder nor a revision of the checkout in which `beside` lies, or git is missing.
    """
    if not beside.is_dir():
        raise UserError(f"{beside}: not a folder")
    if os.path.exists(name):
        yield Path(name)
        return
    with TemporaryDirectory() as made:
        with zipfile.ZipFile(io.BytesIO(_archive(name, beside))) as archive:
            archive.extractall(made)
        try:
            yield Path(made)
        except UserError as error:  # the temporary folder says nothing to a person
            raise UserError(str(error).replace(made, f"{beside} at {name}")) from None


def _archive(revision: str, folder: Path) -> bytes:
    """A zip file with the content of `folder` at `revision`."""
    try:
        commit = _git(folder, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}").decode().strip()
        return _git(folder, "archive", "--format=zip", commit)
    except OSError:
        raise UserError(f"{revision}: no such folder; git, which could read it as a revision, is missing") from None
    except subprocess.CalledProcessError as error:
        words = " ".join(error.stderr.decode(errors="replace").split()) or "unknown revision"
        raise UserError(f"{revision}: no such folder, and for git no revision of {folder} ({words})") from None


def _git(folder: Path, *arguments: str) -> bytes:
    return subprocess.run(["git", *arguments], cwd=folder, capture_output=True, check=True).stdout


def compare(old: Path, new: Path) -> list[TableChanges]:
    """Every difference between the data packages in the folders `old` and `new`, by table, in the order of `new`.

    Rows with the same primary key are set side by side; without a common primary key, whole rows are compared.
    Numbers are compared as numbers: '1.0' is '1'. Files that are the same to the byte are not read.

    Raises:
        UserError: a folder is not a data package, or a file of it is not as described or has a key twice.
    """
    before, after = _described(old), _described(new)
    found = []
    with duckdb.connect() as con:
        con.execute("ATTACH ':memory:' AS before; ATTACH ':memory:' AS after")
        con.execute("CREATE SCHEMA before.text; CREATE SCHEMA after.text")
        for pair in (_Pair(before.get(name), after.get(name)) for name in {**after, **before}):
            if not pair.alike(old, new):
                _load(con, "before", old, pair.old)
                _load(con, "after", new, pair.new)
                changes, notes = list(pair.changes(con)), list(pair.notes())
                found.append(TableChanges(pair.name, changes, notes, len(pair.numbers) > 1))
    return [table for table in found if table.changes or table.notes]


@contextmanager
def _in_one_line(folder: Path) -> Iterator[None]:
    """Says in which of the two folders something is wrong, and only the first thing."""
    try:
        yield
    except DataError as error:
        first = error.problems[0].replace(str(folder / "datapackage.json"), "datapackage.json")
        more = f" (and {len(error.problems) - 1} more)" if len(error.problems) > 1 else ""
        raise UserError(f"{folder}: {first}{more}") from None
    except duckdb.Error as error:
        raise UserError(f"{folder}: cannot be read ({str(error).splitlines()[0]})") from error


def _described(folder: Path) -> dict[str, Table]:
    with _in_one_line(folder):
        return {table.name: table for table in read_package(folder)}


def _load(con: duckdb.DuckDBPyConnection, side: str, folder: Path, table: Table | None) -> None:
    """Load one file as text into the database `side`."""
    if table is None:
        return
    con.execute(f"USE {side}")
    with _in_one_line(folder):
        if problems := reading.problems_of_structure(table, folder):
            raise DataError(problems)
        reading.load_text(con, table, folder)
        if problems := list(_repeated_keys(con, table)):
            raise DataError(problems)


def _repeated_keys(con: duckdb.DuckDBPyConnection, table: Table) -> Iterator[str]:
    if not table.key:
        return
    columns = ", ".join(f'"{name}"' for name in table.key)
    for values in con.execute(f"""SELECT {columns} FROM text."{table.name}" GROUP BY {columns} HAVING count(*) > 1
                                  ORDER BY ALL LIMIT 1""").fetchall():
        named = ", ".join(f"{name} = {value}" for name, value in zip(table.key, values))
        yield f"{table.path}: several rows have the same key ({named}); run `imganalytics build` first"


class _Pair:
    """One table as described in the older and in the newer folder (None where it is not)."""

    def __init__(self, old: Table | None, new: Table | None):
        self.old, self.new = old, new
        sides = [table for table in (new, old) if table]
        self.name = sides[0].name
        self.shared = [name for name in sides[0].columns if name in sides[-1].columns]
        self.key = sides[0].key if sides[0].key == sides[-1].key else ()
        described = {field.name: field for table in reversed(sides) for field in table.fields}
        self.numbers = [name for name, field in described.items() if name not in self.key and field.is_figure]
        # texts of a column that is on one side only would fill a page; its name stands in the notes
        self.columns = list(dict.fromkeys([*self.shared, *self.numbers]))
        self.naming = self.key or [name for name in self.shared if name not in self.numbers]
        self.compared = {name for name, field in described.items() if field.type in NUMERIC}

    def alike(self, old: Path, new: Path) -> bool:
        """Whether description and file are the same on both sides."""
        if self.old != self.new:
            return False
        files = [folder / self.old.path for folder in (old, new)]
        return all(map(Path.is_file, files)) and files[0].read_bytes() == files[1].read_bytes()

    def notes(self) -> Iterator[str]:
        """What is not the same in the two descriptions, in words."""
        if self.old is None or self.new is None:
            yield "new table" if self.old is None else "table gone"
            return
        yield from (f"new column {name}" for name in self.new.columns if name not in self.old.columns)
        yield from (f"column {name} gone" for name in self.old.columns if name not in self.new.columns)
        if self.old.key != self.new.key:
            yield "other primary key, so whole rows are compared"

    def changes(self, con: duckdb.DuckDBPyConnection) -> Iterator[Change]:
        """The changes in the order of the newer file; rows that are gone come last."""
        rows = con.execute(f"""SELECT a.file_row, b.file_row, a.cells, b.cells
                               FROM ({self._rows("before", self.old)}) a FULL JOIN ({self._rows("after", self.new)}) b
                               ON a.place = b.place AND a.twin = b.twin
                               WHERE a.file_row IS NULL OR b.file_row IS NULL OR a.cells <> b.cells
                               ORDER BY b.file_row NULLS LAST, a.file_row""").fetchall()
        for old_row, new_row, old_cells, new_cells in rows:
            was, now = dict(zip(self.columns, old_cells or [])), dict(zip(self.columns, new_cells or []))
            found = self._cells(was, now) if was and now else self._row(was or now, "added" if now else "gone")
            cells = now or was
            key = tuple((name, cells[name]) for name in self.naming)
            for field, old, new, kind in found:
                yield Change(self.name, new_row or old_row, key, field, old, new, kind, cells.get("source_id") or "")

    def _rows(self, side: str, table: Table | None) -> str:
        """SQL for the rows of one side: what names the row, and its cells; `twin` numbers rows that are alike."""
        if not table:
            return "SELECT 0 AS file_row, ['']::VARCHAR[] AS place, 1 AS twin, ['']::VARCHAR[] AS cells WHERE false"
        cells = ", ".join(f'"{name}"' if name in table.columns else "NULL" for name in self.columns)
        place = ", ".join(map(self._value, self.key or self.shared))
        twin = "1" if self.key else f"row_number() OVER (PARTITION BY {place} ORDER BY file_row)"
        return (f'SELECT file_row, [{place}] AS place, {twin} AS twin, [{cells}]::VARCHAR[] AS cells '
                f'FROM {side}.text."{self.name}"')

    def _value(self, name: str) -> str:
        """SQL for a cell by which rows are set side by side; '05' is '5' in a column of numbers."""
        cell = f'"{name}"'
        return f"coalesce(try_cast({cell} AS DOUBLE)::VARCHAR, {cell})" if name in self.compared else cell

    def _cells(self, was: Cells, now: Cells) -> Iterator[tuple[str, str | None, str | None, str]]:
        """Field, old, new and kind of each change in a row that is on both sides."""
        for name in self.columns:
            old, new = was[name], now[name]
            if not _same(old, new, name in self.compared):
                kind = "added" if old is None else "gone" if new is None else "moved"
                yield name, old, new, kind if name in self.numbers else "reworded"

    def _row(self, cells: Cells, kind: str) -> Iterator[tuple[str, str | None, str | None, str]]:
        """The same of a row that is on one side: its numbers; its texts when it has none."""
        printed = [(name, cells[name]) for name in self.numbers if cells[name] is not None]
        if not printed:
            texts = (name for name in self.columns if name not in (*self.naming, *self.numbers, "source_id"))
            printed = [("", ", ".join(f'{name} "{cells[name]}"' for name in texts if cells[name]))]
        for name, value in printed:
            yield name, *((None, value) if kind == "added" else (value, None)), kind


def _number(text: str | None) -> Decimal | None:
    return Decimal(text) if text and re.fullmatch(reading.NUMBER, text) and abs(float(text)) < 1e300 else None


def _same(old: str | None, new: str | None, as_numbers: bool) -> bool:
    return old == new or (as_numbers and _number(old) is not None and _number(old) == _number(new))


# Markdown ------------------------------------------------------------------------------------------------


def in_markdown(tables: list[TableChanges]) -> str:
    """The changes as text for CHANGELOG.md: totals, then for each table a heading and one line for each row."""
    if not tables:
        return NOTHING
    totals = _counted([change for table in tables for change in table.changes], KINDS)
    return f"{totals}.\n" + "".join(map(_section, tables))


def in_summary(tables: list[TableChanges]) -> str:
    """Counts by table and source, as a Markdown table."""
    if not tables:
        return NOTHING
    lines = [_counted([change for table in tables for change in table.changes], KINDS) + ".", "",
             "| table | source | added | moved | gone | reworded | rows without numbers |",
             "|---|---|--:|--:|--:|--:|--:|"]
    for table in tables:
        name = f"{table.name} ({', '.join(table.notes)})" if table.notes else table.name
        by_source = groupby(sorted(table.changes, key=_source), _source)
        for source, changes in [(source, list(changes)) for source, changes in by_source] or [("", [])]:
            counts = Counter(change.kind if change.field else "" for change in changes)
            cells = [name, source, *(counts[kind] for kind in (*KINDS, ""))]
            lines.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join(lines) + "\n"


def _source(change: Change) -> str:
    return change.source_id


def _counted(changes: Iterable[Change], always: tuple[str, ...] = ()) -> str:
    """How many numbers, texts and rows changed, in words; the kinds in `always` also when there are none."""
    cells, rows = Counter(), Counter()
    for change in changes:
        (cells if change.field else rows)[change.kind] += 1
    parts = []
    for kind in KINDS:
        if cells[kind] or kind in always:
            noun = "text" if kind == "reworded" else "" if parts else "number"
            parts.append(_plural(cells[kind], noun, kind))
    parts += [_plural(rows[kind], "row", f"without numbers {kind}") for kind in KINDS if rows[kind]]
    return ", ".join(parts)


def _plural(count: int, noun: str, rest: str) -> str:
    noun = noun + "s" * (noun != "" and count != 1)
    return " ".join(filter(None, [f"{count:,}", noun, rest]))


def _section(table: TableChanges) -> str:
    heading = ", ".join(filter(None, [*table.notes, _counted(table.changes)]))
    lines = [f"### {table.name}: {heading}", *([""] if table.changes else []), *_lines(table)]
    return "\n" + "".join(f"{line}\n" for line in lines)


def _lines(table: TableChanges) -> Iterator[str]:
    """One line for each row and kind of change, in the order of the kinds."""
    ordered = sorted(table.changes, key=lambda change: KINDS.index(change.kind))
    for _, group in groupby(ordered, lambda change: (change.kind, change.row)):
        changes = list(group)
        first = changes[0]
        place = ", ".join(value for name, value in first.key if value and name != "source_id")
        cited = f" [{first.source_id}]" if place and first.source_id else ""
        place = place or first.source_id or f"row {first.row}"
        cells = ", ".join(filter(None, (_cell(change, table.several_numbers) for change in changes)))
        yield " ".join(f"- {first.kind} {place}{cells and ': '}{cells}{cited}".splitlines())


def _cell(change: Change, named: bool) -> str:
    name = f"{change.field} " if named and change.field else ""
    if change.kind == "reworded":
        old, new = (f'"{text}"' if text else "blank" for text in (change.old, change.new))
        return f"{change.field} {old} -> {new}"
    if change.kind != "moved":
        return name + (change.new or change.old or "")
    old, new = _number(change.old), _number(change.new)
    difference = "" if old is None or new is None else f" ({(new - old).normalize():+f})"
    return f"{name}{change.old} -> {change.new}{difference}"
