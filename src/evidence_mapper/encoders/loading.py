"""Find an encoder by its name, as published or fine-tuned."""

import hashlib

from evidence_mapper.encoders.bases import BASES, MINILM, WEIGHTS, find_base
from evidence_mapper.encoders.compiled import compile_folder
from evidence_mapper.encoders.difference import apply_difference
from evidence_mapper.encoders.encoder import Encoder
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


def load_tuned_encoder(name: str, difference: bytes, *, exact: bool = False) -> Encoder:
    """Return a base with a difference added that fine-tuning made.

    Args:
        name: one of the bases.
        difference: the content of a safetensors file that `cut_difference` gave.
        exact: keep 32-bit arithmetic.

    Raises:
        ModelError: the base is not on this machine, or the difference is not one of this base.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load, load_file

    base = BASES[name]
    folder = find_base(base)
    try:
        weights = apply_difference(load_file(folder / WEIGHTS), load(difference))
    except (ValueError, KeyError, SafetensorError) as error:
        raise ModelError(
            f"{name}: the model's difference does not fit it ({error}); install the program again "
            "or train the model again."
        ) from error
    digest = hashlib.sha256(base.weights.sha256.encode() + difference).hexdigest()
    return compile_folder(folder, weights, name=name, digest=digest, exact=exact)
