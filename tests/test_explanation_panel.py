"""'Where this number comes from', without a browser: a figure is asked about in chart, table or Python."""

import asyncio
import json

import pytest

from imganalytics.errors import UserError
from imganalytics.explorers import explained as module
from imganalytics.explorers.competitiveness import CompetitivenessExplorer
from imganalytics.explorers.coverage import CoverageView
from imganalytics.explorers.widgets import Panel, TableView, html_table
from tests.explorer_helpers import agrees, drawn
from tests.test_widgets import COLUMNS, ROWS, Outline

PSYCHIATRY = ("Psychiatry", "categorical", "PGY-1", "us_img")


@pytest.fixture
def explorer() -> CompetitivenessExplorer:
    return CompetitivenessExplorer()


def panel(explorer: CompetitivenessExplorer | CoverageView) -> Panel:
    [found] = [child for child in explorer.children if isinstance(child, Panel)]
    return found


def explains(explorer: CompetitivenessExplorer, figure: tuple, *words: str) -> None:
    """Panel, ring and table all point at `figure`, and the panel says `words`."""
    assert explorer.explained == figure
    assert explorer.chart.chosen == explorer.table.chosen == list(figure)
    assert panel(explorer).html == explorer.explanation.to_html() != ""
    assert all(word in panel(explorer).html for word in words)


def explains_nothing(explorer: CompetitivenessExplorer) -> None:
    assert explorer.explained is explorer.explanation is explorer.chart.chosen is explorer.table.chosen is None
    assert panel(explorer).html == ""


class TestAsking:
    def test_starts_with_nothing_explained(self, explorer):
        explains_nothing(explorer)

    @pytest.mark.parametrize("view", ["chart", "table"])
    def test_by_a_click_says_where_it_comes_from(self, explorer, view):
        getattr(explorer, view).clicked = list(PSYCHIATRY)
        explains(explorer, PSYCHIATRY, "Psychiatry", "46.5 %", "153", "nrmp_adt_2025", "Advance Data Tables")
        assert getattr(explorer, view).clicked is None  # the next click is heard, on the same figure too

    def test_from_python_needs_only_what_tells_it_apart(self, explorer):
        explorer.explained = ("Psychiatry", "us_img")
        explains(explorer, PSYCHIATRY)
        explorer.explained = ("non_us_img", "Pediatrics")
        explains(explorer, ("Pediatrics", "categorical", "PGY-1", "non_us_img"))
        explorer.explained = None
        explains_nothing(explorer)

    @pytest.mark.parametrize("wanted, complaint", [
        (("Psychiatry",), "Psychiatry: 2 figures are shown with these values of specialty, track, entry_level, applicant_type; "),
        (("Psychiatri", "us_img"), "Psychiatri, us_img: no figure is shown"), (("Psychiatry", "us_md_senior"), "no figure is shown")])
    def test_for_what_is_not_shown_once_is_refused_and_changes_nothing(self, explorer, wanted, complaint):
        explorer.explained = PSYCHIATRY
        with pytest.raises(UserError) as error:
            explorer.explained = wanted
        assert complaint in str(error.value) and "allowed: one of those shown, as in " in str(error.value)
        explains(explorer, PSYCHIATRY)

    def test_works_for_every_mark_and_every_figure_of_the_table(self, explorer):
        explorer.selection = {"specialties": ["Psychiatry", "Pediatrics", "Dermatology"], "all_tracks": True}
        marks = [tuple(mark) for trace in drawn(explorer)["data"] for mark in trace["customdata"]]
        rows = [json.loads(attrs["data-row"]) for attrs in Outline(explorer.table.value).having("tr") if "data-row" in attrs]
        cells = [(*row, kind) for row in rows for kind in ("us_img", "non_us_img")]
        assert set(marks) < set(cells) == set(explorer.result.frame[list(explorer.result.rows_of.columns)].itertuples(index=False, name=None))
        for cell in cells:
            explorer.table.clicked = list(cell)
            explains(explorer, cell)

    def test_of_a_withheld_figure_says_why(self, explorer):
        explorer.explained = ("Pediatrics", "us_img")
        explains(explorer, ("Pediatrics", "categorical", "PGY-1", "us_img"), "No rate", "withheld", "printed 251")


