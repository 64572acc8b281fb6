"""The profile as JSON, and the schema that describes it."""

import json
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from evidence_mapper.records import (
    ClaimType,
    DescriptorMatch,
    DocumentKind,
    DocumentSummary,
    Outcome,
    Position,
    Profile,
    ProportionMention,
    Quote,
    Role,
    Span,
    Versions,
)
from evidence_mapper.reports import profile_to_json
from report_builders import (
    ESTYN,
    LIBRARY,
    make_library_profile,
    make_passage,
    make_profile,
)

SCHEMA = json.loads(
    (Path(__file__).parents[1] / "docs" / "profile.schema.json").read_text(encoding="utf-8")
)
VALIDATOR = Draft202012Validator(SCHEMA)


def make_fields() -> dict[str, Any]:
    """Return the fields of a profile; its first quote is the one with proportions."""
    fields = json.loads(profile_to_json(make_library_profile()))
    shares = make_passage("Most shelves are full, few empty.", "collection", 2)
    quotes = json.loads(profile_to_json(make_profile([shares])))["positions"][0]["quotes"]
    fields["positions"][0]["quotes"][:0] = quotes
    return fields


def test_the_schema_is_a_valid_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize(
    "profile",
    [
        make_library_profile(),
        make_profile([]),
        make_profile([], framework=ESTYN, notes=("Pages 3 and 4 hold no text.",)),
        make_profile(
            [
                make_passage(
                    "Darllen yw popeth.",
                    "space",
                    2,
                    page=None,
                    label="Y llyfrgell",
                    heading=None,
                    language="cy",
                )
            ]
        ),
        make_profile(
            [make_passage("Over the page.", "space", 2, spans=(Span(3, 9, 16), Span(4, 0, 6)))]
        ),
    ],
    ids=["three outcomes", "nothing found", "estyn", "no pages", "two spans"],
)
def test_a_profile_is_valid(profile: Profile) -> None:
    assert not list(VALIDATOR.iter_errors(json.loads(profile_to_json(profile))))


def test_an_unchanged_profile_is_valid() -> None:
    assert not list(VALIDATOR.iter_errors(make_fields()))


def test_a_quote_says_what_it_claims_and_holds_its_proportions_and_closest_descriptors() -> None:
    found = quote(make_fields())
    assert found["claim"] == "impact"
    assert found["proportions"] == [
        {"start": 0, "end": 4, "word": "most", "definition": "90% or more"},
        {"start": 23, "end": 26, "word": "few", "definition": "under 20%"},
    ]
    assert found["descriptors"] == [{"descriptor": 0, "match_score": 0.61}]


def test_a_claim_that_no_model_was_taught_is_null() -> None:
    passage = make_passage("Shelves are full.", "space", 2)
    bare = replace(passage.mapping, claims=(), descriptors=(), proportions=())
    written = json.loads(profile_to_json(make_profile([replace(passage, mapping=bare)])))
    found = written["positions"][1]["quotes"][0]
    assert (found["claim"], found["proportions"], found["descriptors"]) == (None, [], [])
    assert not list(VALIDATOR.iter_errors(written))


def position(number: int) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda profile: profile["positions"][number]


def quote(profile: dict[str, Any]) -> dict[str, Any]:
    return profile["positions"][0]["quotes"][0]


def proportion(profile: dict[str, Any]) -> dict[str, Any]:
    return quote(profile)["proportions"][0]


def match(profile: dict[str, Any]) -> dict[str, Any]:
    return quote(profile)["descriptors"][0]


