"""How many positions are at programs with evidence that they take IMGs who need a visa: at least, and at most."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from imganalytics.errors import UserError
from imganalytics.result import Question, Result, RowsOf
from imganalytics.studies.program_evidence import Evidence, checked, imported_from, label_of, last_match
from imganalytics.studies.program_evidence import evidence as known_evidence
from imganalytics.studies.program_facts import PROGRAMS
from imganalytics.studies.provenance import sources_of
from imganalytics.studies.words import counted, percent
from imganalytics.vocabulary import require

BY = {"specialty": "Specialty", "state": "State"}
MANY = {"specialty": "specialties", "state": "states"}
MEASURES = {"count": "Number of positions", "share": "Share of the positions offered"}
SORTS = {"positions": "Positions offered", "low": "The lower bound", "name": "Name"}


class Kind(NamedTuple):
    """A kind of evidence: its name, how the question asks for it, what is held for evidence, and what is left open."""

    label: str
    asked: str
    meaning: str
    rest: str


EVIDENCE = {
    "h1b": Kind("H-1B: a statement, or filings of a possible employer", "evidence that they take H-1B",
                "an imported statement that names H-1B, or without a statement H-1B filings for trainees by an "
                "employer that "
                "may be theirs", "nothing stated, and no filing by one possible employer"),
    "h1b_statement": Kind("H-1B: a statement only", "a statement that they take H-1B",
                          "an imported statement that names H-1B", "nothing stated"),
    "j1_statement": Kind("J-1: a statement only", "a statement that they take J-1",
                         "an imported statement that names J-1", "nothing stated"),
    "designated": Kind("A track named for IMGs or for sponsored physicians",
                       "a track named for IMGs or sponsored physicians",
                       "a track that the listing names for IMGs or for physicians whom a sponsor pays",
                       "a track named 'international' that may be meant for others"),
}


def opportunity(by: str = "specialty", evidence: str = "h1b", measure: str = "count",
                specialties: Sequence[str] | None = None, states: Sequence[str] | None = None,
                minimum: int = 50, sort: str = "positions") -> Result:
    """Positions of the last Match at programs with evidence, as a lower and an upper bound over what is not stated.

    Args:
        by: specialty or state: what a row is.
        evidence: h1b, h1b_statement, j1_statement or designated.
        measure: count (positions) or share (of those offered): what the chart draws.
        specialties, states: which programs are counted; None for all.
        minimum: least positions offered of a row.
        sort: positions, low or name.

    Returns:
        A frame of one row for each specialty or state: positions (offered in the last Match), programs, low and high
        (positions at programs that have the evidence, and at those not known to lack it), share_low and share_high
        (fractions of positions), programs_low, programs_high, stated_yes, stated_no (programs with an imported
        statement). Nothing is a sample, so the bounds are of what is not known, not of chance.

    Raises:
        UserError: an unknown word, nothing left, or nothing known at all of the evidence.
    """
    known, arguments = known_evidence(), _checked(by, evidence, measure, specialties, states, minimum, sort)
    chosen = known.chosen(arguments["specialties"], arguments["states"])
    rows = np.flatnonzero(known.active & (known.positions > 0) & chosen)
    if not len(rows):
        raise UserError("No program of these specialties offered a position in these states in the last Match; "
                        "choose more specialties or states")
    low, high = (ends[rows] for ends in _bounds(known, evidence))
    if not low.any() and high.all():
        raise UserError(f"{EVIDENCE[evidence].label}: nothing is known of any of these programs, so every range would "
                        f"run "
                        "from none to all of the positions. Import statements that you may use, or choose another "
                        "evidence")
    whole = _rows(known, by, rows, low, high)
    frame = _sorted(whole[whole["positions"] >= minimum], sort)
    if frame.empty:
        raise UserError(f"No {by} here has {minimum:,} positions; lower the minimum (the most is "
                        f"{whole['positions'].max():,.0f})")
    ids = ["nrmp_progres_2021_2025"] + (["dol_lca_physician_employer", "dol_lca_fy2025_q2"] if evidence == "h1b"
                                        else [])
    return Result(
        frame, Question("opportunity", arguments),
        title=f"How many positions are at programs with {EVIDENCE[evidence].asked}, by {by}?",
        subtitle=_subtitle(whole, len(frame), by, minimum, evidence), summary=_summary(whole, evidence),
        sources=sources_of(ids), caveats=_caveats(known, rows, evidence), sql=PROGRAMS,
        rows_of=RowsOf("programs", (by,), {"active": True}))


def _checked(by: str, evidence: str, measure: str, specialties: Sequence[str] | None, states: Sequence[str] | None,
             minimum: int, sort: str) -> dict[str, Any]:
    for value, allowed, what in ((by, BY, "kind of row"), (evidence, EVIDENCE, "evidence"),
                                 (measure, MEASURES, "measure"),
                                 (sort, SORTS, "sort order")):
        require(value, allowed, what)
    if not isinstance(minimum, int) or minimum < 0:
        raise UserError(f"minimum {minimum!r}; allowed: a whole number, 0 or more")
    return {"by": by, "evidence": evidence, "measure": measure, "specialties": checked("specialty", specialties),
            "states": checked("state", states), "minimum": minimum, "sort": sort}


def _bounds(known: Evidence, evidence: str) -> tuple[np.ndarray, np.ndarray]:
    """Which programs surely count, and which are not known not to."""
    if evidence == "designated":
        return known.designated == 1, known.designated != 0
    said = known.j1 if evidence == "j1_statement" else known.h1b
    low = said == 1
    if evidence == "h1b":
        low = low | (np.isnan(said) & known.filed & ~known.several_employers)
    return low, said != 0


def _rows(known: Evidence, by: str, rows: np.ndarray, low: np.ndarray, high: np.ndarray) -> pd.DataFrame:
    """Positions and programs of each specialty or state, with both bounds; those without a position are left out."""
    codes, values = known.groups[by]
    positions = known.positions[rows]

    def total(weights: np.ndarray) -> np.ndarray:
        return np.bincount(codes[rows], weights, len(values))

    whole = total(positions)
    frame = pd.DataFrame({
        by: values, "label": [label_of(by, value) for value in values], "positions": whole,
        "programs": total(np.ones(len(rows))), "low": total(positions * low), "high": total(positions * high),
        "programs_low": total(low.astype(float)), "programs_high": total(high.astype(float)),
        "programs_stated": total(~np.isnan(known.h1b[rows])), "match_year": last_match()})[whole > 0]
    return frame.assign(share_low=frame["low"] / frame["positions"], share_high=frame["high"] / frame["positions"])


def _sorted(frame: pd.DataFrame, sort: str) -> pd.DataFrame:
    first = [] if sort == "name" else [-frame[sort].to_numpy()]
    return frame.iloc[np.lexsort([frame["label"].to_numpy(str), *first])].reset_index(drop=True)


def _subtitle(whole: pd.DataFrame, drawn: int, by: str, minimum: int, evidence: str) -> str:
    hidden = len(whole) - drawn
    below = f" {counted(hidden, by, MANY[by])} below {minimum:,} positions not drawn." if hidden else ""
    return (f"Base: {whole['positions'].sum():,.0f} positions offered in the {last_match()} Match at "
            f"{whole['programs'].sum():,.0f} programs; {counted(drawn, by, MANY[by])} drawn.{below} "
            f"Evidence: {EVIDENCE[evidence].meaning}. A line runs from what is known to what is possible.")


def _summary(frame: pd.DataFrame, evidence: str) -> str:
    whole, least, most = (frame[name].sum() for name in ("positions", "low", "high"))
    text = (f"Together at least {least:,.0f} ({percent(least / whole)}) and at most {most:,.0f} "
            f"({percent(most / whole)}) of {whole:,.0f} positions are at programs with {EVIDENCE[evidence].asked}.")
    if most == whole:
        text += (" No program here is known to refuse, so the upper bound is every position: it says only that "
                 "nothing else "
                 "is stated.")
    return text


def _caveats(known: Evidence, rows: np.ndarray, evidence: str) -> tuple[str, ...]:
    notes: list[str] = []
    said = int((~np.isnan(known.h1b[rows])).sum())
    if evidence != "designated":
        notes.append(f"What a program says of visas is in no source here: {said:,} of these {len(rows):,} programs "
                     f"have a "
                     "statement that you imported." + (" Import one and the range narrows." if not said else ""))
        if files := imported_from(["visas_accepted"]):
            notes.append(f"Statements are from {files}; they are yours, and nobody checked them here.")
    if evidence == "h1b":
        some, several = known.filed[rows].sum(), known.several_employers[rows].sum()
        notes += [f"Which employer is which institution is a match by name and city that nobody verified: {some:,} "
                  f"of these programs have a possible employer with filings for trainees. {several:,} have several, "
                  "and count to the upper bound only. The lower bound is as soft as these links.",
                  "Filings are of an employer, not of a program: a hospital that filed for one resident counts with "
                  "all its "
                  "programs. No filing is not 'no H-1B'."]
    if evidence == "designated":
        notes.append("The names of tracks in the program listing are complete. All positions of the program are "
                     "counted, also "
                     "those of its other tracks. A track for sponsored physicians takes those whom a government or an "
                     "employer pays for, not everyone.")
    notes.append("Positions are those offered in the Match; the listing of 2025 lacks 19 positions that the official "
                 "total "
                 "holds. Positions outside the Match are in no source here.")
    return tuple(notes)
