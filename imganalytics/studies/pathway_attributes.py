"""What do pathways before residency ask for, cost and give? Every statement with its source, side by side."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import pandas as pd

from imganalytics.errors import UserError
from imganalytics.result import Question, Result, RowsBy, RowsOf
from imganalytics.studies.provenance import sources_of
from imganalytics.studies.words import counted
from imganalytics.vocabulary import require
from imganalytics.warehouse import connect

PATHWAYS = {
    "observership": "Observership",
    "externship": "Externship",
    "hands_on_elective": "Hands-on elective",
    "research_elective": "Research elective",
    "research_fellowship_paid": "Research fellowship, paid",
    "research_fellowship_unpaid": "Research fellowship, unpaid",
    "research_fellowship": "Research fellowship in ophthalmology",
    "research_training": "Research training after a foreign degree",
    "pre_residency_fellowship": "Pre-residency fellowship",
    "pre_residency_clinical_programme": "Clinical programme before residency",
    "individual_research": "Individual research",
    "graduate_degree_with_research": "Graduate degree with research",
    "residency_requirement": "Asked for by residency itself",
    "programme_visa_policy": "What residency programs say on visas",
}
FIRST = ("observership", "hands_on_elective", "research_fellowship_paid", "research_fellowship_unpaid",
         "pre_residency_fellowship")  # shown when the screen opens

# topic -> what it is called, and the attributes of the table that speak of it
TOPICS: dict[str, tuple[str, tuple[str, ...]]] = {
    "duration": ("Duration", ("duration",)),
    "cost": ("Cost and pay", ("cost", "cost_usd", "funding", "salary_usd")),
    "hands_on": ("Hands-on or not", ("hands_on",)),
    "letters": ("Letters of recommendation", ("lor_potential",)),
    "visa": ("Visa", ("visa", "visa_caution", "excluded_citizenships", "h1b", "j1_training_definition", "j1_departure",
                      "j1_home_residence", "im_programmes_accepting_j1", "im_programmes_j1_only",
                      "im_programmes_j1_and_h1b")),
    "clinical": ("Counts as US clinical experience", ("counts_as_usce",)),
    "research": ("Counts as research experience", ("counts_as_research_experience",)),
    "entry": ("Who is taken, and examinations",
              ("eligibility", "when", "ecfmg_needed", "ecfmg_or_usmle_needed", "ecfmg",
               "english", "selectivity")),
    "more": ("What else is said", (
        "definition", "output", "regulation", "caution", "interview_effect",
        "share_of_matched_imgs_with_any_us_clinical_experience_pct", "share_of_matched_imgs_hospital_observership_pct",
        "share_of_matched_imgs_private_practice_observership_pct")),
}
POLICY = "It is each program's policy; no official definition was found."
# Words before a statement that does not say by itself what it is of.
LEADS = {
    "share_of_matched_imgs_with_any_us_clinical_experience_pct": "IMGs who matched, with any US clinical experience, percent: ",
    "share_of_matched_imgs_hospital_observership_pct": "IMGs who matched, with an observership in a hospital, percent: ",
    "share_of_matched_imgs_private_practice_observership_pct":
        "IMGs who matched, with an observership in a private practice, percent: ",
    "salary_usd": "Pay in USD a year: ", "cost_usd": "Fee in USD: ",
         "excluded_citizenships": "Not taken: citizens of ",
    "h1b": "H-1B: ", "j1_departure": "J-1, to leave the country: ", "j1_home_residence": "J-1, home country: ",
    "j1_training_definition": "J-1 training: ", "ecfmg": "ECFMG certification: ",
         "ecfmg_needed": "ECFMG or examinations: ",
    "ecfmg_or_usmle_needed": "ECFMG or examinations: ", "im_programmes_accepting_j1": "Accept J-1: ",
    "im_programmes_j1_only": "Accept J-1 only: ", "im_programmes_j1_and_h1b": "J-1 and H-1B: ",
    "interview_effect": "Interview: ", "caution": "Caution: ", "regulation": "Regulation: ", "output": "Result: ",
}

GROUP = "coalesce(a.pathway, regexp_extract(a.published_pathway, '^\\w+'))"
QUERY = f"""
SELECT {GROUP} AS place, a.attribute_id, a.pathway, a.published_pathway, a.attribute, a.value_text, a.value_low,
       a.value_high, a.unit, a.applies_to, a.year, a.quote, a.note, a.source_id, a.locator, a.derivation, p.file_row,
       s.publisher, s.title, s.read_at, s.confidence
