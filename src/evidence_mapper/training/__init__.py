"""Train the heads of a model on authored passages, calibrate them and write them down."""

from evidence_mapper.training.data import load_training_passages
from evidence_mapper.training.recipe import Step, TrainingSettings, train_model
from evidence_mapper.training.tune import TuningSettings, tune_model

__all__ = [
    "Step",
    "TrainingSettings",
    "TuningSettings",
    "load_training_passages",
    "train_model",
    "tune_model",
]
