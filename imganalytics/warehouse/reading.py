"""Read the files of ``datasets/`` into DuckDB, refusing whatever their description does not allow."""

import csv
import io
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path

import duckdb

from imganalytics.errors import DataError
from imganalytics.warehouse.schema import Field, ForeignKey, Table

NUMBER = r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?"
MALFORMED = {
    "integer": r"NOT regexp_full_match({0}, '[+-]?\d{{1,18}}')",
    "number": "NOT regexp_full_match({0}, '" + NUMBER.replace("{", "{{").replace("}", "}}") + "') "
              "OR isinf(try_cast({0} AS DOUBLE))",
    "boolean": "{0} NOT IN ('true', 'false')",
}
HINTS = 25  # unknown values of one column for which the nearest known one is looked up


def problems_of_structure(table: Table, folder: Path) -> list[str]:
    """What keeps a file from being read at all: missing, not UTF-8, wrong columns, broken rows."""
    try:
        text = (folder / table.path).read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return [f"{table.path}: the file is missing from {folder}"]
    except OSError as error:
        return [f"{table.path}: cannot be read ({error.strerror})"]
    except UnicodeDecodeError as error:
        row = error.object.count(b"\n", 0, error.start) + 1
        return [f"{table.path}, row {row}: not UTF-8 (byte {error.object[error.start]:#04x}); "
                "save the file as 'CSV UTF-8'"]
    return list(_broken_rows(table, csv.reader(io.StringIO(text, newline=""), strict=True)))


def _broken_rows(table: Table, rows: Iterator[list[str]]) -> Iterator[str]:
    number = 0
    try:
        header = next(rows, [])
        if header != table.columns:
            yield from _wrong_header(table, header)
            return
        for number, row in enumerate(rows, start=1):
            if not row:
                yield f"{table.path}, row {number + 1}: a blank row; allowed: none, also at the end"
            elif len(row) != len(header):
                value = ", ".join(row)[:60]
                yield (f"{table.path}, row {number + 1}: {len(row)} cells where the header has {len(header)} "
                       f"({value!r}); a text that holds a comma needs quotes")
    except csv.Error as error:
        yield f"{table.path}, row {number + 2}: broken CSV ({error}); a quote that opens a cell must also close it"


def _wrong_header(table: Table, header: list[str]) -> Iterator[str]:
    here, allowed = f"{table.path}, row 1", ", ".join(table.columns)
    missing = [name for name in table.columns if name not in header]
    for name in dict.fromkeys(header):
        if name not in table.columns:
            near = get_close_matches(name, missing, 1)
            hint = f"did you mean {near[0]!r}? Allowed" if near else "allowed"
            missing = [other for other in missing if other not in near]
            yield f"{here}: unknown column {name!r}; {hint}: {allowed}"
        elif header.count(name) > 1:
            yield f"{here}: column {name!r} stands there {header.count(name)} times; allowed: once"
    if missing:
        yield f"{here}: missing column {', '.join(map(repr, missing))}; allowed: {allowed}"
    if sorted(header) == sorted(table.columns):
        yield f"{here}: columns out of order; allowed: {allowed}"


def load_text(con: duckdb.DuckDBPyConnection, table: Table, folder: Path) -> None:
    """Load the file as text into ``text.<table>``, with ``file_row`` as a spreadsheet counts (header = 1).

    Raises:
        DataError: DuckDB cannot read the file (line endings of two kinds, for one).
    """
    columns = "{" + ", ".join(f"'{name}': 'VARCHAR'" for name in table.columns) + "}"
    try:
        con.execute(
            f"""CREATE TABLE text."{table.name}" AS
                SELECT *, row_number() OVER () + 1 AS file_row
                FROM read_csv(?, header = true, auto_detect = false, delim = ',', quote = '"', escape = '"',
                              nullstr = '', columns = {columns})""",
            [str(folder / table.path)])
    except duckdb.InvalidInputException as error:
        raise DataError([f"{table.path}: broken CSV ({str(error).splitlines()[0]}); if the rows look right, the line "
                         "endings are of two kinds: save the file anew as 'CSV UTF-8'"]) from None


def problems_of_content(con: duckdb.DuckDBPyConnection, table: Table) -> Iterator[str]:
    """Cells and keys of ``text.<table>`` that its description does not allow, one line each."""
    yield from _bad_cells(con, table)
    if table.key:
        yield from _duplicate_keys(con, table, table.key)
    for field in table.fields:
        if field.constraints.get("unique") and (field.name,) != table.key:
            yield from _duplicate_keys(con, table, (field.name,))


def _conditions(field: Field) -> Iterator[tuple[str, str]]:
    """SQL conditions that are true for a bad cell, with what is wrong in words."""
    name, limits = f'"{field.name}"', field.constraints
    if limits.get("required"):
        yield f"coalesce(trim({name}), '') = ''", "is blank"
    if field.type in MALFORMED:
        yield MALFORMED[field.type].format(name), f"is not {field.allowed.split(',')[0]}"
    if "minimum" in limits:
        yield f"try_cast({name} AS DOUBLE) < {limits['minimum']}", f"is below {limits['minimum']}"
    if "maximum" in limits:
        yield f"try_cast({name} AS DOUBLE) > {limits['maximum']}", f"is above {limits['maximum']}"
    if "enum" in limits:
        yield f"{name} NOT IN ({', '.join(map(_literal, limits['enum']))})", "is not one of the allowed values"
    if "pattern" in limits:
        yield f"NOT regexp_full_match({name}, {_literal(limits['pattern'])})", "is not of the allowed form"


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _offence(field: Field) -> str:
    """SQL expression: what is wrong with a cell of `field` in words, NULL when nothing is."""
    cases = [f"WHEN {sql} THEN {_literal(words)}" for sql, words in _conditions(field)]
    return f"CASE {' '.join(cases)} END" if cases else "NULL"


