"""Makes a glossy PDF with reportlab: colour bands, boxes, ticks, tables without upright rules."""

import io
from collections.abc import Sequence
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor, white
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    CondPageBreak,
    Flowable,
    Frame,
    NextPageTemplate,
    PageBreak,
    PageTemplate,
    Spacer,
    TableStyle,
)
from reportlab.platypus import Paragraph as Text
from reportlab.platypus import Table as Grid

from builder.crest import draw_crest
from builder.looks import CONTENTS_TITLE, Look, starts_page
from builder.source import Block, Bullet, Heading, Paragraph, Source, Table
from builder.truth import LARGE_TITLE_LINES, list_contents, list_title_lines
from builder.word_styles import widths_of

# The files of a look's font, regular and bold.
FONT_FILES = {
    "Carlito": ("Carlito-Regular.ttf", "Carlito-Bold.ttf"),
    "Liberation Sans": ("LiberationSans-Regular.ttf", "LiberationSans-Bold.ttf"),
}
MARKS_FILE = "DejaVuSans.ttf"
BAND_HEIGHT = 13 * mm
# Relative to the size of the body.
COVER_SIZES = (3.4, 2.3, 1.6)
HEADING_SIZES = {2: 1.25, 3: 1.08}


class GlossyTemplate(BaseDocTemplate):
    """Draws the cover, and the band and the number of every other page."""

    def __init__(self, output: io.BytesIO, source: Source, look: Look) -> None:
        super().__init__(
            output,
            pagesize=A4,
            invariant=True,
            title=f"{source.head.school}: {source.head.title}",
            author=source.head.school,
            lang=f"{source.head.language}-GB",
        )
        self.source, self.look = source, look
        margin, (width, height) = look.margin * mm, A4
        room = Frame(
            margin, 20 * mm, width - 2 * margin, height - 20 * mm - BAND_HEIGHT - 8 * mm, 0, 0, 0, 0
        )
        cover = Frame(margin, 20 * mm, width - 2 * margin, height - 40 * mm, id="cover")
        self.addPageTemplates(
            [
                PageTemplate("cover", [cover], onPage=self.draw_cover),
                PageTemplate("body", [room], onPage=self.draw_furniture),
            ]
        )

    def draw_cover(self, canvas: Canvas, _: BaseDocTemplate) -> None:
        """Draw the cover: a full page of colour, a slanted light field, the crest."""
        width, height = A4
        canvas.setFillColor(HexColor(f"#{self.look.colour}"))
        canvas.rect(0, 0, width, height, stroke=0, fill=1)
        canvas.setFillColor(HexColor(f"#{self.look.tint}"))
        field = canvas.beginPath()
        for x, y in ((0, 0), (width, 0), (width, height * 0.30), (0, height * 0.42)):
            (field.lineTo if (x, y) != (0, 0) else field.moveTo)(x, y)
        field.close()
        canvas.drawPath(field, stroke=0, fill=1)
        crest = ImageReader(io.BytesIO(draw_crest(self.look.colour, self.look.tint)))
        canvas.setFillColor(white)
        canvas.circle(width - 55 * mm, 60 * mm, 33 * mm, stroke=0, fill=1)
        canvas.drawImage(crest, width - 77 * mm, 38 * mm, 44 * mm, 44 * mm)

    def draw_furniture(self, canvas: Canvas, _: BaseDocTemplate) -> None:
        """Draw the coloured band with the running head, and the number in a disc."""
        width, height = A4
        canvas.setFillColor(HexColor(f"#{self.look.colour}"))
        canvas.rect(0, height - BAND_HEIGHT, width, BAND_HEIGHT, stroke=0, fill=1)
        canvas.circle(width - self.look.margin * mm, 11 * mm, 5 * mm, stroke=0, fill=1)
        canvas.setFillColor(white)
        canvas.setFont("Body", 9)
        canvas.drawString(self.look.margin * mm, height - 8.5 * mm, self.source.head.running_head)
        canvas.setFont("Bold", 10)
        number = self.look.page_number.format(page=canvas.getPageNumber())
        canvas.drawCentredString(width - self.look.margin * mm, 9.8 * mm, number)


def make_pdf(source: Source, look: Look, heading_pages: Sequence[int]) -> bytes:
    """Return the PDF of a source, with a page number beside each heading of the contents."""
    for name, file in zip(
        ("Body", "Bold", "Marks"), (*FONT_FILES[look.font], MARKS_FILE), strict=True
    ):
        pdfmetrics.registerFont(TTFont(name, file))
    output = io.BytesIO()
    template = GlossyTemplate(output, source, look)
    writer = StoryWriter(look)
    story = writer.list_title(list_title_lines(source))
    story += writer.list_contents(
        CONTENTS_TITLE[source.head.language], list_contents(source, look), heading_pages
    )
    for index, block in enumerate(source.blocks):
        if index and starts_page(source.blocks, index, look):
            story.append(PageBreak())
        story += writer.list_flowables(block, source.blocks[index - 1] if index else None)
    template.build(story)
    return output.getvalue()


