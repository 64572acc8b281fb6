"""From lines to blocks: paragraphs, bullets, headings and rows of tables without rules."""

from dataclasses import dataclass
from itertools import pairwise

from evidence_mapper.reading.cleaning import (
    ends_clause,
    ends_sentence,
    is_bullet_sign,
    is_hyphenated,
    is_marker,
    is_paragraph_number,
    is_weak_sign,
)
from evidence_mapper.reading.drafts import Draft, Line, make_line
from evidence_mapper.reading.layout import make_lines
from evidence_mapper.records import BlockKind

# Lines further apart than this many usual line distances belong to different blocks.
_BLOCK_GAP = 1.2
_USUAL_LINE_FACTOR = 1.25
# Sizes that differ by less than this share are one size.
_SIZE_TOLERANCE = 0.06
# A heading is no longer than this; a longer bold text is an emphatic paragraph.
_MAX_HEADING_WORDS = 25
_MAX_HEADING_LINES = 3
# A heading without bold type is larger than the body by this factor.
_HEADING_FACTOR = 1.12
# The second column of a table without rules stands apart by this many font sizes.
_CELL_GAP = 1.5
# What a paragraph number stands before has more words than a cell with a number's name.
_MIN_NUMBERED_WORDS = 4


@dataclass(frozen=True, slots=True)
class Column:
    """What is usual in one column of text.

    `line_factor` is the distance of lines in font sizes, `right` where full lines end.
    """

    body_size: float
    line_factor: float
    right: float


def make_blocks(
    segments: list[Line], body_size: float, boxes: list[tuple[float, float, float, float]]
) -> list[Draft]:
    """Return the blocks of one column of text from top to bottom.

    Args:
        segments: the column's segments, in any order.
        body_size: the font size of the document's text.
        boxes: frames drawn around text: x0, top, x1, bottom.
    """
    rows = make_lines(segments)
    lines = [_join_row(row) for row in rows]
    column = _measure_column(lines, body_size)
    drafts: list[Draft] = []
    index = 0
    while index < len(rows):
        table_end = _find_open_table(rows, index)
        if table_end > index:
            drafts.extend(_open_table_rows(rows[index:table_end]))
            index = table_end
            continue
        end = index + 1
        while end < len(rows) and not _find_open_table(rows, end) > end:
            if _starts_block(lines[index:end], lines[end], column, boxes):
                break
            end += 1
        drafts.append(_make_block(lines[index:end], column, boxes))
        index = end
    return drafts


def _join_row(row: list[Line]) -> Line:
    """Return the row as one line; a number apart from its paragraph is noted."""
    if len(row) == 1:
        return row[0]
    line = make_line([word for segment in row for word in segment.words])
    line.is_numbered = _is_numbered(row)
    return line


def _is_numbered(row: list[Line]) -> bool:
    return (
        len(row) == 2  # noqa: PLR2004
        and is_paragraph_number(row[0].text)
        and len(row[1].words) >= _MIN_NUMBERED_WORDS
    )


