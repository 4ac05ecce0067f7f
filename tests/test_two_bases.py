"""The same specialties on two bases: years, rows, caveats, chart and explorer."""

import pytest

from imganalytics.charts.two_bases import spec
from imganalytics.errors import UserError
from imganalytics.explorers.two_bases import TwoBasesExplorer
from imganalytics.studies.two_bases import two_bases


def test_each_side_has_its_base_its_year_and_its_published_counts():
    frame = two_bases(specialties=["Pediatrics"]).frame
    assert frame[["side", "base", "match_year", "matched", "applicants"]].to_numpy().tolist() == [
        ["left", "preferred", 2026, 542, 791], ["right", "ranked_anywhere", 2025, 590, 1174]]


def test_different_years_and_late_starts_are_said_first():
    result = two_bases()
    assert result.caveats[0].startswith("Diagnostic Radiology") and "PGY-1 figures on the right" in result.caveats[0]
    assert "different years (2026 and 2025)" in " ".join(result.caveats)
    late = result.frame[result.frame["starts_later"]]
    assert set(late["side"]) == {"right"} and "Radiology-Diagnostic" in set(late["specialty"])


def test_a_year_with_several_specialties_is_taken_before_a_nearer_one_with_one():
    frame = two_bases(["us_md_senior"], "only_choice", "ranked_anywhere", 2025).frame
    assert frame["specialty"].nunique() > 5


def test_the_summary_counts_what_is_higher_and_lower_and_says_why():
    result = two_bases(specialties=["Pediatrics", "Radiology-Diagnostic"])
    assert result.summary.startswith("Non-US IMGs: 2 specialties have a lower rate on the right, 0 a higher one; most in "
                                     "Diagnostic Radiology, 58.3 % against 9.4 %.")
    assert "answer different questions" in result.summary


def test_only_specialties_with_a_rate_on_both_bases_are_shown():
    frame = two_bases().frame
    shown = frame[frame["rate"].notna()].groupby("specialty")["side"].nunique()
    assert (shown == 2).all() and "All specialties" not in set(frame["specialty"])


@pytest.mark.parametrize("arguments, words", [
    ({"left": "preferred", "right": "preferred"}, "two different bases"),
    ({"applicant_types": []}, "at least one applicant type"),
    ({"left": "active"}, "unknown base with rates by specialty 'active'"),
    ({"left": "only_choice"}, "No rate is published for Non-US IMG"),
    ({"specialties": ["Nuclear Medicine"]}, "No chosen specialty has a rate on both bases"),
])
def test_what_cannot_be_compared_is_said_in_words(arguments, words):
    with pytest.raises(UserError, match=words):
        two_bases(**arguments)


def test_a_result_can_be_asked_again():
    result = two_bases(["us_img", "non_us_img"], match_year=2013)
    assert result.question.ask().frame.equals(result.frame)


def test_the_panels_have_their_own_axes_from_0_to_1_and_their_base_as_title():
    drawn = spec(two_bases(["us_img", "non_us_img"]))
    assert [(trace["xaxis"], trace["name"]) for trace in drawn["data"]] == [
        ("x", "US IMG"), ("x", "Non-US IMG"), ("x2", "US IMG"), ("x2", "Non-US IMG")]
    assert drawn["layout"]["xaxis"]["range"] == drawn["layout"]["xaxis2"]["range"] == [0, 1]
    assert drawn["layout"]["xaxis"]["domain"][1] < drawn["layout"]["xaxis2"]["domain"][0]
    texts = " ".join(note["text"] for note in drawn["layout"]["annotations"])
    assert "Ranked the specialty first" in texts and "Ranked the specialty anywhere" in texts


def test_the_explorer_answers_its_controls_and_says_why_it_cannot():
    shown = TwoBasesExplorer()
    assert shown.result.frame["specialty"].nunique() == 22
    shown._controls["minimum_applicants"].value = 100
    assert shown.result.frame["specialty"].nunique() < 22
    shown.selection = {"right": "preferred"}
    assert shown.result is None and "two different bases" in shown.notice.value
    shown.selection = {"right": "ranked_anywhere", "applicant_types": ["us_md_senior"], "left": "only_choice"}
    assert shown.result.question.arguments["applicant_types"] == ["us_md_senior"]
    shown.selection = {"applicant_types": []}
    assert shown.result is None and "at least one applicant type" in shown.notice.value


def test_a_figure_of_either_side_is_explained_on_its_own_base():
    shown = TwoBasesExplorer(specialties=["Pediatrics"])
    shown.explained = ("Pediatrics", "preferred")
    assert "542" in str(shown.explanation)
    shown.explained = ("Pediatrics", "ranked_anywhere")
    assert "590" in str(shown.explanation)
