"""How often has each applicant type matched, year by year? Two series, not of the same people and never joined."""

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
import pandas as pd

from imganalytics import vocabulary
from imganalytics.errors import UserError
from imganalytics.result import Question, Result, RowsBy, RowsOf
from imganalytics.statistics.rates import reliability, wilson
from imganalytics.studies.breaks import DO_EARLIER, DO_SENIORS, breaks_in, segment
from imganalytics.studies.competitiveness import REASON
from imganalytics.studies.provenance import sources_of
from imganalytics.studies.words import counted, listing, percent
from imganalytics.vocabulary import ALL_SPECIALTIES, BASES, require
from imganalytics.warehouse import connect

SERIES = {
    "active": "Headline rate",
    "rank_lists": "Rank list study",
}
DENOMINATORS = {
    "active": BASES["active"].denominator,
    "rank_lists": "applicants with a primary rank order list, couples left out",
}
SHOW = {"both": "Both, side by side", "active": "Headline rate, everyone",
        "rank_lists": "Rank list study, without couples"}
LAST_DO_EARLIER = 2018

ROWS = RowsBy("series", {
    "active": RowsOf("match_rates", ("match_year", "applicant_type"),
                     {"base": "active", "specialty": ALL_SPECIALTIES, "track": "all", "entry_level": "PGY-1"}),
    "rank_lists": RowsOf("rank_list_results", ("match_year", "applicant_type"))})

QUERY = f"""
WITH published AS (
    SELECT 'active' AS series, r.match_year, r.applicant_type, r.applicants, r.matched, {REASON} AS reason,
           r.printed_pct, r.source_id, r.matched_source_id, r.locator, r.derivation, r.corrections, r.note
    FROM match_rates r WHERE base = 'active' AND specialty = '{ALL_SPECIALTIES}'
    UNION ALL
    SELECT 'rank_lists', match_year, applicant_type, matched + unmatched, matched, '', matched_pct, source_id,
           source_id, locator, derivation, NULL, note
    FROM rank_list_results)
SELECT * FROM published
WHERE list_contains($series::VARCHAR[], series) AND list_contains($types::VARCHAR[], applicant_type)
  AND match_year BETWEEN $first_year AND $last_year
ORDER BY series, applicant_type, match_year"""


class Row(NamedTuple):
    """One rate, or why there is none."""

    series: str
    line: str
    applicant_type: str
    type_label: str
    match_year: int
    segment: int
    applicants: float
    matched: float
    rate: float
    rate_low: float
    rate_high: float
    reliability: str
    reason: str
    printed_pct: float
    source_id: str | None
    matched_source_id: str | None
    locator: str | None
    derivation: str | None
    corrections: str | None
    note: str | None


def headline(applicant_types: Sequence[str] = ("us_md_senior", "us_do_senior", "us_img", "non_us_img"),
             series: str = "both", years: Sequence[int] = (2006, 2025)) -> Result:
    """Match rate of each applicant type in each year, on two bases that are kept apart.

    Args:
        applicant_types: keys of applicant types. US DO seniors bring along the DO group published to 2018.
        series: active (everyone who certified a list), rank_lists (NRMP's study of rank lists, which leaves couples
            out), or both.
        years: first and last year of the Match.

    Returns:
        A frame of one row for each series, type and year: line (the type asked for), applicant_type (the type
        published), segment (years of different segments are not comparable), counts, rate with its 95 % Wilson
        interval, reliability, reason (why there is no rate), printed_pct (a share printed, with or without counts),
        provenance.

    Raises:
        UserError: an unknown word, or nothing published for the choice.
    """
    types = _checked(applicant_types)
    require(series, SHOW, "series")
    first, last = _span(years)
    shown = tuple(SERIES) if series == "both" else (series,)
    rows = [row for name in shown for key in types for row in _line(name, key, first, last)]
    if not any(row.reason == "" for row in rows):
        raise UserError(_nothing(types, shown, first, last))
    published_types = sorted({row.applicant_type for row in rows})
    frame = pd.DataFrame(rows, columns=Row._fields)
    changes = {each for name in shown for each in breaks_in(name, published_types, first, last)}
    cited = [row for row in rows if row.reason == "" or row.printed_pct == row.printed_pct]
    return Result(
        frame, Question("headline", {"applicant_types": list(types), "series": series, "years": [first, last]}),
        title=_title(types, first, last), subtitle=_subtitle(rows, shown), summary=_summary(rows, types, shown),
        sql=QUERY,
        sources=sources_of([*(row.source_id for row in cited), *(row.matched_source_id for row in cited),
                            *(each.source_id for each in changes)], (row.corrections for row in cited)),
        caveats=_caveats(rows, types, shown, first, last), rows_of=ROWS,
        parameters={"series": list(shown), "types": published_types, "first_year": first, "last_year": last})


