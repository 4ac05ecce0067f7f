"""The deck: what was collected, in the user's order and words, as PowerPoint slides."""

from collections.abc import Callable
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import Any

import ipywidgets as w

from imganalytics.errors import UserError
from imganalytics.explorers import words
from imganalytics.explorers.buttons import button
from imganalytics.explorers.export_panel import SIZE_WORDS
from imganalytics.explorers.widgets import Download, File
from imganalytics.export import deck_kept
from imganalytics.export.deck import ask, deck_bytes
from imganalytics.export.deck_plan import Item, Plan, plan_from_toml, plan_to_toml
from imganalytics.export.default_deck import SPECIALTY, TYPE, default_plan
from imganalytics.export.exported import SIZES, THEMES
from imganalytics.export.review_pack import review_pack
from imganalytics.studies.competitiveness import specialty_options
from imganalytics.vocabulary import applicant_types

PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
TYPES = ("us_img", "non_us_img", "us_md_senior", "us_do_senior")
ROW = {"grid_template_columns": "minmax(220px, 5fr) minmax(180px, 4fr) minmax(140px, 3fr) 40px 40px 84px",
       "grid_gap": "4px 8px", "align_items": "center", "max_width": "1240px"}
NAMED = {"section": "Section", "caveats": "What to keep in mind", "sources": "Sources"}
EMPTY = ("The deck is empty. Open 'Export' under any chart of the other notebooks and press 'Add to deck', or begin with the "
         "deck that comes with the workbook.")


