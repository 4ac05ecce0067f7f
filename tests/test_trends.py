"""Trends: tiny facts paired and pooled by hand, and real figures against a second computation from the files."""

import csv

import numpy as np
import pytest
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from imganalytics.errors import UserError
from imganalytics.studies import trend_facts as facts
from imganalytics.studies.explain import explain
from imganalytics.studies.trend_changes import SORTS, trend_changes
from imganalytics.studies.trend_words import count_change, spans
from imganalytics.studies.trends import START, trends
from imganalytics.warehouse import connect
from tests.datasets_copy import DATASETS

CATEGORICAL, PRELIMINARY = "1001900C0", "1001900P0"


def found(con, measure: str) -> dict[tuple, tuple]:
    """(specialty, choice, year) -> part and whole of a measure, from a database of tiny facts."""
    rows = con.execute(facts.FACTS, facts.parameters(measure)).df()
    return {(row.specialty, row.choice, row.match_year): (row.top, None if row.of != row.of else row.of)
            for row in rows.itertuples() if row.specialty != "All specialties"}


def listed(**years: tuple[int, int]) -> list[dict]:
    """Program results: program code -> (quota, matched) in 2025."""
    return [{"program_code": code, "quota": quota, "matched": matched} for code, (quota, matched) in years.items()]


def programs(*codes: str) -> dict[str, list[dict]]:
    tracks = {"C": "categorical", "P": "preliminary"}
    return {"institutions": [{}],
            "programs": [{"program_code": code, "track": tracks[code[7]]} for code in codes]}


class TestTinyFacts:
    def test_a_share_is_of_the_rows_that_its_part_was_summed_from(self, built):
        con = built(**programs(CATEGORICAL), program_results=listed(**{CATEGORICAL: (10, 7)}),
                    match_results=[{"measure": "positions_offered", "value": 12, "source_id": "synthetic_other_report"}])
        place = ("Synthetic Medicine", "categorical", 2025)
        assert found(con, "offered")[place] == (12, None)  # the printed figure
        assert found(con, "filled_share")[place] == (7, 10)  # and not 7 of 12
        assert found(con, "unfilled")[place] == (7, 10)

    def test_tracks_are_pooled_when_each_of_them_is_published(self, built):
        con = built(**programs(CATEGORICAL, PRELIMINARY),
                    program_results=listed(**{CATEGORICAL: (10, 7), PRELIMINARY: (4, 1)}),
                    match_results=[{"applicant_type": "us_img", "measure": "positions_filled", "value": 2}])
        assert found(con, "filled_share")["Synthetic Medicine", "all_pgy1", 2025] == (8, 14)
        assert found(con, "filled_share")["Synthetic Medicine", "all_but_preliminary", 2025] == (7, 10)
        fill = found(con, "fill_us_img")  # of the preliminary track, US IMGs are not published
        assert fill == {("Synthetic Medicine", "categorical", 2025): (2, 7),
                        ("Synthetic Medicine", "all_but_preliminary", 2025): (2, 7)}

    def test_a_published_pool_goes_before_the_sum_of_its_tracks(self, built):
        con = built(**programs(CATEGORICAL, PRELIMINARY),
                    program_results=listed(**{CATEGORICAL: (10, 7), PRELIMINARY: (4, 1)}),
                    match_results=[{"track": "all_pgy1", "measure": "positions_offered", "value": 15}])
        assert found(con, "offered")["Synthetic Medicine", "all_pgy1", 2025] == (15, None)

    def test_imgs_together_are_there_only_when_both_types_are(self, built):
        filled = {"measure": "positions_filled", "value": 3}
        con = built(match_results=[filled | {"applicant_type": "all", "value": 30}, filled | {"applicant_type": "us_img"},
                                   filled | {"applicant_type": "all", "value": 20, "match_year": 2024},
                                   filled | {"applicant_type": "us_img", "match_year": 2024},
                                   filled | {"applicant_type": "non_us_img", "match_year": 2024, "value": 5}])
        assert found(con, "fill_img") == {("Synthetic Medicine", "categorical", 2024): (8, 20)}


def rows_of_programs(specialty: str, track: str, year: int) -> tuple[int, int, int]:
    """Quota, matched and number of programs with a quota, added from the files without any SQL."""
    def read(name: str) -> list[dict[str, str]]:
        with open(DATASETS / f"{name}.csv", encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))

    codes = {row["program_code"] for row in read("programs") if (row["specialty"], row["track"]) == (specialty, track)}
    own = [(int(row["quota"]), int(row["matched"])) for row in read("program_results")
           if row["program_code"] in codes and row["match_year"] == str(year)]
    return sum(quota for quota, _ in own), sum(matched for _, matched in own), sum(quota > 0 for quota, _ in own)


