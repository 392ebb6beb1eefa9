"""The choice between the hand detectors."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, get_args

from overlay.core.errors import SigncapError
from overlay.recognition.hands.hand_model import cached_bundle, is_intact

if TYPE_CHECKING:
    from overlay.recognition.hands.hand_detector import HandDetector

Way = Literal["signcap", "mediapipe"]
ENVIRONMENT: Final = "SIGNCAP_HANDS"


def chosen_way() -> Way | None:
    """Return the detector that SIGNCAP_HANDS, which `--hands` sets, asks for; None where it asks for none.

    Raises:
        SigncapError: it asks for what there is not.
    """
    match os.environ.get(ENVIRONMENT):
        case None | "":
            return None
        case "signcap" | "mediapipe" as way:
            return way
        case other:
            raise SigncapError(f"{ENVIRONMENT} is {other}: set it to {' or '.join(get_args(Way))}, or leave it out.")


def choose_way(way: str | None) -> str | None:
    """Make this process, and those that it starts, find hands in this way; None leaves it as it is.

    Raises:
        SigncapError: there is no such way.
    """
    if way is not None:
        if way not in get_args(Way):
            raise SigncapError(f"--hands is {way}: choose {' or '.join(get_args(Way))}.")
        os.environ[ENVIRONMENT] = way
    return way


def preload(bundle: Path | None = None) -> None:
    """Load what finding hands needs, so that it is there when it is asked for; nothing is fetched.

    Args:
        bundle: the user's own `hand_landmarker.task`, or the wheel of the fetched one, which is the default.
    """
    if bundle is None or bundle.suffix == ".whl":
        bundle = cached_bundle()
    if chosen_way() == "mediapipe" or (bundle.exists() and not is_intact(bundle)):
        from overlay.recognition.hands.mediapipe_hands import preload as preload_mediapipe

        preload_mediapipe()
        return
    from overlay.recognition.hands.tracker import load_networks, shipped_networks

    if bundle.exists():
        load_networks(bundle, shipped_networks())


def open_detector(bundle: Path, *, video: bool = True, way: Way | None = None) -> "HandDetector":
    """Open a hand detector: Signcap's tracker, unless `mediapipe` is asked for or the bundle is not the usual one.

    Args:
        bundle: MediaPipe's `hand_landmarker.task`.
        video: False for pictures that have nothing to do with each other.
        way: which way; by default what the user asked for.

    Raises:
        SigncapError: a network cannot be loaded.
    """
    if _way_of(bundle, way or chosen_way()) == "mediapipe":
        from overlay.recognition.hands.mediapipe_hands import MediaPipeHands  # a quarter of a second, and 60 MB

        return MediaPipeHands(bundle, video=video)
    from overlay.recognition.hands.tracker import HandTracker

    return HandTracker(bundle, video=video)


def _way_of(bundle: Path, asked: Way | None) -> Way:
    """The palm detector's graph was made for one very file: other models are MediaPipe's to run."""
    if asked == "mediapipe":
        return asked
    if is_intact(bundle):
        return "signcap"
    if asked is None:
        return "mediapipe"
    raise SigncapError(
        f"{bundle} is another hand model than Signcap's tracker is made for: "
        "leave it out, or find hands with --hands mediapipe."
    )
