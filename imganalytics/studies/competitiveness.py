"""How often do applicants of each type match, by specialty?"""

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any

import numpy as np
import pandas as pd

from imganalytics.errors import UserError
from imganalytics.result import Question, Result, RowsOf
from imganalytics.statistics.rates import newcombe
from imganalytics.studies import coverage
from imganalytics.studies.provenance import sources_of
from imganalytics.studies.words import caveats, light_rows, subtitle, summary, title
from imganalytics.vocabulary import ALL_SPECIALTIES, BASES, FAMILIES, TRACKS, applicant_types, require
from imganalytics.warehouse import connect

SORTS = {
    "rate": "Match rate",
    "rate_low": "Lower bound of the interval",
    "applicants": "Number of applicants",
    "positions_per_applicant": "Positions per applicant",
    "difference": "Difference between two types",
}

# Why a row r of match_rates has no rate, in words; '' when it has one.
REASON = """CASE WHEN r.rate IS NOT NULL THEN ''
            WHEN r.corrections IS NOT NULL AND (r.applicants IS NULL OR r.matched IS NULL)
                 THEN 'withheld: sources disagree'
            WHEN r.applicants = 0 THEN 'no applicants'
            WHEN r.applicants IS NULL AND r.printed_pct IS NOT NULL THEN 'printed without counts'
            WHEN r.applicants IS NULL THEN 'not published'
            WHEN r.matched IS NULL THEN 'matches not published'
            ELSE 'fewer than 5 applicants' END"""

QUERY = f"""
WITH wanted AS (
    SELECT unnest($types::VARCHAR[]) AS applicant_type, generate_subscripts($types::VARCHAR[], 1) AS type_order),
published AS (
    SELECT * FROM match_rates
    WHERE base = $base AND match_year = $match_year AND list_contains($types::VARCHAR[], applicant_type)),
places AS (
    SELECT DISTINCT specialty, track, entry_level FROM published
    QUALIFY $all_tracks OR dense_rank() OVER (
        PARTITION BY specialty ORDER BY list_position($track_order::VARCHAR[], track)) = 1)
SELECT l.specialty, s.label AS specialty_label, s.family, l.track, l.entry_level,
       s.entry_level AS main_entry_level, w.applicant_type, t.label AS type_label, w.type_order,
       r.applicants, r.matched, r.rate, r.rate_low, r.rate_high,
       coalesce(r.reliability, 'suppressed') AS reliability,
       {REASON} AS reason,
       p.value::BIGINT AS positions, a.applicants AS applicants_of_all_types,
       p.value / nullif(a.applicants, 0) AS positions_per_applicant,
       r.source_id, r.matched_source_id, r.locator, r.derivation, r.corrections, r.note
FROM places l
CROSS JOIN wanted w
JOIN specialties s ON s.specialty = l.specialty
JOIN applicant_types t ON t.applicant_type = w.applicant_type
LEFT JOIN published r
  ON (r.specialty, r.track, r.entry_level, r.applicant_type) = (l.specialty, l.track, l.entry_level, w.applicant_type)
LEFT JOIN match_results p
  ON (p.match_year, p.specialty, p.track, p.entry_level, p.applicant_type, p.measure)
   = ($match_year, l.specialty, l.track, l.entry_level, 'all', 'positions_offered')
LEFT JOIN match_rates a
  ON (a.match_year, a.specialty, a.track, a.entry_level, a.applicant_type, a.base)
   = ($match_year, l.specialty, l.track, l.entry_level, 'all', $base)
ORDER BY l.specialty, list_position($track_order::VARCHAR[], l.track), w.type_order"""


class NotPublishedError(UserError):
    """Nothing is published for a choice. `nearest` is the closest choice that is, or None."""

    def __init__(self, message: str, nearest: coverage.Choice | None):
        super().__init__(f"{message} Nearest: {nearest.label}." if nearest else message)
        self.reason = message
        self.nearest = nearest

    @classmethod
    def of(cls, base: str, match_year: int, types: Sequence[str]) -> "NotPublishedError":
        """The error for a base, a year and applicant types without any rate."""
        labels = " or ".join(applicant_types()[key].label for key in types)
        years = coverage.years(base, types)
        when = f"in {match_year}" if years else "in any year"
        return cls(f"No rate is published for {labels} on the base '{BASES[base].label.lower()}' {when}.",
                   coverage.nearest(base, match_year, types))


