"""How much evidence there is that a program takes IMGs: a range from the worst to the best case, with its parts."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from imganalytics.errors import UserError
from imganalytics.result import Question, Result, RowsOf
from imganalytics.statistics.rates import LEAST_SHOWN, LEAST_STABLE, WIDEST_STABLE, Array
from imganalytics.studies.program_evidence import Evidence, checked, evidence, imported_from, label_of, last_match
from imganalytics.studies.program_facts import PROGRAMS
from imganalytics.studies.provenance import sources_of
from imganalytics.studies.words import counted, listing, percent
from imganalytics.vocabulary import require


class Kind(NamedTuple):
    """A kind of evidence: its name, its colour (Okabe-Ito), the imported field it is of ('' for none), its sources."""

    label: str
    colour: str
    field: str = ""
    sources: tuple[str, ...] = ()


KINDS = {
    "state_share": Kind("IMG share of the state", "#0072B2", sources=("nrmp_state_2025",)),
    "unfilled": Kind("Positions left unfilled", "#E69F00", sources=("nrmp_progres_2021_2025",)),
    "designated": Kind("Track named for IMGs", "#009E73", sources=("nrmp_progres_2021_2025",)),
    "h1b": Kind("H-1B for trainees", "#D55E00", sources=("dol_lca_physician_employer", "dol_lca_fy2025_q2")),
    "j1": Kind("J-1 statement", "#56B4E9", "visas_accepted"),
    "img_share": Kind("IMGs among residents", "#CC79A7", "pct_img"),
    "graduation": Kind("Years since graduation", "#F0E442", "yog_max_years"),
    "step2": Kind("Step 2 CK minimum", "#000000", "step2ck_min"),
}
SORTS = {"low": "What is known (the low end)", "high": "What is possible (the high end)", "name": "Name"}
HIGHEST = 10          # weight
LIMITS = (10, 40)     # programs drawn
YEARS, SCORES = (0, 20), (200, 280)


def default_weights() -> dict[str, int]:
    """1 for each kind of evidence of which something is known; imported kinds weigh 0 before they are imported."""
    known = evidence()
    return {key: int(not kind.field or _imported(known, key) > 0) for key, kind in KINDS.items()}


def friendliness(programs: Sequence[str] | None = None, specialties: Sequence[str] | None = None,
                 states: Sequence[str] | None = None, weights: Mapping[str, float] | None = None, sort: str = "low",
                 limit: int = 20, shrunk: bool = False, count_employers: bool = False,
                 years_since_graduation: int = 5, step2: int = 240) -> Result:
    """IMG-friendliness of training programs as a range over what is not known, with the parts of it.

    Each kind of evidence is between 0 and 1, with a low and a high end: equal where it is known, 0 and 1 where nothing
    is. The range runs from the weighted mean of the low ends to that of the high ends, in points of 100.

    Args:
        programs: keys of training programs; None for all active ones.
        specialties, states: which of them; None for all.
        weights: 0 to 10 for each kind of KINDS (one that is left out weighs 0); None for :func:`default_weights`.
        sort: low or high end, the highest first, or name; there is no middle to sort by.
        limit: how many programs the frame holds, 10 to 40.
        shrunk: use the state's share as drawn towards the mean over states (empirical Bayes) instead of the raw one.
        count_employers: count the filings of a possible employer as the program's own.
        years_since_graduation, step2: the applicant's, set against limits that were imported.

    Returns:
        A frame of one row for each program drawn: low and high (points); for each kind of evidence that weighs
        something KIND_low and KIND_high (its part of both, points) and KIND_said (the facts in words); and the state's
        share raw and shrunk, with n and both intervals (fractions).

    Raises:
        UserError: an unknown word or program, no program left, no weight, or nothing known of what is weighed.
    """
    known = evidence()
    weighed = _checked_weights(weights)
    rows = _chosen(known, programs, specialties, states)
    arguments = {"programs": None if programs is None else list(programs),
                 "specialties": checked("specialty", specialties), "states": checked("state", states),
                 "weights": weighed, "sort": require(sort, SORTS, "sort order"),
                 "limit": _within(limit, LIMITS, "limit"), "shrunk": bool(shrunk),
                 "count_employers": bool(count_employers),
                 "years_since_graduation": _within(years_since_graduation, YEARS, "years_since_graduation"),
                 "step2": _within(step2, SCORES, "step2")}
    parts = {key: (low[rows], high[rows]) for key, (low, high) in _parts(known, arguments).items()}
    if all((low == 0).all() and (high == 1).all() for low, high in parts.values()):
        names = listing([f"'{KINDS[key].label}'" for key in parts])
        raise UserError(f"Nothing is known of {names} for any of these programs: every range would run from 0 to 100. "
                        "Weigh another kind of evidence, or import statements that you may use")
    frame, overlapping = _ranged(known, rows, parts, arguments)
    ids = {name for key in parts for name in KINDS[key].sources}
    return Result(
        frame, Question("friendliness", arguments),
        title="IMG-friendliness, range: how much evidence is there that a program takes IMGs?",
        subtitle=_subtitle(frame, len(rows), arguments), summary=_summary(frame, overlapping, len(rows)),
        sources=sources_of(ids), caveats=_caveats(known, rows, parts, arguments), sql=PROGRAMS,
        rows_of=RowsOf("programs", ("institution_code", "specialty")))


def _checked_weights(weights: Mapping[str, float] | None) -> dict[str, float]:
    if weights is None:
        return default_weights()
    for key, weight in weights.items():
        require(key, KINDS, "kind of evidence")
        if isinstance(weight, bool) or not isinstance(weight, int | float) or not 0 <= weight <= HIGHEST:
            raise UserError(f"weight of {key} {weight!r}; allowed: 0 to {HIGHEST}")
    found = {key: weights.get(key, 0) for key in KINDS}
    if not any(found.values()):
        raise UserError("Nothing is weighed: give at least one kind of evidence a weight above 0")
    return found


def _within(value: int, ends: tuple[int, int], what: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not ends[0] <= value <= ends[1]:
        raise UserError(f"{what} {value!r}; allowed: {ends[0]} to {ends[1]}")
    return value


def _chosen(known: Evidence, programs: Sequence[str] | None, specialties: Sequence[str] | None,
            states: Sequence[str] | None) -> np.ndarray:
    wanted = known.active
    if programs is not None:
        if isinstance(programs, str) or not programs:
            raise UserError("Choose at least one program")
        for key in programs:
            if key not in known.places:
                raise UserError(f"unknown program {key!r}; allowed: institution code/specialty, as in "
                                f"{next(iter(known.places))}")
        wanted = np.zeros(len(wanted), bool)
        wanted[[known.places[key] for key in programs]] = True
    rows = np.flatnonzero(wanted & known.chosen(checked("specialty", specialties), checked("state", states)))
    if not len(rows):
        raise UserError("No program of these specialties is in these states; choose more specialties or states")
    return rows


def _parts(known: Evidence, asked: dict[str, Any]) -> dict[str, tuple[Array, Array]]:
    """Low and high end of each kind of evidence that weighs something, 0 to 1, for every program."""
    years, score = known.imported("yog_max_years"), known.imported("step2ck_min")
    made = {
        "state_share": lambda: _interval(known, asked["shrunk"]),
        "unfilled": lambda: _ends(known.unfilled),
        "designated": lambda: _ends(known.designated),
        "h1b": lambda: _ends(np.where(np.isnan(known.h1b) & known.filed & ~known.several_employers, 1, known.h1b)
                             if asked["count_employers"] else known.h1b),
        "j1": lambda: _ends(known.j1),
        "img_share": lambda: _ends(known.imported("pct_img") / 100),
        "graduation": lambda: _ends(_at_least(years, asked["years_since_graduation"])),
        "step2": lambda: _ends(_at_least(-score, -asked["step2"])),
    }
    return {key: made[key]() for key, weight in asked["weights"].items() if weight}


def _ends(value: Array) -> tuple[Array, Array]:
    return np.where(np.isnan(value), 0, value), np.where(np.isnan(value), 1, value)


def _interval(known: Evidence, shrunk: bool) -> tuple[Array, Array]:
    low, high = known.share_interval
    if shrunk:  # with fewer than three states there is nothing to learn from, and the raw share stands
        low, high = (np.where(np.isnan(own), raw, own) for own, raw in zip(known.shrunk[1:], (low, high)))
    return _ends(low)[0], _ends(high)[1]


def _at_least(limit: Array, own: float) -> Array:
    return np.where(np.isnan(limit), np.nan, limit >= own)


def _ranged(known: Evidence, rows: np.ndarray, parts: dict[str, tuple[Array, Array]],
            asked: dict[str, Any]) -> tuple[pd.DataFrame, int]:
    """The rows to draw in their order, and how many of all programs have a range that overlaps the first one's."""
    points = {key: 100 * asked["weights"][key] / sum(asked["weights"].values()) for key in parts}
    low, high = (sum(points[key] * ends[at] for key, ends in parts.items()) for at in (0, 1))
    ends = {"low": [-high, -low], "high": [-low, -high], "name": []}[asked["sort"]]
    order = np.lexsort([known.alphabet[rows], *ends])[:asked["limit"]]
    first, drawn = order[0], rows[order]
    columns = {name: known.column(name)[drawn] for name in
               ("program_key", "institution_code", "institution", "city", "state", "specialty", "entry_level",
                "positions")}
    columns |= {"low": low[order], "high": high[order]}
    for key, own in parts.items():
        columns |= {f"{key}_low": points[key] * own[0][order], f"{key}_high": points[key] * own[1][order]}
    columns |= {name: values[drawn] for name, values in zip(
        ("state_filled", "state_imgs", "share", "share_low", "share_high", "shrunk", "shrunk_low", "shrunk_high"),
        (known.filled, known.imgs, known.share, *known.share_interval, *known.shrunk))}
    frame = pd.DataFrame(columns).assign(match_year=last_match())
    frame["reliability"] = _reliability(frame)
    for key in parts:
        frame[f"{key}_said"] = [_SAID[key](known, at, asked) for at in drawn.tolist()]
    overlapping = int(((high >= low[first]) & (low <= high[first])).sum()) - 1
    return frame, overlapping


