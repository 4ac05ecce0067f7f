"""The sentences around the figures of competitiveness: title, subtitle, summary, caveats."""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pandas as pd

from imganalytics.vocabulary import ALL_SPECIALTIES, BASES, TRACKS, applicant_types


class Row(NamedTuple):
    """What the sentences need to know of one figure."""

    specialty: str
    specialty_label: str
    row_label: str
    applicant_type: str
    applicants: float
    rate: float
    rate_low: float
    rate_high: float
    reliability: str
    reason: str
    entry_level: str
    main_entry_level: str | None
    corrections: str | None


def light_rows(frame: pd.DataFrame) -> list[Row]:
    """The frame as light tuples, for the sentences: pandas' own rows are too slow for a slider."""
    columns = (frame[name].tolist() for name in Row._fields)
    return [Row(*values) for values in zip(*columns)]


def percent(rate: float) -> str:
    """A fraction as a percentage with one decimal."""
    return f"{100 * rate:.1f} %"


def points(difference: float) -> str:
    """A difference of fractions in percentage points, with its sign."""
    rounded = round(100 * difference, 1) + 0.0  # which turns -0.0 into 0.0
    return f"{rounded:+.1f} points".replace("-", "\u2212")


def difference_text(difference: float, low: float, high: float) -> str:
    """A difference of fractions with its interval, in points: '+7.7 (+5.3 to +10.1)'; a dash when there is none."""
    if difference != difference:
        return "\u2013"
    middle, lower, upper = (points(value).removesuffix(" points") for value in (difference, low, high))
    return f"{middle} ({lower} to {upper})"


def ordinal(number: int) -> str:
    """1 as '1st', 12 as '12th', 23 as '23rd'."""
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def readable(text: str, more: Mapping[str, str] | None = None) -> str:
    """Text of the tables in words of the screen: 'us_img ranked_anywhere' as 'US IMG ranked the specialty anywhere'.

    `more` names further words that are to be replaced, such as ids of sources.
    """
    known = ({key: kind.label for key, kind in applicant_types().items()} | TRACKS
             | {key: base.label.lower() for key, base in BASES.items()} | dict(more or {}))
    return re.sub(r"\b[a-z0-9]+(_+[a-z0-9]+)+\b", lambda word: known.get(word[0], word[0].replace("_", " ")), text)


def listing(words: Sequence[str]) -> str:
    """'a', 'a and b', 'a, b and c'."""
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1]


def counted(number: int, one: str, several: str) -> str:
    """A number with the words that agree with it: '1 figure is', '1,200 figures are'."""
    return f"{number:,} {one if number == 1 else several}"


def title(types: Sequence[str], match_year: int) -> str:
    """The question in words."""
    return f"How often did {listing([applicant_types()[key].plural for key in types])} match, by specialty, in {match_year}?"


def subtitle(rows: Sequence[Row], types: Sequence[str], base: str, match_year: int,
             minimum: int) -> str:
    """Base, year, n of what is shown, and the least n of a rate that is shown."""
    n = {key: 0 for key in types}
    for row in rows:
        if not row.reason and (row.specialty != ALL_SPECIALTIES or base == "active"):
            n[row.applicant_type] += int(row.applicants)
    counted = "applications to a specialty" if base == "ranked_anywhere" else "applicants"
    numbers = listing([f"{number:,} {applicant_types()[key].label}" for key, number in n.items() if number] or ["0"])
    least = f", rates of at least {minimum}" if minimum > 0 else ""
    return (f"Base: {BASES[base].denominator}. {match_year} Match. n = {numbers} {counted}{least}. "
            "Lines: 95 % Wilson intervals. Hollow: unstable.")


def summary(rows: Sequence[Row], types: Sequence[str], hidden: int) -> str:
    """The answer for each type: the extremes among its stable rates, and how many rates are shaky or missing."""
    text = " ".join(_summary_of_type([row for row in rows if row.applicant_type == key], applicant_types()[key].plural)
                    for key in types)
    below = counted(hidden, "specialty lies", "specialties lie")
    return text + (f" {below} below the minimum number of applicants." if hidden else "")


def _summary_of_type(rows: list[Row], who: str) -> str:
    own = [row for row in rows if row.specialty != ALL_SPECIALTIES]
    stable = sorted((row for row in own if row.reliability == "ok"), key=lambda row: row.rate)
    unstable = sum(row.reliability == "unstable" for row in own)
    missing = len(own) - len(stable) - unstable
    also = listing([f"{count} {words}" for count, words in ((unstable, "unstable"), (missing, "without a number"))
                    if count] or [""])
    if not own:
        country = [row for row in rows if not row.reason]
        return f"{who}: {_figure(country[0])}." if country else f"{who}: no rate is published here."
    if not stable:
        return f"{who}: no stable rate here ({also})."
    tail = f" ({also} more)." if also else "."
    if len(stable) == 1:
        return f"{who}: the one stable rate is {_figure(stable[0])}{tail}"
    return f"{who}: {len(stable)} stable rates, from {_figure(stable[0])} to {_figure(stable[-1])}{tail}"


def _figure(row: Row) -> str:
    return (f"{row.row_label} {percent(row.rate)} "
            f"({100 * row.rate_low:.1f} to {100 * row.rate_high:.1f}, n = {int(row.applicants):,})")


def caveats(rows: Sequence[Row], base: str, hidden: int, minimum: int) -> tuple[str, ...]:
    """What a reader has to know beside these figures."""
    shown = [row for row in rows if not row.reason]
    notes = [BASES[base].meaning]
    late = sorted({row.specialty_label for row in shown
                   if row.main_entry_level == "PGY-2" and row.entry_level == "PGY-1"})
    if late:
        notes.append(f"{listing(late)}: most places start at PGY-2 and are not in these PGY-1 figures, so the specialty "
                     "looks harder to enter than it is.")
    unstable = sum(row.reliability == "unstable" for row in shown)
    if unstable:
        notes.append(f"{unstable} of {len(shown)} rates are unstable (hollow): fewer than 30 applicants, or an interval "
                     "wider than 20 points. Do not order specialties by them.")
    withheld = sum(row.reason.startswith("withheld") for row in rows)
    if withheld:
        notes.append(f"{counted(withheld, 'figure is', 'figures are')} withheld because two sources disagree and neither can "
                     "be shown to be right.")
    replaced = sum(isinstance(row.corrections, str) for row in shown)
    if replaced:
        notes.append(f"{counted(replaced, 'matched count was', 'matched counts were')} replaced by the official state "
                     "report's.")
    if hidden:
        notes.append(f"{counted(hidden, 'specialty is', 'specialties are')} hidden: fewer than {minimum} applicants of "
                     "every type shown, or no count published.")
    notes.append("Visa need, year of graduation, letters and US clinical experience are not in these figures. "
                 "A rate describes those who applied; it is not anyone's chance.")
    return tuple(notes)
