"""No command reaches anything but this machine: each is traced for a good minute, with the real libraries.

MediaPipe sends its statistics a minute after it has begun, and when a hand finder is closed: all commands are made to
use it, but for one run as it usually is. ONNX Runtime, which all use, asks for an address within seconds. Most of the
minute the commands stand still: time passes for them all the same.
"""

import os
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import pytest

from models.training.data.split.splitting import make_split, write_manifest
from models.training.data.tree import read_tree
from overlay.synthesis.signer import SignerLook, SyntheticSigner
from tests.network.traced import Traced, can_trace
from tests.waiting import until

SECONDS = 75.0  # that each command is there, from when it is at work
FIRST = 0.5  # seconds of processor time that it works for then
AGAIN = 0.3  # and when the time is over, before it is interrupted
PICTURES = 400
USUAL = "run, as usual"
TESTING = frozenset({"CI", "GITHUB_ACTIONS", "TF_BUILD", "PYTEST_CURRENT_TEST"})
SIGNCAP = (sys.executable, "-m", "server")

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.slow,
    pytest.mark.skipif(not can_trace(), reason="needs strace, and leave to trace"),
]


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """More of ann's pictures than are read meanwhile; most are one and the same file."""
    folder = tmp_path_factory.mktemp("traced") / "pictures"
    for letter in "AB":
        signer = SyntheticSigner(letter, size=(640, 480))
        _, start, end = signer.letters[0]
        first = folder / "ann" / letter / "0.jpg"
        first.parent.mkdir(parents=True)
        cv2.imwrite(str(first), signer.render((start + end) / 2))
        for number in range(1, PICTURES):
            os.link(first, first.with_name(f"{number}.jpg"))
    return folder


@pytest.fixture(scope="module")
def crops(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Small pictures of four signers, divided for a training."""
    folder = tmp_path_factory.mktemp("traced") / "crops"
    for seed, name in enumerate("ann bob cid dot".split()):
        for letter in "AB":
            signer = SyntheticSigner(letter, look=SignerLook.random(seed), size=(64, 64))
            _, start, end = signer.letters[0]
            (folder / name / letter).mkdir(parents=True)
            for number in range(4):
                at = start + (end - start) * number / 4
                cv2.imwrite(str(folder / name / letter / f"{number}.png"), signer.render(at))
    split = make_split(read_tree(folder), "signer", validation_signers=["cid"], test_signers=["dot"])
    write_manifest(folder, split)
    return folder


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the commands write to."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "usual").mkdir()
    return folder


@pytest.fixture(scope="module")
def commands(pictures: Path, crops: Path, made: Path) -> dict[str, list[str]]:
    """Each command that works with hands or networks, with more to do than it has time for."""
    demo = ["--source", "demo", "--text", "BAB" * 300]
    lines = {
        "run": ["run", "--source", "demo", "--no-browser", "--virtual-camera", "off", "--record", made],
        USUAL: ["run", "--source", "demo", "--no-browser", "--virtual-camera", "off", "--record", made / "usual"],
        "caption": ["caption", "demo", "--text", "BAB" * 300, "--output", made / "demo.mp4"],
        "crop": ["crop", pictures, made / "crops", "--jobs", 2],
        "evaluate": ["evaluate", pictures, "--jobs", 1],
        "train": ["train", crops, "--size", 32, "--epochs", 5000, "--patience", 0, "--runs", made / "runs"],
        "enrol": ["enrol", "--name", "ann", "--seconds", 10, *demo],
        "collect": ["collect", made / "data", "--signer", "ann", "--count", 5000, "--auto", *demo],
        "doctor": ["doctor"],
    }
    return {name: [str(word) for word in line] for name, line in lines.items()}


@pytest.fixture(scope="module")
def traced(
    commands: dict[str, list[str]], made: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Traced]]:
    """All of them one after the other, each for `SECONDS`; those that were done before then are left out."""
    folder = tmp_path_factory.mktemp("traces")
    # Some libraries send nothing where they take the machine for one that tests run on.
    environment = {name: value for name, value in os.environ.items() if name not in TESTING}
    environment |= {"OMP_NUM_THREADS": "1", "XDG_STATE_HOME": str(folder), "XDG_DATA_HOME": str(folder)}
    running: dict[str, Traced] = {}
    try:
        for name, line in commands.items():
            way = {} if name == USUAL else {"SIGNCAP_HANDS": "mediapipe"}
            running[name] = program = Traced([*SIGNCAP, *line], folder / name, environment | way)
            until(lambda name=name, program=program: _is_at_work(name, program, made), 120)  # type: ignore[misc]
            if name != "doctor":  # it would be done
                _let_work(program, FIRST)
            program.freeze()
        time.sleep(SECONDS)
        there = {name: program for name, program in running.items() if program.process.poll() is None}
        for name, program in running.items():
            program.thaw()
            if name != "doctor":  # it goes on to its own end
                _let_work(program, AGAIN)
            program.end(interrupt=name != "doctor")
        yield there
    finally:
        for program in running.values():
            program.kill()


def _is_at_work(name: str, program: Traced, made: Path) -> bool:
    """An epoch has been trained, or MediaPipe has begun: what it calls its threads, nobody else does."""
    assert program.process.poll() is None, f"{name} ended before it had begun to work: {program.said}"
    if name == "train":
        return any(made.glob("runs/*/epochs.jsonl"))
    if name == USUAL:
        assert not program.has_thread("drishti"), "MediaPipe is loaded and not needed"
        return any(made.glob("usual/*"))
    return program.has_thread("drishti")


def _let_work(program: Traced, seconds: float) -> None:
    """Wait until it has had so much processor time more: what others leave of the machine is no matter."""
    enough = program.seconds + seconds
    until(lambda: program.seconds >= enough or program.process.poll() is not None, 120)


@pytest.mark.parametrize("name", ["run", USUAL, "caption", "crop", "evaluate", "train", "enrol", "collect", "doctor"])
def test_a_command_reaches_nothing_but_itself(name: str, traced: dict[str, Traced]) -> None:
    assert name in traced, "it ended too soon to say anything"
    assert traced[name].strangers() == [], traced[name].said


def test_the_trace_sees_a_name_being_looked_up_and_a_child_that_connects(tmp_path: Path) -> None:
    """A trace that saw nothing would prove nothing. To connect by UDP sends nothing."""
    ask = "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(('192.0.2.1', 53))"
    child = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {ask!r}], check=True)"
    program = Traced([sys.executable, "-c", child], tmp_path / "trace", os.environ)
    assert program.process.wait(60) == 0
    (line,) = program.strangers()
    assert "192.0.2.1" in line


def test_the_trace_lets_a_programs_own_port_pass_and_no_other(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        script = (
            "import socket; own = socket.create_server(('127.0.0.1', 0)); "
            f"socket.create_connection(own.getsockname()); socket.create_connection(('127.0.0.1', {port}))"
        )
        program = Traced([sys.executable, "-c", script], tmp_path / "trace", os.environ)
        assert program.process.wait(60) == 0
    (line,) = program.strangers()
    assert f"htons({port})" in line
