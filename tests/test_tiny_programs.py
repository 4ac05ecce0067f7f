"""Synthetic programs, fellowships and visa filings few enough to add by hand, and the public tables made of them."""

import duckdb

FIRST, SECOND, THIRD = "1001900C0", "1001900C1", "1001900C2"


def asked(con: duckdb.DuckDBPyConnection, columns: str, table: str, where: str = "true") -> list[tuple]:
    return con.execute(f"SELECT {columns} FROM {table} WHERE {where} ORDER BY ALL").fetchall()


def listed(*programs: dict) -> dict[str, list[dict]]:
    """Tables with these programs, each with its result: quota, matched, match_year."""
    results = ("quota", "matched", "match_year")
    return {"institutions": [{}],
            "programs": [{name: cell for name, cell in each.items() if name not in results} for each in programs],
            "program_results": [{name: cell for name, cell in each.items() if name in ("program_code", *results)}
                                for each in programs]}


def summed(con: duckdb.DuckDBPyConnection, where: str, table: str = "match_results") -> dict[str, float]:
    """Values by measure of one place."""
    rows = asked(con, "measure, value", table, where)
    assert len(rows) == len(dict(rows)), "more than one place"
    return dict(rows)


# Programs ------------------------------------------------------------------------------------------------

MEDICINE = "specialty = 'Synthetic Medicine' AND track = 'categorical'"


def test_programs_are_summed_into_the_results_of_the_country(built):
    con = built(**listed({"program_code": FIRST, "quota": 10, "matched": 7}, {"program_code": SECOND, "quota": 5, "matched": 5},
                         {"program_code": THIRD, "quota": 0, "matched": 0},
                         {"program_code": "1001901C0", "specialty": "Synthetic Surgery", "quota": 2, "matched": 1}))
    assert summed(con, MEDICINE) == {
        "positions_offered": 15, "positions_filled": 12, "positions_unfilled": 3,
        "program_tracks_with_quota": 2,  # the third offers none
        "programs_unfilled": 1}
    assert asked(con, "DISTINCT match_year, entry_level, applicant_type, source_id, locator, derivation", "match_results",
                 MEDICINE) == [(2025, "PGY-1", "all", "synthetic_report", "program rows, summed", "summed from program rows")]
    whole = {"positions_offered": 17, "positions_filled": 13, "positions_unfilled": 4, "program_tracks_with_quota": 3}
    for entry_level in ("all", "PGY-1"):  # the printed number of unfilled programs is of another kind, so none is summed
        assert summed(con, f"specialty = 'All specialties' AND entry_level = '{entry_level}'") == whole


def test_years_are_never_summed_together(built):
    tables = listed({"program_code": FIRST, "quota": 10, "matched": 7})
    tables["program_results"].append({"match_year": 2024, "quota": 4, "matched": 4})
    con = built(**tables)
    assert asked(con, "match_year, value", "match_results", f"{MEDICINE} AND measure = 'positions_offered'") == [
        (2024, 4), (2025, 10)]


def test_the_letter_of_a_program_tells_its_track_and_the_track_its_entry_level(built):
    tracks = {"categorical": 1, "preliminary": 2, "advanced": 4, "physician_reserved": 8}
    con = built(**listed(*({"program_code": f"1001900{letter}0", "track": track, "quota": quota, "matched": quota}
                           for letter, (track, quota) in zip("CPAR", tracks.items()))))
    offered = "measure = 'positions_offered' AND specialty = '{}'"
    assert asked(con, "track, entry_level, value", "match_results", offered.format("Synthetic Medicine")) == [
        ("advanced", "PGY-2", 4), ("categorical", "PGY-1", 1), ("physician_reserved", "Physician", 8),
        ("preliminary", "PGY-1", 2)]
    assert asked(con, "track, entry_level, value", "match_results", offered.format("All specialties")) == [
        ("advanced", "PGY-2", 4), ("all", "PGY-1", 3), ("all", "all", 15), ("physician_reserved", "Physician", 8)]
    assert asked(con, "track, entry_level", "programs") == [
        ("advanced", "PGY-2"), ("categorical", "PGY-1"), ("physician_reserved", "Physician"), ("preliminary", "PGY-1")]


