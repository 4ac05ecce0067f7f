"""Where do applicants of a type take the filled positions: fill share by state, census division or region."""

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any

import numpy as np
import pandas as pd

from imganalytics.errors import UserError
from imganalytics.result import Question, Result, RowsOf
from imganalytics.statistics.rates import LEAST_SHOWN, reliability, wilson
from imganalytics.studies.provenance import sources_of
from imganalytics.studies.words import counted, listing, percent
from imganalytics.vocabulary import FAMILIES, applicant_types as known_types, require
from imganalytics.warehouse import connect

LEVELS = {"state": "State", "census_division": "Census division", "census_region": "Census region"}
MANY = {"state": "states", "census_division": "census divisions", "census_region": "census regions"}
ENTRY_LEVELS = {"all": "All entry levels", "PGY-1": "PGY-1", "PGY-2": "PGY-2", "Physician": "Reserved for physicians"}
ENTRY_WORDS = {"all": "all entry levels", "PGY-1": "PGY-1", "PGY-2": "PGY-2", "Physician": "reserved for physicians"}
MATCH_YEAR = 2025  # the one year with a state report by specialty and applicant type
IMGS = ("us_img", "non_us_img")

QUERY = """
WITH offered AS (
    SELECT state, sum(offered) AS offered, sum(filled) AS filled, string_agg(DISTINCT source_id, ', ' ORDER BY source_id) AS source_id
    FROM state_results
    WHERE match_year = $match_year AND ($specialties IS NULL OR list_contains($specialties::VARCHAR[], specialty))
      AND ($entry_level = 'all' OR entry_level = $entry_level)
    GROUP BY state),
taken AS (
    SELECT state, sum(filled) FILTER (list_contains($types::VARCHAR[], applicant_type)) AS taken,
           sum(filled) FILTER (applicant_type = 'us_img') AS us_img,
           sum(filled) FILTER (applicant_type = 'non_us_img') AS non_us_img,
           sum(filled) FILTER (applicant_type = 'us_md_senior') AS us_md_senior,
           sum(filled) FILTER (applicant_type = 'us_md_graduate') AS us_md_graduate,
           sum(filled) FILTER (applicant_type = 'us_do_senior') AS us_do_senior,
           sum(filled) FILTER (applicant_type = 'us_do_graduate') AS us_do_graduate,
           sum(filled) FILTER (applicant_type = 'fifth_pathway_and_canadian') AS fifth_pathway_and_canadian
    FROM state_fill
    WHERE match_year = $match_year AND ($specialties IS NULL OR list_contains($specialties::VARCHAR[], specialty))
      AND ($entry_level = 'all' OR entry_level = $entry_level)
    GROUP BY state),
places AS (
    SELECT *, CASE $level WHEN 'state' THEN name WHEN 'census_division' THEN census_division
                          ELSE census_region END AS place
    FROM states LEFT JOIN offered USING (state) LEFT JOIN taken USING (state))
SELECT coalesce(place, 'All states') AS place, grouping(place) = 1 AS is_country,
       CASE WHEN $level = 'state' AND grouping(place) = 0 THEN min(state) END AS state,
       CASE WHEN grouping(place) = 0 AND $level <> 'census_region' THEN min(census_region) END AS census_region,
       CASE WHEN $level = 'state' AND grouping(place) = 0 THEN min(tile_row) END AS tile_row,
       CASE WHEN $level = 'state' AND grouping(place) = 0 THEN min(tile_column) END AS tile_column,
       sum(offered) AS offered, sum(filled) AS filled, sum(taken) AS taken, sum(us_img) AS us_img,
       sum(non_us_img) AS non_us_img, sum(us_md_senior) AS us_md_senior, sum(us_md_graduate) AS us_md_graduate,
       sum(us_do_senior) AS us_do_senior, sum(us_do_graduate) AS us_do_graduate,
       sum(fifth_pathway_and_canadian) AS fifth_pathway_and_canadian, min(source_id) AS source_id
FROM places GROUP BY GROUPING SETS ((place), ()) ORDER BY is_country DESC, place"""

COUNTS = ("us_img", "non_us_img", "us_md_senior", "us_md_graduate", "us_do_senior", "us_do_graduate",
          "fifth_pathway_and_canadian")


