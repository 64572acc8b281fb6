"""Read a DOCX: paragraphs, lists and tables in the order in which a reader meets them."""

import io
import re
from collections.abc import Iterator
from typing import Any

from evidence_mapper.errors import DamagedDocument, UnsupportedDocument
from evidence_mapper.reading.answers import Content
from evidence_mapper.reading.docx_safety import BROKEN_ZIP, check_docx
from evidence_mapper.reading.docx_styles import Styles, is_on
from evidence_mapper.reading.head_rows import is_head_row
from evidence_mapper.reading.sections import (
    TextBlock,
    looks_like_heading,
    make_text_block,
    table_blocks,
    write_sections,
)
from evidence_mapper.records import BlockKind

# lxml brings no types of its own.
Element = Any

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
# What wraps blocks or runs without being one; tracked deletions are not among them.
_WRAPPERS = frozenset(
    _W + name
    for name in (
        "sdt", "sdtContent", "customXml", "smartTag", "ins", "moveTo", "hyperlink", "fldSimple",
        "dir", "bdo",
    )
)  # fmt: skip
_SIGNS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "ptab": "\t"}
_MAX_HEADING_LEVEL = 9


def read_docx(data: bytes) -> Content:
    """Return the text of a DOCX, a page for each top-level heading.

    Raises:
        ReadingError: it is damaged, unsafe, another kind of file, or without a word.
    """
    check_docx(data)
    import docx
    from docx.opc.exceptions import PackageNotFoundError
    from lxml.etree import XMLSyntaxError  # type: ignore[import-untyped]

    try:
        document = docx.Document(io.BytesIO(data))
        body = document.element.body
    except ValueError as error:
        raise UnsupportedDocument(
            "it seems to be a Word file with macros or a template; save it as a plain DOCX"
        ) from error
    except (*BROKEN_ZIP, KeyError, AttributeError, PackageNotFoundError, XMLSyntaxError) as error:
        raise DamagedDocument("the DOCX is damaged or cut short; save it anew") from error
    reader = _Reader(Styles(document.styles.element))
    blocks = list(reader.read(body))
    return write_sections(blocks, reader.notes())


