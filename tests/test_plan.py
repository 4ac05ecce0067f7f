"""A plan: hand-computed dates and sums, gaps that stay gaps, the user's own figures, the words of bad and late plans."""

from datetime import date, timedelta

import pytest

from imganalytics.errors import UserError
from imganalytics.own.plan_fields import EVENTS, FEES, STEPS, amounts
from imganalytics.studies import plan_facts
from imganalytics.studies.plan import COSTS, SEASON, STEPS as PLAN_STEPS, first_match, plan
from imganalytics.studies.plan_costs import FEE_LABELS, latest
from imganalytics.studies.plan_steps import EVENT_LABELS, LABELS, span_words
from imganalytics.studies.plan_words import on_screen, season_of

TODAY = "2026-11-22"
ALL = dict(exams=["step_1", "step_2_ck", "oet", "certificate"], pathways=["observership"], visa="j1",
           weeks={"step_1": [8, 16], "step_2_ck": [8, 12], "oet": [4, 8], "certificate": [4, 6], "observership": [4, 8]},
           dates={"applications_open": "2027-09-24", "residency_begins": "2028-07-01"},
           programs={"Internal Medicine": 43, "Radiology-Diagnostic": 7}, match_year=2028, start="2026-12-01", today=TODAY)


def rows(result, part: str) -> dict:
    frame = result.frame[result.frame["part"] == part]
    return {row["key"]: row for row in frame.to_dict("records")}


def dates_of(row) -> tuple[str, ...]:
    return tuple(row[name] for name in ("begins_first", "begins_last", "ends_first", "ends_last"))


def after(day: str, weeks: int) -> str:
    return (date.fromisoformat(day) + timedelta(weeks=weeks)).isoformat()


def test_steps_follow_each_other_by_hand():
    steps = rows(plan(**ALL), PLAN_STEPS)
    begin = "2026-12-01"
    assert dates_of(steps["step_1"]) == (begin, begin, after(begin, 8), after(begin, 16))
    assert dates_of(steps["step_2_ck"]) == (after(begin, 8), after(begin, 16), after(begin, 16), after(begin, 28))
    assert dates_of(steps["oet"]) == (begin, begin, after(begin, 4), after(begin, 8))
    assert dates_of(steps["certificate"]) == (after(begin, 16), after(begin, 28), after(begin, 20), after(begin, 34))
    assert dates_of(steps["observership"]) == (begin, begin, after(begin, 4), after(begin, 8))
    later = rows(plan(**ALL | {"pathways_begin": "exams"}), PLAN_STEPS)["observership"]
    assert dates_of(later) == (after(begin, 16), after(begin, 28), after(begin, 20), after(begin, 36))


def test_the_j1_begins_when_matched_residents_are_told_and_takes_four_to_six_weeks_in_season():
    visa = rows(plan(**ALL), PLAN_STEPS)["j1"]
    assert dates_of(visa) == ("2028-04-01", "2028-04-07", "2028-04-29", "2028-05-19") and visa["status"] == "printed"
    late = plan(**ALL | {"weeks": ALL["weeks"] | {"certificate": [80, 84]}})  # in time for autumn only: 2 to 4 weeks
    visa = rows(late, PLAN_STEPS)["j1"]
    assert visa["begins_first"] == rows(late, PLAN_STEPS)["certificate"]["ends_first"] == "2028-10-03"
    assert visa["ends_first"] == after("2028-10-03", 2) and visa["ends_last"] == after(visa["begins_last"], 4)


def test_the_h1b_needs_a_licence_that_nobody_times():
    asked = ALL | {"visa": "h1b", "exams": [], "weeks": {}}
    result = plan(**asked)
    steps = rows(result, PLAN_STEPS)
    assert steps["licence"]["begins_first"] == "2028-03-15" and steps["licence"]["value"] == "not dated"
    assert steps["h1b"]["detail"] == "waits for State medical licence: type its weeks"
    assert any("Step 3" in caveat and "taken as passed" in caveat for caveat in result.caveats)
    typed = rows(plan(**asked | {"weeks": {"licence": [8, 12]}}), PLAN_STEPS)["h1b"]
    assert typed["days_low"] == pytest.approx(2 * 365.25 / 12) and typed["days_high"] == pytest.approx(3 * 365.25 / 12)
    assert typed["ends_first"] == (date(2028, 3, 15) + timedelta(days=56 + 61)).isoformat()


