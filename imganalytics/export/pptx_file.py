"""An answer as PowerPoint slides: title, base and n, a native chart that can be edited, sources, notes and a receipt."""

import io
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from imganalytics.charts.theme import INK, MUTED, headline_height
from imganalytics.errors import UserError
from imganalytics.export.exported import NOT_AFFILIATED, Exported
from imganalytics.export.greys import in_greys
from imganalytics.export.pptx_drawing import add_box, draw
from imganalytics.export.pptx_layout import Room, layout_of, presentation_of, room_of
from imganalytics.export.pptx_pages import pages_of
from imganalytics.export.pptx_scene import Scene, scene_of
from imganalytics.export.pptx_words import (EMU, Run, attribute, cleaned, count_of_lines, fitted, paragraph_xml,
                                            right_to_left)

if TYPE_CHECKING:  # loaded when a slide is made
    from pptx.presentation import Presentation
    from pptx.slide import Slide

PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"  # media type
TAGS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/tags"
TAGS_TYPE = "application/vnd.openxmlformats-officedocument.presentationml.tags+xml"
RECEIPT = "IMGANALYTICS"  # name of the tag that holds the receipt; PowerPoint keeps tags, in capitals
MADE_BY = "Receipt, by which the workbook makes this slide again: "  # before the receipt in the notes
BOLD = 1.06  # how much wider bold letters are
LEAST_ROOM = 120  # points of height that a chart needs


def pptx_bytes(exported: Exported, template: Path | None = None) -> bytes:
    """One answer as a PowerPoint file: a slide, or several where the chart is taller than one can show.

    Args:
        exported: the answer and the words on it.
        template: the adviser's own .pptx; its page size is kept, and `exported.size` is then not used.

    Raises:
        UserError: the template cannot be used.
    """
    made = presentation_of(exported.size, template)
    add_slides(made, exported, own=template is None)
    return saved(made, exported.title)


def saved(made: "Presentation", title: str) -> bytes:
    """The file of a presentation."""
    made.core_properties.title = cleaned(title)[:255]
    made.core_properties.author = ""
    made.core_properties.comments = NOT_AFFILIATED
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def add_slides(made: "Presentation", exported: Exported, own: bool) -> int:
    """Add an answer's slides to a presentation; the number of native charts on them."""
    from imganalytics.export.pptx_table import add_table_slides

    scene = _scene(exported)
    if scene is None:
        add_table_slides(made, exported, own)
        return 0
    layout = layout_of(made)
    room = room_of(made, layout, own)
    frame = Frame(exported, room)
    pages = pages_of(scene, room.left, frame.top, room.width, frame.bottom)
    if len(pages) > 1:
        frame = Frame(exported, room, continued=True)
        pages = pages_of(scene, room.left, frame.top, room.width, frame.bottom)
    charts = 0
    for at, page in enumerate(pages, 1):
        slide = made.slides.add_slide(layout)
        part = f" \u2013 continued ({at} of {len(pages)})" if at > 1 else f" (1 of {len(pages)})" if len(pages) > 1 else ""
        frame.begin(slide, part)
        alt = cleaned(exported.alt_text + (f" Part {at} of {len(pages)}." if part else ""))
        charts += draw(slide, scene, page, alt)
        frame.end(slide, page.foot_at(scene))
    return charts


def _scene(exported: Exported) -> Scene | None:
    """The chart in pixels; None where there is none to be drawn natively, and a table is shown instead."""
    try:
        spec = in_greys(exported.spec) if exported.theme == "grey" else exported.spec
        return scene_of(spec, headline_height(exported.worded, spec["layout"]["width"]))
    except (UserError, ValueError):  # a study without a chart; a chart that is not of points and lines
        return None


