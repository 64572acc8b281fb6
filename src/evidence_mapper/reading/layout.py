"""Where the words of a page belong: lines, columns, and the order in which columns are read."""

from collections.abc import Iterator
from dataclasses import dataclass

from evidence_mapper.reading.cleaning import is_marker
from evidence_mapper.reading.drafts import Line, make_line
from evidence_mapper.reading.pdf_words import PdfWord

# Words further apart than this many font sizes belong to different segments of a line.
_SEGMENT_GAP = 0.9
# A gutter between columns of text is wider than this many font sizes.
_MIN_GUTTER = 0.75
# Columns hold prose: fewer words a line, or lines that leave most of the column empty, make a
# table without rules, which is read row by row.
_MIN_COLUMN_LINES = 3
_MIN_WORDS_PER_LINE = 2.5
_MIN_FILLED_SHARE = 0.45
# Left edges of a column's lines agree within this many points.
_EDGE_TOLERANCE = 3.0
# Charts hold many short texts, and no page has this many columns.
_MAX_EDGES = 24
_MAX_SEGMENTS = 1_500
# A heading over two columns is larger than their text by this factor.
_TITLE_FACTOR = 1.25
# A gap of more than this many line heights ends a column that stands alone.
_TAIL_GAP = 1.8


def make_segments(words: list[PdfWord]) -> list[Line]:
    """Return runs of words that stand on one line without a wide gap."""
    runs: list[list[PdfWord]] = []
    for word in words:
        if runs and _follows(runs[-1][-1], word):
            runs[-1].append(word)
        else:
            runs.append([word])
    return _merge_neighbours([make_line(run) for run in runs])


def _follows(before: PdfWord, after: PdfWord) -> bool:
    size = max(before.size, after.size, 1.0)
    apart = abs(before.top + before.bottom - after.top - after.bottom) / 2
    return apart < size * 0.45 and -0.35 * size < after.x0 - before.x1 < _SEGMENT_GAP * size


def _merge_neighbours(segments: list[Line]) -> list[Line]:
    """Join segments that touch on one line though the file draws them at different times."""
    merged: list[Line] = []
    for segment in sorted(segments, key=lambda line: (line.middle, line.x0)):
        index = _find_neighbour(merged, segment)
        if index is None:
            merged.append(segment)
        else:
            merged[index] = make_line(merged[index].words + segment.words)
    return merged


def _find_neighbour(merged: list[Line], segment: Line) -> int | None:
    """Return the index of a segment that the next one touches on its line."""
    for index in range(len(merged) - 1, -1, -1):
        other = merged[index]
        size = max(segment.size, other.size, 1.0)
        if segment.middle - other.middle > 2 * size:
            return None
        gap = max(segment.x0 - other.x1, other.x0 - segment.x1)
        is_level = abs(segment.middle - other.middle) < size * 0.3
        if is_level and -0.35 * size < gap < _SEGMENT_GAP * size:
            return index
    return None


def make_lines(segments: list[Line]) -> list[list[Line]]:
    """Return the lines of one column from top to bottom, each as its segments."""
    rows: list[list[Line]] = []
    for segment in sorted(segments, key=lambda line: line.middle):
        if rows and any(_is_beside(segment, other) for other in rows[-1]):
            rows[-1].append(segment)
        else:
            rows.append([segment])
    return [sorted(row, key=lambda line: line.x0) for row in rows]


def _is_beside(segment: Line, other: Line) -> bool:
    overlap = min(segment.bottom, other.bottom) - max(segment.top, other.top)
    lower = min(segment.bottom - segment.top, other.bottom - other.top)
    aside = segment.x0 >= other.x1 - other.size / 2 or other.x0 >= segment.x1 - other.size / 2
    return overlap > lower * 0.55 and aside


def order_columns(segments: list[Line], known_edges: tuple[float, ...] = ()) -> list[list[Line]]:
    """Return the segments as columns of text in reading order.

    A page without columns is one column; a heading over two columns is one of its own.

    Args:
        segments: the segments of a page, in any order; those without words only part columns.
        known_edges: left edges of columns found elsewhere on the page; there even the few lines
            left over from the page before are columns.
    """
    band = _find_band(segments, known_edges)
    if band is None:
        return [segments] if segments else []
    known = (*known_edges, band.left_edge)
    above = [line for line in segments if line.middle < band.top]
    below = [line for line in segments if line.middle > band.bottom]
    inside = [line for line in segments if band.top <= line.middle <= band.bottom]
    left = [line for line in inside if line.x0 < band.left_edge]
    right = [line for line in inside if line.x0 >= band.left_edge]
    return [
        *order_columns(above, known),
        *order_columns(left),
        *order_columns(right),
        *order_columns(below, known),
    ]


@dataclass(frozen=True, slots=True)
class _Band:
    """Part of a page with a gutter before `left_edge`, the left edge of the right column."""

    left_edge: float
    top: float
    bottom: float
    score: float


