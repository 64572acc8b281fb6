"""Mappings kept between runs: what comes back, what does not, and what is not written down."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from threading import Timer

import pytest

from evidence_mapper.mapping import Model, load_model
from evidence_mapper.mapping.cache import ASKED_AT_ONCE, FILE_NAME, MappingCache, find_mapping_cache
from evidence_mapper.mapping.model import MAPPED_AT_ONCE
from evidence_mapper.records import DescriptorMatch, Mapping

MODEL = "the digest of a model"
FULL = Mapping(
    areas={"collection": 0.1 + 0.2, "space": 1e-17, "none": 2 / 3},
    stages=(1 / 3, 0.25, 0.5),
    clue=0.875,
    descriptors=(DescriptorMatch(7, 0.6123), DescriptorMatch(0, -0.2)),
    claims=(0.1, 0.2, 0.7),
)
BARE = Mapping({"none": 1.0}, (1.0, 0.0), 0.0)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "new" / FILE_NAME


@pytest.fixture
def cache(path):
    return MappingCache(path)


def list_warnings(caplog):
    return [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]


# What comes back


def test_a_mapping_comes_back_equal_in_another_run(path, cache):
    kept = {"A full one.": FULL, "Un moel – tŷ ni.": BARE, "half a letter: \ud83d": BARE}
    cache.keep(MODEL, kept)
    found = MappingCache(path).find(MODEL, [*kept, "Another."])
    assert found == kept
    assert list(found["A full one."].areas) == list(FULL.areas)


def test_another_model_or_text_finds_nothing(cache):
    cache.keep(MODEL, {"A text.": FULL})
    assert cache.find("another digest", ["A text."]) == {}
    assert cache.find(MODEL, ["A text", "a text.", ""]) == {}
    assert cache.find(MODEL, []) == {}


def test_what_is_kept_again_replaces_what_was_there(cache):
    cache.keep(MODEL, {"A text.": FULL})
    cache.keep(MODEL, {"A text.": BARE})
    assert cache.find(MODEL, ["A text."]) == {"A text.": BARE}


def test_more_texts_than_one_question_takes_are_all_found(cache):
    kept = {f"Text {number}.": BARE for number in range(2 * ASKED_AT_ONCE + 1)}
    cache.keep(MODEL, kept)
    assert cache.find(MODEL, list(kept)) == kept


def test_the_oldest_mappings_go_where_there_are_too_many(path):
    cache = MappingCache(path, max_mappings=3)
    texts = [f"Text {number}." for number in range(5)]
    for text in texts:
        cache.keep(MODEL, {text: BARE})
    assert sorted(cache.find(MODEL, texts)) == texts[2:]
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM mappings").fetchone() == (3,)


def test_the_file_lies_in_the_user_s_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("EVIDENCE_MAPPER_CACHE", str(tmp_path))
    assert find_mapping_cache() == tmp_path / FILE_NAME


def test_the_folders_of_the_file_are_made(tmp_path):
    path = tmp_path / "one" / "below" / FILE_NAME
    MappingCache(path).keep(MODEL, {"A text.": BARE})
    assert path.is_file()


# What is not written down


def test_the_file_holds_no_word_of_a_passage(path, cache):
    text = "Bethan's wheelchair waited, and most drivers laughed: gwarthus oedd hynny."
    cache.keep(MODEL, {text: FULL})
    cache.find(MODEL, [text, "Somebody else's sentence."])
    files = list(path.parent.iterdir())
    content = b"".join(file.read_bytes() for file in files).lower()
    assert b"collection" in content
    for word in ("Bethan", "wheelchair", "waited", "drivers", "laughed", "gwarthus", "sentence"):
        for encoding in ("utf-8", "utf-16-le"):
            assert word.lower().encode(encoding) not in content


# A file that cannot be used


def test_a_damaged_file_is_warned_of_once_and_left_as_it_is(path, cache, caplog):
    path.parent.mkdir()
    path.write_bytes(b"this was a database once" * 100)
    cache.keep(MODEL, {"A text.": FULL})
    assert cache.find(MODEL, ["A text."]) == {}
    cache.keep(MODEL, {"A text.": FULL})
    (warning,) = list_warnings(caplog)
    assert warning == (
        f"{path}: mappings are not kept between runs (file is not a database); delete the file to "
        "begin anew"
    )
    assert path.read_bytes() == b"this was a database once" * 100


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "{}", '{"areas": {}, "stages": 1}', b"\xff", b'{"areas": "\xff"}']
)
def test_a_damaged_row_finds_nothing(path, cache, caplog, content):
    cache.keep(MODEL, {"A text.": FULL})
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE mappings SET mapping = ?", (content,))
    assert cache.find(MODEL, ["A text."]) == {}
    assert len(list_warnings(caplog)) == 1


def test_a_file_in_the_place_of_the_folder_is_warned_of_once(path, cache, caplog):
    path.parent.write_text("a file where the folder should be")
    assert cache.find(MODEL, ["A text."]) == {}
    cache.keep(MODEL, {"A text.": FULL})
    (warning,) = list_warnings(caplog)
    assert f"{path}: mappings are not kept" in warning
    assert path.parent.read_text() == "a file where the folder should be"


def test_a_folder_in_the_place_of_the_file_is_warned_of_once(path, cache, caplog):
    path.mkdir(parents=True)
    cache.keep(MODEL, {"A text.": FULL})
    assert cache.find(MODEL, ["A text."]) == {}
    assert len(list_warnings(caplog)) == 1


def test_a_locked_file_is_given_up_after_a_while_and_warned_of_once(
    path, cache, caplog, monkeypatch
):
    monkeypatch.setattr("evidence_mapper.mapping.cache.BUSY_TIMEOUT_S", 0.01)
    cache.keep(MODEL, {"A text.": FULL})
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        cache.keep(MODEL, {"Another.": FULL})
        assert cache.find(MODEL, ["A text."]) == {}
        (warning,) = list_warnings(caplog)
        assert "(database is locked)" in warning
        other.execute("ROLLBACK")
    assert MappingCache(path).find(MODEL, ["A text.", "Another."]) == {"A text.": FULL}


# Two runs at once


@pytest.mark.parametrize("lock", ["BEGIN EXCLUSIVE", "BEGIN IMMEDIATE"])
def test_a_run_waits_for_another_that_writes(path, cache, caplog, lock):
    path.parent.mkdir()
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
        other.execute("CREATE TABLE something (id INTEGER)")
        other.execute(lock)
        release = Timer(0.1, other.execute, ["COMMIT"])
        release.start()
        cache.keep(MODEL, {"A text.": FULL})
        release.join()
    assert cache.find(MODEL, ["A text."]) == {"A text.": FULL}
    assert list_warnings(caplog) == []


BEGIN_TOGETHER = """
import logging, sys
from pathlib import Path
from evidence_mapper.mapping.cache import MappingCache
from evidence_mapper.records import Mapping

