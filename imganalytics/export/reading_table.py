"""Any Result as a table to be read: the figures in words, n and interval in the cell of their rate."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from imganalytics.export.handout_words import told
from imganalytics.result import Result
from imganalytics.studies.words import difference_text, points, readable
from imganalytics.vocabulary import applicant_types


@dataclass(frozen=True)
class ReadingTable:
    """Heads, rows of cells as they are printed, and which of the columns are set flush right."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    numeric: Sequence[str] = ()


# What names a row; the first column of each group that the frame has.
NAMES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Program", ("institution",)), ("Specialty", ("row_label", "specialty_label")),
    ("What", ("trait_label", "title", "factor", "programme", "label", "named", "what")),
    ("Topic", ("topic",)), ("Of", ("panel",)), ("Who", ("who",)), ("Applicant type", ("type_label",)),
    ("Group", ("cohort", "whom")), ("Specialty", ("specialty",)), ("City", ("city",)), ("Place", ("place", "name", "state")),
    ("Base", ("base_words", "series", "base")), ("Period", ("period", "when", "years")),
    ("Year", ("match_year", "appointment_year", "survey_year", "fiscal_year", "year")),
)
KEYS = ("series", "base", "panel", "cohort")  # columns of keys, not of words
RATES = ("rate", "share", "value", "a_year", "pooled", "shrunk", "mean_rank", "rank", "difference", "change", "growth",
         "citing", "weight", "low", "img_share")  # each with its interval, where it has one
DIFFERENCES = ("difference", "change")  # of fractions: in points, with their sign
COUNTS = {
    "matched": "Matched", "applicants": "Applicants", "unmatched": "Not matched", "taken": "Taken", "filled": "Filled",
    "positions": "Positions", "offered": "Offered", "unfilled": "Unfilled", "programs": "Programs", "count": "Count",
    "whole": "Of", "of": "Of", "n": "n", "n_examined": "Examinees", "minimum": "Lowest", "quartile_1": "First quartile",
    "median": "Median", "quartile_3": "Third quartile", "maximum": "Highest", "mean": "Mean", "total": "Total",
    "mean_ranks_matched": "Mean ranks, matched", "mean_ranks_unmatched": "Mean ranks, not matched",
    "mean_importance": "Mean importance (1 to 5)", "printed_pct": "Printed, %", "figures": "Figures held",
    "compared": "Compared", "agree": "Agree", "declared": "Declared", "fail": "Fail", "before": "Before",
}
HEADS = {"value": "Figure", "low": "Lower to upper bound", "citing": "Share citing it", "a_year": "A year",
         "pooled": "All of them together", "shrunk": "Shrunk", "img_share": "IMG share"}
TOGETHER = {("matched", "applicants"): "Matched of applicants", ("filled", "positions"): "Filled of positions"}
WORDS = {"left_out": "Left out", "bias": "Risk of selection bias"}
NOT_HELD = "not published"
PAIRS = {"_1": " (first)", "_2": " (second)"}  # of frames that compare two


def table_of(result: Result) -> ReadingTable:
    """The frame of a Result for a reader who has only the page: no keys, no file columns, blanks as a dash."""
    frame = result.frame
    heads: dict[str, list[str]] = {}
    for head, texts in _names(frame, result.question.study):
        heads.setdefault(head, texts)
    names = len(heads)
    if _told_elsewhere(result):
        frame = frame.drop(columns="difference")
    for end, more in {"": "", **PAIRS}.items():
        heads |= {f"{head}{more}": texts for head, texts in _figures(frame, end)}
    numeric = tuple(list(heads)[names:])
    if result.question.arguments.get("figure") == "fill_share":  # which is never called a rate
        heads = {_of_fills(head): texts for head, texts in heads.items()}
        numeric = tuple(map(_of_fills, numeric))
    heads |= {head: _words(frame[name]) for name, head in WORDS.items() if name in frame and any(_words(frame[name]))}
    if len(heads) < 2:
        heads = {_plain(name): [_cell(value) for value in frame[name]] for name in frame}
    return ReadingTable(tuple(heads), tuple(zip(*heads.values())), numeric)


def _told_elsewhere(result: Result) -> bool:
    """Whether `difference` is of two rows of the frame, and nobody asked for it."""
    return {"difference", "rate", "type_label"} <= set(result.frame) and (
        result.question.arguments.get("sort") != "difference")


def _of_fills(head: str) -> str:
    return head.replace("Matched of applicants", "Filled of positions").replace("Rate", "Fill share")


def _names(frame: pd.DataFrame, study: str) -> list[tuple[str, list[str]]]:
    found = []
    for head, columns in NAMES:
        own = next((name for name in columns if name in frame and _tells(frame[name])), None)
        if own and (own != "specialty" or "label" not in frame):
            found.append((head, [told(study, own, value) if own in KEYS and not _blank(value) else _cell(value, years=True)
                                 for value in frame[own]]))
    typed = "Applicant type" in dict(found)
    if not typed and "applicant_type" in frame and _tells(frame["applicant_type"]):
        known = {key: kind.label for key, kind in applicant_types().items()}
        found.append(("Applicant type", [known.get(key, _cell(key)) for key in frame["applicant_type"]]))
    return found


