"""Which part of the filled positions each applicant type took, by specialty."""

import ipywidgets as w

from imganalytics.charts.rows import KEY
from imganalytics.charts.fill_shares import spec
from imganalytics.explorers import words
from imganalytics.explorers.cells import rate_cell, type_chips
from imganalytics.explorers.explorer import CONTROL, LABEL, Explorer, Twin
from imganalytics.result import Result
from imganalytics.studies import filled
from imganalytics.studies.fill_shares import SORTS, fill_shares
from imganalytics.studies.filled import POSITIONS
from imganalytics.vocabulary import applicant_types

CELL = ("share", "share_low", "share_high", "filled", "positions", "reliability", "reason")


def twin(result: Result) -> Twin:
    """A row for each specialty, a column for each type."""
    types = result.question.arguments["applicant_types"]
    rows: dict[tuple[str, ...], list[str]] = {}
    names = ("specialty", "track", "row_label", *CELL)
    for specialty, track, label, *figures in zip(*(result.frame[name].tolist() for name in names)):
        rows.setdefault((specialty, track), [label]).append(rate_cell(*figures))
    return Twin(["Specialty", *(f"{applicant_types()[key].label}, fill share" for key in types)], list(rows.values()))


class FillSharesExplorer(Explorer):
    """Fill shares: who holds the positions. Not match rates."""

    study, spec_of, twin_of = staticmethod(fill_shares), staticmethod(spec), staticmethod(twin)
    file_name = "fill-shares"
    asks = KEY

    def _make_controls(self) -> dict[str, w.Widget]:
        self.types = type_chips(filled.types_filled(), ("us_img", "non_us_img"))
        self.positions = w.Dropdown(options=[(label, key) for key, label in POSITIONS.items()], description="Positions",
                                    style=LABEL, layout=CONTROL)
        self.year = w.SelectionSlider(options=[2025], description="Year of the Match", style=LABEL, layout=CONTROL)
        minimum = w.IntSlider(50, 0, 500, 10, description="Minimum filled positions", style=LABEL, layout=CONTROL)
        sort = w.Dropdown(options=[(label, key) for key, label in SORTS.items()], description="Sort by", style=LABEL,
                          layout=CONTROL)
        self.sort_type = w.Dropdown(description="Sorted by the figures of", style=LABEL, layout=CONTROL)
        every = w.Checkbox(False, description="Also preliminary and other tracks", indent=False,
                           layout={"width": "auto"})
        self.meaning = w.HTML()
        return {"applicant_types": self.types, "positions": self.positions, "match_year": self.year,
                "minimum_filled": minimum, "sort": sort, "sort_type": self.sort_type, "all_tracks": every}

    def _arranged(self) -> w.Widget:
        return w.VBox([super()._arranged(), self.meaning])

    def _offer(self) -> None:
        years = filled.years(self.types.value, self.positions.value)
        keep = self.year.value
        self.year.disabled = len(years) < 2
        if years and list(self.year.options) != years:
            self.year.options = years
            self.year.value = keep if keep in years else years[-1]
        keep = self.sort_type.value
        kinds = [(applicant_types()[key].label, key) for key in self.types.value]
        if list(self.sort_type.options) != kinds:
            self.sort_type.options = kinds
            if kinds:
                self.sort_type.value = keep if keep in self.types.value else self.types.value[0]
        only = "Years before the last are published for some specialties only; the others say so, or are left out."
        if len(years) == 1:
            only = f"{POSITIONS[self.positions.value]}: published by applicant type for {years[0]} only."
        self.meaning.value = words.hint(f"A fill share is not a match rate. {only}")
