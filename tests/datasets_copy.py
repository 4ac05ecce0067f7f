"""Folders of facts for tests: copies of datasets/ to spoil, and synthetic tiny ones to compute by hand."""

import csv
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
from click.testing import CliRunner

from imganalytics.cli import main
from imganalytics.errors import DataError
from imganalytics.warehouse import build
from imganalytics.warehouse.schema import read_package

ROOT = Path(__file__).resolve().parents[1]
DATASETS = ROOT / "datasets"

# One made-up row or more of each reference table: enough for any fact below to point to.
SYNTHETIC_REFERENCES = {
    "rights": [{"rights": "synthetic", "meaning": "made up for a test"}],
    "sources": [{"source_id": f"synthetic_{name}", "title": f"Synthetic {name}", "publisher": "Synthetic publisher",
                 "read_at": "nowhere", "rights": "synthetic", "confidence": "primary", "precedence": precedence}
                for name, precedence in (("report", 10), ("other_report", 10), ("press", 60))],
    "specialties": [{"specialty": name, "label": name, "family": "Other medical", "stage": "both",
                     "entry_level": "PGY-1"}
                    for name in ("All specialties", "Synthetic Medicine", "Synthetic Surgery")],
    "applicant_types": [{"applicant_type": name, "label": f"Synthetic {name}", "short_label": name, "parent": "all",
                         "is_subtotal": "false", "sort_order": order, "colour": "#000000", "symbol": "circle",
                         "dash": "solid", "definition": "synthetic"}
                        for order, name in enumerate(("all", "us_img", "non_us_img"))],
    "measures": [{"measure": name, "label": f"Synthetic {name}", "unit": unit, "definition": "synthetic"}
                 for name, unit in (("applicants", "applicants"), ("matched", "applicants"),
                                    ("unmatched", "applicants"), ("matched_pct", "percent"),
                                    ("positions_offered", "positions"), ("positions_filled", "positions"))],
}

_CITED = {"source_id": "synthetic_report", "locator": "synthetic table 1", "derivation": "published"}
_FACT = _CITED | {"match_year": 2025, "specialty": "Synthetic Medicine", "entry_level": "PGY-1"}
_LISTED = {"source_id": "synthetic_report", "locator": "synthetic p.1"}  # tables without a derivation
_PROGRAM = _CITED | {"institution_code": "1001", "published_institution": "Synthetic Hosp",
                     "published_name": "Synthetic Medicine", "specialty": "Synthetic Medicine", "specialty_code": "900",
                     "city": "Synthetic City", "state": "NY"}

# What a synthetic fact holds where a test says nothing else.
SYNTHETIC_FACTS = {
    "match_applicants": _FACT | {"track": "categorical", "applicant_type": "us_img", "base": "preferred"},
    "match_results": _FACT | {"track": "categorical", "applicant_type": "all"},
    "state_results": _FACT | {"state": "NY", "line": 1},
    "state_fill": _FACT | {"state": "NY", "line": 1, "applicant_type": "us_img"},
    "institutions": _CITED | {"institution_code": "1001", "institution": "Synthetic Hospital",
                              "published_name": "Synthetic Hosp", "country": "US"},
    "programs": _PROGRAM | {"program_code": "1001900C0", "track": "categorical", "first_year": 2024, "last_year": 2025},
    "program_results": _LISTED | {"match_year": 2025, "program_code": "1001900C0", "editions_agreeing": 1},
    "fellowship_programs": _PROGRAM | {"program_code": "1001900F0", "country": "US"},
    "fellowship_program_results": _LISTED | {"appointment_year": 2025, "program_code": "1001900F0"},
    "fellowship_results": _CITED | {"organisation": "NRMP SMS", "appointment_year": 2025, "last_appointment_year": 2025,
                                    "specialty": "Synthetic Medicine", "published_name": "Synthetic Medicine",
                                    "applicant_type": "all"},
    "visa_employers": _CITED | {"employer_key": "synthetic hospital", "employer": "Synthetic Hospital", "state": "NY"},
    "visa_filings": _LISTED | {"fiscal_year": 2025, "employer_key": "synthetic hospital"},
    "resident_visa_filings": _CITED | {
        "fiscal_year": 2025, "quarter": "Q1", "employer_key": "synthetic hospital", "employer": "Synthetic Hospital",
        "job_title": "Synthetic resident", "role": "resident", "occupation_code": "29-1229",
        "occupation": "Synthetic physicians", "is_physician_occupation": "true", "city": "Synthetic City",
        "state": "NY", "begin_date": "2025-07-01", "end_date": "2026-06-30", "full_time": "true", "wage_usd": 60_000,
        "wage_unit": "Year", "annual_wage_usd": 60_000},
    "corrections": {"correction_id": "c001", "reason": "synthetic", "source_id": "synthetic_other_report"},
    "declared_gaps": {"reason": "synthetic", "source_id": "synthetic_report"},
}

# They name rows or counts of the whole of datasets/, so nothing of them fits a part of it.
ABOUT_THE_WHOLE = ("corrections", "declared_gaps", "expected_rows")