def test_what_nobody_times_is_said_and_not_made_up():
    result = plan(start="2027-01-04", exams=["step_2_ck", "certificate"], today=TODAY)
    steps = rows(result, PLAN_STEPS)
    assert steps["step_2_ck"]["status"] == "not in the sources here" and steps["step_2_ck"]["ends_first"] == ""
    assert steps["certificate"]["detail"] == "waits for USMLE Step 2 CK: type its weeks"
    assert {key for key in STEPS if plan_facts.duration(key) is None} >= {"step_1", "step_2_ck", "oet", "certificate", "licence"}
    assert "No step can be dated yet." in result.summary
    assert any("type yours: Programs open applications (ERAS) and Residency begins" in caveat for caveat in result.caveats)


def test_the_season_is_as_printed_and_typed_dates_go_first():
    season = rows(plan(start="2027-01-04", today=TODAY), SEASON)
    assert {key: (row["ends_first"], row["ends_last"]) for key, row in season.items() if row["ends_first"]} == {
        "registration_opens": ("2027-09-15", "2027-09-15"), "late_fee": ("2027-11-30", "2028-01-30"),
        "ranking_opens": ("2028-01-15", "2028-01-15"), "registration_closes": ("2028-02-15", "2028-02-21"),
        "results": ("2028-03-15", "2028-03-21")}
    typed = plan(start="2027-01-04", dates={"results": "2028-03-17", "late_fee": "2031-01-30"}, today=TODAY)
    assert rows(typed, SEASON)["results"]["ends_last"] == "2028-03-17" and rows(typed, SEASON)["results"]["status"] == "your own"
    assert "not used" in typed.caveats[0] and rows(typed, SEASON)["late_fee"]["status"] == "printed"


@pytest.mark.parametrize(("text", "days"), [("09-15", ((9, 15), (9, 15))), ("January 30", ((1, 30), (1, 30))),
                                            ("third week of March", ((3, 15), (3, 21))), ("first week of April", ((4, 1), (4, 7)))])
def test_days_of_the_year(text, days):
    assert plan_facts.day_of_year(text) == days


def test_costs_by_hand():
    result = plan(**ALL)
    costs = rows(result, COSTS)
    known = {key: (row["usd_low"], row["usd_high"]) for key, row in costs.items() if row["usd_low"] == row["usd_low"]}
    month = 365.25 / 12
    assert known == {"step_1": (910, 910), "step_2_ck": (910, 910), "oet": (400, 400), "ecfmg_application": (60, 150),
                     "observership": (0, round(5000 * 56 / month)), "eras": (797, 797), "transcript": (80, 80),
                     "nrmp_registration": (70, 75), "total": (3227, 3322 + round(5000 * 56 / month))}
    assert costs["total"]["or_more"] and costs["oet"]["value"] == "400 USD or more"
    assert result.summary.endswith("The sum leaves out: Steps taken outside US and Canada; J-1 fees (SEVIS, DS-2019, visa); "
                                   "Travel and interviews; Living costs.")


def test_amounts_that_stand_are_the_latest_and_disagreeing_ones(con):
    for key, ids in (("ecfmg_application", ["c027", "c036", "c039"]), ("nrmp_registration", ["c019", "c023"]),
                     ("step_1", ["c032"]), ("step_3", ["c042"]), ("h1b_petition", ["c052", "c053", "c054"])):
        assert [fee.cost_id for fee in latest(key)] == ids
    [(most,)] = con.execute("SELECT max(amount_usd) FROM costs WHERE cost_id IN ('c027', 'c036', 'c039')").fetchall()
    assert rows(plan(**ALL), COSTS)["ecfmg_application"]["usd_high"] == most