def figure(measure: str, specialty: str, choice: str, year: int) -> dict:
    frame = facts.figures(measure)
    [row] = frame[(frame["specialty"] == specialty) & (frame["choice"] == choice)
                  & (frame["match_year"] == year)].to_dict("records")
    return row


class TestRealFigures:
    @pytest.mark.parametrize("specialty, track, year", [
        ("Anesthesiology", "advanced", 2016), ("Surgery-General", "preliminary", 2014), ("Neurology", "categorical", 2021)])
    def test_are_what_the_program_rows_add_to(self, specialty, track, year):
        offered, filled, many = rows_of_programs(specialty, track, year)
        assert figure("offered", specialty, track, year)["value"] == offered
        assert figure("programs", specialty, track, year)["value"] == many
        share = figure("unfilled_share", specialty, track, year)
        assert (share["count"], share["of"]) == (offered - filled, offered)
        assert share["value"] == (offered - filled) / offered

    def test_are_these(self):  # read off the printed tables
        assert figure("offered", "Internal Medicine", "categorical", 2014)["value"] == 6524
        assert figure("offered", "Internal Medicine", "categorical", 2025)["value"] == 10941
        assert figure("offered", "All specialties", "all", 2025)["value"] == 43237
        share = figure("fill_img", "Internal Medicine", "categorical", 2025)  # 1,145 + 3,573 of 10,584
        assert (share["count"], share["of"]) == (4718, 10584) and round(share["value"], 4) == 0.4458

    def test_never_mix_programs_that_the_report_lacks_into_a_share(self):
        assert figure("offered", "Internal Medicine", "preliminary", 2025)["value"] == 1600
        assert figure("filled_share", "Internal Medicine", "preliminary", 2025)["of"] == 1597

    def test_are_complete_from_2014_to_2025(self):
        for measure in ("offered", "filled", "programs"):
            assert set(range(2014, 2026)) <= set(facts.years_of(measure, "main"))
            have = facts.figures(measure)
            assert set(have.loc[have["specialty"] == "Pediatrics", "match_year"]) >= set(range(2014, 2026))

    def test_have_the_intervals_of_another_implementation(self):
        for measure in (key for key, what in facts.MEASURES.items() if what.is_share):
            frame = facts.figures(measure)
            shown = frame[frame["reason"] == ""]
            low, high = proportion_confint(shown["count"], shown["of"], method="wilson")
            assert np.allclose(shown["low"], low) and np.allclose(shown["high"], high)
            assert (frame.loc[frame["of"] < 5, "reliability"] == "suppressed").all()
            assert (shown.loc[shown["of"] < 30, "reliability"] == "unstable").all()

    def test_are_one_for_each_place_and_year(self):
        for measure in facts.MEASURES:
            assert not facts.figures(measure).duplicated(["specialty", "choice", "match_year"]).any()

    def test_of_parts_are_never_more_than_the_whole(self):
        for measure in (key for key, what in facts.MEASURES.items() if what.is_share):
            assert (facts.figures(measure)["count"] <= facts.figures(measure)["of"]).all()

    def test_pools_are_the_sums_of_their_tracks(self):
        frame = facts.figures("offered")
        parts = frame[(frame["specialty"] == "Neurology") & (frame["match_year"] == 2019)].set_index("choice")["value"]
        tracks = set(facts.POOLS["all_but_preliminary"]) & set(parts.index)
        assert len(tracks) == 3 and parts["all_but_preliminary"] == sum(parts[track] for track in tracks)


