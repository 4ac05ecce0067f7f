"""One measure of matched and unmatched applicants across all specialties, and where one value lies in each."""

from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from imganalytics.errors import UserError
from imganalytics.result import Question, Result
from imganalytics.statistics.rates import LEAST_STABLE
from imganalytics.studies.profile import ROWS, caveats
from imganalytics.studies.provenance import sources_of
from imganalytics.studies.traits import (COHORTS, QUERY, check_group, check_value, figures, group_label, groups, paired,
                                         parameters, placed, records, trait_labels)
from imganalytics.studies.words import counted
from imganalytics.vocabulary import ALL_SPECIALTIES, require

SORTS = {"matched": "Median (or mean) of those who matched", "unmatched": "Median (or mean) of those who did not",
         "quartile_1": "First quartile of those who matched", "quartile_3": "Third quartile of those who matched",
         "applicants": "Number of applicants described", "name": "Name"}


def profile_measure(trait: str = "usmle_step2_ck", applicant_type: str = "non_us_img", match_year: int = 2026,
                    sort: str = "matched", value: float | None = None) -> Result:
    """Quartiles of one measure in each specialty, of those who matched and those who did not.

    Args:
        trait: key of the measure.
        applicant_type: key of the applicant type.
        match_year: year of the Match.
        sort: one of SORTS; the highest first, what is not published last.
        value: a value, to say where it lies in each specialty.

    Returns:
        A frame as that of :func:`~imganalytics.studies.profile.profile`, of two rows for each specialty.

    Raises:
        UserError: an unknown word or value, with what is allowed; or the measure is not published for the choice.
    """
    require(trait, tuple(trait_labels()), "measure")
    check_group(applicant_type, match_year)
    require(sort, SORTS, "sort order")
    if trait not in groups()[(applicant_type, match_year)]:
        known = [trait_labels()[each] for each in trait_labels() if each in groups()[(applicant_type, match_year)]]
        raise UserError(f"{trait_labels()[trait]}: no figure in the sources here for "
                        f"{group_label(applicant_type, match_year)}; there are figures of: {', '.join(known)}")
    if value is not None:
        check_value(trait, value)
    known = _sorted(trait, applicant_type, match_year, sort)
    frame = placed(known, [value] * len(known))
    rows = records(frame)
    arguments = {"trait": trait, "applicant_type": applicant_type, "match_year": match_year, "sort": sort,
                 "value": value}
    group = group_label(applicant_type, match_year)
    return Result(frame, Question("profile_measure", arguments),
                  title=f"Where does a value lie, by specialty? {trait_labels()[trait]} of {group}",
                  subtitle=_subtitle(rows), summary=_summary(rows, value), caveats=_caveats(rows),
                  sources=sources_of(frame["source_id"]), sql=QUERY,
                  parameters=parameters(applicant_type, match_year, trait=trait), rows_of=ROWS)


@lru_cache(maxsize=256)
def _sorted(trait: str, applicant_type: str, match_year: int, sort: str) -> pd.DataFrame:
    """Two rows for each specialty, in order. Kept: callers must not write to it."""
    found = figures(applicant_type, match_year)
    names = list(dict.fromkeys(found.loc[found["trait"] == trait, "specialty"]))
    frame = paired(applicant_type, match_year, [(name, trait) for name in names])
    frame["unit"] = found.loc[found["trait"] == trait, "unit"].iloc[0]
    middle = frame["median"].fillna(frame["mean"])
    matched = frame["cohort"] == "matched"
    described = frame["n"].groupby(frame["specialty"]).transform("sum")
    key = {"matched": middle.where(matched), "unmatched": middle.where(~matched), "applicants": described,
           "quartile_1": frame["quartile_1"].where(matched), "quartile_3": frame["quartile_3"].where(matched),
           "name": pd.Series(0.0, frame.index)}[sort]
    key = key.groupby(frame["specialty"]).transform("max")
    order = np.lexsort((~matched, frame["specialty_label"].astype(str), -key.fillna(-np.inf),
                        frame["specialty"] != ALL_SPECIALTIES))
    return frame.iloc[order].reset_index(drop=True)


def _subtitle(rows: list[dict[str, Any]]) -> str:
    shown = [row for row in rows if row["n"] == row["n"] and not row["reason"] and row["specialty"] != ALL_SPECIALTIES]
    n = {cohort: [int(row["n"]) for row in shown if row["cohort"] == cohort] for cohort in COHORTS}
    numbers = [f"{sum(found):,} {COHORTS[cohort]}" for cohort, found in n.items() if found]
    base = "applicants who ranked the specialty first" + (" and consented to research" if numbers else "")
    said = f"n = {' and '.join(numbers)}" if numbers else "n not published"
    band = "Band: the middle half, from first to third quartile, where published. " if any(
        row["quartile_1"] == row["quartile_1"] for row in rows) else "No quartiles are in the sources here. "
    mark = "Mark: median. " if any(row["median"] == row["median"] for row in rows) else "Square: mean. "
    return (f"Base: {base}. {said}. {mark}{band}Upright line: the chosen value. Hollow: fewer than {LEAST_STABLE} "
            "applicants, or n not published.")


def _summary(rows: list[dict[str, Any]], value: float | None) -> str:
    text = f"{rows[0]['trait_label']}, {group_label(rows[0]['applicant_type'], rows[0]['match_year'])}: "
    parts = []
    for cohort, who in (("matched", "those who matched"), ("unmatched", "those who did not")):
        own = [row for row in rows
               if row["cohort"] == cohort and row["specialty"] != ALL_SPECIALTIES and not row["reason"]]
        parts.append(f"of {who}, {_span(own)}" if own else f"no figure of {who}")
    return text + "; ".join(parts) + "." + (_inside(rows, value) if value is not None else "")


def _span(rows: list[dict[str, Any]]) -> str:
    """From the least to the greatest median (or mean): of those that are stable, where any are."""
    stable = [row for row in rows if row["reliability"] == "ok"]
    kind = "median" if rows[0]["median"] == rows[0]["median"] else "mean"
    values = sorted(row[kind] for row in stable or rows)
    count = counted(len(values), f"{'stable ' if stable else ''}{kind}", f"{'stable ' if stable else ''}{kind}s")
    n = sorted(int(row["n"]) for row in stable)
    least = f" (n {n[0]:,} to {n[-1]:,})" if stable else ""
    unstable = f" and {len(rows) - len(stable)} unstable" if stable and len(rows) > len(stable) else ""
    return f"{count} from {values[0]:g} to {values[-1]:g}{least}{unstable}"


def _inside(rows: list[dict[str, Any]], value: float) -> str:
    """In how many specialties the value lies in the middle half of each cohort."""
    parts = []
    for cohort, who in (("matched", "those who matched"), ("unmatched", "those who did not")):
        own = [row for row in rows if row["cohort"] == cohort and row["quartile_1"] == row["quartile_1"]]
        inside = sum(row["quartile_1"] <= value <= row["quartile_3"] for row in own)
        if own:
            parts.append(f"the middle half of {who} in {inside} of {counted(len(own), 'specialty', 'specialties')}")
    return f" {value:g} lies inside {', and inside '.join(parts)} with published quartiles." if parts else ""


def _caveats(rows: list[dict[str, Any]]) -> tuple[str, ...]:
    order = ("The order follows published medians or quartiles, which come without an interval: neighbours may not differ. "
             "It is no ranking of specialties, and not of a person.")
    return (order, *caveats(rows, by_specialty=True))
