"""The competitiveness explorer without a browser: controls set from Python, and everything they move read back."""

import asyncio
import json
import random

import pytest

from imganalytics.charts.competitiveness import spec
from imganalytics.errors import UserError
from imganalytics.explorers import competitiveness as module
from imganalytics.explorers.competitiveness import CompetitivenessExplorer
from imganalytics.studies import coverage
from imganalytics.studies.competitiveness import SORTS
from imganalytics.vocabulary import BASES
from tests.explorer_helpers import IMGS, agrees, bare, drawn, says_why, visible, words


@pytest.fixture
def explorer() -> CompetitivenessExplorer:
    return CompetitivenessExplorer()


class TestControls:
    def test_start_with_imgs_of_2025(self, explorer):
        agrees(explorer)
        assert explorer.selection == {
            "applicant_types": IMGS, "base": "ranked_anywhere", "match_year": 2025, "specialties": None,
            "minimum_applicants": 0, "sort": "rate", "sort_type": "us_img", "against": "non_us_img",
            "all_tracks": False}
        assert not visible(explorer.notice)
        assert json.loads(explorer.chart.spec)["layout"]["template"]["layout"]["xaxis"]["tickangle"] == 0

    @pytest.mark.parametrize("control, value, argument", [
        ("types", ("us_md_senior", "us_img"), "applicant_types"), ("base", "active", "base"),
        ("minimum", 100, "minimum_applicants"), ("sort", "applicants", "sort"), ("all_tracks", True, "all_tracks"),
        ("specialties", ("Psychiatry", "Neurology"), "specialties"), ("sort_type", "non_us_img", "sort_type")])
    def test_move_result_and_chart_together(self, explorer, control, value, argument):
        before, chart = explorer.result, explorer.chart
        getattr(explorer, control).value = value
        agrees(explorer)
        found = explorer.result.question.arguments[argument]
        assert sorted(found) == sorted(value) if isinstance(value, tuple) else found == value
        assert not explorer.result.frame.equals(before.frame)
        assert explorer.chart is chart in explorer.views.children  # redrawn in place

    def test_move_the_year_among_those_published(self, explorer):
        explorer.types.value = ("us_md_senior",)
        explorer.year.value = 2014
        agrees(explorer)
        assert explorer.result.question.arguments["match_year"] == 2014
        assert "2014" in explorer.figure.layout.title.text

    def test_ask_once_for_each_change_however_many_came_before(self, explorer, monkeypatch):
        asked = []
        real = module.competitiveness
        monkeypatch.setattr(module, "competitiveness", lambda **kw: asked.append(kw) or real(**kw))
        for _ in range(3):
            for change in ({"base": "active"}, {"base": "preferred"}, {"base": "ranked_anywhere", "sort": "difference"},
                           {"applicant_types": ["us_img"], "sort": "rate"}, {"applicant_types": IMGS}):
                explorer.selection = change
        for control, value in ((explorer.minimum, 50), (explorer.base, "active"), (explorer.types, ("non_us_img",))):
            asked.clear()
            control.value = value
            assert len(asked) == 1

    def test_tell_the_browser_of_each_change_once_and_of_no_change_nothing(self, explorer):
        told = []
        explorer.chart.observe(lambda change: told.append(change.name), ["spec", "description"])
        for again in (explorer.selection, {"minimum_applicants": 0}, {"specialties": None}):
            explorer.selection = again
        assert told == []
        explorer.minimum.value = 100
        assert sorted(told) == ["description", "spec"]

    def test_in_a_kernel_the_words_follow_when_the_hand_rests(self, explorer):
        async def turned() -> None:
            said = []
            explorer.say.observe(lambda change: said.append(change.new), "value")
            for minimum in (10, 20, 30):
                explorer.minimum.value = minimum
                assert explorer.result.question.arguments["minimum_applicants"] == minimum
                assert drawn(explorer) == bare(spec(explorer.result)) and not said
            while explorer.result.summary not in words(explorer.say):
                await asyncio.sleep(0.05)
            assert len(said) == 1

        asyncio.run(asyncio.wait_for(turned(), 20))
        agrees(explorer)

    def test_walked_through_at_random_end_where_a_new_explorer_starts(self, explorer):
        steps = random.Random(20250321)
        for _ in range(10):
            base = steps.choice(["active", "preferred", "only_choice", "ranked_anywhere", "ranked_anywhere"])
            types = steps.sample(["us_md_senior", "us_do_senior", *IMGS], steps.randint(1, 4))
            explorer.selection = {"base": base, "applicant_types": types, "sort": steps.choice([*SORTS]),
                                  "minimum_applicants": steps.choice([0, 0, 20, 200]),
                                  "all_tracks": steps.random() < 0.3}
            again = CompetitivenessExplorer(**explorer.selection)
            assert (again.result is None) == (explorer.result is None)
            assert again.notice.layout.display == explorer.notice.layout.display
            if explorer.result is not None:
                agrees(explorer)
                assert drawn(again) == drawn(explorer)

    def test_let_through_what_goes_wrong_and_answer_again_afterwards(self, explorer, monkeypatch):
        def broken(**_):
            raise ZeroDivisionError("planted")

        with monkeypatch.context() as patch:
            patch.setattr(module, "competitiveness", broken)
            with pytest.raises(ZeroDivisionError, match="planted"):
                explorer.minimum.value = 50
            with pytest.raises(ZeroDivisionError, match="planted"):
                explorer.base.value = "active"
        explorer.minimum.value = 0
        agrees(explorer)


