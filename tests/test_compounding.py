"""Products of rates: against a closed form, exact moments, and a second way to integrate; and printed, rounded rates."""

import numpy as np
import pytest
from scipy import integrate, stats

from imganalytics.statistics.compounding import SEED, compounded, product_interval
from imganalytics.statistics.rates import wilson
from imganalytics.statistics.rounded import wilson_of_printed


@pytest.mark.parametrize(("a", "b", "c"), [(1145.5, 954.5, 2487.5), (20.5, 12, 40), (0.5, 3, 9)])
def test_the_product_with_a_closed_form(a, b, c):
    """Beta(a, b) x Beta(a + b, c) is Beta(a, b + c)."""
    low, high = product_interval((a, a + b), (b, c), draws=200_000)
    exact = stats.beta(a, b + c)
    spread = exact.std()
    assert (low, high) == pytest.approx(exact.ppf([0.025, 0.975]), abs=0.03 * spread)


def test_the_product_against_numeric_integration():
    """P(XY <= z) = E[F_Y(z / X)], for two steps that have no closed form."""
    first, second = stats.beta(30.5, 20.5), stats.beta(12.5, 4.5)
    low, high = compounded([30, 12], [50, 16])[1:]
    for limit, share in ((low, 0.025), (high, 0.975)):
        mass, _ = integrate.quad(lambda x, z=limit: first.pdf(x) * second.cdf(min(1, z / x)), 0, 1)
        assert mass == pytest.approx(share, abs=0.003)


def test_several_seeds_agree_and_one_seed_repeats():
    low, high = compounded([2099, 1145], [4587, 2099])[1:]
    assert (low, high) == compounded([2099, 1145], [4587, 2099], seed=SEED)[1:]
    others = [compounded([2099, 1145], [4587, 2099], seed=seed)[1:] for seed in range(1, 6)]
    assert np.ptp([one for one, _ in others]) < 0.0006 and np.ptp([one for _, one in others]) < 0.0006


def test_the_rate_is_the_product_and_lies_inside():
    rate, low, high = compounded([2099, 1145], [4587, 2099])
    assert rate == pytest.approx(1145 / 4587)  # each step is counted on those who passed the one before
    direct_low, direct_high = map(float, wilson(1145, 4587))
    assert low < rate < high and (low, high) == pytest.approx((direct_low, direct_high), abs=0.002)


def test_order_single_steps_and_extremes():
    assert compounded([3, 40], [10, 90]) == compounded([40, 3], [90, 10])
    rate, low, high = compounded([7], [20])
    assert rate == 0.35 and (low, high) == pytest.approx(tuple(stats.beta(7.5, 13.5).ppf([0.025, 0.975])), abs=0.006)
    assert compounded([0, 5], [9, 9])[:2] == (0, 0)
    assert compounded([9, 9], [9, 9])[0] == compounded([9, 9], [9, 9])[2] == 1


def test_a_step_without_a_rate_gives_no_product():
    assert np.isnan(compounded([3, np.nan], [10, 90])).all()
    assert np.isnan(compounded([0, 3], [0, 10])).all()


@pytest.mark.parametrize("arguments", [((), ()), ([5], [4]), ([1], [4], 1.2)])
def test_what_cannot_be_is_refused(arguments):
    with pytest.raises(ValueError):
        compounded(*arguments)
    with pytest.raises(ValueError):
        product_interval((0.0,), (1.0,))


def test_a_printed_percentage_covers_every_count_that_rounds_to_it():
    low, high = wilson_of_printed(78, 16065)
    counts = [count for count in range(16066) if round(100 * count / 16065) == 78]
    limits = wilson(counts, 16065)
    assert low <= limits.low.min() and high >= limits.high.max()
    assert low == pytest.approx(limits.low.min(), abs=1e-4) and high == pytest.approx(limits.high.max(), abs=1e-4)


def test_a_printed_percentage_at_the_ends_and_without_n():
    assert wilson_of_printed(100, 40).high == 1 and wilson_of_printed(0, 40).low == 0
    assert np.isnan(wilson_of_printed(50, np.nan).low) and np.isnan(wilson_of_printed(np.nan, 50).low)
    for percent, step in ((101, 1), (-1, 1), (50, 0)):
        with pytest.raises(ValueError):
            wilson_of_printed(percent, 50, step)
