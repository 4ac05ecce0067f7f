"""Fellowships by applicant type: the nephrology series, single points, and what is not published."""

import csv

import numpy as np
import pytest
from statsmodels.stats.proportion import proportion_confint

from imganalytics.charts import fellowship_points as points_chart
from imganalytics.charts import fellowship_types as chart
from imganalytics.errors import UserError
from imganalytics.explorers.fellowship_types import FellowshipPointsExplorer, FellowshipTypesExplorer
from imganalytics.export.csv_file import csv_text
from imganalytics.studies import fellowship_facts as facts
from imganalytics.studies.explain import explain
from imganalytics.studies.fellowship_points import QUERY, fellowship_points
from imganalytics.studies.fellowship_types import START, fellowship_types, sums_note, types_with_series
from imganalytics.vocabulary import ALL_SPECIALTIES, applicant_types
from imganalytics.warehouse import connect
from tests.chart_checks import check, has_words
from tests.datasets_copy import DATASETS
from tests.explorer_helpers import Cells, visible, words

EVERY = ["us_md_graduate", "us_do_graduate", "us_img", "non_us_img", "canadian", "fifth_pathway"]
SERIES = [{}, {"applicant_types": EVERY}, {"measure": "count", "years": [2015, 2024]}, {"applicant_types": ["canadian"], "years": [2010, 2010]}]
POINTS = [{}, {"figure": "match_rate"}, {"specialties": ["Rheumatology", "Hematology"], "only_published": False},
          {"specialties": ["Hematology"], "only_published": False}, {"years": [2022, 2024]}]


def nephrology() -> dict[int, dict[str, int]]:
    """Year -> filled by each type, and 'all', read from the file without any SQL."""
    with open(DATASETS / "fellowship_results.csv", encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["specialty"] == "Nephrology"]
    found: dict[int, dict[str, int]] = {}
    for row in rows:
        if (row["measure"] == "matched" and row["applicant_type"] != "all") or (
                row["measure"] == "positions_filled" and row["source_id"].startswith("american_society")):
            found.setdefault(int(row["appointment_year"]), {})[row["applicant_type"]] = int(float(row["value"]))
    return found


class TestNephrology:
    def test_types_sum_to_filled_in_all_16_years(self):
        published = nephrology()
        assert sorted(published) == list(range(2009, 2025))
        for year, counts in published.items():
            assert sum(value for key, value in counts.items() if key != "all") == counts["all"], year
        result = fellowship_types(EVERY)
        for year, own in result.frame.groupby("appointment_year"):
            assert own["count"].sum() == own["filled"].iloc[0] == own["of_all_types"].iloc[0] == published[year]["all"]
        assert any("in all 16 years" in note and "exactly" in note for note in result.caveats)

    def test_a_year_that_does_not_add_is_told(self):
        frame = fellowship_types(EVERY).frame
        spoilt = frame.assign(of_all_types=frame["of_all_types"] - (frame["appointment_year"] == 2012))
        assert "2012: 359 of 360" in sums_note(spoilt)

    def test_shares_and_intervals_are_those_of_a_second_computation(self):
        published, frame = nephrology(), fellowship_types(EVERY).frame
        for row in frame.to_dict("records"):
            count, filled = published[row["appointment_year"]][row["applicant_type"]], published[row["appointment_year"]]["all"]
            low, high = proportion_confint(count, filled, method="wilson")
            assert row["value"] == pytest.approx(count / filled)
            assert (row["low"], row["high"]) == (pytest.approx(low, abs=1e-9), pytest.approx(high, abs=1e-9))
        assert len(frame) == sum(len(counts) - 1 for counts in published.values()) == 14 * 6 + 2 * 4

    def test_what_is_blank_is_not_nothing(self):
        result = fellowship_types(EVERY)
        have = set(zip(result.frame["applicant_type"], result.frame["appointment_year"]))
        assert ("canadian", 2022) in have and ("canadian", 2023) not in have
        assert any("Canadian 2023\u20132024" in note for note in result.caveats)
        head, *rows = Cells(FellowshipTypesExplorer(applicant_types=EVERY).table.value).rows
        assert rows[-1][0] == "2024" and rows[-1][head.index("Canadian")] == "not published"
        assert rows[-1][-2:] == ["321", "321"]

    def test_is_called_a_fill_share_and_no_match_rate(self):
        result = fellowship_types()
        assert "Base: positions filled" in result.subtitle and "not a match rate" in result.subtitle
        assert all("not a match rate" in text for trace in chart.spec(result)["data"] for text in trace["hovertext"])

    def test_counts_have_no_interval(self):
        result = fellowship_types(measure="count")
        assert result.frame["low"].isna().all() and "no intervals" in result.subtitle
        assert all(set(trace["error_y"]["array"]) <= {0, None} for trace in chart.spec(result)["data"])

    def test_types_keep_their_colours_and_order(self):
        traces = chart.spec(fellowship_types(["non_us_img", "us_md_graduate"]))["data"]
        assert [trace["name"] for trace in traces] == ["US MD graduate", "Non-US IMG"]
        assert traces[1]["line"]["color"] == applicant_types()["non_us_img"].colour
        assert traces[1]["line"]["dash"] == applicant_types()["non_us_img"].dash
        assert types_with_series() == tuple(EVERY)

    @pytest.mark.parametrize("wrong", [{"applicant_types": []}, {"applicant_types": ["us_md_senior"]}, {"years": [2008, 2024]},
                                       {"years": [2024, 2009]}, {"measure": "x"}, {"applicant_types": ["canadian"], "years": [2023, 2024]}])
    def test_refuses_what_there_is_not(self, wrong):
        with pytest.raises(UserError) as told:
            fellowship_types(**wrong)
        assert "\n" not in str(told.value)


