"""Pictures: fitted to the page, in greys, and carrying their words and their receipt; no browser here."""

import json
import re
import struct
import zlib
from dataclasses import replace
from importlib import import_module

import pytest
from defusedxml.ElementTree import fromstring

from imganalytics.charts.competitiveness import spec as drawn_spec
from imganalytics.charts.theme import escaped
from imganalytics.errors import UserError
from imganalytics.export import picture
from imganalytics.export.exported import NOT_AFFILIATED, SIZES, Exported, Receipt
from imganalytics.export.greys import LIGHTEST, PALETTE, grey, in_greys, luminance
from imganalytics.export.picture import draw, finished, laid_out, sidecar, smallest_points, warning
from imganalytics.export.png_file import SIGNATURE, png_bytes, receipt_in_png, texts_in_png
from imganalytics.export.svg_file import receipt_in_svg, svg_bytes
from imganalytics.studies.competitiveness import competitiveness
from imganalytics.vocabulary import applicant_types

STUDIES = ("certification", "coverage", "directors", "fellowship_points", "geography", "headline", "holdings",
           "multiples", "profile", "reading", "slopes", "trends", "unfilled", "visas_by_state")
CASES = [(study, size) for study in STUDIES for size in SIZES]
SVG = (b'<svg class="main-svg" xmlns="http://www.w3.org/2000/svg" width="1280" height="720" viewBox="0 0 1280 720">'
       b'<rect width="1280" height="720" style="fill: rgb(255, 255, 255)"/>'
       b'<text x="20" y="30" style="font-size: 12px; fill: #000000">Anesthesiology</text></svg>')


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


IHDR = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
IDAT, IEND = chunk(b"IDAT", zlib.compress(b"\0\xff\xff\xff")), chunk(b"IEND", b"")
PNG = SIGNATURE + IHDR + IDAT + IEND  # one white pixel


@pytest.fixture(scope="module")
def exported() -> Exported:
    return Exported(competitiveness(specialties=["Anesthesiology", "Neurology"]), note="Ask before you quote this.")


def results(study: str) -> Exported:
    return Exported(getattr(import_module(f"imganalytics.studies.{study}"), study)())


# The page ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("study", "size"), CASES)
def test_a_chart_fits_the_page_without_distortion_and_has_all_its_words(study: str, size: str):
    shown = replace(results(study), size=size, note="A word of the adviser.")
    before, after = shown.spec["layout"], laid_out(shown)["layout"]
    assert (after["width"], after["height"]) == tuple(round(96 * inches) for inches in SIZES[size])

    def inner(layout):
        margin = layout["margin"]
        return layout["width"] - margin["l"] - margin["r"], layout["height"] - margin["t"] - margin["b"]

    across, down = (new / old for new, old in zip(inner(after), inner(before)))
    assert across == pytest.approx(down) and min(after["margin"].values()) >= 0
    for name in (name for name in before if name[1:5] == "axis"):
        for what in ("range", "domain", "tickvals", "dtick"):
            assert before[name].get(what) == after[name].get(what)
    words = after["annotations"][-1]
    lines = words["text"].split("<br>")
    top = after["margin"]["t"] - words["yshift"]
    assert top >= 0 and top + 1.3 * words["font"]["size"] * len(lines) <= after["height"]
    left = after["margin"]["l"] + words["xshift"]
    longest = max(len(re.sub("<[^>]+>|&[a-z]+;", "", line)) for line in lines)
    assert left >= 0 and left + 0.52 * words["font"]["size"] * longest <= after["width"]  # theme.wrapped's measure
    assert "A word of the adviser." in words["text"].replace("</b><br><b>", " ").replace("<br>", " ")
    said = re.sub(r"<[^>]+>|\s", "", "".join(note["text"] for note in after["annotations"]))
    assert said.count(NOT_AFFILIATED.replace(" ", "")) == 1
    source = re.sub(r"\s", "", escaped(shown.result.source_line))
    assert said.count(source) == 1 or (source not in said and "andmore,namedinthedescription" in said)
    missing = re.search(r"\u2026 and (\d+) more, in the", words["text"].replace("<br>", " "))
    assert words["text"].count("\u2022") + (int(missing[1]) if missing else 0) == len(shown.result.caveats)


