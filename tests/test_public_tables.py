"""The public tables of the real facts: names that stay, rows, citations, and keys that are the same everywhere."""

import duckdb
import pytest

from imganalytics.warehouse.schema import read_package
from tests.datasets_copy import DATASETS

# The names that users and other tools ask for (the design, section 4); None where it names the table alone.
NAMED = {
    "sources": None, "specialties": None, "applicant_types": None,
    "match_results": "match_year specialty track entry_level applicant_type measure value source_id locator derivation",
    "match_rates": "match_year specialty track applicant_type base applicants matched rate rate_low rate_high "
                   "reliability source_id",
    "state_results": "match_year state specialty entry_level offered filled source_id",
    "state_fill": "match_year state specialty entry_level applicant_type filled source_id",
    "programs": "program_code institution_code institution city state specialty track first_year last_year active",
    "program_results": "match_year program_code quota matched source_id",
    "fellowship_results": None, "fellowship_programs": None, "fellowship_program_results": None,
    "applicant_traits": None, "pathway_evidence": None, "pathway_attributes": None, "costs": None,
    "visa_employers": None, "conflicts": None, "corrections": None, "build_info": None,
}
NOT_CITED_BY_PLACE = {"sources", "corrections", "declared_gaps"}  # the latter two give a reason instead


def columns(con: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    """The public tables and their columns."""
    found = con.execute("""SELECT table_name, list(column_name) FROM information_schema.columns
                           WHERE table_schema = 'main' AND table_catalog <> 'temp' GROUP BY 1""").fetchall()
    assert len(found) >= 50
    return dict(found)


def count(con: duckdb.DuckDBPyConnection, rows: str) -> int:
    return con.execute(f"SELECT count(*) FROM {rows}").fetchone()[0]


def tables_with(con: duckdb.DuckDBPyConnection, column: str) -> list[str]:
    return sorted(table for table, names in columns(con).items() if column in names)


# Names and rows ------------------------------------------------------------------------------------------


def test_every_table_and_column_that_the_design_names_is_there(con):
    public = columns(con)
    assert [(table, name) for table, names in NAMED.items() for name in (names or "").split()
            if name not in public.get(table, [])] == []
    assert set(NAMED) <= set(public)
    assert [table for table in NAMED if count(con, table) == 0] == []


def test_every_described_table_is_public_with_what_it_describes(con):
    public = columns(con)
    lacking = {(table.name, name) for table in read_package(DATASETS) for name in table.columns
               if table.name != "match_applicants" and name not in public.get(table.name, [])}
    assert lacking == {("match_results", "published_name")}
    assert "match_applicants" not in public  # match_rates is made of it


@pytest.mark.parametrize("rows, number", [
    ("programs", 8_804), ("program_results", 66_490), ("fellowship_program_results", 29_956), ("pathway_evidence", 33),
    ("directory", 25), ("source_document_facts", 218), ("programs WHERE active", 6_513), ("fellowship_programs", 7_524),
    ("program_results WHERE match_year = 2025", 6_513), ("fellowship_program_results WHERE appointment_year = 2026", 6_539),
    ("rights", 5), ("build_info", 5),
])
def test_it_has_the_rows_that_are_known(con, rows, number):
    assert count(con, rows) == number


def test_active_programs_are_those_listed_in_the_latest_year(con):
    assert count(con, """programs FULL JOIN (SELECT * FROM program_results WHERE match_year = 2025) r USING (program_code)
                         WHERE active IS DISTINCT FROM (r.quota IS NOT NULL)""") == 0
    assert con.execute("SELECT max(match_year) FROM program_results").fetchone() == (2025,)


# Citations -----------------------------------------------------------------------------------------------


def test_every_source_that_is_named_is_described_and_has_a_rights_class(con):
    named = [(table, column) for table, names in columns(con).items() for column in names
             if column == "source_id" or column.endswith("_source_id")]
    assert len(named) >= 40 and {"matched_source_id", "titles_source_id"} <= {column for _, column in named}
    for table, column in named:
        assert count(con, f'"{table}" t ANTI JOIN sources s ON t.{column} = s.source_id '
                          f"WHERE t.{column} IS NOT NULL") == 0, f"{table}.{column}"
        assert count(con, f'"{table}" WHERE {column} IS NOT NULL') > 0, f"{table}.{column}"
    assert count(con, "sources ANTI JOIN rights USING (rights)") == 0


def test_every_fact_has_a_source_and_a_place_there_or_a_way_it_was_reached(con):
    public = columns(con)
    facts = [table for table in tables_with(con, "source_id") if table not in NOT_CITED_BY_PLACE]
    assert len(facts) >= 37
    for table in facts:
        ways = [name for name in ("locator", "derivation") if name in public[table]]
        uncited = " AND ".join(f"coalesce(trim({name}), '') = ''" for name in ways) or "true"
        assert count(con, f"\"{table}\" WHERE coalesce(trim(source_id), '') = '' OR ({uncited})") == 0, table
    assert {table for table in facts if "derivation" not in public[table]} == {
        "fellowship_program_results", "program_results", "teaching_hospitals", "visa_filings"}


@pytest.mark.parametrize("table", ["corrections", "declared_gaps"])
def test_what_is_corrected_or_declared_has_a_reason_and_a_source(con, table):
    assert count(con, f"{table} WHERE coalesce(trim(reason), '') = '' OR source_id IS NULL") == 0 < count(con, table)


# Keys ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("column, home", [
    ("specialty", "specialties"), ("applicant_type", "applicant_types"), ("measure", "measures"),
    ("institution_code", "institutions"), ("employer_key", "visa_employers"),
])
def test_a_key_is_the_same_everywhere(con, column, home):
    free = {"measure": {"ecfmg_certificates", "img_match_context", "j1_sponsorship", "source_document_facts",
                        "usmle_performance", "conflicts"}}  # words of their own; conflicts also names columns
    users = [table for table in tables_with(con, column) if table not in {home} | free.get(column, set())]
    assert len(users) >= 3
    for table in users:
        assert count(con, f'"{table}" t ANTI JOIN {home} h USING ({column}) WHERE t.{column} IS NOT NULL') == 0, table


