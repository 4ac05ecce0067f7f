"""The gap between two types: the parts add up, both gaps are said, the turn of a sign is noticed."""

import json

import numpy as np
import pytest
from statsmodels.stats.proportion import confint_proportions_2indep

from imganalytics.charts import gap as chart
from imganalytics.errors import UserError
from imganalytics.explorers.gap import GapExplorer, twin
from imganalytics.statistics.standardisation import decompose
from imganalytics.studies.explain import explain
from imganalytics.studies.gap import alarm, bases, found_gap, gap, headline_gap, together, years
from imganalytics.vocabulary import ALL_SPECIALTIES
from tests.chart_checks import check, has_words
from tests.explorer_helpers import visible, words

ASKED = {"IMGs": {}, "all tracks": {"all_tracks": True}, "few shown": {"shown": 3}, "all shown": {"shown": 99},
         "sign turns": {"one": "us_md_senior", "other": "us_do_senior", "all_tracks": True},
         "MD and DO 2021": {"one": "us_do_senior", "other": "us_md_senior", "match_year": 2021},
         "only choice": {"one": "us_md_senior", "other": "us_do_senior", "base": "only_choice", "match_year": 2023},
         "far apart": {"one": "non_us_img", "other": "us_md_senior"}}


@pytest.fixture(params=ASKED)
def result(request):
    return gap(**ASKED[request.param])


def taking_part(result):
    frame = result.frame.iloc[1:]
    return frame[frame["left_out"] == ""]


def published(con, result, kind: str) -> dict[tuple[str, str], tuple[int, int]]:
    """Matched and applicants by specialty and track, where there is a rate."""
    asked = result.question.arguments
    rows = con.execute("SELECT specialty, track, matched, applicants FROM match_rates WHERE base = ? AND match_year "
                       "= ? AND applicant_type = ? AND rate IS NOT NULL AND specialty <> 'All specialties'",
                       [asked["base"], asked["match_year"], kind]).fetchall()
    return {(specialty, track): (matched, applicants) for specialty, track, matched, applicants in rows}


class TestParts:
    def test_mix_and_rate_effect_are_the_crude_gap_exactly(self, result):
        found = found_gap(result)
        assert found.crude == pytest.approx(found.mix_effect + found.standardised, abs=1e-12)
        parts = taking_part(result)
        assert parts["mix_part"].sum() == pytest.approx(found.mix_effect, abs=1e-12)
        assert parts["rate_part"].sum() == pytest.approx(found.standardised, abs=1e-12)
        assert parts["weight"].sum() == pytest.approx(1) and found.strata == len(parts)

    def test_agree_with_kitagawas_formulas_on_the_published_counts(self, result, con):
        asked = result.question.arguments
        one, other = (published(con, result, asked[key]) for key in ("one", "other"))
        places = [place for place in zip(taking_part(result)["specialty"], taking_part(result)["track"])]
        assert set(places) <= one.keys() & other.keys()
        x1, n1 = np.array([one[place] for place in places], float).T
        x2, n2 = np.array([other[place] for place in places], float).T
        w1, w2, r1, r2 = n1 / n1.sum(), n2 / n2.sum(), x1 / n1, x2 / n2
        found = found_gap(result)
        assert found.crude == pytest.approx(x1.sum() / n1.sum() - x2.sum() / n2.sum())
        assert found.standardised == pytest.approx(((r1 - r2) * (w1 + w2) / 2).sum())
        assert found.mix_effect == pytest.approx(((w1 - w2) * (r1 + r2) / 2).sum())
        low, high = confint_proportions_2indep(x1.sum(), n1.sum(), x2.sum(), n2.sum(), method="newcomb")
        assert (found.crude_low, found.crude_high) == pytest.approx((low, high), abs=1e-6)
        again = decompose(x1, n1, x2, n2)
        assert (found.low, found.high) == pytest.approx(tuple(map(float, again.interval)))

    def test_a_specialty_without_a_rate_of_both_is_left_out_and_says_why(self):
        frame = gap().frame.set_index(["specialty", "track"])
        pediatrics = frame.loc[("Pediatrics", "categorical")]
        assert pediatrics["left_out"] == "US IMG: withheld: sources disagree" and np.isnan(pediatrics["rate_part"])
        assert any("Pediatrics (US IMG: withheld" in note and "1,285 of 14,831 Non-US IMG" in note
                   for note in gap().caveats)

    def test_the_other_way_round_has_the_opposite_sign(self):
        there, back = found_gap(gap()), found_gap(gap("non_us_img", "us_img"))
        assert (there.crude, there.standardised) == pytest.approx((-back.crude, -back.standardised))
        assert (there.low, there.high) == pytest.approx((-back.high, -back.low))

    def test_parts_together_have_the_interval_of_their_sum(self):
        assert together([(0.1, 0.2, 0.17, 0.24), (-0.3, 0.1, 0.06, 0.13)]) == pytest.approx((-0.2, 0.3, 0.25, 0.35))
        parts = taking_part(gap())
        found = found_gap(gap())
        names = ("mix_part", "rate_part", "rate_part_low", "rate_part_high")
        all_of_them = together(list(zip(*(parts[name] for name in names))))
        assert all_of_them == pytest.approx((found.mix_effect, found.standardised, found.low, found.high), abs=1e-9)


