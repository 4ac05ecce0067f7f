"""Rows of a file whose program is not sure: a choice for each, some at a time."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import ipywidgets as w

from imganalytics.explorers import words
from imganalytics.own.import_preview import OWN, Suggestion
from imganalytics.own.import_store import counted

PAGE = 10
LEAVE = ("Leave this row out", "")
KEEP = ("Keep it as a program of my own list", OWN)


class Choices(w.VBox):
    """A drop-down for each row that waits; `chosen` holds the program keys (or OWN) by line, without rows left out."""

    def __init__(self, on_change: Callable[[], object]):
        self._on_change = on_change
        self._rows: Sequence[Suggestion] = ()
        self._equal: Mapping[int, str] = {}
        self.chosen: dict[int, str] = {}
        self._unit, self._page = "row", 0
        self.title = w.HTML()
        self.equal_button = w.Button(layout={"width": "auto"})
        self.back, self.on = (w.Button(description=text, layout={"width": "auto"}) for text in ("Rows before", "Rows after"))
        self.box = w.VBox()
        self.equal_button.on_click(lambda _button: self.choose(self._equal))
        self.back.on_click(lambda _button: self._turn(-1))
        self.on.on_click(lambda _button: self._turn(1))
        super().__init__([self.title, w.HBox([self.equal_button]), self.box, w.HBox([self.back, self.on])])

    def show(self, rows: Sequence[Suggestion], equal: Mapping[int, str], unit: str) -> None:
        """Ask about these rows; `equal` are the choices that name, state and specialty make plain."""
        self._rows, self._equal, self._unit, self._page, self.chosen = rows, equal, unit, 0, {}
        self.layout.display = None if rows else "none"
        count = len(equal)
        self.equal_button.layout.display = None if equal else "none"
        self.equal_button.description = (f"Choose the {count:,} whose name, state and specialty are the same" if count > 1 else
                                         "Choose the one whose name, state and specialty are the same")
        self._turn(0)

    def choose(self, chosen: Mapping[int, str]) -> None:
        """Choose programs for rows, by line."""
        self.chosen |= chosen
        self._turn(0)
        self._on_change()

    def _turn(self, step: int) -> None:
        pages = max(1, -(-len(self._rows) // PAGE))
        self._page = min(max(self._page + step, 0), pages - 1)
        first = self._page * PAGE
        shown = self._rows[first: first + PAGE]
        where = f", {first + 1:,} to {first + len(shown):,}" if pages > 1 else ""
        how_many = counted(len(self._rows), self._unit)
        self.title.value = words.sentence(f"Which program is it? {how_many} without a sure answer{where}. "
                                          "A row without a choice is left out.")
        self.box.children = [self._asked(each) for each in shown]
        self.back.layout.display = self.on.layout.display = None if pages > 1 else "none"
        self.back.disabled, self.on.disabled = self._page == 0, self._page == pages - 1

    def _asked(self, row: Suggestion) -> w.Widget:
        options: list[tuple[str, Any]] = [LEAVE, *((f"{each.label} (the same: {'; '.join(each.shares)})", each.program_key)
                                                   for each in row.candidates), KEEP]
        choice = w.Dropdown(options=options, value=self.chosen.get(row.line, ""), layout={"width": "99%"})
        choice.observe(lambda change: self._set(row.line, change["new"]), "value")
        note = f" ({row.note})" if row.note else ""
        nothing = "" if row.candidates else " No program of the listings is like it."
        return w.VBox([w.HTML(words.hint(f"{self._unit.capitalize()} {row.line}: {row.said}{note}.{nothing}")), choice],
                      layout={"margin": "4px 0 0"})

    def _set(self, line: int, key: str) -> None:
        if key:
            self.chosen[line] = key
        else:
            self.chosen.pop(line, None)
        self._on_change()
