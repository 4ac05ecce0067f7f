"""A Result as an Excel file, opened again by openpyxl: numbers as numbers, text never a formula, units, receipt."""

import io
import zipfile

import openpyxl
import pandas as pd
import pytest

from imganalytics.errors import UserError
from imganalytics.export.columns import columns_of
from imganalytics.export.exported import Exported, Receipt
from imganalytics.export.xlsx_file import PIECE, PROPERTY, figures_in_xlsx, receipt_in_xlsx, xlsx_bytes
from imganalytics.result import Question, Result, Source
from imganalytics.studies.competitiveness import competitiveness
from imganalytics.studies.friendliness import friendliness

SYNTHETIC = Source("synthetic_a", "=Synthetic", "Synthetic, Inc.", 2025, "page 3", "synthetic", "primary")


def result(**columns: list) -> Result:
    size = len(next(iter(columns.values())))
    return Result(pd.DataFrame({"source_id": ["synthetic_a"] * size} | columns),
                  Question("competitiveness", {"base": "preferred", "match_year": 2025}), title="Synthetic?",
                  sources=(SYNTHETIC,), caveats=("=1+1",))


def book(shown: Result | Exported) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(xlsx_bytes(shown)))


def sheet(shown: Result | Exported, name: str) -> list[tuple]:
    return list(book(shown)[name].iter_rows(values_only=True))


