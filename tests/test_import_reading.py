"""Files as people have them: encodings, separators, Excel's ways, and files that mean harm."""

import io
import os
import zlib
from datetime import datetime

import openpyxl
import pytest

from imganalytics.errors import UserError
from imganalytics.own import import_reading, imports
from imganalytics.own.import_reading import MAX_BYTES
from tests.import_files import IM_CODE, csv_bytes, excel_bytes, facts_of, own_folder, read, reasons, zip_bytes  # noqa: F401

HEADS = ["program_code", "step2ck_min", "notes"]


def refused(content: bytes, name: str = "synthetic.csv") -> str:
    """The one line that says why a file cannot be read."""
    with pytest.raises(UserError) as error:
        read(content, name)
    assert "\n" not in str(error.value)
    return str(error.value)


# Encodings and separators ---------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding, note", [
    ("utf-8", ()), ("utf-8-sig", ()), ("utf-16", ("read as UTF-16",)),
    ("cp1252", ("not UTF-8: read as Windows-1252 (look at letters with accents)",)),
])
def test_text_of_any_common_encoding(encoding, note):
    preview = read(csv_bytes(HEADS, [IM_CODE, 220, "Hôpital"], encoding=encoding))
    assert facts_of(preview)["notes"][0] == "Hôpital" and preview.notes == note


def test_lines_with_bytes_of_no_encoding_are_listed():
    rows = csv_bytes(HEADS, [IM_CODE, 220, "caf\xe9"], [IM_CODE, 220, "x"], encoding="cp1252").replace(b"x", b"\x81")
    assert reasons(read(rows)) == {3: "holds bytes that are no letters in its encoding: save the file as UTF-8"}
    mostly = csv_bytes(HEADS, [IM_CODE, 220, "éééé"], [IM_CODE, 220, "x"]).replace(b"x", b"\xff")
    preview = read(mostly)
    assert list(reasons(preview)) == [3] and facts_of(preview)["notes"][0] == "éééé"


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_any_common_separator(separator):
    preview = read(csv_bytes(HEADS, [IM_CODE, 220, "a,b;c"], separator=separator))
    assert facts_of(preview)["notes"][0] == "a,b;c" and preview.rows[0].line == 2


def test_a_wrong_separator_is_said():
    assert "has one column only; columns are separated by comma, semicolon, tab, bar" in refused(b"program_code:notes\n1007140C0:x\n")
    assert "no column of the template of this workbook or FREIDA or" in refused(b"colour,taste\nred,sweet\n")
    assert "no column tells which program a row is about" in refused(csv_bytes(["step2ck_min", "state"], [220, "NY"]))


def test_heads_may_stand_below_a_title_and_lines_count_as_in_the_file():
    content = b"Synthetic export,,\n,,\n" + csv_bytes(HEADS, [IM_CODE, 220, "two\nlines"], ["bad", 220, "x"])
    assert [row.line for row in read(content).rows] == [4] and list(reasons(read(content))) == [6]


def test_rows_of_another_length_are_listed():
    preview = read(b"program_code,step2ck_min,notes\n1007140C0,220\n1007140C0,220,a,b\n1007140C0,220,c\n")
    assert list(reasons(preview)) == [2, 3] and "has 4 cells, the heads are 3" in reasons(preview)[3]
    assert preview.rows_read == 3 and len(preview.good) == 1


def test_quotes_that_never_end_name_their_line():
    assert "line 3: cannot be read as CSV" in refused(b'program_code,notes\n1007140C0,a\n1007140C0,"never\n')


def test_text_that_looks_like_a_formula_stays_text():
    assert facts_of(read(csv_bytes(HEADS, [IM_CODE, 220, "=HYPERLINK(1)"])))["notes"][0] == "=HYPERLINK(1)"


@pytest.mark.parametrize("content, why", [
    (b"", "is empty"), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1x", "old Excel file (.xls) or one with a password"),
    (b"%PDF-1.7", "is a PDF"), (b"a\0b,c\n", "is not text"), (b"PK\x03\x04broken", "is damaged"),
    (b"{\"data\": ", "is not JSON"), (b"[" * 100_000, "nested too deep"), (b"[]", "holds no programs"),
])
def test_what_is_no_table_is_refused(content, why):
    assert why in refused(content, "synthetic.bin")


# Files ----------------------------------------------------------------------------------------------------


def test_a_file_that_cannot_be_read_is_one_line(tmp_path):
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    os.mkfifo(tmp_path / "pipe")
    for name, why in (("none.csv", "there is no such file"), (".", "is a folder"), ("dangling", "a link to a file that is not there"),
                      ("loop", "cannot be read"), ("pipe", "no ordinary file"), ("a\0b", "cannot be read")):
        with pytest.raises(UserError, match=why):
            imports.read(tmp_path / name)


