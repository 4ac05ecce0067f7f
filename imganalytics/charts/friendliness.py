"""A bar for each program: what is known of each kind of evidence stacked, then what is possible, up to the high end."""

from functools import lru_cache
from typing import Any

import plotly.graph_objects as go

from imganalytics.charts import marks, theme
from imganalytics.charts import rows as frame_of_rows
from imganalytics.result import Result
from imganalytics.studies.friendliness import KINDS, name_of, range_text

WIDTH, LABELS, NUMBERS = 980, 330, 84
LINE, BAR = 34, 15   # pixels from row to row, and of a bar
HEAD = 20            # pixels for each line of the legend
READ = ("institution", "specialty", "city", "state", "low", "high")
READING = "Solid: known. Pale: possible, but not known. Filled mark: low end. Hollow mark: high end."
LONGEST = 50         # letters of a name


def figure(result: Result) -> go.Figure:
    """The chart of a friendliness Result."""
    return go.Figure(**spec(result))


def spec(result: Result) -> theme.Spec:
    """The chart as plotly.js takes it: two traces of thick lines for each kind of evidence, and a mark at both ends.

    A row answers the pointer as a whole: the marks of the low ends hold the words of all parts.
    """
    kinds = [key for key, weight in result.question.arguments["weights"].items() if weight]
    parts = (f"{key}_{end}" for key in kinds for end in ("low", "high", "said"))
    rows = frame_of_rows.records(result.frame, *READ, *parts)
    source = "<br>".join(map(theme.escaped, theme.wrapped(marks.source_line(result), 430)))
    return {"data": [*_stacked(rows, kinds), _ends(rows, "high", "circle-open", {"hoverinfo": "skip"}),
                     _ends(rows, "low", "circle", {
                         "hovertext": [_hover(row, kinds, source) for row in rows], "hoverinfo": "text"})],
            "layout": _layout(result, rows, kinds)}


def pale(colour: str) -> str:
    """The colour mixed with white: a quarter of it is left, of black an eighth, lest it look like a grey of its own."""
    parts = [int(colour[at:at + 2], 16) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(255 - (255 - part) / (4 if any(parts) else 8)):02x}" for part in parts)


def _stacked(rows: list[dict[str, Any]], kinds: list[str]) -> list[dict[str, Any]]:
    """The known parts of all kinds one after the other, then in the same order what more is possible of each."""
    edges = [0.0] * len(rows)
    traces = []
    for known in (True, False):
        for key in kinds:
            x: list[float | None] = []
            y: list[int | None] = []
            for at, row in enumerate(rows):
                length = row[f"{key}_low"] if known else row[f"{key}_high"] - row[f"{key}_low"]
                if length > 0:
                    x += [edges[at], edges[at] + length, None]
                    y += [at, at, None]
                    edges[at] += length
            if x:
                colour = KINDS[key].colour if known else pale(KINDS[key].colour)
                name = KINDS[key].label + ("" if known else ", possible")
                traces.append({"type": "scatter", "mode": "lines", "name": name, "x": x, "y": y,
                               "line": {"color": colour, "width": BAR}, "hoverinfo": "skip"})
    return traces


def _ends(rows: list[dict[str, Any]], end: str, symbol: str, more: dict[str, Any]) -> dict[str, Any]:
    return {"type": "scatter", "mode": "markers", "name": f"{end} end", "cliponaxis": False,
            "x": [min(max(row[end], 0), 100) for row in rows], "y": list(range(len(rows))),
            "marker": {"symbol": symbol, "size": 9, "color": theme.INK, "line": {"width": 1.5, "color": theme.INK}},
            **more}


def _hover(row: dict[str, Any], kinds: list[str], source: str) -> str:
    name, place = name_of(row)
    lines = [f"<b>{theme.escaped(name)}</b>", theme.escaped(place),
             f"<b>{range_text(row['low'], row['high'])}</b> of 100 points"]
    for key in kinds:
        lines += [f"{_glyph(key)} {KINDS[key].label}: {range_text(row[f'{key}_low'], row[f'{key}_high'])} points",
                  _facts(row[f"{key}_said"])]
    return "<br>".join([*lines, source])


@lru_cache(maxsize=20_000)
def _facts(text: str) -> str:
    """The facts on a part in lines; weights move, the facts stay."""
    return "<br>".join(f"     {theme.escaped(line)}" for line in theme.wrapped(text, 420))


def _glyph(key: str) -> str:
    return f"<span style='color:{KINDS[key].colour}'>\u25a0</span>"


def _layout(result: Result, rows: list[dict[str, Any]], kinds: list[str]) -> dict[str, Any]:
    inner, count = WIDTH - LABELS - NUMBERS, len(rows)
    weights = result.question.arguments["weights"]
    legend = [f"{_glyph(key)} {theme.escaped(KINDS[key].label)}, weight {weights[key]:g}" for key in kinds]
    lines = [legend[at:at + 4] for at in range(0, len(legend), 4)]
    foot, below = marks.foot([READING], result, WIDTH, LABELS, inner)
    top = theme.headline_height(result, WIDTH) + HEAD * len(lines) + 16
    left = -LABELS / inner
    notes = [theme.note("      ".join(line), x=left, xshift=12, y=1, yanchor="bottom",
                        yshift=HEAD * (len(lines) - at) - 8, font={"size": 12}) for at, line in enumerate(lines)]
    notes.append(theme.note("<b>Range</b>", x=1, y=1, xshift=14, yanchor="bottom", font={"size": 11}))
    for at, row in enumerate(rows):
        y = 1 - (at + 0.5) / count
        notes.append(theme.note(_label(row), x=0, y=y, xanchor="right", align="right", xshift=-8, yanchor="middle",
                                font={"size": 12, "color": theme.INK}))
        notes.append(theme.note(range_text(row["low"], row["high"]), x=1, y=y, xshift=14, yanchor="middle",
                                font={"size": 12, "color": theme.INK}))
    return {"template": theme.NAME, "width": WIDTH, "height": top + LINE * count + below,
            "margin": {"l": LABELS, "r": NUMBERS, "t": top, "b": below},
            "title": {"text": theme.headline(result, WIDTH)},
            "xaxis": {"range": [0, 100], "dtick": 20, "fixedrange": True,
                      "title": {"text": "Points of 100", "standoff": 4, "font": {"size": 11}}},
            "yaxis": {"range": [count - 0.5, -0.5], "tickvals": list(range(count)), "showticklabels": False,
                      "fixedrange": True, "showgrid": False},
            "annotations": [*notes, *foot], "showlegend": False, "hovermode": "y", "dragmode": False,
            "meta": {"summary": result.summary}}


def _label(row: dict[str, Any]) -> str:
    name, place = (theme.escaped(text if len(text) <= LONGEST else text[:LONGEST - 1] + "\u2026")
                   for text in name_of(row))
    return f"{name}<br><span style='font-size:11px;color:{theme.MUTED}'>{place}</span>"
