"""*Spell it* over HTTP: letters and their times, pictures while they are drawn, and the processes that draw them."""

import http.client
import io
import json
import subprocess
import sys
import threading
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import av
import numpy as np
import psutil
import pytest

from overlay.signed_text import RATE, SignedText, Signing
from overlay.video_file import VideoFile
from server.spelling import drawers
from server.spelling.drawing import SIZE, begin
from tests.server.conftest import MovingPattern, ScriptedReader
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


def drawing() -> list[psutil.Process]:
    """Processes of ours that draw, or wait for something to draw."""
    found = []
    for child in psutil.Process().children():
        try:
            if drawers.MODULE in child.cmdline():
                found.append(child)
        except psutil.Error:  # it ends just now
            continue
    return found


def decoded(data: bytes) -> list[tuple[float, np.ndarray]]:
    with av.open(io.BytesIO(data)) as container:
        return [(float(frame.time), frame.to_ndarray(format="bgr24")) for frame in container.decode(video=0)]


def test_letters_have_their_words_and_times(running: Any) -> None:
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
    assert drawing() == []


@pytest.mark.slow
def test_pictures_are_those_of_the_signer_at_the_times_of_the_letters(running: Any) -> None:
    signed = SignedText(HOW["text"], SIGNING, size=SIZE)
    answer = post(running, "pictures", **HOW)
    assert (answer.status, answer.headers["Content-Type"]) == (200, "video/webm")
    frames = decoded(answer.body)
    assert len(frames) == signed.count
    assert [at for at, _ in frames] == pytest.approx([number / RATE for number in range(signed.count)], abs=0.002)
    for letter in signed.letters:
        number = round(letter.start * RATE)
        difference = np.abs(frames[number][1].astype(int) - signed.picture(number / RATE))
        assert difference.mean() < 5

    later = decoded(post(running, "pictures", **HOW, first=3).body)
    first = begin(signed, 3)
    assert len(later) == signed.count - first
    assert later[0][0] == pytest.approx(first / RATE, abs=0.002)
    assert signed.letters[1].end < later[0][0] < signed.letters[3].start - 0.3
    assert len(decoded(post(running, "pictures", **HOW, first=99).body)) == signed.count


@pytest.mark.slow
def test_who_draws_gives_way_and_ends_with_who_listens(running: Any) -> None:
    with listening(running, text=LONG) as response:
        assert response.read(1000)
        (busy, *_) = drawing()
        if sys.platform != "win32":
            assert busy.nice() > psutil.Process().nice()
    until(lambda: not busy.is_running() or busy.status() == psutil.STATUS_ZOMBIE)


@pytest.mark.slow
def test_only_so_many_are_drawn_at_once(running: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawers, "WAIT", 0.3)
    with listening(running, text=LONG) as one:
        with listening(running, text=LONG) as other:
            assert (one.status, other.status) == (200, 200)
            answer = post(running, "pictures", text="Hi")
            assert (answer.status, "in a moment" in json.loads(answer.body)["error"]) == (503, True)
            assert len(drawing()) <= drawers.STREAMS + 1
        until(lambda: post(running, "pictures", text="Hi", speed=8).status == 200)


@pytest.mark.slow
def test_one_that_dies_is_told_from_one_that_has_finished(running: Any) -> None:
    with listening(running, text=LONG) as response:
        assert response.read(1000)
        for process in drawing():
            process.kill()
        with pytest.raises((http.client.IncompleteRead, ConnectionError)):
            response.read()
    assert post(running, "pictures", text="Hi", speed=8).status == 200  # the spare one was killed as well


@pytest.mark.slow
def test_the_video_is_the_one_that_the_command_makes(running: Any, tmp_path: Path) -> None:
    far: list[Any] = []
    stop = threading.Event()
    cookie = running.owner_cookie()

    def look() -> None:
        while not stop.wait(0.1):
            far.append(json.loads(running.get("/api/v1/spell", Cookie=cookie).body)["fraction"])

    looking = threading.Thread(target=look)
    looking.start()
    try:
        answer = post(running, "video", **HOW)
    finally:
        stop.set()
        looking.join()
    assert (answer.status, answer.headers["Content-Type"]) == (200, "video/mp4")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="hi-jo.mp4"'
    shares = [share for share in far if share is not None]
    assert shares == sorted(shares)
    assert shares[-1] > 0.2
    assert json.loads(running.get("/api/v1/spell", Cookie=cookie).body) == {"fraction": None}

    (tmp_path / "page.mp4").write_bytes(answer.body)
    command = [sys.executable, "-m", "server.cli", "demo", HOW["text"], "-o", tmp_path / "command.mp4"]
    how = ["--speed", "6", "--signer-seed", "5", "--left-handed"]
    subprocess.run([*map(str, command), *how], check=True, capture_output=True)
    ours, theirs = (VideoFile(tmp_path / f"{name}.mp4", realtime=False) for name in ("page", "command"))
    count = 0
    while (one := ours.read()) is not None:
        other = theirs.read()
        assert other is not None
        assert np.abs(one.pixels.astype(int) - other.pixels).mean() < 2
        count += 1
    assert theirs.read() is None
    assert count == SignedText(HOW["text"], SIGNING, size=SIZE).count


@pytest.mark.slow
def test_without_captions_there_is_no_track(running: Any) -> None:
    for captions, kinds in ((True, {"video", "subtitle"}), (False, {"video"})):
        answer = post(running, "video", text="I", speed=8, captions=captions)
        with av.open(io.BytesIO(answer.body)) as container:
            assert {stream.type for stream in container.streams} == kinds


@pytest.mark.slow
def test_none_outlives_the_server(serve: Any) -> None:
    with serve(MovingPattern(), ScriptedReader) as running:
        running.get("/spell", Cookie=running.owner_cookie())
        until(drawing)
        with listening(running, text=LONG) as response:
            assert response.read(1000)
            assert drawing()
    until(lambda: not drawing())


def test_one_that_nobody_needs_ends_without_a_word() -> None:
    done = subprocess.run(
        [sys.executable, "-m", drawers.MODULE], stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=60
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
