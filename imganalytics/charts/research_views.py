"""Directors on research before residency: shares with intervals, and medians expected and actual, in three panels."""

from typing import Any

import plotly.graph_objects as go

from imganalytics.charts import marks, theme
from imganalytics.charts.rows import records
from imganalytics.result import Result
from imganalytics.studies.research_views import PANELS
from imganalytics.studies.words import percent

WIDTH = 980
LABELS, WORDS = 262, 300
PLOT = WIDTH - LABELS - WORDS
LINE, HEAD, AXIS = 34, 40, 34     # heights of a row, of a heading, and of an axis with its numbers
COLOURS = {"Directors recommend": "#D55E00", "IMGs who had matched": "#0072B2",
           "Barrow fellows who had matched": "#009E73"}
SYMBOLS = {"Directors recommend": "diamond", "IMGs who had matched": "circle",
           "Barrow fellows who had matched": "square"}
AXES = {"ranking": {"range": [0, 1], "dtick": 0.25, "tickformat": ".0%"}, "months": {"range": [0, 74], "dtick": 12},
        "papers": {"range": [0, 90], "dtick": 10}}
PALE = {"Directors recommend": "#eebf99", "IMGs who had matched": "#99c7e0",
        "Barrow fellows who had matched": "#99d8c7"}
CHOSEN = "#1f2933"
Row = dict[str, Any]


def figure(result: Result) -> go.Figure:
    """The chart of a research_views Result."""
    return go.Figure(**spec(result))


def spec(result: Result) -> theme.Spec:
    """The chart as plotly.js takes it: three panels with axes of their own."""
    rows = records(result.frame, *result.frame.columns)
    panels = {name: [row for row in rows if row["panel"] == name] for name in PANELS}
    body = sum(HEAD + LINE * len(own) + AXIS for own in panels.values())
    layout: dict[str, Any] = {}
    data, notes, shapes, top = [], [], [], 0.0
    cited = marks.citations(result)
    for at, (name, own) in enumerate(panels.items()):
        number = str(at + 1) if at else ""
        first = top + HEAD
        last = first + LINE * len(own)
        layout |= _axes(name, number, (1 - last / body, 1 - first / body), len(own))
        data += _traces(own, number, cited)
        notes += _head(PANELS[name], 1 - top / body)
        for place, row in enumerate(own):
            notes += _words(row, 1 - (first + LINE * (place + 0.5)) / body)
        if name != "ranking":
            shapes.append(_chosen(own[0]["value"], number, len(own)))
            unit = "months" if name == "months" else "papers"
            notes.append(theme.note(f"<b>{own[0]['value']:g} {unit}</b>", x=own[0]["value"] / AXES[name]["range"][1],
                                    y=1 - first / body,
                                    xanchor="center", align="center", yanchor="bottom",
                                    font={"size": 11, "color": CHOSEN}))
        top = last + AXIS
    return {"data": data, "layout": _layout(result, layout, notes, shapes, body)}


def _axes(name: str, number: str, domain: tuple[float, float], count: int) -> dict[str, Any]:
    return {f"xaxis{number}": {"anchor": f"y{number}", "fixedrange": True, "tick0": 0, "zeroline": True, **AXES[name]},
            f"yaxis{number}": {"domain": list(domain), "anchor": f"x{number}", "range": [count - 0.5, -0.5],
                               "tickvals": [],
                               "showticklabels": False, "showgrid": False, "fixedrange": True}}


