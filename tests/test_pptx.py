"""PowerPoint slides of answers: opened again, compared with the figures, and with awkward words and templates."""

import io
import zipfile
from functools import cache
from pathlib import Path

import pytest
from lxml import etree
from pptx import Presentation
from pptx.util import Inches

from imganalytics.errors import UserError
from imganalytics.export import pptx_file
from imganalytics.export.exported import SIZES, Exported, Receipt
from imganalytics.export.pptx_file import charts_in_pptx, pptx_bytes, receipt_in_pptx, receipts_in_pptx
from imganalytics.result import Question, Result
from imganalytics.studies.competitiveness import competitiveness
from imganalytics.studies.funnel import funnel
from imganalytics.studies.headline import headline
from imganalytics.studies.ranking import ranking

CHART = {"c": "http://schemas.openxmlformats.org/drawingml/2006/chart", "a": "http://schemas.openxmlformats.org/drawingml/2006/main"}
AWKWARD = {"500 letters": "Why? " * 100, "emoji": "Rates \U0001f9d1\u200d\u2695\ufe0f of 2025 \u2764",
           "right to left": "\u0645\u0639\u062f\u0644\u0627\u062a \u0627\u0644\u0642\u0628\u0648\u0644",
           "CJK": "\u5185\u79d1\u306e\u30de\u30c3\u30c1\u7387", "controls": "a\x00b\x0bc\ud800d\ufffe<&>\"'"}


@cache
def made(study: str, size: str = "slide", theme: str = "light") -> bytes:
    return pptx_bytes(Exported(Question(study, {}).ask(), size=size, theme=theme))


def slides(content: bytes) -> list:
    return list(Presentation(io.BytesIO(content)).slides)


def charts(content: bytes) -> list:
    return [shape.chart for slide in slides(content) for shape in slide.shapes if shape.has_chart]


def numbers(series, path: str) -> list[float]:
    return [float(point.text) for point in series._element.xpath(f"{path}/c:numRef/c:numCache/c:pt/c:v")]


def test_a_series_holds_the_figures_and_asymmetric_intervals_of_the_frame():
    result = ranking()
    series = {each.name: each for chart in charts(made("ranking")) for each in chart.plots[0].series}
    marks = series["Non-US IMG"]
    frame = result.frame
    assert numbers(marks, "c:xVal") == frame["rank"].tolist()
    assert len(numbers(marks, "c:yVal")) == len(frame)
    trace = Exported(result).spec["data"][0]
    assert numbers(marks, "c:xVal") == trace["x"]
    assert numbers(marks, "c:errBars[c:errDir/@val='x']/c:plus") == trace["error_x"]["array"]
    assert numbers(marks, "c:errBars[c:errDir/@val='x']/c:minus") == trace["error_x"]["arrayminus"]


def test_the_parts_of_a_tall_chart_hold_every_rate_once():
    result = competitiveness()
    shown = result.frame[(result.frame["reason"] == "") & (result.frame["applicant_type"] == "us_img")]
    found = [value for chart in charts(made("competitiveness")) for series in chart.plots[0].series
             if series.name == "US IMG" for value in numbers(series, "c:xVal")]
    assert found == shown["rate"].tolist()
    titles = [slide.shapes.title.text for slide in slides(made("competitiveness"))]
    assert len(titles) > 1 and titles[0].endswith(f"(1 of {len(titles)})")
    assert titles[1].endswith(f"continued (2 of {len(titles)})")


def test_lines_break_where_nothing_is_published():
    frame = headline().frame
    chart = charts(made("headline"))[0]
    assert 'dispBlanksAs val="gap"' in etree.tostring(chart._chartSpace).decode()
    gaps = [series for series in chart.plots[0].series
            if len(series._element.xpath("c:yVal//c:pt")) < int(series._element.xpath("c:yVal//c:ptCount/@val")[0])]
    assert gaps and len(frame)


def test_axes_have_the_ranges_of_the_chart():
    spec = Exported(funnel()).spec["layout"]
    x, y = charts(made("funnel"))[0]._chartSpace.xpath(".//c:valAx")
    assert x.xpath("c:scaling/c:logBase/@val") == ["10"]
    assert float(x.xpath("c:scaling/c:min/@val")[0]) == pytest.approx(10 ** spec["xaxis"]["range"][0])
    assert [float(y.xpath(f"c:scaling/c:{end}/@val")[0]) for end in ("min", "max")] == spec["yaxis"]["range"]
    assert y.xpath("c:numFmt/@formatCode") == ["0%"] and y.xpath("c:majorUnit/@val") == ["0.2"]


