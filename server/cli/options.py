"""Options that several commands have."""

from pathlib import Path
from typing import Annotated

import typer

from overlay.core.event_log import set_log_level
from overlay.recognition.hands.detector_choice import choose_way

SourceOption = Annotated[
    str | None,
    typer.Option(
        "--source",
        metavar="demo|NUMBER|PATH|pipewire:NAME",
        help="A camera by its number, path or PipeWire name, a video file, or the demo. Default: the first camera.",
        show_default=False,
    ),
]
TextOption = Annotated[str | None, typer.Option("--text", help="What the demo spells.", show_default=False)]
ModelOption = Annotated[
    Path | None, typer.Option("--model", help="Folder of a recogniser. Default: the shipped one.", show_default=False)
]
HandModelOption = Annotated[
    Path | None,
    typer.Option(
        "--hand-model",
        help="MediaPipe's hand_landmarker.task, or the wheel of mediapipe 0.10.21 that holds it. Default: fetched on "
        "first use.",
        show_default=False,
    ),
]
AssistedOption = Annotated[
    bool | None,
    typer.Option(
        "--assisted/--as-spelled",
        help="Correct words that were probably misread, or leave them as they were spelled. Default: as the settings "
        "say.",
        show_default=False,
    ),
]
FlipOption = Annotated[
    bool | None,
    typer.Option(
        "--flip/--no-flip",
        help="Turn round a source that gives its pictures as in a mirror; captions stay upright. Default: as the "
        "settings say.",
        show_default=False,
    ),
]
HandsOption = Annotated[
    str | None,
    typer.Option(
        "--hands",
        metavar="signcap|mediapipe",
        help="What finds the hand: Signcap's own tracker, or MediaPipe's, which costs twice as much. "
        "Default: signcap.",
        show_default=False,
        callback=choose_way,
    ),
]
LogLevelOption = Annotated[
    str | None,
    typer.Option(
        "--log-level",
        metavar="debug|info|warning|error",
        help="Write a log to standard error, for bug reports. It never contains captions. Default: what goes wrong.",
        show_default=False,
        callback=set_log_level,
    ),
]
