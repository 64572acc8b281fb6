import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from evidence_mapper.data_files import DEFAULT_MODEL
from evidence_mapper.errors import ModelError
from evidence_mapper.framework import load_framework
from evidence_mapper.mapping import load_model, load_models
from evidence_mapper.mapping.manifest import load_manifest
from evidence_mapper.mapping.model import CLOSEST_DESCRIPTORS, MAPPED_AT_ONCE, find_model
from framework_builders import ESTYN, LIBRARY, write_framework
from tiny_encoder import STAGES, TOPICS, TinyEncoder, write_passage


@pytest.fixture
def folder(tiny_folder, tmp_path):
    """A copy of the tiny model that a test may break."""
    return shutil.copytree(tiny_folder, tmp_path / "model")


def change_manifest(folder, **changes):
    path = folder / "manifest.json"
    content = json.loads(path.read_text())
    content["models"]["fast"] |= changes
    path.write_text(json.dumps(content))


def write_models(folder: Path, names: Sequence[str]) -> Path:
    """Name copies of the folder's model in its manifest, in that order, and no other."""
    path = folder / "manifest.json"
    first, record = next(iter(json.loads(path.read_text())["models"].items()))
    for name in names:
        shutil.copytree(folder / first, folder / name, dirs_exist_ok=True)
    path.write_text(json.dumps({"models": dict.fromkeys(names, record)}))
    return folder


def test_a_passage_is_placed_in_its_area_and_stage(tiny_model):
    for area in TOPICS:
        for stage in STAGES:
            (mapping,) = tiny_model.map_texts([write_passage(area, stage, 1)])
            assert max(mapping.areas, key=mapping.areas.get) == area
            assert mapping.stages.index(max(mapping.stages)) + 1 == stage


def test_a_mapping_holds_plain_numbers_that_sum_to_1(tiny_model, framework):
    (mapping,) = tiny_model.map_texts(["Pupils like books."])
    assert list(mapping.areas) == [*framework.area_keys, "none"]
    assert sum(mapping.areas.values()) == pytest.approx(1, abs=1e-5)
    assert sum(mapping.stages) == pytest.approx(1, abs=1e-5)
    assert 0 <= mapping.clue <= 1
    numbers = [*mapping.areas.values(), *mapping.stages, mapping.clue]
    assert {type(number) for number in numbers} == {float}


def test_the_closest_descriptors_come_best_first(tiny_model, framework):
    descriptor = framework.descriptors[37]
    (mapping,) = tiny_model.map_texts([descriptor.full_text])
    assert len(mapping.descriptors) == CLOSEST_DESCRIPTORS
    assert mapping.descriptors[0].descriptor == 37
    assert mapping.descriptors[0].match_score == pytest.approx(1, abs=1e-4)
    scores = [match.match_score for match in mapping.descriptors]
    assert scores == sorted(scores, reverse=True)
    assert all(-1 <= score <= 1 for score in scores)


def test_mappings_come_in_the_order_of_the_texts(tiny_model):
    texts = [write_passage(area, stage) for area in TOPICS for stage in STAGES]
    forward = tiny_model.map_texts(texts)
    backward = tiny_model.map_texts(texts[::-1])[::-1]
    for one, other in zip(forward, backward, strict=True):
        assert one.stages == pytest.approx(other.stages, abs=1e-5)


def test_equal_texts_are_encoded_once(tiny_model):
    mappings = tiny_model.map_texts(["A pupil.", "Two pupils.", "A pupil."])
    assert mappings[0] == mappings[2]
    assert sorted(tiny_model.encoder.encoded) == ["A pupil.", "Two pupils."]


def test_no_text_needs_no_encoder(tiny_model):
    assert tiny_model.map_texts([]) == ()
    assert "encoder" not in vars(tiny_model)


def test_progress_counts_different_texts(tiny_model):
    told = []
    texts = [f"Passage {number}." for number in range(MAPPED_AT_ONCE + 2)] * 2
    tiny_model.map_texts(texts, on_progress=lambda done, total: told.append((done, total)))
    assert told == [(MAPPED_AT_ONCE, MAPPED_AT_ONCE + 2), (MAPPED_AT_ONCE + 2,) * 2]


