"""What is published of each step from applicant to residency to fellowship: the counts, and which choices have any."""

import re
from functools import cache, lru_cache
from typing import NamedTuple

from imganalytics.studies.competitiveness import REASON
from imganalytics.studies.fellowship_facts import label_of
from imganalytics.vocabulary import ALL_SPECIALTIES, TRACKS, applicant_types
from imganalytics.warehouse import connect

TYPES = ("us_img", "non_us_img", "us_md_senior", "us_do_senior")
IMGS = ("us_img", "non_us_img")
AFTER = {"us_md_senior": "us_md_graduate",
         "us_do_senior": "us_do_graduate"}  # what a senior is when applying to fellowships
EXAMPLE = "Nephrology"  # the one subspecialty with applications by type
SEVERAL = "Several disciplines"
DISCIPLINES = {  # of the fellowships that a residency leads to, as the table of specialties groups them
    "Internal Medicine": ("Internal medicine",), "Internal Medicine/Pediatrics": ("Internal medicine", "Pediatrics"),
    "Pediatrics": ("Pediatrics",), "Psychiatry": ("Psychiatry",), "Neurology": ("Neurology",),
    "Child Neurology": ("Neurology",), "Surgery-General": ("Surgery",), "Anesthesiology": ("Anesthesiology",),
    "Pathology-Anatomic and Clinical": ("Pathology",), "Radiology-Diagnostic": ("Radiology",),
    "Emergency Medicine": ("Emergency medicine",), "Obstetrics and Gynecology": ("Obstetrics and gynecology",),
    "Physical Medicine and Rehabilitation": ("Physical medicine and rehabilitation",)}

# A row for each specialty, base and year of a type: how many of all its applicants put the specialty on their list, and how
# many of these matched. `whole` is the denominator that goes with the base.
RESIDENCY = f"""
SELECT r.applicant_type, r.specialty, s.label, s.entry_level AS main_entry_level, r.base, r.match_year, r.track,
       r.entry_level, r.applicants, r.matched, r.rate, r.rate_low, r.rate_high, coalesce(r.reliability, 'suppressed') AS reliability, {REASON} AS reason, r.source_id,
       r.matched_source_id, r.locator, r.corrections,
       a.applicants AS whole, a.source_id AS whole_source_id, a.locator AS whole_locator
FROM match_rates r JOIN specialties s ON s.specialty = r.specialty
LEFT JOIN match_rates a ON (a.match_year, a.applicant_type, a.specialty, a.base) = (
    r.match_year, r.applicant_type, '{ALL_SPECIALTIES}', CASE r.base WHEN 'preferred' THEN 'preferred' ELSE 'active' END)
WHERE list_contains($types::VARCHAR[], r.applicant_type) AND r.applicants > 0 AND r.track <> 'preliminary'
  AND (r.specialty <> '{ALL_SPECIALTIES}' OR r.base = 'active' AND r.rate IS NOT NULL)
QUALIFY row_number() OVER (PARTITION BY r.applicant_type, r.specialty, r.base, r.match_year ORDER BY
    list_position($track_order::VARCHAR[], r.track), r.entry_level, a.track) = 1
ORDER BY r.applicant_type, r.specialty, r.base, r.match_year"""

