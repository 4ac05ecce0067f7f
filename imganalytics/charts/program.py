"""The history of a training program: positions offered and filled over the years, and code by code below."""

from dataclasses import replace
from typing import Any

import plotly.graph_objects as go

from imganalytics.charts import marks, theme
from imganalytics.result import Result
from imganalytics.studies.program import HISTORY

WIDTH, PLOT, LINE = 980, 190, 24
LEFT, RIGHT = 250, 150
FILLED, OFFERED, SHORT = "#0072B2", "#52606d", "#D55E00"
Row = dict[str, Any]


def figure(result: Result) -> go.Figure:
    """The chart of a program Result.

    Raises:
        ValueError: the program has no history (:func:`has_history`).
    """
    return go.Figure(**spec(result))


def has_history(result: Result) -> bool:
    """Whether there is anything to draw."""
    return bool((result.frame["part"] == HISTORY).any())


def history_only(result: Result) -> Result:
    """The same Result with the sources of its history alone, for the line under the chart."""
    own = set(result.frame.loc[result.frame["part"] == HISTORY, "source_id"])
    return replace(result, sources=tuple(source for source in result.sources if source.source_id in own))


def spec(result: Result) -> theme.Spec:
    """The chart as plotly.js takes it: two lines, and under them a row of figures for each NRMP code.

    Raises:
        ValueError: the program has no history (:func:`has_history`).
    """
    if not has_history(result):
        raise ValueError("no history to draw")
    result = history_only(result)
    rows = _rows(result)
    total = [row for row in rows if not row["program_code"]]
    codes = {row["program_code"]: row["published_name"] for row in reversed(rows) if row["program_code"]}
    codes = dict(sorted(codes.items()))
    years = [row["match_year"] for row in rows]
    data = [_line(total, "quota", "Offered", OFFERED, "circle-open", "dot"), _line(total, "matched", "Filled", FILLED, "circle",
                                                                               "solid")]
    data += [_figures([row for row in rows if row["program_code"] == code], at) for at, code in enumerate(codes)]
    return {"data": data, "layout": _layout(result, total, codes, (min(years), max(years)))}


def _rows(result: Result) -> list[Row]:
    own = result.frame[result.frame["part"] == HISTORY]
    names = ("program_code", "published_name", "match_year", "quota", "matched", "what", "detail", "program_key")
    return [dict(zip(names, values)) | {"match_year": int(values[2])} for values in zip(*(own[name].tolist() for name in names))]


def _line(total: list[Row], name: str, label: str, colour: str, symbol: str, dash: str) -> Row:
    points: list[Row | None] = []
    for row in total:
        if points and points[-1]["match_year"] != row["match_year"] - 1:
            points.append(None)  # a year in which it was in no Match
        points.append(row)
    return {"type": "scatter", "mode": "lines+markers", "name": label, "x": [row and row["match_year"] for row in points],
            "y": [row and row[name] for row in points], "line": {"color": colour, "width": 2, "dash": dash},
            "marker": {"color": colour, "size": 8, "symbol": symbol, "line": {"width": 1.6, "color": colour}},
            "hovertext": [_hover(row) if row else "" for row in points], "hoverinfo": "text", "cliponaxis": False,
            "customdata": [row and [HISTORY, row["what"], row["detail"], row["program_key"]] for row in points]}


def _figures(rows: list[Row], at: int) -> Row:
    """'12 of 14' for each year of a code; orange where places were left."""
    return {"type": "scatter", "mode": "text", "x": [row["match_year"] for row in rows], "y": [at] * len(rows),
            "xaxis": "x", "yaxis": "y2", "text": [f"{row['matched']:.0f} of {row['quota']:.0f}" for row in rows],
            "textposition": "middle center",
            "textfont": {"size": 11, "color": [SHORT if row["matched"] < row["quota"] else theme.INK for row in rows]},
            "hovertext": [_hover(row) for row in rows], "hoverinfo": "text", "cliponaxis": False,
            "customdata": [[HISTORY, row["what"], row["detail"], row["program_key"]] for row in rows]}


def _hover(row: Row) -> str:
    left = row["quota"] - row["matched"]
    return "<br>".join((f"<b>{theme.escaped(row['detail'])}</b>, {theme.escaped(row['what'])}",
                        f"{row['matched']:,.0f} of {row['quota']:,.0f} positions filled at the Match",
                        f"{left:,.0f} left unfilled" if left else "none left unfilled"))


def _layout(result: Result, total: list[Row], codes: dict[str, str], years: tuple[int, int]) -> Row:
    own = LINE * len(codes) + 14
    inner = WIDTH - LEFT - RIGHT
    top, height = 48, PLOT + own
    foot, below = marks.foot([f"Words in orange: places were left unfilled. A full count of the {years[0]} to {years[1]} "
                              "Matches, not a sample: no interval. Unfilled places may have been filled in SOAP."],
                             result, WIDTH, LEFT, inner, shift=12)
    ticks = list(range(years[0], years[1] + 1))
    most = max(row["quota"] for row in total) or 1
    step = next(size for size in (1, 2, 5, 10, 20, 50, 100, 200) if size * 4 >= most)
    split = own / height
    ends = marks.apart([total[-1]["quota"], total[-1]["matched"]], most * 0.13, 0, step * 4)
    last = ((f"offered {total[-1]['quota']:,.0f}", OFFERED), (f"filled {total[-1]['matched']:,.0f}", FILLED))
    names = [theme.note(f"<span style='color:{colour}'>{text}</span>", x=total[-1]["match_year"], y=end, xref="x", yref="y",
                        xshift=12, yanchor="middle") for end, (text, colour) in zip(ends, last)]
    labels = [theme.note(theme.escaped(f"{name[:24]}{'…' * (len(name) > 24)}  {code}"), x=0, xshift=-14, xanchor="right",
                         align="right", y=at, yref="y2", yanchor="middle", font={"size": 11})
              for at, (code, name) in enumerate(codes.items())]
    return {
        "template": theme.NAME, "width": WIDTH, "height": top + height + below,
        "margin": {"l": LEFT, "r": RIGHT, "t": top, "b": below},
        "title": {"text": "<b>Positions offered and filled at each Match</b>", "font": {"size": 14}},
        "xaxis": {"range": [years[0] - 0.5, years[1] + 0.5], "tickvals": ticks, "ticktext": [str(year) for year in ticks],
                  "showgrid": False, "zeroline": False, "fixedrange": True, "anchor": "y", "side": "bottom",
                  "ticklabelstandoff": 2},
        "yaxis": {"domain": [split + 22 / height, 1], "range": [0, step * 4], "dtick": step, "fixedrange": True,
                  "ticklabelstandoff": 6, "tick0": 0},
        "yaxis2": {"domain": [0, split], "range": [len(codes) - 0.5, -0.5], "showticklabels": False, "showgrid": False,
                   "fixedrange": True, "anchor": "x"},
        "annotations": [*names, *labels, *foot], "showlegend": False, "hovermode": "closest", "dragmode": False,
        "meta": {"summary": result.summary}}
