"""Where the filled positions go: fill shares by state, division or region, and IMGs by state over the years."""

import ipywidgets as w

from imganalytics.charts import geography as geography_chart
from imganalytics.charts import state_years as years_chart
from imganalytics.explorers.explorer import CONTROL, Explorer, LABEL, Twin, dropdown
from imganalytics.explorers.widgets import Picker
from imganalytics.result import Result
from imganalytics.studies import state_years as years_study
from imganalytics.studies.geography import COUNTS, ENTRY_LEVELS, IMGS, LEVELS, geography, specialty_options
from imganalytics.studies.state_years import state_years
from imganalytics.studies.trend_words import change_text, share_text
from imganalytics.vocabulary import applicant_types


def geography_twin(result: Result) -> Twin:
    """A row for each place: the share, what it is of, and the positions of each type asked for."""
    types = result.question.arguments["applicant_types"]
    labels = [applicant_types()[key].label for key in types]
    rows = []
    for row in result.frame.to_dict("records"):
        share = row["reason"] or share_text(row["share"], row["share_low"], row["share_high"])
        counts = [_count(row[name]) for name in ("filled", *types, "offered")]
        rows.append([row["place"], share, *counts, "yes" if row["reliability"] == "unstable" else ""])
    place = LEVELS[result.question.arguments["level"]]
    columns = [place, "Fill share (95 % interval)", "Filled (n)", *labels, "Offered", "Unstable"]
    return Twin(columns, rows, numeric=["Filled (n)", *labels, "Offered"])


def _count(value: float) -> str | None:
    return f"{value:,.0f}" if value == value else None


class GeographyExplorer(Explorer):
    """Fill share of applicant types by state, census division or region."""

    study, spec_of = staticmethod(geography), staticmethod(geography_chart.spec)
    twin_of, file_name = staticmethod(geography_twin), "fill-share-by-place"
    asks = ("place",)
    whole = ("specialties",)

    def _make_controls(self) -> dict[str, w.Widget]:
        kinds = [applicant_types()[key] for key in sorted(COUNTS, key=lambda key: applicant_types()[key].sort_order)]
        self.types = Picker([{"value": kind.key, "label": kind.label, "colour": kind.colour, "symbol": kind.symbol,
                              "hint": kind.definition} for kind in kinds], IMGS, layout_style="chips",
                            label="Applicant types, taken together")
        options = specialty_options()
        self.specialties = Picker(options, [option["value"] for option in options], rows=6,
                                  label="Specialties, taken together")
        self.level = w.Dropdown(options=[(label, key) for key, label in LEVELS.items()], description="Kind of place",
                                style=LABEL, layout=CONTROL)
        self.entry = w.Dropdown(options=[(label, key) for key, label in ENTRY_LEVELS.items()], description="Entry level",
                                style=LABEL, layout=CONTROL)
        self.minimum = w.IntSlider(0, 0, 300, 5, description="Least filled positions of a "
                                                             "place", style=LABEL, layout=CONTROL)
        return {"applicant_types": self.types, "specialties": self.specialties, "level": self.level,
                "entry_level": self.entry, "minimum_filled": self.minimum}

    def _arranged(self) -> w.Widget:
        grid = w.GridBox([w.VBox([self.level, self.entry]), w.VBox([self.minimum]), self.specialties],
                         layout={"grid_template_columns": "repeat(3, minmax(220px, 340px))", "grid_gap": "4px 24px"})
        return w.VBox([self.types, grid]).add_class("imga-controls")


def state_years_twin(result: Result) -> Twin:
    """A row for each state: every year, and the change since the first."""
    shares = result.question.arguments["measure"] == "share"
    records = result.frame.to_dict("records")
    years = sorted({row["match_year"] for row in records})
    rows = []
    for at in range(0, len(records), len(years)):
        own = records[at:at + len(years)]
        told = [f"{share_text(row['value'], row['low'], row['high'])}, {row['positions']:,.0f} of {row['filled']:,.0f}"
                if shares else f"{row['value']:,.0f}" for row in own]
        start = {"value": own[0]["value"], "of": own[0]["filled"]}
        interval = (own[-1][name] for name in ("difference", "difference_low", "difference_high"))
        change = change_text(start, own[-1], *interval)
        rows.append([own[0]["name"], *told, change])
    return Twin(["State", *map(str, years), f"Since {years[0]}"], rows, numeric=[*map(str, years)])


class StateYearsExplorer(Explorer):
    """Positions that IMGs filled in each state, then and now."""

    study, spec_of = staticmethod(state_years), staticmethod(years_chart.spec)
    twin_of, file_name = staticmethod(state_years_twin), "imgs-by-state"

    def _make_controls(self) -> dict[str, w.Widget]:
        self.who = dropdown(years_study.WHO, "Applicants")
        self.measure = dropdown(years_study.MEASURES, "What is shown")
        self.sort = dropdown(years_study.SORTS, "Sort by")
        self.minimum = w.IntSlider(0, 0, 500, 10, description="Least IMG positions in "
                                                              "2025", style=LABEL, layout=CONTROL)
        return {"who": self.who, "measure": self.measure, "sort": self.sort, "minimum": self.minimum}