def _reliability(frame: pd.DataFrame) -> np.ndarray:
    shaky = (frame["state_filled"] < LEAST_STABLE) | (frame["share_high"] - frame["share_low"] > WIDEST_STABLE)
    return np.select([frame["share"].isna(), shaky], ["suppressed", "unstable"], "ok")


def _say_share(known: Evidence, at: int, asked: dict[str, Any]) -> str:
    if np.isnan(known.filled[at]):
        return "not published for this state"
    if np.isnan(known.share[at]):
        return f"fewer than {LEAST_SHOWN} filled positions in the state"
    low, high = (ends[at] for ends in known.share_interval)
    shaky = ", unstable" if known.filled[at] < LEAST_STABLE or high - low > WIDEST_STABLE else ""
    text = (f"{percent(known.share[at])} (95 % interval {100 * low:.1f} to {100 * high:.1f}{shaky}) of the state's "
            f"{known.filled[at]:,.0f} filled positions of its specialty and level")
    if np.isnan(known.shrunk.mean[at]):
        return text + ("; too few states to shrink it" if asked["shrunk"] else "")
    mean, low, high = (each[at] for each in known.shrunk)
    used = ", which is used" if asked["shrunk"] else ""
    return f"{text}; shrunk {percent(mean)} ({100 * low:.1f} to {100 * high:.1f}){used}"


