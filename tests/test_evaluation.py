import pytest

from evidence_mapper.errors import ModelError
from evidence_mapper.evaluation import classify_texts, evaluate_models
from evidence_mapper.mapping import ModelSet, Thresholds
from evidence_mapper.passage_files import LabelledPassage
from tiny_encoder import NONE, make_training_passages, write_passage


def set_thresholds(models, **floors):
    models.chosen.thresholds = Thresholds(**{"stage_floor": 0.0, "clue_floor": 0.0, **floors})


def test_a_passage_is_classified_with_all_its_probabilities(tiny_models, framework):
    (answer,) = classify_texts(tiny_models, [write_passage("curriculum", 4)])
    assert (answer.area, answer.stage, answer.abstained) == ("curriculum", 4, False)
    assert list(answer.area_probabilities) == [*framework.area_keys, "none"]
    assert sum(answer.area_probabilities.values()) == pytest.approx(1, abs=1e-5)
    assert sum(answer.stage_probabilities) == pytest.approx(1, abs=1e-5)


def test_answers_come_in_the_order_of_the_texts(tiny_models):
    texts = [write_passage("curriculum", stage) for stage in (3, 1, 4, 2)]
    assert [answer.stage for answer in classify_texts(tiny_models, texts)] == [3, 1, 4, 2]
    assert classify_texts(tiny_models, []) == ()


def test_a_passage_that_is_no_evidence_has_no_stage(tiny_models):
    set_thresholds(tiny_models, stage_floor=1.0)
    (answer,) = classify_texts(tiny_models, [NONE[0]])
    assert (answer.area, answer.stage, answer.abstained) == ("none", None, False)


def test_a_passage_without_a_clue_has_no_stage_and_is_not_abstained_from(tiny_models):
    set_thresholds(tiny_models, clue_floor=1.0, stage_floor=1.0)
    (answer,) = classify_texts(tiny_models, [write_passage("curriculum", 2)])
    assert (answer.area, answer.stage, answer.abstained) == ("curriculum", None, False)


def test_a_stage_that_is_not_sure_enough_is_given_and_abstained_from(tiny_models):
    set_thresholds(tiny_models, stage_floor=1.0)
    (answer,) = classify_texts(tiny_models, [write_passage("curriculum", 2)])
    assert (answer.stage, answer.abstained) == (2, True)


@pytest.mark.usefixtures("few_draws")
def test_an_evaluation_scores_all_passages_and_each_language(tiny_models):
    passages = make_training_passages()
    evaluation = evaluate_models(tiny_models, passages)
    assert (evaluation.model, evaluation.model_digest) == ("fast", tiny_models.digest)
    assert evaluation.overall.passage_count == len(passages)
    assert evaluation.overall.area_accuracy.value == 1
    assert evaluation.overall.stage_exact.value > 0.95
    counts = {lang: scores.passage_count for lang, scores in evaluation.by_language.items()}
    assert counts == {"cy": 8, "en": len(passages) - 8}


@pytest.mark.usefixtures("few_draws")
def test_each_language_is_scored_by_its_own_passages(tiny_models):
    right = [
        LabelledPassage(text=write_passage("curriculum", stage), area="curriculum", stage=stage)
        for stage in (1, 2, 3, 4)
    ]
    wrong = [passage.model_copy(update={"area": "pupil_voice", "lang": "cy"}) for passage in right]
    mixed = [passage for pair in zip(right, wrong, strict=True) for passage in pair]
    evaluation = evaluate_models(tiny_models, mixed)
    assert evaluation.by_language["en"].area_accuracy.value == 1
    assert evaluation.by_language["cy"].area_accuracy.value == 0
    assert evaluation.overall.area_accuracy.value == 0.5


@pytest.mark.usefixtures("few_draws")
def test_thresholds_decide_what_counts_as_answered_and_as_a_clue(tiny_models):
    passages = [p for p in make_training_passages() if p.stage]
    set_thresholds(tiny_models, stage_floor=1.0, clue_floor=1.0)
    strict = evaluate_models(tiny_models, passages).overall
    assert (strict.answered_share.value, strict.clue_recall.value) == (0, 0)
    set_thresholds(tiny_models)
    lenient = evaluate_models(tiny_models, passages).overall
    assert (lenient.answered_share.value, lenient.clue_recall.value) == (1, 1)


@pytest.mark.usefixtures("few_draws")
def test_progress_is_told(tiny_models):
    told = []
    passages = make_training_passages()[:3]
    evaluate_models(tiny_models, passages, lambda done, total: told.append((done, total)))
    assert told == [(3, 3)]


def test_no_passage_is_the_callers_mistake(tiny_models):
    with pytest.raises(ValueError, match="no labelled passage"):
        evaluate_models(tiny_models, [])


def test_a_language_without_a_model_gets_no_guess_and_a_reason(tiny_models):
    english = ModelSet({"en": tiny_models.chosen})
    texts = [write_passage("curriculum", 4), "Mae'r cwricwlwm yn wan."]
    first, second = classify_texts(english, texts, ["en", "cy"])
    assert (first.area, first.stage, first.reason) == ("curriculum", 4, None)
    assert (second.area, second.stage, second.stage_probabilities) == (None, None, ())
    assert second.abstained
    assert "no model was measured in this language" in second.reason


def test_a_language_without_a_model_cannot_be_measured(tiny_models):
    english = ModelSet({"en": tiny_models.chosen})
    with pytest.raises(ModelError, match="passages in Welsh: no model was measured"):
        evaluate_models(english, make_training_passages())


def test_thresholds_can_be_changed_one_at_a_time(tiny_models):
    before = tiny_models.chosen.thresholds
    tiny_models.set_thresholds(stage_floor=1.0)
    (answer,) = classify_texts(tiny_models, [write_passage("curriculum", 2)])
    assert answer.abstained
    assert tiny_models.chosen.thresholds.clue_floor == before.clue_floor
