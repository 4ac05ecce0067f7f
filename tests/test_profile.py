"""What matched and unmatched applicants looked like: figures walked back to the file, words checked by hand, the views."""

import csv
import json
import math
import re
from typing import Any

import pytest

from imganalytics.charts import profile as chart
from imganalytics.charts import profile_measure as measure_chart
from imganalytics.charts.quartiles import PAD, Scale
from imganalytics.errors import UserError
from imganalytics.explorers.profile import MOST, ProfileExplorer
from imganalytics.explorers.profile_measure import MeasureExplorer
from imganalytics.result import Result
from imganalytics.statistics.quartiles import Place, place, shared
from imganalytics.studies.explain import explain
from imganalytics.studies.profile import NEVER_MEASURED, profile
from imganalytics.studies.profile_measure import SORTS, profile_measure
from imganalytics.studies.traits import LIMITS, MARKS, SPREAD, figures, groups, lies, listed, specialties, trait_labels
from imganalytics.vocabulary import ALL_SPECIALTIES
from tests.datasets_copy import DATASETS

FORBIDDEN = ("likely", "probab", "odds", "chances", "long shot", "competitive applicant", "score of", "percentile")
VALUES = {"contiguous_ranks": 4, "usmle_step2_ck": 245, "publications": 3, "presentations": 0}


def marks(*spread: float, mean: float = math.nan) -> dict[str, float]:
    """Minimum, quartiles, maximum by name; NaN for those that are left out."""
    return dict(zip(SPREAD, spread)) | {"mean": mean}


def row(result: Result, trait: str, cohort: str, specialty: str | None = None) -> dict[str, Any]:
    """The one row of a measure and a cohort."""
    frame = result.frame
    own = frame[(frame["trait"] == trait) & (frame["cohort"] == cohort)]
    own = own if specialty is None else own[own["specialty"] == specialty]
    assert len(own) == 1
    return own.iloc[0].to_dict()


def published() -> list[dict[str, str]]:
    """The file of traits, read a second time and without the database; shares are left out."""
    with open(DATASETS / "applicant_traits.csv", encoding="utf-8", newline="") as file:
        return [each for each in csv.DictReader(file) if each["unit"] != "percent"]


class TestWhereAValueLies:
    def test_place_names_the_marks_around(self):
        known = {"a": 1.0, "b": math.nan, "c": 3.0, "d": 3.0}
        assert place(2, known) == Place((), "a", "c")
        assert place(3, known) == Place(("c", "d"), "a", None)
        assert place(0, known) == Place((), None, "a")
        assert place(4, known) == Place((), "d", None)

    def test_shared_part_of_two_ranges(self):
        assert shared((240, 259), (233, 253)) == (240, 253)
        assert shared((1, 2), (2, 5)) == (2, 2)
        assert shared((1, 2), (3, 5)) is None
        assert shared((math.nan, 2), (1, 5)) is None

    @pytest.mark.parametrize("value, words", [
        (200, "below the minimum"), (209, "at the minimum"), (220, "below the first quartile"),
        (240, "at the first quartile"), (245, "between the first quartile and the median"), (251, "at the median"),
        (255, "between the median and the third quartile"), (259, "at the third quartile"), (260, "above the third quartile"),
        (284, "at the maximum"), (285, "above the maximum")])
    def test_words_of_a_spread(self, value, words):
        assert lies(value, marks(209, 240, 251, 259, 284)) == words

    @pytest.mark.parametrize("spread, value, words", [
        ((1, 1, 1, 1, 5), 1, "at the minimum, median and both quartiles"),
        ((0, 1, 1, 1, 5), 1, "at the median and both quartiles"),
        ((0, 0, 1, 3, 5), 0, "at the minimum and the first quartile"),
        ((0, 1, 2, 2, 5), 2, "at the median and the third quartile"),
        ((1, 1, 1, 2, 6), 1, "at the minimum, first quartile and median"),
        ((0, 1, 2, 2, 2), 2, "at the median, third quartile and maximum"),
        ((3, 3, 3, 3, 3), 3, "at the minimum, median, maximum and both quartiles"),
        ((0, 0, 1, 2, 2), 0.5, "between the first quartile and the median")])
    def test_marks_that_fall_together_are_said_together(self, spread, value, words):
        said = lies(value, marks(*spread))
        assert sorted(said.replace(",", "").split()) == sorted(words.replace(",", "").split())

    def test_words_where_little_is_published(self):
        nothing = math.nan
        only_median = marks(nothing, nothing, 233, nothing, nothing)
        assert [lies(value, only_median) for value in (230, 233, 240)] == ["below the median", "at the median", "above the median"]
        quartiles = marks(nothing, 243, 254, 262, nothing)
        assert [lies(value, quartiles) for value in (240, 250, 270)] == [
            "below the first quartile", "between the first quartile and the median", "above the third quartile"]
        only_mean = marks(*[nothing] * 5, mean=228)
        assert [lies(value, only_mean) for value in (220, 228, 230)] == ["below the mean", "at the mean", "above the mean"]


