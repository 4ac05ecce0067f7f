"""The funnel plot: rates against the number of applicants, between exact limits around the pooled rate."""

import math
from itertools import combinations
from typing import Any

import plotly.graph_objects as go

from imganalytics.charts import rows, theme
from imganalytics.result import Result
from imganalytics.vocabulary import applicant_types

WIDTH, HEIGHT = 980, 560
LEFT, RIGHT = 60, 20
CLOSE, WIDE = 0.035, 0.8  # names of marks nearer than this would lie over each other: rate, powers of ten
LINES = (("95", "95 %", "dash", "#0072B2"), ("998", "99.8 %", "solid", "#D55E00"))
NEEDED = ("row_label", "rate", "rate_low", "rate_high", "matched", "applicants", "source_id", "locator",
          "place_95", "place_998")


def figure(result: Result) -> go.Figure:
    """The chart of a funnel Result."""
    return go.Figure(**spec(result))


def spec(result: Result) -> theme.Spec:
    """The chart as plotly.js takes it; marks outside the 99.8 % limits bear their name."""
    frame = result.frame
    kind = applicant_types()[result.question.arguments["applicant_type"]]
    pooled = float(frame["pooled"].iloc[0])
    sizes = [math.log10(max(count, 1)) for count in frame["applicants"]]
    left, right = math.floor(10 * min(sizes)) / 10 - 0.1, math.ceil(10 * max(sizes)) / 10 + 0.25
    data = [line for key, label, dash, colour in LINES for line in _limits(frame, key, label, dash, colour)]
    named = [place != "inside" for place in frame["place_998"]]
    data.append({
        "type": "scatter", "mode": "markers+text", "x": frame["applicants"].tolist(), "y": frame["rate"].tolist(),
        "marker": {"symbol": [kind.symbol + ("" if state == "ok" else "-open") for state in frame["reliability"]],
                   "color": kind.colour, "size": 9, "line": {"width": 1.5, "color": kind.colour}},
        "text": [theme.escaped(label) if name else "" for label, name in zip(frame["row_label"], named)],
        "textposition": _sides(sizes, frame["rate"].tolist(), named), "textfont": {"size": 11, "color": theme.INK},
        "customdata": [list(key) for key in zip(*(frame[name].tolist() for name in rows.KEY))],
        "hovertext": [_hover(row) for row in rows.records(frame, *NEEDED)], "hoverinfo": "text", "cliponaxis": False})
    source = theme.wrapped(result.source_line + ". Cited as facts; not affiliated with the NRMP.", WIDTH - 30, 10)
    top, bottom = theme.headline_height(result, WIDTH) + 24, 50 + 13 * len(source)
    return {"data": data, "layout": {
        "template": theme.NAME, "width": WIDTH, "height": HEIGHT, "margin": {"l": LEFT, "r": RIGHT, "t": top, "b": bottom},
        "title": {"text": theme.headline(result, WIDTH)},
        "xaxis": {"type": "log", "range": [left, right], "tickvals": _ticks(left, right), "ticktext": [
            f"{tick:,}" for tick in _ticks(left, right)], "fixedrange": True, "zeroline": False,
            "title": {"text": "Applicants (each step to the right is a multiple)", "standoff": 4, "font": {"size": 11}}},
        "yaxis": {"range": [0, 1], "tick0": 0, "dtick": 0.2, "tickformat": ".0%", "fixedrange": True},
        "shapes": [{"type": "line", "xref": "paper", "x0": 0, "x1": 1, "yref": "y", "y0": pooled, "y1": pooled,
                    "line": {"color": theme.MUTED, "width": 1}}],
        "annotations": [
            theme.note(f"pooled rate {100 * pooled:.1f} %", xref="paper", x=0, xshift=2, yref="y", y=pooled,
                       yanchor="bottom", font={"size": 11, "color": theme.MUTED}),
            theme.note("  ".join(f"<span style='color:{colour}'>{label} limits ({'dashed' if dash == 'dash' else 'solid'})</span>"
                                 for _, label, dash, colour in LINES), x=0, y=1, yanchor="bottom", font={"size": 11}),
            theme.note("<br>".join(map(theme.escaped, source)), x=(12 - LEFT) / (WIDTH - LEFT - RIGHT), y=0, yanchor="top",
                       yshift=-42, font={"size": 10, "color": theme.MUTED})],
        "showlegend": False, "hovermode": "closest", "dragmode": False, "meta": {"summary": result.summary}}}


def _sides(sizes: list[float], rates: list[float], named: list[bool]) -> list[str]:
    """Where each name stands: to the right, and apart from that of a mark close by."""
    sides = ["middle right"] * len(sizes)
    for at, other in combinations([at for at, name in enumerate(named) if name], 2):
        if abs(rates[at] - rates[other]) < CLOSE and abs(sizes[at] - sizes[other]) < WIDE:
            upper, lower = sorted((at, other), key=lambda mark: -rates[mark])
            sides[upper], sides[lower] = "top right", "bottom right"
    return sides


def _ticks(left: float, right: float) -> list[int]:
    wanted = (5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000)
    return [tick for tick in wanted if left <= math.log10(tick) <= right]


def _limits(frame: Any, key: str, label: str, dash: str, colour: str) -> list[dict[str, Any]]:
    """Both limits of one level, drawn through the points at which they were computed."""
    ordered = frame.attrs["limits"]
    return [{"type": "scatter", "mode": "lines", "name": label, "x": ordered["applicants"], "y": ordered[f"{side}_{key}"],
             "line": {"color": colour, "width": 1.2, "dash": dash}, "hoverinfo": "skip"} for side in ("low", "high")]


def _hover(row: dict[str, Any]) -> str:
    return (f"<b>{theme.escaped(row['row_label'])}</b><br>{100 * row['rate']:.1f} % ({100 * row['rate_low']:.1f} to "
            f"{100 * row['rate_high']:.1f}), {row['matched']:,.0f} of {row['applicants']:,.0f}<br>"
            f"{row['place_998']} the 99.8 % limits, {row['place_95']} the 95 % limits<br>"
            f"{theme.escaped(row['source_id'])}, {theme.escaped(row['locator'])}")
