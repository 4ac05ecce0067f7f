"""What the tests of explorers read off a widget: its cells, its words, what it has the browser draw."""

import json
import re
from html import unescape
from html.parser import HTMLParser
from typing import Any

from imganalytics.charts.competitiveness import spec
from imganalytics.explorers.competitiveness import CompetitivenessExplorer
from imganalytics.vocabulary import applicant_types

IMGS = ["us_img", "non_us_img"]


class Cells(HTMLParser):
    """The cells of an HTML table, row by row."""

    def __init__(self, text: str):
        super().__init__()
        self.rows: list[list[str]] = []
        self._open = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
            self._open = True

    def handle_endtag(self, tag: str) -> None:
        self._open = self._open and tag not in ("td", "th")

    def handle_data(self, data: str) -> None:
        if self._open:
            self.rows[-1][-1] += data


def visible(widget: Any) -> bool:
    return widget.layout.display != "none"


def words(widget: Any) -> str:
    """What an HTML widget says."""
    return unescape(re.sub("<style>.*?</style>|<[^>]+>", " ", widget.value, flags=re.DOTALL))


def bare(spec: dict[str, Any]) -> dict[str, Any]:
    """A spec as the browser reads it, without the template."""
    plain = json.loads(json.dumps(spec))
    del plain["layout"]["template"]
    return plain


def drawn(explorer: CompetitivenessExplorer) -> dict[str, Any]:
    """What the browser is told to draw."""
    return bare(json.loads(explorer.chart.spec))


def texts(explorer: CompetitivenessExplorer, **look: Any) -> list[list[str]]:
    """The lines of each annotation of the chart that looks so, from left to right, without markup."""
    found = [note for note in explorer.figure.layout.annotations
             if note.yanchor == "top" and note.y == 1 and all(note[name] == value for name, value in look.items())]
    return [[unescape(re.sub("<[^>]+>", "", line)).strip() for line in note.text.split("<br>")]
            for note in sorted(found, key=lambda note: note.x)]


def agrees(explorer: CompetitivenessExplorer) -> None:
    """Selection, result, chart, table, sentence and footing tell the same."""
    result = explorer.result
    asked, chosen = result.question.arguments, explorer.selection
    assert {key: chosen[key] for key in chosen if key not in ("sort_type", "against")} == {
        key: asked[key] for key in chosen if key not in ("sort_type", "against")}
    assert sorted(x for trace in explorer.figure.data for x in trace.x) == sorted(result.frame["rate"].dropna())
    assert drawn(explorer) == bare(spec(result))
    assert explorer.chart.description == result.summary and result.summary in words(explorer.say)
    head, *body = Cells(explorer.table.value).rows
    assert head[1:1 + len(asked["applicant_types"])] == [applicant_types()[key].label for key in asked["applicant_types"]]
    assert len(body) == len(result.frame) / len(asked["applicant_types"])
    assert all(text in words(explorer.footing) for text in (*result.caveats, *(s.citation for s in result.sources)))
    assert all(map(visible, (explorer.views, explorer.say, explorer.tip, explorer.footing)))


def says_why(explorer: CompetitivenessExplorer, text: str) -> None:
    """There is no result, no chart, and a notice with `text`."""
    assert explorer.result is None
    assert visible(explorer.notice) and text in words(explorer.notice.children[0])
    assert not any(map(visible, (explorer.views, explorer.say, explorer.tip, explorer.footing)))
