"""Shares of the filled nephrology positions by applicant type over the years, with intervals."""

import math
from collections import defaultdict
from typing import Any

import plotly.graph_objects as go

from imganalytics.charts import marks, theme
from imganalytics.result import Result
from imganalytics.studies.fellowship_types import COLUMNS
from imganalytics.studies.words import percent
from imganalytics.vocabulary import applicant_types

WIDTH, PLOT = 980, 380
LEFT, RIGHT = 56, 210
APART = 17


def figure(result: Result) -> go.Figure:
    """The chart of a fellowship_types Result."""
    return go.Figure(**spec(result))


def spec(result: Result) -> theme.Spec:
    """The chart as plotly.js takes it: one trace for each type; years without a figure are not joined."""
    lines: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for values in zip(*(result.frame[name].tolist() for name in COLUMNS)):
        row = dict(zip(COLUMNS, values))
        lines[row["applicant_type"]].append(row)
    cited, share = marks.citations(result), result.question.arguments["measure"] == "share"
    return {"data": [_trace(line, cited, share) for line in lines.values()],
            "layout": _layout(result, list(lines.values()), share)}


def _trace(line: list[dict[str, Any]], cited: dict[str, str], share: bool) -> dict[str, Any]:
    points: list[dict[str, Any] | None] = []
    for row in line:
        if points and points[-1]["segment"] != row["segment"]:
            points.append(None)
        points.append(row)
    kind = applicant_types()[line[0]["applicant_type"]]
    x, y, low, high = ([row and row[name] for row in points] for name in ("appointment_year", "value", "low", "high"))
    trace = marks.rates(kind, x, y, low if share else y, high if share else y, upright=True,
                        stable=[not row or row["reliability"] == "ok" for row in points],
                        hover=[_hover(row, cited, share) if row else "" for row in points],
                        customdata=[row and [row["applicant_type"], row["appointment_year"]] for row in points])
    return trace | {"mode": "lines+markers", "line": {"color": kind.colour, "width": 1.8, "dash": kind.dash}}


def _hover(row: dict[str, Any], cited: dict[str, str], share: bool) -> str:
    lines = [f"<b>{theme.escaped(row['type_label'])}</b>, nephrology {row['appointment_year']}"]
    if share:
        lines.append(f"{percent(row['value'])} (95 % interval {percent(row['low'])} to {percent(row['high'])})")
    lines += [f"{row['count']:,.0f} of {row['filled']:,.0f} positions filled",
              "Base: positions filled. A fill share, not a match rate"]
    if row["reliability"] == "unstable":
        lines.append("<i>Unstable: fewer than 30 positions, or an interval wider than 20 points</i>")
    lines += [marks.cited(cited, row["source_id"]), theme.escaped(row["locator"])]
    return "<br>".join(lines)


def _layout(result: Result, lines: list[list[dict[str, Any]]], share: bool) -> dict[str, Any]:
    first, last = result.question.arguments["years"]
    step, end = _scale(max(row["high"] if share else row["value"] for line in lines for row in line), share)
    span = (first - 0.5, last + 0.5)
    top = theme.headline_height(result, WIDTH) + 14
    foot, bottom = marks.foot([], result, WIDTH, LEFT, WIDTH - LEFT - RIGHT, shift=34)
    return {"template": theme.NAME, "width": WIDTH, "height": top + PLOT + bottom,
            "margin": {"l": LEFT, "r": RIGHT, "t": top, "b": bottom}, "title": {"text": theme.headline(result, WIDTH)},
            "xaxis": {"range": list(span), "tickvals": list(range(first, last + 1)), "zeroline": False,
                      "ticktext": [str(year) for year in range(first, last + 1)], "showgrid": False, "fixedrange": True},
            "yaxis": {"range": [0, end], "dtick": step, "tick0": 0, "fixedrange": True,
                      "tickformat": ".0%" if share else "d",
                      "zeroline": True, "zerolinecolor": theme.MUTED, "ticklabelstandoff": 6},
            "annotations": [*_names(lines, end, last, share), *foot], "showlegend": False, "hovermode": "closest",
            "dragmode": False, "meta": {"summary": result.summary}}


def _scale(highest: float, share: bool) -> tuple[float, float]:
    """Step and end of the axis, which starts at 0."""
    if share:
        step = 0.1 if highest <= 0.7 else 0.2
        return step, min(1.0, round(step * math.ceil(highest / step - 1e-9), 2))
    step = next(each for each in (1, 2, 5, 10, 20, 50, 100) if highest / each <= 6)
    return step, step * max(1, math.ceil(highest / step - 1e-9))


def _names(lines: list[list[dict[str, Any]]], end: float, last: int, share: bool) -> list[dict[str, Any]]:
    """The names of the types at the right, each at the height of the end of its line."""
    wanted = [PLOT * (1 - line[-1]["value"] / end) for line in lines]
    notes = []
    for line, height in zip(lines, marks.apart(wanted, APART, 0, PLOT)):
        row = line[-1]
        value = percent(row["value"]) if share else f"{row['value']:,.0f}"
        when = "" if row["appointment_year"] == last else f" ({row['appointment_year']})"
        text = f"{marks.key(applicant_types()[row['applicant_type']])} <b>{value}</b>{when}"
        notes.append(theme.note(text, x=1, y=1 - height / PLOT, yanchor="middle", xshift=6,
                                font={"size": 12, "color": theme.INK}))
    return notes