def _tells(column: pd.Series) -> bool:
    """Whether a column tells rows apart; a single row is told by all of them. Ranks are no places."""
    return not (column.name == "place" and pd.api.types.is_numeric_dtype(column)) and (
        len(column) == 1 or column.nunique() > 1)


def _figures(frame: pd.DataFrame, end: str) -> list[tuple[str, list[str]]]:
    found = []
    for name in RATES:
        if f"{name}{end}" in frame or (name == "share" and f"share_low{end}" in frame):
            texts, unit = _with_interval(frame, name, end)
            if any(texts):
                found.append((HEADS.get(name, _plain(name)) + unit, texts))
    if found and f"reason{end}" in frame:
        found[0] = (found[0][0], [text or why for text, why in zip(found[0][1], _words(frame[f"reason{end}"]))])
    for (one, of), head in TOGETHER.items():
        if {f"{one}{end}", f"{of}{end}"} <= set(frame) and _are_parts(frame[f"{one}{end}"], frame[f"{of}{end}"]):
            found.append((head, [_of(*pair) for pair in zip(frame[f"{one}{end}"], frame[f"{of}{end}"])]))
            frame = frame.drop(columns=[f"{one}{end}", f"{of}{end}"])
    for name, head in COUNTS.items():
        if f"{name}{end}" in frame and frame[f"{name}{end}"].notna().any():
            texts = [_cell(value) for value in frame[f"{name}{end}"]]
            found += [(head, texts)] if texts not in [known for _, known in found] else []  # a count told twice
    return found


def _with_interval(frame: pd.DataFrame, name: str, end: str) -> tuple[list[str], str]:
    """'54.2 % (50.1 to 58.3), unstable' for each row, '' where it is blank; and what the head says of the unit."""
    if name == "low":
        middle, low, high = None, "low", "high"
        of_another = [each for each in ("value", "share", "rate") if each in frame and f"{each}_low" not in frame]
        if end or "high" not in frame or of_another:
            return [], ""  # the interval of another figure
    else:
        middle = f"{name}{end}" if f"{name}{end}" in frame else None
        low, high = next(((a, b) for a, b in ((f"{name}_low{end}", f"{name}_high{end}"), (f"low{end}", f"high{end}"))
                          if a in frame and (a != "low" or name in ("value", "share", "rate", "a_year"))), ("", ""))
    columns = [frame[each].tolist() if each else [math.nan] * len(frame) for each in (middle, low, high)]
    if not all(isinstance(value, int | float) or _blank(value) for column in columns for value in column):
        return [], ""
    shares = _are_shares(name, [value for column in columns for value in column if not _blank(value)])
    said = f"reliability{end}" in frame and name not in (*DIFFERENCES, "growth", "pooled")
    stable = frame[f"reliability{end}"].tolist() if said else [""] * len(frame)
    if shares and name in DIFFERENCES:
        return [_difference(*values) for values in zip(*columns)], ", points"
    return [_interval(*values, shares, kind) for *values, kind in zip(*columns, stable)], ""


def _difference(middle: float, low: float, high: float) -> str:
    """'+7.7 (+5.3 to +10.1)' in points; without its interval where there is none."""
    if _blank(middle):
        return ""
    return difference_text(middle, low, high) if not _blank(low) else points(middle).removesuffix(" points")


def _interval(middle: Any, low: Any, high: Any, shares: bool, reliability: str) -> str:
    if _blank(middle) and _blank(low):
        return ""
    tail = ", unstable" if shares and reliability == "unstable" else ""  # counts are not
    if _blank(low) or _blank(high):
        return _number(middle, shares) + (" %" if shares else "") + tail
    bounds = f"{_number(low, shares)} to {_number(high, shares)}"
    if _blank(middle):
        return bounds + (" %" if shares else "") + tail
    return f"{_number(middle, shares)}{' %' if shares else ''} ({bounds}){tail}"


def _are_shares(name: str, values: list[float]) -> bool:
    """Fractions 0 to 1, as rates and shares are; whole numbers are counts unless their name says otherwise."""
    return bool(values) and all(abs(value) <= 1 for value in values) and (
        name in ("rate", "share", "growth", "citing") or any(value != int(value) for value in values))


def _number(value: float, shares: bool) -> str:
    if shares:
        return f"{100 * value + 0.0:.1f}".replace("-", "\u2212")
    return _cell(value)


def _cell(value: Any, years: bool = False) -> str:
    if _blank(value):
        return ""
    value = value.item() if hasattr(value, "item") else value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        whole = float(value).is_integer()
        text = f"{value:.0f}" if years and whole else f"{value:,.0f}" if whole else f"{value:,.1f}"
        return text.replace("-", "\u2212")
    return str(value)


def _blank(value: Any) -> bool:
    return value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and math.isnan(value))


def _are_parts(parts: pd.Series, wholes: pd.Series) -> bool:
    return bool(parts.notna().any()) and not (parts > wholes).any()


def _of(part: Any, whole: Any) -> str:
    return "" if _blank(part) and _blank(whole) else f"{_cell(part) or NOT_HELD} of {_cell(whole) or NOT_HELD}"


def _words(column: pd.Series) -> list[str]:
    return ["" if _blank(value) else str(value) for value in column]


def _plain(name: str) -> str:
    text = readable(name).replace("_", " ")
    return text[:1].upper() + text[1:]
