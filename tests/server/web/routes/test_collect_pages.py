"""What the page for collecting asks for, over real HTTP."""

import http.client
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from server.session.folders import Folders
from server.web.streams import mjpeg as stills
from tests.server.conftest import HandReader, MovingPattern
from tests.waiting import until

pytestmark = pytest.mark.integration

JSON = {"Content_Type": "application/json", "X_Signcap": "1"}
ACTIONS = ["start", "pause", "resume", "stop", "undo", "choose"]
EVENTS = "/api/v1/collect/events"
GETS = [
    "/train/collect",
    *(f"/api/v1/collect/{name}" for name in ("events", "view.mjpeg", "letter/A.jpg", "signers")),
]


@pytest.fixture
def running(serve: Any, folders: Folders) -> Iterator[Any]:
    """A server over a camera before which a hand is held up: pictures without one are not taken."""
    source = MovingPattern()
    source.hand_up = True  # type: ignore[attr-defined]
    with serve(source, lambda: HandReader(source), folders) as server:
        yield server


def post(running: Any, action: str, body: Any = None, **headers: str) -> Any:
    data = json.dumps({} if body is None else body).encode()
    return running.get(f"/api/v1/collect/{action}", method="POST", body=data, **(JSON | headers))


def ask(running: Any, cookie: str, action: str, body: Any = None, status: int = 200) -> Any:
    """Do it; the state, or the sentence of a refusal."""
    answer = post(running, action, body, Cookie=cookie)
    said = json.loads(answer.body)
    assert answer.status == status, said
    return said if status == 200 else said["error"]


def next_state(response: http.client.HTTPResponse) -> Any:
    while not (line := response.readline()).startswith(b"data: "):
        assert line
    return json.loads(line.removeprefix(b"data: "))


def state_when(response: http.client.HTTPResponse, condition: Callable[[Any], bool]) -> Any:
    deadline = time.monotonic() + 90
    while not condition(state := next_state(response)):
        assert time.monotonic() < deadline
    return state


def has_written(state: Any) -> bool:
    """Whether no picture of A is still on its way to the disk."""
    return bool(state["counts"]["A"] == state["taken"])


