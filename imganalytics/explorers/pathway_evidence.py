"""The evidence on pathways before residency: outcomes with their denominators, and what nobody has measured."""

from collections.abc import Iterator
from html import escape
from itertools import groupby
from typing import Any

import ipywidgets as w

from imganalytics.charts.pathway_evidence import COLOUR, SYMBOLS, said, spec
from imganalytics.charts.rows import records
from imganalytics.explorers import words
from imganalytics.explorers.explorer import CONTROL, LABEL, Explorer, Twin, dropdown
from imganalytics.explorers.tables import Unset, choice
from imganalytics.explorers.widgets import Picker
from imganalytics.result import Result
from imganalytics.studies.pathway_evidence import (
    BIASES, COMPARED, KINDS, MOST, PATHWAYS, SHORT, base_years, fields, nobody_measured, pathway_evidence)
from imganalytics.studies.provenance import source_names

COLUMNS = ["Programme or study", "Rate (95 % interval)", "Comparator", "Base rate", "Kind of outcome", "Outcome",
           "Of whom", "Years",
           "Specialty", "Pathway", "Selection bias", "Why", "Causal reading", "Study", "p", "Research and papers",
           "Money and visa",
           "Quote", "Check", "Note", "Source"]
FIGURES = {"Rate (95 % interval)": "outcome", "Comparator": "comparator", "Base rate": "base"}


def twin(result: Result) -> Twin:
    """A row for each outcome, with all that is known of it."""
    rows, keys = [], []
    for evidence, group in groupby(records(result.frame, *result.frame.columns), key=lambda row: row["evidence_id"]):
        marks = {mark["mark"]: mark for mark in group}
        rows.append(list(_cells(marks)))
        keys.append([evidence])
    return Twin(COLUMNS, rows, (), keys, FIGURES)


def _cells(marks: dict[str, dict[str, Any]]) -> Iterator[str]:
    row = marks["outcome"]
    yield "; ".join(filter(None, (row["programme"], row["statement"] and f"Statement {row['statement']}",
                                  row["institution"])))
    rate = said(row).removesuffix(f": {row['outcome_definition']}")
    yield row["reason"] + _counts(row) if row["reason"] else "\n".join(filter(None, (rate, row["of_all"])))
    yield said(marks["comparator"]).removeprefix("Beside it: ") if "comparator" in marks else row["comparator"]
    yield said(marks["base"]).removeprefix("Base rate ") if "base" in marks else ""
    yield from (KINDS[row["kind"]], row["outcome_definition"], f"{row['population']}{_people(row)}", row["years"],
                row["published_specialty"], PATHWAYS[row["pathway"]], row["bias"], row["selection_bias_note"],
                row["causal_reading"], row["study_design"], row["p_value"], _research(row),
                "; ".join(filter(None, (row["funding"], row["visa"]))), row["quote"], row["cross_check"], row["note"],
                f"{source_names()[row['source_id']]}; {row['locator']}")


def _counts(row: dict[str, Any]) -> str:
    return f"\n{row['matched']:.0f} of {row['applicants']:.0f}" if row["matched"] == row["matched"] else ""


def _people(row: dict[str, Any]) -> str:
    known = [f"{row[name]:,.0f} {what}" for name,
             what in (("n_fellows", "fellows or places"), ("n_imgs", "IMGs")) if row[name] == row[name]]
    return f" ({', '.join(known)})" if known else ""


def _research(row: dict[str, Any]) -> str:
    parts = []
    if row["research_months_median"] == row["research_months_median"]:
        months = [f"{row[f'research_months_{name}']:g}" for name in ("median", "q1", "q3", "min", "max")]
        parts.append("months of research: median {}, middle half {} to {}, range {} to {}".format(*months))
    if row["publications_median"] == row["publications_median"]:
        parts.append(f"papers: median {row['publications_median']:g}")
    parts += [row["publications_other"], row["h_index"] and f"h-index: {row['h_index']}"]
    return "; ".join(filter(None, parts))


class PathwayEvidenceExplorer(Unset, Explorer):
    """Published outcomes of pathways; `selection` holds the arguments of the study."""

    study = staticmethod(pathway_evidence)
    spec_of = staticmethod(spec)
    twin_of = staticmethod(twin)
    file_name = "pathway_evidence"
    asks = ("evidence_id", "mark")
    blank = ("specialty", "pathway")
    whole = ("biases", "kinds")

    def _make_controls(self) -> dict[str, w.Widget]:
        specialty = choice([(name, name) for name in fields()], "Specialty", "All specialties")
        specialty.value = "Neurological Surgery"
        biases = [{"value": key, "label": label, "symbol": SYMBOLS[key], "colour": COLOUR} for key,
                  label in BIASES.items()]
        kinds = [{"value": key, "label": SHORT[key], "hint": text} for key, text in KINDS.items()]
        return {"specialty": specialty,
                "pathway": choice([(label, key) for key, label in PATHWAYS.items()], "Pathway", "All pathways"),
                "compared_with": dropdown([(label, key) for key, label in COMPARED.items()], "Base rate of"),
                "base_year": w.SelectionSlider(options=[2020], description="Base rate of the Match of", style=LABEL,
                                               layout=CONTROL),
                "least": w.IntSlider(0, 0, MOST, 5, description="Least number of people", style=LABEL, layout=CONTROL),
                "kinds": Picker(kinds, list(KINDS), label="Kind of outcome", layout_style="chips"),
                "biases": Picker(biases, list(BIASES), label="Selection bias", layout_style="chips")}

    def _arranged(self) -> w.Widget:
        *pickers, grid = super()._arranged().children  # the specialty first: all else follows from it
        return w.VBox([grid, *pickers]).add_class("imga-controls")

    def _offer(self) -> None:
        year = self._controls["base_year"]
        years = list(base_years(self._controls["specialty"].value or None, self._controls["compared_with"].value))
        if list(year.options) != years:
            keep = year.value
            year.options = years
            year.value = min(years, key=lambda other: (abs(other - keep), other))
        year.disabled = len(years) < 2


class UnmeasuredView(w.VBox):
    """What nobody has measured about pathways, in plain words; `result` holds what and what stands in for it."""

    def __init__(self) -> None:
        self.result = nobody_measured()
        lines = "".join(f"<li><b>{escape(what)}.</b> Instead: {escape(instead[0].lower() + instead[1:])}.</li>"
                        for what, instead in zip(self.result["what"], self.result["instead"]))
        super().__init__([w.HTML(
            f'{words.STYLE}<div class="imga-text imga-notice"><b>Nobody has measured what a pathway adds.</b> No '
            f"source here publishes:<ul>{lines}</ul>Until someone does, nobody can say what a pathway changes for "
            "anyone.</div>")])
