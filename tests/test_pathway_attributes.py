"""Pathways side by side: every statement, conflicts together, 'not found' where nothing was."""

import csv
import re
from html import unescape

import pytest

from imganalytics.errors import UserError
from imganalytics.explorers.pathway_attributes import PathwayAttributeExplorer, matrix
from imganalytics.studies.explain import explain
from imganalytics.studies.pathway_attributes import FIRST, PATHWAYS, POLICY, TOPICS, pathway_attributes
from imganalytics.warehouse import connect
from tests.datasets_copy import DATASETS


@pytest.fixture(scope="module")
def kept() -> dict[str, dict[str, str]]:
    """The file, read a second time and without the database."""
    with open(DATASETS / "pathway_attributes.csv", encoding="utf-8-sig", newline="") as file:
        return {row["attribute_id"]: row for row in csv.DictReader(file)}


def cells(text: str) -> list[list[str]]:
    """What stands in each cell of the matrix, without markup."""
    rows = re.findall(r"<tr>(.*?)</tr>", text, re.DOTALL)
    return [[unescape(re.sub("<[^>]+>", " ", cell))
             for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)] for row in rows]


def test_every_statement_is_there_with_its_words_and_source(kept):
    result = pathway_attributes(None)
    own = result.frame[result.frame["found"]].set_index("attribute_id")
    text = unescape(matrix(result))
    assert set(own.index) == set(kept) and len(own) == 78
    for key, row in kept.items():
        assert own.loc[key, "statement"].endswith(row["value_text"]) and own.loc[key, "source_id"] == row["source_id"]
        for name in ("value_text", "quote", "note", "locator"):
            assert row[name] in text, (key, name)
        assert row["applies_to"] == "IMGs" or row["applies_to"] in text


def test_every_attribute_has_a_topic_and_every_pathway_a_name(kept):
    known = [attribute for _, attributes in TOPICS.values() for attribute in attributes]
    assert set(known) == {row["attribute"] for row in kept.values()} and len(known) == len(set(known))
    assert {row["place"] for row in pathway_attributes(None).frame.to_dict("records")} == set(PATHWAYS)
    assert all({row["pathway"]} <= {*PATHWAYS, ""} for row in kept.values())


def test_each_topic_of_each_pathway_is_answered_or_said_not_to_be():
    frame = pathway_attributes().frame
    assert set(zip(frame["place"], frame["topic"])) == {(place, topic) for place in FIRST for topic in TOPICS}
    missing = frame[~frame["found"]]
    assert missing["statement"].str.startswith("not found").all()
    assert missing.loc[missing["topic"] == "clinical", "statement"].str.contains(POLICY, regex=False).all()


def test_statements_that_differ_stand_side_by_side():
    head, *rows = cells(matrix(pathway_attributes(["observership", "externship"])))
    assert [text.strip() for text in head] == ["Topic", "Observership", "Externship"]
    by_topic = {row[0].strip(): row[1:] for row in rows}
    for text in ("4 statements, side by side", "typically 1 to 4 weeks", "a few days to several months", "one month"):
        assert text in by_topic["Duration"][0]
    assert "disputed" in by_topic["Counts as US clinical experience"][0] and "yes in guides" in by_topic["Counts as US clinical experience"][1]
    assert by_topic["Visa"][1].strip() == "not found"
    assert "residency-seeking IMGs excluded" in by_topic["Who is taken, and examinations"][0]
    assert "residency-seeking IMGs admitted" in by_topic["Who is taken, and examinations"][0]


def test_shares_among_those_who_matched_say_so():
    said = pathway_attributes(["observership"]).frame["statement"]
    assert "IMGs who matched, with an observership in a hospital, percent: 40" in set(said)


@pytest.mark.parametrize("pathways", [None, FIRST, ["individual_research"]])
def test_can_be_asked_again_and_as_sql(pathways):
    result = pathway_attributes(pathways)
    assert result.question.ask().frame.equals(result.frame)
    assert len(connect().execute(result.to_sql()).fetchall()) == result.frame["found"].sum()


def test_rows_explain_themselves():
    result = pathway_attributes(["externship"])
    first, none = (result.frame["found"].tolist().index(found) for found in (True, False))
    assert "pathway_attributes.csv" in explain(result, first).to_html()
    assert "Not published" in str(explain(result, none))


@pytest.mark.parametrize("pathways", [[], ["x"], "observership"])
def test_refuses_in_one_line(pathways):
    with pytest.raises(UserError, match="allowed: observership"):
        pathway_attributes(pathways)


def test_explorer():
    explorer = PathwayAttributeExplorer()
    assert explorer.selection == {"pathways": list(FIRST)}
    explorer.selection = {"pathways": None}
    assert explorer.selection == {"pathways": None} and explorer.result.frame["found"].sum() == 78
    assert "Where from" in explorer.matrix.value and b"pa078" in explorer._csv_file().content
    assert not re.search(r"<(img|script|link|iframe)\b|\bsrc=|url\(", explorer.matrix.value)
    explorer._controls["pathways"].value = ()
    assert explorer.result is None and "choose at least one pathway" in explorer.notice.value
    for bad in ({"pathways": ["x"]}, {"x": 1}):
        with pytest.raises(UserError):
            explorer.selection = bad
