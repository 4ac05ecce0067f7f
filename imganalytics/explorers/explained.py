"""The figure that was asked about in a chart or its table, and the panel that says where it comes from."""

from collections.abc import Callable, Sequence
from typing import Any

from imganalytics.errors import UserError
from imganalytics.explorers.widgets import Panel, PlotView, TableView
from imganalytics.result import Result
from imganalytics.studies.explain import explain
from imganalytics.studies.explanation import Explanation

Figure = tuple[Any, ...]  # values of the columns that tell the rows of a frame apart


class Explained:
    """Explains one figure of a Result at a time; nothing is looked up until one is asked about.

    `figure` is the one explained (None: none is), `explanation` what is said of it, `panel` where it is said. A figure
    is named by its values in `columns`, as in the customdata of the chart and the keys of the table.
    """

    def __init__(self, chart: PlotView, table: TableView, columns: Sequence[str], result: Callable[[], Result | None]):
        self.columns = tuple(columns)
        self.figure: Figure | None = None
        self.explanation: Explanation | None = None
        self.panel = Panel(title="Where this number comes from")
        self._views = (chart, table)
        self._result = result
        for view in self._views:
            view.observe(self._clicked, "clicked")
        self.panel.observe(lambda change: change["new"] or self.clear(), "html")

    def ask(self, wanted: Sequence[Any]) -> None:
        """Explain the figure with these values; those that tell it from the others shown will do, in any order.

        Raises:
            UserError: no such figure is shown, or several are.
        """
        fitting = [figure for figure in self._shown() if set(wanted) <= set(figure)]
        if len(fitting) != 1:
            known = "; ".join(", ".join(map(str, figure)) for figure in (fitting or self._shown())[:3])
            count = f"{len(fitting)} figures are" if fitting else "no figure is"
            raise UserError(f"{', '.join(map(str, wanted))}: {count} shown with these values of {', '.join(self.columns)}; "
                            f"allowed: one of those shown{f', as in {known}' if known else ''}")
        self._explain(fitting[0])

    def clear(self) -> None:
        """Explain nothing."""
        self.figure = self.explanation = None
        self.panel.html = ""
        for view in self._views:
            view.chosen = None

    def follow(self) -> None:
        """Explain the same figure as it is in the result that is shown now, or nothing when it is not there."""
        if self.figure is None:
            return
        if self.figure in self._shown():
            self._explain(self.figure)
        else:
            self.clear()

    def _shown(self) -> list[Figure]:
        result = self._result()
        return list(zip(*(result.frame[name].tolist() for name in self.columns))) if result else []

    def _explain(self, figure: Figure) -> None:
        self.figure = figure
        self.explanation = explain(self._result(), self._shown().index(figure))
        self.panel.html = self.explanation.to_html()
        for view in self._views:
            view.chosen = list(figure)

    def _clicked(self, change: dict[str, Any]) -> None:
        if change["new"] is None:
            return
        change["owner"].clicked = None  # so that a click on the same figure is a click again
        if tuple(change["new"]) in self._shown():
            self._explain(tuple(change["new"]))
        else:  # Escape, or a figure that went away before its click arrived
            self.clear()
