"""Which program a row is about: codes, numbers, names, and what is never taken without a word of the user."""

import pytest

from imganalytics.errors import UserError
from imganalytics.own import imports
from imganalytics.own.import_matching import LEAST, MOST, crosswalk, places, specialty_named
from tests.import_files import IM, IM_CODE, csv_bytes, facts_of, freida, own_folder, read, reasons  # noqa: F401

HEADS = ["program_code", "acgme_program_id", "institution", "city", "state", "specialty", "notes"]


def row(code="", number="", institution="", city="", state="", specialty="", notes="x") -> list[str]:
    """A row of HEADS."""
    return [code, number, institution, city, state, specialty, notes]


def joined(*rows: list[str]):
    """The first row of a file as it was joined, or why it was not."""
    preview = read(csv_bytes(HEADS, *rows))
    return preview.rows[0].joined if preview.rows else reasons(preview)[2]


# Codes ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [IM_CODE, "1007140c0", "1007-140-C0", "1007140P0", "1007140C0; 1007140P0", "1007140C9"])
def test_every_code_of_a_program_leads_to_it(code):
    assert joined(row(code)).keys == (IM,) and joined(row(code)).by == "NRMP code"


def test_codes_of_two_programs_belong_to_both():
    assert joined(row("1007140C0; 1007400C0")).keys == (IM, "1007/Psychiatry")


@pytest.mark.parametrize("given, why", [
    (row("9999140C0"), "NRMP code 9999140C0 is in no listing from 2014 on, and no institution"),
    (row("1007147F0"), "is of a fellowship; residency programs can be joined"),
    (row(IM_CODE, specialty="Psychiatry"), "code 1007140C0 is of Internal Medicine, the row says Psychiatry"),
    (row(IM_CODE, state="NY"), "is of a program in AL, the row says NY"),
    (row(number="1400000009"), "ACGME number 1400000009 is in no file imported so far"),
    (row(), "no NRMP code and no institution"),
    (row(institution="Synthetic"), "no NRMP code and no specialty"),
    (row(institution="Synthetic", specialty="Internl Medicin"), "no specialty 'Internl Medicin'; did you mean Internal Medicine"),
])
def test_rows_that_lead_nowhere_say_why(given, why):
    assert why in joined(given)


def test_an_unknown_code_with_a_name_waits_for_a_word():
    given = joined(row("9999140C0", "", "University of Alabama Medical Center, Birmingham", "Birmingham", "AL", "IM"))
    assert not given.keys and given.candidates[0].program_key == IM and "is in no listing" in given.note


# Names ----------------------------------------------------------------------------------------------------


def test_a_name_is_only_ever_suggested():
    place = places()[IM]
    given = joined(row(institution=place.institution, city="birmingham", state="Alabama", specialty="IM"))
    assert not given.keys and given.candidates[0].equal
    assert given.candidates[0].shares == ("specialty Internal Medicine", "state AL", "city Birmingham", "the whole name")
    preview = read(csv_bytes(HEADS, row(institution=place.institution, state="AL", specialty="IM")))
    assert preview.good == () and preview.equal == {2: IM}
    with pytest.raises(UserError, match="rows that wait for your word: 1"):
        imports.store(preview)


def test_suggestions_are_few_of_the_same_specialty_and_state_and_best_first():
    given = joined(row(institution="Univ of Alabama Medical Ctr Birmingham", city="Birmingham", state="AL", specialty="Internal Medicine"))
    assert 1 <= len(given.candidates) <= MOST and given.candidates[0].program_key == IM and not given.candidates[0].equal
    assert all(places()[each.program_key].specialty == "Internal Medicine" and places()[each.program_key].state == "AL"
               and each.likeness >= LEAST for each in given.candidates)
    assert [each.likeness for each in given.candidates] == sorted((each.likeness for each in given.candidates), reverse=True)
    assert "the words alabama, birmingham, univ" not in given.candidates[0].shares
    assert any("alabama" in each for each in given.candidates[0].shares)


def test_nothing_like_it_is_said_by_no_suggestion():
    assert joined(row(institution="Zyx Synthetic Qqq", state="WY", specialty="Dermatology")).candidates == ()


@pytest.mark.parametrize("said, ours", [
    ("EM", "Emergency Medicine"), ("OB/GYN", "Obstetrics and Gynecology"), ("General Surgery", "Surgery-General"),
    ("Physical Medicine & Rehabilitation", "Physical Medicine and Rehabilitation"), ("ACGME 040", "Anesthesiology"), ("", ""), ("Zyx", ""),
])
def test_specialties_go_by_many_names(said, ours):
    assert specialty_named(said) == ours


