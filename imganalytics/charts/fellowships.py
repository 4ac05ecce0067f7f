"""Fill share of each subspecialty as a dot, with its counts and its growth in columns."""

from typing import Any, NamedTuple

import plotly.graph_objects as go

from imganalytics.charts import marks, theme
from imganalytics.result import Result
from imganalytics.studies.fellowship_facts import ALL_LABEL
from imganalytics.studies.trend_words import count_change
from imganalytics.studies.words import percent
from imganalytics.vocabulary import ALL_SPECIALTIES

WIDTH = 980
LABELS = 216   # pixels for the names
NUMBERS = 400  # pixels for the columns of numbers
SIZE = 12
LINE = 1.3 * SIZE  # pixels from line to line of a text, fixed in plotly.js
HEADER = 34
COLOUR = "#0072B2"
CENTRES = (76, 172, 236, 330)  # pixels from the left end of the columns to the middle of each


class Row(NamedTuple):
    """What the chart needs to know of one subspecialty."""

    specialty: str
    label: str
    offered: float
    filled: float
    whole: float
    unfilled: float
    share: float
    programs: float
    before: float
    reliability: str
    reason: str
    filled_source_id: str
    offered_source_id: str
    filled_locator: str


def figure(result: Result) -> go.Figure:
    """The chart of a fellowships Result."""
    return go.Figure(**spec(result))


def spec(result: Result) -> theme.Spec:
    """The chart as plotly.js takes it: one trace; names and numbers are a few texts of many lines, quick to lay out."""
    rows = [Row(*values) for values in zip(*(result.frame[name].tolist() for name in Row._fields))]
    cited = marks.citations(result)
    year, since = (result.question.arguments[name] for name in ("appointment_year", "since"))
    shown = [(at, row) for at, row in enumerate(rows) if not row.reason]
    colours = [theme.INK if row.specialty == ALL_SPECIALTIES else COLOUR for _, row in shown]
    trace = {"type": "scatter", "mode": "markers", "name": "Share of positions filled", "cliponaxis": False,
             "x": [row.share for _, row in shown], "y": [at for at, _ in shown],
             "marker": {"size": 8, "color": colours, "line": {"width": 1.6, "color": colours},
                        "symbol": ["circle" + "-open" * (row.reliability == "unstable") for _, row in shown]},
             "hovertext": [_hover(row, cited, year, since) for _, row in shown], "hoverinfo": "text",
             "customdata": [[row.specialty] for _, row in shown]}
    return {"data": [trace], "layout": _layout(result, rows, year, since)}


def _hover(row: Row, cited: dict[str, str], year: int, since: int) -> str:
    lines = [f"<b>{theme.escaped(row.label)}</b>, {year}",
             f"{percent(row.share)}: {row.filled:,.0f} of {row.whole:,.0f} positions filled, {row.unfilled:,.0f} left open",
             "Base: positions offered. A full count, so no interval"]
    if row.reliability == "unstable":
        lines.append("<i>Unstable: fewer than 30 positions</i>")
    if row.programs == row.programs:
        lines.append(f"{row.programs:,.0f} programs")
    if since < year:
        lines.append(f"Positions offered since {since}: {_change(row)}")
    lines += [marks.cited(cited, row.filled_source_id), theme.escaped(row.filled_locator)]
    if row.offered_source_id != row.filled_source_id:
        lines.append(marks.cited(cited, row.offered_source_id).replace("Source:", f"Offered ({row.offered:,.0f}):", 1))
    return "<br>".join(lines)


def _change(row: Row) -> str:
    return "not listed then" if row.before != row.before else count_change(row.before, row.offered)


def _count(value: float) -> str:
    return "\u2013" if value != value else f"{value:,.0f}"


def _columns(rows: list[Row], year: int, since: int) -> list[tuple[str, list[str]]]:
    columns = [("Filled of<br>offered", [f"{_count(row.filled)} of {_count(row.whole)}" for row in rows]),
               ("Left<br>open", [_count(row.unfilled) for row in rows]),
               ("Pro-<br>grams", [_count(row.programs) for row in rows])]
    if since < year:
        columns.append((f"Positions<br>since {since}", [_change(row) for row in rows]))
    return columns


def _layout(result: Result, rows: list[Row], year: int, since: int) -> dict[str, Any]:
    top = theme.headline_height(result, WIDTH) + HEADER
    inner = WIDTH - LABELS - NUMBERS
    foot, bottom = marks.foot([], result, WIDTH, LABELS, inner)
    lift = LINE / 2 - 5  # from the first line of a text to the middle of the first row
    labels = "<br>".join(f"<b>{ALL_LABEL}</b>" if row.specialty == ALL_SPECIALTIES else theme.escaped(_cut(row.label))
                         for row in rows)
    gaps = "<br>".join(f"<i>{theme.escaped(row.reason)}</i>" if row.reason else " " for row in rows)
    text = {"y": 1, "yanchor": "top", "yshift": lift, "font": {"size": SIZE, "color": theme.INK}}
    notes = [*foot, theme.note(labels, x=0, xanchor="right", align="right", xshift=-8, **text)]
    if gaps.replace("<br>", "").strip():
        notes.append(theme.note(gaps, x=0, xshift=6, **text | {"font": {"size": SIZE, "color": theme.MUTED}}))
    for (head, texts), centre in zip(_columns(rows, year, since), CENTRES):
        place = {"x": 1, "xanchor": "center", "align": "center", "xshift": centre}
        notes.append(theme.note("<br>".join(texts), **place, **text))
        notes.append(theme.note(f"<b>{head}</b>", **place, y=1, yanchor="bottom", font={"size": 11}))
    return {"template": theme.NAME, "width": WIDTH, "height": top + LINE * len(rows) + bottom,
            "margin": {"l": LABELS, "r": NUMBERS, "t": top, "b": bottom}, "title": {"text": theme.headline(result, WIDTH)},
            "xaxis": {"range": [0, 1], "dtick": 0.25, "tickformat": ".0%", "fixedrange": True,
                      "title": {"text": "Positions filled of those offered", "standoff": 4, "font": {"size": 11}}},
            "yaxis": {"range": [len(rows) - 0.5, -0.5], "tickmode": "array", "tickvals": list(range(len(rows))),
                      "showticklabels": False, "fixedrange": True},
            "annotations": notes, "showlegend": False, "hovermode": "closest", "dragmode": False,
            "meta": {"summary": result.summary}}


def _cut(label: str) -> str:
    return label if len(label) <= 34 else label[:33] + "\u2026"
