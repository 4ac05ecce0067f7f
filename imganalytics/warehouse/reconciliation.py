"""Our figures against the published ones: runs the comparisons and sets each difference against the declared gaps."""

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import pandas as pd

from imganalytics.warehouse.checks import CHECKS, Check
from imganalytics.warehouse.connection import connect


@dataclass(frozen=True)
class Outcome:
    """One comparison. `status` is agrees, declared gap, differs, or missing; `parts` counts what ours is the sum of."""

    check_id: str
    subject: str
    ours: float | None
    published: float | None
    status: str
    reason: str = ""
    parts: int | None = None

    @property
    def difference(self) -> float | None:
        """Ours minus published; None when either is missing."""
        return None if self.ours is None or self.published is None else self.ours - self.published

    @property
    def fails(self) -> bool:
        """Whether the check must stop."""
        return self.status in ("differs", "missing")


def reconcile(con: duckdb.DuckDBPyConnection, checks: Sequence[Check] = CHECKS) -> list[Outcome]:
    """Run the checks on the database and set each difference against the declared gaps.

    A gap without a size is a total that nobody published. A gap that has another size than declared differs; a
    declared gap that no longer occurs differs too, so that the declaration is taken back.
    """
    declared = {(check, subject): (gap, reason) for check, subject, gap, reason in con.execute(
        "SELECT check_id, subject, gap, reason FROM published.declared_gaps").fetchall()
        if checks is CHECKS or check in {each.check_id for each in checks}}
    outcomes = [outcome for check in checks for outcome in _run(con, check, declared)]
    seen = {(outcome.check_id, outcome.subject) for outcome in outcomes}
    outcomes += [Outcome(check, subject, None, None, "differs", "declared in declared_gaps.csv but nothing is compared")
                 for check, subject in declared if (check, subject) not in seen]
    return outcomes


def store(con: duckdb.DuckDBPyConnection) -> None:
    """Make the table ``reconciliation`` of every comparison, as ``imganalytics check`` shows it."""
    titles = {check.check_id: check.title for check in CHECKS}
    rows = [(o.check_id, titles.get(o.check_id), o.subject, o.parts, o.ours, o.published, o.difference, o.status, o.reason or None)
            for o in reconcile(con)]
    frame = pd.DataFrame(rows, columns=["check_id", "title", "subject", "parts", "ours", "published", "difference",
                                        "status", "explanation"])
    con.register("outcomes", frame)
    con.execute("""CREATE TABLE reconciliation AS SELECT check_id, title, subject, parts::BIGINT AS parts, ours, published,
                   difference, status, explanation FROM outcomes""")
    con.unregister("outcomes")


def agreement() -> str:
    """How the current database agrees with the published figures, in one line."""
    return in_one_line(reconcile(connect()))


def in_one_line(outcomes: list[Outcome]) -> str:
    """How many of the outcomes agree, are declared, or fail."""
    gaps = sum(outcome.status == "declared gap" for outcome in outcomes)
    failed = sum(outcome.fails for outcome in outcomes)
    return (f"{len(outcomes):,} figures compared with published ones: {len(outcomes) - gaps - failed:,} agree, "
            f"{gaps} declared gaps, {failed} fail")


def _run(con: duckdb.DuckDBPyConnection, check: Check, declared: dict) -> list[Outcome]:
    rows = con.execute(check.sql).fetchall()
    if not rows:
        return [Outcome(check.check_id, "nothing to compare", None, None, "missing", "the figures are gone")]
    return [_judge(check, subject, _number(ours), _number(published), *parts, gap=declared.get((check.check_id, subject)))
            for subject, ours, published, *parts in sorted(rows, key=lambda row: row[0])]


def _number(value: object) -> float | None:
    return None if value is None else float(value)


def _judge(check: Check, subject: str, ours: float | None, published: float | None, parts: int | None = None, *,
           gap: tuple[float | None, str] | None) -> Outcome:
    def outcome(status: str, reason: str = "") -> Outcome:
        return Outcome(check.check_id, subject, ours, published, status, reason, parts)

    size, why = gap or (None, "")
    if ours is None or published is None:
        if gap and size is None and ours is not None:
            return outcome("declared gap", why)
        return outcome("missing", "our figure is missing" if ours is None else "the published figure is missing")
    difference = ours - published
    if gap is None:
        return outcome("agrees" if abs(difference) <= check.tolerance else "differs")
    if size is None:
        return outcome("differs", "declared_gaps.csv says that no total is published, and now one is")
    if abs(difference - size) <= max(check.tolerance, 0.005):
        return outcome("declared gap", why)
    return outcome("differs", f"declared_gaps.csv says {size:+g}")
