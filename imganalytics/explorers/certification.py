"""ECFMG certification: the few figures that are published, by kind and years."""

from typing import Any

import ipywidgets as w

from imganalytics.charts.certification import spec
from imganalytics.errors import UserError
from imganalytics.explorers.explorer import CONTROL, LABEL, Explorer, Twin
from imganalytics.result import Result
from imganalytics.studies.certification import EVERY, FIGURES, certification, told


def certification_twin(result: Result) -> Twin:
    """A row for each published figure."""
    asked = result.question.arguments["figure"]
    rows = [[row["label"], row["period"], told(asked, row), "yes" if row["approximate"] else ""]
            for row in result.frame.to_dict("records")]
    return Twin(["Who", "Years", "Published", "Approximate"], rows)


class CertificationExplorer(Explorer):
    """How many ask for ECFMG certification, and what is known of those who get it."""

    study, spec_of, twin_of = staticmethod(certification), staticmethod(spec), staticmethod(certification_twin)
    file_name = "ecfmg-certification"
    asks = ("certificate_id",)

    def _make_controls(self) -> dict[str, w.Widget]:
        self.kind = w.Dropdown(options=[(label, key) for key, label in FIGURES.items()], description="What is shown",
                               style=LABEL,
                               layout=CONTROL)
        self.years = w.IntRangeSlider(value=EVERY, min=EVERY[0], max=EVERY[1], description="Years", style=LABEL,
                                      layout=CONTROL)
        return {"figure": self.kind, "years": self.years}

    def _set(self, name: str, value: Any) -> None:
        if name == "years" and not (len(value) == 2 and EVERY[0] <= value[0] <= value[1] <= EVERY[1]):
            raise UserError(f"years {list(value)!r}; allowed: two years from {EVERY[0]} to {EVERY[1]}, the "
                            f"earlier one first")
        super()._set(name, value)

    @property
    def selection(self) -> dict[str, Any]:
        """The arguments of the study as the controls stand."""
        return Explorer.selection.fget(self) | {"years": list(self.years.value)}

    selection = selection.setter(Explorer.selection.fset)
