"""The way back from a row of a public table to the figures in ``datasets/`` that it rests on."""

from collections.abc import Iterable
from functools import cache
from typing import Any, NamedTuple

from imganalytics import paths
from imganalytics.result import Source
from imganalytics.studies.explanation import Alternative, Correction, Fact
from imganalytics.studies.provenance import sources_of
from imganalytics.warehouse import connect
from imganalytics.warehouse.conflicts import PREFERENCE, WITH_SUMS
from imganalytics.warehouse.schema import Field, Table, read_package
from imganalytics.warehouse.sums import ENTRY_LEVEL

Row = dict[str, Any]

NOT_FIGURES = {"source_id", "locator", "derivation", "note", "published_name", "file_row", "correction_id", "precedence",
               "unit"}


class Lineage(NamedTuple):
    """What a row rests on.

    `first` is the source that the rule prefers among those of facts and alternatives; `missing` says what is not
    published, and where it was looked for.
    """

    facts: list[Fact]
    corrections: list[Correction]
    alternatives: list[Alternative]
    first: str = ""
    missing: tuple[str, ...] = ()


def rows_where(table: str, where: Row, columns: str = "*", tail: str = "") -> list[Row]:
    """Rows of `table` (anything that may follow FROM) in which each column of `where` has its value."""
    condition = " AND ".join(f'"{column}" IS NOT DISTINCT FROM ?' for column in where) or "true"
    found = connect().execute(f"SELECT {columns} FROM {table} WHERE {condition} {tail}", list(where.values()))
    names = [column[0] for column in found.description]
    return [dict(zip(names, row)) for row in found.fetchall()]


@cache
def package() -> dict[str, Table]:
    """The tables of ``datasets/`` by name."""
    return {table.name: table for table in read_package(paths.datasets())}


def home(table: str) -> str:
    """The full name of a public table, or of published facts that no public table copies."""
    known = connect().execute("SELECT 1 FROM information_schema.tables WHERE table_schema = 'main' AND table_name = ?",
                              [table]).fetchall()
    return f'main."{table}"' if known else f'published."{table}"'


@cache
def measures() -> dict[str, Row]:
    """Label and unit of each measure."""
    return {row["measure"]: row for row in rows_where("main.measures", {})}


def lineage(table: str, row: Row) -> Lineage:
    """What a row of a public table rests on: its own line of the file, the parts of a sum, or itself."""
    described = package().get(table)
    if not described or not set(described.key) <= set(row):
        return Lineage(_facts(table, row), [], [])
    found = published(table, {name: row[name] for name in described.key if name != "source_id"})
    own = [each for each in found if each["source_id"] == row["source_id"]]
    others = [Alternative(fact, minus(fact.value, row.get(name))) for each in found if each not in own
              for name, fact in zip(_figures(table, each), _facts(table, each)) if fact.value is not None]
    facts = [fact for each in own or [row] for fact in _facts(table, each)]
    return Lineage(facts, corrections_of(table, own), others, (found or [row])[0]["source_id"])


def published(table: str, place: Row) -> list[Row]:
    """Every row of a file at `place`, and every sum that stands beside it, the preferred source first."""
    key = package()[table].key
    facts = f'published."{table}"'
    if table in WITH_SUMS:
        same = ", ".join(f'"{name}"' for name in key)
        sums = f"SELECT * FROM {WITH_SUMS[table]} ANTI JOIN {facts} USING ({same})"
        facts = f"(SELECT * FROM {facts} UNION ALL BY NAME {sums})"
    order = f"{PREFERENCE}, file_row" if "source_id" in key else "file_row"
    return rows_where(f"{facts} JOIN (SELECT source_id, precedence FROM published.sources) USING (source_id)", place,
                      tail=f"ORDER BY {order}")


def fact_of(table: str, row: Row) -> Fact:
    """The fact in a row of a file that holds one measure a row."""
    return _facts(table, row)[0]


def counted(table: str, where: Row) -> list[Fact]:
    """The figures of a public table that fit `where`: how many, by source, and on which pages."""
    rows = rows_where(home(table), where, "source_id, count(*) AS n, list(DISTINCT locator) AS locators",
                      "GROUP BY source_id ORDER BY n DESC, source_id")
    return [_fact(row | {"locator": pages(row["locators"])}, "Figures", row["n"], "figures", file=_file(table))
            for row in rows]


def corrections_of(table: str, rows: Iterable[Row]) -> list[Correction]:
    """The corrections laid over these rows of ``published.<table>``."""
    ids = sorted({row["correction_id"] for row in rows if row.get("correction_id")})
    # a row keeps the name of one correction only: the others have the same row_key
    keys = {row["row_key"] for name in ids for row in rows_where("main.corrections", {"correction_id": name})}
    found = rows_where("main.corrections", {"table": table}, tail="ORDER BY correction_id")
    return [_correction(table, row) for row in found if row["row_key"] in keys]


def minus(value: Any, other: Any) -> float | None:
    """The difference of two figures; None unless both are numbers."""
    numbers = [one for one in (value, other) if isinstance(one, int | float) and not isinstance(one, bool)]
    return float(numbers[0] - numbers[1]) if len(numbers) == 2 else None


