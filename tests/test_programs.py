"""Training programs: which fit a filter, how search forgives, and that totals are the official ones."""

import pandas as pd
import pytest

from imganalytics import UserError
from imganalytics.studies.program_search import words_of
from imganalytics.studies.programs import SORTS, prepared, programs, state_options

# positions offered by all programs in the Main Match, as the NRMP prints them; 2025 differs by the declared 19
OFFICIAL = {2016: 30750, 2017: 31757, 2018: 33167, 2019: 35185, 2020: 37256, 2021: 38106, 2022: 39205, 2023: 40375,
            2024: 41503, 2025: 43237}


def keys(**asked) -> set[str]:
    return set(programs(**asked).frame["program_key"])


def test_program_totals_of_each_year_are_the_official_ones_but_for_the_declared_gaps(con):
    ours = dict(con.execute("""SELECT match_year, sum(quota)::INTEGER FROM program_results JOIN programs USING (program_code)
                               GROUP BY match_year""").fetchall())
    assert {year: ours[year] - OFFICIAL[year] for year in OFFICIAL} == dict.fromkeys(OFFICIAL, 0) | {2025: -19}


def test_every_program_of_the_last_match_is_there_once(con):
    frame = programs().frame
    assert frame["program_key"].is_unique
    counted = con.execute("""SELECT count(DISTINCT (institution_code, specialty)), sum(quota), sum(matched) FROM program_results
                             JOIN programs USING (program_code) WHERE match_year = 2025""").fetchone()
    assert (len(frame), frame["positions"].sum(), frame["filled"].sum()) == counted


def test_a_program_with_several_codes_is_one_row_with_their_sum(con):
    [row] = programs(search="1007140C0").frame.to_dict("records")
    assert (row["institution"], row["specialty"]) == ("University of Alabama Medical Center, Birmingham", "Internal Medicine")
    assert (row["positions"], row["filled"]) == (39, 39)  # 37 and 2, on page 7
    assert (row["offered_5_years"], row["unfilled_5_years"], row["years_unfilled"]) == (195, 1, 1)


def test_the_share_beside_a_program_is_its_states_and_has_a_base_and_an_interval():
    [row] = programs(search="1600140C0").frame.to_dict("records")
    assert (row["state_img"], row["state_filled"]) == (316, 735)  # Pennsylvania, Internal Medicine, PGY-1: 41 + 275
    assert row["state_share"] == pytest.approx(316 / 735)
    assert (row["state_low"], row["state_high"]) == (pytest.approx(0.3946, abs=1e-4), pytest.approx(0.4660, abs=1e-4))


@pytest.mark.parametrize("typed, found", [
    ("1007140C0", "1007/Internal Medicine"),          # a code
    ("univ alabama birmingham IM", "1007/Internal Medicine"),  # abbreviations
    ("univeristy of alabma birmingham internal", "1007/Internal Medicine"),  # typing errors
    ("alabama internal med", "1007/Internal Medicine"),  # half a word
    ("abington obgyn", "1600/Obstetrics and Gynecology"),
    ("Abington, PA surg", "1600/Surgery-General"),
])
def test_search_forgives(typed, found):
    assert found in keys(search=typed)


def test_search_finds_nothing_for_nonsense_and_everything_for_blanks():
    with pytest.raises(UserError, match="no program fits"):
        programs(search="qqqqzzz")
    assert len(programs(search="   ").frame) == len(programs().frame)


def test_another_code_is_not_a_typing_error():
    assert len(keys(search="1007140C0")) == 1


def test_words_of_a_name():
    assert words_of("St. Mary's Hospital of the Lake") == ["st", "marys", "hospital", "lake"]
    assert words_of(None) == []


def test_filters_narrow_and_take_several_values():
    both = programs(states=["NY", "NJ"], specialties=["Psychiatry", "Neurology"]).frame
    assert set(both["state"]) == {"NY", "NJ"} and set(both["specialty"]) == {"Psychiatry", "Neurology"}
    assert keys(states=["NY"]) | keys(states=["NJ"]) == keys(states=["NY", "NJ"])


def test_positions_and_years_with_unfilled_places():
    frame = programs(positions=(5, 8), years_unfilled=3).frame
    assert frame["positions"].between(5, 8).all() and (frame["years_unfilled"] >= 3).all() and len(frame) > 10


def test_each_program_has_at_least_one_kind_of_visa_evidence_and_unknown_excludes_the_others():
    kinds = prepared().visa
    assert sum(kinds[key] for key in kinds).min() >= 1
    assert not (kinds["unknown"] & (kinds["filings"] | kinds["ambiguous"] | kinds["h1b_stated"])).any()
    assert keys(visa=["filings", "unknown"]) == keys(visa=["filings"]) | keys(visa=["unknown"])


def test_designated_tracks_by_name(con):
    named = con.execute("""SELECT count(DISTINCT (institution_code, specialty)) FROM img_designated_tracks
                           JOIN programs USING (program_code)""").fetchone()[0]
    assert len(programs(designated=["explicit_img", "sponsor_funded", "international_ambiguous"], active=False).frame) == named == 44


@pytest.mark.parametrize("sort", SORTS)
def test_sorting_puts_programs_without_a_value_last_both_ways(sort):
    column = "designated_names" if sort == "designated" else sort
    for descending in (False, True):
        values = programs(sort=sort, descending=descending).frame[column].replace("", pd.NA)
        blank = values.isna().to_numpy()
        assert not (blank[:-1] & ~blank[1:]).any()
        known = values.dropna()
        known = known.str.casefold() if known.dtype == object or isinstance(known.dtype, pd.StringDtype) else known
        assert (known.is_monotonic_decreasing if descending else known.is_monotonic_increasing) or known.empty


@pytest.mark.parametrize("wrong, said", [
    ({"sort": "luck"}, "unknown order 'luck'; allowed: institution"),
    ({"visa": ["maybe"]}, "unknown visa 'maybe'; allowed: h1b_stated"),
    ({"tracks": []}, "no program fits"),
    ({"states": ["ZZ"]}, "no program fits"),
])
def test_what_is_not_allowed_is_said(wrong, said):
    with pytest.raises(UserError, match=said):
        programs(**wrong)


def test_the_question_can_be_asked_again_and_the_query_runs(con):
    result = programs(search="temple", states=["PA"], sort="positions", descending=True)
    pd.testing.assert_frame_equal(result.question.ask().frame, result.frame)
    assert len(con.execute(result.to_sql()).fetchall()) == 5183


def test_states_to_pick_from_hold_every_active_program():
    assert sum(option["count"] for option in state_options()) == len(programs().frame)
