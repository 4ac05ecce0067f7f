"""IMG-friendliness: programs few enough to weigh by hand, real programs weighed again, the chart and the explorer."""

import json
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from scipy.stats import beta
from statsmodels.stats.proportion import proportion_confint

from imganalytics.charts import friendliness as chart
from imganalytics.errors import UserError
from imganalytics.explorers.friendliness import FriendlinessExplorer
from imganalytics.export.csv_file import csv_text
from imganalytics.statistics.shrinkage import fit_prior
from imganalytics.studies import program_evidence
from imganalytics.studies.explain import explain
from imganalytics.studies.friendliness import KINDS, default_weights, friendliness, name_of, range_text
from imganalytics.studies.program_facts import program_facts
from imganalytics.warehouse import connect
from tests.chart_checks import check, has_words
from tests.explorer_helpers import Cells, visible, words

NAN = float("nan")
ONE = {"state_share": 0, "unfilled": 0, "designated": 0, "h1b": 0}
PLAIN = {"program_key": "1/A", "institution_code": "1", "specialty": "Neurology", "institution": "One", "city": "Town",
         "state": "NY", "active": True, "entry_level": "PGY-1", "positions": 4.0, "offered_5_years": 20.0,
         "unfilled_5_years": 5.0,
         "state_filled": 40.0, "state_us_img": 4.0, "state_non_us_img": 6.0, "designated": [], "designated_as": [],
         "employers": [],
         "h1b_trainee_filings": NAN, "employer_status": None, "imported_step2ck_min": NAN,
         "imported_yog_max_years": NAN,
         "imported_pct_img": NAN, "imported_visas_accepted": None}
ASKED = [{}, {"sort": "high", "limit": 40}, {"sort": "name", "limit": 10, "specialties": ["Neurology"], "shrunk": True},
         {"states": ["NY", "AK"], "count_employers": True, "weights": dict.fromkeys(KINDS, 1)}]


@pytest.fixture
def tiny(monkeypatch):
    """Function from what differs from PLAIN, for each program, to a study of these programs alone."""
    def study(*programs, **asked):
        facts = pd.DataFrame([PLAIN | {"program_key": f"{at}/Neurology", "institution": f"Hospital {at}"} | each
                              for at, each in enumerate(programs)])
        monkeypatch.setattr(program_evidence, "program_facts", lambda: facts)
        return friendliness(**asked).frame
    return study


def ends(frame: pd.DataFrame) -> list[tuple[float, float]]:
    return [(round(low, 6), round(high, 6)) for low, high in zip(frame["low"], frame["high"])]


