"""What is published of matched and unmatched applicants: for whom, which measures, and the figures themselves."""

from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from typing import Any

import numpy as np
import pandas as pd

from imganalytics.errors import UserError
from imganalytics.statistics.quartiles import place, shared
from imganalytics.statistics.rates import LEAST_SHOWN, LEAST_STABLE
from imganalytics.vocabulary import ALL_SPECIALTIES, applicant_types, require
from imganalytics.warehouse import connect

COHORTS = {"matched": "matched", "unmatched": "not matched"}
MARKS = {"minimum": "minimum", "quartile_1": "first quartile", "median": "median", "quartile_3": "third quartile",
         "maximum": "maximum", "mean": "mean"}
SPREAD = ("minimum", "quartile_1", "median", "quartile_3", "maximum")

# From the least to the greatest value that can be set and drawn: what is published lies inside.
LIMITS: dict[str, tuple[int, int]] = {
    "contiguous_ranks": (1, 50), "usmle_step1": (180, 280), "usmle_step2_ck": (200, 300), "comlex_level2_ce": (400, 800),
    "research_experiences": (0, 500), "abstracts": (0, 500), "presentations": (0, 1000), "publications": (0, 500),
    "work_experiences": (0, 500), "volunteer_experiences": (0, 500), "distinct_specialties_ranked": (1, 6)}

# Shares of degrees are left out: they are published without the number of applicants they are of, and that number is
# not the n of the cohort (36.2 % of 53 is not a count).
QUERY = """
SELECT a.specialty, s.label AS specialty_label, s.family, a.applicant_type, a.match_year, a.edition_year, a.trait,
       t.label AS trait_label, a.unit, a.cohort, a.n, a.minimum, a.quartile_1, a.median, a.quartile_3, a.maximum, a.mean,
       a.standard_deviation, a.suppressed, c.value::BIGINT AS n_of_all, a.source_id, a.locator, a.derivation, a.note
FROM applicant_traits a
JOIN published.traits t USING (trait)
JOIN specialties s ON s.specialty = a.specialty
JOIN sources USING (source_id)
LEFT JOIN published.match_applicants c
  ON (c.match_year, c.specialty, c.applicant_type, c.base, c.measure, c.source_id)
   = (a.match_year, a.specialty, a.applicant_type, 'preferred', a.cohort, a.source_id)
WHERE a.unit <> 'percent' AND a.applicant_type = $applicant_type AND a.match_year = $match_year
  AND ($specialty IS NULL OR a.specialty = $specialty) AND ($trait IS NULL OR a.trait = $trait)
QUALIFY row_number() OVER (PARTITION BY a.specialty, a.trait, a.cohort
                           ORDER BY precedence, a.edition_year DESC, a.source_id) = 1
ORDER BY a.specialty, t.file_row, a.cohort"""

COLUMNS = """specialty specialty_label family applicant_type match_year edition_year trait trait_label unit cohort n minimum
             quartile_1 median quartile_3 maximum mean standard_deviation n_of_all reliability reason source_id locator
             derivation note""".split()


NUMBERS = (*MARKS, "n", "n_of_all", "standard_deviation", "edition_year")


@cache
def groups() -> dict[tuple[str, int], frozenset[str]]:
    """The applicant type and year of each Match that traits are published for, with these traits, the fullest first."""
    rows = connect().execute("""
        SELECT applicant_type, match_year, list(DISTINCT trait) FROM applicant_traits
        WHERE unit <> 'percent' AND NOT suppressed GROUP BY ALL
        ORDER BY count(DISTINCT trait) DESC, match_year DESC, count(*) DESC, applicant_type""").fetchall()
    return {(kind, year): frozenset(traits) for kind, year, traits in rows}


@cache
def trait_labels() -> dict[str, str]:
    """The measures that have values (not shares), by key, in the order of the screen."""
    return dict(connect().execute(
        "SELECT trait, label FROM published.traits WHERE unit <> 'percent' ORDER BY file_row").fetchall())


def years_of(applicant_type: str) -> list[int]:
    """Years of the Match for which traits of a type are published, the latest first."""
    return sorted((year for kind, year in groups() if kind == applicant_type), reverse=True)


def listed(applicant_type: str, match_year: int) -> list[str]:
    """The measures that a profile lists: all of the fullest edition, and what this group has beside them."""
    wanted = next(iter(groups().values())) | groups()[(applicant_type, match_year)]
    return [trait for trait in trait_labels() if trait in wanted]


def group_label(applicant_type: str, match_year: int) -> str:
    """A group in words: 'Non-US IMGs, 2026 Match'."""
    return f"{applicant_types()[applicant_type].plural}, {match_year} Match"


def check_group(applicant_type: str, match_year: int) -> None:
    """Raises a UserError unless traits are published for this applicant type and year."""
    require(applicant_type, tuple(dict.fromkeys(kind for kind, _ in groups())), "applicant type with published traits")
    if match_year not in years_of(applicant_type):
        raise UserError(f"no traits of {applicant_types()[applicant_type].plural} are in the sources here for the Match "
                        f"of {match_year!r}; allowed: {', '.join(map(str, years_of(applicant_type)))}")


def check_value(trait: str, value: Any) -> None:
    """Raises a UserError unless `value` is a number that a measure can have."""
    low, high = LIMITS[trait]
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise UserError(f"{trait_labels()[trait]} {value!r}; allowed: {low} to {high}")


