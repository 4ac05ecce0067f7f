"""H-1B requests for physicians by state: positions, employers, and one quarter of filings for residents and fellows."""

from dataclasses import replace
from functools import cache, lru_cache
from typing import Any

import pandas as pd

from imganalytics.errors import UserError
from imganalytics.result import Question, Result, RowsOf
from imganalytics.studies.provenance import sources_of
from imganalytics.studies.words import counted, listing, percent
from imganalytics.vocabulary import require
from imganalytics.warehouse import connect

MEASURES = {"positions": "Positions asked for, physicians of every rank",
            "employers": "Employers that asked, physicians of every rank",
            "trainees": "Filings whose job title is a resident's or fellow's"}
UNITS = {"positions": "positions asked for", "employers": "employers", "trainees": "filings"}
TERRITORIES = {"GU": "Guam", "MP": "Northern Mariana Islands", "VI": "US Virgin Islands"}  # those without a square
QUARTER = "January to March 2025"
TRAINEES = ("resident", "fellow", "resident_or_fellow", "trainee_unspecified")

POSITIONS = """
SELECT v.fiscal_year, v.state, s.name, s.tile_row, s.tile_column, v.positions_requested AS positions, v.employers,
       v.is_partial_year, v.source_id, v.locator, c.positions_requested AS country_positions, c.employers AS country_employers
FROM visa_positions_by_state v LEFT JOIN states s USING (state)
JOIN visa_positions_by_state c ON c.fiscal_year = v.fiscal_year AND c.state = 'ALL'
WHERE v.state <> 'ALL' ORDER BY v.fiscal_year, v.state"""

FILINGS = """
SELECT fiscal_year::INTEGER AS fiscal_year, f.state, s.name, s.tile_row, s.tile_column, count(*) AS trainees,
       true AS is_partial_year, f.source_id, 'cases of the quarter' AS locator, sum(count(*)) OVER () AS country_trainees
FROM resident_visa_filings f LEFT JOIN states s USING (state) WHERE list_contains($roles::VARCHAR[], role)
GROUP BY ALL ORDER BY f.state"""

COLUMNS = ("fiscal_year", "state", "name", "tile_row", "tile_column", "value", "before", "change", "share", "country",
           "reason",
           "source_id", "locator")
NONE = "no request listed"


@cache
def _rows(measure: str) -> tuple[dict[str, Any], ...]:
    if measure == "trainees":
        found = connect().execute(FILINGS, {"roles": list(TRAINEES)})
    else:
        found = connect().execute(POSITIONS)
    names = [column[0] for column in found.description]
    rows = [dict(zip(names, values)) for values in found.fetchall()]
    return tuple(row | {"value": float(row[measure]), "country": int(row[f"country_{measure}"]), "reason": "",
                        "share": float(row[measure] / row[f"country_{measure}"]),
                        "name": row["name"] or TERRITORIES.get(row["state"], row["state"]),
                        "tile_row": _number(row["tile_row"]), "tile_column": _number(row["tile_column"])}
                 for row in rows)


def _number(value: int | None) -> float:
    return float("nan") if value is None else float(value)


@cache
def _squares() -> tuple[dict[str, Any], ...]:
    """Every state that has a square."""
    found = connect().execute("SELECT state, name, tile_row, tile_column FROM states ORDER BY name").fetchall()
    return tuple({"state": state, "name": name, "tile_row": float(row), "tile_column": float(column)} for state, name,
                 row, column in found)


@cache
def years_of(measure: str) -> tuple[int, ...]:
    """Fiscal years for which a measure is published, ascending."""
    return tuple(sorted({row["fiscal_year"] for row in _rows(measure)}))


@cache
def partial_years() -> tuple[int, ...]:
    """Fiscal years that are not complete in the source."""
    return tuple(sorted({row["fiscal_year"] for row in _rows("positions") if row["is_partial_year"]}))


def visas_by_state(measure: str = "positions", fiscal_year: int = 2025, since: int | None = None) -> Result:
    """H-1B requests by state of the worksite: counts of a fiscal year (October to September), and what they were before.

    Counts are of labor condition applications, the first paper of an H-1B: requests, not visas, approvals or people. First
    requests and extensions are in one number; residents, fellows and attendings too, but for 'trainees'.

    Args:
        measure: a key of MEASURES. 'trainees' is one quarter, by job title.
        fiscal_year: a year for which the measure is published.
        since: an earlier year to compare with; None for none.

    Returns:
        A frame of one row for each state, the largest first, those without a request last (`reason` says so): value,
        share (fraction of the country's), before and change (NaN without `since` or without a count then), tile_row and tile_column (NaN for territories without a
        square), country (the whole country's count), provenance.

    Raises:
        UserError: an unknown measure, or a year for which it is not published.
    """
    require(measure, MEASURES, "measure")
    known = years_of(measure)
    for name, year in (("fiscal_year", fiscal_year), ("since", since)):
        if year not in known and not (name == "since" and year is None):
            raise UserError(f"{name} {year!r} is not published for {MEASURES[measure].lower()}; allowed: "
                            f"{', '.join(map(str, known))}")
    if since is not None and (since >= fiscal_year or {since, fiscal_year} & set(partial_years())):
        raise UserError(f"since {since} cannot be compared with {fiscal_year}; allowed: an earlier year, both of "
                        f"them complete ({', '.join(str(year) for year in known if year not in partial_years())})")
    kept = _visas(measure, fiscal_year, since)
    return replace(kept, frame=kept.frame.copy(deep=False))  # what a caller writes to it stays there


