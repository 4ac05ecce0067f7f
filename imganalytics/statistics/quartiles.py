"""Where a value lies among published quartiles, and what two middle halves share. Pure functions."""

from collections.abc import Mapping
from typing import NamedTuple


class Place(NamedTuple):
    """Names of the marks that a value equals, and of the nearest ones below and above it (None: there is none)."""

    at: tuple[str, ...]
    below: str | None
    above: str | None


def place(value: float, marks: Mapping[str, float]) -> Place:
    """Where `value` lies among `marks` (name: value, ascending); marks that are NaN are left out.

    Nothing is interpolated: between two published marks nothing is known but that it lies between them.
    """
    known = {name: mark for name, mark in marks.items() if mark == mark}
    lower = [name for name, mark in known.items() if mark < value]
    upper = [name for name, mark in known.items() if mark > value]
    return Place(tuple(name for name, mark in known.items() if mark == value),
                 lower[-1] if lower else None, upper[0] if upper else None)


def shared(first: tuple[float, float], second: tuple[float, float]) -> tuple[float, float] | None:
    """The part that two ranges (low, high) have in common; None when they have none, or when a limit is NaN."""
    low, high = max(first[0], second[0]), min(first[1], second[1])
    known = all(limit == limit for limit in (*first, *second))
    return (low, high) if known and low <= high else None
