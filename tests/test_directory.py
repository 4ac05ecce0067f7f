"""The directory: every entry as printed, filters, cards that fetch nothing."""

import csv
import re
from html import unescape

import pytest

from imganalytics.errors import UserError
from imganalytics.explorers.directory import CHECK, DirectoryExplorer, cards
from imganalytics.explorers.tables import link
from imganalytics.studies.directory import KINDS, PATHWAYS, directory, options
from imganalytics.studies.explain import explain
from imganalytics.warehouse import connect
from tests.datasets_copy import DATASETS


@pytest.fixture(scope="module")
def kept() -> dict[str, dict[str, str]]:
    """The file, read a second time and without the database."""
    with open(DATASETS / "directory.csv", encoding="utf-8-sig", newline="") as file:
        return {row["entry_id"]: row for row in csv.DictReader(file)}


def test_every_entry_is_there_with_all_its_words(kept):
    frame = directory().frame.set_index("entry_id")
    assert set(frame.index) == set(kept) and len(frame) == 25
    text = unescape(cards(directory()))
    for key, row in kept.items():
        assert KINDS[row["kind"]] == frame.loc[key, "kind_label"] and PATHWAYS[row["pathway"] or "not said"]
        for name in ("name", "organisation", "specialties", "place", "duration", "cost_or_pay", "visa_or_eligibility",
                     "what_it_offers",
                     "outcome_claim", "link_as_printed"):
            assert row[name] in text, (key, name)


def test_links_are_as_printed_open_only_when_pressed_and_come_with_a_warning(kept):
    text = cards(directory())
    found = re.findall(r'<a href="([^"]+)" target="_blank" rel="noopener noreferrer">', text)
    printed = [row["link_as_printed"] for row in kept.values() if row["link_as_printed"]]
    assert sorted(map(unescape, found)) == sorted(printed) and text.count(CHECK) == len(printed)
    assert not re.search(r"<(img|script|link|iframe)\b|\bsrc=|url\(", text)


def test_links_are_escaped_and_nothing_else_becomes_one():
    assert link('http://x/"><b>') == ('<a href="http://x/&quot;&gt;&lt;b&gt;" target="_blank" rel="noopener noreferrer">'
                                      "http://x/&quot;&gt;&lt;b&gt;</a>")
    assert link("javascript:alert(1)") == "javascript:alert(1)" and "<a" not in link("http://a.b and more")


@pytest.mark.parametrize("wanted, names", [
    ({"kind": "visa_route"}, {"H-1B employment visa (general)", "J-1 physician visa (general)"}),
    ({"pathway": "observership"}, {"AMOpportunities", "AMA Observership Program listings"}),
    ({"specialty": "Neurological Surgery"}, {"Neurosurgery research fellowship"}),
    ({"place": "Boston, MA", "kind": "programme"}, {"Global Clinical Scholars Research Training Program"}),
    ({"search": "patient CONTACT"}, {"Medical Research Fellowship Program (MRFP)"})])
def test_filters(wanted, names):
    result = directory(**wanted)
    assert set(result.frame["name"]) == names
    assert result.question.ask().frame.equals(result.frame)
    assert len(connect().execute(result.to_sql()).fetchall()) == len(result.frame)
    assert "directory.csv" in explain(result, 0).to_html()


@pytest.mark.parametrize("wanted",
                         [{"kind": "x"}, {"pathway": "x"}, {"specialty": "x"}, {"place": "Paris"}, {"search": "zzz"},
                          {"kind": "visa_route", "place": "Boston, MA"}])
def test_refuses_in_one_line(wanted):
    with pytest.raises(UserError) as refused:
        directory(**wanted)
    assert "\n" not in str(refused.value)


def test_every_option_has_an_entry():
    for name, values in options().items():
        for value in values:
            assert len(directory(**{name: value}).frame) > 0


def test_explorer():
    explorer = DirectoryExplorer()
    assert explorer.selection == {"kind": None, "pathway": None, "specialty": None, "place": None, "search": ""}
    assert explorer.cards.value.count('class="imga-card"') == 25
    explorer.selection = {"kind": "search_tool", "search": "positions"}
    assert explorer.cards.value.count('class="imga-card"') == 2 and "Columbia" in explorer.cards.value
    explorer._controls["search"].value = "nothing of this"
    assert explorer.result is None and "No entry of the directory fits" in explorer.notice.value
    assert explorer.views.layout.display == "none"
    with pytest.raises(UserError):
        explorer._csv_file()
    explorer.selection = {"search": "", "kind": None}
    assert len(explorer.result.frame) == 25 and b"dir07" in explorer._csv_file().content
    for bad in ({"kind": "x"}, {"x": 1}):
        with pytest.raises(UserError):
            explorer.selection = bad
    with pytest.raises(UserError, match="no chart"):
        _ = explorer.figure
