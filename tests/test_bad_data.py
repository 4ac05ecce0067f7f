"""Facts that cannot be taken: one clear line for each, and the last good database stays and answers."""

import json

import pytest
from click.testing import CliRunner

from imganalytics.cli import main
from imganalytics.errors import DataError
from imganalytics.warehouse import build, current_database
from tests.datasets_copy import Facts, contents, refusal, refused, shell, synthetic


def test_the_facts_that_are_spoilt_below_are_good(good, home):
    assert CliRunner().invoke(main, ["build", "--datasets", str(good[0].folder)]).stdout.startswith("up to date: ")


# Cells ---------------------------------------------------------------------------------------------------

COUNT = "a whole number, 0 or more"
PERCENT = "a number from 0 to 100 (percent), or blank when not published"
TRACKS = ("categorical, preliminary, primary_care, advanced, physician_reserved, all, all_pgy1, "
          "all_but_preliminary, categorical_and_combined, categorical_and_advanced, not_stated")


CELLS = [
    ("rank_list_results", "matched_pct", "145", f"'145' is above 100; allowed: {PERCENT}"),
    ("rank_list_results", "matched_pct", "-1", f"'-1' is below 0; allowed: {PERCENT}"),
    ("rank_list_results", "matched_pct", "45%", "'45%' is not a number from 0 to 100 (percent); allowed: " + PERCENT),
    ("rank_list_results", "matched", "45.5", f"'45.5' is not a whole number; allowed: {COUNT} (applicants)"),
    ("rank_list_results", "matched", "19,484", f"'19,484' is not a whole number; allowed: {COUNT} (applicants)"),
    ("rank_list_results", "unmatched", "-3", f"'-3' is below 0; allowed: {COUNT} (applicants)"),
    ("state_fill", "filled", "x", f"'x' is not a whole number; allowed: {COUNT} (positions)"),
    ("match_results", "value", "1e999", "'1e999' is not a number; allowed: a number, 0 or more"),
    ("match_results", "value", "n/a", "'n/a' is not a number; allowed: a number, 0 or more"),
    ("match_results", "value", "", "is blank; allowed: a number, 0 or more"),
    ("match_results", "locator", "", "is blank; allowed: text"),
    ("match_results", "derivation", "  ", "'  ' is blank; allowed: text"),
    ("match_results", "track", "Categorical", f"'Categorical' is not one of the allowed values; allowed: {TRACKS}"),
    ("match_results", "match_year", "25", "'25' is below 1990; allowed: a whole number from 1990 to 2035"),
    ("applicant_types", "colour", "red", "'red' is not of the allowed form; allowed: text of the form #[0-9A-F]{6}"),
    ("applicant_types", "is_subtotal", "no", "'no' is not true or false; allowed: true or false"),
    ("match_results", "specialty", "Anaesthesiology", "'Anaesthesiology' is not in specialties.csv; nearest: "
     "Anesthesiology, Pediatric Anesthesiology, Pediatrics/Anesthesiology"),
    ("match_results", "specialty", "qqq", "'qqq' is not in specialties.csv; add it to specialties.csv first"),
    ("state_fill", "source_id", "nrmp_state_2052", "'nrmp_state_2052' is not in sources.csv; nearest: "
     "nrmp_state_2025, nrmp_adt_2025, nrmp_adt_2014"),
    ("match_results", "source_id", "", "is blank; allowed: text"),
    ("program_results", "source_id", "", "is blank; allowed: text"),
    ("program_results", "program_code", "9999999C9", "'9999999C9' is not in programs.csv; add it to programs.csv first"),
    ("visa_filings", "locator", "  ", "'  ' is blank; allowed: text"),
    ("sources", "rights", "", "is blank; allowed: text"),
    ("sources", "rights", "mine", "'mine' is not in rights.csv; allowed: "
     "nrmp_facts, open_access, publisher_facts, repo_permissive, us_public_domain"),
]


