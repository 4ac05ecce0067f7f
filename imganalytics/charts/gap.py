"""A gap between two applicant types: from crude to standardised on top, what each specialty adds to it below."""

import math
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import plotly.graph_objects as go

from imganalytics.charts import marks, theme
from imganalytics.charts.competitiveness import GLYPHS
from imganalytics.result import Result
from imganalytics.studies.gap import Gap, found_gap, rates_text, together, unit
from imganalytics.studies.words import difference_text, points
from imganalytics.vocabulary import BASES, applicant_types

WIDTH = 980
LABELS = 246
COLUMN = 112     # pixels for a column of words at the right
STEP = 32        # pixels for a row of the upper plot
LINE = 25        # pixels for a specialty
AXIS = 46        # pixels for the axis of the upper plot, and the heads of the columns below it
RATE, MIX = ("#0072B2", "circle"), ("#E69F00", "square")
STEPS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5)


class Part(NamedTuple):
    """What the chart needs to know of one specialty."""

    row_label: str
    specialty: str
    track: str
    entry_level: str
    applicant_type: str
    main_entry_level: str | None
    rate_1: float
    applicants_1: float
    rate_2: float
    applicants_2: float
    difference: float
    difference_low: float
    difference_high: float
    weight: float
    mix_part: float
    rate_part: float
    rate_part_low: float
    rate_part_high: float
    left_out: str
    source_id_1: str


def figure(result: Result) -> go.Figure:
    """The chart of a gap Result."""
    return go.Figure(**spec(result))


def spec(result: Result) -> theme.Spec:
    """The chart as plotly.js takes it: two plots, one above the other, on axes of percentage points."""
    asked = result.question.arguments
    found = found_gap(result)
    every = [Part(*values) for values in zip(*(result.frame[name].tolist() for name in Part._fields))][1:]
    parts = [part for part in every if not part.left_out]
    rows, others = parts[:asked["shown"]], parts[asked["shown"]:]
    count = len(rows) + bool(others)
    inner = WIDTH - LABELS - 2 * COLUMN - 8
    body = 3 * STEP + AXIS + LINE * count
    later = any(_later(part) for part in rows)
    below = [f"{GLYPHS[RATE[1]]}  rate part: both types at the same mix, with 95 % interval.   {GLYPHS[MIX[1]]}  mix "
             "part: where the two apply, at their mean rate.   The parts of all specialties add up to the effects "
             "above."]
    below += ["*  Most places of the specialty start at PGY-2 and are not in these PGY-1 figures."] * later
    foot, bottom = marks.foot(below, result, WIDTH, LABELS, inner, 46)
    foot[0]["text"] = marks.coloured(foot[0]["text"], {symbol: colour for colour, symbol in (RATE, MIX)})
    top = theme.headline_height(result, WIDTH) + 12
    layout: dict[str, Any] = {
        "template": theme.NAME, "width": WIDTH, "height": top + body + bottom,
        "margin": {"l": LABELS, "r": 2 * COLUMN + 8, "t": top, "b": bottom},
        "title": {"text": theme.headline(result, WIDTH)}, "annotations": foot, "shapes": [],
        "showlegend": False, "hovermode": "closest", "dragmode": False,
        "meta": {"summary": result.summary}}
    upper, lower = [1 - 3 * STEP / body, 1], [0, LINE * count / body]
    data = [*_waterfall(layout, found, upper, asked["base"]), *_parts(layout, rows, others, lower, result)]
    _columns(layout, rows, found, lower)
    return {"data": data, "layout": layout}


def _axis(layout: dict[str, Any], number: str, values: Iterable[float], domain: list[float], rows: int,
          title: str) -> None:
    """An axis of points that holds 0 and all values, and one of rows from the top; a line at 0."""
    values = [value for value in values if value == value]
    low, high = min(0.0, *values), max(0.0, *values)
    step = next(each for each in STEPS if (high - low) / each <= 8)
    first, last = math.floor(low / step - 0.05), math.ceil(high / step + 0.05)
    ticks = [at * step for at in range(first, last + 1)]
    layout[f"xaxis{number}"] = {
        "range": [ticks[0], ticks[-1]], "tickvals": ticks, "ticktext": [_tick(tick, step) for tick in ticks],
        "anchor": f"y{number}", "zeroline": False, "fixedrange": True,
        "title": {"text": title, "standoff": 4, "font": {"size": 11}}}
    layout[f"yaxis{number}"] = {"range": [rows - 0.5, -0.5], "domain": domain, "tickvals": list(range(rows)),
                                "showticklabels": False, "showgrid": bool(number), "fixedrange": True,
                                "anchor": f"x{number}"}
    layout["shapes"].append({"type": "line", "xref": f"x{number}", "yref": f"y{number}", "x0": 0, "x1": 0, "y0": -0.5,
                             "y1": rows - 0.5, "layer": "below",
                             "line": {"color": theme.MUTED, "width": 1, "dash": "solid"}})


