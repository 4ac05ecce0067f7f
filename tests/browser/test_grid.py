"""The table of thousands of rows and the map of states under a hand: keyboard, wheel, heads, a narrow window."""

import nbformat
import pytest

from tests.browser.page import LabPage

ROWS = 5200
CELL = f"size = {ROWS}" + """
import ipywidgets as w
import numpy as np
from imganalytics.explorers.widgets import Grid, StatePicker
quota = np.arange(size) * 7919 % size  # every number once
names = [f"Program {row:04}" for row in range(size)]
names[1] = "<b onclick=alert(1)>Bold</b> & <img src=x onerror=alert(1)>"
columns = [{"name": "name", "label": "Program", "width": 220}, {"name": "quota", "label": "Positions", "numeric": True}]
columns += [{"name": f"more{at}", "label": f"Column {at}", "width": 110} for at in range(10)]
more = [["not stated" if row % 3 else f"cell {at}.{row}" for row in range(size)] for at in range(10)]
grid = Grid(columns, [names, [str(q) for q in quota], *more], caption="Programs", empty="No program fits.", height=400)
said, least = w.Label(), w.IntSlider(0, 0, size, 100, description="Least")
def answer(_=None):
    kept = np.flatnonzero(quota >= least.value)
    if grid.sort["column"]:
        kept = kept[np.argsort(quota[kept])][::-1 if grid.sort["descending"] else 1]
    grid.order = kept
grid.observe(answer, "sort"), least.observe(answer, "value")
states = StatePicker([{"value": "CA", "label": "California", "column": 1, "row": 2, "count": 9},
                      {"value": "TX", "label": "Texas", "column": 2, "row": 3}, {"value": "GU", "label": "Guam"},
                      {"value": "NY", "label": "New York", "column": 3, "row": 1, "disabled": True, "why": "none"}])
def tell(_):
    said.value = f"chosen {grid.chosen}; marked {grid.marked}; {grid.sort}; states {states.value}"
grid.observe(tell, ["chosen", "marked", "sort"]), states.observe(tell, "value")
w.VBox([least, grid, said, states])
"""
IN_SIGHT = """() => {
    const at = (node) => node.getBoundingClientRect(), box = at(document.querySelector('.imga-grid-box'));
    const top = at(document.querySelector('.imga-grid-top')).bottom, row = at(document.querySelector('.imga-cursor'));
    return row.top >= top - 1 && row.bottom <= box.bottom + 1;
}"""


class Table:
    """The table of the page, in the words of a reader."""

    def __init__(self, lab: LabPage):
        self.lab, self.page = lab, lab.page
        self.box = self.page.get_by_role("grid", name="Programs")

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def told(self, words: str) -> None:
        """Wait until Python says these words."""
        self.page.locator(".widget-label", has_text=words).first.wait_for()

    def shows(self, place: int, text: str) -> None:
        """Wait until the row at this place (from 0) says this."""
        self.box.locator(f"[aria-rowindex='{place + 2}']:visible", has_text=text).wait_for()

    def cursor(self) -> str:
        """What the row or head with the cursor says first; it is the one named to screen readers, and in sight."""
        assert self.page.evaluate(IN_SIGHT) or self.page.locator(".imga-grid-head.imga-cursor").count()
        node = self.page.locator(f"#{self.box.get_attribute('aria-activedescendant')}")
        assert "imga-cursor" in node.get_attribute("class")
        return node.locator("[role=rowheader], .imga-grid-label").first.inner_text()


@pytest.fixture(scope="module")
def table(browser, lab_url, served):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CELL)])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, served / "synthetic_grid.ipynb")
    page = LabPage(browser, lab_url)
    page.open("synthetic_grid.ipynb").run_all()
    table = Table(page)
    table.shows(0, "Program 0000")
    yield table
    page.close()


def test_the_rows_in_sight_alone_are_in_the_page_and_markup_is_text(table: Table):
    assert table.page.locator(".imga-grid-row").count() < 80
    assert table.box.get_attribute("aria-rowcount") == str(ROWS + 1)
    table.shows(1, "<b onclick=alert(1)>Bold</b> & <img src=x onerror=alert(1)>")
    assert table.page.locator(".imga-grid-row :is(b, img)").count() == 0
    table.box.hover()
    table.page.mouse.wheel(0, 30 * ROWS)
    table.shows(ROWS - 1, f"Program {ROWS - 1}")
    rows = table.box.locator("[role=row]:visible")
    in_page = rows.evaluate_all("all => all.map(row => +row.getAttribute('aria-rowindex'))")
    assert in_page[0] == 1 and in_page[1:] == sorted(in_page[1:]) and len(in_page) < 80  # read out in the order seen
    table.lab.assert_clean()


