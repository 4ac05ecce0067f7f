"""IMG-friendliness of programs as a range: a slider for the weight of each kind of evidence, the parts stacked."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import ipywidgets as w
from traitlets import Any as AnyValue
from traitlets import Dict, HasTraits

from imganalytics.charts.friendliness import spec
from imganalytics.errors import UserError
from imganalytics.explorers import words
from imganalytics.explorers.explorer import CONTROL, LABEL, Explorer, Twin
from imganalytics.explorers.widgets import Picker
from imganalytics.result import Result
from imganalytics.studies.friendliness import (HIGHEST, KINDS, LIMITS, SCORES, SORTS, YEARS, default_weights,
                                               friendliness,
                                               name_of, range_text)
from imganalytics.studies.program_evidence import options
from imganalytics.studies.words import percent
from imganalytics.vocabulary import require

HINT = ("Weight of each kind of evidence, 0 to 10. The last four are known only from statements that you import; "
        "without them a weight makes every range wider.")

ALL = "all programs of the last Match"
OWN = "Asked once you weigh 'Years since graduation' or 'Step 2 CK minimum'."


class Weights(w.GridBox):
    """A slider for the weight of each kind of evidence; `value` holds all weights and can be set, whole or in part."""

    value = Dict(help="weight of each kind of evidence, 0 to 10")

    def __init__(self, value: Mapping[str, int]):
        self.sliders = {key: w.IntSlider(value[key], 0, HIGHEST, description=kind.label, style=LABEL, layout=CONTROL)
                        for key, kind in KINDS.items()}
        super().__init__(list(self.sliders.values()), value=dict(value), layout={
            "grid_template_columns": "repeat(auto-fill, minmax(246px, 1fr))", "grid_gap": "0 12px",
            "max_width": "1030px"})
        for slider in self.sliders.values():
            slider.observe(self._moved, "value")
        self.observe(self._told, "value")

    def _moved(self, _change: dict[str, Any]) -> None:
        if not self._telling:
            self.value = {key: slider.value for key, slider in self.sliders.items()}

    _telling = False

    def _told(self, change: dict[str, Any]) -> None:
        self._telling = True
        try:
            for key, weight in change["new"].items():
                self.sliders[key].value = weight
        finally:
            self._telling = False


class Kept(HasTraits):
    """A value of the selection that no control on the screen shows: programs chosen elsewhere."""

    value = AnyValue(None, allow_none=True)


def twin(result: Result) -> Twin:
    """A row for each program: the range, the part of each kind of evidence and its facts, the state's share twice."""
    kinds = [key for key, weight in result.question.arguments["weights"].items() if weight]
    columns = ["Program", "Range, points of 100", *(f"{KINDS[key].label}, points" for key in kinds),
               "State's IMG share (95 % interval)", "The same, shrunk", "Filled positions of the state (n)", "Unstable",
               *(f"{KINDS[key].label}, facts" for key in kinds if key != "state_share")]
    rows = []
    for row in result.frame.to_dict("records"):
        points = [range_text(row[f"{key}_low"], row[f"{key}_high"]) for key in kinds]
        rows.append([", ".join(name_of(row)), range_text(row["low"], row["high"]), *points,
                     *(_share(*(row[name] for name in names)) for names in (
                         ("share", "share_low", "share_high"), ("shrunk", "shrunk_low", "shrunk_high"))),
                     f"{row['state_filled']:,.0f}" if row["state_filled"] == row["state_filled"] else None,
                     "yes" if row["reliability"] == "unstable" else "",
                     *(row[f"{key}_said"] for key in kinds if key != "state_share")])
    return Twin(columns, rows, numeric=["Range, points of 100", *columns[2:2 + len(kinds)],
                                        "Filled positions of the state (n)"],
                keys=[[key] for key in result.frame["program_key"]])


def _share(share: float, low: float, high: float) -> str | None:
    return f"{percent(share)} ({100 * low:.1f} to {100 * high:.1f})" if share == share else None


