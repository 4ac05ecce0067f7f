"""The user's shortlist: in their order, with their notes, kept in their own folder."""

from collections.abc import Callable

import ipywidgets as w

from imganalytics.errors import UserError
from imganalytics.explorers import words
from imganalytics.explorers.buttons import button
from imganalytics.explorers.program_card import ProgramCard
from imganalytics.explorers.widgets import Download, File
from imganalytics.export.csv_file import csv_text
from imganalytics.export.xlsx_file import XLSX, xlsx_bytes
from imganalytics.own import shortlist as kept
from imganalytics.result import Result
from imganalytics.studies.shortlist import shortlist

ROW = {"grid_template_columns": "minmax(200px, 6fr) minmax(140px, 4fr) 40px 40px 84px", "grid_gap": "4px 8px",
       "align_items": "center", "max_width": "1240px"}


class ShortlistView(w.VBox):
    """The programs on the shortlist; each change is written at once. `card` is the one that is open.

    `entries` is the list as it is shown; :meth:`refresh` reads it anew, :meth:`remove`, :meth:`move` and
    :meth:`annotate` change it. Works without a browser.
    """

    def __init__(self) -> None:
        self.card = ProgramCard()
        self.entries: list[kept.Entry] = []
        self.say, self.notice, self.rows = w.HTML(), w.HTML(), w.VBox()
        self.csv = Download(lambda: self._file("shortlist.csv", "text/csv", lambda made: csv_text(made).encode()),
                            label="Save the shortlist (CSV)", hint="With every figure known, and the sources")
        self.xlsx = Download(lambda: self._file("shortlist.xlsx", XLSX, xlsx_bytes), label="Save the shortlist (Excel)",
                             hint="With every figure known, and the sources on a sheet of their own")
        super().__init__([self.say, self.rows, w.HBox([self.csv, self.xlsx]), self.notice, self.card])
        self.refresh()

    def refresh(self) -> None:
        """Read the list anew."""
        self._do(kept.entries)

    def remove(self, program_key: str) -> None:
        """Take a program off the list."""
        self._do(lambda: kept.remove(program_key))

    def move(self, program_key: str, steps: int) -> None:
        """Move a program up (negative steps) or down."""
        self._do(lambda: kept.move(program_key, steps))

    def annotate(self, program_key: str, note: str) -> None:
        """Keep a note beside a program."""
        self._do(lambda: kept.annotate(program_key, note))

    @property
    def program_keys(self) -> list[str]:
        """The keys of the programs on the list, in its order."""
        return [entry.program_key for entry in self.entries]

    def open_card(self, program_key: str) -> None:
        """Open the card of a program under the list; nothing is known of one whose import was removed."""
        self.notice.value = ""
        try:
            self.card.program_key = program_key
        except UserError as error:
            self.notice.value = words.notice(str(error))

    @property
    def result(self) -> Result:
        """The list with what is known of each program.

        Raises:
            UserError: the list is empty, or its file cannot be read.
        """
        return shortlist()

    def _do(self, action: Callable[[], list[kept.Entry]]) -> None:
        self.notice.value = ""
        try:
            self.entries = action()
        except UserError as error:
            self.notice.value = words.notice(str(error))
            return
        self._show()

    def _show(self) -> None:
        count = len(self.entries)
        self.say.value = words.sentence(
            f"{count} program{'s' * (count != 1)} on the shortlist, kept in {kept.shortlist_file()}." if count else
            "The shortlist is empty. Tick programs in the table above, then press 'Add the ticked to the shortlist'.")
        self.rows.children = [self._row(at, entry) for at, entry in enumerate(self.entries)]
        self.csv.disabled = self.xlsx.disabled = not count

    def _row(self, at: int, entry: kept.Entry) -> w.Widget:
        key = entry.program_key
        name = f"{at + 1}. {entry.institution}: {entry.specialty}, {entry.city}, {entry.state}"
        title = button(name, "Open its card", lambda _: self.open_card(key)).add_class("imga-name")
        note = w.Text(entry.note, placeholder="Your note", continuous_update=False, layout={"width": "auto"})
        note.observe(lambda change: self.annotate(key, change["new"]), "value")
        up = button("\u2191", f"Move up: {name}", lambda _: self.move(key, -1), disabled=at == 0)
        down = button("\u2193", f"Move down: {name}", lambda _: self.move(key, 1), disabled=at == len(self.entries) - 1)
        away = button("Remove", f"Take off the list: {name}", lambda _: self.remove(key))
        return w.GridBox([title, note, up, down, away], layout=ROW)

    def _file(self, name: str, kind: str, made: Callable[[Result], bytes]) -> File:
        return File(name, kind, made(self.result))
