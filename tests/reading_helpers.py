"""Read bytes without a child process, and look at the blocks."""

from evidence_mapper.reading.answers import Content
from evidence_mapper.reading.child import read_content
from evidence_mapper.reading.kinds import detect_format
from evidence_mapper.records import Block, BlockKind


def read(data: bytes, *, max_pages: int = 1000) -> Content:
    """Return what the bytes hold."""
    return read_content(data, detect_format(data[:65536], data[-65536:]), max_pages)


def text_of(content: Content, block: Block) -> str:
    """Return a block's text, its spans with one space between."""
    return " ".join(content.pages[s.page - 1].text[s.start : s.end] for s in block.spans)


def texts(content: Content, *kinds: BlockKind) -> list[str]:
    """Return the texts of all blocks of these kinds in order; of all but furniture by default."""
    wanted = kinds or tuple(kind for kind in BlockKind if kind is not BlockKind.FURNITURE)
    return [text_of(content, block) for block in content.blocks if block.kind in wanted]


def find(content: Content, start: str) -> Block:
    """Return the only block whose text begins so."""
    found = [block for block in content.blocks if text_of(content, block).startswith(start)]
    assert len(found) == 1, [text_of(content, block) for block in content.blocks]
    return found[0]
