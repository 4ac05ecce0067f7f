"""Cells of the tables under charts (a rate with interval and counts, or why there is none), and chips of types."""

from collections.abc import Iterable
from typing import Any

from imganalytics.explorers.widgets import Picker
from imganalytics.studies.words import percent
from imganalytics.vocabulary import applicant_types


def rate_cell(rate: float, low: float, high: float, matched: float, applicants: float, reliability: str,
              reason: str = "") -> str:
    """'58.0 % (57.1 to 58.9)' above '6,653 of 11,465', with 'unstable' where it is, or the reason why there is none."""
    if reason:
        return reason if applicants != applicants or not applicants else f"{reason}\nn = {applicants:,.0f}"
    shaky = ", unstable" if reliability == "unstable" else ""
    return f"{percent(rate)} ({100 * low:.1f} to {100 * high:.1f})\n{matched:,.0f} of {applicants:,.0f}{shaky}"


def type_chips(keys: Iterable[str], chosen: Iterable[str]) -> Picker:
    """Chips to choose applicant types by, in their colours and symbols."""
    kinds: list[dict[str, Any]] = [
        {"value": kind.key, "label": kind.label, "colour": kind.colour, "symbol": kind.symbol, "hint": kind.definition}
        for kind in map(applicant_types().__getitem__, keys)]
    return Picker(kinds, chosen, label="Applicant types", layout_style="chips")
