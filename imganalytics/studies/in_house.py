"""Which residency institutions have which fellowships in house?"""

from collections.abc import Sequence
from functools import cache, lru_cache

import numpy as np
import pandas as pd

from imganalytics.errors import UserError
from imganalytics.result import Question, Result, Source
from imganalytics.studies import fellowship_facts as facts
from imganalytics.studies.fellowship_programs import checked_names, ordered, state_names
from imganalytics.studies.provenance import sources_of
from imganalytics.studies.words import counted, percent
from imganalytics.vocabulary import require
from imganalytics.warehouse import connect

SHOW = {"with": "Institutions with such a fellowship", "without": "Institutions without one in the list"}
SORTS = {"institution": "Institution", "city": "City", "state": "State", "label": "Fellowship", "programs": "Programs",
         "offered": "Positions", "filled": "Filled", "residency_positions": "Residency positions"}

# A row for each institution with residency positions and each fellowship there, and one for the institution alone.
QUERY = """
WITH residencies AS (
    SELECT p.institution_code, p.specialty, s.label, sum(r.quota) AS positions, min(r.source_id) AS source_id
    FROM program_results r JOIN programs p USING (program_code) JOIN specialties s USING (specialty)
    WHERE r.match_year = $match_year AND r.quota > 0 GROUP BY ALL),
places AS (
    SELECT institution_code, sum(positions) AS residency_positions, list(specialty ORDER BY specialty) AS residencies,
           string_agg(label || ' ' || positions::BIGINT, ', ' ORDER BY positions DESC, label) AS residencies_told,
           min(source_id) AS residency_source_id
    FROM residencies GROUP BY ALL),
fellowships AS (
    SELECT p.institution_code, p.specialty, s.label, sum(r.quota) AS offered, sum(r.filled) AS filled,
           count(*) AS programs, min(r.source_id) AS source_id,
           string_agg('appointment_year=' || r.appointment_year || '; program_code=' || program_code, ' | '
                      ORDER BY program_code) AS row_key
    FROM fellowship_program_results r JOIN fellowship_programs p USING (program_code) JOIN specialties s USING (specialty)
    WHERE r.appointment_year = $appointment_year AND r.quota > 0 GROUP BY ALL),
both_kinds AS (
    SELECT * FROM places JOIN fellowships USING (institution_code) UNION ALL BY NAME SELECT * FROM places)
SELECT b.*, i.institution, i.city, i.state, st.name AS state_name
FROM both_kinds b JOIN institutions i USING (institution_code) LEFT JOIN states st ON st.state = i.state
ORDER BY i.institution, i.institution_code, b.label NULLS LAST"""

NONE_LISTED = "none of those asked for"
COLUMNS = ["row", "institution", "city", "state", "label", "programs", "offered", "filled", "residency_positions",
           "residencies_told", "institution_code", "specialty", "table", "row_key", "source_id"]


@cache
def years() -> tuple[int, int]:
    """The last residency match and the last appointment year of the program listings."""
    return connect().execute("""SELECT (SELECT max(match_year) FROM program_results),
                                       (SELECT max(appointment_year) FROM fellowship_program_results)""").fetchone()


@cache
def pairs() -> pd.DataFrame:
    """Institutions with their fellowships, always in the same order. Callers must not write to it."""
    match_year, appointment_year = years()
    frame = connect().execute(QUERY, {"match_year": match_year, "appointment_year": appointment_year}).df()
    for name in ("programs", "offered", "filled", "residency_positions"):
        frame[name] = frame[name].astype("float64")
    told = frame["label"].notna()
    for name in ("institution_code", "specialty"):
        frame[f"{name}_number"] = np.unique(frame[name].fillna("").to_numpy(str), return_inverse=True)[1]
    for name in ("city", "state", "state_name", "row_key", "specialty", "source_id"):
        frame[name] = frame[name].fillna("")
    label = frame["label"].where(told, NONE_LISTED).map(facts.label_of)
    return frame.assign(label=label, row=np.arange(len(frame)), alone=~told,
                        table="fellowship_program_results")


@cache
def _sources() -> tuple[Source, ...]:
    return sources_of([*pairs()["residency_source_id"], *pairs()["source_id"]])


@cache
def residency_options() -> list[tuple[str, str | None]]:
    """Residency specialties with the number of institutions that have them, the most frequent first: (label, name)."""
    rows = connect().execute(
        """SELECT s.label || ' (' || count(DISTINCT institution_code) || ' institutions)', specialty
           FROM program_results JOIN programs USING (program_code) JOIN specialties s USING (specialty)
           WHERE match_year = $1 AND quota > 0 GROUP BY specialty, s.label
           ORDER BY count(DISTINCT institution_code) DESC, s.label""", [years()[0]]).fetchall()
    return [("Any residency", None), *rows]


@lru_cache(maxsize=64)
def _with_residency(name: str | None) -> np.ndarray:
    frame = pairs()
    return np.ones(len(frame), bool) if name is None else np.array([name in own for own in frame["residencies"]], bool)


@lru_cache(maxsize=64)
def _of_fellowships(names: tuple[str, ...]) -> np.ndarray:
    return pairs()["specialty"].isin(names).to_numpy()


@cache
def _found_by() -> tuple[str, ...]:
    frame = pairs()
    return tuple(" ".join(texts).lower() for texts in zip(*(frame[name].tolist() for name in ("institution", "city", "state",
                                                                                             "state_name"))))


@lru_cache(maxsize=256)
def _matching(search: str) -> np.ndarray:
    words = search.lower().split()
    return np.array([all(word in text for word in words) for text in _found_by()], bool)


