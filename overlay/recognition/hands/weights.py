"""Google's weights of the landmark network, from the file that was fetched, rounded to whole numbers."""

import math
from typing import Any, Final

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

PLACES: Final = "hand.json"  # where the weights are in MediaPipe's file
MEMBER: Final = "hand_landmarks_detector.tflite"  # that file, in its bundle
LEVELS: Final = 63  # of a weight, to either side of 0: seven bits, as AVX2 adds two products in 16
LEAST: Final = 1e-4  # the largest weight of a channel counts as at least this, or its bias would leave 32 bits

Json = dict[str, Any]
Array = NDArray[Any]


def give_weights(options: ort.SessionOptions, places: list[Json], content: bytes) -> list[Array]:
    """Give a graph without weights those that are in a file.

    Args:
        options: of the session that is to run the graph.
        places: of each layer its name, where weights and bias begin, the weights' shape and the order of axes; the
            step between neighbouring whole numbers that come in, null for floats; what is added to the bias; and what
            all are divided by.
        content: of MediaPipe's file.

    Returns:
        What is to be kept as long as the session: ONNX Runtime does not copy it.
    """
    weights: dict[str, Array] = {}
    for place in places:
        layer, step = place["layer"], place["step"]
        shape, axes = place["shape"], place["axes"]
        kernel = _halves(content, place["weight"], math.prod(shape)).reshape(shape).transpose(axes)
        bias = _halves(content, place["bias"], kernel.shape[0])
        if "shift" in place:  # what rounding shifts is taken back
            bias = bias + np.array(place["shift"], np.float32)
        unit = place.get("unit", 1)
        kernel, bias = kernel / np.float32(unit), bias / np.float32(unit)
        if place.get("pixels"):  # bytes come in, in the camera's order of colours
            kernel = kernel[:, ::-1] / np.float32(255)
        if step is None:
            weights[f"{layer}.weight"], weights[f"{layer}.bias"] = kernel, bias
            continue
        steps = np.maximum(np.abs(kernel).max((1, 2, 3)), np.float32(LEAST)) / np.float32(LEVELS)
        fine = steps * np.float32(step)
        weights[f"{layer}.weight"] = np.rint(kernel / steps[:, None, None, None]).astype(np.int8)
        weights[f"{layer}.step"], weights[f"{layer}.fine"] = steps, fine
        weights[f"{layer}.bias"] = np.rint(bias / fine).astype(np.int32)
    kept = [np.ascontiguousarray(value) for value in weights.values()]
    options.add_external_initializers(list(weights), [ort.OrtValue.ortvalue_from_numpy(value) for value in kept])
    return kept


def _halves(content: bytes, offset: int, count: int) -> NDArray[np.float32]:
    return np.frombuffer(content, np.float16, count, offset).astype(np.float32)
