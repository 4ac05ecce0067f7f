"""A multi-select without ctrl-click: a searchable check list, or chips that double as a chart's legend."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from anywidget import AnyWidget
from traitlets import Enum, Int, List, TraitError, Tuple, Unicode, observe, validate

from imganalytics.errors import UserError

HERE = Path(__file__).parent
SHOWN = 10
SYMBOLS = (
    "circle", "square", "diamond", "triangle-up", "triangle-down",
    "cross", "x", "star", "pentagon", "hexagon",
)  # fmt: skip
_BLANK: dict[str, Any] = {
    "value": None, "label": "", "group": "", "hint": "", "search": "",
    "colour": "", "symbol": "", "disabled": False, "why": "",
}  # fmt: skip


class ChoiceError(UserError, TraitError):
    """An option or value that cannot be taken. (A ``TraitError`` too: traitlets rolls back only on those.)"""


def _quote(values: Iterable[Any]) -> str:
    values = list(values)
    more = f" ... and {len(values) - SHOWN} more" if len(values) > SHOWN else ""
    return ", ".join(map(repr, values[:SHOWN])) + more


def _fold(text: str) -> str:
    """Lower case without accents; every run of punctuation is one space. ``fold`` in picker.js is its twin."""
    bare = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return re.sub(r"[\W_]+", " ", bare.lower()).strip()


def _haystack(option: Mapping[str, Any]) -> str:
    """What the search box looks in: label and aliases, 'ob/gyn' also as 'obgyn'."""
    text = f"{option['label']} {option['search']}"
    joined = (_fold(word).replace(" ", "") for word in text.split() if " " in _fold(word))
    return " ".join([_fold(text), *joined])


def _option(raw: Any) -> dict[str, Any]:
    """A complete option from a mapping or a plain value; taking its own output changes nothing."""
    given = dict(raw) if isinstance(raw, Mapping) else {"value": raw}
    given.pop("haystack", None)
    if unknown := [key for key in given if key not in _BLANK]:
        raise ChoiceError(f"option {given.get('value')!r}: {_quote(unknown)} is not known; allowed: {_quote(_BLANK)}")
    if isinstance(given.get("value"), bool) or not isinstance(given.get("value"), str | int):
        raise ChoiceError(f"option {raw!r}: the value must be text or a whole number")
    if given.get("symbol") and given["symbol"] not in SYMBOLS:
        raise ChoiceError(f"option {given['value']!r}: symbol {given['symbol']!r}; allowed: {_quote(SYMBOLS)}")
    option = {**_BLANK, **given, "label": given.get("label") or str(given["value"])}
    return {**option, "haystack": _haystack(option)}


class Picker(AnyWidget):
    """Pick any number of ``options``; ``value`` is the tuple of those picked, in the order of the options.

    An option is a plain value, or a dict with "value" and, as wanted: "label", "group", "hint" (tooltip),
    "search" (aliases), "colour" and "symbol" (swatch), "disabled" with "why". Works without a browser.

    When new ``options`` lack or disable a picked value it leaves ``value``; it returns with the next
    ``options`` that allow it, unless the selection was changed meanwhile: a year slider loses no picks.

    Raises ChoiceError (a UserError) for a value that is unknown or disabled.
    """

    _esm = HERE / "picker.js"
    _css = HERE / "picker.css"

    options = List(help="what can be picked, in order").tag(sync=True)
    value = Tuple(help="values picked, in the order of the options").tag(sync=True)
    label = Unicode(help="caption, also for screen readers").tag(sync=True)
    layout_style = Enum(["list", "chips"], default_value="list").tag(sync=True)
    rows = Int(10, min=2, help="height of the list, in rows").tag(sync=True)

    def __init__(self, options: Iterable[Any] = (), value: Iterable[Any] = (), **traits: Any):
        self._wanted: tuple[Any, ...] = ()
        if traits.get("layout_style", "list") == "list":
            traits.setdefault("layout", {"width": "340px"})
        super().__init__(options=list(options), value=tuple(value), **traits)

    @validate("options")
    def _complete_options(self, proposal: Any) -> list[dict[str, Any]]:
        options = [_option(raw) for raw in proposal["value"]]
        values = [option["value"] for option in options]
        if twice := {value for value in values if values.count(value) > 1}:
            raise ChoiceError(f"{self.label or 'options'}: {_quote(twice)} is there more than once")
        return options

    @validate("value")
    def _order_value(self, proposal: Any) -> tuple[Any, ...]:
        wanted = set(proposal["value"])
        options = {option["value"]: option for option in map(_option, self.options)}
        open_ = [value for value, option in options.items() if not option["disabled"]]
        for value in proposal["value"]:
            if value not in options:
                near = sorted(open_, key=lambda v: -SequenceMatcher(None, str(v).lower(), str(value).lower()).ratio())
                raise ChoiceError(f"{self.label or 'value'}: {value!r} is not a choice; allowed: {_quote(near)}")
            if value not in open_:
                why = options[value]["why"] or "disabled"
                raise ChoiceError(f"{self.label or 'value'}: {value!r} cannot be picked: {why}")
        # Noted here, not in an observer: under hold_trait_notifications observers of options run first.
        self._wanted = tuple(value for value in open_ if value in wanted)
        return self._wanted

    @observe("options")
    def _keep_what_is_left(self, change: Any) -> None:
        wanted = self._wanted
        open_ = {option["value"] for option in self.options if not option["disabled"]}
        self.value = tuple(value for value in wanted if value in open_)
        self._wanted = wanted
