"""What every test stands on: a database of its own, built once from the facts in datasets/."""

import os
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

# Before anything of the package is imported, and for every process a test starts (kernels, the command line).
_HOME = tempfile.TemporaryDirectory(prefix="imganalytics-tests-")
os.environ["IMGANALYTICS_HOME"] = _HOME.name
os.environ.pop("IMGANALYTICS_DATASETS", None)


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def con():
    """A read-only connection to the database of the real facts."""
    from imganalytics.warehouse import connect

    return connect()


def pytest_terminal_summary(terminalreporter) -> None:
    """Says aloud, at the very end, that no notebook was opened in a browser."""
    skipped = [report for report in terminalreporter.stats.get("skipped", []) if "no Chromium" in str(report.longrepr)]
    if skipped:
        terminalreporter.write_sep("!", f"{len(skipped)} BROWSER TESTS SKIPPED: there is no Chromium here. "
                                        "Get one with: apt install chromium", red=True, bold=True)
