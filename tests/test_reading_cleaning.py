import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import make_pdf
from evidence_mapper.reading.cleaning import (
    Hyphens,
    clean_text,
    clean_word,
    ends_clause,
    is_bullet_sign,
    is_contents_line,
    is_hyphenated,
    is_marker,
    is_page_number,
    show_marker,
)


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("\ufb01nance", "finance"),
        ("e\ufb00ective", "effective"),
        ("w\u0302yl", "\u0175yl"),
        ("im\u00adprove", "improve"),
        ("improve\u00ad", "improve-"),
        ("\u200bschool\ufeff", "school"),
        ("well\u2011being", "well-being"),
        ("a\x07b\u202e", "ab"),
        ("\uf0fc", "\u2713"),
        ("2\u00bd", "2\u00bd"),
        ("\u200b", ""),
    ],
)
def test_a_word_is_cleaned_without_losing_a_letter(raw: str, clean: str):
    assert clean_word(raw) == clean


def test_odd_spaces_become_one_plain_space():
    assert clean_text("a\u00a0 b\u2003c\n\td ") == "a b c d"


@given(st.text())
def test_clean_text_is_in_nfc_and_cleaning_again_changes_nothing(text: str):
    clean = clean_text(text)
    assert unicodedata.is_normalized("NFC", clean)
    assert clean_text(clean) == clean
    clean.encode()


@pytest.mark.parametrize(
    ("known", "first", "second", "kept"),
    [
        (["improvement"], "improve-", "ment", False),
        (["well-being"], "well-", "being", True),
        (["well-being", "wellbeing"], "well-", "being", True),
        (["wellbeing", "well", "being"], "well-", "being", False),
        ([], "improve-", "ment", False),
        (["improve"], "improve-", "ment", False),
        (["in", "house"], "in-", "house", True),
        (["teaching"], "pre-", "teaching", True),
        (["destun"], "cyd-", "destun", True),
        (["sent", "present"], "pre-", "sent", False),
        (["face"], "face-to-", "face", True),
        ([], "Blaenau-", "Ffestiniog", True),
        ([], "2024-", "25", True),
        (["Improvement,"], "(improve-", "ment.", False),
    ],
)
def test_the_document_decides_about_a_hyphen_at_a_line_end(
    known: list[str], first: str, second: str, *, kept: bool
):
    assert Hyphens(known).is_kept(first, second) is kept


def test_a_word_or_a_range_of_numbers_may_go_on_after_a_hyphen_and_a_dash_may_not():
    assert is_hyphenated("improve-")
    assert is_hyphenated("2024-")
    assert not is_hyphenated("-")
    assert not is_hyphenated("--")
    assert not is_hyphenated("school")


@pytest.mark.parametrize(
    "sign", ["\u2022", "-", "\u2013", "o", "\uf0b7", "\u25aa", "\u27a2", "\u2713", "*"]
)
def test_a_bullet_may_have_any_sign(sign: str):
    assert is_bullet_sign(sign)


@pytest.mark.parametrize("number", ["1.", "12)", "(3)", "a)", "(iv)", "b.", "2.1", "3.2.1."])
def test_a_bullet_may_have_a_number(number: str):
    assert is_marker(number)


@pytest.mark.parametrize("word", ["School", "2024", "1,041", "3.5%", "and", "Yr.", "2025.", "12"])
def test_a_word_of_a_sentence_is_no_bullet(word: str):
    assert not is_marker(word)


def test_a_sign_that_only_its_font_can_show_is_written_as_a_bullet():
    assert show_marker("\uf0a7") == "\u2022"
    assert show_marker("\u27a2") == "\u27a2"


@pytest.mark.parametrize(
    "text",
    ["7", "- 7 -", "vii", "Page 3 of 20", "Tudalen 3 o 20", "3 | Page", "3/20", "p. 4", "Page 3"],
)
def test_a_page_number_is_known_in_its_dresses(text: str):
    assert is_page_number(text)


@pytest.mark.parametrize("text", ["Year 7", "7 pupils", "2024-2025", "Page", "A page of 3"])
def test_other_lines_with_numbers_are_no_page_numbers(text: str):
    assert not is_page_number(text)


@pytest.mark.parametrize(
    "text",
    ["Leadership ........ 7", "Arwain . . . . . 12", "Vision\u2026\u2026\u2026 3", "A ....... iv"],
)
def test_leaders_show_a_line_of_contents(text: str):
    assert is_contents_line(text)


@pytest.mark.parametrize(
    "text", ["And so on...", "Wait ... 7 pupils came", ".......", "In 2024 we had 7"]
)
def test_dots_in_a_sentence_are_no_leaders(text: str):
    assert not is_contents_line(text)


def test_a_sentence_may_end_inside_quotes():
    assert ends_clause("They say \u2018we belong.\u2019")
    assert not ends_clause("the school and")


def test_a_pdf_can_be_built_for_the_other_tests():
    assert make_pdf(["one page"]).startswith(b"%PDF")
