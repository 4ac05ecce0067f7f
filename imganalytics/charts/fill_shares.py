"""Fill share with its interval for each specialty and applicant type; counts in columns, gaps in words."""

from typing import Any, NamedTuple

import plotly.graph_objects as go

from imganalytics.charts import marks, theme
from imganalytics.result import Result
from imganalytics.studies.filled import COUNTED
from imganalytics.studies.words import percent
from imganalytics.vocabulary import ALL_SPECIALTIES, ApplicantType, applicant_types

WIDTH = 980
LABELS = 232          # pixels for the names of the specialties
SIZE = 12
LINE = 1.3 * SIZE     # pixels from line to line of a text, fixed in plotly.js: an applicant type has one line of a row
COLUMN = 78           # pixels for a column of counts
HEADER = 34           # pixels above the first row for the heads of the columns
AXIS = "Fill share: part of the filled positions, not a match rate"
LATER = " *"          # most places of the specialty start later than those counted here


class Cell(NamedTuple):
    """What the chart needs to know of one fill share."""

    specialty: str
    track: str
    entry_level: str
    main_entry_level: str | None
    row_label: str
    applicant_type: str
    filled: float
    positions: float
    share: float
    share_low: float
    share_high: float
    reliability: str
    reason: str
    source_id: str
    locator: str


def figure(result: Result) -> go.Figure:
    """The chart of a fill_shares Result."""
    return go.Figure(**spec(result))


def spec(result: Result) -> theme.Spec:
    """The chart as plotly.js takes it: a trace for each type; names, counts and gaps as a few texts of many lines.

    plotly lays out each text by itself, which would take most of the time of a redraw.
    """
    asked = result.question.arguments
    types = [applicant_types()[key] for key in asked["applicant_types"]]
    rows: dict[tuple[str, str, str], list[Cell]] = {}
    for values in zip(*(result.frame[name].tolist() for name in Cell._fields)):
        cell = Cell(*values)
        rows.setdefault((cell.specialty, cell.track, cell.entry_level), []).append(cell)
    cells = list(rows.values())
    base, cited = COUNTED[asked["positions"]], marks.citations(result)
    return {"data": [_points(cells, kind, at, len(types), base, cited) for at, kind in enumerate(types)],
            "layout": _layout(result, cells, types)}


def _points(rows: list[list[Cell]], kind: ApplicantType, at: int, count: int, base: str,
            cited: dict[str, str]) -> dict[str, Any]:
    offset = (at - (count - 1) / 2) * 0.86 / count
    shown = [(y, row[at]) for y, row in enumerate(rows) if not row[at].reason]
    return marks.rates(
        kind, [cell.share for _, cell in shown], [y + offset for y, _ in shown], [cell.share_low for _, cell in shown],
        [cell.share_high for _, cell in shown], stable=[cell.reliability == "ok" for _, cell in shown],
        hover=[_hover(cell, kind, base, cited) for _, cell in shown],
        customdata=[[cell.specialty, cell.track, cell.entry_level, cell.applicant_type] for _, cell in shown])


def _hover(cell: Cell, kind: ApplicantType, base: str, cited: dict[str, str]) -> str:
    lines = [f"<b>{theme.escaped(cell.row_label)}</b>, {kind.label}",
             f"Fill share {percent(cell.share)} (95 % interval {percent(cell.share_low)} to "
             f"{percent(cell.share_high)})",
             f"{cell.filled:,.0f} of {cell.positions:,.0f} positions", f"Base: {base}. Not a match rate."]
    if cell.reliability == "unstable":
        lines.append("<i>Unstable: fewer than 30 positions, or an interval wider than 20 points</i>")
    return "<br>".join([*lines, marks.cited(cited, cell.source_id), theme.escaped(cell.locator)])


def _later(cell: Cell) -> bool:
    return cell.entry_level == "PGY-1" and cell.main_entry_level == "PGY-2"


def _label(cell: Cell) -> str:
    name = theme.escaped(cell.row_label if len(cell.row_label) <= 38 else cell.row_label[:37] + "\u2026")
    return f"<b>{name}</b>" if cell.specialty == ALL_SPECIALTIES else name + LATER * _later(cell)


def _lines(texts: list[str], count: int) -> str:
    """One text a row, as one text of `count` lines a row."""
    return ("<br>" + " <br>" * (count - 1)).join(texts)


def _gaps(rows: list[list[Cell]], types: list[ApplicantType]) -> str:
    """Words where a fill share would be: a line for each type of each row."""
    names = [theme.escaped(f"{kind.short_label}: ") if len(types) > 1 else "" for kind in types]
    return "<br>".join(f"<span style='font-size:10px'><i>{name}{cell.reason}</i></span>" if cell.reason else " "
                       for row in rows for name, cell in zip(names, row))


def _columns(rows: list[list[Cell]], types: list[ApplicantType]) -> list[tuple[str, list[str]]]:
    """Head and texts of each column: what each type filled, and what all filled."""
    columns = [(f"{marks.key(kind)}<br>filled", [_count(row[at].filled) for row in rows])
               for at, kind in enumerate(types)]
    return [*columns, ("all<br>filled (n)", [_count(row[0].positions) for row in rows])]


def _count(value: float) -> str:
    return "\u2013" if value != value else f"{value:,.0f}"


def _layout(result: Result, rows: list[list[Cell]], types: list[ApplicantType]) -> dict[str, Any]:
    count, columns = len(types), _columns(rows, types)
    numbers = COLUMN * len(columns)
    inner = WIDTH - LABELS - 16
    split = 1 - numbers / inner
    below = ["*  Most places of the specialty start at PGY-2 and are not in these PGY-1 figures."] if any(
        _later(row[0]) for row in rows) else []
    foot, bottom = marks.foot(below, result, WIDTH, LABELS, inner, 44)
    top, row = theme.headline_height(result, WIDTH) + HEADER, LINE * count
    most = marks.axis_end(cell.share_high for cells in rows for cell in cells)
    middle = (LINE - row) / 2 + 2  # from the first line of a row to its middle
    words = {"y": 1, "yanchor": "top", "yshift": middle, "font": {"size": SIZE}}
    names = _lines([_label(cells[0]) for cells in rows], count)
    notes = [theme.note(names, x=0, xanchor="right", align="right", xshift=-4, **words),
             theme.note(_gaps(rows, types), x=0, y=1, yanchor="top", yshift=2,
                        font={"size": SIZE, "color": theme.MUTED})]
    for at, (head, texts) in enumerate(columns):
        place = split + (at + 0.5) * COLUMN / inner
        notes.append(theme.note(_lines(texts, count), x=place, xanchor="center", align="center", **words))
        notes.append(theme.note(f"<b>{head}</b>", x=place, xanchor="center", align="center", y=1, yanchor="bottom",
                                font={"size": 11}))
    return {
        "template": theme.NAME, "width": WIDTH, "height": top + len(rows) * row + bottom,
        "margin": {"l": LABELS, "r": 16, "t": top, "b": bottom}, "title": {"text": theme.headline(result, WIDTH)},
        "xaxis": {"range": [0, most], "domain": [0, split - 0.02], "tickformat": ".0%", "dtick": most / 5,
                  "fixedrange": True, "title": {"text": AXIS, "standoff": 4, "font": {"size": 11}}},
        "yaxis": {"range": [len(rows) - 0.5, -0.5], "tickvals": list(range(len(rows))), "showticklabels": False,
                  "fixedrange": True},
        "annotations": [*foot, *notes], "showlegend": False, "hovermode": "closest", "dragmode": False,
        "meta": {"summary": result.summary}}
