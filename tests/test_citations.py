"""Citations: plain text, and BibTeX and RIS read back by small readers of our own."""

import re

import pytest

from imganalytics.export.citations import FORMATS, citations_bibtex, citations_ris, citations_text, cited
from imganalytics.result import Source
from imganalytics.studies.competitiveness import competitiveness
from imganalytics.studies.headline import headline

NASTY = Source("synthetic_a", r"100 % of {unbalanced & $5_000 #1 \ ~ ^ <b> \"so\" caf\u00e9".replace("\\u00e9", "\u00e9"),
               "Synthetic, Inc.", 2025, "https://example.org/a_b?c=1&d=%20#x", "synthetic", "secondary")
PLAIN = Source("synthetic_b", "Plain title.", "Synthetic", None, "page 3 of the report", "synthetic", "primary")
BROKEN = Source("synthetic_c", "Two\nlines\r\nER  - \n}@misc{x,", "S\tC", 2024, "https://a b", "synthetic", "primary")
SOURCES = (NASTY, PLAIN, BROKEN)
UNESCAPED = {r"\textbackslash": "\\", r"\textbraceleft": "{", r"\textbraceright": "}", r"\textasciitilde": "~",
             r"\textasciicircum": "^", r"\textless": "<", r"\textgreater": ">", r"\textquotedbl": '"'}


def bibtex(text: str) -> dict[str, dict[str, str]]:
    """Entries by key as a BibTeX reader sees them: braces counted, commands turned into letters."""
    entries, at = {}, 0
    while (start := text.find("@misc{", at)) >= 0:
        depth, end = 1, start + 6
        while depth:
            depth += {"{": 1, "}": -1}.get(text[end], 0)
            end += 1
        key, _, body = text[start + 6:end - 1].partition(",")
        entries[key] = {name: plain(value) for name, value in re.findall(r"^  (\w+) = \{(.*)\},?$", body, re.MULTILINE)}
        at = end
    assert not text[at:].strip()
    return entries


def plain(value: str) -> str:
    value = re.sub(r"\{(\\text\w+)\}", lambda found: "\0" + UNESCAPED[found[1]], value)
    value = re.sub(r"(?<!\0)[{}]", "", value)
    return re.sub(r"\\([&%$#_])", r"\1", value).replace("\0", "")


def ris(text: str) -> list[dict[str, str]]:
    """Records as a RIS reader sees them."""
    assert text.endswith("ER  - \r\n")
    records = []
    for block in text.removesuffix("\r\n").split("\r\nER  - "):
        if block.strip():
            lines = [re.fullmatch(r"([A-Z][A-Z0-9])  - (.+)", line) for line in block.strip("\r\n").split("\r\n")]
            assert all(lines) and lines[0][1] == "TY"
            records.append({line[1]: line[2] for line in lines})
    return records


def test_bibtex_reads_back_as_it_was():
    found = bibtex(citations_bibtex(SOURCES, "2026-11-22"))
    assert list(found) == ["synthetic_a", "synthetic_b", "synthetic_c"]
    assert found["synthetic_a"] == {
        "author": "Synthetic, Inc.", "title": NASTY.title, "year": "2025", "publisher": "Synthetic, Inc.",
        "url": NASTY.read_at, "urldate": "2026-11-22", "note": "A third party restating the figures"}
    assert found["synthetic_b"] == {"author": "Synthetic", "title": "Plain title.", "publisher": "Synthetic",
                                    "note": "Read at: page 3 of the report"}
    assert found["synthetic_c"]["title"] == "Two lines ER - }@misc{x,"


def test_every_special_letter_of_latex_is_escaped():
    raw = re.sub(r"\{\\text\w+\}|\\[&%$#_]", "", re.search(r"title = \{\{(.*)\}\}", citations_bibtex([NASTY]))[1])
    assert not set(raw) & set("\\{}&%$#_~^<>\"")


def test_ris_reads_back_as_it_was():
    found = ris(citations_ris(SOURCES, "2026-11-22"))
    assert found[0] == {"TY": "ELEC", "ID": "synthetic_a", "TI": NASTY.title, "PB": "Synthetic, Inc.", "PY": "2025",
                        "UR": NASTY.read_at, "Y2": "2026/11/22", "N1": "A third party restating the figures"}
    assert found[1] == {"TY": "GEN", "ID": "synthetic_b", "AU": "Synthetic", "TI": "Plain title.", "PB": "Synthetic",
                        "N1": "Read at: page 3 of the report"}
    assert found[2]["TI"] == "Two lines ER - }@misc{x," and found[2]["N1"] == "Read at: https://a b" and len(found) == 3


def test_plain_text_says_what_is_known_and_no_more():
    lines = citations_text(SOURCES, "2026-11-22").splitlines()
    assert lines[0].startswith("1. Synthetic, Inc. (2025). 100 %")
    assert lines[0].endswith("https://example.org/a_b?c=1&d=%20#x (read 2026-11-22) [a third party restating the figures]")
    assert lines[1] == "2. Synthetic (no year stated). Plain title. page 3 of the report"
    assert lines[-1] == "Cited as facts; not affiliated with the NRMP."
    assert "(read" not in citations_text(SOURCES)


def test_a_source_is_cited_once_and_none_is_said():
    assert citations_bibtex([PLAIN, PLAIN]).count("@misc") == 1 and citations_ris([PLAIN, PLAIN]).count("TY  - ") == 1
    assert citations_text([]).startswith("No sources: no figure is shown.")
    assert citations_ris([]) == citations_bibtex([]) == ""


@pytest.mark.parametrize("study", [competitiveness, headline])
def test_the_sources_of_real_results_read_back(con, study):
    sources = study().sources
    assert list(bibtex(citations_bibtex(sources))) == [each.source_id for each in sources]
    assert [each["TI"] for each in ris(citations_ris(sources))] == [" ".join(each.title.split()) for each in sources]


def test_every_source_of_the_workbook_can_be_cited(con):
    rows = con.execute("SELECT source_id, title, publisher, publication_year, read_at, rights, confidence "
                       "FROM sources").fetchall()
    sources = [Source(*row) for row in rows]
    found = bibtex(citations_bibtex(sources))
    assert [found[each.source_id]["title"] for each in sources] == [" ".join(each.title.split()) for each in sources]
    assert len(ris(citations_ris(sources))) == len(sources)
    assert all(cited(sources, form) for form in FORMATS)
