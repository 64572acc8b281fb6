"""Tables of a PDF page: cells from ruling lines, and the words in them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from evidence_mapper.reading.cleaning import is_marker
from evidence_mapper.reading.drafts import Draft, Line
from evidence_mapper.reading.layout import make_lines, make_segments
from evidence_mapper.reading.pdf_rules import Edge
from evidence_mapper.reading.pdf_words import PdfPage, PdfWord
from evidence_mapper.records import BlockKind

Box = tuple[float, float, float, float]

# Lines within this many points are drawn as one.
_SNAP = 3.0
_MIN_CELL_SIDE = 7.0
# A table that fills a page, 60 rows of 12 cells, has 800 crossings; graph paper and plans have
# more than this, and would take seconds.
_MAX_CROSSINGS = 2_500
# Columns of a table with horizontal rules alone are apart by this many points.
_MIN_COLUMN_GAP = 7.0
# A row with more text than this is read cell by cell: nobody quotes half a page.
MAX_ROW_CHARS = 900
MAX_CELL_CHARS = 450
_MAX_BANNER_WORDS = 12
_MAX_SIZE_RATIO = 1.4


@dataclass(slots=True)
class Table:
    """A table's rows of cells, each with its words; `boxes` are the cells' frames."""

    box: Box
    rows: list[list[list[PdfWord]]] = field(default_factory=list)
    column_starts: tuple[int, ...] = ()


def find_tables(page: PdfPage) -> tuple[list[Table], list[Box]]:
    """Return the page's tables, and the frames around text that are no table.

    The words of the tables are taken out of `page.words`.
    """
    edges = page.edges
    if not page.words:
        return [], []
    cells = _find_cells(edges)
    grids, frames = _sort_cells(cells)
    tables = [_fill_table(page, rows) for rows in grids]
    tables.extend(_find_ruled_rows(page, edges, tables))
    return [table for table in tables if table.rows], frames


def _find_cells(edges: list[Edge]) -> list[list[Box]]:
    """Return groups of cells that touch, as pdfplumber finds them."""
    flat = [edge for edge in edges if edge.is_horizontal]
    if len(flat) < 2 or len(edges) - len(flat) < 2:  # noqa: PLR2004
        return []
    from pdfplumber import table as finder

    merged = finder.merge_edges([_as_dict(edge) for edge in edges], _SNAP, _SNAP, _SNAP, _SNAP)
    crossings = finder.edges_to_intersections(merged, _SNAP, _SNAP)
    if len(crossings) > _MAX_CROSSINGS:
        return []
    # Shading is often drawn in strips, whose edges enclose cells too narrow for text.
    cells = [
        (x0, top, x1, bottom)
        for x0, top, x1, bottom in finder.intersections_to_cells(crossings)
        if x1 - x0 >= _MIN_CELL_SIDE and bottom - top >= _MIN_CELL_SIDE
    ]
    return _group_cells(cells)


def _as_dict(edge: Edge) -> dict[str, Any]:
    if edge.is_horizontal:
        return {
            "orientation": "h", "x0": edge.low, "x1": edge.high, "top": edge.at, "bottom": edge.at,
            "width": edge.high - edge.low, "height": 0.0,
        }  # fmt: skip
    return {
        "orientation": "v", "x0": edge.at, "x1": edge.at, "top": edge.low, "bottom": edge.high,
        "width": 0.0, "height": edge.high - edge.low,
    }  # fmt: skip


def _group_cells(cells: list[Box]) -> list[list[Box]]:
    """Return the cells in groups that share corners."""
    parent = list(range(len(cells)))

    def root(number: int) -> int:
        while parent[number] != number:
            parent[number] = parent[parent[number]]
            number = parent[number]
        return number

    owner: dict[tuple[float, float], int] = {}
    for number, (x0, top, x1, bottom) in enumerate(cells):
        for corner in ((x0, top), (x0, bottom), (x1, top), (x1, bottom)):
            parent[root(number)] = root(owner.setdefault(corner, number))
    groups: dict[int, list[Box]] = {}
    for number, cell in enumerate(cells):
        groups.setdefault(root(number), []).append(cell)
    return list(groups.values())


def _sort_cells(groups: list[list[Box]]) -> tuple[list[list[list[Box]]], list[Box]]:
    """Return the groups with several cells in a row as rows, and all other cells as frames."""
    grids: list[list[list[Box]]] = []
    frames: list[Box] = []
    for group in groups:
        rows: dict[float, list[Box]] = {}
        for cell in group:
            rows.setdefault(round(cell[1]), []).append(cell)
        ordered = [sorted(rows[top]) for top in sorted(rows)]
        if max(len(row) for row in ordered) > 1:
            grids.append(ordered)
        else:
            frames.extend(group)
    return grids, frames


def _fill_table(page: PdfPage, rows: list[list[Box]]) -> Table:
    """Return the table with the page's words in its cells."""
    boxes = [cell for row in rows for cell in row]
    around = _around(boxes)
    filled: dict[Box, list[PdfWord]] = {cell: [] for cell in boxes}
    rest: list[PdfWord] = []
    for word in page.words:
        x, y = (word.x0 + word.x1) / 2, (word.top + word.bottom) / 2
        cell = _find_cell(x, y, rows) if _is_in(x, y, around) else None
        (rest if cell is None else filled[cell]).append(word)
    page.words = rest
    kept = [[filled[cell] for cell in row] for row in rows]
    starts = tuple(sorted({round(cell[0]) for cell in boxes}))
    return Table(around, [row for row in kept if any(row)], starts)


