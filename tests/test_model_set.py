"""Models that answer together, each in its languages."""

import json
import shutil
from pathlib import Path

import pytest

from evidence_mapper.data_files import find_data_folder
from evidence_mapper.encoders import MPNET
from evidence_mapper.errors import ModelError
from evidence_mapper.framework import load_framework
from evidence_mapper.mapping import ModelSet, load_model, load_models
from evidence_mapper.mapping.cache import MappingCache
from evidence_mapper.mapping.manifest import load_manifest
from evidence_mapper.training import TrainingSettings, train_model
from framework_builders import LIBRARY
from tiny_encoder import TinyEncoder, make_plain_passages

ENGLISH = ["The vision is weak.", "Most pupils read.", "Leaders have planned it."]
WELSH = ["Mae'r cwricwlwm yn wan.", "Mae llawer yn darllen."]
# One that is known, but not on this machine: the cache of these tests is empty.
ABSENT = {
    "name": MPNET.name,
    "weights_sha256": MPNET.weights.sha256,
    "difference_sha256": "",
    "dimensions": 64,
}


@pytest.fixture(autouse=True)
def _no_base(monkeypatch, tmp_path):
    monkeypatch.setenv("EVIDENCE_MAPPER_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def write_models(tiny_folder, use_tiny_encoder):
    """Write a folder of copies of the tiny model, each measured in its languages only."""

    def write(folder: Path, encoder: dict | None = None, **languages: str) -> Path:
        record = load_manifest(tiny_folder).models["fast"].model_dump()
        models = {}
        for name, measured in languages.items():
            shutil.copytree(tiny_folder / "fast", folder / name)
            quality = {language: record["quality"][language] for language in measured.split()}
            models[name] = {**record, "quality": quality, "thresholds": make_thresholds(name)}
            if encoder:
                models[name]["encoder"] = encoder
        (folder / "manifest.json").write_text(json.dumps({"models": models}))
        return folder

    return write


def make_thresholds(name: str) -> dict[str, float]:
    return {"stage_floor": 0.5, "clue_floor": len(name) / 100}


@pytest.fixture
def ship(monkeypatch, tmp_path, write_models):
    """Let other models be those that come with the program."""

    def ship_models(**languages: str) -> Path:
        folder = write_models(tmp_path / "shipped", **languages)
        for module in ("model", "model_set"):
            monkeypatch.setattr(
                f"evidence_mapper.mapping.{module}.find_data_folder", lambda _: folder
            )
        return folder

    return ship_models


@pytest.fixture
def english(tiny_folder, framework, use_tiny_encoder):
    return load_model(str(tiny_folder), framework=framework)


@pytest.fixture
def welsh(tiny_folder, framework, use_tiny_encoder):
    model = load_model(str(tiny_folder), framework=framework)
    model.name, model.digest = "welsh", "f" * 64
    return model


@pytest.fixture
def absent(write_models, tmp_path, framework):
    """A model whose encoder is not on this machine."""
    folder = write_models(tmp_path / "absent", ABSENT, absent="cy en")
    return load_model(str(folder), framework=framework)


# Answers


def test_each_text_is_mapped_by_the_model_of_its_language_in_its_place(english, welsh):
    texts = [ENGLISH[0], WELSH[0], ENGLISH[1], WELSH[1], ENGLISH[2]]
    answers = ModelSet({"en": english, "cy": welsh}).map_texts(texts, ["en", "cy"] * 2 + ["en"])
    assert sorted(english.encoder.encoded) == sorted(ENGLISH)
    assert sorted(welsh.encoder.encoded) == sorted(WELSH)
    assert answers.mappings[::2] == english.map_texts(ENGLISH)
    assert answers.mappings[1::2] == welsh.map_texts(WELSH, language="cy")
    assert answers.gaps == {}
    words = [[mention.word for mention in mapping.proportions] for mapping in answers.mappings]
    assert words == [[], [], ["most"], ["many"], []]


def test_one_model_may_answer_in_both_languages(english):
    answers = ModelSet({"en": english, "cy": english}).map_texts([*WELSH, *ENGLISH], ["cy"] * 5)
    assert answers.mappings == english.map_texts([*WELSH, *ENGLISH], language="cy")


def test_nothing_is_mapped_where_there_is_no_text(english):
    answers = ModelSet({"en": english}).map_texts([], [])
    assert (answers.mappings, answers.gaps) == ((), {})
    assert "encoder" not in vars(english)


def test_a_language_without_a_model_leaves_a_gap_that_says_so(english):
    texts = [WELSH[0], ENGLISH[0], WELSH[1], ENGLISH[1]]
    answers = ModelSet({"en": english}).map_texts(texts, ["cy", "en", "cy", "en"])
    assert answers.mappings[::2] == (None, None)
    assert answers.mappings[1::2] == english.map_texts(ENGLISH[:2])
    assert answers.gaps == {
        "cy": "no model was measured in this language (there are some for English)"
    }


def test_a_second_model_whose_encoder_cannot_be_had_leaves_a_gap_that_says_why(english, absent):
    texts = [ENGLISH[0], *WELSH]
    answers = ModelSet({"en": english, "cy": absent}).map_texts(texts, ["en", "cy", "cy"])
    assert answers.mappings == (*english.map_texts(ENGLISH[:1]), None, None)
    assert list(answers.gaps) == ["cy"]
    assert "run `evidence-mapper setup` once" in answers.gaps["cy"]


def test_a_chosen_model_whose_encoder_cannot_be_had_is_an_error(english, absent):
    models = ModelSet({"en": absent, "cy": english})
    with pytest.raises(ModelError, match="run `evidence-mapper setup` once"):
        models.map_texts([*WELSH, *ENGLISH], ["cy"] * 2 + ["en"] * 3)


def test_progress_counts_the_different_texts_of_all_languages(english, welsh):
    told = []
    texts = [*ENGLISH, *WELSH, ENGLISH[0], WELSH[0]]
    languages = ["en"] * 3 + ["cy"] * 2 + ["en", "cy"]
    models = ModelSet({"cy": welsh, "en": english})
    models.map_texts(texts, languages, lambda done, total: told.append((done, total)))
    assert told == [(3, 5), (5, 5)]


def test_progress_passes_over_a_gap(english):
    told = []
    texts, languages = [*WELSH, *ENGLISH], ["cy"] * 2 + ["en"] * 3
    models = ModelSet({"en": english})
    models.map_texts(texts, languages, lambda done, total: told.append((done, total)))
    assert told == [(5, 5)]


# What a set is called


def test_a_set_of_one_model_is_that_model(english, framework):
    for models in (ModelSet({"en": english}), ModelSet({"en": english, "cy": english})):
        assert models.chosen is english
        assert models.models == (english,)
        assert (models.name, models.digest) == (english.name, english.digest)
        assert models.framework is framework


def test_a_set_of_two_names_both_and_its_digest_changes_with_either(english, welsh):
    models = ModelSet({"en": english, "cy": welsh})
    assert models.chosen is english
    assert models.name == "fast + welsh"
    digests = {models.digest, english.digest, welsh.digest, ModelSet({"cy": welsh}).digest}
    assert len(digests) == 3
    welsh.digest = "e" * 64
    second = models.digest
    english.digest = "d" * 64
    assert len({*digests, second, models.digest}) == 5
    assert all(len(digest) == 64 for digest in (second, models.digest))


# Which models are taken


def test_a_model_of_one_language_is_joined_by_the_shipped_one_of_the_other(
    ship, write_models, tmp_path, framework
):
    ship(accurate="en", fast="en", welsh="cy")
    mine = write_models(tmp_path / "mine", mine="en")
    models = load_models(str(mine), framework=framework)
    assert {key: model.name for key, model in models.by_language.items()} == {
        "en": "mine",
        "cy": "welsh",
    }
    assert models.chosen.thresholds.clue_floor == 0.04
    assert models.name == "mine + welsh"
    assert models.map_texts([ENGLISH[0], WELSH[0]], ["en", "cy"]).gaps == {}


def test_a_model_of_both_languages_needs_no_other(ship, write_models, tmp_path, framework):
    ship(accurate="en", welsh="cy")
    mine = write_models(tmp_path / "mine", mine="en cy")
    models = load_models(str(mine), framework=framework)
    assert models.models == (models.by_language["en"],)
    assert models.by_language["cy"] is models.by_language["en"]


def test_where_no_shipped_model_knows_a_language_it_is_left_out(
    ship, write_models, tmp_path, framework
):
    ship(accurate="en")
    mine = write_models(tmp_path / "mine", mine="en")
    models = load_models(str(mine), framework=framework)
    assert list(models.by_language) == ["en"]
    assert list(models.map_texts(WELSH, ["cy"] * 2).gaps) == ["cy"]


def test_the_shipped_welsh_model_is_joined_by_an_english_one_and_stays_the_chosen(ship, framework):
    ship(accurate="en", fast="en", welsh="cy")
    models = load_models("welsh", framework=framework)
    assert models.chosen is models.by_language["cy"]
    assert models.name == "welsh + accurate"


def test_the_default_is_the_accurate_model(ship, framework):
    ship(fast="en", accurate="en", welsh="cy")
    assert load_models(framework=framework).name == "accurate + welsh"


def test_all_models_keep_their_mappings_in_the_cache(ship, framework, tmp_path):
    ship(accurate="en", welsh="cy")
    texts, languages = [*ENGLISH, *WELSH], ["en"] * 3 + ["cy"] * 2

    def load() -> ModelSet:
        return load_models(framework=framework, cache=MappingCache(tmp_path / "kept.sqlite3"))

    first, again = load().map_texts(texts, languages), load()
    assert again.map_texts(texts, languages) == first
    assert not any("encoder" in vars(model) for model in again.models)


def test_the_encoder_that_is_named_is_that_of_the_chosen_model(ship, framework, monkeypatch):
    asked = []

    def load(name: str, **options: bool) -> TinyEncoder:
        asked.append(options["may_fetch"])
        return TinyEncoder()

    ship(accurate="en", welsh="cy")
    monkeypatch.setattr("evidence_mapper.mapping.model.load_encoder", load)
    models = load_models(framework=framework, encoder="tiny")
    models.map_texts([ENGLISH[0], WELSH[0]], ["en", "cy"])
    assert asked == [True, False]
    with pytest.raises(ModelError, match="--encoder other"):
        load_models(framework=framework, encoder="other")


@pytest.mark.usefixtures("use_tiny_encoder", "few_draws")
def test_a_model_of_another_framework_is_joined_by_no_shipped_one(ship, tmp_path):
    ship(accurate="en", welsh="cy")
    library = load_framework(LIBRARY)
    folder = tmp_path / "library"
    train_model(
        make_plain_passages(library),
        TinyEncoder(),
        framework=library,
        settings=TrainingSettings(folder, "mine"),
    )
    models = load_models(str(folder), framework=library)
    assert list(models.by_language) == ["en"]
    answers = models.map_texts(["collection weak", WELSH[0]], ["en", "cy"])
    assert list(answers.mappings[0].areas) == [*library.area_keys, "none"]
    assert answers.mappings[1] is None


def test_a_tiny_model_is_joined_by_what_this_program_ships(write_models, tmp_path, framework):
    mine = write_models(tmp_path / "mine", mine="en")
    models = load_models(str(mine), framework=framework)
    shipped = load_manifest(find_data_folder("models")).models
    helpers = [name for name, record in shipped.items() if "cy" in record.quality]
    expected = {"en": "mine"} | ({"cy": helpers[0]} if helpers else {})
    assert {key: model.name for key, model in models.by_language.items()} == expected
