import hashlib
import json

import numpy as np
import pytest

from evidence_mapper.errors import LabelledDataError, ModelError, OutputError
from evidence_mapper.framework import load_framework
from evidence_mapper.mapping import HeadOutputs, Thresholds, load_model
from evidence_mapper.mapping.heads import make_no_claims
from evidence_mapper.mapping.manifest import load_manifest
from evidence_mapper.passage_files import LabelledPassage
from evidence_mapper.training import (
    Step,
    TrainingSettings,
    load_training_passages,
    train_model,
)
from evidence_mapper.training.calibrate import (
    TEMPERATURE_BOUNDS,
    apply_temperatures,
    fit_scaling,
    fit_temperatures,
    fit_thresholds,
)
from evidence_mapper.training.data import digest_passages
from evidence_mapper.training.fit import Temperatures, fit_heads, predict_held_back
from framework_builders import LIBRARY
from tiny_encoder import (
    TinyEncoder,
    make_plain_passages,
    make_training_passages,
    write_jsonl,
    write_passage,
)

KEYS = load_framework().area_keys
PASSAGES = make_training_passages()
TEXTS = [passage.text for passage in PASSAGES]


def train(folder, framework, *, passages=PASSAGES, name="fast", **options):
    return train_model(
        passages,
        TinyEncoder(),
        framework=framework,
        settings=TrainingSettings(folder, name),
        **options,
    )


def read_files(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


# The recipe


@pytest.mark.usefixtures("few_draws")
def test_the_same_passages_give_the_same_bytes(tmp_path, framework):
    train(tmp_path / "a", framework)
    train(tmp_path / "b", framework)
    assert read_files(tmp_path / "a") == read_files(tmp_path / "b")
    assert list(read_files(tmp_path / "a")) == ["heads.json", "heads.safetensors", "manifest.json"]


@pytest.mark.usefixtures("few_draws")
def test_steps_are_told_in_order(tmp_path, framework):
    told = []
    train(tmp_path, framework, on_progress=lambda *progress: told.append(progress))
    assert told == [(step, done, len(Step)) for done, step in enumerate(Step)]


def test_the_manifest_says_what_the_model_was_made_of(tiny_folder, framework):
    manifest = load_manifest(tiny_folder).models["fast"]
    for file, digest in [
        ("heads.safetensors", manifest.heads_sha256),
        ("heads.json", manifest.settings_sha256),
    ]:
        content = (tiny_folder / "fast" / file).read_bytes()
        assert hashlib.sha256(content).hexdigest() == digest
    assert manifest.encoder.model_dump() == {
        "name": "tiny",
        "weights_sha256": TinyEncoder.digest,
        "difference_sha256": "",
        "ranges_sha256": "",
        "dimensions": 64,
    }
    assert manifest.framework_digest == framework.digest
    assert manifest.training.sha256 == digest_passages(PASSAGES)
    assert manifest.training.passage_count == len(PASSAGES)
    assert manifest.training.passages_by_language == {"cy": 8, "en": len(PASSAGES) - 8}
    assert manifest.training.sources == ("first", "second")
    assert set(manifest.quality) == {"cy", "en"}
    english = manifest.quality["en"]
    assert english.area_accuracy.low <= english.area_accuracy.value <= english.area_accuracy.high


@pytest.mark.usefixtures("few_draws")
def test_a_second_model_in_a_folder_leaves_the_first_as_it_is(tmp_path, framework):
    first = train(tmp_path, framework, name="fast")
    train(tmp_path, framework, name="other")
    models = load_manifest(tmp_path).models
    assert sorted(models) == ["fast", "other"]
    assert models["fast"] == first
    assert load_model(str(tmp_path), framework=framework).name == "fast"


@pytest.mark.usefixtures("few_draws", "use_tiny_encoder")
def test_a_model_can_be_trained_for_another_framework(tmp_path):
    library = load_framework(LIBRARY)
    passages = make_plain_passages(library)
    train(tmp_path, library, passages=passages)
    model = load_model(str(tmp_path), framework=library)
    (mapping,) = model.map_texts([passages[0].text])
    assert list(mapping.areas) == [*library.area_keys, "none"]
    assert len(mapping.stages) == len(library.stages)


@pytest.mark.usefixtures("few_draws")
def test_a_language_without_a_stage_is_measured_and_the_manifest_can_be_read(tmp_path, framework):
    facts = [
        LabelledPassage(text="Cyngor yr ysgol.", area="pupil_voice", lang="cy", source=source)
        for source in ("first", "second")
    ]
    english = [passage for passage in PASSAGES if passage.lang == "en"]
    manifest = train(tmp_path, framework, passages=[*english, *facts])
    assert manifest.quality["cy"].stage_qwk.value is None
    assert load_manifest(tmp_path).models["fast"] == manifest


def test_a_folder_that_cannot_be_written_says_so(tmp_path, framework, few_draws):
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match=r"file: the model cannot be written .*; name another"):
        train(tmp_path / "file", framework)


