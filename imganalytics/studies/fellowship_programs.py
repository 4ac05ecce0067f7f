"""Which fellowship programs are there: by institution, state and subspecialty, with their positions year by year."""

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any

import numpy as np
import pandas as pd

from imganalytics.errors import UserError
from imganalytics.result import Question, Result, RowsOf
from imganalytics.studies import fellowship_facts as facts
from imganalytics.studies.provenance import sources_of
from imganalytics.studies.words import counted, percent
from imganalytics.vocabulary import ALL_SPECIALTIES, require
from imganalytics.warehouse import connect

CANADA = "CAN"  # in place of a state
SORTS = {"institution": "Institution", "label": "Subspecialty", "published_name": "Listed as", "city": "City",
         "state": "State", "program_code": "NRMP code"}  # and a year, by its positions
NUMBERS = ("offered", "filled")

QUERY = f"""
WITH results AS (
    SELECT program_code, min(source_id) AS source_id,
           coalesce(min(locator) FILTER (appointment_year = $appointment_year), min(locator)) AS locator,
           max(quota) FILTER (appointment_year = $appointment_year) AS offered,
           max(filled) FILTER (appointment_year = $appointment_year) AS filled,
           map_from_entries(list((appointment_year, [quota, filled]) ORDER BY appointment_year)) AS years
    FROM fellowship_program_results GROUP BY ALL)
SELECT p.program_code, p.institution_code, p.institution, p.city, coalesce(p.state, '{CANADA}') AS state,
       coalesce(st.name, 'Canada') AS state_name, p.specialty, s.label, p.published_name,
       $appointment_year AS appointment_year, r.offered, r.filled, r.years, r.source_id, r.locator
FROM fellowship_programs p JOIN results r USING (program_code) JOIN specialties s USING (specialty)
LEFT JOIN states st ON st.state = p.state
ORDER BY p.institution, s.label, p.published_name, p.program_code"""

COLUMNS = ["row", "institution", "label", "published_name", "city", "state", "offered", "filled", "appointment_year",
           "program_code", "institution_code", "specialty", "source_id", "locator"]


@lru_cache(maxsize=8)
def listing(year: int) -> pd.DataFrame:
    """Every program ever listed, one row each, always in the same order; its positions of `year` are NaN when it was not
    listed then. `years` holds [offered, filled] of each year. Callers must not write to it."""
    frame = connect().execute(QUERY, {"appointment_year": year}).df()
    for name in NUMBERS:
        frame[name] = frame[name].astype("float64")
    frame["label"] = frame["label"].map(facts.label_of)
    frame["row"] = np.arange(len(frame))
    return frame


@cache
def _found_by() -> tuple[str, ...]:
    """What the search looks in, one text a program."""
    frame = listing(facts.listed_years()[-1])
    names = ("institution", "city", "state", "state_name", "label", "specialty", "published_name", "program_code")
    return tuple(" ".join(texts).lower() for texts in zip(*(frame[name].tolist() for name in names)))


@lru_cache(maxsize=256)
def matching(search: str) -> np.ndarray:
    """Which programs hold every word of `search`, in any order. Callers must not write to it."""
    words = search.lower().split()
    return np.array([all(word in text for word in words) for text in _found_by()], bool)


@cache
def _ranks(column: str) -> np.ndarray:
    """The place of each program in the order of a column of text, or of the positions of a year."""
    frame = listing(facts.listed_years()[-1])
    if column in SORTS:
        return np.unique(frame[column].str.lower().to_numpy(str), return_inverse=True)[1].astype(float)
    return np.array([years.get(int(column), [np.nan])[0] for years in frame["years"]], float)


