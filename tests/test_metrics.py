import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score, f1_score

from evidence_mapper.metrics import (
    Figure,
    Predictions,
    Scores,
    measure_calibration_error,
    score_predictions,
)
from evidence_mapper.passage_files import LabelledPassage

KEYS = ("curriculum", "leadership", "pupils")


def make_label(
    area: str, stage: int | None = None, *, also: tuple[str, ...] = (), doc: str | None = None
) -> LabelledPassage:
    return LabelledPassage(text="x", area=area, stage=stage, also=also, doc=doc)


def make_predictions(
    areas: list[str],
    stages: list[int],
    *,
    sure: float = 0.7,
    has_clue: list[bool] | None = None,
    abstained: list[bool] | None = None,
) -> Predictions:
    """Return answers whose likeliest stage is the one given, with the probability `sure`."""
    probabilities = np.full((len(stages), 4), (1 - sure) / 3)
    probabilities[np.arange(len(stages)), np.array(stages, dtype=int) - 1] = sure
    return Predictions(
        areas,
        probabilities,
        np.array(has_clue or [True] * len(areas)),
        np.array(abstained or [False] * len(areas)),
    )


def score(labels: list[LabelledPassage], predictions: Predictions) -> Scores:
    return score_predictions(labels, predictions, area_keys=KEYS)


def list_figures(scores: Scores) -> dict[str, Figure]:
    figures = {name: getattr(scores, name) for name in Scores.__slots__}
    return {name: figure for name, figure in figures.items() if isinstance(figure, Figure)}


# Six passages, worked out by hand.
SIX = [
    make_label("curriculum", 1),
    make_label("curriculum", 2, also=("pupils",)),
    make_label("leadership", 3),
    make_label("leadership", 4),
    make_label("pupils", None),
    make_label("none", None),
]
SIX_ANSWERS = make_predictions(
    ["curriculum", "pupils", "leadership", "curriculum", "pupils", "none"],
    [1, 3, 3, 2, 1, 1],
    has_clue=[True, True, False, True, False, True],
    abstained=[False, True, False, False, False, True],
)


@pytest.mark.usefixtures("few_draws")
def test_every_figure_is_the_one_worked_out_by_hand():
    scores = score(SIX, SIX_ANSWERS)
    assert (scores.passage_count, scores.stage_count) == (6, 4)
    values = {name: figure.value for name, figure in list_figures(scores).items()}
    assert np.isnan(values.pop("stage_calibration_error"))  # too few for ten bins
    assert values == pytest.approx(
        {
            "area_accuracy": 4 / 6,
            "area_accuracy_with_also": 5 / 6,
            # curriculum 1/2, leadership 2/3, pupils 2/3, none 1.
            "area_macro_f1": (1 / 2 + 2 / 3 + 2 / 3 + 1) / 4,
            "stage_exact": 2 / 4,
            "stage_within_one": 3 / 4,
            # Squared distances 0 + 1 + 0 + 4; any label with any answer: 32 over 4.
            "stage_qwk": 1 - 5 / 8,
            "stage_mean_absolute_error": 3 / 4,
            "answered_share": 3 / 4,
            "answered_exact": 2 / 3,
            "clue_recall": 3 / 4,
            "no_clue_recall": 1 / 1,
        }
    )


@pytest.mark.usefixtures("few_draws")
def test_confusions_count_labels_in_rows_and_answers_in_columns():
    scores = score(SIX, SIX_ANSWERS)
    assert scores.area_confusion == ((1, 0, 1, 0), (1, 1, 0, 0), (0, 0, 1, 0), (0, 0, 0, 1))
    assert scores.stage_confusion == ((1, 0, 0, 0), (0, 0, 1, 0), (0, 0, 1, 0), (0, 1, 0, 0))


@pytest.mark.usefixtures("few_draws")
@given(
    st.lists(
        st.tuples(
            st.sampled_from(KEYS), st.sampled_from(KEYS), st.integers(1, 4), st.integers(1, 4)
        ),
        min_size=8,
        max_size=40,
    ).filter(lambda rows: len({row[2] for row in rows} | {row[3] for row in rows}) > 1)
)
@settings(deadline=None, max_examples=15)
def test_figures_agree_with_scikit_learn(rows):
    areas, answers, stages, stage_answers = map(list, zip(*rows, strict=True))
    scores = score(
        [make_label(area, stage) for area, stage in zip(areas, stages, strict=True)],
        make_predictions(answers, stage_answers),
    )
    kappa = cohen_kappa_score(stages, stage_answers, weights="quadratic", labels=[1, 2, 3, 4])
    assert scores.stage_qwk.value == pytest.approx(kappa, nan_ok=True)
    f1 = f1_score(areas, answers, labels=sorted(set(areas)), average="macro", zero_division=0)
    assert scores.area_macro_f1.value == pytest.approx(f1)
    assert scores.area_accuracy.value == pytest.approx(np.mean(np.equal(areas, answers)))


def make_random_case(
    count: int, *, docs: list[str | None] | None = None
) -> tuple[list[LabelledPassage], Predictions]:
    random = np.random.default_rng(7)
    stages = random.integers(1, 5, count)
    answers = np.where(random.random(count) < 0.6, stages, random.integers(1, 5, count))
    areas = random.choice(KEYS, count)
    area_answers = np.where(random.random(count) < 0.7, areas, random.choice(KEYS, count))
    labels = [
        make_label(str(area), int(stage), doc=doc)
        for area, stage, doc in zip(areas, stages, docs or [None] * count, strict=True)
    ]
    return labels, make_predictions([str(area) for area in area_answers], answers.tolist())


