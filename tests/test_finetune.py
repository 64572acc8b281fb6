"""Fine-tuning a small random encoder: it learns, goes on where it stopped, and is repeatable."""

import numpy as np
import pytest

from evidence_mapper.mapping import HeadOutputs
from evidence_mapper.mapping.heads import make_no_claims
from evidence_mapper.passage_files import LabelledPassage
from evidence_mapper.training.finetune import FineTuning, fine_tune
from evidence_mapper.training.targets import make_targets

WORDS = ["[PAD]", "[UNK]", "weak", "planned", "strong", "shared", "lesson", "council", "pupils"]
AREAS = ("teaching_assessment", "pupil_voice")
SETTINGS = FineTuning(
    epochs=6, batch_size=4, learning_rate=2e-3, head_learning_rate=2e-2, average=0.9, save_every=5
)


def make_passages() -> list[LabelledPassage]:
    return [
        LabelledPassage(
            text=f"{word} {topic} " + "pupils " * count, area=area, stage=stage, source="one"
        )
        for count in range(3)
        for word, stage in (("weak", 1), ("planned", 1), ("strong", 4), ("shared", 4))
        for topic, area in (("lesson", AREAS[0]), ("council", AREAS[1]))
    ]


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import BertConfig, BertModel

    folder = tmp_path_factory.mktemp("base")
    torch.manual_seed(0)
    BertModel(
        BertConfig(
            vocab_size=len(WORDS),
            hidden_size=32,
            num_hidden_layers=2,
            num_attention_heads=2,
            intermediate_size=32,
        )
    ).save_pretrained(folder)
    tokenizer = Tokenizer(
        models.WordLevel({word: index for index, word in enumerate(WORDS)}, unk_token=WORDS[1])
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder


def train(base, **options):
    passages = make_passages()
    targets = make_targets(passages, area_keys=AREAS, stage_count=4)
    return fine_tune(base, [passage.text for passage in passages], targets, SETTINGS, **options)


def test_the_loss_falls_and_the_words_are_left_alone(base):
    losses: list[float] = []
    weights = train(base, on_progress=lambda _, __, loss: losses.append(loss))
    assert len(losses) == 6 * 6
    assert np.mean(losses[-6:]) < 0.7 * np.mean(losses[:6])
    assert not any("embeddings" in name for name in weights)
    assert weights["heads.area.weight"].shape == (3, 32)
    assert weights["heads.stage.weight"].shape == (4, 32)


def test_twice_the_same_training_gives_the_same_weights(base):
    first, second = train(base), train(base)
    assert all(np.array_equal(first[name], second[name]) for name in first)


def test_a_run_that_was_stopped_goes_on_to_the_same_result(base, tmp_path):
    class Stop(Exception):
        pass

    steps: list[int] = []

    def stop_at_twelve(step, total, loss):
        steps.append(step)
        if step == 12:
            raise Stop

    with pytest.raises(Stop):
        train(base, state=tmp_path, on_progress=stop_at_twelve)
    resumed = train(base, state=tmp_path, on_progress=lambda step, *_: steps.append(step))
    assert steps[:12] == list(range(1, 13))
    assert steps[12:] == list(range(11, 37))
    whole = train(base)
    for name, weight in whole.items():
        assert resumed[name] == pytest.approx(weight, abs=1e-6)


def test_targets_hold_the_label_and_what_is_near_it():
    passages = [
        LabelledPassage(text="a", area="pupil_voice", also=(AREAS[0],), stage=2, source="one"),
        LabelledPassage(text="b", area="none", source="one"),
        LabelledPassage(text="c", area="pupil_voice", source="one"),
    ]
    targets = make_targets(passages, area_keys=AREAS, stage_count=4)
    assert targets.areas[0] == pytest.approx([1 / 3, 2 / 3, 0])
    assert targets.areas[1] == pytest.approx([0, 0, 1])
    assert targets.stages.sum(axis=1) == pytest.approx(1)
    assert targets.stages[0].argmax() == 1
    assert targets.stages[0, 0] == pytest.approx(targets.stages[0, 2])
    assert targets.has_stage.tolist() == [1, 0, 0]
    assert targets.is_evidence.tolist() == [1, 0, 1]


def test_what_another_model_answers_is_blended_in():
    passages = [LabelledPassage(text="a", area="pupil_voice", stage=1, source="one")]
    targets = make_targets(passages, area_keys=AREAS, stage_count=4)
    taught = HeadOutputs(
        np.array([[1, 0, 0]], np.float32),
        np.array([[0, 0, 0, 1]], np.float32),
        np.array([0.5], np.float32),
        make_no_claims(1),
    )
    blended = targets.blend(taught, 0.5)
    assert blended.areas[0] == pytest.approx([0.5, 0.5, 0])
    assert blended.stages[0, 3] == pytest.approx(0.5 + targets.stages[0, 3] / 2)
    assert blended.clues.tolist() == [0.75]
