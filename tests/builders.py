"""Build the smallest real documents that a test needs."""

import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reportlab.lib.pagesizes import A4
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

LEFT, RIGHT, TOP, BOTTOM = 72.0, 523.0, 742.0, 72.0
SIZE, LEADING = 11.0, 13.5


@dataclass(frozen=True)
class Heading:
    """A heading, larger than the text and bold."""

    text: str
    size: float = 15.0


@dataclass(frozen=True)
class Bullets:
    """A list with hanging signs."""

    items: Sequence[str]
    sign: str = "\u2022"


@dataclass(frozen=True)
class Columns:
    """Columns of text side by side; each is a list of paragraphs."""

    columns: Sequence[Sequence[str]]
    gutter: float = 24.0


@dataclass(frozen=True)
class Table:
    """A table; `rules` is "grid", "horizontal" or "none"."""

    rows: Sequence[Sequence[str]]
    rules: str = "grid"
    is_head_bold: bool = True


@dataclass(frozen=True)
class Lines:
    """Lines just as they are, without wrapping."""

    lines: Sequence[str]


@dataclass(frozen=True)
class At:
    """A text at one place: points from the left and from the top."""

    x: float
    top: float
    text: str
    size: float = SIZE
    font: str = "Helvetica"


@dataclass(frozen=True)
class Picture:
    """A grey area instead of text, as a scan has."""


Item = str | Heading | Bullets | Columns | Table | Lines | At | Picture


def make_pdf(
    pages: Sequence[Item | Sequence[Item]],
    *,
    head: str = "",
    foot: str = "",
    rotate: int = 0,
    encryption: StandardEncryption | None = None,
) -> bytes:
    """Return a PDF; a page is one item or several, and {page} in head and foot is its number."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, invariant=1, encrypt=encryption)
    for number, page in enumerate(pages, start=1):
        canvas.setPageRotation(rotate)
        if rotate == 90:
            canvas.translate(A4[0], 0)
            canvas.rotate(90)
        if head:
            _write(canvas, LEFT, 800, head.format(page=number), "Helvetica", 9)
        if foot:
            _write(canvas, LEFT, 40, foot.format(page=number), "Helvetica", 9)
        items = [page] if isinstance(page, Item) else page
        y = TOP
        for item in items:
            y = _draw(canvas, item, y)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _draw(canvas: Canvas, item: Item, y: float) -> float:
    if isinstance(item, str):
        return _paragraph(canvas, item, LEFT, RIGHT, y)
    if isinstance(item, Heading):
        _write(canvas, LEFT, y, item.text, "Helvetica-Bold", item.size)
        return y - item.size * 1.7
    if isinstance(item, At):
        _write(canvas, item.x, A4[1] - item.top, item.text, item.font, item.size)
        return y
    if isinstance(item, Picture):
        canvas.setFillGray(0.5)
        canvas.rect(LEFT, BOTTOM, 300, 400, stroke=0, fill=1)
        return y
    draw = {Bullets: _bullets, Lines: _lines, Columns: _columns, Table: _table}[type(item)]
    return draw(canvas, item, y)


def _bullets(canvas: Canvas, item: Bullets, y: float) -> float:
    for text in item.items:
        _write(canvas, LEFT, y, item.sign)
        y = _paragraph(canvas, text, LEFT + 18, RIGHT, y)
    return y


def _lines(canvas: Canvas, item: Lines, y: float) -> float:
    for line in item.lines:
        _write(canvas, LEFT, y, line)
        y -= LEADING
    return y - 8


def _write(
    canvas: Canvas, x: float, y: float, text: str, font: str = "Helvetica", size: float = SIZE
) -> None:
    canvas.setFillGray(0)
    canvas.setFont(font, size)
    canvas.drawString(x, y, text)


def _paragraph(canvas: Canvas, text: str, x0: float, x1: float, y: float) -> float:
    for line in simpleSplit(text, "Helvetica", SIZE, x1 - x0):
        _write(canvas, x0, y, line)
        y -= LEADING
    return y - 8


def _columns(canvas: Canvas, item: Columns, y: float) -> float:
    count = len(item.columns)
    width = (RIGHT - LEFT - item.gutter * (count - 1)) / count
    ends = []
    for number, paragraphs in enumerate(item.columns):
        x0 = LEFT + number * (width + item.gutter)
        end = y
        for text in paragraphs:
            end = _paragraph(canvas, text, x0, x0 + width, end)
        ends.append(end)
    return min(ends)


def _table(canvas: Canvas, item: Table, y: float) -> float:
    count = max(len(row) for row in item.rows)
    width = (RIGHT - LEFT) / count
    tops = [y + SIZE]
    for number, row in enumerate(item.rows):
        font = "Helvetica-Bold" if number == 0 and item.is_head_bold else "Helvetica"
        cells = [simpleSplit(text, font, 10, width - 12) for text in row]
        for column, lines in enumerate(cells):
            for index, line in enumerate(lines):
                _write(canvas, LEFT + column * width + 6, y - index * 12, line, font, 10)
        y -= max(len(lines) for lines in cells) * 12 + 6
        tops.append(y + SIZE)
    if item.rules != "none":
        for top in tops:
            canvas.line(LEFT, top, RIGHT, top)
    if item.rules == "grid":
        for column in range(count + 1):
            canvas.line(LEFT + column * width, tops[0], LEFT + column * width, tops[-1])
    return y - 14


def wrap_over_pages(text: str, lines_on_first: int) -> tuple[Lines, Lines]:
    """Return a paragraph's lines, full to the edge, cut into those of two pages."""
    lines = simpleSplit(text, "Helvetica", SIZE, RIGHT - LEFT)
    return Lines(lines[:lines_on_first]), Lines(lines[lines_on_first:])


