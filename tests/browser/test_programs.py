"""Notebook 04 as an adviser works with it: filter, open a card, weigh, shortlist, save, bring a file."""

import csv
import io
import re
from pathlib import Path

import openpyxl
import pytest

from tests.browser.page import LabPage

SYNTHETIC = "program_code,step2ck_min,visas_accepted\n1007140C0,231,J-1 | H-1B\n9999999X9,200,J-1\n"


@pytest.fixture(scope="module")
def notebook(browser, lab_url):
    """Notebook 04, run once; the tests below go through it in order."""
    page = LabPage(browser, lab_url)
    yield page.open("notebooks/04_programs.ipynb").run_all().charts_drawn()
    page.assert_clean()
    page.close()


def grid(page: LabPage):
    return page.page.get_by_role("grid", name="Training programs")


def search(page: LabPage, words: str, expected: str) -> None:
    page.page.get_by_placeholder(re.compile("^Name, city")).fill(words)
    grid(page).get_by_role("row", name=re.compile(expected)).first.wait_for()
    page.settle()


def test_a_search_filters_and_a_press_opens_the_card_with_its_sources(notebook: LabPage):
    search(notebook, "univ alabma birmingham intern", "University of Alabama Medical Center, Birmingham")
    grid(notebook).get_by_role("row", name=re.compile("Internal Medicine")).first.click()
    page = notebook.page
    page.get_by_role("heading", name="University of Alabama Medical Center, Birmingham: Internal Medicine").first.wait_for()
    cell = page.get_by_role("row", name=re.compile("Positions filled, 2025")).first.locator("[data-figure]")
    cell.click()
    panel = page.locator(".imga-panel:visible")
    panel.wait_for()
    assert "program_results.csv, row" in panel.inner_text() and "p.7" in panel.inner_text()
    notebook.charts_drawn().screenshot("04_card")


def test_a_weight_moves_the_ranges(notebook: LabPage):
    before = notebook.shown()
    notebook.drag(notebook.slider("Positions left unfilled"), 0.8)
    notebook.wait_answered(before)
    notebook.charts_drawn()


def test_ticked_programs_are_compared_kept_and_saved(notebook: LabPage, tmp_path: Path):
    page = notebook.page
    search(notebook, "abington", "Abington Memorial Hospital")
    for row in (1, 2):
        grid(notebook).get_by_role("row").nth(row).get_by_role("checkbox").click()
    page.get_by_role("button", name="Compare the ticked (2 to 5)").click()
    page.get_by_role("columnheader", name="Abington Memorial Hospital: Family Medicine").wait_for()
    page.get_by_role("button", name="Add the ticked to the shortlist").click()
    page.get_by_text("2 programs on the shortlist").wait_for()
    note = page.get_by_placeholder("Your note").first
    note.fill("=ask them")
    note.press("Enter")
    notebook.settle()
    for name, read in (("Excel", _excel), ("CSV", _csv)):
        with page.expect_download() as download:
            page.get_by_role("button", name=f"Save the shortlist ({name})").click()
        file = tmp_path / download.value.suggested_filename
        download.value.save_as(file)
        assert read(file) == [("Abington Memorial Hospital", "Family Medicine", 8), ("Abington Memorial Hospital",
                                                                                    "Internal Medicine", 20)]


def _excel(file: Path) -> list[tuple]:
    head, *rows = openpyxl.load_workbook(file)["Figures"].values
    return [tuple(dict(zip(head, row))[name] for name in ("institution", "specialty", "positions")) for row in rows]


def _csv(file: Path) -> list[tuple]:
    rows = list(csv.DictReader(io.StringIO(file.read_text("utf-8-sig"))))
    assert rows[0]["note"] == "'=ask them"
    return [(row["institution"], row["specialty"], int(row["positions"])) for row in rows]


def test_an_uploaded_file_is_read_and_stands_on_the_card(notebook: LabPage, tmp_path: Path):
    page = notebook.page
    file = tmp_path / "synthetic.csv"
    file.write_text(SYNTHETIC)
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose a file").click()
    chooser.value.set_files(file)
    page.get_by_role("button", name=re.compile("good row")).click()
    notebook.settle()
    search(notebook, "1007140C0", "University of Alabama Medical Center, Birmingham")
    grid(notebook).get_by_role("columnheader", name="Step 2 CK minimum").wait_for()
    grid(notebook).get_by_role("row", name=re.compile("Internal Medicine")).first.click()
    page.get_by_role("row", name=re.compile("Step 2 .*231.*synthetic.csv")).first.wait_for()
    notebook.assert_clean()
