"""The review pack: opened again, and all that the NRMP asks to see is in it."""

import io
import zipfile

import pytest

from imganalytics.errors import UserError
from imganalytics.export import formats
from imganalytics.export.csv_file import csv_bytes
from imganalytics.export.exported import Exported
from imganalytics.export.redraw import redrawn
from imganalytics.export.review_pack import review_pack, wording
from imganalytics.studies.competitiveness import competitiveness
from imganalytics.studies.holdings import holdings
from imganalytics.studies.usmle import usmle

PNG = b"\x89PNG drawn by the notebook"


@pytest.fixture
def no_browser(monkeypatch):
    """A machine on which nothing can draw a picture."""
    made = formats.file_bytes

    def file_bytes(kind, shown, like=b""):
        if kind in formats.DRAWN:
            raise UserError("PNG: no Chrome or Chromium was found here")
        return made(kind, shown, like)

    monkeypatch.setattr(formats, "file_bytes", file_bytes)


def opened(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def shown() -> list[Exported]:
    return [Exported(competitiveness(specialties=["Psychiatry"]), "My own", note="My note"), Exported(usmle())]


def test_it_holds_charts_figures_wording_and_citations(con, no_browser):
    files = opened(review_pack(shown()))
    assert set(files) == {"README.txt", "slides.pptx", "citations.txt", "citations.bib", "citations.ris",
                          *(f"{folder}/{name}" for folder in ("01_competitiveness", "02_usmle")
                            for name in ("figures.xlsx", "figures.csv", "wording.txt"))}
    readme = files["README.txt"].decode()
    assert "01_competitiveness" in readme and "My own [NRMP figures]" in readme and "no Chrome" in readme
    assert "asks to see presentations" in readme
    assert files["01_competitiveness/figures.csv"] == csv_bytes(shown()[0])
    assert all(redrawn(files[name])[0].same for name in files if name.endswith((".csv", ".xlsx", ".pptx")))


def test_the_wording_is_all_that_is_said(con):
    exported = shown()[0]
    text = wording(exported)
    assert all(words in text for words in ("My own", exported.subtitle, "My note", exported.result.summary,
                                           exported.source_line, *exported.result.caveats))


def test_pictures_that_the_notebook_drew_are_used(con, no_browser):
    files = opened(review_pack(shown(), drawn=[{"png": PNG}, {"png": PNG, "svg": b"<svg/>"}]))
    assert files["01_competitiveness/chart.png"] == PNG and files["02_usmle/chart.svg"] == b"<svg/>"
    assert "No picture was drawn" not in files["README.txt"].decode()


def test_each_source_is_cited_once(con, no_browser):
    files = opened(review_pack([shown()[0], shown()[0]]))
    sources = shown()[0].result.sources
    assert files["citations.bib"].count(b"@misc") == files["citations.ris"].count(b"TY  - ") == len(sources)
    assert all(source.title.encode() in files["citations.txt"] for source in sources)


def test_what_has_no_sources_is_said_to_have_no_nrmp_figures(con, no_browser):
    readme = opened(review_pack([Exported(holdings())]))["README.txt"].decode()
    assert "No figure in it is of the NRMP." in " ".join(readme.split()) and readme.startswith("Review pack")


def test_the_same_pack_has_the_same_bytes_but_for_the_time_in_excel(con, no_browser):
    first, second = opened(review_pack(shown())), opened(review_pack(shown()))
    timed = (".xlsx", ".pptx")
    assert {name: content for name, content in first.items() if not name.endswith(timed)} == {
        name: content for name, content in second.items() if not name.endswith(timed)}


def test_it_tells_how_far_it_is_and_stops_when_told(con, no_browser):
    told = []
    review_pack(shown(), progress=lambda *step: told.append(step))
    assert told == [("My own", 0, 2), (shown()[1].title, 1, 2), ("slides and citations", 2, 2)]

    def stop(*_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        review_pack(shown(), progress=stop)


def test_nothing_to_review_is_said():
    with pytest.raises(UserError, match="there is nothing to review"):
        review_pack([])
