"""Decks: plans read and written, bad plans named, the default deck opened again, and the command."""

import io

import pytest
from click.testing import CliRunner
from pptx import Presentation

from imganalytics.cli import main
from imganalytics.errors import UserError
from imganalytics.export.deck import deck_bytes
from imganalytics.export.deck_plan import Item, Plan, plan_from_toml, plan_to_toml
from imganalytics.export.default_deck import _candidates, default_plan
from imganalytics.export.exported import Receipt
from imganalytics.export.pptx_file import charts_in_pptx, receipts_in_pptx

SMALL = Plan("Two rates \u2764", (
    Item("section", title="First \"part\"\\", subtitle="of\ntwo"),
    Item("chart", study="ranking", title="My own title", note="Look at the lines.", arguments={"minimum_applicants": 30}),
    Item("chart", study="pathway_evidence", arguments={"specialty": None, "least": 0}),
    Item("caveats"), Item("sources", title="Read in")), "for a test")


def titles(content: bytes) -> list[str]:
    return [slide.shapes.title.text for slide in Presentation(io.BytesIO(content)).slides]


@pytest.fixture(scope="module")
def default() -> bytes:
    return deck_bytes(default_plan())


def test_a_plan_is_read_as_it_was_written():
    assert plan_from_toml(plan_to_toml(SMALL)) == SMALL
    assert plan_from_toml("\ufeff" + plan_to_toml(default_plan())) == default_plan()
    odd = Plan("", (Item("chart", study="friendliness", arguments={
        "weights": {"img share": 1.5, "b": 2}, "shrunk": True, "programs": ["a", "\x7f"]}),))
    assert plan_from_toml(plan_to_toml(odd)) == odd


@pytest.mark.parametrize(("text", "said"), [
    ("titel = 'x'\n[[item]]\nkind='sources'", "unknown key 'titel'; allowed: title, subtitle"),
    ("[[item]]\nkind='slide'", "item 1: kind 'slide'; allowed: section, chart, caveats, sources"),
    ("[[item]]\nkind='chart'\nstudy='rankings'", "unknown study 'rankings'; allowed: .*ranking"),
    ("[[item]]\nkind='chart'\nstudy='ranking'\narguments={year=1}", "no argument 'year'; allowed: applicant_type, base"),
    ("[[item]]\nkind='section'\nstudy='ranking'", "a section has no 'study'"),
    ("[[item]]\nkind='chart'\nstudy='ranking'\nnote=3", "note: 3 is not a text"),
    ("title='x'", "no \\[\\[item\\]\\]"), ("theme='pink'\n[[item]]\nkind='sources'", "theme 'pink'.*light, grey"),
    ("= nonsense", "not a plan that can be read"), ("item = [1]", "item 1: not a table"),
    (f"title='{'x' * 501}'\n[[item]]\nkind='sources'", "501 letters; allowed: 500"),
])
def test_a_bad_plan_is_said_in_one_line_each(text, said):
    with pytest.raises(UserError, match=said) as error:
        plan_from_toml(text, "my.toml")
    assert str(error.value).startswith("my.toml") and "\n" not in str(error.value)


def test_all_that_is_wrong_with_a_plan_is_said_at_once():
    with pytest.raises(UserError) as error:
        plan_from_toml("size='a3'\n[[item]]\nkind='x'\n[[item]]\nkind='chart'\nstudy='y'")
    assert len(str(error.value).splitlines()) == 3


def test_a_study_that_refuses_names_its_item():
    plan = Plan("x", (Item("sources"), Item("chart", study="ranking", arguments={"applicant_type": "martian"}),
                      Item("chart", study="ranking", arguments={"match_year": []})))
    with pytest.raises(UserError) as error:
        deck_bytes(plan)
    first, second = str(error.value).splitlines()
    assert first.startswith("item 2 (ranking): unknown applicant type 'martian'") and second.startswith("item 3 (ranking)")


def test_a_deck_follows_its_plan():
    told: list[tuple[str, int, int]] = []
    content = deck_bytes(SMALL, lambda words, done, steps: told.append((words, done, steps)))
    shown = titles(content)
    assert shown[:3] == ["Two rates \u2764", 'First "part"\\', "My own title"]
    assert shown[3].startswith("What is published") and any(title.startswith("Read in") for title in shown)
    texts = [shape.text_frame.text for shape in Presentation(io.BytesIO(content)).slides[2].shapes if shape.has_text_frame]
    assert "Look at the lines." in texts
    assert [done for _, done, _ in told] == sorted(done for _, done, _ in told) and told[-1][1] < told[-1][2]
    receipts = [Receipt.from_json(each) for each in receipts_in_pptx(content)]
    assert [(each.study, each.title, each.note) for each in receipts][0] == ("ranking", "My own title", "Look at the lines.")
    assert receipts[0].arguments["minimum_applicants"] == 30


