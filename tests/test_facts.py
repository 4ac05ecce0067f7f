"""The real facts: their sums, their sources, their reconciliation, and the figures that two sources dispute."""

from pathlib import Path

import duckdb
import pytest

from imganalytics import vocabulary
from imganalytics.warehouse import build, reconcile
from imganalytics.warehouse.reconciliation import CHECKS, in_one_line
from tests.datasets_copy import DATASETS, synthetic, whole_copy

PLACE = "match_year, specialty, track, entry_level, applicant_type, base"


def database(folder: Path, home: Path) -> duckdb.DuckDBPyConnection:
    """The database made of `folder`, in a home of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IMGANALYTICS_HOME", str(home))
        return duckdb.connect(build(folder).path, read_only=True)


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


# Sources -------------------------------------------------------------------------------------------------


def tables_with(con: duckdb.DuckDBPyConnection, column: str) -> set[str]:
    found = con.execute("""SELECT table_name FROM information_schema.columns
                           WHERE table_schema = 'main' AND column_name = ?""", [column]).fetchall()
    return {name for (name,) in found}


def test_every_source_that_is_named_is_described(con):
    named = [(table, column) for column in ("source_id", "matched_source_id") for table in tables_with(con, column)]
    assert len(named) >= 13
    for table, column in named:
        assert count(con, f"{table} t ANTI JOIN sources s ON t.{column} = s.source_id "
                          f"WHERE t.{column} IS NOT NULL") == 0, f"{table}.{column}"


def test_every_fact_names_its_source_its_place_there_and_how_it_was_derived(con):
    facts = tables_with(con, "locator")
    assert facts >= {"match_results", "match_rates", "state_results", "state_fill", "applicant_traits", "conflicts"}
    for table in facts:
        for column in ("source_id", "locator", "derivation"):
            assert count(con, f"{table} WHERE coalesce(trim({column}), '') = ''") == 0, f"{table}.{column}"


# Reconciliation ------------------------------------------------------------------------------------------


def test_all_figures_agree_but_for_the_declared_gaps(con):
    outcomes = reconcile(con)
    assert [outcome for outcome in outcomes if outcome.fails] == []
    occurring = {(each.check_id, each.subject) for each in outcomes if each.status == "declared gap"}
    assert occurring == set(con.execute("SELECT check_id, subject FROM declared_gaps").fetchall())
    assert len(occurring) >= 27 and len(outcomes) > 6_000
    assert {outcome.check_id for outcome in outcomes} == {check.check_id for check in CHECKS}
    assert in_one_line(outcomes) == (f"{len(outcomes):,} figures compared with published ones: "
                                     f"{len(outcomes) - len(occurring):,} agree, {len(occurring)} declared gaps, 0 fail")


def test_the_19_positions_that_the_program_report_lacks_are_declared_with_their_size(con):
    gaps = {each.subject: each.difference for each in reconcile(con) if each.check_id == "program_sums"
            and each.status == "declared gap"}
    assert gaps == {"2025 positions_offered": -19, "2025 positions_filled": -19}


def test_a_total_that_is_altered_or_gone_fails_wherever_it_is_compared(tmp_path):
    facts = whole_copy(tmp_path / "datasets")
    total = {"source_id": "nrmp_state_2025", "specialty": "All specialties"}
    facts.set("match_results", facts.find("match_results", measure="positions_offered", **total), value=43_238)
    facts.delete("match_results", facts.find("match_results", measure="positions_filled", **total))
    row = {"state": "AL", "specialty": "Anesthesiology", "entry_level": "PGY-1"}
    facts.set("state_results", facts.find("state_results", **row), filled_pct=99)  # 21 of 21
    part = facts.find("state_fill", applicant_type="us_img", **row)
    facts.set("state_fill", part, filled=21)  # of 21, beside the other types
    failing = {(each.check_id, each.subject): (each.status, each.difference, each.reason)
               for each in reconcile(database(facts.folder, tmp_path / "home")) if each.fails}
    program = "2025 All specialties all all all {} in nrmp_progres_2021_2025"
    assert failing == {
        ("state_total", "2025 positions_offered"): ("differs", -1, ""),
        ("state_total", "2025 positions_filled"): ("missing", None, "the published figure is missing"),
        ("state_shares", "2025 AL Anesthesiology PGY-1 line 1 filled"): ("differs", 1, ""),
        ("state_types", "2025 AL Anesthesiology PGY-1 line 1"): ("differs", 21, ""),
        ("types_2025", "Anesthesiology us_img"): ("differs", -21, ""),
        ("program_sums", "2025 positions_offered"): ("differs", -20, "declared_gaps.csv says -19"),
        ("program_sums", "2025 positions_filled"): ("differs", 0, "declared_gaps.csv says -19"),
        ("second_sources", program.format("positions_offered")): ("differs", -20, "declared_gaps.csv says -19"),
        ("second_sources", program.format("positions_filled")):
            ("differs", None, "declared in declared_gaps.csv but nothing is compared")}


def test_a_comparison_without_any_figures_fails(tmp_path):
    outcomes = reconcile(database(synthetic(tmp_path / "datasets").folder, tmp_path / "home"))
    assert [(each.check_id, each.subject, each.status) for each in outcomes] == [
        (check.check_id, "nothing to compare", "missing") for check in CHECKS]


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


def test_each_conflict_has_one_preferred_value_and_another_that_differs(con):
    places = con.execute(f"""
        SELECT count(*) FILTER (is_preferred AND difference_from_preferred = 0) = 1 AND count_if(is_preferred) = 1
               AND max(value) > min(value) AND max(value) FILTER (is_preferred) = max(value - difference_from_preferred)
               AND min(precedence) FILTER (is_preferred) = min(precedence)
        FROM conflicts JOIN sources USING (source_id) GROUP BY "table", {PLACE}, measure""").fetchall()
    assert len(places) > 20 and set(places) == {(True,)}


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