def test_a_damaged_manifest_is_not_overwritten(tmp_path, framework, few_draws):
    (tmp_path / "manifest.json").write_text("nonsense")
    with pytest.raises(ModelError, match="cannot be used as a manifest"):
        train(tmp_path, framework)
    assert (tmp_path / "manifest.json").read_text() == "nonsense"


@pytest.mark.parametrize(
    ("passages", "missing"),
    [
        ([], "stage 1, stage 2, stage 3, stage 4, no stage, a second area"),
        ([p for p in PASSAGES if p.stage != 4], "stage 4"),
        ([p for p in PASSAGES if p.stage or p.area == "none"], "no stage"),
        ([p for p in PASSAGES if p.source == "first"], "stage 1, stage 2, stage 3"),
        ([p for p in PASSAGES if p.stage != 2 or p.source == "first"], "stage 2"),
        ([p for p in PASSAGES if p.area == "curriculum"], "a second area"),
    ],
    ids=["none", "no stage 4", "no fact", "one file", "stage 2 in one file", "one area"],
)
def test_too_few_passages_to_learn_from_name_what_is_missing(
    tmp_path, framework, passages, missing
):
    with pytest.raises(LabelledDataError, match=f"too few to learn from.*label: {missing}"):
        train(tmp_path, framework, passages=passages)


def test_passages_that_share_no_word_are_too_few(tmp_path, framework):
    passages = [
        passage.model_copy(update={"text": f"w{number}"}) for number, passage in enumerate(PASSAGES)
    ]
    with pytest.raises(LabelledDataError, match="no word stands in 3 of them"):
        train(tmp_path, framework, passages=passages)


# Fitting


def test_heads_learn_what_they_are_shown():
    heads = fit_heads(PASSAGES, TinyEncoder().encode(TEXTS), area_keys=KEYS, stage_count=4)
    texts = [write_passage(area, stage, 1) for area in KEYS for stage in (1, 2, 3, 4)]
    outputs = heads.predict(texts, TinyEncoder().encode(texts))
    assert heads.area_keys == (*KEYS, "none")
    assert outputs.areas.argmax(axis=1).tolist() == np.repeat(np.arange(10), 4).tolist()
    assert outputs.stages.argmax(axis=1).tolist() == [0, 1, 2, 3] * 10


def test_a_passage_on_two_areas_is_shared_between_them():
    both = [
        passage.model_copy(update={"also": ("curriculum",)})
        if passage.area == "pupil_voice"
        else passage
        for passage in PASSAGES
    ]
    text = [write_passage("pupil_voice", 3)]
    column = KEYS.index("curriculum")
    alone, shared = (
        fit_heads(passages, TinyEncoder().encode(TEXTS), area_keys=KEYS, stage_count=4)
        .predict(text, TinyEncoder().encode(text))
        .areas[0, column]
        for passages in (PASSAGES, both)
    )
    assert shared > 3 * alone


