"""States picked on a map of squares, each about where the state is."""

from collections.abc import Iterable, Mapping
from numbers import Integral
from pathlib import Path
from typing import Any

from anywidget import AnyWidget
from traitlets import List, Tuple, Unicode, observe, validate

from imganalytics.explorers.widgets.options import BLANK, ChoiceError, Option, complete, quote, refusal

HERE = Path(__file__).parent
KEYS = ("value", "label", "column", "row", "count", "disabled", "why")
WIDEST = 11  # squares in a row


class StatePicker(AnyWidget):
    """Pick any number of states; ``value`` is the tuple of those picked, in the order of the options.

    No state picked means no restriction, and the words under the squares say so. An option is a dict with "value" (what
    its square says, as 'CA'), "label" (full name), and as wanted "column" and "row" of its square (from 1; without them
    it stands in a row below), "count" (small, under the value), "disabled" with "why". Works without a browser.

    When new ``options`` lack or disable a picked state it leaves ``value``, and returns with the next options that
    allow it, as in :class:`~imganalytics.explorers.widgets.picker.Picker`.

    Raises ChoiceError (a UserError) for a value that is unknown or disabled, or two states on one square.
    """

    _esm = HERE / "states.js"
    _css = HERE / "states.css"

    options: Any = List(help="the states and their squares").tag(sync=True)
    value: Any = Tuple(help="states picked, in the order of the options; empty for no restriction").tag(sync=True)
    label = Unicode("States", help="caption, also for screen readers").tag(sync=True)
    unit = Unicode(help="what the counts count, as 'programs'").tag(sync=True)

    def __init__(self, options: Iterable[Mapping[str, Any]] = (), value: Iterable[Any] = (), **traits: Any):
        self._wanted: tuple[Any, ...] = ()
        traits.setdefault("layout", {"width": "460px", "max_width": "100%"})
        super().__init__(options=list(options), value=tuple(value), **traits)

    @validate("options")
    def _complete_options(self, proposal: Any) -> list[Option]:
        return _tiles(proposal["value"])

    @validate("value")
    def _order_value(self, proposal: Any) -> tuple[Any, ...]:
        options = _tiles(self.options)  # not yet validated when both are set at once
        for value in proposal["value"]:
            if problem := refusal(value, options):
                raise ChoiceError(f"{self.label or 'value'}: {problem}")
        self._wanted = tuple(option["value"] for option in options if option["value"] in proposal["value"])
        return self._wanted

    @observe("options")
    def _keep_what_is_left(self, change: Any) -> None:
        wanted = self._wanted
        open_ = [option["value"] for option in self.options if not option["disabled"]]
        self.value = tuple(value for value in wanted if value in open_)
        self._wanted = wanted


def _tiles(raw: Iterable[Mapping[str, Any]]) -> list[Option]:
    """The options with all of ``KEYS``, and a square for each."""
    raw = [dict(option) for option in raw]
    if strange := {key for option in raw for key in option if key not in KEYS}:
        raise ChoiceError(f"options: no such key {quote(strange)}; allowed: {quote(KEYS)}")
    checked = complete({key: option[key] for key in option if key in BLANK} for option in raw)
    numbers = [{key: _number(option, key) for key in ("column", "row", "count")} for option in raw]
    tiles = [{key: option[key] for key in KEYS if key in BLANK} | own for option, own in zip(checked, numbers)]
    placed = [tile for tile in tiles if tile["row"] and tile["column"]]
    below = max((tile["row"] for tile in placed), default=0) + 1
    for number, tile in enumerate(tile for tile in tiles if not (tile["row"] and tile["column"])):
        tile["row"], tile["column"] = below + number // WIDEST, 1 + number % WIDEST
    squares: dict[tuple[int, int], Any] = {}
    for tile in tiles:
        other = squares.setdefault((tile["row"], tile["column"]), tile["value"])
        if other != tile["value"]:
            raise ChoiceError(f"option {tile['value']!r}: {other!r} is on its square already "
                              f"(row {tile['row']}, column {tile['column']})")
    return tiles


def _number(option: Mapping[str, Any], key: str) -> int | None:
    number, least = option.get(key), 0 if key == "count" else 1
    if number is None:
        return None
    if isinstance(number, bool) or not isinstance(number, Integral) or number < least:
        raise ChoiceError(f"option {option.get('value')!r}: {key} {number!r}; "
                          f"allowed: whole numbers from {least}, or None")
    if key == "column" and number > WIDEST:
        raise ChoiceError(f"option {option.get('value')!r}: column {number}; allowed: 1 to {WIDEST}")
    return int(number)
