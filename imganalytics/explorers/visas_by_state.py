"""H-1B requests by state and year, and what is published on J-1: national figures, in words."""

from typing import Any

import ipywidgets as w

from imganalytics.charts.visas_by_state import spec
from imganalytics.explorers import words
from imganalytics.explorers.explorer import CONTROL, LABEL, Explorer, Twin
from imganalytics.explorers.widgets import TableView
from imganalytics.result import Result
from imganalytics.studies.j1 import j1
from imganalytics.studies.visas_by_state import MEASURES, UNITS, change_text, partial_years, visas_by_state, years_of
from imganalytics.studies.words import percent

NO_YEAR = "no comparison"


def visas_twin(result: Result) -> Twin:
    """A row for each state: the count, its share of the country's, and the change."""
    asked = result.question.arguments
    rows = [[row["name"], row["reason"] or f"{row['value']:,.0f}", None if row["reason"] else percent(row["share"]),
             f"{row['before']:,.0f}" if change_text(row) else None,
             change_text(row) or None] for row in result.frame.to_dict("records")]
    count, share = UNITS[asked["measure"]].capitalize(), f"Share of {result.frame['country'].iloc[0]:,}"
    columns = ["State", count, share]
    if asked["since"]:
        columns += [f"Fiscal {asked['since']}", "Change"]
    return Twin(columns, [row[:len(columns)] for row in rows], numeric=columns[1:])


class VisasByStateExplorer(Explorer):
    """Where employers ask for H-1B visas for physicians."""

    study, spec_of, twin_of = staticmethod(visas_by_state), staticmethod(spec), staticmethod(visas_twin)
    file_name = "h-1b-requests-by-state"
    asks = ("state",)

    def _make_controls(self) -> dict[str, w.Widget]:
        self.measure = w.Dropdown(options=[(label, key) for key, label in MEASURES.items()],
                                  description="What is counted", style=LABEL,
                                  layout=CONTROL)
        years = years_of("positions")
        self.year = w.SelectionSlider(options=[(_told(year), year) for year in years],
                                      value=max(set(years) - set(partial_years())),
                                      description="Fiscal year (October to September)", style=LABEL, layout=CONTROL)
        self.since = w.Dropdown(options=[(NO_YEAR, None)], description="Compared with", style=LABEL, layout=CONTROL)
        return {"measure": self.measure, "fiscal_year": self.year, "since": self.since}

    def _offer(self) -> None:
        years = years_of(self.measure.value)
        options = tuple((_told(year), year) for year in years)
        if tuple(self.year.options) != options:
            keep = self.year.value
            self.year.options = options
            self.year.value = keep if keep in years else years[-1]
        self.year.disabled = len(years) < 2
        before = [] if self.year.value in partial_years() else [year for year in years if year < self.year.value]
        wanted = ((NO_YEAR, None), *((f"fiscal {year}", year) for year in before))
        if tuple(self.since.options) != wanted:
            keep = self.since.value
            self.since.options = wanted
            self.since.value = keep if keep in before else None
        self.since.disabled = not before


def _told(year: int) -> str:
    return f"{year} (part)" if year in partial_years() else str(year)


class J1View(w.VBox):
    """Everything published here on J-1 sponsorship, as a table; `result` holds it. By state nothing is published."""

    def __init__(self) -> None:
        self.result: Result = j1()
        rows: list[list[Any]] = [[row["label"], row["value_told"], row["when"], row["group_told"], row["quality"]]
                                 for row in self.result.frame.to_dict("records")]
        table = TableView(["What", "Published", "When", "Of whom", "Quality"], rows, caption=self.result.title,
                          max_height="460px")
        super().__init__([w.HTML(words.notice("J-1 physicians by state: not published in any source here.")),
                          w.HTML(words.sentence(self.result.summary)), table, w.HTML(words.footing(self.result))])