# A row for each subspecialty, years, applicant type and base with applicants or a printed rate. `positions_filled` are the
# matches of all types, since one person fills one position. Applications through ERAS count only where the types of a
# season add up to all of its applicants.
FELLOWSHIPS = f"""
WITH wide AS (
    SELECT organisation, specialty, appointment_year, last_appointment_year, applicant_type,
           max(value) FILTER (measure = 'applicants') AS applicants,
           max(source_id) FILTER (measure = 'applicants') AS applicants_source_id,
           max(value) FILTER (measure = 'matched') AS matched,
           max(source_id) FILTER (measure = 'matched') AS matched_source_id,
           max(value) FILTER (measure = 'positions_filled') AS filled,
           max(source_id) FILTER (measure = 'positions_filled') AS filled_source_id,
           max(value) FILTER (measure = 'applicants_preferring') AS preferring,
           max(source_id) FILTER (measure = 'applicants_preferring') AS preferring_source_id,
           max(value) FILTER (measure = 'preferring_matched_here') AS preferred,
           max(source_id) FILTER (measure = 'preferring_matched_here') AS preferred_source_id,
           max(value) FILTER (measure = 'matched_pct') AS printed_pct,
           max(source_id) FILTER (measure = 'matched_pct') AS printed_source_id
    FROM fellowship_results WHERE specialty <> '{ALL_SPECIALTIES}' GROUP BY ALL),
series AS (
    SELECT appointment_year, applicant_type, matched, matched_source_id FROM wide
    WHERE specialty = '{EXAMPLE}' AND organisation = 'NRMP SMS' AND matched IS NOT NULL
    UNION ALL
    SELECT appointment_year, 'img_all', sum(matched), min(matched_source_id) FROM wide
    WHERE specialty = '{EXAMPLE}' AND organisation = 'NRMP SMS' AND applicant_type IN ('us_img', 'non_us_img')
    GROUP BY appointment_year HAVING count(matched) = 2),
applied AS (
    SELECT appointment_year, specialty, applicant_type, sum(new_applicants) AS applicants, min(source_id) AS source_id
    FROM fellowship_applications GROUP BY ALL),
complete AS (
    SELECT appointment_year FROM applied GROUP BY appointment_year
    HAVING sum(applicants) FILTER (applicant_type <> 'all') = sum(applicants) FILTER (applicant_type = 'all')),
found AS (
    SELECT organisation, specialty, appointment_year, last_appointment_year, applicant_type, 'ranked' AS base, applicants,
           coalesce(matched, CASE applicant_type WHEN 'all' THEN filled END) AS matched, NULL AS printed_pct,
           applicants_source_id AS source_id,
           coalesce(matched_source_id, CASE applicant_type WHEN 'all' THEN filled_source_id END) AS matched_source_id,
           CASE WHEN matched IS NULL THEN 'positions_filled' ELSE 'matched' END AS measure
    FROM wide WHERE applicants IS NOT NULL AND coalesce(matched, CASE applicant_type WHEN 'all' THEN filled END) IS NOT NULL
    UNION ALL
    SELECT organisation, specialty, appointment_year, last_appointment_year, applicant_type, 'first', preferring, preferred,
           NULL, preferring_source_id, preferred_source_id, 'preferring_matched_here'
    FROM wide WHERE preferring IS NOT NULL AND preferred IS NOT NULL
    UNION ALL
    SELECT 'NRMP SMS', specialty, appointment_year, appointment_year, applicant_type, 'applied', p.applicants, m.matched,
           NULL, p.source_id, m.matched_source_id, 'matched'
    FROM applied p JOIN complete USING (appointment_year) JOIN series m USING (appointment_year, applicant_type)
    WHERE specialty = '{EXAMPLE}'
    UNION ALL
    SELECT organisation, specialty, appointment_year, last_appointment_year, applicant_type, 'printed', applicants, NULL,
           printed_pct, printed_source_id, NULL, 'matched_pct'
    FROM wide WHERE printed_pct IS NOT NULL AND (applicants IS NULL OR matched IS NULL))
SELECT f.specialty, s.label, s.family, f.* EXCLUDE (specialty) FROM found f JOIN specialties s USING (specialty)
WHERE s.family <> 'Everything' ORDER BY f.specialty, f.appointment_year, f.last_appointment_year, f.applicant_type, f.base"""


class Residency(NamedTuple):
    """Applicants of a type on their way to one specialty in one Match, on one base."""

    applicant_type: str
    specialty: str
    label: str
    main_entry_level: str | None
    base: str
    match_year: int
    track: str
    entry_level: str
    applicants: int
    matched: int | None
    rate: float | None
    rate_low: float | None
    rate_high: float | None
    reliability: str
    reason: str
    source_id: str
    matched_source_id: str | None
    locator: str
    corrections: str | None
    whole: int | None
    whole_source_id: str | None
    whole_locator: str | None


class Fellowship(NamedTuple):
    """Applicants to one subspecialty in one or several years: of one type, all IMGs, or all."""

    specialty: str
    label: str
    family: str
    organisation: str
    appointment_year: int
    last_appointment_year: int
    applicant_type: str
    base: str
    applicants: float | None
    matched: float | None
    printed_pct: float | None
    source_id: str
    matched_source_id: str | None
    measure: str

    @property
    def years(self) -> str:
        """'2024', or '2010-2017' of figures that pool several."""
        return str(self.appointment_year) if self.appointment_year == self.last_appointment_year else (
            f"{self.appointment_year}-{self.last_appointment_year}")


