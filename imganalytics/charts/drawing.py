"""A figure in the notebook that is redrawn in place: only what changed travels to the browser, in one message."""

from typing import Any

import plotly.graph_objects as go

Spec = dict[str, Any]  # {"data": [trace, ...], "layout": {...}}, as plotly.js takes it

CAMERA_ONLY = {"displaylogo": False, "modeBarButtons": [["toImage"]],
               "toImageButtonOptions": {"format": "png", "scale": 2, "filename": "imganalytics"}}


class Drawing:
    """A FigureWidget and the spec it shows.

    plotly's own ``batch_update`` walks every property of every trace in Python, five times as long as the
    browser takes to draw; comparing two specs is cheap.
    """

    def __init__(self, spec: Spec):
        self.figure = go.FigureWidget(data=spec["data"], layout=spec["layout"])
        self.figure._config = dict(CAMERA_ONLY)  # plotly has no public way to say this to a FigureWidget
        self._spec = spec

    def redraw(self, spec: Spec) -> None:
        """Show `spec`, which must have as many traces as before.

        Raises:
            ValueError: the number of traces differs.
        """
        if len(spec["data"]) != len(self._spec["data"]):
            raise ValueError(f"{len(spec['data'])} traces where the figure has {len(self._spec['data'])}")
        traces, restyle = _changed_traces(self._spec["data"], spec["data"])
        relayout = _changed(_flat(self._spec["layout"]), _flat(spec["layout"]))
        self._spec = spec
        if restyle or relayout:
            self.figure.plotly_update(restyle, relayout, traces)


def _flat(tree: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """{'marker': {'size': 8}} as {'marker.size': 8}: the form of a plotly patch."""
    flat: dict[str, Any] = {}
    for key, value in tree.items():
        if isinstance(value, dict) and key not in ("template", "meta"):
            flat |= _flat(value, f"{prefix}{key}.")
        elif key not in ("template", "type"):
            flat[prefix + key] = value
    return flat


def _changed(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    gone = dict.fromkeys(key for key in before if key not in after)
    return gone | {key: value for key, value in after.items() if key not in before or before[key] != value}


def _changed_traces(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> tuple[list[int], dict[str, list]]:
    """The traces that changed, and each property that changed in any of them with its value for all of them."""
    old, new = [_flat(trace) for trace in before], [_flat(trace) for trace in after]
    changes = [_changed(one, other) for one, other in zip(old, new)]
    traces = [number for number, change in enumerate(changes) if change]
    properties = sorted({key for change in changes for key in change})
    return traces, {key: [new[number].get(key) for number in traces] for key in properties}
