"""Pictures that the browser draws: made from notebook 01's explorer, saved, and opened again."""

import io
import json
import os
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from pypdf import PdfReader

from imganalytics.export.exported import Receipt
from imganalytics.export.pdf_file import receipt_in_pdf
from imganalytics.export.png_file import receipt_in_png, texts_in_png
from imganalytics.export.svg_file import receipt_in_svg, svg_root
from tests.browser import lab
from tests.browser.page import LabPage

BUTTONS = """from imganalytics.explorers.widgets import Picture
from imganalytics.export.exported import Exported
from ipywidgets import HBox

explorer.selection = {"minimum_applicants": 100}
HBox([Picture(lambda: Exported(explorer.result), form=form, file_name="rates") for form in ("png", "svg", "pdf")])"""
RECEIPTS = {"png": receipt_in_png, "svg": receipt_in_svg, "pdf": receipt_in_pdf}


@pytest.fixture(scope="module")
def notebook(browser, lab_url, served: Path):
    """Notebook 01 as far as its explorer, and the three buttons under it."""
    content = json.loads((served / "notebooks" / "01_specialty_competitiveness.ipynb").read_text("utf-8"))
    first = next(cell for cell in content["cells"] if cell["cell_type"] == "code")
    content["cells"] = [first, first | {"id": "buttons", "source": BUTTONS}]
    (served / "notebooks" / "pictures_of_01.ipynb").write_text(json.dumps(content), "utf-8")
    page = LabPage(browser, lab_url)
    yield page.open("notebooks/pictures_of_01.ipynb").run_all().charts_drawn()
    page.close()


def saved(notebook: LabPage, form: str) -> bytes:
    """The file that the browser saves when the button is pressed."""
    with notebook.page.expect_download() as download:
        notebook.page.get_by_role("button", name=f"Save as {form.upper()}").click()
    assert download.value.suggested_filename == f"rates.{form}"
    notebook.page.get_by_text(f"Saved as rates.{form}.").wait_for()
    return Path(download.value.path()).read_bytes()


@pytest.mark.parametrize("form", RECEIPTS)
def test_a_picture_is_saved_with_its_receipt(notebook: LabPage, form: str):
    content = saved(notebook, form)
    receipt = Receipt.from_json(RECEIPTS[form](content))
    assert receipt.study == "competitiveness" and receipt.arguments["minimum_applicants"] == 100
    assert receipt.ask().receipt.figures == receipt.figures
    if form == "png":
        assert struct.unpack(">II", content[16:24]) == (2560, 1440)
        assert texts_in_png(content)["Title"] == receipt.ask().title
        assert len(content) > 100_000  # drawn, not empty
    if form == "svg":
        words = "".join(svg_root(content).itertext())
        assert "Emergency Medicine" in words and "Keep in mind" in words and svg_root(content).get("width") == "1280"
    if form == "pdf":
        page = PdfReader(io.BytesIO(content)).pages[0]
        words = page.extract_text()
        for text in ("Emergency Medicine", "2,099", "Keep in mind", "not affiliated with the NRMP"):
            assert text in words
        assert not page.images and float(page.mediabox.width) == 960
    notebook.assert_clean()


SHELL = """import sys
from imganalytics.export.exported import Exported
from imganalytics.export.picture import draw
from imganalytics.studies.slopes import slopes
sys.stdout.buffer.write(draw(Exported(slopes(), size="a4", theme="grey"), "pdf"))"""


def test_from_the_shell_kaleido_draws_what_the_notebook_draws():
    pytest.importorskip("kaleido")
    made = subprocess.run([sys.executable, "-c", SHELL], cwd=lab.CHECKOUT, capture_output=True, timeout=120, check=False,
                          env=os.environ | {"BROWSER_PATH": str(lab.chromium())})
    assert made.returncode == 0, made.stderr.decode()[-1000:]
    assert Receipt.from_json(receipt_in_pdf(made.stdout)).theme == "grey"
    assert "Internal Medicine" in PdfReader(io.BytesIO(made.stdout)).pages[0].extract_text()
