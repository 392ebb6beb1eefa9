"""The hand model, where it has to be fetched: pages are told, and can ask for it again."""

import json
from pathlib import Path
from typing import Any

import pytest

from overlay.core.errors import SigncapError
from server.session.hand_model import HandModelFetch, Progress
from tests.waiting import until

pytestmark = pytest.mark.integration

SENTENCE = "There is no connection: connect and try again."


def try_again(running: Any) -> Any:
    headers = {"Content_Type": "application/json", "X_Signcap": "1", "Cookie": running.owner_cookie()}
    return running.get("/api/v1/hand-model/again", method="POST", body=b"{}", **headers)


def state(running: Any) -> Any:
    return json.loads(running.get("/api/v1/status", Cookie=running.owner_cookie()).body)["hand_model"]


def test_it_is_fetched_again_when_a_page_asks(running: Any) -> None:
    asked = []

    def fetch(_progress: Progress) -> Path:
        asked.append(len(asked))
        raise SigncapError(SENTENCE)

    told: list[str] = []
    running.session.hand_model = HandModelFetch(fetch, lambda _sentence: None, told.append)
    assert state(running) == {"state": "here", "sentence": None}
    running.session.hand_model.start()
    until(lambda: len(told) == 1)
    assert state(running) == {"state": "failed", "sentence": SENTENCE}
    assert try_again(running).status == 202
    until(lambda: len(told) == 2)
    assert asked == [0, 1]


def test_a_run_that_fetches_none_says_so(running: Any) -> None:
    assert state(running) is None
    assert try_again(running).status == 409


def test_pages_that_look_for_a_hand_say_what_they_wait_for(running: Any) -> None:
    session = running.session
    desks = (session.enrolling, session.collecting, session.prompted)
    assert [desk.state()["notice"] for desk in desks] == [None] * 3
    running.pipeline.waiting = SENTENCE
    assert [desk.state()["notice"] for desk in desks] == [SENTENCE] * 3
