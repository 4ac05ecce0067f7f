"""How have positions, fill and programs of specialties changed from year to year?"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from imganalytics.errors import UserError
from imganalytics.result import Question, Result, RowsOf
from imganalytics.statistics.rates import newcombe
from imganalytics.studies import trend_facts as facts
from imganalytics.studies.provenance import sources_of
from imganalytics.studies.trend_words import caveats, change_text, figure_text, spans
from imganalytics.studies.words import counted, listing
from imganalytics.vocabulary import ALL_SPECIALTIES, require

MOST_SPECIALTIES, MOST_LINES = 6, 12
START = ("Internal Medicine", "Family Medicine", "Pediatrics", "Psychiatry")
PLACE = ("match_year", "specialty", "track", "entry_level", "applicant_type", "measure")
COLUMNS = ["specialty", "specialty_label", "family", "track", "choice", "entry_level", "row_label", "line", "segment",
           "match_year", "applicant_type", "measure", "value", "low", "high", "count", "of", "reliability", "reason",
           "source_id", "of_source_id", "locator", "derivation"]


def trends(measure: str = "offered", specialties: Sequence[str] = START, years: Sequence[int] = facts.COMPLETE,
           track: str = facts.MAIN) -> Result:
    """A line for each specialty and track over the years of the Match.

    Args:
        measure: a key of :data:`imganalytics.studies.trend_facts.MEASURES`.
        specialties: one to six canonical names.
        years: first and last year, both included.
        track: a key of CHOICES: the main track, every track by itself, one track, or tracks taken together.

    Returns:
        A frame of one row for each line and published year: value (a count, or a share 0-1 with low and high, its 95 %
        Wilson interval), count, of (what a share is of), reliability, reason, line (number of the line), segment (its
        number on the line: figures of two segments do not mean quite the same), provenance.

    Raises:
        UserError: an unknown word, too many lines, or nothing published for the choice.
    """
    what, names, (first, last) = _checked(measure, specialties, years, track)
    columns = _rows(measure, names, first, last, track)
    lines = _lines(columns)
    if not lines:
        raise UserError(_nothing(measure, names, track, first, last))
    if len(lines) > MOST_LINES:
        raise UserError(f"{len(lines)} lines are too many for one chart; choose fewer specialties or one track "
                        f"(at most {MOST_LINES} lines)")
    frame = pd.DataFrame(columns)
    arguments = {"measure": measure, "specialties": list(names), "years": [first, last], "track": track}
    own = what.needed == 1 and set(columns["choice"]) <= set(facts.SINGLE)
    return Result(
        frame, Question("trends", arguments), title=_title(what, first, last), subtitle=_subtitle(what, lines),
        summary=" ".join(_told(line, measure) for line in lines),
        sources=sources_of([*columns["source_id"], *columns["of_source_id"], *facts.crossed(measure, first, last)]),
        caveats=caveats(measure, columns, (first, last), _missing(names, lines), _gaps(lines, first, last)),
        sql=facts.FACTS, parameters=facts.parameters(measure),
        rows_of=RowsOf("match_results", PLACE) if own else None)


def _checked(measure: str, specialties: Sequence[str], years: Sequence[int],
             track: str) -> tuple[facts.Measure, tuple[str, ...], tuple[int, int]]:
    require(measure, facts.MEASURES, "measure")
    require(track, facts.CHOICES, "choice of tracks")
    if isinstance(specialties, str) or not specialties:
        raise UserError(f"Choose one to {MOST_SPECIALTIES} specialties")
    names = tuple(dict.fromkeys(require(name, tuple(facts.specialties().index), "specialty") for name in specialties))
    if len(names) > MOST_SPECIALTIES:
        raise UserError(f"{len(names)} specialties are too many for one chart; choose at most {MOST_SPECIALTIES}")
    first, last = facts.checked_years(years)
    return facts.MEASURES[measure], names, (first, last)


def _rows(measure: str, names: tuple[str, ...], first: int, last: int, track: str) -> dict[str, np.ndarray]:
    """The columns of the frame: line by line in the order of `names`, each line in the order of its years.

    In numpy, since a slider waits for it.
    """
    known = facts.arrays(measure)
    at = facts.chosen(measure, first, last, track)
    order = {name: number for number, name in enumerate(names)}
    at = np.array([i for i in at.tolist() if known["specialty"][i] in order], int)
    place = [(order[known["specialty"][i]], facts.CHOICE_ORDER[known["choice"][i]], i) for i in at.tolist()]
    at = np.array([i for *_, i in sorted(place)], int)  # figures are kept in the order of years
    columns = {name: values[at] for name, values in known.items()}
    place = list(zip(columns["specialty"], columns["choice"]))
    lines = {key: number for number, key in enumerate(dict.fromkeys(place))}
    several = {name for name, _ in lines if sum(each == name for each, _ in lines) > 1}
    columns["line"] = np.array([lines[key] for key in place], int)
    columns["segment"] = _segments(columns["line"], columns["match_year"], columns["reason"], measure)
    columns["row_label"] = np.array([facts.row_label(label, choice, name in several) for name, label, choice in
                                     zip(columns["specialty"], columns["specialty_label"], columns["choice"])], object)
    return {name: columns[name] for name in COLUMNS}


def _segments(line: np.ndarray, year: np.ndarray, reason: np.ndarray, measure: str) -> np.ndarray:
    """Number of the segment of its line for each figure: a new one after a year without a figure and at a break."""
    breaks = [each.year for each in facts.breaks(measure)]
    segments, number, before = [], 0, (None, 0, 0)
    for own, when, why in zip(line.tolist(), year.tolist(), reason.tolist()):
        now = (own, when, sum(when >= each for each in breaks))
        number = 0 if own != before[0] else number + (when != before[1] + 1 or now[2] != before[2])
        segments.append(number)
        before = now if not why else (own, when - 1, now[2])
    return np.array(segments, int)


def _lines(columns: dict[str, np.ndarray]) -> list[list[dict]]:
    """The rows with a figure, as plain dicts, line by line; a line without any is left out."""
    lines: dict[int, list[dict]] = {}
    for values in zip(*(columns[name].tolist() for name in COLUMNS)):
        row = dict(zip(COLUMNS, values))
        if not row["reason"]:
            lines.setdefault(row["line"], []).append(row)
    return list(lines.values())


def _title(what: facts.Measure, first: int, last: int) -> str:
    return f"{what.question}, by specialty, {f'in {first}' if first == last else f'{first} to {last}'}?"


def _subtitle(what: facts.Measure, lines: list[list[dict]]) -> str:
    year = max(row["match_year"] for line in lines for row in line)
    own = [row for line in lines for row in line if row["match_year"] == year]
    own = [row for row in own if row["specialty"] != ALL_SPECIALTIES] or own  # which holds all the others
    n = sum(row["of" if what.is_share else "value"] for row in own)
    if what.is_share:
        return (f"Base: {what.denominator}. n = {counted(int(n), 'position', 'positions')} in {year}. Bars: 95 % "
                "Wilson intervals. Hollow: unstable. Gap: redefined, or no figure.")
    return (f"Counts of all {what.noun}, so there are no intervals. "
            f"n = {counted(int(n), what.noun[:-1], what.noun)} in {year}. Gap: redefined, or no figure.")


def _told(line: list[dict], measure: str) -> str:
    """First and last figure of a line in words, and the change between them where it may be computed."""
    start, end = line[0], line[-1]
    told = f"{start['row_label']}: {figure_text(start)} in {start['match_year']}"
    if start is end:
        return told + "."
    told += f", {figure_text(end)} in {end['match_year']}"
    crossed = [each for each in facts.breaks(measure)
               if start["match_year"] < each.year <= end["match_year"] and not each.comparable]
    if crossed:
        return told + f"; no change is computed, since the definition changed in {crossed[0].year}."
    difference, interval = newcombe(end["count"], end["of"], start["count"], start["of"])
    return told + f" ({change_text(start, end, float(difference), float(interval.low), float(interval.high))})."


def _missing(names: tuple[str, ...], lines: list[list[dict]]) -> list[str]:
    have = {line[0]["specialty"] for line in lines}
    return [str(facts.specialties()["label"][name]) for name in names if name not in have]


def _gaps(lines: list[list[dict]], first: int, last: int) -> list[str]:
    """Which years a line lacks, in words."""
    told = []
    for line in lines:
        known = {row["match_year"] for row in line}
        gone = [year for year in range(first, last + 1) if year not in known]
        if gone:
            told.append(f"{line[0]['row_label']} {spans(gone)}")
    return told


def _nothing(measure: str, names: tuple[str, ...], track: str, first: int, last: int) -> str:
    labels = listing([str(facts.specialties()["label"][name]) for name in names])
    when = f"in {first}" if first == last else f"from {first} to {last}"
    found = facts.figures(measure)
    own = found["specialty"].isin(names) & (found["reason"] == "")
    years = sorted(set(found.loc[own & facts.of_choice(measure, track), "match_year"].tolist()))
    said = f"{facts.MEASURES[measure].label}: nothing is published for {labels}"
    if years:
        return f"{said} {when}. There are figures for {spans(years)}."
    have = [label for key, label in facts.CHOICES.items() if key in set(found.loc[own, "choice"])]
    return f"{said} with the choice '{facts.CHOICES[track]}'." + (
        f" There are figures for: {'; '.join(have)}." if have else "")