class Frame:
    """What stands around the content of an answer's slides: title, subtitle, note, sources, notes, receipt."""

    def __init__(self, exported: Exported, room: Room, continued: bool = False):
        self.exported, self.room = exported, room
        high = room.bottom - room.top
        title, bold = exported.title + " \u2013 continued (2 of 2)" * continued, room.width / BOLD
        self.title_size = fitted(title, bold, 0.17 * high, min(24.0, room.width / 24), 9)
        lines = count_of_lines(title, bold, self.title_size)
        self.title_height = lines * 1.2 * self.title_size + 4
        self.below_title = room.top + self.title_height if room.own else room.title
        self.small = max(8.0, min(12.0, room.width / 60))
        self.subtitle_size = fitted(exported.subtitle, room.width, 0.09 * high, self.small, 7)
        self.subtitle_height = _height(exported.subtitle, room.width, self.subtitle_size)
        self.source_size = fitted(exported.source_line, room.width, 0.06 * high, 8, 6.5)
        self.source = _cut(exported.source_line, room.width, 0.075 * high, self.source_size)
        self.source_height = count_of_lines(self.source, room.width, self.source_size) * 1.2 * self.source_size + 2
        self.note_size = fitted(exported.note, room.width, 0.1 * high, self.small, 7)
        self.note_height = _height(exported.note, room.width, self.note_size)
        self.top = self.below_title + self.subtitle_height
        self.bottom = max(room.bottom - self.source_height - self.note_height - 8, self.top + LEAST_ROOM)

    def begin(self, slide: "Slide", part: str = "") -> None:
        """Title and subtitle."""
        set_title(slide, self.exported.title + part, self.room, self.title_size, self.title_height)
        if self.exported.subtitle:
            self._text(slide, "Base, years and n", self.exported.subtitle, self.below_title, self.subtitle_height,
                       self.subtitle_size)

    def end(self, slide: "Slide", reached: float) -> None:
        """Note, sources, speaker notes and receipt; `reached` is where the content ends, in points."""
        bottom = self.room.bottom - self.source_height
        if self.exported.note:
            self._text(slide, "Note", self.exported.note, min(max(reached, self.top) + 2, bottom - self.note_height),
                       self.note_height, self.note_size, INK)
        self._text(slide, "Sources", self.source, bottom, self.source_height, self.source_size)
        receipt = self.exported.receipt.to_json()
        add_notes(slide, notes_of(self.exported) + f"\n\n{MADE_BY}{receipt}")
        _tag(slide, receipt)

    def _text(self, slide: "Slide", name: str, text: str, top: float, height: float, size: float,
              colour: str = MUTED) -> None:
        align = "r" if right_to_left(text) else "l"
        add_box(slide, name, (self.room.left, top, self.room.width, height),
                paragraph_xml([Run(text, size, colour)], 1, align))


def _height(text: str, width: float, size: float) -> float:
    """Points that a text takes, with the space below it."""
    return count_of_lines(text, width, size) * 1.2 * size + 6 if text else 0


def set_title(slide: "Slide", text: str, room: Room, size: float, height: float) -> None:
    """Put a title where the layout has it; on our own pages at the top left, as high as it needs."""
    from pptx.util import Emu, Pt

    title = slide.shapes.title
    for each in [each for each in slide.placeholders if title is None or each.shape_id != title.shape_id]:
        each._element.getparent().remove(each._element)  # an empty 'click to add text'
    run = Run(text, size, INK, bold=True)
    if title is None:
        add_box(slide, "Title", (room.left, room.top, room.width, height), paragraph_xml([run], 1))
        return
    frame = title.text_frame
    frame.text = cleaned(text)
    frame.word_wrap = True
    if room.own:
        title.left, title.top, title.width, title.height = (
            Emu(round(value * EMU)) for value in (room.left, room.top, room.width, height))
        frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
        frame.vertical_anchor = _top()
    else:
        high = (title.height or 0) / EMU
        wide = (title.width or 0) / EMU
        size = fitted(text, max(wide - 15, 60), max(high - 8, 12), 28, 9)
    paragraph = frame.paragraphs[0]
    if room.own:
        paragraph.alignment = _aligned(text)
    if right_to_left(text):
        paragraph._p.get_or_add_pPr().set("rtl", "1")
    for each in paragraph.runs:
        each.font.size = Pt(size)
        each.font._element.set("cap", "none")  # some layouts set section titles in capitals
        if room.own:
            each.font.bold = True


def _top() -> Any:
    from pptx.enum.text import MSO_ANCHOR

    return MSO_ANCHOR.TOP


def _aligned(text: str) -> Any:
    from pptx.enum.text import PP_ALIGN

    return PP_ALIGN.RIGHT if right_to_left(text) else PP_ALIGN.LEFT


def _cut(text: str, width: float, height: float, size: float) -> str:
    """A text that is as long as fits; where it is cut it says where the rest is."""
    if count_of_lines(text, width, size) * 1.2 * size <= height:
        return text
    rest = f" \u2026 (all sources in the notes). {NOT_AFFILIATED}"
    parts = text.split("; ")
    while len(parts) > 1 and count_of_lines("; ".join(parts) + rest, width, size) * 1.2 * size > height:
        parts.pop()
    return "; ".join(parts) + rest


