"""What a chart draws, read back from the figure: every number of the Result, and nothing that is not in it."""

import dataclasses
import re
from functools import cache
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import pytest
from plotly.colors import qualitative

from imganalytics.charts import competitiveness as chart
from imganalytics.charts import coverage as coverage_chart
from imganalytics.charts import reading as reading_chart
from imganalytics.result import Result
from imganalytics.studies.competitiveness import SORTS, competitiveness
from imganalytics.studies.coverage import coverage, types_with_rates
from imganalytics.studies.reading import reading
from imganalytics.vocabulary import BASES, applicant_types

IMGS = ("us_img", "non_us_img")
FOUR = ("us_md_senior", "us_do_senior", "us_img", "non_us_img")
ASKED: dict[str, dict[str, Any]] = {
    "two types": {}, "four types with difference": {"applicant_types": FOUR, "sort": "difference"},
    "one type": {"applicant_types": ("us_img",)}, "whole country": {"base": "active", "sort": "applicants"},
    "one type without figures": {"base": "preferred", "match_year": 2026, "sort_type": "non_us_img"},
    "all tracks": {"all_tracks": True}, "minimum": {"minimum_applicants": 100},
    "places": {"sort": "positions_per_applicant", "applicant_types": ("non_us_img", "us_do_senior")}}


@cache
def answer(name: str) -> Result:
    return competitiveness(**ASKED[name])


@cache
def drawn(name: str) -> go.Figure:
    return chart.figure(answer(name))


@pytest.fixture(params=ASKED)
def name(request) -> str:
    return request.param


def kinds(name: str) -> list[Any]:
    return [applicant_types()[key] for key in answer(name).question.arguments["applicant_types"]]


def rows(name: str) -> list[list[dict[str, Any]]]:
    """The figures of the Result by row of the chart."""
    records, many = answer(name).frame.to_dict("records"), len(kinds(name))
    return [records[start:start + many] for start in range(0, len(records), many)]


def shown(name: str, key: str) -> list[tuple[int, dict[str, Any]]]:
    """Row of the chart and figure, for each figure of a type that has a number."""
    return [(y, cell) for y, cells in enumerate(rows(name)) for cell in cells
            if cell["applicant_type"] == key and cell["reason"] == ""]


def trace(figure: go.Figure, label: str) -> Any:
    (found,) = [trace for trace in figure.data if trace.name == label and trace.visible is True]
    return found


def notes(figure: go.Figure, **look: Any) -> list[list[str]]:
    """The lines of each annotation that looks so, from left to right."""
    found = [note for note in figure.layout.annotations if all(note[name] == value for name, value in look.items())]
    return [note.text.split("<br>") for note in sorted(found, key=lambda note: note.x)]


def names(figure: go.Figure) -> list[str]:
    """The names of the rows, from the top."""
    (lines,) = notes(figure, xanchor="right", yanchor="top")
    return [line for line in lines if line.strip()]


def gaps(figure: go.Figure) -> list[str]:
    """The words in place of numbers: one for each row and type, blank where there is a number."""
    (lines,) = notes(figure, xanchor="left", yanchor="top", x=0)
    return [re.sub("<[^>]+>", "", line).strip() for line in lines]


def columns(figure: go.Figure) -> list[list[str]]:
    """The columns of numbers from left to right, each from the top."""
    return [[line for line in lines if line.strip()] for lines in notes(figure, xanchor="center", yanchor="top")]


def written(figure: go.Figure) -> str:
    """All text around the marks, as one."""
    texts = [figure.layout.title.text, *(note.text for note in figure.layout.annotations)]
    return " ".join(texts).replace("<br>", " ")


def effective(figure: go.Figure, axis: str, property_: str) -> Any:
    """A property of an axis, from the template when the figure does not say."""
    own = figure.layout[axis][property_]
    return own if own is not None else figure.layout.template.layout[axis[:5]][property_]


