"""H-1B requests by state, and what is published on J-1."""

import pytest

from imganalytics.charts.visas_by_state import CLASSES, figure, spec
from imganalytics.errors import UserError
from imganalytics.explorers.visas_by_state import J1View, VisasByStateExplorer, visas_twin
from imganalytics.studies.explain import explain
from imganalytics.studies.j1 import LABELS, j1
from imganalytics.studies.visas_by_state import MEASURES, change_text, partial_years, visas_by_state, years_of
from tests.chart_checks import check, has_words
from tests.explorer_helpers import words


def rows(result) -> dict:
    return {row["state"]: row for row in result.frame.to_dict("records")}


def test_states_add_up_to_the_country(con):
    for year in years_of("positions"):
        frame = visas_by_state("positions", year).frame
        (country,) = con.execute("SELECT positions_requested FROM published.visa_positions_by_state "
                                 "WHERE fiscal_year = ? AND state = 'ALL'", [year]).fetchone()
        assert frame["value"].sum() == country == frame["country"].iloc[0]
        assert frame["share"].sum() == pytest.approx(1)


def test_counts_shares_and_changes():
    own = rows(visas_by_state("positions", 2025, 2019))
    assert (own["NY"]["value"], own["NY"]["before"], own["NY"]["change"]) == (2055, 1231, 824)
    assert own["NY"]["share"] == pytest.approx(2055 / 14183)
    assert change_text(own["NY"]) == "+824" and change_text(own["DC"]) == "\u221257"
    assert own["PR"]["reason"] == "no request listed" and own["PR"]["value"] != own["PR"]["value"]


def test_filings_of_trainees_are_one_quarter(con):
    own = rows(visas_by_state("trainees"))
    (count,) = con.execute("""SELECT count(*) FROM published.resident_visa_filings WHERE state = 'MA'
        AND role NOT IN ('research_fellow', 'non_gme_fellow')""").fetchone()
    assert own["MA"]["value"] == count == 187 and own["MA"]["country"] == 1146
    assert years_of("trainees") == (2025,)
    assert any("One quarter" in note for note in visas_by_state("trainees").caveats)


def test_the_cautions_are_said():
    for measure in MEASURES:
        result = visas_by_state(measure)
        text = " ".join((result.subtitle, *result.caveats))
        for part in ("not a visa", "initial and continuing", "J-1 by state: not published"):
            assert part in text
    assert partial_years() == (2026,)
    assert any("not complete" in note for note in visas_by_state("positions", 2026).caveats)
    assert any("Guam 3" in note for note in visas_by_state().caveats)


def test_bad_words_are_refused():
    for arguments, part in (({"measure": "x"}, "measure"), ({"fiscal_year": 2018}, "allowed: 2019"),
                            ({"since": 2025}, "earlier year"),
                            ({"since": 2018}, "since 2018"), ({"fiscal_year": 2026, "since": 2025}, "complete"),
                            ({"measure": "trainees", "fiscal_year": 2024}, "allowed: 2025")):
        with pytest.raises(UserError, match=part):
            visas_by_state(**arguments)


@pytest.mark.parametrize("arguments", [{}, {"since": 2020}, {"measure": "employers", "fiscal_year": 2026},
                                       {"measure": "trainees"}])
def test_ask_again_sql_explanations_and_chart(arguments, con):
    result = visas_by_state(**arguments)
    assert result.question.ask().frame.equals(result.frame) and len(con.execute(result.to_sql()).df()) > 0
    made = spec(result)
    check(made)
    assert has_words(made, "New York", "Places of the squares are ours") and figure(result).layout.width == 980
    [squares] = made["data"]
    assert len(squares["x"]) == 52 and len(set(zip(squares["x"], squares["y"]))) == 52
    assert explain(result, 0).facts


def test_the_classes_hold_every_count():
    made = spec(visas_by_state("positions", 2025))
    legend = [note["text"] for note in made["layout"]["annotations"] if note["text"].endswith(")</span>")]
    assert len(legend) == len(CLASSES["positions"]) + 1 == 7
    counts = [int(text.split("(")[1].split(")")[0]) for text in legend]
    frame = visas_by_state("positions", 2025).frame
    assert sum(counts) == int((frame["tile_row"].notna() & frame["value"].notna()).sum())
    assert sum(text.count("none") for text in made["data"][0]["text"]) == int((frame["reason"] != "").sum())


def test_the_explorer_follows_its_controls():
    explorer = VisasByStateExplorer()
    assert explorer.selection == {"measure": "positions", "fiscal_year": 2025, "since": None}
    explorer.selection = {"since": 2020}
    assert visas_twin(explorer.result).columns[-2:] == ["Fiscal 2020", "Change"]
    explorer.year.value = 2020  # nothing earlier than itself
    assert explorer.selection["since"] is None and explorer.result is not None
    explorer.year.value = 2026
    assert explorer.since.disabled
    explorer.measure.value = "trainees"
    assert explorer.selection["fiscal_year"] == 2025 and explorer.year.disabled
    for wanted in ({"fiscal_year": 2018}, {"measure": "x"}, {"since": 2026}):
        with pytest.raises(UserError):
            explorer.selection = wanted
    explorer.explained = ("MA",)
    assert explorer.explanation.facts


def test_every_figure_on_j1_is_told_in_words(con):
    result = j1()
    assert len(result.frame) == 17 and result.question.ask().frame.equals(result.frame)
    assert result.frame["label"].notna().all() and (result.frame["value_told"] != "").all()
    assert {row["measure"] for row in result.frame.to_dict("records")} <= set(LABELS)
    own = result.frame.set_index("j1_id")
    assert own.loc["j004", "value_told"] == "more than 9,100 forms" and own.loc["j015", "when"] == "no date"
    assert own.loc["j006", "value_told"] == "about 2,500 physicians"
    assert own.loc["j013", "value_told"] == "more than 80 %, n not printed"
    assert len(con.execute(result.to_sql()).df()) == 17
    assert all(explain(result, at).facts for at in range(17))


def test_the_j1_view_says_that_nothing_is_published_by_state():
    view = J1View()
    assert "by state: not published" in words(view.children[0]) and len(view.result.frame) == 17
