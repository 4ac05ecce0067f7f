"""Lists of fellowship programs, and of what residency institutions have in house."""

import csv

import pytest

from imganalytics.errors import UserError
from imganalytics.explorers.fellowship_programs import FellowshipProgramsExplorer
from imganalytics.explorers.in_house import InHouseExplorer
from imganalytics.export.csv_file import csv_text
from imganalytics.studies import in_house as house
from imganalytics.studies.explain import explain
from imganalytics.studies.fellowship_programs import QUERY, fellowship_programs, listing, state_names
from imganalytics.studies.in_house import in_house
from imganalytics.warehouse import connect
from tests.datasets_copy import DATASETS
from tests.explorer_helpers import visible, words

LISTS = [(fellowship_programs, {}), (fellowship_programs, {"appointment_year": 2023, "search": "nephrology boston"}),
         (fellowship_programs, {"states": ["CAN"], "sort": "2024", "descending": True}), (in_house, {}),
         (in_house, {"residency": None, "fellowships": ["Nephrology"], "sort": "offered", "descending": True}),
         (in_house, {"residency": "Pediatrics", "show": "without", "states": ["NY"]})]


def read(name: str) -> list[dict[str, str]]:
    with open(DATASETS / f"{name}.csv", encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def residency_institutions(specialty: str) -> set[str]:
    """Codes of institutions with positions in the last match, from the files without any SQL."""
    of_code = {row["program_code"]: row for row in read("programs")}
    return {of_code[row["program_code"]]["institution_code"] for row in read("program_results")
            if row["match_year"] == "2025" and int(row["quota"] or 0) > 0 and of_code[row["program_code"]]["specialty"] == specialty}


def fellowship_positions(specialty: str) -> dict[str, int]:
    """Positions of 2026 by code of the institution."""
    of_code = {row["program_code"]: row for row in read("fellowship_programs") if row["specialty"] == specialty}
    found: dict[str, int] = {}
    for row in read("fellowship_program_results"):
        if row["appointment_year"] == "2026" and row["program_code"] in of_code and int(row["quota"]) > 0:
            code = of_code[row["program_code"]]["institution_code"]
            found[code] = found.get(code, 0) + int(row["quota"])
    return found


def test_tiny_programs_are_listed_with_each_year(built):
    con = built(institutions=[{}], fellowship_programs=[{}, {"program_code": "1001900F1", "state": "", "country": "CA"}],
                fellowship_program_results=[{"quota": 3, "filled": 2}, {"appointment_year": 2024, "quota": 1, "filled": 1},
                                            {"program_code": "1001900F1", "appointment_year": 2024, "quota": 5, "filled": 0}],
                states=[{"state": "NY", "name": "New York", "census_region": "Northeast", "census_division": "Middle Atlantic",
                         "tile_row": 1, "tile_column": 1}])
    rows = con.execute(QUERY, {"appointment_year": 2025}).df()
    assert rows["program_code"].tolist() == ["1001900F0", "1001900F1"] and rows["state"].tolist() == ["NY", "CAN"]
    assert rows["offered"][0] == 3 and rows["filled"][0] == 2 and rows["offered"].isna()[1]
    assert [{year: list(pair) for year, pair in own.items()} for own in rows["years"]] == [{2024: [1, 1], 2025: [3, 2]}, {2024: [5, 0]}]


class TestPrograms:
    def test_all_of_a_year_are_listed_once(self):
        frame = fellowship_programs().frame
        results = [row for row in read("fellowship_program_results") if row["appointment_year"] == "2026"]
        assert len(frame) == len(results) == 6539 and frame["program_code"].is_unique
        assert dict(zip(frame["program_code"], frame["offered"])) == {row["program_code"]: int(row["quota"]) for row in results}
        assert "12,956 of 15,351" in fellowship_programs().summary
        assert len(listing(2026)) == len(read("fellowship_programs"))

    def test_every_word_of_the_search_has_to_occur(self):
        frame = fellowship_programs(search=" Boston  nephrology").frame
        assert set(frame["city"]) == {"Boston"} and all("nephrology" in label.lower() for label in frame["label"])

    def test_filters_hold_together(self):
        frame = fellowship_programs(specialties=["Nephrology"], states=["NY", "NJ"], minimum_positions=3, open_only=True).frame
        assert set(frame["specialty"]) == {"Nephrology"} and set(frame["state"]) <= {"NY", "NJ"}
        assert (frame["offered"] >= 3).all() and (frame["filled"] < frame["offered"]).all() and len(frame) > 1

    def test_blanks_come_last_either_way(self):
        for descending in (False, True):
            frame = fellowship_programs(sort="2022", descending=descending).frame
            known = [listing(2026)["years"][row].get(2022) is not None for row in frame["row"]]
            assert known == sorted(known, reverse=True) and not all(known)

    @pytest.mark.parametrize("wrong", [{"appointment_year": 2021}, {"states": ["XX"]}, {"specialties": []}, {"specialties": ["x"]},
                                       {"sort": "x"}, {"search": "zzzz"}, {"minimum_positions": 500}])
    def test_refuses_what_there_is_not(self, wrong):
        with pytest.raises(UserError) as told:
            fellowship_programs(**wrong)
        assert "\n" not in str(told.value)


class TestInHouse:
    @pytest.mark.parametrize("residency, fellowship", [("Internal Medicine", "Nephrology"), ("Pediatrics", "Pediatric Cardiology")])
    def test_is_the_same_institution_in_both_files(self, residency, fellowship):
        inside, positions = residency_institutions(residency), fellowship_positions(fellowship)
        frame = in_house(residency, [fellowship]).frame
        assert dict(zip(frame["institution_code"], frame["offered"])) == {code: n for code, n in positions.items() if code in inside}
        without = in_house(residency, [fellowship], show="without").frame
        assert set(without["institution_code"]) == inside - set(positions)
        assert f"Of {len(inside)} institutions" in in_house(residency, [fellowship]).summary

    def test_of_one_institution_lists_all_its_fellowships(self):
        frame = in_house(None, search="md anderson").frame
        assert len(frame) > 3 and frame["label"].is_unique and frame["institution_code"].nunique() == 1

    def test_absence_is_not_called_none(self):
        result = in_house()
        assert any("does not mean that there is none" in note for note in result.caveats)
        assert "by the list" in result.summary

    @pytest.mark.parametrize("wrong", [{"residency": "x"}, {"fellowships": []}, {"fellowships": ["x"]}, {"states": ["XX"]}, {"show": "x"},
                                       {"sort": "x"}, {"search": "zzzz"}, {"minimum_positions": 500},
                                       {"residency": None, "search": "massachusetts general", "show": "without"}])
    def test_refuses_what_there_is_not(self, wrong):
        with pytest.raises(UserError) as told:
            in_house(**wrong)
        assert "\n" not in str(told.value)


@pytest.mark.parametrize("study, asked", LISTS)
def test_results_are_asked_again_explained_and_saved(study, asked):
    result = study(**asked)
    assert result.question.ask().frame.equals(result.frame) and result.sources
    assert connect().execute(result.to_sql()).fetchall() and len(csv_text(result).splitlines()) == len(result.frame) + 1
    assert str(explain(result, 0))


class TestExplorers:
    @pytest.mark.parametrize("control, value", [("search", "cardio"), ("appointment_year", 2022), ("minimum_positions", 5),
                                                ("open_only", True), ("specialties", ("Nephrology",)), ("states", ("NY",))])
    def test_of_programs_answer_each_control(self, control, value):
        explorer = FellowshipProgramsExplorer()
        before = explorer.grid.order
        explorer._controls[control].value = value
        assert explorer.grid.order != before and explorer.result.summary in words(explorer.say)
        assert explorer.grid.order == tuple(explorer.result.frame["row"])

    @pytest.mark.parametrize("control, value", [("residency", None), ("search", "texas"), ("show", "without"), ("minimum_positions", 5),
                                                ("fellowships", ("Nephrology",)), ("states", ("NY",))])
    def test_in_house_answer_each_control(self, control, value):
        explorer = InHouseExplorer()
        before = explorer.grid.order
        explorer._controls[control].value = value
        assert explorer.grid.order != before and explorer.result.summary in words(explorer.say)

    def test_sort_by_a_pressed_head(self):
        programs, inside = FellowshipProgramsExplorer(), InHouseExplorer()
        programs.grid.sort = {"column": "2024", "descending": True}
        inside.grid.sort = {"column": "offered", "descending": True}
        assert inside.result.frame["offered"].is_monotonic_decreasing
        offered = [listing(2026)["years"][row].get(2024, [0])[0] for row in programs.grid.order]
        assert offered == sorted(offered, reverse=True)
        for explorer in (programs, inside):
            for column in explorer.grid.columns:
                if column["name"] != "residencies_told":
                    explorer.grid.sort = {"column": column["name"], "descending": False}
                    assert explorer.result, column

    def test_cells_say_filled_of_offered_or_that_it_was_not_listed(self):
        grid = FellowshipProgramsExplorer().grid
        names = [column["name"] for column in grid.columns]
        row = grid.cells[names.index("program_code")].index("1004144F0")
        assert grid.cells[names.index("2023")][row] == "2 of 2" and grid.cells[names.index("2022")][row] == "not listed"

    def test_explain_a_pressed_row(self):
        programs, inside = FellowshipProgramsExplorer(search="1004144F0"), InHouseExplorer(fellowships=["Nephrology"])
        programs.explained = ("1004144F0",)
        assert "p.175" in str(programs.explanation) and "Gastroenterology, University of Texas MD Anderson" in programs.panel.html
        inside.grid.chosen = inside.grid.order[0]
        assert "Positions offered" in str(inside.explanation) and inside.explained[1] == "Nephrology"
        programs.explained = None
        assert programs.explanation is None and programs.panel.html == "" and programs.grid.chosen == -1
        with pytest.raises(UserError, match="no rows shown"):
            programs.explained = ("x",)

    def test_a_row_that_is_filtered_away_is_no_longer_explained(self):
        explorer = FellowshipProgramsExplorer()
        explorer.explained = ("1004144F0",)
        explorer.selection = {"states": ["NY"]}
        assert explorer.explained is None and explorer.panel.html == ""

    def test_say_in_words_when_nothing_fits(self):
        explorer = FellowshipProgramsExplorer(search="zzzz")
        assert explorer.result is None and visible(explorer.notice) and not visible(explorer.views)
        with pytest.raises(UserError, match="nothing fits"):
            explorer._csv_file()
        with pytest.raises(UserError, match="no chart"):
            explorer.figure
        explorer.selection = {"search": ""}
        assert explorer.result and not visible(explorer.notice)

    @pytest.mark.parametrize("kind, wanted", [(FellowshipProgramsExplorer, {"states": ["XX"]}), (FellowshipProgramsExplorer, {"x": 1}),
                                              (FellowshipProgramsExplorer, {"minimum_positions": 0}), (InHouseExplorer, {"residency": "x"}),
                                              (InHouseExplorer, {"fellowships": ["x"]}), (InHouseExplorer, {"states": ["CAN"]})])
    def test_refuse_what_there_is_not_and_stay_as_they_were(self, kind, wanted):
        explorer = kind()
        before = explorer.selection
        with pytest.raises(UserError):
            explorer.selection = wanted
        assert explorer.selection == before and explorer.result


def test_states_are_those_of_the_programs():
    assert set(listing(2026)["state"]) <= set(state_names()) and set(house.pairs()["state"]) <= set(state_names())
