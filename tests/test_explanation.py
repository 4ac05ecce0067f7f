"""Where a number comes from: tiny synthetic facts whose explanation can be written by hand."""

import sys
from html.parser import HTMLParser

import pandas as pd
import pytest

from imganalytics.errors import UserError
from imganalytics.result import Question, Result, RowsOf, Source
from imganalytics.studies.competitiveness import competitiveness
from imganalytics.studies.coverage import coverage
from imganalytics.studies.explain import explain, explain_place
from imganalytics.studies.explanation import Correction, Explanation, Fact
from imganalytics.studies.lineage import pages
from imganalytics.studies.reading import reading
from imganalytics.warehouse.conflicts import RULE
from tests.datasets_copy import Facts, synthetic

RATE = {"match_year": 2025, "specialty": "Synthetic Medicine", "track": "categorical", "entry_level": "PGY-1",
        "applicant_type": "us_img", "base": "preferred"}
PLAIN, CONFLICT, REPLACED, WITHHELD, LACKING, APART, JOINED, FILLED, SUMMED, BESIDE, TWO, DIFFERENCE, FEW, NONE, SHARE, HIDDEN, OTHER = \
    range(2001, 2018)  # a year for each case
COUNTRY = {"specialty": "All specialties", "track": "all", "base": "active"}
CITED = {"source_id": "synthetic_report", "locator": "p.1", "derivation": "published"}


def counted(year: int, **by_measure: float) -> list[dict]:
    """A fact for each measure, all of the same place."""
    return [{"match_year": year, "measure": measure, "value": value} for measure, value in by_measure.items()]


def at(rows: list[dict], **cells: object) -> list[dict]:
    """The same facts with other cells."""
    return [row | cells for row in rows]


def key(year: int, **more: object) -> str:
    """A place in words."""
    return "; ".join(f"{name}={value}" for name, value in (RATE | {"match_year": year} | more).items())


def correction(number: int, year: int, measure: str, printed: float, **cells: object) -> dict:
    """A correction of the synthetic report."""
    return {"correction_id": f"c{number:03}", "table": "match_applicants", "field": "value", "expected_value": printed,
            "row_key": key(year, measure=measure, source_id="synthetic_report")} | cells


def tables() -> dict[str, list[dict]]:
    """The facts of every case."""
    press, other_type = {"source_id": "synthetic_press"}, {"applicant_type": "non_us_img"}
    states = [{"match_year": SUMMED, "state": state, "filled": number, "locator": f"p.{number}"}
              for state, number in (("NY", 3), ("NJ", 5), ("PA", 7))]
    states += [{"match_year": BESIDE, "state": state, "filled": number} | press for state, number in (("NY", 4), ("NJ", 2))]
    return {
        "match_applicants": [
            *counted(PLAIN, applicants=100, matched=30),
            *counted(CONFLICT, applicants=100, matched=30),
            *at(counted(CONFLICT, applicants=100, matched=33, matched_pct=33), **press),
            *counted(REPLACED, applicants=100, matched=30), *counted(WITHHELD, applicants=100, matched=30),
            *counted(LACKING, applicants=100),
            *counted(APART, matched=30), *at(counted(APART, applicants=100), **press),
            *at(counted(JOINED, applicants=100), **COUNTRY), *at(counted(JOINED, matched=30, matched_pct=30), **COUNTRY, **press),
            *at(counted(FILLED, applicants=100), base="ranked_anywhere"),
            *at(counted(TWO, applicants=100, matched=30), specialty="Synthetic Surgery"), *counted(TWO, applicants=50, matched=40),
            *counted(DIFFERENCE, applicants=100, matched=50), *at(counted(DIFFERENCE, applicants=100, matched=30), **other_type),
            *counted(HIDDEN, applicants=40, matched=20), *at(counted(HIDDEN, applicants=400, matched=20), **other_type),
            *[row for year, counts in ((FEW, {"applicants": 4, "matched": 2}), (NONE, {"applicants": 0, "matched": 0}),
                                       (SHARE, {"matched_pct": 30}))
              for row in counted(year, **counts) + at(counted(year, applicants=50, matched=20), **other_type)]],
        "match_results": at(counted(FILLED, positions_filled=30) + counted(BESIDE, positions_filled=7), applicant_type="us_img"),
        "state_results": [row | {"offered": 9, "filled": 9} for row in states], "state_fill": states,
        "rank_list_results": [{"match_year": OTHER, "applicant_type": "us_img", "matched": 30, "unmatched": 10} | CITED],
        "soap_results": [{"match_year": OTHER, "measure": "positions_filled", "value": 7, "note": "so it is"} | CITED],
        "corrections": [correction(1, REPLACED, "matched", 30, action="replace", new_value=31),
                        correction(2, WITHHELD, "matched", 30, action="withhold"),
                        correction(3, WITHHELD, "applicants", 100, action="withhold")]}


