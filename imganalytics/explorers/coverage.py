"""What is published at all, as a chart, as a table, and in words for what is missing."""

import ipywidgets as w
import plotly.graph_objects as go

from imganalytics.charts.coverage import spec
from imganalytics.explorers import words
from imganalytics.explorers.widgets import PlotView, TableView
from imganalytics.result import Result
from imganalytics.studies.coverage import coverage, not_published
from imganalytics.vocabulary import applicant_types


class CoverageView(w.VBox):
    """The coverage grid; `result` is what it shows and `figure` its chart."""

    def __init__(self) -> None:
        self.result: Result = coverage()
        self.chart = PlotView(spec(self.result), self.result.summary)
        missing = w.HTML(words.folded("What is not published, by name", not_published(self.result.frame)))
        table = w.Accordion([self._table()], titles=["The same as a table"])
        super().__init__([self.chart, missing, table])

    @property
    def figure(self) -> go.Figure:
        """The chart."""
        return self.chart.figure

    def _table(self) -> TableView:
        frame = self.result.frame
        years = sorted(frame["match_year"].unique())
        rows = []
        for (what, key), group in frame.groupby(["what", "applicant_type"], sort=False):
            figures = dict(zip(group["match_year"], group["figures"]))
            rows.append([what, applicant_types()[key].label, *(f"{figures[year]:,}" if year in figures else "" for year in years)])
        return TableView(["Kind of figure", "Applicants", *map(str, years)], rows, numeric=[str(year) for year in years],
                         caption="Number of figures by year; empty: not published", max_height="420px")
