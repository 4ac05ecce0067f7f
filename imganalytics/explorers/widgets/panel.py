"""A panel under a chart that comes up with words about something shown, and can be closed."""

from pathlib import Path

from anywidget import AnyWidget
from traitlets import Unicode

HERE = Path(__file__).parent


class Panel(AnyWidget):
    """Shows `html` under `title` while there is any; its close button and Escape make `html` empty.

    `html` is shown as it is: whoever sets it has escaped what is in it.
    """

    _esm = HERE / "panel.js"
    _css = HERE / "panel.css"

    title = Unicode(help="heading, also for screen readers").tag(sync=True)
    html = Unicode(help="what is said; empty while the panel is closed").tag(sync=True)
