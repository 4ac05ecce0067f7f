"""Which tests run in one process when several run at a time: those of a file, and those of the browser, which share one.

A plugin of its own (see pyproject.toml), since a run of the notebooks alone reads no conftest.py of the tests. Marks of
xdist do not group with this pytest (pytest-xdist issue 1386), so the groups are read off the names.
"""

from xdist.scheduler import LoadScopeScheduling


class ByFile(LoadScopeScheduling):
    """Hands out whole files, and the folder of the browser as one."""

    def _split_scope(self, nodeid: str) -> str:
        return "browser" if nodeid.startswith("tests/browser/") else nodeid.split("::")[0]


def pytest_xdist_make_scheduler(config, log) -> ByFile:
    """Called by xdist in the process that hands out the tests."""
    return ByFile(config, log)
