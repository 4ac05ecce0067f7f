"""What a plan would cost: for each item the least and the most that sources print or the user typed; gaps are named."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from imganalytics.own.plan_fields import PATHWAYS, amounts
from imganalytics.studies.eras_fees import schedule
from imganalytics.studies.plan_facts import DAYS
from imganalytics.studies.plan_steps import LABELS, NOT_FOUND, OWN, PRINTED, Placed
from imganalytics.warehouse import connect

EMPLOYER, TOTAL = "paid by the employer", "sum"
# item of a plan -> item of the table costs
ITEMS = {"transcript": "ERAS USMLE transcript", "nrmp_registration": "NRMP Main Match registration",
         "ecfmg_application": "Application for ECFMG Certification",
         "step_1": "USMLE Step 1 or Step 2 CK (each, via ECFMG)", "step_2_ck": "USMLE Step 1 or Step 2 CK (each, via ECFMG)",
         "oet": "Occupational English Test", "step_3": "USMLE Step 3", "observership": "Observership programme fee",
         "h1b_petition": "H-1B initial petition, total"}
FEE_LABELS = {
    **{key: LABELS[key] for key in ("step_1", "step_2_ck", "oet", "step_3", *PATHWAYS, "licence")},
    "eras": "ERAS application", "transcript": "USMLE transcript for ERAS", "nrmp_registration": "NRMP registration",
    "ecfmg_application": "ECFMG application", "surcharge": "Steps taken outside US and Canada",
    "j1_fees": "J-1 fees (SEVIS, DS-2019, visa)", "h1b_petition": "H-1B petition",
    "travel": "Travel and interviews", "living": "Living costs"}

QUERY = """
SELECT c.cost_id, c.item, c.payer, c.amount_usd, c.low_usd, c.high_usd, c.unit, c.season_or_year, c.status, c.source_id,
       s.confidence, c.note
FROM costs c JOIN sources s USING (source_id)
WHERE list_contains($items::VARCHAR[], c.item) OR c.item LIKE 'H-1B initial petition, total%' ORDER BY c.cost_id"""


@dataclass(frozen=True)
class Fee:
    """A printed amount: least and most (None: only the least is printed), for which year, and by whom."""

    cost_id: str
    item: str
    low: float
    high: float | None
    year: int | None
    said: str
    primary: bool
    source_id: str


@dataclass(frozen=True)
class Cost:
    """An item of a plan; `low` None where no source has a figure and none was typed."""

    key: str
    label: str
    low: float | None
    high: float | None
    status: str              # PRINTED, OWN, NOT_FOUND, EMPLOYER or TOTAL
    said: str                # for which years it is printed, and what it is of
    year: int | None = None  # the latest for which it is printed
    open: bool = False       # at least so much: no upper amount is known
    rows: tuple[tuple[str, str, str], ...] = ()

    @property
    def in_sum(self) -> bool:
        """Whether the item is part of the applicant's sum."""
        return self.low is not None and self.status in (PRINTED, OWN)


@cache
def fees() -> dict[str, tuple[Fee, ...]]:
    """Every printed amount of each item of a plan, by the key of the item."""
    wanted = sorted(set(ITEMS.values()))
    found = [Fee(cost_id, item, low if usd is None else usd, high if usd is None else usd, _year(said), said,
                 confidence == "primary", source)
             for cost_id, item, _, usd, low, high, _, said, _, source, confidence, _
             in connect().execute(QUERY, {"items": wanted}).fetchall()]
    return {key: tuple(fee for fee in found if fee.item.startswith(item)) for key, item in ITEMS.items()}


def _year(said: str | None) -> int | None:
    years = re.findall(r"\d{4}", said or "")
    return max(map(int, years)) if years else None


@cache
def latest(key: str) -> tuple[Fee, ...]:
    """The amounts of an item that stand now: those for the latest year, undated ones, and the latest official ones.

    An older official amount stays beside a newer one from elsewhere, for the two disagree until someone looks it up;
    what an official source itself replaced is history, not disagreement.
    """
    dated = [fee for fee in fees()[key] if fee.year is not None]
    newest = max((fee.year for fee in dated), default=None)
    official = max((fee.year for fee in dated if fee.primary), default=None)
    return tuple(fee for fee in fees()[key] if fee.year in (None, newest) or (fee.primary and fee.year == official))


def costs_of(programs: Mapping[str, int], exams: Sequence[str], pathways: Sequence[str], visa: str,
             placed: Mapping[str, Placed], typed: Mapping[str, object]) -> list[Cost]:
    """The items of a plan, typed amounts in place of printed ones."""
    return [_cost(key, programs, placed, typed) for key in keys_of(programs, exams, pathways, visa)]


