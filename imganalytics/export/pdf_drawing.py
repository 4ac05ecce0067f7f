"""What plotly.js writes as SVG, drawn on a page of PDF: groups, rectangles, paths, texts of several lines."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from imganalytics.export.pdf_paths import trace
from imganalytics.export.pdf_text import Run, runs, show
from imganalytics.export.svg_file import SVG

Style = dict[str, str]
INHERITED = ("fill", "fill-opacity", "stroke", "stroke-opacity", "stroke-width", "stroke-dasharray", "font-size",
             "font-weight", "font-style", "text-anchor", "visibility")
FIRST: Style = {"fill": "rgb(0, 0, 0)", "stroke": "none", "stroke-width": "1", "font-size": "12", "opacity": "1"}
TRANSFORM = re.compile(r"(translate|rotate|scale|matrix)\(([^)]*)\)")
NUMBER = re.compile(r"-?(?:\d*\.\d+|\d+\.?)(?:e[-+]?\d+)?")
NAMED = {"black": (0, 0, 0), "white": (255, 255, 255)}
ANCHORS = {"start": 0.0, "middle": 0.5, "end": 1.0}


class _Part(NamedTuple):
    """Letters of a line: their runs, style and size, and how far below the line they stand (above it: less than 0)."""

    runs: list[Run]
    style: Style
    size: float
    sunk: float


@dataclass
class _Line:
    """A line of a text: where its anchor stands, its parts, and how far below the line the next part stands."""

    x: float
    y: float
    parts: list[_Part]
    sunk: float = 0.0


class Drawing:
    """The elements under `root`, drawn on a reportlab canvas whose y grows downwards, in pixels."""

    def __init__(self, canvas: Any, root: Any):
        self._canvas = canvas
        self._root = root
        self._clips = {clip.get("id"): clip for clip in root.iter(f"{{{SVG}}}clipPath")}

    def draw(self) -> None:
        """Draw all of it.

        Raises:
            UserError: no font of this machine has a letter of it.
        """
        self._children(self._root, dict(FIRST))

    def _children(self, element: Any, style: Style) -> None:
        for child in element:
            self._element(child, style)

    def _element(self, element: Any, outer: Style) -> None:
        name = str(element.tag).rpartition("}")[2]
        draw = {"g": self._children, "svg": self._children, "rect": self._rect, "path": self._path,
                "text": self._text}.get(name)
        style = _style(element, outer)
        unseen = style.get("display") == "none" or style.get("visibility") == "hidden" or not float(style["opacity"])
        if draw is None or unseen:
            return
        self._canvas.saveState()
        self._transform(element.get("transform", ""))
        self._clip(style.get("clip-path", ""))
        draw(element, style)
        self._canvas.restoreState()

    def _transform(self, text: str) -> None:
        canvas = self._canvas
        for kind, inside in TRANSFORM.findall(text):
            numbers = [float(number) for number in NUMBER.findall(inside)]
            if kind == "matrix":
                canvas.transform(*numbers)
            elif kind == "scale":
                canvas.scale(numbers[0], numbers[-1])
            elif kind == "translate":
                canvas.translate(numbers[0], numbers[1] if len(numbers) > 1 else 0)
            else:
                cos, sin = math.cos(math.radians(numbers[0])), math.sin(math.radians(numbers[0]))
                x, y = numbers[1:] if len(numbers) == 3 else (0.0, 0.0)
                canvas.transform(cos, sin, -sin, cos, x - cos * x + sin * y, y - sin * x - cos * y)

    def _clip(self, value: str) -> None:
        name = re.search(r"#([^)'\"]+)", value)
        if not name or name[1] not in self._clips:
            return
        path = self._canvas.beginPath()
        for each in self._clips[name[1]]:
            path.rect(*_box(each))
        self._canvas.clipPath(path, stroke=0, fill=0)

    def _rect(self, element: Any, style: Style) -> None:
        path = self._canvas.beginPath()
        path.rect(*_box(element))
        self._paint(path, style)

    def _path(self, element: Any, style: Style) -> None:
        path = self._canvas.beginPath()
        trace(element.get("d", ""), path)
        self._paint(path, style)

    def _paint(self, path: Any, style: Style) -> None:
        stroke = self._colour(style, "stroke") if _number(style["stroke-width"]) else False
        fill = self._colour(style, "fill")
        if stroke:
            self._canvas.setLineWidth(_number(style["stroke-width"]))
            dashes = [float(number) for number in NUMBER.findall(style.get("stroke-dasharray", ""))]
            self._canvas.setDash(dashes if any(dashes) else [])
        if stroke or fill:
            self._canvas.drawPath(path, stroke=int(stroke), fill=int(fill), fillMode=1)

    def _colour(self, style: Style, what: str) -> bool:
        """Take the colour for filling or drawing; False when nothing of it would be seen."""
        value = style.get(what, "none")
        if value in ("none", "transparent"):
            return False
        red, green, blue, *own = _rgb(value)
        alpha = float(style.get(f"{what}-opacity", "1")) * float(style["opacity"]) * (own[0] if own else 1)
        if alpha <= 0:
            return False
        paint = self._canvas.setFillColorRGB if what == "fill" else self._canvas.setStrokeColorRGB
        paint(red / 255, green / 255, blue / 255, alpha=alpha)
        return True

    # -- texts ---------------------------------------------------------------------------------------------------

    def _text(self, element: Any, style: Style) -> None:
        lines: list[_Line] = []
        _gather(element, style, lines)
        for line in lines:
            whole = sum(part.size * run.width for part in line.parts for run in part.runs)
            x = line.x - ANCHORS.get(style.get("text-anchor", "start"), 0.0) * whole
            for part in line.parts:
                seen = self._colour(part.style, "fill")
                self._colour(part.style | {"stroke": part.style["fill"]}, "stroke")  # hollow marks
                for run in part.runs:
                    if seen:
                        show(self._canvas, run, x, line.y + part.sunk, part.size)
                    x += part.size * run.width


def _gather(element: Any, style: Style, lines: list[_Line]) -> None:
    """The lines of a text: an element with a place of its own begins one."""
    size, shift = _number(style["font-size"]), element.get("dy", "0")
    sink = _number(shift) * (size if shift.endswith("em") else 1)
    if element.get("x") is not None or not lines:
        lines.append(_Line(_number(element.get("x", "0")), _number(element.get("y", "0")) + sink, []))
    else:
        lines[-1].sunk += sink
    for text, child in _pieces(element):
        if text:
            bold = style.get("font-weight", "") in ("bold", "600", "700", "800", "900")
            found = runs(text, bold, style.get("font-style") == "italic")
            lines[-1].parts.append(_Part(found, style, size, lines[-1].sunk))
        elif child is not None:
            _gather(child, _style(child, style), lines)


def _pieces(element: Any) -> Iterator[tuple[str, Any]]:
    """The texts and the elements in an element, in order."""
    yield element.text or "", None
    for child in element:
        yield "", child
        yield child.tail or "", None


def _style(element: Any, outer: Style) -> Style:
    """The style of an element: its own, over what it inherits; opacities of groups multiply."""
    own = {name: element.get(name) for name in (*INHERITED, "opacity", "clip-path", "display") if element.get(name)}
    for pair in element.get("style", "").split(";"):
        name, _, value = pair.partition(":")
        own[name.strip()] = value.strip()
    if own.get("font-size", "").endswith("%"):
        own["font-size"] = str(_number(outer["font-size"]) * _number(own["font-size"]) / 100)
    inherited = {name: value for name, value in outer.items() if name in INHERITED}
    return inherited | own | {"opacity": str(float(outer["opacity"]) * float(own.get("opacity", "1")))}


def _box(element: Any) -> tuple[float, ...]:
    return tuple(_number(element.get(name, "0")) for name in ("x", "y", "width", "height"))


def _number(text: str) -> float:
    found = NUMBER.search(text)
    return float(found[0]) if found else 0.0


def _rgb(value: str) -> tuple[float, ...]:
    if value.startswith("#"):
        full = value[1:] if len(value) == 7 else "".join(letter * 2 for letter in value[1:4])
        return tuple(int(full[at:at + 2], 16) for at in (0, 2, 4))
    return tuple(map(float, NUMBER.findall(value))) if value.startswith("rgb") else NAMED.get(value, (0, 0, 0))
