"""Outcomes of pathways: every row of the file, intervals from printed counts, groups, base rates, what has no rate."""

import csv

import numpy as np
import pytest
from statsmodels.stats.proportion import proportion_confint

from imganalytics.errors import UserError
from imganalytics.studies.explain import explain
from imganalytics.studies.pathway_evidence import (
    ANY, KINDS, base_years, fields, nobody_measured, pathway_evidence)
from imganalytics.warehouse import connect
from tests.datasets_copy import DATASETS


def published(name: str) -> dict[str, dict[str, str]]:
    """A file by the first column, read a second time and without the database."""
    with open(DATASETS / f"{name}.csv", encoding="utf-8-sig", newline="") as file:
        return {next(iter(row.values())): row for row in csv.DictReader(file)}


@pytest.fixture(scope="module")
def whole():
    """Every outcome, with the base rates of all IMGs nearest to 2020."""
    return pathway_evidence(specialty=None, compared_with="img_all")


def outcome(result, evidence: str, mark: str = "outcome"):
    found = result.frame[(result.frame["evidence_id"] == evidence) & (result.frame["mark"] == mark)]
    assert len(found) == 1
    return found.iloc[0]


class TestRows:
    def test_every_row_of_the_file_is_there_once_with_its_words(self, whole):
        kept, own = published("pathway_evidence"), whole.frame[whole.frame["mark"] == "outcome"].set_index("evidence_id")
        assert set(own.index) == set(kept) and len(own) == 33
        for evidence, row in kept.items():
            for name in ("programme", "population", "outcome_definition", "study_design", "quote",
                         "selection_bias_note", "note"):
                assert own.loc[evidence, name] == row[name], (evidence, name)

    def test_kinds_part_outcomes_that_answer_different_questions(self, whole):
        own = whole.frame[whole.frame["mark"] == "outcome"]
        kinds = {kind: set(group["evidence_id"]) for kind, group in own.groupby("kind")}
        assert kinds == {
            "specialty": {f"rf{n:03}" for n in (1, 2, 3, 4, 9, 10, 18, 20, 28, 29)}, "residency": {"rf006", "rf007"},
            "again": {"rf021", "rf022", "rf023"}, "later": {"rf015", "rf016", "rf017"},
            "everyone": {"rf011", "rf013", "rf026", "rf027", "rf030", "rf031"},
            "survivors": {"rf005", "rf012", "rf014", "rf019", "rf024", "rf025"}, "offers": {"rf008", "rf032", "rf033"}}
        assert own["kind"].drop_duplicates().tolist() == list(KINDS)

    def test_survivors_are_those_of_very_high_bias_and_have_no_rate(self, whole):
        own = whole.frame[whole.frame["kind"] == "survivors"]
        assert set(own["bias"]) == {"very high"} and own["rate"].isna().all() and set(own["mark"]) == {"outcome"}


