"""Controls of the planner that hold several values at once: programs, weeks, dates and fees, each by its name."""

from collections.abc import Iterable, Mapping
from contextlib import contextmanager
from datetime import date
from math import ceil, floor
from typing import Any, ClassVar

import ipywidgets as w
from traitlets import Dict, validate

from imganalytics.errors import UserError
from imganalytics.explorers import words
from imganalytics.explorers.explorer import CONTROL, LABEL
from imganalytics.explorers.widgets import Picker
from imganalytics.own.plan_fields import EVENTS, FEES, FIELDS, STEPS
from imganalytics.studies import plan_facts
from imganalytics.studies.eras_fees import labels, list_year, programs_listed, refusal
from imganalytics.studies.plan_costs import FEE_LABELS, ITEMS, latest, usd
from imganalytics.studies.plan_steps import EVENT_LABELS, LABELS, NOT_FOUND, events, span_words

GRID = {"grid_template_columns": "repeat(auto-fill, minmax(290px, 1fr))", "grid_gap": "6px 24px", "max_width": "1000px"}
NEW_PROGRAMS = 30  # where a newly picked specialty begins: AAMC's first price goes so far
YOURS = f"{NOT_FOUND.capitalize()}: type yours"


class Entries(w.GridBox):
    """A row for each name; `value` holds what the user set, by name, and nothing for what stands as printed.

    A row that is not offered keeps what was typed into it. A value set from a program is checked; what is typed on
    the screen is passed on as it is, so that the study can say what is wrong with it and nothing typed is lost.
    """

    field: ClassVar[str]
    value = Dict(help="what the user set, by name")

    def __init__(self, rows: Mapping[str, w.Widget], hints: Mapping[str, str]):
        self._rows, self._busy = dict(rows), False
        self._hints = {key: w.HTML(words.hint(hints.get(key, ""))) for key in rows}
        self._boxes = {key: w.VBox([row, self._hints[key]]) for key, row in self._rows.items()}
        super().__init__(list(self._boxes.values()), layout=GRID)
        for row in self._rows.values():
            row.observe(self._typed, "value")
        self.observe(self._written, "value")

    def offer(self, keys: Iterable[str]) -> None:
        """Show the rows of these names only."""
        children = tuple(self._boxes[key] for key in self._rows if key in set(keys))
        if children != self.children:
            self.children = children

    def _get(self, row: w.Widget, key: str) -> Any:
        """What the user set in a row; None when nothing."""
        raise NotImplementedError

    def _put(self, row: w.Widget, key: str, value: Any) -> None:
        raise NotImplementedError

    @validate("value")
    def _check(self, proposal: Any) -> dict[str, Any]:
        wanted = proposal["value"]
        if self._busy or wanted == self.value:
            return wanted
        kept, refused = FIELDS[self.field].read(wanted)
        if refused:
            where, what, allowed = refused[0]
            raise UserError(f"{self.field}{where} {what!r}; allowed: {allowed}")
        return kept

    def _typed(self, _change: Any) -> None:
        if self._busy:
            return
        with self._working():
            found = {key: self._get(row, key) for key, row in self._rows.items()}
            self.value = {key: value for key, value in found.items() if value is not None}

    def _written(self, _change: Any) -> None:
        if self._busy:
            return
        with self._working():
            for key, row in self._rows.items():
                self._put(row, key, self.value.get(key))

    @contextmanager
    def _working(self) -> Any:
        self._busy = True
        try:
            yield
        finally:
            self._busy = False


class Weeks(Entries):
    """Least and most weeks of each step; where a slider starts is what is printed (0 to 0: nothing is)."""

    field = "weeks"

    def __init__(self) -> None:
        self._starts: dict[str, tuple[int, int]] = {}
        made = {key: self._slider(key) for key in STEPS}
        super().__init__({key: slider for key, (slider, _) in made.items()}, {key: hint for key, (_, hint) in made.items()})

    def _slider(self, key: str) -> tuple[w.IntRangeSlider, str]:
        found = plan_facts.j1_processing(4) if key == "j1" else plan_facts.duration(key)
        start = (floor(found.low / 7), ceil(found.high / 7)) if found else (0, 0)
        hint = f"Printed: {span_words(found.low, found.high)}{' or more' * found.open}" if found else YOURS
        self._starts[key] = start
        return w.IntRangeSlider(value=start, min=0, max=max(52, start[1]), description=f"{LABELS[key]}, weeks", style=LABEL,
                                layout=CONTROL), hint

    def _get(self, row: w.Widget, key: str) -> list[int] | None:
        return None if tuple(row.value) == self._starts[key] else list(row.value)

    def _put(self, row: w.Widget, key: str, value: Any) -> None:
        row.max = max(row.max, *(value or (0,)))
        row.value = tuple(value) if value else self._starts[key]


