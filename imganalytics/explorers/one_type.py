"""Explorers of the rates of one applicant type: how sure their order is, the funnel, and shrinkage."""

from typing import Any

import ipywidgets as w

from imganalytics.charts import funnel as funnel_chart
from imganalytics.charts import ranking as ranking_chart
from imganalytics.charts import shrinkage as shrinkage_chart
from imganalytics.charts.rows import KEY
from imganalytics.explorers import words
from imganalytics.explorers.explorer import CONTROL, LABEL, Explorer, Twin
from imganalytics.explorers.widgets import Picker
from imganalytics.result import Result
from imganalytics.studies import coverage
from imganalytics.studies.competitiveness import specialty_options
from imganalytics.studies.funnel import funnel
from imganalytics.studies.ranking import ranking
from imganalytics.studies.shrinkage import shrinkage
from imganalytics.studies.words import percent
from imganalytics.vocabulary import ALL_SPECIALTIES, BASES, applicant_types

COMPARABLE = ("preferred", "ranked_anywhere", "only_choice")  # bases with rates by specialty


class OneTypeExplorer(Explorer):
    """Controls for one applicant type on one base: type, base, year, least applicants, specialties."""

    asks = KEY
    whole = ("specialties",)

    def _make_controls(self) -> dict[str, w.Widget]:
        kinds = [(applicant_types()[key].label, key) for key in coverage.types_with_rates()]
        self.kind = w.Dropdown(options=kinds, value="non_us_img", description="Applicant type", style=LABEL, layout=CONTROL)
        self.base = w.Dropdown(options=[(BASES[key].label, key) for key in COMPARABLE], value="preferred",
                               description="Base of the rate", style=LABEL, layout=CONTROL)
        self.year = w.SelectionSlider(options=[2026], description="Year of the Match", style=LABEL, layout=CONTROL)
        self.minimum = w.IntSlider(0, 0, 300, 5, description="Minimum applicants", style=LABEL, layout=CONTROL)
        options = [option for option in specialty_options() if option["value"] != ALL_SPECIALTIES]
        self.specialties = Picker(options, [option["value"] for option in options], label="Specialties", rows=5)
        self.meaning = w.HTML()
        return {"applicant_type": self.kind, "base": self.base, "match_year": self.year,
                "minimum_applicants": self.minimum, "specialties": self.specialties}

    def _arranged(self) -> w.Widget:
        left = w.VBox([self.kind, self.base, self.meaning])
        grid = w.GridBox([left, w.VBox([self.year, self.minimum]), self.specialties],
                         layout={"grid_template_columns": "repeat(3, minmax(220px, 340px))", "grid_gap": "4px 24px"})
        return grid.add_class("imga-controls")

    def _offer(self) -> None:
        kinds = [self.kind.value]
        published = coverage.years(self.base.value, kinds)
        years = [year for year in published if coverage.is_comparable(self.base.value, year, kinds)] or published
        keep = self.year.value
        self.year.disabled = len(years) < 2
        if years and list(self.year.options) != years:
            self.year.options = years
            self.year.value = keep if keep in years else years[-1]
        several = " for several specialties" if len(years) < len(published) else ""
        only = f" Published{several} for {years[0]} only." if len(years) == 1 else ""
        self.meaning.value = words.hint(BASES[self.base.value].meaning + only)


def _counts(result: Result) -> list[str]:
    return [f"{matched:,.0f} of {applicants:,.0f}"
            for matched, applicants in zip(result.frame["matched"], result.frame["applicants"])]


def _rates(result: Result, middle: str = "rate", low: str = "rate_low", high: str = "rate_high") -> list[str]:
    return [f"{percent(rate)} ({100 * a:.1f} to {100 * b:.1f})"
            for rate, a, b in zip(*(result.frame[name] for name in (middle, low, high)))]


def _asked(result: Result, column: str) -> dict[str, Any]:
    """Which figure of the Result stands in `column` of each row."""
    return {"keys": list(zip(*(result.frame[name].tolist() for name in KEY[:-1]))),
            "figures": {column: result.question.arguments["applicant_type"]}}


def ranking_twin(result: Result) -> Twin:
    """Rank, rate, counts, and whether the next one can be told apart."""
    apart = ["yes" if differs else "no" for differs in result.frame["differs_from_next"]]
    apart[-1] = ""
    return Twin(["Specialty", "Rank (95 % interval)", "Rate (95 % interval)", "Matched", "Differs from the next"],
                list(zip(result.frame["row_label"], result.frame["rank_label"], _rates(result), _counts(result), apart)),
                **_asked(result, "Rate (95 % interval)"))


def funnel_twin(result: Result) -> Twin:
    """Rate, counts, and the place in the funnel."""
    frame = result.frame
    limits = [f"{100 * a:.1f} to {100 * b:.1f}" for a, b in zip(frame["low_998"], frame["high_998"])]
    return Twin(["Specialty", "Rate (95 % interval)", "Matched", "99.8 % limits", "At 95 %", "At 99.8 %"],
                list(zip(frame["row_label"], _rates(result), _counts(result), limits, frame["place_95"], frame["place_998"])),
                **_asked(result, "Rate (95 % interval)"))


def shrinkage_twin(result: Result) -> Twin:
    """Raw and shrunk rate with their intervals."""
    return Twin(["Specialty", "Raw rate (95 % interval)", "Matched", "Shrunk rate (95 % interval)", "Moved, points"],
                list(zip(result.frame["row_label"], _rates(result), _counts(result),
                         _rates(result, "shrunk", "shrunk_low", "shrunk_high"),
                         [f"{100 * moved:+.1f}".replace("-", "\u2212") for moved in result.frame["moved"]])),
                **_asked(result, "Raw rate (95 % interval)"))


class RankingExplorer(OneTypeExplorer):
    """How sure the order of specialties is."""

    study, spec_of, twin_of = staticmethod(ranking), staticmethod(ranking_chart.spec), staticmethod(ranking_twin)
    file_name = "ranks"


class FunnelExplorer(OneTypeExplorer):
    """Which specialties differ from the pooled rate by more than chance."""

    study, spec_of, twin_of = staticmethod(funnel), staticmethod(funnel_chart.spec), staticmethod(funnel_twin)
    file_name = "funnel"


class ShrinkageExplorer(OneTypeExplorer):
    """Raw rates beside shrunk ones."""

    study, spec_of, twin_of = staticmethod(shrinkage), staticmethod(shrinkage_chart.spec), staticmethod(shrinkage_twin)
    file_name = "shrunk-rates"
