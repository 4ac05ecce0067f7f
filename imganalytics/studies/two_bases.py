"""What changes when the same specialties and applicant types are looked at on another base."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from imganalytics import vocabulary
from imganalytics.errors import UserError
from imganalytics.result import Question, Result, RowsOf
from imganalytics.studies import coverage
from imganalytics.studies.competitiveness import NotPublishedError, competitiveness
from imganalytics.studies.words import counted, listing, percent
from imganalytics.vocabulary import ALL_SPECIALTIES, BASES, require

SIDES = ("left", "right")

# what the wider of two bases counts that the narrower does not
WIDER = {
    "ranked_anywhere": "also those who listed a single program of the specialty as a back-up to another, so its rates are "
                       "lower wherever a specialty is a back-up",
    "preferred": "also those who listed other specialties behind it, and they may have matched there instead",
    "only_choice": "only those who listed nothing else",
}
ORDER = ("only_choice", "preferred", "ranked_anywhere")  # from the narrowest to the widest


def two_bases(applicant_types: Sequence[str] = ("non_us_img",), left: str = "preferred", right: str = "ranked_anywhere",
              match_year: int = 2025, specialties: Sequence[str] | None = None, minimum_applicants: int = 0) -> Result:
    """The rates of the same specialties and types on two bases, each in a panel of its own.

    Each side takes the year nearest to `match_year` in which all chosen types are published on its base, or the one
    with most of them.

    Args:
        applicant_types: keys of applicant types.
        left, right: two different bases that have rates by specialty.
        match_year: year of the Match that is wished for.
        specialties: canonical names; None for all.
        minimum_applicants: rates of fewer applicants are left out.

    Returns:
        The frame of competitiveness for both sides, with side, base, match_year, and starts_later (most places of the
        specialty start at PGY-2 and are not in these PGY-1 figures). Only specialties with a rate on both sides.

    Raises:
        UserError: an unknown word, the same base twice, or nothing published on both.
    """
    if not applicant_types:
        raise UserError("Choose at least one applicant type.")
    for base in (left, right):
        require(base, dict.fromkeys(ORDER), "base with rates by specialty")
    if left == right:
        raise UserError("Choose two different bases to compare them.")
    frames, sources, taken = [], [], {}
    for side, base in zip(SIDES, (left, right)):
        taken[side] = _year(base, applicant_types, match_year)
        result = competitiveness(applicant_types, base, taken[side], specialties, minimum_applicants)
        frames.append(result.frame.assign(side=side, base=base, match_year=taken[side]))
        sources += result.sources
    frame = _on_both(pd.concat(frames, ignore_index=True))
    arguments = {"applicant_types": list(applicant_types), "left": left, "right": right, "match_year": match_year,
                 "specialties": None if specialties is None else list(specialties),
                 "minimum_applicants": minimum_applicants}
    return Result(
        frame, Question("two_bases", arguments), sources=tuple(dict.fromkeys(sources)), title="What does the base change?",
        subtitle=_subtitle(frame, (left, right), taken), summary=_summary(frame, left, right),
        caveats=_caveats(frame, left, right, taken), rows_of=RowsOf("match_rates", ("specialty", "track", "entry_level", "applicant_type", "base", "match_year")),
        sql=result.sql, parameters=result.parameters)


def years(types: Sequence[str], left: str, right: str) -> list[int]:
    """Years that can be wished for: one for each pair of years that the two sides can take."""
    both = sorted({year for base in (left, right) for year in coverage.years(base, types)})
    if not all(coverage.years(base, types) for base in (left, right)):
        return both
    pairs = {(_year(left, types, year), _year(right, types, year)): year for year in both}
    return sorted(pairs.values())


def _year(base: str, types: Sequence[str], wanted: int) -> int:
    """The published year nearest to `wanted`, of those with the most of the types and with several specialties."""
    years = coverage.years(base, types)
    if not years:
        raise NotPublishedError.of(base, wanted, types)
    return min(years, key=lambda year: (-len(coverage.types_rated(base, year) & set(types)),
                                        not coverage.is_comparable(base, year, types), abs(year - wanted), -year))


def _on_both(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows of specialties that have a rate on both sides, the highest rate on the left first."""
    best: dict[str, dict[str, float]] = {side: {} for side in SIDES}
    for specialty, side, rate in zip(frame["specialty"], frame["side"], frame["rate"].to_numpy()):
        if specialty != ALL_SPECIALTIES and rate == rate:
            best[side][specialty] = max(rate, best[side].get(specialty, 0.0))
    both = sorted(best["left"].keys() & best["right"].keys(), key=lambda name: (-best["left"][name], name))
    if not both:
        raise UserError("No chosen specialty has a rate on both bases: choose other bases, types or specialties.")
    place = {name: at for at, name in enumerate(both)}
    at = np.array([place.get(name, -1) for name in frame["specialty"]])
    order = np.lexsort((frame["type_order"], frame["side"] == "right", at))
    frame = frame.iloc[order[at[order] >= 0]].reset_index(drop=True)
    return frame.assign(starts_later=(frame["main_entry_level"] == "PGY-2") & (frame["entry_level"] == "PGY-1"))


