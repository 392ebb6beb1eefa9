"""Whether the camera rests while captions are kept."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from overlay.transcripts.text_file import make_text_file
from server.session.camera_rest import Resting
from server.session.folders import Folders
from tests.server.conftest import ScriptedCaptioner
from tests.server.session.test_camera_rest import GRACE, Camera, Desk
from tests.waiting import until

pytestmark = pytest.mark.integration


def rest(server: Any) -> None:
    session = server.session
    Resting(server.pipeline, session.source, server.store, server.notices, session.watching, grace=GRACE)


def test_keeping_alone_does_not_keep_the_camera_on(serve: Callable[..., Any]) -> None:
    desk = Desk()
    with serve(Camera(desk), ScriptedCaptioner, open_one=desk) as server:
        server.store.change({"transcript": {"keep": True}})
        rest(server)
        until(lambda: not desk.open)


def test_a_file_that_was_asked_for_does(serve: Callable[..., Any], tmp_path: Path) -> None:
    desk = Desk()
    folders = Folders(transcript=make_text_file(tmp_path / "talk.txt"))
    with serve(Camera(desk), ScriptedCaptioner, folders, open_one=desk) as server:
        rest(server)
        time.sleep(4 * GRACE)
        assert desk.open == 1


@pytest.mark.parametrize("page", ["enrol", "enrol/shown", "collect"])
def test_a_page_that_takes_pictures_of_the_person_does(serve: Callable[..., Any], page: str) -> None:
    """It has no captions and no captioned picture, and nobody could be enrolled with a camera that rests."""
    desk = Desk()
    with serve(Camera(desk), ScriptedCaptioner, open_one=desk) as server:
        with server.opened(f"/api/v1/{page}/events", server.owner_cookie()) as response:
            response.readline()
            rest(server)
            time.sleep(4 * GRACE)
            assert desk.open == 1
        until(lambda: not desk.open)
