"""Unpacking an encoder from 4 bits."""

import json

import numpy as np
import pytest
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from evidence_mapper.encoders.compiled import compile_folder
from evidence_mapper.encoders.four_bit import unpack_four_bit
from four_bit_builders import (
    HEADS,
    HIDDEN,
    LATIN,
    LAYERS,
    PIECES,
    POSITIONS,
    WIDE,
    make_four_bit_file,
)

# What the parts of a layer are called in a BERT, by what they are called in the file.
NAMES = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
EMBEDDINGS = {
    "emb.pos": "position_embeddings.weight",
    "emb.type": "token_type_embeddings.weight",
    "emb.ln.w": "LayerNorm.weight",
    "emb.ln.b": "LayerNorm.bias",
}
KEPT = [row for row, piece in enumerate(PIECES) if piece in LATIN]
NUMBER = {piece: number for number, (piece, _) in enumerate(LATIN)}


@pytest.fixture(scope="module")
def made():
    return make_four_bit_file()


@pytest.fixture(scope="module")
def folder(made, tmp_path_factory):
    folder = tmp_path_factory.mktemp("unpacked")
    unpack_four_bit(made.blob, folder)
    return folder


@pytest.fixture(scope="module")
def weights(folder):
    return load_file(folder / "model.safetensors")


@pytest.fixture(scope="module")
def tokenizer(folder):
    return Tokenizer.from_file(str(folder / "tokenizer.json"))


def test_three_files_are_written(folder):
    names = sorted(path.name for path in folder.iterdir())
    assert names == ["config.json", "model.safetensors", "tokenizer.json"]


def test_every_weight_is_what_was_written_by_its_name_in_a_bert(made, weights):
    expected = {f"embeddings.{name}": made.values[key] for key, name in EMBEDDINGS.items()}
    expected["embeddings.word_embeddings.weight"] = made.values["emb.word"][KEPT]
    for layer in range(LAYERS):
        for part, name in NAMES.items():
            for short, kind in (("w", "weight"), ("b", "bias")):
                whole = f"encoder.layer.{layer}.{name}.{kind}"
                expected[whole] = made.values[f"l{layer}.{part}.{short}"]
    assert set(weights) == set(expected)
    for name, values in expected.items():
        assert weights[name].dtype == np.float32
        assert np.array_equal(weights[name], values), name
    assert weights["encoder.layer.1.intermediate.dense.weight"].shape == (WIDE, HIDDEN)
    assert weights["encoder.layer.1.output.dense.weight"].shape == (HIDDEN, WIDE)


def test_pieces_in_other_letters_are_gone_and_the_others_keep_their_order(folder, weights):
    model = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))["model"]
    assert [tuple(piece) for piece in model["vocab"]] == LATIN
    assert len(weights["embeddings.word_embeddings.weight"]) == len(LATIN) < len(PIECES)


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("pupil", ["▁pupil"]),
        ("pupils", ["▁pupil", "s"]),
        ("a pupil", ["▁a", "▁pupil"]),
        ("a   pupil", ["▁a", "▁pupil"]),
        ("tŷ", ["▁tŷ"]),
        ("ty\u0302", ["▁tŷ"]),
        ("ａ", ["▁a"]),
        ("a –", ["▁a", "▁", "–"]),
        ("学校", ["▁", "<unk>"]),
        ("", []),
    ],
)
def test_the_tokenizer_gives_the_numbers_of_the_rows_that_stayed(tokenizer, text, pieces):
    ids = tokenizer.encode(text).ids
    assert ids == [NUMBER["<s>"], *(NUMBER[piece] for piece in pieces), NUMBER["</s>"]]


def test_the_config_describes_the_encoder(folder):
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    assert config["model_type"] == "bert"
    assert config["vocab_size"] == len(LATIN)
    assert config["hidden_size"] == HIDDEN
    assert config["num_hidden_layers"] == LAYERS
    assert config["num_attention_heads"] == HEADS
    assert config["intermediate_size"] == WIDE
    assert config["max_position_embeddings"] == POSITIONS
    assert config["layer_norm_eps"] == 1e-12
    assert config["pad_token_id"] == NUMBER["<pad>"]


def test_what_was_unpacked_can_be_computed(folder, weights):
    encoder = compile_folder(folder, weights, name="tiny", digest="0" * 64, exact=True)
    vectors = encoder.encode(["a pupil", "pupils – a tŷ", "a pupil"])
    assert vectors.shape == (3, HIDDEN)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1, 1], abs=1e-5)
    assert np.allclose(vectors[0], vectors[2], atol=1e-6)
    assert not np.allclose(vectors[0], vectors[1], atol=1e-2)


def test_the_same_bytes_give_the_same_files(made, folder, tmp_path):
    unpack_four_bit(made.blob, tmp_path)
    for path in folder.iterdir():
        assert (tmp_path / path.name).read_bytes() == path.read_bytes()


@pytest.mark.parametrize("blob", [b"", b"E5S", b"PK\x03\x04" + b"0" * 200, b"E5S2" + b"0" * 200])
def test_bytes_of_another_kind_are_refused(tmp_path, blob):
    with pytest.raises(ValueError, match="4-bit encoder"):
        unpack_four_bit(blob, tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("share", [0.0005, 0.01, 0.5, 0.99])
def test_bytes_that_are_cut_short_are_refused(made, tmp_path, share):
    with pytest.raises(ValueError, match=r"cut short|buffer|offset"):
        unpack_four_bit(made.blob[: int(len(made.blob) * share)], tmp_path)
    assert list(tmp_path.iterdir()) == []