def test_a_cell_that_is_not_allowed_is_named_with_what_is(facts, home):
    expected = []
    for row, (table, column, value, complaint) in enumerate(CELLS, 3):
        row %= len(facts.rows(table)) - 2  # a row of its own for each
        facts.set(table, row + 2, **{column: value})
        expected.append(f"{table}.csv, row {row + 2}, column '{column}': {complaint}")
    assert sorted(refused(facts, home)) == sorted(expected)


def test_the_unit_of_a_trait_is_checked(facts, home):
    facts.set("applicant_traits", 2, trait="contiguous_ranks", unit="score")
    assert refusal(facts, home) == [
        "applicant_traits.csv, row 2, column 'trait', 'unit': 'contiguous_ranks', 'score' is not in traits.csv; "
        "allowed with 'contiguous_ranks': programs"]


@pytest.mark.parametrize("measure, value, allowed", [
    ("applicants", "45.5", "a whole number, 0 or more (applicants)"),
    ("matched_pct", "145", "a number from 0 to 100 (percent)"),
])
def test_the_unit_of_a_measure_is_checked(tmp_path, home, measure, value, allowed):
    facts = synthetic(tmp_path / "datasets", match_applicants=[{"measure": measure, "value": value}])
    assert refusal(facts, home) == [
        f"match_applicants.csv, row 2, column 'value': '{value}' cannot be '{measure}'; allowed: {allowed}"]


def test_more_matched_than_applicants_are_refused(tmp_path, home):
    facts = synthetic(tmp_path / "datasets", match_applicants=[
        {"measure": "applicants", "value": 100}, {"measure": "matched", "value": 120}])
    assert refusal(facts, home) == [
        "match_applicants.csv: 2025 Synthetic Medicine, categorical, PGY-1, us_img, preferred: 120 matched "
        "(synthetic_report) of 100 applicants (synthetic_report); allowed: from 0 to the applicants"]


def test_a_key_that_stands_twice_is_named_with_both_rows(facts, home):
    rows = facts.rows("traits")
    facts.write("traits", [*rows, rows[3]])
    assert refusal(facts, home) == [f"traits.csv, row {len(rows) + 1}: the same key as row 4 (trait = {rows[3][0]}); "
                                    "allowed: one row for each key"]


# Rows, columns, files ------------------------------------------------------------------------------------


@pytest.mark.parametrize("row, complaint", [
    ('a,Synthetic a', "row 3: 2 cells where the header has 3 ('a, Synthetic a'); "
                      "a text that holds a comma needs quotes"),
    ('a,Synthetic, a,score', "row 3: 4 cells where the header has 3 ('a, Synthetic,  a, score'); "
                             "a text that holds a comma needs quotes"),
    ('', "row 3: a blank row; allowed: none, also at the end"),
    ('a,"Synthetic a,score', "row 3: broken CSV (unexpected end of data); "
                             "a quote that opens a cell must also close it"),
    ('a,"Synthetic" a,score', "row 3: broken CSV (',' expected after '\"'); "
                              "a quote that opens a cell must also close it"),
])
def test_a_broken_row_is_named(facts, home, row, complaint):
    lines = facts.path("traits").read_text("utf-8").splitlines()
    facts.path("traits").write_text("\n".join([*lines[:2], row, *lines[2:], ""]), "utf-8")
    assert [line for line in refusal(facts, home) if line.startswith("traits.csv")] == [f"traits.csv, {complaint}"]


@pytest.mark.parametrize("header, complaints", [
    ("trait,lable,unit", ["unknown column 'lable'; did you mean 'label'? Allowed: trait, label, unit"]),
    ("trait,label,unit,zzz", ["unknown column 'zzz'; allowed: trait, label, unit"]),
    ("trait,unit", ["missing column 'label'; allowed: trait, label, unit"]),
    ("label,trait,unit", ["columns out of order; allowed: trait, label, unit"]),
    ("trait,label,label,unit", ["column 'label' stands there 2 times; allowed: once"]),
    ("trait;label;unit", ["unknown column 'trait;label;unit'; allowed: trait, label, unit",
                          "missing column 'trait', 'label', 'unit'; allowed: trait, label, unit"]),
    ("", ["missing column 'trait', 'label', 'unit'; allowed: trait, label, unit"]),
])
def test_a_wrong_header_is_named(facts, home, header, complaints):
    facts.replace("traits.csv", "trait,label,unit", header)
    assert refusal(facts, home) == [f"traits.csv, row 1: {complaint}" for complaint in complaints]


