"""Makes a DOCX as a school's office would: styles, lists, tables, fields, a table of contents."""

import io
import zipfile
from collections.abc import Sequence
from datetime import datetime
from itertools import chain
from typing import Any

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT, WD_TAB_LEADER
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph as WordParagraph

from builder.convert import MADE_ON
from builder.crest import draw_crest
from builder.looks import CONTENTS_TITLE, Look, starts_page
from builder.source import Block, Bullet, Heading, Paragraph, Source, Table
from builder.truth import LARGE_TITLE_LINES, list_contents, list_title_lines
from builder.word_styles import set_list_marker, set_styles, shade, widths_of

PAGE_WIDTH_MM, PAGE_HEIGHT_MM = 210, 297


def make_docx(source: Source, look: Look, heading_pages: Sequence[int]) -> bytes:
    """Return the DOCX of a source.

    Args:
        source: the authored document.
        look: fonts, sizes, colours.
        heading_pages: the page printed beside each heading of the contents.
    """
    document = Document()
    set_styles(document, look, source.head.language)
    set_list_marker(document, look.marker)
    _set_section(document, look, source)
    _set_properties(document, source)
    _add_title_page(document, look, source)
    _add_contents(document, look, source, heading_pages)
    bookmarks = {
        id(heading): f"_Toc{i:04}" for i, heading in enumerate(list_contents(source, look))
    }
    for index, block in enumerate(source.blocks):
        _turn_page(document, look, source.blocks, index)
        paragraph = _add_block(document, look, block)
        if starts_page(source.blocks, index, look):
            paragraph.paragraph_format.page_break_before = True
        if id(block) in bookmarks:
            _add_bookmark(paragraph, bookmarks[id(block)])
    output = io.BytesIO()
    document.save(output)
    return _fix_zip(output.getvalue())


def _set_section(document: WordDocument, look: Look, source: Source) -> None:
    """Set paper, margins, running head and page number; the first page bears neither."""
    section = document.sections[0]
    section.page_width, section.page_height = Mm(PAGE_WIDTH_MM), Mm(PAGE_HEIGHT_MM)
    section.left_margin = section.right_margin = Mm(look.margin)
    section.top_margin = section.bottom_margin = Mm(look.margin)
    section.header_distance = section.footer_distance = Mm(look.margin / 2)
    section.different_first_page_header_footer = True
    header = section.header.paragraphs[0]
    header.text = source.head.running_head
    _draw_rule(header, "bottom", look.colour)
    footer = section.footer.paragraphs[0]
    footer.alignment = WD_ALIGN_PARAGRAPH.CENTER
    before, _, rest = look.page_number.partition("{page}")
    middle, has_pages, after = rest.partition("{pages}")
    footer.add_run(before)
    _add_field(footer, "PAGE")
    footer.add_run(middle)
    if has_pages:
        _add_field(footer, "NUMPAGES")
        footer.add_run(after)


def _set_properties(document: WordDocument, source: Source) -> None:
    """Set title, author and dates."""
    properties = document.core_properties
    properties.title = f"{source.head.school}: {source.head.title}"
    properties.author = properties.last_modified_by = source.head.school
    properties.created = properties.modified = datetime(*MADE_ON)  # noqa: DTZ001 - python-docx wants it naive
    properties.comments = ""
    properties.language = source.head.language


def _add_title_page(document: WordDocument, look: Look, source: Source) -> None:
    """Add crest, school, title, subtitle and date, on a page of their own."""
    if look.colour != "000000":
        crest = document.add_paragraph()
        crest.alignment = WD_ALIGN_PARAGRAPH.CENTER
        crest.paragraph_format.space_before = Pt(90)
        crest.add_run().add_picture(io.BytesIO(draw_crest(look.colour, look.tint)), width=Mm(52))
    else:
        document.add_paragraph().paragraph_format.space_before = Pt(150)
    for index, line in enumerate(list_title_lines(source)):
        paragraph = document.add_paragraph(
            style="Title" if index < LARGE_TITLE_LINES else "Subtitle"
        )
        run = paragraph.add_run(line)
        if index == 0 and look.colour != "000000":
            shade(paragraph._p.get_or_add_pPr(), look.colour)
            run.font.color.rgb = RGBColor(255, 255, 255)


def _add_contents(
    document: WordDocument, look: Look, source: Source, heading_pages: Sequence[int]
) -> None:
    """Add a table of contents: the field that Word would update, filled with its result."""
    title = document.add_paragraph(CONTENTS_TITLE[source.head.language], style="Contents Title")
    title.paragraph_format.page_break_before = True
    headings = list_contents(source, look)
    paragraph = None
    for index, (heading, page) in enumerate(zip(headings, heading_pages, strict=True)):
        paragraph = document.add_paragraph(style=f"toc {heading.level}")
        paragraph.paragraph_format.tab_stops.add_tab_stop(
            Mm(PAGE_WIDTH_MM - 2 * look.margin), WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.DOTS
        )
        if index == 0:
            _add_field_part(paragraph, "begin")
            _add_instruction(paragraph, f'TOC \\o "1-{look.contents_depth}" \\h \\z \\u')
            _add_field_part(paragraph, "separate")
        link = OxmlElement("w:hyperlink")
        link.set(qn("w:anchor"), f"_Toc{index:04}")
        run = paragraph.add_run(f"{heading.text}\t{page}")
        link.append(run._r)
        paragraph._p.append(link)
    if paragraph is not None:
        _add_field_part(paragraph, "end")