def pages(locators: list[str]) -> str:
    """Places in a source in a few words: 'p.1 to p.29 (21 pages)', 'Table 1; Table 2; Table 3 and 3 more'."""
    numbers = sorted(int(locator[2:]) for locator in locators if locator.startswith("p.") and locator[2:].isdigit())
    if len(numbers) == len(locators) > 1:
        return f"p.{numbers[0]} to p.{numbers[-1]} ({len(numbers)} pages)"
    shown = "; ".join(sorted(locators)[:3])
    return shown if len(locators) <= 3 else f"{shown} and {len(locators) - 3} more"


def _file(table: str) -> str:
    return package()[table].path if table in package() else ""


def _figures(table: str, row: Row) -> list[str]:
    """Columns of a row that hold figures, or words that are facts; of the words those that are not blank."""
    described = package().get(table)
    if described and {"measure", "source_id"} <= set(described.key) and "value" in row:
        return ["value"]
    skipped = NOT_FIGURES | set(described.key if described else ())
    fields = described.fields if described else [Field(name, "string", "", {}) for name in row]
    found = [field.name for field in fields if field.name in row and field.name not in skipped
             and (field.type != "string" or row[field.name] is not None)]
    return found or list(described.key if described else ())  # a row that says no more than that it is there


def _facts(table: str, row: Row) -> list[Fact]:
    """The facts in a row: a line of a file, a sum over lines of another one, or a row that is in no file."""
    if str(row.get("derivation")) in SUMS and not row.get("file_row"):
        return [_sum(row)]
    fields = {field.name: field for field in package()[table].fields} if table in package() else {}
    facts = []
    for name in _figures(table, row):
        what, unit = _words(fields.get(name) or Field(name, "string", "", {}), row)
        value = str(row[name]) if "year" in name and type(row[name]) is int and not unit else row[name]  # 2025, not 2,025
        facts.append(_fact(row, what, value, unit, file=_file(table), row=row.get("file_row")))
    return facts


def _words(field: Field, row: Row) -> tuple[str, str]:
    """What a column of a row counts, and in which unit."""
    if field.name == "value" and row.get("measure") in measures():
        measure = measures()[row["measure"]]
        return measure["label"], measure["unit"]
    unit = row.get("unit") or "" if field.unit == "see unit" else field.unit
    return field.description or field.name.replace("_", " "), unit


def _fact(found: Row, /, what: str, value: Any, unit: str, **place: Any) -> Fact:
    source, precedence = _source(found.get("source_id"))
    return Fact(what, value, unit, source, found.get("precedence", precedence), found.get("locator") or "",
                found.get("derivation") or "", found.get("note") or "", correction=found.get("correction_id") or "", **place)


@cache
def _source(source_id: str | None) -> tuple[Source | None, int | None]:
    found = sources_of([source_id])
    known = rows_where("main.sources", {"source_id": source_id}, "precedence")
    return (found[0], known[0]["precedence"]) if found and known else (None, None)


def _correction(table: str, row: Row) -> Correction:
    fields = {field.name: field for field in package()[table].fields}
    key = dict(part.split("=", 1) for part in row["row_key"].split("; "))
    what, _ = _words(fields[row["field"]], key)
    return Correction(row["correction_id"], what, row["expected_value"] or "blank", row["new_value"] or "withheld",
                      row["reason"], _source(row["source_id"])[0])


# Sums, made in warehouse/sums.py: what they are sums of ----------------------------------------------------


def _state_rows(row: Row) -> tuple[str, str, Row]:
    own = {name: row[name] for name in ("match_year", "specialty", "entry_level", "source_id")}
    if row["applicant_type"] == "all":
        return "state_results", "published.state_results", own
    return "state_fill", "published.state_fill", own | {"applicant_type": row["applicant_type"]}


# as in sums.PROGRAM: the sums know a primary care track in two specialties only
TRACK = """CASE WHEN p.track = 'primary_care' AND p.specialty NOT IN ('Internal Medicine', 'Pediatrics')
                THEN 'categorical' ELSE p.track END"""


def _program_rows(row: Row) -> tuple[str, str, Row]:
    """Rows of programs by the year and the specialty; in a table of residencies by the track too."""
    kind, year = ("fellowship_", "appointment_year") if "appointment_year" in row else ("", "match_year")
    placed = "1" if kind else f"{TRACK} AS track, {ENTRY_LEVEL.replace('track', 'p.track')} AS level"
    rows = (f"(SELECT r.*, p.specialty, {placed} FROM published.{kind}program_results r "
            f"JOIN published.{kind}programs p USING (program_code))")
    where = {name: row[name] for name in (year, "specialty", "source_id")}
    if row["specialty"] == "All specialties":
        del where["specialty"]
    if not kind and row["track"] != "all":
        where["track"] = row["track"]
    elif not kind and row["entry_level"] != "all":
        where["level"] = row["entry_level"]
    return f"{kind}program_results", rows, where


SUMS = {"summed over states": _state_rows, "summed from program rows": _program_rows}


def _sum(row: Row) -> Fact:
    """A sum, with its parts counted rather than listed."""
    table, rows, where = SUMS[row["derivation"]](row)
    [parts] = rows_where(rows, where, "count(*) AS n, list(DISTINCT locator) AS locators")
    what, unit = _words(Field("value", "number", "", {}), row)
    return _fact(row | {"locator": pages(parts["locators"] or [row["locator"]])}, what, row["value"], unit,
                 file=_file(table), parts=parts["n"])
