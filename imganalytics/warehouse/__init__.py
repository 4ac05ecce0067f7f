"""The warehouse: reads, checks and corrects the published facts and builds the DuckDB file, its only writer."""

from importlib import import_module
from typing import Any

# loaded on first use: a query from the shell needs neither pandas nor the builder
_HOMES = {"Built": "builder", "build": "builder", "connect": "connection", "current_database": "connection",
          "database_path": "location", "agreement": "reconciliation", "reconcile": "reconciliation"}
__all__ = list(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'imganalytics.warehouse' has no attribute {name!r}")
    return getattr(import_module(f"imganalytics.warehouse.{_HOMES[name]}"), name)
