"""How a run ends: in which order, with what is under way kept, sent or told, and within the time that there is."""

import asyncio
import os
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from overlay.core.settings_store import SettingsStore
from overlay.enrolment.profile import InUse
from overlay.pipeline.pipeline import Pipeline
from overlay.speech import service as speech
from overlay.speech.service import SpeechService
from overlay.transcripts.text_file import make_text_file
from overlay.transcripts.writer import TranscriptWriter
from server.call_captions import service as call_captions
from server.call_captions.links import recognise
from server.call_captions.service import CallCaptions
from server.cli import run as command
from server.session.caption_feed import CaptionFeed
from server.session.folders import Folders
from server.session.notices import Notices
from server.session.options import RunOptions
from server.session.recording import control
from server.session.recording.service import Recordings
from server.session.source_control import Sources
from server.session.startup import Opened
from tests.overlay.recording.conftest import play
from tests.server.call_captions.conftest import ZOOM, FakeTime, Wire, ZoomService
from tests.server.conftest import MovingPattern, SpelledReader
from tests.waiting import LONGEST, until

pytestmark = pytest.mark.integration

# What ends, by the method that ends it.
PARTS = {
    "recording": (Recordings, "close"),
    "transcript": (TranscriptWriter, "close"),
    "call captions": (CallCaptions, "close"),
    "voice": (SpeechService, "close"),
    "caption pages": (CaptionFeed, "close"),
    "pipeline": (Pipeline, "stop"),
}


class SlowOutput:
    """Says a caption for as long as it may."""

    engine = "a test's"
    heard_by: tuple[str, ...] = ()
    open = False

    def __init__(self, **_: object) -> None:
        self.log: list[str] = []

    def tidy(self) -> None:
        pass

    def prepare(self, _use: object) -> None:
        self.open = True

    def say(self, text: str, _use: object, goes_on: Callable[[], bool], _heard: object) -> float | None:
        self.log.append(f"says {text}")
        until(lambda: not goes_on())
        self.log.append("is cut off")
        return None

    def close(self) -> None:
        self.open = False
        self.log.append("is closed")


class Run:
    """`signcap run` in this thread, and a person in another who presses Ctrl-C; what ends is noted.

    Attributes:
        log: what ended, and when it had.
        said: at the terminal.
        status: with which the process would have ended at once, threads and all.
    """

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.log: list[str] = []
        self.said: list[str] = []
        self.status: list[int] = []
        self.reader = SpelledReader()
        kept = {"folder": str(folder / "transcripts"), "keep": True}
        wanted = {"transcript": kept, "voice": {"speak": True}}
        self.store = SettingsStore(folder / "settings.json", for_this_run=wanted)
        self.pipeline = Pipeline(MovingPattern(), lambda: self.reader)
        self.zoom, self.wires, self.outputs = ZoomService(), [], []  # type: ignore[var-annotated]
        self.parts: dict[str, Any] = {}
        self.talk, self.video = folder / "talk.txt", folder / "talk.mp4"
        self.folders = Folders(folder / "data", folder / "runs", make_text_file(self.talk))
        self.options = RunOptions(
            source="demo",
            port=0,
            open_browser=False,
            virtual_camera="off",
            record=self.video,
            transcript=self.talk,
            call_captions=recognise(ZOOM),
        )
        self._patch, self._stop = patch, Pipeline.stop
        patch.setattr(command, "open_pipeline", lambda *_: self._opened())
        patch.setattr(command, "_preload", lambda *_: None)
        patch.setattr(command, "say", self.said.append)
        patch.setattr(command, "end_now", self.status.append)
        patch.setattr(command, "END_LIMIT", LONGEST)
        patch.setattr(call_captions, "LAST_CHANCE", LONGEST)
        patch.setattr(speech, "SpeechOutput", self._output)
        self._through_memory()
        for name, (kind, method) in PARTS.items():
            patch.setattr(kind, method, self._noted(name, getattr(kind, method)))

    def go(self, person: Callable[[], None]) -> int:
        """Run until the person presses Ctrl-C.

        Returns:
            The exit status.
        """
        failed: list[BaseException] = []

        def act() -> None:
            try:
                until(lambda: any("Signcap is running" in sentence for sentence in self.said))
                person()
            except BaseException as error:
                failed.append(error)
            finally:
                os.kill(os.getpid(), signal.SIGINT)

        thread = threading.Thread(target=act)
        thread.start()
        status = command.run(self.options)
        thread.join()
        if failed:
            raise failed[0]
        return status

    def tidy(self) -> None:
        """Leave no thread behind, whatever was put in the place of what ends."""
        self._stop(self.pipeline)

    def sign(self, finished: str, unfinished: str) -> None:
        """Sign a caption, and begin another; both have been read by everybody then."""
        self.reader.spell(f"{finished}.{unfinished}")
        until(lambda: self.pipeline.reading.state.committed.strip() == unfinished)
        until(lambda: any(output.log for output in self.outputs))

    def instead(self, name: str, work: Callable[[], None]) -> None:
        """Let this be done in the place of what ends a part."""
        kind, method = PARTS[name]
        self._patch.setattr(kind, method, self._noted(name, lambda _part: work()))

    def _opened(self) -> Opened:
        notices = Notices()
        sources = Sources(self.pipeline, notices)
        return Opened(self.pipeline, notices, InUse(), self.store, sources, folders=self.folders)

    def _output(self, **options: object) -> SlowOutput:
        self.outputs.append(SlowOutput(**options))
        return self.outputs[-1]

    def _through_memory(self) -> None:
        start = CallCaptions.start

        def open_client(limit: float) -> Wire:
            self.wires.append(Wire(self.zoom, FakeTime(), limit))
            return self.wires[-1]

        async def start_there(calls: CallCaptions, link: Any) -> None:
            calls.open_client = open_client  # type: ignore[assignment]
            await start(calls, link)

        self._patch.setattr(CallCaptions, "start", start_there)

    def _noted(self, name: str, end: Callable[..., Any]) -> Callable[..., Any]:
        def begin(part: Any) -> None:
            self.parts[name] = part
            self.log.append(f"{name}: end")

        def ends(part: Any, *arguments: Any) -> Any:
            begin(part)
            try:
                return end(part, *arguments)
            finally:
                self.log.append(f"{name}: ended")

        async def ends_async(part: Any) -> None:
            begin(part)
            try:
                await end(part)
            finally:
                self.log.append(f"{name}: ended")

        return ends_async if asyncio.iscoroutinefunction(end) else ends


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    handlers = {number: signal.getsignal(number) for number in signal.valid_signals()}
    one = Run(tmp_path, monkeypatch)
    yield one
    one.tidy()
    for number, handler in handlers.items():
        if signal.getsignal(number) is not handler and handler is not None:
            signal.signal(number, handler)


