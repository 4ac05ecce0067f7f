"""Every chart of the workbook as native slides: all its points, inside the page; rendered where LibreOffice is found."""

import inspect
import io
import pkgutil
import shutil
import subprocess
from functools import cache
from importlib import import_module

import pytest
from pptx import Presentation

from imganalytics import charts as room
from imganalytics.errors import UserError
from imganalytics.export.exported import Exported
from imganalytics.export.pptx_file import charts_in_pptx, pptx_bytes, receipts_in_pptx
from imganalytics.result import Question

NEEDS_A_CHOICE = {"plan", "program", "program_comparison"}  # no answer without one


def charted() -> list[str]:
    names = [each.name for each in pkgutil.iter_modules(room.__path__)]
    return [name for name in names if name not in NEEDS_A_CHOICE
            and hasattr(import_module(f"imganalytics.charts.{name}"), "spec") and _study(name)]


def _study(name: str) -> bool:
    try:
        study = getattr(import_module(f"imganalytics.studies.{name}"), name)
    except (ImportError, AttributeError):
        return False
    return all(each.default is not each.empty or each.kind is each.VAR_KEYWORD
               for each in inspect.signature(study).parameters.values())


@cache
def made(name: str) -> tuple[Exported, bytes]:
    exported = Exported(Question(name, {}).ask())
    return exported, pptx_bytes(exported)


@pytest.mark.parametrize("name", charted())
def test_every_chart_is_native_and_has_all_its_points(name):
    exported, content = made(name)
    assert charts_in_pptx(content) > 0 and len(receipts_in_pptx(content)) == 1
    wanted = sum(value is not None and value == value and trace["y"][at] is not None for trace in exported.spec["data"]
                 if trace.get("visible", True) is True for at, value in enumerate(trace["x"]))
    helpers = (": intervals", ": white middle of hollow marks")
    found = sum(len(series._element.xpath("c:yVal//c:pt")) for slide in Presentation(io.BytesIO(content)).slides
                for shape in slide.shapes if shape.has_chart for series in shape.chart.plots[0].series
                if not series.name.endswith(helpers))
    assert found == wanted


@pytest.mark.parametrize("name", charted())
def test_the_words_of_every_chart_stay_on_the_page_and_are_legible(name):
    _, content = made(name)
    page = Presentation(io.BytesIO(content))
    for slide in page.slides:
        for shape in slide.shapes:
            assert -1 <= shape.top and shape.top + shape.height <= page.slide_height * 1.005, (slide.shapes.title.text, shape.name)
            assert -1 <= shape.left and shape.left + shape.width <= page.slide_width * 1.02, shape.name
        sizes = [int(each) for each in slide._element.xpath(".//p:grpSp//a:rPr/@sz")]
        assert min(sizes, default=700) >= 600, min(sizes)


def test_libreoffice_opens_every_slide_and_keeps_the_receipts(tmp_path):
    soffice = shutil.which("soffice") or shutil.which("libreoffice")
    if soffice is None:
        pytest.skip("LibreOffice (soffice) is not installed; its rendering was not tried")
    exported, content = made("ranking")
    (tmp_path / "slides.pptx").write_bytes(content)
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    for kind in ("pdf", "pptx"):
        subprocess.run([soffice, profile, "--headless", "--convert-to", kind, "--outdir", str(tmp_path / kind),
                        str(tmp_path / "slides.pptx")], check=True, capture_output=True, timeout=240)
    assert (tmp_path / "pdf" / "slides.pdf").read_bytes().startswith(b"%PDF")
    again = (tmp_path / "pptx" / "slides.pptx").read_bytes()
    assert receipts_in_pptx(again) == [exported.receipt.to_json()]


def test_a_study_that_refuses_is_an_error_in_words():
    with pytest.raises(UserError):
        Question("plan", {}).ask()
