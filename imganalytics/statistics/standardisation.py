"""Gaps between two applicant types: what the rates make, and what the mix of strata. Fractions 0-1."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from imganalytics.statistics.funnel import pooled_rate
from imganalytics.statistics.rates import Array, Interval, counted, wilson, z_value

ROUNDING = 1e-12  # a gap closer to 0 than this is 0


@dataclass(frozen=True, eq=False)
class Decomposition:
    """The gap between the rates of two applicant types (a minus b), and its parts. All are fractions.

    Of the strata that both have applicants in:
        crude_a, crude_b: matched over applicants.
        gap: crude_a - crude_b; equal to mix_effect + rate_effect.
        mix_effect: what the types' spread over the strata makes.
        rate_effect: what their rates within the strata make; the standardised gap.
        interval: of the standardised gap.
        standardised_a, standardised_b: rates that each would have at the average mix of the two.

    Of all strata:
        crude_all_a, crude_all_b: matched over applicants of each, wherever it has both counts.

    By stratum, in the order given, NaN where left out:
        weights: the average mix, which sums to 1.
        mix_parts, rate_parts: sum to mix_effect and to rate_effect.
        left_out: whether the stratum takes no part, because a type has no applicants or no count there.
    """

    crude_a: float
    crude_b: float
    mix_effect: float
    rate_effect: float
    interval: Interval
    standardised_a: float
    standardised_b: float
    crude_all_a: float
    crude_all_b: float
    weights: Array
    mix_parts: Array
    rate_parts: Array
    left_out: NDArray[np.bool_]

    @property
    def gap(self) -> float:
        """Crude gap over the strata that both have applicants in, a minus b."""
        return self.crude_a - self.crude_b

    @property
    def gap_all(self) -> float:
        """Crude gap over all strata, a minus b."""
        return self.crude_all_a - self.crude_all_b

    @property
    def sign_turns(self) -> bool:
        """Whether the crude and the standardised gap, over the same strata, have opposite signs."""
        return min(abs(self.gap), abs(self.rate_effect)) > ROUNDING and self.gap * self.rate_effect < 0


def standardised_rate(rates: ArrayLike, weights: ArrayLike) -> Array:
    """Directly standardised rate: the mean of the strata's rates, each with the weight of a standard mix.

    Source: Breslow NE, Day NE, Statistical Methods in Cancer Research, vol. II, IARC 1987, ch. 2.

    Args:
        rates: fractions; the last axis is the strata.
        weights: of the strata, 0 or more, in any unit; a shape that broadcasts with rates.

    Returns:
        One rate fewer dimension; NaN where a stratum with weight has no rate, a weight is NaN or all are 0.

    Raises:
        ValueError: a weight is negative.
    """
    r, w = np.broadcast_arrays(np.asarray(rates, float), np.asarray(weights, float))
    if np.any(w < 0):
        raise ValueError("weights must not be negative")
    total = w.sum(axis=-1)
    weighted = np.where(w == 0, 0, r * w).sum(axis=-1)
    return np.divide(weighted, total, out=np.full(total.shape, np.nan), where=total > 0)


def decompose(matched_a: ArrayLike, applicants_a: ArrayLike, matched_b: ArrayLike, applicants_b: ArrayLike,
              level: float = 0.95) -> Decomposition:
    """Splits the gap between two applicant types into an effect of rates and an effect of mix.

    With w a type's share of applicants by stratum and r its rates, the rate effect is the sum of
    (r_a - r_b)(w_a + w_b)/2, the mix effect that of (w_a - w_b)(r_a + r_b)/2; they leave no remainder. The
    mix part of a stratum is counted from the mean rate of all strata, (w_a - w_b)((r_a + r_b)/2 - mean), so
    that crowding into a stratum of low rates pulls a type down; the sum stays the same.

    The interval is for the mix as it is. It combines the strata's Wilson limits by the method of variance
    estimates recovery, and with one stratum it is Newcombe's.

    Source: Kitagawa EM, J Am Stat Assoc 1955;50:1168-1194 (two components); Oaxaca RL, Ransom MR, Rev Econ
    Stat 1999;81:154-157 (why parts by stratum need a reference); Zou GY, Huang W, Zhang X, Comput Stat Data
    Anal 2009;53:1080-1085, after Zou GY, Donner A, Stat Med 2008;27:1693-1702 (interval).

    Args:
        matched_a, applicants_a, matched_b, applicants_b: counts, one per stratum, in one order; NaN where
            not published. A stratum in which a type has no applicants, or no count, is left out of both.
        level: confidence of the interval.

    Returns:
        See :class:`Decomposition`; its rates are NaN when no stratum is left.

    Raises:
        ValueError: the counts are not one-dimensional and of one length; counts as for
            :func:`~imganalytics.statistics.rates.counted`; level is not between 0 and 1.
    """
    x_a, n_a, known_a = map(np.atleast_1d, counted(matched_a, applicants_a))
    x_b, n_b, known_b = map(np.atleast_1d, counted(matched_b, applicants_b))
    if x_a.ndim > 1 or x_a.shape != x_b.shape:
        raise ValueError(f"both types need one count per stratum, not {x_a.shape} and {x_b.shape}")
    z, both = z_value(level), known_a & known_b
    r_a, w_a = _rates_and_mix(x_a, n_a, both)
    r_b, w_b = _rates_and_mix(x_b, n_b, both)
    weights, rates, average = (w_a + w_b) / 2, (r_a + r_b) / 2, (w_a + w_b)[both] @ (r_a + r_b)[both] / 4
    mix_parts, rate_parts = (w_a - w_b) * (rates - average), (r_a - r_b) * weights
    return Decomposition(
        crude_a=pooled_rate(x_a[both], n_a[both]), crude_b=pooled_rate(x_b[both], n_b[both]),
        mix_effect=_sum(mix_parts[both]), rate_effect=_sum(rate_parts[both]),
        interval=_recovered(*(each[both] for each in (x_a, n_a, x_b, n_b, weights)), z),
        standardised_a=float(standardised_rate(r_a[both], weights[both])),
        standardised_b=float(standardised_rate(r_b[both], weights[both])),
        crude_all_a=pooled_rate(x_a, n_a), crude_all_b=pooled_rate(x_b, n_b),
        weights=weights, mix_parts=mix_parts, rate_parts=rate_parts, left_out=~both)


def _rates_and_mix(x: Array, n: Array, both: NDArray[np.bool_]) -> tuple[Array, Array]:
    """Rates of a type and its shares of applicants, NaN in the strata that are left out."""
    rates, mix = np.full(x.shape, np.nan), np.full(x.shape, np.nan)
    rates[both], mix[both] = x[both] / n[both], n[both] / n[both].sum()
    return rates, mix


def _sum(parts: Array) -> float:
    """Sum of the parts; NaN of none."""
    return float(parts.sum()) if parts.size else float("nan")


def _recovered(x_a: Array, n_a: Array, x_b: Array, n_b: Array, weights: Array, z: float) -> Interval:
    """Interval of a weighted sum of differences, from the distances of each rate to its Wilson limits."""
    r_a, r_b = x_a / n_a, x_b / n_b
    (low_a, high_a), (low_b, high_b) = wilson(x_a, n_a, z), wilson(x_b, n_b, z)
    difference = _sum(weights * (r_a - r_b))
    down = (weights**2 * ((r_a - low_a) ** 2 + (high_b - r_b) ** 2)).sum()
    up = (weights**2 * ((high_a - r_a) ** 2 + (r_b - low_b) ** 2)).sum()
    return Interval(difference - np.sqrt(down), difference + np.sqrt(up))
