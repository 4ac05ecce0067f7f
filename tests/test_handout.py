"""The handout without a browser: its states, its words, its escaping, what it refuses, and what it carries."""

import base64
import gzip
import json
import re
from dataclasses import replace
from html import unescape

import pandas as pd
import pytest

from imganalytics.errors import UserError
from imganalytics.explorers.fill_shares import FillSharesExplorer
from imganalytics.export import handout, handout_words, html_file
from imganalytics.export.exported import Exported, Receipt
from imganalytics.export.html_file import html_bytes, receipt_in_html, varied_in_html
from imganalytics.export.reading_table import table_of
from imganalytics.result import Question, Result
from imganalytics.studies.competitiveness import competitiveness
from imganalytics.studies.coverage import coverage
from imganalytics.studies.directory import directory
from imganalytics.studies.reading import reading
from imganalytics.vocabulary import BASES
from tests.explorer_helpers import Cells

EVIL = "</script><script>alert(1)</script> & \"quoted\" <b>bold</b> \u202eright\u202c \u4e2d\u6587 \U0001f600"


def payload(content: bytes) -> dict:
    """All that the file's own script reads."""
    packed = re.search(rb'id="handout-states">([^<]*)<', content)
    return json.loads(gzip.decompress(base64.b64decode(packed[1])))


def chosen(states: dict, *places: int) -> dict:
    """The state of these places of the controls, counted as handout.js counts."""
    at = 0
    for place, size in zip(places, states["sizes"], strict=True):
        at = at * size + place
    return states["states"][at]


@pytest.fixture(scope="module")
def by_base_and_year() -> tuple[Exported, bytes]:
    exported = Exported(competitiveness())
    varied = {"base": ["ranked_anywhere", "preferred", "only_choice"], "match_year": [2020, 2024, 2025]}
    return exported, html_bytes(exported, varied)


def test_each_combination_shows_what_the_study_answers(by_base_and_year):
    exported, content = by_base_and_year
    states = payload(content)
    assert states["sizes"] == [3, 3]
    for row, base in enumerate(("ranked_anywhere", "preferred", "only_choice")):
        for column, year in enumerate((2020, 2024, 2025)):
            state = chosen(states, row, column)
            try:
                asked = competitiveness(base=base, match_year=year)
            except UserError as error:
                assert state == {"why": str(error)}
                continue
            assert (state["summary"], state["subtitle"]) == (asked.summary, asked.subtitle)
            assert state["caveats"] == list(asked.caveats) and len(state["sources"]) == len(asked.sources)
            table = states["tables"][state["table"]]
            assert len(table["rows"]) == len(asked.frame)
            first = asked.frame.iloc[0]
            assert f"{100 * first['rate']:.1f} % ({100 * first['rate_low']:.1f} to {100 * first['rate_high']:.1f})" in (
                table["rows"][0][2])
            chart = states["charts"][state["chart"]]
            drawn = [x for trace in chart["data"] for x in trace["x"] if x is not None]
            assert set(asked.frame["rate"].dropna()) <= set(drawn)
    assert chosen(states, 0, 2)["title"] == exported.title


def test_the_page_reads_without_its_script(by_base_and_year):
    exported, content = by_base_and_year
    page = re.sub(r"<script.*?</script>|<style.*?</style>", "", content.decode(), flags=re.DOTALL)
    assert exported.result.summary in unescape(page) and exported.subtitle in unescape(page)
    for words in (*exported.result.caveats, *(source.citation for source in exported.result.sources)):
        assert words in unescape(page)
    assert len(Cells(page).rows) == 1 + len(exported.result.frame)
    assert "The chart needs JavaScript" in page
    assert 'class="controls" role="group" aria-label="What to show" hidden' in page
    assert page.count("<label for=") == 2 and 'type="range"' in page and "<select" in page
    assert all(base.label in page for key, base in BASES.items() if key != "active")


def test_the_file_fetches_nothing_and_runs_nothing_else(by_base_and_year):
    text = by_base_and_year[1].decode()
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', text)[1]
    assert policy.startswith("default-src 'none'; script-src 'sha256-") and "unsafe-eval" not in policy
    assert "'unsafe-inline'" not in policy.split("style-src")[0]
    assert not re.search(r"""(?:src|href)\s*=\s*["']|url\(|@import|eval\(|new Function|\son\w+=""", text)


def test_it_is_small_and_says_the_same_each_time(by_base_and_year):
    exported, content = by_base_and_year
    assert len(content) < 3_000_000
    varied = {"base": ["ranked_anywhere", "preferred", "only_choice"], "match_year": [2020, 2024, 2025]}
    assert html_bytes(exported, varied) == content


