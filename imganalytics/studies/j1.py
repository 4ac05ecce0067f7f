"""What is published on the J-1 sponsorship of physicians: national figures and rules, none by state."""

from imganalytics.result import Question, Result, RowsOf
from imganalytics.studies.provenance import sources_of
from imganalytics.studies.words import counted
from imganalytics.warehouse import connect

LABELS = {
    "new_j1_physician_participants": "New J-1 physicians",
    "initial_applications_in_process": "First applications in process",
    "ds2019_issued": "Sponsorship forms (DS-2019) issued",
    "foreign_national_physicians_matched_pgy1": "Foreign-national physicians matched to PGY-1; not all use J-1",
    "j1_physicians_by_country": "J-1 physicians from a country", "growth_pct": "Growth over a decade",
    "share_of_visa_trainees_on_j1_pct": "Trainees on a visa who are on J-1",
    "sole_sponsor": "Sponsor of J-1 physicians",
    "max_duration_years": "Longest stay", "home_residence_years": "Home residence asked for afterwards",
    "departure_days_after_training": "Days to leave after training",
    "im_programmes_accepting_j1": "Internal medicine programs that report accepting J-1"}

GROUPS = {"all": "whole country", "physicians on visas for GME": "physicians in training on a visa",
          "non-US IMGs (ECFMG wording)": "non-US IMGs"}

QUERY = """
SELECT j1_id, measure, value, value_text, value_low, unit, period, group_type, "group", source_id, locator, derivation, note,
       confidence
FROM j1_sponsorship LEFT JOIN (SELECT source_id, confidence FROM sources) USING (source_id)
ORDER BY group_type = 'rule', group_type = 'country', j1_id"""


def j1() -> Result:
    """Every published figure on J-1, one a row: label, value_told, when, group_told, quality, provenance."""
    frame = connect().execute(QUERY).df()
    frame["label"] = frame["measure"].map(LABELS)
    known = (frame[name] for name in ("value", "value_text", "value_low", "unit", "derivation"))
    frame["value_told"] = [_value(*row) for row in zip(*known)]
    frame["when"] = [period if isinstance(period, str) and period else "no date" for period in frame["period"]]
    frame["group_told"] = [GROUPS.get(group, group) for group in frame["group"]]
    frame["quality"] = [_quality(*row) for row in zip(frame["derivation"], frame["confidence"])]
    rough = int((frame["derivation"] != "published").sum())
    return Result(
        frame, Question("j1", {}), title="What is published on the J-1 sponsorship of physicians?",
        subtitle=f"n = {counted(len(frame), 'figure', 'figures')} and rules, of the whole country or of a country of "
                 f"origin; none by state.",
        summary=f"{counted(len(frame), 'figure or rule is', 'figures and rules are')} published, {rough} of them "
                f"approximate; none by state, by specialty but one, or by program.",
        sources=sources_of(frame["source_id"]), caveats=(
            "The figures are of different years and kinds (people, forms, applications): none is the base of another, "
            "and none is a trend.",
            "The number of forms (DS-2019) does not tell first sponsorships from continuing ones: it is not "
            "a number of new physicians.",
            "Percentages are printed without n: no interval can be given.",
            "Numbers by country of origin are read off words such as 'about': orders of magnitude only.",
            "Rules change. Ask the sponsor, ECFMG, before you advise anyone."),
        sql=QUERY, rows_of=RowsOf("j1_sponsorship", ("j1_id",)))


def _value(value: float, text: str | None, low: float, unit: str | None, derivation: str) -> str:
    if value != value:
        return text or ""
    counted_in = (unit or "").replace("programmes", "programs")
    told = f"{value:g} %, n not printed" if unit == "percent" else f"{value:,.0f} {counted_in}".strip()
    if low == low:
        return f"more than {told}"
    return f"about {told}" if "approximate" in derivation else told


def _quality(derivation: str, confidence: str) -> str:
    return f"{'approximate' if 'approximate' in derivation else 'printed'}, {confidence} source"
