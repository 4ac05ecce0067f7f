"""USMLE pass rates: bases apart, intervals only with n, lines that break; chart and explorer."""

import numpy as np
import pytest

from imganalytics.charts.usmle import figure, spec
from imganalytics.errors import UserError
from imganalytics.explorers.usmle import UsmleExplorer, usmle_twin
from imganalytics.statistics.rates import wilson
from imganalytics.studies.explain import explain
from imganalytics.studies.usmle import EXAMS, break_words, takers_of, usmle, year_span
from tests.chart_checks import check, has_words
from tests.explorer_helpers import visible, words

CHOICES = [(exam, takers) for exam in EXAMS for takers in ("all", "first", "repeat", "not_stated")]


def test_printed_figures_and_their_intervals(con):
    frame = usmle("usmle_step1", "all", ["img_all"]).frame.set_index("period")
    assert frame.loc["2019", ["printed_pct", "n_examined", "rate"]].tolist() == [78, 16065, 0.78]
    inner = wilson(round(0.78 * 16065), 16065)
    assert frame.loc["2019", "low"] < inner.low and frame.loc["2019", "high"] > inner.high  # widened by the rounding
    assert frame.loc["2019", "low"] == pytest.approx(float(wilson(0.775 * 16065, 16065).low))
    (printed,) = con.execute("""SELECT count(DISTINCT period) FROM published.usmle_performance
        WHERE exam = 'usmle_step1' AND examinee_type = 'img_all' AND taker_type LIKE 'all takers%'""").fetchone()
    assert len(frame) == printed == 6


def test_without_n_there_is_no_rate():
    frame = usmle("usmle_step1", "all", ["img_all"]).frame.set_index("period")
    assert np.isnan(frame.loc["2024", ["rate", "low", "high"]].astype(float)).all()
    assert frame.loc["2024", "printed_pct"] == 70 and frame.loc["2024", "reason"] == "printed without n"


def test_first_and_all_takers_are_never_together():
    every = usmle("usmle_step1", "all").frame
    first = usmle("usmle_step1", "first").frame
    assert set(every["takers"]) == {"all"} and set(first["takers"]) == {"first"}
    assert not set(every["performance_id"]) & set(first["performance_id"])
    assert takers_of("usmle_step2_ck") == ("first", "not_stated") and year_span("usmle_step1", "all") == (2019, 2024)


def test_the_other_source_is_said():
    result = usmle("usmle_step1", "all", ["us_do"])
    own = result.frame.set_index("period")
    assert own.loc["2022", "printed_pct"] == 89 and own.loc["2022", "others"].startswith("91 %")
    assert any("89 % here; another source prints 91 %" in note for note in result.caveats)
    assert not any("2021" in note and "another source prints" in note for note in result.caveats)  # there they agree


def test_the_line_breaks_where_the_exam_changed():
    frame = usmle("usmle_step1", "all", ["us_md"]).frame
    parts = [group["period"].tolist() for _, group in frame[frame["reason"] == ""].groupby("segment")]
    assert parts == [["2019", "2020", "2021"], ["2022", "2023"]]
    assert "raised from 194" in break_words()
    assert any("breaks at 2022" in note for note in usmle("usmle_step1", "all").caveats)
    assert not any("breaks at" in note for note in usmle("usmle_step1", "all", years=(2022, 2024)).caveats)


@pytest.mark.parametrize(("exam", "takers"), CHOICES)
def test_every_choice_is_a_chart_or_a_helpful_line(exam, takers, con):
    if takers not in takers_of(exam):
        with pytest.raises(UserError, match="there are rates of"):
            usmle(exam, takers)
        return
    result = usmle(exam, takers, ["img_all", "us_md", "us_do", "all"])
    check(spec(result))
    assert result.question.ask().frame.equals(result.frame) and len(con.execute(result.to_sql()).df()) >= len(result.frame)
    assert explain(result, 0).facts and figure(result).layout.height > 0
    assert result.sources and "Base: " in result.subtitle


def test_bad_words_and_empty_years_are_refused():
    for arguments, part in (({"exam": "mcat"}, "exam"), ({"takers": "x"}, "kind of takers"),
                            ({"examinees": []}, "at least one"),
                            ({"examinees": "img_all"}, "at least one"),
                            ({"examinees": ["us_img"]}, "group of examinees"),
                            ({"years": (2024, 2019)}, "the earlier one first"),
                            ({"years": (1990, 1995)}, "figures for 2019, 2020"),
                            ({"takers": "first", "examinees": ["us_md"]}, "none in other years")):
        with pytest.raises(UserError, match=part):
            usmle(**arguments)


def test_the_chart_keeps_words_and_marks_apart():
    made = spec(usmle())
    lines = [trace for trace in made["data"] if trace["mode"] == "lines+markers"]
    [bare] = [trace for trace in made["data"] if trace["mode"] == "text"]
    assert [trace["name"] for trace in lines] == ["IMGs", "US MD schools", "US DO schools"] and len(bare["text"]) == 3
    assert all(None in trace["x"] for trace in lines)  # the break
    assert made["layout"]["yaxis"]["range"] == [0, 1]
    assert has_words(made, "from 2022: higher passing standard", "n = 26,141 examined", "Base: all takers")
    words_only = spec(usmle("usmle_step1", "first"))
    assert [trace["mode"] for trace in words_only["data"]] == ["text"] and has_words(words_only, "nothing printed")


def test_undated_figures_are_said_and_not_drawn():
    result = usmle("usmle_step3", "repeat" if "repeat" in takers_of("usmle_step3") else "first")
    assert "undated" not in set(result.frame["period"])
    assert any("without a year" in note and "88 to 90 %" in note for note in result.caveats)


def test_the_explorer_follows_its_controls():
    explorer = UsmleExplorer()
    assert explorer.selection["years"] == [2019, 2024]
    explorer.exam.value = "usmle_step2_ck"
    assert explorer.selection["takers"] == "first" and explorer.selection["years"] == [2006, 2022]
    explorer.takers.value = "not_stated"
    assert explorer.selection["years"] == [2016, 2020] and explorer.result is not None
    explorer.selection = {"exam": "usmle_step1", "takers": "all", "years": (2021, 2023)}
    assert sorted(set(explorer.result.frame["period"])) == ["2021", "2022", "2023"]
    explorer.selection = {"examinees": []}
    assert explorer.result is None and "at least one group" in words(explorer.notice)
    explorer.selection = {"examinees": ["img_all"]}
    assert visible(explorer.views)
    for wanted in ({"years": (1990, 2024)}, {"takers": "not_stated"}, {"examinees": ["x"]}):
        with pytest.raises(UserError):
            explorer.selection = wanted


def test_the_table_twin_and_a_press():
    explorer = UsmleExplorer()
    row = next(row for row in usmle_twin(explorer.result).rows if row[:2] == ["US DO schools", "2022"])
    assert row[2].startswith("89.0 % (") and "n = 4,722" in row[2] and row[3].startswith("91 %")
    explorer.explained = ("us014",)
    assert explorer.explanation.facts
