"""Each measure on its own row: the middle halves of those who matched and of those who did not, and one value."""

from collections.abc import Callable
from typing import Any

import plotly.graph_objects as go

from imganalytics.charts import theme
from imganalytics.charts.quartiles import PAD, UNMATCHED, Row, Scale, bands, box, marks, strokes, who
from imganalytics.result import Result
from imganalytics.studies.profile import NEVER_MEASURED
from imganalytics.studies.traits import records
from imganalytics.vocabulary import applicant_types

WIDTH = 980
SIZE = 12
LINE = 1.3 * SIZE    # pixels from line to line of a text, fixed in plotly.js
LINES = 4            # of a measure: those who matched, those who did not, the ticks, and air
NAMES, COHORT, PLOT, WORDS, PANEL = 12, 164, 288, 570, 806  # where the columns begin, in pixels
PLOT_WIDTH, PANEL_WIDTH = 268, 162
HEADER = 40
SHARED = "#f7ec7a"
SCALES = "Ranks and counts are drawn on a stretched scale, so that small numbers can be told apart; scores on an even one."


def figure(result: Result) -> go.Figure:
    """The chart of a profile Result."""
    return go.Figure(**spec(result))


def spec(result: Result) -> theme.Spec:
    """The chart as plotly.js takes it: a row of two lines for each measure, on one pair of axes."""
    rows = records(result.frame)
    for at, row in enumerate(rows):
        row |= {"y": LINES * (at // 2) + at % 2 + 0.5, "scale": Scale.of(row)}
    return {"data": _traces(result, rows), "layout": _layout(result, rows)}


def _traces(result: Result, rows: list[Row]) -> list[dict[str, Any]]:
    kind = applicant_types()[rows[0]["applicant_type"]]
    drawn = [row for row in rows if not row["reason"]]
    cohorts = [([row for row in drawn if row["cohort"] == cohort], colour)
               for cohort, colour in (("matched", kind.colour), ("unmatched", UNMATCHED))]
    grid = [(x, row["y"] - 0.5, x, row["y"] + 0.5) for row in drawn for x in row["scale"].places]
    values = [(row["scale"].at(row["value"]), row["y"] - 0.55, row["scale"].at(row["value"]), row["y"] + 0.55)
              for row in drawn if row["value"] == row["value"]]
    return [strokes(grid, theme.HAIRLINE, 1), *(_ranges(*cohort) for cohort in cohorts),
            *(marks(result, *cohort, kind.symbol) for cohort in cohorts),
            strokes(values, theme.INK, 2.5), _ticks(drawn)]


def _ranges(rows: list[Row], colour: str) -> dict[str, Any]:
    """From minimum to maximum."""
    return strokes([(row["scale"].at(row["minimum"]), row["y"], row["scale"].at(row["maximum"]), row["y"])
                    for row in rows if row["minimum"] == row["minimum"]], colour, 1.5)


def _ticks(drawn: list[Row]) -> dict[str, Any]:
    places = [(x, LINES * (row["y"] // LINES) + 2.48, str(tick))
              for row in {row["trait"]: row for row in drawn}.values()
              for x, tick in zip(row["scale"].places, row["scale"].ticks)]
    return {"type": "scatter", "mode": "text", "hoverinfo": "skip", "cliponaxis": False,
            "textposition": "middle center", "textfont": {"size": 10, "color": theme.MUTED},
            **dict(zip(("x", "y", "text"), map(list, zip(*places))))}


def _shapes(rows: list[Row]) -> list[dict[str, Any]]:
    colour = applicant_types()[rows[0]["applicant_type"]].colour
    return [box(row, row["shared_low"], row["shared_high"], row["y"] - 0.48, row["y"] + 1.48, fillcolor=SHARED,
                line={"width": 1.4, "color": SHARED}) for row in rows[::2] if row["shared_low"] == row["shared_low"]
            ] + bands(rows, colour, 0.3)


def _empty(rows: list[Row], lines: int) -> list[dict[str, Any]]:
    """A dashed box for each measure without a figure, and for each thing that was never measured: all of one size."""
    left, right = ((pixels - PLOT) / PLOT_WIDTH for pixels in (PANEL, PANEL + PANEL_WIDTH))  # in parts of the plot
    bare = [at for at in range(len(rows) // 2) if rows[2 * at]["reason"] and rows[2 * at + 1]["reason"]]
    return [{"type": "rect", "layer": "below", "xref": "paper", "yref": "paper", "x0": x0, "x1": x1,
             "y0": 1 - (LINES * at - 0.2) / lines, "y1": 1 - (LINES * at + 2.2) / lines, "fillcolor": "rgba(0,0,0,0)",
             "line": {"width": 1.2, "color": theme.MUTED, "dash": "dash"}}
            for places, x0, x1 in ((bare, 0, 1), (range(len(NEVER_MEASURED)), left, right)) for at in places]


def _box(row: dict[str, Any], low: float, high: float, top: float, bottom: float, **look: Any) -> dict[str, Any]:
    return {"type": "rect", "layer": "below", "xref": "x", "yref": "y", "x0": row["scale"].at(low), "x1": row["scale"].at(high),
            "y0": top, "y1": bottom, **look}


def _layout(result: Result, rows: list[Row]) -> dict[str, Any]:
    source = [SCALES] + theme.wrapped(result.source_line + ". Cited as facts; not affiliated with the NRMP.", WIDTH - 30, 10)
    top, bottom = theme.headline_height(result, WIDTH) + HEADER, 22 + 13 * len(source)
    lines = LINES * max(len(rows) // 2, len(NEVER_MEASURED))
    body = lines * LINE
    texts = ((NAMES, _names(rows)), (COHORT, _cohorts(rows)), (WORDS, _pairs(rows, lambda row: row["lies"])),
             (PANEL + 8, _never()))
    heads = ((NAMES, "Measure"), (COHORT, "Who"), (PLOT, "What is published"), (WORDS, "Where the chosen value lies"),
             (PANEL, "Never measured"))
    return {
        "template": theme.NAME, "width": WIDTH, "height": top + body + bottom,
        "margin": {"l": PLOT, "r": WIDTH - PLOT - PLOT_WIDTH, "t": top, "b": bottom},
        "title": {"text": theme.headline(result, WIDTH)},
        "xaxis": {"range": [-PAD, 1 + PAD], "visible": False, "fixedrange": True},
        "yaxis": {"range": [lines, 0], "visible": False, "fixedrange": True},
        "shapes": _shapes(rows) + _empty(rows, lines),
        "annotations": [
            *(_column(at, text, y=1, yanchor="top", yshift=2) for at, text in texts),
            _column(PLOT, _gaps(rows), y=1, yanchor="top", yshift=2, color=theme.MUTED),
            *(_column(at, f"<b>{head}</b>", y=1, yanchor="bottom", yshift=8) for at, head in heads),
            _column(NAMES, "<br>".join(map(theme.escaped, source)), y=0, yanchor="top", yshift=-4, size=10,
                    color=theme.MUTED)],
        "showlegend": False, "hovermode": "closest", "dragmode": False, "meta": {"summary": result.summary}}


def _column(pixels: float, text: str, size: int = SIZE, color: str = theme.INK, **place: Any) -> dict[str, Any]:
    return theme.note(text, x=(pixels - PLOT) / PLOT_WIDTH, font={"size": size, "color": color}, **place)


def _names(rows: list[Row]) -> str:
    lines: list[str] = []
    for row in rows[::2]:
        wrapped = theme.wrapped(row["trait_label"], COHORT - NAMES - 6, SIZE)[:2]
        name = [f"<b>{theme.escaped(line)}</b>" for line in wrapped]
        value = [f"chosen value: {row['value']:g}"] if row["value"] == row["value"] else []
        lines += [*name, *value, *[" "] * LINES][:LINES]
    return "<br>".join(lines)


def _pairs(rows: list[Row], said: Callable[[Row], str], size: int = 11) -> str:
    """A text for each row, as one text of LINES lines a measure; a measure without any figure says it once."""
    lines: list[str] = []
    for first, second in zip(rows[::2], rows[1::2]):
        texts = [said(first), " " if first["reason"] and first["reason"] == second["reason"] else said(second)]
        lines += [f"<span style='font-size:{size}px'>{text or ' '}</span>" for text in texts] + [" "] * (LINES - 2)
    return "<br>".join(lines)


def _cohorts(rows: list[Row]) -> str:
    bare = {first["trait"] for first, second in zip(rows[::2], rows[1::2]) if first["reason"] and second["reason"]}
    return _pairs(rows, lambda row: " " if row["trait"] in bare else who(row))


def _gaps(rows: list[Row]) -> str:
    return _pairs(rows, lambda row: f"  <i>{theme.escaped(row['reason'])}</i>" if row["reason"] else " ")


def _never() -> str:
    lines: list[str] = []
    for what, why in NEVER_MEASURED:
        lines += [f"<b>{what}</b>", f"<span style='font-size:11px'>{why}</span>", " ", " "]
    return "<br>".join(lines)

