"""Empirical Bayes: against scipy's beta-binomial likelihood, its optimiser and its beta quantiles."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import beta, betabinom

from imganalytics.statistics.shrinkage import Prior, fit_prior, shrink

NAN = float("nan")
FLAT = Prior(0.5, 0.5)
# Boys among the first 12 children of 6115 families in Saxony (Geissler 1889, in Lindsey JK, Altham PME, Appl Stat
# 1998;47:149-157): how many families have 0, 1 ... 12. Wikipedia, "Beta-binomial distribution", prints a fit of
# 34.09558 and 31.5715 with a log likelihood of -12492.9; it stops a little short of the maximum.
SAXONY = [3, 24, 104, 286, 670, 1033, 1343, 1112, 829, 478, 181, 45, 7]


def groups(seed, count=50, alpha=3.5, other=2.5, largest=2_000):
    """Counts of groups whose true rates follow a beta distribution."""
    random = np.random.default_rng(seed)
    applicants = np.rint(np.exp(random.uniform(1, np.log(largest), count))).astype(int)
    return random.binomial(applicants, random.beta(alpha, other, count)), applicants


def likelihood(matched, applicants, alpha, other):
    """Log likelihood by scipy."""
    return betabinom.logpmf(matched, applicants, alpha, other).sum()


def second_fit(matched, applicants):
    """Alpha and beta by scipy's optimiser on scipy's likelihood, from a start that knows nothing."""
    found = minimize(lambda log: -likelihood(matched, applicants, *np.exp(log)), [0, 0], method="Nelder-Mead",
                     options={"xatol": 1e-7, "fatol": 1e-9, "maxiter": 1_000})
    return np.exp(found.x)


class TestFitPrior:
    @pytest.mark.parametrize("made", [
        {}, {"count": 3}, {"count": 8, "largest": 60}, {"alpha": 40, "other": 4}, {"alpha": 1.2, "other": 9},
        {"largest": 47_000}, {"alpha": 300, "other": 200, "largest": 47_000}])
    @pytest.mark.parametrize("seed", [1, 2])
    def test_is_that_of_scipy(self, seed, made):
        counts = groups(seed, **made)
        prior = fit_prior(*counts)
        assert prior.spread
        assert (prior.alpha, prior.beta) == pytest.approx(second_fit(*counts), rel=1e-3)
        assert likelihood(*counts, prior.alpha, prior.beta) >= likelihood(*counts, *second_fit(*counts)) - 1e-6

    @pytest.mark.parametrize("counts", [  # a huge group pulls the search far off at first
        ([23_500, 15, 38], [47_000, 25, 40]), ([23_500, 28, 0, 4, 6, 5], [47_000, 46, 2, 10, 29, 36]),
        ([23_500, 0, 9, 1], [47_000, 15, 26, 1])])
    def test_is_that_of_scipy_when_one_group_outweighs_all_others(self, counts):
        prior = fit_prior(*counts)
        assert (prior.alpha, prior.beta) == pytest.approx(second_fit(*map(np.array, counts)), rel=1e-3)

    def test_is_that_printed_for_the_families_of_saxony(self):
        counts = np.repeat(np.arange(13), SAXONY), np.full(sum(SAXONY), 12)
        prior = fit_prior(*counts)
        assert (prior.alpha, prior.beta) == pytest.approx((34.096, 31.572), rel=5e-4)
        assert round(likelihood(*counts, prior.alpha, prior.beta), 1) == -12492.9
        assert likelihood(*counts, prior.alpha, prior.beta) >= likelihood(*counts, 34.09558, 31.5715)

    def test_finds_the_distribution_that_made_the_groups(self):
        prior = fit_prior(*groups(4, count=3_000))
        assert prior.mean == pytest.approx(3.5 / 6, abs=0.02)
        assert prior.strength == pytest.approx(6, rel=0.1)

    def test_does_not_depend_on_the_order_or_the_shape(self):
        matched, applicants = groups(5)
        order = np.random.default_rng(0).permutation(50)
        prior = fit_prior(matched, applicants)
        assert fit_prior(matched[order], applicants[order])[:2] == pytest.approx(prior[:2], rel=1e-6)
        assert fit_prior(matched.reshape(5, 10), applicants.reshape(5, 10))[:2] == pytest.approx(prior[:2], rel=1e-6)

    def test_turns_round_when_those_not_matched_are_counted(self):
        matched, applicants = groups(6)
        prior, turned = fit_prior(matched, applicants), fit_prior(applicants - matched, applicants)
        assert (turned.alpha, turned.beta) == pytest.approx((prior.beta, prior.alpha), rel=1e-6)

    @pytest.mark.filterwarnings("error")
    def test_leaves_out_groups_without_a_rate(self):
        matched, applicants = groups(7)
        more = [*matched, NAN, 0, 4], [*applicants, 12, 0, NAN]
        assert fit_prior(*more) == fit_prior(matched, applicants)

    @pytest.mark.filterwarnings("error")
    @pytest.mark.parametrize("matched, applicants", [
        ([30] * 20, [60] * 20), ([1, 10, 100, 23_500], [2, 20, 200, 47_000]), ([0, 1, 1, 0, 1], [1] * 5), ([0, 1, 1, 0], [1] * 4),
        ([0, 0, 0], [5, 9, 40]), ([5, 9, 47_000], [5, 9, 47_000]), ([4, 6, 5, 5], [10, 10, 10, 10]),
        ([4, 4, 5, 8], [10, 10, 10, 10])])  # the likelihood is highest at a strength of 112, of 40 applicants
    def test_says_when_there_is_no_spread_beyond_chance(self, matched, applicants):
        prior = fit_prior(matched, applicants)
        assert not prior.spread
        assert prior.alpha == sum(matched) + 0.5
        assert prior.strength == sum(applicants) + 1

    def test_without_spread_scipy_finds_no_end_of_the_strength_either(self):
        matched, applicants = [4, 6, 5, 5], [10, 10, 10, 10]
        rising = [likelihood(matched, applicants, 5 * scale, 5 * scale) for scale in (1, 10, 100, 1_000, 10_000)]
        assert (np.diff(rising) > 0).all()

    @pytest.mark.filterwarnings("error")
    def test_is_never_weaker_than_that_of_jeffreys(self):
        prior = fit_prior([0, 10, 0, 10, 30, 0], [10, 10, 20, 10, 30, 5])
        assert prior.spread and prior.strength == pytest.approx(1)
        assert prior.mean == pytest.approx(0.5)

    @pytest.mark.parametrize("matched, applicants, message", [
        ([3, 4], [10, 10], "at least 3 groups with applicants, not 2"), ([3], [10], "not 1"), ([], [], "not 0"),
        ([3, 4, 0, NAN], [10, 10, 0, 10], "not 2"), ([NAN] * 4, [NAN] * 4, "not 0"),
        ([3, 4, 11], [10, 10, 10], "between 0 and applicants")])
    def test_refuses_what_cannot_be(self, matched, applicants, message):
        with pytest.raises(ValueError, match=message):
            fit_prior(matched, applicants)


class TestPrior:
    def test_says_where_it_draws_to_and_how_hard(self):
        assert Prior(3, 1).mean == 0.75 and Prior(3, 1).strength == 4


class TestShrink:
    @pytest.mark.parametrize("prior", [FLAT, Prior(3.5, 2.5), Prior(20_000.5, 27_000.5)])
    @pytest.mark.parametrize("level", [0.5, 0.95, 0.998])
    def test_is_the_posterior_of_scipy(self, prior, level):
        matched, applicants = groups(8, largest=47_000)
        mean, low, high = shrink(matched, applicants, prior, level)
        theirs = beta(prior.alpha + matched, prior.beta + applicants - matched)
        assert mean == pytest.approx(theirs.mean(), abs=1e-12)
        assert low == pytest.approx(theirs.ppf((1 - level) / 2), abs=1e-9)
        assert high == pytest.approx(theirs.ppf((1 + level) / 2), abs=1e-9)

    def test_leaves_out_as_much_below_as_above(self):
        _, low, high = shrink(3, 12, Prior(3, 5))
        assert beta.cdf(low, 6, 14) == pytest.approx(0.025) and beta.sf(high, 6, 14) == pytest.approx(0.025)

    def test_draws_every_rate_towards_the_mean_and_small_groups_most(self):
        matched, applicants = groups(9)
        prior = fit_prior(matched, applicants)
        raw, mean = matched / applicants, shrink(matched, applicants, prior).mean
        left = (mean - prior.mean) / (raw - prior.mean)
        assert left == pytest.approx(applicants / (applicants + prior.strength))
        assert ((0 < left) & (left < 1)).all()

    def test_draws_a_group_of_the_priors_strength_half_of_the_way(self):
        assert shrink(8, 8, Prior(2, 6)).mean == pytest.approx((1 + 0.25) / 2)

    def test_hardly_moves_a_huge_group(self):
        mean, low, high = shrink(9_400, 47_000, Prior(3, 1))
        assert mean == pytest.approx(0.2, abs=1e-4) and high - low < 0.008

    @pytest.mark.parametrize("matched", [0, 7])
    def test_of_groups_at_none_or_all_is_neither(self, matched):
        mean, low, high = shrink([matched] * 3, [7] * 3, fit_prior([matched] * 3, [7] * 3))
        assert ((0 < low) & (low < mean) & (mean < high) & (high < 1)).all()

    def test_turns_round_when_those_not_matched_are_counted(self):
        mean, low, high = shrink([0, 3, 12], [5, 9, 12], Prior(3, 1))
        turned = shrink([5, 6, 0], [5, 9, 12], Prior(1, 3))
        assert np.allclose(turned, (1 - mean, 1 - high, 1 - low), rtol=0, atol=1e-12)

    @pytest.mark.filterwarnings("error")
    def test_is_missing_where_there_is_no_rate(self):
        found = np.array(shrink([NAN, 3, 0, 5], [10, NAN, 0, 10], Prior(3, 1)))
        assert np.isnan(found).tolist() == [[True, True, True, False]] * 3
        assert np.isnan(shrink([NAN, NAN], [NAN, NAN], FLAT)).all()

    @pytest.mark.parametrize("shape", [(), (1,), (2, 3)])
    def test_keeps_the_shape(self, shape):
        assert {each.shape for each in shrink(np.full(shape, 3), np.full(shape, 9), FLAT)} == {shape}

    @pytest.mark.parametrize("matched, prior, level, message", [
        (3, Prior(0, 1), 0.95, "positive"), (3, Prior(1, -1), 0.95, "positive"),
        (3, Prior(NAN, 1), 0.95, "positive"), (3, FLAT, 95, "level"), (11, FLAT, 0.95, "between 0 and applicants")])
    def test_refuses_what_cannot_be(self, matched, prior, level, message):
        with pytest.raises(ValueError, match=message):
            shrink(matched, 10, prior, level)