def competitiveness(applicant_types: Sequence[str] = ("us_img", "non_us_img"), base: str = "ranked_anywhere",
                    match_year: int = 2025, specialties: Sequence[str] | None = None, minimum_applicants: int = 0,
                    sort: str = "rate", sort_type: str | None = None, against: str | None = None,
                    all_tracks: bool = False) -> Result:
    """Match rate of each applicant type in each specialty, with n, base, 95 % Wilson interval and reliability.

    Args:
        applicant_types: keys of applicant types, in the order to be drawn.
        base: which applicants the rate is of; one of active, preferred, only_choice, ranked_anywhere.
        match_year: year of the Match.
        specialties: canonical names; None for all that are published.
        minimum_applicants: rates of fewer applicants are left out (0 shows all, also those not published).
        sort: rate, rate_low, applicants, positions_per_applicant or difference; highest first.
        sort_type: the type sorted by (default: the first).
        against: with sort 'difference', the type subtracted (default: the second).
        all_tracks: also show preliminary, primary-care and other tracks beside the main one.

    Returns:
        A frame of one row for each specialty, track and type: counts, rate, rate_low, rate_high (fractions),
        reliability, reason (why there is no number, in words), positions and applicants of all types,
        difference with its Newcombe interval (sort_type minus against), provenance.

    Raises:
        UserError: an unknown word, with what is allowed.
        NotPublishedError: nothing is published for this choice; carries the nearest that is.
    """
    types = _checked_types(applicant_types)
    require(base, BASES, "base")
    require(sort, SORTS, "sort order")
    if not isinstance(match_year, int) or not isinstance(minimum_applicants, int):
        raise UserError(f"match_year {match_year!r} and minimum_applicants {minimum_applicants!r}; allowed: whole numbers")
    sort_type, against = _sort_types(types, sort_type, against, sort)
    names = None if specialties is None else [require(name, _specialty_names(), "specialty") for name in specialties]
    arguments = {"applicant_types": list(types), "base": base, "match_year": match_year, "specialties": names,
                 "minimum_applicants": minimum_applicants, "sort": sort, "sort_type": sort_type, "against": against,
                 "all_tracks": all_tracks}
    published = _published(types, base, match_year, all_tracks, sort_type, against)
    if published is None:
        raise NotPublishedError.of(base, match_year, types)
    frame, hidden = _shown(published, names, minimum_applicants, sort, sort_type, against)
    rows = light_rows(frame)
    return Result(frame, Question("competitiveness", arguments), title=title(types, match_year),
                  subtitle=subtitle(rows, types, base, match_year, minimum_applicants),
                  summary=summary(rows, types, hidden),
                  sources=sources_of([*frame["source_id"], *frame["matched_source_id"]], frame["corrections"]),
                  caveats=caveats(rows, base, hidden, minimum_applicants), sql=QUERY,
                  parameters=_parameters(types, base, match_year, all_tracks),
                  rows_of=RowsOf("match_rates", ("specialty", "track", "entry_level", "applicant_type"),
                                 {"match_year": match_year, "base": base},
                                 {"applicant_type": (sort_type, against)} if sort == "difference" else {}))


def _checked_types(types: Sequence[str]) -> tuple[str, ...]:
    if isinstance(types, str) or not types:
        raise UserError(f"choose at least one applicant type; allowed: {', '.join(applicant_types())}")
    return tuple(dict.fromkeys(require(key, applicant_types(), "applicant type") for key in types))


def _sort_types(types: tuple[str, ...], sort_type: str | None, against: str | None,
                sort: str) -> tuple[str, str | None]:
    for key in (sort_type, against):
        if key is not None:
            require(key, applicant_types(), "applicant type")
    sort_type = sort_type if sort_type in types else types[0]
    if against not in types or against == sort_type:
        against = next((key for key in types if key != sort_type), None)
    if sort == "difference" and against is None:
        raise UserError("a difference needs two applicant types; choose a second one")
    return sort_type, against


@cache
def _specialty_names() -> tuple[str, ...]:
    return tuple(name for (name,) in connect().execute("SELECT DISTINCT specialty FROM match_rates ORDER BY 1").fetchall())


def specialty_options() -> list[dict[str, str]]:
    """Every specialty that has a rate, for a picker: value, label, group (family) and the names it is found by."""
    found = connect().execute("""
        SELECT s.specialty, s.label, s.family, string_agg(a.published_name, ' | ' ORDER BY a.published_name)
        FROM specialties s LEFT JOIN specialty_aliases a USING (specialty)
        WHERE s.specialty IN (SELECT specialty FROM match_rates) GROUP BY s.specialty, s.label, s.family
        ORDER BY list_position($1::VARCHAR[], s.family), s.label""", [list(FAMILIES)]).fetchall()
    return [{"value": name, "label": label, "group": family, "search": f"{name} | {aliases}"}
            for name, label, family, aliases in found]


