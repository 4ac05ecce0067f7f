"""Do our figures agree with the published ones: what each kind of comparison found."""

from imganalytics.result import Question, Result
from imganalytics.studies.provenance import sources_of
from imganalytics.studies.words import counted
from imganalytics.warehouse import connect

COMPARISONS = """
SELECT check_id, title, count(*) AS compared,
       count(*) FILTER (status = 'agrees') AS agree, count(*) FILTER (status = 'declared gap') AS declared,
       count(*) FILTER (status IN ('differs', 'missing')) AS fail,
       sum(parts)::BIGINT AS parts
FROM reconciliation GROUP BY check_id, title ORDER BY agree / compared, compared DESC, min(rowid)"""


def data_quality() -> Result:
    """One row for each kind of comparison: what is compared, how many figures agree, are declared gaps, or fail."""
    frame = connect().sql(COMPARISONS).df()
    compared, agree, declared, fail = (int(frame[name].sum()) for name in ("compared", "agree", "declared", "fail"))
    sources = connect().sql("SELECT DISTINCT source_id FROM declared_gaps").fetchall()
    return Result(
        frame, Question("data_quality", {}), title="Do our figures agree with the published ones?", sql=COMPARISONS,
        subtitle=f"Share of the compared figures that agree, by kind of comparison. n = {compared:,} comparisons.",
        summary=f"Of {counted(compared, 'comparison', 'comparisons')} with published figures, {agree:,} agree, "
                f"{counted(declared, 'is a declared gap', 'are declared gaps')} of known size and reason, and "
                f"{counted(fail, 'fails', 'fail')}.",
        sources=sources_of(source_id for (source_id,) in sources),
        caveats=("Agreement shows that the figures were carried over whole, not that the publishers are right.",
                 "A gap is declared when two published figures cannot both be met: its size is fixed, and a gap of any "
                 "other size fails."))
