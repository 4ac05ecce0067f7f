"""Pathways side by side: what each asks for, costs and gives, statement by statement."""

from html import escape
from typing import Any

import ipywidgets as w

from imganalytics.explorers import words
from imganalytics.explorers.tables import STYLE, WordsExplorer, whence
from imganalytics.explorers.widgets import Picker
from imganalytics.result import Result
from imganalytics.studies.pathway_attributes import FIRST, PATHWAYS, TOPICS, pathway_attributes

MATRIX = """<style>
.imga-matrix {overflow: auto; width: 0; min-width: 100%; max-height: 640px;
  border: 1px solid var(--jp-border-color1, #bdbdbd); border-radius: 3px; background: var(--jp-layout-color0, #fff)}
.imga-matrix table {border-collapse: separate; border-spacing: 0; margin: 0;
  font: 12px/1.4 var(--jp-ui-font-family, sans-serif); color: var(--jp-ui-font-color1, #1f2933)}
.imga-matrix caption {text-align: left; padding: 6px 10px; font-weight: 600; color: inherit}
.imga-matrix :is(th, td) {text-align: left; vertical-align: top; padding: 6px 10px; border: 0;
  border-bottom: 1px solid var(--jp-border-color2, #e0e0e0); min-width: 190px; max-width: 240px; white-space: normal;
  background: var(--jp-layout-color0, #fff)}
.imga-matrix th[scope=row] {min-width: 110px; max-width: 120px; position: sticky; left: 0; z-index: 1}
.imga-matrix thead th {position: sticky; top: 0; z-index: 2}
.imga-matrix thead th:first-child {left: 0; z-index: 3; min-width: 110px}
.imga-matrix.imga-said dl {grid-template-columns: 46px minmax(0, 1fr); font-size: 11px}
.imga-matrix ul {margin: 0; padding-left: 14px}
.imga-matrix li + li {margin-top: 4px}
.imga-matrix small {color: var(--jp-ui-font-color2, #52606d); font-size: 11px}
.imga-matrix .none {color: var(--jp-ui-font-color2, #52606d); font-style: italic}
</style>"""


def matrix(result: Result) -> str:
    """Topics down, pathways across, each statement with where it is from; all text escaped."""
    rows = result.frame.to_dict("records")
    places = list(dict.fromkeys(row["place"] for row in rows))
    cells: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows:
        cells.setdefault((row["topic"], row["place"]), []).append(row)
    head = "".join(f'<th scope="col">{escape(PATHWAYS[place])}</th>' for place in places)
    body = "".join(f'<tr><th scope="row">{escape(label)}</th>'
                   f'{"".join(_cell(cells[topic, place]) for place in places)}</tr>' for topic, (label, _) in TOPICS.items())
    title = escape(result.title)
    return (f'{words.STYLE}{STYLE}{MATRIX}<div class="imga-matrix imga-said" role="region" tabindex="0" '
            f'aria-label="{title}" data-lm-suppress-shortcuts="true"><table><caption>{title}</caption>'
            f'<thead><tr><th scope="col">Topic</th>{head}</tr></thead><tbody>{body}</tbody></table></div>')


def _cell(rows: list[dict[str, Any]]) -> str:
    if not rows[0]["found"]:
        return f'<td class="none">{escape(rows[0]["statement"])}</td>'
    if len(rows) == 1:
        return f"<td>{_statement(rows[0])}</td>"
    said = "".join(f"<li>{_statement(row)}</li>" for row in rows)
    return f"<td><small>{len(rows)} statements, side by side:</small><ul>{said}</ul></td>"


def _statement(row: dict[str, Any]) -> str:
    whom = "" if row["applies_to"] == "IMGs" else row["applies_to"]
    about = ", ".join(filter(None, (whom, row["year"], row["publisher"])))
    return f"{escape(row['statement'])}<br><small>{escape(about)}</small>{whence(row, 'pathway_attributes.csv')}"


class PathwayAttributeExplorer(WordsExplorer):
    """Pathways side by side; `selection` holds pathways (None: all)."""

    study = staticmethod(pathway_attributes)
    file_name = "pathways"
    whole = ("pathways",)

    def _make_controls(self) -> dict[str, w.Widget]:
        return {"pathways": Picker([{"value": key, "label": label} for key, label in PATHWAYS.items()], FIRST,
                                   label="Pathways, and rules", layout_style="chips")}

    def _make_body(self) -> list[w.Widget]:
        self.matrix = w.HTML()
        return [self.matrix]

    def _tell(self, result: Result) -> None:
        self.matrix.value = matrix(result)
