"""What changed most between two years of the Match, over all specialties?"""

from typing import Any

import numpy as np
import pandas as pd

from imganalytics.errors import UserError
from imganalytics.result import Question, Result
from imganalytics.statistics.rates import LEAST_STABLE, newcombe
from imganalytics.studies import trend_facts as facts
from imganalytics.studies.provenance import sources_of
from imganalytics.studies.trend_words import caveats, change_text
from imganalytics.studies.words import counted, listing
from imganalytics.vocabulary import ALL_SPECIALTIES, require

SORTS = {"change": "Change, highest first", "last": "Figure of the second year", "name": "Name"}
KEPT = ("specialty", "specialty_label", "family", "track", "choice", "entry_level", "applicant_type", "measure")
ENDS = ("value", "low", "high", "count", "of", "reliability", "reason", "source_id", "of_source_id", "locator")
Columns = dict[str, np.ndarray]


def trend_changes(measure: str = "offered", first_year: int = 2014, last_year: int = 2025, track: str = facts.MAIN,
                  minimum: int = 30, sort: str = "change") -> Result:
    """The change of each specialty from one year to another, the greatest rise first.

    Args:
        measure: a key of :data:`imganalytics.studies.trend_facts.MEASURES`.
        first_year: the year compared with.
        last_year: the year compared, a later one.
        track: a key of CHOICES, as of trends.
        minimum: specialties with less than this in either year (a count; for a share, what it is of) are left out.
        sort: change, last or name.

    Returns:
        A frame of one row for each specialty and track with a figure in at least one of the years: the figures of both
        (value_1, count_1, of_1 ... and value_2 ...), difference, and with it difference_low and difference_high for
        shares (Newcombe, fractions) or ratio for counts (second by first); reliability, reason (why there is none).

    Raises:
        UserError: an unknown word, years in the wrong order or on both sides of a new definition, or nothing to show.
    """
    require(measure, facts.MEASURES, "measure")
    require(track, facts.CHOICES, "choice of tracks")
    require(sort, SORTS, "sort order")
    _check(measure, first_year, last_year, minimum)
    what = facts.MEASURES[measure]
    columns = _changes(_paired(measure, first_year, last_year, track), what, (first_year, last_year))
    small = _smaller(columns, what) < minimum
    hidden = int((small & (columns["specialty"] != ALL_SPECIALTIES)).sum())
    below = int((small & (columns["reason"] == "")).sum())
    columns = _sorted({name: values[~small] for name, values in columns.items()}, sort)
    if not (columns["reason"] == "").any():
        raise UserError(_nothing(measure, first_year, last_year, track, minimum, below))
    arguments = {"measure": measure, "first_year": first_year, "last_year": last_year, "track": track,
                 "minimum": minimum, "sort": sort}
    return Result(
        pd.DataFrame(columns), Question("trend_changes", arguments), summary=_summary(columns, hidden, minimum, what),
        title=f"{what.label}: how did each specialty change from {first_year} to {last_year}?",
        subtitle=_subtitle(columns, what, first_year, last_year, minimum),
        sources=sources_of([*facts.crossed(measure, first_year, last_year),
                            *(text for name in ("source_id", "of_source_id") for end in (1, 2)
                              for text in columns[f"{name}_{end}"])]),
        caveats=_caveats(measure, columns, first_year, last_year), sql=facts.FACTS,
        parameters=facts.parameters(measure))


def _check(measure: str, first_year: int, last_year: int, minimum: int) -> None:
    facts.checked_years([first_year, last_year])
    if first_year == last_year:
        raise UserError(f"both years are {first_year}; choose two years")
    if not isinstance(minimum, int) or minimum < 0:
        raise UserError(f"minimum {minimum!r}; allowed: a whole number, 0 or more")
    for each in facts.breaks(measure):
        if not each.comparable and first_year < each.year <= last_year:
            raise UserError(f"{facts.MEASURES[measure].label}: {each.words}, so no change is computed between "
                            f"{first_year} and {last_year}; choose both years before {each.year}, or both from "
                            f"{each.year} on")