# Confirmations and the crosswalk --------------------------------------------------------------------------


def test_a_confirmed_row_is_kept_and_its_number_remembered():
    number = "1400000777"
    content = csv_bytes(HEADS, row("", number, "Alabama Univ Synthetic", "Birmingham", "AL", "IM"))
    imports.store(read(content), {2: IM})
    assert crosswalk() == {number: (IM,)}
    again = joined(row("", number, "Another Name", "", "", ""))
    assert again.keys == (IM,) and again.by == "ACGME number"


def test_the_crosswalk_of_freida_is_kept_and_goes_with_its_file():
    done = imports.store(read(freida("1400000001", codes=(IM_CODE, "1007140P0"))))
    assert crosswalk() == {"1400000001": (IM,)}
    imports.remove(done.import_id)
    assert crosswalk() == {}


def test_numbers_are_joined_within_one_file_too():
    preview = read([freida(), freida(codes=(), field_pct_img=50)])
    assert [each.joined.by for each in preview.rows] == ["NRMP code", "ACGME number"]


@pytest.mark.parametrize("confirmed, why", [
    ({9: IM}, "line 9 waits for no confirmation; those that do: 2"), ({2: "1007/Zyx"}, "line 2: no program '1007/Zyx'"),
])
def test_confirmations_of_nothing_are_refused(confirmed, why):
    preview = read(csv_bytes(HEADS, row(institution="Synthetic", state="NY", specialty="IM")))
    with pytest.raises(UserError, match=why):
        imports.store(preview, confirmed)


# Programs of the user's own list --------------------------------------------------------------------------


def test_a_program_of_ones_own_keeps_its_key():
    content = csv_bytes([*HEADS, "own_program"], [*row(institution="Synthetic <b>Hospital</b>", city="Albany", state="NY", specialty="Psych"), "yes"])
    preview = read(content)
    assert preview.good[0].joined.own and not preview.suggestions
    first = imports.store(preview)
    assert first.own_programs == 1
    [own] = imports.imported_programs().to_dict("records")
    assert own == {"program_key": "own-1/Psychiatry", "institution": "Synthetic <b>Hospital</b>", "city": "Albany", "state": "NY",
                   "specialty": "Psychiatry", "import_id": first.import_id, "row": 2}
    again = read(csv_bytes(HEADS, row(institution="synthetic b hospital b", state="NY", specialty="Psychiatry", notes="later")))
    assert again.good[0].joined.keys == ("own-1/Psychiatry",)
    imports.store(again)
    assert set(imports.imported_facts()["program_key"]) == {"own-1/Psychiatry"} == set(imports.imported_programs()["program_key"])


def test_a_row_like_nothing_can_be_kept_as_ones_own():
    rows = [row(institution="Synthetic A", state="NY", specialty="IM"), row(institution="Synthetic B", state="NY", specialty="IM"),
            row(institution="SYNTHETIC A", state="NY", specialty="Internal Medicine", notes="x")]
    imports.store(read(csv_bytes(HEADS, *rows)), {2: "own", 3: "own", 4: "own"})
    assert list(imports.imported_programs()["program_key"]) == ["own-1/Internal Medicine", "own-2/Internal Medicine"]
    assert len(imports.imported_facts()) == 2  # the third row says what the first says


# Rows that disagree ---------------------------------------------------------------------------------------


def test_values_on_which_rows_disagree_are_left_out_and_listed():
    content = csv_bytes(["program_code", "step2ck_min", "usce"], [IM_CODE, 220, "x"], ["1007140P0", 230, "x"])
    preview = read(content)
    [conflict] = preview.conflicts
    assert (conflict.program_key, conflict.field, conflict.stated) == (IM, "step2ck_min", ((2, "220"), (3, "230")))
    with pytest.raises(UserError, match="values on which rows disagree: 1"):
        imports.store(preview)
    imports.store(preview, take_good_rows=True)
    assert imports.imported_facts()["field"].tolist() == ["usce"]


def test_rows_of_two_dates_do_not_disagree():
    content = csv_bytes(["program_code", "step2ck_min", "as_of"], [IM_CODE, 220, "2026-01-01"], [IM_CODE, 230, "2025-01-01"])
    assert read(content).conflicts == ()
    imports.store(read(content))
    facts = imports.imported_facts()
    assert len(facts) == 2 and imports.newest(facts)["number"].tolist() == [220]
    assert facts_of(read(content))["step2ck_min"][1] == 220
