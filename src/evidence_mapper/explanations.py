"""Why a passage was placed where it was: what a reviewer can check, and the words that decide."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from evidence_mapper.language import detect_language
from evidence_mapper.mapping import ModelSet
from evidence_mapper.records import Mapping

# Most passages have 60 words at most; of a longer one the words from here on are not left out.
MAX_PARTS = 120
# A word that moves the stage by less says nothing.
LEAST_CHANGE = 0.05
WORD = re.compile(r"[\w%][\w'’%-]*")


@dataclass(frozen=True, slots=True)
class WordEffect:
    """What a word or a proportion does to the stage: 0-based, half-open offsets into the text.

    `stage_change` is the mean stage with the word less the mean stage without it: above 0, the
    word lifts the passage.
    """

    start: int
    end: int
    text: str
    stage_change: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """A mapping, and the words whose removal moves the stage most, the strongest first."""

    text: str
    language: str
    mapping: Mapping
    effects: tuple[WordEffect, ...]


def explain_text(models: ModelSet, text: str, language: str | None = None) -> Explanation:
    """Return why a text is placed where it is.

    Each word, and each word for a proportion as a whole, is left out in turn and the rest mapped
    again.

    Args:
        language: "en" or "cy"; detected where left out.

    Raises:
        ModelError: no model can answer in the text's language.
    """
    language = language or detect_language(text)
    (mapping,) = models.map_all([text], [language])
    parts = list(_find_parts(text, mapping))[:MAX_PARTS]
    without = [text[:start].rstrip() + text[end:] for start, end in parts]
    others = models.map_all(without, [language] * len(without))
    whole = _mean_stage(mapping)
    effects = [
        WordEffect(start, end, text[start:end], round(whole - _mean_stage(other), 3))
        for (start, end), other in zip(parts, others, strict=True)
    ]
    strongest = sorted(effects, key=lambda effect: -abs(effect.stage_change))
    return Explanation(
        text,
        language,
        mapping,
        tuple(effect for effect in strongest if abs(effect.stage_change) >= LEAST_CHANGE),
    )


def _find_parts(text: str, mapping: Mapping) -> Iterator[tuple[int, int]]:
    """Yield the words in their order, those of a proportion together."""
    mentions = {mention.start: mention.end for mention in mapping.proportions}
    end = 0
    for match in WORD.finditer(text):
        if match.start() < end:
            continue
        end = mentions.get(match.start(), match.end())
        yield match.start(), end


def _mean_stage(mapping: Mapping) -> float:
    return sum(stage * share for stage, share in enumerate(mapping.stages, start=1))