class TestRates:
    @pytest.mark.parametrize("evidence, matched, n", [
        ("rf001", 16, 18), ("rf002", 16, 16), ("rf003", 13, 16), ("rf009", 12, 23), ("rf015", 17, 20),
                                                      ("rf016", 37, 66),
        ("rf017", 128, 146), ("rf021", 11, 12), ("rf023", 56, 141), ("rf026", 170, 1101), ("rf029", 177, 177)])
    def test_interval_is_wilson_from_the_printed_counts(self, whole, evidence, matched, n):
        row, kept = outcome(whole, evidence), published("pathway_evidence")[evidence]
        assert (int(kept["n_matched"]), int(kept["n_applied"])) == (matched, n) == (row["matched"], row["applicants"])
        assert row["rate"] == pytest.approx(matched / n) and row["basis"] == "counts"
        assert (row["rate_low"], row["rate_high"]) == pytest.approx(proportion_confint(matched, n, method="wilson"))

    def test_a_printed_percentage_with_its_n_has_an_interval_too(self, whole):
        row, other = outcome(whole, "rf020"), outcome(whole, "rf020", "comparator")
        assert np.isnan(row["matched"]) and row["basis"] == "printed percentage and n" and row["rate"] == pytest.approx(0.869)
        assert (row["rate_low"], row["rate_high"]) == pytest.approx(proportion_confint(239, 275, method="wilson"),
                                                                    abs=2e-4)
        assert other["rate"] == pytest.approx(0.835) and other["applicants"] == 1500

    @pytest.mark.parametrize("evidence, basis", [
        ("rf006", "claim without counts"), ("rf007", "claim without counts"), ("rf010", "claim without counts"),
        ("rf018", "printed without counts"), ("rf022", "printed without counts"), ("rf027", "printed without counts"),
        ("rf011", "average of several rates"), ("rf031", "average of several rates")])
    def test_without_counts_there_is_no_interval(self, whole, evidence, basis):
        row = outcome(whole, evidence)
        assert row["basis"] == basis and row["reliability"] == "unstable"
        assert np.isnan(row["rate_low"]) and row["rate"] == pytest.approx(row["printed_pct"] / 100)

    def test_fewer_than_five_people_are_no_rate(self, whole):
        row = outcome(whole, "rf004")
        assert (row["matched"], row["applicants"]) == (3, 3) and np.isnan(row["rate"])
        assert row["reliability"] == "suppressed" and "fewer than 5" in row["reason"]

    def test_comparators(self, whole):
        known = {row["evidence_id"]: (row["matched"], row["applicants"], row["printed_pct"])
                 for row in whole.frame[whole.frame["mark"] == "comparator"].to_dict("records")}
        assert set(known) == {"rf011", "rf015", "rf017", "rf018", "rf020", "rf021", "rf022", "rf027"}
        assert (known["rf015"], known["rf017"], known["rf021"]) == ((39, 64, 59), (27, 32, 84), (8, 10, 80))

    def test_unstable_where_the_house_says_so(self, whole):
        assert [outcome(whole, key)["reliability"] for key in ("rf001", "rf016", "rf017", "rf026", "rf029")] == [
            "unstable", "unstable", "ok", "ok", "ok"]


class TestBaseRates:
    @pytest.mark.parametrize("kind, year, matched, n", [
        ("img_all", 2020, 18, 63), ("img_all", 2021, 17, 66), ("non_us_img", 2020, 12, 48),
                                                        ("non_us_img", 2021, 11, 50),
        ("us_img", 2020, 6, 15), ("non_us_img", 2026, 15, 58)])
    def test_of_neurosurgery(self, kind, year, matched, n):
        result = pathway_evidence(compared_with=kind, base_year=year)
        row = outcome(result, "rf001", "base")
        assert (row["matched"], row["applicants"], row["match_year"]) == (matched, n, year)
        assert (row["rate_low"], row["rate_high"]) == pytest.approx(proportion_confint(matched, n, method="wilson"))
        assert row["read"] == ("match" if year == 2026 else "paper")

    def test_of_a_residency_in_any_specialty_it_is_of_the_whole_country(self):
        result = pathway_evidence(compared_with="non_us_img", base_year=2025)
        row = outcome(result, "rf006", "base")
        assert (row["specialty"], row["base"], row["matched"], row["applicants"]) == ("All specialties", "active",
                                                                                      6653, 11465)

    def test_where_a_year_is_not_published_the_nearest_stands_with_its_own_year(self):
        row = outcome(pathway_evidence(specialty="Family Medicine", compared_with="non_us_img", base_year=2020),
                      "rf029", "base")
        assert (row["match_year"], row["base"], row["specialty"]) == (2026, "preferred", "Family Medicine")

    def test_only_beside_outcomes_of_imgs_in_the_match(self, whole):
        assert set(whole.frame.loc[whole.frame["mark"] == "base", "evidence_id"]) == {
            "rf001", "rf002", "rf003", "rf004", "rf006", "rf007", "rf009", "rf010"}

    def test_years_offered(self):
        assert base_years("Neurological Surgery", "img_all") == (2020, 2021)
        assert base_years("Neurological Surgery", "non_us_img") == (2020, 2021, 2026)
        assert base_years("Family Medicine", "non_us_img") == (2026,)
        assert {2020, 2021, 2026} < set(base_years(None, "non_us_img"))


