"""Cited figures of the US residency Match, for advisers of international medical graduates.

Everything heavy is loaded on first use: ``import imganalytics`` stays under a third of a second.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_HOMES = {
    "connect": "imganalytics.warehouse",
    "build": "imganalytics.warehouse",
    "reconcile": "imganalytics.warehouse",
    "competitiveness": "imganalytics.studies.competitiveness",
    "explain": "imganalytics.studies.explain",
    "Result": "imganalytics.result",
    "UserError": "imganalytics.errors",
}
__all__ = ["__version__", *_HOMES]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'imganalytics' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
