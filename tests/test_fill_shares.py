"""Fill shares: who holds the positions, computed by hand on tiny facts and walked back on the real ones."""

import json

import pytest
from statsmodels.stats.proportion import proportion_confint

from imganalytics.charts import fill_shares as chart
from imganalytics.errors import UserError
from imganalytics.explorers.fill_shares import FillSharesExplorer, twin
from imganalytics.studies import filled
from imganalytics.studies.explain import explain
from imganalytics.studies.fill_shares import QUERY, fill_shares
from imganalytics.studies.filled import FILLED, POSITIONS
from imganalytics.vocabulary import ALL_SPECIALTIES, TRACKS
from tests.chart_checks import check, has_words, kind_of
from tests.explorer_helpers import visible, words

IMGS = ("us_img", "non_us_img")
ASKED = {"usual": {}, "minimum": {"minimum_filled": 100}, "all positions": {"positions": "all"},
         "PGY-2": {"positions": "PGY-2", "sort": "positions"}, "reserved": {"positions": "Physician"},
         "all tracks": {"match_year": 2022, "all_tracks": True}, "all IMGs": {"applicant_types": ("img_all",)},
         "mostly missing": {"match_year": 2024, "applicant_types": ("us_md_senior", *IMGS)},
         "2013": {"match_year": 2013},
         "seniors": {"applicant_types": ("us_md_senior", "us_do_senior"), "match_year": 2020, "sort": "share_low"}}


@pytest.fixture(params=ASKED)
def result(request):
    return fill_shares(**ASKED[request.param])


def tiny(kind: str, value: float, track: str = "categorical", **more) -> dict:
    return {"specialty": "Synthetic Medicine", "applicant_type": kind, "measure": "positions_filled", "value": value,
            "track": track, **more}


def counts(con, positions: str = "PGY-1") -> dict[tuple[str, str], float]:
    rows = con.execute(f"WITH {FILLED} SELECT track, applicant_type, value FROM filled WHERE specialty = 'Synthetic "
                       "Medicine'",
                       filled.parameters([2025], positions)).fetchall()
    return {(track, kind): value for track, kind, value in rows}


class TestTinyFacts:
    def test_us_and_non_us_imgs_are_added_where_both_are_published(self, built):
        con = built(match_results=[tiny("all", 40), tiny("us_img", 3), tiny("non_us_img", 7),
                                   tiny("all", 10, "preliminary"), tiny("us_img", 2, "preliminary")])
        assert counts(con)[("categorical", "img_all")] == 10
        assert ("preliminary", "img_all") not in counts(con)

    def test_tracks_are_added_where_each_is_published_for_the_type(self, built):
        con = built(match_results=[tiny("all", 40), tiny("all", 10, "preliminary"), tiny("us_img", 3),
                                   tiny("us_img", 2, "preliminary"), tiny("non_us_img", 7)])
        found = counts(con)
        assert (found[("all_pgy1", "all")], found[("all_pgy1", "us_img")]) == (50, 5)
        assert ("all_pgy1", "non_us_img") not in found and ("all_pgy1", "img_all") not in found

    def test_a_printed_sum_of_tracks_is_not_made_again(self, built):
        con = built(match_results=[tiny("all", 40), tiny("all", 10, "preliminary"), tiny("all", 51, "all_pgy1")])
        assert counts(con)[("all_pgy1", "all")] == 51

    def test_all_positions_are_summed_over_states_and_levels(self, built):
        place = [{"state": "NY", "entry_level": "PGY-1"}, {"state": "NY", "entry_level": "PGY-2"},
                 {"state": "CA", "entry_level": "PGY-1"}]
        con = built(state_results=[each | {"offered": 10, "filled": n, "published_name": "Synthetic Medicine"}
                                   for each, n in zip(place, (8, 6, 5))],
                    state_fill=[each | {"applicant_type": "us_img", "filled": n} for each, n in zip(place, (2, 1, 1))])
        found = counts(con, "all")
        assert (found[("all", "all")], found[("all", "us_img")]) == (19, 4)

    def test_the_query_gives_a_row_for_each_type_of_the_first_track(self, built):
        con = built(match_results=[tiny("all", 40), tiny("us_img", 4), tiny("all", 10, "preliminary"),
                                   tiny("us_img", 2, "preliminary")])
        asked = filled.parameters([2025], "PGY-1") | {"types": list(IMGS), "all_tracks": False,
                                                      "track_order": list(TRACKS)}
        rows = con.execute(f"SELECT track, applicant_type, filled, positions FROM ({QUERY})", asked).fetchall()
        assert rows == [("categorical", "us_img", 4, 40), ("categorical", "non_us_img", None, 40)]