def _tick(value: float, step: float) -> str:
    return "0" if abs(value) < step / 2 else f"{100 * value:+.{0 if step >= 0.01 else 1}f}".replace("-", "\u2212")


def _row_words(layout: dict[str, Any], domain: list[float], count: int, at: int, label: str, said: str = "") -> None:
    """The name of a row, left of its plot, and words right of it."""
    y = domain[1] - (at + 0.5) / count * (domain[1] - domain[0])
    words = {"y": y, "yanchor": "middle", "font": {"size": 12, "color": theme.INK}}
    layout["annotations"].append(theme.note(label, x=0, xanchor="right", align="right", xshift=-8, **words))
    if said:
        layout["annotations"].append(theme.note(said, x=1, xshift=10, **words))


def _waterfall(layout: dict[str, Any], found: Gap, domain: list[float], base: str) -> list[dict[str, Any]]:
    """Crude gap, what the mix takes from it or adds, and the standardised gap; hairlines from one to the next."""
    ends = [(found.crude, found.crude_low, found.crude_high), (found.standardised, found.low, found.high)]
    first, second = (applicant_types()[key].short_label for key in (found.one, found.other))
    _axis(layout, "", [value for end in ends for value in end], domain, 3, f"Gap, {first} minus {second}, in points")
    mix = points(found.mix_effect).removesuffix(" points")
    for at, (label, said) in enumerate((
            (f"<b>Crude gap</b>, {unit(base)}", f"<b>{_said(ends[0])}</b>"),
            ("Mix effect: where they apply", f"{mix}, taken out of the crude gap"),
            ("<b>Standardised gap</b>, same mix", f"<b>{_said(ends[1])}</b>"))):
        _row_words(layout, domain, 3, at, label, said)
    hover = [f"<b>Crude gap</b><br>{_said(ends[0])} points<br>Base: {BASES[base].denominator}<br>"
             f"n = {found.applicants[0]:,.0f} and {found.applicants[1]:,.0f}",
             f"<b>Standardised gap</b> (rate effect)<br>{_said(ends[1])} points<br>Base: {BASES[base].denominator}<br>"
             f"Both at the average mix of {found.strata} specialties"]
    step = {"type": "scatter", "mode": "lines", "name": "steps", "hoverinfo": "skip",
            "x": [found.crude, found.crude, None, found.standardised, found.standardised], "y": [0, 1, None, 1, 2],
            "line": {"color": "#9aa5b1", "width": 1, "dash": "dot"}}
    bar = {"type": "scatter", "mode": "lines+markers", "name": "Mix effect",
           "x": [found.crude, found.standardised], "y": [1, 1],
           "line": {"color": MIX[0], "width": 5, "dash": "solid"},
           "marker": {"symbol": [MIX[1], MIX[1]], "color": MIX[0], "size": [3, 8],
                      "line": {"width": 0, "color": MIX[0]}},
           "hovertext": [f"<b>Mix effect</b><br>{points(found.mix_effect)}: crude gap less standardised gap"] * 2,
           "hoverinfo": "text", "cliponaxis": False}
    middle, low, high = zip(*ends)
    return [step, bar, _dots("Gap", middle, [0, 2], low, high, theme.INK, "diamond", hover, "")]


def _said(end: tuple[float, float, float]) -> str:
    return difference_text(*end)


def _dots(name: str, x: Sequence[float], y: Sequence[float], low: Sequence[float], high: Sequence[float], colour: str,
          symbol: str, hover: Sequence[str], number: str) -> dict[str, Any]:
    return {"type": "scatter", "mode": "markers", "name": name, "x": list(x), "y": list(y), "xaxis": f"x{number}",
            "yaxis": f"y{number}", "hovertext": list(hover), "hoverinfo": "text", "cliponaxis": False,
            "marker": {"symbol": symbol, "color": colour, "size": 9, "line": {"width": 0, "color": colour}},
            "error_x": {"type": "data", "symmetric": False, "thickness": 1.6, "width": 0, "color": colour,
                        "array": [b - m for b, m in zip(high, x)], "arrayminus": [m - a for m, a in zip(x, low)]}}


