"""Arguments that several commands share."""

from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from overlay.core.errors import SigncapError
from overlay.recognition.hands.detector_choice import choose_way

DataArgument = Annotated[
    Path,
    typer.Argument(metavar="DIR", help="Folder of pictures, split by `signcap split`.", show_default=False),
]
NetworkOption = Annotated[
    str, typer.Option("--network", metavar="NAME", help="cnn, enhanced-cnn, cnn-rnn or cnn-lstm.")
]
RunsOption = Annotated[Path, typer.Option("--runs", metavar="DIR", help="Where runs are kept.")]
ClipOption = Annotated[
    int, typer.Option(min=1, help="Frames of a take that the CNN-RNN learns from at once; 1: pictures, held.")
]

WandbOption = Annotated[bool, typer.Option("--wandb/--no-wandb", help="For who is logged in there.")]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")]
WorkersOption = Annotated[
    int | None, typer.Option(min=0, help="Processes that load pictures. Default: by cores.", show_default=False)
]
JobsOption = Annotated[
    int | None, typer.Option("--jobs", min=1, help="Processes. Default: one a core.", show_default=False)
]
HandModelOption = Annotated[
    Path | None,
    typer.Option(
        "--hand-model", help="MediaPipe's hand_landmarker.task. Default: fetched on first use.", show_default=False
    ),
]
HandsOption = Annotated[
    str | None,
    typer.Option(
        "--hands",
        metavar="signcap|mediapipe",
        help="What finds the hand. Default: signcap, Signcap's own tracker.",
        show_default=False,
        callback=choose_way,
    ),
]


def parse_aspect(option: str, words: str) -> float:
    """16:9 as a number.

    Raises:
        SigncapError: it is nothing of the kind.
    """
    width, _, height = words.partition(":")
    try:
        aspect = float(width) / float(height or 1)
    except (ValueError, ZeroDivisionError):
        aspect = 0.0
    if not 0.1 <= aspect <= 10:
        raise SigncapError(f"{option} {words} is no shape of a picture: give width and height, such as 16:9.")
    return aspect


def needs_torch() -> None:
    """Say in one sentence what is missing where Signcap was installed to run only.

    Raises:
        SigncapError: the extra `train` is not installed.
    """
    _need("Training", "torch", "lightning_fabric", "safetensors", "onnx", "optuna")


def needs_pyarrow() -> None:
    """Say in one sentence what is missing where Parquet files cannot be read.

    Raises:
        SigncapError: the extra `train` is not installed.
    """
    _need("Importing", "pyarrow")


def _need(what: str, *libraries: str) -> None:
    if not all(find_spec(name) for name in libraries):
        raise SigncapError(
            f"{what} needs more than running does: install it with `./setup.sh --train`, "
            "or `pip install 'signcap[train]'`."
        )
