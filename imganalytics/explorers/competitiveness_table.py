"""The table twin of the competitiveness chart: a row for each specialty, a column for each applicant type."""

import math

from imganalytics.result import Result
from imganalytics.studies.words import percent
from imganalytics.vocabulary import applicant_types


def columns(result: Result) -> list[str]:
    """Heads of the columns."""
    types = [applicant_types()[key].label for key in result.question.arguments["applicant_types"]]
    return ["Specialty", *types, *(["Places per applicant"] if _by_places(result) else [])]


def _by_places(result: Result) -> bool:
    """Whether the table has the column that it is sorted by; otherwise the room is better used."""
    return result.question.arguments["sort"] == "positions_per_applicant"


def rows(result: Result) -> list[list[str]]:
    """Cells in the order of the chart: rate with interval, counts, and a word where the rate is unstable or missing."""
    names = ("specialty", "track", "entry_level", "row_label", "rate", "rate_low", "rate_high", "matched",
             "applicants", "reliability", "reason", "positions_per_applicant")
    table: dict[tuple[str, ...], list[str]] = {}
    places: dict[tuple[str, ...], str] = {}
    for specialty, track, level, label, *figures, per_applicant in zip(
            *(result.frame[name].tolist() for name in names)):
        key = (specialty, track, level)
        table.setdefault(key, [label]).append(_cell(*figures))
        places[key] = "" if math.isnan(per_applicant) else f"{per_applicant:.2f}"
    if not _by_places(result):
        return list(table.values())
    return [[*cells, places[key]] for key, cells in table.items()]


def _cell(rate: float, low: float, high: float, matched: float, applicants: float, reliability: str,
          reason: str) -> str:
    if reason:
        return reason if math.isnan(applicants) or applicants == 0 else f"{reason}\nn = {applicants:,.0f}"
    shaky = ", unstable" if reliability == "unstable" else ""
    return (f"{percent(rate)} ({100 * low:.1f} to {100 * high:.1f})\n"
            f"{matched:,.0f} of {applicants:,.0f}{shaky}")
