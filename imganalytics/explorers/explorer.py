"""What explorers are made of: controls, a study that answers them, its chart, the same as a table, its sources."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar

import ipywidgets as w
import plotly.graph_objects as go
from traitlets import TraitError

from imganalytics.charts.theme import Spec
from imganalytics.errors import UserError
from imganalytics.explorers import words
from imganalytics.explorers.explained import Explained
from imganalytics.explorers.export_panel import ExportPanel, Folded
from imganalytics.explorers.later import Later
from imganalytics.explorers.widgets import Download, File, Picker, PlotView, TableView
from imganalytics.export.csv_file import csv_text
from imganalytics.result import Result
from imganalytics.studies.explanation import Explanation
from imganalytics.vocabulary import require

LABEL = {"description_width": "100%"}  # above its control, so that narrow screens keep three columns
CONTROL = {"width": "auto", "height": "auto", "flex_flow": "row wrap"}


def dropdown(options: Mapping[str, str] | Sequence[Any], description: str) -> w.Dropdown:
    """A choice below its caption; a mapping holds the words of each key."""
    pairs = [(label, key) for key, label in options.items()] if isinstance(options, Mapping) else options
    return w.Dropdown(options=pairs, description=description, style=LABEL, layout=CONTROL)


PRESS = "Press a mark to see where it comes from."


@dataclass(frozen=True)
class Twin:
    """What the table under a chart shows: `numeric` names the columns set flush right.

    `keys` (of the rows) and `figures` (of the columns) say together which figure of the Result a cell is, in the values
    of the explorer's `asks`: the key of its row, then what its column is.
    """

    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    numeric: Sequence[str] = ()
    keys: Sequence[Sequence[Any]] = ()
    figures: Mapping[str, Any] = field(default_factory=dict)


class ChartView(w.VBox):
    """A `chart` of a `result` (None while there is nothing to show), of which one figure at a time can be explained."""

    result: Result | None = None
    chart: PlotView
    _explained: Explained
    _quiet = False  # whether changes of the controls are a program's own

    @property
    def figure(self) -> go.Figure:
        """The chart as it is drawn now."""
        if self.result is None:
            raise UserError("nothing is drawn: there is nothing to show for this selection")
        return self.chart.figure

    @property
    def explained(self) -> tuple[Any, ...] | None:
        """The figure that is explained, in the values of `asks`; None when none is.

        Set it to those that tell the figure from the others, as in ("Psychiatry", "us_img").
        """
        return self._explained.figure

    @explained.setter
    def explained(self, wanted: tuple[Any, ...] | None) -> None:
        self._explained.ask(wanted) if wanted else self._explained.clear()

    @property
    def explanation(self) -> Explanation | None:
        """Where the explained figure comes from."""
        return self._explained.explanation

    @contextmanager
    def _silent(self) -> Iterator[None]:
        before, self._quiet = self._quiet, True
        try:
            yield
        finally:
            self._quiet = before


class Selecting(ChartView):
    """Controls (`_controls`, by the argument that they hold) whose values together are the `selection`.

    The selection can be set, whole or in part: all of it or, where something is not allowed, nothing. A subclass makes
    the controls, calls :meth:`_listen`, and answers each change in `_answer`.
    """

    whole: ClassVar[tuple[str, ...]] = ()  # pickers of which the whole choice is the argument None
    _controls: dict[str, w.Widget]

    def _arranged(self) -> w.Widget:
        """The controls as they stand on the screen: a row that wraps, pickers below each other."""
        pickers = [control for control in self._controls.values() if isinstance(control, Picker)]
        others = [control for control in self._controls.values() if not isinstance(control, Picker)]
        grid = w.GridBox(others, layout={"grid_template_columns": "repeat(auto-fill, minmax(240px, 1fr))",
                                         "grid_gap": "4px 24px", "max_width": "1000px"})
        return w.VBox([*pickers, grid]).add_class("imga-controls")

    def _offer(self) -> None:
        """Let controls that depend on others offer only what there is (called silently after each change)."""

    def _answer(self) -> None:
        """Show what the selection asks for."""
        raise NotImplementedError

    def refresh(self) -> None:
        """Ask again with the same selection, after an import or its removal."""
        self._answer()

    def _listen(self) -> None:
        for control in self._controls.values():
            control.observe(self._changed, "value")

    @property
    def selection(self) -> dict[str, Any]:
        """The arguments of the study as the controls stand."""
        chosen = {name: control.value for name, control in self._controls.items()}
        for name in self.whole:
            everything = len(chosen[name]) == len(self._controls[name].options)
            chosen[name] = None if everything else list(chosen[name])
        return chosen

    @selection.setter
    def selection(self, wanted: dict[str, Any]) -> None:
        for name in wanted:
            require(name, self._controls, "part of the selection")
        before = self.selection
        with self._silent():
            try:
                for name in (name for name in self._controls if name in wanted):
                    self._set(name, wanted[name])
                    self._offer()
            except UserError:
                for name, value in before.items():
                    self._set(name, value)
                    self._offer()
                raise
        self._answer()

    def _set(self, name: str, value: Any) -> None:
        control = self._controls[name]
        if value is None and name in self.whole:
            value = tuple(option["value"] for option in control.options)
        try:
            control.value = value
        except (TraitError, UserError, ValueError) as error:
            raise UserError(f"{name} {value!r}; {_allowed(control, error)}") from None
        if isinstance(control, (w.IntSlider, w.FloatSlider)) and control.value != value:
            raise UserError(f"{name} {value!r}; allowed: {control.min} to {control.max}")

    def _changed(self, _change: dict[str, Any]) -> None:
        if self._quiet:
            return
        with self._silent():
            self._offer()
        self._answer()


class Explorer(Selecting):
    """Controls whose values are the arguments of a study, and views of its Result that follow them in place.

    A subclass names its `study`, how a Result is drawn (`spec_of`) and told as a table (`twin_of`), and makes its
    controls. `selection` holds the arguments and can be set, whole or in part; `result` is the Result shown (None
    while there is nothing to show) and `figure` its chart. Where it `asks`, a press on a figure explains it; `explained`
    names that figure and `explanation` says where it comes from. All of it works without a browser.
    """

    study: ClassVar[Callable[..., Result]]
    spec_of: ClassVar[Callable[[Result], Spec]]
    twin_of: ClassVar[Callable[[Result], Twin]]
    file_name: ClassVar[str] = "figures"
    asks: ClassVar[tuple[str, ...]] = ()  # columns that tell the figures apart, as in the customdata of the chart

    def __init__(self, **selection: Any):
        self._later = Later(0.2)  # the chart answers the hand; what surrounds it waits until the hand rests
        self._controls = self._make_controls()
        self.notice = w.HTML(layout={"display": "none"})
        self.say = w.HTML(layout={"margin": "6px 0 2px"})
        self.chart = PlotView(None)
        self.table = TableView()
        self.csv = Download(self._csv_file, label="Save these figures (CSV)",
                            hint="Every figure shown, with n, interval, base and source")
        self.footing = w.HTML()
        self._explained = Explained(self.chart, self.table, self.asks, lambda: self.result)
        self.tip = w.HTML(words.hint(PRESS) if self.asks else "")
        self._folded = Folded(w.VBox([self.csv, self.table]), lambda: self.result, self.file_name,
                              type(self).twin_of)
        self.views = w.VBox([self.tip, self.chart, self._explained.panel, self._folded])
        super().__init__([self._arranged(), self.notice, self.say, self.views, self.footing])
        self._offer()
        self.selection = selection
        self._listen()

    # -- for subclasses --------------------------------------------------------------------------------------

    def _make_controls(self) -> dict[str, w.Widget]:
        """The controls by the argument of the study that they hold."""
        raise NotImplementedError

    @property
    def export(self) -> ExportPanel:
        """What saves the answer as a slide, a picture, a handout or figures."""
        return self._folded.panel

    # -- what happens ----------------------------------------------------------------------------------------

    def _answer(self) -> None:
        try:
            result = type(self).study(**self.selection)
        except UserError as error:
            self._say_why(error)
            return
        self.result = result
        self.chart.show(type(self).spec_of(result), result.summary)
        self._later(lambda: self._show_words(result))
        self.notice.layout.display = "none"
        self._show_views(True)

    def _show_words(self, result: Result) -> None:
        twin = type(self).twin_of(result)
        self.say.value = words.sentence(result.summary)
        self.table.show(twin.columns, twin.rows, numeric=twin.numeric, caption=result.title, max_height="480px",
                        keys=twin.keys, figures=twin.figures)
        self._explained.follow()
        self._folded.follow()
        self.footing.value = words.footing(result)

    def _say_why(self, error: UserError) -> None:
        self.result = None
        self._explained.clear()
        self.notice.value = words.notice(str(error))
        self.notice.layout.display = None
        self._show_views(False)

    def _show_views(self, visible: bool) -> None:
        for view in (self.views, self.say, self.footing):
            view.layout.display = None if visible else "none"

    def _csv_file(self) -> File:
        if self.result is None:
            raise UserError("there is nothing to save: there is nothing to show for this selection")
        return File(f"{self.file_name}.csv", "text/csv", csv_text(self.result).encode())


def _allowed(control: w.Widget, error: Exception) -> str:
    options = getattr(control, "options", None)
    if options is None or isinstance(control, Picker):
        return str(error)
    values = [option[1] if isinstance(option, tuple) else option for option in options]
    return f"allowed: {', '.join(map(str, values))}"