class TestFigures:
    @pytest.mark.parametrize("asked, specialty, kind, took, of", [
        ({}, "Family Medicine", "us_img", 626, 4552), ({}, "Internal Medicine", "non_us_img", 3573, 10584),
        ({"positions": "all"}, "Internal Medicine", "non_us_img", 3794, 12439),
        ({"positions": "PGY-2"}, "Dermatology", "non_us_img", 10, 523),
        ({"positions": "all"}, "Dermatology", "us_img", 2, 573),
        ({"match_year": 2022}, "Pathology-Anatomic and Clinical", "non_us_img", 212, 619)])
    def test_walk_back(self, asked, specialty, kind, took, of):
        frame = fill_shares(**asked).frame
        row = frame[(frame["specialty"] == specialty) & (frame["applicant_type"] == kind)]
        assert (row["filled"].item(), row["positions"].item()) == (took, of)

    def test_have_wilson_intervals_and_a_reason_where_there_is_none(self, result):
        frame = result.frame
        for row in frame[frame["reason"] == ""].itertuples():
            low, high = proportion_confint(row.filled, row.positions, method="wilson")
            assert row.share == row.filled / row.positions
            assert (row.share_low, row.share_high) == pytest.approx((low, high), abs=1e-9)
        assert set(frame["reason"]) <= {"", "not published", "fewer than 5 positions filled", "no position filled"}
        assert ((frame["reason"] == "") == frame["share"].notna()).all()
        assert (frame.loc[frame["positions"] < 5, "reason"] != "").all()

    def test_all_positions_of_2025_add_up_over_the_types_and_to_the_published_total(self, con):
        types = tuple(key for key in filled.types_filled("all") if key != "img_all")
        frame = fill_shares(types, positions="all").frame
        for _, own in frame.groupby("specialty"):
            assert own["filled"].sum() == own["positions"].iloc[0]
        country = frame[frame["specialty"] == ALL_SPECIALTIES]
        [(total,)] = con.sql("SELECT value FROM match_results WHERE match_year = 2025 AND specialty = 'All "
                             "specialties' AND "
                             "entry_level = 'all' AND measure = 'positions_filled'").fetchall()
        assert country["positions"].iloc[0] == total == 40764
        by_type = dict(con.sql("SELECT applicant_type, sum(filled) FROM state_fill GROUP BY 1").fetchall())
        assert country.set_index("applicant_type")["filled"].to_dict() == by_type

    def test_all_imgs_are_both_kinds_together(self):
        both = fill_shares(IMGS).frame.groupby("specialty")["filled"].sum(min_count=2)
        together = fill_shares(["img_all"]).frame.set_index("specialty")["filled"]
        assert together.to_dict() == both.loc[together.index].to_dict()

    def test_years_offered_are_those_that_answer(self):
        for positions in POSITIONS:
            for year in range(2010, 2027):
                if year in filled.years(IMGS, positions):
                    assert fill_shares(IMGS, year, positions).frame["share"].notna().any()
                else:
                    with pytest.raises(UserError, match="No fill share of US IMGs and Non-US IMGs is published"):
                        fill_shares(IMGS, year, positions)


class TestOrder:
    @pytest.mark.parametrize("sort", ["share", "share_low", "positions"])
    def test_is_the_highest_first_with_the_country_on_top(self, sort):
        frame = fill_shares(IMGS, positions="all", sort=sort, sort_type="non_us_img").frame
        assert (frame["specialty"].iloc[:2] == ALL_SPECIALTIES).all()
        own = frame[(frame["applicant_type"] == "non_us_img") & (frame["specialty"] != ALL_SPECIALTIES)][sort].dropna()
        assert own.is_monotonic_decreasing

    def test_the_minimum_hides_specialties_and_is_named(self):
        result = fill_shares(minimum_filled=1000)
        assert result.frame["positions"].min() >= 1000 and "at least 1,000" in result.subtitle
        with pytest.raises(UserError, match="lower the minimum"):
            fill_shares(minimum_filled=50_000)


