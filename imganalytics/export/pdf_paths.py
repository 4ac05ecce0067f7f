"""Paths of SVG as the lines and curves that a PDF knows."""

import math
import re
from collections.abc import Iterator
from typing import Any

TOKEN = re.compile(r"[MmLlHhVvCcSsQqTtAaZz]|[-+]?(?:\d*\.\d+|\d+\.?)(?:[eE][-+]?\d+)?")
ARGUMENTS = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "Q": 4, "A": 7, "Z": 0}


def trace(text: str, path: Any) -> None:
    """Draw the path data `text` into a reportlab path: M, L, H, V, C, Q, A and Z, absolute or relative."""
    x = y = x0 = y0 = 0.0
    for command, numbers in _commands(text):
        kind = command.upper()
        if command.islower():
            numbers = _absolute(kind, numbers, x, y)
        if kind == "Z":
            path.close()
            x, y = x0, y0
            continue
        if kind == "M":
            x0, y0 = numbers
            path.moveTo(x0, y0)
        elif kind in "LHV":
            numbers = [numbers[0], y] if kind == "H" else [x, numbers[0]] if kind == "V" else numbers
            path.lineTo(*numbers)
        else:
            for curve in _curves(kind, x, y, numbers):
                path.curveTo(*curve)
        x, y = numbers[-2:]


def _commands(text: str) -> Iterator[tuple[str, list[float]]]:
    """Each command with its numbers; those repeated without a letter have it again."""
    tokens = TOKEN.findall(text)
    at, command = 0, "M"
    while at < len(tokens):
        if tokens[at].isalpha():
            command, at = tokens[at], at + 1
        count = ARGUMENTS[command.upper()]
        yield command, [float(token) for token in tokens[at:at + count]]
        at += count
        command = {"M": "L", "m": "l"}.get(command, command)


def _absolute(kind: str, numbers: list[float], x: float, y: float) -> list[float]:
    if kind == "H":
        return [numbers[0] + x]
    if kind == "V":
        return [numbers[0] + y]
    if kind == "A":
        return [*numbers[:5], numbers[5] + x, numbers[6] + y]
    return [number + (y if at % 2 else x) for at, number in enumerate(numbers)]


def _curves(kind: str, x: float, y: float, numbers: list[float]) -> Iterator[list[float]]:
    if kind == "C":
        yield numbers
    elif kind == "Q":
        cx, cy, ex, ey = numbers
        yield [x + (cx - x) * 2 / 3, y + (cy - y) * 2 / 3, ex + (cx - ex) * 2 / 3, ey + (cy - ey) * 2 / 3, ex, ey]
    elif kind == "A":
        yield from _arc(x, y, *numbers)


def _arc(x: float, y: float, rx: float, ry: float, turn: float, large: float, sweep: float, ex: float, ey: float,
         ) -> Iterator[list[float]]:
    """An elliptical arc as cubic curves of at most a quarter turn.

    Source: SVG 1.1, appendix F.6.5 (from end points to centre); the tangents by 4/3 tan(angle / 4).
    """
    phi = math.radians(turn)
    cos, sin = math.cos(phi), math.sin(phi)
    px, py = cos * (x - ex) / 2 + sin * (y - ey) / 2, -sin * (x - ex) / 2 + cos * (y - ey) / 2
    if not rx or not ry or (px == 0 and py == 0):
        yield [x, y, ex, ey, ex, ey]
        return
    rx, ry = abs(rx), abs(ry)
    short = math.sqrt(max(1.0, (px / rx) ** 2 + (py / ry) ** 2))  # radii that do not reach are made longer
    rx, ry = rx * short, ry * short
    square = (rx * ry) ** 2 / ((rx * py) ** 2 + (ry * px) ** 2) - 1
    root = math.sqrt(max(0.0, square)) * (-1 if bool(large) == bool(sweep) else 1)
    qx, qy = root * rx * py / ry, -root * ry * px / rx
    mx, my = cos * qx - sin * qy + (x + ex) / 2, sin * qx + cos * qy + (y + ey) / 2
    begin = math.atan2((py - qy) / ry, (px - qx) / rx)
    extent = math.atan2((-py - qy) / ry, (-px - qx) / rx) - begin
    extent += 2 * math.pi if sweep and extent < 0 else -2 * math.pi if not sweep and extent > 0 else 0
    count = max(1, math.ceil(abs(extent) / (math.pi / 2) - 1e-9))
    step = extent / count
    reach = 4 / 3 * math.tan(step / 4)

    def place(angle: float, along: float = 0.0) -> list[float]:
        u, v = math.cos(angle) - along * math.sin(angle), math.sin(angle) + along * math.cos(angle)
        return [mx + cos * rx * u - sin * ry * v, my + sin * rx * u + cos * ry * v]

    for at in range(count):
        a, b = begin + at * step, begin + (at + 1) * step
        yield [*place(a, reach), *place(b, -reach), *place(b)]
