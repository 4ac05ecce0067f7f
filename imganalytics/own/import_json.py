"""FREIDA's JSON: documents of its JSON:API (one program or a list), and the flat records it had before 2020."""

import json
from collections.abc import Iterator
from typing import Any

from imganalytics.errors import UserError
from imganalytics.own.import_reading import MAX_COLUMNS, Cells, check_shape
from imganalytics.own.import_text import decoded

PLACE = ("field_address.locality", "field_address.administrative_area")
DEEPEST = 4  # levels of a record that become a.b.c
INSTITUTIONS = ("field_sponsor_institution", "field_institution", "field_participant_institution",
                "field_primary_teaching_site")


def cells(name: str, content: bytes) -> Cells:
    """One row for each program of the file, its number counting the records.

    Raises:
        UserError: it is not JSON, or holds no program.
    """
    text, note, _ = decoded(name, content)
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise UserError(f"{name}, line {error.lineno}: is not JSON ({error.msg})") from None
    except (RecursionError, ValueError):
        raise UserError(f"{name}: is JSON nested too deep, or with a number too long") from None
    records = list(_records(document))
    check_shape(name, len(records), 0)
    heads = list(dict.fromkeys(head for record in records for head in record))
    if not heads:
        raise UserError(f"{name}: holds no programs; FREIDA's JSON has them under 'data', each with 'attributes'")
    rows = [(number, [record.get(head) for head in heads]) for number, record in enumerate(records, start=1)]
    cut = [(number, row[:MAX_COLUMNS]) for number, row in rows]
    return Cells(heads[:MAX_COLUMNS], cut, unit="record", notes=[note] if note else [])


def _records(document: Any) -> Iterator[dict[str, str | None]]:
    if isinstance(document, list):
        for each in document:
            yield from _records(each)
    elif isinstance(document, dict) and isinstance(document.get("data"), (dict, list)):
        included = [each for each in document.get("included") or [] if isinstance(each, dict)]
        data = document["data"] if isinstance(document["data"], list) else [document["data"]]
        for node in data:
            if isinstance(node, dict) and isinstance(node.get("attributes"), dict):
                yield _program(node, included, alone=len(data) == 1)
            else:
                yield from _records(node)
    elif isinstance(document, dict):
        yield _flat(document)


def _program(node: dict[str, Any], included: list[dict[str, Any]], alone: bool) -> dict[str, str | None]:
    """The attributes of a program, of its survey, and the name and place of its institution."""
    by_id = {str(each.get("id")): each for each in included}
    record = _flat(node["attributes"])
    links = node.get("relationships") if isinstance(node.get("relationships"), dict) else {}
    survey = _linked(links, "field_survey", by_id)
    if survey is None and alone:  # documents of one program name no survey when they include it
        surveys = [each for each in included if "survey" in str(each.get("type"))]
        survey = surveys[0] if len(surveys) == 1 else None
    if survey is not None:
        record |= {head: value for head, value in _flat(survey.get("attributes")).items() if record.get(head) is None}
        links = {**(survey.get("relationships") or {}), **links} if isinstance(survey.get("relationships"), dict) else links
    for link in INSTITUTIONS:
        institution = _linked(links, link, by_id)
        if institution is not None:
            about = _flat(institution.get("attributes"))
            for head, said in (("institution", "title"), *((head, head) for head in PLACE)):
                record[head] = record.get(head) or about.get(said)
    return record


def _linked(links: dict[str, Any], name: str, by_id: dict[str, dict[str, Any]]) -> dict[str, Any] | None:
    data = (links.get(name) or {}).get("data") if isinstance(links.get(name), dict) else None
    first = data[0] if isinstance(data, list) and data else data
    return by_id.get(str(first.get("id"))) if isinstance(first, dict) else None


def _flat(node: Any, before: str = "", depth: int = 0) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    if not isinstance(node, dict) or depth > DEEPEST:
        return found
    for key, value in node.items():
        head = f"{before}{key}"
        if isinstance(value, dict):
            found |= _flat(value, f"{head}.", depth + 1)
        else:
            found[head] = _text(value)
    return found


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, dict):
        return None
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        parts = [_text(each.get("value") or each.get("title") if isinstance(each, dict) else each) for each in value]
        return " | ".join(part for part in parts if part) or None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip() or None
