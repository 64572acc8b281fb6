"""What a reader with a screen reader, a keyboard or weak eyes needs of the page."""

import re
from itertools import pairwise
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

import evidence_mapper.reports
from evidence_mapper.framework import load_framework
from evidence_mapper.reports.html import profile_to_html
from framework_builders import make_framework_text
from report_builders import ESTYN, LIBRARY, make_library_profile, make_profile

STYLE = (Path(evidence_mapper.reports.__file__).parent / "templates" / "profile.css").read_text(
    encoding="utf-8"
)
COLOURS = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", STYLE))

# Which text stands on which ground.
TEXT_PAIRS = [
    *(("ink", ground) for ground in ("paper", "wash", "tint", "open")),
    *(("soft", ground) for ground in ("paper", "wash", "tint")),
    *(("accent", ground) for ground in ("paper", "tint")),
    ("paper", "accent"),
    ("open-ink", "open"),
]
# Marks and outlines that say something: WCAG 2.2, 1.4.11.
MARK_PAIRS = [("accent", "paper"), ("accent", "tint"), ("bar", "paper"), ("open-ink", "paper")]


@pytest.fixture(
    scope="module",
    params=[(make_library_profile(), LIBRARY), (make_profile([], framework=ESTYN), ESTYN)],
    ids=["library", "estyn"],
)
def page(request: pytest.FixtureRequest) -> BeautifulSoup:
    return BeautifulSoup(profile_to_html(*request.param), "html.parser")


def measure_contrast(first: str, second: str) -> float:
    """Return the contrast of two colours, 1 to 21, as WCAG defines it."""

    def measure_luminance(colour: str) -> float:
        shares = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        red, green, blue = (
            share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4
            for share in shares
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    darker, lighter = sorted(measure_luminance(COLOURS[name]) for name in (first, second))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize(("text", "ground"), TEXT_PAIRS)
def test_text_stands_out_from_its_ground(text: str, ground: str) -> None:
    assert measure_contrast(text, ground) >= 4.5


@pytest.mark.parametrize(("mark", "ground"), MARK_PAIRS)
def test_marks_stand_out_from_their_ground(mark: str, ground: str) -> None:
    assert measure_contrast(mark, ground) >= 3


def test_every_colour_is_one_of_those_that_are_measured() -> None:
    rules = STYLE.split("}", 1)[1]
    assert not re.search(r"#[0-9a-f]{3,8}\b(?=[;, ])", rules)
    assert {*re.findall(r"[ :]color: var\(--([a-z-]+)\)", rules)} == {
        text for text, _ in TEXT_PAIRS
    }


def test_ids_are_unique_and_links_lead_somewhere(page: BeautifulSoup) -> None:
    ids = [str(tag["id"]) for tag in page.select("[id]")]
    assert len(ids) == len({*ids})
    targets = {str(link["href"]).removeprefix("#") for link in page.select("a")}
    targets |= {str(tag["aria-labelledby"]) for tag in page.select("[aria-labelledby]")}
    assert targets <= {*ids}


def test_headings_go_down_one_level_at_a_time(page: BeautifulSoup) -> None:
    levels = [int(tag.name[1]) for tag in page.find_all(re.compile("^h[1-6]$"))]
    assert levels.count(1) == 1
    assert levels[0] == 1
    for before, after in pairwise(levels):
        assert after <= before + 1


def test_each_section_s_parts_are_headings_of_the_third_level(page: BeautifulSoup) -> None:
    for section in page.select(".area"):
        assert section.select("h3")[-1].get_text() == "What the documents say"


def test_the_table_has_a_caption_and_heads_with_a_scope(page: BeautifulSoup) -> None:
    (table,) = page.select("table")
    assert table.caption is not None
    assert table.caption.get_text()
    assert {str(head["scope"]) for head in table.select("thead th")} == {"col"}
    assert {str(head["scope"]) for head in table.select("tbody th")} == {"row"}


def test_the_first_link_skips_to_the_table(page: BeautifulSoup) -> None:
    link = page.select("a")[0]
    assert (link["class"], link["href"]) == (["skip"], "#table")


def test_what_is_seen_only_is_hidden_from_a_screen_reader(page: BeautifulSoup) -> None:
    for tag in page.select("main .bar, td .mark, .answer .mark"):
        assert tag["aria-hidden"] == "true"


def test_a_wide_table_can_be_scrolled_by_keyboard(tmp_path: Path) -> None:
    path = tmp_path / "wide.toml"
    path.write_text(make_framework_text(2, 9), encoding="utf-8")
    framework = load_framework(path)
    html = profile_to_html(make_profile([], framework=framework), framework)
    frame = BeautifulSoup(html, "html.parser").select_one(".table-frame")
    assert frame is not None
    assert frame["tabindex"] == "0"
