"""What leaves the workbook: a Result with its chart, the words around it, and the receipt by which it is made again."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pandas as pd

from imganalytics import __version__
from imganalytics.charts.theme import Spec
from imganalytics.errors import UserError
from imganalytics.result import Question, Result
from imganalytics.vocabulary import require
from imganalytics.warehouse import connect

SIZES = {  # inches, as wide and as high
    "slide": (13.333, 7.5),  # 16:9
    "half": (6.667, 7.5),    # half a slide, beside other words
    "a4": (8.268, 11.693),
    "square": (7.5, 7.5),
}
THEMES = {"light": "In colour", "grey": "Greys, for print"}
NOT_AFFILIATED = "Cited as facts; not affiliated with the NRMP."
LONGEST = 500  # letters of a title, a subtitle or a note


@dataclass(frozen=True)
class Exported:
    """An answer as it is shown outside: the Result, and words that the user may have changed.

    Attributes:
        result: what is shown.
        title, subtitle, note: as printed; they begin as those of the Result ('' for no note).
        size, theme: a key of SIZES, of THEMES.
    """

    result: Result
    title: str = ""
    subtitle: str = ""
    note: str = ""
    size: str = "slide"
    theme: str = "light"

    def __post_init__(self) -> None:
        require(self.size, SIZES, "size")
        require(self.theme, THEMES, "theme")
        for name in ("title", "subtitle", "note"):
            text = getattr(self, name)
            if len(text) > LONGEST:
                raise UserError(f"the {name} has {len(text):,} letters; allowed: {LONGEST}")
        object.__setattr__(self, "title", self.title or self.result.title)
        object.__setattr__(self, "subtitle", self.subtitle or self.result.subtitle)

    @property
    def worded(self) -> Result:
        """The Result under the title and subtitle as they are printed."""
        return replace(self.result, title=self.title, subtitle=self.subtitle)

    @property
    def spec(self) -> Spec:
        """The chart as plotly.js takes it.

        Raises:
            UserError: the study has no chart.
        """
        return spec_of(self.worded)

    @property
    def alt_text(self) -> str:
        """The chart in words, for those who do not see it."""
        return f"{self.title} {self.subtitle} {self.result.summary}".strip()

    @property
    def source_line(self) -> str:
        """The sources in one line, with the notice that belongs to them."""
        return f"{self.result.source_line}. {NOT_AFFILIATED}"

    @property
    def receipt(self) -> "Receipt":
        """By what it can be made again, and told whether its numbers are the same."""
        changed = {name: text for name in ("title", "subtitle") if (text := getattr(self, name)) != getattr(self.result, name)}
        return Receipt(self.result.question.study, self.result.question.arguments, figures_digest(self.result.frame),
                       data_digest(), __version__, **changed, note=self.note, size=self.size, theme=self.theme)


@dataclass(frozen=True)
class Receipt:
    """What an export carries: the question, digests of the figures and of the data, the version, and words of the user's own.

    `title` and `subtitle` are '' where they are the study's own: those of next year name next year's n.
    """

    study: str
    arguments: dict[str, Any]
    figures: str
    data: str
    version: str
    title: str = ""
    subtitle: str = ""
    note: str = ""
    size: str = "slide"
    theme: str = "light"

    def to_json(self) -> str:
        """One line that :meth:`from_json` reads; ASCII, so that it fits every kind of metadata."""
        return json.dumps({"imganalytics": 1} | self.__dict__, sort_keys=True, default=list)

    @classmethod
    def from_json(cls, text: str) -> "Receipt":
        """The receipt in `text`.

        Raises:
            UserError: it is none, or of a newer kind.
        """
        try:
            found = json.loads(text)
            if found.pop("imganalytics") != 1:
                raise UserError("the receipt was written by a newer version of this workbook; update it, then try again")
            return cls(**found)
        except (ValueError, TypeError, KeyError, AttributeError):
            raise UserError("the receipt is damaged: it is not what this workbook wrote") from None

    def ask(self) -> Exported:
        """The same question asked again, under the same words.

        Raises:
            UserError: the study is gone, or refuses its arguments now.
        """
        if not self.study.isidentifier() or not find_spec(f"imganalytics.studies.{self.study}"):
            raise UserError(f"this version of the workbook has no study {self.study!r}; the file was made by {self.version}")
        try:
            result = Question(self.study, self.arguments).ask()
        except TypeError as error:
            raise UserError(f"the study {self.study!r} no longer takes these arguments ({error})") from None
        return Exported(result, self.title, self.subtitle, self.note, self.size, self.theme)


def spec_of(result: Result) -> Spec:
    """The chart of a Result, by the topic name that studies and charts share.

    Raises:
        UserError: the study has no chart.
    """
    name = f"imganalytics.charts.{result.question.study}"
    if not find_spec(name):
        raise UserError(f"{result.title or result.question.study}: there is no chart of it, only a table")
    return import_module(name).spec(result)


def figures_digest(frame: pd.DataFrame) -> str:
    """SHA-256 of the figures of a frame: its columns and every value, in order; numbers to ten digits."""
    return hashlib.sha256(_canonical(frame).encode()).hexdigest()


def data_digest() -> str:
    """What tells the database behind the figures from any other: the name of its file holds the digest of its inputs."""
    [(path,)] = connect().execute("SELECT path FROM duckdb_databases() WHERE NOT internal").fetchall()
    return Path(path).stem


def _canonical(frame: pd.DataFrame) -> str:
    return json.dumps([list(frame.columns), [[_plain(value) for value in row]
                                             for row in frame.astype(object).itertuples(index=False)]])


def _plain(value: Any) -> Any:
    if isinstance(value, str) or isinstance(value, Iterable):
        return str(value) if isinstance(value, str) else [_plain(each) for each in value]
    if value is None or value is pd.NA or value != value:
        return None
    value = value.item() if hasattr(value, "item") else value
    if isinstance(value, float):
        return float(f"{value:.10g}")  # the last bits of a computed figure differ from processor to processor
    return value if isinstance(value, bool | int) else str(value)
