"""What was left unfilled at the Match, before SOAP: by specialty or state, in one Match or over the years."""

import ipywidgets as w

from imganalytics.charts.unfilled import spec
from imganalytics.explorers.explorer import CONTROL, Explorer, LABEL, Twin, dropdown
from imganalytics.explorers.widgets import Picker
from imganalytics.result import Result
from imganalytics.studies.program_evidence import options
from imganalytics.studies.unfilled import BY, FIRST, LAST, MEASURES, TRACKS, VIEWS, unfilled
from imganalytics.studies.words import percent


def twin(result: Result) -> Twin:
    """A row for each figure: what was unfilled, of what, the share with its interval, and the program tracks."""
    by, one = result.question.arguments["by"], result.question.arguments["view"] == "one_year"
    shares = result.question.arguments["measure"] == "share"
    columns = [BY[by], "Match", "Unfilled", "Offered (n)", "Share (95 % interval)", "Unstable",
               "Program tracks with some left",
               "Program tracks"] + [f"Lowest and highest, {FIRST} to {LAST}"] * one
    rows = []
    for row in result.frame.to_dict("records"):
        interval = f"{100 * row['share_low']:.1f} to {100 * row['share_high']:.1f}"
        share = row["reason"] or f"{percent(row['share'])} ({interval})"
        ends = [percent(row[end]) if shares else f"{row[end]:,.0f}" for end in ("lowest", "highest")] if one else []
        rows.append([row["label"], row["match_year"], f"{row['unfilled']:,.0f}", f"{row['offered']:,.0f}", share,
                     "yes" if row["reliability"] == "unstable" else "", f"{row['programs_unfilled']:,.0f}",
                     f"{row['programs']:,.0f}", *([" to ".join(ends)] if one else [])])
    return Twin(columns, rows, numeric=["Unfilled", "Offered (n)", "Program tracks with some left", "Program tracks"])


class UnfilledExplorer(Explorer):
    """Positions left unfilled at the Match, by specialty or state."""

    study, spec_of, twin_of = staticmethod(unfilled), staticmethod(spec), staticmethod(twin)
    file_name = "left-unfilled"
    whole = ("specialties", "states")

    def _make_controls(self) -> dict[str, w.Widget]:
        self.by = dropdown(BY, "A row or line for each")
        self.view = dropdown(VIEWS, "Drawn as")
        self.measure = dropdown(MEASURES, "What is shown")
        self.tracks = dropdown(TRACKS, "Kind of positions")
        self.year = w.IntSlider(LAST, FIRST, LAST, description="Match", style=LABEL, layout=CONTROL)
        self.minimum = w.IntSlider(50, 0, 500, 10, description="Least positions offered that year", style=LABEL,
                                   layout=CONTROL)
        self.specialties, self.states = (
            Picker(known, [option["value"] for option in known], rows=7, label=label)
            for known, label in ((options("specialty"), "Specialties"), (options("state"), "States")))
        return {"by": self.by, "view": self.view, "measure": self.measure, "tracks": self.tracks,
                "specialties": self.specialties, "states": self.states, "match_year": self.year,
                "minimum": self.minimum}

    def _arranged(self) -> w.Widget:
        grid = w.GridBox([w.VBox([self.by, self.view, self.measure, self.tracks, self.year, self.minimum]),
                          self.specialties,
                          self.states],
                         layout={"grid_template_columns": "repeat(3, minmax(220px, 340px))", "grid_gap": "4px 24px"})
        return w.VBox([grid]).add_class("imga-controls")
