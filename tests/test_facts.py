"""The real facts: their sums over states, the rates, and the figures that two sources dispute."""

import duckdb
import pytest

from imganalytics import vocabulary
from tests.datasets_copy import DATASETS

PLACE = "match_year, specialty, track, entry_level, applicant_type, base"


def count(con: duckdb.DuckDBPyConnection, rows: str) -> int:
    return con.execute(f"SELECT count(*) FROM {rows}").fetchone()[0]


# Sums ----------------------------------------------------------------------------------------------------


def test_the_states_add_to_the_published_totals(con):
    assert con.execute("SELECT sum(offered), sum(filled) FROM state_results WHERE match_year = 2025"
                       ).fetchone() == (43_237, 40_764)


def test_the_applicant_types_of_the_states_add_to_the_filled_positions(con):
    sums = dict(con.execute("SELECT applicant_type, sum(filled) FROM state_fill WHERE match_year = 2025 GROUP BY 1"
                            ).fetchall())
    assert sums == {"us_md_senior": 20_957, "us_md_graduate": 1_136, "us_do_senior": 8_190, "us_do_graduate": 376,
                    "us_img": 3_226, "non_us_img": 6_869, "fifth_pathway_and_canadian": 10}
    assert sum(sums.values()) == 40_764


# Figures in dispute --------------------------------------------------------------------------------------

# The matches of 2025 by specialty and type were restated by someone else; these disagree with the official state
# report. Where the report has one track to compare, its count is taken; where it cannot tell the track, none is.
# (specialty, track, applicant type): restated applicants, restated matched -> applicants, matched
DISPUTED = {
    ("Dermatology", "categorical", "us_do_senior"): (43, 30, 43, 5),
    ("Dermatology", "categorical", "non_us_img"): (0, 0, None, 1),
    ("Family Medicine/Preventive Medicine", "categorical", "us_do_senior"): (3, 1, 3, 0),
    ("Internal Medicine/Emergency Medicine", "categorical", "us_img"): (19, 12, 19, 6),
    ("Internal Medicine/Medical Genetics", "categorical", "non_us_img"): (6, 5, 6, 1),
    ("Pediatrics", "categorical", "us_do_senior"): (717, 519, 717, None),
    ("Pediatrics", "categorical", "us_img"): (376, 251, 376, None),
    ("Pediatrics", "preliminary", "us_do_senior"): (18, 1, 18, None),
    ("Pediatrics", "preliminary", "us_img"): (4, 3, 4, None),
    ("Pediatrics", "primary_care", "us_do_senior"): (67, 4, 67, None),
    ("Pediatrics", "primary_care", "us_img"): (49, 3, 49, None),
    ("Pediatrics/Anesthesiology", "categorical", "us_do_senior"): (6, 3, 6, 0),
    ("Pediatrics/Psychiatry/Child and Adolescent Psychiatry", "categorical", "us_img"): (5, 1, 5, 0),
}


@pytest.mark.parametrize("place", DISPUTED, ids=" ".join)
def test_a_disputed_figure_is_corrected_or_withheld_and_never_guessed(con, place):
    *_, applicants, matched = DISPUTED[place]
    [row] = con.execute("""SELECT applicants, matched, corrections, rate IS NULL FROM match_rates
                           WHERE (match_year, base) = (2025, 'ranked_anywhere')
                             AND (specialty, track, applicant_type) = (?, ?, ?)""", place).fetchall()
    assert row[:2] == (applicants, matched)
    assert row[2], "no correction is named"
    assert row[3] == (matched is None or applicants is None or applicants < 5)


@pytest.mark.parametrize("place", DISPUTED, ids=" ".join)
def test_the_correction_names_the_figure_it_replaces(con, place):
    before, after = DISPUTED[place][:2], DISPUTED[place][2:]
    key = "%specialty={}; track={};%applicant_type={};%measure=".format(*place)
    declared = con.execute("""SELECT split_part(split_part(row_key, 'measure=', 2), ';', 1), expected_value, new_value
                              FROM corrections WHERE row_key LIKE ?""", [key + "%"]).fetchall()
    changed = {name: (old, new) for name, old, new in zip(("applicants", "matched"), before, after) if old != new}
    assert {name: (int(old), new and int(new)) for name, old, new in declared} == changed


# Rates ---------------------------------------------------------------------------------------------------


def test_a_rate_stands_once_in_each_place_and_on_a_base(con):
    assert count(con, f"(SELECT {PLACE} FROM match_rates GROUP BY ALL HAVING count(*) > 1)") == 0
    bases = con.execute("SELECT DISTINCT base FROM match_rates").fetchall()
    assert {base for (base,) in bases} == set(vocabulary.BASES)
    assert count(con, "match_rates WHERE base IS NULL") == 0 < count(con, "match_rates WHERE rate IS NOT NULL")


