"""'Where this number comes from', asked with the mouse and with the keyboard."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator

from tests.browser.page import LabPage

GEOMETRY = """() => {
    const at = (name) => document.querySelector(name).getBoundingClientRect();
    const [panel, ring, body] = [at('.imga-panel'), at('.imga-ring'), document.querySelector('.imga-panel .imga-body')];
    return {left: panel.left, right: panel.right, top: panel.top, bottom: panel.bottom, ring: ring.bottom,
            width: innerWidth, height: innerHeight, wider: body.scrollWidth - body.clientWidth};
}"""


@pytest.fixture(scope="module")
def notebook(browser, lab_url):
    """Notebook 01, run once for the tests below."""
    page = LabPage(browser, lab_url)
    yield page.open("notebooks/01_specialty_competitiveness.ipynb").run_all().charts_drawn()
    page.close()


@pytest.fixture
def explorer(notebook: LabPage):
    """The notebook with nothing explained."""
    if panel(notebook).is_visible():
        panel(notebook).get_by_role("button", name="Close").click()
        panel(notebook).wait_for(state="hidden")
    return notebook


def panel(page: LabPage) -> Locator:
    return page.page.locator(".imga-panel").first


def table(page: LabPage) -> Locator:
    return page.page.locator(".imga-table").first


def change(page: LabPage, act: Callable[[], object]) -> None:
    """Do something that changes the chart, and wait until plotly has drawn the new one."""
    before = page.drawn()
    act()
    page.wait_redrawn(before)
    page.charts_drawn()


def click_mark(page: LabPage, number: int) -> None:
    """Click a mark of the first chart as a hand does: go there, rest, press."""
    mark = page.page.locator(".js-plotly-plot").first.locator(".point").nth(number)
    mark.scroll_into_view_if_needed()
    box = mark.bounding_box()
    page.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=2)
    page.page.wait_for_function("() => document.querySelector('.nsewdrag').style.cursor === 'pointer'")  # plotly has seen it
    page.page.mouse.down()
    page.page.mouse.up()


@pytest.mark.parametrize("width", [1360, 1000])
def test_a_click_on_a_mark_shows_source_and_page_beside_it(explorer: LabPage, width: int):
    explorer.page.set_viewport_size({"width": width, "height": 900})
    explorer.settle()
    click_mark(explorer, 12)
    panel(explorer).get_by_text("Advance Data Tables, PGY-1 matches").first.wait_for()
    said = panel(explorer).inner_text()
    assert "WHERE THIS NUMBER COMES FROM" in said and "nrmp_adt_2025" in said and "match_applicants.csv, row" in said
    explorer.page.wait_for_function(f"() => {{const g = ({GEOMETRY})(); return g.ring < g.top}}")  # it does not hide its mark
    place = explorer.page.evaluate(GEOMETRY)
    assert 0 < place["left"] < place["right"] <= place["width"] and place["bottom"] <= place["height"]
    assert place["wider"] <= 0, "its text is wider than the panel"
    explorer.screenshot(f"explanation_{width}")
    chosen = table(explorer).locator("[aria-selected=true]")
    assert chosen.count() == 1 and chosen.inner_text().split()[0] in said
    explorer.assert_clean()


def test_the_keyboard_asks_in_the_table_and_closes(explorer: LabPage):
    page, cells = explorer.page, table(explorer).locator("[data-figure]")
    assert table(explorer).locator("[data-figure][tabindex='0']").count() == 1  # one stop, whatever its size
    page.get_by_role("button", name="Save these figures (CSV)").first.focus()
    page.keyboard.press("Tab")
    assert cells.first.evaluate("cell => cell === document.activeElement")
    for key in ("ArrowDown", "ArrowRight", "ArrowDown", "ArrowUp", "ArrowLeft", "Enter"):
        page.keyboard.press(key)
    second = cells.nth(2)  # two types a row: the first figure of the second row
    panel(explorer).get_by_text(second.inner_text().split(" (")[0]).first.wait_for()
    assert second.evaluate("cell => cell === document.activeElement && getComputedStyle(cell).outlineStyle") == "solid"
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    panel(explorer).get_by_text("Non-US IMG").first.wait_for()
    page.keyboard.press("Escape")
    panel(explorer).wait_for(state="hidden")
    page.keyboard.press("Enter")  # where the focus was left
    panel(explorer).wait_for()
    explorer.assert_clean()


def test_it_follows_the_controls_and_goes_with_its_figure(explorer: LabPage):
    click_mark(explorer, 0)
    panel(explorer).wait_for()
    base = explorer.widget("Base of the rate").locator("select")
    change(explorer, lambda: base.select_option(label="Everyone who certified a list"))
    panel(explorer).wait_for(state="hidden")
    click_mark(explorer, 0)
    panel(explorer).get_by_text("2025 Match").first.wait_for()
    change(explorer, lambda: explorer.press(explorer.slider("Year of the Match"), "ArrowLeft"))
    panel(explorer).get_by_text("2024 Match").first.wait_for()
    change(explorer, lambda: base.select_option(label="Ranked the specialty anywhere"))
    panel(explorer).wait_for(state="hidden")
    explorer.assert_clean()


def test_an_address_is_a_link_that_opens_elsewhere_and_fetches_nothing(explorer: LabPage):
    base = explorer.widget("Base of the rate").locator("select")
    change(explorer, lambda: base.select_option(label="Everyone who certified a list"))
    change(explorer, lambda: explorer.press(explorer.slider("Year of the Match"), "Home"))
    click_mark(explorer, 0)
    link = panel(explorer).get_by_role("link").first
    link.wait_for()
    assert link.get_attribute("href").startswith("http")
    assert (link.get_attribute("target"), link.get_attribute("rel")) == ("_blank", "noopener noreferrer")
    explorer.assert_clean()
