"""A button that saves a file: made in Python at the press, saved by the browser of the user."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from anywidget import AnyWidget
from traitlets import Bool, Unicode

HERE = Path(__file__).parent


class File(NamedTuple):
    """A file to be saved: its name, media type and content."""

    name: str
    type: str
    content: bytes


class Download(AnyWidget):
    """A button that asks `make` for a :class:`File` when it is pressed, and has the browser save it; None saves nothing.

    Without a browser, call :meth:`file`.
    """

    _esm = "".join((HERE / name).read_text(encoding="utf-8") for name in ("save.js", "download.js"))

    label = Unicode().tag(sync=True)
    hint = Unicode().tag(sync=True)
    disabled = Bool(False).tag(sync=True)

    def __init__(self, make: Callable[[], File | None], **traits: Any):
        super().__init__(**traits)
        self._make = make
        self.on_msg(self._pressed)

    def file(self) -> File | None:
        """The file as it is now."""
        return self._make()

    def _pressed(self, _widget: Any, message: Any, _buffers: Any) -> None:
        if isinstance(message, dict) and message.get("wanted"):
            made = self.file()
            if made:
                self.send({"name": made.name, "type": made.type}, buffers=[made.content])