def test_every_length_is_scaled_and_no_number_of_the_figures_is(exported: Exported):
    before, after = exported.spec, laid_out(exported)
    scale = ((after["layout"]["width"] - after["layout"]["margin"]["l"] - after["layout"]["margin"]["r"])
             / (before["layout"]["width"] - before["layout"]["margin"]["l"] - before["layout"]["margin"]["r"]))
    for old, new in zip(before["data"], after["data"], strict=True):
        assert old["x"] == new["x"] and old["y"] == new["y"] and old["error_x"]["array"] == new["error_x"]["array"]
        assert new["marker"]["size"] == pytest.approx(scale * old["marker"]["size"])
        assert new["error_x"]["thickness"] == pytest.approx(scale * old["error_x"]["thickness"])
        assert not {"hovertext", "customdata"} & new.keys()
    assert after["layout"]["template"]["layout"]["font"]["size"] == pytest.approx(12 * scale)
    assert f"font-size:{12 * scale:g}px" in after["layout"]["title"]["text"]
    json.dumps(after, allow_nan=False)
    assert before == drawn_spec(exported.worded)  # nothing was changed in place


def test_small_letters_are_told_of_before_they_are_printed():
    tall, short = results("fellowship_points"), results("slopes")
    assert smallest_points(short) >= 6 and warning(short) == ""
    assert f"{smallest_points(tall):.1f} points" in warning(tall)


def test_the_sidecar_says_in_words_what_the_picture_shows(exported: Exported):
    text = sidecar(exported)
    wanted = (exported.title, exported.subtitle, exported.result.summary, exported.note, exported.source_line)
    assert all(words in text for words in (*wanted, *exported.result.caveats))


def test_strange_words_stay_words(exported: Exported):
    title = "<script>\x00 \U0001f600 \u65e5\u672c \u05e9\u05dc\u05d5\u05dd " + "long " * 90
    strange = replace(exported, title=title, subtitle="a & b")
    title = laid_out(strange)["layout"]["title"]["text"]
    assert "&lt;script&gt;" in title and "\x00" not in title and "\U0001f600" in title and "a &amp; b" in title
    root = fromstring(svg_bytes(strange, SVG))
    assert "\U0001f600 \u65e5\u672c" in root[0].text


# Greys ---------------------------------------------------------------------------------------------------


def test_luminance_is_that_of_wcag():
    assert luminance("white") == 1 and luminance("#000000") == 0
    assert 1.05 / (luminance("#777777") + 0.05) == pytest.approx(4.48, abs=0.005)  # WebAIM's contrast checker
    assert luminance("rgb(255, 0, 0)") == 0.2126


def test_the_greys_of_applicant_types_can_be_seen_and_keep_their_order():
    for kind in applicant_types().values():
        assert 1.05 / (luminance(grey(kind.colour)) + 0.05) >= 3
    order = sorted(PALETTE, key=luminance)
    levels = [int(grey(colour)[1:3], 16) for colour in order]
    assert levels == sorted(set(levels)) and levels[0] == 0 and levels[-1] == LIGHTEST
    assert min(b - a for a, b in zip(levels, levels[1:])) >= 12
    us, non_us = (int(grey(applicant_types()[key].colour)[1:3], 16) for key in ("us_img", "non_us_img"))
    assert abs(us - non_us) >= 30


@pytest.mark.parametrize("colour", ["#1f2933", "#52606d", "#e4e7eb", "rgb(10, 120, 240)", "#fff"])
def test_other_colours_keep_their_luminance_and_so_their_contrasts(colour: str):
    assert luminance(grey(colour)) == pytest.approx(luminance(colour), abs=0.006)


def test_a_transparent_colour_stays_so():
    level = int(grey("#0072B2")[1:3], 16)
    assert grey("rgba(0, 114, 178, 0.25)") == f"rgba({level}, {level}, {level}, 0.25)"


@pytest.mark.parametrize("study", STUDIES)
def test_no_colour_is_left_and_symbols_and_dashes_are_as_before(study: str):
    shown = results(study)
    light, print_safe = laid_out(shown), laid_out(replace(shown, theme="grey"))
    text = json.dumps(print_safe)
    for colour in re.findall(r"#[0-9a-fA-F]{6}\b", text):
        assert colour[1:3] == colour[3:5] == colour[5:7], colour
    for red, green, blue in re.findall(r"rgba?\((\d+), *(\d+), *(\d+)", text):
        assert red == green == blue
    for one, other in zip(light["data"], print_safe["data"], strict=True):
        assert one.get("marker", {}).get("symbol") == other.get("marker", {}).get("symbol")
        assert one.get("line", {}).get("dash") == other.get("line", {}).get("dash") and one["x"] == other["x"]


def test_legends_that_name_a_colour_say_which_grey_and_titles_stay():
    told = in_greys({"text": "Blue circle: asked. Yellow: shared. Words in orange: left. What does Blue Cross pay? "
                             "<span style='color:#FF0000'>Red</span>"})
    assert told["text"] == ("Circle: asked. Light grey: shared. Words in mid grey: left. What does Blue Cross pay? "
                            "<span style='color:#7f7f7f'>Red</span>")


