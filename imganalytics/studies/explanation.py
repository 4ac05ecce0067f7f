"""Where a number comes from: the figures it rests on, what was corrected, what others print; as text and as HTML."""

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from itertools import groupby
from typing import Any, NamedTuple

from imganalytics.result import Source

WIDTH = 110   # of the text, in letters
TERMS = 16    # of its left column
ADDRESS = re.compile(r"https?://\S+")


@dataclass(frozen=True)
class Fact:
    """A figure as it stands in a file of ``datasets/``, or several of one source there, summed or counted.

    Attributes:
        what: what is counted, in words.
        value: the figure; None where none is printed, or it is withheld.
        unit: its unit; '' when unknown.
        source: where it was read; None for a source that is not in sources.csv.
        precedence: of the source; the lowest goes first.
        locator: table or page inside the source.
        derivation: 'published', or how it was reached.
        note: what a reader should know.
        file: its file in datasets/; '' when it stands in none.
        row: its row there (the header is row 1); None for several.
        parts: rows that were summed or counted.
        correction: id of the correction laid over it; '' when it stands as printed.
    """

    what: str
    value: Any
    unit: str
    source: Source | None
    precedence: int | None
    locator: str
    derivation: str
    note: str = ""
    file: str = ""
    row: int | None = None
    parts: int = 1
    correction: str = ""

    @property
    def text(self) -> str:
        """What is counted, and the figure with its unit."""
        if self.value is None:
            return f"{self.what}: {'withheld' if self.correction else 'no figure'}"
        said = figure_text(self.value, "" if self.unit in self.what.lower() else self.unit)
        return f"{self.what}: {said}{', as corrected' if self.correction else ''}"

    @property
    def place(self) -> str:
        """Where a steward finds it."""
        if self.parts > 1:
            return f"{self.parts:,} rows of {self.file}" if self.file else ""
        return f"{self.file}, row {self.row}" if self.row else self.file


@dataclass(frozen=True)
class Correction:
    """A declared correction laid over a figure: what was printed, and what stands here instead ('withheld')."""

    correction_id: str
    what: str
    printed: str
    here: str
    reason: str
    source: Source | None


@dataclass(frozen=True)
class Alternative:
    """What another source prints for the same; `difference` is from the figure used (None: nothing to compare)."""

    fact: Fact
    difference: float | None


class Line(NamedTuple):
    """A line of an explanation, with what is said more quietly beside it, and an address if it is one."""

    text: str
    aside: str = ""
    link: str = ""


Entry = tuple[str, list[Line]]


