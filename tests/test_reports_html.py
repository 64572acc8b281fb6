"""The profile as a page that stands alone."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag
from hypothesis import example, given
from hypothesis import strategies as st

from evidence_mapper.records import Profile, Span
from evidence_mapper.reports.html import format_share, profile_to_html
from report_builders import (
    ESTYN,
    LIBRARY,
    NUMBERS,
    make_library_profile,
    make_passage,
    make_profile,
)

HOSTILE = "</blockquote><script>alert(1)</script><img src=x onerror=alert(1)> \" ' &amp; {{ 7*7 }}"
RIGHT_TO_LEFT = "\u202e"


def parse(profile: Profile) -> BeautifulSoup:
    # Beautiful Soup would shorten spaces that stand alone in an element.
    return BeautifulSoup(
        profile_to_html(profile, LIBRARY), "html.parser", preserve_whitespace_tags={"blockquote"}
    )


def find(page: BeautifulSoup | Tag, selector: str) -> Tag:
    found = page.select_one(selector)
    assert found is not None, selector
    return found


def read_text(tag: Tag) -> str:
    return " ".join(tag.get_text().split())


@pytest.fixture(scope="module")
def page() -> BeautifulSoup:
    return parse(make_library_profile())


def test_the_same_profile_gives_the_same_page() -> None:
    first, second = (profile_to_html(make_library_profile(), LIBRARY) for _ in range(2))
    assert first == second
    assert first.startswith("<!DOCTYPE html>\n")
    assert first.endswith("</html>\n")


def test_another_process_gives_the_same_page() -> None:
    program = (
        "import sys; from report_builders import LIBRARY, make_library_profile\n"
        "from evidence_mapper.reports.html import profile_to_html\n"
        "sys.stdout.buffer.write(profile_to_html(make_library_profile(), LIBRARY).encode())"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, cwd=Path(__file__).parent
    )
    assert done.stdout.decode() == profile_to_html(make_library_profile(), LIBRARY)


def test_the_page_asks_for_nothing_outside_and_runs_nothing(page: BeautifulSoup) -> None:
    policy = find(page, "meta[http-equiv=Content-Security-Policy]")["content"]
    assert "default-src 'none'; style-src 'unsafe-inline'; img-src data:" in str(policy)
    assert not page.select("script, link, img, iframe, object, embed, form, base, [src], [srcset]")
    assert all(str(link["href"]).startswith("#") for link in page.select("[href]"))
    style = find(page, "style").get_text()
    assert "url(" not in style
    assert "@import" not in style


def test_every_area_is_a_row_and_a_section_that_it_links_to(page: BeautifulSoup) -> None:
    rows = page.select(".positions tbody tr")
    assert [read_text(find(row, "th")) for row in rows] == ["Collection", "The room", "Readers"]
    for row, area in zip(rows, LIBRARY.areas, strict=True):
        section = find(page, str(find(row, "a")["href"]))
        assert read_text(find(section, "h2")) == area.name


def test_the_suggested_cell_says_so_in_words(page: BeautifulSoup) -> None:
    cells = find(page, ".positions tbody tr").select("td")
    assert [read_text(cell) for cell in cells] == ["12%", "● Suggested 75%", "12%"]
    assert [cell.get("class") for cell in cells] == [None, ["suggested"], None]
    assert len(page.select(".positions td.suggested")) == 1


@pytest.mark.parametrize(
    ("row", "text"),
    [
        (1, "Conflicting evidence. 6 passages pull apart"),
        (2, "Insufficient evidence. No passage speaks of this area."),
    ],
)
def test_a_row_without_suggestion_is_one_cell_with_the_reason(
    page: BeautifulSoup, row: int, text: str
) -> None:
    (cell,) = page.select(".positions tbody tr")[row].select("td")
    assert cell["colspan"] == str(len(LIBRARY.stages))
    assert read_text(cell).startswith(text)
    assert "%" not in read_text(cell)


def test_a_section_shows_its_stage_and_what_the_next_one_asks(page: BeautifulSoup) -> None:
    section = find(page, "#area-collection")
    assert read_text(find(section, ".answer")) == "● Suggested position 2 Growing"
    assert "4 of 6 passages on 2 pages describe ‘Growing’" in read_text(section)
    assert (
        "Probability 75%; of the other stages: 1 Beginning 12% and 3 Thriving 12%."
    ) in read_text(section)
    this, following = section.select(".framework > div")
    assert read_text(this).startswith("What the framework says of this stage 2 Growing A budget")
    assert [read_text(item) for item in this.select("li li")] == ["stories", "magazines"]
    assert read_text(following).startswith("What the next stage asks 3 Thriving Nearly all")
    assert not find(section, "details").has_attr("open")


def test_the_last_stage_has_no_next_one() -> None:
    section = find(
        parse(make_profile([make_passage(f"{n}.", "space", 3) for n in NUMBERS[:4]])),
        "#area-space",
    )
    assert "This is the last stage of the framework" in read_text(find(section, ".framework"))


@pytest.mark.parametrize("area", ["space", "readers"])
def test_a_section_without_suggestion_shows_all_stages(page: BeautifulSoup, area: str) -> None:
    section = find(page, f"#area-{area}")
    assert "it is not a low stage" in read_text(section)
    assert not section.select(".framework, .suggested")
    details = find(section, "details")
    assert details.has_attr("open")
    assert len(details.select(".stage")) == len(LIBRARY.stages)
    shown = {read_text(item) for item in details.select("li")}
    assert shown == {
        descriptor.text for descriptor in LIBRARY.descriptors if descriptor.area == area
    }


def test_quotes_stand_in_groups_that_name_their_stages(page: BeautifulSoup) -> None:
    groups = page.select("#area-collection .group")
    assert [read_text(find(group, "h4")) for group in groups] == [
        "For 2 Growing",
        "At the neighbouring stages",
    ]
    assert "They read as 1 Beginning or 3 Thriving." in read_text(groups[1])
    assert len(groups[0].select("blockquote")) == 3


def test_quotes_against_the_stage_are_named_so() -> None:
    passages = [make_passage(f"{n} clubs.", "space", 3) for n in NUMBERS[:6]]
    page = parse(make_profile([*passages, make_passage("It is locked.", "space", 1)]))
    group = page.select("#area-space .group")[-1]
    assert read_text(group).startswith(
        "Against 3 Thriving They read as 1 Beginning, two stages or more away. It is locked."
    )


def test_quotes_without_a_suggestion_stand_under_their_own_stage(page: BeautifulSoup) -> None:
    groups = page.select("#area-space .group")
    titles = [read_text(find(group, "h4")) for group in groups]
    assert titles == ["Reads as 1 Beginning", "Reads as 3 Thriving"]


def test_an_area_without_passages_says_that_there_is_nothing(page: BeautifulSoup) -> None:
    section = find(page, "#area-readers")
    assert "There is nothing to quote." in read_text(section)
    assert not section.select("blockquote")


def test_a_quote_says_where_it_stands_and_how_it_reads(page: BeautifulSoup) -> None:
    figure = find(page, "#area-collection .quote")
    assert find(figure, "blockquote").get_text() == "One shelves were renewed this year."
    caption = read_text(find(figure, "figcaption"))
    assert caption == (
        "ser.pdf, p. 3, under Our books reads as 2 Growing; claims an impact "
        "Closest descriptor Collection, 1 Beginning: Few books are newer than the pupils."
    )


def test_the_closest_descriptor_of_a_quote_is_folded_away(page: BeautifulSoup) -> None:
    details = find(page, "#area-collection .quote details.nearest")
    assert not details.has_attr("open")
    assert read_text(find(details, "summary")) == "Closest descriptor"


def test_words_for_proportions_are_explained_in_the_words_of_the_quote() -> None:
    page = parse(make_profile([make_passage("MOST shelves are full, few empty.", "space", 2)]))
    shares = find(page, ".quote .shares")
    assert read_text(shares) == "“MOST”: 90% or more; “few”: under 20%"
    assert not shares.select("[lang]")


def test_welsh_words_for_proportions_are_marked_as_welsh() -> None:
    text = "Mae llawer o'r silffoedd yn llawn."
    page = parse(make_profile([make_passage(text, "space", 2, language="cy")]))
    (word,) = page.select(".quote .shares [lang]")
    assert (word["lang"], word.get_text()) == ("cy", "llawer")
    assert read_text(find(page, ".quote .shares")) == "“llawer”: 70% or more"


def test_what_a_model_was_not_taught_is_not_said_of_a_quote() -> None:
    passage = make_passage("Shelves are full.", "space", 2)
    bare = replace(passage.mapping, claims=(), descriptors=(), proportions=())
    page = parse(make_profile([replace(passage, mapping=bare)]))
    caption = find(page, ".quote figcaption")
    assert read_text(caption) == "ser.pdf, p. 3, under Our books reads as 2 Growing"
    assert not caption.select(".nearest, .shares")


def test_what_is_of_no_use_on_paper_is_not_printed(page: BeautifulSoup) -> None:
    _, *printed = find(page, "style").get_text().split("@media print")
    assert any(".skip, .back { display: none; }" in block for block in printed)


def test_a_quote_over_a_page_break_says_so() -> None:
    spans = (Span(3, 90, 99), Span(4, 0, 9))
    page = parse(make_profile([make_passage("Over the page.", "space", 2, spans=spans)]))
    assert "p. 3 and the page after, under" in read_text(find(page, "figcaption"))


def test_a_section_s_heading_is_not_said_twice() -> None:
    passage = make_passage("Books.", "space", 2, page=None, label="Our room", heading="Our room")
    page = parse(make_profile([passage]))
    assert read_text(find(page, ".where")) == "ser.pdf, Our room"
    assert "12 sections" in read_text(find(page, ".documents"))


def test_welsh_quotes_are_marked_as_welsh(page: BeautifulSoup) -> None:
    (welsh,) = page.select("blockquote[lang]")
    assert welsh["lang"] == "cy"
    assert welsh.get_text() == "Mae pob disgybl yn cael llyfr."
    assert find(page, "html")["lang"] == "en-GB"


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\t")))
@example("  Two  spaces \n\ta line and a tab  ")
def test_a_quote_is_verbatim(text: str) -> None:
    page = parse(make_profile([make_passage(text, "space", 2)]))
    assert find(page, "blockquote").get_text() == text


def test_text_of_a_document_is_never_markup_or_template() -> None:
    passage = make_passage(
        HOSTILE, "space", 2, document=HOSTILE, page=None, label=HOSTILE, heading=f"{HOSTILE}!"
    )
    page = parse(make_profile([passage], notes=(HOSTILE,)))
    assert not page.select("script, img, [onerror]")
    assert find(page, "blockquote").get_text() == HOSTILE
    assert read_text(find(page, "title")).endswith(HOSTILE)
    assert read_text(find(page, ".note")).endswith(HOSTILE)


def test_text_that_turns_direction_cannot_turn_what_stands_beside_it() -> None:
    name = f"report{RIGHT_TO_LEFT}fdp.exe"
    passage = make_passage("Books.", "space", 2, document=name, label=name, heading=name * 2)
    page = parse(make_profile([passage], notes=(name,)))
    turned = [text.parent for text in page.find_all(string=lambda text: RIGHT_TO_LEFT in text)]
    assert {tag.name for tag in turned if tag} == {"bdi", "title"}


def test_a_word_of_any_length_may_be_broken(page: BeautifulSoup) -> None:
    style = find(page, "style").get_text()
    assert "overflow-wrap: anywhere" in style
    assert "white-space: pre-wrap" in style


def test_the_page_names_documents_notes_and_versions() -> None:
    profile = make_profile(
        [make_passage("Books.", "space", 2)], notes=("Pages 3 and 4 hold no text.",)
    )
    page = parse(profile)
    head = read_text(find(page, ".documents"))
    assert "Self-evaluation report, 12 pages, 1 passage, in English." in head
    assert "Note: Pages 3 and 4 hold no text." in head
    assert "0123456789ab" in head
    foot = read_text(find(page, "footer"))
    versions = profile.versions
    for text in (versions.program, versions.model_digest, versions.framework_digest):
        assert text in foot
    assert "by Nobody in particular, who is acknowledged as their author" in foot
    assert "Nothing of them left it." in foot


def test_a_framework_without_source_is_acknowledged_to_nobody() -> None:
    html = profile_to_html(make_library_profile(), replace(LIBRARY, source=None))
    assert "acknowledged" not in html


def test_no_suggestion_is_called_a_grade_or_a_score(page: BeautifulSoup) -> None:
    text = read_text(find(page, "body")).casefold()
    assert "score" not in text
    assert text.count("grade") == text.count("there is no overall grade") == 1


def test_estyn_s_table_has_ten_rows_and_four_columns() -> None:
    html = profile_to_html(make_profile([], framework=ESTYN), ESTYN)
    table = find(BeautifulSoup(html, "html.parser"), ".positions")
    assert len(table.select("tbody tr")) == 10
    assert [read_text(head) for head in table.select("thead th")] == [
        "Area",
        "1 Starting the journey",
        "2 Making progress",
        "3 Building momentum",
        "4 Sustaining high standards",
    ]


@pytest.mark.parametrize(
    ("probability", "text"),
    [(0.0, "<1%"), (0.0099, "<1%"), (0.01, "1%"), (0.5008, "50%"), (0.99, "99%"), (1.0, ">99%")],
)
def test_no_probability_is_shown_as_certain(probability: float, text: str) -> None:
    assert format_share(probability) == text


def test_a_profile_of_another_framework_is_refused() -> None:
    with pytest.raises(ValueError, match=r"\(collection, space, readers\) are not .*\(strategic"):
        profile_to_html(make_library_profile(), ESTYN)
    profile = make_library_profile()
    turned = replace(profile, positions=profile.positions[::-1])
    with pytest.raises(ValueError, match="readers, space, collection"):
        profile_to_html(turned, LIBRARY)
