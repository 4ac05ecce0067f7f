"""FREIDA, Residency Explorer, ACGME and the template: a good and a bad file of each, and the specification behind them."""

import io
import math

import openpyxl
import pytest

from imganalytics.errors import UserError
from imganalytics.own import import_formats, imports
from imganalytics.own.import_formats import FORMATS, IDENTITY, SPELLED_OUT, SYSTEMS, columns_of, fold, labels, template_fields
from imganalytics.own.import_template import csv_template, excel_template, write_template
from imganalytics.own.import_values import KINDS
from tests.import_files import IM, IM_CODE, csv_bytes, excel_bytes, facts_of, freida, own_folder, read, reasons  # noqa: F401


# The specification ----------------------------------------------------------------------------------------


def test_every_row_of_the_specification_is_a_column_or_spelled_out(con):
    rows = con.execute("SELECT source_system, source_field, source_label, field FROM import_fields").fetchall()
    ours = [(next(form for start, form in SYSTEMS.items() if system.startswith(start)), head, label)
            for system, head, label, _ in rows if system.startswith(tuple(SYSTEMS))]
    assert len(ours) > 75
    for form, head, label in ours:
        key = label if head == "(label)" else head
        heads = [name for name, _, _ in SPELLED_OUT[key]] if key in SPELLED_OUT else [key]
        assert [name for name in heads if fold(name.replace("[]", "")) not in columns_of(form)] == []
    assert set(SPELLED_OUT) <= {label if head == "(label)" else head for _, head, label in ours}


def test_every_column_can_be_read_and_has_a_label():
    for form in FORMATS:
        for column in columns_of(form).values():
            assert column.kind in {*KINDS, "pct", "share"} and column.field.isidentifier()
            assert labels().get(column.field) or column.field == "program_name", column.field


def test_the_fields_of_the_filters_are_in_the_template():
    assert set(import_formats.FILTERS) | {"notes", "program_code", "own_program"} <= set(template_fields())
    assert not {"visa_j1", "yog_no_limit"} & set(template_fields())
    assert set(template_fields()[:8]) <= set(IDENTITY)


# FREIDA ---------------------------------------------------------------------------------------------------


def test_freida_json_gives_the_facts_of_the_program_and_its_survey():
    preview = read(freida(), "synthetic.json")
    assert (preview.format, preview.unit, len(preview.good)) == ("freida", "record", 1)
    [row] = preview.good
    assert row.joined.keys == (IM,) and row.joined.by == "NRMP code" and row.as_of == "2026-02-03"
    facts = facts_of(preview)
    assert facts["pct_img"] == ("45.10", 45.1) and facts["step2ck_min"] == ("220", 220)
    assert facts["yog_max_years"] == ("no limit", math.inf) and facts["visas_accepted"][0] == "J-1 | H-1B"
    assert facts["usce"][0] == "3 months" and facts["acgme_program_id"][0] == "1400000001"
    assert ("drupal_internal__nid", "not known") in preview.left


def test_freida_json_may_hold_many_programs_and_an_empty_list_states_nothing():
    second = freida("1400000002", codes=("1007140P0",), field_visa_status=[])
    assert len(read([freida(), second]).rows) == 2
    both = {"data": [{"type": "node--program", "id": str(n), "attributes": {
        "field_program_id": f"140000000{n}", "field_match_nrmp_codes": [IM_CODE], "field_pct_img": n}} for n in (2, 3)]}
    assert [row.line for row in read(both).rows] == [1, 2]
    assert "visas_accepted" not in facts_of(read(second))


