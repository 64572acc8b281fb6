"""How each fine-tuned model comes about: its base, its passages and its numbers."""

from dataclasses import dataclass, field

from evidence_mapper.encoders.bases import E5, MINILM, MPNET, Base
from evidence_mapper.language import ENGLISH, WELSH
from evidence_mapper.training.finetune import FineTuning


@dataclass(frozen=True, slots=True)
class ModelRecipe:
    """How a fine-tuned model comes about.

    Args:
        name: what it is called.
        base: the encoder that is fine-tuned.
        languages: those that it is calibrated and measured in, and answers in.
        helpers: further languages of whose passages it learns from every third; all would take
            four times as long.
        teacher: the name of a model in the same folder; the student learns its answers too.
        is_eight_bit: its products are in 8-bit integers: faster, and measured to be as good.
    """

    name: str
    base: Base
    languages: tuple[str, ...]
    helpers: tuple[str, ...] = ()
    teacher: str = ""
    is_eight_bit: bool = False
    tuning: FineTuning = field(default_factory=FineTuning)


RECIPES = {
    recipe.name: recipe
    for recipe in (
        ModelRecipe("accurate", MPNET, (ENGLISH,), tuning=FineTuning(epochs=2)),
        ModelRecipe(
            "fast",
            MINILM,
            (ENGLISH,),
            teacher="accurate",
            is_eight_bit=True,
            tuning=FineTuning(epochs=4, learning_rate=2e-4),
        ),
        ModelRecipe(
            "welsh",
            E5,
            (WELSH,),
            helpers=(ENGLISH,),
            tuning=FineTuning(epochs=4, learning_rate=2e-4),
        ),
    )
}
