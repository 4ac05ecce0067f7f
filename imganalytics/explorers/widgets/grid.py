"""A table of thousands of rows in which the browser draws only those in sight."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from anywidget import AnyWidget
from traitlets import Any as Anything
from traitlets import Dict, Int, List, Tuple, Unicode, observe, validate

from imganalytics.explorers.widgets.options import ChoiceError, quote

HERE = Path(__file__).parent
COLUMN = {"name": "", "label": "", "numeric": False, "width": 120, "hint": ""}
UNSORTED = {"column": "", "descending": False}


def _as_json(cells: Sequence[Sequence[str]], _widget: Any) -> bytes:
    """The cells as one buffer, past the widget machinery that would look into each of sixty thousand texts."""
    return json.dumps(cells, ensure_ascii=False, separators=(",", ":")).encode()


def _as_int32(rows: Sequence[int], _widget: Any) -> bytes:
    return np.asarray(rows, dtype="<i4").tobytes()


class Grid(AnyWidget):
    """Shows ``cells`` (one list of texts a column) in the ``order`` of row numbers that Python sends.

    The cells travel once; filtering and sorting send row numbers alone, four bytes each. A column is a dict with
    "name" and, as wanted: "label", "numeric" (flush right, sorted from the greatest first), "width" (least, in pixels),
    "hint" (tooltip). The first column names the row and stays in sight when the table is scrolled sideways.

    A press on a head sets ``sort``: who observes it sorts and sets ``order``. A click or Enter sets ``chosen`` (Escape:
    to -1), a tick or Space changes ``marked``, both row numbers. Works without a browser.

    Raises ChoiceError (a UserError) for a row that is not there, cells that do not fit the columns, or an unknown
    column.
    """

    _esm = "".join((HERE / name).read_text(encoding="utf-8") for name in ("uncover.js", "grid.js"))
    _css = HERE / "grid.css"

    columns: Any = List(help="what each column is").tag(sync=True)
    cells: Any = Anything((), help="one list of texts a column").tag(sync=True, to_json=_as_json)
    order: Any = Anything((), help="numbers of the rows shown, in the order shown").tag(sync=True, to_json=_as_int32)
    sort: Any = Dict(UNSORTED, help="by which column, and whether from the greatest").tag(sync=True)
    chosen = Int(-1, help="number of the row chosen, or -1").tag(sync=True)
    marked: Any = Tuple(help="numbers of the rows ticked, in the order they were ticked").tag(sync=True)
    mark_label = Unicode("Mark", help="what a tick is for; empty for no ticks").tag(sync=True)
    height = Int(460, min=120, max=1600, help="of the box, in pixels").tag(sync=True)
    empty = Unicode("No row fits.", help="said when no row is shown").tag(sync=True)
    nothing = Unicode("not stated", help="the text of a cell without a value: set lighter").tag(sync=True)
    caption = Unicode(help="name of the table, for screen readers").tag(sync=True)

    def __init__(self, columns: Iterable[Mapping[str, Any]] = (), cells: Iterable[Iterable[str]] = (),
                 order: Iterable[int] | None = None, **traits: Any):
        cells = [list(column) for column in cells]
        order = range(len(cells[0]) if cells else 0) if order is None else order
        traits.setdefault("layout", {"width": "auto", "max_width": "100%"})
        super().__init__(columns=list(columns), cells=cells, order=order, **traits)

    @property
    def rows(self) -> int:
        """How many rows there are, shown or not."""
        return len(self.cells[0]) if len(self.cells) else 0

    def show(self, columns: Iterable[Mapping[str, Any]], cells: Iterable[Iterable[str]],
             order: Iterable[int] | None = None) -> None:
        """Replace all that is in the table, in one message. Without an order all rows are shown as they come."""
        cells = [list(column) for column in cells]
        with self.hold_sync(), self.hold_trait_notifications():
            self.columns, self.cells = list(columns), cells
            self.order = range(len(cells[0]) if cells else 0) if order is None else order

    @validate("columns")
    def _complete_columns(self, proposal: Any) -> list[dict[str, Any]]:
        columns = [_column(raw) for raw in proposal["value"]]
        names = [column["name"] for column in columns]
        if twice := {name for name in names if names.count(name) > 1}:
            raise ChoiceError(f"columns: {quote(twice)} is there more than once")
        if len(self.cells) not in (0, len(columns)):
            raise ChoiceError(f"columns: {len(columns)} columns for {len(self.cells)} lists of cells; "
                              "show() takes both")
        return columns

    @validate("cells")
    def _check_cells(self, proposal: Any) -> list[list[str]]:
        cells = [list(column) for column in proposal["value"]]
        names = [column.get("name") for column in self.columns]
        if len(cells) != len(names):
            raise ChoiceError(f"cells: {len(cells)} lists of cells for {len(names)} columns")
        for name, column in zip(names, cells):
            if len(column) != len(cells[0]):
                raise ChoiceError(f"cells: column {name!r} has {len(column):,} cells, {names[0]!r} {len(cells[0]):,}")
            if not set(map(type, column)) <= {str}:
                row = next(row for row, cell in enumerate(column) if type(cell) is not str)
                raise ChoiceError(f"cells: column {name!r}, row {row}: {column[row]!r} is not text")
        return cells

    @validate("order", "marked")
    def _check_rows(self, proposal: Any) -> tuple[int, ...]:
        name = proposal["trait"].name
        given = proposal["value"]
        rows = np.asarray(given if hasattr(given, "__len__") else list(given))
        if not rows.size:
            return ()
        if rows.ndim != 1 or rows.dtype.kind not in "iu":
            raise ChoiceError(f"{name}: it is a list of row numbers, whole and from 0")
        if (bad := rows[(rows < 0) | (rows >= self.rows)]).size:
            raise ChoiceError(f"{name}: {bad[0]} is not a row; {self._allowed()}")
        if (counts := np.bincount(rows.astype(np.int64))).max() > 1:
            raise ChoiceError(f"{name}: row {counts.argmax()} is there more than once")
        return tuple(rows.tolist())

    @validate("chosen")
    def _check_chosen(self, proposal: Any) -> int:
        if not -1 <= proposal["value"] < self.rows:
            raise ChoiceError(f"chosen: {proposal['value']} is not a row; {self._allowed()}, or -1 for none")
        return proposal["value"]

    @validate("sort")
    def _check_sort(self, proposal: Any) -> dict[str, Any]:
        sort, names = UNSORTED | proposal["value"], [column.get("name") for column in self.columns]
        if strange := sort.keys() - UNSORTED.keys():
            raise ChoiceError(f"sort: no such key {quote(strange)}; allowed: {quote(UNSORTED)}")
        if sort["column"] not in ["", *names]:
            raise ChoiceError(f"sort: {sort['column']!r} is not a column; allowed: {quote(names) or 'nothing'}")
        return {"column": sort["column"], "descending": bool(sort["descending"])}

    @observe("columns", "cells")
    def _drop_what_is_gone(self, _change: Any) -> None:
        """Rows and the sort column that the new table does not have."""
        rows = self.rows
        for name in ("order", "marked"):
            if max(getattr(self, name), default=-1) >= rows:
                setattr(self, name, tuple(row for row in getattr(self, name) if row < rows))
        self.chosen = self.chosen if self.chosen < rows else -1
        if self.sort["column"] not in [column["name"] for column in self.columns]:
            self.sort = UNSORTED

    def _allowed(self) -> str:
        return f"allowed: 0 to {self.rows - 1}" if self.rows else "the table has no rows"


def _column(raw: Mapping[str, Any]) -> dict[str, Any]:
    name = raw.get("name")
    if strange := raw.keys() - COLUMN.keys():
        raise ChoiceError(f"column {name!r}: no such key {quote(strange)}; allowed: {quote(COLUMN)}")
    if not isinstance(name, str) or not name:
        raise ChoiceError(f"column {dict(raw)!r}: it has no name")
    column = {**COLUMN, **raw, "label": raw.get("label") or name, "numeric": bool(raw.get("numeric"))}
    if isinstance(column["width"], bool) or not isinstance(column["width"], int) or not 20 <= column["width"] <= 1000:
        raise ChoiceError(f"column {name!r}: width {column['width']!r}; allowed: 20 to 1000 (pixels)")
    return column
