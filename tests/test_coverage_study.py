"""What is published, and what lies nearest to a wish: tiny tables for the rules, the real facts for the figures."""

import pandas as pd
import pytest

from imganalytics.studies import coverage
from imganalytics.studies.competitiveness import competitiveness
from imganalytics.studies.coverage import Choice, nearest, not_published, types_rated, types_with_rates, years

IMGS = ("us_img", "non_us_img")


@pytest.fixture
def published(monkeypatch):
    """Lets a test say what is published: (base, year, type, number of specialties with a rate), ..."""
    def say(*rows: tuple[str, int, str, int]) -> None:
        frame = pd.DataFrame(rows, columns=["base", "match_year", "applicant_type", "specialties_with_rate"])
        frame["by_specialty"] = frame["base"] != "active"
        monkeypatch.setattr(coverage, "rates_published", lambda: frame)
        coverage._rated.cache_clear()
    yield say
    coverage._rated.cache_clear()


class TestYears:
    def test_are_those_of_any_type_ascending_without_years_that_have_counts_only(self, published):
        published(("preferred", 2026, "us_img", 9), ("preferred", 2013, "non_us_img", 1), ("preferred", 2025, "us_img", 0),
                  ("active", 2024, "us_img", 1), ("preferred", 2026, "non_us_img", 9), ("preferred", 2020, "all", 9))
        assert years("preferred", IMGS) == [2013, 2026]
        assert years("preferred", ["non_us_img"]) == [2013, 2026]
        assert years("preferred", ["us_img"]) == [2026]
        assert years("only_choice", IMGS) == years("preferred", []) == []

    @pytest.mark.parametrize("base, types, expected", [
        ("ranked_anywhere", IMGS, [2025]), ("ranked_anywhere", ["us_md_senior"], [2013, 2014, *range(2020, 2026)]),
        ("preferred", ["non_us_img"], [2013, 2026]), ("only_choice", IMGS, []), ("active", ["canadian"], []),
        ("active", ["us_img"], [*range(2011, 2019), 2024, 2025])])
    def test_of_the_real_facts(self, base, types, expected):
        assert years(base, types) == expected


class TestTypes:
    def test_rated_have_at_least_one_rate(self, published):
        published(("preferred", 2026, "us_img", 0), ("preferred", 2026, "non_us_img", 1), ("preferred", 2025, "all", 1))
        assert types_rated("preferred", 2026) == {"non_us_img"}
        assert types_rated("preferred", 2024) == set()

    def test_rated_of_the_real_facts(self):
        assert types_rated("ranked_anywhere", 2025) == {"us_md_senior", "us_do_senior", "us_img", "non_us_img", "all"}
        assert types_rated("preferred", 2026) == {"non_us_img"}

    def test_with_rates_have_one_by_specialty_and_stand_in_the_order_of_the_screen(self, published):
        published(("preferred", 2026, "non_us_img", 1), ("active", 2025, "canadian", 1),
                  ("only_choice", 2025, "us_do_senior", 3), ("preferred", 2026, "us_img", 0))
        assert types_with_rates() == ["us_do_senior", "non_us_img"]

    def test_with_rates_of_the_real_facts(self):
        assert types_with_rates() == ["us_md_senior", "us_md_graduate", "us_do_senior", "us_do_graduate", "us_img",
                                      "non_us_img", "all"]


class TestNearest:
    def test_keeps_all_types_before_anything_else(self, published):
        published(("preferred", 2025, "us_img", 40), ("only_choice", 2011, "us_img", 1), ("only_choice", 2011, "non_us_img", 1))
        assert nearest("preferred", 2025, IMGS) == Choice("only_choice", 2011, IMGS)

    def test_then_prefers_several_specialties(self, published):
        published(("preferred", 2025, "us_img", 4), ("only_choice", 2011, "us_img", 5))
        assert nearest("preferred", 2025, ["us_img"]) == Choice("only_choice", 2011, ("us_img",))

    def test_several_means_several_for_each_type(self, published):
        published(("preferred", 2025, "us_img", 8), ("preferred", 2025, "non_us_img", 1),
                  ("preferred", 2011, "us_img", 5), ("preferred", 2011, "non_us_img", 5))
        assert nearest("preferred", 2024, IMGS) == Choice("preferred", 2011, IMGS)

    def test_then_the_same_base(self, published):
        published(("preferred", 2011, "us_img", 9), ("only_choice", 2025, "us_img", 9))
        assert nearest("preferred", 2025, ["us_img"]) == Choice("preferred", 2011, ("us_img",))

    def test_then_the_nearest_year(self, published):
        published(("preferred", 2011, "us_img", 40), ("preferred", 2023, "us_img", 9), ("preferred", 2029, "us_img", 40))
        assert nearest("preferred", 2025, ["us_img"]).match_year == 2023

    def test_then_the_most_specialties(self, published):
        published(("preferred", 2024, "us_img", 9), ("preferred", 2026, "us_img", 10))
        assert nearest("preferred", 2025, ["us_img"]).match_year == 2026

    def test_offers_the_whole_country_only_for_want_of_specialties(self, published):
        published(("active", 2025, "us_img", 1), ("active", 2025, "non_us_img", 1), ("only_choice", 2011, "us_img", 1))
        assert nearest("preferred", 2025, IMGS) == Choice("only_choice", 2011, ("us_img",))
        assert nearest("preferred", 2025, ["non_us_img"]) == Choice("active", 2025, ("non_us_img",))
        assert nearest("active", 2024, IMGS) == Choice("active", 2025, IMGS)

    def test_is_none_when_no_type_has_any_rate(self, published):
        published(("preferred", 2025, "us_img", 0), ("preferred", 2025, "non_us_img", 3))
        assert nearest("preferred", 2025, ["us_img"]) is None

    @pytest.mark.parametrize("base, match_year, types, label", [
        ("only_choice", 2026, IMGS, "US IMG, Non-US IMG: ranked the specialty anywhere, 2025"),
        ("preferred", 2024, ["non_us_img"], "Non-US IMG: ranked the specialty first, 2026"),
        ("active", 2026, IMGS, "US IMG, Non-US IMG: everyone who certified a list, 2025"),
        ("ranked_anywhere", 2026, ["img_all"], "All IMGs: everyone who certified a list, 2023"),
        ("ranked_anywhere", 2019, ["us_md_senior", "us_do_senior"],
         "US MD senior, US DO senior: ranked the specialty anywhere, 2020")])
    def test_of_the_real_facts(self, base, match_year, types, label):
        assert nearest(base, match_year, types).label == label

    def test_can_always_be_taken(self):
        for key in types_with_rates():
            for base in ("active", "preferred", "only_choice", "ranked_anywhere"):
                choice = nearest(base, 2018, [key])
                frame = competitiveness(choice.applicant_types, choice.base, choice.match_year).frame
                assert frame["rate"].notna().any(), choice


