"""Match rates by year: a panel for each series, a line for each applicant type, broken where the figures change."""

from collections import defaultdict
from typing import Any

import plotly.graph_objects as go

from imganalytics.charts import marks, theme
from imganalytics.result import Result
from imganalytics.studies.breaks import Break, breaks_in
from imganalytics.studies.headline import DENOMINATORS, SERIES, Row, spans
from imganalytics.studies.words import percent
from imganalytics.vocabulary import ApplicantType, applicant_types

WIDTH = 980
LEFT = 52
LABELS = 168   # pixels for the names at the right of each panel
GAP = 54       # pixels between the names of the first panel and the axis of the second
BODY = 330
GAPS = 5       # lines of words for years without a rate
LABEL = 16     # pixels from name to name
PANELS = {"active": "Everyone who certified a list", "rank_lists": "Rank lists of single applicants"}
Panel = tuple[str, str, tuple[float, float]]  # series, number of its axes, pixels from the left edge of the plots


def figure(result: Result) -> go.Figure:
    """The chart of a headline Result."""
    return go.Figure(**spec(result))


def spec(result: Result) -> theme.Spec:
    """The chart as plotly.js takes it: a trace for each type and panel; nothing is joined across a break or a gap."""
    asked = result.question.arguments
    first, last = asked["years"]
    rows: dict[str, dict[str, list[Row]]] = {}
    for values in zip(*(result.frame[name].tolist() for name in Row._fields)):
        row = Row(*values)
        rows.setdefault(row.series, {}).setdefault(row.line, []).append(row)
    inner = WIDTH - LEFT - LABELS
    half = (inner - LABELS - GAP) / 2
    places = [(0, inner)] if len(rows) == 1 else [(0, half), (half + LABELS + GAP, inner)]
    panels = [(series, "" if at == 0 else str(at + 1), place) for at, (series, place) in enumerate(zip(rows, places))]
    cited = marks.citations(result)
    every = [each for series in rows for each in _breaks(rows[series], series, first, last)]
    letters = {each.why: chr(ord("A") + at) for at, each in enumerate({each.why: each for each in every}.values())}
    foot, bottom = marks.foot([f"{letter}  {why}" for why, letter in letters.items()], result, WIDTH, LEFT, inner, 28)
    top = theme.headline_height(result, WIDTH) + 46
    layout = {"template": theme.NAME, "width": WIDTH, "height": top + BODY + bottom, "title": {
        "text": theme.headline(result, WIDTH)}, "margin": {"l": LEFT, "r": LABELS, "t": top, "b": bottom},
        "annotations": foot, "shapes": [], "showlegend": False, "hovermode": "closest", "dragmode": False,
        "meta": {"summary": result.summary}}
    data = []
    for panel in panels:
        data += _traces(rows[panel[0]], panel, cited)
        _frame(layout, panel, inner, first, last)
        _ends(layout, rows[panel[0]], panel, inner, last)
        words = 13 * len(_gaps(rows[panel[0]]))
        for each in _breaks(rows[panel[0]], panel[0], first, last):
            _mark(layout, each, panel, letters[each.why], words / BODY)
    return {"data": data, "layout": layout}


def _breaks(lines: dict[str, list[Row]], series: str, first: int, last: int) -> list[Break]:
    drawn = {row.applicant_type for rows in lines.values() for row in rows if row.reason == ""}
    return [each for each in breaks_in(series, drawn, first, last) if each.why]


def _traces(lines: dict[str, list[Row]], panel: Panel, cited: dict[str, str]) -> list[dict[str, Any]]:
    """One trace for each published type: the DO group to 2018 is not the one from 2019."""
    pieces: dict[str, list[Row | None]] = defaultdict(list)
    for rows in lines.values():
        for row in rows:
            own = pieces[row.applicant_type]
            if own and own[-1] and own[-1].segment != row.segment:
                own.append(None)
            own.append(row if row.reason == "" else None)
    traces = []
    for key, points in pieces.items():
        kind = applicant_types()[key]
        if any(points):
            traces.append(_trace(kind, points, panel, cited))
    return traces


def _trace(kind: ApplicantType, points: list[Row | None], panel: Panel, cited: dict[str, str]) -> dict[str, Any]:
    trace = marks.rates(kind, *([row and getattr(row, name) for row in points] for name in (
        "match_year", "rate", "rate_low", "rate_high")), upright=True,
        stable=[row is None or row.reliability == "ok" for row in points],
        hover=["" if row is None else _hover(row, cited) for row in points],
        customdata=[None if row is None else [row.series, row.applicant_type, row.match_year] for row in points])
    trace["marker"]["size"] = 7
    return trace | {"mode": "lines+markers", "xaxis": f"x{panel[1]}", "yaxis": f"y{panel[1]}",
                    "line": {"color": kind.colour, "width": 1.6, "dash": kind.dash}}


