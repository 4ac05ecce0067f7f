"""ECFMG certification: what is printed, what is withheld, and what gets no mark."""

import pytest

from imganalytics.charts.certification import figure, spec
from imganalytics.errors import UserError
from imganalytics.explorers.certification import CertificationExplorer, certification_twin
from imganalytics.statistics.rates import wilson
from imganalytics.studies.certification import EVERY, FIGURES, certification
from imganalytics.studies.explain import explain
from tests.chart_checks import check, has_words
from tests.explorer_helpers import words


def rows(figure_: str) -> dict:
    return {row["certificate_id"]: row for row in certification(figure_).frame.to_dict("records")}


def test_counts_of_several_years_are_averages():
    own = rows("counts")
    assert own["ec001"]["total"] == 287382 and own["ec001"]["a_year"] == pytest.approx(287382 / 48)  # 1958 to 2005
    assert own["ec005"]["a_year"] == pytest.approx(15601.7)  # ten years, 2009 to 2018; the source says about 15,600
    assert own["ec002"]["a_year"] == 10328 and own["ec002"]["period"] == "2005/06"  # from July to June: one year
    assert own["ec018"]["a_year"] == pytest.approx(17049 / 21)


def test_what_has_no_year_or_cannot_be_right_gets_no_mark():
    own = rows("counts")
    assert own["ec003"]["reason"] == "about 10,000 a year, no year stated"
    assert own["ec003"]["a_year"] != own["ec003"]["a_year"]
    assert own["ec007"]["reason"].startswith("withheld: 4,244") and own["ec007"]["a_year"] != own["ec007"]["a_year"]
    assert any("4,254" in note for note in certification("counts").caveats)


def test_shares_are_words_and_printed_ranges():
    own = rows("shares")
    assert (own["ec017"]["range_low"], own["ec017"]["range_high"]) == (0.191, 0.915)
    assert own["ec017"]["reason"] == "74.2 % printed, without counts"
    assert own["ec004"]["reason"].startswith("about 60 %")
    assert certification("shares").frame["share"].isna().all()


def test_shares_of_the_register_have_intervals(con):
    own = rows("physicians")
    assert own["ec013"]["share"] == pytest.approx(14352 / 263029)
    low, high = wilson(14352, 263029)
    assert (own["ec013"]["low"], own["ec013"]["high"]) == pytest.approx((float(low), float(high)))
    assert "ec011" not in own  # the whole itself
    assert any("263,029 came as IMGs: 24.7 % (24.6 to 24.8)" in note for note in certification("physicians").caveats)
    (whole,) = con.execute("SELECT value FROM published.ecfmg_certificates WHERE certificate_id = 'ec011'").fetchone()
    assert set(certification("physicians").frame["whole"]) == {whole}


@pytest.mark.parametrize("asked", FIGURES)
def test_ask_again_sql_explanations_and_chart(asked, con):
    result = certification(asked)
    assert result.question.ask().frame.equals(result.frame)
    assert len(con.execute(result.to_sql()).df()) >= len(result.frame)
    made = spec(result)
    check(made)
    assert figure(result).layout.width == 980 and result.sources and result.title.endswith("?")
    for at in range(len(result.frame)):
        assert explain(result, at).facts


def test_the_charts_tell_words_from_marks():
    made = spec(certification("counts"))
    assert sum(len(trace["x"]) for trace in made["data"]) == 8
    assert has_words(made, "no year stated", "withheld", "156,017 applied")
    ranges = spec(certification("shares"))
    assert [trace["x"] for trace in ranges["data"]] == [[0.28, 0.86], [0.27, 0.82], [0.191, 0.915]]
    assert has_words(ranges, "not an interval", "about 60 % printed", "74.2 %, no counts")


def test_years_choose_and_empty_years_say_so():
    frame = certification("counts", (2016, 2018)).frame
    assert set(frame["certificate_id"]) == {"ec005", "ec008", "ec009", "ec003"}  # the undated one stays, in words
    with pytest.raises(UserError, match="nothing is published from 2020 to 2022"):
        certification("counts", (2020, 2022))
    for years in ((2010, 2000), "ab", (1,)):
        with pytest.raises(UserError, match="two years"):
            certification("counts", years)
    with pytest.raises(UserError, match="figure"):
        certification("match")
    check(spec(certification("shares", (2000, 2001))))


def test_the_explorer_follows_its_controls():
    explorer = CertificationExplorer()
    assert explorer.selection == {"figure": "counts", "years": list(EVERY)}
    explorer.kind.value = "shares"
    assert len(explorer.result.frame) == 4
    explorer.selection = {"figure": "counts", "years": [2020, 2022]}
    assert explorer.result is None and "nothing is published" in words(explorer.notice)
    explorer.selection = {"years": [1958, 2022]}
    explorer.explained = ("ec005",)
    assert explorer.explanation.facts
    for wanted in ({"years": [1900, 2000]}, {"years": [2010, 2000]}, {"figure": "x"}):
        with pytest.raises(UserError):
            explorer.selection = wanted
    assert certification_twin(explorer.result).rows[0][:2] == ["All applicants", "2009\u20132018"]
