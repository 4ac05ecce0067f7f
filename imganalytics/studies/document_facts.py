"""Which numbers does the project's source document give, and do they hold? Each with its words, its n and a check."""

import re
from functools import cache, lru_cache
from typing import Any

import numpy as np
import pandas as pd

from imganalytics.errors import UserError
from imganalytics.result import Question, Result, RowsOf
from imganalytics.statistics.rates import LEAST_SHOWN, reliability, wilson
from imganalytics.studies.provenance import sources_of
from imganalytics.studies.words import counted, percent
from imganalytics.vocabulary import require
from imganalytics.warehouse import connect

CHECKS = {"agrees": "Counts and percentage agree", "doubt": "Does not agree, or is out of date",
          "open": "Cannot be verified", "noted": "Remarked on", "none": "Nothing to check it by"}
DOUBT = ("mismatch|inconsistent|outdated|contradict|inaccurate|wrong|conflicts with|sources differ|not explained|"
         "misprint")
WORDS = {"img": "IMG", "imgs": "IMGs", "pct": "percent", "pd": "directors", "pds": "directors", "ns": "neurosurgery",
         "cf": "clinical fellowship", "phd": "PhD", "usmle": "USMLE", "ecfmg": "ECFMG", "h1b": "H-1B",
         "ds2019": "DS-2019",
         "ead": "EAD", "nrmp": "NRMP", "oet": "OET", "abns": "ABNS", "us": "US", "step3": "Step 3",
         "ABSTRACT": "(abstract)",
         "RESULTS": "(results)", "survey1": "survey 1", "survey2": "survey 2", "top20": "top 20", "top40": "top 40",
         "pgy1": "PGY-1", "eu": "EU", "barrow": "Barrow", "vs": "against"}

QUERY = f"""
WITH facts AS (
    SELECT *, lower(concat_ws(' ', cross_check, note)) AS remarks FROM source_document_facts),
checked AS (
    SELECT *, CASE WHEN regexp_matches(remarks, '{DOUBT}') THEN 'doubt' WHEN remarks LIKE 'ok%' THEN 'agrees'
                   WHEN remarks LIKE '%cannot be verified%' THEN 'open'
                   WHEN cross_check IS NOT NULL THEN 'noted' ELSE 'none' END AS "check"
    FROM facts)
SELECT 'source_document_facts' AS table_name, fact_id, section, subject, measure, value, value_text, value_low, value_high,
       unit, statistic, population, year,
       numerator, denominator, comparator, comparator_value, quote, selection_bias, cross_check, note, "check", source_id,
       locator, derivation
FROM checked
WHERE ($section IS NULL OR section = $section) AND ($subject IS NULL OR subject = $subject)
  AND ($check IS NULL OR "check" = $check)
  AND list_aggregate([contains(lower(concat_ws(' ', section, subject, replace(measure, '_', ' '), population, quote, note,
      cross_check, value_text)), lower(word)) FOR word IN $words::VARCHAR[]], 'bool_and') IS NOT false
ORDER BY fact_id"""


@cache
def sections() -> dict[str, tuple[str, ...]]:
    """Sections of the document, each with what its facts are about, in the order of the document."""
    rows = connect().execute("""SELECT section, list(DISTINCT subject ORDER BY subject) FROM source_document_facts
                                GROUP BY section ORDER BY min(fact_id)""").fetchall()
    return {section: tuple(subjects) for section, subjects in rows}


def document_facts(section: str | None = None, subject: str | None = None, check: str | None = None,
                   search: str = "") -> Result:
    """The numbers of the source document that fit, each in words and with what a check of it found.

    Args:
        section: of the document, as in :func:`sections`, or None for all.
        subject: what a fact is about, or None for all.
        check: key of CHECKS, or None for all.
        search: words that a fact must hold.

    Returns:
        A frame of one row for each fact: what (in words), shown (the figure in words), counted (counts with their Wilson
        interval where both are printed), remark, rate, rate_low, rate_high, reliability, and every field as printed.

    Raises:
        UserError: an unknown value, or no fact fits.
    """
    if section is not None:
        require(section, sections(), "section")
    if subject is not None:
        require(subject, {name: None for names in sections().values() for name in names}, "subject")
    if check is not None:
        require(check, CHECKS, "check")
    parameters = {"section": section, "subject": subject, "check": check, "words": search.split()}
    frame = _facts(section, subject, check, tuple(search.split()))
    if frame.empty:
        raise UserError("No number of the source document fits all of this; set a filter to 'All', or clear the search.")
    doubts = int((frame["check"] == "doubt").sum())
    counts = int(frame["rate"].notna().sum())
    shown = f"{counted(len(frame), 'number', 'numbers')} of {len(_facts(None, None, None, ()))}"
    return Result(
        frame, Question("document_facts", {"section": section, "subject": subject, "check": check, "search": search}),
        title="Which numbers does the source document give, and do they hold?",
        subtitle=f"n = {shown}. Base and years: beside each. Intervals: 95 % Wilson, where both counts are printed.",
        summary=f"{shown}: {counts} with counts and an interval, {doubts} that do not agree with themselves or another "
                "source, or are out of date.",
        sources=sources_of(frame["source_id"]), sql=QUERY, parameters=parameters,
        rows_of=RowsOf("source_document_facts", ("fact_id",)), caveats=(
            "The document is a collection of web pages: advertisements, guides, one paper. It is quoted, not "
            "vouched for.",
            "Percentages without both counts have no interval here: none can be had.",
            "An interval holds for people like those counted. Who was asked, and who answered, is not in it."))


