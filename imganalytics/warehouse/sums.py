"""Sums over the rows of reports that print no total of their own, as views in the schema ``sums``.

Each has the columns of the facts it stands beside, so that the two can be set against each other:
``sums.state`` and ``sums.program`` beside ``published.match_results``, ``sums.fellowship`` beside
``published.fellowship_results``; ``sums.match_facts`` and ``sums.fellowship_facts`` are both together.
"""

import duckdb

from imganalytics.warehouse.schema import Table

# The state report prints one figure for all PGY-1 tracks of these four; elsewhere the level tells the track.
STATE = """
WITH facts AS (
    SELECT match_year, specialty, entry_level, 'all' AS applicant_type, 'positions_offered' AS measure,
           offered AS value, source_id FROM published.state_results
    UNION ALL
    SELECT match_year, specialty, entry_level, 'all', 'positions_filled', filled, source_id
    FROM published.state_results
    UNION ALL
    SELECT match_year, specialty, entry_level, applicant_type, 'positions_filled', filled, source_id
    FROM published.state_fill)
SELECT match_year, specialty,
       CASE WHEN entry_level = 'Physician' THEN 'physician_reserved'
            WHEN entry_level = 'PGY-2' THEN 'advanced'
            WHEN entry_level = 'not_stated' THEN 'not_stated'
            WHEN specialty IN ('Internal Medicine', 'Pediatrics', 'Surgery-General', 'Obstetrics and Gynecology')
                 THEN 'all_pgy1'
            WHEN specialty = 'Transitional Year' THEN 'preliminary'
            ELSE 'categorical' END AS track,
       entry_level, applicant_type, measure, sum(value)::DOUBLE AS value, source_id,
       'state table, summed over the states' AS locator, 'summed over states' AS derivation, NULL AS note
FROM facts GROUP BY ALL"""

ENTRY_LEVEL = """CASE track WHEN 'advanced' THEN 'PGY-2' WHEN 'physician_reserved' THEN 'Physician' ELSE 'PGY-1' END"""

# NRMP's count of all unfilled programs is of another kind (654 against 540 in 2014), so it has no sum beside it.
# NRMP's own tables have a primary care track in these two only (one emergency medicine code of 2014-2015 has the letter)
PROGRAM = f"""
WITH facts AS (
    SELECT match_year, specialty,
           CASE WHEN track = 'primary_care' AND specialty NOT IN ('Internal Medicine', 'Pediatrics')
                THEN 'categorical' ELSE track END AS track,
           {ENTRY_LEVEL} AS entry_level, quota, matched, r.source_id
    FROM published.program_results r JOIN published.programs USING (program_code)),
places AS (
    SELECT * FROM facts
    UNION ALL SELECT * REPLACE ('All specialties' AS specialty, 'all' AS track, 'all' AS entry_level) FROM facts
    UNION ALL SELECT * REPLACE ('All specialties' AS specialty,
                                CASE entry_level WHEN 'PGY-1' THEN 'all' ELSE track END AS track) FROM facts),
summed AS (
    SELECT match_year, specialty, track, entry_level, source_id, sum(quota) AS positions_offered,
           sum(matched) AS positions_filled, sum(quota - matched) AS positions_unfilled,
           count(*) FILTER (quota > 0) AS program_tracks_with_quota,
           count(*) FILTER (matched < quota) AS programs_unfilled
    FROM places GROUP BY ALL)
SELECT match_year, specialty, track, entry_level, 'all' AS applicant_type, measure, value::DOUBLE AS value, source_id,
       'program rows, summed' AS locator, 'summed from program rows' AS derivation, NULL AS note
FROM summed UNPIVOT (value FOR measure IN (positions_offered, positions_filled, positions_unfilled,
                                           program_tracks_with_quota, programs_unfilled))
WHERE NOT (measure = 'programs_unfilled' AND specialty = 'All specialties')"""

FELLOWSHIP = """
WITH facts AS (
    SELECT appointment_year, specialty, quota, filled, r.source_id
    FROM published.fellowship_program_results r JOIN published.fellowship_programs USING (program_code)),
places AS (SELECT * FROM facts UNION ALL SELECT * REPLACE ('All specialties' AS specialty) FROM facts),
summed AS (
    SELECT appointment_year, specialty, source_id, sum(quota) AS positions_offered, sum(filled) AS positions_filled,
           count(*) FILTER (quota > 0) AS programs_with_positions
    FROM places GROUP BY ALL)
SELECT 'NRMP SMS' AS organisation, appointment_year, appointment_year AS last_appointment_year, specialty,
       NULL AS published_name, 'all' AS applicant_type, measure, value::DOUBLE AS value, source_id,
       'program rows, summed' AS locator, 'summed from program rows' AS derivation, NULL AS cross_check, NULL AS note
FROM summed UNPIVOT (value FOR measure IN (positions_offered, positions_filled, programs_with_positions))"""

MATCH_COLUMNS = "match_year, specialty, track, entry_level, applicant_type, measure, value, source_id, locator, derivation, note"

# the year by which the rows of a table are counted: the first of these that it has
YEARS = ("match_year", "appointment_year", "fiscal_year", "report_year", "survey_year")

VIEWS = {
    "state": STATE,
    "program": PROGRAM,
    "fellowship": FELLOWSHIP,
    "match_facts": f"SELECT {MATCH_COLUMNS} FROM published.match_results UNION ALL SELECT * FROM sums.state "
                   "UNION ALL SELECT * FROM sums.program",
    "fellowship_facts": "SELECT * EXCLUDE (file_row, correction_id) FROM published.fellowship_results "
                        "UNION ALL BY NAME SELECT * FROM sums.fellowship",
}


def _row_counts(package: list[Table]) -> str:
    """Query for the rows of every table, by year where it has years."""
    queries = []
    for table in package:
        year = next((name for name in YEARS if name in table.columns), "NULL")
        queries.append(f"""SELECT '{table.name}' AS "table", {year}::BIGINT AS year, count(*) AS rows
                           FROM published."{table.name}" GROUP BY ALL""")
    return " UNION ALL ".join(queries)


def make(con: duckdb.DuckDBPyConnection, package: list[Table]) -> None:
    """Make the views of the schema ``sums`` over ``published.*``; ``sums.row_counts`` counts the rows of `package`."""
    con.execute("CREATE SCHEMA sums")
    counted = [table for table in package if table.name != "expected_rows"]
    for name, query in (VIEWS | {"row_counts": _row_counts(counted)}).items():
        con.execute(f"CREATE VIEW sums.{name} AS {query}")
