"""Facts of which several sources print different figures: which one is preferred, and all the others.

One rule decides: the lowest ``precedence`` of sources.csv wins (NRMP documents read directly, then transcriptions
of NRMP tables, then sums over program rows, then restatements by others); a printed value beats a computed one of
the same precedence.
"""

import duckdb

from imganalytics.errors import DataError
from imganalytics.warehouse.schema import Table

PREFERENCE = "precedence, derivation <> 'published', source_id"
RULE = "the source with the lowest precedence in sources.csv; printed before computed"

# where sums over rows stand beside what others print
WITH_SUMS = {"match_results": "sums.match_facts", "fellowship_results": "sums.fellowship_facts"}

# in the order in which they are shown
PLACE = ("match_year", "edition_year", "appointment_year", "last_appointment_year", "organisation", "state",
         "specialty", "track", "entry_level", "applicant_type", "base", "trait", "cohort")


def make(con: duckdb.DuckDBPyConnection, package: list[Table]) -> None:
    """Make ``conflicts``: every figure for which sources print different values, one row for each source."""
    facts = [query for table in package for query in _facts(table)]
    con.execute(f"""
        CREATE TABLE conflicts AS
        WITH facts AS ({" UNION ALL BY NAME ".join(facts)}),
        ranked AS (
            SELECT facts.*, row_number() OVER place = 1 AS is_preferred,
                   max(value) OVER whole > min(value) OVER whole AS differ,
                   value - first_value(value) OVER place AS difference_from_preferred
            FROM facts JOIN published.sources s USING (source_id)
            WINDOW place AS (PARTITION BY "table", row_key, measure
                             ORDER BY {PREFERENCE.replace('source_id', 'facts.source_id')}),
                   whole AS (PARTITION BY "table", row_key, measure))
        SELECT "table", {", ".join(PLACE)}, measure, value, is_preferred, difference_from_preferred, source_id,
               locator, derivation, note, '{RULE}' AS rule, row_key
        FROM ranked WHERE differ ORDER BY ALL""")


def _facts(table: Table) -> list[str]:
    """Queries for the figures of a table in which several sources may speak of the same thing, one for each column."""
    place = [name for name in table.key if name not in ("source_id", "measure")]
    if "source_id" not in table.key or not place:
        return []
    strange = set(place) - set(PLACE)
    if strange:
        raise DataError([f"datapackage.json: the key of {table.name} names {name!r}, for which the table conflicts has "
                         f"no column; allowed: {', '.join(PLACE)}, measure, source_id" for name in sorted(strange)])
    key = " || '; ' || ".join(f"""'{name}=' || "{name}" """ for name in place)
    numbers = [field.name for field in table.fields if field.type in ("integer", "number") and field.name not in table.key]
    return [f"""SELECT '{table.name}' AS "table", {", ".join(place)}, {key} AS row_key,
                       {"measure" if "measure" in table.key else f"'{name}' AS measure"}, "{name}"::DOUBLE AS value,
                       source_id, locator, derivation, note
                FROM {WITH_SUMS.get(table.name, f"published.{table.name}")} WHERE "{name}" IS NOT NULL"""
            for name in numbers]
