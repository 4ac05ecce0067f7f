"""The verbs from a shell: what they print, and the one line by which they refuse."""

import csv
import io
import json
import os
import re
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner, Result

import imganalytics
from imganalytics.cli import main
from imganalytics.warehouse import reconciliation
from imganalytics.warehouse.reconciliation import Outcome
from tests.datasets_copy import shell, synthetic, whole_copy


def run(*arguments: str) -> Result:
    """The command with the session's database, in this process."""
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def printed(*arguments: str) -> str:
    """What a command prints that must succeed, and say nothing else."""
    result = run(*arguments)
    assert (result.exit_code, result.stderr) == (0, ""), result.output + repr(result.exception)
    return result.stdout


def refused(*arguments: str) -> str:
    """The one line on stderr of a command that must fail."""
    result = run(*arguments)
    assert isinstance(result.exception, SystemExit), repr(result.exception)
    assert result.exit_code == 1 and result.stdout == ""
    assert result.stderr.startswith("imganalytics: ") and result.stderr.count("\n") == 1
    return result.stderr.removeprefix("imganalytics: ").removesuffix("\n")


def table(text: str) -> list[list[str]]:
    """Cells of a printed table, the header first."""
    return [re.split(r"\s{2,}", line.strip()) for line in text.splitlines() if line.strip(" ─")]


# The commands --------------------------------------------------------------------------------------------


def test_every_command_says_what_it_does():
    assert set(main.commands) >= {"build", "check", "cite", "export", "lab", "redraw", "sources", "sql"}
    overview = printed("--help")
    for name, command in main.commands.items():
        assert command.callback.__doc__, name
        assert f"\n  {name} " in overview
        assert command.callback.__doc__.split()[:5] == printed(name, "--help").split("\n\n")[1].split()[:5]


def test_every_option_says_what_it_is():
    options = [(name, option) for name, command in main.commands.items() for option in command.params
               if isinstance(option, click.Option)]
    assert len(options) > 10
    assert [f"{name} {option.opts[0]}" for name, option in options if not option.help] == []


def test_the_version_is_told():
    assert printed("--version") == f"imganalytics, version {imganalytics.__version__}\n"


@pytest.mark.parametrize("arguments, complaint", [
    (["bild"], "No such command 'bild'"),
    (["sql"], "Missing argument 'QUERY'"),
    (["sql", "SELECT 1", "--format", "xml"], "'xml' is not one of 'table', 'csv', 'json'"),
    (["export"], "Missing argument 'STUDY'"),
    (["export", "competitiveness", "--year", "x"], "'x' is not a valid integer"),
    (["build", "--datasets"], "Option '--datasets' requires an argument"),
    (["check", "--loudly"], "No such option '--loudly'"),
])
def test_a_wrong_word_is_named(arguments, complaint):
    result = run(*arguments)
    assert result.exit_code == 2 and result.stdout == "" and isinstance(result.exception, SystemExit)
    assert result.stderr.splitlines()[-1].startswith("Error: ") and complaint in result.stderr


@pytest.mark.parametrize("form", ["table", "csv", "json"])
def test_a_reader_that_has_seen_enough_is_no_error(con, form):
    query = "SELECT range AS number FROM range(20000)"  # more than a pipe holds
    command = [sys.executable, "-m", "imganalytics", "sql", query, "--format", form]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 0


# build ---------------------------------------------------------------------------------------------------


def test_build_lists_what_it_made_then_says_that_it_is_up_to_date(tmp_path, monkeypatch):
    monkeypatch.setenv("IMGANALYTICS_HOME", str(tmp_path / "home"))
    facts = synthetic(tmp_path / "datasets", match_results=[{"measure": "positions_filled", "value": 7}])
    *rows, total = printed("build", "--datasets", facts.folder).splitlines()
    [path] = (tmp_path / "home").iterdir()
    listed = {row[0]: row[1:3] for row in table("\n".join(rows))}
    assert listed["table"] == ["rows", "sources"]
    assert listed["match_results"] == ["1", "1"] and listed["sources"] == ["3", "3"]
    assert re.fullmatch(rf"[\d,]+ rows in {len(listed) - 1} tables, [\d.]+ seconds, [\d.]+ MB: {path}", total)
    assert "IMGANALYTICS_DATASETS" not in os.environ
    made = path.stat().st_mtime_ns
    assert printed("build", "--datasets", facts.folder) == f"up to date: {path} (--force builds it anew)\n"
    assert path.stat().st_mtime_ns == made
    printed("build", "--datasets", facts.folder, "--force")
    assert path.stat().st_mtime_ns > made


def test_build_says_that_the_database_of_this_project_is_up_to_date(con):
    assert re.fullmatch(r"up to date: \S+\.duckdb \(--force builds it anew\)\n", printed("build"))


# sql -----------------------------------------------------------------------------------------------------

