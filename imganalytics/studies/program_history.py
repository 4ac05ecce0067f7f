"""How many positions did a training program offer and fill, Match by Match?"""

import pandas as pd

from imganalytics.warehouse import connect

# a row for each code and year, and one for each year (program_code '') that names the rows it is the sum of
HISTORY = """
WITH own AS (
    SELECT program_code, published_name, track, entry_level, match_year, quota, matched, r.source_id,
           'match_year=' || match_year || '; program_code=' || program_code AS row_key
    FROM program_results r JOIN programs USING (program_code)
    WHERE institution_code = $institution_code AND specialty = $specialty)
SELECT program_code, published_name, track, entry_level, match_year, quota, matched, source_id, row_key FROM own
UNION ALL BY NAME
SELECT '' AS program_code, 'All tracks' AS published_name, 'all' AS track, match_year, sum(quota)::INTEGER AS quota,
       sum(matched)::INTEGER AS matched, min(source_id) AS source_id,
       string_agg(row_key, ' | ' ORDER BY program_code) AS row_key
FROM own GROUP BY match_year
ORDER BY match_year, program_code
"""


def history_of(institution_code: str, specialty: str) -> pd.DataFrame:
    """The results of each code and year of a training program, and of all its codes together (program_code '').

    Columns program_code, published_name, track, entry_level, match_year, quota (positions offered) and matched (filled);
    `table`, `row_key` and `source_id` say in which rows of ``program_results`` they stand.
    """
    asked = {"institution_code": institution_code, "specialty": specialty}
    return connect().execute(HISTORY, asked).df().assign(table="program_results")
