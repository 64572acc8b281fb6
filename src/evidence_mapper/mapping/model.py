"""A shipped model: its encoder, loaded when it is first needed, and its heads."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from evidence_mapper.data_files import DEFAULT_MODEL, find_data_folder
from evidence_mapper.encoders import BASES, Encoder, Vectors, load_encoder, load_tuned_encoder
from evidence_mapper.errors import ModelError
from evidence_mapper.framework import Framework
from evidence_mapper.language import ENGLISH
from evidence_mapper.mapping.cache import MappingCache
from evidence_mapper.mapping.heads import Heads
from evidence_mapper.mapping.manifest import (
    FILE_NAME,
    ModelManifest,
    Thresholds,
    load_manifest,
)
from evidence_mapper.mapping.packing import unpack_heads
from evidence_mapper.mapping.proportions import find_proportions
from evidence_mapper.records import NONE, DescriptorMatch, Mapping

HEADS_FILE = "heads.safetensors"
SETTINGS_FILE = "heads.json"
DIFFERENCE_FILE = "difference.safetensors"
RANGES_FILE = "ranges.safetensors"
# A reviewer looks at a few; the fourth is seldom about the same thing.
CLOSEST_DESCRIPTORS = 3
# Enough passages between two signs of progress, few enough that the bar moves.
MAPPED_AT_ONCE = 128
# Goes up when a mapping gets another field or its numbers come about in another way.
MAPPING_FORMAT = 1


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What is known of a model beside its weights.

    `name` is for people and manifests; `digest` is a SHA-256 over heads, settings and encoder
    weights, so it changes when an answer may.
    """

    name: str
    digest: str
    thresholds: Thresholds


class Model:
    """Maps texts to areas and stages of the framework that it was trained for.

    Args:
        load: returns the encoder; called once, when the first text is mapped.
        descriptor_vectors: float32 (100, D), unit rows, where they were made in advance.
        cache: where mappings are looked for first and kept.
    """

    def __init__(
        self,
        facts: ModelFacts,
        *,
        load: Callable[[], Encoder],
        heads: Heads,
        framework: Framework,
        descriptor_vectors: Vectors | None = None,
        cache: MappingCache | None = None,
    ) -> None:
        keys = (*framework.area_keys, NONE)
        if heads.area_keys != keys or heads.stage_count != len(framework.stages):
            raise ModelError(
                f"{framework.title}: model '{facts.name}' was trained for other areas or stages; "
                "train one for this framework with `evidence-mapper train --framework`."
            )
        self.name = facts.name
        self.digest = facts.digest
        self.thresholds = facts.thresholds
        self.heads = heads
        self.framework = framework
        self._load = load
        self._descriptor_vectors = descriptor_vectors
        self._cache = cache

    @cached_property
    def encoder(self) -> Encoder:
        """The encoder; the first call takes seconds."""
        return self._load()

    @cached_property
    def descriptor_vectors(self) -> Vectors:
        """Float32 (descriptors, D), unit rows, in the framework's order."""
        if self._descriptor_vectors is not None:
            return self._descriptor_vectors
        return self.encoder.encode(
            [descriptor.full_text for descriptor in self.framework.descriptors]
        )

    def map_texts(
        self,
        texts: Sequence[str],
        *,
        language: str = ENGLISH,
        on_progress: Callable[[int, int], None] | None = None,
    ) -> tuple[Mapping, ...]:
        """Return one mapping for each text, in order; equal texts are encoded once.

        Args:
            language: "en" or "cy": whose words for proportions are looked for.
            on_progress: is told how many different texts are done, and of how many.
        """
        tell = on_progress or (lambda *_: None)
        unique = sorted(dict.fromkeys(texts), key=len)
        key = f"{MAPPING_FORMAT}/{self.digest}/{self.framework.digest}"
        mapped = self._cache.find(key, unique) if self._cache else {}
        left = [text for text in unique if text not in mapped]
        if mapped:
            tell(len(mapped), len(unique))
        for start in range(0, len(left), MAPPED_AT_ONCE):
            batch = left[start : start + MAPPED_AT_ONCE]
            new = dict(zip(batch, self._map_batch(batch), strict=True))
            if self._cache:
                self._cache.keep(key, new)
            mapped.update(new)
            tell(len(mapped), len(unique))
        # Found anew each time: they hang on lists of words and not on the model.
        for text, mapping in mapped.items():
            mapped[text] = replace(mapping, proportions=find_proportions(text, language))
        return tuple(mapped[text] for text in texts)

    def _map_batch(self, texts: Sequence[str]) -> list[Mapping]:
        vectors = self.encoder.encode(texts)
        outputs = self.heads.predict(texts, vectors)
        scores = np.clip(vectors @ self.descriptor_vectors.T, -1, 1)
        closest = np.argsort(-scores, axis=1, kind="stable")[:, :CLOSEST_DESCRIPTORS]
        return [
            Mapping(
                areas=dict(zip(self.heads.area_keys, map(float, outputs.areas[row]), strict=True)),
                stages=tuple(map(float, outputs.stages[row])),
                clue=float(outputs.clues[row]),
                descriptors=tuple(
                    DescriptorMatch(int(index), round(float(scores[row, index]), 4))
                    for index in closest[row]
                ),
                claims=tuple(map(float, outputs.claims[row])),
            )
            for row in range(len(texts))
        ]


