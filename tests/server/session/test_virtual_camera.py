"""How a virtual camera comes behind the pipeline, and what the start page says of it."""

import json
import threading
from typing import Any

import pytest

from overlay.core.errors import SinkError
from overlay.media.frame import Picture
from server.session import virtual_camera
from server.session.notices import VirtualCameraStatus
from server.session.virtual_camera import add_virtual_camera
from tests.waiting import until

pytestmark = pytest.mark.integration

SENTENCE = "There is no virtual camera: do this, and start again."


class FakeCamera:
    """Stands in for a device that this machine may not have."""

    name = "virtual camera Fake"

    def __init__(self) -> None:
        self.pictures: list[Picture] = []
        self.came = threading.Event()
        self.broken = False

    def send(self, picture: Picture) -> None:
        if self.broken:
            raise SinkError("The virtual camera Fake has failed: start Signcap again.")
        self.pictures.append(picture)
        self.came.set()

    def close(self) -> None:
        pass


@pytest.fixture
def camera(monkeypatch: pytest.MonkeyPatch) -> FakeCamera:
    """What is opened in place of a real one, when asked rightly."""
    fake = FakeCamera()

    def open_fake(choice: str, size: tuple[int, int]) -> FakeCamera:
        assert (choice, size) == ("auto", (640, 360))
        return fake

    monkeypatch.setattr(virtual_camera, "open_virtual_camera", open_fake)
    return fake


def shown(running: Any, cookie: str) -> tuple[dict[str, Any], list[str]]:
    """What is told of the virtual camera, and of all else but how busy the machine is."""
    status = json.loads(running.get("/api/v1/status", Cookie=cookie).body)
    return status["virtual_camera"], [one for one in status["notices"] if "This computer is busy" not in one]


def test_it_gets_the_pictures_and_their_size(running: Any, camera: FakeCamera) -> None:
    status = add_virtual_camera(running.pipeline, "auto")
    assert status is not None
    assert status.on
    assert status.sentence.startswith("Fake: choose it")
    assert camera.came.wait(60)
    assert camera.pictures[0].size == (640, 360)
    assert "sink virtual camera Fake" in running.pipeline.stats()
    assert "sink size probe" not in running.pipeline.stats()


def test_when_it_fails_later_the_page_says_so_and_the_rest_goes_on(running: Any, camera: FakeCamera) -> None:
    cookie = running.owner_cookie()
    running.notices.virtual_camera = add_virtual_camera(running.pipeline, "auto")
    assert shown(running, cookie)[0]["on"]
    camera.broken = True
    until(lambda: not shown(running, cookie)[0]["on"])
    assert "start Signcap again" in shown(running, cookie)[0]["sentence"]
    assert not running.pipeline.finished.is_set()


def test_without_one_the_page_says_how_to_get_it(running: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_choice: str, _size: tuple[int, int]) -> None:
        raise SinkError(SENTENCE)

    monkeypatch.setattr(virtual_camera, "open_virtual_camera", fail)
    status = add_virtual_camera(running.pipeline, "auto")
    assert status == VirtualCameraStatus(False, SENTENCE)
    running.notices.virtual_camera = status
    assert shown(running, running.owner_cookie()) == ({"on": False, "sentence": SENTENCE}, [])


def test_off_opens_nothing(running: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(virtual_camera, "open_virtual_camera")
    status = add_virtual_camera(running.pipeline, "off")
    assert status is not None
    assert not status.on


def test_a_pipeline_that_ends_first_leaves_nothing_to_do(running: Any, camera: FakeCamera) -> None:
    running.pipeline.stop()
    assert add_virtual_camera(running.pipeline, "auto") is None
