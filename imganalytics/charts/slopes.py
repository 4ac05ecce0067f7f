"""Two years and a line for each specialty or applicant type between them, its change at the line's end."""

from typing import Any, NamedTuple

import plotly.graph_objects as go

from imganalytics.charts import marks, theme
from imganalytics.charts.competitiveness import GLYPHS
from imganalytics.result import Result
from imganalytics.studies.slopes import COUNTRY, base_of
from imganalytics.studies.words import difference_text, percent
from imganalytics.vocabulary import applicant_types

WIDTH = 980
LEFT = 46
RIGHT = 12
NAMES = 262      # pixels for the names on either side
BETWEEN = 236    # pixels from the first year to the second
NAME_AT = 22     # pixels from a point to its name
CHANGE_AT = 284  # pixels from the second year to the column of changes
LINE = 20        # pixels from name to name
LEAST = 340      # pixels of height, at least
HEADER = 30
STEPS = {0.1: 0.02, 0.2: 0.05, 0.3: 0.1, 0.4: 0.1, 0.5: 0.1, 0.6: 0.2, 0.8: 0.2, 1.0: 0.2}  # end of the axis: its steps


class Direction(NamedTuple):
    """How a change is drawn: what it means, its colour, symbol and dash."""

    meaning: str
    colour: str
    symbol: str
    dash: str


DIRECTIONS = {1: Direction("higher, the interval of the change lies above 0", "#0072B2", "triangle-up", "solid"),
              -1: Direction("lower, the interval of the change lies below 0", "#D55E00", "triangle-down", "dash"),
              0: Direction("not told apart from no change", "#6b7682", "circle", "dot")}


class Row(NamedTuple):
    """What the chart needs to know of one line."""

    specialty: str
    track: str
    entry_level: str
    applicant_type: str
    row_label: str
    main_entry_level: str | None
    matched_1: float
    applicants_1: float
    rate_1: float
    rate_low_1: float
    rate_high_1: float
    reliability_1: str
    source_id_1: str
    matched_2: float
    applicants_2: float
    rate_2: float
    rate_low_2: float
    rate_high_2: float
    reliability_2: str
    source_id_2: str
    difference: float
    difference_low: float
    difference_high: float
    joined: bool

    @property
    def direction(self) -> int:
        """1 for a rise, -1 for a fall, 0 when its interval holds no change."""
        return int(self.difference_low > 0) - int(self.difference_high < 0)

    @property
    def starts_later(self) -> bool:
        """Most places of the specialty start at PGY-2, and these are of PGY-1."""
        return self.main_entry_level == "PGY-2" and self.entry_level == "PGY-1"


def figure(result: Result) -> go.Figure:
    """The chart of a slopes Result."""
    return go.Figure(**spec(result))


def spec(result: Result) -> theme.Spec:
    """The chart as plotly.js takes it: a trace for each line, hairlines from its ends to the names beside them."""
    asked = result.question.arguments
    rows = [Row(*values) for values in zip(*(result.frame[name].tolist() for name in Row._fields))]
    country = asked["figure"] in COUNTRY
    years = (asked["first_year"], asked["second_year"])
    highest = max(max(row.rate_high_1, row.rate_high_2) for row in rows)
    most = next(end for end in STEPS if highest <= end or end == 1)
    height = max(LEAST, LINE * (len(rows) + 1))
    sides = [marks.apart([each / most for each in rates], LINE / height, LINE / 2 / height, 1)
             for rates in ([row.rate_1 for row in rows], [row.rate_2 for row in rows])]
    cited = marks.citations(result)
    leaders = {"type": "scatter", "mode": "lines", "hoverinfo": "skip", "name": "", "x": [], "y": [],
               "line": {"color": "#b8c0c8", "width": 0.8, "dash": "solid"}}
    for row, *heights in zip(rows, *sides):
        for at, (rate, name) in enumerate(zip((row.rate_1, row.rate_2), heights)):
            side = 1 if at else -1
            leaders["x"] += [at + side * 6 / BETWEEN, at + side * (NAME_AT - 3) / BETWEEN, None]
            leaders["y"] += [rate, name * most, None]
    return {"data": [leaders, *(_line(row, country, years, asked["figure"], cited) for row in rows)],
            "layout": _layout(result, rows, sides, most, height, country)}


def _look(row: Row, country: bool) -> Direction:
    """Applicant types keep their own colour, symbol and dash; specialties have that of their change."""
    if country:
        kind = applicant_types()[row.applicant_type]
        return Direction(kind.label, kind.colour, kind.symbol, kind.dash)
    return DIRECTIONS[row.direction]


