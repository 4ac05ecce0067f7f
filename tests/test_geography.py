"""Fill shares by place: tiny facts added by hand, real figures added again from the files, charts and explorers."""

import csv

import numpy as np
import pytest
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from imganalytics.charts import geography as chart
from imganalytics.charts import state_years as years_chart
from imganalytics.errors import UserError
from imganalytics.explorers.geography import GeographyExplorer, StateYearsExplorer
from imganalytics.studies.explain import explain
from imganalytics.studies.geography import COUNTS, LEVELS, QUERY, geography, specialty_options
from imganalytics.studies.state_years import SORTS, WHO, state_years
from imganalytics.warehouse import connect
from tests.chart_checks import check, has_words
from tests.datasets_copy import DATASETS
from tests.explorer_helpers import Cells, visible, words

NEUROLOGY = {"specialties": ["Neurology"], "minimum_filled": 10}
PLACES = [{}, NEUROLOGY, {"level": "census_division"}, {"applicant_types": COUNTS, "entry_level": "Physician"},
          {"level": "census_region", "applicant_types": ["us_img"], "entry_level": "PGY-2", "specialties": ["Neurology"]}]
YEARS = [{}, {"measure": "share"}, {"who": "us_img", "sort": "ratio", "minimum": 50}, {"who": "non_us_img", "measure": "share"}]


