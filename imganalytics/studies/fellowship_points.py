"""What is published by applicant type on the other subspecialties: single points, and where there is nothing."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from imganalytics.errors import UserError
from imganalytics.result import Question, Result, RowsOf
from imganalytics.statistics.rates import reliability, wilson
from imganalytics.studies.fellowship_facts import ALL_LABEL, label_of, listed_years
from imganalytics.studies.fellowship_types import SERIES, all_years
from imganalytics.studies.provenance import source_names, sources_of
from imganalytics.studies.words import counted, listing, percent
from imganalytics.vocabulary import ALL_SPECIALTIES, applicant_types, require
from imganalytics.warehouse import connect
from imganalytics.warehouse.conflicts import PREFERENCE

FIGURES = {"fill_share": "Share of the positions filled", "match_rate": "Match rate of the type"}
TITLES = {"fill_share": "Who fills other fellowships: what single points are published?",
          "match_rate": "How often does each type match to a fellowship: what single points are published?"}
ABOUT = {
    "fill_share": ("A fill share says who holds the positions, not how many of those who applied got one.",
                   f"{SERIES} is left out for the years of its series, which has a chart of its own."),
    "match_rate": ("Each source counts applicants in its own way (all who ranked, or those who preferred the subspecialty), "
                   "so rates of two sources are not comparable.",)}
BASES = {"fill_share": "positions filled", "match_rate": "applicants of the type, as each source counts them"}
NOT_PUBLISHED = "not published"
NUMBERS = ("count", "whole", "printed_pct", "appointment_year", "last_appointment_year", "share", "low", "high")
ORGANISATIONS = {"NRMP SMS": "", "SF Match": "SF Match", "AUA": "AUA match"}

# A row for each subspecialty, years and type with a count, a printed percentage, or both; then those without any. What a
# count is of comes from the same source where that prints it.
QUERY = f"""
WITH facts AS (
    SELECT f.*, precedence FROM sums.fellowship_facts f JOIN published.sources s USING (source_id)),
own AS (
    SELECT * FROM facts WHERE applicant_type <> 'all' AND CASE WHEN $figure = 'fill_share'
        THEN measure IN ('matched', 'share_of_filled_pct', 'share_of_matched_pct')
             AND (organisation, specialty, appointment_year, last_appointment_year, applicant_type) NOT IN (
                 SELECT (organisation, specialty, appointment_year, last_appointment_year, applicant_type) FROM facts
                 WHERE measure = 'applicants')
        ELSE measure = 'matched_pct' OR (measure = 'matched' AND
             (organisation, specialty, appointment_year, last_appointment_year, applicant_type) IN (
                 SELECT (organisation, specialty, appointment_year, last_appointment_year, applicant_type) FROM facts
                 WHERE measure = 'applicants')) END
    QUALIFY row_number() OVER (PARTITION BY organisation, specialty, appointment_year, last_appointment_year, applicant_type
                               ORDER BY measure <> 'matched', {PREFERENCE}) = 1),
printed AS (
    SELECT organisation, specialty, appointment_year, last_appointment_year, applicant_type,
           arg_min(value, (precedence, value)) AS printed_pct
    FROM facts WHERE list_contains(CASE WHEN $figure = 'fill_share' THEN ['share_of_filled_pct', 'share_of_matched_pct']
                                        ELSE ['matched_pct'] END, measure) AND applicant_type <> 'all' GROUP BY ALL),
wholes AS (
    SELECT o.organisation, o.specialty, o.appointment_year, o.last_appointment_year, o.applicant_type, f.value AS whole,
           f.source_id AS whole_source_id
    FROM own o JOIN facts f USING (organisation, specialty, appointment_year, last_appointment_year)
    WHERE CASE WHEN $figure = 'fill_share' THEN f.applicant_type = 'all' AND f.measure IN ('positions_filled', 'matched')
               ELSE f.applicant_type = o.applicant_type AND f.measure = 'applicants' END
    QUALIFY row_number() OVER (
        PARTITION BY o.organisation, o.specialty, o.appointment_year, o.last_appointment_year, o.applicant_type
        ORDER BY f.source_id <> o.source_id, f.measure <> 'positions_filled', f.precedence, f.source_id) = 1)
