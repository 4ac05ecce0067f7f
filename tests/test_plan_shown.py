"""The planner on the screen: chart, controls, refusals, and plans that are saved and opened."""

import json
import re
from datetime import date, datetime

import pytest

from imganalytics.charts import plan as chart
from imganalytics.errors import UserError
from imganalytics.explorers.planner import PlannerExplorer, twin
from imganalytics.own import plans
from imganalytics.studies.explain import explain
from imganalytics.studies.plan import COSTS, plan
from tests.chart_checks import check, has_words
from tests.chart_checks import words as chart_words
from tests.explorer_helpers import Cells, visible, words

TODAY = "2026-11-22"
ALL = ["observership", "externship", "hands_on_elective", "research_elective", "research_fellowship_paid",
       "research_fellowship_unpaid", "pre_residency_fellowship", "individual_research"]
ASKED = {
    "nothing": {}, "some": {"pathways": ["observership"], "exams": ["step_2_ck", "oet", "certificate"], "visa": "j1",
                            "programs": {"Internal Medicine": 43}, "weeks": {"step_2_ck": [4, 8]}},
    "everything": {"pathways": ALL, "exams": ["step_1", "step_2_ck", "oet", "certificate", "step_3"], "visa": "h1b",
                   "programs": {"Internal Medicine": 1000, "Psychiatry": 0}, "currency": "INR", "rate": 84.0,
                   "weeks": {key: [8, 12] for key in ("step_1", "step_2_ck", "oet", "certificate", "licence")},
                   "dates": {"applications_open": "2027-09-24", "residency_begins": "2028-07-01"}},
    "long ago": {"start": "2001-01-01", "match_year": 2003, "pathways": ["observership"]},
    "far off": {"start": "2099-01-01", "match_year": 2100, "pathways": ALL, "weeks": {key: [500, 520] for key in ALL}},
    "dear": {"fees": {"living": 999_999}, "exams": ["oet"]}, "free": {"fees": {"oet": 0}, "exams": ["oet"], "rate": 0.5}}


@pytest.fixture(params=ASKED)
def result(request):
    return plan(**{"start": "2026-12-01", "today": TODAY} | ASKED[request.param])


@pytest.fixture
def planner(tmp_path, monkeypatch):
    monkeypatch.setenv("IMGANALYTICS_OWN", str(tmp_path / "own"))
    return PlannerExplorer(start="2027-01-04", match_year=2028)


def test_nothing_is_clipped_and_every_row_stands_on_the_chart(result):
    spec = chart.spec(result)
    check(spec)
    told = " ".join(" ".join(chart_words(spec)).split())
    assert all(row["what"] in told for row in result.frame.to_dict("records"))
    assert chart.figure(result).layout.width == 980 and result.summary == spec["layout"]["meta"]["summary"]
    for name in ("xaxis", "xaxis2"):
        axis = spec["layout"][name]
        assert 2 <= len(axis["tickvals"]) <= 8 and axis["range"][0] <= axis["tickvals"][0] <= axis["tickvals"][-1] <= axis["range"][1]
    assert spec["layout"]["xaxis2"]["range"][0] == 0


def test_marks_lie_where_the_frame_says(result):
    spec = chart.spec(result)
    points = {(tuple(key), x) for trace in spec["data"] for key, x in zip(trace["customdata"], trace["x"]) if key}
    for row in result.frame.to_dict("records"):
        wanted = [row[name] for name in ("usd_low", "usd_high")] if row["part"] == COSTS else [
            date.fromisoformat(row[name]).toordinal() for name in ("ends_first", "begins_first") if row[name]]
        for x in wanted:
            assert x != x or ((row["part"], row["key"]), x) in points


def test_hover_says_whose_figure_it_is_and_how_old():
    spec = chart.spec(plan(start="2026-12-01", today=TODAY, exams=["step_1", "oet"], fees={"oet": 500}))
    told = [text for trace in spec["data"] for text in trace["hovertext"]]
    assert any("USMLE Step 1" in text and "Older than the season that runs now" in text for text in told)
    assert any("your own: your own figure" in text for text in told)
    assert has_words(spec, "910 USD", "2018 \u2020", "not in the sources here: type yours", "Sum of what is known")


def test_the_table_says_the_same(result):
    told = twin(result)
    assert len(told.rows) == len(result.frame) and all(len(row) == len(told.columns) for row in told.rows)
    assert [row[3] for row in told.rows] == result.frame["value"].tolist()


def test_every_figure_leads_to_what_is_printed(result):
    for at, row in enumerate(result.frame.to_dict("records")):
        told = explain(result, at).to_html()
        assert row["value"].replace("&", "&amp;") in told
        assert ("costs.csv" in told) == (row["table"] == "costs")


def test_the_explorer_opens_with_something_to_see(planner):
    assert planner.result is not None and planner.selection["start"] == date(2027, 1, 4)
    assert planner.result.summary in words(planner.say) and len(planner.figure.data) > 2
    assert len(Cells(planner.table.value).rows) == 1 + len(planner.result.frame)
    assert all(caveat in words(planner.footing) for caveat in planner.result.caveats)


