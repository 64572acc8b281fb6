"""What a file is by its content, whatever its ending says, and what sort of document it holds."""

import re
from collections.abc import Sequence
from enum import StrEnum

from evidence_mapper.errors import EncryptedDocument, UnsupportedDocument
from evidence_mapper.records import DocumentKind

# A PDF's mark may stand behind a mail header or other noise.
_PDF_MARK_WITHIN = 1024
# How much of a file tells text from noise.
SNIFFED_BYTES = 65_536
_MAX_CONTROL_SHARE = 0.02


class FileFormat(StrEnum):
    """The formats that are told apart; a zip is opened only in the child process."""

    PDF = "pdf"
    ZIP = "zip"
    HTML = "html"
    TEXT = "text"


_SAVE_AS = "save it as PDF or DOCX"
_MARKS: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"II*\x00", "a TIFF picture"),
    (b"MM\x00*", "a TIFF picture"),
    (b"BM", "a BMP picture"),
    (b"{\\rtf", "a Rich Text (RTF) file"),
    (b"%!PS", "a PostScript file"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"SQLite format 3", "a database"),
    (b"ID3", "a sound recording"),
    (b"OggS", "a sound recording"),
)
_OLE_MARK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HTML_START = re.compile(
    rb"\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)
_HTML_PIECE = re.compile(
    rb"\s*(?:<!--.*?-->\s*)*<(?:h[1-6]|p|div|section|article|main|table|ul|ol|meta|title)\b",
    re.IGNORECASE | re.DOTALL,
)


def detect_format(head: bytes, tail: bytes = b"") -> FileFormat:
    """Return the format that the first bytes of a file show.

    Args:
        head: the first SNIFFED_BYTES of the file.
        tail: the last bytes of the file, in which an encrypted DOCX shows itself.

    Raises:
        UnsupportedDocument: something else; the message says what it seems to be.
        EncryptedDocument: an Office file with a password.
    """
    if b"%PDF-" in head[:_PDF_MARK_WITHIN]:
        return FileFormat.PDF
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return FileFormat.ZIP
    if head.startswith(_OLE_MARK):
        raise _old_office_error(head + tail)
    for mark, what in _MARKS:
        # Two letters may begin a text as well; a picture or a program holds NUL bytes.
        if head.startswith(mark) and (len(mark) > 3 or b"\0" in head or not head.isascii()):  # noqa: PLR2004
            raise UnsupportedDocument(f"it seems to be {what}; {_advice(what)}")
    if head[:4] == b"RIFF" or head[4:8] == b"ftyp":
        raise UnsupportedDocument(f"it seems to be a picture, sound or film; {_SAVE_AS}")
    if is_binary(head):
        raise UnsupportedDocument(
            f"it is not a document that can be read here (no text was recognised); {_SAVE_AS}"
        )
    bare = head.removeprefix(b"\xef\xbb\xbf").replace(b"\0", b"").lstrip(b"\xff\xfe")
    if _HTML_START.match(bare) or _HTML_PIECE.match(bare):
        return FileFormat.HTML
    if bare.lstrip().startswith(b"<?xml"):
        raise UnsupportedDocument(f"it seems to be an XML data file; {_SAVE_AS}")
    return FileFormat.TEXT


def _advice(what: str) -> str:
    if "picture" in what:
        return "have its text recognised and save it as PDF"
    return "unpack it and name the document inside" if "archive" in what else _SAVE_AS


def _old_office_error(data: bytes) -> UnsupportedDocument | EncryptedDocument:
    if "EncryptedPackage".encode("utf-16-le") in data:
        return EncryptedDocument("it is protected by a password; save a copy without one")
    return UnsupportedDocument(
        f"it seems to be an old Office file (.doc, .xls or .ppt); {_SAVE_AS}"
    )


def is_binary(head: bytes) -> bool:
    """Return whether the bytes are no text in UTF-8, UTF-16 with a mark, or Windows-1252."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = head[: len(head) // 2 * 2].decode("utf-16", "replace")
        strange = sum(not (char.isprintable() or char.isspace()) for char in text)
        return strange > len(text) * _MAX_CONTROL_SHARE
    if b"\0" in head:
        return True
    controls = sum(head.count(code) for code in range(32) if code not in b"\t\n\x0b\x0c\r\x1b")
    return controls > len(head) * _MAX_CONTROL_SHARE


def detect_zip_member(names: Sequence[str]) -> None:
    """Return if the names are those of a DOCX.

    Raises:
        UnsupportedDocument: another kind of zip; the message says what it seems to be.
    """
    members = set(names)
    if "word/document.xml" in members:
        return
    if "xl/workbook.xml" in members or "xl/workbook.bin" in members:
        what = "an Excel workbook"
    elif "ppt/presentation.xml" in members:
        what = "a PowerPoint presentation"
    elif "mimetype" in members and "content.xml" in members:
        what = "an OpenDocument file"
    elif "META-INF/container.xml" in members:
        what = "an e-book (EPUB)"
    elif any(name.startswith("Index/") for name in members):
        what = "a Pages, Numbers or Keynote file"
    else:
        raise UnsupportedDocument(
            "it seems to be a zip archive; unpack it and name the document inside"
        )
    raise UnsupportedDocument(f"it seems to be {what}; {_SAVE_AS}")


# Words that only one sort of document puts on its first pages, English and Welsh.
_KIND_WORDS: dict[DocumentKind, re.Pattern[str]] = {
    DocumentKind.MINUTES: re.compile(
        r"\bminutes of\b|\bmatters arising\b|\bapologies\b|\bin attendance\b|\bcofnodion\b"
        r"|\bymddiheuriadau\b|\bmaterion yn codi\b",
        re.IGNORECASE,
    ),
    DocumentKind.INSPECTION: re.compile(
        r"\binspection report\b|\breport following\b|\binspect(?:ion|ed) (?:date|by|team)"
        r"|\breporting inspector\b|\bkey findings\b|\badroddiad (?:ar )?arolygiad\b|\barolygwyd\b"
        r"|\badroddiad ar\b.{0,80}\barolyg|\boverall effectiveness\b",
        re.IGNORECASE | re.DOTALL,
    ),
    DocumentKind.SER: re.compile(
        r"\bself[- ]?(?:evaluation|assessment|review)\b|\bSER\b|\breview of progress\b"
        r"|\bschool improvement report\b|\bhunan[- ]?(?:arfarnu|arfarniad|werthuso|werthusiad)\b",
        re.IGNORECASE,
    ),
    DocumentKind.PLAN: re.compile(
        r"\b(?:school )?(?:improvement|development|action) plan\b|\bSDP\b|\bSIP\b"
        r"|\bcynllun (?:datblygu|gwella|gweithredu)\b|\bsuccess criteria\b"
        r"|\bmeini prawf llwyddiant\b",
        re.IGNORECASE,
    ),
}
# The title counts more than what the text mentions.
_TITLE_CHARS = 300
_TITLE_WEIGHT = 4
_MIN_KIND_WEIGHT = 2


def guess_kind(texts: Sequence[str]) -> DocumentKind:
    """Return what sort of document the first two pages are, OTHER where they do not say."""
    text = "\n".join(texts[:2])
    best, best_weight = DocumentKind.OTHER, _MIN_KIND_WEIGHT - 1
    for kind, words in _KIND_WORDS.items():
        weight = sum(
            _TITLE_WEIGHT if match.start() < _TITLE_CHARS else 1 for match in words.finditer(text)
        )
        if weight > best_weight:
            best, best_weight = kind, weight
    return best
