"""A plan: its steps and the dates of the Match season on one time axis, and below them what each item costs."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import plotly.graph_objects as go

from imganalytics.charts import theme
from imganalytics.charts.rows import records
from imganalytics.result import Result
from imganalytics.studies.plan import COSTS, OPEN, SEASON, STEPS, TOTAL
from imganalytics.studies.plan_costs import EMPLOYER
from imganalytics.studies.plan_steps import NOT_FOUND, OWN

WIDTH = 980
LABELS, FIRST, SECOND = 226, 166, 200  # pixels: names at the left, two columns of words at the right
INNER = WIDTH - LABELS - FIRST - SECOND
ROW, HEADER, BETWEEN = 22, 24, 78
PRINTED_COLOUR, OWN_COLOUR, LATE_COLOUR = "#0072B2", "#E69F00", "#D55E00"
FAINT = "#8a96a3"
BELOW = ("Thick line: all goes quickly. Thin line: all takes long. Diamond: a date of the Match season. Blue: printed. "
         "Orange: your own. Red cross: too late. Dashed line: today. \u2020 Older than the season that runs now.")
Row = dict[str, Any]


def figure(result: Result) -> go.Figure:
    """The chart of a plan."""
    return go.Figure(**spec(result))


def spec(result: Result) -> theme.Spec:
    """The chart as plotly.js takes it: times above, amounts below."""
    rows = records(result.frame, "part", "key", "what", "value", "detail", "status", "begins_first", "begins_last", "ends_first",
                   "ends_last", "usd_low", "usd_high", "older", "own_currency", "too_late", "or_more")
    for row in rows:
        row["hover"] = _hover(row)
    times, costs = [row for row in rows if row["part"] != COSTS], [row for row in rows if row["part"] == COSTS]
    height = ROW * (len(times) + len(costs)) + BETWEEN
    split = ROW * len(costs) / height
    layout = _layout(result, height)
    today = _ordinal(result.question.arguments["today"])
    axis = _time_axis(times)
    low, high = axis["range"]
    layout |= {"xaxis": axis, "xaxis2": _money_axis(costs),
               "yaxis": _row_axis(len(times), [1 - ROW * len(times) / height, 1]),
               "yaxis2": {**_row_axis(len(costs), [0, split]), "anchor": "x2"},
               "shapes": [_today(today, len(times))] * (low <= today <= high)}
    part = (today - low) / (high - low)
    free = part if 0 <= part < 0.3 else 0.0  # words begin to the right of the line of today
    gaps = [_gap(row, low, high, free) for row in times], [_gap(row, low, high, 0.0) for row in costs]
    layout["annotations"] += [*_words("When", times, ("How long", "Ends"), ("detail", "value"), gaps[0], 0, height),
                              *_words("How much", costs, ("Amount", "Printed for"), ("value", "detail"), gaps[1],
                                      ROW * len(times) + BETWEEN, height)]
    return {"data": [*_lines(times), *_days(times), *_late(times), *_amounts(costs)], "layout": layout}


def _layout(result: Result, height: float) -> Row:
    source = theme.wrapped(result.source_line + ". Cited as facts; not affiliated with the NRMP.", WIDTH - 30, 10)
    below = theme.wrapped(BELOW, WIDTH - 30, 11)
    top, bottom = theme.headline_height(result, WIDTH) + HEADER, 52 + 15 * len(below) + 13 * len(source)
    place = {"x": (12 - LABELS) / INNER, "y": 0, "yanchor": "top"}
    return {"template": theme.NAME, "width": WIDTH, "height": top + height + bottom,
            "margin": {"l": LABELS, "r": FIRST + SECOND, "t": top, "b": bottom},
            "title": {"text": theme.headline(result, WIDTH)}, "showlegend": False, "hovermode": "closest", "dragmode": False,
            "meta": {"summary": result.summary},
            "annotations": [
                theme.note("<br>".join(map(theme.escaped, below)), yshift=-40, font={"size": 11, "color": theme.MUTED}, **place),
                theme.note("<br>".join(map(theme.escaped, source)), yshift=-43 - 15 * len(below),
                           font={"size": 10, "color": theme.MUTED}, **place)]}


# -- axes ------------------------------------------------------------------------------------------------------


def _ordinal(day: str) -> int:
    return date.fromisoformat(day).toordinal()


def _time_axis(rows: Sequence[Row]) -> Row:
    names = ("begins_first", "begins_last", "ends_first", "ends_last")
    days = [_ordinal(row[name]) for row in rows for name in names if row[name]]
    low, high = min(days), max(days)
    pad = max(14, (high - low) // 20)
    ticks = _ticks(date.fromordinal(low - pad), date.fromordinal(high + pad))
    return {"range": [low - pad, high + pad], "tickvals": [day.toordinal() for day, _ in ticks],
            "ticktext": [text for _, text in ticks], "fixedrange": True, "zeroline": False, "anchor": "y"}


def _ticks(first: date, last: date) -> list[tuple[date, str]]:
    """At most seven months or Januaries between two days, the same number of months apart."""
    span = (last - first).days / 30.44
    step = next(months for months in (1, 2, 3, 6, 12, 24, 60, 120, 600) if span / months <= 7)
    found = []
    for at in range(first.year * 12, last.year * 12 + 12, step if step < 12 else 12):
        day = date(at // 12, at % 12 + 1, 1)
        if first <= day <= last and (step < 12 or day.year % (step // 12) == 0):
            found.append((day, f"{day.year}" if step >= 12 else f"{day:%b %Y}"))
    return found


def _money_axis(rows: Sequence[Row]) -> Row:
    most = max(100, *(row["usd_high"] for row in rows if row["usd_high"] == row["usd_high"]))
    step = next(unit * 10 ** power for power in range(1, 9) for unit in (2, 5, 10) if most / (unit * 10 ** power) <= 4.5)
    values = [step * at for at in range(int(most / step) + 2) if step * at <= 1.06 * most]
    title = {"text": "US dollars, least to most", "standoff": 4, "font": {"size": 11}}
    return {"range": [0, 1.06 * most], "tickvals": values, "ticktext": [f"{value:,}" for value in values],
            "fixedrange": True, "zeroline": True, "anchor": "y2", "title": title}


def _row_axis(count: int, domain: Sequence[float]) -> Row:
    return {"range": [count - 0.5, -0.5], "tickvals": list(range(count)), "showticklabels": False, "fixedrange": True,
            "domain": list(domain)}


def _today(today: int, count: int) -> Row:
    return {"type": "line", "xref": "x", "yref": "y", "x0": today, "x1": today, "y0": -0.5, "y1": count - 0.5, "layer": "below",
            "line": {"color": theme.MUTED, "width": 1, "dash": "dash"}}


# -- marks -----------------------------------------------------------------------------------------------------


def _colour(row: Row) -> str:
    return {OWN: OWN_COLOUR, EMPLOYER: FAINT, TOTAL: theme.INK}.get(row["status"], PRINTED_COLOUR)


def _hover(row: Row) -> str:
    lines = [f"<b>{theme.escaped(row['what'])}</b>", theme.escaped(row["value"]),
             theme.escaped(f"{row['status']}: {row['detail']}")]
    if row["begins_first"]:
        begins = " to ".join(dict.fromkeys((row["begins_first"], row["begins_last"])))
        lines.insert(1, f"Begins {begins}" + ("; ends:" if row["part"] == STEPS else ""))
    lines += [theme.escaped(row["own_currency"])] * bool(row["own_currency"])
    lines += ["Older than the season that runs now"] * bool(row["older"])
    lines += ["<br>".join(map(theme.escaped, theme.wrapped(row["too_late"], 420)))] * bool(row["too_late"])
    return "<br>".join(lines)


def _lines(rows: Sequence[Row]) -> list[Row]:
    """For each colour and pace one line from begin to end of each step, broken between them."""
    traces = []
    for colour in (PRINTED_COLOUR, OWN_COLOUR):
        steps = [(y, row) for y, row in enumerate(rows)
                 if row["part"] == STEPS and row["ends_first"] and _colour(row) == colour]
        for pace, shift, width in (("first", -0.14, 8), ("last", 0.26, 3)):
            x, y, hover, keys = [], [], [], []
            for at, row in steps:
                x += [_ordinal(row[f"begins_{pace}"]), _ordinal(row[f"ends_{pace}"]), None]
                y += [at + shift, at + shift, None]
                hover += [row["hover"], row["hover"], ""]
                keys += [[row["part"], row["key"]], [row["part"], row["key"]], None]
            if steps:
                traces.append({"type": "scatter", "mode": "lines", "name": f"{pace} {colour}", "x": x, "y": y,
                               "hovertext": hover, "hoverinfo": "text", "customdata": keys, "line": {"color": colour, "width": width}})
    return traces


def _days(rows: Sequence[Row]) -> list[Row]:
    """A diamond for each date of the season, a hollow circle where a step begins whose time nobody says."""
    dated = [(y, row, _ordinal(row["ends_first"]), _ordinal(row["ends_last"])) for y, row in enumerate(rows)
             if row["part"] == SEASON and row["ends_first"]]
    loose = [(y, row, _ordinal(row["begins_first"])) for y, row in enumerate(rows)
             if row["begins_first"] and not row["ends_first"]]
    traces = []
    if dated:
        traces.append({
            "type": "scatter", "mode": "markers", "name": "dates", "x": [low for _, _, low, _ in dated],
            "y": [y for y, *_ in dated], "hovertext": [row["hover"] for _, row, *_ in dated], "hoverinfo": "text",
            "customdata": [[row["part"], row["key"]] for _, row, *_ in dated],
            "error_x": {"type": "data", "symmetric": False, "thickness": 2, "width": 0, "color": theme.MUTED,
                        "array": [high - low for _, _, low, high in dated], "arrayminus": [0] * len(dated)},
            "marker": {"symbol": "diamond", "size": 10, "color": [_colour(row) for _, row, *_ in dated]}})
    if loose:
        traces.append({
            "type": "scatter", "mode": "markers", "name": "open",
            "x": [day for *_, day in loose], "y": [y for y, *_ in loose],
            "hovertext": [row["hover"] for _, row, _ in loose], "hoverinfo": "text",
            "customdata": [[row["part"], row["key"]] for _, row, _ in loose],
            "marker": {"symbol": "circle-open", "size": 9, "color": theme.MUTED,
                       "line": {"width": 1.5, "color": theme.MUTED}}})
    return traces


def _late(rows: Sequence[Row]) -> list[Row]:
    late = [(y, row) for y, row in enumerate(rows) if row["too_late"]]
    return [{"type": "scatter", "mode": "markers", "name": "too late", "x": [_ordinal(row["ends_last"]) for _, row in late],
             "y": [y + 0.06 for y, _ in late], "hovertext": [row["hover"] for _, row in late], "hoverinfo": "text",
             "customdata": [[row["part"], row["key"]] for _, row in late],
             "marker": {"symbol": "x", "size": 9, "color": LATE_COLOUR}}] if late else []


def _amounts(rows: Sequence[Row]) -> list[Row]:
    known = [(y, row) for y, row in enumerate(rows) if row["usd_low"] == row["usd_low"]]
    ranges = [(y, row) for y, row in known if row["usd_high"] > row["usd_low"]]
    axes = {"xaxis": "x2", "yaxis": "y2", "type": "scatter", "hoverinfo": "text"}
    traces = [{**axes, "mode": "lines", "name": f"range {row['key']}", "x": [row["usd_low"], row["usd_high"]], "y": [y, y],
               "hovertext": [row["hover"]] * 2, "customdata": [[row["part"], row["key"]]] * 2,
               "line": {"color": _colour(row), "width": 6}} for y, row in ranges]
    ends = [(y, row, value) for y, row in known for value in dict.fromkeys((row["usd_low"], row["usd_high"]))]
    return [*traces, {
        **axes, "mode": "markers", "name": "amounts", "x": [value for *_, value in ends], "y": [y for y, *_ in ends],
        "hovertext": [row["hover"] for _, row, _ in ends], "cliponaxis": False,
        "customdata": [[row["part"], row["key"]] for _, row, _ in ends],
        "marker": {"symbol": ["circle-open" if row["status"] == EMPLOYER else "circle" for _, row, _ in ends], "size": 9,
                   "color": [_colour(row) for _, row, _ in ends],
                   "line": {"width": 1.5, "color": [_colour(row) for _, row, _ in ends]}}}]


# -- words -----------------------------------------------------------------------------------------------------


def _gap(row: Row, low: float, high: float, free: float) -> Row | None:
    """Where and how the words stand that take the place of a mark; None for a row that has its figures."""
    if row["status"] not in (NOT_FOUND, OPEN):
        return None
    if not row["begins_first"]:
        return {"x": free, "xshift": 6, "xanchor": "left"}
    at = (_ordinal(row["begins_first"]) - low) / (high - low)
    return {"x": at, "xshift": 10, "xanchor": "left"} if at < 0.5 else {"x": at, "xshift": -10, "xanchor": "right"}


def _words(title: str, rows: Sequence[Row], heads: Sequence[str], columns: Sequence[str], gaps: Sequence[Row | None],
           offset: float, height: float) -> list[Row]:
    """Names at the left, two columns at the right, and what is missing in the place of a mark."""
    head = {"y": 1 - offset / height, "yanchor": "bottom"}
    notes = [theme.note(f"<b>{text}</b>", x=1, xshift=shift, font={"size": 11}, **head)
             for text, shift in zip(heads, (10, 10 + FIRST))]
    notes.append(theme.note(f"<b>{title}</b>", x=0, xanchor="right", xshift=-8, font={"size": 14}, **head))
    for at, (row, gap) in enumerate(zip(rows, gaps)):
        y = 1 - (offset + ROW * (at + 0.5)) / height
        words = {"y": y, "yanchor": "middle", "font": {"size": 12, "color": theme.INK}}
        name = f"<b>{theme.escaped(row['what'])}</b>" if row["status"] == TOTAL else theme.escaped(row["what"])
        notes.append(theme.note(name, x=0, xanchor="right", align="right", xshift=-8, **words))
        if gap:
            quiet = {**words, "font": {"size": 11, "color": theme.MUTED}}
            notes.append(theme.note(f"<i>{theme.escaped(row['detail'])}</i>", **quiet, **gap))
            continue
        notes += [theme.note(theme.escaped(_said(row, column)), x=1, xshift=shift, **words)
                  for column, shift in zip(columns, (10, 10 + FIRST))]
    return notes


def _said(row: Row, column: str) -> str:
    if column == "value" or row["part"] != COSTS:
        return row[column]
    text = ", ".join(filter(None, (EMPLOYER * (row["status"] == EMPLOYER), row["detail"])))
    return (text if len(text) <= 29 else text[:28] + "\u2026") + " \u2020" * row["older"]
