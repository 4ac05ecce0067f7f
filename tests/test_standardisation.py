"""Rates and mix: against published decompositions, a plain loop, and Newcombe's interval."""

import numpy as np
import pytest
from scipy.stats import binomtest

from imganalytics.statistics.rates import newcombe
from imganalytics.statistics.standardisation import decompose, standardised_rate

NAN = float("nan")
# Das Gupta P, Standardization and Decomposition of Rates, US Bureau of the Census P23-186, 1993, example 5.1:
# heads of household by age, 1985 and 1970. Per cent of the population in each age group; headed, per cent of these.
SHARE_1985 = [10.1, 11.2, 11.6, 10.9, 9.4, 7.7, 6.3, 6.0, 6.3, 5.9, 5.1, 4.0, 5.5]
HEADS_1985 = [2.2, 24.3, 45.8, 52.5, 56.1, 55.6, 56.0, 57.4, 57.2, 61.2, 63.9, 68.6, 72.2]
SHARE_1970 = [12.9, 10.9, 9.5, 8.0, 7.8, 8.4, 8.6, 7.8, 7.0, 5.9, 4.7, 3.6, 4.9]
HEADS_1970 = [1.9, 25.8, 45.7, 49.6, 51.2, 51.6, 51.8, 54.9, 58.7, 60.4, 62.8, 66.6, 66.8]
# Bickel PJ, Hammel EA, O'Connell JW, Science 1975;187:398-404: the six largest departments of Berkeley, 1973;
# admitted and applied. Freedman D, Pisani R, Purves R, Statistics, ch. 2, weight the rates by all applicants.
MEN = [512, 353, 120, 138, 53, 22], [825, 560, 325, 417, 191, 373]
WOMEN = [89, 17, 202, 131, 94, 24], [108, 25, 593, 375, 393, 341]


def headship():
    """Das Gupta's percentages as whole counts per million."""
    return [np.rint(np.array(each)).astype(int) for year in ((SHARE_1985, HEADS_1985), (SHARE_1970, HEADS_1970))
            for each in (np.multiply(*year) * 100, np.array(year[0]) * 10_000)]


def made_up(seed, strata=20, largest=400):
    """Counts of two types over the same strata."""
    random = np.random.default_rng(seed)
    sizes = random.integers(1, largest, (2, strata))
    first, second = random.binomial(sizes, random.uniform(0, 1, (2, strata)))
    return first, sizes[0], second, sizes[1]


def looped(matched_a, applicants_a, matched_b, applicants_b):
    """Kitagawa's two components, one stratum at a time."""
    mix = rate = 0
    for x_a, n_a, x_b, n_b in zip(matched_a, applicants_a, matched_b, applicants_b, strict=True):
        share_a, share_b = n_a / sum(applicants_a), n_b / sum(applicants_b)
        mix += (share_a - share_b) * (x_a / n_a + x_b / n_b) / 2
        rate += (x_a / n_a - x_b / n_b) * (share_a + share_b) / 2
    return mix, rate


class TestStandardisedRate:
    def test_is_that_of_freedman_for_berkeley(self):
        applied = np.add(MEN[1], WOMEN[1])
        rates = np.array([np.divide(*MEN), np.divide(*WOMEN)])
        assert standardised_rate(rates, applied).round(2).tolist() == [0.39, 0.43]

    def test_is_the_crude_rate_at_the_types_own_mix(self):
        assert standardised_rate(np.divide(*MEN), MEN[1]) == pytest.approx(sum(MEN[0]) / sum(MEN[1]))

    def test_takes_weights_in_any_unit(self):
        assert standardised_rate([0.2, 0.6], [1, 3]) == pytest.approx(standardised_rate([0.2, 0.6], [50, 150]))
        assert standardised_rate(0.2, [1, 3]) == pytest.approx(0.2)

    @pytest.mark.filterwarnings("error")
    @pytest.mark.parametrize("rates, weights, rate", [
        ([0.2, NAN], [1, 0], 0.2), ([0.2, NAN], [1, 1], NAN), ([0.2, 0.6], [NAN, 1], NAN), ([0.2, 0.6], [0, 0], NAN),
        ([], [], NAN), ([0.4], [7], 0.4)])
    def test_is_missing_only_where_a_stratum_counts_and_has_no_rate(self, rates, weights, rate):
        assert standardised_rate(rates, weights) == pytest.approx(rate, nan_ok=True)

    def test_refuses_what_cannot_be(self):
        with pytest.raises(ValueError, match="negative"):
            standardised_rate([0.2, 0.6], [1, -1])


