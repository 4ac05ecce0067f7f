"""The panel of imports, without a browser: what it shows, takes and removes, and its words for what goes wrong."""

from datetime import datetime

import pytest

from imganalytics.errors import UserError
from imganalytics.explorers.import_choices import PAGE
from imganalytics.explorers.import_panel import ImportPanel
from imganalytics.own import imports
from tests.import_files import IM, IM_CODE, csv_bytes, own_folder  # noqa: F401

HEADS = ["program_code", "institution", "state", "specialty", "step2ck_min", "colour"]
GOOD, BAD = [IM_CODE, "", "", "", 220, "red"], [IM_CODE, "", "", "", 20, "red"]
WAITS = ["", "University of Alabama Medical Center, Birmingham", "AL", "IM", 230, "red"]
STRANGE = ["", "<script>Synthetic</script>", "NY", "IM", 230, "red"]


@pytest.fixture
def calls() -> list[str]:
    """What the panel called back."""
    return []


@pytest.fixture
def panel(calls) -> ImportPanel:
    """A panel that has read nothing."""
    return ImportPanel(lambda: calls.append("changed"))


def visible(widget) -> bool:
    return widget.layout.display != "none"


def test_a_panel_begins_with_nothing_waiting(panel):
    assert not visible(panel.waiting) and not visible(panel.progress)
    assert "Nothing is imported yet." in panel.known.children[0].value
    with pytest.raises(UserError, match="read a file first"):
        panel.take()


def test_a_file_is_understood_then_taken(panel, calls):
    panel.read("synthetic.csv", csv_bytes(HEADS, GOOD, BAD))
    assert visible(panel.waiting) and "2 rows: 1 can be taken, 1 cannot be taken." in panel.understood.value
    assert "outside 150 to 300" in panel.problems.value and "colour: not known" in panel.columns.value
    assert panel.take_button.description == "Take the 1 good row" and not visible(panel.choices) and not visible(panel.conflicts)
    done = panel.take()
    assert calls == ["changed"] and imports.imports() == [done] and not visible(panel.waiting)
    assert "Taken from synthetic.csv: 1 fact on 1 program, from 1 of 2 rows." in panel.said.value
    assert "synthetic.csv" in panel.known.children[1].children[1].value
    panel.known.children[1].children[0].click()
    assert imports.imports() == [] and calls == ["changed", "changed"]


def test_rows_wait_until_a_program_is_chosen(panel):
    panel.read("synthetic.csv", csv_bytes(HEADS, WAITS, STRANGE))
    assert panel.take_button.disabled and visible(panel.choices)
    first, second = (row.children[1] for row in panel.choices.box.children)
    assert [value for _, value in first.options][:2] == ["", IM] and [value for _, value in second.options] == ["", "own"]
    assert "&lt;script&gt;" in panel.choices.box.children[1].children[0].value
    panel.choices.equal_button.click()
    assert panel.choices.chosen == {2: IM} and panel.take_button.description == "Take the 1 good row"
    panel.choices.box.children[1].children[1].value = "own"
    assert panel.choices.chosen == {2: IM, 3: "own"} and panel.take_button.description == "Take the 2 good rows"
    panel.choices.box.children[0].children[1].value = ""
    assert panel.choices.chosen == {3: "own"}
    assert panel.take().own_programs == 1


def test_many_waiting_rows_are_turned_in_pages_and_keep_their_choice(panel):
    panel.read("synthetic.csv", csv_bytes(HEADS, *[[*STRANGE[:1], f"Synthetic {n}", *STRANGE[2:]] for n in range(PAGE + 2)]))
    choices = panel.choices
    assert len(choices.box.children) == PAGE and choices.back.disabled
    choices.box.children[0].children[1].value = "own"
    choices.on.click()
    assert len(choices.box.children) == 2 and choices.on.disabled
    choices.back.click()
    assert choices.box.children[0].children[1].value == "own"


def test_rows_that_disagree_are_told(panel):
    panel.read("synthetic.csv", csv_bytes(HEADS, GOOD, [IM_CODE, "", "", "", 230, ""]))
    assert visible(panel.conflicts) and "line 2: 220; line 3: 230" in panel.conflicts.value


def test_an_upload_is_read_and_can_be_left(panel):
    panel.upload.value = ({"name": "<b>synthetic.csv", "type": "text/csv", "size": 9, "content": memoryview(csv_bytes(HEADS, GOOD)),
                           "last_modified": datetime(2026, 1, 1)},)
    assert panel.upload.value == () and "&lt;b&gt;synthetic.csv is read" in panel.understood.value
    panel.drop_button.click()
    assert not visible(panel.waiting) and panel.preview is None


def test_what_cannot_be_read_is_said_in_words(panel, tmp_path):
    for path, why in (("", "choose a file, or type where it lies"), (str(tmp_path / "none.csv"), "there is no such file")):
        panel.path.value = path
        panel.read_button.click()
        assert why in panel.said.value and not visible(panel.waiting) and not visible(panel.progress)
    with pytest.raises(UserError):
        panel.read(tmp_path)


def test_the_same_file_is_said_to_replace(panel):
    for _ in range(2):
        panel.read("synthetic.csv", csv_bytes(HEADS, GOOD))
        again = "The same file was imported before" in panel.understood.value
        panel.take()
    assert again and len(imports.imports()) == 1


def test_progress_is_told_in_rows(panel):
    panel._progressed("reading", 4000, 10_000)
    assert panel.progress.description == "reading: row 4,000 of 10,000" and panel.progress.value == 4000


def test_a_spoilt_import_is_told(panel, own_folder):
    panel.read("synthetic.csv", csv_bytes(HEADS, GOOD))
    panel.take()
    [place] = (own_folder / "imports").iterdir()
    (place / "facts.csv").write_text("spoilt")
    assert "Cannot be used" in ImportPanel().known.children[1].value
