"""An export made again: the question in its receipt is asked once more, and the figures are compared."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from imganalytics.errors import UserError
from imganalytics.export import asking, formats
from imganalytics.export.csv_file import Table, cell, figures_of
from imganalytics.export.exported import Exported, Receipt, data_digest
from imganalytics.result import Result, RowsBy, RowsOf

CLOSE = 1e-9  # spreadsheets keep 15 digits of a number
LONGEST = 1_000_000  # letters of a receipt; ours have some hundreds
NOT_KEYS = ("source", "matched_source", "locator", "reason", "note", "reliability", "derivation", "corrections", "base",
            "source_read_at", "source_confidence", "sources")

Row = dict[str, str]  # cells as text, by their heads


@dataclass(frozen=True)
class Redrawn:
    """One receipt of a file, asked again.

    Attributes:
        receipt: what the file carried.
        exported: the answer of today; None when the question is refused.
        same: whether the figures are those that the file was made with, and those that stand in it.
        told: what changed, a line each.
    """

    receipt: Receipt
    exported: Exported | None
    same: bool
    told: tuple[str, ...] = ()


def redrawn(content: bytes) -> list[Redrawn]:
    """Each question in a file asked again, and its figures compared.

    Raises:
        UserError: the file carries no receipt of ours, or one that is damaged; nothing else in it is ever run.
    """
    kind = formats.kind_of(content)
    if kind == formats.PACK:
        raise UserError("this is an archive; unpack it, then redraw a file in it")
    receipts = formats.receipts_in(kind, content)
    if not receipts:
        raise UserError(f"no receipt was found in this {kind} file: it was not made by this workbook, or a program "
                        "that saved it again took the receipt out")
    return [_again(_receipt(text), formats.figures_in(kind, content)) for text in receipts]


def _receipt(text: str) -> Receipt:
    """A receipt whose parts are what they should be: anyone may have written it."""
    try:
        receipt = Receipt.from_json(text if len(text) < LONGEST else "")
    except RecursionError:
        raise UserError("the receipt is damaged: it is not what this workbook wrote") from None
    words = {name: value for name, value in vars(receipt).items() if name != "arguments"}
    if not (isinstance(receipt.arguments, dict) and all(isinstance(value, str) for value in words.values())):
        raise UserError("the receipt is damaged: it is not what this workbook wrote")
    return receipt


def _again(receipt: Receipt, old: Table) -> Redrawn:
    try:
        exported = _asked(receipt)
    except UserError as error:
        return Redrawn(receipt, None, False, (f"cannot be asked again: {error}",))
    unchanged = exported.receipt.figures == receipt.figures
    changes = _changes(old, exported.result) if old[0] else []
    if unchanged and changes:
        return Redrawn(receipt, exported, False, (
            "the figures are what they were when the file was made; the file was changed since:", *changes))
    if unchanged:
        return Redrawn(receipt, exported, True)
    told = changes or [_only_digests(receipt, bool(old[0]))]
    return Redrawn(receipt, exported, False, (*told, *_old_words(exported)))


def _old_words(exported: Exported) -> list[str]:
    """Words of the file that are not the study's: they may name figures that are no more."""
    today = exported.result
    printed = {"title": (exported.title, today.title), "subtitle": (exported.subtitle, today.subtitle)}
    return [f"the {name} still says {old!r}; the study's own is now {new!r}"
            for name, (old, new) in printed.items() if old != new]


def _asked(receipt: Receipt) -> Exported:
    if not asking.is_study(receipt.study):
        raise UserError(f"this version of the workbook has no study {receipt.study!r}; "
                        f"the file was made by version {receipt.version}")
    try:
        return receipt.ask()
    except UserError:
        raise
    except Exception as error:  # whatever arguments of the wrong kind may do inside a study
        raise UserError(f"the study {receipt.study} does not take the arguments in the receipt "
                        f"({type(error).__name__}: {str(error)[:200]})") from None


def _only_digests(receipt: Receipt, with_figures: bool) -> str:
    if with_figures:
        return "the figures differ in their order or beyond what the file can tell"
    changed = receipt.data != data_digest()
    since = "the data changed since" if changed else f"the file was made by version {receipt.version}"
    return f"the figures differ ({since}); which ones is told of CSV and Excel files only, whose cells can be read again"