@pytest.mark.parametrize("wrong", [
    "rate <> matched / applicants",
    "NOT (0 <= rate_low AND rate_low <= rate AND rate <= rate_high AND rate_high <= 1)",
    "rate_low = rate_high",
    "(rate IS NULL) <> (reliability = 'suppressed')",
    "(rate IS NULL) <> (rate_low IS NULL) OR (rate IS NULL) <> (rate_high IS NULL)",
    "(reliability = 'suppressed') <> (matched IS NULL OR applicants IS NULL OR applicants < 5)",
    """reliability <> CASE WHEN rate IS NULL THEN 'suppressed'
                           WHEN applicants < 30 OR rate_high - rate_low > 0.2 THEN 'unstable' ELSE 'ok' END""",
    "matched > applicants OR matched < 0",
    "rate IS NOT NULL AND (source_id IS NULL OR matched_source_id IS NULL)",
    "isnan(rate) OR isnan(rate_low) OR isnan(rate_high)",
])
def test_no_rate_is(con, wrong):
    assert count(con, "match_rates WHERE reliability = 'ok'") > 700
    assert con.execute(f"SELECT {PLACE} FROM match_rates WHERE {wrong}").fetchall() == []


def test_the_whole_country_has_the_published_rates_of_2025(con):
    shown = con.execute("""SELECT applicant_type, round(100 * rate, 1) FROM match_rates
                           WHERE (match_year, specialty, base) = (2025, 'All specialties', 'active')
                             AND applicant_type IN ('us_md_senior', 'us_do_senior', 'us_img', 'non_us_img')"""
                        ).fetchall()
    assert dict(shown) == {"us_md_senior": 93.5, "us_do_senior": 92.6, "us_img": 67.8, "non_us_img": 58.0}


# Conflicts -----------------------------------------------------------------------------------------------


def test_each_conflict_has_one_preferred_value_and_another_that_differs(con):
    places = con.execute("""
        SELECT count(*) FILTER (is_preferred AND difference_from_preferred = 0) = 1 AND count_if(is_preferred) = 1
               AND max(value) > min(value) AND max(value) FILTER (is_preferred) = max(value - difference_from_preferred)
               AND min(precedence) FILTER (is_preferred) = min(precedence)
        FROM conflicts JOIN sources USING (source_id) GROUP BY "table", row_key, measure""").fetchall()
    assert len(places) > 30 and set(places) == {(True,)}


@pytest.mark.parametrize("table", ["match_results", "fellowship_results"])
def test_the_preferred_side_of_a_conflict_is_what_the_public_table_holds(con, table):
    place = ", ".join(["specialty", "applicant_type", "measure", "value", "source_id"]
                      + ["match_year", "track", "entry_level"] * (table == "match_results")
                      + ["organisation", "appointment_year", "last_appointment_year"] * (table == "fellowship_results"))
    preferred, others = (f"(SELECT * FROM conflicts WHERE \"table\" = '{table}' AND {which} is_preferred)"
                         for which in ("", "NOT"))
    assert count(con, f"{preferred} ANTI JOIN {table} USING ({place})") == 0 < count(con, preferred)
    assert count(con, f"{others} SEMI JOIN {table} USING ({place})") == 0 < count(con, others)


def test_a_conflict_names_its_place_twice_in_columns_and_as_one_text(con):
    named = con.execute("""SELECT row_key, match_year, specialty, track, entry_level, applicant_type FROM conflicts
                           WHERE "table" = 'match_results'""").fetchall()
    assert len(named) > 40
    assert {row_key for row_key, *_ in named} == {
        "match_year={}; specialty={}; track={}; entry_level={}; applicant_type={}".format(*place) for _, *place in named}


# Described -----------------------------------------------------------------------------------------------


def test_frictionless_finds_nothing_to_complain_of():
    from frictionless import validate

    report = validate(str(DATASETS / "datapackage.json"))
    assert report.valid, report.flatten(["name", "rowNumber", "fieldName", "message"])
    assert report.stats["tasks"] == len(list(DATASETS.glob("*.csv")))


OKABE_ITO = {"#000000", "#E69F00", "#56B4E9", "#009E73", "#F0E442", "#0072B2", "#D55E00", "#CC79A7", "#999999"}


def test_applicant_types_are_told_apart_by_colour_and_by_symbol():
    parts = [each for each in vocabulary.applicant_types().values() if not each.is_subtotal]
    assert len(parts) == 8 and {each.colour for each in vocabulary.applicant_types().values()} <= OKABE_ITO
    assert len({each.colour for each in parts}) == len({each.symbol for each in parts}) == 8
