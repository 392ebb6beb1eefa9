"""Who has a file open, as the real kernel tells it; a device file is a file to it."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from overlay.media.sinks.device_readers import DeviceReaders
from tests.waiting import until

pytestmark = [pytest.mark.unit, pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells")]


@pytest.fixture
def device(tmp_path: Path) -> Path:
    path = tmp_path / "video7"
    path.touch()
    return path


@pytest.fixture
def readers(device: Path) -> Iterator[DeviceReaders]:
    readers = DeviceReaders(device)
    yield readers
    readers.close()


@pytest.mark.e2e
def test_opened_and_closed_by_another_program(device: Path, readers: DeviceReaders) -> None:
    assert not readers.any
    script = "import sys; file = open(sys.argv[1]); print(flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", script, str(device)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as reader:
        assert reader.stdout is not None
        assert reader.stdin is not None
        reader.stdout.readline()
        until(lambda: readers.any)
        reader.kill()  # a program that crashes closes it as well
    until(lambda: not readers.any)


@pytest.mark.integration
def test_two_readers(device: Path, readers: DeviceReaders) -> None:
    first = device.open()
    until(lambda: readers.any)
    second = device.open("r+")
    first.close()
    time.sleep(0.2)
    assert readers.any
    second.close()
    until(lambda: not readers.any)


@pytest.mark.integration
def test_one_that_was_there_before(device: Path) -> None:
    there = ["zoom"]
    readers = DeviceReaders(device, lambda _: there)
    assert readers.any
    there.clear()
    device.read_text()  # opens and closes: a reason to look again
    until(lambda: not readers.any)
    readers.close()


@pytest.mark.integration
def test_device_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        DeviceReaders(tmp_path / "absent")