# Files ---------------------------------------------------------------------------------------------------


def test_a_png_carries_its_words_and_its_pixels_are_untouched(exported: Exported):
    made = png_bytes(replace(exported, title="Na\u00efve \U0001f600"), PNG)
    assert made.startswith(SIGNATURE + IHDR) and made.endswith(IDAT + IEND)
    at = len(SIGNATURE)
    while at < len(made):
        length, = struct.unpack(">I", made[at:at + 4])
        body, check = made[at + 4:at + 8 + length], made[at + 8 + length:at + 12 + length]
        assert struct.pack(">I", zlib.crc32(body)) == check
        at += 12 + length
    texts = texts_in_png(made)
    assert texts["Title"] == "Na\u00efve \U0001f600" and exported.result.summary in texts["Description"]
    assert texts["Source"] == exported.source_line and exported.note in texts["Comment"]
    assert struct.pack(">IIB", 7559, 7559, 1) in made  # 192 dots to the inch, 39.37 inches to the metre


@pytest.mark.parametrize("kind", [b"tEXt", b"zTXt", b"iTXt"])
def test_a_receipt_is_found_where_another_program_has_repacked_it(exported: Exported, kind: bytes):
    text = exported.receipt.to_json().encode()
    data = {b"tEXt": b"imganalytics\0" + text, b"zTXt": b"imganalytics\0\0" + zlib.compress(text),
            b"iTXt": b"imganalytics\0\1\0en\0\0" + zlib.compress(text)}[kind]
    assert receipt_in_png(SIGNATURE + IHDR + chunk(kind, data) + IDAT + IEND) == text.decode()


@pytest.mark.parametrize("form", ["png", "svg"])
def test_a_receipt_asks_for_the_same_numbers(exported: Exported, form: str):
    made = finished(exported, form, {"png": PNG, "svg": SVG}[form])
    found = {"png": receipt_in_png, "svg": receipt_in_svg}[form](made)
    again = Receipt.from_json(found).ask()
    assert again.receipt == exported.receipt and again.note == exported.note


def test_in_an_svg_text_stays_text_and_screen_readers_find_the_words(exported: Exported):
    root = fromstring(svg_bytes(exported, SVG))
    title, description, metadata, *rest = root
    assert root.get("role") == "img" and root.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"
    assert title.text == exported.title and exported.alt_text in description.text
    assert all(caveat in description.text for caveat in exported.result.caveats)
    assert [element.text for element in rest if element.tag.endswith("text")] == ["Anesthesiology"]


BOMB = b'<!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><svg xmlns="http://www.w3.org/2000/svg">&b;</svg>'
NO_PICTURES = [b"", b"\x89PNG", PNG[:-4], b"<svg", b"<html></html>", BOMB, b"\xff" * 40]


@pytest.mark.parametrize("content", NO_PICTURES)
def test_what_is_no_picture_is_refused_and_has_no_receipt(exported: Exported, content: bytes):
    assert receipt_in_png(content) is None and receipt_in_svg(content) is None
    for form in ("png", "svg", "pdf"):
        with pytest.raises(UserError, match="the browser returned no"):
            finished(exported, form, content)


def test_pictures_of_others_have_no_receipt():
    assert receipt_in_png(PNG) is None and receipt_in_svg(SVG) is None
    assert receipt_in_png(SIGNATURE + IHDR + chunk(b"zTXt", b"imganalytics\0\0broken") + IEND) is None


def test_an_unknown_form_is_refused(exported: Exported):
    with pytest.raises(UserError, match="unknown form of a picture 'gif'; allowed: png, svg, pdf"):
        draw(exported, "gif")


def test_without_kaleido_or_chrome_a_sentence_says_what_to_do(exported: Exported, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(picture, "find_spec", lambda _: None)
    with pytest.raises(UserError) as refused:
        draw(exported, "png")
    assert str(refused.value) == ("PNG: there is no Kaleido here; open the notebook and press 'Save as PNG', or export "
                                  "pptx, html, csv or xlsx, which need no browser")
    monkeypatch.undo()
    pytest.importorskip("kaleido")
    from choreographer.browsers.chromium import Chromium

    monkeypatch.setattr(Chromium, "find_browser", lambda **_: None)
    with pytest.raises(UserError, match="no Chrome or Chromium was found here; open the notebook"):
        draw(exported, "svg")


def test_a_study_without_a_chart_is_refused(exported: Exported):
    question = replace(exported.result.question, study="holdings_of_none")
    with pytest.raises(UserError, match="there is no chart of it"):
        laid_out(replace(exported, result=replace(exported.result, question=question)))
