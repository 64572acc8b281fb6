"""Why a passage is placed where it is."""

import json
import sys
from io import BytesIO, TextIOWrapper

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence_mapper.errors import ModelError
from evidence_mapper.explanations import LEAST_CHANGE, MAX_PARTS, explain_text
from evidence_mapper.language import LANGUAGES
from evidence_mapper.mapping import ModelSet, load_model
from tiny_encoder import TinyEncoder, write_passage


def measure_stage(model, text, language="en"):
    (mapping,) = model.map_texts([text], language=language)
    return sum(number * share for number, share in enumerate(mapping.stages, start=1))


@pytest.fixture
def show_all(monkeypatch):
    """Let every word count, whatever it does."""
    monkeypatch.setattr("evidence_mapper.explanations.LEAST_CHANGE", 0.0)


@pytest.mark.parametrize(
    ("text", "word", "direction"),
    [("The curriculum is embedded.", "embedded", 1), ("The curriculum is weak.", "weak", -1)],
)
def test_the_word_that_carries_the_stage_comes_first(tiny_models, text, word, direction):
    strongest = explain_text(tiny_models, text).effects[0]
    assert strongest.text == word
    assert text[strongest.start : strongest.end] == word
    assert strongest.stage_change * direction > 0.3


def test_an_effect_is_the_mean_stage_with_the_word_less_that_without(tiny_models, tiny_model):
    text = "The curriculum, though, is weak."
    explanation = explain_text(tiny_models, text)
    effects = {effect.text: effect.stage_change for effect in explanation.effects}
    for word, without in [
        ("weak", "The curriculum, though, is."),
        ("though", "The curriculum,, is weak."),
        ("The", " curriculum, though, is weak."),
    ]:
        expected = measure_stage(tiny_model, text) - measure_stage(tiny_model, without)
        assert effects[word] == pytest.approx(expected, abs=1e-3)
    sizes = [abs(effect.stage_change) for effect in explanation.effects]
    assert sizes == sorted(sizes, reverse=True)


def test_a_word_that_does_next_to_nothing_is_not_shown(tiny_models):
    explanation = explain_text(tiny_models, write_passage("curriculum", 4))
    assert explanation.effects == ()
    weak = explain_text(tiny_models, "The curriculum is weak.")
    assert min(abs(effect.stage_change) for effect in weak.effects) >= LEAST_CHANGE


def test_an_explanation_holds_the_mapping_of_the_whole_text(tiny_models, tiny_model):
    text = "Most staff know the vision."
    explanation = explain_text(tiny_models, text)
    assert (explanation.mapping,) == tiny_model.map_texts([text])
    assert (explanation.text, explanation.language) == (text, "en")


@pytest.mark.usefixtures("show_all")
@pytest.mark.parametrize(
    ("text", "language", "parts"),
    [
        ("Nearly all staff agree.", "en", ["Nearly all", "staff", "agree"]),
        ("'Nearly all' agree, 'most' do.", "en", ["Nearly all", "agree", "most", "do"]),
        ("In very  few rooms.", "en", ["In", "very  few", "rooms"]),
        ("Mae'r rhan fwyaf yn dod.", "cy", ["Mae'r", "rhan fwyaf", "yn", "dod"]),
        ("Nearly all staff agree.", "cy", ["Nearly", "all", "staff", "agree"]),
        (
            "– Not 90% - but pupils' well-being…",
            "en",
            ["Not", "90%", "but", "pupils'", "well-being"],
        ),
    ],
)
def test_proportions_are_left_out_as_a_whole_and_all_else_word_by_word(
    tiny_models, text, language, parts
):
    explanation = explain_text(tiny_models, text, language)
    in_order = sorted(explanation.effects, key=lambda effect: effect.start)
    assert [text[effect.start : effect.end] for effect in in_order] == parts
    assert [effect.text for effect in in_order] == parts


@pytest.mark.usefixtures("show_all")
def test_a_long_text_is_looked_at_up_to_a_limit(tiny_models, tiny_model):
    text = " ".join(f"word{number}" for number in range(MAX_PARTS + 10))
    explanation = explain_text(tiny_models, text, "en")
    assert {effect.text for effect in explanation.effects} == set(text.split()[:MAX_PARTS])
    assert len(tiny_model.encoder.encoded) == 1 + MAX_PARTS


def test_the_language_is_detected_where_it_is_left_out(tiny_models):
    text = "Mae'r rhan fwyaf o'r disgyblion yn gwneud cynnydd da yn eu dysgu."
    detected = explain_text(tiny_models, text)
    assert detected.language == "cy"
    assert [mention.word for mention in detected.mapping.proportions] == ["most"]
    assert explain_text(tiny_models, text, "en").mapping.proportions == ()


@pytest.mark.parametrize(
    ("language", "name"), [("cy", "Welsh"), ("xx", "xx")], ids=["no model", "unknown"]
)
def test_a_language_that_no_model_answers_in_is_one_sentence(tiny_model, language, name):
    with pytest.raises(ModelError) as caught:
        explain_text(ModelSet({"en": tiny_model}), "Mae llawer yn darllen.", language)
    assert str(caught.value) == (
        f"passages in {name}: no model was measured in this language (there are some for English)"
    )


