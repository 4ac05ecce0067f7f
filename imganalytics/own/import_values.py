"""Cells into values: a text as it was, and its number where it is one; or the reason why it cannot be taken."""

import math
import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import cache
from typing import NamedTuple

from imganalytics.warehouse import connect

LONGEST = 2_000  # characters of a text
NOT_STATED = frozenset(("", "-", "--", "–", "—", "not reported", "not stated", "not available", "not provided", "n/a", "na",
                        "n.a.", "#n/a", "null", "nan", "no data", "no response"))
YES = frozenset(("yes", "y", "true", "1", "x", "required"))
NO = frozenset(("no", "n", "false", "0", "not required"))
NO_LIMIT = frozenset(("no limit", "unlimited", "no recency limit", "inf"))
EXCEL_ERRORS = re.compile(r"#(REF!|VALUE!|DIV/0!|NAME\?|NUM!|NULL!)")
NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?")
THOUSANDS = re.compile(r"\d{1,3}(,\d{3})+")
DATE_LIKE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}|\d{1,2}[-/ ][a-z]{3,9}\.?([-/ ]\d{2,4})?|[a-z]{3,9}\.?[-/ ]\d{1,4}")
MONTHS = frozenset("jan feb mar apr may jun jul aug sep oct nov dec".split())
VISAS = ((re.compile(r"j-?1( visas?)?( through ecfmg( or .*)?)?"), "J-1"), (re.compile(r"h-?1-?b( visas?)?"), "H-1B"),
         (re.compile(r"f-?1( visas?)?( \(opt.*\))?"), "F-1"))
NO_VISAS = frozenset(("none", "no", "no visas", "no visa", "no visas sponsored", "does not sponsor visas"))
DATES = ("%m/%d/%Y", "%b %d, %Y", "%B %d, %Y", "%d %b %Y", "%d-%b-%Y", "%m/%d/%y")

Cell = str | date  # dates only from Excel


class Formula(str):
    """A cell of Excel that holds a formula: what it last came to is not known."""


class Value(NamedTuple):
    """What a cell says: its text, and its number (NaN where it is none)."""

    text: str
    number: float = math.nan


class Refused(Exception):
    """Why a cell cannot be taken."""


Read = Value | None | Refused  # None: not stated


def read_column(kind: str, cells: Sequence[Cell | None]) -> tuple[list[Read], str]:
    """Each cell of a column as it is read, and a sentence on how the column as a whole was (or "").

    `kind` is a key of KINDS, or 'pct' or 'share', which are read as 0-1 or 0-100 for the whole column.
    """
    if kind in ("pct", "share"):
        return _percentages(kind, cells)
    read = KINDS[kind]
    known: dict[Cell | None, Read] = {None: None}
    for cell in set(cells) - {None}:
        known[cell] = _one(read, cell, kind)
    return [Refused(_FORMULA.format(_short(cell))) if isinstance(cell, Formula) else known[cell] for cell in cells], ""


_FORMULA = "holds a formula ({}), whose result is not trusted: paste it as a value"


def _one(read: Callable[[str], Value | None], cell: Cell, kind: str) -> Read:
    try:
        text = _text(cell, kind)
        return None if text.lower() in NOT_STATED else read(text)
    except Refused as reason:
        return reason


def _text(cell: Cell, kind: str) -> str:
    if isinstance(cell, date):
        if kind == "date":
            return cell.isoformat()[:10]
        raise Refused(f"is the date {cell.isoformat()[:10]}: Excel made it of what was typed; "
                      "format the column as text and type it anew")
    if isinstance(cell, Formula):
        raise Refused(_FORMULA.format(_short(cell)))
    if EXCEL_ERRORS.fullmatch(cell):
        raise Refused(f"is an error of Excel ({cell})")
    if len(cell) > LONGEST:
        raise Refused(f"has {len(cell):,} characters; allowed: {LONGEST:,}")
    return cell


