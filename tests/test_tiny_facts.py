"""Synthetic facts few enough to compute by hand, and the public tables that must come of them."""

from collections.abc import Iterable

import duckdb
import pytest

PLACE = "match_year=2025; specialty=Synthetic Medicine; track=categorical; entry_level=PGY-1; applicant_type=us_img; "


def counted(**by_measure: float) -> list[dict]:
    """A fact for each measure, all of the same place."""
    return [{"measure": measure, "value": value} for measure, value in by_measure.items()]


def at(rows: list[dict], **cells: object) -> list[dict]:
    """The same facts with other cells."""
    return [row | cells for row in rows]


def yearly(cases: Iterable[list[dict]]) -> list[dict]:
    """The facts of each case in a year of its own, from 1990."""
    return [row | {"match_year": year} for year, rows in enumerate(cases, 1990) for row in rows]


def asked(con: duckdb.DuckDBPyConnection, columns: str, table: str = "match_rates", where: str = "true") -> list[tuple]:
    return con.execute(f"SELECT {columns} FROM {table} WHERE {where} ORDER BY ALL").fetchall()


# One source ----------------------------------------------------------------------------------------------


INTERVALS = [  # matched, applicants -> rate, its limits, reliability
    (30, 100, 0.3, 0.2189, 0.3958, "ok"),
    (81, 263, 0.308, 0.2553, 0.3662, "ok"),  # this one and the next three: Newcombe 1998, table I, method 3
    (15, 148, 0.1014, 0.0624, 0.1605, "ok"),
    (0, 20, 0, 0, 0.1611, "unstable"),
    (1, 29, 0.0345, 0.0061, 0.1718, "unstable"),  # fewer than 30, though within 20 points
    (0, 30, 0, 0, 0.1135, "ok"),
    (30, 30, 1, 0.8865, 1, "ok"),
    (46, 92, 0.5, 0.3999, 0.6001, "unstable"),  # a hair wider than 20 points
    (47, 93, 0.5054, 0.4056, 0.6047, "ok"),  # a hair narrower
    (1, 5, 0.2, 0.0362, 0.6245, "unstable"),
    (2, 4, None, None, None, "suppressed"),
    (0, 0, None, None, None, "suppressed"),
]


def test_a_rate_has_its_wilson_interval_and_its_reliability(built):
    con = built(match_applicants=yearly(counted(applicants=row[1], matched=row[0]) for row in INTERVALS))
    assert asked(con, """match_year, matched, applicants, round(rate, 4), round(rate_low, 4), round(rate_high, 4),
                         reliability, base, source_id""") == [
        (year, *row, "preferred", "synthetic_report") for year, row in enumerate(INTERVALS, 1990)]


def test_counts_that_are_not_published_give_no_rate(built):
    con = built(match_applicants=yearly([
        counted(applicants=100), counted(matched=30), counted(matched_pct=30),
        counted(applicants=100, matched_pct=30), counted(matched=30, matched_pct=30)]))
    assert asked(con, "match_year, applicants, matched, printed_pct, rate, rate_low, rate_high, reliability") == [
        (1990, 100, None, None, None, None, None, "suppressed"),
        (1991, None, 30, None, None, None, None, "suppressed"),
        (1992, None, None, 30, None, None, None, "suppressed"),
        (1993, 100, None, 30, None, None, None, "suppressed"),
        (1994, None, 30, 30, None, None, None, "suppressed")]


def test_those_who_matched_follow_from_those_who_did_not(built):
    con = built(match_applicants=counted(applicants=100, unmatched=70))
    assert asked(con, "matched, rate, derivation") == [(30, 0.3, "(applicants - unmatched) / applicants")]


ELSEWHERE = [{"specialty": "Synthetic Surgery"}, {"track": "preliminary"}, {"entry_level": "PGY-2"},
             {"applicant_type": "non_us_img"}, {"match_year": 2024}]


def test_counts_of_different_places_or_bases_are_never_put_together(built):
    others = [*ELSEWHERE, *({"base": base} for base in ("active", "only_choice", "ranked_anywhere"))]
    con = built(match_applicants=counted(applicants=100) + [
        row for cells in others for row in at(counted(matched=30), **cells)])
    assert asked(con, "applicants, matched, rate") == [(100, None, None)] + [(None, 30, None)] * len(others)


def test_first_and_only_choice_together_are_no_base(built):
    con = built(match_applicants=at(counted(applicants=100, matched=30), base="first_or_only_choice"))
    assert asked(con, "*") == []


# Several sources -----------------------------------------------------------------------------------------


