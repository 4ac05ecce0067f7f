"""How often does each type match? Known figures walked back, and the rules, on the database of the real facts."""

import copy

import duckdb
import pandas as pd
import pytest
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from imganalytics.errors import UserError
from imganalytics.result import Result
from imganalytics.studies.competitiveness import SORTS, NotPublishedError, competitiveness, specialty_options
from imganalytics.vocabulary import ALL_SPECIALTIES, FAMILIES, applicant_types
from imganalytics.warehouse.connection import READ_ONLY, current_database

IMGS = ("us_img", "non_us_img")
FOUR = ("us_md_senior", "us_do_senior", "us_img", "non_us_img")
PLACE = ["specialty", "track", "entry_level"]
CHOICES = [("active", 2012), ("active", 2019), ("active", 2025), ("preferred", 2013), ("preferred", 2026),
           ("only_choice", 2020), ("only_choice", 2025), ("ranked_anywhere", 2014), ("ranked_anywhere", 2025)]
REASONS = {"not published", "matches not published", "printed without counts", "withheld: sources disagree",
           "no applicants", "fewer than 5 applicants", "below your minimum"}


def everything(base: str, match_year: int) -> Result:
    """Every type that has a rate on any base, and every track, of a base and a year."""
    return competitiveness(tuple(applicant_types()), base, match_year, all_tracks=True)


def row(result: Result, specialty: str, kind: str, track: str | None = None) -> pd.Series:
    """The one figure of a specialty and a type."""
    frame = result.frame
    own = frame[(frame["specialty"] == specialty) & (frame["applicant_type"] == kind)
                & ((frame["track"] == track) | (track is None))]
    assert len(own) == 1
    return own.iloc[0]


def places(frame: pd.DataFrame) -> pd.DataFrame:
    """One line for each row of the chart."""
    return frame.drop_duplicates(PLACE)


class TestKnownFigures:
    @pytest.mark.parametrize("base, match_year, specialty, kind, matched, applicants, printed", [
        ("preferred", 2026, "Pediatrics", "non_us_img", 542, 791, "68.5"),
        ("preferred", 2026, "Internal Medicine", "non_us_img", 3392, 6992, "48.5"),
        ("preferred", 2026, ALL_SPECIALTIES, "non_us_img", 5721, 11685, "49.0"),
        ("active", 2025, ALL_SPECIALTIES, "us_img", 3108, 4587, "67.8"),
        ("active", 2025, ALL_SPECIALTIES, "non_us_img", 6653, 11465, "58.0"),
        ("ranked_anywhere", 2025, "Emergency Medicine", "us_img", 315, 467, "67.5")])
    def test_walk_back(self, base, match_year, specialty, kind, matched, applicants, printed):
        found = row(competitiveness([kind], base, match_year), specialty, kind)
        assert (found["matched"], found["applicants"]) == (matched, applicants)
        assert f"{100 * found['rate']:.1f}" == printed

    def test_corrected_name_the_source_of_the_correction(self):
        result = competitiveness(["us_img"], specialties=["Internal Medicine/Emergency Medicine"])
        assert result.frame["matched"].tolist() == [6] and result.frame["corrections"].tolist() == ["c005"]
        assert {source.source_id for source in result.sources} == {"nrmp_adt_2025", "nrmp_state_2025"}

    def test_hand_on_what_a_chart_needs(self):
        found = row(competitiveness(), "Emergency Medicine", "us_img")
        assert (found["row_label"], found["type_label"], found["family"]) == (
            "Emergency Medicine", "US IMG", "Hospital-based")
        assert (found["positions"], found["applicants_of_all_types"]) == (3068, 3753)
        assert found["positions_per_applicant"] == pytest.approx(3068 / 3753)


