"""Dot and interval for each specialty and applicant type, with n in columns and the gaps said in place."""

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import plotly.graph_objects as go

from imganalytics.charts import theme
from imganalytics.charts.drawing import Spec
from imganalytics.result import Result
from imganalytics.studies.words import percent, points
from imganalytics.vocabulary import BASES, ApplicantType, applicant_types

WIDTH = 740
LABELS = 178          # pixels for the names of the specialties
LINE = 12             # pixels for one applicant type inside a row
ROW_GAP = 9
SLOTS = 7             # traces for applicant types; those not chosen are switched off
COLUMN = 72           # pixels for a column of numbers
HEADER = 34           # pixels above the first row for the heads of the columns
GLYPHS = {"circle": "\u25cf", "square": "\u25a0", "diamond": "\u25c6", "triangle-up": "\u25b2",
          "triangle-down": "\u25bc", "pentagon": "\u2b1f", "cross": "\u271a", "star": "\u2605", "x": "\u2716",
          "hexagon": "\u2b22"}


class Cell(NamedTuple):
    """What the chart needs to know of one figure."""

    specialty: str
    row_label: str
    family: str
    track: str
    entry_level: str
    type_label: str
    applicants: float
    matched: float
    rate: float
    rate_low: float
    rate_high: float
    reliability: str
    reason: str
    positions_per_applicant: float
    difference: float
    difference_low: float
    difference_high: float
    source_id: str
    locator: str
    corrections: str | None


@dataclass(frozen=True)
class _Column:
    """A column of numbers at the right: header, one text a row, width in units of COLUMN."""

    header: str
    texts: list[str]
    width: float = 1.0


def figure(result: Result) -> go.Figure:
    """The chart of a competitiveness Result."""
    return go.Figure(**spec(result))


def spec(result: Result) -> Spec:
    """The chart as plotly.js takes it: a trace for each type slot, one for the gaps, one for the numbers.

    The number of traces is always the same, so that a :class:`~imganalytics.charts.drawing.Drawing` can show any
    Result of the study.
    """
    types = [applicant_types()[key] for key in result.question.arguments["applicant_types"]]
    rows = _rows(result)
    columns = _columns(result, types, rows)
    data = [_points(result, rows, types, at) if at < len(types) else {"type": "scatter", "visible": False}
            for at in range(SLOTS)]
    return {"data": [*data, _gaps(rows, types), _numbers(columns)], "layout": _layout(result, rows, columns, types)}


def _rows(result: Result) -> list[list[Cell]]:
    """The figures grouped by row of the chart, in the order of the frame."""
    rows: dict[tuple[str, str, str], list[Cell]] = {}
    for values in zip(*(result.frame[name].tolist() for name in Cell._fields)):
        cell = Cell(*values)
        rows.setdefault((cell.specialty, cell.track, cell.entry_level), []).append(cell)
    return list(rows.values())


def _offset(at: int, count: int) -> float:
    """Where inside a row of height 1 the type number `at` lies."""
    return (at - (count - 1) / 2) * LINE / _row_height(count)


def _row_height(count: int) -> int:
    return LINE * count + ROW_GAP


def _points(result: Result, rows: list[list[Cell]], types: list[ApplicantType], at: int) -> dict[str, Any]:
    kind = types[at]
    base = BASES[result.question.arguments["base"]].denominator
    sources = {source.source_id: "<br>".join(map(theme.escaped, theme.wrapped(f"Source: {source.citation}", 420)))
               for source in result.sources}
    shown = [(y, row[at]) for y, row in enumerate(rows) if not row[at].reason]
    return {
        "type": "scatter", "mode": "markers", "name": kind.label, "visible": True,
        "x": [cell.rate for _, cell in shown],
        "y": [y + _offset(at, len(types)) for y, _ in shown],
        "error_x": {"type": "data", "symmetric": False, "thickness": 1.6, "width": 0, "color": kind.colour,
                    "array": [cell.rate_high - cell.rate for _, cell in shown],
                    "arrayminus": [cell.rate - cell.rate_low for _, cell in shown]},
        "marker": {"color": kind.colour, "size": 8, "line": {"width": 1.6, "color": kind.colour},
                   "symbol": [kind.symbol + ("-open" if cell.reliability == "unstable" else "") for _, cell in shown]},
        "hovertext": [_hover(base, sources, cell) for _, cell in shown], "hoverinfo": "text", "cliponaxis": False,
    }


def _hover(base: str, sources: dict[str, str], cell: Cell) -> str:
    lines = [f"<b>{theme.escaped(cell.row_label)}</b>, {cell.type_label}",
             f"{percent(cell.rate)} (95 % interval {percent(cell.rate_low)} to {percent(cell.rate_high)})",
             f"{cell.matched:,.0f} matched of {cell.applicants:,.0f}",
             f"Base: {base}"]
    if cell.reliability == "unstable":
        lines.append("<i>Unstable: fewer than 30 applicants, or an interval wider than 20 points</i>")
    if isinstance(cell.corrections, str):
        lines.append(f"<i>Corrected ({cell.corrections}): matches from the official state report</i>")
    return "<br>".join([*lines, sources[cell.source_id], theme.escaped(cell.locator)])


