"""Fellowships: program sums against the published totals, shares from counts, applicant types, applications."""

from imganalytics.warehouse.checks.check import Check
from imganalytics.warehouse.conflicts import PREFERENCE

PLACE = "organisation, appointment_year, last_appointment_year, specialty, applicant_type"
SUBJECT = "concat_ws(' ', appointment_year, nullif(last_appointment_year, appointment_year), specialty, applicant_type, {})"
TWICE = f"""({PLACE}, measure) IN (SELECT ({PLACE}, measure) FROM sums.fellowship_facts GROUP BY ALL HAVING count(*) > 1)"""


# program rows of a year, or of a year and subspecialty, for which a total is printed
PRINTED = """(appointment_year, program_code) IN (
    SELECT (r.appointment_year, r.program_code)
    FROM published.fellowship_program_results r JOIN published.fellowship_programs p USING (program_code)
         JOIN published.fellowship_results f ON f.appointment_year = r.appointment_year
          AND f.last_appointment_year = r.appointment_year AND f.applicant_type = 'all' AND f.measure = '{measure}'
          AND f.specialty IN (p.specialty, 'All specialties'))"""

def _filled_and_unfilled(check_id: str, what: str) -> Check:
    """Filled and unfilled `what` (positions, tracks) against those offered, where one source prints all three."""
    three = f"measure IN ('{what}_filled', '{what}_unfilled', '{what}_offered')"
    return Check(check_id, f"Fellowships: {what} filled and unfilled add to those offered", f"""
        SELECT {SUBJECT.format("source_id")},
               max(value) FILTER (measure = '{what}_filled') + max(value) FILTER (measure = '{what}_unfilled'),
               max(value) FILTER (measure = '{what}_offered'), 2
        FROM published.fellowship_results GROUP BY {PLACE}, source_id HAVING count(*) FILTER ({three}) = 3""",
                 (f"fellowship_results: value WHERE {three} AND ({PLACE}, source_id) IN (SELECT ({PLACE}, source_id) "
                  f"FROM published.fellowship_results WHERE measure = '{what}_unfilled')",))


CHECKS = (
    Check("fellowship_sums", "Fellowship programs: they add to the published totals of each year", f"""
        WITH official AS (
            SELECT appointment_year, measure, arg_min(value, ({PREFERENCE})) AS published
            FROM published.fellowship_results JOIN published.sources USING (source_id)
            WHERE specialty = 'All specialties' AND applicant_type = 'all' AND organisation = 'NRMP SMS'
              AND appointment_year = last_appointment_year GROUP BY ALL),
        rows AS (SELECT appointment_year, count(*) AS parts FROM published.fellowship_program_results GROUP BY ALL)
        SELECT concat_ws(' ', appointment_year, measure), value, published, parts
        FROM sums.fellowship JOIN rows USING (appointment_year) LEFT JOIN official USING (appointment_year, measure)
        WHERE specialty = 'All specialties' AND measure <> 'programs_with_positions'""",
          (f"fellowship_program_results: quota WHERE {PRINTED.format(measure='positions_offered')}",
           f"fellowship_program_results: filled WHERE {PRINTED.format(measure='positions_filled')}",
           "fellowship_results: value WHERE specialty = 'All specialties' AND applicant_type = 'all' "
           "AND organisation = 'NRMP SMS' AND appointment_year = last_appointment_year "
           "AND appointment_year IN (SELECT appointment_year FROM published.fellowship_program_results) "
           "AND measure IN ('positions_offered', 'positions_filled')")),
    Check("fellowship_second_sources", "Fellowship facts that several sources print: the others against the preferred one",
          f"""
        WITH ranked AS (
            SELECT f.*, first_value(value) OVER w AS preferred, row_number() OVER w AS place
            FROM sums.fellowship_facts f JOIN published.sources USING (source_id)
            WINDOW w AS (PARTITION BY {PLACE}, measure ORDER BY {PREFERENCE.replace('source_id', 'f.source_id')}))
        SELECT {SUBJECT.format("measure, 'in', source_id")}, value, preferred FROM ranked WHERE place > 1""",
          (f"fellowship_results: value WHERE {TWICE}",)),
    _filled_and_unfilled("fellowship_unfilled", "positions"),
    _filled_and_unfilled("fellowship_tracks", "tracks"),
    Check("fellowship_types", "Fellowships: the applicant types add to all who matched", """
        WITH types AS (
            SELECT appointment_year, specialty, source_id, sum(value) AS ours, count(*) AS parts
            FROM published.fellowship_results
            WHERE measure = 'matched' AND applicant_type NOT IN ('all', 'img_all')
              AND appointment_year = last_appointment_year
            GROUP BY ALL HAVING count(*) >= 4)
        SELECT concat_ws(' ', appointment_year, specialty, source_id), ours, w.value, parts
        FROM types JOIN published.fellowship_results w USING (appointment_year, specialty, source_id)
        WHERE w.applicant_type = 'all' AND w.measure IN ('positions_filled', 'matched')""",
          ("fellowship_results: value WHERE measure = 'matched' AND applicant_type NOT IN ('all', 'img_all') "
           "AND (appointment_year, specialty, source_id) IN (SELECT (appointment_year, specialty, source_id) "
           "FROM published.fellowship_results WHERE measure = 'matched' AND applicant_type NOT IN ('all', 'img_all') "
           "GROUP BY appointment_year, specialty, source_id HAVING count(*) >= 4)",)),
    Check("fellowship_preferring", "Fellowships: those who preferred a subspecialty matched in it, elsewhere, or not", f"""
        SELECT {SUBJECT.format("source_id")}, sum(value) FILTER (measure <> 'applicants_preferring'),
               max(value) FILTER (measure = 'applicants_preferring'), 3
        FROM published.fellowship_results
        WHERE measure IN ('applicants_preferring', 'preferring_matched_here', 'preferring_matched_elsewhere',
                          'preferring_not_matched')
        GROUP BY {PLACE}, source_id HAVING count(*) = 4""",
          (f"fellowship_results: value WHERE measure IN ('applicants_preferring', 'preferring_matched_here', "
           f"'preferring_matched_elsewhere', 'preferring_not_matched') AND ({PLACE}, source_id) IN "
           f"(SELECT ({PLACE}, source_id) FROM published.fellowship_results WHERE measure IN "
           "('preferring_matched_elsewhere', 'preferring_not_matched') GROUP BY ALL HAVING count(*) = 2)",)),
    Check("fellowship_applications", "Nephrology: printed applications per applicant recompute from the counts", """
        SELECT concat_ws(' ', appointment_year, month, applicant_type),
               applications / nullif(new_applicants, 0), mean_applications
        FROM published.fellowship_applications WHERE mean_applications IS NOT NULL""",
          ("fellowship_applications: new_applicants, applications, mean_applications WHERE mean_applications IS NOT NULL",),
          0.00501),
)