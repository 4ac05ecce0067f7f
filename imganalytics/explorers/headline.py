"""Match rates of applicant types over the years, in two series side by side."""

import ipywidgets as w

from imganalytics.charts.headline import spec
from imganalytics.explorers.cells import rate_cell, type_chips
from imganalytics.explorers.explorer import CONTROL, LABEL, Explorer, Twin
from imganalytics.result import Result
from imganalytics.studies.headline import SERIES, SHOW, Row, headline, types_with_series, years_with_rates
from imganalytics.vocabulary import applicant_types

START = ("us_md_senior", "us_do_senior", "us_img", "non_us_img")


def twin(result: Result) -> Twin:
    """A row for each year, a column for each type in each series."""
    asked = result.question.arguments
    lines: dict[int, list[str]] = {}
    heads: dict[str, None] = {}
    for values in zip(*(result.frame[name].tolist() for name in Row._fields)):
        row = Row(*values)
        heads[f"{applicant_types()[row.line].label}, {SERIES[row.series].lower()}"] = None
        lines.setdefault(row.match_year, []).append(_cell(row))
    columns = [head.split(", ")[0] for head in heads] if asked["series"] != "both" else list(heads)
    return Twin(["Year", *columns], [[str(year), *cells] for year, cells in lines.items()])


def _cell(row: Row) -> str:
    if row.reason and row.printed_pct == row.printed_pct:
        return f"{row.printed_pct:g} % printed without both counts"
    cell = rate_cell(row.rate, row.rate_low, row.rate_high, row.matched, row.applicants, row.reliability, row.reason)
    return cell if row.applicant_type == row.line or row.reason else f"{cell}\nstudents and graduates"


class HeadlineExplorer(Explorer):
    """How often each applicant type matched, year by year; the two series are never joined."""

    study, spec_of, twin_of = staticmethod(headline), staticmethod(spec), staticmethod(twin)
    file_name = "match-rates-by-year"
    asks = ("series", "applicant_type", "match_year")

    def _make_controls(self) -> dict[str, w.Widget]:
        years = years_with_rates()
        series = w.Dropdown(options=[(label, key) for key, label in SHOW.items()], description="Series", style=LABEL,
                            layout=CONTROL)
        span = w.SelectionRangeSlider(options=years, value=(years[0], years[-1]), description="Years of the Match",
                                      style=LABEL, layout=CONTROL)
        return {"applicant_types": type_chips(types_with_series(), START), "series": series, "years": span}
