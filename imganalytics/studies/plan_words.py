"""The sentences around a plan: what comes too late, what lies in the past, what is old, what the sum leaves out."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from imganalytics.own.plan_fields import EXAMS, PATHWAYS
from imganalytics.studies.plan_costs import FEE_LABELS, Cost, left_out, usd
from imganalytics.studies.plan_steps import EVENT_LABELS, LABELS, NOT_FOUND, OWN, Placed, past
from imganalytics.studies.words import counted, listing

MOMENTS = {"applications_open": "the day programs open applications", "registration_opens": "the opening of NRMP registration",
           "registration_closes": "the end of NRMP registration", "results": "the results of the Match",
           "residency_begins": "the begin of residency"}
NEW_SEASON = 6  # the ERAS season of a year begins in June of the year before
# What the sources say of a choice: the rows of pathway_attributes it is read from, and in words.
HANDS_ON = ("pa024",), "Hands-on electives are for enrolled medical students only."
RESEARCH_J1 = ("pa043",), ("A research fellowship on a J-1 comes before the J-1 of residency: a history of several J categories "
                           "may cost the sponsorship (ECFMG page of 2016: check the rule of today).")
J1_AFTER_ECFMG = ("pa071",), ("The J-1 times are those of one program's office (University of Minnesota, 2024), where the ECFMG "
                              "certificate comes before the application.")
NEEDS_STEP_3 = ("pa072",), ("H-1B needs USMLE Step 3, and a state licence. Step 3 is not among what you still have to "
                            "do, so it is taken as passed.")
ORDER = "The order of the steps is the usual one; whether yours may run side by side, ask the office that decides."
NOT_ODDS = "A plan says when and how much, not how likely: no figure here is anyone's chance."


def season_of(today: date) -> int:
    """The ERAS season that runs on a day: that of 2027 began in June 2026."""
    return today.year + (today.month >= NEW_SEASON)


def too_late(placed: Sequence[Placed], season: Mapping[str, Placed]) -> dict[str, str]:
    """By the key of a step that ends after the date it is for: a sentence that says so, and by how much."""
    found = {}
    for step in placed:
        limit = _limit(step, season)
        if step.ends is None or limit is None or step.ends[1] <= limit.begins[0]:
            continue
        day = f"{MOMENTS[limit.key]} ({limit.begins[0]})"
        if step.ends[0] > limit.begins[0]:
            weeks = max(1, round((step.ends[0] - limit.begins[0]).days / 7))
            found[step.key] = (f"With this start {step.label} ends after {day}: on {step.ends[0]} at the earliest, "
                               f"{counted(weeks, 'week', 'weeks')} late.")
        else:
            found[step.key] = (f"{step.label} is in time only if all goes quickly: it ends from {step.ends[0]} to "
                               f"{step.ends[1]}, and {day} comes between.")
    return found


def _limit(step: Placed, season: Mapping[str, Placed]) -> Placed | None:
    """The date that a step is for; None when it is not known."""
    if step.key in ("licence", "j1", "h1b"):
        limit = season["residency_begins"]
    elif step.key == "certificate":
        limit = season["registration_closes"]
    elif step.key == "step_3":
        limit = season["results"]
    else:
        limit = season["applications_open"] if season["applications_open"].ends else season["registration_opens"]
    return limit if limit.ends else None


def outside(dates: Mapping[str, str], match_year: int) -> list[str]:
    """The typed dates that are not in the season of a Match, in words."""
    return [f"Your date for {EVENT_LABELS[key]} ({day}) is not in {match_year - 1} or {match_year}, the years of the Match of "
            f"{match_year}: it is kept but not used." for key, day in dates.items() if not in_years(day, match_year)]


def in_years(day: str, match_year: int) -> bool:
    """Whether a date lies in the year of a Match or the one before."""
    return int(day[:4]) in (match_year - 1, match_year)


def slack(placed: Sequence[Placed], season: Mapping[str, Placed]) -> str:
    """The step that has least time to spare among those in time, and how much; '' when there is none."""
    spare = [((limit.begins[0] - step.ends[1]).days, step, limit) for step in placed
             if step.ends and (limit := _limit(step, season)) and step.ends[1] <= limit.begins[0]]
    if not spare:
        return ""
    days, step, limit = min(spare, key=lambda each: each[0])
    return (f"Least time to spare: {step.label} ends {counted(days // 7, 'week', 'weeks')} before {limit.begins[0]} "
            f"({limit.label}), even if all takes long.")


def in_the_past(start: date, placed: Sequence[Placed], season: Mapping[str, Placed], today: date) -> list[str]:
    """What of a plan lies before today, in words."""
    notes = []
    gone = past(placed, today)
    if start < today:
        which = f": {listing([each.label for each in gone])}" if gone else ""
        notes.append(f"The start lies in the past ({start}; today is {today}). "
                     + (f"Begun before today{which}." if gone else "No step of the plan begins before today."))
    results, closes = season["results"].ends[1], season["registration_closes"].ends[1]
    if results < today:
        notes.append(f"The Match of {results.year} is over: its results came out by {results}.")
    elif closes < start:
        notes.append(f"Registration for this Match closes by {closes}, before the plan starts.")
    return notes


def gaps(placed: Sequence[Placed], season: Mapping[str, Placed]) -> list[str]:
    """What cannot be dated, and what would help."""
    unknown = [step.label for step in placed if step.status == NOT_FOUND]
    notes = [f"How long these take is not in the sources here; type your weeks: {listing(unknown)}."] if unknown else []
    certificate = next((step for step in placed if step.key == "certificate" and step.ends is None), None)
    if certificate and any(step.key in ("j1", "licence") for step in placed):
        notes.append("The visa is placed as if the ECFMG certificate were there in time.")
    dates = [each.label for each in season.values() if each.status == NOT_FOUND]
    if dates:
        notes.append(f"These dates are not in the sources here; type yours: {listing(dates)}.")
    if season["applications_open"].ends is None and any(step.key in (*EXAMS, *PATHWAYS) for step in placed):
        notes.append("Until you type when programs open applications, steps are held against the opening of NRMP registration.")
    return notes


def notes_on(plan: Mapping[str, Any]) -> list[tuple[tuple[str, ...], str]]:
    """What holds for the choices of a plan whatever its dates: rows of pathway_attributes that say so, and the words."""
    research = {"research_fellowship_paid", "research_fellowship_unpaid"} & set(plan["pathways"])
    found = [(HANDS_ON, "hands_on_elective" in plan["pathways"]), (RESEARCH_J1, plan["visa"] == "j1" and research),
             (J1_AFTER_ECFMG, plan["visa"] == "j1"),
             (NEEDS_STEP_3, plan["visa"] == "h1b" and "step_3" not in plan["exams"]),
             (((), ORDER), plan["exams"] or plan["pathways"]), (((), NOT_ODDS), True)]
    return [note for note, holds in found if holds]


def old_fees(costs: Sequence[Cost], today: date) -> list[str]:
    """Which printed fees are older than the season that runs, and which are undated."""
    season = season_of(today)
    old = [f"{cost.label} ({cost.year})" for cost in costs
           if cost.status not in (OWN, NOT_FOUND) and cost.year and cost.year < season]
    return [f"Older than the season that runs now ({season}), so ask for today's: {listing(old)}."] if old else []


def cost_words(costs: Sequence[Cost], total: Cost, currency: str, rate: float) -> str:
    """The sum, in the user's currency too, and what it leaves out."""
    missing = left_out(costs)
    own = f" ({converted(total, currency, rate)} at your rate)" if rate else ""
    out = f" The sum leaves out: {'; '.join(missing)}." if missing else ""
    eras = " No program, so no ERAS fee." if any(cost.key == "eras" and not cost.high for cost in costs) else ""
    return f"Cost: {usd(total.low, total.high, total.open)}{own}.{eras}{out}"


