"""Everything the workbook holds: how many rows of which kind for which year, and what no source here publishes."""

import pandas as pd

from imganalytics.result import Question, Result
from imganalytics.studies.words import counted
from imganalytics.warehouse import connect

# table -> topic, what a row is, year of a row
_TABLES = {
    "match_applicants": ("The Match", "Applicants and matches, by specialty", "match_year"),
    "match_results": ("The Match", "Positions offered and filled, by specialty", "match_year"),
    "state_fill": ("The Match", "Positions filled, by state and specialty", "match_year"),
    "state_img_totals": ("The Match", "IMGs by state, all specialties", "match_year"),
    "rank_list_results": ("The Match", "Length of rank lists", "match_year"),
    "applicant_traits": ("The Match", "Traits of matched and unmatched", "match_year"),
    "soap_results": ("The Match", "SOAP", "match_year"),
    "placement_after_soap": ("The Match", "Placed after SOAP", "match_year"),
    "couples_results": ("The Match", "Couples", "match_year"),
    "img_match_context": ("The Match", "Other figures on IMGs", "regexp_extract(year, '[0-9]{4}')"),
    "program_director_survey": ("The Match", "What program directors look at", "survey_year"),
    "selection_studies": ("The Match", "Studies of selection", "regexp_extract(year, '[0-9]{4}')"),
    "program_results": ("Programs", "Residency programs: positions and filled", "match_year"),
    "img_designated_tracks": ("Programs", "Tracks named for IMGs or sponsors", "NULL"),
    "teaching_hospitals": ("Programs", "Teaching hospitals: residents", "report_year"),
    "visa_filings": ("Visas", "H-1B filings for physicians, by employer", "fiscal_year"),
    "resident_visa_filings": ("Visas", "H-1B filings for residents and fellows", "fiscal_year"),
    "visa_positions_by_state": ("Visas", "H-1B positions by state", "fiscal_year"),
    "j1_sponsorship": ("Visas", "J-1 sponsorship", "regexp_extract(period, '[0-9]{4}')"),
    "pathway_evidence": ("Before residency", "Outcomes of pathways", "coalesce(years_end, years_start)"),
    "pathway_attributes": ("Before residency", "What pathways offer and cost", "regexp_extract(year, '[0-9]{4}')"),
    "directory": ("Before residency", "Programmes and services", "NULL"),
    "source_document_facts": ("Before residency", "Numbers of the source document", "regexp_extract(year, '[0-9]{4}')"),
    "costs": ("Before residency", "Fees", "regexp_extract(season_or_year, '[0-9]{4}')"),
    "usmle_performance": ("Before residency", "USMLE pass rates", "regexp_extract(period, '[0-9]{4}')"),
    "ecfmg_certificates": ("Before residency", "ECFMG certification", "regexp_extract(coalesce(period_end, period_start), '[0-9]{4}')"),
    "fellowship_results": ("After residency", "Fellowship matches, by subspecialty", "appointment_year"),
    "fellowship_program_results": ("After residency", "Fellowship programs: positions and filled", "appointment_year"),
    "fellowship_applications": ("After residency", "Applications to nephrology", "appointment_year"),
}

HOLDINGS = " UNION ALL ".join(
    f"""SELECT '{topic}' AS topic, '{what}' AS what, '{table}' AS table_name,
               TRY_CAST(nullif({year}::VARCHAR, '') AS INTEGER) AS year, count(*) AS figures
        FROM published.{table} GROUP BY ALL"""
    for table, (topic, what, year) in _TABLES.items())


def holdings() -> Result:
    """One row for each kind of record and year (blank: undated): the number of records."""
    frame = connect().sql(HOLDINGS).df()
    order = {what: at for at, (_, what, _) in enumerate(_TABLES.values())}
    frame = frame.sort_values(["what", "year"], key=lambda column: column.map(order) if column.name == "what" else column)
    frame = frame.reset_index(drop=True)
    (sources,) = connect().execute("SELECT count(*) FROM sources").fetchone()
    rows = int(frame["figures"].sum())
    return Result(
        frame, Question("holdings", {}), sql=HOLDINGS, title="What does the workbook hold, and for which years?",
        subtitle=f"A mark: at least one record of the year; empty: none. n = {rows:,} records of {sources} sources.",
        summary=f"{counted(rows, 'record', 'records')} of {frame['what'].nunique()} kinds from {sources} sources, "
                f"{frame['year'].min():.0f} to {frame['year'].max():.0f}.")


def never_published() -> pd.DataFrame:
    """What advisers ask for and no source here publishes: topic, what, whom it concerns, and what stands in for it."""
    return connect().sql("SELECT topic, what, instead FROM not_published ORDER BY not_published_id").df()
