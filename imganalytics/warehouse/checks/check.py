"""What one kind of comparison consists of."""

import re
from dataclasses import dataclass

HALF_A_TENTH = 0.0501  # a printed percentage has one decimal
HALF = 0.501  # ... or none


@dataclass(frozen=True)
class Cover:
    """Cells that a comparison would miss if they were wrong: `fields` of the rows of a table that fit `where`."""

    table: str
    fields: tuple[str, ...]
    where: str


@dataclass(frozen=True)
class Check:
    """One kind of reconciliation.

    Attributes:
        check_id: its name in declared_gaps.csv.
        title: what is compared, in words.
        sql: query over ``published.*`` and ``sums.*`` that gives (subject, ours, published) and, where ours is a sum,
            the number of its parts; blanks count as missing.
        covers: the cells that it watches, each as 'table: field, field [WHERE condition]'.
        tolerance: the largest difference that agrees, in the unit of the figures.
    """

    check_id: str
    title: str
    sql: str
    covers: tuple[str, ...] = ()
    tolerance: float = 0.0

    @property
    def covered(self) -> list[Cover]:
        """`covers`, taken apart."""
        parts = [re.fullmatch(r"(\w+): (.+?)(?: WHERE (.+))?", text, re.DOTALL) for text in self.covers]
        return [Cover(part[1], tuple(part[2].split(", ")), part[3] or "true") for part in parts if part]