def test_the_keyboard_moves_opens_ticks_and_sorts(table: Table):
    table.page.get_by_role("slider").first.focus()
    table.press("Tab", "Tab")  # the slider's own number stands between
    assert table.box.evaluate("box => box === document.activeElement")
    table.press("Home", "ArrowDown", "ArrowDown", "Enter")
    table.told("chosen 2; marked ()")
    assert table.cursor() == "Program 0002" and table.box.locator("[aria-selected=true]").count() == 1
    table.press("End", "Space")
    table.told(f"chosen 2; marked ({ROWS - 1},)")
    assert table.cursor() == f"Program {ROWS - 1}"
    assert table.box.get_by_role("checkbox", name=f"Mark: Program {ROWS - 1}", checked=True).is_visible()
    table.press("PageUp", "ArrowUp")
    assert table.cursor() < f"Program {ROWS - 5}"
    table.press("ArrowRight", "ArrowRight", "ArrowRight")
    table.page.wait_for_function("() => document.querySelector('.imga-grid-box').scrollLeft > 0")
    table.press("Home", "ArrowUp", "ArrowRight")
    assert table.cursor() == "Positions"
    table.press("Enter")
    table.told("'quota', 'descending': True")
    table.shows(0, f"{ROWS - 1}")
    assert table.box.get_by_role("columnheader", name="Positions").get_attribute("aria-sort") == "descending"
    table.press("Space")
    table.told("'quota', 'descending': False")
    table.shows(0, "Program 0000")
    table.press("Escape")
    table.told("chosen -1")
    table.lab.assert_clean()


def test_a_new_order_keeps_the_cursor_with_its_row_or_goes_to_the_top(table: Table):
    table.page.locator(".imga-grid-row:visible", has_text="Program 0000").first.click()
    table.told("chosen 0")
    table.box.get_by_role("columnheader", name="Positions").click()  # quota falling: the row of quota 0 is the last
    table.told("'quota', 'descending': True")
    table.shows(0, f"{ROWS - 1}")
    table.press("ArrowDown", *["PageDown"] * 8)
    row, place = table.cursor(), table.box.evaluate("box => box.scrollTop")
    assert place > 1000
    handle = table.lab.slider("Least")
    table.lab.press(handle, times=3)  # takes rows away from the end, out of sight
    table.page.wait_for_function(f"() => document.querySelector('.imga-grid-box').ariaRowCount === '{ROWS - 300 + 1}'")
    assert (table.cursor(), table.box.evaluate("box => box.scrollTop")) == (row, place)
    table.lab.press(handle, "End")
    table.page.get_by_role("status").get_by_text("No program fits.").wait_for()
    assert table.page.locator(".imga-grid-row:visible").count() == 0
    table.lab.press(handle, "Home")
    table.shows(0, f"{ROWS - 1}")
    assert table.box.evaluate("box => box.scrollTop") == 0
    table.lab.assert_clean()


def test_states_are_picked_with_hand_and_keys(table: Table):
    page = table.page
    assert page.get_by_text("All states: none is picked out").is_visible()
    page.get_by_role("button", name="California: 9").click()
    table.told("states ('CA',)")
    table.press("ArrowDown", "Space")  # Guam, without a square of its own, stands under California
    table.told("states ('CA', 'GU')")
    assert page.get_by_role("button", name="Guam", pressed=True).is_visible()
    table.press("ArrowUp", "ArrowUp", "Enter", "ArrowDown", "Space")  # New York cannot be picked; Texas
    table.told("states ('CA', 'TX', 'GU')")
    assert page.get_by_text("3 states: California, Texas, Guam").is_visible()
    page.get_by_role("group", name="States").get_by_role("button", name="None", exact=True).click()
    table.told("states ()")
    table.lab.assert_clean()


def test_a_narrow_window_keeps_the_name_in_sight_and_leaves_room(table: Table):
    table.page.set_viewport_size({"width": 390, "height": 844})
    table.lab.settle()
    table.box.focus()
    table.press("ArrowDown", *["ArrowRight"] * 4)
    table.page.wait_for_function("() => document.querySelector('.imga-grid-box').scrollLeft > 200")
    box, name = table.box.bounding_box(), table.page.locator(".imga-cursor [role=rowheader]").bounding_box()
    assert box["x"] + box["width"] <= 390 and box["x"] <= name["x"] < box["x"] + 45
    assert name["width"] < box["width"] / 2
    square = table.page.get_by_role("button", name="California: 9").bounding_box()
    assert min(square["width"], square["height"]) >= 32
    table.lab.assert_clean()
