"""Positions left unfilled: tiny programs added by hand, real ones against published totals, chart and explorer."""

import json

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.proportion import proportion_confint

from imganalytics.charts import unfilled as chart
from imganalytics.errors import UserError
from imganalytics.explorers.unfilled import UnfilledExplorer
from imganalytics.studies.explain import explain
from imganalytics.studies.unfilled import FIRST, LAST, QUERY, soap_facts, unfilled
from imganalytics.warehouse import connect
from tests.chart_checks import check, has_words
from tests.explorer_helpers import Cells, visible, words
from tests.test_tiny_programs import FIRST as ONE, SECOND, listed

ASKED = [{}, {"by": "state", "measure": "share", "minimum": 0}, {"view": "years", "match_year": 2023},
         {"view": "years", "by": "state", "measure": "share", "tracks": "complete", "specialties": ["Family Medicine"]},
         {"tracks": "preliminary", "by": "state", "states": ["NY", "FL", "TX"], "match_year": 2018, "minimum": 0}]


class TestTinyPrograms:
    def test_are_added_by_year_state_specialty_and_kind(self, built):
        con = built(**listed({"program_code": ONE, "quota": 10, "matched": 7},
                             {"program_code": SECOND, "quota": 5, "matched": 5},
                             {"program_code": "1001900P0", "track": "preliminary", "quota": 4, "matched": 1}))
        rows = con.execute(QUERY).df()
        assert rows[["preliminary", "offered", "filled", "unfilled", "programs",
                     "programs_unfilled"]].values.tolist() == [
            [False, 15, 12, 3, 2, 1], [True, 4, 1, 3, 1, 1]]