def fellowship_programs(appointment_year: int = 2026, search: str = "", specialties: Sequence[str] | None = None,
                        states: Sequence[str] = (), minimum_positions: int = 1, open_only: bool = False,
                        sort: str = "institution", descending: bool = False) -> Result:
    """The fellowship programs listed for a year that fit, with their positions offered and filled.

    Args:
        appointment_year: the year in which the fellowship begins.
        search: words that all have to occur in institution, city, state, subspecialty, name or code.
        specialties: canonical names; None for all.
        states: codes such as 'CA', and 'CAN' for Canada; empty for all.
        minimum_positions: programs with fewer offered positions are left out.
        open_only: only programs that left a position open.
        sort: a key of SORTS, or a year as text for the positions it offered; programs without any come last.
        descending: from the last to the first.

    Returns:
        A frame of one row for each program: row (its number in :func:`listing`), institution, label, published_name, city,
        state, offered, filled, codes, provenance.

    Raises:
        UserError: an unknown word or year, or no program fits.
    """
    names = _checked(appointment_year, specialties, states, sort)
    whole = listing(appointment_year)
    keep = matching(" ".join(search.split())) & _fitting(whole, names, states, minimum_positions, open_only)
    if not keep.any():
        raise UserError(f"No program of {appointment_year} fits: use fewer words, more states or subspecialties, or a "
                        "lower minimum of positions.")
    order = ordered(_ranks(sort), np.flatnonzero(keep), descending)
    frame = whole[COLUMNS].take(order).reset_index(drop=True)
    arguments = {"appointment_year": appointment_year, "search": search, "specialties": names, "states": list(states),
                 "minimum_positions": minimum_positions, "open_only": open_only, "sort": sort, "descending": descending}
    return Result(
        frame, Question("fellowship_programs", arguments), title=f"Which fellowship programs are there, {appointment_year}?",
        subtitle=f"Positions offered and filled by program code in the fellowship matches of the NRMP. n = "
                 f"{counted(len(frame), 'program', 'programs')}. Full counts.",
        summary=_summary(frame, appointment_year), sources=sources_of(frame["source_id"].iloc[:1]),
        caveats=_caveats(appointment_year), sql=QUERY, parameters={"appointment_year": appointment_year},
        rows_of=RowsOf("fellowship_program_results", ("appointment_year", "program_code")))


def _fitting(whole: pd.DataFrame, names: list[str] | None, states: Sequence[str], minimum: int,
             open_only: bool) -> np.ndarray:
    offered, filled = whole["offered"].to_numpy(), whole["filled"].to_numpy()
    keep = offered >= max(1, minimum)
    if names is not None:
        keep = keep & np.isin(whole["specialty"].to_numpy(object), names)
    if states:
        keep = keep & np.isin(whole["state"].to_numpy(object), list(states))
    return keep & (filled < offered) if open_only else keep


def ordered(ranks: np.ndarray, rows: np.ndarray, descending: bool) -> np.ndarray:
    """`rows` by their ranks, blanks last either way, ties as they come."""
    own = ranks[rows]
    return rows[np.argsort(np.where(np.isnan(own), np.inf, -own if descending else own), kind="stable")]


def _checked(year: int, specialties: Sequence[str] | None, states: Sequence[str], sort: str) -> list[str] | None:
    """The names of the subspecialties, once all is known to be allowed."""
    years = facts.listed_years()
    if year not in years:
        raise UserError(f"appointment_year {year!r}; allowed: {years[0]} to {years[-1]}")
    for state in states:
        require(state, state_names(), "state")
    require(sort, (*SORTS, *map(str, years)), "sort order")
    return checked_names(specialties)


def checked_names(specialties: Sequence[str] | None) -> list[str] | None:
    """Names of subspecialties; None for all.

    Raises:
        UserError: none is named, or an unknown one.
    """
    if specialties is None:
        return None
    if isinstance(specialties, str) or not specialties:
        raise UserError("Choose at least one subspecialty.")
    known = tuple(name for name in facts.labels() if name != ALL_SPECIALTIES)
    return [require(name, known, "subspecialty") for name in specialties]


@cache
def state_names() -> dict[str, str]:
    """Name of each state by its code, and Canada."""
    return dict(connect().execute("SELECT state, name FROM states ORDER BY name").fetchall()) | {CANADA: "Canada"}


@cache
def state_options() -> list[dict[str, Any]]:
    """States for a picker, with the square of each on the grid of tiles."""
    rows = connect().execute("SELECT state, name, tile_row, tile_column FROM states ORDER BY name").fetchall()
    return [{"value": code, "label": name, "row": row, "column": column} for code, name, row, column in rows] + [
        {"value": CANADA, "label": "Canada"}]


def _summary(frame: pd.DataFrame, year: int) -> str:
    offered, filled = int(frame["offered"].sum()), int(frame["filled"].sum())
    places = counted(len(set(frame["institution_code"].tolist())), "institution", "institutions")
    kinds = counted(len(set(frame["specialty"].tolist())), "subspecialty", "subspecialties")
    return (f"{year}: {counted(len(frame), 'program', 'programs')} in {kinds} at {places}; {filled:,} of {offered:,} "
            f"positions filled ({percent(filled / offered)}).")


def _caveats(year: int) -> tuple[str, ...]:
    return ("A program is a code of the NRMP: one training program can have several, such as a clinical and a research "
            "track. 'Listed as' tells them apart.",
            "Filled means filled by the match; positions given afterwards or outside it are not in the list.",
            "Who filled the positions is not published by program: nothing here tells US from international graduates.",
            *facts.gap_notes(year))
