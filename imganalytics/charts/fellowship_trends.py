"""A line for each subspecialty over the appointment years, its name at its end; years without a figure are not joined."""

import math
from typing import Any

import plotly.graph_objects as go

from imganalytics.charts import marks, theme
from imganalytics.charts.competitiveness import GLYPHS
from imganalytics.result import Result
from imganalytics.studies.fellowship_trends import COLUMNS, MEASURES, Measure, figure_text
from imganalytics.studies.words import percent
from imganalytics.studies.trend_words import runs

WIDTH, PLOT = 980, 380
LEFT, RIGHT = 64, 330  # pixels for the figures of the axis, and for the names at the ends of the lines
APART = 18             # least pixels between two names
LOOKS = tuple(zip(("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"),
                  ("circle", "square", "diamond", "triangle-up", "pentagon", "star"),
                  ("solid", "longdash", "dash", "dashdot", "dot", "solid")))
Line = list[dict[str, Any]]


def figure(result: Result) -> go.Figure:
    """The chart of a fellowship_trends Result."""
    return go.Figure(**spec(result))


def spec(result: Result) -> theme.Spec:
    """The chart as plotly.js takes it: one trace for each line, with a gap between its segments."""
    lines: dict[int, Line] = {}
    for values in zip(*(result.frame[name].tolist() for name in COLUMNS)):
        row = dict(zip(COLUMNS, values))
        lines.setdefault(row["line"], []).append(row)
    what, cited = MEASURES[result.question.arguments["measure"]], marks.citations(result)
    return {"data": [_trace(what, cited, line) for line in lines.values()],
            "layout": _layout(result, what, list(lines.values()))}


def _trace(what: Measure, cited: dict[str, str], line: Line) -> dict[str, Any]:
    points: list[dict[str, Any] | None] = []
    for row in line:
        if points and points[-1]["segment"] != row["segment"]:
            points.append(None)  # nothing joins two segments
        points.append(row)
    colour, symbol, dash = LOOKS[line[0]["line"]]
    return {"type": "scatter", "mode": "lines+markers", "name": line[0]["label"], "cliponaxis": False,
            "x": [row and row["appointment_year"] for row in points], "y": [row and row["value"] for row in points],
            "line": {"color": colour, "width": 2, "dash": dash},
            "marker": {"color": colour, "size": 8, "line": {"width": 1.5, "color": colour},
                       "symbol": [symbol + "-open" * bool(row and row["reliability"] == "unstable") for row in points]},
            "hovertext": [_hover(what, cited, row) if row else "" for row in points], "hoverinfo": "text",
            "customdata": [row and [row["specialty"], row["appointment_year"]] for row in points]}


def _hover(what: Measure, cited: dict[str, str], row: dict[str, Any]) -> str:
    lines = [f"<b>{theme.escaped(row['label'])}</b>, {row['appointment_year']}"]
    if what.is_share:
        lines += [f"{figure_text(row, True)} positions", "Base: positions offered. A full count, so no interval"]
        if row["reliability"] == "unstable":
            lines.append("<i>Unstable: fewer than 30 positions</i>")
    else:
        lines += [f"{row['value']:,.0f} {what.noun} (a full count)", what.label]
    return "<br>".join([*lines, marks.cited(cited, row["source_id"]), theme.escaped(row["locator"])])


def _layout(result: Result, what: Measure, lines: list[Line]) -> dict[str, Any]:
    first, last = result.question.arguments["years"]
    ticks = [0, 0.2, 0.4, 0.6, 0.8, 1] if what.is_share else _ticks(max(row["value"] for line in lines for row in line))
    span = (first - 0.4, last + 0.4)
    top = theme.headline_height(result, WIDTH) + 14
    foot, bottom = marks.foot([], result, WIDTH, LEFT, WIDTH - LEFT - RIGHT, shift=34)
    names, leaders = _names(what, lines, span, ticks[-1], last)
    shown = list(range(first, last + 1, 1 if last - first < 12 else 2))
    return {"template": theme.NAME, "width": WIDTH, "height": top + PLOT + bottom,
            "margin": {"l": LEFT, "r": RIGHT, "t": top, "b": bottom}, "title": {"text": theme.headline(result, WIDTH)},
            "xaxis": {"range": list(span), "tickvals": shown, "ticktext": [str(year) for year in shown], "zeroline": False,
                      "showgrid": False, "fixedrange": True},
            "yaxis": {"range": [0, ticks[-1]], "tickvals": ticks, "fixedrange": True, "ticklabelstandoff": 6,
                      "zeroline": True, "zerolinecolor": theme.MUTED,
                      "ticktext": [f"{100 * tick:.0f}%" if what.is_share else f"{tick:,.0f}" for tick in ticks]},
            "shapes": leaders, "annotations": [*names, *_silent(lines, span, first, last), *foot], "showlegend": False,
            "hovermode": "closest", "dragmode": False, "meta": {"summary": result.summary}}


def _ticks(highest: float) -> list[float]:
    """Round steps from 0 to the first one that is not below `highest`."""
    rough = max(highest, 1) / 5
    power = 10 ** math.floor(math.log10(rough))
    step = max(1, round(next(each * power for each in (1, 2, 2.5, 5, 10) if each * power >= rough - 1e-12)))
    return [step * at for at in range(math.ceil(highest / step - 1e-9) + 1)] if highest else [0, 1]


def _names(what: Measure, lines: list[Line], span: tuple[float, float], highest: float,
           last: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The names of the lines at their ends, moved apart, and a fine line from each end to its name."""
    wanted = [PLOT * (1 - line[-1]["value"] / highest) for line in lines]
    names, leaders = [], []
    for line, end, height in zip(lines, wanted, marks.apart(wanted, APART, 0, PLOT)):
        right = (line[-1]["appointment_year"] - span[0]) / (span[1] - span[0])
        leaders.append({"type": "line", "xref": "paper", "yref": "paper", "x0": right + 0.012, "x1": 1.02,
                        "y0": 1 - end / PLOT, "y1": 1 - height / PLOT,
                        "line": {"color": "#9aa5b1", "width": 1, "dash": "dot"}})
        names.append(theme.note(_name(what, line, last), x=1.02, y=1 - height / PLOT, yanchor="middle", xshift=2,
                                font={"size": 12, "color": theme.INK}))
    return names, leaders


def _name(what: Measure, line: Line, last: int) -> str:
    colour, symbol, _ = LOOKS[line[0]["line"]]
    end = line[-1]
    value = percent(end["value"]) if what.is_share else f"{end['value']:,.0f}"
    when = "" if end["appointment_year"] == last else f" in {end['appointment_year']}"
    return f"<span style='color:{colour}'>{GLYPHS[symbol]}</span> {theme.escaped(end['label'])} <b>{value}</b>{when}"


def _silent(lines: list[Line], span: tuple[float, float], first: int, last: int) -> list[dict[str, Any]]:
    """'not published' at the foot of each run of years in which no line has a figure."""
    known = {row["appointment_year"] for line in lines for row in line}
    return [theme.note("not<br>published", y=0, yanchor="bottom", yshift=4, align="center", xanchor="center",
                       x=(sum(run) / len(run) - span[0]) / (span[1] - span[0]), font={"size": 10, "color": theme.MUTED})
            for run in runs(year for year in range(first, last + 1) if year not in known)]