class StoryWriter:
    """Turns blocks into flowables in a look."""

    def __init__(self, look: Look) -> None:
        self.look = look
        self.colour, self.tint = HexColor(f"#{look.colour}"), HexColor(f"#{look.tint}")
        self.width = A4[0] - 2 * look.margin * mm
        self.list_count = 0

    def make_style(self, factor: float = 1.0, **changes: object) -> ParagraphStyle:
        """Return the body's style, larger or smaller by a factor, with changes."""
        size = self.look.size * factor
        values: dict[str, object] = {
            "fontName": "Body",
            "fontSize": size,
            "leading": size * self.look.leading,
            "spaceAfter": self.look.space_after,
        }
        return ParagraphStyle("", **(values | changes))

    def list_title(self, lines: Sequence[str]) -> list[Flowable]:
        """Return the cover's words."""
        story: list[Flowable] = [Spacer(1, 38 * mm)]
        for index, line in enumerate(lines):
            style = self.make_style(
                COVER_SIZES[min(index, LARGE_TITLE_LINES)],
                fontName="Bold" if index < LARGE_TITLE_LINES else "Body",
                textColor=white,
                spaceAfter=6 * mm,
            )
            story.append(Text(escape(line), style))
        return [*story, NextPageTemplate("body"), PageBreak()]

    def list_contents(
        self, title: str, headings: Sequence[Heading], pages: Sequence[int]
    ) -> list[Flowable]:
        """Return the contents: a heading and a row of dots and a number for each entry."""
        story: list[Flowable] = [
            Text(escape(title), self.make_style(1.9, fontName="Bold", textColor=self.colour))
        ]
        for heading, page in zip(headings, pages, strict=True):
            font = "Bold" if heading.level == 1 else "Body"
            indent = 6 * mm * (heading.level - 1)
            left = pdfmetrics.stringWidth(heading.text, font, self.look.size) + indent
            dots = "." * int(
                (self.width - left - 14 * mm) / pdfmetrics.stringWidth(".", font, self.look.size)
            )
            style = self.make_style(fontName=font, leftIndent=indent, spaceAfter=0)
            number = self.make_style(fontName=font, alignment=TA_RIGHT)
            entry = Text(f"{escape(heading.text)} {dots}", style)
            row = Grid([[entry, Text(str(page), number)]], [self.width - 10 * mm, 10 * mm])
            row.setStyle(_make_table_style(padding=1.2))
            story.append(row)
        return [*story, PageBreak()]

    def list_flowables(self, block: Block, block_before: Block | None) -> list[Flowable]:
        """Return the flowables of a block; the paragraph under a section's title is boxed."""
        match block:
            case Heading(1, text):
                return self._list_banner(text)
            case Heading(level, text):
                style = self.make_style(
                    HEADING_SIZES[level],
                    fontName="Bold",
                    textColor=self.colour,
                    spaceBefore=7,
                    keepWithNext=1,
                )
                return [Text(escape(text), style)]
            case Paragraph(text):
                if isinstance(block_before, Heading) and block_before.level == 1:
                    return self._list_box(text)
                return [Text(escape(text), self.make_style(allowWidows=0, allowOrphans=0))]
            case Bullet(text):
                self.list_count += not isinstance(block_before, Bullet)
                return [self._make_bullet(text)]
            case Table():
                return self._list_table(block)

    def _list_banner(self, text: str) -> list[Flowable]:
        """Return a section's title, white on a band of colour."""
        style = self.make_style(1.7, fontName="Bold", textColor=white, spaceAfter=0)
        banner = Grid([[Text(escape(text), style)]], [self.width])
        banner.setStyle(_make_table_style(("BACKGROUND", (0, 0), (-1, -1), self.colour), padding=8))
        return [CondPageBreak(60 * mm), Spacer(1, 2 * mm), banner, Spacer(1, 4 * mm)]

    def _list_box(self, text: str) -> list[Flowable]:
        """Return a paragraph in a tinted box with a coloured edge."""
        box = Grid([[Text(escape(text), self.make_style(1.04, spaceAfter=0))]], [self.width])
        box.setStyle(
            _make_table_style(
                ("BACKGROUND", (0, 0), (-1, -1), self.tint),
                ("LINEBEFORE", (0, 0), (0, -1), 3, self.colour),
                padding=8,
            )
        )
        return [box, Spacer(1, 4 * mm)]

    def _make_bullet(self, text: str) -> Flowable:
        """Return a bullet under the glyph of its list: lists of one school seldom agree."""
        style = self.make_style(
            leftIndent=6 * mm,
            bulletFontName="Marks",
            bulletFontSize=self.look.size - 2,
            bulletColor=self.colour,
            spaceAfter=self.look.space_after * 0.6,
        )
        marker = self.look.marker[(self.list_count - 1) % len(self.look.marker)]
        return Text(escape(text), style, bulletText=marker)

    def _list_table(self, table: Table) -> list[Flowable]:
        """Return a table with tinted rows and horizontal rules alone."""
        cell = self.make_style(0.92, spaceAfter=0)
        head = self.make_style(0.92, spaceAfter=0, fontName="Bold", textColor=self.colour)
        rows = [[Text(escape(text), head) for text in table.head]]
        rows += [[Text(escape(text), cell) for text in row] for row in table.rows]
        widths = [self.width * share for share in widths_of(table)]
        grid = Grid(rows, widths, repeatRows=1, splitByRow=1)
        grid.setStyle(
            _make_table_style(
                ("LINEABOVE", (0, 0), (-1, 0), 1.2, self.colour),
                ("LINEBELOW", (0, 0), (-1, 0), 1.2, self.colour),
                ("LINEBELOW", (0, 1), (-1, -1), 0.4, HexColor("#9AA9B5")),
                ("ROWBACKGROUNDS", (0, 1), (-1, -1), [white, self.tint]),
                padding=4,
            )
        )
        return [Spacer(1, 2 * mm), grid, Spacer(1, 5 * mm)]


def _make_table_style(*commands: tuple[object, ...], padding: float) -> TableStyle:
    """Return a style with even padding and cells that begin at the top."""
    sides = ("LEFTPADDING", "RIGHTPADDING", "TOPPADDING", "BOTTOMPADDING")
    even = [(side, (0, 0), (-1, -1), padding) for side in sides]
    return TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), *even, *commands])
