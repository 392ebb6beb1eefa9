"""Who takes the picture into a call, as the status tells."""

import json
from typing import Any

import pytest

from server.web.auth.preview_owners import SHOWN

pytestmark = pytest.mark.integration


def in_call(server: Any) -> list[str]:
    return list(json.loads(server.get("/api/v1/status", Cookie=server.owner_cookie()).body)["in_call"])


def test_a_page_is_no_call_and_a_paired_browser_is_named_while_it_takes_the_picture(running: Any) -> None:
    page = running.stream.watch(lambda _picture: None)
    assert in_call(running) == []
    running.access.paired.add("browser-1", "Chromium on Linux")
    running.access.paired.add("browser-2", "Edge on Windows")
    running.app[SHOWN].note("browser-1", "peer")
    end = running.stream.watch(lambda _picture: None, in_call=True)
    assert in_call(running) == ["Chromium on Linux"]
    end()
    assert in_call(running) == []  # though it has not told that it ended
    page()