class TestMarks:
    def test_are_drawn_in_a_trace_for_each_type(self, name):
        assert [trace.name for trace in drawn(name).data] == [kind.label for kind in kinds(name)]

    def test_stand_at_the_rates_in_the_rows_of_the_frame(self, name):
        for kind in kinds(name):
            marks, expected = trace(drawn(name), kind.label), shown(name, kind.key)
            assert list(marks.x) == [cell["rate"] for _, cell in expected]
            assert [round(y) for y in marks.y] == [y for y, _ in expected]

    def test_of_types_lie_below_each_other_in_a_row(self, name):
        marks = [trace(drawn(name), kind.label).y for kind in kinds(name)]
        offsets = [{round(y - round(y), 6) for y in ys} for ys in marks if ys]
        assert all(len(offset) == 1 for offset in offsets)
        in_order = [offset.pop() for offset in offsets]
        assert in_order == sorted(set(in_order)) and max(map(abs, in_order)) < 0.5

    def test_have_error_bars_that_end_at_the_interval(self, name):
        for kind in kinds(name):
            marks, expected = trace(drawn(name), kind.label), shown(name, kind.key)
            assert [x + up for x, up in zip(marks.x, marks.error_x.array)] == pytest.approx(
                [cell["rate_high"] for _, cell in expected])
            assert [x - down for x, down in zip(marks.x, marks.error_x.arrayminus)] == pytest.approx(
                [cell["rate_low"] for _, cell in expected])
            assert marks.error_x.symmetric is False

    def test_wear_the_colour_and_symbol_of_their_type(self, name):
        for kind in kinds(name):
            marks = trace(drawn(name), kind.label)
            assert marks.marker.color == marks.marker.line.color == marks.error_x.color == kind.colour
            assert {symbol.removesuffix("-open") for symbol in marks.marker.symbol} <= {kind.symbol}

    def test_are_hollow_where_unstable_and_nowhere_else(self, name):
        for kind in kinds(name):
            hollow = [symbol.endswith("-open") for symbol in trace(drawn(name), kind.label).marker.symbol]
            assert hollow == [cell["reliability"] == "unstable" for _, cell in shown(name, kind.key)]

    def test_are_both_hollow_and_filled_in_these_charts(self):
        marks = trace(drawn("two types"), "US IMG")
        assert {symbol for symbol in marks.marker.symbol} == {"diamond", "diamond-open"}

    def test_tell_their_counts_interval_base_and_source(self, name):
        result = answer(name)
        sources = {source.source_id: source for source in result.sources}
        for kind in kinds(name):
            marks, expected = trace(drawn(name), kind.label), shown(name, kind.key)
            assert len(marks.hovertext) == len(expected)
            for text, (_, cell) in zip(marks.hovertext, expected):
                text = text.replace("<br>", " ")
                low, rate, high = (f"{100 * cell[key]:.1f} %" for key in ("rate_low", "rate", "rate_high"))
                assert f"{cell['row_label'].replace('&', '&amp;')}</b>, {kind.label}" in text
                assert f"{rate} (95 % interval {low} to {high})" in text
                assert f"{cell['matched']:,.0f} matched of {cell['applicants']:,.0f}" in text
                assert f"Base: {BASES[result.question.arguments['base']].denominator}" in text
                assert f"Source: {sources[cell['source_id']].citation}" in text
                assert cell["locator"] in text
                assert ("Unstable" in text) == (cell["reliability"] == "unstable")
                assert ("Corrected" in text) == isinstance(cell["corrections"], str)


class TestGaps:
    def test_are_said_in_place_and_have_no_mark(self, name):
        several = len(kinds(name)) > 1
        assert gaps(drawn(name)) == [
            "" if cell["reason"] in ("", "below your minimum") else
            f"{applicant_types()[cell['applicant_type']].short_label}: {cell['reason']}" if several else cell["reason"]
            for cells in rows(name) for cell in cells]
        marks = sum(len(trace.x) for trace in drawn(name).data)
        assert marks == sum(cell["reason"] == "" for cells in rows(name) for cell in cells)

    def test_are_in_these_charts_of_every_kind(self):
        words = " ".join(text for name in ASKED for text in gaps(drawn(name)))
        for reason in ("not published", "withheld: sources disagree", "no applicants", "fewer than 5 applicants"):
            assert reason in words


class TestNumbers:
    def test_show_n_of_every_figure_under_the_head_of_its_type(self, name):
        heads = ["<br>".join(lines) for lines in notes(drawn(name), yanchor="bottom")]
        for at, kind in enumerate(kinds(name)):
            assert kind.short_label in heads[at] and kind.colour in heads[at] and heads[at].endswith("n</b>")
            assert columns(drawn(name))[at] == [
                "–" if pd.isna(cells[at]["applicants"]) else f"{cells[at]['applicants']:,.0f}" for cells in rows(name)]

    def test_show_the_difference_with_its_interval(self):
        found = columns(drawn("four types with difference"))[4]
        assert found[0] == "+61.1 (+52.9 to +67.6)"
        assert found == ["–" if pd.isna(cells[0]["difference"]) else "{:+.1f} ({:+.1f} to {:+.1f})".format(
            *(100 * cells[0][name] for name in ("difference", "difference_low", "difference_high"))).replace("-", "\u2212")
            for cells in rows("four types with difference")]
        assert any(text.startswith("\u2212") for text in found) and "–" in found

    def test_show_places_per_applicant_when_sorted_by_them(self):
        assert columns(drawn("places"))[2] == [
            "–" if pd.isna(ratio := cells[0]["positions_per_applicant"]) else f"{ratio:.2f}" for cells in rows("places")]
        assert len(columns(drawn("two types"))) == 2

    def test_stand_in_the_lines_of_their_rows(self, name):
        """A row has a line for each type; names and numbers are one text each, and keep step by their lines."""
        lines = len(rows(name)) * len(kinds(name))
        every = [*notes(drawn(name), xanchor="right"), *notes(drawn(name), xanchor="center", yanchor="top")]
        for texts in every:
            assert [at for at, text in enumerate(texts) if text.strip()] == [*range(0, lines, len(kinds(name)))]
        assert len(gaps(drawn(name))) == lines


