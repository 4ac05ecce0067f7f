"""What is published at all: which base, year and applicant type have rates, and what lies nearest to a wish."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import pandas as pd

from imganalytics.result import Question, Result
from imganalytics.studies.provenance import sources_of
from imganalytics.vocabulary import BASES, applicant_types
from imganalytics.warehouse import connect

RATES = """
SELECT base, match_year, applicant_type,
       count(*) FILTER (applicants IS NOT NULL) AS specialties_counted,
       count(*) FILTER (rate IS NOT NULL) AS specialties_with_rate,
       sum(applicants) AS applicants,
       bool_or(specialty <> 'All specialties') AS by_specialty
FROM match_rates GROUP BY ALL ORDER BY ALL"""

TABLES = """
WITH facts AS (
    SELECT CASE base WHEN 'active' THEN 'Match rate, whole country' WHEN 'preferred' THEN 'Match rate, specialty ranked first'
                     WHEN 'only_choice' THEN 'Match rate, only this specialty' ELSE 'Match rate, specialty ranked anywhere' END
           AS what, 'match_rates' AS table_name, match_year, applicant_type, base, NULL AS measure
    FROM match_rates WHERE rate IS NOT NULL
    UNION ALL
    SELECT CASE measure WHEN 'positions_offered' THEN 'Positions offered' ELSE 'Positions filled' END, 'match_results',
           match_year, applicant_type, NULL, measure
    FROM match_results WHERE measure IN ('positions_offered', 'positions_filled')
    UNION ALL SELECT 'Length of rank lists', 'rank_list_results', match_year, applicant_type, NULL, NULL FROM rank_list_results
    UNION ALL SELECT 'Positions filled by state and specialty', 'state_fill', match_year, applicant_type, NULL, NULL FROM state_fill
    UNION ALL
    SELECT 'Positions filled by state', 'state_img_totals', match_year, unnest(['us_img', 'non_us_img']), NULL, NULL
    FROM state_img_totals WHERE us_img IS NOT NULL AND non_us_img IS NOT NULL
    UNION ALL
    SELECT 'Traits of matched and unmatched', 'applicant_traits', match_year, applicant_type, NULL, NULL
    FROM applicant_traits WHERE NOT suppressed
    UNION ALL
    SELECT 'Fellowship matches', 'fellowship_results', appointment_year, applicant_type, NULL, measure
    FROM fellowship_results WHERE measure = 'matched' AND appointment_year = last_appointment_year)
