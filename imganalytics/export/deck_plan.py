"""The plan of a deck: a small TOML file that names what is shown, in which order, under which words."""

import inspect
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from imganalytics.errors import UserError
from imganalytics.export.exported import LONGEST, SIZES, THEMES

KINDS = {
    "section": "a slide with a title only, between parts",
    "chart": "an answer of a study: its native chart, or a table where there is no chart",
    "caveats": "what to keep in mind, of all charts of the deck",
    "sources": "the sources of all charts of the deck",
}
OF_PLAN = {"title": str, "subtitle": str, "size": str, "theme": str, "item": list}
OF_ITEM = {"kind": str, "title": str, "subtitle": str, "note": str, "study": str, "arguments": dict, "unset": list}
MOST = 200  # items of a deck


@dataclass(frozen=True)
class Item:
    """One thing in a deck; `study` and `arguments` are those of a chart, a note is printed below it."""

    kind: str
    title: str = ""
    subtitle: str = ""
    note: str = ""
    study: str = ""
    arguments: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    """A deck in words: what is shown, in which order."""

    title: str
    items: tuple[Item, ...]
    subtitle: str = ""
    size: str = "slide"
    theme: str = "light"


def plan_to_toml(plan: Plan) -> str:
    """The plan as a file that a person can read and edit, and :func:`plan_from_toml` reads again."""
    lines = ["# What the deck shows, in this order. Make it again with:  imganalytics deck OUT.pptx --plan THIS_FILE",
             "# kind: " + "; ".join(f"{kind} ({words})" for kind, words in KINDS.items()), ""]
    lines += [f"{name} = {_value(getattr(plan, name))}" for name in ("title", "subtitle", "size", "theme")
              if getattr(plan, name)]
    for item in plan.items:
        lines += ["", "[[item]]"]
        lines += [f"{name} = {_value(getattr(item, name))}" for name in ("kind", "study", "title", "subtitle", "note")
                  if getattr(item, name)]
        unset = [name for name, value in item.arguments.items() if value is None]
        if unset:
            lines.append(f"unset = {_value(unset)}")
        given = {name: value for name, value in item.arguments.items() if value is not None}
        if given:
            lines += ["[item.arguments]", *(f"{_key(name)} = {_value(value)}" for name, value in given.items())]
    return "\n".join(lines) + "\n"


def _key(name: str) -> str:
    return name if name.replace("_", "").replace("-", "").isalnum() and name.isascii() else _value(name)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(str(name))} = {_value(each)}" for name, each in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_value, value)) + "]"
    value = value.item() if hasattr(value, "item") else value
    return repr(value) if isinstance(value, int | float) else _value(str(value))


def plan_from_toml(text: str, name: str = "plan") -> Plan:
    """The plan in a file's text; `name` is the file's name, for messages.

    Raises:
        UserError: one line for each thing that is wrong, with what is allowed.
    """
    try:
        read = tomllib.loads(text.removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError as error:
        raise UserError(f"{name}: not a plan that can be read: {error}") from None
    problems = _wrong_keys(read, OF_PLAN, name)
    items = read.get("item", [])
    if not isinstance(items, list) or not items:
        problems.append(f"{name}: no [[item]]; allowed: at least one, of the kinds {', '.join(KINDS)}")
        items = []
    if len(items) > MOST:
        problems.append(f"{name}: {len(items)} items; allowed: {MOST}")
    for what, allowed in (("size", SIZES), ("theme", THEMES)):
        if isinstance(read.get(what, ""), str) and read.get(what) and read[what] not in allowed:
            problems.append(f"{name}, {what} {read[what]!r}: allowed: {', '.join(allowed)}")
    for at, item in enumerate(items[:MOST], 1):
        problems += _wrong_item(item, f"{name}, item {at}")
    if problems:
        raise UserError("\n".join(problems))
    return Plan(read.get("title", ""), tuple(_item(item) for item in items), read.get("subtitle", ""),
                read.get("size", "slide"), read.get("theme", "light"))


def _item(item: dict[str, Any]) -> Item:
    words = {name: value for name, value in item.items() if name not in ("arguments", "unset")}
    return Item(**words, arguments=item.get("arguments", {}) | dict.fromkeys(item.get("unset", [])))


def _wrong_keys(read: Mapping[str, Any], allowed: Mapping[str, type], where: str) -> list[str]:
    says = {str: "a text", list: "a list", dict: "a table"}
    problems = [f"{where}: unknown key {key!r}; allowed: {', '.join(allowed)}" for key in read if key not in allowed]
    problems += [f"{where}, {key}: {value!r} is not {says[allowed[key]]}" for key, value in read.items()
                 if key in allowed and not isinstance(value, allowed[key])]
    return problems + [f"{where}, {key}: {len(value):,} letters; allowed: {LONGEST}" for key, value in read.items()
                       if isinstance(value, str) and len(value) > LONGEST]


def _wrong_item(item: Any, where: str) -> list[str]:
    if not isinstance(item, dict):
        return [f"{where}: not a table; write [[item]]"]
    problems = _wrong_keys(item, OF_ITEM, where)
    if problems:
        return problems
    kind = item.get("kind")
    if kind not in KINDS:
        return [f"{where}: kind {kind!r}; allowed: {', '.join(KINDS)}"]
    if kind != "chart":
        return [f"{where}: a {kind} has no {key!r}" for key in ("study", "arguments", "unset") if key in item]
    study = item.get("study", "")
    if study not in studies():
        return [f"{where}: unknown study {study!r}; allowed: {', '.join(studies())}"]
    given = [*item.get("arguments", {}), *map(str, item.get("unset", []))]
    names, more = arguments_of(study)
    return [] if more else [f"{where}: {study} has no argument {each!r}; allowed: {', '.join(names) or 'none'}"
                            for each in given if each not in names]


@cache
def studies() -> tuple[str, ...]:
    """The studies that answer a question of the same name, by name."""
    import pkgutil

    from imganalytics import studies as room

    return tuple(sorted(each.name for each in pkgutil.iter_modules(room.__path__)
                        if find_spec(f"imganalytics.charts.{each.name}") or _answers(each.name)))


def _answers(name: str) -> bool:
    made = getattr(import_module(f"imganalytics.studies.{name}"), name, None)
    return inspect.isfunction(made) and "Result" in str(inspect.signature(made).return_annotation)


def arguments_of(study: str) -> tuple[tuple[str, ...], bool]:
    """The names of a study's arguments, and whether it takes others too."""
    known = inspect.signature(getattr(import_module(f"imganalytics.studies.{study}"), study)).parameters.values()
    return (tuple(each.name for each in known if each.kind is not each.VAR_KEYWORD),
            any(each.kind is each.VAR_KEYWORD for each in known))