@dataclass(frozen=True)
class Explanation:
    """Where a number comes from.

    Attributes:
        heading: what the figure is, in words.
        scope: the place, the year and the base it is of.
        value: the figure itself, or why there is none.
        detail: its interval and counts.
        how: how the figure follows from the facts, one sentence each.
        facts: the printed figures it rests on.
        corrections: laid over the facts.
        alternatives: what other sources print for the same.
        rule: which of them is preferred; '' where there is nothing to prefer.
        missing: what is not published, and where it was looked for.
    """

    heading: str
    scope: str = ""
    value: str = ""
    detail: str = ""
    how: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    corrections: tuple[Correction, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    rule: str = ""
    missing: tuple[str, ...] = ()

    def blocks(self) -> list[list[Entry]]:
        """The explanation as terms with their lines: a block for each place in a source, the page first; then the rest."""
        rest = {
            "How": [Line(sentence) for sentence in self.how],
            "Not published": [Line(sentence) for sentence in self.missing],
            "Corrected": [Line(f"{one.what}: printed {one.printed}, here {one.here}. {one.reason}.",
                               f"{one.correction_id} in corrections.csv; by {_cited(one.source)}") for one in self.corrections],
            "Others print": [_alternative(list(ones)) for _, ones in groupby(self.alternatives,
                                                                             lambda one: _printed_together(one.fact))],
            "Preferred": [Line(self.rule)] if self.rule else []}
        printed = [list(_block(list(facts))) for _, facts in groupby(self.facts, _printed_together)]
        said = [(term, lines) for term, lines in rest.items() if lines]
        return [*printed, said] if said else printed

    def __str__(self) -> str:
        figure = f"{self.value} ({self.detail})" if self.detail else self.value
        head = filter(None, (self.heading, self.scope, figure))
        return "\n".join([*head, *(line for block in self.blocks() for entry in block for line in _as_text(*entry))])

    def to_html(self) -> str:
        """The explanation as a fragment of a page, all text escaped; addresses are links, and nothing is fetched."""
        parts = ((self.heading, "heading"), (self.scope, "scope"))
        head = "".join(f'<p class="imga-{name}">{escape(text)}</p>' for text, name in parts if text)
        if self.value:
            head += f'<p class="imga-value"><strong>{escape(self.value)}</strong> {escape(self.detail)}</p>'
        return head + "".join(f"<dl>{''.join(_as_html(*entry) for entry in block)}</dl>" for block in self.blocks())

    def _repr_html_(self) -> str:
        return self.to_html()


def figure_text(value: Any, unit: str = "") -> str:
    """A figure as it is read aloud: '1,234 positions', '1 position', '48.5 %'."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not isinstance(value, int | float):
        return str(value)
    text = f"{value:,.0f}" if float(value).is_integer() else f"{value:,.6g}"
    if unit == "percent":
        return f"{text} %"
    return f"{text} {unit.removesuffix('s') if text == '1' else unit}".rstrip()


def _printed_together(fact: Fact) -> tuple[Any, ...]:
    return fact.source, fact.locator, fact.derivation, fact.note


def _block(facts: list[Fact]) -> Iterator[Entry]:
    """Facts of one place in one source: the page, what it prints, the source."""
    first = facts[0]
    said = [fact for fact in facts if fact.value is not None or fact.correction] or facts
    blank = [fact.what for fact in facts if fact not in said]
    together = len(said) > 1 and len({fact.place for fact in said}) == 1
    if first.locator:
        yield "Page", [Line(first.locator)]
    yield "Figures" if not first.derivation else "Printed" if first.derivation.startswith("published") else "Derived", [
        Line(fact.text, "" if together else fact.place) for fact in said]
    if together and first.place:
        yield "File", [Line(first.place)]
    if blank:
        yield "Blank there", [Line("; ".join(blank))]
    if first.derivation not in ("", "published"):
        yield "Derivation", [Line(first.derivation)]
    if first.note:
        yield "Note", [Line(first.note)]
    if first.source:
        yield "Source", [Line(first.source.citation, f"{first.source.source_id}, {first.source.confidence}")]
        link = first.source.read_at if ADDRESS.fullmatch(first.source.read_at) else ""
        yield "Read at", [Line(first.source.read_at, link=link)]


def _alternative(ones: list[Alternative]) -> Line:
    """What one place in another source prints."""
    first = ones[0].fact
    figures = "; ".join(f"{one.fact.text}{_difference(one)}" for one in ones)
    computed = "" if first.derivation == "published" else first.derivation
    rows = ", ".join(dict.fromkeys(str(one.fact.row) for one in ones))
    place = f"{first.file}, row{'s' * (', ' in rows)} {rows}" if first.row else first.place
    aside = (first.locator, computed, f"precedence {first.precedence}", place)
    return Line(f"{figures}. {_cited(first.source)}", "; ".join(filter(None, aside)))


def _difference(one: Alternative) -> str:
    if one.difference is None:
        return ""
    percent = one.fact.unit == "percent"
    if abs(one.difference) <= (0.0501 if percent else 1e-9):  # a share is printed with one decimal
        return " (the same)"
    size = f"{one.difference:+,.1f} points" if percent else f"{one.difference:+,.6g}"
    return f" ({size})".replace("-", "\u2212")


def _cited(source: Source | None) -> str:
    return f"{source.citation} ({source.source_id})" if source else "a source that is not listed"


def _as_text(term: str, lines: list[Line]) -> Iterator[str]:
    for number, line in enumerate(lines):
        yield textwrap.fill(f"{line.text} ({line.aside})" if line.aside else line.text, WIDTH,
                            initial_indent=f"  {'' if number else term:<{TERMS - 2}}", subsequent_indent=" " * TERMS,
                            break_long_words=False, break_on_hyphens=False)


def _as_html(term: str, lines: list[Line]) -> str:
    return f"<dt>{escape(term)}</dt>" + "".join(f"<dd>{_linked(line)}{_aside(line)}</dd>" for line in lines)


def _linked(line: Line) -> str:
    text = escape(line.text)
    return f'<a href="{escape(line.link)}" target="_blank" rel="noopener noreferrer">{text}</a>' if line.link else text


def _aside(line: Line) -> str:
    return f" <small>{escape(line.aside)}</small>" if line.aside else ""
