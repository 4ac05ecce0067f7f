"""Every training program of the country: one row each, with each piece of evidence on whether it takes IMGs.

A training program is an institution and a specialty: it may hold several NRMP codes, one for each track.
"""

from functools import lru_cache

import numpy as np
import pandas as pd

from imganalytics.own import imports
from imganalytics.warehouse import connect

RANGE_FIELDS = ("step2ck_min", "yog_max_years", "pct_img")  # imported as numbers
TEXT_FIELDS = ("visas_accepted", "usce")
IMPORTED = (*RANGE_FIELDS, *TEXT_FIELDS)

PROGRAMS = """
WITH last AS (SELECT max(match_year) AS year FROM program_results),
years AS (
    SELECT institution_code, specialty, match_year, entry_level, sum(quota)::INTEGER AS positions,
           sum(matched)::INTEGER AS filled
    FROM program_results JOIN programs USING (program_code) GROUP BY ALL),
codes AS (
    SELECT institution_code, specialty, min(institution) AS institution,
           min(published_institution) AS published_institution, min(state) AS state,
           string_agg(DISTINCT city, ' / ' ORDER BY city) AS city, list(DISTINCT track ORDER BY track) AS tracks,
           list(program_code ORDER BY program_code) AS codes, list(DISTINCT published_name ORDER BY published_name) AS names,
           min(first_year) AS first_year, max(last_year) AS last_year, bool_or(active) AS active
    FROM programs GROUP BY institution_code, specialty),
-- the level at which most positions of its last Match start: the state's share of that level stands beside it
levels AS (
    SELECT institution_code, specialty, arg_max(entry_level, (match_year, positions, entry_level)) AS entry_level
    FROM years GROUP BY ALL),
history AS (
    SELECT institution_code, specialty,
           sum(positions) FILTER (match_year = last.year) AS positions, sum(filled) FILTER (match_year = last.year) AS filled,
           sum(positions) FILTER (match_year = last.year - 5) AS positions_5_years_ago,
           sum(positions) FILTER (match_year > last.year - 5) AS offered_5_years,
           sum(positions - filled) FILTER (match_year > last.year - 5) AS unfilled_5_years,
           count(DISTINCT match_year) FILTER (match_year > last.year - 5) AS years_listed,
           count(DISTINCT match_year) FILTER (match_year > last.year - 5 AND filled < positions) AS years_unfilled
    FROM years, last GROUP BY ALL),
state_share AS (
    SELECT state, specialty, entry_level, sum(filled) AS state_filled,
           sum(filled) FILTER (applicant_type = 'us_img') AS state_us_img,
           sum(filled) FILTER (applicant_type = 'non_us_img') AS state_non_us_img
    FROM state_fill GROUP BY ALL),
designated AS (
    SELECT institution_code, specialty, list(DISTINCT published_name ORDER BY published_name) AS designated,
           list(DISTINCT category ORDER BY category) AS designated_as
    FROM img_designated_tracks JOIN programs USING (program_code) GROUP BY ALL),
visas AS (
    SELECT institution_code, list(employer ORDER BY employer) AS employers, sum(trainee_filings) AS h1b_trainee_filings,
           min(status) AS employer_status
    FROM employer_institution_candidates JOIN visa_employers USING (employer_key)
    WHERE institution_code IS NOT NULL GROUP BY ALL),
fellowships AS (
    SELECT institution_code, list(DISTINCT specialty ORDER BY specialty) AS fellowships
    FROM fellowship_programs JOIN fellowship_program_results USING (program_code)
    WHERE appointment_year = (SELECT max(appointment_year) FROM fellowship_program_results) AND quota > 0 GROUP BY ALL),
words AS (  -- a hospital and an institution are held for the same only when all their words and the state are
    SELECT ccn, hospital, state, residents_fte, report_year, (report_year, report_record) AS place,
           list_sort(list_distinct(regexp_extract_all(lower(replace(hospital, '''', '')), '[a-z0-9]+'))) AS words
    FROM teaching_hospitals),
hospitals AS (
    SELECT institution_code, min(ccn) AS ccn, arg_max(hospital, place) AS hospital,
           arg_max(residents_fte, place) AS residents_fte, max(report_year) AS hospital_year
    FROM institutions JOIN words
      ON words.state = institutions.state AND words.words = list_sort(list_distinct(regexp_extract_all(
         lower(replace(institution, '''', '')), '[a-z0-9]+')))
    GROUP BY institution_code HAVING count(DISTINCT ccn) = 1)
SELECT institution_code || '/' || specialty AS program_key, *
FROM codes JOIN levels USING (institution_code, specialty) JOIN history USING (institution_code, specialty)
LEFT JOIN state_share USING (state, specialty, entry_level) LEFT JOIN designated USING (institution_code, specialty)
LEFT JOIN visas USING (institution_code) LEFT JOIN fellowships USING (institution_code)
LEFT JOIN hospitals USING (institution_code)
ORDER BY institution, specialty, institution_code
"""


@lru_cache(maxsize=1)
def published_programs() -> pd.DataFrame:
    """The training programs with what sources publish on them; one row each, not to be changed by a caller.

    Counts are of the last Match (`positions`, `filled`; NaN where it was not in it), of the Match five years before
    (`positions_5_years_ago`) and of the last five (`offered_5_years`, `unfilled_5_years`, `years_listed`,
    `years_unfilled`). `state_filled` and the two beside it are the filled positions of the state's programs of that
    specialty and entry level (NaN: not published). `h1b_trainee_filings` are of employers that may be the institution's
    (NaN: none is known). `hospital` is a teaching hospital of the same name and state.
    """
    frame = connect().execute(PROGRAMS).df()
    for name in ("designated", "designated_as", "employers", "fellowships"):
        frame[name] = [list(each) if isinstance(each, np.ndarray) else [] for each in frame[name]]
    for name in ("codes", "tracks", "names"):
        frame[name] = [list(each) for each in frame[name]]
    return frame


def program_facts() -> pd.DataFrame:
    """The training programs and the user's own, with imported facts as `imported_<field>` (NaN or None: not stated)."""
    return _with_imports(imports.token())


@lru_cache(maxsize=2)
def _with_imports(_token: object) -> pd.DataFrame:
    frame = published_programs()
    own = imports.imported_programs()
    if len(own):
        own = own.drop_duplicates("program_key", keep="last")
        lists = {name: [[] for _ in range(len(own))] for name in
                 ("codes", "tracks", "names", "designated", "designated_as", "employers", "fellowships")}
        frame = pd.concat([frame, own[["program_key", "institution", "city", "state", "specialty"]].assign(
            institution_code="", published_institution=own["institution"], active=True, **lists)], ignore_index=True)
    facts = imports.newest(imports.imported_facts())
    for field in IMPORTED:
        own_facts = facts[facts["field"] == field].set_index("program_key")["number" if field in RANGE_FIELDS else "value"]
        frame = frame.assign(**{f"imported_{field}": frame["program_key"].map(own_facts)})
    return frame
