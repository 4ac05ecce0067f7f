"""Corrections declared in ``datasets/corrections.csv``, laid over the published figures."""

import duckdb

from imganalytics.errors import DataError
from imganalytics.warehouse.reading import offence_of, problems_of_units
from imganalytics.warehouse.schema import Table


def _condition(row_key: str, table: Table) -> tuple[str, list[str]]:
    """SQL condition and its values from 'column=value; column=value'."""
    parts = [part.split("=", 1) for part in row_key.split("; ")]
    unknown = [part[0] for part in parts if len(part) != 2 or part[0] not in table.columns]
    if unknown:
        raise ValueError(f"row_key names {unknown[0]!r}; allowed: {', '.join(table.columns)}")
    return " AND ".join(f'"{column}"::VARCHAR = ?' for column, _ in parts), [value for _, value in parts]


def apply(con: duckdb.DuckDBPyConnection, tables: dict[str, Table]) -> None:
    """Apply every correction to ``published.*`` and mark the row in ``correction_id``, a new column of each fact table.

    A withheld cell becomes NULL; a replaced one takes the new value.

    Raises:
        DataError: the row is not there (or not unique), no longer holds the expected value, or may not hold the new.
    """
    rows = con.execute("""SELECT file_row, correction_id, "table", row_key, field, expected_value, action, new_value
                          FROM published.corrections ORDER BY file_row""").fetchall()
    cited = {name for name, table in tables.items() if "locator" in table.columns}
    for name in sorted(cited | {row[2] for row in rows} & set(tables)):
        con.execute(f'ALTER TABLE published."{name}" ADD COLUMN correction_id VARCHAR')
    problems = []
    for file_row, *correction in rows:
        try:
            _apply_one(con, tables, *correction)
        except ValueError as error:
            problems.append(f"corrections.csv, row {file_row}, {correction[0]}: {error}")
    for name in sorted({row[2] for row in rows} & set(tables)):
        problems += problems_of_units(con, tables[name], "published")
    if problems:
        raise DataError(problems)


def _apply_one(con: duckdb.DuckDBPyConnection, tables: dict[str, Table], correction_id: str, name: str,
               row_key: str, field: str, expected: str | None, action: str, new: str | None) -> None:
    if name not in tables:
        raise ValueError(f"no table {name!r}; allowed: {', '.join(tables)}")
    fields = {f.name: f for f in tables[name].fields}
    if field not in fields:
        raise ValueError(f"no column {field!r} in {name}.csv; allowed: {', '.join(fields)}")
    if (action == "replace") != (new is not None):
        raise ValueError(f"action {action!r} with new_value {new!r}; allowed: 'replace' with a value, "
                         "'withhold' without one")
    if field in tables[name].linking:
        raise ValueError(f"column {field!r} is part of a key; allowed: a column that links no tables")
    for what, value in (("expected_value", expected), ("new_value", new)):
        if value is not None and (wrong := offence_of(con, fields[field], value)):
            raise ValueError(f"{what} {wrong}")
    where, values = _condition(row_key, tables[name])
    kind = fields[field].sql_type
    found = con.execute(f"""SELECT "{field}", "{field}" IS NOT DISTINCT FROM ?::{kind}
                            FROM published."{name}" WHERE {where}""", [expected, *values]).fetchall()
    if len(found) != 1:
        raise ValueError(f"{len(found)} rows of {name}.csv fit its row_key; allowed: exactly one")
    if not found[0][1]:
        raise ValueError(f"{name}.csv now has {found[0][0]} in {field!r} where {expected} was expected; "
                         "look at the source again, then change or drop this correction")
    con.execute(f"""UPDATE published."{name}" SET "{field}" = ?::{kind}, correction_id = ? WHERE {where}""",
                [new, correction_id, *values])
