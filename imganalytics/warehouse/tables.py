"""The public tables, made from ``published.*``: the SQL that prefers and joins.

Where sources disagree, :mod:`imganalytics.warehouse.conflicts` says which one wins.
"""

import duckdb
import numpy as np
import pandas as pd

from imganalytics.errors import DataError
from imganalytics.statistics.rates import reliability, wilson
from imganalytics.warehouse import conflicts, sums
from imganalytics.warehouse.conflicts import PREFERENCE
from imganalytics.warehouse.schema import Table
from imganalytics.warehouse.sums import ENTRY_LEVEL
from imganalytics.warehouse.timing import timed

COPIED = ("sources", "rights", "specialties", "specialty_aliases", "applicant_types", "measures", "traits", "states",
          "rank_list_results", "state_results", "state_fill", "state_img_totals", "soap_results",
          "couples_results", "placement_after_soap", "applicant_traits", "institutions", "program_results",
          "program_flags", "img_designated_tracks", "fellowship_program_results", "fellowship_applications",
          "visa_filings", "resident_visa_filings", "employer_institution_candidates", "visa_positions_by_state",
          "teaching_hospitals", "import_fields", "pathway_evidence", "pathway_attributes", "directory", "costs",
          "usmle_performance", "ecfmg_certificates", "j1_sponsorship", "img_match_context", "source_document_facts",
          "program_director_survey", "selection_studies", "corrections", "declared_gaps", "expected_rows", "not_published")

NEEDED = (*COPIED, "match_results", "match_applicants", "programs", "fellowship_programs", "fellowship_results",
          "visa_employers")

MATCH_RESULTS = f"""
CREATE TABLE match_results AS
SELECT facts.* FROM sums.match_facts facts JOIN published.sources s USING (source_id)
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

PROGRAMS = f"""
CREATE TABLE programs AS
SELECT program_code, institution_code, institution, p.city AS city, p.state AS state, specialty, track,
       {ENTRY_LEVEL} AS entry_level, first_year, last_year,
       program_code IN (SELECT program_code FROM published.program_results
                        WHERE match_year = (SELECT max(match_year) FROM published.program_results)) AS active,
       p.published_name AS published_name, p.other_published_names AS other_published_names, published_institution,
       specialty_code, p.source_id AS source_id, p.locator AS locator, p.derivation AS derivation
FROM published.programs p JOIN published.institutions USING (institution_code) ORDER BY program_code"""

FELLOWSHIP_PROGRAMS = """
CREATE TABLE fellowship_programs AS
SELECT program_code, institution_code, institution, p.city AS city, p.state AS state, p.country AS country, specialty,
       (SELECT min(appointment_year) FROM published.fellowship_program_results r WHERE r.program_code = p.program_code)
           AS first_year,
       (SELECT max(appointment_year) FROM published.fellowship_program_results r WHERE r.program_code = p.program_code)
           AS last_year,
       p.published_name AS published_name, published_institution, specialty_code,
       p.source_id AS source_id, p.locator AS locator, p.derivation AS derivation
FROM published.fellowship_programs p JOIN published.institutions USING (institution_code) ORDER BY program_code"""

FELLOWSHIP_RESULTS = f"""
CREATE TABLE fellowship_results AS
SELECT facts.* FROM sums.fellowship_facts facts JOIN published.sources s USING (source_id)
QUALIFY row_number() OVER (
    PARTITION BY organisation, appointment_year, last_appointment_year, specialty, applicant_type, measure
    ORDER BY {PREFERENCE.replace('source_id', 'facts.source_id')}) = 1
ORDER BY ALL"""

# no filing seen is not 'no H-1B': the counts are blank then, never 0
VISA_EMPLOYERS = """
CREATE TABLE visa_employers AS
SELECT e.* EXCLUDE (file_row, correction_id, source_id, locator, derivation),
       (SELECT min(fiscal_year) FROM published.visa_filings f WHERE f.employer_key = e.employer_key) AS first_fiscal_year,
       (SELECT max(fiscal_year) FROM published.visa_filings f WHERE f.employer_key = e.employer_key) AS last_fiscal_year,
       (SELECT sum(filings)::BIGINT FROM published.visa_filings f WHERE f.employer_key = e.employer_key)
           AS physician_filings,
       (SELECT nullif(count(*), 0) FROM published.resident_visa_filings r WHERE r.employer_key = e.employer_key)
           AS trainee_filings,
       source_id, locator, derivation
FROM published.visa_employers e ORDER BY employer_key"""


def make(con: duckdb.DuckDBPyConnection, package: list[Table], seconds: dict[str, float]) -> None:
    """Make every public table from ``published.*`` (corrections already applied), adding to `seconds` by table."""
    for name in COPIED:
        with timed(seconds, name):
            con.execute(f'CREATE VIEW main."{name}" AS SELECT * EXCLUDE (file_row) FROM published."{name}"')
    sums.make(con, package)
    for name, query in (("match_results", MATCH_RESULTS), ("programs", PROGRAMS), ("visa_employers", VISA_EMPLOYERS),
                        ("fellowship_programs", FELLOWSHIP_PROGRAMS), ("fellowship_results", FELLOWSHIP_RESULTS)):
        with timed(seconds, name):
            con.execute(query)
    with timed(seconds, "match_rates"):
        con.execute(BY_SOURCE)
        con.execute(PAIRED)
        _make_rates(con)
        con.execute(MATCH_RATES)
    with timed(seconds, "conflicts"):
        conflicts.make(con, package)


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
