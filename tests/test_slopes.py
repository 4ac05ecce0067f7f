"""Two years of the same figure: the change with Newcombe's interval, and no line across a change of what is counted."""

import itertools
import json

import pytest
from statsmodels.stats.proportion import confint_proportions_2indep

from imganalytics.charts import slopes as chart
from imganalytics.errors import UserError
from imganalytics.explorers.slopes import SlopesExplorer, twin
from imganalytics.studies.explain import explain
from imganalytics.studies.fill_shares import fill_shares
from imganalytics.studies.headline import headline, types_with_series
from imganalytics.studies.slopes import COUNTRY, FIGURES, MOST, pairs, slopes, types_of
from tests.chart_checks import check, has_words
from tests.explorer_helpers import visible, words

ASKED = {"usual": {}, "all IMGs": {"applicant_type": "img_all", "minimum": 0},
         "headline": {"figure": "active", "first_year": 2018, "second_year": 2025},
         "rank lists": {"figure": "rank_lists", "first_year": 2020, "second_year": 2025},
         "ranked anywhere": {"figure": "ranked_anywhere", "applicant_type": "us_do_senior"},
         "only choice": {"figure": "only_choice", "applicant_type": "us_md_senior", "first_year": 2020,
                         "second_year": 2023},
         "chosen": {"specialties": ("Internal Medicine", "Dermatology"), "minimum": 0}}


@pytest.fixture(params=ASKED)
def result(request):
    return slopes(**ASKED[request.param])


class TestFigures:
    def test_walk_back(self):
        row = slopes().frame.set_index("specialty").loc["Family Medicine"]
        assert (row["matched_1"], row["applicants_1"], row["matched_2"], row["applicants_2"]) == (457, 4451, 801, 4552)
        assert row["difference"] == pytest.approx(801 / 4552 - 457 / 4451)

    def test_changes_have_newcombes_interval(self, result):
        for row in result.frame.itertuples():
            low, high = confint_proportions_2indep(row.matched_2, row.applicants_2, row.matched_1, row.applicants_1,
                                                   method="newcomb")
            assert row.difference == pytest.approx(row.rate_2 - row.rate_1)
            assert (row.difference_low, row.difference_high) == pytest.approx((low, high), abs=1e-6)

    def test_are_those_of_the_study_of_one_year(self):
        frame = slopes(minimum=0, applicant_type="us_img").frame.set_index(["specialty", "track"])
        for year, number in ((2022, "1"), (2025, "2")):
            own = fill_shares(["us_img"], year, all_tracks=True).frame.set_index(["specialty", "track"])
            assert (own.loc[frame.index, "share"] == frame[f"rate_{number}"]).all()
        country = slopes("rank_lists", first_year=2010, second_year=2020).frame.set_index("applicant_type")
        rows = headline(types_with_series(), "rank_lists", (2010, 2020)).frame
        rows = rows.set_index(["applicant_type", "match_year"])
        assert all(country.loc[key, "rate_1"] == rows.loc[(key, 2010), "rate"] for key in country.index)

    def test_only_the_same_track_of_a_specialty_is_compared_and_once(self):
        frame = slopes(minimum=0).frame
        assert frame["specialty"].is_unique
        assert frame.set_index("specialty").loc["Surgery-General", "row_label"] == "General Surgery, all tracks"
        assert "Pediatrics" not in set(frame["specialty"])  # its IMGs of 2022 lack a track that 2025 has

    def test_what_crosses_a_change_is_not_joined(self):
        assert not slopes(**ASKED["headline"]).frame["joined"].any()
        assert slopes("active", first_year=2024, second_year=2025).frame["joined"].all()
        revised = slopes("active", first_year=2013, second_year=2014).frame.set_index("applicant_type")
        assert not revised.loc["us_img", "joined"]
        assert slopes("rank_lists", first_year=2013, second_year=2014).frame["joined"].all()

    def test_the_do_group_of_2018_is_never_compared_with_seniors(self):
        assert "us_do_senior" not in set(slopes(**ASKED["headline"]).frame["applicant_type"])

    def test_the_largest_are_shown_and_the_minimum_counts_in_both_years(self):
        frame = slopes("ranked_anywhere", "us_md_senior", minimum=0).frame
        assert len(frame) == MOST
        frame = slopes("ranked_anywhere", "us_md_senior", minimum=400).frame
        assert frame[["applicants_1", "applicants_2"]].min(axis=None) >= 400


class TestYears:
    @pytest.mark.parametrize("figure", FIGURES)
    def test_pairs_offered_answer(self, figure):
        for key in (["us_img"] if figure in COUNTRY else types_of(figure)):
            for first, second in pairs(figure, key)[::7]:
                assert len(slopes(figure, key, first, second, minimum=0).frame)

    def test_years_with_nothing_in_common_are_no_pair(self):
        assert (2011, 2019) not in pairs("active", "us_img") and (2011, 2018) in pairs("active", "us_img")
        assert types_of("ranked_anywhere") == ["us_md_senior", "us_do_senior"]


