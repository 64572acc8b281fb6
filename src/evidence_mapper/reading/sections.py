"""Documents without pages: every section under a top-level heading is one page."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from evidence_mapper.errors import EmptyDocument
from evidence_mapper.reading.answers import Content
from evidence_mapper.reading.assemble import HeadingTrail
from evidence_mapper.reading.cleaning import (
    CONTENTS_TITLE,
    clean_text,
    ends_sentence,
    is_contents_line,
    is_marker,
    show_marker,
)
from evidence_mapper.records import Block, BlockKind, Page, Span

_MAX_LABEL_CHARS = 60
_FIRST_LABEL = "Beginning"


@dataclass(frozen=True, slots=True)
class TextBlock:
    """A block of a document without paper.

    `marker` is a bullet's sign as it is written; `head` the text of the table's head row.
    """

    kind: BlockKind
    text: str
    level: int = 0
    marker: str = ""
    head: str = ""


def make_text_block(kind: BlockKind, text: str, *, level: int = 0, head: str = "") -> TextBlock:
    """Return a block with its text cleaned; a paragraph that begins with a sign is a bullet."""
    clean = clean_text(text)
    if kind in (BlockKind.PARAGRAPH, BlockKind.BULLET):
        first, _, rest = clean.partition(" ")
        if rest and is_marker(first):
            return TextBlock(BlockKind.BULLET, rest, 0, show_marker(first), head)
    return TextBlock(kind, clean, level, "", head)


def write_sections(blocks: Sequence[TextBlock], notes: Sequence[str] = ()) -> Content:
    """Return the blocks as sections, one page for each top-level heading.

    Raises:
        EmptyDocument: there is no word in them.
    """
    kept = _mark_contents([block for block in blocks if block.text])
    if not any(char.isalnum() for block in kept for char in block.text):
        raise EmptyDocument("no word is in it; check that it is the right file")
    top_level = _find_top_level(kept)
    sections: list[list[TextBlock]] = []
    for block in kept:
        starts = block.kind is BlockKind.HEADING and block.level <= top_level
        if starts or not sections:
            sections.append([])
        sections[-1].append(block)
    trail = HeadingTrail()
    pages: list[Page] = []
    written: list[Block] = []
    for number, section in enumerate(sections, start=1):
        page, page_blocks = _write_section(number, section, trail)
        pages.append(page)
        written.extend(page_blocks)
    return Content(is_paged=False, pages=tuple(pages), blocks=tuple(written), notes=tuple(notes))


def _mark_contents(blocks: list[TextBlock]) -> list[TextBlock]:
    """Return the blocks with a contents list and its title as furniture."""
    marked = [
        replace(block, kind=BlockKind.FURNITURE) if is_contents_line(block.text) else block
        for block in blocks
    ]
    for index, following in enumerate(marked[1:]):
        title = marked[index]
        if following.kind is BlockKind.FURNITURE and CONTENTS_TITLE.match(title.text):
            marked[index] = replace(title, kind=BlockKind.FURNITURE, level=0)
    return marked


def _find_top_level(blocks: list[TextBlock]) -> int:
    """Return the highest level that parts the document; a title alone does not."""
    counts = Counter(block.level for block in blocks if block.kind is BlockKind.HEADING)
    several = [level for level, count in counts.items() if count > 1]
    return min(several or counts, default=0)


def _write_section(
    number: int, section: list[TextBlock], trail: HeadingTrail
) -> tuple[Page, list[Block]]:
    pieces: list[str] = []
    length = 0
    blocks: list[Block] = []
    # Furniture comes last, as on pages of paper.
    for block in sorted(section, key=lambda item: item.kind is BlockKind.FURNITURE):
        if pieces:
            pieces.append("\n")
            length += 1
        if block.marker:
            pieces.append(f"{block.marker} ")
            length += len(block.marker) + 1
        pieces.append(block.text)
        span = Span(number, length, length + len(block.text))
        length = span.end
        heading = trail.follow(block.kind, block.text, block.head)
        blocks.append(Block(block.kind, (span,), heading, block.level))
    first = section[0]
    label = first.text if first.kind is BlockKind.HEADING else _FIRST_LABEL
    return Page(number, _shorten(label), "".join(pieces)), blocks


def _shorten(label: str) -> str:
    if len(label) <= _MAX_LABEL_CHARS:
        return label
    return label[: _MAX_LABEL_CHARS - 1].rstrip() + "…"


_CELL_SEPARATOR = " | "
# The same bounds as for tables on paper.
_MAX_ROW_CHARS = 900
_MAX_CELL_CHARS = 450
_MAX_BANNER_WORDS = 12


def table_blocks(
    rows: Sequence[Sequence[Sequence[TextBlock]]], head: Sequence[str] | None
) -> list[TextBlock]:
    """Return the blocks of a table.

    Args:
        rows: the blocks of every cell; the head row first, if there is one.
        head: the texts of the head row's cells, or `None` where the table has none.
    """
    names = list(head) if head else []
    shown = _CELL_SEPARATOR.join(name for name in names if name)
    blocks: list[TextBlock] = []
    for number, row in enumerate(rows):
        cells = [cell for cell in row if any(block.text for block in cell)]
        if not cells:
            continue
        texts = [" ".join(block.text for block in cell) for cell in cells]
        if number == 0 and head is not None:
            blocks.append(TextBlock(BlockKind.FURNITURE, _CELL_SEPARATOR.join(texts)))
        elif len(cells) > 1 and not _needs_cells(cells):
            text = _CELL_SEPARATOR.join(texts)
            blocks.append(TextBlock(BlockKind.TABLE_ROW, text, 0, "", shown))
        else:
            for index, cell in enumerate(row):
                name = names[index] if len(names) == len(row) else ""
                blocks.extend(replace(block, head=block.head or name) for block in cell)
    return blocks


def _needs_cells(cells: list[Sequence[TextBlock]]) -> bool:
    """Return whether a row holds too much to be one block."""
    lengths = [sum(len(block.text) + 1 for block in cell) for cell in cells]
    has_list = any(
        sum(block.kind in (BlockKind.BULLET, BlockKind.TABLE_ROW) for block in cell) > 1
        for cell in cells
    )
    return has_list or max(lengths) > _MAX_CELL_CHARS or sum(lengths) > _MAX_ROW_CHARS


def looks_like_heading(text: str) -> bool:
    """Return whether an emphasised paragraph is short enough to be a heading."""
    return (
        len(text.split()) <= _MAX_BANNER_WORDS
        and text[-1:] not in {".", ";", ","}
        and not (ends_sentence(text) and text.endswith("!"))
    )
