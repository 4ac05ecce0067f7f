"""A chart taken apart in pixels: its plots, its words line by line, its shapes; and where a tall one is cut into pages."""

import math
from dataclasses import dataclass, field, replace
from typing import Any

from imganalytics.charts.theme import HAIRLINE, INK, Spec
from imganalytics.export.pptx_words import Run, lines_of, width_of

INSET = {"left": 2, "center": 0, "right": -2, "top": 2, "middle": 0, "bottom": -1}  # plotly's border around a text
UPWARD = {"top": 0.0, "middle": 0.5, "bottom": 1.0}
LINE = 1.3  # lines of a text stand this many times their size apart
TICKS = 24  # pixels below a plot for the words of its axis
TITLE = 18  # and for the axis' title
NO_FILL = "rgba(0,0,0,0)"


@dataclass(frozen=True)
class Word:
    """A line of words, or a paragraph of several: where it is anchored, in pixels, and its runs line by line."""

    lines: list[list[Run]]
    x: float
    y: float            # of its middle
    across: str         # left, center or right: what stands at x
    turned: bool = False

    @property
    def size(self) -> float:
        """Pixels of its largest letters."""
        return max((run.size for line in self.lines for run in line), default=12)

    @property
    def height(self) -> float:
        """Pixels it takes from top to bottom."""
        return LINE * self.size * len(self.lines)

    @property
    def width(self) -> float:
        """Pixels it takes from left to right, by measure."""
        return max(sum(width_of(run.text) * run.size for run in line) for line in self.lines)


@dataclass(frozen=True)
class Plot:
    """A pair of axes with its traces; the box in pixels, the ranges as plotly has them (of a log axis: powers)."""

    xaxis: dict[str, Any]
    yaxis: dict[str, Any]
    box: tuple[float, float, float, float]  # left, top, right, bottom
    traces: list[dict[str, Any]]

    def x(self, value: float) -> float:
        """The pixel of a value of the horizontal axis."""
        low, high = self.xaxis["range"]
        value = math.log10(value) if self.xaxis.get("type") == "log" else value
        return self.box[0] + (self.box[2] - self.box[0]) * (value - low) / (high - low)

    def y(self, value: float) -> float:
        """The pixel of a value of the vertical axis."""
        low, high = self.yaxis["range"]
        value = math.log10(value) if self.yaxis.get("type") == "log" else value
        return self.box[3] - (self.box[3] - self.box[1]) * (value - low) / (high - low)

    @property
    def of_rows(self) -> bool:
        """Whether its rows may be parted between slides: rows are counted from the top."""
        low, high = self.yaxis["range"]
        return low > high and self.yaxis.get("type") != "log" and not self.yaxis.get("visible") is False

    @property
    def has_points(self) -> bool:
        """Whether anything is drawn in it."""
        return any(value is not None for trace in self.traces for value in trace["y"])

    def within(self, top: float, bottom: float) -> "Plot | None":
        """The part of it between two heights; None when there is none."""
        left, above, right, below = self.box
        if below <= top + 1 or above >= bottom - 1:
            return None
        if above >= top - 1 and below <= bottom + 1:
            return self
        low, high = self.yaxis["range"]
        step = (high - low) / (below - above)
        box = (left, max(above, top), right, min(below, bottom))
        ends = [low + step * (below - box[3]), low + step * (below - box[1])]
        return replace(self, box=box, yaxis=self.yaxis | {"range": ends},
                       traces=[_points_between(trace, *sorted(ends)) for trace in self.traces])


@dataclass(frozen=True)
class Shape:
    """A straight line or a rectangle, in pixels."""

    kind: str
    box: tuple[float, float, float, float]
    line: str
    width: float
    dash: str
    fill: str
    below: bool


@dataclass
class Scene:
    """A chart in pixels: a head above its body, the body (plots and rows), a foot below."""

    width: float
    head: float    # where the head begins: below title and subtitle, which the slide has of its own
    top: float     # of the body
    bottom: float
    foot: float    # where the foot ends
    plots: list[Plot]
    words: list[Word] = field(default_factory=list)
    shapes: list[Shape] = field(default_factory=list)


def scene_of(spec: Spec, headline: float) -> Scene:
    """The chart in pixels, without its title (`headline` pixels high) and without its source line.

    Raises:
        ValueError: it has traces that are not of the scatter kind, which no native chart is made of.
    """
    layout = spec["layout"]
    if any(trace.get("type", "scatter") != "scatter" for trace in spec["data"]):
        raise ValueError("not a chart of points and lines")
    plots = _plots(spec["data"], layout)
    tops, bottoms = {round(plot.box[1]) for plot in plots}, {round(plot.box[3]) for plot in plots}
    inner = layout["margin"]["t"], layout["height"] - layout["margin"]["b"]
    top = min(inner[0], *tops) if len(tops) == 1 else headline
    bottom = max(bottoms)
    scene = Scene(layout["width"], headline, max(top, headline), bottom, bottom, plots)
    scene.words = [word for note in layout.get("annotations", []) if (text := _without_source(note["text"]))
                   for word in _annotation(note | {"text": text}, layout, scene)]
    for plot in plots:
        scene.words += _ticks_as_words(plot) + _titles(plot)
    if layout.get("showlegend"):
        scene.words += _legend(spec)
    scene.shapes = [line for plot in plots for line in _grid(plot)]
    scene.shapes += [_shape(shape, layout) for shape in layout.get("shapes", [])]
    ends = [word.y + word.height / 2 for word in scene.words] + [shape.box[3] for shape in scene.shapes]
    scene.foot = max([bottom + TICKS * any(map(_has_ticks, plots)), *ends])
    return scene


