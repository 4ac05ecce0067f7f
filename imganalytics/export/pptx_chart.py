"""A plot as a native XY chart: series with marks, lines, breaks and asymmetric error bars, and the sheet behind them.

python-pptx has no error bars, no breaks and no grid of its own choosing, so the chart's XML is written here; element
order follows ECMA-376 part 1, 21.2.2.
"""

import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

from imganalytics.charts.theme import HAIRLINE, INK, MUTED
from imganalytics.export.pptx_scene import Plot, native_format, ticks_of
from imganalytics.export.pptx_words import EMU, cleaned, colour_of, lines_of, run_xml

NATIVE = {"circle": "circle", "square": "square", "diamond": "diamond", "triangle-up": "triangle",
          "triangle-down": "dash", "pentagon": "plus", "cross": "plus", "hexagon": "star", "star": "star", "x": "x"}
STROKES = ("plus", "star", "x")  # drawn by their outline alone: never filled, thinner instead of hollow
DASHES = {"dash": "dash", "dot": "sysDot", "dashdot": "dashDot", "longdash": "lgDash", "longdashdot": "lgDashDot"}
TILE = 20  # pixels
INTERVALS = "{}: intervals"
HOLLOW = "{}: white middle of hollow marks"  # a series of its own: LibreOffice fills what has no filling
SPACES = ('xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" '
          'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
          'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"')
Column = tuple[str, Sequence[Any]]
Box = tuple[float, float, float, float]


def one(value: Any, at: int) -> Any:
    """The value at a place of a list; a value that is no list holds everywhere."""
    return value[at] if isinstance(value, list | tuple) else value


def plain(value: Any) -> float | None:
    """A number of Python's; None for a blank."""
    return None if value is None or value != value else float(value)


