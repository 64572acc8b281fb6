import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evidence_mapper.errors import FrameworkError
from evidence_mapper.framework import load_framework, load_proportions
from framework_builders import (
    ESTYN,
    LIBRARY,
    PROPORTIONS,
    list_problems,
    make_framework_text,
    write_framework,
)


@pytest.mark.parametrize(
    ("area_count", "stage_count", "problem"),
    [
        (51, 4, "areas: has more than 50, which is the most"),
        (3, 10, "stages: has more than 9, which is the most"),
        (3, 1, "stages: has 1 of the at least 2 that are needed"),
    ],
)
def test_more_or_fewer_areas_and_stages_are_refused(tmp_path, area_count, stage_count, problem):
    path = tmp_path / "f.toml"
    path.write_text(make_framework_text(area_count, stage_count))
    assert problem in list_problems(path)


def test_every_problem_is_told_at_once_with_its_path(tmp_path):
    path = write_framework(
        tmp_path,
        ('title = "A school library that is used"', "title = 7\ncolour = 1"),
        ('key = "readers"\nname = "Readers"', 'key = "space"\nnmae = "Readers"'),
        ('stage = 3, text = "The room is full', 'stage = 7, text = "The room is full'),
        ("number = 3", "number = 2"),
        ('{ stage = 1, text = "A few pupils borrow." },', ""),
        ('bullets = ["stories", "magazines"]', 'bullets = ["stories", "  "]'),
    )
    assert set(list_problems(path)) == {
        "title: 7 is not a text in quotes",
        "colour: is not a known key; known are title, welsh_title, introduction, translation_note,"
        " wording_digest, factors_introduction, factors, characteristics_title,"
        " characteristics_introduction, characteristics, source, stages, areas",
        "stages[2].number: 2 should be 3; stages are numbered from 1, lowest first",
        "areas[0].descriptors[2].bullets[1]: is empty",
        "areas[1].descriptors[0].stage: 7 is not one of the stages 1 to 3",
        "areas[1].descriptors: there is none for stage 3",
        "areas[2].key: 'space' is used twice",
        "areas[2].name: is missing",
        "areas[2].nmae: is not a known key; did you mean name?",
        "areas[2].descriptors: there is none for stage 1",
    }


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('key = "readers"', 'key = "Read ers"', "areas[2].key: 'Read ers' is not a key: small"),
        ('key = "readers"', 'key = "none"', "areas[2].key: 'none' is kept for passages without"),
        ('key = "readers"', "key = true", "areas[2].key: true is not a text in quotes"),
        ('name = "Readers"', 'name = "THE  ROOM"', "areas[2].name: 'THE  ROOM' is used twice"),
        ('name = "Readers"', r'name = "R\u001b[2J"', "areas[2].name: holds a control character"),
        ('key = "growing"', 'key = "beginning"', "stages[1].key: 'beginning' is used twice"),
        ('name = "Growing"', 'name = "Beginning"', "stages[1].name: 'Beginning' is used twice"),
        ("number = 1", "number = 1.0", "stages[0].number: 1.0 is not a whole number"),
        ("number = 1", "number = true", "stages[0].number: true is not a whole number"),
        (
            'text = "Many pupils borrow."',
            f'text = "{"x" * 2001}"',
            "areas[2].descriptors[1].text: has more than 2000 characters",
        ),
        (
            '"A few pupils borrow." },',
            '"Same." }, { stage = 1, text = "Same." },',
            "areas[2].descriptors[1].text: repeats a descriptor of its stage",
        ),
        (
            'name = "Readers"',
            'name = "Readers"\nfactors = [1]',
            "areas[2].factors[0]: 1 refers to factors, of which the file has none",
        ),
        (
            'bullets = ["stories", "magazines"]',
            'bullets = "stories"',
            "areas[0].descriptors[2].bullets: 'stories' is not a list in square brackets",
        ),
        ('author = "Nobody in particular"', "", "source.author: is missing"),
        (
            'name = "Readers"',
            'name = "Readers"\n"\\u001b" = 1',
            r"areas[2].'\x1b': is not a known key",
        ),
        ("number = 2", f"number = 0x{'f' * 9000}", "stages[1].number: a number that long should"),
    ],
)
def test_a_broken_rule_is_named_with_its_path(tmp_path, old, new, problem):
    problems = list_problems(write_framework(tmp_path, (old, new)))
    assert any(found.startswith(problem) for found in problems), problems
    assert all(found.isprintable() for found in problems)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (
            "factors = [3, 6]",
            "factors = [3, 9, 0, 3]",
            (
                "areas[1].factors[1]: 9 is not one of the factors 1 to 8",
                "areas[1].factors[2]: 0 is not one of the factors 1 to 8",
                "areas[1].factors[3]: 3 is named twice",
            ),
        ),
        (
            "characteristics = [9]",
            "characteristics = [13]",
            ("areas[7].characteristics[0]: 13 is not one of the characteristics 1 to 12",),
        ),
        (
            "Provide **governors** with",
            "Provide **governors with",
            ("characteristics[11]: a ** is not closed by a second one",),
        ),
        (
            "Provide **governors** with",
            "Provide ** ** with",
            ("characteristics[11]: there is nothing between a pair of **",),
        ),
    ],
)
def test_a_broken_rule_of_factors_and_characteristics_is_named(tmp_path, old, new, problem):
    assert list_problems(write_framework(tmp_path, (old, new), source=ESTYN)) == problem


