"""What is published at all: which base, year and applicant type have rates, and what lies nearest to a wish."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import pandas as pd

from imganalytics.result import Question, Result
from imganalytics.vocabulary import ALL_SPECIALTIES, BASES, applicant_types
from imganalytics.warehouse import connect

RATES = """
SELECT base, match_year, applicant_type,
       count(*) FILTER (applicants IS NOT NULL) AS specialties_counted,
       count(*) FILTER (rate IS NOT NULL) AS specialties_with_rate,
       sum(applicants) AS applicants,
       bool_or(specialty <> 'All specialties') AS by_specialty
FROM match_rates GROUP BY ALL ORDER BY ALL"""

TABLES = """
SELECT 'match_rates' AS table_name, 'Match rates: ' || base AS what, match_year, applicant_type, count(rate) AS figures
FROM match_rates GROUP BY ALL HAVING count(rate) > 0
UNION ALL
SELECT 'match_results', measure, match_year, applicant_type, count(*) FROM match_results
WHERE measure IN ('positions_offered', 'positions_filled') GROUP BY ALL
UNION ALL
SELECT 'rank_list_results', 'rank list length and result', match_year, applicant_type, count(*)
FROM rank_list_results GROUP BY ALL
UNION ALL
SELECT 'state_fill', 'filled by state', match_year, applicant_type, count(*) FROM state_fill GROUP BY ALL
UNION ALL
SELECT 'state_img_totals', 'filled by state', match_year, 'us_img', count(us_img) FROM state_img_totals GROUP BY ALL
HAVING count(us_img) > 0
UNION ALL
SELECT 'state_img_totals', 'filled by state', match_year, 'non_us_img', count(non_us_img) FROM state_img_totals
GROUP BY ALL HAVING count(non_us_img) > 0
UNION ALL
SELECT 'applicant_traits', 'traits of matched and unmatched', match_year, applicant_type, count(*)
FROM applicant_traits WHERE NOT suppressed GROUP BY ALL
ORDER BY ALL"""


@dataclass(frozen=True)
class Choice:
    """A base, a year and applicant types for which rates are published."""

    base: str
    match_year: int
    applicant_types: tuple[str, ...]

    @property
    def label(self) -> str:
        """The choice in words."""
        types = ", ".join(applicant_types()[key].label for key in self.applicant_types)
        return f"{types}: {BASES[self.base].label.lower()}, {self.match_year}"


@cache
def rates_published() -> pd.DataFrame:
    """Base x year x applicant type with a published count: specialties with a count and with a rate, applicants."""
    return connect().sql(RATES).df()


def years(base: str, types: Sequence[str]) -> list[int]:
    """Years for which at least one of `types` has a published rate on `base`, ascending."""
    frame = rates_published()
    fits = (frame["base"] == base) & frame["applicant_type"].isin(types) & (frame["specialties_with_rate"] > 0)
    return sorted(int(year) for year in frame.loc[fits, "match_year"].unique())


def types_with_rates() -> list[str]:
    """Applicant types that have a rate by specialty on any base, in the order of the screen."""
    frame = rates_published()
    known = set(frame.loc[frame["by_specialty"] & (frame["specialties_with_rate"] > 0), "applicant_type"])
    return [key for key in applicant_types() if key in known]


def nearest(base: str, match_year: int, types: Sequence[str]) -> Choice | None:
    """The published choice that changes least: as many of the types as possible, then the same base, then the
    nearest year, then the most specialties. None when none of the types has any rate.
    """
    frame = rates_published()
    frame = frame[(frame["specialties_with_rate"] > 0) & frame["applicant_type"].isin(types)
                  & (frame["by_specialty"] | (base == "active"))]
    best: tuple[tuple[int, bool, int, int], Choice] | None = None
    for (found_base, year), group in frame.groupby(["base", "match_year"]):
        kept = tuple(key for key in types if key in set(group["applicant_type"]))
        cost = (-len(kept), found_base != base, abs(int(year) - match_year), -int(group["specialties_with_rate"].sum()))
        if best is None or cost < best[0]:
            best = cost, Choice(str(found_base), int(year), kept)
    return best and best[1]


def coverage() -> Result:
    """What is published by year, table and applicant type: one row for each with its number of figures.

    `figures` counts rows with a value; a combination that is not in the frame is not published in any source here.
    """
    frame = connect().sql(TABLES).df()
    labels = {key: kind.label for key, kind in applicant_types().items()}
    frame["type_label"] = frame["applicant_type"].map(labels)
    return Result(frame, Question("coverage", {}), title="What is published, and for whom?", sql=TABLES,
                  subtitle=f"{frame['match_year'].min()}-{frame['match_year'].max()}; number of figures by year, table "
                           "and applicant type; empty means not published in any source here")


def is_whole_country(base: str) -> bool:
    """Whether a base is published for the whole Match only, not by specialty."""
    frame = rates_published()
    return not frame.loc[frame["base"] == base, "by_specialty"].any()


__all__ = ["ALL_SPECIALTIES", "Choice", "coverage", "is_whole_country", "nearest", "rates_published",
           "types_with_rates", "years"]
