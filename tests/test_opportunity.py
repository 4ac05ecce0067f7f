"""Positions at programs with evidence: programs few enough to add by hand, real ones added again, chart and explorer."""

import json

import numpy as np
import pandas as pd
import pytest

from imganalytics.charts import opportunity as chart
from imganalytics.errors import UserError
from imganalytics.explorers.opportunity import OpportunityExplorer
from imganalytics.studies import program_evidence
from imganalytics.studies.explain import explain
from imganalytics.studies.opportunity import EVIDENCE, SORTS, opportunity
from imganalytics.studies.program_evidence import imported_from, options, visas
from imganalytics.studies.program_facts import program_facts
from imganalytics.warehouse import connect
from tests.chart_checks import check, has_words
from tests.explorer_helpers import Cells, visible, words
from tests.test_friendliness import PLAIN

ASKED = [{}, {"by": "state", "measure": "share"}, {"evidence": "designated", "minimum": 0, "sort": "low"},
         {"specialties": ["Neurology", "Pathology-Anatomic and Clinical"], "states": ["NY", "MA"], "minimum": 0,
          "sort": "name"}]
PROGRAMS = [
    {"positions": 10.0, "h1b_trainee_filings": 2.0, "employer_status": "candidate_unverified"},
    {"positions": 5.0, "h1b_trainee_filings": 2.0, "employer_status": "ambiguous"},
    {"positions": 3.0, "imported_visas_accepted": "J-1 | H-1B"},
    {"positions": 2.0, "imported_visas_accepted": "J-1", "h1b_trainee_filings": 9.0,
     "employer_status": "candidate_unverified"},
    {"positions": 1.0, "imported_visas_accepted": "none", "designated_as": ["explicit_img"]},
    {"positions": 20.0, "specialty": "Psychiatry", "state": "MA", "designated_as": ["international_ambiguous"]},
    {"positions": np.nan, "active": False},
]


@pytest.fixture
def tiny(monkeypatch):
    facts = pd.DataFrame([PLAIN | {"program_key": f"{at}/x"} | each for at, each in enumerate(PROGRAMS)])
    monkeypatch.setattr(program_evidence, "program_facts", lambda: facts)

    def bounds(**asked) -> dict[str, tuple]:
        frame = opportunity(minimum=0, **asked).frame
        names = frame[asked.get("by", "specialty")]
        return dict(zip(names, zip(*(frame[name].tolist() for name in ("positions", "low", "high", "programs",
                                                                       "programs_low")))))
    return bounds


class TestTinyPrograms:
    def test_a_statement_goes_before_filings_and_several_employers_count_as_possible_only(self, tiny):
        # known: 10 by filings, 3 stated; 5 may be another's; 2 and 1 state that they do not
        assert tiny() == {"Psychiatry": (20, 0, 20, 1, 0), "Neurology": (21, 13, 18, 5, 2)}
        assert tiny(by="state") == {"MA": (20, 0, 20, 1, 0), "NY": (21, 13, 18, 5, 2)}

    def test_statements_alone_leave_all_others_possible(self, tiny):
        assert tiny(evidence="h1b_statement")["Neurology"] == (21, 3, 18, 5, 1)
        assert tiny(evidence="j1_statement")["Neurology"] == (21, 5, 20, 5, 2)

    def test_names_of_tracks_are_complete_but_for_those_that_mean_either(self, tiny):
        assert tiny(evidence="designated") == {"Neurology": (21, 1, 1, 5, 1), "Psychiatry": (20, 0, 20, 1, 0)}

    def test_only_what_is_chosen_is_added(self, tiny):
        assert tiny(states=["NY"]) == {"Neurology": (21, 13, 18, 5, 2)}

    def test_shares_are_of_the_positions_offered(self, tiny):
        frame = opportunity(minimum=0).frame.set_index("specialty")
        assert frame.loc["Neurology", ["share_low", "share_high"]].tolist() == pytest.approx([13 / 21, 18 / 21])

    def test_visas_are_read_from_a_statement(self):
        assert visas("J-1 | h-1b ") == {"J-1", "H-1B"} and visas("none") == frozenset() and visas("") is visas(np.nan) is None
        assert imported_from(["visas_accepted"]) == ""


