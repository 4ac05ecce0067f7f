"""Read the files of ``datasets/`` into DuckDB, refusing whatever their description does not allow."""

import csv
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path

import duckdb

from imganalytics.warehouse.schema import Field, ForeignKey, Table

NUMBER = r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?"
MALFORMED = {
    "integer": r"NOT regexp_full_match({0}, '[+-]?\d{{1,18}}')",
    "number": "NOT regexp_full_match({0}, '" + NUMBER.replace("{", "{{").replace("}", "}}") + "')",
    "boolean": "{0} NOT IN ('true', 'false')",
}
LISTED = 25  # problems of one kind in one column that are worth listing


def problems_of_structure(table: Table, folder: Path) -> list[str]:
    """What keeps a file from being read at all: missing, not UTF-8, wrong columns, broken rows."""
    path = folder / table.path
    try:
        with open(path, encoding="utf-8", newline="") as file:
            return list(_broken_rows(table, csv.reader(file, strict=True)))
    except FileNotFoundError:
        return [f"{table.path}: the file is missing from {folder}"]
    except UnicodeDecodeError as error:
        row = path.read_bytes()[: error.start].count(b"\n") + 1
        return [f"{table.path}, row {row}: not UTF-8 (byte {error.object[error.start]:#04x}); "
                "save the file as 'CSV UTF-8'"]
    except csv.Error as error:
        return [f"{table.path}: broken CSV ({error})"]


def _broken_rows(table: Table, rows: Iterator[list[str]]) -> Iterator[str]:
    header = [name.removeprefix("\ufeff") for name in next(rows, [])]
    if header != table.columns:
        yield from _wrong_header(table, header)
        return
    for number, row in enumerate(rows, start=2):
        if len(row) != len(header):
            value = ", ".join(row)[:60]
            yield (f"{table.path}, row {number}: {len(row)} cells where the header has {len(header)} "
                   f"({value!r}); a text that holds a comma needs quotes")