def read(name: str) -> list[dict[str, str]]:
    with open(DATASETS / f"{name}.csv", encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


class TestStates:
    def test_are_those_of_the_state_report_and_each_has_a_square_of_its_own(self):
        states = read("states")
        assert {row["state"] for row in states} == {row["state"] for row in read("state_results")} and len(states) == 52
        assert len({(row["tile_row"], row["tile_column"]) for row in states}) == 52

    def test_lie_in_the_regions_and_divisions_of_the_census_bureau(self):
        states = read("states")
        sizes = {}
        for row in states:
            sizes[row["census_region"], row["census_division"]] = sizes.get((row["census_region"], row["census_division"]), 0) + 1
        none = "Puerto Rico (no census region)"
        assert sizes == {("Northeast", "New England"): 6, ("Northeast", "Middle Atlantic"): 3,
                         ("Midwest", "East North Central"): 5, ("Midwest", "West North Central"): 7,
                         ("South", "South Atlantic"): 9, ("South", "East South Central"): 4,
                         ("South", "West South Central"): 4, ("West", "Mountain"): 8, ("West", "Pacific"): 5, (none, none): 1}

    def test_lie_north_and_west_of_each_other_as_on_a_map(self):
        at = {row["state"]: (int(row["tile_row"]), int(row["tile_column"])) for row in read("states")}
        assert at["WA"][0] < at["OR"][0] < at["CA"][0] and at["MN"][0] < at["IA"][0] < at["TX"][0]
        assert at["CA"][1] < at["CO"][1] < at["MO"][1] < at["VA"][1]


class TestTinyFacts:
    def test_are_added_over_specialties_types_and_the_states_of_a_region(self, built):
        cells = {"state": "NY", "name": "New York", "census_region": "Northeast", "census_division": "Middle Atlantic",
                 "tile_row": 1, "tile_column": 1}
        con = built(
            states=[cells, cells | {"state": "NJ", "name": "New Jersey", "tile_column": 2},
                    cells | {"state": "VT", "name": "Vermont", "census_division": "New England", "tile_column": 3}],
            state_results=[{"offered": 10, "filled": 8}, {"specialty": "Synthetic Surgery", "offered": 4, "filled": 4},
                           {"state": "NJ", "offered": 6, "filled": 5}, {"entry_level": "PGY-2", "offered": 2, "filled": 1}],
            state_fill=[{"filled": 3}, {"applicant_type": "non_us_img", "filled": 4},
                        {"specialty": "Synthetic Surgery", "filled": 1}, {"state": "NJ", "filled": 2},
                        {"entry_level": "PGY-2", "filled": 1}])

        def asked(**changed) -> dict[str, tuple]:
            given = {"types": ["us_img"], "specialties": None, "level": "state", "entry_level": "all", "match_year": 2025}
            rows = con.execute(QUERY, given | changed).df().replace({np.nan: None})
            return {row.place: (row.offered, row.filled, row.taken) for row in rows.itertuples()}

        assert asked() == {"All states": (22, 18, 7), "New York": (16, 13, 5), "New Jersey": (6, 5, 2),
                           "Vermont": (None, None, None)}
        assert asked(types=["us_img", "non_us_img"])["New York"] == (16, 13, 9)
        assert asked(specialties=["Synthetic Surgery"])["All states"] == (4, 4, 1)
        assert asked(entry_level="PGY-2")["New York"] == (2, 1, 1)
        assert asked(level="census_division") == {"All states": (22, 18, 7), "Middle Atlantic": (22, 18, 7),
                                                  "New England": (None, None, None)}


class TestRealFigures:
    def test_are_what_the_lines_of_the_report_add_to(self):
        filled, taken = {}, {}
        for row in read("state_results"):
            filled[row["state"]] = filled.get(row["state"], 0) + int(row["filled"])
        for row in read("state_fill"):
            if row["applicant_type"] in ("us_img", "non_us_img"):
                taken[row["state"]] = taken.get(row["state"], 0) + int(row["filled"])
        frame = geography().frame
        assert {row.state: (row.filled, row.taken) for row in frame[~frame["is_country"]].itertuples()} == {
            state: (filled[state], taken[state]) for state in filled}
        assert frame["place"][0] == "All states" and (frame["taken"][0], frame["filled"][0]) == (10_095, 40_764)

    def test_of_all_types_are_all_filled_positions(self):
        frame = geography(COUNTS).frame
        assert (frame["taken"] == frame["filled"]).all() and (frame["share"].dropna() == 1).all()
        assert (frame[list(COUNTS)].sum(axis=1) == frame["filled"]).all()

    @pytest.mark.parametrize("level", LEVELS)
    def test_of_places_add_to_the_country(self, level):
        frame = geography(level=level).frame
        places = frame[~frame["is_country"]]
        assert len(places) == {"state": 52, "census_division": 10, "census_region": 5}[level]
        assert places[["offered", "filled", "taken"]].sum().tolist() == frame.loc[0, ["offered", "filled", "taken"]].tolist()

    def test_have_the_intervals_of_another_implementation(self):
        frame = geography(**NEUROLOGY).frame
        shown = frame[frame["reason"] == ""]
        low, high = proportion_confint(shown["taken"], shown["filled"], method="wilson")
        assert np.allclose(shown["share_low"], low) and np.allclose(shown["share_high"], high)
        assert (shown.loc[shown["filled"] < 30, "reliability"] == "unstable").all()

    def test_say_why_there_is_no_share(self):
        frame = geography(**NEUROLOGY).frame.set_index("state")
        assert frame["reason"][["AK", "AR", "NE", "TX"]].tolist() == [
            "none offered", "fewer than 5 filled", "below your minimum", ""]
        assert frame.loc[frame["reason"] != "", ["share", "share_low", "share_high"]].isna().all().all()
        assert geography(specialties=["Neurology"]).frame.set_index("state")["reason"]["NE"] == ""

    def test_come_with_the_greatest_first_and_the_country_above_them(self):
        shares = geography(**NEUROLOGY).frame.query("reason == ''")["share"]
        assert shares.iloc[1:].is_monotonic_decreasing

    def test_are_never_called_match_rates(self):
        result = geography()
        assert "fill share" in result.caveats[0] and "not a match rate" in result.caveats[0]
        assert "The state's share, not a program's." in result.subtitle and "match rate" not in result.title

    @pytest.mark.parametrize("asked", PLACES)
    def test_can_be_asked_again_and_looked_up(self, asked):
        result = geography(**asked)
        assert result.question.ask().frame.equals(result.frame)
        rows = connect().sql(result.to_sql()).df().set_index("place")
        shown = result.frame.set_index("place")
        assert rows["taken"].reindex(shown.index).astype(float).fillna(-1).tolist() == shown["taken"].fillna(-1).tolist()

    def test_are_explained_by_the_lines_of_the_report(self):
        result = geography(["us_img"], ["Neurology"])
        explanation = explain(result, int(np.flatnonzero(result.frame["state"] == "NY")[0]))
        assert explanation.facts and geography(level="census_region").rows_of is None

    @pytest.mark.parametrize("asked, text", [
        ({"applicant_types": []}, "Choose at least one applicant type"), ({"specialties": []}, "Choose at least one specialty"),
        ({"applicant_types": ["img_all"]}, "unknown applicant type"), ({"level": "county"}, "unknown level of place"),
        ({"entry_level": "PGY-3"}, "unknown entry level"), ({"specialties": ["Magic"]}, "unknown specialty"),
        ({"minimum_filled": 10_000}, "lower the minimum (the most is 4,922, in New York)"), ({"minimum_filled": -1}, "0 or more"),
        ({"specialties": ["Neurological Surgery"], "entry_level": "PGY-2"}, "no position was filled in 2025"),
        ({"specialties": ["Emergency Medicine/Anesthesiology"]}, "choose more specialties or a larger kind of place")])
    def test_refuse_with_one_helpful_line(self, asked, text):
        with pytest.raises(UserError) as told:
            geography(**asked)
        assert text in str(told.value) and "\n" not in str(told.value)


class TestYears:
    def test_add_to_what_the_pages_and_the_report_print(self):
        sums = state_years().frame.groupby("match_year")["positions"].sum()
        assert sums.to_dict() == {2017: 6891, 2021: 7963, 2025: 10_095}
        assert "6,891 in 2017, 7,963 in 2021, 10,095 in 2025" in state_years().summary

    def test_lie_above_the_matches_at_pgy_1_as_the_caveat_says(self, con):
        [(matched,)] = con.execute("""SELECT matched FROM match_rates WHERE match_year = 2017 AND base = 'active'
                                      AND applicant_type = 'img_all' AND specialty = 'All specialties'""").fetchall()
        assert matched == 6591 < 6891 and "above the NRMP's PGY-1 totals" in state_years().caveats[0]

    def test_have_a_share_only_where_the_filled_positions_are_published(self):
        assert state_years().frame.query("match_year < 2025")["filled"].isna().all()
        frame = state_years(measure="share").frame
        assert set(frame["match_year"]) == {2013, 2025} and frame["state"].nunique() == 17
        assert (frame["value"] == frame["positions"] / frame["filled"]).all()

    @pytest.mark.parametrize("who", WHO)
    def test_of_shares_have_the_intervals_of_another_implementation(self, who):
        frame = state_years(who, "share", "name").frame
        one, two = frame[frame["match_year"] == 2013], frame[frame["match_year"] == 2025]
        for (_, a), (_, b) in zip(one.iterrows(), two.iterrows()):
            low, high = confint_proportions_2indep(b["positions"], b["filled"], a["positions"], a["filled"], method="newcomb")
            assert (a["difference_low"], a["difference_high"]) == pytest.approx((low, high))
        low, high = proportion_confint(frame["positions"], frame["filled"], method="wilson")
        assert np.allclose(frame["low"], low) and np.allclose(frame["high"], high)

    def test_parts_make_the_whole(self):
        counts = [state_years(who, sort="name").frame["positions"] for who in ("us_img", "non_us_img", "img_all")]
        assert (counts[0] + counts[1] == counts[2]).all()

    def test_tell_what_is_wrong_with_the_pages(self):
        notes = " ".join(state_years().caveats + state_years(measure="share").caveats)
        assert "page is inconsistent" in notes and "each had 25 % IMGs or more" in notes and "restate" in notes

    @pytest.mark.parametrize("sort", SORTS)
    def test_come_in_the_order_asked_for(self, sort):
        latest = state_years(sort=sort).frame.query("match_year == 2025")
        key = {"last": -latest["positions"], "difference": -latest["difference"], "ratio": -latest["ratio"].fillna(0),
               "name": latest["name"]}[sort]
        assert key.is_monotonic_increasing

    @pytest.mark.parametrize("asked", YEARS)
    def test_can_be_asked_again_and_looked_up(self, asked):
        result = state_years(**asked)
        assert result.question.ask().frame.equals(result.frame)
        assert set(connect().sql(result.to_sql()).df()["state"]) >= set(result.frame["state"])

    @pytest.mark.parametrize("asked, text", [({"who": "x"}, "unknown applicant"), ({"measure": "x"}, "unknown measure"),
                                             ({"sort": "x"}, "unknown sort"), ({"minimum": 9999}, "the most is 1,742")])
    def test_refuse_with_one_helpful_line(self, asked, text):
        with pytest.raises(UserError, match=text):
            state_years(**asked)


class TestCharts:
    @pytest.mark.parametrize("asked", PLACES)
    def test_of_places_are_drawn_whole_and_in_words(self, asked):
        check(chart.spec(geography(**asked)))

    def test_of_states_have_a_square_for_each_with_its_share_interval_and_n(self):
        result = geography(**NEUROLOGY)
        [trace] = chart.spec(result)["data"]
        states = result.frame[~result.frame["is_country"]]
        assert list(zip(trace["x"], trace["y"])) == list(zip(states["tile_column"], states["tile_row"]))
        text = dict(zip(states["state"], trace["text"]))
        assert "<b>NY</b> 25.9 %" in text["NY"] and "19.5 to 33.5" in text["NY"] and "n 147" in text["NY"]
        assert [text[state].split("<br>", 1)[1].replace("<br>", " ").split(">")[1].split("<")[0]
                for state in ("AK", "AR", "NE")] == ["none offered", "too few", "below minimum"]

    def test_colour_squares_by_share_and_leave_them_pale_and_dashed_where_unstable(self):
        result = geography(**NEUROLOGY)
        spec = chart.spec(result)
        states = result.frame[~result.frame["is_country"]]
        colour = dict(zip(states["state"], spec["data"][0]["marker"]["color"]))
        assert colour["NY"] == chart.COLOURS[3] and colour["MA"] == chart.COLOURS[2] and colour["AK"] == chart.NONE
        assert colour["FL"] == chart.PALE[5]  # 48.8 % of 80, an interval of more than 20 points
        dashed = [shape for shape in spec["layout"]["shapes"] if shape["xref"] == "x" and shape["line"]["dash"] == "dash"]
        assert len(dashed) == (states["reliability"] == "unstable").sum()

    def test_explain_the_colours_and_count_the_states_in_each(self):
        spec = chart.spec(geography())
        assert has_words(spec, "0 to under 5 % (1)", "60 % and more (0)", "unstable (5)", "no share (0)", "All states 24.8 %")
        colours = [shape["fillcolor"] for shape in spec["layout"]["shapes"] if shape["xref"] == "paper"]
        assert colours[:7] == list(chart.COLOURS)

    def test_keep_words_readable_on_their_squares(self):
        def light(colour: str) -> float:
            parts = [int(colour[at:at + 2], 16) / 255 for at in (1, 3, 5)]
            return sum(weight * (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4)
                       for weight, part in zip((0.2126, 0.7152, 0.0722), parts))

        looks = [("#1f2933", colour) for colour in (*chart.COLOURS[:chart.DARK], *chart.PALE)]
        for ink, fill in looks + [("#ffffff", colour) for colour in chart.COLOURS[chart.DARK:]]:
            low, high = sorted((light(ink), light(fill)))
            assert (high + 0.05) / (low + 0.05) >= 4.5, fill

    def test_of_divisions_have_dots_with_intervals(self):
        result = geography(level="census_division")
        spec = chart.spec(result)
        [trace] = spec["data"]
        assert trace["x"] == result.frame["share"].tolist() and spec["layout"]["xaxis"]["range"][0] == 0
        assert np.allclose(np.add(trace["x"], trace["error_x"]["array"]), result.frame["share_high"])
        assert has_words(spec, "2,926 of 8,740", "33.5 % (32.5 to 34.5)")

    def test_say_counts_base_and_source_at_each_mark(self):
        text = next(text for text in chart.spec(geography())["data"][0]["hovertext"] if "New York" in text)
        assert "1,742 of 4,922 filled positions" in text and "95 % interval" in text and "not of a program" in text
        assert "Source: NRMP" in text

    @pytest.mark.parametrize("asked", YEARS)
    def test_of_years_are_drawn_whole_and_in_words(self, asked):
        spec = years_chart.spec(state_years(**asked))
        if spec["layout"]["xaxis"].get("type") == "log":  # its range is in powers of ten
            spec["layout"]["xaxis"]["range"] = [10 ** end for end in spec["layout"]["xaxis"]["range"]]
        check(spec)

    @pytest.mark.parametrize("asked", YEARS)
    def test_of_years_have_a_mark_for_each_figure(self, asked):
        frame = state_years(**asked).frame
        joins, *marks = years_chart.spec(state_years(**asked))["data"]
        assert joins["mode"] == "lines" and [trace["name"] for trace in marks] == [str(y) for y in sorted(set(frame["match_year"]))]
        for trace in marks:
            own = frame[frame["match_year"] == int(trace["name"])]
            assert trace["x"] == [value or years_chart.ZERO for value in own["value"]]

    def test_of_years_draw_none_at_the_left_edge_and_say_so(self):
        assert has_words(years_chart.spec(state_years()), "0 stands at the left edge", "+357, +25.8 %", "2017")
        assert not has_words(years_chart.spec(state_years(minimum=50)), "left edge")


class TestExplorers:
    @pytest.mark.parametrize("control, value", [
        ("types", ("us_img",)), ("specialties", ("Neurology", "Psychiatry")), ("level", "census_region"), ("entry", "PGY-2"),
        ("minimum", 100)])
    def test_answer_each_control(self, control, value):
        explorer = GeographyExplorer()
        before = explorer.chart.spec
        getattr(explorer, control).value = value
        assert explorer.chart.spec != before and explorer.result.summary in words(explorer.say)

    def test_show_the_same_as_a_table(self):
        head, first, *rest = Cells(GeographyExplorer().table.value).rows
        assert head == ["State", "Fill share (95 % interval)", "Filled (n)", "US IMG", "Non-US IMG", "Offered", "Unstable"]
        assert first[:4] == ["All states", "24.8 % (24.3 to 25.2)", "40,764", "3,226"] and len(rest) == 52

    def test_take_all_specialties_as_none_named(self):
        explorer = GeographyExplorer(specialties=["Neurology"])
        explorer.selection = {"specialties": None}
        assert explorer.selection["specialties"] is None and len(explorer.specialties.value) == len(specialty_options())

    def test_say_in_words_what_cannot_be_shown(self):
        explorer = GeographyExplorer(specialties=[])
        assert explorer.result is None and visible(explorer.notice) and "Choose at least one specialty" in words(explorer.notice)

    @pytest.mark.parametrize("wanted", [{"level": "x"}, {"applicant_types": ["img_all"]}, {"minimum_filled": 301}, {"x": 1}])
    def test_refuse_what_there_is_not_and_stay_as_they_were(self, wanted):
        explorer = GeographyExplorer()
        before = explorer.selection
        with pytest.raises(UserError):
            explorer.selection = wanted
        assert explorer.selection == before and explorer.result

    @pytest.mark.parametrize("control, value", [("who", "us_img"), ("measure", "share"), ("sort", "ratio"), ("minimum", 100)])
    def test_of_years_answer_each_control(self, control, value):
        explorer = StateYearsExplorer()
        before = explorer.chart.spec
        getattr(explorer, control).value = value
        assert explorer.chart.spec != before and explorer.result.question.arguments[control] == value
        assert Cells(explorer.table.value).rows[0][-1].startswith("Since 20")


def test_a_pressed_tile_is_explained_by_the_state_report():
    shown = GeographyExplorer()
    shown.explained = ("New York",)
    assert "Match Rates by Specialty and State" in str(shown.explanation)
