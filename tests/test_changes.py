"""What changed between two folders of facts: each number once, in words for CHANGELOG.md, and nothing hidden."""

import csv
import io
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from imganalytics.cli import main
from imganalytics.warehouse import build
from imganalytics.warehouse.changes import NOTHING, Change, compare
from tests.datasets_copy import DATASETS, Facts, shell, whole_copy

# One table of each sort: many numbers, one number, none, and no primary key.
COUPLES = {"match_year": "integer", "couples": "integer couples", "matched_pct": "number percent",
           "source_id": "string", "note": "string"}
RESULTS = {"match_year": "integer", "specialty": "string", "track": "string", "value": "number positions",
           "source_id": "string"}
SOURCES = {"source_id": "string", "title": "string", "precedence": "integer"}
VISITS = {"place": "string", "visits": "integer visits"}
KEYS = {"couples": ["match_year", "source_id"], "results": ["match_year", "specialty", "track", "source_id"],
        "sources": ["source_id"], "visits": []}
SYNTHETIC = {"couples": (COUPLES, ["2025,1259,93.2,synthetic_a,", "2026,1258,,synthetic_a,nearly"]),
             "results": (RESULTS, ["2025,Surgery,,10,synthetic_a", "2025,Surgery,advanced,4,synthetic_a"]),
             "sources": (SOURCES, ["synthetic_a,Synthetic report,10"]),
             "visits": (VISITS, ["here,1", "here,1", "there,2"])}


def package(folder: Path, keys: dict[str, list[str]] = KEYS, **tables: tuple[dict[str, str], list[str]]) -> Path:
    """A synthetic data package in a new `folder`: the tables above, or those given instead (None: left out)."""
    folder.mkdir()
    given = {name: content for name, content in (SYNTHETIC | tables).items() if content}
    resources = []
    for name, (columns, rows) in given.items():
        fields = [dict(zip(("name", "type", "unit"), (column, *kind.split()))) for column, kind in columns.items()]
        resources.append({"name": name, "path": f"{name}.csv", "schema": {"fields": fields, "primaryKey": keys[name]}})
        (folder / f"{name}.csv").write_text("\n".join([",".join(columns), *rows, ""]), encoding="utf-8")
    (folder / "datapackage.json").write_text(json.dumps({"resources": resources}))
    return folder


@pytest.fixture
def old(tmp_path) -> Path:
    return package(tmp_path / "old")


def run(*arguments: object):
    return CliRunner().invoke(main, ["diff", *map(str, arguments)])


def printed(*arguments: object) -> str:
    """What the command prints that must succeed."""
    result = run(*arguments)
    assert (result.exit_code, result.stderr) == (0, ""), result.output + repr(result.exception)
    return result.stdout


def refused(*arguments: object) -> str:
    """The one line on stderr of a command that must fail."""
    result = run(*arguments)
    assert isinstance(result.exception, SystemExit), repr(result.exception)
    assert result.exit_code == 1 and result.stdout == "" and "Traceback" not in result.stderr
    assert result.stderr.startswith("imganalytics: ") and result.stderr.count("\n") == 1
    return result.stderr.removeprefix("imganalytics: ").removesuffix("\n")


# What is found -------------------------------------------------------------------------------------------


