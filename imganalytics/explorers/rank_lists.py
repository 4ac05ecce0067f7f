"""Length of rank lists by year, with the applicant types and the years to choose."""

from typing import Any

import ipywidgets as w

from imganalytics.charts.rank_lists import spec
from imganalytics.errors import UserError
from imganalytics.explorers.explorer import CONTROL, LABEL, Explorer, Twin
from imganalytics.explorers.widgets import Picker
from imganalytics.result import Result
from imganalytics.studies.rank_lists import rank_lists, span, types_listed
from imganalytics.vocabulary import applicant_types

NUMBERS = ["Year", "Matched, n", "Mean programs ranked, matched", "Not matched, n", "Mean programs ranked, not matched"]


def twin(result: Result) -> Twin:
    """The figures as a table: a row for each type and year."""
    names = ("type_label", "match_year", "matched", "mean_ranks_matched", "unmatched", "mean_ranks_unmatched")
    rows = [[label, year, f"{matched:,}", f"{first:.2f}", f"{unmatched:,}", f"{second:.2f}"]
            for label, year, matched, first, unmatched, second in zip(*(result.frame[name].tolist() for name in names))]
    return Twin(["Applicant type", *NUMBERS], rows, NUMBERS)


class RankListExplorer(Explorer):
    """Mean number of programs ranked by those who matched and by those who did not.

    `selection` holds applicant_types and years (first and last).
    """

    study = staticmethod(rank_lists)
    spec_of = staticmethod(spec)
    twin_of = staticmethod(twin)
    file_name = "rank_lists"
    asks = ("match_year", "applicant_type")

    def _make_controls(self) -> dict[str, w.Widget]:
        kinds = [applicant_types()[key] for key in types_listed()]
        first, last = span()
        return {
            "applicant_types": Picker([{"value": kind.key, "label": kind.label, "hint": kind.definition,
                                        "colour": kind.colour, "symbol": kind.symbol} for kind in kinds],
                                      ["us_img", "non_us_img"], label="Applicant types", layout_style="chips"),
            "years": w.IntRangeSlider(value=(first, last), min=first, max=last, description="Years", style=LABEL,
                                      layout=CONTROL)}

    def _set(self, name: str, value: Any) -> None:
        super()._set(name, value)
        control = self._controls[name]
        if name == "years" and tuple(control.value) != tuple(value):
            raise UserError(f"years {value!r}; allowed: {control.min} to {control.max}")
