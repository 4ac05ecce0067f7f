"""The ladder as a funnel of ranges: a row for each step with its own base, dashed boxes where nothing is published."""

from itertools import accumulate
from typing import Any

import plotly.graph_objects as go

from imganalytics.charts import marks, theme
from imganalytics.charts.rows import records
from imganalytics.result import Result
from imganalytics.studies.ladder_steps import interval_text, share_text
from imganalytics.vocabulary import applicant_types

WIDTH, LEFT, RIGHT = 980, 322, 258
PLOT = WIDTH - LEFT - RIGHT
LINE, SMALL, GAP = 16, 14, 16  # pixels of a line of a name, of a line below it, and between two rows
HEADER, BAR = 22, 15           # pixels of the heads of the columns, and of a bar
READ = ("step", "kind", "label", "who", "base_words", "period", "matched", "applicants", "rate", "rate_low",
        "rate_high",
        "reliability", "reason", "source_id", "applicant_type")
Row = dict[str, Any]


def figure(result: Result) -> go.Figure:
    """The chart of a ladder Result."""
    return go.Figure(**spec(result))


def spec(result: Result) -> theme.Spec:
    """The chart as plotly.js takes it: bars and ranges of the steps, boxes with words where there is none."""
    rows = records(result.frame, *READ)
    names = [_name(row) for row in rows]
    heights = [max(LINE * len(label) + SMALL * len(below), 2 * SMALL + 4) + GAP for label, below in names]
    edges = list(accumulate(heights, initial=0))
    middles = [(above + below) / 2 for above, below in zip(edges, edges[1:])]
    shown = [(row, middle) for row, middle in zip(rows, middles) if not row["reason"]]
    cited = marks.citations(result)
    return {"data": [_trace(row, middle, cited) for row, middle in shown] or [_nothing()],
            "layout": _layout(result, rows, names, edges, middles)}


def _name(row: Row) -> tuple[list[str], list[str]]:
    """Lines of the label of a row, and of what it is counted on."""
    of = " ".join(filter(None, (row["who"], row["base_words"])))
    below = ", ".join(filter(None, (f"of {of}" if of else "", row["period"])))
    return theme.wrapped(row["label"], LEFT - 36, 13), theme.wrapped(below, LEFT - 30, 11) if below else []


def _look(row: Row) -> tuple[str, str]:
    """Colour and symbol of a row: those of the type counted, ink for a product."""
    if row["kind"] == "product":
        return theme.INK, "diamond"
    kind = applicant_types()[row["applicant_type"]]
    return kind.colour, kind.symbol


def _trace(row: Row, middle: float, cited: dict[str, str]) -> dict[str, Any]:
    colour, symbol = _look(row)
    return {"type": "scatter", "mode": "markers", "name": row["label"], "x": [row["rate"]], "y": [middle],
            "cliponaxis": False,
            "error_x": {"type": "data", "symmetric": False, "thickness": BAR, "width": 0, "color": _pale(colour, 0.42),
                        "array": [row["rate_high"] - row["rate"]], "arrayminus": [row["rate"] - row["rate_low"]]},
            "marker": {"symbol": symbol + ("-open" if row["reliability"] == "unstable" else ""), "color": colour,
                       "size": 9,
                       "line": {"width": 1.6, "color": colour}},
            "hovertext": [_hover(row, cited)], "hoverinfo": "text", "customdata": [[row["step"]]]}


def _nothing() -> dict[str, Any]:
    """A trace without a mark, so that the axes are drawn when every step is a gap."""
    return {"type": "scatter", "mode": "markers", "name": "no step is published", "x": [None], "y": [None],
            "marker": {"symbol": "circle", "color": theme.INK, "size": 9}, "hoverinfo": "skip"}


def _interval(row: Row) -> str:
    return interval_text(row["rate"], row["rate_low"], row["rate_high"])