def _traces(own: list[Row], number: str, cited: dict[str, str]) -> list[dict[str, Any]]:
    """The marks of a panel; of medians also the range as a thin line and the middle half as a thick one."""
    axes = {"xaxis": f"x{number}", "yaxis": f"y{number}", "cliponaxis": False}
    lines = []
    for at, row in enumerate(own):
        for low, high, width in (("minimum", "maximum", 1.2), ("quartile_1", "quartile_3", 7)):
            if row[low] == row[low]:
                lines.append({"type": "scatter", "mode": "lines", "name": row["label"], "x": [row[low], row[high]],
                              "y": [at, at],
                              "line": {"color": PALE[row["label"]], "width": width}, "hoverinfo": "skip", **axes})
    shares = own[0]["panel"] == "ranking"
    dots = {"type": "scatter", "mode": "markers", "name": PANELS[own[0]["panel"]], "y": list(range(len(own))), **axes,
            "x": [row["rate"] if shares else row["median"] for row in own],
            "marker": {"symbol": [_symbol(row) for row in own],
                       "color": [COLOURS.get(row["label"], "#D55E00") for row in own],
                       "size": 10,
                       "line": {"width": 1.8, "color": [COLOURS.get(row["label"], "#D55E00") for row in own]}},
            "hovertext": [_hover(row, cited) for row in own], "hoverinfo": "text",
            "customdata": [[row["fact_id"], row["table_name"]] for row in own]}
    if shares:
        dots["error_x"] = {"type": "data", "symmetric": False, "thickness": 1.8, "width": 0, "color": "#D55E00",
                           "array": [row["rate_high"] - row["rate"] for row in own],
                           "arrayminus": [row["rate"] - row["rate_low"] for row in own]}
    return [*lines, dots]


def _symbol(row: Row) -> str:
    shaky = row["reliability"] == "unstable" if row["panel"] == "ranking" else row["n"] < 30
    return SYMBOLS.get(row["label"], "diamond") + ("-open" if shaky else "")


def said(row: Row) -> list[str]:
    """A figure in words, in one or two lines."""
    if row["panel"] == "ranking":
        return [f"{percent(row['rate'])} ({100 * row['rate_low']:.1f} to {100 * row['rate_high']:.1f})",
                f"{row['named']:.0f} of {row['n']:.0f} directors"]
    known = row["quartile_1"] == row["quartile_1"]
    half = f", middle half {row['quartile_1']:g} to {row['quartile_3']:g}" if known else ""
    return [f"median {row['median']:g}{half}, n = {row['n']:.0f}", f"{row['value']:g} lies {row['lies']}"]


def _hover(row: Row, cited: dict[str, str]) -> str:
    spread = f"Range {row['minimum']:g} to {row['maximum']:g}" if row["minimum"] == row["minimum"] else ""
    about = [*said(row), spread, f"Of: {row['population']}, {row['year']}",
             row["selection_bias"] and f"Selection bias {row['selection_bias']}"]
    lines = [theme.escaped(line) for text in about if text for line in theme.wrapped(text, 420)]
    return "<br>".join([f"<b>{theme.escaped(row['label'])}</b>", *lines, marks.cited(cited, row["source_id"])])


def _head(text: str, y: float) -> list[dict[str, Any]]:
    return [theme.note(f"<b>{theme.escaped(text)}</b>", x=0, y=y, xshift=12 - LABELS, yanchor="top",
                       font={"size": 13, "color": theme.INK})]


def _words(row: Row, y: float) -> list[dict[str, Any]]:
    font = {"size": 12, "color": theme.INK}
    return [theme.note(theme.escaped(row["label"]), x=0, y=y, xanchor="right", align="right", xshift=-12,
                       yanchor="middle", font=font),
            theme.note("<br>".join(map(theme.escaped, said(row))), x=1, y=y, xshift=16, yanchor="middle",
                       font={**font, "size": 11})]


def _chosen(value: float, number: str, count: int) -> dict[str, Any]:
    return {"type": "line", "xref": f"x{number}", "yref": f"y{number}", "x0": value, "x1": value, "y0": -0.5,
            "y1": count - 0.5,
            "line": {"color": CHOSEN, "width": 1.6, "dash": "dash"}}


def _layout(result: Result, axes: dict[str, Any], notes: list[dict[str, Any]], shapes: list[dict[str, Any]],
            body: float) -> dict[str, Any]:
    foot, bottom = marks.foot(["Thick line: middle half. Thin line: from the least to the greatest. Dashed: your value. "
                               "Hollow: unstable share, or a median of fewer than 30. Directors' quartiles are printed for a "
                               "least and a most only."],
                              result, WIDTH, LABELS, PLOT, 6)
    top = theme.headline_height(result, WIDTH) + 14
    return {"template": theme.NAME, "width": WIDTH, "height": round(top + body + bottom),
            "margin": {"l": LABELS, "r": WORDS, "t": top, "b": bottom},
            "title": {"text": theme.headline(result, WIDTH)}, **axes,
            "shapes": shapes, "annotations": [*notes, *foot], "showlegend": False, "hovermode": "closest",
            "dragmode": False,
            "meta": {"summary": result.summary}}
