"""The card of a program, programs side by side, the shortlist: every figure walks back to its row."""

import csv
import io
import random
from collections import defaultdict
from functools import cache

import openpyxl
import pytest

from imganalytics import UserError, explain, paths
from imganalytics.explorers.program_card import ProgramCard
from imganalytics.explorers.program_comparison import ProgramComparison
from imganalytics.explorers.programs import ProgramsExplorer
from imganalytics.explorers.shortlist import ShortlistView
from imganalytics.export.csv_file import csv_text
from imganalytics.own import shortlist as kept
from imganalytics.studies.program import HISTORY, KEY, PARTS, program
from imganalytics.studies.program_comparison import program_comparison
from imganalytics.studies.programs import prepared
from imganalytics.studies.shortlist import shortlist

BIRMINGHAM, ABINGTON = "1007/Internal Medicine", "1600/Internal Medicine"
FIGURE = {"program_results": ("quota", "matched"), "state_fill": ("filled",), "visa_filings": ("filings",),
          "teaching_hospitals": ("residents_fte", "beds"), "fellowship_program_results": ("quota",)}


@pytest.fixture
def own(tmp_path, monkeypatch):
    """A folder of the user's own that is empty."""
    monkeypatch.setenv("IMGANALYTICS_OWN", str(tmp_path))
    return tmp_path