def _has_ticks(plot: Plot) -> bool:
    return plot.xaxis.get("visible") is not False and plot.xaxis.get("showticklabels") is not False


def _without_source(text: str) -> str:
    """An annotation less its source line, which the slide has of its own; '' when nothing is left."""
    lines = text.split("<br>")
    begin = next((at for at, line in enumerate(lines) if line.startswith("Source")), None)
    return text if begin is None or "affiliated" not in " ".join(lines[begin:]) else "<br>".join(lines[:begin])


def _grid(plot: Plot) -> list[Shape]:
    """Lines for the grid where the axis' own cannot be had: ticks at places of their own, a log axis."""
    left, top, right, bottom = plot.box
    lines = []
    for axis, upright in ((plot.xaxis, False), (plot.yaxis, True)):
        if axis.get("visible") is False or axis.get("showgrid") is False or native_format(axis):
            continue
        for value, _ in ticks_of(axis):
            at = plot.y(value) if upright else plot.x(value)
            if (top - 1 <= at <= bottom + 1) if upright else (left - 1 <= at <= right + 1):
                box = (left, at, right, at) if upright else (at, top, at, bottom)
                lines.append(Shape("line", box, HAIRLINE, 1, "solid", NO_FILL, True))
    return lines


def axis_name(name: str) -> str:
    """'x2' is xaxis2 of a layout."""
    return f"{name[0]}axis{name[1:]}"


def _box(layout: dict[str, Any], xaxis: dict[str, Any], yaxis: dict[str, Any]) -> tuple[float, float, float, float]:
    margin = layout["margin"]
    wide, high = layout["width"] - margin["l"] - margin["r"], layout["height"] - margin["t"] - margin["b"]
    (x0, x1), (y0, y1) = xaxis.get("domain", (0, 1)), yaxis.get("domain", (0, 1))
    return (margin["l"] + wide * x0, margin["t"] + high * (1 - y1), margin["l"] + wide * x1, margin["t"] + high * (1 - y0))


def _plot(layout: dict[str, Any], x: str, y: str, traces: list[dict[str, Any]]) -> Plot:
    xaxis, yaxis = layout[axis_name(x)], layout[axis_name(y)]
    return Plot(xaxis, yaxis, _box(layout, xaxis, yaxis), traces)


def _plots(data: list[dict[str, Any]], layout: dict[str, Any]) -> list[Plot]:
    traces: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for trace in data:
        if trace.get("visible", True) is True:
            traces.setdefault((trace.get("xaxis", "x"), trace.get("yaxis", "y")), []).append(trace)
    return [_plot(layout, *names, each) for names, each in (traces or {("x", "y"): []}).items()]


def _points_between(trace: dict[str, Any], low: float, high: float) -> dict[str, Any]:
    keep = [at for at, value in enumerate(trace["y"]) if value is None or low <= value <= high]

    def kept(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: kept(each) for name, each in value.items()}
        return [value[at] for at in keep] if isinstance(value, list | tuple) and len(value) == len(trace["y"]) else value

    return {name: kept(value) for name, value in trace.items()}


def _annotation(note: dict[str, Any], layout: dict[str, Any], scene: Scene) -> list[Word]:
    """Its lines, each a word of its own inside the body, where rows must stand beside their marks; else one paragraph."""
    margin, font = layout["margin"], note.get("font", {})
    across, along = note.get("xanchor", "center"), note.get("yanchor", "middle")
    x = (margin["l"] + note["x"] * (layout["width"] - margin["l"] - margin["r"]) if note.get("xref") == "paper"
         else _plot(layout, note.get("xref", "x"), "y", []).x(note["x"] if layout[axis_name(note.get("xref", "x"))].get(
             "type") != "log" else 10 ** note["x"]))
    y = (margin["t"] + (1 - note["y"]) * (layout["height"] - margin["t"] - margin["b"]) if note.get("yref") == "paper"
         else _plot(layout, "x", note.get("yref", "y"), []).y(note["y"]))
    size = font.get("size", 12)
    lines = lines_of(note["text"], size, font.get("color", INK))
    x += note.get("xshift", 0) + INSET[across]
    top = y - note.get("yshift", 0) + INSET[along] - UPWARD[along] * len(lines) * LINE * size
    middle = top + len(lines) * LINE * size / 2
    align = note.get("align", across)
    if align != across:
        wide = max(sum(width_of(run.text) * run.size for run in line) for line in lines)
        shift = {"left": 0.0, "center": 0.5, "right": 1.0}
        x, across = x + (shift[align] - shift[across]) * wide, align
    if not scene.top <= middle <= scene.bottom:
        return [Word(lines, x, middle, across)]
    return [Word([line], x, top + (at + 0.5) * LINE * size, across)
            for at, line in enumerate(lines) if any(run.text.strip() for run in line)]


