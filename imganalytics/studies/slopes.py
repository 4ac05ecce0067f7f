"""What changed between two years: fill shares or match rates of the same thing on the same base."""

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from imganalytics.errors import UserError
from imganalytics.result import Question, Result, RowsOf
from imganalytics.statistics.rates import LEAST_SHOWN, newcombe, reliability, wilson
from imganalytics.studies import filled
from imganalytics.studies.breaks import DO_EARLIER, segment
from imganalytics.studies.competitiveness import specialty_options
from imganalytics.studies.fill_shares import NOT_A_RATE
from imganalytics.studies.filled import COUNTED, FILLED
from imganalytics.studies.headline import DENOMINATORS, types_with_series
from imganalytics.studies.headline import QUERY as SERIES_QUERY
from imganalytics.studies.late import late_specialties
from imganalytics.studies.provenance import sources_of
from imganalytics.studies.words import counted, listing, percent, points
from imganalytics.vocabulary import ALL_SPECIALTIES, BASES, TRACKS, applicant_types, require
from imganalytics.warehouse import connect

FIGURES = {
    "fill_share": "Fill share by specialty (not a match rate)",
    "ranked_anywhere": "Match rate by specialty, ranked anywhere",
    "only_choice": "Match rate by specialty, ranked only it",
    "active": "Match rate of the country, everyone",
    "rank_lists": "Match rate of the country, rank list study",
}
COUNTRY = ("active", "rank_lists")  # of applicant types; the others are of specialties
MOST = 16                           # lines that can be told apart

BOTH = """
SELECT specialty, s.label AS specialty_label, track, one.entry_level, s.entry_level AS main_entry_level,
       one.applicant_type, one.matched AS matched_1, one.applicants AS applicants_1, one.source_ids AS source_id_1,
       two.matched AS matched_2, two.applicants AS applicants_2, two.source_ids AS source_id_2, two.locator,
       concat_ws('; ', one.derivation, two.derivation) AS derivation, one.corrections AS corrections_1,
       two.corrections AS corrections_2
FROM (FROM figures WHERE match_year = $first_year) one
JOIN (FROM figures WHERE match_year = $second_year) two USING (specialty, track, entry_level)
JOIN specialties s USING (specialty)
QUALIFY row_number() OVER (PARTITION BY specialty ORDER BY list_position($track_order::VARCHAR[], track)) = 1
ORDER BY specialty"""

# after `figures`: pairs of years with something in common
PAIRS = f"""
SELECT DISTINCT one.match_year, two.match_year
FROM figures one JOIN figures two USING (specialty, track, entry_level, applicant_type)
WHERE one.match_year < two.match_year AND least(one.applicants, two.applicants) >= {LEAST_SHOWN}
  AND one.matched IS NOT NULL AND two.matched IS NOT NULL AND ($country OR specialty <> '{ALL_SPECIALTIES}')
ORDER BY ALL"""

SHARES = f"""
WITH {FILLED},
figures AS (
    SELECT f.match_year, specialty, track, entry_level, f.applicant_type, f.value AS matched, a.value AS applicants,
           concat_ws(', ', f.source_id, a.source_id) AS source_ids, f.locator, f.derivation, NULL AS corrections
    FROM filled f JOIN filled a USING (match_year, specialty, track, entry_level)
    WHERE f.applicant_type = $applicant_type AND a.applicant_type = 'all'){BOTH}"""

RATES = f"""
WITH figures AS (
    SELECT match_year, specialty, track, entry_level, applicant_type, matched, applicants,
           concat_ws(', ', source_id, matched_source_id) AS source_ids, locator, derivation, corrections
    FROM match_rates
    WHERE base = $base AND applicant_type = $applicant_type AND matched IS NOT NULL AND applicants IS NOT NULL){BOTH}"""

ALL_SERIES = SERIES_QUERY.strip().removesuffix("ORDER BY series, applicant_type, match_year")