def _say_unfilled(known: Evidence, at: int, _asked: dict[str, Any]) -> str:
    if np.isnan(known.unfilled[at]):
        return "not in any of the last five Matches"
    lost, offered = (int(known.column(name)[at]) for name in ("unfilled_5_years", "offered_5_years"))
    return f"{lost:,} of {offered:,} positions, {last_match() - 4} to {last_match()}"


def _say_designated(known: Evidence, at: int, _asked: dict[str, Any]) -> str:
    names = ", ".join(known.column("designated")[at])
    if np.isnan(known.designated[at]):
        return f"perhaps: {names}" if names else "not in the official listing"
    return names or "none by its name"


def _say_h1b(known: Evidence, at: int, asked: dict[str, Any]) -> str:
    if not np.isnan(known.h1b[at]):
        return "stated that it takes H-1B" if known.h1b[at] else "stated visas, H-1B not among them"
    if not known.filed[at]:
        return "nothing stated, no possible employer known"
    names, number = ", ".join(known.column("employers")[at]), int(known.column("h1b_trainee_filings")[at])
    used = "counted as its own, as you asked" if asked["count_employers"] else "not verified"
    if known.several_employers[at]:
        used = "the employer may be another institution just as well"
    return f"{counted(number, 'filing', 'filings')} by {names}, possibly its employer: {used}"


def _say_j1(known: Evidence, at: int, _asked: dict[str, Any]) -> str:
    if np.isnan(known.j1[at]):
        return "not stated"
    return "stated that it takes J-1" if known.j1[at] else "stated visas, J-1 not among them"


def _say_residents(known: Evidence, at: int, _asked: dict[str, Any]) -> str:
    share = known.imported("pct_img")[at]
    return "not stated" if np.isnan(share) else f"{share:g} % as imported"


def _say_graduation(known: Evidence, at: int, asked: dict[str, Any]) -> str:
    limit, own = known.imported("yog_max_years")[at], asked["years_since_graduation"]
    if np.isnan(limit) or np.isinf(limit):
        return "not stated" if np.isnan(limit) else "no limit stated"
    return f"at most {limit:g} stated, {'which allows' if limit >= own else 'less than'} {own}"