@lru_cache(maxsize=16)
def figures(applicant_type: str, match_year: int) -> pd.DataFrame:
    """Every figure of a group, one row for each specialty, trait and cohort. Kept: callers must not write to it.

    `n_of_all` is the size of the whole cohort, of which those who consented (`n`) are described. `reliability` is
    'suppressed' (no figure), 'unstable' (fewer than 30 applicants, or n not published) or 'ok'.
    """
    frame = connect().execute(QUERY, parameters(applicant_type, match_year)).df()
    frame = frame.astype({name: "float64" for name in ("n", "n_of_all")})
    shown = frame[list(MARKS)].notna().any(axis=1)
    n = frame["n"]
    few = frame["suppressed"] | (n < LEAST_SHOWN)
    words = [f"fewer than {LEAST_SHOWN} applicants: not published", "not published"]
    frame["reason"] = np.select([few, ~shown], words, "")
    frame["reliability"] = np.select([frame["reason"] != "", n.isna() | (n < LEAST_STABLE)], ["suppressed", "unstable"],
                                     "ok")
    return frame[COLUMNS]


def parameters(applicant_type: str, match_year: int, specialty: str | None = None,
               trait: str | None = None) -> dict[str, Any]:
    """What QUERY asks for; None for all."""
    return {"applicant_type": applicant_type, "match_year": match_year, "specialty": specialty, "trait": trait}


@lru_cache(maxsize=16)
def specialties(applicant_type: str, match_year: int) -> dict[str, str]:
    """Specialties with a figure of a group, by name, with their labels: everything first, then by label."""
    frame = figures(applicant_type, match_year)
    known = dict(zip(frame["specialty"], frame["specialty_label"]))
    return dict(sorted(known.items(), key=lambda item: (item[0] != ALL_SPECIALTIES, item[1])))


def paired(applicant_type: str, match_year: int, places: Sequence[tuple[str, str]]) -> pd.DataFrame:
    """Two rows (matched, unmatched) for each (specialty, trait), in this order, with words where there is no figure.

    Beside COLUMNS it has shared_low and shared_high: the part that both middle halves have in common.
    """
    known = {(row["specialty"], row["trait"], row["cohort"]): row
             for row in records(figures(applicant_type, match_year))}
    labels = {specialty: (row["specialty_label"], row["family"]) for (specialty, _, _), row in known.items()}
    rows = []
    for specialty, trait in places:
        for cohort in COHORTS:
            empty = dict.fromkeys(COLUMNS) | dict(zip(("specialty_label", "family"), labels[specialty])) | {
                "specialty": specialty, "trait": trait, "cohort": cohort, "trait_label": trait_labels()[trait],
                "applicant_type": applicant_type, "match_year": match_year, "reliability": "suppressed",
                "reason": "not in the sources here"}
            rows.append(known.get((specialty, trait, cohort), empty))
    frame = pd.DataFrame(rows, columns=COLUMNS)
    frame = frame.astype({name: "float64" if name in NUMBERS else object for name in COLUMNS})
    frame["match_year"] = match_year
    limits = list(zip(frame["quartile_1"].tolist(), frame["quartile_3"].tolist()))
    both = [shared(*limits[at:at + 2]) or (np.nan, np.nan) for at in range(0, len(limits), 2)]
    low, high = np.repeat(np.reshape(both, (-1, 2)), 2, axis=0).T
    return frame.assign(shared_low=low, shared_high=high)


def placed(rows: pd.DataFrame, values: Sequence[float | None]) -> pd.DataFrame:
    """The rows with a value each (None: none), and in `lies` where it lies, in words."""
    marks = list(zip(*(rows[name].tolist() for name in MARKS)))
    own = [np.nan if value is None else float(value) for value in values]
    words = [lies(value, dict(zip(MARKS, found))) if value == value and reason == "" else ""
             for value, found, reason in zip(own, marks, rows["reason"].tolist())]
    return rows.assign(value=own, lies=np.array(words, dtype=object))


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows as dictionaries: pandas' own are too slow for a slider."""
    return [dict(zip(frame.columns, row)) for row in zip(*(frame[name].tolist() for name in frame))]


def lies(value: float, marks: Mapping[str, float]) -> str:
    """Where a value lies among the marks of a cohort, in words: 'between the median and the third quartile'.

    Between the minimum and the first quartile it is 'below the first quartile', and so above.
    """
    spread = {name: marks[name] for name in SPREAD if marks[name] == marks[name]}
    at, below, above = place(value, spread or {"mean": marks["mean"]})
    if at:
        return f"at {_together(at)}"
    if below is None or below == "minimum":
        return f"below the {MARKS[above]}" if above != "minimum" else "below the minimum"
    if above is None or above == "maximum":
        return f"above the {MARKS[below]}"
    return f"between the {MARKS[below]} and the {MARKS[above]}"


def _together(at: tuple[str, ...]) -> str:
    """Marks that fall together: 'the median', 'the median and the third quartile', 'the median and both quartiles'."""
    both = {"quartile_1", "quartile_3"} <= set(at)
    names = [MARKS[name] for name in at if not (both and name.startswith("quartile"))]
    if not both:
        return f"the {' and the '.join(names)}" if len(names) < 3 else f"the {', '.join(names[:-1])} and {names[-1]}"
    names.insert(1 + ("minimum" in at), "both quartiles")
    return f"the {', '.join(names[:-1])} and {names[-1]}"
