"""Residency programs: their sums against the official totals, the state report and the printed specialty tables."""

from imganalytics.warehouse.checks.check import Check
from imganalytics.warehouse.conflicts import PREFERENCE
from imganalytics.warehouse.sums import ENTRY_LEVEL

# what one program counts in: its own level, and the whole Match
SUMMED = "(specialty, applicant_type, track) = ('All specialties', 'all', 'all')"

# program rows whose place (year, specialty, track) has a printed total of `measure`, so that a wrong row shows
PLACED = f"""(match_year, program_code) IN (
    SELECT (r.match_year, r.program_code)
    FROM published.program_results r JOIN published.programs p USING (program_code)
         JOIN published.match_results m ON m.match_year = r.match_year AND m.applicant_type = 'all'
          AND m.measure = '{{measure}}' AND m.derivation = 'published'
          AND (m.specialty, m.track, m.entry_level) IN (
              (p.specialty, p.track, {ENTRY_LEVEL.replace('track', 'p.track', 1)}), ('All specialties', 'all', 'all'),
              ('All specialties', 'all', {ENTRY_LEVEL.replace('track', 'p.track', 1)})))"""

CHECKS = (
    Check("program_sums", "Program report: the programs add to the published totals of each year", f"""
        WITH official AS (
            SELECT match_year, entry_level, measure, arg_min(value, ({PREFERENCE})) AS published
            FROM published.match_results JOIN published.sources USING (source_id)
            WHERE {SUMMED} GROUP BY ALL),
        ours AS (
            SELECT match_year, entry_level, measure, value FROM sums.program
            WHERE {SUMMED} AND measure IN ('positions_offered', 'positions_filled')),
        rows AS (SELECT match_year, count(*) AS parts FROM published.program_results GROUP BY ALL)
        SELECT concat_ws(' ', match_year, nullif(entry_level, 'all'), measure), value, published, parts
        FROM ours JOIN rows USING (match_year) JOIN official USING (match_year, entry_level, measure)
        UNION ALL
        SELECT concat_ws(' ', match_year, measure), value, NULL, parts
        FROM ours JOIN rows USING (match_year)
        WHERE entry_level = 'all' AND (match_year, measure) NOT IN (SELECT (match_year, measure) FROM official)""",
          (f"program_results: quota WHERE {PLACED.format(measure='positions_offered')}",
           f"program_results: matched WHERE {PLACED.format(measure='positions_filled')}")),
    Check("program_states", "Program report 2025: the programs of each state and specialty add to the state report", """
        WITH ours AS (
            SELECT match_year, state, specialty, sum(quota) AS offered, sum(matched) AS filled, count(*) AS parts
            FROM published.program_results JOIN published.programs USING (program_code) GROUP BY ALL),
        official AS (
            SELECT match_year, state, specialty, sum(offered) AS offered, sum(filled) AS filled
            FROM published.state_results GROUP BY ALL),
        compared AS (
            SELECT match_year, state, specialty, o.offered AS offered, o.filled AS filled, parts,
                   p.offered AS published_offered, p.filled AS published_filled
            FROM (SELECT * FROM ours WHERE match_year IN (SELECT match_year FROM official)) o
                 FULL JOIN official p USING (match_year, state, specialty)
            WHERE coalesce(o.offered, 0) + coalesce(p.offered, 0) > 0)
        SELECT concat_ws(' ', match_year, state, specialty, 'offered'), offered, published_offered, parts FROM compared
        UNION ALL
        SELECT concat_ws(' ', match_year, state, specialty, 'filled'), filled, published_filled, parts FROM compared""",
          ("program_results: quota, matched WHERE match_year IN (SELECT match_year FROM published.state_results)",
           "state_results: offered, filled")),
    Check("program_places", "Program report: no program fills more positions than it offers", """
        SELECT concat_ws(' ', match_year, 'programs with more filled than offered'),
               count(*) FILTER (matched > quota), 0, count(*)
        FROM published.program_results GROUP BY match_year"""),
)