class TestTinyPoints:
    MEASURES = [{"measure": name, "label": name, "unit": unit, "definition": "synthetic"} for name, unit in (
        ("matched", "applicants"), ("applicants", "applicants"), ("positions_filled", "positions"), ("matched_pct", "percent"),
        ("share_of_filled_pct", "percent"), ("share_of_matched_pct", "percent"))]

    def found(self, built, figure: str, *results: dict) -> list[tuple]:
        con = built(measures=self.MEASURES, fellowship_results=list(results))
        rows = con.execute(QUERY, {"figure": figure}).df().replace({np.nan: None})
        return [tuple(row) for row in rows[["applicant_type", "count", "whole", "printed_pct"]].itertuples(index=False)]

    def test_counts_are_of_the_filled_positions_and_go_before_printed_percentages(self, built):
        own = {"applicant_type": "us_img"}
        assert self.found(built, "fill_share", own | {"measure": "matched", "value": 4}, {"measure": "positions_filled", "value": 9},
                          own | {"measure": "share_of_filled_pct", "value": 44.4}) == [("us_img", 4, 9, 44.4)]

    def test_the_whole_is_taken_from_the_same_source_where_it_prints_one(self, built):
        own, press = {"applicant_type": "us_img"}, {"source_id": "synthetic_press"}
        assert self.found(built, "fill_share", own | press | {"measure": "matched", "value": 4},
                          press | {"measure": "positions_filled", "value": 8},
                          {"measure": "positions_filled", "value": 9}) == [("us_img", 4, 8, None)]

    def test_a_match_rate_is_of_applicants_and_no_fill_share(self, built):
        own = {"applicant_type": "us_img"}
        results = (own | {"measure": "matched", "value": 4}, own | {"measure": "applicants", "value": 10},
                   {"measure": "positions_filled", "value": 9})
        assert self.found(built, "match_rate", *results) == [("us_img", 4, 10, None)]
        assert self.found(built, "fill_share", *results) == []


class TestPoints:
    def row(self, result, specialty: str, kind: str, year: int) -> dict:
        frame = result.frame
        [row] = frame[(frame["specialty"] == specialty) & (frame["applicant_type"] == kind)
                      & (frame["appointment_year"] == year)].to_dict("records")
        return row

    def test_counts_have_shares_and_intervals(self):
        row = self.row(fellowship_points(), "Rheumatology", "non_us_img", 2024)
        low, high = proportion_confint(86, 273, method="wilson")
        assert (row["count"], row["whole"], row["share"]) == (86, 273, pytest.approx(86 / 273))
        assert (row["low"], row["high"]) == (pytest.approx(low), pytest.approx(high))
        assert row["when"] == "single point, 2024" and row["reliability"] == "ok"

    def test_a_percentage_without_counts_is_words_and_no_mark(self):
        result = fellowship_points()
        row = self.row(result, "Addiction Psychiatry", "us_img", 2024)
        assert row["reason"] == "22.2 % printed without counts" and row["share"] != row["share"]
        drawn = [key for trace in points_chart.spec(result)["data"] for key in trace["customdata"]]
        assert ["Addiction Psychiatry", 2024, "us_img"] not in drawn and ["Rheumatology", 2024, "us_img"] in drawn
        assert len(drawn) == (result.frame["reason"] == "").sum() == 24

    def test_years_taken_together_are_called_pooled(self):
        row = self.row(fellowship_points("match_rate"), "Ophthalmology fellowships", "img_all", 2010)
        assert row["when"] == "pooled, 2010\u20132017" and (row["count"], row["whole"]) == (282, 785)
        assert row["label"] == "Ophthalmology fellowships (SF Match)"

    def test_the_series_is_left_to_its_own_chart(self):
        frame = fellowship_points().frame
        assert frame.loc[frame["specialty"] == "Nephrology", "appointment_year"].tolist() == [2025]

    def test_every_subspecialty_is_there_with_a_point_or_as_not_published(self):
        frame = fellowship_points(only_published=False).frame
        assert set(facts.labels()) - {ALL_SPECIALTIES} <= set(frame["specialty"])
        silent = frame[frame["reason"] == "not published"]
        assert len(silent) == 60 and silent["share"].isna().all() and (silent["when"] == "").all()
        assert has_words(points_chart.spec(fellowship_points(only_published=False)), "not published")

    def test_those_without_a_point_are_named(self):
        assert any("Not published by applicant type" in note and "Epilepsy" in note for note in fellowship_points().caveats)

    def test_few_are_unstable(self):
        assert self.row(fellowship_points(), "Pediatric Rheumatology", "non_us_img", 2023)["reliability"] == "unstable"

    @pytest.mark.parametrize("wrong", [{"figure": "x"}, {"specialties": []}, {"specialties": ["x"]}, {"years": [2030, 2031]},
                                       {"specialties": ["Hematology"]}, {"years": [2026, 2026]}])
    def test_refuses_what_there_is_not(self, wrong):
        with pytest.raises(UserError) as told:
            fellowship_points(**wrong)
        assert "\n" not in str(told.value)


