"""Where does this number come from? Answered for a row of any Result, and for any place in a public table."""

from collections.abc import Hashable
from dataclasses import replace
from typing import Any

import numpy as np

from imganalytics.errors import UserError
from imganalytics.result import Result, RowsBy, RowsOf
from imganalytics.studies.competitiveness import REASON
from imganalytics.studies.explanation import Explanation, figure_text
from imganalytics.studies.lineage import Row, counted, home, lineage, measures, package, published, rows_where
from imganalytics.studies.rate_lineage import KEY, RATE_RULE, looked_for, rate_lineage
from imganalytics.studies.words import difference_text, percent, readable
from imganalytics.vocabulary import BASES, TRACKS, applicant_types
from imganalytics.warehouse.conflicts import RULE
from imganalytics.warehouse.sums import YEARS

NOT_PUBLISHED = "Not published in any source here"
UNSAID = ("not_stated", "all", None)  # entry levels that need no word


def explain(result: Result, row: Hashable) -> Explanation:
    """Where the figure in a row of a Result comes from: source, page, derivation, corrections, other sources.

    Args:
        result: the Result of any study.
        row: an index label of ``result.frame``, or else a position in it.

    Raises:
        UserError: there is no such row.
    """
    found = _row_of(result, row)
    if {"table", "row_key", "source_id"} <= set(found) and result.rows_of is None:
        return _titled(_explain_key(found), found)
    if {"table_name", "what", "figures"} <= set(found) and result.rows_of is None:
        return _explain_kind(found)
    if result.rows_of is None:
        return _without_table(result, found)
    stands = result.rows_of.each[found[result.rows_of.column]] if isinstance(result.rows_of, RowsBy) else result.rows_of
    place = stands.fixed | {name: found[name] for name in stands.columns}
    explanation = _with_difference(explain_place(stands.table, place), found, place, stands)
    if found.get("reason") not in (None, "", explanation.detail):
        explanation = replace(explanation, how=(*explanation.how, f"Shown without a number here: {found['reason']}."))
    return explanation


def _explain_kind(found: Row) -> Explanation:
    """The explanation of a row that counts figures of a kind: `what`, in the table `table_name`."""
    table = found["table_name"]
    columns = {field.name for field in package()[table].fields} if table in package() else set(KEY)
    year = next((name for name in YEARS if name in columns), None)
    place = {name: value for name, value in found.items()
             if name in columns and name != "year" and value is not None}
    if year and found.get("year") is not None:
        place[year] = int(found["year"])
    elif year and year not in place and found.get("match_year"):
        place[year] = found["match_year"]
    if "measure" in columns and "measure" not in place:
        place |= {"measure": key for key, measure in measures().items() if measure["label"] == found["what"]}
    explanation = explain_place(table, place)
    count, rows = found["figures"], sum(fact.value for fact in explanation.facts if fact.unit == "figures")
    own = f" Of these, {figure_text(count, 'figures')} are of this kind." if rows > count else ""
    return replace(explanation, heading=", ".join(filter(None, (found["what"], found.get("type_label")))),
                   value=figure_text(count, "figures"), how=tuple(sentence + own for sentence in explanation.how))


def _explain_key(found: Row) -> Explanation:
    """The explanation of a row that is named by its table and row_key ('column=value; column=value'; several: ' | ')."""
    if not found["row_key"]:
        return Explanation("", how=("No printed figure stands behind it.",))
    if found["table"] == "imported":
        place = dict(part.split("=", 1) for part in found["row_key"].split("; "))
        return Explanation("", how=(f"You imported it: {place['file']}, row {place['row']}, on {place['imported_at']}.",
                                    f"The file is known by its SHA-256: {place['sha256']}."))
    if " | " in found["row_key"]:
        return _explain_together([_explain_key(found | {"row_key": key}) for key in found["row_key"].split(" | ")])
    table = found["table"]
    place = dict(part.split("=", 1) for part in found["row_key"].split("; "))
    if "source_id" in key_of(table):
        place.setdefault("source_id", found["source_id"])
    if "measure" in key_of(table) and found.get("measure"):
        place.setdefault("measure", found["measure"].replace(" ", "_"))
    rows = published(table, place)
    return explain_row(table, rows[0]) if rows else explain_place(table, place)


