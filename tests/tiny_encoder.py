"""An encoder without a model, and authored passages enough to train heads on it."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from evidence_mapper.encoders import Vectors
from evidence_mapper.framework import Framework
from evidence_mapper.passage_files import LabelledPassage

DIMENSIONS = 64


class TinyEncoder:
    """Adds up a fixed random vector for each word; texts that share words are close."""

    name = "tiny"
    digest = hashlib.sha256(b"tiny").hexdigest()

    def __init__(self) -> None:
        self.encoded: list[str] = []

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.encoded += texts
        vectors = np.zeros((len(texts), DIMENSIONS), np.float32)
        for row, text in enumerate(texts):
            for word in text.casefold().split():
                vectors[row] += make_word_vector(word.strip(".,;:()'\""))
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors / np.where(lengths > 0, lengths, 1)


def make_word_vector(word: str) -> np.ndarray:
    seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:8], "big")
    return np.random.default_rng(seed).normal(size=DIMENSIONS)


# Two wordings of each: one for each of the two files that the passages come from.
TOPICS = {
    "strategic_vision": ("the vision and its aims", "our shared vision and values"),
    "leadership_approaches": ("the style of leaders", "how leaders lead with openness"),
    "leadership_capacity": ("middle leaders' roles", "the roles and duties of leaders"),
    "standards_wellbeing": ("pupils' progress and behaviour", "behaviour and wellbeing of pupils"),
    "teaching_assessment": ("teaching and feedback", "assessment and teaching in lessons"),
    "curriculum": ("the curriculum and its breadth", "planning of the curriculum"),
    "self_evaluation": ("self-evaluation and its evidence", "our cycle of self-evaluation"),
    "professional_learning": ("training and coaching of staff", "staff training and research"),
    "pupil_voice": ("the school council", "the council and pupils' opinions"),
    "family_community": ("links with parents and families", "our work with parents"),
}
STAGES = {
    1: (
        "Work on {} is weak, and leaders have only planned what to do next.",
        "As yet {} is weak, missing in many classes and only planned.",
    ),
    2: (
        "Work on {} is being extended and is more consistent than before, though it varies.",
        "There is a first impact of {}, which is being extended but still varies.",
    ),
    3: (
        "Work on {} is established and effective in most classes, with a clear impact.",
        "It is clear that {} is established, effective and understood by most staff.",
    ),
    4: (
        "For years {} has been embedded and sustained, and is shared with other schools.",
        "Over years {} is embedded in the culture, sustained by all and shared beyond the school.",
    ),
}
NO_STAGE = ("A meeting about {} is held on the first Monday.", "Monday meetings are about {}.")
NONE = (
    *("The school has 210 pupils on roll.", "The roll is 198 pupils in seven classes."),
    *("The buildings date from 1974.", "The hall and the buildings date from 1981."),
    *("Free school meals: 18 per cent of pupils.", "Of pupils, 22 per cent have free meals."),
)
WELSH = {
    1: ("Mae'r cwricwlwm yn wan ac wedi'i gynllunio yn unig.", "Gwan yw'r cwricwlwm o hyd."),
    2: ("Mae'r cwricwlwm yn datblygu ond yn amrywio.", "Mae'r cwricwlwm yn amrywio o hyd."),
    3: ("Mae'r cwricwlwm yn sefydledig ac yn effeithiol.", "Sefydledig yw'r cwricwlwm."),
    4: ("Mae'r cwricwlwm wedi'i wreiddio ers blynyddoedd.", "Ers blynyddoedd rhennir ein gwaith."),
}


def write_passage(area: str, stage: int, variant: int = 0) -> str:
    """Return a sentence on the area at the stage; variants 0 to 3 differ."""
    return capitalise(STAGES[stage][variant // 2].format(TOPICS[area][variant % 2]))


def capitalise(text: str) -> str:
    return text[0].upper() + text[1:]


def make_training_passages() -> list[LabelledPassage]:
    """Return passages of every area and stage from two files, "first" and "second"."""
    passages = []

    def add(variant: int, text: str, area: str, stage: int | None, lang: str = "en") -> None:
        source = ("first", "second")[variant]
        passages.append(
            LabelledPassage(text=capitalise(text), area=area, stage=stage, lang=lang, source=source)
        )

    for variant in (0, 1):
        for area, topics in TOPICS.items():
            for stage, sentences in STAGES.items():
                add(variant, sentences[variant].format(topics[variant]), area, stage)
            add(variant, NO_STAGE[variant].format(topics[variant]), area, None)
        for text in NONE[variant::2]:
            add(variant, text, "none", None)
        for stage, texts in WELSH.items():
            add(variant, texts[variant], "curriculum", stage, "cy")
    return passages


def make_plain_passages(framework: Framework) -> list[LabelledPassage]:
    """Return passages of every area and stage, of at most four, of any framework."""
    words = ("weak", "varies", "established", "embedded")
    return [
        LabelledPassage(
            text=f"{key} {stage and words[stage - 1]} {source}.",
            area=key,
            stage=stage,
            source=source,
        )
        for source in ("a", "b", "c")
        for key in framework.area_keys
        for stage in (None, *range(1, len(framework.stages) + 1))
    ]


def write_jsonl(path: Path, records: Sequence[object]) -> Path:
    """Write one JSON object a line; a string is written as it is."""
    lines = [record if isinstance(record, str) else json.dumps(record) for record in records]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def write_report(stages: dict[str, int]) -> str:
    """Return a report in Markdown with four passages on each area, at the stage given."""
    parts = ["# Self-evaluation report"]
    for area, stage in stages.items():
        parts.append(f"## {capitalise(area.replace('_', ' '))}")
        parts += [write_passage(area, stage, variant) for variant in range(4)]
    return "\n\n".join(parts) + "\n"
