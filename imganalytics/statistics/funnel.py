"""Funnel plots: how far a rate may stray from the pooled rate by chance alone. Rates are fractions 0-1."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from imganalytics.statistics.rates import Array, counted, tail


class Limits(NamedTuple):
    """Lower and upper control limit of a rate, same shape as the applicants; NaN where there are none."""

    lower: Array
    upper: Array


def pooled_rate(matched: ArrayLike, applicants: ArrayLike) -> float:
    """Rate of all groups together: matched over applicants, of the groups that have both counts.

    Source: Spiegelhalter DJ, Stat Med 2005;24:1185-1202 (the target of a funnel plot).

    Args:
        matched: counts of successes, any shape; NaN where not published.
        applicants: counts of trials, same shape.

    Returns:
        A fraction; NaN when no group has applicants.

    Raises:
        ValueError: as for :func:`~imganalytics.statistics.rates.counted`.
    """
    x, n, known = counted(matched, applicants)
    return float(x[known].sum() / n[known].sum()) if known.any() else float("nan")


def funnel_limits(pooled: ArrayLike, applicants: ArrayLike, level: float = 0.95) -> Limits:
    """Exact binomial limits for the rate of a group of each size, if its true rate is the pooled one.

    A rate lies below the lower limit just when so few matches, or fewer, have a chance of less than
    (1 - level) / 2; above the upper one just when so many, or more, have. Between two counts the limit is
    interpolated, so that the curves are smooth.

    Source: Spiegelhalter DJ, Stat Med 2005;24:1185-1202, appendix A.1.1: with r the least count whose
    cumulative probability F(r) reaches p, the limit is (r - (F(r) - p) / (F(r) - F(r - 1))) / n. There, this
    also gives the upper limit, at 1 - p, which then counts matches beyond r but not r itself: with a pooled
    rate of 0.95 it flags 5 of 5 matched, the commonest result there is. Here the upper limit is the lower
    limit of those who did not match, turned round. So neither limit flags more than (1 - level) / 2 of the
    groups that differ by chance alone (a property that not all interpolations have: Manktelow BN, Seaton SE,
    PLoS One 2012;7:e45723), and match rates and non-match rates flag the same groups.

    Args:
        pooled: rate to compare with, a fraction (one for all, or one per group); NaN gives NaN.
        applicants: sizes of the groups, whole numbers, any shape; 0 or NaN gives NaN.
        level: share of groups inside the limits when chance alone is at work; 0.95 and 0.998 are usual.

    Raises:
        ValueError: pooled or level is not a fraction, or applicants are negative or not whole.
    """
    p, n = np.broadcast_arrays(np.asarray(pooled, float), np.asarray(applicants, float))
    outer = tail(level)
    if np.any((p < 0) | (p > 1)):
        raise ValueError("pooled must be a fraction between 0 and 1")
    if np.any((n < 0) | (n != np.floor(n)) & ~np.isnan(n) | np.isinf(n)):
        raise ValueError("applicants must be whole numbers, 0 or more")
    known = (n > 0) & ~np.isnan(p)
    lower, upper = np.full(n.shape, np.nan), np.full(n.shape, np.nan)
    lower[known] = np.maximum(_interpolated(n[known], p[known], outer) / n[known], 0)
    upper[known] = np.minimum(1 - _interpolated(n[known], 1 - p[known], outer) / n[known], 1)
    return Limits(lower, upper)


def outside(matched: ArrayLike, applicants: ArrayLike, pooled: ArrayLike, level: float = 0.95) -> Array:
    """Where each group lies: -1 below the limits, 0 between them, 1 above, NaN where it has no rate.

    Source and limits are those of :func:`funnel_limits`, so that a point that is drawn above the curve is
    also called so.

    Args:
        matched: counts of successes, any shape; NaN where not published.
        applicants: counts of trials, same shape.
        pooled: rate to compare with, a fraction.
        level: as for :func:`funnel_limits`.

    Raises:
        ValueError: as for :func:`funnel_limits` and :func:`~imganalytics.statistics.rates.counted`.
    """
    x, n, known = counted(matched, applicants)
    lower, upper = funnel_limits(pooled, n, level)
    rate = np.divide(x, n, out=np.full(x.shape, np.nan), where=known)
    return np.where(np.isnan(rate) | np.isnan(lower), np.nan, (rate > upper) * 1.0 - (rate < lower))


def _interpolated(n: Array, p: Array, outer: float) -> Array:
    """The count, with its fraction, where a binomial variable's cumulative probability is ``outer``."""
    below, count = np.full(n.shape, -1.0), n.copy()
    while np.any(count - below > 1):  # halves the search: F(below) < outer <= F(count)
        middle = np.floor((below + count) / 2)
        short = _cumulative(middle, n, p) < outer
        below, count = np.where(short, middle, below), np.where(short, count, middle)
    at_count, at_below = _cumulative(count, n, p), _cumulative(below, n, p)
    return count - (at_count - outer) / (at_count - at_below)


def _cumulative(count: Array, n: Array, p: Array) -> Array:
    """Probability that a binomial variable is at most ``count``, by the incomplete beta function."""
    from scipy.special import betainc  # here, because it takes 0.3 s to load

    between = (count >= 0) & (count < n)
    return np.where(between, betainc(np.where(between, n - count, 1), np.where(between, count + 1, 1), 1 - p),
                    count >= n)
