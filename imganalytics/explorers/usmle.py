"""USMLE pass rates: one exam and one kind of takers at a time."""

from typing import Any

import ipywidgets as w

from imganalytics.charts.usmle import LOOKS, spec
from imganalytics.errors import UserError
from imganalytics.explorers.explorer import CONTROL, LABEL, Explorer, Twin
from imganalytics.explorers.widgets import Picker
from imganalytics.result import Result
from imganalytics.studies.usmle import EXAMINEES, EXAMS, START, TAKERS, rate_text, takers_of, usmle, year_span
from imganalytics.vocabulary import applicant_types


def usmle_twin(result: Result) -> Twin:
    """A row for each group and period: the rate, or what is printed without n, and what other sources print."""
    rows = [[row["label"], row["period"], rate_text(row), row["others"] or None,
             "yes" if row["reliability"] == "unstable" else ""]
            for row in result.frame.to_dict("records")]
    return Twin(["Examinees", "Period", "Passed (95 % interval, n)", "Other sources print", "Unstable"], rows)


class UsmleExplorer(Explorer):
    """How many pass each step, by school and year."""

    study, spec_of, twin_of = staticmethod(usmle), staticmethod(spec), staticmethod(usmle_twin)
    file_name = "usmle-pass-rates"
    asks = ("performance_id",)

    def _make_controls(self) -> dict[str, w.Widget]:
        def dropdown(description: str, words: dict[str, str]) -> w.Dropdown:
            return w.Dropdown(options=[(label, key) for key, label in words.items()], description=description,
                              style=LABEL,
                              layout=CONTROL)

        self.exam = dropdown("Exam", EXAMS)
        self.takers = dropdown("Who is counted", {key: TAKERS[key] for key in takers_of(self.exam.value)})
        first, last = year_span(self.exam.value, self.takers.value)
        self.years = w.IntRangeSlider(value=(first, last), min=first, max=last, description="Years", style=LABEL,
                                      layout=CONTROL)
        looks = {key: applicant_types()[look] for key, look in LOOKS.items()}
        self.examinees = Picker([{"value": key, "label": label, "colour": looks[key].colour,
                                  "symbol": looks[key].symbol}
                                 for key, label in EXAMINEES.items()], START, label="Examinees", layout_style="chips")
        self._asked = (self.exam.value, self.takers.value)
        return {"exam": self.exam, "takers": self.takers, "examinees": self.examinees, "years": self.years}

    def _offer(self) -> None:
        options = tuple((TAKERS[key], key) for key in takers_of(self.exam.value))
        if tuple(self.takers.options) != options:
            keep = self.takers.value
            self.takers.options = options
            if keep in takers_of(self.exam.value):
                self.takers.value = keep
        self.takers.disabled = len(options) < 2
        if self._asked != (self.exam.value, self.takers.value):  # another series: all of its years
            self._asked = (self.exam.value, self.takers.value)
            self._span(*year_span(*self._asked))

    def _span(self, first: int, last: int) -> None:
        with self.years.hold_trait_notifications():
            self.years.min, self.years.max = (first, last) if first <= self.years.max else (self.years.min, last)
            self.years.min, self.years.value = first, (first, last)

    def _set(self, name: str, value: Any) -> None:
        if name == "years":
            value = tuple(value) if value is not None else (self.years.min, self.years.max)
        super()._set(name, value)
        if name == "years" and tuple(self.years.value) != value:
            raise UserError(f"years {list(value)!r}; allowed: two years from {self.years.min} to {self.years.max}, the "
                            f"earlier one first")

    @property
    def selection(self) -> dict[str, Any]:
        """The arguments of the study as the controls stand."""
        chosen = Explorer.selection.fget(self)
        return chosen | {"examinees": list(chosen["examinees"]), "years": list(chosen["years"])}

    selection = selection.setter(Explorer.selection.fset)
