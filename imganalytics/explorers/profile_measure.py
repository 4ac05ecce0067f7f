"""One measure across all specialties, with a slider for a value."""

from typing import Any

import ipywidgets as w

from imganalytics.charts.quartiles import KEY
from imganalytics.charts.profile_measure import spec
from imganalytics.explorers.explorer import Explorer, Twin, dropdown
from imganalytics.explorers.profile import START, offer, slider, twin, type_options
from imganalytics.result import Result
from imganalytics.studies.profile_measure import SORTS, profile_measure
from imganalytics.studies.traits import groups, trait_labels, years_of


def by_specialty(result: Result) -> Twin:
    """The figures as a table: a row for each specialty and cohort."""
    own = twin(result)
    rows = [[label, *row[1:]] for label, row in zip(result.frame["specialty_label"].tolist(), own.rows)]
    return Twin(["Specialty", *own.columns[1:]], rows, own.numeric)


class MeasureExplorer(Explorer):
    """Medians and quartiles of one measure in each specialty, of those who matched and who did not.

    `selection` holds trait, applicant_type, match_year, sort and value.
    """

    study = staticmethod(profile_measure)
    spec_of = staticmethod(spec)
    twin_of = staticmethod(by_specialty)
    file_name = "measure_by_specialty"
    asks = KEY

    def _make_controls(self) -> dict[str, w.Widget]:
        self._values = dict(START)  # the value last chosen for each measure
        kinds = type_options()
        value = slider("usmle_step2_ck")
        value.description = "Value"
        self._measure = "usmle_step2_ck"
        controls = {"applicant_type": dropdown(kinds, "Applicant type"),
                    "match_year": dropdown(years_of(kinds[0][1]), "Match of"),
                    "trait": dropdown(_measures(kinds[0][1], years_of(kinds[0][1])[0]), "Measure"),
                    "sort": dropdown([(label, key) for key, label in SORTS.items()], "Sort by"), "value": value}
        controls["trait"].value = self._measure
        return controls

    def _offer(self) -> None:
        kind = self._controls["applicant_type"].value
        offer(self._controls["match_year"], years_of(kind), keep=False)
        offer(self._controls["trait"], _measures(kind, self._controls["match_year"].value))
        value, measure = self._controls["value"], self._controls["trait"].value
        if measure == self._measure:
            self._values[measure] = value.value
            return
        self._measure, new = measure, slider(measure)
        with value.hold_trait_notifications():
            value.min, value.max, value.value = new.min, new.max, self._values[measure]


def _measures(kind: str, year: int) -> list[tuple[str, Any]]:
    """Measures that are published for a group."""
    return [(label, trait) for trait, label in trait_labels().items() if trait in groups()[(kind, year)]]
