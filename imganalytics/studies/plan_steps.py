"""When each step of a plan would lie: from a start date, or from a date of the Match season, least and most weeks on.

Nothing but the arguments goes into it; times and dates that no source prints and nobody typed stay open.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from imganalytics.own.plan_fields import EVENTS, EXAMS, PATHWAYS
from imganalytics.studies import plan_facts
from imganalytics.studies.plan_facts import DAYS, Printed

LABELS = {
    "step_1": "USMLE Step 1", "step_2_ck": "USMLE Step 2 CK", "oet": "OET Medicine (English)",
    "certificate": "ECFMG certificate", "step_3": "USMLE Step 3", "observership": "Observership",
    "externship": "Externship", "hands_on_elective": "Hands-on elective", "research_elective": "Research elective",
    "research_fellowship_paid": "Research fellowship, paid", "research_fellowship_unpaid": "Research fellowship, unpaid",
    "pre_residency_fellowship": "Pre-residency fellowship", "individual_research": "Individual research",
    "licence": "State medical licence", "j1": "J-1 visa application", "h1b": "H-1B visa"}
EVENT_LABELS = {
    "applications_open": "Programs open applications (ERAS)", "registration_opens": "NRMP registration opens",
    "late_fee": "NRMP late fee begins", "ranking_opens": "NRMP ranking opens",
    "registration_closes": "NRMP registration closes", "results": "Match results", "residency_begins": "Residency begins"}
EXAMS_BEFORE = {"step_1": (), "step_2_ck": ("step_1",), "oet": (), "certificate": ("step_1", "step_2_ck", "oet"),
                "step_3": ("step_1", "step_2_ck", "certificate")}
PRINTED, OWN, NOT_FOUND, OPEN = "printed", "your own", "not in the sources here", "open"
Span = tuple[date, date]
Rows = tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Placed:
    """A step or a date of a plan: when it begins and ends if all goes quickly (first) and if all takes long (second)."""

    key: str
    label: str
    begins: Span | None
    ends: Span | None
    days: tuple[float, float] | None
    status: str       # PRINTED, OWN, NOT_FOUND, or OPEN: what it waits for is not known
    said: str         # how long, or what is missing
    rows: Rows = ()   # where it is printed


def events(match_year: int, dates: Mapping[str, str]) -> dict[str, Placed]:
    """The dates of the season of a Match, typed ones first; `ends` None where none is printed nor typed."""
    return {key: _event(key, match_year, dates.get(key)) for key in EVENTS}


def _event(key: str, match_year: int, typed: str | None) -> Placed:
    if typed:
        day = date.fromisoformat(typed)
        return Placed(key, EVENT_LABELS[key], (day, day), (day, day), None, OWN, "your own date")
    found = plan_facts.event(key)
    if found is None:
        return Placed(key, EVENT_LABELS[key], None, None, None, NOT_FOUND, f"{NOT_FOUND}: type yours")
    span = tuple(plan_facts.in_season(day, match_year) for day in found[0])
    return Placed(key, EVENT_LABELS[key], span, span, None, PRINTED, "as printed", found[1].rows)


def steps(start: date, pathways: Sequence[str], exams: Sequence[str], pathways_begin: str, visa: str,
          weeks: Mapping[str, Sequence[int]], season: Mapping[str, Placed]) -> list[Placed]:
    """The steps of a plan in the order in which they are usually taken.

    Args:
        start: the first day of the plan.
        pathways, exams: what is still to be done; pathways follow one another.
        pathways_begin: "start" (beside the exams) or "exams" (when they are done).
        visa: none, j1 or h1b.
        weeks: least and most weeks of a step, where the user typed them.
        season: the dates from :func:`events`.
    """
    placed: dict[str, Placed] = {}
    begin = (start, start)
    for key in (key for key in EXAMS if key in exams):
        placed[key] = _after(key, begin, [placed[each] for each in EXAMS_BEFORE[key] if each in placed], weeks)
    last = [placed[key] for key in ("step_1", "step_2_ck", "oet") if key in placed] if pathways_begin == "exams" else []
    for key in (key for key in PATHWAYS if key in pathways):
        placed[key] = _after(key, begin, last, weeks)
        last = [placed[key]]
    for each in _visa(visa, placed, weeks, season):
        placed[each.key] = each
    return list(placed.values())


def _visa(visa: str, placed: Mapping[str, Placed], weeks: Mapping[str, Sequence[int]],
          season: Mapping[str, Placed]) -> list[Placed]:
    results = season["results"]
    if visa == "j1":
        told = tuple(plan_facts.in_season(day, results.begins[0].year) for day in plan_facts.j1_begins()[0])
        begin = tuple(map(max, told, results.ends))
        return [_after("j1", begin, [each for each in _present(placed, "certificate") if each.ends], weeks)]
    if visa == "h1b":
        known = [each for each in _present(placed, "certificate", "step_3") if each.ends]
        licence = _after("licence", results.ends, known, weeks)
        return [licence, _after("h1b", results.ends, [licence], weeks)]
    return []


def _present(placed: Mapping[str, Placed], *keys: str) -> list[Placed]:
    return [placed[key] for key in keys if key in placed]


def _after(key: str, begin: Span, before: Sequence[Placed], weeks: Mapping[str, Sequence[int]]) -> Placed:
    """The step when all of `before` is done, and not before `begin`."""
    waits = [each.label for each in before if each.ends is None]
    own = weeks.get(key)
    if waits:
        return Placed(key, LABELS[key], None, None, None, OPEN, f"waits for {waits[0]}: type its weeks")
    begins = tuple(max(begin[at], *(each.ends[at] for each in before)) if before else begin[at] for at in (0, 1))
    if own is not None:
        days, status, rows, more = (7.0 * own[0], 7.0 * own[1]), OWN, (), False
    else:
        found = _printed(key, begins)
        if found is None:
            return Placed(key, LABELS[key], begins, None, None, NOT_FOUND, f"{NOT_FOUND}: type your weeks")
        days, status, rows, more = (found.low, found.high), PRINTED, found.rows, found.open
    ends = tuple(day + timedelta(days=round(length)) for day, length in zip(begins, days))
    said = span_words(*days) + (" or more" if more else "")
    return Placed(key, LABELS[key], begins, ends, days, status, said, rows)


def _printed(key: str, begins: Span) -> Printed | None:
    if key != "j1":
        return plan_facts.duration(key)
    quick, slow = (plan_facts.j1_processing(day.month) for day in begins)
    return Printed(quick.low, slow.high, tuple(dict.fromkeys((*quick.rows, *slow.rows, *plan_facts.j1_begins()[1].rows))))


def span_words(low: float, high: float) -> str:
    """Days as '4 to 6 weeks'; as months from half a year on."""
    unit = "months" if low >= 182 else "weeks"
    least, most = (f"{value / DAYS[unit]:.1f}".removesuffix(".0") for value in (low, high))
    return f"{least} {unit.removesuffix('s') if least == '1' else unit}" if least == most else f"{least} to {most} {unit}"


def past(placed: Sequence[Placed], today: date) -> list[Placed]:
    """Those that begin before `today`."""
    return [each for each in placed if each.begins and each.begins[0] < today]
