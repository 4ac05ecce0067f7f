"""Ranks, funnel, shrinkage: the studies on the real figures of 2026, their charts and explorers."""

import numpy as np
import pytest
from scipy import stats

from imganalytics.charts import funnel as funnel_chart
from imganalytics.charts import ranking as ranking_chart
from imganalytics.charts import shrinkage as shrinkage_chart
from imganalytics.errors import UserError
from imganalytics.explorers.one_type import FunnelExplorer, RankingExplorer, ShrinkageExplorer
from imganalytics.studies.funnel import funnel
from imganalytics.studies.ranking import ranking
from imganalytics.studies.shrinkage import shrinkage

STUDIES = [ranking, funnel, shrinkage]
CHARTS = [ranking_chart, funnel_chart, shrinkage_chart]
EXPLORERS = [RankingExplorer, FunnelExplorer, ShrinkageExplorer]
TWO = ["Pediatrics", "Dermatology"]  # 542 of 791 and 5 of 30


def test_two_specialties_far_apart_keep_their_ranks():
    frame = ranking(specialties=TWO).frame
    assert frame[["specialty", "matched", "applicants", "rank", "rank_low", "rank_high"]].to_numpy().tolist() == [
        ["Pediatrics", 542, 791, 1, 1, 1], ["Dermatology", 5, 30, 2, 2, 2]]
    assert frame["rank_label"].tolist() == ["1st (1–1)", "2nd (2–2)"]
    assert frame["differs_from_next"].tolist() == [True, False]


def test_neighbours_are_told_apart_as_newcombes_interval_says():
    from statsmodels.stats.proportion import confint_proportions_2indep

    frame = ranking().frame
    assert frame["rate"].is_monotonic_decreasing and len(frame) == 24
    for (_, one), (_, other) in zip(frame[:-1].iterrows(), frame[1:].iterrows()):
        low, high = confint_proportions_2indep(one["matched"], one["applicants"], other["matched"], other["applicants"],
                                               method="newcomb", compare="diff")
        assert one["differs_from_next"] == (low > 0 or high < 0)


def test_the_summary_counts_neighbours_and_pairs_that_can_be_told_apart():
    frame = ranking().frame
    width = np.median(frame["rank_high"] - frame["rank_low"] + 1)
    assert ranking().summary.startswith(f"Of 23 pairs of neighbours in this order {frame['differs_from_next'].sum()} can be")
    assert "of all 276 pairs, " in ranking().summary and f"on {width:g} places or more" in ranking().summary


def test_the_funnel_is_around_the_pooled_rate_of_what_is_shown():
    frame = funnel().frame
    pooled = 5_708 / 11_649  # the 24 listed specialties of Charting Outcomes 2026
    assert frame["pooled"].unique() == pytest.approx([pooled])
    for _, row in frame.iterrows():
        n = int(row["applicants"])
        assert row["low_998"] <= row["low_95"] <= pooled <= row["high_95"] <= row["high_998"]
        assert abs(row["high_95"] - min(1, stats.binom.ppf(0.975, n, pooled) / n)) <= 1 / n
        expected = "below" if row["rate"] < row["low_998"] else "above" if row["rate"] > row["high_998"] else "inside"
        assert row["place_998"] == expected


def test_shrunk_rates_lie_between_raw_and_prior_and_are_posterior_means():
    frame = shrinkage().frame
    alpha, beta = frame["prior_alpha"].iloc[0], frame["prior_beta"].iloc[0]
    assert frame["shrunk"].to_numpy() == pytest.approx(
        ((frame["matched"] + alpha) / (frame["applicants"] + alpha + beta)).to_numpy())
    low = stats.beta.ppf(0.025, alpha + frame["matched"], beta + frame["applicants"] - frame["matched"])
    assert frame["shrunk_low"].to_numpy() == pytest.approx(low)
    mean = alpha / (alpha + beta)
    between = (frame["shrunk"] - frame["rate"]) * (mean - frame["rate"])
    assert (between >= 0).all() and (abs(frame["shrunk"] - mean) <= abs(frame["rate"] - mean)).all()


def test_fewer_applicants_move_farther():
    frame = shrinkage().frame.set_index("specialty")
    assert abs(frame.loc["Dermatology", "moved"]) > 10 * abs(frame.loc["Internal Medicine", "moved"])


@pytest.mark.parametrize("study", STUDIES)
def test_a_result_can_be_asked_again_and_from_a_shell(study, con):
    result = study("us_img", "ranked_anywhere", 2025, minimum_applicants=30)
    assert result.question.ask().frame.equals(result.frame)
    assert con.execute(result.to_sql()).fetchall()
    assert result.sources and "Base: applicants who ranked the specialty anywhere" in result.subtitle
    assert (result.frame["applicants"] >= 30).all() and "All specialties" not in set(result.frame["specialty"])


