"""A review pack: what the NRMP asks to see before its figures are shown, in one ZIP file."""

import io
import re
import textwrap
import zipfile
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from imganalytics.errors import UserError
from imganalytics.export import formats
from imganalytics.export.citations import citations_bibtex, citations_ris, citations_text
from imganalytics.export.csv_file import csv_bytes
from imganalytics.export.exported import Exported
from imganalytics.export.xlsx_file import xlsx_bytes
from imganalytics.result import Source

ALWAYS = (1980, 1, 1, 0, 0, 0)  # the time of each file, so that the same pack has the same bytes
PICTURES = ("png", "svg")
Progress = Callable[[str, int, int], None]  # what is done, how many, of how many

README = """Review pack
===========

{said}

What is in it
-------------
{contents}
slides.pptx      the charts as slides, as they are to be shown (where they could be made)
citations.txt    every source, in words; the same for reference managers in citations.bib and citations.ris

In each folder
--------------
chart.*          the chart as a picture (where a browser was at hand to draw it)
figures.xlsx     the figures that the chart shows, what each column means, the sources
figures.csv      the same figures as plain text
wording.txt      title, subtitle, note, what is said of the figures, and what to keep in mind

What was done with the figures
------------------------------
They are cited as they were published, each with its source. Intervals and differences are worked out from published
counts by standard formulas; no machine-learning or AI model was fitted to them. Where nothing is published, nothing is
filled in. This workbook is not affiliated with, or endorsed by, the NRMP or any other source.
{missing}"""


def review_pack(shown: Sequence[Exported], drawn: Sequence[Mapping[str, bytes]] = (),
                progress: Progress | None = None) -> bytes:
    """A ZIP file with each chart, its figures, its wording, and the citations of all.

    Args:
        shown: what is to be presented, in its order.
        drawn: pictures that the notebook's browser has drawn already, by "png" or "svg", for each of `shown`.
        progress: told before each part; what it raises stops the work, and no file is left.

    Raises:
        UserError: there is nothing to review.
    """
    if not shown:
        raise UserError("there is nothing to review; choose at least one chart")
    tell = progress or (lambda words, done, of: None)
    files: dict[str, bytes] = {}
    missing: list[str] = []
    for number, exported in enumerate(shown, 1):
        tell(exported.title, number - 1, len(shown))
        ready = drawn[number - 1] if number <= len(drawn) else {}
        files |= {f"{folder_of(number, exported)}/{name}": content
                  for name, content in _files_of(exported, ready, missing).items()}
    tell("slides and citations", len(shown), len(shown))
    files |= _of_all(shown, missing)
    return _zipped({"README.txt": _readme(shown, missing).encode()} | files)


def folder_of(number: int, exported: Exported) -> str:
    """The folder of one chart: '01_competitiveness'."""
    return f"{number:02d}_{re.sub(r'[^A-Za-z0-9_]', '_', exported.result.question.study)}"


def wording(exported: Exported) -> str:
    """All that is said around the figures, as text."""
    result = exported.result
    parts = [("Title", exported.title), ("Subtitle", exported.subtitle), ("Note", exported.note),
             ("In one sentence", result.summary), *(("Keep in mind", caveat) for caveat in result.caveats),
             ("Source line", exported.source_line)]
    return "".join(f"{head}\n    {text}\n\n" for head, text in parts if text)


def has_nrmp(sources: Sequence[Source]) -> bool:
    """Whether figures of the NRMP are among the sources."""
    return any(source.rights == "nrmp_facts" for source in sources)


def _files_of(exported: Exported, ready: Mapping[str, bytes], missing: list[str]) -> dict[str, bytes]:
    pictures = {f"chart.{kind}": ready[kind] for kind in PICTURES if kind in ready} or _drawn(exported, missing)
    return {**pictures, "figures.xlsx": xlsx_bytes(exported), "figures.csv": csv_bytes(exported),
            "wording.txt": wording(exported).encode("utf-8", errors="replace")}


def _drawn(exported: Exported, missing: list[str]) -> dict[str, bytes]:
    if any("picture" in why for why in missing):  # one machine has one answer
        return {}
    try:
        return {"chart.png": formats.file_bytes("png", [exported])}
    except UserError as error:
        has_chart = "only a table" not in str(error)
        missing.extend([f"No picture was drawn ({error}). The figures are in the tables."] * has_chart)
        return {}


def _of_all(shown: Sequence[Exported], missing: list[str]) -> dict[str, bytes]:
    sources = [source for exported in shown for source in exported.result.sources]
    files = {"citations.txt": citations_text(sources).encode(), "citations.bib": citations_bibtex(sources).encode(),
             "citations.ris": citations_ris(sources).encode()}
    try:
        return {"slides.pptx": formats.file_bytes("pptx", shown)} | files
    except UserError as error:
        missing.append(f"No slides were made ({error}).")
        return files


def _readme(shown: Sequence[Exported], missing: Sequence[str]) -> str:
    of_nrmp = sum(has_nrmp(exported.result.sources) for exported in shown)
    contents = "\n".join(_wrapped(exported.title + (" [NRMP figures]" if has_nrmp(exported.result.sources) else ""),
                                  f"{folder_of(number, exported)}/\n    ") for number, exported in enumerate(shown, 1))
    who = "It shows" if len(shown) == 1 else f"{of_nrmp} of them {'shows' if of_nrmp == 1 else 'show'}"
    nrmp = (f"{who} figures of the NRMP, which asks to see presentations that use its data before they are shown."
            if of_nrmp else "No figure in it is of the NRMP.")
    count = "One chart or table" if len(shown) == 1 else f"{len(shown)} charts and tables"
    said = f"{count} with figures that others published, put together for review before they are shown. {nrmp}"
    return README.format(said=_wrapped(said), contents=contents,
                         missing="".join(f"\n{_wrapped(line)}\n" for line in missing))


def _wrapped(text: str, before: str = "") -> str:
    return before + "\n    ".join(textwrap.wrap(text, 110)) if before else textwrap.fill(text, 115)


def _zipped(files: Mapping[str, Any]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, ALWAYS), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()
