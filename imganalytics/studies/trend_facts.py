"""The figures behind trends: for each specialty, track and year a count, or a count and what it is a part of."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from imganalytics.errors import UserError
from imganalytics.statistics.rates import LEAST_SHOWN, reliability, wilson
from imganalytics.vocabulary import ALL_SPECIALTIES, FAMILIES, TRACKS
from imganalytics.warehouse import connect

FIRST_YEAR, LAST_YEAR = 2013, 2026
COMPLETE = (2014, 2025)  # the program reports cover these years whole


@dataclass(frozen=True)
class Measure:
    """What a trend is of.

    A count (`of` is None), or the part `top` of the count `of`; with `rest`, what is left of `of` without `top`.
    `types` are the applicant types that `top` counts, `needed` how many of them a year must have.
    """

    label: str
    question: str
    top: str
    of: str | None = None
    rest: bool = False
    is_share: bool = False
    types: tuple[str, ...] = ("all",)
    needed: int = 1
    denominator: str = ""
    noun: str = "positions"
    meaning: str = ""


OFFERED = "positions offered in the Match"
BEFORE_SOAP = "Filled by the Match itself, before SOAP."
LEFT_OPEN = "Left open by the Match itself; most of them are filled afterwards, in SOAP."
FILL_SHARE = ("A fill share is a part of the filled positions. It is not a match rate, and says nothing of those who "
              "applied.")


def _fill(who: str, *types: str, needed: int = 1, meaning: str = "") -> Measure:
    return Measure(f"Share of filled positions: {who}", f"What share of the filled positions went to {who}",
                   "positions_filled", "positions_filled", is_share=True, types=types, needed=needed,
                   denominator="positions filled at the Match", meaning=f"{FILL_SHARE} {meaning}".strip())


MEASURES: dict[str, Measure] = {
    "offered": Measure("Positions offered", "How many positions were offered", "positions_offered"),
    "filled": Measure("Positions filled at the Match", "How many positions were filled at the Match",
                      "positions_filled", meaning=BEFORE_SOAP),
    "unfilled": Measure("Positions unfilled at the Match", "How many positions were left unfilled at the Match",
                        "positions_filled", "positions_offered", rest=True, meaning=LEFT_OPEN),
    "filled_share": Measure("Share of positions filled", "What share of the positions was filled at the Match",
                            "positions_filled", "positions_offered", is_share=True, denominator=OFFERED,
                            meaning=BEFORE_SOAP),
    "unfilled_share": Measure("Share of positions unfilled",
                              "What share of the positions was left unfilled at the Match", "positions_filled",
                              "positions_offered", rest=True, is_share=True, denominator=OFFERED, meaning=LEFT_OPEN),
    "programs": Measure("Programs with positions", "How many programs offered positions", "program_tracks_with_quota",
                        noun="programs", meaning="A program counts once for each track in which it offered positions."),
    "programs_unfilled": Measure("Programs with an unfilled position", "How many programs had an unfilled position",
                                 "programs_unfilled", noun="programs",
                                 meaning="A program counts once for each track; 'All specialties' is the NRMP's own "
                                         "count, made another way, and is not the sum of the specialties."),
    "fill_img": _fill("US and non-US IMGs together", "us_img", "non_us_img", needed=2),
    "fill_us_img": _fill("US IMGs", "us_img"),
    "fill_non_us_img": _fill("non-US IMGs", "non_us_img"),
    "fill_us_md_senior": _fill("US MD seniors", "us_md_senior"),
    "fill_us_do": _fill("US DO seniors", "us_do_students_and_graduates", "us_do_senior",
                        meaning="To 2018 DO students and graduates were published as one group; since 2019 DO seniors "
                                "are counted alone."),
}


@dataclass(frozen=True)
class Break:
    """A year from which figures mean something else than before: lines break there, and say why and who says so."""

    year: int
    words: str
    source_id: str
    measures: tuple[str, ...] = tuple(MEASURES)
    comparable: bool = True  # whether a change across it may be computed at all


BREAKS = (
    Break(2014, "2013 as first published; it was revised in 2014", "ecfmg_2014"),
    Break(2019, "from 2019 DO seniors only", "aacom_2018", ("fill_us_do",), comparable=False),
    Break(2020, "from 2020 one Match for MD and DO programs", "becker_2020"),
)

MAIN, EACH = "main", "each"
POOLS = {"all_pgy1": ("categorical", "primary_care", "preliminary"),
         "all_but_preliminary": ("categorical", "primary_care", "advanced", "physician_reserved")}
SINGLE = ("categorical", "primary_care", "preliminary", "advanced", "physician_reserved")
CHOICES: dict[str, str] = {
    MAIN: "Main track of each specialty", EACH: "Every track by itself",
    "all_pgy1": "All PGY-1 tracks together", "all_but_preliminary": "All tracks but preliminary, together",
    **{track: f"Only {TRACKS[track]}" for track in SINGLE}}

CHOICE_ORDER = {key: at for at, key in enumerate(("all", *CHOICES))}

# Offered and filled positions of one share are of the same programs: where the filled ones are a sum over program rows
# (which lack some programs of 2025), so are the offered ones.
FACTS = """
WITH facts AS MATERIALIZED (
    SELECT match_year::INTEGER AS match_year, specialty, track, entry_level, applicant_type, measure, value, source_id,
           locator, derivation,
           CASE WHEN specialty = 'All specialties' AND entry_level = 'PGY-1' THEN 'all_pgy1' ELSE track END AS choice
    FROM match_results
    WHERE match_year BETWEEN $first AND $last AND value IS NOT NULL
      AND (specialty = 'All specialties' AND track IN ('all', 'advanced', 'physician_reserved')
           OR specialty <> 'All specialties'
              AND (list_contains($single::VARCHAR[], track) OR list_contains($pools::VARCHAR[], track)))),
