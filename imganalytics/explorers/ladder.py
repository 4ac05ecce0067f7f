"""From applicant to residency to fellowship: the ladder, with the choices of which something is published."""

from typing import Any

import ipywidgets as w

from imganalytics.charts.ladder import spec
from imganalytics.explorers.explorer import CONTROL, LABEL, Explorer, Twin
from imganalytics.result import Result
from imganalytics.studies import ladder_facts as facts
from imganalytics.studies.ladder import bases_of, ladder, years_of
from imganalytics.studies.ladder_steps import interval_text, share_text
from imganalytics.vocabulary import BASES, applicant_types

NONE = "no year is published"


def ladder_twin(result: Result) -> Twin:
    """A row for each step: of whom, share with interval, counts, or why there is none."""
    rows = []
    for row in result.frame.to_dict("records"):
        of = " ".join(filter(None, (row["who"], row["base_words"]))) or None
        told = row["reason"] or _share(row)
        counts = None if row["reason"] else f"{row['matched']:,.0f} of {row['applicants']:,.0f}"
        shaky = "yes" if row["reliability"] == "unstable" else ""
        rows.append([row["label"], of, row["period"] or None, told, counts, shaky])
    return Twin(["Step", "Base: of whom", "When", "Share (95 % interval)", "Counted", "Unstable"], rows)


def _share(row: dict[str, Any]) -> str:
    return f"{share_text(row['rate'])} ({interval_text(row['rate'], row['rate_low'], row['rate_high'])})"


class LadderExplorer(Explorer):
    """Each step with its own n and base; what joins is multiplied, and gaps stay gaps."""

    study, spec_of, twin_of = staticmethod(ladder), staticmethod(spec), staticmethod(ladder_twin)
    file_name = "from-applicant-to-fellowship"
    asks = ("step",)

    def _make_controls(self) -> dict[str, w.Widget]:
        def dropdown(description: str, options: list[tuple[str, Any]], value: Any) -> w.Dropdown:
            return w.Dropdown(options=options, value=value, description=description, style=LABEL, layout=CONTROL)

        kind, specialty = facts.TYPES[0], "Internal Medicine"
        self.kind = dropdown("Applicant type", [(applicant_types()[key].label, key) for key in facts.TYPES], kind)
        self.specialty = dropdown("Residency in", _swapped(facts.specialties_of(kind)), specialty)
        self.base = dropdown("Base of the residency step", _bases(kind, specialty), bases_of(kind, specialty)[0])
        self.year = w.SelectionSlider(options=years_of(kind, specialty, self.base.value),
                                      description="Year of the Match",
                                      style=LABEL, layout=CONTROL)
        self.fellowship = dropdown("Then a fellowship in", _fellowships(specialty), facts.EXAMPLE)
        self.years = w.SelectionSlider(options=_periods(kind, facts.EXAMPLE),
                                       value=facts.best_years(kind, facts.EXAMPLE),
                                       description="Year in which it begins", style=LABEL, layout=CONTROL)
        self._asked = (kind, facts.EXAMPLE)
        return {"applicant_type": self.kind, "specialty": self.specialty, "base": self.base, "match_year": self.year,
                "fellowship": self.fellowship, "fellowship_years": self.years}

    def _offer(self) -> None:
        kind = self.kind.value
        _refill(self.specialty, _swapped(facts.specialties_of(kind)), "All specialties")
        specialty = self.specialty.value
        _refill(self.base, _bases(kind, specialty), bases_of(kind, specialty)[0])
        self.base.disabled = len(self.base.options) < 2
        years = years_of(kind, specialty, self.base.value)
        _refill(self.year, [(str(year), year) for year in years], years[-1])
        self.year.disabled = len(years) < 2
        _refill(self.fellowship, _fellowships(specialty), None)
        self._offer_years(kind, self.fellowship.value)

    def _offer_years(self, kind: str, fellowship: str | None) -> None:
        """The years of a fellowship; where another one was shown before, at the year that comes nearest to the type."""
        if self._asked != (kind, fellowship):
            self._asked = (kind, fellowship)
            self.years.options = _periods(kind, fellowship)
            self.years.value = _best(kind, fellowship)
        self.years.disabled = len(self.years.options) < 2

    def _set(self, name: str, value: Any) -> None:
        if name == "fellowship_years" and value is None:
            value = _best(self.kind.value, self.fellowship.value)
        super()._set(name, value)

    @property
    def selection(self) -> dict[str, Any]:
        """The arguments of the study as the controls stand."""
        return Explorer.selection.fget(self) | {"fellowship_years": self.years.value or None}

    selection = selection.setter(Explorer.selection.fset)


def _swapped(names: dict[str, str]) -> list[tuple[str, str]]:
    return [(label, name) for name, label in names.items()]


def _bases(kind: str, specialty: str) -> list[tuple[str, str]]:
    return [(BASES[base].label, base) for base in bases_of(kind, specialty)]


def _fellowships(specialty: str) -> list[tuple[str, str | None]]:
    return [("None: only to residency", None), *_swapped(facts.fellowships_after(specialty))]


def _periods(kind: str, fellowship: str | None) -> list[tuple[str, str]]:
    known = facts.fellowship_steps(kind, fellowship) if fellowship else {}
    return [(years.replace("-", "\u2013"), years) for years in known] or [(NONE if fellowship else "\u2013", "")]


def _best(kind: str, fellowship: str | None) -> str:
    return facts.best_years(kind, fellowship) or "" if fellowship else ""


def _refill(control: w.Dropdown | w.SelectionSlider, options: list[tuple[str, Any]], otherwise: Any) -> None:
    """New options; the choice stays where it can, else it becomes `otherwise`."""
    keep = control.value
    if tuple(control.options) != tuple(options):
        control.options = options
        control.value = keep if keep in [value for _, value in options] else otherwise
