"""The network, run by ONNX Runtime: each frame is encoded once, an LSTM reads the window."""

import logging
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from overlay.core.errors import SigncapError
from overlay.core.files.strict_json import parse_json
from overlay.media.frame import Pixels
from overlay.recognition.crop import HandCrop, crop_hand
from overlay.recognition.feature_window import GRID_RATE, MOTION, MOTION_UNIT, STEPS, Step
from overlay.recognition.hands.hand_detector import Hand
from overlay.recognition.onnx_options import one_thread

LETTERS = tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
BLANK = len(LETTERS)
CLASSES = len(LETTERS) + 1
SMALLEST_CROP, LARGEST_CROP = 32, 512  # sides of crops that a model may ask for, in pixels
LARGEST_INFO = 65_536  # bytes of a model.json
LONGEST_NAME = 80  # characters
HOTTEST = 1000.0  # temperature; beyond it all letters are equally likely, whatever is seen

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """The facts of a model, in `model.json` beside its two ONNX files.

    Attributes:
        name: for people.
        features: length of a feature vector.
        delay: steps of the grid between the newest row of the window and the moment the answer is about.
        temperature: divides the logits, so that a confidence of 0.8 is right about 80 % of the time.
        upright: it wants crops in which the hand is upright.
    """

    name: str
    features: int
    delay: int
    temperature: float
    upright: bool = False


def shipped_model() -> Path:
    """The folder of the model that comes with Signcap."""
    return Path(__file__).resolve().parents[2] / "models" / "weights"


class LetterModel:
    """Posteriors of the letters A to Z and blank.

    Args:
        folder: holds `encoder.onnx`, `temporal.onnx` and `model.json`; the shipped model by default.

    Attributes:
        info: what the model says of itself.
        crop_size: side of the crops that it takes, in pixels.
        needs_no_pixels: it can read landmarks alone.

    Raises:
        SigncapError: the folder does not hold a model that this version can run.
    """

    def __init__(self, folder: Path | None = None) -> None:
        folder = folder or shipped_model()
        self.info = read_model_info(folder)
        options = one_thread()
        try:
            self._encoder, self._temporal = (
                ort.InferenceSession(str(folder / name), options, providers=["CPUExecutionProvider"])
                for name in ("encoder.onnx", "temporal.onnx")
            )
        except Exception as error:
            raise SigncapError(
                f"The model in {folder} cannot be loaded: choose another folder with --model, or leave it out."
            ) from error
        self.crop_size = self._check(folder)
        _log.info("Loaded the model %r: crops of %d pixels", self.info.name, self.crop_size)
        self.needs_no_pixels = any(entry.name == "seen" for entry in self._encoder.get_inputs())

    def crop(self, pixels: Pixels, hand: Hand, *, mirror: bool | None = None) -> HandCrop:
        """Crop a hand from BGR uint8 (H, W, 3) as the model wants it; see `overlay.recognition.crop.crop_hand`."""
        return crop_hand(pixels, hand, mirror=mirror, size=self.crop_size, upright=self.info.upright)

    def encode(self, crop: HandCrop) -> NDArray[np.float32]:
        """Feature float32 (F,) of one hand.

        Raises:
            SigncapError: the hand has no pixels, and the model cannot do without.
        """
        pixels = crop.pixels
        if pixels is None:
            if not self.needs_no_pixels:
                raise SigncapError(f"The model {self.info.name} cannot read landmarks alone: choose another one.")
            pixels = np.zeros((self.crop_size, self.crop_size, 3), np.uint8)
        inputs = {"crop": pixels[None], "landmarks": crop.landmarks.reshape(1, -1)}
        if self.needs_no_pixels:
            inputs["seen"] = np.array([crop.pixels is not None], np.float32)
        feature: NDArray[np.float32] = self._encoder.run(None, inputs)[0][0]
        return feature

    def posteriors(self, step: Step) -> NDArray[np.float32]:
        """Posteriors float32 (CLASSES,) that sum to 1, about the moment `answer_time(step)`."""
        if step.hands == 0:
            blank = np.zeros(CLASSES, np.float32)
            blank[BLANK] = 1.0
            return blank
        logits = self._temporal.run(None, {"rows": step.rows[None]})[0][0] / self.info.temperature
        shifted = np.exp(logits - logits.max())
        result: NDArray[np.float32] = (shifted / shifted.sum()).astype(np.float32)
        return result

    def answer_time(self, step: Step) -> float:
        """The moment that the posteriors of this step are about: the network looks a little ahead."""
        return step.at - self.info.delay / GRID_RATE

    def moved(self, step: Step) -> tuple[float, ...]:
        """Return how far palm, index tip and little finger's tip moved in the step that the answer is about.

        Returns:
            Right and down of each, in palms, of a right hand; NaN where there was no hand.
        """
        motion = step.rows[-1 - self.info.delay, self.info.features :] * MOTION_UNIT
        return tuple(map(float, motion[:-1])) if motion[-1] > 0 else (math.nan,) * (len(motion) - 1)

    def _check(self, folder: Path) -> int:
        """Refuse another network before the first frame rather than at it; the side of the crops it takes."""
        try:
            crop_shape = self._encoder.get_inputs()[0].shape
            rows_shape = self._temporal.get_inputs()[0].shape
            classes = self._temporal.get_outputs()[0].shape[-1]
            side = crop_shape[1]
        except IndexError:
            crop_shape, rows_shape, classes, side = [], [], 0, 0
        if (
            list(crop_shape[1:]) != [side, side, 3]
            or not isinstance(side, int)
            or not SMALLEST_CROP <= side <= LARGEST_CROP
            or list(rows_shape[1:]) != [STEPS, self.info.features + MOTION]
            or classes != CLASSES
        ):
            raise SigncapError(
                f"The model in {folder} is of another kind than this version runs: export it anew, "
                "or choose another with --model."
            )
        return side


def read_model_info(folder: Path) -> ModelInfo:
    """Read the facts of the model in a folder.

    Raises:
        SigncapError: the folder holds no model, or what it says cannot be true.
    """
    try:
        with (folder / "model.json").open("rb") as file:
            data = parse_json(file.read(LARGEST_INFO))
        info = ModelInfo(
            name="".join(letter for letter in str(data["name"]) if letter.isprintable())[:LONGEST_NAME],
            features=int(data["features"]),
            delay=int(data["delay"]),
            temperature=float(data["temperature"]),
            upright=data.get("upright", False) is True,
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise SigncapError(
            f"{folder} does not hold a Signcap model (encoder.onnx, temporal.onnx and model.json): "
            "choose another folder with --model, or leave it out."
        ) from error
    if not (info.features > 0 and 0 <= info.delay < STEPS and 0 < info.temperature <= HOTTEST):
        raise SigncapError(f"{folder / 'model.json'} holds impossible values: export the model anew.")
    return info
