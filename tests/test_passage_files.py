from pathlib import Path

import pytest

from evidence_mapper.errors import LabelledDataError
from evidence_mapper.passage_files import (
    MAX_LINE_CHARS,
    MAX_PROBLEMS,
    LabelledPassage,
    UnlabelledPassage,
    read_labelled_passages,
    read_unlabelled_passages,
)
from tiny_encoder import write_jsonl

KEYS = ("curriculum", "pupil_voice")


def read_labelled(path: Path) -> tuple[LabelledPassage, ...]:
    return read_labelled_passages(path, area_keys=KEYS, stage_count=4)


def read_unlabelled(path: Path) -> list[UnlabelledPassage]:
    return list(read_unlabelled_passages(path))


def list_lines(path: Path) -> list[str]:
    """Return the lines of what is said about a labelled file that cannot be used."""
    with pytest.raises(LabelledDataError) as caught:
        read_labelled(path)
    return str(caught.value).splitlines()


# Unlabelled


def test_passages_to_classify_keep_their_ids_texts_and_order(tmp_path):
    path = write_jsonl(
        tmp_path / "p.jsonl",
        [{"id": "b", "text": " Dŵr  glân. "}, {"id": 7, "text": "Two.", "score": 3}],
    )
    passages = read_unlabelled(path)
    assert [(passage.id, passage.text) for passage in passages] == [
        ("b", " Dŵr  glân. "),
        (7, "Two."),
    ]


def test_blank_lines_a_byte_order_mark_and_windows_line_ends_are_passed_over(tmp_path):
    path = tmp_path / "p.jsonl"
    path.write_bytes(b'\xef\xbb\xbf{"id": 1, "text": "A."}\r\n\r\n  \r\n{"id": 2, "text": "B."}')
    assert [passage.text for passage in read_unlabelled(path)] == ["A.", "B."]


def test_an_empty_file_has_no_passage_to_classify(tmp_path):
    assert read_unlabelled(write_jsonl(tmp_path / "p.jsonl", [])) == []


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("nonsense", "Invalid JSON"),
        ('{"id": 1}', "text: Field required"),
        ('{"text": "A."}', "id"),
        ('{"id": 1, "text": ""}', "text: String should have at least 1 character"),
        ('{"id": 1, "text": 5}', "text: Input should be a valid string"),
        ('["A."]', "Input should be an object"),
        ('{"id": 1, "text": "A.", "voice": "choir"}', "voice: Input should be"),
    ],
)
def test_a_line_that_cannot_be_used_is_named(tmp_path, line, problem):
    path = write_jsonl(tmp_path / "p.jsonl", [{"id": 1, "text": "A."}, "", line])
    with pytest.raises(LabelledDataError) as caught:
        read_unlabelled(path)
    message = str(caught.value)
    assert message.startswith("p.jsonl: line 3: ")
    assert problem in message
    assert "\n" not in message


@pytest.mark.parametrize("read", [read_labelled, read_unlabelled])
def test_a_missing_file_a_folder_and_another_encoding_say_what_to_do(tmp_path, read):
    latin = tmp_path / "latin.jsonl"
    latin.write_bytes('{"id": 1, "text": "Tŷ â."}'.encode("utf-16"))
    for path, problem in [
        (tmp_path / "none.jsonl", "none.jsonl: no such file or directory; give a file"),
        (tmp_path, "is a directory; give a file"),
        (latin, "latin.jsonl: is not UTF-8 text; save it as UTF-8."),
    ]:
        with pytest.raises(LabelledDataError, match=problem):
            read(path)


@pytest.mark.parametrize("read", [read_labelled, read_unlabelled])
def test_a_line_of_megabytes_is_not_read(tmp_path, read):
    path = write_jsonl(tmp_path / "p.jsonl", ["", "x" * (MAX_LINE_CHARS * 3)])
    with pytest.raises(LabelledDataError, match=r"p\.jsonl: line 2 has more than 200000"):
        read(path)


# Labelled


def test_labels_are_read_and_the_file_is_their_source(tmp_path):
    path = write_jsonl(
        tmp_path / "en_short.jsonl",
        [
            {"text": "A.", "area": "curriculum", "also": ["pupil_voice"], "stage": 4, "doc": "d1"},
            {"text": "B.", "area": "pupil_voice", "stage": None, "lang": "cy"},
            {"text": "C.", "area": "none"},
        ],
    )
    first, second, third = read_labelled(path)
    assert (first.area, first.also, first.stage, first.doc) == (
        "curriculum",
        ("pupil_voice",),
        4,
        "d1",
    )
    assert (second.stage, second.lang, second.also) == (None, "cy", ())
    assert (third.area, third.lang, third.voice) == ("none", "en", "other")
    assert {passage.source for passage in (first, second, third)} == {"en_short"}


@pytest.mark.parametrize(
    ("label", "problem"),
    [
        ({"area": "music"}, "area: 'music' is none of curriculum, pupil_voice, none"),
        ({"area": "curriculum", "also": ["music"]}, "area: 'music' is none of"),
        ({"area": "curriculum", "stage": 5}, "stage: 5 is above the highest stage, 4"),
        ({"area": "curriculum", "stage": 0}, "stage: Input should be greater than or equal to 1"),
        ({"area": "none", "stage": 2}, "stage: a passage that is no evidence has no stage"),
        ({"area": "none", "also": ["curriculum"] * 3}, "also: Tuple should have at most 2 items"),
        ({}, "area: Field required"),
    ],
)
def test_a_label_that_the_framework_does_not_know_is_named_with_its_line(tmp_path, label, problem):
    path = write_jsonl(
        tmp_path / "p.jsonl", [{"text": "A.", "area": "none"}, {"text": "B.", **label}]
    )
    head, line = list_lines(path)
    assert head == "p.jsonl: 1 line cannot be used:"
    assert line.startswith("  line 2: ")
    assert problem in line


def test_every_problem_is_told_at_once_up_to_twenty(tmp_path):
    path = write_jsonl(tmp_path / "p.jsonl", [{"text": "A.", "area": "music"}] * 25)
    lines = list_lines(path)
    assert lines[0] == "p.jsonl: 25 lines cannot be used:"
    assert lines[-1] == "  and 5 more"
    assert len(lines) == 1 + MAX_PROBLEMS + 1


def test_a_labelled_file_without_a_passage_cannot_be_used(tmp_path):
    assert list_lines(write_jsonl(tmp_path / "p.jsonl", ["", " "])) == [
        "p.jsonl: holds no passage; give one JSON object a line."
    ]
