"""Nothing but what is meant for people reaches standard error."""

import subprocess
import sys
from pathlib import Path

import pytest

from overlay.core.errors import SigncapError
from overlay.recognition.hands.detector_choice import open_detector

pytestmark = pytest.mark.e2e


def run(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", script, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def test_mediapipe_is_silent_from_start_to_end(hand_model: Path) -> None:
    """Both where it is closed and where it is not."""
    done = run(
        "import sys; from pathlib import Path; from overlay.recognition.hands.mediapipe_hands import MediaPipeHands\n"
        "from overlay.synthesis.signer import SyntheticSigner\n"
        "signer = SyntheticSigner('B', size=(320, 240))\n"
        "for closed in (True, False):\n"
        "    finder = MediaPipeHands(Path(sys.argv[1]))\n"
        "    hands = [finder.find(signer.render(n / 4), n / 4) for n in range(6)]\n"
        "    print(any(hands)); closed and finder.close()",
        str(hand_model),
    )
    assert (done.stdout, done.stderr) == ("True\nTrue\n", "")


def test_what_others_say_meanwhile_is_passed_on() -> None:
    done = run(
        "import os, sys; from overlay.core.process.native_output import without_chatter\n"
        "with without_chatter():\n"
        "    os.write(2, b'INFO: Created TensorFlow Lite XNNPACK delegate for CPU.\\n')\n"
        "    print('the port is taken', file=sys.stderr)\n"
        "    os.write(2, b'W0000 00:00:1795362087.957702    9576 feedback.cc:121] Disabling support\\n')\n"
        "    os.write(2, b'Segmentation fault')\n"
        "print(' and after', file=sys.stderr)"
    )
    assert done.stderr == "the port is taken\nSegmentation fault and after\n"


def test_a_program_that_ends_meanwhile_can_say_why() -> None:
    done = run(
        "import threading, sys; from overlay.core.process.native_output import without_chatter\n"
        "inside = threading.Event()\n"
        "def load():\n"
        "    with without_chatter():\n"
        "        inside.set(); threading.Event().wait()\n"
        "threading.Thread(target=load, daemon=True).start(); inside.wait()\n"
        "sys.exit('There is no camera.')"
    )
    assert (done.returncode, done.stderr) == (1, "There is no camera.\n")


def test_no_standard_error_at_all() -> None:
    done = run(
        "import os; from overlay.core.process.native_output import without_chatter\n"
        "os.close(2)\nwith without_chatter(): print('loaded')"
    )
    assert done.stdout == "loaded\n"


def test_opencv_is_silent() -> None:
    done = run(
        "import cv2; from overlay.core.process.native_output import silence_opencv; silence_opencv()\n"
        "print(cv2.VideoCapture(99).isOpened(), cv2.imread('/nowhere.png'))"
    )
    assert (done.stdout, done.stderr) == ("False None\n", "")


@pytest.mark.unit
def test_hand_model_that_mediapipe_cannot_load(tmp_path: Path) -> None:
    (tmp_path / "hand.task").write_bytes(b"PK")
    with pytest.raises(SigncapError, match=r"cannot load the hand model .*hand\.task"):
        open_detector(tmp_path / "hand.task")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the system finds fonts without fontconfig")
def test_a_system_without_files_for_fontconfig_is_no_news() -> None:
    done = run(
        "import os; os.environ['FONTCONFIG_FILE'] = '/nonexistent'\n"
        "from overlay.captions.typesetting import Typesetter\n"
        "print(Typesetter().width('HELLO', 36) > 100)"
    )
    assert (done.stdout, done.stderr) == ("True\n", "")
