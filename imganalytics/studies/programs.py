"""Which training programs are there, and what is known about each?"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from imganalytics.errors import UserError
from imganalytics.result import Question, Result
from imganalytics.statistics.rates import reliability, wilson
from imganalytics.studies.program_facts import IMPORTED, PROGRAMS, program_facts
from imganalytics.studies.program_search import Index
from imganalytics.studies.provenance import sources_of
from imganalytics.studies.words import counted
from imganalytics.vocabulary import TRACKS, require
from imganalytics.warehouse import connect

NOT_STATED = "not stated"

VISA_EVIDENCE = {
    "h1b_stated": "States that it takes H-1B (imported)",
    "j1_only_stated": "States J-1, not H-1B (imported)",
    "none_stated": "States that it takes no visa (imported)",
    "filings": "An employer that may be its own filed H-1B papers for trainees",
    "ambiguous": "Several employers could be its own; one filed",
    "unknown": "Nothing known",
}
DESIGNATED = {
    "explicit_img": "Named for IMGs",
    "sponsor_funded": "Named for sponsored trainees",
    "international_ambiguous": "'International' in its name, meaning unclear",
    "none": "No such name",
}
USCE = "imported_usce"
SORTS = {
    "institution": "Program", "city": "City", "state": "State", "specialty": "Specialty", "positions": "Positions",
    "filled": "Filled", "growth": "Growth in 5 years", "years_unfilled": "Years with unfilled places",
    "unfilled_share": "Unfilled share, 5 years", "state_share": "The state's IMG share",
    "h1b_trainee_filings": "H-1B filings", "designated": "Track by name", "imported_pct_img": "IMGs among residents (imported)",
    "imported_step2ck_min": "Step 2 CK minimum (imported)", "imported_yog_max_years": "Years since graduation (imported)",
    "imported_visas_accepted": "Visas (imported)", "imported_usce": "US clinical experience (imported)",
}
COLUMNS = ("program_key", "institution", "city", "state", "specialty", "entry_level", "active", "first_year", "last_year",
           "positions", "filled", "growth", "years_listed", "years_unfilled", "offered_5_years", "unfilled_5_years",
           "unfilled_share", "state_img", "state_filled", "state_share", "state_low", "state_high", "state_reliability",
           "designated_names", "h1b_trainee_filings", "visa_evidence", *(f"imported_{field}" for field in IMPORTED))


class Prepared(NamedTuple):
    """All programs, ready to be filtered: the frame, its search index, and which values each program has."""

    frame: pd.DataFrame
    search: Index
    tracks: dict[str, np.ndarray]
    visa: dict[str, np.ndarray]
    designated: dict[str, np.ndarray]
    order: dict[str, np.ndarray]


def prepared() -> Prepared:
    """Every training program with what is worked out from its facts; made anew only when an import changes."""
    return _prepared(_Same(program_facts()))


class _Same:
    """A frame as the key of a cache: the same object, the same key."""

    def __init__(self, frame: pd.DataFrame):
        self.frame = frame

    def __hash__(self) -> int:
        return id(self.frame)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.frame is self.frame


@lru_cache(maxsize=2)
def _prepared(facts: _Same) -> Prepared:
    frame = facts.frame
    imgs = frame["state_us_img"] + frame["state_non_us_img"]
    low, high = wilson(imgs, frame["state_filled"])
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(frame["state_filled"] >= 5, imgs / frame["state_filled"], np.nan)
    visa = _visa_evidence(frame)
    frame = frame.assign(
        growth=frame["positions"] - frame["positions_5_years_ago"], state_img=imgs, state_share=share, state_low=low,
        state_high=high, state_reliability=reliability(imgs, frame["state_filled"]),
        unfilled_share=frame["unfilled_5_years"] / frame["offered_5_years"].where(frame["offered_5_years"] > 0),
        designated_names=[" / ".join(names) for names in frame["designated"]],
        visa_evidence=_said(visa))
    designated = {key: np.array([key in kinds for kinds in frame["designated_as"]]) for key in DESIGNATED}
    designated["none"] = np.array([not kinds for kinds in frame["designated_as"]])
    tracks = {track: np.array([track in own for own in frame["tracks"]]) for track in sorted(
        {track for own in frame["tracks"] for track in own})}
    return Prepared(frame, Index(frame), tracks, visa, designated, {
        name: _ranks(frame["designated_names" if name == "designated" else name]) for name in SORTS})


def _visa_evidence(frame: pd.DataFrame) -> dict[str, np.ndarray]:
    stated = frame["imported_visas_accepted"].astype(object).fillna("").astype(str)
    h1b, none = stated.str.contains("H-1B").to_numpy(bool), (stated == "none").to_numpy(bool)
    filed = (frame["h1b_trainee_filings"] > 0).to_numpy(bool)
    one = (frame["employer_status"] == "candidate_unverified").to_numpy(bool)
    found = {"h1b_stated": h1b, "j1_only_stated": stated.str.contains("J-1").to_numpy(bool) & ~h1b, "none_stated": none,
             "filings": filed & one, "ambiguous": filed & ~one}
    return found | {"unknown": ~np.any(list(found.values()), axis=0)}


def _said(visa: dict[str, np.ndarray]) -> list[str]:
    parts = [np.where(rows, f"{VISA_EVIDENCE[key]}; ", "") for key, rows in visa.items()]
    return ["".join(row)[:-2] for row in zip(*parts)]


def _ranks(column: pd.Series) -> np.ndarray:
    """The place of each row in ascending order; blanks are NaN, so that they can stand last both ways."""
    if column.dtype == object or isinstance(column.dtype, pd.StringDtype):
        column = column.where(column.notna() & (column != "")).astype(object).map(str.casefold, na_action="ignore")
    return column.rank(method="dense").to_numpy(float)


@lru_cache(maxsize=1)
def last_match() -> int:
    """The last year of which programs' results are here."""
    return connect().execute("SELECT max(match_year) FROM program_results").fetchone()[0]


