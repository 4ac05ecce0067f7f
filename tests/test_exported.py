"""What leaves the workbook carries the question it answers: asked again, it gives the same figures."""

import importlib
import json
import pkgutil

import pandas as pd
import pytest

import imganalytics.explorers
from imganalytics import UserError
from imganalytics.explorers.explorer import Explorer
from imganalytics.export.exported import LONGEST, Exported, Receipt, figures_digest
from imganalytics.studies.competitiveness import competitiveness

for module in pkgutil.iter_modules(imganalytics.explorers.__path__, "imganalytics.explorers."):
    importlib.import_module(module.name)


def explorers(kind: type = Explorer) -> list[type[Explorer]]:
    """Every explorer that a notebook can show: a subclass with a study."""
    return [found for each in kind.__subclasses__() for found in ([each] if "study" in dir(each) else []) + explorers(each)]


@pytest.fixture(scope="module")
def answer():
    return competitiveness(("us_img", "non_us_img"), "ranked_anywhere", 2025)


@pytest.mark.parametrize("kind", explorers(), ids=lambda kind: kind.__name__)
def test_every_explorer_is_asked_again_from_its_receipt_with_the_same_numbers(kind):
    exported = Exported(kind().result)
    again = Receipt.from_json(exported.receipt.to_json()).ask()
    assert again.receipt == exported.receipt
    assert again.spec["data"] == exported.spec["data"]
    assert exported.alt_text and exported.source_line


def test_words_that_were_changed_stay_changed(answer):
    exported = Exported(answer, title="Ours", note="For Tuesday", size="half", theme="grey")
    again = Receipt.from_json(exported.receipt.to_json()).ask()
    assert (again.title, again.subtitle, again.note, again.size, again.theme) == ("Ours", answer.subtitle, "For Tuesday", "half",
                                                                              "grey")
    assert "Ours" in exported.spec["layout"]["title"]["text"]


def test_a_figure_that_changed_changes_the_digest():
    frame = pd.DataFrame({"specialty": ["A", "B"], "rate": [0.25, None]})
    assert figures_digest(frame) == figures_digest(frame.copy())
    assert figures_digest(frame) != figures_digest(frame.assign(rate=[0.2501, None]))
    assert figures_digest(frame) != figures_digest(frame.rename(columns={"rate": "share"}))
    assert figures_digest(frame) != figures_digest(frame.iloc[::-1])


@pytest.mark.parametrize("changed, said", [
    ({"study": "os"}, "no study 'os'"), ({"study": "../x"}, "no study"), ({"study": "competitiveness.x"}, "no study"),
    ({"arguments": {"nonsense": 1}}, "no longer takes these arguments"), ({"imganalytics": 2}, "newer version"),
    ({"colour": "red"}, "damaged"), ({"size": "poster"}, "unknown size 'poster'; allowed: slide, half, a4, square"),
    ({"arguments": {"applicant_types": ["nobody"], "base": "active"}}, "nobody"),
])
def test_a_receipt_changed_by_hand_is_refused_in_one_line(answer, changed, said):
    text = json.dumps(json.loads(Exported(answer).receipt.to_json()) | changed)
    with pytest.raises(UserError, match=said):
        Receipt.from_json(text).ask()


@pytest.mark.parametrize("text", ["", "no json", "[]", "{}", "null", '{"imganalytics": 1}'])
def test_what_is_no_receipt_is_said(text):
    with pytest.raises(UserError, match="damaged"):
        Receipt.from_json(text).ask()


def test_words_that_are_too_long_are_refused(answer):
    assert Exported(answer, title="x" * LONGEST).title
    with pytest.raises(UserError, match="the title has 501 letters; allowed: 500"):
        Exported(answer, title="x" * (LONGEST + 1))
