"""The words of the house: applicant types, bases, tracks and reliability classes, and how each is said on screen."""

import csv
from dataclasses import dataclass
from functools import cache

from imganalytics import paths
from imganalytics.errors import UserError


@dataclass(frozen=True)
class ApplicantType:
    """One applicant type: its name on screen and how it is drawn, the same everywhere."""

    key: str
    label: str
    short_label: str
    parent: str
    is_subtotal: bool
    sort_order: int
    colour: str
    symbol: str
    dash: str
    definition: str

    @property
    def plural(self) -> str:
        """The label for several people."""
        return self.label if self.label.endswith("s") else f"{self.label}s"


@dataclass(frozen=True)
class Base:
    """Which applicants a rate is of."""

    key: str
    label: str
    meaning: str
    denominator: str


BASES: dict[str, Base] = {base.key: base for base in (
    Base("active", "Everyone who certified a list",
         "Of everyone who certified a rank order list, how many matched to any PGY-1 position.",
         "active applicants"),
    Base("preferred", "Ranked the specialty first",
         "Of those who ranked this specialty first, how many matched to it.",
         "applicants who ranked the specialty first"),
    Base("only_choice", "Ranked only this specialty",
         "Of those who ranked this specialty and no other, how many matched to it.",
         "applicants who ranked only this specialty"),
    Base("ranked_anywhere", "Ranked the specialty anywhere",
         "Of those who put at least one program of this specialty anywhere on their list, how many matched to it. "
         "One person can count in several specialties, so back-up specialties look harder than they are.",
         "applicants who ranked the specialty anywhere on their list"),
)}

TRACKS: dict[str, str] = {
    "categorical": "categorical",
    "not_stated": "track not stated",
    "all_but_preliminary": "all tracks but preliminary",
    "all": "all tracks",
    "all_pgy1": "all PGY-1 tracks",
    "preliminary": "preliminary",
    "primary_care": "primary care",
    "advanced": "advanced",
    "physician_reserved": "reserved for physicians",
    "categorical_and_combined": "categorical and combined",
    "categorical_and_advanced": "categorical and advanced",
}

FAMILIES = ("Everything", "Primary care", "Hospital-based", "Surgical", "Other medical", "Combined",
            "First year only")

RELIABILITY: dict[str, str] = {
    "ok": "at least 30 applicants, interval within 20 points",
    "unstable": "fewer than 30 applicants, or an interval wider than 20 points",
    "suppressed": "not published, or fewer than 5 applicants",
}

ALL_SPECIALTIES = "All specialties"


@cache
def applicant_types() -> dict[str, ApplicantType]:
    """Every applicant type by key, in the order of the screen (from ``datasets/applicant_types.csv``)."""
    with open(paths.datasets() / "applicant_types.csv", encoding="utf-8-sig", newline="") as file:
        rows = [ApplicantType(row["applicant_type"], row["label"], row["short_label"], row["parent"],
                              row["is_subtotal"] == "true", int(row["sort_order"]), row["colour"], row["symbol"],
                              row["dash"], row["definition"]) for row in csv.DictReader(file)]
    return {row.key: row for row in sorted(rows, key=lambda row: row.sort_order)}


def require(value: str, allowed: dict[str, object] | tuple[str, ...], what: str) -> str:
    """`value` itself when it is one of `allowed`.

    Raises:
        UserError: one line with the value and what is allowed.
    """
    if value not in allowed:
        raise UserError(f"unknown {what} {value!r}; allowed: {', '.join(allowed)}")
    return value