class DeckExplorer(w.VBox):
    """The deck that is kept in the user's own folder; each change is written at once. Works without a browser.

    `plan` is what it shows; :meth:`begin` takes the default deck, :meth:`move`, :meth:`remove`, :meth:`change` and
    :meth:`section` change it, :meth:`open` takes a plan from a file's text, and :meth:`slides` makes the file.
    """

    def __init__(self) -> None:
        self.plan: Plan = deck_kept.EMPTY
        self.say, self.notice, self.rows = w.HTML(), w.HTML(), w.VBox()
        self.progress = w.IntProgress(layout={"width": "320px", "display": "none"}, style={"description_width": "160px"})
        self._make_controls()
        super().__init__([w.HTML(words.STYLE), self._beginning(), self._words(), self.say, self.rows, self._actions(),
                          self.progress, self.notice])
        self.refresh()

    # -- what a program sees ---------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Read the plan anew."""
        self._do(deck_kept.kept_plan)

    def begin(self, specialty: str = SPECIALTY, applicant_type: str = TYPE) -> None:
        """Put the deck that comes with the workbook after what is there."""
        def made() -> Plan:
            new, kept = default_plan(specialty, applicant_type), deck_kept.kept_plan()
            whole = replace(kept, items=(*kept.items, *new.items)) if kept.items else new
            return deck_kept.keep(whole)

        self._do(made)

    def move(self, at: int, steps: int) -> None:
        """Move an item (from 0) up (negative steps) or down."""
        items = list(self.plan.items)
        items.insert(max(0, min(len(items) - 1, at + steps)), items.pop(at))
        self._keep(items=tuple(items))

    def remove(self, at: int) -> None:
        """Take an item (from 0) out of the deck."""
        self._keep(items=self.plan.items[:at] + self.plan.items[at + 1:])

    def change(self, at: int, **texts: str) -> None:
        """Change the title or the note of an item (from 0)."""
        items = list(self.plan.items)
        items[at] = replace(items[at], **texts)
        self._keep(items=tuple(items))

    def section(self, title: str) -> None:
        """Put a section slide at the end."""
        self._keep(items=(*self.plan.items, Item("section", title=title.strip() or "Section")))

    def load(self, text: str, name: str = "plan") -> None:
        """Take the plan in a file's text in place of this one."""
        self._do(lambda: deck_kept.keep(plan_from_toml(text, name)))

    def slides(self) -> File:
        """The deck as a PowerPoint file.

        Raises:
            UserError: it is empty, a study refuses its arguments, or the template cannot be used.
        """
        if not self.plan.items:
            raise UserError(EMPTY)
        self.progress.layout.display = None
        try:
            template = Path(self.template.value.strip()).expanduser() if self.template.value.strip() else None
            return File("imgs-in-the-match.pptx", PPTX, deck_bytes(self.plan, self._tell, template))
        finally:
            self.progress.layout.display = "none"

    def pack(self) -> File:
        """Charts, data, wording and citations of the whole deck, as the NRMP asks to see them.

        Raises:
            UserError: no chart is in the deck.
        """
        shown = [ask(item, self.plan) for item in self.plan.items if item.kind == "chart"]
        if not shown:
            raise UserError("no chart is in the deck, so there is nothing to review")
        return File("review-pack.zip", "application/zip", review_pack(shown))

    # -- what happens ----------------------------------------------------------------------------------------

    def _keep(self, **changes: Any) -> None:
        self._do(lambda: deck_kept.keep(replace(self.plan, **changes)))

    def _do(self, action: Callable[[], Plan]) -> None:
        self.notice.value = ""
        try:
            self.plan = action()
        except UserError as error:
            self.notice.value = words.notice(str(error))
            return
        self._show()

    def _safely(self, action: Callable[[], Any]) -> Any:
        self.notice.value = ""
        try:
            return action()
        except UserError as error:
            self.notice.value = words.notice(str(error))
            return None

    def _tell(self, what: str, done: int, steps: int) -> None:
        self.progress.max, self.progress.value, self.progress.description = steps, done, what[:28]

    def _show(self) -> None:
        items = self.plan.items
        charts = sum(item.kind == "chart" for item in items)
        self.say.value = words.sentence(f"{len(items)} items, {charts} of them charts. The plan is kept in "
                                        f"{deck_kept.kept_file()}." if items else EMPTY)
        self.rows.children = [self._row(at, item) for at, item in enumerate(items)]
        self.save.disabled = self.plan_file.disabled = self.review.disabled = not items
        for name, control in self._fields.items():
            control.value = getattr(self.plan, name)

    def _row(self, at: int, item: Item) -> w.Widget:
        title = w.Text(item.title, placeholder="Title: the chart's own" if item.kind == "chart" else "Title",
                       continuous_update=False, layout={"width": "auto"})
        note = w.Text(item.note, placeholder="Your note", continuous_update=False, layout={"width": "auto"})
        title.observe(lambda change: self.change(at, title=change["new"]), "value")
        note.observe(lambda change: self.change(at, note=change["new"]), "value")
        last = len(self.plan.items) - 1
        name = escape(f"{at + 1}. {self._named(item)}")
        label = w.HTML(f'<div title="{name}" style="overflow: hidden; text-overflow: ellipsis; white-space: nowrap">{name}</div>')
        return w.GridBox([label, title, note,
                          button("\u2191", f"Move up: item {at + 1}", lambda _: self.move(at, -1), at == 0),
                          button("\u2193", f"Move down: item {at + 1}", lambda _: self.move(at, 1), at == last),
                          button("Remove", f"Take out: item {at + 1}", lambda _: self.remove(at))], layout=ROW)

    def _named(self, item: Item) -> str:
        if item.kind != "chart":
            return NAMED[item.kind]
        try:
            return ask(replace(item, title=""), self.plan).title
        except UserError as error:
            return f"{item.study}: {error}"

    # -- how it looks ----------------------------------------------------------------------------------------

    def _make_controls(self) -> None:
        style, line = {"description_width": "80px"}, {"width": "min(96%, 620px)"}
        self.title = w.Text(description="Title", style=style, layout=line, continuous_update=False)
        self.subtitle = w.Text(description="Subtitle", style=style, layout=line, continuous_update=False)
        self.size = w.Dropdown(options=[(SIZE_WORDS[key], key) for key in SIZES], description="Size", style=style)
        self.theme = w.Dropdown(options=[(text, key) for key, text in THEMES.items()], description="Colours", style=style)
        self.template = w.Text(description="Template", placeholder="your own .pptx, as in Documents/house.pptx (or empty)",
                               style=style, layout=line)
        self._fields = {"title": self.title, "subtitle": self.subtitle, "size": self.size, "theme": self.theme}
        for name, control in self._fields.items():
            control.observe(lambda change, name=name: getattr(self.plan, name) != change["new"] and self._keep(**{name: change["new"]}),
                            "value")
        self.save = Download(lambda: self._safely(self.slides), label="Save the deck (PowerPoint)",
                             hint="Native charts that can be edited, speaker notes, caveats, sources")
        self.plan_file = Download(lambda: File("deck.toml", "text/plain", plan_to_toml(self.plan).encode()), label="Save the plan",
                                  hint="A small file: keep it, and make the same deck from next year's data")
        self.review = Download(lambda: self._safely(self.pack), label="Review pack",
                               hint="Charts, data, wording and citations: the NRMP asks to see presentations before they are shown")

    def _beginning(self) -> w.Widget:
        style = {"description_width": "110px"}
        specialty = w.Dropdown(options=[option["value"] for option in specialty_options()], value=SPECIALTY, description="Specialty", style=style)
        kind = w.Dropdown(options=[(kind.label, kind.key) for kind in applicant_types().values() if kind.key in TYPES],
                          value=TYPE, description="Applicant type", style=style)
        begin = button("Begin with the deck of the workbook", "About twelve slides", lambda _: self.begin(specialty.value, kind.value))
        return w.HBox([specialty, kind, begin], layout={"flex_flow": "row wrap", "grid_gap": "4px 8px"})

    def _words(self) -> w.Widget:
        return w.VBox([self.title, self.subtitle, w.HBox([self.size, self.theme], layout={"flex_flow": "row wrap"}), self.template])

    def _actions(self) -> w.Widget:
        name = w.Text(placeholder="Title of a section", layout={"width": "220px"})
        add = button("Add a section", "A slide with a title only", lambda _: self.section(name.value))
        upload = w.FileUpload(accept=".toml", multiple=False, description="Open a plan", layout={"width": "auto"})
        upload.observe(lambda change: self._opened(change["new"]), "value")
        again = button("Read again", "What other notebooks added since", lambda _: self.refresh())
        wrap = {"flex_flow": "row wrap", "grid_gap": "4px 8px", "margin": "8px 0"}
        return w.VBox([w.HBox([name, add, again], layout=wrap), w.HBox([self.save, self.review, self.plan_file, upload], layout=wrap)])

    def _opened(self, files: Any) -> None:
        for file in files:
            try:
                self.load(bytes(file["content"]).decode("utf-8"), file["name"])
            except UnicodeDecodeError:
                self.notice.value = words.notice(f"{file['name']}: not text in UTF-8")
