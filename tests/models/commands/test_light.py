"""The commands cost nothing before they are asked for, and those that prepare and evaluate need no torch."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import pytest

from overlay.media.frame import Pixels

pytestmark = pytest.mark.e2e

Photograph = Callable[..., Pixels]
Signcap = Callable[..., "subprocess.CompletedProcess[str]"]

COMMANDS = ("crop", "split", "samples", "evaluate", "train", "sweep", "compare", "export")
HEAVY = ("cv2", "mediapipe", "numpy", "onnxruntime", "torch", "av", "jinja2", "pyarrow")

IMPORTS = """
import importlib, json, sys
seen = {}
for command in json.loads(sys.argv[1]):
    importlib.import_module(f"models.commands.{command}")
    seen[command] = [name for name in json.loads(sys.argv[2]) if name in sys.modules]
print(json.dumps(seen))
"""

# Command lines, one after the other; each leaves how it ended and what it said on standard error.
WITHOUT_TORCH = """
import contextlib, io, json, sys
sys.modules["torch"] = None
from server.cli.main import main
ended = []
for line in json.loads(sys.argv[1]):
    sys.argv, err, code = ["signcap", *line], io.StringIO(), 0
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(err):
        try:
            main()
        except SystemExit as end:
            code = end.code
    ended.append([code, err.getvalue()])
print(json.dumps(ended))
"""


def run(code: str, *arguments: object) -> Any:
    """What a process of its own prints, for it is no other's to say what is imported."""
    command = [sys.executable, "-c", code, *(json.dumps(argument, default=str) for argument in arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_importing_a_command_imports_nothing_heavy() -> None:
    modules = (*COMMANDS, "importing")
    assert run(IMPORTS, modules, HEAVY) == {module: [] for module in modules}


def test_where_torch_is_not_installed_those_run_that_need_none_and_others_say_so(
    collection: Path, tmp_path: Path
) -> None:
    pictures, crops, empty = tmp_path / "few", tmp_path / "crops", tmp_path / "empty"
    shutil.copytree(collection, pictures, ignore=shutil.ignore_patterns("B", "L", "1.jpg"))
    empty.mkdir()
    light = [
        ("crop", pictures, crops, "--jobs", 1),
        ("split", crops),
        ("samples", crops),
        ("evaluate", pictures, "--jobs", 1),
    ]
    heavy = [("train", empty), ("sweep", empty), ("compare", empty), ("export", empty, "model")]
    ended = run(WITHOUT_TORCH, [list(map(str, line)) for line in (*light, *heavy)])
    for line, (status, said) in zip(light, ended, strict=False):
        assert status == 0, (line, said)
    missing = (
        "Training needs more than running does: install it with `./setup.sh --train`, "
        "or `pip install 'signcap[train]'`.\n"
    )
    assert ended[len(light) :] == [[1, missing]] * len(heavy)
    assert not list(empty.iterdir())


@pytest.mark.integration
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


@pytest.mark.integration
@pytest.mark.parametrize("command", COMMANDS)
def test_help_says_what_a_command_does(command: str, here: Signcap) -> None:
    done = here(command, "--help")
    assert done.returncode == 0, done.stderr
    assert f"{command} [OPTIONS]" in done.stdout
