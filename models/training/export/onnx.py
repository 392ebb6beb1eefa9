"""From PyTorch to the files that the live path runs."""

import contextlib
import json
import logging
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from models.training.export.adapters import LivePair
from models.training.networks.shipped import LANDMARKS
from overlay.core.errors import SigncapError
from overlay.media.frame import Pixels
from overlay.recognition.crop import HandCrop
from overlay.recognition.feature_window import MOTION, STEPS, Step
from overlay.recognition.letter_model import LetterModel

TOLERANCE = 2e-3  # of a probability, and of a feature as a share of the largest

Example = tuple[Pixels, NDArray[np.float32]]


def export_pair(pair: LivePair, folder: Path, *, name: str, temperature: float, examples: Iterable[Example]) -> float:
    """Write `encoder.onnx`, `temporal.onnx` and `model.json`, and check them against PyTorch.

    Args:
        pair: a network as the live path runs it.
        folder: for the files.
        name: for people.
        temperature: divides the logits.
        examples: crops RGB uint8 (S, S, 3) with their landmarks (21, 3), to check with.

    Returns:
        The largest difference from PyTorch, of a posterior.

    Raises:
        SigncapError: ONNX Runtime does not give what PyTorch gives.
    """
    folder.mkdir(parents=True, exist_ok=True)
    crop = torch.zeros(1, pair.size, pair.size, 3, dtype=torch.uint8)
    landmarks, rows = torch.zeros(1, LANDMARKS), torch.zeros(1, STEPS, pair.features + MOTION)
    seen = (torch.ones(1),) if pair.needs_no_pixels else ()
    names = ["crop", "landmarks", "seen"][: 2 + len(seen)]
    _write(pair.encoder, (crop, landmarks, *seen), folder / "encoder.onnx", names, "feature")
    _write(pair.temporal, (rows,), folder / "temporal.onnx", ["rows"], "logits")
    info = {"name": name, "features": pair.features, "delay": pair.delay, "temperature": round(temperature, 4)}
    if pair.upright:
        info["upright"] = True
    (folder / "model.json").write_text(json.dumps(info, indent=2) + "\n", "utf-8")
    live = LetterModel(folder)
    temperature = live.info.temperature
    worst = 0.0
    for pixels, points in examples:
        worst = max(worst, _difference(pair, live, pixels, points, temperature))
    if worst > TOLERANCE:
        raise SigncapError(
            f"The exported model differs from PyTorch by {worst:.2g} and is not to be used: please report this."
        )
    return worst


@torch.no_grad()
def _difference(
    pair: LivePair, live: LetterModel, pixels: Pixels, points: NDArray[np.float32], temperature: float
) -> float:
    """Between ONNX Runtime and PyTorch, for a crop that comes into an empty window and is then held."""
    hand = HandCrop(pixels, points, np.zeros((3, 2), np.float32), 1.0)
    there = (torch.ones(1),) if pair.needs_no_pixels else ()
    wanted = pair.encoder(torch.from_numpy(pixels[None]), torch.from_numpy(points.reshape(1, -1)), *there)[0].numpy()
    feature = live.encode(hand)
    worst = float(np.abs(feature - wanted).max() / max(1.0, float(np.abs(wanted).max())))
    for held in (2, STEPS // 2, STEPS):
        rows = np.zeros((STEPS, pair.features + MOTION), np.float32)
        rows[-held:, : pair.features] = wanted
        rows[-held:, -1] = 1
        posteriors = torch.softmax(pair.temporal(torch.from_numpy(rows[None]))[0] / temperature, 0).numpy()
        worst = max(worst, float(np.abs(live.posteriors(Step(0.0, rows, held)) - posteriors).max()))
    return worst


@contextlib.contextmanager
def _quiet_exporter() -> Iterator[None]:
    """It warns of torchvision, which is not needed, each time."""
    logger = logging.getLogger("torch.onnx")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)


def _write(module: nn.Module, inputs: tuple[Tensor, ...], path: Path, names: list[str], output: str) -> None:
    with warnings.catch_warnings(), _quiet_exporter():
        warnings.simplefilter("ignore")  # on its own inner workings, nothing that a user could act on
        torch.onnx.export(
            module,
            inputs,
            str(path),
            input_names=names,
            output_names=[output],
            opset_version=18,
            dynamo=True,
            external_data=False,
            verbose=False,
        )
    model = onnx.load(str(path))
    # Names of source files and stack traces of the exporting machine have no place in a shipped file.
    for node in model.graph.node:
        del node.metadata_props[:]
        node.doc_string = ""
    for value in (*model.graph.value_info, *model.graph.input, *model.graph.output, *model.graph.initializer):
        if hasattr(value, "metadata_props"):
            del value.metadata_props[:]
    del model.metadata_props[:]
    for function in model.functions:
        del function.metadata_props[:]
        for node in function.node:
            del node.metadata_props[:]
    onnx.save(model, str(path))
