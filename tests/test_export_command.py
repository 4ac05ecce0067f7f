"""The commands `export` and `cite` on any study: arguments as text, kinds of file, what is refused."""

import csv
import io
import zipfile

import openpyxl
import pytest

from imganalytics.errors import UserError
from imganalytics.export import asking, formats
from tests.test_command_line import printed, refused, run


def rows(*arguments: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(printed(*arguments))))


def test_any_study_is_exported_with_arguments_by_name(con):
    found = rows("export", "competitiveness", "--set", "applicant_types=us_img, non_us_img", "--set", "match_year=2025",
                 "--set", 'specialties=Psychiatry,"Neurology"', "--set", "specialties=Pediatrics")
    assert {row["applicant_type"] for row in found} == {"us_img", "non_us_img"} and found[0]["match_year"] == "2025"
    assert {row["specialty"] for row in found} == {"Psychiatry", "Neurology", "Pediatrics"}


def test_the_short_options_stand_for_what_a_study_calls_them(con):
    found = rows("export", "funnel", "--type", "non_us_img", "--base", "preferred", "--year", "2026", "--minimum", "50")
    assert {(row["applicant_type"], row["base"], row["match_year"]) for row in found} == {("non_us_img", "preferred", "2026")}
    assert min(float(row["applicants"]) for row in found) >= 50
    assert {row["appointment_year"] for row in rows("export", "fellowships", "--year", "2025")} == {"2025"}


def test_a_specialty_with_commas_is_one(con):
    assert asking.arguments("competitiveness", [("specialties", '"Endocrinology, Diabetes, and Metabolism",Neurology')]) == {
        "specialties": ["Endocrinology, Diabetes, and Metabolism", "Neurology"]}
    assert "unknown specialty 'Alchemy, Applied'" in refused("export", "competitiveness", "--specialty", "Alchemy, Applied")


@pytest.mark.parametrize("study, given, found", [
    ("competitiveness", [("specialties", "none"), ("all_tracks", "Yes"), ("minimum_applicants", "5")],
     {"specialties": None, "all_tracks": True, "minimum_applicants": 5}),
    ("eras_fees", [("programs", "Psychiatry:30, Neurology: 20")], {"programs": {"Psychiatry": 30, "Neurology": 20}}),
    ("plan", [("start", "2027-01-31"), ("weeks", '{"observership": [4, 6]}')],
     {"start": "2027-01-31", "weeks": {"observership": [4, 6]}}),
    ("trends", [("years", "2014,2025")], {"years": [2014, 2025]}),
])
def test_text_is_read_by_the_types_of_the_study(study, given, found):
    assert asking.arguments(study, given) == found


@pytest.mark.parametrize("study, given, words", [
    ("gone", [], "unknown study 'gone'; allowed: certification, "),
    ("explain", [], "unknown study 'explain'; allowed: "),
    ("competitiveness", [("year", "2025")], "the study competitiveness takes no 'year'; allowed: applicant_types, base,"),
    ("competitiveness", [("match_year", "soon")], "match_year=soon; allowed: a whole number$"),
    ("competitiveness", [("all_tracks", "perhaps")], "all_tracks=perhaps; allowed: true or false$"),
    ("competitiveness", [("base", "active"), ("base", "preferred")], "base is given twice; competitiveness takes one$"),
    ("competitiveness", [("specialties", '"open')], "allowed: a list with commas of names or none$"),
    ("trends", [("years", "2014,x")], "years=2014,x; allowed: a list with commas of whole numbers$"),
    ("eras_fees", [], "the study eras_fees needs programs; say --set programs=VALUE$"),
    ("eras_fees", [("programs", "Psychiatry")], "allowed: NAME:VALUE,NAME:VALUE or a JSON object$"),
    ("eras_fees", [("programs", "{broken")], "allowed: NAME:VALUE,NAME:VALUE or a JSON object$"),
])
def test_what_a_study_does_not_take_is_one_line(study, given, words):
    with pytest.raises(UserError, match=words) as caught:
        asking.arguments(study, given)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("arguments, words", [
    (["funnel", "out.doc"], "unknown kind of file '.doc'; allowed: .csv, .xlsx, .html, .pptx, .png, .svg, .pdf, .zip"),
    (["funnel", "out"], "unknown kind of file ''"),
    (["funnel", "--set", "base"], "--set 'base'; allowed: NAME=VALUE, with NAME one of: applicant_type, base,"),
    (["funnel", "--sort", "rate"], "the study funnel takes no --sort; allowed: --set applicant_type=..., --set base"),
    (["funnel", "out.csv", "--size", "huge"], "unknown size 'huge'; allowed: slide, half, a4, square"),
    (["funnel", "out.csv", "--title", "x" * 501], "the title has 501 letters; allowed: 500"),
    (["shortlist", "out.csv"], "the shortlist is empty"),
])
def test_bad_wishes_are_one_line_and_leave_no_file(con, tmp_path, monkeypatch, arguments, words):
    monkeypatch.chdir(tmp_path)
    assert words in refused("export", *arguments)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["csv", "xlsx", "html", "pptx"])
