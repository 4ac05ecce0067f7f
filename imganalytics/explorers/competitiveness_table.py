"""The table twin of the competitiveness chart."""

import math

from imganalytics.result import Result
from imganalytics.studies.words import percent

COLUMNS = ("Specialty", "Applicants", "Rate", "95 % interval", "Matched", "n", "Reliability", "Places per applicant")
NUMERIC = ("Rate", "95 % interval", "Matched", "n", "Places per applicant")


def rows(result: Result) -> list[tuple[str, ...]]:
    """One row for each figure, in the order of the chart; what has no number says why."""
    frame = result.frame
    names = ("row_label", "type_label", "rate", "rate_low", "rate_high", "matched", "applicants", "reliability",
             "reason", "positions_per_applicant")
    return [_row(*values) for values in zip(*(frame[name].tolist() for name in names))]


def _row(label: str, kind: str, rate: float, low: float, high: float, matched: float, applicants: float,
         reliability: str, reason: str, places: float) -> tuple[str, ...]:
    interval = "" if reason else f"{percent(low)} to {percent(high)}"
    return (label, kind, "" if reason else percent(rate), interval, _count(matched), _count(applicants),
            reason or reliability, "" if math.isnan(places) else f"{places:.2f}")


def _count(value: float) -> str:
    return "" if math.isnan(value) else f"{value:,.0f}"
