"""Length of rank lists: figures walked back to the file, breaks, the caution, the views."""

import csv
import json
import math

import pytest

from imganalytics.charts.rank_lists import HIGHEST, figure, spec
from imganalytics.errors import UserError
from imganalytics.explorers.rank_lists import RankListExplorer
from imganalytics.studies.explain import explain
from imganalytics.studies.rank_lists import CAUTION, LEVER, crossed, rank_lists, span, types_listed
from tests.datasets_copy import DATASETS

EVERY = ("us_md_senior", "us_do_senior", "us_img", "non_us_img", "all")


def published() -> dict[tuple[str, int], dict[str, str]]:
    """The file, read a second time and without the database."""
    with open(DATASETS / "rank_list_results.csv", encoding="utf-8", newline="") as file:
        return {(row["applicant_type"], int(row["match_year"])): row for row in csv.DictReader(file)}


def words(drawn: dict) -> str:
    return " ".join(note["text"] for note in drawn["layout"]["annotations"])


class TestFigures:
    def test_every_one_is_the_published_one(self):
        frame, kept = rank_lists(EVERY).frame, published()
        assert set(zip(frame["applicant_type"], frame["match_year"])) == set(kept)
        for row in frame.to_dict("records"):
            printed = kept[(row["applicant_type"], row["match_year"])]
            assert all(float(printed[name]) == row[name] for name in (
                "matched", "unmatched", "mean_ranks_matched", "mean_ranks_unmatched"))

    def test_known_ones(self):
        summary = rank_lists(("us_img",)).summary
        assert summary.startswith("US IMGs: matched 6.72 (2006) to 10.06 (2025), not matched 4.04 (2006) to 3.36 (2025)")
        assert "n = 3,053 matched and 1,409 not matched" in rank_lists(("us_img",), (2025, 2025)).subtitle

    def test_those_who_matched_had_longer_lists_as_the_notebook_says(self):
        frame = rank_lists(EVERY).frame
        assert (frame["mean_ranks_matched"] > frame["mean_ranks_unmatched"]).all()

    def test_a_total_is_not_added_to_its_parts(self):
        parts, with_total = rank_lists(("us_img", "non_us_img")), rank_lists(("us_img", "non_us_img", "all"))
        assert parts.subtitle == with_total.subtitle
        assert "n = 35,987 matched" in rank_lists(("all",), (2025, 2025)).subtitle

    def test_base_years_and_the_lack_of_an_interval_are_said(self):
        subtitle = rank_lists(years=(2010, 2012)).subtitle
        assert "couples excluded" in subtitle and "2010-2012 Matches" in subtitle and "no interval" in subtitle

    def test_the_caution_is_everywhere(self):
        result = rank_lists()
        assert result.caveats[0] == CAUTION and LEVER in result.summary
        assert f"<b>{LEVER}</b>" in words(spec(result))

    @pytest.mark.parametrize("types, years, message", [
        ((), (2006, 2025), "at least one"), ("us_img", (2006, 2025), "at least one"), (("canadian",), (2006, 2025), "allowed"),
        (("us_img",), (2005, 2025), "2006 to 2025"), (("us_img",), (2025, 2006), "2006 to 2025"),
        (("us_img",), (2010,), "2006 to 2025"), (("us_img",), ("a", "b"), "2006 to 2025")])
    def test_refuses_what_cannot_be(self, types, years, message):
        with pytest.raises(UserError, match=message):
            rank_lists(types, years)

    def test_can_be_asked_again_as_sql_and_row_by_row(self, con):
        result = rank_lists(("non_us_img", "us_do_senior"), (2015, 2021))
        assert result.question.ask().frame.equals(result.frame)
        assert len(con.execute(result.to_sql()).fetchall()) == len(result.frame) == 14
        assert "rank_list_results.csv" in explain(result, 0).to_html()


class TestChart:
    def test_lines_break_where_what_is_counted_changes(self):
        drawn = spec(rank_lists(("us_do_senior", "us_img")))
        gaps = {trace["name"]: trace["x"].count(None) for trace in drawn["data"]}
        assert gaps == {"US DO senior, matched": 2, "US DO senior, not matched": 2, "US IMG, matched": 1, "US IMG, not matched": 1}
        assert [each.year for each in crossed(("us_do_senior",), *span())] == [2019, 2020]
        assert crossed(("us_do_senior",), 2020, 2025) == []
        assert "first single Match" in words(drawn) and "graduates" in words(drawn)
        assert "graduates" not in words(spec(rank_lists(("us_img",))))

    def test_matched_and_unmatched_are_two_dashes(self):
        assert {trace["line"]["dash"] for trace in spec(rank_lists())["data"]} == {"solid", "dash"}

    @pytest.mark.parametrize("types", [EVERY, ("all",)])
    @pytest.mark.parametrize("years", [(2006, 2025), (2019, 2020), (2025, 2025)])
    def test_nothing_is_clipped_and_each_mark_says_n_base_and_source(self, types, years):
        drawn = spec(rank_lists(types, years))
        json.dumps({"data": drawn["data"]}, allow_nan=False)
        low, high = drawn["layout"]["xaxis"]["range"]
        assert drawn["layout"]["yaxis"]["range"] == [0, HIGHEST]
        assert drawn["layout"]["xaxis"]["tickvals"]
        for trace in drawn["data"]:
            shown = [(x, y, text) for x, y, text in zip(trace["x"], trace["y"], trace["hovertext"]) if x is not None]
            assert len(shown) == years[1] - years[0] + 1
            for x, y, text in shown:
                assert low < x < high and 0 < y < HIGHEST
                assert "n = " in text and "Base: " in text and "Source: NRMP" in text and "No interval" in text
        assert figure(rank_lists(types, years)).layout.width == 980

    def test_names_at_the_right_stand_apart(self):
        notes = spec(rank_lists(EVERY))["layout"]["annotations"]
        heights = sorted(note["y"] for note in notes if note["x"] == 1 and "matched" in note["text"])
        assert len(heights) == 10 and all(above - below > 0.044 for below, above in zip(heights, heights[1:]))


class TestExplorer:
    def test_follows_its_controls(self):
        explorer = RankListExplorer()
        assert explorer.selection == {"applicant_types": ("us_img", "non_us_img"), "years": (2006, 2025)}
        explorer._controls["years"].value = (2018, 2022)
        explorer._controls["applicant_types"].value = ("all",)
        assert len(explorer.result.frame) == 5 and len(explorer.figure.data) == 2
        rows = RankListExplorer.twin_of(explorer.result).rows
        assert rows[0][:4] == ["All applicants", 2018, "27,424", "10.91"]

    @pytest.mark.parametrize("bad", [{"years": (2000, 2025)}, {"years": (2006, 2026)}, {"years": "x"}, {"years": 3},
                                     {"applicant_types": ("canadian",)}, {"other": 1}, {"years": (math.nan, 2025)}])
    def test_a_bad_selection_is_refused_and_changes_nothing(self, bad):
        explorer = RankListExplorer()
        before = explorer.selection
        with pytest.raises(UserError):
            explorer.selection = bad
        assert explorer.selection == before and explorer.result

    def test_no_type_is_words(self):
        explorer = RankListExplorer(applicant_types=())
        assert explorer.result is None and "choose at least one" in explorer.notice.value

    def test_offers_every_published_type(self):
        assert set(types_listed()) == set(EVERY)


def test_a_pressed_mark_is_explained_by_its_source():
    shown = RankListExplorer()
    shown.explained = (2025, "us_img")
    assert "Length of Rank Order List" in str(shown.explanation)
