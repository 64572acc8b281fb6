import pytest

from evidence_mapper.evaluation import classify_texts, evaluate_model
from evidence_mapper.mapping import Thresholds
from evidence_mapper.passage_files import LabelledPassage
from tiny_encoder import NONE, make_training_passages, write_passage


def set_thresholds(model, **floors):
    model.thresholds = Thresholds(**{"stage_floor": 0.0, "clue_floor": 0.0, **floors})


def test_a_passage_is_classified_with_all_its_probabilities(tiny_model, framework):
    (answer,) = classify_texts(tiny_model, [write_passage("curriculum", 4)])
    assert (answer.area, answer.stage, answer.abstained) == ("curriculum", 4, False)
    assert list(answer.area_probabilities) == [*framework.area_keys, "none"]
    assert sum(answer.area_probabilities.values()) == pytest.approx(1, abs=1e-5)
    assert sum(answer.stage_probabilities) == pytest.approx(1, abs=1e-5)


def test_answers_come_in_the_order_of_the_texts(tiny_model):
    texts = [write_passage("curriculum", stage) for stage in (3, 1, 4, 2)]
    assert [answer.stage for answer in classify_texts(tiny_model, texts)] == [3, 1, 4, 2]
    assert classify_texts(tiny_model, []) == ()


def test_a_passage_that_is_no_evidence_has_no_stage(tiny_model):
    set_thresholds(tiny_model, stage_floor=1.0)
    (answer,) = classify_texts(tiny_model, [NONE[0]])
    assert (answer.area, answer.stage, answer.abstained) == ("none", None, False)


def test_a_passage_without_a_clue_has_no_stage_and_is_not_abstained_from(tiny_model):
    set_thresholds(tiny_model, clue_floor=1.0, stage_floor=1.0)
    (answer,) = classify_texts(tiny_model, [write_passage("curriculum", 2)])
    assert (answer.area, answer.stage, answer.abstained) == ("curriculum", None, False)


def test_a_stage_that_is_not_sure_enough_is_given_and_abstained_from(tiny_model):
    set_thresholds(tiny_model, stage_floor=1.0)
    (answer,) = classify_texts(tiny_model, [write_passage("curriculum", 2)])
    assert (answer.stage, answer.abstained) == (2, True)


@pytest.mark.usefixtures("few_draws")
def test_an_evaluation_scores_all_passages_and_each_language(tiny_model):
    passages = make_training_passages()
    evaluation = evaluate_model(tiny_model, passages)
    assert (evaluation.model, evaluation.model_digest) == ("fast", tiny_model.digest)
    assert evaluation.overall.passage_count == len(passages)
    assert evaluation.overall.area_accuracy.value == 1
    assert evaluation.overall.stage_exact.value > 0.95
    counts = {lang: scores.passage_count for lang, scores in evaluation.by_language.items()}
    assert counts == {"cy": 8, "en": len(passages) - 8}


@pytest.mark.usefixtures("few_draws")
def test_each_language_is_scored_by_its_own_passages(tiny_model):
    right = [
        LabelledPassage(text=write_passage("curriculum", stage), area="curriculum", stage=stage)
        for stage in (1, 2, 3, 4)
    ]
    wrong = [passage.model_copy(update={"area": "pupil_voice", "lang": "cy"}) for passage in right]
    mixed = [passage for pair in zip(right, wrong, strict=True) for passage in pair]
    evaluation = evaluate_model(tiny_model, mixed)
    assert evaluation.by_language["en"].area_accuracy.value == 1
    assert evaluation.by_language["cy"].area_accuracy.value == 0
    assert evaluation.overall.area_accuracy.value == 0.5


@pytest.mark.usefixtures("few_draws")
def test_thresholds_decide_what_counts_as_answered_and_as_a_clue(tiny_model):
    passages = [p for p in make_training_passages() if p.stage]
    set_thresholds(tiny_model, stage_floor=1.0, clue_floor=1.0)
    strict = evaluate_model(tiny_model, passages).overall
    assert (strict.answered_share.value, strict.clue_recall.value) == (0, 0)
    set_thresholds(tiny_model)
    lenient = evaluate_model(tiny_model, passages).overall
    assert (lenient.answered_share.value, lenient.clue_recall.value) == (1, 1)


@pytest.mark.usefixtures("few_draws")
def test_progress_is_told(tiny_model):
    told = []
    passages = make_training_passages()[:3]
    evaluate_model(tiny_model, passages, lambda done, total: told.append((done, total)))
    assert told == [(3, 3)]


def test_no_passage_is_the_callers_mistake(tiny_model):
    with pytest.raises(ValueError, match="no labelled passage"):
        evaluate_model(tiny_model, [])