def geography(applicant_types: Sequence[str] = IMGS, specialties: Sequence[str] | None = None, level: str = "state",
              entry_level: str = "all", minimum_filled: int = 0) -> Result:
    """The part of the filled positions of each place that went to applicants of these types, taken together (2025).

    Args:
        applicant_types: keys of the types whose positions are added up.
        specialties: canonical names whose positions are added up; None for all.
        level: state, census_division or census_region.
        entry_level: all, PGY-1, PGY-2 or Physician (positions reserved for physicians).
        minimum_filled: places with fewer filled positions get no share (0: the rule of five alone).

    Returns:
        A frame of one row for each place and one for the whole country: offered, filled (what the share is of), taken
        (by the types together), share, share_low, share_high (fractions, 95 % Wilson), reliability, reason (why there
        is no share), the positions of every type, place of its square for states. The greatest share first.

    Raises:
        UserError: an unknown word, or no place with a share.
    """
    types = _checked_types(applicant_types)
    require(level, LEVELS, "level of place")
    require(entry_level, ENTRY_LEVELS, "entry level")
    if not isinstance(minimum_filled, int) or minimum_filled < 0:
        raise UserError(f"minimum_filled {minimum_filled!r}; allowed: a whole number, 0 or more")
    names = None if specialties is None else tuple(_checked(specialties))
    frame = _shown(_published(types, names, level, entry_level), minimum_filled)
    where = f"{_named(names)}, {ENTRY_WORDS[entry_level]}"
    if not ((frame["reason"] == "") & ~frame["is_country"]).any():
        raise UserError(_nothing(frame, level, where, minimum_filled))
    arguments = {"applicant_types": list(types), "specialties": names and list(names), "level": level,
                 "entry_level": entry_level, "minimum_filled": minimum_filled}
    who = listing([known_types()[key].plural for key in types])
    together = " together" if len(types) > 1 else ""
    one = {"applicant_type": types[0]} if len(types) == 1 else {}
    return Result(
        frame, Question("geography", arguments), title=f"What share of the filled positions went to {who}{together}, "
                                                       f"by {LEVELS[level].lower()}?",
        subtitle=_subtitle(frame, where, minimum_filled, level), summary=_summary(frame, level, f"{who}{together}"),
        sources=sources_of(frame["source_id"]), caveats=_caveats(frame, names), sql=QUERY,
        parameters=_parameters(types, names, level, entry_level),
        rows_of=RowsOf("state_fill", ("state",), {"match_year": MATCH_YEAR} | one) if level == "state" else None)


@cache
def specialty_options() -> list[dict[str, str]]:
    """Every specialty of the state report, for a picker: value, label, group (family) and the names it is found by."""
    found = connect().execute("""
        SELECT s.specialty, s.label, s.family, string_agg(a.published_name, ' | ' ORDER BY a.published_name)
        FROM specialties s LEFT JOIN specialty_aliases a USING (specialty)
        WHERE s.specialty IN (SELECT specialty FROM state_results WHERE match_year = $1)
        GROUP BY s.specialty, s.label, s.family
        ORDER BY list_position($2::VARCHAR[], s.family), s.label""", [MATCH_YEAR, list(FAMILIES)]).fetchall()
    return [{"value": name, "label": label, "group": family, "search": f"{name} | {aliases}"}
            for name, label, family, aliases in found]


def _checked_types(types: Sequence[str]) -> tuple[str, ...]:
    if isinstance(types, str) or not types:
        raise UserError(f"Choose at least one applicant type; allowed: {', '.join(COUNTS)}")
    return tuple(dict.fromkeys(require(key, COUNTS, "applicant type of the state report") for key in types))


def _checked(specialties: Sequence[str]) -> list[str]:
    known = tuple(option["value"] for option in specialty_options())
    if isinstance(specialties, str) or not specialties:
        raise UserError("Choose at least one specialty")
    return list(dict.fromkeys(require(name, known, "specialty of the state report") for name in specialties))


def _parameters(types: tuple[str, ...], names: tuple[str, ...] | None, level: str, entry_level: str) -> dict[str, Any]:
    return {"types": list(types), "specialties": names and list(names), "level": level, "entry_level": entry_level,
            "match_year": MATCH_YEAR}


@lru_cache(maxsize=256)
def _published(types: tuple[str, ...], names: tuple[str, ...] | None, level: str, entry_level: str) -> pd.DataFrame:
    """Every place with its counts, share and interval. Kept for the next turn of a slider: not to be written to."""
    frame = connect().execute(QUERY, _parameters(types, names, level, entry_level)).df()
    frame[["offered", "filled", "taken", *COUNTS]] = frame[["offered", "filled", "taken", *COUNTS]].astype(float)
    taken, filled = frame["taken"].to_numpy(), frame["filled"].to_numpy()
    low, high = wilson(np.nan_to_num(taken), np.nan_to_num(filled))
    kind = reliability(taken, filled)
    share = np.divide(taken, filled, out=np.full(len(frame), np.nan), where=filled > 0)
    reason = np.select([np.isnan(filled), filled == 0, filled < LEAST_SHOWN],
                       ["none offered", "none filled", f"fewer than {LEAST_SHOWN} filled"], "")
    frame = frame.assign(share=share, share_low=low, share_high=high, reliability=kind, reason=reason.astype(object),
                         match_year=MATCH_YEAR)
    frame.loc[kind == "suppressed", ["share", "share_low", "share_high"]] = np.nan
    frame["state"] = frame["state"].astype(object).where(frame["state"].notna(), None)
    order = np.lexsort((frame["place"].astype(str), -frame["share"].fillna(-1), ~frame["is_country"]))
    return frame.iloc[order].reset_index(drop=True)


