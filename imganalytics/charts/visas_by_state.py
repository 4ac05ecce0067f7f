"""H-1B requests on a grid with one square for each state. Nothing is fetched."""

from bisect import bisect_right
from typing import Any

import plotly.graph_objects as go

from imganalytics.charts import rows as frame_of_rows
from imganalytics.charts import theme
from imganalytics.charts.geography import COLOURS, COLUMNS, DARK, EDGE, GAP, GRID, LEFT, NONE, ROWS, TILE, WIDTH
from imganalytics.result import Result
from imganalytics.studies.visas_by_state import COLUMNS as READ
from imganalytics.studies.visas_by_state import UNITS, change_text
from imganalytics.studies.words import percent

# Ends of the classes of each measure, the same in every year: a colour means the same whatever the controls say.
CLASSES = {"positions": (10, 50, 100, 250, 500, 1000), "employers": (5, 10, 25, 50, 100, 200),
           "trainees": (5, 10, 20, 40, 80, 160)}
MOST = 10  # states named at the right
Row = dict[str, Any]


def figure(result: Result) -> go.Figure:
    """The chart of a visas_by_state Result."""
    return go.Figure(**spec(result))


def spec(result: Result) -> theme.Spec:
    """The chart as plotly.js takes it: a square for each state with a count, and the largest in a list."""
    asked = result.question.arguments
    rows = frame_of_rows.records(result.frame, *READ)
    states = [row for row in rows if row["tile_row"] == row["tile_row"]]
    classes = [None if row["reason"] else bisect_right(CLASSES[asked["measure"]], row["value"]) for row in states]
    looks = [_look(each) for each in classes]
    source = theme.wrapped(_sources(result), WIDTH - 30, 10)
    top, bottom = theme.headline_height(result, WIDTH) + 12, 24 + 13 * len(source)
    axis = {"visible": False, "showgrid": False, "zeroline": False, "showticklabels": False, "fixedrange": True,
            "tickvals": []}
    marks, words = _legend(asked["measure"], rows, classes, bool(asked["since"]))
    return {"data": [{
        "type": "scatter", "mode": "markers+text", "name": "states", "cliponaxis": False,
        "x": [int(row["tile_column"]) for row in states], "y": [int(row["tile_row"]) for row in states],
        "marker": {"symbol": "square", "size": TILE - GAP, "color": [fill for fill, _, _ in looks], "opacity": 1,
                   "line": {"width": 1, "color": [edge for _, edge, _ in looks]}},
        "text": [_square(row) for row in states], "textposition": "middle center",
        "textfont": {"size": 11, "color": [ink for _, _, ink in looks]},
        "hovertext": [_hover(result, row) for row in states], "hoverinfo": "text",
        "customdata": [[row["state"]] for row in states]}],
        "layout": {
            "template": theme.NAME, "width": WIDTH, "height": top + TILE * ROWS + bottom,
            "margin": {"l": LEFT, "r": WIDTH - LEFT - GRID, "t": top, "b": bottom},
            "title": {"text": theme.headline(result, WIDTH)},
            "xaxis": {"range": [0.5, COLUMNS + 0.5], **axis}, "yaxis": {"range": [ROWS + 0.5, 0.5], **axis},
            "shapes": marks,
            "annotations": [*words, theme.note("<br>".join(map(theme.escaped, source)), x=0, y=0, yanchor="top",
                                               yshift=-8,
                                               font={"size": 10, "color": theme.MUTED})],
            "showlegend": False, "hovermode": "closest", "dragmode": False, "meta": {"summary": result.summary}}}


def _look(each: int | None) -> tuple[str, str, str]:
    """Fill, edge and colour of the words of a square of this class; None: no request."""
    if each is None:
        return NONE, EDGE, theme.MUTED
    return COLOURS[each], COLOURS[each] if each else EDGE, "#ffffff" if each >= DARK else theme.INK


def _sources(result: Result) -> str:
    """The source line; the files of several years have one title, which is named once."""
    cited = list(dict.fromkeys(source.citation for source in result.sources))
    word = "Source" if len(cited) == 1 else "Sources"
    return f"{word}: {'; '.join(cited)}. Cited as facts; not affiliated with the NRMP."


def _square(row: Row) -> str:
    if row["reason"]:
        return f"<b>{row['state']}</b><br><span style='font-size:9px'>none<br>listed</span>"
    change = change_text(row)
    below = f"<br><span style='font-size:9px'>{change}</span>" if change else ""
    return f"<b>{row['state']}</b><br>{row['value']:,.0f}{below}"


def _hover(result: Result, row: Row) -> str:
    asked = result.question.arguments
    if row["reason"]:
        return f"<b>{theme.escaped(row['name'])}</b><br>No request is listed here; that is not a refusal"
    lines = [f"<b>{theme.escaped(row['name'])}</b>", f"{row['value']:,.0f} {UNITS[asked['measure']]}",
             f"{percent(row['share'])} of {row['country']:,.0f} in the whole country"]
    if change_text(row):
        lines.append(f"{row['before']:,.0f} in fiscal {asked['since']}: {change_text(row)}")
    return "<br>".join([*lines, "A request, not a visa or a person; first requests and extensions together",
                        *map(theme.escaped, theme.wrapped(result.source_line, 420))])


def _legend(measure: str, rows: list[Row], classes: list[int | None], compared: bool) -> tuple[list[Row], list[Row]]:
    """What the colours mean, and the largest states, right of the squares."""
    body = TILE * ROWS
    ends = CLASSES[measure]
    spans = [f"1 to {ends[0] - 1}", *(f"{low:,} to {high - 1:,}" for low, high in zip(ends, ends[1:])),
             f"{ends[-1]:,} and more"]
    head = f"<b>{UNITS[measure].capitalize()}</b>"
    small = {"font": {"size": 11}}
    marks: list[Row] = []
    words = [theme.note(head, x=1, xshift=26, y=1, yanchor="top", **small)]
    for number, text in enumerate(spans):
        middle = 1 - (32 + 22 * number) / body
        marks.append({"type": "rect", "xref": "paper", "yref": "paper", "x0": 1 + 28 / GRID, "x1": 1 + 52 / GRID,
                      "y0": middle - 8 / body, "y1": middle + 8 / body, "fillcolor": COLOURS[number],
                      "line": {"color": EDGE, "width": 1}})
        words.append(theme.note(f"{text} <span style='color:{theme.MUTED}'>({classes.count(number)})</span>", x=1,
                                xshift=60, y=middle,
                                yanchor="middle", **small))
    at = 32 + 22 * len(spans) + 14
    lines = [f"{row['name']} <b>{row['value']:,.0f}</b> ({percent(row['share'])})" + (
        f" <span style='color:{theme.MUTED}'>{change_text(row)}</span>" if compared else "") for row in rows[:MOST]
             if not row["reason"]]
    words.append(theme.note(f"<b>Most, and share of the {rows[0]['country']:,.0f}</b><br>" + "<br>".join(lines), x=1,
                            xshift=26,
                            y=1 - at / body, yanchor="top", **small))
    foot = "None listed: no request in the extract.<br>Places of the squares are ours."
    words.append(theme.note(foot, x=1, xshift=26, y=1 - (at + 16 * (MOST + 1) + 10) / body, yanchor="top",
                            font={"size": 10, "color": theme.MUTED}))
    return marks, words
