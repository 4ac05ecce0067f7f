"""Every number of the source document: as printed, of whom, and whether it holds."""

import ipywidgets as w

from imganalytics.explorers.explorer import Twin
from imganalytics.explorers.profile import offer
from imganalytics.explorers.tables import TableExplorer, choice, search_box
from imganalytics.result import Result
from imganalytics.studies.document_facts import CHECKS, document_facts, sections

COLUMNS = ["What about, and what", "Figure", "Counts (95 % interval)", "Check", "Of whom", "Year", "Quote",
           "Beside it", "Selection bias", "Section"]
EVERY = "All"


def twin(result: Result) -> Twin:
    """A row for each number."""
    names = ("subject", "what", "shown", "counted", "population", "year", "comparator", "comparator_value",
             "check_label", "remark",
             "selection_bias", "quote", "section", "fact_id")
    rows, keys = [], []
    for subject, what, shown, counts, whom, year, other, value, check, remark, bias, quote, section, fact in zip(
            *(result.frame[name].tolist() for name in names)):
        beside = f"{other}: {value:g}" if value == value else other
        rows.append([f"{subject}: {what}", shown, counts, f"{check}\n{remark}".strip(), whom, year, quote, beside,
                     bias, section])
        keys.append([fact])
    return Twin(COLUMNS, rows, (), keys, {"Figure": "source_document_facts"})


def _options(names: list[str] | tuple[str, ...]) -> list[tuple[str, str]]:
    return [(EVERY, ""), *((name, name) for name in names)]


class DocumentFactExplorer(TableExplorer):
    """The numbers of the source document; `selection` holds section, subject, check (None: all) and search."""

    study = staticmethod(document_facts)
    twin_of = staticmethod(twin)
    file_name = "source_document"
    asks = ("fact_id", "table_name")
    blank = ("section", "subject", "check")

    def _make_controls(self) -> dict[str, w.Widget]:
        return {"section": choice([(name, name) for name in sections()], "Section of the document"),
                "subject": choice([], "About"),
                "check": choice([(label, key) for key, label in CHECKS.items()], "What a check found"),
                "search": search_box("visa, publications, Barrow ...")}

    def _offer(self) -> None:
        section = self._controls["section"].value
        subjects = sections()[section] if section else sorted({name for names in sections().values()
                                                               for name in names}, key=str.lower)
        offer(self._controls["subject"], _options(subjects))
