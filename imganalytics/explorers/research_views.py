"""Directors' views of research before residency beside what IMGs had done who matched, and one applicant's values."""

import ipywidgets as w

from imganalytics.charts.research_views import said, spec
from imganalytics.explorers.explorer import CONTROL, LABEL, Explorer, Twin
from imganalytics.result import Result
from imganalytics.studies.research_views import LIMITS, PANELS, research_views

COLUMNS = ["What", "Who", "Figure", "n", "Range", "Where the value lies", "Selection bias"]


def twin(result: Result) -> Twin:
    """A row for each figure."""
    rows, keys = [], []
    for row in result.frame.to_dict("records"):
        spread = f"{row['minimum']:g} to {row['maximum']:g}" if row["minimum"] == row["minimum"] else ""
        figure = said(row)[0].rsplit(", n = ", 1)[0]
        counts = f"{row['named']:.0f} of {row['n']:.0f}" if row["panel"] == "ranking" else f"{row['n']:.0f}"
        rows.append([PANELS[row["panel"]], row["label"], figure, counts, spread, row["lies"], row["selection_bias"]])
        keys.append([row["fact_id"]])
    return Twin(COLUMNS, rows, ("n",), keys, {"Figure": "source_document_facts"})


class ResearchViewExplorer(Explorer):
    """What directors say of research, and the medians; `selection` holds months and papers, values of your own."""

    study = staticmethod(research_views)
    spec_of = staticmethod(spec)
    twin_of = staticmethod(twin)
    file_name = "research_views"
    asks = ("fact_id", "table_name")

    def _make_controls(self) -> dict[str, w.Widget]:
        return {"months": w.IntSlider(24, *LIMITS["months"], description="Months of research", style=LABEL,
                                      layout=CONTROL),
                "papers": w.IntSlider(5, *LIMITS["papers"], description="Published papers", style=LABEL,
                                      layout=CONTROL)}
