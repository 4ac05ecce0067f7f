"""Our figures against the published ones: what agrees, what is declared, and that everything else fails."""

from pathlib import Path

import duckdb
import pytest

from imganalytics.warehouse import build, reconcile
from imganalytics.warehouse.reconciliation import CHECKS, in_one_line
from tests.datasets_copy import whole_copy


def database(folder: Path, home: Path) -> duckdb.DuckDBPyConnection:
    """The database made of `folder`, in a home of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IMGANALYTICS_HOME", str(home))
        return duckdb.connect(build(folder).path, read_only=True)


def compared(con: duckdb.DuckDBPyConnection, check_id: str) -> dict[str, tuple]:
    """Status, our figure and the published one of each subject of a check."""
    outcomes = [each for each in reconcile(con) if each.check_id == check_id]
    found = {each.subject: (each.status, each.ours, each.published) for each in outcomes}
    assert len(found) == len(outcomes), "a subject stands twice"
    return found


def reasons(con: duckdb.DuckDBPyConnection, check_id: str) -> dict[str, str]:
    return {each.subject: each.reason for each in reconcile(con) if each.check_id == check_id}


# The real facts ------------------------------------------------------------------------------------------


def test_all_figures_agree_but_for_the_declared_gaps(con):
    outcomes = reconcile(con)
    assert [outcome for outcome in outcomes if outcome.fails] == []
    occurring = {(each.check_id, each.subject) for each in outcomes if each.status == "declared gap"}
    assert occurring == set(con.execute("SELECT check_id, subject FROM declared_gaps").fetchall())
    assert len(occurring) >= 90 and len(outcomes) > 12_000
    assert {outcome.check_id for outcome in outcomes} == {check.check_id for check in CHECKS}
    assert in_one_line(outcomes) == (f"{len(outcomes):,} figures compared with published ones: "
                                     f"{len(outcomes) - len(occurring):,} agree, {len(occurring)} declared gaps, 0 fail")


def gaps(con: duckdb.DuckDBPyConnection, check_id: str) -> dict[str, float | None]:
    """Our figure minus the published one, of each declared gap of a check."""
    return {each.subject: each.difference for each in reconcile(con)
            if each.check_id == check_id and each.status == "declared gap"}


def test_the_19_positions_that_the_program_report_lacks_are_declared_with_their_size(con):
    sized = {subject: gap for subject, gap in gaps(con, "program_sums").items() if gap is not None}
    assert sized == {"2025 positions_offered": -19, "2025 positions_filled": -19, "2019 PGY-1 positions_filled": 12}


def test_the_19_positions_are_placed_by_state_and_specialty(con):
    placed = gaps(con, "program_states")
    offered = {subject.removesuffix(" offered"): gap for subject, gap in placed.items() if subject.endswith(" offered")}
    filled = {subject.removesuffix(" filled"): gap for subject, gap in placed.items() if subject.endswith(" filled")}
    assert sum(offered.values()) == sum(filled.values()) == -19 and len(placed) == len(offered) + len(filled)
    assert offered == filled == {
        "2025 CT Pathology-Anatomic and Clinical": -1, "2025 KS Internal Medicine": -1, "2025 MA Internal Medicine": -2,
        "2025 MA Pathology-Anatomic and Clinical": -1, "2025 MI Internal Medicine": -1,
        "2025 MO Radiology-Diagnostic": -1, "2025 NY Anesthesiology": -2, "2025 NY Internal Medicine": -1,
        "2025 NY Neurological Surgery": -2, "2025 NY Transitional Year": -2,
        "2025 PA Pathology-Anatomic and Clinical": -1, "2025 TX Internal Medicine": -2, "2025 WI Internal Medicine": -1,
        "2025 WI Pediatrics": -1}


def test_the_totals_that_nobody_published_are_declared_without_a_size(con):
    blank = con.execute("SELECT check_id, subject FROM declared_gaps WHERE gap IS NULL ORDER BY ALL").fetchall()
    assert blank == [("fellowship_sums", "2023 positions_filled"), ("program_sums", "2014 positions_filled"),
                     ("program_sums", "2015 positions_filled"), ("program_sums", "2017 positions_filled")]
    open_ = [(each.check_id, each.subject) for each in reconcile(con) if each.published is None]
    assert sorted(open_) == blank


def test_the_fellowship_positions_that_the_listing_lacks_are_declared_with_their_size(con):
    assert gaps(con, "fellowship_sums") == {
        "2023 positions_filled": None, "2025 positions_offered": -7, "2025 positions_filled": -5,
        "2026 positions_offered": -7, "2026 positions_filled": -7}


def test_the_24_specialties_of_charting_outcomes_lack_what_the_printed_totals_hold(con):
    totals = compared(con, "charting_totals")
    assert totals["matched"] == ("declared gap", 5_708, 5_721)
    assert totals["applicants"] == ("declared gap", 11_649, 11_685)


def test_a_total_that_is_altered_or_gone_fails_wherever_it_is_compared(tmp_path):
    facts = whole_copy(tmp_path / "datasets")
    total = {"source_id": "nrmp_state_2025", "specialty": "All specialties"}
    facts.set("match_results", facts.find("match_results", measure="positions_offered", **total), value=43_238)
    facts.delete("match_results", facts.find("match_results", measure="positions_filled", **total))
    row = {"state": "AL", "specialty": "Anesthesiology", "entry_level": "PGY-1"}
    facts.set("state_results", facts.find("state_results", **row), filled_pct=99)  # 21 of 21
    part = facts.find("state_fill", applicant_type="us_img", **row)
    facts.set("state_fill", part, filled=21)  # of 21, beside the other types
    facts.delete("directory", 2)
    con = database(facts.folder, tmp_path / "home")
    failing = {(each.check_id, each.subject): (each.status, each.difference, each.reason)
               for each in reconcile(con) if each.fails}
    stored = {tuple(row[:2]): (*row[2:4], row[4] or "") for row in con.execute(
        "SELECT check_id, subject, status, difference, explanation FROM reconciliation "
        "WHERE status IN ('differs', 'missing')").fetchall()}
    program = "2025 All specialties all all all {} in nrmp_progres_2021_2025"
    assert failing == stored == {
        ("state_total", "2025 positions_offered"): ("differs", -1, ""),
        ("state_total", "2025 positions_filled"): ("missing", None, "the published figure is missing"),
        ("state_shares", "2025 AL Anesthesiology PGY-1 line 1 filled"): ("differs", 1, ""),
        ("state_types", "2025 AL Anesthesiology PGY-1 line 1"): ("differs", 21, ""),
        ("types_2025", "Anesthesiology us_img"): ("differs", -21, ""),
        ("program_sums", "2025 positions_offered"): ("differs", -20, "declared_gaps.csv says -19"),
        ("program_sums", "2025 positions_filled"): ("missing", None, "the published figure is missing"),
        ("second_sources", program.format("positions_offered")): ("differs", -20, "declared_gaps.csv says -19"),
        ("second_sources", program.format("positions_filled")):
            ("differs", None, "declared in declared_gaps.csv but nothing is compared"),
        ("row_counts", "match_results 2025"): ("differs", -1, ""),
        ("row_counts", "directory"): ("differs", -1, "")}


# Synthetic facts -----------------------------------------------------------------------------------------


def test_a_comparison_without_any_figures_fails(built):
    outcomes = [each for each in reconcile(built()) if each.check_id != "row_counts"]
    assert [(each.check_id, each.subject, each.status) for each in outcomes] == [
        (check.check_id, "nothing to compare", "missing") for check in CHECKS if check.check_id != "row_counts"]


PROGRAM = {"institutions": [{}], "programs": [{}]}


def total(year: int, offered: int | None = None, filled: int | None = None) -> list[dict]:
    """Printed totals of the whole Match in a year."""
    return [{"match_year": year, "specialty": "All specialties", "track": "all", "entry_level": "all",
             "measure": f"positions_{name}", "value": value}
            for name, value in (("offered", offered), ("filled", filled)) if value is not None]


def gap(year: int, size: float | str, check_id: str = "program_sums") -> dict:
    return {"check_id": check_id, "subject": f"{year} positions_filled", "gap": size, "reason": f"synthetic {year}"}


NOT_PUBLISHED = "declared_gaps.csv says that no total is published, and now one is"
CASES = {  # filled as printed, the gap declared -> how the 9 filled positions of the one program compare, and why
    2001: (9, None, "agrees", ""),
    2002: (10, None, "differs", ""),
    2003: (10, -1, "declared gap", "synthetic 2003"),
    2004: (10, -2, "differs", "declared_gaps.csv says -2"),
    2005: (9, -1, "differs", "declared_gaps.csv says -1"),  # it has closed
    2006: (None, None, "missing", "the published figure is missing"),
    2007: (None, "", "declared gap", "synthetic 2007"),
    2008: (9, "", "differs", NOT_PUBLISHED),
    2009: (10, "", "differs", NOT_PUBLISHED),
    2010: (None, -1, "missing", "the published figure is missing"),
    2011: (None, 0, "missing", "the published figure is missing"),
}


def test_a_difference_passes_only_with_its_size_and_a_missing_total_only_as_declared(built):
    con = built(**PROGRAM, program_results=[{"match_year": year, "quota": 10, "matched": 9} for year in CASES],
                match_results=[row for year, case in CASES.items() for row in total(year, 10, case[0])],
                declared_gaps=[gap(year, case[1]) for year, case in CASES.items() if case[1] is not None])
    assert compared(con, "program_sums") == {
        f"{year} positions_filled": (case[2], 9, case[0]) for year, case in CASES.items()} | {
        f"{year} positions_offered": ("agrees", 10, 10) for year in CASES}
    why = reasons(con, "program_sums")
    assert {year: why[f"{year} positions_filled"] for year in CASES} == {year: case[3] for year, case in CASES.items()}


def test_a_gap_of_which_nothing_is_compared_fails(built):
    con = built(**PROGRAM, program_results=[{"quota": 10, "matched": 9}], match_results=total(2025, 10, 9),
                declared_gaps=[gap(2024, -1), gap(2024, "", "synthetic_check")])
    failing = [(each.check_id, each.subject, each.status, each.reason) for each in reconcile(con)
               if each.subject.startswith("2024")]
    why = "declared in declared_gaps.csv but nothing is compared"
    assert failing == [("program_sums", "2024 positions_filled", "differs", why),
                       ("synthetic_check", "2024 positions_filled", "differs", why)]


def test_the_best_printed_total_is_the_one_compared(built):
    press = [row | {"source_id": "synthetic_press", "value": 77} for row in total(2025, 1, 1)]
    con = built(**PROGRAM, program_results=[{"quota": 10, "matched": 9}], match_results=press + total(2025, 10, 9))
    assert compared(con, "program_sums") == {"2025 positions_filled": ("agrees", 9, 9),
                                             "2025 positions_offered": ("agrees", 10, 10)}


def test_programs_are_set_against_the_state_report_place_by_place(built):
    programs = [{}, {"program_code": "1001900C1"}, {"program_code": "1001901C0", "specialty": "Synthetic Surgery"},
                {"program_code": "1001901C1", "specialty": "Synthetic Surgery", "state": "CA"}]
    results = [{"quota": 10, "matched": 9}, {"quota": 5, "matched": 5, "program_code": "1001900C1"},
               {"quota": 2, "matched": 1, "program_code": "1001901C0"},
               {"quota": 0, "matched": 0, "program_code": "1001901C1"},
               {"quota": 8, "matched": 8, "match_year": 2024}]
    con = built(institutions=[{}], programs=programs, program_results=results,
                state_results=[{"offered": 15, "filled": 13}, {"offered": 3, "filled": 3, "state": "TX"}])
    assert compared(con, "program_states") == {
        "2025 NY Synthetic Medicine offered": ("agrees", 15, 15),
        "2025 NY Synthetic Medicine filled": ("differs", 14, 13),
        "2025 NY Synthetic Surgery offered": ("missing", 2, None),
        "2025 NY Synthetic Surgery filled": ("missing", 1, None),
        "2025 TX Synthetic Medicine offered": ("missing", None, 3),
        "2025 TX Synthetic Medicine filled": ("missing", None, 3)}


def test_the_states_are_set_against_the_totals_of_the_same_report(built):
    con = built(state_results=[{"offered": 15, "filled": 13}, {"offered": 3, "filled": 3, "state": "TX"}],
                match_results=total(2025, 18, 17)
                + [row | {"source_id": "synthetic_other_report", "value": 99} for row in total(2025, 1, 1)])
    assert compared(con, "state_total") == {"2025 positions_offered": ("agrees", 18, 18),
                                            "2025 positions_filled": ("differs", 16, 17)}


def test_fellowship_programs_are_set_against_the_totals_of_the_same_organisation_and_year(built):
    printed = {"specialty": "All specialties", "measure": "positions_offered", "value": 3}
    elsewhere = [printed | {"organisation": "SF Match", "value": 5}, printed | {"last_appointment_year": 2026, "value": 8},
                 printed | {"appointment_year": 2024, "last_appointment_year": 2024}]
    con = built(institutions=[{}], fellowship_programs=[{}], fellowship_results=elsewhere, fellowship_program_results=[
        {"quota": 3, "filled": 2}, {"quota": 3, "filled": 2, "appointment_year": 2024}])
    assert compared(con, "fellowship_sums") == {
        "2024 positions_offered": ("agrees", 3, 3), "2024 positions_filled": ("missing", 2, None),
        "2025 positions_offered": ("missing", 3, None), "2025 positions_filled": ("missing", 2, None)}


def test_a_sum_says_of_how_many_parts_it_is(built):
    con = built(
        institutions=[{}], programs=[{}, {"program_code": "1001900C1"}, {"program_code": "1001900A0", "state": "CA"}],
        program_results=[{"quota": 1, "matched": 1, "program_code": code}
                         for code in ("1001900C0", "1001900C1", "1001900A0")],
        fellowship_programs=[{}, {"program_code": "1001900F1"}],
        fellowship_program_results=[{"quota": 1, "filled": 1}, {"quota": 1, "filled": 1, "program_code": "1001900F1"},
                                    {"quota": 1, "filled": 1, "appointment_year": 2024}],
        state_results=[{"offered": 2, "filled": 2}, {"offered": 1, "filled": 1, "state": "CA"}],
        state_fill=[{"filled": 1}, {"filled": 1, "applicant_type": "non_us_img"}, {"filled": 1, "state": "CA"}],
        visa_employers=[{}, {"employer_key": "synthetic clinic"}],
        visa_filings=[{"filings": 4}, {"filings": 1, "employer_key": "synthetic clinic"}])
    parts = {(each.check_id, each.subject): each.parts for each in reconcile(con) if each.parts}
    assert parts == {
        ("program_sums", "2025 positions_offered"): 3, ("program_sums", "2025 positions_filled"): 3,
        ("program_states", "2025 NY Synthetic Medicine offered"): 2,
        ("program_states", "2025 NY Synthetic Medicine filled"): 2,
        ("program_states", "2025 CA Synthetic Medicine offered"): 1,
        ("program_states", "2025 CA Synthetic Medicine filled"): 1,
        ("program_places", "2025 programs with more filled than offered"): 3,
        ("fellowship_sums", "2024 positions_offered"): 1, ("fellowship_sums", "2024 positions_filled"): 1,
        ("fellowship_sums", "2025 positions_offered"): 2, ("fellowship_sums", "2025 positions_filled"): 2,
        ("state_total", "2025 positions_offered"): 2, ("state_total", "2025 positions_filled"): 2,
        ("state_types", "2025 NY Synthetic Medicine PGY-1 line 1"): 2,
        ("state_types", "2025 CA Synthetic Medicine PGY-1 line 1"): 1,
        ("visa_employers", "2025 filings"): 2}


def test_more_filled_than_offered_fails(built):
    con = built(**PROGRAM, program_results=[{"quota": 3, "matched": 4}, {"quota": 3, "matched": 3, "match_year": 2024}])
    assert compared(con, "program_places") == {
        "2024 programs with more filled than offered": ("agrees", 0, 0),
        "2025 programs with more filled than offered": ("differs", 1, 0)}


# Numbers of rows -----------------------------------------------------------------------------------------


def expected(**rows: int) -> list[dict]:
    """Rows of expected_rows.csv; 'table_2025' is a table and a year."""
    named = [(name.removesuffix("_2024").removesuffix("_2025"), name[-4:], count) for name, count in rows.items()]
    return [{"table": table, "year": year if year in ("2024", "2025") else "", "rows": count}
            for table, year, count in named]


def test_every_table_and_year_must_have_the_rows_that_are_expected(built):
    results = [{"quota": 1, "matched": 1, "match_year": year, "program_code": code}
               for year in (2023, 2024, 2025) for code in ("1001900C0", "1001900C1")]
    con = built(institutions=[{}], programs=[{}, {"program_code": "1001900C1"}], program_results=results[:-1],
                expected_rows=expected(sources=3, rights=2, program_results_2024=2, program_results_2025=2, programs=2,
                                       state_results_2025=7, directory=4, synthetic_table=5, costs=0))
    counted = compared(con, "row_counts")
    assert {subject: found for subject, found in counted.items() if found[1:] != (0, None)} == {
        "sources": ("agrees", 3, 3), "rights": ("differs", 1, 2), "programs": ("agrees", 2, 2),
        "program_results 2023": ("missing", 2, None),  # rows of a year that is not listed
        "program_results 2024": ("agrees", 2, 2), "program_results 2025": ("differs", 1, 2),
        "state_results 2025": ("missing", None, 7), "directory": ("differs", 0, 4),
        "synthetic_table": ("missing", None, 5), "costs": ("agrees", 0, 0),
        "institutions": ("missing", 1, None), "specialties": ("missing", 3, None),  # tables that are not listed
        "applicant_types": ("missing", 3, None), "measures": ("missing", 6, None)}
    assert "traits" in counted  # not listed and empty fails too: ("missing", 0, None)


def test_our_own_missing_rows_are_no_gap_without_a_size(built):
    con = built(expected_rows=expected(state_results_2025=7),
                declared_gaps=[{"check_id": "row_counts", "subject": "state_results 2025", "gap": ""}])
    assert compared(con, "row_counts")["state_results 2025"] == ("missing", None, 7)
    assert reasons(con, "row_counts")["state_results 2025"] == "our figure is missing"


# As a table ----------------------------------------------------------------------------------------------


def as_rows(con: duckdb.DuckDBPyConnection) -> list[tuple]:
    titles = {check.check_id: check.title for check in CHECKS}
    return [(each.check_id, titles.get(each.check_id), each.subject, each.parts, each.ours, each.published, each.difference,
             each.status, each.reason or None) for each in reconcile(con)]


def test_the_table_of_comparisons_is_what_the_check_shows(con):
    stored = con.execute("FROM reconciliation").fetchall()
    assert [name for name, *_ in con.description] == ["check_id", "title", "subject", "parts", "ours", "published",
                                                      "difference", "status", "explanation"]
    assert len(stored) > 12_000 and sorted(stored, key=str) == sorted(as_rows(con), key=str)


def test_the_table_of_comparisons_also_holds_what_fails(built):
    con = built(**PROGRAM, program_results=[{"quota": 10, "matched": 9}], match_results=total(2025, 11),
                expected_rows=expected(sources=3))
    rows = con.execute("""SELECT check_id, subject, parts, ours, published, difference, status, explanation
                          FROM reconciliation WHERE check_id IN ('program_sums', 'state_total') ORDER BY ALL""").fetchall()
    assert rows == [
        ("program_sums", "2025 positions_filled", 1, 9, None, None, "missing", "the published figure is missing"),
        ("program_sums", "2025 positions_offered", 1, 10, 11, -1, "differs", None),
        ("state_total", "nothing to compare", None, None, None, None, "missing", "the figures are gone")]
    assert sorted(con.execute("FROM reconciliation").fetchall(), key=str) == sorted(as_rows(con), key=str)
