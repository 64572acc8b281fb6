"""The quotes as a table for a spreadsheet."""

import csv
import io
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence_mapper.records import Profile
from evidence_mapper.reports.quotes_csv import COLUMNS, make_cell_safe, quotes_to_csv
from report_builders import LIBRARY, make_library_profile, make_passage, make_profile

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://a.example")')


def read_rows(profile: Profile) -> list[dict[str, str]]:
    file = io.StringIO(quotes_to_csv(profile, LIBRARY), newline="")
    return [*csv.DictReader(file, strict=True)]


def test_there_is_one_row_a_quote_in_the_framework_s_order() -> None:
    profile = make_library_profile()
    rows = read_rows(profile)
    quotes = [
        (position.area, quote.text) for position in profile.positions for quote in position.quotes
    ]
    assert [(row["area"], row["text"]) for row in rows] == quotes
    assert len(rows) == 11


def test_a_row_says_where_its_quote_stands() -> None:
    row = read_rows(make_library_profile())[0]
    assert [*row] == [*COLUMNS]
    assert row == {
        "area": "collection",
        "area_name": "Books and other media",
        "suggested_stage": "2",
        "outcome": "suggested",
        "role": "for",
        "quote_stage": "2",
        "text": "One shelves were renewed this year.",
        "document": "ser.pdf",
        "page": "3",
        "page_label": "p. 3",
        "heading": "Our books",
        "stage_probability": "0.9000",
        "weight": "0.8100",
        "claim": "impact",
        "proportions": "",
    }


def test_words_for_proportions_are_listed_with_their_meaning() -> None:
    row = read_rows(make_profile([make_passage("MOST shelves are full, few empty.", "space", 2)]))[
        0
    ]
    assert row["proportions"] == "most (90% or more); few (under 20%)"


def test_what_there_is_none_of_is_an_empty_cell() -> None:
    passage = make_passage("A reading corner.", "space", 2, page=None, label="Start", heading=None)
    untaught = replace(passage, mapping=replace(passage.mapping, claims=()))
    row = read_rows(make_profile([untaught]))[0]
    assert (row["page"], row["heading"], row["suggested_stage"]) == ("", "", "")
    assert (row["claim"], row["proportions"]) == ("", "")


def test_a_profile_without_quotes_is_a_head_row() -> None:
    assert quotes_to_csv(make_profile([]), LIBRARY) == ",".join(COLUMNS) + "\r\n"


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_formula_is_written_as_text(formula: str) -> None:
    passage = make_passage(formula, "space", 2, document=formula, label=formula, heading=formula)
    row = read_rows(make_profile([passage]))[0]
    for column in ("text", "document", "page_label", "heading"):
        assert row[column] == f"'{formula}"


@given(TEXTS, TEXTS)
def test_no_cell_begins_as_a_formula_and_all_other_text_is_verbatim(
    text: str, heading: str
) -> None:
    row = read_rows(make_profile([make_passage(text, "space", 2, heading=heading)]))[0]
    for cell, written in ((row["text"], text), (row["heading"], heading)):
        assert cell[0] not in "=+-@\t\r"
        assert cell == written or cell == f"'{written}" == make_cell_safe(written)


def test_commas_quotation_marks_and_line_ends_stay_in_their_cell() -> None:
    text = "He said \"yes, always\",\nthen\r\nleft; 'quite' early"
    assert read_rows(make_profile([make_passage(text, "space", 2)]))[0]["text"] == text
