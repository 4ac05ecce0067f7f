"""What directors say they look at, and what studies found: figures walked back to the file, what is not known, the views."""

import csv
import json
from html import unescape

import pytest
from statsmodels.stats.proportion import proportion_confint

from imganalytics.charts.directors import figure, spec
from imganalytics.errors import UserError
from imganalytics.explorers.directors import COLUMNS, DirectorExplorer, SelectionStudyView
from imganalytics.studies.directors import cut_off, directors, sorts, surveys
from imganalytics.studies.explain import explain
from imganalytics.studies.selection_studies import STATISTICS, counts, selection_studies, studied
from tests.datasets_copy import DATASETS


def published(name: str) -> list[dict[str, str]]:
    """A file, read a second time and without the database."""
    with open(DATASETS / f"{name}.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def texts(drawn: dict) -> str:
    return " ".join(note["text"] for note in drawn["layout"]["annotations"])


class TestSurveys:
    @pytest.mark.parametrize("year", [2021, 2012])
    def test_every_figure_is_the_published_one(self, year):
        kept = {row["factor"]: row for row in published("program_director_survey") if int(row["survey_year"]) == year}
        frame = directors(year).frame
        assert set(frame["factor"]) == set(kept) and len(frame) == len(kept)
        for factor, citing, weight in zip(frame["factor"], frame["citing"], frame["mean_importance"]):
            assert citing == pytest.approx(float(kept[factor]["citing_pct"]) / 100)
            assert weight != weight if kept[factor]["mean_importance"] == "" else weight == float(kept[factor]["mean_importance"])

    def test_known_ones(self):
        assert surveys() == {2021: "2021, all specialties", 2012: "2012, General Surgery"}
        assert "18 factors, cited by 86.2 % (USMLE Step 1 score) down to 62.8 % (Other life experience)" in directors().summary
        assert "4.5 of 5 (Professionalism and ethics)" in directors().summary
        assert "down to 56.0 % (Involvement in research and Visa status)" in directors(2012).summary

    def test_orders(self):
        assert directors(sort="citing").frame["citing"].is_monotonic_decreasing
        assert directors(sort="importance").frame["mean_importance"].is_monotonic_decreasing
        assert directors(sort="name").frame["factor"].str.lower().is_monotonic_increasing
        assert "importance" not in sorts(2012)

    def test_what_is_not_known_is_said(self):
        result = directors()
        assert "number is not in the source here" in result.subtitle and "no interval" in result.subtitle
        assert cut_off(result.frame) in result.caveats and "visa status" in cut_off(result.frame)
        assert cut_off(directors(2012).frame) == ""

    @pytest.mark.parametrize("wanted", [{"survey_year": 2020}, {"sort": "rank"}, {"survey_year": 2012, "sort": "importance"}])
    def test_refuses_what_cannot_be(self, wanted):
        with pytest.raises(UserError):
            directors(**wanted)

    @pytest.mark.parametrize("wanted", [{}, {"sort": "importance"}, {"survey_year": 2012, "sort": "name"}])
    def test_can_be_asked_again_as_sql_and_row_by_row(self, con, wanted):
        result = directors(**wanted)
        assert result.question.ask().frame.equals(result.frame)
        rows = con.execute(result.to_sql()).fetchall()
        assert [row[4] for row in rows] == result.frame["factor"].tolist()
        assert "program_director_survey.csv" in explain(result, 0).to_html()


class TestChart:
    @pytest.mark.parametrize("wanted, panels", [({}, 2), ({"sort": "importance"}, 2), ({"survey_year": 2012}, 1)])
    def test_marks_are_hollow_inside_their_axes_and_say_what_they_are(self, wanted, panels):
        result = directors(**wanted)
        drawn = spec(result)
        json.dumps({"data": drawn["data"]}, allow_nan=False)
        assert len(drawn["data"]) == panels
        assert drawn["layout"]["xaxis"]["range"] == [0, 1]
        for trace, name in zip(drawn["data"], ("xaxis", "xaxis2")):
            low, high = drawn["layout"][name]["range"]
            assert all(low <= x <= high for x in trace["x"]) and trace["marker"]["symbol"].endswith("-open")
            assert all("n not published" in text and "Source: NRMP" in text and "Base: " in text for text in trace["hovertext"])
        assert all(factor.split("(")[0].strip() in unescape(texts(drawn)) for factor in result.frame["factor"])
        assert figure(result).layout.width == 980

    def test_what_the_excerpt_leaves_out_stands_in_the_chart(self):
        assert "Not visible here" in texts(spec(directors())) and "visa status" in texts(spec(directors()))
        assert "Not visible here" not in texts(spec(directors(2012)))


class TestSelectionStudies:
    def test_every_figure_is_there_with_its_words(self):
        frame = selection_studies().frame
        directors_asked = [row for row in published("img_match_context") if row["measure"].startswith("pds_")]
        assert len(frame) == len(published("selection_studies")) + len(directors_asked) == 20
        assert set(frame["statistic"]) == set(STATISTICS)
        assert not frame["what"].str.contains("_").any() and not frame["shown"].str.contains("nan").any()
        assert (frame["uncertainty"] != "").all() and frame["source"].str.len().min() > 3

    @pytest.mark.parametrize("what, shown, uncertainty", [
        ("Share of interview and rank positions given to IMGs", "45 %", "n not here, no interval"),
        ("Share of PGY-1 positions filled by IMGs (a fill share, not a match rate)", "55 to 70 %", "range over the years; n not here"),
        ("Seldom or never interview or rank IMGs", "about 90 %", "n not here, no interval"),
        ("Months of research before residency, median", "30 months", "middle half 18 to 48, range 4 to 72; n = 42"),
        ("Never interview Non-US IMGs", "74 %", "n not here, no interval")])
    def test_values_in_words(self, what, shown, uncertainty):
        frame = selection_studies().frame
        row = frame[frame["what"] == what].iloc[0]
        assert (row["shown"], row["uncertainty"]) == (shown, uncertainty)

    def test_intervals_are_wilson_where_counts_are_printed(self):
        frame = selection_studies("Neurological Surgery").frame
        counted = {each: row for row in frame.to_dict("records") if (each := counts(row))}
        assert set(counted) == {(34, 43), (22, 32), (16, 18)}
        for (matched, n), row in counted.items():
            low, high = (round(100 * limit, 1) for limit in proportion_confint(matched, n, method="wilson"))
            assert row["uncertainty"] == f"{matched} of {n}; 95 % interval {low} % to {high} % (Wilson); unstable"

    def test_a_pathway_outcome_has_its_base_rate_and_its_bias_beside_it(self):
        frame = selection_studies("Neurological Surgery").frame
        said = frame.loc[frame["statistic"] == "n_matched_or_entered_us_residency", "read_with"].iloc[0]
        assert "without a comparison" in said and "of 58 Non-US IMGs who ranked the specialty first in 2026, 15 matched" in said
        survivors = frame.loc[frame["statistic"].str.startswith("median_"), "read_with"]
        assert survivors.str.contains("Those who matched only").all()

    def test_a_doubt_is_said(self):
        assert selection_studies("Thoracic Surgery").frame["read_with"].str.contains("check before use").all()

    @pytest.mark.parametrize("specialty", [None, "Internal Medicine"])
    def test_can_be_asked_again_as_sql_and_row_by_row(self, con, specialty):
        result = selection_studies(specialty)
        assert result.question.ask().frame.equals(result.frame)
        assert len(con.execute(result.to_sql()).fetchall()) == len(result.frame)
        assert "Nothing" not in explain(result, 0).to_html() and ".csv" in explain(result, 0).to_html()
        with pytest.raises(UserError, match="allowed: Internal Medicine"):
            selection_studies("Pediatrics")


class TestExplorers:
    def test_survey_offers_only_orders_that_there_are(self):
        explorer = DirectorExplorer(sort="importance")
        explorer.selection = {"survey_year": 2012}
        assert explorer.selection == {"survey_year": 2012, "sort": "citing"} and len(explorer.figure.data) == 1
        assert DirectorExplorer.twin_of(explorer.result).rows[0] == ["Letters of recommendation", "89.0 %", "", "not published"]
        for bad in ({"sort": "importance"}, {"survey_year": 2020}, {"x": 1}):
            with pytest.raises(UserError):
                explorer.selection = bad
        assert explorer.selection == {"survey_year": 2012, "sort": "citing"}

    def test_studies_follow_the_specialty(self):
        view = SelectionStudyView()
        assert len(view.result.frame) == 20 and all(column in view.table.value for column in COLUMNS)
        view.specialty.value = "Thoracic Surgery"
        assert len(view.result.frame) == 2 and "Neurological" not in view.table.value
        assert b"pds_seldom_or_never_interviewing_pct" in view._csv_file().content
        for bad in ({"specialty": "Pediatrics"}, {"x": 1}):
            with pytest.raises(UserError):
                view.selection = bad
        view.selection = {"specialty": None}
        assert view.selection == {"specialty": None} and studied()[0] == "Internal Medicine"
