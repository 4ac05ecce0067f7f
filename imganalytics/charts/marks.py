"""Pieces that several charts share: rates with intervals, keys of applicant types, labels kept apart, sources."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from imganalytics.charts import theme
from imganalytics.charts.competitiveness import GLYPHS
from imganalytics.result import Result
from imganalytics.vocabulary import ApplicantType

Numbers = Sequence[float | None]


def rates(kind: ApplicantType, x: Numbers, y: Numbers, low: Numbers, high: Numbers, *, upright: bool = False,
          stable: Sequence[bool], hover: Sequence[str], **more: Any) -> dict[str, Any]:
    """A trace of rates with their intervals, hollow where they are unstable; the rates are `y` when upright, else `x`.

    A place without a number is None in x, y, low and high.
    """
    middle = y if upright else x
    error = {"type": "data", "symmetric": False, "thickness": 1.6, "width": 0, "color": kind.colour,
             "array": [_minus(b, m) for b, m in zip(high, middle)],
             "arrayminus": [_minus(m, a) for m, a in zip(middle, low)]}
    return {"type": "scatter", "mode": "markers", "name": kind.label, "x": list(x), "y": list(y),
            "error_y" if upright else "error_x": error,
            "marker": {"symbol": [kind.symbol + ("" if ok else "-open") for ok in stable], "color": kind.colour,
                       "size": 8, "line": {"width": 1.6, "color": kind.colour}},
            "hovertext": list(hover), "hoverinfo": "text", "cliponaxis": False, **more}


def _minus(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one - other


def axis_end(highest: Iterable[float]) -> float:
    """Where the axis of shares ends that starts at 0: at 50 % when every interval lies below, else at 100 %."""
    return 0.5 if max((value for value in highest if value == value), default=1) <= 0.5 else 1.0


def key(kind: ApplicantType) -> str:
    """The mark of an applicant type and its short name, in ink: some of the colours are too pale for letters."""
    return f"<span style='color:{kind.colour}'>{GLYPHS[kind.symbol]}</span> {theme.escaped(kind.short_label)}"


def apart(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Places near the wanted ones, at least `gap` from each other and between `low` and `high`, in the same order.

    Where they do not all fit, they are spread evenly. Neighbours that would overlap move together, by as little as
    their mean allows (pool adjacent violators: Barlow et al., Statistical Inference under Order Restrictions, 1972).
    """
    count = len(wanted)
    if not count:
        return []
    gap = min(gap, (high - low) / max(count - 1, 1))
    order = sorted(range(count), key=lambda at: wanted[at])
    blocks: list[list[float]] = []  # [sum, length] of wanted places less their share of the gaps
    for rank, at in enumerate(order):
        blocks.append([wanted[at] - rank * gap, 1])
        while len(blocks) > 1 and blocks[-2][0] / blocks[-2][1] > blocks[-1][0] / blocks[-1][1]:
            total, length = blocks.pop()
            blocks[-1] = [blocks[-1][0] + total, blocks[-1][1] + length]
    bases = [total / length for total, length in blocks for _ in range(int(length))]
    top = high - (count - 1) * gap
    places = [0.0] * count
    for rank, (at, base) in enumerate(zip(order, bases)):
        places[at] = min(max(base, low), top) + rank * gap
    return places


def citations(result: Result) -> dict[str, str]:
    """One wrapped line for a hover text by source id."""
    return {source.source_id: "<br>".join(map(theme.escaped, theme.wrapped(f"Source: {source.citation}", 420)))
            for source in result.sources}


def cited(line: dict[str, str], source_ids: str | None) -> str:
    """The lines of these sources ('a, b'), one below the other."""
    return "<br>".join(line[each] for each in (source_ids or "").split(", ") if each in line)


def source_line(result: Result) -> str:
    """The sources in one line; many are named by publisher and years, since the view lists each of them."""
    notice = "Cited as facts; not affiliated with the NRMP."
    if len(result.sources) <= 4:
        return f"{result.source_line}. {notice}"
    named = sorted((source.publisher, source.publication_year or 0) for source in result.sources)
    parts = []
    for publisher, group in groupby(named, key=lambda pair: pair[0]):
        years = [year for _, year in group if year]
        span = "" if not years else f" {years[0]}" if years[0] == years[-1] else f" {years[0]}-{years[-1]}"
        parts.append(publisher + span)
    return f"Sources ({len(result.sources)}, each with its title below the chart): {'; '.join(parts)}. {notice}"


def coloured(text: str, colours: Mapping[str, str]) -> str:
    """`text` with the mark of each symbol in its colour."""
    for symbol, colour in colours.items():
        text = text.replace(GLYPHS[symbol], f"<span style='color:{colour}'>{GLYPHS[symbol]}</span>")
    return text


def foot(lines: Sequence[str], result: Result, width: int, left: int, inner: float,
         shift: int = 40) -> tuple[list[dict[str, Any]], int]:
    """Words and the source line under a chart as annotations, and the pixels that they and the axis take.

    Args:
        lines: what the marks mean, and other words that belong under the axis.
        result: whose sources are named.
        width, left, inner: pixels of the chart, of its left margin, and of what lies between the margins.
        shift: pixels from the bottom of the plot to the first line.
    """
    notes, at = [], shift
    texts = [(line, 11, 15) for line in lines] + [(source_line(result), 10, 13)]
    for text, size, step in texts:
        wrapped = theme.wrapped(text, width - 30, size)
        notes.append(theme.note("<br>".join(map(theme.escaped, wrapped)), x=(12 - left) / inner, y=0, yanchor="top",
                                yshift=-at, font={"size": size, "color": theme.MUTED}))
        at += step * len(wrapped) + 3
    return notes, at + 6
