"""What does ERAS charge for this many programs?"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import pandas as pd

from imganalytics.errors import UserError
from imganalytics.result import Question, Result
from imganalytics.studies.provenance import sources_of
from imganalytics.studies.words import counted, listing
from imganalytics.warehouse import connect

SERVICES = {"residency": "ERAS residency application", "fellowship": "ERAS fellowship application"}
MOST_FELLOWSHIP = 1000  # no list here says how many programs a fellowship applicant can choose from

QUERY = """
SELECT cost_id, item, tier_from, tier_to, tier_rule, amount_usd, season_or_year, source_id, locator FROM costs
WHERE item = $item AND season_or_year = $season ORDER BY tier_from"""


@dataclass(frozen=True)
class Tier:
    """A price from the program number `first` to `last` (None: to any): for each program, or for all of them if `flat`."""

    cost_id: str
    first: int
    last: int | None
    usd: int
    flat: bool
    source_id: str

    def programs(self, programs: int) -> int:
        """How many of so many programs fall under this price."""
        return max(0, min(programs, self.last or programs) - self.first + 1)

    def fee(self, programs: int) -> int:
        """USD for those of so many programs that fall under this price."""
        inside = self.programs(programs)
        return self.usd * min(inside, 1) if self.flat else self.usd * inside


@dataclass(frozen=True)
class Schedule:
    """The prices of a season. Those of residency begin anew with each specialty; those of fellowships do not."""

    service: str
    season: int
    per_specialty: bool
    tiers: tuple[Tier, ...]

    def fee(self, programs: Mapping[str, int]) -> int:
        """USD for programs by specialty, as AAMC's worked examples sum them."""
        counts = programs.values() if self.per_specialty else [sum(programs.values())]
        return sum(tier.fee(count) for count in counts for tier in self.tiers)


@cache
def seasons(service: str = "residency") -> tuple[int, ...]:
    """ERAS seasons whose prices are in the sources here, oldest first (2026: for the Match of 2026, from June 2025)."""
    query = "SELECT DISTINCT season_or_year FROM costs WHERE item = ? ORDER BY 1"
    rows = connect().execute(query, [_item(service)]).fetchall()
    return tuple(int(season) for (season,) in rows)


@cache
def schedule(service: str = "residency", season: int | None = None) -> Schedule:
    """The prices of a season; of the latest one when none is named.

    Raises:
        UserError: no source here has them.
    """
    known = seasons(service)
    wanted = known[-1] if season is None else season
    if wanted not in known:
        raise UserError(f"no ERAS {service} fees of the season {wanted} in the sources here; "
                        f"allowed: {', '.join(map(str, known))}")
    rows = connect().execute(QUERY, {"item": SERVICES[service], "season": str(wanted)}).fetchall()
    tiers = tuple(Tier(cost_id, first, last, int(usd), "flat" in rule, source)
                  for cost_id, _, first, last, rule, usd, _, source, _ in rows)
    return Schedule(service, wanted, "per specialty" in rows[0][4], tiers)


def _item(service: str) -> str:
    if service not in SERVICES:
        raise UserError(f"unknown service {service!r}; allowed: {', '.join(SERVICES)}")
    return SERVICES[service]


@cache
def programs_listed() -> dict[str, int]:
    """By specialty, how many program tracks the latest list of the Main Match has: nobody can apply to more of them."""
    rows = connect().execute("""SELECT specialty, count(*) FROM programs WHERE active GROUP BY specialty
                                ORDER BY specialty""").fetchall()
    return dict(rows)


@cache
def labels() -> dict[str, str]:
    """The name on screen of each specialty of :func:`programs_listed`."""
    rows = connect().execute("SELECT specialty, label FROM specialties ORDER BY label").fetchall()
    return {specialty: label for specialty, label in rows if specialty in programs_listed()}


@cache
def list_year() -> int:
    """The Match year of the latest list of programs."""
    [(year,)] = connect().execute("SELECT max(match_year) FROM program_results").fetchall()
    return int(year)


def refusal(specialty: str, programs: int) -> str:
    """Why so many residency programs of a specialty cannot be applied to; '' when they can."""
    listed = programs_listed()
    if specialty not in listed:
        return (f"specialty {specialty!r}: no programs of it in the Main Match of {list_year()}; "
                f"allowed: {', '.join(listed)}")
    if not isinstance(programs, int) or isinstance(programs, bool) or not 0 <= programs <= listed[specialty]:
        count = f"{programs:,}" if isinstance(programs, int | float) else repr(programs)
        return (f"{specialty}: {count} programs; allowed: 0 to {listed[specialty]:,}, for so many program tracks of it "
                f"are listed in the whole country ({list_year()} Match)")
    return ""


def eras_fees(programs: Mapping[str, int], service: str = "residency", season: int | None = None) -> Result:
    """The ERAS fee of an application to so many programs, one row for each specialty and price.

    Args:
        programs: number of programs by specialty (of fellowships: of all of them together, by any name).
        service: residency or fellowship.
        season: ERAS season; the latest one known when None.

    Returns:
        A frame with specialty, programs (at this price), price_usd, flat, usd, season, and table, row_key, source_id.

    Raises:
        UserError: more programs than there are, fewer than none, or a season whose prices are not known.
    """
    prices = schedule(service, season)
    for specialty, count in programs.items():
        problem = refusal(specialty, count) if service == "residency" else _fellowship_refusal(specialty, count)
        if problem:
            raise UserError(problem)
    counts = dict(programs) if prices.per_specialty else {"All subspecialties": sum(programs.values())}
    rows = [{"specialty": specialty, "programs": tier.programs(count), "price_usd": tier.usd, "flat": tier.flat,
             "usd": tier.fee(count), "season": prices.season, "table": "costs", "row_key": f"cost_id={tier.cost_id}",
             "source_id": tier.source_id}
            for specialty, count in counts.items() for tier in prices.tiers if tier.programs(count)]
    frame = pd.DataFrame(rows, columns=["specialty", "programs", "price_usd", "flat", "usd", "season", "table", "row_key",
                                        "source_id"])
    total, count = prices.fee(programs), sum(programs.values())
    return Result(
        frame, Question("eras_fees", {"programs": dict(programs), "service": service, "season": prices.season}),
        title=f"What does ERAS charge for {counted(count, 'program', 'programs')}?",
        subtitle=f"{service.capitalize()} prices of the {prices.season} season, in USD. "
                 f"n = {counted(count, 'program', 'programs')}.",
        summary=_summary(prices, programs, total), sources=sources_of(tier.source_id for tier in prices.tiers),
        caveats=CAVEATS, sql=QUERY, parameters={"item": SERVICES[service], "season": str(prices.season)})


CAVEATS = ("Taxes, transcripts and reductions of the Fee Assistance Program are not in this sum.",)


def _fellowship_refusal(name: str, programs: Any) -> str:
    if isinstance(programs, int) and not isinstance(programs, bool) and 0 <= programs <= MOST_FELLOWSHIP:
        return ""
    return f"{name}: {programs} programs; allowed: 0 to {MOST_FELLOWSHIP:,}"


def _summary(prices: Schedule, programs: Mapping[str, int], total: int) -> str:
    chosen = {specialty: count for specialty, count in programs.items() if count}
    if not chosen:
        return "No program, so no ERAS fee: 0 USD."
    each = listing([f"{count:,} in {specialty}" for specialty, count in chosen.items()])
    anew = " Each specialty begins anew at the first price." if prices.per_specialty and len(chosen) > 1 else ""
    return f"{total:,} USD at the prices of the {prices.season} season, for {each}.{anew}"