class TestTrends:
    def test_break_where_the_match_became_one(self):
        frame = trends().frame
        assert dict.fromkeys(frame["row_label"]) == dict.fromkeys(
            ["Internal Medicine", "Family Medicine", "Pediatrics", "Psychiatry"])
        own = frame[frame["line"] == 0].set_index("match_year")["segment"]
        assert own.loc[2014:2019].tolist() == [0] * 6 and own.loc[2020:].tolist() == [1] * 6

    def test_break_at_a_new_definition_and_at_years_without_a_figure(self):
        frame = trends("fill_us_do", ["Pediatrics"], (2013, 2024)).frame.set_index("match_year")
        assert {year: frame["segment"][year] for year in frame.index} == {
            **{year: 0 for year in range(2014, 2019)}, 2019: 1, **{year: 2 for year in range(2020, 2025)}}
        frame = trends("fill_img", ["Family Medicine"], (2013, 2025)).frame.set_index("match_year")
        assert frame["segment"].to_dict() == {2013: 0, 2021: 1, 2022: 1, 2023: 1, 2025: 2}

    def test_compute_no_change_across_a_new_definition(self):
        assert "no change is computed, since the definition changed in 2019" in trends("fill_us_do", ["Pediatrics"]).summary
        assert "definition" not in trends("fill_us_do", ["Pediatrics"], (2020, 2024)).summary

    def test_tell_the_change_and_its_interval(self):
        assert "Internal Medicine: 6,524 in 2014, 10,941 in 2025 (+4,417, +67.7 %)." in trends().summary
        result = trends("unfilled_share", ["Family Medicine"])
        one, two = (result.frame.set_index("match_year").loc[year] for year in (2014, 2025))
        low, high = confint_proportions_2indep(two["count"], two["of"], one["count"], one["of"], method="newcomb")
        said = f"{100 * (two['value'] - one['value']):+.1f} ({100 * low:+.1f} to {100 * high:+.1f}) points"
        assert said in result.summary and "132 of 3,109" in result.summary

    def test_say_what_the_program_report_lacks(self):
        def gaps(**asked) -> list[str]:
            return [note for note in trends(**asked).caveats if "lacks 19 positions" in note]

        assert gaps(measure="filled_share", specialties=["Internal Medicine"], track="preliminary")
        assert not gaps(measure="filled_share", specialties=["Internal Medicine"], track="preliminary", years=(2014, 2024))
        assert not gaps(measure="offered", specialties=["Family Medicine"])  # the official report has it whole

    def test_say_which_years_and_specialties_have_no_figure(self):
        notes = " ".join(trends("fill_img", ["Psychiatry", "Nuclear Medicine"], (2020, 2025)).caveats)
        assert "Psychiatry 2020\u20132021, 2023\u20132024" in notes and "Not published for this choice: Nuclear Medicine" in notes

    def test_name_tracks_when_a_specialty_has_several_lines(self):
        labels = set(trends("offered", ["Internal Medicine", "Family Medicine"], track="each").frame["row_label"])
        assert labels == {"Internal Medicine, categorical", "Internal Medicine, primary care",
                          "Internal Medicine, preliminary", "Family Medicine"}

    @pytest.mark.parametrize("asked", [{}, {"measure": "fill_img", "track": "all_but_preliminary"}, {
        "measure": "unfilled", "specialties": ["Surgery-General"], "track": "each", "years": (2016, 2016)}])
    def test_can_be_asked_again_and_looked_up(self, asked):
        result = trends(**asked)
        assert result.question.ask().frame.equals(result.frame)
        assert all(result.question.arguments[name] == (list(value) if isinstance(value, tuple) else value)
                   for name, value in asked.items())
        rows = connect().sql(result.to_sql()).df()
        keys = set(zip(rows["specialty"], rows["choice"], rows["match_year"]))
        assert keys >= set(zip(result.frame["specialty"], result.frame["choice"], result.frame["match_year"]))

    def test_are_explained_down_to_the_printed_figure(self):
        result = trends("filled", ["Pediatrics"])
        explanation = explain(result, len(result.frame) - 1)
        assert "2,987" in explanation.value and explanation.facts
        assert trends(track="all_pgy1").rows_of is None  # no one row of a table is behind a sum

    @pytest.mark.parametrize("asked, words", [
        ({"measure": "rate"}, "unknown measure 'rate'; allowed: offered"), ({"track": "none"}, "unknown choice of tracks"),
        ({"specialties": ["Magic"]}, "unknown specialty 'Magic'"), ({"specialties": []}, "Choose one to 6 specialties"),
        ({"specialties": "Psychiatry"}, "Choose one to 6"), ({"years": (2025, 2014)}, "in order"),
        ({"years": (1999, 2014)}, "from 2013 to 2026"), ({"years": (2014,)}, "a first and a last year"),
        ({"measure": "fill_img", "specialties": ["Psychiatry"], "years": (2014, 2016)}, "There are figures for 2022, 2025"),
        ({"specialties": ["Psychiatry"], "track": "preliminary"}, "There are figures for: All PGY-1 tracks together")])
    def test_refuse_with_one_helpful_line(self, asked, words):
        with pytest.raises(UserError, match=".*") as told:
            trends(**asked)
        assert words in str(told.value) and "\n" not in str(told.value)

    def test_refuse_more_than_a_chart_can_hold(self):
        with pytest.raises(UserError, match="7 specialties are too many"):
            trends(specialties=list(facts.specialties().index[1:8]))
        six = ["Internal Medicine", "Pediatrics", "Surgery-General", "Radiology-Diagnostic", "Anesthesiology", "Neurology"]
        with pytest.raises(UserError, match="lines are too many for one chart"):
            trends(specialties=six, track="each")


