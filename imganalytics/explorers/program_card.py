"""Everything known of one training program: its history as a chart, every piece of evidence as a table."""

from html import escape

import ipywidgets as w

from imganalytics.charts.program import has_history, spec
from imganalytics.explorers import words
from imganalytics.explorers.explained import Explained
from imganalytics.explorers.export_panel import Folded
from imganalytics.explorers.explorer import ChartView
from imganalytics.explorers.widgets import PlotView, TableView
from imganalytics.studies.program import KEY, PARTS, program

PRESS = "Press a figure in the chart or the table to see where it comes from."


class ProgramCard(ChartView):
    """The card of one program; set `program_key` (None: nothing is shown). `result` holds every figure on it.

    Raises:
        UserError: there is no such program.
    """

    def __init__(self, program_key: str | None = None):
        self.chart, self.table = PlotView(None), TableView()
        self._explained = Explained(self.chart, self.table, KEY, lambda: self.result)
        self.heading, self.footing = w.HTML(), w.HTML()
        self._program_key: str | None = None
        super().__init__([self.heading, self.chart, self._explained.panel, self.table,
                          Folded(None, lambda: self.result, "program"), self.footing])
        self.program_key = program_key

    @property
    def program_key(self) -> str | None:
        """The program shown."""
        return self._program_key

    @program_key.setter
    def program_key(self, wanted: str | None) -> None:
        self.result = program(wanted) if wanted else None
        self._program_key = wanted
        self._explained.clear()
        self.layout.display = None if self.result else "none"
        if self.result:
            self._show()

    def _show(self) -> None:
        result = self.result
        self.heading.value = (f'{words.STYLE}<div class="imga-text" role="status" aria-live="polite">'
                              f'<h3 style="margin: 14px 0 2px; font-size: 17px">{escape(result.title)}</h3>'
                              f'<p style="margin: 0">{escape(result.subtitle)} {escape(result.summary)}</p>'
                              f'<p style="margin: 4px 0; font-size: 12px">{PRESS}</p></div>')
        drawn = has_history(result)
        self.chart.layout.display = None if drawn else "none"
        if drawn:
            self.chart.show(spec(result), result.summary)
        rows: list[list[str]] = []
        keys: list[list[str]] = []
        for part in PARTS:
            own = result.frame[result.frame["part"] == part]
            for at, row in enumerate(own.to_dict("records")):
                rows.append([part if at == 0 else "", row["what"], row["value"], row["detail"]])
                keys.append([part, row["what"], row["detail"]])
        self.table.show(["Evidence", "What", "Figure", "Of what, and how sure"], rows, keys=keys, figures={"Figure": self.program_key},
                        caption=f"What is known of {result.title}", max_height="520px", row_header=1)
        self.footing.value = words.footing(result)
