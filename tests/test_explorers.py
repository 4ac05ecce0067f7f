"""Table twin and CSV file of the competitiveness explorer, the rate reader and the coverage view, without a browser."""

import re

import pytest

from imganalytics.errors import UserError
from imganalytics.explorers.competitiveness import CompetitivenessExplorer
from imganalytics.explorers.coverage import CoverageView
from imganalytics.explorers.reading import SIZES, RateReader
from imganalytics.export.csv_file import csv_text
from imganalytics.studies import coverage
from tests.explorer_helpers import IMGS, Cells, texts, words


@pytest.fixture
def explorer() -> CompetitivenessExplorer:
    return CompetitivenessExplorer()


class TestTableTwin:
    @pytest.mark.parametrize("selection", [
        {}, {"sort": "positions_per_applicant"}, {"sort": "difference"}, {"base": "preferred"}, {"base": "active"},
        {"all_tracks": True, "minimum_applicants": 100, "applicant_types": ["us_md_senior", *IMGS]}])
    def test_has_the_rows_of_the_chart_in_their_order_with_every_number(self, explorer, selection):
        explorer.selection = selection
        figure = explorer.figure
        head, *body = Cells(explorer.table.value).rows
        (lines,), (gaps,) = texts(explorer, xanchor="right"), texts(explorer, xanchor="left")
        labels = list(filter(None, lines))
        assert len(labels) == len(body)
        assert all(row[0].startswith(label.removesuffix("…")) for label, row in zip(labels, body))
        for trace in figure.data:
            for y, hover in zip(trace.y, trace.hovertext):
                rate, low, high = re.search(r"([\d.]+ %) \(95 % interval ([\d.]+) % to ([\d.]+) %\)", hover).groups()
                counts = re.search(r"([\d,]+) matched of ([\d,]+)", hover).groups()
                cell = body[round(y)][head.index(trace.name)]
                assert f"{rate} ({low} to {high})" in cell and "{} of {}".format(*counts) in cell
                assert ("unstable" in cell) == ("Unstable" in hover)
        for at, text in enumerate(gaps):
            row, place = divmod(at, len(figure.data))
            assert text.split(": ", 1)[-1] in body[row][1 + place]
        for column in texts(explorer, xanchor="center"):
            for row, text in zip(body, filter(None, column), strict=True):
                assert text in ("–", "0") or text in " ".join(row)

    def test_says_what_the_minimum_hides(self, explorer):
        explorer.selection = {"minimum_applicants": 100}
        cells = [cell for row in Cells(explorer.table.value).rows[1:] for cell in row]
        hidden = (explorer.result.frame["reason"] == "below your minimum").sum()
        assert hidden == sum(cell.startswith("below your minimum\nn = ") for cell in cells) > 0


class TestCsvFile:
    def test_is_the_result_as_shown(self, explorer):
        explorer.selection = {"base": "preferred", "match_year": 2026, "sort": "applicants"}
        file = explorer.csv.file()
        assert (file.name, file.type) == ("match-rates-2026-preferred.csv", "text/csv")
        assert file.content.decode() == csv_text(explorer.result)
        assert b"Pediatrics" in file.content and b"0.685" in file.content

    def test_follows_the_controls(self, explorer):
        before = explorer.csv.file().content
        explorer.minimum.value = 100
        after = explorer.csv.file().content
        assert after == csv_text(explorer.result).encode() != before


class TestRateReader:
    def test_moves_result_chart_and_sentence_together(self):
        reader = RateReader()
        assert reader.selection == {"applicants": 30, "matched": 15}
        reader.applicants.value = 20
        reader.share.value = 0
        assert reader.selection == reader.result.question.arguments == {"applicants": 20, "matched": 0}
        assert list(reader.figure.data[0].x) == [0] and "0 of 20 matched" in reader.figure.layout.title.text
        assert "0.0 % and 16.1 %" in words(reader.say)  # Newcombe 1998, Stat Med 17:857-872

    @pytest.mark.parametrize("applicants, kind", [(3, "suppressed"), (20, "unstable"), (300, "ok")])
    def test_names_how_far_a_rate_may_be_trusted(self, applicants, kind):
        reader = RateReader(applicants=applicants)
        assert reader.result.frame["reliability"].tolist() == [kind]
        assert reader.figure.data[0].marker.symbol == ("circle" if kind == "ok" else "circle-open")

    @pytest.mark.parametrize("matched", [0, 1, 3, 33, 250, 500])
    def test_selection_goes_round_or_is_refused_but_never_becomes_another(self, matched):
        reader, wanted = RateReader(), {"applicants": 500, "matched": matched}
        try:
            reader.selection = wanted
        except UserError:  # between two steps of the slider
            wanted = {"applicants": 30, "matched": 15}
        assert reader.selection == wanted
        assert list(reader.figure.data[0].x) == [wanted["matched"] / wanted["applicants"]]

    def test_selection_goes_round_at_each_step_of_the_slider(self):
        reader = RateReader()
        for matched in range(0, 101, 5):
            reader.selection = {"applicants": 100, "matched": matched}
            assert reader.selection == {"applicants": 100, "matched": matched}

    @pytest.mark.parametrize("size", SIZES)
    def test_every_size_can_be_chosen(self, size):
        assert RateReader(applicants=size).selection == {"applicants": size, "matched": round(size / 2)}

    @pytest.mark.parametrize("selection", [
        {"applicants": 33, "matched": 3}, {"applicants": 30, "matched": 31}, {"applicants": 30, "matched": -1},
        {"applicants": 30, "matched": 3, "colour": "red"}])
    def test_refuses_what_cannot_be_and_stays(self, selection):
        reader = RateReader()
        with pytest.raises(UserError, match="allowed"):
            reader.selection = selection
        assert reader.selection == {"applicants": 30, "matched": 15}

    def test_selection_set_in_part_leaves_the_rest(self):
        reader = RateReader()
        reader.selection = {"matched": 3}
        assert reader.selection == {"applicants": 30, "matched": 3}


class TestCoverageView:
    def test_shows_the_figures_as_chart_as_table_and_what_is_missing_in_words(self):
        view = CoverageView()
        frame = view.result.frame
        assert sum(len(trace.x) for trace in view.figure.data) == len(frame)
        chart, _panel, missing, folded = view.children
        assert chart is view.chart and chart.description == view.result.summary
        assert all(line in words(missing) for line in coverage.not_published(frame))
        head, *body = Cells(folded.children[0].value).rows
        cells = {(row[0], row[1], int(year), int(cell.replace(",", "")))
                 for row in body for year, cell in zip(head[2:], row[2:]) if cell}
        assert cells == set(zip(frame["what"], frame["type_label"], frame["match_year"], frame["figures"]))
        assert [row[0] for row in body] == sorted((row[0] for row in body), key=list(dict.fromkeys(frame["what"])).index)
