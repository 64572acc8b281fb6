import pytest

from builders import docx_paragraph, docx_table, make_docx, make_zip
from evidence_mapper import errors
from evidence_mapper.records import BlockKind
from reading_helpers import find, read, texts

P = docx_paragraph
LONG_CELL = "Teachers plan together each week and share what works. " * 12


def test_each_top_level_heading_begins_a_page():
    body = (
        P("Before.") + P("Leadership", "Pennawd1") + P("Leaders share a vision.")
        + P("Governors", "Pennawd2") + P("They visit.")
        + P("Teaching", "Pennawd1") + P("It is good.")
    )  # fmt: skip
    content = read(make_docx(body))
    assert not content.is_paged
    assert [page.label for page in content.pages] == ["Beginning", "Leadership", "Teaching"]
    assert [page.number for page in content.pages] == [1, 2, 3]
    assert content.pages[1].text == "Leadership\nLeaders share a vision.\nGovernors\nThey visit."
    assert find(content, "They visit").heading == "Governors"
    assert [find(content, text).level for text in ("Leadership", "Governors")] == [1, 2]


def test_headings_are_known_by_their_styles_in_any_language_and_by_outline_level():
    outlined = '<w:p><w:pPr><w:outlineLvl w:val="1"/></w:pPr><w:r><w:t>Outlined</w:t></w:r></w:p>'
    content = read(make_docx(P("Based", "School") + outlined + P("Text.")))
    assert texts(content, BlockKind.HEADING) == ["Based", "Outlined"]
    assert find(content, "Outlined").level == 2


def test_a_short_bold_paragraph_is_a_heading_and_a_bold_sentence_is_not():
    body = (
        P("Our aims", run="<w:b/>")
        + P("We aim high.", run="<w:b/>")
        + P("Text", run='<w:b w:val="0"/>')
    )
    content = read(make_docx(body))
    assert texts(content, BlockKind.HEADING) == ["Our aims"]


def test_a_long_label_is_shortened():
    content = read(
        make_docx(
            P("Leadership and management of the school and of all its people together", "Pennawd1")
        )
    )
    assert len(content.pages[0].label) == 60
    assert content.pages[0].label.endswith("…")


def test_lists_are_bullets_whether_numbered_styled_or_typed():
    numbered = (
        '<w:p><w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="3"/></w:numPr></w:pPr>'
        "<w:r><w:t>Numbered item</w:t></w:r></w:p>"
    )
    off = numbered.replace('numId w:val="3"', 'numId w:val="0"').replace(
        "Numbered item", "Not an item"
    )
    content = read(make_docx(numbered + off + P("Styled item", "Rhestr") + P("• Typed item")))
    assert texts(content, BlockKind.BULLET) == ["Numbered item", "Styled item", "Typed item"]
    assert texts(content, BlockKind.PARAGRAPH) == ["Not an item"]
    assert "• Typed item" in content.pages[0].text


def test_tables_stand_where_a_reader_meets_them():
    table = docx_table([["Priority", "Impact"], ["Reading", "Most pupils read with confidence."]])
    content = read(make_docx(P("Before.") + table + P("After.")))
    assert texts(content) == ["Before.", "Reading | Most pupils read with confidence.", "After."]
    assert find(content, "Reading").heading == "Priority | Impact"
    assert texts(content, BlockKind.FURNITURE) == ["Priority | Impact"]


def test_a_marked_head_row_is_one_whatever_its_length():
    head = "<w:tr><w:trPr><w:tblHeader/></w:trPr>" + "".join(
        f"<w:tc>{P(text)}</w:tc>" for text in ("What we planned", "What came of it")
    )
    row = f"<w:tr><w:tc>{P('Maths')}</w:tc><w:tc>{P('Good')}</w:tc></w:tr>"
    table = f"<w:tbl>{head}</w:tr>{row}</w:tbl>"
    assert find(read(make_docx(table)), "Maths").heading == "What we planned | What came of it"


def test_a_table_inside_a_cell_is_read_as_well():
    inner = docx_table([["Year 3", "Good"], ["Year 4", "Better"]]) + "<w:p/>"
    content = read(make_docx(docx_table([["Progress", inner], ["Behaviour", "Calm and kind."]])))
    assert texts(content) == [
        "Progress",
        "Year 3 | Good",
        "Year 4 | Better",
        "Behaviour | Calm and kind.",
    ]


def test_long_cells_are_read_one_by_one_under_their_column():
    table = docx_table([["Strengths", "To improve"], [LONG_CELL, P("First.") + P("Second.")]])
    content = read(make_docx(P("Teaching", "Pennawd1") + table))
    assert find(content, "Teachers plan").heading == "Teaching — Strengths"
    assert find(content, "Second.").heading == "Teaching — To improve"


