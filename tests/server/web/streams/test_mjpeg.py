"""The preview as a stream of images, over real HTTP."""

import asyncio
import http.client
from typing import Any

import cv2
import numpy as np
import pytest

from server.web.streams import mjpeg as stills
from tests.waiting import until

pytestmark = pytest.mark.integration

PREVIEW = "/api/v1/preview.mjpeg"


def images(response: http.client.HTTPResponse, count: int) -> list[Any]:
    found = []
    for _ in range(count):
        headers = {}
        assert response.readline() == f"--{stills.BOUNDARY}\r\n".encode()
        while line := response.readline().strip():
            name, _, value = line.decode().partition(": ")
            headers[name] = value
        assert headers["Content-Type"] == "image/jpeg"
        data = response.read(int(headers["Content-Length"]))
        found.append(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE))
        response.readline()
    return found


def test_each_image_is_the_next_picture(running: Any) -> None:
    with running.opened(PREVIEW, running.owner_cookie()) as response:
        assert response.getheader("Content-Type") == f"multipart/x-mixed-replace; boundary={stills.BOUNDARY}"
        pictures = images(response, 5)
    assert pictures[-1].shape == (360, 640)
    squares = [float(np.argwhere(picture[60:120] > 140)[:, 1].mean()) for picture in pictures]
    moves = np.diff(squares)
    assert moves[moves > 0].sum() > 10  # it moves to the right, 6 pixels a frame
    assert (moves < -1).sum() <= 1  # and begins again at the left every 87 frames
    until(lambda: running.stills.viewers == 0)


def test_without_captions_it_goes_on_while_they_are_paused(transcribing: Any) -> None:
    running, reader = transcribing
    cookie = running.owner_cookie()
    reader.spell("HELLO EVERYONE")
    until(lambda: running.pipeline.reading.state.committed == "HELLO EVERYONE")
    with running.opened(PREVIEW, cookie) as captioned, running.opened("/api/v1/clean.mjpeg", cookie) as clean:
        assert max(picture[180:].max() for picture in images(captioned, 3)) > 200
        assert max(picture[180:].max() for picture in images(clean, 3)) < 150
        running.pipeline.pause(True)
        assert max(picture[180:].max() for picture in images(clean, 5)) < 150
    until(lambda: running.session.viewers.clean.viewers == 0)


@pytest.mark.unit
def test_pictures_that_a_viewer_does_not_take_replace_each_other() -> None:
    async def script() -> list[bytes]:
        newest = stills.Newest()
        for jpeg in (b"one", b"two", b"three"):
            newest.put_from_thread(jpeg)
        taken = [await newest.take()]
        newest.put_from_thread(b"four")
        return [*taken, await asyncio.wait_for(newest.take(), 60)]

    # The first is taken only once the event loop has seen all three.
    assert asyncio.run(script()) == [b"three", b"four"]


def test_there_is_a_limit_and_who_leaves_makes_room(running: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stills, "VIEWERS", 1)
    cookie = running.owner_cookie()
    with running.opened(PREVIEW, cookie) as first:
        images(first, 1)
        with running.opened(PREVIEW, cookie) as second:
            assert second.status == 503
    until(lambda: running.stills.viewers == 0)
    with running.opened(PREVIEW, cookie) as third:
        assert third.status == 200


def test_viewers_are_counted_on_the_status_line(running: Any) -> None:
    cookie = running.owner_cookie()
    with running.opened(PREVIEW, cookie) as response:
        images(response, 1)
        until(lambda: b'"viewers": 1' in running.get("/api/v1/status", Cookie=cookie).body)
    until(lambda: b'"viewers": 0' in running.get("/api/v1/status", Cookie=cookie).body)