@cache
def lines(table: str, columns: tuple[str, ...]) -> dict[tuple[str, ...], list[dict]]:
    """The rows of a file of datasets/ by the values in some columns, read by Python's own csv."""
    found = defaultdict(list)
    with open(paths.datasets() / f"{table}.csv", encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            found[tuple(row[name] for name in columns)].append(row)
    return found


def printed(table: str, row_key: str) -> list[dict]:
    """The rows of the file that a row_key names; each key names one."""
    found = []
    for key in row_key.split(" | "):
        place = dict(part.split("=", 1) for part in key.split("; "))
        [row] = lines(table, tuple(place))[tuple(place.values())]
        found.append(row)
    return found


PICKED = random.Random(2025).sample(sorted(prepared().frame["program_key"]), 20)


@pytest.mark.parametrize("program_key", PICKED)
def test_every_figure_of_a_card_walks_back_to_its_rows(program_key):
    card = program(program_key)
    figures = card.frame[card.frame["row_key"] != ""]
    assert len(figures) >= 2 and set(card.frame["part"]) <= {HISTORY, *PARTS}
    assert not card.frame.duplicated(list(KEY)).any()
    for row in figures.to_dict("records"):
        rows = printed(row["table"], row["row_key"])
        assert {each["source_id"] for each in rows} >= {row["source_id"]}
        if row["number"] == row["number"] and row["number"] is not None:
            assert float(row["number"]) == pytest.approx(_again(row, rows)), row["what"]


def _again(row: dict, rows: list[dict]) -> float:
    """The figure of a card worked out once more from the rows of the files."""
    def total(name: str) -> float:
        return sum(float(each[name]) for each in rows)

    if row["part"] == HISTORY:
        return total("matched")
    if row["what"].startswith("Left unfilled"):
        return total("quota") - total("matched")
    if row["what"].startswith("Growth"):
        first = min(each["match_year"] for each in rows)
        return sum(float(each["quota"]) * (-1 if each["match_year"] == first else 1) for each in rows)
    if "share of filled" in row["what"]:
        return total("filled") / float(row["detail"].split(" of ")[1].split(";")[0].replace(",", ""))
    if row["what"] == "H-1B filings for residents and fellows":
        return len(rows)
    return total({"Positions filled": "matched", "Beds": "beds", "Residents and": "residents_fte"}.get(
        row["what"].rsplit(",", 1)[0] if "Positions" in row["what"] else row["what"].split(" interns")[0], FIGURE[row["table"]][0]))


def test_an_explanation_names_page_file_and_row_of_a_figure():
    card = program(BIRMINGHAM)
    said = str(explain(card, 0))
    assert said.startswith("Positions offered, 2025\nAt the Match\n39")
    assert "p.7" in said and "program_results.csv, row" in said and "Rests on 2 printed rows." in said


def test_what_is_not_known_is_said_and_has_no_row():
    frame = program(BIRMINGHAM).frame.set_index("what")
    for asked in ("Visas", "Step 2 minimum score", "IMGs among the residents", "US clinical experience"):
        assert frame.loc[asked, "value"] == "not stated" and frame.loc[asked, "row_key"] == ""


def test_the_share_is_said_to_be_the_states_with_interval_and_base():
    row = program(ABINGTON).frame.set_index("what").loc["IMGs together: share of filled PGY-1 positions in PA, 2025"]
    assert row["value"] == "43.0 %" and row["detail"] == "39.5 to 46.6, 316 of 735; the state's, not this program's"


def test_an_unknown_program_is_said_in_one_line():
    with pytest.raises(UserError, match="program 'x/y' is not known; a key is an institution code and a specialty"):
        program("x/y")


def test_the_card_draws_the_history_and_explains_a_mark_and_a_cell():
    card = ProgramCard(BIRMINGHAM)
    offered, filled = card.figure.data[:2]
    assert (offered.name, filled.name) == ("Offered", "Filled")
    assert list(filled.x) == list(range(2014, 2026)) and filled.y[-1] == 39
    card.chart.clicked = list(filled.customdata[-1])
    assert card.explanation.heading == "All codes, 2025" and len(card.explanation.facts) >= 2
    card.table.clicked = ["At the Match", "Positions filled, 2025", "of 39", BIRMINGHAM]
    assert card.explanation.value == "39"
    card.program_key = None
    assert card.result is None and card.explanation is None


def test_a_program_that_was_away_for_years_has_a_gap_in_its_line(con):
    away = con.execute("""
        WITH years AS (SELECT DISTINCT institution_code || '/' || specialty AS program_key, match_year FROM program_results
                       JOIN programs USING (program_code))
        SELECT program_key FROM years GROUP BY program_key HAVING max(match_year) - min(match_year) + 1 > count(*)
        ORDER BY program_key LIMIT 1""").fetchone()[0]
    assert None in list(ProgramCard(away).figure.data[1].y)


def test_programs_side_by_side_have_the_same_lines_and_each_cell_explains_itself():
    view = ProgramComparison([BIRMINGHAM, ABINGTON])
    lines = view.result.frame[view.result.frame["part"] != HISTORY].groupby("program_key")["line"].agg(set)
    assert {"Positions offered, 2025", "Left unfilled, 2021 to 2025", "Fellowships in the institution"} <= lines[BIRMINGHAM]
    view.explained = ("Positions offered, 2025", ABINGTON)
    assert view.explanation.value == "20"
    assert [trace.name for trace in view.figure.data] == [program(key).title for key in (BIRMINGHAM, ABINGTON)]


@pytest.mark.parametrize("wrong, said", [([BIRMINGHAM], "1 program is ticked; allowed: 2 to 5"), ([BIRMINGHAM] * 2, "named twice"),
                                         (PICKED[:6], "6 programs are ticked; allowed: 2 to 5")])
def test_what_cannot_be_compared_is_said(wrong, said):
    with pytest.raises(UserError, match=said):
        program_comparison(wrong)
    view = ProgramComparison(wrong)
    assert said.split(";")[0] in view.notice.value and view.result is None


# Shortlist -----------------------------------------------------------------------------------------------


def entry(program_key: str) -> kept.Entry:
    row = prepared().frame.set_index("program_key").loc[program_key]
    return kept.Entry(program_key, row["institution"], row["city"], row["state"], row["specialty"])


def test_a_shortlist_is_kept_in_order_with_notes_and_read_again(own):
    kept.add([entry(BIRMINGHAM), entry(ABINGTON), entry(BIRMINGHAM)])
    kept.move(ABINGTON, -1)
    kept.annotate(ABINGTON, 'ask about "J-1", visas\nagain')
    assert [(each.program_key, each.note) for each in kept.entries()] == [
        (ABINGTON, 'ask about "J-1", visas\nagain'), (BIRMINGHAM, "")]
    kept.remove(BIRMINGHAM)
    assert [each.program_key for each in kept.entries()] == [ABINGTON]
    assert sorted(path.name for path in own.iterdir()) == ["shortlist.csv"]


def test_moving_stops_at_the_ends_and_strangers_are_refused(own):
    kept.add([entry(BIRMINGHAM), entry(ABINGTON)])
    assert [each.program_key for each in kept.move(ABINGTON, 99)] == [BIRMINGHAM, ABINGTON]
    with pytest.raises(UserError, match="x/y is not on the shortlist"):
        kept.remove("x/y")
    with pytest.raises(UserError, match="2,001 letters; allowed: 2,000"):
        kept.annotate(ABINGTON, "x" * 2001)


@pytest.mark.parametrize("text, said", [
    ("program,note\n1,2\n", "row 1: the columns are program, note; allowed: program_key"),
    ("", "row 1: the columns are missing"),
    (",".join(kept.COLUMNS) + "\nonly one cell\n", "row 2: 1 cells"),
])
def test_a_list_spoilt_by_hand_is_said_and_left_as_it_is(own, text, said):
    kept.shortlist_file().write_text(text, encoding="utf-8")
    for action in (kept.entries, lambda: kept.add([entry(ABINGTON)])):
        with pytest.raises(UserError, match=said):
            action()
    assert kept.shortlist_file().read_text(encoding="utf-8") == text
    assert said.split(";")[0].split(":")[0] in ShortlistView().notice.value


def test_the_saved_shortlist_holds_figures_notes_and_sources(own):
    kept.add([entry(ABINGTON), kept.Entry("gone/Psychiatry", "=HYPERLINK(1)", "", "", "Psychiatry")])
    kept.annotate(ABINGTON, "=1+1")
    text = csv_text(shortlist())
    first, second = csv.DictReader(io.StringIO(text.lstrip("\ufeff")))
    assert (first["positions"], first["note"], first["institution"]) == ("20", "'=1+1", "Abington Memorial Hospital")
    assert (second["institution"], second["positions"]) == ("'=HYPERLINK(1)", "")
    assert "Program Results: Main Residency Match 2021-2025" in first["sources"]
    book = openpyxl.load_workbook(io.BytesIO(ShortlistView().xlsx.file().content))
    rows = list(book["Figures"].values)
    told = dict(zip(rows[0], rows[1]))
    assert (told["positions"], told["note"]) == (20, "=1+1")
    assert {cell.data_type for row in book["Figures"].iter_rows() for cell in row} <= {"s", "inlineStr", "n", "b"}  # no formula
    assert book["Sources"].max_row >= 5 and book["About"]["B2"].value == "Which programs are on the shortlist?"


def test_the_view_of_the_shortlist_follows_each_change(own):
    view = ShortlistView()
    assert "empty" in view.say.value and view.csv.disabled
    kept.add([entry(BIRMINGHAM), entry(ABINGTON)])
    view.refresh()
    view.move(ABINGTON, -1)
    view.annotate(ABINGTON, "first")
    assert [(each.program_key, each.note) for each in view.entries] == [(ABINGTON, "first"), (BIRMINGHAM, "")]
    view.rows.children[0].children[0].click()
    assert view.card.program_key == ABINGTON
    view.remove(ABINGTON)
    assert len(view.rows.children) == 1 and not view.csv.disabled
    with pytest.raises(UserError, match="empty"):
        kept.remove(BIRMINGHAM)
        _ = ShortlistView().result


# Explorer ------------------------------------------------------------------------------------------------


def test_the_explorer_filters_sorts_opens_compares_and_keeps(own):
    told = []
    explorer = ProgramsExplorer(on_shortlist=lambda: told.append(1), states=["AL"], search="internal medicine")
    assert set(explorer.result.frame["state"]) == {"AL"}
    assert list(explorer.grid.order) == explorer.result.frame.index.tolist()
    explorer.grid.sort = {"column": "positions", "descending": True}
    assert explorer.result.frame["positions"].is_monotonic_decreasing and explorer.selection["sort"] == "positions"
    explorer.grid.chosen = int(explorer.grid.order[0])
    assert explorer.card.program_key == explorer.result.frame["program_key"].iloc[0] and explorer.figure.data
    explorer.grid.marked = explorer.grid.order[:2]
    explorer.compare()
    assert explorer.comparison.program_keys == tuple(explorer.ticked)
    explorer.keep()
    assert [each.program_key for each in kept.entries()] == explorer.ticked and told == [1]
    assert explorer.csv.file().content.decode("utf-8-sig").count("\n") == len(explorer.result.frame) + 1


def test_nothing_that_fits_is_said_and_the_rest_stays():
    explorer = ProgramsExplorer()
    explorer.selection = {"search": "qqqqzzz"}
    assert explorer.result is None and not explorer.grid.order and "no program fits" in explorer.say.value
    explorer.selection = {"search": ""}
    assert len(explorer.grid.order) == len(explorer.result.frame)
    with pytest.raises(UserError, match="nothing is drawn|no card is open"):
        _ = explorer.figure
    with pytest.raises(UserError, match="states"):
        explorer.selection = {"states": ["ZZ"]}
    assert explorer.selection["states"] == ()


def test_html_in_a_name_is_shown_as_text(own):
    kept.add([kept.Entry("own-1/Psychiatry", "<b>bold</b><script>", "", "", "Psychiatry")])
    row = ShortlistView().rows.children[0]
    assert row.children[0].description.startswith("1. <b>bold</b>")  # a button shows its description as text
