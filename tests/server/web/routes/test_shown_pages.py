"""What the page on which phrases are spelled asks for, over real HTTP."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import numpy as np
import pytest

from overlay.prompted.state import Phase
from overlay.recognition.landmark_file import RunningTake
from tests.overlay.prompted.signer import Signer
from tests.waiting import until

pytestmark = pytest.mark.integration

JSON = {"Content_Type": "application/json", "X_Signcap": "1"}
ACTIONS = ["start", "go-on", "skip", "again", "stop", "finish", "forget", "keep"]
FILE = "spelling-20310203-040506"
GETS = [
    "/practise/shown",
    *(f"/api/v1/enrol/shown/{name}" for name in ("events", "view.mjpeg", "kept", f"kept/{FILE}.npz")),
]
TAKE = RunningTake(np.zeros((30, 21, 3), np.float32), "ANNA LEE", 30.0, 1.5, "ann")
PLAN = {"count": 1, "countdown": 0, "seed": 1, "signer": "ann"}


def ask(running: Any, action: str, body: Any = None, method: str = "POST", **headers: str) -> Any:
    data = json.dumps({} if body is None else body).encode()
    return running.get(f"/api/v1/enrol/shown/{action}", method=method, body=data, **(JSON | headers))


def sentence(answer: Any, status: int) -> str:
    assert answer.status == status, answer.body
    return str(json.loads(answer.body)["error"])


@pytest.fixture
def desk(running: Any) -> Iterator[Any]:
    """The desk of the running server, with nothing kept."""
    desk = running.session.prompted
    for file in desk.kept.files():
        desk.kept.remove(file.name)
    yield desk
    for file in desk.kept.files():
        desk.kept.remove(file.name)


def spell(running: Any, desk: Any) -> None:
    """Spell one phrase before the page, whatever else the camera shows."""
    answer = ask(running, "start", PLAN, Cookie=running.owner_cookie())
    assert json.loads(answer.body)["phase"] == "countdown"
    signer = Signer(desk.session)
    signer.until(lambda: desk.session.state.phase is Phase.WAITING)
    signer.spell(desk.session.state.prompt)
    signer.rest(2.5)
    until(lambda: desk.session.state.phase is Phase.DONE)


def test_the_page_and_all_it_asks_for_are_the_owners(running: Any, desk: Any) -> None:
    desk.kept.save([TAKE], datetime(2031, 2, 3, 4, 5, 6))
    viewer = running.viewer_cookie()
    for path in GETS:
        assert running.get(path).status == 401
        assert running.get(path, Cookie=viewer).status == 403
    for action in ACTIONS:
        assert ask(running, action).status == 401
        assert ask(running, action, Cookie=viewer).status == 403
    assert ask(running, f"kept/{FILE}", method="DELETE").status == 401
    assert ask(running, f"kept/{FILE}", method="DELETE", Cookie=viewer).status == 403
    owner = running.owner_cookie()
    assert running.get("/practise/shown", Cookie=owner).status == 200
    for action in (*ACTIONS, "kept/" + FILE):
        method = "DELETE" if action.startswith("kept/") else "POST"
        path = f"/api/v1/enrol/shown/{action}"
        plain = running.get(path, method=method, body=b"{}", Cookie=owner, Content_Type="application/json")
        assert plain.status == 415
        assert ask(running, action, method=method, Cookie=owner, Origin="http://evil.example").status == 403
    assert [file.name for file in desk.kept.files()] == [FILE]


def test_what_cannot_be_done_is_said_in_a_sentence(running: Any, desk: Any) -> None:
    owner = running.owner_cookie()
    assert "Choose signer" in sentence(ask(running, "start", {"signer": "../x"}, Cookie=owner), 400)
    assert "Choose signer" in sentence(ask(running, "start", {"colour": "red"}, Cookie=owner), 400)
    assert "JSON object" in sentence(ask(running, "skip", [], Cookie=owner), 400)
    assert "Nothing was spelled" in sentence(ask(running, "finish", Cookie=owner), 409)
    assert "nothing to keep" in sentence(ask(running, "keep", {"landmarks": True}, Cookie=owner), 409)
    assert "landmarks" in sentence(ask(running, "keep", {"landmarks": "yes"}, Cookie=owner), 400)
    assert "no kept spelling" in sentence(ask(running, f"kept/{FILE}", method="DELETE", Cookie=owner), 404)
    assert "no kept spelling" in sentence(ask(running, f"kept/{FILE}.npz", method="GET", Cookie=owner), 404)
    assert ask(running, "kept/..%2Fprofiles%2Fann", method="DELETE", Cookie=owner).status == 404
    assert desk.kept.files() == []


def test_what_was_spelled_is_kept_only_where_the_person_says_so(running: Any, desk: Any) -> None:
    owner = running.owner_cookie()
    spell(running, desk)
    state = json.loads(ask(running, "keep", {}, Cookie=owner).body)
    assert (state["may_keep"], state["kept"], desk.kept.files()) == (True, "", [])
    state = json.loads(ask(running, "keep", {"landmarks": True}, Cookie=owner).body)
    [file] = desk.kept.files()
    assert (state["may_keep"], state["kept"]) == (False, file.name)
    assert str(file.path) in state["said"]
    assert state["literal"]["errors"] == 0
    assert "nothing to keep" in sentence(ask(running, "keep", {"landmarks": True}, Cookie=owner), 409)

    listed = json.loads(running.get("/api/v1/enrol/shown/kept", Cookie=owner).body)
    assert listed["folder"] == str(desk.kept.folder)
    [row] = listed["files"]
    assert (row["name"], row["signer"], row["damaged"], row["path"]) == (file.name, "ann", False, str(file.path))
    assert row["phrases"] == [state["phrases"][0]["text"]]
    saved = running.get(f"/api/v1/enrol/shown/kept/{file.name}.npz", Cookie=owner)
    assert saved.body == file.path.read_bytes()
    assert saved.headers["Content-Disposition"] == f'attachment; filename="{file.name}.npz"'
    left = ask(running, f"kept/{file.name}", method="DELETE", Cookie=owner)
    assert json.loads(left.body)["files"] == []
    assert not file.path.exists()


def test_a_profile_learns_only_where_there_is_enough_and_nothing_is_kept_then_either(running: Any, desk: Any) -> None:
    owner = running.owner_cookie()
    spell(running, desk)
    wish = {"landmarks": True, "profile": "ann"}
    assert "at least 4 phrases" in sentence(ask(running, "keep", wish, Cookie=owner), 409)
    assert "profile's name" in sentence(ask(running, "keep", wish | {"profile": "../ann"}, Cookie=owner), 409)
    assert desk.kept.files() == []
    assert desk.state()["may_keep"]


def test_what_is_not_kept_is_forgotten(running: Any, desk: Any) -> None:
    owner = running.owner_cookie()
    spell(running, desk)
    state = json.loads(ask(running, "forget", Cookie=owner).body)
    assert (state["may_keep"], state["phase"]) == (False, "done")
    assert "nothing to keep" in sentence(ask(running, "keep", {"landmarks": True}, Cookie=owner), 409)
    assert desk.kept.files() == []


def test_where_it_cannot_be_kept_it_can_be_tried_again(running: Any, desk: Any, tmp_path: Any) -> None:
    owner = running.owner_cookie()
    spell(running, desk)
    folder, desk.kept.folder = desk.kept.folder, tmp_path / "file" / "spelling"
    (tmp_path / "file").write_text("x")
    assert "cannot be kept" in sentence(ask(running, "keep", {"landmarks": True}, Cookie=owner), 409)
    desk.kept.folder = folder
    assert ask(running, "keep", {"landmarks": True}, Cookie=owner).status == 200
    assert len(desk.kept.files()) == 1


def test_leaving_the_page_stops_the_phrase(running: Any, desk: Any) -> None:
    running.call(_joined(desk))
    ask(running, "start", PLAN, Cookie=running.owner_cookie())
    running.call(_left(desk))
    assert desk.state()["phase"] == "paused"


async def _joined(desk: Any) -> None:
    desk.join()


async def _left(desk: Any) -> None:
    desk.leave()
