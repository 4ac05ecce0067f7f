"""Funnel limits: against scipy's binomial distribution and the formula as published."""

import numpy as np
import pytest
from scipy.stats import binom, norm

from imganalytics.statistics.funnel import funnel_limits, outside, pooled_rate

NAN = float("nan")
LEVELS = [0.5, 0.95, 0.998]
RATES = [0.02, 0.25, 0.5, 0.617, 0.93]
SIZES = np.array([1, 2, 3, 5, 10, 30, 100, 1_000, 47_000])


def published_lower(size, rate, tail):
    """Spiegelhalter 2005, appendix A.1.1, in fractions: the count r, moved back by a weight, over n."""
    count = binom.ppf(tail, size, rate)
    reached, before = binom.cdf(count, size, rate), binom.cdf(count - 1, size, rate)
    return max(0, (count - (reached - tail) / (reached - before)) / size)


class TestPooledRate:
    def test_is_all_matched_over_all_applicants(self):
        assert pooled_rate([1, 30], [10, 50]) == 31 / 60

    @pytest.mark.filterwarnings("error")
    def test_counts_only_groups_with_both_counts(self):
        assert pooled_rate([1, NAN, 30, 5, 0], [10, 900, 50, NAN, 0]) == 31 / 60

    @pytest.mark.filterwarnings("error")
    @pytest.mark.parametrize("matched, applicants", [([], []), ([NAN], [5]), (0, 0)])
    def test_is_missing_without_groups(self, matched, applicants):
        assert np.isnan(pooled_rate(matched, applicants))

    @pytest.mark.parametrize("matched, rate", [(0, 0), (20, 1)])
    def test_reaches_none_and_all(self, matched, rate):
        assert pooled_rate([matched, matched], [20, 20]) == rate

    def test_refuses_what_cannot_be(self):
        with pytest.raises(ValueError, match="between 0 and applicants"):
            pooled_rate([11], [10])


class TestFunnelLimits:
    @pytest.mark.parametrize("level", LEVELS)
    @pytest.mark.parametrize("rate", RATES)
    def test_lower_one_is_that_of_spiegelhalter_2005(self, rate, level):
        expected = [published_lower(size, rate, (1 - level) / 2) for size in SIZES]
        assert funnel_limits(rate, SIZES, level).lower == pytest.approx(expected, abs=1e-9)

    @pytest.mark.parametrize("level", LEVELS)
    @pytest.mark.parametrize("rate", RATES)
    def test_lie_between_the_right_counts_of_scipy(self, rate, level):
        lower, upper = funnel_limits(rate, SIZES, level)
        least, most = binom.ppf([[(1 - level) / 2], [(1 + level) / 2]], SIZES, rate)
        assert (lower * SIZES <= least + 1e-9).all() and (lower * SIZES >= np.maximum(least - 1, 0) - 1e-9).all()
        assert (upper * SIZES >= most - 1e-9).all() and (upper * SIZES <= most + 1 + 1e-9).all()

    @pytest.mark.parametrize("level", LEVELS)
    @pytest.mark.parametrize("rate", RATES)
    def test_flag_just_the_counts_whose_tail_is_too_unlikely(self, rate, level):
        for size in SIZES[:-1]:
            counts = np.arange(size + 1)
            lower, upper = funnel_limits(rate, size, level)
            assert np.array_equal(counts / size < lower, binom.cdf(counts, size, rate) < (1 - level) / 2)
            assert np.array_equal(counts / size > upper, binom.sf(counts - 1, size, rate) < (1 - level) / 2)

    def test_do_not_flag_the_commonest_result(self):
        assert binom.pmf(5, 5, 0.95) > 0.77
        assert funnel_limits(0.95, 5).upper == 1
        assert 1 - published_lower(5, 0.05, 0.025) == 1

    @pytest.mark.parametrize("level", LEVELS)
    @pytest.mark.parametrize("rate", RATES)
    def test_turn_round_with_the_rate(self, rate, level):
        lower, upper = funnel_limits(rate, SIZES, level)
        turned = funnel_limits(1 - rate, SIZES, level)
        assert turned.lower == pytest.approx(1 - upper, abs=1e-9)
        assert turned.upper == pytest.approx(1 - lower, abs=1e-9)

    @pytest.mark.parametrize("rate", RATES)
    def test_are_smooth_and_close_in_on_the_rate(self, rate):
        sizes = np.arange(30, 2_000)
        lower, upper = funnel_limits(rate, sizes)
        assert (0 <= lower).all() and (lower < rate).all() and (rate < upper).all() and (upper <= 1).all()
        for limit in (lower, upper):  # from one size to the next; whole counts would jump by up to 1/n
            assert (np.abs(np.diff(limit)) < 0.4 / sizes[1:]).all()
        assert (np.diff(lower[::200]) > 0).all() and (np.diff(upper[::200]) < 0).all()

    def test_near_the_normal_limits_when_groups_are_large(self):
        lower, upper = funnel_limits(0.6, 47_000, 0.998)
        reach = norm.ppf(0.999) * np.sqrt(0.6 * 0.4 / 47_000)
        assert (lower, upper) == pytest.approx((0.6 - reach, 0.6 + reach), abs=2e-5)

    def test_widen_with_the_level(self):
        (lower, upper), (outer_lower, outer_upper) = (funnel_limits(0.6, SIZES, each) for each in (0.95, 0.998))
        assert (outer_lower <= lower).all() and (upper <= outer_upper).all()

    @pytest.mark.filterwarnings("error")
    @pytest.mark.parametrize("rate", [0, 1])
    def test_of_a_rate_of_none_or_all_lie_within_one_applicant(self, rate):
        lower, upper = funnel_limits(rate, SIZES)
        assert (lower >= rate - 1 / SIZES).all() and (upper <= rate + 1 / SIZES).all()
        assert outside(SIZES * rate, SIZES, rate).tolist() == [0] * len(SIZES)
        assert outside(SIZES * (1 - rate), SIZES, rate).tolist() == [1 - 2 * rate] * len(SIZES)

    @pytest.mark.parametrize("shape", [(), (1,), (2, 3)])
    def test_keep_the_shape(self, shape):
        lower, upper = funnel_limits(0.5, np.full(shape, 30))
        assert lower.shape == upper.shape == shape

    @pytest.mark.filterwarnings("error")
    @pytest.mark.parametrize("rate, size", [(0.5, 0), (0.5, NAN), (NAN, 30), (NAN, NAN)])
    def test_are_missing_without_applicants_or_rate(self, rate, size):
        assert np.isnan(funnel_limits(rate, size)).all()
        assert np.isnan(funnel_limits(rate, [size, size])).all()

    @pytest.mark.parametrize("rate, size, level, message", [
        (1.1, 10, 0.95, "pooled"), (-0.1, 10, 0.95, "pooled"), (0.5, -1, 0.95, "whole"), (0.5, 2.5, 0.95, "whole"),
        (0.5, float("inf"), 0.95, "whole"), (0.5, 10, 95, "level"), (0.5, 10, 0, "level")])
    def test_refuse_what_cannot_be(self, rate, size, level, message):
        with pytest.raises(ValueError, match=message):
            funnel_limits(rate, size, level)


