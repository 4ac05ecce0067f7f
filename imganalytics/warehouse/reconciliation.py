"""Our figures against the published ones: every total with its parts, every printed share, every second source."""

from dataclasses import dataclass

import duckdb

from imganalytics.warehouse.connection import connect

HALF_A_TENTH = 0.0501  # a printed percentage has one decimal


@dataclass(frozen=True)
class Check:
    """One kind of reconciliation. `sql` gives (subject, ours, published); blanks count as missing."""

    check_id: str
    title: str
    sql: str
    tolerance: float = 0.0


@dataclass(frozen=True)
class Outcome:
    """One comparison. `status` is agrees, declared gap, differs, or missing."""

    check_id: str
    subject: str
    ours: float | None
    published: float | None
    status: str
    reason: str = ""

    @property
    def difference(self) -> float | None:
        """Ours minus published; None when either is missing."""
        return None if self.ours is None or self.published is None else self.ours - self.published

    @property
    def fails(self) -> bool:
        """Whether the check must stop."""
        return self.status in ("differs", "missing")


CHECKS = (
    Check("state_total", "State report 2025: the states and specialties add to the official totals", """
        WITH parts AS (
            SELECT match_year, 'positions_offered' AS measure, sum(offered) AS ours FROM state_results GROUP BY ALL
            UNION ALL SELECT match_year, 'positions_filled', sum(filled) FROM state_results GROUP BY ALL)
        SELECT concat_ws(' ', match_year, measure), ours, t.value
        FROM parts LEFT JOIN (SELECT * FROM published.match_results
            WHERE source_id = 'nrmp_state_2025' AND specialty = 'All specialties') t USING (match_year, measure)"""),
    Check("state_types", "State report: the applicant types add to the filled positions of each row", """
        SELECT concat_ws(' ', r.match_year, r.state, r.specialty, r.entry_level, 'line', r.line), sum(f.filled), r.filled
        FROM state_results r LEFT JOIN state_fill f USING (match_year, state, specialty, entry_level, line)
        GROUP BY ALL"""),
    Check("state_shares", "State report: printed shares recompute from the counts", """
        SELECT concat_ws(' ', match_year, state, specialty, entry_level, 'line', line, 'filled'),
               CASE WHEN offered = 0 THEN 0 ELSE 100.0 * filled / offered END, filled_pct FROM state_results
        UNION ALL
        SELECT concat_ws(' ', match_year, state, specialty, entry_level, 'line', r.line, 'US MD seniors'),
               CASE WHEN r.offered = 0 THEN 0 ELSE 100.0 * f.filled / r.offered END, r.us_md_senior_pct
        FROM state_results r JOIN state_fill f USING (match_year, state, specialty, entry_level, line)
        WHERE f.applicant_type = 'us_md_senior'""", HALF_A_TENTH),
    Check("program_sums", "Program report: the specialties add to the official totals of each year", """
        WITH parts AS (
            SELECT match_year, measure, sum(value) AS ours FROM published.match_results
            WHERE derivation = 'summed from program rows' AND specialty <> 'All specialties'
              AND applicant_type = 'all' AND measure IN ('positions_offered', 'positions_filled') GROUP BY ALL)
        SELECT concat_ws(' ', match_year, measure), ours, t.value
        FROM parts LEFT JOIN (SELECT * FROM match_results WHERE specialty = 'All specialties'
            AND entry_level = 'all' AND applicant_type = 'all') t USING (match_year, measure)"""),
    Check("table_1_sums", "Table 1: the specialties add to the PGY-1 total of each year and applicant type", """
        SELECT concat_ws(' ', match_year, applicant_type, measure),
               sum(value) FILTER (specialty <> 'All specialties'), max(value) FILTER (specialty = 'All specialties')
        FROM published.match_results
        WHERE source_id = 'jf_table1' AND measure IN ('positions_offered', 'positions_filled') GROUP BY ALL"""),
    Check("types_2025", "Matches 2025 by specialty and type: the tracks add to the official state report", """
        WITH parts AS (
            SELECT specialty, applicant_type, sum(value) AS ours, count(*) = count(value) AS complete
            FROM published.match_applicants
            WHERE source_id = 'nrmp_adt_2025' AND measure = 'matched' GROUP BY ALL),
        official AS (
            SELECT specialty, applicant_type, sum(filled) AS published FROM state_fill
            WHERE match_year = 2025 AND entry_level = 'PGY-1' GROUP BY ALL)
        SELECT concat_ws(' ', specialty, applicant_type), ours, published
        FROM parts JOIN official USING (specialty, applicant_type) WHERE complete"""),
    Check("only_choice", "Only choice: matched and unmatched add to the applicants", """
        SELECT concat_ws(' ', match_year, specialty, track, applicant_type, source_id),
               max(value) FILTER (measure = 'matched') + max(value) FILTER (measure = 'unmatched'),
               max(value) FILTER (measure = 'applicants')
        FROM published.match_applicants WHERE base = 'only_choice'
        GROUP BY match_year, specialty, track, applicant_type, source_id
        HAVING count(*) FILTER (measure IN ('matched', 'unmatched', 'applicants')) = 3"""),
    Check("headline_shares", "Headline: printed match rates recompute from the counts", """
        SELECT concat_ws(' ', match_year, applicant_type, source_id),
               100 * max(value) FILTER (measure = 'matched') / max(value) FILTER (measure = 'applicants'),
               max(value) FILTER (measure = 'matched_pct')
        FROM published.match_applicants WHERE base = 'active'
        GROUP BY match_year, applicant_type, source_id
        HAVING count(*) FILTER (measure IN ('matched', 'applicants', 'matched_pct')) = 3""", HALF_A_TENTH),
    Check("headline_types", "Headline: the applicant types add to all applicants", """
        SELECT concat_ws(' ', match_year, measure), sum(value) FILTER (applicant_type <> 'all'),
               max(value) FILTER (applicant_type = 'all')
        FROM published.match_applicants
        WHERE base = 'active' AND source_id = 'markus_2025' AND measure IN ('applicants', 'matched') GROUP BY ALL"""),
    Check("rank_list_shares", "Rank list study: printed shares recompute from the counts", """
        SELECT concat_ws(' ', match_year, applicant_type), 100.0 * matched / (matched + unmatched), matched_pct
        FROM rank_list_results""", HALF_A_TENTH),
    Check("placement_shares", "Placement after SOAP: printed shares recompute from the counts", """
        SELECT concat_ws(' ', match_year, applicant_type), 100.0 * placed_active / active_applicants, placed_active_pct
        FROM placement_after_soap""", HALF_A_TENTH),
    Check("charting_totals", "Charting Outcomes 2026: the 24 listed specialties add to the printed totals", """
        WITH rows AS (
            SELECT specialty, measure, value FROM published.match_applicants
            WHERE source_id = 'nrmp_90a28' AND (applicant_type, base) = ('non_us_img', 'preferred')
              AND measure <> 'matched_pct'
            UNION ALL SELECT specialty, measure, value FROM published.match_results WHERE source_id = 'nrmp_90a28')
        SELECT measure, sum(value) FILTER (specialty <> 'All specialties'),
               max(value) FILTER (specialty = 'All specialties') FROM rows GROUP BY ALL"""),
    Check("charting_parts", "Charting Outcomes 2026: matched and unmatched add to those who ranked the specialty first", """
        SELECT specialty, max(value) FILTER (measure = 'matched') + max(value) FILTER (measure = 'unmatched'),
               max(value) FILTER (measure = 'applicants')
        FROM published.match_applicants
        WHERE source_id = 'nrmp_90a28' AND (applicant_type, base) = ('non_us_img', 'preferred') GROUP BY ALL"""),
    Check("charting_shares", "Charting Outcomes 2026: shares recompute from the counts", """
        SELECT specialty, 100 * max(value) FILTER (measure = 'matched') / max(value) FILTER (measure = 'applicants'),
               max(value) FILTER (measure = 'matched_pct')
        FROM published.match_applicants
        WHERE source_id = 'nrmp_90a28' AND (applicant_type, base) = ('non_us_img', 'preferred') GROUP BY ALL""",
          HALF_A_TENTH),
    Check("state_img_parts", "States before 2025: US and non-US IMGs add to all IMGs", """
        SELECT concat_ws(' ', match_year, state, source_id), us_img + non_us_img, img_all
        FROM state_img_totals WHERE us_img IS NOT NULL AND non_us_img IS NOT NULL"""),
    Check("second_sources", "Facts that several sources print: the others against the preferred one", """
        WITH facts AS (
            SELECT 'results' AS kind, match_year, specialty, track, entry_level, applicant_type, measure, '' AS base,
                   value, f.source_id, precedence, derivation
            FROM published.match_results f JOIN sources USING (source_id)
            UNION ALL
            SELECT 'applicants', match_year, specialty, track, entry_level, applicant_type, measure, base,
                   value, f.source_id, precedence, derivation
            FROM published.match_applicants f JOIN sources USING (source_id) WHERE value IS NOT NULL),
        ranked AS (
            SELECT *, first_value(value) OVER w AS preferred, row_number() OVER w AS place FROM facts
            WINDOW w AS (PARTITION BY kind, match_year, specialty, track, entry_level, applicant_type, measure, base
                         ORDER BY precedence, derivation <> 'published', source_id))
        SELECT concat_ws(' ', match_year, specialty, nullif(track, 'not_stated'), nullif(entry_level, 'not_stated'),
                         applicant_type, nullif(base, ''), measure, 'in', source_id), value, preferred
        FROM ranked WHERE place > 1"""),
)


