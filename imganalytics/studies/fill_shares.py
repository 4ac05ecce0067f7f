"""Which part of the filled positions did each applicant type take, by specialty? A fill share, not a match rate."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from imganalytics import vocabulary
from imganalytics.errors import UserError
from imganalytics.result import Question, Result, RowsOf
from imganalytics.statistics.rates import LEAST_SHOWN, reliability, wilson
from imganalytics.studies import filled
from imganalytics.studies.filled import COUNTED, FILLED, POSITIONS
from imganalytics.studies.late import late_specialties
from imganalytics.studies.provenance import sources_of
from imganalytics.studies.words import counted, listing, percent
from imganalytics.vocabulary import ALL_SPECIALTIES, TRACKS, require
from imganalytics.warehouse import connect

SORTS = {
    "share": "Fill share",
    "share_low": "Lower bound of the interval",
    "positions": "Number of filled positions",
}

NOT_A_RATE = ("A fill share is not a match rate: it says who holds the positions, not how many of those who applied "
              "got one. A type with many applicants can have a high fill share and a low match rate.")

QUERY = f"""
WITH {FILLED},
wanted AS (
    SELECT unnest($types::VARCHAR[]) AS applicant_type, generate_subscripts($types::VARCHAR[], 1) AS type_order),
places AS (
    SELECT DISTINCT specialty, track, entry_level
    FROM filled a JOIN filled f USING (match_year, specialty, track, entry_level)
    WHERE a.applicant_type = 'all' AND list_contains($types::VARCHAR[], f.applicant_type)
    QUALIFY $all_tracks OR dense_rank() OVER (
        PARTITION BY specialty ORDER BY list_position($track_order::VARCHAR[], track)) = 1)
SELECT l.specialty, s.label AS specialty_label, s.family, l.track, l.entry_level, s.entry_level AS main_entry_level,
       w.applicant_type, t.label AS type_label, w.type_order, f.value AS filled, a.value AS positions,
       coalesce(f.source_id, a.source_id) AS source_id, a.source_id AS positions_source_id,
       coalesce(f.locator, a.locator) AS locator, coalesce(f.derivation, a.derivation) AS derivation
FROM places l
CROSS JOIN wanted w
JOIN filled a ON (a.specialty, a.track, a.entry_level, a.applicant_type) = (l.specialty, l.track, l.entry_level, 'all')
LEFT JOIN filled f
  ON (f.specialty, f.track, f.entry_level, f.applicant_type) = (l.specialty, l.track, l.entry_level, w.applicant_type)
JOIN specialties s ON s.specialty = l.specialty
JOIN applicant_types t ON t.applicant_type = w.applicant_type
ORDER BY l.specialty, list_position($track_order::VARCHAR[], l.track), w.type_order"""


def fill_shares(applicant_types: Sequence[str] = ("us_img", "non_us_img"), match_year: int = 2025,
                positions: str = "PGY-1", minimum_filled: int = 0, sort: str = "share", sort_type: str | None = None,
                all_tracks: bool = False) -> Result:
    """Share of the filled positions of each specialty that each applicant type took, with its 95 % Wilson interval.

    Args:
        applicant_types: keys of applicant types, in the order to be drawn.
        match_year: year of the Match.
        positions: PGY-1, PGY-2, Physician or all (every entry level together, 2025 only).
        minimum_filled: specialties with fewer filled positions are left out.
        sort: share, share_low or positions; highest first.
        sort_type: the type sorted by (default: the first).
        all_tracks: also preliminary, primary-care and other tracks beside the main one.

    Returns:
        A frame of one row for each specialty, track and type: filled (by the type), positions (filled by anyone), share
        with share_low and share_high (fractions), reliability, reason (why there is no number), provenance.

    Raises:
        UserError: an unknown word, nothing published for the choice, or nothing above the minimum.
    """
    types = _checked(applicant_types, match_year, minimum_filled)
    require(positions, POSITIONS, "kind of positions")
    require(sort, SORTS, "sort order")
    sort_type = sort_type if sort_type in types else types[0]
    arguments = {"applicant_types": list(types), "match_year": match_year, "positions": positions,
                 "minimum_filled": minimum_filled, "sort": sort, "sort_type": sort_type, "all_tracks": all_tracks}
    every = _published(types, match_year, positions, all_tracks)
    if every.empty:
        raise UserError(_nothing(types, match_year, positions))
    frame = _shown(every, minimum_filled, sort, sort_type)
    if frame.empty:
        raise UserError(f"No specialty has {minimum_filled:,} {COUNTED[positions]} here: lower the minimum.")
    rows = _light(frame)
    return Result(
        frame, Question("fill_shares", arguments), title=_title(types, match_year), sql=QUERY,
        subtitle=_subtitle(rows, match_year, positions, minimum_filled), summary=_summary(rows, types),
        sources=sources_of([*frame["source_id"], *frame["positions_source_id"]]),
        caveats=_caveats(rows, types, positions, match_year), rows_of=_rows_of(match_year, positions, types),
        parameters=_parameters(types, match_year, positions, all_tracks))


class Row(NamedTuple):
    """What the sentences need to know of one fill share."""

    specialty: str
    specialty_label: str
    row_label: str
    entry_level: str
    main_entry_level: str | None
    applicant_type: str
    filled: float
    positions: float
    share: float
    share_low: float
    share_high: float
    reliability: str
    derivation: str


def _light(frame: pd.DataFrame) -> list[Row]:
    """The frame as light tuples: pandas' own rows are too slow for a slider."""
    return [Row(*values) for values in zip(*(frame[name].tolist() for name in Row._fields))]


