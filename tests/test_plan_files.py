"""Saved plans: whole or not at all, never over another in silence, and clear words for what a hand has changed."""

import json
import re

import pytest

from imganalytics.errors import UserError
from imganalytics.own import plans
from imganalytics.own.plan_fields import FIELDS, defaults

PLAN = {"start": "2027-01-04", "match_year": 2028, "pathways": ["observership"], "pathways_begin": "exams",
        "exams": ["step_1", "oet"], "visa": "h1b", "programs": {"Psychiatry": 12}, "weeks": {"oet": [4, 8]},
        "dates": {"results": "2028-03-17"}, "fees": {"oet": "450-500"}, "currency": "EUR", "rate": 0.9}


@pytest.fixture(autouse=True)
def own(tmp_path, monkeypatch):
    monkeypatch.setenv("IMGANALYTICS_OWN", str(tmp_path / "own"))
    return tmp_path / "own"


def edited(path, **changes):
    found = json.loads(path.read_text("utf-8"))
    found["plan"] |= changes
    path.write_text(json.dumps(found), "utf-8")
    return path.read_bytes()


def test_a_plan_comes_back_as_it_was():
    assert set(PLAN) == set(FIELDS)
    path = plans.save(PLAN, "My plan")
    assert path == plans.folder() / "My plan.json" and plans.saved() == ["My plan"]
    assert plans.load("My plan") == plans.Loaded(PLAN, ()) == plans.load(path)


def test_a_file_of_the_users_choice(tmp_path):
    path = plans.save(PLAN, str(tmp_path / "elsewhere" / "a.json"))
    assert path.is_file() and plans.load(path).plan == PLAN and plans.saved() == []


def test_never_over_another_in_silence():
    path = plans.save(PLAN, "a")
    before = path.read_bytes()
    with pytest.raises(UserError, match="already, and it was left as it is"):
        plans.save(PLAN | {"visa": "j1"}, "a")
    assert path.read_bytes() == before
    plans.save(PLAN | {"visa": "j1"}, "a", replace=True)
    assert plans.load("a").plan["visa"] == "j1"


def test_whole_or_not_at_all(monkeypatch):
    path = plans.save(PLAN, "a")
    before = path.read_bytes()

    def fails(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", fails)
    with pytest.raises(UserError, match="cannot be written .No space left on device"):
        plans.save(PLAN | {"rate": 2}, "a", replace=True)
    assert path.read_bytes() == before and [file.name for file in plans.folder().iterdir()] == ["a.json"]
    with pytest.raises(UserError, match="rate -1; allowed"):
        plans.save(PLAN | {"rate": -1}, "b")
    assert plans.saved() == ["a"]


@pytest.mark.parametrize("name", ["", " a", "a ", "../a!", "a:b", ".hidden", "x" * 81, "caf\u00e9", 5, "a\nb"])
def test_names_that_are_none(name):
    with pytest.raises((UserError, TypeError)):
        plans.place(name)


CHANGES = [
    ({"start": "2027-13-01"}, "start '2027-13-01'; allowed: a date such as 2027-01-31"),
    ({"visa": "tourist"}, "visa 'tourist'; allowed: none, j1, h1b"),
    ({"exams": ["step_1", "step_9"]}, "exams 'step_9'; allowed: step_1, step_2_ck, oet, certificate, step_3"),
    ({"exams": "oet"}, "exams 'oet'; allowed: a list of names"),
    ({"weeks": {"oet": [8, 4], "step_1": [1, 2]}}, "weeks of oet: [8, 4]; allowed: two whole numbers of weeks"),
    ({"fees": {"oet": -450}}, "fees of oet: -450; allowed: an amount from 0"),
    ({"fees": [1]}, "fees [1]; allowed: a dictionary of names and values"),
    ({"programs": {"Psychiatry": 1.5}}, "programs of Psychiatry: 1.5; allowed: a whole number"),
    ({"favourite": "red"}, "favourite 'red': no such field; allowed: start, match_year"),
    ({"rate": None}, "rate None; allowed: how much")]


@pytest.mark.parametrize(("changes", "words"), CHANGES)
def test_edited_by_hand(changes, words):
    path = plans.save(PLAN, "a")
    content = edited(path, **changes)
    loaded = plans.load("a")
    assert any(words in note for note in loaded.notes) and path.read_bytes() == content
    [name] = changes
    kept = {key: value for key, value in PLAN.items() if key != name}
    assert {key: loaded.plan[key] for key in kept} == kept  # nothing else is lost
    if name == "weeks":
        assert loaded.plan["weeks"] == {"step_1": [1, 2]}
    if name == "exams" and "a list" not in words:
        assert loaded.plan["exams"] == ["step_1"]


def test_an_older_version_and_missing_fields():
    path = plans.save(PLAN, "a")
    found = json.loads(path.read_text("utf-8")) | {"version": 0}
    del found["plan"]["rate"], found["plan"]["weeks"]
    path.write_text(json.dumps(found), "utf-8")
    loaded = plans.load("a")
    assert loaded.notes[0].startswith("Written by an older version (0)")
    assert loaded.notes[1] == "Not in the file, so as in a new plan: weeks, rate"
    assert loaded.plan == PLAN | {"rate": defaults()["rate"], "weeks": {}}


@pytest.mark.parametrize("version", [2, None, "1", True])
def test_a_newer_version_or_none(version):
    path = plans.save(PLAN, "a")
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | {"version": version}), "utf-8")
    with pytest.raises(UserError, match="this workbook reads versions up to 1"):
        plans.load("a")


@pytest.mark.parametrize(("content", "words"), [
    (b'{"format": "imganalytics plan",\n "plan": {', "cannot be read as a plan at line 2, column"),
    (b"\xff\xfe\x00x", "not a text in UTF-8"), (b"[]", "is not a saved plan"), (b"{}", "is not a saved plan"),
    (b'{"format": "imganalytics plan", "version": 1, "plan": []}', "is not a saved plan"), (b"", "line 1"),
    (b"[" * 100_000, "is not a saved plan|cannot be read")])
def test_what_is_no_plan(content, words):
    with pytest.raises(UserError, match=words) as refused:
        plans.parse(content, "x.json")
    assert "\n" not in str(refused.value) and "left as it was" in str(refused.value).replace("it is", "it was")


def test_a_plan_that_is_not_there_names_those_that_are():
    plans.save(PLAN, "a")
    with pytest.raises(UserError, match=re.escape("plans kept here: a")):
        plans.load("b")
