"""Pictures whose times can be read back, small disks, and a microphone by PulseAudio where the machine has that."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from overlay.media.frame import Frame, Picture
from tests.waiting import until

SIZE = (320, 180)


def make_picture(
    at: float, brightness: int = 90, size: tuple[int, int] = SIZE, *, noise: int | None = None
) -> Picture:
    """A grey picture of one brightness, or one of noise, which takes a lot of room."""
    pixels = np.full((size[1], size[0], 3), brightness, np.uint8)
    if noise is not None:
        pixels = np.random.default_rng(noise).integers(0, 255, pixels.shape, np.uint8)
    i420 = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2YUV_I420), np.uint8)
    return Picture(i420, 0, at, Frame(255 - pixels, 0, at))


@dataclass
class Played:
    """What a player finds in a file: seconds, and what is seen, heard and read then."""

    pictures: list[float]
    brightness: list[float]
    sound: np.ndarray
    captions: list[tuple[float, float, str]]

    def clicks(self) -> list[float]:
        """When the sound is loud, each time for a moment."""
        loud = np.flatnonzero(np.abs(self.sound) > 0.3)
        return [at / 48_000 for at, before in zip(loud, [-9999, *loud[:-1]], strict=True) if at - before > 4800]


def play(path: Path) -> Played:
    """Read a file to its end."""
    played = Played([], [], np.zeros(0, np.float32), [])
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            assert frame.time is not None
            played.pictures.append(frame.time)
            played.brightness.append(float(frame.to_ndarray()[: frame.height].mean()))
    with av.open(str(path)) as container:
        if container.streams.audio:
            heard = list(container.decode(audio=0))
            assert heard[0].pts is not None
            played.sound = np.concatenate([np.zeros(heard[0].pts), *(frame.to_ndarray()[0] for frame in heard)])
    with av.open(str(path)) as container:
        if container.streams.subtitles:
            for packet in container.demux(subtitles=0):
                if packet.size > 2:
                    start, length = float(packet.pts * packet.time_base), float(packet.duration * packet.time_base)
                    played.captions.append((start, start + length, bytes(packet)[2:].decode()))
    return played


def _mounted(folder: Path, options: str) -> Iterator[Path]:
    if os.name != "posix" or os.getuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root can mount a disk of its own")
    folder.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], capture_output=True)
    if done.returncode != 0:
        pytest.skip("no disk can be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 20 MB."""
    yield from _mounted(tmp_path / "small", "size=20m")


@pytest.fixture
def closed_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk that nothing can be written to."""
    yield from _mounted(tmp_path / "closed", "ro")


@pytest.fixture
def sine(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """A real microphone called "sine", which hears a tone; called, it is unplugged."""
    if shutil.which("pulseaudio") is None or not Path("/usr/share/alsa/alsa.conf").exists():
        pytest.skip("needs PulseAudio and ALSA")
    pytest.importorskip("sounddevice", exc_type=OSError)
    folder = tmp_path_factory.mktemp("pulse")
    folder.chmod(0o700)
    configuration = folder / "alsa.conf"
    configuration.write_text(
        "</usr/share/alsa/alsa.conf>\n"
        'pcm.sine { type pulse device sine hint { show on description "sine" } }\n'
        "pcm.!default { type pulse device sine }\n"
    )
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    monkeypatch.setenv("PULSE_SERVER", f"unix:{folder}/native")
    monkeypatch.setenv("ALSA_CONFIG_PATH", str(configuration))
    modules = (
        f"module-native-protocol-unix socket={folder}/native auth-anonymous=1",
        "module-sine-source source_name=sine rate=48000 frequency=440",
    )
    loads = [part for module in modules for part in ("-L", module)]
    daemon = subprocess.Popen(
        ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", *loads],
        env=os.environ | {"HOME": str(folder)},
        stderr=subprocess.DEVNULL,
    )
    until(lambda: (folder / "native").exists() or daemon.poll() is not None)
    if daemon.poll() is not None:
        pytest.skip("PulseAudio does not start here")

    def unplug() -> None:
        daemon.terminate()
        daemon.wait(10)

    yield unplug
    if daemon.poll() is None:
        unplug()
