"""Read a PDF: PDFium finds the words, geometry finds columns, tables, paragraphs and headings."""

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

from evidence_mapper.errors import (
    DamagedDocument,
    DocumentTooLarge,
    EncryptedDocument,
    NoTextFound,
)
from evidence_mapper.reading.answers import Content
from evidence_mapper.reading.assemble import write_pages
from evidence_mapper.reading.drafts import DraftPage
from evidence_mapper.reading.page_drafts import draft_pages
from evidence_mapper.reading.pdf_words import PdfPage, read_page

# The mark that ends a whole PDF stands this near to its end.
_END_MARK_WITHIN = 2048
_MAX_LABEL_CHARS = 20
# Beyond this many, the pages of a note are counted and not named.
_MAX_NAMED_PAGES = 12
_MAX_WORDS = 1_000_000
_MAX_UNKNOWN_SHARE = 0.1


def read_pdf(data: bytes, *, max_pages: int) -> Content:
    """Return the text of a PDF with the boxes of its words.

    Raises:
        ReadingError: it is damaged, encrypted, too large or without text.
    """
    import pypdfium2.raw as pdfium  # type: ignore[import-untyped]

    is_whole = b"%%EOF" in data[-_END_MARK_WITHIN:]
    with _open_pdf(pdfium, data, is_whole=is_whole) as document:
        count = pdfium.FPDF_GetPageCount(document)
        if count > max_pages:
            raise DocumentTooLarge(f"{count:,} pages, and at most {max_pages:,} are read; split it")
        pages, lost = _read_pages(pdfium, document, count)
    if not pages:
        raise _damaged(is_whole=is_whole)
    if not any(page.words or page.sideways for page in pages):
        noun = "page" if count == 1 else "pages"
        raise NoTextFound(
            f"{count} {noun} but no text layer, so it looks scanned;"
            " have its text recognised (OCR) and read that copy"
        )
    notes = _make_notes(pages, lost, is_whole=is_whole)
    drafts: list[DraftPage] = draft_pages(pages)
    written, blocks = write_pages(drafts)
    return Content(is_paged=True, pages=written, blocks=blocks, notes=tuple(notes))


@contextmanager
def _open_pdf(pdfium: ModuleType, data: bytes, *, is_whole: bool) -> Iterator[object]:
    document = pdfium.FPDF_LoadMemDocument64(data, len(data), None)
    if not document:
        if pdfium.FPDF_GetLastError() in (pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY):
            raise EncryptedDocument("it is protected by a password; save a copy without one")
        raise _damaged(is_whole=is_whole)
    try:
        yield document
    finally:
        pdfium.FPDF_CloseDocument(document)


def _damaged(*, is_whole: bool) -> DamagedDocument:
    if is_whole:
        return DamagedDocument("the PDF is damaged; save it anew or ask for it again")
    return DamagedDocument("the end of the PDF is missing; copy or download it again")


def _read_pages(
    pdfium: ModuleType, document: object, count: int
) -> tuple[list[PdfPage], list[int]]:
    """Return the pages, and the numbers of those that could not be opened."""
    pages: list[PdfPage] = []
    lost: list[int] = []
    words = 0
    is_form = pdfium.FPDF_GetFormType(document) != pdfium.FORMTYPE_NONE
    for index in range(count):
        label = _read_label(pdfium, document, index)
        page = _load_page(pdfium, document, index, is_form=is_form)
        if not page:
            lost.append(index + 1)
            pages.append(PdfPage(index + 1, label, 0.0, 0.0, []))
            continue
        try:
            pages.append(read_page(pdfium, page, index + 1, label))
        finally:
            pdfium.FPDF_ClosePage(page)
        words += len(pages[-1].words)
        if words > _MAX_WORDS:
            raise DocumentTooLarge(f"more than {_MAX_WORDS:,} words; split it")
    return ([] if len(lost) == count else pages), lost


def _load_page(pdfium: ModuleType, document: object, index: int, *, is_form: bool) -> object:
    """Return the page's handle; what was filled into a form is then part of its text."""
    page = pdfium.FPDF_LoadPage(document, index)
    if (
        page
        and is_form
        and pdfium.FPDFPage_Flatten(page, pdfium.FLAT_NORMALDISPLAY) == (pdfium.FLATTEN_SUCCESS)
    ):
        pdfium.FPDF_ClosePage(page)
        page = pdfium.FPDF_LoadPage(document, index)
    return page


def _read_label(pdfium: ModuleType, document: object, index: int) -> str:
    length = pdfium.FPDF_GetPageLabel(document, index, None, 0)
    label = ""
    if 2 < length <= 400:  # noqa: PLR2004
        buffer = ctypes.create_string_buffer(length)
        pdfium.FPDF_GetPageLabel(document, index, buffer, length)
        label = buffer.raw[:length].decode("utf-16-le", "replace").rstrip("\0")
        label = "".join(char for char in label if char.isprintable()).strip()
    return f"p. {label[:_MAX_LABEL_CHARS] or index + 1}"


def _make_notes(pages: list[PdfPage], lost: list[int], *, is_whole: bool) -> list[str]:
    notes: list[str] = []
    silent = [
        page.number
        for page in pages
        if not (page.words or page.sideways or page.is_blank) and page.number not in lost
    ]
    if silent:
        notes.append(f"{_name_pages(silent)} without text that can be read, perhaps pictures.")
    if lost:
        notes.append(f"{_name_pages(lost)} damaged and left out.")
    if not is_whole:
        notes.append("The end of the file is missing, so pages may be missing too.")
    words = [word.text for page in pages for word in page.words]
    if sum("\ufffd" in word for word in words) > len(words) * _MAX_UNKNOWN_SHARE:
        notes.append("Many letters are unknown, because the file does not say which they are.")
    return notes


def _name_pages(numbers: list[int]) -> str:
    if len(numbers) == 1:
        return f"Page {numbers[0]} is"
    if len(numbers) > _MAX_NAMED_PAGES:
        return f"{len(numbers)} pages from {numbers[0]} to {numbers[-1]} are"
    return f"Pages {', '.join(map(str, numbers[:-1]))} and {numbers[-1]} are"