class TestOffers:
    @pytest.mark.parametrize("types", [IMGS, ["us_md_senior"], ["non_us_img"], ["us_md_senior", "non_us_img"]])
    @pytest.mark.parametrize("base", BASES)
    def test_only_years_that_are_published(self, explorer, base, types):
        explorer.selection = {"applicant_types": types, "base": base}
        published = coverage.years(base, types)
        if not published:
            says_why(explorer, "No rate is published for")
            return
        assert list(explorer.year.options) == published and explorer.year.value in published
        assert explorer.year.disabled == (len(published) == 1)
        assert ("Published for" in words(explorer.meaning)) == (len(published) == 1)
        assert BASES[base].meaning in words(explorer.meaning)

    def test_the_same_year_where_it_exists_and_the_last_otherwise(self, explorer):
        explorer.selection = {"applicant_types": ["us_md_senior"], "match_year": 2021}
        explorer.base.value = "only_choice"
        assert explorer.year.value == 2021
        explorer.types.value = ("us_img",)
        explorer.base.value = "active"
        assert explorer.year.value == 2025

    def test_only_chosen_types_to_sort_by(self, explorer):
        explorer.types.value = ("us_do_senior", "non_us_img")
        assert [key for _, key in explorer.sort_type.options] == list(explorer.types.value)
        assert (explorer.sort_type.value, explorer.against.value) == ("us_do_senior", "non_us_img")

    @pytest.mark.parametrize("by", ["control", "selection"])
    def test_a_second_type_only_for_a_difference(self, explorer, by):
        assert not visible(explorer.against) and explorer.sort_type.description == "Sorted by the figures of"
        for sort, second, first in (("difference", True, True), ("positions_per_applicant", False, False),
                                    ("rate", False, True)):
            if by == "control":
                explorer.sort.value = sort
            else:
                explorer.selection = {"sort": sort}
            assert (visible(explorer.against), visible(explorer.sort_type)) == (second, first)
        assert explorer.sort_type.description == "Sorted by the figures of"

    def test_subtract_the_second_type(self, explorer):
        explorer.selection = {"applicant_types": ["us_md_senior", *IMGS], "sort": "difference",
                              "sort_type": "non_us_img", "against": "us_img"}
        em = explorer.result.frame.query("specialty == 'Emergency Medicine'").iloc[0]
        assert em["difference"] == pytest.approx(131 / 336 - 315 / 467)


SELECTIONS = [
    {"base": "preferred", "match_year": 2026, "applicant_types": ["non_us_img"]},
    {"base": "preferred", "match_year": 2013, "applicant_types": ["us_img"]},
    {"sort": "difference", "applicant_types": ["us_md_senior", "us_do_senior", *IMGS], "sort_type": "us_img",
     "against": "non_us_img", "all_tracks": True},
    {"specialties": ["Psychiatry", "Internal Medicine"], "minimum_applicants": 35, "sort": "rate_low"}]