def _wrong_header(table: Table, header: list[str]) -> Iterator[str]:
    for name in header:
        if name not in table.columns:
            near = get_close_matches(name, table.columns, 1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            yield (f"{table.path}, row 1: unknown column {name!r}{hint} "
                   f"Allowed: {', '.join(table.columns)}")
    for name in table.columns:
        if name not in header:
            yield f"{table.path}, row 1: column {name!r} is missing"
    if sorted(header) == sorted(table.columns):
        yield f"{table.path}, row 1: columns out of order; allowed: {', '.join(table.columns)}"


def load_text(con: duckdb.DuckDBPyConnection, table: Table, folder: Path) -> None:
    """Load the file as text into ``text.<table>``, with ``file_row`` as a spreadsheet counts (header = 1)."""
    columns = "{" + ", ".join(f"'{name}': 'VARCHAR'" for name in table.columns) + "}"
    con.execute(
        f"""CREATE TABLE text."{table.name}" AS
            SELECT *, row_number() OVER () + 1 AS file_row
            FROM read_csv(?, header = true, auto_detect = false, delim = ',', quote = '"', escape = '"',
                          nullstr = '', columns = {columns})""",
        [str(folder / table.path)])


def problems_of_content(con: duckdb.DuckDBPyConnection, table: Table) -> Iterator[str]:
    """Cells and keys of ``text.<table>`` that its description does not allow, one line each."""
    for field in table.fields:
        yield from _bad_cells(con, table, field)
    if table.key:
        yield from _duplicate_keys(con, table, table.key)
    for field in table.fields:
        if field.constraints.get("unique") and (field.name,) != table.key:
            yield from _duplicate_keys(con, table, (field.name,))


def _conditions(field: Field) -> Iterator[tuple[str, str]]:
    """SQL conditions that are true for a bad cell, with what is wrong in words."""
    name, limits = f'"{field.name}"', field.constraints
    if limits.get("required"):
        yield f"{name} IS NULL", "is blank"
    if field.type in MALFORMED:
        yield MALFORMED[field.type].format(name), f"is not {field.allowed.split(',')[0]}"
    if "minimum" in limits:
        yield f"try_cast({name} AS DOUBLE) < {limits['minimum']}", f"is below {limits['minimum']}"
    if "maximum" in limits:
        yield f"try_cast({name} AS DOUBLE) > {limits['maximum']}", f"is above {limits['maximum']}"
    if "enum" in limits:
        listed = ", ".join("'" + value.replace("'", "''") + "'" for value in limits["enum"])
        yield f"{name} NOT IN ({listed})", "is not one of the allowed values"
    if "pattern" in limits:
        yield f"NOT regexp_full_match({name}, '{limits['pattern']}')", "is not of the allowed form"


def _bad_cells(con: duckdb.DuckDBPyConnection, table: Table, field: Field) -> Iterator[str]:
    conditions = list(_conditions(field))
    if not conditions:
        return
    cases = " ".join(f"WHEN {sql} THEN {number}" for number, (sql, _) in enumerate(conditions))
    found = con.execute(
        f"""SELECT file_row, "{field.name}", CASE {cases} END AS broken FROM text."{table.name}"
            WHERE broken IS NOT NULL ORDER BY file_row LIMIT {LISTED}""").fetchall()
    for row, value, broken in found:
        shown = "" if value is None else f" {value!r}"
        yield (f"{table.path}, row {row}, column {field.name!r}:{shown} {conditions[broken][1]}; "
               f"allowed: {field.allowed}")


def _duplicate_keys(con: duckdb.DuckDBPyConnection, table: Table, key: tuple[str, ...]) -> Iterator[str]:
    columns = ", ".join(f'"{name}"' for name in key)
    found = con.execute(
        f"""SELECT min(file_row), max(file_row), {columns} FROM text."{table.name}"
            GROUP BY {columns} HAVING count(*) > 1 ORDER BY 2 LIMIT {LISTED}""").fetchall()
    for first, again, *values in found:
        named = ", ".join(f"{name} = {value}" for name, value in zip(key, values))
        yield f"{table.path}, row {again}: the same key as row {first} ({named}); allowed: one row for each key"


def problems_of_reference(con: duckdb.DuckDBPyConnection, table: Table, key: ForeignKey) -> Iterator[str]:
    """Values of ``text.<table>`` that stand nowhere in the table they point to, one line each."""
    here = ", ".join(f'a."{name}"' for name in key.columns)
    join = " AND ".join(f'a."{a}" = b."{b}"' for a, b in zip(key.columns, key.references))
    filled = " AND ".join(f'a."{name}" IS NOT NULL' for name in key.columns)
    found = con.execute(
        f"""SELECT a.file_row, {here} FROM text."{table.name}" a ANTI JOIN text."{key.table}" b ON {join}
            WHERE {filled} ORDER BY 1 LIMIT {LISTED}""").fetchall()
    for row, *values in found:
        yield (f"{table.path}, row {row}, column {', '.join(map(repr, key.columns))}: "
               f"{', '.join(map(repr, values))} is not in {key.table}.csv{_nearest(con, key, values)}")


def _nearest(con: duckdb.DuckDBPyConnection, key: ForeignKey, values: list[str]) -> str:
    if len(values) > 1:
        return ""
    known = [value for (value,) in con.execute(
        f'SELECT DISTINCT "{key.references[0]}" FROM text."{key.table}" WHERE "{key.references[0]}" IS NOT NULL '
        "ORDER BY 1").fetchall()]
    if len(known) <= 15:
        return f"; allowed: {', '.join(known)}"
    near = get_close_matches(values[0], known, 3, cutoff=0.5)
    return f"; nearest: {', '.join(near)}" if near else f"; add it to {key.table}.csv first"


def load_typed(con: duckdb.DuckDBPyConnection, table: Table) -> None:
    """Turn ``text.<table>`` into ``published.<table>`` with the described types."""
    columns = ", ".join(f'"{field.name}"::{field.sql_type} AS "{field.name}"' for field in table.fields)
    con.execute(f'CREATE TABLE published."{table.name}" AS SELECT {columns}, file_row FROM text."{table.name}"')
