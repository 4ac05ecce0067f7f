"""The table twin of the competitiveness chart: a row for each specialty, a column for each applicant type."""

import math

import pandas as pd

from imganalytics.result import Result
from imganalytics.studies.words import difference_text, percent
from imganalytics.vocabulary import applicant_types


def columns(result: Result) -> list[str]:
    """Heads of the columns: one for each type, and one for what the table is sorted by where that is neither."""
    asked = result.question.arguments
    known = applicant_types()
    types = [known[key].label for key in asked["applicant_types"]]
    if asked["sort"] == "positions_per_applicant":
        return ["Specialty", *types, "Places per applicant"]
    if asked["sort"] == "difference":
        return ["Specialty", *types, f"{known[asked['sort_type']].label} \u2212 {known[asked['against']].label}, points"]
    return ["Specialty", *types]


def figures(result: Result) -> dict[str, str]:
    """Applicant type of each column of figures."""
    return {applicant_types()[key].label: key for key in result.question.arguments["applicant_types"]}


def keys(result: Result) -> list[tuple[str, ...]]:
    """Specialty, track and entry level of each row, in the order of the chart."""
    return list(dict.fromkeys(zip(*(result.frame[name].tolist() for name in ("specialty", "track", "entry_level")))))


def rows(result: Result) -> list[list[str]]:
    """Cells in the order of the chart: rate with interval, counts, and a word where the rate is unstable or missing."""
    names = ("specialty", "track", "entry_level", "row_label", "rate", "rate_low", "rate_high", "matched",
             "applicants", "reliability", "reason")
    last = {"positions_per_applicant": _places, "difference": _differences}.get(result.question.arguments["sort"])
    table: dict[tuple[str, ...], list[str]] = {}
    for specialty, track, level, label, *figures in zip(*(result.frame[name].tolist() for name in names)):
        table.setdefault((specialty, track, level), [label]).append(_cell(*figures))
    if last is None:
        return list(table.values())
    first_rows = result.frame.drop_duplicates(["specialty", "track", "entry_level"])
    return [[*cells, text] for cells, text in zip(table.values(), last(first_rows))]


def _places(frame: pd.DataFrame) -> list[str]:
    return ["" if math.isnan(value) else f"{value:.2f}" for value in frame["positions_per_applicant"]]


def _differences(frame: pd.DataFrame) -> list[str]:
    return [difference_text(*values) for values in zip(frame["difference"], frame["difference_low"],
                                                       frame["difference_high"])]


def _cell(rate: float, low: float, high: float, matched: float, applicants: float, reliability: str,
          reason: str) -> str:
    if reason:
        return reason if math.isnan(applicants) or applicants == 0 else f"{reason}\nn = {applicants:,.0f}"
    shaky = ", unstable" if reliability == "unstable" else ""
    return (f"{percent(rate)} ({100 * low:.1f} to {100 * high:.1f})\n"
            f"{matched:,.0f} of {applicants:,.0f}{shaky}")
