"""The ladder: its steps, what joins and what does not, its chart and its explorer."""

import pytest
from scipy import stats

from imganalytics.charts.ladder import figure, spec
from imganalytics.errors import UserError
from imganalytics.explorers.ladder import LadderExplorer, ladder_twin
from imganalytics.statistics.rates import wilson
from imganalytics.studies import ladder_facts as facts
from imganalytics.studies.explain import explain
from imganalytics.studies.ladder import bases_of, ladder, years_of
from imganalytics.studies.ladder_steps import counted, share_text, together
from tests.chart_checks import check, has_words
from tests.explorer_helpers import visible, words


def steps(result) -> dict:
    return {row["step"]: row for row in result.frame.to_dict("records")}


# What is counted ------------------------------------------------------------------------------------------


def test_the_printed_counts_of_2025(con):
    """US IMGs and internal medicine: 4,587 certified a list, 2,099 ranked it, 1,145 matched to it."""
    own = steps(ladder())
    assert (own["listed"]["matched"], own["listed"]["applicants"]) == (2099, 4587)
    assert (own["matched"]["matched"], own["matched"]["applicants"]) == (1145, 2099)
    assert own["matched"]["rate"] == pytest.approx(0.5454978561)
    low, high = wilson(1145, 2099)
    assert (own["matched"]["rate_low"], own["matched"]["rate_high"]) == pytest.approx((float(low), float(high)))
    counts = dict(con.execute("""SELECT measure, value FROM published.match_applicants
        WHERE match_year = 2025 AND track = 'categorical' AND specialty = 'Internal Medicine' AND applicant_type = 'us_img' AND base = 'ranked_anywhere'""").fetchall())
    assert counts == {"applicants": 2099, "matched": 1145}


def test_the_product_is_of_the_two_steps_that_join():
    own = steps(ladder())["to_residency"]
    assert own["rate"] == pytest.approx(1145 / 4587) and own["rate_low"] < own["rate"] < own["rate_high"]
    assert list(ladder().frame.loc[ladder().frame["joins"].astype(bool), "step"]) == ["listed", "matched"]
    # by hand, as one binomial: the same people counted at the end
    exact = stats.beta(1145.5, 4587 - 1145 + 0.5).ppf([0.025, 0.975])
    assert (own["rate_low"], own["rate_high"]) == pytest.approx(tuple(exact), abs=0.001)


def test_there_is_never_a_product_across_a_gap():
    for arguments in ({}, {"specialty": "All specialties"}, {"applicant_type": "us_md_senior"},
                      {"applicant_type": "non_us_img"}):
        own = steps(ladder(**arguments))
        assert own["applied"]["kind"] == "gap" and own["to_the_end"]["reason"].startswith("no product: ")
        assert own["to_the_end"]["rate"] != own["to_the_end"]["rate"]
    assert "to_residency" not in steps(ladder(specialty="All specialties"))  # one step: nothing to multiply


def test_a_withheld_count_stops_the_product():
    own = steps(ladder(specialty="Pediatrics", fellowship=None))
    assert own["matched"]["reason"] == "withheld: sources disagree" and own["matched"]["kind"] == "gap"
    assert own["to_residency"]["rate"] != own["to_residency"]["rate"]
    assert "Matched to Pediatrics" in own["to_residency"]["reason"]


def test_without_the_whole_there_is_no_first_step():
    own = steps(ladder("us_md_senior", match_year=2014, fellowship=None))
    assert own["listed"]["kind"] == "gap" and own["matched"]["matched"] == 3167 and own["to_residency"]["reason"]


def test_few_applicants_give_no_rate():
    assert counted("x", "X", 1, 4)["reason"] == "fewer than 5 applicants"
    assert counted("x", "X", 0, 0)["reason"] == "no applicants"
    assert counted("x", "X", None, 40)["reason"] == counted("x", "X", None, None)["reason"] == "not published"
    assert counted("x", "X", 2, 7)["reliability"] == "unstable"
    gap = counted("a", "A", None, 9, joins=True)
    [product, end] = together([counted("b", "B", 9, 20, joins=True, who="w", base_words="b"), gap], "here", None)
    assert product["reason"] == end["reason"] == "no product: \u2018A\u2019 has no published rate"


def test_certification_is_for_imgs_and_has_no_number():
    own = steps(ladder())["certified"]
    assert "about 60 %" in own["reason"] and own["rate"] != own["rate"]
    assert "certified" not in steps(ladder("us_md_senior"))


# Whose figures stand for the fellowship step ---------------------------------------------------------------


def test_the_type_goes_before_all_imgs_and_these_before_all(con):
    found = facts.fellowship_steps("us_img", "Nephrology")
    assert {years: found[years].applicant_type for years in ("2017", "2019", "2024", "2026")} == {
        "2017": "all", "2019": "us_img", "2024": "img_all", "2026": "all"}
    assert facts.best_years("us_img", "Nephrology") == "2019"
    assert facts.best_years("us_md_senior", "Nephrology") == "2024"  # looked for as a graduate
    (applied,) = con.execute("""SELECT sum(new_applicants) FROM fellowship_applications
        WHERE appointment_year = 2024 AND applicant_type = 'img_all'""").fetchone()
    (matched,) = con.execute("""SELECT sum(value) FROM fellowship_results
        WHERE specialty = 'Nephrology' AND measure = 'matched' AND appointment_year = 2024 AND applicant_type IN ('us_img', 'non_us_img')""").fetchone()
    assert (found["2024"].applicants, found["2024"].matched) == (applied, matched) == (320, 186)