TYPES = f"""
WITH both_years AS ({ALL_SERIES})
SELECT '{ALL_SPECIALTIES}' AS specialty, t.label AS specialty_label, 'all' AS track, 'PGY-1' AS entry_level,
       NULL AS main_entry_level, applicant_type, one.matched AS matched_1, one.applicants AS applicants_1,
       concat_ws(', ', one.source_id, one.matched_source_id) AS source_id_1, two.matched AS matched_2,
       two.applicants AS applicants_2, concat_ws(', ', two.source_id, two.matched_source_id) AS source_id_2,
       two.locator, concat_ws('; ', one.derivation, two.derivation) AS derivation, one.corrections AS corrections_1,
       two.corrections AS corrections_2
FROM (FROM both_years WHERE match_year = $first_year AND reason = '') one
JOIN (FROM both_years WHERE match_year = $last_year AND reason = '') two USING (applicant_type)
JOIN applicant_types t USING (applicant_type)
ORDER BY t.sort_order"""


class Row(NamedTuple):
    """One line of the chart, as the sentences need it."""

    row_label: str
    applicant_type: str
    rate_1: float
    rate_2: float
    applicants_1: float
    applicants_2: float
    difference: float
    difference_low: float
    difference_high: float
    joined: bool


def slopes(figure: str = "fill_share", applicant_type: str = "non_us_img", first_year: int = 2022,
           second_year: int = 2025, specialties: Sequence[str] = (), minimum: int = 100) -> Result:
    """A rate in two years and its change with Newcombe's 95 % interval: by specialty, or by type for the whole country.

    Args:
        figure: a key of :data:`FIGURES`.
        applicant_type: whose figures; every type is shown when the figure is of the country.
        first_year, second_year: years of the Match, the earlier one first.
        specialties: canonical names; none for the largest.
        minimum: lines with fewer positions or applicants in either year are left out.

    Returns:
        A frame of one row for each line, highest in the second year first: counts, rate, rate_low, rate_high and
        reliability of both years (_1 and _2), difference (second minus first) with difference_low and difference_high,
        joined (False where the definition changed between the two).

    Raises:
        UserError: an unknown word, years that are not two, or nothing published for both.
    """
    require(figure, FIGURES, "figure")
    require(applicant_type, applicant_types(), "applicant type")
    for name in specialties:
        require(name, _specialties(), "specialty")
    if not all(isinstance(year, int) for year in (first_year, second_year, minimum)) or first_year >= second_year:
        raise UserError(f"years {first_year!r} and {second_year!r}; allowed: an earlier and a later year of the Match")
    every = _published(figure, applicant_type, first_year, second_year)
    frame = _chosen(every, figure, specialties, minimum)
    if frame.empty:
        raise UserError(_nothing(figure, applicant_type, first_year, second_year, every.empty, bool(specialties),
                                 minimum))
    rows = [Row(*values) for values in zip(*(frame[name].tolist() for name in Row._fields))]
    asked = {"figure": figure, "applicant_type": applicant_type, "first_year": first_year, "second_year": second_year,
             "specialties": list(specialties), "minimum": minimum}
    sql, parameters = _query(figure, applicant_type, first_year, second_year)
    return Result(
        frame, Question("slopes", asked), title=_title(figure, applicant_type, first_year, second_year), sql=sql,
        subtitle=_subtitle(rows, figure, minimum, first_year, second_year), summary=_summary(rows, figure, second_year),
        sources=sources_of([*frame["source_id_1"], *frame["source_id_2"]],
                           [*frame["corrections_1"], *frame["corrections_2"]]),
        caveats=_caveats(frame, rows, figure, len(every)), parameters=parameters,
        rows_of=_rows_of(figure, applicant_type, first_year, second_year))


@cache
def pairs(figure: str, applicant_type: str) -> tuple[tuple[int, int], ...]:
    """Pairs of years, the earlier first, between which something of the figure can be compared."""
    if figure in COUNTRY:
        figures = f"""
            WITH figures AS (SELECT '{ALL_SPECIALTIES}' AS specialty, 'all' AS track, 'PGY-1' AS entry_level, *
                             FROM ({ALL_SERIES}) WHERE reason = '')"""
        known = {"series": [figure], "types": types_with_series(), "first_year": 0, "last_year": 9999}
    elif figure == "fill_share":
        figures = SHARES.removesuffix(BOTH)
        known = {"applicant_type": applicant_type} | filled.parameters(filled.years([applicant_type], "PGY-1"), "PGY-1")
    else:
        figures, known = RATES.removesuffix(BOTH), {"base": figure, "applicant_type": applicant_type}
    found = connect().execute(figures + PAIRS, known | {"country": figure in COUNTRY})
    return tuple(found.fetchall())