class TestNotPublished:
    def test_names_the_spans_of_the_last_ten_years(self):
        frame = pd.DataFrame([("Rates", year, "us_img") for year in (2015, 2018, 2020, 2021, 2024)]
                             + [("Rates", year, "non_us_img") for year in range(2015, 2025)]
                             + [("Posts", 2024, "all"), ("Positions offered", 2024, "all")],
                             columns=["what", "match_year", "applicant_type"])
        assert not_published(frame) == [
            "Rates, US IMG: not published for 2016-2017, 2019, 2022-2023.",
            "Posts, US IMG: not published for 2015-2024.",
            "Posts, Non-US IMG: not published for 2015-2024."]

    def test_of_the_real_facts(self):
        lines = not_published(coverage.coverage().frame)
        assert "Match rate, specialty ranked first, Non-US IMG: not published for 2017-2025." in lines
        assert "Match rate, specialty ranked anywhere, US IMG: not published for 2017-2024, 2026." in lines
        assert not [line for line in lines if line.startswith("Positions offered")]


RATED = "match_rates WHERE rate IS NOT NULL AND base ="
KINDS = {
    "Match rate, whole country": f"{RATED} 'active'", "Match rate, specialty ranked first": f"{RATED} 'preferred'",
    "Match rate, only this specialty": f"{RATED} 'only_choice'",
    "Match rate, specialty ranked anywhere": f"{RATED} 'ranked_anywhere'",
    "Positions offered": "match_results WHERE measure = 'positions_offered'",
    "Positions filled": "match_results WHERE measure = 'positions_filled'",
    "Positions filled by state and specialty": "state_fill", "Length of rank lists": "rank_list_results",
    "Traits of matched and unmatched": "applicant_traits WHERE NOT suppressed",
    "Positions filled by state": "(SELECT match_year, unnest(['us_img', 'non_us_img']) AS applicant_type "
                                 "FROM state_img_totals WHERE us_img + non_us_img IS NOT NULL)",
    "Fellowship matches": "(SELECT appointment_year AS match_year, applicant_type FROM fellowship_results "
                          "WHERE measure = 'matched' AND appointment_year = last_appointment_year)"}


@pytest.fixture(scope="module")
def result():
    return coverage.coverage()


class TestCoverage:
    @pytest.mark.parametrize("what", KINDS)
    def test_counts_are_those_of_the_tables(self, con, result, what):
        counted = con.execute(f"SELECT match_year, applicant_type, count(*) FROM {KINDS[what]} GROUP BY 1, 2").fetchall()
        whole = dict(con.execute("SELECT applicant_type, NOT is_subtotal OR applicant_type = 'all' "
                                 "FROM applicant_types").fetchall())
        own = result.frame[result.frame["what"] == what]
        assert list(zip(own["match_year"], own["applicant_type"], own["figures"])) == sorted(
            row for row in counted if whole[row[1]])

    def test_kinds_are_all_there_and_stay_together(self, result):
        assert set(result.frame["what"]) == set(KINDS)
        assert (result.frame["what"] != result.frame["what"].shift()).sum() == len(KINDS)

    def test_sentences_hold_the_sum_the_years_and_what_is_missing(self, result):
        n = f"{result.frame['figures'].sum():,} figures"
        assert n in result.subtitle and n in result.summary
        assert "2004" in result.subtitle and "2026" in result.subtitle
        assert all(line in result.summary for line in not_published(result.frame))

    def test_can_be_asked_again_and_from_a_shell(self, con, result):
        assert result.question.ask().frame.equals(result.frame)
        assert con.execute(result.to_sql()).df().equals(result.frame)
