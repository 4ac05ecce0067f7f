"""What have published studies found about how programs select IMGs? Each figure with its population and its n."""

import re
from functools import cache
from typing import Any

import pandas as pd

from imganalytics.errors import UserError
from imganalytics.result import Question, Result
from imganalytics.statistics.rates import reliability, wilson
from imganalytics.studies.provenance import source_names, sources_of
from imganalytics.studies.words import counted, percent, readable
from imganalytics.vocabulary import applicant_types
from imganalytics.warehouse import connect

# The statistics in words; one that is not here is shown by its own name.
STATISTICS = {
    "share_of_interview_and_rank_positions_given_to_imgs": "Share of interview and rank positions given to IMGs",
    "share_of_pgy1_positions_filled_by_imgs": "Share of PGY-1 positions filled by IMGs (a fill share, not a match rate)",
    "pct_citing_departmental_pressure_on_img_recruitment": "Cite departmental pressure on the recruitment of IMGs",
    "pct_citing_institutional_priority": "Cite institutional priority",
    "pct_citing_reputational_concerns": "Cite concerns for the reputation",
    "pct_seldom_or_never_interview_or_rank_imgs": "Seldom or never interview or rank IMGs",
    "pct_ranking_research_institution_or_people_most_important":
        "Rank the institution or the people of the research as most important",
    "pct_believing_imgs_do_more_research_than_usmgs": "Believe that IMGs do more research than US graduates",
    "median_months_of_research_before_residency": "Months of research before residency, median",
    "median_published_articles_before_residency": "Published articles before residency, median",
    "n_matched_or_entered_us_residency": "Matched, or entered US residency otherwise",
    "pds_never_interviewing_pct": "Never interview",
    "pds_seldom_or_never_interviewing_pct": "Seldom or never interview",
}
SURVIVORS = "Those who matched only: what those who did not match had done is not known."
SELECTED = ("A chosen group without a comparison: those who did not apply are left out, and nobody gets such a fellowship "
            "by chance. It does not say that the research was what helped.")

QUERY = """
SELECT 'selection_studies' AS "table", 'study_id=' || s.study_id AS row_key, s.year, s.specialty, s.population,
       s.statistic, '' AS about, s.value, s.value_low, s.value_high, s.unit, s.source_id, s.locator, s.derivation, s.note
FROM selection_studies s WHERE $specialty IS NULL OR s.specialty = $specialty
UNION ALL
SELECT 'img_match_context', 'context_id=' || context_id, year, coalesce(specialty, published_specialty),
       'program directors', measure, published_type, value, value_low, value_high, 'percent', source_id, locator, derivation, note
FROM img_match_context WHERE measure LIKE 'pds_%'
  AND ($specialty IS NULL OR coalesce(specialty, published_specialty) = $specialty)
ORDER BY 4, 3, 2"""


@cache
def studied() -> tuple[str, ...]:
    """Specialties with a published study of selection."""
    return tuple(dict.fromkeys(connect().execute(QUERY, {"specialty": None}).df()["specialty"]))


def selection_studies(specialty: str | None = None) -> Result:
    """One row for each published figure: population, statistic in words, value, n with interval where printed, source.

    Args:
        specialty: canonical name, or None for all.

    Returns:
        A frame of year, specialty, population, what, shown (the value in words), uncertainty (n and interval in
        words), read_with (what to keep in mind), source and provenance.

    Raises:
        UserError: no study of this specialty is in the sources here.
    """
    if specialty is not None and specialty not in studied():
        raise UserError(f"no study of selection in {specialty!r} is in the sources here; allowed: {', '.join(studied())}")
    frame = _figures(specialty)
    places = _places(frame["specialty"])
    return Result(
        frame, Question("selection_studies", {"specialty": specialty}),
        title="What have studies found about how programs select IMGs?",
        subtitle=f"{counted(len(frame), 'published figure', 'published figures')}: {places}. n and interval where the paper "
                 "prints them.",
        summary=f"{counted(len(frame), 'figure', 'figures')} from {counted(frame['source_id'].nunique(), 'source', 'sources')}: "
                f"{places}. Each is of its own population and its own question, so they cannot be put side by side.",
        sources=sources_of(frame["source_id"]), sql=QUERY, parameters={"specialty": specialty},
        caveats=("What directors say of themselves is not what they do.",
                 "Other specialties: no study of selection is in the sources here.",
                 "Intervals marked 'Wilson' are calculated here from the printed counts; the others are the paper's own."))


