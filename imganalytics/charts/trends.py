"""A line for each specialty over the years, its name at its end; broken where figures begin to mean something else."""

import math
from typing import Any

import plotly.graph_objects as go

from imganalytics.charts import marks, theme
from imganalytics.charts.competitiveness import GLYPHS
from imganalytics.result import Result
from imganalytics.studies.trend_facts import MEASURES, SINGLE, breaks
from imganalytics.studies.trend_words import figure_text, runs
from imganalytics.studies.words import percent

WIDTH, PLOT = 980, 400
LEFT, RIGHT = 64, 345  # pixels for the figures of the axis, and for the names at the ends of the lines
LONGEST = 41           # letters of a name
LEADER = "#9aa5b1"
APART = 17             # least pixels between two names
ROW = 16               # pixels for the words of a break
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "pentagon", "star")
DASHES = {"all_pgy1": "solid", "all_but_preliminary": "solid", "all": "solid",
          **dict(zip(SINGLE, ("solid", "longdash", "dot", "dash", "dashdot")))}
NUMBERS = ("line", "segment", "row_label", "specialty", "choice", "match_year", "value", "low", "high", "count", "of",
           "reliability", "reason", "source_id", "of_source_id", "locator", "derivation")
Line = list[dict[str, Any]]


def figure(result: Result) -> go.Figure:
    """The chart of a trends Result."""
    return go.Figure(**spec(result))


def spec(result: Result) -> theme.Spec:
    """The chart as plotly.js takes it: one trace for each line, with a gap between its segments."""
    lines = _lines(result)
    names = list(dict.fromkeys(line[0]["specialty"] for line in lines))
    look = [(COLOURS[names.index(line[0]["specialty"])], SYMBOLS[names.index(line[0]["specialty"])]) for line in lines]
    sources = marks.citations(result)
    return {"data": [_trace(result, sources, line, *own) for line, own in zip(lines, look)],
            "layout": _layout(result, lines, look)}


def _lines(result: Result) -> list[Line]:
    found: dict[int, Line] = {}
    for values in zip(*(result.frame[name].tolist() for name in NUMBERS)):
        row = dict(zip(NUMBERS, values))
        if not row["reason"]:
            found.setdefault(row["line"], []).append(row)
    return list(found.values())


def _trace(result: Result, sources: dict[str, str], line: Line, colour: str, symbol: str) -> dict[str, Any]:
    points: list[dict[str, Any] | None] = []
    for row in line:
        if points and points[-1]["segment"] != row["segment"]:
            points.append(None)  # nothing joins two segments
        points.append(row)
    shares = line[0]["of"] == line[0]["of"]
    trace = {
        "type": "scatter", "mode": "lines+markers", "name": line[0]["row_label"],
        "x": [row and row["match_year"] for row in points], "y": [row and row["value"] for row in points],
        "line": {"color": colour, "width": 2, "dash": DASHES[line[0]["choice"]]},
        "marker": {"color": colour, "size": 7, "line": {"width": 1.5, "color": colour},
                   "symbol": [symbol + "-open" * bool(row and row["reliability"] == "unstable") for row in points]},
        "hovertext": [_hover(result, sources, row) if row else "" for row in points], "hoverinfo": "text",
        "customdata": [row and [row["line"], row["match_year"]] for row in points],
        "cliponaxis": False}
    if shares:
        trace["error_y"] = {"type": "data", "symmetric": False, "thickness": 1.2, "width": 0, "color": colour,
                            "array": [row and row["high"] - row["value"] for row in points],
                            "arrayminus": [row and row["value"] - row["low"] for row in points]}
    return trace


def _hover(result: Result, sources: dict[str, str], row: dict[str, Any]) -> str:
    what = MEASURES[result.question.arguments["measure"]]
    lines = [f"<b>{theme.escaped(row['row_label'])}</b>, {row['match_year']}"]
    if what.is_share:
        lines += [f"{percent(row['value'])} (95 % interval {percent(row['low'])} to {percent(row['high'])})",
                  f"{row['count']:,.0f} of {row['of']:,.0f} {what.denominator}"]
        if row["reliability"] == "unstable":
            lines.append("<i>Unstable: fewer than 30 positions, or an interval wider than 20 points</i>")
    else:
        lines += [f"{row['value']:,.0f} {what.noun} (a full count)", what.label]
    cited = dict.fromkeys(f"{row['source_id'] or ''}, {row['of_source_id'] or ''}".split(", "))
    lines += [sources[name] for name in cited if name in sources]
    derived = "" if row["derivation"] == "published" else f"; {row['derivation']}"
    lines.append(theme.escaped(f"{row['locator']}{derived}"))
    return "<br>".join(lines)