def converted(cost: Cost, currency: str, rate: float) -> str:
    """An amount in the user's own currency; '' without a rate."""
    if not rate or cost.low is None:
        return ""
    return usd(float(round(cost.low * rate)), float(round(cost.high * rate)), cost.open, currency or "of your currency")


def time_words(placed: Sequence[Placed], late: Mapping[str, str]) -> str:
    """When the steps end and what is too late, in a sentence or two."""
    ends = [step.ends for step in placed if step.ends]
    undated = len(placed) - len(ends)
    if not placed:
        return "No step is chosen: only the dates of the Match season are shown."
    words = "No step can be dated yet." if not ends else (
        f"{counted(len(ends), 'step ends', 'steps end')} by {max(end[0] for end in ends)} if all goes quickly, "
        f"by {max(end[1] for end in ends)} if all takes long.")
    waiting = f" {counted(undated, 'step needs', 'steps need')} your weeks." if undated and ends else ""
    return words + waiting + "".join(f" {sentence}" for sentence in list(late.values())[:2])


def on_screen(refusal: str) -> str:
    """What is said of a value that cannot be taken, with the names of the screen: 'fees of oet: ...' as 'OET fee: ...'."""
    for kind, known, said in (("fees", FEE_LABELS, "fee"), ("weeks", LABELS, "weeks"), ("dates", EVENT_LABELS, "date")):
        refusal = re.sub(rf"^{kind} of (\w+):", lambda found: f"{known.get(found[1], found[1])}, {said}:", refusal)
    named = {"start": "Start", "rate": "How much of your currency 1 USD is:", "currency": "Your currency:"}
    return re.sub(r"^(start|rate|currency)\b", lambda found: named[found[1]], refusal)
