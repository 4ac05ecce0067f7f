"""The table twin of a chart: plain, semantic HTML that screen readers, printers and the keyboard can use."""

from collections.abc import Collection, Iterable, Sequence
from html import escape
from numbers import Number
from pathlib import Path
from typing import Any

from ipywidgets import HTML

STYLE = (Path(__file__).parent / "table.css").read_text(encoding="utf-8")
NOTHING = "–"
MISSING = {"None", "nan", "NaT", "<NA>"}  # what Python, numpy and pandas print for no value


def _text(cell: Any) -> str:
    text = str(cell)
    return NOTHING if text in MISSING else escape(text)


def _numeric_columns(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> set[str]:
    """Columns that hold numbers and gaps only."""

    def is_number(cell: Any) -> bool:
        return isinstance(cell, Number) and not isinstance(cell, bool)

    filled = [[row[i] for row in rows if str(row[i]) not in MISSING] for i in range(len(columns))]
    return {name for name, cells in zip(columns, filled, strict=True) if cells and all(map(is_number, cells))}


def html_table(
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    caption: str,
    numeric: Collection[str] | None = None,
    row_header: int | None = 0,
    max_height: str = "360px",
) -> str:
    """A table in a box of its own that scrolls; all text is escaped.

    Cells are shown as ``str`` has them: the caller rounds and adds units. None and NaN become a dash.
    ``numeric`` names the columns set flush right (None: those that hold nothing but numbers),
    ``row_header`` is the index of the column that names the row, ``max_height`` any CSS height or "none".

    Raises ValueError for a row of the wrong length and for a ``numeric`` name that is no column.
    """
    rows = [list(row) for row in rows]
    for number, row in enumerate(rows, start=1):
        if len(row) != len(columns):
            raise ValueError(f"row {number} has {len(row)} cells, the table has {len(columns)} columns")
    numeric = _numeric_columns(columns, rows) if numeric is None else set(numeric)
    if strange := numeric - set(columns):
        raise ValueError(f"numeric: {sorted(strange)} are not columns; allowed: {list(columns)}")
    flush = [' class="n"' if name in numeric else "" for name in columns]
    head = "".join(f'<th scope="col"{c}>{_text(name)}</th>' for name, c in zip(columns, flush, strict=True))
    kinds = [
        (f'<th scope="row"{c}>', "</th>") if i == row_header else (f"<td{c}>", "</td>") for i, c in enumerate(flush)
    ]
    body = "".join(
        "<tr>" + "".join(f"{start}{_text(cell)}{end}" for cell, (start, end) in zip(row, kinds, strict=True)) + "</tr>"
        for row in rows
    )
    title = escape(caption)
    pin = ' class="pin"' if row_header == 0 else ""
    # JupyterLab's one-letter shortcuts would otherwise take the arrow keys that scroll this box.
    return (
        f'<style>{STYLE}</style><div class="imga-table" role="region" tabindex="0" aria-label="{title}"'
        f' data-lm-suppress-shortcuts="true" style="max-height: {escape(max_height)}">'
        f"<table{pin}><caption>{title}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


class TableView(HTML):
    """An ``html_table`` in a widget; ``show`` takes the same arguments and replaces what is there."""

    def __init__(self, columns: Sequence[str] = (), rows: Iterable[Sequence[Any]] = (), **options: Any):
        super().__init__(layout={"width": "auto", "max_width": "100%"})
        if columns:
            self.show(columns, rows, **options)

    def show(self, columns: Sequence[str], rows: Iterable[Sequence[Any]], *, caption: str, **options: Any) -> None:
        """Show these rows; the options are those of ``html_table``."""
        self.value = html_table(columns, rows, caption=caption, **options)