class TestChart:
    def test_draws_each_share_once_in_its_row_and_says_the_others_in_words(self, result):
        spec = chart.spec(result)
        check(spec)
        places = list(dict.fromkeys(zip(result.frame["specialty"], result.frame["track"])))
        drawn = {(places[round(y)], kind_of(trace)): x
                 for trace in spec["data"] for x, y in zip(trace["x"], trace["y"])}
        wanted = {((row.specialty, row.track), row.applicant_type): row.share
                  for row in result.frame[result.frame["reason"] == ""].itertuples()}
        assert drawn == wanted
        gaps = [note["text"] for note in spec["layout"]["annotations"]][-2 - 2 * (len(spec["data"]) + 1) + 1]
        assert gaps.count("<i>") == (result.frame["reason"] != "").sum()

    def test_says_that_it_is_no_match_rate(self, result):
        assert has_words(chart.spec(result), "Fill share, not a match rate",
                         "part of the filled positions, not a match rate")
        assert result.caveats[0].startswith("A fill share is not a match rate")

    def test_the_axis_starts_at_0_and_holds_every_interval(self, result):
        low, high = chart.spec(result)["layout"]["xaxis"]["range"]
        assert low == 0 and high in (0.5, 1) and result.frame["share_high"].max() <= high

    def test_specialties_that_start_later_bear_a_star_at_pgy_1_only(self):
        spec = chart.spec(fill_shares())
        assert has_words(spec, "Dermatology *", "Diagnostic Radiology *",
                         "* Most places of the specialty start at PGY-2")
        assert not has_words(chart.spec(fill_shares(positions="all")), "*")
        assert any("Dermatology" in note and "start at PGY-2" in note for note in fill_shares().caveats)
        assert not any("start at PGY-2" in note for note in fill_shares(positions="PGY-2").caveats)

    def test_hover_names_counts_interval_base_and_source(self, result):
        for trace in chart.spec(result)["data"]:
            for text, symbol in zip(trace["hovertext"], trace["marker"]["symbol"]):
                assert "Fill share" in text and " of " in text and "95 % interval" in text and "Source: " in text
                assert ("Unstable" in text) == symbol.endswith("-open")


class TestResult:
    def test_can_be_asked_again_and_run_as_sql(self, result, con):
        assert result.question.ask().frame.equals(result.frame) and json.dumps(result.question.arguments)
        rows = con.sql(result.to_sql()).df()
        shown = set(zip(result.frame["specialty"], result.frame["track"], result.frame["applicant_type"]))
        assert shown <= set(zip(rows["specialty"], rows["track"], rows["applicant_type"]))
        assert result.sources and result.title.endswith("?")

    def test_a_row_is_explained(self):
        explained = explain(fill_shares(minimum_filled=1000), 0)
        assert explained.value.startswith("626") and "Family Medicine" in explained.heading

    @pytest.mark.parametrize("wanted, words", [
        ({"applicant_types": ()}, "Choose at least one"), ({"applicant_types": ("x",)}, "allowed: us_md_senior"),
        ({"positions": "PGY-9"}, "allowed: PGY-1, PGY-2"), ({"sort": "x"}, "allowed: share"),
        ({"match_year": "2025"}, "whole numbers"), ({"match_year": 2020}, "It is for 2013, 2019, 2021"),
        ({"applicant_types": ("canadian",)}, "another type"), ({"minimum_filled": 0.5}, "whole numbers")])
    def test_what_cannot_be_answered_is_said_in_one_line(self, wanted, words):
        with pytest.raises(UserError, match=words) as error:
            fill_shares(**wanted)
        assert "\n" not in str(error.value)

    def test_a_type_without_any_share_is_named(self):
        assert any("US DO graduate" in note and "not published" in note for note in
                   fill_shares(("us_md_senior", "us_do_graduate"), 2020).caveats)


class TestExplorer:
    def test_offers_the_years_of_the_chosen_types_and_positions(self):
        explorer = FillSharesExplorer()
        assert explorer.year.options == tuple(filled.years(IMGS, "PGY-1"))
        explorer.positions.value = "all"
        assert explorer.year.options == (2025,) and explorer.year.disabled
        assert "2025 only" in words(explorer.meaning)
        explorer.selection = {"positions": "PGY-1", "applicant_types": ("us_md_senior",), "match_year": 2016}
        assert explorer.result.question.arguments["match_year"] == 2016
        assert explorer.sort_type.value == "us_md_senior"

    def test_follows_the_minimum_and_says_when_nothing_is_left(self):
        explorer = FillSharesExplorer(minimum_filled=500)
        assert explorer.result.frame["positions"].min() >= 500
        explorer.selection = {"match_year": 2013, "applicant_types": IMGS}
        assert explorer.result is not None
        explorer.types.value = ()
        assert explorer.result is None and visible(explorer.notice) and "at least one" in words(explorer.notice)

    @pytest.mark.parametrize("bad", [{"match_year": 1999}, {"positions": "x"}, {"minimum_filled": 900}, {"x": 1},
                                     {"sort_type": "us_md_senior"}])
    def test_refuses_a_bad_selection_and_keeps_the_good_one(self, bad):
        explorer = FillSharesExplorer()
        before = explorer.selection
        with pytest.raises(UserError):
            explorer.selection = bad
        assert explorer.selection == before and explorer.result is not None

    def test_the_table_has_the_rows_of_the_chart(self, result):
        table = twin(result)
        frame = result.frame
        assert len(table.rows) == frame.drop_duplicates(["specialty", "track"]).shape[0]
        first = frame.iloc[0]
        if not first["reason"]:
            assert f"{first['filled']:,.0f} of {first['positions']:,.0f}" in table.rows[0][1]
        assert all(len(row) == len(table.columns) for row in table.rows)
