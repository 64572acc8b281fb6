"""A fine-tuned model from passages to files, on a small random base."""

import hashlib
import json
from pathlib import Path

import pytest

from evidence_mapper.encoders import BASES, load_encoder
from evidence_mapper.encoders.bases import Base, BaseFile
from evidence_mapper.errors import LabelledDataError, ModelError
from evidence_mapper.mapping import load_model
from evidence_mapper.mapping.manifest import load_manifest
from evidence_mapper.passage_files import LabelledPassage
from evidence_mapper.records import ClaimType
from evidence_mapper.training import ModelRecipe, tune_model
from evidence_mapper.training.claims import LabelledClaim
from evidence_mapper.training.finetune import FineTuning
from tiny_encoder import make_training_passages

TUNING = FineTuning(
    epochs=6, batch_size=8, learning_rate=2e-3, head_learning_rate=2e-2, average=0.9
)
SPECIAL = ("<s>", "<pad>", "</s>", "[UNK]")
FILES = ("model.safetensors", "config.json", "tokenizer.json")


def make_passages() -> list[LabelledPassage]:
    """Return the tiny passages as three sources: to learn from, to calibrate, to measure."""
    passages = []
    for source in ("en_some", "en_some_calibration", "en_some_check"):
        passages += [
            passage.model_copy(update={"source": source}) for passage in make_training_passages()
        ]
    return passages


@pytest.fixture(scope="module")
def base_folder(tmp_path_factory) -> Path:
    import torch
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers
    from transformers import MPNetConfig, MPNetModel

    cache = tmp_path_factory.mktemp("cache")
    folder = cache / "bases" / "small"
    folder.mkdir(parents=True)
    words = sorted(
        {word for item in make_passages() for word in item.text.lower().split()}
        | {word for item in make_passages() for word in item.text.lower().rstrip(".").split()}
    )
    vocabulary = {word: index for index, word in enumerate(SPECIAL)}
    vocabulary |= {word: index for index, word in enumerate(words, start=4)}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token=SPECIAL[3]))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.save(str(folder / "tokenizer.json"))
    torch.manual_seed(0)
    sizes = {"hidden_size": 200, "num_hidden_layers": 1, "num_attention_heads": 2}
    MPNetModel(
        MPNetConfig(vocab_size=len(vocabulary), intermediate_size=48, **sizes)
    ).save_pretrained(folder)
    return folder


@pytest.fixture
def base(base_folder, monkeypatch) -> Base:
    files = tuple(
        BaseFile(
            name,
            hashlib.sha256((base_folder / name).read_bytes()).hexdigest(),
            (base_folder / name).stat().st_size,
        )
        for name in FILES
    )
    base = Base("small", files)
    monkeypatch.setitem(BASES, "small", base)
    monkeypatch.setenv("EVIDENCE_MAPPER_CACHE", str(base_folder.parents[1]))
    return base


def tune(folder: Path, base: Base, framework, passages=None, claims=(), **recipe):
    return tune_model(
        passages or make_passages(),
        ModelRecipe(
            **{"name": "accurate", "languages": ("en",), **recipe}, base=base, tuning=TUNING
        ),
        framework=framework,
        folder=folder,
        claims=claims,
    )


@pytest.mark.usefixtures("few_draws")
def test_a_tuned_model_is_written_measured_and_found_again(tmp_path, base, framework):
    manifest = tune(tmp_path, base, framework)
    assert manifest == load_manifest(tmp_path).models["accurate"]
    written = {path.name for path in (tmp_path / "accurate").iterdir()}
    assert written == {"difference.safetensors", "heads.json", "heads.safetensors"}
    difference = (tmp_path / "accurate" / "difference.safetensors").read_bytes()
    assert manifest.encoder.difference_sha256 == hashlib.sha256(difference).hexdigest()
    assert set(manifest.quality) == {"en"}
    assert manifest.training.sources == ("en_some",)
    assert set(manifest.training.passages_by_language) == {"en"}
    model = load_model(str(tmp_path), framework=framework)
    texts = [item.text for item in make_training_passages() if item.lang == "en"]
    areas = [item.area for item in make_training_passages() if item.lang == "en"]
    placed = [max(m.areas, key=m.areas.get) for m in model.map_texts(texts)]
    assert sum(a == b for a, b in zip(placed, areas, strict=True)) > 0.8 * len(areas)
    plain = load_encoder("small").encode(texts[:1])
    assert abs(plain - model.encoder.encode(texts[:1])).max() > 1e-3
    assert model.encoder.digest != base.weights.sha256
    assert not list((base_folder_of(base).parents[1] / "training").rglob("*.safetensors"))


def base_folder_of(base: Base) -> Path:
    from evidence_mapper.encoders import find_base

    return find_base(base)