@pytest.fixture
def some_draws(monkeypatch):
    monkeypatch.setattr("evidence_mapper.metrics.BOOTSTRAP_SAMPLES", 200)


@pytest.mark.usefixtures("some_draws")
def test_an_interval_holds_its_figure_and_narrows_with_more_passages():
    widths = {}
    for count in (40, 640):
        figures = list_figures(score(*make_random_case(count)))
        for name, figure in figures.items():
            if not np.isnan(figure.value) and name != "stage_calibration_error":
                assert figure.low <= figure.value <= figure.high, name
        widths[count] = figures["stage_exact"].high - figures["stage_exact"].low
    assert widths[640] < widths[40] / 2


@pytest.mark.usefixtures("some_draws")
def test_the_interval_of_a_share_is_about_that_of_the_binomial():
    labels = [make_label("curriculum") for _ in range(400)]
    answers = ["curriculum"] * 300 + ["pupils"] * 100
    accuracy = score(labels, make_predictions(answers, [1] * 400)).area_accuracy
    error = 1.96 * np.sqrt(0.75 * 0.25 / 400)
    assert accuracy.low == pytest.approx(0.75 - error, abs=0.01)
    assert accuracy.high == pytest.approx(0.75 + error, abs=0.01)


@pytest.mark.usefixtures("some_draws")
def test_copies_in_one_document_do_not_narrow_the_interval():
    # 20 different passages, each ten times: ten copies tell no more than one.
    labels, answers = make_random_case(20)
    rows = np.repeat(np.arange(20), 10)
    copied = Predictions(
        [answers.areas[row] for row in rows],
        answers.stages[rows],
        answers.has_clue[rows],
        answers.abstained[rows],
    )
    loose = [labels[row] for row in rows]
    by_document = [
        label.model_copy(update={"doc": f"d{row}"}) for label, row in zip(loose, rows, strict=True)
    ]

    def width(labels: list[LabelledPassage], predictions: Predictions) -> float:
        figure = score(labels, predictions).area_accuracy
        return figure.high - figure.low

    assert width(by_document, copied) > 2 * width(loose, copied)
    assert width(by_document, copied) == pytest.approx(width(labels, answers), abs=0.06)


@pytest.mark.usefixtures("few_draws")
def test_the_same_passages_give_the_same_intervals():
    case = make_random_case(30)
    assert repr(score(*case)) == repr(score(*case))


@pytest.mark.usefixtures("few_draws")
def test_what_cannot_be_measured_is_not_a_number_and_no_warning():
    scores = score([make_label("none")] * 5, make_predictions(["none"] * 5, [1] * 5))
    assert scores.area_accuracy == Figure(1.0, 1.0, 1.0)
    assert scores.stage_count == 0
    for name in ("stage_exact", "stage_qwk", "answered_share", "clue_recall", "no_clue_recall"):
        figure = getattr(scores, name)
        assert np.isnan([figure.value, figure.low, figure.high]).all(), name
    # One stage alone, always right: agreement beyond chance is undefined.
    one_stage = score([make_label("pupils", 2)] * 30, make_predictions(["pupils"] * 30, [2] * 30))
    assert np.isnan(one_stage.stage_qwk.value)
    assert one_stage.stage_exact.value == 1


def test_no_labels_is_the_callers_mistake():
    with pytest.raises(ValueError, match="no labelled passage"):
        score([], SIX_ANSWERS)


# Calibration


def make_answers(count: int, *, sure: float, right: float) -> tuple[np.ndarray, np.ndarray]:
    """Return answers of about one probability, of which a share is right."""
    random = np.random.default_rng(3)
    probabilities = sure + random.uniform(-0.05, 0.05, count)
    return probabilities, random.random(count) < probabilities + (right - sure)


def test_a_calibrated_model_has_an_error_near_0():
    probabilities = np.random.default_rng(1).uniform(0.3, 1, 4000)
    is_right = np.random.default_rng(2).random(4000) < probabilities
    assert measure_calibration_error(probabilities, is_right) < 0.02


def test_an_overconfident_model_has_an_error_near_its_gap():
    error = measure_calibration_error(*make_answers(4000, sure=0.9, right=0.6))
    assert error == pytest.approx(0.3, abs=0.03)


def test_an_underconfident_model_has_an_error_near_its_gap():
    error = measure_calibration_error(*make_answers(4000, sure=0.4, right=0.8))
    assert error == pytest.approx(0.4, abs=0.03)


def test_chance_in_small_bins_is_not_taken_for_an_error():
    # Without the correction ten bins of ten calibrated answers show about 0.14.
    errors = []
    for seed in range(30):
        random = np.random.default_rng(seed)
        probabilities = random.uniform(0.3, 1, 100)
        errors.append(measure_calibration_error(probabilities, random.random(100) < probabilities))
    assert np.mean(errors) < 0.07


def test_the_calibration_error_of_a_few_answers_is_not_a_number():
    assert np.isnan(measure_calibration_error(np.full(19, 0.5), np.ones(19, bool)))
    assert measure_calibration_error(np.ones(20), np.ones(20, bool)) == 0


def test_the_order_of_the_answers_does_not_matter_to_the_calibration_error():
    probabilities, is_right = make_answers(200, sure=0.8, right=0.6)
    order = np.random.default_rng(5).permutation(200)
    assert measure_calibration_error(probabilities[order], is_right[order]) == pytest.approx(
        measure_calibration_error(probabilities, is_right)
    )
