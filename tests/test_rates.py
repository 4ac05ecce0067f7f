"""Intervals and reliability: against the published worked examples, and against scipy and statsmodels."""

import numpy as np
import pytest
from scipy.stats import binomtest, norm
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from imganalytics.statistics.rates import LEAST_SHOWN, LEAST_STABLE, WIDEST_STABLE, Z95, newcombe, reliability, wilson

COUNTS = [(matched, applicants) for applicants in (1, 2, 5, 29, 30, 148, 11_685)
          for matched in sorted({0, 1, applicants // 3, applicants - 1, applicants})]
PAIRS = [(one, other) for one in COUNTS[::3] for other in COUNTS[::4]]
NAN = float("nan")


def printed(interval) -> tuple[float, float]:
    """An interval as the papers print it."""
    return tuple(round(float(limit), 4) for limit in interval)


class TestWilson:
    @pytest.mark.parametrize("matched, applicants, low, high", [
        (81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0, 0.1611), (1, 29, 0.0061, 0.1718)])
    def test_is_that_of_newcombe_1998_table_1_method_3(self, matched, applicants, low, high):
        assert printed(wilson(matched, applicants)) == (low, high)

    @pytest.mark.parametrize("matched, applicants", COUNTS)
    def test_is_that_of_scipy_and_statsmodels(self, matched, applicants):
        ours = wilson(matched, applicants)
        theirs = binomtest(matched, applicants).proportion_ci(method="wilson")
        assert ours == pytest.approx((theirs.low, theirs.high), abs=1e-12)
        assert ours == pytest.approx(proportion_confint(matched, applicants, method="wilson"), abs=1e-12)

    @pytest.mark.parametrize("confidence", [0.5, 0.8, 0.99, 0.998])
    def test_takes_another_confidence(self, confidence):
        theirs = binomtest(15, 148).proportion_ci(confidence, method="wilson")
        assert wilson(15, 148, z=norm.ppf((1 + confidence) / 2)) == pytest.approx((theirs.low, theirs.high), abs=1e-12)

    def test_stands_at_95_percent_by_default(self):
        assert Z95 == norm.ppf(0.975)
        assert wilson(15, 148) == wilson(15, 148, Z95) != wilson(15, 148, 1.96)

    @pytest.mark.parametrize("applicants", [1, 3, 7, 49, 11_685])
    def test_holds_its_rate_even_at_none_and_all(self, applicants):
        low, high = wilson([0, applicants], [applicants, applicants])
        assert (low[0], high[1]) == (0, 1)  # exactly, so that no error bar points backwards
        assert 0 < high[0] < 1 and 0 < low[1] < 1

    @pytest.mark.parametrize("shape", [(), (1,), (6,), (2, 3), (1, 2, 3)])
    def test_keeps_the_shape(self, shape):
        low, high = wilson(np.full(shape, 15), np.full(shape, 148))
        assert low.shape == high.shape == shape
        assert np.unique(low.round(4)) == 0.0624 and np.unique(high.round(4)) == 0.1605

    def test_spreads_one_count_over_many(self):
        low, high = wilson([[0], [20]], [20, 40])
        assert low.shape == (2, 2)
        assert printed((low[0, 0], high[0, 0])) == (0, 0.1611)

    @pytest.mark.filterwarnings("error")
    @pytest.mark.parametrize("matched, applicants", [(0, 0), (NAN, 10), (3, NAN), (NAN, NAN), (None, 10)])
    def test_has_no_interval_without_counts(self, matched, applicants):
        assert np.isnan(wilson(matched, applicants)).all()

    def test_leaves_the_others_alone_when_one_is_missing(self):
        low, high = wilson([15, NAN, 0], [148, 10, 0])
        assert np.isnan(low).tolist() == np.isnan(high).tolist() == [False, True, True]

    @pytest.mark.parametrize("matched, applicants", [(21, 20), (-1, 20), ([1, 3], [2, 2]), (1, 0)])
    def test_refuses_what_cannot_be(self, matched, applicants):
        with pytest.raises(ValueError, match="between 0 and applicants"):
            wilson(matched, applicants)


class TestNewcombe:
    @pytest.mark.parametrize("one, other, low, high", [
        ((56, 70), (48, 80), 0.0524, 0.3339), ((9, 10), (3, 10), 0.1705, 0.8090), ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926), ((0, 10), (0, 20), -0.1611, 0.2775), ((0, 10), (0, 10), -0.2775, 0.2775),
        ((10, 10), (0, 20), 0.6791, 1), ((10, 10), (0, 10), 0.6075, 1)])
    def test_is_that_of_newcombe_1998_table_2_method_10(self, one, other, low, high):
        difference, interval = newcombe(*one, *other)
        assert printed(interval) == (low, high)
        assert difference == pytest.approx(one[0] / one[1] - other[0] / other[1])

    @pytest.mark.parametrize("one, other", PAIRS)
    def test_is_that_of_statsmodels(self, one, other):
        theirs = confint_proportions_2indep(*one, *other, method="newcomb", compare="diff")
        assert newcombe(*one, *other)[1] == pytest.approx(theirs, abs=1e-12)

    def test_takes_another_confidence(self):
        theirs = confint_proportions_2indep(56, 70, 48, 80, method="newcomb", compare="diff", alpha=0.01)
        assert newcombe(56, 70, 48, 80, z=norm.ppf(0.995))[1] == pytest.approx(theirs, abs=1e-12)

    def test_turned_round_changes_its_sign(self):
        difference, (low, high) = newcombe(56, 70, 48, 80)
        turned, (turned_low, turned_high) = newcombe(48, 80, 56, 70)
        assert (turned, turned_low, turned_high) == pytest.approx((-difference, -high, -low))

    @pytest.mark.filterwarnings("error")
    @pytest.mark.parametrize("counts", [(0, 0, 3, 10), (3, 10, 0, 0), (NAN, 10, 3, 10), (3, 10, 3, NAN)])
    def test_is_missing_when_either_group_is(self, counts):
        difference, interval = newcombe(*counts)
        assert np.isnan([difference, *interval]).all()

    def test_works_along_arrays(self):
        difference, (low, high) = newcombe([56, 9, 0], [70, 10, 0], [48, 3, 1], [80, 10, 2])
        assert np.round(low, 4).tolist()[:2] == [0.0524, 0.1705]
        assert np.round(high, 4).tolist()[:2] == [0.3339, 0.8090]
        assert np.round(difference, 4).tolist()[:2] == [0.2, 0.6] and np.isnan(difference[2])

    @pytest.mark.parametrize("counts", [(11, 10, 3, 10), (3, 10, 11, 10), (3, 10, -1, 10)])
    def test_refuses_what_cannot_be(self, counts):
        with pytest.raises(ValueError, match="between 0 and applicants"):
            newcombe(*counts)


class TestReliability:
    @pytest.mark.parametrize("matched, applicants, kind", [
        (0, 0, "suppressed"), (2, 4, "suppressed"), (4, 4, "suppressed"), (NAN, 100, "suppressed"),
        (10, NAN, "suppressed"), (0, 5, "unstable"), (5, 5, "unstable"),
        (0, 29, "unstable"),   # 11.7 points wide, but 29 applicants
        (0, 30, "ok"),         # 11.4 points wide
        (15, 30, "unstable"),  # 33.6 points wide
        (46, 92, "unstable"),  # 20.02 points wide
        (46, 93, "ok"),        # 19.92 points wide
        (3392, 6992, "ok")])
    def test_has_its_edges_where_the_screen_says(self, matched, applicants, kind):
        assert reliability(matched, applicants) == kind

    def test_widths_of_the_edges(self):
        low, high = wilson([46, 46], [92, 93])
        assert (high - low).round(4).tolist() == [0.2002, 0.1992]
        assert (LEAST_SHOWN, LEAST_STABLE, WIDEST_STABLE) == (5, 30, 0.20)

    def test_classes_a_table_in_its_shape(self):
        assert reliability([[2, 15], [0, NAN]], [[4, 30], [30, 30]]).tolist() == [
            ["suppressed", "unstable"], ["ok", "suppressed"]]

    def test_refuses_what_cannot_be(self):
        with pytest.raises(ValueError):
            reliability(31, 30)
