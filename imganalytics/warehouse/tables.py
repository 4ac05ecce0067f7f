"""The public tables, made from ``published.*``: the SQL that prefers, joins and keeps the conflicts.

Where sources disagree, one rule decides: the lowest ``precedence`` of sources.csv wins (NRMP documents read
directly, then transcriptions of NRMP tables, then sums over program rows, then restatements by others); a
printed value beats a computed one of the same source class.
"""

import duckdb
import numpy as np
import pandas as pd

from imganalytics.errors import DataError
from imganalytics.statistics.rates import reliability, wilson
from imganalytics.warehouse.timing import timed

PREFERENCE = "precedence, derivation <> 'published', source_id"
RULE = "the source with the lowest precedence in sources.csv; printed before computed"

COPIED = ("sources", "rights", "specialties", "specialty_aliases", "applicant_types", "measures", "traits",
          "rank_list_results", "state_results", "state_fill", "state_img_totals", "soap_results",
          "couples_results", "placement_after_soap", "applicant_traits", "corrections", "declared_gaps")

NEEDED = (*COPIED, "match_results", "match_applicants")

# The state report prints one figure for all PGY-1 tracks of these four; elsewhere the level tells the track.
STATE_SUMS = """
CREATE TEMP VIEW state_sums AS
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

MATCH_RESULTS = f"""
CREATE TABLE match_results AS
WITH facts AS (
    SELECT match_year, specialty, track, entry_level, applicant_type, measure, value, source_id, locator,
           derivation, note FROM published.match_results
    UNION ALL SELECT * FROM state_sums)
SELECT facts.* FROM facts JOIN published.sources s USING (source_id)
QUALIFY row_number() OVER (
    PARTITION BY match_year, specialty, track, entry_level, applicant_type, measure
    ORDER BY {PREFERENCE.replace('source_id', 'facts.source_id')}) = 1
ORDER BY ALL"""

# One row for each place where a rate is, or could be, known; one column for each thing counted.
BY_SOURCE = """
CREATE TEMP TABLE counts AS
SELECT match_year, specialty, track, entry_level, applicant_type, base, f.source_id AS source_id,
       any_value(precedence) AS precedence,
       max(value) FILTER (measure = 'applicants') AS applicants,
       max(value) FILTER (measure = 'matched') AS matched,
       max(value) FILTER (measure = 'unmatched') AS unmatched,
       coalesce(max(value) FILTER (measure = 'matched_pct'),
                100 - max(value) FILTER (measure = 'unmatched_pct')) AS printed_pct,
       coalesce(arg_min(locator, measure), '') AS locator,
       string_agg(DISTINCT nullif(derivation, 'published'), '; ' ORDER BY nullif(derivation, 'published')) AS computed,
       string_agg(DISTINCT f.note, '; ' ORDER BY f.note) AS note,
       string_agg(DISTINCT correction_id, ', ' ORDER BY correction_id) AS corrections,
       max(c.source_id) FILTER (measure = 'matched' AND action = 'replace') AS corrected_from,
       bool_or(value IS NULL) AS withheld
FROM published.match_applicants f JOIN published.sources USING (source_id)
     LEFT JOIN published.corrections c USING (correction_id)
WHERE measure IN ('applicants', 'matched', 'unmatched', 'matched_pct', 'unmatched_pct')
  AND base <> 'first_or_only_choice'
GROUP BY ALL"""

# matched may stand in the same table as positions filled by that type (ranked_anywhere), follow from unmatched,
# or come from a second source when the printed share confirms the pair to its last digit.
PAIRED = """
CREATE TEMP TABLE paired AS
WITH own AS (
    SELECT c.* EXCLUDE (matched, unmatched, computed),
           CASE WHEN c.withheld THEN c.matched ELSE coalesce(c.matched, c.applicants - c.unmatched, f.value) END AS matched,
           CASE WHEN c.withheld OR c.matched IS NOT NULL OR c.unmatched IS NOT NULL THEN coalesce(c.corrected_from, c.source_id)
                ELSE f.source_id END AS matched_source_id,
           concat_ws('; ', CASE WHEN c.corrected_from IS NOT NULL THEN 'matched as corrected / applicants as printed'
                WHEN c.matched IS NOT NULL THEN 'matched / applicants, as printed'
                WHEN c.unmatched IS NOT NULL THEN '(applicants - unmatched) / applicants'
                WHEN f.value IS NOT NULL THEN 'positions filled by this type / applicants'
                ELSE 'published' END, computed) AS derivation,
           computed IS NOT NULL AS is_computed
    FROM counts c LEFT JOIN match_results f
      ON c.base = 'ranked_anywhere' AND f.measure = 'positions_filled'
     AND (f.match_year, f.specialty, f.track, f.entry_level, f.applicant_type)
       = (c.match_year, c.specialty, c.track, c.entry_level, c.applicant_type)),
joined AS (
    SELECT a.* REPLACE (b.matched AS matched, b.source_id AS matched_source_id, p.printed_pct AS printed_pct,
                        'matched / applicants from two sources, confirmed by the printed share' AS derivation)
    FROM own a JOIN own b USING (match_year, specialty, track, entry_level, applicant_type, base)
               JOIN own p USING (match_year, specialty, track, entry_level, applicant_type, base)
    WHERE base = 'active' AND NOT a.withheld AND NOT b.withheld AND a.applicants > 0 AND a.matched IS NULL AND b.matched IS NOT NULL
      AND b.applicants IS NULL AND abs(100 * b.matched / a.applicants - p.printed_pct) <= 0.0501
    QUALIFY row_number() OVER (PARTITION BY a.match_year, a.applicant_type ORDER BY a.precedence, b.precedence) = 1)
