"""Published outcomes of pathways as a forest plot: a row each, comparator and base rate on lines of their own."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby
from typing import Any

import plotly.graph_objects as go

from imganalytics.charts import marks, theme
from imganalytics.charts.competitiveness import GLYPHS
from imganalytics.charts.rows import records
from imganalytics.result import Result, Source
from imganalytics.studies.pathway_evidence import BIASES, KINDS, PATHWAYS, base_words, why_no_base
from imganalytics.studies.words import percent

WIDTH = 980
LABELS, WORDS, BIAS, EDGE = 316, 316, 92, 12
PLOT = WIDTH - LABELS - WORDS - BIAS - EDGE
LEFT = 12 - LABELS           # pixels from the plot to where labels begin
LINE, SMALL, GAP = 16, 15, 12  # heights of a line of a name, of a line of small words, and between rows
HEAD = 28                    # height of the heading of a group
COLOUR, GREY, BAND = "#0072B2", "#52606d", "#f0f3f6"
SYMBOLS = {"low": "circle", "moderate": "diamond", "high": "triangle-up", "very high": "star"}
GREYS = {"comparator": "square-open", "base": "circle-open"}
NEEDED = ("evidence_id", "mark", "read", "whom", "matched", "applicants", "printed_pct", "match_year",
          "applicant_type", "base", "source_id",
          "locator", "derivation", "programme", "institution", "field", "kind", "pathway", "bias", "causal_reading",
          "years", "statement",
          "population", "n_fellows", "n_imgs", "outcome_definition", "p_value", "research_months_median",
          "publications_median",
          "publications_other", "h_index", "funding", "study_design", "selection_bias_note", "rate", "rate_low",
          "rate_high", "basis",
          "reason", "reliability", "of_all")
Row = dict[str, Any]


@lru_cache(maxsize=2048)
def _wrapped(text: str, width: int, size: int = 12) -> tuple[str, ...]:
    """As theme.wrapped, kept: a slider shows mostly the same rows again."""
    return tuple(theme.wrapped(text, width, size))


@lru_cache(maxsize=64)
def _cited(sources: tuple[Source, ...]) -> dict[str, str]:
    """As marks.citations, kept. Callers must not write to it."""
    return {source.source_id: "<br>".join(map(theme.escaped, _wrapped(f"Source: {source.citation}", 420)))
            for source in sources}


@dataclass
class Block:
    """A row of the chart: its words, and where its marks stand, in pixels from the top of the plot."""

    row: Row
    top: float
    name: Sequence[str]
    about: Sequence[str]
    lines: list[tuple[Row | None, Sequence[str]]]  # a mark (None: none is drawn) and what is said of it
    height: float = 0
    at: list[float] = field(default_factory=list)


def figure(result: Result) -> go.Figure:
    """The chart of a pathway_evidence Result."""
    return go.Figure(**spec(result))


def spec(result: Result) -> theme.Spec:
    """The chart as plotly.js takes it: a trace for each class of bias, one for comparators, one for base rates."""
    rows = records(result.frame, *NEEDED)
    heads, blocks, height = _placed(rows, result.question.arguments)
    cited = _cited(result.sources)
    drawn = [(at, mark) for block in blocks for at, (mark, _) in zip(block.at, block.lines)
             if mark is not None and mark["rate"] == mark["rate"]]
    data = [_trace(f"Selection bias {bias}",
                   [(at, mark) for at, mark in drawn if mark["mark"] == "outcome" and mark["bias"] == bias],
                   SYMBOLS[bias], COLOUR, cited) for bias in BIASES]
    data += [_trace(name, [(at, mark) for at, mark in drawn if mark["mark"] == name], GREYS[name], GREY, cited)
             for name in GREYS]
    return {"data": [trace for trace in data if trace["x"]], "layout": _layout(result, heads, blocks, height)}


def _placed(rows: list[Row], asked: Row) -> tuple[list[tuple[float, str]], list[Block], float]:
    """Headings of the groups, the rows below them, and the height of it all."""
    heads, blocks, at = [], [], 0.0
    for kind, own in groupby(rows, key=lambda row: row["kind"]):
        heads.append((at, KINDS[kind]))
        at += HEAD
        for _, group in groupby(own, key=lambda row: row["evidence_id"]):
            block = _block(list(group), at, asked)
            blocks.append(block)
            at += block.height
    return heads, blocks, at


def _block(group: list[Row], top: float, asked: Row) -> Block:
    row = group[0]
    name = _wrapped(_title(row), LABELS - 18, 12)
    about = [line for text in (row["institution"], f"Of: {row['population']}",
                               ", ".join(filter(None, (row["years"], row["study_design"]))))
             for line in _wrapped(text, LABELS - 10, 11)]
    if row["reason"]:
        lines: list[tuple[Row | None, Sequence[str]]] = [(None, _wrapped(_without(row), PLOT + WORDS - 30, 11))]
        lines += [(mark, _wrapped(said(mark), WORDS - 24, 11)) for mark in group[1:] if row["rate"] == row["rate"]]
    else:
        lines = [(mark, _wrapped(said(mark), WORDS - 24, 11)) for mark in group]
        if row["of_all"]:
            lines.insert(1, (None, _wrapped(row["of_all"], WORDS - 24, 11)))
        missing = "" if group[-1]["mark"] == "base" else why_no_base(row, asked["compared_with"])
        lines += [(None, _wrapped(missing, WORDS - 24, 11))] if missing else []
    block = Block(row, top, name, about, lines)
    at = top + GAP / 2
    for _, words in lines:
        block.at.append(at + SMALL / 2)
        at += SMALL * len(words) + 3
    block.height = max(at - top, GAP / 2 + LINE * len(name) + SMALL * len(about)) + GAP / 2
    return block


def _title(row: Row) -> str:
    return ", statement ".join(filter(None, (row["programme"], row["statement"])))


def said(mark: Row) -> str:
    """A mark in words: rate, interval, counts, and whom it is of."""
    rate = percent(mark["rate"]).replace(".0 %", " %") if mark["rate_low"] != mark["rate_low"] else (
        f"{percent(mark['rate'])} ({100 * mark['rate_low']:.1f} to {100 * mark['rate_high']:.1f})")
    counts = (f"{mark['matched']:,.0f} of {mark['applicants']:,.0f}" if mark["matched"] == mark["matched"]
              else f"n = {mark['applicants']:,.0f}" if mark["applicants"] == mark["applicants"] else "")
    basis = "" if mark["basis"] in ("counts", "printed percentage and n") else mark["basis"]
    figure = ", ".join(filter(None, (rate, counts, basis)))
    printed = mark["printed_pct"]
    if printed == printed and abs(printed / 100 - mark["rate"]) > 0.005:
        figure += f" (printed: {printed:g} %)"
    if mark["mark"] == "base":
        return f"Base rate {mark['match_year']}: {figure} {base_words(mark)}"
    if mark["mark"] == "comparator":
        return f"Beside it: {figure}, {mark['whom']}"
    return f"{figure}: {mark['outcome_definition']}"


def _without(row: Row) -> str:
    """What is said where there is no rate, and what is known instead."""
    outcome, reason = row["outcome_definition"].removeprefix("none: "), row["reason"][0].upper() + row["reason"][1:]
    if row["matched"] == row["matched"]:
        return f"{reason}. {row['matched']:.0f} of {row['applicants']:.0f}: {outcome}."
    n = row["n_fellows"] if row["n_fellows"] == row["n_fellows"] else row["n_imgs"]
    medians = [f"{what}: median {row[name]:g}" for what, name in (("Months of research", "research_months_median"),
                                                                  ("Papers", "publications_median"))
               if row[name] == row[name]]
    known = [f"{reason}: {outcome}", f"n = {n:,.0f}" if n == n else "", *medians, row["publications_other"],
             f"h-index: {row['h_index']}" if row["h_index"] else "", row["funding"] if row["kind"] == "offers" else ""]
    return ". ".join(text for text in known if text) + "."


def _trace(name: str, own: list[tuple[float, Row]], symbol: str, colour: str, cited: dict[str, str]) -> dict[str, Any]:
    known = [(at, row, row["rate_low"] == row["rate_low"]) for at, row in own]
    return {"type": "scatter", "mode": "markers", "name": name, "x": [row["rate"] for _, row in own],
            "y": [at for at, _ in own],
            "cliponaxis": False, "error_x": {
                "type": "data", "symmetric": False, "thickness": 1.6, "width": 0, "color": colour,
                "array": [row["rate_high"] - row["rate"] if sure else 0 for _, row, sure in known],
                "arrayminus": [row["rate"] - row["rate_low"] if sure else 0 for _, row, sure in known]},
            "marker": {"symbol": [symbol if row["reliability"] == "ok" or "open" in symbol else f"{symbol}-open" for _,
                                  row in own],
                       "color": colour, "size": 9 if colour == COLOUR else 8, "line": {"width": 1.6, "color": colour}},
            "hovertext": [_hover(row, cited) for _, row in own], "hoverinfo": "text",
            "customdata": [[row["evidence_id"], row["mark"]] for _, row in own]}


def _hover(row: Row, cited: dict[str, str]) -> str:
    title = theme.escaped(_title(row))
    texts = [said(row) + ("; unstable" if row["reliability"] == "unstable" and row["rate_low"] == row["rate_low"]
                          else "")]
    if row["mark"] != "base":
        texts += [f"Of: {row['whom']}", f"Outcome: {row['outcome_definition']}",
                  row["of_all"], f"Years: {row['years'] or 'not said'}",
                  f"{PATHWAYS[row['pathway']]}; {row['study_design']}",
                  f"p = {row['p_value']}" if row["p_value"] else "",
                  f"Selection bias {row['bias']}: {row['selection_bias_note']}",
                  f"Causal reading: {row['causal_reading']}"]
    body = [theme.escaped(line) for text in texts if text for line in _wrapped(text, 420)]
    place = "<br>".join(map(theme.escaped, _wrapped(row["locator"], 420)))
    return "<br>".join([f"<b>{title}</b>", *body, marks.cited(cited, row["source_id"]), place])


def _layout(result: Result, heads: list[tuple[float, str]], blocks: list[Block], height: float) -> dict[str, Any]:
    foot, bottom = marks.foot(_key(), result, WIDTH, LABELS, PLOT, 30)
    top = theme.headline_height(result, WIDTH) + 42
    return {
        "template": theme.NAME, "width": WIDTH, "height": round(top + height + bottom),
        "margin": {"l": LABELS, "r": WORDS + BIAS + EDGE, "t": top, "b": bottom},
            "title": {"text": theme.headline(result, WIDTH)},
        "xaxis": {"range": [0, 1], "tick0": 0, "dtick": 0.25, "tickformat": ".0%", "fixedrange": True},
        "yaxis": {"range": [height, 0], "tickvals": [], "showticklabels": False, "showgrid": False,
                  "fixedrange": True},
        "shapes": list(_shapes(heads, blocks)),
        "annotations": [*_columns(),
                        *(_words(text, at + HEAD / 2, LEFT, 12, "middle", bold=True) for at, text in heads),
                        *(note for block in blocks for note in _notes(block)), *foot],
        "showlegend": False, "hovermode": "closest", "dragmode": False, "meta": {"summary": result.summary}}


def _key() -> list[str]:
    bias = ", ".join(f"{GLYPHS[SYMBOLS[bias]]} {bias}" for bias in BIASES)
    return [f"Selection bias of the outcome: {bias} (only those who had matched, so never a rate). Grey: "
            "\u25a1 comparator in the same source, \u25cb base rate of all applicants, of the year chosen or "
            "the nearest that is published."]


def _columns() -> Iterator[dict[str, Any]]:
    """Heads of the columns, and the scale once more above the plot."""
    for text, x, shift in (("Programme or study, who is counted, years", 0, LEFT),
                           ("Rate (95 % interval), counts", 1, 26),
                           ("Selection bias;<br>causal reading", 1, WORDS)):
        yield theme.note(f"<b>{text}</b>", x=x, y=1, xshift=shift, yanchor="bottom", yshift=4,
                         font={"size": 11, "color": theme.INK})
    for tick in (0, 0.5, 1):
        yield theme.note(f"{100 * tick:.0f}%", x=tick, y=1, xanchor="center", align="center", yanchor="bottom",
                         yshift=4,
                         font={"size": 11, "color": theme.MUTED})


def _words(text: str, y: float, shift: float, size: int, anchor: str = "top", x: float = 0, bold: bool = False,
           colour: str = theme.INK) -> dict[str, Any]:
    html = theme.escaped(text).replace("\n", "<br>")
    return theme.note(f"<b>{html}</b>" if bold else html, x=x, y=y, yref="y", xshift=shift, yanchor=anchor,
                      font={"size": size, "color": colour})


def _notes(block: Block) -> Iterator[dict[str, Any]]:
    row, first = block.row, block.top + GAP / 2 - 2
    yield _words("\n".join(block.name), first, LEFT, 12, bold=True)
    yield _words("\n".join(block.about), first + LINE * len(block.name), LEFT, 11, colour=theme.MUTED)
    for at, (mark, lines) in zip(block.at, block.lines):
        wide = bool(row["reason"]) and mark is None
        own = mark is not None and mark["mark"] == "outcome" or wide
        yield _words("\n".join(lines), at - SMALL / 2 - 2, 8 if wide else 26, 11, x=0 if wide else 1,
                     colour=theme.INK if own else theme.MUTED)
    yield _words(f"{row['bias']}\ncausal: {row['causal_reading']}", first, WORDS, 11, x=1)


def _shapes(heads: list[tuple[float, str]], blocks: list[Block]) -> Iterator[dict[str, Any]]:
    """Bands behind the headings, lines between rows, and nothing of the grid behind words."""
    left, right = (LEFT - 4) / PLOT, 1 + (WORDS + BIAS) / PLOT
    for at, _ in heads:
        yield {"type": "rect", "xref": "paper", "yref": "y", "x0": left, "x1": right, "y0": at, "y1": at + HEAD,
               "fillcolor": BAND,
               "line": {"width": 0}}
    for block in blocks:
        end = block.top + block.height
        if block.row["reason"]:
            yield {"type": "rect", "xref": "paper", "yref": "y", "x0": 0.005, "x1": 1.05, "y0": block.top + 1,
                   "y1": end - 1,
                   "fillcolor": "#ffffff", "line": {"width": 0}}
        yield {"type": "line", "xref": "paper", "yref": "y", "x0": left, "x1": right, "y0": end, "y1": end,
               "line": {"color": theme.HAIRLINE, "width": 1}}
