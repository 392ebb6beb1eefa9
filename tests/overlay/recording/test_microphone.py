"""A real microphone, by PulseAudio; and what is said where there is none."""

import builtins
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from overlay.core.errors import SinkError
from overlay.recording.audio_sync import Samples
from overlay.recording.microphone import DEFAULT, NO_PORTAUDIO, Microphone, list_microphones
from tests.waiting import until

pytestmark = pytest.mark.e2e


def listen(name: str, seconds: float) -> tuple[Microphone, list[tuple[Samples, float]]]:
    heard: list[tuple[Samples, float]] = []
    microphone = Microphone(name, lambda samples, at: heard.append((samples, at)))
    until(lambda: sum(len(samples) for samples, _ in heard) >= seconds * microphone.rate)
    microphone.close()
    return microphone, heard


@pytest.mark.slow
@pytest.mark.parametrize("name", ["sine", "SIN", DEFAULT])
def test_its_sound_comes_with_the_time_at_which_it_was_heard(sine: Callable[[], None], name: str) -> None:
    assert "sine" in list_microphones()
    before = time.monotonic()
    microphone, heard = listen(name, 3.0)
    times = np.array([at for _, at in heard])
    places = np.cumsum([0, *(len(samples) for samples, _ in heard[:-1])]) / microphone.rate
    # Blocks that come together keep their distances, whenever they are handed over. A machine that stands still for a
    # moment loses sound before a block, or notes the time of some too late: the others keep theirs all the same.
    offsets = (times - times[0]) - places
    surely = np.minimum.accumulate(offsets[::-1])[::-1]
    assert np.mean(offsets - surely > 0.1) < 0.1
    steps = np.diff(surely)
    assert steps[steps <= 0.1].sum() < 0.1
    assert before - 5 < times[0] < time.monotonic()
    sound = np.concatenate([samples for samples, _ in heard])
    loudest = np.argmax(np.abs(np.fft.rfft(sound))) * microphone.rate / len(sound)
    assert loudest == pytest.approx(440, abs=2)


@pytest.mark.slow
def test_one_that_is_unplugged_grows_silent(sine: Callable[[], None]) -> None:
    heard: list[float] = []
    microphone = Microphone("sine", lambda _samples, at: heard.append(at))
    until(lambda: heard)
    sine()
    until(lambda: microphone.silent_for >= 3.0)
    microphone.close()


@pytest.mark.slow
def test_another_name_is_answered_with_those_that_there_are(sine: Callable[[], None]) -> None:
    with pytest.raises(SinkError, match=r"There is no microphone violin: choose one of .*sine"):
        Microphone("violin", lambda _samples, _at: None)


@pytest.mark.unit
def test_without_portaudio_one_sentence_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name == "sounddevice":
            raise OSError("PortAudio library not found")
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    for ask in (list_microphones, lambda: Microphone(DEFAULT, lambda _samples, _at: None)):
        with pytest.raises(SinkError) as refused:
            ask()
        assert str(refused.value) == NO_PORTAUDIO
