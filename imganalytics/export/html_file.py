"""A Result as one HTML file that stays alive: charts, tables and words of every choice, no server, no network."""

import base64
import gzip
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

import plotly.io as pio

from imganalytics import __version__
from imganalytics.charts import theme
from imganalytics.errors import UserError
from imganalytics.export.exported import NOT_AFFILIATED, Exported
from imganalytics.export.handout import Choice, Progress, States, TableOf, states_of

HERE = Path(__file__).parent
RECEIPT, VARIED = "imganalytics-receipt", "imganalytics-varied"
LARGEST = 6_000_000  # bytes: what still goes by mail and opens on a phone
NO_TABLE: dict[str, Any] = {"columns": [], "rows": [], "numeric": []}
NO_CHART = ("The chart needs JavaScript and a browser of 2023 or newer (Chrome, Edge, Firefox or Safari). "
            "The table below has the same figures.")


def html_bytes(exported: Exported, varied: Mapping[str, Sequence[Any]] | None = None, *,
               progress: Progress | None = None, twin_of: TableOf | None = None) -> bytes:
    """A handout: one file that opens with `exported`, and with controls for the arguments that vary.

    Args:
        varied: up to three arguments of the study, each with the values that a reader can choose. None: what is usual
            for the study; {}: nothing varies. Where the study refuses a combination its words stand in place.
        progress: called with (done, of) after each combination; what it raises ends the work.
        twin_of: the table of a Result (anything with columns, rows and numeric), as an explorer shows it.

    Raises:
        UserError: an argument that the study does not take, more than three of them, more than 400 combinations, or
            more than 6 MB.
    """
    states = states_of(exported, varied, progress, twin_of)
    again = {choice.name: choice.values for choice in states.choices}
    page = "\n".join([*_head(exported), *_body(exported, states),
                      _data(RECEIPT, exported.receipt.to_json()), _data(VARIED, json.dumps(again)),
                      f'<script type="text/plain" id="handout-states">{_packed(_payload(states))}</script>',
                      f'<script type="text/plain" id="handout-library">{_library()[0]}</script>',
                      f"<script>{_script()}</script>", "</body>", "</html>", ""]).encode()
    if len(page) > LARGEST:
        raise UserError(f"the handout would have {len(page) / 1e6:.1f} MB; allowed: {LARGEST / 1e6:g} MB: vary fewer values")
    return page


def receipt_in_html(content: bytes) -> str | None:
    """The receipt's JSON in a handout; None when there is none."""
    return _found(RECEIPT, content)


def varied_in_html(content: bytes) -> dict[str, list[Any]] | None:
    """What varies in a handout, as :func:`html_bytes` takes it; None when this is no handout."""
    found = _found(VARIED, content)
    try:
        varied = json.loads(found) if found else None
    except ValueError:
        return None
    return varied if isinstance(varied, dict) else None


def _found(name: str, content: bytes) -> str | None:
    start = f'<script type="application/json" id="{name}">'.encode()
    match = re.search(re.escape(start) + rb"([^<]*)</script>", content)
    return match[1].decode("utf-8", errors="replace") if match else None


# -- what the page is made of -------------------------------------------------------------------------------


def _head(exported: Exported) -> list[str]:
    return ["<!DOCTYPE html>", '<html lang="en">', "<head>", '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{_policy()}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f'<meta name="description" content="{escape(exported.alt_text)}">',
            f'<meta name="generator" content="imganalytics {escape(__version__)}">',
            f"<title>{escape(exported.title or 'Figures')}</title>", f"<style>{_text('handout.css')}</style>", "</head>"]


def _policy() -> str:
    """Nothing is fetched, and only our two scripts run: they are named by what is in them."""
    scripts = " ".join(f"'sha256-{_digest(text)}'" for text in (_script().encode(), _library()[1]))
    return (f"default-src 'none'; script-src {scripts}; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
            "form-action 'none'")


def _body(exported: Exported, states: States) -> list[str]:
    first = states.each[states.first]
    table = json.loads(states.tables[first["table"]]) if "table" in first else NO_TABLE
    hidden = " hidden" if "why" in first else ""
    note = f'<p class="note">{escape(exported.note)}</p>' if exported.note else ""
    return [
        "<body>", "<main>", f'<h1 id="handout-title">{escape(exported.title)}</h1>',
        f'<p id="handout-subtitle" class="subtitle">{escape(first.get("subtitle", ""))}</p>', note,
        *_controls(states),
        f'<p id="handout-why" class="why" role="alert"{"" if hidden else " hidden"}>{escape(first.get("why", ""))}</p>',
        '<p id="handout-summary" class="summary" role="status" aria-live="polite">'
        f'{escape(first.get("summary", ""))}</p>',
        f'<div id="handout-shown"{hidden}>', *_chart(first),
        '<section id="handout-table-part" aria-labelledby="handout-table-head">',
        '<h2 id="handout-table-head">The same as a table</h2>',
        '<div class="table" role="region" tabindex="0" aria-labelledby="handout-table-head">',
        f'<table id="handout-table">{_table(table)}</table>', "</div>", "</section>",
        *_list("caveats", "Before you use these numbers", first), *_list("sources", "Sources", first), "</div>",
        f"<footer><p>{escape(NOT_AFFILIATED)} Made with imganalytics {escape(__version__)}; everything shown is in "
        "this file, and nothing is sent or fetched.</p></footer>", "</main>"]


