"""From the words of PDF pages to blocks in reading order."""

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

from evidence_mapper.reading.blocks import make_blocks
from evidence_mapper.reading.cleaning import ends_clause, is_hyphenated, is_marker
from evidence_mapper.reading.drafts import Draft, DraftPage, Line, make_line
from evidence_mapper.reading.furniture import mark_contents, mark_footnotes, take_running_lines
from evidence_mapper.reading.head_rows import is_head_row
from evidence_mapper.reading.layout import make_lines, make_segments, order_columns
from evidence_mapper.reading.pdf_words import PdfPage, PdfWord
from evidence_mapper.reading.tables import (
    Table,
    cell_lines,
    find_tables,
    is_banner,
    row_needs_cells,
)
from evidence_mapper.records import BlockKind

_MAX_LEVEL = 6
# A table that goes on has its columns at the same places, within this many points.
_SAME_EDGE = 4
_QUOTABLE = (BlockKind.PARAGRAPH, BlockKind.BULLET)


def draft_pages(pages: list[PdfPage]) -> list[DraftPage]:
    """Return the pages' blocks in reading order, furniture after the body."""
    body_size = _find_body_size(pages)
    running = take_running_lines(pages)
    drafts: list[DraftPage] = []
    heads = _Heads()
    for page, lines in zip(pages, running, strict=True):
        body = _draft_body(page, body_size, heads)
        body = mark_footnotes(mark_contents(_join_columns(body)), body_size)
        body.extend(_as_furniture(lines))
        body.extend(_as_furniture(make_segments(page.sideways)))
        body.sort(key=lambda draft: draft.kind is BlockKind.FURNITURE)
        drafts.append(DraftPage(page.number, page.label, page.width, page.height, body))
    _set_levels(drafts)
    _join_pages(drafts)
    return drafts


def _find_body_size(pages: list[PdfPage]) -> float:
    sizes: Counter[float] = Counter()
    for page in pages:
        for word in page.words:
            sizes[round(word.size * 4) / 4] += len(word.text)
    return sizes.most_common(1)[0][0] if sizes else 10.0


def _as_furniture(lines: list[Line]) -> list[Draft]:
    return [
        Draft(BlockKind.FURNITURE, [[make_line([w for line in row for w in line.words])]])
        for row in make_lines(lines)
    ]


@dataclass(slots=True)
class _Heads:
    """The head row of the last table, for one that goes on over the page break."""

    columns: tuple[int, ...] = ()
    texts: tuple[str, ...] = ()


def _draft_body(page: PdfPage, body_size: float, heads: _Heads) -> list[Draft]:
    _write_dots(page)
    tables, frames = find_tables(page)
    segments = make_segments(page.words)
    for edge in page.edges:
        if edge.is_horizontal and edge.high - edge.low > page.width / 4:
            # No text, but a bar across the page parts what stands above it from what follows.
            segments.append(Line([], edge.low, edge.at, edge.high, edge.at, body_size, False))
    for table in tables:
        x0, top, x1, bottom = table.box
        segments.append(Line([], x0, top, x1, bottom, body_size, False, table))
    drafts: list[Draft] = []
    for column in order_columns(segments):
        text: list[Line] = []
        for line in sorted(column, key=lambda item: item.top):
            if isinstance(line.table, Table):
                drafts.extend(make_blocks(text, body_size, frames))
                drafts.extend(_draft_table(line.table, body_size, heads))
                text = []
            elif line.words:
                text.append(line)
        drafts.extend(make_blocks(text, body_size, frames))
    return drafts


def _write_dots(page: PdfPage) -> None:
    """Write a sign for each drawn bullet before the word that it stands before."""
    for x0, top, x1, bottom in page.dots:
        middle = (top + bottom) / 2
        beside = [
            (index, word)
            for index, word in enumerate(page.words)
            if word.top <= middle <= word.bottom and -3 * word.size < x0 - word.x0 < word.size
        ]
        if not beside:
            continue
        index, word = min(beside, key=lambda item: item[1].x0)
        if x1 <= word.x0 + 1 and not is_marker(word.text):
            sign = PdfWord("•", x0, word.top, x1, word.bottom, word.size, word.is_bold)
            page.words.insert(index, sign)