class TestOutside:
    def test_says_on_which_side(self):
        assert outside([10, 50, 90], [100, 100, 100], 0.5).tolist() == [-1, 0, 1]

    @pytest.mark.parametrize("level", LEVELS)
    def test_is_where_the_drawn_curves_say(self, level):
        random = np.random.default_rng(5)
        applicants = random.integers(1, 500, 200)
        matched = random.binomial(applicants, random.beta(20, 20, 200))
        lower, upper = funnel_limits(0.5, applicants, level)
        expected = np.select([matched / applicants < lower, matched / applicants > upper], [-1, 1], 0)
        assert np.array_equal(outside(matched, applicants, 0.5, level), expected)
        assert set(expected) == {-1, 0, 1}

    def test_turns_round_when_those_not_matched_are_judged(self):
        random = np.random.default_rng(6)
        applicants = random.integers(1, 500, 200)
        matched = random.binomial(applicants, random.beta(20, 5, 200))
        ours = outside(matched, applicants, 0.8)
        assert np.array_equal(ours, -outside(applicants - matched, applicants, 1 - 0.8))
        order = random.permutation(200)
        assert np.array_equal(ours[order], outside(matched[order], applicants[order], 0.8))

    @pytest.mark.parametrize("matched, applicants", [([0, 0, 0], [1, 50, 47_000]), ([1, 50], [1, 50]), ([3], [10])])
    def test_finds_equal_rates_and_a_single_group_inside(self, matched, applicants):
        assert not outside(matched, applicants, pooled_rate(matched, applicants)).any()

    @pytest.mark.filterwarnings("error")
    def test_is_unknown_without_a_rate(self):
        ours = outside([NAN, 0, 5, 5], [10, 0, NAN, 10], 0.5)
        assert np.isnan(ours).tolist() == [True, True, True, False]
        assert np.isnan(outside([NAN, NAN], [NAN, NAN], NAN)).all()

    def test_refuses_what_cannot_be(self):
        with pytest.raises(ValueError, match="between 0 and applicants"):
            outside([11], [10], 0.5)
