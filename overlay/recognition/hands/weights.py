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
        places: of each layer its name, where weights and bias begin, the weights' shape and the order of axes; which
            channels `out` and `in` the graph has, -1 for one of zeros, null for all; by what weights and bias of each
            channel are multiplied (`gain`), and weights `divided`, null for nothing; the step between neighbouring
            whole numbers that come in, null for floats; what is added to the bias; what all are divided by; and
            whether `pixels` come in, four of a row at once.
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
        kernel, bias = (
            _chosen(_chosen(kernel, place.get("out")), place.get("in"), axis=1),
            _chosen(bias, place.get("out")),
        )
        if place.get("gain") is not None:
            gain = np.array(place["gain"], np.float32)
            kernel, bias = kernel * gain[:, None, None, None], bias * gain
        if place.get("divided") is not None:
            kernel = kernel / np.array(place["divided"], np.float32)[:, None, None, None]
        unit = np.float32(place.get("unit", 1))
        # What rounding shifts is taken back, and what channels that are not in the graph always gave.
        bias = bias + np.array(place.get("shift", 0), np.float32)
        kernel, bias = kernel / unit, bias / unit
        if place.get("pixels"):  # bytes come in, in the camera's order of colours
            kernel, bias = four_pixels_at_once(kernel[:, ::-1] / np.float32(255)), np.tile(bias, 2)
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


def four_pixels_at_once(kernel: Array) -> Array:
    """The kernel of a first convolution, with a stride of 2, for pictures of which four pixels in a row are one.

    As (H, W / 4, 12) a picture lies in memory as it does as (H, W, 3), and what comes out, (H / 2, W / 4, 2 C), as
    (H / 2, W / 2, C). With twelve channels the convolution takes half of the time, though it multiplies more.

    Args:
        kernel: (C, 3, 3, 3), channels out and in, rows and columns.

    Returns:
        (2 C, 12, 3, 2), with strides of 2 and 1; the picture needs a row of padding below and one at its right.
    """
    channels = len(kernel)
    result = np.zeros((2, channels, 4, 3, 3, 2), kernel.dtype)  # of two columns; pixels, colours; rows, groups
    for column in range(2):
        for across in range(3):
            group, pixel = divmod(2 * column + across, 4)
            result[column, :, pixel, :, :, group] = kernel[:, :, :, across]
    return result.reshape(2 * channels, 12, 3, 2)


def _chosen(values: Array, channels: list[int] | None, axis: int = 0) -> Array:
    if channels is None:
        return values
    padded = np.concatenate([values, np.zeros_like(values.take([0], axis))], axis)
    return padded.take(channels, axis)  # -1: the zeros at the end


def _halves(content: bytes, offset: int, count: int) -> NDArray[np.float32]:
    return np.frombuffer(content, np.float16, count, offset).astype(np.float32)