def _turn_page(document: WordDocument, look: Look, blocks: Sequence[Block], index: int) -> None:
    """Begin a landscape section before a wide table and what leads to it; end it after them."""
    wanted = look.landscape_chars and _leads_to_wide_table(blocks[index:], look.landscape_chars)
    is_landscape = document.sections[-1].orientation == WD_ORIENT.LANDSCAPE
    if bool(wanted) == is_landscape:
        return
    section = document.add_section(WD_SECTION.NEW_PAGE)
    section.different_first_page_header_footer = False
    section.orientation = WD_ORIENT.LANDSCAPE if wanted else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = section.page_height, section.page_width


def _leads_to_wide_table(blocks: Sequence[Block], char_count: int) -> bool:
    """Return whether a wordy table follows, after its headings and one paragraph at most."""
    for index, block in enumerate(blocks):
        if isinstance(block, Table):
            return sum(map(len, chain.from_iterable(block.rows))) >= char_count
        if index and not isinstance(block, Paragraph):
            return False
    return False


def _add_block(document: WordDocument, look: Look, block: Block) -> WordParagraph:
    """Add one block of the body, and return its paragraph."""
    match block:
        case Heading(level, text):
            return document.add_paragraph(text, style=f"Heading {level}")
        case Paragraph(text):
            return document.add_paragraph(text)
        case Bullet(text):
            return document.add_paragraph(text, style="List Bullet")
        case Table():
            return _add_table(document, look, block)


def _add_table(document: WordDocument, look: Look, block: Table) -> WordParagraph:
    """Add a ruled table whose head row is shaded and repeated, and whose rows never break.

    Returns the empty paragraph after it.
    """
    table = document.add_table(rows=0, cols=len(block.head))
    table.style = "Table Grid"
    table.autofit = False
    is_landscape = document.sections[-1].orientation == WD_ORIENT.LANDSCAPE
    room = Mm((PAGE_HEIGHT_MM if is_landscape else PAGE_WIDTH_MM) - 2 * look.margin)
    widths = [int(room * share) for share in widths_of(block)]
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    for index, texts in enumerate([block.head, *block.rows]):
        row = table.add_row()
        properties = row._tr.get_or_add_trPr()
        properties.append(OxmlElement("w:cantSplit"))
        if index == 0:
            properties.append(OxmlElement("w:tblHeader"))
        for cell, text, width in zip(row.cells, texts, widths, strict=True):
            cell.width = width
            cell.paragraphs[0].style = "Table Head" if index == 0 else "Table Text"
            cell.paragraphs[0].add_run(text)
            if index == 0:
                shade(cell._tc.get_or_add_tcPr(), look.tint)
    return document.add_paragraph(style="Table Text")


def _add_field(paragraph: WordParagraph, instruction: str) -> None:
    """Add a field that shows a number."""
    _add_field_part(paragraph, "begin")
    _add_instruction(paragraph, instruction)
    _add_field_part(paragraph, "separate")
    paragraph.add_run("1")
    _add_field_part(paragraph, "end")


def _add_field_part(paragraph: WordParagraph, kind: str) -> None:
    """Add the beginning, middle or end of a field."""
    part = OxmlElement("w:fldChar")
    part.set(qn("w:fldCharType"), kind)
    paragraph.add_run()._r.append(part)


def _add_instruction(paragraph: WordParagraph, instruction: str) -> None:
    """Add what a field computes."""
    part = OxmlElement("w:instrText")
    part.set(qn("xml:space"), "preserve")
    part.text = f" {instruction} "
    paragraph.add_run()._r.append(part)


def _add_bookmark(paragraph: WordParagraph, name: str) -> None:
    """Put a bookmark around a heading, for the contents to lead to."""
    start, end = OxmlElement("w:bookmarkStart"), OxmlElement("w:bookmarkEnd")
    for part in (start, end):
        part.set(qn("w:id"), str(int(name.removeprefix("_Toc"))))
    start.set(qn("w:name"), name)
    paragraph._p.insert(1 if paragraph._p.pPr is not None else 0, start)
    paragraph._p.append(end)


def _draw_rule(paragraph: WordParagraph, side: str, colour: str) -> None:
    """Draw a thin line above or below a paragraph."""
    borders, line = OxmlElement("w:pBdr"), OxmlElement(f"w:{side}")
    attributes: dict[str, Any] = {"val": "single", "sz": "6", "space": "4", "color": colour}
    for name, value in attributes.items():
        line.set(qn(f"w:{name}"), value)
    borders.append(line)
    paragraph._p.get_or_add_pPr().append(borders)


def _fix_zip(docx: bytes) -> bytes:
    """Return the DOCX with a fixed time at every member."""
    output = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(docx)) as old, zipfile.ZipFile(output, "w") as new:
        for member in old.infolist():
            info = zipfile.ZipInfo(member.filename, MADE_ON)
            new.writestr(info, old.read(member), zipfile.ZIP_DEFLATED)
    return output.getvalue()
