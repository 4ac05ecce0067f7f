"""The programmes, services and guides that the source document names, as cards."""

from html import escape
from typing import Any

import ipywidgets as w

from imganalytics.explorers import words
from imganalytics.explorers.tables import STYLE, WordsExplorer, choice, link, search_box, whence
from imganalytics.result import Result
from imganalytics.studies.directory import KINDS, NOT_SAID, PATHWAYS, directory, options

CARDS = """<style>
.imga-cards {display: grid; grid-template-columns: repeat(auto-fill, minmax(300px, 1fr)); gap: 12px; max-width: 1000px}
.imga-card {border: 1px solid var(--jp-border-color1, #bdbdbd); border-radius: 4px; padding: 10px 14px; line-height: 1.4;
  font-size: 13px; color: var(--jp-ui-font-color1, #1f2933); background: var(--jp-layout-color1, #fff)}
.imga-card h4 {margin: 0; font-size: 14px; line-height: 1.3}
.imga-card p {margin: 1px 0 4px; color: var(--jp-ui-font-color2, #52606d); font-size: 12px}
</style>"""
FIELDS = {"what_it_offers": "Offers", "specialties": "Specialties", "duration": "Duration",
          "cost_or_pay": "Cost or pay",
          "visa_or_eligibility": "Who, visa", "outcome_claim": "It claims"}
CHECK = "As printed; check before you rely on it."


def cards(result: Result) -> str:
    """The entries as cards in a page; all text escaped, nothing fetched."""
    body = "".join(map(_card, result.frame.to_dict("records")))
    return f'{words.STYLE}{STYLE}{CARDS}<div class="imga-cards imga-said" role="list" aria-label="Directory">{body}</div>'


def _card(row: dict[str, Any]) -> str:
    head = " · ".join(filter(None, (row["kind_label"], row["place"])))
    own = row["organisation"] if row["organisation"] != row["name"] else ""
    pathway = "" if row["pathway"] == NOT_SAID else row["pathway_label"]
    terms = [("Pathway", escape(pathway)),
             *((label, escape(row[name])) for name, label in FIELDS.items() if row[name] != NOT_SAID)]
    if row["link_as_printed"]:
        terms.append(("Link", f"{link(row['link_as_printed'])}<br><i>{CHECK}</i>"))
    body = "".join(f"<dt>{term}</dt><dd>{text}</dd>" for term, text in terms if text)
    said = f"<dl>{body}</dl>" if body else "<dl><dt>Says</dt><dd>no more than its name</dd></dl>"
    return (f'<div class="imga-card" role="listitem"><h4>{escape(row["name"])}</h4><p>{escape(head)}</p>'
            f"{f'<div>{escape(own)}</div>' if own else ''}{said}{whence(row, 'directory.csv')}</div>")


class DirectoryExplorer(WordsExplorer):
    """The directory; `selection` holds kind, pathway, specialty, place (None: all) and search."""

    study = staticmethod(directory)
    file_name = "directory"
    blank = ("kind", "pathway", "specialty", "place")

    def _make_controls(self) -> dict[str, w.Widget]:
        known = options()
        return {"kind": choice([(KINDS[key], key) for key in known["kind"]], "Kind"),
                "pathway": choice([(PATHWAYS[key], key) for key in known["pathway"]], "Pathway"),
                "specialty": choice([(name, name) for name in known["specialty"]], "Specialties, as printed"),
                "place": choice([(name, name) for name in known["place"]], "Place"),
                "search": search_box("letters, visa, Harvard ...")}

    def _make_body(self) -> list[w.Widget]:
        self.cards = w.HTML()
        return [self.cards]

    def _tell(self, result: Result) -> None:
        self.cards.value = cards(result)