class TestFigures:
    def test_known_ones_walk_back(self):
        result = profile(**VALUES)
        step = row(result, "usmle_step2_ck", "matched")
        assert [step[name] for name in (*SPREAD, "mean", "n", "n_of_all")] == [209, 240, 251, 259, 284, 249, 2649, 3392]
        assert step["lies"] == "between the first quartile and the median"
        other = row(result, "usmle_step2_ck", "unmatched")
        assert other["lies"] == "between the median and the third quartile"
        assert (other["shared_low"], other["shared_high"]) == (240, 253)
        ranks = row(result, "contiguous_ranks", "unmatched")
        assert (ranks["lies"], ranks["shared_low"]) == ("above the third quartile", 3)
        assert "on 9 of 9 measures the middle half" in result.summary

    @pytest.mark.parametrize("group", groups(), ids=str)
    def test_every_figure_is_the_published_one(self, group):
        kept = {(each["specialty"], each["trait"], each["cohort"]): each for each in published()
                if (each["applicant_type"], int(each["match_year"])) == group}
        frame = figures(*group)
        assert set(zip(frame["specialty"], frame["trait"], frame["cohort"])) == set(kept)
        for found in frame.to_dict("records"):
            printed = kept[(found["specialty"], found["trait"], found["cohort"])]
            for name in (*MARKS, "n", "standard_deviation"):
                assert printed[name] == "" and math.isnan(found[name]) or float(printed[name]) == found[name]
            assert (found["reliability"] == "suppressed") == (not any(printed[name] for name in MARKS))
            assert (found["reliability"] == "ok") <= (found["n"] >= 30)

    def test_values_that_are_published_can_be_set_and_drawn(self):
        for each in published():
            low, high = LIMITS[each["trait"]]
            assert all(low <= float(each[name]) <= high for name in MARKS if each[name])
            assert not each["quartile_3"] or float(each["quartile_3"]) <= MOST.get(each["trait"], high)

    def test_suppressed_cohorts_are_words(self):
        result = profile("Dermatology", usmle_step2_ck=253)
        matched, other = (row(result, "usmle_step2_ck", cohort) for cohort in ("matched", "unmatched"))
        assert (matched["n"], matched["reason"], matched["lies"]) == (4, "fewer than 5 applicants: not published", "")
        assert math.isnan(matched["median"]) and math.isnan(matched["shared_low"])
        assert (other["lies"], other["reliability"]) == ("at the median", "unstable")
        assert "no figure of those who matched" in result.summary

    def test_what_is_published_comes_first_and_the_rest_is_said(self):
        result = profile("Internal Medicine", "us_img", 2013, usmle_step1=221)
        assert list(dict.fromkeys(result.frame["trait"]))[:2] == ["usmle_step1", "usmle_step2_ck"]
        assert row(result, "usmle_step1", "matched")["lies"] == "at the mean"
        assert row(result, "publications", "matched")["reason"] == "not in the sources here"
        assert "n not published" in result.subtitle and "Only means" in result.subtitle

    def test_seniors_have_one_measure(self):
        result = profile("Internal Medicine", "us_md_senior", 2026, usmle_step2_ck=243)
        shown = result.frame[result.frame["reason"] == ""]
        assert shown["trait"].unique().tolist() == ["usmle_step2_ck"]
        assert shown["lies"].tolist() == ["at the first quartile", "above the median"]

    def test_consent_is_said_with_its_numbers(self):
        text = " ".join(profile().caveats)
        assert "2,649 of the 3,392 who matched and 2,730 of the 3,600 who did not" in text
        assert not re.search(r"\bnan\b", " ".join(" ".join(profile(name, *group).caveats) for group in groups()
                                           for name in specialties(*group) if name not in TOO_FEW))

    def test_shares_of_degrees_have_no_n(self, con):
        """Why they are left out: printed shares that are no whole number of the cohort."""
        [(strange,)] = con.execute("""
            SELECT count(*) FROM applicant_traits t JOIN applicant_traits c USING (specialty, applicant_type, match_year, cohort)
            WHERE t.unit = 'percent' AND c.trait = 'usmle_step2_ck' AND c.n < 60 AND t.share_pct IS NOT NULL
              AND abs(t.share_pct * c.n / 100 - round(t.share_pct * c.n / 100)) > 0.0006 * c.n + 1e-9""").fetchall()
        assert strange > 10

    def test_nothing_named_as_never_measured_is_measured(self, con):
        labels = " ".join(label for (label,) in con.execute("SELECT label FROM published.traits").fetchall()).lower()
        for what, _ in NEVER_MEASURED:
            assert what.lower() not in labels
        missing = " ".join(what for (what,) in con.execute("SELECT what FROM not_published").fetchall()).lower()
        assert all(word in missing for word in ("visa", "graduation", "clinical experience", "letters", "country of medical school"))