class TestFrame:
    def test_rate_axis_runs_from_none_to_all(self, name):
        axis = drawn(name).layout.xaxis
        assert (axis.range, axis.tickformat, axis.title.text) == ((0, 1), ".0%", "Matched")

    def test_labels_are_level(self, name):
        assert [effective(drawn(name), axis, "tickangle") for axis in ("xaxis", "yaxis")] == [0, 0]
        assert not any(note.textangle for note in drawn(name).layout.annotations)

    def test_rows_are_named_from_the_top(self, name):
        axis = drawn(name).layout.yaxis
        labels = [cells[0]["row_label"].replace("&", "&amp;") for cells in rows(name)]
        assert axis.range == (len(labels) - 0.5, -0.5)
        assert len(names(drawn(name))) == len(set(names(drawn(name)))) == len(labels)
        for label, text in zip(labels, names(drawn(name))):
            assert label.startswith(re.sub("</?b>", "", text).removesuffix("…"))
            assert ("<b>" in text) == (label == "All specialties")

    def test_words_around_name_question_base_year_n_source_and_that_we_are_not_the_nrmp(self, name):
        result, text = answer(name), written(drawn(name))
        assert drawn(name).layout.title.text.startswith("<b>How often did ")
        for part in (result.title, result.subtitle, result.source_line):
            assert part.replace("&", "&amp;") in text
        assert f"Base: {BASES[result.question.arguments['base']].denominator}" in text and "n = " in text
        assert "not affiliated with the NRMP" in text
        assert drawn(name).layout.meta["summary"] == result.summary

    def test_grows_with_its_rows_and_its_types(self):
        heights = [drawn(name).layout.height for name in ("whole country", "one type", "two types", "all tracks")]
        assert heights == sorted(set(heights))

    @pytest.mark.parametrize("sort", SORTS)
    def test_leaves_room_for_the_rates_beside_every_type_there_is(self, sort):
        figure = chart.figure(competitiveness(types_with_rates(), sort=sort))
        left, right = figure.layout.xaxis.domain
        inner = figure.layout.width - figure.layout.margin.l - figure.layout.margin.r
        assert (right - left) * inner >= 120
        centres = [note.x for note in figure.layout.annotations if note.yanchor == "bottom"]
        assert right < min(centres) and max(centres) < 1
        assert (min(abs(one - other) for one, other in zip(centres, centres[1:]))) * inner > 60

    def test_draws_every_type_that_a_result_can_hold(self):
        types = ["us_md_senior", "us_md_graduate", "us_do_senior", "us_do_graduate", *IMGS, "all",
                 "fifth_pathway_and_canadian"]
        figure = chart.figure(competitiveness(types, "active"))
        assert {trace.name for trace in figure.data if trace.mode == "markers" and trace.x} == {
            applicant_types()[key].label for key in types}

    def test_without_any_row_is_empty_but_whole(self):
        figure = chart.figure(competitiveness(minimum_applicants=100_000))
        assert [trace.name for trace in figure.data] == ["US IMG", "Non-US IMG"]
        assert not any(trace.x for trace in figure.data) and "n = 0" in written(figure)


def every_figure() -> list[go.Figure]:
    return [*map(drawn, ASKED), coverage_chart.figure(coverage()), reading_chart.figure(reading())]


