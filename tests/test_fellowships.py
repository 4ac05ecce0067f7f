"""Subspecialties of a year and over the years: tiny facts paired by hand, real ones added again from the files, the views."""

import csv
import math

import pytest

from imganalytics.charts import fellowship_trends as trends_chart
from imganalytics.charts import fellowships as chart
from imganalytics.errors import UserError
from imganalytics.explorers.fellowship_trends import FellowshipTrendsExplorer
from imganalytics.explorers.fellowships import FellowshipsExplorer
from imganalytics.export.csv_file import csv_text
from imganalytics.studies import fellowship_facts as facts
from imganalytics.studies.explain import explain
from imganalytics.studies.fellowship_trends import MEASURES, fellowship_trends
from imganalytics.studies.fellowships import SORTS, fellowships
from imganalytics.warehouse import connect
from tests.chart_checks import check, has_words
from tests.datasets_copy import DATASETS
from tests.explorer_helpers import Cells, visible, words

ALL = "All specialties"
ONE_YEAR = [{}, {"appointment_year": 2022, "since": 2022}, {"sort": "growth", "minimum_positions": 100},
            {"specialties": ["Nephrology"], "sort": "label"}, {"appointment_year": 2024, "since": 2023, "sort": "programs"}]
LINES = [{}, {"specialties": [ALL]}, {"measure": "share", "years": [2009, 2026]}, {"measure": "participating", "specialties": [ALL]},
         {"measure": "programs", "years": [2026, 2026]}, {"measure": "share", "specialties": ["Academic General Pediatrics"]}]


