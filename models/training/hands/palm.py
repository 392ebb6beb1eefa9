"""MediaPipe's palm detector as a graph for ONNX Runtime that holds no weights.

See `python -m models.training.hands.palm --help`.

The weights are Google's and stay where they are, in the file that is fetched and checked on the user's machine. What
is written here says at which byte of it each of them begins.
"""

import json
import zipfile
from pathlib import Path
from typing import Annotated, Any, Final

import numpy as np
import onnx
import tflite
import typer
from onnx import TensorProto, helper, numpy_helper

from overlay.recognition.hands.hand_model import hand_model_path
from overlay.recognition.hands.palm_detector import GRAPH, MEMBER, PLACES, SIDE

OPSET: Final = 17
_KINDS = {code: name for name, code in vars(tflite.BuiltinOperator).items() if isinstance(code, int)}
_SAME = tflite.Padding.SAME

Json = dict[str, Any]


def convert(content: bytes) -> tuple[onnx.ModelProto, list[Json]]:
    """The graph of a palm detector, and where its weights are.

    Args:
        content: of the TensorFlow Lite file.

    Returns:
        A graph whose weights are to be given from outside as half floats; `name`, `offset` in bytes and `shape` of
        each of them.
    """
    return _Conversion(content).done()


class _Conversion:
    """One graph, operator after operator; pictures are (channels, rows, columns), which TensorFlow turns round."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._model = tflite.Model.GetRootAs(content, 0)
        self._graph = self._model.Subgraphs(0)
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []
        self._places: list[Json] = []
        self._names: dict[int, str] = {}

    def done(self) -> tuple[onnx.ModelProto, list[Json]]:
        crop = self._graph.Inputs(0)
        # Takes the camera's bytes: blue-green-red, rows of columns of colours.
        self._add("Cast", ["picture"], "float", to=TensorProto.FLOAT)
        self._add("Mul", ["float", self._constant("unit", np.array(1 / 255, np.float32))], "scaled")
        self._add("Gather", ["scaled", self._constant("rgb", np.array([2, 1, 0], np.int64))], "coloured", axis=3)
        self._names[crop] = self._add("Transpose", ["coloured"], "planes", perm=[0, 3, 1, 2])
        for number in range(self._graph.OperatorsLength()):
            self._convert(self._graph.Operators(number))
        outputs = []
        for index, name in zip(self._graph.OutputsAsNumpy(), ("boxes", "scores"), strict=True):
            shape = self._graph.Tensors(index).ShapeAsNumpy().tolist()
            self._add("Identity", [self._names[index]], name)
            outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))
        picture = helper.make_tensor_value_info("picture", TensorProto.UINT8, [1, SIDE, SIDE, 3])
        graph = helper.make_graph(self._nodes, "palms", [picture], outputs, self._constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="signcap")
        model.ir_version = 8
        return model, self._places

    def _convert(self, operator: Any) -> None:
        code = self._model.OperatorCodes(operator.OpcodeIndex())
        kind = _KINDS[max(code.BuiltinCode(), code.DeprecatedBuiltinCode())]
        inputs, output = operator.InputsAsNumpy().tolist(), operator.Outputs(0)
        name = f"t{output}"
        options = operator.BuiltinOptions()
        if kind == "DEQUANTIZE":
            self._names[output] = self._weight(inputs[0], name)
            return
        match kind:
            case "CONV_2D" | "DEPTHWISE_CONV_2D":
                result = self._convolution(kind, inputs, name, options)
            case "ADD":
                result = self._add("Add", [self._names[index] for index in inputs], name)
            case "PRELU":
                slope = self._add("Transpose", [self._names[inputs[1]]], f"{name}.slope", perm=[2, 0, 1])
                result = self._add("PRelu", [self._names[inputs[0]], slope], name)
            case "MAX_POOL_2D":
                pool = tflite.Pool2DOptions()
                pool.Init(options.Bytes, options.Pos)
                sides, strides = [pool.FilterHeight(), pool.FilterWidth()], [pool.StrideH(), pool.StrideW()]
                result = self._add("MaxPool", [self._names[inputs[0]]], name, kernel_shape=sides, strides=strides)
            case "PAD":
                before, after = self._values(inputs[1]).reshape(-1, 2)[[0, 3, 1, 2]].T.tolist()
                pads = self._constant(f"{name}.pads", np.array(before + after, np.int64))
                result = self._add("Pad", [self._names[inputs[0]], pads], name)
            case "RESIZE_BILINEAR":
                result = self._resized(inputs, output, name, options)
            case "RESHAPE":
                shape = self._constant(f"{name}.shape", self._values(inputs[1]).astype(np.int64))
                last = self._add("Transpose", [self._names[inputs[0]]], f"{name}.last", perm=[0, 2, 3, 1])
                result = self._add("Reshape", [last, shape], name)
            case "CONCATENATION":
                result = self._add("Concat", [self._names[index] for index in inputs], name, axis=1)
            case _:
                raise ValueError(f"a palm detector with {kind} is not known here")
        self._names[output] = result

    def _convolution(self, kind: str, inputs: list[int], name: str, options: Any) -> str:
        depthwise = kind == "DEPTHWISE_CONV_2D"
        convolution = tflite.DepthwiseConv2DOptions() if depthwise else tflite.Conv2DOptions()
        convolution.Init(options.Bytes, options.Pos)
        if convolution.FusedActivationFunction() != tflite.ActivationFunctionType.NONE:
            raise ValueError("a palm detector whose convolutions are followed by more than PReLU is not known here")
        perm = [3, 0, 1, 2] if depthwise else [0, 3, 1, 2]
        kernel = self._add("Transpose", [self._names[inputs[1]]], f"{name}.kernel", perm=perm)
        side, stride = self._graph.Tensors(inputs[1]).ShapeAsNumpy()[1], convolution.StrideH()
        before = after = 0
        if convolution.Padding() == _SAME:
            rows = int(self._graph.Tensors(inputs[0]).ShapeAsNumpy()[1])
            total = max((-(-rows // stride) - 1) * stride + int(side) - rows, 0)
            before, after = total // 2, total - total // 2
        channels = int(self._graph.Tensors(inputs[1]).ShapeAsNumpy()[3])
        return self._add(
            "Conv",
            [self._names[inputs[0]], kernel, self._names[inputs[2]]],
            name,
            strides=[stride] * 2,
            pads=[before, before, after, after],
            group=channels if depthwise else 1,
        )

    def _resized(self, inputs: list[int], output: int, name: str, options: Any) -> str:
        resize = tflite.ResizeBilinearOptions()
        resize.Init(options.Bytes, options.Pos)
        half, corners = resize.HalfPixelCenters(), resize.AlignCorners()
        mode = "half_pixel" if half else "align_corners" if corners else "asymmetric"
        shape = self._graph.Tensors(output).ShapeAsNumpy()[[0, 3, 1, 2]].astype(np.int64)
        inputs_of = [self._names[inputs[0]], "", "", self._constant(f"{name}.shape", shape)]
        return self._add("Resize", inputs_of, name, mode="linear", coordinate_transformation_mode=mode)

    def _add(self, kind: str, inputs: list[str], output: str, **attributes: Any) -> str:
        self._nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    def _constant(self, name: str, values: Any) -> str:
        self._constants.append(numpy_helper.from_array(values, name))
        return name

    def _values(self, index: int) -> Any:
        return self._model.Buffers(self._graph.Tensors(index).Buffer()).DataAsNumpy().view(np.int32)

    def _weight(self, index: int, name: str) -> str:
        """A weight that is given from outside, in half floats, as the file has it."""
        tensor = self._graph.Tensors(index)
        buffer = self._model.Buffers(tensor.Buffer())
        if tensor.Type() != tflite.TensorType.FLOAT16:
            raise ValueError("a palm detector whose weights are no half floats is not known here")
        shape = tensor.ShapeAsNumpy().tolist()
        stored = buffer.DataAsNumpy()
        begins = np.frombuffer(self._content, np.uint8)
        offset = stored.__array_interface__["data"][0] - begins.__array_interface__["data"][0]
        assert self._content[offset : offset + len(stored)] == stored.tobytes()
        half = f"{name}.half"
        self._places.append({"name": half, "offset": offset, "shape": shape})
        declared = TensorProto(name=half, data_type=TensorProto.FLOAT16, dims=shape)
        declared.data_location = TensorProto.EXTERNAL
        for key, value in (("location", MEMBER), ("offset", offset), ("length", len(stored))):
            declared.external_data.add(key=key, value=str(value))
        self._constants.append(declared)
        return self._add("Cast", [half], name, to=TensorProto.FLOAT)


def write_palm_graph(bundle: Path, out: Path) -> None:
    """Write the graph of a bundle's palm detector, and where its weights are, to a folder."""
    with zipfile.ZipFile(bundle) as archive:
        model, places = convert(archive.read(MEMBER))
    (out / GRAPH).write_bytes(model.SerializeToString())
    (out / PLACES).write_text(json.dumps(places, separators=(",", ":")) + "\n")


def main(
    out: Annotated[Path, typer.Option(help="Folder for the graph and the places of its weights.")],
    hand_model: Annotated[Path | None, typer.Option(help="MediaPipe's hand_landmarker.task.")] = None,
) -> None:
    """Write the palm detector's graph."""
    out.mkdir(parents=True, exist_ok=True)
    write_palm_graph(hand_model_path(hand_model), out)
    print(f"Wrote {out / GRAPH} and {out / PLACES}.")


if __name__ == "__main__":
    typer.run(main)