def test_an_empty_file_lacks_what_is_needed(tmp_path):
    path = tmp_path / "f.toml"
    path.touch()
    assert list_problems(path) == ("title: is missing", "stages: is missing", "areas: is missing")


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_a_framework_with_any_piece_replaced_loads_or_tells_its_problems(tmp_path, data):
    text = LIBRARY.read_text(encoding="utf-8")
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 40)))
    values = st.sampled_from(
        [
            "[]",
            "{}",
            "-1",
            "1e400",
            "nan",
            "2020-01-01",
            "[[1]]",
            '""',
            "\n[a]\n",
            "[[areas]]",
            "**",
        ]
    )
    piece = data.draw(values | st.text(max_size=8))
    path = tmp_path / "f.toml"
    path.write_text(text[:start] + piece + text[end:], encoding="utf-8")
    try:
        framework = load_framework(path)
    except FrameworkError as error:
        assert error.problems  # noqa: PT017
    else:
        for area in framework.areas:
            for stage in framework.stages:
                assert framework.descriptors_of(area.key, stage.number)


def test_problems_in_a_file_of_proportions_are_told_at_once(tmp_path):
    path = write_framework(
        tmp_path,
        ('word = "few"', 'word = "Most"'),
        ("lower = 0.7", "lower = 0.95"),
        ('definition = "over 60%"\nlower = 0.6', 'definition = "over 60%"\nlower = -1'),
        ('definition = "50%"\nlower = 0.5', 'definition = "50%"\nlower = nan'),
        ('definition = "under 40%"\nlower = 0.2\nlower_included = true', "lower = '0.2'"),
        ('word = "very few"', 'word = "very few"\nwelsh = 1'),
        source=PROPORTIONS,
    )
    with pytest.raises(FrameworkError) as caught:
        load_proportions(path)
    assert set(caught.value.problems) == {
        "proportions[2].lower: 0.95 is above upper, 0.9",
        "proportions[3].lower: -1 is below 0.0",
        "proportions[4].lower: nan is not a finite number",
        "proportions[5].definition: is missing",
        "proportions[5].lower: '0.2' is not a number",
        "proportions[5].lower_included: is missing",
        "proportions[6].word: 'Most' is used twice",
        "proportions[7].welsh: is not a known key; did you mean welsh_words?",
    }
