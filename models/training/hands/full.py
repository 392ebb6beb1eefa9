"""MediaPipe's landmark network in 8 bits, as a graph without weights: `python -m models.training.hands.full --help`.

The weights are Google's and stay in the file that is fetched and checked on the user's machine, where they are
rounded when they are loaded. What is written here: at which byte of it each begins, and the range of what each layer
gives, measured on pictures.
"""

import json
import zipfile
from pathlib import Path
from typing import Annotated, Any, Final

import numpy as np
import onnx
import torch
import typer
from numpy.typing import NDArray
from onnx import numpy_helper
from torch import Tensor

from models.training.hands.augmentation import Away, look
from models.training.hands.export import as_tensor, hand_model
from models.training.hands.network import Bottleneck, Convolution, HandNetwork
from models.training.hands.palm import write_palm_graph
from models.training.hands.pictures import NOTHING, HandPictures, collect_pictures
from models.training.hands.teacher import MEMBER, SIDE, read_teacher, weight_places
from overlay.core.process.parallel import cores
from overlay.recognition.hands.hand_model import hand_model_path
from overlay.recognition.hands.tracker import NETWORK
from overlay.recognition.hands.weights import PLACES

BATCH: Final = 32
COMPARED: Final = 64  # crops on which both are compared
HEADS: Final = ("presence", "right", "points")

Json = dict[str, Any]


