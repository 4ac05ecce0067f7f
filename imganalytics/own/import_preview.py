"""What was understood of a file, before anything is kept; and the step that keeps it."""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from imganalytics.errors import UserError
from imganalytics.own import import_store
from imganalytics.own.import_formats import FORMATS, IDENTITY, Column, columns_of, fold, labels, most_known, recognised
from imganalytics.own.import_matching import Candidate, Joined, Matcher, Said, codes, mended, places, specialty_named
from imganalytics.own.import_reading import EVERY, Cells, Progress, cells_of, content_of, digest, quiet
from imganalytics.own.import_store import Import, counted
from imganalytics.own.import_values import Read, Refused, Value, read_column

OWN = "own"  # instead of a key: keep as a program of the user's own list


@dataclass(frozen=True)
class Problem:
    """A row that cannot be taken, and why."""

    line: int
    reason: str


@dataclass(frozen=True)
class Suggestion:
    """A row whose program is not sure: what it says, and what it may be."""

    line: int
    said: str
    candidates: tuple[Candidate, ...]
    note: str = ""


@dataclass(frozen=True)
class Conflict:
    """A field on which rows of one program disagree: none of the values is taken."""

    program_key: str
    program: str
    field: str
    label: str
    as_of: str
    stated: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class Row:
    """A row that can be taken once its program is known."""

    line: int
    said: Said
    joined: Joined
    as_of: str
    facts: tuple[tuple[str, str, float, str], ...]  # field, text, number, head of the column


@dataclass(frozen=True)
class Preview:
    """What a file holds and what would be taken of it; nothing is kept yet."""

    file: str
    sha256: str
    format: str
    unit: str
    rows_read: int
    taken: tuple[tuple[str, Column], ...]
    left: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    rows: tuple[Row, ...]
    problems: tuple[Problem, ...]
    suggestions: tuple[Suggestion, ...]
    conflicts: tuple[Conflict, ...]
    replaces: Import | None = field(default=None)

    @property
    def good(self) -> tuple[Row, ...]:
        """The rows that can be taken as they are."""
        return tuple(row for row in self.rows if row.joined.keys or row.joined.own)

    @property
    def equal(self) -> dict[int, str]:
        """Confirmations for all lines whose first suggestion has the same name, state and specialty, and no second has."""
        return {each.line: each.candidates[0].program_key for each in self.suggestions
                if [candidate.equal for candidate in each.candidates[:2]] in ([True], [True, False])}

    @property
    def summary(self) -> str:
        """One sentence on the whole."""
        parts = [f"{len(self.good):,} can be taken"]
        parts += [f"{len(self.suggestions):,} must wait for your word"] * bool(self.suggestions)
        parts += [f"{len(self.problems):,} cannot be taken"] * bool(self.problems)
        return f"{self.file} is read as {FORMATS[self.format]}. {counted(self.rows_read, 'row')}: {', '.join(parts)}."


def read(file: str | Path, *, content: bytes | None = None, form: str = "auto", progress: Progress = quiet) -> Preview:
    """Read a file and say what was understood; nothing is kept.

    Args:
        file: its path, or its name only when `content` is given (an upload).
        form: a key of FORMATS, or "auto" to tell it by the heads.
        progress: told what is done, how many rows of it, of how many.

    Raises:
        UserError: the file cannot be read at all.
    """
    path = Path(file)
    name = path.name or str(file)
    data = content_of(path) if content is None else content
    table = cells_of(name if content is not None else str(path), data, most_known, progress)
    kind = recognised(table.heads, form)
    columns, left = _columns(table.heads, kind)
    notes = list(table.notes)
    values, problems = _values(table, columns, notes, progress)
    rows, more, repaired = _joined(table, columns, values, problems, progress)
    if repaired:
        notes.append(f"a leading zero was put back in {counted(len(repaired), 'ACGME number')}, as in {repaired[0]}")
    problems = {**dict(table.problems), **problems, **more}
    waiting = tuple(Suggestion(row.line, row.said.text, row.joined.candidates, row.joined.note) for row in rows
                    if not (row.joined.keys or row.joined.own))
    sha = digest(data)
    replaces = next((each.about for each in import_store.stored()[0] if each.about.sha256 == sha), None)
    return Preview(name, sha, kind, table.unit, len(table.rows) + len(table.problems),
                   tuple((head, column) for head, column in zip(table.heads, columns) if column), tuple(left), tuple(notes),
                   tuple(rows), tuple(Problem(line, problems[line]) for line in sorted(problems)), waiting,
                   tuple(_conflicts(rows, {})), replaces)