def _titled(explanation: Explanation, found: Row) -> Explanation:
    """The explanation under the words of the row itself, where it has some: `what`, `value` and `detail`."""
    if not {"part", "what", "value", "detail"} <= set(found):
        return explanation
    return replace(explanation, heading=found["what"], scope=found["part"], value=found["value"], detail=found["detail"] or "")


def _explain_together(parts: list[Explanation]) -> Explanation:
    """The explanation of a figure that rests on several rows, as a sum or a difference does."""
    return replace(parts[0], value="", how=(f"Rests on {len(parts)} printed rows.",),
                   facts=tuple(fact for part in parts for fact in part.facts),
                   corrections=tuple(each for part in parts for each in part.corrections),
                   alternatives=tuple(each for part in parts for each in part.alternatives))


def explain_place(table: str, place: Row) -> Explanation:
    """Where the figures of a public table at `place` (column: value) come from; they may be none, one or many."""
    rows = rows_where(home(table), place)
    if len(rows) == 1:
        return explain_row(table, rows[0])
    heading, scope = _named(table, place)
    named = "; ".join(f"{name}={value}" for name, value in place.items())
    if rows:
        which = f"{table} with {named}" if place else table
        return Explanation(heading, scope, figure_text(len(rows), "figures"), facts=tuple(counted(table, place)),
                           how=(f"Every row of {which}.",))
    missing = looked_for(place) if table == "match_rates" and set(KEY) <= set(place) else ()
    return Explanation(heading, scope, NOT_PUBLISHED, missing=missing or (f"Looked for in {table} at {named}.",))


def explain_row(table: str, row: Row) -> Explanation:
    """Where one row of a public table comes from; `row` holds all its columns."""
    if table == "match_rates":
        return _explain_rate(row)
    found = lineage(table, row)
    only = found.facts[0] if len(found.facts) == 1 else None
    value = figure_text(only.value, only.unit) if only and only.value is not None else only.text if only else ""
    rule = f"{RULE}; so {found.first} goes first, not this one" if found.first != row["source_id"] else RULE
    return Explanation(*_named(table, row), value, facts=tuple(found.facts), corrections=tuple(found.corrections),
                       alternatives=tuple(found.alternatives), rule=rule if found.alternatives else "")


def key_of(table: str) -> tuple[str, ...]:
    """Columns whose values lead to one row of a table; none when it is not described."""
    if table == "match_rates":
        return KEY
    return package()[table].key if table in package() else ()


def _explain_rate(row: Row) -> Explanation:
    found = rate_lineage(row)
    [kept] = rows_where("main.match_rates r", {name: row[name] for name in KEY}, f"{REASON} AS reason")
    value, detail, how = "No rate", kept["reason"], ()
    if row["rate"] is not None:
        value = percent(row["rate"])
        detail = (f"95 % interval {percent(row['rate_low'])} to {percent(row['rate_high'])}; {row['matched']:,} matched of "
                  f"{row['applicants']:,}" + ("; unstable" if row["reliability"] == "unstable" else ""))
        how = (f"{row['derivation'][0].upper()}{row['derivation'][1:]}. The interval is Wilson's, 95 %.",)
    return Explanation(*_named("match_rates", row), value, detail, how, tuple(found.facts), tuple(found.corrections),
                       tuple(found.alternatives), RATE_RULE if found.alternatives else "", found.missing)


