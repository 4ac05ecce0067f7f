"""The warehouse: reads, checks and corrects the published facts and builds the DuckDB file, its only writer."""

from imganalytics.warehouse.build import Built, build, database_path
from imganalytics.warehouse.connection import connect, current_database

__all__ = ["Built", "build", "connect", "current_database", "database_path"]
