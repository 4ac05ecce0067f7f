"""Build the DuckDB file from ``datasets/``: read, check, correct, make the public tables."""

import os
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from imganalytics import __version__, paths
from imganalytics.errors import DataError, UserError
from imganalytics.warehouse import corrections, reading, reconciliation, tables
from imganalytics.warehouse.location import database_path, digest
from imganalytics.warehouse.schema import Table, read_package
from imganalytics.warehouse.timing import timed

Progress = Callable[[str, int, int], None]  # what is being done, steps done, steps in all


@dataclass(frozen=True)
class Built:
    """What a build made: the file, the seconds it took, and its public tables."""

    path: Path
    seconds: float
    tables: list["BuiltTable"]


@dataclass(frozen=True)
class BuiltTable:
    """One public table: rows, distinct sources (None where it cites none), seconds to read, check and make it."""

    name: str
    rows: int
    sources: int | None
    seconds: float


def build(folder: Path | None = None, progress: Progress | None = None) -> Built:
    """Build the database from `folder` (default: the package's ``datasets/``) into the user's folder.

    It is written beside and renamed into place: a database that is there already is neither touched nor
    missing at any moment, whatever goes wrong.

    Raises:
        DataError: the facts do not pass their description; one line for each problem.
        UserError: the folder for the database cannot be written.
    """
    start = time.perf_counter()
    folder = folder or paths.datasets()
    package = read_package(folder)
    if lacking := set(tables.NEEDED) - {table.name for table in package}:
        raise DataError([f"datapackage.json: no resource {name!r}, which the database needs" for name in sorted(lacking)])
    final = database_path(folder)
    beside = final.with_suffix(f".{os.getpid()}.building")
    try:
        with duckdb.connect(beside) as con:
            seconds = _fill(con, folder, package, progress or (lambda *_: None))
            built = _built_tables(con, seconds)
        _into_place(beside, final)
    except (duckdb.IOException, OSError) as error:
        raise UserError(f"{final.parent}: the database cannot be written ({str(error).splitlines()[0]})") from None
    except duckdb.Error as error:
        raise DataError([f"{folder}: no database can be made of it ({str(error).splitlines()[0]})"]) from error
    finally:
        beside.unlink(missing_ok=True)
        Path(f"{beside}.wal").unlink(missing_ok=True)
    _remove_older(final)
    return Built(final, time.perf_counter() - start, built)


def _fill(con: duckdb.DuckDBPyConnection, folder: Path, package: list[Table], progress: Progress) -> dict[str, float]:
    """Fill the empty database; returns the seconds spent on each table."""
    steps = len(package) + 4
    seconds: dict[str, float] = defaultdict(float)
    con.execute("ATTACH ':memory:' AS text")  # what is only read and checked never reaches the disk
    con.execute("CREATE SCHEMA published")
    _read(con, folder, package, seconds, lambda words, done: progress(words, done, steps))
    progress("applying corrections", len(package) + 1, steps)
    corrections.apply(con, {table.name: table for table in package if table.name != "corrections"})
    progress("making the public tables", len(package) + 2, steps)
    tables.make(con, package, seconds)
    progress("comparing with the published totals", len(package) + 3, steps)
    with timed(seconds, "reconciliation"):
        reconciliation.store(con)
    _write_build_info(con, folder)
    con.commit()
    con.execute("DETACH text")
    progress("done", steps, steps)
    return seconds


def _read(con: duckdb.DuckDBPyConnection, folder: Path, package: list[Table], seconds: dict[str, float],
          progress: Callable[[str, int], None]) -> None:
    """Read every file into ``published.*``, or raise DataError with all that is wrong in any of them."""
    problems, readable = [], {}
    for number, table in enumerate(package):
        progress(f"reading {table.path}", number)
        with timed(seconds, table.name):
            broken = reading.problems_of_structure(table, folder)
            if not broken:
                try:
                    reading.load_text(con, table, folder)
                    broken = list(reading.problems_of_content(con, table))
                    readable[table.name] = table
                except DataError as error:
                    broken = error.problems
            problems += broken
    progress("checking keys between tables", len(package))
    problems += [line for table in readable.values() for key in table.foreign_keys if key.table in readable
                 for line in reading.problems_of_reference(con, table, key)]
    if "measures" in readable:
        problems += [line for table in readable.values() for line in reading.problems_of_units(con, table)]
    if problems:
        raise DataError(problems)
    con.begin()  # one write to the disk instead of one for each table
    for table in package:
        with timed(seconds, table.name):
            reading.load_typed(con, table)


def _write_build_info(con: duckdb.DuckDBPyConnection, folder: Path) -> None:
    con.execute("CREATE TABLE build_info (key VARCHAR PRIMARY KEY, value VARCHAR)")
    con.executemany("INSERT INTO build_info VALUES (?, ?)", [
        ("package_version", __version__),
        ("datasets_digest", digest(folder)),
        ("datasets_folder", str(folder)),
        ("built_at", datetime.now(UTC).isoformat(timespec="seconds")),
        ("duckdb_version", duckdb.__version__)])


def _built_tables(con: duckdb.DuckDBPyConnection, seconds: dict[str, float]) -> list[BuiltTable]:
    rows = con.execute("""SELECT table_name, bool_or(column_name = 'source_id') FROM information_schema.columns
                          WHERE table_schema = 'main' AND table_catalog <> 'temp' GROUP BY 1 ORDER BY 1""").fetchall()
    built = []
    for name, cites in rows:
        sources = "count(DISTINCT source_id)" if cites else "NULL"
        built.append(BuiltTable(name, *con.execute(f'SELECT count(*), {sources} FROM main."{name}"').fetchone(),
                                seconds.get(name, 0.0)))
    return built


def _into_place(beside: Path, final: Path) -> None:
    try:
        os.replace(beside, final)
    except PermissionError:
        # Windows: another kernel has this very content open already, so there is nothing to replace
        if not final.exists():
            raise


def _remove_older(final: Path) -> None:
    """Remove databases of other contents; the newest other one stays for kernels that are just opening it."""
    others = sorted((path for path in final.parent.glob("imganalytics-*.duckdb") if path != final),
                    key=lambda path: path.stat().st_mtime, reverse=True)
    for path in others[1:]:
        try:
            path.unlink()
        except OSError:
            continue  # Windows keeps a file that a kernel has open; the next build tries again
