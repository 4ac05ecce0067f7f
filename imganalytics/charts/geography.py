"""Fill shares on a grid with one square for each state, or as dots for divisions and regions. Nothing is fetched."""

import math
from bisect import bisect_right
from typing import Any

import plotly.graph_objects as go

from imganalytics.charts import rows as frame_of_rows
from imganalytics.charts import theme
from imganalytics.result import Result
from imganalytics.studies.trend_words import share_text
from imganalytics.studies.words import percent

WIDTH, LEFT = 980, 16
TILE, GAP = 68, 4       # pixels from square to square, and between two
COLUMNS, ROWS = 11, 8
GRID = TILE * COLUMNS
# A sequence of one hue from light to dark (after the Blues of ColorBrewer 2.0), safe for the colour-blind, on which the
# words keep a contrast of 4.5. The classes never change: a colour means the same whatever the controls say.
CLASSES = (0.05, 0.10, 0.20, 0.30, 0.40, 0.60)
COLOURS = ("#eff3ff", "#d0e1f2", "#aacfe6", "#7fb8da", "#559ccb", "#2171b5", "#084594")
PALE = ("#fafbff", "#f1f6fb", "#e5f1f8", "#d9eaf4", "#ccdfef", "#bdd4e9", "#b5c7df")  # of unstable shares
DARK = 5                # from this class on the words are white
NONE, EDGE = "#ffffff", "#cbd2d9"
DOT = "#0072B2"
SAID = {"none offered": "none<br>offered", "none filled": "none<br>filled", "below your minimum": "below<br>minimum"}
READ = ("place", "is_country", "state", "tile_row", "tile_column", "offered", "filled", "taken", "share", "share_low",
        "share_high", "reliability", "reason")


def figure(result: Result) -> go.Figure:
    """The chart of a geography Result."""
    return go.Figure(**spec(result))


def spec(result: Result) -> theme.Spec:
    """The chart as plotly.js takes it: squares for states, dots with intervals for larger places."""
    rows = frame_of_rows.records(result.frame, *READ)
    return _tiles(result, rows) if result.question.arguments["level"] == "state" else _dots(result, rows)


def _hover(result: Result, row: dict[str, Any]) -> str:
    lines = [f"<b>{theme.escaped(row['place'])}</b>"]
    if row["reason"]:
        lines.append(f"No share: {row['reason']}")
    else:
        lines.append(f"{percent(row['share'])} (95 % interval {percent(row['share_low'])} to "
                     f"{percent(row['share_high'])})")
    if row["filled"] == row["filled"]:
        lines.append(f"{row['taken']:,.0f} of {row['filled']:,.0f} filled positions (offered: {row['offered']:,.0f})")
    if row["reliability"] == "unstable":
        lines.append("<i>Unstable: fewer than 30 filled positions, or an interval wider than 20 points</i>")
    return "<br>".join([*lines, "A fill share of the place, not of a program",
                        *map(theme.escaped, theme.wrapped(result.source_line, 420))])


# -- squares ------------------------------------------------------------------------------------------------------


