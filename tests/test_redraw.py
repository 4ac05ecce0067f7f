"""Exports asked again: same numbers, or which changed; and what damaged, foreign and hand-edited files are told."""

import base64
import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from imganalytics import __version__
from imganalytics.cli import main
from imganalytics.errors import UserError
from imganalytics.export import asking, formats, picture
from imganalytics.export.csv_file import csv_bytes, csv_text
from imganalytics.export.exported import Exported, Receipt, figures_digest
from imganalytics.export.redraw import Redrawn, redrawn
from imganalytics.export.xlsx_file import xlsx_bytes
from imganalytics.result import Result
from imganalytics.studies.comparisons import comparisons
from imganalytics.studies.competitiveness import competitiveness
from imganalytics.studies.headline import headline

NEEDED = {"eras_fees": {"programs": {"Psychiatry": 30}}, "plan": {"start": "2026-01-01"},
          "program": {"program_key": "2993/Family Medicine"},
          "program_comparison": {"program_keys": ["2993/Family Medicine", "2993/Internal Medicine"]}}
OF_THE_USER = {"shortlist"}  # empty until the user keeps something
DRAWN = {"svg": b'<svg xmlns="http://www.w3.org/2000/svg" width="2" height="2"/>', "png": base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")}
KINDS = {"csv": csv_bytes, "xlsx": xlsx_bytes}


def small() -> Result:
    return competitiveness(specialties=["Psychiatry", "Neurology"])


def then(**cells: object) -> Result:
    """The result as it would have been with other figures in the row of US IMGs in Neurology."""
    now = small()
    frame = now.frame.copy()
    [at] = frame.index[(frame["specialty"] == "Neurology") & (frame["applicant_type"] == "us_img")]
    for column, value in cells.items():
        frame.loc[at, column] = value
    return replace(now, frame=frame)


def again(content: bytes) -> Redrawn:
    [found] = redrawn(content)
    return found


# Same numbers --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("study", [name for name in asking.names() if name not in OF_THE_USER])
def test_every_study_is_asked_again_with_the_same_numbers(con, study):
    result = asking.study(study)(**NEEDED.get(study, {}))
    for kind, made in KINDS.items():
        if kind == "csv" or len(result.frame) < 500:
            found = again(made(Exported(result)))
            assert (found.same, found.told) == (True, ()), kind
            assert figures_digest(found.exported.result.frame) == figures_digest(result.frame)


def test_the_words_of_the_user_stay(con):
    shown = Exported(small(), "My own", note="My note", size="a4", theme="grey")
    found = again(csv_bytes(shown)).exported
    assert (found.title, found.note, found.size, found.theme) == ("My own", "My note", "a4", "grey")


@pytest.mark.parametrize("kind", ["html", "pptx"])
def test_files_made_without_a_browser_are_asked_again(con, kind):
    shown = Exported(small())
    content = formats.file_bytes(kind, [shown])
    assert formats.kind_of(content) == kind and again(content).same


def test_each_slide_is_asked_again_and_the_file_made_again(con):
    shown = [Exported(small(), "First"), Exported(headline(), "Second")]
    found = redrawn(formats.file_bytes("pptx", shown))
    assert [each.exported.title for each in found] == ["First", "Second"] and all(each.same for each in found)


@pytest.mark.parametrize("kind", ["png", "svg"])
def test_pictures_that_a_browser_drew_are_asked_again(con, kind):
    shown = Exported(small())
    content = picture.finished(shown, kind, DRAWN[kind])
    assert formats.kind_of(content) == kind and again(content).same


def test_a_spreadsheet_that_rounds_to_15_digits_changes_nothing(con):
    text = csv_text(small())
    rounded = text
    for value in small().frame["rate"].astype(str):
        rounded = rounded.replace(value, f"{float(value):.15g}")
    assert rounded != text and again(rounded.encode()).same


def test_decimal_commas_change_nothing(con):
    rows = list(csv.reader(io.StringIO(csv_text(small()))))
    at = rows[0].index("rate")
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows([[cell.replace(".", ",") if n == at else cell for n, cell in enumerate(row)]
                                              for row in rows])
    assert "0," in out.getvalue() and again(out.getvalue().encode("utf-8")).same


# What changed --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_changed_numbers_are_listed_by_row_and_column_old_and_new(con, kind):
    now = small().frame.query("specialty == 'Neurology' and applicant_type == 'us_img'").iloc[0]
    found = again(KINDS[kind](Exported(then(matched=7.0, rate=0.5))))
    assert not found.same and set(found.told) == {
        f"Neurology, us_img: matched 7 \u2192 {int(now['matched'])}", f"Neurology, us_img: rate 0.5 \u2192 {now['rate']}"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_number_that_was_blank_is_said(con, kind):
    found = again(KINDS[kind](Exported(then(matched=float("nan")))))
    assert [line.startswith("Neurology, us_img: matched nothing \u2192 ") for line in found.told] == [True]


def test_rows_and_columns_that_came_and_went_are_listed(con):
    was = then(specialty="Alchemy")
    found = again(csv_bytes(Exported(replace(was, frame=was.frame.drop(columns="family").assign(old=1)))))
    assert {"column gone: old", "column new: family", "row gone: Alchemy, us_img",
            "row new: Neurology, us_img"} <= set(found.told)


def test_rows_of_several_tables_are_told_apart(con):
    now = headline()
    frame = now.frame.copy()
    frame.loc[3, "rate"] = 0.123
    found = again(csv_bytes(Exported(replace(now, frame=frame))))
    assert [line.split("rate ")[1].split(" ")[0] for line in found.told] == ["0.123"]


def test_a_table_without_keys_is_compared_all_the_same(con):
    now = comparisons()
    frame = now.frame.copy()
    frame.loc[2, "ours"] = 1.5
    [line] = again(csv_bytes(Exported(replace(now, frame=frame)))).told
    assert "ours 1.5 \u2192 " in line


def test_words_that_name_old_figures_are_said(con):
    shown = Exported(then(rate=0.5), subtitle="Base: n = 5.")
    told = again(csv_bytes(shown)).told
    assert told[-1] == f"the subtitle still says 'Base: n = 5.'; the study's own is now '{small().subtitle}'"
    assert again(csv_bytes(Exported(small(), subtitle="My own"))).same


def test_another_order_is_said(con):
    now = small()
    found = again(csv_bytes(Exported(replace(now, frame=now.frame.iloc[::-1]))))
    assert not found.same and "order" in found.told[0]


def test_a_file_without_figures_says_that_they_differ_and_why_no_more(con):
    found = again(formats.file_bytes("html", [Exported(then(rate=0.5))]))
    assert not found.same and found.told == (
        f"the figures differ (the file was made by version {__version__}); which ones is told of CSV and Excel files only, "
        "whose cells can be read again",)


@pytest.mark.parametrize("kind", KINDS)
def test_a_figure_that_someone_typed_over_is_told_from_one_that_changed(con, kind):
    true = Exported(small()).receipt.to_json()
    wrong = KINDS[kind](Exported(then(matched=7.0)))
    if kind == "csv":
        content = wrong.replace(Exported(then(matched=7.0)).receipt.figures.encode(), json.loads(true)["figures"].encode())
    else:
        import openpyxl

        made = openpyxl.load_workbook(io.BytesIO(xlsx_bytes(Exported(small()))))
        sheet = made["Figures"]
        head = [cell.value for cell in sheet[1]]
        [row] = [row for row in sheet.iter_rows(min_row=2) if row[head.index("specialty")].value == "Neurology"
                 and row[head.index("applicant_type")].value == "us_img"]
        row[head.index("matched")].value = 7
        out = io.BytesIO()
        made.save(out)
        content = out.getvalue()
    found = again(content)
    assert not found.same and found.told[0].endswith("the file was changed since:") and len(found.told) == 2
    assert found.told[1].startswith("Neurology, us_img: matched 7 \u2192 ")


# Files that nobody should have to trust ------------------------------------------------------------------


def with_receipt(**changes: object) -> bytes:
    """A file of ours in which the receipt was edited by hand."""
    receipt = json.loads(Exported(small()).receipt.to_json()) | changes
    out = csv_text(small()).replace(_quoted(Exported(small()).receipt.to_json()), _quoted(json.dumps(receipt)))
    return out.encode()


def _quoted(text: str) -> str:
    return text.replace('"', '""')


@pytest.mark.parametrize("study", ["gone", "os", "os.system", "../cli", "words", "explain", "lineage", "provenance",
                                   "__init__", ""])
def test_a_receipt_can_ask_studies_and_nothing_else(con, study):
    found = again(with_receipt(study=study))
    assert found.exported is None and not found.same
    assert found.told == (f"cannot be asked again: this version of the workbook has no study {study!r}; "
                          f"the file was made by version {__version__}",)


@pytest.mark.parametrize("arguments", [{"match_year": "x"}, {"evil": 1}, {"base": [[1], {}]}, {"applicant_types": 3},
                                       {"specialties": {"a": "b"}}, {"base": "x'; DROP TABLE sources; --"}])
def test_arguments_of_the_wrong_kind_are_one_line(con, arguments):
    found = again(with_receipt(arguments=arguments))
    assert found.exported is None and found.told[0].startswith("cannot be asked again: ") and "\n" not in found.told[0]


@pytest.mark.parametrize("changes", [{"arguments": [1]}, {"study": 3}, {"title": 5}, {"figures": None}, {"more": 1}])
def test_a_receipt_of_other_parts_is_damaged(con, changes):
    with pytest.raises(UserError, match="^the receipt is damaged"):
        redrawn(with_receipt(**changes))


@pytest.mark.parametrize("receipt", ["{", "[]", "{}", "5", '{"imganalytics": 1}', "[" * 100_000])
def test_a_receipt_that_is_no_receipt_is_damaged(receipt):
    with pytest.raises(UserError, match="^the receipt is damaged"):
        redrawn(f"receipt,a\n{receipt!s},1\n".encode() if "," not in receipt and '"' not in receipt
                else f'receipt,a\n"{_quoted(receipt)}",1\n'.encode())


def test_a_receipt_of_a_newer_version_says_so(con):
    with pytest.raises(UserError, match="newer version"):
        redrawn(with_receipt(imganalytics=2))


@pytest.mark.parametrize("content, kind, words", [
    (b"a,b\n1,2\n", "csv", "no receipt was found in this csv file"),
    (b"<html></html>", "html", "no receipt was found in this html file"),
    (b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>", "svg", "no receipt was found in this svg file"),
    (b"\x89PNG\r\n\x1a\n", "png", "receipt|damaged"),
    (b"%PDF-1.7 nothing", "pdf", "receipt|damaged"),
    (b"PK\x03\x04 cut", "", "the file is damaged"),
    (b"", "csv", "no receipt was found"),
])
def test_foreign_and_damaged_files_are_one_line(content, kind, words):
    with pytest.raises(UserError, match=words) as caught:
        assert not kind or formats.kind_of(content) == kind
        redrawn(content)
    assert "\n" not in str(caught.value)


# From the shell ------------------------------------------------------------------------------------------


def run(*arguments: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, [str(each) for each in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), repr(result.exception)
    return result.exit_code, result.stdout, result.stderr


def test_the_command_says_same_numbers_and_writes_the_file_again(con, tmp_path):
    file, new = tmp_path / "a.csv", tmp_path / "b.csv"
    file.write_bytes(csv_bytes(Exported(small(), "My own")))
    assert run("redraw", file) == (0, "My own\n  same numbers\n", "")
    assert run("redraw", file, "--output", new)[0] == 0 and new.read_bytes() == file.read_bytes()
    code, _, told = run("redraw", file, "--output", new)
    assert code == 1 and told.endswith("b.csv: exists already; choose another name or say --overwrite\n")
    assert run("redraw", file, "--output", new, "--overwrite")[0] == 0


def test_the_command_lists_what_changed_with_exit_code_1(con, tmp_path):
    file = tmp_path / "a.xlsx"
    file.write_bytes(xlsx_bytes(Exported(then(matched=7.0))))
    code, told, _ = run("redraw", file, "--output", tmp_path / "new.xlsx")
    assert code == 1 and "  Neurology, us_img: matched 7 \u2192 " in told and (tmp_path / "new.xlsx").exists()


def test_long_lists_are_cut_unless_all_are_wanted(con, tmp_path):
    now = headline()
    file = tmp_path / "a.csv"
    file.write_bytes(csv_bytes(Exported(replace(now, frame=now.frame.assign(rate=0.1)))))
    assert " more (--all lists them)" in run("redraw", file)[1] and "more (--all" not in run("redraw", file, "--all")[1]


def test_what_cannot_be_asked_again_writes_nothing(con, tmp_path):
    file = tmp_path / "a.csv"
    file.write_bytes(with_receipt(study="gone", title="bad\x1b[2Jtitle"))
    code, told, error = run("redraw", file, "--output", tmp_path / "new.csv")
    assert code == 1 and "\x1b" not in told and "not written" in error and list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("name, words", [("nothing.csv", "there is no such file"), (".", "is a folder"),
                                         ("foreign.csv", "no receipt was found")])
def test_the_file_is_named_in_the_one_line(tmp_path, name, words):
    (tmp_path / "foreign.csv").write_text("a\n1\n")
    code, told, error = run("redraw", tmp_path / name)
    assert code == 1 and told == "" and error.count("\n") == 1
    assert error.startswith(f"imganalytics: {Path(tmp_path / name)}: {words}")


def test_a_new_file_of_another_kind_is_refused(con, tmp_path):
    (tmp_path / "a.csv").write_bytes(csv_bytes(Exported(small())))
    assert "allowed: .csv\n" in run("redraw", tmp_path / "a.csv", "--output", tmp_path / "a.xlsx")[2]


def test_the_receipt_survives_its_text(con):
    receipt = Exported(small(), "\u05d0 \u4e2d \U0001f642").receipt
    assert Receipt.from_json(receipt.to_json()) == receipt and receipt.to_json().isascii()
