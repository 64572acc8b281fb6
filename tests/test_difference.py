import numpy as np
import pytest

from evidence_mapper.encoders.difference import apply_difference, cut_difference


def make_weights(seed: int = 0) -> dict[str, np.ndarray]:
    random = np.random.default_rng(seed)
    return {
        "layer.dense.weight": random.normal(size=(40, 30)).astype(np.float32),
        "layer.dense.bias": random.normal(size=40).astype(np.float32),
        "position_ids": np.arange(9),
    }


def change_matrix(weights: dict[str, np.ndarray], rank: int) -> dict[str, np.ndarray]:
    random = np.random.default_rng(1)
    change = random.normal(size=(40, rank)) @ random.normal(size=(rank, 30))
    return weights | {"layer.dense.weight": weights["layer.dense.weight"] + change / 10}


def test_a_change_of_low_rank_comes_back_whole():
    base = make_weights()
    tuned = change_matrix(base, 3) | {"layer.dense.bias": base["layer.dense.bias"] + 0.5}
    cut = cut_difference(base, tuned, rank=3)
    assert {name: array.shape for name, array in cut.items()} == {
        "layer.dense.weight.left": (40, 3),
        "layer.dense.weight.right": (3, 30),
        "layer.dense.bias.whole": (40,),
    }
    assert {array.dtype for array in cut.values()} == {np.dtype(np.float16)}
    back = apply_difference(base, cut)
    for name, weight in tuned.items():
        assert back[name] == pytest.approx(weight, abs=2e-3)


def test_a_cut_keeps_the_largest_part_of_a_change():
    base = make_weights()
    tuned = change_matrix(base, 8)

    def miss(rank: int) -> float:
        back = apply_difference(base, cut_difference(base, tuned, rank=rank))
        return float(np.linalg.norm(back["layer.dense.weight"] - tuned["layer.dense.weight"]))

    assert miss(1) > miss(4) > miss(8)
    assert miss(8) < 0.01


def test_what_would_not_get_smaller_is_kept_whole():
    base = make_weights()
    assert set(cut_difference(base, change_matrix(base, 3), rank=30)) == {
        "layer.dense.weight.whole"
    }


def test_nothing_changed_is_nothing_to_keep():
    assert cut_difference(make_weights(), make_weights()) == {}


def test_the_base_is_not_changed():
    base = make_weights()
    apply_difference(base, cut_difference(base, change_matrix(base, 3), rank=3))
    assert np.array_equal(base["layer.dense.weight"], make_weights()["layer.dense.weight"])


@pytest.mark.parametrize("name", ["other.weight.whole", "layer.dense.bias.middle"])
def test_a_difference_of_another_base_is_refused(name):
    with pytest.raises(ValueError, match="which the base does not have"):
        apply_difference(make_weights(), {name: np.zeros(40, np.float16)})


def test_a_difference_of_another_shape_is_refused():
    with pytest.raises(ValueError, match="cannot be added"):
        apply_difference(make_weights(), {"layer.dense.bias.whole": np.zeros(41, np.float16)})
