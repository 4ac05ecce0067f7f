"""Explanations asked for by hand: a public table, and column=value for the rows that are meant."""

from collections.abc import Sequence
from difflib import get_close_matches

from imganalytics.errors import UserError
from imganalytics.studies.explain import explain_row, key_of
from imganalytics.studies.explanation import Explanation
from imganalytics.studies.lineage import Row
from imganalytics.warehouse import connect

MOST = 10       # rows explained at once
SHOWN = 12      # values listed in an error


def explainable() -> dict[str, str]:
    """Tables whose rows name their source and their place in it, with their full names in the database."""
    found = connect().execute("""
        SELECT table_name, min_by(table_schema, table_schema <> 'main') FROM information_schema.columns
        WHERE table_schema IN ('main', 'published') AND column_name IN ('source_id', 'locator')
        GROUP BY table_name HAVING count(DISTINCT column_name) = 2 ORDER BY table_name""").fetchall()
    return {table: f'"{schema}"."{table}"' for table, schema in found if table != "conflicts"}


def explain_table(table: str, given: Sequence[str]) -> list[Explanation]:
    """Explanations of the rows of `table` that hold all of `given` ('column=value').

    Raises:
        UserError: an unknown table, column or value, with the nearest that is known; no row or too many rows fit.
    """
    known = explainable()
    if table not in known:
        raise UserError(f"no table {table!r} with sources; {_allowed(table, known)}")
    name = known[table]
    types = {row[0]: row[1] for row in connect().execute(f"DESCRIBE {name}").fetchall()
             if row[0] not in ("file_row", "correction_id")}
    wanted = _parsed(table, given, types)
    for column in wanted:
        _check_value(table, name, column, wanted[column], types[column])
    rows = _rows(name, wanted, types)
    if not rows:
        raise UserError(_nothing_fits(table, name, wanted, types))
    if len(rows) > MOST:
        raise UserError(f"{len(rows):,} rows of {table} fit, and at most {MOST} are explained at once; "
                        f"{_narrowing(table, rows, wanted)}")
    return [explain_row(table, row) for row in rows]


def _parsed(table: str, given: Sequence[str], types: dict[str, str]) -> dict[str, str]:
    wanted: dict[str, str] = {}
    for text in given:
        column, equals, value = text.partition("=")
        if not equals:
            raise UserError(f"{text!r}: allowed: column=value, as in {next(iter(types))}=...")
        if column not in types:
            raise UserError(f"no column {column!r} in {table}; {_allowed(column, types)}")
        if column in wanted:
            raise UserError(f"{column} is said twice, {wanted[column]!r} and {value!r}; allowed: once")
        wanted[column] = value
    return wanted


def _condition(wanted: dict[str, str], types: dict[str, str]) -> str:
    return " AND ".join(f'"{name}" = TRY_CAST(? AS {types[name]})' for name in wanted) or "true"


def _rows(name: str, wanted: dict[str, str], types: dict[str, str]) -> list[Row]:
    found = connect().execute(f"SELECT * FROM {name} WHERE {_condition(wanted, types)} ORDER BY ALL", list(wanted.values()))
    columns = [column[0] for column in found.description]
    return [dict(zip(columns, row)) for row in found.fetchall()]


def _check_value(table: str, name: str, column: str, value: str, kind: str) -> None:
    if _rows(name, {column: value}, {column: kind}):
        return
    values = [str(found) for (found,) in connect().execute(
        f'SELECT DISTINCT "{column}" FROM {name} WHERE "{column}" IS NOT NULL ORDER BY 1').fetchall()]
    other_names = _names_of_specialties(values) if column == "specialty" else {}
    raise UserError(f"no row of {table} has {column} {value!r}; {_allowed(value, values, other_names)}")


def _names_of_specialties(values: Sequence[str]) -> dict[str, str]:
    """Printed and short names of specialties, lower case, to canonical ones."""
    found = connect().execute("""SELECT lower(label), specialty FROM specialties
                                 UNION SELECT lower(published_name), specialty FROM specialty_aliases""").fetchall()
    return {name: specialty for name, specialty in found if specialty in values}


def _allowed(word: str, known: Sequence[str] | dict[str, str], other_names: dict[str, str] | None = None) -> str:
    """What is allowed, the nearest first, in one line."""
    names = (other_names or {}) | {each.lower(): each for each in known}
    near = list(dict.fromkeys(names[hit] for hit in get_close_matches(word.lower(), names, n=3, cutoff=0.6)))
    rest = [each for each in known if each not in near]
    more = f" and {len(rest) + len(near) - SHOWN} more" if len(rest) + len(near) > SHOWN else ""
    listed = ", ".join([*near, *rest][:SHOWN])
    return f"nearest: {near[0]}; allowed: {listed}{more}" if near else f"allowed: {listed}{more}"


def _nothing_fits(table: str, name: str, wanted: dict[str, str], types: dict[str, str]) -> str:
    said = "; ".join(f"{column}={value}" for column, value in wanted.items())
    for column in reversed(wanted):
        rest = {other: value for other, value in wanted.items() if other != column}
        if rows := _rows(name, rest, types):
            values = sorted({str(row[column]) for row in rows})
            return (f"no row of {table} has {said}: not published in any source here; with the others, {column} may be "
                    f"{_allowed(wanted[column], values).rpartition('allowed: ')[2]}")
    return f"no row of {table} has {said}: not published in any source here"


def _narrowing(table: str, rows: list[Row], wanted: dict[str, str]) -> str:
    """Columns of the key that tell the rows apart, those with the fewest values first."""
    counts = {column: len({row[column] for row in rows}) for column in key_of(table) if column not in wanted}
    telling = sorted((count, column) for column, count in counts.items() if count > 1)
    return "name more of: " + ", ".join(f"{column} ({count} values)" for count, column in telling)
