"""What is the gap between two applicant types made of: where they apply (mix), or how they fare there (rates)?"""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pandas as pd

from imganalytics.errors import UserError
from imganalytics.result import Question, Result, RowsOf
from imganalytics.statistics.rates import newcombe
from imganalytics.statistics.standardisation import Decomposition, decompose
from imganalytics.studies import coverage
from imganalytics.studies.competitiveness import competitiveness
from imganalytics.studies.late import late_specialties
from imganalytics.studies.words import difference_text, listing, percent, points
from imganalytics.vocabulary import ALL_SPECIALTIES, BASES, applicant_types, require

TYPES = ("us_md_senior", "us_md_graduate", "us_do_senior", "us_do_graduate", "us_img", "non_us_img")
BY_SPECIALTY = ("ranked_anywhere", "preferred", "only_choice")
LEAST_STRATA = 2  # with one specialty in common there is no mix to speak of


class Gap(NamedTuple):
    """The gap (first minus second type) over the specialties that both have a rate in, in fractions."""

    one: str
    other: str
    crude: float
    crude_low: float
    crude_high: float
    mix_effect: float
    standardised: float
    low: float
    high: float
    strata: int
    applicants: tuple[float, float]

    @property
    def turns(self) -> bool:
        """Whether the crude and the standardised gap point different ways."""
        return self.crude * self.standardised < 0 and min(abs(self.crude), abs(self.standardised)) > 1e-12


def gap(one: str = "us_img", other: str = "non_us_img", base: str = "ranked_anywhere", match_year: int = 2025,
        all_tracks: bool = False, shown: int = 10) -> Result:
    """The crude gap between two types, the gap at a common specialty mix, and what each specialty adds to either part.

    Kitagawa's decomposition (statistics.standardisation): crude gap = mix effect + rate effect, without remainder; the
    rate effect is the standardised gap.

    Args:
        one, other: keys of two applicant types; the gap is the first minus the second.
        base: a base with rates by specialty.
        match_year: year of the Match.
        all_tracks: also preliminary and other tracks, as specialties of their own.
        shown: how many of the largest specialties the chart shows; the others are added up.

    Returns:
        A frame: first the row of all specialties compared (its difference is the crude gap, its parts the two effects),
        then a row for each specialty, the largest first: counts and rates of both (_1 and _2), difference with
        Newcombe's interval, weight in the common mix, mix_part, rate_part with its interval, left_out (why it takes
        no part).

    Raises:
        UserError: an unknown word, the same type twice, or fewer than two specialties with rates of both.
    """
    for key in (one, other):
        require(key, TYPES, "applicant type")
    require(base, BY_SPECIALTY, "base with rates by specialty")
    if one == other:
        raise UserError("Choose two different applicant types to see the gap between them.")
    if not isinstance(shown, int) or shown < 1:
        raise UserError(f"shown {shown!r}; allowed: 1 or more")
    if match_year not in years(base, one, other):
        raise UserError(_nothing(one, other, base, match_year))
    answer = _answered(one, other, base, match_year, all_tracks)
    arguments = {"one": one, "other": other, "base": base, "match_year": match_year, "all_tracks": all_tracks,
                 "shown": shown}
    return replace(answer, question=Question("gap", arguments))


@lru_cache(maxsize=64)
def _answered(one: str, other: str, base: str, match_year: int, all_tracks: bool) -> Result:
    """The Result but for its question. Kept for the next turn of a slider: callers must not write to its frame."""
    frame, found = _decomposed(one, other, base, match_year, all_tracks)
    people = headline_gap(one, other, match_year)
    result = competitiveness((one, other), base, match_year, all_tracks=all_tracks)
    return replace(
        result, frame=frame, title=_title(one, other, match_year), subtitle=_subtitle(found, base, match_year),
        summary=_summary(found, base, people), caveats=_caveats(frame, found, base, people),
        rows_of=RowsOf("match_rates", ("specialty", "track", "entry_level", "applicant_type"),
                       {"match_year": match_year, "base": base}, {"applicant_type": (one, other)}))


def years(base: str, one: str, other: str) -> list[int]:
    """Years in which at least two specialties have rates of both types on the base, ascending."""
    return [year for year in coverage.years(base, [one]) if {one, other} <= coverage.types_rated(base, year)
            and _decomposed(one, other, base, year, False)[1].strata >= LEAST_STRATA]


def bases(one: str, other: str) -> list[str]:
    """Bases on which the two types can be compared in some year."""
    return [base for base in BY_SPECIALTY if one != other and years(base, one, other)]


def found_gap(result: Result) -> Gap:
    """The gap of a gap Result, from its first row."""
    first = result.frame.iloc[0]
    asked = result.question.arguments
    return Gap(asked["one"], asked["other"], first["difference"], first["difference_low"], first["difference_high"],
               first["mix_part"], first["rate_part"], first["rate_part_low"], first["rate_part_high"],
               int((result.frame["left_out"] == "").sum()) - 1, (first["applicants_1"], first["applicants_2"]))


