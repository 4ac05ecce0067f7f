"""What did matched and unmatched applicants look like, measure by measure, and where does one value lie?"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import pandas as pd

from imganalytics.errors import UserError
from imganalytics.result import Question, Result, RowsOf
from imganalytics.statistics.rates import LEAST_STABLE
from imganalytics.studies.provenance import sources_of
from imganalytics.studies.traits import (COHORTS, QUERY, check_group, check_value, group_label, groups, listed, paired,
                                         parameters, placed, records, specialties, trait_labels)
from imganalytics.studies.words import counted, listing
from imganalytics.vocabulary import ALL_SPECIALTIES, applicant_types, require

# What advisers ask for beside these measures and no source here gives, for matched or unmatched.
NEVER_MEASURED: tuple[tuple[str, str], ...] = (
    ("Visa need", "in no source here"),
    ("Year of graduation", "in no source here"),
    ("US clinical experience", "in no source here"),
    ("Letters", "in no source here"),
    ("Exam attempts", "in no source here"),
    ("Interviews", "in no source here"),
    ("Program signals", "in no source here"),
    ("School and citizenship", "in no source here"),
    ("The measures together", "each stands by itself"),
)
ROWS = RowsOf("applicant_traits", ("match_year", "applicant_type", "specialty", "trait", "cohort"))


def profile(specialty: str = "Internal Medicine", applicant_type: str = "non_us_img", match_year: int = 2026,
            **values: float | None) -> Result:
    """Quartiles of each published measure of those who matched and those who did not, and where a value lies.

    Each measure stands by itself. Nothing is put together, and nothing is inferred from it.

    Args:
        specialty: canonical name, or 'All specialties'.
        applicant_type: key of the applicant type.
        match_year: year of the Match.
        values: a value by measure, as in ``usmle_step2_ck=245`` (None: no value).

    Returns:
        A frame of two rows (matched, unmatched) for each measure: n, minimum, quartile_1, median, quartile_3, maximum,
        mean, standard_deviation, the value, `lies` (where it lies, in words), shared_low and shared_high (the part that
        both middle halves have in common), reliability, reason (why there is no figure, in words), provenance.

    Raises:
        UserError: an unknown word or value, with what is allowed; or nothing is published for the choice.
    """
    check_group(applicant_type, match_year)
    if specialty not in specialties(applicant_type, match_year):
        raise UserError(f"nothing is published for {specialty!r}, {group_label(applicant_type, match_year)}; allowed: "
                        f"{', '.join(specialties(applicant_type, match_year))}")
    wanted = {trait: value for trait, value in values.items() if value is not None}
    for trait, value in wanted.items():
        require(trait, tuple(trait_labels()), "measure")
        check_value(trait, value)
        if trait not in groups()[(applicant_type, match_year)]:
            raise UserError(f"{trait_labels()[trait]}: no figure in the sources here for "
                            f"{group_label(applicant_type, match_year)}; no value can be set against it")
    known = _rows(applicant_type, match_year, specialty)
    if (known["reason"] != "").all():
        raise UserError(_nothing(known))
    frame = placed(known, [wanted.get(trait) for trait in known["trait"].tolist()])
    rows = records(frame)
    return Result(
        frame, Question("profile", {"specialty": specialty, "applicant_type": applicant_type, "match_year": match_year,
                                    **wanted}),
        title=_title(rows[0]), subtitle=_subtitle(rows), summary=_summary(rows), caveats=caveats(rows),
        sources=sources_of(frame["source_id"]), sql=QUERY, parameters=parameters(applicant_type, match_year, specialty),
        rows_of=ROWS)


@lru_cache(maxsize=128)
def _rows(applicant_type: str, match_year: int, specialty: str) -> pd.DataFrame:
    """Two rows for each measure, what is published first. Kept: callers must not write to it."""
    measures = listed(applicant_type, match_year)
    frame = paired(applicant_type, match_year, [(specialty, trait) for trait in measures])
    shown = set(frame.loc[frame["reason"] == "", "trait"])
    order = [trait for trait in measures if trait in shown] + [trait for trait in measures if trait not in shown]
    return frame.sort_values("trait", key=lambda traits: traits.map(order.index), kind="stable", ignore_index=True)


def _nothing(rows: pd.DataFrame) -> str:
    n = [f"{number:.0f} {COHORTS[cohort]}" for cohort, number in zip(rows["cohort"], rows["n"]) if number == number]
    first = rows.iloc[0]
    few = listing(list(dict.fromkeys(n)) or ["n not published"])
    return (f"{first['specialty_label']}, {group_label(first['applicant_type'], first['match_year'])}: no figure is published, "
            f"for there are too few applicants ({few}). Choose another specialty.")


def _title(row: Mapping[str, Any]) -> str:
    who = applicant_types()[row["applicant_type"]].plural
    what = "the specialty they ranked first" if row["specialty"] == ALL_SPECIALTIES else row["specialty_label"]
    return f"What did {who} who matched to {what} look like, and those who did not? {row['match_year']} Match"


def _subtitle(rows: list[dict[str, Any]]) -> str:
    n = listing([f"{words} {number}" for words, number in numbers(rows).items()])
    n = "n not published" if set(numbers(rows).values()) == {"not published"} else f"n: {n}"
    consent = " and consented to research" if any(row["n"] == row["n"] for row in rows) else ""
    kind = _kind(rows)
    marks = (f"{'Square: mean' if kind == 'means' else 'Mark: median'}. Only {kind} are in the sources here, no quartiles. "
             f"Upright line: the chosen value. Hollow: fewer than {LEAST_STABLE} applicants, or n not published.")
    if kind == "quartiles":
        marks = ("Mark: median. Band: the middle half, from first to third quartile. Thin line: minimum to maximum. "
                 "Yellow: shared by both middle halves. Upright line: the chosen value. Hollow: fewer than "
                 f"{LEAST_STABLE} applicants.")
    return f"Base: applicants who ranked the specialty first{consent}. {n}. {marks}"


def _kind(rows: list[dict[str, Any]]) -> str:
    """The most that is published of any measure: quartiles, medians or means."""
    return next((words for name, words in (("quartile_1", "quartiles"), ("median", "medians"))
                 if any(row[name] == row[name] for row in rows)), "means")


def numbers(rows: list[dict[str, Any]]) -> dict[str, str]:
    """The number of applicants of each cohort in words: 'matched': '2,649'."""
    found: dict[str, str] = {}
    for cohort, words in COHORTS.items():
        known = sorted({int(row["n"]) for row in rows if row["cohort"] == cohort and row["n"] == row["n"]})
        several = f"{known[0]:,} to {known[-1]:,}" if len(known) > 1 else ""
        found[words] = several or (f"{known[0]:,}" if known else "not published")
    return found


def _summary(rows: list[dict[str, Any]]) -> str:
    pairs = list(zip(rows[::2], rows[1::2]))
    both = [pair for pair in pairs if all(row["quartile_1"] == row["quartile_1"] for row in pair)]
    n = numbers(rows)
    text = f"{rows[0]['specialty_label']}, {group_label(rows[0]['applicant_type'], rows[0]['match_year'])}: "
    if both:
        overlap = sum(first["shared_low"] == first["shared_low"] for first, _ in both)
        text += (f"on {overlap} of {counted(len(both), 'measure', 'measures')} the middle half of those who matched "
                 f"(n {n['matched']}) and that of those who did not (n {n['not matched']}) overlap. ")
    else:
        kind = _kind(rows)
        text += f"{kind} of one group only. " if kind == "quartiles" else f"{kind} only, no quartiles of both groups. "
    placed = next((pair for pair in pairs if pair[0]["unit"] == "score" and any(row["lies"] for row in pair)), None)
    if placed:
        text += f"{placed[0]['trait_label']} {placed[0]['value']:g}: {placed_words(*placed)}. "
    return text + "Each measure stands by itself: no figure says how they act together."


def placed_words(matched: Mapping[str, Any], unmatched: Mapping[str, Any]) -> str:
    """Where a value lies in both cohorts: 'at the median of those who matched; above it of those who did not'."""
    return "; ".join(f"{row['lies']} of those who {words}" if row["lies"] else
                     f"no figure of those who {words} ({row['reason']})"
                     for row, words in ((matched, "matched"), (unmatched, "did not")))


def caveats(rows: list[dict[str, Any]], by_specialty: bool = False) -> tuple[str, ...]:
    """What a reader has to know beside these figures, of one specialty or of several."""
    shown = [row for row in rows if not row["reason"]]
    notes = ["'Matched' means matched to the specialty that was ranked first, 'not matched' means not matched to it. How many "
             "of these matched to another specialty is not in the figures."]
    consent = {COHORTS[row["cohort"]]: (row["n"], row["n_of_all"]) for row in rows
               if row["n"] == row["n"] and row["n_of_all"] == row["n_of_all"]}
    if consent and not by_specialty:
        of = listing([f"{n:,.0f} of the {everyone:,.0f} who {'matched' if words == 'matched' else 'did not'}"
                      for words, (n, everyone) in consent.items()])
        notes.append(f"Only applicants who consented to research are described: {of}. The others may differ.")
    elif any(row["n"] == row["n"] for row in shown):
        notes.append("Only applicants who consented to research are described; " + (
            "the profile of each specialty says of how many." if consent else "how many did not is not in the source here."))
    if any(row["reliability"] == "unstable" and row["n"] == row["n"] for row in shown):
        notes.append(f"Hollow: fewer than {LEAST_STABLE} applicants stand behind these quartiles; a few others would move them.")
    if any(row["n"] != row["n"] for row in shown):
        notes.append("Hollow: the number of applicants behind these figures is not published, so nobody can say how steady "
                     "they are.")
    if any(row["trait"] == "contiguous_ranks" for row in shown):
        notes.append("A long list of ranks is a symptom of many interviews and not a lever: programs are ranked after they "
                     "interviewed.")
    if any(row["trait"] == "publications" for row in shown):
        notes.append("This edition counts abstracts, presentations and publications apart; earlier ones pooled them, so they "
                     "cannot be compared. Shares with a PhD or another graduate degree are published without the number they "
                     "are of, and are left out.")
    notes += [f"Note of the data: {note}." for note in dict.fromkeys(row["note"] for row in shown)
              if isinstance(note, str)]
    notes.append(f"Never measured, in no source here: {listing([what.lower() for what, _ in NEVER_MEASURED[:-1]])}. Quartiles "
                 "describe those who applied; they are nobody's chance.".replace("us clinical", "US clinical"))
    return tuple(notes)
