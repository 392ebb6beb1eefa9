"""A `signcap` in a process of its own, as people start it."""

import os
import re
import subprocess
import sys
import threading
from typing import Any

LINK = re.compile(r"http://127\.0\.0\.1:(\d+)(/\?launch=[\w-]+)")
RUN = ("--source", "demo", "--no-browser", "--virtual-camera", "off")

# `signcap` with a demo that is small and slow: it is read as well, and its pictures cost a tenth.
SMALL_DEMO = (
    "-c",
    """
import functools
from overlay.synthesis import demo_source as demo
demo.RATE = demo.DemoSource.rate = 15.0
demo.DemoSource = functools.partial(demo.DemoSource, size=(320, 240))
from server.__main__ import main
main()
""",
)


class Signcap:
    """A running `signcap` whose output is read line by line.

    Args:
        arguments: of its command line.
        program: what Python runs: `SMALL_DEMO` where the pictures are not what is tested.
        environment: besides that of the tests.
    """

    def __init__(self, *arguments: str, program: tuple[str, ...] = ("-m", "server"), **environment: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, *program, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            env=os.environ | {"NO_COLOR": "1", "COLUMNS": "200"} | environment,
        )
        self.out: list[str] = []
        self.err: list[str] = []
        self._came = threading.Condition()
        self._readers = [
            threading.Thread(target=self._read, args=(stream, lines), daemon=True)
            for stream, lines in ((self.process.stdout, self.out), (self.process.stderr, self.err))
        ]
        for reader in self._readers:
            reader.start()

    def _read(self, stream: Any, lines: list[str]) -> None:
        for line in stream:
            with self._came:
                lines.append(line)
                self._came.notify_all()

    def until(self, pattern: re.Pattern[str]) -> re.Match[str]:
        """Wait until something on standard output matches."""
        with self._came:
            assert self._came.wait_for(lambda: pattern.search("".join(self.out)), 120), (self.out, self.err)
        found = pattern.search("".join(self.out))
        assert found
        return found

    def end(self) -> int:
        """Wait for the end, and for all of its output."""
        status = self.process.wait(90)
        for reader in self._readers:
            reader.join(60)
        return status

    @property
    def said(self) -> str:
        return "".join(self.out + self.err)
