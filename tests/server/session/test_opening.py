"""What opens a recording on the desktop."""

from pathlib import Path

import pytest
import typer

from overlay.core.errors import SigncapError
from server.session.recording.opening import open_file

pytestmark = pytest.mark.unit

PATH = Path("/videos/talk.mp4")


class Desktop:
    """Takes the place of the system's command."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, bool]] = []
        self.status = 0

    def launch(self, url: str, *, locate: bool = False) -> int:
        self.asked.append((url, locate))
        return self.status


@pytest.fixture
def desktop(monkeypatch: pytest.MonkeyPatch) -> Desktop:
    desktop = Desktop()
    monkeypatch.setattr(typer, "launch", desktop.launch)
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("DISPLAY", ":0")
    return desktop


def test_it_is_opened_or_shown_in_its_folder(desktop: Desktop) -> None:
    open_file(PATH, in_folder=False)
    open_file(PATH, in_folder=True)
    assert desktop.asked == [(str(PATH), False), (str(PATH), True)]


def test_where_nothing_can_open_it_one_sentence_says_where_it_is(
    desktop: Desktop, monkeypatch: pytest.MonkeyPatch
) -> None:
    desktop.status = 1
    with pytest.raises(SigncapError, match=f"the recording is {PATH}"):
        open_file(PATH, in_folder=False)


def test_windows_opens_it_by_itself(desktop: Desktop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The library's way there, a program "start", does not exist."""
    started: list[Path] = []
    monkeypatch.setattr("sys.platform", "win32")
    monkeypatch.setattr("os.startfile", started.append, raising=False)
    desktop.status = 1
    open_file(PATH, in_folder=True)  # Explorer says 1 where all is well
    open_file(PATH, in_folder=False)
    assert (desktop.asked, started) == ([(str(PATH), True)], [PATH])

    def nothing_opens(_path: Path) -> None:
        raise OSError("no application is associated with the file")

    monkeypatch.setattr("os.startfile", nothing_opens, raising=False)
    with pytest.raises(SigncapError, match=f"the recording is {PATH}"):
        open_file(PATH, in_folder=False)


def test_without_a_desktop_nothing_is_started(desktop: Desktop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    with pytest.raises(SigncapError, match=f"without a desktop.* {PATH}"):
        open_file(PATH, in_folder=False)
    assert desktop.asked == []
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    open_file(PATH, in_folder=False)
    assert desktop.asked == [(str(PATH), False)]