class TestSelection:
    @pytest.mark.parametrize("selection", SELECTIONS)
    def test_goes_round(self, explorer, selection):
        explorer.selection = selection
        agrees(explorer)
        found = explorer.selection
        for name, value in selection.items():
            assert sorted(found[name]) == sorted(value) if isinstance(value, list) else found[name] == value
        again = CompetitivenessExplorer(**found)
        assert again.selection == found and again.result.frame.equals(explorer.result.frame)
        again.selection = again.selection
        assert again.selection == found

    def test_set_in_part_leaves_the_rest(self, explorer):
        explorer.selection = {"minimum_applicants": 50}
        explorer.selection = {"sort": "applicants"}
        assert explorer.selection["minimum_applicants"] == 50

    def test_none_means_all_specialties(self, explorer):
        explorer.selection = {"specialties": ["Psychiatry"]}
        explorer.selection = {"specialties": None}
        assert explorer.selection["specialties"] is None
        assert explorer.result.frame["specialty"].nunique() == 41

    def test_with_an_unknown_part_is_refused(self, explorer):
        with pytest.raises(UserError, match="unknown part of the selection 'colour'; allowed: applicant_types, base"):
            explorer.selection = {"colour": "red"}
        with pytest.raises(UserError, match="unknown part of the selection 'colour'"):
            CompetitivenessExplorer(colour="red")

    @pytest.mark.parametrize("name, value, allowed", [
        ("applicant_types", ["martian"], "us_md_senior"), ("base", "everyone", "preferred"), ("match_year", 1999, "2025"),
        ("specialties", ["Alchemy"], "Anesthesiology"), ("sort", "fame", "rate_low"), ("sort_type", "martian", "us_img"),
        ("against", "martian", "non_us_img"), ("minimum_applicants", 1000, "300"), ("minimum_applicants", -1, "0"),
        ("minimum_applicants", "many", "300")])
    def test_with_an_unknown_value_is_refused_with_what_is_allowed_and_changes_nothing(self, explorer, name, value,
                                                                                       allowed):
        before = explorer.selection
        with pytest.raises(UserError) as error:
            explorer.selection = {name: value}
        assert allowed in str(error.value) and repr(value if not isinstance(value, list) else value[0]) in str(error.value)
        assert explorer.selection == before
        agrees(explorer)

    def test_refused_in_one_part_is_refused_whole(self, explorer):
        before = explorer.selection
        with pytest.raises(UserError):
            explorer.selection = {"applicant_types": ["non_us_img"], "base": "active", "minimum_applicants": 50,
                                  "sort": "fame"}
        assert explorer.selection == before
        agrees(explorer)


class TestNothingToShow:
    @pytest.mark.parametrize("selection, text", [
        ({"applicant_types": []}, "Choose at least one applicant type"),
        ({"specialties": []}, "Choose at least one specialty"),
        ({"specialties": ["Radiation Oncology"], "minimum_applicants": 300},
         "None of the chosen specialties has 300 applicants on this base: lower the minimum"),
        ({"applicant_types": ["us_img"], "sort": "difference"}, "A difference needs two applicant types"),
        ({"base": "only_choice"}, "No rate is published for US IMG or Non-US IMG on the base 'ranked only this")])
    def test_is_said_in_words_and_mended_by_another_choice(self, explorer, selection, text):
        whole = explorer.selection
        explorer.selection = selection
        says_why(explorer, text)
        with pytest.raises(UserError, match="nothing to save"):
            explorer.csv.file()
        explorer.selection = whole
        agrees(explorer)
        assert explorer.selection == whole and not visible(explorer.notice)

    @pytest.mark.parametrize("control, value", [("types", ()), ("specialties", ()), ("base", "only_choice")])
    def test_is_said_when_a_control_is_turned(self, explorer, control, value):
        kept = getattr(explorer, control).value
        getattr(explorer, control).value = value
        assert explorer.result is None and visible(explorer.notice) and not visible(explorer.views)
        getattr(explorer, control).value = kept
        agrees(explorer)

    def test_does_not_blame_a_minimum_that_is_not_set(self, explorer):
        explorer.selection = {"base": "active", "specialties": ["Pediatrics"]}
        assert explorer.result is None and visible(explorer.notice)
        assert "has 0 applicants" not in words(explorer.notice.children[0])

    def test_offers_the_nearest_and_takes_it(self, explorer):
        explorer.base.value = "only_choice"
        assert visible(explorer.nearest)
        assert explorer.nearest.description == "Show instead: US IMG, Non-US IMG: ranked the specialty anywhere, 2025"
        explorer.nearest.click()
        agrees(explorer)
        assert (explorer.base.value, explorer.year.value) == ("ranked_anywhere", 2025)
        assert not visible(explorer.notice)

    def test_offers_the_nearest_year_not_the_last(self, explorer):
        explorer.selection = {"applicant_types": ["us_md_senior"], "base": "active", "match_year": 2018}
        explorer.base.value = "preferred"
        explorer.nearest.click()
        agrees(explorer)
        assert (explorer.base.value, explorer.year.value) == ("ranked_anywhere", 2020)

    def test_of_one_type_is_named_beside_the_chart_of_the_others(self, explorer):
        explorer.selection = {"base": "preferred", "match_year": 2026}
        agrees(explorer)
        assert visible(explorer.notice) and visible(explorer.nearest)
        assert "US IMG: no rate is published on this base for 2026." in words(explorer.notice.children[0])
        explorer.nearest.click()
        agrees(explorer)
        assert explorer.selection["applicant_types"] == IMGS and not visible(explorer.notice)

    def test_without_a_nearest_has_no_button(self, explorer):
        explorer.base.value = "only_choice"
        explorer.types.value = ()
        says_why(explorer, "Choose at least one applicant type")
        assert not visible(explorer.nearest)

    def test_from_the_start_has_no_figure_until_there_is_something(self):
        explorer = CompetitivenessExplorer(base="only_choice")
        says_why(explorer, "No rate is published")
        with pytest.raises(UserError, match="nothing is drawn"):
            explorer.figure
        explorer.nearest.click()
        agrees(explorer)