def text_width(text: str) -> float:
    """Return the width of a text in points."""
    return stringWidth(text, "Helvetica", SIZE)


_CONTENT_TYPES = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-'
    'officedocument.wordprocessingml.document.main+xml"/>'
    '<Override PartName="/word/styles.xml" ContentType="application/vnd.openxmlformats-'
    'officedocument.wordprocessingml.styles+xml"/></Types>'
)
_RELATIONS = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
    'relationships/officeDocument" Target="word/document.xml"/></Relationships>'
)
_PART_RELATIONS = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
    'relationships/styles" Target="styles.xml"/></Relationships>'
)
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_STYLES = (
    f'<?xml version="1.0" encoding="UTF-8"?><w:styles {W}>'
    '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/>'
    "</w:style>"
    '<w:style w:type="paragraph" w:styleId="Pennawd1"><w:name w:val="heading 1"/>'
    '<w:pPr><w:outlineLvl w:val="0"/></w:pPr></w:style>'
    '<w:style w:type="paragraph" w:styleId="Pennawd2"><w:name w:val="heading 2"/>'
    '<w:basedOn w:val="Pennawd1"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="School"><w:name w:val="Our own heading"/>'
    '<w:basedOn w:val="Pennawd1"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="TOC1"><w:name w:val="toc 1"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="Rhestr"><w:name w:val="List Bullet"/></w:style>'
    "</w:styles>"
)


def make_docx(body: str, *, prolog: str = "", extra: Sequence[tuple[str, bytes]] = ()) -> bytes:
    """Return a DOCX with the given WordprocessingML inside its body."""
    document = (
        f'<?xml version="1.0" encoding="UTF-8"?>{prolog}<w:document {W} '
        'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
        'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
        'xmlns:v="urn:schemas-microsoft-com:vml">'
        f"<w:body>{body}<w:sectPr/></w:body></w:document>"
    )
    return make_zip(
        [
            ("[Content_Types].xml", _CONTENT_TYPES.encode()),
            ("_rels/.rels", _RELATIONS.encode()),
            ("word/document.xml", document.encode()),
            ("word/_rels/document.xml.rels", _PART_RELATIONS.encode()),
            ("word/styles.xml", _STYLES.encode()),
            *extra,
        ]
    )


def make_zip(members: Sequence[tuple[str, bytes]]) -> bytes:
    """Return a zip with the same bytes every time."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            member = zipfile.ZipInfo(name, (2025, 1, 1, 0, 0, 0))
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, data)
    return buffer.getvalue()


def docx_paragraph(text: str, style: str = "", *, run: str = "") -> str:
    """Return a paragraph; `run` is put into the run's properties."""
    named = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    properties = f"<w:rPr>{run}</w:rPr>" if run else ""
    return f'<w:p>{named}<w:r>{properties}<w:t xml:space="preserve">{text}</w:t></w:r></w:p>'


def docx_table(rows: Sequence[Sequence[str]]) -> str:
    """Return a table; a cell that begins with "<" is taken as it is."""
    return "<w:tbl>" + "".join(_docx_rows(rows)) + "</w:tbl>"


def _docx_rows(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    for row in rows:
        cells = (cell if cell.startswith("<") else docx_paragraph(cell) for cell in row)
        yield "<w:tr>" + "".join(f"<w:tc>{cell}</w:tc>" for cell in cells) + "</w:tr>"