def _hover(row: Row, cited: dict[str, str]) -> str:
    lines = [f"<b>{theme.escaped(row.type_label)}</b>, {row.match_year}",
             f"{percent(row.rate)} (95 % interval {percent(row.rate_low)} to {percent(row.rate_high)})",
             f"{row.matched:,.0f} matched of {row.applicants:,.0f}",
             f"{SERIES[row.series]}. Base: {DENOMINATORS[row.series]}"]
    if row.reliability == "unstable":
        lines.append("<i>Unstable: fewer than 30 applicants, or an interval wider than 20 points</i>")
    lines += filter(None, (marks.cited(cited, row.source_id), theme.escaped(row.locator or "")))
    if row.matched_source_id != row.source_id:
        lines.append(marks.cited(cited, row.matched_source_id).replace("Source:", "Matched count:", 1))
    return "<br>".join(lines)


def _frame(layout: dict[str, Any], panel: Panel, inner: float, first: int, last: int) -> None:
    """Axes and heading of a panel."""
    series, number, (left, right) = panel
    span = last - first
    step = 1 if span <= 6 else 2 if span <= 10 else 5
    step = step if right - left > inner / 2 or span <= 3 or step == 5 else step * 2
    domain = [left / inner, right / inner]
    layout[f"xaxis{number}"] = {"range": [first - 0.6, last + 0.6], "domain": domain, "anchor": f"y{number}",
                                "tickvals": [year for year in range(first, last + 1) if (year - 2000) % step == 0],
                                "ticktext": [str(year) for year in range(first, last + 1) if (year - 2000) % step == 0],
                                "showgrid": False, "zeroline": False, "fixedrange": True}
    layout[f"yaxis{number}"] = {"range": [0, 1], "dtick": 0.2, "tickformat": ".0%", "anchor": f"x{number}",
                                "fixedrange": True, "zeroline": True}
    text = f"<b>{SERIES[series]}</b><br><span style='font-size:11px;color:{theme.MUTED}'>{PANELS[series]}</span>"
    layout["annotations"].append(theme.note(text, x=domain[0], y=1, yanchor="bottom", yshift=10,
                                            font={"size": 13, "color": theme.INK}))


def _ends(layout: dict[str, Any], lines: dict[str, list[Row]], panel: Panel, inner: float, last: int) -> None:
    """The names of the lines at the right of their panel, and those that have none here."""
    _, _, (left, right) = panel
    ends = [next((row for row in reversed(rows) if row.reason == ""), None) for rows in lines.values()]
    drawn = [row for row in ends if row is not None]
    heights = marks.apart([row.rate for row in drawn], LABEL / BODY, 0, 1)
    for row, height in zip(drawn, heights):
        when = "" if row.match_year == last else f" ({row.match_year})"
        text = f"{marks.key(applicant_types()[row.line])} {percent(row.rate)}{when}"
        layout["annotations"].append(theme.note(text, x=right / inner, y=height, yanchor="middle", xshift=4,
                                                font={"size": 12, "color": theme.INK}))
    gaps = _gaps(lines)
    if gaps:
        words = "<br>".join(f"<i>{theme.escaped(text)}</i>" for text in gaps)
        layout["annotations"].append(theme.note(words, x=left / inner, y=0, xshift=6, yshift=4, yanchor="bottom",
                                                font={"size": 10, "color": theme.MUTED}))


def _gaps(lines: dict[str, list[Row]]) -> list[str]:
    """Which years of which type have no rate with its counts; of many types only those that have none at all."""
    gone = {applicant_types()[key].short_label: [row.match_year for row in rows if row.reason]
            for key, rows in lines.items()}
    texts = [f"{name} {spans(years)}" if len(years) < len(rows) else f"{name}, all years"
             for (name, years), rows in zip(gone.items(), lines.values()) if years]
    if not texts:
        return []
    if len(texts) > GAPS:
        never = [name for (name, years), rows in zip(gone.items(), lines.values()) if len(years) == len(rows)]
        texts = [f"{', '.join(never)}, all years"] if never else []
        return ["No rate published for the years without a mark", *texts]
    return ["No rate published with its counts:", *texts]


def _mark(layout: dict[str, Any], each: Break, panel: Panel, letter: str, foot: float) -> None:
    """A thin line from above the words at the bottom (`foot`, of the height of the plot), with its letter on top."""
    number = panel[1]
    layout["shapes"].append({"type": "line", "xref": f"x{number}", "yref": "paper", "x0": each.at, "x1": each.at,
                             "y0": foot + 0.02, "y1": 1, "layer": "below",
                             "line": {"color": theme.MUTED, "width": 1, "dash": "dot"}})
    layout["annotations"].append(theme.note(f"<b>{letter}</b>", xref=f"x{number}", x=each.at, y=1, yanchor="bottom",
                                            xanchor="center", yshift=-3, font={"size": 11, "color": theme.MUTED}))
