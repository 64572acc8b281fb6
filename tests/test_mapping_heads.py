import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from evidence_mapper.mapping.heads import (
    Features,
    LinearHeads,
    LinearWeights,
    softmax,
    stages_from_steps,
)

WIDTH = 4
WORDS = ("most", "not yet", "%")
LOGITS = st.integers(1, 5).flatmap(
    lambda rows: arrays(np.float32, (rows, 3), elements=st.floats(-1000, 1000, width=32))
)


def make_layer(outputs: int, *, seed: int = 0, temperature: float = 1.0) -> LinearWeights:
    random = np.random.default_rng(seed)
    return LinearWeights(
        random.normal(size=(WIDTH, outputs)).astype(np.float32),
        random.normal(size=(len(WORDS), outputs)).astype(np.float32),
        random.normal(size=outputs).astype(np.float32),
        temperature,
    )


def make_heads(temperature: float = 1.0) -> LinearHeads:
    return LinearHeads(
        ("curriculum", "pupils", "none"),
        Features(WORDS, np.ones(len(WORDS), np.float32)),
        area=make_layer(3, temperature=temperature),
        stage=make_layer(3, seed=1, temperature=temperature),
        clue=make_layer(1, seed=2, temperature=temperature),
    )


def make_vectors(count: int) -> np.ndarray:
    vectors = np.random.default_rng(count).normal(size=(count, WIDTH)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@given(LOGITS)
@settings(deadline=None)
def test_softmax_gives_rows_that_sum_to_1_for_any_logits(logits):
    rows = softmax(logits)
    assert rows.dtype == np.float32
    assert (rows >= 0).all()
    assert rows.sum(axis=1) == pytest.approx(1, abs=1e-5)
    assert (rows.max(axis=1) == rows[np.arange(len(rows)), logits.argmax(axis=1)]).all()


@given(arrays(np.float32, (4, 3), elements=st.floats(0, 1, width=32)))
@settings(deadline=None)
def test_stages_sum_to_1_and_are_never_negative_though_steps_cross(steps):
    stages = stages_from_steps(steps)
    assert stages.shape == (4, 4)
    assert (stages >= 0).all()
    assert stages.sum(axis=1) == pytest.approx(1, abs=1e-5)


def test_stages_are_the_differences_between_steps():
    steps = np.array([[0.9, 0.6, 0.1]], np.float32)
    assert stages_from_steps(steps)[0] == pytest.approx([0.1, 0.3, 0.5, 0.1])


def test_a_step_that_crosses_the_one_before_it_is_held_at_it():
    steps = np.array([[0.5, 0.8, 0.2]], np.float32)
    assert stages_from_steps(steps)[0] == pytest.approx([0.5, 0.0, 0.3, 0.2])


def test_probabilities_have_a_row_for_each_text():
    outputs = make_heads().predict(["Most pupils.", "Not yet.", "90%"], make_vectors(3))
    assert outputs.areas.shape == (3, 3)
    assert outputs.stages.shape == (3, 4)
    assert outputs.clues.shape == (3,)
    assert outputs.areas.sum(axis=1) == pytest.approx(1, abs=1e-5)
    assert outputs.stages.sum(axis=1) == pytest.approx(1, abs=1e-5)
    assert ((outputs.clues > 0) & (outputs.clues < 1)).all()


def test_a_row_does_not_depend_on_the_others():
    texts, vectors = ["Most pupils.", "Not yet.", "90%"], make_vectors(3)
    together = make_heads().predict(texts, vectors)
    alone = make_heads().predict(texts[1:2], vectors[1:2])
    assert alone.areas[0] == pytest.approx(together.areas[1], abs=1e-6)
    assert alone.stages[0] == pytest.approx(together.stages[1], abs=1e-6)


def test_no_text_has_no_row():
    outputs = make_heads().predict([], np.zeros((0, WIDTH), np.float32))
    assert (outputs.areas.shape, outputs.stages.shape) == ((0, 3), (0, 4))
    assert outputs.clues.shape == (0,)


@pytest.mark.parametrize("shape", [(1, WIDTH + 1), (WIDTH,), (0, WIDTH - 1)])
def test_vectors_of_another_width_are_the_callers_mistake(shape):
    with pytest.raises(ValueError, match=r"the heads take \(P, 4\)"):
        make_heads().predict(["One."][: shape[0]], np.zeros(shape, np.float32))


def test_a_high_temperature_makes_answers_less_sure_and_changes_none():
    vectors = make_vectors(20)
    texts = ["Most pupils."] * 20
    plain, cooled = (make_heads(t).predict(texts, vectors) for t in (1.0, 3.0))
    assert (plain.areas.argmax(axis=1) == cooled.areas.argmax(axis=1)).all()
    assert (cooled.areas.max(axis=1) < plain.areas.max(axis=1)).all()
    assert (abs(cooled.clues - 0.5) < abs(plain.clues - 0.5)).all()


def test_words_pairs_and_the_percent_sign_are_features_in_any_case():
    features = Features(WORDS, np.array([1.0, 2.0, 3.0], np.float32))
    rows = features.transform(["MOST did.", "It is Not Yet so.", "90% did", "Nothing here."])
    rows = rows.toarray()
    assert [list(np.flatnonzero(row)) for row in rows] == [[0], [1], [2], []]
    assert rows.dtype == np.float32
    assert np.linalg.norm(rows, axis=1) == pytest.approx([1, 1, 1, 0])


def test_a_rare_word_weighs_as_its_frequency_says():
    features = Features(WORDS, np.array([1.0, 2.0, 2.0], np.float32))
    row = features.transform(["most most not yet"]).toarray()[0]
    # Twice counts 1 + ln 2 times; lengths are 1.
    expected = np.array([1 + np.log(2), 2, 0])
    assert row == pytest.approx(expected / np.linalg.norm(expected), abs=1e-6)