def _row_of(result: Result, row: Hashable) -> Row:
    """The row of a frame as plain values, by label or position."""
    frame = result.frame
    at = [] if isinstance(row, list | dict) else np.flatnonzero(frame.index == row).tolist()
    if not at and isinstance(row, int) and 0 <= row < len(frame):
        at = [row]
    if len(at) != 1:
        labels = f"{frame.index[0]!r} to {frame.index[-1]!r}" if len(frame) else "none, since no figure is shown"
        raise UserError(f"row {row!r}: {len(at) or 'no'} rows of this result have it; allowed: {labels}, or a position "
                        f"from 0 to {len(frame) - 1}" if len(frame) else f"row {row!r}: this result has no rows")
    return {name: _plain(frame[name].iloc[at[0]]) for name in frame.columns}


def _plain(value: Any) -> Any:
    value = value.item() if isinstance(value, np.generic) else value
    return None if isinstance(value, float) and value != value else value


def _without_table(result: Result, found: Row) -> Explanation:
    """A calculation, or a study that does not say what its rows stand for: then the sources of the whole answer."""
    asked = "; ".join(f"{name}={value}" for name, value in result.question.arguments.items())
    value = percent(found["rate"]) if found.get("rate") is not None else ""
    how = f"Calculated by the study {result.question.study!r} from {asked or 'no arguments'}; it names no published figure."
    if result.sources:
        own = tuple(source for source in result.sources if source.source_id == found.get("source_id"))
        line = replace(result, sources=own or result.sources).source_line
        how = f"The study {result.question.study!r} ({asked or 'no arguments'}) does not say which rows it rests on. {line}."
    return Explanation(result.title, result.subtitle, value, how=(how,))


def _with_difference(explanation: Explanation, found: Row, place: Row, stands: RowsOf) -> Explanation:
    """Adds the second figure of a difference, when the frame is about one and this row is part of it."""
    for column, pair in stands.compared.items():
        if place[column] not in pair or found.get("difference") is None:
            continue
        [other] = [value for value in pair if value != place[column]]
        second = explain_place(stands.table, place | {column: other})
        names = {value: applicant_types()[value].label if column == "applicant_type" else value for value in pair}
        gap = difference_text(found["difference"], found["difference_low"], found["difference_high"])
        sentence = (f"Difference, {names[pair[0]]} minus {names[pair[1]]}: {gap} points; its interval is Newcombe's, 95 %. "
                    f"The figure of {names[other]}: {second.value} ({second.detail}).")
        label = names[other]
        return replace(explanation, how=(*explanation.how, sentence),
                       facts=explanation.facts + tuple(replace(fact, what=f"{label}, {fact.what.lower()}")
                                                       for fact in second.facts),
                       corrections=explanation.corrections + tuple(replace(one, what=f"{label}, {one.what.lower()}")
                                                                   for one in second.corrections))
    return explanation


def _named(table: str, row: Row) -> tuple[str, str]:
    """What the figures of a place are called, and the place, the year and the base they are of."""
    specialty = row.get("specialty")
    label = next((kept["label"] for kept in rows_where("main.specialties", {"specialty": specialty}, "label")), specialty)
    what = "Match rate" if table == "match_rates" else table.replace("_", " ").capitalize()
    if row.get("measure") in measures():
        what = measures()[row["measure"]]["label"]
    kind = applicant_types().get(row.get("applicant_type"))
    heading = what + (f", {kind.label}" if kind else "") + (f": {label}" if label else "")
    known = {"measure", "applicant_type", "specialty", "track", "entry_level", "match_year", "base", "source_id"}
    rest = [readable(row[name]) if isinstance(row[name], str) else f"{name.replace('_', ' ')} {row[name]}"
            for name in key_of(table) or row if name not in known and row.get(name) is not None]
    level = row.get("entry_level")
    parts = [specialty if specialty != label else None, *rest, TRACKS.get(row.get("track"), row.get("track")),
             None if level in UNSAID else level,
             f"{row['match_year']} Match" if row.get("match_year") else None,
             f"base: {BASES[row['base']].denominator}" if row.get("base") in BASES else None]
    return heading, ", ".join(part for part in parts if part)

