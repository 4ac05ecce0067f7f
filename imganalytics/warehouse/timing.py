"""How long each table of a build takes."""

import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def timed(seconds: dict[str, float], name: str) -> Iterator[None]:
    """Adds the time spent inside to ``seconds[name]``."""
    start = time.perf_counter()
    yield
    seconds[name] += time.perf_counter() - start