def measure_ranges(network: HandNetwork, pictures: HandPictures, crops: int, seed: int = 0) -> None:
    """Let a network count in 8 bits, between the numbers that come up on crops as the live path cuts them."""
    rng = np.random.default_rng([seed, 3])
    hands = np.flatnonzero(pictures.kinds != NOTHING)
    network.round()
    network.train()
    with torch.no_grad():
        for _ in range(max(crops // BATCH, 1)):
            network(as_tensor(_some(pictures, rng.choice(hands, BATCH), rng)))
    network.eval()


def correct_biases(network: HandNetwork, exact: HandNetwork, crops: NDArray[np.uint8]) -> list[NDArray[np.float32]]:
    """Take back by how much rounding shifts each channel, layer after layer (Nagel et al., 2019).

    Args:
        network: counts in 8 bits; its biases are changed.
        exact: the same in floats.
        crops: uint8 (N, SIDE, SIDE, 3) to compare both on.

    Returns:
        For each convolution what was added to its biases.
    """
    added = []

    def correct(layer: Convolution, twin: Convolution, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        wanted = twin(y)
        shift = (wanted - layer(x)).mean((0, 2, 3))
        # As many digits as are kept.
        shift = torch.from_numpy(np.array([float(f"{value:.3g}") for value in shift.tolist()], np.float32))
        layer.bias.add_(shift)
        added.append(shift.numpy())
        return layer(x), wanted

    with torch.no_grad():
        x = y = as_tensor(crops)
        for (_, stage), (_, twin) in zip(network.stages(), exact.stages(), strict=True):
            if isinstance(stage, Convolution) and isinstance(twin, Convolution):
                x, y = correct(stage, twin, x, y)
            elif isinstance(stage, Bottleneck) and isinstance(twin, Bottleneck):
                kept, kept_exact = x, y
                for part in ("widen", "depthwise", "narrow"):
                    x, y = correct(getattr(stage, part), getattr(twin, part), x, y)
                if stage.sum is not None:
                    x, y = stage.sum(x + kept), y + kept_exact
    return added


def crops_of(pictures: HandPictures, count: int, seed: int = 0) -> NDArray[np.uint8]:
    """So many crops as the live path cuts them, of hands chosen at random."""
    rng = np.random.default_rng([seed, 4])
    return _some(pictures, rng.choice(np.flatnonzero(pictures.kinds != NOTHING), count), rng)


def _some(pictures: HandPictures, numbers: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.uint8]:
    return np.stack(
        [
            look(
                pictures.pixels[number],
                pictures.landmarks[number],
                Away.random(rng),
                SIDE,
                mirror=bool(rng.random() < 0.5),
            )[0]
            for number in numbers
        ]
    )


def without_weights(
    network: HandNetwork, content: bytes, added: list[NDArray[np.float32]]
) -> tuple[onnx.ModelProto, list[Json]]:
    """The graph of MediaPipe's network, and where its weights are.

    Args:
        network: the one that `read_teacher` gives, with ranges measured or in floats.
        content: of the TensorFlow Lite file.
        added: what `correct_biases` gave.

    Returns:
        The graph, whose weights are to be given from outside, see `overlay.recognition.hands.weights`; an entry for
        each layer.
    """
    model = hand_model(network, SIDE, 1.0)
    steps = {
        node.input[0]: _value(model, node.input[1])
        for node in model.graph.node
        if node.op_type == "DequantizeLinear" and node.input[0].endswith(".whole")
    }
    behind = {node.output[0]: node.input[0] for node in model.graph.node if node.op_type == "DequantizeLinear"}
    convolutions = [node for node in model.graph.node if node.op_type == "Conv"]
    kernels, dense = weight_places(content)
    places: list[Json] = []
    for node, layer, place, shift in zip(convolutions, network.convolutions(), kernels, added, strict=True):
        step = float(steps[behind[node.input[0]]]) if layer.whole else None
        first = layer is network.convolutions()[0]
        places.append({"layer": node.name, **place, "step": step, "pixels": first})
        places[-1]["shift"] = [float(f"{value:.3g}") for value in shift.tolist()]
    for name, place in zip(HEADS, (dense[1], dense[0], dense[2]), strict=True):
        places.append({"layer": name, **place, "step": None, "unit": SIDE if name == "points" else 1})
    outside = {f"{place['layer']}{part}" for place in places for part in (".weight", ".bias", ".step", ".fine")}
    for tensor in model.graph.initializer:
        if tensor.name in outside:
            tensor.ClearField("raw_data")
            tensor.data_location = onnx.TensorProto.EXTERNAL
            tensor.external_data.add(key="location", value=MEMBER)
    return model, places


def _value(model: onnx.ModelProto, name: str) -> NDArray[np.float32]:
    (tensor,) = (tensor for tensor in model.graph.initializer if tensor.name == name)
    return np.asarray(numpy_helper.to_array(tensor), np.float32)


def prepare(
    bundle: Path, photographs: Path, close: Path | None, work: Path, *, signers: int, gesturing: int
) -> tuple[bytes, HandPictures]:
    """MediaPipe's landmark network, the content of its file, and pictures in which it has found the hands.

    Args:
        bundle: MediaPipe's `hand_landmarker.task`.
        photographs, close, work, signers, gesturing: as `collect_pictures` takes them.
    """
    with zipfile.ZipFile(bundle) as archive:
        content = archive.read(MEMBER)
    teacher = work / "teacher"
    teacher.mkdir(parents=True, exist_ok=True)
    write_palm_graph(bundle, teacher)
    onnx.save(hand_model(read_teacher(content), SIDE, 1.0), teacher / NETWORK)
    return content, collect_pictures(
        photographs, close, bundle, teacher, work, signers=signers, gesturing=gesturing, jobs=cores()
    )


def main(
    photographs: Annotated[Path, typer.Option(help="Folder of PERSON/LETTER/*.jpg.")],
    out: Annotated[Path, typer.Option(help="Folder for the graphs.")],
    close: Annotated[Path | None, typer.Option(help="Folder of PERSON/SIGN/*.jpg that a hand fills.")] = None,
    work: Annotated[Path, typer.Option(help="Folder for what can be used again.")] = Path("build/hands"),
    crops: Annotated[int, typer.Option(help="Crops that the ranges are measured on.")] = 640,
) -> None:
    """Measure the ranges, and write the graphs of both networks."""
    torch.set_num_threads(cores())
    bundle = hand_model_path()
    content, pictures = prepare(bundle, photographs, close, work, signers=60, gesturing=30)
    network = read_teacher(content)
    measure_ranges(network, pictures, crops)
    added = correct_biases(network, read_teacher(content).eval(), crops_of(pictures, COMPARED))
    model, places = without_weights(network, content, added)
    out.mkdir(parents=True, exist_ok=True)
    write_palm_graph(bundle, out)
    (out / NETWORK).write_bytes(model.SerializeToString())
    (out / PLACES).write_text(json.dumps(places, separators=(",", ":")) + "\n")
    print(f"Wrote {out / NETWORK} and {out / PLACES}.")


if __name__ == "__main__":
    typer.run(main)
