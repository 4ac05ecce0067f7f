"""What the workbook holds: a mark for each kind of record and year, its number of records beside it."""

import plotly.graph_objects as go

from imganalytics.charts import theme
from imganalytics.result import Result

WIDTH = 980
LABELS, NUMBERS = 300, 150
LINE = 22
COLOURS = {"The Match": "#0072B2", "Programs": "#009E73", "Visas": "#CC79A7", "Before residency": "#E69F00",
           "After residency": "#D55E00"}
SYMBOLS = {"The Match": "circle", "Programs": "square", "Visas": "diamond", "Before residency": "triangle-up",
           "After residency": "star"}
FIRST, LAST = 2004, 2026  # what is older is marked at the edge; a projection for later is not marked


def figure(result: Result) -> go.Figure:
    """The chart of a holdings Result."""
    return go.Figure(**spec(result))


def spec(result: Result) -> theme.Spec:
    """The chart as plotly.js takes it: one trace for each topic."""
    frame = result.frame
    kinds = list(dict.fromkeys(frame["what"]))
    dated = frame[frame["year"].notna()]
    dated = dated[dated["year"] <= LAST]
    last = int(dated["year"].max())
    totals, undated = frame.groupby("what")["figures"].sum(), frame[frame["year"].isna()].set_index("what")["figures"]
    data = []
    for topic, own in dated.groupby("topic", sort=False):
        data.append({
            "type": "scatter", "mode": "markers", "name": topic, "x": [max(year, FIRST) for year in own["year"].astype(int)],
            "y": [kinds.index(what) for what in own["what"]], "cliponaxis": False, "hoverinfo": "text",
            "marker": {"symbol": SYMBOLS[topic], "color": COLOURS[topic], "size": 9},
            "hovertext": [f"<b>{theme.escaped(what)}</b>, {year:.0f}<br>{count:,} records" for what, year, count
                          in zip(own["what"], own["year"], own["figures"])]})
    said = [f"{totals[what]:,}" + (f" ({undated[what]:,} undated)" if what in undated else "") for what in kinds]
    top, bottom = theme.headline_height(result, WIDTH) + 34, 34
    place = {"x": 1, "xshift": 16, "font": {"size": 12, "color": theme.INK}}
    return {"data": data, "layout": {
        "template": theme.NAME, "width": WIDTH, "height": LINE * len(kinds) + top + bottom,
        "margin": {"l": LABELS, "r": NUMBERS, "t": top, "b": bottom},
        "title": {"text": theme.headline(result, WIDTH)},
        "xaxis": {"range": [FIRST - 0.7, last + 0.7], "tick0": FIRST, "dtick": 4, "tickformat": "d", "fixedrange": True,
                  "zeroline": False},
        "yaxis": {"range": [len(kinds) - 0.5, -0.5], "tickvals": list(range(len(kinds))), "fixedrange": True,
                  "ticktext": [theme.escaped(kind) for kind in kinds], "ticklabelstandoff": 8},
        "annotations": [theme.note(text, y=1 - (at + 0.5) / len(kinds), yanchor="middle", **place)
                        for at, text in enumerate(said)],
        "showlegend": True, "legend": {"orientation": "h", "x": -LABELS / (WIDTH - LABELS - NUMBERS), "y": 1,
                                       "yanchor": "bottom", "xanchor": "left", "itemclick": False, "itemdoubleclick": False},
        "hovermode": "closest", "dragmode": False}}
