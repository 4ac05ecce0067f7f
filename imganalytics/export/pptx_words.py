"""Words on a slide: plotly's simple markup as runs, measured without a font, written as DrawingML without broken XML."""

import re
import unicodedata
from functools import cache, lru_cache
from html import unescape
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

from imganalytics.charts.theme import INK

EMU = 12_700  # to a point
FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff\ud800-\udfff]")  # not of XML 1.0
TOKEN = re.compile(r"<[^>]*>|[^<]+|<")
GLYPHS = {"\u25bc": "\u25ac", "\u2b1f": "\u271a", "\u2b22": "\u2733", "\u2605": "\u2733"}  # as NATIVE symbols look
NAMED = {"white": "FFFFFF", "black": "000000"}
A = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'


class Run(NamedTuple):
    """Words of one look; `size` in pixels of the chart."""

    text: str
    size: float
    colour: str
    bold: bool = False
    italic: bool = False


class Colour(NamedTuple):
    """Six hex digits, and how opaque it is."""

    digits: str
    opacity: float = 1.0

    @property
    def fill(self) -> str:
        """DrawingML of it."""
        if not self.opacity:
            return "<a:noFill/>"
        alpha = "" if self.opacity >= 1 else f'<a:alpha val="{round(self.opacity * 100_000)}"/>'
        return f'<a:solidFill><a:srgbClr val="{self.digits}">{alpha}</a:srgbClr></a:solidFill>'


@cache
def colour_of(text: str, opacity: float = 1.0) -> Colour:
    """A colour as charts write it ('#0072B2', 'rgb(1, 2, 3)', 'rgba(0,0,0,0.2)', 'white')."""
    if text.startswith("#"):
        digits = text[1:7].upper()
    elif text.startswith("rgb"):
        parts = [float(part) for part in re.findall(r"[\d.]+", text)]
        digits = "".join(f"{round(part):02X}" for part in parts[:3])
        opacity *= parts[3] if len(parts) > 3 else 1
    else:
        digits = NAMED.get(text, INK[1:].upper())
    return Colour(digits, opacity)


def cleaned(text: str) -> str:
    """Text that XML can hold: control characters and halves of characters gone, white space as spaces."""
    return re.sub(r"[\t\r\n\x85\u2028\u2029]+", " ", FORBIDDEN.sub("", text))


def attribute(text: str) -> str:
    """Text as an attribute's value with its quotes."""
    return quoteattr(cleaned(text))


def lines_of(markup: str, size: float, colour: str = INK) -> list[list[Run]]:
    """The lines of an annotation: plotly's <b>, <i>, <br> and <span style>, read into runs."""
    lines: list[list[Run]] = [[]]
    looks = [(size, colour, False, False)]
    for token in TOKEN.findall(markup):
        tag = re.match(r"</?(\w+)", token)
        if not tag or len(token) == 1:
            text = cleaned(unescape(token))
            lines[-1].append(Run("".join(GLYPHS.get(letter, letter) for letter in text), *looks[-1]))
        elif tag[1] == "br":
            lines.append([])
        elif token.startswith("</"):
            looks = looks[:-1] or looks
        else:
            looks.append(_look(looks[-1], tag[1], token))
    return lines


def _look(look: tuple[float, str, bool, bool], tag: str, token: str) -> tuple[float, str, bool, bool]:
    size, colour, bold, italic = look
    sized = re.search(r"font-size:\s*([\d.]+)px", token)
    coloured = re.search(r"(?<!-)color:\s*([^;'\"]+)", token)
    return (float(sized[1]) if sized else size, coloured[1].strip() if coloured else colour,
            bold or tag == "b", italic or tag == "i")


@lru_cache(20_000)
def width_of(text: str) -> float:
    """How wide a text is, in parts of its font size; by classes of letters, since no font is at hand."""
    return sum(1.05 if unicodedata.east_asian_width(letter) in "WF" or ord(letter) > 0xFFFF
               else 0.26 if letter in " iljI.,:;|!'()[]" else 0.8 if letter in "mwMW@%" else 0.58 if letter.isupper()
               else 0 if unicodedata.combining(letter) else 0.47 for letter in text)


def count_of_lines(text: str, width: float, size: float) -> int:
    """Lines that a paragraph takes in `width` points at `size` points; words longer than a line are broken."""
    count, used, room = 1, 0.0, max(width / size, 1.0)
    for word in text.split(" "):
        wide = width_of(word)
        if used and used + 0.3 + wide > room:
            count, used = count + 1, 0.0
        used += wide + (0.3 if used else 0)
        while used > room:
            count, used = count + 1, used - room
    return count


def fitted(text: str, width: float, height: float, largest: float, smallest: float) -> float:
    """The largest font size in points, in steps of a half, at which `text` fits; `smallest` where none does."""
    size = largest
    while size > smallest and count_of_lines(text, width, size) * 1.2 * size > height:
        size -= 0.5
    return size


def right_to_left(text: str) -> bool:
    """Whether the first letter with a direction runs from right to left."""
    for letter in text:
        way = unicodedata.bidirectional(letter)
        if way in ("R", "AL", "L"):
            return way != "L"
    return False


def run_xml(run: Run, scale: float) -> str:
    """A run as DrawingML; `scale` turns its pixels into points."""
    look = f' b="{int(run.bold)}" i="{int(run.italic)}"'
    return (f'<a:r><a:rPr lang="en-US" sz="{max(100, round(run.size * scale * 100))}"{look} cap="none" dirty="0">'
            f"{colour_of(run.colour).fill}</a:rPr><a:t>{escape(cleaned(run.text))}</a:t></a:r>")


def paragraph_xml(runs: list[Run], scale: float, align: str = "l") -> str:
    """A paragraph of runs; right to left where its letters are."""
    way = right_to_left("".join(run.text for run in runs))
    direction = ' rtl="1"' if way else ""
    return f'<a:p><a:pPr algn="{align}"{direction}/>{"".join(run_xml(run, scale) for run in runs)}</a:p>'


def box_xml(number: int, name: str, place: tuple[float, float, float, float], paragraphs: str, *, wrap: bool = False,
            anchor: str = "ctr", turned: bool = False) -> str:
    """A text box without margins as DrawingML; `place` is left, top, width, height in points."""
    left, top, width, height = (round(value * EMU) for value in place)
    turn = ' rot="16200000"' if turned else ""
    return (f'<p:sp><p:nvSpPr><p:cNvPr id="{number}" name={attribute(name)}/><p:cNvSpPr txBox="1"/><p:nvPr/></p:nvSpPr>'
            f'<p:spPr><a:xfrm{turn}><a:off x="{left}" y="{top}"/><a:ext cx="{max(width, 1)}" cy="{max(height, 1)}"/></a:xfrm>'
            f'<a:prstGeom prst="rect"><a:avLst/></a:prstGeom><a:noFill/></p:spPr>'
            f'<p:txBody><a:bodyPr wrap="{"square" if wrap else "none"}" lIns="0" tIns="0" rIns="0" bIns="0" '
            f'anchor="{anchor}"><a:noAutofit/></a:bodyPr><a:lstStyle/>{paragraphs}</p:txBody></p:sp>')
