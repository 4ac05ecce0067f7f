"""Where things are: the facts, the notebooks, and the user's own folder."""

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
    """The user's own folder for the built database, made if missing (``IMGANALYTICS_HOME`` overrides it).

    Raises:
        UserError: the folder cannot be made.
    """
    import platformdirs

    folder = Path(os.environ.get("IMGANALYTICS_HOME") or platformdirs.user_cache_dir("imganalytics", False))
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = error.strerror or error
        raise UserError(f"{folder}: cannot be used as the folder for the database ({reason}); "
                        "set IMGANALYTICS_HOME to a folder you may write to") from None
    return folder
