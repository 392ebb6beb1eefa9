"""The commands cost nothing before they are asked for, and those that prepare and evaluate need no torch."""

import subprocess
import sys
from pathlib import Path

import pytest

COMMANDS = ("crop", "split", "samples", "evaluate")
HEAVY = ("cv2", "mediapipe", "numpy", "onnxruntime", "torch", "av", "jinja2")


def run(code: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("command", COMMANDS)
def test_importing_a_command_imports_nothing_heavy(command: str) -> None:
    done = run(f"import sys, models.commands.{command}\nprint([name for name in {HEAVY} if name in sys.modules])")
    assert done.stdout.strip() == "[]", done.stderr


def test_they_run_where_torch_is_not_installed(collection: Path, tmp_path: Path) -> None:
    crops = tmp_path / "crops"
    for arguments in (
        ("crop", collection, crops, "--jobs", "1"),
        ("split", crops),
        ("samples", crops),
        ("evaluate", collection, "--jobs", "1"),
    ):
        code = "import sys; sys.modules['torch'] = None; from server.cli import main; main()"
        done = run(code, *map(str, arguments))
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_help_says_what_a_command_does(command: str) -> None:
    done = run("from server.cli import main; main()", command, "--help")
    assert done.returncode == 0, done.stderr
    assert f"{command} [OPTIONS]" in done.stdout
