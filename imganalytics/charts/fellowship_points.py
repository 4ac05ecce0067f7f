"""Single published points by applicant type: a row for each, with its year, its words and its source."""

import re
from typing import Any, NamedTuple

import plotly.graph_objects as go

from imganalytics.charts import marks, theme
from imganalytics.result import Result
from imganalytics.studies.fellowship_points import BASES, FIGURES, point_text
from imganalytics.studies.words import percent
from imganalytics.vocabulary import applicant_types

WIDTH = 980
LEFT, RIGHT = 412, 366     # pixels for name, years and type, and for the words and the source
YEARS, KINDS = 190, 306    # pixels from the left edge to the columns of years and types
SOURCE = 210               # pixels from the plot to the column of sources
SIZE = 11
LINE = 1.3 * SIZE          # pixels from line to line of a text, fixed in plotly.js
HEADER = 22


class Row(NamedTuple):
    """What the chart needs to know of one point."""

    specialty: str
    label: str
    appointment_year: float
    when: str
    applicant_type: str | None
    type_label: str
    share: float
    low: float
    high: float
    count: float
    whole: float
    reliability: str
    reason: str
    source: str
    source_id: str | None
    whole_source_id: str | None
    locator: str | None


def figure(result: Result) -> go.Figure:
    """The chart of a fellowship_points Result."""
    return go.Figure(**spec(result))


def spec(result: Result) -> theme.Spec:
    """The chart as plotly.js takes it: one trace for each type; all words are a few texts of many lines."""
    rows = [Row(*values) for values in zip(*(result.frame[name].tolist() for name in Row._fields))]
    base, cited = BASES[result.question.arguments["figure"]], marks.citations(result)
    shown: dict[str, list[tuple[int, Row]]] = {}
    for at, row in enumerate(rows):
        if not row.reason:
            shown.setdefault(row.applicant_type, []).append((at, row))
    return {"data": [_trace(key, points, base, cited) for key, points in shown.items()] or [_empty()],
            "layout": _layout(result, rows)}


def _empty() -> dict[str, Any]:
    return {"type": "scatter", "mode": "markers", "name": "no marks", "x": [], "y": [],
            "marker": {"size": 8, "color": theme.INK}}


def _trace(key: str, points: list[tuple[int, Row]], base: str, cited: dict[str, str]) -> dict[str, Any]:
    own = [row for _, row in points]
    return marks.rates(applicant_types()[key], [row.share for row in own], [at for at, _ in points],
                       [row.low for row in own], [row.high for row in own], stable=[row.reliability == "ok" for row in own],
                       hover=[_hover(row, base, cited) for row in own],
                       customdata=[[row.specialty, int(row.appointment_year), row.applicant_type] for row in own])


def _hover(row: Row, base: str, cited: dict[str, str]) -> str:
    lines = [f"<b>{theme.escaped(row.label)}</b>, {row.type_label}, {row.when}",
             f"{percent(row.share)} (95 % interval {percent(row.low)} to {percent(row.high)})",
             f"{row.count:,.0f} of {row.whole:,.0f}", f"Base: {base}"]
    if row.reliability == "unstable":
        lines.append("<i>Unstable: fewer than 30, or an interval wider than 20 points</i>")
    lines += [marks.cited(cited, row.source_id), theme.escaped(row.locator or "")]
    if row.whole_source_id != row.source_id:
        lines.append(marks.cited(cited, row.whole_source_id).replace("Source:", "All filled:", 1))
    return "<br>".join(lines)


def _layout(result: Result, rows: list[Row]) -> dict[str, Any]:
    inner = WIDTH - LEFT - RIGHT
    top = theme.headline_height(result, WIDTH) + HEADER
    foot, bottom = marks.foot([], result, WIDTH, LEFT, inner)
    first = [at for at, row in enumerate(rows) if not at or row.label != rows[at - 1].label]
    columns = [("Subspecialty", 12 - LEFT, [theme.escaped(_cut(row.label, 31)) if at in first else " "
                                            for at, row in enumerate(rows)]),
               ("Published", YEARS - LEFT, [row.when or " " for row in rows]),
               ("Type", KINDS - LEFT, [marks.key(applicant_types()[row.applicant_type]) if row.applicant_type else " "
                                       for row in rows]),
               ("Share, interval, n", inner + 8, [theme.escaped(_said(row)) for row in rows]),
               ("Source", inner + SOURCE, [theme.escaped(_cut(re.sub(r" \(.*?\)", "", row.source), 26)) for row in rows])]
    notes = foot
    for head, left, texts in columns:
        notes.append(theme.note("<br>".join(texts), x=left / inner, y=1, yanchor="top", yshift=LINE / 2 - 6,
                                font={"size": SIZE, "color": theme.INK}))
        notes.append(theme.note(f"<b>{head}</b>", x=left / inner, y=1, yanchor="bottom", yshift=2, font={"size": SIZE}))
    rules = [{"type": "line", "xref": "paper", "yref": "y", "x0": (12 - LEFT) / inner, "x1": (inner + RIGHT - 10) / inner,
              "y0": at - 0.5, "y1": at - 0.5, "line": {"color": theme.HAIRLINE, "width": 1}} for at in first if at]
    return {"template": theme.NAME, "width": WIDTH, "height": top + LINE * len(rows) + bottom,
            "margin": {"l": LEFT, "r": RIGHT, "t": top, "b": bottom}, "title": {"text": theme.headline(result, WIDTH)},
            "xaxis": {"range": [0, 1], "dtick": 0.25, "tickformat": ".0%", "fixedrange": True,
                      "title": {"text": FIGURES[result.question.arguments["figure"]], "standoff": 4, "font": {"size": 11}}},
            "yaxis": {"range": [len(rows) - 0.5, -0.5], "tickvals": [], "showticklabels": False, "fixedrange": True},
            "shapes": rules, "annotations": notes, "showlegend": False, "hovermode": "closest", "dragmode": False,
            "meta": {"summary": result.summary}}


def _said(row: Row) -> str:
    """The words right of the plot; 'printed without counts' fits there without its interval."""
    return point_text(row._asdict())


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[:length - 1] + "\u2026"