def test_rows_are_counted_from_the_top():
    upright = charts(made("ranking"))[0]._chartSpace.xpath(".//c:valAx")[1]
    assert upright.xpath("c:scaling/c:orientation/@val") == ["maxMin"]


def test_unstable_figures_are_hollow_in_powerpoint_and_in_libreoffice():
    series = {each.name: each._element for each in charts(made("ranking"))[0].plots[0].series}
    unstable = ranking().frame["reliability"].eq("unstable").sum()
    hollow = [mark for mark in series["Non-US IMG"].xpath("c:dPt/c:marker/c:spPr") if mark.xpath("./a:noFill")]
    middles = next(each for name, each in series.items() if "white middle" in name)
    assert len(hollow) == len(middles.xpath("c:yVal//c:pt")) == unstable > 0


def test_the_workbook_behind_a_chart_holds_the_same_numbers():
    from openpyxl import load_workbook

    chart = charts(made("ranking"))[0]
    sheet = load_workbook(io.BytesIO(chart.part.chart_workbook.xlsx_part.blob)).active
    for reference in chart._chartSpace.xpath(".//c:numRef"):
        cells = reference.find("c:f", CHART).text.removeprefix("Sheet1!").replace("$", "")
        values = [row[0].value for row in sheet[cells]]
        cached = {int(point.get("idx")): float(point.find("c:v", CHART).text)
                  for point in reference.iterfind(".//c:pt", CHART)}
        assert {at: value for at, value in enumerate(values) if value is not None} == cached


def test_alt_text_reading_order_notes_and_source():
    result = ranking()
    slide = slides(made("ranking"))[0]
    names = [shape.name for shape in slide.shapes]
    assert names[0].startswith("Title") and names[1] == "Base, years and n" and names[-1] == "Sources"
    assert names.index("Chart 1") < names.index("Words of the chart")
    chart = next(shape for shape in slide.shapes if shape.has_chart)
    assert chart._element.nvGraphicFramePr.cNvPr.get("descr") == Exported(result).alt_text
    notes = slide.notes_slide.notes_text_frame.text
    for part in (result.title, result.summary, *result.caveats, *(source.citation for source in result.sources), "SELECT"):
        assert part in notes
    assert "not affiliated with the NRMP" in slide.shapes[-1].text_frame.text


def test_every_word_of_the_chart_is_on_the_slides():
    words = {shape.text_frame.text for slide in slides(made("ranking")) for group in slide.shapes if group.shape_type == 6
             for shape in group.shapes if shape.has_text_frame}
    assert {"Pediatrics", "Vascular Surgery", "Rank (95 %)", "Rank by match rate (1 = highest)"} <= words


def test_the_receipt_is_found_in_tags_and_when_they_are_gone_in_the_notes():
    content = made("ranking")
    receipt = Receipt.from_json(receipt_in_pptx(content))
    assert receipt == Exported(ranking()).receipt and receipt.ask().receipt == receipt
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            if "/tags/" not in name:
                text = old.read(name)
                if name == "ppt/slides/_rels/slide1.xml.rels":
                    tree = etree.fromstring(text)
                    for each in list(tree):
                        if "tags" in each.get("Type"):
                            tree.remove(each)
                    text = etree.tostring(tree)
                new.writestr(name, text)
    assert [Receipt.from_json(each) for each in receipts_in_pptx(out.getvalue())] == [receipt]


def test_a_tall_chart_has_one_receipt_and_other_files_have_none():
    assert len(receipts_in_pptx(made("competitiveness"))) == 1
    empty = io.BytesIO()
    Presentation().save(empty)
    assert receipts_in_pptx(empty.getvalue()) == [] and receipt_in_pptx(empty.getvalue()) is None
    with pytest.raises(UserError, match="not a PowerPoint file"):
        receipts_in_pptx(b"no archive")