MUTATIONS = {
    "another version": (lambda profile: profile, "schema_version", 1),
    "no documents": (lambda profile: profile, "documents", []),
    "no positions": (lambda profile: profile, "positions", []),
    "an unknown key": (lambda profile: profile, "grade", 4),
    "an unknown kind": (lambda profile: profile["documents"][0], "kind", "letter"),
    "a short digest": (lambda profile: profile["documents"][0], "digest", "0123"),
    "an unknown language": (lambda profile: profile["documents"][0], "languages", ["French"]),
    "an unknown outcome": (position(0), "outcome", "graded"),
    "a suggestion without stage": (position(0), "stage", None),
    "a suggestion without quotes": (position(0), "quotes", []),
    "a stage below the first": (position(0), "stage", 0),
    "half a stage": (position(0), "stage", 1.5),
    "a stage in spite of conflict": (position(1), "stage", 1),
    "a stage without evidence": (position(2), "stage", 1),
    "an outcome that is not the stage's": (position(0), "outcome", "insufficient evidence"),
    "no stage, yet suggested": (position(2), "outcome", "suggested"),
    "no reason": (position(2), "reason", ""),
    "a probability above one": (position(0), "stage_probabilities", [0.0, 1.2, 0.0]),
    "one probability": (position(0), "stage_probabilities", [1.0]),
    "a key that is none": (position(0), "area", "Teaching & learning"),
    "an unknown key in a position": (position(0), "score", 0.5),
    "an empty quote": (quote, "text", ""),
    "page nought": (quote, "page", 0),
    "a page as text": (quote, "page", "3"),
    "no span": (quote, "spans", []),
    "a span without end": (quote, "spans", [{"page": 1, "start": 0}]),
    "an unknown role": (quote, "role", "beside"),
    "a weight above one": (quote, "weight", 1.01),
    "an unknown claim": (quote, "claim", "promise"),
    "no proportions at all": (quote, "proportions", None),
    "a proportion before the text": (proportion, "start", -1),
    "a proportion without word": (proportion, "word", ""),
    "a proportion without meaning": (proportion, "definition", ""),
    "an unknown key in a proportion": (proportion, "lower", 0.9),
    "a descriptor by its text": (match, "descriptor", "Few books are new."),
    "a descriptor before the first": (match, "descriptor", -1),
    "a cosine above one": (match, "match_score", 1.2),
    "an unknown key in a match": (match, "area", "space"),
    "a fourth descriptor": (quote, "descriptors", [{"descriptor": 0, "match_score": 0.5}] * 4),
    "a model without digest": (lambda profile: profile["versions"], "model_digest", ""),
}


@pytest.mark.parametrize("mutation", MUTATIONS.values(), ids=MUTATIONS.keys())
def test_a_changed_profile_is_invalid(mutation: tuple[Any, str, object]) -> None:
    find, key, value = mutation
    profile = make_fields()
    find(profile)[key] = value
    assert list(VALIDATOR.iter_errors(profile))


def list_objects(profile: dict[str, Any]) -> list[dict[str, Any]]:
    objects = [profile, profile["documents"][0], profile["versions"], profile["positions"][0]]
    parts = [quote(profile)["spans"][0], proportion(profile), match(profile)]
    return [*objects, quote(profile), *parts]


def test_every_key_is_required() -> None:
    for number, whole in enumerate(list_objects(make_fields())):
        for key in whole:
            profile = make_fields()
            del list_objects(profile)[number][key]
            assert list(VALIDATOR.iter_errors(profile)), key


def test_the_schema_knows_the_records_and_their_words() -> None:
    definitions = SCHEMA["$defs"]
    for name, record in {
        "document": DocumentSummary,
        "position": Position,
        "quote": Quote,
        "span": Span,
        "proportion": ProportionMention,
        "match": DescriptorMatch,
        "versions": Versions,
    }.items():
        assert [*definitions[name]["properties"]] == [field.name for field in fields(record)]
    assert definitions["document"]["properties"]["kind"]["enum"] == [*DocumentKind]
    assert definitions["position"]["properties"]["outcome"]["enum"] == [*Outcome]
    assert set(definitions["quote"]["properties"]["role"]["enum"]) == {*Role}
    assert definitions["quote"]["properties"]["claim"]["enum"] == [*ClaimType, None]


def test_everything_in_the_schema_is_described() -> None:
    for definition in (SCHEMA, *SCHEMA["$defs"].values()):
        assert definition["description"]
        for name, part in definition.get("properties", {}).items():
            assert "description" in part or "$ref" in part, name


def test_the_same_profile_gives_the_same_text() -> None:
    first, second = (profile_to_json(make_library_profile()) for _ in range(2))
    assert first == second
    assert first.endswith("}\n")


def test_probabilities_have_four_decimals_at_most() -> None:
    probabilities = [
        probability
        for found in make_fields()["positions"]
        for probability in found["stage_probabilities"]
    ]
    assert len(probabilities) == len(LIBRARY.areas) * len(LIBRARY.stages)
    assert all(round(probability, 4) == probability for probability in probabilities)


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_a_quote_is_verbatim_and_readable(text: str) -> None:
    written = profile_to_json(make_profile([make_passage(text, "space", 2)]))
    assert json.loads(written)["positions"][1]["quotes"][0]["text"] == text


def test_welsh_letters_are_written_as_they_are() -> None:
    written = profile_to_json(make_profile([make_passage("Mae’r tŷ’n llawn.", "space", 2)]))
    assert "Mae’r tŷ’n llawn." in written