def test_primary_care_is_a_track_of_internal_medicine_and_pediatrics_only(built):
    names = ("Internal Medicine", "Pediatrics", "Synthetic Medicine")
    specialties = [{"specialty": name, "label": name, "family": "Primary care", "stage": "residency"}
                   for name in ("All specialties", *names)]
    programs = [{"program_code": f"100190{number}{letter}0", "specialty": name, "track": track, "quota": 2, "matched": 1}
                for number, name in enumerate(names) for letter, track in (("C", "categorical"), ("M", "primary_care"))]
    con = built(specialties=specialties, **listed(*programs))
    assert asked(con, "specialty, track, value", "match_results",
                 "measure = 'positions_offered' AND specialty <> 'All specialties'") == [
        ("Internal Medicine", "categorical", 2), ("Internal Medicine", "primary_care", 2),
        ("Pediatrics", "categorical", 2), ("Pediatrics", "primary_care", 2), ("Synthetic Medicine", "categorical", 4)]
    assert asked(con, "track", "programs", "specialty = 'Synthetic Medicine'") == [("categorical",), ("primary_care",)]


def test_a_printed_figure_wins_over_the_sum_of_the_programs_and_the_difference_is_kept(built):
    printed = {"measure": "positions_filled", "value": 8, "source_id": "synthetic_other_report"}
    con = built(**listed({"program_code": FIRST, "quota": 10, "matched": 7}), match_results=[printed])
    assert asked(con, "value, source_id, derivation", "match_results", f"{MEDICINE} AND measure = 'positions_filled'") == [
        (8, "synthetic_other_report", "published")]
    assert asked(con, '"table", measure, value, is_preferred, difference_from_preferred, source_id, derivation',
                 "conflicts") == [
        ("match_results", "positions_filled", 7, False, -1, "synthetic_report", "summed from program rows"),
        ("match_results", "positions_filled", 8, True, 0, "synthetic_other_report", "published")]


def test_the_program_rows_of_a_better_source_win_over_a_printed_figure_of_a_lesser_one(built):
    printed = {"measure": "positions_filled", "value": 8, "source_id": "synthetic_press"}
    con = built(**listed({"program_code": FIRST, "quota": 10, "matched": 7}), match_results=[printed])
    assert asked(con, "value, source_id", "match_results", f"{MEDICINE} AND measure = 'positions_filled'") == [
        (7, "synthetic_report")]


def test_a_corrected_program_is_summed_as_corrected(built):
    con = built(**listed({"program_code": FIRST, "quota": 10, "matched": 7}, {"program_code": SECOND, "quota": 5, "matched": 5}),
                corrections=[{"table": "program_results", "field": "quota", "expected_value": 10, "action": "replace",
                              "new_value": 12, "row_key": f"match_year=2025; program_code={FIRST}"}])
    assert asked(con, "quota, correction_id", "program_results") == [(5, None), (12, "c001")]
    assert summed(con, MEDICINE)["positions_offered"] == 17


def test_a_program_is_active_when_the_latest_year_lists_it(built):
    tables = listed({"program_code": FIRST, "quota": 10, "matched": 7}, {"program_code": SECOND, "quota": 0, "matched": 0},
                    {"program_code": THIRD, "quota": 5, "matched": 5, "match_year": 2024, "last_year": 2026})
    tables["program_results"].append({"match_year": 2024, "quota": 10, "matched": 7})
    con = built(**tables)
    assert asked(con, "program_code, active, last_year", "programs") == [
        (FIRST, True, 2025), (SECOND, True, 2025), (THIRD, False, 2026)]


def test_a_program_has_the_readable_name_of_its_institution(built):
    con = built(**listed({"program_code": FIRST, "quota": 1, "matched": 1}), fellowship_programs=[{}],
                fellowship_program_results=[{"quota": 1, "filled": 1}])
    for table in ("programs", "fellowship_programs"):
        assert asked(con, "institution_code, institution, published_institution", table) == [
            ("1001", "Synthetic Hospital", "Synthetic Hosp")]


# Fellowships ---------------------------------------------------------------------------------------------

