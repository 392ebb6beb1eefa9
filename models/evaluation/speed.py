"""Milliseconds that each stage of the recogniser takes for one frame, on one core."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np

from overlay.recognition.feature_window import GRID_RATE, Sample, Step, Window
from overlay.recognition.hands.detector_choice import open_detector
from overlay.recognition.hands.hand_detector import Hand
from overlay.recognition.letter_model import LetterModel, shipped_model
from overlay.synthesis.signer import SyntheticSigner

FRAMES: Final = 200
DIFFERENT: Final = 40  # pictures that are shown over and over
WARM: Final = 20  # runs before those that count
SIZE: Final = (640, 480)
FILES: Final = ("encoder.onnx", "temporal.onnx")

Json = dict[str, Any]


def speed_figures(model: Path | None, hand_model: Path, frames: int = FRAMES) -> Json:
    """Median and 95th percentile of every stage, and the size of the model's files.

    Args:
        model: folder of a model; the shipped one by default.
        hand_model: MediaPipe's bundle.
        frames: how many frames each stage is given.
    """
    signer = SyntheticSigner("HELLO", size=SIZE)
    moments = np.linspace(signer.letters[0].start, signer.letters[-1].end, DIFFERENT).tolist()
    pictures = [signer.render(at) for at in moments]
    hands = [Hand(points, "right", 1.0) for at in moments if (points := signer.landmarks(at)) is not None]
    letter_model = LetterModel(model)
    crops = [letter_model.crop(picture, hand) for picture, hand in zip(pictures, hands, strict=True)]
    features = [letter_model.encode(crop) for crop in crops]
    window = Window(letter_model.info.features)
    steps: list[Step] = []
    for k, (crop, feature) in enumerate(zip(crops, features, strict=True)):
        steps += window.accept(k / GRID_RATE, Sample(k / GRID_RATE, feature, crop.traced, crop.palm))
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        with open_detector(hand_model) as finder:
            stages = {
                "hands": milliseconds(lambda k: finder.find(pictures[k % len(pictures)], k / GRID_RATE), frames),
                "crop": milliseconds(
                    lambda k: letter_model.crop(pictures[k % len(pictures)], hands[k % len(pictures)]), frames
                ),
                "encode": milliseconds(lambda k: letter_model.encode(crops[k % len(crops)]), frames),
                "lstm": milliseconds(lambda k: letter_model.posteriors(steps[k % len(steps)]), frames),
            }
    finally:
        cv2.setNumThreads(threads)
    folder = model or shipped_model()
    return {
        "frames": frames,
        "size": list(SIZE),
        "stages": stages,
        "megabytes": sum((folder / name).stat().st_size for name in FILES) / 1e6,
    }


def milliseconds(do: Callable[[int], object], times: int) -> dict[str, float]:
    """How long something takes, given its number each time: the median and the 95th percentile."""
    taken = []
    for k in range(WARM + times):
        began = time.perf_counter()
        do(k)
        taken.append((time.perf_counter() - began) * 1000)
    return {"median": float(np.median(taken[WARM:])), "p95": float(np.percentile(taken[WARM:], 95))}
