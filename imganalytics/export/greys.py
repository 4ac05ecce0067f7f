"""A chart in greys for print: every colour by how light it is, those of the palette never too light to be seen."""

import re
from functools import cache
from typing import Any

from imganalytics.vocabulary import applicant_types

PALETTE = ("#000000", "#0072B2", "#D55E00", "#009E73", "#999999", "#CC79A7", "#56B4E9", "#E69F00", "#F0E442")
LIGHTEST = 0x94  # on white, a contrast of 3 to 1: the least for marks and lines (WCAG 2.2, criterion 1.4.11)
AREA = "#F0E442"  # as an area it stays light, since words may stand on it
COLOURS = ("color", "fillcolor", "bgcolor", "bordercolor", "gridcolor", "zerolinecolor", "linecolor", "tickcolor",
           "paper_bgcolor", "plot_bgcolor", "colorway")
NAMED = {"white": "#ffffff", "black": "#000000"}
IN_TEXT = re.compile(r"(?<=color:)\s*(#[0-9a-fA-F]{6}|rgba?\([^)]*\))")
WORDS = {"blue": "dark grey", "orange": "mid grey", "red": "mid grey", "green": "mid grey", "yellow": "light grey"}
SAID = re.compile(r"\b(?:(?:blue|orange|red|green|yellow)(?: (circle|square|cross|diamond|triangle|line|words))?(?=:)"
                  r"|(?<=Words in )(?:orange|red)(?=:))", re.IGNORECASE)  # as a legend says it, not as a title might


def luminance(colour: str) -> float:
    """Relative luminance of a colour ("#rrggbb", "rgb(...)", "white", "black"), 0 to 1.

    Source: WCAG 2.2, "relative luminance".
    """
    linear = [v / 12.92 if (v := part / 255) <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for part in _parts(colour)[:3]]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def grey(colour: str, area: bool = False) -> str:
    """The grey in place of a colour; a transparent one keeps its transparency.

    The colours of the palette keep their order from dark to light, in steps that look even up to LIGHTEST. Any other
    colour becomes the grey of its own luminance, so that its contrast with what lies beside it stays as it was.
    """
    parts = _parts(colour)
    plain = "#" + "".join(f"{round(part):02X}" for part in parts[:3])
    level = _steps().get(plain)
    if level is None or (area and plain == AREA):
        light = luminance(colour)
        level = round(255 * (12.92 * light if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055))
    return f"rgba({level}, {level}, {level}, {parts[3]:g})" if len(parts) == 4 else f"#{level:02x}{level:02x}{level:02x}"


def in_greys(part: Any, key: str = "") -> Any:
    """A spec, or part of one, with every colour in grey, and legends that name a colour saying which grey."""
    if isinstance(part, dict):
        return {name: in_greys(value, name) for name, value in part.items()}
    if isinstance(part, list | tuple):
        return [in_greys(each, key) for each in part]
    if not isinstance(part, str):
        return part
    if key in COLOURS:
        return grey(part, area=key == "fillcolor") if _is_colour(part) else part
    if key == "text":
        return SAID.sub(_word, IN_TEXT.sub(lambda found: grey(found[1]), part))
    return part


def _word(found: re.Match[str]) -> str:
    """The grey in place of a colour, or the shape alone where it is named too."""
    word = found[1] or WORDS[found[0].lower()]
    return word.capitalize() if found[0][0].isupper() else word


@cache
def _steps() -> dict[str, int]:
    """The grey level of each colour of the palette."""
    colours = sorted({*PALETTE, *(kind.colour.upper() for kind in applicant_types().values())}, key=luminance)
    return {colour: round((at / (len(colours) - 1)) ** 0.7 * LIGHTEST) for at, colour in enumerate(colours)}


def _is_colour(text: str) -> bool:
    return text in NAMED or text.startswith(("#", "rgb"))


def _parts(colour: str) -> list[float]:
    colour = NAMED.get(colour, colour)
    if colour.startswith("rgb"):
        return [float(part) for part in colour[colour.index("(") + 1:-1].split(",")]
    full = colour[1:] if len(colour) == 7 else "".join(letter * 2 for letter in colour[1:])
    return [int(full[at:at + 2], 16) for at in (0, 2, 4)]
