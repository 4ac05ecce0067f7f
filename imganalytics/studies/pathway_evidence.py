"""What has been published on how people fared after a research fellowship or another pathway before residency?

Each outcome stands with whom it is of, its interval, its comparator, the base rate of the same specialty and its bias.
"""

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any

import numpy as np
import pandas as pd

from imganalytics.errors import UserError
from imganalytics.result import Question, Result, RowsBy, RowsOf
from imganalytics.statistics.rates import LEAST_SHOWN, reliability, wilson
from imganalytics.studies.provenance import sources_of
from imganalytics.studies.words import percent
from imganalytics.vocabulary import ALL_SPECIALTIES, require
from imganalytics.warehouse import connect

# What the rate of a row is of. Rows of two kinds answer different questions, so that they stand apart.
KINDS = {
    "specialty": "Matched into the specialty they aimed at",
    "residency": "Matched into a residency of any specialty",
    "again": "Matched in a later attempt, after one that failed",
    "later": "Reached a categorical position in the end",
    "everyone": "Context: all applicants, whatever they did before",
    "survivors": "Only people who had matched were asked: no rate can come of it",
    "offers": "Places, pay and class sizes: no outcome was looked at",
}
SHORT = {"specialty": "Matched into their specialty", "residency": "Matched, any specialty",
         "again": "In a later attempt",
         "later": "Position in the end", "everyone": "All applicants", "survivors": "Only the matched",
         "offers": "Places and pay"}
BIASES = {"low": "low", "moderate": "moderate", "high": "high", "very high": "very high"}
PATHWAYS = {
    "research_fellowship": "Research fellowship or research years",
    "pre_residency_fellowship": "Pre-residency fellowship",
    "pre_residency_clinical_programme": "Clinical programme before residency",
    "research_year_reapplicant": "Research between two attempts",
    "preliminary_year": "Preliminary year",
    "context": "Any pathway (context)",
}
COMPARED = {"non_us_img": "Non-US IMGs", "us_img": "US IMGs", "img_all": "All IMGs"}
MOST = 300  # of the least number of people that can be asked for
ANY = "any specialty"

FIELD = f"""CASE WHEN published_specialty LIKE 'any%' OR published_specialty = 'all' THEN '{ANY}'
     WHEN published_specialty LIKE 'General Surgery%' THEN 'General Surgery' ELSE published_specialty END"""
KIND = """CASE WHEN selection_bias = 'very high' THEN 'survivors'
     WHEN outcome_definition LIKE 'availability%' OR outcome_definition = 'none reported' THEN 'offers'
     WHEN pathway = 'context' OR selection_bias = 'low for rate' THEN 'everyone'
     WHEN pathway = 'research_year_reapplicant' THEN 'again'
     WHEN pathway = 'preliminary_year' OR outcome_definition LIKE 'eventually%' THEN 'later'
     WHEN regexp_matches(outcome_definition, '^matched (in)?to US residency') THEN 'residency' ELSE 'specialty' END"""

# Base rates: what the source paper prints for neurosurgery, and the Match itself, by specialty among those who ranked it
# first and for the whole country among all.
BASE_RATES = """
SELECT 'Neurological Surgery' AS specialty, CASE population WHEN 'all IMGs' THEN 'img_all'
            WHEN 'non-US IMGs' THEN 'non_us_img' ELSE 'us_img' END AS applicant_type,
       year::INTEGER AS match_year, numerator AS matched, denominator AS applicants, 'paper' AS "read", fact_id,
       NULL AS track, NULL AS entry_level, NULL AS base, source_id, locator,
       CASE WHEN population LIKE '%derived%' THEN 'derived: all IMGs minus non-US IMGs' ELSE derivation END AS derivation
FROM source_document_facts
WHERE subject = 'NRMP Main Match, neurological surgery' AND measure = 'match_rate_pct' AND population LIKE '%IMGs%'
UNION ALL
SELECT specialty, applicant_type, match_year, matched, applicants, 'match', NULL, track, entry_level, base, source_id,
       locator, derivation
FROM match_rates
WHERE rate IS NOT NULL AND list_contains(['img_all', 'non_us_img', 'us_img'], applicant_type)
  AND base = CASE specialty WHEN 'All specialties' THEN 'active' ELSE 'preferred' END"""

