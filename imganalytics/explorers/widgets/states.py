"""States picked on a map of squares, each about where the state is."""

from collections.abc import Iterable, Mapping
from numbers import Integral
from pathlib import Path
from typing import Any

from traitlets import Unicode

from imganalytics.explorers.widgets.choosing import Choosing
from imganalytics.explorers.widgets.options import BLANK, ChoiceError, Option, complete, quote

HERE = Path(__file__).parent
KEYS = ("value", "label", "column", "row", "count", "disabled", "why")
WIDEST = 11  # squares in a row


class StatePicker(Choosing):
    """Pick any number of states, as in :class:`Choosing`. Works without a browser.

    No state picked means no restriction, and the words under the squares say so. An option is a dict with "value" (what
    its square says, as 'CA'), "label" (full name), and as wanted "column" and "row" of its square (from 1; without them
    it stands in a row below), "count" (small, under the value), "disabled" with "why".

    Raises ChoiceError (a UserError) also for two states on one square.
    """

    _esm = HERE / "states.js"
    _css = HERE / "states.css"

    unit = Unicode(help="what the counts count, as 'programs'").tag(sync=True)

    def __init__(self, options: Iterable[Mapping[str, Any]] = (), value: Iterable[Any] = (), **traits: Any):
        super().__init__(options, value, **({"label": "States", "layout": {"width": "460px", "max_width": "100%"}} | traits))

    @staticmethod
    def _completed(raw: Iterable[Mapping[str, Any]]) -> list[Option]:
        return _tiles(raw)


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
