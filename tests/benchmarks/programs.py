"""Work on all training programs, in this process: filters, search as it is typed, an import."""

import csv
import statistics
import time
from collections.abc import Callable
from pathlib import Path

WORDS = ("massachusetts general internal", "univeristy of alabma", "jackson im", "temple psychiatry")
ROWS = 10_000


def _median(action: Callable[[int], object], times: int = 15) -> float:
    took = []
    for number in range(times):
        start = time.perf_counter()
        action(number)
        took.append(time.perf_counter() - start)
    return statistics.median(took[1:]) * 1000


def filter_ms() -> float:
    """The least number of years with unfilled places moved by one, on all programs: study and new order of the table."""
    from imganalytics.explorers.programs import ProgramsExplorer

    explorer = ProgramsExplorer()
    slider = explorer._controls["years_unfilled"]
    return _median(lambda number: setattr(slider, "value", 1 + number % 3))


def competitiveness_ms() -> float:
    """The slider of the first notebook, which the filter is compared with: study and chart."""
    from imganalytics.explorers.competitiveness import CompetitivenessExplorer

    explorer = CompetitivenessExplorer()
    return _median(lambda number: explorer.__setattr__("selection", {"minimum_applicants": 5 + 5 * (number % 4)}))


def letter_ms() -> tuple[float, float]:
    """A letter typed into the search, none of the words known yet: the median and the slowest."""
    from imganalytics.explorers.programs import ProgramsExplorer

    explorer = ProgramsExplorer()
    took = []
    for words in WORDS:
        for end in range(1, len(words) + 1):
            start = time.perf_counter()
            explorer.search.value = words[:end]
            took.append((time.perf_counter() - start) * 1000)
    return statistics.median(took), max(took)


def import_seconds(folder: Path) -> tuple[float, float]:
    """A synthetic file of 10,000 rows read, matched and kept; and the same file read by Python's csv alone."""
    from imganalytics.own import imports
    from imganalytics.warehouse import connect

    codes = [code for code, in connect().execute("SELECT program_code FROM programs ORDER BY program_code").fetchall()]
    file = folder / "synthetic_10000.csv"
    with file.open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["program_code", "step2ck_min", "pct_img", "notes"])
        writer.writerows([codes[at % len(codes)] if at < len(codes) else f"9{at:06}C0", 200 + at % 60, at % 100, f"synthetic {at}"]
                         for at in range(ROWS))
    start = time.perf_counter()
    imports.store(imports.read(file), take_good_rows=True)
    ours = time.perf_counter() - start
    start = time.perf_counter()
    with file.open(newline="") as source:
        sum(1 for _ in csv.DictReader(source))
    return ours, time.perf_counter() - start
