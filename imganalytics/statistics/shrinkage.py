"""Shrinkage: small groups borrow strength from the others. Rates are fractions 0-1."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from imganalytics.statistics.rates import Array, counted, tail

LEAST_GROUPS = 3
STEPS = 200  # of the search for the highest likelihood, at most; 5 to 10 are usual
# Gains of log likelihood: one that ends the search, and the least that shows spread between the groups.
NOTHING, LEAST_GAIN = 1e-8, 1e-6


class Prior(NamedTuple):
    """A beta distribution of rates.

    ``spread`` is False when the groups differ by no more than chance; see :func:`fit_prior`.
    """

    alpha: float
    beta: float
    spread: bool = True

    @property
    def mean(self) -> float:
        """Rate towards which the groups are drawn, a fraction."""
        return self.alpha / (self.alpha + self.beta)

    @property
    def strength(self) -> float:
        """How many applicants the prior is worth: a group of this size is drawn half of the way."""
        return self.alpha + self.beta


class Shrunk(NamedTuple):
    """Posterior mean and equal-tailed interval of each rate, fractions; NaN where there is no raw rate."""

    mean: Array
    low: Array
    high: Array


def fit_prior(matched: ArrayLike, applicants: ArrayLike) -> Prior:
    """Beta distribution of the groups' true rates, estimated from all of them (empirical Bayes).

    Maximises the beta-binomial likelihood. Its strength, alpha + beta, is held in two bounds. When the groups
    spread no more than chance would have it, the likelihood rises for ever with the strength; a prior cannot
    be worth more than the applicants that were seen, so it is then the Jeffreys posterior of all groups
    together, Beta(X + 1/2, N - X + 1/2), with ``spread`` False. And it is never weaker than the Jeffreys
    prior (strength 1): a weaker one would close the interval of a group where none matched to a point.

    Source: Griffiths DA, Biometrics 1973;29:637-648 (likelihood); Kleinman JC, J Am Stat Assoc 1973;68:46-54
    (moments, to start from); Casella G, Am Stat 1985;39:83-87, and Carlin BP, Louis TA, Bayes and Empirical
    Bayes Methods for Data Analysis, 2nd ed., 2000, ch. 3 (use).

    Args:
        matched: counts of successes, one per group, any shape; NaN where not published.
        applicants: counts of trials, same shape. Groups with 0 or NaN take no part.

    Raises:
        ValueError: fewer than 3 groups have a rate; counts as for
            :func:`~imganalytics.statistics.rates.counted`.
    """
    x, n, known = counted(matched, applicants)
    x, n = x[known], n[known]
    if x.size < LEAST_GROUPS:
        raise ValueError(f"a prior needs at least {LEAST_GROUPS} groups with applicants, not {x.size}")
    if 0 < x.sum() < n.sum():
        alpha, beta = _maximum(x, n)
        if alpha + beta <= n.sum() and _gain(x, n, alpha, beta) > LEAST_GAIN:
            scale = max(1, 1 / (alpha + beta))
            return Prior(alpha * scale, beta * scale)
    return Prior(float(x.sum() + 0.5), float(n.sum() - x.sum() + 0.5), spread=False)


def shrink(matched: ArrayLike, applicants: ArrayLike, prior: Prior, level: float = 0.95) -> Shrunk:
    """Each rate drawn towards the prior's mean, the more the fewer applicants stand behind it.

    The posterior is Beta(alpha + x, beta + n - x). Its interval takes the prior as known; with few groups it
    is therefore somewhat too narrow (Carlin and Louis, ch. 3). Show it beside the raw rate.

    Source: Casella G, Am Stat 1985;39:83-87; Carlin BP, Louis TA, Bayes and Empirical Bayes Methods for Data
    Analysis, 2nd ed., 2000, ch. 3.

    Args:
        matched: counts of successes, any shape; NaN where not published.
        applicants: counts of trials, same shape; 0 or NaN gives NaN.
        prior: from :func:`fit_prior`, or any with positive alpha and beta.
        level: probability inside the interval; as much is left out below it as above.

    Raises:
        ValueError: alpha or beta is not positive; level is not between 0 and 1; counts as for
            :func:`~imganalytics.statistics.rates.counted`.
    """
    from scipy.special import betaincinv  # here, because it takes 0.3 s to load

    x, n, known = counted(matched, applicants)
    if not (prior.alpha > 0 and prior.beta > 0):
        raise ValueError("alpha and beta of a prior must be positive")
    alpha, beta = np.where(known, prior.alpha + x, np.nan), np.where(known, prior.beta + n - x, np.nan)
    outer = tail(level)
    return Shrunk(alpha / (alpha + beta), betaincinv(alpha, beta, outer), betaincinv(alpha, beta, 1 - outer))


def _maximum(x: Array, n: Array) -> tuple[float, float]:
    """Alpha and beta of the highest likelihood; without spread, two large numbers.

    Newton's method in log alpha and log beta, damped (Levenberg-Marquardt) wherever a step would go down.
    """
    here, damping = np.log(_moments(x, n)), 1e-3
    best = _likelihood(x, n, *np.exp(here))
    for _ in range(STEPS):
        slope, bend = _derivatives(x, n, *np.exp(here))
        curvature = np.linalg.eigvalsh(bend)
        weight = max(0, curvature.max()) + damping * np.abs(curvature).max()
        step = np.linalg.solve(weight * np.eye(2) - bend, slope)
        step /= max(1, np.abs(step).max() / 2)
        new = _likelihood(x, n, *np.exp(here + step))
        there = slope @ step < NOTHING  # what the step can gain; less cannot be seen for rounding
        if new > best or there:
            here, best, damping = here + step, new, max(damping / 10, 1e-9)
        else:
            damping *= 10
        if there or np.exp(here).sum() > 1_000 * n.sum():
            break
    alpha, beta = np.exp(here)
    return float(alpha), float(beta)


def _moments(x: Array, n: Array) -> tuple[float, float]:
    """A prior to start from: mean and correlation of Kleinman 1973, weighted by applicants, kept in range."""
    mean = x.sum() / n.sum()
    chance = x.size - 1
    room = n.sum() - (n * n).sum() / n.sum() - chance
    spread = (n * (x / n - mean) ** 2).sum() / (mean * (1 - mean)) - chance
    correlation = np.clip(spread / room if room > 0 else 0, 0.01, 0.9)
    strength = 1 / correlation - 1
    return mean * strength, (1 - mean) * strength


def _likelihood(x: Array, n: Array, alpha: float, beta: float) -> float:
    """Log of the beta-binomial likelihood, without its constant."""
    from scipy.special import betaln

    return float((betaln(x + alpha, n - x + beta) - betaln(alpha, beta)).sum())


def _derivatives(x: Array, n: Array, alpha: float, beta: float) -> tuple[Array, Array]:
    """First and second derivatives of the log likelihood, in log alpha and log beta."""
    from scipy.special import polygamma

    scale = np.array([alpha, beta])
    ends = np.array([x + alpha, n - x + beta])
    slope, bend = ((polygamma(order, ends) - polygamma(order, scale)[:, None]).sum(axis=1)
                   - (polygamma(order, n + alpha + beta) - polygamma(order, alpha + beta)).sum()
                   for order in (0, 1))
    shared = -(polygamma(1, n + alpha + beta) - polygamma(1, alpha + beta)).sum()
    cross = np.outer(scale, scale) * shared
    return scale * slope, cross + np.diag(scale * slope + scale**2 * (bend - shared))


def _gain(x: Array, n: Array, alpha: float, beta: float) -> float:
    """Log likelihood over that of one rate for all groups."""
    from scipy.special import xlogy

    rate = x.sum() / n.sum()
    return _likelihood(x, n, alpha, beta) - float(xlogy(x, rate).sum() + xlogy(n - x, 1 - rate).sum())
