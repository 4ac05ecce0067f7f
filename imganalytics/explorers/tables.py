"""Explorers that answer in words and tables, without a chart; and choices of which one is 'all'."""

from collections.abc import Callable, Sequence
from html import escape
from typing import Any, ClassVar

import ipywidgets as w
import plotly.graph_objects as go

from imganalytics.errors import UserError
from imganalytics.explorers import words
from imganalytics.explorers.explained import Explained
from imganalytics.explorers.export_panel import Folded
from imganalytics.explorers.explorer import CONTROL, LABEL, Selecting, Twin
from imganalytics.explorers.widgets import Download, File, TableView
from imganalytics.export.csv_file import csv_text
from imganalytics.result import Result

STYLE = """<style>
.imga-said details {margin: 2px 0 4px}
.imga-said summary {cursor: pointer; color: var(--jp-content-link-color, #0b5fa5); font-size: 12px; font-weight: 400}
.imga-said dl {display: grid; grid-template-columns: 84px minmax(0, 1fr); gap: 1px 10px; margin: 4px 0; font-size: 12px}
.imga-said :is(dt, dd) {float: none; width: auto; margin: 0}
.imga-said dt {color: var(--jp-ui-font-color2, #52606d); font-weight: 400}
.imga-said dd {overflow-wrap: anywhere}
.imga-said a {color: var(--jp-content-link-color, #0b5fa5)}
</style>"""
PRESS = "Press a figure to see where it comes from."


def choice(options: Sequence[tuple[str, Any]], description: str, every: str = "All") -> w.Dropdown:
    """A dropdown below its caption that begins with all ('')."""
    return w.Dropdown(options=[(every, ""), *options], value="", description=description, style=LABEL, layout=CONTROL)


def search_box(hint: str) -> w.Text:
    """A field to search in, below its caption."""
    return w.Text(placeholder=hint, description="Search", continuous_update=True, style=LABEL, layout=CONTROL)


def whence(row: dict[str, Any], file: str) -> str:
    """Where a statement was read, folded; all text escaped. An address is a link that is opened only when pressed."""
    terms = [("Quote", row.get("quote")), ("Note", row.get("note")), ("Page", row["locator"]),
             ("Source", ": ".join(filter(None, (row.get("publisher"), row.get("title"))))),
             ("Read at", row.get("read_at")),
             ("File", f"{file}, row {row['file_row']:.0f}")]
    body = "".join(f"<dt>{term}</dt><dd>{link(text)}</dd>" for term, text in terms if text)
    return f"<details><summary>Where from</summary><dl>{body}</dl></details>"


def link(text: str) -> str:
    """Text escaped; when it is an address, a link that gives nothing away and fetches nothing until it is pressed."""
    if not text.startswith(("http://", "https://")) or " " in text:
        return escape(text)
    return f'<a href="{escape(text)}" target="_blank" rel="noopener noreferrer">{escape(text)}</a>'


class Unset(Selecting):
    """Controls among which those named in `blank` hold '' when their argument is None."""

    blank: ClassVar[tuple[str, ...]] = ()

    @Selecting.selection.getter
    def selection(self) -> dict[str, Any]:
        """The arguments of the study as the controls stand."""
        chosen = Selecting.selection.fget(self)
        return chosen | {name: chosen[name] or None for name in self.blank}

    def _set(self, name: str, value: Any) -> None:
        super()._set(name, "" if value is None and name in self.blank else value)


class WordsExplorer(Unset):
    """Controls, a sentence, a `body` that tells the Result, the file of it, caveats and sources.

    A subclass names its `study` and shows a Result in `_tell`; `result` is None while there is nothing to show.
    """

    study: ClassVar[Callable[..., Result]]
    file_name: ClassVar[str] = "figures"

    def __init__(self, **selection: Any):
        self._controls = self._make_controls()
        self.notice = w.HTML(layout={"display": "none"})
        self.say, self.footing = w.HTML(layout={"margin": "6px 0 2px"}), w.HTML()
        self.csv = Download(self._csv_file, label="Save these figures (CSV)", hint="Everything shown, with its source")
        self._folded = Folded(None, lambda: self.result, self.file_name)
        self.views = w.VBox([self.say, *self._make_body(), self.csv, self._folded, self.footing])
        super().__init__([self._arranged(), self.notice, self.views])
        self._offer()
        self.selection = selection
        self._listen()

    def _make_controls(self) -> dict[str, w.Widget]:
        raise NotImplementedError

    def _make_body(self) -> list[w.Widget]:
        raise NotImplementedError

    def _tell(self, result: Result) -> None:
        raise NotImplementedError

    @property
    def figure(self) -> go.Figure:
        """There is none: this explorer answers in words.

        Raises:
            UserError: always.
        """
        raise UserError("this explorer has no chart; its figures are in .result")

    def _answer(self) -> None:
        try:
            self.result = type(self).study(**self.selection)
        except UserError as error:
            self.result = None
            self.notice.value = words.notice(str(error))
        self.notice.layout.display = "none" if self.result else None
        self.views.layout.display = None if self.result else "none"
        if self.result:
            self.say.value = words.sentence(self.result.summary)
            self.footing.value = words.footing(self.result)
            self._tell(self.result)

    def _csv_file(self) -> File:
        if self.result is None:
            raise UserError("there is nothing to save: there is nothing to show for this selection")
        return File(f"{self.file_name}.csv", "text/csv", csv_text(self.result).encode())


class TableExplorer(WordsExplorer):
    """A WordsExplorer whose body is a table; a press on one of its figures explains it, as `explained` does."""

    twin_of: ClassVar[Callable[[Result], Twin]]
    asks: ClassVar[tuple[str, ...]] = ()  # columns of the frame: the key of a row, then what its column is

    def _make_body(self) -> list[w.Widget]:
        self.table = TableView()
        self._explained = Explained(self.table, self.table, self.asks, lambda: self.result)
        return [w.HTML(words.hint(PRESS)), self.table, self._explained.panel]

    def _tell(self, result: Result) -> None:
        twin = type(self).twin_of(result)
        self.table.show(twin.columns, twin.rows, numeric=twin.numeric, caption=result.title, max_height="520px",
                        keys=twin.keys,
                        figures=twin.figures)
        self._explained.follow()