class TestRealPositions:
    def test_add_to_those_of_the_last_match(self, con):
        [(positions,)] = con.execute("SELECT sum(quota) FROM program_results WHERE match_year = 2025").fetchall()
        for by in ("specialty", "state"):
            frame = opportunity(by, minimum=0).frame
            assert frame["positions"].sum() == positions == frame["high"].sum() and (frame["low"] <= frame["high"]).all()

    def test_have_the_lower_bound_of_another_count(self):
        facts = program_facts().query("active")
        own = facts[(facts["h1b_trainee_filings"] > 0) & (facts["employer_status"] == "candidate_unverified")]
        expected = own.groupby("state")["positions"].sum()
        frame = opportunity("state", minimum=0).frame.set_index("state")
        assert frame["low"][frame["low"] > 0].to_dict() == expected.to_dict()
        assert f"at least {expected.sum():,.0f} (" in opportunity().summary

    def test_without_statements_say_that_the_upper_bound_says_nothing(self):
        result = opportunity()
        assert "No program here is known to refuse" in result.summary and result.frame["share_high"].eq(1).all()
        assert "0 of these 4,701 programs have a statement" in result.caveats[0] and "not 'no H-1B'" in " ".join(result.caveats)
        assert "known to refuse" not in opportunity(evidence="designated").summary

    @pytest.mark.parametrize("sort", SORTS)
    def test_come_in_the_order_asked_for(self, sort):
        frame = opportunity(sort=sort).frame
        key = frame["label"] if sort == "name" else -frame[sort]
        assert key.is_monotonic_increasing

    @pytest.mark.parametrize("asked", ASKED)
    def test_can_be_asked_again_looked_up_and_explained(self, asked):
        result = opportunity(**asked)
        json.dumps(result.question.arguments)
        pd.testing.assert_frame_equal(result.question.ask().frame, result.frame)
        assert set(connect().sql(result.to_sql()).df()[result.frame.columns[0]]) >= set(result.frame.iloc[:, 0])
        assert explain(result, 0).facts and result.sources

    @pytest.mark.parametrize("asked, text", [
        ({"by": "city"}, "unknown kind"), ({"evidence": "x"}, "unknown evidence"),
        ({"measure": "x"}, "unknown measure"),
        ({"sort": "x"}, "unknown sort"), ({"minimum": -1}, "0 or more"), ({"minimum": 99_999}, "the most is 12,944"),
        ({"evidence": "j1_statement"}, "Import statements"), ({"specialties": []}, "at least one"),
        ({"specialties": ["Nuclear Medicine"], "states": ["WY"]}, "choose more"),
        ({"states": ["XX"]}, "unknown state")])
    def test_refuse_with_one_helpful_line(self, asked, text):
        with pytest.raises(UserError) as told:
            opportunity(**asked)
        assert text in str(told.value) and "\n" not in str(told.value)

    def test_are_offered_by_specialty_and_state(self):
        assert [option["value"] for option in options("state")][:2] == ["AL", "AK"] and len(options("state")) == 52
        assert options("specialty")[0]["group"] == "Primary care" and len(options("specialty")) == 45


class TestCharts:
    @pytest.mark.parametrize("asked", ASKED)
    def test_are_drawn_whole_and_in_words(self, asked):
        check(chart.spec(opportunity(**asked)))

    def test_draw_a_line_from_the_lower_to_the_upper_bound(self):
        result = opportunity("state", measure="share")
        line, low, high = chart.spec(result)["data"]
        assert low["x"] == result.frame["share_low"].tolist() and high["x"] == result.frame["share_high"].tolist()
        assert line["x"][:3] == [low["x"][0], high["x"][0], None] and high["marker"]["symbol"] == "circle-open"
        assert "of 5,098 positions offered" in low["hovertext"][0] and "NRMP" in low["hovertext"][0]

    def test_say_what_the_marks_mean_and_both_bounds(self):
        assert has_words(chart.spec(opportunity()), "Filled mark: at least", "3,118", "12,944", "88 of 550",
                         "Base: 43,218")


class TestExplorer:
    def test_follows_its_controls_and_tells_the_same_in_all_views(self):
        explorer = OpportunityExplorer()
        explorer.minimum.value, explorer.by.value = 500, "state"
        frame = explorer.result.frame
        assert (frame["positions"] >= 500).all() and frame.columns[0] == "state"
        _, *body = Cells(explorer.table.value).rows
        assert [row[:4] for row in body] == [[row.label, f"{row.low:,.0f}", f"{row.high:,.0f}", f"{row.positions:,.0f}"]
                                             for row in frame.itertuples()]
        assert explorer.figure.layout.title.text and explorer.result.summary in words(explorer.say)

    @pytest.mark.parametrize("evidence", EVIDENCE)
    def test_answers_or_says_why_not(self, evidence):
        explorer = OpportunityExplorer(evidence=evidence)
        told = explorer.result is not None
        assert told == (evidence in ("h1b", "designated")) == visible(explorer.views) != visible(explorer.notice)

    @pytest.mark.parametrize("wanted", [{"by": "city"}, {"minimum": 5000}, {"states": ["XX"]}, {"x": 1}])
    def test_refuses_what_there_is_not_and_keeps_what_was(self, wanted):
        explorer = OpportunityExplorer()
        before = explorer.selection
        with pytest.raises(UserError):
            explorer.selection = wanted
        assert explorer.selection == before
