"""Match rates by year: two series kept apart, broken where the figures change, with gaps where nothing is published."""

import itertools
import json

import pytest
from statsmodels.stats.proportion import proportion_confint

from imganalytics.charts import headline as chart
from imganalytics.charts import marks
from imganalytics.errors import UserError
from imganalytics.explorers.headline import HeadlineExplorer, twin
from imganalytics.studies.breaks import BREAKS, breaks_in, segment
from imganalytics.studies.explain import explain
from imganalytics.studies.headline import SERIES, headline, spans, types_with_series, years_with_rates
from imganalytics.vocabulary import applicant_types
from tests.chart_checks import check, has_words, kind_of
from tests.chart_checks import words as texts
from tests.explorer_helpers import Cells, visible, words

IMGS = ("us_img", "non_us_img")
ASKED = {"usual": {}, "headline": {"series": "active"}, "rank lists": {"series": "rank_lists"},
         "every type": {"applicant_types": tuple(types_with_series()), "series": "active"},
         "both, every type": {"applicant_types": tuple(types_with_series())}, "one year": {"years": (2024, 2024)},
         "few years": {"years": (2012, 2014), "applicant_types": IMGS},
         "not in one panel": {"applicant_types": ("us_md_graduate",), "years": (2023, 2025)}}


@pytest.fixture(params=ASKED)
def result(request):
    return headline(**ASKED[request.param])


def rate(result, series: str, kind: str, year: int) -> tuple[float, float]:
    frame = result.frame
    own = frame[(frame["series"] == series) & (frame["line"] == kind) & (frame["match_year"] == year)]
    return own["matched"].item(), own["applicants"].item()


class TestFigures:
    @pytest.mark.parametrize("series, kind, year, matched, applicants, printed", [
        ("active", "us_img", 2025, 3108, 4587, "67.8"), ("active", "non_us_img", 2025, 6653, 11465, "58.0"),
        ("rank_lists", "us_img", 2025, 3053, 4462, "68.4"), ("rank_lists", "non_us_img", 2025, 6512, 11167, "58.3"),
        ("rank_lists", "us_md_senior", 2006, 13285, 14033, "94.7"), ("active", "us_img", 2013, 2706, 5095, "53.1")])
    def test_walk_back(self, series, kind, year, matched, applicants, printed):
        found = rate(headline(), series, kind, year)
        assert found == (matched, applicants) and f"{100 * matched / applicants:.1f}" == printed

    def test_are_those_of_the_database_with_wilson_intervals(self, result, con):
        for row in result.frame[result.frame["reason"] == ""].itertuples():
            table = ("match_rates WHERE base = 'active' AND specialty = 'All specialties' AND" if row.series == "active"
                     else "(SELECT *, matched + unmatched AS applicants FROM rank_list_results) WHERE")
            assert con.execute(f"SELECT matched, applicants FROM {table} match_year = ? AND applicant_type = ?",
                               [row.match_year, row.applicant_type]).fetchall() == [(row.matched, row.applicants)]
            low, high = proportion_confint(row.matched, row.applicants, method="wilson")
            assert (row.rate_low, row.rate_high) == pytest.approx((low, high), abs=1e-9)

    def test_every_year_of_every_type_is_there_or_says_why_not(self, result):
        frame, asked = result.frame, result.question.arguments
        first, last = asked["years"]
        assert len(frame) == len(frame["series"].unique()) * len(asked["applicant_types"]) * (last - first + 1)
        assert ((frame["reason"] == "") == frame["rate"].notna()).all()
        assert frame.loc[frame["rate"].isna(), ["rate_low", "rate_high"]].isna().all(axis=None)

    def test_a_percentage_printed_without_counts_gets_no_rate(self):
        row = headline(["us_img"], "active", (2022, 2022 + 3)).frame.iloc[0]
        assert (row["match_year"], row["printed_pct"], row["reason"]) == (2022, 61.4, "printed without counts")
        assert row["rate"] != row["rate"]

    def test_do_seniors_bring_the_group_published_before(self):
        frame = headline(["us_do_senior"], "active", (2017, 2021)).frame
        assert frame["applicant_type"].tolist() == ["us_do_students_and_graduates"] * 2 + ["us_do_senior"] * 3
        assert set(frame["line"]) == {"us_do_senior"}
        assert set(headline(["us_do_senior"], "rank_lists", (2017, 2021)).frame["applicant_type"]) == {"us_do_senior"}


