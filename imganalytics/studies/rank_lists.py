"""How long were the rank lists of those who matched and of those who did not, year by year?"""

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any

import pandas as pd

from imganalytics.errors import UserError
from imganalytics.result import Question, Result, RowsOf
from imganalytics.studies.breaks import BREAKS, Break
from imganalytics.studies.provenance import sources_of
from imganalytics.studies.words import listing
from imganalytics.vocabulary import applicant_types, require
from imganalytics.warehouse import connect

LEVER = "A long list is a symptom of many interviews, not a lever."
CAUTION = (f"{LEVER} Applicants rank programs that interviewed them, so a long list tells of many invitations. These means do "
           "not say that one more program on a list changes anything.")

# A line is not drawn across these years.
CHANGES = (
    Break(2019, ("rank_lists",), ("us_do_senior",), 2018.5,
          "2019: other tables give DO students and graduates together up to 2018; whether this one does is not said.",
          "aacom_2018"),
    *(each for each in BREAKS if "rank_lists" in each.series))

QUERY = """
SELECT match_year, r.applicant_type, t.label AS type_label, matched, unmatched, mean_ranks_matched, mean_ranks_unmatched,
       source_id, locator, derivation, note
FROM rank_list_results r JOIN applicant_types t USING (applicant_type)
WHERE list_contains($types::VARCHAR[], r.applicant_type) AND match_year BETWEEN $first_year AND $last_year
ORDER BY list_position($types::VARCHAR[], r.applicant_type), match_year"""


@cache
def span() -> tuple[int, int]:
    """The first and the last year for which lengths of rank lists are published."""
    return connect().execute("SELECT min(match_year), max(match_year) FROM rank_list_results").fetchone()


@cache
def types_listed() -> tuple[str, ...]:
    """Applicant types with published lengths of rank lists, in the order of the screen."""
    known = {kind for (kind,) in connect().sql("SELECT DISTINCT applicant_type FROM rank_list_results").fetchall()}
    return tuple(key for key in applicant_types() if key in known)


def rank_lists(applicant_types: Sequence[str] = ("us_img", "non_us_img"),
               years: Sequence[int] = (2006, 2025)) -> Result:
    """Mean number of programs ranked by matched and unmatched applicants, with n; couples excluded.

    Args:
        applicant_types: keys of applicant types, in the order to be drawn.
        years: the first and the last year of the Match.

    Returns:
        A frame of one row for each type and year: matched, unmatched (counts), mean_ranks_matched, mean_ranks_unmatched,
        stretch (a line is drawn through the years of one stretch only), provenance. No spread is published, so the means
        have no interval.

    Raises:
        UserError: an unknown type or an impossible span of years, with what is allowed.
    """
    if isinstance(applicant_types, str) or not applicant_types:
        raise UserError("choose at least one applicant type")
    types = tuple(dict.fromkeys(require(key, types_listed(), "applicant type with rank lists")
                                for key in applicant_types))
    first, last = _checked(years)
    frame = _figures(types, first, last)
    rows = [dict(zip(frame.columns, row)) for row in zip(*(frame[name].tolist() for name in frame))]
    return Result(
        frame, Question("rank_lists", {"applicant_types": list(types), "years": [first, last]}),
        title="How long were the rank lists of those who matched and of those who did not?",
        subtitle=_subtitle(rows, first, last), summary=_summary(rows), caveats=_caveats(types, first, last),
        sources=sources_of(frame["source_id"]), sql=QUERY,
        parameters={"types": list(types), "first_year": first, "last_year": last},
        rows_of=RowsOf("rank_list_results", ("match_year", "applicant_type")))


def _checked(years: Sequence[int]) -> tuple[int, int]:
    low, high = span()
    if len(years) != 2 or not all(isinstance(year, int) for year in years) or not low <= years[0] <= years[1] <= high:
        raise UserError(f"years {tuple(years)!r}; allowed: a first and a last year from {low} to {high}")
    return years[0], years[1]


@lru_cache(maxsize=256)
def _figures(types: tuple[str, ...], first: int, last: int) -> pd.DataFrame:
    """Kept: callers must not write to it."""
    frame = connect().execute(QUERY, {"types": list(types), "first_year": first, "last_year": last}).df()
    frame["stretch"] = [sum(year >= each.year for each in CHANGES if not each.types or kind in each.types)
                        for kind, year in zip(frame["applicant_type"], frame["match_year"])]
    return frame


def crossed(types: Sequence[str], first: int, last: int) -> list[Break]:
    """The changes between two years that concern any of these types."""
    return [each for each in CHANGES if first < each.year <= last and (not each.types or set(each.types) & set(types))]


def _subtitle(rows: list[dict[str, Any]], first: int, last: int) -> str:
    parts = [row for row in rows if not applicant_types()[row["applicant_type"]].is_subtotal] or rows
    n = {words: sum(row[words] for row in parts) for words in ("matched", "unmatched")}
    when = f"{first} Match" if first == last else f"{first}-{last} Matches"
    return ("Base: applicants with a certified rank order list, couples excluded; matched to a position of any level, or "
            f"not. {when}. n = {n['matched']:,} matched and {n['unmatched']:,} not matched. Means of the number of programs "
            "ranked; their spread is not published, so there is no interval.")


def _summary(rows: list[dict[str, Any]]) -> str:
    parts = []
    for kind in dict.fromkeys(row["applicant_type"] for row in rows):
        own = [row for row in rows if row["applicant_type"] == kind]
        ends = own[:1] + own[-1:] if len(own) > 1 else own
        spans = [" to ".join(f"{row[f'mean_ranks_{cohort}']:.2f} ({row['match_year']})" for row in ends)
                 for cohort in ("matched", "unmatched")]
        parts.append(f"{applicant_types()[kind].plural}: matched {spans[0]}, not matched {spans[1]} programs ranked, in the "
                     "mean.")
    return " ".join(parts) + f" {LEVER}"


def _caveats(types: Sequence[str], first: int, last: int) -> tuple[str, ...]:
    labels = listing([applicant_types()[key].label for key in types_listed()])
    return (CAUTION, *(f"The line breaks. {each.why}" for each in crossed(types, first, last)),
            "Counted is every program on a list; Charting Outcomes counts ranks in a row of the preferred specialty instead.",
            f"Published for {labels}. Lists differ in length by specialty, and specialty, scores and visa need are not in this "
            "table.")
