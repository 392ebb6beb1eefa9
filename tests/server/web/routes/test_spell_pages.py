"""*Spell it* over HTTP: letters and their times, pictures while they are drawn, and the processes that draw them.

What is said of the processes themselves is said of `tests.server.web.routes.scribbler`, which costs nothing to start.
"""

import http.client
import io
import json
import sys
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import psutil
import pytest

from overlay.core.settings import Settings
from overlay.media.sources.video_file import VideoFile
from overlay.synthesis import render_process as drawing
from overlay.synthesis.render_process import SIZE, begin, stream
from overlay.synthesis.signed_text import RATE, SignedText, Signing
from server.web import render_pool as drawers
from tests.server.conftest import MovingPattern, ScriptedCaptioner
from tests.server.web.routes import scribbler
from tests.waiting import until

pytestmark = pytest.mark.e2e

HOW = {"text": "Hi, Jo", "speed": 6, "signer": 5, "left_handed": True}
SIGNING = Signing(6, 5, True)
LONG = "A long text that nobody waits for. " * 5


def post(running: Any, path: str, /, **body: Any) -> Any:
    return running.get(
        f"/api/v1/spell/{path}",
        method="POST",
        body=json.dumps(body).encode(),
        Cookie=running.owner_cookie(),
        Content_Type="application/json",
        X_Signcap="1",
    )


def listening(running: Any, **body: Any) -> AbstractContextManager[http.client.HTTPResponse]:
    """A client that has the head of an answer and reads no further."""
    opened: AbstractContextManager[http.client.HTTPResponse] = running.opened(
        "/api/v1/spell/pictures", running.owner_cookie(), body
    )
    return opened


def at_work() -> list[psutil.Process]:
    """Processes of ours that draw, or wait for something to draw."""
    found = []
    for child in psutil.Process().children():
        try:
            if drawers.MODULE in child.cmdline():
                found.append(child)
        except psutil.Error:  # it ends just now
            continue
    return found


@pytest.fixture
def scribbling(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawers, "MODULE", scribbler.__name__)


def decoded(data: bytes) -> list[tuple[float, np.ndarray]]:
    with av.open(io.BytesIO(data)) as container:
        return [(float(frame.time), frame.to_ndarray(format="bgr24")) for frame in container.decode(video=0)]


def test_letters_have_their_words_and_times(running: Any, scribbling: None) -> None:
    answer = post(running, "letters", **HOW | {"text": "Hi, Jo & 2"})
    assert answer.status == 200
    told = json.loads(answer.body)
    signed = SignedText("Hi, Jo & 2", SIGNING, size=SIZE)
    assert [(one["letter"], one["word"]) for one in told["letters"]] == [
        *zip("HIJOTWO", (0, 0, 1, 1, 2, 2, 2), strict=True)
    ]
    for one, letter in zip(told["letters"], signed.letters, strict=True):
        assert (one["start"], one["end"]) == pytest.approx((letter.start, letter.end), abs=0.001)
    assert told["duration"] == pytest.approx(signed.duration, abs=0.001)
    assert told["remarks"] == list(signed.spelled.remarks)


@pytest.mark.integration
@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({}, "text"),
        ({"text": 5}, "text"),
        ({"text": "!!"}, "There is nothing to spell"),
        ({"text": "a" * 201}, "The text has 201 characters: give at most 200"),
        ({"text": "7" * 200}, "1000 letters to spell"),
        ({"text": "A", "speed": 0.4}, "speed"),
        ({"text": "A", "speed": "fast"}, "speed"),
        ({"text": "A", "signer": -1}, "signer"),
        ({"text": "A", "signer": 1.5}, "signer"),
        ({"text": "A", "left_handed": 1}, "left_handed"),
        ({"text": "A", "path": "/etc/passwd"}, "path"),
        ({"text": "A", "settings": {}}, "settings"),
    ],
)
def test_what_cannot_be_signed_is_refused_before_anything_is_drawn(
    running: Any, body: dict[str, Any], sentence: str
) -> None:
    for path in ("letters", "pictures", "video"):
        answer = post(running, path, **body)
        assert (answer.status, sentence in json.loads(answer.body)["error"]) == (422, True), path
    assert at_work() == []


@pytest.mark.integration
def test_pictures_are_those_of_the_signer_at_the_times_of_the_letters() -> None:
    signed, out = SignedText(HOW["text"], SIGNING, size=(320, 240)), io.BytesIO()
    stream(signed, out, sleep=lambda _seconds: None)
    frames = decoded(out.getvalue())
    assert len(frames) == signed.count
    assert [at for at, _ in frames] == pytest.approx([number / RATE for number in range(signed.count)], abs=0.002)
    for letter in signed.letters:
        number = round(letter.start * RATE)
        difference = np.abs(frames[number][1].astype(int) - signed.picture(number / RATE))
        assert difference.mean() < 5
    assert begin(signed, 99) == 0


