"""A line for each specialty or state: from positions known to be at programs with evidence to those possibly."""

from typing import Any

import plotly.graph_objects as go

from imganalytics.charts import rows as frame_of_rows
from imganalytics.charts import theme
from imganalytics.charts.unfilled import tick_text, ticks as round_ticks
from imganalytics.result import Result
from imganalytics.studies.opportunity import EVIDENCE
from imganalytics.studies.words import percent

COLOUR, PALE = "#0072B2", "#b2d5e8"
READ = ("label", "positions", "programs", "low", "high", "share_low", "share_high", "programs_low", "programs_high",
        "programs_stated")


def figure(result: Result) -> go.Figure:
    """The chart of an opportunity Result."""
    return go.Figure(**spec(result))


def spec(result: Result) -> theme.Spec:
    """The chart as plotly.js takes it: the ranges as lines, lower bounds as filled marks, upper ones hollow."""
    asked, rows = result.question.arguments, frame_of_rows.records(result.frame, *READ)
    shares = asked["measure"] == "share"
    ends = [(row["share_low"], row["share_high"]) if shares else (row["low"], row["high"]) for row in rows]
    ticks = round_ticks(max(high for _, high in ends), shares)
    layout = frame_of_rows.layout(
        result, [row["label"] for row in rows],
        [*((head, [f"{row[name]:,.0f}" for row in rows], 66) for head, name in (
            ("At least", "low"), ("At most", "high"), ("Offered", "positions"))),
         ("Programs with it", [f"{row['programs_low']:,.0f} of {row['programs']:,.0f}" for row in rows], 140)],
        {"range": [0, ticks[-1]], "tickvals": ticks, "ticktext": [tick_text(tick, shares, ticks[1]) for tick in ticks],
         "title": {"text": "Share of the positions offered" if shares else "Positions offered", "standoff": 4,
                   "font": {"size": 11}}},
        below=f"Filled mark: at least. Hollow mark: at most. Between: {EVIDENCE[asked['evidence']].rest}.")
    hover = [_hover(result, row) for row in rows]
    at = list(range(len(rows)))
    line = {"type": "scatter", "mode": "lines", "name": "possible", "hoverinfo": "skip",
            "line": {"color": PALE, "width": 8},
            "x": [x for low, high in ends for x in (low, high, None)], "y": [y for k in at for y in (k, k, None)],
            "cliponaxis": False}
    return {"data": [line, _marks("at least", [low for low, _ in ends], at, "circle", hover),
                     _marks("at most", [high for _, high in ends], at, "circle-open", hover)], "layout": layout}


def _marks(name: str, x: list[float], y: list[int], symbol: str, hover: list[str]) -> dict[str, Any]:
    return {"type": "scatter", "mode": "markers", "name": name, "x": x, "y": y, "cliponaxis": False,
            "marker": {"symbol": symbol, "size": 9, "color": COLOUR, "line": {"width": 1.6, "color": COLOUR}},
            "hovertext": hover, "hoverinfo": "text"}


def _hover(result: Result, row: dict[str, Any]) -> str:
    lines = [f"<b>{theme.escaped(row['label'])}</b>",
             f"At least {row['low']:,.0f} ({percent(row['share_low'])}), at most {row['high']:,.0f} "
             f"({percent(row['share_high'])})",
             f"of {row['positions']:,.0f} positions offered",
             f"Programs: {row['programs_low']:,.0f} with evidence, {row['programs_high']:,.0f} possibly, of "
             f"{row['programs']:,.0f}",
             f"Statements imported: {row['programs_stated']:,.0f}",
             "A full count: bounds of what is not known, not of chance"]
    return "<br>".join([*lines, *map(theme.escaped, theme.wrapped(result.source_line, 420))])
