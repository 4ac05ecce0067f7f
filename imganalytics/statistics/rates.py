"""Intervals for rates, and how far a rate may be trusted. Pure functions; rates are fractions 0-1."""

from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Z95 = 1.959963984540054  # 97.5th percentile of the standard normal distribution

# A number needs at least 5 cases to be shown: NRMP leaves smaller groups blank in Charting Outcomes, and
# state and federal tables use the same floor. Below 30, or with an interval wider than 20 points, it is
# called unstable: NCHS, Data Presentation Standards for Proportions (Vital Health Stat 2(175), 2017), asks
# for 30 cases and limits the width of the interval; the limit of 20 points is this project's, stricter
# than the 30 points of NCHS.
LEAST_SHOWN = 5
LEAST_STABLE = 30
WIDEST_STABLE = 0.20

Array = NDArray[np.float64]


class Interval(NamedTuple):
    """Lower and upper limit, same shape as the input; NaN where there is no rate."""

    low: Array
    high: Array


def z_value(level: float) -> float:
    """Standard normal quantile of a two-sided interval: 0.95 gives 1.96.

    Source: Wichura MJ, Appl Stat 1988;37:477-484 (AS 241), as in Python's own ``statistics``.

    Raises:
        ValueError: level is not between 0 and 1.
    """
    return Z95 if level == 0.95 else NormalDist().inv_cdf(1 - tail(level))


def tail(level: float) -> float:
    """What a two-sided interval of this level leaves out on each side: 0.95 gives 0.025.

    Raises:
        ValueError: level is not between 0 and 1.
    """
    if not 0 < level < 1:
        raise ValueError(f"level must lie between 0 and 1, not {level}")
    return (1 - level) / 2


def counted(matched: ArrayLike, applicants: ArrayLike) -> tuple[Array, Array, NDArray[np.bool_]]:
    """Both counts as arrays of one shape, and where they make a rate: neither is blank, and n is not 0.

    Args:
        matched: counts of successes, any shape; NaN where not published.
        applicants: counts of trials, same shape.

    Raises:
        ValueError: matched is negative or exceeds applicants, or a count is negative or infinite.
    """
    x, n = np.broadcast_arrays(np.asarray(matched, float), np.asarray(applicants, float))
    if np.any((x < 0) | (x > n) | (n < 0) | np.isinf(n)):
        raise ValueError("matched must lie between 0 and applicants")
    return x, n, (n > 0) & ~np.isnan(x)


def wilson(matched: ArrayLike, applicants: ArrayLike, z: float = Z95) -> Interval:
    """Wilson score interval of a proportion.

    Source: Wilson EB, J Am Stat Assoc 1927;22:209-212; the form without continuity correction in
    Newcombe RG, Stat Med 1998;17:857-872 (method 3).

    Args:
        matched: counts of successes, any shape.
        applicants: counts of trials, same shape; 0 or NaN gives NaN.
        z: standard normal quantile; the default gives 95 %.

    Raises:
        ValueError: matched is negative or exceeds applicants.
    """
    x, n = np.broadcast_arrays(np.asarray(matched, float), np.asarray(applicants, float))
    if np.any((x < 0) | (x > n)):
        raise ValueError("matched must lie between 0 and applicants")
    with np.errstate(divide="ignore", invalid="ignore"):
        p = np.where(n > 0, x / n, np.nan)
        centre = (p + z * z / (2 * n)) / (1 + z * z / n)
        half = z / (1 + z * z / n) * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    # rounding must not move a limit past a rate of exactly 0 or 1
    return Interval(np.where(x == 0, p, np.maximum(centre - half, 0)),
                    np.where(x == n, p, np.minimum(centre + half, 1)))


def newcombe(matched_1: ArrayLike, applicants_1: ArrayLike, matched_2: ArrayLike, applicants_2: ArrayLike,
             z: float = Z95) -> tuple[Array, Interval]:
    """Difference of two independent proportions (first minus second) with Newcombe's hybrid score interval.

    Source: Newcombe RG, Stat Med 1998;17:873-890, method 10.

    Returns:
        The difference and its interval, both in fractions; NaN where either group is empty.

    Raises:
        ValueError: as for :func:`wilson`.
    """
    low_1, high_1 = wilson(matched_1, applicants_1, z)
    low_2, high_2 = wilson(matched_2, applicants_2, z)
    with np.errstate(divide="ignore", invalid="ignore"):
        p_1 = np.asarray(matched_1, float) / np.asarray(applicants_1, float)
        p_2 = np.asarray(matched_2, float) / np.asarray(applicants_2, float)
    difference = p_1 - p_2
    return difference, Interval(difference - np.sqrt((p_1 - low_1) ** 2 + (high_2 - p_2) ** 2),
                                difference + np.sqrt((high_1 - p_1) ** 2 + (p_2 - low_2) ** 2))


def reliability(matched: ArrayLike, applicants: ArrayLike) -> NDArray[np.str_]:
    """Class of each rate: 'suppressed' (no number), 'unstable' (shown hollow) or 'ok'.

    A rate is suppressed when a count is not published (NaN) or fewer than 5 applicants stand behind it;
    unstable with fewer than 30, or when its 95 % Wilson interval is wider than 20 points.
    """
    x, n = np.broadcast_arrays(np.asarray(matched, float), np.asarray(applicants, float))
    low, high = wilson(x, n)
    with np.errstate(invalid="ignore"):
        missing = np.isnan(x) | np.isnan(n) | (n < LEAST_SHOWN)
        shaky = (n < LEAST_STABLE) | (high - low > WIDEST_STABLE)
    return np.select([missing, shaky], ["suppressed", "unstable"], "ok")
