"""The Export panel of an explorer: its answer as a slide, a picture, a handout or figures, under words of the user's own."""

from collections.abc import Callable
from typing import Any

import ipywidgets as w

from imganalytics.errors import UserError
from imganalytics.explorers import words
from imganalytics.explorers.widgets import Download, File, Picture
from imganalytics.export import deck_kept
from imganalytics.export.citations import cited
from imganalytics.export.exported import SIZES, THEMES, Exported
from imganalytics.export.picture import sidecar, warning
from imganalytics.result import Result

SIZE_WORDS = {"slide": "Slide, 16:9", "half": "Half a slide", "a4": "A4 page", "square": "Square"}
OWN_WORDS = "Leave a line empty to keep the chart's own words; they follow the controls above."


class ExportPanel(w.VBox):
    """Saves what `shown` answers. `exported` is what would be saved, under the words and the size that are set.

    `words`, `size` and `theme` can be set from Python (`panel.title.value`, ...); `file(kind)` is a file without a browser
    (csv, xlsx, pptx, html), `to_deck` puts it into the user's deck.
    """

    def __init__(self, shown: Callable[[], Result | None], file_name: str, twin_of: Callable[[Result], Any] | None = None):
        self._shown, self._name, self._twin_of = shown, file_name, twin_of
        self.title, self.subtitle = (w.Text(description=name, placeholder="The chart's own", style={"description_width": "70px"},
                                            layout={"width": "96%"}) for name in ("Title", "Subtitle"))
        self.note = w.Text(description="Note", placeholder="A line of your own, as: for the workshop in May",
                           style={"description_width": "70px"}, layout={"width": "96%"})
        self.size = w.Dropdown(options=[(SIZE_WORDS[key], key) for key in SIZES], description="Size",
                               style={"description_width": "70px"}, layout={"width": "260px"})
        self.theme = w.Dropdown(options=[(text, key) for key, text in THEMES.items()], description="Colours",
                                style={"description_width": "70px"}, layout={"width": "260px"})
        self.said, self.legible = w.HTML(), w.HTML()
        self.size.observe(lambda _change: self.warn(), "value")
        self.progress = w.IntProgress(description="Handout", layout={"width": "320px", "display": "none"})
        deck = w.Button(description="Add to deck", tooltip="Collected in notebook 07", layout={"width": "auto"})
        deck.on_click(lambda _button: self._safely(self.to_deck))
        row = {"flex_flow": "row wrap", "grid_gap": "4px"}
        super().__init__([
            w.HTML(words.hint(OWN_WORDS)), self.title, self.subtitle, self.note, w.HBox([self.size, self.theme], layout=row),
            w.HBox([self._download("pptx", "PowerPoint slide", "A native chart that can be edited, with notes and sources"),
                    self._download("html", "Handout", "One file that opens in any browser, with controls, without a network"),
                    self._download("xlsx", "Excel", "Figures, what the columns mean, sources"),
                    self._download("csv", "CSV", "Figures with their sources"), deck], layout=row),
            w.HBox([Picture(lambda: self.exported, form=form, file_name=file_name) for form in ("png", "svg", "pdf")]
                   + [self._text("alt text", "txt", sidecar, "The picture in words, for a text file beside it")], layout=row),
            w.HBox([self._text(f"Citations ({label})", ending, lambda exported, form=form: cited(exported.result.sources, form), "")
                    for label, ending, form in (("text", "txt", "text"), ("BibTeX", "bib", "bibtex"), ("RIS", "ris", "ris"))]
                   + [self._download("zip", "Review pack", "Chart, data, wording and citations, as the NRMP asks to see them")],
                   layout=row), self.legible, self.progress, self.said])
        self.warn()

    @property
    def exported(self) -> Exported:
        """What would be saved now.

        Raises:
            UserError: nothing is shown, or a line is too long.
        """
        result = self._shown()
        if result is None:
            raise UserError("there is nothing to save: there is nothing to show for this selection")
        return Exported(result, self.title.value.strip(), self.subtitle.value.strip(), self.note.value.strip(), self.size.value,
                        self.theme.value)

    def file(self, kind: str) -> File:
        """The file of this kind: csv, xlsx, pptx, html, zip.

        Raises:
            UserError: nothing is shown, or it cannot be made.
        """
        from imganalytics.export.formats import file_bytes
        from imganalytics.export.html_file import html_bytes
        from imganalytics.export.review_pack import review_pack

        exported = self.exported
        if kind == "html":
            try:
                content = html_bytes(exported, twin_of=self._twin_of, progress=self._tell)
            finally:
                self.progress.layout.display = "none"
        else:
            content = review_pack([exported]) if kind == "zip" else file_bytes(kind, [exported])
        return File(f"{self._name}.{kind}", "application/octet-stream", content)

    def to_deck(self) -> None:
        """Put it into the user's deck, as it is now.

        Raises:
            UserError: nothing is shown, or the deck cannot be written.
        """
        plan = deck_kept.add(self.exported)
        self._say(f"Item {len(plan.items)} of your deck. Notebook 07 shows the deck and makes the slides.")

    def warn(self) -> None:
        """Say so when the letters of a picture of this size would be hard to read."""
        try:
            text = warning(self.exported)
        except UserError:
            text = ""
        self.legible.value = words.hint(text) if text else ""

    def _tell(self, done: int, steps: int) -> None:
        self.progress.layout.display = None
        self.progress.max, self.progress.value = steps, done

    def _say(self, text: str) -> None:
        self.said.value = words.notice(text) if text else ""

    def _safely(self, action: Callable[[], Any]) -> Any:
        """What `action` answers; None, and words, when it cannot."""
        self._say("")
        try:
            return action()
        except UserError as error:
            self._say(str(error))
            return None

    def _download(self, kind: str, label: str, hint: str) -> Download:
        return Download(lambda: self._safely(lambda: self.file(kind)), label=label, hint=hint)

    def _text(self, label: str, ending: str, made: Callable[[Exported], str], hint: str) -> Download:
        def file() -> File:
            exported = self.exported
            return File(f"{self._name}.{ending}", "text/plain", made(exported).encode())

        return Download(lambda: self._safely(file), label=label[:1].upper() + label[1:], hint=hint)


class Folded(w.Accordion):
    """Under a chart: the same as a table (None: it stands elsewhere), and the Export panel, made when it is first wanted.

    Fifteen more controls for each chart of a page are many. `panel` is the Export panel.
    """

    def __init__(self, table: w.Widget | None, shown: Callable[[], Result | None], file_name: str,
                 twin_of: Callable[[Result], Any] | None = None):
        self._box = w.VBox()
        self._make = lambda: ExportPanel(shown, file_name, twin_of)
        first = [] if table is None else [table]
        super().__init__([*first, self._box], titles=[*(["The same as a table"] if first else []), "Export"])
        self.observe(lambda change: change["new"] == len(first) and self.panel, "selected_index")

    def follow(self) -> None:
        """Say what is true of the answer that is shown now."""
        for panel in self._box.children:
            panel.warn()

    @property
    def panel(self) -> ExportPanel:
        """What saves the answer as a slide, a picture, a handout or figures."""
        if not self._box.children:
            self._box.children = [self._make()]
        return self._box.children[0]