def test_a_file_that_is_not_utf_8_is_named_with_its_row(facts, home):
    rows = facts.rows("sources")
    rows[-1][1] = "x" * 20_000  # farther on than one buffer of a file
    facts.write("sources", [*rows, ["synthetic", "Caf\N{LATIN SMALL LETTER E WITH ACUTE}", *rows[-1][2:]]])
    facts.path("sources").write_bytes(facts.path("sources").read_text("utf-8").encode("latin-1", "replace"))
    assert refusal(facts, home) == [f"sources.csv, row {len(rows) + 1}: not UTF-8 (byte 0xe9); "
                                    "save the file as 'CSV UTF-8'"]


def test_a_missing_file_is_named(facts, home):
    facts.path("traits").unlink()
    assert refusal(facts, home) == [f"traits.csv: the file is missing from {facts.folder}"]


def test_line_endings_of_two_kinds_are_refused(facts, home):
    facts.replace("sources.csv", "\n", "\r\n")
    [line] = refusal(facts, home)
    assert line.startswith("sources.csv: broken CSV (") and "line endings are of two kinds" in line


@pytest.mark.parametrize("change", [
    lambda content: b"\xef\xbb\xbf" + content,
    lambda content: content.replace(b"\n", b"\r\n"),
    lambda content: b"\xef\xbb\xbf" + content.replace(b"\n", b"\r\n"),
    lambda content: content.removesuffix(b"\n"),
], ids=["byte order mark", "CRLF", "both, as Excel writes", "no end of the last line"])
def test_what_spreadsheets_and_editors_write_is_taken(tmp_path, monkeypatch, change):
    monkeypatch.setenv("IMGANALYTICS_HOME", str(tmp_path / "home"))
    facts = synthetic(tmp_path / "datasets", match_results=[{"measure": "positions_filled", "value": 7}])
    for path in facts.folder.iterdir():
        path.write_bytes(change(path.read_bytes()))
    built = build(facts.folder)
    assert {table.name: table.rows for table in built.tables}["match_results"] == 1


# datapackage.json ----------------------------------------------------------------------------------------


def described(facts: Facts, change) -> None:
    """Change what datapackage.json says, as resources by name."""
    path = facts.folder / "datapackage.json"
    package = json.loads(path.read_text("utf-8"))
    by_name = {resource["name"]: resource for resource in package["resources"]}
    change(by_name)
    path.write_text(json.dumps(package | {"resources": list(by_name.values())}), "utf-8")


@pytest.mark.parametrize("content, complaint", [
    (None, "no such file; it describes the tables in datasets/"),
    (b'{"resources": [', "not valid JSON in UTF-8 (Expecting value: line 1 column 16 (char 15))"),
    (b'{"resources": "\xe9"}', "not valid JSON in UTF-8 ('utf-8' codec can't decode byte 0xe9"),
    (b"[]", "not a data package ("),
    (b"{}", "a resource lacks 'resources'"),
    (b'{"resources": [{"name": "a", "path": "a.csv"}]}', "a resource lacks 'schema'"),
    (b'{"resources": ["a.csv"]}', "not a data package ("),
])
def test_a_missing_or_broken_datapackage_is_named(facts, home, content, complaint):
    path = facts.folder / "datapackage.json"
    path.unlink() if content is None else path.write_bytes(content)
    [line] = refusal(facts, home)
    assert "datapackage.json: " + complaint in line


