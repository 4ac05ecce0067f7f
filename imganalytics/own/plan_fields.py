"""The fields of a plan: what each may hold, and what is said of a value that it may not."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

PATHWAYS = ("observership", "externship", "hands_on_elective", "research_elective", "research_fellowship_paid",
            "research_fellowship_unpaid", "pre_residency_fellowship", "individual_research")
EXAMS = ("step_1", "step_2_ck", "oet", "certificate", "step_3")
VISAS = ("none", "j1", "h1b")
BEGINNINGS = ("start", "exams")
STEPS = (*EXAMS, *PATHWAYS, "licence", "j1", "h1b")
EVENTS = ("applications_open", "registration_opens", "late_fee", "ranking_opens", "registration_closes", "results",
          "residency_begins")
FEES = ("eras", "transcript", "nrmp_registration", "ecfmg_application", "step_1", "step_2_ck", "surcharge", "oet", "step_3",
        *PATHWAYS, "j1_fees", "licence", "h1b_petition", "travel", "living")
YEARS = (2000, 2100)
MOST_WEEKS, MOST_USD = 520, 1_000_000
_AMOUNT = r"\$?\s*(-?[0-9][0-9,]*(?:\.[0-9]+)?|-?\.[0-9]+)\s*"

Refusal = tuple[str, Any, str]  # where in the field, the value, what is allowed


class Refused:
    """Stands for a field that cannot be used at all."""


def iso(value: Any) -> str:
    """A date, or the ISO text of one, as ISO text.

    Raises:
        ValueError: what is allowed.
    """
    try:
        found = value if type(value) is date else date.fromisoformat(value)
    except (TypeError, ValueError):
        found = None
    if found is None or not YEARS[0] <= found.year <= YEARS[1]:
        raise ValueError(f"a date such as 2027-01-31, from {YEARS[0]} to {YEARS[1]}")
    return found.isoformat()


def amounts(value: Any) -> tuple[float, float]:
    """Least and most of an amount in USD that is a number, two numbers, or a text such as '910', '1,200' or '400-600'.

    Raises:
        ValueError: what is allowed.
    """
    allowed = f"an amount from 0 to {MOST_USD:,} USD such as 910, or two such as 400-600"
    if isinstance(value, str):
        found = re.fullmatch(rf"\s*{_AMOUNT}(?:(?:-|\u2013|to)\s*{_AMOUNT})?", value)
        if not found:
            raise ValueError(allowed)
        value = [float(each.replace(",", "")) for each in found.groups() if each is not None]
    numbers = list(value) if isinstance(value, list | tuple) else [value]
    if len(numbers) not in (1, 2) or not all(map(_is_number, numbers)):
        raise ValueError(allowed)
    low, high = float(numbers[0]), float(numbers[-1])
    if not 0 <= low <= high <= MOST_USD:
        raise ValueError(allowed)
    return low, high


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _fee(value: Any) -> Any:
    amounts(value)
    return value.strip() if isinstance(value, str) else list(value) if isinstance(value, tuple) else value


def _weeks(value: Any) -> list[int]:
    numbers = list(value) if isinstance(value, list | tuple) else []
    if (len(numbers) != 2 or not all(isinstance(each, int) and not isinstance(each, bool) for each in numbers)
            or not 0 <= numbers[0] <= numbers[1] <= MOST_WEEKS or numbers[1] == 0):
        raise ValueError(f"two whole numbers of weeks, least and most, from 0 to {MOST_WEEKS}, such as [4, 8]")
    return numbers


def _count(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError("a whole number of programs, 0 or more")
    return value


def _year(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not YEARS[0] <= value <= YEARS[1]:
        raise ValueError(f"the year of a Match, from {YEARS[0]} to {YEARS[1]}")
    return value


def _rate(value: Any) -> float:
    if not _is_number(value) or not 0 <= value <= 1e9:
        raise ValueError("how much of your currency one USD is, such as 0.92 (0: only USD)")
    return float(value)


def _currency(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[^\W\d_]{0,12}", value.strip()):
        raise ValueError("a short name of a currency, such as EUR, letters only (or nothing)")
    return value.strip()


def one_of(allowed: tuple[str, ...]) -> Callable[[Any], str]:
    """A check for one of these words."""
    def check(value: Any) -> str:
        if value not in allowed or not isinstance(value, str):
            raise ValueError(", ".join(allowed))
        return value

    return check


@dataclass(frozen=True)
class Field:
    """A field: the check of a value (of each element of a list, of each value of a dictionary), and its default."""

    check: Callable[[Any], Any]
    default: Any = None
    keys: Callable[[Any], Any] | None = None  # of a dictionary
    several: bool = field(default=False)      # a list

    def read(self, value: Any) -> tuple[Any, list[Refusal]]:
        """The value as it is kept (class Refused when nothing of it can be), and what of it cannot be taken."""
        if not self.several and self.keys is None:
            return self._one("", value)
        whole = "a list of names" if self.several else "a dictionary of names and values"
        if not isinstance(value, (list, tuple) if self.several else dict):
            return Refused, [("", value, whole)]
        return self._elements(value) if self.several else self._entries(value)

    def _one(self, where: str, value: Any) -> tuple[Any, list[Refusal]]:
        try:
            return self.check(value), []
        except ValueError as error:
            return Refused, [(where, value, str(error))]

    def _elements(self, values: Any) -> tuple[list[Any], list[Refusal]]:
        found = [self._one("", value) for value in values]
        kept = dict.fromkeys(value for value, refused in found if not refused)
        return list(kept), [refusal for _, refused in found for refusal in refused]

    def _entries(self, values: dict[Any, Any]) -> tuple[dict[str, Any], list[Refusal]]:
        kept, refusals = {}, []
        for key, value in values.items():
            try:
                self.keys(key)
            except ValueError as error:
                refusals.append((" of", key, str(error)))
                continue
            found, refused = self._one(f" of {key}:", value)
            refusals += refused
            if not refused:
                kept[key] = found
        return kept, refusals


def _name(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("the name of a specialty")
    return value


FIELDS: dict[str, Field] = {
    "start": Field(iso),
    "match_year": Field(_year),
    "pathways": Field(one_of(PATHWAYS), (), several=True),
    "pathways_begin": Field(one_of(BEGINNINGS), "start"),
    "exams": Field(one_of(EXAMS), (), several=True),
    "visa": Field(one_of(VISAS), "none"),
    "programs": Field(_count, {}, keys=_name),
    "weeks": Field(_weeks, {}, keys=one_of(STEPS)),
    "dates": Field(iso, {}, keys=one_of(EVENTS)),
    "fees": Field(_fee, {}, keys=one_of(FEES)),
    "currency": Field(_currency, ""),
    "rate": Field(_rate, 0.0),
}


def defaults() -> dict[str, Any]:
    """The fields of a new plan that have a default."""
    return {name: (dict(each.default) if each.keys else list(each.default) if each.several else each.default)
            for name, each in FIELDS.items() if each.default is not None}
