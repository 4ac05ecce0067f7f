"""The warehouse: reads, checks and corrects the published facts and builds the DuckDB file, its only writer."""

from imganalytics.warehouse.build import Built, build, database_path
from imganalytics.warehouse.connection import connect, current_database
from imganalytics.warehouse.reconciliation import agreement, reconcile

__all__ = ["Built", "agreement", "build", "connect", "current_database", "database_path", "reconcile"]
