"""The landmark network as the live path runs it: an ONNX file that counts in 8 bits."""

from typing import Any, Final

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from models.training.hands.network import ACTIVATION_LEVELS, Convolution, HandNetwork, Rounding
from overlay.recognition.hands.tracker import SHARE
from overlay.recognition.hands.weights import LEAST, LEVELS, four_pixels_at_once

OPSET: Final = 17
INPUT: Final = "crop"
OUTPUTS: Final = ("points", "presence", "right")

Array = NDArray[Any]


def hand_model(network: HandNetwork, size: int, share: float) -> onnx.ModelProto:
    """The network as ONNX; layers that were trained as `rounded` count in 8 bits.

    Its input `crop` is uint8 (1, size, size, 3), blue-green-red as the camera gives it. It gives `points` (21, 3),
    0 to 1 across and down the crop, `presence` and `right`, from 0 to 1.

    Where 8 bits are used, what ReLU6 gives is written as 0 to 255 at once, without a step for the clipping, which
    ONNX Runtime would take out of the whole numbers and back again.

    Args:
        network: which.
        size: side of the crop in pixels.
        share: side of the crop over that of MediaPipe's square.
    """
    nodes, weights = [], []
    steps: dict[str, np.float32] = {}  # between neighbouring numbers, of what is in whole ones

    def constant(name: str, values: Array) -> str:
        weights.append(numpy_helper.from_array(np.array(values, order="C"), name))
        return name

    def add(kind: str, inputs: list[str], output: str, **attributes: Any) -> str:
        nodes.append(helper.make_node(kind, inputs, [output], name=output, **attributes))
        return output

    def convolve(x: str, layer: Convolution, name: str, side: int) -> tuple[str, int]:
        weight = layer.weight.detach().numpy()
        bias = layer.bias.detach().numpy()
        shape = {"kernel_shape": [layer.kernel] * 2, "strides": [layer.stride] * 2}
        before, after = layer.padding(side)
        pads = [before, before, after, after]
        if name == "entrance0":  # takes bytes, and in the camera's order of colours
            weight = weight[:, ::-1] / 255
            if layer.whole:
                weight, bias = four_pixels_at_once(weight), np.tile(bias, 2)
                shape = {"kernel_shape": [3, 2], "strides": [2, 1]}
        if layer.whole:
            step = np.maximum(np.abs(weight).max((1, 2, 3)), LEAST) / LEVELS
            whole = np.rint(weight / step[:, None, None, None]).astype(np.int8)
            scale, zero = constant(f"{name}.step", step), constant(f"{name}.zero", np.zeros(len(step), np.int8))
            kernel = add(
                "DequantizeLinear", [constant(f"{name}.weight", whole), scale, zero], f"{name}.kernel", axis=0
            )
            fine = step * steps[x]
            whole = np.rint(bias / fine).astype(np.int32)
            scale, zero = constant(f"{name}.fine", fine), constant(f"{name}.none", np.zeros(len(fine), np.int32))
            offset = add("DequantizeLinear", [constant(f"{name}.bias", whole), scale, zero], f"{name}.offset", axis=0)
        else:
            kernel, offset = constant(f"{name}.weight", weight), constant(f"{name}.bias", bias)
        y = add(
            "Conv",
            [x, kernel, offset],
            name,
            pads=pads,
            group=layer.groups,
            **shape,
        )
        if layer.relu and not layer.rounding.on:
            y = add("Clip", [y, "zero", "six"], f"{name}.clipped")
        side = -(-side // layer.stride)
        columns = (side, len(layer.bias)) if layer.whole and name == "entrance0" else None
        return rounded(y, layer.rounding, columns), side

    def rounded(x: str, rounding: Rounding, columns: tuple[int, int] | None = None) -> str:
        """From 0 to 255, and back: ONNX Runtime makes whole-number arithmetic of what is between two of these.

        With `columns`, a side and a number of channels, what two columns at once came out as is put side by side.
        """
        if not rounding.on:
            return x
        low, high = float(rounding.low), float(rounding.high)
        step = np.float32((high - low) / ACTIVATION_LEVELS)
        scale, zero = (
            constant(f"{x}.scale", np.asarray(step)),
            constant(f"{x}.from", np.rint(-low / step).astype(np.uint8)),
        )
        y = add("QuantizeLinear", [x, scale, zero], f"{x}.whole")
        if columns is not None:
            square, channels = columns
            y = add("Transpose", [y], f"{x}.pairs", perm=[0, 2, 3, 1])
            y = add("Reshape", [y, constant(f"{x}.apart", np.array([1, square, square, channels]))], f"{x}.columns")
            y = add("Transpose", [y], f"{x}.planes", perm=[0, 3, 1, 2])
        y = add("DequantizeLinear", [y, scale, zero], f"{x}.back")
        steps[y] = step
        return y

    if not network.convolutions()[-1].rounding.on:
        constant("zero", np.array(0, np.float32))
        constant("six", np.array(6, np.float32))
    if network.convolutions()[0].whole:
        if size % 4:
            raise ValueError(f"the side must be a multiple of 4, not {size}")
        x = add("Reshape", [INPUT, constant("fours", np.array([1, size, size // 4, 12]))], "grouped")
        x = add("Transpose", [x], "planes", perm=[0, 3, 1, 2])
        x = add(
            "DequantizeLinear",
            [x, constant("unit", np.array(1, np.float32)), constant("nothing", np.array(0, np.uint8))],
            "bytes",
        )
        steps[x] = np.float32(1)
    else:
        x = add("Cast", [INPUT], "float", to=TensorProto.FLOAT)
        x = add("Transpose", [x], "planes", perm=[0, 3, 1, 2])
    side = size
    for name, stage in network.stages():
        if isinstance(stage, Convolution):
            x, side = convolve(x, stage, name, side)
            continue
        before = x
        for part, layer in (("widen", stage.widen), ("depthwise", stage.depthwise), ("narrow", stage.narrow)):
            x, side = convolve(x, layer, f"{name}.{part}", side)
        if stage.sum is not None:
            x = rounded(add("Add", [x, before], f"{name}.sum"), stage.sum)
    x = add("ReduceMean", [x], "feature", axes=[2, 3], keepdims=0)
    shapes: tuple[list[int], ...] = ([21, 3], [1], [1])
    for name, head, shape_of in zip(OUTPUTS, (network.points, network.presence, network.right), shapes, strict=True):
        inputs = [x, constant(f"{name}.weight", head.weight.detach().numpy())]
        inputs.append(constant(f"{name}.bias", head.bias.detach().numpy()))
        y = add("Gemm", inputs, f"{name}.dense", transB=1)
        y = add("Sigmoid", [y], f"{name}.sure") if name != "points" else y
        add("Reshape", [y, constant(f"{name}.shape", np.array(shape_of, np.int64))], name)
    graph = helper.make_graph(
        nodes,
        "hand landmarks",
        [helper.make_tensor_value_info(INPUT, TensorProto.UINT8, [1, size, size, 3])],
        [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
            for name, shape in zip(OUTPUTS, shapes, strict=True)
        ],
        weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="signcap")
    model.ir_version = 8  # what ONNX Runtime 1.20 reads
    model.metadata_props.add(key=SHARE, value=str(share))
    onnx.checker.check_model(model)
    return model


def as_tensor(crops: NDArray[np.uint8]) -> torch.Tensor:
    """Crops uint8 (N, S, S, 3), blue-green-red, as the network takes them in training: (N, 3, S, S), RGB, 0 to 1."""
    planes = torch.from_numpy(np.ascontiguousarray(crops[..., ::-1])).permute(0, 3, 1, 2).float()
    return planes.contiguous(memory_format=torch.channels_last) / 255