def keys_of(programs: Mapping[str, int], exams: Sequence[str], pathways: Sequence[str], visa: str) -> list[str]:
    """Keys of the items of a plan, in the order in which they are usually paid."""
    keys = [key for key in ("step_1", "step_2_ck", "oet") if key in exams]
    keys += ["surcharge"] * bool({"step_1", "step_2_ck"} & set(exams)) + ["ecfmg_application"] * ("certificate" in exams)
    keys += ["step_3"] * ("step_3" in exams) + [key for key in PATHWAYS if key in pathways]
    keys += ["eras"] + ["transcript", "nrmp_registration"] * (sum(programs.values()) > 0)
    return keys + {"j1": ["j1_fees"], "h1b": ["licence", "h1b_petition"]}.get(visa, []) + ["travel", "living"]


def _cost(key: str, programs: Mapping[str, int], placed: Mapping[str, Placed], typed: Mapping[str, object]) -> Cost:
    if key in typed:
        low, high = amounts(typed[key])
        return Cost(key, FEE_LABELS[key], low, high, OWN, "your own figure")
    if key == "eras":
        return _eras(programs)
    if key not in ITEMS:
        return Cost(key, FEE_LABELS[key], None, None, NOT_FOUND, f"{NOT_FOUND}: type yours")
    if key == "observership":
        return _monthly(placed[key])
    return _printed(key, EMPLOYER if key == "h1b_petition" else PRINTED)


def _eras(programs: Mapping[str, int]) -> Cost:
    prices, count = schedule(), sum(programs.values())
    fee = float(prices.fee(programs))
    label = f"ERAS, {count:,} program{'s' * (count != 1)}"
    if not count:
        return Cost("eras", label, 0.0, 0.0, PRINTED, "no program, so no fee")
    rows = tuple(("costs", f"cost_id={tier.cost_id}", tier.source_id) for tier in prices.tiers
                 if any(tier.programs(each) for each in programs.values()))
    return Cost("eras", label, fee, fee, PRINTED, f"{prices.season} season", prices.season, rows=rows)


def _printed(key: str, status: str, times: tuple[float, float] = (1.0, 1.0), of: str = "") -> Cost:
    standing = latest(key)
    said = ", ".join(dict.fromkeys(fee.said for fee in sorted(standing, key=lambda fee: (fee.year is None, fee.year))))
    said = said.removeprefix("matches opening ")
    low, high = min(fee.low for fee in standing), max(fee.low if fee.high is None else fee.high for fee in standing)
    return Cost(key, FEE_LABELS[key], float(round(times[0] * low)), float(round(times[1] * high)), status, said + of,
                max((fee.year for fee in standing if fee.year), default=None), any(fee.high is None for fee in standing),
                tuple(("costs", f"cost_id={fee.cost_id}", fee.source_id) for fee in standing))


def _monthly(step: Placed) -> Cost:
    """A fee by the month, over the least and the most months of the step."""
    if step.days is None:
        return Cost(step.key, FEE_LABELS[step.key], None, None, NOT_FOUND, "type the weeks of it")
    months = tuple(length / DAYS["months"] for length in step.days)
    return _printed(step.key, PRINTED, months, f", {months[0]:.1f} to {months[1]:.1f} months")


def total(costs: Sequence[Cost]) -> Cost:
    """The applicant's sum of what is known; what it leaves out is in :func:`left_out`."""
    counted = [cost for cost in costs if cost.in_sum]
    return Cost("total", "Sum of what is known", sum(cost.low for cost in counted), sum(cost.high for cost in counted),
                TOTAL, f"{len(counted)} of {len(costs)} items", open=any(cost.open for cost in counted))


def left_out(costs: Sequence[Cost]) -> list[str]:
    """The items that are not in the sum, each with the reason."""
    return [f"{cost.label} ({usd(cost.low, cost.high)}, {EMPLOYER})" if cost.status == EMPLOYER else cost.label
            for cost in costs if not cost.in_sum]


def usd(low: float | None, high: float | None, more: bool = False, unit: str = "USD") -> str:
    """'330 USD', '70 to 75 USD', '400 USD or more'."""
    if low is None:
        return "\u2013"
    least, most = (f"{value:,.2f}".removesuffix(".00") for value in (low, high))
    return (f"{least} {unit}" if least == most else f"{least} to {most} {unit}") + (" or more" if more else "")