class TestRealFigures:
    @pytest.mark.parametrize("year", range(FIRST, LAST + 1))
    def test_add_to_the_published_totals_of_each_year(self, con, year):
        [(published,)] = con.execute("""
            SELECT value FROM match_results WHERE match_year = ? AND specialty = 'All specialties' AND entry_level = 'all'
            AND applicant_type = 'all' AND measure = 'positions_unfilled'""", [year]).fetchall()
        for by in ("specialty", "state"):
            assert unfilled(by, match_year=year, minimum=0).frame["unfilled"].sum() == published

    def test_agree_with_what_sources_say_of_soap_but_where_these_changed_before_it(self, con):
        told = dict(con.execute("""SELECT match_year, value FROM soap_results WHERE measure = 'positions_unfilled_before_soap'
                                   AND match_year BETWEEN 2014 AND 2025""").fetchall())
        assert told and {year: unfilled(match_year=year, minimum=0).frame["unfilled"].sum() for year in told} == told

    def test_lack_only_filled_positions_of_2025(self, con):
        [(offered,)] = con.execute("""
            SELECT value FROM match_results WHERE match_year = 2025 AND specialty = 'All specialties' AND entry_level = 'all'
            AND applicant_type = 'all' AND measure = 'positions_offered'""").fetchall()
        frame = unfilled(minimum=0).frame
        assert (offered - frame["offered"].sum(), "lacks 19 positions" in " ".join(unfilled().caveats)) == (19, True)

    def test_are_what_the_rows_of_the_listing_add_to(self, con):
        rows = con.execute("""SELECT state, track, quota, matched FROM program_results JOIN programs USING (program_code)
                              WHERE match_year = 2021 AND specialty = 'Surgery-General'""").df()
        for tracks, own in (("all", rows), ("preliminary", rows[rows["track"] == "preliminary"]),
                            ("complete", rows[rows["track"] != "preliminary"])):
            expected = (own["quota"] - own["matched"]).groupby(own["state"]).sum()
            frame = unfilled("state", tracks=tracks, specialties=["Surgery-General"], match_year=2021, minimum=0).frame
            assert frame.set_index("state")["unfilled"].to_dict() == expected.to_dict()

    def test_have_the_intervals_of_another_implementation_and_none_below_five(self):
        frame = unfilled("state", measure="share", specialties=["Neurology"], minimum=0).frame
        shown = frame[frame["reason"] == ""]
        low, high = proportion_confint(shown["unfilled"], shown["offered"], method="wilson")
        assert np.allclose(shown["share_low"], low) and np.allclose(shown["share_high"], high)
        assert (frame["offered"] < 5).any() and frame.loc[frame["offered"] < 5, ["share", "value"]].isna().all().all()
        assert (shown.loc[shown["offered"] < 30, "reliability"] == "unstable").all()

    def test_stand_beside_the_lowest_and_highest_of_all_years(self):
        now = unfilled(match_year=2025, minimum=0).frame.set_index("specialty")
        every = pd.concat([unfilled(match_year=year, minimum=0).frame for year in range(FIRST, LAST + 1)])
        spread = every.groupby("specialty")["unfilled"].agg(["min", "max"]).loc[now.index]
        assert (now["lowest"] == spread["min"]).all() and (now["highest"] == spread["max"]).all()

    def test_of_the_years_are_the_six_with_most_in_the_chosen_one(self):
        one = unfilled(match_year=2023).frame
        frame = unfilled(view="years", match_year=2023).frame
        assert list(dict.fromkeys(frame["specialty"])) == one["specialty"].tolist()[:6]
        assert frame.groupby("specialty")["match_year"].apply(list).map(len).eq(12).all()
        two = unfilled(view="years", specialties=["Neurology", "Pediatrics"]).frame
        assert list(dict.fromkeys(two["specialty"])) == ["Pediatrics", "Neurology"]

    def test_say_what_soap_is_known_to_do_and_what_not(self):
        told = " ".join(unfilled().caveats)
        assert "In SOAP 2025, 2,521 positions were offered" in told and "how many of them were filled is in no source" in told
        assert "2,632 of 2,851" in told and "126 of 878" in told and "quoting the NRMP" in told and len(soap_facts()) == 3
        assert "whether its program sponsors a visa" in told and "one year without the years that follow" in told
        assert "one year without" not in " ".join(unfilled(tracks="complete").caveats)

    @pytest.mark.parametrize("asked", ASKED)
    def test_can_be_asked_again_looked_up_and_explained(self, asked):
        result = unfilled(**asked)
        json.dumps(result.question.arguments)
        pd.testing.assert_frame_equal(result.question.ask().frame, result.frame)
        found = connect().sql(result.to_sql()).df()
        assert set(found[result.frame.columns[0]]) >= set(result.frame.iloc[:, 0])
        assert explain(result, 0).facts and result.sources

    def test_of_a_specialty_are_explained_by_the_same_number(self):
        assert explain(unfilled(), 0).value == "805 positions"

    @pytest.mark.parametrize("asked, text", [
        ({"by": "city"}, "unknown kind"), ({"view": "x"}, "unknown view"), ({"measure": "x"}, "unknown measure"),
        ({"tracks": "x"}, "unknown kind of positions"), ({"match_year": 2026}, "2014 to 2025"),
        ({"minimum": 1.5}, "whole number"),
        ({"minimum": 99_999}, "the most is 12,944"), ({"states": []}, "at least one"),
        ({"specialties": ["X"]}, "unknown specialty"),
        ({"specialties": ["Dermatology"], "tracks": "preliminary", "match_year": 2020}, "choose another year"),
        ({"specialties": ["Emergency Medicine/Anesthesiology"], "measure": "share", "minimum": 0},
         "look at the number")])
    def test_refuse_with_one_helpful_line(self, asked, text):
        with pytest.raises(UserError) as told:
            unfilled(**asked)
        assert text in str(told.value) and "\n" not in str(told.value)