# What changed ----------------------------------------------------------------------------------------------


def _changes(old: Table, result: Result) -> list[str]:
    """Columns and rows that are new or gone, and each cell that is another, old and new."""
    heads, rows = old
    frame = figures_of(result)
    new_heads = list(map(str, frame.columns))
    new_rows = [[str(cell(value)) for value in row] for row in frame.astype(object).itertuples(index=False)]
    shared = [head for head in new_heads if head in heads]
    said = [f"column gone: {head}" for head in heads if head not in new_heads]
    said += [f"column new: {head}" for head in new_heads if head not in heads]
    before = [dict(zip(heads, row)) for row in rows]
    after = [dict(zip(new_heads, row)) for row in new_rows]
    return said + _of_rows(before, after, keys(result, frame, shared, before, after), shared)


def _of_rows(before: list[Row], after: list[Row], by: Sequence[str], shared: Sequence[str]) -> list[str]:
    named = [name for name in by if len({row[name] for row in (*before, *after)}) > 1] or by[:1]
    if not by:  # nothing tells the rows apart but their place
        before = [row | {"row": str(at)} for at, row in enumerate(before, 1)]
        after = [row | {"row": str(at)} for at, row in enumerate(after, 1)]
        by = named = ("row",)
    old = {tuple(_canonical(row[name]) for name in by): row for row in before}
    new = {tuple(_canonical(row[name]) for name in by): row for row in after}
    said = [f"row gone: {_name(row, named)}" for key, row in old.items() if key not in new]
    said += [f"row new: {_name(row, named)}" for key, row in new.items() if key not in old]
    return said + [f"{_name(row, named)}: {column} {_shown(old[key][column])} \u2192 {_shown(row[column])}"
                   for key, row in new.items() if key in old for column in shared
                   if not _equal(old[key][column], row[column])]


def keys(result: Result, frame: pd.DataFrame, shared: Sequence[str], *tables: list[Row]) -> list[str]:
    """Columns that tell every row of the tables apart: the Result's own, then others of text; [] if none do."""
    chosen = [name for name in dict.fromkeys(_own_keys(result)) if name in shared]
    others = [name for name in shared if name not in chosen and name not in NOT_KEYS and _tells(name, frame[name])]
    for name in ("", *others):
        chosen += [name] if name else []
        if chosen and all(_tells_apart(chosen, table) for table in tables):
            return chosen
    return []


def _own_keys(result: Result) -> list[str]:
    rows = result.rows_of
    if isinstance(rows, RowsBy):
        return [rows.column, *(name for each in rows.each.values() for name in each.columns)]
    return list(rows.columns) if isinstance(rows, RowsOf) else []


def _tells(name: str, values: pd.Series) -> bool:
    whole = not pd.api.types.is_float_dtype(values)
    return whole and not name.endswith(("_source_id", "_locator")) or name.endswith("year")


def _tells_apart(names: Sequence[str], rows: list[Row]) -> bool:
    return max(Counter(tuple(_canonical(row[name]) for name in names) for row in rows).values(), default=1) == 1


def _name(row: Row, by: Sequence[str]) -> str:
    return ", ".join(f"{name} {row[name]}" if _number(row[name]) is not None else row[name] or f"no {name}"
                     for name in by)


def _equal(one: str, other: str) -> bool:
    if one == other or _canonical(one) == _canonical(other):
        return True
    first, second = _number(one), _number(other)
    return first is not None and second is not None and math.isclose(first, second, rel_tol=CLOSE)


def _number(text: str) -> float | None:
    """A number as any spreadsheet writes it, in a country of decimal commas too."""
    try:
        number = float(text.replace(",", ".")) if text.count(",") <= 1 else math.nan
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _canonical(text: str) -> Any:
    """What spreadsheets do not keep when they save text again: line ends, and the letters of true and false."""
    plain = text.replace("\r\n", "\n").strip()
    return plain.lower() if plain.lower() in ("true", "false") else plain


def _shown(text: str) -> str:
    return " ".join(text.split())[:120] or "nothing"