class TestDecompose:
    def test_is_that_of_das_gupta_1993_example_5_1(self):
        found = decompose(*headship())
        assert (found.crude_a, found.crude_b) == pytest.approx((0.476940, 0.447268), abs=5e-7)
        assert (found.standardised_a, found.standardised_b) == pytest.approx((0.470712, 0.453309), abs=5e-7)
        parts = found.gap, found.mix_effect, found.rate_effect
        assert parts == pytest.approx((0.029672, 0.012269, 0.017403), abs=5e-7)
        assert round(100 * found.mix_effect / found.gap, 2) == 41.35
        assert not found.sign_turns

    def test_finds_that_the_sign_turns_at_berkeley(self):
        found = decompose(*MEN, *WOMEN)
        assert (round(found.crude_a, 3), round(found.crude_b, 3)) == (0.445, 0.304)
        assert found.gap > 0 > found.rate_effect and found.sign_turns
        assert found.interval.high < 0  # and chance does not explain it

    @pytest.mark.parametrize("seed", range(8))
    def test_is_that_of_a_plain_loop(self, seed):
        counts = made_up(seed)
        found = decompose(*counts)
        assert (found.mix_effect, found.rate_effect) == pytest.approx(looped(*counts), abs=1e-12)

    @pytest.mark.parametrize("counts", [
        made_up(1), made_up(2, 1), made_up(3, 3, 47_000), (*MEN, *WOMEN), headship()])
    def test_leaves_no_remainder(self, counts):
        found = decompose(*counts)
        assert found.mix_effect + found.rate_effect == pytest.approx(found.gap, abs=1e-12)
        assert found.standardised_a - found.standardised_b == pytest.approx(found.rate_effect, abs=1e-12)
        assert found.mix_parts.sum() == pytest.approx(found.mix_effect, abs=1e-12)
        assert found.rate_parts.sum() == pytest.approx(found.rate_effect, abs=1e-12)
        assert found.weights.sum() == pytest.approx(1, abs=1e-12)

    def test_standardised_rates_are_those_at_the_average_mix(self):
        found = decompose(*MEN, *WOMEN)
        assert found.standardised_a == pytest.approx(standardised_rate(np.divide(*MEN), found.weights), abs=1e-12)
        assert found.standardised_b == pytest.approx(standardised_rate(np.divide(*WOMEN), found.weights), abs=1e-12)

    def test_crowding_into_a_stratum_of_low_rates_pulls_down(self):
        found = decompose([90, 60], [100, 300], [270, 20], [300, 100])  # equal rates: 90 % and 20 %
        assert found.rate_effect == pytest.approx(0) and not found.sign_turns
        assert found.gap == found.mix_effect == pytest.approx(-0.35)
        assert found.mix_parts == pytest.approx([-0.175, -0.175])

    def test_a_standardised_gap_of_nothing_but_rounding_is_no_turn(self):
        found = decompose([35, 8], [50, 40], [32, 5], [40, 50])  # -10 and +10 points, of equal weight
        assert found.gap > 0 and found.rate_effect == pytest.approx(0, abs=1e-15)
        assert not found.sign_turns

    def test_equal_mixes_leave_all_to_the_rates(self):
        found = decompose([30, 50], [100, 200], [30, 80], [50, 100])
        assert found.mix_effect == pytest.approx(0, abs=1e-12)
        assert found.rate_effect == pytest.approx(found.gap, abs=1e-12)

    def test_turned_round_changes_every_sign(self):
        found, turned = decompose(*MEN, *WOMEN), decompose(*WOMEN, *MEN)
        names = "gap", "gap_all", "mix_effect", "rate_effect"
        assert [getattr(turned, each) for each in names] == pytest.approx([-getattr(found, each) for each in names])
        assert turned.interval == pytest.approx((-found.interval.high, -found.interval.low))
        assert turned.sign_turns

    def test_counting_those_not_matched_changes_every_sign(self):
        first, n_1, second, n_2 = made_up(4)
        found, turned = decompose(first, n_1, second, n_2), decompose(n_1 - first, n_1, n_2 - second, n_2)
        assert (turned.mix_effect, turned.rate_effect) == pytest.approx((-found.mix_effect, -found.rate_effect))
        assert turned.interval == pytest.approx((-found.interval.high, -found.interval.low))

    def test_does_not_depend_on_the_order_of_the_strata(self):
        counts = np.array(made_up(5))
        order = np.random.default_rng(0).permutation(counts.shape[1])
        found, shuffled = decompose(*counts), decompose(*counts[:, order])
        assert shuffled.rate_effect == pytest.approx(found.rate_effect, abs=1e-12)
        assert shuffled.interval == pytest.approx(found.interval, abs=1e-12)
        assert shuffled.mix_parts == pytest.approx(found.mix_parts[order], abs=1e-12)