def _find_band(segments: list[Line], known_edges: tuple[float, ...]) -> _Band | None:
    least = 1 if known_edges else _MIN_COLUMN_LINES
    if not 2 * least <= len(segments) <= _MAX_SEGMENTS:
        return None
    from_top = sorted(segments, key=lambda line: line.top)
    bands = [
        band
        for edge in _left_edges(segments)
        for band in _bands_at(edge, from_top, _MIN_COLUMN_LINES)
    ]
    if not bands:
        bands = [band for edge in known_edges for band in _bands_at(edge + 1, from_top, 1)]
    return max(bands, key=lambda band: band.score, default=None)


def _left_edges(segments: list[Line]) -> list[float]:
    """Return the places where most segments begin, without the leftmost."""
    starts = sorted(line.x0 for line in segments if line.words)
    edges: list[tuple[int, float]] = []
    group: list[float] = []
    for start in [*starts, float("inf")]:
        if group and start - group[0] > _EDGE_TOLERANCE:
            if len(group) >= 2 and group[0] > starts[0] + _EDGE_TOLERANCE:  # noqa: PLR2004
                edges.append((len(group), group[0]))
            group = []
        group.append(start)
    return [edge for _, edge in sorted(edges, reverse=True)[:_MAX_EDGES]]


def _bands_at(edge: float, segments: list[Line], least: int) -> Iterator[_Band]:
    """Yield the parts of the page in which no segment crosses the gutter before the edge."""
    sizes = sorted(line.size for line in segments if line.words) or [10.0]
    gutter = max(6.0, _MIN_GUTTER * sizes[len(sizes) // 2])
    run: list[Line] = []
    blocked_until = float("-inf")
    titles = _find_titles(edge, segments)
    for line in segments:
        if (line.x0 < edge - 1 and line.x1 > edge - gutter) or id(line) in titles:
            yield from _check_band(edge, [x for x in run if x.middle < line.top], least)
            run = []
            blocked_until = max(blocked_until, line.bottom)
        elif line.middle > blocked_until:
            run.append(line)
    yield from _check_band(edge, run, least)


def _find_titles(edge: float, segments: list[Line]) -> set[int]:
    """Return the ids of short headings that stand over both columns, though in the left one.

    They are larger than anything near them, and the right column leaves their line free.
    """
    sizes = sorted(line.size for line in segments if line.words)
    usual = sizes[len(sizes) // 2] if sizes else 0.0
    right = [line for line in segments if line.x0 >= edge - 1 and line.words]
    titles: set[int] = set()
    for line in segments:
        if not line.words or line.x1 >= edge or line.size < usual * _TITLE_FACTOR:
            continue
        margin = line.size * 0.5
        beside = [x for x in right if x.bottom > line.top - margin and x.top < line.bottom + margin]
        if not beside:
            titles.add(id(line))
    return titles


def _check_band(edge: float, run: list[Line], least: int) -> Iterator[_Band]:
    run = [line for line in run if line.words]
    right = [line for line in run if line.x0 >= edge - 1]
    left = [line for line in run if line.x0 < edge - 1]
    if not _is_prose(left, least) or not _is_prose(right, least):
        return
    right_bottom = max(line.bottom for line in right)
    left = _cut_tail(left, right_bottom)
    if not _is_prose(left, least):
        return
    top = min(line.top for line in left + right)
    bottom = max(line.bottom for line in left + right)
    left_top, left_bottom = min(x.top for x in left), max(x.bottom for x in left)
    shared = min(left_bottom, right_bottom) - max(left_top, min(x.top for x in right))
    shorter = min(left_bottom - left_top, right_bottom - min(x.top for x in right))
    if shared < shorter * 0.5:
        return
    yield _Band(edge - 1, top, bottom, min(len(left), len(right)) + len(run) / 1000)


def _is_prose(lines: list[Line], least: int) -> bool:
    texts = [line for line in lines if not (len(line.words) == 1 and is_marker(line.words[0].text))]
    if len(texts) < least:
        return False
    words = sum(len(line.words) for line in texts) / len(texts)
    widths = sorted(line.x1 - line.x0 for line in texts)
    is_filled = widths[len(widths) // 2] >= widths[-1] * _MIN_FILLED_SHARE
    return words >= _MIN_WORDS_PER_LINE and is_filled


def _cut_tail(left: list[Line], right_bottom: float) -> list[Line]:
    """Return the left column without what stands below the right one and apart from it.

    A short heading under two columns does not cross the gutter, and belongs to neither.
    """
    ordered = sorted(left, key=lambda line: line.top)
    body = ordered[0].size
    for index, line in enumerate(ordered):
        if index == 0 or line.top < right_bottom:
            continue
        gap = line.top - ordered[index - 1].bottom
        is_other = line.size > body * 1.1 or (line.is_bold and not ordered[index - 1].is_bold)
        is_apart = gap > _TAIL_GAP * (line.bottom - line.top) or is_other
        if is_apart and not _fills_column(ordered[index:], ordered[:index]):
            return ordered[:index]
    return ordered


def _fills_column(tail: list[Line], column: list[Line]) -> bool:
    """Return whether the tail's text is wrapped to the column's width."""
    x0, x1 = min(line.x0 for line in column), max(line.x1 for line in column)
    return any(not line.is_bold and line.x1 - x0 > (x1 - x0) * 0.8 for line in tail)
