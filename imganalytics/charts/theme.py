"""One look for every chart: a plotly template registered once, and the sizes charts are laid out with."""

import textwrap
from typing import Any

import plotly.graph_objects as go
import plotly.io as pio

from imganalytics.result import Result

Spec = dict[str, Any]  # {"data": [trace, ...], "layout": {...}}, as plotly.js takes it
NAME = "imganalytics"
INK = "#1f2933"
MUTED = "#52606d"
HAIRLINE = "#e4e7eb"
FONT = "'Segoe UI', 'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif"  # what the machine has; nothing is fetched

pio.templates[NAME] = go.layout.Template(layout={
    "font": {"family": FONT, "size": 12, "color": INK},
    "paper_bgcolor": "white",
    "plot_bgcolor": "white",
    "title": {"x": 0, "xref": "container", "xanchor": "left", "y": 1, "yref": "container", "yanchor": "top",
              "pad": {"t": 14, "l": 12}, "font": {"size": 17}},
    "xaxis": {"gridcolor": HAIRLINE, "zerolinecolor": MUTED, "linecolor": MUTED, "tickangle": 0, "automargin": False,
              "ticklabeloverflow": "allow"},  # otherwise plotly measures each label at each redraw
    "yaxis": {"gridcolor": HAIRLINE, "zeroline": False, "tickangle": 0, "automargin": False,
              "ticklabeloverflow": "allow"},
    "colorway": ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#F0E442", "#000000"],
    "hoverlabel": {"bgcolor": "white", "bordercolor": MUTED, "font": {"family": FONT, "size": 12, "color": INK},
                   "align": "left"},
    "showlegend": False,
})


def wrapped(text: str, width: int, size: int = 12) -> list[str]:
    """`text` in lines that fit `width` pixels at font size `size` (an average letter is half as wide as high)."""
    return textwrap.wrap(text, max(20, int(width / (0.52 * size)))) or [""]


def escaped(text: str) -> str:
    """Text in which plotly finds no markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def headline(result: Result, width: int) -> str:
    """Title and subtitle of a chart that is `width` pixels wide, as plotly's title text."""
    title, subtitle = _headline(result, width)
    return ("<b>" + "<br>".join(map(escaped, title)) + f"</b><br><span style='font-size:12px;color:{MUTED}'>"
            + "<br>".join(map(escaped, subtitle)) + "</span>")


def headline_height(result: Result, width: int) -> int:
    """Pixels that :func:`headline` takes."""
    title, subtitle = _headline(result, width)
    return 14 + 21 * len(title) + 17 * len(subtitle)


def _headline(result: Result, width: int) -> tuple[list[str], list[str]]:
    return wrapped(result.title, width - 70, 17), wrapped(result.subtitle, width - 30, 12)


def note(text: str, **place: Any) -> dict[str, Any]:
    """An annotation placed in parts of the plot: x and y from 0 to 1, the anchors and shifts in `place`."""
    return {"text": text, "showarrow": False, "xref": "paper", "yref": "paper", "xanchor": "left", "align": "left",
            **place}