def _chart(first: dict[str, Any]) -> list[str]:
    if first.get("chart", 0) is None:
        return []
    return ['<section id="handout-figure" aria-label="Chart">',
            f'<p id="handout-nochart" class="why">{escape(NO_CHART)}</p>',
            '<p id="handout-wide" class="hint" hidden>The chart is wider than this screen: move it sideways.</p>',
            '<div id="handout-box" class="box" role="region" tabindex="0" '
            'aria-label="Chart, told by the words above and the table below">',
            '<div id="handout-chart" role="img"></div>', "</div>", "</section>"]


def _controls(states: States) -> list[str]:
    if not states.choices:
        return []
    places, left = [], states.first
    for choice in reversed(states.choices):
        left, place = divmod(left, len(choice.values))
        places.insert(0, place)
    return ['<div id="handout-controls" class="controls" role="group" aria-label="What to show" hidden>',
            *(_control(f"handout-choice-{at}", choice, place)
              for at, (choice, place) in enumerate(zip(states.choices, places))), "</div>"]


def _control(name: str, choice: Choice, place: int) -> str:
    label = f'<label for="{name}">{escape(choice.label)}</label>'
    said = escape(choice.told[place])
    if not choice.slides:
        options = "".join(f'<option value="{at}"{" selected" if at == place else ""}>{escape(text)}</option>'
                          for at, text in enumerate(choice.told))
        return f'<div class="control">{label}<select id="{name}" autocomplete="off">{options}</select></div>'
    words = escape(json.dumps(list(choice.told)))
    return (f'<div class="control">{label}<output id="{name}-said" for="{name}">{said}</output>'
            f'<input type="range" id="{name}" min="0" max="{len(choice.values) - 1}" step="1" value="{place}" '
            f'autocomplete="off" aria-valuetext="{said}" data-told="{words}">'
            f'<span class="ends" aria-hidden="true"><span>{escape(choice.told[0])}</span>'
            f"<span>{escape(choice.told[-1])}</span></span></div>")


def _table(table: dict[str, Any]) -> str:
    flush = [' class="n"' if name in table["numeric"] else "" for name in table["columns"]]
    head = "".join(f'<th scope="col"{right}>{escape(name)}</th>' for name, right in zip(table["columns"], flush))
    lines = ("".join(_cell(at, cell, flush[at]) for at, cell in enumerate(row)) for row in table["rows"])
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    return f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody>"


def _cell(at: int, cell: str, right: str) -> str:
    text = escape(cell) or "\u2013"
    return f'<th scope="row"{right}>{text}</th>' if at == 0 else f"<td{right}>{text}</td>"


def _list(name: str, head: str, state: dict[str, Any]) -> list[str]:
    lines = state.get(name, [])
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return [f'<section id="handout-{name}-part"{"" if lines else " hidden"}>', f"<h2>{head}</h2>",
            f'<ul id="handout-{name}">{items}</ul>', "</section>"]


# -- what travels in it -------------------------------------------------------------------------------------


def _payload(states: States) -> bytes:
    """All of it as one JSON text; like stands beside like, which packs well."""
    template = json.dumps(pio.templates[theme.NAME].to_plotly_json())
    sizes = json.dumps([len(choice.values) for choice in states.choices])
    return (f'{{"sizes":{sizes},"states":{json.dumps(states.each)},"tables":[{",".join(states.tables)}],'
            f'"charts":[{",".join(states.charts)}],"template":{template}}}').encode()


def _packed(content: bytes) -> str:
    return base64.b64encode(gzip.compress(content, 6, mtime=0)).decode()


def _data(name: str, text: str) -> str:
    """JSON as a block of data that no text in it can end."""
    safe = text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return f'<script type="application/json" id="{name}">{safe}</script>'


@cache
def _library() -> tuple[str, bytes]:
    """plotly.js packed, and as it is."""
    import plotly

    content = (Path(plotly.__file__).parent / "package_data" / "plotly.min.js").read_bytes()
    return _packed(content), content


@cache
def _text(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")


def _script() -> str:
    return _text("handout.js")


def _digest(content: bytes) -> str:
    return base64.b64encode(hashlib.sha256(content).digest()).decode()