def test_a_specialty_has_one_label_and_the_stage_at_which_it_is_trained(con):
    assert count(con, "specialties") == con.execute("SELECT count(DISTINCT label) FROM specialties").fetchone()[0]
    stages = {table: con.execute(f"""SELECT DISTINCT stage FROM {table} JOIN specialties USING (specialty)
                                     ORDER BY 1""").fetchall() for table in ("programs", "fellowship_programs")}
    assert stages == {"programs": [("residency",)], "fellowship_programs": [("fellowship",)]}


@pytest.mark.parametrize("results, programs", [("program_results", "programs"),
                                               ("fellowship_program_results", "fellowship_programs")])
def test_programs_and_their_results_have_one_key_that_begins_with_the_institution(con, results, programs):
    assert count(con, f"{results} ANTI JOIN {programs} USING (program_code)") == 0
    assert count(con, f"{programs} WHERE left(program_code, 4) <> institution_code") == 0
    assert count(con, programs) == con.execute(f"SELECT count(DISTINCT program_code) FROM {programs}").fetchone()[0]


def test_an_institution_is_the_same_in_the_main_match_and_in_fellowships(con):
    for table in ("programs", "fellowship_programs"):
        assert count(con, f"{table} WHERE institution_code IS NULL OR institution IS NULL") == 0
        assert count(con, f"{table} t ANTI JOIN institutions i USING (institution_code, institution)") == 0
    both = count(con, "institutions SEMI JOIN programs USING (institution_code) "
                      "SEMI JOIN fellowship_programs USING (institution_code)")
    assert both > 500, "hardly any institution has residencies and fellowships"


def test_the_names_of_institutions_are_readable_and_unique(con):
    assert count(con, "institutions") == con.execute("SELECT count(DISTINCT institution) FROM institutions").fetchone()[0]
    short = r"'\b(Univ|Hosps?|Med Ctr|Ctrs?|Hlth|Inst|Reg)\b'"
    assert count(con, f"institutions WHERE regexp_matches(published_name, {short})") > 400
    assert con.execute(f"SELECT institution FROM institutions WHERE regexp_matches(institution, {short})").fetchall() == []


# Sums ----------------------------------------------------------------------------------------------------

SUMS = {  # specialty, track, entry level -> offered, filled, tracks with positions, programs unfilled; all of 2025
    ("All specialties", "all", "all"): (43_218, 40_745, 6_513, None),
    ("All specialties", "all", "PGY-1"): (40_025, 37_651, 5_669, None),
    ("All specialties", "advanced", "PGY-2"): (2_809, 2_770, 640, None),
    ("All specialties", "physician_reserved", "Physician"): (384, 324, 204, None),
    ("Internal Medicine", "categorical", "PGY-1"): (10_936, 10_579, 736, 88),
}


@pytest.mark.parametrize("place", SUMS, ids=" ".join)
def test_the_programs_add_to_the_known_figures_of_2025(con, place):
    sums = dict(con.execute("""SELECT measure, value FROM sums.program
                               WHERE match_year = 2025 AND (specialty, track, entry_level) = (?, ?, ?)""", place).fetchall())
    assert (sums["positions_offered"], sums["positions_filled"], sums["program_tracks_with_quota"],
            sums.get("programs_unfilled")) == SUMS[place]
    assert sums["positions_unfilled"] == sums["positions_offered"] - sums["positions_filled"]


def test_the_fellowship_programs_add_to_the_known_figures(con):
    sums = con.execute("""SELECT appointment_year, measure, value FROM sums.fellowship
                          WHERE specialty = 'All specialties' AND appointment_year >= 2025
                            AND measure <> 'programs_with_positions' ORDER BY ALL""").fetchall()
    assert sums == [(2025, "positions_filled", 12_385), (2025, "positions_offered", 14_613),
                    (2026, "positions_filled", 12_956), (2026, "positions_offered", 15_351)]
