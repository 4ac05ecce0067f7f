"""A PNG that carries what it shows: title, alternative text, sources and the receipt, in its text chunks."""

import struct
import zlib
from collections.abc import Iterator

from imganalytics.errors import UserError
from imganalytics.export.exported import Exported

SIGNATURE = b"\x89PNG\r\n\x1a\n"
KEYWORD = "imganalytics"
DOTS = 192           # to the inch, at which a picture of SIZES has its size in inches
LONGEST = 4_000_000  # bytes of a text, so that a chunk made to fill the memory does not


def png_bytes(exported: Exported, drawn: bytes) -> bytes:
    """The PNG `drawn` by a browser with its words and its receipt.

    Source of the format: W3C, Portable Network Graphics (Third Edition), sections 11.3.3 (text) and 11.3.4.3 (pHYs).

    Raises:
        UserError: `drawn` is no PNG.
    """
    head = len(SIGNATURE) + 25  # IHDR comes first and has 13 bytes
    if not drawn.startswith(SIGNATURE) or drawn[12:16] != b"IHDR" or not drawn.endswith(b"IEND\xaeB`\x82"):
        raise UserError("the browser returned no whole PNG; try again")
    per_metre = round(DOTS / 0.0254)
    texts = {"Title": exported.title, "Description": exported.alt_text, "Source": exported.source_line,
             "Comment": " ".join((exported.note, *exported.result.caveats)).strip(),
             KEYWORD: exported.receipt.to_json()}
    chunks = [_chunk(b"pHYs", struct.pack(">IIB", per_metre, per_metre, 1)),
              *(_text(keyword, text) for keyword, text in texts.items() if text)]
    return drawn[:head] + b"".join(chunks) + drawn[head:]


def texts_in_png(content: bytes) -> dict[str, str]:
    """The texts of a PNG by keyword, packed or not; what is damaged is left out."""
    return {keyword: text for kind, data in _chunks(content) for keyword, text in _read(kind, data)}


def receipt_in_png(content: bytes) -> str | None:
    """The receipt in a PNG; None when there is none."""
    return texts_in_png(content).get(KEYWORD)


def _text(keyword: str, text: str) -> bytes:
    """An international text: keyword, not packed, no language, no translated keyword, UTF-8."""
    return _chunk(b"iTXt", keyword.encode("latin-1") + b"\0\0\0\0\0" + text.encode("utf-8", "replace"))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(SIGNATURE) if content.startswith(SIGNATURE) else len(content)
    while at + 12 <= len(content):
        length, kind = struct.unpack(">I4s", content[at:at + 8])
        yield kind, content[at + 8:at + 8 + length]
        at += 12 + length


def _read(kind: bytes, data: bytes) -> Iterator[tuple[str, str]]:
    """The keyword and the text of a text chunk; nothing of any other."""
    keyword, _, rest = data.partition(b"\0")
    packed, coding = kind == b"zTXt", "utf-8" if kind == b"iTXt" else "latin-1"
    try:
        if kind == b"iTXt":
            packed, rest = rest[0] == 1, rest[2:].split(b"\0", 2)[2]
        elif kind == b"zTXt":
            rest = rest[1:]
        elif kind != b"tEXt":
            return
        if packed:
            rest = zlib.decompressobj().decompress(rest, LONGEST)
        yield keyword.decode("latin-1"), rest.decode(coding)
    except (IndexError, zlib.error, UnicodeDecodeError):
        return