def _tiles(result: Result, rows: list[dict[str, Any]]) -> theme.Spec:
    states = [row for row in rows if not row["is_country"]]
    looks = [_look(row) for row in states]
    source = theme.wrapped(result.source_line + ". Cited as facts; not affiliated with the NRMP.", WIDTH - 30, 10)
    top, bottom = theme.headline_height(result, WIDTH) + 10, 24 + 13 * len(source)
    legend_marks, legend_words = _legend(rows)
    axis = {"visible": False, "showgrid": False, "zeroline": False, "showticklabels": False, "fixedrange": True,
            "tickvals": []}
    return {"data": [{
        "type": "scatter", "mode": "markers+text", "name": "states", "cliponaxis": False,
        "x": [int(row["tile_column"]) for row in states], "y": [int(row["tile_row"]) for row in states],
        "marker": {"symbol": "square", "size": TILE - GAP, "color": [fill for fill, _, _ in looks], "opacity": 1,
                   "line": {"width": 1, "color": [edge for _, edge, _ in looks]}},
        "text": [_words(row) for row in states], "textposition": "middle center",
        "textfont": {"size": 11, "color": [ink for _, _, ink in looks]},
        "hovertext": [_hover(result, row) for row in states], "hoverinfo": "text",
        "customdata": [[row["place"]] for row in states]}],
        "layout": {
            "template": theme.NAME, "width": WIDTH, "height": top + TILE * ROWS + bottom,
            "margin": {"l": LEFT, "r": WIDTH - LEFT - GRID, "t": top, "b": bottom},
            "title": {"text": theme.headline(result, WIDTH)},
            "xaxis": {"range": [0.5, COLUMNS + 0.5], **axis}, "yaxis": {"range": [ROWS + 0.5, 0.5], **axis},
            "shapes": [*(_dashed(row) for row in states if row["reliability"] == "unstable"), *legend_marks],
            "annotations": [*legend_words, theme.note("<br>".join(map(theme.escaped, source)), x=0, y=0, yanchor="top",
                                                      yshift=-8, font={"size": 10, "color": theme.MUTED})],
            "showlegend": False, "hovermode": "closest", "dragmode": False, "meta": {"summary": result.summary}}}


def _look(row: dict[str, Any]) -> tuple[str, str, str]:
    """Fill, edge and colour of the words of a square."""
    if row["reason"]:
        return NONE, EDGE, theme.MUTED
    number = bisect_right(CLASSES, row["share"])
    if row["reliability"] == "unstable":
        return PALE[number], PALE[number], theme.INK
    return COLOURS[number], COLOURS[number] if number else EDGE, "#ffffff" if number >= DARK else theme.INK


def _words(row: dict[str, Any]) -> str:
    if row["reason"]:
        return f"<b>{row['state']}</b><br><span style='font-size:9px'>{SAID.get(row['reason'], 'too few')}</span>"
    interval = f"{100 * row['share_low']:.1f} to {100 * row['share_high']:.1f}"
    return (f"<b>{row['state']}</b> {percent(row['share'])}<br><span style='font-size:9px'>{interval}</span><br>"
            f"<span style='font-size:9px'>n {row['filled']:,.0f}</span>")


def _dashed(row: dict[str, Any]) -> dict[str, Any]:
    """The dashed edge of a square whose share is unstable."""
    half = (TILE - GAP) / TILE / 2 - 0.01
    x, y = int(row["tile_column"]), int(row["tile_row"])
    return {"type": "rect", "xref": "x", "yref": "y", "x0": x - half, "x1": x + half, "y0": y - half, "y1": y + half,
            "line": {"color": theme.MUTED, "width": 1.5, "dash": "dash"}}


