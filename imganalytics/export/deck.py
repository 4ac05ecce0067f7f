"""A deck made of a plan: a title, sections, charts, what to keep in mind, and the sources of all."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from imganalytics.charts.theme import INK, MUTED
from imganalytics.errors import UserError
from imganalytics.export.deck_plan import Item, Plan
from imganalytics.export.exported import NOT_AFFILIATED, Exported
from imganalytics.export.pptx_drawing import add_box
from imganalytics.export.pptx_file import add_notes, add_slides, saved, set_title
from imganalytics.export.pptx_layout import Room, layout_of, presentation_of, room_of
from imganalytics.export.pptx_words import Run, count_of_lines, fitted, paragraph_xml, right_to_left
from imganalytics.result import Question

if TYPE_CHECKING:  # loaded when a slide is made
    from pptx.presentation import Presentation

Progress = Callable[[str, int, int], None]
TITLES = {"caveats": "What to keep in mind", "sources": "Sources"}
NO_CHARTS = {"caveats": "The deck shows no figures, so there is nothing to keep in mind.",
             "sources": "The deck shows no figures, so it has no sources."}


def deck_bytes(plan: Plan, progress: Progress | None = None, template: Path | None = None) -> bytes:
    """The deck of a plan as a PowerPoint file.

    Args:
        plan: what is shown.
        progress: is told what is being made, how many are done, and of how many.
        template: the adviser's own .pptx, whose layouts and page size are used.

    Raises:
        UserError: a study refuses its arguments (one line for each), or the template cannot be used.
    """
    tell = progress or (lambda words, done, steps: None)
    made, own = presentation_of(plan.size, template), template is None
    steps = 2 * len(plan.items) + 1
    asked = _asked(plan, tell, steps)
    shown = [each for each in asked if each]
    if plan.title:
        _section(made, plan.title, plan.subtitle or NOT_AFFILIATED, own)
    for at, (item, exported) in enumerate(zip(plan.items, asked)):
        tell(item.title or item.study or TITLES.get(item.kind, item.kind), len(plan.items) + at, steps)
        if exported:
            add_slides(made, exported, own)
        elif item.kind == "section":
            _section(made, item.title, item.subtitle or item.note, own)
        else:
            lines = _caveats(shown) if item.kind == "caveats" else _sources(shown)
            _list(made, item.title or TITLES[item.kind], item.note, lines or [NO_CHARTS[item.kind]], own)
    tell("writing", steps - 1, steps)
    return saved(made, plan.title or "Deck")


def _asked(plan: Plan, tell: Progress, steps: int) -> list[Exported | None]:
    """Every chart's answer, None for other items; all questions are asked before the first slide is made."""
    asked, problems = [], []
    for at, item in enumerate(plan.items):
        tell(item.study or item.kind, at, steps)
        try:
            asked.append(ask(item, plan) if item.kind == "chart" else None)
        except UserError as error:
            problems.append(f"item {at + 1} ({item.study}): {error}")
    if problems:
        raise UserError("\n".join(problems))
    return asked


def ask(item: Item, plan: Plan) -> Exported:
    """The answer of a chart of a plan, under the words of the plan.

    Raises:
        UserError: the study refuses its arguments.
    """
    try:
        result = Question(item.study, item.arguments).ask()
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise UserError(f"the study does not take these arguments: {error}") from None
    return Exported(result, item.title, item.subtitle, item.note, plan.size, plan.theme)


def _caveats(shown: Iterable[Exported]) -> list[str]:
    return list(dict.fromkeys(caveat for each in shown for caveat in each.result.caveats))


def _sources(shown: Iterable[Exported]) -> list[str]:
    cited = {source.source_id: source.citation for each in shown for source in each.result.sources}
    return [*sorted(set(cited.values())), NOT_AFFILIATED] if cited else []


def _section(made: "Presentation", title: str, words: str, own: bool) -> None:
    layout = layout_of(made, "section")
    room = room_of(made, layout, own)
    slide = made.slides.add_slide(layout)
    if not own:
        set_title(slide, title, room, 32, 0.3 * (room.bottom - room.top))
        if words:
            add_box(slide, "Subtitle", (room.left, 0.72 * room.bottom, room.width, 40),
                    paragraph_xml([Run(words, 14, MUTED)], 1))
        return
    high = room.bottom - room.top
    size = fitted(title, room.width / 1.06, 0.36 * high, min(40.0, room.width / 16), 12)
    height = count_of_lines(title, room.width / 1.06, size) * 1.2 * size + 4
    top = room.top + 0.42 * high - height
    set_title(slide, title, Room(room.left, top, room.width, room.bottom, True, 0), size, height)
    if words:
        small = fitted(words, room.width, 0.3 * high, 16, 9)
        add_box(slide, "Subtitle", (room.left, top + height + 10, room.width, 0.3 * high),
                paragraph_xml([Run(words, small, MUTED)], 1, "r" if right_to_left(words) else "l"))


def _list(made: "Presentation", title: str, note: str, lines: Sequence[str], own: bool) -> None:
    """Lines of text over as many slides as they need, legible from a room."""
    layout = layout_of(made)
    room = room_of(made, layout, own)
    title_size = min(24.0, room.width / 24)
    high = 1.2 * title_size * count_of_lines(f"{title} (10 of 10)", room.width, title_size)
    below = room.top + high + 14 if room.own else room.title + 8
    size = max(8.0, min(12.0, room.width / 65))
    parts = _parts([*([note] if note else []), *lines], room.width - 16, room.bottom - below, size)
    for at, part in enumerate(parts, 1):
        slide = made.slides.add_slide(layout)
        set_title(slide, title + f" ({at} of {len(parts)})" * (len(parts) > 1), room, title_size, below - room.top)
        paragraphs = "".join(_bullet(line, size) for line in part)
        add_box(slide, title, (room.left, below, room.width, room.bottom - below), paragraphs)
        add_notes(slide, "\n".join(part))


def _bullet(text: str, size: float) -> str:
    plain = paragraph_xml([Run(text, size, INK)], 1, "r" if right_to_left(text) else "l")
    return plain.replace("<a:pPr ", '<a:pPr marL="203200" indent="-203200" ', 1).replace(
        "/><a:r>", '><a:spcAft><a:spcPts val="500"/></a:spcAft><a:buChar char="&#8226;"/></a:pPr><a:r>', 1)


def _parts(lines: Sequence[str], width: float, height: float, size: float) -> list[list[str]]:
    parts: list[list[str]] = [[]]
    left = height
    for line in lines:
        high = count_of_lines(line, width, size) * 1.2 * size + 5
        if high > left and parts[-1]:
            parts.append([])
            left = height
        parts[-1].append(line)
        left -= high
    return parts
