"""Residency institutions and the fellowships they have in house."""

import ipywidgets as w

from imganalytics.explorers.explorer import CONTROL, LABEL
from imganalytics.explorers.fellowship_programs import Column, ListExplorer, search_box
from imganalytics.explorers.widgets import Picker
from imganalytics.explorers.widgets.states import StatePicker
from imganalytics.studies.fellowship_facts import subspecialty_options
from imganalytics.studies.fellowship_programs import CANADA, state_options
from imganalytics.studies.in_house import SHOW, in_house, pairs, residency_options, years


class InHouseExplorer(ListExplorer):
    """Pick a residency, fellowships or an institution: what is listed at the same institution."""

    study = staticmethod(in_house)
    file_name = "fellowships-in-house"
    asks = ("institution_code", "specialty")
    whole = ("fellowships",)

    def _make_controls(self) -> dict[str, w.Widget]:
        options = subspecialty_options(with_all=False)
        self.residency = w.Dropdown(options=residency_options(), value="Internal Medicine", style=LABEL, layout=CONTROL,
                                    description="Residency at the institution")
        self.search = search_box("institution, city, state")
        self.choice = w.Dropdown(options=[(label, key) for key, label in SHOW.items()], description="List", style=LABEL,
                                 layout=CONTROL)
        self.minimum = w.IntSlider(1, 1, 20, description="Least fellowship positions", style=LABEL, layout=CONTROL)
        self.fellowships = Picker(options, [option["value"] for option in options], label="Fellowships", rows=7,
                                  layout={"width": "300px"})
        self.states = StatePicker([option for option in state_options() if option["value"] != CANADA])
        return {"residency": self.residency, "search": self.search, "show": self.choice, "minimum_positions": self.minimum,
                "fellowships": self.fellowships, "states": self.states}

    def _arranged(self) -> w.Widget:
        left = w.VBox([self.residency, self.search, self.choice, self.minimum], layout={"width": "260px"})
        return w.HBox([left, self.fellowships, self.states], layout={"flex_flow": "row wrap", "grid_gap": "4px 24px"}
                      ).add_class("imga-controls")

    def _table(self) -> tuple[list[Column], list[list[str]]]:
        (match_year, year), frame = years(), pairs()
        columns = [{"name": "institution", "label": "Institution", "width": 260},
                   {"name": "label", "label": "Fellowship", "width": 180},
                   {"name": "offered", "label": f"Positions {year}", "numeric": True, "width": 100},
                   {"name": "filled", "label": "Filled", "numeric": True, "width": 70},
                   {"name": "programs", "label": "Programs", "numeric": True, "width": 86},
                   {"name": "city", "label": "City"}, {"name": "state", "label": "State", "width": 60},
                   {"name": "residency_positions", "label": f"Residency positions {match_year}", "numeric": True,
                    "width": 110},
                   {"name": "residencies_told", "label": "Residencies", "width": 420}]
        cells = []
        for column in columns:
            values = frame[column["name"]].tolist()
            if column.get("numeric"):
                values = [f"{value:,.0f}" if value == value else "\u2013" for value in values]
            cells.append(values)
        return columns, cells
