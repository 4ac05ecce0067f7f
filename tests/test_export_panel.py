"""The Export panel under every chart: files of what is shown, words of the user's own, the deck that is collected."""

import io

import openpyxl
import pytest

from imganalytics import UserError
from imganalytics.explorers.competitiveness import CompetitivenessExplorer
from imganalytics.explorers.export_panel import ExportPanel
from imganalytics.explorers.one_type import FunnelExplorer
from imganalytics.export import deck_kept
from imganalytics.export.deck_plan import Item
from imganalytics.export.exported import Receipt
from imganalytics.export.formats import receipts_in
from tests.test_exported import explorers


@pytest.fixture
def own(tmp_path, monkeypatch):
    """A folder of the user's own that is empty."""
    monkeypatch.setenv("IMGANALYTICS_OWN", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("kind", explorers(), ids=lambda kind: kind.__name__)
def test_every_explorer_saves_slide_figures_and_table_that_are_redrawn_with_the_same_numbers(kind):
    panel = kind().export
    for ending in ("csv", "xlsx", "pptx"):
        file = panel.file(ending)
        assert file.name.endswith(f".{ending}") and len(file.content) > 300
        for text in receipts_in(ending, file.content)[:1]:
            receipt = Receipt.from_json(text)
            assert receipt.ask().receipt.figures == receipt.figures == panel.exported.receipt.figures
        assert receipts_in(ending, file.content)


def test_words_size_and_theme_travel_and_empty_lines_keep_the_charts_own():
    panel = FunnelExplorer().export
    own = panel.exported
    assert (own.title, own.note) == (own.result.title, "")
    panel.title.value, panel.note.value, panel.size.value, panel.theme.value = "  Ours ", "For May", "a4", "grey"
    exported = panel.exported
    assert (exported.title, exported.subtitle, exported.note, exported.size, exported.theme) == (
        "Ours", own.subtitle, "For May", "a4", "grey")
    book = openpyxl.load_workbook(io.BytesIO(panel.file("xlsx").content))
    assert "Ours" in [cell.value for row in book["About"] for cell in row]


def test_a_title_that_is_too_long_is_said_and_saves_nothing():
    panel = FunnelExplorer().export
    panel.title.value = "x" * 501
    with pytest.raises(UserError, match="501 letters; allowed: 500"):
        panel.file("csv")
    assert panel._safely(lambda: panel.file("csv")) is None and "501 letters" in panel.said.value


def test_nothing_shown_is_said():
    panel = ExportPanel(lambda: None, "nothing")
    with pytest.raises(UserError, match="nothing to save"):
        panel.file("csv")
    with pytest.raises(UserError, match="nothing to save"):
        panel.to_deck()


def test_the_panel_is_made_when_it_is_opened():
    explorer = CompetitivenessExplorer()
    assert not explorer.folded._box.children
    explorer.folded.selected_index = 0
    assert isinstance(explorer.folded._box.children[0], ExportPanel)


def test_what_is_added_to_the_deck_is_kept_with_its_words(own):
    panel = FunnelExplorer().export
    panel.to_deck()
    panel.title.value = "Ours"
    panel.to_deck()
    first, second = deck_kept.kept_plan().items
    assert first == Item("chart", study="funnel", arguments=panel.exported.result.question.arguments)
    assert second.title == "Ours" and "Item 2 of your deck" in panel.said.value
    assert [path.name for path in own.iterdir()] == ["deck.toml"]


def test_a_deck_spoilt_by_hand_is_said_and_left_as_it_is(own):
    deck_kept.kept_file().write_text("title = 3\n")
    panel = FunnelExplorer().export
    with pytest.raises(UserError, match="deck.toml"):
        panel.to_deck()
    assert deck_kept.kept_file().read_text() == "title = 3\n"
