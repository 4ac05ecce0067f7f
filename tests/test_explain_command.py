"""``imganalytics explain``: what it says of the real facts, and the one line by which it refuses."""

import json
import random

import pytest

from imganalytics.studies.explain import explain_row
from imganalytics.studies.explain_table import explain_table, explainable
from imganalytics.studies.lineage import SUMS, rows_where
from tests.test_command_line import printed, refused

PSYCHIATRY = ("match_rates", "match_year=2025", "specialty=Psychiatry", "applicant_type=us_img")


def test_a_figure_is_explained_down_to_page_and_row(con):
    lines = [" ".join(line.split()) for line in printed("explain", *PSYCHIATRY).splitlines()]
    rows = dict(con.execute("""SELECT measure, file_row FROM published.match_applicants WHERE match_year = 2025 AND
        specialty = 'Psychiatry' AND applicant_type = 'us_img' AND base = 'ranked_anywhere'""").fetchall())
    assert lines[:3] == ["Match rate, US IMG: Psychiatry", "categorical, PGY-1, 2025 Match, base: applicants who ranked "
                         "the specialty anywhere on their list", "46.5 % (95 % interval 41.2 % to 51.9 %; 153 matched of 329)"]
    assert lines[3].startswith("Page Advance Data Tables")
    assert f"Printed Applicants: 329 (match_applicants.csv, row {rows['applicants']})" in lines
    assert f"Matched: 153 applicants (match_applicants.csv, row {rows['matched']})" in lines
    assert any("nrmp_adt_2025" in line for line in lines)


def test_the_row_it_names_is_the_row_of_the_file(con, root):
    [found] = json.loads(printed("explain", *PSYCHIATRY, "--format", "json"))
    for fact in found["facts"]:
        line = (root / "datasets" / fact["file"]).read_text("utf-8-sig").splitlines()[fact["row"] - 1]
        assert line.startswith("2025,Psychiatry,") and f",{fact['value']:g},nrmp_adt_2025," in line


def test_json_holds_what_the_text_holds(con):
    found = json.loads(printed("explain", "state_img_totals", "state=NY", "match_year=2018", "--format", "json"))
    assert [len(each["facts"]) for each in found] == [5] and found[0]["facts"][4]["value"] == 1384
    assert found[0]["facts"][0]["source"]["read_at"] == "https://www.matcharesident.com/intro-to-img"


def test_corrections_and_what_others_print_are_told(con):
    text = printed("explain", "match_rates", "specialty=Pediatrics", "applicant_type=us_img", "track=categorical", "match_year=2025")
    assert "No rate (withheld: sources disagree)" in text and "printed 251, here withheld" in text
    text = printed("explain", "match_rates", "match_year=2013", "applicant_type=img_all", "base=active")
    assert "Matched: 6,251 applicants (\u221260)" in text and "Preferred" in text


def test_several_rows_are_told_apart_by_a_blank_line(con):
    assert printed("explain", "match_rates", "specialty=Psychiatry", "match_year=2025", "base=ranked_anywhere").count("\n\n") > 2


@pytest.mark.parametrize("arguments, complaint", [
    (["match_rate"], "no table 'match_rate' with sources; nearest: match_rates; allowed: match_rates, "),
    (["zebra"], "no table 'zebra' with sources; allowed: applicant_traits, "),
    (["applicant_types"], "no table 'applicant_types' with sources"),
    (["match_rates", "Psychiatry"], "'Psychiatry': allowed: column=value, as in match_year=..."),
    (["match_rates", "specality=Psychiatry"], "no column 'specality' in match_rates; nearest: specialty; allowed: specialty, "),
    (["match_rates", "specialty=Psychiatri"], "no row of match_rates has specialty 'Psychiatri'; nearest: Psychiatry; "),
    (["match_rates", "specialty=General Surgery"], "no row of match_rates has specialty 'General Surgery'; nearest: Surgery-General;"),
    (["match_rates", "match_year=soon"], "no row of match_rates has match_year 'soon'; allowed: 2010, 2011, "),
    (["match_rates", "base=active", "base=preferred"], "base is said twice, 'active' and 'preferred'; allowed: once"),
    (["match_rates", "match_year=2025"], "rows of match_rates fit, and at most 10 are explained at once; name more of: base ("),
    (["match_rates", "match_year=2025", "specialty=Psychiatry", "applicant_type=us_img", "base=preferred"],
     "not published in any source here; with the others, base may be ranked_anywhere"),
    (["match_rates", "specialty='; DROP TABLE x"], "no row of match_rates has specialty \"'; DROP TABLE x\""),
])
def test_what_is_not_known_is_refused_with_what_is(con, arguments, complaint):
    assert complaint in refused("explain", *arguments)


def test_every_table_with_sources_is_explained(con):
    chosen = random.Random(20250321)
    for table, home in explainable().items():
        for row in rows_where(f"(SELECT * FROM {home} USING SAMPLE 3 ROWS (reservoir, {chosen.randint(1, 99)}))", {}):
            found = explain_row(table, row)
            assert found.heading and found.facts, (table, row)
            assert all(fact.source and fact.file and fact.text for fact in found.facts), (table, row)
            assert found.to_html() and str(found)


def test_every_kind_of_rate_rests_on_its_own_counts(con):
    rows = rows_where("(SELECT * FROM match_rates QUALIFY row_number() OVER (PARTITION BY derivation, base ORDER BY "
                      "match_year, specialty, applicant_type) = 1)", {})
    assert len(rows) > 20
    for row in rows:
        values = {fact.value for fact in explain_row("match_rates", row).facts}
        assert row["applicants"] in values | {None}, row
        assert row["matched"] in values | {None} or row["applicants"] - row["matched"] in values, row


def test_a_disagreement_is_shown_from_each_side(con):
    [(year, kind)] = con.execute("""SELECT match_year, applicant_type FROM conflicts WHERE "table" = 'match_applicants'
                                    AND measure = 'matched' AND is_preferred AND base = 'active' LIMIT 1""").fetchall()
    found = explain_table("match_applicants", [f"match_year={year}", f"applicant_type={kind}", "measure=matched", "base=active"])
    assert len(found) > 1 and all(each.alternatives for each in found)
    assert sum("goes first, not this one" in each.rule for each in found) == len(found) - 1


@pytest.mark.parametrize("derivation, columns", [
    ("summed over states", {"state_results": ("offered", "filled"), "state_fill": ("", "filled")}),
    ("summed from program rows", {"program_results": ("quota", "matched")})])
def test_the_parts_that_are_counted_add_up_to_the_sum(con, derivation, columns):
    sums = rows_where("(SELECT * FROM sums.match_facts WHERE measure IN ('positions_offered', 'positions_filled'))",
                      {"derivation": derivation}, tail="ORDER BY ALL")
    primary_care = [row for row in sums if row["specialty"] == "Emergency Medicine"]  # the sums put one code elsewhere
    for row in random.Random(1).sample(sums, 30) + primary_care[:30]:
        table, rows, where = SUMS[derivation](row)
        column = columns[table][row["measure"] == "positions_filled"]
        assert rows_where(rows, where, f"sum({column})::DOUBLE AS total") == [{"total": row["value"]}], row
