"""All training programs of the country: filters, a table of those that fit, the card of one, several side by side."""

from collections.abc import Callable
from typing import Any

import ipywidgets as w
import numpy as np
import plotly.graph_objects as go

from imganalytics.errors import UserError
from imganalytics.explorers import words
from imganalytics.explorers.explorer import CONTROL, LABEL, Selecting
from imganalytics.explorers.later import Later
from imganalytics.explorers.program_card import ProgramCard
from imganalytics.explorers.program_comparison import ProgramComparison
from imganalytics.explorers.program_columns import columns_of
from imganalytics.explorers.widgets import Download, File, Grid, Picker, StatePicker
from imganalytics.export.csv_file import csv_text
from imganalytics.export.xlsx_file import XLSX, xlsx_bytes
from imganalytics.own import shortlist
from imganalytics.studies.programs import (
    DESIGNATED, SORTS, VISA_EVIDENCE, prepared, programs, state_options, track_label, track_options, usce_options)

IMPORTED = {"step2_score": "imported_step2ck_min", "years_since_graduation": "imported_yog_max_years",
            "img_share": "imported_pct_img"}
OPEN = "Press a row, or Enter on it, to open its card. Tick rows to compare them or to keep them. A press on a head sorts."


class ProgramsExplorer(Selecting):
    """Filters on all training programs; `selection` holds the arguments of the study and can be set, whole or in part.

    `result` is what fits, `card` the one that is open, `comparison` those side by side, `figure` the chart of the card.
    `on_shortlist` is called after programs were put on the shortlist. All of it works without a browser.
    """

    whole = ("specialties", "tracks", "visa", "designated", "usce")

    def __init__(self, on_shortlist: Callable[[], None] = lambda: None, **selection: Any):
        self.on_shortlist = on_shortlist
        self._later = Later(0.2)
        self._controls = self._make_controls()
        self.say, self.notice, self.footing = w.HTML(), w.HTML(), w.HTML()
        self.grid = Grid(*columns_of(prepared().frame), height=430, caption="Training programs", mark_label="Tick",
                         empty="No program fits all of this; widen a filter, or clear the search.")
        self.card, self.comparison = ProgramCard(), ProgramComparison()
        self.chart = self.card.chart
        super().__init__([self._arranged(), self.say, w.HTML(words.hint(OPEN)), self.grid, self._actions(), self.notice,
                          self.comparison, self.card, self.footing])
        self.grid.observe(self._sorted, "sort")
        self.grid.observe(lambda change: self.show_card(change["new"]), "chosen")
        self._offer()
        self.selection = selection
        self._listen()

    # -- what a program sees ---------------------------------------------------------------------------------

    @property
    def figure(self) -> go.Figure:
        """The chart of the card that is open."""
        if self.card.result is None:
            raise UserError("no card is open: choose a row of the table first")
        return self.card.figure

    def show_card(self, row: int) -> None:
        """Open the card of the program in this row of :func:`prepared`; -1 closes it."""
        self.card.program_key = None if row < 0 else prepared().frame["program_key"].iat[row]

    def compare(self) -> None:
        """Show the ticked programs side by side."""
        self.comparison.program_keys = self.ticked

    @property
    def fitting(self) -> list[str]:
        """The keys of the programs that fit, in the order shown."""
        return [] if self.result is None else self.result.frame["program_key"].tolist()

    @property
    def ticked(self) -> list[str]:
        """The keys of the ticked programs."""
        return prepared().frame["program_key"].iloc[list(self.grid.marked)].tolist()

    def keep(self) -> None:
        """Put the ticked programs on the shortlist."""
        rows = prepared().frame.iloc[list(self.grid.marked)]
        names = ("program_key", "institution", "city", "state", "specialty")
        before = len(shortlist.entries())
        kept = shortlist.add(shortlist.Entry(*(str(row[name]) for name in names)) for _, row in rows.iterrows())
        new = len(kept) - before
        self.notice.value = words.notice(f"{new} added to the shortlist, which has {len(kept)} now." if len(rows) else
                                         "Tick programs in the table first.")
        self.on_shortlist()

    def refresh(self) -> None:
        """Show the facts as they are now, after an import or its removal."""
        frame = prepared().frame
        columns, cells = columns_of(frame)
        self.grid.marked, self.grid.chosen = (), -1
        self.grid.show(columns, cells, [])
        with self._silent():
            self._controls["usce"].options = usce_options()
            self._controls["usce"].value = tuple(usce_options())
            self._offer()
        self._answer()

    # -- what happens ----------------------------------------------------------------------------------------

    def _offer(self) -> None:
        """A control on what programs state answers only when something of the kind was imported."""
        frame = prepared().frame
        for name, column in IMPORTED.items():
            self._controls[name].disabled = not frame[column].notna().any()

    def _answer(self) -> None:
        try:
            self.result = programs(**self.selection)
        except UserError as error:
            self.result, self.grid.order = None, []
            self.say.value = words.notice(str(error))
            return
        with self._silent():
            self.grid.sort = {"column": self.selection["sort"], "descending": self.selection["descending"]}
        self.grid.order = self.result.frame.index.to_numpy(np.int32)
        self._later(self._show_words)

    def _show_words(self) -> None:
        if self.result is not None:
            self.say.value = words.sentence(self.result.summary)
            self.footing.value = (words.folded("Before you use the table", list(self.result.caveats))
                                  + words.folded(f"Sources of the table ({len(self.result.sources)})",
                                                 [source.citation for source in self.result.sources]))

    def _sorted(self, change: dict[str, Any]) -> None:
        wanted = change["new"]
        if self._quiet or not wanted["column"]:
            return
        with self._silent():
            self._controls["sort"].value, self._controls["descending"].value = wanted["column"], wanted["descending"]
        self._answer()

    def _try(self, action: Callable[[], None]) -> Callable[[Any], None]:
        def pressed(_button: Any) -> None:
            self.notice.value = ""
            try:
                action()
            except UserError as error:
                self.notice.value = words.notice(str(error))
        return pressed

    # -- how it looks ----------------------------------------------------------------------------------------

    def _make_controls(self) -> dict[str, w.Widget]:
        frame = prepared().frame
        self.search = w.Text(placeholder="Name, city, specialty or NRMP code, as in: mass gen im", description="Search",
                             style=LABEL, layout=CONTROL, continuous_update=True)
        self.specialties = Picker(sorted(frame["specialty"].unique()), sorted(frame["specialty"].unique()), rows=9, label="Specialties",
                                  layout={"width": "auto"})
        self.states = StatePicker(state_options(), label="States")
        chips = {"tracks": ("Tracks", {track: track_label(track) for track in track_options()}),
                 "visa": ("Visa evidence", VISA_EVIDENCE), "designated": ("Tracks by name", DESIGNATED),
                 "usce": ("US clinical experience, as stated", {value: value for value in usce_options()})}
        pick = {name: Picker([{"value": key, "label": text} for key, text in options.items()], list(options),
                             layout_style="chips", label=label) for name, (label, options) in chips.items()}
        most = int(frame["positions"].max())
        slide = {"style": LABEL, "layout": CONTROL}
        return {"search": self.search, "specialties": self.specialties, "states": self.states, **pick,
                "positions": w.IntRangeSlider(value=(0, most), min=0, max=most, description="Positions in the last Match", **slide),
                "years_unfilled": w.IntSlider(0, 0, 5, description="Left places unfilled in at least … of the last 5 Matches", **slide),
                "step2_score": w.IntSlider(0, 0, 300, description="Step 2 CK score, against the stated minimum (0: any)", **slide),
                "years_since_graduation": w.IntSlider(0, 0, 40, description="Years since graduation, against the stated limit (0: any)", **slide),
                "img_share": w.IntSlider(0, 0, 100, description="Stated IMGs among residents, at least (%; 0: any)", **slide),
                "keep_not_stated": w.Checkbox(True, description="Keep programs that do not state it", indent=False),
                "active": w.Checkbox(True, description="Only programs of the last Match", indent=False),
                "sort": w.Dropdown(options=list(SORTS)), "descending": w.Checkbox(False)}

    def _arranged(self) -> w.Widget:
        own = self._controls
        first = [self.search, own["positions"], own["years_unfilled"], own["active"], own["tracks"], own["designated"]]
        grid = w.GridBox([w.VBox(first), self.specialties, self.states], layout={
            "grid_template_columns": "repeat(auto-fit, minmax(320px, 1fr))", "grid_gap": "4px 28px", "max_width": "1320px"})
        stated = w.VBox([w.GridBox([own[name] for name in ("step2_score", "years_since_graduation", "img_share", "keep_not_stated")],
                                   layout={"grid_template_columns": "repeat(auto-fill, minmax(240px, 1fr))", "grid_gap": "4px 24px"}),
                         own["usce"]])
        folded = w.Accordion([stated], titles=["What programs state (facts that you import; without an import all are 'not stated')"])
        return w.VBox([grid, own["visa"], folded]).add_class("imga-controls")

    def _actions(self) -> w.Widget:
        wide = {"width": "auto"}
        compare = w.Button(description="Compare the ticked (2 to 5)", layout=wide)
        keep = w.Button(description="Add the ticked to the shortlist", layout=wide)
        clear = w.Button(description="Untick all", layout=wide)
        compare.on_click(self._try(self.compare))
        keep.on_click(self._try(self.keep))
        clear.on_click(self._try(lambda: setattr(self.grid, "marked", ())))
        self.csv = Download(lambda: self._file("programs.csv", "text/csv", lambda result: csv_text(result).encode()), label="Save all that fit (CSV)")
        self.xlsx = Download(lambda: self._file("programs.xlsx", XLSX, xlsx_bytes), label="Save all that fit (Excel)")
        return w.HBox([compare, keep, clear, self.csv, self.xlsx], layout={"flex_flow": "row wrap"})

    def _file(self, name: str, kind: str, made: Callable[[Any], bytes]) -> File:
        if self.result is None:
            raise UserError("there is nothing to save: no program fits")
        return File(name, kind, made(self.result))
