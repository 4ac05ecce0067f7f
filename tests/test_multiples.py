"""A panel for each specialty: the rates of competitiveness, the largest first, at most sixteen, on one axis."""

import json

import pytest

from imganalytics.charts import multiples as chart
from imganalytics.errors import UserError
from imganalytics.explorers.multiples import MultiplesExplorer, twin
from imganalytics.studies.competitiveness import competitiveness
from imganalytics.studies.explain import explain
from imganalytics.studies.multiples import MOST, TYPES, USUAL, multiples
from imganalytics.vocabulary import ALL_SPECIALTIES
from tests.chart_checks import check, has_words, kind_of
from tests.explorer_helpers import visible, words

CHOSEN = ("Dermatology", "Internal Medicine", "Pediatrics")
ASKED = {"usual": {}, "chosen": {"specialties": CHOSEN}, "one": {"specialties": ("Neurology",)},
         "2021": {"match_year": 2021}, "2013": {"match_year": 2013},
         "first choice": {"base": "preferred", "match_year": 2026},
         "only choice": {"base": "only_choice", "match_year": 2023}}


@pytest.fixture(params=ASKED)
def result(request):
    return multiples(**ASKED[request.param])


class TestFigures:
    def test_are_those_of_competitiveness(self, result):
        asked = result.question.arguments
        every = competitiveness(TYPES, asked["base"], asked["match_year"]).frame
        every = every.set_index(["specialty", "applicant_type"])
        for row in result.frame.itertuples():
            own = every.loc[(row.specialty, row.applicant_type)]
            assert (own["reason"], own["row_label"]) == (row.reason, row.row_label)
            assert row.reason or (own["matched"], own["applicants"], own["rate"]) == (
                row.matched, row.applicants, row.rate)

    def test_the_largest_come_first_and_the_country_only_when_chosen(self):
        frame = multiples().frame
        total = frame.groupby("specialty", sort=False)["applicants"].sum()
        assert len(total) == USUAL and total.is_monotonic_decreasing and ALL_SPECIALTIES not in total.index
        assert frame["applicant_type"].tolist() == list(TYPES) * USUAL

    def test_the_chosen_are_shown(self):
        assert set(multiples(specialties=CHOSEN).frame["specialty"]) == set(CHOSEN)

    def test_later_starters_carry_the_caveat(self):
        assert any("Dermatology" in note and "start at PGY-2" in note for note in multiples(specialties=CHOSEN).caveats)
        assert not any("start at PGY-2" in note for note in multiples(specialties=("Neurology",)).caveats)


class TestChart:
    def test_draws_each_rate_in_its_panel_and_says_the_others_in_words(self, result):
        spec = chart.spec(result)
        check(spec)
        panels = list(dict.fromkeys(result.frame["place"]))
        drawn = {(panels[int(trace["xaxis"][1:] or 1) - 1], kind_of(trace)): trace["x"] for trace in spec["data"]}
        wanted = {(row.place, row.applicant_type): [] if row.reason else [row.rate]
                  for row in result.frame.itertuples()}
        assert drawn == wanted
        said = [note["text"] for note in spec["layout"]["annotations"] if note["text"].startswith("<i>")]
        assert len(said) == (result.frame["reason"] != "").sum()

    def test_all_panels_share_the_axis_and_do_not_overlap(self, result):
        layout = chart.spec(result)["layout"]
        axes = [name for name in layout if name.startswith("xaxis")]
        assert all(layout[name]["range"] == [0, 1] for name in axes) and len(axes) == result.frame["place"].nunique()
        boxes = [(*layout[name]["domain"], *layout["y" + name[1:]]["domain"]) for name in axes]
        assert all(0 <= left < right <= 1 and 0 <= low < high <= 1 for left, right, low, high in boxes)
        for at, (left, right, low, high) in enumerate(boxes):
            assert not any(left < b and a < right and low < d and c < high for a, b, c, d in boxes[:at])

    def test_says_n_star_and_hollow(self):
        spec = chart.spec(multiples(specialties=CHOSEN))
        assert has_words(spec, "Dermatology *", "withheld: sources disagree", "1,174", "* Most places")
        for trace in spec["data"]:
            for text, symbol in zip(trace["hovertext"], trace["marker"]["symbol"]):
                assert "95 % interval" in text and "matched of" in text and "Base: " in text and "Source: " in text
                assert ("Unstable" in text) == symbol.endswith("-open")


class TestResult:
    def test_can_be_asked_again_and_run_as_sql(self, result, con):
        assert result.question.ask().frame.equals(result.frame) and json.dumps(result.question.arguments)
        assert set(result.frame["specialty"]) <= set(con.sql(result.to_sql()).df()["specialty"])
        assert result.title.endswith("?") and result.sources

    def test_a_row_is_explained(self):
        assert explain(multiples(), 0).heading == "Match rate, US MD senior: Internal Medicine"

    @pytest.mark.parametrize("wanted, words", [
        ({"base": "x"}, "allowed: active"), ({"specialties": ("Alchemy",)}, "unknown specialty"),
        ({"specialties": tuple(f"s{at}" for at in range(MOST + 1))}, "at most 16"),
        ({"match_year": 1999}, "No rate is published"),
        ({"specialties": ("Dermatology",), "match_year": 2013}, "None of the chosen")])
    def test_what_cannot_be_answered_is_said_in_one_line(self, wanted, words):
        with pytest.raises(UserError, match=words) as error:
            multiples(**wanted)
        assert "\n" not in str(error.value)


class TestExplorer:
    def test_offers_the_years_of_the_base(self):
        explorer = MultiplesExplorer()
        assert explorer.year.options[0] == 2013 and explorer.year.value == 2025
        explorer.base.value = "only_choice"
        assert explorer.result is not None and explorer.year.value in explorer.year.options
        explorer.selection = {"base": "ranked_anywhere", "match_year": 2021, "specialties": CHOSEN}
        assert explorer.result.frame["specialty"].nunique() == 3

    def test_too_many_are_said_not_drawn(self):
        explorer = MultiplesExplorer()
        explorer.picked.value = tuple(option["value"] for option in explorer.picked.options[:MOST + 1])
        assert explorer.result is None and visible(explorer.notice) and "at most 16" in words(explorer.notice)
        explorer.picked.value = ()
        assert explorer.result.frame["specialty"].nunique() == USUAL

    @pytest.mark.parametrize("bad", [{"match_year": 1999}, {"base": "active"}, {"specialties": ("x",)}, {"x": 1}])
    def test_refuses_a_bad_selection_and_keeps_the_good_one(self, bad):
        explorer = MultiplesExplorer()
        before = explorer.selection
        with pytest.raises(UserError):
            explorer.selection = bad
        assert explorer.selection == before

    def test_the_table_has_a_row_for_each_panel(self, result):
        table = twin(result)
        assert len(table.rows) == result.frame["place"].nunique() and all(len(row) == 5 for row in table.rows)
