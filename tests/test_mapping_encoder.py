import numpy as np
import pytest

from evidence_mapper.errors import ModelError
from evidence_mapper.mapping import Encoder, load_encoder
from evidence_mapper.mapping import encoder as encoder_module
from evidence_mapper.mapping.encoder import MINILM_PACKAGE, MINILM_SHA256
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


def test_other_weights_than_the_published_ones_are_refused(tmp_path, monkeypatch):
    (tmp_path / "model.safetensors").write_bytes(b"other weights")
    monkeypatch.setattr(encoder_module, "_find_minilm", lambda: tmp_path)
    with pytest.raises(ModelError, match=r"the weights are not the published ones \(SHA-256 "):
        load_encoder()


def test_a_package_without_weights_is_said_to_be_so(tmp_path, monkeypatch):
    monkeypatch.setattr(encoder_module, "_find_minilm", lambda: tmp_path)
    with pytest.raises(ModelError, match=r"model\.safetensors: cannot be read"):
        load_encoder()


def test_a_missing_package_is_said_to_be_so(monkeypatch):
    monkeypatch.setattr(encoder_module, "find_spec", lambda _: None)
    with pytest.raises(ModelError, match=f"{MINILM_PACKAGE}: the package is not installed"):
        load_encoder()


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
    assert (encoder.name, encoder.digest) == (MINILM_PACKAGE, MINILM_SHA256)
    check_vectors(encoder)


@pytest.mark.model
def test_a_folder_with_the_same_model_gives_the_same_vectors():
    packaged = load_encoder(exact=True)
    from_folder = load_encoder(str(encoder_module._find_minilm()), exact=True)
    assert from_folder.digest == packaged.digest
    assert np.array_equal(from_folder.encode(TEXTS), packaged.encode(TEXTS))


@pytest.mark.model
def test_short_arithmetic_turns_a_vector_by_less_than_a_hundredth():
    exact, short = load_encoder(exact=True), load_encoder()
    cosines = (exact.encode(TEXTS[:3]) * short.encode(TEXTS[:3])).sum(axis=1)
    assert cosines.min() > 0.999


@pytest.mark.model
def test_a_folder_without_a_model_is_said_to_be_so(tmp_path):
    (tmp_path / "model.safetensors").write_bytes(b"no weights")
    with pytest.raises(ModelError, match="no sentence-transformers model could be loaded"):
        load_encoder(str(tmp_path))
