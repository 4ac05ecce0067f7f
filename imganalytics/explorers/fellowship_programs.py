"""Lists of thousands of rows with a search, states and minimums; and the list of fellowship programs."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, ClassVar

import ipywidgets as w
import plotly.graph_objects as go

from imganalytics.errors import UserError
from imganalytics.explorers import words
from imganalytics.explorers.export_panel import Folded
from imganalytics.explorers.explorer import CONTROL, LABEL, Selecting
from imganalytics.explorers.later import Later
from imganalytics.explorers.widgets import Download, File, Panel, Picker
from imganalytics.explorers.widgets.grid import Grid
from imganalytics.explorers.widgets.states import StatePicker
from imganalytics.export.csv_file import csv_text
from imganalytics.result import Result
from imganalytics.studies.explain import explain
from imganalytics.studies.explanation import Explanation
from imganalytics.studies.fellowship_facts import listed_years, subspecialty_options
from imganalytics.studies.fellowship_programs import fellowship_programs, listing, state_options

Column = Mapping[str, Any]


class ListExplorer(Selecting):
    """Controls, and a list whose rows they choose from; a press on a row says where its numbers come from.

    The frame of the study says by `row` which rows of the list it is about. A press on a head sorts. All of it works
    without a browser: `explained` names a row by the values of `asks`.
    """

    study: ClassVar[Callable[..., Result]]
    file_name: ClassVar[str] = "list"
    start: ClassVar[str] = "institution"  # the column sorted by at first
    asks: ClassVar[tuple[str, ...]]

    def __init__(self, **selection: Any):
        self._later = Later(0.2)
        self._controls = self._make_controls()
        self.notice = w.HTML(layout={"display": "none"})
        self.say = w.HTML(layout={"margin": "6px 0 2px"})
        columns, cells = self._table()
        self.grid = Grid(columns, cells, mark_label="", height=460, sort={"column": self.start, "descending": False},
                         nothing="not listed")
        self.csv = Download(self._csv_file, label="Save this list (CSV)", hint="Every row shown, with its source")
        self.panel = Panel(title="Where this row comes from")
        self.footing = w.HTML()
        self._explanation: Explanation | None = None
        tip = w.HTML(words.hint("Press a head to sort, and a row to see where it comes from."))
        self._folded = Folded(None, lambda: self.result, self.file_name)
        self.views = w.VBox([tip, self.grid, self.panel, self.csv, self._folded])
        super().__init__([self._arranged(), self.notice, self.say, self.views, self.footing])
        self._offer()
        self.selection = selection
        self._listen()
        self.grid.observe(lambda _: self._answer(), "sort")
        self.grid.observe(self._chosen, "chosen")
        self.panel.observe(self._closed, "html")

    def _make_controls(self) -> dict[str, w.Widget]:
        """The controls by the argument of the study that they hold."""
        raise NotImplementedError

    def _table(self) -> tuple[list[Column], list[list[str]]]:
        """Columns and cells of the whole list."""
        raise NotImplementedError

    def _arranged(self) -> w.Widget:
        """The controls as they stand on the screen."""
        raise NotImplementedError

    @property
    def figure(self) -> go.Figure:
        """There is none: a list is not drawn."""
        raise UserError("this is a list: there is no chart of it; its rows are in result.frame")

    @property
    def explained(self) -> tuple[Any, ...] | None:
        """The row that is explained, by the values of `asks`; None when none is. Set it to explain another."""
        if self.grid.chosen < 0 or self.result is None:
            return None
        return next((key for key, row in self._keys() if row == self.grid.chosen), None)

    @explained.setter
    def explained(self, wanted: tuple[Any, ...] | None) -> None:
        fitting = [row for key, row in self._keys() if wanted and set(wanted) <= set(key)]
        if wanted and len(fitting) != 1:
            raise UserError(f"{', '.join(map(str, wanted))}: {len(fitting) or 'no'} rows shown have these values of "
                            f"{', '.join(self.asks)}; allowed: those of one row")
        self.grid.chosen = fitting[0] if wanted else -1

    @property
    def explanation(self) -> Explanation | None:
        """Where the numbers of the explained row come from."""
        return self._explanation

    def _keys(self) -> Iterable[tuple[tuple[Any, ...], int]]:
        if self.result is None:
            return []
        frame = self.result.frame
        return zip(zip(*(frame[name].tolist() for name in self.asks)), frame["row"].tolist())

    def _chosen(self, _change: Any) -> None:
        rows = [] if self.result is None else self.result.frame["row"].tolist()
        if self.grid.chosen in rows:
            at = rows.index(self.grid.chosen)
            place, what = (self.result.frame[name].iloc[at] for name in ("institution", "label"))
            self._explanation = replace(explain(self.result, at), heading=f"{what}, {place}")
            self.panel.html = self._explanation.to_html()
        else:
            self._explanation, self.panel.html = None, ""

    def _closed(self, change: dict[str, Any]) -> None:
        if not change["new"]:
            self.grid.chosen = -1

    def _answer(self) -> None:
        sort = self.grid.sort
        try:
            result = type(self).study(**self.selection, sort=sort["column"] or self.start, descending=sort["descending"])
        except UserError as error:
            self.result = None
            self.grid.chosen = -1
            self.notice.value = words.notice(str(error))
            self._show(False)
            return
        self.result = result
        self.grid.order = result.frame["row"].to_numpy()
        self._later(lambda: self._show_words(result))
        self._show(True)

    def _show_words(self, result: Result) -> None:
        self.say.value = words.sentence(result.summary)
        self.grid.caption = result.title
        self.footing.value = words.footing(result)
        self._chosen(None)

    def _show(self, visible: bool) -> None:
        self.notice.layout.display = "none" if visible else None
        for view in (self.views, self.say, self.footing):
            view.layout.display = None if visible else "none"

    def _csv_file(self) -> File:
        if self.result is None:
            raise UserError("there is nothing to save: nothing fits this selection")
        return File(f"{self.file_name}.csv", "text/csv", csv_text(self.result).encode())


def search_box(hint: str) -> w.Text:
    """A box for words that are searched while they are typed."""
    return w.Text("", placeholder=hint, description="Search", style=LABEL, layout=CONTROL)


class FellowshipProgramsExplorer(ListExplorer):
    """Every fellowship program of the NRMP's listing, by institution, state and subspecialty."""

    study = staticmethod(fellowship_programs)
    file_name = "fellowship-programs"
    asks = ("program_code",)
    whole = ("specialties",)

    def _make_controls(self) -> dict[str, w.Widget]:
        years = listed_years()
        options = subspecialty_options(with_all=False)
        self.search = search_box("institution, city, subspecialty, code")
        self.year = w.SelectionSlider(options=years, value=years[-1], description="Year the fellowship begins", style=LABEL,
                                      layout=CONTROL)
        self.minimum = w.IntSlider(1, 1, 20, description="Least positions of a program", style=LABEL, layout=CONTROL)
        self.open_box = w.Checkbox(False, description="Only with an open position", indent=False, layout={"width": "auto"})
        self.specialties = Picker(options, [option["value"] for option in options], label="Subspecialties", rows=7,
                                  layout={"width": "auto"})
        self.states = StatePicker(state_options())
        return {"search": self.search, "appointment_year": self.year, "minimum_positions": self.minimum,
                "open_only": self.open_box, "specialties": self.specialties, "states": self.states}

    def _arranged(self) -> w.Widget:
        left = w.VBox([self.search, self.year, self.minimum, self.open_box], layout={"width": "260px"})
        self.specialties.layout.width = "300px"
        return w.HBox([left, self.specialties, self.states], layout={"flex_flow": "row wrap", "grid_gap": "4px 24px"}
                      ).add_class("imga-controls")

    def _table(self) -> tuple[list[Column], list[list[str]]]:
        years, frame = listed_years()[::-1], listing(listed_years()[-1])
        columns = [{"name": "institution", "label": "Institution", "width": 240},
                   {"name": "label", "label": "Subspecialty", "width": 170},
                   {"name": "published_name", "label": "Listed as", "width": 170}, {"name": "city", "label": "City"},
                   {"name": "state", "label": "State", "width": 60},
                   *({"name": str(year), "label": str(year), "numeric": True, "width": 74,
                      "hint": f"Positions filled of those offered for {year}"} for year in years),
                   {"name": "program_code", "label": "NRMP code", "width": 90}]
        known = frame["years"].tolist()
        told = [[f"{own[year][1]:.0f} of {own[year][0]:.0f}" if year in own else "not listed" for own in known]
                for year in years]
        texts = [frame[name].tolist() for name in ("institution", "label", "published_name", "city", "state")]
        return columns, [*texts, *told, frame["program_code"].tolist()]
