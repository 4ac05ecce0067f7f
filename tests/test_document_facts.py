"""Numbers of the source document: all of them, in words, with counts, intervals and what a check found."""

import csv

import pytest
from statsmodels.stats.proportion import proportion_confint

from imganalytics.errors import UserError
from imganalytics.explorers.document_facts import COLUMNS, DocumentFactExplorer, twin
from imganalytics.studies.document_facts import CHECKS, document_facts, sections
from imganalytics.studies.explain import explain
from imganalytics.warehouse import connect
from tests.datasets_copy import DATASETS
from tests.explorer_helpers import Cells


@pytest.fixture(scope="module")
def whole():
    return document_facts()


@pytest.fixture(scope="module")
def kept() -> dict[str, dict[str, str]]:
    """The file, read a second time and without the database."""
    with open(DATASETS / "source_document_facts.csv", encoding="utf-8-sig", newline="") as file:
        return {row["fact_id"]: row for row in csv.DictReader(file)}


def row_of(result, fact: str) -> dict:
    return result.frame.set_index("fact_id").loc[fact].to_dict()


def test_every_fact_is_there_and_in_the_table_with_its_quote(whole, kept):
    assert whole.frame["fact_id"].tolist() == sorted(kept) and len(kept) == 218
    told = twin(whole)
    assert [key[0] for key in told.keys] == whole.frame["fact_id"].tolist()
    for key, row in zip(told.keys, told.rows):
        assert kept[key[0]]["quote"] in row and kept[key[0]]["subject"] in row[0] and row[1]


@pytest.mark.parametrize("fact, what, shown, counted", [
    ("sf001", "Launch year", "2012", ""),
    ("sf003", "Programme duration months", "6 to 12 months", ""),
    ("sf006", "Personal statement pages", "1 page", ""),
    ("sf019", "Processing weeks nonstandard busy", "at least 6 weeks", ""),
    ("sf034", "Clinical experiences offered", "at least 280 experiences", ""),
    ("sf041", "IMG applicants per year", "about 12,000 applicants", ""),
    ("sf085", "Directors institution most important, percent", "79 %", "34 of 43: 79.1 % (64.8 to 88.6, unstable)"),
    ("sf101", "IMG region share, percent: Middle East", "31 %", "13 of 42: 31.0 % (19.1 to 46.0, unstable)"),
    ("sf121", "IMG research months", "30 months (middle half 18 to 48)", ""),
    ("sf127", "IMG against directors months p value", "<0.001", ""),
    ("sf137", "Barrow PhD matched", "3 people", "3 of 3; fewer than 5, no rate"),
    ("sf156", "Years enrolling", "2000 to 2020", ""),
    ("sf170", "Match rate, percent", "see the counts", "6 of 15: 40.0 % (19.8 to 64.3, unstable)"),
    ("sf178", "Projected deficit", "139,160 physicians", "")])
def test_in_words(whole, fact, what, shown, counted):
    row = row_of(whole, fact)
    assert (row["what"], row["shown"], row["counted"]) == (what, shown, counted)


def test_no_key_and_no_nan_is_shown(whole):
    for row in twin(whole).rows:
        assert "nan" not in " ".join(row[:4]).split() and "_" not in row[0].replace("image_", "")


def test_intervals_are_wilson_from_printed_counts(whole, kept):
    for row in whole.frame.to_dict("records"):
        part, n = kept[row["fact_id"]]["numerator"], kept[row["fact_id"]]["denominator"]
        if not n or float(n) < 5:
            assert row["rate"] != row["rate"]
        else:
            low, high = proportion_confint(float(part), float(n), method="wilson")
            assert (row["rate_low"], row["rate_high"]) == pytest.approx((low, high))


def test_checks(whole):
    counts = whole.frame["check"].value_counts()
    assert set(counts.index) == set(CHECKS) and counts.sum() == 218 and counts["open"] == 1
    doubtful = set(whole.frame.loc[whole.frame["check"] == "doubt", "fact_id"])
    assert {"sf058", "sf069", "sf116", "sf129", "sf145", "sf162", "sf165", "sf180"} <= doubtful
    assert row_of(whole, "sf165")["counted"].startswith("211 of 322: 65.5 %") and row_of(whole, "sf165")["shown"] == "65.2 %"
    assert row_of(whole, "sf002")["check"] == "open" and row_of(whole, "sf085")["check"] == "agrees"


@pytest.mark.parametrize("wanted, count", [
    ({"section": "GW Medical Research Fellowship Program"}, 12), ({"subject": "H-1B visa"}, 4),
                                           ({"search": "visa PROCESSING"}, None),
    ({"check": "open"}, 1), ({"section": "Barrow study (PMC)", "subject": "Barrow study", "search": "region"}, 8)])
def test_filters_ask_again_as_sql_and_row_by_row(wanted, count):
    result = document_facts(**wanted)
    assert count is None or len(result.frame) == count
    assert result.question.ask().frame.equals(result.frame)
    assert len(connect().execute(result.to_sql()).fetchall()) == len(result.frame)
    assert "source_document_facts.csv" in explain(result, 0).to_html()


@pytest.mark.parametrize("wanted", [{"section": "x"}, {"subject": "x"}, {"check": "x"}, {"search": "zzzz"}])
def test_refuses_in_one_line(wanted):
    with pytest.raises(UserError) as refused:
        document_facts(**wanted)
    assert "\n" not in str(refused.value)


def test_sections_hold_every_subject(kept):
    assert {(row["section"], row["subject"]) for row in kept.values()} == {
        (section, subject) for section, subjects in sections().items() for subject in subjects}


def test_explorer():
    explorer = DocumentFactExplorer()
    head, *rows = Cells(explorer.table.value).rows
    assert head == COLUMNS and len(rows) == 218
    explorer.explained = ("sf166",)
    assert "18" in str(explorer.explanation)
    explorer.selection = {"section": "Yousmle article"}
    assert explorer.explained is None and len(explorer._controls["subject"].options) == 4
    explorer.selection = {"subject": "Yousmle author"}
    explorer.selection = {"section": "BeMo article"}  # which does not speak of that author
    assert explorer.selection["subject"] is None and len(explorer.result.frame) == 1
    explorer._controls["search"].value = "zzzz"
    assert explorer.result is None and "No number of the source document fits" in explorer.notice.value
    for bad in ({"section": "x"}, {"x": 1}):
        with pytest.raises(UserError):
            explorer.selection = bad
    explorer.table.clicked = ["sf001", "source_document_facts"]
    explorer.selection = {"search": "", "section": None}
    explorer.table.clicked = ["sf001", "source_document_facts"]
    assert explorer.explained == ("sf001", "source_document_facts")
