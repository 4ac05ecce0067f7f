"""The frame of charts that show one row for each thing: its name on the left, the plot, and columns of words."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from imganalytics.charts import theme
from imganalytics.result import Result

WIDTH = 980
LABELS = 230
LINE = 21
HEADER = 26
KEY = ("specialty", "track", "entry_level", "applicant_type")  # by which a press on a mark tells which figure it is
Column = tuple[str, Sequence[str], int]  # head, one text for each row, width in pixels


def layout(result: Result, labels: Sequence[str], columns: Sequence[Column], xaxis: dict[str, Any],
           below: str = "") -> dict[str, Any]:
    """Layout of a chart whose rows stand at y = 0, 1, 2 ... from the top.

    Args:
        result: whose title, subtitle and source line are printed.
        labels: names of the rows, cut when too long.
        columns: words to the right of the plot.
        xaxis: range, ticks and title of the horizontal axis.
        below: words under the axis, such as what the marks mean.
    """
    numbers = sum(width for _, _, width in columns)
    inner = WIDTH - LABELS - 16 - numbers
    source = theme.wrapped(result.source_line + ". Cited as facts; not affiliated with the NRMP.", WIDTH - 30, 10)
    foot = theme.wrapped(below, WIDTH - 30, 11) if below else []
    top = theme.headline_height(result, WIDTH) + HEADER
    bottom = 46 + 15 * len(foot) + 13 * len(source)
    count = max(len(labels), 1)
    words = {"yanchor": "middle", "font": {"size": 12, "color": theme.INK}}
    heights = [1 - (at + 0.5) / count for at in range(len(labels))]
    notes = [theme.note(theme.escaped(_cut(label)), x=0, y=y, xanchor="right", align="right", xshift=-8, **words)
             for label, y in zip(labels, heights)]
    left = 8
    for head, texts, width in columns:
        notes.append(theme.note(f"<b>{theme.escaped(head)}</b>", x=1, y=1, xshift=left, yanchor="bottom", font={"size": 11}))
        notes += [theme.note(theme.escaped(text), x=1, y=y, xshift=left, **words) for text, y in zip(texts, heights) if text]
        left += width
    shift = -40
    for lines, size, each in ((foot, 11, 15), (source, 10, 13)):
        if lines:
            notes.append(theme.note("<br>".join(map(theme.escaped, lines)), x=(12 - LABELS) / inner, y=0, yanchor="top",
                                    yshift=shift, font={"size": size, "color": theme.MUTED}))
        shift -= each * len(lines)
    return {"template": theme.NAME, "width": WIDTH, "height": top + LINE * count + bottom,
            "margin": {"l": LABELS, "r": 16 + numbers, "t": top, "b": bottom},
            "title": {"text": theme.headline(result, WIDTH)}, "xaxis": {"fixedrange": True, **xaxis},
            "yaxis": {"range": [count - 0.5, -0.5], "tickvals": list(range(count)), "showticklabels": False,
                      "fixedrange": True},
            "annotations": notes, "showlegend": False, "hovermode": "closest", "dragmode": False,
            "meta": {"summary": result.summary}}


def records(frame: pd.DataFrame, *names: str) -> list[dict[str, Any]]:
    """The rows as dictionaries of the columns `names`: pandas' own are too slow for a slider."""
    return [dict(zip(names, values)) for values in zip(*(frame[name].tolist() for name in names))]


def _cut(label: str) -> str:
    return label if len(label) <= 34 else label[:33] + "\u2026"