def forget() -> None:
    """Have the package read and ask everything anew, as in a new process."""
    for name, module in list(sys.modules.items()):
        if name.startswith("imganalytics"):
            for thing in list(vars(module).values()):
                getattr(thing, "cache_clear", lambda: None)()


@pytest.fixture(scope="module", autouse=True)
def facts(tmp_path_factory):
    """Makes the synthetic facts those of this process."""
    folder = tmp_path_factory.mktemp("explanation")
    with pytest.MonkeyPatch.context() as patch:
        made = synthetic(folder / "datasets", **tables())
        patch.setenv("IMGANALYTICS_DATASETS", str(made.folder))
        patch.setenv("IMGANALYTICS_HOME", str(folder / "home"))
        forget()
        yield made
    forget()


def of(year: int, **place: object) -> Explanation:
    """The explanation of the rate of a case."""
    return explain_place("match_rates", RATE | {"match_year": year} | place)


def term(explanation: Explanation, wanted: str) -> list[str]:
    """The lines of a term, with what is said beside them."""
    return [f"{line.text} | {line.aside}".rstrip(" |") for block in explanation.blocks() for name, lines in block
            if name == wanted for line in lines]


class TestRate:
    def test_names_counts_page_source_and_how(self):
        assert str(of(PLAIN)).splitlines() == [
            "Match rate, Synthetic us_img: Synthetic Medicine",
            "categorical, PGY-1, 2001 Match, base: applicants who ranked the specialty first",
            "30.0 % (95 % interval 21.9 % to 39.6 %; 30 matched of 100)",
            "  Page          synthetic table 1",
            "  Printed       Synthetic applicants: 100 (match_applicants.csv, row 2)",
            "                Synthetic matched: 30 applicants (match_applicants.csv, row 3)",
            "  Source        Synthetic publisher: Synthetic report (synthetic_report, primary)",
            "  Read at       nowhere",
            "  How           Matched / applicants, as printed. The interval is Wilson's, 95 %."]

    def test_shows_what_others_print_with_difference_and_rule(self):
        found = of(CONFLICT)
        assert [(one.fact.what, one.fact.value, one.difference) for one in found.alternatives] == [
            ("Synthetic applicants", 100, 0), ("Synthetic matched", 33, 3), ("Synthetic matched_pct", 33, 3)]
        assert term(found, "Others print") == [
            "Synthetic applicants: 100 (the same); Synthetic matched: 33 applicants (+3); Synthetic matched_pct: 33 % "
            "(+3.0 points). Synthetic publisher: Synthetic press (synthetic_press) | synthetic table 1; precedence 60; "
            "match_applicants.csv, rows 6, 7, 8"]
        assert term(found, "Preferred") == [f"{RULE}; a source that gives both counts before one that does not"]

    def test_shows_what_was_printed_where_it_was_replaced(self):
        found = of(REPLACED)
        assert found.value == "31.0 %" and "Synthetic matched: 31 applicants, as corrected" in str(found)
        assert term(found, "Corrected") == [
            "Synthetic matched: printed 30, here 31. synthetic. | c001 in corrections.csv; by Synthetic publisher: "
            "Synthetic other_report (synthetic_other_report)"]

    def test_says_why_it_is_withheld(self, facts: Facts):
        found, row = of(WITHHELD), facts.find("match_applicants", match_year=WITHHELD, measure="applicants")
        assert (found.value, found.detail) == ("No rate", "withheld: sources disagree")
        assert term(found, "Printed") == [f"Synthetic applicants: withheld | match_applicants.csv, row {row}",
                                          f"Synthetic matched: withheld | match_applicants.csv, row {row + 1}"]
        assert [(one.correction_id, one.printed, one.here) for one in found.corrections] == [
            ("c002", "30", "withheld"), ("c003", "100", "withheld")]
        assert found.missing == ()

    def test_that_is_not_published_says_what_was_looked_for(self):
        found = of(PLAIN, applicant_type="non_us_img")
        assert (found.value, found.facts) == ("Not published in any source here", ())
        assert term(found, "Not published") == [
            "Applicants and matched (or unmatched): in no source here. Looked for in match_applicants.csv at "
            f"{key(PLAIN, applicant_type='non_us_img')}."]

    @pytest.mark.parametrize("year, missing", [
        (LACKING, "Matched (or unmatched): in no source here. Looked for in match_applicants.csv at " + key(LACKING) + "."),
        (APART, "Applicants: only by a source that gives no count to go with it; counts of two sources are put together only "
                "where a printed share confirms them.")])
    def test_that_lacks_a_count_says_which_and_why(self, year, missing):
        assert of(year).value == "No rate" and of(year).missing == (missing,)

    def test_joined_of_two_sources_rests_on_both_and_on_the_share(self):
        found = of(JOINED, **COUNTRY)
        assert {(fact.what, fact.source.source_id) for fact in found.facts} == {
            ("Synthetic applicants", "synthetic_report"), ("Synthetic matched", "synthetic_press"),
            ("Synthetic matched_pct", "synthetic_press")}
        assert found.alternatives == () and "confirmed by the printed share" in found.how[0]

    def test_from_positions_filled_follows_them_to_their_file(self):
        found = of(FILLED, base="ranked_anywhere")
        assert [(fact.what, fact.value, fact.file) for fact in found.facts] == [
            ("Synthetic applicants", 100, "match_applicants.csv"), ("Synthetic positions_filled", 30, "match_results.csv")]
        assert found.facts[1].row == 2 and found.value == "30.0 %"