@lru_cache(maxsize=64)
def headline_gap(one: str, other: str, match_year: int) -> tuple[float, float, float] | None:
    """The gap of people, on the base of active applicants, with Newcombe's interval; None when it is not published."""
    if not {one, other} <= coverage.types_rated("active", match_year):
        return None
    frame = competitiveness((one, other), "active", match_year).frame.set_index("applicant_type")
    first, second = frame.loc[one], frame.loc[other]
    difference, (low, high) = newcombe(first["matched"], first["applicants"], second["matched"], second["applicants"])
    return float(difference), float(low), float(high)


@lru_cache(maxsize=128)
def _decomposed(one: str, other: str, base: str, match_year: int, all_tracks: bool) -> tuple[pd.DataFrame, Gap]:
    """The frame, and the gap in short. Kept for the next turn of a slider: callers must not write to it."""
    every = competitiveness((one, other), base, match_year, all_tracks=all_tracks).frame
    every = every[every["specialty"] != ALL_SPECIALTIES]
    place = ["specialty", "track", "entry_level"]
    halves = [every[every["applicant_type"] == key].set_index(place) for key in (one, other)]
    frame = halves[0][["specialty_label", "row_label", "main_entry_level"]].copy()
    for number, half in zip("12", halves):
        known = half["reason"] == ""
        for name in ("matched", "applicants", "rate", "rate_low", "rate_high"):
            frame[f"{name}_{number}"] = half[name].where(known) if name != "applicants" else half[name]
        frame[f"reliability_{number}"], frame[f"reason_{number}"] = half["reliability"], half["reason"]
        frame[f"counted_{number}"] = half["applicants"].where(known)
        frame[f"source_id_{number}"], frame[f"locator_{number}"] = half["source_id"], half["locator"]
    found = decompose(frame["matched_1"], frame["counted_1"], frame["matched_2"], frame["counted_2"])
    frame = _with_parts(frame.reset_index(), found, one, other)
    total = _total(frame, found, one)
    frame = frame.sort_values("size", ascending=False, kind="stable")
    frame = pd.concat([pd.DataFrame([total]), frame], ignore_index=True)
    frame = frame.drop(columns=["counted_1", "counted_2", "size"])
    return frame, Gap(one, other, total["difference"], total["difference_low"], total["difference_high"],
                      found.mix_effect, found.rate_effect, float(found.interval.low), float(found.interval.high),
                      int((~found.left_out).sum()), (total["applicants_1"], total["applicants_2"]))


def _with_parts(frame: pd.DataFrame, found: Decomposition, one: str, other: str) -> pd.DataFrame:
    difference, (low, high) = newcombe(frame["matched_1"], frame["counted_1"], frame["matched_2"], frame["counted_2"])
    reasons = [f"{applicant_types()[key].label}: {reason}" if reason else "" for key, name in
               ((one, "reason_1"), (other, "reason_2")) for reason in frame[name]]
    half = len(frame)
    left_out = ["; ".join(filter(None, pair)) for pair in zip(reasons[:half], reasons[half:])]
    size = frame["applicants_1"].fillna(0) + frame["applicants_2"].fillna(0)
    return frame.assign(applicant_type=one, difference=difference, difference_low=low, difference_high=high,
                        weight=found.weights, mix_part=found.mix_parts, rate_part=found.rate_parts,
                        rate_part_low=found.weights * low, rate_part_high=found.weights * high, left_out=left_out,
                        size=size)


def _total(frame: pd.DataFrame, found: Decomposition, one: str) -> dict[str, object]:
    """The row of all specialties compared."""
    taking_part = frame[~found.left_out]
    counts = {name: float(taking_part[name].sum())
              for name in ("matched_1", "applicants_1", "matched_2", "applicants_2")}
    crude, (low, high) = newcombe(*counts.values())
    return counts | {
        "specialty": ALL_SPECIALTIES, "track": "all", "entry_level": "PGY-1", "main_entry_level": None,
        "specialty_label": "All specialties compared", "row_label": "All specialties compared", "applicant_type": one,
        "rate_1": found.crude_a, "rate_2": found.crude_b,
        "difference": float(crude), "difference_low": float(low), "difference_high": float(high),
        "weight": 1.0, "mix_part": found.mix_effect, "rate_part": found.rate_effect,
        "rate_part_low": float(found.interval.low), "rate_part_high": float(found.interval.high), "left_out": ""}


def _nothing(one: str, other: str, base: str, match_year: int) -> str:
    first, second = applicant_types()[one].plural, applicant_types()[other].plural
    other_bases = [f"'{BASES[key].label.lower()}', {', '.join(map(str, years(key, one, other)))}"
                   for key in bases(one, other)]
    more = (f"They are on the base {'; or '.join(other_bases)}." if other_bases
            else "No base has them: choose another pair.")
    return (f"Rates of {first} and {second} in at least {LEAST_STRATA} specialties are not published on the base "
            f"'{BASES[base].label.lower()}' for {match_year}, and one alone has no mix. {more}")


def _title(one: str, other: str, match_year: int) -> str:
    return (f"Why did {applicant_types()[one].plural} match at another rate than {applicant_types()[other].plural} "
            f"in {match_year}: other specialties, or other rates in the same ones?")


