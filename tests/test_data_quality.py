"""How well the figures agree, what is watched, where sources disagree, what was corrected, what the workbook holds."""

import pytest

from imganalytics.charts.data_quality import spec
from imganalytics.charts.holdings import spec as holdings_spec
from imganalytics.errors import UserError
from imganalytics.explorers.data_quality import AgreementView, ComparisonExplorer, WatchView
from imganalytics.explorers.disagreements import CorrectionView, DisagreementExplorer
from imganalytics.explorers.holdings import HoldingsView
from imganalytics.studies.comparisons import comparisons, kinds
from imganalytics.studies.corrected import corrected
from imganalytics.studies.data_quality import data_quality
from imganalytics.studies.disagreements import disagreements, tables
from imganalytics.studies.holdings import holdings, never_published
from imganalytics.studies.watched import watched
from imganalytics.warehouse import reconcile
from imganalytics.warehouse.checks import CHECKS

STUDIES = [data_quality, comparisons, disagreements, corrected, holdings, watched]


# What agrees ---------------------------------------------------------------------------------------------


def test_the_overview_counts_every_outcome_of_the_check(con):
    frame = data_quality().frame.set_index("check_id")
    outcomes = reconcile(con)
    assert set(frame.index) == {check.check_id for check in CHECKS}
    for check in CHECKS:
        statuses = [outcome.status for outcome in outcomes if outcome.check_id == check.check_id]
        row = frame.loc[check.check_id]
        assert (row["compared"], row["agree"], row["declared"], row["fail"]) == (
            len(statuses), statuses.count("agrees"), statuses.count("declared gap"), 0)
    assert f"Of {len(outcomes):,} comparisons" in data_quality().summary


def test_the_19_positions_of_2025_are_listed_with_state_and_specialty():
    frame = comparisons("program_states").frame
    offered = frame[frame["subject"].str.endswith("offered")]
    assert offered["difference"].sum() == -19 and len(offered) == 14
    assert "2025 NY Internal Medicine offered" in set(offered["place"])
    assert set(frame["status"]) == {"declared gap"} and frame["explanation"].str.contains("19 positions").all()


def test_the_fellowship_gaps_are_7_and_5_in_2025_and_7_and_7_in_2026():
    frame = comparisons("fellowship_sums").frame.set_index("subject")
    assert frame["difference"].dropna().to_dict() == {
        "2025 positions_offered": -7, "2025 positions_filled": -5, "2026 positions_offered": -7, "2026 positions_filled": -7}
    missing = frame.loc["2023 positions_filled"]
    assert missing["ours"] == 11_548 and missing["published"] != missing["published"]


def test_a_least_difference_hides_smaller_ones_but_never_what_is_missing():
    frame = comparisons(least=20).frame
    assert (frame["difference"].dropna().abs() >= 20).all() and frame["difference"].isna().any()


def test_agreeing_figures_come_when_they_are_asked_for():
    frame = comparisons("state_total", ("agrees",)).frame
    assert sorted(frame["ours"]) == sorted(frame["published"]) == [40_764, 43_237]
    assert set(frame["parts"]) == {1_353} and (frame["difference"] == 0).all()


def test_source_ids_and_keys_are_words_on_the_screen():
    places = " ".join(comparisons().frame["place"])
    assert "_" not in places and "us_img" not in places


@pytest.mark.parametrize("arguments, words", [
    ({"comparison": "alchemy"}, "unknown comparison 'alchemy'; allowed: state_total"),
    ({"statuses": ("fine",)}, "unknown status 'fine'; allowed: agrees"),
    ({"least": -1}, "allowed: 0 or more")])
def test_an_unknown_comparison_is_refused_in_words(arguments, words):
    with pytest.raises(UserError, match=words):
        comparisons(**arguments)


# What is watched -----------------------------------------------------------------------------------------


def test_watched_figures_are_at_most_all_and_what_nothing_watches_is_named():
    frame = watched().frame.set_index("table")
    assert (frame["watched"] <= frame["figures"]).all() and frame.loc["state_fill", "share"] == 1
    assert frame.loc["program_results", "figures"] == 2 * 66_490
    blind = set(frame.index[frame["watched"] == 0])
    assert {"costs", "teaching_hospitals", "usmle_performance"} <= blind
    assert "Nothing watches" in watched().summary and "Fees on the way" in watched().summary


# Where sources disagree ----------------------------------------------------------------------------------


def test_each_disagreement_has_one_figure_in_use_and_the_difference_of_the_others(con):
    frame = disagreements().frame
    for _, group in frame.groupby(["table", "row_key", "measure"]):
        used = group[group["is_preferred"]]
        assert len(used) == 1 and group["value"].nunique() > 1
        assert (group["difference_from_preferred"] == group["value"] - used["value"].iloc[0]).all()


