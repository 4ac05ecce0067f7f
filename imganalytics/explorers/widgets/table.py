"""The table twin of a chart: plain, semantic HTML that screen readers, printers and the keyboard can use."""

from collections.abc import Collection, Iterable, Sequence
from html import escape
from numbers import Number
from pathlib import Path
from typing import Any

from ipywidgets import HTML

Row = Sequence[Any]

STYLE = (Path(__file__).parent / "table.css").read_text(encoding="utf-8")
MISSING = {"None", "nan", "NaT", "<NA>"}  # what Python, numpy and pandas print for no value
NOTHING = "–"


def html_table(
    columns: Sequence[str],
    rows: Iterable[Row],
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
    rows = list(rows)
    _check(columns, rows, numeric or ())
    numeric = _numeric_columns(columns, rows) if numeric is None else numeric
    flush = [' class="n"' if name in numeric else "" for name in columns]
    tags = [f'th scope="row"{right}' if i == row_header else f"td{right}" for i, right in enumerate(flush)]
    head = _line([f'th scope="col"{right}' for right in flush], columns)
    body = "".join(_line(tags, row) for row in rows)
    title = escape(caption)
    pin = ' class="pin"' if row_header == 0 else ""
    # JupyterLab's own shortcuts would otherwise take the arrow keys that scroll this box.
    return (
        f'<style>{STYLE}</style><div class="imga-table" role="region" tabindex="0" aria-label="{title}"'
        f' data-lm-suppress-shortcuts="true" style="max-height: {escape(max_height)}">'
        f"<table{pin}><caption>{title}</caption><thead>{head}</thead><tbody>{body}</tbody></table></div>"
    )


class TableView(HTML):
    """An ``html_table`` in a widget; ``show`` takes the same arguments and replaces what is there."""

    def __init__(self, columns: Sequence[str] = (), rows: Iterable[Row] = (), **options: Any):
        super().__init__(layout={"width": "auto", "max_width": "100%"})
        if columns:
            self.show(columns, rows, **options)

    def show(self, columns: Sequence[str], rows: Iterable[Row], *, caption: str, **options: Any) -> None:
        """Show these rows; the options are those of ``html_table``."""
        self.value = html_table(columns, rows, caption=caption, **options)


def _check(columns: Sequence[str], rows: Sequence[Row], numeric: Collection[str]) -> None:
    for number, row in enumerate(rows, start=1):
        if len(row) != len(columns):
            raise ValueError(f"row {number} has {len(row)} cells, the table has {len(columns)} columns")
    if strange := [name for name in numeric if name not in columns]:
        raise ValueError(f"numeric: {strange} are not columns; allowed: {list(columns)}")


def _line(tags: Sequence[str], cells: Row) -> str:
    done = (f"<{tag}>{_text(cell)}</{tag[:2]}>" for tag, cell in zip(tags, cells, strict=True))
    return f"<tr>{''.join(done)}</tr>"


def _text(cell: Any) -> str:
    text = str(cell)
    return NOTHING if text in MISSING else escape(text)


def _numeric_columns(columns: Sequence[str], rows: Sequence[Row]) -> list[str]:
    def numbers_only(i: int) -> bool:
        cells = [row[i] for row in rows if str(row[i]) not in MISSING]
        return bool(cells) and all(isinstance(c, Number) and not isinstance(c, bool) for c in cells)

    return [name for i, name in enumerate(columns) if numbers_only(i)]