SELECT what, table_name, match_year, applicant_type, base, measure, t.label AS type_label, count(*) AS figures
FROM facts JOIN applicant_types t USING (applicant_type)
WHERE NOT t.is_subtotal OR applicant_type = 'all'
GROUP BY what, table_name, match_year, applicant_type, base, measure, t.label
ORDER BY list_position(['match_rates', 'match_results', 'state_fill', 'state_img_totals', 'rank_list_results',
                        'applicant_traits', 'fellowship_results'], table_name), what, match_year, applicant_type"""

CITED = """
SELECT source_id FROM match_rates UNION SELECT source_id FROM match_results UNION SELECT source_id FROM rank_list_results
UNION SELECT source_id FROM state_fill UNION SELECT source_id FROM state_img_totals
UNION SELECT source_id FROM applicant_traits
UNION SELECT source_id FROM fellowship_results WHERE measure = 'matched'"""

SEVERAL = 5  # with fewer specialties than this there is little to compare


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


@cache
def _rated() -> frozenset[tuple[str, int, str]]:
    """(base, year, applicant type) with at least one rate: plain Python, since every turn of a slider asks."""
    frame = rates_published()
    frame = frame[frame["specialties_with_rate"] > 0]
    return frozenset(zip(frame["base"], map(int, frame["match_year"]), frame["applicant_type"]))


def years(base: str, types: Sequence[str]) -> list[int]:
    """Years for which at least one of `types` has a published rate on `base`, ascending."""
    return sorted({year for found, year, kind in _rated() if found == base and kind in types})


def types_rated(base: str, match_year: int) -> set[str]:
    """Applicant types with at least one rate on `base` in `match_year`."""
    return {kind for found, year, kind in _rated() if (found, year) == (base, match_year)}


def is_comparable(base: str, match_year: int, types: Sequence[str]) -> bool:
    """Whether at least one of `types` has rates of several specialties on `base` in `match_year`."""
    return any((base, match_year, kind) in _with_several() for kind in types)


@cache
def _with_several() -> frozenset[tuple[str, int, str]]:
    frame = rates_published()
    frame = frame[frame["specialties_with_rate"] >= SEVERAL]
    return frozenset(zip(frame["base"], map(int, frame["match_year"]), frame["applicant_type"]))


def types_with_rates() -> list[str]:
    """Applicant types that have a rate by specialty on any base, in the order of the screen."""
    frame = rates_published()
    known = set(frame.loc[frame["by_specialty"] & (frame["specialties_with_rate"] > 0), "applicant_type"])
    return [key for key in applicant_types() if key in known]


def nearest(base: str, match_year: int, types: Sequence[str]) -> Choice | None:
    """The published choice that changes least. None when none of the types has any rate.

    As many of the types as possible come first; then a choice with several specialties to compare, the same base,
    the nearest year, the most specialties. A wish for specialties gets rates of the whole country only when there
    are no others.
    """
    frame = rates_published()
    frame = frame[(frame["specialties_with_rate"] > 0) & frame["applicant_type"].isin(types)]
    if base != "active" and frame["by_specialty"].any():
        frame = frame[frame["by_specialty"]]
    best: tuple[tuple[int, ...], Choice] | None = None
    for (found_base, year), group in frame.groupby(["base", "match_year"]):
        kept = tuple(key for key in types if key in set(group["applicant_type"]))
        rates = int(group["specialties_with_rate"].sum())
        cost = (-len(kept), rates < SEVERAL * len(kept) and base != "active", found_base != base,
                abs(int(year) - match_year), -rates)
        if best is None or cost < best[0]:
            best = cost, Choice(str(found_base), int(year), kept)
    return best and best[1]


def coverage() -> Result:
    """What is published by year, kind of figure and applicant type: one row for each with its number of figures.

    A combination that is not in the frame is not published in any source here; :func:`not_published` names them.
    """
    frame = connect().sql(TABLES).df()
    cited = connect().execute(CITED).fetchall()
    first, last = frame["match_year"].min(), frame["match_year"].max()
    return Result(frame, Question("coverage", {}), sources=sources_of(source_id for (source_id,) in cited), title="What is published, for whom, and for which years?", sql=TABLES,
                  subtitle=f"{first}-{last}. A mark: at least one figure. Empty: not published in any source here. "
                           f"n = {frame['figures'].sum():,} figures.",
                  summary=f"{frame['figures'].sum():,} figures of {frame['what'].nunique()} kinds, {first} to {last}. "
                          + " ".join(not_published(frame)))


def not_published(frame: pd.DataFrame) -> list[str]:
    """For each kind of figure, the years that IMGs wish for and nobody has published, in words."""
    years = range(int(frame["match_year"].max()) - 9, int(frame["match_year"].max()) + 1)
    lines = []
    for what, group in frame.groupby("what", sort=False):
        if what == "Positions offered":  # offered to everyone: there is no applicant type to miss
            continue
        for key in ("us_img", "non_us_img"):
            known = set(group.loc[group["applicant_type"] == key, "match_year"])
            gone = [year for year in years if year not in known]
            if gone:
                lines.append(f"{what}, {applicant_types()[key].label}: not published for {_spans(gone)}.")
    return lines


def _spans(years: list[int]) -> str:
    """[2016, 2017, 2018, 2020] as '2016-2018, 2020'."""
    spans: list[list[int]] = []
    for year in years:
        if spans and year == spans[-1][-1] + 1:
            spans[-1].append(year)
        else:
            spans.append([year])
    return ", ".join(str(span[0]) if len(span) == 1 else f"{span[0]}-{span[-1]}" for span in spans)
