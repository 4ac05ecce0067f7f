"""Where things are: the facts, the notebooks, and the user's own folders."""

import os
from pathlib import Path

from imganalytics.errors import UserError

PACKAGE = Path(__file__).resolve().parent


def _beside_package(name: str) -> Path:
    checkout = PACKAGE.parent / name
    return checkout if checkout.is_dir() else PACKAGE / name


def datasets() -> Path:
    """Folder of the published facts (``IMGANALYTICS_DATASETS`` overrides it)."""
    return Path(os.environ.get("IMGANALYTICS_DATASETS") or _beside_package("datasets"))


def notebooks() -> Path:
    """Folder of the notebooks."""
    return _beside_package("notebooks")


def home() -> Path:
    """The user's cache folder for the built database, made if missing (``IMGANALYTICS_HOME`` overrides it).

    Raises:
        UserError: the folder cannot be made.
    """
    import platformdirs

    folder = Path(os.environ.get("IMGANALYTICS_HOME") or platformdirs.user_cache_dir("imganalytics", False))
    return _made(folder, "database")


def own() -> Path:
    """The folder of what the user keeps: imported facts, shortlists, plans. Made if missing; nothing else clears it.

    It is not the cache, which a system may empty: ``IMGANALYTICS_OWN`` overrides it, then ``IMGANALYTICS_HOME``/own.

    Raises:
        UserError: the folder cannot be made.
    """
    import platformdirs

    home_set = os.environ.get("IMGANALYTICS_HOME")
    return _made(Path(os.environ.get("IMGANALYTICS_OWN") or (
        Path(home_set, "own") if home_set else platformdirs.user_data_dir("imganalytics", False))), "user's own files")


def _made(folder: Path, use: str) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = error.strerror or error
        raise UserError(f"{folder}: cannot be used as the folder for the {use} ({reason}); "
                        "set IMGANALYTICS_HOME to a folder you may write to") from None
    return folder