def _say_step2(known: Evidence, at: int, asked: dict[str, Any]) -> str:
    least, own = known.imported("step2ck_min")[at], asked["step2"]
    met = "met by" if own >= least else "above"
    return "not stated" if np.isnan(least) else f"at least {least:g} stated, {met} {own}"


_SAID = {"state_share": _say_share, "unfilled": _say_unfilled, "designated": _say_designated, "h1b": _say_h1b,
         "j1": _say_j1,
         "img_share": _say_residents, "graduation": _say_graduation, "step2": _say_step2}


def name_of(row: Mapping[str, Any]) -> tuple[str, str]:
    """The institution of a program, and its specialty and place, as charts and tables print them."""
    place = ", ".join(str(row[name]) for name in ("city", "state") if isinstance(row[name], str) and row[name])
    return row["institution"], ", ".join(filter(None, (label_of("specialty", row["specialty"]), place)))


def range_text(low: float, high: float) -> str:
    """'41 to 66'; one number when both ends are the same."""
    return f"{low:.0f}" if f"{low:.0f}" == f"{high:.0f}" else f"{low:.0f} to {high:.0f}"


def _subtitle(frame: pd.DataFrame, count: int, asked: dict[str, Any]) -> str:
    by = {"low": "the highest low end first", "high": "the highest high end first", "name": "by name"}[asked["sort"]]
    which = "chosen programs" if asked["programs"] is not None else "programs of the last Match"
    return (f"{len(frame):,} of {count:,} {which} are drawn, {by}. Points of 100 of the evidence you weigh. "
            f"State's share: IMGs among positions filled in the {last_match()} Match, not this program's.")


def _summary(frame: pd.DataFrame, overlapping: int, count: int) -> str:
    first = frame.iloc[0]
    shown = int(((frame["high"] >= first["low"]) & (frame["low"] <= first["high"])).sum()) - 1
    text = f"{', '.join(name_of(first))}: {range_text(first['low'], first['high'])} of 100 points."
    if len(frame) == 1:
        return text
    return (f"{text} {shown} of the other {len(frame) - 1} shown cannot be told from it: their ranges overlap. The "
            f"same holds "
            f"for {overlapping:,} of all {count - 1:,} others.")


def _imported(known: Evidence, key: str) -> int:
    values = {"j1": known.j1}.get(key)
    return int((~np.isnan(known.imported(KINDS[key].field) if values is None else values)).sum())


def _caveats(known: Evidence, rows: np.ndarray, parts: dict[str, tuple[Array, Array]],
             asked: dict[str, Any]) -> tuple[str, ...]:
    notes = ["The weights are yours; no study says what they should be. A yes counts as 1 and a share as itself, so "
             "that equal "
             "weights do not give equal parts. It is no chance of anyone, and no ranking: programs whose ranges "
             "overlap cannot "
             "be told apart."]
    if "state_share" in parts:
        notes.append("The IMG share is that of all programs of the state with the same specialty and entry level: it "
                     "says "
                     "nothing of this program. It enters as its 95 % interval, or as 0 to 1 with fewer than 5 filled "
                     "positions.")
    if "unfilled" in parts:
        notes.append("Positions left unfilled at the Match say that there was room, not that IMGs were wanted.")
    if "designated" in parts:
        notes.append("A track named for sponsored physicians takes those whom a government or an employer pays for, "
                     "not everyone.")
    if "h1b" in parts:
        said = (~np.isnan(known.h1b[rows])).sum()
        notes.append(f"{said:,} of {len(rows):,} programs have an imported statement on H-1B. "
                     f"{known.filed[rows].sum():,} have a "
                     "possible employer with filings: nobody verified that it is theirs, and filings are for all its "
                     "programs. "
                     "No filing is not 'no H-1B'.")
    blind = [KINDS[key].label for key, kind in KINDS.items() if kind.field and not _imported(known, key)]
    if blind:
        notes.append(f"Nothing is imported of: {', '.join(blind)}. No source here publishes it by program, so it "
                     f"weighs nothing "
                     "unless you say so.")
    files = imported_from([KINDS[key].field for key in parts] + ["visas_accepted"] * ("h1b" in parts))
    if files:
        notes.append(f"Imported statements are from {files}; they are yours, and nobody checked them here.")
    notes.append("Left out, since they are no evidence of taking IMGs: fellowships of the same institution, and the "
                 "size of the "
                 "hospital.")
    return tuple(notes)