def _layout(result: Result, lines: list[Line], look: list[tuple[str, str]]) -> dict[str, Any]:
    first, last = result.question.arguments["years"]
    shares = MEASURES[result.question.arguments["measure"]].is_share
    ticks = _ticks(max(row["high" if shares else "value"] for line in lines for row in line), shares)
    years = (first - 0.4, last + 0.4)
    crossed = [each for each in breaks(result.question.arguments["measure"]) if first < each.year <= last]
    source, below = marks.foot([], result, WIDTH, LEFT, WIDTH - LEFT - RIGHT, shift=34)
    top = theme.headline_height(result, WIDTH) + 14 + ROW * len(crossed)
    names, leaders = _names(lines, look, years, ticks[-1], last)
    uprights, words = _breaks(crossed, years)
    every = 1 if last - first < 15 else 2
    return {
        "template": theme.NAME, "width": WIDTH, "height": top + PLOT + below,
        "margin": {"l": LEFT, "r": RIGHT, "t": top, "b": below}, "title": {"text": theme.headline(result, WIDTH)},
        "xaxis": {"range": list(years), "tickvals": list(range(first, last + 1, every)), "zeroline": False,
                  "ticktext": [str(year) for year in range(first, last + 1, every)], "showgrid": False,
                  "fixedrange": True},
        "yaxis": {"range": [0, ticks[-1]], "tickvals": ticks, "fixedrange": True, "ticklabelstandoff": 6,
                  "ticktext": [_tick(tick, shares, ticks[1]) for tick in ticks]},
        "shapes": [*uprights, *leaders],
        "annotations": [*words, *names, *_silent(lines, years, first, last), *source],
        "showlegend": False, "hovermode": "closest", "dragmode": False, "meta": {"summary": result.summary}}


def _ticks(highest: float, shares: bool) -> list[float]:
    """Round steps from 0 to the first one that is not below `highest`; shares end at 1."""
    rough = max(highest, 0.001 if shares else 1) / 5
    power = 10 ** math.floor(math.log10(rough))
    step = next(each * power for each in (1, 2, 2.5, 5, 10) if each * power >= rough - 1e-12)
    step = step if shares else max(1, round(step))
    count = math.ceil(highest / step - 1e-9) or 1
    ticks = [round(at * step, 6) for at in range(count + 1)]
    return [tick for tick in ticks if tick < 1] + [1.0] if shares and ticks[-1] >= 1 else ticks


def _tick(value: float, shares: bool, step: float) -> str:
    if not shares:
        return f"{value:,.0f}"
    return f"{100 * value:.{0 if round(100 * step, 6).is_integer() else 1}f}%"


def _names(lines: list[Line], look: list[tuple[str, str]], years: tuple[float, float],
           highest: float, last: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The names of the lines at their ends, moved apart, and a fine line from each end to its name."""
    wanted = [PLOT * (1 - line[-1]["value"] / highest) for line in lines]
    heights = marks.apart(wanted, APART, 0, PLOT)
    names, leaders = [], []
    for line, own, end, height in zip(lines, look, wanted, heights):
        right = (line[-1]["match_year"] - years[0]) / (years[1] - years[0])
        leaders.append({"type": "line", "xref": "paper", "yref": "paper", "x0": right + 0.01, "x1": 1.02,
                        "y0": 1 - end / PLOT, "y1": 1 - height / PLOT,
                        "line": {"color": LEADER, "width": 1, "dash": "dot"}})
        names.append(theme.note(_name(line, own, last), x=1.02, y=1 - height / PLOT, yanchor="middle", xshift=2,
                                font={"size": 12, "color": theme.INK}))
    return names, leaders


def _name(line: Line, look: tuple[str, str], last: int) -> str:
    end = line[-1]
    text = end["row_label"] if len(end["row_label"]) <= LONGEST else end["row_label"][:LONGEST - 1] + "\u2026"
    value = percent(end["value"]) if end["of"] == end["of"] else figure_text(end)
    when = "" if end["match_year"] == last else f" in {end['match_year']}"
    return f"<span style='color:{look[0]}'>{GLYPHS[look[1]]}</span> {theme.escaped(text)} <b>{value}</b>{when}"


def _silent(lines: list[Line], years: tuple[float, float], first: int, last: int) -> list[dict[str, Any]]:
    """'no figure' at the foot of each run of years in which no line has one."""
    known = {row["match_year"] for line in lines for row in line}
    return [theme.note("no<br>figure" if len(run) == 1 else "no figure", y=0, yanchor="bottom", yshift=4,
                       align="center", x=(sum(run) / len(run) - years[0]) / (years[1] - years[0]), xanchor="center",
                       font={"size": 10, "color": theme.MUTED})
            for run in runs(year for year in range(first, last + 1) if year not in known)]


def _breaks(crossed: list[Any], years: tuple[float, float]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """A dashed upright for each change of definition, and its words above the plot: the latest lowest."""
    uprights, words = [], []
    for number, each in enumerate(reversed(crossed)):
        x = (each.year - 0.5 - years[0]) / (years[1] - years[0])
        uprights.append({"type": "line", "xref": "paper", "yref": "paper", "x0": x, "x1": x, "y0": 0,
                      "y1": 1 + (ROW * number + 18) / PLOT, "line": {"color": theme.MUTED, "width": 1, "dash": "dash"}})
        words.append(theme.note(theme.escaped(each.words), x=x, y=1, yanchor="bottom", xshift=4,
                                yshift=2 + ROW * number, font={"size": 11, "color": theme.MUTED}))
    return uprights, words
