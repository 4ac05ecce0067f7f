"""Up to five training programs side by side."""

from collections.abc import Sequence

import ipywidgets as w

from imganalytics.charts.program_comparison import spec
from imganalytics.errors import UserError
from imganalytics.explorers import words
from imganalytics.explorers.explained import Explained
from imganalytics.explorers.export_panel import Folded
from imganalytics.explorers.explorer import ChartView
from imganalytics.explorers.widgets import PlotView, TableView
from imganalytics.studies.program import HISTORY, NOT_STATED
from imganalytics.studies.program_comparison import program_comparison

LINE = ("line", "what", "program_key")  # what tells the figures apart


class ProgramComparison(ChartView):
    """The programs of `program_keys` (two to five; none: nothing is shown) as a chart and a table."""

    def __init__(self, program_keys: Sequence[str] = ()):
        self.chart, self.table = PlotView(None), TableView()
        self.heading, self.notice, self.footing = w.HTML(), w.HTML(), w.HTML()
        self._explained = Explained(self.chart, self.table, LINE, lambda: self.result)
        self._views = w.VBox([self.heading, self.chart, self._explained.panel, self.table,
                               Folded(None, lambda: self.result, "programs-compared"), self.footing])
        self._program_keys: tuple[str, ...] = ()
        super().__init__([self.notice, self._views])
        self.program_keys = program_keys

    @property
    def program_keys(self) -> tuple[str, ...]:
        """The programs shown."""
        return self._program_keys

    @program_keys.setter
    def program_keys(self, wanted: Sequence[str]) -> None:
        self.result, self.notice.value, self._program_keys = None, "", tuple(wanted)
        self._explained.clear()
        if wanted:
            try:
                self.result = program_comparison(list(wanted))
            except UserError as error:
                self.notice.value = words.notice(str(error))
        self._views.layout.display = None if self.result else "none"
        if self.result:
            self._show()

    def _show(self) -> None:
        result = self.result
        self.heading.value = words.sentence(f"{result.title} {result.summary}")
        self.chart.show(spec(result), result.summary)
        own = result.frame[result.frame["part"] != HISTORY]
        programs = dict(zip(own["program_key"], own["program"]))
        told = {(row["line"], row["program_key"]): row for row in own.to_dict("records")}
        lines = list(dict.fromkeys(own["line"]))
        rows = [[line, *(self._cell(told.get((line, key))) for key in programs)] for line in lines]
        self.table.show(["Evidence", *programs.values()], rows, caption=result.title, max_height="620px", numeric=[],
                        keys=[[line, line] for line in lines], figures={name: key for key, name in programs.items()})
        self.footing.value = words.footing(result)

    @staticmethod
    def _cell(row: dict[str, str] | None) -> str:
        if row is None or row["value"] == NOT_STATED:
            return NOT_STATED
        return f"{row['value']} ({row['detail']})" if row["detail"] else row["value"]
