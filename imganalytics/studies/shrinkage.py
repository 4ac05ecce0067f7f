"""What small specialties would show if chance were taken out: raw rates beside rates shrunk towards the pooled one."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from imganalytics.errors import UserError
from imganalytics.result import Question, Result
from imganalytics.statistics.shrinkage import Prior, fit_prior, shrink
from imganalytics.studies.ranking import rated
from imganalytics.studies.words import percent, points
from imganalytics.vocabulary import BASES, applicant_types

LEAST = 3  # a prior of two parameters needs at least three groups


def shrinkage(applicant_type: str = "non_us_img", base: str = "preferred", match_year: int = 2026,
              specialties: Sequence[str] | None = None, minimum_applicants: int = 0) -> Result:
    """Raw rates beside shrunk ones (beta-binomial, empirical Bayes), and the prior with its two parameters.

    Args: as of :func:`imganalytics.studies.ranking.ranking`.

    Returns:
        The frame of competitiveness with shrunk, shrunk_low, shrunk_high (posterior mean and 95 % interval),
        moved (shrunk minus raw), prior_alpha and prior_beta.

    Raises:
        UserError: an unknown word, nothing published, or fewer than three specialties.
    """
    found = rated(applicant_type, base, match_year, specialties, minimum_applicants)
    if len(found.frame) < LEAST:
        raise UserError("Shrinkage learns from the other specialties: choose at least three with a rate.")
    frame = found.frame.sort_values(["rate", "applicants"], ascending=False, kind="stable").reset_index(drop=True)
    prior, (mean, low, high) = _fitted(tuple(frame["matched"]), tuple(frame["applicants"]))
    frame = frame.assign(shrunk=mean, shrunk_low=low, shrunk_high=high, moved=mean - frame["rate"],
                         prior_alpha=prior.alpha, prior_beta=prior.beta)
    arguments = {"applicant_type": applicant_type, "base": base, "match_year": match_year,
                 "specialties": None if specialties is None else list(specialties),
                 "minimum_applicants": minimum_applicants}
    who = applicant_types()[applicant_type].plural
    centre, weight = prior.alpha / (prior.alpha + prior.beta), prior.alpha + prior.beta
    most = frame.loc[frame["moved"].abs().idxmax()]
    return Result(
        frame, Question("shrinkage", arguments), sources=found.sources, sql=found.sql, parameters=found.parameters,
        rows_of=found.rows_of,
        title=f"Which match rates of {who} in {match_year} would move if chance were taken out?",
        subtitle=f"Base: {BASES[base].denominator}. {match_year} Match. n = {frame['applicants'].sum():,.0f} in {len(frame)} "
                 f"specialties. Prior: Beta({prior.alpha:.2f}, {prior.beta:.2f}), mean {percent(centre)}, weight of "
                 f"{weight:.0f} applicants. Lines: 95 % posterior intervals.",
        summary=f"Shrunk towards {percent(centre)} with the weight of {weight:.0f} applicants. {most['row_label']} moves most: "
                f"from {percent(most['rate'])} to {percent(most['shrunk'])} ({points(most['moved'])}, "
                f"n = {most['applicants']:,.0f}).",
        caveats=("A shrunk rate is an estimate that borrows from the other specialties; it is not a published figure. The raw "
                 "rate stays beside it.", "Few applicants move far, many hardly at all. The choice of specialties changes "
                 "the prior.", *found.caveats))


@lru_cache(maxsize=64)
def _fitted(matched: tuple[float, ...], applicants: tuple[float, ...]) -> tuple[Prior, tuple[np.ndarray, ...]]:
    prior = fit_prior(np.array(matched), np.array(applicants))
    return prior, shrink(np.array(matched), np.array(applicants), prior)
