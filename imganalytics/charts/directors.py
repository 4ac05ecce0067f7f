"""Factors that program directors cite: the share citing each, and its mean importance beside it."""

from typing import Any

import plotly.graph_objects as go

from imganalytics.charts import marks, theme
from imganalytics.result import Result
from imganalytics.studies.directors import MOST, cut_off
from imganalytics.studies.words import percent

WIDTH = 980
LABELS, NUMBER = 282, 56  # pixels for the names, and for a column of numbers
GAP = 40                  # between the first column of numbers and the second plot
LINE = 24
HEADER = 34
COLOUR = "#0072B2"


def figure(result: Result) -> go.Figure:
    """The chart of a directors Result."""
    return go.Figure(**spec(result))


def spec(result: Result) -> theme.Spec:
    """The chart as plotly.js takes it: hollow dots, since the number of respondents is not known."""
    frame = result.frame
    names = ("factor", "citing", "mean_importance", "locator")
    rows = [dict(zip(names, values)) for values in zip(*(frame[name].tolist() for name in names))]
    weighed = any(row["mean_importance"] == row["mean_importance"] for row in rows)
    inner = WIDTH - LABELS - 16
    plots = (inner - 2 * NUMBER - GAP) / 2 if weighed else inner - NUMBER
    first = (0.0, plots / inner)
    second = ((plots + NUMBER + GAP) / inner, (2 * plots + NUMBER + GAP) / inner)
    data = [_dots(result, rows, "citing", "circle-open", "x")]
    if weighed:
        data.append(_dots(result, rows, "mean_importance", "diamond-open", "x2"))
    return {"data": data, "layout": _layout(result, rows, inner, (first, second) if weighed else (first,))}


def _dots(result: Result, rows: list[dict[str, Any]], name: str, symbol: str, axis: str) -> dict[str, Any]:
    source = "<br>".join(map(theme.escaped, theme.wrapped(result.source_line, 420)))
    shown = [(at, row) for at, row in enumerate(rows) if row[name] == row[name]]
    return {"type": "scatter", "mode": "markers", "xaxis": axis, "yaxis": axis.replace("x", "y"), "cliponaxis": False,
            "x": [row[name] for _, row in shown], "y": [at for at, _ in shown],
            "marker": {"symbol": symbol, "size": 10, "color": COLOUR, "line": {"width": 2, "color": COLOUR}},
            "hovertext": [_hover(row, source) for _, row in shown], "hoverinfo": "text",
            "customdata": [[row["factor"]] for _, row in shown]}


def _hover(row: dict[str, Any], source: str) -> str:
    weight = f"Mean importance {row['mean_importance']:.1f} of {MOST}" if (
        row["mean_importance"] == row["mean_importance"]) else "Importance not in the source here"
    return "<br>".join([f"<b>{theme.escaped(row['factor'])}</b>", f"Cited by {percent(row['citing'])}", weight,
                        "Base: directors who answered; n not published, so no interval", source,
                        theme.escaped(row["locator"])])


def _layout(result: Result, rows: list[dict[str, Any]], inner: float,
            domains: tuple[tuple[float, float], ...]) -> dict[str, Any]:
    cut = cut_off(result.frame)
    missing = theme.wrapped(cut, WIDTH - LABELS - 60, 12) if cut else []
    foot, bottom = marks.foot([], result, WIDTH, LABELS, inner, 50 + (26 + 16 * len(missing)) * bool(missing))
    top = theme.headline_height(result, WIDTH) + HEADER
    body = LINE * len(rows)
    heads = ("Share of directors citing it", f"Mean importance, 1 to {MOST}")
    axes: dict[str, Any] = {}
    for at, domain in enumerate(domains):
        number = "" if at == 0 else "2"
        scale = {"range": [0, 1], "tick0": 0, "dtick": 0.25, "tickformat": ".0%"} if at == 0 else {
            "range": [1, MOST], "tick0": 1, "dtick": 1}
        axes[f"xaxis{number}"] = {"domain": list(domain), "anchor": f"y{number}", "fixedrange": True, "zeroline": False,
                                  **scale}
        axes[f"yaxis{number}"] = {"range": [len(rows) - 0.5, -0.5], "anchor": f"x{number}", "showticklabels": False,
                                  "tickvals": list(range(len(rows))), "fixedrange": True}
    heights = [1 - (at + 0.5) / len(rows) for at in range(len(rows))]
    return {
        "template": theme.NAME, "width": WIDTH, "height": top + body + bottom,
        "margin": {"l": LABELS, "r": 16, "t": top, "b": bottom}, "title": {"text": theme.headline(result, WIDTH)}, **axes,
        "shapes": [_box(inner, body, 30, 30 + 16 + 16 * len(missing))] if missing else [],
        "annotations": [
            *(theme.note(theme.escaped(row["factor"]), x=0, y=height, xanchor="right", align="right", xshift=-10,
                         yanchor="middle", font={"size": 12, "color": theme.INK}) for row, height in zip(rows, heights)),
            *(_number(percent(row["citing"]), domains[0][1], height) for row, height in zip(rows, heights)),
            *(_number(f"{row['mean_importance']:.1f}", domains[1][1], height) for row, height in zip(rows, heights)
              if len(domains) > 1 and row["mean_importance"] == row["mean_importance"]),
            *(theme.note(f"<b>{head}</b>", x=domain[0], y=1, yanchor="bottom", yshift=6,
                         font={"size": 12, "color": theme.INK}) for domain, head in zip(domains, heads)),
            *([theme.note("<br>".join(map(theme.escaped, missing)), x=0, y=0, yanchor="top", yshift=-38, xshift=10,
                          font={"size": 12, "color": theme.INK}),
               theme.note("<b>Not visible here</b>", x=0, y=0, xanchor="right", align="right", xshift=-10, yanchor="top",
                          yshift=-38, font={"size": 12, "color": theme.INK})] if missing else []), *foot],
        "showlegend": False, "hovermode": "closest", "dragmode": False, "meta": {"summary": result.summary}}


def _number(text: str, x: float, height: float) -> dict[str, Any]:
    return theme.note(text, x=x, y=height, xshift=10, yanchor="middle", font={"size": 12, "color": theme.INK})


def _box(inner: float, body: float, top: float, bottom: float) -> dict[str, Any]:
    """A dashed box for what is not visible, from `top` to `bottom` pixels below the plot."""
    return {"type": "rect", "xref": "paper", "yref": "paper", "x0": 0, "x1": 1, "y0": -top / body, "y1": -bottom / body,
            "layer": "below", "fillcolor": "rgba(0,0,0,0)", "line": {"color": theme.MUTED, "width": 1.2, "dash": "dash"}}