def test_the_source_with_the_lower_precedence_wins_and_both_are_kept(built):
    official, press = counted(applicants=100, matched=30), counted(applicants=100, matched=33)
    con = built(match_applicants=at(press, source_id="synthetic_press") + official)
    assert asked(con, "applicants, matched, source_id") == [(100, 30, "synthetic_report")]
    assert asked(con, 'source_id, measure, value, is_preferred, difference_from_preferred, "table"', "conflicts") == [
        ("synthetic_press", "matched", 33, False, 3, "match_applicants"),
        ("synthetic_report", "matched", 30, True, 0, "match_applicants")]


def test_a_printed_count_wins_over_a_computed_one_of_the_same_precedence(built):
    computed = at(counted(applicants=100, matched=33), source_id="synthetic_other_report", derivation="computed: a - b")
    con = built(match_applicants=counted(applicants=100, matched=30) + computed)
    assert asked(con, "matched, source_id") == [(30, "synthetic_report")]
    assert asked(con, "source_id", "conflicts", "is_preferred") == [("synthetic_report",)]


def test_a_source_with_both_counts_wins_over_one_with_half_of_them(built):
    press = at(counted(applicants=90, matched=27), source_id="synthetic_press")
    con = built(match_applicants=counted(applicants=100) + press)
    assert asked(con, "applicants, matched, source_id") == [(90, 27, "synthetic_press")]


def test_sources_that_agree_are_no_conflict(built):
    filled, matched = counted(positions_filled=7), counted(matched=7)
    con = built(match_results=filled + at(filled, source_id="synthetic_press"),
                match_applicants=matched + at(matched, source_id="synthetic_press"))
    assert asked(con, "*", "conflicts") == []


def test_counts_of_two_sources_make_a_rate_only_when_the_printed_share_confirms_it(built):
    halves = counted(applicants=300) + at(counted(matched=100), source_id="synthetic_press")
    printed = [at(counted(matched_pct=share), source_id="synthetic_other_report") for share in (33.2, 33.3, 33.4)]
    con = built(match_applicants=at(yearly([halves, *(halves + share for share in printed)]), base="active"))
    assert asked(con, "match_year, round(rate, 4)") == [(1990, None), (1991, None), (1992, 0.3333), (1993, None)]
    assert asked(con, "applicants, matched, source_id, matched_source_id, derivation", where="rate IS NOT NULL") == [
        (300, 100, "synthetic_report", "synthetic_press",
         "matched / applicants from two sources, confirmed by the printed share")]


def test_counts_of_two_sources_are_put_together_on_no_other_base(built):
    facts = counted(applicants=100, matched_pct=30) + at(counted(matched=30), source_id="synthetic_press")
    assert asked(built(match_applicants=facts), "matched, rate") == [(None, None)]


FILLED = at(counted(positions_filled=50), applicant_type="us_img", source_id="synthetic_press")


def test_positions_filled_are_the_matched_of_those_who_ranked_the_specialty_anywhere(built):
    applicants = at(counted(applicants=200), base="ranked_anywhere") + counted(applicants=100)
    con = built(match_applicants=applicants, match_results=FILLED)
    assert asked(con, "base, matched, rate, matched_source_id, derivation") == [
        ("preferred", None, None, None, "published"),
        ("ranked_anywhere", 50, 0.25, "synthetic_press", "positions filled by this type / applicants")]


def test_positions_filled_elsewhere_or_only_offered_are_nobodys_matches(built):
    elsewhere = [row for cells in ELSEWHERE for row in at(FILLED, **cells)]
    con = built(match_applicants=at(counted(applicants=200), base="ranked_anywhere"),
                match_results=elsewhere + at(FILLED, measure="positions_offered"))
    assert asked(con, "applicants, matched, rate") == [(200, None, None)]


def test_matched_as_printed_wins_over_positions_filled(built):
    con = built(match_applicants=at(counted(applicants=200, matched=40), base="ranked_anywhere"),
                match_results=FILLED)
    assert asked(con, "matched, matched_source_id, derivation") == [
        (40, "synthetic_report", "matched / applicants, as printed")]


# Corrections ---------------------------------------------------------------------------------------------


def corrected(measure: str, expected: int, base: str = "preferred", **cells: object) -> list[dict]:
    return [{"table": "match_applicants", "field": "value", "expected_value": expected, "row_key":
             f"{PLACE}base={base}; measure={measure}; source_id=synthetic_report"} | cells]


def test_a_replaced_count_is_used_and_marked(built):
    con = built(match_applicants=counted(applicants=100, matched=30),
                corrections=corrected("matched", 30, action="replace", new_value=40))
    assert asked(con, "applicants, matched, rate, corrections, source_id, matched_source_id, derivation") == [
        (100, 40, 0.4, "c001", "synthetic_report", "synthetic_other_report",
         "matched as corrected / applicants as printed")]
    assert asked(con, "value, correction_id", "published.match_applicants") == [(40, "c001"), (100, None)]