def types_with_series() -> list[str]:
    """Applicant types that have a rate in either series, in the order of the screen, without the earlier DO group."""
    known = {kind for (_, kind, _), row in _published().items() if row.reason == ""} - {DO_EARLIER}
    return [key for key in vocabulary.applicant_types() if key in known]


def years_with_rates() -> list[int]:
    """Every year from the first to the last that has a rate in either series."""
    years = [year for (_, _, year), row in _published().items() if row.reason == ""]
    return list(range(min(years), max(years) + 1))


def _checked(types: Sequence[str]) -> tuple[str, ...]:
    if isinstance(types, str) or not types:
        raise UserError("Choose at least one applicant type to see how often it matched.")
    return tuple(dict.fromkeys(require(key, vocabulary.applicant_types(), "applicant type") for key in types))


def _span(years: Sequence[int]) -> tuple[int, int]:
    if len(years) != 2 or not all(isinstance(year, int) for year in years) or years[0] > years[1]:
        raise UserError(f"years {list(years)!r}; allowed: a first and a last year, as in [2006, 2025]")
    return years[0], years[1]


@cache
def _published() -> dict[tuple[str, str, int], Row]:
    """Every figure of both series, by series, published type and year: also the shares printed without counts."""
    everything = {"series": list(SERIES), "types": list(vocabulary.applicant_types()), "first_year": 0,
                  "last_year": 9999}
    frame = connect().execute(QUERY, everything).df()
    counts = {name: frame[name].astype(float) for name in ("matched", "applicants")}
    own, every = (counts[name].where(frame["reason"] == "") for name in ("matched", "applicants"))
    low, high = wilson(own, every)
    frame = frame.assign(**counts, line=frame["applicant_type"], rate=own / every, rate_low=low, rate_high=high,
                         reliability=reliability(own, every), type_label=[
                             vocabulary.applicant_types()[key].label for key in frame["applicant_type"]],
                         segment=[segment(*place) for place in zip(frame["series"], frame["applicant_type"],
                                                                   frame["match_year"])])
    text = frame[list(Row._fields)].astype(object)
    text = text.where(frame[list(Row._fields)].notna() | np.isin(Row._fields, ("printed_pct", *_NUMBERS)), None)
    rows = map(Row._make, text.itertuples(index=False))
    return {(row.series, row.applicant_type, row.match_year): row for row in rows}


_NUMBERS = ("applicants", "matched", "rate", "rate_low", "rate_high")


def _line(series: str, key: str, first: int, last: int) -> list[Row]:
    """The rows of one type in one series, one for each year."""
    return [_of_year(series, key, year)._replace(line=key) for year in range(first, last + 1)]


def _of_year(series: str, key: str, year: int) -> Row:
    kind = DO_EARLIER if (series, key) == ("active", DO_SENIORS) and year <= LAST_DO_EARLIER else key
    found = _published().get((series, kind, year))
    if found is not None:
        return found
    nan = float("nan")
    return Row(series, key, kind, vocabulary.applicant_types()[kind].label, year, segment(series, kind, year), nan, nan,
               nan, nan, nan, "suppressed", "not published", nan, None, None, None, None, None, None)


def _nothing(types: Sequence[str], shown: Sequence[str], first: int, last: int) -> str:
    labels = listing([vocabulary.applicant_types()[key].plural for key in types])
    where = " or ".join(SERIES[name].lower() for name in shown)
    known = sorted({year for (name, kind, year), row in _published().items() if name in shown and row.reason == ""
                    and (kind in types or kind == DO_EARLIER and DO_SENIORS in types)})
    when = f"between {first} and {last}" if first != last else f"in {first}"
    more = (f"There are rates for {spans(known)}: widen the years." if known
            else "Choose another type, or the other series.")
    return f"No rate of {labels} is published {when} ({where}). {more}"


def spans(years: Sequence[int]) -> str:
    """Years in words: [2011, 2012, 2013, 2024] as '2011-2013, 2024'."""
    runs: list[list[int]] = []
    for year in years:
        if runs and runs[-1][-1] == year - 1:
            runs[-1].append(year)
        else:
            runs.append([year])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)