def test_one_model_is_enough_for_its_own_language(tiny_model):
    explanation = explain_text(ModelSet({"cy": tiny_model}), "Mae'r cwricwlwm yn wan.", "cy")
    assert "wan" in {effect.text for effect in explanation.effects}


def test_a_text_without_a_word_has_no_effects(tiny_models):
    for text in ("", "  ", "…"):
        assert explain_text(tiny_models, text).effects == ()


@pytest.fixture(scope="module")
def models(tiny_folder, framework):
    """As `tiny_models`, for many examples of one test."""
    model = load_model(str(tiny_folder), framework=framework)
    model.encoder = TinyEncoder()
    return ModelSet({"en": model, "cy": model})


WORDS = st.sampled_from(["nearly all", "weak", "embedded", "Y rhan fwyaf", "'few'", "90%", "–"])


@settings(deadline=None)
@given(
    text=st.lists(WORDS | st.text(max_size=3), max_size=12).map(" ".join),
    language=st.sampled_from(LANGUAGES),
)
def test_every_effect_is_a_slice_of_the_text_and_none_overlap(models, text, language):
    explanation = explain_text(models, text, language)
    in_order = sorted(explanation.effects, key=lambda effect: effect.start)
    places = [place for effect in in_order for place in (effect.start, effect.end)]
    assert places == sorted(places)
    assert all(text[effect.start : effect.end] == effect.text for effect in in_order)
    for mention in explanation.mapping.proportions:
        for effect in in_order:
            is_apart = effect.end <= mention.start or mention.end <= effect.start
            assert is_apart or effect.start <= mention.start <= mention.end <= effect.end


# The command

PASSAGE = "Nearly all lessons: the curriculum is embedded and weak."


def test_explain_prints_stages_areas_words_proportions_and_descriptors(run, tiny, framework):
    answer = run("explain", PASSAGE, *tiny)
    assert (answer.code, answer.err) == (0, "")
    words = " ".join(answer.out.split())
    assert framework.find_area("curriculum").short_name in words
    assert all(f"{stage.number} {stage.name}" in words for stage in framework.stages)
    assert "with very few exceptions" in words
    assert "+0.45 embedded" in words
    assert "Closest descriptors" in words
    assert "not whether it is right" in words


def test_explain_prints_nothing_but_json_on_stdout(run, tiny, tiny_models):
    answer = run("explain", PASSAGE, "--json", *tiny)
    explanation = json.loads(answer.out)
    assert (answer.code, answer.err) == (0, "")
    assert set(explanation) == {"text", "language", "mapping", "effects", "claim"}
    assert (explanation["text"], explanation["language"]) == (PASSAGE, "en")
    assert explanation["effects"][0] == {
        "start": PASSAGE.index("embedded"),
        "end": PASSAGE.index("embedded") + len("embedded"),
        "text": "embedded",
        "stage_change": explain_text(tiny_models, PASSAGE).effects[0].stage_change,
    }
    assert explanation["mapping"]["proportions"][0]["word"] == "nearly all"
    assert sum(explanation["mapping"]["stages"]) == pytest.approx(1, abs=1e-3)


def test_explain_reads_a_passage_from_stdin_and_joins_its_lines(run, tiny, monkeypatch):
    give_stdin(monkeypatch, f"{PASSAGE}\n".replace(" ", "\n").encode())
    answer = run("explain", "-", "--json", *tiny)
    assert json.loads(answer.out)["text"] == PASSAGE


def give_stdin(monkeypatch, content: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO(content)))


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"Cynnydd \xff da", "is not UTF-8 text"),
        (b"word " * 2000, "has more than 5000 bytes; give one to four sentences"),
        (b" \n", "give a passage of some words"),
    ],
)
def test_what_cannot_be_explained_is_said_in_one_sentence(run, tiny, monkeypatch, content, problem):
    give_stdin(monkeypatch, content)
    answer = run("explain", "-", *tiny)
    assert answer.code == 2
    assert problem in " ".join(answer.err.split())


def test_explain_takes_the_language_that_it_is_given(run, tiny):
    answer = run("explain", PASSAGE, "--language", "cy", "--json", *tiny)
    explanation = json.loads(answer.out)
    assert explanation["language"] == "cy"
    assert explanation["mapping"]["proportions"] == []


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ([""], "give a passage of some words."),
        ([" \n\t "], "give a passage of some words."),
        (["Pupils read.", "--language", "fr"], "'fr'; give en or cy."),
    ],
    ids=["empty", "spaces", "another language"],
)
def test_explain_says_in_one_sentence_what_is_wrong(run, words, problem):
    answer = run("explain", *words)
    assert (answer.code, answer.out) == (2, "")
    assert problem in answer.err
    assert "Traceback" not in answer.err
