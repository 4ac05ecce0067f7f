"""How many examinees pass each USMLE step, by school? All, first and repeat takers are never put together."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache, lru_cache
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from imganalytics.errors import UserError
from imganalytics.result import Question, Result, RowsOf
from imganalytics.statistics.rates import reliability
from imganalytics.statistics.rounded import wilson_of_printed
from imganalytics.studies.provenance import source_names, sources_of
from imganalytics.studies.words import counted, listing, percent
from imganalytics.vocabulary import require
from imganalytics.warehouse import connect

EXAMS = {"usmle_step1": "Step 1", "usmle_step2_ck": "Step 2 CK", "usmle_step2_cs": "Step 2 CS", "usmle_step3": "Step 3"}
TAKERS = {"all": "All takers", "first": "First takers", "repeat": "Repeat takers", "not_stated": "Takers not stated"}
EXAMINEES = {"img_all": "IMGs", "us_md": "US MD schools", "us_do": "US DO schools", "all": "All examinees"}
START = ("img_all", "us_md", "us_do")
BREAK = 2022  # Step 1: a higher passing standard, and no scores any more, from 26 January 2022

# Who took the exam is told by the source; 'all takers' with an addition in brackets is so by comparison with others.
QUERY = """
SELECT performance_id, exam, period, examinee_type,
       CASE WHEN taker_type LIKE 'all takers%' THEN 'all' WHEN taker_type = 'first takers' THEN 'first'
            WHEN taker_type = 'repeat takers' THEN 'repeat' ELSE 'not_stated' END AS takers,
       taker_type LIKE '%(%' AS by_comparison, value AS printed_pct, n_examined, source_id, locator, note
