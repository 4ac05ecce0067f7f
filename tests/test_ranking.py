"""Ranks and who can be told apart: against loops, the exact distribution of ranks, and statsmodels."""

import numpy as np
import pytest
from scipy.stats import beta, norm
from statsmodels.stats.proportion import confint_proportions_2indep

from imganalytics.statistics.ranking import neighbours, rank_intervals, told_apart
from imganalytics.statistics.rates import Z95, counted, newcombe, tail, z_value

NAN = float("nan")
SMALL = ([3, 12, 40, 7, 0, 25], [10, 30, 50, 7, 4, 1_000])
LARGE = (np.random.default_rng(1).binomial(np.arange(20, 70), np.linspace(0.3, 0.8, 50)), np.arange(20, 70))


def exact_limits(matched, applicants, tail=0.025, points=201):
    """Rank limits without simulation: the rank, given a group's own rate, is a sum of independent events."""
    matched, applicants = np.asarray(matched, float), np.asarray(applicants, float)
    alpha, other = matched + 0.5, applicants - matched + 0.5
    limits = []
    for group in range(len(matched)):
        own = beta.ppf((np.arange(points) + 0.5) / points, alpha[group], other[group])
        chances = np.zeros((len(matched), points))  # of being beaten by 0, 1, 2 ... others
        chances[0] = 1
        for rival in set(range(len(matched))) - {group}:
            beaten = beta.sf(own, alpha[rival], other[rival])
            chances[1:] = chances[1:] * (1 - beaten) + chances[:-1] * beaten
            chances[0] *= 1 - beaten
        reached = chances.mean(axis=1).cumsum()
        limits.append(((reached <= tail).sum() + 1, (reached < 1 - tail).sum() + 1))
    return np.array(limits, float).T


def looped_limits(matched, applicants, draws, seed):
    """Rank limits by simulation, one draw and one group at a time, from other random numbers."""
    random = np.random.default_rng(seed)
    ranks = []
    for _ in range(draws):
        rates = [random.beta(x + 0.5, n - x + 0.5) for x, n in zip(matched, applicants, strict=True)]
        ranks.append([1 + sum(rival > rate for rival in rates) for rate in rates])
    return np.percentile(ranks, [2.5, 97.5], axis=0, method="inverted_cdf")