QUERY = f"""
WITH evidence AS (
    SELECT *, {FIELD} AS field, {KIND} AS kind, replace(selection_bias, ' for rate', '') AS bias,
           CASE WHEN years_end IS NULL THEN 'since ' || years_start
                ELSE concat_ws(' to ', years_start, nullif(years_end, years_start)) END AS years,
           regexp_extract(note, 'STATEMENT ([AB] \\([a-z]+\\))', 1) AS statement
    FROM pathway_evidence),
base_rates AS ({BASE_RATES}),
marks AS (
    SELECT evidence_id, 1 AS mark_order, 'outcome' AS mark, 'evidence' AS "read", population AS whom,
           n_matched AS matched, n_applied AS applicants, match_rate_pct AS printed_pct, specialty,
           NULL AS match_year, NULL AS fact_id, NULL AS track, NULL AS entry_level, NULL AS applicant_type, NULL AS base, source_id, locator, derivation
    FROM evidence
    UNION ALL
    SELECT evidence_id, 2, 'comparator', 'evidence', comparator, comparator_matched, comparator_n, comparator_rate_pct,
           specialty, NULL, NULL, NULL, NULL, NULL, NULL, source_id, locator, derivation
    FROM evidence
    WHERE comparator IS NOT NULL AND kind NOT IN ('survivors', 'offers')
      AND coalesce(match_rate_pct, n_matched) IS NOT NULL
    UNION ALL
    SELECT evidence_id, 3, 'base', b."read", NULL, b.matched, b.applicants, NULL, b.specialty, b.match_year, b.fact_id,
           b.track, b.entry_level, b.applicant_type, b.base, b.source_id, b.locator, b.derivation
    FROM evidence e JOIN base_rates b
      ON b.specialty = CASE e.kind WHEN 'residency' THEN 'All specialties' ELSE e.specialty END
    WHERE b.applicant_type = $compared_with AND (e.kind = 'residency' OR (e.kind = 'specialty' AND e.n_imgs > 0))
    QUALIFY row_number() OVER (PARTITION BY evidence_id
                               ORDER BY abs(b.match_year - $base_year), b.match_year, b.track) = 1)
SELECT m.*, e.programme, e.institution, e.published_specialty, e.field, e.kind, e.pathway, e.bias, e.causal_reading,
       e.years, e.statement, e.population, e.n_fellows, e.n_imgs, e.outcome_definition, e.comparator, e.p_value,
       e.research_months_median,
       e.research_months_q1, e.research_months_q3, e.research_months_min, e.research_months_max, e.publications_median,
       e.publications_other, e.h_index, e.funding, e.visa, e.study_design, e.selection_bias_note, e.quote,
       e.cross_check, e.note
FROM marks m JOIN evidence e USING (evidence_id)
ORDER BY list_position($kind_order::VARCHAR[], e.kind), e.field = '{ANY}', e.field, e.evidence_id, m.mark_order"""

ROWS = RowsBy("read", {
    "evidence": RowsOf("pathway_evidence", ("evidence_id",)),
    "paper": RowsOf("source_document_facts", ("fact_id",)),
    "match": RowsOf("match_rates", ("match_year", "specialty", "track", "entry_level", "applicant_type", "base"))})


@cache
def fields() -> tuple[str, ...]:
    """Specialties with evidence of their own, as the sources name them."""
    rows = connect().execute(
        f"SELECT DISTINCT {FIELD} AS f FROM pathway_evidence WHERE f <> '{ANY}' ORDER BY f").fetchall()
    return tuple(name for (name,) in rows)