logging.basicConfig(level=logging.WARNING)
folder, name = Path(sys.argv[1]), sys.argv[2]
mapping = Mapping({"none": 1.0}, (1.0, 0.0), 0.0)
for number in range(5):
    sys.stdout.write("ready\\n")
    sys.stdout.flush()
    sys.stdin.readline()
    cache = MappingCache(folder / f"{number}.sqlite3")
    for part in range(3):
        cache.keep("model", {f"{name} {part}": mapping})
        assert len(cache.find("model", [f"{name} {part}", "nothing"])) == 1
"""


def test_two_runs_that_begin_at_once_both_keep_all_of_theirs(tmp_path):
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", BEGIN_TOGETHER, str(tmp_path), name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in ("one", "two")
    ]
    for _ in range(5):
        for run in runs:
            assert run.stdout.readline() == "ready\n", run.stderr.read()
        for run in runs:
            run.stdin.write("go\n")
            run.stdin.flush()
    assert [(*run.communicate(timeout=60), run.returncode) for run in runs] == [("", "", 0)] * 2
    texts = [f"{name} {part}" for name in ("one", "two") for part in range(3)]
    files = list(tmp_path.glob("*.sqlite3"))
    assert len(files) == 5
    for file in files:
        assert sorted(MappingCache(file).find("model", texts)) == sorted(texts)


# A model with a cache


@pytest.fixture
def load(tiny_folder, framework, path, request):
    """Load the tiny model as another run would: nothing encoded yet, the same file."""
    request.getfixturevalue("use_tiny_encoder")

    def load_anew(**changes: str) -> Model:
        changed = replace(framework, **changes)
        return load_model(str(tiny_folder), framework=changed, cache=MappingCache(path))

    return load_anew


TEXTS = ["Most pupils read.", "The vision is weak.", "Most pupils read.", "Mae llawer yn darllen."]


def test_nothing_is_encoded_the_second_time(load, tiny_model):
    first = load().map_texts(TEXTS)
    again = load()
    assert again.map_texts(TEXTS) == first == tiny_model.map_texts(TEXTS)
    assert "encoder" not in vars(again)


def test_only_what_is_new_is_encoded(load):
    load().map_texts(TEXTS)
    again = load()
    told = []
    mappings = again.map_texts(
        ["New.", *TEXTS], on_progress=lambda done, total: told.append((done, total))
    )
    assert again.encoder.encoded == ["New."]
    assert mappings[1:] == load().map_texts(TEXTS)
    assert told == [(3, 4), (4, 4)]


def test_a_run_that_is_stopped_keeps_what_it_had(load):
    texts = [f"Passage {number:03}." for number in range(MAPPED_AT_ONCE + 5)]

    def stop(*_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load().map_texts(texts, on_progress=stop)
    again = load()
    again.map_texts(texts)
    assert len(again.encoder.encoded) == 5


def test_proportions_are_those_of_the_language_asked_for(load):
    text = "Mae llawer o ddisgyblion, and most staff, yn darllen."
    (english,) = load().map_texts([text], language="en")
    (welsh,) = load().map_texts([text], language="cy")
    assert [mention.word for mention in english.proportions] == ["most"]
    assert [mention.word for mention in welsh.proportions] == ["many"]


def test_another_framework_is_another_entry(load):
    load().map_texts(TEXTS)
    reworded = load(digest="another")
    reworded.map_texts(TEXTS)
    assert set(TEXTS) <= set(reworded.encoder.encoded)


def test_another_model_is_another_entry(load):
    load().map_texts(TEXTS)
    other = load()
    other.digest = "0" * 64
    other.map_texts(TEXTS)
    assert sorted(other.encoder.encoded) == sorted(set(TEXTS))


def test_a_cache_that_cannot_be_used_changes_no_answer(load, path, tiny_model, caplog):
    path.parent.write_text("a file where the folder should be")
    assert load().map_texts(TEXTS) == tiny_model.map_texts(TEXTS)
    assert len(list_warnings(caplog)) == 1