class TestHouseStyle:
    def test_has_no_colour_of_plotlys_own(self):
        own = {colour.lower() for colour in (*qualitative.Plotly, "#E5ECF6", "#2a3f5f")}
        for figure in every_figure():
            used = set(re.findall("#[0-9a-f]{6}", figure.to_json().lower()))
            assert used and not used & own

    def test_fetches_nothing(self):
        for figure in every_figure():
            assert not re.search(r"https?:|//cdn|mapbox|topojson|\bgeo\b", figure.to_json())

    @pytest.mark.parametrize("field", ["title", "subtitle"])
    def test_takes_no_markup_from_a_sentence(self, field):
        figure = chart.figure(dataclasses.replace(answer("two types"), **{field: "1 < 2 & <b>bold</b>"}))
        assert "1 &lt; 2 &amp; &lt;b&gt;bold&lt;/b&gt;" in figure.layout.title.text

    def test_takes_no_markup_from_a_source(self):
        result = answer("two types")
        figure = chart.figure(dataclasses.replace(result, sources=tuple(
            dataclasses.replace(source, title="<i>Results & Data</i>") for source in result.sources)))
        for text in (written(figure), trace(figure, "US IMG").hovertext[0].replace("<br>", " ")):
            assert "&lt;i&gt;Results &amp; Data&lt;/i&gt;" in text and "<i>Results" not in text

    @pytest.mark.parametrize("label, escaped", [
        ("<b>Loud</b> & more", "&lt;b&gt;Loud&lt;/b&gt; &amp; more"),
        ("Obstetrics & Gynecology <&>", "Obstetrics &amp; Gynecology &lt;&amp;&gt;")])
    def test_takes_no_markup_from_a_label(self, label, escaped):
        result = answer("two types")
        figure = chart.figure(dataclasses.replace(result, frame=result.frame.assign(row_label=label)))
        assert set(names(figure)) == {escaped}
        assert f"<b>{escaped}</b>" in trace(figure, "US IMG").hovertext[0]

    def test_shortens_a_label_by_what_is_read_not_by_its_markup(self):
        result = answer("two types")
        label = "Obstetrics, Gynecology & <Other> Things"
        figure = chart.figure(dataclasses.replace(result, frame=result.frame.assign(row_label=label)))
        assert names(figure)[0] == "Obstetrics, Gynecology &amp; &lt;Oth…"


class TestCoverageChart:
    def test_marks_each_figure_of_the_frame_once_in_the_look_of_its_type(self):
        result = coverage()
        figure = coverage_chart.figure(result)
        what = list(figure.layout.yaxis.ticktext)
        marks = {(what[round(y)], x, trace.name) for trace in figure.data for x, y in zip(trace.x, trace.y)}
        assert marks == set(zip(result.frame["what"], result.frame["match_year"], result.frame["type_label"]))
        assert sum(len(trace.x) for trace in figure.data) == len(result.frame)
        looks = {kind.label: (kind.colour, kind.symbol) for kind in applicant_types().values()}
        assert all((trace.marker.color, trace.marker.symbol) == looks[trace.name] for trace in figure.data)

    def test_keeps_the_types_of_a_row_apart(self):
        offsets = [{round(y - round(y), 6) for y in trace.y} for trace in coverage_chart.figure(coverage()).data]
        assert all(len(offset) == 1 for offset in offsets) and len(set.union(*offsets)) == len(offsets)

    def test_says_the_count_behind_a_mark(self):
        result = coverage()
        parts = ("what", "match_year", "type_label", "figures")
        assert {text for trace in coverage_chart.figure(result).data for text in trace.hovertext} == {
            f"<b>{what}</b>, {year}<br>{label}: {count:,} figures"
            for what, year, label, count in zip(*(result.frame[part] for part in parts))}

    def test_covers_all_years_with_level_labels_title_and_legend(self):
        result = coverage()
        figure = coverage_chart.figure(result)
        low, high = figure.layout.xaxis.range
        assert low < result.frame["match_year"].min() and high > result.frame["match_year"].max()
        assert [effective(figure, axis, "tickangle") for axis in ("xaxis", "yaxis")] == [0, 0]
        assert result.title in written(figure) and result.subtitle in written(figure)
        assert figure.layout.showlegend is True


class TestReadingChart:
    @pytest.mark.parametrize("applicants, matched, symbol, texts", [
        (20, 0, "circle-open", ["0.0%", "<b>0.0%</b>", "16.1%"]),
        (263, 81, "circle", ["25.5%", "<b>30.8%</b>", "36.6%"])])  # Newcombe 1998, Stat Med 17:857-872
    def test_shows_the_rate_and_both_limits(self, applicants, matched, symbol, texts):
        result = reading(applicants, matched)
        figure = reading_chart.figure(result)
        mark, limits = figure.data
        row = result.frame.iloc[0]
        assert (list(mark.x), mark.marker.symbol) == ([matched / applicants], symbol)
        assert list(limits.text) == texts and list(limits.x) == [row["rate_low"], row["rate"], row["rate_high"]]
        assert mark.error_x.array[0] == row["rate_high"] - row["rate"]
        assert mark.error_x.arrayminus[0] == row["rate"] - row["rate_low"]
        assert figure.layout.xaxis.range == (0, 1)
        assert f"{matched:,} of {applicants:,} matched" in written(figure) and "not a published figure" in written(figure)
