"""Encoders of one's own: any sentence-transformers model, by torch."""

import gc
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from evidence_mapper.encoders.bases import WEIGHTS, digest_file
from evidence_mapper.encoders.encoder import Vectors, to_unit_rows
from evidence_mapper.errors import ModelError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

# 8 to 32 win on two cores, 128 loses 15% and takes 1 GB.
BATCH_SIZE = 32


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
        return to_unit_rows(np.asarray(encoded, dtype=np.float32).reshape(len(texts), width))


def load_sentence_encoder(name: str, *, exact: bool, may_fetch: bool) -> SentenceEncoder:
    """Return the encoder of a folder, or of a model on the hub.

    Raises:
        ModelError: it cannot be fetched or loaded.
    """
    folder = Path(name) if Path(name).is_dir() else _find_hub_model(name, may_fetch=may_fetch)
    digest = digest_file(folder / WEIGHTS)
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
