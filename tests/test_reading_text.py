import pytest

from evidence_mapper import errors
from evidence_mapper.records import BlockKind
from reading_helpers import find, read, texts

MARKDOWN = """Before.

# Leadership
Leaders share
a vision.

## Governors
* They visit
  every term.
* They **ask**.

Teaching
========
1. Planning is shared.
2. Feedback is not.

| Area | Impact |
| --- | --- |
| Maths | Most pupils \\| all |

---
After.
"""


def test_markdown_is_read_as_blocks():
    content = read(MARKDOWN.encode())
    assert texts(content, BlockKind.HEADING) == ["Leadership", "Governors", "Teaching"]
    assert texts(content, BlockKind.BULLET) == [
        "They visit every term.",
        "They ask.",
        "Planning is shared.",
        "Feedback is not.",
    ]
    assert texts(content, BlockKind.PARAGRAPH) == ["Before.", "Leaders share a vision.", "After."]
    assert texts(content, BlockKind.TABLE_ROW) == ["Maths | Most pupils | all"]
    assert find(content, "Maths").heading == "Teaching — Area | Impact"
    assert [page.label for page in content.pages] == ["Beginning", "Leadership", "Teaching"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_welsh_letters_survive_every_unicode_encoding(encoding: str):
    assert texts(read("Tŷ a dŵr – mae'n dda.".encode(encoding))) == ["Tŷ a dŵr – mae'n dda."]


def test_text_from_windows_is_read():
    assert texts(read("Café – “good”\r\n\r\nNext".encode("cp1252"))) == ["Café – “good”", "Next"]


def test_a_line_that_starts_with_a_dash_by_chance_is_no_bullet():
    assert texts(
        read(b"Pupils enjoy the visits that they make\n- above all the one to the lake.")
    ) == ["Pupils enjoy the visits that they make - above all the one to the lake."]


def test_lines_under_a_colon_are_bullets():
    content = read(b"We know:\n- pupils read well\n- pupils write well")
    assert texts(content, BlockKind.BULLET) == ["pupils read well", "pupils write well"]


def test_a_rule_of_dashes_is_no_heading():
    content = read(b"One line\nand another\n-----\nNext.")
    assert texts(content, BlockKind.HEADING) == []


def test_a_list_of_contents_is_furniture():
    content = read(b"Contents\n\nLeadership ...... 3\n\nTeaching ...... 7\n\nPupils do well.")
    assert texts(content) == ["Pupils do well."]


def test_a_text_without_a_heading_is_one_page():
    (page,) = read(b"Pupils do well.").pages
    assert (page.number, page.label, page.text) == (1, "Beginning", "Pupils do well.")
    assert page.words == ()


def test_a_text_of_signs_alone_is_empty():
    with pytest.raises(errors.EmptyDocument):
        read(b"--- ***\n\n===")
