"""Bad input in every table of the data package at once: one line for each bad cell, row, column or file, and no other."""

import json
import re
from collections.abc import Iterator

import pytest

from tests.datasets_copy import ABOUT_THE_WHOLE, DATASETS, Facts, refused

# read here once more, not by the package that is tested
SCHEMAS = {each["name"]: each["schema"] for each in json.loads(
    (DATASETS / "datapackage.json").read_text("utf-8"))["resources"]}
NO_ONE = "9999"  # has the form of every key, and stands nowhere


def fields(kind: str, *constraints: str) -> Iterator[tuple[str, dict]]:
    """Table and field for each column of a type ('' for any) that has all of the constraints."""
    for table, schema in SCHEMAS.items():
        for field in schema["fields"]:
            if kind in ("", field["type"]) and set(constraints) <= set(field.get("constraints", {})):
                yield table, field


def referring(table: str) -> list[tuple[str, ...]]:
    """Columns of each foreign key of a table."""
    keys = [key["fields"] for key in SCHEMAS[table].get("foreignKeys", [])]
    return [(key,) if isinstance(key, str) else tuple(key) for key in keys]


@pytest.fixture
def facts(facts) -> Facts:
    """The good facts to be spoilt, with two rows also where only the whole of datasets/ has some."""
    for table in ABOUT_THE_WHOLE:
        for name in ("rights", "traits"):
            synthetic = {"correction_id": "c998" if name == "rights" else "c999", "table": name, "row_key": "synthetic=1",
                         "field": "synthetic", "action": "withhold", "check_id": "row_counts", "subject": name,
                         "gap": 1, "rows": 5, "reason": "synthetic", "source_id": "nrmp_state_2025"}
            facts.add(table, **{column: synthetic.get(column, "") for column in facts.rows(table)[0]})
    return facts


def last(facts: Facts, table: str) -> int:
    """Number of the last row of a table: no other row points to it."""
    return len(facts.rows(table))


def shortened(lines: list[str]) -> list[str]:
    """The lines without what is allowed, which each must say."""
    return sorted(re.sub(r"; allowed: \S.*$", "; ...", line) for line in lines)


def without_references(lines: list[str], changed: set[tuple[str, str]]) -> list[str]:
    """The lines but for those on a reference of which a column was changed, on this side or on the other."""
    lines, broken = ([line for line in lines if (" is not in " in line) == is_one] for is_one in (False, True))
    touched = {table for table in SCHEMAS for columns in referring(table) if {(table, name) for name in columns} & changed}
    assert {line.split(".csv")[0] for line in broken} == touched
    return lines


def test_no_table_is_without_a_row_to_be_spoilt(facts):
    assert len(SCHEMAS) >= 47
    assert [table for table in SCHEMAS if last(facts, table) < 2] == []


# Cells ---------------------------------------------------------------------------------------------------


def test_a_malformed_number_or_truth_value_is_named_in_every_column(facts, home):
    words = {"integer": "a whole number", "number": "a number", "boolean": "true or false"}
    expected = []
    for kind in words:
        for table, field in fields(kind):
            facts.set(table, last(facts, table), **{field["name"]: "x"})
            expected.append((table, field["name"], kind, last(facts, table)))
    assert len(expected) > 130 and len({table for table, *_ in expected}) > 30
    lines = without_references(refused(facts, home), {each[:2] for each in expected})
    told = [re.fullmatch(r"(\w+)\.csv, row (\d+), column '(\w+)': 'x' is not (.+?); allowed: (.+)", line).groups()
            for line in lines]
    assert sorted((table, column, int(row)) for table, row, column, *_ in told) == sorted(
        (table, column, row) for table, column, kind, row in expected)
    kinds = {(table, column): words[kind] for table, column, kind, _ in expected}
    assert [line for line in told if not line[3].startswith(kinds[line[0], line[2]])
            or not line[4].startswith(kinds[line[0], line[2]])] == []


def test_a_blank_cell_is_named_in_every_column_that_must_be_filled(facts, home):
    required = {}
    for table, field in fields("", "required"):
        if field["constraints"]["required"]:
            required.setdefault(table, []).append(field["name"])
    assert set(required) == set(SCHEMAS)
    expected = []
    for table, names in required.items():
        header, *_, row = facts.rows(table)
        facts.add(table, **dict(zip(header, row)) | dict.fromkeys(names, ""))
        expected += [f"{table}.csv, row {last(facts, table)}, column '{name}': is blank; ..." for name in names]
    assert len(expected) > 350
    assert shortened(refused(facts, home)) == sorted(expected)


def test_a_number_outside_its_range_is_named_in_every_column_that_has_one(facts, home):
    expected = []
    for limit, words, step, up in (("minimum", "below", -1, 0), ("maximum", "above", 1, 1)):
        for table, field in fields("", limit):
            bound = field["constraints"][limit]
            row = last(facts, table) - up
            facts.set(table, row, **{field["name"]: bound + step})
            expected.append(f"{table}.csv, row {row}, column '{field['name']}': '{bound + step}' is {words} {bound}; ...")
    assert len(expected) > 150
    lines = without_references(refused(facts, home), {(table, field["name"]) for limit in ("minimum", "maximum")
                                                      for table, field in fields("", limit)})
    assert shortened(lines) == sorted(expected)


