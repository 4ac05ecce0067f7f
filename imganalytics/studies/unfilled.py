"""What was left unfilled at the Match, by specialty and by state: the positions that go into SOAP, 2014 to 2025."""

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from imganalytics.errors import UserError
from imganalytics.result import Question, Result, RowsOf
from imganalytics.statistics.rates import LEAST_SHOWN, reliability, wilson
from imganalytics.studies.program_evidence import checked, label_of
from imganalytics.studies.provenance import sources_of
from imganalytics.studies.words import counted, percent
from imganalytics.vocabulary import require
from imganalytics.warehouse import connect

BY = {"specialty": "Specialty", "state": "State"}
MANY = {"specialty": "specialties", "state": "states"}
VIEWS = {"one_year": "One Match, against all others", "years": "A line over the years"}
MEASURES = {"count": "Number of positions", "share": "Share of the positions offered"}
TRACKS = {"all": "All positions", "complete": "Without preliminary years", "preliminary": "Preliminary years only"}
TRACK_WORDS = {"all": "of all kinds", "complete": "without preliminary years", "preliminary": "preliminary years only"}
FIRST, LAST = 2014, 2025
LINES = 6  # of the years, at most

QUERY = """
SELECT match_year, state, specialty, track = 'preliminary' AS preliminary, sum(quota)::INTEGER AS offered,
       sum(matched)::INTEGER AS filled, sum(quota - matched)::INTEGER AS unfilled,
       count(*) FILTER (quota > 0) AS programs, count(*) FILTER (quota > matched) AS programs_unfilled,
       string_agg(DISTINCT r.source_id, ', ' ORDER BY r.source_id) AS source_id
FROM program_results r JOIN programs USING (program_code)
GROUP BY ALL ORDER BY ALL"""
SOAP = """
SELECT match_year, max(value) FILTER (measure = 'positions_offered_in_soap') AS offered,
       max(value) FILTER (measure = 'positions_filled_in_soap') AS filled,
       max(value) FILTER (measure = 'positions_accepted_img_all') AS imgs,
       arg_max(concat_ws(', ', publisher, publication_year,
                         CASE confidence WHEN 'secondary' THEN 'quoting the NRMP' END),
               measure = 'positions_offered_in_soap') AS source
FROM soap_results JOIN sources USING (source_id) GROUP BY match_year ORDER BY match_year"""
COUNTS = ("offered", "filled", "unfilled", "programs", "programs_unfilled")


class Facts(NamedTuple):
    """Counts for each year, state, specialty and kind of position, as arrays; and the sources of each year."""

    codes: dict[str, np.ndarray]
    names: dict[str, list[str]]
    year: np.ndarray
    preliminary: np.ndarray
    counts: dict[str, np.ndarray]
    sources: dict[int, str]


def unfilled(by: str = "specialty", view: str = "one_year", measure: str = "count", tracks: str = "all",
             specialties: Sequence[str] | None = None, states: Sequence[str] | None = None, match_year: int = LAST,
             minimum: int = 50) -> Result:
    """Positions left unfilled at the Match, before SOAP, added over the programs of the official listing.

    Args:
        by: specialty or state: what a row or a line is.
        view: one_year (every row in one Match, beside the lowest and the highest of all years) or years (a line for
            each of the six with most left unfilled in `match_year`).
        measure: count, or share of the positions offered.
        tracks: all positions, complete (without preliminary years) or preliminary.
        specialties, states: which programs are counted; None for all.
        match_year: 2014 to 2025.
        minimum: least positions offered in `match_year`.

    Returns:
        A frame of one row for each specialty or state (view years: and each year): offered, unfilled, share with its
        95 % Wilson interval (fractions; NaN where fewer than 5 were offered), reliability, programs and
        programs_unfilled (tracks), value (of the measure), and for one year lowest and highest of all years. In the
        order of the value.

    Raises:
        UserError: an unknown word, or nothing offered or left unfilled.
    """
    arguments = _checked(by, view, measure, tracks, specialties, states, match_year, minimum)
    frame = _table(arguments)
    now = frame[frame["match_year"] == match_year]
    _refuse(now, by, match_year, minimum)
    whole = now[["offered", "unfilled"]].sum()
    frame, drawn, fitting = _drawn(frame, now, arguments)
    return Result(
        frame, Question("unfilled", arguments), title=_title(arguments),
        subtitle=_subtitle(arguments, whole, drawn, fitting),
        summary=_summary(frame, whole, arguments), sources=sources_of(frame["source_id"]),
        caveats=_caveats(arguments, frame), sql=QUERY, rows_of=_stands_for(arguments))