def test_every_kind_of_change_is_told_in_one_line_each(old, tmp_path):
    new = package(
        tmp_path / "new",
        couples=(COUPLES, ["2025,1300,93.0,synthetic_a,printed anew", "2026,,93.50,synthetic_a,",
                           "2027,1400,,synthetic_b,\"two\nlines\"", "2028,1,2,synthetic_b,"]),
        results=(RESULTS, ["2025,Surgery,,10.5,synthetic_a"]),
        sources=(SOURCES, ["synthetic_a,Synthetic report,12", "synthetic_b,Another,10"]),
        visits=(VISITS, ["here,1", "there,2", "there,2"]))
    assert printed(old, new) == """\
5 numbers added, 3 moved, 3 gone, 3 texts reworded, 1 row without numbers added.

### couples: 4 numbers added, 2 moved, 1 gone, 2 texts reworded

- added 2026: matched_pct 93.50 [synthetic_a]
- added 2027: couples 1400 [synthetic_b]
- added 2028: couples 1, matched_pct 2 [synthetic_b]
- moved 2025: couples 1259 -> 1300 (+41), matched_pct 93.2 -> 93.0 (-0.2) [synthetic_a]
- gone 2026: couples 1258 [synthetic_a]
- reworded 2025: note blank -> "printed anew" [synthetic_a]
- reworded 2026: note "nearly" -> blank [synthetic_a]

### results: 1 number moved, 1 gone

- moved 2025, Surgery: 10 -> 10.5 (+0.5) [synthetic_a]
- gone 2025, Surgery, advanced: 4 [synthetic_a]

### sources: 1 text reworded, 1 row without numbers added

- added synthetic_b: title "Another", precedence "10"
- reworded synthetic_a: precedence "10" -> "12"

### visits: 1 number added, 1 gone

- added there: 2
- gone here: 1
"""


def test_the_summary_counts_by_table_and_source(old, tmp_path):
    new = package(tmp_path / "new", couples=(COUPLES, ["2025,1260,93.2,synthetic_a,x", "2026,1,2,synthetic_b,"]),
                  sources=(SOURCES, ["synthetic_a,Synthetic report,10", "synthetic_b,Another,10"]))
    assert printed(old, new, "--summary") == """\
2 numbers added, 1 moved, 1 gone, 1 text reworded, 1 row without numbers added.

| table | source | added | moved | gone | reworded | rows without numbers |
|---|---|--:|--:|--:|--:|--:|
| couples | synthetic_a | 0 | 1 | 1 | 1 | 0 |
| couples | synthetic_b | 2 | 0 | 0 | 0 | 0 |
| sources | synthetic_b | 0 | 0 | 0 | 0 | 1 |
"""


def test_a_change_says_where_it_is(old, tmp_path):
    new = package(tmp_path / "new", couples=(COUPLES, ["2027,,1,synthetic_b,", *SYNTHETIC["couples"][1][:1]]))
    [table] = compare(old, new)
    key = ("match_year", "2027"), ("source_id", "synthetic_b")
    assert table.name == "couples" and table.notes == []
    assert table.changes == [
        Change("couples", 2, key, "matched_pct", None, "1", "added", "synthetic_b"),
        Change("couples", 3, (("match_year", "2026"), ("source_id", "synthetic_a")), "couples", "1258", None, "gone",
               "synthetic_a")]