def unit(base: str) -> str:
    """What is counted on a base: people, or applications to specialties."""
    return "applications to a specialty" if base == "ranked_anywhere" else "applicants"


def _subtitle(found: Gap, base: str, match_year: int) -> str:
    first, second = (applicant_types()[key].label for key in (found.one, found.other))
    return (f"Base: {BASES[base].denominator}. {match_year} Match. n = {found.applicants[0]:,.0f} {first} and "
            f"{found.applicants[1]:,.0f} {second} {unit(base)}, in the {found.strata} specialties where both have a "
            f"rate. {first} minus {second}; lines: 95 % intervals.")


def _summary(found: Gap, base: str, people: tuple[float, float, float] | None) -> str:
    first, second = (applicant_types()[key].plural for key in (found.one, found.other))
    text = (f"{first} minus {second}, over {unit(base)}: "
            f"{difference_text(found.crude, found.crude_low, found.crude_high)} points. Had both the same mix of "
            f"specialties, it would be {difference_text(found.standardised, found.low, found.high)} points: mix "
            f"effect {points(found.mix_effect)}, rate effect {points(found.standardised)}.")
    if people:
        text += (" Of people (the headline rates, everyone who certified a list), the gap is "
                 f"{difference_text(*people)} points.")
    return text


def alarm(result: Result) -> str:
    """A warning in words when the crude and the standardised gap point different ways, else ''."""
    found = found_gap(result)
    if not found.turns:
        return ""
    first, second = (applicant_types()[key].plural for key in (found.one, found.other))
    word, back = ("less", "more") if found.crude < 0 else ("more", "less")
    unsure = ", an interval that holds 0" if found.crude_low < 0 < found.crude_high else ""
    return (f"The sign turns. Taken together, {first} match {word} often than {second} "
            f"({points(found.crude)}{unsure}); at the same mix of specialties they match {back} often ({points(found.standardised)}). The crude gap "
            "alone would mislead: say both.")


def _caveats(frame: pd.DataFrame, found: Gap, base: str, people: tuple[float, float, float] | None) -> tuple[str, ...]:
    notes = []
    if found.turns:
        notes.append("The crude and the standardised gap point different ways: never quote one without the other.")
    if base == "ranked_anywhere":
        both = (f" The gap of people is {difference_text(*people)} points: another number on another base, also true."
                if people else "")
        notes.append("This base counts applications, not people: one person counts in each specialty ranked, and "
                     f"matches in at most one. So the crude gap here is not the gap of the headline rates.{both} "
                     "Intervals take applications for independent, and are somewhat too narrow.")
    else:
        notes.append(BASES[base].meaning)
    out = frame[frame["left_out"] != ""]
    if len(out):
        largest = [f"{label} ({why})" for label, why in zip(out["row_label"].head(3), out["left_out"])]
        rest = f", and {len(out) - len(largest)} more" if len(out) > len(largest) else ""
        notes.append(f"Left out, since one of the two has no rate there: {'; '.join(largest)}{rest}; with "
                     f"{_lost(out, found, base)}. The table lists them.")
    taking_part = frame[frame["left_out"] == ""]
    late = late_specialties(taking_part["specialty_label"], taking_part["entry_level"], taking_part["main_entry_level"])
    if late:
        notes.append(f"{listing(late)}: most places start at PGY-2 and are not in these PGY-1 figures, so the "
                     "specialty looks harder to enter than it is.")
    notes.append("The common mix is the average of the two. A mix part is counted from the average rate of all "
                 "specialties: it is negative where a type crowds into specialties of low rates. It has no "
                 "interval: the mix is taken as it is.")
    notes.append("Specialty is the only thing held equal. Visa need, year of graduation, scores, letters and US "
                 "clinical experience are not in these figures and may differ between the types; this is not a "
                 "cause, nor anyone's chance.")
    return tuple(notes)


def _lost(out: pd.DataFrame, found: Gap, base: str) -> str:
    """How many applications of each type the specialties left out hold, as far as they are published."""
    parts = [f"{n:,.0f} of {n + kept:,.0f} {applicant_types()[key].label}" for key, n, kept in
             zip((found.one, found.other), (out["applicants_1"].sum(), out["applicants_2"].sum()), found.applicants)]
    return f"{listing(parts)} {unit(base)}"


def together(parts: Sequence[tuple[float, float, float, float]]) -> tuple[float, float, float, float]:
    """Mix part and rate part with its interval of several specialties together, from those of each.

    The interval is recovered from the limits of the parts as in statistics.standardisation (Zou GY, Huang W, Zhang X,
    Comput Stat Data Anal 2009;53:1080-1085).
    """
    mix, rate, low, high = np.asarray(parts, float).T
    middle = rate.sum()
    return (float(mix.sum()), float(middle), float(middle - np.sqrt(((rate - low) ** 2).sum())),
            float(middle + np.sqrt(((high - rate) ** 2).sum())))


def rates_text(found: Sequence[float]) -> str:
    """'54.6 % of 2,099' for a rate and its n."""
    rate, n = found
    return "\u2013" if np.isnan(rate) else f"{percent(rate)} of {n:,.0f}"
