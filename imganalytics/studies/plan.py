"""When would each step on the way to residency happen, and what would it cost?"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any

import pandas as pd

from imganalytics.errors import UserError
from imganalytics.own.plan_fields import defaults
from imganalytics.own.plans import checked
from imganalytics.result import Question, Result
from imganalytics.studies import eras_fees, plan_words
from imganalytics.studies.plan_costs import TOTAL, Cost, costs_of, total, usd
from imganalytics.studies.plan_steps import OPEN, OWN, Placed, events, steps
from imganalytics.studies.provenance import sources_of
from imganalytics.studies.words import counted
from imganalytics.warehouse import connect

STEPS, SEASON, COSTS = "Your steps", "The Match season", "Costs"
COLUMNS = ("part", "key", "what", "value", "detail", "status", "begins_first", "begins_last", "ends_first", "ends_last",
           "days_low", "days_high", "usd_low", "usd_high", "or_more", "own_currency", "printed_for_year", "older", "too_late",
           "table", "row_key", "source_id")

QUERY = """
SELECT 'costs' AS table_name, cost_id AS id, item AS what, coalesce(amount_usd, low_usd) AS low,
       coalesce(amount_usd, high_usd) AS high, unit, season_or_year AS printed_for, source_id
FROM costs WHERE list_contains($cost_ids::VARCHAR[], cost_id)
UNION ALL
SELECT 'pathway_attributes', attribute_id, pathway || ', ' || attribute, value_low, value_high, unit, year, source_id
FROM pathway_attributes WHERE list_contains($attribute_ids::VARCHAR[], attribute_id)
UNION ALL
SELECT 'source_document_facts', fact_id, subject || ', ' || measure || coalesce(': ' || value_text, ''), value_low, value_high,
       unit, year, source_id