class TestRankIntervals:
    def test_hold_the_rank_of_the_raw_rate(self):
        rank, low, high = rank_intervals(*SMALL)
        assert rank.tolist() == [4, 3, 2, 1, 6, 5]
        assert (low <= rank).all() and (rank <= high).all()

    @pytest.mark.parametrize("counts", [SMALL, LARGE])
    def test_are_within_a_rank_of_the_exact_distribution(self, counts):
        _, low, high = rank_intervals(*counts)
        exact_low, exact_high = exact_limits(*counts)
        assert np.abs(low - exact_low).max() <= 1 and np.abs(high - exact_high).max() <= 1

    def test_are_within_a_rank_of_a_plain_loop(self):
        _, low, high = rank_intervals(*SMALL)
        looped_low, looped_high = looped_limits(*SMALL, draws=4_000, seed=7)
        assert np.abs(low - looped_low).max() <= 1 and np.abs(high - looped_high).max() <= 1

    def test_start_from_the_prior_of_jeffreys(self):
        # Beta(5.5, 0.5) is the lower of the two with a chance of 4.7 %; from a flat prior it would be 9.9 %
        counts = [5, 20], [5, 30]
        assert rank_intervals(*counts, level=0.88).high[0] == 1  # 6 % are left out on this side
        assert rank_intervals(*counts, level=0.93).high[0] == 2  # 3.5 %

    def test_another_seed_hardly_moves_them(self):
        limits = np.array(rank_intervals(*LARGE)[1:])
        for seed in range(5):
            moved = np.abs(limits - rank_intervals(*LARGE, seed=seed)[1:])
            assert moved.max() <= 2 and moved.mean() < 0.5

    def test_narrow_with_the_level(self):
        (_, low, high), (_, inner_low, inner_high) = rank_intervals(*LARGE), rank_intervals(*LARGE, level=0.5)
        assert (low <= inner_low).all() and (inner_high <= high).all()
        assert (inner_high - inner_low).mean() < (high - low).mean() / 2

    def test_are_the_same_whatever_else_ran(self):
        before = rank_intervals(*LARGE)
        np.random.default_rng(1998).random(100)
        rank_intervals(*SMALL)
        assert np.array_equal(before, rank_intervals(*LARGE))

    @pytest.mark.parametrize("counts", [SMALL, LARGE, ([5, 5, 1, 5], [9, 9, 3, 9])])
    def test_do_not_depend_on_the_order_of_the_groups(self, counts):
        order = np.random.default_rng(3).permutation(len(counts[0]))
        straight = np.array(rank_intervals(*counts))
        shuffled = np.array(rank_intervals(*np.array(counts)[:, order]))
        assert np.array_equal(straight[:, order], shuffled)

    @pytest.mark.parametrize("matched, applicants", [SMALL, LARGE])
    def test_turn_round_when_those_not_matched_are_ranked(self, matched, applicants):
        rank, low, high = rank_intervals(matched, applicants)
        turned = rank_intervals(np.subtract(applicants, matched), applicants)
        groups = len(matched)
        assert np.array_equal(turned.rank, groups + 1 - rank)
        assert np.abs(turned.low - (groups + 1 - high)).max() <= 1  # the draws are others
        assert np.abs(turned.high - (groups + 1 - low)).max() <= 1

    def test_ties_share_the_best_rank(self):
        assert rank_intervals([1, 2, 9, 0, 500], [3, 6, 10, 5, 1_500]).rank.tolist() == [2, 2, 1, 5, 2]

    @pytest.mark.parametrize("matched, applicants", [(30, 60), (0, 20), (20, 20), (1, 1), (23_500, 47_000)])
    def test_equal_groups_have_equal_and_wide_intervals(self, matched, applicants):
        rank, low, high = rank_intervals([matched] * 40, [applicants] * 40)
        assert set(rank) == {1}
        assert set(low) == {1} and set(high) == {39}

    def test_equal_groups_among_others_have_equal_intervals(self):
        rank, low, high = rank_intervals([8, 30, 8, 2, 8], [20, 40, 20, 30, 20])
        for each in (rank, low, high):
            assert each[0] == each[2] == each[4]

    def test_large_groups_far_apart_are_sure_of_their_ranks(self):
        rank, low, high = rank_intervals([9_400, 23_500, 42_300], [47_000] * 3)
        assert rank.tolist() == low.tolist() == high.tolist() == [3, 2, 1]

    def test_a_small_group_is_unsure_even_when_all_matched(self):
        rank, low, high = rank_intervals([2, 900, 800, 700], [2, 1_000, 1_000, 1_000])
        assert rank[0] == low[0] == 1 and high[0] == 4

    @pytest.mark.filterwarnings("error")
    def test_groups_without_a_rate_move_no_other(self):
        with_blanks = np.array(rank_intervals([3, NAN, 12, 0, 40, 5], [10, 9, 30, 0, 50, NAN]))
        assert np.isnan(with_blanks[:, [1, 3, 5]]).all()
        assert np.array_equal(with_blanks[:, [0, 2, 4]], rank_intervals([3, 12, 40], [10, 30, 50]))

    @pytest.mark.filterwarnings("error")
    @pytest.mark.parametrize("matched, applicants", [([NAN, NAN], [3, NAN]), ([0], [0]), ([], [])])
    def test_are_missing_when_no_group_has_a_rate(self, matched, applicants):
        ranks = rank_intervals(matched, applicants)
        assert [len(each) for each in ranks] == [len(matched)] * 3
        assert np.isnan(ranks).all()

    @pytest.mark.parametrize("matched, applicants", [(3, 10), ([3], [10]), ([0], [1]), ([47_000], [47_000])])
    def test_one_group_is_first_of_one(self, matched, applicants):
        assert np.array_equal(rank_intervals(matched, applicants), [[1], [1], [1]])

    @pytest.mark.parametrize("matched, applicants, level, message", [
        ([3, 11], [10, 10], 0.95, "between 0 and applicants"), ([-1], [10], 0.95, "between 0 and applicants"),
        ([NAN], [-3], 0.95, "between 0 and applicants"), ([1], [float("inf")], 0.95, "between 0 and applicants"),
        ([[3]], [[10]], 0.95, "one dimension"), ([3], [10], 95, "level"), ([3], [10], 0, "level")])
    def test_refuse_what_cannot_be(self, matched, applicants, level, message):
        with pytest.raises(ValueError, match=message):
            rank_intervals(matched, applicants, level)


