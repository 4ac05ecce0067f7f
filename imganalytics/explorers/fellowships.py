"""Subspecialties of one year: how many positions they fill, leave open, and how they grew."""

import ipywidgets as w

from imganalytics.charts.fellowships import spec
from imganalytics.explorers.explorer import CONTROL, LABEL, Explorer, Twin
from imganalytics.explorers.widgets import Picker
from imganalytics.result import Result
from imganalytics.studies.fellowship_facts import listed_years, subspecialty_options
from imganalytics.studies.fellowships import SORTS, fellowships
from imganalytics.studies.trend_words import count_change
from imganalytics.studies.words import percent


def twin(result: Result) -> Twin:
    """A row for each subspecialty: share, counts, programs, growth."""
    year, since = (result.question.arguments[name] for name in ("appointment_year", "since"))
    grown = [f"Positions since {since}"] if since < year else []
    columns = ["Subspecialty", "Filled of offered", "Positions offered", "Left open", "Programs", *grown, "Unstable"]
    rows = []
    for row in result.frame.to_dict("records"):
        share = row["reason"] or f"{percent(row['share'])}\n{row['filled']:,.0f} of {row['whole']:,.0f}"
        known = row["before"] == row["before"]
        change = [count_change(row["before"], row["offered"]) if known else f"not listed in {since}"] if grown else []
        rows.append([row["label"], share, *(_count(row[name]) for name in ("offered", "unfilled", "programs")), *change,
                     "yes" if row["reliability"] == "unstable" else ""])
    return Twin(columns, rows, numeric=["Positions offered", "Left open", "Programs"])


def _count(value: float) -> str | None:
    return f"{value:,.0f}" if value == value else None


class FellowshipsExplorer(Explorer):
    """Positions filled of those offered, by subspecialty, in one appointment year."""

    study, spec_of, twin_of = staticmethod(fellowships), staticmethod(spec), staticmethod(twin)
    file_name = "fellowships"
    asks = ("specialty",)
    whole = ("specialties",)

    def _make_controls(self) -> dict[str, w.Widget]:
        years = listed_years()
        self.year = w.SelectionSlider(options=years, value=years[-1], description="Year the fellowship begins",
                                      style=LABEL, layout=CONTROL)
        self.since = w.SelectionSlider(options=years, value=years[0], description="Growth since", style=LABEL,
                                       layout=CONTROL)
        self.minimum = w.IntSlider(0, 0, 500, 5, description="Least positions offered", style=LABEL, layout=CONTROL)
        self.sort = w.Dropdown(options=[(label, key) for key, label in SORTS.items()], description="Sort by", style=LABEL,
                               layout=CONTROL)
        options = subspecialty_options()
        self.specialties = Picker(options, [option["value"] for option in options], label="Subspecialties", rows=6,
                                  layout={"width": "auto"})
        return {"appointment_year": self.year, "since": self.since, "minimum_positions": self.minimum, "sort": self.sort,
                "specialties": self.specialties}

    def _arranged(self) -> w.Widget:
        grid = w.GridBox([w.VBox([self.year, self.since]), w.VBox([self.minimum, self.sort]), self.specialties],
                         layout={"grid_template_columns": "repeat(3, minmax(220px, 340px))", "grid_gap": "4px 24px"})
        return grid.add_class("imga-controls")