def saved(made: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def test_the_sheets_say_figures_columns_words_and_sources(con):
    shown = competitiveness(specialties=["Psychiatry"])
    made = book(Exported(shown, title="My own", note="My note"))
    assert made.sheetnames == ["Figures", "Columns", "About", "Sources"] and made.properties.title == "My own"
    head, *rows = made["Figures"].iter_rows(values_only=True)
    assert [row[head.index("rate")] for row in rows] == pytest.approx(shown.frame["rate"].tolist(), rel=1e-15)
    about = {what: words for what, words in made["About"].iter_rows(values_only=True, min_row=2)}
    assert about["Question"] == "My own" and about["Note"] == "My note" and about["What is shown"] == shown.subtitle
    assert about["Query"] == shown.to_sql() and about["Please note"].startswith("Cited as facts")
    assert [row[0] for row in made["Sources"].iter_rows(values_only=True, min_row=2)] == [
        source.source_id for source in shown.sources]


def test_every_column_is_named_on_its_sheet_with_its_unit(con):
    shown = competitiveness(specialties=["Psychiatry"])
    told = {row[0]: row[1:] for row in sheet(shown, "Columns")[1:]}
    assert list(told) == list(sheet(shown, "Figures")[0])
    assert told["rate"] == ("Share that matched, of the applicants of the base", "fraction 0-1")
    assert told["rate_low"][0].startswith("Lower end") and told["rate_low"][1] == "fraction 0-1"
    assert told["applicants"][1] == "applicants" and told["match_year"][0] == "Year of the Match"
    assert all(words for words, _ in told.values())


def test_a_column_of_points_is_not_called_a_fraction(con):
    shown = friendliness()
    assert shown.frame["state_share_low"].max() > 1
    [column] = [each for each in columns_of(shown, shown.frame) if each.name == "state_share_low"]
    assert column.unit == ""


@pytest.mark.parametrize("name, values, unit", [
    ("fee_usd", [1.0], "USD"), ("printed_pct", [47.0], "percent"), ("wait_months", [12.0], "months"),
    ("rate", [0.5, None], "fraction 0-1"), ("rate", [50.0], ""), ("difference", [-0.2], "difference of fractions, -1 to 1"),
    ("rate_1", [0.5], "fraction 0-1"), ("rate_source_id", ["a"], ""), ("nobody_knows_this", [1], ""),
])
def test_units_follow_names_only_where_the_values_allow_it(name, values, unit):
    frame = pd.DataFrame({name: values})
    [column] = columns_of(Result(frame, Question("competitiveness", {})), frame)
    assert column.unit == unit and column.meaning


@pytest.mark.parametrize("value, kept, kind", [
    (1 / 3, 1 / 3, "n"), (30, 30, "n"), (-0.25, -0.25, "n"), (True, True, "b"), (None, None, "n"), (float("nan"), None, "n"),
    (pd.NA, None, "n"), (pd.NaT, None, "n"), ("=1+1", "=1+1", "s"), ("+1", "+1", "s"), ("-1", "-1", "s"),
    ("@SUM(A1)", "@SUM(A1)", "s"), ("\t=1", "\t=1", "s"), ("#N/A", "#N/A", "s"), ("1", "1", "s"), ("a\x00b\x1f", "ab", "s"),
    ("\U0001f642 \u4e2d \u05d0", "\U0001f642 \u4e2d \u05d0", "s"),
    (float("inf"), "inf", "s"), ("2024-05", "2024-05", "s"),
])
def test_a_cell_is_what_it_was_and_never_a_formula(value, kept, kind):
    made = book(result(cell=pd.Series([value], dtype=object)))["Figures"]
    head = [each.value for each in made[1]]
    cell = made.cell(2, head.index("cell") + 1)
    assert cell.value == pytest.approx(kept, rel=1e-15) if isinstance(kept, float) else cell.value == kept
    assert cell.data_type == kind


def test_no_sheet_holds_a_formula_and_such_text_stays_text_when_edited():
    content = xlsx_bytes(result(cell=["=1+1"]))
    made = openpyxl.load_workbook(io.BytesIO(content))
    cells = [cell for name in made.sheetnames for row in made[name].iter_rows() for cell in row]
    assert not [cell.coordinate for cell in cells if cell.data_type in ("f", "e")]
    assert {cell.value for cell in cells if cell.quotePrefix} == {"=1+1", "=Synthetic"}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert not any(b"<f>" in archive.read(f"xl/worksheets/sheet{number}.xml") for number in (1, 2, 3, 4))


def test_wide_tables_have_their_columns():
    shown = result(**{f"c{at}": [at] for at in range(60)})
    assert len(sheet(shown, "Figures")[0]) == len(sheet(shown, "Columns")) - 1 > 60


# The receipt ---------------------------------------------------------------------------------------------


def test_the_receipt_stands_in_the_properties_in_pieces_that_excel_keeps():
    shown = Exported(result(rate=[0.5]), title="caf\u00e9")
    content = xlsx_bytes(shown)
    properties = openpyxl.load_workbook(io.BytesIO(content)).custom_doc_props
    assert all(prop.name.startswith(PROPERTY) and len(prop.value) <= PIECE for prop in properties) and len(properties) > 1
    assert receipt_in_xlsx(content) == shown.receipt.to_json()
    assert Receipt.from_json(receipt_in_xlsx(content)) == shown.receipt


def test_the_receipt_is_found_when_another_program_dropped_the_properties():
    shown = result(rate=[0.5])
    made = book(shown)
    for prop in list(made.custom_doc_props.names):
        del made.custom_doc_props[prop]
    assert receipt_in_xlsx(saved(made)) == Exported(shown).receipt.to_json()
    del made["About"]
    assert receipt_in_xlsx(saved(made)) is None


def test_figures_are_read_back_as_text():
    heads, rows = figures_in_xlsx(xlsx_bytes(result(rate=[0.5, None], label=["=a", "b"], n=[30, 2])))
    assert heads[:4] == ["source_id", "rate", "label", "n"]
    assert [row[:4] for row in rows] == [["synthetic_a", "0.5", "'=a", "30"], ["synthetic_a", "", "b", "2"]]
    assert figures_in_xlsx(saved(openpyxl.Workbook())) == ([], [])


@pytest.mark.parametrize("spoil", [lambda content: content[:2000], lambda content: b"PK\x03\x04nothing",
                                   lambda content: content.replace(b"PK\x01\x02", b"PK\x00\x00"), lambda content: b""])
def test_a_damaged_file_is_one_line(spoil):
    content = spoil(xlsx_bytes(result(rate=[0.5])))
    with pytest.raises(UserError, match="^the Excel file is damaged"):
        receipt_in_xlsx(content)


def test_an_archive_that_is_no_excel_file_is_one_line():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("xl/workbook.xml", "<broken")
        archive.writestr("[Content_Types].xml", "<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>")
    with pytest.raises(UserError, match="^the Excel file is damaged"):
        receipt_in_xlsx(out.getvalue())