@dataclass
class ChartData:
    """What python-pptx asks for when it adds a chart: its XML, and the workbook by which it is edited.

    Attributes:
        plot: what is drawn.
        inner: left, top, width and height of the plot inside the frame, in parts of the frame.
        scale: points of a slide to a pixel of the chart, for marks and lines.
        tiles: the same for marks that are tiles (TILE pixels and more), which must not touch their neighbours.
        font: points of the words of the axes.
    """

    plot: Plot
    inner: Box
    scale: float
    tiles: float
    font: float

    def xml_bytes(self, _: Any) -> bytes:
        """The chart part."""
        self._columns: list[Column] = []
        traces = self._traces()
        self._rows = max((len(trace["x"]) for trace in traces), default=0)
        series = [self._series(at, trace) for at, trace in enumerate(traces)]
        left, top, width, height = self.inner
        layout = "".join(f'<c:{name}Mode val="edge"/>' for name in "xy") + "".join(
            f'<c:{name} val="{value:.6f}"/>' for name, value in zip("xywh", (left, top, width, height)))
        return (f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><c:chartSpace {SPACES}>'
                f'<c:date1904 val="0"/><c:roundedCorners val="0"/><c:chart><c:autoTitleDeleted val="1"/>'
                f"<c:plotArea><c:layout>"
                f'<c:manualLayout><c:layoutTarget val="inner"/>{layout}</c:manualLayout></c:layout>'
                f'<c:scatterChart><c:scatterStyle val="lineMarker"/><c:varyColors val="0"/>{"".join(series)}'
                f'<c:axId val="50010"/><c:axId val="50020"/></c:scatterChart>{self._axis(False)}{self._axis(True)}'
                f"<c:spPr><a:noFill/><a:ln><a:noFill/></a:ln></c:spPr></c:plotArea>"
                f'<c:plotVisOnly val="1"/><c:dispBlanksAs val="gap"/></c:chart>'
                f"<c:spPr><a:noFill/><a:ln><a:noFill/></a:ln></c:spPr>{_text(self.font, INK)}"
                f"</c:chartSpace>").encode()

    @property
    def xlsx_blob(self) -> bytes:
        """The workbook: columns of the values, in the order of the series."""
        from xlsxwriter import Workbook

        out = io.BytesIO()
        with Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
            sheet = book.add_worksheet("Sheet1")
            for at, (head, values) in enumerate(self._columns):
                sheet.write_string(0, at, head)
                for row, value in enumerate(values, 1):
                    if value is not None:
                        sheet.write(row, at, value)
        return out.getvalue()

    def _traces(self) -> list[dict[str, Any]]:
        traces = []
        for at, trace in enumerate(self.plot.traces, 1):
            if any(plain(value) is not None for value in trace["x"]):
                trace = trace | {"name": trace.get("name") or f"Marks {at}"}
                traces += [*_middles(trace), trace, *_intervals(trace)]
        return traces

    def _column(self, head: str, values: Sequence[Any]) -> str:
        """A column of the sheet, and its address as a formula."""
        self._columns.append((head, values))
        name = _letters(len(self._columns))
        return f"Sheet1!${name}$2:${name}${len(values) + 1}"

    def _numbers(self, tag: str, head: str, values: Sequence[Any]) -> str:
        """A column and its values as the chart remembers them; all as long as the longest, or LibreOffice loses some."""
        values = [plain(value) for value in values] + [None] * (self._rows - len(values))
        points = "".join(f'<c:pt idx="{at}"><c:v>{value!r}</c:v></c:pt>' for at, value in enumerate(values)
                         if value is not None)
        return (f"<c:{tag}><c:numRef><c:f>{self._column(head, values)}</c:f><c:numCache>"
                f"<c:formatCode>General</c:formatCode>"
                f'<c:ptCount val="{len(values)}"/>{points}</c:numCache></c:numRef></c:{tag}>')

    def _series(self, at: int, trace: dict[str, Any]) -> str:
        name = cleaned(str(trace["name"]))
        mode = trace.get("mode", "markers")
        count = len(trace["x"])
        looks = [self._mark(trace, point) for point in range(count)] if "markers" in mode else [NO_MARK] * count
        usual, points = _shared(looks, trace["y"])
        labels = self._labels(trace) if "text" in mode else ""
        head = _letters(len(self._columns) + 2)
        xs = self._numbers("xVal", f"{name}: across", trace["x"])
        ys = self._numbers("yVal", name, trace["y"])
        bars = "".join(self._bars(trace[key], key[-1], name) for key in ("error_x", "error_y") if trace.get(key))
        return (f'<c:ser><c:idx val="{at}"/><c:order val="{at}"/><c:tx><c:strRef><c:f>Sheet1!${head}$1</c:f><c:strCache>'
                f'<c:ptCount val="1"/><c:pt idx="0"><c:v>{escape(name)}</c:v></c:pt></c:strCache></c:strRef></c:tx>'
                f"<c:spPr>{self._line(trace) if 'lines' in mode else NO_LINE}</c:spPr>{usual}{points}{labels}{bars}"
                f'{xs}{ys}<c:smooth val="0"/></c:ser>')

    def _line(self, trace: dict[str, Any]) -> str:
        line = trace["line"]
        return self._stroke(line.get("color", INK), line.get("width", 2), line.get("dash"), trace.get("opacity", 1))

    def _stroke(self, colour: str, width: float, dash: str | None = None, opacity: float = 1) -> str:
        drawn = f'<a:prstDash val="{DASHES[dash]}"/>' if dash in DASHES else ""
        return (f'<a:ln w="{max(1, round(width * self.scale * EMU))}" cap="flat">{colour_of(colour, opacity).fill}'
                f"{drawn}<a:round/></a:ln>")

    def _mark(self, trace: dict[str, Any], at: int) -> str:
        marker = trace["marker"]
        symbol = str(one(marker.get("symbol"), at) or "circle")
        native = NATIVE.get(symbol.removesuffix("-open"), "circle")
        hollow = symbol.endswith("-open")
        colour, line = one(marker["color"], at), marker.get("line", {})
        opacity = one(marker.get("opacity"), at) or 1
        edge = colour if hollow else one(line.get("color"), at) or colour
        width = one(line.get("width"), at) or (1 if hollow else 0.5)
        fill = "<a:noFill/>" if hollow or native in STROKES else colour_of(colour, opacity).fill
        if native in STROKES:
            edge, width = colour, 1 if hollow else 2.2
        pixels = one(marker.get("size"), at) or 6
        size = min(72, max(2, round(pixels * (self.tiles if pixels >= TILE else self.scale))))
        stroke = self._stroke(edge, width, opacity=opacity)
        return (f'<c:marker><c:symbol val="{native}"/><c:size val="{size}"/><c:spPr>{fill}{stroke}</c:spPr></c:marker>')

    def _bars(self, error: dict[str, Any], way: str, name: str) -> str:
        if not error.get("array"):
            return ""
        plus = self._numbers("plus", f"{name}: above", error["array"])
        minus = self._numbers("minus", f"{name}: below", error.get("arrayminus", error["array"]))
        stroke = self._stroke(error.get("color", INK), error.get("thickness", 1.5))
        return (f'<c:errBars><c:errDir val="{way}"/><c:errBarType val="both"/><c:errValType val="cust"/>'
                f'<c:noEndCap val="1"/>{plus}{minus}<c:spPr>{stroke}</c:spPr></c:errBars>')

    def _labels(self, trace: dict[str, Any]) -> str:
        labels = []
        for at, value in enumerate(trace["y"]):
            text = one(trace.get("text"), at)
            if value is None or not text:
                continue
            font = trace.get("textfont", {})
            lines = lines_of(str(text), one(font.get("size"), at) or 12, one(font.get("color"), at) or INK)
            scale = self.tiles if (one(trace.get("marker", {}).get("size"), at) or 0) >= TILE else self.scale
            paragraphs = "".join(f"<a:p>{''.join(run_xml(run, scale) for run in line)}</a:p>" for line in lines)
            place = _place(one(trace.get("textposition"), at))
            labels.append(f'<c:dLbl><c:idx val="{at}"/><c:tx><c:rich><a:bodyPr wrap="none"/><a:lstStyle/>{paragraphs}'
                          f'</c:rich></c:tx><c:dLblPos val="{place}"/>{SHOWN.format(1)}</c:dLbl>')
        return f"<c:dLbls>{''.join(labels)}{SHOWN.format(0)}</c:dLbls>"

    def _axis(self, upright: bool) -> str:
        axis, other = (self.plot.yaxis, self.plot.xaxis) if upright else (self.plot.xaxis, self.plot.yaxis)
        form, shown = native_format(axis), axis.get("visible") is not False
        said = form and shown and axis.get("showticklabels") is not False
        grid = form and shown and axis.get("showgrid") is not False
        ticks = ticks_of(axis)
        unit = f'<c:majorUnit val="{ticks[1][0] - ticks[0][0]!r}"/>' if form else ""
        lined = other.get("zeroline", upright) and min(other["range"]) == 0 and other.get("visible") is not False
        number, crossed = ("50020", "50010") if upright else ("50010", "50020")
        lines = f"<c:majorGridlines><c:spPr>{self._stroke(HAIRLINE, 1)}</c:spPr></c:majorGridlines>" if grid else ""
        return (f'<c:valAx><c:axId val="{number}"/>{_scaling(axis)}<c:delete val="0"/>'
                f'<c:axPos val="{"l" if upright else "b"}"/>{lines}'
                f'<c:numFmt formatCode="{form or "General"}" sourceLinked="0"/>'
                f'<c:majorTickMark val="none"/><c:minorTickMark val="none"/>'
                f'<c:tickLblPos val="{"nextTo" if said else "none"}"/>'
                f"<c:spPr>{self._stroke(MUTED, 1) if lined else NO_LINE}</c:spPr>{_text(self.font, INK)}"
                f'<c:crossAx val="{crossed}"/>'
                f'<c:crosses val="{"max" if other["range"][0] > other["range"][1] else "min"}"/>'
                f'<c:crossBetween val="midCat"/>{unit}</c:valAx>')