class TestSum:
    PLACE = {"specialty": "Synthetic Medicine", "applicant_type": "us_img"}

    def test_counts_its_parts_and_names_their_pages(self):
        found = explain_place("match_results", self.PLACE | {"match_year": SUMMED})
        assert found.value == "15 positions"
        assert term(found, "Page") == ["p.3 to p.7 (3 pages)"]
        assert term(found, "Derived") == ["Synthetic positions_filled: 15 | 3 rows of state_fill.csv"]
        assert term(found, "Derivation") == ["summed over states"]

    def test_stands_beside_what_is_printed(self):
        found = explain_place("match_results", self.PLACE | {"match_year": BESIDE})
        [other] = found.alternatives
        assert (found.value, other.fact.value, other.fact.parts, other.difference) == ("7 positions", 6, 2, -1)
        assert "(\u22121)" in term(found, "Others print")[0] and "2 rows of state_fill.csv" in term(found, "Others print")[0]

    @pytest.mark.parametrize("locators, words", [
        (["p.7"], "p.7"), (["p.10", "p.9"], "p.9 to p.10 (2 pages)"), (["b", "a"], "a; b"), (["p.1", "table"], "p.1; table"),
        (list("edcba"), "a; b; c and 2 more")])
    def test_names_pages_in_few_words(self, locators, words):
        assert pages(locators) == words