class _Reader:
    """Walks through a document's elements in order."""

    def __init__(self, styles: Styles) -> None:
        self._styles = styles
        self._footnotes = 0

    def notes(self) -> list[str]:
        """Return what was left out, in sentences."""
        if not self._footnotes:
            return []
        noun = "footnote was" if self._footnotes == 1 else "footnotes were"
        return [f"{self._footnotes} {noun} left out."]

    def read(self, container: Element, *, in_table: bool = False) -> Iterator[TextBlock]:
        """Yield the blocks of a body, a cell or a text box."""
        for element in container:
            tag = element.tag
            if tag == _W + "p":
                yield from self._read_paragraph(element, in_table=in_table)
            elif tag == _W + "tbl":
                yield from self._read_table(element)
            elif tag == _W + "sdt" and _is_contents(element):
                for block in self.read(element.iterchildren(_W + "sdtContent")):
                    yield TextBlock(BlockKind.FURNITURE, block.text)
            elif tag in _WRAPPERS:
                yield from self.read(element, in_table=in_table)
            elif tag == _MC + "AlternateContent":
                yield from self.read(element.iterchildren(_MC + "Choice"), in_table=in_table)
            elif tag == _MC + "Choice":
                yield from self.read(element, in_table=in_table)

    def _read_paragraph(self, paragraph: Element, *, in_table: bool) -> Iterator[TextBlock]:
        boxes: list[Element] = []
        text = "".join(self._read_runs(paragraph, boxes))
        if text.strip():
            yield self._make_block(paragraph, text, in_table=in_table)
        for box in boxes:
            yield from self.read(box, in_table=in_table)

    def _make_block(self, paragraph: Element, text: str, *, in_table: bool) -> TextBlock:
        style = self._styles.find(paragraph)
        if style.is_contents:
            return make_text_block(BlockKind.FURNITURE, text)
        if style.heading_level:
            return make_text_block(BlockKind.HEADING, text, level=style.heading_level)
        if style.is_list:
            return make_text_block(BlockKind.BULLET, text)
        if (
            not in_table
            and _is_all_bold(paragraph, style.is_bold)
            and looks_like_heading(text.strip())
        ):
            return make_text_block(BlockKind.HEADING, text, level=_MAX_HEADING_LEVEL)
        return make_text_block(BlockKind.PARAGRAPH, text)

    def _read_runs(self, element: Element, boxes: list[Element]) -> Iterator[str]:
        """Yield the pieces of a paragraph's text; text boxes found in it are put aside."""
        for child in element:
            tag = child.tag
            if tag == _W + "r":
                if not is_on(child.find(f"{_W}rPr/{_W}vanish")):
                    yield from self._read_run(child, boxes)
            elif tag in _WRAPPERS:
                yield from self._read_runs(child, boxes)

    def _read_run(self, run: Element, boxes: list[Element]) -> Iterator[str]:
        for child in run:
            tag = child.tag
            if tag == _W + "t":
                yield child.text or ""
            elif tag == _W + "sym":
                yield _read_symbol(child)
            elif tag == _W + "footnoteReference" or tag == _W + "endnoteReference":
                self._footnotes += 1
            elif isinstance(tag, str) and tag.startswith(_W) and tag[len(_W) :] in _SIGNS:
                yield _SIGNS[tag[len(_W) :]]
            elif tag in (_MC + "AlternateContent", _W + "drawing", _W + "pict"):
                boxes.extend(_find_boxes(child))

    def _read_table(self, table: Element) -> list[TextBlock]:
        rows = [_find_cells(row) for row in _children(table, "tr")]
        read = [[list(self.read(cell, in_table=True)) for cell in row] for row in rows]
        texts = [[" ".join(block.text for block in cell) for cell in row] for row in read]
        if not texts:
            return []
        first = next(_children(table, "tr"))
        is_marked = is_on(first.find(f"{_W}trPr/{_W}tblHeader")) or (
            self._is_bold_row(rows[0]) and not all(self._is_bold_row(row) for row in rows[1:])
        )
        has_head = is_head_row(texts[0], texts[1:], is_marked=is_marked)
        return table_blocks(read, texts[0] if has_head else None)

    def _is_bold_row(self, cells: list[Element]) -> bool:
        paragraphs = [p for cell in cells for p in cell.iter(_W + "p") if _has_text(p)]
        return bool(paragraphs) and all(
            _is_all_bold(p, self._styles.find(p).is_bold) for p in paragraphs
        )


def _children(element: Element, name: str) -> Iterator[Element]:
    """Yield the children of that name, also inside wrappers."""
    for child in element:
        if child.tag == _W + name:
            yield child
        elif child.tag in _WRAPPERS:
            yield from _children(child, name)


def _find_cells(row: Element) -> list[Element]:
    return list(_children(row, "tc"))


def _find_boxes(element: Element) -> list[Element]:
    """Return the contents of text boxes, each once though it is stored for old programs too."""
    if element.tag == _MC + "AlternateContent":
        choice = element.find(_MC + "Choice")
        return [] if choice is None else _find_boxes(choice)
    found: list[Element] = []
    for child in element:
        if child.tag == _W + "txbxContent":
            found.append(child)
        elif isinstance(child.tag, str):
            found.extend(_find_boxes(child))
    return found


def _is_contents(element: Element) -> bool:
    gallery = element.find(f"{_W}sdtPr/{_W}docPartObj/{_W}docPartGallery")
    return gallery is not None and "contents" in (gallery.get(_W + "val") or "").lower()


_HEX = re.compile(r"[0-9A-Fa-f]{4}$")


def _read_symbol(element: Element) -> str:
    code = element.get(_W + "char") or ""
    return chr(int(code, 16)) if _HEX.match(code) and not code.upper().startswith("D") else ""


def _has_text(paragraph: Element) -> bool:
    return any((text.text or "").strip() for text in paragraph.iter(_W + "t"))


def _is_all_bold(paragraph: Element, style_is_bold: bool) -> bool:
    """Return whether every run with text in the paragraph is bold."""
    runs = [
        r for r in paragraph.iter(_W + "r") if any((t.text or "").strip() for t in r.iter(_W + "t"))
    ]
    for run in runs:
        bold = run.find(f"{_W}rPr/{_W}b")
        if not (is_on(bold) if bold is not None else style_is_bold):
            return False
    return bool(runs)
