"""ECFMG certification: how many ask for it and get it, what share, and the physicians who came that way."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache, lru_cache
from typing import Any

import pandas as pd

from imganalytics.errors import UserError
from imganalytics.result import Question, Result, RowsOf
from imganalytics.statistics.rates import reliability, wilson
from imganalytics.studies.provenance import sources_of
from imganalytics.studies.words import counted, percent
from imganalytics.vocabulary import require
from imganalytics.warehouse import connect

FIGURES = {"counts": "How many ask for it, how many get it", "shares": "What share gets it",
           "physicians": "Physicians who came as IMGs"}
TITLES = {"counts": "How many ask for ECFMG certification, and how many are certified, a year?",
          "shares": "What share of those who ask for ECFMG certification is certified?",
          "physicians": "Of the physicians who came as IMGs, how many are from Muslim-majority countries?"}
MEASURES = {"counts": ("applicants_for_certification", "certificates_issued"),
            "shares": ("certification_rate_pct", "share_certified_of_initial_applicants_pct"),
            "physicians": ("img_physicians",)}
EVERY = (1958, 2022)

QUERY = """
SELECT certificate_id, measure, value, value_low, value_high, period_start, period_end, population, "group", derivation, note,
       cross_check, source_id, locator,
       (SELECT min(w.value) FROM ecfmg_certificates w
        WHERE (w.measure, w.period_end, w.population, w."group") = (c.measure, c.period_end, c.population, 'all')) AS whole
