"""Subspecialties over the appointment years, and all together."""

from typing import Any

import ipywidgets as w

from imganalytics.charts.fellowship_trends import spec
from imganalytics.explorers import words
from imganalytics.explorers.explorer import CONTROL, LABEL, Explorer, Twin
from imganalytics.explorers.widgets import Picker
from imganalytics.result import Result
from imganalytics.studies.fellowship_facts import subspecialty_options
from imganalytics.studies.fellowship_trends import MEASURES, START, all_years, checked_years, fellowship_trends, figure_text


def twin(result: Result) -> Twin:
    """A row for each year, a column for each line."""
    records, share = result.frame.to_dict("records"), MEASURES[result.question.arguments["measure"]].is_share
    names = dict.fromkeys((row["label"], row["specialty"]) for row in records)
    told = {(row["appointment_year"], row["label"]): figure_text(row, share) for row in records}
    first, last = result.question.arguments["years"]
    years = list(range(first, last + 1))
    return Twin(["Year", *(label for label, _ in names)],
                [[str(year), *(told.get((year, label), "not published") for label, _ in names)] for year in years],
                numeric=[label for label, _ in names])


class FellowshipTrendsExplorer(Explorer):
    """One to six subspecialties, or all together, over the appointment years."""

    study, spec_of, twin_of = staticmethod(fellowship_trends), staticmethod(spec), staticmethod(twin)
    file_name = "fellowships-by-year"
    asks = ("specialty", "appointment_year")

    def _make_controls(self) -> dict[str, w.Widget]:
        first, last = all_years()
        self.measure = w.Dropdown(options=[(what.label, key) for key, what in MEASURES.items()],
                                  description="What is shown", style=LABEL, layout=CONTROL)
        self.meaning = w.HTML()
        self.specialties = Picker(subspecialty_options(), START, label="Subspecialties (one to six)", rows=6,
                                  layout={"width": "auto"})
        self.years = w.IntRangeSlider(value=(2016, last), min=first, max=last,
                                      description="Years in which fellowships begin", style=LABEL, layout=CONTROL)
        return {"measure": self.measure, "specialties": self.specialties, "years": self.years}

    def _arranged(self) -> w.Widget:
        grid = w.GridBox([w.VBox([self.measure, self.meaning]), w.VBox([self.years]), self.specialties],
                         layout={"grid_template_columns": "repeat(3, minmax(220px, 340px))", "grid_gap": "4px 24px"})
        return grid.add_class("imga-controls")

    def _set(self, name: str, value: Any) -> None:
        if name == "years":
            checked_years(value)  # the slider itself would move what it does not have to its nearest end
        super()._set(name, value)

    def _offer(self) -> None:
        self.meaning.value = words.hint(MEASURES[self.measure.value].meaning)

    @property
    def selection(self) -> dict[str, Any]:
        """The arguments of the study as the controls stand."""
        return {"measure": self.measure.value, "specialties": list(self.specialties.value), "years": list(self.years.value)}

    selection = selection.setter(Explorer.selection.fset)
