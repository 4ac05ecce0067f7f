"""Positions filled by applicant type, at one entry level or at all together: the counts behind every fill share."""

from collections.abc import Iterable, Sequence
from functools import cache

from imganalytics.vocabulary import applicant_types
from imganalytics.warehouse import connect

POSITIONS = {
    "PGY-1": "PGY-1 positions",
    "PGY-2": "PGY-2 positions",
    "Physician": "Positions reserved for physicians",
    "all": "All positions together",
}

# What is counted, in the words of a subtitle.
COUNTED = {
    "PGY-1": "filled PGY-1 positions",
    "PGY-2": "filled positions that start at PGY-2",
    "Physician": "filled positions reserved for physicians who have had graduate training",
    "all": "filled positions of every entry level",
}

# Two sums are made here and nowhere stored: the PGY-1 tracks of a specialty, when each of them is published for a type
# (the state report of 2025 prints four specialties only so), and US with non-US IMGs.
FILLED = """
printed AS (
    SELECT match_year, specialty, track, entry_level, applicant_type, value, source_id, locator, derivation
    FROM match_results
    WHERE measure = 'positions_filled' AND list_contains($years::INTEGER[], match_year)
      AND entry_level = $positions AND $positions <> 'all'
    UNION ALL
    SELECT match_year, coalesce(specialty, 'All specialties'), 'all', 'all', applicant_type, sum(filled),
           min(source_id), 'state table, summed over the states and entry levels', 'summed over states'
    FROM (SELECT match_year, specialty, applicant_type, filled, source_id FROM state_fill
          UNION ALL SELECT match_year, specialty, 'all', filled, source_id FROM state_results)
    WHERE list_contains($years::INTEGER[], match_year) AND $positions = 'all'
    GROUP BY GROUPING SETS ((match_year, specialty, applicant_type), (match_year, applicant_type))),
tracks AS (
    SELECT *, count(*) OVER (PARTITION BY match_year, specialty, applicant_type) AS found FROM printed
    WHERE entry_level = 'PGY-1' AND track IN ('categorical', 'primary_care', 'preliminary')),
summed_tracks AS (
    SELECT t.match_year, t.specialty, 'all_pgy1' AS track, t.entry_level, t.applicant_type, sum(t.value) AS value,
           string_agg(DISTINCT t.source_id, ', ' ORDER BY t.source_id) AS source_id, min(t.locator) AS locator,
           'summed over the PGY-1 tracks' AS derivation
    FROM tracks t
    JOIN tracks a
      ON (a.match_year, a.specialty, a.track, a.applicant_type) = (t.match_year, t.specialty, t.track, 'all')
    WHERE t.found > 1
      AND NOT EXISTS (FROM printed p
                      WHERE (p.match_year, p.specialty, p.track) = (t.match_year, t.specialty, 'all_pgy1'))
    GROUP BY t.match_year, t.specialty, t.entry_level, t.applicant_type
    HAVING count(*) = min(t.found) AND count(*) = min(a.found)),
of_types AS (SELECT * FROM printed UNION ALL SELECT * FROM summed_tracks),
filled AS (
    SELECT * FROM of_types
    UNION ALL
    SELECT match_year, specialty, track, entry_level, 'img_all', sum(value), string_agg(DISTINCT source_id, ', ' ORDER BY source_id),
           min(locator), min(derivation) || '; US and non-US IMGs added'
    FROM of_types o WHERE applicant_type IN ('us_img', 'non_us_img')
      AND NOT EXISTS (FROM of_types i WHERE (i.match_year, i.specialty, i.track, i.entry_level, i.applicant_type)
                                          = (o.match_year, o.specialty, o.track, o.entry_level, 'img_all'))
    GROUP BY match_year, specialty, track, entry_level HAVING count(*) = 2)"""

PUBLISHED = f"""
WITH {FILLED}
SELECT DISTINCT f.match_year, f.applicant_type FROM filled f
JOIN filled a USING (match_year, specialty, track, entry_level)
WHERE a.applicant_type = 'all' AND f.applicant_type <> 'all' AND a.value >= 5 ORDER BY ALL"""


def parameters(years: Iterable[int], positions: str) -> dict[str, object]:
    """The parameters of :data:`FILLED` for these years of the Match and this key of :data:`POSITIONS`."""
    return {"years": sorted(set(years)), "positions": positions}


@cache
def _published(positions: str) -> frozenset[tuple[int, str]]:
    """(year, applicant type) with at least one fill share."""
    every = [year for (year,) in connect().sql("SELECT DISTINCT match_year FROM match_results").fetchall()]
    return frozenset(connect().execute(PUBLISHED, parameters(every, positions)).fetchall())


def years(types: Sequence[str], positions: str) -> list[int]:
    """Years in which at least one of `types` has a fill share, ascending."""
    return sorted({year for year, kind in _published(positions) if kind in types})


def types_filled(positions: str | None = None) -> list[str]:
    """Applicant types that have a fill share in any year, in the order of the screen."""
    known = {kind for key in POSITIONS if positions in (None, key) for _, kind in _published(key)}
    return [key for key in applicant_types() if key in known]
