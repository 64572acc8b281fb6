"""Train the heads of a model on authored passages, calibrate them and write them down."""

from evidence_mapper.training.claims import load_claims
from evidence_mapper.training.data import load_training_passages
from evidence_mapper.training.frozen import Step, TrainingSettings, train_model
from evidence_mapper.training.recipes import RECIPES, ModelRecipe
from evidence_mapper.training.tune import tune_model

__all__ = [
    "RECIPES",
    "ModelRecipe",
    "Step",
    "TrainingSettings",
    "load_claims",
    "load_training_passages",
    "train_model",
    "tune_model",
]
