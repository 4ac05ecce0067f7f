"""What was left unfilled: a row for each specialty or state in one Match, or a line for each over the years."""

import math
from typing import Any

import plotly.graph_objects as go

from imganalytics.charts import marks, theme
from imganalytics.charts import rows as frame_of_rows
from imganalytics.charts.competitiveness import GLYPHS
from imganalytics.result import Result
from imganalytics.studies.unfilled import FIRST, LAST
from imganalytics.studies.words import percent

WIDTH, PLOT, LEFT, RIGHT = 980, 400, 64, 330
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "pentagon", "star")
PALE, APART, LONGEST = "#b2d5e8", 17, 36
ONE_MATCH = 2020  # from this year on MD and DO programs are in one Match
READ = ("label", "match_year", "offered", "unfilled", "share", "share_low", "share_high", "reliability", "reason",
        "programs",
        "programs_unfilled", "value", "source_id")
Rows = list[dict[str, Any]]


def figure(result: Result) -> go.Figure:
    """The chart of an unfilled Result."""
    return go.Figure(**spec(result))


def spec(result: Result) -> theme.Spec:
    """The chart as plotly.js takes it, in the view that was asked for."""
    return _over_years(result) if result.question.arguments["view"] == "years" else _one_year(result)


def ticks(highest: float, shares: bool) -> list[float]:
    """Round steps from 0 to the first not below `highest`; shares end at 1, counts have whole steps."""
    rough = max(highest, 0.001 if shares else 1) / 5
    power = 10 ** math.floor(math.log10(rough))
    step = next(each * power for each in (1, 2, 2.5, 5, 10) if each * power >= rough - 1e-12)
    step = step if shares else max(1, math.ceil(step))
    count = math.ceil(highest / step - 1e-9) or 1
    found = [round(at * step, 6) for at in range(count + 1)]
    return [tick for tick in found if tick < 1] + [1.0] if shares and found[-1] >= 1 else found


def tick_text(value: float, shares: bool, step: float) -> str:
    """A tick in words: '1,200' or '12.5%'."""
    if not shares:
        return f"{value:,.0f}"
    return f"{100 * value:.{0 if round(100 * step, 6).is_integer() else 1}f}%"


def _hover(row: dict[str, Any], sources: dict[str, str]) -> str:
    lines = [f"<b>{theme.escaped(row['label'])}</b>, {row['match_year']}",
             f"{row['unfilled']:,.0f} of {row['offered']:,.0f} positions offered were left unfilled"]
    if row["reason"]:
        lines.append(f"No share: {row['reason']}")
    else:
        interval = f"95 % interval {percent(row['share_low'])} to {percent(row['share_high'])}"
        lines.append(f"{percent(row['share'])} ({interval})")
    if row["reliability"] == "unstable":
        lines.append("<i>Share unstable: fewer than 30 positions, or an interval wider than 20 points</i>")
    lines += [f"In {row['programs_unfilled']:,.0f} of {row['programs']:,.0f} program tracks; before SOAP",
              marks.cited(sources, row["source_id"])]
    return "<br>".join(lines)


def _mark(row: dict[str, Any], symbol: str, shares: bool) -> str:
    return symbol + "-open" * (shares and row["reliability"] == "unstable")


def _interval(rows: Rows, colour: str, thickness: float) -> dict[str, Any]:
    return {"type": "data", "symmetric": False, "thickness": thickness, "width": 0, "color": colour,
            "array": [row["share_high"] - row["share"] for row in rows],
            "arrayminus": [row["share"] - row["share_low"] for row in rows]}


# -- one Match ----------------------------------------------------------------------------------------------------


