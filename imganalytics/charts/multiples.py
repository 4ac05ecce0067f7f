"""A small panel for each specialty with the rates of the same applicant types, all on one axis from 0 to 100 %."""

from typing import Any

import plotly.graph_objects as go

from imganalytics.charts import marks, theme
from imganalytics.charts.competitiveness import Cell
from imganalytics.result import Result
from imganalytics.studies.multiples import TYPES
from imganalytics.studies.words import percent
from imganalytics.vocabulary import BASES, ApplicantType, applicant_types

WIDTH = 980
LEFT = 92        # pixels for the names of the types, beside the first panel of each row
RIGHT = 12
ACROSS = 4       # panels in a row
NUMBER = 50      # pixels for n, at the right of each panel
LINE = 19        # pixels for an applicant type
HEAD = 26        # pixels above a panel for its name
TICKS = 24       # pixels below a panel for its axis
Panel = tuple[float, float, float, float]  # left, right, bottom and top of a plot, in parts of what the margins leave


def figure(result: Result) -> go.Figure:
    """The chart of a multiples Result."""
    return go.Figure(**spec(result))


def spec(result: Result) -> theme.Spec:
    """The chart as plotly.js takes it: a trace for each panel and type, two axes for each panel."""
    kinds = [applicant_types()[key] for key in TYPES]
    groups: dict[tuple[str, str, str], list[tuple[Cell, str]]] = {}
    levels = result.frame["main_entry_level"].tolist()
    for level, *values in zip(levels, *(result.frame[name].tolist() for name in Cell._fields)):
        cell = Cell(*values)
        groups.setdefault((cell.specialty, cell.track, cell.entry_level), []).append((cell, level))
    panels = list(groups.values())
    down = -(-len(panels) // ACROSS)
    inner, body = WIDTH - LEFT - RIGHT, down * (HEAD + TICKS + LINE * len(kinds))
    later = any(_later(*panel[0]) for panel in panels)
    below = ["*  Most places of the specialty start at PGY-2 and are not in these PGY-1 figures."] * later
    foot, bottom = marks.foot(below, result, WIDTH, LEFT, inner, 8)
    top = theme.headline_height(result, WIDTH) + 8
    layout: dict[str, Any] = {
        "template": theme.NAME, "width": WIDTH, "height": top + body + bottom,
        "margin": {"l": LEFT, "r": RIGHT, "t": top, "b": bottom}, "title": {"text": theme.headline(result, WIDTH)},
        "annotations": foot, "showlegend": False, "hovermode": "closest", "dragmode": False,
        "meta": {"summary": result.summary}}
    base, cited = BASES[result.question.arguments["base"]].denominator, marks.citations(result)
    data = []
    for at, panel in enumerate(panels):
        place = _place(at, inner, body, len(kinds))
        number = "" if at == 0 else str(at + 1)
        cells = {cell.type_label: cell for cell, _ in panel}
        data += [_point(kind, y, cells[kind.label], number, base, cited) for y, kind in enumerate(kinds)]
        _frame(layout, place, number, len(kinds))
        _words(layout, panel, place, kinds, at % ACROSS == 0)
    return {"data": data, "layout": layout}


def _place(at: int, inner: float, body: float, types: int) -> Panel:
    row, column = divmod(at, ACROSS)
    each = inner / ACROSS
    above = row * (HEAD + TICKS + LINE * types) + HEAD
    left = column * each + 14
    return (left / inner, ((column + 1) * each - NUMBER) / inner, 1 - (above + LINE * types) / body, 1 - above / body)


def _point(kind: ApplicantType, y: int, cell: Cell, number: str, base: str, cited: dict[str, str]) -> dict[str, Any]:
    shown = [] if cell.reason else [cell]
    trace = marks.rates(kind, [each.rate for each in shown], [y] * len(shown), [each.rate_low for each in shown],
                        [each.rate_high for each in shown], stable=[each.reliability == "ok" for each in shown],
                        hover=[_hover(each, base, cited) for each in shown],
                        customdata=[[each.specialty, each.track, each.entry_level, kind.key] for each in shown])
    return trace | {"xaxis": f"x{number}", "yaxis": f"y{number}"}


def _hover(cell: Cell, base: str, cited: dict[str, str]) -> str:
    lines = [f"<b>{theme.escaped(cell.row_label)}</b>, {cell.type_label}",
             f"{percent(cell.rate)} (95 % interval {percent(cell.rate_low)} to {percent(cell.rate_high)})",
             f"{cell.matched:,.0f} matched of {cell.applicants:,.0f}. Base: {base}"]
    if cell.reliability == "unstable":
        lines.append("<i>Unstable: fewer than 30 applicants, or an interval wider than 20 points</i>")
    if isinstance(cell.corrections, str):
        lines.append(f"<i>Corrected ({cell.corrections}), see corrections.csv</i>")
    return "<br>".join([*lines, marks.cited(cited, cell.source_id), theme.escaped(cell.locator)])


def _later(cell: Cell, level: str | None) -> bool:
    return cell.entry_level == "PGY-1" and level == "PGY-2"


def _frame(layout: dict[str, Any], place: Panel, number: str, types: int) -> None:
    left, right, low, high = place
    layout[f"xaxis{number}"] = {"range": [0, 1], "domain": [left, right], "anchor": f"y{number}", "fixedrange": True,
                                "tickvals": [0, 0.5, 1], "ticktext": ["0%", "50%", "100%"], "tickfont": {"size": 12}}
    layout[f"yaxis{number}"] = {"range": [types - 0.5, -0.5], "domain": [low, high], "anchor": f"x{number}",
                                "tickvals": list(range(types)), "showticklabels": False, "fixedrange": True}


def _words(layout: dict[str, Any], panel: list[tuple[Cell, str]], place: Panel, kinds: list[ApplicantType],
           first: bool) -> None:
    """Name of the panel, n or why there is no rate in each row, and the types beside the first panel of a row."""
    left, right, low, high = place
    cell, level = panel[0]
    name = cell.row_label if len(cell.row_label) <= 28 else cell.row_label[:27] + "\u2026"
    star = " *" if _later(cell, level) else ""
    layout["annotations"].append(theme.note(f"<b>{theme.escaped(name)}{star}</b>", x=left, y=high, yanchor="bottom",
                                            yshift=2, font={"size": 12, "color": theme.INK}))
    layout["annotations"].append(theme.note("n", x=right, y=high, xshift=NUMBER - 12, xanchor="right", align="right",
                                            yanchor="bottom", yshift=2, font={"size": 10, "color": theme.MUTED}))
    height = (high - low) / len(kinds)
    for at, (one, _) in enumerate(panel):
        y = high - (at + 0.5) * height
        if first:
            layout["annotations"].append(theme.note(marks.key(kinds[at]), x=left, y=y, xanchor="right", align="right",
                                                    xshift=-6, yanchor="middle", font={"size": 11, "color": theme.INK}))
        if one.reason:
            layout["annotations"].append(theme.note(f"<i>{theme.escaped(one.reason)}</i>", x=left, y=y, xshift=4,
                                                    yanchor="middle", font={"size": 10, "color": theme.MUTED}))
        else:
            layout["annotations"].append(theme.note(f"{one.applicants:,.0f}", x=right, y=y, xshift=NUMBER - 12,
                                                    xanchor="right", align="right", yanchor="middle",
                                                    font={"size": 10, "color": theme.MUTED}))
