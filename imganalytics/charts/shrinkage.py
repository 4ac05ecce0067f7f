"""Raw rates and shrunk ones in one row for each specialty, and the prior they are drawn towards."""

from typing import Any

import plotly.graph_objects as go

from imganalytics.charts import rows, theme
from imganalytics.result import Result
from imganalytics.vocabulary import applicant_types

RAW = "#52606d"
NEEDED = ("row_label", "rate", "rate_low", "rate_high", "matched", "applicants", "source_id", "locator",
          "shrunk", "shrunk_low", "shrunk_high")


def figure(result: Result) -> go.Figure:
    """The chart of a shrinkage Result."""
    return go.Figure(**spec(result))


def spec(result: Result) -> theme.Spec:
    """The chart as plotly.js takes it: grey cross raw, coloured mark shrunk with its interval."""
    frame = result.frame
    kind = applicant_types()[result.question.arguments["applicant_type"]]
    places = list(range(len(frame)))
    raw, shrunk, low, high = (frame[name].tolist() for name in ("rate", "shrunk", "shrunk_low", "shrunk_high"))
    shared: dict[str, Any] = {"type": "scatter", "y": places, "cliponaxis": False, "hoverinfo": "text",
                              "hovertext": [_hover(row) for row in rows.records(frame, *NEEDED)],
                              "customdata": [list(key) for key in zip(*(frame[name].tolist() for name in rows.KEY))]}
    drawn = {**shared, "mode": "markers", "name": "Shrunk", "x": shrunk,
             "marker": {"symbol": kind.symbol, "color": kind.colour, "size": 9, "line": {"width": 1, "color": kind.colour}},
             "error_x": {"type": "data", "symmetric": False, "array": [b - m for m, b in zip(shrunk, high)],
                         "arrayminus": [m - a for m, a in zip(shrunk, low)], "thickness": 2, "width": 0,
                         "color": kind.colour}}
    printed = {**shared, "mode": "markers", "name": "Raw", "x": raw,
               "marker": {"symbol": "x", "color": RAW, "size": 6}}
    layout = rows.layout(
        result, frame["row_label"].tolist(),
        [("Raw", [f"{100 * rate:.1f} %" for rate in raw], 64), ("Shrunk", [f"{100 * rate:.1f} %" for rate in shrunk], 64),
         ("n", [f"{count:,.0f}" for count in frame["applicants"]], 60)],
        {"range": [0, 1], "tick0": 0, "dtick": 0.2, "tickformat": ".0%",
         "title": {"text": "Matched", "standoff": 4, "font": {"size": 11}}},
        below=f"Cross: raw rate as published. {kind.label} mark: shrunk rate with its 95 % posterior interval. Dashed: mean of "
              "the prior.")
    centre = frame["prior_alpha"].iloc[0] / (frame["prior_alpha"].iloc[0] + frame["prior_beta"].iloc[0])
    layout["shapes"] = [{"type": "line", "xref": "x", "x0": centre, "x1": centre, "yref": "paper", "y0": 0, "y1": 1,
                         "line": {"color": theme.MUTED, "width": 1, "dash": "dash"}}]
    return {"data": [drawn, printed], "layout": layout}


def _hover(row: dict[str, Any]) -> str:
    return (f"<b>{theme.escaped(row['row_label'])}</b><br>raw {100 * row['rate']:.1f} % ({100 * row['rate_low']:.1f} to "
            f"{100 * row['rate_high']:.1f}), {row['matched']:,.0f} of {row['applicants']:,.0f}<br>shrunk "
            f"{100 * row['shrunk']:.1f} % ({100 * row['shrunk_low']:.1f} to {100 * row['shrunk_high']:.1f})<br>"
            f"{theme.escaped(row['source_id'])}, {theme.escaped(row['locator'])}")