def read(name: str) -> list[dict[str, str]]:
    with open(DATASETS / f"{name}.csv", encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def added(specialty: str, year: int) -> tuple[int, int, int]:
    """Positions offered, filled, and programs with a position, added from the files without any SQL."""
    codes = {row["program_code"] for row in read("fellowship_programs") if row["specialty"] == specialty}
    own = [(int(row["quota"]), int(row["filled"])) for row in read("fellowship_program_results")
           if row["program_code"] in codes and row["appointment_year"] == str(year)]
    return sum(quota for quota, _ in own), sum(filled for _, filled in own), sum(quota > 0 for quota, _ in own)


def row_of(result, specialty: str) -> dict:
    [row] = result.frame[result.frame["specialty"] == specialty].to_dict("records")
    return row


class TestTinyFacts:
    def facts_of(self, con) -> dict:
        """(offered, filled, whole, programs) by specialty."""
        rows = con.execute(facts.FACTS).df()
        return {row.specialty: tuple(None if math.isnan(value) else value for value in (
            row.offered, row.filled, row.whole, row.programs)) for row in rows.itertuples()}

    def listed(self, *results: tuple[str, int, int]) -> dict[str, list[dict]]:
        return {"institutions": [{}], "fellowship_programs": [{"program_code": code} for code, *_ in results],
                "fellowship_program_results": [{"program_code": code, "quota": quota, "filled": filled}
                                               for code, quota, filled in results]}

    def test_are_summed_over_programs_and_programs_without_a_position_do_not_count(self, built):
        con = built(**self.listed(("1001900F0", 3, 2), ("1001900F1", 4, 4), ("1001900F2", 0, 0)))
        assert self.facts_of(con) == {"Synthetic Medicine": (7, 6, 7, 2), ALL: (7, 6, 7, 2)}

    def test_filled_positions_are_of_those_offered_in_the_same_source(self, built):
        con = built(**self.listed(("1001900F0", 3, 2)),
                    fellowship_results=[{"measure": "positions_offered", "value": 5, "source_id": "synthetic_other_report"}])
        assert self.facts_of(con)["Synthetic Medicine"] == (5, 2, 3, 1)

    def test_the_preferred_source_that_has_both_is_taken(self, built):
        own = {"source_id": "synthetic_other_report"}
        con = built(**self.listed(("1001900F0", 3, 2)), fellowship_results=[
            own | {"measure": "positions_offered", "value": 6}, own | {"measure": "positions_filled", "value": 5},
            {"measure": "positions_filled", "value": 4, "source_id": "synthetic_press"}])
        assert self.facts_of(con)["Synthetic Medicine"] == (6, 5, 6, 1)

    def test_years_taken_together_are_not_a_year(self, built):
        pooled = {"measure": "positions_offered", "value": 90, "appointment_year": 2019, "last_appointment_year": 2025}
        con = built(**self.listed(("1001900F0", 3, 2)), fellowship_results=[pooled])
        assert self.facts_of(con)["Synthetic Medicine"] == (3, 2, 3, 1)


class TestOneYear:
    @pytest.mark.parametrize("specialty, year", [("Cardiovascular Disease", 2026), ("Geriatric Medicine", 2024),
                                                 ("Emergency Radiology", 2022)])
    def test_the_figures_are_those_of_the_files(self, specialty, year):
        offered, filled, programs = added(specialty, year)
        row = row_of(fellowships(year, 2022, [specialty]), specialty)
        assert (row["offered"], row["filled"], row["programs"]) == (offered, filled, programs)
        assert row["unfilled"] == offered - filled and row["share"] == pytest.approx(filled / offered)

    def test_growth_is_of_the_positions_offered(self):
        row = row_of(fellowships(2026, 2023), "Cardiovascular Disease")
        now, then = added("Cardiovascular Disease", 2026)[0], added("Cardiovascular Disease", 2023)[0]
        assert row["change"] == now - then and row["growth"] == pytest.approx((now - then) / then)

    def test_about_eighty_subspecialties_have_a_share_in_each_of_five_years(self):
        counts = {year: len(fellowships(year, year).frame) - 1 for year in facts.listed_years()}
        assert counts == {2022: 71, 2023: 73, 2024: 77, 2025: 77, 2026: 81}
        of_code = {row["program_code"]: row["specialty"] for row in read("fellowship_programs")}
        listed = {(int(row["appointment_year"]), of_code[row["program_code"]]) for row in read("fellowship_program_results")}
        assert counts == {year: sum(when == year for when, _ in listed) for year in counts}

    def test_the_parts_add_to_all_together_but_for_the_declared_gaps(self):
        gaps = {2025: (7, 5), 2026: (0, 7)}  # the official table of 2026 has offered positions that the listing lacks
        for year in facts.listed_years():
            frame = fellowships(year, year).frame
            whole, parts = frame[frame["specialty"] == ALL].iloc[0], frame[frame["specialty"] != ALL]
            gap = whole["offered"] - parts["offered"].sum(), whole["filled"] - parts["filled"].sum()
            assert gap == gaps.get(year, (0, 0)), year

    def test_a_new_subspecialty_has_not_grown(self):
        result = fellowships(2026, 2022)
        row = row_of(result, "Hematopathology")
        assert math.isnan(row["growth"]) and any("Hematopathology" in note for note in result.caveats)
        assert has_words(chart.spec(result), "not listed then")

    def test_few_positions_are_unstable_and_very_few_have_no_share(self):
        result = fellowships()
        kinds = {row["specialty"]: (row["reliability"], row["reason"]) for row in result.frame.to_dict("records")}
        assert kinds["Emergency Radiology"] == ("unstable", "") and kinds["Nephrology"] == ("ok", "")
        assert kinds["Oncology"] == ("suppressed", "fewer than 5 positions")
        [trace] = chart.spec(result)["data"]
        marks = dict(zip((key for (key,) in trace["customdata"]), trace["marker"]["symbol"]))
        assert marks["Emergency Radiology"] == "circle-open" and marks["Nephrology"] == "circle" and "Oncology" not in marks

    @pytest.mark.parametrize("sort", SORTS)
    def test_sorts_with_all_together_first(self, sort):
        frame = fellowships(sort=sort).frame
        assert frame["specialty"][0] == ALL
        own = frame[1:]
        if sort == "label":
            assert own["label"].tolist() == sorted(own["label"])
        else:
            values = own.loc[(own["reason"] == "") | (sort != "share"), sort].dropna()
            assert values.is_monotonic_decreasing and len(values) > 60

    def test_says_what_the_share_is_of(self):
        result = fellowships()
        assert "Base: positions offered" in result.subtitle and "n = 15,358" in result.subtitle
        assert "full count" in result.subtitle and "12,956 of 15,351" in result.summary

    def test_the_minimum_hides_and_says_so(self):
        result = fellowships(minimum_positions=100)
        assert result.frame["offered"].min() >= 100 and "below the minimum" in result.summary

    def test_two_sources_are_both_named(self):
        result = fellowships(specialties=["Critical Care Medicine"])
        row = row_of(result, "Critical Care Medicine")
        assert (row["offered"], row["filled"], row["whole"]) == (242, 231, 240)
        assert len(result.sources) == 2 and any("231 of 240" in note for note in result.caveats)

    @pytest.mark.parametrize("wrong", [
        {"appointment_year": 2021}, {"since": 2027}, {"appointment_year": 2023, "since": 2024, "sort": "change"}, {"sort": "x"}, {"specialties": []},
        {"specialties": ["Nephrology", "x"]}, {"minimum_positions": -1}, {"minimum_positions": 99999},
        {"appointment_year": 2022, "since": 2022, "sort": "growth"},
        {"appointment_year": 2022, "since": 2022, "specialties": ["Hematopathology"]}])
    def test_refuses_what_there_is_not(self, wrong):
        with pytest.raises(UserError) as told:
            fellowships(**wrong)
        assert "\n" not in str(told.value) and len(str(told.value)) < 3000


class TestLines:
    def test_the_totals_are_those_published_and_gaps_are_not_joined(self):
        result = fellowship_trends(specialties=[ALL], years=(2016, 2026))
        years = result.frame["appointment_year"].tolist()
        assert years == [2016, 2018, 2020, 2021, 2022, 2023, 2024, 2025, 2026]
        assert result.frame["value"].tolist() == [9320, 10149, 11545, 11767, 12571, 13365, 14169, 14620, 15358]
        assert result.frame["segment"].tolist() == [0, 1, *[2] * 7]
        [trace] = trends_chart.spec(result)["data"]
        assert trace["x"] == [2016, None, 2018, None, *range(2020, 2027)]
        assert has_words(trends_chart.spec(result), "not published")

    def test_filled_and_programs_of_the_totals(self):
        filled = fellowship_trends("filled", [ALL]).frame
        assert filled["value"].tolist() == [8041, 8753, 9916, 10433, 11078, 11548, 11853, 12390, 12963]
        programs = fellowship_trends("participating", [ALL]).frame
        assert programs["value"].tolist() == [4036, 4357, 4946, 5110, 5436, 5734, 6116, 6334, 6606]

    def test_a_share_is_filled_of_offered(self):
        frame = fellowship_trends("share", ["Nephrology"], (2024, 2024)).frame
        assert frame["value"].tolist() == [pytest.approx(321 / 488)]

    def test_a_source_before_the_listing_is_named(self):
        result = fellowship_trends(specialties=["Gastroenterology"], years=(2011, 2026))
        assert result.frame["appointment_year"].tolist()[:2] == [2011, 2018] and len(result.sources) > 1
        assert any("2012\u20132017" in note for note in result.caveats)

    @pytest.mark.parametrize("wrong", [
        {"measure": "x"}, {"specialties": []}, {"specialties": ["x"]}, {"specialties": list(facts.labels())[:7]},
        {"years": [2026, 2016]}, {"years": [1999, 2026]}, {"years": 2026}, {"specialties": "x"}, {"measure": "participating", "specialties": ["Nephrology"]},
        {"specialties": ["Hematopathology"], "years": [2016, 2020]}])
    def test_refuses_what_there_is_not(self, wrong):
        with pytest.raises(UserError) as told:
            fellowship_trends(**wrong)
        assert "\n" not in str(told.value)

    def test_says_where_there_are_figures(self):
        with pytest.raises(UserError, match="There are figures for 2026"):
            fellowship_trends(specialties=["Hematopathology"], years=(2016, 2020))


@pytest.mark.parametrize("study, spec, asked", [
    *((fellowships, chart.spec, asked) for asked in ONE_YEAR), *((fellowship_trends, trends_chart.spec, asked) for asked in LINES[:5])])
class TestResults:
    def test_are_asked_again_by_their_question(self, study, spec, asked):
        result = study(**asked)
        again = result.question.ask()
        assert again.frame.equals(result.frame) and again.summary == result.summary

    def test_are_drawn_whole_and_in_words(self, study, spec, asked):
        check(spec(study(**asked)))

    def test_name_base_source_and_count_at_each_mark(self, study, spec, asked):
        result = study(**asked)
        for trace in spec(result)["data"]:
            assert all("Source: " in text and "full count" in text for text in trace["hovertext"] if text)

    def test_their_query_runs_and_their_rows_are_explained(self, study, spec, asked):
        result = study(**asked)
        assert len(connect().execute(result.to_sql()).fetchall()) == len(facts.figures())
        assert "Source" in str(explain(result, 0)) and "source" in csv_text(result)


def test_a_share_of_very_few_positions_is_no_line():
    frame = fellowship_trends("share", ["Academic General Pediatrics"]).frame
    assert frame["appointment_year"].tolist() == [2022, 2023, 2024, 2025]  # one position in 2026
    assert set(frame["reliability"]) == {"unstable"}


class TestExplorers:
    @pytest.mark.parametrize("control, value", [("appointment_year", 2023), ("since", 2025), ("minimum_positions", 200),
                                                ("sort", "unfilled"), ("specialties", ("Nephrology", "Rheumatology"))])
    def test_answer_each_control(self, control, value):
        explorer = FellowshipsExplorer()
        before = explorer.chart.spec
        explorer._controls[control].value = value
        assert explorer.chart.spec != before and explorer.result.summary in words(explorer.say)

    def test_compare_with_no_later_year(self):
        explorer = FellowshipsExplorer(since=2023)
        explorer.selection = {"appointment_year": 2022}
        assert explorer.result.frame["change"].isna().all() and "compare with an earlier year" in explorer.result.subtitle
        explorer.selection = {"appointment_year": 2026, "since": 2024}
        assert explorer.selection["since"] == 2024 and "Positions since 2024" in Cells(explorer.table.value).rows[0]

    def test_show_the_same_as_a_table(self):
        head, first, *rest = Cells(FellowshipsExplorer().table.value).rows
        assert head[:4] == ["Subspecialty", "Filled of offered", "Positions offered", "Left open"]
        assert first[0] == "All subspecialties" and "12,963 of 15,358" in first[1] and len(rest) == 81

    @pytest.mark.parametrize("wanted", [{"appointment_year": 2021}, {"since": 2030}, {"minimum_positions": 501}, {"sort": "x"},
                                        {"specialties": ["x"]}, {"x": 1}])
    def test_refuse_what_there_is_not_and_stay_as_they_were(self, wanted):
        explorer = FellowshipsExplorer()
        before = explorer.selection
        with pytest.raises(UserError):
            explorer.selection = wanted
        assert explorer.selection == before and explorer.result

    def test_say_in_words_what_cannot_be_shown(self):
        explorer = FellowshipsExplorer(specialties=["Hematopathology"])
        explorer.selection = {"appointment_year": 2022}
        assert explorer.result is None and visible(explorer.notice)
        assert "Not in the program listing of 2022" in words(explorer.notice)
        explorer.specialties.value = ()
        assert "at least one subspecialty" in words(explorer.notice)

    def test_explain_a_pressed_mark(self):
        explorer = FellowshipsExplorer()
        explorer.explained = ("Nephrology",)
        assert "333 positions" in str(explorer.explanation)

    @pytest.mark.parametrize("control, value", [("measure", "unfilled"), ("specialties", ("Nephrology",)), ("years", (2020, 2024))])
    def test_of_lines_answer_each_control(self, control, value):
        explorer = FellowshipTrendsExplorer()
        before = explorer.chart.spec
        explorer._controls[control].value = value
        assert explorer.chart.spec != before and explorer.result.summary in words(explorer.say)

    def test_of_lines_say_not_published_in_the_table(self):
        head, *rows = Cells(FellowshipTrendsExplorer(specialties=[ALL]).table.value).rows
        assert head == ["Year", "All subspecialties"] and ["2017", "not published"] in rows and ["2016", "9,320"] in rows

    @pytest.mark.parametrize("wanted", [{"years": [2000, 2026]}, {"years": [2026, 2020]}, {"measure": "x"}, {"specialties": ["x"]}])
    def test_of_lines_refuse_what_there_is_not(self, wanted):
        explorer = FellowshipTrendsExplorer()
        before = explorer.selection
        with pytest.raises(UserError):
            explorer.selection = wanted
        assert explorer.selection == before

    def test_of_lines_say_in_words_what_cannot_be_shown(self):
        explorer = FellowshipTrendsExplorer(measure="participating", specialties=["Nephrology"])
        assert explorer.result is None and "All subspecialties" in words(explorer.notice)
        with pytest.raises(UserError):
            explorer.figure
        explorer.selection = {"measure": "programs"}
        assert set(MEASURES) >= {"programs"} and explorer.result and not visible(explorer.notice)
