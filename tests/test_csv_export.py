"""A Result as CSV: whole numbers and fractions in full, sources and receipt beside them, nothing a spreadsheet would run."""

import csv
import io
import os

import pandas as pd
import pytest

from imganalytics.errors import UserError
from imganalytics.export.csv_file import (ABOUT, RECEIPT, UNITS, csv_bytes, csv_text, figures_in_csv, receipt_in_csv,
                                          write_csv)
from imganalytics.export.exported import Exported, Receipt
from imganalytics.result import Question, Result, Source

SYNTHETIC_SOURCES = tuple(Source(f"synthetic_{name}", f"Synthetic {name}", "Synthetic, Inc.", year, f"page {name}",
                                 "synthetic", "primary") for name, year in (("a", 2025), ("b", None)))


def result(**columns: list) -> Result:
    """A synthetic result of one column or more, each row of source a unless said otherwise."""
    size = len(next(iter(columns.values())))
    frame = pd.DataFrame({"source_id": ["synthetic_a"] * size, "matched_source_id": ["synthetic_a"] * size} | columns)
    return Result(frame, Question("competitiveness", {"base": "preferred", "match_year": 2025}),
                  sources=SYNTHETIC_SOURCES)


def read(shown: Result | Exported) -> list[dict[str, str]]:
    """The text read back as any CSV reader does."""
    return list(csv.DictReader(io.StringIO(csv_text(shown).removeprefix("\ufeff"), newline="")))


def rows(shown: Result) -> list[dict[str, str]]:
    """The same without what only the first row holds."""
    return [{name: value for name, value in row.items() if name not in (ABOUT, UNITS, RECEIPT)} for row in read(shown)]


def test_each_row_carries_its_base_its_year_and_its_sources():
    shown = result(rate=[0.5, 0.25], source_id=["synthetic_a", "synthetic_b"],
                   matched_source_id=["synthetic_b", None])
    assert rows(shown) == [
        {"source_id": "synthetic_a", "matched_source_id": "synthetic_b", "rate": "0.5", "base": "preferred",
         "match_year": "2025", "source": "Synthetic, Inc., 2025: Synthetic a", "source_read_at": "page a",
         "source_confidence": "primary", "matched_source": "Synthetic, Inc.: Synthetic b"},
        {"source_id": "synthetic_b", "matched_source_id": "", "rate": "0.25", "base": "preferred",
         "match_year": "2025", "source": "Synthetic, Inc.: Synthetic b", "source_read_at": "page b",
         "source_confidence": "primary", "matched_source": ""}]


def test_a_row_without_a_source_has_none():
    [row] = rows(result(rate=[None], source_id=[None], matched_source_id=[None]))
    assert (row["source"], row["source_read_at"], row["source_confidence"], row["matched_source"]) == ("", "", "", "")


def test_what_only_orders_the_screen_is_left_out():
    assert "type_order" not in csv_text(result(type_order=[1], place=[2])) and "place" not in rows(result(place=[1]))[0]


@pytest.mark.parametrize("value, written", [
    (1 / 3, "0.3333333333333333"),
    (0.1, "0.1"),
    (1234567.0, "1234567"),
    (1234567, "1234567"),
    (1.0, "1"),
    (0.0, "0"),
    (-0.25, "-0.25"),
    (float("nan"), ""),
    (None, ""),
    (pd.NA, ""),
    ("", ""),
    ("Ob-Gyn, all", "Ob-Gyn, all"),
    ('the "best"', 'the "best"'),
    ("two\nlines", "two\nlines"),
    ("caf\u00e9 \u2212", "caf\u00e9 \u2212"),
    ("=1+1", "'=1+1"),
    ("+1", "'+1"),
    ("-1", "'-1"),
    ("@SUM(A1)", "'@SUM(A1)"),
    ("\t=1", "'\t=1"),
    ("\r=1", "'\n=1"),
    ("one\r=1", "one\n=1"),
    ("one\r\ntwo", "one\ntwo"),
    ("1=1", "1=1"),
])
def test_a_cell_is_written(value, written):
    assert rows(result(cell=pd.Series([value], dtype=object)))[0]["cell"] == written


def test_numbers_of_a_column_with_gaps_stay_whole():
    assert [row["applicants"] for row in rows(result(applicants=[30.0, float("nan")]))] == ["30", ""]
    assert [row["applicants"] for row in rows(result(applicants=pd.array([30, None], dtype="Int64")))] == ["30", ""]


def test_the_result_itself_stays_as_it_was():
    shown = result(place=[1], rate=[0.5])
    before = shown.frame.copy()
    csv_text(shown)
    pd.testing.assert_frame_equal(shown.frame, before)