FROM usmle_performance LEFT JOIN (SELECT source_id, precedence FROM sources) USING (source_id)
WHERE measure = 'pass_rate_pct'
ORDER BY exam, takers, examinee_type, period, n_examined IS NULL, precedence, performance_id"""

NUMBERS = ("start", "end", "when", "printed_pct", "n_examined", "rate", "low", "high")
COLUMNS = ("exam", "takers", "examinee_type", "label", "period", "segment", *NUMBERS, "reliability", "reason", "others",
           "by_comparison", "note", "performance_id", "source_id", "locator")


class _Place(NamedTuple):
    exam: str
    takers: str
    examinee_type: str
    period: str


@cache
def _figures() -> pd.DataFrame:
    """One row for each exam, takers, examinees and period: the figure with n before one without. Not to be written to."""
    found = connect().execute(QUERY).df()
    found[["printed_pct", "n_examined"]] = found[["printed_pct", "n_examined"]].astype("float64")
    place = list(_Place._fields)
    first = found.drop_duplicates(place).copy()
    others: dict[_Place, list[str]] = {}
    for row in found[found.duplicated(place)].to_dict("records"):
        others.setdefault(_Place(*(row[name] for name in place)), []).append(
            f"{row['printed_pct']:g} % ({source_names()[row['source_id']]})")
    first["others"] = ["; ".join(others.get(_Place(*own), ())) for own in zip(*(first[name] for name in place))]
    years = [period.split("-") if period[:4].isdigit() else [] for period in first["period"]]
    first["start"] = [float(each[0]) if each else np.nan for each in years]
    first["end"] = [float(each[-1]) if each else np.nan for each in years]
    first["when"] = (first["start"] + first["end"]) / 2
    low, high = wilson_of_printed(first["printed_pct"], first["n_examined"])
    shown = first["n_examined"].notna().to_numpy()
    first["rate"] = np.where(shown, first["printed_pct"] / 100, np.nan)
    first["low"], first["high"] = low, high
    first["reliability"] = np.where(shown, reliability(first["rate"] * first["n_examined"], first["n_examined"]),
                                    "suppressed")
    first["reason"] = np.where(shown, "", "printed without n")
    first["note"] = first["note"].fillna("")
    first["label"] = first["examinee_type"].map(EXAMINEES)
    joined = (first["start"].diff() == 1) & ~((first["exam"] == "usmle_step1") & (first["start"] == BREAK)) & shown
    same = first[["exam", "takers", "examinee_type"]].eq(first[["exam", "takers", "examinee_type"]].shift()).all(axis=1)
    return first.assign(segment=(~(joined & same)).cumsum()).reset_index(drop=True)


@cache
def takers_of(exam: str) -> tuple[str, ...]:
    """Kinds of takers for whom a dated pass rate of an exam is printed, in the order of the screen."""
    known = _figures()
    own = known[(known["exam"] == exam) & known["when"].notna()]
    return tuple(key for key in TAKERS if key in set(own["takers"]))


@cache
def year_span(exam: str, takers: str) -> tuple[int, int]:
    """First and last year with a printed pass rate of an exam and kind of takers."""
    known = _figures()
    own = known[(known["exam"] == exam) & (known["takers"] == takers) & known["when"].notna()]
    return int(own["start"].min()), int(own["end"].max())


def usmle(exam: str = "usmle_step1", takers: str = "all", examinees: Sequence[str] = START,
          years: Sequence[int] | None = None) -> Result:
    """Pass rates of an exam, year by year, of one kind of takers, with intervals where n is published.

    Printed are percentages rounded to whole ones. Where n stands beside them the interval is Wilson's, widened by the
    rounding (see statistics.rounded); without n there is neither rate nor interval, only what is printed.

    Args:
        exam: a key of EXAMS.
        takers: 'all', 'first', 'repeat' or 'not_stated'; never together, since repeat takers pass far less often.
        examinees: keys of EXAMINEES, in the order of the screen whatever their order here.
        years: first and last year; None for all that are published.

    Returns:
        A frame of one row for each examinees and period: rate with low and high (fractions; NaN without n), n_examined,
        printed_pct, when (middle of the period), segment (a line is drawn inside of it only), reason, others (what other
        sources print), provenance.

    Raises:
        UserError: an unknown word, or nothing published for the choice.
    """
    require(exam, EXAMS, "exam")
    require(takers, TAKERS, "kind of takers")
    if isinstance(examinees, str) or not examinees:
        raise UserError("Choose at least one group of examinees.")
    wanted = {require(key, EXAMINEES, "group of examinees") for key in examinees}
    chosen = tuple(key for key in EXAMINEES if key in wanted)
    if takers not in takers_of(exam):
        known = listing([TAKERS[key].lower() for key in takers_of(exam)])
        raise UserError(f"{EXAMS[exam]}, {TAKERS[takers].lower()}: no pass rate is published with a year; there are "
                        f"rates of {known}.")
    first, last = _checked_years(exam, takers, years)
    kept = _usmle(exam, takers, chosen, first, last)
    return replace(kept, frame=kept.frame.copy(deep=False))  # what a caller writes to it stays there


def _checked_years(exam: str, takers: str, years: Sequence[int] | None) -> tuple[int, int]:
    low, high = year_span(exam, takers)
    if years is None:
        return low, high
    whole = not isinstance(years, str) and len(years) == 2 and all(isinstance(year, int) for year in years)
    if not whole or years[0] > years[1]:
        raise UserError(f"years {years!r}; allowed: two years, the earlier one first")
    return years[0], years[1]


@cache
def _series(exam: str, takers: str) -> tuple[dict[str, Any], ...]:
    """The figures of one exam and kind of takers as plain rows, in the order of the screen; undated ones come last."""
    known = _figures()
    own = known[(known["exam"] == exam) & (known["takers"] == takers)][list(COLUMNS)].to_dict("records")
    return tuple(sorted(own, key=lambda row: (list(EXAMINEES).index(row["examinee_type"]), row["when"] != row["when"],
                                              row["when"])))


@lru_cache(maxsize=512)
def _usmle(exam: str, takers: str, chosen: tuple[str, ...], first: int, last: int) -> Result:
    own = [row for row in _series(exam, takers) if row["examinee_type"] in chosen]
    rows = [row for row in own if row["start"] >= first and row["end"] <= last]
    if not rows:
        dated = sorted({row["period"] for row in own if row["when"] == row["when"]})
        where = f"there are figures for {listing(dated)}" if dated else "there are none in other years either"
        raise UserError(f"{listing([EXAMINEES[key] for key in chosen])}, {EXAMS[exam]}, {TAKERS[takers].lower()}: "
                        f"nothing is published from {first} to {last}; {where}.")
    frame = pd.DataFrame({name: [row[name] for row in rows] for name in COLUMNS})
    undated = [row for row in own if row["when"] != row["when"]]
    return Result(
        frame, Question("usmle", {"exam": exam, "takers": takers, "examinees": list(chosen), "years": [first, last]}),
        title=f"How often do examinees pass USMLE {EXAMS[exam]}, {f'{first} to {last}' if first < last else first}?",
        subtitle=_subtitle(rows, takers), summary=_summary(rows, exam, takers), sources=sources_of(frame["source_id"]),
        caveats=_caveats(rows, undated, exam, takers), sql=QUERY,
        rows_of=RowsOf("usmle_performance", ("performance_id",)))


def _subtitle(rows: list[dict[str, Any]], takers: str) -> str:
    base = {"all": "all takers, repeat takers included", "first": "first takers only", "repeat": "repeat takers only",
            "not_stated": "the source does not say whether all or first takers"}[takers]
    known = [row for row in rows if not row["reason"]]
    if not known:
        return (f"Base: {base}. n is not published for any of these, so there is no mark and no interval: what is "
                f"printed is given in words.")
    last = max(row["when"] for row in known)
    n = "; ".join(f"{row['label']} {row['n_examined']:,.0f}" for row in known if row["when"] == last)
    period = next(row["period"] for row in known if row["when"] == last)
    return (f"Base: {base}. n in {period}: {n}. Bars: 95 % Wilson intervals, widened by the rounding of the printed "
            f"percentages. In words: printed without n.")


def _summary(rows: list[dict[str, Any]], exam: str, takers: str) -> str:
    told = []
    for key in dict.fromkeys(row["examinee_type"] for row in rows):
        own = [row for row in rows if row["examinee_type"] == key]
        known, bare = [row for row in own if not row["reason"]], [row for row in own if row["reason"]]
        parts = [_ends(known)] if known else []
        if bare:
            printed = ", ".join(f"{row['printed_pct']:g} % in {row['period']}" for row in bare)
            parts.append(f"printed without n: {printed}")
        told.append(f"{EXAMINEES[key]}: {'; '.join(parts)}.")
    return f"{EXAMS[exam]}, {TAKERS[takers].lower()}. " + " ".join(told)


def _ends(known: list[dict[str, Any]]) -> str:
    ends = known[:1] if len(known) == 1 else [known[0], known[-1]]
    return ", ".join(f"{rate_text(row)} in {row['period']}" for row in ends)


def rate_text(row: dict[str, Any]) -> str:
    """'78.0 % (76.9 to 79.1, n = 16,065)', or what is printed without n."""
    if row["reason"]:
        return f"{row['printed_pct']:g} %, {row['reason']}"
    return f"{percent(row['rate'])} ({100 * row['low']:.1f} to {100 * row['high']:.1f}, n = {row['n_examined']:,.0f})"


def _caveats(rows: list[dict[str, Any]], undated: list[dict[str, Any]], exam: str, takers: str) -> tuple[str, ...]:
    notes = ["All takers include those who failed before; first takers do not. They are two bases, never drawn "
             "together: repeat takers pass far less often.",
             "A pass rate is of those who sat the exam. It is not a match rate, and nobody's own chance of passing.",
             "Every figure is restated by a third party from the USMLE program's own tables, which are not among the "
             "sources here; percentages are rounded to whole ones."]
    if any(row["examinee_type"] == "img_all" for row in rows):
        notes.append("IMGs: US and non-US IMGs are not told apart.")
    if any(row["by_comparison"] for row in rows):
        notes.append("The source with n does not say which takers it counts; they are read as all takers, because its "
                     "figures of IMGs equal those that another source prints for all takers.")
    conflicts = [row for row in rows if row["others"] and not row["others"].startswith(f"{row['printed_pct']:g} %")]
    notes += [f"{row['label']} {row['period']}: {row['printed_pct']:g} % here; another source prints {row['others']}."
              for row in conflicts]
    if exam == "usmle_step1" and rows[0]["start"] < BREAK <= max(row["end"] for row in rows):
        notes.append(f"The line breaks at {BREAK}: {break_words()}.")
    if any("preliminary" in row["note"] for row in rows):
        notes.append("2007 and 2008 are from a forum post; those of 2008 were preliminary.")
    if undated:
        told = "; ".join(f"{row['label']}: {_undated(row)}" for row in undated)
        notes.append(f"{counted(len(undated), 'figure is', 'figures are')} printed without a year, and not in the "
                     f"chart: {told}.")
    return tuple(notes)


def _undated(row: dict[str, Any]) -> str:
    if row["printed_pct"] == row["printed_pct"]:
        return f"{row['printed_pct']:g} %"
    return row["note"].split(",")[0].replace(" percent", " %")


@cache
def break_words() -> str:
    """What changed in Step 1 in 2022, as the USMLE program says it."""
    period, standard, note = connect().execute(
        "SELECT period, value, note FROM usmle_performance WHERE measure = 'passing_standard'").fetchone()
    return f"passing standard {standard:.0f}, {note.replace('; ', ', ')} ({period})"
