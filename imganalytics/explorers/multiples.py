"""The rates of four applicant types in many specialties, a small panel for each."""

import ipywidgets as w

from imganalytics.charts.rows import KEY
from imganalytics.charts.multiples import spec
from imganalytics.explorers import words
from imganalytics.explorers.cells import rate_cell
from imganalytics.explorers.explorer import CONTROL, LABEL, Explorer, Twin
from imganalytics.explorers.widgets import Picker
from imganalytics.result import Result
from imganalytics.studies import coverage
from imganalytics.studies.competitiveness import specialty_options
from imganalytics.studies.multiples import BY_SPECIALTY, TYPES, USUAL, multiples
from imganalytics.vocabulary import ALL_SPECIALTIES, BASES, applicant_types

CELL = ("rate", "rate_low", "rate_high", "matched", "applicants", "reliability", "reason")


def twin(result: Result) -> Twin:
    """A row for each specialty, a column for each type."""
    rows: dict[int, list[str]] = {}
    for place, label, *figures in zip(*(result.frame[name].tolist() for name in ("place", "row_label", *CELL))):
        rows.setdefault(place, [label]).append(rate_cell(*figures))
    return Twin(["Specialty", *(applicant_types()[key].label for key in TYPES)], list(rows.values()))


class MultiplesExplorer(Explorer):
    """Who matched where: the same four types in each specialty, on one base and in one year."""

    study, spec_of, twin_of = staticmethod(multiples), staticmethod(spec), staticmethod(twin)
    file_name = "rates-by-specialty"
    asks = KEY

    def _make_controls(self) -> dict[str, w.Widget]:
        self.base = w.Dropdown(options=[(BASES[key].label, key) for key in BY_SPECIALTY], description="Base of the "
                                                                                                      "rate",
                               style=LABEL, layout=CONTROL)
        self.year = w.SelectionSlider(options=[2025], description="Year of the Match", style=LABEL, layout=CONTROL)
        options = [option for option in specialty_options() if option["value"] != ALL_SPECIALTIES]
        self.picked = Picker(options, (), label=f"Specialties (none: the {USUAL} largest)", rows=5)
        self.meaning = w.HTML()
        return {"base": self.base, "match_year": self.year, "specialties": self.picked}

    def _arranged(self) -> w.Widget:
        return w.HBox([w.VBox([self.base, self.year, self.meaning], layout={"width": "420px"}), self.picked],
                      layout={"flex_flow": "row wrap", "grid_gap": "4px 24px"}).add_class("imga-controls")

    def _offer(self) -> None:
        known = coverage.years(self.base.value, TYPES)
        keep = self.year.value
        self.year.disabled = len(known) < 2
        if list(self.year.options) != known:
            self.year.options = known
            self.year.value = keep if keep in known else known[-1]
        self.meaning.value = words.hint(BASES[self.base.value].meaning)