@pytest.mark.parametrize("study, arguments, words", [
    (ranking, {"specialties": ["Pediatrics"]}, "at least two specialties"),
    (shrinkage, {"specialties": TWO}, "at least three"),
    (ranking, {"minimum_applicants": 10_000}, "lower minimum"),
    (funnel, {"base": "only_choice"}, "No rate is published"),
    (funnel, {"match_year": 1999}, "No rate is published"),
    (funnel, {"applicant_type": "martian"}, "unknown applicant type 'martian'; allowed: us_md_senior"),
    (funnel, {"base": "best"}, "unknown base 'best'; allowed: active"),
    (funnel, {"specialties": ["Astrology"]}, "unknown specialty 'Astrology'"),
])
def test_what_cannot_be_answered_is_said_in_words(study, arguments, words):
    with pytest.raises(UserError, match=words):
        study(**arguments)


def test_one_specialty_alone_has_a_funnel():
    assert funnel(specialties=["Pediatrics"]).frame["place_95"].tolist() == ["inside"]


@pytest.mark.parametrize("study, chart", list(zip(STUDIES, CHARTS)))
def test_a_chart_draws_every_row_inside_its_axes(study, chart):
    result = study()
    spec = chart.spec(result)
    marks = [trace for trace in spec["data"] if "markers" in trace["mode"]]
    assert all(len(trace["x"]) == len(result.frame) == len(trace["customdata"]) == len(trace["hovertext"]) for trace in marks)
    low, high = spec["layout"]["xaxis"]["range"]
    if spec["layout"]["xaxis"].get("type") == "log":
        low, high = 10**low, 10**high
    assert all(low <= x <= high for trace in marks for x in trace["x"])
    assert all("of" in text and "nrmp_90a28" in text for trace in marks for text in trace["hovertext"])
    assert chart.figure(result).layout.title.text.startswith("<b>")


def test_unstable_rates_are_hollow_and_parting_lines_stand_only_where_neighbours_differ():
    result = ranking()
    spec = ranking_chart.spec(result)
    hollow = [symbol.endswith("-open") for symbol in spec["data"][0]["marker"]["symbol"]]
    assert hollow == (result.frame["reliability"] != "ok").tolist()
    assert len(spec["layout"]["shapes"]) == result.frame["differs_from_next"].sum()
    apart = ranking_chart.spec(ranking(specialties=TWO))["layout"]["shapes"]
    assert [(line["y0"], line["y1"]) for line in apart] == [(0.5, 0.5)]


def test_names_stand_only_at_marks_outside_the_funnel():
    result = funnel()
    marks = funnel_chart.spec(result)["data"][-1]
    assert [bool(text) for text in marks["text"]] == (result.frame["place_998"] != "inside").tolist()


@pytest.mark.parametrize("explorer", EXPLORERS)
def test_an_explorer_answers_its_controls_and_says_why_it_cannot(explorer):
    shown = explorer()
    assert len(shown.result.frame) == 24 and shown.figure.data
    shown.minimum.value = 300
    assert len(shown.result.frame) == 7 and shown.selection["minimum_applicants"] == 300
    shown.selection = {"applicant_type": "us_img", "base": "ranked_anywhere", "minimum_applicants": 0}
    assert shown.selection["match_year"] == 2025 == shown.result.question.arguments["match_year"]
    shown.selection = {"specialties": ["Nuclear Medicine"]}
    assert shown.result is None and shown.notice.layout.display is None and shown.views.layout.display == "none"
    with pytest.raises(UserError, match="nothing is drawn"):
        shown.figure  # noqa: B018
    shown.selection = {"specialties": None}
    assert shown.result is not None and shown.notice.layout.display == "none"


@pytest.mark.parametrize("wanted, words", [
    ({"applicant_type": "martian"}, "applicant_type 'martian'; allowed: us_md_senior"),
    ({"base": "active"}, "base 'active'; allowed: preferred"),
    ({"minimum_applicants": 9_999}, "minimum_applicants 9999; allowed: 0 to 300"),
    ({"specialties": ["Astrology"]}, "'Astrology' is not a choice"),
    ({"colour": "red"}, "unknown part of the selection 'colour'"),
])
def test_a_selection_that_cannot_be_leaves_everything_as_it_was(wanted, words):
    shown = RankingExplorer()
    before = shown.selection
    with pytest.raises(UserError, match=words):
        shown.selection = {"minimum_applicants": 50} | wanted
    assert shown.selection == before


@pytest.mark.parametrize("explorer", EXPLORERS)
def test_a_pressed_mark_is_explained_by_its_printed_page(explorer):
    shown = explorer()
    shown.chart.clicked = ["Pediatrics", *shown.result.frame.set_index("specialty").loc["Pediatrics", [
        "track", "entry_level", "applicant_type"]]]
    assert shown.explained[0] == "Pediatrics" and "542" in str(shown.explanation) and "Table 1" in str(shown.explanation)
    shown.selection = {"specialties": ["Dermatology", "Neurology", "Psychiatry"]}
    assert shown.explained is None and shown.explanation is None