def _scaling(axis: dict[str, Any]) -> str:
    """Range and direction of an axis; of a log axis the range is in powers of ten, as plotly has it."""
    low, high = sorted(axis["range"])
    base = ""
    if axis.get("type") == "log":
        low, high, base = 10 ** low, 10 ** high, '<c:logBase val="10"/>'
    way = "maxMin" if axis["range"][0] > axis["range"][1] else "minMax"
    return (f'<c:scaling>{base}<c:orientation val="{way}"/><c:max val="{high!r}"/><c:min val="{low!r}"/></c:scaling>')


NO_LINE = "<a:ln><a:noFill/></a:ln>"
NO_MARK = '<c:marker><c:symbol val="none"/></c:marker>'
SHOWN = ('<c:showLegendKey val="0"/><c:showVal val="{0}"/><c:showCatName val="0"/><c:showSerName val="0"/>'
         '<c:showPercent val="0"/><c:showBubbleSize val="0"/>')


def _text(size: float, colour: str) -> str:
    return (f'<c:txPr><a:bodyPr rot="0"/><a:lstStyle/><a:p><a:pPr><a:defRPr sz="{round(size * 100)}" b="0">'
            f'{colour_of(colour).fill}</a:defRPr></a:pPr><a:endParaRPr lang="en-US"/></a:p></c:txPr>')


