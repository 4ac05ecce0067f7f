"""Which figures exist: a mark for each kind of figure, year and applicant type."""

from typing import Any

import plotly.graph_objects as go

from imganalytics.charts import theme
from imganalytics.result import Result
from imganalytics.vocabulary import applicant_types

WIDTH = 980
LABELS = 250
LINE = 9       # pixels for one applicant type inside a row
ROW_GAP = 10


def figure(result: Result) -> go.Figure:
    """The chart of a coverage Result."""
    return go.Figure(**spec(result))


def spec(result: Result) -> theme.Spec:
    """The chart as plotly.js takes it: one trace for each applicant type."""
    frame = result.frame
    kinds = list(dict.fromkeys(frame["what"]))
    present = set(frame["applicant_type"])
    types = [kind for kind in applicant_types().values() if kind.key in present]
    row = LINE * len(types) + ROW_GAP
    data: list[dict[str, Any]] = []
    for at, kind in enumerate(types):
        own = frame[frame["applicant_type"] == kind.key]
        offset = (at - (len(types) - 1) / 2) * LINE / row
        data.append({
            "type": "scatter", "mode": "markers", "name": kind.label, "x": own["match_year"].tolist(),
            "y": [kinds.index(what) + offset for what in own["what"]],
            "marker": {"symbol": kind.symbol, "color": kind.colour, "size": 7},
            "hovertext": [f"<b>{theme.escaped(what)}</b>, {year}<br>{kind.label}: {count:,} figures" for what, year, count
                          in zip(own["what"], own["match_year"], own["figures"])],
            "hoverinfo": "text", "cliponaxis": False,
            "customdata": [[what, kind.key, year] for what, year in zip(own["what"], own["match_year"].tolist())]})
    years = [int(frame["match_year"].min()), int(frame["match_year"].max())]
    return {"data": data, "layout": {
        "template": theme.NAME, "width": WIDTH, "height": 170 + row * len(kinds),
        "margin": {"l": LABELS, "r": 16, "t": 96, "b": 50},
        "title": {"text": theme.headline(result, WIDTH)},
        "xaxis": {"range": [years[0] - 0.7, years[1] + 0.7], "dtick": 2, "tick0": years[0], "fixedrange": True,
                  "zeroline": False, "tickformat": "d"},
        "yaxis": {"range": [len(kinds) - 0.5, -0.5], "tickvals": list(range(len(kinds))), "ticktext": [theme.escaped(kind) for kind in kinds],
                  "fixedrange": True, "ticklabelstandoff": 6, "showgrid": False},
        "shapes": [{"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": edge - 0.5, "y1": edge - 0.5,
                    "line": {"color": theme.HAIRLINE, "width": 1}} for edge in range(len(kinds) + 1)],
        "annotations": [{"text": f"Sources: {len(result.sources)} documents, named with each figure. Cited as facts; not "
                                 "affiliated with the NRMP.", "showarrow": False, "xref": "paper", "yref": "paper",
                         "x": 0, "y": 0, "xanchor": "left", "yanchor": "top", "yshift": -26, "align": "left",
                         "font": {"size": 10, "color": theme.MUTED}}],
        "showlegend": True, "legend": {"orientation": "h", "x": -LABELS / (WIDTH - LABELS - 16), "y": 1, "yanchor": "bottom",
                                       "xanchor": "left", "itemclick": False, "itemdoubleclick": False},
        "hovermode": "closest", "dragmode": False}}
