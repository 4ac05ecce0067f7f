"""Notebook 07, and the Export panel of a chart: a slide is added, the deck is made, saved and opened again."""

import io
import re
from pathlib import Path

import pytest
from pptx import Presentation

from tests.browser.page import LabPage


@pytest.fixture(scope="module")
def exported(browser, lab_url):
    """Notebook 01 with its Export panel open."""
    page = LabPage(browser, lab_url)
    page.open("notebooks/01_specialty_competitiveness.ipynb").run_all().charts_drawn()
    page.page.get_by_text("Export", exact=True).first.click()
    page.page.get_by_role("button", name="PowerPoint slide").first.wait_for()
    yield page
    page.assert_clean()
    page.close()


def saved(page: LabPage, name: str, folder: Path) -> bytes:
    with page.page.expect_download() as download:
        page.page.get_by_role("button", name=name).first.click()
    file = folder / download.value.suggested_filename
    download.value.save_as(file)
    return file.read_bytes()


def test_a_chart_is_saved_as_a_slide_under_words_of_the_users_own(exported: LabPage, tmp_path: Path):
    page = exported.page
    page.get_by_label("Title", exact=True).first.fill("For the workshop")
    page.get_by_label("Title", exact=True).first.press("Tab")
    slides = Presentation(io.BytesIO(saved(exported, "PowerPoint slide", tmp_path))).slides
    assert slides[0].shapes.title.text_frame.text.startswith("For the workshop")
    assert any(shape.has_chart for slide in slides for shape in slide.shapes)
    exported.screenshot("01_export")


def test_a_chart_is_saved_as_a_handout_and_a_picture(exported: LabPage, tmp_path: Path):
    assert b"imganalytics-receipt" in saved(exported, "Handout", tmp_path)
    png = saved(exported, "Save as PNG", tmp_path)
    assert png.startswith(b"\x89PNG") and b"competitiveness" in png


def test_what_is_added_stands_in_the_deck_with_the_deck_of_the_workbook(exported: LabPage, browser, lab_url, tmp_path: Path):
    exported.page.get_by_role("button", name="Add to deck").first.click()
    exported.page.get_by_text(re.compile("of your deck")).first.wait_for()
    page = LabPage(browser, lab_url)
    page.open("notebooks/07_presentation.ipynb").run_all()
    page.page.get_by_text(re.compile("1 items?, 1 of them")).wait_for()
    page.page.get_by_role("button", name="Begin with the deck of the workbook").click()
    page.page.get_by_text(re.compile("1[0-9] items")).wait_for()
    slides = Presentation(io.BytesIO(saved(page, "Save the deck (PowerPoint)", tmp_path))).slides
    assert len(slides) >= 12 and sum(shape.has_chart for slide in slides for shape in slide.shapes) >= 9
    assert any("For the workshop" in slide.shapes.title.text_frame.text for slide in slides)
    page.screenshot("07_presentation")
    page.assert_clean()
    page.close()
