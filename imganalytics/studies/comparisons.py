"""The compared figures one by one: ours, the published one, the difference, and why what differs differs."""

import pandas as pd

from imganalytics.errors import UserError
from imganalytics.result import Question, Result
from imganalytics.studies.provenance import source_names, sources_of
from imganalytics.studies.words import counted, readable
from imganalytics.vocabulary import require
from imganalytics.warehouse import connect

STATUSES = {"agrees": ("agrees", "agree"), "declared gap": ("is a declared gap", "are declared gaps"),
            "differs": ("differs", "differ"), "missing": ("is missing", "are missing")}
NOT_AGREEING = ("declared gap", "differs", "missing")

FIGURES = """
SELECT check_id, title, subject, parts, ours, published, difference, 100 * difference / nullif(published, 0) AS difference_pct,
       status, explanation, g.source_id AS source_id
FROM reconciliation LEFT JOIN declared_gaps g USING (check_id, subject)
WHERE ($comparison IS NULL OR check_id = $comparison) AND list_contains($statuses, status)
  AND (difference IS NULL OR abs(difference) >= $least)
ORDER BY reconciliation.rowid"""



def kinds() -> dict[str, str]:
    """The kinds of comparison by id, with their titles, in the order of the check."""
    return dict(connect().sql("SELECT check_id, title FROM reconciliation GROUP BY ALL ORDER BY min(rowid)").fetchall())


def comparisons(comparison: str | None = None, statuses: tuple[str, ...] = NOT_AGREEING,
                least: float = 0.0) -> Result:
    """The compared figures one by one: ours, the published one, the difference and its explanation.

    Args:
        comparison: id of one kind (see :func:`kinds`), or None for all.
        statuses: which outcomes: agrees, declared gap, differs, missing.
        least: smallest difference, in the unit of the figures.

    Raises:
        UserError: an unknown comparison or status.
    """
    known = kinds()
    if comparison is not None:
        require(comparison, known, "comparison")
    for status in statuses:
        require(status, STATUSES, "status")
    if least < 0:
        raise UserError(f"least difference {least!r}; allowed: 0 or more")
    parameters = {"comparison": comparison, "statuses": list(statuses), "least": least}
    frame = connect().execute(FIGURES, parameters).df()
    frame["place"] = [readable(subject, source_names()) for subject in frame["subject"]]
    arguments = {"comparison": comparison, "statuses": tuple(statuses), "least": least}
    return Result(
        frame, Question("comparisons", arguments), parameters=parameters, sql=FIGURES,
        title=known.get(comparison or "", "All comparisons"),
        subtitle=f"n = {counted(len(frame), 'figure', 'figures')}. Difference: ours minus published.",
        summary=_summary(frame), sources=sources_of(frame["source_id"]))


def _summary(frame: pd.DataFrame) -> str:
    if frame.empty:
        return "Nothing here: no compared figure has such an outcome."
    counts = frame["status"].value_counts()
    found = ", ".join(counted(int(counts[status]), *words) for status, words in STATUSES.items() if status in counts)
    return f"{counted(len(frame), 'compared figure', 'compared figures')}: {found}."
