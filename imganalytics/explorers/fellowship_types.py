"""Fellowships by applicant type: the nephrology series, and single points on the other subspecialties."""

from typing import Any

import ipywidgets as w

from imganalytics.charts import fellowship_points as points_chart
from imganalytics.charts import fellowship_types as types_chart
from imganalytics.explorers.cells import type_chips
from imganalytics.explorers.explorer import CONTROL, LABEL, Explorer, Twin
from imganalytics.explorers.widgets import Picker
from imganalytics.result import Result
from imganalytics.studies import fellowship_points as points_study
from imganalytics.studies import fellowship_types as types_study
from imganalytics.studies.fellowship_points import FIGURES, fellowship_points, point_text
from imganalytics.studies.fellowship_types import MEASURES, START, fellowship_types, share_text, types_with_series
from imganalytics.vocabulary import applicant_types


def types_twin(result: Result) -> Twin:
    """A row for each year: what each type filled, their sum, and the positions filled."""
    records, types = result.frame.to_dict("records"), result.question.arguments["applicant_types"]
    labels = {key: applicant_types()[key].label for key in types}
    told = {(row["appointment_year"], row["applicant_type"]): share_text(row) for row in records}
    years = {row["appointment_year"]: (f"{row['of_all_types']:,.0f}", f"{row['filled']:,.0f}") for row in records}
    rows = [[str(year), *(told.get((year, key), "not published") for key in types), *years[year]] for year in sorted(years)]
    sums = ["All published types", "Positions filled"]
    return Twin(["Year", *labels.values(), *sums], rows, numeric=[*labels.values(), *sums])


class FellowshipTypesExplorer(Explorer):
    """Who fills the positions in nephrology, year by year."""

    study, spec_of, twin_of = staticmethod(fellowship_types), staticmethod(types_chart.spec), staticmethod(types_twin)
    file_name = "nephrology-by-applicant-type"
    asks = ("applicant_type", "appointment_year")

    def _make_controls(self) -> dict[str, w.Widget]:
        first, last = types_study.all_years()
        self.types = type_chips(types_with_series(), START)
        self.years = w.IntRangeSlider(value=(first, last), min=first, max=last,
                                      description="Years in which fellowships begin", style=LABEL, layout=CONTROL)
        self.measure = w.Dropdown(options=[(label, key) for key, label in MEASURES.items()], description="What is shown",
                                  style=LABEL, layout=CONTROL)
        return {"applicant_types": self.types, "years": self.years, "measure": self.measure}

    def _set(self, name: str, value: Any) -> None:
        if name == "years":
            types_study.checked_years(value)  # the slider itself would move what it does not have to its nearest end
        super()._set(name, value)


def points_twin(result: Result) -> Twin:
    """A row for each point, and for each subspecialty without one."""
    rows = [[row["label"], row["when"] or "not published", row["type_label"] or None,
             point_text(row) if row["when"] else None, row["source"] or None] for row in result.frame.to_dict("records")]
    return Twin(["Subspecialty", "Published", "Applicant type", "Share (95 % interval, counts)", "Source"], rows)


class FellowshipPointsExplorer(Explorer):
    """Single published points by applicant type; the other subspecialties are said to be not published."""

    study, spec_of, twin_of = staticmethod(fellowship_points), staticmethod(points_chart.spec), staticmethod(points_twin)
    file_name = "fellowship-points-by-applicant-type"
    asks = ("specialty", "appointment_year", "applicant_type")
    whole = ("specialties",)

    def _make_controls(self) -> dict[str, w.Widget]:
        first, last = points_study.year_span()
        options = points_study.specialty_options()
        self.kind = w.Dropdown(options=[(label, key) for key, label in FIGURES.items()], description="What is shown",
                               style=LABEL, layout=CONTROL)
        self.specialties = Picker(options, [option["value"] for option in options], label="Subspecialties", rows=6,
                                  layout={"width": "auto"})
        self.years = w.IntRangeSlider(value=(first, last), min=first, max=last,
                                      description="Years of the points", style=LABEL, layout=CONTROL)
        self.only = w.Checkbox(True, description="Only those with a figure", indent=False, layout={"width": "auto"})
        return {"figure": self.kind, "specialties": self.specialties, "years": self.years, "only_published": self.only}

    def _arranged(self) -> w.Widget:
        grid = w.GridBox([w.VBox([self.kind, self.only]), w.VBox([self.years]), self.specialties],
                         layout={"grid_template_columns": "repeat(3, minmax(220px, 340px))", "grid_gap": "4px 24px"})
        return grid.add_class("imga-controls")

    def _set(self, name: str, value: Any) -> None:
        if name == "years":
            points_study.checked_years(value)
        super()._set(name, value)

    @property
    def selection(self) -> dict[str, Any]:
        """The arguments of the study as the controls stand."""
        return Explorer.selection.fget(self) | {"years": list(self.years.value)}

    selection = selection.setter(Explorer.selection.fset)
