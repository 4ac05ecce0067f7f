"""What the columns of an exported table are: their meaning in words, and their unit."""

import json
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from imganalytics import paths
from imganalytics.result import Result, RowsOf

FRACTION = "fraction 0-1"
POINTS = "difference of fractions, -1 to 1"

COMPUTED = {  # what studies work out, or add for readers
    "rate": ("Share that matched, of the applicants of the base", FRACTION),
    "share": ("Share of the whole that is shown", FRACTION),
    "shrunk": ("Rate after shrinkage towards the rate of all", FRACTION),
    "pooled": ("Rate of all the rows together", FRACTION),
    "img_share": ("Share of the filled positions taken by IMGs", FRACTION),
    "state_share": ("Share of the filled positions of the state taken by IMGs", FRACTION),
    "unfilled_share": ("Share of the offered positions left unfilled", FRACTION),
    "growth": ("Change since the earlier year, as a fraction of it", "fraction"),
    "difference": ("Difference of the two figures that are compared, first minus second", POINTS),
    "mix_part": ("Part of the gap that comes from the mix of specialties", POINTS),
    "rate_part": ("Part of the gap that comes from the rates inside specialties", POINTS),
    "ratio": ("One figure divided by the other", "ratio"),
    "positions_per_applicant": ("Positions offered for each applicant of every type", "positions per applicant"),
    "reliability": ("ok, unstable (n below 30, or an interval wider than 20 points) or suppressed (no number)", ""),
    "reason": ("Why there is no number, or what to know about it", ""),
    "base": ("Which applicants the rate is of", ""),
    "applicants": ("Applicants of the base", "applicants"),
    "matched": ("Applicants of the base who matched", "applicants"),
    "applicants_of_all_types": ("Applicants of every type together", "applicants"),
    "positions": ("Positions offered", "positions"),
    "filled": ("Positions filled", "positions"),
    "unfilled": ("Positions left unfilled", "positions"),
    "taken": ("Filled positions taken by the chosen applicant types", "positions"),
    "source": ("The source, as it is cited", ""),
    "sources": ("The sources of the table, as they are cited", ""),
    "source_read_at": ("Where the source was read", ""),
    "source_confidence": ("primary: official text; secondary: a third party restating it; low", ""),
    "row_label": ("Name of the row on the chart", ""),
    "corrections": ("Corrections laid over the published figure, by their ids in corrections.csv", ""),
    "segment": ("Runs of years without a break in definition, counted from 0", ""),
    "rank": ("Rank by the raw rate", "place from the top"),
    "n": ("Applicants counted", "applicants"),
    "median": ("Median of the trait", "see trait_label"),
    "about_this_file": ("What the file shows, with its caveats (first row only)", ""),
    "units_of_columns": ("The unit of each column that has one (first row only)", ""),
    "receipt": ("By what 'imganalytics redraw' makes the file again (first row only)", ""),
}
ENDINGS = {  # of names, with what they say of the rest
    "_low": "Lower end of the interval or range of: {}",
    "_high": "Upper end of the interval or range of: {}",
    "_1": "{} (the first that is compared)",
    "_2": "{} (the second that is compared)",
    "_source_id": "Source of: {}",
    "_locator": "Table or page inside the source of: {}",
    "_label": "{}, as said on the screen",
}
WORDS_ONLY = ("_source_id", "_locator", "_label")
UNITS = {"_pct": "percent", "_usd": "USD", "_months": "months", "_years": "years", "_year": "year", "_days": "days",
         "_weeks": "weeks", "_hours": "hours"}


@dataclass(frozen=True)
class Column:
    """A column of a table: its name, what it holds, and its unit ('' where it has none)."""

    name: str
    meaning: str
    unit: str


def columns_of(result: Result, frame: pd.DataFrame) -> list[Column]:
    """What each column of `frame`, which shows `result`, is: by our own words, the data package, or its name."""
    table = result.rows_of.table if isinstance(result.rows_of, RowsOf) else ""
    return [Column(name, *_known(name, frame[name], table)) for name in map(str, frame.columns)]


def units_line(columns: list[Column]) -> str:
    """The units in one text: 'rate: fraction 0-1; applicants: applicants'."""
    return "; ".join(f"{column.name}: {column.unit}" for column in columns if column.unit)


def _known(name: str, values: pd.Series, table: str) -> tuple[str, str]:
    meaning, unit = _meaning(name, values, table)
    if unit in (FRACTION, POINTS):
        numbers = pd.to_numeric(values, errors="coerce").dropna()
        low = 0 if unit == FRACTION else -1
        if not numbers.between(low, 1).all():  # another study means points, or counts, by the same name
            return name.replace("_", " ").capitalize(), ""
    return meaning, unit


def _meaning(name: str, values: pd.Series, table: str) -> tuple[str, str]:
    if name in COMPUTED:
        return COMPUTED[name]
    if found := _described(name, table, pd.api.types.is_numeric_dtype(values)):
        return found
    for ending, words in ENDINGS.items():
        if name.endswith(ending) and len(name) > len(ending):
            meaning, unit = _meaning(name.removesuffix(ending), values, table)
            return words.format(meaning[:1].lower() + meaning[1:] if "{}" in words[2:] else meaning), (
                "" if ending in WORDS_ONLY else unit)
    unit = next((unit for ending, unit in UNITS.items() if name.endswith(ending)), "")
    return name.replace("_", " ").capitalize(), unit


def _described(name: str, table: str, numeric: bool) -> tuple[str, str] | None:
    """What the data package says of a column: of this table first, else what it says most often."""
    fields = _fields(paths.datasets()).get(name, ())
    fitting = [(resource, field) for resource, field in fields
               if not numeric or field["type"] in ("integer", "number", "year")]
    if not fitting:
        return None
    said = [(field["description"], field.get("unit", "")) for resource, field in fitting if resource == table]
    if not said:
        said = [(field["description"], field.get("unit", "")) for _, field in fitting]
    meaning, _ = Counter(meaning for meaning, _ in said).most_common(1)[0]
    units = {unit for _, unit in said}
    return meaning, units.pop() if len(units) == 1 else ""


@cache
def _fields(datasets: Path) -> dict[str, list[tuple[str, dict[str, Any]]]]:
    package = json.loads((datasets / "datapackage.json").read_text("utf-8"))
    found: dict[str, list[tuple[str, dict[str, Any]]]] = {}
    for resource in package["resources"]:
        for field in resource["schema"]["fields"]:
            found.setdefault(field["name"], []).append((resource["name"], field))
    return found
