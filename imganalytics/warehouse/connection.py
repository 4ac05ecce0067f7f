"""Open the database to read it, building it first when it is missing or out of date."""

import sys
from functools import lru_cache
from pathlib import Path

import duckdb

from imganalytics import __version__, paths
from imganalytics.errors import DataError, UserError
from imganalytics.warehouse.location import database_path

# A reader can neither write, nor touch other files, nor fetch anything.
READ_ONLY = {
    "access_mode": "READ_ONLY",
    "enable_external_access": False,
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}


def current_database(folder: Path | None = None) -> Path:
    """The database for what stands in ``datasets/`` now, built if need be.

    When the facts have changed but do not pass, the last good database answers, and a line on stderr says so.

    Raises:
        DataError: nothing could be built and there is no earlier database.
    """
    folder = folder or paths.datasets()
    try:
        path = database_path(folder)
        if path.exists():
            return path
        from imganalytics.warehouse.builder import build  # pandas, which a reader need not wait for

        return build(folder).path
    except DataError as error:
        earlier = sorted(paths.home().glob(f"imganalytics-{__version__}-*.duckdb"),
                         key=lambda path: path.stat().st_mtime)
        if not earlier:
            raise
        count = len(error.problems)
        print(f"datasets/ has changed and does not pass ({count} problem{'s' * (count > 1)}; see 'imganalytics build'): "
              f"these answers come from the last good database, {earlier[-1].name}", file=sys.stderr)
        return earlier[-1]


@lru_cache(maxsize=4)
def _open(path: Path) -> duckdb.DuckDBPyConnection:
    try:
        return duckdb.connect(path, config=READ_ONLY)
    except duckdb.IOException as error:
        reason = str(error).splitlines()[0]
        raise UserError(f"{path}: the database cannot be opened ({reason}); 'imganalytics build --force' makes it anew"
                        ) from None


@lru_cache(maxsize=1)
def _default() -> duckdb.DuckDBPyConnection:
    return _open(current_database())


def connect() -> duckdb.DuckDBPyConnection:
    """A read-only connection to the current database (one database a process, a cursor a call).

    The first call in a process looks whether ``datasets/`` has changed; later calls answer from the same file.

    Raises:
        UserError: the database can be neither opened nor built.
    """
    return _default().cursor()