def pictures(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.jpg"))


@pytest.mark.parametrize("path", GETS)
def test_only_the_owner_sees_it(lasting: Any, path: str) -> None:
    assert lasting.get(path).status == 401
    assert lasting.get(path, Cookie=lasting.viewer_cookie()).status == 403


@pytest.mark.parametrize("action", ACTIONS)
def test_only_the_owner_does_it(lasting: Any, action: str) -> None:
    assert post(lasting, action).status == 401
    assert post(lasting, action, Cookie=lasting.viewer_cookie()).status == 403
    plain = lasting.get(f"/api/v1/collect/{action}", method="POST", body=b"{}", Cookie=lasting.owner_cookie())
    assert plain.status == 415
    assert lasting.get(f"/api/v1/collect/{action}", Cookie=lasting.owner_cookie()).status == 405


def test_answers_are_not_kept(lasting: Any) -> None:
    cookie = lasting.owner_cookie()
    for path in ("/train/collect", "/api/v1/collect/letter/A.jpg", "/api/v1/collect/signers"):
        answer = lasting.get(path, Cookie=cookie)
        assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-store")


@pytest.mark.parametrize("body", [b"", b"[]", b"3", b"\xff", b"{" * 50_000, b'{"letter": "A"'])
def test_what_is_no_object_is_refused(lasting: Any, body: bytes) -> None:
    cookie = lasting.owner_cookie()
    answer = lasting.get("/api/v1/collect/choose", method="POST", body=body, Cookie=cookie, **JSON)
    assert answer.status == 400
    assert b"JSON object" in answer.body


@pytest.mark.parametrize("name", ["../../etc", "a", "x y", ".x", "-x", "a/b", "a" * 41, "<b>", "é"])
def test_names_that_signers_may_not_have(lasting: Any, name: str) -> None:
    cookie = lasting.owner_cookie()
    sentence = ask(lasting, cookie, "choose", {"signer": name}, status=400)
    assert "signer" in sentence.lower()
    assert not lasting.session.folders.data.exists()


@pytest.mark.parametrize(
    "choice", [{"letter": "AA"}, {"count": "many"}, {"rate": 1000}, {"burst": 10**9}, {"flip": "yes"}, {"root": "/"}]
)
def test_choices_that_are_none(lasting: Any, choice: dict[str, Any]) -> None:
    assert ask(lasting, lasting.owner_cookie(), "choose", choice, status=400).endswith(".")


def test_a_take_from_countdown_to_undo(running: Any, folders: Folders) -> None:
    cookie = running.owner_cookie()
    assert "Name the signer" in ask(running, cookie, "start", status=409)
    chosen = {"signer": "ann", "letter": "C", "count": 8, "takes": 1, "rate": 20, "countdown": 60, "flip": True}
    assert ask(running, cookie, "choose", chosen)["counts"]["C"] == 0
    with running.opened(EVENTS, cookie) as events:
        assert next_state(events)["folder"] == str(folders.data)
        ask(running, cookie, "start")
        assert state_when(events, lambda state: state["countdown"] is not None)["phase"] == "countdown"
        ask(running, cookie, "stop")
        ask(running, cookie, "choose", {"countdown": 0.3})
        ask(running, cookie, "start")
        done = state_when(events, lambda state: state["phase"] == "done" and state["counts"]["C"] == 8)
        assert (done["next_letter"], done["without_hand"], done["hand"]) == ("D", 0, True)
        assert done["undo"] == {"letter": "C", "take": "001", "count": 8, "older": False}
        assert pictures(folders.data) == [f"ann/C/001/000{number}.jpg" for number in range(1, 9)]
        assert json.loads((folders.data / "ann/C/001/take.json").read_text())["flipped"] is True
        assert json.loads(running.get("/api/v1/collect/signers", Cookie=cookie).body) == {"signers": ["ann"]}
        assert "8 pictures" in ask(running, cookie, "start", status=409)
        assert ask(running, cookie, "undo")["counts"]["C"] == 0
        assert pictures(folders.data) == []
        assert "no take" in ask(running, cookie, "undo", status=409)


def test_nothing_changes_while_pictures_are_taken(running: Any) -> None:
    cookie = running.owner_cookie()
    ask(running, cookie, "choose", {"signer": "ann", "countdown": 0.5, "count": 1000})
    with running.opened(EVENTS, cookie) as events:
        ask(running, cookie, "start")
        state_when(events, lambda state: state["taken"] > 2)
        assert "stop or pause" in ask(running, cookie, "choose", {"letter": "B"}, status=409)
        assert ask(running, cookie, "pause")["phase"] == "paused"
        assert ask(running, cookie, "resume")["phase"] == "countdown"
        stopped = ask(running, cookie, "stop")
        assert (stopped["phase"], stopped["choice"]["letter"]) == ("idle", "A")


def test_older_takes_are_undone_only_when_that_is_said(running: Any, folders: Folders) -> None:
    take = folders.data / "ann/A/001"
    take.mkdir(parents=True)
    (take / "0001.jpg").write_bytes(b"a picture")
    (take / "take.json").write_text(json.dumps({"format": 1, "take": "001", "frames": [{"file": "0001.jpg"}]}))
    cookie = running.owner_cookie()
    assert ask(running, cookie, "choose", {"signer": "ann"})["undo"]["older"] is True
    for body in ({}, {"older": False}, {"older": "true"}):
        assert "before" in ask(running, cookie, "undo", body, status=409)
    assert pictures(folders.data) == ["ann/A/001/0001.jpg"]
    ask(running, cookie, "undo", {"older": True})
    assert pictures(folders.data) == []


def test_frames_are_looked_at_only_while_a_page_is_open(running: Any) -> None:
    """And nobody is photographed by a page that was closed."""
    cookie = running.owner_cookie()
    collector = running.session.collecting.collector
    ask(running, cookie, "choose", {"signer": "ann", "countdown": 0, "count": 1000})
    ask(running, cookie, "start")
    read = running.pipeline.reading.at
    until(lambda: running.pipeline.reading.at > read + 0.5)
    assert (collector.state.hand, collector.state.taken) == (None, 0)
    with running.opened(EVENTS, cookie) as events:
        state_when(events, lambda state: state["taken"] > 3)
    until(lambda: collector.state.phase.value == "paused")
    taken, read = collector.state.taken, running.pipeline.reading.at
    until(lambda: running.pipeline.reading.at > read + 0.5)
    assert collector.state.taken == taken


def test_the_self_view_is_small_and_mirrored(signing: Any) -> None:
    cookie = signing.owner_cookie()
    source = signing.pipeline.source
    with signing.opened("/api/v1/collect/view.mjpeg", cookie) as response:
        assert response.getheader("Content-Type") == f"multipart/x-mixed-replace; boundary={stills.BOUNDARY}"
        while (line := response.readline().strip()) or not line:
            if line.startswith(b"Content-Length"):
                response.readline()
                break
        data = response.read(int(line.split()[1]))
    view = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert view is not None
    assert view.shape == (360, 640, 3)
    mirrored = cv2.flip(cv2.resize(source.with_hand, (640, 360), interpolation=cv2.INTER_AREA), 1)
    different = np.abs(view.astype(int) - mirrored).max(axis=2) > 60
    columns = np.nonzero(different.any(axis=0))[0]
    assert different.sum() > 100  # the outline of the hand
    assert columns.min() > 320  # on the right, as in a mirror, and nowhere else
    assert different.mean() < 0.02
    until(lambda: signing.session.collecting.view.viewers == 0)


def test_what_letters_look_like(lasting: Any) -> None:
    cookie = lasting.owner_cookie()
    seen = set()
    for letter, wide in (("A", 1), ("B", 1), ("J", 4), ("Z", 4)):
        answer = lasting.get(f"/api/v1/collect/letter/{letter}.jpg", Cookie=cookie)
        assert answer.headers["Content-Type"] == "image/jpeg"
        picture = cv2.imdecode(np.frombuffer(answer.body, np.uint8), cv2.IMREAD_COLOR)
        assert picture is not None
        assert round(picture.shape[1] / picture.shape[0]) == wide
        seen.add(answer.body)
    assert len(seen) == 4
    for name in ("a", "AB", "%41%42", "1", "..%2f"):
        assert lasting.get(f"/api/v1/collect/letter/{name}.jpg", Cookie=cookie).status == 404


def test_too_many_pages_are_refused_and_who_leaves_makes_room(running: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.web.streams.camera_page.PAGES", 1)
    cookie = running.owner_cookie()
    with running.opened(EVENTS, cookie) as first:
        next_state(first)
        with running.opened(EVENTS, cookie) as second:
            assert second.status == 503
    until(lambda: running.session.collecting.pages == 0)
    with running.opened(EVENTS, cookie) as third:
        assert third.status == 200


def test_a_source_that_has_ended_ends_the_take(running: Any, folders: Folders) -> None:
    cookie = running.owner_cookie()
    ask(running, cookie, "choose", {"signer": "ann", "countdown": 0, "count": 1000})
    with running.opened(EVENTS, cookie) as events:
        ask(running, cookie, "start")
        state_when(events, lambda state: state["taken"] > 3)
        running.pipeline.stop()
        ended = state_when(events, lambda state: state["camera"] == "ended" and has_written(state))
        assert ended["phase"] == "idle"
        assert len(pictures(folders.data)) == ended["taken"]
        assert "ended" in ask(running, cookie, "start", status=409)
