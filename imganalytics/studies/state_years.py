"""How have the positions that IMGs fill in each state changed since the earlier published tables?"""

from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from imganalytics.errors import UserError
from imganalytics.result import Question, Result
from imganalytics.statistics.rates import newcombe, reliability, wilson
from imganalytics.studies.provenance import sources_of
from imganalytics.studies.trend_words import change_text
from imganalytics.studies.words import counted, listing, readable
from imganalytics.vocabulary import require
from imganalytics.warehouse import connect

WHO = {"img_all": "US and non-US IMGs together", "us_img": "US IMGs", "non_us_img": "Non-US IMGs"}
MEASURES = {"positions": "Positions filled by IMGs", "share": "Share of the filled positions"}
QUESTIONS = {"positions": "How many positions did {} fill", "share": "What share of the filled positions went to {}"}
SORTS = {"last": "Latest figure", "difference": "Change", "ratio": "Change in percent", "name": "Name"}
EVERYWHERE = 52  # states, the District of Columbia and Puerto Rico

# A year of restated totals counts when every place is in it (for a share: when it prints the filled positions too).
QUERY = """
WITH totals AS (
    SELECT match_year, state, us_img, non_us_img, img_all, filled, source_id, locator, note FROM state_img_totals
    UNION ALL
    SELECT match_year, state, sum(filled) FILTER (applicant_type = 'us_img'),
           sum(filled) FILTER (applicant_type = 'non_us_img'),
           sum(filled) FILTER (applicant_type IN ('us_img', 'non_us_img')), sum(filled), min(source_id),
           'state table, summed over its specialties', NULL
    FROM state_fill GROUP BY match_year, state),
chosen AS (
    SELECT match_year::INTEGER AS match_year, state, filled, img_all, source_id, locator, note,
           CASE $who WHEN 'us_img' THEN us_img WHEN 'non_us_img' THEN non_us_img ELSE img_all END AS positions
    FROM totals WHERE us_img IS NOT NULL AND non_us_img IS NOT NULL AND (filled IS NOT NULL OR NOT $shares)
    QUALIFY $shares OR count(*) OVER (PARTITION BY match_year) = $everywhere)
SELECT state, name, census_region, match_year, positions::DOUBLE AS positions, filled::DOUBLE AS filled,
       img_all / filled AS img_share, source_id, locator, note
FROM chosen JOIN states USING (state)
QUALIFY count(*) OVER (PARTITION BY state) = (SELECT count(DISTINCT match_year) FROM chosen)
ORDER BY name, match_year"""


def state_years(who: str = "img_all", measure: str = "positions", sort: str = "last", minimum: int = 0) -> Result:
    """Positions that IMGs filled in each state, in every year with a whole table; or their share, where published.

    Args:
        who: img_all (US and non-US IMGs together), us_img or non_us_img.
        measure: positions (2017, 2021, 2025) or share (2013 and 2025, in the states whose filled total is published).
        sort: last (latest figure), difference (latest minus earliest), ratio (the change in percent) or name.
        minimum: states with fewer positions filled by them in the latest year are left out.

    Returns:
        A frame of one row for each state and year, the states in the order of `sort`: positions (theirs), filled
        (by everyone; blank where not published), value (what is drawn), low and high (95 % Wilson, for shares),
        reliability, and the same for each row of a state: difference (latest minus earliest), with Newcombe's
        difference_low and difference_high for shares, and ratio.

    Raises:
        UserError: an unknown word, or no state has as many.
    """
    require(who, WHO, "applicant type")
    require(measure, MEASURES, "measure")
    require(sort, SORTS, "sort order")
    if not isinstance(minimum, int) or minimum < 0:
        raise UserError(f"minimum {minimum!r}; allowed: a whole number, 0 or more")
    whole = _published(who, measure)
    frame = _sorted(whole[whole["latest"] >= minimum], sort)
    if frame.empty:
        raise UserError(f"No state has {minimum:,} positions filled by {WHO[who]}; lower the minimum "
                        f"(the most is {whole['latest'].max():,.0f})")
    arguments = {"who": who, "measure": measure, "sort": sort, "minimum": minimum}
    years = sorted(set(frame["match_year"].tolist()))
    question = QUESTIONS[measure].format(WHO[who])
    return Result(
        frame, Question("state_years", arguments), sql=QUERY, parameters=_parameters(who, measure),
        title=f"{question}, by state, {listing([str(year) for year in years])}?",
        subtitle=_subtitle(frame, years, measure, minimum), summary=_summary(frame, whole, years, who, measure),
        sources=sources_of(frame["source_id"]), caveats=_caveats(whole, years, measure))


def _parameters(who: str, measure: str) -> dict[str, Any]:
    return {"who": who, "shares": measure == "share", "everywhere": EVERYWHERE}


