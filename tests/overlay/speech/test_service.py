"""A voice in a call: real engine, real sound server, and a call that records what its microphone gives."""

import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pulsectl
import pytest

from overlay.captions.state import CaptionState, Cue
from overlay.core.settings import VoiceUse
from overlay.pipeline.final_captions import FinalCaptionStream
from overlay.pipeline.result import CaptionResult
from overlay.speech.service import SpeechService
from overlay.speech.virtual_microphone import NO_SERVER, SINK, SOURCE, TAKEN, CallMicrophone
from tests.overlay.speech.conftest import Call, SoundServer
from tests.waiting import until

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the call's microphone is for Linux"),
    pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="eSpeak NG is not installed here"),
]

Join = Callable[[], Call]


class Captions:
    """Finishes captions as the recogniser does."""

    def __init__(self, voice: SpeechService) -> None:
        self._captions = FinalCaptionStream()
        self._captions.listen(voice.accept)
        self._cues: tuple[Cue, ...] = ()

    def finish(self, text: str) -> float:
        """Gives the time."""
        self._cues = (*self._cues, Cue(len(self._cues), text, 0.0, 0.0))
        now = time.monotonic()
        self._captions.accept(CaptionResult(now, CaptionState(1, self._cues)))
        return now


@pytest.fixture
def make_voice() -> Iterator[Callable[..., SpeechService]]:
    voices: list[SpeechService] = []

    def make(**options: Any) -> SpeechService:
        use = VoiceUse(**{"speak": True, "engine": "espeak-ng", **options.pop("use", {})})
        voices.append(SpeechService(use, **options))
        return voices[-1]

    yield make
    for voice in voices:
        voice.close()


@pytest.fixture
def voice(sound_server: SoundServer, make_voice: Callable[..., SpeechService]) -> SpeechService:
    voice = make_voice()
    until(lambda: voice.state.ready, text=f"no microphone: {voice.state}")
    return voice


def devices() -> set[str]:
    with pulsectl.Pulse("test") as server:
        return {device.name for device in (*server.sink_list(), *server.source_list())}


def test_a_call_hears_each_finished_caption_and_silence_otherwise(voice: SpeechService, join_call: Join) -> None:
    call = join_call()
    until(lambda: voice.state.heard_by, text="nobody is told of")
    until(lambda: call.silent_for(0.5), text="something is heard before anything was said")
    captions = Captions(voice)
    for text in ("HELLO THERE", "how are you?"):
        began = captions.finish(text)
        until(lambda began=began: call.loud(began), text="nothing is heard")  # type: ignore[misc]
        until(lambda: voice.state.speaking is None)
        until(lambda: call.silent_for(0.5), text="it never ends")
    until(lambda: voice.state.spoken == 2)
    state = voice.state
    assert (state.spoken, state.skipped, state.failed, state.waiting) == (2, 0, 0, 0)
    assert state.latency_ms is not None
    assert state.latency_ms > 0


def test_mute_is_silence_at_once_and_nothing_comes_later(voice: SpeechService, join_call: Join) -> None:
    call = join_call()
    captions = Captions(voice)
    began = captions.finish("ONE LONG SENTENCE THAT TAKES ITS TIME TO BE SPOKEN AND IS CUT OFF")
    captions.finish("WAITS FOR ITS TURN")
    until(lambda: call.loud(began))
    voice.mute(True)
    until(lambda: voice.state.speaking is None)
    assert voice.state.waiting == 0
    captions.finish("NOT HEARD")
    until(lambda: call.silent_for(1.0), text="it goes on speaking")
    voice.mute(False)
    began = captions.finish("HEARD")
    until(lambda: call.loud(began))
    until(lambda: voice.state.spoken >= 1 and voice.state.speaking is None)
    assert voice.state.waiting == 0


def test_the_microphone_is_there_for_as_long_as_it_is_wanted(voice: SpeechService) -> None:
    assert {SINK, SOURCE} <= devices()
    voice.configure(VoiceUse(speak=False))
    until(lambda: not {SINK, SOURCE} & devices(), text="the microphone stays")
    voice.configure(VoiceUse(speak=True))
    until(lambda: {SINK, SOURCE} <= devices(), text="it does not come back")
    voice.close()
    until(lambda: not {SINK, SOURCE} & devices(), text="the microphone outlives the voice")


@pytest.mark.slow
def test_what_a_crash_left_is_taken_away_by_the_next_start(
    sound_server: SoundServer, make_voice: Callable[..., SpeechService]
) -> None:
    code = (
        "import time\nfrom overlay.speech.virtual_microphone import CallMicrophone\n"
        "microphone = CallMicrophone()\nprint('made', flush=True)\ntime.sleep(60)"
    )
    other = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert other.stdout is not None
    try:
        assert other.stdout.readline() == "made\n"
        waiting = make_voice()
        until(lambda: waiting.state.sentence == TAKEN)  # it lives: nothing of it is touched
        assert {SINK, SOURCE} <= devices()
        waiting.close()
    finally:
        other.kill()
        other.communicate()
    assert {SINK, SOURCE} <= devices()
    make_voice(use={"speak": False})  # also where nothing is to be spoken
    until(lambda: not {SINK, SOURCE} & devices(), text="what the crash left stays")


def test_the_devices_that_others_use_stay_the_default(sound_server: SoundServer) -> None:
    with pulsectl.Pulse("test") as server:
        server.module_load("module-null-sink", "sink_name=loudspeakers")
        until(lambda: "loudspeakers" in devices())

        def chosen() -> bool:
            """A server that has only just met them may pass over the choice: then it is asked again."""
            server.default_set(next(sink for sink in server.sink_list() if sink.name == "loudspeakers"))
            return bool(server.server_info().default_sink_name == "loudspeakers")

        until(chosen)
        microphone = CallMicrophone()
        assert server.server_info().default_sink_name == "loudspeakers"
        microphone.close()


@pytest.mark.slow
def test_it_goes_on_when_the_sound_server_comes_back(sound_server: SoundServer, voice: SpeechService) -> None:
    sound_server.stop()
    until(lambda: voice.state.sentence is not None and not voice.state.ready)
    sound_server.start()
    until(lambda: voice.state.ready and voice.state.sentence is None, text=f"{voice.state}")


def test_without_a_sound_server_one_sentence_says_what_to_do(
    make_voice: Callable[..., SpeechService], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULSE_SERVER", "unix:/nowhere/native")
    told: list[str | None] = []
    voice = make_voice(told=told.append)
    until(lambda: told == [NO_SERVER])
    assert (voice.state.on, voice.state.ready, voice.state.sentence) == (True, False, NO_SERVER)
    voice.configure(VoiceUse(speak=False))
    until(lambda: told == [NO_SERVER, None])


def test_an_engine_that_is_missing_leaves_the_microphone_in_the_call(
    sound_server: SoundServer, make_voice: Callable[..., SpeechService]
) -> None:
    voice = make_voice()
    until(lambda: voice.state.ready)
    voice.configure(VoiceUse(speak=True, engine="piper"))
    until(lambda: voice.state.sentence is not None)
    assert "piper is not installed here" in str(voice.state.sentence)
    assert SOURCE in devices()
