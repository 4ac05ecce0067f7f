"""The Main Match: state report, Table 1, headline, rank lists, SOAP, Charting Outcomes, and facts with two sources."""

from imganalytics.warehouse.checks.check import HALF_A_TENTH, Check
from imganalytics.warehouse.conflicts import PREFERENCE

# what several sources print of one thing, and the one that is preferred
SECOND_SOURCES = f"""
    WITH facts AS (
        SELECT 'results' AS kind, match_year, specialty, track, entry_level, applicant_type, measure, '' AS base,
               value, f.source_id AS source_id, precedence, derivation
        FROM sums.match_facts f JOIN published.sources USING (source_id)
        UNION ALL
        SELECT 'applicants', match_year, specialty, track, entry_level, applicant_type, measure, base,
               value, f.source_id, precedence, derivation
        FROM published.match_applicants f JOIN published.sources USING (source_id) WHERE value IS NOT NULL),
    ranked AS (
        SELECT *, first_value(value) OVER w AS preferred, row_number() OVER w AS place FROM facts
        WINDOW w AS (PARTITION BY kind, match_year, specialty, track, entry_level, applicant_type, measure, base
                     ORDER BY {PREFERENCE}))
    SELECT concat_ws(' ', match_year, specialty, nullif(track, 'not_stated'), nullif(entry_level, 'not_stated'),
                     applicant_type, nullif(base, ''), measure, 'in', source_id), value, preferred
    FROM ranked WHERE place > 1"""

TWICE_IN_RESULTS = """(match_year, specialty, track, entry_level, applicant_type, measure) IN (
    SELECT (match_year, specialty, track, entry_level, applicant_type, measure)
    FROM sums.match_facts GROUP BY ALL HAVING count(*) > 1)"""
TWICE_IN_APPLICANTS = """(match_year, specialty, track, entry_level, applicant_type, base, measure) IN (
    SELECT (match_year, specialty, track, entry_level, applicant_type, base, measure)
    FROM published.match_applicants WHERE value IS NOT NULL GROUP BY ALL HAVING count(*) > 1)"""

CHARTING = "source_id = 'nrmp_90a28' AND (applicant_type, base) = ('non_us_img', 'preferred')"

