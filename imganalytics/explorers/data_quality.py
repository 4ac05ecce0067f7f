"""How well the figures agree with the published ones: the overview, each comparison, and what nothing watches."""

import math
from typing import Any

import ipywidgets as w

from imganalytics.charts.data_quality import spec
from imganalytics.explorers import words
from imganalytics.explorers.export_panel import Folded
from imganalytics.explorers.explorer import ChartView
from imganalytics.explorers.widgets import PlotView, TableView
from imganalytics.result import Result
from imganalytics.studies.comparisons import NOT_AGREEING, STATUSES, comparisons, kinds
from imganalytics.studies.data_quality import data_quality
from imganalytics.studies.watched import watched
from imganalytics.vocabulary import require

MOST = 500  # rows of a table on the screen
LEASTS = (0, 1, 2, 3, 5, 10, 20, 50, 100, 200)
COLUMNS = ["What", "Ours", "Published", "Difference", "Parts", "Outcome", "Why"]


class AgreementView(ChartView):
    """What each kind of comparison found; `result` is what it shows and `figure` its chart."""

    def __init__(self) -> None:
        self.result: Result = data_quality()
        self.chart = PlotView(spec(self.result), self.result.summary)
        frame = self.result.frame
        rows = list(zip(frame["title"], *(map("{:,}".format, frame[name]) for name in ("compared", "agree", "declared", "fail"))))
        table = TableView(["Comparison", "Compared", "Agree", "Declared gap", "Fail"], rows,
                          numeric=["Compared", "Agree", "Declared gap", "Fail"], caption=self.result.title, max_height="420px")
        super().__init__([w.HTML(words.sentence(self.result.summary)), self.chart,
                          Folded(table, lambda: self.result, "agreement"), w.HTML(words.footing(self.result))])


class WatchView(ChartView):
    """How many figures of each table some comparison watches; `result` and `figure` as above."""

    def __init__(self) -> None:
        self.result: Result = watched()
        self.chart = PlotView(spec(self.result), self.result.summary)
        frame = self.result.frame
        rows = [(title, name, f"{figures:,}", f"{seen:,}", f"{100 * share:.1f} %") for title, name, figures, seen, share
                in zip(frame["title"], frame["table"], frame["figures"], frame["watched"], frame["share"])]
        table = TableView(["Table", "Name", "Figures", "Watched", "Share"], rows, numeric=["Figures", "Watched", "Share"],
                          caption=self.result.title, max_height="420px")
        blind = frame.loc[frame["watched"] == 0, "title"].tolist()
        super().__init__([self.chart, w.HTML(words.folded(f"What nothing watches ({len(blind)} tables)", blind, opened=True)),
                          Folded(table, lambda: self.result, "watched")])


class ComparisonExplorer(w.VBox):
    """Every compared figure: ours, the published one, the difference, and why.

    `selection` holds comparison (an id or None), statuses and least; it can be set. `result` is what is shown.
    """

    def __init__(self, **selection: Any):
        titles = kinds()
        self.comparison = w.Dropdown(options=[("All comparisons", ""), *((title, key) for key, title in titles.items())],
                                     description="Comparison", style={"description_width": "130px"}, layout={"width": "auto"})
        self.agreeing = w.Checkbox(False, description="Also figures that agree", indent=False, layout={"width": "auto"})
        self.least = w.SelectionSlider(options=LEASTS, value=0, description="Least difference",
                                       style={"description_width": "130px"}, layout={"width": "420px"})
        self.say, self.table = w.HTML(), TableView()
        super().__init__([self.comparison, w.HBox([self.least, self.agreeing], layout={"flex_flow": "row wrap"}),
                          self.say, self.table])
        self.selection = selection
        for control in (self.comparison, self.agreeing, self.least):
            control.observe(lambda _change: self._answer(), "value")

    @property
    def selection(self) -> dict[str, Any]:
        """The arguments of the study as the controls stand."""
        statuses = (*STATUSES,) if self.agreeing.value else NOT_AGREEING
        return {"comparison": self.comparison.value or None, "statuses": statuses, "least": self.least.value}

    @selection.setter
    def selection(self, wanted: dict[str, Any]) -> None:
        for name in wanted:
            require(name, self.selection, "part of the selection")
        if wanted.get("comparison") is not None:
            require(wanted["comparison"], kinds(), "comparison")
        require(str(wanted.get("least", 0)), tuple(map(str, LEASTS)), "least difference")
        self.comparison.value = wanted.get("comparison", self.comparison.value) or ""
        self.least.value = wanted.get("least", self.least.value)
        self.agreeing.value = "agrees" in wanted.get("statuses", self.selection["statuses"])
        self._answer()

    def _answer(self) -> None:
        self.result = comparisons(**self.selection)
        frame = self.result.frame.head(MOST)
        several = not self.comparison.value
        rows = [(f"{title}: {place}" if several else place, _number(ours), _number(published), _number(gap, "+"),
                 _number(parts), status, why or "")
                for title, place, ours, published, gap, parts, status, why in zip(
                    *(frame[name].astype(object).where(frame[name].notna(), None) for name in
                      ("title", "place", "ours", "published", "difference", "parts", "status", "explanation")))]
        cut = f" The first {MOST} are shown." if len(self.result.frame) > MOST else ""
        self.say.value = words.sentence(self.result.summary + cut)
        self.table.show(COLUMNS, rows, numeric=["Ours", "Published", "Difference", "Parts"],
                        caption=f"{self.result.title}: ours, the published figure, and the difference", max_height="460px")


def _number(value: float | None, sign: str = "") -> str | None:
    """A count with thousands grouped, a share with two decimals."""
    if value is None or math.isnan(value):
        return None
    if value == 0:
        return "0"
    form = f"{sign},.0f" if float(value).is_integer() else f"{sign},.2f"
    return format(value, form).replace("-", "\u2212")