def load_model(
    name: str = DEFAULT_MODEL,
    *,
    framework: Framework,
    encoder: str | None = None,
    cache: MappingCache | None = None,
    exact: bool = False,
) -> Model:
    """Return a model: a shipped one by its name, or the one of a folder.

    The heads are read and checked now; the encoder is loaded when it is first needed.

    Args:
        name: that of a shipped model, or a folder that `evidence-mapper train --out` made.
        framework: must have the areas and stages that the model was trained for.
        encoder: allows a hub model to be fetched that the model was trained on.
        cache: where mappings are looked for first and kept.
        exact: keep 32-bit arithmetic, to compare with.

    Raises:
        ModelError: no such model, damaged files, another framework, another encoder.
    """
    folder, key, manifest = find_model(name)
    files = folder / key
    weights = _read_checked(files / HEADS_FILE, manifest.heads_sha256)
    settings = _read_checked(files / SETTINGS_FILE, manifest.settings_sha256)
    if encoder is not None and encoder != manifest.encoder.name:
        raise ModelError(
            f"--encoder {encoder}: model '{name}' was trained on {manifest.encoder.name}; train "
            f"one with `evidence-mapper train --encoder {encoder} --out FOLDER` and name that "
            "folder with --model."
        )
    heads, descriptor_vectors = unpack_heads(weights, settings)
    is_same_framework = manifest.framework_digest == framework.digest
    return Model(
        ModelFacts(key, _digest_model(manifest), manifest.thresholds),
        load=lambda: _load_recorded_encoder(
            files, manifest, may_fetch=encoder is not None, exact=exact
        ),
        heads=heads,
        framework=framework,
        descriptor_vectors=descriptor_vectors if is_same_framework else None,
        cache=cache,
    )


def find_model(name: str) -> tuple[Path, str, ModelManifest]:
    """Return the folder, name and manifest of a model; a shipped name comes before a folder.

    A folder of models stands for its default model, or for its first; FOLDER/NAME names another.

    Raises:
        ModelError: there is no such model.
    """
    folder = find_data_folder("models")
    models = load_manifest(folder).models
    if name in models:
        return folder, name, models[name]
    path = Path(name)
    if not path.is_dir():
        raise ModelError(
            f"--model {name}: no such model or folder; there is: {', '.join(sorted(models))}. A "
            "folder that `evidence-mapper train --out` made can be named too."
        )
    if not (path / FILE_NAME).exists() and (path.parent / FILE_NAME).exists():
        models = load_manifest(path.parent).models
        if path.name in models:
            return path.parent, path.name, models[path.name]
    models = load_manifest(path).models
    key = DEFAULT_MODEL if DEFAULT_MODEL in models else next(iter(models), None)
    if key is None:
        raise ModelError(f"{path}: its {FILE_NAME} names no model; train one into it.")
    return path, key, models[key]


def _read_checked(path: Path, sha256: str) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ModelError(
            f"{path.name}: part of the model is missing ({error.strerror}); install the program "
            "again or train the model again."
        ) from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise ModelError(
            f"{path.name}: is not the file that the manifest names (its SHA-256 differs); install "
            "the program again or train the model again."
        )
    return content


def _load_recorded_encoder(
    files: Path, manifest: ModelManifest, *, may_fetch: bool, exact: bool
) -> Encoder:
    record = manifest.encoder
    base = BASES.get(record.name)
    if record.difference_sha256 and base and base.weights.sha256 == record.weights_sha256:
        difference = _read_checked(files / DIFFERENCE_FILE, record.difference_sha256)
        ranges = (
            _read_checked(files / RANGES_FILE, record.ranges_sha256)
            if record.ranges_sha256
            else b""
        )
        return load_tuned_encoder(record.name, difference, ranges=ranges, exact=exact)
    encoder = load_encoder(record.name, exact=exact, may_fetch=may_fetch)
    is_exact_digest = encoder.digest == record.weights_sha256 and not record.difference_sha256
    if not is_exact_digest:
        raise ModelError(
            f"{record.name}: its weights are not those that the model was trained on; "
            "get that edition, or train the model again."
        )
    return encoder


def _digest_model(manifest: ModelManifest) -> str:
    encoder = manifest.encoder
    parts = (
        manifest.heads_sha256,
        manifest.settings_sha256,
        encoder.weights_sha256,
        encoder.difference_sha256,
        encoder.ranges_sha256,
    )
    return hashlib.sha256("".join(parts).encode()).hexdigest()