TOO_FEW = ("Public Health and General Preventive Medicine", "Thoracic Surgery (Integrated)")


class TestRules:
    def test_no_word_of_odds(self):
        for group in groups():
            for name in set(specialties(*group)) - set(TOO_FEW):
                result = profile(name, *group)
                text = " ".join([result.title, result.subtitle, result.summary, *result.caveats]).lower()
                assert not [word for word in FORBIDDEN if word in text]
                assert "base: " in text and "n" in text

    @pytest.mark.parametrize("wanted, message", [
        ({"specialty": "Synthetic"}, "nothing is published for 'Synthetic'"), ({"applicant_type": "canadian"}, "canadian"),
        ({"match_year": 2020}, "allowed: 2026, 2013"), ({"usmle_step2_ck": 500}, "allowed: 200 to 300"),
        ({"usmle_step2_ck": "x"}, "allowed: 200 to 300"), ({"usmle_step2_ck": math.nan}, "allowed: 200 to 300"),
        ({"height": 3}, "unknown measure"), ({"usmle_step1": 230}, "no figure in the sources here"),
        ({"specialty": "Thoracic Surgery (Integrated)"}, "2 matched and 3 not matched")])
    def test_what_cannot_be_is_refused_in_one_line(self, wanted, message):
        with pytest.raises(UserError, match=message) as told:
            profile(**wanted)
        assert "\n" not in str(told.value)

    @pytest.mark.parametrize("study, arguments", [(profile, VALUES), (profile, {"applicant_type": "us_img", "match_year": 2013}),
                                                  (profile_measure, {"value": 245}), (profile_measure, {"sort": "name"})])
    def test_can_be_asked_again_and_as_sql(self, con, study, arguments):
        result = study(**arguments)
        again = result.question.ask()
        assert again.frame.equals(result.frame) and again.summary == result.summary
        rows = con.execute(result.to_sql()).fetchall()
        assert len(rows) == (result.frame["reason"] != "not in the sources here").sum()

    def test_a_row_says_where_it_comes_from(self):
        result = profile(**VALUES)
        at = result.frame.index[(result.frame["trait"] == "publications") & (result.frame["cohort"] == "matched")][0]
        said = explain(result, int(at)).to_html()
        assert "applicant_traits.csv" in said and "351" in said

    def test_the_kept_figures_are_not_written_to(self):
        before = figures("non_us_img", 2026).copy()
        profile(**VALUES), profile_measure("publications", value=3, sort="applicants")
        assert figures("non_us_img", 2026).equals(before)


