"""Learn to read a rate: two sliders, one interval."""

from typing import Any

import ipywidgets as w

from imganalytics.charts.reading import spec
from imganalytics.errors import UserError
from imganalytics.explorers import words
from imganalytics.explorers.export_panel import Folded
from imganalytics.explorers.explorer import ChartView
from imganalytics.explorers.widgets import PlotView
from imganalytics.result import Result
from imganalytics.studies.reading import reading
from imganalytics.vocabulary import require

STEP = 5  # of the slider, in percent
SIZES = (3, 5, 10, 15, 20, 30, 50, 75, 100, 150, 200, 300, 500, 1000, 2000, 5000)


class RateReader(ChartView):
    """How sure a rate is, by number of applicants; `selection`, `result` and `figure` as in every explorer."""

    def __init__(self, applicants: int = 30, share: int = 50):
        style, layout = {"description_width": "150px"}, {"width": "480px"}
        self.applicants = w.SelectionSlider(options=SIZES, value=applicants, description="Number of applicants",
                                            style=style, layout=layout)
        self.share = w.IntSlider(share, 0, 100, STEP, description="Of 100, matched", style=style, layout=layout)
        self.result: Result = self._ask()
        self.chart = PlotView(spec(self.result), self.result.summary)
        self.say = w.HTML(words.sentence(self.result.summary))
        super().__init__([self.applicants, self.share, self.chart, self.say,
                          Folded(None, lambda: self.result, "reading")])
        for slider in (self.applicants, self.share):
            slider.observe(self._changed, "value")

    @property
    def selection(self) -> dict[str, int]:
        """The arguments of the study as the sliders stand."""
        return dict(self.result.question.arguments)

    @selection.setter
    def selection(self, wanted: dict[str, int]) -> None:
        for name in wanted:
            require(name, self.selection, "part of the selection")
        applicants, matched = (self.selection | wanted)["applicants"], (self.selection | wanted)["matched"]
        if applicants not in SIZES:
            raise UserError(f"applicants {applicants}: allowed: {', '.join(map(str, SIZES))}")
        shares = {round(applicants * share / 100): share for share in range(0, 101, STEP)}
        if matched not in shares:
            raise UserError(f"matched {matched} of {applicants}: allowed: {', '.join(map(str, shares))}")
        self.applicants.value = applicants
        self.share.value = shares[matched]

    def _ask(self) -> Result:
        return reading(self.applicants.value, round(self.applicants.value * self.share.value / 100))

    def _changed(self, _change: dict[str, Any]) -> None:
        self.result = self._ask()
        self.chart.show(spec(self.result), self.result.summary)
        self.say.value = words.sentence(self.result.summary)