def test_each_kind_is_written_without_a_browser_and_holds_the_title(con, tmp_path, kind):
    file = tmp_path / f"out.{kind.upper()}"
    assert printed("export", "usmle", file, "--title", "My own title").endswith(f": {file}\n")
    content = file.read_bytes()
    assert formats.kind_of(content) == kind and "My own title" in formats.receipts_in(kind, content)[0]
    assert list(tmp_path.iterdir()) == [file]


def test_a_table_without_a_chart_is_a_table(con, tmp_path):
    printed("export", "directory", tmp_path / "out.xlsx")
    assert openpyxl.load_workbook(tmp_path / "out.xlsx")["Figures"].max_row == 26


def test_a_review_pack_is_written(con, tmp_path, monkeypatch):
    made = formats.file_bytes

    def without_browser(kind, shown, like=b""):
        if kind in formats.DRAWN:
            raise UserError("no browser here")
        return made(kind, shown, like)

    monkeypatch.setattr(formats, "file_bytes", without_browser)
    printed("export", "usmle", tmp_path / "out.zip")
    assert "01_usmle/wording.txt" in zipfile.ZipFile(tmp_path / "out.zip").namelist()
    assert "this is an archive; unpack it" in refused("redraw", tmp_path / "out.zip")


def test_when_a_picture_needs_a_browser_nothing_is_left(con, tmp_path, monkeypatch):
    monkeypatch.setattr(formats, "file_bytes", lambda *_: (_ for _ in ()).throw(UserError("PNG: no browser")))
    assert refused("export", "usmle", tmp_path / "out.png") == "PNG: no browser" and list(tmp_path.iterdir()) == []


def test_cite_prints_the_sources_of_a_study_and_of_a_file(con, tmp_path):
    text = printed("cite", "funnel", "--set", "base=preferred")
    assert text.startswith("1. NRMP (") and text.endswith("not affiliated with the NRMP.\n")
    printed("export", "funnel", tmp_path / "out.xlsx", "--base", "preferred")
    assert printed("cite", tmp_path / "out.xlsx") == text
    assert printed("cite", tmp_path / "out.xlsx", "--format", "bibtex").startswith("@misc{")
    assert printed("cite", "funnel", "--format", "ris").startswith("TY  - ")


def test_cite_refuses_in_one_line(con, tmp_path):
    (tmp_path / "foreign.csv").write_text("a\n1\n")
    assert "no receipt was found" in refused("cite", tmp_path / "foreign.csv")
    assert refused("cite", "gone").startswith("unknown study 'gone'; allowed: ")
    assert refused("cite", "funnel", "--accessed", "today") == "--accessed 'today'; allowed: a day such as 2026-11-22"
    assert run("cite", "funnel", "--format", "apa").exit_code == 2


def test_several_charts_fit_slides_only(con):
    from imganalytics.export.exported import Exported
    from imganalytics.studies.usmle import usmle

    with pytest.raises(UserError, match="a csv file holds one chart, not 2"):
        formats.file_bytes("csv", [Exported(usmle())] * 2)
