"""Fine-tune an encoder with its heads on labelled passages (the only module that needs torch)."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from evidence_mapper.encoders.compiled import load_tokenizer
from evidence_mapper.training.targets import Targets

if TYPE_CHECKING:
    import torch

Arrays = dict[str, NDArray[np.generic]]

# Batches of texts of like length are drawn from this many batches at a time.
POOL = 16
ENCODER, HEADS = "encoder.", "heads."
STATE_FILE = "state.safetensors"


@dataclass(frozen=True, slots=True)
class FineTuning:
    """The recipe; its numbers are those of the first trial that worked, and none was tuned.

    `learning_rate` is the encoder's, `head_learning_rate` that of the heads. `scale` is the length
    of the vectors that the heads see. `average` is the decay a step of the running mean of the
    weights, which is what is kept: it is steadier than the last step.
    """

    epochs: int = 3
    batch_size: int = 32
    learning_rate: float = 4e-5
    head_learning_rate: float = 2e-3
    weight_decay: float = 0.01
    warm_up_share: float = 0.06
    dropout: float = 0.1
    scale: float = 4.0
    clue_weight: float = 0.5
    average: float = 0.998
    max_tokens: int = 192
    largest_gradient: float = 1.0
    save_every: int = 100
    seed: int = 0


@dataclass(slots=True)
class _Run:
    """What a step changes."""

    network: Any
    optimizer: Any
    averages: "dict[str, torch.Tensor]" = field(default_factory=dict)
    step: int = 0


def fine_tune(
    base: Path,
    texts: Sequence[str],
    targets: Targets,
    settings: FineTuning,
    *,
    state: Path | None = None,
    on_progress: Callable[[int, int, float], None] | None = None,
) -> Arrays:
    """Return the weights that were trained.

    The encoder's stand under their own names after `encoder.`; `heads.area.weight` (A, D),
    `heads.stage.weight` (S, D), `heads.clue.weight` (1, D) and their biases are for vectors of
    length 1.

    Args:
        base: a folder with config.json, tokenizer.json and model.safetensors.
        state: a folder where the state is kept every so many steps and found again: a run that
            was stopped goes on, with the result that it would have had.
        on_progress: is told the step, of how many, and the loss.
    """
    import torch

    tell = on_progress or (lambda *_: None)
    tokenizer = load_tokenizer(base, settings.max_tokens)
    encodings = [encoding.ids for encoding in tokenizer.encode_batch(list(texts))]
    total = settings.epochs * -(-len(texts) // settings.batch_size)
    run = _start(base, targets, settings)
    if state is not None:
        _restore(run, state)
    device = next(run.network.parameters()).device
    run.network.train()
    for step, rows in enumerate(_draw_batches(encodings, settings)):
        if step < run.step:
            continue
        torch.manual_seed(settings.seed * 1_000_003 + step)
        ids, mask = _pad([encodings[row] for row in rows], device)
        loss = _take_step(run, ids, mask, targets.pick(rows), settings, total)
        run.step = step + 1
        tell(run.step, total, loss)
        if state is not None and run.step % settings.save_every == 0:
            _save(run, state)
    return _collect(run, settings)


def _start(base: Path, targets: Targets, settings: FineTuning) -> _Run:
    import torch
    from transformers import AutoModel
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    torch.manual_seed(settings.seed)
    encoder = AutoModel.from_pretrained(
        base,
        local_files_only=True,
        use_safetensors=True,
        dtype=torch.float32,
        add_pooling_layer=False,
    )
    # The words' vectors gain nothing from a few thousand passages and cost a third of the time.
    encoder.embeddings.requires_grad_(False)
    width = encoder.config.hidden_size
    heads = torch.nn.ModuleDict(
        {
            "area": torch.nn.Linear(width, targets.areas.shape[1]),
            "stage": torch.nn.Linear(width, targets.stages.shape[1]),
            "clue": torch.nn.Linear(width, 1),
        }
    )
    network = torch.nn.ModuleDict({"encoder": encoder, "heads": heads})
    network.to("cuda" if torch.cuda.is_available() else "cpu")
    optimizer = torch.optim.AdamW(
        [
            {"params": _list_trained(encoder), "lr": settings.learning_rate},
            {"params": list(heads.parameters()), "lr": settings.head_learning_rate},
        ],
        weight_decay=settings.weight_decay,
        fused=True,
    )
    for group in optimizer.param_groups:
        group["peak"] = group["lr"]
    averages = {
        name: weight.detach().clone()
        for name, weight in network.named_parameters()
        if weight.requires_grad
    }
    return _Run(network, optimizer, averages)


def _list_trained(module: "torch.nn.Module") -> "list[torch.nn.Parameter]":
    return [weight for weight in module.parameters() if weight.requires_grad]


def _draw_batches(
    encodings: Sequence[Sequence[int]], settings: FineTuning
) -> Iterator[NDArray[np.integer]]:
    """Yield the rows of every batch of every epoch: in a new order each time, of like length."""
    for epoch in range(settings.epochs):
        random = np.random.default_rng([settings.seed, epoch])
        order = random.permutation(len(encodings))
        batches = []
        pool = settings.batch_size * POOL
        for start in range(0, len(order), pool):
            rows = sorted(order[start : start + pool], key=lambda row: len(encodings[row]))
            batches += [
                np.array(rows[first : first + settings.batch_size])
                for first in range(0, len(rows), settings.batch_size)
            ]
        for index in random.permutation(len(batches)):
            yield batches[index]


def _pad(
    batch: Sequence[Sequence[int]], device: "torch.device"
) -> "tuple[torch.Tensor, torch.Tensor]":
    import torch

    longest = max(map(len, batch))
    ids = torch.zeros(len(batch), longest, dtype=torch.long)
    mask = torch.zeros(len(batch), longest)
    for line, tokens in enumerate(batch):
        ids[line, : len(tokens)] = torch.tensor(tokens)
        mask[line, : len(tokens)] = 1
    return ids.to(device), mask.to(device)


def _take_step(
    run: _Run,
    ids: "torch.Tensor",
    mask: "torch.Tensor",
    targets: Targets,
    settings: FineTuning,
    total: int,
) -> float:
    import torch

    share = _share_of_peak(run.step, total, settings.warm_up_share)
    for group in run.optimizer.param_groups:
        group["lr"] = group["peak"] * share
    with torch.autocast(ids.device.type, dtype=torch.bfloat16):
        states = run.network["encoder"](input_ids=ids, attention_mask=mask).last_hidden_state
    total_state = (states.float() * mask[..., None]).sum(1)
    vectors = torch.nn.functional.normalize(total_state, dim=1) * settings.scale
    vectors = torch.nn.functional.dropout(vectors, settings.dropout)
    loss = _measure_loss(run.network["heads"], vectors, targets, settings.clue_weight)
    run.optimizer.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    trained = _list_trained(run.network)
    torch.nn.utils.clip_grad_norm_(trained, settings.largest_gradient)
    run.optimizer.step()
    # The mean forgets the first steps faster than its decay says, or it would remember the start.
    decay = min(settings.average, (1 + run.step) / (10 + run.step))
    with torch.no_grad():
        for average, weight in zip(run.averages.values(), trained, strict=True):
            average.lerp_(weight, 1 - decay)
    return loss.item()


def _share_of_peak(step: int, total: int, warm_up_share: float) -> float:
    """Return the share of the peak learning rate: a rise, then a straight way down to 0."""
    warm_up = max(1, round(warm_up_share * total))
    return min(step / warm_up, max(0.0, (total - step) / max(1, total - warm_up)))


def _measure_loss(
    heads: Any,  # noqa: ANN401
    vectors: "torch.Tensor",
    targets: Targets,
    clue_weight: float,
) -> "torch.Tensor":
    import torch
    from torch.nn import functional

    def tensor(array: NDArray[np.generic]) -> torch.Tensor:
        return torch.as_tensor(array, dtype=torch.float32, device=vectors.device)

    has_stage, is_evidence = tensor(targets.has_stage), tensor(targets.is_evidence)
    area = functional.cross_entropy(heads["area"](vectors), tensor(targets.areas))
    stage = functional.cross_entropy(
        heads["stage"](vectors), tensor(targets.stages), reduction="none"
    )
    clue = functional.binary_cross_entropy_with_logits(
        heads["clue"](vectors)[:, 0], tensor(targets.clues), reduction="none"
    )
    return (
        area
        + (stage * has_stage).sum() / has_stage.sum().clamp(min=1)
        + clue_weight * (clue * is_evidence).sum() / is_evidence.sum().clamp(min=1)
    )


def _collect(run: _Run, settings: FineTuning) -> Arrays:
    arrays: Arrays = {name: weight.detach().cpu().numpy() for name, weight in run.averages.items()}
    for name in [name for name in arrays if name.startswith(HEADS) and name.endswith(".weight")]:
        arrays[name] = np.asarray(arrays[name], np.float32) * np.float32(settings.scale)
    return arrays


def _save(run: _Run, folder: Path) -> None:
    """Write weights, running means and the optimizer's moments; the old state until it is done."""
    import torch
    from safetensors.torch import save_file

    tensors = {f"mean/{name}": weight for name, weight in run.averages.items()}
    names = list(run.averages)
    for name, weight in zip(names, _list_trained(run.network), strict=True):
        tensors[f"weight/{name}"] = weight.detach()
        for key in ("exp_avg", "exp_avg_sq"):
            tensors[f"{key}/{name}"] = run.optimizer.state[weight][key]
    tensors["step"] = torch.tensor(run.step)
    folder.mkdir(parents=True, exist_ok=True)
    new = folder / f"{STATE_FILE}.new"
    save_file({key: tensor.cpu().contiguous() for key, tensor in tensors.items()}, new)
    new.replace(folder / STATE_FILE)


def _restore(run: _Run, folder: Path) -> None:
    from safetensors.torch import load_file

    if not (folder / STATE_FILE).exists():
        return
    import torch

    tensors = load_file(folder / STATE_FILE)
    run.step = int(tensors["step"])
    for name, weight in zip(run.averages, _list_trained(run.network), strict=True):
        run.averages[name].copy_(tensors[f"mean/{name}"])
        weight.data.copy_(tensors[f"weight/{name}"])
        run.optimizer.state[weight] = {
            "step": torch.tensor(float(run.step), device=weight.device),
            **{
                key: tensors[f"{key}/{name}"].to(weight.device) for key in ("exp_avg", "exp_avg_sq")
            },
        }
