"""The gate that holds the models' quality against its floors."""

import importlib
import sys
import tomllib
from pathlib import Path

import pytest

from evidence_mapper.metrics import Figure

BENCHMARKS = Path(__file__).resolve().parents[1] / "benchmarks"
FIGURES = {"stage_exact": Figure(0.8, 0.7, 0.9), "stage_calibration_error": Figure(0.05, 0, 0.1)}


@pytest.fixture
def quality(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    yield importlib.import_module("quality")
    for name in ("quality", "positions"):
        sys.modules.pop(name, None)


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ({"floors": {"stage_exact": 0.8}}, None),
        ({"floors": {"stage_exact": 0.81}}, "stage exact is 0.800;  at least 0.81"),
        ({"floors": {}, "ceilings": {"stage_calibration_error": 0.05}}, None),
        ({"floors": {}, "ceilings": {"stage_calibration_error": 0.04}}, "is 0.050;  at most 0.04"),
        ({"floors": {"stage_exakt": 0.1}}, "no figure 'stage_exakt'"),
    ],
)
def test_a_figure_beyond_its_limit_is_a_problem(quality, entry, problem):
    problems = quality.hold_against("a model", FIGURES, entry)
    assert len(problems) == (problem is not None)
    assert all(problem in found for found in problems)


def test_a_figure_that_could_not_be_measured_is_below_its_floor(quality):
    nothing = {"stage_exact": Figure(*[float("nan")] * 3)}
    assert quality.hold_against("a model", nothing, {"floors": {"stage_exact": 0.1}})


def test_changed_data_fail_the_gate(quality, framework, tmp_path, monkeypatch, capsys):
    floors = tmp_path / "floors.toml"
    floors.write_text(
        '[[passages]]\nmodel = "fast"\nsource = "en_mixed_check"\ndigest = "0"\n'
        '[passages.floors]\n[[positions]]\nmodel = "fast"\ndigest = "0"\n[positions.floors]\n'
    )
    monkeypatch.setattr(quality, "FLOORS", floors)
    assert quality.run_gate(framework) == 1
    told = capsys.readouterr().err
    assert "the data changed" in told
    assert "the samples changed" in told


def test_every_model_and_every_check_source_has_floors(quality):
    floors = tomllib.loads((BENCHMARKS / "floors.toml").read_text())
    held = {(entry["model"], entry["source"]) for entry in floors["passages"]}
    assert held == {
        *(
            (model, f"en_{kind}_check")
            for model in ("accurate", "fast")
            for kind in ("mixed", "reports")
        ),
        ("welsh", "cy_mixed_check"),
    }
