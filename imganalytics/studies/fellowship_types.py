"""Who fills the fellowships in nephrology: the one subspecialty with a series by applicant type."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from imganalytics.errors import UserError
from imganalytics.result import Question, Result, RowsOf
from imganalytics.statistics.rates import reliability, wilson
from imganalytics.studies.provenance import sources_of
from imganalytics.studies.trend_words import count_change, spans
from imganalytics.studies.words import listing, percent
from imganalytics.vocabulary import applicant_types as known_types
from imganalytics.vocabulary import require
from imganalytics.warehouse import connect

SERIES = "Nephrology"
MEASURES = {"share": "Share of the positions filled", "count": "Positions filled"}
START = ("non_us_img", "us_img", "us_md_graduate", "us_do_graduate")

QUERY = f"""
WITH filled AS (
    SELECT appointment_year, value AS filled, source_id AS filled_source_id FROM fellowship_results
    WHERE organisation = 'NRMP SMS' AND specialty = '{SERIES}' AND applicant_type = 'all' AND measure = 'positions_filled'),
types AS (
    SELECT appointment_year, applicant_type, value AS count, source_id, locator, derivation FROM fellowship_results
    WHERE organisation = 'NRMP SMS' AND specialty = '{SERIES}' AND measure = 'matched'
      AND applicant_type NOT IN ('all', 'img_all') AND appointment_year = last_appointment_year)
SELECT t.*, f.filled, f.filled_source_id, sum(t.count) OVER (PARTITION BY appointment_year) AS of_all_types,
       count(*) OVER (PARTITION BY appointment_year) AS types_published