def test_the_receipt_asks_again(by_base_and_year):
    exported, content = by_base_and_year
    receipt = Receipt.from_json(receipt_in_html(content))
    assert receipt == exported.receipt
    assert receipt.ask().result.frame.equals(exported.result.frame)
    assert varied_in_html(content) == {"base": ["ranked_anywhere", "preferred", "only_choice"],
                                       "match_year": [2020, 2024, 2025]}
    for foreign in (b"", b"<html></html>", b"\xff\xfe", content[: len(content) // 3000]):
        assert receipt_in_html(foreign) is None and varied_in_html(foreign) is None


def test_no_text_breaks_out():
    asked = reading()
    frame = asked.frame.assign(specialty_label=EVIL, reason=EVIL)
    result = replace(asked, frame=frame, title=EVIL, subtitle=EVIL, summary=EVIL, caveats=(EVIL,))
    content = html_bytes(Exported(result, note=EVIL), {})
    text = content.decode()
    assert text.count("</script>") == 5  # receipt, what varies, states, library, hand
    assert "<script>alert" not in text and "<b>bold" not in text
    assert Receipt.from_json(receipt_in_html(content)).note == EVIL
    state = payload(content)["states"][0]
    assert state["title"] == state["summary"] == state["caveats"][0] == EVIL
    assert Cells(re.search(r"<table.*?</table>", text, re.DOTALL)[0]).rows[1][0] == EVIL


def test_the_words_that_a_user_changed():
    exported = Exported(reading(), title="For my room", subtitle="15 of 30", note="Ask me.", theme="grey")
    content = html_bytes(exported, {"matched": [10, 15]})
    first, other = payload(content)["states"][1], payload(content)["states"][0]
    assert first["title"] == other["title"] == "For my room"
    assert first["subtitle"] == "15 of 30" and other["subtitle"] == reading(matched=10).subtitle
    assert '<p class="note">Ask me.</p>' in content.decode()
    colours = set(re.findall(r"#[0-9a-fA-F]{6}", json.dumps(payload(content)["charts"])))
    assert all(colour[1:3] == colour[3:5] == colour[5:7] for colour in colours)


def test_the_headline_stands_on_the_page_and_not_in_the_chart():
    exported = Exported(competitiveness())
    chart = payload(html_bytes(exported, {}))["charts"][0]
    before, after = exported.spec["layout"], chart["layout"]
    saved = before["height"] - after["height"]
    assert after["title"]["text"] == "" and saved > 40
    assert before["margin"]["t"] - after["margin"]["t"] == saved  # the plot itself is as high as it was
    assert exported.result.title not in json.dumps(chart)


def test_the_value_that_it_opens_with_is_among_the_choices():
    content = html_bytes(Exported(reading(30, 15)), {"matched": [3, 20, 3]})
    assert varied_in_html(content) == {"matched": [3, 15, 20]}
    assert 'value="1"' in re.search(r"<input[^>]*>", content.decode())[0]


@pytest.mark.parametrize(("varied", "words"), [
    ({"colour": ["red"]}, "reading has no 'colour' to vary; allowed: applicants, matched"),
    ({"applicants": range(1, 41), "matched": range(40)}, "1,600 combinations of applicants, matched; allowed: 400: "
                                                         "name fewer values"),
])
def test_what_cannot_vary_is_refused_in_one_line(varied, words):
    with pytest.raises(UserError) as refused:
        html_bytes(Exported(reading()), varied)
    assert str(refused.value) == words


def test_four_arguments_are_too_many():
    varied = {name: [] for name in ("base", "match_year", "sort", "all_tracks")}
    with pytest.raises(UserError, match="4 arguments vary; allowed: 3"):
        html_bytes(Exported(competitiveness()), varied)


def test_a_handout_too_large_to_send_is_refused(monkeypatch):
    monkeypatch.setattr(html_file, "LARGEST", 1_500_000)
    with pytest.raises(UserError, match=r"the handout would have \d\.\d MB; allowed: 1.5 MB: vary fewer values"):
        html_bytes(Exported(reading()), {})


def test_an_empty_frame_is_words_in_place():
    content = html_bytes(Exported(competitiveness()), {"minimum_applicants": [0, 10**6]})
    assert payload(content)["states"][1] == {"why": handout.NOTHING}


def test_what_is_the_same_is_stored_once():
    exported = Exported(reading())
    states = handout.states_of(exported, {"matched": [15, 15.0, 16]}, None, None)
    assert len(states.each) == len(states.charts) == len(states.tables) == 2
    same = handout.states_of(exported, {"matched": [15, 16]}, None, lambda result: table_of(exported.result))
    assert len(same.tables) == 1 and [state["table"] for state in same.each] == [0, 0]


def test_progress_is_told_and_can_stop_it():
    told = []
    html_bytes(Exported(reading()), {"matched": [1, 2, 15]}, progress=lambda *at: told.append(at))
    assert told == [(1, 3), (2, 3), (3, 3)]

    def stop(done: int, of: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        html_bytes(Exported(reading()), {"matched": [1, 2, 15]}, progress=stop)


def test_an_explorers_own_table_can_be_used():
    explorer = FillSharesExplorer()
    content = html_bytes(Exported(explorer.result), {}, twin_of=type(explorer).twin_of)
    twin = type(explorer).twin_of(explorer.result)
    assert payload(content)["tables"][0]["columns"] == list(twin.columns)
    assert payload(content)["tables"][0]["rows"] == [list(map(str, row)) for row in twin.rows]


def test_a_study_without_a_chart_is_a_table():
    result = directory()
    content = html_bytes(Exported(result), {})
    assert payload(content)["charts"] == [] and payload(content)["states"][0]["chart"] is None
    assert b'id="handout-figure"' not in content and len(payload(content)["tables"][0]["rows"]) == len(result.frame)


# What varies when nobody says ------------------------------------------------------------------------------


@pytest.mark.parametrize("study", sorted(handout_words.USUAL))
def test_usual_choices_fit_their_study_and_are_told_in_words(study):
    values = handout_words.usual(study)
    asked = Question(study, {}).ask().question.arguments
    assert set(values) <= set(asked) and 0 < len(values) <= handout.CONTROLS
    count = 1
    for name, each in values.items():
        count *= len(each) + 1
        assert each, f"{study}: nothing to choose for {name}"
        assert not any(re.search(r"[a-z]_[a-z]|^[a-z]", handout_words.told(study, name, value)) for value in each)
        assert not re.search(r"_|^[a-z]", handout_words.asked(name))
    assert count <= handout.MOST


def test_usual_years_without_any_figure_are_left_out():
    content = html_bytes(Exported(reading()))
    assert varied_in_html(content) == {"matched": list(range(31))}
    rated = varied_in_html(html_bytes(Exported(competitiveness())))
    for year in rated["match_year"]:
        assert any(answers(competitiveness, base=base, match_year=year) for base in rated["base"])
    assert varied_in_html(html_bytes(Exported(coverage()))) == {}


def answers(study, **arguments) -> bool:
    try:
        return not study(**arguments).frame.empty
    except UserError:
        return False


# The table for reading -------------------------------------------------------------------------------------


def table(frame: pd.DataFrame, **arguments) -> list[dict[str, str]]:
    made = table_of(Result(frame, Question("reading", arguments)))
    return [dict(zip(made.columns, row)) for row in made.rows]


def test_a_rate_is_read_with_its_interval_its_counts_and_its_doubt():
    frame = pd.DataFrame({"specialty_label": ["A", "B", "C"], "rate": [0.5, None, 0.123], "rate_low": [0.4, None, 0.1],
                          "rate_high": [0.6, None, 0.2], "matched": [15, None, 1230], "applicants": [30, 3, 10000],
                          "reliability": ["unstable", "suppressed", "ok"], "reason": ["", "fewer than 5 applicants", ""],
                          "source_id": "s", "type_order": 1})
    assert table(frame) == [
        {"Specialty": "A", "Rate": "50.0 % (40.0 to 60.0), unstable", "Matched of applicants": "15 of 30"},
        {"Specialty": "B", "Rate": "fewer than 5 applicants", "Matched of applicants": "not published of 3"},
        {"Specialty": "C", "Rate": "12.3 % (10.0 to 20.0)", "Matched of applicants": "1,230 of 10,000"}]


def test_differences_are_points_and_counts_stay_counts():
    frame = pd.DataFrame({"row_label": ["A", "B"], "difference": [0.05, -0.1], "difference_low": [0.01, -0.2],
                          "difference_high": [0.09, 0.0], "rate_1": [0.3, 0.4], "rate_2": [0.25, 0.5]})
    assert table(frame, figure="fill_share")[1] == {
        "Specialty": "B", "Difference, points": "\u221210.0 (\u221220.0 to +0.0)", "Fill share (first)": "40.0 %",
        "Fill share (second)": "50.0 %"}
    counts = pd.DataFrame({"name": ["x", "y"], "year": [2014, 2014], "value": [1200, 3], "count": [1200, 3]})
    assert table(counts) == [{"Place": "x", "Figure": "1,200"}, {"Place": "y", "Figure": "3"}]


@pytest.mark.parametrize("study", [*sorted(handout_words.USUAL), "coverage", "data_quality", "holdings", "rank_lists"])
def test_every_study_has_a_table_without_keys(study):
    made = table_of(Question(study, {}).ask())
    assert len(made.columns) >= 2 and made.rows
    cells = [cell for row in made.rows for cell in row] + list(made.columns)
    assert not [cell for cell in cells if re.search(r"\b(us_img|non_us_img|us_md|us_do|ranked_anywhere|nan|None)\b", cell)]
