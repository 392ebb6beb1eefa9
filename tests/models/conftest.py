"""Pictures of people who do not exist, as collections on disk."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from models.training.data.crops.journal import Crop, Journal
from models.training.data.split.splitting import make_split, write_manifest
from models.training.data.tree import read_tree
from overlay.media.frame import Pixels
from overlay.recognition.crop import crop_hand
from overlay.recognition.hands.hand_detector import Hand
from overlay.synthesis.signer import SignerLook, SyntheticSigner

Photograph = Callable[..., Pixels]
DiskOf = Callable[[str], Path]

LETTERS_HELD = "ABCLY"
HELD, MOVED, RATE = 6, 12, 15.0  # pictures of a held letter, of a burst, and frames a second of that
BURST = "ann/J/001"


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


@pytest.fixture(scope="session")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """ann (right-handed) and bob (left-handed), A, B and L, two pictures each, as SIGNER/LETTER/*.jpg."""
    folder = tmp_path_factory.mktemp("rendered") / "pictures"
    for name, handedness in (("ann", "right"), ("bob", "left")):
        for letter in "ABL":
            (folder / name / letter).mkdir(parents=True)
            for index, part in enumerate((0.4, 0.6)):
                path = folder / name / letter / f"{index}.jpg"
                cv2.imwrite(str(path), render(letter, part=part, handedness=handedness))
    return folder


@pytest.fixture
def collection(rendered: Path, tmp_path: Path) -> Path:
    """The pictures of ann and bob, to be changed at will."""
    return Path(shutil.copytree(rendered, tmp_path / "pictures"))


@pytest.fixture
def disk_of(tmp_path: Path) -> Iterator[DiskOf]:
    """Mounts a disk of its own, of a size such as "100k"."""
    mounted: list[Path] = []

    def mount(size: str) -> Path:
        if sys.platform != "linux" or os.geteuid() != 0:
            pytest.skip("only root on Linux can mount a small disk")
        folder = tmp_path / "disk"
        folder.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"no disk can be mounted here: {done.stderr.strip()}")
        mounted.append(folder)
        return folder

    yield mount
    for folder in mounted:
        subprocess.run(["umount", str(folder)], check=True)


def _look(name: str) -> SignerLook:
    """Four signers; bob is left-handed."""
    look = SignerLook.random("ann bob cid dot".split().index(name) + 1)
    return replace(look, handedness="left" if name == "bob" else "right", hand_scale=1.3, place=(0.35, 0.5))


def _write_take(folder: Path, name: str, letter: str, count: int, journal: Journal) -> None:
    """One take of a letter as crops of 64×64, from the middle of the letter or, for a motion, over all of it."""
    look = _look(name)
    signer = SyntheticSigner(letter, look=look, letters_per_second=1.2, size=(320, 240))
    _, start, end = signer.letters[0]
    moments = start + np.arange(count) / RATE if letter == "J" else np.linspace(start, end, count + 2)[1:-1]
    take = folder / name / letter / "001"
    take.mkdir(parents=True)
    for index, at in enumerate(moments.tolist()):
        landmarks = signer.landmarks(at)
        assert landmarks is not None
        hand = Hand(landmarks.astype(np.float32), look.handedness, 0.9)
        crop = crop_hand(signer.render(at), hand, mirror=False, size=64)
        path = take / f"{index + 1:04}.jpg"
        cv2.imwrite(str(path), cv2.cvtColor(crop.pixels, cv2.COLOR_RGB2BGR))
        low, high = landmarks[:, :2].min(0), landmarks[:, :2].max(0)
        x, y = ((low + high) / 2).tolist()
        box = (x, y, 1.4 * float((high - low).max()))
        relative = path.relative_to(folder).as_posix()
        journal.add(Crop(relative, relative, (1, 1), 64, None, hand.handedness, 0.9, box, crop.landmarks))
    burst = count if letter == "J" else None
    frames = [{"file": f"{index + 1:04}.jpg", "at": index / RATE} for index in range(count)]
    (take / "take.json").write_text(json.dumps({"format": 1, "rate": 30.0, "burst": burst, "frames": frames}))


@pytest.fixture(scope="session")
def crops_of_four(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Crops of four signers, five letters, six pictures each, and a burst of J; split by signer. Only to read.

    ann and bob (left-handed) are trained on, cid is the validation, dot the test.
    """
    folder = tmp_path_factory.mktemp("four") / "crops"
    folder.mkdir()
    with Journal(folder) as journal:
        for name in ("ann", "bob", "cid", "dot"):
            for letter in LETTERS_HELD:
                _write_take(folder, name, letter, HELD, journal)
        _write_take(folder, "ann", "J", MOVED, journal)
    write_manifest(folder, make_split(read_tree(folder), "signer", validation_signers=["cid"], test_signers=["dot"]))
    return folder
