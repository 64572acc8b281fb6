import hashlib
import re
import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence_mapper.data_files import find_data_folder
from evidence_mapper.framework import (
    Descriptor,
    digest_wording,
    load_framework,
    load_proportions,
)
from framework_builders import ESTYN, LIBRARY, list_problems, make_framework_text, write_framework

AREA_KEYS = (
    "strategic_vision",
    "leadership_approaches",
    "leadership_capacity",
    "standards_wellbeing",
    "teaching_assessment",
    "curriculum",
    "self_evaluation",
    "professional_learning",
    "pupil_voice",
    "family_community",
)

# Descriptors in each cell of Estyn's table, counted in the source: a row per area.
CELL_SIZES = (
    (4, 2, 2, 2),
    (1, 1, 1, 1),
    (2, 3, 2, 2),
    (5, 5, 4, 4),
    (5, 5, 5, 5),
    (2, 2, 3, 3),
    (3, 4, 3, 2),
    (2, 2, 2, 2),
    (1, 1, 1, 1),
    (2, 1, 1, 1),
)


# Estyn's framework


def test_the_shipped_framework_is_estyns_table_of_ten_areas_and_four_stages():
    framework = load_framework()
    assert framework.title == "Leadership and school improvement"
    assert framework.source.author == "Estyn"
    assert framework.area_keys == AREA_KEYS
    assert [stage.name for stage in framework.stages] == [
        "Starting the journey",
        "Making progress",
        "Building momentum",
        "Sustaining high standards",
    ]
    assert [stage.number for stage in framework.stages] == [1, 2, 3, 4]
    assert len(framework.factors) == 8
    assert len(framework.characteristics) == 12
    assert len(framework.introduction) == 4


def test_every_cell_holds_as_many_descriptors_as_the_source():
    framework = load_framework()
    sizes = tuple(
        tuple(len(framework.descriptors_of(area.key, stage.number)) for stage in framework.stages)
        for area in framework.areas
    )
    assert sizes == CELL_SIZES
    assert len(framework.descriptors) == 100


def test_the_wording_is_the_one_whose_digest_the_file_holds():
    # Computed here from the file alone, so that loader and digest cannot be wrong together.
    content = tomllib.loads(ESTYN.read_text(encoding="utf-8"))
    texts = []
    for area in content["areas"]:
        for descriptor in area["descriptors"]:
            texts += [descriptor["text"], *descriptor.get("bullets", [])]
    texts += content["factors"] + content["characteristics"]
    digest = hashlib.sha256("".join(f"{text}\n" for text in texts).encode()).hexdigest()
    assert digest == content["wording_digest"]
    assert digest == digest_wording(load_framework())
    # The digest of the published source, so that text and digest cannot be changed together unseen.
    assert digest == "bb266b5f507a98045e7e902152abda361c6bec229d7361163ad0bdd571aedd99"


def test_slips_and_apostrophes_of_the_source_are_kept():
    texts = [descriptor.text for descriptor in load_framework().descriptors]
    assert "Begin to develop pupils independent and 'learning to learn' skills." in texts
    assert any("support good levels of progress in support progress in pupils’" in t for t in texts)
    assert (
        load_framework()
        .find_area("standards_wellbeing")
        .name.endswith(", Including developing positive attitudes to learning")
    )


def test_one_descriptor_has_three_bullets_and_reads_as_one_string():
    (descriptor,) = (d for d in load_framework().descriptors if d.bullets)
    assert (descriptor.area, descriptor.stage) == ("professional_learning", 1)
    assert len(descriptor.bullets) == 3
    assert descriptor.full_text.startswith(
        "Establish professional learning arrangements to: provide specific support for staff"
    )
    assert descriptor.full_text.count("; ") == 2


def test_bold_parts_of_a_characteristic_join_to_its_text():
    characteristics = load_framework().characteristics
    for characteristic in characteristics:
        assert "".join(part.text for part in characteristic.parts) == characteristic.text
        assert "*" not in characteristic.text
    bold = [part.text for part in characteristics[4].parts if part.is_bold]
    assert bold == ["improving teaching", "pupils’ progress and wellbeing"]
    assert characteristics[10].marked_text == characteristics[10].text


def test_every_factor_and_characteristic_is_read_with_some_area():
    framework = load_framework()
    assert {f for area in framework.areas for f in framework.factors_of(area)} == set(
        framework.factors
    )
    assert {c for area in framework.areas for c in framework.characteristics_of(area)} == set(
        framework.characteristics
    )