class TestFollowing:
    def test_the_selection_the_same_figure_is_explained_anew(self, explorer):
        explorer.selection = {"applicant_types": ["us_md_senior"], "match_year": 2023}
        explorer.explained = ("Psychiatry",)
        before, figure = panel(explorer).html, explorer.explained
        explorer.year.value = 2024
        agrees(explorer)
        explains(explorer, figure, "2024 Match")
        assert panel(explorer).html != before

    def test_a_figure_that_goes_away_takes_its_explanation_along(self, explorer):
        for change in ({"specialties": ["Pediatrics"]}, {"applicant_types": ["non_us_img"]}, {"base": "active"},
                       {"base": "only_choice"}, {"minimum_applicants": 300, "specialties": ["Internal Medicine"]}):
            explorer.explained = PSYCHIATRY
            whole = explorer.selection
            explorer.selection = change
            explains_nothing(explorer)
            explorer.selection = whole

    @pytest.mark.parametrize("close", ["button", "escape in the table", "a figure that is gone"])
    def test_it_can_be_closed(self, explorer, close):
        explorer.explained = PSYCHIATRY
        if close == "button":
            panel(explorer).html = ""  # as panel.js does
        else:
            explorer.table.clicked = [] if close == "escape in the table" else ["Alchemy", "x", "y", "z"]
        explains_nothing(explorer)
        explorer.chart.clicked = list(PSYCHIATRY)
        explains(explorer, PSYCHIATRY)

    def test_nothing_is_looked_up_until_it_is_asked(self, explorer, monkeypatch):
        asked = []
        monkeypatch.setattr(module, "explain", lambda *given: asked.append(given))
        for minimum in (10, 20, 30):
            explorer.minimum.value = minimum
        explorer.base.value = "active"
        assert asked == []

    def test_in_a_kernel_it_is_looked_up_once_the_hand_rests(self, explorer, monkeypatch):
        async def turned() -> None:
            explorer.explained = PSYCHIATRY
            asked, real = [], module.explain
            monkeypatch.setattr(module, "explain", lambda *given: asked.append(given) or real(*given))
            for minimum in (10, 20, 30):
                explorer.minimum.value = minimum
                assert asked == []
            while not asked:
                await asyncio.sleep(0.05)
            assert len(asked) == 1

        asyncio.run(asyncio.wait_for(turned(), 20))
        explains(explorer, PSYCHIATRY)

    def test_what_the_chart_carries_for_it_is_small(self, explorer):
        plain = drawn(explorer)
        identities = [trace.pop("customdata") for trace in plain["data"]]
        assert len(json.dumps(identities)) < 0.25 * len(json.dumps(plain))


class TestCoverage:
    @pytest.mark.parametrize("view", ["chart", "table"])
    def test_says_where_the_figures_of_a_mark_stand(self, view):
        coverage = CoverageView()
        figure = ["Positions filled by state and specialty", "non_us_img", 2025]
        getattr(coverage, view).clicked = figure
        explains(coverage, tuple(figure), "Positions filled by state and specialty, Non-US IMG", "state_fill.csv", "nrmp_state_2025")
        panel(coverage).html = ""
        explains_nothing(coverage)

    def test_every_mark_is_one_of_the_table_and_can_be_asked_about(self):
        coverage = CoverageView()
        marks = [tuple(mark) for trace in json.loads(coverage.chart.spec)["data"] for mark in trace["customdata"]]
        shown = set(coverage.result.frame[["what", "applicant_type", "match_year"]].itertuples(index=False, name=None))
        cells, row = set(), []
        for _, attrs in Outline(coverage.table.value).tags:
            row = json.loads(attrs.get("data-row", json.dumps(row)))
            if "data-figure" in attrs:
                cells.add((*row, json.loads(attrs["data-figure"])))
        assert set(marks) == shown == cells
        coverage.explained = marks[0]
        explains(coverage, marks[0])


class TestTableOfFigures:
    KEYS = [["surgery", "PGY-1"], ["<peds>", "PGY-2"]]

    def test_only_figures_that_are_there_can_be_asked_about(self):
        page = Outline(html_table(COLUMNS, ROWS, caption="c", keys=self.KEYS, figures={"Rate": "r'\"<"}))
        assert [json.loads(attrs["data-row"]) for attrs in page.having("tr")[1:]] == self.KEYS
        asked = [attrs for attrs in page.having("td") if "data-figure" in attrs]
        assert [json.loads(attrs["data-figure"]) for attrs in asked] == ["r'\"<"]  # the other rate is not a number
        assert page.having("table")[0]["role"] == "grid" and "tabindex" not in page.having("div")[0]

    def test_without_keys_is_plain_and_scrolls_by_keyboard(self):
        page = Outline(html_table(COLUMNS, ROWS, caption="c", figures={"Rate": "r"}))
        assert page.having("div")[0]["tabindex"] == "0" and "role" not in page.having("table")[0]
        assert not any("data-figure" in attrs for attrs in page.having("td"))

    def test_keys_and_columns_that_do_not_fit_are_refused(self):
        with pytest.raises(ValueError, match="1 keys for 2 rows"):
            html_table(COLUMNS, ROWS, caption="c", keys=self.KEYS[:1], figures={"Rate": "r"})
        with pytest.raises(ValueError, match=r"\['N'\] are not columns"):
            html_table(COLUMNS, ROWS, caption="c", keys=self.KEYS, figures={"N": "r"})

    def test_fetches_nothing(self):
        assert "http" not in str(Panel()._esm) + str(Panel()._css) + str(TableView()._esm)
