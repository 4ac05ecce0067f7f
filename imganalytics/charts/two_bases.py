"""The same specialties and applicant types on two bases: two panels, one row for each specialty."""

from typing import Any

import plotly.graph_objects as go

from imganalytics.charts import rows, theme
from imganalytics.result import Result
from imganalytics.vocabulary import BASES, ApplicantType, applicant_types

AXES = {"left": ("x", [0, 0.47]), "right": ("x2", [0.53, 1])}
LATER = " *"
KEY = (*rows.KEY, "match_year", "base")  # by which a press on a mark tells which figure it is
NEEDED = ("specialty", "specialty_label", "row_label", "type_label", "track", "entry_level", "applicant_type", "side", "base",
          "match_year", "rate", "rate_low", "rate_high", "matched", "applicants", "reliability", "source_id", "locator",
          "starts_later")


def figure(result: Result) -> go.Figure:
    """The chart of a two_bases Result."""
    return go.Figure(**spec(result))


def spec(result: Result) -> theme.Spec:
    """The chart as plotly.js takes it; specialties that mostly start later bear a star."""
    asked = result.question.arguments
    cells = rows.records(result.frame, *NEEDED)
    first = {cell["specialty"]: cell for cell in reversed(cells)}
    specialties = list(dict.fromkeys(cell["specialty"] for cell in cells))
    later = {cell["specialty"] for cell in cells if cell["starts_later"]}
    kinds = [applicant_types()[key] for key in asked["applicant_types"]]
    place = {name: at for at, name in enumerate(specialties)}
    data = [_points([cell for cell in cells if (cell["applicant_type"], cell["side"]) == (kind.key, side)
                     and cell["rate"] == cell["rate"]], place, kind, (at - (len(kinds) - 1) / 2) * 0.7 / len(kinds), side)
            for side in AXES for at, kind in enumerate(kinds)]
    star = "*: most places start at PGY-2 and are not in the PGY-1 figures. " if later else ""
    layout = rows.layout(result, [first[name]["specialty_label"] + LATER * (name in later) for name in specialties], [],
                         {"range": [0, 1]}, below=star + "Marks: " + ", ".join(
        f"{kind.label} ({kind.symbol.replace('-', ' ')})" for kind in kinds))
    axis = {"range": [0, 1], "tick0": 0, "dtick": 0.25, "tickformat": ".0%", "fixedrange": True,
            "title": {"text": "Matched", "standoff": 4, "font": {"size": 11}}}
    years = {cell["side"]: cell["match_year"] for cell in cells}
    for (side, (name, domain)), base in zip(AXES.items(), (asked["left"], asked["right"])):
        layout["xaxis" + name[1:]] = axis | {"domain": domain, "anchor": "y"}
        layout["annotations"].append(theme.note(f"<b>{theme.escaped(BASES[base].label)}</b>, {years[side]}", x=domain[0], y=1,
                                                yanchor="bottom", font={"size": 12, "color": theme.INK}))
    return {"data": data, "layout": layout}


def _points(own: list[dict[str, Any]], place: dict[str, int], kind: ApplicantType, offset: float,
            side: str) -> dict[str, Any]:
    return {
        "type": "scatter", "mode": "markers", "name": kind.label, "xaxis": AXES[side][0],
        "x": [cell["rate"] for cell in own], "y": [place[cell["specialty"]] + offset for cell in own], "cliponaxis": False,
        "marker": {"symbol": [kind.symbol + ("" if cell["reliability"] == "ok" else "-open") for cell in own],
                   "color": kind.colour, "size": 8, "line": {"width": 1.5, "color": kind.colour}},
        "error_x": {"type": "data", "symmetric": False, "array": [cell["rate_high"] - cell["rate"] for cell in own],
                    "arrayminus": [cell["rate"] - cell["rate_low"] for cell in own], "thickness": 1.6, "width": 0,
                    "color": kind.colour},
        "customdata": [[cell[name] for name in KEY] for cell in own],
        "hovertext": [_hover(cell) for cell in own], "hoverinfo": "text"}


def _hover(row: dict[str, Any]) -> str:
    return (f"<b>{theme.escaped(row['row_label'])}</b>, {theme.escaped(row['type_label'])}<br>"
            f"{theme.escaped(BASES[row['base']].label)}, {row['match_year']}<br>"
            f"{100 * row['rate']:.1f} % ({100 * row['rate_low']:.1f} to {100 * row['rate_high']:.1f}), "
            f"{row['matched']:,.0f} of {row['applicants']:,.0f}<br>{theme.escaped(row['source_id'])}, "
            f"{theme.escaped(row['locator'])}")
