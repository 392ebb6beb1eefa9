"""What the page for enrolment asks for, over real HTTP."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from overlay.enrolment.adaptation import Correction
from overlay.enrolment.fit import Enrolled, Tally
from overlay.enrolment.profile import Profile, model_digest

pytestmark = pytest.mark.integration

JSON = {"Content_Type": "application/json", "X_Signcap": "1"}
ACTIONS = ["start", "resume", "stop", "skip", "redo", "fit", "profiles/ann/on", "profiles/ann/off"]
GETS = ["/enrol", *(f"/api/v1/enrol/{name}" for name in ("events", "view.mjpeg", "profiles"))]
CENTRES = np.ones((3, 128), np.float32)
ANN = Profile(
    "ann",
    model_digest(),
    Enrolled(Correction(CENTRES, CENTRES, 4.0), "AB", {"A": Tally(3, 2, 1)}, (0.5, 0.6)),
    True,
    0,
)


def ask(running: Any, action: str, body: Any = None, method: str = "POST", **headers: str) -> Any:
    data = json.dumps({} if body is None else body).encode()
    return running.get(f"/api/v1/enrol/{action}", method=method, body=data, **(JSON | headers))


def sentence(answer: Any, status: int) -> str:
    assert answer.status == status, answer.body
    return str(json.loads(answer.body)["error"])


def test_the_page_and_all_it_asks_for_are_the_owners(running: Any) -> None:
    viewer = running.viewer_cookie()
    for path in GETS:
        assert running.get(path).status == 401
        assert running.get(path, Cookie=viewer).status == 403
    for action in ACTIONS:
        assert ask(running, action).status == 401
        assert ask(running, action, Cookie=viewer).status == 403
    assert ask(running, "profiles/ann", method="DELETE").status == 401
    owner = running.owner_cookie()
    assert running.get("/practise/enrol", Cookie=owner).status == 200
    for action in ACTIONS:
        path = f"/api/v1/enrol/{action}"
        assert (
            running.get(path, method="POST", body=b"{}", Cookie=owner, Content_Type="application/json").status == 415
        )
        assert ask(running, action, Cookie=owner, Origin="http://evil.example").status == 403


def test_what_cannot_be_done_is_said_in_a_sentence(running: Any) -> None:
    owner = running.owner_cookie()
    assert "Name the profile" in sentence(ask(running, "start", Cookie=owner), 400)
    assert "profile's name" in sentence(ask(running, "start", {"name": "../x"}, Cookie=owner), 400)
    assert "no letters" in sentence(ask(running, "start", {"name": "ann", "letters": "?"}, Cookie=owner), 400)
    assert "JSON object" in sentence(ask(running, "start", [], Cookie=owner), 400)
    assert "Nothing was taken" in sentence(ask(running, "fit", Cookie=owner), 409)
    assert "no profile ben" in sentence(ask(running, "profiles/ben/on", Cookie=owner), 409)
    assert "no profile ben" in sentence(ask(running, "profiles/ben", method="DELETE", Cookie=owner), 409)


def test_a_profile_is_switched_and_removed_while_all_runs(running: Any) -> None:
    owner, enrolling = running.owner_cookie(), running.session.enrolling
    for name in enrolling.profiles.names():
        enrolling.profiles.remove(name)
    enrolling.profiles.save(ANN)
    enrolling.profiles.save(replace(ANN, name="old", model="another"))
    listed = json.loads(running.get("/api/v1/enrol/profiles", Cookie=owner).body)["profiles"]
    assert [(one["name"], one["fits"], one["can_be_on"], one["in_use"]) for one in listed] == [
        ("ann", True, True, False),
        ("old", False, False, False),
    ]
    assert listed[0]["tallies"] == {"A": {"shown": 3, "before": 2, "after": 1}}
    on = json.loads(ask(running, "profiles/ann/on", Cookie=owner).body)["profiles"]
    assert on[0]["in_use"]
    assert enrolling.in_use.profile.name == "ann"
    assert "another model" in sentence(ask(running, "profiles/old/on", Cookie=owner), 409)
    off = json.loads(ask(running, "profiles/ann/off", Cookie=owner).body)["profiles"]
    assert (off[0]["in_use"], off[0]["on"], enrolling.in_use.profile) == (False, False, None)
    ask(running, "profiles/ann/on", Cookie=owner)
    left = json.loads(ask(running, "profiles/ann", method="DELETE", Cookie=owner).body)["profiles"]
    assert ([one["name"] for one in left], enrolling.in_use.profile) == (["old"], None)
    enrolling.profiles.remove("old")


@pytest.mark.slow
def test_leaving_the_page_stops_the_take(signing: Any) -> None:
    owner, enrolling = signing.owner_cookie(), signing.session.enrolling
    signing.call(_joined(enrolling))
    state = json.loads(ask(signing, "start", {"name": "ann", "letters": "BC"}, Cookie=owner).body)
    assert (state["phase"], state["prompt"], state["prompts"]) == ("countdown", "B", ["B", "C"])
    signing.call(_left(enrolling))
    assert enrolling.state()["phase"] == "paused"


async def _joined(enrolling: Any) -> None:
    enrolling.join()


async def _left(enrolling: Any) -> None:
    enrolling.leave()
