"""Engines: what they are told, and what becomes of programs that do not do what they should."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from overlay.speech import synthesis_process as speech
from overlay.speech.engine import EngineError, Job, voice_of
from overlay.speech.engines import choose_engine, find_engines
from overlay.speech.espeak import find_espeak
from overlay.speech.piper import find_piper
from overlay.speech.spoken import Notation
from overlay.speech.synthesis_process import Speech

pytestmark = pytest.mark.e2e

Program = Callable[..., str]


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    """Puts a program of a test's own before those of the system."""
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)

    def make(name: str, script: str) -> str:
        path = tmp_path / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        return str(path)

    return make


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="eSpeak NG is not installed here")
def test_espeak_speaks_at_once_and_faster_when_asked() -> None:
    engine = find_espeak()
    assert engine is not None
    assert engine.voices[0].name == "en-us"
    assert len(engine.voices) > 50
    assert voice_of(engine, "--help") is engine.voices[0]  # settings are no options
    lengths = []
    for speed in (1.0, 2.0):
        saying = Speech(engine.job("de", speed))
        saying.say("-v is text; $(so is this) `and` this, with a \U0001f600")
        pieces = [piece for _ in range(10_000) if (piece := saying.read(441))]
        saying.end()
        samples = np.frombuffer(b"".join(pieces), np.int16)
        assert np.abs(samples.astype(int)).max() > 3000
        lengths.append(len(samples))
    assert lengths[1] < lengths[0] * 0.7


def test_the_text_goes_in_by_standard_input_alone(program: Program, tmp_path: Path) -> None:
    noted = tmp_path / "noted"
    path = program("speaker", f'echo "$@" > {noted}.options; env > {noted}.env; cat > {noted}.text')
    saying = Speech(Job((path, "--stdin"), 8000))
    saying.say("MEET ME AT NINE")
    assert saying.read(100) == b""
    saying.end()
    assert Path(f"{noted}.text").read_text() == "meet me at nine\n"
    assert Path(f"{noted}.options").read_text() == "--stdin\n"
    assert "nine" not in Path(f"{noted}.env").read_text()


def test_a_program_that_fails_or_hangs_is_ended(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    for script, sentence, patience in (("exit 3", "status 3", 60.0), ("exec sleep 60", "says nothing", 0.3)):
        monkeypatch.setattr(speech, "PATIENCE", patience)
        saying = Speech(Job((program("speaker", script),), 8000))
        saying.say("HELLO")
        with pytest.raises(EngineError, match=sentence):
            saying.read(100)
        saying.end()
        assert not saying.alive
    with pytest.raises(EngineError, match="cannot be started"):
        Speech(Job(("/nowhere/speaker",), 8000))


def test_sound_without_end_ends(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speech, "LONGEST", 1.0)
    saying = Speech(Job((program("speaker", "cat /dev/zero"),), 8000))
    saying.say("HELLO")
    total = 0
    while piece := saying.read(1000):
        total += len(piece)
    saying.end()
    assert total == 2 * 8000


@pytest.mark.unit
def test_piper_speaks_with_the_voices_that_are_there(program: Program, tmp_path: Path) -> None:
    assert find_piper(tmp_path) is None
    path = program("piper", "cat")
    for name, description in (("ann", {"audio": {"sample_rate": 22050}}), ("bad", {"audio": "none"})):
        (tmp_path / f"{name}.onnx").touch()
        (tmp_path / f"{name}.onnx.json").write_text(json.dumps(description))
    (tmp_path / "alone.onnx").touch()
    engine = find_piper(tmp_path)
    assert engine is not None
    assert [voice.name for voice in engine.voices] == ["ann"]
    job = engine.job("nobody", 2.0)
    assert job.rate == 22050
    assert job.command[0] == path
    assert job.command[job.command.index("--model") + 1] == str(tmp_path / "ann.onnx")
    assert job.command[job.command.index("--length_scale") + 1] == "0.500"
    assert job.notation is Notation.AS_IS  # nothing says that it is English
    assert choose_engine((engine,), "auto") is engine
    with pytest.raises(EngineError, match="choose piper"):
        choose_engine((engine,), "espeak-ng")


@pytest.mark.unit
@pytest.mark.parametrize(
    ("name", "espeak", "notation"),
    [
        ("en_GB-alan", {}, Notation.COMMAS),
        ("ann", {"voice": "en-us"}, Notation.COMMAS),
        ("en_x", {"voice": "de"}, Notation.AS_IS),
    ],
)
def test_piper_is_given_letters_between_commas_where_its_voice_is_english(
    name: str, espeak: dict[str, str], notation: Notation, program: Program, tmp_path: Path
) -> None:
    program("piper", "cat")
    (tmp_path / f"{name}.onnx").touch()
    (tmp_path / f"{name}.onnx.json").write_text(json.dumps({"audio": {"sample_rate": 16000}, "espeak": espeak}))
    engine = find_piper(tmp_path)
    assert engine is not None
    assert engine.job(name, 1.0).notation is notation


@pytest.mark.unit
def test_without_an_engine_one_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(EngineError, match="sudo apt install espeak-ng"):
        choose_engine(find_engines(), "auto")
