"""Which language a text is in: English or Welsh, which schools in Wales write, or another."""

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lingua import LanguageDetector

ENGLISH = "en"
WELSH = "cy"
LANGUAGES = (ENGLISH, WELSH)
# Besides the two, languages of families in Wales and of Europe; a document in one of them must not
# be taken for English.
LANGUAGE_NAMES = {
    ENGLISH: "English",
    WELSH: "Welsh",
    "ar": "Arabic",
    "bn": "Bengali",
    "de": "German",
    "es": "Spanish",
    "fr": "French",
    "ga": "Irish",
    "it": "Italian",
    "nl": "Dutch",
    "pl": "Polish",
    "pt": "Portuguese",
    "ro": "Romanian",
    "so": "Somali",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "ur": "Urdu",
    "zh": "Chinese",
}

# Names and numbers alone ("Ysgol Bryn 2024") carry no grammar; below this the detector guesses.
MIN_PROBABILITY = 0.75
# Between many languages a line of names looks like any of them: more text and surety are needed.
MIN_CHARS_OF_ANY = 80
MIN_PROBABILITY_OF_ANY = 0.95
# Enough words to be sure of a document, few enough to take a few milliseconds.
SAMPLE_CHARS = 4000


@cache
def _load_detector() -> "LanguageDetector":
    from lingua import Language, LanguageDetectorBuilder

    return LanguageDetectorBuilder.from_languages(Language.ENGLISH, Language.WELSH).build()


@cache
def _load_wide_detector() -> "LanguageDetector":
    from lingua import IsoCode639_1, LanguageDetectorBuilder

    codes = [getattr(IsoCode639_1, code.upper()) for code in LANGUAGE_NAMES]
    builder = LanguageDetectorBuilder.from_iso_codes_639_1(*codes)
    # Three letters at a time tell languages apart as well, and load in a tenth of the time.
    return builder.with_low_accuracy_mode().build()


def detect_language(text: str, fallback: str = ENGLISH) -> str:
    """Return the code of the language, or `fallback` where the text is too short or too mixed.

    A short text is taken for English or Welsh, or, where `fallback` is another language, for that.
    """
    if len(text) >= MIN_CHARS_OF_ANY:
        other = _name_best(_load_wide_detector(), text, MIN_PROBABILITY_OF_ANY)
        if other and other not in LANGUAGES:
            return other
    elif fallback not in LANGUAGES:
        return fallback
    return _name_best(_load_detector(), text, MIN_PROBABILITY) or fallback


def _name_best(detector: "LanguageDetector", text: str, floor: float) -> str | None:
    best = detector.compute_language_confidence_values(text[:SAMPLE_CHARS])[0]
    if best.value < floor:
        return None
    return best.language.iso_code_639_1.name.lower()
