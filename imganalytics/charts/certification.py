"""Certification, one row for each published figure: yearly counts, printed ranges, or shares of a register."""

import math
from typing import Any

import plotly.graph_objects as go

from imganalytics.charts import marks, rows, theme
from imganalytics.result import Result
from imganalytics.studies.certification import COLUMNS, told

COLOURS = {"applied": "#0072B2", "certified": "#D55E00"}
SYMBOLS = {"applied": "circle", "certified": "square"}
Row = dict[str, Any]


def figure(result: Result) -> go.Figure:
    """The chart of a certification Result."""
    return go.Figure(**spec(result))


def spec(result: Result) -> theme.Spec:
    """The chart as plotly.js takes it, after what is asked: dots of counts, bars of printed ranges, or dots of shares."""
    asked, own = result.question.arguments["figure"], rows.records(result.frame, *COLUMNS)
    return {"counts": _counts, "shares": _ranges, "physicians": _shares}[asked](result, own)


def _layout(result: Result, own: list[Row], columns: list[rows.Column], xaxis: dict[str, Any],
            below: str) -> dict[str, Any]:
    layout = rows.layout(result, [row["label"] for row in own], columns, xaxis, below)
    layout["annotations"] += [theme.note(f"<i>{theme.escaped(row['reason'])}</i>", x=0, y=1 - (at + 0.5) / len(own),
                                         yanchor="middle",
                                         xshift=6, font={"size": 11, "color": theme.MUTED})
                              for at, row in enumerate(own) if row["reason"] and row["range_low"] != row["range_low"]]
    return layout


def _hover(row: Row, asked: str, cited: dict[str, str], more: str = "") -> str:
    lines = [f"<b>{theme.escaped(row['label'])}</b>, {row['period']}", theme.escaped(told(asked, row)), more]
    return "<br>".join([*filter(None, lines), marks.cited(cited, row["source_id"])])


def _counts(result: Result, own: list[Row]) -> theme.Spec:
    shown = [(at, row) for at, row in enumerate(own) if not row["reason"]]
    highest = max((row["a_year"] for _, row in shown), default=1)
    step = next(each for each in (100, 200, 500, 1000, 2000, 5000) if highest / each <= 6)
    cited, data = marks.citations(result), []
    for what in COLOURS:
        mine = [(at, row) for at, row in shown if row["what"] == what]
        if mine:
            data.append({
                "type": "scatter", "mode": "markers", "name": what, "x": [row["a_year"] for _, row in mine],
                "y": [at for at, _ in mine], "cliponaxis": False,
                "marker": {"symbol": SYMBOLS[what], "size": 9, "color": COLOURS[what],
                           "line": {"width": 1.6, "color": COLOURS[what]}},
                "hovertext": [_hover(row, "counts", cited, "Average of the years" if row["start"] < row["end"] - 1
                                     else "")
                              for _, row in mine],
                "hoverinfo": "text", "customdata": [[row["certificate_id"]] for _, row in mine]})
    columns = [("Years", [row["period"] for row in own], 112), ("Printed", [_printed(row) for row in own], 130)]
    xaxis = {"range": [0, step * math.ceil(highest / step + 0.2)], "dtick": step, "tick0": 0, "tickformat": ",d",
             "title": {"text": "People, or certificates, a year", "standoff": 4, "font": {"size": 11}}}
    xaxis |= {"tickvals": (ticks := list(range(0, xaxis["range"][1] + 1, step))),
              "ticktext": [f"{tick:,}" for tick in ticks]}
    below = "Blue circle: asked for certification. Orange square: certified. In words: no year stated, or withheld."
    return {"data": data or [_nothing()], "layout": _layout(result, own, columns, xaxis, below)}


def _printed(row: Row) -> str:
    return "" if row["reason"] else f"{row['total']:,.0f} {row['what']}"


def _ranges(result: Result, own: list[Row]) -> theme.Spec:
    shown = [(at, row) for at, row in enumerate(own) if row["range_low"] == row["range_low"]]
    cited = marks.citations(result)
    data = [{"type": "scatter", "mode": "lines", "name": row["label"], "x": [row["range_low"], row["range_high"]],
             "y": [at, at],
             "line": {"color": "#56B4E9", "width": 7}, "cliponaxis": False, "hoverinfo": "text",
             "hovertext": [_hover(row, "shares", cited, "The range between countries or schools, not an interval")] * 2,
             "customdata": [[row["certificate_id"]]] * 2} for at, row in shown]
    ranges = [f"{100 * row['range_low']:g} to {100 * row['range_high']:g} %" if row["range_low"] == row["range_low"]
              else ""
              for row in own]
    said = ["" if row["range_low"] != row["range_low"] or row["total"] != row["total"]
            else f"{row['total']:g} %, no counts"
            for row in own]
    columns = [("Years", [row["period"] for row in own], 112), ("Range printed", ranges, 110), ("Overall", said, 130)]
    xaxis = {"range": [0, 1], "dtick": 0.2, "tick0": 0, "tickformat": ".0%",
             "title": {"text": "Certified, of those who asked for it", "standoff": 4, "font": {"size": 11}}}
    below = ("Bar: from the lowest to the highest country or school, as printed; not an interval. In words: "
             "printed without counts.")
    return {"data": data or [_nothing()], "layout": _layout(result, own, columns, xaxis, below)}


def _shares(result: Result, own: list[Row]) -> theme.Spec:
    cited, colour = marks.citations(result), COLOURS["applied"]
    data = [{"type": "scatter", "mode": "markers", "name": "physicians", "x": [row["share"] for row in own],
             "cliponaxis": False,
             "y": list(range(len(own))), "error_x": {
                 "type": "data", "symmetric": False, "thickness": 1.6, "width": 0, "color": colour,
                 "array": [row["high"] - row["share"] for row in own],
                 "arrayminus": [row["share"] - row["low"] for row in own]},
             "marker": {"symbol": ["circle" if row["reliability"] == "ok" else "circle-open" for row in own], "size": 8,
                        "color": colour, "line": {"width": 1.6, "color": colour}},
             "hovertext": [_hover(row, "physicians", cited, "Base: physicians who came as IMGs") for row in own],
             "hoverinfo": "text", "customdata": [[row["certificate_id"]] for row in own]}]
    columns = [("Share (95 % interval)", [told("physicians", row).split(",")[0] for row in own], 170),
               ("Physicians", [f"{row['total']:,.0f} of {row['whole']:,.0f}" for row in own], 150)]
    xaxis = {"range": [0, 0.25], "dtick": 0.05, "tick0": 0, "tickformat": ".0%",
             "title": {"text": "Of all physicians who came as IMGs", "standoff": 4, "font": {"size": 11}}}
    below = "The countries are part of the first row, and are not added to it."
    return {"data": data, "layout": _layout(result, own, columns, xaxis, below)}


def _nothing() -> dict[str, Any]:
    """A trace without a mark, so that the axes are drawn where all is said in words."""
    return {"type": "scatter", "mode": "markers", "name": "in words", "x": [None], "y": [None],
            "marker": {"symbol": "circle", "color": theme.INK, "size": 8}, "hoverinfo": "skip"}
