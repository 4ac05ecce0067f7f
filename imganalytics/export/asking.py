"""Any study by its name, with arguments given as text: for the shell, and for receipts that nobody can vouch for."""

import collections.abc
import csv
import inspect
import json
import pkgutil
import types
import typing
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from importlib import import_module
from typing import Any

from imganalytics import studies
from imganalytics.errors import UserError
from imganalytics.result import Result

Study = Callable[..., Result]
WORDS = {"true": True, "yes": True, "false": False, "no": False}
SHAPES = {bool: "true or false", int: "a whole number", float: "a number", date: "a date such as 2027-01-31", str: "text"}


def study(name: str) -> Study:
    """The study `name`: the function that its module is named after and that answers with a Result; nothing else is run.

    Raises:
        UserError: there is none, with those that there are.
    """
    if not is_study(name):
        raise UserError(f"unknown study {name!r}; allowed: {', '.join(names())}")
    return _found(name)


def is_study(name: str) -> bool:
    """Whether there is a study of this name."""
    return name in _modules() and _found(name) is not None


def names() -> list[str]:
    """Every study that can be asked."""
    return [name for name in _modules() if _found(name)]


def parameters(name: str) -> dict[str, inspect.Parameter]:
    """What a study can be asked with."""
    return dict(inspect.signature(study(name)).parameters)


def arguments(name: str, given: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Arguments of a study from text, by the types in its signature; a name given again adds to a list.

    Lists are split at commas (quotes keep one inside a name), tables are written as NAME:VALUE or as JSON, 'none' is
    nothing chosen.

    Raises:
        UserError: the study takes no such argument, or not this value, or needs another one.
    """
    known = parameters(name)
    found: dict[str, Any] = {}
    for key, text in given:
        if key not in known:
            raise UserError(f"the study {name} takes no {key!r}; allowed: {', '.join(known) or 'nothing'}")
        value = _value(f"{key}={text}", text.strip(), _kinds(name)[key])
        if key in found and not isinstance(value, list):
            raise UserError(f"{key} is given twice; {name} takes one")
        found[key] = [*(found.get(key) or []), *value] if isinstance(value, list) else value
    missing = [key for key, each in known.items() if each.default is each.empty and key not in found]
    if missing:
        raise UserError(f"the study {name} needs {', '.join(missing)}; say --set {missing[0]}=VALUE")
    return found


def _modules() -> list[str]:
    return sorted(module.name for module in pkgutil.iter_modules(studies.__path__))


def _found(name: str) -> Any:
    found = getattr(import_module(f"{studies.__name__}.{name}"), name, None)
    is_function = callable(found) and not inspect.isclass(found)  # one that keeps its answers is a function too
    return found if is_function and inspect.signature(found).return_annotation is Result else None


def _kinds(name: str) -> dict[str, Any]:
    return typing.get_type_hints(study(name))


def _value(said: str, text: str, kind: Any) -> Any:
    options = typing.get_args(kind) if isinstance(kind, types.UnionType) else (kind,)
    if text.lower() == "none" and type(None) in options:
        return None
    wanted = [option for option in options if option is not type(None)]
    for option in sorted(wanted, key=lambda option: option is str):  # text takes anything, so it comes last
        try:
            return _read(text, option)
        except (ValueError, KeyError, csv.Error, RecursionError):
            continue
    none = " or none" if len(wanted) < len(options) else ""
    raise UserError(f"{said}; allowed: {' or '.join(map(_shape, wanted))}{none}")


def _read(text: str, kind: Any) -> Any:
    origin, inside = typing.get_origin(kind), typing.get_args(kind)
    if origin and issubclass(origin, collections.abc.Mapping):
        return _mapping(text, inside[1])
    if origin and issubclass(origin, collections.abc.Sequence):
        return [_read(each, inside[0]) for each in _listed(text)]
    if kind is bool:
        return WORDS[text.lower()]
    if kind is date:
        return date.fromisoformat(text).isoformat()  # questions hold what JSON can
    return kind(text) if kind in (int, float) else text


def _listed(text: str) -> list[str]:
    rows = list(csv.reader([text], skipinitialspace=True, strict=True))
    return [each.strip() for each in rows[0] if each.strip()] if rows else []


def _mapping(text: str, kind: Any) -> dict[str, Any]:
    if text.startswith("{"):
        found = json.loads(text)
        return found if isinstance(found, dict) else {}
    pairs = [each.rpartition(":") for each in _listed(text)]
    if not all(name and separator for name, separator, _ in pairs):
        raise ValueError(text)
    return {name.strip(): _read(value.strip(), kind) for name, _, value in pairs}


def _shape(kind: Any) -> str:
    origin, inside = typing.get_origin(kind), typing.get_args(kind)
    if origin and issubclass(origin, collections.abc.Mapping):
        return "NAME:VALUE,NAME:VALUE or a JSON object"
    if origin and issubclass(origin, Sequence):
        return "a list with commas of " + {int: "whole numbers", float: "numbers"}.get(inside[0], "names")
    return SHAPES.get(kind, "text")
