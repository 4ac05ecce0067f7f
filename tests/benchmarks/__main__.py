"""Prints how long things take, each beside what it is compared with: ``python -m tests.benchmarks [words of a name]``."""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from tests.benchmarks import programs, slider
from tests.browser.lab import CHECKOUT, chromium


class Line(NamedTuple):
    """A measured value beside its reference; `target` is in words, met when `good(ratio)`."""

    what: str
    measured: float
    reference: float
    unit: str
    target: str
    good: Callable[[float], bool]


def slider_to_chart() -> Iterator[Line]:
    """Needs a Chromium."""
    if not chromium():
        print("no Chromium: the slider is not measured (apt install chromium)", file=sys.stderr)
        return
    took = slider.of_the_product()
    yield Line("slider to repainted chart / to an echo", took.shown, took.echo, "ms", "at most 1.8", lambda r: r <= 1.8)
    yield Line("interact + plotly express / our slider", took.interact, took.shown, "ms", "at least 3.5",
               lambda r: r >= 3.5)
    yield Line("interact / drawn by plotly, hand at rest", took.interact, took.drawn, "ms", "-", lambda r: True)


def build_time() -> Iterator[Line]:
    """The whole database, beside starting the command that builds it."""
    yield Line("build --force / --version", _median_seconds("-m", "imganalytics", "build", "--force"),
               _median_seconds("-m", "imganalytics", "--version"), "s", "-", lambda r: True)


def import_time() -> Iterator[Line]:
    """The package, beside Python alone."""
    yield Line("import imganalytics / python", _median_seconds("-c", "import imganalytics"),
               _median_seconds("-c", "pass"), "s", "-", lambda r: True)


def sql_cold_time() -> Iterator[Line]:
    """A query from the shell, beside DuckDB alone."""
    yield Line("imganalytics sql / import duckdb", _median_seconds("-m", "imganalytics", "sql", "select 1"),
               _median_seconds("-c", "import duckdb; duckdb.sql('select 1').fetchall()"), "s", "-", lambda r: True)


def kernel_memory() -> Iterator[Line]:
    """Notebook 01 run to its end, beside a kernel that has only imported what it stands on."""
    explorer = (CHECKOUT / "notebooks" / "01_specialty_competitiveness.ipynb").read_text("utf-8")
    yield Line("kernel with notebook 01 / with its libraries", _kernel_megabytes(explorer),
               _kernel_megabytes(_one_cell("import duckdb, ipywidgets, pandas, plotly.graph_objects, anywidget")),
               "MB", "-", lambda r: True)


def all_programs() -> Iterator[Line]:
    """Filters and search on all training programs, beside the slider of the first notebook."""
    reference = programs.competitiveness_ms()
    yield Line("filter on all programs / slider of notebook 01", programs.filter_ms(), reference, "ms", "at most 1", lambda r: r <= 1)
    median, slowest = programs.letter_ms()
    yield Line("a letter of a search / slider of notebook 01", median, reference, "ms", "at most 1", lambda r: r <= 1)
    yield Line("the slowest letter / slider of notebook 01", slowest, reference, "ms", "-", lambda r: True)


def import_of_programs() -> Iterator[Line]:
    """A synthetic file of 10,000 rows taken, beside reading it with Python's csv."""
    with tempfile.TemporaryDirectory(prefix="imganalytics-bench-") as folder:
        ours, plain = programs.import_seconds(Path(folder))
        yield Line("import of 10,000 rows / csv.DictReader", ours, plain, "s", "-", lambda r: True)


BENCHMARKS = [all_programs, import_of_programs, slider_to_chart, build_time, import_time, sql_cold_time, kernel_memory]


def _median_seconds(*arguments: str, times: int = 5) -> float:
    took = []
    for _ in range(times):
        start = time.perf_counter()
        subprocess.run([sys.executable, *arguments], cwd=CHECKOUT, check=True, stdout=subprocess.DEVNULL)
        took.append(time.perf_counter() - start)
    return statistics.median(took)


def _one_cell(source: str) -> str:
    import nbformat

    return nbformat.writes(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)]))


def _kernel_megabytes(notebook: str) -> float:
    """Resident memory of a kernel that has run the notebook."""
    import nbformat
    from nbclient import NotebookClient

    book = nbformat.reads(notebook, as_version=4)
    book.cells.append(nbformat.v4.new_code_cell(
        "from pathlib import Path\ntry:\n    import psutil\n    print(psutil.Process().memory_info().rss >> 10)\n"
        "except ImportError:\n    print(Path('/proc/self/status').read_text().split('VmRSS:')[1].split()[0])"))
    NotebookClient(book, kernel_name="python3", resources={"metadata": {"path": str(CHECKOUT)}}).execute()
    return int(book.cells[-1].outputs[0]["text"]) / 1024


def main(wanted: list[str]) -> int:
    """Print the table; 1 when a target is missed."""
    missed = 0
    print(f"{'what / compared with':<46}{'measured':>12}{'reference':>12}{'ratio':>8}  target")
    for benchmark in BENCHMARKS:
        if wanted and not any(word in benchmark.__name__ for word in wanted):
            continue
        for line in benchmark():
            ratio = line.measured / line.reference
            missed += not line.good(ratio)
            print(f"{line.what:<46}{line.measured:>9.4g} {line.unit:<2}{line.reference:>9.4g} {line.unit:<2}"
                  f"{ratio:>8.2f}  {line.target}{'' if line.good(ratio) else '  MISSED'}", flush=True)
    return min(missed, 1)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="imganalytics-bench-") as home:
        os.environ["IMGANALYTICS_HOME"] = home  # the user's own database is left alone
        os.environ["PYTHONPATH"] = str(Path(CHECKOUT))
        sys.exit(main(sys.argv[1:]))