def _pale(colour: str, opacity: float) -> str:
    red, green, blue = (int(colour[at:at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, {opacity})"


def _hover(row: Row, cited: dict[str, str]) -> str:
    how = "95 % interval, by simulation" if row["kind"] == "product" else "95 % interval"
    of = " ".join((row["who"], row["base_words"]))
    lines = [f"<b>{theme.escaped(row['label'])}</b>",
             f"{share_text(row['rate'])} ({how}: {_interval(row)})",
             f"{row['matched']:,.0f} of {row['applicants']:,.0f}",
             *map(theme.escaped, theme.wrapped(f"Base: {of}, {row['period']}", 420))]
    if row["kind"] == "product":
        lines.append("<i>Two steps of the same Match multiplied; nobody's own chance</i>")
    if row["reliability"] == "unstable":
        lines.append("<i>Unstable: fewer than 30 people, or an interval wider than 20 points</i>")
    return "<br>".join([*lines, marks.cited(cited, row["source_id"])])


def _layout(result: Result, rows: list[Row], names: list[tuple[list[str], list[str]]], edges: list[float],
            middles: list[float]) -> dict[str, Any]:
    body = edges[-1]
    top = theme.headline_height(result, WIDTH) + HEADER
    lines = ["Pale bar: the share; dark bar: its 95 % interval; hollow mark: unstable. A dashed box is a step that "
             "nobody has counted, or without counts: no number goes into it, and no product goes across it."]
    foot, bottom = marks.foot(lines, result, WIDTH, LEFT, PLOT, shift=40)
    notes = [note for row, name, middle in zip(rows, names, middles) for note in _words(row, name, 1 - middle / body)]
    return {"template": theme.NAME, "width": WIDTH, "height": top + body + bottom,
            "margin": {"l": LEFT, "r": RIGHT, "t": top, "b": bottom}, "title": {"text": theme.headline(result, WIDTH)},
            "xaxis": {"range": [0, 1], "dtick": 0.25, "tick0": 0, "tickformat": ".0%", "fixedrange": True,
                      "title": {"text": "Share of the step's own base", "standoff": 4, "font": {"size": 11}}},
            "yaxis": {"range": [body, 0], "tickvals": middles, "showticklabels": False, "showgrid": False,
                      "fixedrange": True},
            "shapes": [_bar(row, middle) for row, middle in zip(rows, middles)] + _rule(rows, edges),
            "annotations": [*_heads(), *notes, *foot], "showlegend": False, "hovermode": "closest", "dragmode": False,
            "meta": {"summary": result.summary}}


def _bar(row: Row, middle: float) -> dict[str, Any]:
    """The pale bar of a share, or the dashed box of a step without one."""
    place = {"type": "rect", "xref": "x", "yref": "y", "x0": 0, "layer": "below"}
    if row["reason"]:
        return place | {"x1": 1, "y0": middle - BAR, "y1": middle + BAR, "fillcolor": "#ffffff",
                        "line": {"color": theme.MUTED, "width": 1.2, "dash": "dash"}}
    return place | {"x1": row["rate"], "y0": middle - BAR / 2, "y1": middle + BAR / 2, "line": {"width": 0},
                    "fillcolor": _pale(_look(row)[0], 0.16)}


def _rule(rows: list[Row], edges: list[float]) -> list[dict[str, Any]]:
    """A line between the steps and what they come to together."""
    at = next((edge for row, edge in zip(rows, edges) if row["kind"] == "product"), None)
    if at is None:
        return []
    return [{"type": "line", "xref": "paper", "yref": "y", "x0": -LEFT / PLOT + 12 / PLOT,
             "x1": 1 + (RIGHT - 16) / PLOT,
             "y0": at, "y1": at, "line": {"color": theme.MUTED, "width": 1}}]


def _heads() -> list[dict[str, Any]]:
    place = {"y": 1, "yanchor": "bottom", "yshift": 2, "font": {"size": 11}}
    return [theme.note("<b>Step</b>, and of whom", x=-(LEFT - 12) / PLOT, **place),
            theme.note("<b>Share</b> (95 % interval)", x=1, xshift=14, **place),
            theme.note("<b>Counted</b>", x=1, xshift=150, **place)]


def _words(row: Row, name: tuple[list[str], list[str]], height: float) -> list[dict[str, Any]]:
    """Name and base at the left, numbers at the right, and the reason in the box of a gap."""
    label, below = name
    small = f"<span style='font-size:11px;color:{theme.MUTED}'>"
    text = f"<b>{'<br>'.join(map(theme.escaped, label))}</b>" + (f"<br>{small}{'<br>'.join(map(theme.escaped, below))}</span>"
                                                             if below else "")
    place = {"y": height, "yanchor": "middle", "font": {"size": 12, "color": theme.INK}}
    notes = [theme.note(text, x=-(LEFT - 12) / PLOT, **place)]
    if row["reason"]:
        said = "<br>".join(map(theme.escaped, theme.wrapped(_short(row), PLOT - 20, 11)[:2]))
        return [*notes, theme.note(f"<i>{said}</i>", x=0, xshift=6, y=height, yanchor="middle",
                                   font={"size": 11, "color": theme.MUTED}),
                theme.note("\u2013", x=1, xshift=14, **place)]
    return [*notes, theme.note(f"<b>{share_text(row['rate'])}</b><br>{small}{_interval(row)}</span>", x=1, xshift=14,
                               **place),
            theme.note(f"{row['matched']:,.0f}<br>{small}of {row['applicants']:,.0f}</span>", x=1, xshift=150, **place)]


def _short(row: Row) -> str:
    """The reason in words that fit a box; which steps lack a rate is to be seen above."""
    return "no product: a step above has no published rate" if row["kind"] == "product" else row["reason"]