class TestWords:
    def test_the_gap_of_people_is_said_beside_that_of_applications(self):
        result = gap()
        difference, low, high = headline_gap("us_img", "non_us_img", 2025)
        assert difference == pytest.approx(3108 / 4587 - 6653 / 11465)
        assert "over applications to a specialty: +6.0 (+4.4 to +7.5) points" in result.summary
        assert "everyone who certified a list), the gap is +9.7 (+8.1 to +11.3)" in result.summary
        assert any("counts applications, not people" in note and "+9.7" in note for note in result.caveats)
        assert headline_gap("us_img", "non_us_img", 2022) is None

    def test_the_alarm_is_given_only_when_the_sign_turns(self, result):
        found = found_gap(result)
        assert bool(alarm(result)) == (found.crude * found.standardised < 0)
        assert bool(alarm(result)) == any("never quote one without the other" in note for note in result.caveats)

    def test_the_alarm_names_both_gaps(self):
        text = alarm(gap(**ASKED["sign turns"]))
        assert text.startswith("The sign turns.")
        assert "US MD seniors match less often than US DO seniors (\u22120.5 points, an interval that holds 0)" in text
        assert "they match more often (+8.8 points)" in text

    def test_specialties_that_start_later_carry_their_caveat(self, result):
        shown = taking_part(result)
        late = ((shown["main_entry_level"] == "PGY-2") & (shown["entry_level"] == "PGY-1")).any()
        assert late == any("most places start at PGY-2" in note for note in result.caveats)

    def test_base_year_and_n_stand_in_the_subtitle(self, result):
        total = result.frame.iloc[0]
        assert str(result.question.arguments["match_year"]) in result.subtitle and "Base: " in result.subtitle
        assert f"{total['applicants_1']:,.0f}" in result.subtitle and f"{total['applicants_2']:,.0f}" in result.subtitle


class TestChart:
    def test_draws_both_gaps_and_all_parts(self, result):
        spec = chart.spec(result)
        check(spec)
        found = found_gap(result)
        traces = {trace["name"]: trace for trace in spec["data"]}
        assert traces["Gap"]["x"] == [found.crude, found.standardised]
        assert traces["Mix effect"]["x"] == [found.crude, found.standardised]
        assert sum(traces["Rate part"]["x"]) == pytest.approx(found.standardised)
        assert sum(traces["Mix part"]["x"]) == pytest.approx(found.mix_effect)
        shown = min(result.question.arguments["shown"], found.strata)
        assert len(traces["Rate part"]["x"]) == shown + (found.strata > shown)

    def test_both_axes_hold_zero(self, result):
        layout = chart.spec(result)["layout"]
        assert all(layout[name]["range"][0] <= 0 <= layout[name]["range"][1] for name in ("xaxis", "xaxis2"))
        assert [shape["x0"] for shape in layout["shapes"]] == [0, 0]

    def test_words_name_rates_and_n_of_both_types(self):
        spec = chart.spec(gap())
        assert has_words(spec, "Crude gap , applications to a specialty", "+6.0 (+4.4 to +7.5)", "+7.7 (+6.2 to +9.2)",
                         "\u22121.7, taken out of the crude gap", "54.5 % of 2,099", "46.8 % of 7,630",
                         "14 other specialties")
        for trace in spec["data"]:
            if "hovertext" in trace and trace["name"] in ("Rate part", "Gap"):
                assert all("points" in text for text in trace["hovertext"])
        assert not has_words(chart.spec(gap(shown=99)), "other specialties together")