def _one_year(result: Result) -> theme.Spec:
    asked = result.question.arguments
    shares, year = asked["measure"] == "share", asked["match_year"]
    rows = frame_of_rows.records(result.frame, *READ, "lowest", "highest")
    shown = [(at, row) for at, row in enumerate(rows) if row["value"] == row["value"]]
    own = [row for _, row in shown]
    ends = ticks(max(max(row["highest"], row["share_high"] if shares else 0) for row in own), shares)
    layout = frame_of_rows.layout(
        result, [row["label"] for row in rows],
        [("Unfilled", [f"{row['unfilled']:,.0f}" for row in rows], 66),
         ("Offered", [f"{row['offered']:,.0f}" for row in rows], 66),
         ("Share (95 % interval)", [_share(row) for row in rows], 150)],
        {"range": [0, ends[-1]], "tickvals": ends, "ticktext": [tick_text(tick, shares, ends[1]) for tick in ends],
         "title": {"text": "Share of the positions offered" if shares else "Positions", "standoff": 4,
                   "font": {"size": 11}}},
        below=f"Mark: the {year} Match. Pale line: from the lowest to the highest of the Matches {FIRST} to {LAST}."
              + (" Fine line: 95 % interval. Hollow: unstable." if shares else ""))
    layout["annotations"] += [
        theme.note(f"<i>{theme.escaped(row['reason'])}</i>", x=0, y=1 - (at + 0.5) / len(rows), yanchor="middle",
                   xshift=6,
                   font={"size": 10, "color": theme.MUTED}) for at, row in enumerate(rows)
                   if row["value"] != row["value"]]
    spread = {"type": "scatter", "mode": "lines", "name": "all years", "hoverinfo": "skip",
              "line": {"color": PALE, "width": 8},
              "x": [x for row in own for x in (row["lowest"], row["highest"], None)],
              "y": [y for at, _ in shown for y in (at, at, None)], "cliponaxis": False}
    sources = marks.citations(result)
    dots = {"type": "scatter", "mode": "markers", "name": str(year), "x": [row["value"] for row in own],
            "y": [at for at, _ in shown], "cliponaxis": False,
            "marker": {"symbol": [_mark(row, "circle", shares) for row in own], "size": 9, "color": COLOURS[0],
                       "line": {"width": 1.6, "color": COLOURS[0]}},
            "hovertext": [_hover(row, sources) for row in own], "hoverinfo": "text"}
    if shares:
        dots["error_x"] = _interval(own, COLOURS[0], 1.6)
    return {"data": [spread, dots], "layout": layout}


def _share(row: dict[str, Any]) -> str:
    if row["reason"]:
        return "\u2013"
    return f"{percent(row['share'])} ({100 * row['share_low']:.1f} to {100 * row['share_high']:.1f})"


# -- over the years -----------------------------------------------------------------------------------------------


def _over_years(result: Result) -> theme.Spec:
    shares = result.question.arguments["measure"] == "share"
    groups: dict[str, Rows] = {}
    for row in frame_of_rows.records(result.frame, *READ):
        if row["value"] == row["value"]:
            groups.setdefault(row["label"], []).append(row)
    sources = marks.citations(result)
    data = [_line(rows, *look, shares, sources) for rows, look in zip(groups.values(), zip(COLOURS, SYMBOLS))]
    return {"data": data, "layout": _layout(result, list(groups.values()), shares)}


def _line(rows: Rows, colour: str, symbol: str, shares: bool, sources: dict[str, str]) -> dict[str, Any]:
    known = {row["match_year"]: row for row in rows}
    years = [known.get(year) for year in range(rows[0]["match_year"], rows[-1]["match_year"] + 1)]
    trace = {"type": "scatter", "mode": "lines+markers", "name": rows[0]["label"],
             "x": [row and row["match_year"] for row in years],
             "y": [row and row["value"] for row in years], "cliponaxis": False, "line": {"color": colour, "width": 2},
             "marker": {"color": colour, "size": 7, "line": {"width": 1.5, "color": colour},
                        "symbol": [_mark(row, symbol, shares) if row else symbol for row in years]},
             "hovertext": [_hover(row, sources) if row else "" for row in years], "hoverinfo": "text"}
    if shares:
        trace["error_y"] = {"type": "data", "symmetric": False, "thickness": 1.2, "width": 0, "color": colour,
                            "array": [row and row["share_high"] - row["share"] for row in years],
                            "arrayminus": [row and row["share"] - row["share_low"] for row in years]}
    return trace