def _measure_column(lines: list[Line], body_size: float) -> Column:
    distances = sorted(
        (below.bottom - above.bottom) / max(above.size, 1.0)
        for above, below in pairwise(lines)
        if abs(above.size - below.size) <= above.size * _SIZE_TOLERANCE
        and 0.8 * above.size < below.bottom - above.bottom < 2.3 * above.size
    )
    factor = distances[len(distances) * 3 // 10] if distances else _USUAL_LINE_FACTOR
    ends = sorted(line.x1 for line in lines if len(line.words) >= 4)  # noqa: PLR2004
    ends = ends or sorted(line.x1 for line in lines)
    right = ends[min(len(ends) - 1, len(ends) * 9 // 10)] if ends else 0.0
    return Column(body_size, factor, right)


def _starts_block(
    block: list[Line],
    line: Line,
    column: Column,
    boxes: list[tuple[float, float, float, float]],
) -> bool:
    """Return whether the line begins a new block after the lines of the last one."""
    last = block[-1]
    size = max(last.size, 1.0)
    distance = line.bottom - last.bottom
    is_apart = distance > max(column.line_factor, 1.0) * size * _BLOCK_GAP + 0.3
    is_other_size = abs(line.size - last.size) > size * _SIZE_TOLERANCE + 0.3
    if is_apart or distance < 0 or is_other_size or line.is_numbered:
        return True
    fits = _would_fit(last, line, column)
    ended = ends_clause(last.text)
    is_other_box = _find_box(line, boxes) != _find_box(last, boxes)
    return (
        _changes_weight(block, line, fits=fits)
        or _starts_item(line, last, is_free=fits or ended)
        or (is_other_box and (ended or fits))
        or _starts_paragraph(block, line, fits=fits)
    )


def _changes_weight(block: list[Line], line: Line, *, fits: bool) -> bool:
    """Return whether the line is bold and its block is not, or the other way round.

    A sentence that is only partly bold may change within a line, and goes on in lower case.
    """
    first, last = block[0], block[-1]
    if last.is_bold == line.is_bold:
        return False
    ended = ends_clause(last.text)
    if not fits and not ended:
        return last.is_bold == first.is_bold and not line.words[0].text[:1].islower()
    return True


def _starts_item(line: Line, last: Line, *, is_free: bool) -> bool:
    """Return whether the line begins with a bullet's sign, and no sentence goes on there."""
    opening = line.words[0].text
    if not is_marker(opening) or len(line.words) == 1:
        return False
    is_sure = is_bullet_sign(opening) and not is_weak_sign(opening)
    hangs = line.words[1].x0 - line.words[0].x1 > 0.45 * max(last.size, 1.0)
    return is_sure or is_free or hangs


def _starts_paragraph(block: list[Line], line: Line, *, fits: bool) -> bool:
    """Return whether indents and short lines part the line from its block."""
    last, first = block[-1], block[0]
    size = max(last.size, 1.0)
    ended = ends_clause(last.text)
    is_lower = line.words[0].text[:1].islower()
    if (is_marker(first.words[0].text) or first.is_numbered) and len(first.words) > 1:
        text_x0 = block[1].x0 if len(block) > 1 else first.words[1].x0
        if line.x0 < first.x0 - 0.5 * size and (ended or not is_lower):
            return True
        if line.x0 < text_x0 - 0.6 * size and (ended or fits):
            return True
        return ends_sentence(last.text) and fits and line.x0 > text_x0 + 0.6 * size
    if fits and not is_lower and not is_hyphenated(last.words[-1].text):
        return True
    return ended and line.x0 > last.x0 + 0.8 * size


def _would_fit(last: Line, line: Line, column: Column) -> bool:
    """Return whether the line's first word had room on the last line: the break is meant."""
    word = line.words[0]
    space = 0.3 * last.size
    return last.x1 + space + (word.x1 - word.x0) < column.right - 0.8 * last.size


def _find_box(
    line: Line, boxes: list[tuple[float, float, float, float]]
) -> tuple[float, float, float, float] | None:
    """Return the smallest frame around the line's middle."""
    around = [
        box
        for box in boxes
        if box[1] <= line.middle <= box[3] and box[0] - 2 <= line.x0 and line.x1 <= box[2] + 2
    ]
    return min(around, key=lambda box: box[3] - box[1], default=None)


def _make_block(
    lines: list[Line], column: Column, boxes: list[tuple[float, float, float, float]]
) -> Draft:
    draft = Draft(BlockKind.PARAGRAPH, [lines])
    first = lines[0]
    last = lines[-1]
    draft.is_open = not ends_clause(last.text) and last.x1 > column.right - 12 * last.size
    box = _find_box(first, boxes)
    draft.is_boxed = (
        box is not None and box[3] - box[1] < (len(lines) + 3) * column.line_factor * first.size
    )
    if not any(char.isalnum() for char in draft.text):
        draft.kind = BlockKind.FURNITURE
        return draft
    opening = first.words[0].text
    count = sum(len(line.words) for line in lines)
    has_marker = is_marker(opening) and count > 1
    if _is_heading(draft, count, column):
        draft.kind = BlockKind.HEADING
        if has_marker and is_bullet_sign(opening):
            draft.marker = 1
    elif first.is_numbered:
        draft.marker = 1
    elif has_marker:
        draft.kind = BlockKind.BULLET
        draft.marker = 1
    return draft


def _is_heading(draft: Draft, count: int, column: Column) -> bool:
    text = draft.text
    is_strong = draft.is_bold and draft.size >= column.body_size * 0.8
    if count > _MAX_HEADING_WORDS or len(draft.cells[0]) > _MAX_HEADING_LINES:
        return False
    if (text[-1] in ".;," and not (is_strong and draft.is_boxed)) or not any(
        char.isalpha() for char in text
    ):
        return False
    if is_bullet_sign(text[0]) and " " in text[:2] and not draft.is_bold:
        return False
    is_large = draft.size >= column.body_size * _HEADING_FACTOR
    is_title = draft.is_boxed and count <= _MAX_HEADING_WORDS // 2
    return is_large or is_strong or is_title


def _find_open_table(rows: list[list[Line]], start: int) -> int:
    """Return where a table without rules that begins in this row ends, `start` where none does.

    Its rows have two parts or more, wide apart; the second begins at the same place in two rows
    at least. Lines that only continue one of the parts belong to it.
    """
    edge = _second_edge(rows[start])
    if edge is None:
        return start
    end, full_rows = start + 1, 1
    for index in range(start + 1, len(rows)):
        row = rows[index]
        is_near = row[0].top - rows[index - 1][0].bottom < 2 * row[0].size
        if not is_near:
            break
        if _second_edge(row) is not None and abs(_edge_of(row) - edge) < 4:  # noqa: PLR2004
            end, full_rows = index + 1, full_rows + 1
        elif len(row) == 1 and abs(row[0].x0 - edge) < 4:  # noqa: PLR2004
            end = index + 1
        else:
            break
    return end if full_rows > 1 else start


def _second_edge(row: list[Line]) -> float | None:
    """Return where the second part of a row begins, if it has one, well apart from the first."""
    if len(row) < 2 or is_marker(row[0].text) or _is_numbered(row):  # noqa: PLR2004
        return None
    gap = row[1].x0 - row[0].x1
    return row[1].x0 if gap > _CELL_GAP * row[0].size else None


def _edge_of(row: list[Line]) -> float:
    return row[1].x0


def _open_table_rows(rows: list[list[Line]]) -> list[Draft]:
    drafts: list[Draft] = []
    for row in rows:
        if len(row) > 1:
            drafts.append(Draft(BlockKind.TABLE_ROW, [[segment] for segment in row]))
        else:
            drafts[-1].cells[1].append(row[0])
    return drafts