def test_an_area_without_a_passage_is_never_the_answer():
    known = [passage for passage in PASSAGES if passage.area != "curriculum"]
    vectors = TinyEncoder().encode([passage.text for passage in known])
    heads = fit_heads(known, vectors, area_keys=KEYS, stage_count=4)
    text = [write_passage("curriculum", 3)]
    outputs = heads.predict(text, TinyEncoder().encode(text))
    assert outputs.areas[0, KEYS.index("curriculum")] < 1e-4


def test_a_held_back_source_is_predicted_by_heads_that_never_saw_it():
    # The second file's labels are turned round: heads that saw it would answer as it does.
    turned = [
        passage.model_copy(update={"stage": 5 - passage.stage})
        if passage.stage and passage.source == "second"
        else passage
        for passage in PASSAGES
    ]
    outputs = predict_held_back(turned, TinyEncoder().encode(TEXTS), area_keys=KEYS, stage_count=4)
    staged = [row for row, passage in enumerate(turned) if passage.stage]
    answers = 1 + outputs.stages[staged].argmax(axis=1)
    labels = np.array([turned[row].stage for row in staged])
    assert np.mean(answers == labels) < 0.2
    assert np.mean(answers == 5 - labels) > 0.6


# Calibration


def make_outputs(count=400, *, sharpen=1.0):
    """Return passages, and outputs that are calibrated where `sharpen` is 1."""
    random = np.random.default_rng(0)
    areas = random.dirichlet(np.full(11, 0.5), count)
    stages = random.dirichlet(np.full(4, 0.7), count)
    clues = random.uniform(0.05, 0.95, count)
    passages = []
    for row in range(count):
        area = (*KEYS, "none")[random.choice(11, p=areas[row])]
        stage = 1 + int(random.choice(4, p=stages[row])) if random.random() < clues[row] else None
        passages.append(
            LabelledPassage(text="x", area=area, stage=None if area == "none" else stage)
        )
    parts = (part.astype(np.float32) for part in (areas, stages, clues))
    outputs = HeadOutputs(*parts, make_no_claims(count))
    return passages, apply_temperatures(
        outputs, Temperatures(1 / sharpen, 1 / sharpen, 1 / sharpen)
    )


def test_temperatures_undo_what_makes_heads_too_sure():
    passages, calibrated = make_outputs(4000)
    plain = fit_temperatures(passages, calibrated, area_keys=KEYS)
    assert [plain.area, plain.stage, plain.clue] == pytest.approx([1, 1, 1], abs=0.12)
    passages, sharpened = make_outputs(4000, sharpen=2.0)
    fitted = fit_temperatures(passages, sharpened, area_keys=KEYS)
    assert [fitted.area, fitted.stage, fitted.clue] == pytest.approx([2, 2, 2], abs=0.25)


def test_a_scaling_finds_that_some_answers_are_right_more_often():
    passages, calibrated = make_outputs(4000)
    shift = np.array([1, 0, 0, -1], np.float32)
    moved = np.log(np.maximum(calibrated.stages, 1e-6)) - shift
    stages = np.exp(moved) / np.exp(moved).sum(axis=1, keepdims=True)
    outputs = HeadOutputs(calibrated.areas, stages, calibrated.clues, calibrated.claims)
    scaling = fit_scaling(passages, outputs, area_keys=KEYS)
    assert scaling.temperatures.stage == pytest.approx(1, abs=0.12)
    found = scaling.stage_shift - scaling.stage_shift.mean()
    assert found == pytest.approx(shift, abs=0.2)
    assert scaling.temperatures.area == pytest.approx(1, abs=0.12)
    assert abs(scaling.area_shift).max() < 0.3


def test_a_scaling_undoes_too_much_sureness():
    passages, sharpened = make_outputs(4000, sharpen=2.0)
    scaling = fit_scaling(passages, sharpened, area_keys=KEYS)
    temperatures = scaling.temperatures
    assert [temperatures.area, temperatures.stage] == pytest.approx([2, 2], abs=0.25)
    assert abs(scaling.stage_shift).max() < 0.3