def test_a_table_of_one_column_is_text():
    content = read(make_docx(docx_table([["Our motto is care."], ["We live by it."]])))
    assert texts(content, BlockKind.PARAGRAPH) == ["Our motto is care.", "We live by it."]


def test_tracked_deletions_are_left_out_and_insertions_kept():
    body = (
        "<w:p><w:r><w:t>We </w:t></w:r><w:del><w:r><w:delText>rarely </w:delText></w:r></w:del>"
        "<w:ins><w:r><w:t>always </w:t></w:r></w:ins><w:r><w:t>listen.</w:t></w:r>"
        "<w:moveFrom><w:r><w:t>Moved away.</w:t></w:r></w:moveFrom></w:p>"
    )
    assert texts(read(make_docx(body))) == ["We always listen."]


def test_hidden_text_and_field_codes_are_not_read():
    body = (
        P("Hidden.", run="<w:vanish/>")
        + "<w:p><w:r><w:instrText>PAGE</w:instrText></w:r><w:r><w:t>Seen.</w:t></w:r></w:p>"
    )
    assert texts(read(make_docx(body))) == ["Seen."]


def test_breaks_tabs_and_special_hyphens_are_read():
    body = (
        "<w:p><w:r><w:t>One</w:t><w:br/><w:t>two</w:t><w:tab/><w:t>well</w:t><w:noBreakHyphen/>"
        "<w:t>being im</w:t><w:softHyphen/><w:t>proves</w:t>"
        '<w:sym w:font="Wingdings" w:char="F0FC"/></w:r></w:p>'
    )
    assert texts(read(make_docx(body))) == ["One two well-being improves✓"]


def test_content_controls_and_links_are_read():
    body = (
        f"<w:sdt><w:sdtContent>{P('Controlled.')}</w:sdtContent></w:sdt>"
        "<w:p><w:hyperlink><w:r><w:t>Linked.</w:t></w:r></w:hyperlink></w:p>"
    )
    assert texts(read(make_docx(body))) == ["Controlled.", "Linked."]


def test_a_text_box_is_read_once():
    box = f"<w:txbxContent>{P('Boxed words.')}</w:txbxContent>"
    body = (
        "<w:p><w:r><w:t>Around.</w:t><mc:AlternateContent><mc:Choice Requires='wps'><w:drawing>"
        f"<wps:txbx>{box}</wps:txbx></w:drawing></mc:Choice><mc:Fallback><w:pict><v:textbox>{box}"
        "</v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r></w:p>"
    )
    assert texts(read(make_docx(body))) == ["Around.", "Boxed words."]


def test_a_table_of_contents_is_furniture():
    body = P("Cynnwys") + P("Arwain 3", "TOC1") + P("Addysgu 7", "TOC1") + P("Text.")
    assert texts(read(make_docx(body))) == ["Text."]


def test_footnotes_are_counted_in_a_note():
    body = '<w:p><w:r><w:t>Text.</w:t></w:r><w:r><w:footnoteReference w:id="2"/></w:r></w:p>'
    assert read(make_docx(body)).notes == ("1 footnote was left out.",)


def test_a_docx_without_a_word_is_empty():
    with pytest.raises(errors.EmptyDocument, match="no word is in it"):
        read(make_docx("<w:p/>"))


def test_a_style_that_is_based_on_itself_ends():
    styles = (
        '<w:styles xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        '<w:style w:type="paragraph" w:styleId="A"><w:name w:val="a"/>'
        '<w:basedOn w:val="A"/></w:style></w:styles>'
    )
    data = make_docx(P("Round and round.", "A"), extra=[])
    members = [(name, part) for name, part in unzip(data) if name != "word/styles.xml"]
    assert texts(read(make_zip([*members, ("word/styles.xml", styles.encode())]))) == [
        "Round and round."
    ]


def unzip(data: bytes) -> list[tuple[str, bytes]]:
    import io
    import zipfile

    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return [(name, archive.read(name)) for name in archive.namelist()]


def test_bytes_that_are_wrong_inside_the_zip_are_damage():
    data = make_docx(P("Text."))
    start = data.index(b"word/document.xml") + 40
    with pytest.raises(errors.DamagedDocument, match="the DOCX is damaged"):
        read(data[:start] + b"\xff" * 20 + data[start + 20 :])


@pytest.mark.parametrize(
    "part",
    [
        b"<!DOCTYPE x [<!ENTITY a 'b'>]><x/>",
        b"<?xml version='1.0'?><!doctype x><x/>",
        b"<?xml version='1.0' encoding='UTF-7'?><x/>",
        "<!DOCTYPE x><x/>".encode("utf-16-le"),
        "<x/>".encode("cp037"),
    ],
)
def test_any_part_that_could_define_entities_is_refused(part: bytes):
    with pytest.raises(errors.UnsafeDocument, match="which can harm; do not open it"):
        read(make_docx(P("Text."), extra=[("word/footer1.xml", part)]))
