"""The hand model is fetched while all else goes on, and again when somebody asks for it."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from overlay.core.errors import SigncapError
from server.session.hand_model import LOADING, HandModelFetch, Progress
from tests.waiting import until

pytestmark = pytest.mark.integration

BUNDLE = Path("hand_landmarker.task")
NO_NETWORK = "There is no connection: connect and try again."


class Fetching:
    """A fetch that does what a test says, and what is shown and told of it."""

    def __init__(self) -> None:
        self.steps: list[Callable[[Progress], Path]] = []
        self.shown: list[str | None] = []
        self.told: list[str] = []
        self.fetch = HandModelFetch(lambda progress: self.steps.pop(0)(progress), self.shown.append, self.told.append)

    @property
    def state(self) -> str:
        return str(self.fetch.body()["state"])


def fails(_progress: Progress) -> Path:
    raise SigncapError(NO_NETWORK)


def comes(progress: Progress) -> Path:
    progress(0.5, "Fetching the hand model")
    return BUNDLE


def test_a_failure_is_told_and_somebody_can_try_again() -> None:
    one = Fetching()
    one.steps = [fails, comes]
    one.fetch.start()
    until(lambda: one.told)
    assert one.fetch.body() == {"state": "failed", "sentence": NO_NETWORK}
    assert (one.shown, one.told, one.fetch.path()) == ([NO_NETWORK], [NO_NETWORK], None)
    one.fetch.again()
    until(one.fetch.path)
    assert (one.state, one.fetch.path()) == ("here", BUNDLE)
    half = (
        "Fetching the hand model, once only: 50% of 35 MB. The picture is live, and you can type captions meanwhile."
    )
    assert one.shown[1:] == [half, LOADING]
    one.fetch.loaded()
    assert one.shown[-1] is None
    assert one.fetch.body() == {"state": "here", "sentence": None}
    assert one.told == [NO_NETWORK]


def test_what_is_said_before_the_model_is_loaded_is_not_said_after_it() -> None:
    shown: list[tuple[str | None, Path | None]] = []
    fetch = HandModelFetch(comes, lambda sentence: shown.append((sentence, fetch.path())), str)
    fetch.start()
    until(fetch.path)
    assert shown[-1] == (LOADING, None)


def test_to_try_again_where_nothing_has_failed_does_nothing() -> None:
    one = Fetching()
    one.fetch.again()
    assert one.fetch.body() == {"state": "here", "sentence": None}


def test_it_is_fetched_once_at_a_time() -> None:
    one, go_on = Fetching(), threading.Event()

    def waits(_progress: Progress) -> Path:
        assert go_on.wait(60)
        return BUNDLE

    one.steps = [waits]
    for _ in range(3):
        one.fetch.start()
        one.fetch.again()
    go_on.set()
    until(lambda: one.state == "here")


def test_when_signcap_ends_it_is_given_up() -> None:
    one, begun = Fetching(), threading.Event()
    left: list[str] = []

    def goes_on(progress: Progress) -> Path:
        try:
            while True:
                progress(0.1, "Fetching the hand model")
                begun.set()
        finally:
            left.append("nothing")

    one.steps = [goes_on]
    one.fetch.start()
    assert begun.wait(60)
    one.fetch.close()
    until(lambda: left == ["nothing"])
    one.fetch.start()  # too late: the steps of this test are used up, and none is asked for
    assert (one.told, one.state) == ([], "fetching")


def test_a_fault_of_its_own_comes_out_where_hands_are_found() -> None:
    one = Fetching()

    def faulty(_progress: Progress) -> Path:
        raise KeyError("a fault")

    one.steps = [faulty]
    one.fetch.start()
    until(lambda: one.state == "failed")
    with pytest.raises(KeyError):
        one.fetch.path()
