"""An SVG that carries what it shows: <title>, <desc> and the receipt in <metadata>; its text stays text."""

import re
from typing import Any
from xml.etree import ElementTree

from imganalytics.errors import UserError
from imganalytics.export.exported import Exported

SVG = "http://www.w3.org/2000/svg"
OURS = "urn:imganalytics"
UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")  # what no XML can hold


def svg_bytes(exported: Exported, drawn: bytes) -> bytes:
    """The SVG `drawn` by a browser with its words and its receipt.

    Raises:
        UserError: `drawn` is no SVG.
    """
    root = svg_root(drawn)
    ElementTree.register_namespace("", SVG)
    ElementTree.register_namespace("imganalytics", OURS)
    root.attrib |= {"role": "img", "aria-labelledby": "imganalytics-title imganalytics-description"}
    words = " ".join((exported.alt_text, exported.note, *exported.result.caveats, exported.source_line))
    title = _element("title", exported.title, id="imganalytics-title")
    description = _element("desc", words, id="imganalytics-description")
    metadata = _element("metadata", "")
    ElementTree.SubElement(metadata, f"{{{OURS}}}receipt").text = exported.receipt.to_json()
    for at, child in enumerate((title, description, metadata)):
        root.insert(at, child)
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)


def svg_root(content: bytes) -> Any:
    """The root element of an SVG, read by a parser that no entity can make fill the memory.

    Raises:
        UserError: it is no SVG.
    """
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        root = fromstring(content)
    except (ElementTree.ParseError, DefusedXmlException, ValueError):
        root = None
    if root is None or root.tag != f"{{{SVG}}}svg":
        raise UserError("the browser returned no SVG; try again")
    return root


def receipt_in_svg(content: bytes) -> str | None:
    """The receipt in an SVG; None when there is none."""
    try:
        return svg_root(content).findtext(f".//{{{OURS}}}receipt")
    except UserError:
        return None


def _element(name: str, text: str, **attributes: str) -> Any:
    made = ElementTree.Element(f"{{{SVG}}}{name}", attributes)
    made.text = UNWRITABLE.sub("", text)
    return made
