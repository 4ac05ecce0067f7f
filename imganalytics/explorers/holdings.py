"""Everything the workbook holds, as a chart and a table, and by name what no source here publishes."""

from html import escape

import ipywidgets as w

from imganalytics.charts.holdings import spec
from imganalytics.explorers import words
from imganalytics.explorers.export_panel import Folded
from imganalytics.explorers.explorer import ChartView
from imganalytics.explorers.widgets import PlotView, TableView
from imganalytics.result import Result
from imganalytics.studies.holdings import holdings, never_published


class HoldingsView(ChartView):
    """What there is, and what there is not; `result` is what the chart shows and `figure` the chart."""

    def __init__(self) -> None:
        self.result: Result = holdings()
        self.chart = PlotView(spec(self.result), self.result.summary)
        super().__init__([self.chart, w.HTML(_missing()), Folded(self._table(), lambda: self.result, "holdings")])

    def _table(self) -> TableView:
        rows = []
        for (topic, what, name), group in self.result.frame.groupby(["topic", "what", "table_name"], sort=False):
            years = group["year"].dropna().astype(int)
            span = "undated" if years.empty else str(years.min()) if years.nunique() == 1 else f"{years.min()}-{years.max()}"
            rows.append([what, topic, name, span, f"{years.nunique()}", f"{group['figures'].sum():,}"])
        return TableView(["Kind of record", "Topic", "Table", "From, to", "Years", "Records"], rows,
                         numeric=["Years", "Records"], caption=self.result.title, max_height="420px")


def _missing() -> str:
    frame = never_published()
    topics = "".join(
        f'<p style="margin: 8px 0 0"><b>{escape(topic)}</b></p><ul>' + "".join(
            f"<li>{escape(what)}. <i>{escape(instead)}.</i></li>" for what, instead in zip(group["what"], group["instead"]))
        + "</ul>"
        for topic, group in frame.groupby("topic", sort=False))
    return (f'{words.STYLE}<div class="imga-text"><details open><summary>What no source here publishes '
            f"({len(frame)} things advisers ask for)</summary>{topics}</details></div>")
