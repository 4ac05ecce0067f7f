"""From applicant to residency to fellowship: what is published of each step, and how far the steps may be multiplied?"""

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pandas as pd

from imganalytics.errors import UserError
from imganalytics.result import Question, Result, RowsBy, RowsOf
from imganalytics.studies import ladder_facts as facts
from imganalytics.studies.ladder_steps import (
    COLUMNS,
    Step,
    after,
    before,
    interval_text,
    residency,
    share_text,
    together,
    unstable_because,
)
from imganalytics.studies.late import late_specialties
from imganalytics.studies.provenance import sources_of
from imganalytics.vocabulary import ALL_SPECIALTIES, BASES, require

QUERY = f"""
SELECT 'residency' AS step, * FROM ({facts.RESIDENCY})
WHERE (applicant_type, specialty, base, match_year) = ($applicant_type, $specialty, $base, $match_year)
UNION ALL BY NAME
SELECT 'fellowship' AS step, * FROM ({facts.FELLOWSHIPS}) WHERE specialty = $fellowship"""

_RESIDENCY = ("match_year", "specialty", "track", "entry_level", "applicant_type", "base")
ROWS = RowsBy("explained_by", {
    "rates": RowsOf("match_rates", _RESIDENCY),
    "applicants": RowsOf("match_applicants", _RESIDENCY, {"measure": "applicants"}),
    "fellowships": RowsOf("fellowship_results", ("organisation", "appointment_year", "last_appointment_year",
                                                 "specialty",
                                                 "applicant_type", "measure")),
    "applications": RowsOf("fellowship_applications", ("appointment_year", "specialty", "applicant_type")),
    "certificates": RowsOf("ecfmg_certificates", ("certificate_id",)),
    "entered": RowsOf("ecfmg_certificates", ("measure",)),
    "gap": RowsOf("fellowship_results", ("specialty", "measure")),
    "product": RowsOf("match_applicants", ("specialty", "applicant_type", "match_year"),
                      {"measure": "product of steps"})})


def ladder(applicant_type: str = "us_img", specialty: str = "Internal Medicine", base: str | None = None,
           match_year: int | None = None, fellowship: str | None = "Nephrology",
           fellowship_years: str | None = None) -> Result:
    """The steps from applicant to residency to fellowship, each with its own n and base, and the product of those that join.

    Steps join where one type of applicants is counted in one Match, and the base of the second step is exactly those who
    took the first. Their product has an interval by simulation (see statistics.compounding). There is never a product
    across a step of which nothing is published.

    Args:
        applicant_type: one of ladder_facts.TYPES; a senior is looked for as a graduate in the fellowship step.
        specialty: canonical name of the residency, or 'All specialties' for any PGY-1 position.
        base: which list counts (ranked_anywhere, preferred, only_choice; active for any specialty); None for
            the first published.
        match_year: year of the Match; None for the latest published.
        fellowship: canonical name of the subspecialty; None to stop at residency.
        fellowship_years: '2024', or '2010-2017' of pooled figures; None for the latest of the type itself, else of all IMGs,
            else of all types.

    Returns:
        A frame of one row for each step, then the products: kind ('rate', 'gap', 'product'), label, who, base_words, period,
        matched of applicants, rate with rate_low and rate_high (fractions), reliability, reason (why there is no number),
        joins (whether the step is one of those multiplied), provenance.

    Raises:
        UserError: an unknown word, or one that goes with nothing published, with what is allowed.
    """
    require(applicant_type, facts.TYPES, "applicant type")
    found = _residency(applicant_type, specialty, base, match_year)
    years = None
    if fellowship is not None:
        require(fellowship, facts.fellowship_labels(), "fellowship")
        years = _years(applicant_type, fellowship, fellowship_years)
    kept = _ladder(applicant_type, found, fellowship, years)
    return replace(kept, frame=kept.frame.copy(deep=False))  # what a caller writes to it stays there


def _residency(kind: str, specialty: str, base: str | None, year: int | None) -> facts.Residency:
    require(specialty, facts.specialties_of(kind), f"specialty of {facts.who(kind)}")
    own = facts.residencies()[kind, specialty]
    bases = bases_of(kind, specialty)
    if base is None:
        base = bases[0]
    if base not in bases:
        raise UserError(f"base {base!r} is not published for {facts.who(kind)} in {own[0].label}; allowed: "
                        f"{', '.join(bases)}")
    years = years_of(kind, specialty, base)
    if year is None:
        year = years[-1]
    if year not in years:
        raise UserError(f"match_year {year!r} is not published for {facts.who(kind)} in {own[0].label} on this "
                        f"base; allowed: {', '.join(map(str, years))}")
    return next(row for row in own if (row.base, row.match_year) == (base, year))


def bases_of(kind: str, specialty: str) -> list[str]:
    """Bases on which a specialty is published for a type, the widest first."""
    order = ("active", "ranked_anywhere", "preferred", "only_choice")
    return sorted({row.base for row in facts.residencies().get((kind, specialty), ())}, key=order.index)


def years_of(kind: str, specialty: str, base: str) -> list[int]:
    """Years of the Match for which a specialty is published for a type on a base."""
    return [row.match_year for row in facts.residencies().get((kind, specialty), ()) if row.base == base]


def _years(kind: str, fellowship: str, years: str | None) -> str | None:
    known = facts.fellowship_steps(kind, fellowship)
    if years is None:
        return facts.best_years(kind, fellowship)
    if years not in known:
        allowed = ", ".join(known) or "none, since nothing is published"
        raise UserError(f"fellowship_years {years!r} is not published for {facts.fellowship_labels()[fellowship][0]}; "
                        f"allowed: {allowed}")
    return years