def test_a_temperature_keeps_within_its_bounds():
    passages, outputs = make_outputs()
    wrong = [passage.model_copy(update={"area": "none", "stage": None}) for passage in passages[:9]]
    fitted = fit_temperatures([*wrong, *passages[9:]], outputs, area_keys=KEYS)
    for value in (fitted.area, fitted.stage, fitted.clue):
        assert TEMPERATURE_BOUNDS[0] <= value <= TEMPERATURE_BOUNDS[1]


def test_outputs_cooled_afterwards_are_those_of_heads_with_the_temperatures():
    temperatures = Temperatures(1.7, 2.3, 0.6)
    vectors = TinyEncoder().encode(TEXTS)
    fit = {"area_keys": KEYS, "stage_count": 4}
    plain = fit_heads(PASSAGES, vectors, **fit).predict(TEXTS, vectors)
    cooled = apply_temperatures(plain, temperatures)
    direct = fit_heads(PASSAGES, vectors, **fit, temperatures=temperatures).predict(TEXTS, vectors)
    assert np.allclose(cooled.areas, direct.areas, atol=1e-3)
    assert np.allclose(cooled.stages, direct.stages, atol=1e-3)
    assert np.allclose(cooled.clues, direct.clues, atol=1e-3)


def test_four_of_five_passages_with_a_stage_are_answered():
    passages, outputs = make_outputs(1000)
    thresholds = fit_thresholds(outputs, passages)
    staged = np.array([passage.stage is not None for passage in passages])
    answered = outputs.stages[staged].max(axis=1) >= thresholds.stage_floor
    assert answered.mean() == pytest.approx(0.8, abs=0.01)


def test_the_clue_floor_parts_passages_with_a_stage_from_those_without():
    passages = [p for p in PASSAGES if p.area != "none"]
    clues = np.array([0.4 if p.stage is None else 0.9 for p in passages], np.float32)
    stages = np.full((len(passages), 4), 0.25, np.float32)
    count = len(passages)
    areas = np.zeros((count, 11), np.float32)
    outputs = HeadOutputs(areas, stages, clues, make_no_claims(count))
    thresholds = fit_thresholds(outputs, passages)
    assert isinstance(thresholds, Thresholds)
    assert 0.4 < thresholds.clue_floor <= 0.9


# The data


def test_every_file_of_a_folder_is_read_by_name(tmp_path, framework):
    write_jsonl(tmp_path / "b.jsonl", [{"text": "B.", "area": "none"}])
    write_jsonl(tmp_path / "a.jsonl", [{"text": "A.", "area": "curriculum", "stage": 2}])
    (tmp_path / "README.md").write_text("not data")
    passages = load_training_passages(framework, tmp_path)
    assert [(passage.text, passage.source) for passage in passages] == [("A.", "a"), ("B.", "b")]


def test_a_folder_without_data_says_what_to_name(tmp_path, framework):
    for folder in (tmp_path, tmp_path / "none"):
        with pytest.raises(LabelledDataError, match=r"holds no \.jsonl file of labelled"):
            load_training_passages(framework, folder)


def test_the_shipped_passages_can_be_used_and_hold_both_languages(framework):
    passages = load_training_passages(framework)
    assert len(passages) > 3000
    assert {passage.lang for passage in passages} == {"en", "cy"}
    assert {passage.area for passage in passages} == {*framework.area_keys, "none"}


def test_the_digest_of_passages_changes_with_a_label_and_with_their_order():
    digests = {
        digest_passages(PASSAGES),
        digest_passages(PASSAGES[::-1]),
        digest_passages([PASSAGES[0].model_copy(update={"stage": 2}), *PASSAGES[1:]]),
    }
    assert len(digests) == 3
    assert digest_passages(list(PASSAGES)) in digests


def test_the_shipped_manifest_is_of_the_shipped_framework(framework):
    from evidence_mapper.data_files import find_data_folder

    manifest = load_manifest(find_data_folder("models"))
    assert manifest.models["fast"].framework_digest == framework.digest
    assert json.loads((find_data_folder("models") / "manifest.json").read_text())["format"] == 1