PARAMETERS = {"types": list(TYPES), "track_order": list(TRACKS)}


@cache
def residencies() -> dict[tuple[str, str], tuple[Residency, ...]]:
    """What is published of each applicant type and specialty, the earliest year first; all specialties by that name."""
    rows = connect().execute(RESIDENCY, PARAMETERS).fetchall()
    found: dict[tuple[str, str], list[Residency]] = {}
    for row in map(Residency._make, rows):
        found.setdefault((row.applicant_type, row.specialty), []).append(row)
    return {place: tuple(own) for place, own in found.items()}


@cache
def _fellowships() -> dict[str, tuple[Fellowship, ...]]:
    rows = connect().execute(FELLOWSHIPS).fetchall()
    found: dict[str, list[Fellowship]] = {}
    for row in map(Fellowship._make, rows):
        found.setdefault(row.specialty, []).append(row._replace(label=fellowship_labels()[row.specialty][0]))
    return {name: tuple(own) for name, own in found.items()}


@cache
def fellowship_labels() -> dict[str, tuple[str, str]]:
    """Every subspecialty by name: what it is called, and its discipline, also those of which no applicant is counted."""
    rows = connect().execute("""
        SELECT specialty, label, family FROM specialties WHERE family <> 'Everything' AND (
            specialty IN (SELECT specialty FROM fellowship_results)
            OR specialty IN (SELECT specialty FROM fellowship_programs))
        ORDER BY label""").fetchall()
    return {name: (label_of(label).removesuffix(" fellowships"), family) for name, label, family in rows}


def _order(applicant_type: str) -> tuple[str, ...]:
    """Whose figures stand for a type in the fellowship step, the nearest first."""
    return (AFTER.get(applicant_type, applicant_type), *(("img_all",) if applicant_type in IMGS else ()), "all")


@lru_cache(maxsize=1024)
def fellowship_steps(applicant_type: str, fellowship: str) -> dict[str, Fellowship]:
    """The figure that is nearest to a type for each published period of a subspecialty, the earliest first.

    The type itself goes before all IMGs together, and these before all applicants; then counts before a percentage printed
    without them, applicants who ranked the subspecialty before those who ranked it first, and these before those who applied.
    """
    order, bases = _order(applicant_type), ("ranked", "first", "applied", "printed")
    own = [row for row in _fellowships().get(fellowship, ()) if row.applicant_type in order]
    own.sort(key=lambda row: (row.last_appointment_year, row.appointment_year, order.index(row.applicant_type),
                              bases.index(row.base)))
    found: dict[str, Fellowship] = {}
    for row in own:
        found.setdefault(row.years, row)
    return found


def best_years(applicant_type: str, fellowship: str) -> str | None:
    """The latest period with a figure of the type itself; else of all IMGs; else of all; else none."""
    found = fellowship_steps(applicant_type, fellowship)
    order = _order(applicant_type)
    ranked = sorted(found, key=lambda years: (found[years].base == "printed", order.index(found[years].applicant_type),
                                              -found[years].last_appointment_year))
    return ranked[0] if ranked else None


def specialties_of(applicant_type: str) -> dict[str, str]:
    """Specialties that somebody of a type put on a list, by name: what they are called; any specialty first."""
    own = {place[1]: rows[0].label for place, rows in residencies().items() if place[0] == applicant_type}
    own.pop(ALL_SPECIALTIES, None)
    return {ALL_SPECIALTIES: "Any specialty"} | dict(sorted(own.items(), key=lambda pair: pair[1].lower()))


def fellowships_after(specialty: str) -> dict[str, str]:
    """Fellowships of the discipline of a residency, and those of several disciplines, by name; after any specialty all."""
    wanted = {*DISCIPLINES.get(specialty, ()), SEVERAL}
    own = [(family == SEVERAL, label.lower(), name, label) for name, (label, family) in fellowship_labels().items()
           if specialty == ALL_SPECIALTIES or family in wanted]
    return {name: label for _, _, name, label in sorted(own)}


def who(applicant_type: str) -> str:
    """What several people of a type are called inside a sentence."""
    if applicant_type in ("all", "img_all"):
        return {"all": "applicants of all types together", "img_all": "all IMGs together"}[applicant_type]
    return re.sub("^Non-", "non-", applicant_types()[applicant_type].plural)