@lru_cache(maxsize=1024)
def _ladder(kind: str, found: facts.Residency, fellowship: str | None, years: str | None) -> Result:
    """The Result of checked choices, kept for the next turn of a slider."""
    label = facts.fellowship_labels()[fellowship][0] if fellowship else None
    place = "any specialty" if found.specialty == ALL_SPECIALTIES else found.label
    chosen = facts.fellowship_steps(kind, fellowship)[years] if fellowship and years else None
    steps = [*before(kind), *residency(kind, found), *(after(kind, fellowship, label, chosen) if fellowship else [])]
    rows = steps + together(steps, place, label)
    frame = pd.DataFrame({name: np.array([row[name] for row in rows], dtype="float64" if name in _NUMBERS else object)
                          for name in COLUMNS})
    arguments = {"applicant_type": kind, "specialty": found.specialty, "base": found.base,
                 "match_year": found.match_year, "fellowship": fellowship, "fellowship_years": years}
    parameters = {name: arguments[name] for name in ("applicant_type", "specialty", "base", "match_year", "fellowship")}
    return Result(frame, Question("ladder", arguments), title=_title(kind, place, label), subtitle=_subtitle(steps),
                  summary=_summary(rows), sources=sources_of(frame["source_id"], frame["corrections"]),
                  caveats=_caveats(steps, rows, found, chosen), sql=QUERY, parameters=parameters | facts.PARAMETERS,
                  rows_of=ROWS)


_NUMBERS = ("matched", "applicants", "rate", "rate_low", "rate_high")


def _title(kind: str, place: str, fellowship: str | None) -> str:
    to = f"a place in {place}" if place != "any specialty" else "any residency"
    then = f", then a fellowship in {fellowship}" if fellowship else ""
    who = facts.who(kind)
    return f"{who[0].upper()}{who[1:]}, {to}{then}: how many take each step, and which steps has nobody counted?"


def _subtitle(steps: list[Step]) -> str:
    told = [f"{each['applicants']:,.0f} ({each['label'][0].lower()}{each['label'][1:]})" for each in steps
            if each["kind"] == "rate"]
    if not told:
        return "None of these steps is published as counts: nothing is multiplied."
    return (f"Each step has a base and a year of its own, named beside it. n = {'; '.join(told)}. Dark bars: 95 % "
            "intervals (Wilson; of a product, by simulation). Dashed: not published, so nothing is "
            "multiplied across it.")


def _figure(row: Step) -> str:
    return f"{share_text(row['rate'])} ({_interval(row)}, n = {row['applicants']:,.0f})"


def _interval(row: Step) -> str:
    return interval_text(row["rate"], row["rate_low"], row["rate_high"])


def _summary(rows: list[Step]) -> str:
    told = []
    for row in rows:
        if row["kind"] == "rate":
            told.append(f"{row['label']}, of {row['who']} {row['base_words']}, {row['period']}: {_figure(row)}.")
        elif row["kind"] == "product":
            told.append(f"{row['label']}: {_figure(row)}." if not row["reason"]
                        else f"{row['label']}: {row['reason']}.")
    return " ".join(told)


def _caveats(steps: list[Step], rows: list[Step], found: facts.Residency,
             chosen: facts.Fellowship | None) -> tuple[str, ...]:
    notes = ["No row is anyone's chance. The steps were counted in different years and, where the bases say so, "
             "on different people; scores, visa need, year of graduation, letters and US clinical experience are in "
             "none of them."]
    product = next((row for row in rows if row["step"] == "to_residency"), None)
    if product is not None and not product["reason"]:
        notes.append(f"\u2018{product['label']}\u2019 multiplies two counts of the same type in the same Match; its "
                     f"interval is from 20,000 simulated products (Jeffreys posteriors, fixed seed). Counted directly "
                     f"it is {product['matched']:,.0f} of {product['applicants']:,.0f}. Whether to rank a specialty is "
                     f"a choice, not an odds.")
    if found.specialty != ALL_SPECIALTIES:
        notes.append(BASES[found.base].meaning)
    if late_specialties([found.label], [found.entry_level], [found.main_entry_level]):
        notes.append(f"{found.label}: most places start at PGY-2 and are not in these PGY-1 figures, so the "
                     f"specialty looks harder to enter than it is.")
    notes += _fellowship_notes(chosen)
    if any(row["reliability"] == "unstable" for row in rows):
        notes.append(f"Hollow marks are unstable: {unstable_because()}.")
    if found.corrections and found.rate is not None:
        notes.append("A count of this Match was corrected; press its mark to see by what.")
    return tuple(notes)


def _fellowship_notes(chosen: facts.Fellowship | None) -> list[str]:
    if chosen is None:
        return []
    notes = []
    if chosen.applicant_type == "all":
        notes.append(f"{chosen.label}: how many applicants of one type match is not published for these years; the "
                     f"figure is of applicants of all types together, graduates of US schools included.")
    if chosen.applicant_type == "img_all":
        notes.append(f"{chosen.label}: US and non-US IMGs are not told apart among the applicants of these years.")
    if chosen.base == "applied":
        notes.append(f"{chosen.label}: applications are counted by ERAS, over the whole season, and matches by the "
                     f"NRMP. Who applied but ranked no program, or was placed outside the match, counts as "
                     f"not matched.")
    if chosen.base == "ranked" and chosen.applicant_type == "all":
        notes.append(f"{chosen.label}: one filled position is one matched applicant; who ranked several "
                     f"subspecialties counts in each of them.")
    if chosen.organisation != "NRMP SMS":
        notes.append(f"{chosen.label}: matched outside the NRMP; the figures pool {chosen.years.replace('-', ' to ')} "
                     f"and come from a study of them.")
    return notes
