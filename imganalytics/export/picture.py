"""A chart as a picture: fitted to the page asked for, with the words that belong to it, drawn by a browser."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, NamedTuple

import plotly.io as pio

from imganalytics.charts import theme
from imganalytics.charts.theme import Spec
from imganalytics.errors import UserError
from imganalytics.export.exported import NOT_AFFILIATED, SIZES, Exported
from imganalytics.export.greys import in_greys
from imganalytics.export.pdf_file import pdf_bytes
from imganalytics.export.png_file import png_bytes
from imganalytics.export.svg_file import UNWRITABLE, svg_bytes
from imganalytics.vocabulary import require

DPI = 96        # pixels to the inch, as CSS has it
EDGE = 16       # pixels that stay free around a page
INSET = 10      # of the words of a chart from its own edge
GAP = 8         # between the chart and the words under or beside it
COLUMN = 0.26   # of the width of a page, for words beside a chart
FOOT = 0.28     # of the height of a page, at most, for words under a chart
LETTERS = (10, 11, 12, 13)  # font sizes of these words, in pixels: the smallest is 7.5 points
LEAST = 5.0     # points: smaller letters are hard to read
SOURCE_LINES = 4  # of sources that the chart names only in short, where there is no room for more
LEFT_OUT = "\u2026 and {} more, in the description inside this file"
PIXELS = {"size", "width", "thickness", "standoff", "xshift", "yshift", "ticklen", "ticklabelstandoff", "borderpad",
          "borderwidth", "l", "r", "t", "b", "height", "gridwidth", "zerolinewidth", "linewidth", "itemwidth", "pad"}
UNSEEN = {"hovertext", "customdata", "meta", "hovermode", "hoverlabel"}  # a picture does not answer a pointer
BELOW = ", each with its title below the chart"  # on the screen; a picture may have them beside it
FONT_SIZE = re.compile(r"(?<=font-size:)([\d.]+)px")


class Form(NamedTuple):
    """A kind of picture: its media type, what the browser draws for it, how finely, and how it is finished."""

    type: str
    drawn_as: str
    scale: int
    finish: Callable[[Exported, bytes], bytes]


FORMS = {
    "png": Form("image/png", "png", 2, png_bytes),  # 192 dots to the inch
    "svg": Form("image/svg+xml", "svg", 1, svg_bytes),
    "pdf": Form("application/pdf", "svg", 1, pdf_bytes),
}


@dataclass(frozen=True)
class _Place:
    """Where the words of a page stand: `lines` of letters of `size` in a box of `width`, below or beside the chart.

    `scale` is what is left for the chart, and `left_out` how many caveats found no room.
    """

    beside: bool
    lines: list[str]
    left_out: int
    width: float
    size: int
    scale: float


def laid_out(exported: Exported) -> Spec:
    """The chart as plotly.js takes it, fitted to the page without distortion, with note, caveats and sources.

    The page is `exported.size` at 96 pixels to the inch. The words stand below the chart, or beside a tall one.

    Raises:
        UserError: the study has no chart.
    """
    spec = _whole(exported)
    page, place = _page(exported.size), _place(exported, spec)
    wide, high = place.scale * spec["layout"]["width"], place.scale * spec["layout"]["height"]
    left = (page[0] - wide - place.width - GAP) / 2 if place.beside else EDGE
    placed = _on_page(_scaled(spec, place.scale), page, left, (wide, high))
    words = (left + wide + GAP, EDGE + INSET) if place.beside else (EDGE + INSET * place.scale, EDGE + high + GAP)
    placed["layout"]["annotations"] += _words(place, words, placed["layout"]["margin"])
    return in_greys(placed) if exported.theme == "grey" else placed


def smallest_points(exported: Exported) -> float:
    """The size of the smallest letters on the page, in points."""
    spec = _whole(exported)
    scale = _place(exported, spec).scale
    return min(LETTERS[0], *(scale * size for size in _font_sizes(spec))) * 72 / DPI


def warning(exported: Exported) -> str:
    """What to tell the user before this picture is made; '' when its letters can be read."""
    points = smallest_points(exported)
    if points >= LEAST:
        return ""
    return (f"The smallest letters of this picture are {points:.1f} points high; below {LEAST:g} they are hard to "
            "read. Choose another size, or show fewer rows.")


def sidecar(exported: Exported) -> str:
    """The picture in words, for a text file beside it: alternative text, what to keep in mind, sources."""
    parts = [exported.alt_text, exported.note, *(f"Keep in mind: {caveat}" for caveat in exported.result.caveats),
             exported.source_line]
    return "\n\n".join(part for part in parts if part) + "\n"


def finished(exported: Exported, form: str, drawn: bytes) -> bytes:
    """The file of what a browser drew from :func:`laid_out`: PNG for "png", SVG for "svg" and "pdf".

    Raises:
        UserError: an unknown form, or nothing that a browser draws.
    """
    return FORMS[require(form, FORMS, "form of a picture")].finish(exported, drawn)


def draw(exported: Exported, form: str) -> bytes:
    """The picture as a file, without a notebook: Kaleido has a Chrome that it finds draw it.

    Raises:
        UserError: there is no Kaleido or no Chrome, and what to do instead; an unknown form; no chart.
    """
    kind = FORMS[require(form, FORMS, "form of a picture")]
    spec = laid_out(exported)
    if not find_spec("kaleido"):
        raise UserError(_instead(form, "there is no Kaleido here"))
    import kaleido
    from choreographer.browsers.chromium import Chromium

    if not Chromium.find_browser(skip_local=False):
        raise UserError(_instead(form, "no Chrome or Chromium was found here"))
    options = {"format": kind.drawn_as, "width": spec["layout"]["width"], "height": spec["layout"]["height"],
               "scale": kind.scale}
    try:
        page = kaleido.PageGenerator(mathjax=False)  # its plotly.js is that of the package: nothing is fetched
        drawn = kaleido.calc_fig_sync(spec, opts=options, kopts={"page_generator": page, "n": 1})
    except Exception as error:  # whatever a browser of another machine may do
        why = (str(error).splitlines() or [type(error).__name__])[0][:200]
        raise UserError(_instead(form, f"the browser did not draw it ({why})")) from None
    return finished(exported, form, drawn if isinstance(drawn, bytes) else drawn.encode())


def _instead(form: str, why: str) -> str:
    return (f"{form.upper()}: {why}; open the notebook and press 'Save as {form.upper()}', or export pptx, html, csv or "
            "xlsx, which need no browser")


# The page ------------------------------------------------------------------------------------------------


def _page(size: str) -> tuple[int, int]:
    wide, high = SIZES[size]
    return round(wide * DPI), round(high * DPI)


def _whole(exported: Exported) -> Spec:
    """The chart with its template in it, and without what only a pointer would see."""
    spec = exported.spec
    layout = {"annotations": []} | spec["layout"] | {"template": pio.templates[theme.NAME].to_plotly_json()}
    return _without({"data": spec["data"], "layout": layout})


def _without(part: Any) -> Any:
    if isinstance(part, dict):
        return {key: _without(value) for key, value in part.items() if key not in UNSEEN}
    if isinstance(part, list | tuple):
        return [_without(each) for each in part]
    return UNWRITABLE.sub("", part).replace(BELOW, "") if isinstance(part, str) else part


def _place(exported: Exported, spec: Spec) -> _Place:
    """Where the chart is largest; then where most caveats have room; then where their letters are largest."""
    places = [_arranged(exported, spec, beside, size) for beside in (False, True) for size in LETTERS]
    fitting = [place for place in places if place.size <= max(LETTERS[0], 12 * place.scale)]  # not above the chart's own
    return max(fitting, key=lambda place: (round(place.scale, 3), -place.left_out, place.size))


def _arranged(exported: Exported, spec: Spec, beside: bool, size: int) -> _Place:
    page = tuple(length - 2 * EDGE for length in _page(exported.size))
    wide, high = spec["layout"]["width"], spec["layout"]["height"]
    width = COLUMN * page[0] if beside else page[0] - 2 * INSET
    free = page[1] - INSET if beside else max(FOOT * page[1], page[1] - high * page[0] / wide) - GAP
    lines, left_out = _lines(exported, spec, width, size, int(free / (1.3 * size)))
    taken = 1.3 * size * len(lines) + GAP if lines else 0
    room = (page[0] - (width + GAP if lines else 0), page[1]) if beside else (page[0], page[1] - taken)
    return _Place(beside, lines, left_out, width if lines else 0, size, min(room[0] / wide, room[1] / high))


def _lines(exported: Exported, spec: Spec, width: float, size: int, most: int) -> tuple[list[str], int]:
    """The words as at most about `most` lines, and how many caveats are not among them.

    The note, as many caveats as fit, and the sources where the chart names them only in short.
    """
    note = [f"<b>{line}</b>" for line in _wrapped(exported.note, width, size)]
    sources = _sources(exported, spec, width, size)
    caveats = [_wrapped(f"\u2022 {caveat}", width, size) for caveat in exported.result.caveats]
    between = 1 + bool(note) + bool(sources)  # the heading, and a free line between the parts
    room = most - len(note) - min(len(sources), SOURCE_LINES) - between
    if sum(map(len, caveats)) > room:
        room -= len(_wrapped(LEFT_OUT.format(len(caveats)), width, size))
    shown = 0
    while shown < len(caveats) and sum(map(len, caveats[:shown + 1])) <= room:
        shown += 1
    rest = len(caveats) - shown
    more = LEFT_OUT.format(rest) if rest else ""
    told = [line for caveat in caveats[:shown] for line in caveat] + _wrapped(more, width, size)
    parts = [note, ["<b>Keep in mind</b>", *told] if told else []]
    sources = _cut(sources, max(SOURCE_LINES, most - sum(map(len, parts)) - 2), width, size)
    return [line for part in (*parts, sources) if part for line in ("\u00a0", *part)][1:], rest


def _sources(exported: Exported, spec: Spec, width: float, size: int) -> list[str]:
    """The sources where the chart names them only in short, and the notice that belongs to them."""
    said = _bare(" ".join(note["text"] for note in spec["layout"]["annotations"]))
    if _bare(theme.escaped(exported.result.source_line)) in said:
        return []
    text = exported.result.source_line + "." if _bare(NOT_AFFILIATED) in said else exported.source_line
    return _wrapped(text, width, size)


def _bare(text: str) -> str:
    """A text without markup and spaces, so that it is the same wherever its lines end."""
    return re.sub(r"<[^>]+>|\s+", "", text)


def _cut(lines: list[str], most: int, width: float, size: int) -> list[str]:
    if len(lines) <= most:
        return lines
    told = _wrapped("\u2026 and more, named in the description inside this file.", width, size)
    return lines[:most - len(told)] + told


def _wrapped(text: str, width: float, size: int) -> list[str]:
    text = UNWRITABLE.sub("", text)
    return [theme.escaped(line) for line in theme.wrapped(text, int(width), size)] if text.strip() else []


def _words(place: _Place, at: tuple[float, float], margin: dict[str, float]) -> list[dict[str, Any]]:
    if not place.lines:
        return []
    return [theme.note("<br>".join(place.lines), x=0, y=1, yanchor="top", xshift=at[0] - margin["l"],
                       yshift=margin["t"] - at[1], font={"size": place.size, "color": theme.MUTED})]


def _on_page(spec: Spec, page: tuple[int, int], left: float, size: tuple[float, float]) -> Spec:
    """The chart, of this size in pixels, at the top of a page, `left` pixels from its edge."""
    layout = spec["layout"]
    margin = layout["margin"]
    layout |= {"width": page[0], "height": page[1], "margin": margin | {
        "l": margin["l"] + left, "r": margin["r"] + page[0] - left - size[0], "t": margin["t"] + EDGE,
        "b": margin["b"] + page[1] - size[1] - EDGE, "pad": 0}}
    pad = layout["template"]["layout"]["title"]["pad"] | layout["title"].get("pad", {})
    layout["title"] = layout["title"] | {"pad": pad | {"l": pad["l"] + left, "t": pad["t"] + EDGE}}
    return spec


def _scaled(part: Any, scale: float, key: str = "") -> Any:
    """A spec with every length in pixels times `scale`, those written into its texts too."""
    if isinstance(part, dict):
        return {name: _scaled(value, scale, name) for name, value in part.items()}
    if isinstance(part, list | tuple):
        return [_scaled(each, scale, key) for each in part]
    if isinstance(part, str):
        return FONT_SIZE.sub(lambda found: f"{float(found[1]) * scale:g}px", part) if key == "text" else part
    return part * scale if key in PIXELS and isinstance(part, int | float) and not isinstance(part, bool) else part


def _font_sizes(part: Any, key: str = "") -> list[float]:
    """Every font size of a spec."""
    if isinstance(part, dict):
        own = [part["size"]] if key in ("font", "tickfont", "textfont") and "size" in part else []
        return own + [size for name, value in part.items() for size in _font_sizes(value, name)]
    if isinstance(part, list | tuple):
        return [size for each in part for size in _font_sizes(each, key)]
    return [float(size) for size in FONT_SIZE.findall(part)] if isinstance(part, str) and key == "text" else []