FROM types t JOIN filled f USING (appointment_year) ORDER BY t.applicant_type, t.appointment_year"""

COLUMNS = ("applicant_type", "type_label", "segment", "appointment_year", "value", "low", "high", "count", "filled",
           "of_all_types", "reliability", "source_id", "filled_source_id", "locator", "derivation")


@cache
def figures() -> pd.DataFrame:
    """Every published count of the series with its share and Wilson interval. Callers must not write to it."""
    frame = connect().execute(QUERY).df()
    order = {key: kind.sort_order for key, kind in known_types().items()}
    frame = frame.iloc[np.lexsort((frame["appointment_year"], frame["applicant_type"].map(order)))].reset_index(drop=True)
    for name in ("count", "filled", "of_all_types"):
        frame[name] = frame[name].astype("float64")
    low, high = wilson(frame["count"], frame["filled"])
    year, kind = frame["appointment_year"].to_numpy(), frame["applicant_type"].to_numpy(object)
    joined = (np.diff(year, prepend=0) == 1) & (kind == np.roll(kind, 1))
    segment = np.cumsum(~joined)
    return frame.assign(share=frame["count"] / frame["filled"], low=low, high=high, segment=segment,
                        reliability=reliability(frame["count"], frame["filled"]),
                        type_label=[known_types()[key].label for key in kind])


def types_with_series() -> tuple[str, ...]:
    """Applicant types of the series, in the order of the screen."""
    return tuple(dict.fromkeys(figures()["applicant_type"]))


def all_years() -> tuple[int, int]:
    """First and last appointment year of the series."""
    years = figures()["appointment_year"]
    return int(years.min()), int(years.max())


def fellowship_types(applicant_types: Sequence[str] = START, years: Sequence[int] = (2009, 2024),
                     measure: str = "share") -> Result:
    """Positions in nephrology filled by each applicant type, year by year: shares of the filled positions, or counts.

    Args:
        applicant_types: keys of applicant types, in the order of the screen whatever their order here.
        years: first and last appointment year, both included.
        measure: 'share' or 'count'.

    Returns:
        A frame of one row for each type and published year: value (a share 0-1 with low and high, its 95 % Wilson
        interval, or a count), count, filled (positions filled by all types), of_all_types (sum of the published types),
        segment (figures of two segments have a year without a figure between them), reliability, provenance.

    Raises:
        UserError: an unknown word or year, with what is allowed.
    """
    types, (first, last) = _types(applicant_types), checked_years(years)
    require(measure, MEASURES, "measure")
    known = figures()
    year = known["appointment_year"].to_numpy()
    whole = known.iloc[np.flatnonzero((year >= first) & (year <= last))]
    own = whole.iloc[np.flatnonzero(np.isin(whole["applicant_type"].to_numpy(object), types))]
    if own.empty:
        labels = listing([known_types()[key].plural for key in types])
        raise UserError(f"{labels}: nothing is published from {first} to {last}; there are figures for "
                        f"{spans(sorted(set(known.loc[known['applicant_type'].isin(types), 'appointment_year'])))}.")
    values = {name: own[name].to_numpy() for name in COLUMNS if name != "value"} | {"value": own[measure].to_numpy()}
    if measure == "count":
        values |= {name: np.full(len(own), np.nan) for name in ("low", "high")}
    frame = pd.DataFrame({name: values[name] for name in COLUMNS})
    rows = [dict(zip(COLUMNS, row)) for row in zip(*(frame[name].tolist() for name in COLUMNS))]
    return Result(
        frame, Question("fellowship_types", {"applicant_types": types, "years": [first, last], "measure": measure}),
        title=f"Who fills the fellowships in nephrology, {f'{first} to {last}' if first < last else first}?",
        subtitle=_subtitle(rows, measure, last), summary=_summary(rows, types, measure),
        sources=sources_of([*frame["source_id"], *frame["filled_source_id"]]),
        caveats=_caveats(whole, rows, types, (first, last)), sql=QUERY,
        rows_of=RowsOf("fellowship_results", ("appointment_year", "applicant_type"), {
            "organisation": "NRMP SMS", "specialty": SERIES, "measure": "matched"}))


def checked_years(years: Sequence[int]) -> tuple[int, int]:
    """First and last year, in that order.

    Raises:
        UserError: not two years, turned round, or outside the series.
    """
    low, high = all_years()
    if not isinstance(years, (list, tuple)) or len(years) != 2 or not all(isinstance(year, int) for year in years) \
            or not low <= years[0] <= years[1] <= high:
        raise UserError(f"years {years!r}; allowed: two years from {low} to {high}, the earlier one first")
    return years[0], years[1]


def _types(applicant_types: Sequence[str]) -> list[str]:
    if isinstance(applicant_types, str) or not applicant_types:
        raise UserError("Choose at least one applicant type.")
    known = types_with_series()
    wanted = {require(key, known, "applicant type") for key in applicant_types}
    return [key for key in known if key in wanted]


def share_text(row: Mapping[str, Any]) -> str:
    """'36.4 % (31.4 to 41.8, 117 of 321)', or the count where there is no interval."""
    if row["low"] != row["low"]:
        return f"{row['count']:,.0f} of {row['filled']:,.0f}"
    return (f"{percent(row['value'])} ({100 * row['low']:.1f} to {100 * row['high']:.1f}, "
            f"{row['count']:,.0f} of {row['filled']:,.0f})")


def _subtitle(rows: list[dict[str, Any]], measure: str, last: int) -> str:
    end = max(row["appointment_year"] for row in rows)
    n = next(row["filled"] for row in rows if row["appointment_year"] == end)
    bars = "Bars: 95 % Wilson intervals." if measure == "share" else "Counts of all filled positions, so no intervals."
    return (f"Base: positions filled in the nephrology match, not applicants: a fill share is not a match rate. "
            f"n = {n:,.0f} positions in {end}. Year in which the fellowship begins. {bars}")


def _summary(rows: list[dict[str, Any]], types: Sequence[str], measure: str) -> str:
    told = []
    for key in types:
        own = [row for row in rows if row["applicant_type"] == key]
        if not own:
            told.append(f"{known_types()[key].plural}: not published in these years.")
            continue
        start, end = own[0], own[-1]
        text = f"{known_types()[key].plural}: {share_text(start)} in {start['appointment_year']}"
        if start is not end:
            change = f" ({count_change(start['count'], end['count'])})" if measure == "count" else ""
            text += f", {share_text(end)} in {end['appointment_year']}{change}"
        told.append(text + ".")
    return " ".join(told)


def sums_note(whole: pd.DataFrame) -> str:
    """Whether the published types of each year add to the positions filled, in words."""
    years = whole.drop_duplicates("appointment_year").sort_values("appointment_year")
    wrong = years[years["of_all_types"] != years["filled"]]
    if len(wrong):
        told = "; ".join(f"{year}: {ours:,.0f} of {filled:,.0f}" for year, ours, filled in
                         zip(wrong["appointment_year"], wrong["of_all_types"], wrong["filled"]))
        return f"The published types do not add to the positions filled in every year ({told})."
    count = len(years)
    return (f"Checked: in {'the one year' if count == 1 else f'all {count} years'} shown the published types add up "
            "exactly to the positions filled.")


def _caveats(whole: pd.DataFrame, rows: list[dict[str, Any]], types: Sequence[str],
             years: tuple[int, int]) -> tuple[str, ...]:
    notes = ["A fill share says who holds the positions. How many of each type applied is not in it: it is not a match "
             "rate.",
             sums_note(whole)]
    gone = []
    for key in types:
        have = {row["appointment_year"] for row in rows if row["applicant_type"] == key}
        missing = [year for year in range(years[0], years[1] + 1) if year not in have]
        if missing:
            gone.append(f"{known_types()[key].label} {spans(missing)}")
    if gone:
        notes.append(f"Not published, and not filled in: {'; '.join(gone)}.")
    notes.append("Every filled position is counted, nothing is sampled: an interval says how far a share of so few "
                 "positions moves by chance alone from year to year.")
    notes.append("The counts are the NRMP's, printed by the American Society of Nephrology. Fellowships that are filled "
                 "outside the match are not in them.")
    return tuple(notes)
