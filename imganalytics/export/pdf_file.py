"""A PDF with vector text: the SVG that a browser drew, set anew, with its words and its receipt."""

import io

from imganalytics.errors import UserError
from imganalytics.export.exported import Exported
from imganalytics.export.svg_file import svg_root

KEYWORD = "/ImganalyticsReceipt"  # beside title and subject, in the document's information
POINTS = 0.75                     # to the pixel: 72 to the inch, and 96


def pdf_bytes(exported: Exported, drawn: bytes) -> bytes:
    """One page of the size of the SVG `drawn` by a browser; the same drawing gives the same bytes.

    Raises:
        UserError: `drawn` is no SVG, or no font of this machine has a letter of it.
    """
    from pypdf import PdfReader, PdfWriter
    from reportlab.pdfgen.canvas import Canvas

    from imganalytics.export.pdf_drawing import Drawing

    root = svg_root(drawn)
    width, height = (POINTS * float(root.get(name, "0").removesuffix("px")) for name in ("width", "height"))
    if not width > 0 or not height > 0:
        raise UserError("the browser returned an SVG without a size; try again")
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(width, height), invariant=1, lang="en")
    canvas.setViewerPreference("DisplayDocTitle", "true")
    canvas.translate(0, height)
    canvas.scale(POINTS, -POINTS)  # from here on as SVG has it: pixels, from the top
    Drawing(canvas, root).draw()
    canvas.save()
    writer = PdfWriter(clone_from=PdfReader(out))
    writer.add_metadata({
        "/Title": exported.title, "/Subject": exported.alt_text, "/Author": "", "/Creator": "imganalytics",
        "/Keywords": " ".join((exported.note, *exported.result.caveats, exported.source_line)).strip(),
        KEYWORD: exported.receipt.to_json()})
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def receipt_in_pdf(content: bytes) -> str | None:
    """The receipt in a PDF; None when there is none, or the file is damaged."""
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        found = (PdfReader(io.BytesIO(content)).metadata or {}).get(KEYWORD)
    except (PyPdfError, ValueError, TypeError, KeyError, RecursionError):
        return None
    return None if found is None else str(found)