def _paired(measure: str, first_year: int, last_year: int, track: str) -> Columns:
    """The columns of both years side by side; NaN or None where a year has no figure."""
    known = facts.arrays(measure)
    at: dict[tuple[str, str], list[int]] = {}
    for end, year in enumerate((first_year, last_year)):
        for row in facts.chosen(measure, year, year, track).tolist():
            at.setdefault((known["specialty"][row], known["choice"][row]), [-1, -1])[end] = row
    both = np.array(list(at.values()), int).reshape(-1, 2)
    columns = {name: known[name][both.max(axis=1)] for name in KEPT}
    for end in (0, 1):
        rows, there = both[:, end], both[:, end] >= 0
        for name in ENDS:
            blank = None if known[name].dtype == object else np.nan
            columns[f"{name}_{end + 1}"] = np.where(there, known[name][rows], blank) if len(rows) else known[name][rows]
    names, counts = np.unique(columns["specialty"].astype(str), return_counts=True)
    several = set(names[counts > 1])
    columns["row_label"] = np.array([facts.row_label(label, choice, name in several) for name, label, choice in
                                     zip(columns["specialty"], columns["specialty_label"], columns["choice"])], object)
    return columns


def _changes(columns: Columns, what: facts.Measure, years: tuple[int, int]) -> Columns:
    """Adds the change, its interval, how far it may be trusted, and why there is none."""
    one, two = columns["value_1"].astype(float), columns["value_2"].astype(float)
    counts = [columns[f"{name}_{end}"].astype(float) for end in (2, 1) for name in ("count", "of")]
    known = ~np.isnan(one) & ~np.isnan(two)
    if what.is_share:
        difference, (low, high) = newcombe(*(np.where(known, each, np.nan) for each in counts))
        unstable = (columns["reliability_1"] == "unstable") | (columns["reliability_2"] == "unstable")
    else:
        difference, low, high = two - one, np.full(len(one), np.nan), np.full(len(one), np.nan)
        unstable = np.fmin(one, two) < LEAST_STABLE
    ratio = np.divide(two, one, out=np.full(len(one), np.nan), where=known & (one > 0) & (not what.is_share))
    ends = zip(one, two, columns["reason_1"], columns["reason_2"])
    return columns | {"difference": difference, "difference_low": low, "difference_high": high, "ratio": ratio,
                      "reason": np.array([_reason(what, years, *each) for each in ends], object),
                      "reliability": np.select([~known, unstable], ["suppressed", "unstable"], "ok")}


def _reason(what: facts.Measure, years: tuple[int, int], one: float, two: float, reason_1: str | None,
            reason_2: str | None) -> str:
    """Why there is no change to show, in words; '' when there is one."""
    for value, reason, year in ((one, reason_1, years[0]), (two, reason_2, years[1])):
        if value != value:
            listed = what.types == ("all",) and facts.COMPLETE[0] <= year <= facts.COMPLETE[1]
            return f"{year}: {reason or (f'no {what.noun} listed' if listed else 'not published')}"
        if value == 0 and not what.is_share:
            return f"{year}: none, so no percentage"
    return ""


def _smaller(columns: Columns, what: facts.Measure) -> np.ndarray:
    """The smaller of the two years' numbers that the minimum is about; 0 where a year has none."""
    name = "of" if what.is_share else "value"
    return np.minimum(*(np.nan_to_num(columns[f"{name}_{end}"].astype(float)) for end in (1, 2)))


def _sorted(columns: Columns, sort: str) -> Columns:
    change = np.where(np.isnan(columns["ratio"]), columns["difference"], columns["ratio"])
    key = {"change": -change, "last": -columns["value_2"].astype(float), "name": np.zeros(len(change))}[sort]
    none = columns["reason"] != ""
    order = np.lexsort((columns["row_label"].astype(str), np.where(np.isnan(key), np.inf, key),
                        none & (sort == "change"), columns["specialty"] != ALL_SPECIALTIES))
    return {name: values[order] for name, values in columns.items()}