def test_the_readme_gives_the_same_reading_of_areas_as_the_file():
    readme = (find_data_folder("framework") / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([A-Z][^|]+) \| ([\d, ]+) \| ([\d, ]+|none) \|", readme, re.MULTILINE)
    framework = load_framework()
    assert len(rows) == len(framework.areas)
    for (name, factors, characteristics), area in zip(rows, framework.areas, strict=True):
        assert area.name.startswith(name)
        assert tuple(map(int, factors.split(","))) == area.factors
        assert tuple(map(int, re.findall(r"\d+", characteristics))) == area.characteristics


def test_the_example_in_the_readme_loads(tmp_path):
    readme = (find_data_folder("framework") / "README.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```toml\n(.*?)```", readme, re.DOTALL)
    path = tmp_path / "example.toml"
    path.write_text(example, encoding="utf-8")
    assert load_framework(path).area_keys == ("collection",)


def test_every_area_and_stage_has_a_welsh_name_that_is_marked_as_unofficial():
    framework = load_framework()
    for named in (*framework.areas, *framework.stages):
        assert named.name_in("cy") == named.welsh_name
        assert named.name_in("en") == named.name
    assert "unofficial" in framework.translation_note


def test_a_changed_letter_is_refused_until_the_digest_is_taken_out(tmp_path):
    change = ("Pupils become effective", "Pupils became effective")
    path = write_framework(tmp_path, change, source=ESTYN)
    assert list_problems(path) == (
        "wording_digest: the texts are not the ones that it was made from;"
        " if they were changed on purpose, take this line out",
    )
    path.write_text(re.sub(r"wording_digest = .*\n", "", path.read_text("utf-8")), "utf-8")
    changed = load_framework(path)
    assert changed.digest != load_framework().digest
    assert digest_wording(changed) != digest_wording(load_framework())


# A framework of one's own


def test_a_framework_of_three_areas_and_three_stages_loads():
    framework = load_framework(LIBRARY)
    assert framework.area_keys == ("collection", "space", "readers")
    assert [stage.key for stage in framework.stages] == ["beginning", "growing", "thriving"]
    assert framework.factors == ()
    assert framework.characteristics == ()
    assert framework.factors_of(framework.areas[0]) == ()
    assert framework.characteristics_of(framework.areas[0]) == ()
    assert framework.areas[0].short_name == "Collection"
    assert framework.areas[1].short_name == "The room"


def test_descriptors_stand_by_area_then_stage_whatever_their_order_in_the_file():
    framework = load_framework(LIBRARY)
    stages = [d.stage for d in framework.descriptors if d.area == "space"]
    assert stages == [1, 2, 3]
    assert [d.index for d in framework.descriptors] == list(range(10))
    assert framework.descriptors_of("collection", 2)[1] == Descriptor(
        2, "collection", 2, "Pupils may propose:", ("stories", "magazines")
    )


def test_line_ends_inside_a_text_become_one_space():
    (descriptor,) = load_framework(LIBRARY).descriptors_of("space", 2)
    assert descriptor.text == "The room is open on some days, with a pupil in charge."


def test_a_welsh_name_that_is_missing_is_shown_in_english():
    framework = load_framework(LIBRARY)
    assert framework.areas[0].name_in("cy") == "Llyfrau a chyfryngau eraill"
    assert framework.areas[0].short_name_in("cy") == "Collection"
    assert framework.areas[1].name_in("cy") == "The room"
    assert framework.stages[1].name_in("cy") == "Growing"


@pytest.mark.parametrize(
    "name", ["curriculum", "Curriculum", " CWRICWLWM ", "Developing a curriculum to meet the needs"]
)
def test_an_area_is_found_by_key_name_short_name_and_welsh_name(name):
    framework = load_framework()
    if name.startswith("Developing"):
        name += " of all pupils"
    assert framework.find_area(name).key == "curriculum"


@pytest.mark.parametrize("name", ["maths", "", " ", "\x1b[2J"])
def test_an_unknown_area_is_answered_with_the_keys(name):
    with pytest.raises(ValueError, match="areas are strategic_vision, leadership_approaches") as e:
        load_framework().find_area(name)
    assert str(e.value).isprintable()


def test_an_empty_name_does_not_find_an_area_without_a_welsh_name():
    with pytest.raises(ValueError, match="'' is not an area"):
        load_framework(LIBRARY).find_area("")


def test_an_unknown_cell_is_the_callers_mistake():
    framework = load_framework(LIBRARY)
    for stage in (0, 4, -1):
        with pytest.raises(ValueError, match=f"{stage} is not one of the stages 1 to 3"):
            framework.descriptors_of("space", stage)
    with pytest.raises(ValueError, match="'spaces' is not the key of an area"):
        framework.descriptors_of("spaces", 1)
    assert framework.find_stage(3).name == "Thriving"


def test_the_digest_follows_the_content_and_not_the_layout(tmp_path):
    library = load_framework(LIBRARY)
    laid_out = write_framework(tmp_path, ('key = "space"\n', 'key    =   "space" # the room\n\n'))
    assert load_framework(laid_out) == library
    windows = tmp_path / "windows.toml"
    windows.write_bytes(b"\xef\xbb\xbf" + LIBRARY.read_bytes().replace(b"\n", b"\r\n"))
    assert load_framework(windows) == library
    renamed = write_framework(tmp_path, ('name = "The room"', 'name = "Our room"'))
    assert load_framework(renamed).digest != library.digest
    assert digest_wording(load_framework(renamed)) == digest_wording(library)


@settings(max_examples=15, deadline=None)
@given(area_count=st.integers(1, 50), stage_count=st.integers(2, 9))
def test_any_number_of_areas_and_stages_within_the_limits_loads(
    tmp_path_factory, area_count, stage_count
):
    path = tmp_path_factory.mktemp("sizes") / "f.toml"
    path.write_text(make_framework_text(area_count, stage_count))
    framework = load_framework(path)
    assert len(framework.areas) == area_count
    assert len(framework.stages) == stage_count
    assert len(framework.descriptors) == area_count * stage_count


# Proportions


def test_the_words_for_proportions_are_estyns_eight():
    assert [proportion.word for proportion in load_proportions()] == [
        "nearly all",
        "most",
        "many",
        "a majority",
        "half",
        "a minority",
        "few",
        "very few",
    ]
    assert all(proportion.welsh_words for proportion in load_proportions())


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (1.0, {"nearly all", "most"}),
        (0.95, {"nearly all", "most"}),
        (0.9, {"most"}),
        (0.89, {"many"}),
        (0.7, {"many"}),
        (0.65, {"a majority"}),
        (0.6, set()),
        (0.5, {"half"}),
        (0.4, set()),
        (0.39, {"a minority"}),
        (0.19, {"few"}),
        (0.1, {"few"}),
        (0.05, {"very few"}),
        (0.0, set()),
    ],
)
def test_a_share_is_called_by_the_word_whose_band_holds_it(share, words):
    assert {p.word for p in load_proportions() if p.contains(share)} == words