@cache
def base_years(specialty: str | None, compared_with: str) -> tuple[int, ...]:
    """Years of the Match with a base rate for evidence on a specialty (else for the whole country; None: for any)."""
    rows = connect().execute(f"""
        SELECT specialty, match_year FROM ({BASE_RATES}) WHERE applicant_type = $kind AND specialty IN (
            SELECT specialty FROM pathway_evidence WHERE n_imgs > 0 AND {KIND} = 'specialty'
               AND ($specialty IS NULL OR {FIELD} = $specialty) UNION SELECT '{ALL_SPECIALTIES}')""",
        {"kind": compared_with, "specialty": specialty}).fetchall()
    own = {year for name, year in rows if specialty is None or name != ALL_SPECIALTIES}
    return tuple(sorted(own or {year for _, year in rows}))


def pathway_evidence(specialty: str | None = "Neurological Surgery", pathway: str | None = None,
                     biases: Sequence[str] | None = None, kinds: Sequence[str] | None = None, least: int = 0,
                     compared_with: str = "non_us_img", base_year: int = 2020) -> Result:
    """Published outcomes of pathways before residency, each with its denominator, comparator, base rate and bias.

    Args:
        specialty: as in :func:`fields`, with the evidence that is of any specialty; None for all.
        pathway: key of PATHWAYS, or None for all.
        biases: keys of BIASES, or None for all.
        kinds: keys of KINDS, or None for all.
        least: outcomes of fewer people, or of a number not printed, are left out (0 shows all).
        compared_with: whose base rate stands beside an outcome; key of COMPARED.
        base_year: year of the Match that the base rate is of; where none is published for it, the nearest that is.

    Returns:
        A frame of one row for each mark (outcome, comparator, base), rows of one outcome together: counts, rate,
        rate_low, rate_high (fractions; NaN where none can be given), reliability, reason (why there is no rate),
        basis (what the rate rests on), of_all (the rate of all who began, in words, where some are not in the
        denominator), and all fields of the outcome.

    Raises:
        UserError: an unknown word, with what is allowed; nothing is published for this choice.
    """
    arguments = _checked(specialty, pathway, biases, kinds, least, compared_with, base_year)
    marks = _marks(compared_with, base_year)
    keep = _wanted(marks, arguments)
    if not keep.any():
        raise UserError("No published outcome fits this choice: take more kinds of outcome or of bias, or a lower "
                        "minimum.")
    frame = marks.iloc[np.flatnonzero(keep)].reset_index(drop=True)
    outcomes = [row for row in _said(frame) if row["mark"] == "outcome"]
    shown = f"{len(outcomes)} of {(marks['mark'] == 'outcome').sum()} published outcomes"
    return Result(
        frame, Question("pathway_evidence", arguments),
        title="What is published on how people fared after research and other pathways?",
        subtitle=f"{shown}. Base: each row has its own, in words; n and years stand beside it. Groups answer different "
                 "questions, and rows of one group differ in whom they count. "
                 "Lines: 95 % Wilson intervals. Hollow: unstable, or printed without counts.",
        summary=_summary(outcomes, shown), sources=sources_of(frame["source_id"]), caveats=_caveats(outcomes),
        sql=QUERY, parameters=_parameters(compared_with, base_year), rows_of=ROWS)


