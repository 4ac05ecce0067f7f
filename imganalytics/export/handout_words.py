"""How a handout names what it lets a reader choose, and what it lets them choose when nobody says."""

from collections.abc import Sequence
from importlib import import_module
from typing import Any

from imganalytics.studies import __name__ as STUDIES
from imganalytics.studies import filled
from imganalytics.studies.coverage import coverage
from imganalytics.studies.words import listing, readable
from imganalytics.vocabulary import BASES, applicant_types

YEARS = "every year up to the newest"  # those in which nothing can be shown are left out
RATED = "every year with rates by specialty"
FILLED = "every year with filled positions by type"
IMGS = ("us_img", "non_us_img")
BY_SPECIALTY = ("ranked_anywhere", "preferred", "only_choice")

# Arguments by study: their values, YEARS, or the name of the study's own table of values. The first varies slowest.
USUAL: dict[str, dict[str, Any]] = {
    "certification": {"figure": "FIGURES"},
    "competitiveness": {"base": BY_SPECIALTY, "match_year": RATED, "minimum_applicants": (0, 30)},
    "directors": {"survey_year": YEARS, "sort": "SORTS"},
    "fellowship_points": {"figure": "FIGURES"},
    "fellowship_trends": {"measure": "MEASURES"},
    "fellowship_types": {"measure": "MEASURES"},
    "fellowships": {"appointment_year": YEARS, "sort": "SORTS"},
    "fill_shares": {"positions": "POSITIONS", "match_year": FILLED},
    "friendliness": {"sort": "SORTS", "limit": (10, 20, 40)},
    "funnel": {"applicant_type": IMGS, "base": BY_SPECIALTY, "match_year": RATED},
    "gap": {"base": BY_SPECIALTY, "match_year": RATED},
    "geography": {"applicant_types": (IMGS, IMGS[:1], IMGS[1:]), "level": "LEVELS"},
    "headline": {"series": "SHOW"},
    "ladder": {"applicant_type": (*IMGS, "us_md_senior", "us_do_senior"), "base": BY_SPECIALTY},
    "multiples": {"base": BY_SPECIALTY, "match_year": RATED},
    "opportunity": {"by": "BY", "evidence": "EVIDENCE", "measure": "MEASURES"},
    "pathway_evidence": {"compared_with": "COMPARED"},
    "profile": {"applicant_type": IMGS, "match_year": YEARS},
    "profile_measure": {"applicant_type": IMGS, "match_year": YEARS},
    "ranking": {"applicant_type": IMGS, "base": BY_SPECIALTY, "match_year": RATED},
    "reading": {"matched": tuple(range(31))},
    "research_views": {"months": tuple(range(0, 73, 6)), "papers": tuple(range(0, 81, 10))},
    "shrinkage": {"applicant_type": IMGS, "base": BY_SPECIALTY, "match_year": RATED},
    "slopes": {"figure": "FIGURES", "applicant_type": IMGS},
    "state_years": {"who": "WHO", "measure": "MEASURES", "sort": "SORTS"},
    "trend_changes": {"measure": "MEASURES", "sort": "SORTS"},
    "trends": {"measure": "MEASURES", "track": ("main", "all_pgy1")},
    "two_bases": {"applicant_types": (IMGS[1:], IMGS[:1], IMGS), "match_year": RATED},
    "unfilled": {"by": "BY", "measure": "MEASURES", "match_year": YEARS},
    "usmle": {"exam": "EXAMS", "takers": "TAKERS"},
    "visas_by_state": {"measure": "MEASURES", "fiscal_year": YEARS},
}

ASKED = {
    "against": "Compared with", "all_tracks": "Every track by itself", "applicant_types": "Applicant types",
    "applicants": "Applicants", "appointment_year": "Year the fellowship begins", "base": "Base of the rate",
    "base_year": "Year of the base rate", "by": "One row for each", "evidence": "Evidence", "exam": "Examination",
    "examinees": "Who took it", "figure": "What is shown", "fiscal_year": "Fiscal year",
    "level": "One square or row for each",
    "limit": "Rows shown", "match_year": "Year of the Match", "matched": "Matched", "measure": "What is counted",
    "minimum": "Shown from this number on", "minimum_applicants": "Least number of applicants",
    "minimum_filled": "Least number of filled positions", "months": "Months of research", "papers": "Papers and abstracts",
    "one": "First type", "other": "Second type", "series": "Which figures", "sort": "Order", "takers": "Takers",
    "trait": "What is compared", "tracks": "Which positions", "view": "View", "who": "Who",
}
TABLES = {"series": "SHOW", "by": "BY", "evidence": "EVIDENCE", "who": "WHO", "compared_with": "COMPARED",
          "track": "CHOICES"}  # where the plural of the argument is not the table's name


SHARED = {"trends": ("trend_facts",), "trend_changes": ("trend_facts",), "profile": ("traits",),
          "profile_measure": ("traits",)}  # studies that use the tables of another module


def usual(study: str) -> dict[str, list[Any]]:
    """What a handout of a study varies when nobody says: values by argument; none where nothing is known of the study."""
    return {name: _values(study, values) for name, values in USUAL.get(study, {}).items()}


def asked(argument: str) -> str:
    """The argument as the label of a control."""
    return ASKED.get(argument) or _capital(readable(argument).replace("_", " "))


def told(study: str, argument: str, value: Any) -> str:
    """A value of an argument as a reader chooses it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return "everything"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return listing([told(study, argument, each) for each in value] or ["none"])
    if not isinstance(value, str):
        return str(value) if not isinstance(value, float) else f"{value:g}"
    known = {key: kind.label for key, kind in (applicant_types() | BASES).items()}
    own = _table(study, TABLES.get(argument, f"{argument.upper().removesuffix('S')}S"))
    if value in own:
        return _capital(str(getattr(own[value], "label", own[value])))
    return known.get(value) or _capital(readable(value))


def _values(study: str, values: Any) -> list[Any]:
    if values == FILLED:
        return sorted({year for positions in filled.POSITIONS for year in filled.years(IMGS, positions)})
    if values in (YEARS, RATED):
        held = coverage().frame
        if values == RATED:
            return sorted(map(int, held.loc[held["base"].isin(BY_SPECIALTY), "match_year"].unique()))
        newest = int(held["match_year"].max())
        return list(range(2006, newest + 3))  # a fellowship is matched to a year before it begins
    if isinstance(values, str):
        return list(_table(study, values))
    return [list(value) if isinstance(value, tuple) else value for value in values]


def _table(study: str, name: str) -> dict[str, Any]:
    """A table of the study's module: what each value is called."""
    for module in (study, *SHARED.get(study, ())):
        own = getattr(import_module(f"{STUDIES}.{module}"), name, None)
        if isinstance(own, dict):
            return own
    return {}


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