class Facts:
    """A folder like datasets/ that a test may change. Rows count as in a spreadsheet: the header is row 1."""

    def __init__(self, folder: Path):
        self.folder = folder

    def path(self, table: str) -> Path:
        """The file of a table."""
        return self.folder / f"{table}.csv"

    def rows(self, table: str) -> list[list[str]]:
        """Every row of a table as it stands, the header first."""
        with open(self.path(table), encoding="utf-8", newline="") as file:
            return list(csv.reader(file))

    def write(self, table: str, rows: list[list[str]]) -> None:
        """Replace a table by `rows`, the header first."""
        with open(self.path(table), "w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(rows)

    def add(self, table: str, /, **cells: object) -> None:
        """Append a row, blank where nothing is given."""
        header, *rows = self.rows(table)
        assert set(cells) <= set(header), f"{table} has no column {set(cells) - set(header)}"
        self.write(table, [header, *rows, [str(cells.get(name, "")) for name in header]])

    def find(self, table: str, /, **cells: object) -> int:
        """Number of the one row that holds `cells`."""
        header, *rows = self.rows(table)
        wanted = {header.index(name): str(value) for name, value in cells.items()}
        [number] = [number for number, row in enumerate(rows, 2) if all(row[at] == wanted[at] for at in wanted)]
        return number

    def set(self, table: str, row: int, /, **cells: object) -> None:
        """Change cells of a row."""
        rows = self.rows(table)
        for name, value in cells.items():
            rows[row - 1][rows[0].index(name)] = str(value)
        self.write(table, rows)

    def delete(self, table: str, row: int) -> None:
        """Take a row out."""
        rows = self.rows(table)
        del rows[row - 1]
        self.write(table, rows)

    def replace(self, name: str, old: str, new: str) -> None:
        """Change the bytes of a file once, as an editor would (latin-1, so that any byte can be written)."""
        content = (self.folder / name).read_bytes()
        assert old.encode() in content, f"{name} does not hold {old!r}"
        (self.folder / name).write_bytes(content.replace(old.encode(), new.encode("latin-1"), 1))


def whole_copy(folder: Path) -> Facts:
    """All of datasets/ in a new `folder`."""
    shutil.copytree(DATASETS, folder)
    return Facts(folder)


def cut_copy(folder: Path, rows: int = 40) -> Facts:
    """datasets/ in a new `folder`, of large tables only the first rows and those that a kept row points to.

    Only what speaks of the whole is left empty: corrections, declared gaps, expected rows.
    """
    facts, tables = whole_copy(folder), read_package(folder)
    every = {table.name: facts.rows(table.name) for table in tables}
    kept = {name: set(range(1, len(content) if len(content) <= 500 else rows + 1)) for name, content in every.items()}
    kept |= {name: set() for name in ABOUT_THE_WHOLE}
    counted = None
    while counted != (counted := sum(map(len, kept.values()))):  # until nothing points to a row that is cut
        for child, key in ((table.name, key) for table in tables for key in table.foreign_keys):
            wanted = set(_cells(every[child], key.columns, kept[child]))
            numbers = range(1, len(every[key.table]))
            kept[key.table] |= {number for number, found in zip(numbers, _cells(every[key.table], key.references, numbers))
                                if found in wanted}
    for name, content in every.items():
        facts.write(name, [content[0], *(content[number] for number in sorted(kept[name]))])
    return facts


def _cells(rows: list[list[str]], names: tuple[str, ...], numbers: Iterable[int]) -> list[tuple[str, ...]]:
    """The cells of some columns in the rows with these numbers; the header is number 0."""
    places = [rows[0].index(name) for name in names]
    return [tuple(rows[number][at] for at in places) for number in numbers]


def synthetic(folder: Path, **tables: list[dict[str, object]]) -> Facts:
    """A synthetic tiny data package in a new `folder`: described as datasets/ is, made-up references, given facts.

    Args:
        folder: where it is made.
        tables: rows by table; a cell that is not given is as in SYNTHETIC_FACTS, or blank.
    """
    folder.mkdir()
    shutil.copy(DATASETS / "datapackage.json", folder)
    facts = Facts(folder)
    for table in read_package(folder):
        facts.write(table.name, [table.columns])
    for table, rows in (SYNTHETIC_REFERENCES | tables).items():
        for row in rows:
            facts.add(table, **SYNTHETIC_FACTS.get(table, {}) | row)
    return facts


def shell(*arguments: str, datasets: Path | None = None, home: Path | None = None) -> subprocess.CompletedProcess:
    """Run ``imganalytics`` in a process of its own, with other facts or another folder for the database."""
    changed = {"IMGANALYTICS_DATASETS": datasets, "IMGANALYTICS_HOME": home, "PYTHONPATH": ROOT}
    environment = os.environ | {name: str(path) for name, path in changed.items() if path}
    return subprocess.run([sys.executable, "-m", "imganalytics", *arguments], env=environment,
                          capture_output=True, text=True, encoding="utf-8")


def contents(home: Path) -> dict[str, int]:
    """Every file in a home, with the time at which it was written."""
    return {path.name: path.stat().st_mtime_ns for path in home.iterdir()}


def refusal(facts: Facts, home: Path) -> list[str]:
    """The lines by which ``imganalytics build`` refuses `facts`. The one good database must be all there is after."""
    before = contents(home)
    result = CliRunner().invoke(main, ["build", "--datasets", str(facts.folder)])
    assert isinstance(result.exception, SystemExit), repr(result.exception)
    assert result.exit_code == 1 and result.stdout == ""
    assert result.stderr.startswith("imganalytics: ") and "Traceback" not in result.stderr
    assert contents(home) == before and len(before) == 1
    return result.stderr.removeprefix("imganalytics: ").splitlines()


def refused(facts: Facts, home: Path) -> list[str]:
    """Every line by which the build refuses `facts`; the command shows the first twenty and counts the others."""
    with pytest.raises(DataError) as told:
        build(facts.folder)
    lines = told.value.problems
    more = [f"... and {len(lines) - 20:,} more"] * (len(lines) > 20)
    assert refusal(facts, home) == lines[:20] + more
    assert [line for line in lines if "\n" in line] == []
    return lines
