"""What a voice says when, with an engine and a microphone that do as they are told, by a clock that is stepped."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from overlay.core.errors import SinkError
from overlay.core.settings import VoiceUse
from overlay.pipeline.final_captions import FinalCaptionStream
from overlay.speech.engine import EngineError, EngineVoice, Job
from overlay.speech.output import LOOK_EVERY, PIECE, SpeechOutput
from overlay.speech.service import AGAIN_AFTER, OFF, TEST, SpeechService
from tests.clock import SteppedClock
from tests.overlay.transcripts.conftest import Person

pytestmark = pytest.mark.unit

LONG = "ONE LONG SENTENCE THAT TAKES ITS TIME TO BE SPOKEN"


class Engine:
    name, slow, voices = "espeak-ng", False, (EngineVoice("en", "English"),)

    def job(self, voice: str, speed: float) -> Job:
        return Job(("speaker", voice, str(speed)), 8000)


class Microphone:
    """That of a call, and who listens to it."""

    def __init__(self) -> None:
        self.listening: tuple[str, ...] = ()
        self.closed = False

    def play(self, rate: int) -> Any:
        raise AssertionError("nothing is played")

    def heard_by(self) -> tuple[str, ...]:
        return self.listening

    def close(self) -> None:
        self.closed = True


class ScriptedOutput(SpeechOutput):
    """Takes so many seconds for a caption, and notes which it said to the end."""

    def __init__(self, clock: SteppedClock) -> None:
        super().__init__(self._open, lambda: (Engine(),), self._note_tidied, clock)
        self.clock = clock
        self.takes = 0.0
        self.microphones: list[Microphone] = []
        self.no_microphone: str | None = None
        self.fails: SinkError | None = None
        self.begun: list[str] = []
        self.said: list[str] = []
        self.tidied = False

    def _open(self) -> Microphone:
        if self.no_microphone is not None:
            raise SinkError(self.no_microphone)
        self.microphones.append(Microphone())
        return self.microphones[-1]

    def _note_tidied(self) -> None:
        self.tidied = True

    def say(self, text: str, use: VoiceUse, goes_on: Callable[[], bool], heard: Callable[[float], None]) -> float:
        if self.fails is not None:
            raise self.fails
        self.begun.append(text)
        began = self.clock.monotonic()
        while goes_on() and self.clock.monotonic() < began + self.takes:
            heard(0.5)
            self.clock.pass_by(PIECE)
        if goes_on():
            self.said.append(text)
        return began


class Scene:
    """A voice, and somebody whose captions it speaks."""

    def __init__(self, **use: Any) -> None:
        self.clock = SteppedClock()
        self.output = ScriptedOutput(self.clock)
        self.told: list[str | None] = []
        self.use = VoiceUse(**{"speak": True, **use})
        self.voice = SpeechService(self.use, told=self.told.append, output=self.output, clock=self.clock)
        captions = FinalCaptionStream(self.clock)
        captions.listen(self.voice.accept)
        self.person = Person(self.clock, captions.accept, {"HELO": ("HELLO", "HELP")})
        self.clock.settle()

    @property
    def microphone(self) -> Microphone:
        """The one that is there."""
        return self.output.microphones[-1]


@pytest.fixture
def scene() -> Iterator[Callable[..., Scene]]:
    scenes: list[Scene] = []

    def make(**use: Any) -> Scene:
        scenes.append(Scene(**use))
        return scenes[-1]

    yield make
    for one in scenes:
        one.voice.close(0.0)
        one.clock.advance(PIECE)


def test_captions_are_spoken_in_order_each_once(scene: Callable[..., Scene]) -> None:
    one = scene()
    one.output.takes = 3.0
    for text in ("one", "two", "three"):
        one.person.type(text)
    assert one.voice.state.speaking == "one"
    assert (one.voice.state.waiting, one.voice.state.level) == (2, 0.5)
    one.clock.advance(10.0)
    assert one.output.said == ["one", "two", "three"]
    state = one.voice.state
    assert (state.spoken, state.skipped, state.failed, state.waiting, state.speaking) == (3, 0, 0, 0, None)
    assert state.latency_ms == pytest.approx(4000, abs=100)  # of the third, which waited two seconds for each


def test_a_correction_is_spoken_in_the_place_of_what_was_read(scene: Callable[..., Scene]) -> None:
    one = scene()
    one.output.takes = 10.0
    one.person.type(LONG)
    one.person.say("HELO")
    one.person.choose(1, "HELO", "HELLO")
    one.clock.advance(21.0)
    assert one.output.said == [LONG, "HELLO"]
    one.person.undo()  # too late, and nothing is repeated
    one.clock.advance(20.0)
    assert one.output.begun == [LONG, "HELLO"]
    assert one.voice.state.spoken == 2


def test_a_signed_caption_waits_for_corrections_and_a_typed_one_does_not(scene: Callable[..., Scene]) -> None:
    one = scene(wait=4.0)
    one.person.type("typed")
    assert one.output.said == ["typed"]
    one.person.say("HELO")
    one.clock.advance(3.9)
    assert one.output.said == ["typed"]
    one.person.choose(1, "HELO", "HELLO")
    one.clock.advance(0.2)
    assert one.output.said == ["typed", "HELLO"]


def spell_on(person: Person, text: str) -> None:
    """Spell words with a pause between them, in one caption that goes on."""
    for word in text.split(" "):
        person.sign(word)
        for _ in range(3):
            person.wait(0.3)


def test_words_are_spoken_soon_though_their_caption_goes_on_and_each_once(scene: Callable[..., Scene]) -> None:
    one = scene()
    spell_on(one.person, "MY TRAIN IS LATE AND I")
    assert one.person.transcript.state.cues == ()
    assert one.output.said == ["MY TRAIN", "IS LATE"]
    spell_on(one.person, "COME AT NOON")
    for _ in range(30):
        one.person.wait(0.1)
    assert len(one.person.transcript.state.cues) == 1
    assert " ".join(one.output.said) == "MY TRAIN IS LATE AND I COME AT NOON"


def test_words_of_a_caption_that_goes_on_wait_for_corrections_as_long_as_others(scene: Callable[..., Scene]) -> None:
    one = scene(wait=6.0)
    spell_on(one.person, "HELO IT IS")
    for _ in range(3):
        spell_on(one.person, "A")
    assert one.voice.state.waiting == 1
    one.person.choose(0, "HELO", "HELLO")
    spell_on(one.person, "A A A")
    assert one.output.said[0].startswith("HELLO")


def test_what_has_waited_for_too_long_is_skipped(scene: Callable[..., Scene]) -> None:
    one = scene(oldest=8.0)
    one.output.takes = 10.0
    for text in (LONG, "too old", "too old as well"):
        one.person.type(text)
    one.clock.advance(3.0)
    one.person.type("new")
    one.clock.advance(20.0)
    assert one.output.said == [LONG, "new"]
    assert (one.voice.state.skipped, one.voice.state.waiting) == (2, 0)


def test_mute_is_silence_at_once_and_nothing_comes_later(scene: Callable[..., Scene]) -> None:
    one = scene()
    one.output.takes = 10.0
    one.person.type(LONG)
    one.person.type("waits for its turn")
    one.voice.mute(True)
    one.clock.advance(PIECE)
    assert (one.voice.state.speaking, one.voice.state.waiting, one.voice.state.muted) == (None, 0, True)
    one.person.type("not heard")
    with pytest.raises(SinkError, match=OFF):
        one.voice.test()
    one.clock.advance(30.0)
    one.voice.mute(False)
    one.voice.test()
    one.person.type("heard")
    one.clock.advance(30.0)
    assert one.output.said == [TEST, "heard"]


def test_switched_off_it_takes_the_microphone_away_and_gives_it_back(scene: Callable[..., Scene]) -> None:
    one = scene(speak=False)
    assert (one.output.tidied, one.output.microphones, one.voice.state.ready) == (True, [], False)
    one.person.type("not heard")
    one.voice.configure(VoiceUse(speak=True))
    one.clock.settle()
    assert one.voice.state.ready
    one.person.type("heard")
    one.voice.configure(VoiceUse(speak=False))
    one.clock.settle()
    assert one.output.said == ["heard"]
    assert (one.microphone.closed, one.voice.state.ready) == (True, False)


def test_who_listens_is_looked_at_now_and_then(scene: Callable[..., Scene]) -> None:
    one = scene()
    one.microphone.listening = ("Chromium",)
    assert one.voice.state.heard_by == ()
    one.clock.advance(LOOK_EVERY + 0.1)
    assert one.voice.state.heard_by == ("Chromium",)


def test_a_microphone_that_cannot_be_made_is_told_once_and_tried_again(scene: Callable[..., Scene]) -> None:
    one = scene(speak=False)
    one.output.no_microphone = "No sound server answers."
    one.voice.configure(one.use.model_copy(update={"speak": True}))
    one.clock.advance(3 * AGAIN_AFTER)
    assert one.told == ["No sound server answers."]
    assert (one.voice.state.ready, one.voice.state.sentence) == (False, one.told[0])
    with pytest.raises(SinkError, match="No sound server answers"):
        one.voice.test()
    one.output.no_microphone = None
    one.clock.advance(AGAIN_AFTER + LOOK_EVERY)
    assert one.told == ["No sound server answers.", None]
    one.person.type("heard")
    assert one.output.said == ["heard"]


def test_an_engine_that_fails_leaves_the_microphone_and_is_tried_again(scene: Callable[..., Scene]) -> None:
    one = scene()
    one.output.fails = EngineError("It cannot speak.")
    one.person.type("lost")
    assert (one.voice.state.failed, one.voice.state.sentence, one.voice.state.ready) == (1, "It cannot speak.", True)
    one.output.fails = None
    one.person.type("said later")
    assert one.output.said == []
    one.clock.advance(AGAIN_AFTER)
    assert one.output.said == ["said later"]
    assert one.told == ["It cannot speak.", None]


def test_a_sound_server_that_goes_takes_the_microphone_with_it(scene: Callable[..., Scene]) -> None:
    one = scene()
    first = one.microphone
    one.output.fails = SinkError("The sound server has gone.")
    one.person.type("lost")
    assert (first.closed, one.voice.state.ready, one.voice.state.failed) == (True, False, 1)
    one.output.fails = None
    one.clock.advance(AGAIN_AFTER + LOOK_EVERY)
    assert one.microphone is not first
    assert one.voice.state.ready