def _checked(types: Sequence[str], match_year: int, minimum: int) -> tuple[str, ...]:
    if isinstance(types, str) or not types:
        raise UserError("Choose at least one applicant type to see which positions it took.")
    if not isinstance(match_year, int) or not isinstance(minimum, int):
        raise UserError(f"match_year {match_year!r} and minimum_filled {minimum!r}; allowed: whole numbers")
    return tuple(dict.fromkeys(require(key, vocabulary.applicant_types(), "applicant type") for key in types))


def _nothing(types: Sequence[str], match_year: int, positions: str) -> str:
    labels = listing([vocabulary.applicant_types()[key].plural for key in types])
    years = filled.years(types, positions)
    when = f"It is for {listing(list(map(str, years)))}." if years else "Choose other positions or another type."
    return f"No fill share of {labels} is published for {POSITIONS[positions]} in {match_year}. {when}"


def _parameters(types: Sequence[str], match_year: int, positions: str, all_tracks: bool) -> dict[str, Any]:
    return filled.parameters([match_year], positions) | {
        "types": list(types), "all_tracks": all_tracks, "track_order": list(TRACKS)}


@lru_cache(maxsize=128)
def _published(types: tuple[str, ...], match_year: int, positions: str, all_tracks: bool) -> pd.DataFrame:
    """Every specialty with every type. Kept for the next turn of a slider: callers must not write to it."""
    frame = connect().execute(QUERY, _parameters(types, match_year, positions, all_tracks)).df()
    return with_shares(frame)


def with_shares(frame: pd.DataFrame) -> pd.DataFrame:
    """Adds share, share_low, share_high, reliability, reason, row_label, place to a frame with filled and positions."""
    own, every = frame["filled"].astype(float), frame["positions"].astype(float)
    kind = reliability(own, every)
    shown = kind != "suppressed"
    low, high = wilson(own.where(shown), every)
    few = np.where(every == 0, "no position filled", f"fewer than {LEAST_SHOWN} positions filled")
    reason = np.select([shown, own.isna()], ["", "not published"], few)
    place = frame.groupby(["specialty", "track", "entry_level"], sort=False).ngroup()
    several = frame.groupby("specialty")["track"].transform("nunique") > 1
    track = frame["track"].map(TRACKS | {"all_pgy1": "all tracks"}).fillna(frame["track"])
    named = (several & frame["track"].ne("categorical")) | frame["track"].eq("all_pgy1")
    return frame.assign(filled=own, positions=every, share=(own / every).where(shown), share_low=low, share_high=high,
                        reliability=kind, reason=reason, place=place,
                        row_label=frame["specialty_label"] + (", " + track).where(named, ""))