def _subtitle(columns: Columns, what: facts.Measure, first_year: int, last_year: int, minimum: int) -> str:
    own = columns["specialty"] != ALL_SPECIALTIES
    own = own if own.any() else ~own
    name = "of" if what.is_share else "value"
    n = " and ".join(f"{np.nansum(columns[f'{name}_{end}'][own].astype(float)):,.0f}" for end in (1, 2))
    least = f" At least {minimum:,} {what.noun} in both years." if minimum else ""
    if what.is_share:
        return (f"Base: {what.denominator}. n = {n} in {first_year} and {last_year}.{least} Bars: 95 % Newcombe "
                "intervals. Hollow: unstable.")
    return (f"Full counts, so no intervals. n = {n} {what.noun} in {first_year} and {last_year}.{least} Hollow: fewer "
            f"than {LEAST_STABLE}.")


def _told(columns: Columns, at: int) -> str:
    start, end = ({name: columns[f"{name}_{number}"][at] for name in ("value", "of")} for number in (1, 2))
    interval = (columns[name][at] for name in ("difference", "difference_low", "difference_high"))
    return f"{columns['row_label'][at]} {change_text(start, end, *interval)}"


def _summary(columns: Columns, hidden: int, minimum: int, what: facts.Measure) -> str:
    shown = np.flatnonzero((columns["reason"] == "") & (columns["specialty"] != ALL_SPECIALTIES))
    country = np.flatnonzero((columns["reason"] == "") & (columns["specialty"] == ALL_SPECIALTIES))
    sure = shown[columns["reliability"][shown] == "ok"]
    change = np.where(np.isnan(columns["ratio"]), columns["difference"], columns["ratio"])
    told = [f"{_told(columns, country[0])}."] if len(country) == 1 else []
    if len(sure) > 1:
        order = sure[np.argsort(change[sure])]
        told.append(f"From {_told(columns, order[0])} to {_told(columns, order[-1])}, over {len(sure)} specialties "
                    "and tracks.")
    elif len(shown):
        told.append(f"{listing([_told(columns, at) for at in shown[:3]])}.")
    if what.is_share and len(sure):
        apart = sum((columns["difference_low"][sure] > 0) | (columns["difference_high"][sure] < 0))
        told.append(f"For {apart} of {len(sure)} the interval leaves out no change.")
    if hidden:
        told.append(f"{counted(hidden, 'more lies', 'more lie')} below the minimum of {minimum:,}.")
    return " ".join(told)


def _caveats(measure: str, columns: Columns, first_year: int, last_year: int) -> tuple[str, ...]:
    ends: dict[str, Any] = {name: np.concatenate([columns[name], columns[name]]) for name in ("specialty", "choice")}
    ends |= {name: np.concatenate([columns[f"{name}_{end}"] for end in (1, 2)])
             for name in ("reliability", "source_id", "of_source_id")}
    ends["reason"] = np.array([reason or "" for end in (1, 2) for reason in columns[f"reason_{end}"]], object)
    ends["match_year"] = np.repeat([first_year, last_year], len(columns["specialty"]))
    notes = caveats(measure, ends, (first_year, last_year), [], [])
    if not set(columns["choice"]) & set(facts.POOLS):
        notes = (*notes, "Programs move positions from one track to another: a fall of one track can be a rise of the "
                         "next. 'All tracks but preliminary, together' shows both as one.")
    if facts.MEASURES[measure].is_share:
        return notes
    return (*notes, "A percentage of a small count jumps by itself: hollow marks rest on fewer than "
                    f"{LEAST_STABLE} in one of the years.")


def _nothing(measure: str, first_year: int, last_year: int, track: str, minimum: int, below: int) -> str:
    label = facts.MEASURES[measure].label
    if below:
        return (f"{label}: no specialty has at least {minimum:,} in both {first_year} and {last_year}; lower the "
                f"minimum ({below} with figures for both years are below it)")
    have = facts.years_of(measure, track)
    years = f" Years with figures: {', '.join(map(str, have))}." if have else ""
    return f"{label} ({facts.CHOICES[track]}): no specialty has a figure for both {first_year} and {last_year}.{years}"
