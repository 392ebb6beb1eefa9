"""The threads of the live path: capture, recognise, compose, and one for each sink."""

import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import replace

from overlay.captions.edits import Edit, EditQueue
from overlay.captions.state import CaptionState
from overlay.captions.transcript import Transcript
from overlay.core.clock import REAL, Clock
from overlay.core.event_log import failure
from overlay.core.metrics import StageStats, StageTimer
from overlay.core.settings import Settings
from overlay.core.signal import Listeners
from overlay.media.frame import Frame, Picture
from overlay.media.sink import MeasuredSink, Sink, SparingSink
from overlay.media.source import PatientSource, Source
from overlay.pipeline.compositor import Composer
from overlay.pipeline.latest_value import LatestValue
from overlay.pipeline.load_shedding import LoadShedder, QualityLevel
from overlay.pipeline.result import Captioner, CaptionResult, ChoosingCaptioner

FrameListener = Callable[[Frame, CaptionResult], None]

PACE = 30.0  # frames a second that are to be kept up with
EDIT_WAIT = 0.1  # seconds that an edit may wait for its turn while no frames come
PATIENCE = 3.0  # seconds that a source that can wait is held up by one frame that is read or drawn
LOST_AFTER = 0.5  # seconds without a frame after which the last picture is sent again, with the source's notice

_log = logging.getLogger(__name__)