CHECKS = (
    Check("state_total", "State report: the states and specialties add to the totals that it prints itself", """
        WITH parts AS (
            SELECT match_year, source_id, 'positions_offered' AS measure, sum(offered) AS ours, count(*) AS parts
            FROM published.state_results GROUP BY ALL
            UNION ALL
            SELECT match_year, source_id, 'positions_filled', sum(filled), count(*)
            FROM published.state_results GROUP BY ALL)
        SELECT concat_ws(' ', match_year, measure), ours, t.value, parts
        FROM parts LEFT JOIN (SELECT * FROM published.match_results
            WHERE (specialty, track, entry_level, applicant_type) = ('All specialties', 'all', 'all', 'all')) t
            USING (match_year, measure, source_id)""",
          ("state_results: offered, filled",
           "match_results: value WHERE source_id IN (SELECT source_id FROM published.state_results) "
           "AND (specialty, track, entry_level, applicant_type) = ('All specialties', 'all', 'all', 'all') "
           "AND measure IN ('positions_offered', 'positions_filled')")),
    Check("state_types", "State report: the applicant types add to the filled positions of each row", """
        SELECT concat_ws(' ', r.match_year, r.state, r.specialty, r.entry_level, 'line', r.line), sum(f.filled), r.filled,
               count(f.filled)
        FROM published.state_results r
             LEFT JOIN published.state_fill f USING (match_year, state, specialty, entry_level, line)
        GROUP BY r.match_year, r.state, r.specialty, r.entry_level, r.line, r.filled""",
          ("state_fill: filled", "state_results: filled")),
    Check("state_shares", "State report: printed shares recompute from the counts", """
        SELECT concat_ws(' ', match_year, state, specialty, entry_level, 'line', line, 'filled'),
               CASE WHEN offered = 0 THEN 0 ELSE 100.0 * filled / offered END, filled_pct FROM published.state_results
        UNION ALL
        SELECT concat_ws(' ', match_year, state, specialty, entry_level, 'line', r.line, 'US MD seniors'),
               CASE WHEN r.offered = 0 THEN 0 ELSE 100.0 * f.filled / r.offered END, r.us_md_senior_pct
        FROM published.state_results r
             JOIN published.state_fill f USING (match_year, state, specialty, entry_level, line)
        WHERE f.applicant_type = 'us_md_senior'""",
          ("state_results: filled_pct, us_md_senior_pct",), HALF_A_TENTH),
    Check("table_1_sums", "Table 1: the specialties add to the PGY-1 total of each year and applicant type", """
        SELECT concat_ws(' ', match_year, applicant_type, measure),
               sum(value) FILTER (specialty <> 'All specialties'), max(value) FILTER (specialty = 'All specialties'),
               count(*) FILTER (specialty <> 'All specialties')
        FROM published.match_results
        WHERE source_id = 'jf_table1' AND measure IN ('positions_offered', 'positions_filled')
        GROUP BY match_year, applicant_type, measure""",
          ("match_results: value WHERE source_id = 'jf_table1' AND measure IN ('positions_offered', 'positions_filled')",)),
    Check("table_1_shares", "Table 1: printed shares recompute from the counts", """
        SELECT concat_ws(' ', match_year, specialty, track, applicant_type),
               100 * filled.value / offered.value, share.value
        FROM published.match_results share
             JOIN (SELECT * FROM published.match_results WHERE measure = 'positions_filled') filled
                  USING (match_year, specialty, track, entry_level, applicant_type, source_id)
             JOIN (SELECT * FROM published.match_results
                   WHERE measure = 'positions_offered' AND applicant_type = 'all') offered
                  USING (match_year, specialty, track, entry_level, source_id)
        WHERE share.measure = 'filled_pct' AND source_id = 'jf_table1' AND offered.value > 0""",
          ("match_results: value WHERE source_id = 'jf_table1' AND measure = 'filled_pct'",), HALF_A_TENTH),
    Check("types_2025", "Matches 2025 by specialty and type: the tracks add to the official state report", """
        WITH parts AS (
            SELECT specialty, applicant_type, sum(value) AS ours, count(*) = count(value) AS complete, count(*) AS parts
            FROM published.match_applicants
            WHERE source_id = 'nrmp_adt_2025' AND measure = 'matched' GROUP BY ALL),
        official AS (
            SELECT specialty, applicant_type, sum(filled) AS published FROM published.state_fill
            WHERE match_year = 2025 AND entry_level = 'PGY-1' GROUP BY ALL)
        SELECT concat_ws(' ', specialty, applicant_type), ours, published, parts
        FROM parts JOIN official USING (specialty, applicant_type) WHERE complete""",
          ("match_applicants: value WHERE source_id = 'nrmp_adt_2025' AND measure = 'matched' "
           "AND (specialty, applicant_type) IN (SELECT (specialty, applicant_type) FROM published.state_fill "
           "WHERE entry_level = 'PGY-1')",)),
    Check("only_choice", "Only choice: matched and unmatched add to the applicants", """
        SELECT concat_ws(' ', match_year, specialty, track, applicant_type, source_id),
               max(value) FILTER (measure = 'matched') + max(value) FILTER (measure = 'unmatched'),
               max(value) FILTER (measure = 'applicants')
        FROM published.match_applicants WHERE base = 'only_choice'
        GROUP BY match_year, specialty, track, applicant_type, source_id
        HAVING count(*) FILTER (measure IN ('matched', 'unmatched', 'applicants')) = 3""",
          ("match_applicants: value WHERE base = 'only_choice' AND measure IN ('matched', 'unmatched', 'applicants') "
           "AND (match_year, specialty, track, applicant_type, source_id) IN ("
           "SELECT (match_year, specialty, track, applicant_type, source_id) FROM published.match_applicants "
           "WHERE base = 'only_choice' GROUP BY match_year, specialty, track, applicant_type, source_id "
           "HAVING count(*) FILTER (measure IN ('matched', 'unmatched', 'applicants')) = 3)",)),
    Check("headline_shares", "Headline: printed match rates recompute from the counts", """
        SELECT concat_ws(' ', match_year, applicant_type, source_id),
               100 * max(value) FILTER (measure = 'matched') / max(value) FILTER (measure = 'applicants'),
               max(value) FILTER (measure = 'matched_pct')
        FROM published.match_applicants WHERE base = 'active'
        GROUP BY match_year, applicant_type, source_id
        HAVING count(*) FILTER (measure IN ('matched', 'applicants', 'matched_pct')) = 3""",
          ("match_applicants: value WHERE base = 'active' AND measure = 'matched_pct' "
           "AND (match_year, applicant_type, source_id) IN (SELECT (match_year, applicant_type, source_id) "
           "FROM published.match_applicants WHERE base = 'active' GROUP BY ALL "
           "HAVING count(*) FILTER (measure IN ('matched', 'applicants', 'matched_pct')) = 3)",), HALF_A_TENTH),
    Check("headline_types", "Headline: the applicant types add to all applicants", """
        SELECT concat_ws(' ', match_year, measure), sum(value) FILTER (applicant_type <> 'all'),
               max(value) FILTER (applicant_type = 'all'), count(*) - 1
        FROM published.match_applicants
        WHERE base = 'active' AND source_id = 'markus_2025' AND measure IN ('applicants', 'matched')
        GROUP BY match_year, measure""",
          ("match_applicants: value WHERE base = 'active' AND source_id = 'markus_2025' "
           "AND measure IN ('applicants', 'matched')",)),
    Check("rank_list_shares", "Rank list study: printed shares recompute from the counts", """
        SELECT concat_ws(' ', match_year, applicant_type, 'matched'), 100.0 * matched / (matched + unmatched), matched_pct
        FROM published.rank_list_results
        UNION ALL
        SELECT concat_ws(' ', match_year, applicant_type, 'unmatched'),
               100.0 * unmatched / (matched + unmatched), unmatched_pct
        FROM published.rank_list_results WHERE unmatched_pct IS NOT NULL""",
          ("rank_list_results: matched_pct, unmatched_pct",), HALF_A_TENTH),
    Check("placement_shares", "Placement after SOAP: printed shares recompute from the counts", """
        SELECT concat_ws(' ', match_year, applicant_type), 100.0 * placed_active / active_applicants, placed_active_pct
        FROM published.placement_after_soap""",
          ("placement_after_soap: placed_active_pct",), HALF_A_TENTH),
    Check("placement_types", "Placement after SOAP: the listed applicant types against all applicants", """
        SELECT concat_ws(' ', match_year, measure), sum(value) FILTER (applicant_type <> 'all'),
               max(value) FILTER (applicant_type = 'all'), count(*) - 1
        FROM published.placement_after_soap
             UNPIVOT (value FOR measure IN (active_applicants, placed_all, placed_active))
        GROUP BY match_year, measure""",
          ("placement_after_soap: active_applicants, placed_all, placed_active",)),
    Check("soap_parts", "SOAP: positions filled and still unfilled add to those offered in it", """
        SELECT concat_ws(' ', match_year, source_id),
               max(value) FILTER (measure = 'positions_filled_in_soap')
                   + max(value) FILTER (measure = 'positions_unfilled_after_soap'),
               max(value) FILTER (measure = 'positions_offered_in_soap'), 2
        FROM published.soap_results GROUP BY match_year, source_id
        HAVING count(*) FILTER (measure IN ('positions_filled_in_soap', 'positions_unfilled_after_soap',
                                            'positions_offered_in_soap')) = 3""",
          ("soap_results: value WHERE measure IN ('positions_filled_in_soap', 'positions_unfilled_after_soap', "
           "'positions_offered_in_soap') AND match_year IN (SELECT match_year FROM published.soap_results "
           "GROUP BY match_year, source_id HAVING count(*) FILTER (measure IN ('positions_filled_in_soap', "
           "'positions_unfilled_after_soap', 'positions_offered_in_soap')) = 3)",)),
    Check("charting_totals", "Charting Outcomes 2026: the 24 listed specialties add to the printed totals", f"""
        WITH rows AS (
            SELECT specialty, measure, value FROM published.match_applicants WHERE {CHARTING} AND measure <> 'matched_pct'
            UNION ALL SELECT specialty, measure, value FROM published.match_results WHERE source_id = 'nrmp_90a28')
        SELECT measure, sum(value) FILTER (specialty <> 'All specialties'),
               max(value) FILTER (specialty = 'All specialties'), count(*) - 1
        FROM rows GROUP BY measure""",
          (f"match_applicants: value WHERE {CHARTING} AND measure <> 'matched_pct'",
           "match_results: value WHERE source_id = 'nrmp_90a28'")),
    Check("charting_parts", "Charting Outcomes 2026: matched and unmatched add to those who ranked the specialty first",
          f"""
        SELECT specialty, max(value) FILTER (measure = 'matched') + max(value) FILTER (measure = 'unmatched'),
               max(value) FILTER (measure = 'applicants')
        FROM published.match_applicants WHERE {CHARTING} GROUP BY specialty""",
          (f"match_applicants: value WHERE {CHARTING} AND measure IN ('matched', 'unmatched', 'applicants')",)),
    Check("charting_shares", "Charting Outcomes 2026: shares recompute from the counts", f"""
        SELECT specialty, 100 * max(value) FILTER (measure = 'matched') / max(value) FILTER (measure = 'applicants'),
               max(value) FILTER (measure = 'matched_pct')
        FROM published.match_applicants WHERE {CHARTING} GROUP BY specialty""",
          (f"match_applicants: value WHERE {CHARTING} AND measure = 'matched_pct'",), HALF_A_TENTH),
    Check("state_img_parts", "States before 2025: US and non-US IMGs add to all IMGs", """
        SELECT concat_ws(' ', match_year, state, source_id), us_img + non_us_img, img_all, 2
        FROM published.state_img_totals WHERE us_img IS NOT NULL AND non_us_img IS NOT NULL""",
          ("state_img_totals: us_img, non_us_img, img_all WHERE us_img IS NOT NULL AND non_us_img IS NOT NULL",)),
    Check("trait_counts", "Charting Outcomes 2026: the n of each trait is the number who consented", """
        SELECT concat_ws(' ', t.specialty, trait, cohort), n, value
        FROM published.applicant_traits t JOIN published.match_applicants a
             USING (match_year, specialty, applicant_type, source_id)
        WHERE measure = 'consenting_' || cohort AND n IS NOT NULL
          AND trait NOT IN ('has_phd', 'has_other_graduate_degree')""",
          ("applicant_traits: n WHERE source_id = 'nrmp_90a28' "
           "AND trait NOT IN ('has_phd', 'has_other_graduate_degree')",)),
    Check("trait_ranges", "Charting Outcomes: printed interquartile ranges recompute from the quartiles", """
        SELECT concat_ws(' ', match_year, applicant_type, specialty, trait, cohort, source_id),
               quartile_3 - quartile_1, interquartile_range
        FROM published.applicant_traits
        WHERE quartile_1 IS NOT NULL AND quartile_3 IS NOT NULL AND interquartile_range IS NOT NULL""",
          ("applicant_traits: quartile_1, quartile_3, interquartile_range "
           "WHERE quartile_1 IS NOT NULL AND quartile_3 IS NOT NULL AND interquartile_range IS NOT NULL",), 0.0501),
    Check("second_sources", "Facts that several sources print: the others against the preferred one", SECOND_SOURCES,
          (f"match_results: value WHERE {TWICE_IN_RESULTS}", f"match_applicants: value WHERE {TWICE_IN_APPLICANTS}")),
)
