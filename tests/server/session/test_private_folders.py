"""Folders that Signcap makes are their owner's alone, those above them that it made too, whatever the umask."""

import os
import stat
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import cv2
import numpy as np
import pytest

from models.training.data.crops.cropping import crop_tree
from overlay.core.files.private import write_private
from overlay.core.settings import Settings, save_settings
from overlay.enrolment.fit import Enrolled
from overlay.enrolment.profile import Profile, Profiles
from overlay.prompted.store import KeptSpelling
from overlay.recognition.hands.hand_model import hand_model_path
from overlay.recognition.landmark_file import RunningTake
from overlay.transcripts.session import KeptCue
from overlay.transcripts.session_files import SessionFiles
from server.collection.take import _make_take_folder
from server.session.recording import running_instance as running

pytestmark = [pytest.mark.unit, pytest.mark.skipif(os.name != "posix", reason="rights of POSIX")]


def save_profile(folder: Path) -> None:
    Profiles(folder / "signcap" / "profiles").save(Profile("ann", "abc", Enrolled(None, "A", {}, (0, 0)), False, 0.0))


def keep_session(folder: Path) -> None:
    files = SessionFiles(folder / "signcap" / "transcripts", 1000.0, times=False)
    files.add(KeptCue(0, "HELLO", 1000.0, 1001.0), 1001.0)
    files.end(1002.0)


def crop(folder: Path) -> None:
    pictures = folder.parent.parent / "pictures"
    (pictures / "A").mkdir(parents=True)
    cv2.imwrite(str(pictures / "A" / "0.png"), np.zeros((20, 20, 3), np.uint8))
    crop_tree(pictures, folder / "crops", hand_model=hand_model_path())


def note_running(folder: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(running, "running_path", lambda: folder / "signcap" / "running.json")
        running.note_running()


def keep_spelling(folder: Path) -> None:
    take = RunningTake(np.zeros((30, 21, 3), np.float32), "ANN", 30.0, 1.5)
    KeptSpelling(folder / "signcap" / "spelling").save([take], datetime(2031, 2, 3))


WRITERS: dict[str, Callable[[Path], object]] = {
    "settings": lambda folder: save_settings(Settings(), folder / "signcap" / "settings.json"),
    "profile": save_profile,
    "transcripts": keep_session,
    "spelling": keep_spelling,
    "secrets": lambda folder: write_private(folder / "signcap" / "viewers.json", "{}"),
    "running": note_running,
    "collected": lambda folder: _make_take_folder(folder / "data" / "ann" / "A"),
    "crops": crop,
}


@pytest.fixture(params=[0o000, 0o022])
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


@pytest.mark.usefixtures("umask")
@pytest.mark.parametrize("what", WRITERS)
def test_each_folder_has_mode_0700(tmp_path: Path, what: str) -> None:
    top = tmp_path / "home" / ".config"
    WRITERS[what](top)
    made = [path for path in (tmp_path / "home").rglob("*") if path.is_dir()] + [tmp_path / "home"]
    assert len(made) >= 3
    assert {path.name: oct(stat.S_IMODE(path.stat().st_mode)) for path in made} == {
        path.name: "0o700" for path in made
    }
