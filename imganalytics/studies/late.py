"""Specialties most of whose places start at PGY-2: their PGY-1 figures show a small part of them."""

from collections.abc import Iterable


def late_specialties(labels: Iterable[str], levels: Iterable[str], main_levels: Iterable[str | None]) -> list[str]:
    """Labels of those whose figures are of PGY-1 places while most of their places start at PGY-2, each once, in order.

    Args:
        labels, levels, main_levels: of each figure shown: the specialty's name, the entry level of the figure, and the
            level at which most places of the specialty start.
    """
    return sorted({label for label, level, main in zip(labels, levels, main_levels)
                   if main == "PGY-2" and level == "PGY-1"})
