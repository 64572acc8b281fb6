"""The words and ruling lines of a PDF page, as a reader sees the page.

PDFium does the work; every call into it costs about a microsecond, so a page is asked for its
text once and each word for the boxes of its first and its last character only.
"""

import ctypes
import math
import re
from dataclasses import dataclass, field
from types import ModuleType

from evidence_mapper.reading.cleaning import clean_word
from evidence_mapper.reading.pdf_rules import Box, Edge, View, find_view, read_drawing

# Private marks that PDFium writes for a hyphen at the end of a line.
_HYPHEN_MARKS = "\x02\ufffe"
_WORD = re.compile(rf"[^\s\x00-\x1f\ufffe]+[{_HYPHEN_MARKS}]?")
_SURROGATE = re.compile("[\ud800-\udfff]")
_BOLD = re.compile(r"bold|black|heavy|demi|(?<![a-z])bd(?![a-z])", re.IGNORECASE)

# How far letters reach above and below their line, in font sizes, in most fonts.
_ASCENT = 0.76
_DESCENT = 0.22


@dataclass(slots=True)
class PdfWord:
    """A word where it stands on the page; `size` is the font size in points as it is seen."""

    text: str
    x0: float
    top: float
    x1: float
    bottom: float
    size: float
    is_bold: bool


@dataclass(slots=True)
class PdfPage:
    """What was found on one page; `sideways` are the words that do not run from left to right."""

    number: int
    label: str
    width: float
    height: float
    words: list[PdfWord]
    # Small marks that are drawn, not written; browsers print the signs of bullets so.
    dots: list[Box] = field(default_factory=list)
    sideways: list[PdfWord] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    is_blank: bool = False


def read_page(pdfium: ModuleType, page: object, number: int, label: str) -> PdfPage:
    """Return the words and ruling lines of an open page.

    Args:
        pdfium: the module pypdfium2.raw.
        page: the page's FPDF_PAGE handle.
        number: its 1-based number.
        label: what people call it.
    """
    view = find_view(pdfium, page)
    width, height = view.size
    text_page = pdfium.FPDFText_LoadPage(page)
    try:
        words, sideways = _read_words(pdfium, text_page, view)
    finally:
        pdfium.FPDFText_ClosePage(text_page)
    drawing = read_drawing(pdfium, page, view)
    is_blank = not words and not sideways and pdfium.FPDFPage_CountObjects(page) <= 0
    return PdfPage(
        number, label, width, height, words, drawing.dots, sideways, drawing.edges, is_blank
    )


def _read_text(pdfium: ModuleType, text_page: object) -> str:
    """Return the page's text with exactly one character for each that PDFium counts."""
    count = pdfium.FPDFText_CountChars(text_page)
    if count <= 0:
        return ""
    buffer = (ctypes.c_ushort * (count + 1))()
    written = pdfium.FPDFText_GetText(text_page, 0, count, buffer)
    text = bytes(buffer).decode("utf-16-le", "replace")[: max(written - 1, 0)]
    if len(text) == count and not _SURROGATE.search(text):
        return text
    # Characters without a code, or beyond 16 bits, shift the text against the count.
    codes = (int(pdfium.FPDFText_GetUnicode(text_page, index)) for index in range(count))
    return "".join(_character(code) for code in codes)


def _character(code: int) -> str:
    is_unusable = code == 0 or 0xD800 <= code <= 0xDFFF or code > 0x10FFFF  # noqa: PLR2004
    return "\u200b" if is_unusable else chr(code)


@dataclass(frozen=True, slots=True)
class _Style:
    """What the words of one text object share; `baseline` is the height that they stand on."""

    size: float
    is_bold: bool
    is_upright: bool
    baseline: float


