"""Which published figures any comparison would find wrong, and which nothing watches."""

from dataclasses import dataclass

import duckdb

from imganalytics.warehouse.checks import CHECKS
from imganalytics.warehouse.schema import Table


@dataclass(frozen=True)
class Column:
    """Figures of one column: how many there are, and how many of them some comparison watches."""

    table: str
    field: str
    figures: int
    watched: int


def conditions(table: str, field: str) -> str:
    """SQL condition for the rows of ``published.<table>`` whose `field` some comparison watches."""
    found = [f"({cover.where})" for check in CHECKS for cover in check.covered
             if cover.table == table and field in cover.fields]
    return " OR ".join(found) or "false"


def watched(con: duckdb.DuckDBPyConnection, package: list[Table]) -> list[Column]:
    """Every column of figures of the tables in `package`, in their order."""
    rows = []
    for table in package:
        if not table.figures or "source_id" not in table.columns or table.name == "declared_gaps":
            continue
        counts = ", ".join(f"""count("{field.name}"), count("{field.name}") FILTER ({conditions(table.name, field.name)})"""
                           for field in table.figures)
        found = con.execute(f'SELECT {counts} FROM published."{table.name}"').fetchone()
        rows += [Column(table.name, field.name, *found[2 * at:2 * at + 2]) for at, field in enumerate(table.figures)]
    return rows
