"""The deck of notebook 07: collected items, their order and words, the slides."""

import io

import pytest
from pptx import Presentation

from imganalytics import UserError
from imganalytics.explorers.deck import DeckExplorer
from imganalytics.explorers.one_type import FunnelExplorer
from imganalytics.export import deck_kept
from imganalytics.export.deck_plan import plan_to_toml


@pytest.fixture
def own(tmp_path, monkeypatch):
    """A folder of the user's own that is empty."""
    monkeypatch.setenv("IMGANALYTICS_OWN", str(tmp_path))
    return tmp_path


def titles(content: bytes) -> list[str]:
    return [slide.shapes.title.text_frame.text for slide in Presentation(io.BytesIO(content)).slides]


def test_an_empty_deck_says_how_to_begin_and_saves_nothing(own):
    deck = DeckExplorer()
    assert "The deck is empty" in deck.say.value and deck.save.disabled
    with pytest.raises(UserError, match="The deck is empty"):
        deck.slides()
    assert list(own.iterdir()) == []


def test_items_are_moved_changed_removed_and_kept(own):
    FunnelExplorer().export.to_deck()
    deck = DeckExplorer()
    deck.section("Before")
    deck.move(1, -1)
    deck.change(1, title="Ours", note="For May")
    assert [(item.kind, item.title, item.note) for item in deck.plan.items] == [("section", "Before", ""),
                                                                               ("chart", "Ours", "For May")]
    assert DeckExplorer().plan == deck.plan
    deck.remove(0)
    assert [item.kind for item in deck_kept.kept_plan().items] == ["chart"]
    assert titles(deck.slides().content)[0] == deck.plan.title
    assert any(title.startswith("Ours") for title in titles(deck.slides().content))


def test_the_deck_of_the_workbook_is_put_after_what_is_there(own):
    deck = DeckExplorer()
    deck.begin("Pediatrics", "us_img")
    count = len(deck.plan.items)
    assert count >= 10 and deck.plan.title == "IMGs in the Match: overview for advisers"
    deck.begin("Psychiatry", "non_us_img")
    assert len(deck.plan.items) > count


def test_a_plan_is_opened_and_a_wrong_one_changes_nothing(own):
    FunnelExplorer().export.to_deck()
    deck = DeckExplorer()
    text = plan_to_toml(deck.plan)
    deck.remove(0)
    deck.load(text, "mine.toml")
    assert len(deck.plan.items) == 1
    deck.load("title = 3", "wrong.toml")
    assert "wrong.toml" in deck.notice.value and len(deck.plan.items) == 1


def test_a_template_that_is_not_there_is_said(own):
    FunnelExplorer().export.to_deck()
    deck = DeckExplorer()
    deck.template.value = "nowhere.pptx"
    with pytest.raises(UserError, match="nowhere.pptx"):
        deck.slides()
    assert deck.progress.layout.display == "none"


def test_the_review_pack_holds_the_charts_of_the_deck(own):
    FunnelExplorer().export.to_deck()
    assert len(DeckExplorer().pack().content) > 1000
