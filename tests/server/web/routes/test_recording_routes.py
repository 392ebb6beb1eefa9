"""Recording over HTTP, over a moving square."""

import errno
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from overlay.media.frame import Frame
from tests.overlay.recording.conftest import play
from tests.server.conftest import Answer, MovingPattern, RunningServer, ScriptedCaptioner
from tests.waiting import until

pytestmark = pytest.mark.integration


@pytest.fixture
def videos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "videos"
    folder.mkdir()
    monkeypatch.setenv("XDG_VIDEOS_DIR", str(folder))
    return folder


class Owner:
    def __init__(self, server: RunningServer) -> None:
        self.server, self.cookie = server, server.owner_cookie()

    def ask(self, body: dict[str, Any]) -> Answer:
        return self.server.get(
            "/api/v1/recording",
            method="POST",
            body=json.dumps(body).encode(),
            Cookie=self.cookie,
            Content_Type="application/json",
            X_Signcap="1",
        )

    def told(self, body: dict[str, Any]) -> dict[str, Any]:
        answer = self.ask(body)
        assert answer.status == 200, answer.body
        return dict(json.loads(answer.body))

    def look(self, path: str = "/api/v1/recording") -> dict[str, Any]:
        return dict(json.loads(self.server.get(path, Cookie=self.cookie).body))

    def until(self, condition: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        def look() -> dict[str, Any] | None:
            state = self.look("/api/v1/status")["recording"]
            return dict(state) if condition(state) else None

        state = until(look, 120)
        assert state is not None
        return state


def test_started_and_stopped_it_says_where_the_file_is_and_how_long(running: RunningServer, videos: Path) -> None:
    owner = Owner(running)
    assert owner.look()["on"] is False
    assert owner.look()["folder"] == str(videos)
    started = owner.told({"do": "start", "microphone": "none", "clean": True})
    assert started["on"] is True
    path = Path(started["file"])
    assert path.parent == videos
    assert Path(started["clean_file"]) == path.with_name(f"{path.stem}-clean.mp4")
    during = owner.until(lambda state: state["seconds"] > 1.5 and state["bytes"] > 1000)
    assert during["microphone"] is None
    stopped = owner.told({"do": "stop"})
    assert stopped["on"] is False
    assert started["revision"] == during["revision"] < stopped["revision"]
    assert stopped["sentence"].startswith("Recorded ")
    assert str(path) in stopped["sentence"]
    assert stopped["bytes"] == path.stat().st_size + Path(stopped["clean_file"]).stat().st_size
    assert play(path).pictures[-1] == pytest.approx(stopped["seconds"], abs=0.1)


def test_a_complete_recording_is_opened_by_its_number_and_nothing_else_is(
    running: RunningServer, videos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[tuple[Path, bool]] = []
    monkeypatch.setattr(
        running.session.recording, "_open_file", lambda path, in_folder: opened.append((path, in_folder))
    )
    owner = Owner(running)
    assert owner.look()["complete"] is None
    assert owner.ask({"do": "open", "recording": 0}).status == 409
    paths = []
    for number in (0, 1):
        assert owner.told({"do": "start"})["complete"] is None
        owner.until(lambda state: state["seconds"] > 0)
        assert owner.ask({"do": "open", "recording": number}).status == 409  # not complete yet
        stopped = owner.told({"do": "stop"})
        assert stopped["complete"] == number
        paths.append(Path(stopped["file"]))
    owner.told({"do": "open", "recording": 1})
    owner.told({"do": "show", "recording": 0})
    assert opened == [(paths[1], False), (paths[0], True)]
    for wrong in ({"path": str(paths[0])}, {"recording": str(paths[0])}, {"recording": -1}, {"recording": True}, {}):
        assert owner.ask({"do": "open", **wrong}).status == 400
    assert owner.ask({"do": "show", "recording": 2}).status == 409
    paths[0].unlink()
    gone = owner.ask({"do": "open", "recording": 0})
    assert gone.status == 409
    assert "is no longer there" in json.loads(gone.body)["error"]
    assert len(opened) == 2


def test_only_the_owner_opens_a_recording_and_no_other_page_can(
    running: RunningServer, videos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Path] = []
    monkeypatch.setattr(running.session.recording, "_open_file", lambda path, _in_folder: opened.append(path))
    owner = Owner(running)
    owner.told({"do": "start"})
    owner.until(lambda state: state["seconds"] > 0)
    owner.told({"do": "stop"})
    body = json.dumps({"do": "open", "recording": 0}).encode()
    sent = {"Content_Type": "application/json", "X_Signcap": "1"}
    refused = [
        running.get("/api/v1/recording", method="POST", body=body, **sent),
        running.get("/api/v1/recording", method="POST", body=body, Cookie=running.viewer_cookie(), **sent),
        running.get(
            "/api/v1/recording", method="POST", body=body, Cookie=owner.cookie, Content_Type="application/json"
        ),
        running.get(
            "/api/v1/recording", method="POST", body=body, Cookie=owner.cookie, Origin="http://evil.test", **sent
        ),
        running.get("/api/v1/recording?do=open&recording=0", Cookie=owner.cookie),
    ]
    assert [answer.status for answer in refused] == [401, 403, 415, 403, 200]  # the last one only looks
    assert opened == []


def test_one_at_a_time(running: RunningServer, videos: Path) -> None:
    owner = Owner(running)
    assert owner.ask({"do": "stop"}).status == 409
    owner.told({"do": "start"})
    assert owner.ask({"do": "start"}).status == 409
    owner.until(lambda state: state["seconds"] > 0)
    first = Path(owner.told({"do": "stop"})["file"])
    before = first.read_bytes()
    second = Path(owner.told({"do": "start"})["file"])  # in the same second, perhaps
    owner.until(lambda state: state["seconds"] > 0)
    owner.told({"do": "stop"})
    assert second != first
    assert first.read_bytes() == before


def test_what_a_key_of_the_desktop_does_begins_one_or_ends_it_and_says_what_is_wrong(
    running: RunningServer, videos: Path
) -> None:
    assert running.app is not None
    owner, recordings = Owner(running), running.session.recording
    recordings.toggle()
    assert owner.look()["on"] is True
    owner.until(lambda state: state["seconds"] > 0)
    recordings.toggle()
    assert owner.look()["on"] is False
    assert owner.look()["sentence"].startswith("Recorded ")
    running.pipeline.finished.set()
    recordings.toggle()
    assert owner.look()["on"] is False
    assert owner.look()["sentence"] == "The video has ended: there is nothing to record."


def test_a_page_cannot_choose_where_it_goes(running: RunningServer, videos: Path, tmp_path: Path) -> None:
    owner = Owner(running)
    for body in ({"do": "start", "path": str(tmp_path / "x.mp4")}, {"do": "start", "clean": "yes"}, {"do": "pause"}):
        assert owner.ask(body).status == 400
    assert list(videos.iterdir()) == []


def test_who_records_watches(running: RunningServer, videos: Path) -> None:
    owner = Owner(running)
    assert running.app is not None
    before = running.session.watching()
    owner.told({"do": "start"})
    assert running.session.watching() == before + 1
    owner.told({"do": "stop"})
    assert running.session.watching() == before


def test_it_goes_on_over_pauses_and_another_camera(serve: Any, videos: Path) -> None:
    with serve(MovingPattern(), ScriptedCaptioner, open_one=lambda _spec, _text: MovingPattern()) as server:
        owner = Owner(server)
        owner.told({"do": "start"})
        owner.until(lambda state: state["seconds"] > 0.5)
        server.pipeline.pause()
        owner.until(lambda state: state["seconds"] > 1.0)
        server.pipeline.source.switch_off()
        off = owner.look("/api/v1/status")["recording"]["seconds"]
        owner.until(lambda state: state["seconds"] > off + 1.5)
        server.pipeline.source.use(MovingPattern())
        server.pipeline.pause(False)
        on = owner.look("/api/v1/status")["recording"]["seconds"]
        state = owner.until(lambda state: state["seconds"] > on + 1.5)
        assert state["on"] is True
        stopped = owner.told({"do": "stop"})
    played = play(Path(stopped["file"]))
    assert played.pictures[-1] > on + 1.4
    assert min(played.brightness) < 50 < max(played.brightness)  # the dark while it was off is in it


def test_a_full_disk_is_told_on_the_page_and_captions_go_on(
    running: RunningServer, videos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk's part is played by its calls; `test_command_line` has a real one."""
    owner = Owner(running)
    owner.told({"do": "start"})
    owner.until(lambda state: state["seconds"] > 1.0)
    real = os.write

    def full(handle: int, data: Any) -> int:
        if os.fstat(handle).st_size > 1000 and os.readlink(f"/proc/self/fd/{handle}").startswith(str(videos)):
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(handle, data)

    monkeypatch.setattr(os, "write", full)
    state = owner.until(lambda state: not state["on"] and "disk is full" in (state["sentence"] or ""))
    monkeypatch.undo()
    assert "the disk is full" in state["sentence"]
    assert any("the disk is full" in notice for notice in owner.look("/api/v1/status")["notices"])
    assert running.app is not None
    assert not running.session.recording.on
    assert play(Path(state["file"])).pictures[-1] > 0.5
    assert owner.until(lambda state: state["complete"] is not None)["complete"] == 0  # what there is can be opened
    monkeypatch.setenv("XDG_VIDEOS_DIR", str(videos))
    owner.told({"do": "start"})  # there is room again
    assert not any("disk is full" in notice for notice in owner.look("/api/v1/status")["notices"])
    owner.told({"do": "stop"})


class ShortVideo(MovingPattern):
    """A video of a few pictures."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def read(self) -> Frame | None:
        return super().read() if self._count < 5 else None


@pytest.mark.parametrize(("name", "told"), [("talk.mp4", True), ("camera 7", False)])
def test_the_end_of_a_video_is_told_on_the_page(serve: Any, name: str, told: bool) -> None:
    with serve(ShortVideo(name), ScriptedCaptioner) as server:
        owner = Owner(server)
        until(lambda: owner.look("/api/v1/status")["camera"] == "ended")
        notices = owner.look("/api/v1/status")["notices"]
        assert any("The video has ended" in notice for notice in notices) is told