@pytest.mark.parametrize("measure, value, expected", [("matched", 30, (100, None)), ("applicants", 100, (None, 30))])
def test_a_withheld_count_gives_no_rate(built, measure, value, expected):
    con = built(match_applicants=counted(applicants=100, matched=30),
                corrections=corrected(measure, value, action="withhold"))
    assert asked(con, "applicants, matched, rate, rate_low, rate_high, reliability, corrections") == [
        (*expected, None, None, None, "suppressed", "c001")]


@pytest.mark.parametrize("base, others", [
    ("ranked_anywhere", []),
    ("preferred", at(counted(applicants=210, matched=50), source_id="synthetic_press")),
    ("preferred", at(counted(applicants=210, matched=50), source_id="synthetic_other_report")),
    ("active", at(counted(matched=50), source_id="synthetic_press", base="active")
     + at(counted(matched_pct=25), source_id="synthetic_other_report", base="active")),
], ids=["positions filled", "a lesser source", "an equal source", "two sources, confirmed"])
def test_a_withheld_count_is_not_taken_from_elsewhere(built, base, others):
    facts = at(counted(applicants=200, matched=30), base=base)
    con = built(match_applicants=facts + others, match_results=FILLED,
                corrections=corrected("matched", 30, base, action="withhold"))
    assert asked(con, "applicants, matched, rate") == [(200, None, None)]


def test_a_count_withheld_from_a_lesser_source_does_not_hide_the_better_one(built):
    lesser = at(counted(applicants=100, matched=33), source_id="synthetic_press")
    [withheld] = corrected("matched", 33, action="withhold")
    withheld["row_key"] = withheld["row_key"].replace("synthetic_report", "synthetic_press")
    con = built(match_applicants=counted(applicants=100, matched=30) + lesser, corrections=[withheld])
    assert asked(con, "matched, rate, source_id") == [(30, 0.3, "synthetic_report")]


def test_a_withheld_count_is_no_side_of_a_conflict(built):
    other, press = counted(matched=31), counted(matched=33)
    con = built(match_applicants=counted(matched=30) + at(other, source_id="synthetic_other_report")
                + at(press, source_id="synthetic_press"), corrections=corrected("matched", 30, action="withhold"))
    assert asked(con, "value, is_preferred", "conflicts") == [(31, True), (33, False)]


def test_a_corrected_state_is_summed_as_corrected(built):
    con = built(state_results=[{"offered": 10, "filled": 9}, {"offered": 5, "filled": 5, "state": "CA"}],
                corrections=[{"table": "state_results", "field": "offered", "expected_value": 10, "action": "replace",
                              "new_value": 11, "row_key": "match_year=2025; state=NY; specialty=Synthetic Medicine"}])
    assert asked(con, "state, offered, correction_id", "state_results") == [("CA", 5, None), ("NY", 11, "c001")]
    assert asked(con, "value", "match_results", "measure = 'positions_offered'") == [(16,)]


# States --------------------------------------------------------------------------------------------------


def test_states_are_summed_into_the_results_of_the_country(built):
    con = built(state_results=[{"offered": 10, "filled": 9}, {"offered": 5, "filled": 5, "state": "CA"}],
                state_fill=[{"filled": 6}, {"filled": 3, "applicant_type": "non_us_img"}, {"filled": 5, "state": "CA"}])
    assert asked(con, "measure, applicant_type, value, track, derivation", "match_results") == [
        ("positions_filled", "all", 14, "categorical", "summed over states"),
        ("positions_filled", "non_us_img", 3, "categorical", "summed over states"),
        ("positions_filled", "us_img", 11, "categorical", "summed over states"),
        ("positions_offered", "all", 15, "categorical", "summed over states")]


def test_the_entry_level_of_a_state_tells_the_track(built):
    con = built(state_results=[{"offered": 10, "filled": 9, "entry_level": level}
                               for level in ("PGY-1", "PGY-2", "Physician", "not_stated")])
    assert asked(con, "DISTINCT entry_level, track", "match_results") == [
        ("PGY-1", "categorical"), ("PGY-2", "advanced"), ("Physician", "physician_reserved"),
        ("not_stated", "not_stated")]


def test_a_published_result_wins_over_the_sum_of_the_states_and_the_difference_is_kept(built):
    con = built(match_results=counted(positions_filled=10), state_results=[{"offered": 10, "filled": 9}])
    where = "measure = 'positions_filled'"
    assert asked(con, "value, derivation", "match_results", where) == [(10, "published")]
    assert asked(con, "value, is_preferred, difference_from_preferred, derivation", "conflicts", where) == [
        (9, False, -1, "summed over states"), (10, True, 0, "published")]
