"""How well figures agree, and how many are watched: a dot for each share, its counts in words beside it."""

from collections.abc import Sequence
from itertools import accumulate

import plotly.graph_objects as go

from imganalytics.charts import theme
from imganalytics.result import Result

WIDTH = 980
LABELS = 430
WORDS = 210  # to the right of the plot
LINE = 15
GAP = 9
COLOUR = "#0072B2"


def figure(result: Result) -> go.Figure:
    """The chart of a data_quality or watched Result."""
    return go.Figure(**spec(result))


def spec(result: Result) -> theme.Spec:
    """The chart as plotly.js takes it: the share of each row, filled where it is above nothing."""
    frame = result.frame
    if result.question.study == "watched":
        shares = frame["share"].tolist()
        said = [f"{watched:,} of {figures:,}" if watched else f"none of {figures:,}"
                for watched, figures in zip(frame["watched"], frame["figures"])]
    else:
        shares = (frame["agree"] / frame["compared"]).tolist()
        said = [_found(*counts) for counts in zip(frame["agree"], frame["declared"], frame["fail"])]
    return _dots(result, frame["title"].tolist(), shares, said)


def _found(agree: int, declared: int, fail: int) -> str:
    words = [f"{count:,} {word}" for count, word in ((agree, "agree"), (declared, "declared"), (fail, "FAIL")) if count]
    return ", ".join(words)


def _dots(result: Result, titles: Sequence[str], shares: Sequence[float], said: Sequence[str]) -> theme.Spec:
    names = [theme.wrapped(title, LABELS - 24) for title in titles]
    edges = list(accumulate((LINE * len(lines) + GAP for lines in names), initial=0))
    middles = [(above + below) / 2 for above, below in zip(edges, edges[1:])]
    heights = [1 - middle / edges[-1] for middle in middles]
    words = {"yanchor": "middle", "font": {"size": 12, "color": theme.INK}}
    top, bottom = theme.headline_height(result, WIDTH) + 12, 34
    return {"data": [{
        "type": "scatter", "mode": "markers", "x": list(shares), "y": middles, "cliponaxis": False,
        "marker": {"symbol": ["circle" if share > 0 else "circle-open" for share in shares], "size": 9, "color": COLOUR,
                   "line": {"width": 1.5, "color": COLOUR}},
        "hovertext": [f"<b>{theme.escaped(title)}</b><br>{100 * share:.1f} %: {theme.escaped(text)}"
                      for title, share, text in zip(titles, shares, said)], "hoverinfo": "text"}],
        "layout": {
            "template": theme.NAME, "width": WIDTH, "height": edges[-1] + top + bottom,
            "margin": {"l": LABELS, "r": WORDS, "t": top, "b": bottom},
            "title": {"text": theme.headline(result, WIDTH)},
            "xaxis": {"range": [0, 1], "tick0": 0, "dtick": 0.25, "tickformat": ".0%", "fixedrange": True},
            "yaxis": {"range": [edges[-1], 0], "tickvals": middles, "showticklabels": False, "fixedrange": True},
            "annotations": [
                *(theme.note("<br>".join(map(theme.escaped, lines)), x=0, y=height, xanchor="right", align="right",
                             xshift=-12, **words) for lines, height in zip(names, heights)),
                *(theme.note(theme.escaped(text), x=1, y=height, xshift=14, **words)
                  for text, height in zip(said, heights))],
            "showlegend": False, "hovermode": "closest", "dragmode": False}}