@pytest.mark.usefixtures("use_tiny_encoder")
def test_descriptors_are_encoded_anew_where_the_framework_was_reworded(tiny_folder, framework):
    changed = replace(framework, digest="another")
    model = load_model(str(tiny_folder), framework=changed)
    assert model.descriptor_vectors.shape == (100, 64)
    assert model.encoder.encoded == [item.full_text for item in framework.descriptors]
    kept = load_model(str(tiny_folder), framework=framework)
    assert np.allclose(kept.descriptor_vectors, model.descriptor_vectors, atol=1e-6)
    assert "encoder" not in vars(kept)


def test_a_model_is_named_and_its_digest_changes_with_its_answers(folder, tiny_model, framework):
    model = load_model(str(folder), framework=framework)
    assert model.name == "fast"
    assert len(model.digest) == 64
    assert model.digest == tiny_model.digest
    encoder = load_manifest(folder).models["fast"].encoder.model_dump()
    change_manifest(folder, encoder={**encoder, "weights_sha256": "0" * 64})
    assert load_model(str(folder), framework=framework).digest != model.digest


def test_a_mapping_holds_the_words_for_proportions_of_its_language(tiny_model):
    text = "Mae llawer o ddisgyblion, and most staff, yn darllen."
    for language, word in (("en", "most"), ("cy", "many")):
        (mapping,) = tiny_model.map_texts([text], language=language)
        (mention,) = mapping.proportions
        assert mention.word == word
        assert text[mention.start : mention.end] == {"en": "most", "cy": "llawer"}[language]


# Which model is meant


def test_a_folder_stands_for_its_default_model(folder):
    write_models(folder, ["aaa", DEFAULT_MODEL, "zzz"])
    assert find_model(str(folder))[:2] == (folder, DEFAULT_MODEL)


def test_a_folder_without_the_default_stands_for_its_first_model(folder, framework):
    write_models(folder, ["second", "first"])
    assert find_model(str(folder))[:2] == (folder, "second")
    assert load_model(str(folder), framework=framework).name == "second"


def test_a_folder_and_a_name_mean_the_model_of_that_name(folder, framework, monkeypatch):
    write_models(folder, [DEFAULT_MODEL, "mine"])
    assert find_model(f"{folder}/mine")[:2] == (folder, "mine")
    assert find_model(f"{folder}/mine/")[:2] == (folder, "mine")
    assert load_model(f"{folder}/mine", framework=framework).name == "mine"
    monkeypatch.chdir(folder)
    assert find_model("./mine")[1] == "mine"


def test_a_folder_beside_the_models_that_is_none_of_them_is_no_model(folder, framework):
    (folder / "notes").mkdir()
    with pytest.raises(ModelError, match=r"notes: holds no manifest\.json; name a folder that"):
        load_model(f"{folder}/notes", framework=framework)
    with pytest.raises(ModelError, match=r"--model .*gone: no such model or folder"):
        load_model(f"{folder}/gone", framework=framework)
    (folder / "report.pdf").touch()
    with pytest.raises(ModelError, match=r"--model .*pdf: no such model or folder"):
        load_model(f"{folder}/report.pdf", framework=framework)


def test_a_folder_with_a_manifest_of_its_own_is_meant_by_it(folder):
    inner = shutil.copytree(folder, folder.parent / "inner")
    write_models(inner, ["own"])
    write_models(folder, ["outer"])
    shutil.copytree(inner, folder / "outer", dirs_exist_ok=True)
    assert find_model(f"{folder}/outer")[:2] == (folder / "outer", "own")


# What can be wrong with a model


def test_a_name_that_is_no_model_lists_those_that_are(framework):
    with pytest.raises(
        ModelError, match=r"--model best: no such model or folder; there is: .*\baccurate\b"
    ):
        load_model("best", framework=framework)


def test_the_shipped_model_comes_before_a_folder_of_its_name(tmp_path, monkeypatch, framework):
    (tmp_path / "fast").mkdir()
    monkeypatch.chdir(tmp_path)
    assert load_model("fast", framework=framework).name == "fast"


