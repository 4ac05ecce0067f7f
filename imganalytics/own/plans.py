"""Plans: what a plan may say, field by field, and plans as files in the user's own folder or wherever the user likes.

A plan is a dictionary of the fields below, all of them optional. Nothing of it is sent anywhere.
"""

import json
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from imganalytics import paths
from imganalytics.errors import UserError
from imganalytics.own.plan_fields import FIELDS, Refused, defaults

FORMAT, VERSION = "imganalytics plan", 1
UNTOUCHED = "the file was left as it is"
NAME = re.compile(r"[\w][\w .-]{0,79}", re.ASCII)


@dataclass(frozen=True)
class Loaded:
    """A plan as a file has it: every field that can be used, and a line for each thing that cannot."""

    plan: dict[str, Any]
    notes: tuple[str, ...]


def checked(plan: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a plan as they are kept: dates as ISO text, names and numbers as they are.

    Raises:
        UserError: the first field or value that cannot be taken, by name, with what is allowed.
    """
    taken = read(plan)
    if taken.notes:
        raise UserError(taken.notes[0])
    return taken.plan


def read(plan: Mapping[str, Any]) -> Loaded:
    """The fields of a plan that can be used, and a line for each field or value that cannot, with what is allowed."""
    good: dict[str, Any] = {}
    notes: list[str] = []
    for name, value in plan.items():
        if name not in FIELDS:
            notes.append(f"{name} {_shown(value)}: no such field; allowed: {', '.join(FIELDS)}")
            continue
        good[name], refused = FIELDS[name].read(value)
        notes += [f"{name}{where} {_shown(what)}; allowed: {allowed}" for where, what, allowed in refused]
        if good[name] is Refused:
            del good[name]
    return Loaded(good, tuple(notes))


def _shown(value: Any) -> str:
    text = value.isoformat() if isinstance(value, date) else repr(value)
    return text if len(text) <= 60 else text[:59] + "\u2026"


# -- files -----------------------------------------------------------------------------------------------------


def folder() -> Path:
    """Where plans are kept unless the user says otherwise; it need not be there yet."""
    return paths.own() / "plans"


def saved() -> list[str]:
    """Names of the plans in :func:`folder`, in the order of the alphabet."""
    with suppress(OSError):
        return sorted(file.stem for file in folder().glob("*.json") if file.is_file())
    return []


def place(name: str) -> Path:
    """The file of the plan of this name in :func:`folder`.

    Raises:
        UserError: the name cannot be that of a file.
    """
    if not isinstance(name, str) or not NAME.fullmatch(name) or name.endswith((" ", ".")):
        raise UserError(f"plan name {name!r}; allowed: 1 to 80 letters, digits, spaces, dots, '-' and '_', "
                        "a letter or digit first")
    return folder() / f"{name}.json"


def text(plan: Mapping[str, Any]) -> str:
    """A plan as the text of its file.

    Raises:
        UserError: a field or value cannot be taken.
    """
    return json.dumps({"format": FORMAT, "version": VERSION, "saved_at": datetime.now(UTC).isoformat(timespec="seconds"),
                       "plan": checked(plan)}, ensure_ascii=False, indent=1) + "\n"


def save(plan: Mapping[str, Any], where: str | Path, *, replace: bool = False) -> Path:
    """Write a plan, whole or not at all.

    Args:
        plan: its fields.
        where: a name, for a file in :func:`folder`, or a path.
        replace: whether a file that is there already may be replaced.

    Raises:
        UserError: a field cannot be taken, the file is there already, or it cannot be written.
    """
    path = Path(where) if isinstance(where, Path) or re.search(r"[/\\]|\.json$", where) else place(where)
    content = text(plan)
    if path.exists() and not replace:
        raise UserError(f"{path}: there is a plan of this name already, and it was left as it is; "
                        "choose another name, or say that it may be replaced")
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.write_text(content, encoding="utf-8", newline="\n")
        os.replace(beside, path)
    except OSError as error:
        raise UserError(f"{path}: the plan cannot be written ({error.strerror or error})") from None
    finally:
        with suppress(OSError):  # it was renamed, or never made
            beside.unlink()
    return path


def load(where: str | Path) -> Loaded:
    """Read the plan of this name or path; the file is left as it is, whatever is in it.

    Raises:
        UserError: there is no such file, or it is not a plan.
    """
    path = Path(where) if isinstance(where, Path) or re.search(r"[/\\]|\.json$", where) else place(where)
    try:
        content = path.read_bytes()
    except OSError as error:
        known = f"; plans kept here: {', '.join(saved()) or 'none yet'}" if isinstance(error, FileNotFoundError) else ""
        raise UserError(f"{path}: cannot be read ({error.strerror or error}){known}") from None
    return parse(content, str(path))


def parse(content: bytes, name: str) -> Loaded:
    """The plan in the content of a file called `name`.

    Raises:
        UserError: it is not the text of a plan, or that of a newer version.
    """
    try:
        found = json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise UserError(f"{name}: is not a text in UTF-8, so it is not a saved plan; {UNTOUCHED}") from None
    except json.JSONDecodeError as error:
        raise UserError(f"{name}: cannot be read as a plan at line {error.lineno}, column {error.colno} ({error.msg}); "
                        f"mend that place in an editor; {UNTOUCHED}") from None
    except RecursionError:
        raise UserError(f"{name}: is not a saved plan (too deeply nested); {UNTOUCHED}") from None
    if not isinstance(found, dict) or found.get("format") != FORMAT or not isinstance(found.get("plan"), dict):
        raise UserError(f'{name}: is not a saved plan; allowed: a file with "format": "{FORMAT}" and a "plan"; {UNTOUCHED}')
    return _of_version(found, name)


def _of_version(found: dict[str, Any], name: str) -> Loaded:
    version = found.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version > VERSION:
        raise UserError(f"{name}: version {_shown(version)} of the format; this workbook reads versions up to {VERSION}: "
                        f"update it, or set the version by hand if you changed it; {UNTOUCHED}")
    taken = read(found["plan"])
    missing = [field for field in FIELDS if field not in found["plan"]]
    notes = list(taken.notes)
    if version < VERSION:
        notes.insert(0, f"Written by an older version ({version}); fields it does not have stand as in a new plan.")
    if missing:
        notes.append(f"Not in the file, so as in a new plan: {', '.join(missing)}")
    return Loaded(defaults() | taken.plan, tuple(notes))


