import pytest

from evidence_mapper import errors
from evidence_mapper.records import BlockKind
from reading_helpers import find, read, texts


def page(body: str, head: str = "") -> bytes:
    return f"<!DOCTYPE html><html><head>{head}</head><body>{body}</body></html>".encode()


def test_headings_paragraphs_and_items_are_blocks():
    content = read(
        page("<h1>Report</h1><p>Pupils <b>do</b>\n well.</p><ul><li>One</li><li>Two</li></ul>")
    )
    assert [block.kind for block in content.blocks] == [
        BlockKind.HEADING,
        BlockKind.PARAGRAPH,
        BlockKind.BULLET,
        BlockKind.BULLET,
    ]
    assert texts(content) == ["Report", "Pupils do well.", "One", "Two"]


def test_sections_are_pages_under_the_heading_that_parts_the_document():
    content = read(page("<h1>Report</h1><p>a</p><h2>Vision</h2><p>b</p><h2>Teaching</h2><p>c</p>"))
    assert [p.label for p in content.pages] == ["Report", "Vision", "Teaching"]


def test_menus_scripts_and_hidden_text_are_left_out():
    content = read(
        page(
            "<nav>Home</nav><script>x()</script><p>Seen.</p><style>p{}</style><footer>Foot</footer>"
            "<p hidden>No</p><p style='display: none'>No</p><!-- no --><noscript>No</noscript>",
            head="<title>Title</title>",
        )
    )
    assert texts(content) == ["Seen."]


def test_text_after_an_element_that_is_left_out_stays():
    assert texts(read(page("<p>We <script>x</script>care <svg>no</svg>much.</p>"))) == [
        "We care much."
    ]


def test_nested_lists_and_paragraphs_in_items_keep_their_order():
    content = read(page("<ul><li>Outer<ul><li><p>Inner</p></li></ul>after</li></ul>"))
    assert texts(content, BlockKind.BULLET) == ["Outer", "Inner", "after"]


def test_a_table_row_is_one_block_with_its_head():
    rows = (
        "<tr><th>Area</th><th>Impact</th></tr><tr><td>Maths</td><td>Good <i>progress</i>.</td></tr>"
    )
    content = read(page(f"<h2>Work</h2><table><caption>c</caption>{rows}</table><p>After.</p>"))
    assert find(content, "Maths").heading == "Work — Area | Impact"
    assert texts(content, BlockKind.TABLE_ROW) == ["Maths | Good progress."]
    assert texts(content)[-1] == "After."


def test_a_table_for_layout_is_text():
    assert texts(read(page("<table><tr><td><h2>A</h2><p>Text.</p></td></tr></table>"))) == [
        "A",
        "Text.",
    ]


def test_loose_text_and_line_breaks_are_kept():
    assert texts(read(page("Loose<br>text<div>Block</div>tail"))) == ["Loose text", "Block", "tail"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
def test_the_encoding_is_found(encoding: str):
    assert texts(read("<!DOCTYPE html><p>Café – ôl</p>".encode(encoding))) == ["Café – ôl"]


def test_a_declared_encoding_is_used():
    data = '<html><meta charset="iso-8859-14"><p>tŷ a dŵr</p></html>'.encode("iso-8859-14")
    assert texts(read(data)) == ["tŷ a dŵr"]


def test_entities_are_letters():
    data = page("<p>D&#373;r &amp; t&#x177;,&nbsp;&ocirc;l</p>")
    assert texts(read(data)) == ["Dŵr & tŷ, ôl"]


def test_a_page_without_a_word_is_empty():
    with pytest.raises(errors.EmptyDocument):
        read(page("<script>x()</script>"))