@pytest.mark.parametrize("rows", [
    ["2026,1258.0,,synthetic_a,nearly", "2025,1259,93.20,synthetic_a,"],  # another order, numbers written otherwise
    ["02025,+1259,9.32e1,synthetic_a,", "2026,1258,,synthetic_a,nearly"],
    ["2025,1259,93.2,synthetic_a,\r", '"2026","1258",,"synthetic_a","nearly"\r'],
])
def test_the_same_facts_written_otherwise_are_no_change(old, tmp_path, rows):
    new = package(tmp_path / "new", couples=(COUPLES, rows), visits=(VISITS, ["there,2.0", "here,1", "here,01"]))
    if rows[0].endswith("\r"):
        path = new / "couples.csv"
        path.write_bytes(path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
    assert printed(old, new) == printed(old, new, "--summary") == NOTHING
    assert NOTHING.count("\n") == 1


def test_each_difference_is_found_from_both_ends(old, tmp_path):
    new = package(tmp_path / "new", couples=(COUPLES, ["2025,1260,,synthetic_a,"]))
    there, back = compare(old, new)[0].changes, compare(new, old)[0].changes
    swapped = {"added": "gone", "gone": "added"}
    assert {(c.key, c.field, c.new, c.old, swapped.get(c.kind, c.kind)) for c in there} == {
        (c.key, c.field, c.old, c.new, c.kind) for c in back}
    assert len(there) == len(back) == 3


def test_a_year_a_precedence_and_a_count_of_our_own_rows_are_no_published_numbers(tmp_path):
    columns = {"name": "string", "publication_year": "integer", "sort_order": "integer", "rows": "integer rows",
               "numerator": "integer", "report_year": "integer years"}
    old = package(tmp_path / "old", KEYS | {"x": ["name"]}, x=(columns, ["a,2020,1,5,7,8"]))
    new = package(tmp_path / "new", KEYS | {"x": ["name"]}, x=(columns, ["a,2021,2,6,8,9"]))
    assert [(change.field, change.kind) for change in compare(old, new)[0].changes] == [
        ("publication_year", "reworded"), ("sort_order", "reworded"), ("rows", "reworded"), ("numerator", "moved"),
        ("report_year", "moved")]


# Tables, columns and keys on one side only ----------------------------------------------------------------


def test_a_table_on_one_side_is_named_with_all_its_numbers(old, tmp_path):
    new = package(tmp_path / "new", visits=None)
    assert printed(old, new).splitlines()[2:] == [
        "### visits: table gone, 3 numbers gone", "", "- gone here: 1", "- gone here: 1", "- gone there: 2"]
    assert "### visits: new table, 3 numbers added\n" in printed(new, old)
    assert "| visits (new table) |  | 3 | 0 | 0 | 0 | 0 |" in printed(new, old, "--summary")


def test_a_column_on_one_side_is_named_and_its_numbers_are_listed(old, tmp_path):
    columns = RESULTS | {"filled": "integer positions", "remark": "string"}
    new = package(tmp_path / "new", results=(columns, [
        "2025,Surgery,,10,synthetic_a,9,new words", "2025,Surgery,advanced,4,synthetic_a,,more words"]))
    assert printed(old, new).splitlines()[2:] == [
        "### results: new column filled, new column remark, 1 number added", "",
        "- added 2025, Surgery: filled 9 [synthetic_a]"]
    assert "### results: column filled gone, column remark gone, 1 number gone\n" in printed(new, old)


def test_a_column_of_texts_on_one_side_is_named_alone(old, tmp_path):
    new = package(tmp_path / "new", visits=(VISITS | {"remark": "string"}, ["here,1,a", "here,1,b", "there,2,c"]))
    assert printed(old, new) == """\
0 numbers added, 0 moved, 0 gone, 0 texts reworded.

### visits: new column remark
"""
    assert printed(old, new, "--summary").splitlines()[-1] == "| visits (new column remark) |  | 0 | 0 | 0 | 0 | 0 |"


def test_with_another_primary_key_whole_rows_are_compared(old, tmp_path):
    new = package(tmp_path / "new", KEYS | {"couples": ["match_year"]},
                  couples=(COUPLES, ["2025,1259.0,93.2,synthetic_a,", "2026,1257,,synthetic_a,nearly"]))
    assert printed(old, new).splitlines()[2:] == [
        "### couples: other primary key, so whole rows are compared, 1 number added, 1 gone", "",
        "- added 2026, nearly: couples 1257 [synthetic_a]", "- gone 2026, nearly: couples 1258 [synthetic_a]"]


# What cannot be compared ----------------------------------------------------------------------------------


def spoil(folder: Path, name: str, content: str | bytes | None) -> None:
    if content is None:
        (folder / name).unlink()
    else:
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())


