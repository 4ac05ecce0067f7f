"""The PDF of a picture: vector text where the browser had it, lines and curves, the words and the receipt."""

import io
import math

import pytest
from pypdf import PdfReader

from imganalytics.errors import UserError
from imganalytics.export import pdf_text
from imganalytics.export.exported import SIZES, Exported, Receipt
from imganalytics.export.pdf_file import pdf_bytes, receipt_in_pdf
from imganalytics.export.pdf_paths import trace
from imganalytics.export.pdf_text import MARKS, runs
from imganalytics.studies.competitiveness import competitiveness


class Pen:
    """A path that remembers."""

    def __init__(self) -> None:
        self.drawn: list[tuple] = []

    def __getattr__(self, name: str):
        return lambda *numbers: self.drawn.append((name, *(round(number, 6) for number in numbers)))


def traced(text: str) -> list[tuple]:
    pen = Pen()
    trace(text, pen)
    return pen.drawn


def svg(inside: str, width: float = 400, height: float = 200) -> bytes:
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}">'
            f'<style>text {{}}</style>{inside}</svg>').encode()


@pytest.fixture(scope="module")
def exported() -> Exported:
    return Exported(competitiveness(specialties=["Anesthesiology", "Neurology"]), note="Ask before you quote this.")


def page(exported: Exported, inside: str):
    return PdfReader(io.BytesIO(pdf_bytes(exported, svg(inside)))).pages[0]


def places(page) -> list[tuple[str, float, float]]:
    """Each text with where it begins, in points from the bottom left."""
    found = []

    def visit(text, matrix, text_matrix, _font, _size):
        if text.strip():
            found.append((text.strip(), matrix[4] + text_matrix[4] * matrix[0], matrix[5] + text_matrix[5] * matrix[3]))

    page.extract_text(visitor_text=visit)
    return found


# Paths ---------------------------------------------------------------------------------------------------


def test_lines_absolute_and_relative():
    lines = [("moveTo", 1, 2), ("lineTo", 4, 2), ("lineTo", 4, 6), ("lineTo", 5, 7), ("close",)]
    assert traced("M1,2H4V6L5,7Z") == lines
    assert traced("m1,2h3v4l1,1z") == lines
    assert traced("M1 2 4 2 4 6 5 7Z") == lines  # numbers without a letter go on as lines
    assert traced("M1e1-.5") == [("moveTo", 10, -0.5)]
    assert traced("") == []


def test_after_a_close_relative_lines_begin_where_the_path_began():
    assert traced("M5,5h2zl1,1")[-1] == ("lineTo", 6, 6)


def test_a_quadratic_curve_becomes_the_cubic_through_the_same_points():
    assert traced("M0,0Q3,6,6,0")[1] == ("curveTo", 2, 4, 4, 4, 6, 0)


@pytest.mark.parametrize(("ends", "count"), [("A4,4 0 1,1 0,-4", 3), ("A4,4 0 0,1 0,4", 1), ("A4,4 0 0,0 0,4", 1)])
def test_arcs_of_a_circle_stay_on_the_circle(ends: str, count: int):
    curves = traced("M4,0" + ends)[1:]
    middle = (0, 0) if "0,1 " in ends or "1,1 " in ends else (4, 4)
    assert len(curves) == count
    x, y = 4.0, 0.0
    for _, ax, ay, bx, by, ex, ey in curves:
        half = ((x + 3 * ax + 3 * bx + ex) / 8 - middle[0], (y + 3 * ay + 3 * by + ey) / 8 - middle[1])
        assert math.hypot(*half) == pytest.approx(4, abs=0.002)
        x, y = ex, ey
    assert (x, y) == pytest.approx((0, -4) if "-4" in ends else (0, 4))


def test_an_arc_to_where_it_begins_is_nothing_much():
    assert traced("M1,1A4,4 0 0,1 1,1")[1:] == [("curveTo", 1, 1, 1, 1, 1, 1)]


# Texts ---------------------------------------------------------------------------------------------------


def test_a_text_stands_where_the_browser_had_it_by_each_anchor(exported: Exported):
    width = runs("Anesthesiology")[0].width * 12 * 0.75
    for anchor, part in (("start", 0), ("middle", 0.5), ("end", 1)):
        shown = page(exported, f'<g transform="translate(100,40)"><text x="20" y="10" text-anchor="{anchor}" '
                               'style="font-size: 12px">Anesthesiology</text></g>')
        assert places(shown) == [
            ("Anesthesiology", pytest.approx(90 - part * width), pytest.approx(150 * 0.75))]


def test_lines_and_parts_of_a_line_follow_each_other(exported: Exported):
    shown = page(exported, '<text x="10" y="20" dy="0.7em" style="font-size:10px">'
                           '<tspan class="line" x="10" y="20" dy="0em"><tspan style="font-weight:bold">One</tspan> two</tspan>'
                           '<tspan class="line" x="10" y="20" dy="1.3em">three</tspan></text>')
    text = places(shown)
    assert [word for word, _, _ in text] == ["One", "two", "three"]
    assert text[0][2] == pytest.approx(180 * 0.75) and text[2][2] == pytest.approx((180 - 13) * 0.75)
    assert text[1][1] == pytest.approx((10 + 10 * runs("One", bold=True)[0].width) * 0.75)
    fonts = {str(font.get_object()["/BaseFont"]) for font in shown["/Resources"]["/Font"].values()}
    assert {"/Helvetica", "/Helvetica-Bold"} <= fonts


