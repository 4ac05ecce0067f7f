"""`imganalytics import`: what it prints, what it keeps, and the one line by which it refuses."""

import re
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from imganalytics.cli import main
from imganalytics.own import imports
from tests.import_files import IM, IM_CODE, csv_bytes, own_folder  # noqa: F401

HEADS = ["program_code", "institution", "state", "specialty", "step2ck_min"]
GOOD, BAD = [IM_CODE, "", "", "", 220], [IM_CODE, "", "", "", "12-Jan"]
WAITS = ["", "University of Alabama Medical Center, Birmingham", "AL", "IM", 230]


def run(*arguments: object) -> Result:
    """`imganalytics import` with these arguments."""
    return CliRunner().invoke(main, ["import", *map(str, arguments)])


def printed(*arguments: object) -> str:
    """What it prints when it succeeds."""
    result = run(*arguments)
    assert (result.exit_code, result.stderr) == (0, ""), result.output + repr(result.exception)
    return result.stdout


def refused(*arguments: object) -> str:
    """The one line on stderr of what must fail."""
    result = run(*arguments)
    assert result.exit_code == 1 and result.stderr.startswith("imganalytics: ") and result.stderr.count("\n") == 1
    return result.stderr.removeprefix("imganalytics: ").strip()


@pytest.fixture
def file(tmp_path) -> Path:
    """A good file."""
    path = tmp_path / "synthetic.csv"
    path.write_bytes(csv_bytes(HEADS, GOOD))
    return path


def test_a_good_file_is_kept_listed_and_removed(file):
    text = printed("programs", file)
    [done] = imports.imports()
    assert text.splitlines()[0] == "synthetic.csv is read as the template of this workbook. 1 row: 1 can be taken."
    assert text.endswith(f"kept as {done.import_id}: 1 fact on 1 program, from 1 of 1 row\n")
    listed = printed("list")
    assert listed.startswith(f"{done.import_id}  synthetic.csv (the template of this workbook), imported ") and done.sha256[:12] in listed
    assert printed("remove", done.import_id) == f"removed {done.import_id}\n"
    assert printed("list") == "nothing was imported; as in: imganalytics import programs FILE\n"
    assert refused("remove", done.import_id).startswith(f"no import {done.import_id!r}")


def test_bad_rows_are_listed_with_line_and_reason_and_left_out_when_told(file):
    file.write_bytes(csv_bytes(HEADS, GOOD, BAD))
    result = run("programs", file)
    assert result.exit_code == 1 and imports.imports() == []
    assert "line 3: column 'step2ck_min': '12-Jan' looks like a date" in result.stdout
    assert result.stderr.startswith("imganalytics: nothing was kept: rows that cannot be taken: 1") and "--take-good-rows" in result.stderr
    assert "from 1 of 2 rows" in printed("programs", file, "--take-good-rows")


@pytest.mark.parametrize("said", [f"2={IM}", "equal"])
def test_a_suggestion_is_confirmed_by_its_line(file, said):
    file.write_bytes(csv_bytes(HEADS, WAITS))
    asked = run("programs", file).stdout
    assert f"2={IM}  University of Alabama" in asked and "(the same: specialty Internal Medicine; state AL; the whole name)" in asked
    assert "2=own  keep it as a program of your own list" in asked
    assert "1 fact on 1 program" in printed("programs", file, "--confirm", said)
    assert imports.imported_facts()["program_key"].tolist() == [IM]


def test_a_row_is_kept_as_ones_own(file):
    file.write_bytes(csv_bytes(HEADS, WAITS))
    assert "1 of your own list" in printed("programs", file, "--confirm", "2=own")
    assert "1 of your own list" in printed("list")


@pytest.mark.parametrize("said, why", [
    ("2", "allowed: ROW=PROGRAM"), ("x=1007/Psychiatry", "allowed: ROW=PROGRAM"), ("2=", "allowed: ROW=PROGRAM"),
    ("9=own", "line 9 waits for no confirmation"), ("2=zyx", "no program 'zyx'"),
])
def test_a_confirmation_of_nothing_is_refused(file, said, why):
    file.write_bytes(csv_bytes(HEADS, WAITS))
    assert why in refused("programs", file, "--confirm", said)


def test_looking_keeps_nothing(file):
    assert "1 can be taken" in printed("programs", file, "--look") and imports.imports() == []


def test_the_same_file_again_is_said_to_replace(file):
    printed("programs", file)
    [first] = imports.imports()
    assert f"in place of {first.import_id} (the same file)" in printed("programs", file)
    assert len(imports.imports()) == 1


def test_long_lists_are_cut_unless_all_is_wanted(file):
    file.write_bytes(csv_bytes(HEADS, *[BAD] * 60))
    assert "... and 20 more (--all lists them)" in run("programs", file).stdout
    assert run("programs", file, "--all").stdout.count("looks like a date") == 60


def test_the_template_is_written(tmp_path):
    assert printed("programs", "--template", tmp_path / "mine") == f"written: {tmp_path / 'mine.csv'}, {tmp_path / 'mine.xlsx'}\n"
    assert "exists already" in refused("programs", "--template", tmp_path / "mine")
    assert "nothing can be taken" in refused("programs", tmp_path / "mine.xlsx")


def test_what_cannot_be_read_is_one_line(tmp_path):
    assert refused("programs", tmp_path / "none.csv") == f"{tmp_path / 'none.csv'}: there is no such file"
    assert refused("programs").startswith("name a file, as in: imganalytics import programs FILE")
    assert run("programs", tmp_path, "--format", "excel").exit_code == 2


def test_a_spoilt_import_is_told_in_the_list(file, own_folder):
    printed("programs", file)
    [place] = (own_folder / "imports").iterdir()
    (place / "facts.csv").write_text("spoilt")
    result = run("list")
    assert result.exit_code == 0 and re.match(r"cannot be used: .*facts.csv: was changed after the import", result.stderr)


def test_every_command_and_option_says_what_it_is():
    for name, command in main.commands["import"].commands.items():
        assert command.callback.__doc__ and all(option.help for option in command.params if isinstance(option, click.Option)), name
