"""The sample documents are whole, and their true text and pages are what they say."""

import io
import json
import sys
import zipfile
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

import pypdfium2
import pytest
from docx import Document
from docx.table import Table as WordTable
from hypothesis import given
from hypothesis import strategies as st

FOLDER = Path(__file__).parents[1] / "corpus_samples"
sys.path.insert(0, str(FOLDER))

from builder.convert import fix_dates  # noqa: E402 - the folder must be on the path first
from builder.errors import BuildError  # noqa: E402
from builder.looks import LOOKS, starts_page  # noqa: E402
from builder.source import Heading, Table, read_source  # noqa: E402
from builder.truth import (  # noqa: E402
    TruthBlock,
    list_contents,
    locate_blocks,
    make_truth,
    reduce_text,
)
from builder.word import make_docx  # noqa: E402
from builder.word_styles import widths_of  # noqa: E402

SLUGS = sorted(path.stem for path in FOLDER.glob("sources/*.md"))
PDF_SLUGS = [slug for slug in SLUGS if LOOKS[slug].producer != "word"]
WORD_SLUGS = [slug for slug in SLUGS if LOOKS[slug].producer == "word"]
AREAS = {
    "strategic_vision",
    "leadership_approaches",
    "leadership_capacity",
    "standards_wellbeing",
    "teaching_assessment",
    "curriculum",
    "self_evaluation",
    "professional_learning",
    "pupil_voice",
    "family_community",
}
HEAD = """+++
school = "Ysgol Enghraifft"
phase = "primary"
language = "en"
kind = "ser"
title = "Self-evaluation"
subtitle = ""
date = "May 2025"
running_head = "Ysgol Enghraifft"
+++
"""


def read_truth(slug):
    return json.loads((FOLDER / "truth" / f"{slug}.json").read_text(encoding="utf-8"))


def read_pdf_pages(name):
    with closing(pypdfium2.PdfDocument(FOLDER / "documents" / name)) as pdf:
        return [page.get_textpage().get_text_bounded() for page in pdf]


def write_source(folder, body):
    path = folder / "sample.md"
    path.write_text(HEAD + body, encoding="utf-8")
    return path


def test_every_source_has_a_look_and_every_look_a_source():
    assert set(LOOKS) == set(SLUGS)


def test_nothing_stands_in_the_folders_without_a_source():
    scans = {f"{slug}-scanned" for slug in SLUGS if LOOKS[slug].is_scanned_too}
    assert {path.stem for path in FOLDER.glob("truth/*")} == set(SLUGS)
    assert {path.stem for path in FOLDER.glob("profiles/*")} == set(SLUGS)
    assert {path.stem for path in FOLDER.glob("documents/*")} == set(SLUGS) | scans


@pytest.mark.parametrize("slug", PDF_SLUGS)
def test_the_readme_gives_every_sample_its_school_and_its_pages(slug):
    school = read_source(FOLDER / "sources" / f"{slug}.md").head.school
    lines = (FOLDER / "README.md").read_text(encoding="utf-8").splitlines()
    (line,) = (line for line in lines if line.startswith(f"| `{slug}` |"))
    assert f"| {school} |" in line
    assert line.endswith(f"| {read_truth(slug)['page_count']} |")


@pytest.mark.parametrize("slug", SLUGS)
def test_a_profile_names_its_document_and_places_or_leaves_open_all_ten_areas(slug):
    profile = json.loads((FOLDER / "profiles" / f"{slug}.json").read_text(encoding="utf-8"))
    assert slug in profile["documents"]
    assert profile["school"] == read_source(FOLDER / "sources" / f"{slug}.md").head.school
    assert set(profile["positions"]) == AREAS
    assert set(profile["positions"].values()) <= {1, 2, 3, 4, None}
    reasons = {area for area, reason in profile["because"].items() if reason}
    placed = {area for area, stage in profile["positions"].items() if stage is not None}
    assert placed <= reasons <= AREAS


@pytest.mark.parametrize("slug", SLUGS)
def test_the_truth_is_what_the_source_says(slug):
    source, truth = read_source(FOLDER / "sources" / f"{slug}.md"), read_truth(slug)
    depth = len(list_contents(source, LOOKS[slug]))
    expected = [asdict(block) for block in make_truth(source, LOOKS[slug], [0] * depth)]
    furniture = {"title", "contents", "running head", "page number"}
    kept = [block for block in expected if block["role"] not in furniture]
    found = [block for block in truth["blocks"] if block.get("role") not in furniture]
    assert [(block["kind"], block["text"]) for block in found] == [
        (block["kind"], block["text"]) for block in kept
    ]
    assert [block.get("cells", []) for block in found] == [list(block["cells"]) for block in kept]
    assert truth["language"] == source.head.language


@pytest.mark.parametrize("slug", PDF_SLUGS)
def test_a_pdf_has_8_to_20_pages_and_every_block_begins_where_the_truth_says(slug):
    truth = read_truth(slug)
    pages = [reduce_text(text) for text in read_pdf_pages(truth["document"])]
    assert 8 <= len(pages) <= 20
    assert truth["page_count"] == len(pages)
    body = [block for block in truth["blocks"] if block["kind"] != "furniture"]
    assert [block["page"] for block in body] == sorted(block["page"] for block in body)
    for block in truth["blocks"]:
        assert reduce_text(block["text"])[:25] in pages[block["page"] - 1], block


@pytest.mark.parametrize("slug", PDF_SLUGS)
def test_the_contents_lead_to_the_pages_of_the_headings(slug):
    blocks = read_truth(slug)["blocks"]
    headings = [
        f"{block['text']} {block['page']}"
        for block in blocks
        if block["kind"] == "heading" and block["level"] <= LOOKS[slug].contents_depth
    ]
    assert [block["text"] for block in blocks if block.get("role") == "contents"][1:] == headings


