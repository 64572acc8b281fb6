"""Which language a text is in: English or Welsh, the two that schools in Wales write."""

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lingua import LanguageDetector

ENGLISH = "en"
WELSH = "cy"
LANGUAGES = (ENGLISH, WELSH)

# Names and numbers alone ("Ysgol Bryn 2024") carry no grammar; below this the detector guesses.
MIN_PROBABILITY = 0.75
# Enough words to be sure of a document, few enough to take a few milliseconds.
SAMPLE_CHARS = 4000


@cache
def _load_detector() -> "LanguageDetector":
    from lingua import Language, LanguageDetectorBuilder

    return LanguageDetectorBuilder.from_languages(Language.ENGLISH, Language.WELSH).build()


def detect_language(text: str, fallback: str = ENGLISH) -> str:
    """Return "en" or "cy", or `fallback` where the text is too short or too mixed to tell."""
    best = _load_detector().compute_language_confidence_values(text[:SAMPLE_CHARS])[0]
    if best.value < MIN_PROBABILITY:
        return fallback
    return WELSH if best.language.name == "WELSH" else ENGLISH
