"""Keeping a plan: in the user's own folder by a name, or as a file wherever the user likes. Nothing is sent anywhere."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import ipywidgets as w

from imganalytics.errors import UserError
from imganalytics.explorers import words
from imganalytics.explorers.explorer import CONTROL, LABEL
from imganalytics.explorers.widgets import Download, File
from imganalytics.own import plans

ROW = {"grid_template_columns": "repeat(auto-fill, minmax(290px, 1fr))", "grid_gap": "6px 24px", "max_width": "1000px",
       "align_items": "flex-end"}


class PlanFiles(w.VBox):
    """Saves the plan that `give` returns and hands a loaded one to `take`, which answers with what it could not use."""

    def __init__(self, give: Callable[[], dict[str, Any]], take: Callable[[dict[str, Any]], Sequence[str]]):
        self._give, self._take = give, take
        self.name = w.Text("My plan", description="Name", style=LABEL, layout=CONTROL)
        self.replace = w.Checkbox(False, description="Replace a plan of this name", indent=False)
        self.save_button = w.Button(description="Save the plan", layout={"width": "150px"})
        self.kept = w.Dropdown(description="Plans kept here", style=LABEL, layout=CONTROL)
        self.load_button = w.Button(description="Open it", layout={"width": "150px"})
        self.upload = w.FileUpload(accept=".json", multiple=False, description="Open a file", layout={"width": "150px"})
        self.download = Download(self._file, label="Save as a file", hint="A file of your own choice, to keep or to pass on")
        self.say = w.HTML()
        super().__init__([w.GridBox([w.VBox([self.name, self.replace, self.save_button]),
                                     w.VBox([self.kept, self.load_button]), w.VBox([self.download, self.upload])], layout=ROW),
                          self.say])
        self.save_button.on_click(lambda _button: self._try(
            lambda: self.save(plans.place(self.name.value), self.replace.value)))
        self.load_button.on_click(lambda _button: self._try(lambda: self.load(self.kept.value)))
        self.upload.observe(self._uploaded, "value")
        self._list()

    def save(self, where: str | Path, replace: bool = False) -> Path:
        """Save the plan under a name or path; see ``own.plans.save``."""
        path = plans.save(self._give(), where, replace=replace)
        self.replace.value = False
        self._list(path.stem)
        self.say.value = words.hint(f"Saved in {path}.")
        return path

    def load(self, where: str | Path | None) -> tuple[str, ...]:
        """Show the plan of a name or path; what could not be used is said and returned."""
        if where is None:
            raise UserError("no plan is kept here yet: save one first, or open a file")
        return self._taken(plans.load(where), str(where))

    def _taken(self, loaded: plans.Loaded, name: str) -> tuple[str, ...]:
        notes = (*loaded.notes, *self._take(loaded.plan))
        self.say.value = words.hint(f"Opened {name}.") if not notes else words.folded(
            f"Opened {name}. Not all of it could be used; the file was left as it is:", list(notes), opened=True)
        return notes

    def _uploaded(self, change: Any) -> None:
        for file in change["new"]:
            self._try(lambda: self._taken(plans.parse(bytes(file["content"]), file["name"]), file["name"]))
        if change["new"]:
            self.upload.value = ()  # so that the same file can be opened again

    def _try(self, action: Callable[[], Any]) -> None:
        try:
            action()
        except UserError as error:
            self.say.value = words.notice(str(error))

    def _file(self) -> File:
        try:
            return File("plan.json", "application/json", plans.text(self._give()).encode())
        except UserError as error:
            self.say.value = words.notice(str(error))
            raise

    def _list(self, chosen: str | None = None) -> None:
        names = plans.saved()
        if list(self.kept.options) != names:
            self.kept.options = names
        if names:
            self.kept.value = chosen if chosen in names else self.kept.value or names[0]
        self.kept.disabled = self.load_button.disabled = not names
