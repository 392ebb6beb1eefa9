"""A disk that is really full: a small file system in memory, which root alone can mount."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from overlay.transcripts.store import TranscriptStore
from tests.overlay.transcripts.conftest import Desk

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(
        not sys.platform.startswith("linux") or os.geteuid() != 0, reason="only root can mount a file system"
    ),
]


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """Room for 64 KiB."""
    folder = tmp_path / "small"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode != 0:
        pytest.skip("this machine may not mount")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_captions_wait_for_room_and_none_is_lost_or_cut(desk: Desk, small: Path) -> None:
    desk.folder = small
    person = desk.person()
    person.say("HELLO")
    assert desk.texts() == ["HELLO\n"]
    hog = small / "hog"
    with pytest.raises(OSError, match="No space"):
        hog.write_bytes(bytes(1 << 20))
    words = [f"WORD{chr(65 + number // 26)}{chr(65 + number % 26)}" for number in range(300)]
    person.type(" ".join(words))  # more than what is left of the last page of either file
    person.type(" ".join(words))
    person.type(" ".join(words))
    assert desk.told[0] is not None
    assert "No space left on device" in desk.told[0]
    assert not desk.texts()[0].endswith(" ".join(words) + "\n" + " ".join(words) + "\n")
    hog.unlink()
    desk.try_again()
    assert desk.texts() == ["HELLO\n" + f"{' '.join(words)}\n" * 3]
    assert desk.told[-1] is None
    (session,) = TranscriptStore(small).sessions()
    assert (session.whole, len(session.cues)) == (True, 4)