BAD = [
    ("datapackage.json", None, "datapackage.json: no such file; it describes the tables in datasets/"),
    ("datapackage.json", "{", "datapackage.json: not valid JSON in UTF-8 ("),
    ("datapackage.json", "[]", "datapackage.json: not a data package ("),
    ("couples.csv", None, "couples.csv: the file is missing from "),
    ("couples.csv", b"match_year\xff", "couples.csv, row 1: not UTF-8 (byte 0xff); save the file as 'CSV UTF-8'"),
    ("couples.csv", "match_year,couples,matched_pct,source_id\n",
     "couples.csv, row 1: missing column 'note'; allowed: match_year, couples, matched_pct, source_id, note"),
    ("couples.csv", "year;couples\n", "couples.csv, row 1: unknown column 'year;couples'; did you mean 'couples'? "
     "Allowed: match_year, couples, matched_pct, source_id, note (and 1 more)"),
    ("couples.csv", "match_year,couples,matched_pct,source_id,note\n2025,1\n",
     "couples.csv, row 2: 2 cells where the header has 5 ('2025, 1'); a text that holds a comma needs quotes"),
    ("couples.csv", "match_year,couples,matched_pct,source_id,note\n2025,1,,a,\n2026,1,,a,\n2025,2,,a,\n",
     "couples.csv: several rows have the same key (match_year = 2025, source_id = a); run `imganalytics build` first"),
]


@pytest.mark.parametrize("name, content, complaint", BAD)
def test_what_cannot_be_read_is_told_in_one_line_with_its_folder(old, tmp_path, name, content, complaint):
    bad = package(tmp_path / "bad")
    spoil(bad, name, content)
    assert refused(old, bad).startswith(f"{bad}: {complaint}")
    assert refused(bad, old).startswith(f"{bad}: {complaint}")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad", "old"]


def test_a_folder_that_is_not_there_is_named(old, tmp_path):
    assert refused(old, tmp_path / "nowhere") == f"{tmp_path / 'nowhere'}: not a folder"
    assert refused(old, old / "couples.csv") == f"{old / 'couples.csv'}: not a folder"
    assert refused(old / "couples.csv", old).startswith(f"{old / 'couples.csv'}: datapackage.json: no such file")
    assert refused("x" * 5000, old).startswith("xxxxx")


def test_a_shell_sees_one_line_and_an_exit_code(old, tmp_path):
    done = shell("diff", str(old), str(tmp_path))
    assert done.returncode == 1 and done.stdout == "" and done.stderr.count("\n") == 1
    assert shell("diff", str(old), datasets=old).stdout == NOTHING


# A git revision -------------------------------------------------------------------------------------------


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", "-c", "user.name=x", "-c", "user.email=x@example.org", *arguments], cwd=folder, check=True,
                   capture_output=True)


@pytest.fixture
def checkout(tmp_path) -> Path:
    """datasets/ in a git repository, changed since the only commit, which is also called v1."""
    folder = tmp_path / "project"
    folder.mkdir()
    facts = package(folder / "datasets")
    git(folder, "init", "--quiet")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "-m", "first")
    git(folder, "tag", "v1")
    (facts / "visits.csv").write_text("place,visits\nhere,1\nhere,1\nthere,3\n")
    return facts


@pytest.mark.parametrize("revision", ["HEAD", "v1"])
def test_a_revision_stands_for_the_folder_as_it_was(checkout, revision):
    assert printed(revision, checkout).splitlines()[2:] == [
        "### visits: 1 number added, 1 gone", "", "- added there: 3", "- gone there: 2"]


def test_a_folder_goes_before_a_revision_of_the_same_name(checkout, monkeypatch):
    monkeypatch.chdir(checkout.parent)
    shutil.copytree(checkout, "v1")
    assert printed("v1", "datasets") == NOTHING


@pytest.mark.parametrize("revision", ["v2", "v1:datasets", "--", "-x", "v1 v1"])
def test_an_unknown_revision_is_told_in_one_line(checkout, revision):
    assert refused("--", revision, checkout) == (
        f"{revision}: no such folder, and for git no revision of {checkout} (unknown revision)")


