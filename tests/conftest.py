import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from evidence_mapper import cli
from evidence_mapper.encoders import find_cache
from evidence_mapper.encoders.bases import CACHE_VARIABLE
from evidence_mapper.framework import Framework, load_framework
from evidence_mapper.mapping import Model, ModelSet, load_model
from evidence_mapper.pipeline import Mapper
from evidence_mapper.training import TrainingSettings, train_model
from tiny_encoder import TinyEncoder, make_training_passages

# An interval needs 1,000 draws, a test that there is one fewer.
FEW_DRAWS = 20


@pytest.fixture(scope="session")
def framework() -> Framework:
    return load_framework()


@pytest.fixture(autouse=True, scope="session")
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep mappings of tests apart from the user's; the fetched bases are the same."""
    cache = tmp_path_factory.mktemp("cache")
    (cache / "bases").symlink_to(find_cache() / "bases")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(CACHE_VARIABLE, str(cache))
        yield


@pytest.fixture
def few_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("evidence_mapper.metrics.BOOTSTRAP_SAMPLES", FEW_DRAWS)


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory, framework: Framework) -> Path:
    """A folder with a model trained on the tiny encoder; not to be changed."""
    folder = tmp_path_factory.mktemp("tiny")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("evidence_mapper.metrics.BOOTSTRAP_SAMPLES", FEW_DRAWS)
        train_model(
            make_training_passages(),
            TinyEncoder(),
            framework=framework,
            settings=TrainingSettings(folder, "fast"),
        )
    return folder


@pytest.fixture
def use_tiny_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a model that records the tiny encoder find it; every other name is as ever."""
    from evidence_mapper import encoders
    from evidence_mapper.mapping import model

    original = encoders.load_encoder

    def load(name: str = "tiny", **options: bool) -> object:
        return TinyEncoder() if name == TinyEncoder.name else original(name, **options)

    monkeypatch.setattr(encoders, "load_encoder", load)
    monkeypatch.setattr(model, "load_encoder", load)


@pytest.fixture
def tiny_model(request: pytest.FixtureRequest, tiny_folder: Path, framework: Framework) -> Model:
    request.getfixturevalue("use_tiny_encoder")
    return load_model(str(tiny_folder), framework=framework)


@pytest.fixture
def tiny_models(tiny_model: Model) -> ModelSet:
    return ModelSet({"en": tiny_model, "cy": tiny_model})


@pytest.fixture
def tiny_mapper(tiny_models: ModelSet) -> Mapper:
    return Mapper(tiny_models)


class Answer(NamedTuple):
    """What a command answered: its exit status and what it printed."""

    code: int
    out: str
    err: str


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Callable[..., Answer]:
    """Run a command in this process; anything but an exit would be a traceback.

    Mappings are kept in the test's folder, not in the user's cache.
    """
    monkeypatch.setenv("COLUMNS", "160")
    kept = tmp_path / "cache" / "mappings.sqlite3"
    monkeypatch.setattr("evidence_mapper.mapping.cache.find_mapping_cache", lambda: kept)

    def run_command(*words: object) -> Answer:
        monkeypatch.setattr(sys, "argv", ["evidence-mapper", *map(str, words)])
        capsys.readouterr()
        try:
            cli.main()
            code = 0
        except SystemExit as stop:
            code = stop.code or 0
        return Answer(code, *capsys.readouterr())

    return run_command


@pytest.fixture
def tiny(tiny_folder: Path, request: pytest.FixtureRequest) -> tuple[object, ...]:
    """The options that name the tiny model."""
    request.getfixturevalue("use_tiny_encoder")
    return ("--model", tiny_folder)