class TestRowOfAResult:
    def test_is_named_by_label_or_position(self):
        result = competitiveness(["us_img"], "preferred", TWO)
        assert [explain(result, row).value for row in (0, 1)] == ["80.0 %", "30.0 %"]
        named = Result(result.frame.set_index("specialty", drop=False), result.question, rows_of=result.rows_of)
        assert explain(named, "Synthetic Surgery").value == explain(named, 1).value == "30.0 %"

    @pytest.mark.parametrize("row", [2, -1, "Alchemy", 0.5, None, [0], "1"])
    def test_that_is_not_there_is_refused_in_one_line(self, row):
        with pytest.raises(UserError) as error:
            explain(competitiveness(["us_img"], "preferred", TWO), row)
        assert str(error.value) == f"row {row!r}: no rows of this result have it; allowed: 0 to 1, or a position from 0 to 1"

    def test_of_an_empty_result_is_refused(self):
        with pytest.raises(UserError, match="row 0: this result has no rows"):
            explain(Result(pd.DataFrame(), Question("nothing", {})), 0)

    def test_of_a_difference_rests_on_both_rates(self):
        found = explain(competitiveness(["us_img", "non_us_img"], "preferred", DIFFERENCE, sort="difference"), 0)
        assert found.value == "50.0 %"
        assert [(fact.what, fact.value) for fact in found.facts] == [
            ("Synthetic applicants", 100), ("Synthetic matched", 50),
            ("Synthetic non_us_img, synthetic applicants", 100), ("Synthetic non_us_img, synthetic matched", 30)]
        assert found.how[1].startswith("Difference, Synthetic us_img minus Synthetic non_us_img: +20.0 (+6.4 to +32.6) points")

    def test_hidden_by_the_users_minimum_says_so(self):
        found = explain(competitiveness(["us_img", "non_us_img"], "preferred", HIDDEN, minimum_applicants=100), 0)
        assert found.value == "50.0 %" and found.how[-1] == "Shown without a number here: below your minimum."

    @pytest.mark.parametrize("year, values, reason", [
        (FEW, [4, 2], "fewer than 5 applicants"), (NONE, [0, 0], "no applicants"), (SHARE, [30], "printed without counts")])
    def test_without_a_number_says_why_as_the_study_does(self, year, values, reason):
        result = competitiveness(["us_img", "non_us_img"], "preferred", year)
        found = explain(result, 0)
        assert (found.value, found.detail) == ("No rate", reason) == ("No rate", result.frame["reason"][0])
        assert [fact.value for fact in found.facts] == values

    def test_of_a_study_of_practice_names_no_figure(self):
        found = explain(reading(20, 0), 0)
        assert found.facts == () and found.value == "0.0 %"
        assert found.how == ("Calculated by the study 'reading' from applicants=20; matched=0; it names no published figure.",)

    def test_of_a_study_that_does_not_say_what_its_rows_are_names_the_sources(self):
        source = Source("a", "Results", "NRMP", 2025, "p. 1", "facts", "primary")
        found = explain(Result(pd.DataFrame({"x": [1]}), Question("trends", {"year": 2025}), sources=(source,)), 0)
        assert found.how == ("The study 'trends' (year=2025) does not say which rows it rests on. "
                             "Source: NRMP, 2025: Results.",)

    def test_that_counts_figures_names_their_sources_and_files(self):
        result = coverage()
        found = {(what, year): explain(result, row) for row, (what, year)
                 in enumerate(zip(result.frame["what"], result.frame["match_year"]))}
        many = found["Positions filled by state and specialty", SUMMED]
        assert (many.heading, many.value) == ("Positions filled by state and specialty, Synthetic us_img", "3 figures")
        assert [(fact.value, fact.file, fact.source.source_id) for fact in many.facts] == [(3, "state_fill.csv", "synthetic_report")]
        one = found["Length of rank lists", OTHER]
        assert {fact.value for fact in one.facts} >= {30, 10} and {fact.row for fact in one.facts} == {2}

    def test_of_any_study_is_followed_by_one_line_of_it(self):
        result = Result(pd.DataFrame({"year": [OTHER], "measure": ["positions_filled"]}), Question("soap", {}),
                        rows_of=RowsOf("soap_results", ("measure",), {"match_year": OTHER}))
        found = explain(result, 0)
        assert (found.heading, found.scope, found.value) == ("Synthetic positions_filled", f"{OTHER} Match", "7 positions")
        assert term(found, "Note") == ["so it is"]

    def test_that_names_a_row_by_its_key_is_followed(self):
        frame = pd.DataFrame({"table": ["match_applicants"], "source_id": ["synthetic_other_report"],
                              "row_key": [key(REPLACED, measure="matched", source_id="synthetic_report")]})
        found = explain(Result(frame, Question("corrected", {})), 0)
        assert found.value == "31 applicants" and found.corrections[0].printed == "30"


class TestOnScreen:
    NASTY = "<script>alert('x')</script> & \"y\""
    FACT = Fact("Matched", 1, "", Source("a", "t", "p", None, "nowhere", "facts", "primary"), 10, "p.1", "published")

    def test_no_text_becomes_markup(self):
        source = Source("a", self.NASTY, self.NASTY, None, "https://example.org/?a=1&b=\"2\"", "facts", self.NASTY)
        fact = Fact(self.NASTY, 1, self.NASTY, source, 10, self.NASTY, self.NASTY, self.NASTY, self.NASTY, 2)
        said = Explanation(self.NASTY, self.NASTY, self.NASTY, self.NASTY, (self.NASTY,), (fact,),
                           (Correction(self.NASTY, self.NASTY, self.NASTY, self.NASTY, self.NASTY, source),), (), self.NASTY)
        tags: list[tuple[str, dict]] = []
        parser = HTMLParser()
        parser.handle_starttag = lambda tag, attrs: tags.append((tag, dict(attrs)))
        parser.feed(said.to_html())
        assert {tag for tag, _ in tags} == {"p", "strong", "dl", "dt", "dd", "small", "a"}
        assert [attrs for tag, attrs in tags if tag == "a"] == [
            {"href": "https://example.org/?a=1&b=\"2\"", "target": "_blank", "rel": "noopener noreferrer"}]

    @pytest.mark.parametrize("read_at", ["github:owner/name@abc:file.pdf", "https://a.org and https://b.org", "nowhere",
                                         "javascript:alert(1)", "see https://a.org"])
    def test_only_an_address_is_a_link(self, read_at):
        fact = Fact("Matched", 1, "", Source("a", "t", "p", None, read_at, "facts", "primary"), 10, "p.1", "published")
        assert "<a " not in Explanation("x", facts=(fact,)).to_html()

    def test_the_printed_page_comes_first(self):
        said = Explanation("x", how=("so",), facts=(self.FACT,), missing=("y",))
        assert said.blocks()[0][0] == ("Page", [("p.1", "", "")])