class TestChanges:
    def test_are_these(self):
        frame = trend_changes().frame.set_index("row_label")
        assert (frame["value_1"]["Neurology"], frame["value_2"]["Neurology"]) == (380, 932)
        assert frame["difference"]["Neurology"] == 552 and round(frame["ratio"]["Neurology"], 4) == 2.4526
        assert frame.index[0] == "All specialties" and frame["ratio"].iloc[1:].is_monotonic_decreasing

    def test_of_shares_have_newcombes_interval(self):
        frame = trend_changes("filled_share", 2016, 2023).frame
        for row in frame.itertuples():
            low, high = confint_proportions_2indep(row.count_2, row.of_2, row.count_1, row.of_1, method="newcomb")
            assert (row.difference_low, row.difference_high) == pytest.approx((low, high))
            assert row.difference == pytest.approx(row.value_2 - row.value_1)

    def test_of_counts_have_no_interval_and_are_hollow_when_small(self):
        frame = trend_changes(minimum=0, track="each").frame
        assert frame["difference_low"].isna().all()
        shown = frame[frame["reason"] == ""]
        small = shown[["value_1", "value_2"]].min(axis=1) < 30
        assert set(shown.loc[small, "reliability"]) == {"unstable"} and set(shown.loc[~small, "reliability"]) == {"ok"}

    def test_say_why_there_is_none(self):
        frame = trend_changes(minimum=0).frame.set_index("row_label")
        assert frame["reason"]["Interventional Radiology, advanced"] == "2014: no positions listed"
        assert np.isnan(frame["ratio"]["Interventional Radiology, advanced"])
        unfilled = trend_changes("unfilled", minimum=0).frame.set_index("row_label")
        assert unfilled["reason"]["Plastic Surgery"] == "2014: none, so no percentage"

    def test_hide_and_count_what_lies_below_the_minimum(self):
        few, many = trend_changes(minimum=500), trend_changes(minimum=0)
        assert (few.frame[["value_1", "value_2"]].min(axis=1) >= 500).all()
        hidden = len(many.frame) - len(few.frame)
        assert f"{hidden} more lie below the minimum of 500" in few.summary

    @pytest.mark.parametrize("sort", SORTS)
    def test_come_in_the_order_asked_for(self, sort):
        frame = trend_changes(sort=sort).frame.iloc[1:]
        key = {"change": -frame["ratio"], "last": -frame["value_2"], "name": frame["row_label"]}[sort]
        assert key.is_monotonic_increasing

    @pytest.mark.parametrize("asked", [{}, {"measure": "fill_us_do", "first_year": 2019}, {"track": "each", "minimum": 0}])
    def test_can_be_asked_again_and_looked_up(self, asked):
        result = trend_changes(**asked)
        assert result.question.ask().frame.equals(result.frame)
        assert len(connect().sql(result.to_sql()).df()) >= len(result.frame)

    @pytest.mark.parametrize("asked, words", [
        ({"first_year": 2020, "last_year": 2020}, "both years are 2020"), ({"first_year": 2025, "last_year": 2020}, "in order"),
        ({"measure": "fill_us_do"}, "choose both years before 2019, or both from 2019 on"), ({"sort": "size"}, "unknown sort"),
        ({"minimum": -1}, "0 or more"), ({"minimum": 99_999}, "lower the minimum"),
        ({"measure": "fill_img", "first_year": 2015}, "no specialty has a figure for both 2015 and 2025. Years with figures")])
    def test_refuse_with_one_helpful_line(self, asked, words):
        with pytest.raises(UserError) as told:
            trend_changes(**asked)
        assert words in str(told.value) and "\n" not in str(told.value)


def test_changes_and_years_in_words():
    assert count_change(100, 150) == "+50, +50.0 %" and count_change(100, 90) == "\u221210, \u221210.0 %"
    assert count_change(0, 3) == "+3" and count_change(7, 7) == "none"
    assert spans([2016, 2017, 2018, 2020]) == "2016\u20132018, 2020" and spans([]) == ""


def test_every_specialty_has_a_main_track_and_the_start_exists():
    assert set(facts.main_tracks()) == set(facts.figures("offered")["specialty"]) >= set(START)
    assert facts.main_tracks()["Radiology-Diagnostic"] == "advanced"  # where most of its positions start
    assert facts.main_tracks()["Transitional Year"] == "preliminary"