@pytest.mark.parametrize("base, match_year", CHOICES)
class TestEveryFigure:
    def test_shown_has_its_n_interval_and_source(self, base, match_year):
        result = everything(base, match_year)
        shown = result.frame[result.frame["reason"] == ""]
        assert len(shown)
        assert (shown["applicants"] >= 5).all() and shown["reliability"].isin(["ok", "unstable"]).all()
        assert shown["rate"].tolist() == pytest.approx((shown["matched"] / shown["applicants"]).tolist())
        low, high = proportion_confint(shown["matched"].to_numpy(), shown["applicants"].to_numpy(), method="wilson")
        assert shown["rate_low"].tolist() == pytest.approx(low, abs=1e-9)
        assert shown["rate_high"].tolist() == pytest.approx(high, abs=1e-9)
        assert (shown["locator"].str.len() > 0).all()

    def test_shown_is_hollow_when_few_or_wide(self, base, match_year):
        shown = everything(base, match_year).frame.query("reason == ''")
        shaky = (shown["applicants"] < 30) | (shown["rate_high"] - shown["rate_low"] > 0.2)
        assert (shaky == (shown["reliability"] == "unstable")).all()

    def test_not_shown_says_why_and_has_no_number(self, base, match_year):
        frame = everything(base, match_year).frame
        gone = frame[frame["reason"] != ""]
        assert set(gone["reason"]) <= REASONS
        assert gone[["rate", "rate_low", "rate_high"]].isna().all(axis=None)
        assert (gone["reliability"] == "suppressed").all()

    def test_sources_resolve_and_none_is_idle(self, con, base, match_year):
        result = everything(base, match_year)
        used = set(result.frame["source_id"].dropna()) | set(result.frame["matched_source_id"].dropna())
        corrected = dict(con.execute("SELECT correction_id, source_id FROM corrections").fetchall())
        used |= {corrected[key] for text in result.frame["corrections"].dropna() for key in text.split(", ")}
        known = dict(con.execute("SELECT source_id, title FROM sources").fetchall())
        assert {source.source_id: source.title for source in result.sources} == {key: known[key] for key in used}

    def test_has_its_base_and_year_in_the_question(self, base, match_year):
        arguments = everything(base, match_year).question.arguments
        assert (arguments["base"], arguments["match_year"]) == (base, match_year)

    def test_rows_can_be_told_apart(self, base, match_year):
        frame = everything(base, match_year).frame
        assert places(frame)["row_label"].is_unique
        assert frame.groupby(PLACE)["applicant_type"].apply(list).map(len).eq(len(applicant_types())).all()


class TestReasons:
    @pytest.mark.parametrize("base, match_year, specialty, kind, reason", [
        ("ranked_anywhere", 2025, "Dermatology", "non_us_img", "withheld: sources disagree"),
        ("ranked_anywhere", 2025, "Pediatrics", "us_img", "withheld: sources disagree"),
        ("ranked_anywhere", 2025, "Dermatology", "us_img", "fewer than 5 applicants"),
        ("ranked_anywhere", 2025, "Pediatrics/Psychiatry/Child and Adolescent Psychiatry", "non_us_img",
         "no applicants"),
        ("preferred", 2026, "Pediatrics", "all", "matches not published"),
        ("active", 2019, ALL_SPECIALTIES, "us_md_senior", "printed without counts"),
        ("active", 2019, ALL_SPECIALTIES, "canadian", "not published")])
    def test_are_said_in_words(self, base, match_year, specialty, kind, reason):
        result = competitiveness(tuple(applicant_types()), base, match_year)
        assert row(result, specialty, kind)["reason"] == reason

    def test_type_without_any_figure_keeps_its_rows(self):
        frame = competitiveness(IMGS, "preferred", 2026).frame
        assert frame["applicant_type"].tolist() == [*IMGS] * 25
        assert (frame.loc[frame["applicant_type"] == "us_img", "reason"] == "not published").all()


