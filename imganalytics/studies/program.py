"""One training program: what every source here says about it, each figure with the row it stands in."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from imganalytics.errors import UserError
from imganalytics.own import imports
from imganalytics.result import Question, Result
from imganalytics.statistics.rates import LEAST_SHOWN, reliability, wilson
from imganalytics.studies.lineage import rows_where
from imganalytics.studies.program_history import history_of
from imganalytics.studies.programs import DESIGNATED, last_match, prepared
from imganalytics.studies.provenance import sources_of
from imganalytics.studies.words import counted, percent
from imganalytics.vocabulary import applicant_types
from imganalytics.warehouse import connect

Evidence = dict[str, Any]  # part, what, value, detail, table, row_key, source_id, and what a mark or a cell needs
HISTORY = "Match by Match"
PARTS = ("At the Match", "The state's programs of the specialty", "Tracks named for IMGs or sponsors", "Visas",
         "Teaching hospital", "Fellowships in the institution", "What you imported")
COLUMNS = ["part", "what", "value", "detail", "number", "table", "row_key", "source_id"]
MOST_FILINGS = 12  # listed one by one
NOT_STATED = "not stated"
ASKED = {  # what advisers ask for and only the user can bring
    "step2ck_min": "Step 2 minimum score", "yog_max_years": "Years since graduation, at most", "visas_accepted": "Visas",
    "usce": "US clinical experience", "pct_img": "IMGs among the residents"}
KEY = ("part", "what", "detail", "program_key")  # by which a press on a figure tells which one it is


def program(program_key: str) -> Result:
    """What is known of one training program, one row a figure.

    Returns:
        A frame with the columns part (HISTORY or one of PARTS), what, value and detail (in words), number (where it is
        one), program_key, table, row_key and source_id, by which ``explain`` finds the printed row ('' where nothing is printed).
        Rows of HISTORY also have program_code ('' for all codes), track_name, match_year, quota and matched.

    Raises:
        UserError: there is no such program.
    """
    facts = program_row(program_key)
    history = history_of(facts["institution_code"], facts["specialty"])
    rows = [*_match(facts, history), *(row for part in (_state, _designated, _visas, _hospital, _fellowships, _imported)
                                       for row in part(facts))]
    frame = pd.concat([pd.DataFrame(rows, columns=COLUMNS), _history(history)], ignore_index=True)
    frame["program_key"] = program_key
    place = ", ".join(filter(None, (facts["city"], facts["state"])))
    return Result(frame, Question("program", {"program_key": program_key}),
                  title=f"{facts['institution']}: {facts['specialty']}",
                  subtitle=f"{place}. {_listed(facts)}", summary=_summary(facts, frame),
                  sources=sources_of(frame["source_id"]), caveats=CAVEATS)


CAVEATS = (
    "The state's share is not this program's: no public source says how many IMGs a program takes.",
    "An employer is linked to an institution by name and city, by machine, not verified. It files for all its trainees.",
    "What is not listed here is not known; it is not a 'no'.",
)


def _history(years: pd.DataFrame) -> pd.DataFrame:
    named = years["program_code"].where(years["program_code"] != "", "All codes") + ", " + years["match_year"].astype(str)
    words = [f"{matched:,} of {quota:,} filled" for matched, quota in zip(years["matched"], years["quota"])]
    return years.assign(part=HISTORY, what=named, value=words, detail=years["published_name"], number=years["matched"])[
        [*COLUMNS, "program_code", "published_name", "match_year", "quota", "matched"]]


def program_row(program_key: str) -> dict[str, Any]:
    """The row of :func:`programs.prepared` for this program.

    Raises:
        UserError: there is no such program.
    """
    frame = prepared().frame
    found = frame.index[frame["program_key"] == program_key]
    if not len(found):
        raise UserError(f"program {program_key!r} is not known; a key is an institution code and a specialty, "
                        "as in '1330/Internal Medicine'")
    return {name: None if isinstance(value, float) and value != value or value is pd.NA else value
            for name, value in frame.loc[found[0]].items()}


def _listed(facts: Evidence) -> str:
    if not facts["codes"]:
        return "A program of your own list; no NRMP code."
    codes = ", ".join(facts["codes"][:6]) + (f" and {len(facts['codes']) - 6} more" if len(facts["codes"]) > 6 else "")
    last = "" if facts["active"] else f"; not in the {last_match()} Match"
    return f"NRMP code{'s' * (len(facts['codes']) > 1)} {codes}{last}."


def _summary(facts: Evidence, frame: pd.DataFrame) -> str:
    told = frame[(frame["row_key"] != "") & frame["part"].isin(PARTS[1:])]
    known = [part[0].lower() + part[1:] for part in told["part"].drop_duplicates()]
    if facts["positions"] is None:
        first = "No positions in the last Match"
    else:
        first = f"{facts['filled']:,.0f} of {facts['positions']:,.0f} positions filled in the {last_match()} Match"
    return f"{first}. Evidence beside the Match: {'; '.join(known) if known else 'none here'}."


def _evidence(part: int, what: str, value: str, detail: str = "", number: float | None = None, table: str = "",
              key: str = "", source_id: str | None = None) -> Evidence:
    return {"part": PARTS[part], "what": what, "value": value, "detail": detail, "number": number, "table": table,
            "row_key": key, "source_id": source_id}


def _match(facts: Evidence, years: pd.DataFrame) -> Iterator[Evidence]:
    if years.empty:
        yield _evidence(0, "Positions", NOT_STATED, "a program of your own list")
        return
    total = years[years["program_code"] == ""].set_index("match_year")
    for year in sorted(total.index, reverse=True)[:1]:
        row = total.loc[year]
        yield _evidence(0, f"Positions offered, {year}", f"{row['quota']:,.0f}", "", row["quota"], "program_results",
                        row["row_key"], row["source_id"])
        yield _evidence(0, f"Positions filled, {year}", f"{row['matched']:,.0f}", f"of {row['quota']:,.0f}", row["matched"],
                        "program_results", row["row_key"], row["source_id"])
    recent = total[total.index > last_match() - 5]
    short = recent[recent["matched"] < recent["quota"]]
    if len(recent):
        keys, unfilled = " | ".join(recent["row_key"]), int((recent["quota"] - recent["matched"]).sum())
        yield _evidence(0, f"Left unfilled, {recent.index.min()} to {recent.index.max()}", f"{unfilled:,}",
                        f"of {recent['quota'].sum():,.0f} offered; in {len(short)} of {counted(len(recent), 'Match', 'Matches')}",
                        unfilled, "program_results", keys, recent["source_id"].iloc[0])
    if facts["growth"] is not None:
        both = total.loc[[last_match() - 5, last_match()]]
        change = f"{facts['growth']:+,.0f}".replace("-", "\u2212") if facts["growth"] else "none"
        yield _evidence(0, f"Growth since {last_match() - 5}", change,
                        f"from {facts['positions_5_years_ago']:,.0f} to {facts['positions']:,.0f} positions", facts["growth"],
                        "program_results", " | ".join(both["row_key"]), both["source_id"].iloc[0])
    elif facts["active"] and facts["first_year"] > last_match() - 5:
        yield _evidence(0, "New", f"first listed for {facts['first_year']}", "", None, "programs",
                        f"program_code={facts['codes'][0]}", total["source_id"].iloc[0])


def _state(facts: Evidence) -> Iterator[Evidence]:
    where = {"state": facts["state"], "specialty": facts["specialty"], "entry_level": facts["entry_level"]}
    own = [row for row in rows_where("state_fill", where) if row["applicant_type"] in ("us_img", "non_us_img")]
    filled = sum(row["filled"] or 0 for row in rows_where("state_results", where))
    if not own or filled < LEAST_SHOWN:
        why = f"only {filled} filled: too few" if own else "not published for this specialty, level and state"
        yield _evidence(1, "IMGs together: share of filled positions", NOT_STATED, why)
        return
    rows = {kind: [row for row in own if row["applicant_type"] == kind] for kind in ("us_img", "non_us_img")}
    for label, some in (("IMGs together", own), *((applicant_types()[kind].plural, one) for kind, one in rows.items())):
        count = sum(row["filled"] or 0 for row in some)
        low, high = wilson(count, filled)
        shaky = "; unstable" if reliability(count, filled) == "unstable" else ""
        yield _evidence(1, f"{label}: share of filled {facts['entry_level']} positions in {facts['state']}, "
                        f"{some[0]['match_year']}", percent(count / filled),
                        f"{100 * low:.1f} to {100 * high:.1f}, {count:,} of {filled:,}{shaky}; the state's, not this program's",
                        count / filled, "state_fill", " | ".join(map(_state_key, some)), some[0]["source_id"])


def _state_key(row: Evidence) -> str:
    return "; ".join(f"{name}={row[name]}" for name in ("match_year", "state", "specialty", "entry_level", "line",
                                                        "applicant_type"))


def _designated(facts: Evidence) -> Iterator[Evidence]:
    rows = rows_where("img_designated_tracks JOIN (SELECT program_code, institution_code, specialty, published_name FROM "
                      "programs) USING (program_code)",
                      {name: facts[name] for name in ("institution_code", "specialty")})
    if not rows:
        yield _evidence(2, "Tracks", "none", "no name in the Match's listings points to IMGs or sponsors")
    for row in rows:
        yield _evidence(2, row["published_name"], DESIGNATED[row["category"]], f"NRMP code {row['program_code']}", None,
                        "img_designated_tracks", f"program_code={row['program_code']}", row["source_id"])


def _visas(facts: Evidence) -> Iterator[Evidence]:
    links = rows_where("employer_institution_candidates", {"institution_code": facts["institution_code"] or "-"})
    if not links:
        yield _evidence(3, "H-1B filings", NOT_STATED, "no filing employer was found that fits the institution's name and city")
    for link in links:
        key = link["employer_key"]
        [employer] = rows_where("visa_employers", {"employer_key": key})
        unsure = "one of several that could be it" if link["status"] == "ambiguous" else "possible link by name and city"
        yield _evidence(3, f"Employer: {employer['employer']}", "not verified", f"{unsure}; {link['worksite_cities']}, "
                        f"{link['state']}", None, "employer_institution_candidates",
                        f"employer_key={key}; state={link['state']}", link["source_id"])
        yield from _trainee_filings(facts, employer)
        rows = rows_where("visa_filings", {"employer_key": key}, tail="ORDER BY fiscal_year")
        if rows:
            total = sum(row["filings"] for row in rows)
            yield _evidence(3, "H-1B filings for physicians of every kind", f"{total:,}", f"{employer['employer']}; fiscal years "
                            f"{rows[0]['fiscal_year']} to {rows[-1]['fiscal_year']}", total, "visa_filings",
                            " | ".join(f"fiscal_year={row['fiscal_year']}; employer_key={key}" for row in rows),
                            rows[0]["source_id"])


def _trainee_filings(facts: Evidence, employer: Evidence) -> Iterator[Evidence]:
    """Papers for residents and fellows: those whose title names the specialty one by one, the others counted."""
    rows = rows_where("resident_visa_filings", {"employer_key": employer["employer_key"]}, tail="ORDER BY case_number")
    named = [row for row in rows if row["specialty_in_title"] == facts["specialty"]]
    if rows:
        yield _evidence(3, "H-1B filings for residents and fellows", f"{len(rows):,}",
                        f"{employer['employer']}; {len(named)} name this specialty", len(rows), "resident_visa_filings",
                        " | ".join(f"case_number={row['case_number']}" for row in rows), rows[0]["source_id"])
    for row in named[:MOST_FILINGS]:
        wage = f"{row['annual_wage_usd']:,.0f} USD a year, " if row["annual_wage_usd"] else ""
        yield _evidence(3, f"Filing: {row['job_title']}", row["role"].replace("_", " "),
                        f"{wage}{row['city']}, from {row['begin_date']}, case {row['case_number']}", None, "resident_visa_filings",
                        f"case_number={row['case_number']}", row["source_id"])


def _hospital(facts: Evidence) -> Iterator[Evidence]:
    if facts["ccn"] is None:
        yield _evidence(4, "Residents and beds", NOT_STATED, "no teaching hospital of the same name in the state")
        return
    [row] = rows_where("teaching_hospitals", {"ccn": facts["ccn"], "report_year": int(facts["hospital_year"])})[-1:]
    place = f"{row['hospital'].title()}, same name and state, not verified; cost report {row['report_year']}"
    for what, name, form in (("Residents and interns (full-time equivalents)", "residents_fte", ",.1f"), ("Beds", "beds", ",")):
        if row[name] is not None:
            yield _evidence(4, what, format(row[name], form), place, row[name], "teaching_hospitals",
                            f"report_record={row['report_record']}", row["source_id"])


def _fellowships(facts: Evidence) -> Iterator[Evidence]:
    rows = connect().execute(
        """SELECT specialty, program_code, appointment_year, quota, filled, r.source_id
           FROM fellowship_program_results r JOIN fellowship_programs USING (program_code)
           WHERE institution_code = ? AND quota > 0
             AND appointment_year = (SELECT max(appointment_year) FROM fellowship_program_results)
           ORDER BY specialty, program_code""", [facts["institution_code"]]).fetchall()
    if not rows:
        yield _evidence(5, "Fellowships", "none listed", "no program of this institution in the fellowship matches of the NRMP")
    for specialty, code, year, quota, filled, source_id in rows:
        yield _evidence(5, specialty, f"{filled:,} of {counted(quota, 'place', 'places')} filled", f"appointments {year}, "
                        f"NRMP code {code}", quota, "fellowship_program_results",
                        f"appointment_year={year}; program_code={code}", source_id)


def _imported(facts: Evidence) -> Iterator[Evidence]:
    own = imports.imported_facts()
    own = own[own["program_key"] == facts["program_key"]]
    labels = _field_labels()
    for row in own.sort_values(["field", "imported_at"], ascending=[True, False]).to_dict("records"):
        yield _evidence(6, labels.get(row["field"], row["field"].replace("_", " ")), str(row["value"]),
                        f"{row['file']}, row {row['row']}, imported {row['imported_at'][:10]}"
                        + (f", as of {row['as_of']}" if row["as_of"] else ""), row["number"], "imported",
                        f"file={row['file']}; row={row['row']}; sha256={row['sha256']}; imported_at={row['imported_at']}")
    for field in ASKED:
        if not (own["field"] == field).any():
            yield _evidence(6, ASKED[field], NOT_STATED, "no public source; bring a FREIDA, Residency Explorer or own file")


def _field_labels() -> dict[str, str]:
    found = connect().execute("SELECT replace(field, '[]', ''), min(source_label) FROM import_fields "
                              "WHERE source_label <> '' GROUP BY 1").fetchall()
    return dict(found) | ASKED
