"""One measure in each specialty: the medians of those who matched and who did not, with their middle halves."""

from collections.abc import Callable
from typing import Any

import plotly.graph_objects as go

from imganalytics.charts import theme
from imganalytics.charts.quartiles import PAD, UNMATCHED, Row, Scale, bands, marks, middle, strokes, who
from imganalytics.result import Result
from imganalytics.studies.traits import records
from imganalytics.vocabulary import ALL_SPECIALTIES, applicant_types

WIDTH = 980
SIZE = 12
LINE = 1.3 * SIZE  # pixels from line to line of a text, fixed in plotly.js: each cohort of a specialty has a line
LABELS, COHORT, PLOT, WORDS = 12, 182, 308, 724  # where the columns begin, in pixels
PLOT_WIDTH = WORDS - PLOT - 14
HEADER, FOOT = 30, 44
CONNECTOR = "#9aa5b1"


def figure(result: Result) -> go.Figure:
    """The chart of a profile_measure Result."""
    return go.Figure(**spec(result))


def spec(result: Result) -> theme.Spec:
    """The chart as plotly.js takes it: two lines for each specialty, matched above and not matched below."""
    rows = records(result.frame)
    for at, row in enumerate(rows):
        # the two lines of a specialty stand a little closer than those of two specialties
        row |= {"y": at + 0.5 + (0.06 if at % 2 == 0 else -0.06), "scale": Scale.of(rows[0])}
    return {"data": _traces(result, rows), "layout": _layout(result, rows)}


def _traces(result: Result, rows: list[Row]) -> list[dict[str, Any]]:
    kind = applicant_types()[rows[0]["applicant_type"]]
    drawn = [row for row in rows if not row["reason"]]
    links = [(first["scale"].at(middle(first)), first["y"], second["scale"].at(middle(second)), second["y"])
             for first, second in zip(rows[::2], rows[1::2]) if not first["reason"] and not second["reason"]]
    chosen = [(row["scale"].at(row["value"]), at, row["scale"].at(row["value"]), at + 1)
              for at, row in enumerate(rows) if not row["reason"] and row["value"] == row["value"]]
    return [strokes(links, CONNECTOR, 1.5),
            *(marks(result, [row for row in drawn if row["cohort"] == cohort], colour, kind.symbol)
              for cohort, colour in (("matched", kind.colour), ("unmatched", UNMATCHED))),
            strokes(chosen, theme.INK, 2)]


def _layout(result: Result, rows: list[Row]) -> dict[str, Any]:
    source = theme.wrapped(result.source_line + ". Cited as facts; not affiliated with the NRMP.", WIDTH - 30, 10)
    top, bottom = theme.headline_height(result, WIDTH) + HEADER, FOOT + 13 * len(source)
    scale = rows[0]["scale"]
    stretched = " (stretched scale)" if rows[0]["unit"] in ("count", "programs") else ""
    return {
        "template": theme.NAME, "width": WIDTH, "height": top + len(rows) * LINE + bottom,
        "margin": {"l": PLOT, "r": WIDTH - PLOT - PLOT_WIDTH, "t": top, "b": bottom},
        "title": {"text": theme.headline(result, WIDTH)},
        "xaxis": {"range": [-PAD, 1 + PAD], "tickvals": scale.places, "zeroline": False,
                  "ticktext": [str(tick) for tick in scale.ticks], "fixedrange": True,
                  "title": {"text": theme.escaped(rows[0]["trait_label"]) + stretched, "standoff": 4,
                            "font": {"size": 11}}},
        "yaxis": {"range": [len(rows), 0], "tickvals": list(range(0, len(rows) + 1, 2)), "showticklabels": False,
                  "fixedrange": True},
        "shapes": bands(rows, applicant_types()[rows[0]["applicant_type"]].colour, 0.27),
        "annotations": [
            _column(LABELS, "<br>".join(map(_label, rows))),
            _column(COHORT, _lines(rows, who)),
            _column(PLOT, _lines(rows, lambda row: f"  <i>{theme.escaped(row['reason'])}</i>"), color=theme.MUTED),
            _column(WORDS, _lines(rows, lambda row: row["lies"])),
            *(_head(at, head) for at, head in ((LABELS, "Specialty"), (COHORT, "Who"),
                                               (WORDS, "Where the chosen value lies"))),
            theme.note("<br>".join(map(theme.escaped, source)), x=(LABELS - PLOT) / PLOT_WIDTH, y=0, yanchor="top",
                       yshift=-FOOT + 4, font={"size": 10, "color": theme.MUTED})],
        "showlegend": False, "hovermode": "closest", "dragmode": False, "meta": {"summary": result.summary}}


def _column(pixels: float, text: str, color: str = theme.INK) -> dict[str, Any]:
    return theme.note(text, x=(pixels - PLOT) / PLOT_WIDTH, y=1, yanchor="top", yshift=2,
                      font={"size": SIZE, "color": color})


def _head(pixels: float, text: str) -> dict[str, Any]:
    return theme.note(f"<b>{text}</b>", x=(pixels - PLOT) / PLOT_WIDTH, y=1, yanchor="bottom", yshift=6,
                      font={"size": SIZE, "color": theme.INK})


def _label(row: Row) -> str:
    if row["cohort"] == "unmatched":
        return " "
    name = theme.escaped(row["specialty_label"])
    return f"<b>{name}</b>" if row["specialty"] == ALL_SPECIALTIES else name


def _lines(rows: list[Row], said: Callable[[Row], str]) -> str:
    """A text for each row, as one text of a line each."""
    return "<br>".join(f"<span style='font-size:11px'>{said(row) or ' '}</span>" for row in rows)
