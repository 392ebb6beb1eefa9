"""Whatever the level of the log, no caption, no typed or sought word and no secret is in it."""

import json
import logging
from typing import Any

import pytest

from tests.waiting import until

pytestmark = pytest.mark.integration

CHANGE = {"Content_Type": "application/json", "X_Signcap": "1"}
# What people spelled, typed, set, sought or pasted; none of these words is in a name or sentence of Signcap's own.
PRIVATE = ("ZEBRA", "QUARTZ", "Walrus", "Kenji", "Ocelot", "TOKENTOKEN")


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """Everything that is logged from now on; to be asked for before what starts a run."""
    for package in ("overlay", "server", "aiohttp"):
        caplog.set_level(logging.DEBUG, package)
    return caplog


def test_a_run_at_debug_level_tells_what_happens_and_none_of_its_words(
    logged: pytest.LogCaptureFixture, spelling: Any
) -> None:
    running, reader = spelling
    launch = running.access.launch_url()
    opened = running.get(running.path_of(launch))
    viewer_path = running.access.viewer_path()
    viewer = running.get(viewer_path)
    secrets = [part.split("=")[-1] for part in (launch, viewer_path, opened.cookie, viewer.cookie)]
    assert all(len(secret) > 16 for secret in secrets)

    def ask(method: str, path: str, body: Any = None) -> int:
        data = b"" if body is None else json.dumps(body).encode()
        headers = {} if method == "GET" else CHANGE
        answer = running.get(path, method=method, body=data, Cookie=opened.cookie, **headers)
        return int(answer.status)

    reader.spell("ZEBRA QUARTZ.A")
    until(lambda: running.pipeline.reading.state.cues)
    assert ask("POST", "/api/v1/captions/edits", {"edit": "type", "text": "Walrus", "end": True}) == 200
    change = {"suggesting": {"hot_words": ["Kenji"]}, "phrases": {"texts": ["Ocelot, please."]}}
    assert ask("PATCH", "/api/v1/settings", change) == 200
    assert ask("GET", "/api/v1/transcripts/search?q=Ocelot") == 200
    assert ask("GET", "/api/v1/runs/Ocelot") == 404
    assert ask("GET", "/Walrus?launch=TOKENTOKEN") == 404
    assert ask("PUT", "/api/v1/call-captions", {"link": "https://example.com/TOKENTOKEN"}) == 422
    assert ask("PATCH", "/api/v1/settings", {"caption": {"Walrus": "Ocelot"}}) == 422
    ask("POST", "/api/v1/pairings/TOKENTOKEN", {"do": "allow"})

    log = logged.text
    for said in (
        "Caption 1 is finished: 12 characters",
        "POST /api/v1/captions/edits: 200",
        "Changed: suggesting.hot_words, phrases.texts",
        "GET /api/v1/transcripts/search: 200",
        "GET /api/v1/runs/{name}: 404",
        "GET an unknown address: 404",
        "PUT /api/v1/call-captions: 422",
    ):
        assert said in log
    assert [word for word in (*PRIVATE, *secrets) if word.casefold() in log.casefold()] == []


def test_of_a_recogniser_that_fails_the_log_holds_no_message(
    logged: pytest.LogCaptureFixture, running: Any, monkeypatch: pytest.MonkeyPatch
) -> None:

    def fail(_frame: Any) -> None:
        raise KeyError("ZEBRA")

    monkeypatch.setattr(running.reader, "accept", fail)
    assert running.pipeline.finished.wait(60)
    assert "The thread recognise failed: KeyError at test_event_log.py:" in logged.text
    assert "ZEBRA" not in logged.text
