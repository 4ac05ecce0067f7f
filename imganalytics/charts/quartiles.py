"""What charts of quartiles are drawn with: scales, bands, marks, and what is said where the pointer rests."""

from dataclasses import dataclass
from functools import cache, cached_property
from math import log10
from typing import Any

from imganalytics.charts import theme
from imganalytics.result import Result
from imganalytics.studies.traits import COHORTS, LIMITS, MARKS

Row = dict[str, Any]

UNMATCHED = "#5c6b7a"  # those who matched have the colour of their applicant type
KEY = ("match_year", "applicant_type", "specialty", "trait", "cohort")  # by which a press on a mark tells the figure
PAD = 0.02             # so that nothing at an end of a scale is cut
STRETCHED = (0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
STEPS = {"score": 20, "specialties": 1}


@dataclass(frozen=True)
class Scale:
    """Where a value lies on the axis of its measure, from 0 to 1. Ranks and counts are stretched near zero."""

    low: float
    high: float
    unit: str

    @classmethod
    def of(cls, row: Row) -> "Scale":
        """The scale of the measure of a row."""
        return _scale(row["trait"], row["unit"] or "count")

    def at(self, value: float) -> float:
        """The place of a value."""
        low, here, high = (self._turned(each) for each in (self.low, value, self.high))
        return (here - low) / (high - low)

    def _turned(self, value: float) -> float:
        if self.unit == "count":
            return log10(1 + value)
        return log10(value) if self.unit == "programs" else value

    @cached_property
    def ticks(self) -> list[int]:
        """Values that are written on the axis."""
        low, high = int(self.low), int(self.high)
        if self.unit in ("count", "programs"):
            return [value for value in STRETCHED if low <= value <= high]
        return list(range(low, high + 1, STEPS[self.unit] if high - low <= 100 else 100))

    @cached_property
    def places(self) -> list[float]:
        """Where the ticks lie."""
        return [self.at(tick) for tick in self.ticks]


@cache
def _scale(trait: str, unit: str) -> Scale:
    return Scale(*LIMITS[trait], unit)


def strokes(lines: list[tuple[float, float, float, float]], colour: str, width: float) -> dict[str, Any]:
    """Straight lines (x, y, x, y) as one trace."""
    return {"type": "scatter", "mode": "lines", "hoverinfo": "skip", "cliponaxis": False,
            "x": [each for x0, _, x1, _ in lines for each in (x0, x1, None)],
            "y": [each for _, y0, _, y1 in lines for each in (y0, y1, None)], "line": {"color": colour, "width": width}}


def middle(row: Row) -> float:
    """The median of a row, or its mean where no median is published."""
    return row["median"] if row["median"] == row["median"] else row["mean"]


def marks(result: Result, rows: list[Row], colour: str, symbol: str, size: float = 9) -> dict[str, Any]:
    """The median of each row (its `y` and `scale` are set): a square for a mean, hollow where it is unstable."""
    source = "<br>".join(map(theme.escaped, theme.wrapped(result.source_line, 420)))
    base = result.subtitle.split(". ")[0]
    return {
        "type": "scatter", "mode": "markers", "cliponaxis": False, "hoverinfo": "text",
        "x": [row["scale"].at(middle(row)) for row in rows], "y": [row["y"] for row in rows],
        "marker": {"size": size, "color": colour, "line": {"width": 1.6, "color": colour},
                   "symbol": [("square" if row["median"] != row["median"] else symbol)
                              + ("-open" if row["reliability"] == "unstable" else "") for row in rows]},
        "hovertext": [_hover(row, base, source) for row in rows],
        "customdata": [[row[name] for name in KEY] for row in rows]}


def _hover(row: Row, base: str, source: str) -> str:
    known = [f"{MARKS[name]} {row[name]:g}" for name in MARKS if row[name] == row[name]]
    if row["standard_deviation"] == row["standard_deviation"]:
        known.append(f"standard deviation {row['standard_deviation']:g}")
    n = f"n = {row['n']:,.0f}" if row["n"] == row["n"] else "n not published"
    lines = [f"<b>{theme.escaped(row['specialty_label'])}: {theme.escaped(row['trait_label'])}</b>",
             f"{COHORTS[row['cohort']].capitalize()}, {n}", ", ".join(known), theme.escaped(base)]
    if row["lies"]:
        lines.append(f"{row['value']:g} lies {row['lies']}")
    return "<br>".join([*lines, source, theme.escaped(row["locator"])])


def bands(rows: list[Row], matched: str, half: float) -> list[dict[str, Any]]:
    """The middle half of each row as a box of twice the height `half`; empty where it is unstable."""
    boxes = []
    for row in rows:
        if row["quartile_1"] == row["quartile_1"] and row["quartile_3"] == row["quartile_3"]:
            colour = matched if row["cohort"] == "matched" else UNMATCHED
            boxes.append(box(row, row["quartile_1"], row["quartile_3"], row["y"] - half, row["y"] + half,
                             fillcolor="white" if row["reliability"] == "unstable" else tint(colour),
                             line={"width": 1.4, "color": colour}))
    return boxes


def box(row: Row, low: float, high: float, top: float, bottom: float, **look: Any) -> dict[str, Any]:
    """A box from one value to another."""
    return {"type": "rect", "layer": "below", "xref": "x", "yref": "y", "y0": top, "y1": bottom,
            "x0": row["scale"].at(low), "x1": row["scale"].at(high), **look}


def tint(colour: str) -> str:
    """The colour, halfway to white."""
    red, green, blue = ((int(colour[at:at + 2], 16) + 255) // 2 for at in (1, 3, 5))
    return f"rgb({red}, {green}, {blue})"


def who(row: Row) -> str:
    """The cohort of a row with its n: 'not matched, n 2,730'."""
    n = f", n {row['n']:,.0f}" if row["n"] == row["n"] else "" if row["reason"] else ", n unknown"
    return COHORTS[row["cohort"]] + n