def track_options() -> list[str]:
    """The tracks that programs have."""
    return list(prepared().tracks)


def programs(search: str = "", specialties: Sequence[str] | None = None, tracks: Sequence[str] | None = None,
             states: Sequence[str] = (), positions: Sequence[int] = (0, 1000), years_unfilled: int = 0,
             visa: Sequence[str] | None = None, designated: Sequence[str] | None = None,
             step2_score: int = 0, years_since_graduation: int = 0, img_share: int = 0,
             usce: Sequence[str] | None = None, keep_not_stated: bool = True, active: bool = True,
             sort: str = "institution", descending: bool = False) -> Result:
    """The training programs that fit, one row each.

    Args:
        search: words of name, city, state, specialty or NRMP code; abbreviations and typing errors are forgiven. While
            there are some, the best fit goes first unless `sort` is given another value than "institution".
        specialties, tracks: any of these (None: all).
        states: any of these two-letter codes (none: all).
        positions: least and most positions in the last Match.
        years_unfilled: in at least as many of the last five Matches places were left.
        visa: any of these keys of VISA_EVIDENCE (None: all).
        designated: any of these keys of DESIGNATED (None: all).
        step2_score: leave out programs whose stated minimum of Step 2 CK is higher (0: any).
        years_since_graduation: leave out programs whose stated limit is lower (0: any).
        img_share: leave out programs that state a lower percentage of IMGs among their residents (0: any).
        usce: any of these stated requirements of US clinical experience, NOT_STATED among them (None: all).
        keep_not_stated: whether programs that do not state a minimum, a limit or a percentage stay in.
        active: only programs of the last Match (and the user's own).
        sort: a key of SORTS.
        descending: the other way round; programs without a value stay last.

    Returns:
        A frame with the columns COLUMNS; its index is the row in :func:`prepared`. Shares are fractions 0-1.

    Raises:
        UserError: an argument is not allowed, or no program fits.
    """
    arguments = {name: list(value) if isinstance(value, (list, tuple)) else value for name, value in locals().items()}
    kept = prepared()
    require(sort, SORTS, "order")
    fits = _fitting(kept, arguments)
    found = np.flatnonzero(fits)
    if not len(found):
        raise UserError("no program fits all of this; widen a filter, or clear the search")
    keys = [kept.order["institution"][found]]
    ranks = kept.order[sort][found]
    keys += [np.where(np.isnan(ranks), np.inf, -ranks if descending else ranks)]
    if search.strip() and sort == "institution" and not descending:
        keys += [-kept.search(search)[found]]
    order = found[np.lexsort(keys)]
    frame = kept.frame[list(COLUMNS)].take(order)
    return Result(frame, Question("programs", arguments), sql=PROGRAMS, title="Which training programs are there, and what "
                  "is known about each?", subtitle=_subtitle(frame), summary=_summary(kept.frame, frame),
                  sources=sources_of(SOURCES), caveats=CAVEATS)


