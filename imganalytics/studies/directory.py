"""Which programmes, services and guides does the source document name, and what does it say of each?"""

from functools import cache

import pandas as pd

from imganalytics.errors import UserError
from imganalytics.result import Question, Result, RowsOf
from imganalytics.studies.provenance import sources_of
from imganalytics.studies.words import counted
from imganalytics.vocabulary import require
from imganalytics.warehouse import connect

NOT_SAID = "not said"
KINDS = {"programme": "Programme", "research_host": "Host of research", "course": "Course",
         "pathway": "Kind of pathway",
         "marketplace": "Marketplace of rotations", "directory": "Directory", "search_tool": "Search tool",
         "database": "Database",
         "application_service": "Application service", "matching_service": "Matching service",
         "authority": "Authority",
         "visa_guide": "Guide to visas", "visa_route": "Visa", "job_board": "Job board"}
PATHWAYS = {"observership": "Observership", "hands_on_elective": "Hands-on elective",
            "research_elective": "Research elective",
            "research_fellowship_paid": "Research fellowship, paid",
            "research_fellowship_unpaid": "Research fellowship, unpaid",
            "pre_residency_fellowship": "Pre-residency fellowship", "individual_research": "Individual research",
            NOT_SAID: "No pathway of its own"}

QUERY = f"""
SELECT d.entry_id, d.name, d.organisation, d.kind, coalesce(d.pathway, '{NOT_SAID}') AS pathway,
       coalesce(d.specialties, '{NOT_SAID}') AS specialties, d.place, d.duration, d.cost_or_pay, d.visa_or_eligibility,
       d.what_it_offers, d.outcome_claim, d.link_as_printed, d.source_id, d.locator, d.derivation, p.file_row
FROM directory d JOIN published.directory p USING (entry_id)
WHERE ($kind IS NULL OR d.kind = $kind) AND ($pathway IS NULL OR coalesce(d.pathway, '{NOT_SAID}') = $pathway)
  AND ($specialty IS NULL OR coalesce(d.specialties, '{NOT_SAID}') = $specialty) AND ($place IS NULL OR d.place = $place)
  AND list_aggregate([contains(lower(concat_ws(' ', d.name, d.organisation, d.what_it_offers, d.visa_or_eligibility,
      d.specialties, d.place, d.cost_or_pay, d.outcome_claim, d.duration)), lower(word)) FOR word IN $words::VARCHAR[]],
      'bool_and') IS NOT false
ORDER BY list_position($kind_order::VARCHAR[], d.kind), d.entry_id"""


@cache
def options() -> dict[str, tuple[str, ...]]:
    """What each filter can be set to: kind, pathway, specialty, place."""
    frame = connect().execute(QUERY, _parameters(None, None, None, None, "")).df()
    return {"kind": tuple(frame["kind"].unique()),
            "pathway": tuple(key for key in PATHWAYS if key in set(frame["pathway"])),
            "specialty": tuple(sorted(frame["specialties"].unique(),
                                      key=lambda text: (text == NOT_SAID, text.lower()))),
            "place": tuple(sorted(frame["place"].dropna().unique()))}


def directory(kind: str | None = None, pathway: str | None = None, specialty: str | None = None,
              place: str | None = None,
              search: str = "") -> Result:
    """The entries that fit, as the source document describes them.

    Args:
        kind, pathway, specialty, place: as in :func:`options`, or None for all; specialties and places are as printed.
        search: words that an entry must hold.

    Returns:
        A frame of one row for each entry; what the document does not say is ''.

    Raises:
        UserError: an unknown value, or no entry fits.
    """
    for name, value in (("kind", kind), ("pathway", pathway), ("specialty", specialty), ("place", place)):
        if value is not None:
            require(value, options()[name], name)
    parameters = _parameters(kind, pathway, specialty, place, search)
    frame = connect().execute(QUERY, parameters).df()
    if frame.empty:
        raise UserError("No entry of the directory fits all of this; set one of the filters to 'All', or clear the "
                        "search.")
    texts = [name for name in frame if name != "file_row"]
    frame[texts] = frame[texts].astype(object).where(frame[texts].notna(), "")
    frame = frame.assign(kind_label=frame["kind"].map(KINDS), pathway_label=frame["pathway"].map(PATHWAYS))
    links = int((frame["link_as_printed"] != "").sum())
    return Result(
        frame, Question("directory",
                        {"kind": kind, "pathway": pathway, "specialty": specialty, "place": place, "search": search}),
        title="Which programmes, services and guides does the source document name?",
        subtitle=f"n = {_entries(len(frame))} of {_count()}. As described there; nothing was checked since.",
        summary=f"{_entries(len(frame))} of {_count()} fit, {links} of them with a link.",
                  sources=sources_of(frame["source_id"]),
        sql=QUERY, parameters=parameters, rows_of=RowsOf("directory", ("entry_id",)), caveats=(
            "Nothing here recommends a programme. Being named says only that the source document names it.",
            "Links are as printed there and many are old: check before you rely on it. Nothing is opened until you "
            "press one.",
            "An outcome that a programme claims for itself is a claim: see the evidence above for its denominator."))


def _entries(count: int) -> str:
    return counted(count, "entry", "entries")


def _parameters(kind: str | None, pathway: str | None, specialty: str | None, place: str | None,
                search: str) -> dict[str, object]:
    return {"kind": kind, "pathway": pathway, "specialty": specialty, "place": place, "words": search.split(),
            "kind_order": list(KINDS)}


@cache
def _count() -> int:
    return pd.to_numeric(connect().execute("SELECT count(*) AS n FROM directory").df()["n"]).item()
