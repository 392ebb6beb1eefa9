"""The commands cost nothing before they are asked for, and those that prepare and evaluate need no torch."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import pytest

from overlay.frame import Pixels

pytestmark = pytest.mark.e2e

Photograph = Callable[..., Pixels]
Signcap = Callable[..., "subprocess.CompletedProcess[str]"]

COMMANDS = ("crop", "split", "samples", "evaluate", "train", "sweep", "compare", "export")
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


def test_those_that_train_say_in_a_sentence_what_is_missing_where_torch_is_not_installed(tmp_path: Path) -> None:
    for arguments in (("train", tmp_path), ("sweep", tmp_path), ("compare", tmp_path), ("export", tmp_path, "model")):
        code = "import sys; sys.modules['torch'] = None; from server.cli import main; main()"
        done = run(code, *map(str, arguments))
        assert done.returncode == 1
        assert done.stderr == (
            "Training needs more than running does: install it with `./setup.sh --train`, "
            "or `pip install 'signcap[train]'`.\n"
        )
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_names_that_are_no_unicode_stop_nothing(tmp_path: Path, here: Signcap, photograph: Photograph) -> None:
    folder = tmp_path / "pictures" / "J\udcf6rg [x]" / "A"
    folder.mkdir(parents=True)
    _, data = cv2.imencode(".jpg", photograph("A"))
    for name in ("0.jpg", "na\udcefve.jpg"):
        (folder / name).write_bytes(data.tobytes())
    (folder / "br\udcf6ken.jpg").write_bytes(b"no picture")
    pictures, crops = tmp_path / "pictures", tmp_path / "crops"
    for arguments in (
        ("crop", pictures, crops, "--jobs", "1"),
        ("split", crops, "--by", "frame"),
        ("samples", crops),
        ("evaluate", pictures, "--jobs", "1"),
    ):
        done = here(*arguments)
        assert done.returncode == 0, done.stderr
        assert "Traceback" not in done.stderr
        if arguments[0] != "samples":
            assert "J?rg [x]" in done.stdout
    assert "br?ken.jpg" in (crops / "missed.html").read_text()
    assert (crops / "J\udcf6rg [x]" / "A" / "na\udcefve.jpg").is_file()


@pytest.mark.parametrize("command", COMMANDS)
def test_help_says_what_a_command_does(command: str) -> None:
    done = run("from server.cli import main; main()", command, "--help")
    assert done.returncode == 0, done.stderr
    assert f"{command} [OPTIONS]" in done.stdout