def _shown(published: pd.DataFrame, minimum: int) -> pd.DataFrame:
    below = ~published["is_country"].to_numpy() & (published["filled"].to_numpy() < minimum) \
        & (published["reason"] == "").to_numpy()
    if not below.any():
        return published.copy()
    frame = published.copy()
    frame.loc[below, ["share", "share_low", "share_high"]] = np.nan
    frame.loc[below, "reliability"], frame.loc[below, "reason"] = "suppressed", "below your minimum"
    return frame.iloc[np.argsort(below, kind="stable")].reset_index(drop=True)


def _named(names: tuple[str, ...] | None) -> str:
    if names is None or len(names) == len(specialty_options()):
        return "all specialties"
    labels = {option["value"]: option["label"] for option in specialty_options()}
    return listing([labels[name] for name in names]) if len(names) < 4 else f"{len(names)} specialties together"


def _nothing(frame: pd.DataFrame, level: str, where: str, minimum: int) -> str:
    places = frame[~frame["is_country"]]
    most = places["filled"].max()
    where = where[0].upper() + where[1:]
    if not most > 0:
        return f"{where}: no position was filled in {MATCH_YEAR}; choose other specialties or another entry level"
    if most >= LEAST_SHOWN:
        return (f"{where}: no {LEVELS[level].lower()} has {minimum:,} filled positions; lower the minimum "
                f"(the most is {most:,.0f}, in {places.loc[places['filled'].idxmax(), 'place']})")
    return (f"{where}: in no {LEVELS[level].lower()} were {LEAST_SHOWN} or more positions filled, so no share is "
            "shown; choose more specialties or a larger kind of place")


def _subtitle(frame: pd.DataFrame, where: str, minimum: int, level: str) -> str:
    n = int(frame.loc[frame["is_country"], "filled"].iloc[0])
    least = f", at least {minimum:,}" if minimum else ""
    return (f"Base: positions filled in the {MATCH_YEAR} Match, {where}{least}. "
            f"n = {counted(n, 'position', 'positions')}. The {level.removeprefix('census_')}'s share, not a program's.")


def _figure(row: Any) -> str:
    return (f"{row.place} {percent(row.share)} ({100 * row.share_low:.1f} to {100 * row.share_high:.1f}, "
            f"n = {row.filled:,.0f})")


def _summary(frame: pd.DataFrame, level: str, who: str) -> str:
    rows = list(frame.itertuples())
    country, places = rows[0], rows[1:]
    told = [f"{who}: {_figure(country)}."] if not country.reason else []
    stable = [row for row in places if row.reliability == "ok"]
    unstable = sum(row.reliability == "unstable" for row in places)
    none = len(places) - len(stable) - unstable
    if len(stable) > 1:
        told.append(f"{len(stable)} stable shares, from {_figure(stable[-1])} to {_figure(stable[0])}.")
    elif stable:
        told.append(f"The one stable share is {_figure(stable[0])}.")
    also = [f"{count} {words}" for count, words in ((unstable, "unstable"), (none, "without a share")) if count]
    return " ".join(told) + (f" Of the other {MANY[level]}: {listing(also)}." if also else "")


def _caveats(frame: pd.DataFrame, names: tuple[str, ...] | None) -> tuple[str, ...]:
    places = frame[~frame["is_country"]]
    shown, unstable = int((places["reason"] == "").sum()), int((places["reliability"] == "unstable").sum())
    notes = ["A fill share is a part of the filled positions. It is not a match rate: it says nothing of how many "
             "applied.",
             "It is the share of the whole place, and says nothing of a single program: a place with a high share can "
             "have programs without any IMG, and the other way round.",
             "Every filled position is counted, nothing is sampled: an interval says how far a share of so few "
             "positions moves by chance alone from year to year."]
    if unstable:
        notes.append(f"{unstable} of {shown} shares are unstable (hollow): fewer than 30 filled positions, or an "
                     "interval wider than 20 points. Do not order places by them.")
    if names is None or len(names) > 1:
        notes.append("Places differ in their specialties: a difference can mean no more than that one place has more "
                     "positions in specialties that IMGs enter everywhere.")
    notes.append(f"Only the {MATCH_YEAR} report has these figures by applicant type. 'All states' holds the District "
                 "of Columbia and Puerto Rico; regions are the Census Bureau's, which puts Puerto Rico in none.")
    return tuple(notes)