@cache
def _ranks(column: str) -> np.ndarray:
    values = pairs()[column]
    if pd.api.types.is_numeric_dtype(values):
        return values.to_numpy(float)
    return np.unique(values.str.lower().to_numpy(str), return_inverse=True)[1].astype(float)


def in_house(residency: str | None = "Internal Medicine", fellowships: Sequence[str] | None = None, search: str = "",
             states: Sequence[str] = (), show: str = "with", minimum_positions: int = 1, sort: str = "institution",
             descending: bool = False) -> Result:
    """Institutions that offer a residency, and the fellowships listed at the same institution.

    Args:
        residency: canonical name of a residency specialty with positions in the last match; None for any.
        fellowships: canonical names of subspecialties; None for all.
        search: words that all have to occur in institution, city or state.
        states: codes of states; empty for all.
        show: 'with' for a row for each fellowship in house, 'without' for institutions with none of them in the list.
        minimum_positions: fellowships with fewer positions at the institution count as none.
        sort: a key of SORTS.
        descending: from the last to the first.

    Returns:
        A frame of one row for each institution and fellowship (or each institution without): row (its number in
        :func:`pairs`), programs, offered, filled, residency_positions (of all its residencies), residencies_told.

    Raises:
        UserError: an unknown word, or nothing fits.
    """
    names = _checked(residency, fellowships, states, show, sort)
    whole = pairs()
    code, alone = whole["institution_code_number"].to_numpy(), whole["alone"].to_numpy()
    inside = _with_residency(residency) & _matching(" ".join(search.split()))
    if states:
        inside = inside & np.isin(whole["state"].to_numpy(object), list(states))
    wanted = ~alone & (whole["offered"].to_numpy() >= max(1, minimum_positions))
    found = inside & wanted if names is None else inside & wanted & _of_fellowships(tuple(names))
    have = (np.bincount(code, found) > 0)[code]  # whether the institution has one of them
    rows = np.flatnonzero(found if show == "with" else inside & alone & ~have)
    count, having = int((inside & alone).sum()), int((inside & alone & have).sum())
    if not rows.size:
        raise UserError(_nothing(count, show))
    frame = whole[COLUMNS].take(ordered(_ranks(sort), rows, descending)).reset_index(drop=True)
    arguments = {"residency": residency, "fellowships": names, "search": search, "states": list(states), "show": show,
                 "minimum_positions": minimum_positions, "sort": sort, "descending": descending}
    match_year, appointment_year = years()
    return Result(
        frame, Question("in_house", arguments), title="Which residency institutions have which fellowships in house?",
        subtitle=f"Residencies of the {match_year} Match, fellowships that begin in {appointment_year}, both by the NRMP's "
                 f"code of the institution. n = {counted(count, 'institution', 'institutions')}.",
        summary=_summary(frame, count, having, residency, names, show),
        sources=_sources(), caveats=_caveats(), sql=QUERY,
        parameters={"match_year": match_year, "appointment_year": appointment_year})


def _checked(residency: str | None, fellowships: Sequence[str] | None, states: Sequence[str], show: str,
             sort: str) -> list[str] | None:
    """The names of the fellowships, once all is known to be allowed."""
    if residency is not None:
        require(residency, tuple(name for _, name in residency_options() if name), "residency specialty")
    for state in states:
        require(state, state_names(), "state")
    require(show, SHOW, "choice")
    require(sort, SORTS, "sort order")
    return checked_names(fellowships)


def _nothing(count: int, show: str) -> str:
    if not count:
        return "No institution fits: use fewer words, more states, or another residency."
    if show == "without":
        return f"All {count:,} institutions that fit have such a fellowship in house." if count > 1 else \
            "The one institution that fits has such a fellowship in house."
    return (f"None of {counted(count, 'institution', 'institutions')} that fit has such a fellowship in the list: choose "
            "other fellowships, or a lower minimum.")


def _summary(frame: pd.DataFrame, count: int, having: int, residency: str | None, names: list[str] | None, show: str) -> str:
    labels = facts.labels()
    which = "a fellowship" if names is None else f"a fellowship in {labels[names[0]]}" if len(names) == 1 \
        else f"one of the {len(names)} chosen fellowships"
    where = "with a residency" if residency is None else f"with a residency in {residency}"
    told = (f"Of {counted(count, 'institution', 'institutions')} {where}, {having:,} "
            f"({percent(having / count)}) {'has' if having == 1 else 'have'} {which} in house by the list.")
    if show == "with":
        offered, filled = frame["offered"].sum(), frame["filled"].sum()
        told += f" Together they offer {offered:,.0f} positions, {filled:,.0f} of them filled."
    return told


@cache
def _caveats() -> tuple[str, ...]:
    alone = connect().execute(
        """SELECT count(DISTINCT institution_code) FROM fellowship_programs
           JOIN fellowship_program_results USING (program_code)
           WHERE appointment_year = $2 AND quota > 0 AND institution_code NOT IN (
               SELECT institution_code FROM programs JOIN program_results USING (program_code)
               WHERE match_year = $1 AND quota > 0)""", list(years())).fetchone()[0]
    return ("In house means: the same code of an institution in both lists. A hospital can list its fellowships under the "
            "code of its university or of a partner, so none in the list does not mean that there is none.",
            f"{alone} institutions with fellowships have no residency positions under their code; they are not shown here.",
            "A fellowship in house is no promise of a place in it: how many of its fellows were residents of the same "
            "institution is not published.",
            "The residencies in the last column are those with positions in the Match, with their number of positions.")