def notes_of(exported: Exported) -> str:
    """What a speaker needs beside the slide: the question, the answer, caveats, citations, the query."""
    result = exported.result
    parts = [f"Question: {result.title}\n{result.subtitle}", f"In one sentence: {result.summary}"]
    if exported.note:
        parts.append(f"Note: {exported.note}")
    if result.caveats:
        parts.append("Keep in mind:\n" + "\n".join(f"\u2022 {caveat}" for caveat in result.caveats))
    if result.sources:
        cited = "\n".join(f"\u2022 {source.citation}" for source in result.sources)
        parts.append(f"Sources:\n{cited}\n{NOT_AFFILIATED}")
    if result.sql:
        parts.append(f"Query:\n{result.to_sql().strip()}")
    return "\n\n".join(part for part in parts if part.strip())


def add_notes(slide: "Slide", text: str) -> None:
    """Set a slide's speaker notes."""
    from pptx.oxml import parse_xml

    frame = slide.notes_slide.notes_text_frame
    if frame is None:  # a template whose notes have no place for text
        return
    space = "http://schemas.openxmlformats.org/drawingml/2006/main"
    body = frame._txBody
    for paragraph in list(body.iterfind(f"{{{space}}}p")):
        body.remove(paragraph)
    for line in text.split("\n"):
        body.append(parse_xml(f'<a:p xmlns:a="{space}"><a:r><a:rPr lang="en-US"/><a:t>{escape(cleaned(line))}</a:t></a:r>'
                              f"</a:p>"))


def _tag(slide: "Slide", receipt: str) -> None:
    """Keep the receipt among the slide's tags, where PowerPoint keeps what programs want to find again."""
    from pptx.opc.package import Part
    from pptx.opc.packuri import PackURI
    from pptx.oxml import parse_xml

    package = slide.part.package
    space = "http://schemas.openxmlformats.org/presentationml/2006/main"
    number = slide.part.partname.idx
    xml = (f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><p:tagLst xmlns:p="{space}">'
           f'<p:tag name="{RECEIPT}" val={attribute(receipt)}/></p:tagLst>')
    part = Part(PackURI(f"/ppt/tags/imganalytics{number}.xml"), TAGS_TYPE, package, xml.encode())
    known = slide.part.relate_to(part, TAGS)
    slide._element.cSld.append(parse_xml(
        f'<p:custDataLst xmlns:p="{space}" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
        f'<p:tags r:id="{known}"/></p:custDataLst>'))


def receipts_in_pptx(content: bytes) -> list[str]:
    """The receipts of a file's slides, in the order of the slides, each once; also after another program saved it.

    They are looked for in the slide's tags, which PowerPoint keeps, and in the speaker notes, which LibreOffice,
    Keynote and Google Slides keep too.

    Raises:
        UserError: it is no PowerPoint file.
    """
    from pptx import Presentation

    try:
        slides = list(Presentation(io.BytesIO(content)).slides)
    except Exception:  # a damaged or other file fails in many ways: zip, XML, missing parts
        raise UserError("this is not a PowerPoint file (.pptx), or it is damaged") from None
    return list(dict.fromkeys(found for slide in slides for found in [_receipt_of(slide)] if found))


def charts_in_pptx(content: bytes) -> int:
    """How many native charts a file has."""
    from pptx import Presentation

    return sum(shape.has_chart for slide in Presentation(io.BytesIO(content)).slides for shape in slide.shapes)


def receipt_in_pptx(content: bytes) -> str | None:
    """The first receipt of a file; None when there is none."""
    return next(iter(receipts_in_pptx(content)), None)


def _receipt_of(slide: "Slide") -> str | None:
    from lxml import etree

    for relation in slide.part.rels.values():
        if relation.reltype == TAGS and not relation.is_external:
            for tag in etree.fromstring(relation.target_part.blob):
                if tag.get("name", "").upper() == RECEIPT:
                    return tag.get("val")
    frame = slide.notes_slide.notes_text_frame if slide.has_notes_slide else None
    text = frame.text if frame is not None else ""
    at = text.find(MADE_BY)
    if at < 0:
        return None
    try:
        found, _ = json.JSONDecoder().raw_decode(re.sub(r"[\v\n]", " ", text[at + len(MADE_BY):]))
        return json.dumps(found, sort_keys=True)
    except ValueError:  # somebody wrote into it
        return None