class TestTinyPrograms:
    def test_left_unfilled_are_a_count_and_unknown_without_a_match(self, tiny):
        frame = tiny({}, {"unfilled_5_years": 0.0}, {"offered_5_years": NAN, "unfilled_5_years": NAN},
                     weights={"unfilled": 1})
        assert ends(frame) == [(25, 25), (0, 100), (0, 0)]  # by the low end, then the high end
        assert frame["unfilled_said"].tolist() == ["5 of 20 positions, 2021 to 2025",
                                                   "not in any of the last five Matches",
                                                   "0 of 20 positions, 2021 to 2025"]

    def test_named_tracks_are_yes_no_or_either(self, tiny):
        frame = tiny({"designated": ["IM/SACM"], "designated_as": ["sponsor_funded"]}, {}, {
            "designated": ["IM/Intl"], "designated_as": ["international_ambiguous"]}, {
            "designated": ["a", "b"], "designated_as": ["explicit_img", "international_ambiguous"]},
            {"institution_code": ""},
            weights={"designated": 1}, sort="name")
        assert ends(frame) == [(100, 100), (0, 0), (0, 100), (100, 100), (0, 100)]
        assert frame["designated_said"].tolist() == ["IM/SACM", "none by its name", "perhaps: IM/Intl", "a, b",
                                                     "not in the official listing"]

    def test_filings_of_a_possible_employer_prove_nothing_unless_asked(self, tiny):
        programs = ({"h1b_trainee_filings": 3.0, "employers": ["Uni"], "employer_status": "candidate_unverified"},
                    {"h1b_trainee_filings": 3.0, "employers": ["Uni"], "employer_status": "ambiguous"}, {},
                    {"imported_visas_accepted": "J-1 | H-1B"}, {"imported_visas_accepted": "none",
                                                                "h1b_trainee_filings": 9.0,
                                                                "employer_status": "candidate_unverified"})
        frame = tiny(*programs, weights={"h1b": 1}, sort="name")
        assert ends(frame) == [(0, 100), (0, 100), (0, 100), (100, 100), (0, 0)]
        assert "3 filings by Uni, possibly its employer: not verified" in frame["h1b_said"][0]
        frame = tiny(*programs, weights={"h1b": 1}, sort="name", count_employers=True)
        assert ends(frame) == [(100, 100), (0, 100), (0, 100), (100, 100), (0, 0)]
        assert "another institution" in frame["h1b_said"][1]

    def test_statements_and_limits_are_set_against_the_applicant(self, tiny):
        programs = ({"imported_visas_accepted": "J-1", "imported_pct_img": 40.0, "imported_yog_max_years": 5.0,
                     "imported_step2ck_min": 240.0}, {"imported_yog_max_years": np.inf}, {})
        expected = {"j1": [(100, 100), (0, 100), (0, 100)], "img_share": [(40, 40), (0, 100), (0, 100)],
                    "graduation": [(100, 100), (100, 100), (0, 100)], "step2": [(100, 100), (0, 100), (0, 100)]}
        for key, wanted in expected.items():
            assert ends(tiny(*programs, weights={key: 3}, sort="name", years_since_graduation=5, step2=240)) == wanted
        assert ends(tiny(*programs, weights={"graduation": 1}, sort="name", years_since_graduation=6)) == [
            (0, 0), (100, 100), (0, 100)]
        assert ends(tiny(*programs, weights={"step2": 1}, sort="name", step2=239)) == [(0, 0), (0, 100), (0, 100)]

    def test_the_share_of_the_state_is_its_interval_and_nothing_below_five(self, tiny):
        frame = tiny({}, {"state_filled": 4.0, "state_us_img": 2.0, "state_non_us_img": 2.0}, {"state_filled": NAN},
                     weights={"state_share": 1}, sort="name")
        low, high = proportion_confint(10, 40, method="wilson")
        assert ends(frame) == [(round(100 * low, 6), round(100 * high, 6)), (0, 100), (0, 100)]
        assert frame["share"].tolist()[0] == 0.25 and frame["share"][1:].isna().all()
        assert frame["reliability"].tolist() == ["unstable", "suppressed",
                                                 "suppressed"]  # 40 positions, wider than 20 points

    def test_the_range_is_the_weighted_mean_of_both_ends(self, tiny):
        frame = tiny({"h1b_trainee_filings": 1.0, "employer_status": "candidate_unverified"},
                     weights={"unfilled": 3, "h1b": 1, "designated": 4})
        assert ends(frame) == [(100 * 3 * 0.25 / 8, 100 * (3 * 0.25 + 1) / 8)]  # 9.375 to 21.875
        assert frame[["unfilled_low", "unfilled_high", "h1b_low", "h1b_high", "designated_high"]].iloc[0].tolist() == [
            9.375, 9.375, 0, 12.5, 0]
        assert "state_share_low" not in frame

    def test_nothing_known_at_all_is_said_not_drawn(self, tiny):
        with pytest.raises(UserError, match="Nothing is known of 'J-1 statement'"):
            tiny({}, {}, weights={"j1": 1})

    def test_imported_kinds_weigh_nothing_before_they_are_imported(self, tiny, monkeypatch):
        tiny({}, {"imported_pct_img": 30.0})
        assert default_weights() == {"state_share": 1, "unfilled": 1, "designated": 1, "h1b": 1, "j1": 0,
                                     "img_share": 1,
                                     "graduation": 0, "step2": 0}


