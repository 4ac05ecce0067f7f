"""The kinds of file that leave the workbook: which there are, how each is made, and how its receipt is found again."""

import io
import zipfile
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

from imganalytics.errors import UserError
from imganalytics.export.csv_file import Table
from imganalytics.export.exported import Exported

KINDS = {
    "csv": "the figures as text, for any spreadsheet",
    "xlsx": "Excel: figures, what the columns mean, sources",
    "html": "a handout for a browser, without a network",
    "pptx": "PowerPoint, with charts that can be edited",
    "png": "a picture",
    "svg": "a picture that can be made larger",
    "pdf": "a page, with its text as text",
}
PACK = "zip"  # a review pack: several files, each with its own receipt
DRAWN = ("png", "svg", "pdf")  # what needs a browser to draw it
WITH_FIGURES = ("csv", "xlsx")  # what holds the figures themselves, so that old ones can be read again


def kind_of_name(path: Path, allowed: Sequence[str] = (*KINDS, PACK)) -> str:
    """The kind of file that the ending of a name asks for.

    Raises:
        UserError: none of `allowed`.
    """
    kind = path.suffix.lower().removeprefix(".")
    if kind not in allowed:
        endings = ", ".join(f".{each}" for each in allowed)
        raise UserError(f"{path}: unknown kind of file {path.suffix!r}; allowed: {endings}")
    return kind


def kind_of(content: bytes) -> str:
    """What kind of file this is, by its content: a name may have been changed. What is nothing else is taken for CSV."""
    start = content[:2000].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"\x89PNG"):
        return "png"
    if start.startswith(b"%PDF"):
        return "pdf"
    if start.startswith(b"PK"):
        return _kind_of_archive(content)
    if start.startswith(b"<"):
        return "svg" if b"<svg" in start.lower() and b"<html" not in start.lower() else "html"
    return "csv"


def _kind_of_archive(content: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        raise UserError("the file is damaged: it is an archive that cannot be opened") from None
    for kind, folder in (("xlsx", "xl/"), ("pptx", "ppt/")):
        if any(name.startswith(folder) for name in names):
            return kind
    return PACK


def receipts_in(kind: str, content: bytes) -> list[str]:
    """The JSON of every receipt in a file: one for each slide of a deck, one in any other kind.

    Raises:
        UserError: the file is damaged, or this version does not read this kind.
    """
    module = _module(kind)
    several = getattr(module, f"receipts_in_{kind}", None)
    if several:
        return list(several(content))
    found = getattr(module, f"receipt_in_{kind}")(content)
    return [found] if found else []


def figures_in(kind: str, content: bytes) -> Table:
    """The figures in a file as text, of those kinds that are WITH_FIGURES; else none."""
    return getattr(_module(kind), f"figures_in_{kind}")(content) if kind in WITH_FIGURES else ([], [])


def file_bytes(kind: str, shown: Sequence[Exported], like: bytes = b"") -> bytes:
    """A file of `kind`. `like` is the file that it takes the place of: what can be chosen in a handout stays.

    Raises:
        UserError: several charts in what holds one; no browser for what needs one; no chart.
    """
    module = _module(kind)
    if kind == "pptx":
        return _slides(module, shown)
    if len(shown) != 1:
        raise UserError(f"a {kind} file holds one chart, not {len(shown)}; a .pptx or .{PACK} file holds several")
    if kind in DRAWN:
        return import_module("imganalytics.export.picture").draw(shown[0], kind)
    if kind == "html":
        return module.html_bytes(shown[0], module.varied_in_html(like))
    return getattr(module, f"{kind}_bytes")(shown[0])


def _slides(module: ModuleType, shown: Sequence[Exported]) -> bytes:
    made = import_module("imganalytics.export.pptx_layout").presentation_of(shown[0].size, None)
    for exported in shown:
        module.add_slides(made, exported, own=True)
    return module.saved(made, shown[0].title)


def _module(kind: str) -> ModuleType:
    name = f"imganalytics.export.{kind}_file"
    if not find_spec(name):
        raise UserError(f"this version of the workbook has no {kind} files")
    return import_module(name)
