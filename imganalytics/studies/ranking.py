"""How sure is the order of specialties by match rate: ranks with their intervals, and which can be told apart."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import pandas as pd

from imganalytics.errors import UserError
from imganalytics.result import Question, Result
from imganalytics.statistics.ranking import rank_intervals, told_apart
from imganalytics.studies.competitiveness import competitiveness
from imganalytics.studies.words import caveats, counted, light_rows, ordinal
from imganalytics.vocabulary import ALL_SPECIALTIES, BASES, applicant_types

LEAST = 2  # with one specialty there is nothing to order


def rated(applicant_type: str, base: str, match_year: int, specialties: Sequence[str] | None = None,
          minimum_applicants: int = 0) -> Result:
    """The competitiveness Result of one applicant type without what has no rate, and without the whole country.

    Raises:
        UserError: an unknown word; nothing is published; or no rate is left.
    """
    result = competitiveness([applicant_type], base, match_year, specialties, minimum_applicants)
    frame = result.frame[result.frame["rate"].notna() & (result.frame["specialty"] != ALL_SPECIALTIES)]
    if frame.empty:
        who = applicant_types()[applicant_type].label
        raise UserError(f"No specialty chosen here has a rate of {who} on this base in {match_year}: choose more "
                        "specialties, or a lower minimum.")
    frame = frame.reset_index(drop=True)
    return Result(frame, result.question, sources=result.sources,
                  caveats=caveats(light_rows(frame), base, 0, minimum_applicants), sql=result.sql, parameters=result.parameters, rows_of=result.rows_of)


def answer(study: str, found: Result, frame: pd.DataFrame, title: str, ending: str, summary: str,
           caveats: tuple[str, ...]) -> Result:
    """The Result of `study` about what :func:`rated` found; `ending` closes the subtitle of base, year and n."""
    asked = found.question.arguments
    arguments = {"applicant_type": asked["applicant_types"][0]} | {
        name: asked[name] for name in ("base", "match_year", "specialties", "minimum_applicants")}
    return Result(
        frame, Question(study, arguments), title=title, summary=summary, caveats=(*caveats, *found.caveats),
        subtitle=f"Base: {BASES[asked['base']].denominator}. {asked['match_year']} Match. "
                 f"n = {frame['applicants'].sum():,.0f} in {len(frame)} specialties. {ending}",
        sources=found.sources, sql=found.sql, parameters=found.parameters, rows_of=found.rows_of)


def ranking(applicant_type: str = "non_us_img", base: str = "preferred", match_year: int = 2026,
            specialties: Sequence[str] | None = None, minimum_applicants: int = 0) -> Result:
    """Specialties in the order of their rate, each with its rank and the 95 % interval of the rank.

    Args:
        applicant_type: key of an applicant type.
        base: which applicants the rate is of.
        match_year: year of the Match.
        specialties: canonical names; None for all that are published.
        minimum_applicants: specialties with fewer applicants take no part.

    Returns:
        The frame of competitiveness with rank, rank_low, rank_high (1 is the highest rate; simulation from the
        Jeffreys posterior, see :mod:`imganalytics.statistics.ranking`), rank_label ('3rd (2-8)') and
        differs_from_next (the Newcombe interval of the difference to the next one excludes 0).

    Raises:
        UserError: an unknown word, nothing published, or fewer than two specialties.
    """
    found = rated(applicant_type, base, match_year, specialties, minimum_applicants)
    if len(found.frame) < LEAST:
        raise UserError("An order needs at least two specialties with a rate: choose more.")
    frame = found.frame.sort_values(["rate", "applicants"], ascending=False, kind="stable").reset_index(drop=True)
    matched, applicants = tuple(frame["matched"]), tuple(frame["applicants"])
    rank, low, high, apart = _ranked(matched, applicants)
    neighbours = np.append(np.diagonal(apart, 1), False)
    frame = frame.assign(rank=rank, rank_low=low, rank_high=high, differs_from_next=neighbours, rank_label=[
        f"{ordinal(int(r))} ({int(a)}\u2013{int(b)})" for r, a, b in zip(rank, low, high)])
    return answer(
        "ranking", found, frame,
        f"How sure is the order of specialties by the match rate of {applicant_types()[applicant_type].plural} in {match_year}?",
        "Lines: 95 % interval of the rank. 1st: highest rate.", _summary(frame, apart),
        ("A rank depends on all the other rates: its interval says how far chance alone could have moved it. Where "
         "intervals overlap, do not say that one specialty is easier than another.",
         "Pairs are compared one by one at 95 %: of pairs that do not differ at all, about 5 % would still seem to."))


@lru_cache(maxsize=64)
def _ranked(matched: tuple[float, ...], applicants: tuple[float, ...]) -> tuple[np.ndarray, ...]:
    ranks = rank_intervals(np.array(matched), np.array(applicants))
    return ranks.rank, ranks.low, ranks.high, told_apart(np.array(matched), np.array(applicants))


def _summary(frame: pd.DataFrame, apart: np.ndarray) -> str:
    pairs = np.triu(apart, 1)
    neighbours = int(frame["differs_from_next"].sum())
    all_pairs = len(frame) * (len(frame) - 1) // 2
    width = float(np.median(frame["rank_high"] - frame["rank_low"] + 1))
    return (f"Of {counted(len(frame) - 1, 'pair of neighbours', 'pairs of neighbours')} in this order "
            f"{neighbours} can be told apart; of all {counted(all_pairs, 'pair', 'pairs')}, {int(pairs.sum())}. "
            f"Half of the specialties could stand on {width:g} places or more.")