class _Characters:
    """Asks PDFium for what it knows of one character, without new memory for each question."""

    def __init__(self, pdfium: ModuleType, text_page: object, view: View) -> None:
        self._pdfium = pdfium
        self._get_box = pdfium.FPDFText_GetLooseCharBox
        self._get_object = pdfium.FPDFText_GetTextObject
        self._text_page = text_page
        self._view = view
        self._rect = pdfium.FS_RECTF()
        self._matrix = pdfium.FS_MATRIX()
        self._name = ctypes.create_string_buffer(128)
        self._flags = ctypes.c_int()
        self._is_bold: dict[bytes, bool] = {}
        self._styles: dict[int, _Style] = {}

    def box(self, index: int) -> Box:
        rect = self._rect
        if not self._get_box(self._text_page, index, rect):
            return math.nan, math.nan, math.nan, math.nan
        view = self._view
        if not view.quarter_turns:
            left, top = view.left, view.top
            return rect.left - left, top - rect.top, rect.right - left, top - rect.bottom
        return view.box(rect.left, rect.bottom, rect.right, rect.top)

    def style(self, index: int) -> _Style:
        """Return the style of the text object that the character belongs to."""
        item = self._get_object(self._text_page, index)
        if not item:
            return self._read_style(index)
        key = ctypes.addressof(item.contents)
        style = self._styles.get(key)
        if style is None:
            style = self._styles[key] = self._read_style(index)
        return style

    def _read_style(self, index: int) -> _Style:
        matrix = self._matrix
        size = float(self._pdfium.FPDFText_GetFontSize(self._text_page, index))
        is_bold = self._read_weight(index)
        if not self._pdfium.FPDFText_GetMatrix(self._text_page, index, matrix):
            return _Style(size, is_bold, True, math.nan)
        along, down = self._view.direction(matrix.a, matrix.b)
        return _Style(
            size=size * math.hypot(matrix.c, matrix.d),
            is_bold=is_bold,
            is_upright=along > 0 and abs(down) <= along / 5,
            baseline=self._view.point(matrix.e, matrix.f)[1] if abs(down) < 1e-3 else math.nan,  # noqa: PLR2004
        )

    def _read_weight(self, index: int) -> bool:
        length = self._pdfium.FPDFText_GetFontInfo(
            self._text_page, index, self._name, len(self._name), self._flags
        )
        name = self._name.value if 0 < length <= len(self._name) else b""
        known = self._is_bold.get(name)
        if known is None:
            weight = self._pdfium.FPDFText_GetFontWeight(self._text_page, index)
            known = bool(_BOLD.search(name.decode("utf-8", "replace"))) or weight >= 600  # noqa: PLR2004
            self._is_bold[name] = known
        return known


def _read_words(
    pdfium: ModuleType, text_page: object, view: View
) -> tuple[list[PdfWord], list[PdfWord]]:
    """Return the words that run from left to right, and the others."""
    text = _read_text(pdfium, text_page)
    characters = _Characters(pdfium, text_page, view)
    width, height = view.size
    words: list[PdfWord] = []
    sideways: list[PdfWord] = []
    for match in _WORD.finditer(text):
        start, end = match.span()
        style = characters.style(start)
        for piece_start, piece_end, (x0, top, x1, bottom) in _pieces(characters, start, end, style):
            # Words outside the page are not there for a reader.
            if not (x1 > 0 and bottom > 0 and x0 < width and top < height):
                continue
            piece = text[piece_start:piece_end]
            if piece[-1] in _HYPHEN_MARKS:
                piece = piece[:-1] + "-"
            piece = clean_word(piece)
            if not piece:
                continue
            word = PdfWord(piece, x0, top, x1, bottom, style.size, style.is_bold)
            if style.is_upright:
                _level(word, style.baseline)
                words.append(word)
            else:
                sideways.append(word)
    return words, sideways


def _level(word: PdfWord, baseline: float) -> None:
    """Give the word the height of its line: boxes of single letters differ with their ink."""
    size, height = word.size, word.bottom - word.top
    if not height / 3 < size < height * 3:
        # A font with units of its own says nothing about its size.
        word.size = max(height * 0.85, 1.0)
    elif word.top - size < baseline < word.bottom + size:
        word.top = baseline - _ASCENT * size
        word.bottom = baseline + _DESCENT * size


_Piece = tuple[int, int, Box]


def _pieces(characters: _Characters, start: int, end: int, style: _Style) -> list[_Piece]:
    """Return the word whole, or cut where its characters do not follow each other on one line."""
    first = characters.box(start)
    if end - start == 1:
        return [(start, end, first)]
    last = characters.box(end - 1)
    size = max(style.size, 1.0)
    box = _union(first, last)
    follows = last[0] >= first[0] - 0.1 and abs(last[3] - first[3]) <= size / 2
    if (follows and box[2] - box[0] <= (end - start + 1) * size * 1.2) or not style.is_upright:
        return [(start, end, box)]
    pieces: list[_Piece] = []
    piece_start, piece_box = start, first
    for index in range(start + 1, end):
        box = characters.box(index)
        gap = box[0] - piece_box[2]
        if gap < -size or gap > size or abs(box[3] - piece_box[3]) > size:
            pieces.append((piece_start, index, piece_box))
            piece_start, piece_box = index, box
        else:
            piece_box = _union(piece_box, box)
    pieces.append((piece_start, end, piece_box))
    return pieces


def _union(a: Box, b: Box) -> Box:
    return min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])
