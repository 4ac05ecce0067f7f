"""Work that can wait until a slider rests."""

import asyncio
from collections.abc import Callable


class Later:
    """Runs the last of several callbacks once `seconds` have passed without a new one.

    Without a running event loop (no notebook, no browser) each callback runs at once.
    """

    def __init__(self, seconds: float):
        self.seconds = seconds
        self._waiting: asyncio.TimerHandle | None = None

    def __call__(self, callback: Callable[[], None]) -> None:
        """Run `callback`, unless another one comes first."""
        if self._waiting:
            self._waiting.cancel()
            self._waiting = None
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            callback()
        else:
            self._waiting = loop.call_later(self.seconds, callback)
