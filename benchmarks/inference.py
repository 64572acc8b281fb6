"""Passages a second of each model, beside sentence-transformers and the processor's own roof.

    python benchmarks/inference.py [--passages N]

Every passage has about 60 tokens. The roof is what the encoder's matrix products alone would
allow: of the same sizes, in the same arithmetic, with nothing between them.
"""

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from evidence_mapper.data_files import find_data_folder
from evidence_mapper.encoders import BASES, E5, find_base, load_encoder
from evidence_mapper.encoders.bases import TOKENIZER
from evidence_mapper.encoders.compiled import BATCH_SIZE, count_cores, read_architecture
from evidence_mapper.encoders.graph import Architecture
from evidence_mapper.encoders.runtime import load_openvino
from evidence_mapper.framework import load_framework
from evidence_mapper.mapping import load_model
from evidence_mapper.mapping.manifest import load_manifest
from evidence_mapper.training import load_training_passages

TOKENS = 60
NEAR = 5
ROUNDS = 3
# sentence-transformers is given fewer, so that the whole takes a minute.
PLAIN_SHARE = 8
# A token passes four square matrices of a layer and two that are four times as wide.
SQUARES, WIDER = 4, 4


@dataclass(frozen=True, slots=True)
class Speed:
    """Passages a second of one model and of the ways beside it."""

    model: str
    arithmetic: str
    ours: float
    plain: float
    roof: float


def main() -> None:
    """Print a table as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--passages", type=int, default=256)
    print(format_table(measure_models(parser.parse_args().passages)))


def measure_models(count: int) -> list[Speed]:
    """Return the speed of every shipped model."""
    framework = load_framework()
    speeds = []
    for name, manifest in load_manifest(find_data_folder("models")).models.items():
        folder = find_base(BASES[manifest.encoder.name])
        texts = pick_texts(folder, count)
        encoder = load_model(name, framework=framework).encoder
        speeds.append(
            Speed(
                name,
                encoder.arithmetic,
                measure(lambda texts=texts, encoder=encoder: encoder.encode(texts), count),
                measure_plain(folder, texts[: max(1, count // PLAIN_SHARE)]),
                measure_roof(read_architecture(folder), encoder.arithmetic),
            )
        )
    return speeds


def measure_plain(folder: Path, texts: Sequence[str]) -> float:
    """Return the passages a second of sentence-transformers as it comes.

    NaN for the Welsh base, whose tokenizer it cannot read.
    """
    if folder.name == E5.name:
        return float("nan")
    plain = load_encoder(str(folder), exact=True)
    return measure(lambda: plain.encode(texts), len(texts))


def format_table(speeds: Sequence[Speed]) -> str:
    """Return the speeds as Markdown."""
    lines = [
        f"Passages of {TOKENS} tokens a second, {count_cores()} cores, the best of {ROUNDS}:",
        "",
        "| model | arithmetic | passages/s | sentence-transformers | times as fast | roof of the "
        "matrix products | share of it |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    lines += [
        f"| `{speed.model}` | {speed.arithmetic} | {speed.ours:.0f} | {show(speed.plain, 0)} | "
        f"{show(speed.ours / speed.plain, 1)} | {speed.roof:.0f} | {speed.ours / speed.roof:.2f} |"
        for speed in speeds
    ]
    return "\n".join(lines)


def show(value: float, digits: int) -> str:
    """Return a number, or a dash for none."""
    return "–" if np.isnan(value) else f"{value:.{digits}f}"


def pick_texts(folder: Path, count: int) -> list[str]:
    """Return so many authored passages of about 60 tokens, some of them several times."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
    tokenizer.no_padding()
    fitting = [
        passage.text
        for passage in load_training_passages(load_framework())
        if abs(len(tokenizer.encode(passage.text).ids) - TOKENS) <= NEAR
    ]
    return (fitting * -(-count // len(fitting)))[:count]


def measure(encode: Callable[[], object], count: int) -> float:
    """Return passages a second, the best of some rounds."""
    seconds = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        encode()
        seconds.append(time.perf_counter() - start)
    return count / min(seconds)


def measure_roof(architecture: Architecture, arithmetic: str) -> float:
    """Return the passages a second of an encoder that is matrix products and nothing else."""
    openvino = load_openvino()
    threads = count_cores()
    settings = {"NUM_STREAMS": threads, "INFERENCE_NUM_THREADS": threads}
    settings["ENABLE_CPU_PINNING"] = False
    compiled = openvino.Core().compile_model(
        build_products(architecture, is_eight_bit=arithmetic == "int8"), "CPU", settings
    )
    queue = openvino.AsyncInferQueue(compiled, threads)
    states = np.random.default_rng(0).normal(size=(BATCH_SIZE * TOKENS, architecture.hidden))
    batches = 8 * threads

    def multiply() -> None:
        for _ in range(batches):
            queue.start_async({0: states.astype(np.float32)})
        queue.wait_all()

    return measure(multiply, batches * BATCH_SIZE)


def build_products(architecture: Architecture, *, is_eight_bit: bool):  # noqa: ANN201
    """Return a graph of the products of all layers, one after the other."""
    openvino = load_openvino()
    ops = openvino.opset15
    random = np.random.default_rng(0)
    hidden, wide = architecture.hidden, architecture.hidden * WIDER

    def constant(value: np.ndarray | float):  # noqa: ANN202
        return ops.constant(np.asarray(value, np.float32))

    def multiply(states, rows: int, columns: int):  # noqa: ANN001, ANN202
        matrix = constant(random.normal(size=(rows, columns)) / np.sqrt(columns))
        if is_eight_bit:
            ends = constant(-4.0), constant(4.0)
            states = ops.fake_quantize(states, *ends, *ends, 256)
            rims = constant(-np.ones((rows, 1))), constant(np.ones((rows, 1)))
            matrix = ops.fake_quantize(matrix, *rims, *rims, 255)
        return ops.matmul(states, matrix, transpose_a=False, transpose_b=True)

    entry = ops.parameter([-1, hidden], dtype=np.float32)
    states = entry
    for _ in range(architecture.layers):
        for _ in range(SQUARES):
            states = multiply(states, hidden, hidden)
        states = multiply(multiply(states, wide, hidden), hidden, wide)
    return openvino.Model([states], [entry], "products")


if __name__ == "__main__":
    main()