def test_a_folder_without_a_manifest_is_no_model(tmp_path, framework):
    with pytest.raises(ModelError, match=r"holds no manifest\.json; name a folder that"):
        load_model(str(tmp_path), framework=framework)


def test_a_manifest_without_models_is_said_to_be_so(folder, framework):
    (folder / "manifest.json").write_text('{"models": {}}')
    with pytest.raises(ModelError, match="names no model"):
        load_model(str(folder), framework=framework)


@pytest.mark.parametrize("text", ["", "{}", "nonsense", '{"models": {"fast": {}}}'])
def test_a_damaged_manifest_is_said_to_be_so(folder, framework, text):
    (folder / "manifest.json").write_text(text)
    with pytest.raises(ModelError, match="cannot be used as a manifest"):
        load_model(str(folder), framework=framework)


@pytest.mark.parametrize("name", ["heads.safetensors", "heads.json"])
def test_a_file_that_the_manifest_does_not_know_is_refused_unread(folder, framework, name):
    with (folder / "fast" / name).open("ab") as file:
        file.write(b" ")
    with pytest.raises(ModelError, match=f"{name}: is not the file that the manifest names"):
        load_model(str(folder), framework=framework)


@pytest.mark.parametrize("name", ["heads.safetensors", "heads.json"])
def test_a_missing_file_is_named(folder, framework, name):
    (folder / "fast" / name).unlink()
    with pytest.raises(ModelError, match=f"{name}: part of the model is missing"):
        load_model(str(folder), framework=framework)


def test_a_model_of_other_areas_or_stages_does_not_fit_a_framework(tiny_folder, tmp_path):
    renamed = write_framework(
        tmp_path, ('key = "pupil_voice"', 'key = "pupil_choice"'), source=ESTYN
    )
    for path in (renamed, LIBRARY):
        with pytest.raises(ModelError, match="model 'fast' was trained for other areas or stages"):
            load_model(str(tiny_folder), framework=load_framework(path))


def test_another_encoder_than_the_recorded_one_is_refused(tiny_folder, framework):
    with pytest.raises(ModelError, match=r"--encoder other: model .* was trained on tiny; train"):
        load_model(str(tiny_folder), framework=framework, encoder="other")


@pytest.mark.usefixtures("use_tiny_encoder")
def test_an_encoder_with_other_weights_is_refused_when_it_is_needed(folder, framework, monkeypatch):
    model = load_model(str(folder), framework=framework)
    monkeypatch.setattr(TinyEncoder, "digest", "1" * 64)
    with pytest.raises(ModelError, match="tiny: its weights are not those that the model was"):
        model.map_texts(["A pupil."])


def test_a_hub_model_is_not_fetched_unless_it_is_named(tiny_folder, framework, monkeypatch):
    asked = []

    def load(name, **options):
        asked.append((name, options["may_fetch"]))
        return TinyEncoder()

    monkeypatch.setattr("evidence_mapper.mapping.model.load_encoder", load)
    _ = load_model(str(tiny_folder), framework=framework).encoder
    _ = load_model(str(tiny_folder), framework=framework, encoder="tiny").encoder
    assert asked == [("tiny", False), ("tiny", True)]


@pytest.mark.model
def test_the_shipped_model_is_sound_and_sees_area_and_stage(framework):
    models = load_models(framework=framework)
    welsh = "Mae cyngor yr ysgol yn trafod barn disgyblion yn rheolaidd."
    answers = models.map_texts(
        [
            "There is no school council, and pupils have no say in decisions.",
            "For many years pupils have led decisions through the school council; nearly all are "
            "involved, and other schools have adopted their approach.",
            "The school has 210 pupils on roll.",
            welsh,
        ],
        ["en", "en", "en", "cy"],
    )
    low, high, none, cymraeg = answers.mappings
    for mapping in (low, high, cymraeg):
        assert max(mapping.areas, key=mapping.areas.get) == "pupil_voice"
    assert low.stages[0] > 0.5
    assert high.stages[3] > 0.5
    assert none.areas["none"] > 0.5
