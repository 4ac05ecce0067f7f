"""The table of thousands of rows and the map of states without a browser: traits set from Python."""

import json

import numpy as np
import pandas as pd
import pytest

from imganalytics.errors import UserError
from imganalytics.explorers.widgets import Grid, StatePicker

COLUMNS = [{"name": "program", "label": "Program", "width": 220},
           {"name": "quota", "numeric": True, "hint": "Positions"}]
CELLS = [["Adams", "Brown", "Clark", "<b>Davis</b>"], ["4", "12", "not stated", "7"]]
CALIFORNIA = {"value": "CA", "label": "California", "column": 1, "row": 5, "count": 9}
TEXAS = {"value": "TX", "label": "Texas", "column": 4, "row": 8}
GUAM = {"value": "GU", "label": "Guam"}
OHIO = {"value": "OH", "label": "Ohio", "column": 7, "row": 4, "disabled": True, "why": "no such program"}


@pytest.fixture
def grid() -> Grid:
    return Grid(COLUMNS, CELLS, caption="Programs")


@pytest.fixture
def states() -> StatePicker:
    return StatePicker([CALIFORNIA, TEXAS, GUAM, OHIO], ["TX"], unit="programs")


class TestWhatIsShown:
    def test_all_rows_as_they_come(self, grid):
        assert (grid.order, grid.rows, grid.chosen, grid.marked) == ((0, 1, 2, 3), 4, -1, ())
        assert Grid().order == ()

    def test_columns_are_made_complete(self, grid):
        assert grid.columns[1] == {"name": "quota", "label": "quota", "numeric": True, "width": 120,
                                   "hint": "Positions"}

    @pytest.mark.parametrize("order", [np.array([2, 0]), [2, 0], iter([2, 0]), pd.Index([2, 0])])
    def test_an_order_may_be_any_list_of_rows(self, grid, order):
        grid.order = order
        assert grid.order == (2, 0)

    def test_an_order_travels_as_four_bytes_a_row_and_cells_as_one_buffer(self, grid):
        grid.order = np.array([3, 1])
        state = grid.get_state()
        assert state["order"] == bytes([3, 0, 0, 0, 1, 0, 0, 0])
        assert json.loads(state["cells"]) == CELLS

    def test_no_row_is_an_order_too(self, grid):
        for nothing in ([], np.array([]), np.flatnonzero([False])):
            grid.order = nothing
            assert grid.order == ()

    def test_everything_can_be_replaced_at_once(self, grid):
        grid.chosen, grid.marked, grid.sort = 3, (3, 1), {"column": "quota", "descending": True}
        seen = []
        grid.observe(lambda change: seen.append(change.name), ["order", "chosen", "marked"])
        grid.show(COLUMNS[:1], [["Evans", "Fox"]])
        assert (grid.rows, grid.order, grid.chosen, grid.marked) == (2, (0, 1), -1, (1,))
        assert grid.sort == {"column": "", "descending": False}
        assert sorted(seen) == ["chosen", "marked", "order"]

    def test_other_cells_of_the_same_columns_leave_what_still_is(self, grid):
        grid.order, grid.chosen = (2, 1), 1
        grid.cells = [["A", "B"], ["1", "2"]]
        assert (grid.order, grid.chosen) == ((1,), 1)


class TestWhatTheHandDoes:
    def test_comes_from_the_browser_like_any_other_value(self, grid):
        heard = []
        grid.observe(lambda change: heard.append(change.new), ["sort", "chosen", "marked"])
        grid.set_state({"sort": {"column": "quota", "descending": True}})
        grid.set_state({"chosen": 2})
        grid.set_state({"marked": [2, 0]})
        assert heard == [{"column": "quota", "descending": True}, 2, (2, 0)]

    def test_a_press_on_a_head_is_answered_with_an_order(self, grid):
        answers = {True: [3, 2, 1, 0], False: range(4)}
        grid.observe(lambda change: setattr(grid, "order", answers[change.new["descending"]]), "sort")
        grid.set_state({"sort": {"column": "program", "descending": True}})
        assert grid.order == (3, 2, 1, 0)