def number_of(text: str) -> float:
    """The number a text writes: 1,234 (thousands), 45.5 or 45,5.

    Raises:
        Refused: it writes none, or what Excel made of it.
    """
    if NUMBER.fullmatch(text) and not THOUSANDS.fullmatch(text):
        return float(text.replace(",", "."))
    if THOUSANDS.fullmatch(text):
        return float(text.replace(",", ""))
    if _is_date(text):
        raise Refused(f"{text!r} looks like a date that Excel made of a number; allowed: a number")
    raise Refused(f"{_short(text)!r} is not a number")


def _is_date(text: str) -> bool:
    lower = text.lower()
    if not DATE_LIKE.fullmatch(lower):
        return False
    words = re.findall(r"[a-z]{3}", lower)
    return not words or words[0] in MONTHS


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"


def _whole(text: str, low: float = 0, high: float = 1e6) -> Value:
    number = number_of(text)
    if not number.is_integer():
        raise Refused(f"{text!r} is not a whole number")
    if not low <= number <= high:
        raise Refused(f"{text!r} is outside {low:g} to {high:g}")
    return Value(text, number)


def _score(text: str) -> Value:
    return _whole(text, 150, 300)


def _years(text: str) -> Value:
    return Value("no limit", math.inf) if text.lower() in NO_LIMIT else _whole(text, 0, 60)


def _yes_no(text: str) -> Value:
    if text.lower() in YES:
        return Value("yes", 1)
    if text.lower() in NO:
        return Value("no", 0)
    raise Refused(f"{_short(text)!r} is neither yes nor no")


def _list(text: str) -> Value | None:
    parts = [part.strip() for part in re.split(r"[|;\n]", text)]
    kept = " | ".join(part for part in parts if part.lower() not in NOT_STATED)
    return Value(kept) if kept else None


def _visas(text: str) -> Value:
    if text.lower() in NO_VISAS:
        return Value("none")
    named = []
    for part in filter(None, (part.strip() for part in re.split(r"[|;,/\n]|\band\b", text))):
        found = next((visa for pattern, visa in VISAS if pattern.fullmatch(part.lower())), None)
        if found is None:
            raise Refused(f"{_short(part)!r} is not a visa we know; allowed: J-1, H-1B, F-1 with | between, or none")
        named.append(found)
    return Value(" | ".join(visa for _, visa in VISAS if visa in named))


def _codes(text: str) -> Value | None:
    if _is_date(text):
        raise Refused(f"{text!r} looks like a date that Excel made of a code; format the column as text and type it anew")
    codes = [re.sub(r"[\s-]", "", part).upper() for part in re.split(r"[|;,\n]", text)
             if part.strip().lower() not in NOT_STATED]
    for code in codes:
        if re.fullmatch(r"\d(\.\d+)?E\+\d+", code):
            raise Refused(f"{code!r} is a number that Excel has shortened: digits are lost")
        if not re.fullmatch(r"\d{7}[A-Z]\d{1,2}|\d{7}[A-Z]\d[A-Z]|\d{4}[A-Z]\d\d[A-Z]\d{1,2}|\d{9,10}", code):
            raise Refused(f"{_short(code)!r} is not an NRMP code; as in 1234140C0: 4 digits, 3 of the specialty, "
                          "a letter, a digit")
    return Value(" | ".join(codes)) if codes else None


def _acgme(text: str) -> Value:
    if _is_date(text):
        raise Refused(f"{text!r} looks like a date that Excel made of a number; format the column as text and type it anew")
    number = re.sub(r"[\s-]", "", text)
    if re.fullmatch(r"\d(\.\d+)?[eE]\+\d+", number):
        raise Refused(f"{text!r} is a number that Excel has shortened: digits are lost")
    if not re.fullmatch(r"\d{9,10}", number):
        raise Refused(f"{_short(text)!r} is not an ACGME number; allowed: 10 digits")
    return Value(number)


