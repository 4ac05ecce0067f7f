"""What ``datasets/datapackage.json`` says about each file: columns, types, units, keys."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from imganalytics.errors import DataError

ORDERS = re.compile(r"(.+_)?year|precedence|sort_order|tile_(row|column)")  # whole numbers that measure nothing
SQL_TYPES = {"string": "VARCHAR", "integer": "BIGINT", "number": "DOUBLE", "boolean": "BOOLEAN"}


@dataclass(frozen=True)
class Field:
    """One column: its Frictionless type, its unit, what is allowed in it and what it holds."""

    name: str
    type: str
    unit: str
    constraints: dict[str, Any]
    description: str = ""

    @property
    def sql_type(self) -> str:
        """DuckDB type of the column."""
        return SQL_TYPES[self.type]

    @property
    def is_figure(self) -> bool:
        """Whether the column holds published figures, and not years, orders or counts of our own rows."""
        return (self.type in ("integer", "number") and self.unit not in ("rows", "editions")
                and not (self.unit == "" and ORDERS.fullmatch(self.name)))

    @property
    def allowed(self) -> str:
        """What may stand in the column, in words."""
        limits = self.constraints
        if "enum" in limits:
            return ", ".join(limits["enum"])
        words = {"string": "text", "integer": "a whole number", "number": "a number",
                 "boolean": "true or false"}[self.type]
        if "minimum" in limits and "maximum" in limits:
            words += f" from {limits['minimum']} to {limits['maximum']}"
        elif "minimum" in limits:
            words += f", {limits['minimum']} or more"
        if "pattern" in limits:
            words += f" of the form {limits['pattern']}"
        if self.unit and not self.unit.startswith("see "):
            words += f" ({self.unit})"
        return words if limits.get("required") else f"{words}, or blank when not published"


@dataclass(frozen=True)
class ForeignKey:
    """Columns whose values must stand in columns of another table."""

    columns: tuple[str, ...]
    table: str
    references: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """One file of ``datasets/``."""

    name: str
    title: str
    path: str
    fields: tuple[Field, ...]
    key: tuple[str, ...]
    foreign_keys: tuple[ForeignKey, ...]

    @cached_property
    def columns(self) -> list[str]:
        """Column names in the order of the file."""
        return [field.name for field in self.fields]

    @cached_property
    def figures(self) -> list[Field]:
        """The columns that hold published figures: those outside the primary key."""
        return [field for field in self.fields if field.is_figure and field.name not in self.key]

    @property
    def linking(self) -> set[str]:
        """Columns of the primary and the foreign keys."""
        return {*self.key, *(name for key in self.foreign_keys for name in key.columns)}


def _names(value: str | list[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _table(resource: dict[str, Any]) -> Table:
    schema = resource["schema"]
    if not isinstance(resource["path"], str):
        raise ValueError(f"{resource['name']}: path {resource['path']!r}; allowed: the name of one file")
    for field in schema["fields"]:
        if field["type"] not in SQL_TYPES:
            raise ValueError(f"{resource['name']}, column {field['name']!r}: type {field['type']!r}; "
                             f"allowed: {', '.join(SQL_TYPES)}")
    fields = tuple(Field(f["name"], f["type"], f.get("unit", ""), f.get("constraints", {}), f.get("description", ""))
                   for f in schema["fields"])
    foreign_keys = tuple(
        ForeignKey(_names(fk["fields"]), fk["reference"]["resource"] or resource["name"],
                   _names(fk["reference"]["fields"]))
        for fk in schema.get("foreignKeys", []))
    return Table(resource["name"], resource.get("title", resource["name"]), resource["path"], fields, _names(schema.get("primaryKey", [])), foreign_keys)


def _broken_keys(tables: list[Table]) -> Iterator[str]:
    """Key columns that no table has, one line each."""
    known = {table.name: table.columns for table in tables}
    for table in tables:
        named = [(table.name, table.key)]
        for key in table.foreign_keys:
            named += [(table.name, key.columns), (key.table, key.references)]
        for name, columns in named:
            yield from (f"datapackage.json: a key of {table.name} names column {column!r} of {name}, "
                        "which is not described" for column in columns if column not in known.get(name, ()))


def read_package(folder: Path) -> list[Table]:
    """Tables described by ``datapackage.json`` in `folder`, in its order.

    Raises:
        DataError: the file is missing or is not a data package.
    """
    path = folder / "datapackage.json"
    try:
        tables = [_table(resource) for resource in json.loads(path.read_text(encoding="utf-8-sig"))["resources"]]
    except (FileNotFoundError, NotADirectoryError):
        raise DataError([f"{path}: no such file; it describes the tables in datasets/"]) from None
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise DataError([f"{path.name}: not valid JSON in UTF-8 ({error})"]) from None
    except KeyError as error:
        raise DataError([f"{path.name}: a resource lacks {error}"]) from None
    except (ValueError, TypeError, AttributeError) as error:
        raise DataError([f"{path.name}: not a data package ({error})"]) from None
    if problems := list(_broken_keys(tables)):
        raise DataError(problems)
    return tables
