"""Which database belongs to which facts: its file is named by the digest of all that it is made from."""

import hashlib
from pathlib import Path

from imganalytics import __version__, paths
from imganalytics.warehouse.schema import read_package


def digest(folder: Path) -> str:
    """SHA-256 of everything the database is made from: the described files, our code and the package version.

    Raises:
        DataError: ``datapackage.json`` cannot be read.
    """
    total = hashlib.sha256(__version__.encode())
    for path in [folder / "datapackage.json", *(folder / table.path for table in read_package(folder))]:
        total.update(path.name.encode() + b"\0")
        if path.is_file():
            total.update(path.read_bytes())
    for path in sorted(path for floor in ("statistics", "warehouse") for path in (paths.PACKAGE / floor).glob("*.py")):
        total.update(path.read_bytes())
    return total.hexdigest()


def database_path(folder: Path) -> Path:
    """Where the database made from `folder` lies. Its name holds the digest, so another content is another file."""
    return paths.home() / f"imganalytics-{__version__}-{digest(folder)[:16]}.duckdb"
