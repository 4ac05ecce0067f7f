"""Compare specialties and applicant types: controls, the chart, its table twin and its sentence."""

from typing import Any

import ipywidgets as w

from imganalytics.charts.competitiveness import spec
from imganalytics.errors import UserError
from imganalytics.explorers import words
from imganalytics.explorers.competitiveness_table import columns, figures, keys, rows
from imganalytics.explorers.explained import Explained
from imganalytics.explorers.explorer import CONTROL, LABEL, ChartView
from imganalytics.explorers.export_panel import Folded
from imganalytics.explorers.later import Later
from imganalytics.explorers.widgets import Download, File, Picker, PlotView, TableView
from imganalytics.export.csv_file import csv_text
from imganalytics.result import Result
from imganalytics.studies import coverage
from imganalytics.studies.competitiveness import SORTS, NotPublishedError, competitiveness, specialty_options
from imganalytics.vocabulary import BASES, applicant_types, require

START: dict[str, Any] = {
    "applicant_types": ("us_img", "non_us_img"), "base": "ranked_anywhere", "match_year": 2025, "specialties": None,
    "minimum_applicants": 0, "sort": "rate", "sort_type": "us_img", "against": "non_us_img", "all_tracks": False}


class CompetitivenessExplorer(ChartView):
    """Match rate by specialty and applicant type, with controls.

    `selection` holds the arguments of the study as the controls stand, and can be set (whole or in part);
    `result` is the Result shown (None when nothing is published for the selection); `figure` is the chart.
    `explained` names the figure that was asked about, and `explanation` says where it comes from.
    """

    def __init__(self, **selection: Any):
        self._later = Later(0.2)  # the chart answers the hand; what surrounds it waits until the hand rests
        self._make_controls()
        self._make_views()
        self.selection = START
        if selection:
            self.selection = selection
        super().__init__([self._control_panel(), self.notice, self.say, self.tip, self.views,
                          self._explained.panel, self.folded, self.footing])
        for control in self._controls.values():
            control.observe(self._changed, "value")

    # -- what a program sees ---------------------------------------------------------------------------------

    @property
    def selection(self) -> dict[str, Any]:
        """The arguments of the study as the controls stand."""
        chosen = {name: control.value for name, control in self._controls.items()}
        everything = set(chosen["specialties"]) == {option["value"] for option in self.specialties.options}
        return chosen | {"specialties": None if everything else list(chosen["specialties"]),
                         "applicant_types": list(chosen["applicant_types"])}

    @selection.setter
    def selection(self, wanted: dict[str, Any]) -> None:
        self._check(wanted)
        with self._silent():
            for name in ("applicant_types", "base", "sort"):
                if name in wanted:
                    self._controls[name].value = wanted[name]
            self._offer()
            everything = [option["value"] for option in self.specialties.options]
            for name in ("match_year", "specialties", "minimum_applicants", "sort_type", "against", "all_tracks"):
                if wanted.get(name) is not None:
                    self._controls[name].value = wanted[name]
                elif name == "specialties" and name in wanted:
                    self.specialties.value = everything
        self._answer()

    def _check(self, wanted: dict[str, Any]) -> None:
        """Refuses the whole of a selection for any part that cannot be."""
        for name in wanted:
            require(name, START, "part of the selection")
        types = [require(key, tuple(coverage.types_with_rates()), "applicant type")
                 for key in wanted.get("applicant_types", self.types.value)]
        base = require(wanted.get("base", self.base.value), BASES, "base")
        require(wanted.get("sort", self.sort.value), SORTS, "sort order")
        for name in wanted.get("specialties") or ():
            require(name, tuple(option["value"] for option in self.specialties.options), "specialty")
        for name in ("sort_type", "against"):
            if wanted.get(name) is not None:
                require(wanted[name], tuple(types), f"{name} among the chosen applicant types")
        years = coverage.years(base, types)
        if wanted.get("match_year") is not None and "match_year" in wanted and years:
            if wanted["match_year"] not in years:
                raise UserError(f"match_year {wanted['match_year']!r} is not published for this choice; "
                                f"allowed: {', '.join(map(str, years))}")
        minimum = wanted.get("minimum_applicants", 0)
        if not isinstance(minimum, int) or not self.minimum.min <= minimum <= self.minimum.max:
            raise UserError(f"minimum_applicants {minimum!r}; allowed: {self.minimum.min} to {self.minimum.max}")

    # -- controls --------------------------------------------------------------------------------------------

    def _make_controls(self) -> None:
        kinds = [applicant_types()[key] for key in coverage.types_with_rates()]
        self.types = Picker([{"value": kind.key, "label": kind.label, "colour": kind.colour, "symbol": kind.symbol,
                              "hint": kind.definition} for kind in kinds],
                            START["applicant_types"], label="Applicant types", layout_style="chips")
        self.base = w.Dropdown(options=[(base.label, base.key) for base in BASES.values()], value=START["base"],
                               description="Base of the rate", style=LABEL, layout=CONTROL)
        self.meaning = w.HTML(layout={"margin": "0 0 4px 2px"})
        self.year = w.SelectionSlider(options=[START["match_year"]], description="Year of the Match", style=LABEL,
                                      layout=CONTROL)
        self.minimum = w.IntSlider(0, 0, 300, 5, description="Minimum applicants", style=LABEL, layout=CONTROL)
        self.sort = w.Dropdown(options=[(label, key) for key, label in SORTS.items()], description="Sort by",
                               style=LABEL, layout=CONTROL)
        self.sort_type = w.Dropdown(description="Sorted by the figures of", style=LABEL, layout=CONTROL)
        self.against = w.Dropdown(description="Second type, subtracted", style=LABEL, layout=CONTROL)
        self.all_tracks = w.Checkbox(False, description="Also preliminary and other tracks", indent=False,
                                     layout={"width": "auto", "margin": "2px 0 0 2px"})
        self.specialties = Picker(specialty_options(), label="Specialties", rows=5, layout={"width": "auto"})
        self.nearest = w.Button(layout={"width": "auto", "display": "none"}, button_style="primary")
        self.nearest.on_click(lambda _: self._take_nearest())
        self._controls = {"applicant_types": self.types, "base": self.base, "match_year": self.year,
                          "specialties": self.specialties, "minimum_applicants": self.minimum, "sort": self.sort,
                          "sort_type": self.sort_type, "against": self.against, "all_tracks": self.all_tracks}

    def _control_panel(self) -> w.Widget:
        columns = (w.VBox([self.base, self.meaning, self.year]),
                   w.VBox([self.minimum, self.sort, self.sort_type, self.against, self.all_tracks]),
                   self.specialties)
        grid = w.GridBox(columns, layout={"grid_template_columns": "repeat(3, minmax(220px, 340px))",
                                          "grid_gap": "4px 24px"})
        return w.VBox([self.types, grid]).add_class("imga-controls")

    def _make_views(self) -> None:
        self.notice = w.VBox([w.HTML(), self.nearest], layout={"display": "none", "align_items": "flex-start"})
        self.say = w.HTML(layout={"margin": "6px 0 2px"})
        self.tip = w.HTML(words.hint("Press a mark, or a figure in the table, to see where it comes from."))
        self.chart = PlotView(None, layout={"flex": "0 0 auto"})
        self.table = TableView()
        self.csv = Download(self._csv_file, label="Save these figures (CSV)",
                            hint="Every figure shown, with n, interval, base and source")
        self._explained = Explained(self.chart, self.table, ("specialty", "track", "entry_level", "applicant_type"),
                                    lambda: self.result)
        self.footing = w.HTML()
        self.folded = Folded(None, lambda: self.result, "competitiveness")
        side = w.VBox([self.csv, self.table], layout={"flex": "1 1 400px", "min_width": "340px"})
        self.views = w.HBox([self.chart, side], layout={"flex_flow": "row wrap", "grid_gap": "16px"})

    # -- what happens ----------------------------------------------------------------------------------------

    def _changed(self, change: dict[str, Any]) -> None:
        if self._quiet:
            return
        if change["owner"] in (self.types, self.base, self.sort):
            with self._silent():
                self._offer()
        self._answer()

    def _offer(self) -> None:
        """Let the dependent controls offer only what exists for the types and the base chosen."""
        years = coverage.years(self.base.value, self.types.value)
        keep = self.year.value
        self.year.disabled = len(years) < 2
        if years:
            self.year.options = years
            self.year.value = keep if keep in years else years[-1]
        kinds = [(applicant_types()[key].label, key) for key in self.types.value]
        for control, fallback in ((self.sort_type, 0), (self.against, 1)):
            keep = control.value
            control.options = kinds
            if kinds:
                wanted = keep if keep in self.types.value else self.types.value[min(fallback, len(kinds) - 1)]
                control.value = wanted
        two = self.sort.value == "difference"
        self.sort_type.description = "First type" if two else "Sorted by the figures of"
        self.against.layout.display = None if two else "none"
        self.sort_type.layout.display = "none" if self.sort.value == "positions_per_applicant" else None
        only = f" Published for {years[0]} only." if len(years) == 1 else ""
        self.meaning.value = words.hint(BASES[self.base.value].meaning + only)

    def _answer(self) -> None:
        try:
            result = self._ask()
        except UserError as error:
            self._say_why(error)
            return
        self.result = result
        self.chart.show(spec(result), result.summary)
        self._later(lambda: self._show_words(result))
        self._say_what_is_missing(result)
        for view in (self.views, self.say, self.tip, self.footing):
            self._show(view, True)

    def _show_words(self, result: Result) -> None:
        self.say.value = words.sentence(result.summary)
        self.table.show(columns(result), rows(result), caption="The same as a table", numeric=(), max_height="640px",
                        keys=keys(result), figures=figures(result))
        self._explained.follow()
        self.footing.value = words.footing(result)

    def _ask(self) -> Result:
        selection = self.selection
        if not selection["applicant_types"]:
            raise UserError("Choose at least one applicant type to see how often it matches.")
        if selection["specialties"] == []:
            raise UserError("Choose at least one specialty.")
        if not coverage.years(selection["base"], selection["applicant_types"]):
            raise NotPublishedError.of(selection["base"], selection["match_year"], selection["applicant_types"])
        if selection["sort"] == "difference" and len(selection["applicant_types"]) < 2:
            raise UserError("A difference needs two applicant types: choose a second one, or another order.")
        result = competitiveness(**selection)
        if result.frame.empty and not selection["minimum_applicants"]:
            raise UserError("None of the chosen specialties has a figure on this base in this year: choose others.")
        if result.frame.empty:
            raise UserError(f"None of the chosen specialties has {selection['minimum_applicants']} applicants on this "
                            "base: lower the minimum, or choose more specialties.")
        return result

    def _say_why(self, error: UserError) -> None:
        self.result = None
        self._explained.clear()
        self._notify(getattr(error, "reason", str(error)), getattr(error, "nearest", None))
        for view in (self.views, self.say, self.tip, self.footing):
            self._show(view, False)

    def _say_what_is_missing(self, result: Result) -> None:
        """Types among those chosen that have no rate at all on this base in this year, and where they have one."""
        asked = result.question.arguments
        rated = coverage.types_rated(asked["base"], asked["match_year"])
        missing = [applicant_types()[key].label for key in asked["applicant_types"] if key not in rated]
        if missing:
            self._notify(f"{' and '.join(missing)}: no rate is published on this base for {asked['match_year']}.",
                         coverage.nearest(asked["base"], asked["match_year"], asked["applicant_types"]))
        else:
            self._show(self.notice, False)

    def _notify(self, text: str, nearest: coverage.Choice | None) -> None:
        self.notice.children[0].value = words.notice(text)
        self._show(self.notice, True)
        self._show(self.nearest, nearest is not None)
        self.nearest.description = f"Show instead: {nearest.label}" if nearest else ""
        self._nearest = nearest

    def _take_nearest(self) -> None:
        choice = self._nearest
        self.selection = {"applicant_types": choice.applicant_types, "base": choice.base,
                          "match_year": choice.match_year}

    def _csv_file(self) -> File:
        result = self.result
        if result is None:
            raise UserError("there is nothing to save: nothing is published for this selection")
        arguments = result.question.arguments
        name = f"match-rates-{arguments['match_year']}-{arguments['base']}.csv"
        return File(name, "text/csv", csv_text(result).encode())

    @staticmethod
    def _show(widget: w.Widget, visible: bool) -> None:
        widget.layout.display = None if visible else "none"