FROM source_document_facts WHERE list_contains($fact_ids::VARCHAR[], fact_id)
ORDER BY table_name, id"""


def plan(start: str | date | None = None, match_year: int | None = None, pathways: Sequence[str] = (),
         pathways_begin: str = "start", exams: Sequence[str] = (), visa: str = "none",
         programs: Mapping[str, int] | None = None, weeks: Mapping[str, Sequence[int]] | None = None,
         dates: Mapping[str, str] | None = None, fees: Mapping[str, Any] | None = None, currency: str = "",
         rate: float = 0.0, today: str | date | None = None) -> Result:
    """A timeline and a cost range of a plan, from dated figures and what the user typed in their place.

    Args:
        start: first day of the plan, a date or its ISO text.
        match_year: year of the Match; the first whose registration opens after the start when None.
        pathways, exams: what is still to be done (names of ``own.plan_fields``).
        pathways_begin: "start" (beside the exams) or "exams" (after them).
        visa: none, j1 or h1b.
        programs: number of programs to apply to, by specialty.
        weeks: least and most weeks of a step; dates: ISO dates of the season; fees: USD or two of them ('400-600'):
            the user's own, which replace what is printed and are marked as such.
        currency, rate: name of another currency, and how much of it 1 USD is.
        today: the day from which past and current season are reckoned; today when None.

    Returns:
        A frame with one row a step, date or cost item (column part); dates as ISO text, days, and USD, each least and most;
        blank where neither a source nor the user says. table, row_key and source_id lead to what is printed.

    Raises:
        UserError: an argument cannot be taken: by name, with its value and what is allowed.
    """
    asked, now = _asked(locals())
    in_season = {key: day for key, day in asked["dates"].items() if plan_words.in_years(day, asked["match_year"])}
    season = events(asked["match_year"], in_season)
    placed = steps(date.fromisoformat(asked["start"]), asked["pathways"], asked["exams"], asked["pathways_begin"],
                   asked["visa"], asked["weeks"], season)
    costs = costs_of(asked["programs"], asked["exams"], asked["pathways"], asked["visa"],
                     {step.key: step for step in placed}, asked["fees"])
    return _result(asked, now, season, placed, [*costs, total(costs)])


def _asked(given: Mapping[str, Any]) -> tuple[dict[str, Any], date]:
    """The arguments as they are kept, and the day that is today."""
    if given["start"] is None:
        raise UserError("start: no date; allowed: a date such as 2027-01-31")
    wanted = {name: value for name, value in given.items() if value is not None and name != "today"}
    asked = defaults() | checked(wanted)
    now = date.fromisoformat(checked({"start": given["today"]})["start"]) if given["today"] is not None else date.today()
    for specialty, count in asked["programs"].items():
        if problem := eras_fees.refusal(specialty, count):
            raise UserError(problem)
    asked.setdefault("match_year", first_match(date.fromisoformat(asked["start"])))
    return asked | {"today": now.isoformat()}, now


def first_match(start: date) -> int:
    """Year of the first Match whose registration opens on or after a day."""
    opens = events(start.year + 1, {})["registration_opens"].begins[0]
    return start.year + 1 + (start > opens)


def _result(asked: dict[str, Any], now: date, season: Mapping[str, Placed], placed: Sequence[Placed],
            costs: Sequence[Cost]) -> Result:
    late = plan_words.too_late(placed, season)
    frame = pd.DataFrame([*(_step_row(STEPS, step, late) for step in placed),
                          *(_step_row(SEASON, each, {}) for each in season.values()),
                          *(_cost_row(cost, asked, now) for cost in costs)], columns=list(COLUMNS))
    rows = [row for each in (*placed, *season.values(), *costs) for row in each.rows]
    notes = plan_words.notes_on(asked)
    rows += [("pathway_attributes", f"attribute_id={key}", _source_of(key)) for keys, _ in notes for key in keys]
    caveats = (*plan_words.outside(asked["dates"], asked["match_year"]),
               *plan_words.in_the_past(date.fromisoformat(asked["start"]), placed, season, now), *late.values(),
               *filter(None, [plan_words.slack(placed, season)]), *plan_words.gaps(placed, season),
               *plan_words.old_fees(costs, now), *(words for _, words in notes))
    return Result(
        frame, Question("plan", asked), title="When would each step happen, and what would it cost?",
        subtitle=f"Start {asked['start']}, Match of {asked['match_year']}. {_programs(asked['programs'])} "
                 f"Amounts in USD. n = {_count(rows, frame)}.",
        summary=f"{plan_words.time_words(placed, late)} "
                f"{plan_words.cost_words(costs[:-1], costs[-1], asked['currency'], asked['rate'])}",
        sources=sources_of(source for *_, source in rows), caveats=caveats, sql=QUERY, parameters=_ids(rows))


def _count(rows: Iterable[tuple[str, str, str]], frame: pd.DataFrame) -> str:
    own = int((frame["status"] == OWN).sum())
    return (counted(len({row[:2] for row in rows}), "printed figure", "printed figures") + ", "
            + counted(own, "figure of your own", "figures of your own"))


@cache
def _source_of(attribute: str) -> str:
    query = "SELECT source_id FROM pathway_attributes WHERE attribute_id = ?"
    [(source,)] = connect().execute(query, [attribute]).fetchall()
    return source


def _programs(programs: Mapping[str, int]) -> str:
    several = {specialty: count for specialty, count in programs.items() if count}
    if not several:
        return "No program."
    named = ", ".join(f"{eras_fees.labels().get(specialty, specialty)} {count:,}" for specialty, count in several.items())
    if len(named) < 120:
        return f"Programs: {named}."
    return f"{sum(several.values()):,} programs in {len(several)} specialties."


def _ids(rows: Iterable[tuple[str, str, str]]) -> dict[str, list[str]]:
    tables = {"cost_ids": "costs", "attribute_ids": "pathway_attributes", "fact_ids": "source_document_facts"}
    wanted = sorted({(table, key.partition("=")[2]) for table, key, _ in rows})
    return {name: [key for table, key in wanted if table == kept] for name, kept in tables.items()}


def _printed(rows: Sequence[tuple[str, str, str]]) -> tuple[str, str, str]:
    """table, row_key and source_id of a row: the first table's rows, every source."""
    if not rows:
        return "", "", ""
    keys = " | ".join(key for table, key, _ in rows if table == rows[0][0])
    return rows[0][0], keys, ", ".join(dict.fromkeys(source for *_, source in rows))


def _step_row(part: str, each: Placed, late: Mapping[str, str]) -> tuple[Any, ...]:
    begins = tuple(day.isoformat() for day in each.begins) if each.begins else ("", "")
    ends = tuple(day.isoformat() for day in each.ends) if each.ends else ("", "")
    ended = "not dated" if each.ends is None else ends[0] if ends[0] == ends[1] else f"{ends[0]} to {ends[1]}"
    return (part, each.key, each.label, ended, each.said, each.status, *begins, *ends, *(each.days or (None, None)),
            None, None, False, "", None, False, late.get(each.key, ""), *_printed(each.rows))


def _cost_row(cost: Cost, asked: Mapping[str, Any], now: date) -> tuple[Any, ...]:
    older = cost.year is not None and cost.year < plan_words.season_of(now)
    amount = usd(cost.low, cost.high, cost.open)
    return (COSTS, cost.key, cost.label, amount, cost.said, cost.status, *("",) * 4, None, None, cost.low, cost.high, cost.open,
            plan_words.converted(cost, asked["currency"], asked["rate"]), cost.year, older, "",
            *_printed(cost.rows))


__all__ = ["COSTS", "OPEN", "SEASON", "STEPS", "TOTAL", "first_match", "plan"]