@pytest.mark.parametrize(("change", "message"), [
    ({"order": [0, 4]}, "order: 4 is not a row; allowed: 0 to 3"),
    ({"order": [-1]}, "order: -1 is not a row; allowed: 0 to 3"),
    ({"order": [1, 0, 1]}, "order: row 1 is there more than once"),
    ({"order": [True, False]}, "order: it is a list of row numbers, whole and from 0"),
    ({"order": [0.5]}, "order: it is a list of row numbers, whole and from 0"),
    ({"marked": [9]}, "marked: 9 is not a row; allowed: 0 to 3"),
    ({"chosen": 4}, "chosen: 4 is not a row; allowed: 0 to 3, or -1 for none"),
    ({"sort": {"column": "city"}}, "sort: 'city' is not a column; allowed: 'program', 'quota'"),
    ({"sort": {"by": "city"}}, "sort: no such key 'by'; allowed: 'column', 'descending'"),
    ({"cells": CELLS[:1]}, "cells: 1 lists of cells for 2 columns"),
    ({"cells": [["a", "b"], ["c"]]}, "cells: column 'quota' has 1 cells, 'program' 2"),
    ({"cells": [["a", "b"], ["c", 5]]}, "cells: column 'quota', row 1: 5 is not text"),
    ({"columns": COLUMNS[:1]}, r"columns: 1 columns for 2 lists of cells; show\(\) takes both"),
    ({"columns": [COLUMNS[0], COLUMNS[0]]}, "columns: 'program' is there more than once"),
    ({"columns": [{"label": "x"}, {}]}, "it has no name"),
    ({"columns": [{"name": "a", "wide": 3}]}, "column 'a': no such key 'wide'; allowed: 'name', 'label'"),
    ({"columns": [{"name": "a", "width": 5}]}, "column 'a': width 5; allowed: 20 to 1000"),
])
def test_what_does_not_fit_is_refused_in_one_line_and_changes_nothing(grid, change, message):
    before = {name: getattr(grid, name) for name in change}
    with pytest.raises(UserError, match=message) as refused:
        for name, value in change.items():
            setattr(grid, name, value)
    assert "\n" not in str(refused.value)
    assert {name: getattr(grid, name) for name in change} == before


def test_a_refused_replacement_leaves_the_table_as_it_was(grid):
    grid.chosen = 3
    with pytest.raises(UserError, match="5 is not text"):
        grid.show(COLUMNS[:1], [["a", 5]])
    assert (len(grid.columns), grid.cells, grid.order, grid.chosen) == (2, CELLS, (0, 1, 2, 3), 3)


def test_a_table_without_rows_says_so():
    with pytest.raises(UserError, match="order: 0 is not a row; the table has no rows"):
        Grid(COLUMNS, [[], []], order=[0])


class TestStates:
    def test_value_is_in_the_order_of_the_options_and_none_is_no_restriction(self, states):
        states.value = ["TX", "CA", "TX"]
        assert states.value == ("CA", "TX")
        states.value = ()
        assert states.value == ()

    def test_a_state_without_a_square_gets_one_below(self, states):
        places = {option["value"]: (option["row"], option["column"]) for option in states.options}
        assert places == {"CA": (5, 1), "TX": (8, 4), "GU": (9, 1), "OH": (4, 7)}
        many = StatePicker([{"value": f"X{n}"} for n in range(13)]).options
        assert [(option["row"], option["column"]) for option in many[10:]] == [(1, 11), (2, 1), (2, 2)]

    def test_completing_twice_changes_nothing(self, states):
        before = states.options
        states.options = list(before)
        assert states.options == before

    def test_a_picked_state_returns_when_it_is_allowed_again(self, states):
        states.options = [CALIFORNIA, {**TEXAS, "disabled": True}]
        assert states.value == ()
        states.options = [CALIFORNIA, TEXAS]
        assert states.value == ("TX",)

    def test_options_and_value_can_change_at_once(self, states):
        with states.hold_trait_notifications():
            states.value = ("HI",)
            states.options = [{"value": "HI", "label": "Hawaii", "count": np.int64(3)}]
        assert states.value == ("HI",)
        assert json.dumps(states.options)  # no number of numpy's is left

    @pytest.mark.parametrize(("value", "message"), [
        (("Texas",), "States: 'Texas' is not a choice; allowed: 'TX', 'CA', 'GU'"),
        (("OH",), "States: 'OH' cannot be picked: no such program"),
    ])
    def test_unknown_and_disabled_states_are_refused(self, states, value, message):
        with pytest.raises(UserError, match=message):
            states.value = value
        assert states.value == ("TX",)

    @pytest.mark.parametrize(("option", "message"), [
        ({**TEXAS, "value": "TT"}, r"option 'TT': 'TX' is on its square already \(row 8, column 4\)"),
        (TEXAS, "options: 'TX' is there more than once"),
        ({"value": "ME", "tile": 3}, "options: no such key 'tile'; allowed: 'value', 'label', 'column'"),
        ({"value": "ME", "column": 12}, "option 'ME': column 12; allowed: 1 to 11"),
        ({"value": "ME", "row": 0}, "option 'ME': row 0; allowed: whole numbers from 1, or None"),
        ({"value": "ME", "count": 0.5}, "option 'ME': count 0.5; allowed: whole numbers from 0, or None"),
        ({"label": "Maine"}, "neither text nor a whole number"),
    ])
    def test_a_bad_option_is_refused(self, option, message):
        with pytest.raises(UserError, match=message):
            StatePicker([CALIFORNIA, TEXAS, option])


def test_nothing_is_fetched_from_elsewhere(grid, states):
    assert "http" not in str(grid._esm) + str(grid._css) + str(states._esm) + str(states._css)
