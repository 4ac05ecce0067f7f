"""An applicant's values against those who matched and those who did not, each measure by itself."""

from typing import Any

import ipywidgets as w

from imganalytics.charts.quartiles import KEY
from imganalytics.charts.profile import spec
from imganalytics.errors import UserError
from imganalytics.explorers.explorer import CONTROL, LABEL, Explorer, Twin, dropdown
from imganalytics.result import Result
from imganalytics.studies.profile import profile
from imganalytics.studies.traits import COHORTS, LIMITS, group_label, groups, specialties, trait_labels, years_of
from imganalytics.vocabulary import applicant_types

# Where the slider of a count ends: above every third quartile. What lies beyond can be asked of the study itself.
MOST = {"research_experiences": 100, "abstracts": 50, "presentations": 70, "publications": 100, "work_experiences": 30,
        "volunteer_experiences": 30}
SHORT = {"contiguous_ranks": "Ranks in a row", "usmle_step1": "USMLE Step 1", "usmle_step2_ck": "USMLE Step 2 CK"}
START = {"contiguous_ranks": 4, "usmle_step1": 220, "usmle_step2_ck": 245, "comlex_level2_ce": 600,
         "research_experiences": 3, "abstracts": 2, "presentations": 2, "publications": 3, "work_experiences": 3,
         "volunteer_experiences": 3, "distinct_specialties_ranked": 1}
NUMBERS = ["n", "Min.", "1st quartile", "Median", "3rd quartile", "Max.", "Mean", "SD", "Value"]


def twin(result: Result) -> Twin:
    """The figures of a profile as a table: a row for each measure and cohort."""
    names = ("trait_label", "cohort", "n", "minimum", "quartile_1", "median", "quartile_3", "maximum", "mean",
             "standard_deviation", "value", "lies", "shared_low", "shared_high", "reason")
    rows = []
    for label, cohort, n, *figures, lies, low, high, reason in zip(*(result.frame[name].tolist() for name in names)):
        both = f"{low:g} to {high:g}" if low == low else ""
        rows.append([label, COHORTS[cohort], _number(n), *map(_number, figures), lies or reason, both])
    return Twin(["Measure", "Who", *NUMBERS, "Where the value lies", "Shared by both middle halves"], rows, NUMBERS)


def _number(value: float) -> str:
    return f"{value:,.10g}" if value == value else ""


def type_options() -> list[tuple[str, str]]:
    """Applicant types whose traits are published, the fullest edition first."""
    return [(applicant_types()[key].label, key) for key in dict.fromkeys(kind for kind, _ in groups())]


def slider(trait: str) -> w.IntSlider:
    """A slider for the values of a measure."""
    low, high = LIMITS[trait]
    return w.IntSlider(START[trait], low, MOST.get(trait, high), style=LABEL, layout=dict(CONTROL),
                       description=SHORT.get(trait, trait_labels()[trait]))


def offer(control: w.Dropdown, options: list[Any], keep: bool = True) -> None:
    """Let a dropdown offer `options`; what is chosen stays where they hold it, unless other ones are to begin anew."""
    values = [option[1] if isinstance(option, tuple) else option for option in options]
    if list(control.options) != options:
        chosen = control.value
        control.options = options
        control.value = chosen if keep and chosen in values else values[0]


class ProfileExplorer(Explorer):
    """Quartiles of each measure of those who matched and those who did not, with one value chosen for each.

    `selection` holds applicant_type, match_year, specialty and a value for each measure that is published for them;
    sliders of other measures are not shown.
    """

    study = staticmethod(profile)
    spec_of = staticmethod(spec)
    twin_of = staticmethod(twin)
    file_name = "profile"
    asks = KEY

    def _make_controls(self) -> dict[str, w.Widget]:
        kinds = type_options()
        first = kinds[0][1]
        years = years_of(first)
        named = [(label, name) for name, label in specialties(first, years[0]).items()]
        controls = {"applicant_type": dropdown(kinds, "Applicant type"), "match_year": dropdown(years, "Match of"),
                    "specialty": dropdown(named, "Specialty")}
        controls["specialty"].value = "Internal Medicine"
        return controls | {trait: slider(trait) for trait in trait_labels()}

    def _arranged(self) -> w.Widget:
        grid = w.GridBox(list(self._controls.values()), layout={
            "grid_template_columns": "repeat(auto-fill, minmax(244px, 1fr))", "grid_gap": "4px 14px",
            "max_width": "1040px"})
        return w.VBox([grid]).add_class("imga-controls")

    def _offer(self) -> None:
        kind = self._controls["applicant_type"].value
        offer(self._controls["match_year"], years_of(kind), keep=False)
        year = self._controls["match_year"].value
        offer(self._controls["specialty"], [(label, name) for name, label in specialties(kind, year).items()])
        for trait in trait_labels():
            self._controls[trait].layout.display = None if trait in groups()[(kind, year)] else "none"

    @Explorer.selection.getter
    def selection(self) -> dict[str, Any]:
        """The arguments of the study as the controls stand, without the measures that are not published for them."""
        return {name: control.value for name, control in self._controls.items() if control.layout.display != "none"}

    def _set(self, name: str, value: Any) -> None:
        if self._controls[name].layout.display == "none":
            group = group_label(self._controls["applicant_type"].value, self._controls["match_year"].value)
            raise UserError(f"{trait_labels()[name]}: no figure in the sources here for {group}")
        super()._set(name, value)