def _find_cell(x: float, y: float, rows: list[list[Box]]) -> Box | None:
    for row in rows:
        for cell in row:
            if _is_in(x, y, cell):
                return cell
    return None


def _is_in(x: float, y: float, box: Box) -> bool:
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]


def _around(boxes: Iterable[Box]) -> Box:
    x0s, tops, x1s, bottoms = zip(*boxes, strict=True)
    return min(x0s), min(tops), max(x1s), max(bottoms)


def _find_ruled_rows(page: PdfPage, edges: list[Edge], tables: list[Table]) -> list[Table]:
    """Return tables whose rows are parted by horizontal rules alone, and columns by white space."""
    found: list[Table] = []
    for group in _rule_groups(edges, tables):
        low, high = min(e.low for e in group), max(e.high for e in group)
        heights = [edge.at for edge in group]
        strips = [
            (low, top, high, bottom) for top, bottom in pairwise(heights) if bottom - top > _SNAP
        ]
        for run in _aligned_runs([(strip, _words_in(page.words, strip)) for strip in strips]):
            rows = [words for _, words in run]
            columns = _find_gaps([word for row in rows for word in row])
            taken = {id(word) for row in rows for word in row}
            page.words = [word for word in page.words if id(word) not in taken]
            cells = [[_between(row, a, b) for a, b in columns] for row in rows]
            starts = tuple(round(a) for a, _ in columns)
            found.append(Table(_around(strip for strip, _ in run), cells, starts))
    return found


_Strip = tuple[Box, list[PdfWord]]


def _aligned_runs(strips: list[_Strip]) -> list[list[_Strip]]:
    """Return runs of strips whose words leave the same gaps, so that they show columns."""
    runs: list[list[_Strip]] = [[]]
    for strip in strips:
        if not strip[1]:
            continue
        if not _is_row_like(strip[1]):
            runs.append([])
            continue
        longer = [*runs[-1], strip]
        is_narrower = _count_shown(longer) < _count_shown(runs[-1])
        if is_narrower and _count_shown([strip]) == 1:
            runs.append([])  # a heading between two tables of one width, over their columns
        elif _count_shown(longer) > 1:
            runs[-1] = longer
        else:
            runs.append([strip] if _count_shown([strip]) > 1 else [])
    return [run for run in runs if len(run) > 1 and _is_filled(run)]


def _count_shown(run: list[_Strip]) -> int:
    """Return how many columns the words of all strips leave between gaps."""
    return len(_find_gaps([word for _, words in run for word in words]))