def reconcile(con: duckdb.DuckDBPyConnection) -> list[Outcome]:
    """Run every check on the database and set each difference against the declared gaps.

    A gap that has another size than declared differs; a declared gap that no longer occurs differs too, so that
    the declaration is taken back.
    """
    declared = {(check, subject): (gap, reason) for check, subject, gap, reason in con.execute(
        "SELECT check_id, subject, gap, reason FROM declared_gaps").fetchall()}
    outcomes = [outcome for check in CHECKS for outcome in _run(con, check, declared)]
    seen = {(outcome.check_id, outcome.subject) for outcome in outcomes}
    outcomes += [Outcome(check, subject, None, None, "differs", "declared in declared_gaps.csv but nothing is compared")
                 for check, subject in declared if (check, subject) not in seen]
    return outcomes


def agreement() -> str:
    """How the current database agrees with the published figures, in one line."""
    return in_one_line(reconcile(connect()))


def in_one_line(outcomes: list[Outcome]) -> str:
    """How many of the outcomes agree, are declared, or fail."""
    gaps = sum(outcome.status == "declared gap" for outcome in outcomes)
    failed = sum(outcome.fails for outcome in outcomes)
    return (f"{len(outcomes):,} figures compared with published ones: {len(outcomes) - gaps - failed:,} agree, "
            f"{gaps} declared gaps, {failed} fail")


def _run(con: duckdb.DuckDBPyConnection, check: Check, declared: dict) -> list[Outcome]:
    rows = con.execute(check.sql).fetchall()
    if not rows:
        return [Outcome(check.check_id, "nothing to compare", None, None, "missing", "the figures are gone")]
    return [_judge(check, subject, _number(ours), _number(published), declared.get((check.check_id, subject)))
            for subject, ours, published in sorted(rows, key=lambda row: row[0])]


def _number(value: object) -> float | None:
    return None if value is None else float(value)


def _judge(check: Check, subject: str, ours: float | None, published: float | None,
           gap: tuple[float, str] | None) -> Outcome:
    def outcome(status: str, reason: str = "") -> Outcome:
        return Outcome(check.check_id, subject, ours, published, status, reason)

    if ours is None or published is None:
        return outcome("missing", "our figure is missing" if ours is None else "the published figure is missing")
    difference = ours - published
    if gap is None:
        return outcome("agrees" if abs(difference) <= check.tolerance else "differs")
    size, reason = gap
    if abs(difference - size) <= max(check.tolerance, 0.005):
        return outcome("declared gap", reason)
    return outcome("differs", f"declared_gaps.csv says {size:+g}")