def test_a_link_to_a_good_file_is_followed(tmp_path):
    (tmp_path / "real.csv").write_bytes(csv_bytes(HEADS, [IM_CODE, 220, "x"]))
    (tmp_path / "link.csv").symlink_to(tmp_path / "real.csv")
    assert len(imports.read(tmp_path / "link.csv").good) == 1


def test_a_large_file_is_refused_before_it_is_read(tmp_path, monkeypatch):
    with open(tmp_path / "large.csv", "wb") as file:
        file.truncate(200_000_000)
    monkeypatch.setattr(import_reading.Path, "read_bytes", lambda path: pytest.fail("was read"))
    with pytest.raises(UserError, match="has 200 MB; allowed: 50 MB"):
        imports.read(tmp_path / "large.csv")
    assert "allowed: 50 MB" in refused(b"x" * (MAX_BYTES + 1))


def test_more_rows_or_columns_than_anyone_has_are_refused(monkeypatch):
    assert "more than 500 columns" in refused(csv_bytes([f"notes{i}" for i in range(501)], range(501)))
    monkeypatch.setattr(import_reading, "MAX_ROWS", 2000)
    assert "more than 2,000 rows" in refused(csv_bytes(HEADS, *[[IM_CODE, 220, i] for i in range(2001)]))
    assert "more than 2,000 rows" in refused(excel_bytes(HEADS, *[[IM_CODE, 220, i] for i in range(2001)]))


# Excel ----------------------------------------------------------------------------------------------------


def test_an_excel_file_reads_like_its_csv():
    rows = [[IM_CODE, 220, "a"], [None, None, None], ["9999999C0", "220", None]]
    preview = read(excel_bytes(["Synthetic"], HEADS, *rows))
    assert [row.line for row in preview.good] == [3] and list(reasons(preview)) == [5]
    assert facts_of(preview) == {"step2ck_min": ("220", 220), "notes": ("a", pytest.approx(float("nan"), nan_ok=True))}


def test_formulas_and_dates_of_excel_are_listed_and_never_used():
    preview = read(excel_bytes(HEADS, [IM_CODE, "=200+20", "a"], [IM_CODE, datetime(2026, 1, 12), "b"], [IM_CODE, 220, "c"],
                               ["=A2", 220, "d"]))
    why = reasons(preview)
    assert list(why) == [2, 3, 5] and "holds a formula (=200+20)" in why[2] and "is the date 2026-01-12" in why[3]
    free = read(excel_bytes([*HEADS, "mine"], [IM_CODE, 220, "c", "=1+1"]))
    assert len(free.good) == 1 and free.left == (("mine", "not known"),)


def test_the_sheet_with_the_heads_is_read_and_said():
    book = openpyxl.Workbook()
    book.active.append(["about this file"])
    listed = book.create_sheet("list")
    for row in (HEADS, [IM_CODE, 220, "x"]):
        listed.append(row)
    out = io.BytesIO()
    book.save(out)
    preview = read(out.getvalue())
    assert preview.notes == ("only the sheet 'list' was read",) and len(preview.good) == 1


def test_archives_that_unpack_to_too_much_are_refused_unopened(monkeypatch):
    monkeypatch.setattr(openpyxl, "load_workbook", lambda *args, **options: pytest.fail("was opened"))
    bomb = zip_bytes(xl__workbook=b"<workbook/>", xl__worksheets__sheet1=b"0" * 201_000_000)
    assert len(bomb) < 1_000_000 and "unpacks to 201 MB" in refused(bomb, "synthetic.xlsx")
    assert "times its size" in refused(zip_bytes(xl__workbook=b"0" * 1_000_000), "synthetic.xlsx")
    assert "is an archive, but not an Excel file" in refused(zip_bytes(word__document=os.urandom(50)), "synthetic.docx")


def test_excel_files_with_hostile_or_broken_parts_are_one_line():
    entities = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><workbook>&b;</workbook>'
    assert "cannot be read as an Excel file" in refused(zip_bytes(xl__workbook=entities), "synthetic.xlsx")
    good = excel_bytes(HEADS, [IM_CODE, 220, "x"])
    broken = bytearray(good)
    broken[len(good) // 3: len(good) // 3 + 40] = zlib.compress(b"noise" * 20)[:40]
    assert "synthetic.xlsx: " in refused(bytes(broken), "synthetic.xlsx")


def test_progress_is_told_in_rows():
    told = []
    read(csv_bytes(HEADS, *[[IM_CODE, 220, i] for i in range(2500)]), progress=lambda *words: told.append(words))
    assert ("reading", 1000, 2502) in told or ("reading", 999, 2502) in told
    assert ("reading the columns", 2500, 2500) in told and ("looking for the programs", 2000, 2500) in told