class TestRealPrograms:
    def test_are_weighed_as_by_hand(self):
        frame = friendliness(limit=40).frame.set_index("program_key")
        facts = program_facts().set_index("program_key").loc[frame.index]
        low, high = proportion_confint(facts["state_us_img"] + facts["state_non_us_img"], facts["state_filled"],
                                       method="wilson")
        few = facts["state_filled"].isna() | (facts["state_filled"] < 5)
        lost = facts["unfilled_5_years"] / facts["offered_5_years"]
        sure = [bool({"explicit_img", "sponsor_funded"} & set(each)) for each in facts["designated_as"]]
        perhaps = [bool(each) for each in facts["designated_as"]]
        assert np.allclose(frame["low"], 25 * (np.where(few, 0, low) + lost + np.array(sure)))
        assert np.allclose(frame["high"], 25 * (np.where(few, 1, high) + lost + np.array(perhaps) + 1))

    def test_come_by_an_end_and_never_by_a_middle(self):
        for sort, other in (("low", "high"), ("high", "low")):
            frame = friendliness(sort=sort, limit=40).frame
            assert all(one >= two for one, two in pairwise(zip(frame[sort], frame[other])))
        best = friendliness(sort="low", specialties=["Neurology"], limit=10).frame["low"].min()
        rest = friendliness(sort="name", specialties=["Neurology"], limit=40).frame
        assert (rest["low"] > best).sum() < 10
        names = friendliness(sort="name", limit=40).frame["institution"].tolist()
        assert names == sorted(names)

    def test_carry_the_shrunk_share_beside_the_raw_one(self):
        frame = friendliness(specialties=["Neurology"], shrunk=True, sort="name",
                             limit=40).frame.dropna(subset=["shrunk"])
        states = connect().execute("""
            SELECT sum(filled) FILTER (applicant_type IN ('us_img', 'non_us_img')), sum(filled) FROM state_fill
            WHERE specialty = 'Neurology' AND entry_level = 'PGY-1' GROUP BY state""").fetchnumpy()
        prior = fit_prior(*(np.asarray(values, float) for values in states.values()))
        own = frame[frame["entry_level"] == "PGY-1"]
        a, b = prior.alpha + own["state_imgs"], prior.beta + own["state_filled"] - own["state_imgs"]
        assert len(own) > 20 and np.allclose(own["shrunk"], a / (a + b))
        assert np.allclose(own["shrunk_low"], beta(a, b).ppf(0.025)) and np.allclose(own["shrunk_high"],
                                                                                     beta(a, b).ppf(0.975))
        weight = 100 / sum(default_weights().values())
        assert np.allclose(own["state_share_low"], weight * own["shrunk_low"])
        raw = friendliness(specialties=["Neurology"], sort="name", limit=40).frame
        assert np.allclose(raw["state_share_high"].iloc[0], weight * raw["share_high"].iloc[0])

    def test_say_how_many_cannot_be_told_from_the_first(self):
        result = friendliness(specialties=["Neurology"], limit=40)
        first, *others = list(zip(result.frame["low"], result.frame["high"]))
        overlapping = sum(low <= first[1] and high >= first[0] for low, high in others)
        assert f"{overlapping} of the other 39 shown cannot be told from it" in result.summary
        assert "of 181 programs" in result.subtitle and "highest low end first" in result.subtitle

    def test_of_a_list_are_those_of_the_list(self):
        keys = friendliness(limit=10).frame["program_key"].tolist()[3:7]
        result = friendliness(keys)
        assert set(result.frame["program_key"]) == set(keys) and "4 of 4 chosen programs" in result.subtitle

    def test_leave_out_what_is_no_evidence_and_say_what_is_missing(self):
        notes = " ".join(friendliness().caveats)
        for text in ("fellowships of the same institution", "size of the hospital", "not 'no H-1B'",
                     "The weights are yours",
                     "Nothing is imported of: J-1 statement", "nothing of this program"):
            assert text in notes

    @pytest.mark.parametrize("asked", ASKED)
    def test_can_be_asked_again_looked_up_and_explained(self, asked):
        result = friendliness(**asked)
        json.dumps(result.question.arguments)
        pd.testing.assert_frame_equal(result.question.ask().frame, result.frame)
        assert set(connect().sql(result.to_sql()).df()["program_key"]) >= set(result.frame["program_key"])
        assert explain(result, 0).facts
        assert {source.publisher for source in result.sources} >= {"NRMP"}

    @pytest.mark.parametrize("asked, text", [
        ({"weights": {"x": 1}}, "unknown kind of evidence"), ({"weights": {"h1b": 11}}, "0 to 10"),
        ({"weights": ONE}, "Nothing is weighed"), ({"sort": "middle"}, "unknown sort"), ({"limit": 5}, "10 to 40"),
        ({"programs": ["x"]}, "unknown program"), ({"programs": []}, "at least one program"),
        ({"specialties": []}, "at least one"),
        ({"states": ["XX"]}, "unknown state"), ({"specialties": ["Nuclear Medicine"], "states": ["WY"]}, "choose more"),
        ({"step2": 100}, "200 to 280"), ({"years_since_graduation": True}, "0 to 20")])
    def test_refuse_with_one_helpful_line(self, asked, text):
        with pytest.raises(UserError) as told:
            friendliness(**asked)
        assert text in str(told.value) and "\n" not in str(told.value)


