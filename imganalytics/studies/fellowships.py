"""Which subspecialties fill their fellowship positions, and which grew?"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from imganalytics.errors import UserError
from imganalytics.result import Question, Result, RowsOf
from imganalytics.studies import fellowship_facts as facts
from imganalytics.studies.provenance import sources_of
from imganalytics.studies.trend_words import count_change
from imganalytics.studies.words import counted, percent
from imganalytics.vocabulary import ALL_SPECIALTIES, require

SORTS = {
    "share": "Share of positions filled",
    "offered": "Positions offered",
    "unfilled": "Positions left open",
    "programs": "Programs",
    "growth": "Growth of positions, in percent",
    "change": "Growth of positions, in positions",
    "label": "Name",
}
MEASURE = {"offered": "positions_offered", "growth": "positions_offered", "change": "positions_offered",
           "programs": "programs_with_positions"}  # what a pressed mark is explained by, else positions_filled


def fellowships(appointment_year: int = 2026, since: int = 2022, specialties: Sequence[str] | None = None,
                minimum_positions: int = 0, sort: str = "share") -> Result:
    """Positions filled of those offered in each subspecialty, open positions, programs, and growth since a year.

    The share is of a full count, so that it has no interval; with fewer than 30 positions it is called unstable, with
    fewer than 5 it is not shown.

    Args:
        appointment_year: the year in which the fellowship begins.
        since: an earlier year to compare the offered positions with; from the same year on there is no comparison.
        specialties: canonical names; None for all.
        minimum_positions: subspecialties with fewer offered positions are left out.
        sort: a key of SORTS; highest first.

    Returns:
        A frame of one row for each subspecialty, all together first: offered, filled of whole (both counted by one
        source), unfilled, share (0-1), programs, before (offered in `since`), change, growth (a fraction), reliability,
        reason (why there is no share), provenance.

    Raises:
        UserError: an unknown word or year, or nothing to show, with what is allowed.
    """
    names = _checked(appointment_year, since, specialties, minimum_positions, sort)
    whole = _with_growth(appointment_year, since)
    kept, hidden = _kept(whole, names, minimum_positions)
    if not kept.size:
        raise UserError(_nothing(names, appointment_year, minimum_positions))
    frame = whole.iloc[_ordered(whole, kept, sort)].reset_index(drop=True)
    rows = {name: frame[name].tolist() for name in _WORDS}
    arguments = {"appointment_year": appointment_year, "since": since, "specialties": names,
                 "minimum_positions": minimum_positions, "sort": sort}
    return Result(
        frame, Question("fellowships", arguments), title=f"Which subspecialties fill their fellowships, {appointment_year}?",
        subtitle=_subtitle(rows, appointment_year, since), summary=_summary(rows, appointment_year, since, hidden),
        sources=sources_of([*frame["filled_source_id"], *frame["offered_source_id"], *frame["programs_source_id"],
                            *frame["before_source_id"]]),
        caveats=_caveats(rows, appointment_year, since, hidden, minimum_positions), sql=facts.FACTS,
        rows_of=RowsOf("fellowship_results", ("specialty",), {
            "organisation": facts.ORGANISATION, "appointment_year": appointment_year,
            "last_appointment_year": appointment_year, "applicant_type": "all",
            "measure": MEASURE.get(sort, "positions_filled")}))


_WORDS = ("specialty", "label", "offered", "filled", "whole", "unfilled", "share", "before", "change",
          "growth", "reliability")


def _checked(year: int, since: int, specialties: Sequence[str] | None, minimum: int, sort: str) -> list[str] | None:
    years = facts.listed_years()
    for name, value in (("appointment_year", year), ("since", since)):
        if value not in years:
            raise UserError(f"{name} {value!r}; allowed: {years[0]} to {years[-1]}, the years of the program listing")
    require(sort, SORTS, "sort order")
    if not isinstance(minimum, int) or isinstance(minimum, bool) or minimum < 0:
        raise UserError(f"minimum_positions {minimum!r}; allowed: a whole number, 0 or more")
    if isinstance(specialties, str) or (specialties is not None and not specialties):
        raise UserError("Choose at least one subspecialty.")
    if sort in ("growth", "change") and since >= year:
        raise UserError("Growth needs an earlier year to compare with: choose one, or another order.")
    known = tuple(facts.labels())
    return None if specialties is None else [require(name, known, "subspecialty") for name in specialties]


@lru_cache(maxsize=64)
def _with_growth(year: int, since: int) -> pd.DataFrame:
    """Every subspecialty of a year with what it offered in `since`. Callers must not write to it."""
    known = facts.figures()
    now = known[(known["appointment_year"] == year) & known["offered"].notna()].reset_index(drop=True)
    earlier = known[known["appointment_year"] == since].set_index("specialty")
    before = now["specialty"].map(earlier["offered"]).astype("float64") if since < year else np.nan
    told = now["specialty"].map(earlier["offered_source_id"]) if since < year else None
    now = now.assign(since=since, before=before, change=now["offered"] - before, growth=now["offered"] / before - 1,
                     before_source_id=told)
    kinds = [facts.reliability(whole, share) for whole, share in zip(now["whole"], now["share"])]
    return now.assign(reliability=kinds, reason=["fewer than 5 positions" if kind == "suppressed" else "" for kind in kinds],
                      source_id=now["filled_source_id"])


def _kept(whole: pd.DataFrame, names: list[str] | None, minimum: int) -> tuple[np.ndarray, int]:
    """Positions of the rows to show, and how many the minimum hides."""
    chosen = np.ones(len(whole), bool) if names is None else whole["specialty"].isin(names).to_numpy()
    enough = whole["offered"].to_numpy() >= minimum
    return np.flatnonzero(chosen & enough), int((chosen & ~enough).sum())


def _ordered(whole: pd.DataFrame, kept: np.ndarray, sort: str) -> np.ndarray:
    """`kept` in the order to be shown: all together first, blanks and shares that are not shown last."""
    name = whole["label"].to_numpy(str)[kept]
    part = whole["specialty"].to_numpy(object)[kept] != ALL_SPECIALTIES
    key = np.zeros(len(kept)) if sort == "label" else whole[sort].to_numpy()[kept]
    if sort == "share":
        key = np.where(whole["reason"].to_numpy(object)[kept] == "", key, np.nan)
    return kept[np.lexsort((name, np.where(np.isnan(key), np.inf, -key), part))]


def _nothing(names: list[str] | None, year: int, minimum: int) -> str:
    if minimum:
        return f"No chosen subspecialty offers {minimum} positions in {year}: lower the minimum, or choose others."
    labels = ", ".join(facts.labels()[name] for name in names or ())
    return f"Not in the program listing of {year}: {labels}. Choose another year or other subspecialties."


def _parts(rows: dict[str, list[Any]]) -> list[int]:
    """Rows of single subspecialties, or all rows when there is no other."""
    own = [at for at, name in enumerate(rows["specialty"]) if name != ALL_SPECIALTIES]
    return own or list(range(len(rows["specialty"])))


def _subtitle(rows: dict[str, list[Any]], year: int, since: int) -> str:
    n = sum(rows["offered"][at] for at in _parts(rows))
    growth = f"Change: positions offered since {since}." if since < year else "No growth: compare with an earlier year."
    return (f"Base: positions offered for {year} in the fellowship matches of the NRMP. n = {n:,.0f} positions. A full "
            f"count, not a sample, so no intervals. Hollow: fewer than 30 positions. {growth}")


def _summary(rows: dict[str, list[Any]], year: int, since: int, hidden: int) -> str:
    parts = _parts(rows)
    known = [at for at in parts if rows["whole"][at] == rows["whole"][at]]
    filled, whole = (sum(rows[name][at] for at in known) for name in ("filled", "whole"))
    told = [f"{year}, {counted(len(parts), 'subspecialty', 'subspecialties')}"
            + (f": {filled:,.0f} of {whole:,.0f} positions filled ({percent(filled / whole)})." if whole else ".")]
    stable = [at for at in known if rows["reliability"][at] == "ok"]
    full = sum(rows["unfilled"][at] == 0 for at in known)
    if len(stable) > 1:
        low, high = (pick(stable, key=lambda at: rows["share"][at]) for pick in (min, max))
        told.append(f"With at least 30 positions, shares go from {_share(rows, low)} to {_share(rows, high)}; "
                    f"{counted(full, 'subspecialty', 'subspecialties')} filled every position.")
    grown = [at for at in parts if rows["change"][at] == rows["change"][at]]
    if since < year and len(grown) > 1:
        most, least = (pick(grown, key=lambda at: rows["change"][at]) for pick in (max, min))
        told.append(f"Since {since}: {_growth(rows, most)} at most, {_growth(rows, least)} at least.")
    if hidden:
        told.append(f"{counted(hidden, 'subspecialty lies', 'subspecialties lie')} below the minimum.")
    return " ".join(told)


def _share(rows: dict[str, list[Any]], at: int) -> str:
    return f"{rows['label'][at]} {percent(rows['share'][at])} ({rows['filled'][at]:,.0f} of {rows['whole'][at]:,.0f})"


def _growth(rows: dict[str, list[Any]], at: int) -> str:
    return f"{rows['label'][at]} {count_change(rows['before'][at], rows['offered'][at])}"


def _caveats(rows: dict[str, list[Any]], year: int, since: int, hidden: int, minimum: int) -> tuple[str, ...]:
    notes = ["How many positions are filled says nothing on who filled them: by applicant type only nephrology publishes a "
             "series.",
             f"The year is the one in which the fellowship begins; the match was held in the year before for most. Every "
             f"position of {year} is counted, so there is no sampling error; a share of few positions still jumps from year "
             "to year.",
             "A program is a code of the NRMP that offers a position: one training program can have several codes, such as "
             "a clinical and a research track.",
             "Fellowships that are filled outside the NRMP's matches are not in these figures."]
    if since < year:
        new = [rows["label"][at] for at in _parts(rows) if rows["before"][at] != rows["before"][at]]
        if new:
            notes.append(f"Not in the listing of {since}, so no growth is given (a subspecialty that joins the match has "
                         f"not grown by that): {', '.join(new)}.")
    apart = [f"{rows['label'][at]} {rows['filled'][at]:,.0f} of {rows['whole'][at]:,.0f}" for at in range(len(rows["label"]))
             if rows["whole"][at] == rows["whole"][at] and rows["whole"][at] != rows["offered"][at]]
    if apart:
        notes.append("Shares are of the positions in the program listing, which lacks one or two that the official table "
                     f"offers: {'; '.join(apart)}.")
    notes += facts.gap_notes(year)
    if hidden:
        notes.append(f"{counted(hidden, 'subspecialty is', 'subspecialties are')} hidden: fewer than {minimum} positions.")
    return tuple(notes)
