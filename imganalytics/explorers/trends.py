"""Trends by specialty: a line for each over the years, and the change between two of them for all specialties."""

from typing import Any

import ipywidgets as w

from imganalytics.charts import trend_changes as changes_chart
from imganalytics.charts import trends as trends_chart
from imganalytics.explorers import words
from imganalytics.explorers.explorer import CONTROL, LABEL, Explorer, Twin
from imganalytics.explorers.widgets import Picker
from imganalytics.result import Result
from imganalytics.studies import trend_facts as facts
from imganalytics.studies.trend_changes import SORTS, trend_changes
from imganalytics.studies.trend_words import change_text, figure_text
from imganalytics.studies.trends import START, trends


def _measures() -> w.Dropdown:
    options = [(what.label, key) for key, what in facts.MEASURES.items()]
    return w.Dropdown(options=options, value="offered", description="What is shown", style=LABEL, layout=CONTROL)


def _options() -> list[dict[str, str]]:
    """Every specialty with positions, for a picker."""
    have = set(facts.figures("offered")["specialty"])
    known = facts.specialties()
    return [{"value": name, "label": row.label, "group": row.family, "search": f"{name} | {row.search}"}
            for name, row in zip(known.index, known.itertuples()) if name in have]


def trends_twin(result: Result) -> Twin:
    """A row for each year, a column for each line."""
    rows = [row for row in result.frame.to_dict("records")]
    lines = list(dict.fromkeys(row["row_label"] for row in rows))
    first, last = result.question.arguments["years"]
    told = {(row["match_year"], row["row_label"]): row["reason"] or figure_text(row) for row in rows}
    return Twin(["Year", *lines], [[str(year), *(told.get((year, line)) for line in lines)]
                                   for year in range(first, last + 1)], numeric=lines)


class TrendsExplorer(Explorer):
    """One to six specialties over the years of the Match."""

    study, spec_of, twin_of = staticmethod(trends), staticmethod(trends_chart.spec), staticmethod(trends_twin)
    file_name = "trends"
    asks = ("line", "match_year")

    def _make_controls(self) -> dict[str, w.Widget]:
        self.measure = _measures()
        self.meaning = w.HTML()
        self.specialties = Picker(_options(), START, label="Specialties (one to six)", rows=6)
        self.years = w.IntRangeSlider(value=facts.COMPLETE, min=facts.FIRST_YEAR, max=facts.LAST_YEAR,
                                      description="Years", style=LABEL, layout=CONTROL)
        self.track = w.Dropdown(options=[(facts.CHOICES[facts.MAIN], facts.MAIN)], description="Tracks", style=LABEL,
                                layout=CONTROL)
        return {"measure": self.measure, "specialties": self.specialties, "years": self.years, "track": self.track}

    def _arranged(self) -> w.Widget:
        grid = w.GridBox([w.VBox([self.measure, self.meaning]), w.VBox([self.years, self.track]), self.specialties],
                         layout={"grid_template_columns": "repeat(3, minmax(220px, 340px))", "grid_gap": "4px 24px"})
        return grid.add_class("imga-controls")

    def _set(self, name: str, value: Any) -> None:
        if name == "years":
            facts.checked_years(value)  # the slider itself would move what it does not have to its nearest end
        super()._set(name, value)

    def _offer(self) -> None:
        keys = facts.tracks_of(self.specialties.value)
        options = tuple((facts.CHOICES[key], key) for key in keys)
        if tuple(self.track.options) != options:
            keep = self.track.value
            self.track.options = options
            self.track.value = keep if keep in keys else facts.MAIN
        self.meaning.value = words.hint(facts.MEASURES[self.measure.value].meaning)

    @property
    def selection(self) -> dict[str, Any]:
        """The arguments of the study as the controls stand."""
        return {"measure": self.measure.value, "specialties": list(self.specialties.value),
                "years": list(self.years.value), "track": self.track.value}

    selection = selection.setter(Explorer.selection.fset)


def changes_twin(result: Result) -> Twin:
    """A row for each specialty: both years, and the change."""
    arguments, shares = result.question.arguments, facts.MEASURES[result.question.arguments["measure"]].is_share
    years = [str(arguments["first_year"]), str(arguments["last_year"])]
    rows = []
    for row in result.frame.to_dict("records"):
        ends = [{name: row[f"{name}_{end}"] for name in ("value", "low", "high", "count", "of")} for end in (1, 2)]
        told = [figure_text(end) if end["value"] == end["value"] else None for end in ends]
        change = row["reason"] or change_text(*ends, row["difference"], row["difference_low"], row["difference_high"])
        rows.append([row["row_label"], *told, change, "yes" if row["reliability"] == "unstable" else ""])
    return Twin(["Specialty", *years, "Change (95 % interval)" if shares else "Change", "Unstable"], rows, numeric=years)


class TrendChangesExplorer(Explorer):
    """What changed most between two years, over all specialties."""

    study, spec_of = staticmethod(trend_changes), staticmethod(changes_chart.spec)
    twin_of, file_name = staticmethod(changes_twin), "changes"

    def _make_controls(self) -> dict[str, w.Widget]:
        self.measure = _measures()
        self.meaning = w.HTML()
        tracks = [(facts.CHOICES[key], key) for key in facts.CHOICES]
        self.track = w.Dropdown(options=tracks, description="Tracks", style=LABEL, layout=CONTROL)
        first, last = facts.COMPLETE
        self.first = w.SelectionSlider(options=range(first, last), description="From", style=LABEL, layout=CONTROL)
        self.last = w.SelectionSlider(options=range(first + 1, last + 1), value=last, description="To", style=LABEL,
                                      layout=CONTROL)
        self.minimum = w.IntSlider(30, 0, 500, 10, description="At least this many in both "
                                                               "years", style=LABEL, layout=CONTROL)
        self.sort = w.Dropdown(options=[(label, key) for key, label in SORTS.items()], description="Sort by",
                               style=LABEL, layout=CONTROL)
        return {"measure": self.measure, "track": self.track, "first_year": self.first, "last_year": self.last,
                "minimum": self.minimum, "sort": self.sort}

    def _arranged(self) -> w.Widget:
        grid = w.GridBox([w.VBox([self.measure, self.meaning]), w.VBox([self.first, self.last]),
                          w.VBox([self.minimum, self.track, self.sort])],
                         layout={"grid_template_columns": "repeat(3, minmax(220px, 340px))", "grid_gap": "4px 24px"})
        return grid.add_class("imga-controls")

    def _offer(self) -> None:
        """Only years with figures, the second after the first and of the same definition."""
        measure = self.measure.value
        figures = facts.years_of(measure, self.track.value)
        years = [year for year in figures if facts.COMPLETE[0] <= year <= facts.COMPLETE[1]]
        later = {year: [other for other in years if other > year and facts.comparable(measure, year, other)]
                 for year in years}
        firsts = [year for year in years if later[year]]
        self.first.disabled = self.last.disabled = not firsts
        if firsts:
            _offer_years(self.first, firsts, max(firsts, key=lambda year: figures[year]))
            _offer_years(self.last, later[self.first.value], later[self.first.value][-1])
        self.meaning.value = words.hint(facts.MEASURES[measure].meaning)


def _offer_years(slider: w.SelectionSlider, years: list[int], otherwise: int) -> None:
    keep = slider.value
    if list(slider.options) != years:
        slider.options = years
        slider.value = keep if keep in years else otherwise