def _columns(heads: Sequence[str], form: str) -> tuple[list[Column | None], list[tuple[str, str]]]:
    """The column that each head names (None: not taken), and those not taken with the reason."""
    known, columns, left, seen = columns_of(form), [], [], {}
    for head in heads:
        column = known.get(fold(head))
        if column is not None and column.field in seen:
            left.append((head, f"says the same as {seen[column.field]!r}"))
            column = None
        elif column is None and head.strip():
            left.append((head, "not known"))
        if column is not None:
            seen[column.field] = head
        columns.append(column)
    if not {"program_code", "acgme_program_id", "institution", "program_name"} & set(seen):
        raise UserError("no column tells which program a row is about; one of these is needed: NRMP code, ACGME number, "
                        f"institution, program name. Columns found: {', '.join(repr(head[:40]) for head in heads if head)[:300]}")
    return columns, left


def _values(table: Cells, columns: Sequence[Column | None], notes: list[str], progress: Progress
            ) -> tuple[dict[int, list[Read]], dict[int, str]]:
    """The values of each taken column by its number, and for rows that cannot be taken the reasons."""
    values, reasons = {}, defaultdict(list)
    taken = [(at, column) for at, column in enumerate(columns) if column]
    for done, (at, column) in enumerate(taken):
        values[at], note = read_column(column.kind, [cells[at] for _, cells in table.rows])
        if note:
            notes.append(f"column {table.heads[at]!r}: {note}")
        for (line, _), value in zip(table.rows, values[at]):
            if isinstance(value, Refused):
                reasons[line].append(f"column {table.heads[at]!r}: {value}")
        progress("reading the columns", len(table.rows) * (done + 1) // len(taken), len(table.rows))
    more = {line: f"; and {len(why) - 3} more" if len(why) > 3 else "" for line, why in reasons.items()}
    return values, {line: "; ".join(why[:3]) + more[line] for line, why in reasons.items()}


def _joined(table: Cells, columns: Sequence[Column | None], values: Mapping[int, list[Read]], bad: Mapping[int, str],
            progress: Progress) -> tuple[list[Row], dict[int, str], list[str]]:
    """The rows that can be taken once their program is known, those that never can, and repaired numbers."""
    fields = {column.field: at for at, column in enumerate(columns) if column}
    said = {at: mended(_said(fields, values, at)) for at, (line, _) in enumerate(table.rows) if line not in bad}
    matcher = Matcher(_stated([each for each, _, _ in said.values()]))
    rows, problems, repaired = [], {}, []
    for done, (at, (says, mend, problem)) in enumerate(said.items()):
        line, joined = table.rows[at][0], matcher.join(says)
        facts, contradiction = _facts(columns, values, at, table.heads, says)
        problem = problem or joined.problem or contradiction
        if not problem and not facts and not joined.own:
            problem = "says nothing about its program: every cell is empty or not stated"
        if problem:
            problems[line] = problem
        else:
            as_of = values[fields["as_of"]][at] if "as_of" in fields else None
            rows.append(Row(line, says, joined, as_of.text if isinstance(as_of, Value) else "", facts))
            repaired += [mend] * bool(mend)
        if done % EVERY == 0:
            progress("looking for the programs", done, len(said))
    return rows, problems, repaired


def _said(fields: Mapping[str, int], values: Mapping[int, list[Read]], at: int) -> Said:
    def text(name: str) -> str:
        value = values[fields[name]][at] if name in fields else None
        return value.text if isinstance(value, Value) else ""

    return Said(tuple(filter(None, text("program_code").split(" | "))), text("acgme_program_id"),
                text("institution") or text("program_name"), text("city"), text("state"),
                text("specialty") or specialty_named(f"acgme {text('specialty_code')}"), text("own_program") == "yes")


def _stated(said: Sequence[Said]) -> dict[str, list[str]]:
    """The programs of each ACGME number for which a row gives NRMP codes too."""
    found: dict[str, list[str]] = {}
    for each in said:
        keys = [codes()[code] for code in each.codes if code in codes()]
        if each.acgme and keys:
            found[each.acgme] = list(dict.fromkeys([*found.get(each.acgme, []), *keys]))
    return found


def _facts(columns: Sequence[Column | None], values: Mapping[int, list[Read]], at: int, heads: Sequence[str],
           said: Said) -> tuple[tuple[tuple[str, str, float, str], ...], str]:
    """The facts of a row, and why it contradicts itself (or "")."""
    read = {column.field: (values[i][at], heads[i]) for i, column in enumerate(columns) if column}
    stated = {name: (value, head) for name, (value, head) in read.items()
              if isinstance(value, Value) and (name not in IDENTITY or name == "acgme_program_id")}
    if "acgme_program_id" in stated:
        stated["acgme_program_id"] = (Value(said.acgme), stated["acgme_program_id"][1])
    problem = _no_limit(stated)
    _old_visas(stated)
    return tuple((name, value.text, value.number, head) for name, (value, head) in stated.items()), problem


def _no_limit(stated: dict[str, tuple[Value, str]]) -> str:
    """FREIDA says 'no recency limit' in a column of its own."""
    value, head = stated.pop("yog_no_limit", (None, ""))
    if value is None or value.number != 1:
        return ""
    if "yog_max_years" in stated and stated["yog_max_years"][0].number < math.inf:
        return f"column {head!r} says that there is no limit, column {stated['yog_max_years'][1]!r} gives one"
    stated["yog_max_years"] = (Value("no limit", math.inf), head)
    return ""


def _old_visas(stated: dict[str, tuple[Value, str]]) -> None:
    """FREIDA before 2020 had yes or no for each visa: a list when both J-1 and H-1B are told, else they stay apart."""
    told = {visa: stated.get(name) for name, visa in (("visa_j1", "J-1"), ("visa_h1b", "H-1B"), ("visa_f1", "F-1"))}
    if "visas_accepted" in stated or not (told["J-1"] and told["H-1B"]):
        return
    accepted = " | ".join(visa for visa, each in told.items() if each and each[0].number == 1)
    stated["visas_accepted"] = (Value(accepted or "none"), told["H-1B"][1])
    for name in ("visa_j1", "visa_h1b", "visa_f1"):
        stated.pop(name, None)


def groups_of(row: Row, chosen: Mapping[int, str]) -> tuple[str, ...]:
    """Keys of the programs that a row is about; programs of the user's own list are told by their place."""
    keys = (chosen[row.line],) if row.line in chosen else (OWN,) if row.joined.own else row.joined.keys
    own = f"{OWN}-{fold(row.said.institution)}/{row.said.state}/{specialty_named(row.said.specialty)}"
    return tuple(own if key == OWN or key.startswith(f"{OWN}-") else key for key in keys)


def _conflicts(rows: Sequence[Row], chosen: Mapping[int, str]) -> list[Conflict]:
    """Fields on which rows of one program and one date disagree."""
    by_program: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        for key in groups_of(row, chosen):
            by_program[key].append(row)
    return [conflict for key, about in by_program.items() if len(about) > 1 for conflict in _disagreements(key, about)]


def _disagreements(key: str, rows: Sequence[Row]) -> Iterator[Conflict]:
    said: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for row in rows:
        for name, text, _, _ in row.facts:
            said[name, row.as_of].setdefault(text, row.line)
    program = places()[key].label if key in places() else rows[0].said.text
    for (name, as_of), texts in said.items():
        if len(texts) > 1 and name != "acgme_program_id":  # a program may have several numbers
            yield Conflict(key, program, name, labels().get(name, name.replace("_", " ")), as_of,
                           tuple((line, text) for text, line in texts.items()))


def store(preview: Preview, confirmed: Mapping[int, str] | None = None, take_good_rows: bool = False) -> Import:
    """Keep what can be taken; a file that was imported before (the same content) is replaced.

    Args:
        confirmed: for lines that wait for a word, the `program_key` they are about, or OWN to keep the row as a
            program of the user's own list. Lines left out are not taken.
        take_good_rows: keep the good rows though others cannot be taken.

    Raises:
        UserError: some rows cannot be taken and `take_good_rows` is not said, nothing is left, or a confirmation
            names no such line or program.
    """
    chosen = dict(confirmed or {})
    _check_confirmed(preview, chosen)
    unsure = len(preview.suggestions) - len(chosen)
    conflicts = _conflicts(preview.rows, chosen)
    troubles = {"rows that cannot be taken": len(preview.problems), "rows that wait for your word": unsure,
                "values on which rows disagree": len(conflicts)}
    if any(troubles.values()) and not take_good_rows:
        told = ", ".join(f"{what}: {number:,}" for what, number in troubles.items() if number)
        raise UserError(f"nothing was kept: {told}; mend the file, confirm the rows, or say --take-good-rows to leave those out")
    from imganalytics.own.import_keeping import kept

    return kept(preview, chosen, conflicts)


def _check_confirmed(preview: Preview, chosen: Mapping[int, str]) -> None:
    waiting = {each.line for each in preview.suggestions}
    for line, key in chosen.items():
        if line not in waiting:
            raise UserError(f"{preview.unit} {line} waits for no confirmation; "
                            f"those that do: {', '.join(map(str, sorted(waiting)[:20])) or 'none'}")
        if key != OWN and key not in places():
            raise UserError(f"{preview.unit} {line}: no program {key!r}; as in '1007/Internal Medicine', "
                            f"or {OWN!r} for your own list")
