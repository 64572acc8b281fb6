"""Styles, list markers and column widths of the DOCX samples."""

import math

from docx.document import Document as WordDocument
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Pt, RGBColor
from docx.styles.style import ParagraphStyle

from builder.looks import Look
from builder.source import Table

# Word's own measures relative to the body's size.
HEADING_SIZES = {1: 1.55, 2: 1.22, 3: 1.05}
NEW_STYLES = ("Contents Title", "Table Head", "Table Text", "toc 1", "toc 2", "toc 3")
# A line of bold text across the page has 75 characters or more in these looks.
CHARS_PER_LINE = 75
WORD_LANGUAGES = {"en": "en-GB", "cy": "cy-GB"}


def set_styles(document: WordDocument, look: Look, language: str) -> None:
    """Give the template's styles the look's fonts, sizes and colours, and add what it lacks."""
    styles = document.styles
    for name in NEW_STYLES:
        styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH).base_style = styles["Normal"]
    names = ("Normal", "Title", "Subtitle", "Heading 1", "Heading 2", "Heading 3", *NEW_STYLES)
    for name in names:
        _set_font(styles[name], look.font)
    normal = styles["Normal"]
    normal.font.size = Pt(look.size)
    normal.paragraph_format.line_spacing = look.leading
    normal.paragraph_format.space_after = Pt(look.space_after)
    normal.paragraph_format.widow_control = True
    _set_language(normal, WORD_LANGUAGES[language])
    for level, factor in HEADING_SIZES.items():
        heading = styles[f"Heading {level}"]
        heading.font.size = Pt(round(look.size * factor * 2) / 2)
        heading.font.color.rgb = RGBColor.from_string(look.colour)
        heading.font.bold = True
        heading.font.italic = False
        heading.paragraph_format.space_before = Pt(look.space_after * (3.2 - 0.6 * level))
        heading.paragraph_format.space_after = Pt(look.space_after * 0.8)
        heading.paragraph_format.keep_with_next = True
        contents = styles[f"toc {level}"]
        contents.paragraph_format.left_indent = Pt(14 * (level - 1))
        contents.paragraph_format.space_after = Pt(2 if level > 1 else 3)
        contents.font.size = Pt(look.size - 0.5)
        contents.paragraph_format.line_spacing = 1.0
    styles["toc 1"].font.bold = look.contents_depth > 1
    _set_title_styles(document, look)
    styles["List Bullet"].paragraph_format.space_after = Pt(look.space_after * 0.5)
    for name in ("Table Head", "Table Text"):
        styles[name].font.size = Pt(look.size - 1)
        styles[name].font.bold = name == "Table Head"
        styles[name].paragraph_format.space_after = Pt(2)
        styles[name].paragraph_format.space_before = Pt(2)
        styles[name].paragraph_format.line_spacing = 1.0
    styles["Header"].font.size = styles["Footer"].font.size = Pt(look.size - 2)


def _set_title_styles(document: WordDocument, look: Look) -> None:
    """Set the title page and the title of the contents."""
    for name, size in (
        ("Title", look.title_size),
        ("Subtitle", 16),
        ("Contents Title", look.size * 1.55),
    ):
        style = document.styles[name]
        style.font.size = Pt(size)
        style.font.color.rgb = RGBColor.from_string(look.colour)
        style.font.bold = name != "Subtitle"
        style.font.italic = False
        style.paragraph_format.space_after = Pt(12)
        if name != "Contents Title":
            style.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
        for border in style.element.findall(f".//{qn('w:pBdr')}"):
            border.getparent().remove(border)


def _set_font(style: ParagraphStyle, font: str) -> None:
    """Set the font for all scripts; a theme font in the template would win otherwise."""
    style.font.name = font
    fonts = style.element.rPr.rFonts
    for attribute in list(fonts.attrib):
        del fonts.attrib[attribute]
    for script in ("ascii", "hAnsi", "cs", "eastAsia"):
        fonts.set(qn(f"w:{script}"), font)


def _set_language(style: ParagraphStyle, language: str) -> None:
    """Set the language that Word would check the spelling of."""
    part = OxmlElement("w:lang")
    part.set(qn("w:val"), language)
    style.element.get_or_add_rPr().append(part)


def set_list_marker(document: WordDocument, marker: str) -> None:
    """Give the style "List Bullet" a marker in the body's own font."""
    number = document.styles["List Bullet"].element.pPr.numPr.numId.val
    numbering = document.part.numbering_part.element
    abstract = numbering.num_having_numId(number).abstractNumId.val
    for definition in numbering.findall(qn("w:abstractNum")):
        if definition.get(qn("w:abstractNumId")) == str(abstract):
            level = definition.find(qn("w:lvl"))
            level.find(qn("w:lvlText")).set(qn("w:val"), marker)
            properties = level.find(qn("w:rPr"))
            if properties is not None:
                level.remove(properties)


def shade(properties: BaseOxmlElement, colour: str) -> None:
    """Fill a paragraph or a cell with a colour."""
    part = OxmlElement("w:shd")
    for name, value in (("val", "clear"), ("color", "auto"), ("fill", colour)):
        part.set(qn(f"w:{name}"), value)
    properties.append(part)


def widths_of(table: Table) -> list[float]:
    """Return the share of the width for each column, by the root of its text's length.

    No column is too narrow for its longest word.
    """
    columns = list(zip(table.head, *table.rows, strict=True))
    weights = [math.sqrt(sum(map(len, cells))) for cells in columns]
    least = [(max(map(len, " ".join(cells).split())) + 2) / CHARS_PER_LINE for cells in columns]
    spare = 1 - sum(least)
    return [
        minimum + spare * weight / sum(weights)
        for weight, minimum in zip(weights, least, strict=True)
    ]
