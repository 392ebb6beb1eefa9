"""Folders that go with the program, and what becomes of those of programs that were killed."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from overlay.core.files.scratch import LOCK, YOUNG, ScratchFolder, remove_left_behind

pytestmark = pytest.mark.unit


def later() -> float:
    return time.time() + 2 * YOUNG


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for temporary ones, of this test alone."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def test_it_is_private_and_goes_with_all_that_is_in_it(temporary: Path) -> None:
    with ScratchFolder() as folder:
        assert folder.parent == temporary
        assert folder.stat().st_mode & 0o077 == 0
        (folder / "inner").mkdir()
        (folder / "inner" / "clip").write_bytes(b"a clip")
    assert list(temporary.iterdir()) == []


@pytest.mark.e2e
@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_that_of_a_program_that_was_killed_goes_and_that_of_one_that_runs_stays(temporary: Path) -> None:
    script = (
        "from overlay.core.files.scratch import ScratchFolder; scratch = ScratchFolder(); folder = scratch.path\n"
        "(folder / 'clip').write_bytes(b'a clip'); print(folder, flush=True); input()"
    )
    environment = os.environ | {"TMPDIR": str(temporary)}
    program = subprocess.Popen(
        [sys.executable, "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )
    assert program.stdout is not None
    folder = Path(program.stdout.readline().strip())
    assert remove_left_behind(later()) == 0
    assert (folder / "clip").exists()
    program.send_signal(signal.SIGKILL)
    program.wait()
    assert remove_left_behind(later()) == 1
    assert list(temporary.iterdir()) == []


def left_behind(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / LOCK).touch()
    (folder / "clip").write_bytes(b"a clip")
    return folder


def test_what_is_not_ours_to_remove_stays(temporary: Path, tmp_path: Path) -> None:
    gone = left_behind(temporary / "signcap-gone")
    left_behind(temporary / "other-program")
    (temporary / "signcap-without-lock").mkdir()
    (temporary / "signcap-a-file").touch()
    (temporary / "signcap-link").symlink_to(left_behind(tmp_path / "elsewhere"))
    assert remove_left_behind(later()) == 1
    assert not gone.exists()
    assert len(list(temporary.iterdir())) == 4
    assert (tmp_path / "elsewhere" / "clip").exists()


def test_a_young_one_stays(temporary: Path) -> None:
    """Its owner may be about to hold it."""
    folder = left_behind(temporary / "signcap-young")
    assert remove_left_behind() == 0
    assert folder.exists()


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="users of POSIX")
def test_that_of_another_user_stays(temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = left_behind(temporary / "signcap-of-another")
    monkeypatch.setattr(os, "getuid", lambda: 54321)
    assert remove_left_behind(later()) == 0
    assert folder.exists()
