"""What a picker offers: options made complete, checked, and searchable."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from difflib import SequenceMatcher
from typing import Any

from traitlets import TraitError

from imganalytics.errors import UserError

Option = dict[str, Any]

SHOWN = 10
SYMBOLS = (
    "circle", "square", "diamond", "triangle-up", "triangle-down",
    "cross", "x", "star", "pentagon", "hexagon",
)  # fmt: skip
BLANK: Option = {
    "value": None, "label": "", "group": "", "hint": "", "search": "",
    "colour": "", "symbol": "", "disabled": False, "why": "",
}  # fmt: skip


class ChoiceError(UserError, TraitError):
    """An option or value that cannot be taken. (A TraitError too: traitlets rolls back only on those.)"""


def complete(raw: Iterable[Any]) -> list[Option]:
    """Options with every key of ``BLANK`` plus "haystack", from dicts or plain values.

    Raises ChoiceError for an unknown key or symbol, a value that is neither text nor int, or one given twice.
    """
    options = [_option(one) for one in raw]
    values = [option["value"] for option in options]
    if twice := {value for value in values if values.count(value) > 1}:
        raise ChoiceError(f"options: {quote(twice)} is there more than once")
    return options


def refusal(value: Any, options: Collection[Option]) -> str:
    """Why this value cannot be picked, naming what is allowed, nearest first; "" when it can."""
    for option in options:
        if option["value"] == value:
            return f"{value!r} cannot be picked: {option['why'] or 'disabled'}" if option["disabled"] else ""
    allowed = [option["value"] for option in options if not option["disabled"]]
    near = sorted(allowed, key=lambda other: -_likeness(other, value))
    return f"{value!r} is not a choice; allowed: {quote(near) or 'nothing'}"


def quote(values: Collection[Any]) -> str:
    """The first few values, for a message."""
    more = f" ... and {len(values) - SHOWN} more" if len(values) > SHOWN else ""
    return ", ".join(map(repr, list(values)[:SHOWN])) + more


def _option(raw: Any) -> Option:
    given = dict(raw) if isinstance(raw, Mapping) else {"value": raw}
    given.pop("haystack", None)
    value, symbol = given.get("value"), given.get("symbol")
    if unknown := [key for key in given if key not in BLANK]:
        raise ChoiceError(f"option {value!r}: no such key {quote(unknown)}; allowed: {quote(BLANK)}")
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ChoiceError(f"option {raw!r}: its value is neither text nor a whole number")
    if symbol and symbol not in SYMBOLS:
        raise ChoiceError(f"option {value!r}: no such symbol {symbol!r}; allowed: {quote(SYMBOLS)}")
    option = {**BLANK, **given, "label": given.get("label") or str(value)}
    return {**option, "haystack": _haystack(f"{option['label']} {option['search']}")}


def _haystack(text: str) -> str:
    """What the search box looks in; 'OB/GYN' is found as 'ob gyn' and as 'obgyn'."""
    joined = [_fold(word).replace(" ", "") for word in text.split() if " " in _fold(word)]
    return " ".join([_fold(text), *joined])


def _fold(text: str) -> str:
    """Lower case, no accents, one space for any punctuation; ``fold`` in picker.js is its twin."""
    bare = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return re.sub(r"[\W_]+", " ", bare.lower()).strip()


def _likeness(a: Any, b: Any) -> float:
    return SequenceMatcher(None, str(a).lower(), str(b).lower()).ratio()