TOTALS = "SELECT match_year, sum(offered) AS offered, sum(filled) AS filled FROM state_results GROUP BY match_year"


def test_sql_prints_a_table_with_grouped_thousands_and_plain_years(con):
    assert table(printed("sql", TOTALS)) == [["match_year", "offered", "filled"], ["2025", "43,237", "40,764"]]


@pytest.mark.parametrize("value, shown", [
    ("1234567", "1,234,567"), ("12345.67", "12,345.7"), ("0.123456", "0.1235"), ("-1234", "-1,234"), ("'1234'", "1234"),
    ("DATE '2025-03-21'", "2025-03-21"), ("1234::DECIMAL(9, 2)", "1,234"), ("true", "True"), ("[1, 2]", "[1, 2]"),
    ("'[bold]'", "[bold]"),
])
def test_sql_shows_a_value(con, value, shown):
    assert table(printed("sql", f"SELECT {value} AS x, 'end' AS y")) == [["x", "y"], [shown, "end"]]


def test_sql_prints_csv_with_plain_numbers(con):
    assert printed("sql", TOTALS, "--format", "csv") == "match_year,offered,filled\n2025,43237,40764\n"
    awkward = 'SELECT '"'a,b'"' AS "x ""y""", NULL AS missing, 0.5 AS half'
    assert list(csv.reader(io.StringIO(printed("sql", awkward, "--format", "csv")))) == [
        ['x "y"', "missing", "half"], ["a,b", "", "0.5"]]


def test_sql_prints_json(con):
    assert json.loads(printed("sql", TOTALS, "--format", "json")) == [
        {"match_year": 2025, "offered": 43237, "filled": 40764}]
    odd = printed("sql", "SELECT NULL AS a, 1.5::DECIMAL(4, 2) AS b, DATE '2025-03-21' AS c, 'NaN'::DOUBLE AS d, "
                         "'Infinity'::DOUBLE AS e, 'é' AS f", "--format", "json")
    assert json.loads(odd, parse_constant=lambda word: f"not JSON: {word}") == [
        {"a": None, "b": 1.5, "c": "2025-03-21", "d": None, "e": None, "f": "é"}]


@pytest.mark.parametrize("form, nothing", [("csv", "rights\n"), ("json", "[]\n")])
def test_sql_without_any_row_still_names_its_columns(con, form, nothing):
    assert printed("sql", "SELECT rights FROM rights WHERE false", "--format", form) == nothing


@pytest.mark.parametrize("query, complaint", [
    ("SELEC 1", "syntax error"),
    ("SELECT * FROM match_rate", 'Did you mean "match_rates'),
    ("SELECT rates FROM match_rates", '"rates" not found'),
    ("SELECT 'a'::INTEGER", "Could not convert string 'a'"),
    ("", "the query asks for nothing"),
    (" ; ", "the query asks for nothing"),
])
def test_sql_refuses_a_bad_query_in_one_line(con, query, complaint):
    assert complaint in refused("sql", query)


# check ---------------------------------------------------------------------------------------------------


def test_check_is_green_and_lists_every_declared_gap(con):
    output = printed("check")
    gaps = con.execute("SELECT check_id, count(*) FROM declared_gaps GROUP BY 1").fetchall()
    listing = output.split("Declared gaps\n")[1].splitlines()
    assert [(name, sum(line.split()[:1] == [name] for line in listing)) for name, _ in gaps] == gaps
    total = sum(number for _, number in gaps)
    assert re.fullmatch(rf"[\d,]+ figures compared .* agree, {total} declared gaps, 0 fail", listing[-1])
    assert [row[0] for row in table(output)[1:]][: len(reconciliation.CHECKS)] == [
        check.title for check in reconciliation.CHECKS]


@pytest.mark.parametrize("options, listed", [
    ([], ["Declared gaps", "DIFFERS", "MISSING"]),
    (["--all"], ["Agrees", "Declared gaps", "DIFFERS", "MISSING"]),
])
def test_check_lists_what_does_not_agree(con, monkeypatch, options, listed):
    synthetic_outcomes = [
        Outcome("state_total", "a", 1, 1, "agrees"), Outcome("state_total", "b", 1, 3, "declared gap", "known"),
        Outcome("state_total", "c", 5_000, 4_000, "differs"), Outcome("state_types", "d", 1, None, "missing", "gone")]
    monkeypatch.setattr(reconciliation, "reconcile", lambda con: synthetic_outcomes)
    result = run("check", *options)
    lines = result.stdout.splitlines()
    assert [line for line in lines if line in ("Agrees", "Declared gaps", "DIFFERS", "MISSING")] == listed
    assert "state_total c 5,000 4,000 1,000" in [" ".join(line.split()) for line in lines]
    assert lines[-1] == "4 figures compared with published ones: 1 agree, 1 declared gaps, 2 fail"
    assert result.exit_code == 1
    assert result.stderr == ("imganalytics: 2 figures do not agree with the published ones and no gap is declared for "
                             "them; correct datasets/, or declare the gap with its size and reason in "
                             "declared_gaps.csv\n")


