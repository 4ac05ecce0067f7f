"""What changed between two years, by specialty or by applicant type."""

import ipywidgets as w

from imganalytics.charts.rows import KEY
from imganalytics.charts.slopes import Row, spec
from imganalytics.explorers.cells import rate_cell
from imganalytics.explorers.explorer import CONTROL, LABEL, Explorer, Twin
from imganalytics.explorers.widgets import Picker
from imganalytics.result import Result
from imganalytics.studies.competitiveness import specialty_options
from imganalytics.studies.slopes import COUNTRY, FIGURES, pairs, slopes, types_of
from imganalytics.studies.words import difference_text
from imganalytics.vocabulary import ALL_SPECIALTIES, applicant_types

CELL = ("rate", "rate_low", "rate_high", "matched", "applicants", "reliability")


def twin(result: Result) -> Twin:
    """A row for each line: the figure of both years, the change with its interval."""
    asked = result.question.arguments
    head = "Applicants" if asked["figure"] in COUNTRY else "Specialty"
    rows = []
    for values in zip(*(result.frame[name].tolist() for name in Row._fields)):
        row = Row(*values)
        change = difference_text(row.difference, row.difference_low, row.difference_high)
        both = [rate_cell(*(getattr(row, f"{name}_{number}") for name in CELL)) for number in (1, 2)]
        rows.append([row.row_label, *both, change if row.joined else f"{change}\nwhat is counted changed"])
    return Twin([head, str(asked["first_year"]), str(asked["second_year"]), "Change in points (95 % interval)"], rows)


class SlopesExplorer(Explorer):
    """Two years and what lies between them."""

    study, spec_of, twin_of = staticmethod(slopes), staticmethod(spec), staticmethod(twin)
    file_name = "changes"
    asks = KEY

    def _make_controls(self) -> dict[str, w.Widget]:
        self.what = w.Dropdown(options=[(label, key) for key, label in FIGURES.items()], description="Figure",
                               style=LABEL, layout=CONTROL)
        self.kind = w.Dropdown(options=[(applicant_types()["non_us_img"].label, "non_us_img")],
                               description="Applicant type", style=LABEL, layout=CONTROL)
        self.first = w.SelectionSlider(options=[2022], description="First year", style=LABEL, layout=CONTROL)
        self.second = w.SelectionSlider(options=[2025], description="Second year", style=LABEL, layout=CONTROL)
        self.minimum = w.IntSlider(100, 0, 500, 10, description="Minimum n in both years", style=LABEL, layout=CONTROL)
        options = [option for option in specialty_options() if option["value"] != ALL_SPECIALTIES]
        self.picked = Picker(options, (), label="Specialties (none: the largest)", rows=5)
        return {"figure": self.what, "applicant_type": self.kind, "first_year": self.first, "second_year": self.second,
                "specialties": self.picked, "minimum": self.minimum}

    def _arranged(self) -> w.Widget:
        grid = w.GridBox([self.what, self.kind, self.first, self.second, self.minimum], layout={
            "grid_template_columns": "repeat(auto-fill, minmax(240px, 1fr))", "grid_gap": "4px 24px", "width": "560px"})
        row = w.HBox([grid, self.picked], layout={"flex_flow": "row wrap", "grid_gap": "4px 24px"})
        return row.add_class("imga-controls")

    def _offer(self) -> None:
        country = self.what.value in COUNTRY
        self.kind.disabled = country
        self.picked.layout.display = "none" if country else None
        keys = [self.kind.value] if country else types_of(self.what.value)
        kinds = [(applicant_types()[key].label, key) for key in keys]
        if list(self.kind.options) != kinds:
            keep = self.kind.value
            self.kind.options = kinds
            self.kind.value = keep if keep in keys else keys[-1]
        known = pairs(self.what.value, self.kind.value)
        _offer_years(self.first, sorted({first for first, _ in known}))
        _offer_years(self.second, [second for first, second in known if first == self.first.value])


def _offer_years(slider: w.SelectionSlider, known: list[int]) -> None:
    """Offer these years; the one chosen stays, or else the nearest."""
    keep = slider.value
    slider.disabled = len(known) < 2
    if list(slider.options) != known:
        slider.options = known
        slider.value = min(known, key=lambda year: abs(year - keep))
