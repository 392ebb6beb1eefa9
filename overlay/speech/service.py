"""Speaks finished captions into the call, in a thread of its own: no engine and no sound server holds one up."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from overlay.core.clock import REAL, Clock
from overlay.core.errors import SinkError
from overlay.core.settings import VoiceUse
from overlay.pipeline.caption_parts import SETTLED, CaptionPart
from overlay.pipeline.final_captions import FinalCaptionUpdate
from overlay.speech.engine import EngineError
from overlay.speech.output import LOOK_EVERY, SpeechOutput
from overlay.speech.queue import Waiting, WaitingCaptions

AGAIN_AFTER: Final = 3.0  # seconds after which what could not be opened is tried again
TEST: Final = "This is how captions sound in the call."
OFF: Final = "Switch the voice on first, and unmute it."

Told = Callable[[str | None], None]


@dataclass(frozen=True, slots=True)
class VoiceState:
    """The state of a voice.

    Attributes:
        on: the user wants captions spoken.
        muted: but not now.
        ready: calls can choose the microphone.
        sentence: why it cannot speak, and what to do.
        engine: what speaks.
        speaking: the caption that is being said.
        level: how loud it is now, from 0 to 1.
        waiting: captions that will be said.
        spoken: captions that were.
        skipped: those that had become too old, or too many waited.
        failed: those that the engine or the sound server did not manage.
        latency_ms: from when the last one was finished to its first sound.
        heard_by: names of the programs that take the microphone.
    """

    on: bool
    muted: bool
    ready: bool
    sentence: str | None
    engine: str | None
    speaking: str | None
    level: float
    waiting: int
    spoken: int
    skipped: int
    failed: int
    latency_ms: int | None
    heard_by: tuple[str, ...]


class SpeechService:
    """Speaks finished captions into a call. Any thread may call it.

    Args:
        use: whether and how.
        told: given one sentence when it cannot speak, and None when it can again; in the voice's thread.
        output: engine and microphone.
        clock: by which captions wait and grow old.
    """

    def __init__(
        self,
        use: VoiceUse,
        *,
        told: Told = lambda _sentence: None,
        output: SpeechOutput | None = None,
        clock: Clock = REAL,
    ) -> None:
        self._use, self._told, self._clock = use, told, clock
        self._output = output or SpeechOutput(clock=clock)
        self._changed = threading.Condition()
        self._waiting = WaitingCaptions()
        self._cuts = 0  # grows when what is being said must end
        self._muted = self._closing = False
        self._again = float("-inf")  # monotonic: nothing is opened before
        self._sentence: str | None = None
        self._speaking: str | None = None
        self._level = 0.0
        self._spoken = self._failed = 0
        self._latency_ms: int | None = None
        self._thread = threading.Thread(target=self._run, name="voice", daemon=True)
        self._thread.start()

    @property
    def state(self) -> VoiceState:
        """The state of the voice."""
        with self._changed:
            return VoiceState(
                on=self._use.speak,
                muted=self._muted,
                ready=self._output.open,
                sentence=self._sentence,
                engine=self._output.engine,
                speaking=self._speaking,
                level=self._level,
                waiting=len(self._waiting),
                spoken=self._spoken,
                skipped=self._waiting.skipped,
                failed=self._failed,
                latency_ms=self._latency_ms,
                heard_by=self._output.heard_by,
            )

    def accept(self, update: FinalCaptionUpdate) -> None:
        """Take what is new, in any one thread. Quick."""
        for part in update.parts:
            now = self._clock.monotonic()
            with self._changed:
                if self._use.speak and not self._muted:
                    self._waiting.put(Waiting(part.place, part.text, now, now + self._wait(part)))
                    self._changed.notify()
                else:
                    self._waiting.note(part.place)

    def configure(self, use: VoiceUse) -> None:
        """Speak otherwise from now on, or no longer."""
        with self._changed:
            if use != self._use:
                if not use.speak:
                    self._be_silent()
                self._use, self._again = use, float("-inf")
                self._changed.notify()

    def mute(self, muted: bool) -> None:
        """Fall silent at once, and forget what waits; or speak what is finished from now on."""
        with self._changed:
            self._muted = muted
            if muted:
                self._be_silent()

    def test(self) -> None:
        """Say something into the call.

        Raises:
            SinkError: it cannot be heard: why.
        """
        with self._changed:
            if not (self._use.speak and self._output.open) or self._muted:
                raise SinkError(self._sentence or OFF)
            now = self._clock.monotonic()
            self._waiting.put(Waiting(None, TEST, now, now))
            self._changed.notify()

    def close(self, timeout: float = 2.0) -> None:
        """Fall silent, and take the microphone away."""
        with self._changed:
            self._closing = True
            self._be_silent()
            self._changed.notify()
        self._thread.join(timeout)

    def _wait(self, part: CaptionPart) -> float:
        """Return how long a part may still be corrected; words that go out early have settled already."""
        if part.typed:
            return 0.0
        return self._use.wait if part.ends else max(0.0, self._use.wait - SETTLED)

    def _be_silent(self) -> None:
        self._cuts += 1
        self._waiting.clear()

    def _run(self) -> None:
        if not self._use.speak:
            self._output.tidy()
        while not self._closing:
            try:
                use = self._use
                self._prepare(use)
                self._speak(use)
            except EngineError as error:
                self._fail(str(error))
            except SinkError as error:
                self._output.close()
                self._fail(str(error))
        self._output.close()

    def _prepare(self, use: VoiceUse) -> None:
        if not use.speak:
            self._output.close()
            self._tell(None)
        elif self._clock.monotonic() >= self._again:
            self._output.prepare(use)
            self._tell(None)

    def _speak(self, use: VoiceUse) -> None:
        """Say the next caption, or wait for one."""
        with self._changed:
            if self._closing or self._use is not use:
                return
            now, cuts = self._clock.monotonic(), self._cuts
            able = self._output.open and now >= self._again
            caption = self._waiting.take(now, use.oldest) if able else None
            if caption is None:
                rest = min(LOOK_EVERY, self._waiting.rest(now)) if able else LOOK_EVERY
                self._clock.wait(self._changed, rest if use.speak else None)
                return
            self._speaking = caption.text
        try:
            began = self._output.say(caption.text, use, lambda: self._cuts == cuts, self._hear)
        except SinkError:
            self._failed += 1
            raise
        finally:
            with self._changed:
                self._speaking, self._level = None, 0.0
        if began is not None:
            self._spoken += 1
            self._latency_ms = round((began - caption.at) * 1000)

    def _hear(self, level: float) -> None:
        self._level = level

    def _fail(self, sentence: str) -> None:
        self._again = self._clock.monotonic() + AGAIN_AFTER
        self._tell(sentence)

    def _tell(self, sentence: str | None) -> None:
        if sentence != self._sentence:
            self._sentence = sentence
            self._told(sentence)