def test_a_deck_without_charts_says_so():
    content = deck_bytes(Plan("Empty", (Item("caveats"), Item("sources"))))
    texts = [shape.text_frame.text for slide in Presentation(io.BytesIO(content)).slides for shape in slide.shapes]
    assert any("no sources" in text for text in texts) and charts_in_pptx(content) == 0


def test_the_default_plan_leaves_nothing_out_for_its_own_choice():
    plan = default_plan()
    assert plan.items == tuple(each[0] for each in _candidates("Internal Medicine", "non_us_img"))
    assert len([item for item in plan.items if item.kind == "chart"]) == 11


def test_the_default_deck(default):
    shown = titles(default)
    assert shown[0] == "IMGs in the Match: overview for advisers"
    assert 12 <= len(shown) <= 20 and charts_in_pptx(default) >= 11
    assert any(title.startswith("What to keep in mind") for title in shown) and shown[-1].startswith("Sources")
    for receipt in map(Receipt.from_json, receipts_in_pptx(default)):
        assert receipt.ask().receipt.figures == receipt.figures


def test_every_slide_of_figures_has_base_sources_notes_and_described_charts(default):
    for slide in Presentation(io.BytesIO(default)).slides:
        drawn = [shape for shape in slide.shapes if shape.has_chart]
        if drawn:
            names = [shape.name for shape in slide.shapes]
            assert "Base, years and n" in names and "Sources" in names
            assert all(shape._element.nvGraphicFramePr.cNvPr.get("descr") for shape in drawn)
            assert "Keep in mind" in slide.notes_slide.notes_text_frame.text


@pytest.mark.parametrize(("specialty", "kind"), [("Neurological Surgery", "us_img"), ("Dermatology", "us_md_senior")])
def test_the_default_deck_of_another_choice_leaves_out_what_is_not_published(specialty, kind):
    plan = default_plan(specialty, kind)
    assert [item.arguments["base"] for item in plan.items if item.study in ("funnel", "ranking")] == ["ranked_anywhere"] * 2
    assert specialty in plan.subtitle and {"chart", "section", "caveats", "sources"} == {item.kind for item in plan.items}


def test_choices_that_do_not_exist():
    with pytest.raises(UserError, match="unknown specialty 'Alchemy'"):
        default_plan("Alchemy")
    with pytest.raises(UserError, match="unknown applicant type 'x'"):
        default_plan(applicant_type="x")


def run(*arguments: object) -> tuple[int, str]:
    done = CliRunner().invoke(main, ["deck", *map(str, arguments)])
    return done.exit_code, done.output


def test_the_command_writes_the_deck_and_its_plan_and_makes_it_again(tmp_path):
    plan, first, again = tmp_path / "my.toml", tmp_path / "a.pptx", tmp_path / "b.pptx"
    plan.write_text(plan_to_toml(SMALL), "utf-8")
    code, said = run(first, "--plan", plan, "--write-plan", tmp_path / "copy.toml")
    assert code == 0 and "native charts" in said
    assert (tmp_path / "copy.toml").read_text("utf-8") == plan.read_text("utf-8")
    code, _ = run(again, "--plan", tmp_path / "copy.toml")
    assert code == 0 and receipts_in_pptx(first.read_bytes()) == receipts_in_pptx(again.read_bytes())


def test_the_command_refuses_in_one_line_and_leaves_nothing(tmp_path):
    there = tmp_path / "there.pptx"
    there.write_text("mine")
    plan = tmp_path / "my.toml"
    plan.write_text("[[item]]\nkind='x'", "utf-8")
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe\x00")
    for arguments, words in [((there,), "exists already"), ((tmp_path / "x.ppt",), "a deck is a .pptx file"),
                             ((tmp_path / "x.pptx", "--plan", plan), "kind 'x'"),
                             ((tmp_path / "x.pptx", "--plan", tmp_path / "gone.toml"), "cannot be read"),
                             ((tmp_path / "x.pptx", "--plan", tmp_path / "bytes.toml"), "not text in UTF-8"),
                             ((tmp_path / "x.pptx", "--plan", plan, "--type", "us_img"), "a plan names its own"),
                             ((tmp_path / "x.pptx", "--specialty", "Alchemy"), "unknown specialty"),
                             ((tmp_path / "x.pptx", "--template", tmp_path / "gone.pptx"), "no such template")]:
        code, said = run(*arguments)
        assert code == 1 and words in said and "Traceback" not in said
    assert there.read_text() == "mine" and not list(tmp_path.glob("x.*"))
