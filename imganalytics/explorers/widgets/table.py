"""The table twin of a chart: plain, semantic HTML that screen readers, printers and the keyboard can use."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from html import escape
from numbers import Number
from pathlib import Path
from typing import Any

from anywidget import AnyWidget
from traitlets import List, Unicode

Row = Sequence[Any]

HERE = Path(__file__).parent
STYLE = (HERE / "table.css").read_text(encoding="utf-8")
MISSING = {"None", "nan", "NaT", "<NA>"}  # what Python, numpy and pandas print for no value
BLANK = {"", *MISSING}
NOTHING = "–"


def html_table(
    columns: Sequence[str],
    rows: Iterable[Row],
    *,
    caption: str,
    numeric: Collection[str] | None = None,
    row_header: int | None = 0,
    max_height: str = "360px",
    keys: Sequence[Sequence[Any]] = (),
    figures: Mapping[str, Any] | None = None,
) -> str:
    """A table in a box of its own that scrolls; all text is escaped.

    Cells are shown as ``str`` has them: the caller rounds and adds units. None and NaN become a dash.
    ``numeric`` names the columns set flush right (None: those that hold nothing but numbers),
    ``row_header`` is the index of the column that names the row, ``max_height`` any CSS height or "none".
    ``keys`` says what each row is, and ``figures`` what each column of figures is, in values that JSON knows:
    a cell of both that is not blank can be asked about (see :class:`TableView`).

    Raises ValueError for a row of the wrong length, for a ``numeric`` or ``figures`` name that is no column, and for
    keys that are not one a row.
    """
    rows, figures = list(rows), figures or {}
    _check(columns, rows, [*(numeric or ()), *figures])
    if keys and len(keys) != len(rows):
        raise ValueError(f"{len(keys)} keys for {len(rows)} rows")
    numeric = _numeric_columns(columns, rows) if numeric is None else numeric
    flush = [' class="n"' if name in numeric else "" for name in columns]
    tags = [f'th scope="row"{right}' if i == row_header else f"td{right}" for i, right in enumerate(flush)]
    head = _line([f'th scope="col"{right}' for right in flush], columns)
    asked = [f" data-figure='{escape(json.dumps(figures[name]))}'" if name in figures and keys else "" for name in columns]
    body = "".join(_line(tags, row, asked, key) for row, key in zip(rows, keys or [()] * len(rows)))
    title = escape(caption)
    kind = (' class="pin"' if row_header == 0 else "") + (' role="grid"' if keys else "")
    stop = "" if keys else ' tabindex="0"'  # the figures are tab stops themselves
    # JupyterLab's own shortcuts would otherwise take the arrow keys that scroll this box.
    return (
        f'<style>{STYLE}</style><div class="imga-table" role="region"{stop} aria-label="{title}"'
        f' data-lm-suppress-shortcuts="true" style="max-height: {escape(max_height)}">'
        f"<table{kind}><caption>{title}</caption><thead>{head}</thead><tbody>{body}</tbody></table></div>"
    )


class TableView(AnyWidget):
    """An ``html_table`` in a widget; ``show`` takes the same arguments and replaces what is there.

    A click, Enter or Space on a figure sets `clicked` to the key of its row and what its column is, in one list (Escape:
    to an empty list). The figure that is `chosen` is set off. Works without a browser.
    """

    _esm = "".join((HERE / name).read_text(encoding="utf-8") for name in ("uncover.js", "table.js"))

    value = Unicode(help="the table as HTML").tag(sync=True)
    clicked = List(default_value=None, allow_none=True, help="the figure asked about").tag(sync=True)
    chosen = List(default_value=None, allow_none=True, help="the figure set off").tag(sync=True)

    def __init__(self, columns: Sequence[str] = (), rows: Iterable[Row] = (), **options: Any):
        super().__init__(layout={"width": "auto", "max_width": "100%"})
        if columns:
            self.show(columns, rows, **options)

    def show(self, columns: Sequence[str], rows: Iterable[Row], *, caption: str, **options: Any) -> None:
        """Show these rows; the options are those of ``html_table``."""
        self.value = html_table(columns, rows, caption=caption, **options)


def _check(columns: Sequence[str], rows: Sequence[Row], named: Collection[str]) -> None:
    for number, row in enumerate(rows, start=1):
        if len(row) != len(columns):
            raise ValueError(f"row {number} has {len(row)} cells, the table has {len(columns)} columns")
    if strange := [name for name in named if name not in columns]:
        raise ValueError(f"numeric, figures: {strange} are not columns; allowed: {list(columns)}")


def _line(tags: Sequence[str], cells: Row, asked: Sequence[str] = (), key: Sequence[Any] = ()) -> str:
    own = [figure if str(cell) not in BLANK else "" for cell, figure in zip(cells, asked or [""] * len(tags))]
    done = (f"<{tag}{figure}>{_text(cell)}</{tag[:2]}>" for tag, cell, figure in zip(tags, cells, own, strict=True))
    named = f" data-row='{escape(json.dumps(list(key)))}'" if key else ""
    return f"<tr{named}>{''.join(done)}</tr>"


def _text(cell: Any) -> str:
    text = str(cell)
    return NOTHING if text in MISSING else escape(text)


def _numeric_columns(columns: Sequence[str], rows: Sequence[Row]) -> list[str]:
    def numbers_only(i: int) -> bool:
        cells = [row[i] for row in rows if str(row[i]) not in MISSING]
        return bool(cells) and all(isinstance(c, Number) and not isinstance(c, bool) for c in cells)

    return [name for i, name in enumerate(columns) if numbers_only(i)]