class TestCharts:
    @pytest.mark.parametrize("asked", ASKED)
    def test_are_drawn_whole_and_in_words(self, asked):
        check(chart.spec(friendliness(**asked)))

    def test_stack_the_known_parts_then_what_is_possible_up_to_the_high_end(self):
        result = friendliness(weights=dict.fromkeys(KINDS, 2), limit=10)
        spec = chart.spec(result)
        pieces = {at: [] for at in range(10)}
        for trace in spec["data"]:
            if trace["mode"] == "lines":
                for a, b, y in zip(trace["x"][::3], trace["x"][1::3], trace["y"][::3]):
                    pieces[y].append((a, b, trace["name"].endswith("possible")))
        for at, row in enumerate(result.frame.itertuples()):
            own = sorted(pieces[at])
            assert own[0][0] == 0 and all(one[1] == pytest.approx(two[0]) for one, two in pairwise(own))
            assert own[-1][1] == pytest.approx(row.high)
            assert max((b for _, b, possible in own if not possible), default=0) == pytest.approx(row.low)

    def test_mark_both_ends_and_tell_every_part_with_its_facts(self):
        result = friendliness(limit=10)
        spec = chart.spec(result)
        low, high = (next(trace for trace in spec["data"] if trace["name"] == f"{end} end") for end in ("low", "high"))
        assert low["x"] == result.frame["low"].tolist() and high["marker"]["symbol"] == "circle-open"
        assert spec["layout"]["hovermode"] == "y" and low["y"] == list(range(10))
        for text, row in zip(low["hovertext"], result.frame.itertuples()):
            assert all(kind.label in text for key, kind in KINDS.items() if f"{key}_low" in result.frame)
            assert range_text(row.low, row.high) in text and "NRMP" in text and "95 % interval" in text or row.share != row.share
        assert has_words(spec, "IMG share of the state, weight 1", "Pale: possible, but not known", "how much evidence")
        assert {trace["line"]["color"] for trace in spec["data"] if trace["mode"] == "lines"} <= {
            shade for kind in KINDS.values() for shade in (kind.colour, chart.pale(kind.colour))}

    def test_have_colours_of_their_own_for_each_kind(self):
        assert len({kind.colour for kind in KINDS.values()}) == len({chart.pale(kind.colour)
                                                                     for kind in KINDS.values()}) == 8


class TestExplorer:
    def test_follows_its_sliders_and_tells_the_same_in_all_views(self):
        explorer = FriendlinessExplorer(specialties=["Neurology"], limit=10)
        explorer.weights.sliders["designated"].value = 4
        assert explorer.selection["weights"]["designated"] == 4
        result = explorer.result
        assert result.question.arguments["weights"]["designated"] == 4 and len(result.frame) == 10
        assert json.loads(explorer.chart.spec)["layout"]["title"] == explorer.figure.to_plotly_json()["layout"]["title"]
        head, *body = Cells(explorer.table.value).rows
        assert [row[0] for row in body] == [", ".join(name_of(row)) for row in result.frame.to_dict("records")]
        assert [row[head.index("Range, points of 100")] for row in body] == list(map(range_text, *(
            result.frame[end] for end in ("low", "high"))))
        assert head.index("The same, shrunk") == head.index("State's IMG share (95 % interval)") + 1
        assert csv_text(result).count("\n") == 11 and "Neurology" in csv_text(result)
        assert result.summary in words(explorer.say) and all(text in words(explorer.footing) for text in result.caveats)

    def test_asks_for_the_applicant_only_where_it_counts(self):
        explorer = FriendlinessExplorer()
        assert explorer.years.disabled and explorer.score.disabled
        explorer.selection = {"weights": {"graduation": 1, "unfilled": 1}}
        assert not explorer.years.disabled and explorer.score.disabled
        assert explorer.selection["weights"] == {key: int(key in ("graduation", "unfilled")) for key in KINDS}

    def test_takes_programs_chosen_elsewhere(self):
        keys = friendliness(limit=10).frame["program_key"].tolist()[:3]
        explorer = FriendlinessExplorer(programs=keys)
        assert explorer.selection["programs"] == keys and len(explorer.result.frame) == 3

    def test_says_why_there_is_nothing_to_draw(self):
        explorer = FriendlinessExplorer()
        explorer.weights.value = dict.fromkeys(KINDS, 0)
        assert explorer.result is None and "Nothing is weighed" in words(explorer.notice) and not visible(explorer.views)
        explorer.selection = {"weights": None}
        assert explorer.result is not None and visible(explorer.views)
        explorer.specialties.value = ()
        assert "Choose at least one specialty" in words(explorer.notice)

    @pytest.mark.parametrize("wanted", [{"weights": {"x": 1}}, {"weights": {"h1b": 99}}, {"weights": 3}, {"limit": 7},
                                        {"sort": "middle"}, {"states": ["XX"]}, {"x": 1}])
    def test_refuses_what_there_is_not_and_keeps_what_was(self, wanted):
        explorer = FriendlinessExplorer()
        before = explorer.selection
        with pytest.raises(UserError):
            explorer.selection = wanted
        assert explorer.selection == before
