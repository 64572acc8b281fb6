"""Claim types: the labelled passages, and the head that is taught by them."""

import numpy as np
import pytest

from evidence_mapper.errors import LabelledDataError
from evidence_mapper.framework import load_framework
from evidence_mapper.mapping.heads import softmax
from evidence_mapper.records import ClaimType
from evidence_mapper.training import load_training_passages
from evidence_mapper.training.claims import LabelledClaim, fit_claims, load_claims, measure_claims
from tiny_encoder import TinyEncoder, write_jsonl

LINE = {"text": "We will plan more.", "claim": "intention", "lang": "en", "from": "en_long"}
# What each type is said with, and what it is said of, in three files.
WORDS = {
    "intention": "next year leaders will introduce and intend to review {}",
    "action": "every week staff meet and use {} in lessons",
    "impact": "because of {} results rose and behaviour improved",
}
TOPICS = {
    "first": ("the library", "phonics", "the garden", "coaching"),
    "second": ("homework", "the choir", "reading", "attendance"),
    "third": ("the council", "marking", "numeracy", "the nursery"),
}


def make_claims(sources=("first", "second"), *, is_check=False, types=tuple(WORDS)):
    return [
        LabelledClaim(
            text=WORDS[claim].format(topic),
            claim=claim,
            lang="en",
            source=source,
            is_check=is_check,
        )
        for source in sources
        for topic in TOPICS[source]
        for claim in types
    ]


# Files


def test_claims_are_loaded_in_order_and_those_to_check_by_are_marked(tmp_path):
    write_jsonl(tmp_path / "cy_claims.jsonl", [{**LINE, "lang": "cy"}])
    write_jsonl(tmp_path / "en_claims.jsonl", [LINE, {**LINE, "claim": "impact", "text": "Up."}])
    write_jsonl(tmp_path / "en_claims_check.jsonl", [{**LINE, "claim": "action", "id": 7}])
    (tmp_path / "notes.txt").write_text("not read")
    claims = load_claims(tmp_path)
    assert [(claim.lang, claim.claim, claim.is_check) for claim in claims] == [
        ("cy", ClaimType.INTENTION, False),
        ("en", ClaimType.INTENTION, False),
        ("en", ClaimType.IMPACT, False),
        ("en", ClaimType.ACTION, True),
    ]
    assert {claim.source for claim in claims} == {"en_long"}
    assert claims[0].text == LINE["text"]


def test_a_file_to_check_by_is_known_by_its_name_alone(tmp_path):
    write_jsonl(tmp_path / "checked.jsonl", [{**LINE, "is_check": True}])
    (claim,) = load_claims(tmp_path)
    assert not claim.is_check


def test_a_folder_without_claims_gives_none(tmp_path):
    assert load_claims(tmp_path) == ()
    assert load_claims(tmp_path / "missing") == ()


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ({**LINE, "claim": "promise"}, "claim: Input should be 'intention', 'action' or 'impact'"),
        ({**LINE, "text": ""}, "text: String should have at least 1 character"),
        ({key: LINE[key] for key in ("text", "claim", "lang")}, "from: Field required"),
        ({key: LINE[key] for key in ("text", "from", "lang")}, "claim: Field required"),
        ("nonsense", "Invalid JSON"),
    ],
    ids=["unknown type", "empty text", "no source", "no type", "no JSON"],
)
def test_a_line_that_cannot_be_used_is_named(tmp_path, line, problem):
    write_jsonl(tmp_path / "en_claims.jsonl", [LINE, "", line])
    with pytest.raises(LabelledDataError) as caught:
        load_claims(tmp_path)
    assert str(caught.value).startswith(f"en_claims.jsonl: line 3: {problem}")
    assert str(caught.value).endswith("; put it right and run again.")


# The shipped files


@pytest.fixture(scope="module")
def shipped():
    return load_claims()


