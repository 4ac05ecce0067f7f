"""The same specialties and applicant types on two bases, side by side."""

import ipywidgets as w

from imganalytics.charts.two_bases import KEY, spec
from imganalytics.explorers.explorer import CONTROL, LABEL, Explorer, Twin
from imganalytics.explorers.widgets import Picker
from imganalytics.result import Result
from imganalytics.studies import coverage
from imganalytics.studies.competitiveness import specialty_options
from imganalytics.studies.two_bases import ORDER, SIDES, two_bases, years
from imganalytics.studies.words import percent
from imganalytics.vocabulary import ALL_SPECIALTIES, BASES, applicant_types


def twin(result: Result) -> Twin:
    """One row for each specialty and type, one column for each base."""
    frame = result.frame
    columns = [f"{BASES[result.question.arguments[side]].label}, {frame.loc[frame['side'] == side, 'match_year'].iloc[0]}"
               for side in SIDES]
    rows: dict[tuple[str, str], dict[str, str]] = {}
    for row in frame.to_dict("records"):
        rows.setdefault((row["row_label"], row["type_label"]), {})[row["side"]] = (
            row["reason"] or f"{percent(row['rate'])} ({100 * row['rate_low']:.1f} to {100 * row['rate_high']:.1f})\n"
                             f"{row['matched']:,.0f} of {row['applicants']:,.0f}")
    return Twin(["Specialty", "Applicants", *columns],
                [(*place, *(cells.get(side, "not published") for side in SIDES)) for place, cells in rows.items()])


class TwoBasesExplorer(Explorer):
    """What the base changes: two panels with the same rows."""

    study, spec_of, twin_of = staticmethod(two_bases), staticmethod(spec), staticmethod(twin)
    file_name = "two-bases"
    asks = KEY
    whole = ("specialties",)

    def _make_controls(self) -> dict[str, w.Widget]:
        kinds = [applicant_types()[key] for key in coverage.types_with_rates()]
        self.types = Picker([{"value": kind.key, "label": kind.label, "colour": kind.colour, "symbol": kind.symbol,
                              "hint": kind.definition} for kind in kinds], ["non_us_img"], label="Applicant types",
                            layout_style="chips")
        bases = [(BASES[key].label, key) for key in ORDER]
        left, right = (w.Dropdown(options=bases, value=key, description=f"Base on the {side}", style=LABEL, layout=CONTROL)
                       for side, key in zip(SIDES, ("preferred", "ranked_anywhere")))
        year = w.SelectionSlider(options=[2025], description="Year, or the nearest published", style=LABEL, layout=CONTROL)
        minimum = w.IntSlider(0, 0, 300, 5, description="Minimum applicants", style=LABEL, layout=CONTROL)
        options = [option for option in specialty_options() if option["value"] != ALL_SPECIALTIES]
        self.specialties = Picker(options, [option["value"] for option in options], label="Specialties", rows=5)
        return {"applicant_types": self.types, "left": left, "right": right, "match_year": year,
                "minimum_applicants": minimum, "specialties": self.specialties}

    def _arranged(self) -> w.Widget:
        controls = self._controls
        grid = w.GridBox([w.VBox([controls["left"], controls["right"]]),
                          w.VBox([controls["match_year"], controls["minimum_applicants"]]), self.specialties],
                         layout={"grid_template_columns": "repeat(3, minmax(220px, 340px))", "grid_gap": "4px 24px"})
        return w.VBox([self.types, grid]).add_class("imga-controls")

    def _offer(self) -> None:
        control = self._controls["match_year"]
        offered = years(self.types.value, self._controls["left"].value, self._controls["right"].value)
        control.disabled = len(offered) < 2
        if offered and list(control.options) != offered:
            keep = control.value
            control.options = offered
            control.value = min(offered, key=lambda year: (abs(year - keep), -year))