def test_our_marks_and_signs_need_no_font_of_the_machine(exported: Exported):
    signs = ("\u25cf\u25a0\u25c6\u25b2\u25bc\u2605\u271a\u2716\u2b1f\u2b22\u25cb\u25a1\u2501\u2505"
             "\u2212\u2013\u2026\u2022\u2265\u2020")
    assert not [run for run in runs(signs) if run.font.startswith("imganalytics")]
    assert all(run.font == "drawn" for run in runs("".join(MARKS)))
    shown = page(exported, f'<text x="1" y="20" style="fill: #D55E00">{signs} \u22121.5 caf\u00e9</text>')
    assert "caf\u00e9" in shown.extract_text()


def test_a_raised_part_stands_higher(exported: Exported):
    shown = page(exported, '<text x="0" y="50" style="font-size:20px">10'
                           '<tspan dy="-0.6em" style="font-size:70%">2</tspan></text>')
    (_, _, base), (_, x, raised) = places(shown)
    assert raised - base == pytest.approx(0.6 * 14 * 0.75) and x == pytest.approx(runs("10")[0].width * 20 * 0.75)


def test_other_letters_are_set_in_a_font_of_the_machine_that_has_them(exported: Exported):
    if not pdf_text._fonts():
        pytest.skip("no TrueType font here")
    assert "\u0416\u0443\u043a" in page(exported, '<text x="0" y="50">\u0416\u0443\u043a</text>').extract_text()


@pytest.mark.parametrize("letter", ["\U0001f600", "\u65e5", "\u05e9", "\u0634", "\u0915\u093f"])
def test_what_no_font_can_show_is_refused_in_words(exported: Exported, letter: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pdf_text, "_fonts", tuple)
    monkeypatch.setattr(pdf_text, "_font", pdf_text._font.__wrapped__)
    with pytest.raises(UserError, match="the PDF cannot show .* change the words, or save a PNG or an SVG"):
        page(exported, f'<text x="0" y="50">{letter}</text>')


# Drawing -------------------------------------------------------------------------------------------------


def content(exported: Exported, inside: str) -> str:
    return page(exported, inside).get_contents().get_data().decode("latin-1")


def test_colours_widths_dashes_and_clips_are_kept(exported: Exported):
    drawn = content(exported, '<defs><clipPath id="c"><rect x="1" y="2" width="30" height="40"/></clipPath></defs>'
                              '<g clip-path="url(\'#c\')"><path d="M0,0L9,9" style="fill: none; stroke: rgb(0, 51, 255); '
                              'stroke-width: 2.5px; stroke-dasharray: 9px, 4px"/></g>')
    assert "0 .2 1 RG" in drawn and "2.5 w" in drawn and "[9 4] 0 d" in drawn
    assert "1 2 30 40 re W* n" in " ".join(drawn.split())


@pytest.mark.parametrize("hidden", ['style="fill: none"', 'style="fill-opacity: 0"', 'style="opacity: 0"',
                                    'style="display: none"', 'visibility="hidden"', 'style="fill: transparent"'])
def test_what_is_not_seen_is_not_drawn(exported: Exported, hidden: str):
    assert " re" not in content(exported, f'<rect x="1" y="2" width="3" height="4" {hidden}/>')


def test_opacities_multiply(exported: Exported):
    shown = page(exported, '<g style="opacity: 0.5"><rect width="3" height="4" '
                           'style="fill: #ff0000; fill-opacity: 0.5"/></g>')
    states = [state.get_object() for state in shown["/Resources"]["/ExtGState"].values()]
    assert [float(state["/ca"]) for state in states if "/ca" in state] == [0.25]


# The file ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES)
def test_the_page_has_its_size_in_inches(exported: Exported, size: str):
    made = pdf_bytes(exported, svg("", *(round(96 * inches) for inches in SIZES[size])))
    box = PdfReader(io.BytesIO(made)).pages[0].mediabox
    assert (float(box.width) / 72, float(box.height) / 72) == pytest.approx(SIZES[size], abs=0.006)


def test_it_carries_its_words_and_its_receipt_and_is_the_same_twice(exported: Exported):
    made = pdf_bytes(exported, svg("<text x='1' y='9'>a</text>"))
    info = PdfReader(io.BytesIO(made)).metadata
    assert info.title == exported.title and info.subject == exported.alt_text
    assert all(words in info["/Keywords"] for words in (exported.note, exported.source_line, *exported.result.caveats))
    assert Receipt.from_json(receipt_in_pdf(made)) == exported.receipt
    assert made == pdf_bytes(exported, svg("<text x='1' y='9'>a</text>"))


def test_an_svg_without_a_size_is_refused(exported: Exported):
    with pytest.raises(UserError, match="without a size"):
        pdf_bytes(exported, b'<svg xmlns="http://www.w3.org/2000/svg"/>')


@pytest.mark.parametrize("damaged", [b"", b"%PDF-1.4", b"no pdf at all", b"%PDF-1.7\n1 0 obj\n<<\n"])
def test_a_damaged_pdf_has_no_receipt(damaged: bytes):
    assert receipt_in_pdf(damaged) is None