def _said(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """What the sentences need to know, as dictionaries: pandas' own rows are too slow for a slider."""
    names = ("mark", "programme", "statement", "basis", "rate", "rate_low", "causal_reading", "n_fellows",
             "applicants", "matched", "of_all")
    return [dict(zip(names, values)) for values in zip(*(frame[name].tolist() for name in names))]


def nobody_measured() -> pd.DataFrame:
    """What advisers ask for about pathways and no source here publishes: what, and what stands in for it."""
    return connect().sql("""SELECT what, instead FROM not_published WHERE topic = 'Before residency'
                            ORDER BY not_published_id""").df()


def _checked(specialty: str | None, pathway: str | None, biases: Sequence[str] | None, kinds: Sequence[str] | None,
             least: int, compared_with: str, base_year: int) -> dict[str, Any]:
    if specialty is not None:
        require(specialty, fields(), "specialty")
    if pathway is not None:
        require(pathway, PATHWAYS, "pathway")
    for name, keys, known in (("selection bias", biases, BIASES), ("kind of outcome", kinds, KINDS)):
        if isinstance(keys, str) or keys is not None and not keys:
            raise UserError(f"choose at least one {name}; allowed: {', '.join(known)}")
        for key in keys or ():
            require(key, known, name)
    require(compared_with, COMPARED, "applicant type of the base rate")
    if not isinstance(least, int) or not isinstance(base_year, int):
        raise UserError(f"least {least!r} and base_year {base_year!r}; allowed: whole numbers")
    return {"specialty": specialty, "pathway": pathway, "biases": None if biases is None else list(biases),
            "kinds": None if kinds is None else list(kinds), "least": least, "compared_with": compared_with,
            "base_year": base_year}


def _parameters(compared_with: str, base_year: int) -> dict[str, Any]:
    return {"compared_with": compared_with, "base_year": base_year, "kind_order": list(KINDS)}


def _wanted(marks: pd.DataFrame, asked: dict[str, Any]) -> np.ndarray:
    """Which marks are asked for; in numpy, since a slider waits for it."""
    keep = np.ones(len(marks), bool)
    columns = {name: marks[name].to_numpy(object)
               for name in ("field", "pathway", "bias", "kind", "evidence_id", "mark")}
    if asked["specialty"] is not None:
        keep &= (columns["field"] == asked["specialty"]) | (columns["field"] == ANY)
    if asked["pathway"] is not None:
        keep &= columns["pathway"] == asked["pathway"]
    for name, column in (("biases", "bias"), ("kinds", "kind")):
        if asked[name] is not None:
            keep &= np.isin(columns[column].astype(str), asked[name])
    if asked["least"] > 0:
        enough = (columns["mark"] == "outcome") & (marks["applicants"].to_numpy(float) >= asked["least"])
        keep &= np.isin(columns["evidence_id"].astype(str), columns["evidence_id"][enough].astype(str))
    return keep


@lru_cache(maxsize=64)
def _marks(compared_with: str, base_year: int) -> pd.DataFrame:
    """Every outcome with its comparator and base rate. Kept: callers must not write to it."""
    frame = connect().execute(QUERY, _parameters(compared_with, base_year)).df()
    for name in ("matched", "applicants", "printed_pct", "n_fellows", "n_imgs"):
        frame[name] = frame[name].astype("float64")
    years = frame["match_year"].astype("float64").tolist()
    texts = [name for name in frame if frame[name].dtype != "float64"]
    frame[texts] = frame[texts].astype(object).where(frame[texts].notna(), "")
    frame["match_year"] = pd.Series([int(year) if year == year else None for year in years], dtype=object)
    return _with_rates(frame)


def _with_rates(frame: pd.DataFrame) -> pd.DataFrame:
    """Adds rate, its interval, reliability, reason and basis.

    The rate is that of the counts. Where only n and the percentage are printed, it is the percentage; its interval is
    then that of so many of n. An average of several rates, or a percentage without n, has no interval.
    """
    matched, n, printed = (frame[name].to_numpy() for name in ("matched", "applicants", "printed_pct"))
    average = frame["quote"].str.contains("average").to_numpy() & np.isnan(matched)
    share = np.isnan(matched) & ~np.isnan(printed) & ~np.isnan(n) & ~average
    counts = np.where(share, printed / 100 * n, matched)
    few = ~np.isnan(counts) & (n < LEAST_SHOWN)
    none = np.isin(frame["kind"].to_numpy(str), ["survivors", "offers"])
    rate = np.where(few | none, np.nan, np.where(np.isnan(counts), printed / 100, counts / np.where(n > 0, n, np.nan)))
    low, high = wilson(np.where(few | none, np.nan, counts), n)
    self_told = frame["study_design"].str.contains("self-report") | frame["selection_bias_note"].str.contains("blog")
    basis = np.select([few | np.isnan(rate), ~np.isnan(matched), share, average],
                      ["", "counts", "printed percentage and n", "average of several rates"],
                      np.where(self_told, "claim without counts", "printed without counts"))
    reason = np.select([few, none, np.isnan(rate)],
                       [f"fewer than {LEAST_SHOWN} people: no rate", "no rate", "no figure printed"], "")
    own = (frame["mark"] == "outcome").to_numpy()
    of_all = [_of_all(*numbers) if each else "" for each, *numbers in zip(own, matched, n, frame["n_fellows"])]
    return frame.assign(of_all=of_all, rate=rate, rate_low=low, rate_high=high, basis=basis.astype(object),
                        reason=reason.astype(object),
                        reliability=np.where(np.isnan(rate), "suppressed",
                                             np.where(np.isnan(low), "unstable", reliability(counts, n))))


def base_words(row: dict[str, Any]) -> str:
    """Whom a base rate is of: 'Non-US IMGs who ranked it first'."""
    who = "IMGs" if row["applicant_type"] == "img_all" else COMPARED[row["applicant_type"]]
    if row["read"] == "paper":
        derived = ", derived" if row["derivation"].startswith("derived") else ""
        return f"{who} who applied, as the Barrow paper has it{derived}"
    return f"{who} with a rank list, any specialty" if row["base"] == "active" else f"{who} who ranked it first"


def why_no_base(row: dict[str, Any], compared_with: str) -> str:
    """Why no base rate stands beside an outcome; '' where none is to be expected."""
    if row["kind"] in ("everyone", "survivors", "offers"):
        return ""
    if row["kind"] == "later":
        return "No base rate: a position reached over years is no Match result"
    if row["kind"] == "again" or not row["n_imgs"] > 0 and row["kind"] == "specialty":
        return "No base rate of IMGs: most of these are not IMGs, or it is not said"
    return f"No base rate of {COMPARED[compared_with]} is in the sources here"


def _summary(outcomes: list[dict[str, Any]], shown: str) -> str:
    sure = sum(row["rate_low"] == row["rate_low"] for row in outcomes)
    bare = sum(row["rate"] == row["rate"] for row in outcomes) - sure
    claims = sum(row["basis"] == "claim without counts" for row in outcomes)
    limited = sum(row["causal_reading"] != "no" for row in outcomes)
    rest = len(outcomes) - sure - bare
    parts = [f"{sure} with an interval",
             f"{bare} printed without counts or as an average" + f" ({claims} of them claims)" * (claims > 0),
             f"{rest} without a rate"]
    return f"{shown}: {', '.join(part for part, count in zip(parts, (sure, bare, rest)) if count)}. " + (
        f"A causal reading is allowed with limits for {limited}, and for no other." if limited else
        "None of them allows a causal reading: none says that the pathway made the difference.")


def _caveats(outcomes: list[dict[str, Any]]) -> tuple[str, ...]:
    notes = ["Nobody gets onto a pathway by chance: who is chosen, and who is counted, can make any of these rates.",
             "A base rate is of all applicants of its year, whatever they did before, fellows among them. The difference "
             "between it and an outcome is not the effect of a pathway."]
    if sum(row["statement"] != "" for row in outcomes) > 1:
        notes.append("Barrow's paper makes two statements that do not agree: 16 of the 18 who applied (abstract), and "
                     "16 in neurosurgery, 2 in another specialty and 2 in clinical fellowships, all successful (results). "
                     "Both are shown.")
    if any(row["basis"] == "claim without counts" for row in outcomes):
        notes.append("A claim without counts has no interval, and nobody can check it.")
    return (*notes, *(_left_out(row) for row in outcomes if row["of_all"]))


def _left_out(row: dict[str, Any]) -> str:
    """Those who began and are not in the denominator, and the rate with them."""
    name = ", statement ".join(filter(None, (row["programme"], row["statement"])))
    return (f"{name}: {row['n_fellows'] - row['applicants']:.0f} of the {row['n_fellows']:.0f} who began are not in the "
            f"denominator. {row['of_all']}.")


def _of_all(matched: float, applicants: float, began: float) -> str:
    """The rate of all who began, where it is known that some are not in the denominator; else ''."""
    if not began > applicants or matched != matched:
        return ""
    low, high = wilson(matched, began)
    return (f"Of all who began: {percent(matched / began)} ({100 * float(low):.1f} to {100 * float(high):.1f}), "
            f"{matched:.0f} of {began:.0f}")
