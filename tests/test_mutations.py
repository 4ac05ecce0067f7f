"""The data tests are tested: a digit changed in a watched cell must be noticed by the check."""

import csv
import random
import re
import shutil
from collections import defaultdict
from pathlib import Path

import duckdb
import pytest

from imganalytics.warehouse import current_database, reconcile
from imganalytics.warehouse.checks import CHECKS
from imganalytics.warehouse.checks.watched import conditions
from imganalytics.warehouse.schema import read_package
from imganalytics.warehouse.sums import VIEWS
from tests import report
from tests.datasets_copy import DATASETS, shell, whole_copy

CELLS = 500
OF_EACH_COLUMN = 6  # beside them, so that small tables are tried too
SEED = 20261122

Cell = tuple[str, str, int]  # table, column, row as a spreadsheet counts


@pytest.fixture(scope="module")
def con(tmp_path_factory) -> duckdb.DuckDBPyConnection:
    """A copy of the database that may be spoilt."""
    path = tmp_path_factory.mktemp("mutations") / "copy.duckdb"
    shutil.copy(current_database(), path)
    return duckdb.connect(path)


def watched_cells(con: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], list[Cell]]:
    """Every cell that some comparison says it watches, by column."""
    cells = {}
    for table in read_package(DATASETS):
        for field in table.figures:
            condition = conditions(table.name, field.name)
            found = con.execute(f"""SELECT file_row FROM published."{table.name}"
                                    WHERE "{field.name}" IS NOT NULL AND ({condition}) ORDER BY 1""").fetchall()
            if found:
                cells[table.name, field.name] = [(table.name, field.name, row) for (row,) in found]
    return cells


def printed(cells: list[Cell]) -> dict[Cell, str]:
    """The cells as they stand in the files."""
    texts = {}
    for name in {cell[0] for cell in cells}:
        with open(DATASETS / f"{name}.csv", encoding="utf-8", newline="") as file:
            header, *rows = csv.reader(file)
        texts |= {cell: rows[cell[2] - 2][header.index(cell[1])] for cell in cells if cell[0] == name}
    return texts


def one_digit_changed(text: str, chance: random.Random) -> str:
    at = chance.choice([place for place, sign in enumerate(text) if sign.isdigit()])
    return text[:at] + chance.choice([digit for digit in "0123456789" if digit != text[at]]) + text[at + 1:]


def tables_of(sql: str) -> set[str]:
    """Every published table a query reads, also through the sums."""
    found = set(re.findall(r"published\.(\w+)", sql))
    for view in re.findall(r"sums\.(\w+)", sql):
        found |= tables_of(VIEWS.get(view, ""))
    return found


def is_caught(con: duckdb.DuckDBPyConnection, cell: Cell, changed: str) -> bool:
    """Whether a comparison fails while the cell holds `changed`."""
    table, field, row = cell
    where = f'published."{table}" WHERE file_row = {row}'
    (before,) = con.execute(f'SELECT "{field}" FROM {where}').fetchone()
    update = f'UPDATE published."{table}" SET "{field}" = ? WHERE file_row = {row}'
    con.execute(update, [float(changed)])
    caught = any(outcome.fails for check in CHECKS if table in tables_of(check.sql) for outcome in reconcile(con, [check]))
    con.execute(update, [before])
    return caught


def test_at_least_95_of_100_changed_digits_are_caught(con):
    chance = random.Random(SEED)
    columns = watched_cells(con)
    sample = chance.sample([cell for cells in columns.values() for cell in cells], CELLS)
    more = [cell for cells in columns.values() for cell in chance.sample(cells, min(OF_EACH_COLUMN, len(cells)))]
    texts = printed(sample + more)
    changed = {cell: one_digit_changed(texts[cell], chance) for cell in texts}
    caught = {cell: is_caught(con, cell, changed[cell]) for cell in texts}

    share = sum(caught[cell] for cell in sample) / CELLS
    by_table = defaultdict(list)
    for cell, found in caught.items():
        by_table[cell[0]].append(found)
    nothing = [table.name for table in read_package(DATASETS)
               if table.figures and "source_id" in table.columns and table.name not in (*by_table, "declared_gaps")]
    report.say(f"one digit changed in {CELLS} random watched cells: {100 * share:.1f} % caught by the check")
    report.say("caught by table, with more cells of the small ones: " + ", ".join(
        f"{name} {sum(found)}/{len(found)}" for name, found in sorted(by_table.items())))
    report.say("not caught: " + (", ".join(f"{cell[0]}.{cell[1]} row {cell[2]} {texts[cell]}->{changed[cell]}"
                                           for cell, found in caught.items() if not found) or "none"))
    report.say(f"tables of figures that nothing watches: {', '.join(nothing)}")
    assert share >= 0.95
    assert not any(outcome.fails for outcome in reconcile(con)), "the copy was not put back as it was"


def test_the_command_stops_at_a_changed_digit(con, tmp_path: Path):
    chance = random.Random(SEED)
    cells = watched_cells(con)
    cell = chance.choice(cells["program_results", "quota"])
    facts = whole_copy(tmp_path / "datasets")
    facts.set(cell[0], cell[2], quota=one_digit_changed(printed([cell])[cell], chance))
    found = shell("check", datasets=facts.folder, home=tmp_path / "home")
    assert found.returncode == 1 and "program_sums" in found.stdout and "Traceback" not in found.stderr
