"""The one loop, with short trainings in this process: what a run is, and that it stays the same run."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from lightning_fabric import Fabric

from models.training.config import Recipe
from models.training.data.split.manifest import read_manifest
from models.training.data.split.splits import load_splits
from models.training.data.split.splitting import make_split, write_manifest
from models.training.data.tree import read_tree
from models.training.engine import loop
from models.training.engine.checkpoint import read_checkpoint, save_checkpoint
from models.training.engine.predict import fit_temperature, read_pictures
from models.training.engine.tasks import make_task
from models.training.networks.registry import NETWORKS
from models.training.runs.store import read_epochs, read_run
from models.training.train import Outcome
from overlay.core.errors import SigncapError
from overlay.recognition.letter_model import BLANK

pytestmark = pytest.mark.e2e

Train = Callable[..., Outcome]


class Killed(BaseException):
    """Stands for the end of a process."""


def figures(run: Path) -> list[dict[str, Any]]:
    """The lines without the time that they took."""
    return [{name: value for name, value in line.items() if name != "seconds"} for line in read_epochs(run)]


@pytest.mark.parametrize("network", NETWORKS)
def test_each_network_takes_an_epoch_and_the_same_seed_gives_the_same(
    network: str, training: Train, tmp_path: Path
) -> None:
    for name in ("one", "two"):
        outcome = training(tmp_path, name, network=network, epochs=1, letters="AJ", test=True)
        assert outcome.status == "finished"
        assert outcome.test is not None
    assert figures(tmp_path / "one") == figures(tmp_path / "two")
    assert figures(tmp_path / "one-test") == figures(tmp_path / "two-test")
    line = figures(tmp_path / "one")[0]
    assert all(np.isfinite(value) for split in ("train", "validation") for value in line[split].values())
    assert read_run(tmp_path, "one")["data"]["signers"] == {
        "train": ["ann", "bob"],
        "validation": ["cid"],
        "test": ["dot"],
    }
    # A burst of J is no frozen picture: it is learnt, whichever the network.
    assert read_run(tmp_path, "one")["data"]["pictures"] == {"train": 24, "validation": 6, "test": 6}


def test_another_seed_gives_another_run(training: Train, tmp_path: Path) -> None:
    for seed in (0, 1):
        training(tmp_path, str(seed), epochs=1, letters="A", seed=seed)
    assert figures(tmp_path / "0") != figures(tmp_path / "1")


@pytest.mark.parametrize(("network", "after"), [("enhanced-cnn", 1), ("cnn-rnn", 2), ("cnn-lstm", 2)])
def test_a_run_that_was_killed_within_an_epoch_ends_as_if_it_had_not_been(
    network: str, after: int, training: Train, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {"network": network, "batch": 16, "letters": "ABC", "schedule": "cosine"}
    training(tmp_path, "whole", **settings)
    kept = 0
    keep = loop.save_checkpoint

    def save_and_die(path: Path, *rest: Any) -> None:
        nonlocal kept
        keep(path, *rest)
        kept += path.name == loop.LAST
        if kept == after:
            raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(loop, "KEPT_EVERY", 0.0)  # after every step
        patch.setattr(loop, "save_checkpoint", save_and_die)
        with pytest.raises(Killed):
            training(tmp_path, "killed", **settings)
    _, _, about = read_checkpoint(tmp_path / "killed" / loop.LAST)
    assert about["position"]["total"] == about["position"]["step"] == after  # in the middle of the first epoch
    training(tmp_path, "killed", resume=True, **settings)
    whole, resumed = figures(tmp_path / "whole"), figures(tmp_path / "killed")
    assert [line["steps"] for line in whole] == [line["steps"] for line in resumed]
    for one, two in zip(whole, resumed, strict=True):
        for split in ("train", "validation"):
            assert two[split] == pytest.approx(one[split], abs=1e-6)


@pytest.mark.unit
def test_a_last_batch_of_a_single_picture_does_no_harm(fabric: Fabric, crops_of_four: Path, tmp_path: Path) -> None:
    """Batch normalisation cannot learn from one."""
    splits = load_splits(crops_of_four, read_manifest(crops_of_four))
    train = replace(splits["train"], samples=splits["train"].samples[:17])
    recipe = Recipe(network="enhanced-cnn", size=32, epochs=1, batch=16, precision="32")
    position = loop.fit(fabric, recipe, train, splits["validation"], None, tmp_path)
    assert position.total == 2


def test_it_stops_early_when_validation_no_longer_gets_better(training: Train, tmp_path: Path) -> None:
    outcome = training(tmp_path, "one", patience=2, epochs=12, rate=1e-12, letters="A")  # it learns nothing
    assert outcome.status == "stopped early" == read_run(tmp_path, "one")["status"]
    lines = read_epochs(tmp_path / "one")
    assert len(lines) < 12
    scores = [(round(line["validation"]["accuracy"], 6), -line["validation"]["loss"]) for line in lines]
    best = scores.index(max(scores))
    assert len(scores) - 1 - best == 2
    _, _, about = read_checkpoint(tmp_path / "one" / loop.BEST)
    assert about["position"]["best_epoch"] == best + 1
    _, _, about = read_checkpoint(tmp_path / "one" / loop.LAST)
    assert about["position"]["ended"]


def test_without_validation_it_does_not_stop_early(training: Train, crops_of_four: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(crops_of_four, tmp_path / "crops"))
    write_manifest(folder, make_split(read_tree(folder), "frame", shares=(1, 0, 0)))
    outcome = training(tmp_path, "one", folder=folder, epochs=3, patience=1, rate=1e-9, letters="AB", test=True)
    assert outcome.status == "finished"
    assert outcome.test is None
    assert [sorted(line) for line in read_epochs(tmp_path / "one")] == [["epoch", "seconds", "steps", "train"]] * 3


def test_a_loss_out_of_bounds_ends_the_run_in_a_sentence(training: Train, tmp_path: Path) -> None:
    def interrupt(_number: int, _line: dict[str, Any]) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        training(tmp_path, "one", letters="AB", on_epoch=interrupt)
    path = tmp_path / "one" / loop.LAST
    weights, _, about = read_checkpoint(path)
    save_checkpoint(path, {name: value * 1e30 for name, value in weights.items()}, about)
    with pytest.raises(SigncapError, match=r"out of bounds at step 2: choose a smaller --rate than 0\.001"):
        training(tmp_path, "one", letters="AB", resume=True)
    assert read_run(tmp_path, "one")["status"] == "failed"
    assert len(read_epochs(tmp_path / "one")) == 1


def test_an_interrupted_run_says_so(training: Train, tmp_path: Path) -> None:
    def interrupt(_number: int, _line: dict[str, Any]) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        training(tmp_path, "one", letters="AB", on_epoch=interrupt)
    assert read_run(tmp_path, "one")["status"] == "interrupted"
    assert training(tmp_path, "one", letters="AB", resume=True).status == "finished"
    assert len(read_epochs(tmp_path / "one")) == 2


def test_a_run_that_a_search_gave_up_was_stopped_early(training: Train, tmp_path: Path) -> None:
    def give_up(_number: int, _line: dict[str, Any]) -> None:
        raise loop.NotWorthItError

    with pytest.raises(loop.NotWorthItError):
        training(tmp_path, "one", letters="AB", on_epoch=give_up)
    assert read_run(tmp_path, "one")["status"] == "stopped early"
    assert len(read_epochs(tmp_path / "one")) == 1


def test_a_run_does_not_go_on_with_another_split(training: Train, crops_of_four: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(crops_of_four, tmp_path / "crops"))

    def interrupt(_number: int, _line: dict[str, Any]) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        training(tmp_path, "one", folder=folder, letters="AB", on_epoch=interrupt)
    before = (tmp_path / "one" / "epochs.jsonl").read_text()
    write_manifest(folder, make_split(read_tree(folder), "signer", validation_signers=["dot"], test_signers=["cid"]))
    with pytest.raises(SigncapError, match="split anew since the run one began"):
        training(tmp_path, "one", folder=folder, letters="AB", resume=True)
    assert (tmp_path / "one" / "epochs.jsonl").read_text() == before
    assert read_run(tmp_path, "one")["status"] == "interrupted"


@pytest.mark.parametrize("loss", ["frames", "ctc"])
def test_each_loss_of_sequences_can_be_had_alone(loss: str, training: Train, tmp_path: Path) -> None:
    training(tmp_path, "one", network="cnn-lstm", epochs=1, letters="AB", loss=loss)
    assert np.isfinite(figures(tmp_path / "one")[0]["train"]["loss"])


@pytest.mark.unit
@pytest.mark.parametrize(
    ("network", "batch", "world", "possible"),
    [
        ("cnn", 8, 2, True),
        ("cnn", 7, 2, False),
        ("enhanced-cnn", 2, 2, False),  # batch normalisation needs two pictures
        ("cnn-lstm", 8, 2, True),  # two sequences of four letters
        ("cnn-lstm", 8, 4, False),
    ],
)
def test_a_batch_is_shared_out_evenly_or_refused(
    network: str, batch: int, world: int, possible: bool, crops_of_four: Path
) -> None:
    train = load_splits(crops_of_four, read_manifest(crops_of_four))["train"]
    size = None if network == "cnn-lstm" else 32
    task = make_task(Recipe(network=network, size=size, batch=batch), train)
    items = task.items()
    shares = []
    for rank in range(world):
        if not possible:
            with pytest.raises(SigncapError, match=f"{world} processes cannot share: choose another --batch"):
                task.loader(items, 0, rank=rank, world=world, skip=0, workers=0)
            continue
        shares.append(len(task.loader(items, 0, rank=rank, world=world, skip=0, workers=0)))
    assert shares == [task.steps(items)] * world * possible


@pytest.mark.unit
@torch.no_grad()
def test_what_is_read_does_not_depend_on_how_many_are_read_at_once(fabric: Fabric, crops_of_four: Path) -> None:
    test = load_splits(crops_of_four, read_manifest(crops_of_four))["test"]
    torch.manual_seed(0)
    task = make_task(Recipe(network="enhanced-cnn", size=32), test)
    whole = read_pictures(fabric, task, task.network, test)
    parts = [
        read_pictures(fabric, task, task.network, replace(test, samples=test.samples[start : start + 7]))
        for start in range(0, len(test), 7)
    ]
    assert np.concatenate([part.predicted for part in parts]).tolist() == whole.predicted.tolist()
    np.testing.assert_allclose(np.concatenate([part.confidence for part in parts]), whole.confidence, atol=1e-6)
    assert (whole.predicted != BLANK).all()  # the report's networks always read some letter
    assert whole.matrix(test.labels).sum() == len(test)


@pytest.mark.unit
def test_the_temperature_that_was_put_in_is_found() -> None:
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(4000, 27, generator=generator, dtype=torch.float64) * 3
    labels = torch.multinomial(logits.softmax(1), 1, generator=generator).flatten()
    assert fit_temperature((logits * 2).log_softmax(1), labels) == pytest.approx(2, abs=0.15)
    assert fit_temperature(logits.log_softmax(1), labels) == pytest.approx(1, abs=0.1)