class FriendlinessExplorer(Explorer):
    """The range of IMG-friendliness of programs, and its parts, under weights that the user sets.

    `selection` also holds programs (keys of training programs, None for all active ones), for a list chosen elsewhere:
    each of `lists`, by name, is asked for its keys when its button is pressed.
    """

    study, spec_of, twin_of = staticmethod(friendliness), staticmethod(spec), staticmethod(twin)
    file_name = "img-friendliness"
    whole = ("specialties", "states")

    def __init__(self, lists: Mapping[str, Callable[[], Sequence[str]]] | None = None, **selection: Any):
        self._lists = {ALL: lambda: None, **(lists or {})}
        self.which = w.HTML()
        super().__init__(**selection)

    def weigh(self, name: str) -> None:
        """Weigh the programs of one of the `lists`, as it is now, or ALL.

        Raises:
            UserError: there is no such list, or nothing is on it.
        """
        keys = self._lists[require(name, self._lists, "list")]()
        if keys is not None and not len(keys):
            raise UserError(f"no program is in the list '{name}'")
        self.selection = {"programs": None if keys is None else list(keys)}
        self.which.value = words.hint(f"Weighed: {name}, {len(keys):,} as they were when you pressed." if keys is not None else "")

    def _pressed(self, button: w.Button) -> None:
        try:
            self.weigh(button.tooltip)
        except UserError as error:
            self.which.value = words.notice(str(error))

    def _list_buttons(self) -> w.Widget:
        buttons = []
        for name in self._lists if len(self._lists) > 1 else ():
            button = w.Button(description=f"Weigh {name}", tooltip=name, layout={"width": "auto"})
            button.on_click(self._pressed)
            buttons.append(button)
        return w.VBox([w.HBox(buttons, layout={"flex_flow": "row wrap"}), self.which])

    def _make_controls(self) -> dict[str, w.Widget]:
        def slider(value: int, ends: tuple[int, int], step: int, description: str) -> w.IntSlider:
            return w.IntSlider(value, *ends, step, description=description, style=LABEL, layout=CONTROL)

        def box(description: str) -> w.Checkbox:
            return w.Checkbox(False, description=description, indent=False, layout={"width": "auto"})

        self.weights = Weights(default_weights())
        self.specialties, self.states = (
            Picker(known, [option["value"] for option in known], rows=5, label=label)
            for known, label in ((options("specialty"), "Specialties"), (options("state"), "States")))
        self.sort = w.Dropdown(options=[(label, key) for key, label in SORTS.items()], description="Order by",
                               style=LABEL,
                               layout=CONTROL)
        self.limit = slider(15, LIMITS, 5, "Programs drawn")
        self.years = slider(5, YEARS, 1, "Applicant: years since graduation")
        self.score = slider(240, SCORES, 1, "Applicant: Step 2 CK score")
        self.shrunk = box("Shrink the shares of small states")
        self.employers = box("Count possible employers as theirs")
        self.limits = w.VBox([self.years, self.score, w.HTML(words.hint(OWN))])
        return {"programs": Kept(), "specialties": self.specialties, "states": self.states, "weights": self.weights,
                "sort": self.sort, "limit": self.limit, "shrunk": self.shrunk, "count_employers": self.employers,
                "years_since_graduation": self.years, "step2": self.score}

    def _arranged(self) -> w.Widget:
        grid = w.GridBox([w.VBox([self.sort, self.limit, self.shrunk, self.employers, self.limits]), self.specialties,
                          self.states],
                         layout={"grid_template_columns": "repeat(3, minmax(220px, 340px))", "grid_gap": "4px 24px"})
        return w.VBox([self._list_buttons(), w.HTML(words.hint(HINT)), self.weights, grid]).add_class("imga-controls")

    def _offer(self) -> None:
        """The applicant's own figures change nothing while the limits of programs weigh nothing: disabled then."""
        self.years.disabled = not self.weights.value["graduation"]
        self.score.disabled = not self.weights.value["step2"]

    def _set(self, name: str, value: Any) -> None:
        if name == "weights":
            if value is None:
                value = default_weights()
            if not isinstance(value, Mapping):
                raise UserError(f"weights {value!r}; allowed: a weight from 0 to {HIGHEST} for each of "
                                f"{', '.join(KINDS)}")
            for key, weight in value.items():
                require(key, KINDS, "kind of evidence")
                if isinstance(weight, bool) or not isinstance(weight, int) or not 0 <= weight <= HIGHEST:
                    raise UserError(f"weight of {key} {weight!r}; allowed: a whole number from 0 to {HIGHEST}")
            value = {key: value.get(key, 0) for key in KINDS}
        super()._set(name, value)
