"""Makes the HTML that Chromium prints."""

import base64
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from builder.crest import draw_crest
from builder.looks import CONTENTS_TITLE, Look
from builder.source import Block, Bullet, Heading, Paragraph, Source, Table
from builder.truth import list_contents, list_title_lines
from builder.word_styles import widths_of

TEMPLATES = Path(__file__).parent / "templates"


def make_html(source: Source, look: Look, heading_pages: Sequence[int]) -> str:
    """Return the page that is printed for a source, by the template of its slug."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    headings = list_contents(source, look)
    crest = base64.b64encode(draw_crest(look.colour, look.tint)).decode()
    return environment.get_template(f"{source.slug}.html").render(
        head=source.head,
        look=look,
        crest=f"data:image/png;base64,{crest}",
        title_lines=list_title_lines(source),
        contents_title=CONTENTS_TITLE[source.head.language],
        contents=list(zip(headings, heading_pages, strict=True)),
        body=Markup("\n").join(_list_elements(source.blocks)),
    )


def _list_elements(blocks: Sequence[Block]) -> Iterator[Markup]:
    """Yield the elements of the body; bullets that follow each other share a list."""
    for is_list, group in groupby(blocks, lambda block: isinstance(block, Bullet)):
        if is_list:
            items = (
                Markup("<li>{}</li>").format(item.text)
                for item in group
                if isinstance(item, Bullet)
            )
            yield Markup("<ul>{}</ul>").format(Markup("").join(items))
        else:
            yield from map(_make_element, group)


def _make_element(block: Block) -> Markup:
    """Return the element of a heading, paragraph or table."""
    match block:
        case Heading(level, text):
            return Markup("<h{}>{}</h{}>").format(level, text, level)
        case Table():
            return _make_table(block)
        case Paragraph(text) | Bullet(text):
            return Markup("<p>{}</p>").format(text)


def _make_table(table: Table) -> Markup:
    """Return a table with a column group, so that wordy columns are wide."""
    columns = Markup("").join(
        Markup('<col style="width: {:.1f}%">').format(100 * share) for share in widths_of(table)
    )
    head = Markup("").join(Markup("<th>{}</th>").format(cell) for cell in table.head)
    rows = Markup("\n").join(
        Markup("<tr>{}</tr>").format(
            Markup("").join(Markup("<td>{}</td>").format(cell) for cell in row)
        )
        for row in table.rows
    )
    return Markup(
        "<table><colgroup>{}</colgroup><thead><tr>{}</tr></thead>\n<tbody>{}</tbody></table>"
    ).format(columns, head, rows)
