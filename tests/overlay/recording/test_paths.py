import os
from datetime import datetime
from pathlib import Path

import pytest

from overlay.core.errors import SinkError
from overlay.recording.paths import all_paths, recording_path, videos_folder

pytestmark = pytest.mark.unit

NOW = datetime(2026, 11, 24, 18, 30, 5)
NAME = "Signcap 2026-11-24 18.30.05"


def test_in_a_folder_it_is_called_by_date_and_time(tmp_path: Path) -> None:
    assert recording_path(tmp_path, NOW) == tmp_path / f"{NAME}.mp4"


@pytest.mark.parametrize(
    "taken", [f"{NAME}.mp4", f"{NAME}-clean.mp4", f"Captions of {NAME}.vtt", f"Captions of {NAME}.srt"]
)
def test_a_second_one_in_a_second_gets_a_number(tmp_path: Path, taken: str) -> None:
    (tmp_path / taken).touch()
    second = recording_path(tmp_path, NOW)
    assert second == tmp_path / f"{NAME} 2.mp4"
    second.touch()
    assert recording_path(tmp_path, NOW) == tmp_path / f"{NAME} 3.mp4"


@pytest.mark.parametrize("number", range(4))
def test_a_name_that_was_given_is_never_taken_from_another_file(tmp_path: Path, number: int) -> None:
    wanted = tmp_path / "talk.mp4"
    taken = all_paths(wanted)[number]
    taken.symlink_to(tmp_path / "nowhere")  # a link that leads nowhere is somebody's as well
    with pytest.raises(SinkError, match=f"{taken.name} exists already"):
        recording_path(wanted, NOW)
    assert os.path.lexists(taken)


def test_where_there_is_no_folder_it_says_so(tmp_path: Path) -> None:
    for wanted in (tmp_path / "no" / "talk.mp4", tmp_path / "no", tmp_path / "talk.mkv"):
        with pytest.raises(SinkError, match="folder"):
            recording_path(wanted, NOW)
    assert list(tmp_path.iterdir()) == []


def test_the_users_own_folder_for_videos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    films = tmp_path / "Filme"
    monkeypatch.delenv("XDG_VIDEOS_DIR", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "user-dirs.dirs").write_text('XDG_VIDEOS_DIR="$HOME/Filme"\n')
    assert videos_folder() == tmp_path  # it is not there: the home folder is
    films.mkdir()
    assert videos_folder() == films
    assert recording_path(None, NOW) == films / f"{NAME}.mp4"
