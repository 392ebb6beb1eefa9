"""`signcap export`, from a run that `signcap train` made."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from overlay.recognizer import Recognizer, shipped_model

pytestmark = [pytest.mark.integration, pytest.mark.slow]
Several = Callable[..., list[Any]]


def test_a_run_becomes_a_model(several: Several, crops_of_four: Path, tmp_path: Path) -> None:
    runs, model = tmp_path / "runs", tmp_path / "model"
    shutil.copytree(shipped_model(), model)
    train = ["train", crops_of_four, "--network", "cnn", "--size", "32", "--epochs", "1", "--letters", "AB", "-q"]
    trained, refused, absent, tested, made = several(
        [
            [*train, "--workers", "0", "--runs", runs, "--name", "one"],
            ["export", runs / "one", model],
            ["export", runs / "two", tmp_path / "other"],
            ["export", runs / "one-test", tmp_path / "other"],
            ["export", runs / "one", model, "--force", "--name", "Mine"],
        ]
    )
    assert trained.returncode == 0, trained.stderr
    assert trained.stderr == ""  # quiet
    assert refused.sentence.startswith(f"There is a model in {model} already")
    assert absent.sentence == f"There is no run two in {runs}."
    assert tested.sentence == "one-test is a test: choose the run that it tested, one."
    assert made.returncode == 0, made.stderr
    assert made.stderr == ""
    assert re.match(r".*model: \d\.\d MB, differs from PyTorch by \S+ on real crops\.\n", made.stdout)
    assert f"signcap run --model {model}" in made.stdout
    assert sorted(path.name for path in model.iterdir()) == [
        "README.md",
        "encoder.onnx",
        "model.json",
        "temporal.onnx",
    ]
    assert Recognizer(model).info.name == "Mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model", "runs"]
