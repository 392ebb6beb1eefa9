"""Modules that are left out of an import, and only of that."""

import subprocess
import sys
from pathlib import Path

import pytest

from overlay.core.process.imports import without

pytestmark = pytest.mark.unit

NAME = "a_library_that_wants_too_much"


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / f"{NAME}.py").write_text("import wave.reader as reader\nimport wave\nimport json\n")
    (tmp_path / "wave").mkdir()
    (tmp_path / "wave" / "__init__.py").write_text("REAL = True")
    (tmp_path / "wave" / "reader.py").write_text("REAL = True")
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in (NAME, "wave", "wave.reader"):
        monkeypatch.delitem(sys.modules, name, raising=False)


@pytest.mark.usefixtures("library")
def test_left_out_meanwhile_and_there_afterwards() -> None:
    with without("wave", "wave.reader"):
        found = __import__(NAME)
    assert not hasattr(found.wave, "REAL")
    assert not hasattr(found.reader, "REAL")
    assert found.json.loads("1") == 1
    import wave  # the one beside the library

    assert wave.REAL


@pytest.mark.usefixtures("library")
def test_what_is_there_already_stays() -> None:
    import wave  # the one beside the library

    with without("wave"):
        assert __import__(NAME).wave is wave
    assert sys.modules["wave"] is wave


@pytest.mark.e2e
def test_finding_hands_brings_no_plots() -> None:
    """In a process of its own: nothing else may have imported them."""
    script = (
        "import sys; from overlay.recognition.hands.mediapipe_hands import preload; preload(); import mediapipe; "
        "assert not {'matplotlib', 'matplotlib.pyplot', 'sounddevice'} & set(sys.modules), 'still there'; "
        "import matplotlib.pyplot; assert matplotlib.pyplot.figure"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
