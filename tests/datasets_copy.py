"""Folders of facts for tests: copies of datasets/ to spoil, and synthetic tiny ones to compute by hand."""

import csv
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DATASETS = ROOT / "datasets"

# One made-up row or more of each reference table: enough for any fact below to point to.
SYNTHETIC_REFERENCES = {
    "rights": [{"rights": "synthetic", "meaning": "made up for a test"}],
    "sources": [{"source_id": f"synthetic_{name}", "title": f"Synthetic {name}", "publisher": "Synthetic publisher",
                 "read_at": "nowhere", "rights": "synthetic", "confidence": "primary", "precedence": precedence}
                for name, precedence in (("report", 10), ("other_report", 10), ("press", 60))],
    "specialties": [{"specialty": name, "label": name, "family": "Other medical", "entry_level": "PGY-1"}
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

_FACT = {"match_year": 2025, "specialty": "Synthetic Medicine", "entry_level": "PGY-1",
         "source_id": "synthetic_report", "locator": "synthetic table 1", "derivation": "published"}

# What a synthetic fact holds where a test says nothing else.
SYNTHETIC_FACTS = {
    "match_applicants": _FACT | {"track": "categorical", "applicant_type": "us_img", "base": "preferred"},
    "match_results": _FACT | {"track": "categorical", "applicant_type": "all"},
    "state_results": _FACT | {"state": "NY", "line": 1},
    "state_fill": _FACT | {"state": "NY", "line": 1, "applicant_type": "us_img"},
    "corrections": {"correction_id": "c001", "reason": "synthetic", "source_id": "synthetic_other_report"},
}


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
    """datasets/ in a new `folder`, of large tables only the first rows, so that a build is quick.

    Corrections and declared gaps are left out: they name rows that are cut.
    """
    facts = whole_copy(folder)
    for path in folder.glob("*.csv"):
        kept = facts.rows(path.stem)
        if path.stem in ("corrections", "declared_gaps"):
            facts.write(path.stem, kept[:1])
        elif len(kept) > 500:
            facts.write(path.stem, kept[: rows + 1])
    return facts


def synthetic(folder: Path, **tables: list[dict[str, object]]) -> Facts:
    """A synthetic tiny data package in a new `folder`: described as datasets/ is, made-up references, given facts.

    Args:
        folder: where it is made.
        tables: rows by table; a cell that is not given is as in SYNTHETIC_FACTS, or blank.
    """
    facts = whole_copy(folder)
    for path in folder.glob("*.csv"):
        facts.write(path.stem, facts.rows(path.stem)[:1])
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
