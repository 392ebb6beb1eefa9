"""Python and the packages that Signcap needs."""

import sys
from pathlib import Path
from typing import Any

import pytest

from overlay.doctor import Finding, Machine
from overlay.doctor.system.packages import check_loading, check_opencv, check_packages, requirements
from overlay.doctor.system.python import check_python

pytestmark = pytest.mark.unit

WANTED = ("numpy<3,>=2", "av<19,>=17")
CONTRIB = {"opencv-contrib-python": "5.0.0.93"}


@pytest.mark.e2e
def test_this_python_and_these_packages_are_right() -> None:
    assert check_python().state == "good"
    assert check_packages().state == "good"
    assert check_loading(Machine()) is None
    assert {"numpy", "mediapipe"} <= {text.split("<")[0] for text in requirements()}
    assert not any("torch" in text for text in requirements()), "what only the extras need is not asked for"


def test_a_python_that_is_too_old_or_of_32_bits() -> None:
    old = check_python((3, 10, 4), is_64_bit=True, wanted=">=3.11")
    assert (old.state, old.found) == ("problem", "3.10.4, and Signcap needs >=3.11")
    assert check_python((3, 12, 0), is_64_bit=False, wanted=">=3.11").state == "problem"
    assert check_python((3, 12, 0), is_64_bit=True, wanted=">=3.11") == Finding("python", "good", "3.12.0")


def test_what_is_missing_and_what_is_wrong_is_named_with_the_command_that_mends_it() -> None:
    finding = check_packages(WANTED, {"numpy": "1.26.4"}.get)
    assert finding.state == "problem"
    assert finding.found == "not installed: av; wrong version: numpy 1.26.4 (needed: <3,>=2)"
    assert finding.advice == f'Run `{sys.executable} -m pip install "numpy<3,>=2" "av<19,>=17"`.'


def test_all_there() -> None:
    assert check_packages(WANTED, {"numpy": "2.4.0", "av": "18.0.0rc1"}.get).state == "good"


def test_one_opencv_is_right() -> None:
    assert check_opencv(CONTRIB.get, lambda: "5.0.0") is None


def test_two_opencvs_overwrite_each_other() -> None:
    both = CONTRIB | {"opencv-python": "4.12.0.88"}
    harmless = check_opencv(both.get, lambda: "5.0.0")
    harmful = check_opencv(both.get, lambda: "4.12.0")
    assert harmless is not None
    assert harmful is not None
    assert (harmless.state, harmful.state) == ("warning", "problem")
    assert harmful.advice is not None
    assert "uninstall -y opencv-python`" in harmful.advice
    assert "opencv-contrib-python==5.0.0.93`" in harmful.advice

    def broken() -> str:
        raise ImportError("numpy.core.multiarray failed to import")

    unusable = check_opencv(both.get, broken)
    assert unusable is not None
    assert unusable.state == "problem"


@pytest.mark.parametrize(
    ("platform", "debian", "part"),
    [
        ("linux", True, "`sudo apt install libgl1"),
        ("linux", False, "the package of your system that holds this library"),
        ("win32", False, "Visual C++ Redistributable"),
    ],
)
def test_a_library_of_the_system_that_is_missing(tmp_path: Path, platform: str, debian: bool, part: str) -> None:
    if debian:
        (tmp_path / "etc").mkdir()
        (tmp_path / "etc/debian_version").write_text("12.9")

    def load(module: str) -> Any:
        if module == "cv2":
            raise ImportError("libGL.so.1: cannot open shared object file: No such file or directory")

    finding = check_loading(Machine(platform, tmp_path), load=load)
    assert finding is not None
    assert finding.state == "problem"
    assert "cv2 cannot be loaded (libGL.so.1" in finding.found
    assert finding.advice is not None
    assert part in finding.advice


def test_a_module_that_is_not_there_is_told_by_the_other_check() -> None:
    def load(module: str) -> Any:
        raise ModuleNotFoundError(f"No module named {module!r}", name=module)

    assert check_loading(Machine(), load=load) is None
