"""What is kept of an import: where, with which provenance, for how long, and what happens to it when it is spoilt."""

import json
import os
import threading
from pathlib import Path

import pandas as pd
import pytest

from imganalytics.errors import UserError
from imganalytics.own import import_store, imports
from tests.import_files import IM, IM_CODE, csv_bytes, freida, own_folder, read  # noqa: F401

HEADS = ["program_code", "step2ck_min", "notes"]


def kept(*rows: list, name: str = "synthetic.csv", heads: list[str] = HEADS) -> imports.Import:
    """A file of these rows, imported."""
    return imports.store(read(csv_bytes(heads, *(rows or [[IM_CODE, 220, "x"]])), name))


def place_of(done: imports.Import) -> Path:
    """The folder of an import."""
    return import_store.folder() / done.import_id


# What is kept ---------------------------------------------------------------------------------------------


def test_nothing_imported_is_empty_tables_with_their_columns(own_folder):
    assert imports.imports() == [] and imports.broken() == []
    facts, programs = imports.imported_facts(), imports.imported_programs()
    assert tuple(facts.columns) == imports.COLUMNS and tuple(programs.columns) == imports.PLACES and len(facts) == len(programs) == 0
    assert facts["number"].dtype == "float64" and len(imports.newest(facts)) == 0
    assert not own_folder.exists() or list(own_folder.iterdir()) == []


def test_every_fact_keeps_its_file_hash_date_and_row():
    done = kept([IM_CODE, 220, "Ünï <b>\"quoted\"</b>\nline"])
    facts = imports.imported_facts().set_index("field")
    assert facts["program_key"].tolist() == [IM, IM] and facts["row"].tolist() == [2, 2]
    assert facts.loc["notes", "value"] == "Ünï <b>\"quoted\"</b>\nline" and pd.isna(facts.loc["notes", "number"])
    assert facts.loc["step2ck_min", "number"] == 220 and facts.loc["step2ck_min", "head"] == "step2ck_min"
    assert set(facts["import_id"]) == {done.import_id} and set(facts["file"]) == {"synthetic.csv"} and set(facts["sha256"]) == {done.sha256}
    assert facts["imported_at"].iloc[0] == done.imported_at and len(done.sha256) == 64
    assert (done.rows_read, done.rows_taken, done.programs, done.facts, done.own_programs) == (1, 1, 1, 2, 0)


def test_a_limit_of_none_survives_the_file():
    kept([IM_CODE, "no limit"], heads=["program_code", "yog_max_years"])
    assert imports.imported_facts()["number"].tolist() == [float("inf")] and imports.imported_facts()["value"].tolist() == ["no limit"]


def test_the_cache_answers_until_something_comes_or_goes():
    first = imports.imported_facts()
    assert imports.imported_facts() is first
    done = kept()
    second = imports.imported_facts()
    assert len(second) == 2 and imports.imported_facts() is second
    imports.remove(done.import_id)
    assert len(imports.imported_facts()) == 0


def test_the_same_file_replaces_what_it_brought():
    first = kept()
    preview = read(csv_bytes(HEADS, [IM_CODE, 220, "x"]), "another name.csv")
    assert preview.replaces == first
    second = imports.store(preview)
    assert imports.imports() == [second] and len(imports.imported_facts()) == 2


def test_the_newest_is_first_by_its_own_date_else_by_that_of_the_import():
    kept([IM_CODE, 210, "2020-01-01"], heads=["program_code", "step2ck_min", "as_of"], name="old.csv")
    kept([IM_CODE, 220], heads=["program_code", "step2ck_min"], name="undated.csv")
    kept([IM_CODE, 230, "2021-01-01"], heads=["program_code", "step2ck_min", "as_of"], name="later.csv")
    facts = imports.imported_facts()
    assert len(facts) == 3 and imports.newest(facts)["file"].tolist() == ["undated.csv"]  # imported today
    dated = facts[facts["as_of"] != ""]
    assert imports.newest(dated)["number"].tolist() == [230] and list(imports.newest(facts).columns) == list(imports.COLUMNS)


def test_imports_are_listed_oldest_first_and_can_be_removed():
    first, second = kept(name="a.csv"), kept([IM_CODE, 230, "y"], name="b.csv")
    assert imports.imports() == [first, second]
    imports.remove(first.import_id)
    assert imports.imports() == [second] and [path.name for path in import_store.folder().iterdir()] == [second.import_id]


@pytest.mark.parametrize("name", ["", "nothing", "..", "../own", "/etc"])
def test_only_imports_can_be_removed(name, own_folder):
    kept()
    with pytest.raises(UserError, match="no import"):
        imports.remove(name)
    assert len(imports.imports()) == 1


