"""The columns of the table of programs, and its cells as texts."""

from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd

from imganalytics.studies.programs import NOT_STATED
from imganalytics.studies.trend_words import share_text

Texts = list[str]


def columns_of(frame: pd.DataFrame) -> tuple[list[dict[str, Any]], list[Texts]]:
    """The columns for a ``Grid`` and the texts of each, one for each row of the frame of ``studies.programs.prepared``.

    The columns are named as the orders of the study, so that a press on a head sorts by them. Columns of imported facts
    are there when something was imported.
    """
    wanted = [column for column in COLUMNS if not column[0].startswith("imported_") or frame[column[0]].notna().any()]
    columns = [{"name": name, "label": label, "width": width, "numeric": numeric, "hint": hint}
               for name, label, width, numeric, hint, _ in wanted]
    return columns, [texts(frame) for *_, texts in wanted]


def _words(name: str) -> Callable[[pd.DataFrame], Texts]:
    return lambda frame: [value if isinstance(value, str) and value else NOT_STATED for value in frame[name]]


def _counts(name: str, blank: str = NOT_STATED) -> Callable[[pd.DataFrame], Texts]:
    return lambda frame: [f"{value:,.0f}" if value == value else blank for value in frame[name].tolist()]


def _of(part: str, whole: str) -> Callable[[pd.DataFrame], Texts]:
    return lambda frame: [f"{own:,.0f} of {all_:,.0f}" if all_ == all_ else "not listed"
                          for own, all_ in zip(frame[part].tolist(), frame[whole].tolist())]


def _growth(frame: pd.DataFrame) -> Texts:
    return ["new" if value != value and first == first and active else "–" if value != value else f"{value:+,.0f}".replace("-", "\u2212")
            if value else "0" for value, first, active in zip(frame["growth"].tolist(), frame["first_year"].tolist(), frame["active"])]


def _state_share(frame: pd.DataFrame) -> Texts:
    names = ("state_share", "state_low", "state_high", "state_filled")
    return [f"{share_text(share, low, high)} of {filled:,.0f}" if share == share else "not published"
            if filled != filled else f"too few ({filled:,.0f})"
            for share, low, high, filled in zip(*(frame[name].tolist() for name in names))]


def _filings(frame: pd.DataFrame) -> Texts:
    return [NOT_STATED if count != count else f"{count:,.0f}{'?' if status == 'ambiguous' else ''}"
            for count, status in zip(frame["h1b_trainee_filings"].tolist(), frame["employer_status"].tolist())]


def _designated(frame: pd.DataFrame) -> Texts:
    return [names or "–" for names in frame["designated_names"]]


# name, head, width, flush right, hint, texts
COLUMNS: Sequence[tuple[str, str, int, bool, str, Callable[[pd.DataFrame], Texts]]] = (
    ("institution", "Program", 300, False, "The institution; a readable name beside the printed one", _words("institution")),
    ("specialty", "Specialty", 170, False, "All NRMP codes of the specialty at the institution together", _words("specialty")),
    ("city", "City", 120, False, "", _words("city")),
    ("state", "State", 54, False, "", _words("state")),
    ("positions", "Positions", 80, True, "Offered in the last Match", _counts("positions", "not listed")),
    ("filled", "Filled", 66, True, "At the last Match, before SOAP", _counts("filled", "not listed")),
    ("unfilled_share", "Unfilled, 5 years", 120, True, "Positions left unfilled at the last five Matches, of those offered",
     _of("unfilled_5_years", "offered_5_years")),
    ("years_unfilled", "Years short", 86, True, "In how many of the last five Matches places were left",
     _of("years_unfilled", "years_listed")),
    ("growth", "Growth", 70, True, "Positions of the last Match less those five years before", _growth),
    ("state_share", "The state's IMG share", 190, True, "Share of IMGs in the filled positions of this specialty and level in "
     "the state, with its 95 % interval; not this program's", _state_share),
    ("h1b_trainee_filings", "H-1B filings", 96, True, "For residents and fellows, by an employer that may be its own; not "
     "verified. '?': one of several", _filings),
    ("designated", "Track named for IMGs or sponsors", 210, False, "By its official name in the Match's listings", _designated),
    ("imported_pct_img", "IMGs among residents (%)", 150, True, "Imported by you", _counts("imported_pct_img")),
    ("imported_step2ck_min", "Step 2 CK minimum", 130, True, "Imported by you", _counts("imported_step2ck_min")),
    ("imported_yog_max_years", "Years since graduation, at most", 180, True, "Imported by you", _counts("imported_yog_max_years")),
    ("imported_visas_accepted", "Visas", 110, False, "Imported by you", _words("imported_visas_accepted")),
    ("imported_usce", "US clinical experience", 170, False, "Imported by you", _words("imported_usce")),
)