class TestCharts:
    @pytest.mark.parametrize("asked", ASKED)
    def test_are_drawn_whole_and_in_words(self, asked):
        check(chart.spec(unfilled(**asked)))

    def test_of_one_match_have_a_mark_on_the_range_of_all(self):
        result = unfilled()
        spread, dots = chart.spec(result)["data"]
        assert dots["x"] == result.frame["unfilled"].tolist() and "error_x" not in dots
        assert spread["x"][:3] == [result.frame["lowest"][0], result.frame["highest"][0], None]
        assert "805 of 5,357 positions" in dots["hovertext"][0] and "95 % interval 14.1 % to 16.0 %" in dots["hovertext"][0]
        assert has_words(chart.spec(result), "before SOAP", "805", "5,357", "15.0 % (14.1 to 16.0)", "none is sampled")

    def test_of_shares_have_intervals_hollow_marks_and_words_where_there_is_none(self):
        result = unfilled("state", measure="share", specialties=["Neurology"], minimum=0)
        spec = chart.spec(result)
        dots = spec["data"][1]
        shown = result.frame[result.frame["reason"] == ""]
        assert np.allclose(np.add(dots["x"], dots["error_x"]["array"]), shown["share_high"])
        assert [symbol.endswith("-open") for symbol in dots["marker"]["symbol"]] == (shown["reliability"] == "unstable").tolist()
        assert [result.frame["state"][at] for at in dots["y"]] == shown["state"].tolist()
        assert has_words(spec, "fewer than 5 offered", "Hollow: unstable") and spec["layout"]["xaxis"]["range"][0] == 0

    def test_over_the_years_have_a_line_each_with_its_name_and_last_figure(self):
        result = unfilled(view="years")
        spec = chart.spec(result)
        assert len(spec["data"]) == 6 and len({(t["line"]["color"], t["marker"]["symbol"][0])
                                               for t in spec["data"]}) == 6
        assert spec["data"][0]["y"] == result.frame.query("specialty == 'Family Medicine'")["unfilled"].tolist()
        assert has_words(spec, "Family Medicine 805", "one Match for MD and DO programs")

    def test_over_the_years_leave_a_gap_where_nothing_was_offered(self):
        result = unfilled(view="years", specialties=["Osteopathic Neuromusculoskeletal Medicine"], minimum=0)
        [line] = chart.spec(result)["data"]
        known = dict(zip(result.frame["match_year"], result.frame["unfilled"]))
        assert [value for value in line["y"] if value is not None] == list(known.values())

    def test_have_round_ticks(self):
        assert chart.ticks(805, False) == [0, 200, 400, 600, 800, 1000] and chart.ticks(0, False) == [0, 1]
        assert chart.ticks(0.97, True)[-1] == 1 and chart.tick_text(0.125, True, 0.125) == "12.5%"


class TestExplorer:
    def test_follows_its_controls_and_tells_the_same_in_all_views(self):
        explorer = UnfilledExplorer()
        explorer.year.value, explorer.minimum.value = 2019, 200
        result = explorer.result
        assert result.question.arguments["match_year"] == 2019 and (result.frame["offered"] >= 200).all()
        _, *body = Cells(explorer.table.value).rows
        assert [row[:4] for row in body] == [[row.label, "2019", f"{row.unfilled:,.0f}", f"{row.offered:,.0f}"]
                                             for row in result.frame.itertuples()]
        explorer.selection = {"view": "years", "by": "state"}
        assert len(explorer.figure.data) == 6 and explorer.result.summary in words(explorer.say)

    def test_says_why_there_is_nothing_to_draw(self):
        explorer = UnfilledExplorer(specialties=["Dermatology"], match_year=2020)
        explorer.tracks.value = "preliminary"
        assert explorer.result is None and "choose another year" in words(explorer.notice) and not visible(explorer.views)
        explorer.tracks.value = "all"
        assert explorer.result is not None and visible(explorer.views)

    @pytest.mark.parametrize("wanted", [{"by": "city"}, {"match_year": 2013}, {"states": ["XX"]}, {"x": 1},
                                        {"minimum": 9999}])
    def test_refuses_what_there_is_not_and_keeps_what_was(self, wanted):
        explorer = UnfilledExplorer()
        before = explorer.selection
        with pytest.raises(UserError):
            explorer.selection = wanted
        assert explorer.selection == before