@pytest.mark.parametrize("survey, why", [
    ({"field_usmle_step_2_minimum_score": 20}, "outside 150 to 300"), ({"field_pct_img": 145}, "outside 0 to 100"),
    ({"field_visa_status": ["J-1", "Z-9"]}, "not a visa we know"), ({"field_years_since_graduation": 5}, "says that there is no limit"),
    ({"field_match_nrmp_codes": ["9999140C0"], "field_program_id": "9990000001", "field_specialty_code": None}, ""),
])
def test_bad_freida_records_are_listed(survey, why):
    preview = read([freida(), freida("1400000002", **survey)])
    assert why in reasons(preview).get(2, "") and len(preview.good) == 1 and bool(why) == (2 in reasons(preview))


def test_freida_before_2020_is_read_with_its_visas():
    old = {"pgmNumber": "1400000001", "h1bVisa": "Yes", "j1Visa": True, "f1Visa": "No", "interviews": 120, "pgmSurveyDt": "2019-03-01",
           "jsonExpandedProgram": {"xppAvgImg": 61.5, "xppUsmleStep2Score": "215"}, "nrmp code": IM_CODE}
    facts = facts_of(read([old]))
    assert facts["visas_accepted"][0] == "J-1 | H-1B" and facts["pct_img"][1] == 61.5 and facts["step2ck_min"][1] == 215
    partly = facts_of(read([old | {"h1bVisa": None}]))
    assert "visas_accepted" not in partly and partly["visa_j1"] == ("yes", 1)  # what is not stated is not a no
    assert facts_of(read([old | {"h1bVisa": "no", "j1Visa": "no"}]))["visas_accepted"][0] == "none"


@pytest.mark.parametrize("heads", [
    ["NRMP Main Match codes", "Percent IMG", "Step 2 minimum score", "Visa status"],
    ["field_match_nrmp_codes", "field_pct_img", "field_usmle_step_2_minimum_score", "field_visa_status[]"],
])
@pytest.mark.parametrize("make", [csv_bytes, lambda *rows: excel_bytes(*rows)])
def test_freida_tables_are_known_by_names_or_labels(heads, make):
    preview = read(make(heads, [IM_CODE, "45%", 220, "J-1"], [IM_CODE, "x", 220, "J-1"]))
    assert preview.format == "freida" and facts_of(preview)["pct_img"] == ("45%", 45) and "not a number" in reasons(preview)[3]


# Residency Explorer ---------------------------------------------------------------------------------------


def test_residency_explorer_labels():
    heads = ["NRMP code", "Minimum Step 2 Score for Interview Consideration", "# of required letters of recommendation",
             "Interviews available via web conferencing*"]
    preview = read(csv_bytes(heads, [IM_CODE, "–", 3, "Yes"], [IM_CODE, "21-Mar", "–", "–"]))
    assert preview.format == "residency-explorer"
    assert {name: number for name, (_, number) in facts_of(preview).items()} == {"letters_required": 3, "video_interview": 1}
    assert "looks like a date" in reasons(preview)[3]


def test_residency_explorer_interview_rates_are_shares():
    heads = ["Program", "Specialty", "City", "State", "MD", "US IMG", "Non US IMG"]
    preview = read(csv_bytes(heads, ["Synthetic Hospital", "Psychiatry", "Albany", "NY", 0.5, "–", 0.125],
                             ["Synthetic Clinic", "Psychiatry", "Albany", "NY", 1.5, "–", 0.125]))
    assert preview.format == "residency-explorer" and list(reasons(preview)) == [3]
    assert facts_of(preview, 2)["interview_rate_non_us_img"] == ("0.125", 0.125) and "interview_rate_us_img" not in facts_of(preview, 2)


# ACGME ----------------------------------------------------------------------------------------------------

ACGME = ["Program Code", "Program Name", "City", "State", "Specialty", "Accreditation Status", "Total Approved Resident Positions"]


def test_acgme_rows_join_by_the_numbers_that_freida_states(own_folder):
    rows = [["1400000001", "Synthetic Hospital Program", "Birmingham", "AL", "Internal medicine", "Continued Accreditation", 120]]
    before = read(csv_bytes(ACGME, *rows))
    assert before.format == "acgme" and not before.good and len(before.suggestions) == 1
    imports.store(read(freida()))
    after = read(excel_bytes(ACGME, *rows))
    assert after.good[0].joined.keys == (IM,) and after.good[0].joined.by == "ACGME number"
    assert facts_of(after)["acgme_positions_approved"] == ("120", 120)