def test_old_fees_are_said_to_be_old():
    costs = rows(plan(**ALL), COSTS)
    assert season_of(date(2026, 5, 31)) == 2026 and season_of(date(2026, 6, 1)) == 2027
    assert costs["eras"]["older"] and costs["eras"]["printed_for_year"] == 2026
    assert not rows(plan(**ALL | {"today": "2026-02-01"}), COSTS)["eras"]["older"]
    assert any("Older than the season that runs now (2027)" in caveat and "Step 1 (2018)" in caveat for caveat in plan(**ALL).caveats)


def test_own_figures_are_marked_and_summed_in_both_currencies():
    fees = {"oet": "450-500", "travel": 2000, "living": [100, 300], "step_1": "0"}
    result = plan(**ALL | {"fees": fees, "currency": "EUR", "rate": 0.9})
    costs = rows(result, COSTS)
    assert {key for key, row in costs.items() if row["status"] == "your own"} == set(fees)
    total = costs["total"]
    assert total["usd_low"] == 3227 - 400 + 450 - 910 + 2000 + 100 and not total["or_more"]
    assert total["own_currency"].startswith(f"{round(total['usd_low'] * 0.9):,} to ") and "EUR" in total["own_currency"]
    assert "EUR at your rate" in result.summary and "11 figures of your own" in result.subtitle


def test_what_the_employer_pays_is_not_summed():
    costs = rows(plan(**ALL | {"visa": "h1b"}), COSTS)
    assert (costs["h1b_petition"]["usd_low"], costs["h1b_petition"]["usd_high"]) == (1710, 3380)
    assert costs["h1b_petition"]["status"] == "paid by the employer"
    assert costs["total"]["usd_high"] == rows(plan(**ALL), COSTS)["total"]["usd_high"]


def test_no_program_is_no_eras_fee_and_no_registration():
    for none in ({}, {"Psychiatry": 0}):
        result = plan(**ALL | {"programs": none})
        assert rows(result, COSTS)["eras"]["usd_high"] == 0 and not {"transcript", "nrmp_registration"} & set(rows(result, COSTS))
        assert "No program, so no ERAS fee." in result.summary


def test_too_late_in_words_and_in_time():
    result = plan(**ALL | {"pathways": ["research_fellowship_paid"]})
    told = rows(result, PLAN_STEPS)["research_fellowship_paid"]["too_late"]
    assert told == ("With this start Research fellowship, paid ends after the day programs open applications (2027-09-24): on "
                    "2027-12-01 at the earliest, 10 weeks late.")
    assert told in result.summary and told in result.caveats
    assert any("J categories" in caveat for caveat in result.caveats)
    maybe = rows(plan(**ALL | {"weeks": ALL["weeks"] | {"observership": [4, 60]}}), PLAN_STEPS)["observership"]["too_late"]
    assert maybe.startswith("Observership is in time only if all goes quickly: it ends from 2026-12-29 to 2028-01-25")
    good = plan(**ALL)
    assert not any(good.frame["too_late"])
    assert any(caveat == "Least time to spare: J-1 visa application ends 6 weeks before 2028-07-01 (Residency begins), even if all "
                         "takes long." for caveat in good.caveats)


def test_a_start_in_the_past_says_which_steps_lie_there():
    result = plan(**ALL | {"start": "2026-10-01"})
    assert any("The start lies in the past (2026-10-01; today is 2026-11-22). Begun before today: USMLE Step 1, OET" in caveat
               for caveat in result.caveats)
    assert any("The Match of 2020 is over" in caveat for caveat in plan(start="2019-01-01", match_year=2020, today=TODAY).caveats)
    assert any("closes by 2027-02-21, before" in caveat for caveat in plan(start="2027-05-01", match_year=2027, today=TODAY).caveats)


def test_the_first_match_whose_registration_opens_after_the_start():
    assert [first_match(date(2027, 9, day)) for day in (14, 15, 16)] == [2028, 2028, 2029]