SOURCES = ("nrmp_progres_2021_2025", "nrmp_progres_2018_2022", "nrmp_progres_2016_2020", "nrmp_state_2025",
           "dol_lca_fy2025_q2")
CAVEATS = (
    "No public source says how many IMGs a program takes. The IMG share here is that of all programs of the specialty in "
    "the state; a program may be far from it.",
    "H-1B filings are those of an employer whose name and city fit the institution. The link was made by machine and is not "
    "verified, and an employer files for all its trainees, fellows too.",
    "'Not stated' is not 'no': it means that no source here says.",
    "Positions left unfilled at the Match may have been filled in SOAP or outside the Match.",
)


def _fitting(kept: Prepared, asked: dict[str, Any]) -> np.ndarray:
    frame = kept.frame
    fits = frame["active"].to_numpy(bool).copy() if asked["active"] else np.ones(len(frame), bool)
    if asked["search"].strip():
        fits &= kept.search(asked["search"]) > 0
    for name, column in (("specialties", "specialty"), ("states", "state")):
        if asked[name]:
            fits &= frame[column].isin(asked[name]).to_numpy(bool)
    for name, values in (("tracks", kept.tracks), ("visa", kept.visa), ("designated", kept.designated)):
        if asked[name] is not None:
            fits &= np.any([values[require(key, values, name)] for key in asked[name]] or [np.zeros(len(frame), bool)], axis=0)
    least, most = asked["positions"]
    if least > 0 or most < frame["positions"].max():
        fits &= frame["positions"].between(least, most).to_numpy(bool)
    if asked["years_unfilled"] > 0:
        fits &= (frame["years_unfilled"] >= asked["years_unfilled"]).to_numpy(bool)
    for value, column, better in ((asked["step2_score"], "imported_step2ck_min", np.less_equal),
                                  (asked["years_since_graduation"], "imported_yog_max_years", np.greater_equal),
                                  (asked["img_share"], "imported_pct_img", np.greater_equal)):
        if value > 0:
            stated = frame[column].to_numpy(float)
            fits &= better(stated, value) | (np.isnan(stated) & asked["keep_not_stated"])
    if asked["usce"] is not None:
        fits &= frame[USCE].astype(object).fillna(NOT_STATED).isin(asked["usce"]).to_numpy(bool)
    return fits


def state_options() -> list[dict[str, Any]]:
    """The states and territories with programs of the last Match: code, name, place on the tile grid, how many."""
    count = prepared().frame.query("active")["state"].value_counts()
    rows = connect().execute("SELECT state, name, tile_column, tile_row FROM states ORDER BY state").fetchall()
    known = [{"value": state, "label": name, "column": column, "row": row, "count": int(count.get(state, 0))}
             for state, name, column, row in rows if state in count]
    return known + [{"value": state, "label": state, "count": int(number)} for state, number in sorted(count.items())
                    if state not in {row[0] for row in rows}]


def usce_options() -> list[str]:
    """What programs state on US clinical experience, and NOT_STATED."""
    return [*sorted(prepared().frame[USCE].dropna().astype(str).unique()), NOT_STATED]


def _subtitle(frame: pd.DataFrame) -> str:
    return (f"A training program is an institution and a specialty. {last_match()} Match; n = {len(frame):,} programs, "
            f"{frame['positions'].sum():,.0f} positions.")


def _summary(everything: pd.DataFrame, frame: pd.DataFrame) -> str:
    states, unfilled = frame["state"].nunique(), int((frame["years_unfilled"] > 0).sum())
    named = int((frame["designated_names"] != "").sum())
    return (f"{len(frame):,} of {len(everything):,} training programs {'fits' if len(frame) == 1 else 'fit'}, in "
            f"{counted(states, 'state or territory', 'states and territories')}: {frame['filled'].sum():,.0f} of "
            f"{frame['positions'].sum():,.0f} positions filled in the {last_match()} Match. {unfilled:,} left places unfilled "
            f"in at least one of the last five Matches; {named:,} {'has' if named == 1 else 'have'} a track whose name points "
            "to IMGs or sponsors.")


def track_label(track: str) -> str:
    """A track in words."""
    return TRACKS.get(track, track).capitalize()
