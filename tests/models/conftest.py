"""Pictures of people who do not exist, as collections on disk, and the commands as people run them."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import pytest

from overlay.frame import Pixels
from overlay.signer import SignerLook, SyntheticSigner

Photograph = Callable[..., Pixels]
Signcap = Callable[..., "subprocess.CompletedProcess[str]"]


def render(letter: str, *, part: float = 0.5, handedness: str = "right", seed: int | None = None) -> Pixels:
    """A held letter, BGR (240, 320, 3); `part` of the way from its beginning to its end."""
    look = SignerLook(handedness=handedness) if seed is None else SignerLook.random(seed)  # type: ignore[arg-type]
    signer = SyntheticSigner(letter, look=look, size=(320, 240))
    _, start, end = signer.letters[0]
    return signer.render(start + part * (end - start))


@pytest.fixture(scope="session")
def photograph() -> Photograph:
    """Renders a held letter."""
    return render


@pytest.fixture
def collection(tmp_path: Path) -> Path:
    """ann (right-handed) and bob (left-handed), A, B and L, two pictures each, as SIGNER/LETTER/*.jpg."""
    folder = tmp_path / "pictures"
    for name, handedness in (("ann", "right"), ("bob", "left")):
        for letter in "ABL":
            (folder / name / letter).mkdir(parents=True)
            for index, part in enumerate((0.4, 0.6)):
                path = folder / name / letter / f"{index}.jpg"
                cv2.imwrite(str(path), render(letter, part=part, handedness=handedness))
    return folder


@pytest.fixture
def signcap() -> Signcap:
    """Runs `signcap` as a process of its own, wide enough that no sentence is broken."""

    def run(*arguments: str | Path, **environment: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "server.cli", *map(str, arguments)],
            capture_output=True,
            text=True,
            check=False,
            env=os.environ | {"NO_COLOR": "1", "COLUMNS": "250"} | environment,
        )

    return run