@pytest.mark.parametrize("size", SIZES)
def test_nothing_stands_outside_the_page(size):
    content = made("headline", size)
    page = Presentation(io.BytesIO(content))
    assert (page.slide_width, page.slide_height) == tuple(Inches(side) for side in SIZES[size])
    for slide in page.slides:
        for shape in slide.shapes:
            assert shape.left >= 0 and shape.left + shape.width <= page.slide_width * 1.01, shape.name
            assert shape.top >= 0 and shape.top + shape.height <= page.slide_height * 1.01, shape.name


def test_the_grey_theme_has_greys_only():
    for slide in slides(made("headline", theme="grey")):
        chart = next(shape for shape in slide.shapes if shape.has_chart).chart
        colours = {*chart._chartSpace.xpath(".//c:ser//a:srgbClr/@val")}
        assert colours and all(each[:2] == each[2:4] == each[4:] for each in colours)


@pytest.mark.parametrize("title", AWKWARD.values(), ids=AWKWARD)
def test_awkward_titles_fit_and_break_nothing(title):
    content = pptx_bytes(Exported(ranking(), title=title[:500], note=title[:500]))
    slide = slides(content)[0]
    shown = slide.shapes.title
    assert shown.text and shown.top + shown.height < Inches(2.2)
    tops = {shape.name: shape.top for shape in slide.shapes}
    assert shown.top + shown.height <= tops["Base, years and n"] + 2 < tops["Sources"]
    if "\u0645" in title:
        assert shown.text_frame.paragraphs[0]._p.pPr.get("rtl") == "1"


def template(path: Path, layouts: bool = True) -> Path:
    page = Presentation()
    page.slides.add_slide(page.slide_layouts[0])
    if not layouts:
        listed = page.slide_master.part._element.sldLayoutIdLst
        for entry in list(listed):
            listed.remove(entry)
    page.save(path)
    return path


def test_a_template_gives_its_page_and_layout_and_loses_its_slides(tmp_path):
    content = pptx_bytes(Exported(ranking()), template(tmp_path / "ours.pptx"))
    page = Presentation(io.BytesIO(content))
    assert (page.slide_width, page.slide_height) == (Inches(10), Inches(7.5))
    assert [slide.slide_layout.name for slide in page.slides] == ["Title Only"] * len(page.slides)
    assert charts_in_pptx(content) == len(page.slides) == 1
    title = page.slides[0].shapes.title
    assert all(shape.top >= title.top + title.height - 2 for shape in page.slides[0].shapes if shape.name == "Base, years and n")


def test_templates_that_cannot_be_used_are_named(tmp_path):
    with pytest.raises(UserError, match="no slide layouts"):
        pptx_bytes(Exported(ranking()), template(tmp_path / "bare.pptx", layouts=False))
    with pytest.raises(UserError, match="no such template"):
        pptx_bytes(Exported(ranking()), tmp_path / "gone.pptx")
    (tmp_path / "text.pptx").write_text("no archive")
    with pytest.raises(UserError, match="cannot be read as a template"):
        pptx_bytes(Exported(ranking()), tmp_path / "text.pptx")


def test_an_answer_without_a_chart_is_a_native_table():
    import pandas as pd

    frame = pd.DataFrame({"specialty": [f"S{at}\x07" for at in range(200)], "rate": [0.25] * 200, "source_id": "x"})
    result = Result(frame, Question("no_such_study", {}), "A table?", "n = 200.", "Two hundred rows.")
    page = slides(pptx_bytes(Exported(result)))
    tables = [shape.table for slide in page for shape in slide.shapes if shape.has_table]
    assert len(tables) == len(page) == 4 and tables[0].cell(0, 0).text == "specialty" and tables[0].cell(1, 1).text == "0.25"
    left_out = [shape.text_frame.text for shape in page[-1].shapes if shape.name == "What is left out"]
    assert left_out and "of 200 rows" in left_out[0]


def test_a_chart_that_is_not_of_points_becomes_a_table(monkeypatch):
    bars = {"data": [{"type": "bar"}], "layout": {"width": 980, "height": 400, "margin": {}}}
    monkeypatch.setattr("imganalytics.export.exported.spec_of", lambda result: bars)
    page = slides(pptx_bytes(Exported(ranking())))
    assert all(shape.has_table is False or shape.table for slide in page for shape in slide.shapes)
    assert any(shape.has_table for slide in page for shape in slide.shapes) and pptx_file._scene(Exported(ranking())) is None
