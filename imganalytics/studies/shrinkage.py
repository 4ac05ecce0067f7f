"""What small specialties would show if chance were taken out: raw rates beside rates shrunk towards the pooled one."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from imganalytics.errors import UserError
from imganalytics.result import Result
from imganalytics.statistics.shrinkage import Prior, fit_prior, shrink
from imganalytics.studies.ranking import answer, rated
from imganalytics.studies.words import percent, points
from imganalytics.vocabulary import applicant_types

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
    centre, weight = prior.alpha / (prior.alpha + prior.beta), prior.alpha + prior.beta
    most = frame.loc[frame["moved"].abs().idxmax()]
    return answer(
        "shrinkage", found, frame, f"Which match rates of {applicant_types()[applicant_type].plural} in {match_year} would move "
        "if chance were taken out?",
        f"Prior: Beta({prior.alpha:.2f}, {prior.beta:.2f}), mean {percent(centre)}, weight of {weight:.0f} applicants. "
        "Lines: 95 % posterior intervals.",
        f"Shrunk towards {percent(centre)} with the weight of {weight:.0f} applicants. {most['row_label']} moves most: "
        f"from {percent(most['rate'])} to {percent(most['shrunk'])} ({points(most['moved'])}, n = {most['applicants']:,.0f}).",
        ("A shrunk rate is an estimate that borrows from the other specialties; it is not a published figure. The raw "
         "rate stays beside it.",
         "Few applicants move far, many hardly at all. The choice of specialties changes the prior."))


@lru_cache(maxsize=64)
def _fitted(matched: tuple[float, ...], applicants: tuple[float, ...]) -> tuple[Prior, tuple[np.ndarray, ...]]:
    prior = fit_prior(np.array(matched), np.array(applicants))
    return prior, shrink(np.array(matched), np.array(applicants), prior)
