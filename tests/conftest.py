"""What every test stands on: a database of its own, built once from the facts in datasets/."""

import itertools
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

# Before anything of the package is imported, and for every process a test starts (kernels, the command line).
_HOME = tempfile.TemporaryDirectory(prefix="imganalytics-tests-")
os.environ["IMGANALYTICS_HOME"] = _HOME.name
os.environ.pop("IMGANALYTICS_DATASETS", None)
os.environ.pop("IMGANALYTICS_OWN", None)


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def con():
    """A read-only connection to the database of the real facts."""
    from imganalytics.warehouse import connect

    return connect()


@pytest.fixture
def built(tmp_path, monkeypatch) -> Callable:
    """Function from synthetic tables to a database made of them."""
    import duckdb

    from imganalytics.warehouse import build
    from tests.datasets_copy import synthetic

    monkeypatch.setenv("IMGANALYTICS_HOME", str(tmp_path / "home"))
    number = itertools.count()

    def from_tables(**tables: list[dict]) -> duckdb.DuckDBPyConnection:
        facts = synthetic(tmp_path / f"datasets {next(number)}", **tables)
        return duckdb.connect(build(facts.folder).path, read_only=True)

    return from_tables


@pytest.fixture(scope="session")
def good(tmp_path_factory) -> tuple:
    """Good facts, the first rows of each table of datasets/, and a home that holds a database made of them."""
    from imganalytics.warehouse import build
    from tests.datasets_copy import cut_copy

    folder = tmp_path_factory.mktemp("good")
    facts, home = cut_copy(folder / "datasets"), folder / "home"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IMGANALYTICS_HOME", str(home))
        build(facts.folder)
    return facts, home


@pytest.fixture
def home(good, monkeypatch) -> Path:
    """The home with the good database, for this process and those it starts."""
    monkeypatch.setenv("IMGANALYTICS_HOME", str(good[1]))
    return good[1]


@pytest.fixture
def facts(good, tmp_path):
    """A copy of the good facts, to be spoilt."""
    from tests.datasets_copy import Facts

    yield Facts(shutil.copytree(good[0].folder, tmp_path / "datasets"))
    shutil.rmtree(tmp_path / "datasets")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """What a process of its own measured goes with its results."""
    from tests import report

    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["measured"] = report.LINES


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node) -> None:
    """Take over what a process of its own measured."""
    from tests import report

    report.LINES.extend(getattr(node, "workeroutput", {}).get("measured", []))


def pytest_terminal_summary(terminalreporter) -> None:
    """What tests measured; and, said aloud at the very end, that no notebook was opened in a browser."""
    from tests import report

    if report.LINES:
        terminalreporter.write_sep("-", "measured")
        for line in report.LINES:
            terminalreporter.write_line(line)
    skipped = [report for report in terminalreporter.stats.get("skipped", []) if "no Chromium" in str(report.longrepr)]
    if skipped:
        terminalreporter.write_sep("!", f"{len(skipped)} BROWSER TESTS SKIPPED: there is no Chromium here. "
                                        "Get one with: apt install chromium", red=True, bold=True)
