"""A dot for the change of each specialty between two years, sorted, with the figures of both years beside it."""

import math
from typing import Any

import plotly.graph_objects as go

from imganalytics.charts import marks, theme
from imganalytics.charts import rows as frame_of_rows
from imganalytics.result import Result
from imganalytics.studies.trend_facts import MEASURES
from imganalytics.studies.trend_words import change_text, figure_text
from imganalytics.studies.words import percent

COLOUR = "#0072B2"
STEPS = (0.1, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 2, 3, 5, 10, 20, 50)  # ticks of an axis of ratios
LEAST_APART = 0.125  # of the axis, between two ticks of ratios
END = ("value", "low", "high", "count", "of", "source_id", "of_source_id")
READ = ("row_label", "difference", "difference_low", "difference_high", "ratio", "reliability", "reason",
        *(f"{name}_{end}" for end in (1, 2) for name in END))


def figure(result: Result) -> go.Figure:
    """The chart of a trend_changes Result."""
    return go.Figure(**spec(result))


def spec(result: Result) -> theme.Spec:
    """The chart as plotly.js takes it: percent on a log axis for counts, points with intervals for shares."""
    shares = MEASURES[result.question.arguments["measure"]].is_share
    rows = frame_of_rows.records(result.frame, *READ)
    shown = [(at, row) for at, row in enumerate(rows) if not row["reason"]]
    axis = _points([row for _, row in shown]) if shares else _ratios([row["ratio"] for _, row in shown])
    layout = frame_of_rows.layout(result, [row["row_label"] for row in rows], _columns(result, rows, shares), axis,
                                  below="" if shares else "Each step on the axis is a factor: a doubling lies as far "
                                                          "to the right as a halving to the left.")
    nothing = 0 if shares else 1
    layout["shapes"] = [{"type": "line", "xref": "x", "yref": "paper", "x0": nothing, "x1": nothing, "y0": 0, "y1": 1,
                         "line": {"color": theme.MUTED, "width": 1}}]
    layout["annotations"] += [
        theme.note(f"<i>{theme.escaped(row['reason'])}</i>", x=0, y=1 - (at + 0.5) / len(rows), yanchor="middle",
                   xshift=6, font={"size": 10, "color": theme.MUTED}) for at, row in enumerate(rows) if row["reason"]]
    return {"data": [_trace(result, shown, shares)], "layout": layout}


def _trace(result: Result, shown: list[tuple[int, dict[str, Any]]], shares: bool) -> dict[str, Any]:
    sources = marks.citations(result)
    name = "difference" if shares else "ratio"
    trace = {
        "type": "scatter", "mode": "markers", "name": "change", "x": [row[name] for _, row in shown],
        "y": [at for at, _ in shown], "cliponaxis": False, "hoverinfo": "text",
        "hovertext": [_hover(result, sources, row) for _, row in shown],
        "marker": {"color": COLOUR, "size": 8, "line": {"width": 1.6, "color": COLOUR},
                   "symbol": ["circle" + ("-open" if row["reliability"] == "unstable" else "") for _, row in shown]}}
    if shares:
        trace["error_x"] = {"type": "data", "symmetric": False, "thickness": 1.6, "width": 0, "color": COLOUR,
                            "array": [row["difference_high"] - row["difference"] for _, row in shown],
                            "arrayminus": [row["difference"] - row["difference_low"] for _, row in shown]}
    return trace


def _end(row: dict[str, Any], number: int) -> dict[str, Any]:
    return {name: row[f"{name}_{number}"] for name in END}


def _change(row: dict[str, Any]) -> str:
    return change_text(_end(row, 1), _end(row, 2), row["difference"], row["difference_low"], row["difference_high"])


def _hover(result: Result, sources: dict[str, str], row: dict[str, Any]) -> str:
    arguments = result.question.arguments
    what = MEASURES[arguments["measure"]]
    lines = [f"<b>{theme.escaped(row['row_label'])}</b>: {_change(row)}", what.label]
    if what.is_share:
        lines.append(f"Base: {what.denominator}; 95 % Newcombe interval")
    for number, year in ((1, arguments["first_year"]), (2, arguments["last_year"])):
        end = _end(row, number)
        lines.append(f"{year}: {figure_text(end)}")
        cited = dict.fromkeys(f"{end['source_id'] or ''}, {end['of_source_id'] or ''}".split(", "))
        lines += [sources[each] for each in cited if each in sources]
    if row["reliability"] == "unstable":
        lines.append("<i>Unstable: few positions stand behind it</i>")
    return "<br>".join(lines)


def _columns(result: Result, rows: list[dict[str, Any]], shares: bool) -> list[frame_of_rows.Column]:
    arguments = result.question.arguments

    def told(row: dict[str, Any], number: int) -> str:
        end = _end(row, number)
        if end["value"] != end["value"]:
            return "\u2013"
        return f"{percent(end['value'])} of {end['of']:,.0f}" if shares else f"{end['value']:,.0f}"

    width = 116 if shares else 66
    changes = ["" if row["reason"] else _change(row).removesuffix(" points") for row in rows]
    return [*((str(year), [told(row, number) for row in rows], width)
              for number, year in ((1, arguments["first_year"]), (2, arguments["last_year"]))),
            ("Change, points", changes, 150) if shares else ("Change", changes, 130)]


def _ratios(ratios: list[float]) -> dict[str, Any]:
    """A log axis from below the least to above the greatest ratio, its ticks in percent."""
    low, high = min(min(ratios), 0.92) * 0.95, max(max(ratios), 1.09) * 1.05
    ticks = _spread([each for each in STEPS if low <= each <= high], LEAST_APART * math.log(high / low))
    return {"type": "log", "range": [math.log10(low), math.log10(high)], "tickvals": ticks, "zeroline": False,
            "ticktext": [f"{100 * (each - 1):+,.0f} %".replace("-", "\u2212") if each != 1 else "0 %" for each in ticks]}


def _spread(ticks: list[float], least: float) -> list[float]:
    """The ticks that lie at least `least` apart in logarithms, counted outwards from no change."""
    kept = [1.0]
    for each in sorted(ticks, key=lambda tick: abs(math.log(tick))):
        if all(abs(math.log(each / other)) >= least for other in kept):
            kept.append(each)
    return sorted(kept)


def _points(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """A linear axis that holds every interval, its ticks in points."""
    low = min(0.0, *(row["difference_low"] for row in rows)) if rows else 0.0
    high = max(0.0, *(row["difference_high"] for row in rows)) if rows else 0.0
    span = max(high - low, 0.02)
    step = next(each for each in (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5) if span / each <= 7)
    ticks = [round(at * step, 4) for at in range(math.floor(low / step), math.ceil(high / step) + 1)]
    sign = {True: "+", False: ""}
    return {"range": [ticks[0] - 0.02 * span, ticks[-1] + 0.02 * span], "tickvals": ticks, "zeroline": False,
            "ticktext": [f"{sign[each > 0]}{100 * each:g}".replace("-", "\u2212") for each in ticks],
            "title": {"text": "Change in percentage points", "standoff": 4, "font": {"size": 11}}}
