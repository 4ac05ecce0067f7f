"""The parts of a chart set on a slide: native charts, straight shapes, and words as text boxes, grouped."""

import re
from dataclasses import replace
from typing import Any

from imganalytics.export.pptx_chart import DASHES, ChartData
from imganalytics.export.pptx_pages import Page
from imganalytics.export.pptx_scene import Plot, Scene, Shape, Word, native_format
from imganalytics.export.pptx_words import EMU, attribute, box_xml, colour_of, paragraph_xml

SPACES = ('xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
          'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" '
          'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"')
DECORATIVE = ('<a:extLst><a:ext uri="{C183D7F6-B498-43B3-948B-1728B52AA6E4}"><adec:decorative '
              'xmlns:adec="http://schemas.microsoft.com/office/drawing/2017/decorative" val="1"/></a:ext></a:extLst>')
ALIGN = {"left": "l", "center": "ctr", "right": "r"}
SHIFT = {"left": 0.0, "center": 0.5, "right": 1.0}
Box = tuple[float, float, float, float]  # left, top, width, height in points


def draw(slide: Any, scene: Scene, page: Page, alt: str) -> int:
    """Set a page of a chart on a slide, in reading order; the number of native charts.

    Args:
        slide: of python-pptx.
        scene, page: the chart in pixels, and where it stands.
        alt: the chart in words, for those who do not see it.
    """
    shapes = [shape for shape in (_within(shape, scene, page) for shape in scene.shapes) if shape]
    _group(slide, "Background of the chart", [_shape_xml(shape, scene, page) for shape in shapes if shape.below])
    plots = [plot for plot in (plot.within(page.top, page.bottom) for plot in scene.plots) if plot and plot.has_points]
    for at, plot in enumerate(plots):
        words = alt if at == 0 else f"Chart {at + 1} of the {len(plots)} that are described at the first."
        _chart(slide, plot, scene, page, words, at)
    _group(slide, "Lines of the chart", [_shape_xml(shape, scene, page) for shape in shapes if not shape.below])
    words = sorted((word for word in scene.words if page.holds(word, scene)), key=lambda word: (round(word.y / 4), word.x))
    _group(slide, "Words of the chart", [_word_xml(word, scene, page) for word in words])
    return len(plots)


def _chart(slide: Any, plot: Plot, scene: Scene, page: Page, alt: str, at: int) -> None:
    from pptx.enum.chart import XL_CHART_TYPE

    left, top, right, bottom = plot.box
    inner = (page.x(left), page.y(top, scene), page.x(right), page.y(bottom, scene))
    font = max(10 * page.words, min(12 * page.words, 12 * page.body_words))
    beside = 4.6 * font if native_format(plot.yaxis) and plot.yaxis.get("showticklabels") is not False else 10
    texts = 60 * page.across if any("text" in trace.get("mode", "") for trace in plot.traces) else 12
    box = (max(0.0, inner[0] - beside), inner[1] - 10, inner[2] + texts, inner[3] + 2.2 * font)
    wide, high = box[2] - box[0], box[3] - box[1]
    share = ((inner[0] - box[0]) / wide, (inner[1] - box[1]) / high,
             (inner[2] - inner[0]) / wide, (inner[3] - inner[1]) / high)
    data = ChartData(plot, share, page.steady, min(page.steady, page.down), font)
    place = (round(value * EMU) for value in (box[0], box[1], wide, high))
    frame = slide.shapes.add_chart(XL_CHART_TYPE.XY_SCATTER, *place, data)
    named = frame._element.nvGraphicFramePr.cNvPr
    named.set("name", f"Chart {at + 1}")
    named.set("descr", alt)


def _within(shape: Shape, scene: Scene, page: Page) -> Shape | None:
    """The part of a shape that is on the page; those of head and foot are on each."""
    left, top, right, bottom = shape.box
    if bottom < scene.top or top > scene.bottom:
        return shape
    low, high = min(top, bottom), max(top, bottom)
    upper = page.top if page.top > scene.top else low
    lower = page.bottom if page.bottom < scene.bottom else high
    if high < upper - 0.5 or low > lower + 0.5:
        return None
    if shape.kind == "line" and left != right and top != bottom:
        return shape if upper <= low and high <= lower else None
    return replace(shape, box=(left, max(low, upper), right, min(high, lower)))


