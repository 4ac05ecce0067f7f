"""Where sources print different figures of one thing: which is preferred, by which rule, and all the others."""

from imganalytics.errors import UserError
from imganalytics.result import Question, Result
from imganalytics.studies.provenance import sources_of
from imganalytics.studies.words import counted, readable
from imganalytics.warehouse import connect

# the words of a place that are blank or that say nothing are left out
PLACE = """concat_ws(', ', coalesce(match_year, appointment_year), state, specialty, nullif(track, 'not_stated'),
                     nullif(entry_level, 'not_stated'), nullif(applicant_type, 'all'), base, trait, cohort)"""

DISAGREEMENTS = f"""
SELECT "table", {PLACE} AS place, measure, value, is_preferred, difference_from_preferred, c.source_id, publisher,
       publication_year, locator, derivation, c.note, rule, row_key
FROM conflicts c JOIN sources USING (source_id)
WHERE ($table IS NULL OR "table" = $table)
  AND list_aggregate([contains(lower({PLACE} || ' ' || measure), lower(word)) FOR word IN $words::VARCHAR[]], 'bool_and')
      IS NOT false
ORDER BY "table", row_key, measure, is_preferred DESC, c.source_id"""


def tables() -> list[str]:
    """The tables in which sources disagree."""
    return [name for (name,) in connect().sql('SELECT DISTINCT "table" FROM conflicts ORDER BY 1').fetchall()]


def disagreements(table: str | None = None, search: str = "") -> Result:
    """One row for each figure of each source, the preferred one first.

    Args:
        table: only this one (see :func:`tables`), or None for all.
        search: words that the place or the measure must hold.

    Raises:
        UserError: a table without disagreements.
    """
    if table is not None and table not in tables():
        raise UserError(f"no disagreement in {table!r}; allowed: {', '.join(tables())}")
    parameters = {"table": table, "words": search.split()}
    frame = connect().execute(DISAGREEMENTS, parameters).df()
    for name in ("place", "measure"):
        frame[name] = [readable(text) for text in frame[name]]
    places = frame.groupby(["table", "row_key", "measure"]).ngroups if len(frame) else 0
    return Result(
        frame, Question("disagreements", {"table": table, "search": search}), sql=DISAGREEMENTS, parameters=parameters,
        title="Where sources disagree",
        subtitle=f"n = {counted(places, 'figure', 'figures')} printed differently by several sources.",
        summary=f"{counted(places, 'figure is', 'figures are')} printed differently by several sources; "
                f"the preferred one of each is used, the others are kept. Preferred: {frame['rule'].iloc[0]}."
                if places else "No figure here is printed differently by several sources.",
        sources=sources_of(frame["source_id"]))