def test_bad_acgme_numbers_are_listed_and_lost_zeros_put_back_when_sure():
    rows = [["400112345", "Synthetic", "Albany", "NY", "", "Continued", 9], ["1400", "Synthetic", "", "", "", "", 9],
            ["999912345", "Synthetic", "Albany", "NY", "", "", 9], ["400112345", "Synthetic", "Albany", "NY", "Psychiatry", "", 9]]
    preview = read(csv_bytes(ACGME, *rows))
    assert facts_of(preview, 2)["acgme_program_id"][0] == "0400112345"
    assert preview.notes == ("a leading zero was put back in 1 ACGME number, as in 400112345 → 0400112345",)
    assert preview.suggestions[0].said.startswith("Synthetic, Albany NY, Anesthesiology")
    why = reasons(preview)
    assert list(why) == [3, 4, 5] and "10 digits" in why[3] and "no known specialty" in why[4] and "would be of Anesthesiology" in why[5]


# The template ---------------------------------------------------------------------------------------------


def test_the_template_reads_back_and_its_notes_are_no_row():
    sheet = openpyxl.load_workbook(io.BytesIO(excel_template())).active
    heads, notes = ([cell.value for cell in row] for row in sheet.iter_rows(max_row=2))
    assert tuple(heads) == template_fields() and all(notes) and notes[0].startswith("# ")
    values = {"program_code": IM_CODE, "step2ck_min": "230", "yog_max_years": "no limit", "notes": "mine"}
    filled = [values.get(head) for head in heads]
    for content in (excel_bytes(heads, notes, filled), csv_template() + csv_bytes(filled)):
        preview = read(content)
        assert (preview.format, preview.rows_read, len(preview.good), preview.left) == ("template", 1, 1, ())
        assert set(facts_of(preview)) == {"step2ck_min", "yog_max_years", "notes"}


def test_a_bad_row_of_the_template_tells_each_column():
    preview = read(csv_bytes(["program_code", "step2ck_min", "pct_img", "yog_max_years"], [IM_CODE, 99, 450, 99], ["9999999C0", 220, 45, 5]))
    why = reasons(preview)
    assert [f"column '{name}'" in why[2] for name in ("step2ck_min", "pct_img", "yog_max_years")] == [True] * 3
    assert "is in no listing from 2014 on" in why[3] and not preview.good


def test_template_files_are_written_beside_each_other_and_never_over_others(tmp_path):
    assert [path.name for path in write_template(tmp_path / "mine.xlsx")] == ["mine.csv", "mine.xlsx"]
    with pytest.raises(UserError, match="exists already"):
        write_template(tmp_path / "mine")
    with pytest.raises(UserError, match="cannot be written"):
        write_template(tmp_path / "none" / "mine")


# Which one ------------------------------------------------------------------------------------------------


def test_the_format_can_be_said_and_must_fit():
    content = csv_bytes(["NRMP code", "Specialty", "Notes"], [IM_CODE, "", "x"])
    assert read(content, form="acgme").format == "acgme"
    with pytest.raises(UserError, match="unknown format 'excel'; allowed: auto, template"):
        read(content, form="excel")
    with pytest.raises(UserError, match="no column of ACGME program search is among 'step2ck_min'"):
        read(csv_bytes(["step2ck_min", "usce"], [220, "x"]), form="acgme")


def test_a_head_that_says_the_same_is_named():
    preview = read(csv_bytes(["NRMP code", "program_code", "notes", "colour", ""], [IM_CODE, IM_CODE, "x", "red", ""]))
    assert preview.left == (("program_code", "says the same as 'NRMP code'"), ("colour", "not known"))
