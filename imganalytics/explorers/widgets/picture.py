"""A button that makes a picture of a chart: the user's own browser draws it, Python writes the words into the file."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import plotly
from anywidget import AnyWidget
from traitlets import Bool, Enum, Unicode

from imganalytics.errors import UserError
from imganalytics.explorers.widgets.download import File
from imganalytics.explorers.widgets.plot import LIBRARY
from imganalytics.export.exported import Exported
from imganalytics.export.picture import FORMS, finished, laid_out

HERE = Path(__file__).parent


class Picture(AnyWidget):
    """A button that asks `make` for what to show, has the browser draw it, and saves it as `form`.

    The finished File goes to `then` where there is one; else the browser saves it. What went wrong, and that a picture
    is being drawn, stands beside the button and in `say`. :meth:`draw` does the same without a press; it needs a
    browser in which the widget is shown, but does not wait for it.
    """

    _esm = "".join((HERE / name).read_text(encoding="utf-8") for name in ("library.js", "save.js", "picture.js"))

    form = Enum(list(FORMS), "png", help="what is saved").tag(sync=True)
    file_name = Unicode("chart", help="of the file, without its ending").tag(sync=True)
    label = Unicode().tag(sync=True)
    hint = Unicode().tag(sync=True)
    disabled = Bool(False).tag(sync=True)
    busy = Bool(False, help="whether the browser is drawing").tag(sync=True)
    say = Unicode(help="what stands beside the button").tag(sync=True)
    library = Unicode(plotly.__version__, help="names the library").tag(sync=True)

    def __init__(self, make: Callable[[], Exported], then: Callable[[File], object] | None = None, **traits: Any):
        super().__init__(**traits)
        self.set_trait("label", self.label or f"Save as {self.form.upper()}")
        self._make = make
        self._then = then
        self._number = 0
        self._wanted: tuple[Exported, str, str] | None = None
        self.on_msg(self._heard)

    def draw(self) -> None:
        """Have the browser draw what `make` answers now; a second call takes the place of one still under way."""
        self.say, self.busy = "Drawing\u2026", True
        try:
            exported = self._make()
            spec = laid_out(exported)
        except UserError as error:
            self._rest(str(error))
            return
        self._number += 1
        self._wanted = exported, self.form, self.file_name
        kind = FORMS[self.form]
        self.send({"draw": self._number, "spec": json.dumps(spec, allow_nan=False), "format": kind.drawn_as,
                   "scale": kind.scale})

    def _heard(self, _widget: Any, message: Any, buffers: Any) -> None:
        if not isinstance(message, dict):
            return
        if message.get("wanted") == "library":
            self.send({"library": self.library}, buffers=[LIBRARY.read_bytes()])
        elif message.get("wanted") == "picture":
            self.draw()
        elif message.get("drawn") == self._number and self._wanted:
            self._drawn(message.get("problem", ""), buffers or [])

    def _drawn(self, problem: str, buffers: Any) -> None:
        (exported, form, name), self._wanted = self._wanted, None
        if problem or not buffers:
            why = problem or "no picture came back"
            self._rest(f"The browser could not draw it ({why}); try again, or save PPTX or HTML.")
            return
        try:
            file = File(f"{name}.{form}", FORMS[form].type, finished(exported, form, bytes(buffers[0])))
            if self._then:
                self._then(file)
            else:
                self.send({"save": file.name, "type": file.type}, buffers=[file.content])
            self._rest(f"Saved as {file.name}." if not self._then else "")
        except UserError as error:
            self._rest(str(error))

    def _rest(self, words: str) -> None:
        self.busy, self.say = False, words
        self.send_state(["busy", "say"])  # the button shows 'Drawing' by itself, whatever the last words were
