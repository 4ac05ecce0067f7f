"""A row for each state and a mark for each year, joined: how many positions IMGs filled, or what share."""

import math
from typing import Any

import plotly.graph_objects as go

from imganalytics.charts import marks, theme
from imganalytics.charts import rows as frame_of_rows
from imganalytics.charts.competitiveness import GLYPHS
from imganalytics.result import Result
from imganalytics.studies.state_years import WHO
from imganalytics.studies.trend_words import change_text
from imganalytics.studies.words import percent

LOOKS = (("#56B4E9", "circle"), ("#E69F00", "square"), ("#0072B2", "diamond"))  # the latest year is the last
ZERO = 0.6  # where a log axis shows 0
READ = ("name", "match_year", "positions", "filled", "value", "low", "high", "reliability", "difference",
        "difference_low", "difference_high", "source_id", "locator")
State = list[dict[str, Any]]  # the figures of one state, the earliest year first


def figure(result: Result) -> go.Figure:
    """The chart of a state_years Result."""
    return go.Figure(**spec(result))


def spec(result: Result) -> theme.Spec:
    """The chart as plotly.js takes it: a thin line for each state, then a trace of marks for each year."""
    rows = frame_of_rows.records(result.frame, *READ)
    years = sorted({row["match_year"] for row in rows})
    states = [rows[at:at + len(years)] for at in range(0, len(rows), len(years))]
    looks = dict(zip(years, LOOKS[-len(years):]))
    shares = result.question.arguments["measure"] == "share"
    axis = _linear(rows) if shares else _log(rows)
    layout = frame_of_rows.layout(
        result, [state[0]["name"] for state in states], _columns(states, years, shares), axis,
        below="" if shares else "Each step on the axis is a factor, so that small states can be read too."
                                + (" 0 stands at the left edge." if any(row["value"] == 0 for row in rows) else ""))
    layout["annotations"].append(theme.note(
        "   ".join(f"<span style='color:{colour}'>{GLYPHS[symbol]}</span> {year}"
                   for year, (colour, symbol) in looks.items()),
        x=0, y=1, yanchor="bottom", yshift=2, font={"size": 12}))
    return {"data": [_joins(states, shares), *(_marks(result, states, number, looks[year], shares)
                                               for number, year in enumerate(years))], "layout": layout}


def _at(value: float, shares: bool) -> float:
    return value if shares else max(value, ZERO)


def _height(at: int, number: int, shares: bool) -> float:
    """Where in the row of a state the mark of a year lies: shares have bars, which must not cover each other."""
    return at + (number - 0.5) * 0.36 if shares else at


def _joins(states: list[State], shares: bool) -> dict[str, Any]:
    x: list[float | None] = []
    y: list[float | None] = []
    for at, state in enumerate(states):
        order = sorted(range(len(state)), key=lambda number: state[number]["value"])
        for number in (order[0], order[-1]):
            x.append(_at(state[number]["value"], shares))
            y.append(_height(at, number, shares))
        x.append(None)
        y.append(None)
    return {"type": "scatter", "mode": "lines", "name": "least to most", "x": x, "y": y, "hoverinfo": "skip",
            "line": {"color": "#9aa5b1", "width": 1.5}}


def _marks(result: Result, states: list[State], number: int, look: tuple[str, str], shares: bool) -> dict[str, Any]:
    colour, symbol = look
    rows = [state[number] for state in states]
    sources = marks.citations(result)
    trace = {
        "type": "scatter", "mode": "markers", "name": str(rows[0]["match_year"]), "cliponaxis": False,
        "hoverinfo": "text", "x": [_at(row["value"], shares) for row in rows],
        "y": [_height(at, number, shares) for at in range(len(rows))],
        "marker": {"color": colour, "size": 8, "line": {"width": 1.5, "color": colour},
                   "symbol": [symbol + ("-open" if row["reliability"] == "unstable" else "") for row in rows]},
        "hovertext": [_hover(result, row, sources[row["source_id"]], shares) for row in rows]}
    if shares:
        trace["error_x"] = {"type": "data", "symmetric": False, "thickness": 1.4, "width": 0, "color": colour,
                            "array": [row["high"] - row["value"] for row in rows],
                            "arrayminus": [row["value"] - row["low"] for row in rows]}
    return trace


def _hover(result: Result, row: dict[str, Any], source: str, shares: bool) -> str:
    who = WHO[result.question.arguments["who"]]
    lines = [f"<b>{theme.escaped(row['name'])}</b>, {row['match_year']}"]
    if shares:
        lines += [f"{percent(row['value'])} (95 % interval {percent(row['low'])} to {percent(row['high'])})",
                  f"{row['positions']:,.0f} of {row['filled']:,.0f} filled positions: {who}"]
        if row["reliability"] == "unstable":
            lines.append("<i>Unstable: fewer than 30 filled positions, or an interval wider than 20 points</i>")
    else:
        lines.append(f"{row['positions']:,.0f} positions filled by {who} (a full count)")
    return "<br>".join([*lines, source, theme.escaped(row["locator"])])


def _columns(states: list[State], years: list[int], shares: bool) -> list[frame_of_rows.Column]:
    told = [[f"{percent(state[number]['value'])} of {state[number]['filled']:,.0f}" if shares
             else f"{state[number]['value']:,.0f}" for state in states] for number in range(len(years))]
    changes = [change_text({"value": state[0]["value"], "of": state[0]["filled"]},
                           {"value": state[-1]["value"]}, *(state[-1][name] for name in
                                                            ("difference", "difference_low", "difference_high")))
               for state in states]
    return [*((str(year), texts, 112 if shares else 52) for year, texts in zip(years, told)),
            (f"Since {years[0]}{', points' * shares}", [text.removesuffix(" points") for text in changes],
             150 if shares else 112)]


def _linear(rows: list[dict[str, Any]]) -> dict[str, Any]:
    highest = max(row["high"] for row in rows)
    ticks = [round(at * 0.2, 1) for at in range(math.ceil(highest / 0.2 - 1e-9) + 1)]
    return {"range": [0, ticks[-1]], "tickvals": ticks, "ticktext": [f"{100 * tick:.0f}%" for tick in ticks],
            "title": {"text": "Share of filled positions", "standoff": 4, "font": {"size": 11}}}


def _log(rows: list[dict[str, Any]]) -> dict[str, Any]:
    values = [row["value"] for row in rows]
    least = min((value for value in values if value > 0), default=1)
    low = ZERO if min(values) == 0 else least
    ticks = [tick for tick in (1, 3, 10, 30, 100, 300, 1000, 3000) if low <= tick <= max(values)] or [least]
    zero = [ZERO] if min(values) == 0 else []
    return {"type": "log", "range": [math.log10(low * 0.85), math.log10(max(values) * 1.15)],
            "tickvals": [*zero, *ticks], "ticktext": [*("0" for _ in zero), *(f"{tick:,.0f}" for tick in ticks)],
            "zeroline": False,
            "title": {"text": "Positions filled", "standoff": 4, "font": {"size": 11}}}