def test_a_folder_outside_a_checkout_or_newer_than_the_revision_is_told(old, checkout):
    assert "not a git repository" in refused("HEAD", old)
    newer = shutil.copytree(checkout, checkout.parent / "newer")
    assert refused("HEAD", newer).startswith(f"HEAD: no such folder, and for git no revision of {newer} (fatal: ")


def test_bad_facts_of_a_revision_are_told_with_its_name(checkout):
    (checkout / "couples.csv").write_text("match_year\n")
    git(checkout, "commit", "--quiet", "-a", "-m", "bad")
    shutil.copy(checkout / "visits.csv", checkout / "couples.csv")
    assert refused("HEAD", checkout).startswith(f"{checkout} at HEAD: couples.csv, row 1: missing column 'couples', ")


def test_without_git_one_line_says_so(checkout, monkeypatch):
    monkeypatch.setenv("PATH", os.devnull)
    assert refused("HEAD", checkout) == "HEAD: no such folder; git, which could read it as a revision, is missing"


# The real facts -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def example(tmp_path_factory) -> tuple[Facts, Facts, str]:
    """The worked example of datasets/README.md: the folders before and after, and what it says is printed."""
    text = (DATASETS / "README.md").read_text("utf-8").split("### A worked example\n")[1].split("\n## ")[0]
    blocks = re.findall(r"(?:\n|\. )([^.]*?)`(\w+)\.csv`[^`]*(?:`\w+`[^`]*)?:\n\n```csv\n(.*?)```", text, re.DOTALL)
    assert [table for _, table, _ in blocks] == [
        "sources", "couples_results", "sources", "couples_results", "expected_rows", "couples_results"]
    folder = tmp_path_factory.mktemp("example")
    old = whole_copy(folder / "old")
    for _, table, rows in blocks[:2]:
        append(old, table, rows)
    shutil.copytree(old.folder, folder / "new")
    new = Facts(folder / "new")
    for words, table, rows in blocks[2:]:
        append(new, table, rows, instead="Change in " in words)
    return old, new, text.split("```markdown\n")[1].split("```")[0]


def append(facts: Facts, table: str, rows: str, instead: bool = False) -> None:
    """Add `rows` to a table, or put them in the place of those with the same year and source."""
    added = list(csv.reader(io.StringIO(rows)))
    kept = facts.rows(table)
    if instead:
        replaced = [(row[0], row[3]) for row in added]
        assert set(replaced) <= {(row[0], row[3]) for row in kept}
        kept = [row for row in kept if (row[0], row[3]) not in replaced]
    facts.write(table, kept + added)


def test_the_worked_example_prints_what_it_says(example):
    old, new, promised = example
    assert printed(old.folder, new.folder) == promised
    assert {line.split()[1] for line in promised.splitlines() if line.startswith("- ")} >= {"added", "moved", "gone"}


def test_the_facts_of_the_worked_example_pass_the_build(example, tmp_path, monkeypatch):
    monkeypatch.setenv("IMGANALYTICS_HOME", str(tmp_path))
    assert build(example[1].folder).path.exists()


def test_the_facts_do_not_differ_from_their_copy(example, tmp_path):
    facts = whole_copy(tmp_path / "datasets")
    for path in facts.folder.glob("*.csv"):  # other bytes, so that every file is read
        path.write_bytes(path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
    assert printed(facts.folder, DATASETS) == NOTHING


def test_one_changed_cell_of_the_facts_is_found(tmp_path):
    facts = whole_copy(tmp_path / "datasets")
    row = facts.find("state_results", state="AK", specialty="Family Medicine")
    filled = facts.rows("state_results")[row - 1][facts.rows("state_results")[0].index("filled")]
    facts.set("state_results", row, filled=int(filled) + 1)
    assert printed(DATASETS, facts.folder).splitlines()[4:] == [
        f"- moved 2025, AK, Family Medicine, PGY-1, 1: filled {filled} -> {int(filled) + 1} (+1) [nrmp_state_2025]"]
