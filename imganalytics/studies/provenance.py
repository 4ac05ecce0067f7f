"""The sources behind a frame, as the database describes them."""

from collections.abc import Iterable
from functools import cache, lru_cache

from imganalytics.result import Source
from imganalytics.warehouse import connect


@cache
def source_names() -> dict[str, str]:
    """Publisher and year of each source, by its id."""
    rows = connect().execute("SELECT source_id, concat_ws(', ', publisher, publication_year) FROM sources").fetchall()
    return dict(rows)


def sources_of(source_ids: Iterable[str | None], corrections: Iterable[str | None] = ()) -> tuple[Source, ...]:
    """The sources with these ids, the most authoritative first; ids that are blank are left out.

    `corrections` are those laid over the figures ('c002, c003'): what they go by is a source of the figures too.
    """
    return _sources_of(_words(source_ids), _words(corrections))


def _words(texts: Iterable[str | None]) -> frozenset[str]:
    return frozenset(word for text in set(texts) if isinstance(text, str) and text for word in text.split(", "))


@lru_cache(maxsize=256)
def _sources_of(wanted: frozenset[str], corrections: frozenset[str]) -> tuple[Source, ...]:
    rows = connect().execute(
        """SELECT source_id, title, publisher, publication_year, read_at, rights, confidence FROM sources
           WHERE list_contains($1, source_id)
              OR source_id IN (SELECT source_id FROM corrections WHERE list_contains($2, correction_id))
           ORDER BY precedence, source_id""", [sorted(wanted), sorted(corrections)]).fetchall()
    return tuple(Source(*row) for row in rows)
