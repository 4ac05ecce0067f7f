"""What is compared with what: every published total with its parts, every printed share, every second source."""

from imganalytics.warehouse.checks import fellowships, main_match, other_facts, programs
from imganalytics.warehouse.checks.check import Check, Cover

CHECKS: tuple[Check, ...] = (*main_match.CHECKS, *programs.CHECKS, *fellowships.CHECKS, *other_facts.CHECKS)

__all__ = ["CHECKS", "Check", "Cover"]
