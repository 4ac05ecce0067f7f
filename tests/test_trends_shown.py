"""Trends on the screen: charts read back number by number, and explorers turned without a browser."""

import re

import pytest

from imganalytics.charts import trend_changes as changes_chart
from imganalytics.charts import trends as lines_chart
from imganalytics.errors import UserError
from imganalytics.explorers.trends import TrendChangesExplorer, TrendsExplorer
from imganalytics.studies import trend_facts as facts
from imganalytics.studies.trend_changes import trend_changes
from imganalytics.studies.trends import trends
from tests.chart_checks import check, has_words
from tests.explorer_helpers import Cells, visible, words

SURGERY = {"measure": "unfilled_share", "specialties": ["Internal Medicine", "Surgery-General"], "track": "each"}
LINES = [{}, SURGERY, {"measure": "fill_us_do", "specialties": ["Pediatrics"], "years": (2013, 2025)},
         {"measure": "fill_img", "years": (2013, 2026)}, {"years": (2016, 2016)},
         {"measure": "filled_share", "specialties": ["All specialties"], "years": (2014, 2026)}]
CHANGES = [{}, {"measure": "filled_share"}, {"minimum": 0, "track": "each"}, {"measure": "unfilled", "minimum": 0},
           {"measure": "fill_img", "first_year": 2022, "minimum": 0}]


class TestLines:
    @pytest.mark.parametrize("asked", LINES)
    def test_are_drawn_whole_and_in_words(self, asked):
        check(lines_chart.spec(trends(**asked)))

    @pytest.mark.parametrize("asked", LINES)
    def test_stand_at_the_figures_of_the_frame(self, asked):
        result = trends(**asked)
        shown = result.frame[result.frame["reason"] == ""]
        data = lines_chart.spec(result)["data"]
        drawn = [(trace["name"], x, y) for trace in data for x, y in zip(trace["x"], trace["y"]) if x is not None]
        assert drawn == list(zip(shown["row_label"], shown["match_year"], shown["value"]))

    def test_have_a_gap_between_two_segments_and_nowhere_else(self):
        result = trends("fill_us_do", ["Pediatrics"], (2013, 2024))
        [trace] = lines_chart.spec(result)["data"]
        assert trace["x"] == [2014, 2015, 2016, 2017, 2018, None, 2019, None, *range(2020, 2025)]
        assert [y is None for y in trace["y"]] == [x is None for x in trace["x"]]

    def test_say_why_they_break(self):
        spec = lines_chart.spec(trends("fill_us_do", ["Pediatrics"], (2013, 2025)))
        assert has_words(spec, "from 2019 DO seniors only", "from 2020 one Match", "2013 as first published")
        uprights = [shape["x0"] for shape in spec["layout"]["shapes"] if shape["x0"] == shape["x1"]]
        low, high = spec["layout"]["xaxis"]["range"]
        assert [low + x * (high - low) for x in uprights] == pytest.approx([2019.5, 2018.5, 2013.5])
        assert not has_words(lines_chart.spec(trends(years=(2020, 2025))), "one Match")

    def test_have_intervals_for_shares_and_none_for_counts(self):
        result = trends("filled_share", ["Pediatrics"])
        [trace] = lines_chart.spec(result)["data"]
        ends = [(y + up, y - down) for y, up, down in zip(trace["y"], trace["error_y"]["array"],
                                                          trace["error_y"]["arrayminus"]) if y is not None]
        assert ends == [pytest.approx(pair) for pair in zip(result.frame["high"], result.frame["low"])]
        assert not any("error_y" in trace for trace in lines_chart.spec(trends())["data"])

    def test_are_hollow_where_unstable(self):
        result = trends(**SURGERY | {"specialties": ["Surgery-General"]})
        shown = result.frame[result.frame["reason"] == ""]
        hollow = [symbol.endswith("-open") for trace in lines_chart.spec(result)["data"]
                  for symbol, x in zip(trace["marker"]["symbol"], trace["x"]) if x is not None]
        assert hollow == (shown["reliability"] == "unstable").tolist() and any(hollow) and not all(hollow)

    def test_tell_count_base_interval_and_source(self):
        result = trends("fill_img", ["Internal Medicine"], (2025, 2025))
        [[text]] = [trace["hovertext"] for trace in lines_chart.spec(result)["data"]]
        assert "4,718 of 10,584 positions filled at the Match" in text and "44.6 % (95 % interval 43.6 % to 45.5 %)" in text
        assert "Source: NRMP" in text and "Internal Medicine</b>, 2025" in text

    @pytest.mark.parametrize("asked", LINES)
    def test_have_names_that_do_not_overlap(self, asked):
        layout = lines_chart.spec(trends(**asked))["layout"]
        names = [note for note in layout["annotations"] if note["x"] == 1.02]
        heights = sorted(note["y"] * lines_chart.PLOT for note in names)
        assert len(names) == len(lines_chart.spec(trends(**asked))["data"])
        assert all(b - a >= lines_chart.APART - 1e-6 for a, b in zip(heights, heights[1:]))
        assert 0 <= heights[0] and heights[-1] <= lines_chart.PLOT

    def test_say_the_last_year_when_it_is_an_earlier_one(self):
        assert has_words(lines_chart.spec(trends("fill_img", ["Pediatrics"], (2020, 2025))), "Pediatrics 20.1 % in 2022")

    def test_start_at_zero(self):
        for asked in LINES:
            axis = lines_chart.spec(trends(**asked))["layout"]["yaxis"]
            assert axis["range"][0] == 0 == axis["tickvals"][0] and len(axis["ticktext"]) == len(axis["tickvals"])


