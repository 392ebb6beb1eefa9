"""Arrows point one way: server → overlay ← models; torch is in models alone."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.unit

ROOT = Path(__file__).parent.parent
FORBIDDEN = {
    "overlay": {"server", "models", "static", "torch", "aiohttp", "aiortc", "jinja2", "typer"},
    "server": {"models", "torch"},
    "models": {"server", "aiohttp", "aiortc"},
}


def imported(path: Path) -> set[str]:
    """Top-level names of everything that a file imports, wherever in the file."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide which package is meant"
            names.add((node.module or "").split(".")[0])
    return names


@pytest.mark.parametrize("package", FORBIDDEN)
def test_packages_import_only_what_they_may(package: str) -> None:
    files = sorted((ROOT / package).rglob("*.py"))
    assert files
    for path in files:
        wrong = imported(path) & FORBIDDEN[package]
        assert not wrong, f"{path.relative_to(ROOT)} imports {', '.join(sorted(wrong))}"


@pytest.mark.e2e
def test_the_command_line_and_the_live_path_run_without_torch() -> None:
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "import server.cli.main, server.cli.run, overlay.pipeline.captioner, overlay.pipeline.pipeline\n"
        "import overlay.media.sources.webcam\n"
        "from overlay.recognition.letter_model import Recognizer; Recognizer()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
