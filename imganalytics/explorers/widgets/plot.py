"""A plotly figure in the notebook that follows a slider.

plotly.js needs more time for a redraw than a slider may take, and plotly's FigureWidget twice as much again: it
validates each property in Python and sends every default back. Here a new spec is sketched at once (sketch.js) and
drawn by plotly when the hand rests, so that what stands still is plotly's, hover, camera and all. The library travels
once for the page, not once for each figure.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

import plotly
import plotly.graph_objects as go
import plotly.io as pio
from anywidget import AnyWidget
from traitlets import Dict, List, Unicode

from imganalytics.charts.theme import NAME, Spec

HERE = Path(__file__).parent
LIBRARY = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"


@cache
def _template() -> dict[str, Any]:
    return pio.templates[NAME].to_plotly_json()


class PlotView(AnyWidget):
    """Shows a spec ({"data", "layout"}, as plotly.js takes it); :meth:`show` replaces it in place.

    A click on a mark with customdata sets `clicked` to it; the mark whose customdata is `chosen` gets a ring.
    Works without a browser: `figure` is the plotly Figure of what is shown.
    """

    _esm = "".join((HERE / name).read_text(encoding="utf-8") for name in ("uncover.js", "sketch.js", "library.js", "plot.js"))

    spec = Unicode(help="the spec as JSON; empty while there is nothing to show").tag(sync=True)
    description = Unicode(help="the chart in words, for screen readers").tag(sync=True)
    clicked = List(default_value=None, allow_none=True, help="customdata of the mark that was clicked").tag(sync=True)
    chosen = List(default_value=None, allow_none=True, help="customdata of the mark with a ring").tag(sync=True)
    library = Unicode(plotly.__version__, help="names the library").tag(sync=True)
    config = Dict({"displaylogo": False, "displayModeBar": True, "modeBarButtons": [["toImage"]],
                   "toImageButtonOptions": {"format": "png", "scale": 2, "filename": "imganalytics"}}).tag(sync=True)

    def __init__(self, spec: Spec | None, description: str = "", **traits: Any):
        super().__init__(**traits)
        if spec is not None:
            self.show(spec, description)
        self.on_msg(self._asked)

    def show(self, spec: Spec, description: str = "") -> None:
        """Draw `spec` in place of what is drawn."""
        self._shown = spec
        self.description = description
        self.spec = json.dumps({"data": spec["data"], "layout": spec["layout"] | {"template": _template()}},
                               allow_nan=False)

    @property
    def figure(self) -> go.Figure:
        """The plotly Figure of what is drawn."""
        return go.Figure(**self._shown)

    def _asked(self, _widget: Any, message: Any, _buffers: Any) -> None:
        if isinstance(message, dict) and message.get("wanted") == "library":
            self.send({"library": self.library}, buffers=[LIBRARY.read_bytes()])
