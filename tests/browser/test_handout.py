"""The handout as a reader opens it: from the disk, with the network cut, by keyboard, on a phone, on paper."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from imganalytics.export.exported import Exported
from imganalytics.export.html_file import html_bytes
from imganalytics.studies.competitiveness import competitiveness
from imganalytics.studies.reading import reading
from tests.browser.page import SCREENSHOTS

DRAWN = "#handout-chart[data-state]"


class Opened:
    """A handout opened from the disk, and all that it asked for or complained of."""

    def __init__(self, browser, file: Path, width: int, **options):
        self.context = browser.browser.new_context(viewport={"width": width, "height": 900}, offline=True, **options)
        self.page = self.context.new_page()
        self.problems: list[str] = []
        self.page.on("console", lambda message: self.problems.append(message.text))
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("request", lambda request: self.problems.append(request.url))
        self.page.goto(file.as_uri())

    def drawn(self) -> "Opened":
        self.page.wait_for_selector(DRAWN, timeout=60_000)
        return self

    def state(self, number: int) -> None:
        self.page.wait_for_selector(f"#handout-chart[data-state='{number}']", timeout=20_000)

    def until(self, holds: str) -> None:
        """Wait for an expression (Playwright's own waiting evaluates a string, which the page's policy forbids)."""
        for _ in range(100):
            if self.page.evaluate(holds):
                return
            self.page.wait_for_timeout(50)
        raise AssertionError(f"never so: {holds}")

    def chart(self) -> str:
        return self.page.locator("#handout-chart").inner_text()

    def table(self) -> str:
        return self.page.locator("#handout-table").inner_text()

    def shot(self, name: str) -> None:
        SCREENSHOTS.mkdir(exist_ok=True)
        self.page.screenshot(path=SCREENSHOTS / f"handout_{name}.png", full_page=True)


@pytest.fixture(scope="module")
def rates(tmp_path_factory) -> Path:
    file = tmp_path_factory.mktemp("handout") / "rates.html"
    varied = {"base": ["ranked_anywhere", "only_choice"], "match_year": [2020, 2024, 2025]}
    file.write_bytes(html_bytes(Exported(competitiveness()), varied))
    return file


@pytest.fixture
def opened(browser):
    """Opens handouts; afterwards nothing but the files themselves may have been asked for, and nothing complained."""
    pages = []

    def opening(file: Path, width: int = 1000, **options) -> Opened:
        pages.append(Opened(browser, file, width, **options))
        return pages[-1]

    yield opening
    for each in pages:
        each.context.close()
        assert [problem for problem in each.problems if not problem.startswith("file://")] == []


def test_a_slider_by_keyboard_changes_chart_table_and_words(opened, tmp_path):
    file = tmp_path / "reading.html"
    file.write_bytes(html_bytes(Exported(reading()), {"matched": range(31)}))
    handout = opened(file).drawn()
    assert len(handout.problems) == 1  # the file itself
    before = handout.chart(), handout.table(), handout.page.locator("#handout-summary").inner_text()
    handout.page.keyboard.press("Tab")
    focused = handout.page.evaluate("document.activeElement.id")
    assert focused == "handout-choice-0"
    assert handout.page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    handout.page.keyboard.press("ArrowRight")
    handout.state(16)
    after = handout.chart(), handout.table(), handout.page.locator("#handout-summary").inner_text()
    assert all(one != other for one, other in zip(before, after))
    assert "16 of 30" in handout.table()
    assert handout.page.locator("#handout-choice-0").get_attribute("aria-valuetext") == "16"
    handout.page.keyboard.press("Home")
    handout.state(0)
    assert "0 of 30" in handout.table()


def test_a_menu_and_a_combination_that_nobody_published(opened, rates):
    handout = opened(rates).drawn()
    assert handout.page.locator(".main-svg").count() > 0
    handout.page.locator("select").select_option(label="Ranked only this specialty")
    why = handout.page.locator("#handout-why")
    why.wait_for(state="visible")
    assert "No rate is published" in why.inner_text()
    assert handout.page.locator("h1").inner_text() == "Nothing to show for this choice"
    assert not handout.page.locator("#handout-shown").is_visible()
    handout.page.locator("select").select_option(label="Ranked the specialty anywhere")
    handout.state(2)
    assert not why.is_visible() and "Emergency Medicine" in handout.chart()
    handout.shot("1000")


def test_a_mark_tells_its_figures_under_the_pointer(opened, rates):
    handout = opened(rates).drawn()
    box = handout.page.locator(".scatterlayer .point").first.bounding_box()
    handout.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    handout.page.wait_for_selector(".hoverlayer .hovertext")
    assert "315 matched of 467" in handout.page.locator(".hoverlayer").text_content()


def test_a_phone_scrolls_the_chart_and_not_the_page(opened, rates):
    handout = opened(rates, 390).drawn()
    assert handout.page.evaluate("document.documentElement.scrollWidth") == 390
    assert handout.page.locator("#handout-wide").is_visible()
    handout.page.locator("#handout-box").focus()
    handout.page.keyboard.press("ArrowRight")
    handout.until("document.getElementById('handout-box').scrollLeft > 0")
    small = """() => Math.min(...[...document.querySelectorAll('main *')].filter(each => each.childElementCount === 0 &&
        each.textContent.trim() && each.getClientRects().length && !each.closest('#handout-chart'))
        .map(each => parseFloat(getComputedStyle(each).fontSize)))"""
    assert handout.page.evaluate(small) >= 11
    assert handout.page.locator("select").bounding_box()["height"] >= 32
    handout.shot("390")


def test_without_javascript_the_words_and_the_table_stand(opened, rates):
    handout = opened(rates, 390, java_script_enabled=False)
    assert handout.page.locator("#handout-nochart").is_visible()
    assert not handout.page.locator("#handout-controls").is_visible()
    assert "Emergency Medicine" in handout.table()
    handout.shot("without_javascript")


def test_an_old_browser_says_what_it_lacks(browser, rates):
    handout = browser.browser.new_context(offline=True)
    handout.add_init_script("delete globalThis.DecompressionStream")
    page = handout.new_page()
    page.goto(rates.as_uri())
    assert "needs JavaScript and a browser of 2023" in page.locator("#handout-nochart").inner_text()
    assert not page.locator("#handout-controls").is_visible() and page.locator("#handout-table").is_visible()
    handout.close()


def test_on_paper_there_are_chart_table_and_sources_but_no_controls(opened, rates, tmp_path):
    handout = opened(rates).drawn()
    paper = tmp_path / "rates.pdf"
    handout.page.pdf(path=paper, format="A4")
    handout.page.emulate_media(media="print")
    assert not handout.page.locator("#handout-controls").is_visible()
    assert handout.page.evaluate("getComputedStyle(document.querySelector('.table')).maxHeight") == "none"
    if not shutil.which("pdftotext"):
        pytest.skip("no pdftotext on this machine, so the printed words were not read")
    words = subprocess.run(["pdftotext", "-layout", str(paper), "-"], capture_output=True, text=True, check=True).stdout
    assert len(re.findall("Emergency Medicine", words)) >= 3  # in the chart, and a row for each type
    assert "Psychiatry / Neurology" in words and "Sources" in words and "Year of the Match" not in words