@pytest.mark.parametrize(("bad", "words"), [
    ({"start": None}, "start: no date"), ({"start": "2027-02-30"}, "start '2027-02-30'; allowed: a date such as"),
    ({"start": 20270101}, "start 20270101"), ({"today": "soon"}, "soon"),
    ({"programs": {"Internal Medicine": 10_000}}, "Internal Medicine: 10,000 programs; allowed: 0 to 1,"),
    ({"programs": {"Internal Medicine": -3}}, "allowed: a whole number of programs, 0 or more"),
    ({"programs": {"Alchemy": 3}}, "no programs of it in the Main Match"),
    ({"fees": {"oet": -5}}, "fees of oet: -5; allowed: an amount from 0"), ({"fees": {"oet": "free"}}, "'free'"),
    ({"fees": {"beer": 5}}, "fees of 'beer'; allowed: eras"), ({"weeks": {"oet": [8, 4]}}, "weeks of oet: [8, 4]; allowed: two whole"),
    ({"weeks": {"oet": [0, 0]}}, "two whole numbers"), ({"weeks": {"oet": [1, 9999]}}, "from 0 to 520"),
    ({"dates": {"results": "yesterday"}}, "dates of results: 'yesterday'"), ({"visa": "k9"}, "visa 'k9'; allowed: none, j1, h1b"),
    ({"pathways": ["holiday"]}, "pathways 'holiday'; allowed: observership"), ({"exams": "step_1"}, "a list of names"),
    ({"rate": -1}, "rate -1"), ({"rate": float("nan")}, "rate nan"), ({"currency": "E<b>R"}, "currency 'E<b>R'"),
    ({"match_year": 1492}, "match_year 1492"), ({"pathways_begin": "later"}, "allowed: start, exams")])
def test_bad_plans_get_one_line(bad, words):
    with pytest.raises(UserError) as refused:
        plan(**ALL | bad)
    assert words in str(refused.value) and "\n" not in str(refused.value)


def test_refusals_are_said_in_the_words_of_the_screen():
    assert on_screen("fees of oet: '-5'; allowed: x") == "OET Medicine (English), fee: '-5'; allowed: x"
    assert on_screen("dates of results: 'x'") == "Match results, date: 'x'" and on_screen("start 1") == "Start 1"


@pytest.mark.parametrize(("value", "expected"), [(910, (910, 910)), ("1,200", (1200, 1200)), (" $910 ", (910, 910)), ("0", (0, 0)),
                                                 ("400-600", (400, 600)), ("400 to 600.50", (400, 600.5)), ([1, 2], (1, 2))])
def test_amounts(value, expected):
    assert amounts(value) == expected


@pytest.mark.parametrize("value", ["", "-5", "5-4", "1e3", "nan", None, True, [1, 2, 3], [], {"a": 1}, "2000000", float("inf")])
def test_what_is_no_amount(value):
    with pytest.raises(ValueError, match="an amount from 0 to 1,000,000 USD"):
        amounts(value)


def test_spans_in_words():
    assert [span_words(28, 42), span_words(7, 7), span_words(548, 1461)] == ["4 to 6 weeks", "1 week", "18 to 48 months"]


def test_every_name_has_words_for_the_screen():
    assert set(LABELS) == set(STEPS) and set(EVENT_LABELS) == set(EVENTS) and set(FEE_LABELS) == set(FEES)


def test_the_question_the_query_and_the_sources(con):
    result = plan(**ALL)
    assert result.question.ask().frame.equals(result.frame)
    found = con.sql(result.to_sql()).df()
    named = {key.partition("=")[2] for keys in result.frame["row_key"] for key in keys.split(" | ") if key}
    assert named <= set(found["id"]) and set(found["source_id"]) == {source.source_id for source in result.sources}
    empty = plan(start="2027-01-04", today=TODAY)
    assert "No step is chosen" in empty.summary and len(con.sql(empty.to_sql()).df()) == 6
