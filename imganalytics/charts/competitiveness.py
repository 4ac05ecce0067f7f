"""Dot and interval for each specialty and applicant type, with n in columns and the gaps said in place."""

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import plotly.graph_objects as go

from imganalytics.charts import theme
from imganalytics.result import Result
from imganalytics.studies.words import difference_text, percent
from imganalytics.vocabulary import BASES, ApplicantType, applicant_types

WIDTH = 740           # with two columns of numbers; more columns make the chart wider
LABELS = 178          # pixels for the names of the specialties
SIZE = 12             # font size of names and numbers
LINE = 1.3 * SIZE     # pixels from line to line of a text, fixed in plotly.js: an applicant type has one line of a row
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
    matched_source_id: str
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


def spec(result: Result) -> theme.Spec:
    """The chart as plotly.js takes it: a trace for each type; names, counts and gaps as annotations.

    Names, counts and gaps are a few texts of many lines, not a text for each figure: plotly lays out each text by
    itself, and that would take most of the time of a redraw.
    """
    types = [applicant_types()[key] for key in result.question.arguments["applicant_types"]]
    rows = _rows(result)
    columns = _columns(result, types, rows)
    return {"data": [_points(result, rows, types, at) for at in range(len(types))],
            "layout": _layout(result, rows, columns, types)}


def _rows(result: Result) -> list[list[Cell]]:
    """The figures grouped by row of the chart, in the order of the frame."""
    rows: dict[tuple[str, str, str], list[Cell]] = {}
    for values in zip(*(result.frame[name].tolist() for name in Cell._fields)):
        cell = Cell(*values)
        rows.setdefault((cell.specialty, cell.track, cell.entry_level), []).append(cell)
    return list(rows.values())


def _offset(at: int, count: int) -> float:
    """Where inside a row of height 1 the type number `at` lies."""
    return (at - (count - 1) / 2) * 0.86 / count


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
        "customdata": [[cell.specialty, cell.track, cell.entry_level, kind.key] for _, cell in shown],
    }


def _hover(base: str, sources: dict[str, str], cell: Cell) -> str:
    lines = [f"<b>{theme.escaped(cell.row_label)}</b>, {cell.type_label}",
             f"{percent(cell.rate)} (95 % interval {percent(cell.rate_low)} to {percent(cell.rate_high)})",
             f"{cell.matched:,.0f} matched of {cell.applicants:,.0f}",
             f"Base: {base}"]
    if cell.reliability == "unstable":
        lines.append("<i>Unstable: fewer than 30 applicants, or an interval wider than 20 points</i>")
    if isinstance(cell.corrections, str):
        lines.append(f"<i>Corrected ({cell.corrections}), see corrections.csv</i>")
    lines += [sources[cell.source_id], theme.escaped(cell.locator)]
    if cell.matched_source_id != cell.source_id:
        lines.append(sources[cell.matched_source_id].replace("Source:", "Matched count:", 1))
    return "<br>".join(lines)


def _gaps(rows: list[list[Cell]], types: list[ApplicantType]) -> str:
    """Words where a number would be (not published, withheld, too few): a line for each type of each row."""
    named = len(types) > 1
    return "<br>".join(
        f"<span style='font-size:10px'><i>{theme.escaped(kind.short_label + ': ' if named else '')}{theme.escaped(cell.reason)}</i></span>"
        if cell.reason not in ("", "below your minimum") else " " for row in rows for kind, cell in zip(types, row))


def _columns(result: Result, types: list[ApplicantType], rows: list[list[Cell]]) -> list[_Column]:
    columns = [_Column(f"<span style='color:{kind.colour}'>{GLYPHS[kind.symbol]}</span> {theme.escaped(kind.short_label)}<br>n",
                       [_count(row[at].applicants) for row in rows]) for at, kind in enumerate(types)]
    sort = result.question.arguments["sort"]
    if sort == "positions_per_applicant":
        columns.append(_Column("places per<br>applicant", [_ratio(row[0].positions_per_applicant) for row in rows],
                               width=1.2))
    if sort == "difference":
        one, other = (applicant_types()[result.question.arguments[key]].short_label for key in ("sort_type", "against"))
        columns.append(_Column(f"{one} \u2212<br>{other}, points", [difference_text(row[0].difference, row[0].difference_low,
                                                         row[0].difference_high) for row in rows], width=2.1))
    return columns


def _count(value: float) -> str:
    return "\u2013" if math.isnan(value) else f"{value:,.0f}"


def _ratio(value: float) -> str:
    return "\u2013" if math.isnan(value) else f"{value:.2f}"


def _centres(columns: list[_Column]) -> list[float]:
    centres, edge = [], 0.0
    for column in columns:
        centres.append(edge + column.width / 2)
        edge += column.width
    return centres


def _lines(texts: list[str], count: int) -> str:
    """One text a row, as one text of `count` lines a row."""
    return ("<br>" + " <br>" * (count - 1)).join(texts)


def _layout(result: Result, rows: list[list[Cell]], columns: list[_Column], types: list[ApplicantType]) -> dict[str, Any]:
    numbers = sum(column.width for column in columns) * COLUMN
    width = WIDTH + max(0, numbers - 2 * COLUMN)
    source = theme.wrapped(result.source_line + ". Cited as facts; not affiliated with the NRMP.", width - 30, 10)
    top, bottom = theme.headline_height(result, width) + HEADER, 46 + 13 * len(source)
    row = LINE * len(types)
    body = len(rows) * row
    inner = width - LABELS - 16
    split = 1 - numbers / inner
    places = [split + centre * COLUMN / inner for centre in _centres(columns)]
    middle = (LINE - row) / 2 + 2  # from the first line of a row to its middle
    return {
        "template": theme.NAME, "width": width, "height": top + body + bottom,
        "margin": {"l": LABELS, "r": 16, "t": top, "b": bottom},
        "title": {"text": theme.headline(result, width)},
        "xaxis": {"range": [0, 1], "domain": [0, split - 0.02], "tickformat": ".0%", "fixedrange": True,
                  "dtick": 0.2,
                  "title": {"text": "Matched", "standoff": 4, "font": {"size": 11}}},
        "yaxis": {"range": [len(rows) - 0.5, -0.5], "tickmode": "array", "tickvals": list(range(len(rows))),
                  "showticklabels": False, "fixedrange": True},
        "annotations": [
            theme.note("<br>".join(map(theme.escaped, source)), x=(12 - LABELS) / inner, y=0, yanchor="top", yshift=-40,
                  font={"size": 10, "color": theme.MUTED}),
            theme.note(_lines([_label(cells[0]) for cells in rows], len(types)), x=0, xanchor="right", align="right",
                  xshift=-4, y=1, yanchor="top", yshift=middle, font={"size": SIZE}),
            theme.note(_gaps(rows, types), x=0, y=1, yanchor="top", yshift=2, font={"size": SIZE, "color": theme.MUTED}),
            *(theme.note(_lines(column.texts, len(types)), x=place, xanchor="center", align="center", y=1, yanchor="top",
                    yshift=middle, font={"size": SIZE}) for place, column in zip(places, columns)),
            *(theme.note(f"<b>{column.header}</b>", x=place, xanchor="center", align="center", y=1, yanchor="bottom",
                    font={"size": 11}) for place, column in zip(places, columns))],
        "hovermode": "closest", "dragmode": False,
        "meta": {"summary": result.summary},
    }


def _label(cell: Cell) -> str:
    name = cell.row_label if len(cell.row_label) <= 30 else cell.row_label[:29] + "\u2026"
    return f"<b>{theme.escaped(name)}</b>" if cell.family == "Everything" else theme.escaped(name)