def test_a_word_outside_a_list_is_named_with_the_list_in_every_column_that_has_one(facts, home):
    expected = []
    for table, field in fields("", "enum"):
        row, name = last(facts, table), field["name"]
        facts.set(table, row, **{name: "Synthetic"})
        expected.append(f"{table}.csv, row {row}, column '{name}': 'Synthetic' is not one of the allowed values; "
                        f"allowed: {', '.join(field['constraints']['enum'])}")
    assert len(expected) > 45
    lines = without_references(refused(facts, home), {(table, field["name"]) for table, field in fields("", "enum")})
    assert sorted(lines) == sorted(expected)


def test_a_word_of_another_form_is_named_in_every_column_that_has_one(facts, home):
    expected = []
    for table in {table: None for table, _ in fields("string", "pattern")}:
        fields_ = SCHEMAS[table]["fields"]
        formed = [field["name"] for field in fields_ if "pattern" in field.get("constraints", {})]
        header, *_, row = facts.rows(table)
        cells = dict(zip(header, row))
        key = SCHEMAS[table]["primaryKey"]
        another = {field["name"]: cells[field["name"]] + "9" for field in fields_  # a row of another key
                   if (field["name"] in ([key] if isinstance(key, str) else key) and field["type"] == "string"
                       or "unique" in field.get("constraints", {}))
                   and (field["name"],) not in referring(table) and "enum" not in field.get("constraints", {})
                   and field["name"] not in formed}
        facts.add(table, **cells | another | dict.fromkeys(formed, "?"))
        place = f"{table}.csv, row {last(facts, table)}, column "
        expected += [f"{place}'{name}': '?' is not of the allowed form; ..." for name in formed]
    assert len(expected) > 12
    assert shortened(refused(facts, home)) == sorted(expected)


def test_a_row_that_is_not_there_is_named_by_every_reference_to_it(facts, home):
    expected = []
    for table in SCHEMAS:
        changed = {}
        for columns in referring(table):
            limited = [field["name"] for field in SCHEMAS[table]["fields"]
                       if field["type"] != "string" or "enum" in field.get("constraints", {})]
            [free, *_] = [name for name in columns if name not in limited]
            changed[free] = NO_ONE
        facts.set(table, last(facts, table), **changed)
        expected += [(table, last(facts, table), columns) for columns in referring(table)]
    assert len(expected) >= 80 and sum(columns == ("source_id",) for *_, columns in expected) >= 38
    told = [re.fullmatch(r"(\w+)\.csv, row (\d+), column (.+?): .*'9999'.* is not in (\w+)\.csv; (allowed|nearest|add).*", line)
            for line in refused(facts, home)]
    assert sorted((line[1], int(line[2]), tuple(re.findall(r"'(\w+)'", line[3]))) for line in told) == sorted(expected)


# Rows, columns, files ------------------------------------------------------------------------------------


def test_a_key_that_stands_twice_is_named_in_every_table(facts, home):
    expected = []
    for table, schema in SCHEMAS.items():
        rows = facts.rows(table)
        cells = dict(zip(rows[0], rows[-1]))
        facts.write(table, [*rows, rows[-1]])
        key = schema["primaryKey"]
        unique = [field["name"] for field in schema["fields"] if field.get("constraints", {}).get("unique")]
        for columns in [[key] if isinstance(key, str) else key, *([name] for name in unique)]:
            named = ", ".join(f"{name} = {cells[name] or 'blank'}" for name in columns)
            expected.append(f"{table}.csv, row {len(rows) + 1}: the same key as row {len(rows)} ({named}); "
                            "allowed: one row for each key")
    assert len(expected) >= len(SCHEMAS) + 3
    assert sorted(refused(facts, home)) == sorted(expected)


def test_every_missing_file_is_named(facts, home):
    for table in SCHEMAS:
        facts.path(table).unlink()
    assert refused(facts, home) == [f"{table}.csv: the file is missing from {facts.folder}" for table in SCHEMAS]


def test_a_missing_column_is_named_in_every_table(facts, home):
    for table in SCHEMAS:
        facts.write(table, [row[:-1] for row in facts.rows(table)])
    assert refused(facts, home) == [
        f"{table}.csv, row 1: missing column '{schema['fields'][-1]['name']}'; "
        f"allowed: {', '.join(field['name'] for field in schema['fields'])}" for table, schema in SCHEMAS.items()]


def test_a_row_with_a_cell_too_many_is_named_in_every_table(facts, home):
    for table in SCHEMAS:
        rows = facts.rows(table)
        facts.write(table, [*rows[:-1], [*rows[-1], "synthetic"]])
    lines = [re.sub(r" \(.*\); a text", "; a text", line, flags=re.DOTALL) for line in refused(facts, home)]
    assert lines == [
        f"{table}.csv, row {last(facts, table)}: {len(schema['fields']) + 1} cells where the header has "
        f"{len(schema['fields'])}; a text that holds a comma needs quotes" for table, schema in SCHEMAS.items()]
