"""From PyTorch to the files that the live path runs."""

import json
from pathlib import Path

import numpy as np
import onnx
import torch
from torch import Tensor, nn

from models.networks import FEATURES, LANDMARKS, Encoder, Temporal
from overlay.crop import CROP_SIZE, HandCrop
from overlay.recognizer import Recognizer
from overlay.window import MOTION, STEPS, Step

TOLERANCE = 2e-3


class _LiveEncoder(nn.Module):
    """The encoder with both branches there, and the crop as bytes."""

    def __init__(self, encoder: Encoder) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, crop: Tensor, landmarks: Tensor) -> Tensor:
        result: Tensor = self.encoder(crop, landmarks)
        return result


def export(encoder: Encoder, temporal: Temporal, folder: Path, *, name: str, delay: int, temperature: float) -> None:
    """Write `encoder.onnx`, `temporal.onnx` and `model.json`, and check them against PyTorch.

    Raises:
        ValueError: ONNX Runtime does not give what PyTorch gives.
    """
    folder.mkdir(parents=True, exist_ok=True)
    encoder.eval()
    temporal.eval()
    rng = np.random.default_rng(0)
    crop = torch.from_numpy(rng.integers(0, 256, (1, CROP_SIZE, CROP_SIZE, 3), np.uint8))
    landmarks = torch.from_numpy(rng.normal(0, 0.5, (1, LANDMARKS)).astype(np.float32))
    rows = torch.from_numpy(rng.normal(0, 1, (1, STEPS, FEATURES + MOTION)).astype(np.float32))
    _write(_LiveEncoder(encoder).eval(), (crop, landmarks), folder / "encoder.onnx", ["crop", "landmarks"], "feature")
    _write(temporal, (rows,), folder / "temporal.onnx", ["rows"], "logits")
    info = {"name": name, "features": FEATURES, "delay": delay, "temperature": round(temperature, 4)}
    (folder / "model.json").write_text(json.dumps(info, indent=2) + "\n", "utf-8")
    live = Recognizer(folder)
    with torch.no_grad():
        feature = encoder(crop, landmarks)[0].numpy()
        posteriors = torch.softmax(temporal(rows)[0] / temperature, 0).numpy()
    seen = HandCrop(crop[0].numpy(), landmarks[0].numpy().reshape(21, 3), np.zeros((3, 2), np.float32), 1.0)
    got_feature = live.encode(seen)
    got = live.posteriors(Step(0.0, rows[0].numpy(), STEPS))
    worst = max(float(np.abs(got_feature - feature).max()), float(np.abs(got - posteriors).max()))
    if worst > TOLERANCE:
        raise ValueError(f"the exported model differs from PyTorch by {worst:.2g}")


def _write(module: nn.Module, inputs: tuple[Tensor, ...], path: Path, names: list[str], output: str) -> None:
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
