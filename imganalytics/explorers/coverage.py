"""What is published at all, as a chart, as a table, and in words for what is missing."""

import ipywidgets as w

from imganalytics.charts.coverage import spec
from imganalytics.explorers import words
from imganalytics.explorers.explained import Explained
from imganalytics.explorers.export_panel import Folded
from imganalytics.explorers.explorer import ChartView
from imganalytics.explorers.widgets import PlotView, TableView
from imganalytics.result import Result
from imganalytics.studies.coverage import coverage, not_published
from imganalytics.vocabulary import applicant_types


class CoverageView(ChartView):
    """The coverage grid; `result` is what it shows, `figure` its chart; `explained` and `explanation` as in explorers."""

    def __init__(self) -> None:
        self.result: Result = coverage()
        self.chart = PlotView(spec(self.result), self.result.summary)
        missing = w.HTML(words.folded("What is not published, by name", not_published(self.result.frame)))
        self.table = self._table()
        self._explained = Explained(self.chart, self.table, ("what", "applicant_type", "match_year"), lambda: self.result)
        folded = Folded(self.table, lambda: self.result, "coverage")
        super().__init__([self.chart, self._explained.panel, missing, folded])

    def _table(self) -> TableView:
        frame = self.result.frame
        years = sorted(frame["match_year"].unique())
        rows, keys = [], []
        for (what, key), group in frame.groupby(["what", "applicant_type"], sort=False):
            figures = dict(zip(group["match_year"], group["figures"]))
            keys.append([what, key])
            rows.append([what, applicant_types()[key].label, *(f"{figures[year]:,}" if year in figures else "" for year in years)])
        return TableView(["Kind of figure", "Applicants", *map(str, years)], rows, numeric=[str(year) for year in years],
                         caption="Number of figures by year; empty: not published", max_height="420px",
                         keys=keys, figures={str(year): int(year) for year in years})