def _line(row: Row, country: bool, years: tuple[int, int], figure: str, cited: dict[str, str]) -> dict[str, Any]:
    look = _look(row, country)
    states = (row.reliability_1, row.reliability_2)
    ends = [(row.rate_1, row.rate_low_1, row.rate_high_1), (row.rate_2, row.rate_low_2, row.rate_high_2)]
    return {"type": "scatter", "mode": "lines+markers" if row.joined else "markers", "name": row.row_label, "x": [0, 1],
            "y": [rate for rate, _, _ in ends],
            "error_y": {"type": "data", "symmetric": False, "thickness": 1.4, "width": 0, "color": look.colour,
                        "array": [high - rate for rate, _, high in ends],
                        "arrayminus": [rate - low for rate, low, _ in ends]},
            "line": {"color": look.colour, "width": 1.6, "dash": look.dash},
            "marker": {"symbol": [look.symbol + ("" if state == "ok" else "-open") for state in states],
                       "color": look.colour, "size": 8, "line": {"width": 1.4, "color": look.colour}},
            "customdata": [[row.specialty, row.track, row.entry_level, row.applicant_type]] * 2,
            "hovertext": [_hover(row, at, years, figure, cited) for at in (0, 1)], "hoverinfo": "text",
            "cliponaxis": False}


def _hover(row: Row, at: int, years: tuple[int, int], figure: str, cited: dict[str, str]) -> str:
    rate, low, high, matched, applicants, state, source = (getattr(row, f"{name}_{at + 1}") for name in (
        "rate", "rate_low", "rate_high", "matched", "applicants", "reliability", "source_id"))
    lines = [f"<b>{theme.escaped(row.row_label)}</b>, {years[at]}",
             f"{percent(rate)} (95 % interval {percent(low)} to {percent(high)})",
             f"{matched:,.0f} of {applicants:,.0f}. Base: {base_of(figure)}",
             f"Change {years[0]} to {years[1]}: "
             f"{difference_text(row.difference, row.difference_low, row.difference_high)} points"]
    if state == "unstable":
        lines.append("<i>Unstable: n below 30, or an interval wider than 20 points</i>")
    return "<br>".join([*lines, marks.cited(cited, source)])


def _name(row: Row, country: bool) -> str:
    if country:
        return marks.key(applicant_types()[row.applicant_type])
    name = row.row_label if len(row.row_label) <= 36 else row.row_label[:35] + "\u2026"
    return theme.escaped(name) + (" *" if row.starts_later else "")


def _layout(result: Result, rows: list[Row], sides: list[list[float]], most: float, height: int,
            country: bool) -> dict[str, Any]:
    asked = result.question.arguments
    inner = WIDTH - LEFT - RIGHT
    span = [-NAMES / BETWEEN, (inner - NAMES) / BETWEEN]
    below = [] if country else ["Lines and marks: " + "; ".join(
        f"{GLYPHS[look.symbol]} {look.meaning}" for look in DIRECTIONS.values()) + "."]
    if not all(row.joined for row in rows):
        below.append("Points without a line between them: what is counted changed between the two years; see below "
                     "the chart.")
    if any(row.starts_later for row in rows):
        below.append("*  Most places of the specialty start at PGY-2 and are not in these PGY-1 figures.")
    foot, bottom = marks.foot(below, result, WIDTH, LEFT, inner, 18)
    if not country:
        foot[0]["text"] = marks.coloured(foot[0]["text"], {look.symbol: look.colour for look in DIRECTIONS.values()})
    words = {"yref": "paper", "yanchor": "middle", "font": {"size": 12, "color": theme.INK}, "xref": "x"}
    notes = []
    for row, left, right in zip(rows, *sides):
        name, change = _name(row, country), difference_text(row.difference, row.difference_low, row.difference_high)
        notes.append(theme.note(f"{name}  {percent(row.rate_1)}", x=-NAME_AT / BETWEEN, y=left, xanchor="right",
                                align="right", **words))
        notes.append(theme.note(f"{percent(row.rate_2)}  {name}", x=1 + NAME_AT / BETWEEN, y=right, **words))
        notes.append(theme.note(change, x=1 + CHANGE_AT / BETWEEN, y=right, **words))
    heads = {"y": 1, "yanchor": "bottom", "yshift": 6, "xref": "x", "font": {"size": 13, "color": theme.INK}}
    for at, year in enumerate((asked["first_year"], asked["second_year"])):
        notes.append(theme.note(f"<b>{year}</b>", x=at, xanchor="center", align="center", **heads))
    notes.append(theme.note("<b>Change, points (95 %)</b>", x=1 + CHANGE_AT / BETWEEN, **heads | {
        "font": {"size": 11, "color": theme.INK}}))
    top = theme.headline_height(result, WIDTH) + HEADER
    upright = {"type": "line", "xref": "x", "yref": "paper", "y0": 0, "y1": 1, "layer": "below",
               "line": {"color": theme.HAIRLINE, "width": 1, "dash": "solid"}}
    return {
        "template": theme.NAME, "width": WIDTH, "height": top + height + bottom,
        "margin": {"l": LEFT, "r": RIGHT, "t": top, "b": bottom}, "title": {"text": theme.headline(result, WIDTH)},
        "xaxis": {"range": span, "tickvals": [], "showticklabels": False, "showgrid": False, "zeroline": False,
                  "fixedrange": True},
        "yaxis": {"range": [0, most], "dtick": STEPS[most], "tickformat": ".0%", "showgrid": False, "fixedrange": True,
                  "zeroline": True},
        "shapes": [upright | {"x0": at, "x1": at} for at in (0, 1)], "annotations": [*foot, *notes],
        "showlegend": False, "hovermode": "closest", "dragmode": False, "meta": {"summary": result.summary}}