def _parameters(types: tuple[str, ...], base: str, match_year: int, all_tracks: bool) -> dict[str, Any]:
    return {"types": list(types), "base": base, "match_year": match_year, "all_tracks": all_tracks,
            "track_order": list(TRACKS)}


@lru_cache(maxsize=128)
def _published(types: tuple[str, ...], base: str, match_year: int, all_tracks: bool, one: str,
               other: str | None) -> pd.DataFrame | None:
    """Every specialty and track with every type, and the difference `one` minus `other`; None without any rate.

    Kept for the next turn of a slider, which asks for the same figures: callers must not write to it.
    """
    frame = connect().execute(QUERY, _parameters(types, base, match_year, all_tracks)).df()
    if not frame["rate"].notna().any():
        return None
    for column in ("applicants", "matched", "positions", "applicants_of_all_types"):
        frame[column] = frame[column].astype("float64")  # NaN where not published
    several = frame.groupby("specialty")["track"].transform("nunique") > 1
    named = several & (frame["track"] != "categorical") | (frame["entry_level"] == "PGY-2")
    frame["row_label"] = frame["specialty_label"] + (", " + frame["track"].map(TRACKS)).where(named, "")
    return _with_difference(frame, one, other)


def _with_difference(frame: pd.DataFrame, one: str, other: str | None) -> pd.DataFrame:
    """Adds difference, difference_low, difference_high (`one` minus `other`), the same on every row of a place."""
    place = frame.groupby(["specialty", "track", "entry_level"], sort=False).ngroup()
    shown = frame["rate"].notna()
    values = {"place": place}
    for key, kind in (("1", one), ("2", other)):
        own = shown & (frame["applicant_type"] == kind)
        for column in ("matched", "applicants"):
            values[column + key] = frame[column].where(own).groupby(place).transform("max")
    pairs = pd.DataFrame(values).fillna(0)
    difference, (low, high) = newcombe(pairs["matched1"], pairs["applicants1"], pairs["matched2"], pairs["applicants2"])
    return frame.assign(place=place, difference=difference, difference_low=low, difference_high=high)


def _shown(published: pd.DataFrame, names: list[str] | None, minimum: int, sort: str,
           sort_type: str, against: str | None) -> tuple[pd.DataFrame, int]:
    """The rows to show in their order, and how many places the minimum hides.

    In numpy, since a slider waits for it.
    """
    place = published["place"].to_numpy()
    kind = published["applicant_type"].to_numpy(object)
    chosen = np.ones(len(place), bool) if names is None else published["specialty"].isin(names).to_numpy()
    enough = published["applicants"].to_numpy() >= minimum if minimum > 0 else np.ones(len(place), bool)
    keep = chosen & (np.bincount(place, enough) > 0)[place]
    hidden = len(np.unique(place[chosen])) - len(np.unique(place[keep]))
    # a difference with a rate that the minimum hides is hidden too
    lost = np.bincount(place, ~enough & np.isin(kind, [sort_type, against])) > 0
    if lost.any():
        published = published.assign(**{name: published[name].mask(lost[place])
                                        for name in ("difference", "difference_low", "difference_high")})
    figures = published[sort].to_numpy(float)
    if sort in ("rate", "rate_low"):  # nor does a rate that is hidden decide where its row stands
        figures = np.where(enough, figures, np.nan)
    key = np.full(place.max() + 1, np.nan)
    for name in dict.fromkeys([sort_type, *kind]):
        own = kind == name
        key[place[own]] = figures[own]
        if not np.isnan(key[place[chosen]]).all():
            break  # otherwise nothing is published for the type sorted by: the next one that has figures
    key = np.where(np.isnan(key), np.inf, -key)[place]
    country = published["specialty"].to_numpy(object) != ALL_SPECIALTIES
    order = np.lexsort((published["type_order"], published["row_label"].to_numpy(str), key, country))
    order = order[keep[order]]
    frame = published.iloc[order].reset_index(drop=True)
    few = (~enough[order]) & (frame["reason"] == "").to_numpy()
    if few.any():
        frame.loc[few, ["rate", "rate_low", "rate_high"]] = np.nan
        frame.loc[few, "reliability"] = "suppressed"
        frame.loc[few, "reason"] = "below your minimum"
    return frame, hidden