def _checked(by: str, view: str, measure: str, tracks: str, specialties: Sequence[str] | None,
             states: Sequence[str] | None, match_year: int, minimum: int) -> dict[str, Any]:
    for value, allowed, what in ((by, BY, "kind of row"), (view, VIEWS, "view"), (measure, MEASURES, "measure"),
                                 (tracks, TRACKS, "kind of positions")):
        require(value, allowed, what)
    if isinstance(match_year, bool) or not isinstance(match_year, int) or not FIRST <= match_year <= LAST:
        raise UserError(f"match_year {match_year!r}; allowed: {FIRST} to {LAST}")
    if isinstance(minimum, bool) or not isinstance(minimum, int) or minimum < 0:
        raise UserError(f"minimum {minimum!r}; allowed: a whole number, 0 or more")
    return {"by": by, "view": view, "measure": measure, "tracks": tracks,
            "specialties": checked("specialty", specialties), "states": checked("state", states),
            "match_year": match_year, "minimum": minimum}


@cache
def _facts() -> Facts:
    frame = connect().execute(QUERY).df()
    codes, names = {}, {}
    for name in ("specialty", "state"):
        codes[name], values = pd.factorize(frame[name].astype(object))
        names[name] = list(values)
    sources = {int(year): ", ".join(sorted({each for text in own for each in text.split(", ")}))
               for year, own in frame.groupby("match_year")["source_id"]}
    return Facts(codes, names, frame["match_year"].to_numpy(int) - FIRST, frame["preliminary"].to_numpy(bool),
                 {name: frame[name].to_numpy(float) for name in COUNTS}, sources)


@cache
def _labels(by: str) -> list[str]:
    return [label_of(by, name) for name in _facts().names[by]]


def _table(asked: dict[str, Any]) -> pd.DataFrame:
    """A row for each specialty or state and year in which it offered a position."""
    facts, by, years = _facts(), asked["by"], LAST - FIRST + 1
    keep = np.ones(len(facts.year), bool)
    if asked["tracks"] != "all":
        keep = facts.preliminary == (asked["tracks"] == "preliminary")
    for name, wanted in (("specialty", asked["specialties"]), ("state", asked["states"])):
        if wanted is not None:
            keep = keep & np.isin(facts.names[name], wanted)[facts.codes[name]]
    place = facts.codes[by][keep] * years + facts.year[keep]
    size = len(facts.names[by]) * years
    sums = {name: np.bincount(place, values[keep], size) for name, values in facts.counts.items()}
    some = np.flatnonzero(sums["offered"] > 0)
    sums = {name: values[some] for name, values in sums.items()}
    low, high = wilson(sums["unfilled"], sums["offered"])
    kind = reliability(sums["unfilled"], sums["offered"])
    hidden = kind == "suppressed"
    share, low, high = (np.where(hidden, np.nan, each) for each in (sums["unfilled"] / sums["offered"], low, high))
    group, year = some // years, some % years + FIRST
    return pd.DataFrame({
        by: np.array(facts.names[by], object)[group], "label": np.array(_labels(by), object)[group], "match_year": year,
        **sums,
        "share": share, "share_low": low, "share_high": high, "reliability": kind,
        "reason": np.where(hidden, f"fewer than {LEAST_SHOWN} offered", "").astype(object),
        "value": share if asked["measure"] == "share" else sums["unfilled"],
        "source_id": np.array([facts.sources[FIRST + at] for at in range(years)], object)[year - FIRST]})


def _refuse(now: pd.DataFrame, by: str, match_year: int, minimum: int) -> None:
    if now.empty:
        raise UserError(f"No position of this choice was offered in the {match_year} Match; choose another year, or "
                        f"more "
                        "specialties, states or kinds of positions")
    if not (now["offered"] >= minimum).any():
        raise UserError(f"No {by} of this choice offered {minimum:,} positions in the {match_year} Match; lower the "
                        f"minimum "
                        f"(the most is {now['offered'].max():,.0f})")
    if not now.loc[now["offered"] >= minimum, "value"].notna().any():
        raise UserError(f"Fewer than {LEAST_SHOWN} positions were offered by each {by} of this choice in "
                        f"{match_year}, so no share "
                        "is shown; look at the number of positions, or choose more")


def _drawn(frame: pd.DataFrame, now: pd.DataFrame, asked: dict[str, Any]) -> tuple[pd.DataFrame, int, int]:
    """The rows to draw in their order, how many groups they are, and of how many."""
    by = asked["by"]
    fitting = now[(now["offered"] >= asked["minimum"]).to_numpy()]
    value = np.nan_to_num(fitting["value"].to_numpy(), nan=-1)
    order = fitting.iloc[np.lexsort([fitting["label"].to_numpy(str), -fitting["offered"].to_numpy(), -value])]
    if asked["view"] == "years":
        chosen = order[by].tolist()[:LINES]
        rank = {name: at for at, name in enumerate(chosen)}
        own = frame[frame[by].isin(chosen).to_numpy()]
        own = own.iloc[np.lexsort([own["match_year"].to_numpy(), [rank[name] for name in own[by]]])]
        return own.reset_index(drop=True), len(chosen), len(fitting)
    spread = frame.groupby(by, sort=False)["value"].agg(["min", "max"])
    found = order.assign(lowest=spread["min"].reindex(order[by]).to_numpy(),
                         highest=spread["max"].reindex(order[by]).to_numpy())
    return found.reset_index(drop=True), len(found), len(now)