def ticks_of(axis: dict[str, Any]) -> list[tuple[float, str]]:
    """The values an axis names, and its words for them."""
    def said(value: float) -> str:
        form = axis.get("tickformat") or ""
        if form.endswith("%"):
            return f"{value * 100:.{form[1] if form[1:2].isdigit() else 0}f}%"
        return f"{round(value):,}" if form == ",d" else f"{value:g}" if abs(value) < 100_000 else f"{value:,.0f}"

    if axis.get("tickvals") is not None:
        texts = axis.get("ticktext") or [said(value) for value in axis["tickvals"]]
        return list(zip(axis["tickvals"], texts))
    low, high = sorted(axis["range"])
    step, first = axis.get("dtick"), axis.get("tick0", 0)
    if not step:
        return []
    start = math.ceil((low - first) / step - 1e-9)
    return [(value, said(value)) for at in range(start, start + 200)
            if (value := round(first + at * step, 9)) <= high + 1e-9]


def native_format(axis: dict[str, Any]) -> str | None:
    """The number format by which PowerPoint says the ticks itself; None when words and lines have to be set for it.

    It counts ticks from the low end of the axis, in equal steps, and knows no words.
    """
    ticks = ticks_of(axis)
    low = min(axis["range"])
    if axis.get("type") == "log" or len(ticks) < 2 or abs(ticks[0][0] - low) > 1e-9:
        return None
    step = ticks[1][0] - ticks[0][0]
    if any(abs(value - low - at * step) > 1e-6 * step for at, (value, _) in enumerate(ticks)):
        return None
    forms = {"0%": lambda value: f"{value * 100:.0f}%", "#,##0": lambda value: f"{value:,.0f}",
             "General": lambda value: f"{value:g}"}
    return next((form for form, said in forms.items() if all(text == said(value) for value, text in ticks)), None)


def _ticks_as_words(plot: Plot) -> list[Word]:
    words = []
    left, _, _, bottom = plot.box
    for axis, upright in ((plot.xaxis, False), (plot.yaxis, True)):
        if axis.get("visible") is False or axis.get("showticklabels") is False or native_format(axis):
            continue
        size = axis.get("tickfont", {}).get("size", 12)
        for value, text in ticks_of(axis):
            lines = lines_of(str(text), size)
            words.append(Word(lines, left - 7, plot.y(value), "right") if upright
                         else Word(lines, plot.x(value), bottom + 3 + len(lines) * LINE * size / 2, "center"))
    return words


def _titles(plot: Plot) -> list[Word]:
    left, top, right, bottom = plot.box
    words = []
    for axis, upright in ((plot.xaxis, False), (plot.yaxis, True)):
        if axis.get("title") and axis["title"].get("text"):
            lines = lines_of(axis["title"]["text"], 11)
            words.append(Word(lines, 12, (top + bottom) / 2, "center", True) if upright
                         else Word(lines, (left + right) / 2, bottom + 22 + LINE * 11 / 2 * len(lines), "center"))
    return words


def _legend(spec: Spec) -> list[Word]:
    layout = spec["layout"]
    margin = layout["margin"]
    x = max(12, margin["l"] + layout["legend"]["x"] * (layout["width"] - margin["l"] - margin["r"]))
    words = []
    for trace in spec["data"]:
        colour = trace["marker"]["color"]
        line = [Run("\u25cf ", 12, colour if isinstance(colour, str) else colour[0]), Run(trace["name"], 12, INK)]
        word = Word([line], x, margin["t"] - 12, "left")
        words.append(word)
        x += word.width + 14
    return words


def _shape(shape: dict[str, Any], layout: dict[str, Any]) -> Shape:
    margin = layout["margin"]
    wide, high = layout["width"] - margin["l"] - margin["r"], layout["height"] - margin["t"] - margin["b"]
    xname, yname = shape.get("xref", "x"), shape.get("yref", "y")
    plot = _plot(layout, "x" if xname == "paper" else xname, "y" if yname == "paper" else yname, [])
    xs = [margin["l"] + shape[name] * wide if xname == "paper" else plot.x(shape[name]) for name in ("x0", "x1")]
    ys = [margin["t"] + (1 - shape[name]) * high if yname == "paper" else plot.y(shape[name]) for name in ("y0", "y1")]
    line = shape.get("line", {})
    box = (xs[0], ys[0], xs[1], ys[1]) if shape["type"] == "line" else (min(xs), min(ys), max(xs), max(ys))
    return Shape(shape["type"], box, line.get("color", "#444444"), line.get("width", 1), line.get("dash") or "solid",
                 shape.get("fillcolor", NO_FILL), shape.get("layer") == "below")