part AS (
    SELECT match_year, specialty, track, choice, entry_level, sum(value) AS top,
           CASE WHEN $needed > 1 THEN 'img_all' ELSE min(applicant_type) END AS applicant_type,
           string_agg(DISTINCT source_id, ', ' ORDER BY source_id) AS source_id, min(locator) AS locator,
           min(derivation) AS derivation
    FROM facts WHERE measure = $top AND list_contains($types::VARCHAR[], applicant_type)
    GROUP BY ALL HAVING count(DISTINCT applicant_type) = $needed),
paired AS (
    SELECT p.*, CASE WHEN rows.source_id = p.source_id AND $of = 'positions_offered' THEN p.top + rows.value
                     ELSE w.value END AS of,
           CASE WHEN rows.source_id = p.source_id AND $of = 'positions_offered' THEN rows.source_id
                ELSE w.source_id END AS of_source_id
    FROM part p
    LEFT JOIN facts w ON (w.match_year, w.specialty, w.choice, w.entry_level, w.applicant_type, w.measure)
                       = (p.match_year, p.specialty, p.choice, p.entry_level, 'all', $of)
    LEFT JOIN facts rows ON (rows.match_year, rows.specialty, rows.choice, rows.entry_level, rows.applicant_type,
                             rows.measure)
                          = (p.match_year, p.specialty, p.choice, p.entry_level, 'all', 'positions_unfilled')
    WHERE $of IS NULL OR w.value >= p.top),
parts AS (
    SELECT DISTINCT match_year, specialty, track FROM facts
    WHERE measure = 'positions_offered' AND value > 0 AND specialty <> 'All specialties'
      AND list_contains($single::VARCHAR[], track) AND match_year BETWEEN $complete[1] AND $complete[2]),
pooled AS (
    SELECT a.match_year, a.specialty, pool.choice, sum(p.top) AS top, sum(p.of) AS of,
           string_agg(DISTINCT p.source_id, ', ' ORDER BY p.source_id) AS source_id,
           string_agg(DISTINCT p.of_source_id, ', ' ORDER BY p.of_source_id) AS of_source_id,
           min(p.applicant_type) AS applicant_type
    FROM parts a
    JOIN (SELECT unnest($pools::VARCHAR[]) AS choice, unnest($members::VARCHAR[][]) AS members) pool
      ON list_contains(pool.members, a.track)
    LEFT JOIN paired p USING (match_year, specialty, track)
    GROUP BY ALL HAVING count(*) = count(p.top))
