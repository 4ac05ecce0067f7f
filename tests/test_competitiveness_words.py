"""The words around the figures of competitiveness: title, subtitle, summary, caveats, and what they never promise."""

import re

import pytest

from imganalytics.studies.competitiveness import competitiveness
from imganalytics.vocabulary import BASES
from tests.test_competitiveness import CHOICES, IMGS, everything

PROMISES = re.compile(r"\blikely|long.?shot|\b1.in.\d|\bodds\b|chances? of|your chance|guarantee|\bsafe\b|fill share",
                      re.IGNORECASE)


class TestWords:
    def test_title_and_subtitle_name_question_base_year_and_n(self):
        result = competitiveness()
        assert result.title == "How often did US IMGs and Non-US IMGs match, by specialty, in 2025?"
        n = result.frame[result.frame["reason"] == ""].groupby("applicant_type")["applicants"].sum()
        assert n.to_dict() == {"us_img": 5746, "non_us_img": 14824}
        assert result.subtitle.startswith("Base: applicants who ranked the specialty anywhere on their list. 2025 Match. "
                                          "n = 5,746 US IMG and 14,824 Non-US IMG applications to a specialty.")
        assert "95 % Wilson intervals" in result.subtitle and "Hollow: unstable" in result.subtitle

    @pytest.mark.parametrize("base, match_year, n", [
        ("active", 2025, "n = 4,587 US IMG and 11,465 Non-US IMG applicants."),
        ("preferred", 2026, "n = 11,649 Non-US IMG applicants.")])  # without the row of all specialties
    def test_subtitle_counts_nobody_twice(self, base, match_year, n):
        assert n in competitiveness(IMGS, base, match_year).subtitle

    def test_summary_has_the_extremes_of_the_stable_rates_with_interval_and_n(self):
        assert competitiveness(["non_us_img"], "preferred", 2026).summary == (
            "Non-US IMGs: 11 stable rates, from General Surgery 28.6 % (24.6 to 33.1, n = 433) to "
            "Pediatrics 68.5 % (65.2 to 71.7, n = 791) (13 unstable more).")

    @pytest.mark.parametrize("arguments, part", [
        ({"base": "active"}, "US IMGs: All specialties 67.8 % (66.4 to 69.1, n = 4,587)."),
        ({"base": "preferred", "match_year": 2026}, "US IMGs: no stable rate here (24 without a number)."),
        ({"specialties": ["Psychiatry"]}, "US IMGs: the one stable rate is Psychiatry 46.5 % (41.2 to 51.9, n = 329)."),
        ({"all_tracks": True}, "Non-US IMGs: 20 stable rates, from Radiation Oncology 3.0 %"),
        ({"all_tracks": True, "minimum_applicants": 100}, "from Pediatrics, primary care 10.0 % (7.1 to 14.0, n = 299)")])
    def test_summary_of_special_cases(self, arguments, part):
        assert part in competitiveness(**arguments).summary

    def test_caveats_name_the_meaning_of_the_base_first(self):
        for base, match_year in CHOICES:
            assert everything(base, match_year).caveats[0] == BASES[base].meaning

    def test_caveats_count_the_unstable_and_the_withheld(self):
        result = competitiveness()
        shown = result.frame[result.frame["reason"] == ""]
        unstable = (shown["reliability"] == "unstable").sum()
        withheld = (result.frame["reason"] == "withheld: sources disagree").sum()
        replaced = shown["corrections"].notna().sum()
        assert (unstable, len(shown), withheld, replaced) == (30, 56, 2, 3)
        text = " ".join(result.caveats)
        assert "30 of 56 rates are unstable (hollow)" in text
        assert "2 figures are withheld because two sources disagree" in text
        assert "3 matched counts were replaced" in text

    def test_caveats_warn_of_specialties_that_begin_in_the_second_year(self):
        trap = [text for text in competitiveness().caveats if "PGY-2" in text]
        assert len(trap) == 1 and "looks harder to enter than it is" in trap[0]
        named = ("Diagnostic Radiology", "Interventional Radiology", "Physical Med & Rehab", "Radiation Oncology")
        assert all(name in trap[0] for name in named)
        for calm in ({"specialties": ["Internal Medicine"]}, {"base": "active"},
                     {"base": "preferred", "match_year": 2026}):
            assert not [text for text in competitiveness(**calm).caveats if "PGY-2" in text]

    def test_caveats_name_what_was_never_measured(self):
        assert "Visa need, year of graduation, letters and US clinical experience" in competitiveness().caveats[-1]

    @pytest.mark.parametrize("base, match_year", CHOICES)
    def test_promise_nobody_anything(self, base, match_year):
        result = everything(base, match_year)
        words = [result.title, result.subtitle, result.summary, *result.caveats, *result.frame["row_label"],
                 *result.frame["type_label"], *result.frame["reason"]]
        assert not [text for text in words if PROMISES.search(text)]

    def test_promises_would_be_found(self):
        for text in ("a likely match", "a long shot", "1 in 4", "chance of matching", "odds"):
            assert PROMISES.search(text)
