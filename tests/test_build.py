"""The database file: when it is made anew, who may read it meanwhile, and that nobody can write through it."""

import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

import imganalytics
from imganalytics import warehouse
from imganalytics.cli import main
from imganalytics.errors import UserError
from imganalytics.warehouse import tables
from tests.datasets_copy import Facts, shell, synthetic

FILLED = [{"measure": "positions_filled", "value": 7}]


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    """An empty folder for the databases of one test."""
    monkeypatch.setenv("IMGANALYTICS_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def facts(tmp_path) -> Facts:
    """Synthetic facts: 7 positions filled."""
    return synthetic(tmp_path / "datasets", match_results=FILLED)


def answer(path: Path) -> float:
    with duckdb.connect(path, read_only=True) as con:
        [(value,)] = con.execute("SELECT value FROM match_results").fetchall()
    return value


# When it is made anew ------------------------------------------------------------------------------------


def test_the_same_facts_give_the_same_file_with_the_version_in_its_name(home, facts, tmp_path):
    first = warehouse.build(facts.folder).path
    assert first.parent == home and f"-{imganalytics.__version__}-" in first.name
    assert warehouse.build(facts.folder).path == warehouse.database_path(facts.folder) == first
    elsewhere = synthetic(tmp_path / "a copy elsewhere", match_results=FILLED)
    assert warehouse.database_path(elsewhere.folder) == first


@pytest.mark.parametrize("change", [
    lambda facts: facts.set("match_results", 2, value=8),
    lambda facts: facts.set("sources", 2, title="Synthetic report, second edition"),
    lambda facts: facts.replace("datapackage.json", '"maximum": 2035', '"maximum": 2036'),
    lambda facts: facts.path("traits").unlink(),
], ids=["fact", "source", "description", "missing file"])
def test_whatever_it_is_made_of_changes_its_name(home, facts, change):
    before = warehouse.database_path(facts.folder)
    change(facts)
    assert warehouse.database_path(facts.folder) != before


def test_a_file_that_is_not_described_does_not_change_its_name(home, facts):
    before = warehouse.database_path(facts.folder)
    (facts.folder / "notes.txt").write_text("to do")
    assert warehouse.database_path(facts.folder) == before


@pytest.mark.parametrize("floor", ["warehouse", "statistics"])
def test_the_code_that_makes_it_changes_its_name(home, facts, floor, monkeypatch):
    before = warehouse.database_path(facts.folder)
    read_bytes = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes",
                        lambda path: read_bytes(path) + b"#" * (path.suffix == ".py" and path.parent.name == floor))
    assert warehouse.database_path(facts.folder) != before


def test_it_is_built_once_and_again_only_when_a_fact_changes(home, facts):
    first = warehouse.current_database(facts.folder)
    made = first.stat().st_mtime_ns
    assert warehouse.current_database(facts.folder) == first and first.stat().st_mtime_ns == made
    facts.set("match_results", 2, value=8)
    second = warehouse.current_database(facts.folder)
    assert (answer(first), answer(second)) == (7, 8)


def test_of_older_databases_only_the_newest_is_kept(home, facts):
    paths = []
    for value in (1, 2, 3):
        facts.set("match_results", 2, value=value)
        paths.append(warehouse.build(facts.folder).path)
        os.utime(paths[-1], (value, value))  # as if made at different times
    assert sorted(home.iterdir()) == sorted(paths[1:])


def test_it_says_what_it_was_made_of(home, facts):
    with duckdb.connect(warehouse.build(facts.folder).path, read_only=True) as con:
        said = dict(con.execute("FROM build_info").fetchall())
    assert said["package_version"] == imganalytics.__version__
    assert said["datasets_folder"] == str(facts.folder)
    assert said["datasets_digest"][:16] in warehouse.database_path(facts.folder).name


def test_a_build_tells_its_steps_and_what_it_made(home, facts):
    told = []
    built = warehouse.build(facts.folder, lambda words, done, steps: told.append((words, done, steps)))
    steps = len(told) - 1
    assert [(done, of) for _, done, of in told] == [(done, steps) for done in range(steps + 1)]
    assert told[0][0] == "reading sources.csv" and told[-1][0] == "done"
    rows = {table.name: (table.rows, table.sources) for table in built.tables}
    assert rows["match_results"] == (1, 1) and rows["sources"] == (3, 3) and rows["rights"] == (1, None)


# Readers while it is made --------------------------------------------------------------------------------

READER = """
import duckdb, sys
con = duckdb.connect(sys.argv[1], read_only=True)
for _ in sys.stdin:
    print(con.execute("SELECT value FROM match_results").fetchall(), flush=True)
"""


def test_twenty_readers_keep_their_answers_while_it_is_built_anew(home, facts):
    path = warehouse.build(facts.folder).path
    readers = [subprocess.Popen([sys.executable, "-c", READER, str(path)], stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE, text=True) for _ in range(20)]

    def answers() -> list[str]:
        for reader in readers:
            print(file=reader.stdin, flush=True)
        return [reader.stdout.readline() for reader in readers]

    expected = ["[(7.0,)]\n"] * 20
    asked = {}
    try:
        assert answers() == expected

        def ask(words: str, done: int, steps: int) -> None:
            if done in (1, steps - 1, steps):
                asked[words] = answers() + [answer(path)]

        before = path.stat().st_ino
        warehouse.build(facts.folder, ask)
        assert path.stat().st_ino != before or os.name == "nt", "it was not built anew"
        assert len(asked) == 3 and all(each == [*expected, 7.0] for each in asked.values())
        assert answers() == expected
    finally:
        for reader in readers:
            reader.communicate()
    assert [reader.returncode for reader in readers] == [0] * 20