def offence_of(con: duckdb.DuckDBPyConnection, field: Field, value: str) -> str | None:
    """What is wrong with `value` as a cell of `field`, with what is allowed; None when nothing is."""
    [(wrong,)] = con.execute(f'SELECT {_offence(field)} FROM (SELECT ? AS "{field.name}")', [value]).fetchall()
    return wrong and f"{value!r} {wrong}; allowed: {field.allowed}"


def _bad_cells(con: duckdb.DuckDBPyConnection, table: Table) -> Iterator[str]:
    offences = ", ".join(map(_offence, table.fields))
    cells = ", ".join(f'"{name}"' for name in table.columns)
    found = con.execute(f"""FROM (SELECT file_row, [{offences}] AS wrongs, [{cells}] FROM text."{table.name}")
                            WHERE list_any_value(wrongs) IS NOT NULL ORDER BY file_row""").fetchall()
    for row, wrongs, values in found:
        for field, wrong, value in zip(table.fields, wrongs, values):
            if wrong:
                shown = "" if value is None else f" {value!r}"
                yield f"{table.path}, row {row}, column {field.name!r}:{shown} {wrong}; allowed: {field.allowed}"


def _duplicate_keys(con: duckdb.DuckDBPyConnection, table: Table, key: tuple[str, ...]) -> Iterator[str]:
    columns = ", ".join(f'"{name}"' for name in key)
    # a blank that is not allowed is told of on its own; one that is allowed in a primary key counts as a value
    required = {field.name for field in table.fields if field.constraints.get("required") or key != table.key}
    filled = " AND ".join(f'"{name}" IS NOT NULL' for name in key if name in required) or "true"
    found = con.execute(
        f"""SELECT min(file_row), max(file_row), {columns} FROM text."{table.name}"
            WHERE {filled} GROUP BY {columns} HAVING count(*) > 1 ORDER BY 2""").fetchall()
    for first, again, *values in found:
        named = ", ".join(f"{name} = {value or 'blank'}" for name, value in zip(key, values))
        yield f"{table.path}, row {again}: the same key as row {first} ({named}); allowed: one row for each key"


def problems_of_reference(con: duckdb.DuckDBPyConnection, table: Table, key: ForeignKey) -> Iterator[str]:
    """Values of ``text.<table>`` that stand nowhere in the table they point to, one line each."""
    here = ", ".join(f'a."{name}"' for name in key.columns)
    join = " AND ".join(f'a."{a}" = b."{b}"' for a, b in zip(key.columns, key.references))
    filled = " AND ".join(f'a."{name}" IS NOT NULL' for name in key.columns)
    found = con.execute(
        f"""SELECT a.file_row, {here} FROM text."{table.name}" a ANTI JOIN text."{key.table}" b ON {join}
            WHERE {filled} ORDER BY 1""").fetchall()
    hints: dict[tuple[str, ...], str] = {}
    for row, *values in found:
        if len(hints) < HINTS and tuple(values) not in hints:
            hints[tuple(values)] = _nearest(con, key, values)
        yield (f"{table.path}, row {row}, column {', '.join(map(repr, key.columns))}: "
               f"{', '.join(map(repr, values))} is not in {key.table}.csv{hints.get(tuple(values), '')}")


def _nearest(con: duckdb.DuckDBPyConnection, key: ForeignKey, values: list[str]) -> str:
    """What may stand in the last column of the key, beside what stands in the others."""
    *others, last = key.references
    beside = "".join(f' AND "{name}" = ?' for name in others)
    known = [value for (value,) in con.execute(
        f'SELECT DISTINCT "{last}" FROM text."{key.table}" WHERE "{last}" IS NOT NULL{beside} ORDER BY 1',
        values[:-1]).fetchall()]
    if 0 < len(known) <= 15:
        return f"; allowed{' with ' * bool(others)}{', '.join(map(repr, values[:-1]))}: {', '.join(known)}"
    near = get_close_matches(values[-1], known, 3, cutoff=0.5)
    return f"; nearest: {', '.join(near)}" if near else f"; add it to {key.table}.csv first"


def problems_of_units(con: duckdb.DuckDBPyConnection, table: Table, schema: str = "text") -> Iterator[str]:
    """Values that cannot have the unit their measure has: parts of a person, more than 100 percent; one line each."""
    for field in table.fields:
        if field.unit != "see measures":
            continue
        found = con.execute(
            f"""SELECT t.file_row, t."{field.name}"::VARCHAR, measure, m.unit
                FROM {schema}."{table.name}" t JOIN {schema}.measures m USING (measure),
                     LATERAL (SELECT try_cast(t."{field.name}" AS DOUBLE) AS number)
                WHERE CASE m.unit WHEN 'percent' THEN number > 100 ELSE number <> floor(number) END
                ORDER BY 1""").fetchall()
        for row, value, measure, unit in found:
            allowed = "a number from 0 to 100" if unit == "percent" else "a whole number, 0 or more"
            yield (f"{table.path}, row {row}, column {field.name!r}: {value!r} cannot be {measure!r}; "
                   f"allowed: {allowed} ({unit})")


def load_typed(con: duckdb.DuckDBPyConnection, table: Table) -> None:
    """Turn ``text.<table>`` into ``published.<table>`` with the described types."""
    columns = ", ".join(f'"{field.name}"::{field.sql_type} AS "{field.name}"' for field in table.fields)
    con.execute(f'CREATE TABLE published."{table.name}" AS SELECT {columns}, file_row FROM text."{table.name}"')