def _is_row_like(words: list[PdfWord]) -> bool:
    """Return whether the words can be a row: not half a page, and no heading among text."""
    sizes = [word.size for word in words]
    length = sum(len(word.text) + 1 for word in words)
    return length <= MAX_ROW_CHARS and max(sizes) <= min(sizes) * _MAX_SIZE_RATIO


def _is_filled(run: list[_Strip]) -> bool:
    """Return whether most rows have words in more than one column."""
    columns = _find_gaps([word for _, words in run for word in words])
    return sum(_count_columns(words, columns) > 1 for _, words in run) >= max(2, len(run) * 0.6)


def _rule_groups(edges: list[Edge], tables: list[Table]) -> list[list[Edge]]:
    """Return horizontal rules outside all tables in groups of three or more of one width."""
    groups: list[list[Edge]] = []
    for edge in _join_rules(edges):
        middle = (edge.low + edge.high) / 2
        if any(_is_in(middle, edge.at, table.box) for table in tables):
            continue
        for group in groups:
            if abs(group[-1].low - edge.low) < 5 and abs(group[-1].high - edge.high) < 5:  # noqa: PLR2004
                group.append(edge)
                break
        else:
            groups.append([edge])
    return [group for group in groups if len(group) >= 3]  # noqa: PLR2004


def _join_rules(edges: list[Edge]) -> list[Edge]:
    """Return the horizontal rules from top to bottom, those drawn cell by cell as one."""
    joined: list[Edge] = []
    flat = [edge for edge in edges if edge.is_horizontal]
    for edge in sorted(flat, key=lambda e: (round(e.at), e.low)):
        last = joined[-1] if joined else None
        if last and abs(last.at - edge.at) <= 1.5 and edge.low <= last.high + _SNAP:  # noqa: PLR2004
            joined[-1] = Edge(True, last.at, last.low, max(last.high, edge.high))
        else:
            joined.append(edge)
    return joined


def _words_in(words: list[PdfWord], box: Box) -> list[PdfWord]:
    return [w for w in words if _is_in((w.x0 + w.x1) / 2, (w.top + w.bottom) / 2, box)]


def _find_gaps(words: list[PdfWord]) -> list[tuple[float, float]]:
    """Return the columns between which no word stands, as left and right edges."""
    columns: list[tuple[float, float]] = []
    for word in sorted(words, key=lambda w: w.x0):
        if columns and word.x0 - columns[-1][1] < _MIN_COLUMN_GAP:
            columns[-1] = (columns[-1][0], max(columns[-1][1], word.x1))
        else:
            columns.append((word.x0, word.x1))
    return columns


def _between(row: list[PdfWord], low: float, high: float) -> list[PdfWord]:
    return [word for word in row if low <= word.x0 <= high]


def _count_columns(row: list[PdfWord], columns: list[tuple[float, float]]) -> int:
    return sum(bool(_between(row, low, high)) for low, high in columns)


def cell_lines(words: list[PdfWord]) -> list[Line]:
    """Return the lines of a cell from top to bottom."""
    rows = make_lines(make_segments(words)) if words else []
    return [segment for row in rows for segment in row]


def row_needs_cells(cells: list[list[Line]]) -> bool:
    """Return whether a row holds too much to be one block: lists, or long paragraphs."""
    lengths = [sum(len(line.text) + 1 for line in cell) for cell in cells]
    lists = sum(
        sum(is_marker(line.words[0].text) and len(line.words) > 1 for line in cell) > 1
        for cell in cells
    )
    return bool(lists) or max(lengths) > MAX_CELL_CHARS or sum(lengths) > MAX_ROW_CHARS


def is_banner(cells: list[list[Line]]) -> bool:
    """Return whether a row of one short cell is a heading inside its table."""
    if len(cells) != 1:
        return False
    draft = Draft(BlockKind.HEADING, cells)
    text = draft.text
    return len(text.split()) <= _MAX_BANNER_WORDS and text[-1] not in ".;,"
