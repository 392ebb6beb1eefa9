"""MediaPipe's landmark network in 8 bits, as a graph without weights: `python -m models.training.hands.full --help`.

The weights are Google's and stay in the file that is fetched and checked on the user's machine, where they are
rounded when they are loaded. What is written here: at which byte of it each begins, and the range of what each layer
gives, measured on pictures.
"""

import copy
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
from models.training.hands.equalisation import Gains, equalised
from models.training.hands.export import as_tensor, hand_model
from models.training.hands.network import Bottleneck, Convolution, HandNetwork
from models.training.hands.palm import write_palm_graph
from models.training.hands.pictures import NOTHING, HandPictures, collect_pictures
from models.training.hands.pruning import HEADS, Kept, chosen, looked_at, pruned, useful_channels
from models.training.hands.teacher import MEMBER, SIDE, read_teacher, weight_places
from overlay.core.process.parallel import cores
from overlay.recognition.hands.hand_model import hand_model_path
from overlay.recognition.hands.tracker import NETWORK
from overlay.recognition.hands.weights import PLACES

BATCH: Final = 32
COMPARED: Final = 64  # crops on which both are compared
DOUBTED: Final = 3.0  # logits to either side: a hand with a probability of 5 to 95 %

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


def correct_biases(network: HandNetwork, exact: HandNetwork, crops: NDArray[np.uint8]) -> None:
    """Take back by how much rounding shifts each channel, layer after layer (Nagel et al., 2019).

    Args:
        network: counts in 8 bits; its biases are changed.
        exact: the same in floats.
        crops: uint8 (N, SIDE, SIDE, 3) to compare both on.
    """

    def correct(layer: Convolution, twin: Convolution, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        wanted = twin(y)
        layer.bias.add_((wanted - layer(x)).mean((0, 2, 3)))
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
        answers = zip(network.heads(x.mean((2, 3))), exact.heads(y.mean((2, 3))), strict=True)
        for name, (given, wanted) in zip(HEADS, answers, strict=True):
            network.layers()[name].bias.add_((wanted - given).reshape(len(given), -1).mean(0))


@torch.no_grad()
def correct_presence(network: HandNetwork, exact: HandNetwork, crops: NDArray[np.uint8]) -> None:
    """Take back by how much rounding makes a network surer, or less sure, of hands that may be none.

    Args:
        network: counts in 8 bits; the bias of its presence is changed.
        exact: the same in floats.
        crops: uint8 (N, SIDE, SIDE, 3), hands and what is beside them.
    """
    given, wanted = (
        torch.cat([one(as_tensor(crops[start : start + BATCH]))[1] for start in range(0, len(crops), BATCH)])
        for one in (network, exact)
    )
    doubted = wanted.abs() < DOUBTED
    if doubted.any():
        network.presence.bias.add_((wanted - given)[doubted].mean())


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
    network: HandNetwork, source: HandNetwork, kept: Kept, gains: Gains, content: bytes
) -> tuple[onnx.ModelProto, list[Json]]:
    """The graph of MediaPipe's network, and where its weights are.

    Args:
        network: what was made of it, with ranges measured and biases corrected.
        source: the one that `read_teacher` gives.
        kept: the channels that are left of it.
        gains: what `equalised` gave.
        content: of the TensorFlow Lite file.

    Returns:
        The graph, whose weights are to be given from outside, see `overlay.recognition.hands.weights`; an entry for
        each layer.
    """
    model = hand_model(network, SIDE, 1.0)
    steps = {
        node.output[0]: float(_value(model, node.input[1]))
        for node in model.graph.node
        if node.op_type == "DequantizeLinear" and not node.output[0].endswith((".kernel", ".offset"))
    }
    entering = {node.output[0]: node.input[0] for node in model.graph.node if node.op_type == "Conv"}
    kernels, dense = weight_places(content)
    handed, present, points, _world = dense  # in the order in which the file has them
    by_layer, layers, lean = kept.by_layer(), source.layers(), network.layers()
    places: list[Json] = []
    divided: Tensor | None = None  # by what the layer before was multiplied with
    for (name, layer), place in zip(layers.items(), (*kernels, present, handed, points), strict=True):
        channels, gain = by_layer[name], gains.get(name)
        unit = SIDE if name == "points" else 1
        bias = chosen(layer.bias.detach(), channels.out, 0) * (1 if gain is None else gain)
        shift = (lean[name].bias.detach() - bias) * unit
        places.append(
            {
                "layer": name,
                **place,
                "out": channels.out,
                "in": channels.into,
                "gain": None if gain is None else gain.int().tolist(),
                "divided": None if divided is None else divided.int().tolist(),
                "step": steps[entering[name]] if name in entering else None,
                "pixels": name == "entrance0",
                "unit": unit,
                "shift": [float(f"{value:.3g}") for value in shift.tolist()],
            }
        )
        divided = gain
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
    content, pictures = prepare(bundle, photographs, close, work, signers=120, gesturing=50)
    source = read_teacher(content).eval()
    looked = looked_at(pictures, crops)
    kept = useful_channels(source, looked)
    lean, gains = equalised(pruned(source, kept), looked)
    network = copy.deepcopy(lean)
    measure_ranges(network, pictures, crops)
    correct_biases(network, lean, crops_of(pictures, COMPARED))
    correct_presence(network, lean, looked)
    model, places = without_weights(network, source, kept, gains, content)
    out.mkdir(parents=True, exist_ok=True)
    write_palm_graph(bundle, out)
    (out / NETWORK).write_bytes(model.SerializeToString())
    (out / PLACES).write_text(json.dumps(places, separators=(",", ":")) + "\n")
    print(f"Wrote {out / NETWORK} and {out / PLACES}.")


if __name__ == "__main__":
    typer.run(main)