@pytest.mark.parametrize("language", ["en", "cy"])
@pytest.mark.parametrize("is_check", [False, True])
def test_the_shipped_claims_hold_all_types_of_each_language(shipped, language, is_check):
    claims = [c for c in shipped if c.lang == language and c.is_check == is_check]
    assert len(claims) >= 100
    for claim_type in ClaimType:
        assert sum(claim.claim is claim_type for claim in claims) >= 10


def test_no_shipped_text_stands_twice_or_is_both_taught_and_checked(shipped):
    texts = ["".join(filter(str.isalnum, claim.text.casefold())) for claim in shipped]
    assert len(texts) == len(set(texts))


def test_no_shipped_file_of_passages_is_both_taught_and_checked(shipped):
    taught, checked = (
        {claim.source for claim in shipped if claim.is_check == is_check}
        for is_check in (False, True)
    )
    assert taught
    assert checked
    assert not taught & checked


def test_every_shipped_claim_is_a_training_passage_of_its_file(shipped):
    known = {
        (passage.source, passage.lang, passage.text)
        for passage in load_training_passages(load_framework())
    }
    unknown = [c.text for c in shipped if (c.source, c.lang, c.text) not in known]
    assert unknown == []


# The head


def test_a_head_tells_types_apart_that_it_was_taught():
    encoder = TinyEncoder()
    head = fit_claims(make_claims(), encoder)
    assert head.vector.shape == (64, 3)
    assert head.bias.shape == (3,)
    assert head.vector.dtype == head.bias.dtype == np.float32
    held_back = make_claims(["third"])
    probabilities = softmax(head.apply(encoder.encode([claim.text for claim in held_back])))
    types = list(ClaimType)
    assert [types[column] for column in probabilities.argmax(axis=1)] == [
        claim.claim for claim in held_back
    ]
    assert probabilities.max(axis=1).min() > 0.5


def test_a_head_learns_nothing_from_claims_to_check_by():
    encoder = TinyEncoder()
    taught = make_claims()
    wrong = [
        claim.model_copy(update={"claim": ClaimType.IMPACT, "text": claim.text + " again"})
        for claim in make_claims(["third"], is_check=True)
    ]
    alone, beside = fit_claims(taught, encoder), fit_claims([*taught, *wrong], encoder)
    assert np.array_equal(alone.vector, beside.vector)
    assert not any(text.endswith("again") for text in encoder.encoded)


def test_a_type_without_a_passage_is_named():
    encoder = TinyEncoder()
    checked = make_claims(["third"], is_check=True)
    with pytest.raises(LabelledDataError) as caught:
        fit_claims([*make_claims(types=["action"]), *checked], encoder)
    assert str(caught.value) == (
        "8 labelled claims: too few to learn from; label some from 2 or more files of passages as: "
        "intention, impact."
    )
    with pytest.raises(LabelledDataError, match=r"0 labelled claims: .* intention, action, impact"):
        fit_claims([], encoder)
    assert encoder.encoded == []


def test_claims_of_one_source_cannot_be_held_back():
    with pytest.raises(LabelledDataError, match="12 labelled claims: too few to learn from"):
        fit_claims(make_claims(["first"]), TinyEncoder())


@pytest.mark.usefixtures("few_draws")
def test_a_head_is_measured_on_the_claims_to_check_by_alone():
    encoder = TinyEncoder()
    taught = make_claims()
    head = fit_claims(taught, encoder)
    right = make_claims(["third"], is_check=True)
    quality = measure_claims([*taught, *right], head, encoder)
    assert quality.passage_count == len(right) == 12
    assert (quality.accuracy.value, quality.macro_f1.value) == (1, 1)
    wrong = [
        claim.model_copy(update={"claim": ClaimType.ACTION})
        if claim.claim is ClaimType.INTENTION
        else claim
        for claim in right
    ]
    quality = measure_claims([*taught, *wrong], head, encoder)
    assert quality.accuracy.value == pytest.approx(2 / 3)
    assert quality.accuracy.low < quality.accuracy.value < quality.accuracy.high


def test_nothing_is_measured_where_there_is_nothing_to_check_by():
    encoder = TinyEncoder()
    assert measure_claims(make_claims(), fit_claims(make_claims(), encoder), encoder) is None
