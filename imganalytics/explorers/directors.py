"""What program directors say they look at, and what studies have found about how they select."""

from typing import Any

import ipywidgets as w

from imganalytics.charts.directors import spec
from imganalytics.errors import UserError
from imganalytics.explorers import words
from imganalytics.explorers.export_panel import Folded
from imganalytics.explorers.explorer import Explorer, Twin, dropdown
from imganalytics.explorers.profile import offer
from imganalytics.explorers.widgets import Download, File, TableView
from imganalytics.export.csv_file import csv_text
from imganalytics.result import Result
from imganalytics.studies.directors import SORTS, directors, sorts, surveys
from imganalytics.studies.selection_studies import selection_studies, studied
from imganalytics.studies.words import percent
from imganalytics.vocabulary import require

COLUMNS = ["Specialty, and whom it is of", "What", "Value", "n, interval, and what to keep in mind", "Years", "Source"]


def twin(result: Result) -> Twin:
    """The figures as a table: a row for each factor."""
    names = ("factor", "citing", "mean_importance")
    numbers = ["Share citing it", "Mean importance, 1 to 5", "n"]
    rows = [[factor, percent(citing), f"{weight:.1f}" if weight == weight else "", "not published"]
            for factor, citing, weight in zip(*(result.frame[name].tolist() for name in names))]
    return Twin(["Factor", *numbers], rows, numbers)


class DirectorExplorer(Explorer):
    """Factors that program directors cite for inviting to an interview; `selection` holds survey_year and sort."""

    study = staticmethod(directors)
    spec_of = staticmethod(spec)
    twin_of = staticmethod(twin)
    file_name = "program_directors"
    asks = ("factor",)

    def _make_controls(self) -> dict[str, w.Widget]:
        return {"survey_year": dropdown([(label, year) for year, label in surveys().items()], "Survey"),
                "sort": dropdown([(label, key) for key, label in SORTS.items()], "Sort by")}

    def _offer(self) -> None:
        known = sorts(self._controls["survey_year"].value)
        offer(self._controls["sort"], [(label, key) for key, label in SORTS.items() if key in known])


class SelectionStudyView(w.VBox):
    """Published findings on how programs select IMGs, as a table.

    `selection` holds specialty (or None), `result` is what is shown.
    """

    def __init__(self, **selection: Any):
        self.specialty = dropdown([("All specialties with a study", ""), *((name, name) for name in studied())], "Specialty")
        self.specialty.layout.max_width = "320px"
        self.say, self.table, self.footing = w.HTML(), TableView(), w.HTML()
        self.csv = Download(self._csv_file, label="Save these figures (CSV)", hint="Every figure shown, with its source")
        panel = w.VBox([self.specialty]).add_class("imga-controls")
        super().__init__([panel, self.say, self.table, self.csv, Folded(None, lambda: self.result, "selection-studies"),
                          self.footing])
        self.selection = selection
        self.specialty.observe(lambda _change: self._answer(), "value")

    @property
    def selection(self) -> dict[str, Any]:
        """The arguments of the study as the control stands."""
        return {"specialty": self.specialty.value or None}

    @selection.setter
    def selection(self, wanted: dict[str, Any]) -> None:
        for name in wanted:
            require(name, self.selection, "part of the selection")
        chosen = wanted.get("specialty", self.selection["specialty"])
        if chosen is not None and chosen not in studied():
            raise UserError(f"specialty {chosen!r}; allowed: {', '.join(studied())}")
        self.specialty.value = chosen or ""
        self._answer()

    def _answer(self) -> None:
        self.result: Result = selection_studies(**self.selection)
        names = ("specialty", "population", "what", "shown", "uncertainty", "read_with", "year", "source")
        rows = [(f"{specialty}: {population}", what, value, ". ".join(filter(None, (certain, note))), year, source)
                for specialty, population, what, value, certain, note, year, source
                in zip(*(self.result.frame[name].tolist() for name in names))]
        self.say.value = words.sentence(self.result.summary)
        self.table.show(COLUMNS, rows, numeric=["Value"], caption=self.result.title, max_height="520px")
        self.footing.value = words.footing(self.result)

    def _csv_file(self) -> File:
        return File("selection_studies.csv", "text/csv", csv_text(self.result).encode())
