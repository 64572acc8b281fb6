from pathlib import Path

import pytest

from evidence_mapper.framework import Framework, load_framework
from evidence_mapper.mapping import Model, load_model
from evidence_mapper.pipeline import Mapper
from evidence_mapper.training import TrainingSettings, train_model
from tiny_encoder import TinyEncoder, make_training_passages

# An interval needs 1,000 draws, a test that there is one fewer.
FEW_DRAWS = 20


@pytest.fixture(scope="session")
def framework() -> Framework:
    return load_framework()


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
            settings=TrainingSettings(folder),
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
def tiny_mapper(tiny_model: Model) -> Mapper:
    return Mapper(tiny_model)