# The file ------------------------------------------------------------------------------------------------


def test_the_file_is_utf_8_with_a_mark_and_plain_line_ends(tmp_path):
    written = write_csv(result(label=["caf\u00e9", "b"]), tmp_path / "out.csv")
    content = written.read_bytes()
    assert written == tmp_path / "out.csv" and list(tmp_path.iterdir()) == [written]
    assert content.startswith(b"\xef\xbb\xbfsource_id,") and content.count(b"\xef\xbb\xbf") == 1
    assert content.decode("utf-8") == csv_text(result(label=["caf\u00e9", "b"]))
    assert content.count(b"\n") == 3 and b"\r" not in content


def test_a_file_that_is_there_is_kept_unless_told_otherwise(tmp_path):
    file = tmp_path / "out.csv"
    file.write_text("the user's own")
    with pytest.raises(UserError, match=r"out\.csv: exists already; choose another name or say --overwrite$"):
        write_csv(result(rate=[0.5]), file)
    assert file.read_text() == "the user's own"
    write_csv(result(rate=[0.5]), file, overwrite=True)
    assert ",0.5," in file.read_text("utf-8")


@pytest.mark.parametrize("step, error, raised", [
    ((os, "fsync"), OSError(28, "No space left on device"), UserError),
    ((os, "replace"), PermissionError(13, "Permission denied"), UserError),
    ((os, "replace"), KeyboardInterrupt(), KeyboardInterrupt),
])
def test_a_file_is_written_whole_or_not_at_all(tmp_path, monkeypatch, step, error, raised):
    file = tmp_path / "out.csv"
    file.write_text("the user's own")

    def fail(*arguments, **options):
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(*step, fail)
        with pytest.raises(raised) as caught:
            write_csv(result(rate=[0.5]), file, overwrite=True)
    if raised is UserError:
        assert str(caught.value).startswith(f"{file}: cannot be written ({error.strerror})")
    assert list(tmp_path.iterdir()) == [file] and file.read_text() == "the user's own"


# What the first row carries ------------------------------------------------------------------------------


def test_the_first_row_carries_words_units_and_receipt():
    shown = Exported(result(rate=[0.5, 0.25]), title="=My own", note="A note")
    first, second = read(shown)
    assert first[ABOUT].startswith("'=My own | A note | ") and "not affiliated with the NRMP" in first[ABOUT]
    assert first[UNITS] == "rate: fraction 0-1"
    assert Receipt.from_json(first[RECEIPT]) == shown.receipt
    assert [second[name] for name in (ABOUT, UNITS, RECEIPT)] == ["", "", ""]


def test_a_table_without_rows_has_its_receipt_too():
    shown = result(rate=[])
    assert receipt_in_csv(csv_text(shown).encode()) == Exported(shown).receipt.to_json()
    heads, cells = figures_in_csv(csv_text(shown).encode())
    assert "rate" in heads and cells == []


def resaved(content: bytes, separator: str = ",", encoding: str = "utf-8", turned: bool = False) -> bytes:
    """The file as a spreadsheet saves it again."""
    head, *body = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    out = io.StringIO()
    csv.writer(out, delimiter=separator, lineterminator="\r\n").writerows([head, *(body[::-1] if turned else body)])
    return out.getvalue().encode(encoding)


@pytest.mark.parametrize("again", [{}, {"separator": ";"}, {"separator": "\t", "encoding": "utf-16"}, {"encoding": "cp1252"},
                                   {"encoding": "utf-8-sig"}, {"turned": True}])
def test_receipt_and_figures_are_found_after_a_spreadsheet_saved_it(again):
    shown = Exported(result(label=["caf\u00e9", "two\nlines"], rate=[0.5, None]))
    content = csv_bytes(shown)
    assert receipt_in_csv(resaved(content, **again)) == shown.receipt.to_json()
    heads, cells = figures_in_csv(resaved(content, **again))
    assert (heads, sorted(cells)) == (figures_in_csv(content)[0], sorted(figures_in_csv(content)[1]))
    assert heads[:4] == ["source_id", "matched_source_id", "label", "rate"] and not {ABOUT, UNITS, RECEIPT} & set(heads)


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"\x00\xff\xfe", b"receipt\n", b"\xff\xfe\x00",
                                     b'a,receipt\n"' + b"x" * 200_000])
def test_a_foreign_file_has_no_receipt(content):
    assert receipt_in_csv(content) is None


def test_letters_that_utf_8_cannot_hold_do_not_stop_it():
    assert b"a?b" in csv_bytes(Exported(result(label=["a\ud800b"])))