def types_of(figure: str) -> list[str]:
    """Applicant types that have a figure by specialty in two years."""
    return [key for key in applicant_types() if key not in ("all", DO_EARLIER) and pairs(figure, key)]


@cache
def _specialties() -> tuple[str, ...]:
    return tuple(option["value"] for option in specialty_options())


def _query(figure: str, applicant_type: str, first: int, second: int) -> tuple[str, dict[str, Any]]:
    if figure in COUNTRY:
        types = types_with_series()
        return TYPES, {"series": [figure], "types": types, "first_year": first, "last_year": second}
    own = {"applicant_type": applicant_type, "first_year": first, "second_year": second, "track_order": list(TRACKS)}
    if figure == "fill_share":
        return SHARES, filled.parameters([first, second], "PGY-1") | own
    return RATES, {"base": figure} | own


@lru_cache(maxsize=128)
def _published(figure: str, applicant_type: str, first: int, second: int) -> pd.DataFrame:
    """Every line that both years have. Kept for the next turn of a slider: callers must not write to it."""
    sql, parameters = _query(figure, applicant_type, first, second)
    frame = connect().execute(sql, parameters).df()
    for year in ("1", "2"):
        x, n = frame[f"matched_{year}"].astype(float), frame[f"applicants_{year}"].astype(float)
        low, high = wilson(x, n)
        frame = frame.assign(**{f"matched_{year}": x, f"applicants_{year}": n, f"rate_{year}": x / n,
                                f"rate_low_{year}": low, f"rate_high_{year}": high,
                                f"reliability_{year}": reliability(x, n)})
    frame = frame[(frame["reliability_1"] != "suppressed") & (frame["reliability_2"] != "suppressed")]
    difference, (low, high) = newcombe(frame["matched_2"], frame["applicants_2"],
                                       frame["matched_1"], frame["applicants_1"])
    joined = [segment(figure, key, first) == segment(figure, key, second) for key in frame["applicant_type"]]
    named = frame["track"].isin(["preliminary", "primary_care", "all_pgy1"])
    named &= frame["specialty"] != "Transitional Year"
    track = frame["track"].map(TRACKS | {"all_pgy1": "all tracks"}).fillna("")
    frame = frame.assign(difference=difference, difference_low=low, difference_high=high, joined=joined,
                         row_label=frame["specialty_label"] + (", " + track).where(named, ""))
    return frame.sort_values(["rate_2", "row_label"], ascending=[False, True]).reset_index(drop=True)


def _chosen(every: pd.DataFrame, figure: str, specialties: Sequence[str], minimum: int) -> pd.DataFrame:
    least = np.minimum(every["applicants_1"].to_numpy(), every["applicants_2"].to_numpy())
    keep = least >= minimum
    if figure in COUNTRY:
        return every[keep].reset_index(drop=True)
    keep &= (every["specialty"].isin(specialties).to_numpy() if specialties
             else every["specialty"].to_numpy(object) != ALL_SPECIALTIES)
    if keep.sum() > MOST:
        keep[np.flatnonzero(keep)[np.argsort(-least[keep], kind="stable")[MOST:]]] = False
    return every[keep].reset_index(drop=True)


def _nothing(figure: str, applicant_type: str, first: int, second: int, empty: bool, picked: bool, minimum: int) -> str:
    who = "" if figure in COUNTRY else f" for {applicant_types()[applicant_type].plural}"
    known = sorted({year for pair in pairs(figure, applicant_type) for year in pair})
    if empty:
        also = (f" Years to choose from: {listing(list(map(str, known)))}." if known
                else " Choose another figure or type.")
        return f"Nothing is published{who} that can be compared between {first} and {second}.{also}"
    choose = "choose other specialties, or lower the minimum" if picked else "lower the minimum"
    return f"Nothing that is published{who} in {first} and {second} reaches {minimum:,} here: {choose}."


def _rows_of(figure: str, applicant_type: str, first: int, second: int) -> RowsOf | None:
    compared = {"match_year": (second, first)}
    columns = ("specialty", "track", "entry_level", "applicant_type")
    if figure == "rank_lists":
        return RowsOf("rank_list_results", ("applicant_type",), {"match_year": second}, compared)
    if figure == "fill_share":
        fixed = {"match_year": second, "measure": "positions_filled"}
        return None if applicant_type == "img_all" else RowsOf("match_results", columns, fixed, compared)
    return RowsOf("match_rates", columns, {"match_year": second, "base": figure}, compared)