class TestBreaks:
    def test_years_across_a_change_are_of_different_pieces(self):
        assert segment("active", "us_img", 2012) < segment("active", "us_img", 2013) < segment("active", "us_img", 2014)
        assert segment("rank_lists", "us_img", 2012) == segment("rank_lists", "us_img", 2014)
        assert segment("active", "us_md_senior", 2012) == segment("active", "us_md_senior", 2019)
        for series, kind in itertools.product(SERIES, applicant_types()):
            assert segment(series, kind, 2019) < segment(series, kind, 2020) == segment(series, kind, 2025)

    def test_are_said_only_where_they_lie_between_the_years_shown(self):
        assert [each.year for each in breaks_in("active", IMGS, 2006, 2025) if each.why] == [2013, 2020]
        assert breaks_in("active", IMGS, 2020, 2025) == breaks_in("active", IMGS, 2014, 2019) == []
        assert [each.year for each in breaks_in("active", ["us_do_senior"], 2018, 2019)] == [2019]
        assert all(each.source_id for each in BREAKS)

    def test_the_sources_that_say_so_are_cited(self):
        assert {"ecfmg_2014", "becker_2020"} <= {source.source_id for source in headline(IMGS, "active").sources}


class TestChart:
    def test_draws_each_rate_once_and_in_the_panel_of_its_series(self, result):
        spec = chart.spec(result)
        check(spec)
        frame = result.frame
        panels = {series: "" if at == 0 else str(at + 1) for at, series in enumerate(frame["series"].unique())}
        drawn = {(place["xaxis"][1:], *each): y for place in spec["data"] for each, y in zip(
            [(kind_of(place), x) for x in place["x"]], place["y"]) if y is not None}
        wanted = {(panels[row.series], row.applicant_type, row.match_year): row.rate
                  for row in frame[frame["reason"] == ""].itertuples()}
        assert drawn == wanted

    def test_no_line_joins_two_pieces_or_crosses_a_gap(self, result):
        for trace in chart.spec(result)["data"]:
            for (x, y), (following, above) in itertools.pairwise(zip(trace["x"], trace["y"])):
                if y is not None and above is not None:
                    place = {"x": "active", "x2": "rank_lists"}.get(trace["xaxis"])
                    series = place if len(result.frame["series"].unique()) == 2 else result.frame["series"].iloc[0]
                    assert following == x + 1
                    assert segment(series, kind_of(trace), x) == segment(series, kind_of(trace), following)

    def test_axes_start_at_0_and_end_at_100_percent(self, result):
        layout = chart.spec(result)["layout"]
        assert all(layout[name]["range"] == [0, 1] for name in layout if name.startswith("yaxis"))

    def test_marks_each_break_with_a_letter_and_says_why(self):
        spec = chart.spec(headline())
        lines = [(shape["xref"], shape["x0"]) for shape in spec["layout"]["shapes"]]
        assert sorted(lines) == [("x", 2013), ("x", 2018.5), ("x", 2019.5), ("x2", 2019.5)]
        assert has_words(spec, "A 2013: these are the counts first published", "B US DO: students and graduates",
                         "C 2020: the first single Match of MD and DO programs")

    def test_names_at_the_ends_do_not_overlap(self, result):
        spec = chart.spec(result)
        for panel in {trace["xaxis"] for trace in spec["data"]}:
            right = spec["layout"][f"xaxis{panel[1:]}"]["domain"][1]
            names = sorted(note["y"] for note in spec["layout"]["annotations"]
                           if note["x"] == pytest.approx(right) and note.get("xshift") == 4)
            assert all(b - a >= chart.LABEL / chart.BODY - 1e-9 for a, b in itertools.pairwise(names))

    def test_says_what_is_not_published(self):
        assert has_words(chart.spec(headline()), "US IMG 2006-2010, 2019-2023")
        assert has_words(chart.spec(headline(["us_md_graduate"], years=(2024, 2025))), "MD grad, all years")

    def test_hover_names_n_base_interval_and_source(self):
        hovers = [text for trace in chart.spec(headline())["data"] for text in trace["hovertext"] if text]
        assert all("95 % interval" in text and "matched of" in text and "Base: " in text and "Source: " in text
                   for text in hovers)

    def test_few_applicants_are_drawn_hollow(self):
        [trace] = chart.spec(headline(["fifth_pathway"], "active", (2012, 2016)))["data"]
        shown = [symbol for symbol, y in zip(trace["marker"]["symbol"], trace["y"]) if y is not None]
        assert shown == ["star-open"] * 5

    def test_figure_is_a_plotly_figure_of_the_same(self):
        assert len(chart.figure(headline()).data) == len(chart.spec(headline())["data"])


