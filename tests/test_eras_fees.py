"""The ERAS fee: AAMC's own worked examples, the bounds, and a second computation."""

import re

import pytest

from imganalytics.errors import UserError
from imganalytics.studies.eras_fees import eras_fees, programs_listed, schedule, seasons
from imganalytics.studies.explain import explain

# As AAMC prints them on the pages that `source_id` names: season, programs by specialty, the total.
RESIDENCY = [
    (2026, {"Emergency Medicine": 30}, 330), (2025, {"Emergency Medicine": 30}, 330),
    (2026, {"Internal Medicine": 43, "Radiology-Diagnostic": 7}, 797),
    (2025, {"Internal Medicine": 43, "Radiology-Diagnostic": 7}, 797),
    (2026, {"Internal Medicine": 32, "Emergency Medicine": 32}, 780),
    (2025, {"Internal Medicine": 32, "Emergency Medicine": 32}, 780),
    (2024, {"Emergency Medicine": 30}, 519),
    (2024, {"Obstetrics and Gynecology": 20, "Family Medicine": 10}, 388),
    (2024, {"Internal Medicine": 23, "Radiology-Diagnostic": 7}, 457),
    (2024, {"Internal Medicine": 12, "Emergency Medicine": 10, "Family Medicine": 8}, 335)]
FELLOWSHIP = [
    (2026, {"Vascular Surgery": 30}, 485), (2021, {"Vascular Surgery": 30}, 435),
    (2021, {"Colon and Rectal Surgery": 23}, 316),
    (2021, {"Medical Genetics": 30, "Maternal-Fetal Medicine": 10}, 695)]
EXAMPLES = [("residency", *each) for each in RESIDENCY] + [("fellowship", *each) for each in FELLOWSHIP]


@pytest.mark.parametrize(("service", "season", "programs", "total"), EXAMPLES)
def test_worked_examples_of_aamc(service, season, programs, total):
    result = eras_fees(programs, service, season)
    assert result.frame["usd"].sum() == total == schedule(service, season).fee(programs)
    assert f"{total:,} USD at the prices of the {season} season" in result.summary
    assert result.question.ask().frame.equals(result.frame)
    assert [source.publisher for source in result.sources] == ["AAMC"]


def by_hand_2024(count: int) -> int:
    """99 for up to 10, then 19 each to 20, 23 each to 30, 27 each."""
    return sum(99 if number == 1 else 0 if number <= 10 else 19 if number <= 20 else 23 if number <= 30 else 27
               for number in range(1, count + 1))


@pytest.mark.parametrize("count", [0, 1, 9, 10, 11, 20, 21, 30, 31, 300])
def test_each_tier_begins_where_it_says(count):
    assert schedule("residency", 2024).fee({"Internal Medicine": count}) == by_hand_2024(count)
    assert schedule("residency", 2026).fee({"x": count}) == 11 * min(count, 30) + 30 * max(0, count - 30)


def test_the_latest_season_is_taken_when_none_is_named():
    assert seasons() == (2024, 2025, 2026) and seasons("fellowship") == (2021, 2026)
    assert eras_fees({"Psychiatry": 1}).question.arguments["season"] == 2026


def test_no_program_is_no_fee_and_is_said():
    for nothing in ({}, {"Psychiatry": 0}):
        result = eras_fees(nothing)
        assert result.frame.empty and result.summary == "No program, so no ERAS fee: 0 USD."


@pytest.mark.parametrize(("programs", "words"), [
    ({"Internal Medicine": 10_000}, "Internal Medicine: 10,000 programs; allowed: 0 to "),
    ({"Internal Medicine": -1}, "allowed: 0 to "), ({"Witchcraft": 3}, "Witchcraft"),
    ({"Psychiatry": True}, "allowed: 0 to ")])
def test_too_many_too_few_or_no_such_programs_are_refused(programs, words):
    with pytest.raises(UserError, match=re.escape(words)) as refused:
        eras_fees(programs)
    assert "\n" not in str(refused.value)


def test_the_bound_is_the_number_of_tracks_listed(con):
    [(listed,)] = con.execute("SELECT count(*) FROM programs WHERE specialty = 'Internal Medicine' AND active").fetchall()
    assert programs_listed()["Internal Medicine"] == listed
    assert eras_fees({"Internal Medicine": listed}).frame["programs"].sum() == listed
    with pytest.raises(UserError, match=f"allowed: 0 to {listed:,}, for so many program tracks"):
        eras_fees({"Internal Medicine": listed + 1})


def test_a_season_or_service_that_is_not_known_is_refused():
    with pytest.raises(UserError, match="season 2030.*allowed: 2024, 2025, 2026"):
        eras_fees({"Psychiatry": 1}, season=2030)
    with pytest.raises(UserError, match="allowed: residency, fellowship"):
        eras_fees({"Psychiatry": 1}, "dental")
    with pytest.raises(UserError, match="allowed: 0 to 1,000"):
        eras_fees({"Vascular Surgery": 10_000}, "fellowship")


def test_the_query_runs_and_each_row_leads_to_its_price(con):
    result = eras_fees({"Internal Medicine": 43})
    rows = con.sql(result.to_sql()).df()
    assert rows["amount_usd"].tolist() == result.frame["price_usd"].tolist() == [11, 30]
    told = explain(result, 0).to_html()
    assert "11" in told and result.sources[0].title in told