class TestChanges:
    @pytest.mark.parametrize("asked", CHANGES)
    def test_are_drawn_whole_and_in_words(self, asked):
        spec = changes_chart.spec(trend_changes(**asked))
        layout = spec["layout"]
        if layout["xaxis"].get("type") == "log":  # its range is in powers of ten
            layout["xaxis"]["range"] = [10 ** end for end in layout["xaxis"]["range"]]
        check(spec)

    @pytest.mark.parametrize("asked", CHANGES)
    def test_stand_at_the_figures_of_the_frame(self, asked):
        result = trend_changes(**asked)
        [trace] = changes_chart.spec(result)["data"]
        shown = result.frame[result.frame["reason"] == ""]
        name = "difference" if facts.MEASURES[result.question.arguments["measure"]].is_share else "ratio"
        assert list(zip(trace["x"], trace["y"])) == list(zip(shown[name], shown.index))
        assert [symbol.endswith("-open") for symbol in trace["marker"]["symbol"]] == (shown["reliability"] == "unstable").tolist()

    @pytest.mark.parametrize("asked", CHANGES)
    def test_show_both_years_and_say_why_there_is_no_change(self, asked):
        result = trend_changes(**asked)
        reasons = [reason for reason in result.frame["reason"] if reason]
        assert has_words(changes_chart.spec(result), str(result.question.arguments["first_year"]),
                         str(result.question.arguments["last_year"]), *reasons)

    def test_tell_both_figures_and_their_sources(self):
        [trace] = changes_chart.spec(trend_changes("filled_share"))["data"]
        text = next(text for text in trace["hovertext"] if "Family Medicine" in text)
        assert "2014: 95.8 % (95.0 to 96.4, 2,977 of 3,109)" in text and "2025: 85.0 % (84.0 to 85.9, 4,552 of 5,357)" in text
        assert "Source: NRMP" in text and "positions offered in the Match" in text

    @pytest.mark.parametrize("ratios", [[1.01, 1.02], [0.01, 100], [0.5], [65, 0.2], [1.0]])
    def test_have_an_axis_that_holds_them_with_ticks_apart(self, ratios):
        axis = changes_chart._ratios(ratios)
        low, high = (10 ** end for end in axis["range"])
        assert low < min(ratios) and max(ratios) < high and 1 in axis["tickvals"]
        assert all(low <= tick <= high for tick in axis["tickvals"])
        assert len(axis["ticktext"]) == len(axis["tickvals"]) <= 9


def table(explorer) -> list[list[str]]:
    return Cells(explorer.table.value).rows


