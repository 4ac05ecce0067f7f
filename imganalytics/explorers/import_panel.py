"""Bring a file of your own: what was understood, what cannot be taken, what waits for a word; then take it, or not."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import ipywidgets as w

from imganalytics.errors import UserError
from imganalytics.explorers import words
from imganalytics.explorers.import_choices import Choices
from imganalytics.explorers.widgets import Download, File, TableView
from imganalytics.own import imports
from imganalytics.own.import_store import Import

SHOWN = 200  # rows of a table on the screen
WIDEST = "1000px"
INTRO = ("Facts about programs from a file of your own: FREIDA (JSON, CSV or Excel), Residency Explorer, ACGME's program search, "
         "or a table that you fill in. The file is read on this computer; what you take is kept in your own folder, with the "
         "file's name and date and the row, and nothing is sent anywhere.")
LARGE = "CSV, Excel (.xlsx) or JSON. If it is larger than 10 MB, type where it lies instead: a browser cannot send it whole."
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class ImportPanel(w.VBox):
    """Reads a file, shows what was understood of it, keeps what is taken, and lists what was imported before.

    `read`, `take` and `remove` do without a browser what the buttons do; `preview` is the file as it was understood (None
    when none waits) and `choices.chosen` the programs confirmed for rows. `on_change` is called after anything was taken
    or removed.
    """

    def __init__(self, on_change: Callable[[], object] = lambda: None):
        self._on_change = on_change
        self.preview: Any = None
        self._make_controls()
        self.choices = Choices(self._say_how_many)
        self.understood, self.said = w.HTML(), w.HTML()
        self.problems, self.conflicts = TableView(), TableView()
        self.problems.layout.margin = self.conflicts.layout.margin = "6px 0"
        self.columns = w.HTML()
        self.take_button = w.Button(button_style="primary", layout={"width": "auto"})
        self.drop_button = w.Button(description="Leave it", layout={"width": "auto"})
        self.take_button.on_click(lambda _button: self._pressed(self.take))
        self.drop_button.on_click(lambda _button: self._pressed(self._forget))
        self.waiting = w.VBox([self.understood, self.columns, self.problems, self.conflicts, self.choices,
                               w.HBox([self.take_button, self.drop_button])])
        self.known = w.VBox()
        super().__init__([w.HTML(words.hint(INTRO)), self._bringing(), self.progress, self.said, self.waiting, self.known],
                         layout={"max_width": WIDEST})
        self._forget()
        self._list()

    def _make_controls(self) -> None:
        self.upload = w.FileUpload(accept=".csv,.tsv,.txt,.xlsx,.json", multiple=False, description="Choose a file",
                                   layout={"width": "auto"})
        self.path = w.Text(placeholder="or where it lies, as in Downloads/programs.csv", layout={"width": "320px"})
        self.read_button = w.Button(description="Read this file", layout={"width": "auto"})
        self.progress = w.IntProgress(layout={"width": "320px", "display": "none"}, style={"description_width": "220px"})
        self.upload.observe(lambda change: self._uploaded(change["new"]), "value")
        self.read_button.on_click(lambda _button: self._safely(lambda: self.read(self.path.value)))

    def _bringing(self) -> w.Widget:
        from imganalytics.own.import_template import csv_template, excel_template

        excel = Download(lambda: File("programs_template.xlsx", EXCEL, excel_template()), label="Empty table to fill in (Excel)",
                         hint="Every column that can be taken, each with a note")
        plain = Download(lambda: File("programs_template.csv", "text/csv", csv_template()), label="The same (CSV)",
                         hint="Every column that can be taken")
        wrap = {"flex_flow": "row wrap", "align_items": "center", "grid_gap": "4px 8px"}
        return w.VBox([w.HBox([self.upload, self.path, self.read_button], layout=wrap), w.HTML(words.hint(LARGE)),
                       w.HBox([excel, plain], layout=wrap)])

    # -- what a program sees ---------------------------------------------------------------------------------

    def read(self, file: str | Path, content: bytes | None = None) -> None:
        """Read a file (or the `content` of one named so) and show what was understood; nothing is kept yet.

        Raises:
            UserError: it cannot be read.
        """
        if not str(file).strip():
            raise UserError("choose a file, or type where it lies")
        self._forget()
        self.progress.layout.display = None
        try:
            self.preview = imports.read(Path(str(file).strip()).expanduser(), content=content, progress=self._progressed)
        finally:
            self.progress.layout.display = "none"
        self._show()

    def take(self) -> Import:
        """Keep the good rows and the confirmed ones of the file that was read.

        Raises:
            UserError: none was read, or nothing of it can be taken.
        """
        if self.preview is None:
            raise UserError("read a file first")
        done = imports.store(self.preview, self.choices.chosen, take_good_rows=True)
        self._forget()
        self.said.value = words.sentence(f"Taken from {done.file}: {done.told}.")
        self._list()
        self._on_change()
        return done

    def remove(self, import_id: str) -> None:
        """Take an import and all its facts out.

        Raises:
            UserError: there is none of that name.
        """
        imports.remove(import_id)
        self.said.value = words.sentence("Removed, with all its facts.")
        self._list()
        self._on_change()

    # -- what happens ----------------------------------------------------------------------------------------

    def _safely(self, act: Callable[[], object]) -> None:
        try:
            act()
        except UserError as error:
            self.said.value = words.notice(str(error))

    def _pressed(self, act: Callable[[], object]) -> None:
        self._safely(act)
        self.read_button.focus()  # what was above the button is gone: bring the answer into view

    def _uploaded(self, files: tuple[Any, ...]) -> None:
        if files:
            name, content = files[0]["name"], bytes(files[0]["content"])
            self.upload.value = ()  # the same file can be chosen again
            self._safely(lambda: self.read(name, content))

    def _progressed(self, what: str, done: int, total: int) -> None:
        self.progress.max, self.progress.value = max(1, total), done
        self.progress.description = f"{what}: row {done:,} of {total:,}"

    def _forget(self) -> None:
        self.preview = None
        self.said.value = ""
        self.choices.show([], {}, "row")
        self.waiting.layout.display = "none"

    def _show(self) -> None:
        preview = self.preview
        again = " The same file was imported before: taking it replaces what was taken then." if preview.replaces else ""
        self.understood.value = words.sentence(preview.summary + again) + "".join(map(words.hint, preview.notes))
        self.columns.value = _columns(preview)
        _fill(self.problems, [preview.unit.capitalize(), "Why it cannot be taken"],
              [(each.line, each.reason) for each in preview.problems], "Rows that cannot be taken")
        _fill(self.conflicts, ["Program", "What", "Stated"],
              [(each.program, each.label, "; ".join(f"{preview.unit} {line}: {text}" for line, text in each.stated))
               for each in preview.conflicts], "Rows that disagree on one program: these values are left out")
        self.choices.show(preview.suggestions, preview.equal, preview.unit)
        self.waiting.layout.display = None
        self._say_how_many()

    def _say_how_many(self) -> None:
        if self.preview is None:
            return
        good = len(self.preview.good) + len(self.choices.chosen)
        self.take_button.description = f"Take the {good:,} good row{'s' * (good != 1)}"
        self.take_button.disabled = not good

    def _list(self) -> None:
        rows: list[w.Widget] = [w.HTML(words.hint(f"Cannot be used: {line}")) for line in imports.broken()]
        for each in reversed(imports.imports()):
            button = w.Button(description="Remove", tooltip=f"Remove {each.file} and all its facts", layout={"width": "auto"})
            button.on_click(lambda _button, name=each.import_id: self._safely(lambda: self.remove(name)))
            text = f"{each.file}: {each.format}, imported {each.imported_at[:10]}: {each.told}"
            rows.append(w.HBox([button, w.HTML(words.hint(text))], layout={"align_items": "center"}))
        title = "Imported so far" if rows else "Nothing is imported yet."
        head = f'{words.STYLE}<div class="imga-text" style="margin-top: 8px"><b>{title}</b></div>'
        self.known.children = [w.HTML(head), *rows]


def _columns(preview: Any) -> str:
    taken = [head if head.lower() == column.label.lower() else f"{head} → {column.label}" for head, column in preview.taken]
    left = [f"{head}: {why}" for head, why in preview.left]
    return words.folded(f"Columns taken ({len(taken)})", taken) + (
        words.folded(f"Columns not taken ({len(left)})", left) if left else "")


def _fill(table: TableView, heads: list[str], rows: list[tuple[Any, ...]], title: str) -> None:
    """The first rows as a table; nothing at all when there is none."""
    table.layout.display = None if rows else "none"
    more = f" (the first {SHOWN} of {len(rows):,})" if len(rows) > SHOWN else f" ({len(rows):,})"
    table.show(heads, rows[:SHOWN], caption=title + more, max_height="260px", numeric=())
