"""Visas, pathways, surveys and the source document: parts, printed shares, and the tracked numbers of rows."""

from imganalytics.warehouse.checks.check import HALF, HALF_A_TENTH, Check

# A share whose printed form has no decimal may differ by half a point, else by half a tenth: the query says which.
_DECIMALS = "CASE WHEN {0} = floor({0}) THEN round({1}) ELSE {1} END"


def _recomputed(check_id: str, title: str, table: str, key: str, part: str, whole: str, share: str,
                where: str = "true") -> Check:
    """Printed percentages of one row against its own printed counts."""
    ours = _DECIMALS.format(share, f"100.0 * {part} / {whole}")
    rows = f"{part} IS NOT NULL AND {whole} > 0 AND {share} IS NOT NULL AND {where}"
    return Check(check_id, title, f"SELECT {key}, {ours}, {share} FROM published.{table} WHERE {rows}",
                 (f"{table}: {part}, {whole}, {share} WHERE {rows}",), HALF_A_TENTH)


CHECKS = (
    Check("visa_states", "H-1B filings: the states add to the whole country", """
        SELECT concat_ws(' ', fiscal_year, 'positions'), sum(positions_requested) FILTER (state <> 'ALL'),
               sum(positions_requested) FILTER (state = 'ALL'), count(*) - 1
        FROM published.visa_positions_by_state GROUP BY fiscal_year""",
          ("visa_positions_by_state: positions_requested",)),
    Check("visa_employers", "H-1B filings: the employers add to the whole country", """
        SELECT concat_ws(' ', fiscal_year, 'filings'), sum(filings), max(positions_requested), count(*)
        FROM published.visa_filings
             LEFT JOIN (SELECT * FROM published.visa_positions_by_state WHERE state = 'ALL') USING (fiscal_year)
        GROUP BY fiscal_year""", ("visa_filings: filings",)),
    Check("visa_wages", "H-1B filings of trainees: yearly wages as filed are the yearly wage", """
        SELECT case_number, wage_usd, annual_wage_usd FROM published.resident_visa_filings WHERE wage_unit = 'Year'""",
          ("resident_visa_filings: wage_usd, annual_wage_usd WHERE wage_unit = 'Year'",), HALF),
    _recomputed("evidence_rates", "Pathway evidence: printed rates recompute from the counts", "pathway_evidence",
                "evidence_id", "n_matched", "n_applied", "match_rate_pct"),
    _recomputed("evidence_comparators", "Pathway evidence: printed rates of comparators recompute from the counts",
                "pathway_evidence", "evidence_id", "comparator_matched", "comparator_n", "comparator_rate_pct"),
    _recomputed("context_shares", "Other published figures: printed shares recompute from the counts",
                "img_match_context", "context_id", "numerator", "denominator", "value", "unit = 'percent'"),
    _recomputed("document_shares", "Source document: printed shares recompute from its counts",
                "source_document_facts", "fact_id", "numerator", "denominator", "value", "unit = 'percent'"),
    Check("row_counts", "Every table has the rows that it is known to have", """
        SELECT concat_ws(' ', e."table", e.year), n.rows, e.rows
        FROM published.expected_rows e LEFT JOIN sums.row_counts n
             ON n."table" = e."table" AND n.year IS NOT DISTINCT FROM e.year
        UNION ALL
        SELECT concat_ws(' ', n."table", n.year), n.rows, NULL
        FROM sums.row_counts n LEFT JOIN published.expected_rows e
             ON n."table" = e."table" AND n.year IS NOT DISTINCT FROM e.year WHERE e.rows IS NULL"""),
)