"""What the sources print of how long each step takes and when the Match season has its dates."""

import calendar
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache

from imganalytics.warehouse import connect

DAYS = {"days": 1.0, "weeks": 7.0, "months": 365.25 / 12, "years": 365.25}
MONTHS = {name: at for at, name in enumerate(calendar.month_name) if name}
WEEKS = ("first", "second", "third", "fourth")
FIRST_MONTH = 8  # a season begins in the year before its Match: its dates from August on lie there

# Kinds of training that a pathway is, in the words of pathway_attributes.
ATTRIBUTES = {"research_fellowship_unpaid": ("research_fellowship_unpaid", "research_fellowship")}
# Steps whose time is in source_document_facts, and by which measure.
MEASURES = {"step_3": ("application_delay_years",), "h1b": ("processing_months",)}
J1_SEASON, J1_OFF_SEASON, J1_BEGINS = ("processing_weeks_standard_busy", "processing_weeks_standard_nonbusy",
                                       "instructions_to_matched_residents")
EVENT_MEASURES = {"registration_opens": "registration_opens", "late_fee": "late_fee_after", "ranking_opens": "ranking_opens",
                  "registration_closes": "registration_closes", "results": "results"}

DURATIONS = """
SELECT attribute_id, value_low, value_high, unit, value_text, source_id FROM pathway_attributes
WHERE attribute = 'duration' AND list_contains($kinds::VARCHAR[], pathway) AND value_low IS NOT NULL ORDER BY attribute_id"""
FACTS = """
SELECT fact_id, value, value_low, value_high, unit, value_text, source_id, year FROM source_document_facts
WHERE list_contains($measures::VARCHAR[], measure)
  AND (subject LIKE '%H-1B%' OR subject LIKE '%J-1%' OR subject = 'NRMP Main Match') ORDER BY fact_id"""
LATE = """
SELECT cost_id, note, source_id FROM costs WHERE item = 'NRMP late registration' AND note LIKE 'after %' ORDER BY cost_id"""


@dataclass(frozen=True)
class Printed:
    """A range that sources print: of days, or of a day of the year (month, day); and the rows it stands in."""

    low: float
    high: float
    rows: tuple[tuple[str, str, str], ...]  # table, key of the row, source
    open: bool = False                      # the sources print only the least


@cache
def duration(step: str) -> Printed | None:
    """Days that a step takes, least and most over all sources here; None when none says."""
    if step in MEASURES:
        return _facts(MEASURES[step])
    kinds = list(ATTRIBUTES.get(step, (step,)))
    rows = connect().execute(DURATIONS, {"kinds": kinds}).fetchall()
    return _over("pathway_attributes", "attribute_id", [(key, low, high, unit.split()[0], source)
                                                        for key, low, high, unit, _, source in rows])


@cache
def j1_processing(month: int) -> Printed:
    """Days of a J-1 application that begins in this month: longer in the busy season, March to July."""
    return _facts((J1_SEASON if 3 <= month <= 7 else J1_OFF_SEASON,))


def _facts(measures: Iterable[str]) -> Printed | None:
    rows = connect().execute(FACTS, {"measures": list(measures)}).fetchall()
    return _over("source_document_facts", "fact_id", [(key, low, high, unit, source)
                                                      for key, _, low, high, unit, _, source, _ in rows if low is not None])


def _over(table: str, key: str, rows: list[tuple[str, float, float | None, str, str]]) -> Printed | None:
    if not rows:
        return None
    lows = [low * DAYS[unit] for _, low, _, unit, _ in rows]
    highs = [(low if high is None or math.isnan(high) else high) * DAYS[unit] for _, low, high, unit, _ in rows]
    only_least = all(high is None or math.isnan(high) for _, _, high, _, _ in rows)
    return Printed(min(lows), max(highs), tuple((table, f"{key}={name}", source) for name, *_, source in rows), only_least)


@cache
def event(name: str) -> tuple[tuple[tuple[int, int], tuple[int, int]], Printed] | None:
    """First and last (month, day) that sources print for a date of the Match season; None when none does."""
    if name not in EVENT_MEASURES:
        return None
    found = [(day_of_year(text), ("source_document_facts", f"fact_id={key}", source)) for key, *_, text, source, _ in
             connect().execute(FACTS, {"measures": [EVENT_MEASURES[name]]}).fetchall()]
    if name == "late_fee":
        found += [(day_of_year(note.removeprefix("after ")), ("costs", f"cost_id={key}", source))
                  for key, note, source in connect().execute(LATE).fetchall()]
    spans = [span for span, _ in found]
    first, last = min((a for a, _ in spans), key=_in_season), max((b for _, b in spans), key=_in_season)
    return (first, last), Printed(0, 0, tuple(row for _, row in found))


@cache
def j1_begins() -> tuple[tuple[tuple[int, int], tuple[int, int]], Printed]:
    """First and last (month, day) at which matched residents are told how to apply for the J-1 (one program prints it)."""
    [(key, *_, text, source, _)] = connect().execute(FACTS, {"measures": [J1_BEGINS]}).fetchall()
    return day_of_year(text), Printed(0, 0, (("source_document_facts", f"fact_id={key}", source),))


def _in_season(day: tuple[int, int]) -> tuple[bool, int, int]:
    return day[0] < FIRST_MONTH, *day


def day_of_year(text: str) -> tuple[tuple[int, int], tuple[int, int]]:
    """First and last (month, day) of '09-15', 'January 30' or 'third week of March' (its days 15 to 21).

    Raises:
        ValueError: it is none of these.
    """
    if found := re.fullmatch(r"(\d\d)-(\d\d)", text):
        day = int(found[1]), int(found[2])
        return day, day
    if found := re.fullmatch(r"(\w+) (\d{1,2})", text):
        day = MONTHS[found[1]], int(found[2])
        return day, day
    if found := re.fullmatch(rf"({'|'.join(WEEKS)}) week of (\w+)", text):
        first = 1 + 7 * WEEKS.index(found[1])
        return (MONTHS[found[2]], first), (MONTHS[found[2]], first + 6)
    raise ValueError(f"{text!r} is no day of the year")


def in_season(day: tuple[int, int], match_year: int) -> date:
    """The date of a (month, day) in the season that leads to the Match of this year."""
    return date(match_year - (day[0] >= FIRST_MONTH), *day)
