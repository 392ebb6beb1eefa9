"""Milliseconds a frame of our recogniser's stages, and of the report's baseline network beside it, on one thread.

python bench/recogniser.py [--frames 200] [--model FOLDER]

Ours is what `models/evaluation/speed.py` measures for the model card: frames of 640x480 by the synthetic signer
through ONNX Runtime. The report's baseline (three convolutions of 64, 128 and 256 channels, 224x224) reads one crop
a frame and has no memory; it is run untrained, which takes as long, in PyTorch and in ONNX Runtime. Needs
`./setup.sh --train`. Prints a table.
"""

import argparse
import logging
import tempfile
import warnings
from pathlib import Path

import onnxruntime as ort
import torch

from models.console import ready_hand_model
from models.evaluation.speed import milliseconds, speed_figures
from models.training.networks.registry import architecture

BASELINE_RUNS = 20  # it takes long


def baseline(folder: Path) -> tuple[dict[str, float], dict[str, float], float]:
    """Milliseconds in PyTorch and in ONNX Runtime, and megabytes on disk."""
    torch.set_num_threads(1)
    network = architecture("cnn").build().eval()
    size = architecture("cnn").size
    crop = torch.randint(0, 256, (1, size, size, 3), dtype=torch.uint8)
    with torch.inference_mode():
        in_torch = milliseconds(lambda _: network(crop), BASELINE_RUNS)
    path = folder / "baseline.onnx"
    logging.disable(logging.WARNING)  # the exporter talks of its own inner workings
    warnings.simplefilter("ignore")
    torch.onnx.export(network, (crop,), str(path), input_names=["crop"], dynamo=True, verbose=False)
    megabytes = sum(file.stat().st_size for file in folder.iterdir()) / 1e6
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    given = {"crop": crop.numpy()}
    return in_torch, milliseconds(lambda _: session.run(None, given), BASELINE_RUNS), megabytes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, default=200, help="frames that each of our stages is given")
    parser.add_argument("--model", type=Path, help="folder of a recogniser; the shipped one by default")
    arguments = parser.parse_args()
    ours = speed_figures(arguments.model, ready_hand_model(None), arguments.frames)
    with tempfile.TemporaryDirectory() as folder:
        in_torch, in_onnx, megabytes = baseline(Path(folder))
    stages = ours["stages"]
    network = {key: stages["encode"][key] + stages["lstm"][key] for key in ("median", "p95")}
    own = f"{ours['megabytes']:.1f}"
    rows = (
        ("crop", stages["crop"], ""),
        ("encoder, ONNX Runtime", stages["encode"], ""),
        ("LSTM over the window, ONNX Runtime", stages["lstm"], ""),
        ("**ours: encoder and LSTM**", network, own),
        ("the report's baseline, ONNX Runtime", in_onnx, f"{megabytes:.0f}"),
        ("the report's baseline, PyTorch", in_torch, f"{megabytes:.0f}"),
        ("finding the hand, MediaPipe", stages["hands"], ""),
    )
    print("| stage | median, ms | 95 %, ms | times ours | MB on disk |\n|---|---|---|---|---|")
    for name, taken, size in rows:
        ratio = taken["median"] / network["median"]
        print(
            f"| {name} | {taken['median']:.2f} | {taken['p95']:.2f} | {ratio:.{0 if ratio >= 10 else 2}f} | {size} |"
        )


if __name__ == "__main__":
    main()