SELECT * FROM own UNION ALL BY NAME SELECT * FROM joined"""

RATES = """
SELECT match_year::INTEGER AS match_year, specialty, track, entry_level, applicant_type, base,
       applicants::BIGINT AS applicants, matched::BIGINT AS matched, printed_pct, source_id, matched_source_id,
       locator, derivation, note, corrections
FROM paired
QUALIFY row_number() OVER (
    PARTITION BY match_year, specialty, track, entry_level, applicant_type, base
    ORDER BY NOT withheld AND (applicants IS NULL OR matched IS NULL), precedence, withheld DESC,
             is_computed, source_id) = 1
ORDER BY match_year, specialty, track, applicant_type, base"""

MATCH_RATES = """
CREATE TABLE match_rates AS
SELECT match_year, specialty, track, applicant_type, base, applicants, matched,
       rate, rate_low, rate_high, reliability, source_id,
       entry_level, matched_source_id, printed_pct, locator, derivation, corrections, note
FROM rates ORDER BY ALL"""

CONFLICTS = f"""
CREATE TABLE conflicts AS
WITH facts AS (
    SELECT 'match_results' AS "table", match_year, specialty, track, entry_level, applicant_type, NULL AS base,
           measure, value, source_id, locator, derivation, note FROM published.match_results
    UNION ALL BY NAME SELECT 'match_results' AS "table", * FROM state_sums
    UNION ALL BY NAME SELECT 'match_applicants' AS "table", * EXCLUDE (published_name, file_row, correction_id)
                      FROM published.match_applicants WHERE value IS NOT NULL),
ranked AS (
    SELECT facts.*, row_number() OVER place = 1 AS is_preferred,
           max(value) OVER whole > min(value) OVER whole AS differ,
           value - first_value(value) OVER place AS difference_from_preferred
    FROM facts JOIN published.sources s USING (source_id)
    WINDOW place AS (PARTITION BY "table", match_year, specialty, track, entry_level, applicant_type, base, measure
                     ORDER BY {PREFERENCE.replace('source_id', 'facts.source_id')}),
           whole AS (PARTITION BY "table", match_year, specialty, track, entry_level, applicant_type, base, measure))
SELECT "table", match_year, specialty, track, entry_level, applicant_type, base, measure, value, is_preferred,
       difference_from_preferred, source_id, locator, derivation, note,
       '{RULE}' AS rule
FROM ranked WHERE differ ORDER BY ALL"""


def make(con: duckdb.DuckDBPyConnection, seconds: dict[str, float]) -> None:
    """Make every public table from ``published.*`` (corrections already applied), adding to `seconds` by table."""
    for name in COPIED:
        with timed(seconds, name):
            con.execute(f'CREATE TABLE main."{name}" AS SELECT * EXCLUDE (file_row) FROM published."{name}"')
    with timed(seconds, "match_results"):
        con.execute(STATE_SUMS)
        con.execute(MATCH_RESULTS)
    with timed(seconds, "match_rates"):
        con.execute(BY_SOURCE)
        con.execute(PAIRED)
        _make_rates(con)
        con.execute(MATCH_RATES)
    with timed(seconds, "conflicts"):
        con.execute(CONFLICTS)


def _refuse_impossible(rates: pd.DataFrame) -> None:
    problems = [f"match_applicants.csv: {row.match_year} {row.specialty}, {row.track}, {row.entry_level}, "
                f"{row.applicant_type}, {row.base}: {row.matched} matched ({row.matched_source_id}) of {row.applicants} "
                f"applicants ({row.source_id}); allowed: from 0 to the applicants" for row in rates.itertuples()]
    if problems:
        raise DataError(problems)


def _make_rates(con: duckdb.DuckDBPyConnection) -> None:
    """``rates`` from ``paired``: the intervals come from :mod:`imganalytics.statistics`, their one home."""
    rates = con.sql(RATES).df()
    # counts that are not published arrive as NaN, and stay so in rate and interval
    applicants = rates["applicants"].to_numpy(float, na_value=np.nan)
    matched = rates["matched"].to_numpy(float, na_value=np.nan)
    _refuse_impossible(rates[(matched < 0) | (matched > applicants)])
    low, high = wilson(matched, applicants)
    rates["reliability"] = reliability(matched, applicants)
    shown = rates["reliability"] != "suppressed"
    rate = np.divide(matched, applicants, out=np.full(len(rates), np.nan), where=applicants > 0)
    for column, values in (("rate", rate), ("rate_low", low), ("rate_high", high)):
        rates[column] = np.where(shown, values, np.nan)
    con.register("rates_frame", rates)
    con.execute("""CREATE TEMP TABLE rates AS SELECT * REPLACE (
                       CASE WHEN isnan(rate) THEN NULL ELSE rate END AS rate,
                       CASE WHEN isnan(rate_low) THEN NULL ELSE rate_low END AS rate_low,
                       CASE WHEN isnan(rate_high) THEN NULL ELSE rate_high END AS rate_high) FROM rates_frame""")
    con.unregister("rates_frame")
