"""Mean length of rank lists by year: a line for those who matched and a dashed one for those who did not."""

from typing import Any

import plotly.graph_objects as go

from imganalytics.charts import marks, theme
from imganalytics.result import Result
from imganalytics.studies.rank_lists import CAUTION, LEVER, crossed
from imganalytics.vocabulary import applicant_types

WIDTH = 980
LEFT, RIGHT = 56, 216
BODY = 360
HIGHEST = 15   # of the axis, as all years and types have it, so that a slider does not move the scale
LABEL = 16     # pixels from name to name
AMBER, PALE = "#E69F00", "#fdf5e4"
COHORTS = {"matched": ("matched", "solid"), "unmatched": ("not matched", "dash")}


def figure(result: Result) -> go.Figure:
    """The chart of a rank_lists Result."""
    return go.Figure(**spec(result))


def spec(result: Result) -> theme.Spec:
    """The chart as plotly.js takes it: two traces for each applicant type, not joined where what is counted changes."""
    frame = result.frame
    rows: dict[str, list[dict[str, Any]]] = {}
    for values in zip(*(frame[name].tolist() for name in frame)):
        row = dict(zip(frame.columns, values))
        rows.setdefault(row["applicant_type"], []).append(row)
    source = "<br>".join(map(theme.escaped, theme.wrapped(result.source_line, 420)))
    return {"data": [_line(kind, own, cohort, source) for kind, own in rows.items() for cohort in COHORTS],
            "layout": _layout(result, rows)}


def _line(key: str, rows: list[dict[str, Any]], cohort: str, source: str) -> dict[str, Any]:
    kind, (words, dash) = applicant_types()[key], COHORTS[cohort]
    points: list[dict[str, Any] | None] = []
    for before, row in zip([None, *rows], rows):
        points += [None, row] if before and before["stretch"] != row["stretch"] else [row]
    return {
        "type": "scatter", "mode": "lines+markers", "name": f"{kind.label}, {words}", "hoverinfo": "text",
        "cliponaxis": False, "x": [row and row["match_year"] for row in points],
        "y": [row and row[f"mean_ranks_{cohort}"] for row in points],
        "line": {"color": kind.colour, "width": 2, "dash": dash},
        "marker": {"symbol": kind.symbol, "color": kind.colour, "size": 6},
        "hovertext": [_hover(row, cohort, words, source) if row else "" for row in points],
        "customdata": [row and [row["match_year"], row["applicant_type"]] for row in points]}


def _hover(row: dict[str, Any], cohort: str, words: str, source: str) -> str:
    return "<br>".join([f"<b>{row['type_label']}, {words}</b>, {row['match_year']}",
                        f"Mean {row[f'mean_ranks_{cohort}']:.2f} programs ranked, n = {row[cohort]:,}",
                        "Base: certified a rank order list, couples excluded", "No interval: the spread is not published",
                        source, theme.escaped(row["locator"])])


def _layout(result: Result, rows: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    first, last = result.question.arguments["years"]
    inner = WIDTH - LEFT - RIGHT
    caution = theme.wrapped(CAUTION, WIDTH - 90, 13)
    said = "<br>".join(map(theme.escaped, caution)).replace(LEVER, f"<b>{LEVER}</b>")
    box = 17 * len(caution) + 14
    top = theme.headline_height(result, WIDTH) + 14 + box + 40
    changes = {each.at: each.why for each in crossed(tuple(rows), first, last)}
    letters = dict(zip(changes, "ABC"))
    foot, bottom = marks.foot([f"{letters[at]}  {why}" for at, why in changes.items()], result, WIDTH, LEFT, inner, 44)
    step = 1 if last - first <= 8 else 2 if last - first <= 12 else 5
    years = [year for year in range(first, last + 1) if year % step == 0] if step > 1 else list(range(first, last + 1))
    key = "\u2501\u2501 matched    \u2505\u2505 not matched"
    return {
        "template": theme.NAME, "width": WIDTH, "height": top + BODY + bottom,
        "margin": {"l": LEFT, "r": RIGHT, "t": top, "b": bottom}, "title": {"text": theme.headline(result, WIDTH)},
        "xaxis": {"range": [first - 0.6, last + 0.6], "tickvals": years, "ticktext": [str(year) for year in years],
                  "showgrid": False, "zeroline": False, "fixedrange": True,
                  "title": {"text": "Year of the Match", "standoff": 4, "font": {"size": 11}}},
        "yaxis": {"range": [0, HIGHEST], "dtick": 3, "zeroline": True, "fixedrange": True},
        "shapes": [_box(inner, 40, 40 + box), *({
            "type": "line", "xref": "x", "yref": "paper", "x0": at, "x1": at, "y0": 0, "y1": 1, "layer": "below",
            "line": {"color": theme.MUTED, "width": 1, "dash": "dot"}} for at in changes)],
        "annotations": [
            theme.note(said, x=(26 - LEFT) / inner, y=1, yanchor="bottom", yshift=46,
                       font={"size": 13, "color": theme.INK}),
            theme.note(f"<b>Mean number of programs ranked</b>    {key}", x=(12 - LEFT) / inner, y=1, yanchor="bottom",
                       yshift=10, font={"size": 12, "color": theme.INK}),
            *(theme.note(f"<b>{letters[at]}</b>", xref="x", x=at, y=1, yanchor="bottom", xanchor="center", yshift=-3,
                         font={"size": 11, "color": theme.MUTED}) for at in changes),
            *_ends(rows), *foot],
        "showlegend": False, "hovermode": "closest", "dragmode": False, "meta": {"summary": result.summary}}


def _box(inner: float, low: float, high: float) -> dict[str, Any]:
    """A box behind the caution, from `low` to `high` pixels above the plot."""
    return {"type": "rect", "xref": "paper", "yref": "paper", "layer": "below", "fillcolor": PALE,
            "line": {"color": AMBER, "width": 2}, "x0": (12 - LEFT) / inner, "x1": (WIDTH - 16 - LEFT) / inner,
            "y0": 1 + low / BODY, "y1": 1 + high / BODY}


def _ends(rows: dict[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """The name of each line at its end, with its last mean."""
    ends = [(applicant_types()[key], cohort, own[-1]) for key, own in rows.items() for cohort in COHORTS]
    heights = marks.apart([row[f"mean_ranks_{cohort}"] / HIGHEST for _, cohort, row in ends], LABEL / BODY, 0, 1)
    return [theme.note(f"{marks.key(kind)}, {COHORTS[cohort][0]} {row[f'mean_ranks_{cohort}']:.2f}", x=1, y=height,
                       xshift=6, yanchor="middle", font={"size": 12, "color": theme.INK})
            for (kind, cohort, row), height in zip(ends, heights)]