@lru_cache(maxsize=32)
def _published(who: str, measure: str) -> pd.DataFrame:
    """Every state and year with its figures. Kept for the next turn of a slider: not to be written to."""
    frame = connect().execute(QUERY, _parameters(who, measure)).df()
    taken, filled = frame["positions"].to_numpy(), frame["filled"].to_numpy()
    each = frame["match_year"].nunique()
    first = np.arange(len(frame)) // each * each  # the rows of a state follow each other, the earliest first
    last = first + each - 1
    ratio = np.divide(taken[last], taken[first], out=np.full(len(frame), np.nan), where=taken[first] > 0)
    if measure == "positions":
        nothing = np.full(len(frame), np.nan)
        return frame.assign(value=taken, low=nothing, high=nothing, reliability="ok", latest=taken[last], ratio=ratio,
                            difference=taken[last] - taken[first], difference_low=nothing, difference_high=nothing)
    low, high = wilson(taken, filled)
    difference, interval = newcombe(taken[last], filled[last], taken[first], filled[first])
    return frame.assign(value=taken / filled, low=low, high=high, reliability=reliability(taken, filled),
                        latest=taken[last], ratio=ratio, difference=difference, difference_low=interval.low,
                        difference_high=interval.high)


def _sorted(frame: pd.DataFrame, sort: str) -> pd.DataFrame:
    years = len(set(frame["match_year"].tolist()))
    if not years:
        return frame
    key = {"last": frame["value"].to_numpy()[years - 1::years].repeat(years), "name": np.zeros(len(frame)),
           "difference": frame["difference"].to_numpy(), "ratio": frame["ratio"].to_numpy()}[sort]
    order = np.argsort(-np.where(np.isnan(key), -np.inf, key), kind="stable")  # by name and year as they come
    return frame.iloc[order].reset_index(drop=True)


def _subtitle(frame: pd.DataFrame, years: list[int], measure: str, minimum: int) -> str:
    total = "filled" if measure == "share" else "positions"
    n = listing([f"{frame.loc[frame['match_year'] == year, total].sum():,.0f}" for year in years])
    places = frame["state"].nunique()
    least = f" with at least {minimum:,} in {years[-1]}" if minimum else ""
    if measure == "share":
        return (f"Base: positions filled in the Match, in the {places} states whose total of {years[0]} is "
                f"published{least}. n = {n} filled. Bars: 95 % Wilson intervals. Hollow: unstable.")
    return (f"Counts of positions, all entry levels, {counted(places, 'place', 'places')}{least}. n = {n}. Full "
            "counts: no intervals.")


def _change(row: Any, measure: str) -> str:
    start = {"value": row.latest - row.difference, "of": row.filled if measure == "share" else float("nan")}
    return change_text(start, {"value": row.latest}, row.difference, row.difference_low, row.difference_high)


@lru_cache(maxsize=32)
def _together(who: str, measure: str) -> str:
    """All places as one, in words."""
    sums = _published(who, measure).groupby("match_year")[["positions", "filled"]].sum()
    if measure == "positions":
        told = [f"{count:,.0f} in {year}" for year, count in sums["positions"].items()]
        return f"All places together: {', '.join(told)}."
    told = [f"{100 * taken / filled:.1f} % in {year} ({taken:,.0f} of {filled:,.0f})"
            for year, taken, filled in sums.itertuples()]
    return f"These states together: {', '.join(told)}."


def _summary(frame: pd.DataFrame, whole: pd.DataFrame, years: list[int], who: str, measure: str) -> str:
    latest = list(frame[frame["match_year"].to_numpy() == years[-1]].itertuples())
    low, high = min(latest, key=lambda row: row.difference), max(latest, key=lambda row: row.difference)
    rose, fell = sum(row.difference > 0 for row in latest), sum(row.difference < 0 for row in latest)
    hidden = (len(whole) - len(frame)) // len(years)
    below = f" {counted(hidden, 'place lies', 'places lie')} below the minimum." if hidden else ""
    return (f"{_together(who, measure)} From {years[0]} to {years[-1]} the figure rose in {rose} and fell in {fell} "
            f"of {counted(len(latest), 'place', 'places')}: from {low.name} {_change(low, measure)} to {high.name} "
            f"{_change(high, measure)}.{below}")


def _caveats(whole: pd.DataFrame, years: list[int], measure: str) -> tuple[str, ...]:
    earlier = listing([str(year) for year in years[:-1]])
    least = 100 * whole.loc[whole["match_year"] == years[0], "img_share"].min()
    notes = [f"{earlier}: not the NRMP's own report, but pages that restate its tables ({years[-1]} is the official "
             "report). They do not say which entry levels they count; their sums lie above the NRMP's PGY-1 totals, "
             "as counts of all entry levels do." if measure == "positions" else
             f"{earlier}: a page that restates the NRMP's table. It does not say which entry levels it counts. Its "
             f"states look like the head of a list: each had {least:.0f} % IMGs or more, "
             "and shares that are chosen because they are high fall by themselves."]
    said = {note: year for year, note in zip(whole["match_year"].tolist(), whole["note"]) if isinstance(note, str)}
    notes += [f"{year}: {readable(note)}." for note, year in said.items()]
    notes.append("From 2020 one Match for MD and DO programs: part of a rise is positions that were filled in the "
                 "other Match before.")
    if measure == "positions":
        notes.append("No share is shown: the filled positions of each state are not published for these years before "
                     f"{years[-1]}. More IMGs in a state can mean more positions, a greater part of them, or both.")
        notes.append("A percentage of a small count jumps by itself: read the counts beside it.")
    else:
        notes.append("A fill share is a part of the filled positions, of the whole state and not of a program. It is "
                     "not a match rate.")
    return tuple(notes)
