"""The match rates of the four large applicant types in each of several specialties, on one base and in one year."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np
import pandas as pd

from imganalytics.errors import UserError
from imganalytics.result import Question, Result
from imganalytics.studies.competitiveness import competitiveness
from imganalytics.studies.provenance import sources_of
from imganalytics.studies.words import caveats, counted, light_rows, listing, percent
from imganalytics.vocabulary import ALL_SPECIALTIES, BASES, applicant_types

TYPES = ("us_md_senior", "us_do_senior", "us_img", "non_us_img")
BY_SPECIALTY = ("ranked_anywhere", "preferred", "only_choice")
USUAL, MOST = 12, 16


def multiples(base: str = "ranked_anywhere", match_year: int = 2025, specialties: Sequence[str] = ()) -> Result:
    """Match rates of US MD seniors, US DO seniors, US IMGs and non-US IMGs, for each of at most 16 specialties.

    Args:
        base: which applicants the rates are of.
        match_year: year of the Match.
        specialties: canonical names; none for the 12 with the most applicants of the four types.

    Returns:
        The frame of competitiveness, the specialty with the most applicants first.

    Raises:
        UserError: an unknown word, more than 16 specialties, or nothing published for the choice.
    """
    if len(specialties) > MOST:
        raise UserError(f"{len(specialties)} specialties are chosen, and at most {MOST} are drawn side by side: "
                        "choose fewer.")
    return _answered(base, match_year, tuple(specialties))


@lru_cache(maxsize=64)
def _answered(base: str, match_year: int, specialties: tuple[str, ...]) -> Result:
    """Kept for the next turn of a slider: callers must not write to the frame."""
    found = competitiveness(TYPES, base, match_year, list(specialties) or None, sort="applicants")
    frame = _largest(found.frame, MOST if specialties else USUAL, bool(specialties))
    if frame["rate"].isna().all():
        raise UserError(f"None of the chosen specialties has a rate on the base '{BASES[base].label.lower()}' in "
                        f"{match_year}: choose others, or none for the largest.")
    rows = light_rows(frame)
    question = Question("multiples", {"base": base, "match_year": match_year, "specialties": list(specialties)})
    return replace(
        found, frame=frame, question=question, title=_title(match_year), subtitle=_subtitle(frame, base, match_year),
        summary=_summary(frame), caveats=caveats(rows, base, 0, 0),
        sources=sources_of([*frame["source_id"], *frame["matched_source_id"]], frame["corrections"]))


def _largest(frame: pd.DataFrame, most: int, chosen: bool) -> pd.DataFrame:
    """The rows of the specialties with the most applicants of the types, in that order; the country only if chosen."""
    if not chosen:
        frame = frame[frame["specialty"] != ALL_SPECIALTIES]
    total = frame.groupby("place", sort=False)["applicants"].sum().sort_values(ascending=False, kind="stable")
    rank = {place: at for at, place in enumerate(total.index[:most])}
    frame = frame[frame["place"].isin(rank)]
    order = np.lexsort((frame["type_order"], frame["place"].map(rank)))
    return frame.iloc[order].reset_index(drop=True)


def _title(match_year: int) -> str:
    labels = listing([applicant_types()[key].plural for key in TYPES])
    return f"How often did {labels} match, specialty by specialty, in {match_year}?"


def _subtitle(frame: pd.DataFrame, base: str, match_year: int) -> str:
    n = frame.loc[frame["rate"].notna(), "applicants"]
    places = frame["place"].nunique()
    return (f"Base: {BASES[base].denominator}. {match_year} Match. {counted(places, 'specialty', 'specialties')}, "
            f"the one with the most applicants first. n = {n.min():,.0f} to {n.max():,.0f}, beside each rate. Lines: "
            "95 % Wilson intervals. Hollow: unstable.")


def _summary(frame: pd.DataFrame) -> str:
    rates: dict[str, dict[str, tuple[float, float, float, float]]] = defaultdict(dict)
    known = set(frame.loc[frame["rate"].notna(), "applicant_type"])
    names = ("row_label", "applicant_type", "reliability", "rate", "rate_low", "rate_high", "applicants")
    for label, kind, state, *figures in zip(*(frame[name].tolist() for name in names)):
        if state == "ok":
            rates[kind][label] = tuple(figures)
    parts = []
    for kind in TYPES:
        own = sorted(rates[kind].items(), key=lambda item: item[1][0])
        who = applicant_types()[kind].plural
        ends = [own[0], own[-1]] if len(own) > 1 else own
        none = "no stable rate here" if kind in known else "not published here"
        parts.append(f"{who}: " + (" to ".join(
            f"{label} {percent(rate)} ({100 * low:.1f} to {100 * high:.1f}, n = {n:,.0f})"
            for label, (rate, low, high, n) in ends) or none))
    return f"Of {counted(frame['place'].nunique(), 'specialty', 'specialties')}: " + "; ".join(parts) + "."
