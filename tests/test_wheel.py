"""A wheel built from the repository runs as the checkout does: pages, templates and weights are in it."""

import os
import re
import signal
import subprocess
import sys
import urllib.request
import zipfile
from pathlib import Path

import pytest

from tests.server.processes import SMALL_DEMO

pytestmark = pytest.mark.e2e

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)],
        check=True,
        capture_output=True,
    )
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment in which the wheel's files come before the checkout's."""
    folder = tmp_path_factory.mktemp("installed")
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(folder), str(wheel)],
        check=True,
        capture_output=True,
    )
    return {**os.environ, "PYTHONPATH": str(folder), "PYTHONUNBUFFERED": "1"}


def test_the_wheel_holds_what_the_program_reads_and_nothing_that_is_not_its_own(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for part in ("overlay", "server", "static", "extension", "models"):
        wanted = {
            path.relative_to(ROOT).as_posix()
            for path in (ROOT / part).rglob("*")
            if path.is_file() and "__pycache__" not in path.parts
        }
        assert wanted <= set(names)
    assert {name.split("/")[0] for name in names if ".dist-info" not in name} == {
        "overlay",
        "server",
        "static",
        "extension",
        "models",
    }
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert zipfile.ZipFile(wheel).fp is not None
    assert wheel.stat().st_size < 6_000_000


def test_modules_come_from_the_wheel(installed: dict[str, str], tmp_path: Path) -> None:
    code = "import overlay, server, models; print(overlay.__file__, server.__file__, models.__file__)"
    done = subprocess.run(
        [sys.executable, "-c", code], env=installed, cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert str(ROOT) not in done.stdout


@pytest.mark.slow
def test_the_wheel_captions_the_demo(installed: dict[str, str], hand_model: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "server.cli.main", "caption", "demo", "--text", "HI", "--hand-model", str(hand_model)],
        env=installed,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "HI\n", "")


@pytest.mark.slow
def test_the_wheel_serves_its_pages(installed: dict[str, str], hand_model: Path, tmp_path: Path) -> None:
    command = [sys.executable, *SMALL_DEMO, "run", "--source", "demo", "--no-browser", "--hand-model"]
    program = subprocess.Popen(
        [*command, str(hand_model), "--virtual-camera", "off"],
        env=installed,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert program.stdout is not None
        link = next(found.group() for line in program.stdout if (found := re.search(r"http://\S+launch=\S+", line)))
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        opener.open(link).close()  # gives the cookie
        base = link.split("/?")[0]
        page = opener.open(f"{base}/").read().decode()
        files = re.findall(r'(?:src|href)="(/static/[^"]+)"', page)
        assert any(name.endswith(".js") for name in files)
        assert any(name.endswith(".css") for name in files)
        for name in files:
            assert opener.open(base + name).read()
    finally:
        program.send_signal(signal.SIGINT)
        program.wait(60)
        assert program.stdout is not None
        program.stdout.close()