@pytest.mark.parametrize("change, complaint", [
    (lambda package: package.pop("specialty_aliases"),
     "datapackage.json: no resource 'specialty_aliases', which the database needs"),
    (lambda package: package["traits"]["schema"]["fields"][0].update(type="date"),
     "datapackage.json: not a data package (traits, column 'trait': type 'date'; "
     "allowed: string, integer, number, boolean)"),
    (lambda package: package["traits"].update(path=["traits.csv"]),
     "datapackage.json: not a data package (traits: path ['traits.csv']; allowed: the name of one file)"),
    (lambda package: package["traits"]["schema"].update(primaryKey="name"),
     "datapackage.json: a key of traits names column 'name' of traits, which is not described"),
    (lambda package: package["sources"]["schema"]["foreignKeys"][0]["reference"].update(resource="laws"),
     "datapackage.json: a key of sources names column 'rights' of laws, which is not described"),
    (lambda package: package["soap_results"]["schema"]["primaryKey"].append("locator"),
     "datapackage.json: the key of soap_results names 'locator', for which the table conflicts has no column; allowed: "
     "match_year, edition_year, appointment_year, last_appointment_year, organisation, state, specialty, track, "
     "entry_level, applicant_type, base, trait, cohort, measure, source_id"),
])
def test_a_description_that_cannot_hold_is_named(facts, home, change, complaint):
    described(facts, change)
    assert refusal(facts, home) == [complaint]


def test_a_description_that_the_database_cannot_follow_is_one_line(facts, home):
    described(facts, lambda package: package["sources"]["schema"]["fields"][0]["constraints"].update(pattern="["))
    [line] = refusal(facts, home)
    assert line.startswith(f"{facts.folder}: no database can be made of it (")


# Corrections ---------------------------------------------------------------------------------------------

KEY = ("match_year=2025; specialty=Synthetic Medicine; track=categorical; entry_level=PGY-1; "
       "applicant_type=us_img; base=preferred; measure=matched; source_id=synthetic_report")
CORRECTION = {"table": "match_applicants", "row_key": KEY, "field": "value", "expected_value": 30,
              "action": "replace", "new_value": 31}
COLUMNS = ("match_year, specialty, published_name, track, entry_level, applicant_type, base, measure, value, "
           "source_id, locator, derivation, note")


CHANGES = [
    ({"expected_value": 29}, "match_applicants.csv now has 30.0 in 'value' where 29 was expected; "
                             "look at the source again, then change or drop this correction"),
    ({"expected_value": ""}, "match_applicants.csv now has 30.0 in 'value' where None was expected; "
                             "look at the source again, then change or drop this correction"),
    ({"expected_value": "many"}, "expected_value 'many' is not a number; allowed: a number, 0 or more"),
    ({"new_value": "many"}, "new_value 'many' is not a number; allowed: a number, 0 or more"),
    ({"new_value": -4}, "new_value '-4' is below 0; allowed: a number, 0 or more"),
    ({"row_key": KEY.replace("2025", "2024")}, "0 rows of match_applicants.csv fit its row_key; allowed: exactly one"),
    ({"row_key": "match_year=2025"}, "2 rows of match_applicants.csv fit its row_key; allowed: exactly one"),
    ({"row_key": "year=2025"}, f"row_key names 'year'; allowed: {COLUMNS}"),
    ({"row_key": "2025"}, f"row_key names '2025'; allowed: {COLUMNS}"),
    ({"field": "values"}, f"no column 'values' in match_applicants.csv; allowed: {COLUMNS}"),
    ({"field": "source_id", "new_value": "nobody"}, "column 'source_id' is part of a key; "
                                                    "allowed: a column that links no tables"),
    ({"action": "withhold"}, "action 'withhold' with new_value '31'; "
                             "allowed: 'replace' with a value, 'withhold' without one"),
    ({"new_value": ""}, "action 'replace' with new_value None; "
                        "allowed: 'replace' with a value, 'withhold' without one"),
]