class Dates(Entries):
    """A date for each date of the Match season; blank stands for what is printed."""

    field = "dates"

    def __init__(self) -> None:
        super().__init__({key: w.DatePicker(description=EVENT_LABELS[key], style=LABEL, layout=CONTROL) for key in EVENTS}, {})

    def tell(self, match_year: int) -> None:
        """Name the printed dates of this Match beside the rows."""
        for key, each in events(match_year, {}).items():
            hint = words.hint(f"Printed: {' to '.join(dict.fromkeys(map(str, each.ends)))}" if each.ends else YOURS)
            if self._hints[key].value != hint:
                self._hints[key].value = hint

    def _get(self, row: w.Widget, key: str) -> str | None:
        return row.value.isoformat() if row.value else None

    def _put(self, row: w.Widget, key: str, value: Any) -> None:
        row.value = date.fromisoformat(value) if value else None


class Fees(Entries):
    """An amount in USD for each item, or two as in '400-600'; blank stands for what is printed."""

    field = "fees"

    def __init__(self) -> None:
        super().__init__({key: w.Text(description=f"{FEE_LABELS[key]}, USD", continuous_update=False, style=LABEL, layout=CONTROL)
                          for key in FEES}, {key: self._printed(key) for key in FEES})

    def _printed(self, key: str) -> str:
        if key == "eras":
            return "Printed: by the number of programs"
        if key not in ITEMS:
            return YOURS
        found = latest(key)
        low, high = min(fee.low for fee in found), max(fee.low if fee.high is None else fee.high for fee in found)
        return f"Printed: {usd(low, high, any(fee.high is None for fee in found))}{' a month' * (key == 'observership')}"

    def _get(self, row: w.Widget, key: str) -> str | None:
        return row.value.strip() or None

    def _put(self, row: w.Widget, key: str, value: Any) -> None:
        amounts = value if isinstance(value, list) else [value]
        row.value = "" if value is None else "-".join(map(str, amounts))


class Programs(w.VBox):
    """Specialties, and for each one picked the number of programs to apply to; `value` holds the numbers by specialty."""

    value = Dict(help="programs by specialty")

    def __init__(self) -> None:
        options = [{"value": key, "label": label, "search": key} for key, label in labels().items()]
        self.picker = Picker(options, label="Specialties to apply to", rows=5)
        self.sliders, self._busy = w.GridBox([], layout=GRID | {"align_content": "flex-start", "width": "auto"}), False
        self._rows: dict[str, w.IntSlider] = {}
        self._boxes: dict[str, w.VBox] = {}
        beside = {"grid_template_columns": "340px minmax(290px, 1fr)", "grid_gap": "6px 24px", "max_width": "1000px"}
        super().__init__([w.GridBox([self.picker, self.sliders], layout=beside)])
        self.picker.observe(self._picked, "value")
        self.observe(self._written, "value")

    @validate("value")
    def _check(self, proposal: Any) -> dict[str, int]:
        if not isinstance(proposal["value"], Mapping):
            raise UserError("allowed: a dictionary of specialties and numbers of programs")
        for specialty, count in proposal["value"].items():
            if problem := refusal(specialty, count):
                raise UserError(problem)
        return dict(proposal["value"])

    def _slider(self, key: str) -> w.IntSlider:
        if key not in self._rows:
            most = programs_listed()[key]
            self._rows[key] = w.IntSlider(min(NEW_PROGRAMS, most), 0, most, style=LABEL, layout=CONTROL,
                                          description=f"{labels()[key]}, programs")
            hint = f"Of {most:,} program tracks listed in the {list_year()} Match. The number can be typed too."
            self._boxes[key] = w.VBox([self._rows[key], w.HTML(words.hint(hint))])
            self._rows[key].observe(self._moved, "value")
        return self._rows[key]

    def _picked(self, _change: Any) -> None:
        if not self._busy:
            self.value = {key: self._slider(key).value for key in self.picker.value}

    def _moved(self, change: Any) -> None:
        if not self._busy:
            self.value = {key: self._rows[key].value for key in self.value}

    def _written(self, _change: Any) -> None:
        self._busy = True
        try:
            self.picker.value = tuple(self.value)
            for key, count in self.value.items():
                self._slider(key).value = count
            children = tuple(self._boxes[key] for key in self.picker.value)
            if children != self.sliders.children:
                self.sliders.children = children
        finally:
            self._busy = False