def _gaps(rows: list[list[Cell]], types: list[ApplicantType]) -> dict[str, Any]:
    """Words where a number would be: not published, withheld, too few."""
    empty = [(y + _offset(at, len(types)), kind, row[at]) for y, row in enumerate(rows)
             for at, kind in enumerate(types) if row[at].reason not in ("", "below your minimum")]
    named = len(types) > 1
    return {
        "type": "scatter", "mode": "text", "x": [0.006] * len(empty), "y": [y for y, _, _ in empty],
        "text": [f"<i>{kind.short_label}: {cell.reason}</i>" if named else f"<i>{cell.reason}</i>"
                 for _, kind, cell in empty],
        "textposition": "middle right", "textfont": {"size": 10, "color": theme.MUTED}, "hoverinfo": "skip",
    }


def _columns(result: Result, types: list[ApplicantType], rows: list[list[Cell]]) -> list[_Column]:
    columns = [_Column(f"<span style='color:{kind.colour}'>{GLYPHS[kind.symbol]}</span> {kind.short_label}<br>n",
                       [_count(row[at].applicants) for row in rows]) for at, kind in enumerate(types)]
    sort = result.question.arguments["sort"]
    if sort == "positions_per_applicant":
        columns.append(_Column("places per<br>applicant", [_ratio(row[0].positions_per_applicant) for row in rows],
                               width=1.2))
    if sort == "difference":
        one, other = (applicant_types()[result.question.arguments[key]].short_label for key in ("sort_type", "against"))
        columns.append(_Column(f"{one} \u2212<br>{other}, points", [_difference(row[0]) for row in rows], width=2.1))
    return columns


def _count(value: float) -> str:
    return "\u2013" if math.isnan(value) else f"{value:,.0f}"


def _ratio(value: float) -> str:
    return "\u2013" if math.isnan(value) else f"{value:.2f}"


def _difference(cell: Cell) -> str:
    if math.isnan(cell.difference):
        return "\u2013"
    low, high = (points(value).removesuffix(" points") for value in (cell.difference_low, cell.difference_high))
    return f"{points(cell.difference).removesuffix(' points')} ({low} to {high})"


def _centres(columns: list[_Column]) -> list[float]:
    centres, edge = [], 0.0
    for column in columns:
        centres.append(edge + column.width / 2)
        edge += column.width
    return centres


def _numbers(columns: list[_Column]) -> dict[str, Any]:
    """One text trace for all columns."""
    cells = [(x, y, text) for x, column in zip(_centres(columns), columns) for y, text in enumerate(column.texts)]
    return {
        "type": "scatter", "mode": "text", "xaxis": "x2", "yaxis": "y2", "x": [x for x, _, _ in cells],
        "y": [y for _, y, _ in cells], "text": [text for _, _, text in cells], "textfont": {"size": 11},
        "hoverinfo": "skip",
    }


def _layout(result: Result, rows: list[list[Cell]], columns: list[_Column], types: list[ApplicantType]) -> dict[str, Any]:
    title = theme.wrapped(result.title, WIDTH - 70, 17)
    subtitle = theme.wrapped(result.subtitle, WIDTH - 30, 12)
    source = theme.wrapped(result.source_line + ". Cited as facts; not affiliated with the NRMP.", WIDTH - 30, 10)
    heading = 14 + 21 * len(title) + 17 * len(subtitle)
    top, bottom = heading + HEADER, 46 + 13 * len(source)
    body = max(1, len(rows)) * _row_height(len(types)) + ROW_GAP
    inner = WIDTH - LABELS - 16
    split = 1 - sum(column.width for column in columns) * COLUMN / inner
    vertical = [len(rows) - 0.4, -0.6]
    return {
        "template": theme.NAME, "width": WIDTH, "height": top + body + bottom,
        "margin": {"l": LABELS, "r": 16, "t": top, "b": bottom},
        "title": {"text": "<b>" + "<br>".join(map(theme.escaped, title)) + "</b><br><span style='font-size:12px;"
                          f"color:{theme.MUTED}'>" + "<br>".join(map(theme.escaped, subtitle)) + "</span>"},
        "xaxis": {"range": [0, 1], "domain": [0, split - 0.02], "tickformat": ".0%", "fixedrange": True,
                  "dtick": 0.2 if split > 0.45 else 0.5,
                  "title": {"text": "Matched", "standoff": 4, "font": {"size": 11}}},
        "xaxis2": {"range": [0, sum(column.width for column in columns)], "domain": [split, 1], "visible": False,
                   "fixedrange": True},
        "yaxis": {"range": vertical, "tickvals": list(range(len(rows))), "fixedrange": True, "ticklabelstandoff": 6,
                  "ticktext": [_label(cells[0]) for cells in rows], "tickfont": {"size": 12}},
        "yaxis2": {"range": vertical, "anchor": "x2", "visible": False, "fixedrange": True},
        "annotations": [
            _note("<br>".join(map(theme.escaped, source)), x=(12 - LABELS) / inner, y=0, yanchor="top", yshift=-40,
                  font={"size": 10, "color": theme.MUTED}),
            *(_note(f"<b>{column.header}</b>", x=centre, xref="x2", xanchor="center", align="center", y=1,
                    yanchor="bottom", font={"size": 11}) for centre, column in zip(_centres(columns), columns))],
        "hovermode": "closest", "dragmode": False,
        "meta": {"summary": result.summary},
    }


def _note(text: str, **place: Any) -> dict[str, Any]:
    return {"text": text, "showarrow": False, "xref": "paper", "yref": "paper", "xanchor": "left", "align": "left",
            **place}


def _label(cell: Cell) -> str:
    name = theme.escaped(cell.row_label)
    name = name if len(name) <= 30 else name[:29] + "\u2026"
    return f"<b>{name}</b>" if cell.family == "Everything" else name
