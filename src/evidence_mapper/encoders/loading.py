"""Find an encoder by its name, as published or fine-tuned."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from evidence_mapper.encoders.bases import BASES, MINILM, WEIGHTS, find_base
from evidence_mapper.encoders.compiled import CompiledEncoder, compile_folder, watch_folder
from evidence_mapper.encoders.difference import apply_difference
from evidence_mapper.encoders.encoder import Encoder
from evidence_mapper.encoders.graph import Weights
from evidence_mapper.encoders.sentence import load_sentence_encoder
from evidence_mapper.errors import ModelError


def load_encoder(
    name: str = MINILM.name, *, exact: bool = False, may_fetch: bool = True
) -> Encoder:
    """Return the encoder of that name.

    Args:
        name: a base, computed without torch; or a folder with a sentence-transformers model, or
            the name of one on the hub. Only the last one uses the network, and not where
            HF_HUB_OFFLINE is set.
        exact: keep 32-bit arithmetic; otherwise bfloat16 where the processor computes in it.
        may_fetch: a hub model that is not cached may be fetched.

    Raises:
        ModelError: a base is not on this machine, its weights are not the published ones, or a
            folder or hub model cannot be loaded.
    """
    if name not in BASES:
        return load_sentence_encoder(name, exact=exact, may_fetch=may_fetch)
    from safetensors.numpy import load_file

    base = BASES[name]
    folder = find_base(base)
    return compile_folder(
        folder,
        load_file(folder / WEIGHTS),
        name=name,
        digest=base.weights.sha256,
        exact=exact,
    )


def load_tuned_encoder(
    name: str, difference: bytes, *, ranges: bytes = b"", exact: bool = False
) -> CompiledEncoder:
    """Return a base with a difference added that fine-tuning made.

    Args:
        name: one of the bases.
        difference: the content of a safetensors file that `cut_difference` gave.
        ranges: what `watch_ranges` gave for it; its products are then in 8-bit integers.
        exact: keep 32-bit arithmetic.

    Raises:
        ModelError: the base is not on this machine, or the difference is not one of this base.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load

    folder, weights = _load_tuned_weights(name, difference)
    try:
        seen = load(ranges) if ranges and not exact else None
        return compile_folder(
            folder,
            weights,
            name=name,
            digest=hashlib.sha256(
                BASES[name].weights.sha256.encode() + difference + ranges
            ).hexdigest(),
            exact=exact,
            ranges=seen,
        )
    except (ValueError, KeyError, SafetensorError) as error:
        raise ModelError(
            f"{name}: the model's files do not fit it ({error}); install the program again or "
            "train the model again."
        ) from error


def watch_ranges(name: str, difference: bytes, texts: Sequence[str]) -> bytes:
    """Return the ranges of what the products of a tuned encoder take in, as a safetensors file.

    Args:
        texts: some hundred passages of the kind that the encoder is for.

    Raises:
        ModelError: as `load_tuned_encoder`.
    """
    from safetensors.numpy import save

    folder, weights = _load_tuned_weights(name, difference)
    return save(watch_folder(folder, weights, texts))


def _load_tuned_weights(name: str, difference: bytes) -> tuple[Path, Weights]:
    from safetensors import SafetensorError
    from safetensors.numpy import load, load_file

    folder = find_base(BASES[name])
    try:
        return folder, apply_difference(load_file(folder / WEIGHTS), load(difference))
    except (ValueError, KeyError, SafetensorError) as error:
        raise ModelError(
            f"{name}: the model's difference does not fit it ({error}); install the program again "
            "or train the model again."
        ) from error
