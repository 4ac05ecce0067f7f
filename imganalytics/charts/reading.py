"""One rate and its interval, on the axis that every rate here is drawn on."""

import plotly.graph_objects as go

from imganalytics.charts import theme
from imganalytics.result import Result

COLOUR = "#0072B2"


def figure(result: Result) -> go.Figure:
    """The chart of a reading Result."""
    return go.Figure(**spec(result))


def spec(result: Result) -> theme.Spec:
    """The chart as plotly.js takes it: the rate with its interval, and the two limits in figures."""
    row = result.frame.iloc[0]
    rate, low, high = row["rate"], row["rate_low"], row["rate_high"]
    hollow = "" if row["reliability"] == "ok" else "-open"
    return {"data": [
        {"type": "scatter", "mode": "markers", "x": [rate], "y": [0],
         "marker": {"symbol": "circle" + hollow, "size": 13, "color": COLOUR, "line": {"width": 2, "color": COLOUR}},
         "error_x": {"type": "data", "symmetric": False, "array": [high - rate], "arrayminus": [rate - low],
                     "thickness": 3, "width": 8, "color": COLOUR}, "hoverinfo": "skip", "cliponaxis": False},
        {"type": "scatter", "mode": "text", "x": [low, rate, high], "y": [-0.55, 0.55, -0.55],
         "text": [f"{low:.1%}", f"<b>{rate:.1%}</b>", f"{high:.1%}"], "hoverinfo": "skip", "cliponaxis": False}],
        "layout": {
            "template": theme.NAME, "width": 740, "height": 210, "margin": {"l": 40, "r": 40, "t": 74, "b": 46},
            "title": {"text": theme.headline(result, 740)},
            "xaxis": {"range": [0, 1], "tickformat": ".0%", "dtick": 0.2, "fixedrange": True,
                      "title": {"text": "Matched", "font": {"size": 11}, "standoff": 4}},
            "yaxis": {"range": [-1, 1], "visible": False, "fixedrange": True}, "dragmode": False}}