@lru_cache(maxsize=64)
def _facts(section: str | None, subject: str | None, check: str | None, words: tuple[str, ...]) -> pd.DataFrame:
    """Kept: callers must not write to it."""
    frame = connect().execute(QUERY, {"section": section, "subject": subject, "check": check,
                                      "words": list(words)}).df()
    numbers = ["value", "value_low", "value_high", "numerator", "denominator", "comparator_value"]
    frame[numbers] = frame[numbers].astype("float64")
    texts = [name for name in frame if name not in numbers]
    frame[texts] = frame[texts].astype(object).where(frame[texts].notna(), "")
    part = np.where(frame["numerator"] <= frame["denominator"], frame["numerator"], np.nan)
    few = frame["denominator"].to_numpy() < LEAST_SHOWN
    part = np.where(few, np.nan, part)
    low, high = wilson(part, frame["denominator"])
    frame = frame.assign(rate=part / frame["denominator"], rate_low=low, rate_high=high,
                         reliability=reliability(part, frame["denominator"]))
    rows = frame.to_dict("records")
    return frame.assign(
        what=[_what(row["measure"]) for row in rows], shown=[_shown(row) for row in rows],
                        counted=[_counted(row) for row in rows],
        check_label=[CHECKS[row["check"]] for row in rows],
        remark=[". ".join(filter(None, (row["cross_check"], row["note"]))) for row in rows])


def _what(measure: str) -> str:
    """'pd_survey1_response_pct' as 'Directors survey 1 response, percent'."""
    head, colon, tail = measure.partition(":")
    share = head.endswith("_pct")
    text = " ".join(WORDS.get(word, word) for word in re.split("_", head.removesuffix("_pct")))
    return text[0].upper() + text[1:] + (", percent" if share else "") + (f":{tail}" if colon else "")


def _shown(row: dict[str, Any]) -> str:
    """The figure in words, with its unit: '6 to 12 months', 'at least 280 experiences', 'weekly'."""
    unit = {"percent": " %", "year": "", "": "", "p value": "", "fraction": "", "h-index": ""}.get(row["unit"],
                                                                                                   f" {row['unit']}")
    plain = row["unit"] in ("year", "years")  # 2012, not 2,012
    value, low, high = (_number(row[name], plain) for name in ("value", "value_low", "value_high"))
    if value == "1" or row["value_low"] > 1900:
        unit = unit.removesuffix("s") if value else ""
    if row["statistic"].startswith("median (Q1"):
        return f"{value}{unit} (middle half {low} to {high})"
    if value:
        prefix = "at least " if row["statistic"] == "at least" else "about " if "approximate" in row["statistic"] else ""
        return f"{prefix}{value}{unit}"
    if low and high:
        return f"{low} to {high}{unit}"
    if low or high:
        return f"at least {low}{unit}" if low else f"up to {high}{unit}"
    return row["value_text"] or ("see the counts" if row["numerator"] == row["numerator"] else "")


def _number(value: float, plain: bool) -> str:
    if value != value:
        return ""
    return f"{value:g}" if plain or value < 1000 else f"{value:,.0f}"


def _counted(row: dict[str, Any]) -> str:
    """'34 of 43: 79.1 % (64.8 to 88.6)'; '' where the counts are not printed."""
    if row["denominator"] != row["denominator"]:
        return ""
    counts = f"{row['numerator']:g} of {row['denominator']:g}"
    if row["rate"] != row["rate"]:
        return f"{counts}; fewer than {LEAST_SHOWN}, no rate"
    shaky = ", unstable" if row["reliability"] == "unstable" else ""
    return f"{counts}: {percent(row['rate'])} ({100 * row['rate_low']:.1f} to {100 * row['rate_high']:.1f}{shaky})"
