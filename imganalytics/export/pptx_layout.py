"""Slides without content: our own pages in each size, or the adviser's template; and what room a slide leaves."""

import io
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from imganalytics.errors import UserError
from imganalytics.export.exported import SIZES
from imganalytics.export.pptx_words import EMU

if TYPE_CHECKING:  # loaded when a slide is made
    from pptx.presentation import Presentation
    from pptx.slide import SlideLayout

MARGIN = 0.035  # of the width, left and right
TITLES = (1, 3)  # title, centred title: kinds of placeholders
FOOTERS = (13, 15, 16)  # slide number, footer, date
INCH = 72


@dataclass(frozen=True)
class Room:
    """Where things may stand on a slide, in points."""

    left: float
    top: float     # of the title
    width: float
    bottom: float
    own: bool      # our own page, whose title may be moved
    title: float   # where the title ends


def presentation_of(size: str, template: Path | None) -> "Presentation":
    """An empty presentation: the adviser's template without its slides, else our own of that size.

    Raises:
        UserError: the template is not there, is no presentation, or has no layouts.
    """
    from pptx import Presentation

    if template is None:
        return Presentation(io.BytesIO(_own(size)))
    if not template.is_file():
        raise UserError(f"{template}: no such template; name a PowerPoint file (.pptx)")
    try:
        made = Presentation(str(template))
        layouts = list(made.slide_layouts)
    except Exception:  # a damaged or other file fails in many ways: zip, XML, missing parts
        raise UserError(f"{template}: cannot be read as a template; allowed: a PowerPoint file (.pptx)") from None
    if not layouts:
        raise UserError(f"{template}: this template has no slide layouts; add one in PowerPoint under View > Slide Master")
    _without_slides(made)
    return made


def _without_slides(made: "Presentation") -> None:
    listed = made.slides._sldIdLst
    for entry in list(listed):
        made.part.drop_rel(entry.rId)
        listed.remove(entry)
    for extension in made.part._element.xpath(".//*[local-name()='sectionLst']"):  # sections name slides that are gone
        extension.getparent().getparent().remove(extension.getparent())


@cache
def _own(size: str) -> bytes:
    """Our own template: python-pptx's, its layouts stretched to the page and the title at the top left."""
    from pptx import Presentation
    from pptx.util import Inches

    made = Presentation()
    width, height = SIZES[size]
    across, down = Inches(width) / made.slide_width, Inches(height) / made.slide_height
    made.slide_width, made.slide_height = Inches(width), Inches(height)
    master = made.slide_master
    for page in (master, *made.slide_layouts):
        for shape in page.shapes:
            place = shape._element.find(".//{http://schemas.openxmlformats.org/drawingml/2006/main}xfrm")
            if place is not None:
                shape.left, shape.width = round(shape.left * across), round(shape.width * across)
                shape.top, shape.height = round(shape.top * down), round(shape.height * down)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def layout_of(made: "Presentation", kind: str = "content") -> "SlideLayout":
    """The layout for a slide of content (a title and nothing else, if there is one) or a section."""
    wanted = ("section" if kind == "section" else "title only")
    layouts = list(made.slide_layouts)
    if kind == "section":
        for types in ({"secHead"}, {"title"}):
            for layout in layouts:
                if layout._element.get("type") in types and _title_of(layout) is not None:
                    return layout
    named = [layout for layout in layouts if layout._element.get("type") == "titleOnly" or wanted in layout.name.lower()]
    titled = [layout for layout in layouts if _title_of(layout) is not None]
    plain = [layout for layout in titled if len(_others(layout)) == 0]
    return (named or plain or sorted(titled, key=lambda layout: len(_others(layout))) or layouts)[0]


def _title_of(layout: "SlideLayout") -> Any:
    return next((each for each in layout.placeholders if each.placeholder_format.type in TITLES), None)


def _others(layout: "SlideLayout") -> list[Any]:
    return [each for each in layout.placeholders if each.placeholder_format.type not in (*TITLES, *FOOTERS)]


def room_of(made: "Presentation", layout: "SlideLayout", own: bool) -> Room:
    """Where content may stand on a slide of this layout."""
    width, height = made.slide_width / EMU, made.slide_height / EMU
    left = MARGIN * width
    if own:
        return Room(left, 0.035 * height, width - 2 * left, 0.985 * height, True, 0)
    bottom, title = 0.985 * height, _title_of(layout)
    for each in layout.placeholders:
        if each.placeholder_format.type in FOOTERS and each.top is not None and each.top / EMU > 0.8 * height:
            bottom = min(bottom, each.top / EMU)
    if title is None or title.top is None:
        return Room(left, 0.035 * height, width - 2 * left, bottom, True, 0)
    ends = (title.top + title.height) / EMU
    if title.top / EMU > 0.4 * height:  # a title at the foot: content above it
        return Room(left, 0.03 * height, width - 2 * left, min(bottom, title.top / EMU), False, 0.03 * height)
    return Room(left, title.top / EMU, width - 2 * left, bottom, False, ends)