class TestResult:
    def test_can_be_asked_again_and_run_as_sql(self, result, con):
        again = result.question.ask()
        assert again.frame.equals(result.frame) and json.dumps(again.question.arguments)
        rows = con.sql(result.to_sql()).df()
        shown = result.frame[result.frame["reason"] == ""]
        assert len(rows[rows["reason"] == ""]) >= len(shown)
        assert set(zip(shown["series"], shown["applicant_type"], shown["match_year"], shown["matched"])) <= set(
            zip(rows["series"], rows["applicant_type"], rows["match_year"], rows["matched"]))

    def test_says_both_series_where_both_are_shown(self):
        assert any("US IMG 67.8 against 68.4 %" in note for note in headline().caveats)
        assert not any("against" in note for note in headline(series="active").caveats)

    @pytest.mark.parametrize("series", SERIES)
    def test_a_row_is_explained(self, series):
        result = headline(IMGS, series, (2024, 2025))
        explained = explain(result, 1)
        assert "2025" in explained.scope + explained.heading + str(explained.facts)
        assert explained.facts

    @pytest.mark.parametrize("wanted, words", [
        ({"applicant_types": ()}, "Choose at least one"), ({"applicant_types": "us_img"}, "Choose at least one"),
        ({"applicant_types": ("martian",)}, "allowed: us_md_senior"), ({"series": "third"}, "allowed: both, active"),
        ({"years": (2025, 2006)}, "a first and a last year"), ({"years": (2006,)}, "a first and a last year"),
        ({"applicant_types": ("us_md_graduate",), "series": "active", "years": (2010, 2015)}, "rates for 2024-2025"),
        ({"applicant_types": ("us_md_graduate",), "series": "rank_lists"}, "Choose another type")])
    def test_what_cannot_be_answered_is_said_in_one_line(self, wanted, words):
        with pytest.raises(UserError, match=words) as error:
            headline(**wanted)
        assert "\n" not in str(error.value)

    def test_spans(self):
        assert spans([2011, 2012, 2013, 2020, 2022, 2023]) == "2011-2013, 2020, 2022-2023" and spans([]) == ""


class TestExplorer:
    def test_starts_with_both_series_of_the_four_types(self):
        explorer = HeadlineExplorer()
        assert explorer.selection["years"] == (2006, 2025) and explorer.result.question.arguments["series"] == "both"
        assert [option["value"] for option in explorer._controls["applicant_types"].options] == types_with_series()
        assert years_with_rates()[0] == 2006

    def test_follows_its_controls_and_says_when_there_is_nothing(self):
        explorer = HeadlineExplorer(series="active", years=(2012, 2018))
        assert explorer.result.question.arguments["years"] == [2012, 2018]
        explorer.selection = {"applicant_types": ("us_md_graduate",)}
        assert explorer.result is None and visible(explorer.notice) and "widen the years" in words(explorer.notice)
        explorer.selection = {"years": (2012, 2025)}
        assert explorer.result is not None and not visible(explorer.notice)
        assert explorer.figure.data

    @pytest.mark.parametrize("bad", [{"years": (1990, 2025)}, {"series": "x"}, {"applicant_types": ("x",)},
                                     {"base": 1}])
    def test_refuses_a_bad_selection_and_keeps_the_good_one(self, bad):
        explorer = HeadlineExplorer()
        before = explorer.selection
        with pytest.raises(UserError):
            explorer.selection = bad
        assert explorer.selection == before

    def test_the_table_has_every_rate_and_the_bare_percentages(self):
        table = twin(headline())
        assert len(table.rows) == 20 and table.columns[0] == "Year" and len(table.columns) == 9
        cells = dict(zip(table.columns, next(row for row in table.rows if row[0] == "2025")))
        assert cells["US IMG, headline rate"] == "67.8 % (66.4 to 69.1)\n3,108 of 4,587"
        assert cells["US IMG, rank list study"].startswith("68.4 % (67.0 to 69.8)")
        cells = dict(zip(table.columns, next(row for row in table.rows if row[0] == "2022")))
        assert cells["US IMG, headline rate"] == "61.4 % printed without both counts"
        assert len(Cells(HeadlineExplorer().table.value).rows) == 21


class TestMarks:
    def test_labels_are_moved_apart_as_little_as_can_be(self):
        assert marks.apart([0.5, 0.1, 0.9], 0.1, 0, 1) == pytest.approx([0.5, 0.1, 0.9])
        assert marks.apart([0.5, 0.5], 0.1, 0, 1) == pytest.approx([0.45, 0.55])
        assert marks.apart([0.5, 0.52, 0.5], 0.1, 0, 1) == pytest.approx([0.5067 - 0.1, 0.5067 + 0.1, 0.5067], abs=1e-3)
        assert marks.apart([0.0, 0.01], 0.1, 0, 1) == pytest.approx([0, 0.1])
        assert marks.apart([], 0.1, 0, 1) == [] and marks.apart([0.99], 0.1, 0, 1) == [0.99]

    def test_too_many_labels_are_spread_evenly(self):
        assert marks.apart([0.5] * 5, 0.4, 0, 1) == pytest.approx([0, 0.25, 0.5, 0.75, 1])

    def test_many_sources_are_named_by_publisher(self):
        line = marks.source_line(headline())
        assert line.startswith("Sources (26") and "NRMP 2019-2025" in line and len(line) < 700
        assert all(len(text) < 2000 for text in texts(chart.spec(headline())))


def test_a_pressed_rate_of_either_series_is_explained_by_its_own_table():
    shown = HeadlineExplorer()
    shown.explained = ("active", "us_img", 2025)
    assert "3,108" in str(shown.explanation) and "By the Numbers" in str(shown.explanation)
    shown.explained = ("rank_lists", "us_img", 2025)
    assert "Length of Rank Order List" in str(shown.explanation)
