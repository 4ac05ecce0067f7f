"""Where sources disagree, and what was corrected: what is used, the rule, and all the alternatives."""

from typing import Any

import ipywidgets as w

from imganalytics.explorers import words
from imganalytics.explorers.widgets import TableView
from imganalytics.result import Result
from imganalytics.studies.corrected import corrected
from imganalytics.studies.provenance import source_names
from imganalytics.studies.disagreements import disagreements, tables
from imganalytics.vocabulary import require

COLUMNS = ["What", "Figure", "Value", "Used", "Difference", "Source", "Where in it", "How reached"]


class DisagreementExplorer(w.VBox):
    """Figures that several sources print differently; `selection` holds table (or None) and search, `result` the answer."""

    def __init__(self, **selection: Any):
        style = {"description_width": "130px"}
        self.table_name = w.Dropdown(options=[("All tables", ""), *((name.replace("_", " "), name) for name in tables())],
                                     description="Table", style=style, layout={"width": "420px"})
        self.search = w.Text(placeholder="specialty, year, measure ...", description="Search", style=style,
                             continuous_update=True, layout={"width": "420px"})
        self.say, self.table, self.sources = w.HTML(), TableView(), w.HTML()
        super().__init__([w.HBox([self.table_name, self.search], layout={"flex_flow": "row wrap"}), self.say, self.table,
                          self.sources])
        self.selection = selection
        for control in (self.table_name, self.search):
            control.observe(lambda _change: self._answer(), "value")

    @property
    def selection(self) -> dict[str, Any]:
        """The arguments of the study as the controls stand."""
        return {"table": self.table_name.value or None, "search": self.search.value}

    @selection.setter
    def selection(self, wanted: dict[str, Any]) -> None:
        for name in wanted:
            require(name, self.selection, "part of the selection")
        if wanted.get("table") is not None:
            require(wanted["table"], tuple(tables()), "table")
        self.table_name.value = wanted.get("table", self.table_name.value) or ""
        self.search.value = wanted.get("search", self.search.value)
        self._answer()

    def _answer(self) -> None:
        self.result: Result = disagreements(**self.selection)
        several = not self.table_name.value
        names = ("table", "place", "measure", "value", "is_preferred", "difference_from_preferred", "publisher",
                 "publication_year", "locator", "derivation")
        rows = [(f"{table.replace('_', ' ')}: {place}" if several else place, measure, f"{value:,g}" if value % 1 else f"{value:,.0f}", "used" if used else "",
                 "" if used else f"{gap:+,g}".replace("-", "\u2212"), _source(publisher, year), locator, derivation)
                for table, place, measure, value, used, gap, publisher, year, locator, derivation
                in zip(*(self.result.frame[name].tolist() for name in names))]
        self.say.value = words.sentence(self.result.summary)
        self.table.show(COLUMNS, rows, numeric=["Value", "Difference"], caption=self.result.title, max_height="420px")
        self.sources.value = words.footing(self.result)


class CorrectionView(w.VBox):
    """The figures that were corrected or withheld; `result` is what it shows."""

    def __init__(self) -> None:
        self.result: Result = corrected()
        names = ("place", "printed", "new_value", "reason", "source_id")
        rows = [(place, printed, new or "withheld", reason, source_names()[source])
                for place, printed, new, reason, source in zip(
                    *(self.result.frame[name].astype(object).where(self.result.frame[name].notna(), None) for name in names))]
        table = TableView(["What", "Printed", "Now", "Why", "By which source"], rows, numeric=["Printed", "Now"],
                          caption=self.result.title, max_height="420px")
        super().__init__([w.HTML(words.sentence(self.result.summary)), table])


def _source(publisher: str, year: float) -> str:
    return publisher if year != year else f"{publisher}, {year:.0f}"
