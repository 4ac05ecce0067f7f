"""One JupyterLab and one browser for all the tests of this folder.

Not for the whole session: while Playwright is open, an event loop runs, and widgets elsewhere would wait for it.
"""

import os
import shutil

import pytest

from tests.browser import lab
from tests.browser.page import LabPage

REQUIRED = "IMGANALYTICS_REQUIRE_BROWSER"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks every test in this folder, and skips it where there is no Chromium."""
    here = [item for item in items if "browser" in item.path.parts]
    for item in here:
        item.add_marker(pytest.mark.browser)
        if not lab.chromium() and not os.environ.get(REQUIRED):
            item.add_marker(pytest.mark.skip(reason=lab.NO_CHROMIUM))


@pytest.fixture(scope="package")
def served(tmp_path_factory: pytest.TempPathFactory):
    """Folder that JupyterLab serves: a copy of the notebooks, so that no run leaves outputs in the checkout."""
    folder = tmp_path_factory.mktemp("served")
    shutil.copytree(lab.CHECKOUT / "notebooks", folder / "notebooks")
    return folder


@pytest.fixture(scope="package")
def lab_url(served, tmp_path_factory):
    """Address of a running JupyterLab, whose user keeps things in a folder that no other test looks into."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IMGANALYTICS_OWN", str(tmp_path_factory.mktemp("own")))
        with lab.running_lab(served) as url:
            yield url


@pytest.fixture(scope="package")
def browser():
    """A headless Chromium; fails, rather than skips, when it is required and missing."""
    if not lab.chromium():
        pytest.fail(f"{REQUIRED} is set, and there is {lab.NO_CHROMIUM}")
    with lab.running_browser() as context:
        yield context


@pytest.fixture
def lab_page(browser, lab_url):
    """A page of JupyterLab in which a notebook can be opened."""
    page = LabPage(browser, lab_url)
    yield page
    page.close()
