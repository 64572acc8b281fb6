"""Write the pages' texts down once, with the offsets of every block and word."""

from collections.abc import Iterator
from itertools import pairwise

from evidence_mapper.reading.cleaning import (
    Hyphens,
    is_hyphenated,
    show_marker,
)
from evidence_mapper.reading.drafts import Draft, DraftPage, Line
from evidence_mapper.reading.pdf_words import PdfWord
from evidence_mapper.records import Block, BlockKind, Page, Span, Word

CELL_SEPARATOR = " | "
HEAD_SEPARATOR = " — "


def find_hyphens(pages: list[DraftPage]) -> Hyphens:
    """Return what the document itself shows about the hyphens of its words."""
    return Hyphens(
        word.text
        for page in pages
        for draft in page.drafts
        for line in draft.lines
        for word in (line.words[:-1] if is_hyphenated(line.words[-1].text) else line.words)
    )


def write_pages(pages: list[DraftPage]) -> tuple[tuple[Page, ...], tuple[Block, ...]]:
    """Return the pages with their texts frozen, and all blocks in reading order."""
    hyphens = find_hyphens(pages)
    _move_broken_words(pages, hyphens)
    trail = HeadingTrail()
    blocks: list[Block] = []
    written: list[Page] = []
    open_block: int | None = None
    for page in pages:
        writer = _PageWriter(page, hyphens)
        for draft in page.drafts:
            span = writer.write(draft)
            if span is None:
                continue
            if open_block is not None and draft.kind is not BlockKind.FURNITURE:
                first = blocks[open_block]
                spans = (*first.spans, span)
                blocks[open_block] = Block(first.kind, spans, first.heading, first.level)
                open_block = None
                continue
            text = writer.text_of(span)
            heading = trail.follow(draft.kind, text, draft.head)
            blocks.append(Block(draft.kind, (span,), heading, draft.level))
            if draft.goes_on:
                open_block = len(blocks) - 1
        written.append(writer.finish())
    return tuple(written), tuple(blocks)


class HeadingTrail:
    """Knows the heading that a block stands under."""

    def __init__(self) -> None:
        self._heading: str | None = None

    def follow(self, kind: BlockKind, text: str, head: str = "") -> str | None:
        """Return the heading above a block, with the head row of its table; remember a new one."""
        above = self._heading
        if kind is BlockKind.HEADING:
            self._heading = text
        if not head:
            return above
        return f"{above}{HEAD_SEPARATOR}{head}" if above else head


def _move_broken_words(pages: list[DraftPage], hyphens: Hyphens) -> None:
    """Give a word that is broken over two pages to the first one, whole."""
    for page, following in pairwise(pages):
        first = next((draft for draft in page.drafts if draft.goes_on), None)
        if first is None or first.kind is BlockKind.TABLE_ROW:
            continue
        last_line, next_line = first.lines[-1], following.drafts[0].lines[0]
        start = last_line.words[-1].text
        if not is_hyphenated(last_line.words[-1].text):
            continue
        rest = next_line.words[0].text
        kept = hyphens.is_kept(start, rest)
        whole = (start if kept else start.rstrip("-")) + rest
        last_line.words[-1] = _with_text(last_line.words[-1], whole)
        del next_line.words[0]
        if not next_line.words:
            cell = following.drafts[0].cells[0]
            del cell[0]
            if not cell:
                del following.drafts[0]
                first.goes_on = False


def _with_text(word: PdfWord, text: str) -> PdfWord:
    return PdfWord(text, word.x0, word.top, word.x1, word.bottom, word.size, word.is_bold)


class _PageWriter:
    """Writes one page's text, piece by piece."""

    def __init__(self, page: DraftPage, hyphens: Hyphens) -> None:
        self._page = page
        self._hyphens = hyphens
        self._pieces: list[str] = []
        self._length = 0
        self._words: list[Word] = []

    def write(self, draft: Draft) -> Span | None:
        """Write a block and return its span, `None` where no word is left of it."""
        if self._length:
            self._add("\n")
        start = self._length
        marker_left = draft.marker
        body_start = start
        for number, cell in enumerate(draft.cells):
            tokens = list(self._tokens(cell))
            if tokens and number and self._length > start:
                self._add(CELL_SEPARATOR)
            for index, (text, word, is_glued) in enumerate(tokens):
                if index and not is_glued:
                    self._add(" ")
                shown = show_marker(text) if marker_left > 0 else text
                self._add_word(shown, word)
                if marker_left > 0:
                    marker_left -= 1
                    body_start = self._length + 1
        if self._length == start:
            if start:
                self._pieces.pop()
                self._length -= 1
            return None
        body_start = body_start if body_start < self._length else start
        return Span(self._page.number, body_start, self._length)

    def _tokens(self, lines: list[Line]) -> Iterator[tuple[str, PdfWord, bool]]:
        """Yield each word's text, its place, and whether it is joined to the one before."""
        is_glued = False
        for number, line in enumerate(lines):
            following = lines[number + 1] if number + 1 < len(lines) else None
            for index, word in enumerate(line.words):
                text = word.text
                joins = False
                if following and index == len(line.words) - 1 and is_hyphenated(word.text):
                    joins = True
                    rest = following.words[0].text
                    if text.endswith("-") and not self._hyphens.is_kept(text, rest):
                        text = text[:-1]
                if text:
                    yield text, word, is_glued
                    is_glued = joins

    def _add(self, text: str) -> None:
        self._pieces.append(text)
        self._length += len(text)

    def _add_word(self, text: str, word: PdfWord) -> None:
        start = self._length
        self._add(text)
        self._words.append(
            Word(
                start,
                self._length,
                round(word.x0, 2),
                round(word.top, 2),
                round(word.x1, 2),
                round(word.bottom, 2),
            )
        )

    def text_of(self, span: Span) -> str:
        """Return the text of a span of this page."""
        return "".join(self._pieces)[span.start : span.end]

    def finish(self) -> Page:
        """Return the page."""
        page = self._page
        return Page(
            number=page.number,
            label=page.label,
            text="".join(self._pieces),
            width=round(page.width, 2),
            height=round(page.height, 2),
            words=tuple(self._words),
        )