def _shape_xml(shape: Shape, scene: Scene, page: Page) -> str:
    x0, y0, x1, y1 = shape.box
    left, right = sorted((page.x(x0), page.x(x1)))
    above, below = page.y(y0, scene), page.y(y1, scene)
    flip = ' flipV="1"' if (x1 - x0) * (y1 - y0) < 0 else ""
    top, bottom = sorted((above, below))
    line = colour_of(shape.line).fill if shape.width else "<a:noFill/>"
    dash = f'<a:prstDash val="{DASHES[shape.dash]}"/>' if shape.dash in DASHES else ""
    form, fill = ("line", "") if shape.kind == "line" else ("rect", colour_of(shape.fill).fill)
    x, y, wide, high = (round(value * EMU) for value in (left, top, right - left, bottom - top))
    place = f'<a:off x="{x}" y="{y}"/><a:ext cx="{wide}" cy="{high}"/>'
    return (f'<p:sp><p:nvSpPr><p:cNvPr id="@" name="{"Line" if form == "line" else "Area"}">{DECORATIVE}</p:cNvPr>'
            f"<p:cNvSpPr/><p:nvPr/></p:nvSpPr>"
            f'<p:spPr><a:xfrm{flip}>{place}</a:xfrm><a:prstGeom prst="{form}"><a:avLst/></a:prstGeom>{fill}'
            f'<a:ln w="{max(1, round(shape.width * page.across * EMU))}">{line}{dash}</a:ln></p:spPr></p:sp>')


def _word_xml(word: Word, scene: Scene, page: Page) -> str:
    inside = scene.top <= word.y <= scene.bottom
    scale = page.body_words if inside else page.words
    wide, high = word.width * scale, word.height * scale
    x, y = page.x(word.x), page.y(word.y, scene)
    paragraphs = "".join(paragraph_xml(line, scale, ALIGN[word.across]) for line in word.lines)
    name = "".join(run.text for run in word.lines[0])[:40]
    return box_xml(0, name, (x - SHIFT[word.across] * wide, y - high / 2, wide, high), paragraphs, turned=word.turned)


def _group(slide: Any, name: str, children: list[str]) -> None:
    """Add shapes as one group, so that they are moved together; nothing when there are none."""
    if not children:
        return
    tree = slide.shapes._spTree
    number = max((int(each) for each in tree.xpath(".//p:cNvPr/@id")), default=1) + 1
    xml = "".join(children)
    counted = iter(range(number + 1, number + 1 + len(children)))
    xml = re.sub(r'<p:cNvPr id="(?:@|0)"', lambda _: f'<p:cNvPr id="{next(counted)}"', xml)
    boxes = [tuple(map(int, found)) for found in
             re.findall(r'<a:off x="(-?\d+)" y="(-?\d+)"/><a:ext cx="(\d+)" cy="(\d+)"/>', xml)]
    left, top = min(box[0] for box in boxes), min(box[1] for box in boxes)
    wide, high = max(box[0] + box[2] for box in boxes) - left, max(box[1] + box[3] for box in boxes) - top
    place = "".join(f'<a:{off} x="{left}" y="{top}"/><a:{ext} cx="{wide}" cy="{high}"/>'
                    for off, ext in (("off", "ext"), ("chOff", "chExt")))
    tree.append(_parsed((
        f'<p:grpSp {SPACES}><p:nvGrpSpPr><p:cNvPr id="{number}" name={attribute(name)}/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr>'
        f"<p:grpSpPr><a:xfrm>{place}</a:xfrm></p:grpSpPr>{xml}</p:grpSp>")))


def _parsed(xml: str) -> Any:
    from pptx.oxml import parse_xml

    return parse_xml(xml)


def add_box(slide: Any, name: str, place: Box, paragraphs: str) -> None:
    """Add a text box that wraps, its words at the top."""
    number = max(map(int, slide.shapes._spTree.xpath(".//p:cNvPr/@id"))) + 1
    xml = box_xml(number, name, place, paragraphs, wrap=True, anchor="t")
    slide.shapes._spTree.append(_parsed(xml.replace("<p:sp>", f"<p:sp {SPACES}>", 1)))
