"""The planner: choose what is still to be done and when it begins; see when each step lies and what it costs."""

from datetime import date
from pathlib import Path
from typing import Any

import ipywidgets as w

from imganalytics.charts.plan import spec
from imganalytics.errors import UserError
from imganalytics.explorers import words
from imganalytics.explorers.explorer import CONTROL, LABEL, Explorer, Twin
from imganalytics.explorers.planner_controls import Dates, Fees, Programs, Weeks
from imganalytics.explorers.planner_files import PlanFiles
from imganalytics.explorers.widgets import Picker
from imganalytics.own.plan_fields import EVENTS, EXAMS, FIELDS, PATHWAYS, YEARS
from imganalytics.result import Result
from imganalytics.studies.eras_fees import refusal
from imganalytics.studies.plan import STEPS, first_match, plan
from imganalytics.studies.plan_costs import keys_of
from imganalytics.studies.plan_steps import LABELS
from imganalytics.studies.plan_words import on_screen

BEGINNINGS = [("At the start, beside the exams", "start"), ("After the exams", "exams")]
VISAS = [("None needed", "none"), ("J-1", "j1"), ("H-1B", "h1b")]
AHEAD = 10  # years of the slider
FREE = ("Nothing you enter leaves this computer. What you leave blank stands as it is printed; where nothing is printed, "
        "the plan says so and leaves it out.")


def twin(result: Result) -> Twin:
    """Every row of the plan in words."""
    frame = result.frame
    details = [detail + "; older than the season that runs now" * older
               for detail, older in zip(frame["detail"], frame["older"])]
    begins = [" to ".join(dict.fromkeys(filter(None, pair))) for pair in zip(frame["begins_first"], frame["begins_last"])]
    begins = ["" if part != STEPS else text for part, text in zip(frame["part"], begins)]
    columns = ["Row", "Part", "Begins", "Ends or amount", "How long, or printed for", "Whose figure", "In your currency"]
    return Twin(columns, list(zip(frame["what"], frame["part"], begins, frame["value"], details, frame["status"],
                                  frame["own_currency"])), numeric=[])


class PlannerExplorer(Explorer):
    """A timeline and a cost range; `selection` holds the arguments of the study, :meth:`save` and :meth:`load` keep it."""

    study, spec_of, twin_of = staticmethod(plan), staticmethod(spec), staticmethod(twin)
    file_name = "plan"
    asks = ("part", "key")

    def _make_controls(self) -> dict[str, w.Widget]:
        today = date.today()
        year = first_match(today)
        self.start = w.DatePicker(value=today, description="Start", style=LABEL, layout=CONTROL)
        self.year = w.IntSlider(year, today.year, today.year + AHEAD, description="Year of the Match", style=LABEL,
                                layout=CONTROL)
        self.pathways = Picker([{"value": key, "label": LABELS[key]} for key in PATHWAYS], ["observership"],
                               layout_style="chips", label="Pathways before residency, one after the other")
        self.begins = w.Dropdown(options=BEGINNINGS, description="Pathways begin", style=LABEL, layout=CONTROL)
        self.exams = Picker([{"value": key, "label": LABELS[key]} for key in EXAMS], ["step_2_ck", "oet", "certificate"],
                            layout_style="chips", label="Exams and certificate still to do")
        self.visa = w.Dropdown(options=VISAS, value="j1", description="Visa for residency", style=LABEL, layout=CONTROL)
        self.programs, self.weeks, self.dates, self.fees = Programs(), Weeks(), Dates(), Fees()
        self.programs.value = {"Internal Medicine": 30}
        self.currency = w.Text(description="Your currency, such as EUR", style=LABEL, layout=CONTROL, continuous_update=False)
        self.rate = w.FloatText(0.0, description="How much of it 1 USD is", style=LABEL, layout=CONTROL)
        self.files = PlanFiles(lambda: self.selection, self._take)
        return {"start": self.start, "match_year": self.year, "pathways": self.pathways, "pathways_begin": self.begins,
                "exams": self.exams, "visa": self.visa, "programs": self.programs, "weeks": self.weeks, "dates": self.dates,
                "fees": self.fees, "currency": self.currency, "rate": self.rate}

    def _arranged(self) -> w.Widget:
        grid = {"grid_template_columns": "repeat(auto-fill, minmax(240px, 1fr))", "grid_gap": "6px 24px", "max_width": "1000px"}
        plain = w.GridBox([self.start, self.year, self.visa, self.begins], layout=grid)
        money = w.VBox([self.fees, w.GridBox([self.currency, self.rate], layout=grid)])
        sections = w.Accordion([self.weeks, self.dates, money, self.files],
                               titles=["How long each step takes", "Dates of the Match season", "Fees and currency",
                                       "Save and open plans"], layout={"max_width": "1040px"})
        return w.VBox([w.HTML(words.hint(FREE)), plain, self.exams, self.pathways, self.programs, sections]
                      ).add_class("imga-controls")

    def _offer(self) -> None:
        visa, pathways, exams = self.visa.value, self.pathways.value, self.exams.value
        self.weeks.offer([*exams, *pathways, *{"j1": ["j1"], "h1b": ["licence", "h1b"]}.get(visa, [])])
        self.dates.offer(EVENTS)
        self.dates.tell(self.year.value)
        self.fees.offer(keys_of(self.programs.value, exams, pathways, visa))

    def _set(self, name: str, value: Any) -> None:
        if name in ("start", "currency", "rate") and value != self._controls[name].value:
            value, refused = FIELDS[name].read(value)
            if refused:
                raise UserError(f"{name} {refused[0][1]!r}; allowed: {refused[0][2]}")
            value = date.fromisoformat(value) if name == "start" else value
        if name == "match_year" and isinstance(value, int) and YEARS[0] <= value <= YEARS[1]:
            self.year.min, self.year.max = min(self.year.min, value), max(self.year.max, value)
        super()._set(name, value)

    def _say_why(self, error: UserError) -> None:
        super()._say_why(UserError(on_screen(str(error))))

    def save(self, where: str | Path, replace: bool = False) -> Path:
        """Save the plan under a name (in the user's own folder) or a path; never over another one unless `replace`.

        Raises:
            UserError: it is there already, it cannot be written, or a value of the plan cannot be taken.
        """
        return self.files.save(where, replace)

    def load(self, where: str | Path) -> tuple[str, ...]:
        """Show a saved plan; a line for each thing in it that could not be used. The file is left as it is.

        Raises:
            UserError: there is no such plan, or the file is not one.
        """
        return self.files.load(where)

    def _take(self, loaded: dict[str, Any]) -> list[str]:
        """Show the fields of a plan; programs that are too many or unknown are left out, and said."""
        problems = {key: problem for key, count in loaded["programs"].items() if (problem := refusal(key, count))}
        good = {key: count for key, count in loaded["programs"].items() if key not in problems}
        self.selection = loaded | {"programs": good}
        return [f"programs of {problem}" for problem in problems.values()]