class TestResult:
    def test_can_be_asked_again_and_run_as_sql(self, result, con):
        again = result.question.ask()
        assert again.frame.equals(result.frame) and again.question == result.question
        assert json.dumps(again.question.arguments)
        rows = con.sql(result.to_sql()).df()
        assert set(taking_part(result)["specialty"]) <= set(rows["specialty"])
        assert result.sources and result.title.endswith("?")

    def test_a_row_is_explained_with_both_figures(self):
        frame = gap().frame
        explained = explain(gap(), int(frame.index[frame["specialty"] == "Internal Medicine"][0]))
        assert explained.value == "54.5 %" and any("Non-US IMG" in sentence for sentence in explained.how)

    @pytest.mark.parametrize("wanted, words", [
        ({"one": "us_img", "other": "us_img"}, "two different"), ({"one": "all"}, "allowed: us_md_senior"),
        ({"base": "active"}, "base with rates by specialty"), ({"shown": 0}, "1 or more"),
        ({"base": "preferred", "match_year": 2013}, "one alone has no mix"),
        ({"match_year": 2024}, "on the base 'ranked the specialty anywhere', 2025"),
        ({"one": "us_md_graduate"}, "choose another pair")])
    def test_what_cannot_be_answered_is_said_in_one_line(self, wanted, words):
        with pytest.raises(UserError, match=words) as error:
            gap(**wanted)
        assert "\n" not in str(error.value)

    def test_bases_and_years_are_those_that_have_both(self):
        assert bases("us_img", "non_us_img") == ["ranked_anywhere"]
        assert years("ranked_anywhere", "us_img", "non_us_img") == [2025]
        assert bases("us_md_senior", "us_do_senior") == ["ranked_anywhere", "only_choice"]
        assert bases("us_img", "us_img") == []
        for year in years("only_choice", "us_md_senior", "us_do_senior"):
            frame = gap("us_md_senior", "us_do_senior", "only_choice", year).frame
            assert frame["specialty"].iloc[0] == ALL_SPECIALTIES


class TestExplorer:
    def test_says_in_a_notice_when_the_sign_turns_and_still_shows_the_chart(self):
        explorer = GapExplorer()
        assert not visible(explorer.notice)
        explorer.selection = {"one": "us_md_senior", "other": "us_do_senior", "all_tracks": True}
        assert visible(explorer.notice) and "The sign turns" in words(explorer.notice) and visible(explorer.views)
        explorer.selection = {"all_tracks": False}
        assert not visible(explorer.notice)

    def test_offers_only_bases_and_years_with_rates_of_both(self):
        explorer = GapExplorer(one="us_md_senior", other="us_do_senior")
        assert explorer.year.options == (2020, 2021, 2022, 2023, 2024, 2025) and not explorer.year.disabled
        explorer.base.value = "only_choice"
        assert explorer.year.options == (2020, 2021, 2022, 2023)
        explorer.other.value = "us_img"
        assert explorer.base.value == "ranked_anywhere" and explorer.year.value == 2025 and explorer.year.disabled
        assert explorer.result is not None

    def test_the_same_type_twice_is_said_not_drawn(self):
        explorer = GapExplorer()
        explorer.other.value = "us_img"
        assert explorer.result is None and "two different" in words(explorer.notice)
        explorer.other.value = "us_do_senior"
        assert explorer.result is not None and not visible(explorer.notice)

    @pytest.mark.parametrize("bad", [{"base": "preferred"}, {"match_year": 2020}, {"shown": 100}, {"one": "all"},
                                     {"x": 1}])
    def test_refuses_a_bad_selection_and_keeps_the_good_one(self, bad):
        explorer = GapExplorer()
        before = explorer.selection
        with pytest.raises(UserError):
            explorer.selection = bad
        assert explorer.selection == before

    def test_the_table_lists_every_specialty_those_left_out_too(self, result):
        table = twin(result)
        assert len(table.rows) == len(result.frame) and all(len(row) == len(table.columns) for row in table.rows)
        assert sum(row[3].startswith("left out") for row in table.rows) == (result.frame["left_out"] != "").sum()