@pytest.mark.slow
def test_pictures_come_from_a_letter_on_and_who_draws_them_gives_way(
    running: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drawers, "NEXT_SPARE", 1000.0)
    assert post(running, "letters", **HOW).status == 200  # so one is made ready
    (ready,) = until(at_work)
    if sys.platform != "win32":
        until(lambda: ready.nice() > psutil.Process().nice())
    answer = post(running, "pictures", **HOW, first=3)
    assert (answer.status, answer.headers["Content-Type"]) == (200, "video/webm")
    signed = SignedText(HOW["text"], SIGNING, size=SIZE)
    frames, first = decoded(answer.body), begin(signed, 3)
    assert [at for at, _ in frames] == pytest.approx(
        [number / RATE for number in range(first, signed.count)], abs=0.002
    )
    assert signed.letters[1].end < frames[0][0] < signed.letters[3].start - 0.3
    number = round(signed.letters[3].start * RATE)
    assert np.abs(frames[number - first][1].astype(int) - signed.picture(number / RATE)).mean() < 5
    assert not ready.is_running() or ready.status() == psutil.STATUS_ZOMBIE


def test_who_draws_is_told_what_is_asked_for(running: Any, scribbling: None) -> None:
    job = json.loads(post(running, "pictures", **HOW, first=3).body)
    assert job == HOW | {"first": 3, "path": None}
    answer = post(running, "video", **HOW, captions=False)
    assert (answer.status, answer.headers["Content-Type"]) == (200, "video/mp4")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="hi-jo.mp4"'
    job = json.loads(answer.body)
    assert not Path(job.pop("path")).exists()
    assert job.pop("settings") == running.store.current.model_dump(mode="json")
    assert job == HOW | {"captions": False}


def test_who_draws_ends_with_who_listens(running: Any, scribbling: None) -> None:
    with listening(running, text=LONG) as response:
        assert response.read(1000)
        (busy, *_) = at_work()
    until(lambda: not busy.is_running() or busy.status() == psutil.STATUS_ZOMBIE)


def test_only_so_many_are_drawn_at_once(running: Any, scribbling: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawers, "WAIT", 0.3)
    with listening(running, text=LONG) as one:
        with listening(running, text=LONG) as other:
            assert (one.status, other.status) == (200, 200)
            answer = post(running, "pictures", text="Hi")
            assert (answer.status, "in a moment" in json.loads(answer.body)["error"]) == (503, True)
            assert len(at_work()) <= drawers.STREAMS + 1
        until(lambda: post(running, "pictures", text="Hi", speed=8).status == 200)


def test_one_that_dies_is_told_from_one_that_has_finished(running: Any, scribbling: None) -> None:
    with listening(running, text=LONG) as response:
        assert response.read(1000)
        for process in at_work():
            process.kill()
        with pytest.raises((http.client.IncompleteRead, ConnectionError)):
            response.read()
    assert post(running, "pictures", text="Hi", speed=8).status == 200  # the spare one was killed as well


@pytest.mark.slow
def test_the_video_is_the_one_that_the_command_makes(
    running: Any, here: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drawers, "NEXT_SPARE", 1000.0)
    how = HOW | {"text": "I"}
    far: list[Any] = []
    stop = threading.Event()
    cookie = running.owner_cookie()

    def look() -> None:
        while not stop.wait(0.1):
            far.append(json.loads(running.get("/api/v1/spell", Cookie=cookie).body)["fraction"])

    looking = threading.Thread(target=look)
    looking.start()
    try:
        answer = post(running, "video", **how)
    finally:
        stop.set()
        looking.join()
    assert (answer.status, answer.headers["Content-Type"]) == (200, "video/mp4")
    shares = [share for share in far if share is not None]
    assert shares == sorted(shares)
    assert shares[-1] > 0.2
    assert json.loads(running.get("/api/v1/spell", Cookie=cookie).body) == {"fraction": None}

    (tmp_path / "page.mp4").write_bytes(answer.body)
    same = ["--speed", "6", "--signer-seed", "5", "--left-handed"]
    assert here("demo", how["text"], "-o", tmp_path / "command.mp4", *same).returncode == 0
    ours, theirs = (VideoFile(tmp_path / f"{name}.mp4", realtime=False) for name in ("page", "command"))
    count = 0
    while (one := ours.read()) is not None:
        other = theirs.read()
        assert other is not None
        assert one.size == (1280, 720)
        assert cv2.absdiff(one.pixels, other.pixels).mean() < 2
        count += 1
    assert theirs.read() is None
    assert count == SignedText(how["text"], SIGNING, size=SIZE).count


@pytest.mark.integration
@pytest.mark.parametrize(("captions", "kinds"), [(True, {"video", "subtitle"}), (False, {"video"})])
def test_without_captions_there_is_no_track(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], captions: bool, kinds: set[str]
) -> None:
    path = tmp_path / "video.mp4"
    settings = Settings().model_dump(mode="json")
    signed = SignedText("I", Signing(8), size=(160, 120))
    drawing._write_video(signed, {"path": str(path), "captions": captions, "settings": settings})
    with av.open(str(path)) as container:
        assert {stream.type for stream in container.streams} == kinds
    told = [int(line) for line in capsys.readouterr().out.split()]
    assert told == sorted(set(told))
    assert told[-1] == 100


def test_none_outlives_the_server(serve: Any, scribbling: None) -> None:
    with serve(MovingPattern(), ScriptedCaptioner) as running:
        running.get("/practise/spell", Cookie=running.owner_cookie())
        until(at_work)
        with listening(running, text=LONG) as response:
            assert response.read(1000)
            assert at_work()
    until(lambda: not at_work())


@pytest.mark.unit
def test_one_that_nobody_needs_ends_without_a_word(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(drawing, "_give_way", lambda: None)  # the tests' own process goes on as it was
    monkeypatch.setattr(drawing.cv2, "setNumThreads", lambda _count: None)
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    drawing.main()
    assert capfd.readouterr() == ("", "")
