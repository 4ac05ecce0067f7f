"""How have the fellowship positions of subspecialties changed from year to year?"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pandas as pd

from imganalytics.errors import UserError
from imganalytics.result import Question, Result, RowsOf
from imganalytics.studies import fellowship_facts as facts
from imganalytics.studies.provenance import sources_of
from imganalytics.studies.trend_words import count_change, spans
from imganalytics.studies.words import listing, percent, points
from imganalytics.vocabulary import ALL_SPECIALTIES, require

MOST = 6
SUMMED = "program rows, summed"  # the locator of figures that are added up from the program listing
START = ("Cardiovascular Disease", "Gastroenterology", "Nephrology", "Infectious Disease", "Geriatric Medicine")


@dataclass(frozen=True)
class Measure:
    """Something that lines can show: a column of the facts, where its source is named, and what it is called."""

    column: str
    source: str
    published_as: str
    label: str
    title: str
    noun: str
    meaning: str = ""

    @property
    def is_share(self) -> bool:
        """Whether it is a fraction of the positions offered."""
        return self.column == "share"


MEASURES = {
    "offered": Measure("offered", "offered", "positions_offered", "Positions offered",
                       "How many fellowship positions are offered", "positions"),
    "filled": Measure("filled", "filled", "positions_filled", "Positions filled",
                      "How many fellowship positions are filled", "positions"),
    "unfilled": Measure("unfilled", "filled", "positions_filled", "Positions left open",
                        "How many fellowship positions stay open", "positions",
                        "Offered minus filled, where one source counts both."),
    "share": Measure("share", "filled", "positions_filled", "Share of positions filled",
                     "What part of the fellowship positions is filled", "positions",
                     "Filled of offered, where one source counts both. A full count, so it has no interval."),
    "programs": Measure("programs", "programs", "programs_with_positions", "Programs that offer a position",
                        "How many fellowship programs offer a position", "programs",
                        "Codes of the program listing, which begins in 2022."),
    "participating": Measure("participating", "participating", "programs_participating", "Programs that took part",
                             "How many fellowship programs took part", "programs",
                             "Published for all subspecialties together, and for a few in single years. It counts "
                             "programs without a position, too."),
}
COLUMNS = ["specialty", "label", "line", "segment", "appointment_year", "value", "filled", "whole", "reliability",
           "source_id", "locator"]


def fellowship_trends(measure: str = "offered", specialties: Sequence[str] = START,
                      years: Sequence[int] = (2016, 2026)) -> Result:
    """A line for each subspecialty, or for all together, over the appointment years.

    Args:
        measure: a key of MEASURES.
        specialties: one to six canonical names; 'All specialties' for all subspecialties together.
        years: first and last appointment year, both included.

    Returns:
        A frame of one row for each line and published year: value (a count, or a share 0-1 of filled of whole positions),
        line, segment (figures of two segments have years without a figure between them), reliability, provenance.

    Raises:
        UserError: an unknown word, too many lines, or nothing published for the choice.
    """
    what = MEASURES[require(measure, MEASURES, "measure")]
    names, (first, last) = _names(specialties), checked_years(years)
    rows = [row for line, name in enumerate(names) for row in _line(measure, name, line, first, last)]
    if not rows:
        raise UserError(_nothing(what, names, first, last))
    frame = pd.DataFrame({name: [row[name] for row in rows] for name in COLUMNS})
    lines = [[row for row in rows if row["line"] == line] for line in sorted({row["line"] for row in rows})]
    return Result(
        frame, Question("fellowship_trends", {"measure": measure, "specialties": names, "years": [first, last]}),
        title=f"{what.title}, {first} to {last}?" if first < last else f"{what.title} in {first}?",
        subtitle=_subtitle(what, rows), summary=" ".join(_told(what, line) for line in lines),
        sources=sources_of(row["source_id"] for row in rows), caveats=_caveats(what, names, lines, (first, last)),
        sql=facts.FACTS, rows_of=RowsOf("fellowship_results", ("specialty", "appointment_year"), {
            "organisation": facts.ORGANISATION, "applicant_type": "all", "measure": what.published_as}))


def all_years() -> tuple[int, int]:
    """First and last appointment year with a figure."""
    known = facts.figures()["appointment_year"]
    return int(known.min()), int(known.max())


def checked_years(years: Sequence[int]) -> tuple[int, int]:
    """First and last year, in that order.

    Raises:
        UserError: not two years, turned round, or outside those with figures.
    """
    low, high = all_years()
    if not isinstance(years, (list, tuple)) or len(years) != 2 or not all(isinstance(year, int) for year in years) \
            or not low <= years[0] <= years[1] <= high:
        raise UserError(f"years {years!r}; allowed: two years from {low} to {high}, the earlier one first")
    return years[0], years[1]


def _names(specialties: Sequence[str]) -> list[str]:
    if isinstance(specialties, str) or not specialties:
        raise UserError(f"Choose one to {MOST} subspecialties.")
    known = tuple(facts.labels())
    names = list(dict.fromkeys(require(name, known, "subspecialty") for name in specialties))
    if len(names) > MOST:
        raise UserError(f"{len(names)} subspecialties are too many for one chart; choose at most {MOST}.")
    return names


@lru_cache(maxsize=1024)
def _figures(measure: str, name: str) -> tuple[dict[str, Any], ...]:
    """Every published year of a line. Callers must not write to it."""
    what, known = MEASURES[measure], facts.figures()
    own = known[(known["specialty"] == name) & known[what.column].notna()]
    return tuple({
        "specialty": name, "label": row["label"], "appointment_year": row["appointment_year"], "value": row[what.column],
        "filled": row["filled"], "whole": row["whole"], "source_id": row[f"{what.source}_source_id"],
        "locator": row[f"{what.source}_locator"],
        "reliability": facts.reliability(row["whole"], row["share"]) if what.is_share else "ok"}
        for row in own.to_dict("records"))


def _line(measure: str, name: str, line: int, first: int, last: int) -> list[dict[str, Any]]:
    """The rows of a line that can be shown; a year without a figure begins a new segment."""
    rows: list[dict[str, Any]] = []
    for row in _figures(measure, name):
        if first <= row["appointment_year"] <= last and row["reliability"] != "suppressed":
            joined = rows and row["appointment_year"] == rows[-1]["appointment_year"] + 1
            segment = rows[-1]["segment"] + (not joined) if rows else 0
            rows.append(row | {"line": line, "segment": segment})
    return rows


def _nothing(what: Measure, names: list[str], first: int, last: int) -> str:
    labels = listing([facts.labels()[name] for name in names])
    key = next(key for key, each in MEASURES.items() if each is what)
    have = sorted({row["appointment_year"] for name in names for row in _figures(key, name)})
    when = f"in {first}" if first == last else f"from {first} to {last}"
    said = f"{what.label}: nothing is published for {labels} {when}."
    if have:
        return f"{said} There are figures for {spans(have)}."
    return f"{said} Choose {facts.ALL_LABEL}." if key == "participating" and ALL_SPECIALTIES not in names else said


def figure_text(row: dict[str, Any], is_share: bool) -> str:
    """A figure in words: '501', or '66.5 % (333 of 501)'."""
    if not is_share:
        return f"{row['value']:,.0f}"
    return f"{percent(row['value'])} ({row['filled']:,.0f} of {row['whole']:,.0f})"


def _subtitle(what: Measure, rows: list[dict[str, Any]]) -> str:
    year = max(row["appointment_year"] for row in rows)
    own = [row for row in rows if row["appointment_year"] == year]
    own = [row for row in own if row["specialty"] != ALL_SPECIALTIES] or own  # which hold all the others
    n = sum(row["whole" if what.is_share else "value"] for row in own)
    base = "Base: positions offered. A full count, so no intervals. Hollow: fewer than 30 positions." if what.is_share \
        else f"Counts of all {what.noun}, so no intervals."
    return (f"{base} n = {n:,.0f} {what.noun} in {year}. Year in which the fellowship begins. Gaps: no figure is "
            "published.")


def _told(what: Measure, line: list[dict[str, Any]]) -> str:
    start, end = line[0], line[-1]
    told = f"{start['label']}: {figure_text(start, what.is_share)} in {start['appointment_year']}"
    if start is end:
        return told + "."
    change = points(end["value"] - start["value"]) if what.is_share else count_change(start["value"], end["value"])
    return f"{told}, {figure_text(end, what.is_share)} in {end['appointment_year']} ({change})."


def _caveats(what: Measure, names: list[str], lines: list[list[dict[str, Any]]], years: tuple[int, int]) -> tuple[str, ...]:
    notes = [what.meaning] if what.meaning else []
    have = {line[0]["specialty"] for line in lines}
    if gone := [facts.labels()[name] for name in names if name not in have]:
        notes.append(f"Not published for this choice: {listing(gone)}.")
    gaps = []
    for line in lines:
        known = {row["appointment_year"] for row in line}
        missing = [year for year in range(years[0], years[1] + 1) if year not in known]
        if missing:
            gaps.append(f"{line[0]['label']} {spans(missing)}")
    if gaps:
        notes.append(f"No figure is published here, and none is filled in: {'; '.join(gaps)}.")
    if any(row["appointment_year"] < min(facts.listed_years()) and row["specialty"] != ALL_SPECIALTIES
           for line in lines for row in line):
        notes.append("Figures before 2022 are single printings, restated by societies, journals or forums for most "
                     "subspecialties; the source of each mark is named when you point at it.")
    cited = {row["appointment_year"] for line in lines for row in line if row["locator"] == SUMMED}
    notes += [note for year in sorted(cited) for note in facts.gap_notes(year)]
    notes.append("Fellowships that are filled outside the NRMP's matches are not in these figures.")
    return tuple(notes)
