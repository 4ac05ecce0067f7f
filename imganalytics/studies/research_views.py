"""What do neurosurgery directors say about research before residency, and how much had IMGs done who matched?

Figures of one paper (Frontiers in Surgery 2022;9:899649) as the source document restates them.
"""

from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from imganalytics.errors import UserError
from imganalytics.result import Question, Result, RowsOf
from imganalytics.statistics.rates import reliability, wilson
from imganalytics.studies.provenance import sources_of
from imganalytics.studies.words import percent
from imganalytics.warehouse import connect

LIMITS = {"months": (0, 72), "papers": (0, 80)}  # the ranges of those who had matched end there
PANELS = {"ranking": "What directors put where, of four factors", "months": "Months of research before residency",
          "papers": "Published papers before residency"}

# fact -> panel, order, label, and the fact that gives n where it does not stand in the same row
FACTS = """(VALUES
    ('sf085', 'ranking', 1, 'Institution or people: most important', NULL),
    ('sf086', 'ranking', 2, 'Impact of the research: most important', NULL),
    ('sf087', 'ranking', 3, 'A structured period, or one theme: third', NULL),
    ('sf088', 'ranking', 4, 'Number of publications: least important', NULL),
    ('sf084', 'months', 5, 'Directors recommend', 'sf079'),
    ('sf121', 'months', 6, 'IMGs who had matched', 'sf098'),
    ('sf144', 'months', 7, 'Barrow fellows who had matched', 'sf128'),
    ('sf083', 'papers', 8, 'Directors recommend', 'sf079'),
    ('sf122', 'papers', 9, 'IMGs who had matched', 'sf098'),
    ('sf147', 'papers', 10, 'Barrow fellows who had matched', 'sf128')) AS f(fact_id, panel, row_order, label, n_fact)"""

QUERY = f"""
SELECT 'source_document_facts' AS table_name, panel, label, fact_id, s.numerator AS named,
       coalesce(s.denominator, n.numerator, n.value) AS n,
       s.value AS printed, CASE WHEN panel <> 'ranking' THEN s.value END AS median,
       CASE WHEN s.statistic LIKE 'median (Q1%' THEN s.value_low END AS quartile_1,
       CASE WHEN s.statistic LIKE 'median (Q1%' THEN s.value_high END AS quartile_3,
       regexp_extract(s.statistic, 'range ([0-9.]+)-', 1) AS minimum,
       regexp_extract(s.statistic, 'range [0-9.]+-([0-9.]+)', 1) AS maximum,
       s.population, s.year, s.statistic, s.quote, s.selection_bias, s.cross_check, s.note, s.source_id,
       s.locator, s.derivation
FROM {FACTS} JOIN source_document_facts s USING (fact_id) LEFT JOIN source_document_facts n ON n.fact_id = f.n_fact
ORDER BY row_order"""


def research_views(months: int = 24, papers: int = 5) -> Result:
    """Directors' ranking of four factors of research, and medians of time and papers, expected and actual.

    Args:
        months: of research, a value that is placed between the medians.
        papers: published before residency, likewise.

    Returns:
        A frame of one row for each figure. Panel 'ranking': named, n, rate, rate_low, rate_high, reliability. Panels
        'months' and 'papers': median, quartiles and range where printed, n, and where the value lies, in words. Medians
        have no interval: none is printed, and none can be had from them.

    Raises:
        UserError: a value outside LIMITS.
    """
    for name, value in (("months", months), ("papers", papers)):
        low, high = LIMITS[name]
        if not isinstance(value, int) or not low <= value <= high:
            raise UserError(f"{name} {value!r}; allowed: whole numbers from {low} to {high}")
    values = {"months": months, "papers": papers}
    rows = _rows()
    frame = _figures().assign(value=[values.get(row["panel"], np.nan) for row in rows],
                              lies=[_lies(row, values) for row in rows])
    return Result(
        frame, Question("research_views", values),
        title="What do neurosurgery directors say about research before residency, and what had been done?",
        subtitle="Base: 43 of 115 directors (ranking, 2022), 32 of 115 (time and papers, 2020-2021), 42 of 79 IMGs who "
                 "had matched into neurosurgery, and 20 fellows of one institution who had. Lines of shares: 95 % Wilson "
                 "intervals. Medians have none.",
        summary=_summary(), sources=sources_of(frame["source_id"]), caveats=CAVEATS, sql=QUERY,
        rows_of=RowsOf("source_document_facts", ("fact_id",)))


CAVEATS = (
    "Only IMGs who had matched were asked. What those who did not match had done is not known, so more research here "
    "does not mean a better chance.",
    "Of 115 directors 43 and 32 answered. The intervals hold for directors who answer like these; who did not answer is not "
    "in them.",
    "One specialty. Directors of other specialties were not asked.",
    "Directors gave a least and a most for the time: their medians are 12 and 24 months, and 18 together.",
    "The paper prints the third quartile of papers as 24.3 and as 24; of the 42, one left the number of papers blank.",
    "The paper reports both differences, in months and in papers, as significant (Mann-Whitney, p < 0.001).")


@cache
def _figures() -> pd.DataFrame:
    """Kept: callers must not write to it."""
    frame = connect().execute(QUERY).df()
    texts = ["population", "year", "statistic", "quote", "selection_bias", "cross_check", "note"]
    frame[texts] = frame[texts].astype(object).where(frame[texts].notna(), "")
    numbers = ["named", "n", "printed", "median", "quartile_1", "quartile_3", "minimum", "maximum"]
    frame[numbers] = frame[numbers].replace("", np.nan).astype("float64")
    shares = (frame["panel"] == "ranking").to_numpy()
    named = np.where(shares, frame["named"], np.nan)
    low, high = wilson(named, frame["n"])
    return frame.assign(rate=named / frame["n"], rate_low=low, rate_high=high,
                        reliability=np.where(shares, reliability(named, frame["n"]), ""))


@cache
def _rows() -> list[dict[str, Any]]:
    return _figures().to_dict("records")


def _lies(row: dict[str, Any], values: dict[str, int]) -> str:
    """Where the value lies by a median and its quartiles, in words."""
    if row["panel"] == "ranking":
        return ""
    value, median, low, high = values[row["panel"]], row["median"], row["quartile_1"], row["quartile_3"]
    if low == low and value < low:
        return "below the middle half"
    if high == high and value > high:
        return "above the middle half"
    side = "at" if value == median else "below" if value < median else "above"
    return f"{side} the median" + (", in the middle half" if low == low else "")


@cache
def _summary() -> str:
    known = {(row["panel"], row["label"]): row for row in _rows()}
    first = known["ranking", "Institution or people: most important"]
    last = known["ranking", "Number of publications: least important"]
    texts = [f"Of {first['n']:.0f} directors {first['named']:.0f} put the institution or the people first "
             f"({percent(first['rate'])}), and {last['named']:.0f} put the number of publications last "
             f"({percent(last['rate'])})."]
    for panel, unit in (("months", "months"), ("papers", "papers")):
        expected, actual = known[panel, "Directors recommend"], known[panel, "IMGs who had matched"]
        texts.append(f"Directors recommend {expected['median']:g} {unit} (median, n = {expected['n']:.0f}); IMGs who had matched "
                     f"had {actual['median']:g} (median, n = {actual['n']:.0f}).")
    return " ".join(texts)