def _title(figure: str, applicant_type: str, first: int, second: int) -> str:
    who = applicant_types()[applicant_type].plural
    if figure in COUNTRY:
        return f"How did the match rate of each applicant type change from {first} to {second}?"
    if figure == "fill_share":
        return f"How did the share of filled positions that {who} took change from {first} to {second}?"
    return f"How did the match rate of {who} in each specialty change from {first} to {second}?"


def base_of(figure: str) -> str:
    """The base of a figure, as a subtitle says it."""
    if figure == "fill_share":
        return f"{COUNTED['PGY-1']} (a fill share, not a match rate)"
    return DENOMINATORS[figure] if figure in DENOMINATORS else BASES[figure].denominator


def _subtitle(rows: Sequence[Row], figure: str, minimum: int, first: int, second: int) -> str:
    n = [min(counts) for counts in zip(*((row.applicants_1, row.applicants_2) for row in rows))]
    most = [max(counts) for counts in zip(*((row.applicants_1, row.applicants_2) for row in rows))]
    unit = "positions" if figure == "fill_share" else "applicants"
    least = f", at least {minimum:,}" if minimum else ""
    return (f"Base: {base_of(figure)}. Matches of {first} and {second}. n = {n[0]:,.0f} to {most[0]:,.0f} {unit} in "
            f"{first}, {n[1]:,.0f} to {most[1]:,.0f} in {second}{least}. Bars: 95 % Wilson intervals; changes: "
            "Newcombe's.")


def _summary(rows: Sequence[Row], figure: str, second: int) -> str:
    up = [row for row in rows if row.difference_low > 0]
    down = [row for row in rows if row.difference_high < 0]
    what = "type" if figure in COUNTRY else "specialty"
    several = "types" if figure in COUNTRY else "specialties"
    text = (f"Of {counted(len(rows), what, several)}, {len(up)} rose and {len(down)} fell by more than chance "
            f"explains; the change of the other {len(rows) - len(up) - len(down)} is not told apart from none.")
    ends = [max(up, key=lambda row: row.difference)] if up else []
    ends += [min(down, key=lambda row: row.difference)] if down else []
    for row, word in zip(ends, ("Most up" if up else "Most down", "Most down")):
        text += (f" {word}: {row.row_label}, {percent(row.rate_1)} to {percent(row.rate_2)} "
                 f"({points(row.difference)}, {points(row.difference_low).removesuffix(' points')} to "
                 f"{points(row.difference_high).removesuffix(' points')}).")
    return text


def _caveats(frame: pd.DataFrame, rows: Sequence[Row], figure: str, every: int) -> tuple[str, ...]:
    notes = [NOT_A_RATE] if figure == "fill_share" else []
    if figure in BASES:
        notes.append(BASES[figure].meaning)
    if not all(row.joined for row in rows):
        notes.append("Points that no line joins: between the two years the Match or the group counted changed (the "
                     "first single Match of MD and DO programs in 2020; 2013 as first published). The difference is "
                     "still that of the two figures, but part of it is the change of what is counted.")
    if figure not in COUNTRY:
        late = late_specialties(frame["specialty_label"], frame["entry_level"], frame["main_entry_level"])
        if late:
            notes.append(f"{listing(late)}: most places start at PGY-2 and are not in these PGY-1 figures.")
        more = counted(every - len(rows), "more is", "more are")
        notes.append("Only specialties that are published for the same tracks in both years are compared"
                     + (f"; {more} below the minimum, not chosen, or beyond the {MOST} largest."
                        if every > len(rows) else "."))
        if frame["derivation"].str.contains("over the PGY-1 tracks").any():
            notes.append("'All tracks': categorical, primary-care and preliminary positions of one of the years "
                         "added here, since the other year prints them together.")
        if frame["derivation"].str.contains("added").any():
            notes.append("The counts of all IMGs are those of US and non-US IMGs added here.")
    notes.append(f"{counted(len(rows), 'change is', 'changes are')} looked at together: by chance alone, one in "
                 "twenty would seem real. A change says nothing about its cause, nor about anyone's chance.")
    return tuple(notes)
