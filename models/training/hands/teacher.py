"""MediaPipe's landmark network, read from its TensorFlow Lite file, to learn from."""

import math
import struct
from typing import Any, Final

import numpy as np
import tflite
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from models.training.hands.network import HandNetwork
from overlay.core.errors import SigncapError
from overlay.recognition.hands.weights import MEMBER

SIDE: Final = 224  # pixels of the crop it looks at, and the unit of its landmarks
_CONVOLUTIONS = (tflite.BuiltinOperator.CONV_2D, tflite.BuiltinOperator.DEPTHWISE_CONV_2D)

Array = NDArray[np.float32]
Json = dict[str, Any]

__all__ = ["MEMBER", "SIDE", "read_teacher", "weight_places"]


def read_teacher(content: bytes) -> HandNetwork:
    """MediaPipe's `hand_landmark_full` as a network of ours, which gives what it gives on crops of `SIDE` pixels.

    Args:
        content: of its file.

    Raises:
        SigncapError: it is another network.
    """
    network = HandNetwork()
    try:
        convolutions, dense = ([_values(content, place) for place in places] for places in weight_places(content))
        for layer, (weight, bias) in zip(network.convolutions(), convolutions, strict=True):
            _put(layer.weight, weight)
            _put(layer.bias, bias)
        handed, present, points, _world = dense  # in the order in which the file has them
        for head, (weight, bias), unit in (
            (network.presence, present, 1),
            (network.right, handed, 1),
            (network.points, points, SIDE),
        ):
            _put(head.weight, weight / unit)
            _put(head.bias, bias / unit)
    except (ValueError, KeyError, IndexError, TypeError, struct.error) as error:
        raise SigncapError("This is not MediaPipe's hand_landmark_full: fetch the hand model anew.") from error
    return network


def _put(parameter: Tensor | nn.Parameter, values: NDArray[Any]) -> None:
    if tuple(parameter.shape) != values.shape:
        raise ValueError(f"a tensor of shape {values.shape} where {tuple(parameter.shape)} was expected")
    with torch.no_grad():
        parameter.copy_(torch.from_numpy(values.astype(np.float32)))


def weight_places(content: bytes) -> tuple[list[Json], list[Json]]:
    """Where in the file weights and biases of each convolution and of each dense layer are, in the order of the file.

    Returns:
        Of each layer `weight` and `bias` (bytes from the beginning, half floats), the weight's `shape` in the file,
        and the order of `axes` in which it is wanted: channels out, channels in, rows, columns.
    """
    model = tflite.Model.GetRootAs(content, 0)
    graph = model.Subgraphs(0)
    stored: dict[int, int] = {}  # by the tensor of floats that is made of it
    convolutions, dense = [], []
    for number in range(graph.OperatorsLength()):
        operator = graph.Operators(number)
        code = model.OperatorCodes(operator.OpcodeIndex())
        kind = max(code.BuiltinCode(), code.DeprecatedBuiltinCode())
        inputs = operator.InputsAsNumpy()
        if kind == tflite.BuiltinOperator.DEQUANTIZE:  # weights are kept as half floats
            stored[operator.Outputs(0)] = inputs[0]
        elif kind in (*_CONVOLUTIONS, tflite.BuiltinOperator.FULLY_CONNECTED):
            weight, bias = stored[inputs[1]], stored[inputs[2]]
            place: Json = {
                "weight": _offset(model, graph, content, weight),
                "bias": _offset(model, graph, content, bias),
                "shape": graph.Tensors(weight).ShapeAsNumpy().tolist(),
            }
            if kind == tflite.BuiltinOperator.FULLY_CONNECTED:
                dense.append(place | {"axes": [0, 1]})
            else:  # ordinary: out, height, width, in; depthwise: 1, height, width, channels
                depthwise = kind == tflite.BuiltinOperator.DEPTHWISE_CONV_2D
                convolutions.append(place | {"axes": [3, 0, 1, 2] if depthwise else [0, 3, 1, 2]})
    return convolutions, dense


def _offset(model: Any, graph: Any, content: bytes, index: int) -> int:
    tensor = graph.Tensors(index)
    if tensor.Type() != tflite.TensorType.FLOAT16:
        raise ValueError("weights that are no half floats")
    values = model.Buffers(tensor.Buffer()).DataAsNumpy()
    offset = int(
        values.__array_interface__["data"][0] - np.frombuffer(content, np.uint8).__array_interface__["data"][0]
    )
    assert content[offset : offset + len(values)] == values.tobytes()
    return offset


def _values(content: bytes, place: Json) -> tuple[Array, Array]:
    shape, axes = place["shape"], place["axes"]
    weight = np.frombuffer(content, np.float16, math.prod(shape), place["weight"]).reshape(shape).transpose(axes)
    bias = np.frombuffer(content, np.float16, weight.shape[0], place["bias"])
    return weight.astype(np.float32), bias.astype(np.float32)