def _title(types: Sequence[str], first: int, last: int) -> str:
    labels = (listing([vocabulary.applicant_types()[key].plural for key in types]) if len(types) <= 5
              else f"applicants of {len(types)} types")
    when = f"in {first}" if first == last else f"from {first} to {last}"
    return f"How often did {labels} match, {when}?"


def _subtitle(rows: Sequence[Row], shown: Sequence[str]) -> str:
    parts = []
    for name in shown:
        own = [row for row in rows if row.series == name and row.reason == ""]
        n = sorted(row.applicants for row in own)
        span = f", n = {n[0]:,.0f} to {n[-1]:,.0f} a year and type" if n else ", nothing published for this choice"
        parts.append(f"{SERIES[name]}: {DENOMINATORS[name]}{span}")
    return (". ".join(parts) + ". Bars: 95 % Wilson intervals. Hollow: unstable. No mark: no rate published for the "
            "year.")


def _summary(rows: Sequence[Row], types: Sequence[str], shown: Sequence[str]) -> str:
    sentences = []
    for name in shown:
        lines = [_of_type([row for row in rows if (row.series, row.line) == (name, key) and row.reason == ""],
                          vocabulary.applicant_types()[key].plural) for key in types]
        sentences.append(f"{SERIES[name]}: " + "; ".join(lines) + ".")
    return " ".join(sentences)


def _of_type(own: list[Row], who: str) -> str:
    if not own:
        return f"{who} not published"
    ends = dict.fromkeys((own[0], own[-1]))
    return f"{who} " + ", ".join(_figure(row, row.applicant_type != row.line) for row in ends)


def _figure(row: Row, named: bool) -> str:
    who = f" ({row.type_label})" if named else ""
    return (f"{percent(row.rate)} in {row.match_year}{who} ({100 * row.rate_low:.1f} to {100 * row.rate_high:.1f}, "
            f"n = {row.applicants:,.0f})")


def _caveats(rows: Sequence[Row], types: Sequence[str], shown: Sequence[str], first: int, last: int) -> tuple[str, ...]:
    notes = []
    if len(shown) == 2:
        notes.append("The two series are not of the same people: the rank list study leaves out couples and counts "
                     "a match to "
                     "any position, the headline rate counts everyone and a match to a PGY-1 position." + _both(rows))
    else:
        notes.append(BASES["active"].meaning if shown == ("active",) else
                     "NRMP's study of the length of rank lists: applicants with a primary rank order list, couples "
                     "left out, and a match to a position of any level. Its rates are not the headline rates.")
    every = [each.why for name in shown for each in breaks_in(name, {row.applicant_type for row in rows}, first, last)]
    if any(every):
        notes.append("Lines stop where what is counted changes. " + " ".join(dict.fromkeys(filter(None, every))))
    bare = [row for row in rows if row.reason and row.printed_pct == row.printed_pct]
    if bare:
        notes.append(f"{counted(len(bare), 'rate is', 'rates are')} printed as a bare percentage, without both "
                     "counts: no interval can be given, so there is no mark. The table has them.")
    gone = [vocabulary.applicant_types()[key].plural for key in types for name in shown
            if not any((row.series, row.line) == (name, key) and row.reason == "" for row in rows)]
    if gone:
        notes.append(f"Not in every panel, since nothing is published there: {listing(list(dict.fromkeys(gone)))}.")
    notes.append("Visa need, year of graduation, letters and US clinical experience are not in these figures. A "
                 "rate describes those who applied; it is not anyone's chance.")
    return tuple(notes)


def _both(rows: Sequence[Row]) -> str:
    """The same types and year in the two series, so that nobody takes one for the other."""
    by: dict[tuple[str, int], dict[str, Row]] = {}
    for row in rows:
        if row.reason == "" and row.applicant_type == row.line:
            by.setdefault((row.line, row.match_year), {})[row.series] = row
    last = max((year for (_, year), found in by.items() if len(found) == 2), default=None)
    pairs = [f"{vocabulary.applicant_types()[key].label} {100 * found['active'].rate:.1f} against "
             f"{100 * found['rank_lists'].rate:.1f} "
             "%" for (key, year), found in by.items() if len(found) == 2 and year == last]
    return f" In {last}: {listing(pairs)}." if pairs else ""
