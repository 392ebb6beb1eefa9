"""`signcap enrol` as its users run it: in this process."""

import functools
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from overlay.enrolment.profile import Profiles
from overlay.synthesis.demo_source import DemoSource
from overlay.synthesis.signer import SignerLook, SyntheticSigner
from tests.server.unserved import Refused, refused

__all__ = ["refused"]

Here = Callable[..., "subprocess.CompletedProcess[str]"]

pytestmark = pytest.mark.integration


@pytest.fixture
def signcap(here: Here, tmp_path: Path) -> Here:
    """Runs the command line with profiles of its own."""
    return functools.partial(here, XDG_DATA_HOME=str(tmp_path / "user-data"))


@pytest.fixture
def pictures(tmp_path: Path, odd_look: SignerLook) -> Path:
    """Two of each of two letters, one that is damaged, one without a hand, and a J, which is motion."""
    folder = tmp_path / "pictures"
    for letter in "AI":
        signer = SyntheticSigner(letter, letters_per_second=1.0, look=odd_look, size=(480, 360))
        start = signer.letters[0].start
        (folder / letter).mkdir(parents=True)
        for number in range(2):
            cv2.imwrite(str(folder / letter / f"{number}.jpg"), signer.render(start + 0.1 * number + 0.1))
    (folder / "A" / "damaged.png").write_bytes(b"no picture")
    cv2.imwrite(str(folder / "I" / "empty.jpg"), np.full((120, 160, 3), 90, np.uint8))
    (folder / "j").mkdir()
    cv2.imwrite(str(folder / "j" / "still.jpg"), np.full((120, 160, 3), 90, np.uint8))
    return folder


@pytest.mark.slow
def test_pictures_enrol_and_the_profile_is_listed_switched_and_removed(
    signcap: Here, pictures: Path, tmp_path: Path
) -> None:
    done = signcap("enrol", "--name", "ann", "--pictures", pictures)
    assert done.returncode == 0, done.stderr
    assert "Left out: 1 files without a hand, 1 that cannot be read." in done.stderr
    profiles = Profiles(tmp_path / "user-data/signcap/profiles")
    profile = profiles.load("ann")
    assert profile.verdict in " ".join(done.stdout.split())
    assert profile.enrolled.letters == "AI"
    assert profile.enrolled.after <= profile.enrolled.before
    assert [path.name for path in profiles.folder.iterdir()] == ["ann.npz"]
    assert profile.on
    assert re.match(r"ann: on; misread \d of 2 before, \d now", signcap("enrol", "--list").stdout)
    assert signcap("enrol", "--off", "--name", "ann").stdout == "The profile ann is off.\n"
    assert not profiles.load("ann").on
    assert signcap("enrol", "--remove", "--name", "ann").returncode == 0
    assert profiles.names() == []
    assert "no profile yet" in signcap("enrol", "--list").stdout


@pytest.mark.slow
def test_the_demo_enrols_without_keys(
    signcap: Here, hand_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("overlay.synthesis.demo_source.DemoSource", functools.partial(DemoSource, size=(320, 240)))
    monkeypatch.setattr("overlay.synthesis.demo_source.RATE", 15.0)
    done = signcap(
        *("enrol", "--name", "ann", "--letters", "bc", "--seconds", 1, "--countdown", 0, "--source", "demo"),
        *("--text", "BABABABABABABABABABABABABABABABA"),
    )
    assert done.returncode == 0, done.stderr
    assert "B (1 of 2)" in done.stderr
    assert "C (2 of 2)" in done.stderr
    assert Profiles(tmp_path / "user-data/signcap/profiles").names() == ["ann"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["enrol"], "--name ann"),
        (["enrol", "--name", "a/b"], "A profile's name has"),
        (["enrol", "--name", "ann", "--letters", "AA"], "no letters to enrol"),
        (["enrol", "--name", "ann", "--seconds", "60"], "choose 1 to 10"),
        (["enrol", "--name", "ann", "--pictures", "not-there"], "cannot be read"),
        (["enrol", "--name", "ann", "--pictures", "."], "one folder for each letter"),
        (["enrol", "--name", "ann", "--pictures", ".", "--words"], "leave out"),
        (["enrol", "--name", "ann", "--off"], "There is no profile ann"),
        (["enrol", "--name", "ann", "--remove"], "There is no profile ann"),
        (["enrol", "--on", "--off", "--name", "ann"], "Choose one of"),
        (["--source", "demo", "--no-browser", "--profile", "ann"], "There is no profile ann"),
    ],
)
def test_what_is_wrong_is_one_sentence(
    refused: Refused, arguments: list[str], sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    failed = refused(*arguments, XDG_DATA_HOME=str(tmp_path / "user-data"))
    assert failed.returncode == 1
    assert sentence in failed.stderr
    assert len(failed.stderr.splitlines()) == 1
    assert failed.stdout == ""
