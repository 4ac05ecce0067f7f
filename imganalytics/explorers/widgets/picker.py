"""A multi-select without ctrl-click: a searchable check list, or chips that double as a chart's legend."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from traitlets import Enum, Int

from imganalytics.explorers.widgets.choosing import Choosing
from imganalytics.explorers.widgets.options import complete

HERE = Path(__file__).parent


class Picker(Choosing):
    """Pick any number of ``options``, as in :class:`Choosing`. Works without a browser.

    An option is a plain value, or a dict with "value" and, as wanted: "label", "group", "hint" (tooltip),
    "search" (aliases), "colour" and "symbol" (swatch), "disabled" with "why".
    """

    _esm = HERE / "picker.js"
    _css = HERE / "picker.css"
    _completed = staticmethod(complete)

    layout_style = Enum(["list", "chips"], default_value="list").tag(sync=True)
    rows = Int(10, min=2, help="height of the list, in rows").tag(sync=True)

    def __init__(self, options: Iterable[Any] = (), value: Iterable[Any] = (), **traits: Any):
        if traits.get("layout_style") != "chips":
            traits.setdefault("layout", {"width": "340px"})
        super().__init__(options, value, **traits)
