"""Facts the user brings: read a file, keep what is taken, and hand it to the studies with file, date and row.

The file is never touched; what is taken lies in the user's own folder, never in ``datasets/``.
"""

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from imganalytics.own import import_store
from imganalytics.own.import_store import Import, remove, token

if TYPE_CHECKING:  # listing and removing do without
    import pandas as pd

COLUMNS = ("program_key", "field", "value", "number", "import_id", "file", "sha256", "imported_at", "as_of", "row", "head")
PLACES = ("program_key", "institution", "city", "state", "specialty", "import_id", "row")

__all__ = ["Import", "broken", "imported_facts", "imported_programs", "imports", "newest", "read", "remove", "store", "token"]


def __getattr__(name: str) -> Any:
    """`read` and `store` (of import_preview) come with Excel and search; what only shows facts does without."""
    if name in ("read", "store"):
        from imganalytics.own import import_preview

        return getattr(import_preview, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def imports() -> list[Import]:
    """All imports that can be read, oldest first."""
    return [each.about for each in import_store.stored()[0]]


def broken() -> list[str]:
    """A line for each import that cannot be read, naming the file and what to do; the others are used all the same."""
    return list(import_store.stored()[1])


def imported_facts() -> "pd.DataFrame":
    """Every imported fact, one a row; cached until an import comes or goes, so not to be changed by a caller.

    `value` is the text of the file (in our words for visas and 'no limit'), `number` its number (NaN for words),
    `as_of` the date that the source gives ("" if none), `row` the line in the file and `head` the head of its column.
    """
    return _facts(token())


@lru_cache(maxsize=2)
def _facts(_state: tuple[Any, ...]) -> "pd.DataFrame":
    import pandas as pd

    rows = [[*row, each.about.import_id, each.about.file, each.about.sha256, each.about.imported_at]
            for each in import_store.stored()[0] for row in each.facts]
    frame = pd.DataFrame(rows, columns=[*import_store.FACTS, "import_id", "file", "sha256", "imported_at"])
    frame["number"] = pd.to_numeric(frame["number"], errors="coerce").astype("float64")
    frame["row"] = pd.to_numeric(frame["row"], errors="coerce").fillna(0).astype("int64")
    return frame[list(COLUMNS)]


def imported_programs() -> "pd.DataFrame":
    """The programs of the user's own private list, one a row; cached like the facts."""
    return _programs(token())


@lru_cache(maxsize=2)
def _programs(_state: tuple[Any, ...]) -> "pd.DataFrame":
    import pandas as pd

    rows = [[*row, each.about.import_id] for each in import_store.stored()[0] for row in each.programs]
    frame = pd.DataFrame(rows, columns=[*import_store.PROGRAMS, "import_id"])
    frame["row"] = pd.to_numeric(frame["row"], errors="coerce").fillna(0).astype("int64")
    return frame[list(PLACES)].drop_duplicates("program_key", keep="last", ignore_index=True)


def newest(facts: "pd.DataFrame") -> "pd.DataFrame":
    """Of each program and field the latest fact: by the date its source gives, else by the day of its import."""
    stated = facts["as_of"].where(facts["as_of"] != "", facts["imported_at"].str[:10])
    order = ["stated", "imported_at", "import_id", "row"]
    latest = facts.assign(stated=stated).sort_values(order, kind="stable").drop_duplicates(["program_key", "field"], keep="last")
    return latest.drop(columns="stated")