SELECT o.organisation, o.specialty, s.label, s.family, o.appointment_year, o.last_appointment_year,
       o.applicant_type, o.measure, CASE WHEN o.measure = 'matched' THEN o.value END AS count,
       w.whole, p.printed_pct, o.source_id, w.whole_source_id,
       o.locator, o.note
FROM own o LEFT JOIN wholes w
     USING (organisation, specialty, appointment_year, last_appointment_year, applicant_type)
LEFT JOIN printed p USING (organisation, specialty, appointment_year, last_appointment_year, applicant_type)
JOIN specialties s USING (specialty)
UNION ALL BY NAME
SELECT 'NRMP SMS' AS organisation, specialty, label, family FROM specialties
WHERE specialty IN (SELECT specialty FROM fellowship_programs) AND specialty NOT IN (SELECT specialty FROM own)
ORDER BY specialty, appointment_year, applicant_type"""


@lru_cache(maxsize=4)
def _published(figure: str) -> pd.DataFrame:
    """Every point, and a row without a year for each subspecialty without any. Callers must not write to it."""
    frame = connect().execute(QUERY, {"figure": figure}).df()
    first, last = all_years()
    if figure == "fill_share":  # the years of the series are drawn by themselves
        frame = frame[(frame["specialty"] != SERIES) | ~frame["appointment_year"].between(first, last)]
    for name in NUMBERS[:5]:
        frame[name] = frame[name].astype("float64")
    frame["label"] = [_label(*row) for row in zip(frame["specialty"], frame["label"], frame["organisation"])]
    low, high = wilson(frame["count"], frame["whole"])
    kinds = reliability(frame["count"], frame["whole"])
    share = (frame["count"] / frame["whole"]).where(kinds != "suppressed")
    frame = frame.assign(share=share, low=low, high=high, reliability=kinds)
    frame["type_label"] = [applicant_types()[key].label if isinstance(key, str) else "" for key in frame["applicant_type"]]
    frame["when"] = [_when(*years) for years in zip(frame["appointment_year"], frame["last_appointment_year"])]
    frame["source"] = [source_names()[key] if isinstance(key, str) else "" for key in frame["source_id"]]
    told = ("when", "count", "whole", "printed_pct", "share")
    frame["reason"] = [_reason(*row) for row in zip(*(frame[name] for name in told))]
    order = {key: kind.sort_order for key, kind in applicant_types().items()}
    return frame.iloc[np.lexsort((frame["applicant_type"].map(order), frame["appointment_year"], frame["label"].str.lower(),
                                  frame["when"] == "", frame["family"] != "Everything"))].reset_index(drop=True)


def _label(specialty: str, label: str, organisation: str) -> str:
    """The name on screen; of all together, which match it is of."""
    if specialty == ALL_SPECIALTIES:
        return ALL_LABEL
    told = label_of(label).replace("(Medicine and Pediatric Specialties Match)", "").strip()
    return f"{told} ({ORGANISATIONS[organisation]})" if ORGANISATIONS[organisation] else told


def _when(first: float, last: float) -> str:
    if first != first:
        return ""
    return f"single point, {first:.0f}" if first == last else f"pooled, {first:.0f}\u2013{last:.0f}"


def _reason(when: str, count: float, whole: float, printed: float, share: float) -> str:
    """Why no mark can be drawn, with what is printed instead; blank when there is a mark."""
    if share == share:
        return ""
    if not when:
        return NOT_PUBLISHED
    if count == count and whole == whole:
        return f"{count:,.0f} of {whole:,.0f}: fewer than 5, so no share"
    if printed == printed:
        return f"{printed:g} % printed without counts"
    return f"{count:,.0f}; the total is not published"


def fellowship_points(figure: str = "fill_share", specialties: Sequence[str] | None = None,
                      years: Sequence[int] = (2009, 2026), only_published: bool = True) -> Result:
    """Single published points by applicant type, subspecialty by subspecialty; the others are said to be not published.

    Args:
        figure: 'fill_share' (of the filled positions) or 'match_rate' (of the applicants of a type); never together.
        specialties: canonical names; None for all.
        years: first and last appointment year of the points; of pooled points, the first year counts.
        only_published: leave out the subspecialties without any point.

    Returns:
        A frame of one row for each point, and one for each subspecialty without: share (0-1) with low and high, its 95 %
        Wilson interval, count of whole, printed_pct, reason (why there is no mark), when, provenance.

    Raises:
        UserError: an unknown word or year, or nothing to show.
    """
    require(figure, FIGURES, "figure")
    known = _published(figure)
    names, (first, last) = _names(specialties), checked_years(years)
    chosen = np.ones(len(known), bool) if names is None else known["specialty"].isin(names).to_numpy()
    year, blank = known["appointment_year"].to_numpy(), (known["when"] == "").to_numpy()
    inside = (year >= first) & (year <= last)
    shown = np.flatnonzero(chosen & inside)
    have = set(known["specialty"].to_numpy(object)[shown])
    silent = _silent(known, chosen, have)
    if not shown.size and only_published:
        raise UserError(_nothing(known, chosen & ~blank, figure, first, last))
    frame = known.iloc[shown]
    if not only_published:
        frame = _with_silent(frame, silent)
    frame = frame.reset_index(drop=True)
    arguments = {"figure": figure, "specialties": names, "years": [first, last], "only_published": only_published}
    points = known.iloc[shown]
    return Result(
        frame, Question("fellowship_points", arguments), title=TITLES[figure],
        subtitle=_subtitle(points, figure), summary=_summary(points, silent, figure),
        sources=sources_of([*points["source_id"], *points["whole_source_id"]]), caveats=_caveats(points, silent, figure),
        sql=QUERY, parameters={"figure": figure},
        rows_of=RowsOf("fellowship_results", ("organisation", "specialty", "appointment_year", "last_appointment_year",
                                              "applicant_type", "measure")))


def specialty_options() -> list[dict[str, str]]:
    """Every subspecialty of either figure, for a picker: value, label, group (discipline)."""
    both = pd.concat([_published(figure) for figure in FIGURES])
    both = both.drop_duplicates("specialty").sort_values(["family", "label"])
    return [{"value": name, "label": label, "group": "" if family == "Everything" else family, "search": name}
            for name, label, family in zip(both["specialty"], both["label"], both["family"])]


def year_span() -> tuple[int, int]:
    """The years that points can be asked for."""
    years = pd.concat([_published(figure)["appointment_year"] for figure in FIGURES])
    return int(years.min()), listed_years()[-1]


def checked_years(years: Sequence[int]) -> tuple[int, int]:
    """First and last year, in that order.

    Raises:
        UserError: not two years, turned round, or outside those with points.
    """
    low, high = year_span()
    if not isinstance(years, (list, tuple)) or len(years) != 2 or not all(isinstance(year, int) for year in years) \
            or not low <= years[0] <= years[1] <= high:
        raise UserError(f"years {years!r}; allowed: two years from {low} to {high}, the earlier one first")
    return years[0], years[1]


def _names(specialties: Sequence[str] | None) -> list[str] | None:
    if specialties is None:
        return None
    if isinstance(specialties, str) or not specialties:
        raise UserError("Choose at least one subspecialty.")
    known = tuple(option["value"] for option in specialty_options())
    return [require(name, known, "subspecialty") for name in specialties]


def _silent(known: pd.DataFrame, chosen: np.ndarray, have: set[str]) -> list[tuple[str, str]]:
    """Name and label of the chosen subspecialties without a point in these years."""
    pairs = dict(zip(known["specialty"].to_numpy(object)[chosen], known["label"].to_numpy(object)[chosen]))
    return [(name, label) for name, label in sorted(pairs.items(), key=lambda pair: pair[1].lower()) if name not in have]


def _with_silent(frame: pd.DataFrame, silent: list[tuple[str, str]]) -> pd.DataFrame:
    """The points, and below them a row for each subspecialty without one; None in place of a text that it lacks."""
    blank: dict[str, Any] = {"organisation": "NRMP SMS", "reason": NOT_PUBLISHED, "when": "", "type_label": "",
                             "source": "", "reliability": "suppressed"}
    columns = {}
    for name in frame:
        own = [dict(zip(("specialty", "label"), pair)).get(name, blank.get(name)) for pair in silent]
        values = [*frame[name].tolist(), *own]
        columns[name] = np.array(values, float) if name in NUMBERS else pd.Series(
            [None if value != value else value for value in values], dtype=object)
    return pd.DataFrame(columns)


def _nothing(known: pd.DataFrame, own: np.ndarray, figure: str, first: int, last: int) -> str:
    years = sorted({int(year) for year in known["appointment_year"].to_numpy()[own]})
    if years:
        when = f"in {first}" if first == last else f"from {first} to {last}"
        return f"No point by applicant type {when}. There are points for {', '.join(map(str, years))}."
    return (f"{FIGURES[figure]} by applicant type: not published for this choice. Choose other subspecialties, or untick "
            "'Only those with a figure' to list them.")


def point_text(row: Mapping[str, Any]) -> str:
    """'46.1 % (41.2 to 51.1, 165 of 358)', or why there is no share."""
    return row["reason"] or (f"{percent(row['share'])} ({100 * row['low']:.1f} to {100 * row['high']:.1f}, "
                             f"{row['count']:,.0f} of {row['whole']:,.0f})")


def _subtitle(points: pd.DataFrame, figure: str) -> str:
    drawn = points["whole"][points["reason"] == ""]
    n = "no mark with counts" if drawn.empty else f"n = {drawn.min():,.0f} to {drawn.max():,.0f}, beside each mark"
    years = points["appointment_year"]
    span = "no years" if years.empty else f"{years.min():.0f} to {points['last_appointment_year'].max():.0f}"
    what = "a fill share is not a match rate. " if figure == "fill_share" else ""
    return (f"Base: {BASES[figure]}; {what}{span}, {n}. Lines: 95 % Wilson intervals. Hollow: unstable. Words: printed "
            "without the counts that an interval needs.")


def _summary(points: pd.DataFrame, silent: list[tuple[str, str]], figure: str) -> str:
    drawn = int((points["reason"] == "").sum())
    places = counted(points["specialty"].nunique(), "subspecialty or group", "subspecialties or groups")
    told = [f"{counted(len(points), 'point', 'points')} on {places}, {drawn} with counts and an interval."]
    if silent:
        told.append(f"{counted(len(silent), 'other has', 'others have')} no published figure by applicant type here.")
    return " ".join(told)


def _caveats(points: pd.DataFrame, silent: list[tuple[str, str]], figure: str) -> tuple[str, ...]:
    notes = ["Single points of different sources, years and definitions: do not order subspecialties by them and read no "
             "trend from them.", *ABOUT[figure]]
    pooled = sorted({f"{label} {when.removeprefix('pooled, ')}" for label, when in zip(points["label"], points["when"])
                     if when.startswith("pooled")})
    if pooled:
        notes.append(f"Several years taken together: {'; '.join(pooled)}.")
    said: dict[str, dict[str, None]] = {}
    for label, when, note in zip(points["label"], points["when"], points["note"]):
        if isinstance(note, str):
            said.setdefault(note.rstrip("."), {})[f"{label} {when.split(', ')[1]}"] = None
    notes += [f"{', '.join(places)}: {note}." for note, places in said.items()]
    if silent:
        notes.append(f"Not published by applicant type, and not filled in: {listing([label for _, label in silent])}.")
    return tuple(notes)