def test_nothing_is_kept_of_bad_rows_unless_it_is_said():
    preview = read(csv_bytes(HEADS, [IM_CODE, 220, "x"], [IM_CODE, 20, "x"]))
    with pytest.raises(UserError, match="nothing was kept: rows that cannot be taken: 1; mend the file"):
        imports.store(preview)
    assert imports.imports() == []
    assert imports.store(preview, take_good_rows=True).rows_taken == 1
    with pytest.raises(UserError, match="nothing can be taken"):
        imports.store(read(csv_bytes(HEADS, [IM_CODE, 20, "x"])), take_good_rows=True)


def test_names_in_a_file_are_never_used_as_paths():
    done = kept(name="../../escape.csv")
    assert done.file == "escape.csv" and place_of(done).is_dir() and "escape" not in done.import_id


def test_a_folder_that_cannot_be_written_is_one_line(own_folder):
    own_folder.mkdir()
    (own_folder / "imports").write_text("in the way")
    with pytest.raises(UserError, match="the import cannot be kept"):
        kept()
    assert imports.imports() == []


# Spoilt imports -------------------------------------------------------------------------------------------


def _changed_fact(folder: Path) -> None:
    (folder / "facts.csv").write_text((folder / "facts.csv").read_text().replace("220", "290"))


@pytest.mark.parametrize("spoil, why", [
    (_changed_fact, "facts.csv: was changed after the import"),
    (lambda folder: (folder / "facts.csv").unlink(), "facts.csv: cannot be read"),
    (lambda folder: (folder / "import.json").unlink(), "import.json: cannot be read"),
    (lambda folder: (folder / "import.json").write_text("{"), "import.json: is not what an import wrote"),
    (lambda folder: (folder / "import.json").write_text("[]"), "import.json: is not what an import wrote"),
    (lambda folder: (folder / "import.json").write_bytes(b"\xff\xfe"), "import.json: is not what an import wrote"),
    (lambda folder: folder.rename(folder.with_name("renamed")), "import.json: is not what an import wrote"),
    (lambda folder: (folder / "programs.csv").write_text("x"), "programs.csv: was changed after the import"),
])
def test_a_spoilt_import_is_named_and_the_others_are_used(spoil, why):
    spoilt, good = kept(name="a.csv"), kept([IM_CODE, 230, "y"], name="b.csv")
    spoil(place_of(spoilt))
    [line] = imports.broken()
    assert why in line and line.endswith("remove it and import its file again")
    assert imports.imports() == [good] and set(imports.imported_facts()["file"]) == {"b.csv"}
    [name] = {path.name for path in import_store.folder().iterdir()} - {good.import_id}
    imports.remove(name)
    assert imports.broken() == []


def test_files_of_others_in_the_folder_are_left_alone():
    kept()
    (import_store.folder() / "notes.txt").write_text("mine")
    (import_store.folder() / ".DS_Store").write_text("of the system")
    (import_store.folder() / ".new-half").mkdir()
    assert len(imports.imports()) == 1 and imports.broken() == []


def test_types_of_the_record_are_checked():
    done = kept()
    record = json.loads((place_of(done) / "import.json").read_text())
    (place_of(done) / "import.json").write_text(json.dumps(record | {"facts": "many"}))
    assert imports.imports() == [] and len(imports.broken()) == 1


# Several at once, and later -------------------------------------------------------------------------------


def test_readers_never_see_half_an_import():
    seen, stop = [], threading.Event()

    def look() -> None:
        while not stop.is_set():
            seen.append((len(imports.imported_facts()) % 2, tuple(imports.broken())))

    readers = [threading.Thread(target=look) for _ in range(2)]
    for reader in readers:
        reader.start()
    for number in range(6):
        imports.remove(kept([IM_CODE, 220 + number, "x"]).import_id)
    stop.set()
    for reader in readers:
        reader.join()
    assert set(seen) == {(0, ())}


def test_imports_outlive_the_database(own_folder, monkeypatch, tmp_path):
    kept()
    monkeypatch.setenv("IMGANALYTICS_HOME", str(tmp_path / "a new home"))
    assert len(imports.imported_facts()) == 2 and not str(own_folder).startswith(str(tmp_path / "a new home"))
    assert all(os.sep + "datasets" not in str(path) for path in own_folder.rglob("*"))


def test_the_studies_see_what_was_imported(con):
    from imganalytics.studies.program_facts import program_facts

    before = len(program_facts())
    imports.store(read(freida()))
    own = csv_bytes(["institution", "state", "specialty", "own_program", "pct_img"], ["Synthetic", "NY", "IM", "yes", "90%"])
    imports.store(read(own))
    frame = program_facts().set_index("program_key")
    assert len(frame) == before + 1 and frame.loc["own-1/Internal Medicine", "imported_pct_img"] == 90
    row = frame.loc[IM]
    assert (row["imported_step2ck_min"], row["imported_pct_img"], row["imported_yog_max_years"]) == (220, 45.1, float("inf"))
    assert (row["imported_visas_accepted"], row["imported_usce"]) == ("J-1 | H-1B", "3 months")
