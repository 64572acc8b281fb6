"""Read HTML: headings, paragraphs, lists and tables; menus and scripts are left out."""

import re
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from evidence_mapper.errors import DamagedDocument
from evidence_mapper.reading.answers import Content
from evidence_mapper.reading.head_rows import is_head_row
from evidence_mapper.reading.sections import (
    TextBlock,
    make_text_block,
    table_blocks,
    write_sections,
)
from evidence_mapper.reading.text import decode_text
from evidence_mapper.records import BlockKind

# lxml brings no types of its own.
Element = Any

# Elements whose text is no part of the document.
_LEFT_OUT = (
    "script", "style", "noscript", "template", "nav", "footer", "head", "svg", "math", "iframe",
    "object", "button", "select", "textarea", "audio", "video", "canvas", "map",
)  # fmt: skip
_INLINE = frozenset(
    (
        "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn",
        "em", "font", "i", "img", "input", "ins", "kbd", "label", "mark", "q", "s", "samp",
        "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr",
    )
)  # fmt: skip
_HEADING = re.compile(r"h([1-6])$")
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


def read_html(data: bytes) -> Content:
    """Return the text of an HTML page, a page for each top-level heading.

    Raises:
        ReadingError: there is no word in it, or it cannot be parsed.
    """
    from lxml import etree  # type: ignore[import-untyped]

    declared = _META_CHARSET.search(data[:4096])
    text = decode_text(data, declared[1].decode("ascii", "replace") if declared else None)
    parser = etree.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True
    )
    root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    if root is None:
        raise DamagedDocument("no HTML could be read in it; save it anew")
    _remove_left_out(root)
    return write_sections(list(_Walker(etree).read(root)))


def _remove_left_out(root: Element) -> None:
    for element in list(root.iter(*_LEFT_OUT)):
        _remove(element)
    for element in list(root.iter()):
        is_hidden = "hidden" in element.attrib or _HIDDEN_STYLE.search(element.get("style") or "")
        if is_hidden and element is not root:
            _remove(element)


def _remove(element: Element) -> None:
    """Take an element out, and leave the text that follows it."""
    parent = element.getparent()
    if parent is None:
        return
    tail = element.tail
    if tail:
        before = element.getprevious()
        if before is not None:
            before.tail = (before.tail or "") + tail
        else:
            parent.text = (parent.text or "") + tail
    parent.remove(element)


class _Walker:
    """Collects text until a block ends; works through the tree without recursion."""

    def __init__(self, etree: ModuleType) -> None:
        self._etree = etree

    def read(self, root: Element) -> Iterator[TextBlock]:
        """Yield the blocks inside an element in order."""
        pieces: list[str] = []
        kinds: list[tuple[BlockKind, int]] = [(BlockKind.PARAGRAPH, 0)]
        walk = self._etree.iterwalk(root, events=("start", "end"))
        for event, element in walk:
            tag = element.tag if isinstance(element.tag, str) else ""
            is_block = tag not in _INLINE
            if is_block and tag != "br":
                yield from _flush(pieces, kinds[-1])
            if event == "start":
                if tag == "table" and element is not root:
                    yield from self._read_table(element)
                    walk.skip_subtree()
                    continue
                kinds.append(_kind_of(tag, kinds[-1]) if is_block else kinds[-1])
                if tag == "br":
                    pieces.append("\n")
                pieces.append(element.text or "")
            else:
                kinds_closed = tag != "table" or element is root
                if kinds_closed:
                    kinds.pop()
                if element is not root:
                    pieces.append(element.tail or "")
        yield from _flush(pieces, kinds[-1])

    def _read_table(self, table: Element) -> Iterator[TextBlock]:
        rows = [row for row in table.iter("tr") if _owner(row) is table]
        cells = [[cell for cell in row if cell.tag in ("td", "th")] for row in rows]
        if max((len(row) for row in cells), default=0) < 2:  # noqa: PLR2004
            for row in cells:
                for cell in row:
                    yield from self.read(cell)
            return
        read = [[list(self.read(cell)) for cell in row] for row in cells]
        texts = [[" ".join(block.text for block in cell) for cell in row] for row in read]
        first = cells[0]
        is_marked = bool(first) and (
            all(cell.tag == "th" for cell in first) or rows[0].getparent().tag == "thead"
        )
        has_head = is_head_row(texts[0], texts[1:], is_marked=is_marked)
        yield from table_blocks(read, texts[0] if has_head else None)


def _owner(row: Element) -> Element:
    """Return the table that a row belongs to."""
    parent = row.getparent()
    while parent is not None and parent.tag != "table":
        parent = parent.getparent()
    return parent


def _kind_of(tag: str, outer: tuple[BlockKind, int]) -> tuple[BlockKind, int]:
    heading = _HEADING.match(tag)
    if heading:
        return BlockKind.HEADING, int(heading[1])
    if tag == "li":
        return BlockKind.BULLET, 0
    return outer if outer[0] is BlockKind.BULLET else (BlockKind.PARAGRAPH, 0)


def _flush(pieces: list[str], kind: tuple[BlockKind, int]) -> Iterator[TextBlock]:
    text = "".join(pieces)
    pieces.clear()
    if text.strip():
        yield make_text_block(kind[0], text, level=kind[1])
