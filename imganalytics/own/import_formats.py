"""What columns a file may have: `import_fields`, the specification, as heads, our fields and how each is read."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from imganalytics.errors import UserError
from imganalytics.warehouse import connect

# What tells a training program; everything else that is taken is a fact about it.
IDENTITY = ("program_code", "acgme_program_id", "institution", "program_name", "city", "state", "specialty", "specialty_code",
            "as_of", "own_program")
FILTERS = ("step2ck_min", "yog_max_years", "visas_accepted", "usce", "pct_img")

SYSTEMS = {  # beginning of source_system -> our format
    "FREIDA": "freida", "AAMC Residency Explorer": "residency-explorer", "Interview-rate table": "residency-explorer",
    "ACGME": "acgme",
}
FORMATS = {"template": "the template of this workbook", "freida": "FREIDA", "residency-explorer": "Residency Explorer",
           "acgme": "ACGME program search"}  # the first is held for it when a file might be of several

# Rows of the specification that name several fields at once: (head, label, field), one each.
SPELLED_OUT: dict[str, tuple[tuple[str, str, str], ...]] = {
    "field_comlex_level_1 / _score": (
        ("field_comlex_level_1", "COMLEX Level 1 required", "comlex1_required"),
        ("field_comlex_level_1_score", "COMLEX Level 1 minimum score", "comlex1_min")),
    "field_comlex_level_2 / _score": (
        ("field_comlex_level_2", "COMLEX Level 2 required", "comlex2_required"),
        ("field_comlex_level_2_score", "COMLEX Level 2 minimum score", "comlex2_min")),
    "field_requires_previous_gme / field_previous_gme_years": (
        ("field_requires_previous_gme", "Requires previous GME", "previous_gme_required"),
        ("field_previous_gme_years", "Years of previous GME", "previous_gme_years")),
    "field_accepting_current_year / field_accepting_next_year": (
        ("field_accepting_current_year", "Accepting applications this year", "accepting_applications_this_year"),
        ("field_accepting_next_year", "Accepting applications next year", "accepting_applications_next_year")),
    "field_research_rotation / _duration": (
        ("field_research_rotation", "Research rotation", "research_rotation"),
        ("field_research_rotation_duration", "Weeks of research rotation", "research_weeks")),
    "field_accredited_length / field_required_length": (
        ("field_accredited_length", "Accredited length (years)", "length_years"),
        ("field_required_length", "Required length (years)", "required_length_years")),
    "field_sponsor_institution / field_participant_institution / field_primary_teaching_site": (
        ("field_sponsor_institution", "Sponsor", "institution"),
        ("field_participant_institution", "Participating institutions", "participating_institutions"),
        ("field_primary_teaching_site", "Primary teaching site", "primary_teaching_site")),
    "specialty node: field_avg_pct_intl_med_grad, field_avg_pct_dos, field_avg_py1_interviews, "
    "field_number_accredited_programs, field_total_no_active_res_fellow": (),  # of a specialty, not of a program
    "f1Visa / h1bVisa / j1Visa": (("f1Visa", "F1 Visa", "visa_f1"), ("h1bVisa", "H1B Visa", "visa_h1b"),
                                  ("j1Visa", "J1 Visa", "visa_j1")),
    "lastUpdated / pgmSurveyDt": (("pgmSurveyDt", "Freida Survey Date", "survey_date"), ("lastUpdated", "", "last_updated")),
    "Primary Care / Hospitalist / Rural / Women's Health (special tracks)": (
        ("Special tracks", "", "special_tracks"), ("Primary Care", "Primary care track", "track_primary_care"),
        ("Hospitalist", "Hospitalist track", "track_hospitalist"), ("Rural", "Rural track", "track_rural"),
        ("Women's Health", "Women's health track", "track_womens_health")),
    "Program": (("Program", "", "program_name"),),
    "MD": (("MD", "Interview rate of US MD", "interview_rate_us_md"),),
    "DO": (("DO", "Interview rate of US DO", "interview_rate_us_do"),),
    "US IMG": (("US IMG", "Interview rate of US IMG", "interview_rate_us_img"),),
    "Non US IMG": (("Non US IMG", "Interview rate of non-US IMG", "interview_rate_non_us_img"),
                   ("Non-US IMG", "", "interview_rate_non_us_img")),
    "In-State School / Out-Of-State School": (
        ("In-State School", "Interview rate, school in the state", "interview_rate_in_state"),
        ("Out-Of-State School", "Interview rate, school in another state", "interview_rate_out_of_state")),
    "Signal / No Signal / Gold Signal / Silver Signal": (
        ("Signal", "Interview rate with a signal", "interview_rate_signal"),
        ("No Signal", "Interview rate without a signal", "interview_rate_no_signal"),
        ("Gold Signal", "Interview rate with a gold signal", "interview_rate_gold_signal"),
        ("Silver Signal", "Interview rate with a silver signal", "interview_rate_silver_signal")),
    "City, State, Region": (("City", "", "city"), ("State", "", "state"), ("Region", "Region", "census_division")),
    "Program Code (10 digits)": (
        ("Program Code", "ACGME program number", "acgme_program_id"), ("Program Number", "", "acgme_program_id"),
        ("ACGME Program Code", "", "acgme_program_id")),
    "program name, address, city, state, zip": (
        ("Program Name", "", "program_name"), ("Address", "Address", "address"), ("City", "", "city"), ("State", "", "state"),
        ("Zip", "ZIP code", "zip"), ("Zip Code", "", "zip")),
    "sponsoring institution code / name": (
        ("Sponsoring Institution Code", "Sponsoring institution (ACGME code)", "acgme_sponsor_code"),
        ("Sponsoring Institution Name", "Sponsoring institution", "institution"),
        ("Sponsoring Institution", "", "institution")),
    "original accreditation date": (("Original Accreditation Date", "Accredited since", "accredited_since"),),
    "accreditation status": (("Accreditation Status", "Accreditation status", "accreditation_status"),),
    "total approved resident positions / filled": (
        ("Total Approved Resident Positions", "Positions approved by ACGME", "acgme_positions_approved"),
        ("Total Filled Resident Positions", "Positions filled, by ACGME", "acgme_positions_filled"),
        ("Approved Positions", "", "acgme_positions_approved"), ("Filled Positions", "", "acgme_positions_filled")),
    "participating site code, name, required rotation, months by year": (
        ("Participating Sites", "Participating sites", "participating_sites"),),
}

RENAMED = {"nrmp_program_code": "program_code", "gap_experience_requirement": "usce", "survey_date": "as_of"}

# Heads that any of the formats may have beside its own.
ALWAYS = {"NRMP program code": "program_code", "NRMP code": "program_code", "ACGME number": "acgme_program_id",
          "ACGME program number": "acgme_program_id", "Institution": "institution", "Hospital": "institution",
          "Program name": "program_name", "City": "city", "State": "state", "Specialty": "specialty", "Notes": "notes",
          "As of": "as_of", "Date": "as_of"}

# Heads of what people export from FREIDA's pages, which are not those of its interface.
ALSO = {"freida": {"% IMG": "pct_img", "IMG Percent": "pct_img", "Survey Received": "as_of", "Main Match Codes": "program_code",
                   "Minimum Step 2 score": "step2ck_min", "Min Step2 Score": "step2ck_min", "Min Step1 Score": "step1_min"},
        "acgme": {"Specialty Code": "specialty_code"}}

NOT_TO_FILL_IN = ("yog_no_limit", "geo_point", "last_updated", "visa_f1", "visa_h1b", "visa_j1")
TEMPLATE_ONLY = {
    "own_program": "yes: a program of your own list that the NRMP does not list", "notes": "your own words",
    "as_of": "date of the information, as in 2026-03-31",
    "usce": "US clinical experience asked for: months or words",
    "specialty": "as in the Match: Internal Medicine, General Surgery ...", "institution": "hospital or university",
    "program_code": "NRMP code, as in 1234140C0 (4 digits institution, 3 specialty, letter, digit)",
}
KINDS = {
    "program_code": "codes", "acgme_program_id": "acgme", "specialty_code": "specialty_code", "state": "state",
    "step1_min": "score", "step2ck_min": "score", "step1_average": "score", "yog_max_years": "years",
    "visas_accepted": "visas", "as_of": "date", "accredited_since": "date", "own_program": "bool", "visa_f1": "bool",
    "visa_h1b": "bool", "visa_j1": "bool", "comlex1_min": "int", "comlex2_min": "int", "previous_gme_required": "bool",
    "previous_gme_years": "int", "accepting_applications_this_year": "bool", "accepting_applications_next_year": "bool",
    "research_weeks": "int", "length_years": "int", "required_length_years": "int", "acgme_positions_approved": "int",
    "acgme_positions_filled": "int", "positions_by_pgy": "list", "geo_point": "text",
    "non_accredited_research_track": "text", "moonlighting": "text", "research_rotation": "text",
}


@dataclass(frozen=True)
class Column:
    """A column that can be taken: our field, how its cells are read, how it is said on screen, and a note for the user."""

    field: str
    kind: str
    label: str
    note: str = ""


@lru_cache(maxsize=50_000)  # rows repeat the same few names and cities
def fold(text: str) -> str:
    """Lower case, and one space for any run of signs: heads and names are compared in this form."""
    return re.sub(r"[\W_]+", " ", text.lower().replace("&", " and ")).strip()


@cache
def columns_of(form: str) -> Mapping[str, Column]:
    """The columns of a format by folded head."""
    known = {fold(head): _column(field) for head, field in ALWAYS.items()}
    if form == "template":
        return known | {fold(field): _column(field) for field in template_fields()}
    own = {fold(head): _column(field) for heads_of, head, _, field, _, _ in _specified() if heads_of == form and fold(head)}
    return known | own | {fold(head): _column(field) for head, field in ALSO.get(form, {}).items()}


@cache
def template_fields() -> tuple[str, ...]:
    """The columns of the template: what tells the program, what the filters use, notes, then all others."""
    others = sorted({field for _, _, _, field, _, _ in _specified()} - {*IDENTITY, *FILTERS, "notes", *NOT_TO_FILL_IN})
    return ("program_code", "acgme_program_id", "institution", "city", "state", "specialty", "own_program", "as_of",
            *FILTERS, "notes", *others)


@cache
def labels() -> Mapping[str, str]:
    """How each field is said on screen."""
    said = {"usce": "US clinical experience", "notes": "Notes", "as_of": "As of", "own_program": "Of your own list",
            "institution": "Institution", "city": "City", "state": "State", "specialty": "Specialty",
            "program_code": "NRMP program code", "acgme_program_id": "ACGME number", "program_name": "Program name",
            "specialty_code": "Specialty code", "yog_max_years": "Most years since graduation",
            "step2ck_min": "Least Step 2 CK score", "pct_img": "IMGs among residents (%)", "visas_accepted": "Visas",
            "step1_average": "Average Step 1 score", "last_updated": "Last updated"}
    for _, _, label, field, _, _ in _specified():
        if label and field not in said:
            said[field] = label
    return said


def column(field: str) -> Column:
    """The column of a field of ours."""
    return _column(field)


def _column(field: str) -> Column:
    forms = {name: (form, note) for _, _, _, name, form, note in reversed(_specified())}
    form, note = forms.get(field, ("", ""))
    kind = KINDS.get(field) or _kind(form, field)
    label = labels().get(field) or field.replace("_", " ")
    return Column(field, kind, label, TEMPLATE_ONLY.get(field) or NOTES.get(kind) or note)


NOTES = {
    "codes": "NRMP code", "acgme": "ACGME number: 10 digits, kept as text", "state": "two letters",
    "score": "whole number from 150 to 300",
    "years": "whole number from 0 to 60, or: no limit", "visas": "J-1, H-1B, F-1 with | between, or: none",
    "pct": "percentage from 0 to 100", "share": "share from 0 to 1", "bool": "yes or no", "int": "whole number",
    "date": "as in 2026-03-31",
    "list": "texts with | between",
}


def _kind(form: str, field: str) -> str:
    if field.startswith("interview_rate_"):
        return "share"
    if field.startswith("track_"):
        return "bool"
    word = form.split(" ")[0].rstrip(":")
    if "list" in form.split(":")[0]:
        return "list"
    return {"int": "int", "pct": "pct", "bool": "bool", "date": "date"}.get(word, "text")


@cache
def _specified() -> tuple[tuple[str, str, str, str, str, str], ...]:
    """(format, head, label, our field, form, note) of every column that the specification names."""
    rows = connect().execute("SELECT source_system, source_field, source_label, field, form, note FROM import_fields").fetchall()
    found = []
    for system, head, label, field, form, note in rows:
        kind = next((name for start, name in SYSTEMS.items() if system.startswith(start)), None)
        if kind is None:  # figures that this workbook holds already
            continue
        key = label if head == "(label)" else head
        named = SPELLED_OUT.get(key)
        if named is None:
            named = ((key, label or "", field.replace("[]", "")),)
            form_of = form or ""
        else:
            form_of = ""
        for name, said, ours in named:
            ours = RENAMED.get(ours, ours)
            found.append((kind, name.replace("[]", ""), said, ours, form_of, note or ""))
            if said:
                found.append((kind, said, said, ours, form_of, note or ""))
    return tuple(found)


def recognised(heads: Iterable[str], wanted: str = "auto") -> str:
    """The format whose own heads a file has most of.

    Raises:
        UserError: `wanted` is no format, or no column of it is there.
    """
    if wanted not in ("auto", *FORMATS):
        raise UserError(f"unknown format {wanted!r}; allowed: auto, {', '.join(FORMATS)}")
    counts = scores(heads)
    if wanted != "auto":
        counts = {wanted: counts[wanted]}
    best = max(counts, key=lambda form: counts[form])
    if not counts[best][1]:
        shown = ", ".join(repr(head[:40]) for head in list(heads)[:8])
        raise UserError(f"no column of {' or '.join(FORMATS[form] for form in counts)} is among {shown}; "
                        "'imganalytics import programs --template NAME' writes a table to fill in")
    return best


def most_known(heads: Iterable[str]) -> int:
    """How many heads the format that knows most of them knows."""
    return max(known for _, known in scores(heads).values())


def scores(heads: Iterable[str]) -> dict[str, tuple[int, int]]:
    """For each format how many heads are its own (not also those of every other), and how many it knows."""
    folded = {fold(head) for head in heads} - {""}
    shared = {fold(head) for head in ALWAYS}
    return {form: (len(folded & set(columns_of(form)) - shared), len(folded & set(columns_of(form)))) for form in FORMATS}
