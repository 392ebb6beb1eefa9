"""Signcap in a process of its own, with stand-ins for camera and virtual camera, and what can be asked of it.

Run by `bench/pipeline.py`: python bench/running.py SOURCE PORT, where SOURCE is "demo" or a recording of
`bench/replay.py`.
"""

import json
import os
import re
import subprocess
import sys
import threading
import time
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

import replay

STUBBORN = "BENCH_STUBBORN"  # set: Signcap does not give way
TICKS = os.sysconf("SC_CLK_TCK")


class _Nowhere:
    """Takes pictures for a virtual camera and says when the first came, and the first after the first letter."""

    width, height, fps, device = 1280, 720, 30.0, "nowhere"

    def __init__(self, read: threading.Event) -> None:
        self._said: set[str] = set()
        self._read = read  # a letter stands in the captions
        self._soon = False

    def send(self, _i420: Any) -> None:
        self._say("picture")
        if self._soon:
            self._say("caption")
        self._soon = self._read.is_set()  # this picture may have been drawn just before it, the next one was not

    def close(self) -> None:
        pass

    def _say(self, what: str) -> None:
        if what not in self._said:
            self._said.add(what)
            print(f"bench {what} {time.monotonic()}", flush=True)


def child(source: str, port: int) -> None:
    """Signcap itself, with stand-ins for camera and virtual camera."""
    import overlay.media.sinks.virtual_camera as virtual_camera
    import overlay.media.sources.webcam
    import overlay.pipeline.load_shedding
    import server.session.startup
    import server.session.virtual_camera
    from server.cli.run import run
    from server.session.options import RunOptions

    read = threading.Event()
    cameras: list[replay.Replay] = []

    def nowhere(*_: object, **__: object) -> virtual_camera.VirtualCamera:
        return virtual_camera.VirtualCamera(_Nowhere(read))

    def play(_device: object) -> replay.Replay:
        cameras.append(replay.Replay(Path(source)))
        return cameras[-1]

    server.session.virtual_camera.open_virtual_camera = nowhere  # the name that the server has taken over
    if os.environ.get(STUBBORN):
        overlay.pipeline.load_shedding.LoadShedder.drawn = lambda *_: False  # type: ignore[method-assign]
    is_demo = source == "demo"
    if not is_demo:
        overlay.media.sources.webcam._open_capture = play
    making = server.session.startup._make_captioner

    def make_captioner(*given: Any) -> Any:
        reader = making(*given)
        accept = reader.accept
        rounds: dict[int, int] = {}  # how many letters were seen in each round of the recording

        def timed(frame: Any) -> Any:
            reading = accept(frame)
            state = reading.state
            text = state.committed + state.partial
            if text:
                read.set()
            if cameras:
                note_letters(cameras[0], text.replace(" ", ""), rounds)
            return reading

        reader.accept = timed
        return reader

    server.session.startup._make_captioner = make_captioner
    run(RunOptions(source="demo" if is_demo else "0", port=port, open_browser=False))


def note_letters(camera: replay.Replay, text: str, rounds: dict[int, int]) -> None:
    """Say how long after a letter's sign was made it stands in the captions, the first time that it does."""
    now = time.monotonic() - camera.began
    number = int(now / camera.round)
    wanted = [letter for letter, _ in camera.letters]
    seen = rounds.get(number, 0)
    while seen < len(text) and seen < len(wanted) and text[: seen + 1] == "".join(wanted[: seen + 1]):
        late = now - number * camera.round - camera.letters[seen][1]
        if late > 0:
            print(f"bench letter {late * 1000:.0f}", flush=True)
        seen += 1
    rounds[number] = seen


class Signcap:
    """A running Signcap, and what can be asked of it from outside."""

    def __init__(self, source: str, port: int) -> None:
        self.started = time.monotonic()
        self.base = f"http://127.0.0.1:{port}"
        self.process = subprocess.Popen(
            [sys.executable, __file__, source, str(port)], stdout=subprocess.PIPE, text=True
        )
        self.moments: dict[str, float] = {}
        self.letters: list[float] = []  # milliseconds from sign to caption
        self.launch = ""
        threading.Thread(target=self._collect, daemon=True).start()
        self.wait_for("launch")
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        self.opener.open(self.launch).read()

    def _collect(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._note(line)

    def _note(self, line: str) -> None:
        if found := re.search(r"http://\S+launch=\S+", line):
            self.launch = found.group()
            self.moments["launch"] = time.monotonic() - self.started
        elif line.startswith("bench "):
            _, what, at = line.split()
            if what == "letter":
                self.letters.append(float(at))
            else:
                self.moments[what] = float(at) - self.started

    def wait_for(self, *moments: str) -> None:
        while not set(moments) <= set(self.moments):
            if self.process.poll() is not None:
                raise SystemExit("Signcap did not start: see its message above.")
            time.sleep(0.01)

    def status(self) -> dict[str, Any]:
        with self.opener.open(f"{self.base}/api/v1/status") as answer:
            result: dict[str, Any] = json.load(answer)
        return result

    def cookies(self) -> list[dict[str, str]]:
        jar = next(h for h in self.opener.handlers if isinstance(h, urllib.request.HTTPCookieProcessor)).cookiejar
        return [{"name": c.name, "value": c.value or "", "url": self.base} for c in jar]

    def processor(self) -> float:
        """Seconds of processor time so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def memory(self) -> float:
        """Resident megabytes."""
        text = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(r"VmRSS:\s+(\d+) kB", text)
        assert found is not None
        return int(found.group(1)) / 1024

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)


if __name__ == "__main__":
    child(sys.argv[1], int(sys.argv[2]))
