"""Letters in a PDF: by the fonts that every reader of PDF has, by our marks drawn, or by a font of this machine."""

import math
import unicodedata
from functools import cache
from typing import Any, NamedTuple

from imganalytics.errors import UserError

FACES = {(False, False): "Helvetica", (True, False): "Helvetica-Bold", (False, True): "Helvetica-Oblique",
         (True, True): "Helvetica-BoldOblique"}
FILES = ("DejaVuSans.ttf", "segoeui.ttf", "arial.ttf", "Arial.ttf", "Arial Unicode.ttf", "seguisym.ttf", "msyh.ttc",
         "simsun.ttc", "msgothic.ttc", "malgun.ttf", "DroidSansFallbackFull.ttf", "wqy-microhei.ttc", "wqy-zenhei.ttc")
MARKS = {"\u2b1f": (5, 0.0, True), "\u2b22": (6, 30.0, True), "\u25cb": (0, 0.0, False), "\u25a1": (4, 45.0, False)}
BARS = {"\u2501": ((0.0, 1.0),), "\u2505": ((0.04, 0.28), (0.38, 0.62), (0.72, 0.96))}  # parts of the width
DRAWN = "drawn"  # the name of no font
MARK = 0.8       # width of a mark, of the font size
RIGHT_TO_LEFT = ("R", "AL", "AN")


class Run(NamedTuple):
    """Letters of one font: the name of the font (DRAWN for marks), the letters, their width in font sizes."""

    font: str
    text: str
    width: float


def runs(text: str, bold: bool = False, italic: bool = False) -> list[Run]:
    """`text` cut where the font has to change.

    Raises:
        UserError: no font here has a letter, or its script is written in a way that needs more than letters in a row.
    """
    from reportlab.pdfbase.pdfmetrics import stringWidth

    face, found = FACES[bold, italic], []
    for letter in unicodedata.normalize("NFC", text):
        font = _font(letter, face)
        if font and found and found[-1][0] == font:
            found[-1][1] += letter
        elif font:
            found.append([font, letter])
    return [Run(font, part, MARK * len(part) if font == DRAWN else stringWidth(part, font, 1)) for font, part in found]


def show(canvas: Any, run: Run, x: float, y: float, size: float) -> None:
    """Draw a run from (x, y), its base line, on a canvas whose y grows downwards."""
    if run.font == DRAWN:
        for at, letter in enumerate(run.text):
            _mark(canvas, letter, x + at * MARK * size, y, size)
        return
    canvas.saveState()
    canvas.translate(x, y)
    canvas.scale(1, -1)
    canvas.setFont(run.font, size)
    canvas.drawString(0, 0, run.text)
    canvas.restoreState()


@cache
def _font(letter: str, face: str) -> str:
    """The font for a letter; '' for one that is not seen."""
    if letter in MARKS or letter in BARS:
        return DRAWN
    if unicodedata.category(letter) in ("Cc", "Cf"):
        return ""  # joiners and plotly's zero-width spaces
    if unicodedata.bidirectional(letter) not in RIGHT_TO_LEFT and unicodedata.category(letter) not in ("Mn", "Mc"):
        for name, coding in ((face, "cp1252"), ("Symbol", "symbol"), ("ZapfDingbats", "zapfdingbats")):
            if _has(letter, coding):
                return name
        for name in _fonts():
            if _glyphs(name).get(ord(letter)):
                return name
    raise UserError(f"the PDF cannot show {letter!r} with the fonts of this machine: change the words, or save a PNG or "
                    "an SVG, which can")


def _has(letter: str, coding: str) -> bool:
    try:
        return len(letter.encode(coding)) == 1
    except (UnicodeError, LookupError):
        return False


@cache
def _fonts() -> tuple[str, ...]:
    """Names of the fonts of this machine, those for most languages first, once they can be used."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFError, TTFont

    names = []
    for file in FILES:
        try:
            pdfmetrics.registerFont(TTFont(f"imganalytics {file}", file))
        except (TTFError, OSError):
            continue
        names.append(f"imganalytics {file}")
    return tuple(names)


@cache
def _glyphs(name: str) -> dict[int, int]:
    from reportlab.pdfbase.pdfmetrics import getFont

    return getFont(name).face.charToGlyph


def _mark(canvas: Any, letter: str, x: float, y: float, size: float) -> None:
    """One of our marks, as a text has it beside a name: about as high as a capital letter."""
    path = canvas.beginPath()
    middle, radius = (x + MARK * size / 2, y - 0.36 * size), 0.36 * size
    if letter in BARS:
        for begin, end in BARS[letter]:
            path.rect(x + begin * MARK * size, y - 0.4 * size, (end - begin) * MARK * size, 0.1 * size)
        canvas.drawPath(path, stroke=0, fill=1)
        return
    sides, turn, full = MARKS[letter]
    if not sides:
        path.circle(*middle, radius)
    for at in range(sides):
        angle = math.radians(turn + 360 / sides * at - 90)
        place = middle[0] + radius * math.cos(angle), middle[1] + radius * math.sin(angle)
        path.lineTo(*place) if at else path.moveTo(*place)
    if sides:
        path.close()
    canvas.setLineWidth(0.09 * size)
    canvas.drawPath(path, stroke=0 if full else 1, fill=1 if full else 0)