class TestChart:
    def test_draws_both_years_of_each_row(self, result):
        spec = chart.spec(result)
        check(spec)
        lines = [trace for trace in spec["data"] if trace["name"]]
        assert [(trace["name"], *trace["y"]) for trace in lines] == list(
            result.frame[["row_label", "rate_1", "rate_2"]].itertuples(index=False, name=None))
        assert [trace["mode"] == "lines+markers" for trace in lines] == result.frame["joined"].tolist()
        assert spec["layout"]["yaxis"]["range"][0] == 0

    def test_names_do_not_overlap_on_either_side(self, result):
        layout = chart.spec(result)["layout"]
        height = layout["height"] - layout["margin"]["t"] - layout["margin"]["b"]
        labels = [note for note in layout["annotations"] if note["yanchor"] == "middle"]
        for at in {note["x"] for note in labels}:
            names = sorted(note["y"] for note in labels if note["x"] == at)
            assert all((b - a) * height >= chart.LINE - 1e-6 for a, b in itertools.pairwise(names)) and names[-1] <= 1

    def test_colour_symbol_and_dash_say_the_direction(self):
        traces = {trace["name"]: trace for trace in chart.spec(slopes())["data"]}
        up, down, unclear = (traces[name] for name in ("Family Medicine", "Pathology", "Psychiatry"))
        assert [trace["line"]["dash"] for trace in (up, down, unclear)] == ["solid", "dash", "dot"]
        assert len({trace["marker"]["symbol"][0] for trace in (up, down, unclear)}) == 3

    def test_says_base_changes_and_what_is_not_joined(self, result):
        spec = chart.spec(result)
        assert has_words(spec, "Base: ", "Change, points (95 %)")
        assert has_words(spec, "Points without a line between them") == (not result.frame["joined"].all())
        later = ((result.frame["main_entry_level"] == "PGY-2") & (result.frame["entry_level"] == "PGY-1")).any()
        assert has_words(spec, "* Most places of the specialty start at PGY-2") == later
        hovers = [text for trace in spec["data"] for text in trace.get("hovertext", ())]
        assert all("95 % interval" in text and " of " in text and "Change " in text and "Source: " in text
                   for text in hovers)


class TestResult:
    def test_can_be_asked_again_and_run_as_sql(self, result, con):
        assert result.question.ask().frame.equals(result.frame) and json.dumps(result.question.arguments)
        rows = con.sql(result.to_sql()).df()
        assert set(zip(result.frame["specialty"], result.frame["applicant_type"])) <= set(
            zip(rows["specialty"], rows["applicant_type"]))
        assert result.sources and result.title.endswith("?")

    @pytest.mark.parametrize("name", ["usual", "headline", "rank lists", "ranked anywhere"])
    def test_a_row_is_explained_with_both_years(self, name):
        result = slopes(**ASKED[name])
        explained = explain(result, 0)
        assert explained.facts and any(str(result.question.arguments["first_year"]) in text for text in explained.how)

    @pytest.mark.parametrize("wanted, words", [
        ({"figure": "x"}, "allowed: fill_share"), ({"applicant_type": "x"}, "allowed: us_md_senior"),
        ({"first_year": 2025, "second_year": 2022}, "an earlier and a later year"),
        ({"first_year": "2022"}, "an earlier"),
        ({"first_year": 2020}, "Years to choose from: 2013, 2019"), ({"minimum": 50_000}, "lower the minimum"),
        ({"specialties": ("Pediatrics",)}, "choose other specialties"),
        ({"specialties": ("Alchemy",)}, "unknown specialty"),
         ({"applicant_type": "canadian"}, "Choose another figure")])
    def test_what_cannot_be_answered_is_said_in_one_line(self, wanted, words):
        with pytest.raises(UserError, match=words) as error:
            slopes(**wanted)
        assert "\n" not in str(error.value)


class TestExplorer:
    def test_every_choice_of_figure_type_and_years_has_an_answer(self):
        explorer = SlopesExplorer(minimum=0)
        for figure in FIGURES:
            explorer.what.value = figure
            for kind in [value for _, value in explorer.kind.options]:
                explorer.kind.value = kind
                for year in explorer.first.options:
                    explorer.first.value = year
                    assert explorer.result is not None and explorer.first.value < explorer.second.value
        assert explorer.selection["figure"] == "only_choice" or explorer.figure.data

    def test_figures_of_the_country_need_no_type_and_no_specialties(self):
        explorer = SlopesExplorer(figure="rank_lists", first_year=2006, second_year=2025)
        assert explorer.kind.disabled and not visible(explorer.picked)
        assert explorer.result.frame["applicant_type"].is_unique
        explorer.selection = {"figure": "fill_share"}
        assert not explorer.kind.disabled and visible(explorer.picked)

    def test_too_high_a_minimum_is_said(self):
        explorer = SlopesExplorer(first_year=2019)
        explorer.selection = {"specialties": ("Child Neurology",)}
        assert explorer.result is None and "lower the minimum" in words(explorer.notice)

    @pytest.mark.parametrize("bad", [{"first_year": 1999}, {"second_year": 2022}, {"figure": "x"}, {"minimum": 1000},
                                     {"x": 1}])
    def test_refuses_a_bad_selection_and_keeps_the_good_one(self, bad):
        explorer = SlopesExplorer()
        before = explorer.selection
        with pytest.raises(UserError):
            explorer.selection = bad
        assert explorer.selection == before and explorer.result is not None

    def test_the_table_has_both_years_and_the_change(self, result):
        table = twin(result)
        assert len(table.rows) == len(result.frame)
        for row, values in zip(table.rows, result.frame.itertuples()):
            assert f"{values.matched_1:,.0f} of {values.applicants_1:,.0f}" in row[1]
            assert f"{values.matched_2:,.0f} of {values.applicants_2:,.0f}" in row[2]
            assert ("what is counted changed" in row[3]) == (not values.joined)