class _SinkThread:
    def __init__(self, sink: Sink, failed: Callable[[Sink, BaseException], None], clock: Clock) -> None:
        self.sink = sink
        self.slot: LatestValue[Picture] = LatestValue(clock)
        self.times = StageTimer()
        self.latency = StageTimer()
        self._failed, self._clock = failed, clock
        self._thread = threading.Thread(target=self._run, name=f"sink {sink.name}", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            while (picture := self.slot.take()) is not None:
                began = self._clock.monotonic()
                self.sink.send(picture)
                ended = self._clock.monotonic()
                self.times.note(ended, (ended - began) * 1000)
                self.latency.note(ended, (ended - picture.at) * 1000)
        except BaseException as error:
            self._failed(self.sink, error)
        finally:
            self.sink.close()

    def stop(self, timeout: float = 2.0) -> None:
        self.slot.close()
        if threading.current_thread() is not self._thread:
            self._thread.join(timeout)


class Pipeline:
    """Owns the threads between a source and the sinks.

    The picture never waits for the recogniser: each frame is captioned with the newest `CaptionResult` there is. Only
    a source that can wait, a `PatientSource`, gives its frames no faster than they are read: no camera is one.

    Args:
        source: opened; closed by `stop`.
        make_captioner: called in the recognise thread, so that pictures flow while the models load.
        settings: thresholds, and how captions look; exchanged with `configure`.
        sinks: the first receivers; more with `add_sink`.
        clock: that of the source's frames.
    """

    def __init__(
        self,
        source: Source,
        make_captioner: Callable[[], Captioner],
        settings: Settings | None = None,
        sinks: Sequence[Sink] = (),
        *,
        clock: Clock = REAL,
    ) -> None:
        self.settings = settings or Settings()
        self.error: BaseException | None = None
        self.sink_errors: dict[str, str] = {}
        self.waiting: str | None = None  # what reading waits for, as a sentence for people
        self.finished = threading.Event()  # the source ended, something failed, or `stop` was called
        self._source, self._clock = source, clock
        self._make_captioner = make_captioner
        self._reading = CaptionResult()
        self._listeners: Listeners[Callable[[CaptionResult], None]] = Listeners()
        self._frame_listeners: Listeners[FrameListener] = Listeners()
        self._sinks: list[_SinkThread] = []
        self._lock = threading.Lock()
        self._to_recognise: LatestValue[Frame] = LatestValue(clock)
        self._to_compose: LatestValue[Frame] = LatestValue(clock)
        self._edits = EditQueue()
        self._paused = False
        self._load = LoadShedder(1 / PACE, clock.monotonic())
        self._configured: Settings | None = None  # what the captioner has
        self._ready = threading.Event()  # the captioner is there
        self._choosing: ChoosingCaptioner | None = None
        self._stopped = threading.Event()
        self._times = {stage: StageTimer() for stage in ("capture", "recognise", "compose")}
        self._stage_times: dict[str, StageTimer] = {}
        self._threads = [
            threading.Thread(target=self._guard, args=(work,), name=name, daemon=True)
            for name, work in (
                ("capture", self._capture),
                ("recognise", self._recognise),
                ("compose", self._compose),
            )
        ]
        self._first_sinks = list(sinks)

    @property
    def reading(self) -> CaptionResult:
        """The newest result."""
        return self._reading

    @property
    def source(self) -> Source:
        """The source of the frames."""
        return self._source

    def start(self) -> None:
        """Start all threads."""
        _log.info("Started: frames come from %s", self._source.name)
        for sink in self._first_sinks:
            self.add_sink(sink)
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End all threads and close the source and the sinks. Safe to call twice and from any thread."""
        self.finished.set()
        self._stopped.set()
        self._to_recognise.close()
        self._to_compose.close()
        self._source.close()
        for thread in self._threads:
            if thread.is_alive() and thread is not threading.current_thread():
                thread.join(3.0)
        with self._lock:
            sinks, self._sinks = self._sinks, []
        for sink in sinks:
            sink.stop()
        _log.info("Stopped")

    def listen(self, listener: Callable[[CaptionResult], None]) -> Callable[[], None]:
        """Call `listener` with each new reading, in the recognise thread; it must be quick.

        Returns:
            A function that ends it.
        """
        return self._listeners.add(listener)

    def listen_frames(self, listener: FrameListener) -> Callable[[], None]:
        """Call `listener` with each frame that was recognised, without captions, and its reading.

        In the recognise thread; it must be quick, and must not write into the frame's pixels.

        Returns:
            A function that ends it.
        """
        return self._frame_listeners.add(listener)

    def configure(self, settings: Settings) -> None:
        """Go on with other settings, from the next frame on. From any thread."""
        self.settings = settings

    @property
    def paused(self) -> bool:
        """Whether captions are held on: the picture goes on, and nothing is read from it."""
        return self._paused

    def pause(self, paused: bool = True) -> None:
        """Hold captions on, ending the current one, or let them go on. From any thread."""
        was, self._paused = self._paused, paused  # first: nothing is read after the end of the caption
        _log.info("Captions are %s", "paused" if paused else "on")
        if paused and not was:
            self._edits.put(Transcript.finish)

    def take_other_hand(self) -> bool:
        """Read another hand than the one that is read, as soon as one is up. From any thread.

        Returns:
            Whether that can be: not while models are loaded, and not where there is nothing to choose.
        """
        if self._choosing is None:
            return False
        self._choosing.take_other_hand()
        return True

    def edit(self, edit: Edit) -> "Future[CaptionState]":
        """Edit the transcript, in the recognise thread; also when the source has ended, until `stop`.

        Returns:
            The text after it, once everybody has it, or a SigncapError. See `EditQueue.put`.
        """
        return self._edits.put(edit)

    def add_sink(self, sink: Sink) -> None:
        """Send pictures to one more receiver, from now on."""
        self._spare(sink)
        with self._lock:
            self._sinks = [*self._sinks, _SinkThread(sink, self._sink_failed, self._clock)]
        _log.debug("Pictures go to %s", sink.name)

    def _spare(self, *sinks: Sink) -> None:
        for sink in sinks:
            if isinstance(sink, SparingSink):
                sink.spare(self.step.lean)

    def remove_sink(self, sink: Sink) -> None:
        """Stop sending to `sink` and close it."""
        with self._lock:
            gone = [thread for thread in self._sinks if thread.sink is sink]
            self._sinks = [thread for thread in self._sinks if thread.sink is not sink]
        for thread in gone:
            thread.stop()
            _log.debug("Pictures no longer go to %s: %d were dropped", sink.name, thread.slot.dropped)

    @property
    def step(self) -> QualityLevel:
        """The level of quality: less than the first where the machine is too slow."""
        return replace(self._load.step, every=1) if self.patient else self._load.step

    @property
    def patient(self) -> bool:
        """Whether the source waits until its frames are read: none of them is skipped."""
        return isinstance(self._source, PatientSource) and self._source.patient

    @property
    def sinks(self) -> tuple[Sink, ...]:
        """The receivers that there are now."""
        return tuple(thread.sink for thread in self._sinks)

    def remove_sinks(self, beginning: str) -> None:
        """Remove all sinks whose names begin so; what was said of those that failed goes as well."""
        for thread in self._sinks:
            if thread.sink.name.startswith(beginning):
                self.remove_sink(thread.sink)
        self.sink_errors = {name: why for name, why in self.sink_errors.items() if not name.startswith(beginning)}

    def stats(self) -> dict[str, StageStats]:
        """Figures of each stage, each sink ("sink NAME"), and its delay behind the capture ("delay NAME").

        A `MeasuredSink` has its own ("STAGE NAME") in the place of what the pipeline sees of it.
        """
        slots, now = {"recognise": self._to_recognise, "compose": self._to_compose}, self._clock.monotonic()
        result = {
            stage: times.stats(slots[stage].dropped if stage in slots else 0, now)
            for stage, times in self._times.items()
        }
        for stage, times in list(self._stage_times.items()):
            result[stage] = times.stats(now=now)
        for thread in self._sinks:
            result[f"sink {thread.sink.name}"] = thread.times.stats(thread.slot.dropped, now)
            result[f"delay {thread.sink.name}"] = thread.latency.stats(now=now)
            if isinstance(thread.sink, MeasuredSink):
                result |= {f"{stage} {thread.sink.name}": stats for stage, stats in thread.sink.stages().items()}
        return result

    def _guard(self, work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:  # a thread that fails stops the pipeline with its cause
            _log.info("The thread %s failed: %s", threading.current_thread().name, failure(error))
            if self.error is None:
                self.error = error
            self.finished.set()
            self._to_recognise.close()
            self._to_compose.close()

    def _sink_failed(self, sink: Sink, error: BaseException) -> None:
        _log.info("The sink %s failed: %s", sink.name, failure(error))
        self.sink_errors[sink.name] = str(error)
        with self._lock:
            self._sinks = [thread for thread in self._sinks if thread.sink is not sink]

    def _capture(self) -> None:
        while not self.finished.is_set():
            began = self._clock.monotonic()
            frame = self._source.read()
            if frame is None:
                _log.info("The source has ended")
                break
            ended = self._clock.monotonic()
            self._times["capture"].note(ended, (ended - began) * 1000)
            self._to_compose.put(frame)
            if frame.index % self.step.every == 0:
                self._to_recognise.put(frame)
            if self._ready.is_set() and self.patient:
                self._to_recognise.wait_taken(PATIENCE)
                self._to_compose.wait_taken(PATIENCE)
        self._to_recognise.close()
        self._to_compose.close()

    def _recognise(self) -> None:
        try:
            captioner = self._make_captioner()
            _log.info("The recogniser is ready")
            self._choosing = captioner if isinstance(captioner, ChoosingCaptioner) else None
            self._ready.set()
            self._configure(captioner)
            self._read(captioner)
            while not self._clock.wait(self._stopped, EDIT_WAIT):
                self._configure(captioner)
                self._edits.make(lambda edit: self._edit(captioner, edit))
                self._pass_time(captioner, self._clock.monotonic())
        finally:
            self._edits.close()

    def _configure(self, captioner: Captioner) -> None:
        if self._configured is not self.settings:
            self._configured = self.settings
            captioner.configure(self._configured)

    def _edit(self, captioner: Captioner, edit: Edit) -> CaptionState:
        at = self._clock.monotonic()  # not that of the last frame: none may have been read for a long time

        def edit_now(transcript: Transcript) -> CaptionState:
            transcript.pass_time(at)
            return edit(transcript)

        state = captioner.edit(edit_now)
        self._publish_unread(state, at)
        return state

    def _pass_time(self, captioner: Captioner, at: float) -> None:
        """Let a caption end in time that passes without a frame being read: what was typed, or signed before it."""
        if self._reading.state.committed:
            state = captioner.edit(lambda transcript: transcript.pass_time(at))
            if state != self._reading.state:
                self._publish_unread(state, at)

    def _publish_unread(self, state: CaptionState, at: float) -> None:
        """Publish a text that has changed without a frame being read."""
        self._publish(replace(self._reading, at=max(at, self._reading.at), state=state, letters=(), moments=()))

    def _read(self, captioner: Captioner) -> None:
        try:
            while True:
                closed = self._to_recognise.closed
                frame = self._to_recognise.take(EDIT_WAIT)
                self._configure(captioner)
                self._edits.make(lambda edit: self._edit(captioner, edit))
                if frame is None:
                    if closed:
                        break
                    self._pass_time(captioner, self._clock.monotonic())
                    continue
                if self._paused:
                    self._pass_time(captioner, frame.at)
                    unread = replace(self._reading, hand=None, posteriors=None, letters=(), moments=())
                    self._publish(replace(unread, at=max(frame.at, unread.at)))
                    continue
                began = self._clock.monotonic()
                reading = captioner.accept(frame)
                ended = self._clock.monotonic()
                self._times["recognise"].note(ended, (ended - began) * 1000)
                if not self.patient:
                    self._load.read(ended, ended - began)
                for stage, ms in reading.stages.items():
                    self._stage_times.setdefault(stage, StageTimer()).note(ended, ms)
                self._publish(reading)
                for listener in self._frame_listeners:
                    listener(frame, reading)
            final = captioner.finish()
            self._publish(replace(final, at=max(final.at, self._reading.at)))
        finally:
            captioner.close()

    def _publish(self, reading: CaptionResult) -> None:
        before, self._reading = self._reading.state, reading
        if _log.isEnabledFor(logging.DEBUG) and reading.state.revision != before.revision:
            _log.debug("%s", _what_changed(before, reading.state))
        for listener in self._listeners:
            listener(reading)

    def _compose(self) -> None:
        composer = Composer()
        last: Frame | None = None
        while not (self.finished.is_set() or (self._to_compose.closed and last is None)):
            frame = self._to_compose.take(LOST_AFTER)
            if frame is None:
                if self._to_compose.closed:
                    break
                if last is None:
                    continue
            last = frame or last
            assert last is not None
            began = self._clock.monotonic()
            # A picture that is sent again is one of now: what was typed since comes into it, and goes again.
            at, notice = (began, self._source.notice) if frame is None else (last.at, frame.notice)
            picture = composer.compose(last, self._reading, self.settings, at=at, notice=notice)
            for thread in self._sinks:
                thread.slot.put(picture)
            ended = self._clock.monotonic()
            self._times["compose"].note(ended, (ended - began) * 1000)
            is_live = frame is not None and frame.notice is None and self._source.live and not self.patient
            if is_live and self._load.drawn(ended, ended - last.at, self._to_compose.dropped):
                step = self.step
                _log.info(
                    "Load: one frame of %d is read, previews are %s", step.every, "lean" if step.lean else "full"
                )
                self._spare(*self.sinks)
        self.finished.set()


def _what_changed(before: CaptionState, state: CaptionState) -> str:
    """How a text has changed, told without any of it."""
    finished = state.cues[-1].index if state.cues else -1
    if finished > (before.cues[-1].index if before.cues else -1):
        cue = state.cues[-1]
        return f"Caption {finished + 1} is finished: {len(cue.text)} characters in {cue.end - cue.start:.1f} s"
    return f"Caption {finished + 2}: {len(state.committed)} characters are final, {len(state.partial)} are not"