def _title(asked: dict[str, Any]) -> str:
    what = "What share of the positions" if asked["measure"] == "share" else "How many positions"
    verb = "was" if asked["measure"] == "share" else "were"
    when = f"{FIRST} to {LAST}" if asked["view"] == "years" else str(asked["match_year"])
    return f"{what} {verb} left unfilled at the Match, by {asked['by']}, {when}?"


def _subtitle(asked: dict[str, Any], whole: pd.Series, drawn: int, of: int) -> str:
    by = asked["by"]
    which = f"{drawn} of {counted(of, by, MANY[by])} drawn" if drawn < of else f"{counted(drawn, by, MANY[by])} drawn"
    if asked["view"] == "years" and drawn < of:
        which += f": those with the most in {asked['match_year']}"
    elif drawn < of:
        which += f": at least {asked['minimum']:,} offered"
    return (f"Base: positions offered in the Match, {TRACK_WORDS[asked['tracks']]}; before SOAP. "
            f"{asked['match_year']}: "
            f"{whole['unfilled']:,.0f} of {whole['offered']:,.0f} unfilled. {which}. Every position is counted, none "
            f"is sampled.")


def _figure(row: Any) -> str:
    share = percent(row.share) if row.share == row.share else "no share"
    return f"{row.label} {row.unfilled:,.0f} of {row.offered:,.0f} ({share})"


def _summary(frame: pd.DataFrame, whole: pd.Series, asked: dict[str, Any]) -> str:
    year = asked["match_year"]
    rows = list(frame[frame["match_year"] == year].itertuples())
    share = percent(whole["unfilled"] / whole["offered"])
    text = (f"{whole['unfilled']:,.0f} of {whole['offered']:,.0f} positions ({share}) were "
            f"left unfilled at the {year} Match. Most: {_figure(rows[0])}")
    return text + (f", then {_figure(rows[1])}." if len(rows) > 1 else ".")


@cache
def soap_facts() -> tuple[str, ...]:
    """What sources say of SOAP itself, nation-wide, in sentences."""
    rows = connect().execute(SOAP).fetchall()
    notes = []
    for year, offered, filled, _imgs, source in rows:
        if year == LAST and offered:
            then = f"{filled:,.0f}" if filled else "how many"
            then += " of them were filled" + ("" if filled else " is in no source here")
            notes.append(f"In SOAP {year}, {offered:,.0f} positions were offered in the whole country; {then} "
                         f"({source}).")
    known = [(year, offered, filled, source) for year, offered, filled, _imgs, source in rows if offered and filled]
    for year, offered, filled, source in known[-1:]:
        notes.append(f"The latest year with both figures is {year}: {filled:,.0f} of {offered:,.0f} positions offered "
                     f"in SOAP were "
                     f"filled there ({source}).")
    accepted = [(year, filled, imgs, source) for year, _offered, filled, imgs, source in rows if imgs and filled]
    for year, filled, imgs, source in accepted[-1:]:
        notes.append(f"How many IMGs get a position in SOAP is published for {year} only: {imgs:,.0f} of {filled:,.0f} "
                     f"({source}).")
    return tuple(notes)


def _caveats(asked: dict[str, Any], frame: pd.DataFrame) -> tuple[str, ...]:
    notes = ["Unfilled at the Match is before SOAP, in which most of these positions are offered again. It is no list "
             "of what "
             "is left.", *soap_facts(),
             "An unfilled position is not open to everyone: whether its program sponsors a visa or takes IMGs at all "
             "is in no "
             "source here."]
    if asked["tracks"] != "complete":
        notes.append("A preliminary position is one year without the years that follow: it is no training to the end.")
    notes.append("The programs add to the published national totals of each year; the listing of 2025 lacks 19 "
                 "positions, all "
                 "of them filled, so that the unfilled ones agree.")
    notes.append("From 2020 on there is one Match for MD and DO programs: positions that were outside it before are "
                 "inside since.")
    if asked["measure"] == "share":
        notes.append("Nothing is sampled: an interval says how far a share of so few positions moves by chance alone "
                     "from year "
                     "to year.")
        shaky = int((frame["reliability"] == "unstable").sum())
        if shaky:
            notes.append(f"{shaky} of {len(frame)} shares are unstable (hollow): fewer than 30 positions offered, or "
                         f"an interval "
                         "wider than 20 points.")
    return tuple(notes)


def _stands_for(asked: dict[str, Any]) -> RowsOf:
    if asked["by"] == "specialty" and asked["states"] is None and asked["tracks"] == "all":
        return RowsOf("match_results", ("specialty", "match_year"), {
            "applicant_type": "all", "measure": "positions_unfilled"})
    return RowsOf("programs", (asked["by"],))
