"""Find Estyn's words for proportions in a passage, each with the band that it stands for."""

import re
from collections.abc import Iterator, Sequence
from functools import cache

from evidence_mapper.framework import Proportion, load_proportions
from evidence_mapper.language import WELSH
from evidence_mapper.records import ProportionMention

# "Most pupils" is a proportion, "the most effective", "how many" and "half term" are none. Each
# list stands for what comes right before or after the word.
NOT_AFTER = {
    "en": r"the|their|our|its|at|how|so|as|too|not|very|than|over|under|quite a|first|second"
    r"|last|past|next",
    "cy": r"sut|sawl|na|dim|nid oes|blynyddoedd|flynyddoedd",
}
NOT_BEFORE = {
    "en": r"able|effective|recent|recently|important|importantly|notable|notably|likely|vulnerable"
    r"|years?|months?|weeks?|days?|hours?|minutes?|times|occasions|ways|terms?|termly|way|an",
    "cy": r"tymor|dydd|awr|blynyddoedd|flynyddoedd|wythnosau|diwrnodau|mwy|gwell|well|llai|uwch"
    r"|haws|rhy|bach|amser|ethnig",
}
MUTATIONS = (("ll", "l"), ("rh", "r"), ("m", "f"), ("b", "f"), ("p", "b"))


def find_proportions(text: str, language: str) -> tuple[ProportionMention, ...]:
    """Return the words for proportions in a text in English or Welsh, in their order."""
    pattern, by_word = _compile(WELSH if language == WELSH else "en")
    # A pattern that passes over case takes a dotless i for an i; such a word is none of the list.
    return tuple(
        ProportionMention(match.start(), match.end(), found.word, found.definition)
        for match in pattern.finditer(text)
        if (found := by_word.get(_normalise(match.group())))
    )


@cache
def _compile(language: str) -> tuple[re.Pattern[str], dict[str, Proportion]]:
    by_word = dict(_list_words(load_proportions(), language))
    longest_first = sorted(by_word, key=lambda word: -len(word))
    words = "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in longest_first)
    before = "".join(rf"(?<!\b{word}\s)" for word in NOT_AFTER[language].split("|"))
    pattern = rf"{before}\b(?:{words})\b(?![\s-]+(?:{NOT_BEFORE[language]})\b)"
    return re.compile(pattern, re.IGNORECASE), by_word


def _list_words(
    proportions: Sequence[Proportion], language: str
) -> Iterator[tuple[str, Proportion]]:
    for proportion in proportions:
        if language == WELSH:
            for word in proportion.welsh_words:
                yield from ((form, proportion) for form in _mutate(word))
        else:
            yield proportion.word, proportion
            if proportion.word.startswith("a "):
                yield f"the {proportion.word.removeprefix('a ')}", proportion


def _mutate(word: str) -> list[str]:
    """Return a Welsh word and its soft mutation."""
    for hard, soft in MUTATIONS:
        if word.startswith(hard):
            return [word, soft + word.removeprefix(hard)]
    return [word]


def _normalise(words: str) -> str:
    return " ".join(words.casefold().split())