def test_each_control_changes_the_result(planner):
    changes = {"start": "2027-02-01", "match_year": 2029, "pathways": ["externship"], "pathways_begin": "exams",
               "exams": ["step_1"], "visa": "h1b", "programs": {"Psychiatry": 50}, "weeks": {"step_1": [4, 8]},
               "dates": {"results": "2029-03-16"}, "fees": {"step_1": "1000"}, "currency": "EUR", "rate": 0.9}
    for name, value in changes.items():
        before = planner.result
        planner.selection = {name: value}
        assert planner.result.question.arguments != before.question.arguments, name
        kept = planner.selection[name]
        assert (list(kept) if isinstance(kept, tuple) else str(kept) if name == "start" else kept) == value
    assert plan(**planner.selection, today=planner.result.question.arguments["today"]).frame.equals(planner.result.frame)


def test_hands_on_the_screen_reach_the_study(planner):
    planner.weeks._rows["step_2_ck"].value = (6, 10)
    assert planner.selection["weeks"] == {"step_2_ck": [6, 10]}
    planner.weeks._rows["step_2_ck"].value = (0, 0)
    assert planner.selection["weeks"] == {}
    planner.programs.picker.value = ("Internal Medicine", "Psychiatry")
    assert planner.selection["programs"] == {"Internal Medicine": 30, "Psychiatry": 30}
    planner.programs._rows["Psychiatry"].value = 43
    assert "ERAS, 73 programs" in planner.result.frame["what"].tolist()
    planner.dates._rows["residency_begins"].value = date(2028, 7, 1)
    assert planner.selection["dates"] == {"residency_begins": "2028-07-01"}


def test_only_what_a_choice_needs_is_offered(planner):
    planner.selection = {"exams": [], "pathways": [], "visa": "none", "programs": {}}
    assert planner.weeks.children == () and len(planner.fees.children) == 3
    planner.selection = {"visa": "h1b"}
    assert len(planner.weeks.children) == 2 and len(planner.fees.children) == 5


def test_bad_typing_is_said_and_stays_in_its_field(planner):
    field = planner.fees._rows["oet"]
    field.value = "-5"
    assert planner.result is None and visible(planner.notice) and not visible(planner.views) and field.value == "-5"
    assert "OET Medicine (English), fee: '-5'; allowed: an amount from 0" in words(planner.notice)
    field.value = "450"
    assert planner.result is not None and not visible(planner.notice)
    planner.start.value = None
    assert "Start: no date" in words(planner.notice)


@pytest.mark.parametrize(("bad", "said"), [
    ({"programs": {"Internal Medicine": 10_000}}, "allowed: 0 to 1,"), ({"programs": {"Alchemy": 1}}, "no programs of it"),
    ({"fees": {"oet": -1}}, "an amount from 0"), ({"start": "soon"}, "a date such as"), ({"rate": -1.0}, "rate -1.0"),
    ({"weeks": {"oet": [9, 1]}}, "two whole numbers"), ({"match_year": 1900}, "allowed:"), ({"visa": "x"}, "allowed: none, j1, h1b"),
    ({"exams": ["x"]}, "'x' is not a choice"), ({"beer": 1}, "beer"), ({"dates": {"results": 3}}, "a date such as")])
def test_a_bad_selection_changes_nothing(planner, bad, said):
    before, shown = planner.selection, planner.result
    with pytest.raises(UserError, match=re.escape(said)):
        planner.selection = {"visa": "h1b"} | bad
    assert planner.selection == before and planner.result is shown


def test_a_plan_is_saved_and_opened(planner):
    planner.selection = {"visa": "h1b", "weeks": {"licence": [4, 8]}, "fees": {"living": "4000-5000"}, "match_year": 2030}
    wanted = planner.selection
    path = planner.save("First")
    assert planner.files.kept.value == "First" and "Saved in" in words(planner.files.say)
    with pytest.raises(UserError, match="already"):
        planner.save("First")
    planner.selection = {"visa": "none", "weeks": {}, "fees": {}, "match_year": 2028}
    assert planner.load("First") == () and planner.selection == wanted
    assert plans.load(path).plan["fees"] == {"living": "4000-5000"}


def test_buttons_say_what_went_wrong(planner):
    for name in ("?", "../up", "a/b.json"):
        planner.files.name.value = name
        planner.files.save_button.click()
        assert f"plan name '{name}'; allowed" in words(planner.files.say)
    planner.files.name.value = "Mine"
    for told in ("Saved in", "there is a plan of this name already"):
        planner.files.save_button.click()
        assert told in words(planner.files.say)
    planner.files.replace.value = True
    planner.files.save_button.click()
    assert "Saved in" in words(planner.files.say) and plans.saved() == ["Mine"]
    planner.files.load_button.click()
    assert "Opened Mine." in words(planner.files.say)


def test_a_file_edited_by_hand_is_opened_as_far_as_it_goes(planner):
    content = json.loads(planner.files.download.file().content)
    content["plan"] |= {"visa": "tourist", "programs": {"Psychiatry": 12, "Internal Medicine": 10_000}, "match_year": 2045}
    planner.files.upload.value = ({"name": "theirs.json", "type": "", "size": 1, "last_modified": datetime(2027, 1, 4),
                                   "content": json.dumps(content).encode()},)
    told = words(planner.files.say)
    assert "visa 'tourist'; allowed: none, j1, h1b" in told and "10,000 programs; allowed: 0 to" in told
    assert planner.selection["programs"] == {"Psychiatry": 12} and planner.selection["match_year"] == 2045
    before = planner.selection
    planner.files.upload.value = ({"name": "broken.json", "type": "", "size": 1, "last_modified": datetime(2027, 1, 4), "content": b"{"},)
    assert "broken.json: cannot be read as a plan at line 1" in words(planner.files.say) and planner.selection == before