def _places(specialties: pd.Series) -> str:
    """How many figures of which specialty: 'Internal Medicine 10, Neurological Surgery 6'."""
    return ", ".join(f"{name} {count}" for name, count in specialties.value_counts(sort=False).items())


@cache
def _figures(specialty: str | None) -> pd.DataFrame:
    """Kept: callers must not write to it."""
    frame = connect().execute(QUERY, {"specialty": specialty}).df()
    rows = [dict(zip(frame.columns, row)) for row in zip(*(frame[name].tolist() for name in frame))]
    for row in rows:
        row["note"] = row["note"] if isinstance(row["note"], str) else ""
    return frame.assign(
        what=[_what(row) for row in rows], shown=[_shown(row) for row in rows],
        uncertainty=[_uncertainty(row) for row in rows], read_with=[_read_with(row) for row in rows],
        source=[source_names().get(row["source_id"], row["source_id"]) for row in rows])


def _what(row: dict[str, Any]) -> str:
    words = STATISTICS.get(row["statistic"]) or readable(row["statistic"])
    kind = applicant_types().get(row["about"])
    return f"{words} {kind.plural if kind else row['about']}".strip() if row["about"] else words


def _shown(row: dict[str, Any]) -> str:
    unit = {"percent": " %", "months": " months", "count": ""}[row["unit"]]
    if row["value"] == row["value"]:
        return f"{'about ' if 'approximately' in row['note'] else ''}{row['value']:g}{unit}"
    return f"{row['value_low']:g} to {row['value_high']:g}{unit}"


def counts(row: dict[str, Any]) -> tuple[int, int] | None:
    """The printed counts behind a share ('34/43', '16 of the 18 who applied'); None when none are printed."""
    found = re.match(r"(\d+)/(\d+)$", row["note"]) or re.search(r"\b(\d+) of the (\d+) who applied", row["note"])
    return (int(found[1]), int(found[2])) if found else None


def _uncertainty(row: dict[str, Any]) -> str:
    known = counts(row)
    if known:
        low, high = (float(limit) for limit in wilson(*known))
        small = "; unstable" if reliability(*known) == "unstable" else ""
        return f"{known[0]} of {known[1]}; 95 % interval {percent(low)} to {percent(high)} (Wilson){small}"
    own = re.search(r"95% CI ([\d.]+)-([\d.]+)", row["note"])
    if own:
        return f"95 % interval {own[1]} % to {own[2]} % (the paper's); n not here"
    spread = re.search(r"Q1-Q3 (\S+?)-(\S+?); range (\S+?)-(\S+)", row["note"])
    size = re.search(r"\((\d+)\)", row["population"])
    if spread:
        return (f"middle half {spread[1]} to {spread[2]}, range {spread[3]} to {spread[4]}"
                + (f"; n = {size[1]}" if size else ""))
    return "range over the years; n not here" if row["value"] != row["value"] else "n not here, no interval"


def _read_with(row: dict[str, Any]) -> str:
    if row["statistic"].startswith("median_"):
        return SURVIVORS
    if row["statistic"] == "n_matched_or_entered_us_residency":
        return f"{SELECTED} {_base_rate(row['specialty'])}"
    if "check before use" in row["note"] or "see previous row" in row["note"]:
        return "Which of 78 % and 88 % is of US IMGs was not certain when it was read: check before use."
    return "p = " + found[1] if (found := re.search(r"p=([\d.]+)", row["note"])) else ""


@cache
def _base_rate(specialty: str) -> str:
    """The match rate of non-US IMGs who ranked the specialty first, the latest that is published."""
    row = connect().execute("""
        SELECT match_year, matched, applicants, rate, rate_low, rate_high FROM match_rates
        WHERE specialty = $1 AND applicant_type = 'non_us_img' AND base = 'preferred' AND rate IS NOT NULL
        ORDER BY match_year DESC LIMIT 1""", [specialty]).fetchone()
    if row is None:
        return ""
    year, matched, applicants, rate, low, high = row
    return (f"Beside it: of {applicants} Non-US IMGs who ranked the specialty first in {year}, {matched} matched to it, "
            f"{percent(rate)} (95 % interval {percent(low)} to {percent(high)}).")
