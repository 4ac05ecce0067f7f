"""The gap between two applicant types, and what it is made of."""

import ipywidgets as w

from imganalytics.charts.gap import Part, spec
from imganalytics.explorers import words
from imganalytics.explorers.explorer import CONTROL, LABEL, Explorer, Twin
from imganalytics.result import Result
from imganalytics.studies.gap import BY_SPECIALTY, TYPES, alarm, bases, gap, rates_text, years
from imganalytics.studies.words import difference_text, points
from imganalytics.vocabulary import BASES, applicant_types


def twin(result: Result) -> Twin:
    """A row for all specialties compared, one for each specialty: rates of both, difference, and its two parts."""
    asked = result.question.arguments
    heads = [applicant_types()[asked[key]].label for key in ("one", "other")]
    rows = []
    for values in zip(*(result.frame[name].tolist() for name in Part._fields)):
        row = Part(*values)
        cells = [row.row_label, rates_text((row.rate_1, row.applicants_1)), rates_text((row.rate_2, row.applicants_2))]
        if row.left_out:
            rows.append([*cells, f"left out\n{row.left_out}", "", "", ""])
        else:
            rows.append([*cells, difference_text(row.difference, row.difference_low, row.difference_high),
                         f"{100 * row.weight:.1f} %",
                         difference_text(row.rate_part, row.rate_part_low, row.rate_part_high),
                         points(row.mix_part).removesuffix(" points")])
    return Twin(["Specialty", *heads, "Difference, points (95 %)", "Weight in the common mix",
                 "Rate part, points (95 %)", "Mix part, points"], rows)


class GapExplorer(Explorer):
    """Crude and standardised gap between two types; says so when they point different ways."""

    study, spec_of, twin_of = staticmethod(gap), staticmethod(spec), staticmethod(twin)
    file_name = "gap"

    def _make_controls(self) -> dict[str, w.Widget]:
        kinds = [(applicant_types()[key].label, key) for key in TYPES if any(bases(key, other) for other in TYPES)]
        self.one, self.other = (w.Dropdown(options=kinds, value=value, description=text, style=LABEL, layout=CONTROL)
                                for value, text in (("us_img", "Applicant type"), ("non_us_img", "minus")))
        self.base = w.Dropdown(options=[(BASES[key].label, key) for key in BY_SPECIALTY], description="Base of the "
                                                                                                      "rates",
                               style=LABEL, layout=CONTROL)
        self.year = w.SelectionSlider(options=[2025], description="Year of the Match", style=LABEL, layout=CONTROL)
        shown = w.IntSlider(10, 3, 30, 1, description="Specialties shown", style=LABEL, layout=CONTROL)
        tracks = w.Checkbox(False, description="Also preliminary and other tracks", indent=False,
                            layout={"width": "auto"})
        self.meaning = w.HTML()
        return {"one": self.one, "other": self.other, "base": self.base, "match_year": self.year, "shown": shown,
                "all_tracks": tracks}

    def _arranged(self) -> w.Widget:
        return w.VBox([super()._arranged(), self.meaning])

    def _offer(self) -> None:
        pair = (self.one.value, self.other.value)
        offered = [(BASES[key].label, key) for key in bases(*pair) or BY_SPECIALTY]
        if list(self.base.options) != offered:
            keep = self.base.value
            self.base.options = offered
            self.base.value = keep if keep in dict(offered).values() else offered[0][1]
        self.base.disabled = len(offered) < 2
        known = years(self.base.value, *pair) if pair[0] != pair[1] else []
        keep = self.year.value
        self.year.disabled = len(known) < 2
        if known and list(self.year.options) != known:
            self.year.options = known
            self.year.value = keep if keep in known else known[-1]
        only = f" Rates of both are published for {known[0]} only." if len(known) == 1 else ""
        self.meaning.value = words.hint(BASES[self.base.value].meaning + only)

    def _answer(self) -> None:
        super()._answer()
        warning = alarm(self.result) if self.result else ""
        if warning:
            self.notice.value = words.notice(warning)
            self.notice.layout.display = None