class TestToldApart:
    @pytest.mark.parametrize("level", [0.8, 0.95, 0.998])
    def test_is_that_of_statsmodels(self, level):
        ours = told_apart(*SMALL, level=level)
        pairs = list(zip(*SMALL, strict=True))
        for first, one in enumerate(pairs):
            for second, other in enumerate(pairs):
                low, high = confint_proportions_2indep(*one, *other, method="newcomb", alpha=1 - level)
                assert ours[first, second] == (low > 0 or high < 0)
        assert ours.any() and not ours.all()

    def test_is_that_of_newcombe_pair_by_pair(self):
        matched, applicants = LARGE
        ours = told_apart(*LARGE)
        for first, second in [(0, 49), (0, 1), (10, 40), (20, 24), (49, 0)]:
            _, (low, high) = newcombe(matched[first], applicants[first], matched[second], applicants[second])
            assert ours[first, second] == (low > 0 or high < 0)

    @pytest.mark.parametrize("matched, applicants", [SMALL, LARGE])
    def test_is_symmetric_and_no_group_differs_from_itself(self, matched, applicants):
        ours = told_apart(matched, applicants)
        assert np.array_equal(ours, ours.T) and not ours.diagonal().any()
        assert np.array_equal(ours, told_apart(np.subtract(applicants, matched), applicants))

    @pytest.mark.parametrize("matched", [0, 60, 30])
    def test_equal_rates_are_never_told_apart(self, matched):
        assert not told_apart([matched, matched, matched * 10], [60, 60, 600]).any()

    @pytest.mark.filterwarnings("error")
    def test_groups_without_a_rate_are_told_from_none(self):
        ours = told_apart([1, NAN, 49, 0], [50, 50, 50, 0])
        assert ours.tolist() == [[False, False, True, False], [False] * 4, [True, False, False, False], [False] * 4]

    def test_one_group_has_no_other(self):
        assert told_apart(3, 10).tolist() == told_apart([3], [10]).tolist() == [[False]]

    @pytest.mark.parametrize("level", [0, 1, 95])
    def test_refuses_what_cannot_be(self, level):
        with pytest.raises(ValueError, match="level"):
            told_apart([3], [10], level)


class TestNeighbours:
    def test_run_from_the_highest_rate_to_the_lowest(self):
        order, apart = neighbours([20, 480, 500, 100], [1_000, 1_000, 1_000, 1_000])
        assert order.tolist() == [2, 1, 3, 0]
        assert apart.tolist() == [False, True, True]

    def test_are_those_of_the_whole_table(self):
        order, apart = neighbours(*LARGE)
        table = told_apart(*LARGE)
        assert apart.tolist() == [table[one, other] for one, other in zip(order, order[1:], strict=False)]
        rates = LARGE[0] / LARGE[1]
        assert (np.diff(rates[order]) <= 0).all()

    @pytest.mark.filterwarnings("error")
    def test_leave_out_groups_without_a_rate(self):
        order, apart = neighbours([1, NAN, 49, 0], [50, 50, 50, 0])
        assert order.tolist() == [2, 0] and apart.tolist() == [True]

    @pytest.mark.parametrize("matched, applicants, order", [([3], [10], [0]), ([NAN], [10], []), ([], [], [])])
    def test_one_group_or_none_has_no_neighbour(self, matched, applicants, order):
        result = neighbours(matched, applicants)
        assert result.order.tolist() == order and result.apart.tolist() == []

    def test_equal_rates_keep_their_order(self):
        assert neighbours([1, 5, 2], [2, 5, 4]).order.tolist() == [1, 0, 2]


class TestWhatTheStatisticsShare:
    @pytest.mark.parametrize("level", [0.5, 0.8, 0.95, 0.998])
    def test_the_quantile_of_a_level_is_that_of_scipy(self, level):
        assert z_value(level) == pytest.approx(norm.isf(tail(level)), abs=1e-12)
        assert z_value(0.95) == Z95

    @pytest.mark.parametrize("level", [0, 1, -0.5, 95, NAN])
    def test_a_level_that_is_no_fraction_is_refused(self, level):
        for function in (z_value, tail):
            with pytest.raises(ValueError, match="between 0 and 1"):
                function(level)

    def test_there_is_a_rate_where_both_counts_are_known_and_someone_applied(self):
        x, n, known = counted([3, NAN, 3, 0, 0], [10, 10, NAN, 0, 7])
        assert known.tolist() == [True, False, False, False, True]
        assert x.dtype == n.dtype == float
        assert counted(3, [[10, 20]])[0].shape == (1, 2)
