"""Imports point one way, as the contracts in pyproject.toml say; torch is in models alone."""

import subprocess
import sys
from pathlib import Path

import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

pytestmark = pytest.mark.unit

ROOT = Path(__file__).parent.parent


def test_the_contracts_are_kept(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr("sys.path", [str(ROOT), *sys.path])
    monkeypatch.setattr("logging.config.dictConfig", lambda _: None)  # it would switch other tests' loggers off
    ended = lint_imports(config_filename="pyproject.toml", no_cache=True)
    assert ended == EXIT_STATUS_SUCCESS, capsys.readouterr().out


@pytest.mark.e2e
def test_the_command_line_and_the_live_path_run_without_torch() -> None:
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "import server.cli.main, server.cli.run, overlay.pipeline.live_captioner, overlay.pipeline.pipeline\n"
        "import overlay.media.sources.webcam\n"
        "from overlay.recognition.letter_model import LetterModel; LetterModel()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.e2e
def test_a_run_imports_nothing_of_the_training_side() -> None:
    code = (
        "import sys, server.cli.main, server.cli.run, server.web.app\n"
        "assert not [name for name in sys.modules if name.split('.')[0] == 'models']\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
