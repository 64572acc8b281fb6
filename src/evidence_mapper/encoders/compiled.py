"""Encode texts by a compiled graph: no torch in the process."""

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from evidence_mapper.encoders.bases import CONFIG, TOKENIZER
from evidence_mapper.encoders.eight_bit import (
    Floats,
    Ranges,
    build_eight_bit_graph,
    build_watched_graph,
    list_sites,
)
from evidence_mapper.encoders.encoder import Vectors, to_unit_rows
from evidence_mapper.encoders.graph import MAX_TOKENS, Architecture, Weights, build_graph
from evidence_mapper.encoders.runtime import load_openvino

if TYPE_CHECKING:
    from openvino import InferRequest, Model
    from tokenizers import Encoding, Tokenizer

# Measured on two cores: 8 to 32 are alike, 128 loses 15% and takes 1 GB.
BATCH_SIZE = 16
Tokens = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class EncoderFacts:
    """What is known of an encoder beside its graph: name, SHA-256 of the weights, dimensions."""

    name: str
    digest: str
    width: int


class CompiledEncoder:
    """A BERT or MPNet encoder, compiled for this processor by OpenVINO.

    Args:
        graph: what `build_graph` made.
        exact: keep 32-bit arithmetic; otherwise bfloat16 where the processor computes in it
            (twice as fast; cosine to 32 bits 0.9999).
        threads: how many processor threads to use; `None` for all that this process may use.
    """

    def __init__(
        self,
        facts: EncoderFacts,
        graph: "Model",
        tokenizer: "Tokenizer",
        *,
        exact: bool = False,
        threads: int | None = None,
    ) -> None:
        self.name = facts.name
        self.digest = facts.digest
        self._width = facts.width
        self._tokenizer = tokenizer
        threads = threads or count_cores()
        settings: dict[str, object] = {
            "NUM_STREAMS": threads,
            "INFERENCE_NUM_THREADS": threads,
            # Two processes that pin their threads meet on one core: together slower than one.
            "ENABLE_CPU_PINNING": False,
        }
        if exact:
            settings["INFERENCE_PRECISION_HINT"] = "f32"
        openvino = load_openvino()
        compiled = openvino.Core().compile_model(graph, "CPU", settings)
        self.arithmetic = compiled.get_property("INFERENCE_PRECISION_HINT").get_type_name()
        self._queue = openvino.AsyncInferQueue(compiled, threads)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return float32 (P, D), unit rows; row i is text i."""
        vectors = np.zeros((len(texts), self._width), np.float32)

        def keep(request: "InferRequest", rows: list[int]) -> None:
            vectors[rows] = request.get_output_tensor(0).data

        self._queue.set_callback(keep)
        for rows, ids, mask in _make_batches(self._tokenizer.encode_batch(list(texts))):
            self._queue.start_async({0: ids, 1: mask}, rows)
        self._queue.wait_all()
        return to_unit_rows(vectors)


def _make_batches(encodings: "Sequence[Encoding]") -> Iterator[tuple[list[int], Tokens, Tokens]]:
    """Yield rows, token ids and mask of texts of like length; the longest come first."""
    order = sorted(range(len(encodings)), key=lambda row: -len(encodings[row].ids))
    for start in range(0, len(order), BATCH_SIZE):
        rows = order[start : start + BATCH_SIZE]
        length = len(encodings[rows[0]].ids)
        ids = np.zeros((len(rows), length), np.int32)
        mask = np.zeros((len(rows), length), np.int32)
        for line, row in enumerate(rows):
            tokens = encodings[row].ids
            ids[line, : len(tokens)] = tokens
            mask[line, : len(tokens)] = 1
        yield rows, ids, mask


def count_cores() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def compile_folder(
    folder: Path,
    weights: Weights,
    *,
    name: str,
    digest: str,
    exact: bool = False,
    ranges: Ranges | None = None,
) -> CompiledEncoder:
    """Return the encoder of a base's folder, with weights that may differ from the base's.

    Args:
        ranges: of what its products take in; they are then in 8-bit integers.
    """
    architecture = read_architecture(folder)
    graph = (
        build_graph(architecture, weights)
        if ranges is None
        else build_eight_bit_graph(architecture, weights, ranges)
    )
    facts = EncoderFacts(name, digest, architecture.hidden)
    encoder = CompiledEncoder(facts, graph, load_tokenizer(folder), exact=exact)
    if ranges is not None:
        encoder.arithmetic = "int8"
    return encoder


def watch_folder(folder: Path, weights: Weights, texts: Sequence[str]) -> dict[str, Floats]:
    """Return the range at every place where a product takes something in, over all texts.

    Float32 (2, D) each: the least and the greatest value of each of the D numbers.
    """
    openvino = load_openvino()
    architecture = read_architecture(folder)
    graph = openvino.Core().compile_model(
        build_watched_graph(architecture, weights), "CPU", {"INFERENCE_PRECISION_HINT": "f32"}
    )
    tokenizer = load_tokenizer(folder)
    ranges: dict[str, Floats] = {}
    for text in texts:
        ids = np.array([tokenizer.encode(text).ids], np.int32)
        answers = graph({0: ids, 1: np.ones_like(ids)})
        for place, site in enumerate(list_sites(architecture)):
            low, high = answers[place]
            known = ranges.get(site, answers[place])
            ranges[site] = np.stack([np.minimum(known[0], low), np.maximum(known[1], high)])
    return ranges


def read_architecture(folder: Path) -> Architecture:
    """Return the architecture that the config.json of a base's folder describes."""
    return Architecture.from_config(json.loads((folder / CONFIG).read_bytes()))


def load_tokenizer(folder: Path, max_tokens: int = MAX_TOKENS) -> "Tokenizer":
    """Return the tokenizer of a base's folder; it cuts longer texts and adds no padding."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
    tokenizer.enable_truncation(max_tokens)
    tokenizer.no_padding()
    return tokenizer