class TestOneMeasure:
    @pytest.mark.parametrize("sort", SORTS)
    def test_order(self, sort):
        frame = profile_measure("publications", sort=sort).frame
        assert frame["specialty"].iloc[0] == ALL_SPECIALTIES
        assert frame["cohort"].tolist() == ["matched", "unmatched"] * (len(frame) // 2)
        own = frame[frame["specialty"] != ALL_SPECIALTIES]
        matched, other = own[own["cohort"] == "matched"], own[own["cohort"] == "unmatched"]
        keys = {"matched": matched["median"].tolist(), "unmatched": other["median"].tolist(),
                "quartile_1": matched["quartile_1"].tolist(), "quartile_3": matched["quartile_3"].tolist(),
                "applicants": [a + b for a, b in zip(matched["n"], other["n"])],
                "name": [-ord(label[0]) for label in matched["specialty_label"]]}[sort]
        known = [key for key in keys if key == key]
        assert known == sorted(known, reverse=True) and all(key != key for key in keys[len(known):])

    def test_counts_where_the_value_lies(self):
        result = profile_measure(value=245)
        inside = {cohort: [float(each["quartile_1"]) <= 245 <= float(each["quartile_3"]) for each in published()
                           if each["trait"] == "usmle_step2_ck" and each["applicant_type"] == "non_us_img"
                           and each["cohort"] == cohort and each["quartile_1"]] for cohort in ("matched", "unmatched")}
        for found in inside.values():
            assert f" in {sum(found)} of {len(found)} specialties" in result.summary

    def test_refuses_a_measure_that_is_not_published(self):
        with pytest.raises(UserError, match="there are figures of: USMLE Step 2 CK score"):
            profile_measure("publications", "us_md_senior", 2026)
        with pytest.raises(UserError, match="sort"):
            profile_measure(sort="odds")


class TestCharts:
    @pytest.mark.parametrize("trait", trait_labels())
    def test_scales_rise_and_span_the_axis(self, trait):
        unit = next(each["unit"] for each in published() if each["trait"] == trait)
        scale = Scale(*LIMITS[trait], unit)
        assert scale.at(LIMITS[trait][0]) == 0 and scale.at(LIMITS[trait][1]) == pytest.approx(1)
        assert scale.places == sorted(scale.places) and len(scale.ticks) >= 5
        assert set(scale.ticks) <= set(range(int(scale.low), int(scale.high) + 1))

    @pytest.mark.parametrize("result", [
        profile(**VALUES), profile("Dermatology"), profile(ALL_SPECIALTIES), profile("Internal Medicine", "us_img", 2013),
        profile("Orthopaedic Surgery", "us_do_senior"), profile_measure(value=245), profile_measure("publications"),
        profile_measure("usmle_step1", "us_img", 2013, value=200)], ids=lambda result: result.title[:60])
    def test_nothing_is_clipped_and_each_mark_says_n_base_and_source(self, result):
        view = chart if result.question.study == "profile" else measure_chart
        drawn = view.spec(result)
        json.dumps({"data": drawn["data"]}, allow_nan=False)
        height = drawn["layout"]["yaxis"]["range"][0]
        for trace in drawn["data"]:
            assert all(x is None or -PAD <= x <= 1 + PAD for x in trace["x"])
            assert all(y is None or -0.1 <= y <= height + 0.1 for y in trace["y"])
        marked = [trace for trace in drawn["data"] if trace["mode"] == "markers"]
        shown = result.frame[result.frame["reason"] == ""]
        assert sum(len(trace["x"]) for trace in marked) == len(shown)
        assert sum(symbol.endswith("-open") for trace in marked for symbol in trace["marker"]["symbol"]) == (
            shown["reliability"] == "unstable").sum()
        for text in (text for trace in marked for text in trace["hovertext"]):
            assert "Base: " in text and "NRMP" in text and ("n = " in text or "n not published" in text)
        assert view.figure(result).layout.width == 980

    def test_bands_and_values_stand_where_the_figures_are(self):
        drawn = chart.spec(profile(**VALUES))
        scale = Scale(200, 300, "score")
        boxes = {(round(shape["x0"], 6), round(shape["x1"], 6)) for shape in drawn["layout"]["shapes"]}
        for low, high in ((240, 259), (233, 253), (240, 253)):  # matched, not matched, shared
            assert (round(scale.at(low), 6), round(scale.at(high), 6)) in boxes
        assert scale.at(245) in drawn["data"][5]["x"]
        texts = "<br>".join(note["text"] for note in drawn["layout"]["annotations"])
        assert "chosen value: 245" in texts and "matched, n 2,649" in texts and "not matched, n 2,730" in texts

    def test_never_measured_is_as_large_as_a_measure(self):
        drawn = chart.spec(profile("Internal Medicine", "us_md_senior"))
        boxes = [shape for shape in drawn["layout"]["shapes"] if shape["line"].get("dash")]
        heights = {round(shape["y0"] - shape["y1"], 9) for shape in boxes}
        assert len(boxes) == len(NEVER_MEASURED) + 8 and len(heights) == 1  # eight measures are not there for MD seniors
        [note] = [note for note in drawn["layout"]["annotations"] if "<b>Visa need</b>" in note["text"]]
        [name] = [note for note in drawn["layout"]["annotations"] if "<b>USMLE Step 2 CK" in note["text"]]
        assert note["font"] == name["font"]

    def test_a_value_crosses_only_rows_with_figures(self):
        result = profile_measure(value=245)
        stroke = measure_chart.spec(result)["data"][-1]
        assert len(stroke["x"]) == 3 * (result.frame["reason"] == "").sum()


class TestExplorers:
    def test_profile_follows_its_sliders(self):
        explorer = ProfileExplorer()
        assert explorer.result.question.arguments["usmle_step2_ck"] == 245
        explorer._controls["publications"].value = 17
        assert row(explorer.result, "publications", "matched")["value"] == 17
        assert "chosen value: 17" in explorer.chart.spec
        assert len(ProfileExplorer.twin_of(explorer.result).rows) == 2 * len(listed("non_us_img", 2026))

    def test_sliders_of_what_is_not_published_are_hidden(self):
        explorer = ProfileExplorer(applicant_type="us_img")
        assert set(explorer.selection) == {"applicant_type", "match_year", "specialty", "usmle_step1", "usmle_step2_ck"}
        explorer.selection = {"applicant_type": "non_us_img"}
        assert explorer.selection["match_year"] == 2026  # the latest, not the year that was shown before

    @pytest.mark.parametrize("bad", [{"publications": 101}, {"specialty": "x"}, {"match_year": 2020}, {"x": 1}, {"usmle_step1": 220},
                                     {"applicant_type": "canadian"}, {"usmle_step2_ck": 245.5}])
    def test_a_bad_selection_is_refused_and_changes_nothing(self, bad):
        explorer = ProfileExplorer()
        before = explorer.selection
        with pytest.raises(UserError):
            explorer.selection = bad
        assert explorer.selection == before

    def test_too_few_applicants_are_words(self):
        explorer = ProfileExplorer(specialty=TOO_FEW[1])
        assert explorer.result is None and "too few applicants" in explorer.notice.value
        with pytest.raises(UserError, match="nothing is drawn"):
            explorer.figure
        explorer.selection = {"specialty": "Pediatrics"}
        assert explorer.figure.layout.width == 980 and explorer.notice.layout.display == "none"

    def test_measure_keeps_a_value_for_each_measure(self):
        explorer = MeasureExplorer(value=250)
        explorer.selection = {"trait": "publications", "value": 40}
        explorer.selection = {"trait": "usmle_step2_ck"}
        assert explorer.selection["value"] == 250
        explorer.selection = {"trait": "publications"}
        assert explorer.selection["value"] == 40 and explorer._controls["value"].max == 100
        explorer.selection = {"applicant_type": "us_md_senior"}
        assert explorer.selection["trait"] == "usmle_step2_ck" and explorer.result.frame["lies"].iloc[0]
        with pytest.raises(UserError):
            explorer.selection = {"trait": "publications"}
        assert explorer._csv_file().content.startswith(b"\xef\xbb\xbf")


def test_a_pressed_mark_is_explained_by_its_printed_page():
    shown = ProfileExplorer()
    shown.explained = ("usmle_step2_ck", "matched")
    assert "usmle step2 ck" in str(shown.explanation) and "nrmp_90a28" in str(shown.explanation)
