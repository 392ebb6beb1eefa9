"""Weights and all that is needed to go on, as safetensors: read as data, never unpickled."""

import json
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from overlay.core.errors import SigncapError
from overlay.core.files.atomic import replacing
from overlay.core.files.strict_json import parse_json

WEIGHTS = "weights."
STATE = "optimiser."


def save_checkpoint(
    path: Path, weights: dict[str, Tensor], about: dict[str, Any], optimiser: torch.optim.Optimizer | None = None
) -> None:
    """Write a checkpoint so that a kill leaves the old one or the new one.

    Args:
        path: of the file.
        weights: the network's `state_dict`.
        about: what else to keep, as JSON.
        optimiser: whose state to keep as well.

    Raises:
        SigncapError: it cannot be written; the file that was there is left.
    """
    tensors = {WEIGHTS + name: value.detach().cpu().contiguous() for name, value in weights.items()}
    if optimiser is not None:
        for number, values in optimiser.state_dict()["state"].items():
            for name, value in values.items():
                tensors[f"{STATE}{number}.{name}"] = torch.as_tensor(value).detach().cpu().contiguous()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path, mode=0o644) as part:
            save_file(tensors, part, metadata={"signcap": json.dumps(about)})
    except (OSError, SafetensorError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise SigncapError(
            f"Cannot write {path} ({reason}): make room or choose another folder, then go on with --resume. "
            "What was written before is still there."
        ) from error


def read_checkpoint(path: Path) -> tuple[dict[str, Tensor], dict[str, Tensor], dict[str, Any]]:
    """Weights, the optimiser's state by "number.name", and what else was kept.

    Raises:
        SigncapError: there is no such file, or it is no checkpoint of Signcap.
    """
    if not path.is_file():
        raise SigncapError(f"There is no file {path}.")
    try:
        with safe_open(path, framework="pt") as file:
            about = parse_json((file.metadata() or {})["signcap"])
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  # no dictionary
    except (OSError, SafetensorError, KeyError, ValueError) as error:
        raise SigncapError(f"{path} does not hold weights that Signcap wrote: choose another file.") from error
    weights = {name.removeprefix(WEIGHTS): value for name, value in tensors.items() if name.startswith(WEIGHTS)}
    state = {name.removeprefix(STATE): value for name, value in tensors.items() if name.startswith(STATE)}
    return weights, state, about


def load_weights(network: nn.Module, weights: dict[str, Tensor], source: Path) -> None:
    """Put weights into a network.

    Raises:
        SigncapError: they are another network's.
    """
    own = network.state_dict()
    if set(own) != set(weights) or any(own[name].shape != weights[name].shape for name in own):
        raise SigncapError(
            f"The weights in {source} are those of another network or picture size: choose another run."
        )
    network.load_state_dict(weights)


def load_optimiser(optimiser: torch.optim.Optimizer, state: dict[str, Tensor]) -> None:
    """Put a state that was kept back into an optimiser of the same parameters."""
    values: dict[int, dict[str, Tensor]] = {}
    for key, tensor in state.items():
        number, name = key.split(".", 1)
        values.setdefault(int(number), {})[name] = tensor
    whole = optimiser.state_dict()
    optimiser.load_state_dict({"state": values, "param_groups": whole["param_groups"]})