def _legend(rows: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """What colours and edges mean, with the number of states in each class, right of the squares."""
    states = [row for row in rows if not row["is_country"]]
    stable = [bisect_right(CLASSES, row["share"]) for row in states if row["reliability"] == "ok"]
    ends = ("0", *(f"{100 * end:.0f}" for end in CLASSES), "100")
    lines = [(COLOURS[number], EDGE, "solid", f"{low} to under {high} %" if high != "100" else f"{low} % and more",
              stable.count(number)) for number, (low, high) in enumerate(zip(ends, ends[1:]))]
    lines.append((PALE[2], theme.MUTED, "dash", "unstable", sum(row["reliability"] == "unstable" for row in states)))
    lines.append((NONE, EDGE, "solid", "no share", sum(bool(row["reason"]) for row in states)))
    heads = ["<b>Share of filled positions</b>", "<span style='font-size:10px'>with 95 % interval and n</span>"]
    country = next(row for row in rows if row["is_country"])
    if not country["reason"]:
        heads += ["", f"<b>All states {percent(country['share'])}</b>", f"{100 * country['share_low']:.1f} to "
                  f"{100 * country['share_high']:.1f}, n {country['filled']:,.0f}", ""]
    marks, words = [], [theme.note("<br>".join(heads), x=1, xshift=26, y=1, yanchor="top", font={"size": 11})]
    for number, (fill, edge, dash, text, count) in enumerate(lines):
        middle = 1 - (16 * len(heads) + 22 + 24 * number) / (TILE * ROWS)
        marks.append({"type": "rect", "xref": "paper", "yref": "paper", "x0": 1 + 28 / GRID, "x1": 1 + 52 / GRID,
                      "y0": middle - 9 / (TILE * ROWS), "y1": middle + 9 / (TILE * ROWS), "fillcolor": fill,
                      "line": {"color": edge, "width": 1, "dash": dash}})
        words.append(theme.note(f"{text} <span style='color:{theme.MUTED}'>({count})</span>", x=1, xshift=60, y=middle,
                                yanchor="middle", font={"size": 11}))
    foot = ("Dashed and pale: fewer than 30 positions,<br>or an interval wider than 20 points.<br>"
            "Places of the squares are ours.")
    words.append(theme.note(foot, x=1, xshift=26, y=1 - (16 * len(heads) + 22 + 24 * len(lines)) / (TILE * ROWS),
                            yanchor="top", font={"size": 10, "color": theme.MUTED}))
    return marks, words


# -- dots ---------------------------------------------------------------------------------------------------------


def _dots(result: Result, rows: list[dict[str, Any]]) -> theme.Spec:
    shown = [(at, row) for at, row in enumerate(rows) if not row["reason"]]
    highest = max(row["share_high"] for _, row in shown)
    step = next(each for each in (0.01, 0.02, 0.05, 0.1, 0.2) if highest / each <= 8)
    ticks = [round(at * step, 4) for at in range(math.ceil(highest / step - 1e-9) + 1)]
    numbers = [f"{row['taken']:,.0f} of {row['filled']:,.0f}" if row["filled"] == row["filled"] else "\u2013"
               for row in rows]
    shares = ["" if row["reason"] else share_text(row["share"], row["share_low"], row["share_high"]) for row in rows]
    layout = frame_of_rows.layout(
        result, [row["place"] for row in rows],
        [("Share (95 % interval)", shares, 150), ("Positions", numbers, 120)],
        {"range": [0, min(ticks[-1], 1)], "tickvals": ticks, "ticktext": [f"{100 * tick:.0f}%" for tick in ticks],
         "title": {"text": "Share of filled positions", "standoff": 4, "font": {"size": 11}}})
    layout["annotations"] += [
        theme.note(f"<i>{theme.escaped(row['reason'])}</i>", x=0, y=1 - (at + 0.5) / len(rows), yanchor="middle",
                   xshift=6, font={"size": 10, "color": theme.MUTED}) for at, row in enumerate(rows) if row["reason"]]
    colours = [theme.INK if row["is_country"] else DOT for _, row in shown]
    return {"data": [{
        "type": "scatter", "mode": "markers", "name": "places", "cliponaxis": False,
        "x": [row["share"] for _, row in shown], "y": [at for at, _ in shown],
        "error_x": {"type": "data", "symmetric": False, "thickness": 1.6, "width": 0, "color": DOT,
                    "array": [row["share_high"] - row["share"] for _, row in shown],
                    "arrayminus": [row["share"] - row["share_low"] for _, row in shown]},
        "marker": {"size": 8, "color": colours, "line": {"width": 1.6, "color": colours},
                   "symbol": ["circle" + ("-open" if row["reliability"] == "unstable" else "") for _, row in shown]},
        "hovertext": [_hover(result, row) for _, row in shown], "hoverinfo": "text",
        "customdata": [[row["place"]] for _, row in shown]}], "layout": layout}