@lru_cache(maxsize=512)
def _visas(measure: str, year: int, since: int | None) -> Result:
    blank = float("nan")
    earlier = {row["state"]: row for row in _rows(measure) if row["fiscal_year"] == since}
    rows = []
    for row in sorted((row for row in _rows(measure) if row["fiscal_year"] == year),
                      key=lambda row: (-row["value"], row["name"])):
        before = earlier[row["state"]]["value"] if row["state"] in earlier else blank
        rows.append(row | {"before": float(before), "change": row["value"] - before})
    rows += [each | {"fiscal_year": year, "value": blank,
                     "before": earlier.get(each["state"], {"value": blank})["value"],
                     "change": blank, "share": blank, "country": rows[0]["country"], "reason": NONE,
                     "source_id": rows[0]["source_id"],
                     "locator": ""} for each in _squares() if each["state"] not in {row["state"] for row in rows}]
    frame = pd.DataFrame({name: [row[name] for row in rows] for name in COLUMNS})
    ids = [row["source_id"] for row in (*rows, *earlier.values())]
    trainees = measure == "trainees"
    return Result(
        frame, Question("visas_by_state", {"measure": measure, "fiscal_year": year, "since": since}),
        title=_title(measure, year), subtitle=_subtitle(measure, rows, year, since),
        summary=_summary(measure, rows, since),
        sources=sources_of(ids), caveats=_caveats(measure, rows, year, since), sql=FILINGS if trainees else POSITIONS,
        parameters={"roles": list(TRAINEES)} if trainees else {},
        rows_of=RowsOf("resident_visa_filings", ("state",)) if trainees else
        RowsOf("visa_positions_by_state", ("fiscal_year", "state")))


def _title(measure: str, year: int) -> str:
    if measure == "trainees":
        return f"Where do employers ask for H-1B visas for residents and fellows, {QUARTER}?"
    if measure == "employers":
        return f"How many employers ask for H-1B visas for physicians, by state, fiscal {year}?"
    return f"How many physician positions do employers ask H-1B visas for, by state, fiscal {year}?"


def _subtitle(measure: str, rows: list[dict[str, Any]], year: int, since: int | None) -> str:
    n = f"n = {rows[0]['country']:,} {UNITS[measure]} in the whole country"
    base = {"trainees": "Filings of one quarter whose job title names a resident or fellow",
            "positions": "Requests for physicians of every rank, residents and attendings together",
            "employers": "Employers that asked for physicians of any rank, spellings of a name not merged"}[measure]
    part = " The year is not complete." if year in partial_years() and measure != "trainees" else ""
    against = f" Change since fiscal {since} below the count." if since else ""
    return f"{base}; {n}. A request is not a visa, an approval or a person. A count, so no interval.{part}{against}"


def _summary(measure: str, rows: list[dict[str, Any]], since: int | None) -> str:
    known = [row for row in rows if not row["reason"]]
    told = [f"{row['name']} {row['value']:,.0f} ({percent(row['share'])} of the country's)" for row in rows[:3]]
    states = counted(len(known), "state or territory", "states and territories")
    text = f"{states} with {UNITS[measure]}; most in {listing(told)}."
    grown = [row for row in rows if row["change"] == row["change"]]
    if since and grown:
        most, least = max(grown, key=lambda row: row["change"]), min(grown, key=lambda row: row["change"])
        text += (f" Since fiscal {since} the count grew most in {most['name']} ({change_text(most)}) and fell most in "
                 f"{least['name']} ({change_text(least)}).")
    return text


def change_text(row: dict[str, Any]) -> str:
    """'+12', '−3' or '0'; blank where there is nothing to compare with."""
    if row["change"] != row["change"]:
        return ""
    return f"{row['change']:+,.0f}".replace("-", "\u2212") if row["change"] else "0"


def _caveats(measure: str, rows: list[dict[str, Any]], year: int, since: int | None) -> tuple[str, ...]:
    notes = ["What is counted are labor condition applications of the US Department of Labor: an employer's intent. "
             "One person may stand behind several, and a certified one may never become a visa.",
             "First requests and extensions cannot be told apart in this source, so initial and continuing employment "
             "are in one number; approvals of petitions are not in it at all.",
             "A state without a count does not refuse H-1B: no request is listed for it.",
             "J-1 by state: not published in any source here. The national figures on J-1 are listed in words."]
    if measure == "trainees":
        notes.append(f"One quarter ({QUARTER}), read off job titles; research fellows and fellows outside of graduate "
                     f"medical education are left out here, though not where a pressed square lists the filings of a "
                     f"state. One quarter is not a year.")
    else:
        notes.append("Residents, fellows and attendings are mixed: a large number may be attendings of one hospital "
                     "group. That the extract holds every filing has not been checked against the Department's "
                     "own totals.")
    if measure == "employers":
        notes.append("Spellings of an employer are not merged, so employers are rather over-counted.")
    if year in partial_years() and measure != "trainees":
        notes.append(f"Fiscal {year} is not complete in the source: do not compare it with other years.")
    outside = [f"{row['name']} {row['value']:,.0f}" for row in rows if row["tile_row"] != row["tile_row"]]
    if outside:
        notes.append(f"Not on the grid: {listing(outside)}.")
    if since:
        notes.append("A change is between two counts of requests; it is not growth of residency positions.")
    return tuple(notes)