class TestTrendsExplorer:
    def test_starts_with_a_chart_a_table_and_a_sentence(self):
        explorer = TrendsExplorer()
        assert len(explorer.figure.data) == 4 and explorer.result.summary in words(explorer.say)
        head, *body = table(explorer)
        assert head == ["Year", "Family Medicine", "Internal Medicine", "Pediatrics", "Psychiatry"]
        assert body[0] == ["2014", "3,109", "6,524", "2,640", "1,322"] and len(body) == 12

    @pytest.mark.parametrize("control, value", [
        ("measure", "filled_share"), ("specialties", ("Neurology",)), ("years", (2016, 2020)), ("track", "all_pgy1")])
    def test_answers_each_control(self, control, value):
        explorer = TrendsExplorer()
        before = explorer.chart.spec
        getattr(explorer, control).value = value
        asked = explorer.result.question.arguments[control]
        assert (tuple(asked) if isinstance(asked, list) else asked) == value and explorer.chart.spec != before

    @pytest.mark.parametrize("measure", facts.MEASURES)
    def test_has_something_to_show_for_each_measure(self, measure):
        explorer = TrendsExplorer(measure=measure)
        assert explorer.result and facts.MEASURES[measure].meaning in words(explorer.meaning)

    def test_offers_only_tracks_that_the_specialties_have(self):
        explorer = TrendsExplorer(specialties=["Family Medicine"])
        assert "preliminary" not in dict(map(reversed, explorer.track.options))
        explorer.selection = {"specialties": ["Internal Medicine"], "track": "preliminary"}
        assert explorer.result.frame["choice"].eq("preliminary").all()
        explorer.specialties.value = ("Family Medicine",)  # has none: back to the main track
        assert explorer.track.value == "main" and explorer.result

    def test_says_in_words_what_cannot_be_shown(self):
        explorer = TrendsExplorer(specialties=[])
        assert explorer.result is None and visible(explorer.notice) and not visible(explorer.views)
        assert "Choose one to 6 specialties" in words(explorer.notice)
        explorer.selection = {"specialties": ["Psychiatry"]}
        assert explorer.result and visible(explorer.views)

    @pytest.mark.parametrize("wanted", [{"measure": "x"}, {"years": [2000, 2020]}, {"specialties": ["x"]}, {"track": "x"}, {"x": 1}])
    def test_refuses_what_there_is_not_and_stays_as_it_was(self, wanted):
        explorer = TrendsExplorer()
        before = explorer.selection
        with pytest.raises(UserError):
            explorer.selection = wanted
        assert explorer.selection == before and explorer.result


class TestChangesExplorer:
    def test_starts_with_a_chart_a_table_and_a_sentence(self):
        explorer = TrendChangesExplorer()
        assert explorer.figure.data and explorer.result.summary in words(explorer.say)
        head, first, *_ = table(explorer)
        assert head == ["Specialty", "2014", "2025", "Change", "Unstable"]
        assert first[:4] == ["All specialties", "29,671", "43,237", "+13,566, +45.7 %"]

    def test_offers_no_year_before_the_first(self):
        explorer = TrendChangesExplorer()
        for year in list(explorer.first.options):
            explorer.first.value = year
            assert min(explorer.last.options) > year and explorer.result, year
            explorer.last.value = min(explorer.last.options)
            assert explorer.result.question.arguments["last_year"] == explorer.last.value

    @pytest.mark.parametrize("measure", facts.MEASURES)
    @pytest.mark.parametrize("track", ["main", "each", "all_pgy1"])
    def test_offers_only_years_that_can_be_compared(self, measure, track):
        explorer = TrendChangesExplorer(measure=measure, track=track)
        assert explorer.result or explorer.first.disabled or "lower the minimum" in words(explorer.notice)

    def test_says_when_nothing_is_left(self):
        explorer = TrendChangesExplorer(measure="unfilled", minimum=500)
        explorer.selection = {"track": "primary_care"}
        assert explorer.result is None and re.search("lower the minimum", words(explorer.notice))

    @pytest.mark.parametrize("wanted", [{"first_year": 1999}, {"minimum": 501}, {"sort": "x"}, {"last_year": 2014}])
    def test_refuses_what_there_is_not_and_stays_as_it_was(self, wanted):
        explorer = TrendChangesExplorer()
        before = explorer.selection
        with pytest.raises(UserError):
            explorer.selection = wanted
        assert explorer.selection == before and explorer.result
