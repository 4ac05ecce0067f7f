"""Positions and programs of the fellowship matches, by subspecialty and appointment year."""

from functools import cache, lru_cache
from typing import Any

import pandas as pd

from imganalytics.statistics.rates import LEAST_SHOWN, LEAST_STABLE
from imganalytics.vocabulary import ALL_SPECIALTIES
from imganalytics.warehouse import connect
from imganalytics.warehouse.conflicts import PREFERENCE

ALL_LABEL = "All subspecialties"  # what 'All specialties' is called where all are fellowships
ORGANISATION = "NRMP SMS"

# Filled positions are a share of those offered only as one source has both: where the preferred figures come from two
# documents, `whole` is the number offered in the one that counts the filled ones.
FACTS = f"""
WITH facts AS (
    SELECT f.*, precedence FROM sums.fellowship_facts f JOIN published.sources s USING (source_id)
    WHERE organisation = '{ORGANISATION}' AND applicant_type = 'all' AND appointment_year = last_appointment_year
      AND (specialty = '{ALL_SPECIALTIES}' OR specialty IN (SELECT specialty FROM fellowship_programs))),
preferred AS (
    SELECT * FROM facts QUALIFY row_number() OVER (
        PARTITION BY specialty, appointment_year, measure ORDER BY {PREFERENCE}) = 1),
wide AS (
    SELECT specialty, appointment_year,
           max(value) FILTER (measure = 'positions_offered') AS offered,
           max(source_id) FILTER (measure = 'positions_offered') AS offered_source_id,
           max(locator) FILTER (measure = 'positions_offered') AS offered_locator,
           max(value) FILTER (measure = 'positions_filled') AS printed_filled,
           max(source_id) FILTER (measure = 'positions_filled') AS printed_source_id,
           max(locator) FILTER (measure = 'positions_filled') AS printed_locator,
           max(value) FILTER (measure = 'programs_with_positions') AS programs,
           max(source_id) FILTER (measure = 'programs_with_positions') AS programs_source_id,
           max(locator) FILTER (measure = 'programs_with_positions') AS programs_locator,
           max(value) FILTER (measure = 'programs_participating') AS participating,
           max(source_id) FILTER (measure = 'programs_participating') AS participating_source_id,
           max(locator) FILTER (measure = 'programs_participating') AS participating_locator
    FROM preferred GROUP BY ALL),
pairs AS (
    SELECT f.specialty, f.appointment_year, f.value AS filled, o.value AS whole, f.source_id, f.locator
    FROM facts f JOIN facts o USING (specialty, appointment_year, source_id)
    WHERE f.measure = 'positions_filled' AND o.measure = 'positions_offered'
    QUALIFY row_number() OVER (PARTITION BY f.specialty, f.appointment_year ORDER BY
        f.precedence, f.derivation <> 'published', source_id) = 1)
SELECT w.specialty, s.label, s.family, w.appointment_year, w.offered, coalesce(p.filled, w.printed_filled) AS filled,
       p.whole, p.whole - p.filled AS unfilled, p.filled / nullif(p.whole, 0) AS share, w.programs, w.participating,
       w.offered_source_id, w.offered_locator, coalesce(p.source_id, w.printed_source_id) AS filled_source_id,
       coalesce(p.locator, w.printed_locator) AS filled_locator, w.programs_source_id, w.programs_locator,
       w.participating_source_id, w.participating_locator
FROM wide w LEFT JOIN pairs p USING (specialty, appointment_year) JOIN specialties s USING (specialty)
ORDER BY w.specialty, w.appointment_year"""

NUMBERS = ("offered", "filled", "whole", "unfilled", "share", "programs", "participating")


@cache
def figures() -> pd.DataFrame:
    """Every subspecialty and year with a figure, and all together. Callers must not write to it.

    Columns: offered (positions); filled of whole (both of one source), unfilled, share; programs (codes that offer a
    position); participating (programs that certified a list, of all together only); a source for each.
    """
    frame = connect().execute(FACTS).df()
    for name in NUMBERS:
        frame[name] = frame[name].astype("float64")  # NaN where not published
    frame["label"] = [ALL_LABEL if name == ALL_SPECIALTIES else label_of(label)
                      for name, label in zip(frame["specialty"], frame["label"])]
    return frame


def label_of(label: str) -> str:
    """A label where all are fellowships: without the word that tells it from the residency of the same name."""
    return label.removesuffix(" (fellowship)")


@cache
def listed_years() -> tuple[int, ...]:
    """Appointment years for which the whole program listing is published."""
    rows = connect().execute("SELECT DISTINCT appointment_year FROM fellowship_program_results ORDER BY 1").fetchall()
    return tuple(year for (year,) in rows)


@cache
def labels() -> dict[str, str]:
    """What each subspecialty is called on screen, all together first."""
    frame = figures().drop_duplicates("specialty")
    known = dict(zip(frame["specialty"], frame["label"]))
    return {ALL_SPECIALTIES: known.pop(ALL_SPECIALTIES, ALL_LABEL), **known}


def subspecialty_options(with_all: bool = True) -> list[dict[str, Any]]:
    """Every subspecialty, for a picker: value, label, the discipline it belongs to, and the full name to find it by."""
    frame = figures().drop_duplicates("specialty").sort_values(["family", "label"])
    rows = [{"value": name, "label": label, "group": family, "search": name}
            for name, label, family in zip(frame["specialty"], frame["label"], frame["family"])]
    everything = [row | {"group": ""} for row in rows if row["value"] == ALL_SPECIALTIES]
    return (everything if with_all else []) + [row for row in rows if row["value"] != ALL_SPECIALTIES]


@lru_cache(maxsize=4096)
def reliability(whole: float, share: float) -> str:
    """How far a fill share of a full count may be leaned on: by the number of positions alone, since none is sampled."""
    if share != share or whole < LEAST_SHOWN:
        return "suppressed"
    return "unstable" if whole < LEAST_STABLE else "ok"


@cache
def gap_notes(year: int) -> tuple[str, ...]:
    """The declared gaps of the program listing in a year, in words."""
    rows = connect().execute(
        """SELECT g.subject, -g.gap FROM declared_gaps g
           WHERE check_id = 'fellowship_sums' AND gap IS NOT NULL AND subject LIKE $1 || ' %' ORDER BY 1""",
        [str(year)]).fetchall()
    if not rows:
        return ()
    told = " and ".join(f"{gap:.0f} {subject.split(' ', 1)[1].removeprefix('positions_')}" for subject, gap in rows)
    return (f"{year}: the program listing lacks {told} positions that the published totals hold (a declared gap); "
            "figures of single subspecialties that are summed from it may be a position short.",)
