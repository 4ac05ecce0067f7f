"""Specialties in the order of their rate, each with the interval of its rank."""

from typing import Any

import plotly.graph_objects as go

from imganalytics.charts import rows, theme
from imganalytics.result import Result
from imganalytics.vocabulary import applicant_types

APART = "#1f2933"
NEEDED = ("row_label", "rate", "rate_low", "rate_high", "matched", "applicants", "source_id", "locator",
          "rank_label")


def figure(result: Result) -> go.Figure:
    """The chart of a ranking Result."""
    return go.Figure(**spec(result))


def spec(result: Result) -> theme.Spec:
    """The chart as plotly.js takes it; a dark line parts neighbours that can be told apart."""
    frame = result.frame
    kind = applicant_types()[result.question.arguments["applicant_type"]]
    ranks, low, high = (frame[name].tolist() for name in ("rank", "rank_low", "rank_high"))
    hollow = ["" if state == "ok" else "-open" for state in frame["reliability"]]
    counts = [f"{matched:,.0f} of {applicants:,.0f}" for matched, applicants in zip(frame["matched"], frame["applicants"])]
    rates = [f"{100 * rate:.1f} %" for rate in frame["rate"]]
    points = {
        "type": "scatter", "mode": "markers", "name": kind.label, "x": ranks, "y": list(range(len(frame))),
        "marker": {"symbol": [kind.symbol + shape for shape in hollow], "color": kind.colour, "size": 9,
                   "line": {"width": 1.5, "color": kind.colour}},
        "error_x": {"type": "data", "symmetric": False, "array": [b - r for r, b in zip(ranks, high)],
                    "arrayminus": [r - a for r, a in zip(ranks, low)], "thickness": 2, "width": 0, "color": kind.colour},
        "customdata": [list(key) for key in zip(*(frame[name].tolist() for name in rows.KEY))],
        "hovertext": [_hover(row) for row in rows.records(frame, *NEEDED)], "hoverinfo": "text", "cliponaxis": False}
    count = len(frame)
    step = 1 if count <= 12 else 5
    layout = rows.layout(
        result, frame["row_label"].tolist(),
        [("Rank (95 %)", frame["rank_label"].tolist(), 92), ("Rate", rates, 62), ("Matched", counts, 110)],
        {"range": [0.5, count + 0.5], "tick0": step if step > 1 else 1, "dtick": step, "zeroline": False,
         "title": {"text": "Rank by match rate (1 = highest)", "standoff": 4, "font": {"size": 11}}},
        below="A dark line between two rows: these neighbours can be told apart (95 % Newcombe interval). "
              "No line: they cannot. Hollow: unstable.")
    layout["shapes"] = [_parting(at) for at, apart in enumerate(frame["differs_from_next"]) if apart]
    return {"data": [points], "layout": layout}


def _parting(at: int) -> dict[str, Any]:
    return {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "yref": "y", "y0": at + 0.5, "y1": at + 0.5,
            "line": {"color": APART, "width": 1}}


def _hover(row: dict[str, Any]) -> str:
    return (f"<b>{theme.escaped(row['row_label'])}</b><br>{row['rank_label']}<br>"
            f"{100 * row['rate']:.1f} % ({100 * row['rate_low']:.1f} to {100 * row['rate_high']:.1f}), "
            f"{row['matched']:,.0f} of {row['applicants']:,.0f}<br>{theme.escaped(row['source_id'])}, "
            f"{theme.escaped(row['locator'])}")