@pytest.mark.parametrize("slug", PDF_SLUGS)
def test_every_page_but_the_first_bears_its_running_head_and_its_number(slug):
    truth = read_truth(slug)
    for role in ("running head", "page number"):
        pages = [block["page"] for block in truth["blocks"] if block.get("role") == role]
        assert pages == list(range(2, truth["page_count"] + 1))


@pytest.mark.parametrize("slug", WORD_SLUGS)
def test_a_docx_holds_the_truth_in_order(slug):
    truth = read_truth(slug)
    texts = []
    for item in Document(FOLDER / "documents" / truth["document"]).iter_inner_content():
        if isinstance(item, WordTable):
            texts += [" | ".join(cell.text for cell in row.cells) for row in item.rows]
        elif item.text.strip():
            texts.append(item.text.replace("\t", " "))
    assert texts == [block["text"] for block in truth["blocks"]]
    assert all("page" not in block for block in truth["blocks"])


@pytest.mark.parametrize("slug", WORD_SLUGS)
def test_a_docx_is_what_the_builder_makes_of_the_source_today(slug):
    source = read_source(FOLDER / "sources" / f"{slug}.md")
    contents = [b for b in read_truth(slug)["blocks"] if b.get("role") == "contents"][1:]
    heading_pages = [int(block["text"].rsplit(" ", 1)[1]) for block in contents]
    made = make_docx(source, LOOKS[slug], heading_pages)
    part = "word/document.xml"
    with (
        zipfile.ZipFile(io.BytesIO(made)) as new,
        zipfile.ZipFile(FOLDER / "documents" / f"{slug}.docx") as old,
    ):
        assert new.read(part) == old.read(part)


@pytest.mark.parametrize("slug", [slug for slug in SLUGS if LOOKS[slug].is_scanned_too])
def test_a_scanned_copy_has_as_many_pages_and_no_text(slug):
    path = FOLDER / "documents" / f"{slug}-scanned.pdf"
    pages = read_pdf_pages(path.name)
    assert len(pages) == read_truth(slug)["page_count"]
    assert not "".join(pages).strip()
    assert path.stat().st_size < 1_500_000


def test_a_source_becomes_headings_paragraphs_bullets_and_tables(tmp_path):
    body = "\n# One\n\nA line.\n\n- first\n- second\n\n| a | b |\n| --- | --- |\n| c \\| d | |\n"
    source = read_source(write_source(tmp_path, body))
    kinds = [type(block).__name__ for block in source.blocks]
    assert kinds == ["Heading", "Paragraph", "Bullet", "Bullet", "Table"]
    assert source.blocks[-1] == Table(("a", "b"), (("c | d", ""),))


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ("One line\nand a wrap.\n", r"sample\.md:12: a hard wrap"),
        ("Some **bold** words.\n", "inline markup"),
        ("| a | b |\n| --- | --- |\n| c |\n", "row 1 has 1 cells, the head 2"),
        ("| a | b |\n", "needs a head row"),
    ],
)
def test_a_source_that_breaks_the_format_is_refused_with_its_line(tmp_path, body, complaint):
    with pytest.raises(BuildError, match=complaint):
        read_source(write_source(tmp_path, body))


def test_a_source_with_an_unknown_key_is_refused(tmp_path):
    path = write_source(tmp_path, "")
    path.write_text(path.read_text().replace("phase", "fase"))
    with pytest.raises(BuildError, match="the head is wrong"):
        read_source(path)


@given(st.lists(st.tuples(st.text("abcdefg", min_size=1), st.integers(0, 9)), min_size=1))
def test_blocks_are_found_on_the_page_that_they_begin_on(cuts):
    pages, wanted = ["HEAD "], []
    for text, cut in cuts:
        wanted.append(len(pages))
        pages[-1] += f" {text[0]}"
        if 0 < cut < len(text):
            pages[-1] += f"{text[1:cut]} 1"
            pages.append("HEAD " + text[cut:])
        else:
            pages[-1] += text[1:]
    blocks = [TruthBlock("paragraph", text) for text, _ in cuts]
    pages[-1] += " 1"
    located = locate_blocks(blocks, pages, [("HEAD", "1")] * len(pages))
    assert [block.page for block in located] == wanted


def test_a_block_that_is_not_in_the_pdf_is_named():
    with pytest.raises(BuildError, match="not in the PDF: 'second'"):
        locate_blocks([TruthBlock("paragraph", "second")], ["first"], [()])


def test_fixed_dates_move_no_offset_of_a_pdf():
    pdf = b"/CreationDate(D:20260131120000Z) /ID [ <" + b"A" * 32 + b">\n<" + b"B" * 32 + b"> ]"
    fixed = fix_dates(pdf)
    assert len(fixed) == len(pdf)
    assert b"(D:20251103090000Z)" in fixed
    assert b"A" * 32 not in fixed


def test_only_sections_with_sub_headings_begin_a_page():
    blocks = [Heading(1, "one"), Heading(1, "two"), Heading(2, "under"), Heading(1, "last")]
    look = LOOKS["maesyfelin"]
    assert look.is_area_on_new_page
    assert [starts_page(blocks, i, look) for i in range(4)] == [True, True, False, False]


def test_no_column_is_too_narrow_for_its_longest_word():
    shares = widths_of(Table(("Amber", "Remarks"), (("-", "x " * 400),)))
    assert sum(shares) == pytest.approx(1)
    assert shares[0] > len("Amber") / 75