@pytest.mark.usefixtures("few_draws")
def test_a_difference_that_does_not_fit_is_refused_when_it_is_needed(tmp_path, base, framework):
    tune(tmp_path, base, framework)
    damaged = b"nonsense"
    (tmp_path / "accurate" / "difference.safetensors").write_bytes(damaged)
    model = load_model(str(tmp_path), framework=framework)
    with pytest.raises(ModelError, match=r"difference\.safetensors: is not the file that"):
        _ = model.encoder
    path = tmp_path / "manifest.json"
    content = json.loads(path.read_text())
    record = content["models"]["accurate"]["encoder"]
    record["difference_sha256"] = hashlib.sha256(damaged).hexdigest()
    path.write_text(json.dumps(content))
    with pytest.raises(ModelError, match="small: the model's difference does not fit it"):
        _ = load_model(str(tmp_path), framework=framework).encoder


@pytest.mark.parametrize("missing", ["_calibration", "_check"])
def test_a_source_must_be_held_back(tmp_path, base, framework, missing):
    passages = [item for item in make_passages() if not item.source.endswith(missing)]
    with pytest.raises(LabelledDataError, match=rf"whose name ends in {missing}\.jsonl"):
        tune(tmp_path, base, framework, passages)


@pytest.mark.usefixtures("few_draws")
def test_products_in_8_bits_answer_nearly_as_those_in_32(tmp_path, base, framework):
    manifest = tune(tmp_path, base, framework, is_eight_bit=True)
    assert manifest.precision.arithmetic == "int8"
    assert manifest.precision.same_area > 0.9
    assert manifest.precision.same_stage > 0.9
    ranges = (tmp_path / "accurate" / "ranges.safetensors").read_bytes()
    assert manifest.encoder.ranges_sha256 == hashlib.sha256(ranges).hexdigest()
    model = load_model(str(tmp_path), framework=framework)
    assert model.encoder.arithmetic == "int8"
    plain = tune(tmp_path, base, framework)
    assert plain.precision.arithmetic in {"bf16", "f32"}
    assert not (tmp_path / "accurate" / "ranges.safetensors").exists()
    digest = load_model(str(tmp_path), framework=framework).digest
    assert digest != model.digest


@pytest.mark.usefixtures("few_draws")
def test_damaged_ranges_are_refused_when_they_are_needed(tmp_path, base, framework):
    tune(tmp_path, base, framework, is_eight_bit=True)
    (tmp_path / "accurate" / "ranges.safetensors").write_bytes(b"nonsense")
    with pytest.raises(ModelError, match=r"ranges\.safetensors: is not the file that"):
        _ = load_model(str(tmp_path), framework=framework).encoder


@pytest.mark.usefixtures("few_draws")
def test_a_student_learns_what_its_teacher_answers(tmp_path, base, framework):
    teacher = tune(tmp_path, base, framework)
    # Labels that say nothing: what is right can come from the teacher alone.
    blank = [
        item.model_copy(update={"area": "pupil_voice"}) if item.source == "en_some" else item
        for item in make_passages()
    ]
    student = tune(tmp_path, base, framework, blank, name="fast", teacher="accurate")
    alone = tune(tmp_path / "alone", base, framework, blank, name="fast")
    assert load_manifest(tmp_path).models == {"accurate": teacher, "fast": student}

    def accuracy(manifest):
        return manifest.quality["en"].area_accuracy.value

    assert accuracy(student) > accuracy(alone)


def test_a_student_without_its_teacher_is_told_to_train_it(tmp_path, base, framework):
    with pytest.raises(ModelError, match="holds no model 'accurate', from which 'fast' learns"):
        tune(tmp_path, base, framework, name="fast", teacher="accurate")


@pytest.mark.usefixtures("few_draws")
def test_helping_languages_are_learned_from_and_not_measured(tmp_path, base, framework):
    manifest = tune(tmp_path, base, framework, languages=("cy",), helpers=("en",))
    assert set(manifest.training.passages_by_language) == {"cy", "en"}
    assert set(manifest.quality) == {"cy"}


@pytest.mark.usefixtures("few_draws")
def test_claim_types_are_taught_and_measured_where_there_are_labels(tmp_path, base, framework):
    texts = {
        ClaimType.INTENTION: "Work on the curriculum is weak and only planned",
        ClaimType.ACTION: "Work on the curriculum is established in most classes",
        ClaimType.IMPACT: "For years pupils' progress has been sustained",
    }
    claims = [
        LabelledClaim(
            text=f"{text} {number}.",
            claim=claim,
            lang="en",
            source=f"s{number}",
            is_check=number > 7,
        )
        for claim, text in texts.items()
        for number in range(10)
    ]
    manifest = tune(tmp_path, base, framework, claims=claims)
    assert manifest.quality["en"].claim_count == 6
    assert manifest.quality["en"].claim_accuracy.value > 0.8
    model = load_model(str(tmp_path), framework=framework)
    for claim, text in texts.items():
        assert model.map_texts([f"{text} 3."])[0].claim is claim
