"""Positions filled by several programs over the years; hollow where some were left unfilled."""

from typing import Any

import plotly.graph_objects as go

from imganalytics.charts import marks, theme
from imganalytics.charts.program import history_only
from imganalytics.result import Result
from imganalytics.studies.program import HISTORY

WIDTH, PLOT, LEFT, RIGHT = 980, 260, 60, 330
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00")
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "star")
Row = dict[str, Any]


def figure(result: Result) -> go.Figure:
    """The chart of a comparison of programs."""
    return go.Figure(**spec(result))


def spec(result: Result) -> theme.Spec:
    """The chart as plotly.js takes it: a line for each program."""
    result = history_only(result)
    own = result.frame[result.frame["part"] == HISTORY]
    names = ("program_key", "program", "match_year", "quota", "matched", "line", "what", "detail")
    rows = [dict(zip(names, values)) for values in zip(*(own[name].tolist() for name in names))]
    programs = list(dict.fromkeys(zip(result.frame["program_key"], result.frame["program"])))
    lines = [[row for row in rows if row["program_key"] == key] for key, _ in programs]
    return {"data": [_trace(line, at) for at, line in enumerate(lines) if line],
            "layout": _layout(result, lines, [name for _, name in programs])}


def _trace(line: list[Row], at: int) -> Row:
    points: list[Row | None] = []
    for row in line:
        if points and points[-1]["match_year"] != row["match_year"] - 1:
            points.append(None)  # a year in which it was in no Match
        points.append(row)
    return {"type": "scatter", "mode": "lines+markers", "name": line[0]["program"],
            "x": [row and row["match_year"] for row in points], "y": [row and row["matched"] for row in points],
            "line": {"color": COLOURS[at], "width": 2},
            "marker": {"color": COLOURS[at], "size": 8, "line": {"width": 1.6, "color": COLOURS[at]},
                       "symbol": [SYMBOLS[at] + "-open" * bool(row and row["matched"] < row["quota"]) for row in points]},
            "hovertext": [_hover(row) if row else "" for row in points], "hoverinfo": "text", "cliponaxis": False,
            "customdata": [row and [row["line"], row["what"], row["program_key"]] for row in points]}


def _hover(row: Row) -> str:
    return (f"<b>{theme.escaped(row['program'])}</b>, {row['match_year']:.0f}<br>{row['matched']:,.0f} of {row['quota']:,.0f} "
            "positions filled at the Match")


def _layout(result: Result, lines: list[list[Row]], programs: list[str]) -> Row:
    rows = [row for line in lines for row in line]
    first, last = (int(pick(row["match_year"] for row in rows)) if rows else 2025 for pick in (min, max))
    most = max((row["matched"] for row in rows), default=1) or 1
    step = next(size for size in (1, 2, 5, 10, 20, 50, 100, 200) if size * 5 >= most)
    top = 50
    foot, below = marks.foot(["Hollow: places were left unfilled that year. A full count, not a sample: no interval."], result,
                             WIDTH, LEFT, WIDTH - LEFT - RIGHT, shift=30)
    ends = [line[-1]["matched"] if line else 0 for line in lines]
    places = marks.apart(ends, step * 5 * 40 / PLOT, 0, step * 5)
    names = [theme.note("<br>".join(f"<span style='color:{COLOURS[at]}'>{theme.escaped(part)}</span>"
                                    for part in theme.wrapped(name if lines[at] else f"{name}: no Match results", 300)[:2]),
                        x=last, xref="x", yref="y", y=place, xshift=14, yanchor="middle", font={"size": 11})
             for at, (name, place) in enumerate(zip(programs, places))]
    return {"template": theme.NAME, "width": WIDTH, "height": top + PLOT + below,
            "margin": {"l": LEFT, "r": RIGHT, "t": top, "b": below},
            "title": {"text": "<b>Positions filled at each Match</b>", "font": {"size": 14}},
            "xaxis": {"range": [first - 0.4, last + 0.4], "tickvals": list(range(first, last + 1)), "showgrid": False,
                      "ticktext": [str(year) for year in range(first, last + 1)], "zeroline": False, "fixedrange": True},
            "yaxis": {"range": [0, step * 5], "dtick": step, "tick0": 0, "fixedrange": True, "ticklabelstandoff": 6},
            "annotations": [*names, *foot], "showlegend": False, "hovermode": "closest", "dragmode": False,
            "meta": {"summary": result.summary}}