def _parts(layout: dict[str, Any], rows: list[Part], others: list[Part], domain: list[float],
           result: Result) -> list[dict[str, Any]]:
    count = len(rows) + bool(others)
    mix, rate = ([getattr(row, name) for row in rows] for name in ("mix_part", "rate_part"))
    low, high = ([getattr(row, name) for row in rows] for name in ("rate_part_low", "rate_part_high"))
    cited = marks.citations(result)
    labels = [_label(row) for row in rows]
    hover = [_hover(row, result, cited) for row in rows]
    if others:
        rest = together([(row.mix_part, row.rate_part, row.rate_part_low, row.rate_part_high) for row in others])
        for values, added in zip((mix, rate, low, high), rest):
            values.append(added)
        labels.append(f"{len(others)} other specialties together" if len(others) > 1 else _label(others[0]))
        hover.append(f"<b>{labels[-1]}</b><br>Rate part {difference_text(*rest[1:])} points<br>Mix part "
                     f"{points(rest[0])}<br>The table has each of them")
    _axis(layout, "2", [*mix, *rate, *low, *high], domain, count, "Part of the gap, in points")
    for at, label in enumerate(labels):
        _row_words(layout, domain, count, at, label)
    stems = {"type": "scatter", "mode": "lines", "name": "stems", "hoverinfo": "skip", "xaxis": "x2", "yaxis": "y2",
             "x": [value for each in mix for value in (0, each, None)],
             "y": [value for at in range(count) for value in (at + 0.18, at + 0.18, None)],
             "line": {"color": MIX[0], "width": 1.4, "dash": "solid"}}
    return [stems, _dots("Rate part", rate, [at - 0.18 for at in range(count)], low, high, *RATE, hover, "2"),
            _dots("Mix part", mix, [at + 0.18 for at in range(count)], mix, mix, *MIX, hover, "2")]


def _later(part: Part) -> bool:
    return part.entry_level == "PGY-1" and part.main_entry_level == "PGY-2"


def _label(part: Part) -> str:
    name = part.row_label if len(part.row_label) <= 36 else part.row_label[:35] + "\u2026"
    return theme.escaped(name) + " *" * _later(part)


def _hover(row: Part, result: Result, cited: dict[str, str]) -> str:
    asked = result.question.arguments
    first, second = (applicant_types()[asked[key]].label for key in ("one", "other"))
    return "<br>".join([
        f"<b>{theme.escaped(row.row_label)}</b>",
        f"{first}: {rates_text((row.rate_1, row.applicants_1))}; "
        f"{second}: {rates_text((row.rate_2, row.applicants_2))}",
        f"Difference {difference_text(row.difference, row.difference_low, row.difference_high)} points",
        f"Rate part {difference_text(row.rate_part, row.rate_part_low, row.rate_part_high)} points",
        f"Mix part {points(row.mix_part)}; weight in the common mix {100 * row.weight:.1f} %",
        f"Base: {BASES[asked['base']].denominator}", marks.cited(cited, row.source_id_1)])


def _columns(layout: dict[str, Any], rows: list[Part], found: Gap, domain: list[float]) -> None:
    """Rate and n of both types beside each specialty."""
    total = layout["yaxis2"]["range"][0] + 0.5
    columns = ((found.one, "rate_1", "applicants_1"), (found.other, "rate_2", "applicants_2"))
    for at, (key, rate, n) in enumerate(columns):
        shift = 10 + at * COLUMN
        head = f"<b>{marks.key(applicant_types()[key])}</b>"
        layout["annotations"].append(theme.note(head, x=1, y=domain[1], xshift=shift, yanchor="bottom", yshift=2,
                                                font={"size": 11, "color": theme.INK}))
        for row in range(len(rows)):
            y = domain[1] - (row + 0.5) / total * (domain[1] - domain[0])
            text = rates_text((getattr(rows[row], rate), getattr(rows[row], n)))
            layout["annotations"].append(theme.note(text, x=1, y=y, xshift=shift, yanchor="middle",
                                                    font={"size": 11, "color": theme.INK}))
