"""What a study hands on: the query with its values, the sources in one line, the question to be asked again."""

import dataclasses

import duckdb
import pandas as pd
import pytest

from imganalytics.result import Question, Result, Source
from imganalytics.studies.reading import reading


def source(source_id: str, publisher: str = "NRMP", year: int | None = 2025, title: str = "Results and Data") -> Source:
    return Source(source_id, title, publisher, year, "table 1", "facts", "high")


def result(sql: str = "", sources: tuple[Source, ...] = (), **parameters) -> Result:
    return Result(pd.DataFrame(), Question("nothing", {}), sql=sql, parameters=parameters, sources=sources)


@pytest.mark.parametrize("value", [
    "O'Brien", "''", "", "100 % $year -- {x} \\ \n é", 2025, -3, 0.25, True, False, None,
    ["us_img", "O'Brien"], [], [1, 2], [True, None], ["$other"]])
def test_a_value_comes_back_from_the_query_as_it_went_in(value):
    sql = result("SELECT $value", value=value, other="no").to_sql()
    assert duckdb.connect().execute(sql).fetchone() == (value,)


@pytest.mark.parametrize("value, text", [
    ("O'Brien", "'O''Brien'"), (["a", "b"], "['a', 'b']"), (("a",), "['a']"), ([], "[]"), (True, "true"), (None, "NULL"),
    (2025, "2025")])
def test_values_are_written_as_sql(value, text):
    assert result("SELECT $value", value=value).to_sql() == f"SELECT {text}"


def test_every_place_of_a_name_is_filled_and_names_that_begin_alike_are_kept_apart():
    asked = result("SELECT $type, $types::VARCHAR[], $type", type="a", types=["b"])
    assert asked.to_sql() == "SELECT 'a', ['b']::VARCHAR[], 'a'"


def test_a_name_without_a_value_is_an_error():
    with pytest.raises(KeyError, match="year"):
        result("SELECT $year").to_sql()


@pytest.mark.parametrize("sources, line", [
    ((), "Source: none, since no figure is shown"),
    ((source("a"),), "Source: NRMP, 2025: Results and Data"),
    ((source("a", year=None),), "Source: NRMP: Results and Data"),
    ((source("a"), source("b", "AAMC", 2023, "Facts")), "Sources: NRMP, 2025: Results and Data; AAMC, 2023: Facts")])
def test_source_line(sources, line):
    assert result(sources=sources).source_line == line


@pytest.mark.parametrize("thing, name", [
    (result(), "frame"), (source("a"), "title"), (Question("reading", {}), "arguments")])
def test_cannot_be_written_to(thing, name):
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(thing, name, None)


def test_a_question_asks_its_study_again():
    asked = reading(applicants=20, matched=0)
    again = Question("reading", {"applicants": 20, "matched": 0}).ask()
    assert asked.question == again.question
    assert again.summary == asked.summary
    assert "0.0 % and 16.1 %" in again.summary  # Newcombe 1998, Stat Med 17:857-872: 0/20 is 0 to 0.1611


def test_results_do_not_share_their_parameters():
    one, other = result(), result()
    one.parameters["year"] = 2025
    assert other.parameters == {}
