"""An answer without a chart as native tables: the figures, as many as a room reads, over several slides."""

from typing import TYPE_CHECKING, Any

import pandas as pd

from imganalytics.export.exported import Exported
from imganalytics.export.pptx_layout import layout_of, room_of
from imganalytics.export.pptx_words import EMU, cleaned, width_of

if TYPE_CHECKING:  # loaded when a slide is made
    from pptx.presentation import Presentation

ROW = 20          # points
MOST_SLIDES = 4
MOST_COLUMNS = 8
LONGEST = 60      # letters of a cell
UNREAD = ("_id", "locator", "derivation", "sort", "_key", "order")


def add_table_slides(made: "Presentation", exported: Exported, own: bool) -> None:
    """Add the figures of an answer as tables; says how many rows are left out."""
    from imganalytics.export.pptx_file import Frame

    layout = layout_of(made)
    room = room_of(made, layout, own)
    frame = Frame(exported, room, continued=True)
    shown = _shown(exported.result.frame)
    each = max(3, int((frame.bottom - frame.top - 30) // ROW) - 1)
    count = max(1, min(MOST_SLIDES, -(-len(shown) // each)))
    for at in range(count):
        slide = made.slides.add_slide(layout)
        part = f" \u2013 continued ({at + 1} of {count})" if at else f" (1 of {count})" if count > 1 else ""
        frame.begin(slide, part)
        rows = shown.iloc[at * each:(at + 1) * each]
        bottom = _table(slide, rows, (room.left, frame.top + 4, room.width), exported)
        if at == count - 1 and len(shown) > count * each:
            _more(slide, len(shown), count * each, room, bottom)
        frame.end(slide, bottom + 18)


def _shown(frame: pd.DataFrame) -> pd.DataFrame:
    names = [name for name in frame.columns if not any(part in str(name) for part in UNREAD)]
    names = [name for name in names if frame[name].map(_text).str.len().sum() > 0]
    return frame[names[:MOST_COLUMNS]]


def _text(value: Any) -> str:
    if value is None or value is pd.NA or (isinstance(value, float) and value != value):
        return ""
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = f"{value:,.4g}" if isinstance(value, float) and abs(value) < 1000 else f"{value:,.0f}" if isinstance(
        value, float) else ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    text = cleaned(text)
    return text if len(text) <= LONGEST else text[:LONGEST - 1] + "\u2026"


def _table(slide: Any, rows: pd.DataFrame, place: tuple[float, float, float], exported: Exported) -> float:
    """Add a table; where it ends, in points."""
    from pptx.util import Pt

    left, top, width = place
    heads = [str(name).replace("_", " ") for name in rows.columns]
    texts = [[_text(value) for value in row] for row in rows.astype(object).itertuples(index=False)]
    height = ROW * (len(texts) + 1)
    box = (round(value * EMU) for value in (left, top, width, height))
    frame = slide.shapes.add_table(len(texts) + 1, max(1, len(heads)), *box)
    frame._element.nvGraphicFramePr.cNvPr.set("descr", cleaned(exported.alt_text))
    wanted = [min(24.0, max(4.0, width_of(head), *(width_of(row[at]) for row in texts))) for at, head in enumerate(heads)]
    size = max(6.0, min(11.0, width / (sum(wanted) + 1.3 * len(wanted) or 1)))
    for at, wide in enumerate(wanted):
        frame.table.columns[at].width = round(width * EMU * wide / sum(wanted))
    for number, row in enumerate([heads, *texts]):
        frame.table.rows[number].height = round(ROW * EMU)
        for at, text in enumerate(row):
            cell = frame.table.cell(number, at)
            cell.margin_left = cell.margin_right = Pt(4)
            cell.margin_top = cell.margin_bottom = Pt(1)
            cell.text = text
            for run in cell.text_frame.paragraphs[0].runs:
                run.font.size = Pt(size)
    return top + height


def _more(slide: Any, total: int, shown: int, room: Any, top: float) -> None:
    from imganalytics.charts.theme import MUTED
    from imganalytics.export.pptx_drawing import add_box
    from imganalytics.export.pptx_words import Run, paragraph_xml

    text = f"The first {shown:,} of {total:,} rows; all of them are in the Excel file of this answer."
    add_box(slide, "What is left out", (room.left, top + 3, room.width, 14), paragraph_xml([Run(text, 10, MUTED)], 1))