def test_a_season_whose_types_do_not_add_up_is_left_out():
    """Of 2017, ERAS counted types in two months only: 21 US IMGs against 57 who matched."""
    assert facts.fellowship_steps("us_img", "Nephrology")["2017"].base == "ranked"
    for name in facts.fellowship_labels():
        for kind in facts.TYPES:
            assert all(not row.matched or row.matched <= row.applicants
                       for row in facts.fellowship_steps(kind, name).values())


def test_a_percentage_without_counts_is_words():
    own = steps(ladder("non_us_img", fellowship="Hematology and Oncology", fellowship_years="2018-2023"))["fellowship"]
    assert own["kind"] == "gap" and own["reason"] == "50 % printed, without the count: no interval"
    nothing = steps(ladder(fellowship="Headache Medicine"))["fellowship"]
    assert nothing["kind"] == "gap" and "not published" in nothing["reason"]


def test_pooled_years_outside_the_nrmp():
    own = steps(ladder(specialty="All specialties", fellowship="Ophthalmology fellowships"))["fellowship"]
    assert (own["matched"], own["applicants"], own["period"]) == (282, 785, "beginning 2010 to 2017")


# The Result -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("arguments", [{}, {"specialty": "All specialties", "fellowship": None},
                                       {"applicant_type": "non_us_img", "base": "preferred",
                                        "specialty": "Dermatology"},
                                       {"fellowship": "Headache Medicine"}])
def test_ask_again_sql_and_explanations(con, arguments):
    result = ladder(**arguments)
    assert result.question.ask().frame.equals(result.frame)
    own = con.execute(result.to_sql()).df()
    assert set(own.loc[own["step"] == "residency", "matched"]) <= set(result.frame["matched"])
    assert result.sources and result.title.endswith("?") and result.summary
    for at, row in enumerate(result.frame.to_dict("records")):
        told = explain(result, at)
        assert told.value != "" or row["step"] in ("certified", "fellowship")
        if row["step"] == "matched":
            assert told.value == f"{100 * row['rate']:.1f} %"
    assert any("No row is anyone's chance" in note for note in result.caveats)


def test_what_a_caller_writes_into_an_answer_stays_there():
    own = ladder()
    own.frame.loc[:, "rate"] = 2.0
    assert ladder().frame["rate"].max() < 1


def test_bad_words_are_refused():
    for arguments, part in (({"applicant_type": "all"}, "applicant type"), ({"specialty": "Magic"}, "specialty"),
                            ({"base": "active"}, "base 'active'"), ({"match_year": 1999}, "allowed: 2025"),
                            ({"fellowship": "Magic"}, "fellowship"), ({"fellowship_years": "1999"}, "allowed: 2009"),
                            ({"fellowship": "Headache Medicine", "fellowship_years": "2020"}, "none, since")):
        with pytest.raises(UserError, match=part):
            ladder(**arguments)
    assert bases_of("us_img", "Internal Medicine") == ["ranked_anywhere"]
    assert 2025 in years_of("us_img", "All specialties", "active")


def test_small_shares_keep_two_decimals():
    assert share_text(0.25) == "25.0 %" and share_text(0.0004) == "0.04 %" and share_text(0) == "0.0 %"


# Chart and explorer ---------------------------------------------------------------------------------------


def test_the_chart_shows_steps_gaps_and_their_bases():
    result = ladder()
    made = spec(result)
    check(made)
    assert [trace["x"][0] for trace in made["data"]] == result.frame["rate"].dropna().tolist()
    assert has_words(made, "2,099", "of 4,587", "not published", "no product",
                     "of US IMGs who certified a list, 2025 Match",
                     "Base: US IMGs who ranked it anywhere on their list")
    dashed = [shape for shape in made["layout"]["shapes"] if shape["line"].get("dash") == "dash"]
    assert len(dashed) == int((result.frame["reason"] != "").sum())
    assert figure(result).layout.width == 980


def test_unstable_steps_are_hollow_and_a_ladder_of_gaps_is_words():
    own = spec(ladder("non_us_img", "Dermatology", "preferred", fellowship=None))
    check(own)
    assert own["data"][1]["marker"]["symbol"] == "triangle-up-open" and has_words(own, "Unstable")
    gaps = ladder("us_img", "Pediatrics", fellowship="Headache Medicine")
    check(spec(gaps))


def test_the_explorer_follows_its_controls():
    explorer = LadderExplorer()
    assert explorer.result is not None and explorer.selection["fellowship_years"] == "2019"
    explorer.selection = {"applicant_type": "us_md_senior"}
    assert explorer.selection["fellowship_years"] == "2024"
    explorer.year.value = 2014
    assert "2014 Match" in explorer.result.summary
    explorer.selection = {"fellowship": None}
    assert explorer.selection["fellowship_years"] is None and explorer.years.disabled
    explorer.selection = {"applicant_type": "us_img", "specialty": "Pediatrics", "fellowship": "Pediatric Cardiology"}
    assert visible(explorer.views) and explorer.years.value
    for label, base in explorer.base.options:
        assert label and base == "ranked_anywhere"


def test_the_explorer_refuses_what_is_not_offered():
    explorer = LadderExplorer()
    before = explorer.selection
    for wanted in ({"specialty": "Magic"}, {"fellowship_years": "1999"}, {"nothing": 1}, {"match_year": 1950}):
        with pytest.raises(UserError):
            explorer.selection = wanted
        assert explorer.selection == before


def test_the_table_twin_and_a_press():
    explorer = LadderExplorer()
    twin = ladder_twin(explorer.result)
    assert twin.rows[2][3:5] == ["45.8 % (44.3 to 47.2)", "2,099 of 4,587"] and twin.rows[0][3].startswith("about 60 %")
    explorer.explained = ("matched",)
    assert explorer.explanation.value == "54.5 %"
    assert "Certified" in words(explorer.say) or "Matched" in words(explorer.say)