@pytest.mark.parametrize("study, spec, asked", [*((fellowship_types, chart.spec, asked) for asked in SERIES),
                                                *((fellowship_points, points_chart.spec, asked) for asked in POINTS)])
class TestResults:
    def test_are_asked_again_by_their_question(self, study, spec, asked):
        result = study(**asked)
        assert result.question.ask().frame.equals(result.frame)

    def test_are_drawn_whole_and_in_words(self, study, spec, asked):
        check(spec(study(**asked)))

    def test_their_query_runs_and_their_rows_are_explained(self, study, spec, asked):
        result = study(**asked)
        assert connect().execute(result.to_sql()).fetchall() and csv_text(result)
        assert all(str(explain(result, at)) for at in (0, len(result.frame) - 1))

    def test_name_base_source_and_interval_at_each_mark(self, study, spec, asked):
        counts = asked.get("measure") == "count"
        for trace in spec(study(**asked))["data"]:
            for text in filter(None, trace.get("hovertext", ())):
                assert "Base: " in text and "Source: " in text and ("interval" in text or counts)


class TestExplorers:
    @pytest.mark.parametrize("control, value", [("applicant_types", ("us_img",)), ("years", (2015, 2020)), ("measure", "count")])
    def test_of_the_series_answer_each_control(self, control, value):
        explorer = FellowshipTypesExplorer()
        before = explorer.chart.spec
        explorer._controls[control].value = value
        assert explorer.chart.spec != before and explorer.result.summary in words(explorer.say)

    @pytest.mark.parametrize("control, value", [("figure", "match_rate"), ("years", (2022, 2026)), ("only_published", False),
                                                ("specialties", ("Rheumatology",))])
    def test_of_points_answer_each_control(self, control, value):
        explorer = FellowshipPointsExplorer()
        before = explorer.chart.spec
        explorer._controls[control].value = value
        assert explorer.chart.spec != before and explorer.result.summary in words(explorer.say)

    @pytest.mark.parametrize("kind, wanted", [(FellowshipTypesExplorer, {"years": [2000, 2024]}), (FellowshipTypesExplorer, {"measure": "x"}),
                                              (FellowshipTypesExplorer, {"applicant_types": ["img_all"]}),
                                              (FellowshipPointsExplorer, {"years": [2000, 2024]}), (FellowshipPointsExplorer, {"figure": "x"}),
                                              (FellowshipPointsExplorer, {"specialties": ["x"]})])
    def test_refuse_what_there_is_not_and_stay_as_they_were(self, kind, wanted):
        explorer = kind()
        before = explorer.selection
        with pytest.raises(UserError):
            explorer.selection = wanted
        assert explorer.selection == before and explorer.result

    def test_say_in_words_what_cannot_be_shown(self):
        series, points = FellowshipTypesExplorer(applicant_types=["canadian"], years=[2023, 2024]), FellowshipPointsExplorer(
            specialties=["Hematology"])
        for explorer in (series, points):
            assert explorer.result is None and visible(explorer.notice) and not visible(explorer.views)
        assert "figures for 2009\u20132022" in words(series.notice) and "not published" in words(points.notice)
        points.selection = {"only_published": False}
        assert points.result and Cells(points.table.value).rows[1][:2] == ["Hematology", "not published"]

    def test_explain_a_pressed_mark(self):
        series, points = FellowshipTypesExplorer(), FellowshipPointsExplorer()
        series.explained, points.explained = ("us_img", 2024), ("Rheumatology", 2024, "us_img")
        assert "Printed       Matched: 69" in str(series.explanation) and "Printed       Matched: 32" in str(points.explanation)

    def test_start_with_the_four_types_of_every_year(self):
        assert set(FellowshipTypesExplorer().selection["applicant_types"]) == set(START)