FROM pathway_attributes a JOIN published.pathway_attributes p USING (attribute_id)
JOIN sources s ON s.source_id = a.source_id
WHERE $places IS NULL OR list_contains($places::VARCHAR[], {GROUP})
ORDER BY a.attribute_id"""
ROWS = RowsBy("found", {True: RowsOf("pathway_attributes", ("attribute_id",)),
                        False: RowsOf("pathway_attributes", ("pathway", "attribute"))})


def pathway_attributes(pathways: Sequence[str] | None = FIRST) -> Result:
    """What sources say of each pathway, by topic; where they say nothing, a row that says so.

    Args:
        pathways: keys of PATHWAYS, or None for all.

    Returns:
        A frame of one row for each statement: place (key of PATHWAYS), place_label, topic, topic_label, statement (in
        words), applies_to, year, quote, found (False: no statement; then the statement is 'not found'), how_many
        (statements of the same pathway and topic), and provenance.

    Raises:
        UserError: an unknown pathway, or none.
    """
    if isinstance(pathways, str) or pathways is not None and not pathways:
        raise UserError(f"choose at least one pathway; allowed: {', '.join(PATHWAYS)}")
    chosen = [require(key, PATHWAYS, "pathway") for key in pathways or PATHWAYS]
    frame = _statements()
    frame = frame[frame["place"].isin(chosen)]
    frame = pd.concat([frame, _missing(frame, chosen)], ignore_index=True)
    order = {key: at for at, key in enumerate(PATHWAYS)}
    frame = frame.assign(topic_order=frame["topic"].map(list(TOPICS).index), place_order=frame["place"].map(order))
    frame = frame.sort_values(["topic_order", "place_order", "attribute_id"], ignore_index=True).drop(
        columns=["topic_order", "place_order"])
    found = int(frame["found"].sum())
    return Result(
        frame, Question("pathway_attributes", {"pathways": None if pathways is None else chosen}),
        title="What do pathways before residency ask for, cost and give?",
        subtitle=f"{counted(found, 'statement', 'statements')} on {counted(len(chosen), 'pathway', 'pathways')}. Statements "
                 "that differ stand side by side; 'not found': no source here says anything.",
        summary=f"{counted(found, 'statement', 'statements')} on {counted(len(chosen), 'pathway', 'pathways')} from "
                f"{counted(frame.loc[frame['found'], 'source_id'].nunique(), 'source', 'sources')}; nothing was found "
                f"for {counted(int((~frame['found']).sum()), 'topic', 'topics')} of {len(chosen) * len(TOPICS)}.",
        sources=sources_of(frame["source_id"]), sql=QUERY, parameters={"places": None if pathways is None else chosen},
        rows_of=ROWS, caveats=(
            f"What counts as US clinical experience: {POLICY[0].lower()}{POLICY[1:]}",
            "Statements are of the programmes, years and people named beside them. Fees and visa rules change: check each "
            "before you rely on it.",
            "Guides and sellers of rotations are among the sources; each is named.",
            "Shares among IMGs who matched say nothing of those who did not."))


@cache
def _statements() -> pd.DataFrame:
    """Every statement in words. Kept: callers must not write to it."""
    frame = connect().execute(QUERY, {"places": None}).df()
    topics = {attribute: topic for topic, (_, attributes) in TOPICS.items() for attribute in attributes}
    texts = ["value_text", "applies_to", "year", "quote", "note", "locator", "publisher", "title", "read_at",
             "confidence"]
    frame[texts] = frame[texts].astype(object).where(frame[texts].notna(), "")
    frame["topic"] = frame["attribute"].map(topics)
    frame["statement"] = [LEADS.get(attribute, "") + text for attribute,
                          text in zip(frame["attribute"], frame["value_text"])]
    frame["found"] = True
    frame["how_many"] = frame.groupby(["place", "topic"])["attribute_id"].transform("size")
    return _labelled(frame)


def _labelled(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(place_label=frame["place"].map(PATHWAYS),
                        topic_label=frame["topic"].map(lambda topic: TOPICS[topic][0]))


def _missing(found: pd.DataFrame, chosen: Sequence[str]) -> pd.DataFrame:
    """A row for each topic of a pathway that no source here speaks of."""
    known = set(zip(found["place"], found["topic"]))
    rows: list[dict[str, Any]] = [
        {"place": place, "topic": topic, "pathway": place, "attribute": attributes[0], "found": False, "how_many": 0,
         "statement": f"not found. {POLICY}" if topic == "clinical" else "not found",
         **dict.fromkeys(("value_text", "applies_to", "year", "quote", "note", "locator", "publisher", "title",
                          "read_at",
                          "confidence"), "")}
        for place in chosen for topic, (_, attributes) in TOPICS.items() if (place, topic) not in known]
    return _labelled(pd.DataFrame(rows, columns=None if rows else [*found.columns]))
