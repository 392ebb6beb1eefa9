"""`signcap samples` as people run it."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import cv2
import pytest

pytestmark = pytest.mark.integration

Signcap = Callable[..., "subprocess.CompletedProcess[str]"]


def test_it_draws_into_the_folder_and_never_writes_over_anything_unasked(collection: Path, here: Signcap) -> None:
    done = here("samples", collection, "--columns", "3")
    assert done.returncode == 0, done.stderr
    path = collection / "samples.png"
    assert done.stdout.strip() == str(path)
    few = path.read_bytes()
    again = here("samples", collection, "--columns", "4")
    assert again.returncode == 1
    assert "--force" in again.stderr
    assert again.stderr.count("\n") == 1
    assert path.read_bytes() == few
    assert here("samples", collection, "--columns", "4", "--force").returncode == 0
    assert cv2.imread(str(path)).shape[1] > cv2.imdecode(_array(few), cv2.IMREAD_COLOR).shape[1]


def test_another_place_and_one_signer(collection: Path, tmp_path: Path, here: Signcap) -> None:
    path = tmp_path / "grid.jpg"
    assert here("samples", collection, "--output", path, "--signer", "bob").returncode == 0
    assert path.read_bytes()[:3] == b"\xff\xd8\xff"
    for arguments, said in (
        (("--signer", "zoe"), "the signers are ann, bob"),
        (("--output", tmp_path / "absent" / "grid.png"), "choose another --output"),
        (("--output", tmp_path / "grid.gz"), "let it end in .png or .jpg"),
    ):
        done = here("samples", collection, *arguments)
        assert done.returncode == 1
        assert said in done.stderr


def _array(data: bytes) -> "cv2.typing.MatLike":
    import numpy as np

    return np.frombuffer(data, np.uint8)
