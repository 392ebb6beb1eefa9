"""What recording costs: processor time and missing pictures of one run, without and with it; then it is killed.

python bench/recording.py [--seconds 60] [--clean]
"""

import argparse
import json
import os
import signal
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

import av
from running import Signcap

PORT = 8899
SETTLE = 12.0  # seconds until the models are loaded and the first letters were read


def ask(signcap: Signcap, body: dict[str, Any]) -> dict[str, Any]:
    request = urllib.request.Request(
        f"{signcap.base}/api/v1/recording",
        json.dumps(body).encode(),
        {"Content-Type": "application/json", "X-Signcap": "1"},
    )
    with signcap.opener.open(request) as answer:
        result: dict[str, Any] = json.load(answer)
    return result


def share(signcap: Signcap, seconds: float) -> float:
    """Processors that the process uses, over that long."""
    before, began = signcap.processor(), time.monotonic()
    time.sleep(seconds)
    return (signcap.processor() - before) / (time.monotonic() - began)


def show(what: str, processors: float, signcap: Signcap) -> None:
    stages = signcap.status()["stages"]
    rate, read = stages["capture"]["rate"], stages["recognise"]["rate"]
    print(
        f"{what:<28} {processors * 100:5.0f} % of one processor, {rate:.1f} pictures a second, {read:.1f} read, "
        f"{signcap.memory():.0f} MB"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--clean", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_VIDEOS_DIR"] = folder
        signcap = Signcap("demo", PORT)
        try:
            time.sleep(SETTLE)
            show("without", share(signcap, 20.0), signcap)
            began = time.monotonic()
            ask(signcap, {"do": "start", "clean": options.clean})
            show("recording", share(signcap, min(20.0, options.seconds)), signcap)
            time.sleep(max(0.0, options.seconds - (time.monotonic() - began)))
            state = signcap.status()["recording"]
            recorded = time.monotonic() - began
            os.kill(signcap.process.pid, signal.SIGKILL)
        finally:
            signcap.process.kill()
            signcap.process.wait()
        with av.open(state["file"]) as container:
            pictures = [float(frame.time or 0) for frame in container.decode(video=0)]
        size = Path(state["file"]).stat().st_size
        print(
            f"killed after {recorded:.2f} s of recording: {pictures[-1]:.2f} s are there, {len(pictures)} pictures, "
            f"{state['dropped']} missing, {size / 1e6:.1f} MB"
        )


if __name__ == "__main__":
    main()
