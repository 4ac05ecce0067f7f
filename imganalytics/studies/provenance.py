"""The sources behind a frame, as the database describes them."""

from collections.abc import Iterable
from functools import lru_cache

from imganalytics.result import Source
from imganalytics.warehouse import connect


def sources_of(source_ids: Iterable[str | None]) -> tuple[Source, ...]:
    """The sources with these ids, the most authoritative first; ids that are blank are left out."""
    return _sources_of(frozenset(source_id for source_id in source_ids if isinstance(source_id, str) and source_id))


@lru_cache(maxsize=256)
def _sources_of(wanted: frozenset[str]) -> tuple[Source, ...]:
    rows = connect().execute(
        """SELECT source_id, title, publisher, publication_year, read_at, rights, confidence FROM sources
           WHERE list_contains(?, source_id) ORDER BY precedence, source_id""", [sorted(wanted)]).fetchall()
    return tuple(Source(*row) for row in rows)
