"""The harness itself: what is wrong in a notebook is caught."""

import nbformat
import pytest

from tests.browser.page import LabPage

SLIDER = """
import ipywidgets as w
from imganalytics.charts.reading import spec
from imganalytics.explorers.widgets import PlotView
from imganalytics.studies.reading import reading
chart = PlotView(spec(reading(100, 50)))
slider = w.IntSlider(50, 0, 100, description="Synthetic")
"""
DEAD = SLIDER + "w.VBox([slider, chart])"
FAILING = SLIDER + 'slider.observe(lambda c: 1 / 0, "value")\nw.VBox([slider, chart])'


@pytest.fixture
def toy(served, lab_page: LabPage, request):
    """Opens a synthetic notebook of one cell and runs it."""
    def run(source: str) -> LabPage:
        name = f"synthetic_{request.node.name[5:40]}.ipynb"
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
        nbformat.write(notebook, served / name)
        return lab_page.open(name).run_all()
    return run


def test_a_dead_slider_is_caught(toy):
    page = toy(DEAD).charts_drawn()
    before = page.drawn()
    page.drag(page.slider("Synthetic"), 0.8)
    with pytest.raises(Exception, match="Timeout"):
        page.wait_redrawn(before, seconds=1.5)


def test_an_exception_in_a_callback_is_caught(toy):
    page = toy(FAILING).charts_drawn()
    page.press(page.slider("Synthetic"))
    page.page.wait_for_timeout(1000)
    page.settle()
    with pytest.raises(AssertionError, match="ZeroDivisionError"):
        page.assert_clean()


def test_errors_of_cell_console_and_foreign_requests_are_caught(toy):
    page = toy("from IPython.display import HTML, display\nimport anywidget\n"
               "class T(anywidget.AnyWidget):\n    _esm = \"export default {render() "
               "{console.error('synthetic complaint')}}\"\n"
               "display(T(), HTML('<img src=https://synthetic.invalid/x.png>'))\nraise ValueError('synthetic')")
    page.page.wait_for_timeout(500)
    with pytest.raises(AssertionError) as caught:
        page.assert_clean()
    for words in ("cell output: ValueError", "synthetic complaint", "outside this machine: https://synthetic.invalid"):
        assert words in str(caught.value)
