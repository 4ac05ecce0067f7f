"""Every notebook as an adviser meets it: open, Run All, move a slider, look."""

import csv
import io
import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, TimeoutError

from tests.browser.lab import CHECKOUT
from tests.browser.page import LabPage

WITHOUT_CHARTS = "07_presentation.ipynb"  # see test_presentation.py
NOTEBOOKS = sorted(path.name for path in (CHECKOUT / "notebooks").glob("*.ipynb") if path.name != WITHOUT_CHARTS)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_runs_clean_and_answers_its_sliders(lab_page: LabPage, name: str):
    lab_page.open(f"notebooks/{name}").run_all().charts_drawn()
    lab_page.screenshot(Path(name).stem)
    lab_page.assert_clean()
    handles = [handle for handle in lab_page.sliders().all() if handle.is_visible() and handle.is_enabled()]
    live = [handle for handle in handles if not handle.locator("xpath=ancestor::*[@disabled]").count()]
    assert live, "no slider to move"
    for handle in live:
        before = lab_page.shown()
        lab_page.drag(handle, 0.3)
        try:
            lab_page.wait_answered(before)
        except TimeoutError:
            pytest.fail(f"this slider changes nothing: {_label(handle)}")
        lab_page.settle()
    lab_page.assert_clean()


def _label(handle: Locator) -> str:
    return handle.locator("xpath=ancestor::*[contains(@class, 'widget-inline-hbox')]").first.inner_text()


@pytest.fixture(scope="module")
def explorer(browser, lab_url):
    """Notebook 01, run once for the tests below; each leaves it as it likes."""
    page = LabPage(browser, lab_url)
    yield page.open("notebooks/01_specialty_competitiveness.ipynb").run_all().charts_drawn()
    page.close()


def test_the_figures_shown_are_saved_as_csv(explorer: LabPage, tmp_path: Path):
    with explorer.page.expect_download() as download:
        explorer.page.get_by_role("button", name="Save these figures (CSV)").click()
    download.value.save_as(tmp_path / "shown.csv")
    rows = list(csv.DictReader(io.StringIO((tmp_path / "shown.csv").read_text(encoding="utf-8-sig"))))
    pediatrics = [row for row in rows if (row["specialty"], row["applicant_type"]) == ("Pediatrics", "non_us_img")]
    assert [(row["matched"], row["applicants"], row["source_id"]) for row in pediatrics] == [("590", "1174", "nrmp_adt_2025")]


def test_the_chart_is_saved_as_an_image_by_its_own_tool(explorer: LabPage, tmp_path: Path):
    camera = explorer.page.locator("[data-title*='Download plot']").first
    with explorer.page.expect_download() as download:
        camera.click()
    download.value.save_as(tmp_path / "chart.png")
    assert (tmp_path / "chart.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "chart.png").stat().st_size > 30_000


def test_what_the_slider_shows_while_it_moves_is_what_plotly_draws_at_rest(explorer: LabPage):
    before = explorer.drawn()
    explorer.drag(explorer.slider("Minimum applicants"), 0.1)
    explorer.wait_redrawn(before)
    # looked at in one go: the kernel may still send another figure, of which there is only a sketch at first
    sketched, marks, drawn, points = explorer.page.wait_for_function("""() => {
        const plot = document.querySelector('.js-plotly-plot'), quick = plot.nextSibling;
        return plot.parentElement.dataset.state === 'drawn' && [quick.textContent, quick.querySelectorAll('svg path').length,
                [...plot.querySelectorAll('text')].map(t => t.textContent).join(' '),
                plot.querySelectorAll('.point').length]}""").json_value()
    assert _words(drawn) == _words(sketched)
    assert marks == 2 * points + 2  # a line and a mark for each rate; the grid and the axis


def _words(text: str) -> str:
    return "".join(sorted(re.findall(r"[A-Za-z0-9]", text)))


def test_an_impossible_choice_says_why_and_offers_the_nearest(explorer: LabPage):
    page = explorer.page
    explorer.widget("Base of the rate").locator("select").select_option(label="Ranked only this specialty")
    page.get_by_text("No rate is published for US IMG or Non-US IMG").wait_for()
    page.get_by_role("button", name=re.compile("^Show instead: ")).click()
    page.get_by_text("How often did US IMGs and Non-US IMGs match").first.wait_for()
    explorer.assert_clean()


def test_search_families_and_chips_change_the_chart(explorer: LabPage):
    page = explorer.page
    specialties = page.get_by_role("group", name="Specialties").or_(page.locator("[aria-label=Specialties]")).first
    before = explorer.drawn()
    specialties.get_by_text("None", exact=True).first.click()
    page.get_by_text("Choose at least one specialty").wait_for()
    specialties.get_by_placeholder("Search").fill("peds")
    specialties.get_by_text("Pediatrics", exact=True).first.click()
    explorer.wait_redrawn(before)
    before = explorer.drawn()
    page.get_by_role("checkbox", name="US MD senior").first.click()
    explorer.wait_redrawn(before)
    explorer.assert_clean()
