"""What a DOCX is checked for before any of it is parsed."""

import io
import re
import zipfile
import zlib

from evidence_mapper.errors import DamagedDocument, EncryptedDocument, UnsafeDocument
from evidence_mapper.reading.kinds import detect_zip_member

# A long report has about 200 parts, most of them pictures.
MAX_PARTS = 5_000
# XML shrinks to a tenth, rarely to a fiftieth; a bomb to a thousandth.
MAX_RATIO = 200
_RATIO_FROM_BYTES = 1_000_000
MAX_UNPACKED_BYTES = 400_000_000
# The text of a thousand pages has about 20 MB of XML.
MAX_XML_BYTES = 100_000_000

# What the zip reader raises where bytes are wrong.
BROKEN_ZIP = (zipfile.BadZipFile, zlib.error)

_XML_PART = re.compile(r"\.(?:xml|rels)$", re.IGNORECASE)
_DECLARED_ENCODING = re.compile(rb"^\s*<\?xml[^>]*?encoding\s*=\s*[\"']([\w.:-]+)[\"']")
_ENCODINGS = (b"utf-8", b"utf8", b"utf-16", b"us-ascii", b"ascii", b"iso-8859-1", b"windows-1252")
_FORBIDDEN = (b"<!doctype", b"<!entity")


def check_docx(data: bytes) -> None:
    """Return if the zip is a DOCX that can be parsed without harm.

    Raises:
        UnsafeDocument: it is a bomb, or has a document type or entities of its own.
        UnsupportedDocument: it is a zip, but no DOCX.
        DamagedDocument: it is no whole zip.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            if len(members) > MAX_PARTS:
                raise UnsafeDocument(f"it has {len(members):,} parts, and no document has so many")
            detect_zip_member([member.filename for member in members])
            _check_sizes(members)
            for member in members:
                _check_part(archive, member)
    except (*BROKEN_ZIP, EOFError, ValueError, NotImplementedError) as error:
        raise DamagedDocument("the DOCX is damaged or cut short; save it anew") from error


def _check_sizes(members: list[zipfile.ZipInfo]) -> None:
    total = sum(member.file_size for member in members)
    bomb = "it unpacks to far more than its size, which is built to harm; do not open it"
    if total > MAX_UNPACKED_BYTES:
        raise UnsafeDocument(bomb)
    for member in members:
        is_large = member.file_size > _RATIO_FROM_BYTES
        if is_large and member.file_size > member.compress_size * MAX_RATIO:
            raise UnsafeDocument(bomb)
        if _XML_PART.search(member.filename) and member.file_size > MAX_XML_BYTES:
            raise UnsafeDocument(bomb)
        if member.flag_bits & 0x1:
            raise EncryptedDocument("it is protected by a password; save a copy without one")


def _check_part(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    """Refuse XML that defines entities, whatever it is written in."""
    if not _XML_PART.search(member.filename):
        return
    # Two-byte encodings become readable without their NUL bytes.
    part = archive.read(member).replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xfe\xff")
    declared = _DECLARED_ENCODING.match(part)
    is_readable = part.lstrip()[:1] in (b"<", b"") and (
        declared is None or declared[1].lower() in _ENCODINGS
    )
    lower = part.lower()
    if not is_readable or any(mark in lower for mark in _FORBIDDEN):
        raise UnsafeDocument(
            "it defines XML entities or an encoding of its own, which can harm; do not open it"
        )
