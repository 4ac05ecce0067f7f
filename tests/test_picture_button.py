"""The button that makes a picture, with a pretended browser: what it is sent, and what becomes of its answer."""

import json
from dataclasses import replace
from typing import Any

import pytest
from traitlets import TraitError

from imganalytics.errors import UserError
from imganalytics.explorers.widgets import File, Picture
from imganalytics.explorers.widgets.plot import LIBRARY
from imganalytics.export.exported import Exported
from imganalytics.export.picture import laid_out
from imganalytics.export.png_file import receipt_in_png
from imganalytics.export.svg_file import receipt_in_svg
from imganalytics.studies.competitiveness import competitiveness
from tests.test_pictures import PNG, SVG


@pytest.fixture(scope="module")
def exported() -> Exported:
    return Exported(competitiveness(specialties=["Anesthesiology", "Neurology"]))


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[dict, list]]:
    """What goes to the browser."""
    gone: list[tuple[dict, list]] = []
    monkeypatch.setattr(Picture, "send", lambda _, content, buffers=None: gone.append((content, buffers or [])))
    return gone


def answer(button: Picture, content: dict[str, Any], buffers: list[bytes] = ()) -> None:
    """What comes from the browser."""
    button._handle_custom_msg(content, [memoryview(each) for each in buffers])


def test_a_press_has_the_browser_draw_and_save(exported: Exported, sent: list):
    button = Picture(lambda: exported, file_name="match-rates")
    answer(button, {"wanted": "picture"})
    (asked, _), = sent
    assert json.loads(asked["spec"]) == json.loads(json.dumps(laid_out(exported)))
    assert (asked["format"], asked["scale"]) == ("png", 2) and button.busy
    answer(button, {"drawn": asked["draw"]}, [PNG])
    told, (content,) = sent[1]
    assert told == {"save": "match-rates.png", "type": "image/png"}
    assert receipt_in_png(content) == exported.receipt.to_json()
    assert button.say == "Saved as match-rates.png." and not button.busy


@pytest.mark.parametrize(("form", "kind"), [("svg", "image/svg+xml"), ("pdf", "application/pdf")])
def test_svg_and_pdf_are_drawn_as_svg_and_handed_on(exported: Exported, sent: list, form: str, kind: str):
    files: list[File] = []
    button = Picture(lambda: exported, files.append, form=form)
    assert button.label == f"Save as {form.upper()}"
    button.draw()
    assert sent[0][0]["format"] == "svg" and sent[0][0]["scale"] == 1
    answer(button, {"drawn": 1}, [SVG])
    (name, type_, content), = files
    assert (name, type_) == (f"chart.{form}", kind) and len(sent) == 1
    assert (receipt_in_svg(content) is not None) == (form == "svg") and content.startswith(b"%PDF") == (form == "pdf")


def test_what_is_asked_for_at_the_press_is_what_is_saved(exported: Exported, sent: list):
    shown = [exported]
    button = Picture(lambda: shown[0], form="svg")
    button.draw()
    shown[0] = replace(exported, title="Another")
    answer(button, {"drawn": 1}, [SVG])
    assert exported.title.encode() in sent[1][1][0]


def test_an_answer_that_comes_late_or_twice_saves_nothing(exported: Exported, sent: list):
    button = Picture(lambda: exported)
    button.draw()
    button.draw()
    answer(button, {"drawn": 1}, [PNG])
    assert len(sent) == 2 and button.busy
    answer(button, {"drawn": 2}, [PNG])
    answer(button, {"drawn": 2}, [PNG])
    assert len(sent) == 3


def test_what_goes_wrong_stands_beside_the_button(exported: Exported, sent: list):
    def nothing() -> Exported:
        raise UserError("there is nothing to show for this selection")

    button = Picture(nothing)
    button.draw()
    assert button.say == "there is nothing to show for this selection" and not sent and not button.busy
    button = Picture(lambda: exported)
    for number, (reply, buffers, words) in enumerate([
            ({"problem": "canvas too large"}, [], "could not draw it (canvas too large)"),
            ({}, [], "no picture came back"), ({}, [b"junk"], "the browser returned no whole PNG")], 1):
        button.draw()
        answer(button, {"drawn": number} | reply, buffers)
        assert words in button.say and not button.busy
    assert not [content for content, _ in sent if "save" in content]


def test_a_full_disk_is_told(exported: Exported, sent: list):
    def full(_file: File) -> None:
        raise UserError("/mnt/x.png: the disk is full")

    button = Picture(lambda: exported, full)
    button.draw()
    answer(button, {"drawn": 1}, [PNG])
    assert button.say == "/mnt/x.png: the disk is full" and not button.busy


def test_the_library_comes_when_it_is_asked_for_and_nonsense_is_not_heard(exported: Exported, sent: list):
    button = Picture(lambda: exported)
    for message in ("text", None, {}, {"drawn": 0}, {"drawn": 7}, {"wanted": "all"}):
        answer(button, message)
    assert not sent
    answer(button, {"wanted": "library"})
    assert sent == [({"library": button.library}, [LIBRARY.read_bytes()])]


def test_an_unknown_form_is_refused(exported: Exported):
    with pytest.raises(TraitError, match="png.*svg.*pdf"):
        Picture(lambda: exported, form="gif")
