import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence_mapper import errors
from evidence_mapper.reading.answers import (
    Answer,
    Content,
    Failure,
    clean_sentence,
    is_consistent,
    parse_answer,
    write_answer,
)
from evidence_mapper.records import Block, BlockKind, Page, Span, Word


def content(text: str = "Ysgol dda", **page: object) -> Content:
    words = (Word(0, 5, 1.0, 2.0, 3.0, 4.0), Word(6, len(text), 4.0, 2.0, 6.0, 4.0))
    fields = {"number": 1, "label": "p. 1", "text": text, "words": words} | page
    span = Span(1, 0, len(text))
    return Content(
        is_paged=True,
        pages=(Page(**fields),),
        blocks=(Block(BlockKind.PARAGRAPH, (span,), "Heading"),),
        notes=("A note.",),
    )


def test_an_answer_comes_back_as_it_was_written():
    whole = content()
    assert parse_answer(write_answer(Answer(content=whole))) == whole


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=8), st.text(max_size=9))
def test_any_text_comes_back_as_it_was_written(text: str, label: str):
    whole = content(text, label=label.encode("utf-8", "replace").decode())
    assert parse_answer(write_answer(Answer(content=whole))) == whole


def test_the_childs_error_is_raised_with_its_sentence():
    answer = write_answer(Answer(failure=Failure("NoTextFound", "3 pages but no text layer")))
    with pytest.raises(errors.NoTextFound, match="3 pages but no text layer"):
        parse_answer(answer)


@pytest.mark.parametrize("name", ["SystemExit", "ReadingError", "FrameworkError", "os.system", ""])
def test_only_reading_errors_can_be_raised_by_a_child(name: str):
    with pytest.raises(errors.DamagedDocument):
        parse_answer(write_answer(Answer(failure=Failure(name, "no"))))


def test_a_childs_sentence_cannot_disturb_a_terminal():
    assert clean_sentence("a\x1b[31m\nb\u202e" + "c" * 900).isprintable()
    assert len(clean_sentence("c" * 900)) == 500


@pytest.mark.parametrize(
    "damage",
    [
        lambda d: d["content"].update(pages=[]),
        lambda d: d["content"]["pages"][0].update(number=2),
        lambda d: d["content"]["blocks"][0]["spans"][0].update(end=99),
        lambda d: d["content"]["blocks"][0]["spans"][0].update(start=-1),
        lambda d: d["content"]["blocks"][0]["spans"][0].update(start=9, end=9),
        lambda d: d["content"]["blocks"][0].update(spans=[]),
        lambda d: d["content"]["blocks"][0].update(level=-1),
        lambda d: d["content"]["blocks"][0].update(kind="script"),
        lambda d: d["content"]["pages"][0]["words"][1].update(start=3),
        lambda d: d["content"]["pages"][0]["words"][1].update(end=10),
        lambda d: d["content"]["pages"][0]["words"][0].update(x0=float("nan")),
        lambda d: d["content"]["pages"][0]["words"][0].update(x0="1"),
        lambda d: d["content"]["pages"][0].update(width=float("inf")),
        lambda d: d["content"]["pages"][0].update(text=None),
        lambda d: d.update(content=None),
        lambda d: d.clear(),
    ],
)
def test_an_answer_with_wrong_offsets_or_types_is_refused(damage):
    answer = json.loads(write_answer(Answer(content=content())))
    damage(answer)
    with pytest.raises(errors.DamagedDocument, match="no usable answer"):
        parse_answer(json.dumps(answer).encode())


@pytest.mark.parametrize("data", [b"", b"null", b"[]", b"{", b"\xff", b'{"content":' * 9999])
def test_nonsense_is_refused(data: bytes):
    with pytest.raises(errors.DamagedDocument):
        parse_answer(data)


def test_consistent_content_is_recognised():
    assert is_consistent(content())
