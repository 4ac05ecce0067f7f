"""Pass rates over the years: lines with intervals where n is published, words where it is not."""

from collections import defaultdict
from typing import Any

import plotly.graph_objects as go

from imganalytics.charts import marks, theme
from imganalytics.charts.competitiveness import GLYPHS
from imganalytics.charts.rows import records
from imganalytics.result import Result
from imganalytics.studies.usmle import BREAK, COLUMNS
from imganalytics.studies.words import percent
from imganalytics.vocabulary import ApplicantType, applicant_types

WIDTH, PLOT = 980, 440
LEFT, RIGHT = 56, 190
APART = 16          # pixels between two words of one period; between the names at the right twice as many
LOOKS = {"img_all": "img_all", "us_md": "us_md_senior", "us_do": "us_do_senior", "all": "all"}  # whose marks they wear
SHORT = {"img_all": "IMGs", "us_md": "US MD", "us_do": "US DO", "all": "All"}
EN = "\u2013"
Row = dict[str, Any]


def figure(result: Result) -> go.Figure:
    """The chart of a usmle Result."""
    return go.Figure(**spec(result))


def spec(result: Result) -> theme.Spec:
    """The chart as plotly.js takes it: one trace for each group with n, one of words for what is printed without."""
    rows = records(result.frame, *COLUMNS)
    lines: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if not row["reason"]:
            lines[row["examinee_type"]].append(row)
    bare = [row for row in rows if row["reason"]]
    cited, columns = marks.citations(result), _columns(rows)
    data = [_trace(line, columns, cited) for line in lines.values()] + ([_words(bare, columns, cited)] if bare else [])
    return {"data": data, "layout": _layout(result, rows, list(lines.values()), columns)}


def _columns(rows: list[Row]) -> dict[str, int]:
    """Where each period stands, one beside the other; a column stays free where years without a figure lie between."""
    periods = sorted({(row["start"], row["end"], row["period"]) for row in rows})
    places, at, before = {}, 0, None
    for start, end, period in periods:
        at += 0 if before is None else 1 if start <= before + 1 else 2
        places[period], before = at, end
    return places


def _look(row: Row) -> ApplicantType:
    return applicant_types()[LOOKS[row["examinee_type"]]]


def _trace(line: list[Row], columns: dict[str, int], cited: dict[str, str]) -> dict[str, Any]:
    points: list[Row | None] = []
    for row in line:
        if points and points[-1]["segment"] != row["segment"]:
            points.append(None)
        points.append(row)
    kind = _look(line[0])
    y, low, high = ([row and row[name] for row in points] for name in ("rate", "low", "high"))
    x = [row and columns[row["period"]] for row in points]
    trace = marks.rates(kind, x, y, low, high, upright=True,
                        stable=[not row or row["reliability"] == "ok" for row in points],
                        hover=[_hover(row, cited) if row else "" for row in points],
                        customdata=[row and [row["performance_id"]] for row in points])
    trace["marker"] |= {"size": 6}  # so that the bars are seen
    return trace | {"name": line[0]["label"], "mode": "lines+markers",
                    "line": {"color": kind.colour, "width": 1.8, "dash": kind.dash}}


def _words(bare: list[Row], columns: dict[str, int], cited: dict[str, str]) -> dict[str, Any]:
    """What is printed without n, in words where a mark would be; those of one year stand apart."""
    places: dict[str, list[Row]] = defaultdict(list)
    for row in bare:
        places[row["period"]].append(row)
    heights = {}
    for own in places.values():
        wanted = [PLOT * row["printed_pct"] / 100 for row in own]
        for row, height in zip(own, marks.apart(wanted, APART, 10, PLOT - 10)):
            heights[row["performance_id"]] = height / PLOT
    return {"type": "scatter", "mode": "text", "name": "printed without n",
            "x": [columns[row["period"]] for row in bare],
            "y": [heights[row["performance_id"]] for row in bare],
            "text": [f"<i>{SHORT[row['examinee_type']]} {row['printed_pct']:g} %</i>" for row in bare],
            "textposition": "middle center", "textfont": {"size": 11, "color": theme.MUTED}, "cliponaxis": False,
            "hovertext": [_hover(row, cited) for row in bare], "hoverinfo": "text",
            "customdata": [[row["performance_id"]] for row in bare]}