class TestOrder:
    @pytest.mark.parametrize("minimum", [0, 100])
    @pytest.mark.parametrize("sort_type", IMGS)
    @pytest.mark.parametrize("sort", SORTS)
    def test_is_highest_first_then_by_name_with_the_missing_last(self, sort, sort_type, minimum):
        frame = competitiveness(FOUR, sort=sort, sort_type=sort_type, against="us_md_senior",
                                minimum_applicants=minimum).frame
        own = frame[frame["applicant_type"] == sort_type]
        keys = [(pd.isna(figure), -figure if pd.notna(figure) else 0, name)
                for figure, name in zip(own[sort], own["row_label"])]
        assert keys == sorted(keys)
        assert len({key[:2] for key in keys}) > 10

    def test_types_stand_as_they_were_asked_for_in_every_row(self):
        asked = ("non_us_img", "us_md_senior", "us_img")
        frame = competitiveness(asked).frame
        assert frame["applicant_type"].tolist() == [*asked] * (len(frame) // 3)
        assert (frame.groupby(frame.index // 3)["row_label"].nunique() == 1).all()

    @pytest.mark.parametrize("sort", [sort for sort in SORTS if sort != "difference"])
    def test_has_the_whole_country_first(self, sort):
        labels = competitiveness(["non_us_img"], "preferred", 2026, sort=sort).frame["specialty"].tolist()
        assert labels[0] == ALL_SPECIALTIES
        assert labels[1:] != sorted(labels[1:])

    def test_goes_by_the_next_type_when_the_first_has_no_figure(self):
        frame = competitiveness(IMGS, "preferred", 2026, sort_type="us_img").frame
        rates = frame.loc[frame["applicant_type"] == "non_us_img", "rate"].tolist()[1:]
        assert rates == sorted(rates, reverse=True) and rates[0] == 542 / 791

    def test_does_not_go_by_a_rate_that_the_minimum_hides(self):
        frame = competitiveness(IMGS, minimum_applicants=100).frame
        own = frame[frame["applicant_type"] == "us_img"].reset_index(drop=True)
        hidden = own.index[own["reason"] == "below your minimum"]
        assert len(hidden) and hidden.min() > own["rate"].last_valid_index()


class TestDifference:
    @pytest.mark.parametrize("arguments, one, other", [
        ({}, "us_md_senior", "us_do_senior"), ({"sort_type": "us_img"}, "us_img", "us_md_senior"),
        ({"sort_type": "us_img", "against": "non_us_img"}, "us_img", "non_us_img"),
        ({"sort_type": "non_us_img", "against": "us_img"}, "non_us_img", "us_img")])
    def test_is_newcombes_of_the_two_on_every_row(self, arguments, one, other):
        result = competitiveness(FOUR, sort="difference", **arguments)
        for _, cells in result.frame.groupby(PLACE):
            pair = cells.set_index("applicant_type").loc[[one, other]]
            assert len(cells[["difference", "difference_low", "difference_high"]].drop_duplicates()) == 1
            found = cells.iloc[0][["difference", "difference_low", "difference_high"]].tolist()
            if pair["rate"].isna().any():
                assert pd.isna(found).all()
                continue
            expected = confint_proportions_2indep(pair["matched"].iloc[0], pair["applicants"].iloc[0],
                                                  pair["matched"].iloc[1], pair["applicants"].iloc[1],
                                                  method="newcomb", compare="diff")
            assert found == pytest.approx([pair["rate"].iloc[0] - pair["rate"].iloc[1], *expected])
        assert result.frame["difference"].notna().sum() > 4 * 20  # of 41 specialties, most can be compared

    def test_is_known(self):
        found = row(competitiveness(sort="difference"), "Emergency Medicine", "us_img")
        assert found["difference"] == pytest.approx(315 / 467 - 131 / 336)

    def test_is_not_shown_when_the_minimum_hides_one_of_its_rates(self):
        before, after = (row(competitiveness(IMGS, sort="difference", minimum_applicants=minimum),
                             "Internal Medicine/Pediatrics", "non_us_img") for minimum in (30, 31))
        assert before["difference"] == pytest.approx(12 / 30 - 16 / 110)
        assert after["rate"] == before["rate"] == 16 / 110
        assert after[["difference", "difference_low", "difference_high"]].isna().all()

    def test_stays_when_the_minimum_hides_a_third_type(self):
        found = row(competitiveness(("non_us_img", "us_md_senior", "us_img"), sort="difference", minimum_applicants=31),
                    "Internal Medicine/Pediatrics", "us_img")
        assert found["reason"] == "below your minimum"
        assert pd.notna(found["difference"])


class TestMinimum:
    @pytest.mark.parametrize("minimum, reason", [(467, ""), (468, "below your minimum")])
    def test_is_the_least_number_still_shown(self, minimum, reason):
        found = row(competitiveness(("us_img", "us_md_senior"), minimum_applicants=minimum), "Emergency Medicine", "us_img")
        assert found["reason"] == reason
        assert pd.isna(found["rate"]) == bool(reason)
        assert found["applicants"] == 467

    def test_takes_away_the_specialties_where_every_type_is_below_and_counts_them(self):
        whole, part = competitiveness(), competitiveness(minimum_applicants=100)
        most = whole.frame.groupby("specialty")["applicants"].max()
        assert set(part.frame["specialty"]) == set(most.index[most >= 100])
        gone = (~(most >= 100)).sum()
        assert f"{gone} specialties lie below the minimum number of applicants" in part.summary
        assert f"{gone} specialties are hidden: fewer than 100 applicants" in " ".join(part.caveats)
        assert "minimum" not in whole.summary and "hidden" not in " ".join(whole.caveats)

    def test_counts_among_the_chosen_only(self):
        result = competitiveness(specialties=["Dermatology", "Internal Medicine"], minimum_applicants=100)
        assert set(result.frame["specialty"]) == {"Internal Medicine"}
        assert "1 specialty lies below" in result.summary

    def test_can_take_away_everything(self):
        result = competitiveness(minimum_applicants=100_000)
        assert result.frame.empty and result.sources == ()
        assert result.summary.startswith("US IMGs: no rate is published here.")


class TestChoice:
    def test_of_specialties(self):
        result = competitiveness(specialties=["Psychiatry", "Internal Medicine"])
        assert result.frame["specialty"].tolist() == ["Internal Medicine"] * 2 + ["Psychiatry"] * 2
        assert competitiveness(specialties=[]).frame.empty

    def test_without_other_tracks_has_the_main_one_of_each_specialty(self):
        frame = competitiveness().frame
        assert len(places(frame)) == frame["specialty"].nunique()
        assert set(frame["track"]) == {"categorical", "preliminary"}
        assert set(frame.loc[frame["track"] == "preliminary", "specialty"]) == {"Transitional Year"}

    def test_with_all_tracks_names_those_beside_the_main_one(self):
        frame = competitiveness(("all",), all_tracks=True).frame
        labels = dict(zip(zip(frame["specialty"], frame["track"]), frame["row_label"]))
        assert labels["Internal Medicine", "categorical"] == "Internal Medicine"
        assert labels["Internal Medicine", "preliminary"] == "Internal Medicine, preliminary"
        assert labels["Internal Medicine", "primary_care"] == "Internal Medicine, primary care"
        assert labels["Transitional Year", "preliminary"] == "Transitional Year"

    @pytest.mark.parametrize("all_tracks", [False, True])
    def test_never_shows_a_pgy2_place_without_saying_so(self, all_tracks):
        frame = competitiveness(("all",), all_tracks=all_tracks).frame
        late = frame["entry_level"] == "PGY-2"
        assert late.any() and (frame["row_label"].str.endswith(", advanced") == late).all()

    def test_repeats_a_type_once(self):
        assert competitiveness(("us_img", "us_img")).question.arguments["applicant_types"] == ["us_img"]

    @pytest.mark.parametrize("arguments, words", [
        ({"applicant_types": ["martian"]}, "unknown applicant type 'martian'; allowed: us_md_senior, us_md_graduate"),
        ({"applicant_types": []}, "choose at least one applicant type; allowed: us_md_senior"),
        ({"applicant_types": "us_img"}, "choose at least one applicant type; allowed: us_md_senior"),
        ({"base": "all"}, "unknown base 'all'; allowed: active, preferred, only_choice, ranked_anywhere"),
        ({"sort": "fame"}, "unknown sort order 'fame'; allowed: rate, rate_low, applicants"),
        ({"sort_type": "martian"}, "unknown applicant type 'martian'; allowed: us_md_senior"),
        ({"against": "martian"}, "unknown applicant type 'martian'; allowed: us_md_senior"),
        ({"specialties": ["Alchemy"]}, "unknown specialty 'Alchemy'; allowed: All specialties, Anesthesiology"),
        ({"applicant_types": ["us_img"], "sort": "difference"}, "a difference needs two applicant types")])
    def test_of_unknown_words_is_refused_with_what_is_allowed(self, arguments, words):
        with pytest.raises(UserError) as error:
            competitiveness(**arguments)
        assert str(error.value).startswith(words)
        assert "\n" not in str(error.value)

    @pytest.mark.parametrize("types, base, match_year, reason, nearest", [
        (IMGS, "only_choice", 2025, "No rate is published for US IMG or Non-US IMG on the base 'ranked only this "
         "specialty' in any year.", "US IMG, Non-US IMG: ranked the specialty anywhere, 2025"),
        (["non_us_img"], "preferred", 2020, "No rate is published for Non-US IMG on the base 'ranked the specialty "
         "first' in 2020.", "Non-US IMG: ranked the specialty first, 2026"),
        (["canadian"], "active", 2025, "No rate is published for Canadian on the base 'everyone who certified a list' "
         "in any year.", None)])
    def test_without_data_says_so_and_what_lies_nearest(self, types, base, match_year, reason, nearest):
        with pytest.raises(NotPublishedError) as error:
            competitiveness(types, base, match_year)
        assert error.value.reason == reason
        assert (error.value.nearest and error.value.nearest.label) == nearest
        assert str(error.value) == (f"{reason} Nearest: {nearest}." if nearest else reason)

    def test_offered_to_a_picker_holds_every_specialty_with_a_rate(self):
        options = specialty_options()
        values = [option["value"] for option in options]
        assert {*everything("ranked_anywhere", 2025).frame["specialty"], ALL_SPECIALTIES} <= set(values)
        assert [*dict.fromkeys(option["group"] for option in options)] == [*FAMILIES]
        em = options[values.index("Emergency Medicine")]
        assert em["label"] == "Emergency Medicine" and em["search"].startswith("Emergency Medicine | ")


ASKED = [{}, {"applicant_types": FOUR, "sort": "difference", "all_tracks": True},
         {"applicant_types": ["non_us_img"], "base": "preferred", "match_year": 2026},
         {"base": "active", "sort": "applicants"}]


class TestAskedAgain:
    @pytest.mark.parametrize("arguments", [*ASKED, {"specialties": ["Psychiatry"], "minimum_applicants": 400}])
    def test_the_question_gives_the_same(self, arguments):
        result = competitiveness(**arguments)
        again = result.question.ask()
        pd.testing.assert_frame_equal(again.frame, result.frame)
        assert (again.title, again.subtitle, again.summary, again.caveats, again.sources, again.question) == (
            result.title, result.subtitle, result.summary, result.caveats, result.sources, result.question)

    @pytest.mark.parametrize("arguments", ASKED)
    def test_the_sql_gives_the_same_figures(self, arguments):
        result = competitiveness(**arguments)
        with duckdb.connect(current_database(), config=READ_ONLY) as reader:
            asked = reader.execute(result.to_sql()).df()
        columns = [*PLACE, "applicant_type", "applicants", "matched", "rate", "rate_low", "rate_high", "reliability",
                   "reason", "positions", "positions_per_applicant", "source_id"]
        keys = [*PLACE, "applicant_type"]
        ours, theirs = (frame[columns].sort_values(keys, ignore_index=True) for frame in (result.frame, asked))
        pd.testing.assert_frame_equal(ours, theirs, check_dtype=False)

    def test_nothing_leaks_from_one_answer_into_the_next(self):
        for arguments in (*ASKED, {"minimum_applicants": 100}):
            result = competitiveness(**arguments)
            frame, question = result.frame.copy(), copy.deepcopy(result.question)
            result.frame.loc[:, ["rate", "reason", "row_label"]] = [0.99, "spoilt", "spoilt"]
            result.frame["more"] = 1
            result.question.arguments["base"] = "spoilt"
            result.parameters["types"].append("spoilt")
            competitiveness(**arguments | {"minimum_applicants": 300})
            again = competitiveness(**arguments)
            pd.testing.assert_frame_equal(again.frame, frame)
            assert again.question == question and again.parameters["types"] == question.arguments["applicant_types"]
