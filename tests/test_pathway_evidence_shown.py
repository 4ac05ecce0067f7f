"""The forest plot of pathways, its table and its explorer, without a browser."""

import re
from html import unescape

import pytest

from imganalytics.charts.pathway_evidence import GREY, SYMBOLS, figure, said, spec
from imganalytics.errors import UserError
from imganalytics.explorers.pathway_evidence import COLUMNS, PathwayEvidenceExplorer, UnmeasuredView, twin
from imganalytics.studies.pathway_evidence import COMPARED, KINDS, fields, pathway_evidence
from tests.chart_checks import check, has_words, words
from tests.explorer_helpers import Cells


def marks(drawn: dict, name: str) -> list[tuple]:
    return [point for trace in drawn["data"] if trace["name"] == name
            for point in zip(trace["customdata"], trace["x"], trace["marker"]["symbol"], trace["error_x"]["array"])]


class TestChart:
    @pytest.mark.parametrize("specialty", [None, *fields()])
    @pytest.mark.parametrize("compared, year", [("img_all", 2020), ("non_us_img", 2026)])
    def test_nothing_is_clipped_and_no_key_is_shown(self, specialty, compared, year):
        drawn = spec(pathway_evidence(specialty=specialty, compared_with=compared, base_year=year))
        check(drawn)
        assert drawn["layout"]["xaxis"]["range"] == [0, 1]

    def test_one_mark_for_each_rate_and_words_for_each_row_without(self):
        result = pathway_evidence(specialty=None, compared_with="img_all")
        drawn, frame = spec(result), result.frame
        assert sum(len(trace["x"]) for trace in drawn["data"]) == (
            frame["rate"].notna() & ~((frame["mark"] == "base") & (frame["evidence_id"] == "rf004"))).sum()
        assert has_words(drawn, "No rate: all respondents had already matched", "Fewer than 5 people: no rate. 3 of 3",
                         "No figure printed: no significant difference", "143")
        for kind in KINDS.values():
            assert has_words(drawn, kind)

    def test_shape_is_the_bias_and_hollow_is_unstable(self):
        drawn = spec(pathway_evidence(specialty=None))
        [abstract] = [mark for mark in marks(drawn, "Selection bias high") if mark[0] == ["rf001", "outcome"]]
        assert abstract[2] == f"{SYMBOLS['high']}-open" and abstract[3] > 0
        [whole] = [mark for mark in marks(drawn, "Selection bias low") if mark[0] == ["rf020", "outcome"]]
        assert whole[2] == SYMBOLS["low"]
        [claim] = [mark for mark in marks(drawn, "Selection bias high") if mark[0] == ["rf006", "outcome"]]
        assert claim[1:] == (0.86, f"{SYMBOLS['high']}-open", 0)

    def test_base_rates_and_comparators_are_hollow_and_grey(self):
        drawn = spec(pathway_evidence(specialty=None))
        grey = [trace for trace in drawn["data"] if trace["name"] in ("base", "comparator")]
        assert len(grey) == 2
        for trace in grey:
            assert trace["marker"]["color"] == GREY and all(symbol.endswith("-open")
                                                            for symbol in trace["marker"]["symbol"])

    def test_words_of_a_row(self):
        assert has_words(spec(pathway_evidence(compared_with="img_all")), "statement A (abstract)",
                         "statement B (results)", "86 %, claim without counts",
                         "88.9 % (67.2 to 96.9), 16 of 18", "Base rate 2020: 28.6 % (18.9 to 40.7), 18 of 63 IMGs",
                         "(printed: 53 %)", "causal: no")
        assert has_words(spec(pathway_evidence(specialty="Otolaryngology")), "causal: limited",
                         "No base rate of IMGs: most of these are not IMGs, or it is not said")

    def test_who_began_and_is_not_counted_stands_on_the_row(self):
        assert has_words(spec(pathway_evidence(specialty="Family Medicine")), "100.0 % (97.9 to 100.0), 177 of 177",
                         "Of all who began: 86.8 % (81.4 to 90.7), 177 of 204")

    def test_hover_names_denominator_bias_and_source(self):
        for trace in spec(pathway_evidence(specialty=None))["data"]:
            for text in trace["hovertext"]:
                assert "Source: " in text
                assert trace["name"] == "base" or "Of: " in text and "Causal reading: " in text and "Selection bias" in text

    def test_rows_do_not_overlap(self):
        drawn = spec(pathway_evidence(specialty=None))
        lines = sorted(shape["y0"] for shape in drawn["layout"]["shapes"] if shape["type"] == "line")
        assert len(lines) == 33 and min(b - a for a, b in zip(lines, lines[1:])) > 40

    def test_is_a_figure(self):
        assert figure(pathway_evidence()).layout.width == 980

    def test_derived_base_rates_say_so(self):
        frame = pathway_evidence(compared_with="us_img").frame
        row = frame[(frame["mark"] == "base") & (frame["evidence_id"] == "rf001")].iloc[0].to_dict()
        assert said(row) == ("Base rate 2020: 40.0 % (19.8 to 64.3), 6 of 15 US IMGs who applied, as the Barrow paper has it, derived")