def _hover(row: Row, cited: dict[str, str]) -> str:
    lines = [f"<b>{row['label']}</b>, {row['period']}"]
    if row["reason"]:
        lines += [f"{row['printed_pct']:g} % is printed, without n: no interval"]
    else:
        lines += [f"{percent(row['rate'])} (95 % interval {percent(row['low'])} to {percent(row['high'])})",
                  f"n = {row['n_examined']:,.0f} examined; the interval is widened by the rounding"]
    lines.append(f"Base: {_base(row)}")
    if row["others"]:
        lines.append(f"Another source prints {theme.escaped(row['others'])}")
    return "<br>".join([*lines, marks.cited(cited, row["source_id"])])


def _base(row: Row) -> str:
    return {"all": "all takers", "first": "first takers", "repeat": "repeat takers",
            "not_stated": "takers not stated"}[row["takers"]]


def _layout(result: Result, rows: list[Row], lines: list[list[Row]], columns: dict[str, int]) -> dict[str, Any]:
    span = (-0.5, max(columns.values()) + 0.5)
    top = theme.headline_height(result, WIDTH) + 22
    below = ["Grey words: a percentage printed without n. It gets no mark and no interval."] if any(
        row["reason"] for row in rows) else []
    right = RIGHT if lines else 24
    foot, bottom = marks.foot(below, result, WIDTH, LEFT, WIDTH - LEFT - right, shift=34)
    shapes, words = _break(rows, columns, span)
    return {"template": theme.NAME, "width": WIDTH, "height": top + PLOT + bottom,
            "margin": {"l": LEFT, "r": right, "t": top, "b": bottom}, "title": {"text": theme.headline(result, WIDTH)},
            "xaxis": {"range": list(span), "tickvals": list(columns.values()), "showgrid": False, "zeroline": False,
                      "ticktext": [period.replace("-", EN) for period in columns], "fixedrange": True},
            "yaxis": {"range": [0, 1], "tick0": 0, "dtick": 0.2, "tickformat": ".0%", "fixedrange": True,
                      "ticklabelstandoff": 6},
            "shapes": shapes, "annotations": [*_names(lines), *_holes(columns, span), *words, *foot],
            "showlegend": False, "hovermode": "closest", "dragmode": False, "meta": {"summary": result.summary}}


def _holes(columns: dict[str, int], span: tuple[float, float]) -> list[dict[str, Any]]:
    """Words in the columns that stay free."""
    taken = set(columns.values())
    return [theme.note("<i>years between:<br>nothing printed</i>", x=(at - span[0]) / (span[1] - span[0]),
                       xanchor="center",
                       align="center", y=0, yanchor="bottom", yshift=6, font={"size": 10, "color": theme.MUTED})
            for at in range(max(taken)) if at not in taken]


def _break(rows: list[Row], columns: dict[str, int], span: tuple[float, float]) -> tuple[list[Row], list[Row]]:
    """The line between two definitions of Step 1, and what changed."""
    after = [columns[row["period"]] for row in rows if row["exam"] == "usmle_step1" and row["start"] >= BREAK]
    if not after or min(after) == 0:
        return [], []
    at = min(after) - 0.5
    share = (at - span[0]) / (span[1] - span[0])
    line = {"type": "line", "xref": "x", "yref": "paper", "x0": at, "x1": at, "y0": 0, "y1": 1,
            "line": {"color": theme.MUTED, "width": 1, "dash": "dot"}}
    words = theme.note("from 2022: higher passing standard, pass or fail only", x=share, y=1, yanchor="bottom",
                       xanchor="right" if share > 0.6 else "center" if share > 0.3 else "left", yshift=1,
                       font={"size": 10, "color": theme.MUTED})
    return [line], [words]


def _names(lines: list[list[Row]]) -> list[dict[str, Any]]:
    """The names at the right, each at the height of the end of its line."""
    wanted = [PLOT * (1 - line[-1]["rate"]) for line in lines]
    notes = []
    for line, height in zip(lines, marks.apart(wanted, 2 * APART + 3, 0, PLOT)):
        row, kind = line[-1], _look(line[0])
        mark = f"<span style='color:{kind.colour}'>{GLYPHS[kind.symbol]}</span>"
        small = (f"<span style='font-size:10px;color:{theme.MUTED}'>{row['period'].replace('-', EN)}: "
                 f"{100 * row['low']:.1f} to {100 * row['high']:.1f}, n {row['n_examined']:,.0f}</span>")
        notes.append(theme.note(f"{mark} {row['label']} <b>{100 * row['rate']:.0f} %</b><br>{small}", x=1,
                                y=1 - height / PLOT,
                                yanchor="middle", xshift=8, font={"size": 12, "color": theme.INK}))
    return notes