def _specialty_code(text: str) -> Value:
    if not re.fullmatch(r"\d{2,3}", text):
        raise Refused(f"{_short(text)!r} is not a specialty code; allowed: 3 digits, as in 140")
    return Value(text.zfill(3))


def _state(text: str) -> Value:
    state = _states().get(text.upper().strip("."))
    if state is None:
        raise Refused(f"{_short(text)!r} is not a state; allowed: two letters, as in NY, or its name")
    return Value(state)


@cache
def _states() -> dict[str, str]:
    rows = connect().execute("SELECT state, name FROM states").fetchall()
    return {said.upper(): state for state, name in rows for said in (state, name or state)}


def _date(text: str) -> Value:
    day = _day(text)
    if not "1980-01-01" <= day.ljust(10, "-") <= f"{datetime.now():%Y-%m-%d}~":
        raise Refused(f"{text!r} is not a day between 1980 and today")
    return Value(day)


def _day(text: str) -> str:
    if re.fullmatch(r"\d{4}(-\d\d)?", text):
        return text
    if re.fullmatch(r"\d{12,13}", text):  # milliseconds, as older JSON has them
        return f"{datetime.fromtimestamp(int(text) / 1000):%Y-%m-%d}"
    try:
        return datetime.fromisoformat(text).date().isoformat()
    except ValueError:
        pass
    for form in DATES:  # month first, as American sources print
        try:
            return datetime.strptime(text, form).date().isoformat()
        except ValueError:
            continue
    raise Refused(f"{_short(text)!r} is not a date; allowed: as in 2026-03-31")


KINDS: dict[str, Callable[[str], Value | None]] = {
    "text": Value, "int": _whole, "score": _score, "years": _years, "bool": _yes_no, "list": _list, "visas": _visas,
    "codes": _codes, "acgme": _acgme, "specialty_code": _specialty_code, "state": _state, "date": _date,
}


def _percentages(kind: str, cells: Sequence[Cell | None]) -> tuple[list[Read], str]:
    """45, 0.45 and '45%': cells with a sign are sure; the others are of one scale, or are not certain."""
    known = {cell: _percentage(cell) for cell in set(cells) if cell is not None}
    read: list[Read] = [Refused(_FORMULA.format(_short(cell))) if isinstance(cell, Formula) else known.get(cell)
                        for cell in cells]
    bare = [value.number for value in read if isinstance(value, Value) and not value.text.endswith("%")]
    fractions, large = any(0 < n < 1 for n in bare), any(n > 1 for n in bare)
    if kind == "share":  # published as 0-1
        shares, unsure = fractions or not large, False
    else:
        shares, unsure = fractions and not large, bool(bare) and large == fractions
    done = [_scaled(value, kind, shares, unsure) if isinstance(value, Value) else value for value in read]
    if kind == "pct" and shares:
        return done, "its numbers are all between 0 and 1, so they are read as shares: 0.45 is 45 %"
    if kind == "share" and not shares:
        return done, "its numbers are above 1, so they are read as percentages: 45 is 0.45"
    return done, ""


def _percentage(cell: Cell) -> Read:
    def read(text: str) -> Value:
        bare = text.removesuffix("%").strip()
        return Value(text.replace(" ", ""), number_of(bare))

    return _one(read, cell, "pct")


def _scaled(value: Value, kind: str, shares: bool, unsure: bool) -> Read:
    sure = value.text.endswith("%")
    if unsure and not sure and 0 < value.number <= 1:
        return Refused(f"{value.text!r} is not certain: percent, or a share of 1? The rest of the column does not tell; "
                       "write it with %")
    percent = value.number * (100 if shares and not sure else 1)
    if not 0 <= percent <= 100:
        return Refused(f"{value.text!r} is outside 0 to {'1' if shares and not sure else '100 %'}")
    return Value(value.text, round(percent if kind == "pct" else percent / 100, 10))