FROM ecfmg_certificates c WHERE list_contains($measures::VARCHAR[], measure)
ORDER BY measure, period_start NULLS LAST, certificate_id"""

# How a row is called: by population and group; the places are the words of the sources.
NAMES = {("all IMGs", "all"): "All IMGs", ("all applicants", "all"): "All applicants",
         ("citizens of Muslim-majority countries", "Muslim-majority countries"): "From Muslim-majority countries",
         ("Caribbean-educated registrants", "Caribbean schools"): "Caribbean schools, by country",
         ("US IMG applicants of 12 Caribbean schools", "Caribbean schools (12)"): "US IMGs, 12 Caribbean schools",
         ("non-US IMG applicants of 12 Caribbean schools",
          "Caribbean schools (12)"): "Non-US IMGs, 12 Caribbean schools",
         ("US IMG applicants of 12 Caribbean schools",
          "Caribbean schools (12), range by school"): "US IMGs, 12 Caribbean schools",
         ("non-US IMG applicants of 12 Caribbean schools",
          "Caribbean schools (12), range by school"): "Non-US IMGs, 12 Caribbean schools"}
COLUMNS = ("certificate_id", "label", "what", "period", "start", "end", "total", "a_year", "share", "low", "high",
           "range_low",
           "range_high", "whole", "approximate", "reliability", "reason", "source_id", "locator")


@cache
def _rows(figure: str) -> tuple[dict[str, Any], ...]:
    found = connect().execute(QUERY, {"measures": list(MEASURES[figure])})
    names = [column[0] for column in found.description]
    rows = [_row(figure, dict(zip(names, values))) for values in found.fetchall()]
    if figure == "physicians":
        rows = [row for row in rows if row["total"] != row["whole"]]
    order = list(dict.fromkeys(sorted((row["label"] for row in rows), key=lambda label: not label.startswith("All"))))
    return tuple(sorted(rows, key=lambda row: order.index(row["label"])))


def _row(figure: str, fact: dict[str, Any]) -> dict[str, Any]:
    start, end = (int(text[:4]) if text else None for text in (fact["period_start"], fact["period_end"]))
    day = (fact["period_start"] or "")[4:]
    years = float("nan") if start is None else (end - start) or 1 if day else end - start + 1
    row = dict.fromkeys(COLUMNS, float("nan")) | {
        "certificate_id": fact["certificate_id"], "period": _period(fact["period_start"], fact["period_end"]),
        "start": float("nan") if start is None else start, "end": float("nan") if end is None else end,
        "label": fact["group"] if figure == "physicians" else NAMES[fact["population"], fact["group"]],
        "what": "certified" if fact["measure"] == "certificates_issued" else "applied",
        "approximate": "approximate" in fact["derivation"], "reliability": "suppressed", "reason": "",
        "source_id": fact["source_id"], "locator": fact["locator"]}
    return row | {"counts": _count, "shares": _share, "physicians": _part}[figure](fact, years)


def _period(start: str | None, end: str | None) -> str:
    if not start:
        return "no year stated"
    first, last = start[:4], end[:4]
    if first == last:
        return first
    one_year = len(start) > 4 and int(last) == int(first) + 1  # from July to June
    return f"{first}/{last[2:]}" if one_year else f"{first}\u2013{last}"


def _count(fact: dict[str, Any], years: float) -> dict[str, Any]:
    if fact["note"] and "do not use" in fact["note"]:
        return {"total": fact["value"], "reason": f"withheld: {fact['value']:,.0f} is printed, but cannot follow "
                                                  f"its neighbour"}
    if years != years:
        return {"total": fact["value"], "reason": f"about {fact['value']:,.0f} a year, no year stated"}
    return {"total": fact["value"], "a_year": fact["value"] / years, "reliability": "ok"}


def _share(fact: dict[str, Any], _years: float) -> dict[str, Any]:
    ends = {name: float("nan") if fact[key] is None else fact[key] / 100
            for name, key in (("range_low", "value_low"), ("range_high", "value_high"))}
    if fact["value"] is None:
        return ends | {"reason": "only the range is printed"}
    about = "about " if "approximate" in fact["derivation"] else ""
    return ends | {"total": fact["value"], "reason": f"{about}{fact['value']:g} % printed, without counts"}


def _part(fact: dict[str, Any], _years: float) -> dict[str, Any]:
    low, high = wilson(fact["value"], fact["whole"])
    return {"total": fact["value"], "whole": fact["whole"], "share": fact["value"] / fact["whole"], "low": float(low),
            "high": float(high), "reliability": str(reliability(fact["value"], fact["whole"]))}


def certification(figure: str = "counts", years: Sequence[int] = EVERY) -> Result:
    """Published figures on ECFMG certification: counts, shares, or physicians who came as IMGs; never together.

    Args:
        figure: a key of FIGURES.
        years: first and last year; a figure of several years is shown when any of them lies between.

    Returns:
        A frame of one row for each published figure: label, period, total (as printed), a_year (total over the years it
        covers), share with low and high (fractions; Wilson, where both counts are published), range_low and range_high (as
        printed, between countries or schools: not an interval), approximate, reason (why there is no mark), provenance.

    Raises:
        UserError: an unknown figure, or nothing published for the years.
    """
    require(figure, FIGURES, "figure")
    whole = not isinstance(years, str) and len(years) == 2 and all(isinstance(year, int) for year in years)
    if not whole or years[0] > years[1]:
        raise UserError(f"years {years!r}; allowed: two years, the earlier one first")
    kept = _certification(figure, years[0], years[1])
    return replace(kept, frame=kept.frame.copy(deep=False))  # what a caller writes to it stays there


@lru_cache(maxsize=512)
def _certification(figure: str, first: int, last: int) -> Result:
    known = _rows(figure)
    rows = [row for row in known if row["start"] != row["start"] or row["start"] <= last and row["end"] >= first]
    if not any(row["start"] == row["start"] for row in rows):
        dated = ", ".join(dict.fromkeys(row["period"] for row in known if row["start"] == row["start"]))
        raise UserError(f"{FIGURES[figure]}: nothing is published from {first} to {last}; there are figures "
                        f"for {dated}.")
    frame = pd.DataFrame({name: [row[name] for row in rows] for name in COLUMNS})
    return Result(
        frame, Question("certification", {"figure": figure, "years": [first, last]}), title=TITLES[figure],
        subtitle=f"Figures that touch {first} to {last}. {_subtitle(figure, rows)}", summary=_summary(figure, rows),
        sources=sources_of(frame["source_id"]),
        caveats=_caveats(figure, rows), sql=QUERY, parameters={"measures": list(MEASURES[figure])},
        rows_of=RowsOf("ecfmg_certificates", ("certificate_id",)))


def _subtitle(figure: str, rows: list[dict[str, Any]]) -> str:
    n = counted(len(rows), "figure", "figures")
    if figure == "counts":
        return (f"n = {n}, all that is published. Counts, so no intervals. A figure of several years is drawn as its "
                f"yearly average. Applicants and certificates are different people in different years: neither is the "
                f"base of the other.")
    if figure == "shares":
        return (f"Base: those who asked for certification. n = {n}; none is published with both of its counts, so "
                f"there is no mark and no interval. Bars: the range that is printed, between countries or schools.")
    whole = rows[0]["whole"]
    return (f"Base: physicians in the US who came as IMGs, AMA Physician Masterfile, {rows[0]['period']}. n = "
            f"{whole:,.0f}. Bars: 95 % Wilson intervals, narrower than the marks.")


def _summary(figure: str, rows: list[dict[str, Any]]) -> str:
    return " ".join(f"{row['label']}, {row['period']}: {told(figure, row)}." for row in rows)


def told(figure: str, row: dict[str, Any]) -> str:
    """What is published of a row, in words."""
    if figure == "physicians":
        return (f"{percent(row['share'])} ({100 * row['low']:.1f} to {100 * row['high']:.1f}), {row['total']:,.0f} of "
                f"{row['whole']:,.0f}")
    if figure == "shares":
        ends = f"range {100 * row['range_low']:.1f} to {100 * row['range_high']:.1f} %"
        return row["reason"] + (f"; {ends}" if row["range_low"] == row["range_low"] else "")
    if row["reason"]:
        return row["reason"]
    many = f", {row['a_year']:,.0f} a year" if round(row["a_year"]) != row["total"] else ""
    return f"{row['total']:,.0f} {row['what']}{many}"


def _caveats(figure: str, rows: list[dict[str, Any]]) -> tuple[str, ...]:
    notes = ["Only a few figures are published in the sources here, each from another study: there is no yearly "
             "series, and nothing is filled in between. They say nothing on later years; no projection is among them."]
    if figure == "counts":
        notes += ["The yearly number of certificates is published for one year (July 2005 to June 2006) and as a round "
                  "'about 10,000' without a year. 'Certificates' to 2005 are documents, of 2005/06 people."]
        if any(row["reason"].startswith("withheld") for row in rows):
            notes.append("The 2015 number of citizens of Muslim-majority countries is withheld: the text says the next "
                         "year's 4,254 is 2.1 % lower, which 4,244 cannot be.")
    if figure == "shares":
        notes += ["'About 60 %' is of those who first apply, for all IMGs together, without a year or a count.",
                  "The Caribbean figures are old (1980 to 2009) and their ranges wide: they are not those of any one "
                  "school today.",
                  "Who does not finish may still be on the way, or have changed plans: a share certified is not a "
                  "share that failed."]
    if figure == "physicians":
        notes += [_of_all_physicians(), "A full count of a register, not a sample. A stock of physicians of all ages: "
                                        "it says nothing on who is certified or matched today."]
    return tuple(notes)


@cache
def _of_all_physicians() -> str:
    """How many of all physicians came as IMGs, with its own base."""
    part, whole, year = connect().execute("""
        SELECT max(value) FILTER (measure = 'img_physicians'), max(value) FILTER (measure = 'us_physicians'),
               min(period_end)
        FROM ecfmg_certificates WHERE measure IN ('img_physicians', 'us_physicians') AND "group" = 'all'""").fetchone()
    low, high = wilson(part, whole)
    return (f"Of all {whole:,.0f} physicians in the register in {year}, {part:,.0f} came as IMGs: "
            f"{percent(part / whole)} ({100 * low:.1f} to {100 * high:.1f}). That is another base than the chart's.")