def _draft_table(table: Table, body_size: float, heads: _Heads) -> list[Draft]:
    rows = [[cell_lines(cell) for cell in row] for row in table.rows]
    texts = [[" ".join(line.text for line in cell) for cell in row] for row in rows]
    is_same = len(heads.columns) == len(table.column_starts) and all(
        abs(a - b) <= _SAME_EDGE for a, b in zip(heads.columns, table.column_starts, strict=True)
    )
    is_marked = _is_bold(rows[0]) and not all(_is_bold(row) for row in rows[1:])
    has_head = is_head_row(texts[0], texts[1:], is_marked=is_marked)
    if has_head or (is_same and tuple(texts[0]) == heads.texts):
        has_head = True
        names = tuple(texts[0])
    else:
        names = heads.texts if is_same else ()
    heads.columns, heads.texts = table.column_starts, names
    drafts: list[Draft] = []
    for number, row in enumerate(rows):
        if number == 0 and has_head:
            drafts.append(Draft(BlockKind.FURNITURE, [cell for cell in row if cell]))
        else:
            drafts.extend(_draft_row(row, names, body_size))
    return drafts


def _is_bold(row: list[list[Line]]) -> bool:
    lines = [line for cell in row for line in cell]
    return bool(lines) and all(line.is_bold for line in lines)


def _draft_row(row: list[list[Line]], names: tuple[str, ...], body_size: float) -> list[Draft]:
    cells = [cell for cell in row if cell]
    if not cells:
        return []
    if is_banner(cells) and len(row) == 1:
        return [Draft(BlockKind.HEADING, cells)]
    if len(cells) > 1 and not row_needs_cells(cells):
        columns = tuple(number for number, cell in enumerate(row) if cell)
        return [Draft(BlockKind.TABLE_ROW, cells, head=_row_head(names), columns=columns)]
    drafts: list[Draft] = []
    for number, cell in enumerate(row):
        name = names[number] if number < len(names) and len(names) == len(row) else ""
        for draft in make_blocks(cell, body_size, []):
            draft.head = name
            drafts.append(draft)
    return drafts


def _row_head(names: tuple[str, ...]) -> str:
    return " | ".join(name for name in names if name)


def _join_columns(drafts: list[Draft]) -> list[Draft]:
    """Return the blocks with those joined that run from one column into the next."""
    joined: list[Draft] = []
    for draft in drafts:
        if joined and _goes_on(joined[-1], draft) and _is_next_column(joined[-1], draft):
            joined[-1].cells[0].extend(draft.cells[0])
            joined[-1].is_open = draft.is_open
        else:
            joined.append(draft)
    return joined


def _is_next_column(before: Draft, after: Draft) -> bool:
    return after.lines[0].bottom < before.lines[-1].top


def _join_pages(pages: list[DraftPage]) -> None:
    """Mark the blocks that go on in the first block of the next page."""
    for page, following in pairwise(pages):
        body = [draft for draft in page.drafts if draft.kind is not BlockKind.FURNITURE]
        if not body or not following.drafts:
            continue
        last, first = body[-1], following.drafts[0]
        if _goes_on(last, first) or _row_goes_on(last, first):
            last.goes_on = True


def _goes_on(last: Draft, first: Draft) -> bool:
    """Return whether a paragraph or bullet is unfinished and the next block fits its end."""
    if last.kind not in _QUOTABLE or first.kind is not BlockKind.PARAGRAPH:
        return False
    if last.head != first.head or ends_clause(last.text):
        return False
    if abs(last.size - first.size) > 0.6 or last.is_bold != first.is_bold:  # noqa: PLR2004
        return False
    end, start = last.lines[-1].words[-1].text, first.lines[0].words[0].text
    if is_marker(start):
        return False
    if start[0].islower() or is_hyphenated(end):
        return last.is_open or len(last.lines) > 1
    # A name or a number may begin the next page; then the last line must be full and unfinished.
    is_sure = last.kind is BlockKind.PARAGRAPH or end[-1] == "," or end[0].islower()
    return last.is_open and len(last.lines) > 1 and is_sure


def _row_goes_on(last: Draft, first: Draft) -> bool:
    """Return whether a table row is broken over two pages: its cells go on in lower case."""
    if not (last.kind is first.kind is BlockKind.TABLE_ROW) or last.head != first.head:
        return False
    above = dict(zip(last.columns, last.cells, strict=False))
    if not first.columns or not set(first.columns) <= set(above):
        return False
    is_wrapped = any(len(above[column]) > 1 for column in first.columns)
    return is_wrapped and all(
        not ends_clause(above[column][-1].text) and cell[0].text[0].islower()
        for column, cell in zip(first.columns, first.cells, strict=True)
    )


def _set_levels(pages: list[DraftPage]) -> None:
    """Give every heading its level: the larger and bolder, the higher."""
    headings = [d for page in pages for d in page.drafts if d.kind is BlockKind.HEADING]
    styles = sorted({(-round(d.size), not d.is_bold) for d in headings})
    for draft in headings:
        style = (-round(draft.size), not draft.is_bold)
        draft.level = min(styles.index(style) + 1, _MAX_LEVEL)