FELLOWSHIPS = {
    "institutions": [{}],
    "fellowship_programs": [{}, {"program_code": "1001900F1"},
                            {"program_code": "1001901F0", "specialty": "Synthetic Surgery"}],
    "fellowship_program_results": [
        {"quota": 3, "filled": 2}, {"quota": 0, "filled": 0, "program_code": "1001900F1"},
        {"quota": 4, "filled": 4, "program_code": "1001901F0"}, {"quota": 9, "filled": 9, "appointment_year": 2023}],
}
SURGERY = {"specialty": "Synthetic Surgery", "measure": "positions_filled"}


def test_fellowship_programs_are_summed_by_specialty_and_for_all(built):
    con = built(**FELLOWSHIPS)
    expected = {"Synthetic Medicine": (3, 2, 1), "Synthetic Surgery": (4, 4, 1), "All specialties": (7, 6, 2)}
    for specialty, sums in expected.items():
        assert summed(con, f"appointment_year = 2025 AND specialty = '{specialty}'", "fellowship_results") == dict(
            zip(("positions_offered", "positions_filled", "programs_with_positions"), sums))
    assert asked(con, "specialty, value", "fellowship_results",
                 "appointment_year = 2023 AND measure = 'positions_offered'") == [
        ("All specialties", 9), ("Synthetic Medicine", 9)]
    assert asked(con, "DISTINCT organisation, applicant_type, last_appointment_year - appointment_year, derivation",
                 "fellowship_results") == [("NRMP SMS", "all", 0, "summed from program rows")]


def test_a_printed_fellowship_figure_wins_over_the_sum_and_the_difference_is_kept(built):
    con = built(**FELLOWSHIPS, fellowship_results=[SURGERY | {"value": 5, "source_id": "synthetic_other_report"}])
    where = "specialty = 'Synthetic Surgery' AND measure = 'positions_filled'"
    assert asked(con, "value, source_id, derivation", "fellowship_results", where) == [
        (5, "synthetic_other_report", "published")]
    assert asked(con, '"table", appointment_year, organisation, value, is_preferred, difference_from_preferred, source_id',
                 "conflicts") == [
        ("fellowship_results", 2025, "NRMP SMS", 4, False, -1, "synthetic_report"),
        ("fellowship_results", 2025, "NRMP SMS", 5, True, 0, "synthetic_other_report")]


def test_fellowship_figures_of_other_places_are_no_conflict(built):
    places = [{"organisation": "SF Match"}, {"last_appointment_year": 2026}, {"applicant_type": "us_img"},
              {"appointment_year": 2024, "last_appointment_year": 2024}]
    con = built(**FELLOWSHIPS, fellowship_results=[SURGERY | {"value": 5} | place for place in places])
    assert asked(con, "value", "fellowship_results", "specialty = 'Synthetic Surgery' AND measure = 'positions_filled'"
                 ) == [(4,), *[(5,)] * len(places)]
    assert asked(con, "*", "conflicts") == []


def test_the_years_of_a_fellowship_are_those_it_was_listed_in(built):
    con = built(**FELLOWSHIPS | {"fellowship_program_results": FELLOWSHIPS["fellowship_program_results"][::3]})
    assert asked(con, "program_code, first_year, last_year", "fellowship_programs") == [
        ("1001900F0", 2023, 2025), ("1001900F1", None, None), ("1001901F0", None, None)]


# Visas ---------------------------------------------------------------------------------------------------


def test_filings_are_counted_by_employer_and_blank_where_nothing_was_filed(built):
    con = built(visa_employers=[{"employer_key": f"synthetic {name}", "employer": f"Synthetic {name}"}
                                for name in ("hospital", "clinic", "school", "zero")],
                visa_filings=[{"filings": 3}, {"filings": 4, "fiscal_year": 2022},
                              {"filings": 2, "employer_key": "synthetic clinic"},
                              {"filings": 0, "employer_key": "synthetic zero"}],
                resident_visa_filings=[{"case_number": "I-1"}, {"case_number": "I-2"},
                                       {"case_number": "I-3", "employer_key": "synthetic school"}])
    assert asked(con, "employer, physician_filings, first_fiscal_year, last_fiscal_year, trainee_filings",
                 "visa_employers") == [
        ("Synthetic clinic", 2, 2025, 2025, None), ("Synthetic hospital", 7, 2022, 2025, 2),
        ("Synthetic school", None, None, None, 1), ("Synthetic zero", 0, 2025, 2025, None)]