class TestIntervalOfTheStandardisedGap:
    @pytest.mark.parametrize("counts", [
        ([56], [70], [48], [80]), ([0], [10], [10], [10]), ([9_400], [47_000], [1], [3])])
    def test_of_one_stratum_is_newcombes(self, counts):
        difference, interval = newcombe(*np.ravel(counts))
        assert decompose(*counts).rate_effect == pytest.approx(difference)
        assert decompose(*counts).interval == pytest.approx(interval)

    @pytest.mark.parametrize("level", [0.8, 0.95, 0.998])
    def test_recovers_variance_from_the_wilson_limits_of_scipy(self, level):
        down = up = 0
        found = decompose(*MEN, *WOMEN, level=level)
        for x_a, n_a, x_b, n_b, weight in zip(*MEN, *WOMEN, found.weights, strict=True):
            a, b = (binomtest(x, n).proportion_ci(level, method="wilson") for x, n in ((x_a, n_a), (x_b, n_b)))
            down += weight**2 * ((x_a / n_a - a.low) ** 2 + (b.high - x_b / n_b) ** 2)
            up += weight**2 * ((a.high - x_a / n_a) ** 2 + (x_b / n_b - b.low) ** 2)
        expected = found.rate_effect - down**0.5, found.rate_effect + up**0.5
        assert found.interval == pytest.approx(expected, abs=1e-9)

    def test_holds_the_true_gap_about_as_often_as_it_says(self):
        random = np.random.default_rng(8)
        sizes, rates = random.integers(5, 60, (2, 8)), random.uniform(0.1, 0.9, (2, 8))
        held = 0
        for _ in range(600):
            first, second = random.binomial(sizes, rates)
            found = decompose(first, sizes[0], second, sizes[1])
            held += found.interval.low <= found.weights @ (rates[0] - rates[1]) <= found.interval.high
        assert 0.92 < held / 600 < 0.98


class TestStrataThatCannotBeCompared:
    COUNTS = [30, 9, 0, NAN, 40], [60, 10, 0, 20, 80], [10, NAN, 7, 3, 60], [40, NAN, 70, 30, 90]

    def test_take_no_part_and_are_named(self):
        found = decompose(*self.COUNTS)
        alone = decompose([30, 40], [60, 80], [10, 60], [40, 90])
        assert found.left_out.tolist() == [False, True, True, True, False]
        for name in ("crude_a", "crude_b", "mix_effect", "rate_effect", "standardised_a", "standardised_b"):
            assert getattr(found, name) == getattr(alone, name)
        assert found.interval == alone.interval
        for parts in (found.weights, found.mix_parts, found.rate_parts):
            assert np.isnan(parts).tolist() == found.left_out.tolist()

    def test_still_count_in_the_crude_rates_over_all(self):
        found = decompose(*self.COUNTS)
        assert found.crude_all_a == (30 + 9 + 40) / (60 + 10 + 80)
        assert found.crude_all_b == (10 + 7 + 3 + 60) / (40 + 70 + 30 + 90)
        assert found.gap_all == found.crude_all_a - found.crude_all_b != found.gap

    @pytest.mark.filterwarnings("error")
    @pytest.mark.parametrize("counts", [
        ([NAN], [10], [3], [10]), ([3], [10], [0], [0]), ([NAN] * 2, [NAN] * 2, [NAN] * 2, [NAN] * 2),
        ([], [], [], []), ([3, 0], [10, 0], [0, 3], [0, 10])])
    def test_leave_nothing_when_they_are_all(self, counts):
        found = decompose(*counts)
        assert np.isnan([found.gap, found.mix_effect, found.rate_effect, found.standardised_a]).all()
        assert np.isnan(found.interval).all()
        assert found.left_out.all() and found.left_out.shape == np.shape(counts[0]) and not found.sign_turns

    @pytest.mark.filterwarnings("error")
    @pytest.mark.parametrize("counts", [
        ([0, 0], [10, 20], [0, 0], [30, 5]), ([10, 20], [10, 20], [30, 5], [30, 5]), ([3], [10], [3], [10])])
    def test_no_gap_is_no_turn(self, counts):
        found = decompose(*counts)
        assert (found.gap, found.mix_effect, found.rate_effect) == pytest.approx((0, 0, 0), abs=1e-12)
        assert found.interval.low < 0 < found.interval.high and not found.sign_turns

    @pytest.mark.parametrize("counts, level, message", [
        (([3], [10], [3, 4], [10, 10]), 0.95, "one count per stratum"),
        (([[3]], [[9]], [[3]], [[9]]), 0.95, "one count per stratum"),
        (([11], [10], [3], [10]), 0.95, "between 0 and applicants"), (([3], [10], [3], [10]), 95, "level")])
    def test_what_cannot_be_is_refused(self, counts, level, message):
        with pytest.raises(ValueError, match=message):
            decompose(*counts, level=level)
