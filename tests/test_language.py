import pytest

from evidence_mapper.language import LANGUAGE_NAMES, LANGUAGES, detect_language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Nearly all pupils make strong progress and behave very well.", "en"),
        ("Mae bron pob disgybl yn gwneud cynnydd cryf ac yn ymddwyn yn dda iawn.", "cy"),
        ("Leaders at Ysgol Bryn Glas know the school's strengths and what must improve.", "en"),
        ("Mae arweinwyr yn defnyddio data o Google Classroom i gynllunio gwelliannau.", "cy"),
    ],
)
def test_the_language_of_a_sentence_is_told(text, language):
    assert detect_language(text, fallback=next(x for x in LANGUAGES if x != language)) == language


@pytest.mark.parametrize("text", ["", "2024", "94.5%", "•"])
@pytest.mark.parametrize("fallback", LANGUAGES)
def test_a_text_without_words_has_the_language_of_what_is_around_it(text, fallback):
    assert detect_language(text, fallback) == fallback


def test_english_is_the_fallback_where_none_is_named():
    assert detect_language("2024") == "en"


def test_a_long_text_is_judged_by_its_beginning():
    english = "The pupils learn very well with one another. " * 100
    welsh = "Mae'r disgyblion yn dysgu'n dda iawn gyda'i gilydd yn yr ysgol. " * 1000
    assert detect_language(english + welsh, fallback="cy") == "en"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (
            "Szkoła zaprasza rodziców na spotkanie w sprawie postępów ich dzieci i planu zajęć.",
            "pl",
        ),
        ("Mae'r ysgol yn gwahodd rhieni i gyfarfod am gynnydd eu plant a'r cynllun newydd.", "cy"),
        (
            "The school invites parents to a meeting on the progress of children and its plan.",
            "en",
        ),
        ("Şcoala invită părinții la o întâlnire despre progresul copiilor și planul orelor.", "ro"),
    ],
)
def test_a_language_beside_the_two_is_told(text, language):
    assert detect_language(text, fallback="fr") == language
    assert language in LANGUAGE_NAMES


def test_a_line_of_names_is_of_no_other_language():
    assert detect_language("Ysgol Bryn Celyn, 2024-2025", fallback="cy") == "cy"


def test_a_short_text_among_another_language_is_of_that():
    assert detect_language("Many thanks.", fallback="pl") == "pl"
