"""The models that answer together: each language has the one that was measured in it."""

import hashlib
from collections.abc import Callable, Sequence
from collections.abc import Mapping as MappingType
from dataclasses import dataclass

from evidence_mapper.data_files import DEFAULT_MODEL, find_data_folder
from evidence_mapper.errors import ModelError
from evidence_mapper.framework import Framework, load_framework
from evidence_mapper.language import LANGUAGE_NAMES, LANGUAGES
from evidence_mapper.mapping.cache import MappingCache
from evidence_mapper.mapping.manifest import load_manifest
from evidence_mapper.mapping.model import Model, find_model, load_model
from evidence_mapper.records import Mapping


@dataclass(frozen=True, slots=True)
class Answers:
    """Mappings of texts, in their order, and why some have none.

    A mapping is `None` where no model could answer in the text's language; `gaps` says why, a
    clause for each such language.
    """

    mappings: tuple[Mapping | None, ...]
    gaps: dict[str, str]


class ModelSet:
    """One model for each language; the first is the one that was chosen.

    Args:
        by_language: models for one and the same framework; several languages may share one.
    """

    def __init__(self, by_language: MappingType[str, Model]) -> None:
        self.by_language = dict(by_language)
        self.models = tuple(dict.fromkeys(self.by_language.values()))

    @property
    def chosen(self) -> Model:
        """The model that was asked for."""
        return self.models[0]

    @property
    def framework(self) -> Framework:
        """The framework that passages are placed in."""
        return self.chosen.framework

    @property
    def name(self) -> str:
        """The names of all models, the chosen one first."""
        return " + ".join(model.name for model in self.models)

    @property
    def digest(self) -> str:
        """A SHA-256 that changes when an answer in any language may."""
        if len(self.models) == 1:
            return self.chosen.digest
        return hashlib.sha256("".join(model.digest for model in self.models).encode()).hexdigest()

    def set_thresholds(
        self, *, stage_floor: float | None = None, clue_floor: float | None = None
    ) -> None:
        """Change where the models stop answering; `None` leaves a threshold as it is."""
        changed = {"stage_floor": stage_floor, "clue_floor": clue_floor}
        wanted = {name: value for name, value in changed.items() if value is not None}
        for model in self.models:
            model.thresholds = model.thresholds.model_copy(update=wanted)

    def map_texts(
        self,
        texts: Sequence[str],
        languages: Sequence[str],
        on_progress: Callable[[int, int], None] | None = None,
    ) -> Answers:
        """Return a mapping for each text by the model of its language.

        Args:
            languages: of each text, its code ("en", "cy").
            on_progress: is told how many different texts are done, and of how many.

        Raises:
            ModelError: the chosen model's encoder cannot be had; the others' leave a gap.
        """
        rows: dict[str, list[int]] = {}
        for row, language in enumerate(languages):
            rows.setdefault(language, []).append(row)
        unique = {language: len({texts[row] for row in group}) for language, group in rows.items()}
        mappings: list[Mapping | None] = [None] * len(texts)
        gaps: dict[str, str] = {}
        before = 0
        for language, group in rows.items():

            def tell(done: int, _: int, before: int = before) -> None:
                if on_progress:
                    on_progress(before + done, sum(unique.values()))

            found = self._map_language(language, [texts[row] for row in group], tell)
            if isinstance(found, str):
                gaps[language] = found
            else:
                for row, mapping in zip(group, found, strict=True):
                    mappings[row] = mapping
            before += unique[language]
        return Answers(tuple(mappings), gaps)

    def map_all(
        self,
        texts: Sequence[str],
        languages: Sequence[str],
        on_progress: Callable[[int, int], None] | None = None,
    ) -> tuple[Mapping, ...]:
        """Return a mapping for each text, as `map_texts`, where none may be missing.

        Raises:
            ModelError: no model can answer in one of the languages.
        """
        answers = self.map_texts(texts, languages, on_progress)
        for language, reason in answers.gaps.items():
            raise ModelError(f"passages in {LANGUAGE_NAMES.get(language, language)}: {reason}")
        return tuple(mapping for mapping in answers.mappings if mapping is not None)

    def _map_language(
        self, language: str, texts: Sequence[str], tell: Callable[[int, int], None]
    ) -> tuple[Mapping, ...] | str:
        """Return the mappings, or why there are none."""
        model = self.by_language.get(language)
        if model is None:
            known = " and ".join(LANGUAGE_NAMES.get(key, key) for key in self.by_language)
            return f"no model was measured in this language (there are some for {known})"
        try:
            return model.map_texts(texts, language=language, on_progress=tell)
        except ModelError as error:
            if model is self.chosen:
                raise
            return str(error)


def load_models(
    name: str = DEFAULT_MODEL,
    *,
    framework: Framework,
    encoder: str | None = None,
    cache: MappingCache | None = None,
    exact: bool = False,
) -> ModelSet:
    """Return a model and, for the languages that it was not measured in, the shipped others.

    Args:
        name: that of a shipped model, or a folder that `evidence-mapper train --out` made.
        framework: must have the areas and stages that the model was trained for.
        encoder: allows a hub model to be fetched that the model was trained on.
        cache: where mappings are looked for first and kept.
        exact: keep 32-bit arithmetic, to compare with.

    Raises:
        ModelError: as `load_model`.
    """
    _, _, manifest = find_model(name)
    chosen = load_model(name, framework=framework, encoder=encoder, cache=cache, exact=exact)
    by_language = dict.fromkeys(manifest.quality, chosen)
    shipped = load_manifest(find_data_folder("models")).models
    standard = load_framework()
    is_shipped_layout = framework.area_keys == standard.area_keys and len(framework.stages) == len(
        standard.stages
    )
    for language in LANGUAGES:
        others = sorted(other for other, record in shipped.items() if language in record.quality)
        if language not in by_language and others and is_shipped_layout:
            by_language[language] = load_model(
                others[0], framework=framework, cache=cache, exact=exact
            )
    return ModelSet(by_language)