class TestExplorer:
    def test_table_has_every_outcome_with_all_that_is_known(self):
        told = twin(pathway_evidence(specialty=None))
        assert len(told.rows) == 33 and list(told.columns) == COLUMNS
        whole = " ".join(" ".join(row) for row in told.rows)
        for text in ("86% of research fellows have successfully matched",
                     "median 30, middle half 18 to 48, range 4 to 72",
                     "12/23=52.2%, printed 53%", "conditional on success"):
            assert text in whole
        assert not re.search(r"\b(research_fellowship|img_all|nan)\b", whole)

    def test_selection_and_its_edges(self):
        explorer = PathwayEvidenceExplorer()
        assert explorer.selection["specialty"] == "Neurological Surgery" and explorer.selection["kinds"] is None
        explorer.selection = {"specialty": None, "compared_with": "non_us_img", "base_year": 2026}
        assert explorer.result.question.arguments["specialty"] is None and explorer.selection["base_year"] == 2026
        explorer.selection = {"compared_with": "img_all"}  # of which there is nothing in 2026
        assert explorer.selection["base_year"] == 2023
        for bad in ({"specialty": "Alchemy"}, {"least": 999}, {"base_year": 1990}, {"x": 1}, {"biases": ["x"]}):
            before = explorer.selection
            with pytest.raises(UserError):
                explorer.selection = bad
            assert explorer.selection == before

    def test_nothing_that_fits_is_said_in_words(self):
        explorer = PathwayEvidenceExplorer(specialty="Dermatology", least=300)
        assert explorer.result is None and "No published outcome fits" in explorer.notice.value
        explorer.selection = {"least": 0}
        assert explorer.result is not None and explorer.notice.layout.display == "none"
        explorer._controls["biases"].value = ()
        assert explorer.result is None and "choose at least one selection bias" in explorer.notice.value

    def test_a_mark_explains_itself(self):
        explorer = PathwayEvidenceExplorer()
        explorer.explained = ("rf001", "base")
        assert "48" in str(explorer.explanation) and "sf168" in str(explorer.explanation)
        explorer.explained = ("rf006", "outcome")
        assert "86% of research fellows" in explorer.explanation.to_html()
        explorer.selection = {"pathway": "research_fellowship"}
        assert explorer.explained is None

    @pytest.mark.parametrize("compared", COMPARED)
    def test_every_year_offered_can_be_shown(self, compared):
        explorer = PathwayEvidenceExplorer(specialty=None, compared_with=compared)
        for year in explorer._controls["base_year"].options:
            explorer.selection = {"base_year": year}
            assert year in {row for row in explorer.result.frame["match_year"] if row == row and row is not None}

    def test_what_nobody_measured_is_plain(self):
        view = UnmeasuredView()
        said_there = unescape(view.children[0].value)
        assert all(text in said_there for text in view.result["what"])
        assert "Nobody has measured" in said_there

    def test_file_holds_what_is_shown(self):
        content = PathwayEvidenceExplorer()._csv_file().content.decode()
        assert "rf001" in content and "claim without counts" in content and "rf029" not in content

    def test_table_cells_lead_to_their_figures(self):
        explorer = PathwayEvidenceExplorer()
        assert "data-figure='&quot;base&quot;'" in explorer.table.value
        assert len(Cells(explorer.table.value).rows) == 17
        assert words(spec(explorer.result))