def _shown(every: pd.DataFrame, minimum: int, sort: str, sort_type: str) -> pd.DataFrame:
    """The rows with enough positions in their order: the whole country first, then the highest of `sort`.

    In numpy, since a slider waits for it.
    """
    place = every["place"].to_numpy()
    own = every["applicant_type"].to_numpy(object) == sort_type
    key = np.full(place.max() + 1, np.nan)
    key[place[own]] = every[sort].to_numpy()[own]
    key = np.where(np.isnan(key), np.inf, -key)[place]
    country = every["specialty"].to_numpy(object) != ALL_SPECIALTIES
    order = np.lexsort((every["type_order"].to_numpy(), every["row_label"].to_numpy(str), key, country))
    order = order[every["positions"].to_numpy()[order] >= minimum]
    return every.iloc[order].reset_index(drop=True)


def _rows_of(match_year: int, positions: str, types: Sequence[str]) -> RowsOf | None:
    """Sums made on the way (all levels together, both kinds of IMGs) have no one row behind them."""
    if positions == "all" or "img_all" in types:
        return None
    return RowsOf("match_results", ("specialty", "track", "entry_level", "applicant_type"),
                  {"match_year": match_year, "measure": "positions_filled"})


def _title(types: Sequence[str], match_year: int) -> str:
    labels = listing([vocabulary.applicant_types()[key].plural for key in types])
    return f"Which share of the filled positions did {labels} take, by specialty, in {match_year}?"


def _subtitle(rows: Sequence[Row], match_year: int, positions: str, minimum: int) -> str:
    n = sorted({row.positions for row in rows if row.specialty != ALL_SPECIALTIES} or {row.positions for row in rows})
    span = f"{n[0]:,.0f} to {n[-1]:,.0f}" if len(n) > 1 else f"{n[0]:,.0f}"
    least = f", specialties with at least {minimum:,}" if minimum else ""
    return (f"Fill share, not a match rate. Base: {COUNTED[positions]}{least}. {match_year} Match. "
            f"n = {span} positions a specialty. Lines: 95 % Wilson intervals. Hollow: unstable.")


def _summary(rows: Sequence[Row], types: Sequence[str]) -> str:
    return " ".join(_of_type([row for row in rows if row.applicant_type == key and row.reliability == "ok"],
                             vocabulary.applicant_types()[key].plural) for key in types)


def _of_type(stable: list[Row], who: str) -> str:
    country = [f" {_figure(row)};" for row in stable if row.specialty == ALL_SPECIALTIES]
    own = sorted((row for row in stable if row.specialty != ALL_SPECIALTIES), key=lambda row: row.share)
    start = who + ":" + "".join(country)
    if not own:
        return f"{start} no stable fill share of a specialty here."
    span = f"from {_figure(own[0])} to {_figure(own[-1])}" if len(own) > 1 else _figure(own[0])
    return f"{start} {counted(len(own), 'stable fill share', 'stable fill shares')}, {span}."


def _figure(row: Row) -> str:
    return (f"{row.row_label} {percent(row.share)} ({100 * row.share_low:.1f} to {100 * row.share_high:.1f}, "
            f"{row.filled:,.0f} of {row.positions:,.0f})")


def _caveats(rows: Sequence[Row], types: Sequence[str], positions: str, match_year: int) -> tuple[str, ...]:
    notes = [NOT_A_RATE]
    shown = [row for row in rows if row.reliability != "suppressed"]
    late = late_specialties(*zip(*((row.specialty_label, row.entry_level, row.main_entry_level) for row in rows)))
    if late:
        notes.append(f"{listing(late)}: most places start at PGY-2 and are not in these PGY-1 figures. Choose PGY-2 "
                     "positions, or all positions together, to see them.")
    unstable = sum(row.reliability == "unstable" for row in shown)
    if unstable:
        notes.append(f"{unstable} of {len(shown)} fill shares are unstable (hollow): fewer than 30 positions, or an "
                     "interval wider than 20 points. Do not order specialties by them.")
    known = {row.applicant_type for row in shown}
    missing = [vocabulary.applicant_types()[key].label for key in types if key not in known]
    if missing:
        notes.append(f"{listing(missing)}: not published for {POSITIONS[positions]} of {match_year}.")
    if any("added" in row.derivation for row in shown):
        notes.append("The counts of all IMGs are those of US and non-US IMGs added here.")
    if any("over the PGY-1 tracks" in row.derivation for row in shown):
        notes.append("'All tracks': categorical, primary-care and preliminary positions added here, where each is "
                     "published.")
    notes.append("The positions are all there were, not a sample: read the interval as how far a share of so few "
                 "positions could have fallen otherwise by chance.")
    return tuple(notes)
