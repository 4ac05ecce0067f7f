"""Cells into values: every form of the specification, with what people and Excel make of it."""

import math
from datetime import date, datetime

import pytest

from imganalytics.own.import_values import Formula, Refused, Value, read_column


def one(kind: str, cell) -> Value | None | str:
    """A cell as it is read, or the reason why it is not."""
    [value], _ = read_column(kind, [cell])
    return str(value) if isinstance(value, Refused) else value


def numbers(kind: str, *cells) -> list:
    """The number of each cell of a column; None for not stated, 'refused' where it cannot be taken."""
    return ["refused" if isinstance(value, Refused) else value and value.number for value in read_column(kind, cells)[0]]


@pytest.mark.parametrize("cell", [None, "", "-", "–", "—", "not reported", "Not Reported", "N/A", "n.a.", "#N/A", "null"])
@pytest.mark.parametrize("kind", ["int", "score", "years", "pct", "share", "bool", "list", "date", "text", "visas", "codes", "state"])
def test_what_is_not_stated_is_no_fact(kind, cell):
    assert one(kind, cell) is None


@pytest.mark.parametrize("kind, cell, text, number", [
    ("int", "12", "12", 12), ("int", "1,234", "1,234", 1234), ("int", "12.0", "12.0", 12),
    ("score", "150", "150", 150), ("score", "300", "300", 300),
    ("years", "5", "5", 5), ("years", "No limit", "no limit", math.inf), ("years", "0", "0", 0),
    ("bool", "Yes", "yes", 1), ("bool", "FALSE", "no", 0), ("bool", "Not required", "no", 0),
    ("pct", "45%", "45%", 45), ("pct", "45.5 %", "45.5%", 45.5), ("pct", "45,5", "45,5", 45.5),
])
def test_a_value_with_a_number(kind, cell, text, number):
    assert one(kind, cell) == (text, number)


@pytest.mark.parametrize("kind, cell, text", [
    ("text", "<b>bold</b>", "<b>bold</b>"), ("text", "=1+1", "=1+1"), ("text", "@x", "@x"), ("text", "x" * 2000, "x" * 2000),
    ("list", "a; b |–| c", "a | b | c"),
    ("visas", "H-1B, J-1 through ECFMG", "J-1 | H-1B"), ("visas", "f1;h1b", "H-1B | F-1"), ("visas", "None", "none"),
    ("state", "ny", "NY"), ("state", "New York", "NY"), ("specialty_code", "40", "040"),
    ("codes", "1007140c0", "1007140C0"), ("codes", "1007140C0; 1007140P0", "1007140C0 | 1007140P0"),
    ("codes", "1007-140-C0", "1007140C0"), ("acgme", "140 01 00001", "1400100001"), ("acgme", "400100001", "400100001"),
    ("date", "2026-03-31", "2026-03-31"), ("date", "3/31/2026", "2026-03-31"), ("date", "Mar 31, 2026", "2026-03-31"),
    ("date", datetime(2026, 3, 31, 8), "2026-03-31"), ("date", "2025", "2025"), ("date", "2026-02-03T10:00:00+00:00", "2026-02-03"),
])
def test_a_value_of_words(kind, cell, text):
    value = one(kind, cell)
    assert value.text == text and math.isnan(value.number)


@pytest.mark.parametrize("kind, cell, why", [
    ("int", "many", "'many' is not a number"), ("int", "2.5", "is not a whole number"), ("int", "-3", "outside 0 to"),
    ("int", "12-Jan", "looks like a date that Excel made"), ("score", "12-Jan", "looks like a date"),
    ("score", "149", "outside 150 to 300"), ("score", "301", "outside 150 to 300"), ("years", "61", "outside 0 to 60"),
    ("score", date(2026, 1, 12), "is the date 2026-01-12: Excel made it"), ("text", date(2026, 3, 2), "is the date"),
    ("codes", date(2026, 1, 12), "is the date"), ("codes", "Jan-12", "looks like a date"), ("acgme", "1/12/2026", "looks like a date"),
    ("acgme", "1.4001E+9", "Excel has shortened"), ("acgme", "14001", "allowed: 10 digits"), ("codes", "1007", "is not an NRMP code"),
    ("codes", "1.00714E+08", "Excel has shortened"), ("bool", "maybe", "neither yes nor no"),
    ("visas", "O-1", "not a visa we know; allowed: J-1, H-1B, F-1"), ("visas", "does not sponsor H-1B", "not a visa we know"),
    ("state", "ZZ", "is not a state"), ("date", "soon", "is not a date"), ("date", "2999-01-01", "not a day between"),
    ("text", "x" * 2001, "2,001 characters; allowed: 2,000"), ("text", Formula("=A1"), "holds a formula (=A1)"),
    ("pct", Formula("=0.5*90"), "holds a formula"), ("pct", "#REF!", "error of Excel"), ("pct", "101", "outside 0 to 100"),
    ("pct", "-1", "outside 0 to 100"), ("share", "140%", "outside 0 to"), ("pct", "12-Jan", "looks like a date"),
])
def test_what_cannot_be_taken_says_why(kind, cell, why):
    assert why in one(kind, cell)


# Percentages: a column is 0-1 or 0-100 as a whole ----------------------------------------------------------


@pytest.mark.parametrize("cells, read", [
    (["45", "0", "100"], [45, 0, 100]),
    (["45%", "0.45"], [45, 45]),  # the sign is sure, the rest is all 0-1
    (["0.45", "1", "0"], [45, 100, 0]),
    (["45", "1", None], [45, 1, None]),  # whole numbers only: percent
    (["45", "0.45", "7%", "0.5%"], [45, "refused", 7, 0.5]),
    (["0", "0"], [0, 0]), (["1", "0"], ["refused", 0]),  # 1 % or all of them?
    (["45", "120"], [45, "refused"]), (["45", "x"], [45, "refused"]),
])
def test_percentages_are_of_one_scale_or_not_certain(cells, read):
    assert numbers("pct", *cells) == read


def test_a_column_of_shares_is_said_to_be_one():
    assert "0.45 is 45 %" in read_column("pct", ["0.45", "0.5"])[1]
    assert read_column("pct", ["45", "50"])[1] == ""
    assert "not certain" in str(read_column("pct", ["45", "0.5"])[0][1])


@pytest.mark.parametrize("cells, read", [
    (["0.45", "1", "–"], [0.45, 1, None]), (["45", "100"], [0.45, 1]), (["45%", "0.4"], [0.45, 0.4]), (["0.45", "45"], [0.45, "refused"]),
])
def test_shares_are_between_0_and_1(cells, read):
    assert numbers("share", *cells) == read