def _subtitle(frame: pd.DataFrame, bases: tuple[str, str], years: dict[str, int]) -> str:
    parts = []
    for side, base in zip(SIDES, bases):
        n = frame.loc[(frame["side"] == side) & frame["rate"].notna(), "applicants"].sum()
        parts.append(f"{side.capitalize()}: {BASES[base].denominator}, {years[side]} Match, n = {n:,.0f}")
    return ". ".join(parts) + ". Lines: 95 % Wilson intervals. Hollow: unstable."


def _summary(frame: pd.DataFrame, left: str, right: str) -> str:
    rates: dict[str, dict[str, dict[str, float]]] = {}
    for kind, label, side, rate in zip(frame["applicant_type"], frame["specialty_label"], frame["side"],
                                       frame["rate"].to_numpy()):
        if rate == rate:
            rates.setdefault(kind, {}).setdefault(label, {})[side] = rate
    sentences = []
    for kind, by_label in rates.items():
        pairs = {label: (sides["left"], sides["right"]) for label, sides in by_label.items() if len(sides) == 2}
        if not pairs:
            continue
        lower = sum(b < a for a, b in pairs.values())
        higher = sum(b > a for a, b in pairs.values())
        name, (a, b) = max(pairs.items(), key=lambda item: abs(item[1][1] - item[1][0]))
        sentences.append(f"{vocabulary.applicant_types()[kind].plural}: {counted(lower, 'specialty has', 'specialties have')} "
                         f"a lower rate on the right, {higher} a higher one; most in {name}, {percent(a)} against {percent(b)}.")
    return " ".join([*sentences, _why(left, right)])


def _why(left: str, right: str) -> str:
    narrow, wide = sorted((left, right), key=ORDER.index)
    return (f"The base '{BASES[wide].label.lower()}' counts {WIDER[wide]}; '{BASES[narrow].label.lower()}' does not. "
            "Neither is the truth about the specialty: they answer different questions.")


def _caveats(frame: pd.DataFrame, left: str, right: str, years: dict[str, int]) -> tuple[str, ...]:
    notes = [BASES[left].meaning, BASES[right].meaning, "A rate of the left panel is never subtracted from one of the right."]
    if years["left"] != years["right"]:
        notes.insert(0, f"The two panels are of different years ({years['left']} and {years['right']}): no year is published "
                        "on both bases for these applicants. Part of what differs may be the year.")
    for side in SIDES:
        late = sorted(set(frame.loc[frame["starts_later"] & (frame["side"] == side), "specialty_label"]))
        if late:
            notes.insert(0, f"{listing(late)}: most places start at PGY-2, after a first year elsewhere, and are not in the "
                            f"PGY-1 figures on the {side}. There the specialty looks far harder to enter than it is.")
    return tuple(notes)