def in_order(*names: str) -> list[str]:
    """What the log holds where each part has ended before the next one is ended."""
    return [f"{name}: {what}" for name in names for what in ("end", "ended")]


def test_one_part_ends_after_the_other_and_nothing_is_lost(run: Run) -> None:
    def person() -> None:
        until(lambda: run.video.exists() and b"moof" in run.video.read_bytes())  # pictures are in it
        run.sign("HELLO", "BYE")

    assert run.go(person) == 0
    assert run.log == in_order(*PARTS)
    assert run.talk.read_text() == "HELLO\nBYE\n"
    assert (run.zoom.shown, run.zoom.wrong) == (["HELLO"], [])  # BYE was not finished: nobody in the call has it
    assert b"moof" not in run.video.read_bytes()
    assert play(run.video).pictures
    (output,) = run.outputs
    assert output.log == ["says HELLO", "is cut off", "is closed"]
    assert run.status == []


def test_a_recording_is_waited_for_and_until_then_everything_goes_on(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(control, "PATIENCE", 0.05)
    going_on: list[bool] = []
    close = Recordings.close

    def close_late(recordings: Recordings) -> None:
        close(recordings)
        until(lambda: "Finishing the recording …" in run.said)
        run.reader.spell("STILL.")
        until(lambda: len(run.pipeline.reading.state.cues) == 1)
        going_on.append(not run.pipeline.finished.is_set())

    monkeypatch.setattr(Recordings, "close", close_late)
    assert run.go(lambda: until(lambda: run.video.exists())) == 0
    assert going_on == [True]
    assert run.log == in_order(*PARTS)
    assert run.talk.read_text() == "STILL\n"
    assert run.zoom.shown == ["STILL"]


def test_a_caption_that_the_call_did_not_take_in_time_is_told_as_lost(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(call_captions, "LAST_CHANCE", 0.1)

    def person() -> None:
        until(lambda: run.zoom.asked)
        run.wires[0].free = asyncio.Event()  # never set
        run.zoom.plan = lambda: "hang"
        run.sign("HELLO", "BYE")

    assert run.go(person) == 0
    assert run.log == in_order(*PARTS)
    body = run.parts["call captions"].body()
    assert (body["state"], body["waiting"], body["sent"], body["link"]) == ("off", 0, 0, None)
    assert [loss["text"] for loss in body["losses"]] == ["HELLO"]


@pytest.mark.parametrize("name", ["transcript", "voice"])
def test_what_hangs_is_waited_for_no_longer_than_there_is_time(
    run: Run, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(command, "END_LIMIT", 2.0)
    end = threading.Event()
    run.instead(name, lambda: end.wait(LONGEST))
    run.instead("pipeline", end.set)
    assert run.go(lambda: None) == 0
    before = list(PARTS)[: list(PARTS).index(name)]
    # What comes after it in the order has no time left: the process ends with it.
    assert run.log[: 2 * len(before) + 2] == [*in_order(*before), f"{name}: end", "pipeline: end"]
    assert set(run.log[2 * len(before) + 2 :]) == {f"{name}: ended", "pipeline: ended"}


def test_where_the_pipeline_hangs_the_process_ends_without_it(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    end = threading.Event()
    monkeypatch.setattr(command, "END_LIMIT", 3.0)
    monkeypatch.setattr(command, "end_now", lambda status: (run.status.append(status), end.set()))
    run.instead("pipeline", lambda: end.wait(LONGEST))
    assert run.go(lambda: None) == 0
    assert run.status == [0]
    until(lambda: run.log == in_order(*PARTS))


@pytest.mark.unit
def test_told_to_stop_while_libraries_load_it_ends_without_taking_them_down(monkeypatch: pytest.MonkeyPatch) -> None:
    """Interpreter shutdown aborts a process in which a library is still starting its threads."""
    loading, left = threading.Event(), []

    class Asked:
        """A stop that was asked for at once."""

        def __init__(self) -> None:
            self.asked = asyncio.Event()
            self.asked.set()

        async def unless(self, _work: Any) -> None:
            return None

    def end_now(status: int) -> None:
        left.append(status)
        raise SystemExit(status)

    monkeypatch.setattr(command, "Stopping", Asked)
    monkeypatch.setattr(command, "end_now", end_now)
    for slow in ("_preload", "open_pipeline", "remove_left_behind"):
        monkeypatch.setattr(command, slow, lambda *_: loading.wait(LONGEST))
    monkeypatch.setattr(command, "_import_server", lambda: loading.wait(LONGEST))
    try:
        with pytest.raises(SystemExit):
            asyncio.run(command._run(RunOptions(), None))  # type: ignore[arg-type]
    finally:
        loading.set()
    assert left == [0]
