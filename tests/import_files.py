"""Synthetic files to import: no program in them is real but those named by codes of the NRMP's listings."""

import csv
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from imganalytics.own import imports
from imganalytics.own.import_preview import Preview

IM = "1007/Internal Medicine"  # University of Alabama, Birmingham; its categorical track is 1007140C0
IM_CODE = "1007140C0"


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch) -> Path:
    """A folder of its own for what a test imports."""
    folder = tmp_path / "own"
    monkeypatch.setenv("IMGANALYTICS_OWN", str(folder))
    return folder


def csv_bytes(heads: list[str], *rows: list[Any], separator: str = ",", encoding: str = "utf-8") -> bytes:
    """A CSV file of these rows."""
    out = io.StringIO()
    csv.writer(out, delimiter=separator, lineterminator="\n").writerows([heads, *rows])
    return out.getvalue().encode(encoding)


def excel_bytes(*rows: list[Any], sheet: str = "synthetic") -> bytes:
    """An Excel file whose first sheet has these rows."""
    book = openpyxl.Workbook()
    book.active.title = sheet
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def zip_bytes(**parts: bytes) -> bytes:
    """An archive of these parts; '__' in a name stands for '/'."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/") + ".xml", content)
    return out.getvalue()


def freida(number: str = "1400000001", title: str = "Synthetic Hospital Program", codes: tuple[str, ...] = (IM_CODE,),
           place: tuple[str, str] = ("Birmingham", "AL"), **survey: Any) -> dict:
    """A document of FREIDA's JSON:API with one program, its survey and its sponsor."""
    attributes = {"field_match_nrmp_codes": list(codes), "field_pct_img": "45.10", "field_date_received": "2026-02-03T10:00:00+00:00",
                  "field_visa_status": ["J-1 through ECFMG", "H-1B"], "field_usmle_step_2_minimum_score": 220,
                  "field_years_since_graduation": None, "field_years_since_graduation_na": True,
                  "field_medical_education_gap": "3 months", "drupal_internal__nid": 7, **survey}
    return {"data": {"type": "node--program", "id": "p", "attributes": {
                "title": title, "field_program_id": number, "field_specialty_code": number[:3],
                "field_address": {"locality": place[0], "administrative_area": place[1]}},
                "relationships": {"field_survey": {"data": {"type": "node--survey_2026", "id": "s"}},
                                  "field_sponsor_institution": {"data": {"id": "i"}}}},
            "included": [{"type": "node--survey_2026", "id": "s", "attributes": attributes},
                         {"type": "node--institution", "id": "i", "attributes": {"title": title.removesuffix(" Program")}}]}


def read(content: bytes | dict | list, name: str = "synthetic.csv", **options: Any) -> Preview:
    """What is understood of a file of this content."""
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    return imports.read(name, content=data, **options)


def facts_of(preview: Preview, line: int | None = None) -> dict[str, tuple[str, float]]:
    """Field -> text and number of a good row, the first if none is named."""
    row = next(row for row in preview.rows if line in (None, row.line))
    return {field: (text, number) for field, text, number, _ in row.facts}


def reasons(preview: Preview) -> dict[int, str]:
    """Line -> why it cannot be taken."""
    return {problem.line: problem.reason for problem in preview.problems}