def test_disagreements_are_found_by_table_and_by_words():
    frame = disagreements("fellowship_results", "critical 2026").frame
    assert set(frame["table"]) == {"fellowship_results"} and frame["place"].str.contains("Critical").all()
    assert disagreements(search="alchemy").frame.empty
    assert "No figure here" in disagreements(search="alchemy").summary
    with pytest.raises(UserError, match="no disagreement in 'costs'; allowed: "):
        disagreements("costs")


def test_corrections_show_the_printed_figure_and_what_stands_instead():
    frame = corrected().frame
    first = frame.iloc[0]
    assert (first["printed"], first["new_value"]) == ("30", "5") and first["place"].startswith("2025, Dermatology")
    assert "US DO senior" in first["place"] and "nrmp" not in first["place"]
    assert (frame["action"] == "withhold").sum() == frame["new_value"].isna().sum() == 7


# What the workbook holds ---------------------------------------------------------------------------------


def test_holdings_count_the_rows_of_the_files(con):
    frame = holdings().frame
    for name, group in frame.groupby("table_name"):
        assert group["figures"].sum() == con.execute(f"SELECT count(*) FROM published.{name}").fetchone()[0]
    sourced = {name for (name,) in con.execute(
        """SELECT DISTINCT table_name FROM information_schema.columns
           WHERE table_schema = 'published' AND column_name = 'locator'""").fetchall()}
    entities = {"institutions", "programs", "program_flags", "fellowship_programs", "visa_employers",
                "employer_institution_candidates", "state_results"}
    assert set(frame["table_name"]) == sourced - entities


def test_what_is_not_published_is_named_by_topic():
    frame = never_published()
    assert {"The Match", "Programs", "Before residency", "After residency"} == set(frame["topic"])
    assert frame["what"].str.contains("years since graduation").any() and frame["instead"].str.len().min() > 10


# All of them ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("study", STUDIES)
def test_a_result_can_be_asked_again_and_names_its_n(study, con):
    result = study()
    assert result.question.ask().frame.equals(result.frame)
    assert result.title and result.summary and "n = " in result.subtitle
    if result.sql:
        assert con.execute(result.to_sql()).fetchall()


@pytest.mark.parametrize("study", [data_quality, watched])
def test_the_chart_has_a_mark_and_words_for_each_row(study):
    result = study()
    drawn = spec(result)
    assert len(drawn["data"][0]["x"]) == len(result.frame) and all(0 <= x <= 1 for x in drawn["data"][0]["x"])
    assert len(drawn["layout"]["annotations"]) == 2 * len(result.frame)


def test_the_chart_of_holdings_has_a_row_for_each_kind():
    result = holdings()
    drawn = holdings_spec(result)
    assert drawn["layout"]["yaxis"]["ticktext"] == list(dict.fromkeys(result.frame["what"]))
    assert {trace["name"] for trace in drawn["data"]} == set(result.frame["topic"])


@pytest.mark.parametrize("view", [AgreementView, WatchView, HoldingsView])
def test_a_view_shows_its_chart_without_a_browser(view):
    assert view().figure.data and view().result.summary


def test_the_comparison_explorer_answers_its_controls():
    explorer = ComparisonExplorer()
    every = len(explorer.result.frame)
    explorer.least.value = 20
    assert 0 < len(explorer.result.frame) < every
    explorer.selection = {"comparison": "state_types", "least": 0, "statuses": ("agrees",)}
    assert len(explorer.result.frame) == 1_353 and "The first 500 are shown" in explorer.say.value
    explorer.selection = {"comparison": None}
    assert explorer.selection["comparison"] is None
    for wanted, words in (({"comparison": "alchemy"}, "unknown comparison"), ({"least": 7}, "unknown least difference '7'"),
                          ({"colour": 1}, "unknown part of the selection")):
        with pytest.raises(UserError, match=words):
            explorer.selection = wanted
    assert set(kinds()) == {check.check_id for check in CHECKS}


def test_the_disagreement_explorer_answers_its_controls():
    explorer = DisagreementExplorer(table="fellowship_results")
    some = len(explorer.result.frame)
    explorer.search.value = "critical"
    assert 0 < len(explorer.result.frame) < some
    explorer.selection = {"table": None, "search": ""}
    assert set(explorer.result.frame["table"]) == set(tables())
    with pytest.raises(UserError, match="unknown table 'costs'"):
        explorer.selection = {"table": "costs"}


def test_withheld_figures_are_called_so():
    assert "withheld" in CorrectionView().children[1].value
