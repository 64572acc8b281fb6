"""Find an encoder by its name."""

from evidence_mapper.encoders.bases import BASES, MINILM, WEIGHTS, find_base
from evidence_mapper.encoders.compiled import compile_folder
from evidence_mapper.encoders.encoder import Encoder
from evidence_mapper.encoders.sentence import load_sentence_encoder


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
