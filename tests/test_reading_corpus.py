"""Read the sample documents and compare with their true text, block by block."""

import difflib
import json
from pathlib import Path

import pytest

from evidence_mapper.data_files import find_data_folder
from reading_helpers import read, text_of

SAMPLES = find_data_folder("corpus_samples")
# Every true block of the samples is read verbatim, with its kind and its page; a lower floor needs
# a reason.
LEAST_SHARE = 1.0
TRUTHS = sorted((SAMPLES / "truth").glob("*.json"))


def find_document(slug: str) -> Path:
    return next(iter((SAMPLES / "documents").glob(f"{slug}.*")))


@pytest.mark.parametrize("truth_path", TRUTHS, ids=lambda path: path.stem)
def test_a_sample_is_read_as_it_was_written(truth_path: Path):
    truth = json.loads(truth_path.read_text())
    true = [
        (block["kind"], " ".join(block["text"].split()), block.get("page"))
        for block in truth["blocks"]
        if block["kind"] != "furniture"
    ]
    content = read(find_document(truth_path.stem).read_bytes())
    found = [
        (str(b.kind), text_of(content, b), b.spans[0].page if content.is_paged else None)
        for b in content.blocks
    ]
    matcher = difflib.SequenceMatcher(None, found, true, autojunk=False)
    same = {
        block
        for match in matcher.get_matching_blocks()
        for block in range(match.b, match.b + match.size)
    }
    missing = [true[number] for number in range(len(true)) if number not in same]
    assert len(same) >= len(true) * LEAST_SHARE, missing


@pytest.mark.parametrize("truth_path", TRUTHS, ids=lambda path: path.stem)
def test_nothing_but_titles_is_read_that_was_not_written(truth_path: Path):
    truth = json.loads(truth_path.read_text())
    true = {" ".join(b["text"].split()) for b in truth["blocks"] if b["kind"] != "furniture"}
    content = read(find_document(truth_path.stem).read_bytes())
    extra = [
        text_of(content, block)
        for block in content.blocks
        if block.kind != "furniture" and text_of(content, block) not in true
    ]
    titles = " ".join(b["text"] for b in truth["blocks"] if b.get("role") == "title")
    assert [text for text in extra if text not in titles] == []
