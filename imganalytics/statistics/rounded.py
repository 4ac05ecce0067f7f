"""Intervals for rates that are printed as rounded percentages beside their n, without the count. Pure functions."""

import numpy as np
from numpy.typing import ArrayLike

from imganalytics.statistics.rates import Interval, wilson


def wilson_of_printed(percent: ArrayLike, applicants: ArrayLike, step: float = 1.0) -> Interval:
    """Wilson's 95 % interval of a rate of which only the rounded percentage and n are printed.

    The count that was rounded may be any that lies within half a step of the percentage; the interval reaches from the
    lower limit of the least of them to the upper limit of the greatest, so that it is never narrower than the one of
    the count itself.

    Source: Wilson EB, J Am Stat Assoc 1927;22:209-212, as in :func:`~imganalytics.statistics.rates.wilson`; rounding as a
    bound and not as a chance (JCGM 100:2008, F.2.2.1).

    Args:
        percent: percentages 0-100 as printed, any shape; NaN where not published.
        applicants: what they are of, same shape; 0 or NaN gives NaN.
        step: to what the percentages are rounded: 1 for whole ones, 0.1 for one decimal.

    Raises:
        ValueError: a percentage is not between 0 and 100, or step is not above 0.
    """
    value, n = np.broadcast_arrays(np.asarray(percent, float), np.asarray(applicants, float))
    if np.any((value < 0) | (value > 100)) or step <= 0:
        raise ValueError("percent must lie between 0 and 100, and step above 0")
    least = np.clip((value - step / 2) / 100, 0, 1) * n
    most = np.clip((value + step / 2) / 100, 0, 1) * n
    return Interval(wilson(least, n).low, wilson(most, n).high)
