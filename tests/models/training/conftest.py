"""Short trainings in this process."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from lightning_fabric import Fabric

from models.training.config import Recipe
from models.training.data.split.manifest import read_manifest
from models.training.engine.fabric import make_fabric
from models.training.engine.loop import EpochHook
from models.training.train import Options, Outcome, train_run

Train = Callable[..., Outcome]


@pytest.fixture(scope="session")
def fabric() -> Fabric:
    """Of this process alone, in one thread."""
    torch.set_num_threads(1)
    return make_fabric("32")


@pytest.fixture
def training(crops_of_four: Path, fabric: Fabric) -> Train:
    """Trains on the crops of four signers, or those in `folder`."""

    def run(
        runs: Path,
        name: str,
        *,
        folder: Path = crops_of_four,
        resume: bool = False,
        test: bool = False,
        on_epoch: EpochHook | None = None,
        **recipe: object,
    ) -> Outcome:
        values = {"network": "cnn", "epochs": 2, "precision": "32"} | recipe
        if values["network"] != "cnn-lstm":
            values = {"size": 32} | values
        return train_run(
            fabric,
            folder,
            read_manifest(folder),
            Recipe(**values),  # type: ignore[arg-type]
            Options(runs, wandb=False, quiet=True),
            name=name,
            resume=resume,
            test=test,
            on_epoch=on_epoch,
        )

    return run
