"""The sources of an export as citations: plain text, BibTeX and RIS.

A source has no page of authors here: its publisher stands for the author. The keys are the ids of the sources, which
stay the same from year to year. `accessed` is the day on which the user read the addresses; the workbook knows none.
"""

import re
from collections.abc import Iterable

from imganalytics.export.exported import NOT_AFFILIATED
from imganalytics.result import Source

FORMATS = {"text": "plain text", "bibtex": "BibTeX", "ris": "RIS"}
LATEX = {"\\": r"{\textbackslash}", "{": r"{\textbraceleft}", "}": r"{\textbraceright}", "~": r"{\textasciitilde}",
         "^": r"{\textasciicircum}", "<": r"{\textless}", ">": r"{\textgreater}", '"': r"{\textquotedbl}",
         **{letter: "\\" + letter for letter in "&%$#_"}}
ADDRESS = re.compile(r"https?://[^\s\\{}\"<>|^`]+")
SECONDARY = "a third party restating the figures"


def citations_text(sources: Iterable[Source], accessed: str = "") -> str:
    """The sources as a numbered list, with the notice that belongs to them."""
    lines = [f"{number}. {_in_words(source, accessed)}" for number, source in enumerate(_once(sources), 1)]
    return "\n".join([*(lines or ["No sources: no figure is shown."]), "", NOT_AFFILIATED, ""])


def citations_bibtex(sources: Iterable[Source], accessed: str = "") -> str:
    """The sources as BibTeX, UTF-8; braces keep names and titles as they are printed."""
    return "\n".join(_bibtex(source, accessed) for source in _once(sources))


def citations_ris(sources: Iterable[Source], accessed: str = "") -> str:
    """The sources as RIS; lines end as that format wants them.

    RIS turns a name with a comma into family and given name: such publishers are given as publishers only.
    """
    return "".join(f"{line}\r\n" for source in _once(sources) for line in _ris(source, accessed))


def cited(sources: Iterable[Source], form: str, accessed: str = "") -> str:
    """The sources in one of FORMATS."""
    makers = {"text": citations_text, "bibtex": citations_bibtex, "ris": citations_ris}
    return makers[form](sources, accessed)


def _once(sources: Iterable[Source]) -> list[Source]:
    return list({source.source_id: source for source in sources}.values())


def _in_words(source: Source, accessed: str) -> str:
    year = f" ({source.publication_year})" if source.publication_year else " (no year stated)"
    day = f" (read {accessed})" if accessed and _address(source) else ""
    third = f" [{SECONDARY}]" if source.confidence == "secondary" else ""
    title = _line(source.title)
    stop = "" if title.endswith((".", "?", "!")) else "."
    return f"{_line(source.publisher)}{year}. {title}{stop} {_line(source.read_at)}{day}{third}"


def _bibtex(source: Source, accessed: str) -> str:
    address = _address(source)
    fields = {"author": f"{{{_latex(source.publisher)}}}", "title": f"{{{_latex(source.title)}}}",
              "year": str(source.publication_year or ""), "publisher": _latex(source.publisher), "url": address,
              "urldate": _latex(accessed) if address else "", "note": _latex(_note(source))}
    lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
    return "@misc{" + _key(source) + ",\n" + ",\n".join(lines) + "\n}\n"


def _ris(source: Source, accessed: str) -> list[str]:
    address = _address(source)
    publisher = _line(source.publisher)
    fields = [("TY", "ELEC" if address else "GEN"), ("ID", _key(source)), ("AU", "" if "," in publisher else publisher),
              ("TI", _line(source.title)), ("PB", publisher), ("PY", str(source.publication_year or "")),
              ("UR", address), ("Y2", accessed.replace("-", "/") if address else ""), ("N1", _note(source))]
    return [*(f"{tag}  - {value}" for tag, value in fields if value), "ER  - "]


def _note(source: Source) -> str:
    """Where it was read, if that is no address; and whether it is first hand."""
    where = "" if _address(source) else f"Read at: {_line(source.read_at)}"
    return "; ".join(filter(None, (where, SECONDARY.capitalize() if source.confidence == "secondary" else "")))


def _address(source: Source) -> str:
    return source.read_at if ADDRESS.fullmatch(source.read_at) else ""


def _key(source: Source) -> str:
    return re.sub(r"[^A-Za-z0-9_]", "_", source.source_id)


def _latex(text: str) -> str:
    return "".join(LATEX.get(letter, letter) for letter in _line(text))


def _line(text: str) -> str:
    """Text in one line: a line of its own could pass for another field."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in str(text)).split())
