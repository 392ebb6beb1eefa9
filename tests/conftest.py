"""What several test modules share."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from unittest import mock

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

from overlay.enrolment.clip import EnrolmentClip
from overlay.media.frame import Frame
from overlay.recognition.features import FeatureExtractor
from overlay.recognition.hands.detector_choice import open_detector
from overlay.recognition.hands.hand_model import hand_model_path
from overlay.recognition.letter_model import LetterModel
from overlay.synthesis.signer import SignerLook, SyntheticSigner

# How long an example takes says how busy the machine is, and nothing of what is tested.
settings.register_profile("at any speed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("at any speed")

# For PyTorch, here and in processes that tests start: of several tests at a time, threads would only wait.
os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.fixture(autouse=True)
def own_profiles(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes profiles, secrets or videos of the person who runs it."""
    videos = tmp_path_factory.getbasetemp() / "user-videos"
    videos.mkdir(exist_ok=True)
    monkeypatch.setenv("XDG_VIDEOS_DIR", str(videos))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path_factory.getbasetemp() / "user-data"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path_factory.getbasetemp() / "user-state"))


@pytest.fixture
def here(
    capfd: pytest.CaptureFixture[str],
) -> Callable[..., "subprocess.CompletedProcess[str]"]:
    """Runs a command line in this process: its status and what it says, without a second for each to be imported.

    Arguments by name go into the environment. Handlers of signals are afterwards what they were.
    """

    def run(*arguments: object, **environment: str) -> "subprocess.CompletedProcess[str]":
        from server.cli import main as cli

        line = ["signcap", *map(str, arguments)]
        # What a command sets for the processes that it starts goes with it.
        with mock.patch.dict(os.environ), pytest.MonkeyPatch.context() as patch:
            for name, value in ({"NO_COLOR": "1", "COLUMNS": "250"} | environment).items():
                patch.setenv(name, value)
            patch.setattr(sys, "argv", line)
            capfd.readouterr()
            status: object = 0
            handlers = {number: signal.getsignal(number) for number in signal.valid_signals()}
            try:
                cli.main()
            except SystemExit as end:
                status = end.code
            finally:
                for number, handler in handlers.items():
                    if signal.getsignal(number) is not handler and handler is not None:
                        signal.signal(number, handler)
            out, err = capfd.readouterr()
        return subprocess.CompletedProcess(line, status if isinstance(status, int) else 0, out, err)

    return run


@pytest.fixture(scope="session")
def hand_model() -> Path:
    """The real hand model, from the user's cache: fetched only where it never was before."""
    return hand_model_path()


@pytest.fixture(scope="session")
def odd_look() -> SignerLook:
    """A synthetic signer with a broad palm, short fingers and letters of her own: hard to read."""
    return SignerLook(finger_length=0.72, thumb_length=0.75, palm_width=1.3, pose_jitter=11.0, style=11)


@pytest.fixture(scope="session")
def letter_model() -> LetterModel:
    """The shipped model."""
    return LetterModel()


@pytest.fixture(scope="session")
def watch(
    hand_model: Path, letter_model: LetterModel, odd_look: SignerLook
) -> Iterator[Callable[..., EnrolmentClip]]:
    """Makes takes of the odd signer before a camera: a letter that is held, or a text that is spelled."""
    finder, clock = open_detector(hand_model), count(1)

    def take(text: str, *, seed: int = 0, seconds: float = 1.1, speed: float = 3.0, rate: int = 10) -> EnrolmentClip:
        held = len(text) == 1
        speed = 0.6 / seconds if held else speed
        signer = SyntheticSigner(
            text, letters_per_second=speed, seed=seed, look=odd_look, size=(320, 240), lead=0.4, tail=0.5
        )
        _, start, end = signer.letters[0]
        extractor = FeatureExtractor(letter_model)
        frames = []
        for at in np.arange(start if held else 0.0, end if held else signer.duration, 1 / rate):
            frame = Frame(signer.render(float(at)), len(frames), float(at))
            hand = finder.find(frame.pixels, next(clock) / rate)
            frames.append((frame.at, None if hand is None else extractor.sample(frame, hand)))
        return EnrolmentClip(text, tuple(frames))

    yield take
    finder.close()