SELECT match_year, specialty, track, choice, entry_level, applicant_type, top, of, source_id, of_source_id, locator,
       derivation
FROM paired
UNION ALL
SELECT match_year, specialty, choice, choice, 'all', applicant_type, top, of, source_id, of_source_id,
       'its tracks', 'sum of the tracks'
FROM pooled ANTI JOIN paired USING (match_year, specialty, choice)
ORDER BY specialty, choice, match_year"""

PRINTED = """
SELECT DISTINCT specialty, match_year::INTEGER AS match_year, applicant_type FROM match_results
WHERE measure = 'share_of_filled_pct' AND match_year BETWEEN 2013 AND 2026 ORDER BY ALL"""


def parameters(measure: str) -> dict[str, Any]:
    """The values of :data:`FACTS` for a measure."""
    what = MEASURES[measure]
    return {"first": FIRST_YEAR, "last": LAST_YEAR, "single": list(SINGLE), "top": what.top, "types": list(what.types),
            "needed": what.needed, "of": what.of, "complete": list(COMPLETE), "pools": list(POOLS),
            "members": [list(POOLS[pool]) for pool in POOLS]}


@cache
def specialties() -> pd.DataFrame:
    """Label, family, entry level at which most start, and the names to be found by, of each specialty (the index)."""
    return connect().execute("""
        SELECT s.specialty, s.label, s.family, s.entry_level,
               string_agg(a.published_name, ' | ' ORDER BY a.published_name) AS search
        FROM specialties s LEFT JOIN specialty_aliases a USING (specialty)
        GROUP BY s.specialty, s.label, s.family, s.entry_level
        ORDER BY list_position($1::VARCHAR[], s.family), s.label""", [list(FAMILIES)]).df().set_index("specialty")


@cache
def main_tracks() -> dict[str, str]:
    """The track by which a specialty is entered first of all: where most of its positions start, else the first."""
    found = figures("offered")
    tracks = found[found["choice"].isin((*SINGLE, "all"))].groupby("specialty")["choice"].agg(set)
    usual = specialties()["entry_level"]
    return {name: "advanced" if usual.get(name) == "PGY-2" and "advanced" in have else min(have, key=list(TRACKS).index)
            for name, have in tracks.items()}


@cache
def figures(measure: str) -> pd.DataFrame:
    """Every figure of a measure: one row for each specialty, track (single or pooled) and year that is published.

    Columns: specialty, specialty_label, family, track, choice, entry_level, match_year, count (of the part), of (the
    whole; NaN for counts), value (a count, or a share 0-1), low, high (95 % Wilson, NaN for counts), reliability,
    reason, and where both were read. Kept for the next turn of a slider: callers must not write to it.
    """
    what = MEASURES[measure]
    frame = connect().execute(FACTS, parameters(measure)).df()
    top, of = frame["top"].to_numpy(float), frame["of"].to_numpy(float, na_value=np.nan)
    count = of - top if what.rest else top
    known = specialties()
    frame = frame.drop(columns="top").assign(
        measure=what.top, count=count, of=of if what.is_share else np.nan,
        specialty_label=frame["specialty"].map(known["label"]), family=frame["specialty"].map(known["family"]))
    return _with_share(frame) if what.is_share else frame.assign(
        value=count, low=np.nan, high=np.nan, reason="", reliability="ok")


def _with_share(frame: pd.DataFrame) -> pd.DataFrame:
    count, of = frame["count"].to_numpy(), frame["of"].to_numpy()
    low, high = wilson(count, of)
    kind = reliability(count, of)
    hidden = kind == "suppressed"
    share = np.divide(count, of, out=np.full(len(frame), np.nan), where=of > 0)
    few = np.where(of > 0, f"fewer than {LEAST_SHOWN} positions", "no positions")
    return frame.assign(value=np.where(hidden, np.nan, share), low=np.where(hidden, np.nan, low),
                        high=np.where(hidden, np.nan, high), reliability=kind, reason=np.where(hidden, few, ""))


def breaks(measure: str) -> list[Break]:
    """The changes of definition that concern a measure, in the order of years."""
    return [each for each in BREAKS if measure in each.measures]


def crossed(measure: str, first: int, last: int) -> list[str]:
    """The sources of the changes of definition between two years."""
    return [each.source_id for each in breaks(measure) if first < each.year <= last]


def comparable(measure: str, first: int, last: int) -> bool:
    """Whether a change between two years may be computed: no new definition that forbids it lies between."""
    return all(each.comparable or not first < each.year <= last for each in breaks(measure))


def years_of(measure: str, choice: str) -> dict[int, int]:
    """The years with a figure for a choice of tracks, ascending, and how many lines have one."""
    frame = figures(measure)
    found = frame.loc[of_choice(measure, choice) & (frame["reason"] == ""), "match_year"].value_counts()
    return {int(year): int(found[year]) for year in sorted(found.index)}


def checked_years(years: Sequence[int]) -> tuple[int, int]:
    """First and last year.

    Raises:
        UserError: these are not two whole years, in order, for which there are figures.
    """
    if len(years) != 2 or not all(isinstance(year, int) and FIRST_YEAR <= year <= LAST_YEAR for year in years) \
            or years[0] > years[1]:
        raise UserError(f"years {list(years)!r}; allowed: a first and a last year from {FIRST_YEAR} to {LAST_YEAR}, "
                        "in order")
    return years[0], years[1]


@cache
def lacking() -> tuple[tuple[int, int, str], ...]:
    """Year, positions and source of each program report that is known to lack positions (declared gaps)."""
    return tuple(connect().execute("""
        SELECT subject[1:4]::INTEGER, -gap::INTEGER, source_id FROM declared_gaps
        WHERE check_id = 'program_sums' AND gap < 0 AND subject LIKE '% positions_offered' ORDER BY ALL""").fetchall())


@cache
def printed_only() -> tuple[tuple[str, int, str], ...]:
    """Specialty, year and applicant type of fill shares that are printed without the counts behind them."""
    return tuple(connect().execute(PRINTED).fetchall())


def tracks_of(names: tuple[str, ...]) -> list[str]:
    """The choices of tracks that these specialties allow, in the order of the screen."""
    found = figures("offered")
    have = set(found.loc[found["specialty"].isin(names), "choice"])
    return [key for key in CHOICES if key in (MAIN, EACH) or key in have]


def of_choice(measure: str, choice: str) -> np.ndarray:
    """Which rows of :func:`figures` a choice of tracks means, as true or false for each."""
    return _of_choices(measure)[choice]


@cache
def _of_choices(measure: str) -> dict[str, np.ndarray]:
    frame, main = figures(measure), main_tracks()
    found = frame["choice"].to_numpy(object)
    own = np.array([main.get(name) == track for name, track in zip(frame["specialty"], found)], bool)
    country = frame["specialty"].to_numpy(object) == ALL_SPECIALTIES
    each = np.isin(found, SINGLE) | (country & (found == "all_pgy1"))  # the whole country has it instead of its parts
    return {MAIN: own, EACH: each, **{key: found == key for key in (*POOLS, *SINGLE)}}


@cache
def arrays(measure: str) -> dict[str, np.ndarray]:
    """The columns of :func:`figures`, for a slider: pandas is slow to choose a few rows. Not to be written to."""
    frame = figures(measure)
    return {name: frame[name].to_numpy(object if frame[name].dtype == object else None) for name in frame.columns}


def chosen(measure: str, first: int, last: int, choice: str) -> np.ndarray:
    """Numbers of the rows of :func:`figures` from `first` to `last` that a choice of tracks means."""
    year = arrays(measure)["match_year"]
    return np.flatnonzero((year >= first) & (year <= last) & of_choice(measure, choice))


def row_label(label: str, track: str, named: bool) -> str:
    """How a line is called: the specialty, and its track when it does not go without saying or is to be `named`."""
    return label if track == "all" or (track == "categorical" and not named) else f"{label}, {TRACKS[track]}"