def test_check_fails_when_one_figure_is_changed(tmp_path):
    facts = whole_copy(tmp_path / "datasets")
    row = facts.find("state_results", state="AK", specialty="Family Medicine")
    filled = facts.rows("state_results")[row - 1][facts.rows("state_results")[0].index("filled")]
    facts.set("state_results", row, filled=int(filled) - 1)
    done = shell("check", datasets=facts.folder, home=tmp_path / "home")
    assert done.returncode == 1
    assert done.stderr.startswith("imganalytics: ") and done.stderr.count("\n") == 1
    differing = done.stdout.split("\nDIFFERS\n")[1]
    assert "2025 AK Family Medicine PGY-1 line 1" in differing
    assert "2025 positions_filled" in differing and "40,763" in differing and "40,764" in differing


# sources -------------------------------------------------------------------------------------------------


def test_sources_lists_all_or_those_with_every_word(con):
    every_id = {source_id for (source_id,) in con.execute("SELECT source_id FROM sources").fetchall()}
    assert len(every_id) > 400 and every_id <= {row[0] for row in table(printed("sources"))}
    found = [row[0] for row in table(printed("sources", "STATE", "nrmp_state"))[1:]]
    assert found[0] == "nrmp_state_2025" and len(found) < 10


def test_sources_says_when_there_is_none(con):
    assert refused("sources", "nrmp", "zebra") == "no source with 'nrmp zebra'; 'imganalytics sources' lists all"


# export --------------------------------------------------------------------------------------------------


def test_export_prints_the_figures_with_their_sources(con):
    text = printed("export", "competitiveness", "--specialty", "Anesthesiology", "--type", "us_img", "--type", "all")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(row["specialty"], row["applicant_type"]) for row in rows] == [
        ("Anesthesiology", "us_img"), ("Anesthesiology", "all")]
    assert {(row["base"], row["match_year"]) for row in rows} == {("ranked_anywhere", "2025")}
    assert all(row["source"] for row in rows) and int(rows[0]["matched"]) <= int(rows[0]["applicants"])


@pytest.mark.parametrize("options, complaint", [
    (["--specialty", "Anaesthesiology"], "unknown specialty 'Anaesthesiology'; allowed: "),
    (["--type", "imgs"], "unknown applicant type 'imgs'; allowed: us_md_senior, us_md_graduate,"),
    (["--base", "everyone"], "unknown base 'everyone'; allowed: active, preferred, only_choice, ranked_anywhere"),
    (["--sort", "name"], "unknown sort order 'name'; allowed: rate, rate_low, applicants, positions_per_applicant,"),
    (["--year", "1990"], "No rate is published for US IMG or Non-US IMG on the base 'ranked the specialty anywhere' "
                         "in 1990. Nearest: US IMG, Non-US IMG: ranked the specialty anywhere, 2025."),
])
def test_export_refuses_what_is_not_known(con, tmp_path, options, complaint):
    assert refused("export", "competitiveness", tmp_path / "out.csv", *options).startswith(complaint)
    assert list(tmp_path.iterdir()) == []


def test_export_writes_a_file_and_replaces_it_only_when_told(con, tmp_path):
    file = tmp_path / "out.csv"
    ask = ("export", "competitiveness", file, "--specialty", "Anesthesiology")
    assert re.fullmatch(rf"2 rows from \d sources: {file}\n", printed(*ask))
    file.write_text("the user's own")
    assert refused(*ask) == f"{file}: exists already; choose another name or say --overwrite"
    assert file.read_text() == "the user's own"
    printed(*ask, "--overwrite")
    assert "Anesthesiology" in file.read_text("utf-8") and list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("folder", ["missing", "file"])
def test_export_to_a_folder_that_cannot_be_written_is_one_line(con, tmp_path, folder):
    (tmp_path / "file").write_text("in the way")
    file = tmp_path / folder / "out.csv"
    assert refused("export", "competitiveness", file).startswith(f"{file}: cannot be written (")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_columns_of_one_name_are_refused_where_json_would_lose_one():
    result = CliRunner().invoke(main, ["sql", "SELECT 1 AS a, 2 AS a", "--format", "json"])
    assert result.exit_code == 1 and result.stdout == ""
    assert "several columns have the same name (a)" in result.stderr
    assert CliRunner().invoke(main, ["sql", "SELECT 1 AS a, 2 AS a", "--format", "csv"]).stdout == "a,a\n1,2\n"


def test_a_minimum_below_nothing_is_refused():
    result = CliRunner().invoke(main, ["export", "competitiveness", "--minimum", "-1"])
    assert result.exit_code != 0 and "x>=0" in result.output