class TestChoices:
    def test_a_specialty_comes_with_what_is_of_any(self):
        frame = pathway_evidence().frame
        assert set(frame["field"]) == {"Neurological Surgery", ANY}
        assert {"rf006", "rf007", "rf001", "rf002"} <= set(frame["evidence_id"])
        assert "rf017" in set(pathway_evidence(specialty="General Surgery").frame["evidence_id"])
        assert len(fields()) == 8

    def test_filters(self):
        own = pathway_evidence(specialty=None, biases=["low"], kinds=["specialty"]).frame
        assert set(own["evidence_id"]) == {"rf020"}
        assert set(pathway_evidence(specialty=None,
                                    pathway="preliminary_year").frame["evidence_id"]) == {"rf016", "rf017"}

    def test_least_hides_smaller_groups_and_numbers_not_printed(self):
        own = pathway_evidence(specialty=None, least=100).frame
        assert set(own["evidence_id"]) == {"rf017", "rf020", "rf023", "rf026", "rf029", "rf031"}
        assert (own.loc[own["mark"] == "outcome", "applicants"] >= 100).all()

    @pytest.mark.parametrize("wanted", [
        {"specialty": "Alchemy"}, {"pathway": "x"}, {"biases": ["x"]}, {"biases": []}, {"kinds": "specialty"},
                                        {"kinds": []},
        {"compared_with": "us_md_senior"}, {"least": 2.5}, {"base_year": "2020"}, {"least": 300},
        {"specialty": "Dermatology", "biases": ["low"], "kinds": ["again"]}])
    def test_refuses_in_one_line_what_cannot_be(self, wanted):
        with pytest.raises(UserError) as refused:
            pathway_evidence(**wanted)
        assert "\n" not in str(refused.value)

    @pytest.mark.parametrize("wanted", [{}, {"specialty": None, "compared_with": "non_us_img", "base_year": 2026},
                                        {"kinds": ["again"], "specialty": None, "least": 20}])
    def test_can_be_asked_again_and_as_sql(self, wanted):
        result = pathway_evidence(**wanted)
        assert result.question.ask().frame.equals(result.frame)
        rows = connect().execute(result.to_sql()).df()
        assert set(result.frame["evidence_id"]) <= set(rows["evidence_id"])

    def test_kept_frames_are_not_written_to(self):
        before = pathway_evidence().frame.copy()
        changed = pathway_evidence().frame
        changed["rate"] = 0.0
        assert pathway_evidence().frame.equals(before)


class TestWords:
    def test_both_statements_of_barrow_and_those_left_out_are_said(self):
        result = pathway_evidence()
        said = " ".join(result.caveats)
        assert "two statements that do not agree" in said and "16 of the 18" in said
        assert {"A (abstract)", "B (results)"} <= set(result.frame["statement"])
        of_ucla = " ".join(pathway_evidence(specialty="Family Medicine").caveats)
        low, high = proportion_confint(177, 204, method="wilson")
        assert "27 of the 204 who began are not in the denominator" in of_ucla
        assert f"Of all who began: 86.8 % ({100 * low:.1f} to {100 * high:.1f}), 177 of 204" in of_ucla

    def test_summary_counts(self, whole):
        assert whole.summary == (
            "33 of 33 published outcomes: 12 with an interval, 8 printed without counts or as an average (3 of them claims), "
            "13 without a rate. A causal reading is allowed with limits for 1, and for no other.")
        assert "None of them allows a causal reading" in pathway_evidence().summary

    def test_nobody_measured(self):
        said = nobody_measured()
        assert said["what"].str.contains("with and without a research fellowship").any()
        assert said["what"].str.contains("86 %").any()

    @pytest.mark.parametrize("mark, said",
                             [("outcome", "pathway_evidence.csv"), ("comparator", "pathway_evidence.csv")])
    def test_every_outcome_explains_itself(self, whole, mark, said):
        for at in np.flatnonzero(whole.frame["mark"] == mark)[::9]:
            assert said in explain(whole, int(at)).to_html()

    @pytest.mark.parametrize("year, said", [(2020, "source_document_facts.csv"), (2026, "15 matched of 58")])
    def test_a_base_rate_explains_itself(self, year, said):
        result = pathway_evidence(compared_with="non_us_img", base_year=year)
        at = int(np.flatnonzero((result.frame["mark"] == "base") & (result.frame["evidence_id"] == "rf001"))[0])
        assert said in explain(result, at).to_html()
