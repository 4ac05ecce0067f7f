"""Directors on research, and what had been done: figures walked back to the file, chart, explorer."""

import csv

import pytest
from statsmodels.stats.proportion import proportion_confint

from imganalytics.charts.research_views import figure, spec
from imganalytics.errors import UserError
from imganalytics.explorers.research_views import ResearchViewExplorer, twin
from imganalytics.studies.explain import explain
from imganalytics.studies.research_views import LIMITS, PANELS, research_views
from imganalytics.warehouse import connect
from tests.chart_checks import check, has_words
from tests.datasets_copy import DATASETS


def fact(key: str) -> dict[str, str]:
    """A fact, read a second time and without the database."""
    with open(DATASETS / "source_document_facts.csv", encoding="utf-8-sig", newline="") as file:
        [found] = [row for row in csv.DictReader(file) if row["fact_id"] == key]
    return found


class TestFigures:
    @pytest.mark.parametrize("key, named, printed",
                             [("sf085", 34, 79), ("sf086", 9, 21), ("sf087", 28, 65), ("sf088", 43, 100)])
    def test_ranking_by_43_directors(self, key, named, printed):
        row = research_views().frame.set_index("fact_id").loc[key]
        assert (float(fact(key)["numerator"]), float(fact(key)["value"])) == (named, printed)
        assert (row["named"], row["n"]) == (named, 43) and round(100 * row["rate"]) == printed
        assert (row["rate_low"], row["rate_high"]) == pytest.approx(proportion_confint(named, 43, method="wilson"))
        assert row["reliability"] == ("ok" if named == 43 else "unstable")

    @pytest.mark.parametrize("key, median, quartiles, spread, n", [
        ("sf084", 18, None, None, 32), ("sf121", 30, (18, 48), (4, 72), 42), ("sf144", 24, (24, 36), (12, 70), 20),
        ("sf083", 5, None, None, 32), ("sf122", 12, (6, 24.3), (1, 80), 42), ("sf147", 6, (1.3, 39), (0, 88), 20)])
    def test_medians_have_n_and_no_interval(self, key, median, quartiles, spread, n):
        row = research_views().frame.set_index("fact_id").loc[key]
        assert (row["median"], row["n"]) == (median, n) and row["rate_low"] != row["rate_low"]
        assert quartiles == (None if row["quartile_1"] != row["quartile_1"]
                             else (row["quartile_1"], row["quartile_3"]))
        assert spread == (None if row["minimum"] != row["minimum"] else (row["minimum"], row["maximum"]))

    @pytest.mark.parametrize("months, papers, wanted", [
        (0, 0, ["below the median", "below the middle half", "below the middle half", "below the median",
                "below the middle half",
                "below the middle half"]),
        (18, 12, ["at the median", "below the median, in the middle half", "below the middle half", "above the median",
                  "at the median, in the middle half", "above the median, in the middle half"]),
        (72, 80, ["above the median", "above the middle half", "above the middle half", "above the median",
                  "above the middle half", "above the middle half"])])
    def test_where_a_value_lies(self, months, papers, wanted):
        frame = research_views(months, papers).frame
        assert frame.loc[frame["panel"] != "ranking", "lies"].tolist() == wanted

    def test_summary_says_both_pairs(self):
        said = research_views().summary
        assert "34 put the institution or the people first (79.1 %)" in said and "43 put the number of publications last" in said
        assert "Directors recommend 18 months (median, n = 32); IMGs who had matched had 30 (median, n = 42)" in said
        assert "Directors recommend 5 papers (median, n = 32); IMGs who had matched had 12 (median, n = 42)" in said

    @pytest.mark.parametrize("wanted", [{"months": -1}, {"months": 73}, {"papers": 81}, {"papers": 2.5}])
    def test_refuses_values_outside_the_ranges(self, wanted):
        with pytest.raises(UserError, match="whole numbers from"):
            research_views(**wanted)

    def test_can_be_asked_again_as_sql_and_row_by_row(self):
        result = research_views(12, 3)
        assert result.question.ask().frame.equals(result.frame)
        assert len(connect().execute(result.to_sql()).fetchall()) == len(result.frame) == 10
        for at in range(10):
            assert "source_document_facts.csv" in explain(result, at).to_html()


class TestShown:
    @pytest.mark.parametrize("months, papers", [(0, 0), (24, 5), (72, 80)])
    def test_chart_keeps_the_rules(self, months, papers):
        drawn = spec(research_views(months, papers))
        check(drawn)
        assert has_words(drawn, *PANELS.values(), f"{months} months", f"{papers} papers", "79.1 % (64.8 to 88.6)",
                         "34 of 43 directors",
                         "median 18, n = 32", "median 30, middle half 18 to 48, n = 42", "one institution")
        dots = [trace for trace in drawn["data"] if trace["mode"] == "markers"]
        assert [len(trace["x"]) for trace in dots] == [4, 3, 3] and "error_x" not in dots[1]
        assert all("Source: " in text for trace in dots for text in trace["hovertext"])
        assert figure(research_views()).layout.width == 980

    def test_lines_of_medians_are_the_printed_quartiles_and_ranges(self):
        lines = {tuple(trace["x"]) for trace in spec(research_views())["data"] if trace["mode"] == "lines"}
        assert {(18, 48), (4, 72), (24, 36), (12, 70), (6, 24.3), (1, 80), (1.3, 39), (0, 88)} == lines

    def test_explorer(self):
        explorer = ResearchViewExplorer(months=12)
        assert explorer.selection == {"months": 12, "papers": 5} and len(twin(explorer.result).rows) == 10
        explorer._controls["months"].value = 40
        assert explorer.result.question.arguments["months"] == 40
        explorer.explained = ("sf085",)
        assert "34" in str(explorer.explanation)
        for bad in ({"months": LIMITS["months"][1] + 1}, {"x": 1}):
            with pytest.raises(UserError):
                explorer.selection = bad
        assert explorer.selection == {"months": 40, "papers": 5}