def _letters(number: int) -> str:
    name = ""
    while number:
        number, rest = divmod(number - 1, 26)
        name = chr(65 + rest) + name
    return name


def _place(position: str | None) -> str:
    up, across = (position or "middle center").split(" ")
    return {"right": "r", "left": "l"}.get(across) or {"top": "t", "bottom": "b"}.get(up, "ctr")


def _shared(looks: list[str], ys: Sequence[Any]) -> tuple[str, str]:
    """The look of the series, and of its points where they differ.

    LibreOffice looks at a point's own colours only where its size is not the series': then that is one point larger.
    """
    usual = Counter(looks).most_common(1)[0][0]
    if all(look == usual for look in looks):
        return usual, ""
    points = "".join(f'<c:dPt><c:idx val="{at}"/>{look}<c:bubble3D val="0"/></c:dPt>'
                     for at, look in enumerate(looks) if plain(ys[at]) is not None)
    return re.sub(r'size val="(\d+)"', lambda found: f'size val="{min(72, int(found[1]) + 1)}"', usual), points


def _intervals(trace: dict[str, Any]) -> list[dict[str, Any]]:
    """The horizontal error bars again as a series of lines, since LibreOffice (7.4) draws none of their own lengths.

    In PowerPoint they lie exactly on the error bars.
    """
    error = trace.get("error_x")
    if not error or not error.get("array"):
        return []
    xs: list[float | None] = []
    ys: list[float | None] = []
    for x, y, plus, minus in zip(trace["x"], trace["y"], error["array"], error["arrayminus"]):
        if None not in (x, y, plus, minus):
            xs += [x - minus, x + plus, None]
            ys += [y, y, None]
    line = {"color": error.get("color", INK), "width": error.get("thickness", 1.5)}
    return [{"mode": "lines", "name": INTERVALS.format(trace["name"]), "x": xs, "y": ys, "line": line}] if xs else []


def _middles(trace: dict[str, Any]) -> list[dict[str, Any]]:
    """A series of white marks on the hollow ones; none when there are none."""
    if "markers" not in trace.get("mode", "markers"):
        return []
    marker, count = trace["marker"], len(trace["x"])
    symbols = [str(one(marker.get("symbol"), at) or "circle") for at in range(count)]
    hollow = [symbol.endswith("-open") and NATIVE.get(symbol.removesuffix("-open")) not in STROKES for symbol in symbols]
    if not any(hollow):
        return []
    sizes = [max(2, (one(marker.get("size"), at) or 6) - 2 * (one(marker.get("line", {}).get("width"), at) or 1) - 0.5)
             for at in range(count)]
    return [{"mode": "markers", "name": HOLLOW.format(trace["name"]),
             "x": [x if inside else None for x, inside in zip(trace["x"], hollow)],
             "y": [y if inside else None for y, inside in zip(trace["y"], hollow)],
             "marker": {"symbol": [symbol.removesuffix("-open") for symbol in symbols], "size": sizes, "color": "#FFFFFF"}}]
