"""Positions at programs with evidence that they take IMGs who need a visa, as ranges over what is not stated."""

import ipywidgets as w

from imganalytics.charts.opportunity import spec
from imganalytics.explorers.explorer import CONTROL, Explorer, LABEL, Twin, dropdown
from imganalytics.explorers.widgets import Picker
from imganalytics.result import Result
from imganalytics.studies.opportunity import BY, EVIDENCE, MEASURES, SORTS, opportunity
from imganalytics.studies.program_evidence import options
from imganalytics.studies.words import percent


def twin(result: Result) -> Twin:
    """A row for each specialty or state with both bounds, as positions, shares and programs."""
    by = result.question.arguments["by"]
    columns = [BY[by], "At least", "At most", "Positions offered", "Share (at least to at most)",
               "Programs with evidence",
               "Programs possibly", "Programs"]
    rows = [[row["label"], *(f"{row[name]:,.0f}" for name in ("low", "high", "positions")),
             f"{percent(row['share_low'])} to {percent(row['share_high'])}",
             *(f"{row[name]:,.0f}" for name in ("programs_low", "programs_high", "programs"))]
            for row in result.frame.to_dict("records")]
    return Twin(columns, rows, numeric=columns[1:])


class OpportunityExplorer(Explorer):
    """How many positions are at programs with evidence, by specialty or state."""

    study, spec_of, twin_of = staticmethod(opportunity), staticmethod(spec), staticmethod(twin)
    file_name = "positions-with-evidence"
    whole = ("specialties", "states")

    def _make_controls(self) -> dict[str, w.Widget]:
        self.by = dropdown(BY, "A row for each")
        self.evidence = dropdown({key: kind.label for key, kind in EVIDENCE.items()}, "Evidence")
        self.measure = dropdown(MEASURES, "What is shown")
        self.minimum = w.IntSlider(50, 0, 1000, 10, description="Least positions offered", style=LABEL, layout=CONTROL)
        self.sort = dropdown(SORTS, "Sort by")
        self.specialties, self.states = (
            Picker(known, [option["value"] for option in known], rows=6, label=label)
            for known, label in ((options("specialty"), "Specialties"), (options("state"), "States")))
        return {"by": self.by, "evidence": self.evidence, "measure": self.measure, "specialties": self.specialties,
                "states": self.states, "minimum": self.minimum, "sort": self.sort}

    def _arranged(self) -> w.Widget:
        grid = w.GridBox([w.VBox([self.evidence, self.by, self.measure, self.minimum, self.sort]), self.specialties,
                          self.states],
                         layout={"grid_template_columns": "repeat(3, minmax(220px, 340px))", "grid_gap": "4px 24px"})
        return w.VBox([grid]).add_class("imga-controls")
