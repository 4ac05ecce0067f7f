"""Every state of a handout: each combination that a reader can choose asked once, what is the same stored once."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from inspect import Parameter, signature
from itertools import product
from math import prod
from typing import Any

from imganalytics.charts import theme
from imganalytics.charts.theme import Spec
from imganalytics.errors import UserError
from imganalytics.export.exported import Exported
from imganalytics.export.greys import in_greys
from imganalytics.export.handout_words import asked, told, usual
from imganalytics.export.reading_table import table_of
from imganalytics.result import Question, Result
from imganalytics.studies import __name__ as STUDIES

MOST = 400      # combinations; each is a chart and a table in the file
CONTROLS = 3    # arguments that vary; more than that nobody finds their way in
GAP = 8         # pixels above a chart whose headline stands on the page instead
NOTHING = "Nothing is published for this choice."

Progress = Callable[[int, int], None]  # done, of; stops the work by raising
TableOf = Callable[[Result], Any]      # what has columns, rows and numeric: a ReadingTable, an explorer's Twin


@dataclass(frozen=True)
class Choice:
    """One control: an argument, its label, its values, what they are called, and whether they are steps of a slider."""

    name: str
    label: str
    values: Sequence[Any]
    told: Sequence[str]
    slides: bool


@dataclass
class States:
    """The choices, the state of each combination (the last choice varies fastest), and the charts and tables they name.

    A state is {"title", "subtitle", "summary", "caveats", "sources", "chart", "table"}, the last two being places in
    `charts` and `tables` (chart None: there is none), or {"why"}: the words where nothing can be shown.
    """

    choices: list[Choice]
    first: int
    each: list[dict[str, Any]] = field(default_factory=list)
    charts: list[str] = field(default_factory=list)
    tables: list[str] = field(default_factory=list)


def states_of(exported: Exported, varied: Mapping[str, Sequence[Any]] | None, progress: Progress | None,
              twin_of: TableOf | None) -> States:
    """Ask for every combination of `varied` (None: what is usual for the study; {}: nothing varies).

    Raises:
        UserError: an argument that the study does not take, more than three of them, more than 400 combinations.
    """
    question = exported.result.question
    wanted = {name: _with(values, question.arguments.get(name)) for name, values in _varied(question, varied).items()}
    _check(question, wanted)
    kept = _Kept(exported, twin_of or table_of)
    combinations = [dict(zip(wanted, values)) for values in product(*wanted.values())]
    current = {name: _plain(question.arguments.get(name)) for name in wanted}
    for done, combination in enumerate(combinations, 1):
        kept.add(combination, combination == current)
        if progress:
            progress(done, len(combinations))
    if varied is None:
        wanted = kept.thinned(wanted, current)
    choices = [_choice(question.study, name, values) for name, values in wanted.items() if len(values) > 1]
    at = [dict(zip(wanted, values)) for values in product(*wanted.values())].index(current)
    return States(choices, at, kept.each, list(kept.charts), list(kept.tables))


def _varied(question: Question, varied: Mapping[str, Sequence[Any]] | None) -> dict[str, list[Any]]:
    if varied is None:
        return {name: values for name, values in usual(question.study).items() if name in question.arguments}
    return {name: [_plain(value) for value in values] for name, values in varied.items()}


def _check(question: Question, wanted: Mapping[str, Sequence[Any]]) -> None:
    known = set(question.arguments) | _arguments(question.study)
    for name, values in wanted.items():
        if name not in known:
            allowed = ", ".join(sorted(known)) or "nothing"
            raise UserError(f"{question.study} has no {name!r} to vary; allowed: {allowed}")
    if len(wanted) > CONTROLS:
        raise UserError(f"{len(wanted)} arguments vary; allowed: {CONTROLS}")
    if (count := prod(map(len, wanted.values()))) > MOST:
        raise UserError(f"{count:,} combinations of {', '.join(wanted)}; allowed: {MOST}: name fewer values")


def _arguments(study: str) -> set[str]:
    from importlib import import_module

    own = signature(getattr(import_module(f"{STUDIES}.{study}"), study)).parameters.values()
    return {each.name for each in own if each.kind is not Parameter.VAR_KEYWORD}


def _with(values: Sequence[Any], current: Any) -> list[Any]:
    """The values without doubles, and the one that the handout opens with among them."""
    several, current = [], _plain(current)
    for value in [*values, current]:
        if value not in several:
            several.append(value)
    return sorted(several) if _numbers(several) else several


def _plain(value: Any) -> Any:
    return [_plain(each) for each in value] if isinstance(value, list | tuple) else value


def _numbers(values: Sequence[Any]) -> bool:
    return all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)


def _choice(study: str, name: str, values: Sequence[Any]) -> Choice:
    return Choice(name, asked(name), values, [told(study, name, value) for value in values],
                  _numbers(values) and len(values) > 2)


class _Kept:
    """States as they are asked for, and each distinct chart and table once."""

    def __init__(self, exported: Exported, twin_of: TableOf):
        self.exported, self.twin_of = exported, twin_of
        self.asked: list[dict[str, Any]] = []
        self.each: list[dict[str, Any]] = []
        self.charts: dict[str, int] = {}
        self.tables: dict[str, int] = {}

    def add(self, combination: dict[str, Any], is_first: bool) -> None:
        question = self.exported.result.question
        self.asked.append(combination)
        try:
            shown = self.exported if is_first else self._renewed(
                Question(question.study, question.arguments | combination).ask())
            self.each.append(self._state(shown))
        except UserError as error:
            self.each.append({"why": str(error)})

    def _renewed(self, result: Result) -> Exported:
        """The other answer. A title of the user's own stays; their subtitle does not: it names base, years and n."""
        own = self.exported.title
        return replace(self.exported, result=result, subtitle="",
                       title="" if own == self.exported.result.title else own)

    def _state(self, shown: Exported) -> dict[str, Any]:
        result = shown.result
        if result.frame.empty:
            return {"why": NOTHING}
        twin = self.twin_of(result)
        table = {"columns": list(twin.columns), "rows": [list(map(_text, row)) for row in twin.rows],
                 "numeric": list(twin.numeric)}
        return {"title": shown.title, "subtitle": shown.subtitle, "summary": result.summary,
                "caveats": list(result.caveats), "sources": [_cited(source) for source in result.sources],
                "chart": self._chart(shown), "table": _place(self.tables, json.dumps(table))}

    def _chart(self, shown: Exported) -> int | None:
        try:
            spec = _without_headline(shown)
        except UserError:
            return None
        return _place(self.charts, json.dumps(spec, allow_nan=False, separators=(",", ":")))

    def thinned(self, wanted: dict[str, list[Any]], current: dict[str, Any]) -> dict[str, list[Any]]:
        """`wanted` without the values with which nothing is ever shown; the states of these are dropped."""
        shown = [combination for combination, state in zip(self.asked, self.each) if "why" not in state] + [current]
        lasting = {name: [value for value in values if any(combination[name] == value for combination in shown)]
                   for name, values in wanted.items()}
        self.each = [state for combination, state in zip(self.asked, self.each)
                     if all(combination[name] in lasting[name] for name in lasting)]
        return lasting


def _without_headline(shown: Exported) -> Spec:
    """The chart without title and subtitle, which the page sets itself, wrapped to its width."""
    spec, worded = shown.spec, shown.worded
    layout = {name: value for name, value in spec["layout"].items() if name != "template"}
    if layout.get("title", {}).get("text") == theme.headline(worded, layout["width"]):
        saved = theme.headline_height(worded, layout["width"]) - GAP
        layout |= {"title": {"text": ""}, "height": layout["height"] - saved,
                   "margin": layout["margin"] | {"t": layout["margin"]["t"] - saved}}
    bare = {"data": spec["data"], "layout": layout}
    return in_greys(bare) if shown.theme == "grey" else bare


def _cited(source: Any) -> str:
    return f"{source.citation}. Read at {source.read_at} ({source.confidence})."


def _text(cell: Any) -> str:
    return "" if str(cell) in ("None", "nan", "NaT", "<NA>") else str(cell)


def _place(known: dict[str, int], text: str) -> int:
    return known.setdefault(text, len(known))