def test_a_correction_that_does_not_fit_is_named(tmp_path, home):
    counts = [{"measure": "applicants", "value": 100}, {"measure": "matched", "value": 30}]
    corrections = [CORRECTION | change | {"correction_id": f"c{row:03}"} for row, (change, _) in enumerate(CHANGES, 2)]
    facts = synthetic(tmp_path / "datasets", match_applicants=counts, corrections=corrections)
    assert refused(facts, home) == [f"corrections.csv, row {row}, c{row:03}: {complaint}"
                                    for row, (_, complaint) in enumerate(CHANGES, 2)]


@pytest.mark.parametrize("table", ["match_applicant", "corrections"])
def test_a_correction_of_a_table_that_is_not_there_is_named(tmp_path, home, table):
    facts = synthetic(tmp_path / "datasets", corrections=[CORRECTION | {"table": table}])
    [line] = refusal(facts, home)
    assert line.startswith(f"corrections.csv, row 2, c001: no table '{table}'; allowed: sources, rights, ")


def test_a_correction_cannot_bring_in_part_of_a_person(tmp_path, home):
    facts = synthetic(tmp_path / "datasets", match_applicants=[{"measure": "matched", "value": 30}],
                      corrections=[CORRECTION | {"new_value": 5.5}])
    assert refusal(facts, home) == ["match_applicants.csv, row 2, column 'value': '5.5' cannot be 'matched'; "
                                    "allowed: a whole number, 0 or more (applicants)"]


# Several problems; the last good database ----------------------------------------------------------------


def test_every_problem_of_every_file_is_listed(facts, home):
    facts.replace("soap_results.csv", "measure", "mesure")
    facts.set("rank_list_results", 2, matched="x", unmatched="y")
    facts.set("state_fill", 4, source_id="nobody")
    facts.path("couples_results").unlink()
    assert [line.split(":")[0] for line in refusal(facts, home)] == [
        "rank_list_results.csv, row 2, column 'matched'", "rank_list_results.csv, row 2, column 'unmatched'",
        "soap_results.csv, row 1", "couples_results.csv", "state_fill.csv, row 4, column 'source_id'"]


@pytest.mark.parametrize("table, column", [("rank_list_results", "matched"), ("match_results", "source_id")])
def test_only_the_first_twenty_are_listed_and_the_others_counted(facts, home, table, column):
    for row in range(2, 2 + 33):
        facts.set(table, row, **{column: "nobody"})
    lines = refusal(facts, home)
    assert [line.startswith(f"{table}.csv, row {row}, column '{column}'") for row, line in enumerate(lines[:-1], 2)
            ] == [True] * 20
    assert lines[-1] == "... and 13 more"


@pytest.mark.parametrize("spoil", [
    lambda facts: facts.replace("traits.csv", "label", "lable"),
    lambda facts: facts.set("state_fill", 3, filled="x"),
    lambda facts: (facts.folder / "datapackage.json").unlink(),
    lambda facts: facts.add("corrections", **CORRECTION, correction_id="c001", reason="synthetic",
                            source_id="nrmp_state_2025"),
], ids=["header", "cell", "datapackage.json", "correction"])
def test_the_last_good_database_answers_and_says_so(facts, home, spoil):
    spoil(facts)
    before = contents(home)
    done = shell("sql", "SELECT count(*) AS rows FROM rights", "--format", "csv", datasets=facts.folder)
    assert (done.returncode, done.stdout) == (0, "rows\n5\n")
    assert done.stderr == ("datasets/ has changed and does not pass (1 problem; see 'imganalytics build'): "
                           f"these answers come from the last good database, {next(iter(before))}\n")
    assert contents(home) == before


def test_without_any_good_database_the_problems_are_told(facts, tmp_path, monkeypatch):
    monkeypatch.setenv("IMGANALYTICS_HOME", str(tmp_path / "empty"))
    facts.set("state_fill", 3, filled="x")
    with pytest.raises(DataError, match="^state_fill.csv, row 3, column 'filled': 'x' is not a whole number"):
        current_database(facts.folder)
    assert contents(tmp_path / "empty") == {}