# What goes wrong while it is made ------------------------------------------------------------------------


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, RuntimeError, MemoryError])
def test_an_interrupted_build_leaves_the_old_database_and_nothing_else(home, facts, monkeypatch, interruption):
    path = warehouse.build(facts.folder).path
    before = path.stat().st_mtime_ns

    def interrupted(*_):
        assert len(list(home.iterdir())) > 1, "nothing was begun"
        raise interruption

    monkeypatch.setattr(tables, "make", interrupted)
    with pytest.raises(interruption):
        warehouse.build(facts.folder)
    assert list(home.iterdir()) == [path] and path.stat().st_mtime_ns == before
    assert answer(path) == 7


@pytest.mark.parametrize("inside", [False, True], ids=["is a file", "lies under a file"])
def test_a_folder_that_cannot_be_used_is_one_line(tmp_path, inside):
    file = tmp_path / "file"
    file.write_text("in the way")
    done = shell("sql", "SELECT 1", home=file / "home" if inside else file)
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr.startswith(f"imganalytics: {file}") and done.stderr.count("\n") == 1
    assert "cannot be used as the folder for the database" in done.stderr
    assert "set IMGANALYTICS_HOME to a folder you may write to" in done.stderr


def test_a_database_that_cannot_be_renamed_into_place_is_one_line(home, facts):
    path = warehouse.database_path(facts.folder)
    path.mkdir()
    with pytest.raises(UserError, match=f"^{home}: the database cannot be written \\(.*\\)$"):
        warehouse.build(facts.folder)
    assert list(home.iterdir()) == [path]


def test_on_windows_a_database_that_a_kernel_has_open_stays(home, facts, monkeypatch):
    def refuse(*_):
        raise PermissionError("the file is open")

    path = warehouse.build(facts.folder).path
    monkeypatch.setattr(os, "replace", refuse)
    assert warehouse.build(facts.folder).path == path and list(home.iterdir()) == [path]
    path.unlink()
    with pytest.raises(UserError, match="the database cannot be written"):
        warehouse.build(facts.folder)
    assert list(home.iterdir()) == []


def test_a_damaged_database_is_one_line_and_can_be_made_anew(home, facts):
    warehouse.database_path(facts.folder).write_bytes(b"damaged" * 1000)
    ask = ("sql", "SELECT value FROM match_results", "--format", "csv")
    done = shell(*ask, datasets=facts.folder)
    assert done.returncode == 1 and done.stderr.count("\n") == 1
    assert done.stderr.startswith("imganalytics: ") and "'imganalytics build --force' makes it anew" in done.stderr
    assert shell("build", "--force", datasets=facts.folder).returncode == 0
    assert shell(*ask, datasets=facts.folder).stdout == "value\n7.0\n"


# Nobody writes through it --------------------------------------------------------------------------------


@pytest.mark.parametrize("query, reason", [
    ("INSERT INTO build_info VALUES ('mine', 'all of it')", "read-only mode"),
    ("INSERT INTO published.rights VALUES ('mine', 'all of them', 9)", "read-only mode"),
    ("INSERT INTO rights VALUES ('mine', 'all of them')", "rights is not a"),
    ("UPDATE match_rates SET rate = 1", "read-only mode"),
    ("DELETE FROM reconciliation", "read-only mode"),
    ("DELETE FROM published.sources", "read-only mode"),
    ("DELETE FROM sources", "Can only delete from base table"),
    ("DROP VIEW sources", "read-only mode"),
    ("CREATE TABLE mine (a INTEGER)", "read-only mode"),
    ("SELECT 1; DROP TABLE programs", "read-only mode"),
    ("COPY sources TO '{file}'", "disabled by configuration"),
    ("EXPORT DATABASE '{file}'", "disabled by configuration"),
    ("ATTACH '{file}' AS other", "disabled by configuration"),
    ("SELECT * FROM read_csv('{csv}')", "disabled by configuration"),
    ("SELECT * FROM read_text('{csv}')", "disabled by configuration"),
    ("SELECT * FROM glob('*')", "disabled by configuration"),
    ("SELECT * FROM '{csv}'", "disabled by configuration"),
    ("INSTALL httpfs", "disabled by configuration"),
    ("LOAD httpfs", "disabled through configuration"),
    ("SET enable_external_access = true", "Cannot enable external access"),
])
def test_whatever_writes_or_reaches_out_is_refused_in_one_line(con, tmp_path, root, query, reason):
    files = {"file": tmp_path / "file", "csv": root / "datasets" / "rights.csv"}
    result = CliRunner().invoke(main, ["sql", query.format(**files)])
    assert isinstance(result.exception, SystemExit) and result.exit_code == 1
    assert result.stderr.startswith("imganalytics: ") and result.stderr.count("\n") == 1
    assert reason in result.stderr and result.stdout == ""
    assert list(tmp_path.iterdir()) == [] and con.execute("SELECT count(*) FROM rights").fetchone() == (5,)