def _layout(result: Result, lines: list[Rows], shares: bool) -> dict[str, Any]:
    asked, start, stop = result.question.arguments, FIRST - 0.4, LAST + 0.4
    ends = ticks(max(row["share_high"] if shares else row["value"] for rows in lines for row in rows), shares)
    below = ["Fine uprights: 95 % intervals. Hollow: unstable."] if shares else []
    source, bottom = marks.foot(below, result, WIDTH, LEFT, WIDTH - LEFT - RIGHT, shift=34)
    top = theme.headline_height(result, WIDTH) + 34
    places = {"one": (ONE_MATCH - 0.5 - start) / (stop - start),
              "chosen": (asked["match_year"] - start) / (stop - start)}
    upright = {"type": "line", "xref": "paper", "yref": "paper", "y0": 0, "layer": "below"}
    shapes = [{**upright, "x0": places["one"], "x1": places["one"], "y1": 1.05,
               "line": {"color": theme.MUTED, "width": 1, "dash": "dash"}},
              {**upright, "x0": places["chosen"], "x1": places["chosen"], "y1": 1, "line": {"color": PALE, "width": 6}}]
    words = [theme.note("from 2020 one Match for MD and DO programs", x=places["one"], y=1, yanchor="bottom", xshift=4,
                        yshift=4,
                        font={"size": 11, "color": theme.MUTED})]
    names, leaders = _names(lines, ends[-1], shares, start, stop)
    return {"template": theme.NAME, "width": WIDTH, "height": top + PLOT + bottom,
            "margin": {"l": LEFT, "r": RIGHT, "t": top, "b": bottom}, "title": {"text": theme.headline(result, WIDTH)},
            "xaxis": {"range": [start, stop], "tickvals": list(range(FIRST, LAST + 1)), "zeroline": False,
                      "showgrid": False,
                      "ticktext": [str(year) for year in range(FIRST, LAST + 1)], "fixedrange": True},
            "yaxis": {"range": [0, ends[-1]], "tickvals": ends, "fixedrange": True, "ticklabelstandoff": 6,
                      "ticktext": [tick_text(tick, shares, ends[1]) for tick in ends]},
            "shapes": [*shapes, *leaders], "annotations": [*words, *names, *source], "showlegend": False,
            "hovermode": "closest", "dragmode": False, "meta": {"summary": result.summary}}


def _names(lines: list[Rows], highest: float, shares: bool, start: float,
           stop: float) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The names of the lines at their ends, moved apart, and a fine line from each end to its name."""
    wanted = [PLOT * (1 - rows[-1]["value"] / highest) for rows in lines]
    names, leaders = [], []
    for rows, colour, symbol, end, height in zip(lines, COLOURS, SYMBOLS, wanted, marks.apart(wanted, APART, 0, PLOT)):
        last = rows[-1]
        leaders.append({"type": "line", "xref": "paper", "yref": "paper", "y0": 1 - end / PLOT, "y1": 1 - height / PLOT,
                        "x0": (last["match_year"] - start) / (stop - start) + 0.01, "x1": 1.02,
                        "line": {"color": "#9aa5b1", "width": 1, "dash": "dot"}})
        text = last["label"] if len(last["label"]) <= LONGEST else last["label"][:LONGEST - 1] + "\u2026"
        said = percent(last["value"]) if shares else f"{last['value']:,.0f}"
        glyph = f"<span style='color:{colour}'>{GLYPHS[symbol]}</span>"
        when = "" if last["match_year"] == LAST else f" in {last['match_year']}"
        names.append(theme.note(f"{glyph} {theme.escaped(text)} <b>{said}</b>{when}",
                                x=1.02, xshift=2, y=1 - height / PLOT, yanchor="middle",
                                font={"size": 12, "color": theme.INK}))
    return names, leaders
